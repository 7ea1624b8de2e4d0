//! 計画の規則: what a plan must hold so that OCCTO takes it.
//!
//! A wrong sum, code or date is an error, because OCCTO refuses it; a plan that does not balance is taken, and is a warning.
//!
//! Source: facts/wire.md §1.4, §3.2 (D), facts/baseline.md §2.1 (D).

mod complete;
mod deadline;
mod identity;
mod settings;
mod sums;
mod suppression;

pub use deadline::{PlanWindow, check_deadline};
pub use identity::{PlanFileClaim, check_plan_name};
pub use settings::{PlanDeadline, PlanMessage, PlanOperator, PlanSettings};
pub use suppression::check_suppression;

use super::Finding;
use crate::messages::planning::{Plan, PlanBody};

/// Checks the content of a plan: what is missing, codes and dates, sums and balance. Deadlines are [`check_deadline`].
pub fn check_plan(plan: &Plan, settings: &PlanSettings, out: &mut Vec<Finding>) {
    complete::check(plan, out);
    identity::check(plan, settings, out);
    match &plan.body {
        PlanBody::DemandProcurement(body) => sums::demand_procurement(body, out),
        PlanBody::GenerationSales(body) => sums::generation_sales(body, out),
        PlanBody::Interconnector(_) | PlanBody::Suppression(_) => {}
    }
}
