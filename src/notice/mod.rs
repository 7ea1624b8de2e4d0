//! Who may use what, for what, and who answers for it: published notices, decisions, clearance.

pub mod aggregate;
pub mod cedar;
mod clause;
mod clearance;
mod compile;
mod decide;
mod decision;
mod describe;
mod difference;
mod error;
mod explain;
mod file;
pub mod held;
mod keep;
mod lint;
mod manager;
mod many;
mod party;
mod published;
mod question;
mod render;
mod retailers;
mod roles;
mod stewardship;
mod suggest;
mod usual;

pub use clause::{Change, Clause};
pub use clearance::{
    ClearanceDesk, Cleared, Consent, ConsentNeed, Context, Customers, Disclosure, InquiryReason, Refusal, Route,
};
pub use decision::{Basis, Decision, Outcome};
pub use difference::NoticeChange;
pub use error::{NoticeError, NoticeErrorKind};
pub use explain::{Ask, AskError};
pub use keep::{Due, Ending, KeepRule, LegalHold};
pub use lint::NoticeLint;
pub use party::{Party, PartyCode, PartyError, PartyName, Purpose, Role};
pub use published::{Notice, NoticeKind};
pub use question::{Evidence, EvidenceError, EvidenceKind, Question, SupplyKind};
pub use render::{PublishedText, TextEntry};
pub use retailers::{Overlap, RetailerRegister};
pub use roles::{Look, RolesError, StaffRole, StaffRoles};
pub use stewardship::StewardClause;
