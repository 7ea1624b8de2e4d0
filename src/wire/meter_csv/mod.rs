//! 30分値のCSV: readings as people keep them, one row per supply point, day, slot and 管理番号.
//!
//! `供給地点特定番号, 年月日, コマ, 管理番号, 電力量kWh, 提供可否, 区分, 版`, in any order, in CP932 or UTF-8, read block by block;
//! 供給地点特定番号, 年月日, コマ and 電力量kWh have to be there. A value that is not given has an empty 電力量kWh and a 提供可否
//! other than 0; without that column, an empty cell says so by itself. Missing is not zero. Nothing is corrected: a cell is
//! either a value or a finding that says where and why not.

mod baseline;
mod columns;
mod read;
mod row;
mod write;

pub use baseline::{ReadingsRead, read_readings};
pub use columns::READING_COLUMNS;
pub use read::read;
pub use row::{Reading, ReadingsSink};
pub use write::CsvWriter;

#[cfg(test)]
mod tests;
