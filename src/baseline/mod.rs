//! ネガワットのベースライン: High 4 of 5 and its family, in exact arithmetic, with everything a baseline came about from.
//!
//! [`compute`] is the plain way, one point and one event with the whole trace. A method is a row of a table
//! ([`Methods`]); what the published rule leaves open is a named option ([`Options`]). [`Sweep`] is the fast way over
//! dense columns of many points; both give the same.
//!
//! Source: facts/baseline.md §1.

mod compute;
mod digest;
mod event;
mod extent;
mod fraction;
mod gather;
mod json;
mod method;
mod options;
mod pool;
mod readings;
mod say;
mod select;
pub mod settle;
mod suitability;
mod sweep;
mod trace;

pub use compute::{Case, compute};
pub use event::{DayType, DayTypes, DrDay, Event, Requested};
pub use extent::slots_read;
pub use fraction::Fraction;
pub use gather::{Added, Part, ReadingsBuilder};
pub use json::to_json;
pub use method::{
    AdjustmentRule, Direction, HighOf, Kind, Measured, Method, MethodError, Methods, Nearest, Of, Share, Span, Spans,
};
pub use options::{
    Export, Floor, Lookback, LowUseMean, LowUseSelf, Midnight, Options, SecondEvent, TooFew, Unanswered,
};
pub use readings::{Mark, PointReadings, Readings, Status};
pub use say::circumstances;
pub use suitability::{Missed, Suitability, suitability};
pub use sweep::{Cell, NotSwept, Sweep, Swept, SweptPoint};
pub use trace::{Candidate, Computed, Exclusion, Fate, SlotFigures, WindowSlot};
