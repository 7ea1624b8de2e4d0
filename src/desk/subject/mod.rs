//! お客さま本人: what is held of one customer, the customer's rights, and how long it is kept.

mod accounts;
mod act;
mod consent;
mod correct;
mod differ;
mod folder;
mod hold;
mod keep;
mod letter;
mod look;
mod person;
mod readings;
mod report;
mod single;

use crate::items::DateTime;
use crate::notice::Party;
use serde_json::Value;

pub use accounts::{Account, AccountsError, AccountsTaken, read_accounts, take_accounts};
pub(super) use act::line;
pub use act::{Answered, Asked, Refused, Wish, ask, note};
pub use consent::{Given, Stopped, give_consent, withdraw_consent};
pub(super) use differ::denied;
pub use differ::{Differing, discrepancies, erasures, look_at_discrepancies};
pub use folder::{Customer, Folder, Key, arrival_of, differs, find};
pub use hold::{answer, place_hold};
pub use keep::{KeepEntry, KeepPlan, KeepReadings, KeepRow, plan as plan_retention, run as run_retention};
pub use letter::letter;
pub use look::{Seen, Viewer, look, move_manager};
pub use readings::{HeldReadings, Readings};
pub use report::{Disclosed, Managed, SubjectReport, message_ja, plain_text};
pub use single::{KeepItems, Tombstone};

/// 台帳の行: what was refused inside the company, by a clause.
#[must_use]
pub fn refusal_line(now: DateTime, message: &str, us: Party, by: &str, more: &Value) -> String {
    act::line(now, "refused", message, us, by, more)
}

/// 台帳の行: what was done inside the company, with nothing about a customer in it.
#[must_use]
pub fn office_line(now: DateTime, message: &str, us: Party, by: &str, more: &Value) -> String {
    act::line(now, "done", message, us, by, more)
}
