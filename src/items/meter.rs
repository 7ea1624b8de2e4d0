//! 計器情報.

use super::MeterNumber;

/// 計器情報: the meter and the two flags that decide whether meter work is needed.
///
/// Source: facts/switching.md §2.2 (D).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterInfo {
    /// 計器番号
    pub number: Option<MeterNumber>,
    /// 30分値収集可
    pub half_hourly: bool,
    /// 自動検針可
    pub automatic_reading: bool,
}

impl MeterInfo {
    /// Whether meter work is needed before a switch: 30分値収集可 alone does not rule it out.
    #[must_use]
    pub const fn needs_work(&self) -> bool {
        !(self.half_hourly && self.automatic_reading)
    }
}
