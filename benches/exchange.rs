//! The figures of the exchange: `cargo bench --bench exchange`. Every figure is a ratio of two things measured in this one
//! run, or a time against the limit it is held to; medians of several rounds, taken in turn. What needs PostgreSQL starts
//! one of its own, with everything brought to the disk, and says so where there is none.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unused_imports,
    unused_macros,
    missing_docs,
    reason = "a bench fails by panicking, and uses a part of what the tests share"
)]

#[path = "../tests/it/chaos_line.rs"]
mod chaos_line;
#[path = "exchange/claiming.rs"]
mod claiming;
#[path = "../tests/it/postgres.rs"]
mod postgres;
#[path = "../tests/it/practice.rs"]
mod practice;
#[path = "exchange/throughput.rs"]
mod throughput;

use chaos_line::ChaosLine;
use occto::desk::{Crew, Office, Stop, Watcher};
use occto::exchange::{Delivery, Request, Took, Transport};
use occto::items::{Date, DateTime, Family};
use occto::notice::{Notice, Party};
use occto::sandbox::{Sandbox, SandboxTransport, World};
use occto::store::{Heart, OutboxState, Outgoing, Store};
use occto::wire::Binding;
use postgres::{Server, a_message, with_a_case};
use practice::{Data, csv_of, office_over, take};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    // One section alone: `cargo bench --bench exchange -- claiming`.
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |section: &str| only.is_empty() || only.iter().any(|one| one == section);
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    let server = Server::start_with("-c fsync=on -c max_wal_size=256MB");
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let dir = dir.path();
    for (name, server) in [("SQLite", None), ("PostgreSQL", server.as_ref())] {
        if name == "PostgreSQL" && server.is_none() {
            println!("| PostgreSQL is not installed: its figures were not measured | - | - | NO |");
            return;
        }
        if wanted("throughput") {
            throughput::throughput(name, dir, server);
        }
        if wanted("claiming") {
            claiming::claiming(name, dir, server);
        }
        if let Some(server) = server.filter(|_| wanted("workers")) {
            workers(server, dir);
        }
        if let Some(server) = server.filter(|_| wanted("idle")) {
            idle(server, dir);
        }
        if wanted("recovery") {
            recovery(name, dir, server);
        }
    }
}

fn row(figure: &str, measured: &str, wanted: &str, met: bool) {
    println!("| {figure} | {measured} | {wanted} | {} |", if met { "yes" } else { "NO" });
}

fn time<R>(act: impl FnOnce() -> R) -> (Duration, R) {
    let begin = Instant::now();
    let done = act();
    (begin.elapsed(), done)
}

fn percentile(times: &mut [Duration], per_cent: usize) -> Duration {
    times.sort();
    times[(times.len() - 1) * per_cent / 100]
}

fn moment() -> DateTime {
    "2026-04-01T09:00:00".parse().unwrap()
}

fn message(reference: String) -> Outgoing {
    // What a switch start takes.
    Outgoing { digest: "0".repeat(64), ..a_message(reference, vec![b'x'; 2048]) }
}

const START: (i64, i64) = (i64::MIN, 0);

struct Late<'a>(SandboxTransport<'a>);

impl Transport for Late<'_> {
    async fn exchange(&self, request: Request) -> Delivery {
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.0.exchange(request).await
    }
}

struct Nobody;

impl Watcher for Nobody {
    fn exchanged(&self, _: Party, _: &'static str, _: &'static str, _: Took) {}
    fn refused(&self, _: &'static str) {}
}

/// As many cases by one worker and by four, each with a counterparty that needs 20 ms.
fn workers(server: &Server, dir: &Path) {
    let data = Data::published();
    let world = World::generate(300, 1, Date::constant(2026, 4, 1)).unwrap();
    let file = dir.join("workers.csv");
    std::fs::write(&file, csv_of(world.applications())).unwrap();
    let mut rounds = Vec::new();
    for round in 0..3 {
        let mut took = [Duration::ZERO; 2];
        for (place, many) in [1_usize, 4].into_iter().enumerate() {
            let address = server.database(&format!("workers_{round}_{many}"));
            let notice = Notice::embedded("common-core").unwrap();
            let sandbox = Sandbox::new(world.clone(), 1);
            let line = Late(SandboxTransport::new(sandbox, Binding::reference(), notice));
            let store = Store::connect(&address, &dir.join("data")).unwrap();
            take(&mut office_over(store, &line, &data, &world), &file, &data, &world, moment());
            took[place] = time(|| {
                std::thread::scope(|scope| {
                    for _ in 0..many {
                        scope.spawn(|| one_worker(&address, dir, &line, &data, &world));
                    }
                });
            })
            .0;
            assert_eq!(line.0.sandbox().duplicates(), 0);
        }
        rounds.push((took[0].as_secs_f64() / took[1].as_secs_f64(), took));
    }
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, took) = rounds[1];
    row(
        "PostgreSQL: one worker ÷ four workers, 300 cases to where they wait, 20 ms to every answer",
        &format!("{ratio:.2} × ({} ms, {} ms)", took[0].as_millis(), took[1].as_millis()),
        "≥ 2.5 ×",
        ratio >= 2.5,
    );
}

fn one_worker(address: &str, dir: &Path, line: &Late<'_>, data: &Data, world: &World) {
    let lease = Duration::from_secs(30);
    let mut store = Store::connect(address, &dir.join("data")).unwrap();
    store.enlist("bench", lease).unwrap();
    let heart = Heart::start(&store, lease).unwrap();
    let mut office = office_over(store, line, data, world);
    office.settle = Duration::from_secs(10);
    office.join(Crew {
        stop: Stop::new(lease),
        lease: heart.lease(),
        lines: Vec::new(),
        watcher: Arc::new(Nobody),
        poll: Duration::from_secs(600),
        retry: Duration::from_secs(2),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        while office.step(moment()).await.unwrap() || office.store.read(|tx| tx.has_active_cases()).unwrap() {}
    });
    office.store.retire().unwrap();
}

/// A worker as a process of its own.
fn process(dir: &Path, address: Option<&str>, config: &Path, more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_occto"));
    command.args(["work", "--today", "2026-04-01", "--log", "none", "--config"]).arg(config);
    command.arg("--data").arg(dir.join("data")).args(more);
    if let Some(address) = address {
        command.args(["--store", address]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

fn config(dir: &Path, url: &str) -> std::path::PathBuf {
    let path = dir.join("bench.toml");
    std::fs::write(&path, format!("retailer = \"40113\"\n[counterparty.occto]\nurl = \"{url}\"\n")).unwrap();
    path
}

/// What workers with nothing to do cost the database.
fn idle(server: &Server, dir: &Path) {
    let world = World::generate(1, 1, Date::constant(2026, 4, 1)).unwrap();
    let line = Arc::new(ChaosLine::new(&world, 1, 0, |_, _| None));
    let config = config(dir, &line.serve());
    let address = server.database("idle");
    drop(Store::connect(&address, &dir.join("data")).unwrap());
    let many = 4;
    let mut children: Vec<Child> = (0..many).map(|_| process(dir, Some(&address), &config, &[])).collect();
    std::thread::sleep(Duration::from_secs(8));
    let queries = || {
        let said =
            server.say("idle", "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'idle'");
        String::from_utf8(said.stdout).unwrap().trim().parse::<f64>().unwrap()
    };
    let before = queries();
    let seconds = 20;
    std::thread::sleep(Duration::from_secs(seconds));
    // Looking took a transaction itself.
    let each = (queries() - before - 1.0) / seconds as f64 / f64::from(many);
    for child in &mut children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    row("PostgreSQL: queries a second of each idle worker", &format!("{each:.2}"), "< 1", each < 1.0);
}

/// From the kill of a worker that had messages in hand to the first of them that goes out again.
fn recovery(name: &str, dir: &Path, server: Option<&Server>) {
    let world = World::generate(40, 1, Date::constant(2026, 4, 1)).unwrap();
    let line = Arc::new(ChaosLine::new(&world, 1, 0, |_, _| None));
    let dir = dir.join(format!("recovery-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    let config = config(&dir, &line.serve());
    let address = server.map(|server| server.database("recovery"));
    let data = Data::published();
    let file = dir.join("applications.csv");
    std::fs::write(&file, csv_of(world.applications())).unwrap();
    let open = || match &address {
        None => Store::open(&dir.join("data")).unwrap(),
        Some(address) => Store::connect(address, &dir.join("data")).unwrap(),
    };
    take(&mut office_over(open(), &line.sandbox, &data, &world), &file, &data, &world, moment());
    let lease = 2;
    let start = || process(&dir, address.as_deref(), &config, &["--lease", "2"]);
    let mut first = start();
    while line.log.lock().unwrap().requests < 10 {
        std::thread::sleep(Duration::from_millis(1));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let killed = Instant::now();
    let mut store = open();
    let in_hand = store
        .read(|tx| {
            let mut rows = tx.outgoing_in(OutboxState::Leased, 0, 999)?;
            rows.extend(tx.outgoing_in(OutboxState::Sent, 0, 999)?);
            Ok(rows)
        })
        .unwrap();
    drop(store);
    assert!(!in_hand.is_empty(), "the worker was killed with nothing in hand");
    let times = || -> u32 {
        let log = line.log.lock().unwrap();
        in_hand.iter().filter_map(|one| log.seen.get(&one.reference)).map(|seen| seen.times).sum()
    };
    let before = times();
    let mut second = start();
    while times() == before {
        std::thread::sleep(Duration::from_millis(1));
    }
    let again = killed.elapsed();
    second.kill().unwrap();
    second.wait().unwrap();
    row(
        &format!("{name}: from the kill of a worker to the first message it had in hand, lease {lease} s"),
        &format!("{:.2} s", again.as_secs_f64()),
        "< 3 s + lease",
        again < Duration::from_secs(3 + lease),
    );
}
