//! スイッチング開始 and 再点: applications that begin a supply. Source: facts/switching.md §2.5, §2.7.

use crate::items::{
    Address, AmountNumber, AmountUnit, Building, CancellationNumber, CustomerKana, CustomerName, Date, DecisionMethod,
    PostalCode, RetailContractNumber, ServiceMenu, SupplyPointId, Telephone,
};

crate::message! {
    /// Must meet the switch stop of the current retailer at the operator.
    pub struct SwitchStart = "switch-start", "スイッチング開始申込", "switch start",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        name: CustomerName = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        postal_code: Option<PostalCode> = "postal-code", "郵便番号", "postal code", Address;
        address: Address = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        telephone: Option<Telephone> = "telephone", "電話番号", "telephone number", Telephone;
        contract_number: Option<RetailContractNumber> = "retail-contract-number", "新契約番号", "contract number at the new retailer", RetailContractNumber;
        switch_on: Date = "switch-date", "切替希望日", "switch date";
        decision_method: DecisionMethod = "decision-method", "契約決定方法", "decision method", DecisionMethod;
        amount: Option<AmountNumber> = "contract-amount", "契約容量", "contract amount", ContractAmount;
        amount_unit: Option<AmountUnit> = "amount-unit", "契約容量単位", "unit of the contract amount", ContractAmount;
        service_menu: Option<ServiceMenu> = "service-menu", "接続送電サービスメニュー", "connection transmission service menu", ServiceMenu;
        over_one_year: bool = "over-one-year", "契約使用期間1年以上", "contract of one year or more";
        cancellation: Option<CancellationNumber> = "cancellation-number", "廃止取次番号", "cancellation agency number";
    }
}

crate::message! {
    /// May begin up to 31 days before the application.
    pub struct Reconnection = "reconnection", "再点申込", "reconnection",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        name: CustomerName = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        postal_code: Option<PostalCode> = "postal-code", "郵便番号", "postal code", Address;
        address: Address = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        telephone: Option<Telephone> = "telephone", "電話番号", "telephone number", Telephone;
        start_on: Date = "start-date", "使用開始日", "start date";
        decision_method: DecisionMethod = "decision-method", "契約決定方法", "decision method", DecisionMethod;
        amount: Option<AmountNumber> = "contract-amount", "契約容量", "contract amount", ContractAmount;
        amount_unit: Option<AmountUnit> = "amount-unit", "契約容量単位", "unit of the contract amount", ContractAmount;
        service_menu: Option<ServiceMenu> = "service-menu", "接続送電サービスメニュー", "connection transmission service menu", ServiceMenu;
    }
}
