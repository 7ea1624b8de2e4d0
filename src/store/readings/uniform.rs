//! Columns that hold the same in every row: encoded once, and laid into every row group that has them.
//!
//! Of the 105 columns of a file of one slot, 95 energies hold nothing, and 8 others say the same in every row.

use super::schema;
use bytes::Bytes;
use parquet::column::writer::{ColumnCloseResult, ColumnWriterImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::collections::HashMap;
use std::io::Write;

/// So many encoded columns are kept; the sizes of row groups repeat, so that few are needed.
const KEPT: usize = 512;

/// What every row holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Same {
    /// No small number.
    NoSmall,
    /// No number.
    NoNumber,
    Small(i32),
    Number(i64),
    Text(Box<[u8]>),
}

/// Which columns are written alike: by their place, the energies together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Alike {
    Energies,
    Place(usize),
}

/// The columns that were encoded, with what they hold and how often.
pub(super) struct Uniform {
    pub properties: WriterPropertiesPtr,
    kept: HashMap<(Alike, Same, usize), Encoded>,
}

impl Default for Uniform {
    fn default() -> Uniform {
        Uniform { properties: schema::properties(Vec::new()), kept: HashMap::new() }
    }
}

impl Uniform {
    /// Writes the next column of a row group, the same in every row.
    pub(super) fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        column: &ColumnDescPtr,
        alike: Alike,
        same: Same,
        rows: usize,
    ) -> Result<()> {
        let key = (alike, same, rows);
        let encoded = match self.kept.get(&key) {
            Some(encoded) => encoded,
            None => {
                if self.kept.len() >= KEPT {
                    self.kept.clear();
                }
                let encoded = self.encode(column, &key.1, rows)?;
                self.kept.entry(key).or_insert(encoded)
            }
        };
        encoded.append(group, column)
    }

    fn encode(&self, column: &ColumnDescPtr, same: &Same, rows: usize) -> Result<Encoded> {
        let none = || Some(vec![0; rows]);
        let given = || (column.max_def_level() > 0).then(|| vec![1; rows]);
        match same {
            Same::NoSmall => self.encode_as::<Int32Type>(column, &[], none()),
            Same::NoNumber => self.encode_as::<Int64Type>(column, &[], none()),
            Same::Small(value) => self.encode_as::<Int32Type>(column, &vec![*value; rows], given()),
            Same::Number(value) => self.encode_as::<Int64Type>(column, &vec![*value; rows], given()),
            Same::Text(text) => {
                let text = ByteArray::from(text.to_vec());
                self.encode_as::<ByteArrayType>(column, &vec![text; rows], given())
            }
        }
    }

    fn encode_as<T: DataType>(
        &self,
        column: &ColumnDescPtr,
        values: &[T::T],
        levels: Option<Vec<i16>>,
    ) -> Result<Encoded> {
        Encoded::new::<T>(column, &self.properties, values, levels.as_deref())
    }
}

/// A column of a row group as it will lie in the file.
pub(super) struct Encoded {
    octets: Bytes,
    close: ColumnCloseResult,
}

impl Encoded {
    pub(super) fn new<T: DataType>(
        column: &ColumnDescPtr,
        properties: &WriterPropertiesPtr,
        values: &[T::T],
        levels: Option<&[i16]>,
    ) -> Result<Encoded> {
        let mut sink = TrackedWrite::new(Vec::new());
        let pages = Box::new(SerializedPageWriter::new(&mut sink));
        let mut writer = ColumnWriterImpl::<T>::new(column.clone(), properties.clone(), pages);
        writer.write_batch(values, levels, None)?;
        let close = writer.close()?;
        Ok(Encoded { octets: sink.into_inner()?.into(), close })
    }

    /// Lays it into a row group as the next column, which may be another of its kind.
    pub(super) fn append<W: Write + Send>(
        &self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        column: &ColumnDescPtr,
    ) -> Result<()> {
        let close = ColumnCloseResult {
            bytes_written: self.close.bytes_written,
            rows_written: self.close.rows_written,
            metadata: of_column(&self.close.metadata, column)?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        group.append_column(&self.octets, close)
    }
}

/// What is said of an encoded column, said of another of its kind.
fn of_column(encoded: &ColumnChunkMetaData, column: &ColumnDescPtr) -> Result<ColumnChunkMetaData> {
    if encoded.column_path() == column.path() {
        return Ok(encoded.clone());
    }
    let mut about = ColumnChunkMetaData::builder(column.clone())
        .set_compression_codec(encoded.compression_codec())
        .set_encodings_mask(*encoded.encodings_mask())
        .set_total_compressed_size(encoded.compressed_size())
        .set_total_uncompressed_size(encoded.uncompressed_size())
        .set_num_values(encoded.num_values())
        .set_data_page_offset(encoded.data_page_offset())
        .set_dictionary_page_offset(encoded.dictionary_page_offset())
        .set_unencoded_byte_array_data_bytes(encoded.unencoded_byte_array_data_bytes())
        .set_definition_level_histogram(encoded.definition_level_histogram().cloned());
    if let Some(statistics) = encoded.statistics() {
        about = about.set_statistics(statistics.clone());
    }
    if let Some(pages) = encoded.page_encoding_stats() {
        about = about.set_page_encoding_stats(pages.clone());
    }
    about.build()
}
