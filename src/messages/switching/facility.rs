//! 設備情報照会 and its answer. Source: facts/switching.md §2.2.

use crate::items::{
    AmountNumber, AmountUnit, Area, ContractAmount, ContractStatus, CurrentLimit, Date, DecisionMethod,
    DecommissioningMethod, LeadInPole, MeterInfo, MeterNumber, PowerFactor, ServiceMenu, SupplyMethod, SupplyPointId,
};

crate::message! {
    /// Consent by password is not needed, unlike for usage.
    pub struct FacilityInquiry = "facility-inquiry", "設備情報照会", "facility inquiry",
        PointConfirmation, [Low, High, Fit], consent: None, answer: Some("facility-answer"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
    }
}

crate::message! {
    /// All sixteen items of the supply point, as far as the operator gives them.
    pub struct FacilityAnswer = "facility-answer", "設備情報照会結果", "facility answer",
        PointConfirmation, [Low, High, Fit], consent: None, answer: None, point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        area: Option<Area> = "supply-area", "供給区域", "supply area", SupplyArea;
        isolated_island: Option<bool> = "isolated-island-terms", "離島供給約款対象", "isolated-island terms apply", IsolatedIslandTerms;
        amount: Option<AmountNumber> = "contract-amount", "契約容量", "contract amount", ContractAmount;
        amount_unit: Option<AmountUnit> = "amount-unit", "契約容量単位", "unit of the contract amount", ContractAmount;
        current_limit: Option<CurrentLimit> = "current-limit", "電流上限値", "current upper limit", CurrentLimit;
        service_menu: Option<ServiceMenu> = "service-menu", "接続送電サービスメニュー", "connection transmission service menu", ServiceMenu;
        power_factor: Option<PowerFactor> = "power-factor", "力率", "power factor", PowerFactor;
        supply_method: Option<SupplyMethod> = "supply-method", "供給方式", "supply method", SupplyMethod;
        decision_method: Option<DecisionMethod> = "decision-method", "契約決定方法", "decision method", DecisionMethod;
        meter_number: Option<MeterNumber> = "meter-number", "計器番号", "meter number", MeterInformation;
        half_hourly: Option<bool> = "half-hourly-collectable", "30分値収集可否", "30-minute values collectable", MeterInformation;
        automatic_reading: Option<bool> = "automatic-reading", "自動検針可否", "automatic reading possible", MeterInformation;
        lead_in_pole: Option<LeadInPole> = "lead-in-pole", "引込柱番号", "lead-in pole number", LeadInPole;
        interconnection: Option<bool> = "grid-interconnection", "系統連系設備有無", "grid-interconnected equipment", GridInterconnection;
        changed_on: Option<Date> = "contract-change-date", "託送契約異動年月日", "date of contract change", ContractChangeDate;
        next_reading: Option<Date> = "meter-reading-date", "次回検針日", "next meter reading date", MeterReadingDate;
        status: Option<ContractStatus> = "contract-status", "契約状態", "contract status", ContractStatus;
        decommissioning: Option<DecommissioningMethod> = "decommissioning-method", "廃止措置方法", "decommissioning method", DecommissioningMethod;
    }
}

impl FacilityAnswer {
    /// 計器情報, if the operator said both flags.
    #[must_use]
    pub fn meter(&self) -> Option<MeterInfo> {
        let (half_hourly, automatic_reading) = (self.half_hourly?, self.automatic_reading?);
        Some(MeterInfo { number: self.meter_number.clone(), half_hourly, automatic_reading })
    }
    /// 託送契約高, if both number and unit are given.
    #[must_use]
    pub fn contract_amount(&self) -> Option<ContractAmount> {
        Some(ContractAmount::new(self.amount?, self.amount_unit?))
    }
}
