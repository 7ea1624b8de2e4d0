//! How messages travel: transports, and what a delivery can come to.

mod transport;

pub use transport::{Delivery, Request, Transport, Trouble, TroubleKind};
