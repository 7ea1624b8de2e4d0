//! スイッチング廃止 and 廃止・撤去: applications that end a supply. Source: facts/switching.md §2.5, §2.8.

use crate::items::{CancellationNumber, CustomerName, Date, DecommissioningMethod, SupplyPointId, Telephone};

crate::message! {
    /// Filed promptly by the current retailer after an OK.
    pub struct SwitchStop = "switch-stop", "スイッチング廃止申込", "switch stop",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        switch_on: Date = "switch-date", "廃止希望日", "switch date";
        cancellation: Option<CancellationNumber> = "cancellation-number", "廃止取次番号", "cancellation agency number";
    }
}

crate::message! {
    /// Never retroactive; on the same day only at low voltage.
    pub struct Termination = "termination", "廃止・撤去申込", "termination or removal",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        name: Option<CustomerName> = "name", "契約名義", "name", Name;
        telephone: Option<Telephone> = "telephone", "電話番号", "telephone number", Telephone;
        end_on: Date = "end-date", "廃止日", "end date";
        removal: bool = "removal", "撤去有無", "with removal of equipment";
        decommissioning: Option<DecommissioningMethod> = "decommissioning-method", "廃止措置方法", "decommissioning method", DecommissioningMethod;
    }
}
