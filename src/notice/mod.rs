//! Who may use what, for what, and who answers for it: published notices, decisions, clearance.

mod party;

pub use party::{Party, PartyCode, PartyError, PartyName, Purpose, Role};
mod stub;
pub use stub::*;
