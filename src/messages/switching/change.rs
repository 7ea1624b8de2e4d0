//! アンペア変更 and 需要者情報変更. Source: facts/switching.md §2.9, §2.10.

use crate::items::{
    Address, Building, CurrentLimit, CustomerKana, CustomerName, Date, PostalCode, RetailContractNumber, SupplyPointId,
    Telephone,
};

crate::message! {
    /// Low voltage only.
    pub struct AmpereChange = "ampere-change", "アンペア変更申込", "ampere change",
        ConsignmentContract, [Low], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        limit: CurrentLimit = "current-limit", "電流上限値", "current upper limit", CurrentLimit;
        change_on: Date = "change-date", "変更希望日", "date of change";
    }
}

crate::message! {
    /// A change of holder cuts the readable usage history: a corrected spelling is not a change of holder.
    pub struct CustomerChange = "customer-change", "需要者情報変更申込", "customer information change",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        holder_changes: bool = "holder-changes", "名義変更有無", "the holder changes";
        name: Option<CustomerName> = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        postal_code: Option<PostalCode> = "postal-code", "郵便番号", "postal code", Address;
        address: Option<Address> = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        telephone: Option<Telephone> = "telephone", "電話番号", "telephone number", Telephone;
        contract_number: Option<RetailContractNumber> = "retail-contract-number", "契約番号", "contract number", RetailContractNumber;
        change_on: Date = "change-date", "変更日", "date of change";
    }
}
