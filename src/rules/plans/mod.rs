//! 計画の規則: what a plan must hold so that OCCTO takes it.

mod settings;

pub use settings::{PlanDeadline, PlanMessage, PlanOperator, PlanSettings};
