//! Taking files in, from zip to Parquet on two cores, against the slower of its two halves run alone: reading the zips,
//! and the `parquet` crate writing the same columns into memory, without digest, disk or catalogue.

use crate::generate::{Spec, document};
use crate::{median, time};
use occto::desk::metering::{IngestSettings, Intake, ingest};
use occto::messages::metering::{MeteringHeader, MeteringKind, MeteringShape, Rows};
use occto::rules::Finding;
use occto::store::Store;
use occto::store::readings::root;
use occto::wire::archive::{Archive, ArchiveLimits, write as zip};
use occto::wire::cii::{ReadSettings, Sink, read_from};
use parquet::basic::{Compression, Encoding};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::TypePtr;
use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Rows of each file.
const ROWS: usize = 300_000;
const FILES: usize = 4;
const ROUNDS: usize = 5;

/// A line of the table: figure, measured, wanted, met.
pub type Line = (String, String, &'static str, bool);

/// Measures low voltage in all three shapes; one line each.
pub fn figures() -> Vec<Line> {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let kinds = [MeteringKind::LowSlot, MeteringKind::LowDay, MeteringKind::LowMonth];
    kinds.map(|kind| figure(kind, &dir.path().join(kind.code()))).into()
}

fn figure(kind: MeteringKind, dir: &Path) -> Line {
    std::fs::create_dir(dir).unwrap();
    spread(dir);
    let files: Vec<PathBuf> = (0..FILES).map(|number| made(dir, kind, number)).collect();
    let first = dir.join("first");
    take(&mut Store::open(&first).unwrap(), &files);
    let columns: Vec<Columns> = parquet_files(&root(&first)).iter().map(|path| Columns::read(path)).collect();
    let (mut whole, mut reading, mut writing) = (Vec::new(), Vec::new(), Vec::new());
    let mut records = 0;
    for round in 0..ROUNDS {
        let mut store = Store::open(&dir.join(format!("data{round}"))).unwrap();
        whole.push(time(|| records = take(&mut store, &files)));
        reading.push(time(|| files.iter().for_each(|path| read_alone(path))));
        writing.push(time(|| columns.iter().for_each(Columns::write)));
    }
    let (whole, reading, writing) = (median(whole), median(reading), median(writing));
    let ratio = reading.max(writing).as_secs_f64() / whole.as_secs_f64();
    let rate = |time: Duration| records as f64 / time.as_secs_f64() / 1e6;
    (
        format!("{FILES} zips of {} with {records} records to Parquet ÷ the slower half alone", kind.code()),
        format!(
            "{ratio:.2} × ({:.1} M records/s; reading alone {:.1}, writing alone {:.1})",
            rate(whole),
            rate(reading),
            rate(writing)
        ),
        "≥ 0.5 ×",
        ratio >= 0.5,
    )
}

/// Lets the folders in a folder lie apart. Without a journal ext4 looks for a free inode past all that were removed there
/// lately, by the build or an earlier run: that can take longer than all the rest, and is nothing that is measured here.
/// Where it cannot be asked for, the figure is the lower.
fn spread(dir: &Path) {
    let _ = Command::new("chattr").arg("+T").arg(dir).stderr(Stdio::null()).status();
}

fn made(dir: &Path, kind: MeteringKind, number: usize) -> PathBuf {
    let (points, name) = match kind.shape() {
        MeteringShape::Slot => (ROWS, format!("W4{}202604010800{number:02}0000", kind.code())),
        MeteringShape::Day => (ROWS / 48, format!("W4{}202604010000{number:02}0000", kind.code())),
        MeteringShape::Month => (ROWS / 48 / 30, format!("W5{}20260401{number:02}00000", kind.code())),
    };
    let text = document(&Spec { seed: number as u64 + 1, ..Spec::new(kind, points) });
    let path = dir.join(format!("{name}.zip"));
    zip(File::create(&path).unwrap(), &format!("{name}.xml"), &text).unwrap();
    path
}

/// Takes everything in; gives the records.
fn take(store: &mut Store, files: &[PathBuf]) -> u64 {
    let now = "2026-04-02T03:00:00".parse().unwrap();
    let mut records = 0;
    ingest(store, None, files, &IngestSettings::default(), now, &|_| (), |file| {
        assert_eq!(file.outcome, Intake::Taken, "{:?}", file.findings);
        records += file.tally.read;
    })
    .unwrap();
    records
}

/// Takes what is read and keeps nothing.
struct Nothing;

impl Sink for Nothing {
    fn header(&mut self, header: &MeteringHeader) {
        black_box(header);
    }
    fn rows(&mut self, rows: Rows<'_>) {
        black_box(rows);
    }
    fn finding(&mut self, finding: Finding) {
        panic!("{finding}");
    }
}

fn read_alone(path: &Path) {
    let mut archive = Archive::open(File::open(path).unwrap(), &ArchiveLimits::default(), None).unwrap();
    read_from(archive.entry().unwrap(), &ReadSettings::default(), &mut Nothing).unwrap();
}

enum Column {
    Text(Vec<ByteArray>),
    Small(Vec<i32>, Vec<i16>),
    Number(Vec<i64>, Vec<i16>),
}

/// The columns of a file, row group by row group.
struct Columns {
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    groups: Vec<Vec<Column>>,
}

impl Columns {
    fn read(path: &Path) -> Columns {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let schema = Arc::new(reader.metadata().file_metadata().schema().clone());
        let mut groups = Vec::new();
        for index in 0..reader.num_row_groups() {
            let group = reader.get_row_group(index).unwrap();
            let rows = usize::try_from(group.metadata().num_rows()).unwrap();
            let column = |index| {
                let (mut small, mut numbers, mut texts, mut levels) = (vec![], vec![], vec![], vec![]);
                match group.get_column_reader(index).unwrap() {
                    ColumnReader::ByteArrayColumnReader(mut column) => {
                        column.read_records(rows, None, None, &mut texts).unwrap();
                        Column::Text(texts)
                    }
                    ColumnReader::Int32ColumnReader(mut column) => {
                        column.read_records(rows, Some(&mut levels), None, &mut small).unwrap();
                        Column::Small(small, levels)
                    }
                    ColumnReader::Int64ColumnReader(mut column) => {
                        column.read_records(rows, Some(&mut levels), None, &mut numbers).unwrap();
                        Column::Number(numbers, levels)
                    }
                    _ => panic!("a column of another type"),
                }
            };
            groups.push((0..group.num_columns()).map(column).collect());
        }
        // As the readings are written: energies as deltas, texts and keys by dictionary and snappy.
        let mut properties = WriterProperties::builder()
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_dictionary_enabled(false)
            .set_encoding(Encoding::DELTA_BINARY_PACKED);
        for column in reader.metadata().file_metadata().schema_descr().columns() {
            let name = column.name();
            if !name.starts_with("kwh") && !name.starts_with("whole") {
                properties = properties.set_column_dictionary_enabled(column.path().clone(), name != "point");
            }
            if ["point", "source", "control_number"].contains(&name) {
                properties = properties
                    .set_column_encoding(column.path().clone(), Encoding::PLAIN)
                    .set_column_compression(column.path().clone(), Compression::SNAPPY);
            }
        }
        Columns { schema, properties: Arc::new(properties.build()), groups }
    }

    fn write(&self) {
        let (schema, properties) = (Arc::clone(&self.schema), Arc::clone(&self.properties));
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
        for group in &self.groups {
            let mut out = writer.next_row_group().unwrap();
            for column in group {
                let mut to = out.next_column().unwrap().unwrap();
                match column {
                    Column::Text(values) => to.typed::<ByteArrayType>().write_batch(values, None, None),
                    Column::Small(values, levels) => to.typed::<Int32Type>().write_batch(values, given(levels), None),
                    Column::Number(values, levels) => to.typed::<Int64Type>().write_batch(values, given(levels), None),
                }
                .unwrap();
                to.close().unwrap();
            }
            out.close().unwrap();
        }
        black_box(writer.into_inner().unwrap());
    }
}

/// The levels of an optional column; a required one has none.
fn given(levels: &[i16]) -> Option<&[i16]> {
    (!levels.is_empty()).then_some(levels)
}

fn parquet_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(parquet_files(&path)) } else { found.push(path) }
    }
    found
}
