//! What must hold: findings with a stable code, a place, Japanese and English text and a way out.
//!
//! Every rule is a pure function of the message and a [`RuleContext`]; it says what it found and decides nothing.

mod begin;
mod change;
mod charset;
pub mod codes;
mod context;
mod dates;
mod facility;
mod finding;
mod inquiries;
mod item;
mod messages;
mod patterns;
pub mod plans;
mod preflight;
mod seen;
mod supply;
mod texts;

pub use begin::{check_cancellation_request, check_reconnection, check_switch_start};
pub use change::{
    check_ampere_change, check_correction, check_customer_change, check_switch_stop, check_termination,
    check_withdrawal,
};
pub use charset::{CharClass, TWINS, char_class};
pub use codes::Rule;
pub use context::{RuleContext, Settings, SettingsError};
pub use facility::check_facility;
pub use finding::{Finding, Place, Severity};
pub use inquiries::{check_judgement, check_usage_inquiry, check_usage_password};
pub use item::{item_finding, serial_date, telephone_finding};
pub use messages::check_message;
pub use patterns::Patterns;
pub use preflight::Preflight;
