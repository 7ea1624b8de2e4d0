//! `occto work` as it is called: what no repetition can mend ends it at once, with exit code 2 and what to do.

use crate::command::{EXAMPLE, Said, arg, command, refused, said};
use crate::http::says;
use crate::postgres::{address_of, server};
use occto::store::{KEY_VARIABLE, SecretKey, Store, keys_folder};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than a worker needs to say that it cannot work, and shorter than two of its repetitions.
const AT_ONCE: Duration = Duration::from_secs(12);

/// A shared store that somebody began, and a machine that has none of its keys.
struct Elsewhere {
    dir: tempfile::TempDir,
    address: String,
}

impl Elsewhere {
    /// Nothing where there is no server.
    fn begun() -> Option<Elsewhere> {
        server()?;
        let dir = tempfile::tempdir().unwrap();
        let address = address_of(dir.path());
        drop(Store::connect(&address, &dir.path().join("first")).unwrap());
        std::fs::write(
            dir.path().join("exchange.toml"),
            "retailer = \"40113\"\n[counterparty.occto]\nurl = \"http://127.0.0.1:1/\"\n",
        )
        .unwrap();
        Some(Elsewhere { dir, address })
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("second")
    }

    fn worker(&self, more: &[&str]) -> Command {
        let mut worker = command(&["work", "--log", "text", "--store", &self.address, "--data", arg(&self.data())]);
        worker.args(["--config", arg(&self.dir.path().join("exchange.toml"))]).args(more);
        worker.stdout(Stdio::piped()).stderr(Stdio::piped());
        worker
    }

    /// Both ways to call it end at once, and say why.
    fn refuses(&self, name: &str, value: Option<&str>, parts: &[&str]) {
        for more in [&["--once"][..], &[]] {
            let mut worker = self.worker(more);
            if let Some(value) = value {
                worker.env(name, value);
            }
            refused(&ended(&mut worker), parts);
        }
    }
}

/// What a worker that ends by itself says.
fn ended(worker: &mut Command) -> Said {
    let mut child = worker.spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > AT_ONCE {
            child.kill().unwrap();
            panic!("it goes on: {:?}", child.wait_with_output().unwrap());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let done = child.wait_with_output().unwrap();
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
    Said { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

fn key_file(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    folder.join("master.key")
}

#[test]
fn keys_that_are_not_there_or_wrong_end_a_worker() {
    let Some(store) = Elsewhere::begun() else { return };
    let file = key_file(&keys_folder(&store.data()));
    store.refuses(KEY_VARIABLE, None, &["鍵のファイル", "がありません", "master.key", "OCCTO_KEY"]);
    let none = store.dir.path().join("none");
    store.refuses(KEY_VARIABLE, Some(&format!("file:{}", arg(&none))), &["鍵のファイル", "を読めません"]);
    store.refuses(KEY_VARIABLE, Some("env:OCCTO_TEST_NO_KEY"), &["OCCTO_TEST_NO_KEY", "鍵がありません"]);
    store.refuses(KEY_VARIABLE, Some("command:occto-no-such-command"), &["コマンドを実行できません"]);
    store.refuses(KEY_VARIABLE, Some("vault:x"), &["file:", "env:", "command:"]);
    SecretKey::random().unwrap().write_new(&file).unwrap();
    store.refuses(KEY_VARIABLE, None, &["鍵が違います", "OCCTO_KEY"]);
    std::fs::write(&file, "これは鍵ではない").unwrap();
    store.refuses(KEY_VARIABLE, None, &["鍵は16進数64桁"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        store.refuses(KEY_VARIABLE, None, &["chmod 600"]);
    }
    // With the right one it works: what kept it was the key alone.
    std::fs::remove_file(&file).unwrap();
    std::fs::copy(keys_folder(&store.dir.path().join("first")).join("master.key"), &file).unwrap();
    let done = ended(&mut store.worker(&["--once"]));
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[test]
fn a_store_of_a_later_form_or_another_database_ends_a_worker() {
    let Some(store) = Elsewhere::begun() else { return };
    let name = store.address.rsplit_once('/').unwrap().1;
    let later = "UPDATE numbers SET value = 99 WHERE key IN ('form', 'oldest-form')";
    assert!(server().unwrap().lock().unwrap().say(name, later).status.success());
    store.refuses("OCCTO_TEST", None, &["新しい版の occto", "99"]);
    let config = store.dir.path().join("exchange.toml");
    std::fs::write(&config, "retailer = \"40113\"\n[counterparty.occto]\nurl = \"http://127.0.0.1:1/\"\nspeed = 3\n")
        .unwrap();
    store.refuses("OCCTO_TEST", None, &["exchange.toml", "speed"]);
    let elsewhere = Elsewhere { address: store.address.replace(name, "no_such_database"), ..store };
    std::fs::write(&config, "retailer = \"40113\"\n[counterparty.occto]\nurl = \"http://127.0.0.1:1/\"\n").unwrap();
    elsewhere.refuses("OCCTO_TEST", None, &["拒否されました", "3D000"]);
}

/// A key service may be away for a while: that is no reason to give up.
#[cfg(unix)]
#[test]
fn a_key_service_that_is_away_is_asked_again() {
    let Some(store) = Elsewhere::begun() else { return };
    let file = keys_folder(&store.dir.path().join("first")).join("master.key");
    let (back, asked) = (store.dir.path().join("back"), store.dir.path().join("asked"));
    let line = format!("command:echo >>{}; test -e {} && cat {}", arg(&asked), arg(&back), arg(&file));
    let mut worker = store.worker(&["--once"]).env(KEY_VARIABLE, line).spawn().unwrap();
    let times = || std::fs::read(&asked).map_or(0, |asked| asked.len());
    let begun = Instant::now();
    while times() < 2 {
        assert!(begun.elapsed() < AT_ONCE && worker.try_wait().unwrap().is_none(), "it gave up");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::fs::write(&back, "").unwrap();
    assert_eq!(worker.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn why_nobody_answers_and_what_cannot_be_read_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (data, config) = (dir.path().join("data"), dir.path().join("exchange.toml"));
    let leads_to = |url: &str| {
        std::fs::write(&config, format!("retailer = \"40113\"\n[counterparty.occto]\nurl = \"{url}\"\n")).unwrap();
    };
    let call = |args: &[&str]| {
        let mut call = command(args);
        call.args(["--config", arg(&config), "--data", arg(&data), "--today", "2026-04-01"]);
        said(&mut call)
    };
    leads_to("http://127.0.0.1:1/");
    let away = call(&["work", "--once"]);
    assert!(away.code == Some(0) && away.err.contains("no answer") && away.err.contains("接続できません"), "{away:?}");
    assert_eq!(call(&["switch", "submit", EXAMPLE, "--approve"]).code, Some(0));
    leads_to(&says("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: 4\r\n\r\n<a/>"));
    let poll = call(&["switch", "poll"]);
    assert!(poll.code == Some(1) && poll.err.contains("応答を読み取れませんでした"), "{poll:?}");
    let work = call(&["work", "--once", "--poll", "0"]);
    assert!(work.code == Some(0) && work.err.contains("an answer cannot be read"), "{work:?}");
}
