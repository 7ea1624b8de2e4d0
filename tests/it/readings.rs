//! Readings: what is written is read back, the latest status counts, and what was not written whole counts nowhere.

use occto::items::{Area, Date, DateTime, Energy, Slot, SlotSet, SupplyPointId};
use occto::messages::metering::{Allocation, MeteringKind, ReadingStatus};
use occto::store::readings::{
    CurrentDay, DayRows, MeterFile, ReadingQuery, ReadingsFile, ReadingsWriter, Source, root,
};
use occto::store::{Store, StoreError};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

pub fn point(area: u8, number: u32) -> SupplyPointId {
    SupplyPointId::parse(&format!("{area:02}0011100000{number:010}")).unwrap()
}

pub fn slot(number: u8) -> Slot {
    Slot::new(number).unwrap()
}

pub fn kwh(text: &str) -> Option<Energy> {
    Some(Energy::parse(text).unwrap())
}

pub fn day() -> Date {
    "2026-04-01".parse().unwrap()
}

fn moment() -> DateTime {
    "2026-04-02T03:00:00".parse().unwrap()
}

/// One file of the operator that leaves rows of one area and day.
struct Taken {
    kind: MeteringKind,
    revision: u32,
    rows: DayRows,
}

impl Taken {
    fn new(kind: MeteringKind, revision: u32) -> Taken {
        Taken { kind, revision, rows: DayRows::default() }
    }
    /// Adds a row: `None` is a slot received without a value.
    fn row(mut self, id: SupplyPointId, control: &str, slots: &[(u8, Option<&str>)]) -> Taken {
        let row = self.rows.len();
        assert!(self.rows.push(id, control, None));
        for (number, energy) in slots {
            self.rows.set(row, slot(*number), energy.and_then(kwh), None);
        }
        self
    }
    fn source(&self, digest: u64) -> Source {
        Source {
            digest: format!("{digest:064x}").chars().rev().collect(),
            register: String::new(),
            kind: self.kind,
            revision: self.revision,
            part: 0,
        }
    }
    fn keep(&self, store: &mut Store, digest: u64) -> Vec<ReadingsFile> {
        let source = self.source(digest);
        let mut writer = ReadingsWriter::new(store.dir(), source.clone());
        writer.add(self.rows.points[0].area(), day(), self.kind.status(), &self.rows).unwrap();
        let files = writer.finish().unwrap();
        let file = MeterFile {
            digest: source.digest,
            name: format!("{digest}.zip"),
            octets: 1,
            kind: self.kind,
            area: Area::Tokyo,
            date: day(),
            slot: None,
            revision: self.revision,
            part: 0,
            created: None,
            taken: moment(),
            register: String::new(),
            rows: 1,
            missing: 0,
            rejected: 0,
            quarantined: 0,
            points: 1,
            whole: true,
        };
        store.commit(|tx| tx.put_meter_file(&file, &files, &[])).unwrap();
        files
    }
}

fn query() -> ReadingQuery {
    ReadingQuery { from: day(), to: day(), points: None }
}

fn current(store: &mut Store) -> CurrentDay {
    let mut days: Vec<_> = store.current_readings(&query()).unwrap().map(Result::unwrap).collect();
    assert_eq!(days.len(), 1);
    days.remove(0)
}

/// A data folder in a folder of its own, where its keys have room beside it.
struct Place(PathBuf, #[allow(dead_code, reason = "it goes when it is dropped")] tempfile::TempDir);

impl Place {
    fn path(&self) -> &Path {
        &self.0
    }
}

fn store() -> (Place, Store) {
    let dir = tempfile::tempdir().unwrap();
    let place = Place(dir.path().join("data"), dir);
    let store = Store::open(place.path()).unwrap();
    (place, store)
}

/// Every path below a folder.
pub fn paths(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(paths(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn what_is_written_is_read_back() {
    let (_dir, mut store) = store();
    let mut taken = Taken::new(MeteringKind::LowDay, 3)
        .row(point(3, 9), "", &[(1, Some("0.1234")), (2, None), (48, Some("99999999.9999"))])
        .row(point(3, 1), "M-1", &[(1, Some("0"))])
        .row(point(3, 1), "計器2", &[(7, Some("-0.5"))]);
    taken.rows.allocations[1] = Some(Allocation::Part);
    taken.rows.set(1, slot(5), kwh("1.5"), kwh("4"));
    taken.rows.deducted[1] = kwh("2.5");
    taken.keep(&mut store, 1);
    let mut read = DayRows::default();
    store
        .each_reading(&query(), |file, rows, row| {
            assert_eq!((file.revision, file.file.status, file.file.area), (3, ReadingStatus::Daily, Area::Tokyo));
            let to = read.len();
            assert!(read.push(rows.points[row], rows.control_numbers.get(row).unwrap(), rows.allocations[row]));
            read.deducted[to] = rows.deducted[row];
            for slot in Slot::all() {
                assert_eq!(rows.own(row, slot).is_some(), rows.given[row].contains(slot));
                read.set(to, slot, rows.own(row, slot), rows.whole(row, slot));
            }
            read.received[to] = rows.received[row];
        })
        .unwrap();
    // In the order of the points.
    for (to, from) in [1, 2, 0].into_iter().enumerate() {
        assert_eq!(read.points[to], taken.rows.points[from]);
        assert_eq!(read.control_numbers.get(to), taken.rows.control_numbers.get(from));
        assert_eq!(read.allocations[to], taken.rows.allocations[from]);
        assert_eq!(read.deducted[to], taken.rows.deducted[from]);
        assert_eq!(read.received[to], taken.rows.received[from]);
        for slot in Slot::all() {
            assert_eq!(read.own(to, slot), taken.rows.own(from, slot));
            assert_eq!(read.whole(to, slot), taken.rows.whole(from, slot));
        }
    }
}

#[test]
fn the_latest_status_counts_slot_by_slot_in_whatever_order_files_come() {
    let one = point(3, 1);
    let preliminary = Taken::new(MeteringKind::LowSlot, 9).row(
        one,
        "",
        &[(1, Some("1")), (2, Some("1")), (3, Some("1")), (4, Some("1")), (6, None)],
    );
    let daily = Taken::new(MeteringKind::LowDay, 0).row(one, "", &[(2, Some("2")), (3, Some("2")), (4, None)]);
    let revised = Taken::new(MeteringKind::LowDay, 1).row(one, "", &[(2, None), (3, Some("2.5"))]);
    let fixed = Taken::new(MeteringKind::LowMonth, 0).row(one, "", &[(3, Some("3"))]);
    let orders: [[usize; 4]; 3] = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]];
    for order in orders {
        let (_dir, mut store) = store();
        for index in order {
            [&preliminary, &daily, &revised, &fixed][index].keep(&mut store, index as u64 + 1);
        }
        let day = current(&mut store);
        let slots = day.slots[0];
        let got: Vec<_> = (1..=6).map(|n| (day.get(0, slot(n)), slots.status(slot(n)))).collect();
        let is = |text: &str, status| (kwh(text), Some(status));
        assert_eq!(
            got,
            [
                is("1", ReadingStatus::Preliminary),
                is("1", ReadingStatus::Preliminary), // the revision took the value of the daily file back
                is("3", ReadingStatus::Fixed),
                is("1", ReadingStatus::Preliminary), // 確報 says that it has no value
                (None, None),
                (None, None),
            ],
            "{order:?}"
        );
        assert_eq!(
            slots.received_as(ReadingStatus::Daily),
            [2, 3, 4].map(slot).into_iter().map(SlotSet::of).fold(SlotSet::EMPTY, SlotSet::union)
        );
        let mut history = Vec::new();
        store.each_reading(&query(), |file, _, _| history.push((file.file.status, file.revision))).unwrap();
        let status = [ReadingStatus::Preliminary, ReadingStatus::Daily, ReadingStatus::Daily, ReadingStatus::Fixed];
        assert_eq!(history, status.into_iter().zip([9, 0, 1, 0]).collect::<Vec<_>>(), "nothing is lost");
    }
}

#[test]
fn rows_apart_by_their_control_number_are_summed() {
    let (_dir, mut store) = store();
    Taken::new(MeteringKind::HighDay, 0)
        .row(point(3, 1), "A", &[(1, Some("1.5")), (2, Some("1")), (3, Some("1"))])
        .row(point(3, 1), "B", &[(1, Some("2.25")), (2, None)])
        .keep(&mut store, 1);
    let day = current(&mut store);
    assert_eq!((day.len(), day.get(0, slot(1))), (1, kwh("3.75")));
    assert_eq!(day.get(0, slot(2)), None, "a sum over a gap is none");
    assert_eq!((day.get(0, slot(3)), day.slots[0].uneven), (kwh("1"), SlotSet::of(slot(3))));
}

#[test]
fn of_a_whole_and_a_part_the_part_is_ones_own() {
    let (_dir, mut store) = store();
    let mut taken = Taken::new(MeteringKind::LowMonth, 0).row(point(3, 1), "", &[(1, Some("5"))]).row(
        point(3, 1),
        "",
        &[(1, Some("2"))],
    );
    taken.rows.allocations = vec![Some(Allocation::Whole), Some(Allocation::Part)];
    taken.keep(&mut store, 1);
    assert_eq!(current(&mut store).get(0, slot(1)), kwh("2"));
}

#[test]
fn only_the_points_asked_for_are_read() {
    let (_dir, mut store) = store();
    let mut taken = Taken::new(MeteringKind::LowDay, 0);
    for number in 0..500 {
        taken = taken.row(point(3, number), "", &[(1, Some("1"))]);
    }
    taken.keep(&mut store, 1);
    let points = Some(HashSet::from([point(3, 77), point(3, 499), point(3, 7777), point(4, 77)]));
    let asked = ReadingQuery { points, ..query() };
    let days: Vec<_> = store.current_readings(&asked).unwrap().map(Result::unwrap).collect();
    assert_eq!(days[0].points, [point(3, 77), point(3, 499)]);
    let elsewhere = ReadingQuery { points: Some(HashSet::from([point(4, 77)])), ..query() };
    assert_eq!(store.current_readings(&elsewhere).unwrap().count(), 0);
}

#[test]
fn nothing_of_a_supply_point_stands_in_a_name_and_only_the_owner_may_enter() {
    let (dir, mut store) = store();
    Taken::new(MeteringKind::LowDay, 0).row(point(3, 4_711), "", &[(1, Some("1"))]).keep(&mut store, 1);
    let found = paths(&root(dir.path()));
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|path| !path.to_str().unwrap().contains("4711")));
    let expected = "readings/area=03/date=2026-04-01/status=daily/1000000000000000-00000000.parquet";
    assert!(found.iter().any(|path| path.ends_with(expected)), "{found:?}");
    #[cfg(unix)]
    for path in found {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
}

#[test]
fn what_was_not_written_whole_counts_nowhere_and_is_swept() {
    let (dir, mut store) = store();
    let kept = Taken::new(MeteringKind::LowDay, 0).row(point(3, 1), "", &[(1, Some("1"))]);
    kept.keep(&mut store, 1);
    // Stopped while writing: nothing but a temporary file, gone with its writer.
    let mut large = Taken::new(MeteringKind::LowDay, 0);
    for number in 0..20_000 {
        let energy = format!("0.{:04}", u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 51);
        large = large.row(point(3, number * 7), "", &[(1, Some(&energy)), (2, Some(&energy)), (3, Some(&energy))]);
    }
    let mut writer = ReadingsWriter::new(dir.path(), kept.source(2));
    writer.add(Area::Tokyo, day(), ReadingStatus::Daily, &large.rows).unwrap();
    assert_eq!(paths(&root(dir.path())).len(), 5);
    drop(writer);
    assert_eq!(paths(&root(dir.path())).len(), 4);
    // A small one lies nowhere until it is settled.
    let mut writer = ReadingsWriter::new(dir.path(), kept.source(2));
    writer.add(Area::Tokyo, day(), ReadingStatus::Daily, &kept.rows).unwrap();
    let written = writer.close().unwrap();
    assert_eq!((written.open(), paths(&root(dir.path())).len()), (0, 4));
    drop(written);
    assert_eq!(paths(&root(dir.path())).len(), 4);
    // Stopped between the rename and the catalogue.
    let mut writer = ReadingsWriter::new(dir.path(), kept.source(3));
    writer.add(Area::Tokyo, day(), ReadingStatus::Fixed, &kept.rows).unwrap();
    let orphan = writer.finish().unwrap().remove(0);
    assert!(root(dir.path()).join(&orphan.path).exists());
    assert_eq!(current(&mut store).slots[0].status(slot(1)), Some(ReadingStatus::Daily));
    assert_eq!(store.sweep_readings().unwrap(), 1);
    assert!(!root(dir.path()).join(&orphan.path).exists());
    assert_eq!(store.sweep_readings().unwrap(), 0);
    assert_eq!(current(&mut store).get(0, slot(1)), kwh("1"));
}

#[test]
fn a_damaged_file_is_named_and_never_read() {
    let (dir, mut store) = store();
    let files = Taken::new(MeteringKind::LowDay, 0).row(point(3, 1), "", &[(1, Some("1"))]).keep(&mut store, 1);
    let path = root(dir.path()).join(&files[0].path);
    let sound = fs::read(&path).unwrap();
    let mut fault = |octets: Option<&[u8]>| {
        match octets {
            Some(octets) => fs::write(&path, octets).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let error = store.current_readings(&query()).unwrap().next().unwrap().unwrap_err();
        assert!(matches!(&error, StoreError::Readings { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(&files[0].path) && text.contains("meter ingest"), "{text}");
        text
    };
    for place in (0..sound.len()).step_by(97) {
        let mut flipped = sound.clone();
        flipped[place] ^= 0x10;
        assert!(fault(Some(&flipped)).contains("書き換わっています"));
    }
    assert!(fault(Some(&sound[..sound.len() / 2])).contains("大きさ"));
    assert!(fault(Some(b"")).contains("大きさ"));
    assert!(fault(None).contains("ありません"));
}

/// What another program says of a folder of readings; nothing, said plainly, where it is not there. In CI it must be.
fn python(package: &str, script: &str, dir: &Path) -> Option<String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = std::process::Command::new(&python).args(["-c", &format!("import {package}")]).output();
    if !there.is_ok_and(|there| there.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "CI needs python3 with {package}");
        eprintln!("skipped: python3 has no {package} (pip install {package})");
        return None;
    }
    let ran = std::process::Command::new(python).args(["-c", script]).current_dir(dir).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(String::from_utf8(ran.stdout).unwrap().replace("\r\n", "\n"))
}

/// A folder with two statuses, a revision, a gap and a partial supply.
fn folder_for_others() -> Place {
    let (dir, mut store) = store();
    let id = point(3, 1);
    Taken::new(MeteringKind::LowSlot, 0).row(id, "", &[(1, Some("0.1")), (2, Some("0.2"))]).keep(&mut store, 1);
    Taken::new(MeteringKind::LowDay, 0).row(id, "", &[(1, Some("12345678.1234")), (3, None)]).keep(&mut store, 2);
    let mut revised = Taken::new(MeteringKind::LowDay, 1).row(id, "", &[(1, Some("-0.0001"))]);
    revised.rows.set(0, slot(48), kwh("1.5"), kwh("4"));
    revised.rows.deducted[0] = kwh("2.5");
    revised.keep(&mut store, 3);
    dir
}

#[test]
fn duckdb_opens_the_folder_with_exact_decimals() {
    let script = "import duckdb\n\
        o = \"read_parquet('readings/**/*.parquet', hive_partitioning=true, hive_types={'area': VARCHAR, 'date': DATE})\"\n\
        rows = duckdb.sql(f'select area, date, status, revision, point, kwh_01, kwh_03, kwh_48, whole_48, deducted, received, available from {o} order by status desc, revision').fetchall()\n\
        print('\\n'.join('|'.join(map(str, row)) for row in rows))\n\
        print(duckdb.sql(f'select typeof(kwh_01) from {o} limit 1').fetchall()[0][0])\n\
        best = f\"\"\"select kwh_01 from {o} where received & 1 = 1 qualify row_number() over (partition by point, control_number, date order by list_position(['preliminary', 'daily', 'fixed'], status) desc, revision desc, part desc) = 1\"\"\"\n\
        print(duckdb.sql(best).fetchall())";
    let Some(said) = python("duckdb", script, folder_for_others().path()) else { return };
    assert_eq!(
        said,
        "03|2026-04-01|preliminary|0|0300111000000000000001|0.1000|None|None|None|None|3|3\n\
         03|2026-04-01|daily|0|0300111000000000000001|12345678.1234|None|None|None|None|5|1\n\
         03|2026-04-01|daily|1|0300111000000000000001|-0.0001|None|1.5000|4.0000|2.5000|140737488355329|140737488355329\n\
         DECIMAL(18,4)\n\
         [(Decimal('-0.0001'),)]\n"
    );
}

#[test]
fn the_query_of_the_readme_gives_what_counts() {
    let place = tempfile::tempdir().unwrap();
    let mut store = Store::open(&place.path().join("occto-data")).unwrap();
    let daily =
        |revision, energy| Taken::new(MeteringKind::LowDay, revision).row(point(3, 1), "A", &[(1, Some(energy))]);
    Taken::new(MeteringKind::LowSlot, 3).row(point(3, 1), "", &[(1, Some("9"))]).keep(&mut store, 1);
    Taken::new(MeteringKind::LowSlot, 0).row(point(3, 2), "", &[(1, Some("0.25"))]).keep(&mut store, 2);
    daily(0, "1").row(point(3, 1), "B", &[(1, Some("2.5"))]).keep(&mut store, 3);
    daily(1, "1.5").keep(&mut store, 4);
    let current = current(&mut store);
    let ours: Vec<_> = (0..2).map(|row| current.get(row, slot(1))).collect();
    assert_eq!(ours, [kwh("4"), kwh("0.25")]);
    let readme = include_str!("../../README.md");
    let query = readme.split_once("```sql\n").unwrap().1.split_once("```").unwrap().0;
    let script = format!("import duckdb\nfor r in duckdb.sql(\"\"\"{query}\"\"\").fetchall(): print(*r)");
    let Some(said) = python("duckdb", &script, place.path()) else { return };
    assert_eq!(said, "0300111000000000000001 4.0000 daily\n0300111000000000000002 0.2500 preliminary\n");
}

#[test]
fn pyarrow_opens_the_folder_and_a_file_with_exact_decimals() {
    let script = "import pyarrow.parquet as pq, pyarrow.dataset as ds, glob\n\
        t = ds.dataset('readings', format='parquet', partitioning='hive').to_table().to_pylist()\n\
        t.sort(key=lambda r: (r['status'], r['revision']), reverse=True)\n\
        for r in t: print(r['area'], r['date'], r['status'], r['revision'], r['kwh_01'], r['kwh_02'], r['whole_48'], r['allocation'], repr(r['control_number']))\n\
        f = pq.ParquetFile(sorted(glob.glob('readings/**/*.parquet', recursive=True))[-1])\n\
        print(f.schema_arrow.field('kwh_48').type, f.schema_arrow.field('point').type, f.schema_arrow.field('received').type, len(f.schema_arrow))\n\
        m = f.metadata.metadata\n\
        print(m[b'occto.area'].decode(), m[b'occto.date'].decode(), m[b'occto.status'].decode(), m[b'occto.kind'].decode())";
    let Some(said) = python("pyarrow", script, folder_for_others().path()) else { return };
    assert_eq!(
        said,
        "3 2026-04-01 preliminary 0 0.1000 0.2000 None None ''\n\
         3 2026-04-01 daily 1 -0.0001 None 4.0000 None ''\n\
         3 2026-04-01 daily 0 12345678.1234 None None None ''\n\
         decimal128(18, 4) string int64 105\n\
         03 2026-04-01 preliminary 1110\n"
    );
}
