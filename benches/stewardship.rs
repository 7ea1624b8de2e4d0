//! The figures of stewardship: `cargo bench --bench stewardship`. What a report and an erasure of one customer take, in a
//! store of 100,000 and in one of 10 million held values; medians over different customers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench fails by panicking"
)]

use occto::desk::subject::{Answered, Asked, Key, Wish, arrival_of, ask, letter};
use occto::items::{Area, Code as _, DateTime, SupplyPointId};
use occto::messages::switching::{Application, FacilityAnswer};
use occto::messages::{Message as _, Record as _, json};
use occto::notice::{Disclosure as _, Notice, Party};
use occto::sandbox::World;
use occto::store::{Added, Batch, BatchState, Case, CaseRow, IdentityCheck, Outcome, Stage, Store};
use std::path::Path;
use std::time::{Duration, Instant};

const FEW: usize = 100_000;
const MANY: usize = 10_000_000;
const ROUNDS: usize = 41;

fn main() {
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    // On a disk, not on a memory file system.
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let few = measure(&dir.path().join("few"), FEW);
    let many = measure(&dir.path().join("many"), MANY);
    for (what, few, many) in [("report (letter and JSON)", few.0, many.0), ("erasure", few.1, many.1)] {
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        let met = if ratio <= 1.5 { "yes" } else { "NO" };
        let (few, many) = (few.as_micros(), many.as_micros());
        println!(
            "| {what} of one customer, at 10 million held values ÷ at 100,000 | {ratio:.2} × ({many} µs, {few} µs) | ≤ 1.5 × | {met} |"
        );
    }
}

fn now() -> DateTime {
    "2026-04-01T09:00:00".parse().unwrap()
}

/// The point of a customer: one of Tokyo's area for every number.
fn point(index: usize) -> SupplyPointId {
    SupplyPointId::parse(&format!("03{index:020}")).unwrap()
}

fn answer(point: SupplyPointId) -> FacilityAnswer {
    let value = serde_json::json!({
        "supply-point-id": point.as_str(), "supply-area": Area::Tokyo.key(), "isolated-island-terms": "0",
        "contract-amount": "40", "amount-unit": "A", "current-limit": "40",
        "service-menu": "電灯標準接続送電サービス", "power-factor": "100", "decision-method": "ampere-breaker",
        "meter-number": "12345678", "half-hourly-collectable": "1", "automatic-reading": "1",
        "lead-in-pole": "A-12", "grid-interconnection": "0", "contract-change-date": "2024-04-01",
        "meter-reading-date": "2026-04-20", "contract-status": "supplied",
    });
    FacilityAnswer::absorb(&json::from_json(FacilityAnswer::FIELDS, &value)).unwrap()
}

/// A store with so many held values, and how many customers that takes.
fn fill(data: &Path, values: usize) -> (Store, usize, String) {
    let world = World::generate(1, 1, now().date()).unwrap();
    let row = world.applications().next().unwrap();
    let us = Party::retailer(world.retailer);
    let told = |index: usize| {
        let answer = answer(point(index));
        arrival_of(&answer, FacilityAnswer::SPEC.key, Party::operator(Area::Tokyo), answer.purpose(), "R-1", now())
    };
    let each = told(0).items().count() + row.items().iter().count();
    let customers = values.div_ceil(each);
    let mut store = Store::open(data).unwrap();
    let batch = Batch {
        id: 0,
        file: "applications.csv".to_owned(),
        digest: "00".to_owned(),
        columns: Vec::new(),
        notice: "common-core".to_owned(),
        retailer: us.business_code().unwrap().to_string(),
        state: BatchState::Released,
        findings: Vec::new(),
        prepared_at: now(),
        prepared_by: "bench".to_owned(),
        approved: None,
        seed: Some(1),
    };
    let batch = store.commit(|tx| tx.add_batch(&batch)).unwrap();
    let mut next = 0;
    while next < customers {
        let end = (next + 20_000).min(customers);
        store
            .commit(|tx| {
                for index in next..end {
                    let application = Application { point: point(index), ..row.clone() };
                    let case = case(batch, index, &application);
                    let kept = CaseRow { application: Some(application), ..CaseRow::default() };
                    let id = tx.add_case(&case, &kept)?;
                    tx.add_to_dossier(tx.dossier_of_case(id)?, Added::Arrival, &told(index).to_json())?;
                }
                Ok(())
            })
            .unwrap();
        next = end;
    }
    (store, customers, row.name.as_str().to_owned())
}

fn case(batch: i64, index: usize, row: &Application) -> Case {
    Case {
        receipt: format!("R-{index}"),
        point: row.point.as_str().to_owned(),
        outcome: Some(Outcome::Completed),
        switch_on: Some(row.switch_on),
        ..Case::new(batch, index as u64, format!("260401-0001-1-{index}"), Stage::Ended)
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The medians of a report and of an erasure.
fn measure(data: &Path, values: usize) -> (Duration, Duration) {
    let begin = Instant::now();
    let (mut store, customers, name) = fill(data, values);
    eprintln!("{values} values of {customers} customers: filled in {} s", begin.elapsed().as_secs());
    let us = Party::parse("retailer:40113").unwrap();
    let notice = Notice::embedded("common-core").unwrap();
    let identity = Some((IdentityCheck::DrivingLicence, "K-1"));
    let (mut reports, mut erasures) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Spread over the store.
        let key = Key::Point(point(customers / ROUNDS * round + 7));
        let asked = Asked { key: &key, name: &name, identity, by: "bench", now: now(), days: 14 };
        let begin = Instant::now();
        let Ok(Answered::Report(report)) = ask(&mut store, us, notice, &asked, &Wish::Report) else {
            panic!("no report")
        };
        assert!(letter(&report).len() + report.to_json().to_string().len() > 10_000);
        reports.push(begin.elapsed());
        let begin = Instant::now();
        assert!(matches!(ask(&mut store, us, notice, &asked, &Wish::Erase), Ok(Answered::Erased { dossiers: 1, .. })));
        erasures.push(begin.elapsed());
    }
    (median(reports), median(erasures))
}
