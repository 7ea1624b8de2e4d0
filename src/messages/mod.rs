//! What is said: the messages, each field declared once with its label, its item, its key and its kind.

mod field;
pub mod json;
pub mod metering;
pub mod negawatt;
pub mod planning;
mod record;
pub mod switching;
mod tree;
mod value;

pub use field::{Field, Kind, Occurs};
pub use record::{AnyMessage, Emit, Fields, Header, Member, Message, MessageSpec, Record};
pub use tree::{FieldError, FieldErrorKind, Node, Tree};
pub use value::{Bytes, FieldValue, Open};
