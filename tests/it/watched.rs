//! What an operations team sees of the line of each counterparty — `occto status`, `/metrics`, `/readyz`, the log — and that
//! a line that stops for one worker stops for all of them.

use crate::command::{EXAMPLE, Served, arg, command, said};
use crate::http::{request_of, secret_file, serve};
use crate::pki::{ALWAYS, Ca, Pair, answer, tls_answering};
use crate::postgres::{address_of, server};
use occto::store::{Store, keys_folder};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TODAY: &str = "2026-04-01";

/// A counterparty that fails, or answers with something that is no message, and how often it was asked.
struct Counterparty {
    url: String,
    asked: Arc<AtomicUsize>,
    well: Arc<AtomicBool>,
}

impl Counterparty {
    fn failing() -> Counterparty {
        let (asked, well) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, is_well) = (Arc::clone(&asked), Arc::clone(&well));
        let url = serve(move |mut stream| {
            let (count, is_well) = (Arc::clone(&count), Arc::clone(&is_well));
            std::thread::spawn(move || {
                if request_of(&mut stream).is_empty() {
                    return;
                }
                count.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(150));
                let head = if is_well.load(Ordering::SeqCst) { "200 OK" } else { "500 Oops" };
                let _ = write!(
                    stream,
                    "HTTP/1.1 {head}\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<a/>"
                );
            });
        });
        Counterparty { url, asked, well }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// A store with cases that have everything to say yet: in PostgreSQL, with two machines that share it, or in a folder.
struct Ground {
    dir: tempfile::TempDir,
    store: Option<String>,
    config: PathBuf,
}

impl Ground {
    fn new(shared: bool, config: &str) -> Ground {
        let dir = tempfile::tempdir().unwrap();
        let store = shared.then(|| address_of(dir.path()));
        let ground = Ground { config: dir.path().join("exchange.toml"), store, dir };
        ground.lead(config);
        let submitted = said(&mut ground.call(0, &["switch", "submit", EXAMPLE, "--approve", "--by", "甲"]));
        assert!(matches!(submitted.code, Some(0 | 1)), "{submitted:?}");
        let mut store = match &ground.store {
            Some(address) => Store::connect(address, &ground.data(0)).unwrap(),
            None => Store::open(&ground.data(0)).unwrap(),
        };
        store.commit(|tx| tx.release_batch(1, "乙", "2026-04-01T09:00:00".parse().unwrap())).unwrap();
        // Another machine has the key and nothing else.
        let (from, to) = (keys_folder(&ground.data(0)), keys_folder(&ground.data(1)));
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(from.join("master.key"), to.join("master.key")).unwrap();
        ground
    }

    fn lead(&self, config: &str) {
        std::fs::write(&self.config, format!("retailer = \"40113\"\n[counterparty.occto]\n{config}")).unwrap();
    }

    /// The data folder of a machine.
    fn data(&self, machine: usize) -> PathBuf {
        self.dir.path().join(format!("data{machine}"))
    }

    fn on(&self, machine: usize, args: &[&str]) -> Command {
        let mut call = command(args);
        call.args(["--data", arg(&self.data(machine)), "--config", arg(&self.config)]);
        call.env_remove("OCCTO_STORE").stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(store) = &self.store {
            call.args(["--store", store]);
        }
        call
    }

    fn call(&self, machine: usize, args: &[&str]) -> Command {
        let mut call = self.on(machine, args);
        call.args(["--today", TODAY]);
        call
    }

    /// Goes through what can be done now, on each of the machines at the same time.
    fn work(&self, machines: &[usize]) {
        let once = ["work", "--once", "--log", "none", "--settle", "0", "--retry", "0.2"];
        let workers: Vec<Child> = machines.iter().map(|one| self.call(*one, &once).spawn().unwrap()).collect();
        for worker in workers {
            let done = worker.wait_with_output().unwrap();
            assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        }
    }

    fn status(&self, machine: usize) -> (i32, Value) {
        let said = said(&mut self.on(machine, &["status", "--json"]));
        (said.code.unwrap(), serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}")))
    }

    /// Says a statement to the database, as time or a person would change it.
    fn say(&self, sql: &str) {
        let name = self.store.as_ref().unwrap().rsplit_once('/').unwrap().1;
        let done = server().unwrap().lock().unwrap().say(name, sql);
        assert!(done.status.success(), "{done:?}");
    }
}

#[test]
fn a_line_that_stops_for_one_worker_stops_for_all_and_anybody_sees_why() {
    if server().is_none() {
        return;
    }
    let counterparty = Counterparty::failing();
    let line = format!("url = \"{}\"\nretry-delay = 0\ntrip-after = 2\ntrip-delay = 300\n", counterparty.url);
    let ground = Ground::new(true, &line);
    assert_eq!(ground.status(1).0, 0);
    ground.work(&[0]);
    let before = counterparty.asked();
    assert!(before >= 2, "{before}");
    // The other machine has never asked, and does not; it says why all the same.
    let (code, told) = ground.status(1);
    let line = &told["lines"][0];
    assert_eq!((code, &line["waiting"]["why"]), (1, &Value::from("tripped")), "{told}");
    assert!(line["state"]["failures"].as_u64() >= Some(2) && line["under_way"] == 0, "{told}");
    assert_eq!(line["state"]["trouble"]["kind"], "http");
    ground.work(&[1]);
    assert_eq!(counterparty.asked(), before, "a worker asked a line that another had found broken");
    for machine in 0..2 {
        assert!(!ground.data(machine).join("gates").exists(), "kept where only this machine sees it");
    }
    // The time is over: one request goes, whoever sends it, to see. It fails, and all wait again.
    ground.say("UPDATE gates SET held = 0");
    assert_eq!(ground.status(0).1["lines"][0]["waiting"], Value::Null);
    ground.work(&[0, 1]);
    assert_eq!(counterparty.asked(), before + 1);
    assert_eq!(ground.status(0).1["lines"][0]["waiting"]["why"], "tripped");
    // It answers again: what one of them learns lets the others go.
    counterparty.well.store(true, Ordering::SeqCst);
    ground.say("UPDATE gates SET held = 0");
    // What it answers is no message: the worker goes on for as long as it is let.
    let mut worker = ground.call(1, &["work", "--log", "none"]).spawn().unwrap();
    let begun = Instant::now();
    let told = loop {
        let (code, told) = ground.status(0);
        if code == 0 && counterparty.asked() > before + 2 {
            break told;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{told}");
    };
    worker.kill().unwrap();
    worker.wait().unwrap();
    assert_eq!(told["lines"][0]["state"]["failures"], 0, "{told}");
    assert!(told["lines"][0]["state"]["answered"].is_string(), "{told}");
    // A store that cannot be read says nothing of the lines, and that is said.
    let mut away = ground.on(0, &["status", "--json"]);
    away.args(["--store", "postgres://occto@127.0.0.1:1/none"]);
    let away = said(&mut away);
    assert!(away.code != Some(0), "{away:?}");
}

/// A worker that is watched until it is dropped.
struct Watched {
    child: Child,
    address: String,
}

impl Watched {
    fn start(ground: &Ground, more: &[&str]) -> Watched {
        let mut worker = ground.on(0, &["work", "--listen", "127.0.0.1:0", "--settle", "0", "--retry", "0.2"]);
        let mut child = worker.args(more).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        let address = first.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Watched { child, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Waits until an answer has a part; gives the answer.
    fn until(&self, path: &str, part: &str) -> String {
        let begun = Instant::now();
        loop {
            let text = self.get(path);
            if text.contains(part) {
                return text;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "no `{part}` in {text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a line of the metrics.
fn value(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {metrics}")).parse().unwrap()
}

fn state(key: &str) -> String {
    format!("occto_line_state{{counterparty=\"occto\",state=\"{key}\"}}")
}

/// One state has the 1, and it is this.
fn stands(metrics: &str, wanted: &str) {
    for key in ["open", "closed", "held", "tripped"] {
        assert_eq!(value(metrics, &state(key)), f64::from(u8::from(key == wanted)), "{key}: {metrics}");
    }
}

#[test]
fn closed_hours_are_no_obstacle_and_ages_go_by_the_clock_of_the_messages() {
    let ground = Ground::new(false, "url = \"http://127.0.0.1:1/\"\nhours = [\"毎日 10:00-11:00\"]\n");
    let worker = Watched::start(&ground, &["--today", TODAY]);
    assert!(worker.until("/readyz", "200 OK").contains("ok"));
    stands(&worker.get("/metrics"), "closed");
    drop(worker);
    // What certainly was not sent waits, and is as old as the clock of practising says.
    ground.lead("url = \"http://127.0.0.1:1/\"\nretry-delay = 300\nretry-longest = 600\n");
    ground.work(&[0]);
    let worker = Watched::start(&ground, &["--today", TODAY]);
    let metrics = worker.until("/metrics", "occto_outbox_oldest_seconds{state=\"queued\"");
    let ages: Vec<&str> = metrics.lines().filter(|line| line.starts_with("occto_outbox_oldest_seconds{")).collect();
    assert!(!ages.is_empty() && ages.iter().all(|line| line.ends_with(" 0")), "{ages:?}");
    stands(&worker.until("/metrics", &format!("{} 1", state("held"))), "held");
    assert!(worker.get("/readyz").contains("200 OK"));
}

#[test]
fn a_worker_without_its_database_is_not_ready() {
    if server().is_none() {
        return;
    }
    let counterparty = Counterparty::failing();
    let line = format!("url = \"{}\"\nretry-delay = 0\ntrip-after = 2\ntrip-delay = 300\n", counterparty.url);
    let ground = Ground::new(true, &line);
    ground.work(&[0]);
    // It has sent nothing itself: what stands there it heard.
    let worker = Watched::start(&ground, &["--today", TODAY, "--log", "none"]);
    worker.until("/readyz", "200 OK");
    stands(&worker.until("/metrics", &format!("{} 1", state("tripped"))), "tripped");
    let name = ground.store.as_ref().unwrap().rsplit_once('/').unwrap().1;
    let say = |sql: String| {
        let done = server().unwrap().lock().unwrap().say("postgres", &sql);
        assert!(done.status.success(), "{done:?}");
    };
    say(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    say(format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"));
    let refused = worker.until("/readyz", "503");
    assert!(refused.contains(" / "), "{refused}");
    assert!(worker.get("/metrics").contains("\noccto_ready 0\n"));
    assert!(worker.get("/healthz").contains("200 OK"), "it is alive: starting it anew mends nothing");
    say(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    worker.until("/readyz", "200 OK");
}

#[test]
fn a_latency_is_that_of_the_counterparty_and_our_own_wait_stands_beside_it() {
    let sandbox = Served::start(&["--world", "examples/world.toml"]);
    // Five in a second, one at a time: most messages wait for most of a second.
    let line = format!("url = \"{}\"\nrequests-per-minute = 300\nconcurrent = 1\n", sandbox.address);
    let ground = Ground::new(false, &line);
    let worker = Watched::start(&ground, &["--today", TODAY]);
    let count = "occto_exchange_seconds_count{counterparty=";
    let begun = Instant::now();
    let metrics = loop {
        let metrics = worker.get("/metrics");
        let counts = metrics.lines().filter(|line| line.starts_with(count));
        let total: f64 = counts.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum();
        if total >= 8.0 {
            break metrics;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{metrics}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let sum = |name: &str| -> f64 {
        let lines = metrics.lines().filter(|line| line.starts_with(name));
        lines.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
    };
    let (waited, took) = (sum("occto_wait_seconds_sum{"), sum("occto_exchange_seconds_sum{"));
    assert!(waited > 1.0 && waited > took * 2.0, "waited {waited}, took {took}: {metrics}");
    assert!(sum("occto_wait_seconds_count{") >= sum(count), "{metrics}");
    stands(&metrics, "open");
}

#[test]
fn a_renewed_certificate_is_shown_without_a_new_start() {
    let (folder, heard) = (tempfile::tempdir().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (former, present) = (Ca::new("former authority"), Ca::new("present authority"));
    let count = Arc::clone(&heard);
    let url = tls_answering(&present.issue(&["127.0.0.1"], ALWAYS), Some(&present), move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        answer("200 OK", "Content-Type: text/xml\r\n", b"<a/>")
    });
    let (client, root) = (folder.path().join("client.pem"), folder.path().join("ca.pem"));
    let show = |pair: &Pair| secret_file(&client, format!("{}{}", pair.pem, pair.key_pem).as_bytes());
    show(&former.issue(&[], ALWAYS));
    std::fs::write(&root, &present.pem).unwrap();
    let ground = Ground::new(
        false,
        &format!(
            "url = \"{url}\"\nclient-certificate = \"{}\"\nroot-certificate = \"{}\"\nonly-root-certificate = true\n\
             retry-delay = 0\ntrip-after = 1000\n",
            arg(&client),
            arg(&root)
        ),
    );
    let log = folder.path().join("log");
    let mut worker = ground.call(0, &["work", "--log", "json", "--settle", "0", "--retry", "0.2"]);
    let mut worker = worker.stdout(Stdio::null()).stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap();
    let until = |what: &str, done: &dyn Fn(&str) -> bool| {
        let begun = Instant::now();
        while !done(&std::fs::read_to_string(&log).unwrap()) {
            let log = std::fs::read_to_string(&log).unwrap();
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{what}: {}",
                log.lines().next_back().unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let look = || {
        let told = Command::new("kill").args(["-HUP", &worker.id().to_string()]).status();
        assert!(told.unwrap().success());
    };
    until("refused", &|log| log.contains("OC1317"));
    assert_eq!(heard.load(Ordering::SeqCst), 0);
    show(&present.issue(&[], ALWAYS));
    look();
    until("renewed", &|log| log.contains("read anew") && heard.load(Ordering::SeqCst) > 0);
    // What cannot be used changes nothing but that it is said.
    std::fs::write(&client, b"half a file").unwrap();
    look();
    until("unusable", &|log| log.contains("OC1351") && log.contains("the former one stays"));
    let before = heard.load(Ordering::SeqCst);
    until("goes on", &|_| heard.load(Ordering::SeqCst) > before);
    worker.kill().unwrap();
    worker.wait().unwrap();
}

/// A value of JSON in which no object has a key twice.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Once, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Once;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
                let mut keys = BTreeSet::new();
                while let Some((key, Once)) = map.next_entry::<String, Once>()? {
                    if !keys.insert(key.clone()) {
                        return Err(A::Error::custom(format!("`{key}` twice")));
                    }
                }
                Ok(Once)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Once, A::Error> {
                while seq.next_element::<Once>()?.is_some() {}
                Ok(Once)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
                Ok(Once)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
                Ok(Once)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
                Ok(Once)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
                Ok(Once)
            }
            fn visit_str<E>(self, _: &str) -> Result<Once, E> {
                Ok(Once)
            }
            fn visit_unit<E>(self) -> Result<Once, E> {
                Ok(Once)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Every line of a log is one object without a key twice; gives the texts of its lines.
fn lines_of(log: &str) -> Vec<Value> {
    let read = |line: &str| {
        serde_json::from_str::<Once>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        serde_json::from_str::<Value>(line).unwrap()
    };
    log.lines().filter(|line| !line.starts_with("occto: ")).map(read).collect()
}

#[test]
fn no_line_of_the_json_log_has_a_key_twice() {
    assert!(serde_json::from_str::<Once>("{\"a\": [{\"b\": 1, \"b\": 2}]}").is_err());
    let sandbox = Served::start(&["--world", "examples/world.toml"]);
    let logged = |url: &str| {
        let ground = Ground::new(false, &format!("url = \"{url}\"\nretry-delay = 0\n"));
        let mut once = ground.on(0, &["work", "--once", "--log", "json", "--settle", "0", "--retry", "0.2"]);
        let done = said(once.env("OCCTO_LOG", "trace").args(["--today", TODAY]));
        assert_eq!(done.code, Some(0), "{done:?}");
        lines_of(&done.err)
    };
    let (well, ill) = (logged(&sandbox.address), logged("http://127.0.0.1:1/"));
    let said = |lines: &[Value], text: &str| {
        let line = lines.iter().find(|line| line["fields"]["message"] == text);
        line.unwrap_or_else(|| panic!("no `{text}`")).clone()
    };
    let exchange = said(&well, "exchange");
    assert_eq!(exchange["fields"]["outcome"], "answered");
    assert!(exchange["fields"]["kind"].is_string() && exchange["fields"]["waited"].is_u64(), "{exchange}");
    assert!(said(&ill, "no answer")["fields"]["kind"].is_string());
}
