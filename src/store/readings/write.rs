//! Readings written as Parquet: under a temporary name, brought to the disk, and only then under their own.

use super::folder::{self, ReadingsFile, Source};
use super::{DayRows, SlotColumns, schema};
use crate::items::{Area, Code as _, Date, Slot, SlotSet};
use crate::messages::metering::ReadingStatus;
use crate::store::{StoreError, hex};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// So many rows make a row group: what a reader outside holds at once, and what it can skip by the range of points.
const GROUP: usize = 65_536;

/// Counts and digests what goes into a file.
struct Digesting {
    /// Nothing once it was taken out.
    file: Option<NamedTempFile>,
    digest: Sha256,
    octets: u64,
}

impl Write for Digesting {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.file.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write(octets)?;
        self.digest.update(octets.get(..written).unwrap_or_default());
        self.octets += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// 書込: the readings of one file of the operator, spread over areas, days and statuses.
///
/// Nothing is seen until [`ReadingsWriter::finish`]; a writer that is dropped before leaves nothing.
pub struct ReadingsWriter {
    root: PathBuf,
    source: Source,
    open: BTreeMap<(Area, Date, ReadingStatus), OpenFile>,
}

struct OpenFile {
    writer: SerializedFileWriter<Digesting>,
    rows: u64,
}

impl ReadingsWriter {
    /// Begins to write the readings of a file under a data folder.
    #[must_use]
    pub fn new(data: &Path, source: Source) -> ReadingsWriter {
        ReadingsWriter { root: folder::root(data), source, open: BTreeMap::new() }
    }

    /// Writes rows of one area, day and status, in the order of their points.
    pub fn add(&mut self, area: Area, date: Date, status: ReadingStatus, rows: &DayRows) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let failed = |root: &Path, error: ParquetError| folder::failed(root, error);
        let key = (area, date, status);
        if !self.open.contains_key(&key) {
            let open = OpenFile::create(&self.root, key, &self.source)?;
            self.open.insert(key, open);
        }
        let Some(open) = self.open.get_mut(&key) else { return Ok(()) };
        let order = rows.order();
        let mut from = 0;
        while from < rows.len() {
            let to = rows.len().min(from + GROUP);
            let mut group = open.writer.next_row_group().map_err(|error| failed(&self.root, error))?;
            let window = Window { rows, order: order.as_deref(), from, to };
            write_group(&mut group, &window, &self.source).map_err(|error| failed(&self.root, error))?;
            group.close().map_err(|error| failed(&self.root, error))?;
            from = to;
        }
        open.rows += rows.len() as u64;
        Ok(())
    }

    /// Brings everything to the disk and gives it its name. What is written counts once the catalogue names it.
    pub fn finish(self) -> Result<Vec<ReadingsFile>, StoreError> {
        let mut files = Vec::with_capacity(self.open.len());
        let mut folders = Vec::new();
        for ((area, date, status), open) in self.open {
            let (file, folder) = open.finish(&self.root, (area, date, status), &self.source)?;
            files.push(file);
            folders.push(folder);
        }
        folders
            .iter()
            .try_for_each(|folder| folder::sync(folder))
            .map_err(|error| folder::named(&self.root, &error))?;
        Ok(files)
    }
}

impl std::fmt::Debug for ReadingsWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadingsWriter({} files)", self.open.len())
    }
}

impl OpenFile {
    fn create(
        root: &Path,
        (area, date, status): (Area, Date, ReadingStatus),
        source: &Source,
    ) -> Result<OpenFile, StoreError> {
        let folder = folder::place(root, area, date, status);
        let named = |error: io::Error| folder::named(root, &error);
        crate::store::private_folder(&folder).map_err(named)?;
        let file = Some(folder::temporary(&folder).map_err(named)?);
        let about = vec![
            ("occto.form", "1".to_owned()),
            ("occto.area", area.key().to_owned()),
            ("occto.date", date.to_string()),
            ("occto.status", status.key().to_owned()),
            ("occto.kind", source.kind.code().to_owned()),
            ("occto.revision", source.revision.to_string()),
            ("occto.part", source.part.to_string()),
            ("occto.source", source.digest.clone()),
        ];
        let digesting = Digesting { file, digest: Sha256::new(), octets: 0 };
        let writer = schema::schema()
            .and_then(|schema| SerializedFileWriter::new(digesting, schema, schema::properties(about)))
            .map_err(|error| folder::failed(root, error))?;
        Ok(OpenFile { writer, rows: 0 })
    }

    fn finish(
        mut self,
        root: &Path,
        (area, date, status): (Area, Date, ReadingStatus),
        source: &Source,
    ) -> Result<(ReadingsFile, PathBuf), StoreError> {
        // `into_inner` would hide what the disk says of the last octets.
        self.writer.finish().map_err(|error| folder::failed(root, error))?;
        let written = self.writer.inner_mut();
        let (digest, octets) = (std::mem::take(&mut written.digest), written.octets);
        let file = written.file.take().ok_or(StoreError::Disk(root.to_owned()))?;
        let named = |error: io::Error| folder::named(root, &error);
        file.as_file().sync_all().map_err(named)?;
        let folder = folder::place(root, area, date, status);
        let name = source.file_name();
        file.persist(folder.join(&name)).map_err(|error| named(error.error))?;
        let file = ReadingsFile {
            path: folder::relative(area, date, status, &name),
            area,
            date,
            status,
            rows: self.rows,
            octets,
            digest: hex(&digest.finalize()),
        };
        Ok((file, folder))
    }
}

/// Some of the rows, in the order in which they are written.
struct Window<'a> {
    rows: &'a DayRows,
    order: Option<&'a [u32]>,
    from: usize,
    to: usize,
}

impl Window<'_> {
    fn len(&self) -> usize {
        self.to - self.from
    }
    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let place = |at: usize| self.order.and_then(|order| order.get(at)).map_or(at, |row| *row as usize);
        (self.from..self.to).map(place)
    }
    fn sets(&self, sets: &[SlotSet]) -> Vec<i64> {
        self.iter().map(|row| sets.get(row).copied().unwrap_or_default().bits().cast_signed()).collect()
    }
}

/// Memory that every column uses again.
#[derive(Default)]
struct Scratch {
    values: Vec<i64>,
    levels: Vec<i16>,
}

fn write_group<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    window: &Window<'_>,
    source: &Source,
) -> Result<(), ParquetError> {
    let rows = window.rows;
    let text = |of: &dyn Fn(usize) -> Vec<u8>| window.iter().map(|row| ByteArray::from(of(row))).collect::<Vec<_>>();
    let points = text(&|row| rows.points.get(row).map_or_else(Vec::new, |point| point.as_str().into()));
    write_column::<ByteArrayType>(group, &points, None)?;
    let controls = text(&|row| rows.control_numbers.get(row).unwrap_or_default().into());
    write_column::<ByteArrayType>(group, &controls, None)?;

    let allocation = |row: usize| rows.allocations.get(row).copied().flatten();
    let levels: Vec<i16> = window.iter().map(|row| i16::from(allocation(row).is_some())).collect();
    let codes: Vec<i32> = window.iter().filter_map(allocation).filter_map(|code| code.key().parse().ok()).collect();
    write_column::<Int32Type>(group, &codes, Some(&levels))?;

    let same = |number: u32| vec![number.cast_signed(); window.len()];
    write_column::<Int32Type>(group, &same(source.revision), None)?;
    write_column::<Int32Type>(group, &same(source.part), None)?;
    let digest = ByteArray::from(source.digest.as_str());
    write_column::<ByteArrayType>(group, &vec![digest; window.len()], None)?;
    write_column::<Int64Type>(group, &window.sets(&rows.received), None)?;
    write_column::<Int64Type>(group, &window.sets(&rows.given), None)?;

    let deducted = |row: usize| rows.deducted.get(row).copied().flatten();
    let levels: Vec<i16> = window.iter().map(|row| i16::from(deducted(row).is_some())).collect();
    let shares: Vec<i64> = window.iter().filter_map(deducted).map(|share| share.ten_thousandths()).collect();
    write_column::<Int64Type>(group, &shares, Some(&levels))?;

    let mut scratch = Scratch::default();
    write_slots(group, window, &rows.own, &rows.given, &mut scratch)?;
    write_slots(group, window, &rows.whole, &rows.whole_given, &mut scratch)
}

fn write_slots<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    window: &Window<'_>,
    energies: &SlotColumns,
    given: &[SlotSet],
    scratch: &mut Scratch,
) -> Result<(), ParquetError> {
    for slot in Slot::all() {
        let column = energies.column(slot);
        scratch.values.clear();
        scratch.levels.clear();
        for row in window.iter() {
            let there = given.get(row).is_some_and(|given| given.contains(slot));
            scratch.levels.push(i16::from(there));
            if there {
                scratch.values.push(column.get(row).copied().unwrap_or(0));
            }
        }
        write_column::<Int64Type>(group, &scratch.values, Some(&scratch.levels))?;
    }
    Ok(())
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("a column too many".to_owned()));
    };
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}
