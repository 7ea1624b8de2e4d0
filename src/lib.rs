//! 共同利用情報: the exchange of shared-use data between Japanese electricity retailers, transmission operators and
//! OCCTO — correct, fast, and never outside the published purpose.
//!
//! Nothing leaves without clearance, and the compiler knows it: an outbound message is written only as
//! `notice::Cleared`, and only the clearance desk makes one.

pub mod calendar;
#[cfg(feature = "app")]
pub mod cli;
#[cfg(feature = "app")]
pub mod desk;
#[cfg(feature = "app")]
pub mod exchange;
pub mod items;
pub mod messages;
pub mod notice;
pub mod rules;
#[cfg(feature = "app")]
pub mod sandbox;
#[cfg(feature = "app")]
pub mod store;
pub mod wire;
