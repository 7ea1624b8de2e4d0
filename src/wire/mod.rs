//! How it is written: switching messages as XML or CSV by a configurable binding, and the charsets. Octets in, octets
//! out; no file and no socket is opened here.

mod binding;
pub mod charset;

pub use binding::{Binding, BindingError, BindingErrorKind, Envelope};
pub use charset::{Charset, CharsetError, Unmappable};
