//! The columns of a file of readings: what is encoded once, what for every row group, and what for two columns at once is
//! read back alike, by us and by others.

use crate::readings::{day, kwh, paths, point, slot};
use occto::items::{Area, Slot, SlotSet};
use occto::messages::metering::{Allocation, MeteringKind, ReadingStatus};
use occto::store::readings::{DayRows, ReadingsWriter, Settler, Source, root};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use std::fs::File;
use std::path::Path;

fn source(number: u8) -> Source {
    Source {
        digest: format!("{number:02x}").repeat(32),
        register: String::new(),
        kind: MeteringKind::LowMonth,
        revision: number.into(),
        part: 1,
    }
}

/// What a file holds, row by row as text: every column but the names of its source.
fn lines(path: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
    let line = |row: parquet::record::Row| {
        let columns: Vec<String> = row.get_column_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(columns.len(), 105);
        assert_eq!(row.get_string(0).unwrap().len(), 22);
        columns.join(" ")
    };
    rows.map(line).collect()
}

/// What rows are to look like in a file.
fn expected(rows: &DayRows, source: &Source) -> Vec<String> {
    let order = rows.order().unwrap_or_else(|| (0..rows.len() as u32).collect());
    let text = |value: Option<occto::items::Energy>| match value {
        // As the crate shows a decimal: four places.
        Some(energy) => {
            let count = energy.ten_thousandths();
            format!(
                "{}{}.{:04}",
                if count < 0 { "-" } else { "" },
                count.unsigned_abs() / 10_000,
                count.unsigned_abs() % 10_000
            )
        }
        None => "null".to_owned(),
    };
    let line = |row: usize| {
        let allocation = rows.allocations[row]
            .map_or("null".to_owned(), |code| if code == Allocation::Whole { "1" } else { "2" }.to_owned());
        let mut line = format!(
            "point=\"{}\" control_number=\"{}\" allocation={allocation} revision={} part={} source=\"{}\" received={} available={} deducted={}",
            rows.points[row].as_str(),
            rows.control_numbers.get(row).unwrap(),
            source.revision,
            source.part,
            source.digest,
            rows.received[row].bits(),
            rows.given[row].bits(),
            text(rows.deducted[row]),
        );
        for slot in Slot::all() {
            line.push_str(&format!(" kwh_{:02}={}", slot.number(), text(rows.own(row, slot))));
        }
        for slot in Slot::all() {
            line.push_str(&format!(" whole_{:02}={}", slot.number(), text(rows.whole(row, slot))));
        }
        line
    };
    order.into_iter().map(|row| line(row as usize)).collect()
}

/// Writes rows of several days at once; gives the file of each.
fn written(dir: &Path, many: &[(&DayRows, Source)]) -> Vec<std::path::PathBuf> {
    let mut writer = ReadingsWriter::new(dir, many[0].1.clone());
    let mut closed = Vec::new();
    for (rows, source) in many {
        writer.begin(source.clone());
        writer.add(Area::Tokyo, day(), ReadingStatus::Fixed, rows).unwrap();
        closed.push(writer.close().unwrap());
    }
    let files = Settler::new(dir).settle(closed).unwrap();
    assert_eq!(files.len(), many.len());
    files.iter().map(|files| root(dir).join(&files[0].path)).collect()
}

#[test]
fn columns_of_every_kind_are_read_back_as_they_were() {
    let same = |number: u32| {
        let mut rows = DayRows::default();
        for id in 0..number {
            assert!(rows.push(point(3, id), "", None));
            for slot in Slot::all() {
                rows.set(id as usize, slot, kwh("1.25"), None);
            }
        }
        rows
    };
    // Own and whole alike, but for one slot; one slot with gaps; one without a value; a control number now and then.
    let mixed = |step: u32| {
        let mut rows = DayRows::default();
        for id in 0..40u32 {
            let control = if id % 3 == 0 { "A" } else { "" };
            let allocation = [None, Some(Allocation::Whole), Some(Allocation::Part)][id as usize % 3];
            assert!(rows.push(point(3, (id * step) % 41), control, allocation));
            let row = id as usize;
            for slot in Slot::all().filter(|slot| slot.number() < 47) {
                let energy = kwh(&format!("{}.{:02}", id, slot.number()));
                rows.set(row, slot, energy, if slot.number() == 3 { kwh("9") } else { energy });
            }
            rows.set(row, slot(47), (id % 2 == 0).then(|| kwh("-0.0001").unwrap()), kwh("7"));
            rows.deducted[row] = (id == 5).then(|| kwh("2.5").unwrap());
        }
        rows
    };
    let mut twins = mixed(1);
    for row in 0..twins.len() {
        twins.set(row, slot(3), kwh("9"), kwh("9"));
        twins.set(row, slot(47), None, None);
    }
    let empty = {
        let mut rows = DayRows::default();
        assert!(rows.push(point(3, 1), "", None));
        (rows.received[0], rows.given[0]) = (SlotSet::of(slot(1)), SlotSet::EMPTY);
        rows
    };
    let many = [same(3), same(3), same(4), mixed(1), mixed(7), twins, empty];
    let many: Vec<_> = many.iter().zip(1..).map(|(rows, number)| (rows, source(number))).collect();
    let dir = tempfile::tempdir().unwrap();
    for (path, (rows, source)) in written(dir.path(), &many).iter().zip(&many) {
        assert_eq!(lines(path), expected(rows, source), "{source:?}");
    }
}

#[test]
fn row_groups_of_one_file_are_encoded_once_and_read_back_each() {
    let mut rows = DayRows::default();
    for id in 0..140_000 {
        assert!(rows.push(point(3, id), "", None));
        rows.set(id as usize, slot(17), kwh(if id == 70_000 { "2" } else { "1" }), None);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), &[(&rows, source(1))]).remove(0);
    let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let counts: Vec<_> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(counts, [65_536, 65_536, 8_928]);
    for group in reader.metadata().row_groups() {
        let nulls = |column: usize| group.column(column).statistics().unwrap().null_count_opt();
        let all = u64::try_from(group.num_rows()).unwrap();
        assert_eq!((nulls(9), nulls(9 + 16), nulls(9 + 48 + 16)), (Some(all), Some(0), Some(all)));
    }
    assert_eq!(lines(&path), expected(&rows, &source(1)));
    assert_eq!(paths(&root(dir.path())).iter().filter(|path| path.is_file()).count(), 1);
}
