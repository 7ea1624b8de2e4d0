//! How it is written: switching messages as XML or CSV by a configurable binding, application files as
//! they are read, meter data and the zips and names of its files, and the charsets. Octets in, octets out; no file and no socket is opened here.

pub mod archive;
mod binding;
mod canonical;
pub mod charset;
pub mod cii;
mod csv;
mod decode;
mod encode;
mod error;
mod escape;
pub mod filename;
mod finish;
pub mod intake;
mod lines;
pub mod listing;
pub mod meter_csv;
pub mod multipart;
pub mod negawatt;
pub mod openadr;
pub mod plan_csv;
mod problem;
mod xml;
pub mod xsd;

pub use binding::{Binding, BindingError, BindingErrorKind, Envelope};
pub use charset::{Charset, CharsetError, Unmappable};
pub use csv::CsvRow;
pub use decode::Incoming;
pub use error::{EncodeError, EncodeErrorKind};
pub use lines::Lines;
pub use meter_csv::{READING_COLUMNS, ReadingsRead, read_readings};
pub use problem::{DecodeError, Problem, ProblemKind};
pub use xml::Limits;
