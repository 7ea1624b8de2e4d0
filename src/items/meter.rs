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
    /// Whether meter work is probable before a switch: 30分値収集可 alone does not rule it out, with 自動検針不可 an
    /// exchange can still be needed (Source: facts/switching.md §2.2, D for Hokkaido).
    #[must_use]
    pub const fn needs_work(&self) -> bool {
        !(self.half_hourly && self.automatic_reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_flags_are_needed_to_rule_out_meter_work() {
        let work =
            |half_hourly, automatic_reading| MeterInfo { number: None, half_hourly, automatic_reading }.needs_work();
        assert_eq!(
            [work(true, true), work(true, false), work(false, true), work(false, false)],
            [false, true, true, true]
        );
    }
}
