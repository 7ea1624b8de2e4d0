//! The use cases a person asks for.

pub mod json;
pub mod output;
pub mod report;
pub mod results;
pub mod view;
