//! 第三者仲介の精算通知 and ネガワット調整金の通知: totals by type, without any point or slot.
//!
//! Under the intermediary scheme the retailer is not told which customers answered (facts/baseline.md §2.2, R): neither
//! note has a field that could say it, and none is of less than a month. Amounts of money are no shared-use item and stand in invoices, not here.

use super::{NegawattItem, SettlementType, repeats};
use crate::items::{Energy, YearMonth};

crate::record! {
    /// 類型別の合計: the total of one type over the whole month.
    pub struct TotalByType {
        kind: SettlementType = "type", "類型", "type";
        suppressed: Energy = "suppressed-kwh", "需要抑制量の合計", "total demand suppression in kWh", DemandSuppression;
    }
}

crate::message! {
    /// Goes to a retailer through a third party that relays it; totals only.
    pub struct ThirdPartyNote = "third-party-note", "第三者仲介精算通知", "third-party settlement note",
        NegawattTrading, [], consent: None, answer: None, point: |_| None, customers: Totals; {
        month: YearMonth = "month", "対象年月", "month";
        totals: Vec<TotalByType> = "totals", "類型別合計", "totals by type";
    }
}

crate::message! {
    /// The energy that a compensation is paid for: the aggregator compensates the retailer that had procured it.
    pub struct CompensationNote = "compensation-note", "ネガワット調整金通知", "compensation note",
        NegawattTrading, [], consent: None, answer: None, point: |_| None, customers: Totals; {
        month: YearMonth = "month", "対象年月", "month";
        totals: Vec<TotalByType> = "totals", "類型別合計", "totals by type";
    }
}

impl NegawattItem for ThirdPartyNote {
    fn has_repeats(&self) -> bool {
        repeats(self.totals.iter().map(|total| total.kind))
    }
}

impl NegawattItem for CompensationNote {
    fn has_repeats(&self) -> bool {
        repeats(self.totals.iter().map(|total| total.kind))
    }
}
