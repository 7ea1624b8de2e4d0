//! The columns of a Parquet file of readings. Readers outside rely on the names: a column is never renamed, only added.

use crate::items::Slot;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical};
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::sync::{Arc, LazyLock};

/// 供給地点特定番号, 22 digits.
pub(super) const POINT: &str = "point";
/// JP06121; empty where absent.
pub(super) const CONTROL_NUMBER: &str = "control_number";
/// 仕訳コード: 1 全量, 2 部分; null in W4.
pub(super) const ALLOCATION: &str = "allocation";
/// 更新番号 of the file.
pub(super) const REVISION: &str = "revision";
/// 分割番号 of the file.
pub(super) const PART: &str = "part";
/// SHA-256 of the file as it was taken, hexadecimal.
pub(super) const SOURCE: &str = "source";
/// The slots for which the file had a row: bit 0 is slot 1.
pub(super) const RECEIVED: &str = "received";
/// The slots with a value: bit 0 is slot 1.
pub(super) const AVAILABLE: &str = "available";
/// What was taken off each slot as the base retailer's share. Unit: kWh.
pub(super) const DEDUCTED: &str = "deducted";

/// One's own energy of a slot: `kwh_01` … `kwh_48`. Unit: kWh.
pub(super) fn own(slot: Slot) -> String {
    format!("kwh_{:02}", slot.number())
}

/// 全量 of a slot, before the split between retailers: `whole_01` … `whole_48`. Unit: kWh.
pub(super) fn whole(slot: Slot) -> String {
    format!("whole_{:02}", slot.number())
}

/// The schema, built once.
pub(super) fn schema() -> Result<TypePtr> {
    static SCHEMA: LazyLock<Result<TypePtr>> = LazyLock::new(build);
    SCHEMA.as_ref().map(Arc::clone).map_err(|error| parquet::errors::ParquetError::General(error.to_string()))
}

fn build() -> Result<TypePtr> {
    let column = |name: &str, physical, repetition, logical, precision| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .with_precision(precision)
            .with_scale(if precision > 0 { 4 } else { 0 })
            .build()
            .map(Arc::new)
    };
    let text = |name| column(name, Physical::BYTE_ARRAY, Repetition::REQUIRED, Some(LogicalType::String), -1);
    let energy = |name: &str| {
        let decimal = LogicalType::decimal(4, 18);
        column(name, Physical::INT64, Repetition::OPTIONAL, Some(decimal), 18)
    };
    let number = |name, physical, repetition| column(name, physical, repetition, None, -1);
    let mut columns = vec![
        text(POINT)?,
        text(CONTROL_NUMBER)?,
        number(ALLOCATION, Physical::INT32, Repetition::OPTIONAL)?,
        number(REVISION, Physical::INT32, Repetition::REQUIRED)?,
        number(PART, Physical::INT32, Repetition::REQUIRED)?,
        text(SOURCE)?,
        number(RECEIVED, Physical::INT64, Repetition::REQUIRED)?,
        number(AVAILABLE, Physical::INT64, Repetition::REQUIRED)?,
        energy(DEDUCTED)?,
    ];
    for name in Slot::all().map(own).chain(Slot::all().map(whole)) {
        columns.push(energy(&name)?);
    }
    Type::group_type_builder("readings").with_fields(columns).build().map(Arc::new)
}

/// How a file is written: what it is goes into its key-value metadata.
pub(super) fn properties(about: Vec<(&'static str, String)>) -> WriterPropertiesPtr {
    let about = about.into_iter().map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect();
    // Energies are near one another and seldom equal: deltas take a third of the room of plain numbers, a dictionary
    // only costs time.
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("occto ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(about))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::DELTA_BINARY_PACKED);
    for name in [CONTROL_NUMBER, ALLOCATION, REVISION, PART, SOURCE, DEDUCTED, RECEIVED, AVAILABLE] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), true);
    }
    for name in [CONTROL_NUMBER, SOURCE, POINT] {
        properties = properties
            .set_column_encoding(ColumnPath::from(name), Encoding::PLAIN)
            .set_column_compression(ColumnPath::from(name), Compression::SNAPPY);
    }
    Arc::new(properties.build())
}
