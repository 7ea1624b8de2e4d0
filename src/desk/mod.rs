//! The use cases a person asks for.

pub mod aggregate;
pub mod baseline;
pub mod check;
mod current_retailer;
pub mod flow;
pub mod json;
pub mod ledger;
pub mod metering;
mod new_retailer;
pub mod notice_page;
mod notices;
mod office;
pub mod output;
pub mod plans;
mod release;
pub mod report;
pub mod results;
mod round;
pub mod spreadsheet;
pub mod subject;
pub mod submit;
pub mod summary;
pub mod view;

pub use current_retailer::{Contract, Judged, Register, Verdict, judge};
pub use office::{DeskError, Means, Office};
pub use round::Progress;
