//! 計画: plans to OCCTO (W6): 需要調達計画 (0250) whole, 発電販売計画 (0150), 連系線利用計画 and 需要抑制計画 as far as they are known.
//!
//! A value that a file lacks is absent here, and what is missing is said by the rules: a plan that was read can be shown,
//! compared and corrected even where it could not be submitted.
//!
//! Source: facts/wire.md §1.4, §2.4–2.7.

mod baseline_report;
mod energy;
mod generation;
mod node;
mod plan;
mod procurement;
mod shape;
mod suppression;
mod tag;
mod value;

pub use baseline_report::BaselineReport;
pub use energy::{PlanEnergy, PlanSeries};
pub use generation::{GenerationSalesPlan, GeneratorGroup, InterconnectorPlan, InterconnectorUse, Plant};
pub use node::{AnyNode, Part, PlanNode, UnknownPart};
pub use plan::{Plan, PlanBody, PlanEnvelope, PlanHead, PlanKind, SuppressionOutline, SuppressionPoint};
pub use procurement::{Counterparty, DemandProcurementPlan, Member, Trade};
pub use shape::{Content, Group, Shape};
pub use suppression::{PointReduction, SuppressionGroup, SuppressionPlan};
pub use tag::{Tag, TagKind};
pub use value::{PlanCode, PlanDigit, PlanName, PlanValue};
