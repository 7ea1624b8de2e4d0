//! 申込の訂正 and 取消: what can still be done to a pending application. Source: facts/switching.md §0, §2.11.

use super::WithdrawalReason;
use crate::items::{
    Address, ApplicationNumber, Building, CancellationNumber, CustomerKana, CustomerName, Date, SupplyPointId,
    Telephone,
};

crate::message! {
    /// Only what is given changes; possible until matching.
    pub struct Correction = "correction", "申込訂正", "correction of a pending application",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        number: ApplicationNumber = "application-number", "申込番号", "application number";
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        requested_on: Option<Date> = "requested-date", "希望日", "requested date";
        name: Option<CustomerName> = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        address: Option<Address> = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        telephone: Option<Telephone> = "telephone", "電話番号", "telephone number", Telephone;
    }
}

crate::message! {
    /// In the system until matching; it takes a cancellation agency of the same switch with it.
    pub struct Withdrawal = "withdrawal", "申込取消", "cancellation of a pending application",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        number: Option<ApplicationNumber> = "application-number", "申込番号", "application number";
        cancellation: Option<CancellationNumber> = "cancellation-number", "廃止取次番号", "cancellation agency number";
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        reason: WithdrawalReason = "withdrawal-reason", "取消理由", "reason";
    }
}
