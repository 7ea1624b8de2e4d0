//! How messages travel and files come: transports, what a delivery can come to, and what the operators have to be
//! fetched.

mod config;
pub mod fetch;
mod http;
pub mod plans;
mod tls;
mod transport;

pub use config::{ConfigError, Counterparty, ExchangeConfig};
pub use http::HttpTransport;
pub use transport::{Delivery, Request, Transport, Trouble, TroubleKind};
