//! 30分値の保存: readings as Parquet, with a catalogue of the files they came from.
//!
//! # The folder
//!
//! `readings/area=03/date=2026-04-01/status=daily/0123456789abcdef-00000000.parquet` under the data folder; area, date and
//! status (`preliminary` 速報, `daily` 確報, `fixed` 確定) are partitions in the manner of Hive. Each file of the operator
//! leaves one file for every area and day in it. The supply point is personal data and stands in no name; the folders can
//! be entered by their owner alone.
//!
//! # The columns
//!
//! | Column | Type | What it holds |
//! |---|---|---|
//! | `point` | string | 供給地点特定番号, 22 digits |
//! | `control_number` | string | JP06121; empty where absent. Rows of one point that differ by it are to be summed |
//! | `allocation` | int32, null | 仕訳コード: 1 全量, 2 部分; null in W4 |
//! | `revision`, `part` | int32 | 更新番号 and 分割番号 of the source |
//! | `source` | string | SHA-256 of the source |
//! | `received` | int64 | slots for which the source had a row: bit 0 is slot 1 |
//! | `available` | int64 | slots with a value: bit 0 is slot 1. Received and not available is 欠測, never zero |
//! | `deducted` | decimal(18,4), null | what was taken off each slot as the base retailer's share. Unit: kWh |
//! | `kwh_01` … `kwh_48` | decimal(18,4), null | one's own energy: 仕訳後 where there is one. Unit: kWh |
//! | `whole_01` … `whole_48` | decimal(18,4), null | 全量 before the split, where given or where a share was taken off |
//!
//! Every file says in its key-value metadata what it is (`occto.area`, `occto.date`, `occto.status`, `occto.kind`,
//! `occto.revision`, `occto.part`, `occto.source`). Files of earlier revisions stay: whoever reads them without this crate
//! takes, for each point, control number, day and slot, the row with the greatest status, revision and part.
//!
//! # One point
//!
//! The files are not sealed, so that other programs open them. [`Store::readings_of_point`](super::Store::readings_of_point)
//! says where the readings of a point lie; they are removed by writing those files anew without it.
//!
//! # Safety
//!
//! A file is written under a temporary name, brought to the disk, renamed, and counts once the catalogue in the database
//! names it. What a stopped run left is swept away by [`Store::sweep_readings`](super::Store::sweep_readings). The
//! catalogue keeps the digest of every file, and a file that is not what was written is never read.

mod catalogue;
mod columns;
mod current;
mod folder;
mod forget;
mod group;
mod read;
mod schema;
mod settle;
mod table;
mod uniform;
mod write;

pub use catalogue::{MeterFile, RankedFile, Stranger};
pub use columns::{DayRows, SlotColumns};
pub use current::{CurrentDay, CurrentReadings, CurrentSlots, ReadingQuery};
pub use folder::{ReadingsFile, Source, root};
pub use forget::{PointFile, WithoutPoint};
pub use settle::{Settler, WrittenReadings};
pub use table::DayTable;
pub use write::ReadingsWriter;
