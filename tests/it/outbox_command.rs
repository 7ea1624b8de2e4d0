//! What a person sees of the outbox and decides about it, and how a worker is watched and stopped.

use crate::command::{arg, command, refused, said};
use crate::line::{Line, file_of, no_personal_data, unknown};
use crate::postgres::{on_both, store};
use crate::practice::{Data, office_over, take};
use occto::desk::{Decided, Resolution, resolve};
use occto::items::{Date, DateTime};
use occto::sandbox::World;
use occto::store::{OutboxState, Outcome, Stage, Store};
use occto::wire::Binding;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

on_both!(a_person_decides_what_cannot_be_asked);

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn world(points: usize) -> World {
    World::generate(points, 7, Date::constant(2026, 4, 1)).unwrap()
}

/// Three cancellation agencies that arrived, with every answer and every list lost; their references.
async fn three_unknown(store: Store, dir: &Path) -> (Store, Vec<String>, DateTime) {
    let (data, world) = (Data::published(), world(3));
    let line = Line::twisted(&world, 7, |_, request, delivery| match request.message {
        "list-inquiry" | "cancellation-request" => unknown(),
        _ => delivery,
    });
    let file = file_of(&world, dir);
    let now = line.sandbox.sandbox().now();
    let mut office = office_over(store, &line, &data, &world);
    take(&mut office, &file, &data, &world, now);
    office.advance(now, &mut |_| {}).await.unwrap();
    // What the office took to ask about is free again.
    if let Some(worker) = office.store.worker() {
        office.store.commit(|tx| tx.put_back(worker)).unwrap();
    }
    let rows = office.store.read(|tx| tx.outgoing_in(OutboxState::Unknown, 0, 9)).unwrap();
    assert_eq!(rows.len(), 3);
    (office.store, rows.into_iter().map(|row| row.reference).collect(), now)
}

async fn a_person_decides_what_cannot_be_asked() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, references, now) = three_unknown(store(dir.path()), dir.path()).await;
    let decisions = [Resolution::Accepted, Resolution::Rejected, Resolution::NotReceived];
    for (reference, resolution) in references.iter().zip(decisions) {
        let decided = Decided { reference, resolution, number: None, by: "担当" };
        resolve(&mut store, Binding::reference(), decided, now).unwrap();
        if resolution != Resolution::NotReceived {
            let again = resolve(&mut store, Binding::reference(), decided, now).unwrap_err().to_string();
            assert!(again.contains("occto outbox list"), "{again}");
        }
    }
    let seen = store.read(|tx| {
        let mut seen = Vec::new();
        for reference in &references {
            let row = tx.outgoing_of(reference)?.unwrap();
            let case = tx.case(row.case.unwrap())?.unwrap();
            seen.push((row.state, case.stage, case.outcome, case.reasons.len()));
        }
        Ok(seen)
    });
    let wanted = [
        (OutboxState::Accepted, Stage::Judging, None, 0),
        (OutboxState::Rejected, Stage::Ended, Some(Outcome::Rejected), 1),
        (OutboxState::Queued, Stage::Requesting, None, 0),
    ];
    assert_eq!(seen.unwrap(), wanted);
}

#[tokio::test]
async fn the_outbox_is_listed_and_decided_about() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (store, references, _) = three_unknown(Store::open(&data).unwrap(), dir.path()).await;
    drop(store);
    let outbox = |more: &[&str]| said(command(&["outbox"]).args(more).args(["--data", arg(&data)]));
    let list = outbox(&["list"]);
    assert_eq!(list.code, Some(1), "an unknown outcome needs a look: {list:?}");
    assert!(
        list.out.contains(&references[0]) && list.out.contains("送達不明") && list.out.contains("resolve"),
        "{list:?}"
    );
    no_personal_data(&list.out, &world(3));
    let listed = json(&outbox(&["list", "--json"]).out);
    assert_eq!(listed["messages"].as_array().unwrap().len(), 3);
    let waiting: u64 = listed["depths"].as_array().unwrap().iter().filter_map(|depth| depth["count"].as_u64()).sum();
    assert_eq!(waiting, 3, "{listed}");
    let config = dir.path().join("config.toml");
    std::fs::write(&config, "retailer = \"40113\"\n[counterparty.occto]\nurl = \"http://127.0.0.1:9/\"\n").unwrap();
    let status = |more: &[&str]| {
        let place = ["status", "--now", "2026-04-01 10:00", "--config", arg(&config), "--data", arg(&data)];
        said(command(&place).args(more))
    };
    assert!(status(&[]).out.contains("      1  送達不明"), "{:?}", status(&[]));
    let told = json(&status(&["--json"]).out);
    assert_eq!(told["outbox"].as_array().unwrap().iter().filter_map(|one| one["count"].as_u64()).sum::<u64>(), 3);
    refused(&outbox(&["resolve", "none", "--as", "accepted"]), &["決裁できる電文", "ありません"]);
    refused(&outbox(&["resolve", &references[0], "--as", "lost"]), &["--as"]);
    for reference in &references {
        assert_eq!(outbox(&["resolve", reference, "--as", "accepted", "--by", "担当"]).code, Some(0));
    }
    assert_eq!(outbox(&["list"]).code, Some(0));
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_worker_is_watched_and_ends_in_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let world = world(9);
    let (data, file) = (dir.path().join("data"), file_of(&world, dir.path()));
    // A counterparty that takes everything and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = dir.path().join("config.toml");
    let url = format!("http://{}/", silent.local_addr().unwrap());
    std::fs::write(&config, format!("retailer = \"{}\"\n[counterparty.occto]\nurl = \"{url}\"\n", world.retailer))
        .unwrap();
    let published = Data::published();
    let line = Line::new(&world, 7);
    let mut office = office_over(Store::open(&data).unwrap(), &line, &published, &world);
    take(&mut office, &file, &published, &world, line.sandbox.sandbox().now());
    drop(office);
    let mut worker =
        command(&["work", "--today", "2026-04-01", "--listen", "127.0.0.1:0", "--grace", "1", "--log", "json"]);
    worker.args(["--data", arg(&data), "--config", arg(&config)]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut worker = worker.spawn().unwrap();
    let mut first = String::new();
    BufReader::new(worker.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let address = first.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let calls: Vec<_> = (0..4).map(|_| silent.accept().unwrap()).collect();
    for (path, wanted) in [("/healthz", "200 OK"), ("/readyz", "200 OK"), ("/metrics", "occto_ready 1")] {
        let said = get(&address, path);
        assert!(said.contains(wanted), "{path}: {said}");
    }
    let metrics = get(&address, "/metrics");
    assert!(metrics.contains("occto_cases{stage=\"new\",outcome=\"pending\"} 9"), "{metrics}");
    no_personal_data(&metrics, &world);
    let asked = Instant::now();
    assert!(std::process::Command::new("kill").args(["-TERM", &worker.id().to_string()]).status().unwrap().success());
    let done = worker.wait_with_output().unwrap();
    // Far from the 25 s it would have of itself, and from the 30 s an answer may take.
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    let log = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(0), "{log}");
    no_personal_data(&log, &world);
    drop(calls);
    let mut store = Store::open(&data).unwrap();
    let left = store.read(|tx| {
        let of = |state| Ok::<_, occto::store::StoreError>(tx.outgoing_in(state, 0, 99)?.len());
        Ok((of(OutboxState::Leased)?, of(OutboxState::Sent)?, of(OutboxState::Queued)?))
    });
    assert_eq!(left.unwrap(), (0, 0, 9), "everything went back");
}
