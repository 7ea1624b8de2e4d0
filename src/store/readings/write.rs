//! Readings written as Parquet: under a temporary name, brought to the disk, and only then under their own.

use super::folder::{self, ReadingsFile, Source};
use super::group::{Encoder, Window};
use super::settle::{Settler, Unnamed, Written, WrittenReadings};
use super::{DayRows, schema};
use crate::items::{Area, Code as _, Date};
use crate::messages::metering::ReadingStatus;
use crate::store::StoreError;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// So many rows make a row group: what a reader outside holds at once, and what it can skip by the range of points.
const GROUP: usize = 65_536;

type Key = (Area, Date, ReadingStatus);

/// 書込: the readings of one file of the operator after the other, each spread over areas, days and statuses.
///
/// Nothing is seen until [`Settler::settle`] or [`ReadingsWriter::finish`]; what is dropped before leaves nothing.
pub struct ReadingsWriter {
    root: PathBuf,
    source: Source,
    open: BTreeMap<Key, OpenFile>,
    encoder: Encoder,
}

struct OpenFile {
    writer: SerializedFileWriter<Unnamed>,
    rows: u64,
}

impl ReadingsWriter {
    /// Begins to write the readings of a file under a data folder.
    #[must_use]
    pub fn new(data: &Path, source: Source) -> ReadingsWriter {
        ReadingsWriter { root: folder::root(data), source, open: BTreeMap::new(), encoder: Encoder::default() }
    }

    /// Begins to write the readings of another file; what was not closed is gone.
    pub fn begin(&mut self, source: Source) {
        self.leave();
        self.source = source;
    }

    /// Leaves what was written and not closed: it is gone.
    pub fn leave(&mut self) {
        self.open.clear();
    }

    /// Writes rows of one area, day and status, in the order of their points.
    pub fn add(&mut self, area: Area, date: Date, status: ReadingStatus, rows: &DayRows) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let root = &self.root;
        let failed = |error: ParquetError| folder::failed(root, error);
        let key = (area, date, status);
        if !self.open.contains_key(&key) {
            let open = OpenFile::create(&self.root, key, &self.source)?;
            self.open.insert(key, open);
        }
        let Some(open) = self.open.get_mut(&key) else { return Ok(()) };
        let order = rows.order();
        let columns = open.writer.schema_descr().columns().to_vec();
        let mut from = 0;
        while from < rows.len() {
            let to = rows.len().min(from + GROUP);
            let mut group = open.writer.next_row_group().map_err(failed)?;
            let window = Window { rows, order: order.as_deref(), from, to };
            self.encoder.write(&mut group, &columns, &window, &self.source).map_err(failed)?;
            group.close().map_err(failed)?;
            from = to;
        }
        open.rows += rows.len() as u64;
        Ok(())
    }

    /// Writes the files of this source to their ends; they are still to be settled.
    pub fn close(&mut self) -> Result<WrittenReadings, StoreError> {
        let name = self.source.file_name();
        let open = std::mem::take(&mut self.open);
        let written = open.into_iter().map(|(key, open)| open.close(&self.root, key, name.clone()));
        Ok(WrittenReadings(written.collect::<Result<_, _>>()?))
    }

    /// Brings everything to the disk and gives it its name. What is written counts once the catalogue names it.
    pub fn finish(mut self) -> Result<Vec<ReadingsFile>, StoreError> {
        let written = self.close()?;
        let data = self.root.parent().unwrap_or(&self.root);
        let files = Settler::new(data).settle(vec![written])?;
        Ok(files.into_iter().flatten().collect())
    }
}

impl std::fmt::Debug for ReadingsWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadingsWriter({} files)", self.open.len())
    }
}

impl OpenFile {
    fn create(root: &Path, (area, date, status): Key, source: &Source) -> Result<OpenFile, StoreError> {
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
        let file = Unnamed::new(folder::place(root, area, date, status));
        let writer = schema::schema()
            .and_then(|schema| SerializedFileWriter::new(file, schema, schema::properties(about)))
            .map_err(|error| folder::failed(root, error))?;
        Ok(OpenFile { writer, rows: 0 })
    }

    fn close(mut self, root: &Path, (area, date, status): Key, name: String) -> Result<Written, StoreError> {
        let failed = |error: ParquetError| folder::failed(root, error);
        // `into_inner` would hide what the disk says of the last octets.
        self.writer.finish().map_err(failed)?;
        let file = std::mem::replace(self.writer.inner_mut(), Unnamed::new(PathBuf::new()));
        Ok(Written { file, area, date, status, name, rows: self.rows })
    }
}
