//! 計画のXML (W6): plans read, written and described by a schema, all three along one declaration
//! ([`Shape`](crate::messages::planning::Shape)).
//!
//! A file in the standard form is written back octet by octet as it was read, what is not known in it included.
//!
//! Source: facts/wire.md §0, §2.4–2.7.

mod envelope;
mod read;
mod rows;
mod slots;
mod source;
mod write;
mod xsd;

pub use read::{PlanRead, looks_like_plan, read_plan, read_plan_plainly};
pub use write::{PlanWritten, write_plan};
pub use xsd::plan_schema;
