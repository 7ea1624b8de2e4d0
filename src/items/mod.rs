//! What is shared: the items (共同利用する情報項目) as validated types.

mod area;
mod code;
mod contract;
mod energy;
mod error;
mod item;
mod meter;
mod point;
mod text;

pub use area::{Area, BusinessCode};
pub use code::Code;
pub use contract::{
    AmountUnit, ContractAmount, ContractStatus, CurrentLimit, DecisionMethod, DecommissioningMethod, PowerFactor,
    ServiceMenu, SupplyMethod,
};
pub use energy::{Energy, Slot};
pub use error::{ItemError, ItemErrorKind};
pub use item::{Group, Item, ItemSet};
pub use jiff::civil::{Date, DateTime};
pub use meter::MeterInfo;
pub use point::{Family, SupplyPointId, VoltageDigit};
pub use text::{
    Address, ApplicationNumber, Building, CancellationNumber, CustomerKana, CustomerName, LeadInPole, MeterNumber,
    PostalCode, Reference, Remark, RetailContractNumber, Telephone, UsagePassword,
};
mod stub;
pub use stub::*;
