//! How messages travel: transports, and what a delivery can come to.

mod config;
mod http;
mod transport;

pub use config::{ConfigError, Counterparty, ExchangeConfig};
pub use http::HttpTransport;
pub use transport::{Delivery, Request, Transport, Trouble, TroubleKind};
