//! The limits of a counterparty, held by whole processes that share a store, over a sandbox that listens.

use crate::command::{Served, arg, command, said};
use crate::http::{request_of, serve};
use crate::postgres::{address_of, server};
use crate::practice::csv_of;
use occto::sandbox::World;
use occto::store::{OutboxState, Outcome, Stage, Store};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a counterparty saw.
#[derive(Default)]
struct Seen {
    under_way: usize,
    most: usize,
    /// When each request came, and by which way.
    came: Vec<(Instant, usize)>,
}

/// A way to the sandbox on which each request takes its time and is counted; now and then an answer is lost.
fn way(sandbox: &str, seen: &Arc<Mutex<Seen>>, nth: usize, takes: Duration) -> String {
    let (to, seen) = (sandbox.trim_start_matches("http://").trim_end_matches('/').to_owned(), Arc::clone(seen));
    serve(move |mut stream| {
        let (to, seen) = (to.clone(), Arc::clone(&seen));
        std::thread::spawn(move || {
            let request = request_of(&mut stream);
            if request.is_empty() {
                return;
            }
            let count = {
                let mut seen = seen.lock().unwrap();
                seen.under_way += 1;
                seen.most = seen.most.max(seen.under_way);
                seen.came.push((Instant::now(), nth));
                seen.came.len()
            };
            std::thread::sleep(takes);
            let answer = answer_to(&to, &request);
            seen.lock().unwrap().under_way -= 1;
            if count % 9 != 0 {
                let _ = stream.write_all(&answer);
            }
            let _ = stream.shutdown(Shutdown::Write);
        });
    })
}

pub fn answer_to(sandbox: &str, request: &str) -> Vec<u8> {
    let mut line = TcpStream::connect(sandbox).unwrap();
    let (first, rest) = request.split_once("\r\n").unwrap();
    let first = first.replace("/api", "/");
    write!(line, "{first}\r\nConnection: close\r\n{rest}").unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).unwrap();
    answer
}

/// Ninety customers of another retailer, which agrees to every switch.
pub fn points() -> String {
    points_with(90, "")
}

/// So many customers of another retailer, and what is wrong with each of them.
fn points_with(count: usize, faults: &str) -> String {
    let head = "date = \"2026-04-01\"\nretailer = \"40113\"\n\
                [[retailers]]\ncode = \"40203\"\nname = \"相手\"\n";
    let point = |nth: usize| {
        format!(
            "[[point]]\nid = \"03001100000000000000{nth:02}\"\nname = \"試験　太郎\"\naddress = \"東京都架空区見本町1-2\"\n\
             contract-number = \"A{nth}\"\nretailer = \"40203\"\ndecision-method = \"actual-demand\"\n\
             amount = \"6\"\nunit = \"kva\"\nmenu = \"電灯標準接続送電サービス\"\n{faults}"
        )
    };
    head.to_owned() + &(0..count).map(point).collect::<String>()
}

/// A shared store whose cases have everything to say yet.
struct Ready {
    dir: tempfile::TempDir,
    store: String,
    sandbox: Served,
    seen: Arc<Mutex<Seen>>,
}

impl Ready {
    fn new(points: &str) -> Option<Ready> {
        server()?;
        let dir = tempfile::tempdir().unwrap();
        let (world, file) = (dir.path().join("world.toml"), dir.path().join("applications.csv"));
        std::fs::write(&world, points).unwrap();
        std::fs::write(&file, csv_of(World::parse(points).unwrap().applications())).unwrap();
        let (store, sandbox) = (address_of(dir.path()), Served::start(&["--world", arg(&world)]));
        let ready = Ready { dir, store, sandbox, seen: Arc::default() };
        let config = ready.sandbox.config(ready.dir.path(), "40113");
        let mut prepare =
            command(&["switch", "submit", arg(&file), "--approve", "--by", "甲", "--config", arg(&config)]);
        prepare.args(["--store", &ready.store, "--data", arg(&ready.data()), "--today", &ready.today()]);
        let prepared = said(&mut prepare);
        assert!(matches!(prepared.code, Some(0 | 1)), "{prepared:?}");
        let mut store = Store::connect(&ready.store, &ready.data()).unwrap();
        let now = "2026-04-01T09:00:00".parse().unwrap();
        store.commit(|tx| tx.release_batch(1, "乙", now)).unwrap();
        Some(ready)
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn today(&self) -> String {
        self.sandbox.clock()["now"].as_str().unwrap()[..10].to_owned()
    }

    /// A whole process with a way of its own.
    fn worker(&self, nth: usize, limits: &str, takes: Duration) -> Child {
        let config: &Path = &self.dir.path().join(format!("{nth}.toml"));
        let url = way(&self.sandbox.address, &self.seen, nth, takes);
        let text = format!("retailer = \"40113\"\n[counterparty.occto]\nurl = \"{url}\"\n{limits}\n");
        std::fs::write(config, text).unwrap();
        let mut worker = command(&["work", "--once", "--log", "none", "--settle", "0", "--retry", "0.2"]);
        worker.args(["--store", &self.store, "--data", arg(&self.data()), "--today", &self.today()]);
        worker.args(["--config", arg(config)]).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Two of them to where nothing is left to do now; every case has moved.
    fn both(&self, limits: &str, takes: Duration) -> Vec<(Instant, usize)> {
        let workers: Vec<Child> = (0..2).map(|nth| self.worker(nth, limits, takes)).collect();
        for worker in workers {
            let done = worker.wait_with_output().unwrap();
            assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        }
        let mut store = Store::connect(&self.store, &self.data()).unwrap();
        let open = [OutboxState::Queued, OutboxState::Leased, OutboxState::Sent, OutboxState::Unknown];
        let left = store.read(|tx| {
            let open = open.iter().map(|state| tx.has_outgoing(*state)).collect::<Result<Vec<_>, _>>()?;
            Ok(open.contains(&true) || tx.has_active_cases()?)
        });
        assert!(!left.unwrap(), "something was left");
        let came = self.seen.lock().unwrap().came.clone();
        for nth in 0..2 {
            assert!(came.iter().filter(|(_, way)| *way == nth).count() > 10, "only one of them worked");
        }
        came
    }
}

#[test]
fn so_many_at_a_time_from_two_processes() {
    let Some(ready) = Ready::new(&points()) else { return };
    ready.both("concurrent = 3", Duration::from_millis(40));
    assert_eq!(ready.seen.lock().unwrap().most, 3, "more, or never as many, as the counterparty takes");
}

#[test]
fn so_many_in_a_minute_from_two_processes() {
    let Some(ready) = Ready::new(&points()) else { return };
    let came = ready.both("requests-per-minute = 1200\nconcurrent = 8", Duration::from_millis(5));
    // 20 in a second, and those of one second may come at once.
    for (first, (from, _)) in came.iter().enumerate() {
        let within = came.iter().skip(first).take_while(|(at, _)| at.duration_since(*from) < Duration::from_secs(2));
        let within = within.count();
        assert!(within <= 20 * 3 + 2, "{within} in two seconds");
    }
    let took = came.last().unwrap().0.duration_since(came[0].0);
    let least = Duration::from_millis(50) * u32::try_from(came.len().saturating_sub(22)).unwrap();
    assert!(took >= least, "{} in {took:?}", came.len());
}

#[test]
fn a_refusal_is_looked_behind_where_one_goes_at_a_time() {
    let refused = "faults = [{ kind = \"reject\", on = \"cancellation-request\" }]\n";
    let Some(ready) = Ready::new(&points_with(3, refused)) else { return };
    let mut worker = ready.worker(0, "concurrent = 1", Duration::ZERO);
    let begun = Instant::now();
    while worker.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            worker.kill().unwrap();
            panic!("it goes on for ever");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut store = Store::connect(&ready.store, &ready.data()).unwrap();
    let counts = store.read(|tx| tx.stage_counts()).unwrap();
    assert_eq!(counts, [(Stage::Ended, Some(Outcome::Rejected), 3)]);
}
