//! The integration tests: one binary, linked once.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod calendar;
mod holiday_rules;
mod items;
#[cfg(feature = "app")]
mod report;
#[cfg(feature = "app")]
mod results;
#[cfg(feature = "app")]
mod sample_run;
