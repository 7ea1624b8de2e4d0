//! How messages travel and files come: transports, what a delivery can come to, and what the operators have to be
//! fetched.
//!
//! Every line — to a counterparty, an operator's download system, OCCTO's interface for plans — is an [`Access`]: one
//! certificate ([`Identity`]), times and limits for each stage, and a [`Gate`](gate::Gate) that says go or wait.

mod access;
mod answer;
mod client;
mod clock;
mod config;
pub mod fetch;
pub mod gate;
mod http;
mod identity;
pub mod plans;
mod secret;
mod stages;
mod tls;
mod transport;
mod trouble;

pub use access::{Access, Limits, Proxy};
pub use clock::Clock;
pub use config::{ConfigError, Counterparty, ExchangeConfig};
pub use gate::{Setting, Waiting};
pub use http::HttpTransport;
pub use identity::{CertificateFacts, Identity, IdentityPlace, Term};
pub use secret::PasswordPlace;
pub use transport::{Delivery, Request, Took, Transport};
pub use trouble::{Layer, Trouble, TroubleKind};
