//! 共同利用情報: the exchange of shared-use data between Japanese electricity retailers, transmission operators and
//! OCCTO — correct, fast, and never outside the published purpose.
//!
//! **Nothing leaves without clearance, and the compiler knows it.** A message is built of validated items. To be written
//! it must become [`notice::Cleared`]; only [`notice::ClearanceDesk::clear`] makes one, after deciding item by item by a
//! published notice, and the decision goes with the message into the ledger. The encoder takes `&Cleared<M>` and nothing
//! else.
//!
//! # A short tour
//!
//! Items are made by `parse`, which says what is wrong and where. A message is a plain struct of them. The desk of a
//! notice clears it for a route, at a moment that is an argument: the core reads no clock, no file and no socket.
//!
//! ```
//! use occto::items::{Area, BusinessCode, Family, Reference, SupplyPointId};
//! use occto::messages::{Header, switching::FacilityInquiry};
//! use occto::notice::{ClearanceDesk, Context, Notice, Party, Route};
//! use occto::wire::Binding;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let point = SupplyPointId::parse("03-0011-0000-0000-0000-0001")?;
//! let message = FacilityInquiry { point };
//!
//! let desk = ClearanceDesk::new(Notice::embedded("common-core").ok_or("no such notice")?);
//! let us = Party::retailer(BusinessCode::parse("40113")?);
//! let now = "2026-04-01T09:00:00".parse()?;
//!
//! // The operator of another area may not have it. The refusal names clause and way out, and gives the message back.
//! let wrong = Context::new(Route::through_occto(us, Party::operator(Area::Chubu)), now);
//! let refusal = desk.clear(message, &wrong).unwrap_err();
//! assert!(refusal.to_string().contains("東京電力パワーグリッド"));
//!
//! // The operator of the point's own area may.
//! let operator = Party::operator(point.area());
//! let cleared = desk.clear(refusal.into_message(), &Context::new(Route::through_occto(us, operator), now))?;
//!
//! let header =
//!     Header { family: Family::Low, sender: us, recipient: operator, reference: Reference::parse("A-1")?, created: now };
//! let mut octets = Vec::new();
//! Binding::reference().encode(&header, &cleared, &mut octets)?;
//! assert_eq!(Binding::reference().decode(&octets)?.message, FacilityInquiry { point }.into());
//! # Ok(())
//! # }
//! ```
//!
//! Without clearance there is no written form; this does not compile:
//!
//! ```compile_fail,E0308
//! use occto::messages::{Header, switching::FacilityInquiry};
//! use occto::wire::Binding;
//!
//! fn smuggle(header: &Header, message: &FacilityInquiry, out: &mut Vec<u8>) {
//!     let _ = Binding::reference().encode(header, message, out);
//! }
//! ```
//!
//! # The rooms
//!
//! Lowest first; a room uses only rooms above it in this list, and a test reads the `use` lines to hold it.
//!
//! | Room | What lives there |
//! |---|---|
//! | [`items`] | what is shared: the 24 items as types, Japanese text comparison that never changes a text |
//! | [`calendar`] | business days, holidays, standard processing periods |
//! | [`notice`] | who may use what, for what, and who answers for it: notices, decisions, clearance |
//! | [`messages`] | what is said: every field declared once with label, item, key and kind |
//! | [`rules`] | what must hold: findings with a stable code, a place and a way out |
//! | [`baseline`] | the baseline of demand response: exact, with everything it came about from |
//! | [`wire`] | how it is written: XML and CSV by a configurable binding, charsets, application files |
//! | `store` | cases, outbox, ledger, on SQLite |
//! | `exchange` | HTTPS with client certificates; an unknown outcome is a state; fetching from the operators |
//! | `desk` | the use cases a person asks for; results and report |
//! | `sandbox` | the counterparties, for trying and testing |
//! | `cli` | the binary `occto` |
//!
//! # Features
//!
//! `app` (default) is everything with a disk, a socket or a terminal. `--no-default-features` leaves the pure core, the
//! rooms from [`items`] to [`wire`]: no runtime, no database, a small dependency tree.

pub mod baseline;
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
