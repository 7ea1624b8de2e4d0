//! 使用量照会 and its answer. Source: facts/switching.md §2.3.

use super::Resolution;
use crate::items::{Date, Energy, Slot, SupplyPointId, UsagePassword, YearMonth};

crate::message! {
    /// Only with the customer's consent for this point and for a switch; at most thirteen months.
    pub struct UsageInquiry = "usage-inquiry", "使用量照会", "usage inquiry",
        PointConfirmation, [Low, High], consent: ForSwitch, answer: Some("usage-answer"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        password: UsagePassword = "usage-password", "使用量照会パスワード", "usage password";
        from: YearMonth = "from-month", "開始年月", "first month";
        to: YearMonth = "to-month", "終了年月", "last month";
        resolution: Resolution = "resolution", "照会区分", "resolution";
    }
}

crate::record! {
    /// 月間使用量: the use of one month.
    pub struct MonthlyUsage {
        month: YearMonth = "month", "年月", "month";
        energy: Energy = "energy", "使用量", "energy in kWh", Consumption;
    }
}

crate::record! {
    /// 30分使用量: the use of one half-hour. A missing half-hour is absent, never zero.
    pub struct HalfHourUsage {
        date: Date = "date", "年月日", "date";
        slot: Slot = "slot", "コマ", "slot";
        energy: Energy = "energy", "使用量", "energy in kWh", Consumption;
    }
}

crate::message! {
    /// Use before the last change of the contract holder is never given.
    pub struct UsageAnswer = "usage-answer", "使用量照会結果", "usage answer",
        PointConfirmation, [Low, High], consent: ForSwitch, answer: None, point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        holder_since: Option<Date> = "holder-since", "名義変更日", "date of the last change of holder";
        monthly: Vec<MonthlyUsage> = "monthly", "月間使用量", "monthly use";
        half_hourly: Vec<HalfHourUsage> = "half-hourly", "30分使用量", "half-hourly use";
    }
}
