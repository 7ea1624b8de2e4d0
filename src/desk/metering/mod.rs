//! 30分値の取込: taking the operators' meter data in, finding what is missing, showing a point's day.

mod gaps;
mod gather;
mod ingest;
mod judge;
mod kept;
mod reading;
mod register;
mod show;
mod svg;

pub use gaps::{Gap, GapDay, GapKind, GapReport};
pub use ingest::{FileTaken, IngestProgress, IngestSettings, Intake, files_of, ingest};
pub use judge::{GapSettings, find_gaps};
pub use kept::{RegisterError, keep_register, kept_register};
pub use register::{Standing, SupplyPeriod, SupplyRegister};
pub use show::{HistoryRow, NotShown, PointDay, show_point};
pub use svg::svg;
