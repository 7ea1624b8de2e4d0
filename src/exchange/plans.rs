//! 計画の提出と取得: OCCTO's API for plans.
//!
//! `POST …/api/{verb}/{operation}`, the fields of a form, `resultcode` in the header of the answer, in its body base64 of a
//! zip with one XML. Only the listing and download of FIT plans were seen (facts/wire.md §3.2, C). **The upload was not**: its
//! verb, operation and field, every `resultcode` but `0000`, the mismatch report and today's host are configuration, and what
//! stands here for them is unverified.

mod access;
mod line;
mod list;
mod pack;

/// The name of its gate.
pub(super) const NAME: &str = "plan";

pub(super) use access::PlanSection;
pub use access::{PlanAccess, PlanOperation};
pub use line::{PlanAnswer, PlanLine};
pub use list::{FitPlan, PlanListError, fit_plans};
pub use pack::{form, pack, unform, unpack};
