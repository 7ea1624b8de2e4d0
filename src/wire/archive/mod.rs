//! zip: a file of an operator is a zip with one XML in it.
//!
//! The entry is read as a stream and never held as a whole; what it says of itself is checked before, while and after it
//! is read. Nothing is ever written to a place that an archive names.
//!
//! Source: facts/wire.md §2.9.

mod entry;
mod error;
mod limits;
mod open;
mod sum;
#[cfg(test)]
mod tests;
mod write;

pub use entry::Entry;
pub use error::{ArchiveError, ArchiveErrorKind};
pub use limits::ArchiveLimits;
pub use open::Archive;
pub use sum::CheckSum;
pub use write::write;
