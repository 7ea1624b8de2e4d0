//! What is shared: the items (共同利用する情報項目) as validated types.

mod amount;
mod area;
mod code;
mod compare;
mod contact;
mod contract;
mod dates;
mod digits;
mod energy;
mod error;
mod fold;
mod half_hours;
mod item;
mod legal_form;
mod meter;
mod number_form;
mod point;
mod slot_set;
mod text;
mod variants;

pub use amount::{AmountNumber, AmountProblem, AmountUnit, ContractAmount};
pub use area::{Area, AreaSet, BusinessCode};
pub use code::Code;
pub use compare::{Comparison, compare, compare_address, risks};
pub use contact::{PostalCode, Telephone};
pub use contract::{
    ContractForm, ContractStatus, CurrentLimit, DecisionMethod, DecommissioningMethod, GridInterconnection,
    IsolatedIslandTerms, PowerFactor, ServiceMenu, SupplyMethod,
};
pub use dates::{YearMonth, parse_date, parse_date_time};
pub use energy::{Energy, Slot};
pub use error::{ItemError, ItemErrorKind};
pub use fold::{FoldingStep, FoldingSteps, folded};
pub use half_hours::{Baseline, DemandProcurement, DemandSuppression, GenerationSales, HalfHours, NoSum};
pub use item::{Group, Item, ItemSet};
pub use jiff::civil::{Date, DateTime};
pub use meter::MeterInfo;
pub(crate) use point::nibbles;
pub use point::{Family, SupplyPointId, VoltageDigit};
pub use slot_set::SlotSet;
pub use text::{
    Address, ApplicationNumber, Building, CancellationNumber, CustomerKana, CustomerName, LeadInPole, MeterNumber,
    Reference, Remark, RetailContractNumber, UsagePassword, cp932_len,
};
pub use variants::variants_of;
