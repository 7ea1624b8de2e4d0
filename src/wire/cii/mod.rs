//! SBD-MSG: the operators' and OCCTO's XML in element codes, by the CII mapping rules.
//!
//! A reader gives what it reads to a [`Sink`], batch by batch: no file is held as a whole.
//!
//! Source: facts/wire.md §0.

pub mod layout;
mod sink;
mod write;
mod xsd;

pub use sink::{Sink, Tally};
pub use write::{WriteError, WriteErrorKind, write};
pub use xsd::schema;
