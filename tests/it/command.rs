//! The binary as a person calls it.

use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub const EXAMPLE: &str = "examples/applications.csv";

/// What a call came to.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_occto"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

pub fn occto(args: &[&str]) -> Said {
    said(&mut command(args))
}

/// Runs a call to its end; nothing it says may be a panic.
pub fn said(command: &mut Command) -> Said {
    let done = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("what is printed is UTF-8");
    let said = Said { code: done.status.code(), out: text(&done.stdout), err: text(&done.stderr) };
    assert!(!said.err.contains("panicked") && !said.out.contains("panicked"), "{said:?}");
    said
}

/// A call that had to be refused: exit 2, Japanese first, then English, and nothing else printed.
pub fn refused(said: &Said, parts: &[&str]) {
    assert_eq!(said.code, Some(2), "{said:?}");
    for part in parts {
        assert!(said.err.contains(part), "no `{part}` in {said:?}");
    }
    let japanese = said.err.find(|found: char| ('ぁ'..='龠').contains(&found)).expect("no Japanese");
    let english = said.err.find(" / ").expect("no English");
    assert!(japanese < english, "{said:?}");
}

/// A path as an argument.
pub fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A sandbox behind a socket, and the configuration that leads there.
pub struct Served {
    child: Child,
    pub address: String,
}

impl Served {
    pub fn start(more: &[&str]) -> Served {
        use std::io::{BufRead as _, BufReader};
        let mut args = vec!["sandbox", "--listen", "127.0.0.1:0"];
        args.extend(more);
        let mut child = command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|part| part.starts_with("http://")).unwrap();
        Served { address: address.to_owned(), child }
    }

    pub fn config(&self, dir: &Path, retailer: &str) -> std::path::PathBuf {
        let path = dir.join(format!("{retailer}.toml"));
        let text = format!("retailer = \"{retailer}\"\n[counterparty.occto]\nurl = \"{}\"\n", self.address);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Lets days pass; gives what the clock says then.
    pub fn days(&self, days: u32) -> serde_json::Value {
        self.http(&format!("POST /clock/advance?days={days}"))
    }

    pub fn clock(&self) -> serde_json::Value {
        self.http("GET /clock")
    }

    fn http(&self, what: &str) -> serde_json::Value {
        use std::io::{Read as _, Write as _};
        let host = self.address.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        let request = format!("{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The lines of the ledger of a data folder.
pub fn ledger_lines(data: &Path) -> Vec<Value> {
    let shown = occto(&["ledger", "show", "--json", "--data", arg(data)]);
    let line = |line: &str| -> Value {
        let line: Value = serde_json::from_str(line).unwrap();
        line.get("entry").cloned().unwrap_or(line)
    };
    shown.out.trim().lines().map(line).collect()
}
