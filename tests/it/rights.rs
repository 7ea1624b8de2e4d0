//! What becomes of the customer's data after something went wrong or is asked twice: refused applications, plans of
//! retention, readings.

use crate::steward::{House, core};
use occto::desk::ledger::lines_of_customer;
use occto::desk::metering::show_point;
use occto::desk::subject::{Answered, Customer, Readings, Wish, discrepancies, find, letter};
use occto::items::{CustomerName, Energy, Item, Slot, SupplyPointId};
use occto::messages::metering::{MeteringKind, ReadingStatus};
use occto::notice::Party;
use occto::notice::held::Against;
use occto::store::Store;
use occto::store::readings::{DayRows, MeterFile, ReadingQuery, ReadingsWriter, Source, root};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

#[test]
fn a_name_that_the_current_retailer_calls_different_is_asked_about_and_told_to_the_customer() {
    let house = House::run_with(4, true, |rows| rows[1].name = CustomerName::parse("別名　花子").unwrap());
    let found = discrepancies(&mut house.store(), house.us, core(), house.now.date()).unwrap();
    let denied: Vec<_> = found.iter().filter(|one| matches!(one.found.against, Against::Denial(_))).collect();
    let [one] = &denied[..] else { panic!("{} denials", denied.len()) };
    let current = Party::retailer(house.rows[1].current_retailer);
    assert_eq!((one.found.claim.item, one.found.manager), (Item::Name, current));
    assert!(one.sendable.is_ok(), "{:?}", one.sendable);
    let point = house.rows[1].point.grouped().to_string();
    for part in ["御中", "契約名義不一致", "別名　花子", &point] {
        assert!(one.draft.contains(part), "{part}");
    }
    let Ok(Answered::Report(report)) = house.ask(1, "別名　花子", &Wish::Report) else { panic!("no report") };
    let told = report.to_json()["discrepancies"].as_array().cloned().unwrap();
    assert!(told.iter().any(|told| told["item"] == "name" && told["denied"]["by"] == current.to_string()), "{told:?}");
    assert!(letter(&report).contains("契約名義不一致"));
    // A second look finds the same: nothing was settled by looking.
    let again = discrepancies(&mut house.store(), house.us, core(), house.now.date()).unwrap();
    assert_eq!(again.len(), found.len());
}

/// A file of the operator with two slots of each point on a day, as an intake leaves it.
pub fn take(store: &mut Store, kind: MeteringKind, day: &str, points: &[SupplyPointId], mark: &str) {
    let date = day.parse().unwrap();
    let digest = mark.repeat(64);
    let mut rows = DayRows::default();
    for (row, point) in points.iter().enumerate() {
        assert!(rows.push(*point, "01", None));
        let energy = |text: &str| Some(Energy::parse(text).unwrap());
        rows.set(row, Slot::new(1).unwrap(), energy("1.25"), energy("2.5"));
        rows.set(row, Slot::new(2).unwrap(), None, None);
        rows.deducted[row] = energy("1.25");
    }
    let register = String::new();
    let source = Source { digest: digest.clone(), register: register.clone(), kind, revision: 0, part: 0 };
    let mut writer = ReadingsWriter::new(store.dir(), source);
    writer.add(points[0].area(), date, kind.status(), &rows).unwrap();
    let files = writer.finish().unwrap();
    let file = MeterFile {
        name: format!("{mark}.zip"),
        octets: 1,
        kind,
        area: points[0].area(),
        date,
        slot: None,
        revision: 0,
        part: 0,
        created: None,
        taken: "2026-05-02T03:00:00".parse().unwrap(),
        register,
        rows: rows.len() as u64,
        missing: 0,
        rejected: 0,
        quarantined: 0,
        points: rows.len() as u64,
        whole: true,
        digest,
    };
    store.commit(|tx| tx.put_meter_file(&file, &files, &[])).unwrap();
}

/// Every Parquet file below a folder.
fn parquet(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { parquet(&path) } else { vec![path] }).collect()
}

/// The readings of a point with everything that is kept of them.
pub fn readings(store: &mut Store, point: SupplyPointId) -> Vec<String> {
    let query = ReadingQuery {
        from: "2026-01-01".parse().unwrap(),
        to: "2026-12-31".parse().unwrap(),
        points: Some(HashSet::from([point])),
    };
    let mut all = Vec::new();
    let told = |ranked: &occto::store::readings::RankedFile, rows: &DayRows, row: usize| {
        let slots = [1, 2, 3].map(|number| Slot::new(number).unwrap());
        let each = slots.map(|slot| (rows.has(row, slot), rows.own(row, slot), rows.whole(row, slot)));
        let control = rows.control_numbers.get(row).unwrap();
        all.push(format!("{} {control} {:?} {each:?}", ranked.file.date, rows.deducted[row]));
    };
    store.each_reading(&query, told).unwrap();
    all
}

#[test]
fn readings_are_told_to_the_customer_and_an_erasure_writes_their_files_anew_without_the_point() {
    let house = House::run_with(6, true, |_| {});
    let mine = house.rows[0].point;
    let neighbour = SupplyPointId::parse(&format!("{}0011100000{:010}", &mine.as_str()[..2], 7)).unwrap();
    let mut store = house.store();
    take(&mut store, MeteringKind::LowDay, "2026-04-20", &[mine, neighbour], "a");
    take(&mut store, MeteringKind::LowDay, "2026-04-21", &[mine], "b");
    take(&mut store, MeteringKind::LowDay, "2026-04-22", &[neighbour], "c");
    let (before, untouched) = (readings(&mut store, neighbour), readings(&mut store, mine));
    let seen = show_point(&mut store, None, (mine, None), ("担当 丁", house.now)).unwrap();
    assert_eq!(seen.date.to_string(), "2026-04-21");
    assert_eq!((before.len(), untouched.len()), (2, 2));
    drop(store);

    let name = house.name(0).to_owned();
    let Ok(Answered::Report(report)) = house.ask(0, &name, &Wish::Report) else { panic!("no report") };
    let Readings::Held(held) = &report.readings else { panic!("whose they are was not told") };
    let [daily] = &held[..] else { panic!("{held:?}") };
    assert_eq!((daily.status, daily.source), (ReadingStatus::Daily, Party::operator(mine.area())));
    assert_eq!((daily.from.to_string(), daily.to.to_string()), ("2026-04-20".to_owned(), "2026-04-21".to_owned()));
    assert_eq!((daily.days, daily.slots, daily.files), (2, 4, 2));
    let json = report.to_json();
    assert_eq!((&json["readings"][0]["basis"], &json["readings"][0]["days"]), (&"shared-use".into(), &2.into()));
    assert!(letter(&report).contains("2026-04-20～2026-04-21"));
    // The look is told as one, without who looked.
    let looks: Vec<_> = report.disclosed.iter().filter(|one| one.looked).collect();
    assert_eq!((looks.len(), looks[0].message.as_str()), (1, "meter-show"));
    assert!(letter(&report).contains("社内での30分値の閲覧") && !letter(&report).contains("丁"));
    assert!(!json.to_string().contains("丁"));

    let erased = house.ask(0, &name, &Wish::Erase);
    assert!(matches!(erased, Ok(Answered::Erased { dossiers: 1, readings: Some(2) })), "{erased:?}");
    assert_eq!(house.last_line()["readings-files"], 2);
    let mut store = house.store();
    assert!(readings(&mut store, mine).is_empty());
    assert!(store.readings_of_point(mine).unwrap().is_empty());
    // Everybody else's stay as they were, to the last detail.
    assert_eq!(readings(&mut store, neighbour), before);
    let left = parquet(&root(store.dir()));
    assert_eq!(left.len(), 2);
    for path in &left {
        let octets = std::fs::read(path).unwrap();
        let held = octets.windows(22).any(|part| part == mine.as_str().as_bytes());
        assert!(!held, "the point stands in a file of readings");
    }
    assert_eq!(store.sweep_readings().unwrap(), 0);
}

#[test]
fn readings_of_a_point_that_others_had_too_are_neither_told_nor_erased() {
    let house = House::run_with(4, true, |rows| {
        let other = occto::messages::switching::Application {
            receipt: rows[3].receipt.clone(),
            name: CustomerName::parse("別人　次郎").unwrap(),
            ..rows[0].clone()
        };
        rows[3] = other;
    });
    let mine = house.rows[0].point;
    let mut store = house.store();
    take(&mut store, MeteringKind::LowDay, "2026-04-20", &[mine], "a");
    let name = house.name(0).to_owned();
    drop(store);
    let Ok(Answered::Report(report)) = house.ask(0, &name, &Wish::Report) else { panic!("no report") };
    assert_eq!(report.readings, Readings::Shared);
    // The lines of the ledger are each person's own, too.
    assert!(matches!(house.ask(0, "別人　次郎", &Wish::Report), Ok(Answered::Report(_))));
    let lines_of = |name: &str| -> HashSet<u64> {
        let mut store = house.store();
        let (folders, erased) = store.read(|tx| find(tx, &house.key(0))).unwrap();
        let person = Customer::named(folders, erased, name).unwrap();
        let (lines, _) = lines_of_customer(&mut store, &person).unwrap();
        lines.iter().map(|line| line.seq).collect()
    };
    let (own, others) = (lines_of(&name), lines_of("別人　次郎"));
    assert!(!own.is_empty() && !others.is_empty() && own.is_disjoint(&others), "{own:?} {others:?}");
    assert!(letter(&report).contains("判別できない") && !letter(&report).contains("別人"));
    let erased = house.ask(0, &name, &Wish::Erase);
    assert!(matches!(erased, Ok(Answered::Erased { dossiers: 1, readings: None })), "{erased:?}");
    assert_eq!(house.last_line()["readings-files"], serde_json::Value::Null);
    assert_eq!(readings(&mut house.store(), mine).len(), 1);
}
