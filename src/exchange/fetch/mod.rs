//! 取得: the files of meter data that the operators' download systems list, each taken once, whole and checked.
//!
//! Operator by operator a listing is asked for, what it names and was not taken is downloaded to a temporary name beside
//! its place, its size and check sum are looked at, and only then does it get its name and is remembered. Whatever stops
//! the work in between, the next run goes on: nothing under a final name is ever half written.
//!
//! A listing changes while files are taken, so it is asked for again until it names nothing new. Operators are fetched
//! from at the same time, but each by one session: two with one certificate would throw each other out.

mod fault;
mod inbox;
mod line;
mod report;
mod run;
pub(super) mod source;
mod visit;

pub use report::{OperatorReport, Step};
pub use run::{FetchError, fetch};
pub use source::{SessionStep, Source};
