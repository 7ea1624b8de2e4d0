//! 30分値の取込: taking the operators' meter data in, finding what is missing, showing a point's day.

mod gather;
mod ingest;
mod reading;
mod register;

pub use ingest::{FileTaken, IngestProgress, IngestSettings, Intake, files_of, ingest};
pub use register::{Standing, SupplyPeriod, SupplyRegister};
