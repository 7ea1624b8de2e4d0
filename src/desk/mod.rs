//! The use cases a person asks for.

pub mod check;
pub mod flow;
pub mod json;
mod current_retailer;
mod new_retailer;
mod office;
pub mod output;
pub mod report;
pub mod results;
pub mod spreadsheet;
mod summary;
pub mod submit;
pub mod view;

pub use current_retailer::{Contract, Judged, Register, Verdict, judge};
pub use new_retailer::Progress;
pub use office::{DeskError, Means, Office};
