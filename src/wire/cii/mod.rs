//! SBD-MSG: the operators' and OCCTO's XML in element codes, by the CII mapping rules.
//!
//! A reader gives what it reads to a [`Sink`], batch by batch: no file is held as a whole.
//!
//! Source: facts/wire.md §0.

mod ahead;
mod fixed;
mod half_hourly;
mod head;
pub mod layout;
mod machine;
mod meaning;
mod plain;
pub mod plan;
mod quick;
mod read;
mod record;
mod report;
mod scan;
mod seen;
mod settings;
mod shape;
mod shapes;
mod sink;
mod stencil;
mod token;
mod trace;
mod value;
mod window;
mod write;
mod xsd;

pub use ahead::{ReadAhead, read_ahead, read_ahead_checked};
pub use plain::read_plainly;
pub use read::{read, read_from};
pub use settings::{CiiError, ReadSettings};
pub use sink::{Sink, Tally};
pub use write::{WriteError, WriteErrorKind, write};
pub use xsd::schema;
