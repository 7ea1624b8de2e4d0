//! 計量データ: taking the operators' files in, finding what is missing, showing a point's day; reading files and making
//! them.

mod convert;
mod gaps;
mod gather;
mod ingest;
mod judge;
mod kept;
mod parquet;
mod permit;
mod pieces;
mod reading;
mod register;
mod room;
mod send;
mod show;
mod source;
mod spare;
mod svg;
mod writing;

pub use convert::{FileRead, read_files};
pub use gaps::{Gap, GapDay, GapKind, GapReport};
pub use ingest::{FileTaken, IngestProgress, IngestSettings, Intake, files_of, ingest};
pub use judge::{GapSettings, find_gaps};
pub use kept::{RegisterError, keep_register, kept_register};
pub use permit::{NotPermitted, permit};
pub use pieces::{Form, kilowatt_hours};
pub use register::{Standing, SupplyPeriod, SupplyRegister};
pub use send::{MadeFile, NotMade, Rows, Sending, make};
pub use show::{HistoryRow, NotShown, PointDay, show_point};
pub use source::{Meterage, begins_as_zip};
pub use svg::svg;
