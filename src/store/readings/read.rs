//! Readings read back from a Parquet file, as they were written.

use super::folder::{self, ReadingsFile};
use super::{DayRows, SlotColumns, schema};
use crate::items::{Energy, Slot, SlotSet, SupplyPointId};
use crate::messages::metering::Allocation;
use crate::store::{StoreError, hex};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use sha2::{Digest as _, Sha256};
use std::io::ErrorKind;
use std::path::Path;

/// 読取範囲: which columns of a file are wanted beside its keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The slots whose energies are read; of the others only what is known of them.
    pub(super) slots: SlotSet,
    /// Whether 全量 before the split is read, too.
    pub(super) whole: bool,
}

impl Wanted {
    /// Everything.
    pub(super) const ALL: Wanted = Wanted { slots: SlotSet::ALL, whole: true };
}

/// Opens a file, holds it against the digest that the catalogue keeps, and gives its row groups one by one. A file that
/// is not what was written is never read: Parquet itself would not notice a changed value.
pub(super) fn each_group(
    data: &Path,
    file: &ReadingsFile,
    wanted: Wanted,
    mut visit: impl FnMut(&DayRows) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let bad = |ja: &'static str, en: &str| StoreError::Readings { path: file.path.clone(), ja, en: en.to_owned() };
    let root = folder::root(data);
    let octets = match std::fs::read(root.join(&file.path)) {
        Ok(octets) => octets,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(bad("ありません", "it is missing")),
        Err(error) => return Err(folder::named(&root, &error)),
    };
    if octets.len() as u64 != file.octets {
        return Err(bad("大きさが違います", "its size is not what was written"));
    }
    if hex(&Sha256::digest(&octets)) != file.digest {
        return Err(bad("内容が書き換わっています", "its digest is not that of what was written"));
    }
    let unread = |error: ParquetError| bad("Parquetとして読めません", &error.to_string());
    let reader = SerializedFileReader::new(bytes::Bytes::from(octets)).map_err(unread)?;
    let mut rows = DayRows::default();
    for index in 0..reader.num_row_groups() {
        rows.clear();
        let group = reader.get_row_group(index).map_err(unread)?;
        read_group(group.as_ref(), wanted, &mut rows).map_err(unread)?;
        visit(&rows)?;
    }
    Ok(())
}

fn read_group(group: &dyn RowGroupReader, wanted: Wanted, rows: &mut DayRows) -> Result<(), ParquetError> {
    let count = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let wrong = |what: &str| ParquetError::General(format!("`{what}` is not what it should be"));
    let points = texts(group, schema::POINT, count)?;
    let controls = texts(group, schema::CONTROL_NUMBER, count)?;
    let allocations = small_numbers(group, schema::ALLOCATION, count)?;
    for ((point, control), allocation) in points.iter().zip(&controls).zip(allocations) {
        let point = point.as_utf8().ok().and_then(|text| SupplyPointId::parse(text).ok());
        let point = point.ok_or_else(|| wrong(schema::POINT))?;
        let allocation = match allocation {
            None => None,
            Some(1) => Some(Allocation::Whole),
            Some(2) => Some(Allocation::Part),
            Some(_) => return Err(wrong(schema::ALLOCATION)),
        };
        if !rows.push(point, control.as_utf8()?, allocation) {
            return Err(wrong(schema::CONTROL_NUMBER));
        }
    }
    if rows.len() != count {
        return Err(wrong(schema::POINT));
    }
    let sets = |name: &str| -> Result<Vec<SlotSet>, ParquetError> {
        let values = numbers(group, name, count)?;
        Ok(values.into_iter().map(|bits| SlotSet::from_bits(bits.unwrap_or(0).cast_unsigned())).collect())
    };
    rows.received = sets(schema::RECEIVED)?;
    rows.given = sets(schema::AVAILABLE)?;
    let shares = numbers(group, schema::DEDUCTED, count)?;
    rows.deducted = shares.into_iter().map(|share| share.map(Energy::from_ten_thousandths)).collect();
    let mut scratch = (Vec::new(), Vec::new());
    let slots = wanted.slots;
    read_slots(group, (schema::own, slots), &mut rows.own, None, &mut scratch)?;
    if wanted.whole {
        let given = Some(&mut rows.whole_given);
        read_slots(group, (schema::whole, slots), &mut rows.whole, given, &mut scratch)?;
        rows.whole_apart.clone_from(&rows.whole_given);
    }
    Ok(())
}

fn read_slots(
    group: &dyn RowGroupReader,
    (name, slots): (fn(Slot) -> String, SlotSet),
    energies: &mut SlotColumns,
    mut given: Option<&mut Vec<SlotSet>>,
    scratch: &mut (Vec<i64>, Vec<i16>),
) -> Result<(), ParquetError> {
    let (values, levels) = scratch;
    for slot in slots.iter() {
        let (index, empty) = place(group.metadata(), &name(slot))?;
        if empty {
            continue;
        }
        let ColumnReader::Int64ColumnReader(mut column) = group.get_column_reader(index)? else {
            return Err(ParquetError::General(format!("`{}` holds no numbers", name(slot))));
        };
        read_column::<Int64Type>(&mut column, group, values, levels)?;
        let mut values = values.iter();
        for (row, level) in levels.iter().enumerate() {
            if *level == 0 {
                continue;
            }
            energies.set(slot, row, values.next().copied().unwrap_or(0));
            if let Some(set) = given.as_mut().and_then(|given| given.get_mut(row)) {
                set.insert(slot);
            }
        }
    }
    Ok(())
}

/// Where a column is, and whether it holds nothing but nulls.
fn place(group: &RowGroupMetaData, name: &str) -> Result<(usize, bool), ParquetError> {
    let columns = group.schema_descr().columns();
    let index = columns.iter().position(|column| column.name() == name);
    let index = index.ok_or_else(|| ParquetError::General(format!("there is no column `{name}`")))?;
    let nulls = group.columns().get(index).and_then(|column| column.statistics()).and_then(|s| s.null_count_opt());
    Ok((index, nulls.is_some_and(|nulls| i64::try_from(nulls) == Ok(group.num_rows()))))
}

fn read_column<T: DataType>(
    column: &mut ColumnReaderImpl<T>,
    group: &dyn RowGroupReader,
    values: &mut Vec<T::T>,
    levels: &mut Vec<i16>,
) -> Result<(), ParquetError> {
    values.clear();
    levels.clear();
    let count = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let (read, ..) = column.read_records(count, Some(levels), None, values)?;
    if read == count { Ok(()) } else { Err(ParquetError::General(format!("{read} of {count} rows"))) }
}

fn texts(group: &dyn RowGroupReader, name: &str, count: usize) -> Result<Vec<ByteArray>, ParquetError> {
    match group.get_column_reader(place(group.metadata(), name)?.0)? {
        ColumnReader::ByteArrayColumnReader(mut column) => {
            let (mut values, mut levels) = (Vec::with_capacity(count), Vec::new());
            read_column(&mut column, group, &mut values, &mut levels)?;
            Ok(values)
        }
        _ => Err(ParquetError::General(format!("`{name}` holds no texts"))),
    }
}

/// The numbers of a column, those of an optional one with its gaps.
fn numbers(group: &dyn RowGroupReader, name: &str, count: usize) -> Result<Vec<Option<i64>>, ParquetError> {
    match group.get_column_reader(place(group.metadata(), name)?.0)? {
        ColumnReader::Int64ColumnReader(mut column) => {
            let (mut values, mut levels) = (Vec::with_capacity(count), Vec::new());
            read_column(&mut column, group, &mut values, &mut levels)?;
            Ok(spread(values, &levels))
        }
        _ => Err(ParquetError::General(format!("`{name}` holds no numbers"))),
    }
}

fn small_numbers(group: &dyn RowGroupReader, name: &str, count: usize) -> Result<Vec<Option<i32>>, ParquetError> {
    match group.get_column_reader(place(group.metadata(), name)?.0)? {
        ColumnReader::Int32ColumnReader(mut column) => {
            let (mut values, mut levels) = (Vec::with_capacity(count), Vec::new());
            read_column(&mut column, group, &mut values, &mut levels)?;
            Ok(spread(values, &levels))
        }
        _ => Err(ParquetError::General(format!("`{name}` holds no numbers"))),
    }
}

fn spread<N>(values: Vec<N>, levels: &[i16]) -> Vec<Option<N>> {
    if levels.is_empty() {
        return values.into_iter().map(Some).collect();
    }
    let mut values = values.into_iter();
    levels.iter().map(|level| if *level == 0 { None } else { values.next() }).collect()
}
