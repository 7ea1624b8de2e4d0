//! 申込状態照会, 申込内容一覧照会 and 受付結果. Source: facts/switching.md §1.3, §2.5.

use super::{Acceptance, ApplicationKind, ApplicationState, NgReason};
use crate::items::{ApplicationNumber, CancellationNumber, Date, Reference, Remark, SupplyPointId};
use crate::messages::Open;

crate::record! {
    /// 入力エラー: why a message was not accepted. Codes are the counterparty's own text.
    pub struct InputError {
        code: Remark = "error-code", "エラーコード", "error code";
        field: Option<Remark> = "error-field", "エラー項目", "field in error";
        text: Option<Remark> = "error-text", "エラー内容", "what is wrong";
    }
}

crate::message! {
    /// The answer to every application: accepted with a number, or rejected with reasons.
    pub struct Receipt = "receipt", "受付結果", "receipt",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: None, point: |_| None; {
        acceptance: Acceptance = "acceptance", "受付結果", "acceptance";
        number: Option<ApplicationNumber> = "application-number", "申込番号", "application number";
        cancellation: Option<CancellationNumber> = "cancellation-number", "廃止取次番号", "cancellation agency number";
        errors: Vec<InputError> = "errors", "エラー", "errors";
    }
}

crate::message! {
    /// By its number or by our own reference.
    pub struct StatusInquiry = "status-inquiry", "申込状態照会", "status inquiry",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("status-answer"), point: |_| None; {
        number: Option<ApplicationNumber> = "application-number", "申込番号", "application number";
        reference: Option<Reference> = "own-reference", "照会する申込参照番号", "own reference asked for";
    }
}

crate::record! {
    /// 申込明細: one application as the counterparty holds it.
    pub struct ApplicationEntry {
        kind: Open<ApplicationKind> = "application-kind", "申込種別", "kind of application";
        number: Option<ApplicationNumber> = "application-number", "申込番号", "application number";
        cancellation: Option<CancellationNumber> = "cancellation-number", "廃止取次番号", "cancellation agency number";
        reference: Reference = "own-reference", "申込参照番号", "own reference";
        point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        state: Open<ApplicationState> = "application-state", "申込状態", "state";
        submitted_on: Date = "submitted-date", "申込日", "submitted on";
        switch_on: Option<Date> = "switch-date", "切替日", "switch date";
        work_outstanding: bool = "work-outstanding", "計器取替残有無", "meter exchange outstanding";
        reasons: Vec<NgReason> = "reasons", "NG理由", "reasons";
        errors: Vec<InputError> = "errors", "エラー", "errors";
    }
}

crate::message! {
    /// Nothing where the counterparty has no such application.
    pub struct StatusAnswer = "status-answer", "申込状態照会結果", "status answer",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: None, point: |_| None; {
        entries: Vec<ApplicationEntry> = "entries", "明細", "entries";
    }
}

crate::message! {
    /// By our own reference, by point and by period: the way to learn what became of a message without an answer.
    pub struct ListInquiry = "list-inquiry", "申込内容一覧照会", "inquiry for the list of applications",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: Some("list-answer"), point: |m| m.point; {
        reference: Option<Reference> = "own-reference", "照会する申込参照番号", "own reference asked for";
        point: Option<SupplyPointId> = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
        from: Option<Date> = "from-date", "開始日", "from";
        to: Option<Date> = "to-date", "終了日", "to";
    }
}

crate::message! {
    /// Every application that answers the inquiry; none is an answer too.
    pub struct ListAnswer = "list-answer", "申込内容一覧照会結果", "list of applications",
        ConsignmentContract, [Low, High, Fit], consent: None, answer: None, point: |_| None; {
        entries: Vec<ApplicationEntry> = "entries", "明細", "entries";
    }
}
