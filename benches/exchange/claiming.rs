//! Taking messages and cases from a store with few and with a million of them, and beginning to.

use crate::postgres::{Server, with_a_case};
use crate::{START, config, message, moment, percentile, process, row, time};
use occto::store::{Case, CaseRow, OutboxState, Outgoing, Stage, Store, Tx};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

/// So many cases and messages are made by the store itself: more than are taken, each with a key of its own.
const MADE: u32 = 1_000;
/// What is taken at a time, and how often: with what each worker takes that is started, not more than was made.
const TAKEN: usize = 4;
const TIMES: usize = 190;
/// So many are made at a time: the log of the database stays small.
const STEP: u32 = 50_000;
/// The lease of a worker that is started, in seconds: what it had in hand when it was killed is free again after that.
const LEASE: &str = "1";

/// Messages that are queued, each of a case of its own, and as many cases that have something to say.
fn make(store: &mut Store) {
    with_a_case(store);
    let case = |stage, reference| Case { receipt: "1".to_owned(), ..Case::new(1, 1, reference, stage) };
    for nth in 0..MADE {
        let made = store.commit(|tx| {
            let under_way = tx.add_case(&case(Stage::Starting, format!("m{nth}")), &CaseRow::default())?;
            let body = vec![b'x'; 200];
            let message = Outgoing { case: Some(under_way), body, ..message(format!("C{nth}")) };
            tx.add_outgoing(&message)?;
            tx.add_case(&case(Stage::New, format!("n{nth}")), &CaseRow::default())
        });
        made.unwrap();
    }
}

/// More of the same, copies of the last ones, numbered from one to another: nobody comes to them here.
fn copies(from: u32, to: u32) -> [String; 2] {
    let last = MADE - 1;
    [
        format!(
            "INSERT INTO cases (batch, line, receipt, reference, point, stage, reasons, dossier, sealed) \
             WITH RECURSIVE series (n) AS (VALUES ({from}) UNION ALL SELECT n + 1 FROM series WHERE n < {to}) \
             SELECT batch, line, receipt, 'copy-' || reference || '-' || n, point, stage, reasons, dossier, sealed \
             FROM cases, series WHERE reference IN ('m{last}', 'n{last}')"
        ),
        format!(
            "INSERT INTO outbox (case_id, message, sender, recipient, family, reference, body, digest, state, attempts, \
             created, dossier) WITH RECURSIVE series (n) AS (VALUES ({from}) UNION ALL SELECT n + 1 FROM series WHERE n < {to}) \
             SELECT cases.id, message, sender, recipient, family, cases.reference, body, digest, \
             outbox.state, outbox.attempts, created, outbox.dossier FROM series \
             JOIN cases ON cases.reference = 'copy-m{last}-' || n JOIN outbox ON outbox.reference = 'C{last}'"
        ),
    ]
}

/// Taking messages and cases from a store with few and with a million of them, and beginning to.
pub fn claiming(name: &str, dir: &Path, server: Option<&Server>) {
    let many: u32 = std::env::var("OCCTO_BENCH_QUEUED").map_or(1_000_000, |many| many.parse().unwrap());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let config = config(dir, &format!("http://{}/", silent.local_addr().unwrap()));
    let mut measured = Vec::new();
    for size in [MADE, many] {
        let place = dir.join(format!("claim-{name}-{size}"));
        let database = format!("claim_{size}");
        let address = server.map(|server| server.database(&database));
        let open = || match &address {
            None => Store::open(&place.join("data")).unwrap(),
            Some(address) => Store::connect(address, &place.join("data")).unwrap(),
        };
        let mut store = open();
        make(&mut store);
        drop(store);
        for from in (1..=size - MADE).step_by(STEP as usize) {
            let more = copies(from, (from + STEP - 1).min(size - MADE));
            match server {
                Some(server) => {
                    let done = server.say(&database, &more.join("; "));
                    assert!(done.status.success(), "{done:?}");
                }
                None => {
                    let db = rusqlite::Connection::open(place.join("data/occto.sqlite")).unwrap();
                    db.pragma_update(None, "synchronous", "OFF").unwrap();
                    more.iter().for_each(|sql| db.execute_batch(sql).unwrap());
                }
            }
        }
        if let Some(server) = server {
            // What the server does by itself sooner or later.
            server.say(&database, "VACUUM ANALYZE");
            server.say(&database, "CHECKPOINT");
        }
        // What filling left to be written is no part of what is measured.
        let _ = std::process::Command::new("sync").status();
        let mut store = open();
        store.enlist("bench", Duration::from_secs(3600)).unwrap();
        let mut claims: Vec<Duration> = (0..TIMES)
            .map(|_| {
                let (took, mine) = time(|| store.commit(|tx| tx.claim(OutboxState::Queued, START, TAKEN)).unwrap());
                assert_eq!(mine.len(), TAKEN);
                let settled = |one: &Outgoing| (one.id, OutboxState::Accepted);
                store
                    .commit(|tx| {
                        mine.iter()
                            .map(settled)
                            .try_for_each(|(id, state)| tx.settle(id, state, moment(), None, Duration::ZERO))
                    })
                    .unwrap();
                took
            })
            .collect();
        let mut cases: Vec<Duration> = (0..TIMES)
            .map(|_| {
                let taken = |tx: &Tx<'_>| {
                    tx.active_cases(TAKEN)?.into_iter().map(|id| tx.case_to_say(id)).collect::<Result<Vec<_>, _>>()
                };
                let (took, mine) = time(|| store.commit(taken).unwrap());
                assert_eq!(mine.len(), TAKEN);
                let moved = |tx: &Tx<'_>| {
                    mine.into_iter()
                        .flatten()
                        .try_for_each(|case| tx.save_case(&Case { stage: Stage::Waiting, ..case }))
                };
                store.commit(moved).unwrap();
                took
            })
            .collect();
        store.retire().unwrap();
        drop(store);
        let mut starts: Vec<Duration> = (0..7)
            .map(|_| {
                let mut child = None;
                let (took, _connection) = time(|| {
                    let child = child.insert(process(
                        &place,
                        address.as_deref(),
                        &config,
                        &["--listen", "127.0.0.1:0", "--lease", LEASE],
                    ));
                    loop {
                        if let Ok(connection) = silent.accept() {
                            break connection;
                        }
                        assert!(child.try_wait().unwrap().is_none(), "the worker ended");
                        std::thread::sleep(Duration::from_micros(100));
                    }
                });
                let mut child = child.unwrap();
                child.kill().unwrap();
                child.wait().unwrap();
                // What it had opened besides.
                while silent.accept().is_ok() {}
                std::thread::sleep(Duration::from_millis(1_200));
                took
            })
            .collect();
        // Disks have an end.
        std::fs::remove_dir_all(&place).unwrap();
        if let Some(server) = server {
            server.say("postgres", &format!("DROP DATABASE {database} WITH (FORCE)"));
        }
        measured.push([
            percentile(&mut claims, 50),
            percentile(&mut claims, 99),
            percentile(&mut cases, 50),
            percentile(&mut cases, 99),
            percentile(&mut starts, 50),
        ]);
    }
    let figures = [
        "claiming messages, median",
        "claiming messages, 99th percentile",
        "taking cases with something to say, median",
        "taking cases with something to say, 99th percentile",
        "from the start of a worker to its first message",
    ];
    for (index, what) in figures.iter().enumerate() {
        let (few, more) = (measured[0][index], measured[1][index]);
        let ratio = more.as_secs_f64() / few.as_secs_f64();
        row(
            &format!("{name}: {what}, with {many} messages and cases queued ÷ with {MADE}"),
            &format!("{ratio:.2} × ({} µs, {} µs)", more.as_micros(), few.as_micros()),
            "≤ 2 ×",
            ratio <= 2.0,
        );
    }
}
