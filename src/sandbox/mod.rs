//! The counterparties for trying and testing: OCCTO's switching support system, the ten operators, other retailers.
//!
//! A [`World`] says what they know at the start, a [`Sandbox`] answers messages by a virtual clock of its own, and
//! [`MeterFiles`] are the meter data that the operators hold ready. Nothing here
//! is an outside fact: periods, judgements and error codes are the sandbox's, as far as the public rules leave them open.

mod amend;
mod apply;
mod cancel;
mod case;
mod days;
mod door;
mod engine;
mod events;
mod generate;
mod inquire;
mod journal;
mod meter;
mod objection;
mod plans;
mod read;
mod server;
mod transport;
mod usage;
mod world;

pub use engine::{Answer, Permission, Reply, Sandbox};
pub use journal::Journal;
pub use meter::{FileFault, FileFaultKind, FileFaultOn, MeterFiles};
pub use objection::Objection;
pub use plans::{PlanCounter, PlanReply};
pub use read::WorldError;
pub use server::{Server, stop_signal};
pub use transport::SandboxTransport;
pub use world::{Behaviour, Fault, FaultKind, Operator, Period, Point, RandomFault, Retailer, Wish, World};
