//! 廃止取次: request of the new retailer, inquiry and judgement of the current one, result. Source: facts/switching.md §2.4.

use super::{ApplicationState, Judgement, NgReasonCode};
use crate::items::{
    Address, Building, BusinessCode, CancellationNumber, CustomerKana, CustomerName, Date, Reference, Remark,
    RetailContractNumber, SupplyPointId,
};
use crate::messages::Open;

crate::message! {
    /// What the current retailer compares; no telephone number.
    pub struct CancellationRequest = "cancellation-request", "廃止取次申込", "cancellation agency request",
        CancellationAgency, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        contract_number: RetailContractNumber = "retail-contract-number", "現契約番号", "contract number at the current retailer", RetailContractNumber;
        name: CustomerName = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        address: Address = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        requested_on: Date = "requested-date", "廃止希望日", "requested date";
    }
}

crate::record! {
    /// NG理由: why a cancellation agency was not agreed to.
    pub struct NgReason {
        code: Open<NgReasonCode> = "ng-reason", "NG理由", "reason";
        remark: Option<Remark> = "remark", "備考", "remark";
    }
}

crate::message! {
    /// Asks what became of a cancellation agency.
    pub struct CancellationResultInquiry = "cancellation-result-inquiry", "廃止取次結果照会", "cancellation agency result inquiry",
        CancellationAgency, [Low, High, Fit], consent: None, answer: Some("cancellation-result"), point: |_| None; {
        number: Option<CancellationNumber> = "cancellation-number", "廃止取次番号", "cancellation agency number";
        reference: Option<Reference> = "own-reference", "照会する申込参照番号", "own reference asked for";
    }
}

crate::message! {
    /// The state of a cancellation agency, with the reasons of an NG.
    pub struct CancellationResult = "cancellation-result", "廃止取次結果", "cancellation agency result",
        CancellationAgency, [Low, High, Fit], consent: None, answer: None, point: |m| Some(m.point); {
        number: CancellationNumber = "cancellation-number", "廃止取次番号", "cancellation agency number";
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        state: Open<ApplicationState> = "application-state", "申込状態", "state";
        reasons: Vec<NgReason> = "reasons", "NG理由", "reasons";
    }
}

crate::message! {
    /// The current retailer asks for the cancellation agencies it has to judge.
    pub struct CancellationInquiry = "cancellation-inquiry", "廃止取次照会", "cancellation agency inquiry",
        CancellationAgency, [Low, High, Fit], consent: None, answer: Some("cancellation-list"), point: |_| None; {
        from: Option<Date> = "from-date", "開始日", "from";
        to: Option<Date> = "to-date", "終了日", "to";
    }
}

crate::record! {
    /// 廃止取次明細: one cancellation agency as the current retailer sees it.
    pub struct CancellationEntry {
        number: CancellationNumber = "cancellation-number", "廃止取次番号", "cancellation agency number";
        new_retailer: BusinessCode = "new-retailer", "新小売事業者コード", "code of the new retailer";
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        contract_number: RetailContractNumber = "retail-contract-number", "現契約番号", "contract number", RetailContractNumber;
        name: CustomerName = "name", "契約名義", "name", Name;
        kana: Option<CustomerKana> = "kana", "契約名義カナ", "name in kana", Name;
        address: Address = "address", "住所", "address", Address;
        building: Option<Building> = "building", "建物名", "building", Address;
        requested_on: Date = "requested-date", "廃止希望日", "requested date";
        received_on: Date = "received-date", "受付日", "received on";
        judge_by: Option<Date> = "judge-by", "判断期限", "to be judged by";
    }
}

crate::message! {
    /// The cancellation agencies that wait for a judgement.
    pub struct CancellationList = "cancellation-list", "廃止取次照会結果", "cancellation agencies to be judged",
        CancellationAgency, [Low, High, Fit], consent: None, answer: None, point: |_| None; {
        entries: Vec<CancellationEntry> = "entries", "明細", "entries";
    }
}

crate::message! {
    /// OK is regarded as the customer's own request to terminate.
    pub struct CancellationJudgement = "cancellation-judgement", "廃止取次判断", "cancellation agency judgement",
        CancellationAgency, [Low, High, Fit], consent: None, answer: Some("receipt"), point: |m| Some(m.point); {
        number: CancellationNumber = "cancellation-number", "廃止取次番号", "cancellation agency number";
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        judgement: Judgement = "judgement", "判断結果", "judgement";
        reasons: Vec<NgReason> = "reasons", "NG理由", "reasons";
    }
}
