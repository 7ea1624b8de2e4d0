//! Stand-ins until the room is finished: replace this file.
#![allow(missing_docs)]
use super::*;
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AmountNumber(pub u32);
impl AmountNumber {
    pub fn parse(t: &str) -> Result<AmountNumber, ItemError> {
        ContractAmount::parse(t, AmountUnit::Ampere).map(|a| AmountNumber(a.milli()))
    }
}
impl std::fmt::Display for AmountNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl ContractAmount {
    pub fn new(_: AmountNumber, unit: AmountUnit) -> Self {
        ContractAmount::parse("1", unit).unwrap()
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct YearMonth(pub u32);
impl YearMonth {
    pub fn parse(_: &str) -> Result<YearMonth, ItemError> {
        Ok(YearMonth(1))
    }
}
