//! A PostgreSQL of our own: started once for all tests, on a socket nobody else sees, gone when they end.

use occto::items::Family;
use occto::notice::Party;
use occto::store::{Batch, BatchState, Case, CaseRow, OutboxState, Outgoing, Stage, Store};
use std::cell::Cell;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// Which database the tests of this thread keep their cases in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

thread_local! {
    static KIND: Cell<Kind> = const { Cell::new(Kind::Sqlite) };
}

/// Makes the tests of this thread keep their cases in a database of a kind.
pub fn keep_in(kind: Kind) {
    KIND.set(kind);
}

/// A server; its shell ends it and sweeps it away as soon as nobody holds the pipe to it any more.
pub struct Server {
    shell: Child,
    dir: PathBuf,
    port: u16,
}

/// Where the programs of PostgreSQL lie.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut places: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    places.sort();
    places.reverse();
    places.extend(std::env::split_paths(&path));
    places.into_iter().find(|place| place.join("initdb").is_file() && place.join("postgres").is_file())
}

/// A command as a user who may start a server: the server refuses root.
fn unprivileged(program: &str) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    if id != b"0\n" {
        return Command::new(program);
    }
    let known = |user: &str| Command::new("id").arg(user).output().is_ok_and(|done| done.status.success());
    let user = if known("postgres") { "postgres" } else { "nobody" };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid"]);
    let group = Command::new("id").args(["-gn", user]).output().unwrap().stdout;
    command.arg(String::from_utf8(group).unwrap().trim()).args(["--clear-groups", "--", program]);
    command
}

impl Server {
    /// Starts a server of its own; nothing where PostgreSQL is not installed. It may be killed, but the machine may not
    /// fail: what it writes is left to the machine.
    pub fn start() -> Option<Server> {
        Server::start_with("-c fsync=off")
    }

    /// Starts a server of its own with options.
    pub fn start_with(options: &str) -> Option<Server> {
        Server::start_in(|_| options.to_owned())
    }

    /// Starts a server of its own with the options that go with its folder.
    pub fn start_in(options: impl FnOnce(&Path) -> String) -> Option<Server> {
        let programs = programs()?;
        let dir = unprivileged("mktemp").args(["-d", "/tmp/occto-pg-XXXXXX"]).output().unwrap();
        assert!(dir.status.success(), "{}", String::from_utf8_lossy(&dir.stderr));
        let dir = PathBuf::from(String::from_utf8(dir.stdout).unwrap().trim());
        let script = r#"
            "$1/initdb" -D "$2/data" -U occto -A trust -E UTF8 --no-locale --no-sync >"$2/initdb.log" 2>&1 || { cat "$2/initdb.log"; exit 1; }
            start() { "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= $3 -c max_connections=200 -c shared_buffers=64MB >>"$2/log" 2>&1 & pid=$!; }
            start "$@"
            echo started
            while read -r order; do
                kill -QUIT "$pid"; wait "$pid"
                start "$@"
                echo restarted
            done
            kill -QUIT "$pid"; wait "$pid"
            rm -rf "$2"
        "#;
        let options = options(&dir);
        let port = options
            .split_once("port=")
            .map_or(5432, |(_, port)| port.split(' ').next().and_then(|port| port.parse().ok()).unwrap());
        let mut shell = unprivileged("sh");
        shell.args(["-c", script, "sh"]).arg(&programs).arg(&dir).arg(options);
        shell.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut server = Server { shell: shell.spawn().unwrap(), dir, port };
        server.said("started");
        Some(server)
    }

    fn said(&mut self, word: &str) {
        let mut line = String::new();
        // One line at a time: nothing is buffered beyond it.
        let mut out = BufReader::with_capacity(1, self.shell.stdout.as_mut().unwrap());
        while out.read_line(&mut line).unwrap() > 0 {
            if line.trim() == word {
                drop(out);
                return self.ready();
            }
        }
        panic!("PostgreSQL did not start: {line}");
    }

    fn ready(&self) {
        for _ in 0..200 {
            if Store::connect(&self.address("postgres"), &anywhere()).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("PostgreSQL does not answer: {}", std::fs::read_to_string(self.dir.join("log")).unwrap_or_default());
    }

    /// Stops the server at once, as a crash would, and starts it again.
    pub fn restart(&mut self) {
        use std::io::Write as _;
        self.shell.stdin.as_mut().unwrap().write_all(b"restart\n").unwrap();
        self.said("restarted");
    }

    /// The address of a database.
    pub fn address(&self, database: &str) -> String {
        let socket = self.dir.to_str().unwrap().replace('/', "%2F");
        format!("postgres://occto@{socket}:{}/{database}", self.port)
    }

    /// Makes a database, if it is not there.
    pub fn database(&self, name: &str) -> String {
        let made = self.say("postgres", &format!("CREATE DATABASE {name}"));
        assert!(made.status.success() || String::from_utf8_lossy(&made.stderr).contains("already exists"), "{made:?}");
        self.address(name)
    }

    /// What the server wrote down.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("log")).unwrap()
    }

    /// Says a statement by a program that is not ours.
    pub fn say(&self, database: &str, sql: &str) -> std::process::Output {
        let psql = programs().unwrap().join("psql");
        let mut command = Command::new(if psql.is_file() { psql } else { PathBuf::from("psql") });
        command.args(["-XAtq", "-U", "occto", "-p", &self.port.to_string(), "-h"]).arg(&self.dir);
        command.args(["-d", database, "-c", sql]);
        command.output().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// The server that all tests share, each with a database of its own; nothing where there is none, which is said.
pub fn server() -> Option<&'static Mutex<Server>> {
    static SERVER: OnceLock<Option<Mutex<Server>>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let server = Server::start().map(Mutex::new);
        if server.is_none() {
            let in_ci = std::env::var_os("CI").is_some();
            assert!(!in_ci, "PostgreSQL must be installed where CI runs: apt-get install postgresql");
            eprintln!("SKIPPED: PostgreSQL is not installed; the tests of the shared store did not run");
        }
        server
    });
    server.as_ref()
}

/// A folder for stores of which only the database matters: their keys lie beside it.
pub fn anywhere() -> PathBuf {
    std::env::temp_dir().join(format!("occto-test-{}", std::process::id())).join("data")
}

/// The address of the database that belongs to a folder.
pub fn address_of(dir: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    (std::process::id(), dir).hash(&mut hasher);
    server().unwrap().lock().unwrap().database(&format!("t{:016x}", hasher.finish()))
}

/// The store of a folder, in the database of the kind that the tests of this thread use.
pub fn store(dir: &Path) -> Store {
    match KIND.get() {
        Kind::Sqlite => Store::open(&dir.join("data")).unwrap(),
        Kind::Postgres => enlisted(dir),
    }
}

/// Puts the case 1 into an empty store, for messages that are only sent about.
pub fn with_a_case(store: &mut Store) {
    let batch = Batch {
        id: 0,
        file: String::new(),
        digest: String::new(),
        columns: Vec::new(),
        notice: "common-core".to_owned(),
        retailer: "40113".to_owned(),
        state: BatchState::Released,
        findings: Vec::new(),
        prepared_at: "2026-04-01T09:00:00".parse().unwrap(),
        prepared_by: "tester".to_owned(),
        approved: None,
        seed: None,
    };
    let added = store.commit(|tx| {
        let batch = tx.add_batch(&batch)?;
        tx.add_case(&Case::new(batch, 1, "1".to_owned(), Stage::Waiting), &CaseRow::default())
    });
    assert_eq!(added.unwrap(), 1);
}

/// A message about the case 1 that waits to be sent.
pub fn a_message(reference: String, body: Vec<u8>) -> Outgoing {
    Outgoing {
        id: 0,
        case: Some(1),
        number: None,
        message: "switch-start".to_owned(),
        sender: Party::parse("retailer:40113").unwrap(),
        recipient: Party::parse("operator:03").unwrap(),
        family: Family::Low,
        reference,
        body,
        digest: String::new(),
        state: OutboxState::Queued,
        attempts: 0,
        created: "2026-04-01T09:00:00".parse().unwrap(),
        due: 0,
        detail: None,
    }
}

/// A store of a worker; whoever was it before for this folder is known to be lost.
fn enlisted(dir: &Path) -> Store {
    static BEFORE: Mutex<Vec<(PathBuf, i64)>> = Mutex::new(Vec::new());
    let mut store = Store::connect(&address_of(dir), &dir.join("data")).unwrap();
    let mut before = BEFORE.lock().unwrap();
    if let Some(place) = before.iter().position(|(known, _)| known == dir) {
        store.give_up(before.swap_remove(place).1).unwrap();
    }
    before.push((dir.to_owned(), store.enlist("test", std::time::Duration::from_secs(600)).unwrap()));
    store
}

/// Tests that must come to the same over either database.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name().await;
            }
            #[tokio::test]
            async fn postgres() {
                if $crate::postgres::server().is_some() {
                    $crate::postgres::keep_in($crate::postgres::Kind::Postgres);
                    super::$name().await;
                }
            }
        }
    )*};
}
pub(crate) use on_both;
