//! 切替申込: one row of a retailer's back office, the start of a case.

use super::ConsentMethod;
use crate::items::{
    Address, AmountNumber, AmountUnit, Building, BusinessCode, CustomerKana, CustomerName, Date, DateTime,
    DecisionMethod, Family, PostalCode, Reference, RetailContractNumber, ServiceMenu, SupplyPointId, Telephone,
};

crate::record! {
    /// 切替申込: what a customer applied for. The labels are the columns of the file.
    pub struct Application {
        receipt: Reference = "receipt-number", "受付番号", "receipt number";
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        current_retailer: BusinessCode = "current-retailer", "現小売事業者コード", "code of the current retailer";
        contract_number: RetailContractNumber = "retail-contract-number", "現契約番号", "contract number at the current retailer", RetailContractNumber;
        name: CustomerName = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        postal_code: Option<PostalCode> = "postal-code", "郵便番号", "postal code", Address;
        address: Address = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        telephone: Option<Telephone> = "telephone", "電話番号", "telephone number", Telephone;
        switch_on: Date = "switch-date", "切替希望日", "requested switch date";
        family: Family = "family", "供給種別", "family of supply";
        decision_method: DecisionMethod = "decision-method", "契約決定方法", "decision method", DecisionMethod;
        amount: Option<AmountNumber> = "contract-amount", "契約容量", "contract amount", ContractAmount;
        amount_unit: Option<AmountUnit> = "amount-unit", "契約容量単位", "unit of the contract amount", ContractAmount;
        service_menu: Option<ServiceMenu> = "service-menu", "接続送電サービスメニュー", "connection transmission service menu", ServiceMenu;
        consented_at: Option<DateTime> = "consented-at", "同意日時", "time of consent";
        consent_method: Option<ConsentMethod> = "consent-method", "同意方法", "method of consent";
    }
}
