//! The use cases a person asks for.

pub mod aggregate;
mod asking;
pub mod baseline;
pub mod check;
mod closed;
mod crew;
mod current_retailer;
pub mod flow;
pub mod json;
pub mod ledger;
pub mod metering;
mod metrics;
mod new_retailer;
pub mod notice_page;
mod notices;
mod office;
pub mod output;
mod pen;
pub mod plans;
mod release;
pub mod report;
mod resolving;
pub mod results;
mod round;
mod sending;
pub mod spreadsheet;
pub mod subject;
pub mod submit;
pub mod summary;
pub mod view;

pub use crew::{Crew, Stop, Watcher};
pub use current_retailer::{Contract, Judged, Register, Verdict, judge};
pub use metrics::{Metrics, Standing};
pub use office::{DeskError, Means, Office};
pub use resolving::{Decided, Resolution, resolve};
pub use round::Progress;
