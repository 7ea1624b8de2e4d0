//! The use cases a person asks for.

pub mod check;
pub mod json;
pub mod output;
pub mod report;
pub mod results;
pub mod spreadsheet;
pub mod view;
