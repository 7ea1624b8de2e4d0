//! Real workers, killed at random, over a line and a database that fail in every way: nothing is lost, nothing is doubled.
//!
//! `cargo test --test it chaos -- --nocapture` runs it in a small size and prints what went wrong on the way;
//! `OCCTO_CHAOS_CASES=10000 cargo test --release --test it chaos -- --nocapture` in full. `OCCTO_CHAOS_SEED` is the seed
//! that a failure names: the same faults strike the same exchanges again.

use crate::chaos_canary::{PASSWORD, Secrets};
use crate::chaos_line::{Chance, ChaosLine, Fault};
use crate::line::file_of;
use crate::postgres::{Kind, Server};
use crate::practice::{Data, office_over, take, view};
use occto::desk::view::Outcome;
use occto::items::Date;
use occto::sandbox::World;
use occto::store::{LedgerCheck, OutboxState, Store};
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The workers that run now, each with how it was asked to end, if it was.
#[derive(Default)]
struct Gang {
    workers: Mutex<Vec<Worker>>,
    restart: AtomicBool,
    full: AtomicBool,
}

struct Worker {
    child: Child,
    out: PathBuf,
    asked: bool,
}

impl Gang {
    fn strike(&self, kind: Kind, fault: Fault, mut chance: Chance) -> Option<&'static str> {
        let mut workers = self.workers.lock().unwrap();
        let some = chance.below(workers.len().max(1) as u64) as usize;
        if fault != Fault::Environment {
            workers.get_mut(some)?.child.kill().ok()?;
            return Some(if fault == Fault::KillBefore { "KillBefore" } else { "KillAfter" });
        }
        match chance.below(3) {
            0 if kind == Kind::Postgres => (!self.restart.swap(true, Ordering::SeqCst)).then_some("DatabaseRestart"),
            1 => (!self.full.swap(true, Ordering::SeqCst)).then_some("DiskFull"),
            _ => {
                let worker = workers.get_mut(some).filter(|worker| !worker.asked)?;
                worker.asked = true;
                let id = worker.child.id().to_string();
                Command::new("kill").args(["-TERM", &id]).status().ok()?;
                Some("Terminate")
            }
        }
    }
}

struct Place<'a> {
    kind: Kind,
    dir: &'a Path,
    config: PathBuf,
    store: Option<String>,
    spawned: u64,
    seed: u64,
    jumps: u64,
    first: Date,
    /// A day that takes longer does not end.
    longest: Duration,
    collector: String,
}

impl Place<'_> {
    fn store(&self) -> Store {
        match &self.store {
            None => Store::open(&self.dir.join("data")).unwrap(),
            Some(address) => Store::connect(address, &self.dir.join("data")).unwrap(),
        }
    }

    /// A worker that ends when there is nothing left to do; its day may be wrong by some days.
    fn spawn(&mut self, today: Date, full: bool) -> Worker {
        self.spawned += 1;
        let mut chance = Chance::of(self.seed ^ 0xC10C, self.spawned);
        // On the first day nobody is ahead of the counterparties: what is asked for would come too late.
        let most = if self.first == today { 4 } else { 7 };
        let off = if chance.below(5) == 0 { chance.below(most) as i64 - 3 } else { 0 };
        self.jumps += u64::from(off != 0);
        let today = today.checked_add(jiff::ToSpan::days(off)).unwrap();
        let log = self.dir.join(format!("worker-{}.log", self.spawned));
        // What cannot be written is not written to the log either.
        let log = if full { Stdio::null() } else { File::create(log).unwrap().into() };
        let out = self.dir.join(format!("worker-{}.out", self.spawned));
        let limit = if full { "ulimit -f 64; trap '' XFSZ;" } else { "" };
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{limit} exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_occto"), "work", "--once"]);
        command.args(["--today", &today.to_string(), "--lease", "2", "--grace", "2", "--poll", "0"]);
        command.args(["--retry", "0.05", "--settle", "1"]);
        command.args(["--listen", "127.0.0.1:0", "--log", "json", "--config"]).arg(&self.config);
        command.arg("--data").arg(self.dir.join("data")).env("PGPASSWORD", PASSWORD).env("OCCTO_LOG", "trace");
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &self.collector);
        if let Some(address) = &self.store {
            command.args(["--store", address]);
        }
        command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(log);
        Worker { child: command.spawn().unwrap(), out, asked: false }
    }
}

/// What a worker tells of itself.
fn metrics(worker: &Worker) -> Option<String> {
    let said = std::fs::read_to_string(&worker.out).ok()?;
    let address = said.split("http://").nth(1)?.split('/').next()?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

/// A collector of spans, and what it was given.
fn collector() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, spans) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(Mutex::new(String::new())));
    let given = Arc::clone(&spans);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            let mut octets = Vec::new();
            let _ = stream.read_to_end(&mut octets);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            given.lock().unwrap().push_str(&String::from_utf8_lossy(&octets));
        }
    });
    (address, spans)
}

/// One virtual day: workers work, are struck and replaced until all of them find nothing left to do.
fn day(place: &mut Place<'_>, gang: &Gang, server: &mut Option<Server>, today: Date, told: &mut String) {
    let many = if place.kind == Kind::Sqlite { 1 } else { 3 };
    let begun = Instant::now();
    let mut done = 0;
    let mut full: Option<Instant> = None;
    let mut looked = Instant::now();
    *gang.workers.lock().unwrap() = (0..many).map(|_| place.spawn(today, false)).collect();
    while done < many {
        assert!(begun.elapsed() < place.longest, "seed {}: the day {today} does not end", place.seed);
        std::thread::sleep(Duration::from_millis(5));
        if gang.restart.swap(false, Ordering::SeqCst) {
            server.as_mut().unwrap().restart();
        }
        if full.is_none() && gang.full.load(Ordering::SeqCst) {
            full = Some(Instant::now());
            disk(place, server, true);
            if place.kind == Kind::Sqlite {
                // Where one process holds the store, another has to find it full.
                gang.workers.lock().unwrap().iter_mut().for_each(|worker| drop(worker.child.kill()));
            }
        }
        if full.is_some_and(|since| since.elapsed() > Duration::from_millis(400)) {
            disk(place, server, false);
            full = None;
            gang.full.store(false, Ordering::SeqCst);
            if place.kind == Kind::Sqlite {
                gang.workers.lock().unwrap().iter_mut().for_each(|worker| drop(worker.child.kill()));
            }
        }
        let mut workers = gang.workers.lock().unwrap();
        if looked.elapsed() > Duration::from_millis(300) {
            looked = Instant::now();
            told.extend(workers.first().and_then(metrics));
        }
        let mut index = 0;
        while index < workers.len() {
            let Some(status) = workers[index].child.try_wait().unwrap() else {
                index += 1;
                continue;
            };
            let worker = workers.swap_remove(index);
            match status.code() {
                Some(0) if !worker.asked => done += 1,
                Some(0) | None => workers.push(place.spawn(today, full.is_some() && place.kind == Kind::Sqlite)),
                Some(_) if full.is_some() => workers.push(place.spawn(today, place.kind == Kind::Sqlite)),
                Some(code) => {
                    let log = std::fs::read_to_string(worker.out.with_extension("log")).unwrap();
                    panic!("seed {}: a worker ended with {code}: {log}", place.seed);
                }
            }
        }
    }
    if full.is_some() {
        disk(place, server, false);
        gang.full.store(false, Ordering::SeqCst);
    }
}

/// Makes the disk of the database full, or frees it again.
fn disk(place: &Place<'_>, server: &Option<Server>, full: bool) {
    let Some(server) = server.as_ref().filter(|_| place.kind == Kind::Postgres) else { return };
    let sql = if full {
        "CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$; \
         CREATE OR REPLACE TRIGGER no_room BEFORE INSERT OR UPDATE ON outbox EXECUTE FUNCTION no_room()"
    } else {
        "DROP TRIGGER IF EXISTS no_room ON outbox"
    };
    for _ in 0..100 {
        if server.say("chaos", sql).status.success() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the database does not answer");
}

/// Whether anything is left to be said or asked: a worker does not wait for a line that says that it is closed.
fn has_open(store: &mut Store) -> bool {
    let open = store.read(|tx| {
        let mut open = tx.has_active_cases()?;
        for state in [OutboxState::Queued, OutboxState::Leased, OutboxState::Sent, OutboxState::Unknown] {
            open |= !tx.outgoing_in(state, 0, 1)?.is_empty();
        }
        Ok(open)
    });
    open.unwrap()
}

fn chaos(kind: Kind) {
    let mut server = None;
    if kind == Kind::Postgres {
        // A server that is struck is nobody else's.
        if crate::postgres::server().is_none() {
            return;
        }
        server = Server::start();
    }
    let cases = setting("OCCTO_CHAOS_CASES", 120);
    let seed = setting("OCCTO_CHAOS_SEED", u64::from(std::process::id()));
    let (usual, least) = if cases > 1000 { (80, cases / 5) } else { (150, cases / 3) };
    let per_mille = setting("OCCTO_CHAOS_PER_MILLE", usual);
    let least = setting("OCCTO_CHAOS_FAULTS", least);
    println!("chaos over {kind:?}: seed {seed}, {cases} cases");
    let dir = tempfile::tempdir().unwrap();
    let world = World::generate(cases as usize, 7, Date::constant(2026, 4, 1)).unwrap();
    let gang = Arc::new(Gang::default());
    let struck = Arc::clone(&gang);
    let line =
        Arc::new(ChaosLine::new(&world, seed, per_mille, move |fault, chance| struck.strike(kind, fault, chance)));
    let address = line.serve();
    let config = dir.path().join("config.toml");
    let retailer = world.retailer;
    let secrets = Secrets::planted(dir.path(), &address);
    let text = format!(
        "retailer = \"{retailer}\"\n[counterparty.occto]\nurl = \"{address}\"\ntimeout = 1\nconnect-timeout = 1\nretry-delay = 0\ntrip-after = 1000000\nclient-certificate = \"client.pem\"\nclient-key = \"client.key\"\n{}",
        secrets.line
    );
    std::fs::write(&config, text).unwrap();
    let store = server.as_ref().map(|server| server.database("chaos"));
    let (collector, spans) = collector();
    let mut place = Place {
        kind,
        dir: dir.path(),
        config,
        store,
        spawned: 0,
        seed,
        jumps: 0,
        first: world.date,
        longest: Duration::from_secs(300 + cases / 2),
        collector,
    };
    let data = Data::published();
    let file = file_of(&world, dir.path());
    let begun = Instant::now();
    let batch = {
        let mut office = office_over(place.store(), &line.sandbox, &data, &world);
        take(&mut office, &file, &data, &world, line.sandbox.sandbox().now())
    };
    let mut told = String::new();
    let mut days = 0;
    loop {
        let today = line.sandbox.sandbox().now().date();
        loop {
            day(&mut place, &gang, &mut server, today, &mut told);
            if !has_open(&mut place.store()) {
                break;
            }
        }
        days += 1;
        let next = line.sandbox.sandbox().next_event_date().filter(|date| *date > today);
        let Some(next) = next else { break };
        line.sandbox.sandbox().advance_to(next);
    }
    let took = begun.elapsed();
    let mut office = office_over(place.store(), &line.sandbox, &data, &world);
    let now = line.sandbox.sandbox().now();
    let run = view(&mut office, batch, now);
    let done = run.cases.iter().filter(|case| case.outcome == Outcome::Completed).count();
    let (requests, starts, twice) = line.accepted();
    let duplicates = line.sandbox.sandbox().duplicates();
    let log = line.log.lock().unwrap();
    let faults: u64 = log.faults.values().sum::<u64>() + place.jumps;
    println!(
        "{kind:?}: {cases} cases, {days} days, {} exchanges, {} workers, {faults} faults in {:.0} s: {:?}, clock jumps {}",
        log.requests,
        place.spawned,
        took.as_secs_f64(),
        log.faults,
        place.jumps
    );
    let lost = cases as usize - done.min(starts);
    println!("{kind:?}: lost {lost}, doubled {}, other octets {}", twice as u64 + duplicates, log.changed);
    for case in run.cases.iter().filter(|case| case.outcome != Outcome::Completed).take(5) {
        let kinds: Vec<_> = case.timeline.iter().map(|event| event.kind.as_str()).collect();
        println!("line {}: {:?} {kinds:?}", case.line, case.outcome);
    }
    assert_eq!((lost, twice, duplicates, log.changed), (0, 0, 0, 0), "seed {seed}");
    assert_eq!((requests, starts), (cases as usize, cases as usize), "seed {seed}");
    assert!(faults >= least, "seed {seed}: only {faults} faults");
    // Every case is explained by its ledger: what reached a counterparty stands there once, with the digest of its
    // octets, and what stands there reached one.
    let mut check = LedgerCheck::default();
    let mut lines: HashMap<String, String> = HashMap::new();
    let written = office.store.read(|tx| {
        tx.each_ledger_line(|line| {
            let entry: serde_json::Value = serde_json::from_str(&line.entry).unwrap();
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            assert_eq!(lines.insert(text("reference"), text("digest")), None, "seed {seed}: two lines for one message");
            check.line(line).unwrap();
            Ok(())
        })?;
        tx.ledger_lines()
    });
    assert_eq!(check.finish(written.unwrap()).unwrap(), lines.len() as u64);
    assert_eq!(lines.len(), log.seen.len(), "seed {seed}");
    for (reference, seen) in &log.seen {
        assert_eq!(lines.get(reference), Some(&seen.digest), "seed {seed}: {reference}");
    }
    drop(log);
    assert!(told.contains("occto_outbox_messages") && told.contains("occto_exchanges_total{"), "nothing was measured");
    let spans = spans.lock().unwrap();
    assert!(spans.contains("resourceSpans") && spans.contains("\"counterparty\""), "nothing was traced");
    let server = server.map(|server| server.log()).unwrap_or_default();
    secrets.nowhere(dir.path(), &(told + &spans + &server), &world);
}

#[test]
fn over_a_store_of_ones_own() {
    chaos(Kind::Sqlite);
}

#[test]
fn over_a_store_that_machines_share() {
    chaos(Kind::Postgres);
}
