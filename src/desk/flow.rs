//! 新小売の手続き: what a case does next and what an answer or a notice makes of it. Pure: no clock, no store.
//!
//! Source: facts/switching.md §2.4, §2.5, §2.11, §2.13.

use crate::items::{ApplicationNumber, CancellationNumber, Code, ContractStatus, DateTime};
use crate::messages::Open;
use crate::messages::switching::{
    Acceptance, Application, ApplicationEntry, ApplicationKind, ApplicationState, CancellationRequest, FacilityAnswer,
    FacilityInquiry, InputError, NgReason, Receipt, SwitchStart, Withdrawal, WithdrawalReason,
};
use crate::rules::Finding;
use crate::store::{Case, Entry, Outcome, Stage};

/// 次の電文: what a case says next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saying {
    /// 設備情報照会
    Inquire(FacilityInquiry),
    /// 廃止取次
    Request(CancellationRequest),
    /// スイッチング開始
    Start(Box<SwitchStart>),
    /// 取消
    Withdraw(Withdrawal),
}

impl Saying {
    /// The letter that ends the reference of the message.
    #[must_use]
    pub const fn letter(&self) -> char {
        match self {
            Saying::Inquire(_) => 'I',
            Saying::Request(_) => 'C',
            Saying::Start(_) => 'S',
            Saying::Withdraw(_) => 'W',
        }
    }
}

/// What the case says at its stage; nothing where it waits.
#[must_use]
pub fn next(case: &Case) -> Option<Saying> {
    let row = case.application()?;
    Some(match case.stage {
        Stage::New => Saying::Inquire(FacilityInquiry { point: row.point }),
        Stage::Inquired => Saying::Request(request(row)),
        Stage::Agreed => Saying::Start(Box::new(start(case.cancellation_number.as_deref(), row))),
        Stage::ToWithdraw => Saying::Withdraw(withdrawal(case, row)),
        _ => return None,
    })
}

/// 廃止取次申込 of an application.
#[must_use]
pub fn request(row: &Application) -> CancellationRequest {
    CancellationRequest {
        point: row.point,
        contract_number: row.contract_number.clone(),
        name: row.name.clone(),
        kana: row.kana.clone(),
        address: row.address.clone(),
        building: row.building.clone(),
        requested_on: row.switch_on,
    }
}

/// スイッチング開始申込 of an application, with the number of its cancellation agency.
#[must_use]
pub fn start(cancellation: Option<&str>, row: &Application) -> SwitchStart {
    SwitchStart {
        point: row.point,
        name: row.name.clone(),
        kana: row.kana.clone(),
        postal_code: row.postal_code,
        address: row.address.clone(),
        building: row.building.clone(),
        telephone: row.telephone.clone(),
        contract_number: None,
        switch_on: row.switch_on,
        decision_method: row.decision_method,
        amount: row.amount,
        amount_unit: row.amount_unit,
        service_menu: row.service_menu.clone(),
        over_one_year: true,
        cancellation: cancellation.and_then(|number| CancellationNumber::parse(number).ok()),
    }
}

fn withdrawal(case: &Case, row: &Application) -> Withdrawal {
    let number = case.application_number.as_deref().and_then(|number| ApplicationNumber::parse(number).ok());
    let cancellation = match number {
        None => case.cancellation_number.as_deref().and_then(|number| CancellationNumber::parse(number).ok()),
        Some(_) => None,
    };
    Withdrawal { number, cancellation, point: row.point, reason: case.withdrawal.unwrap_or(WithdrawalReason::Customer) }
}

/// The stage of a case whose message is under way.
#[must_use]
pub const fn under_way(saying: &Saying) -> Stage {
    match saying {
        Saying::Inquire(_) => Stage::Inquiring,
        Saying::Request(_) => Stage::Requesting,
        Saying::Start(_) => Stage::Starting,
        Saying::Withdraw(_) => Stage::Withdrawing,
    }
}

/// An event of a case.
#[must_use]
pub fn event(at: DateTime, kind: &str, ja: impl Into<String>, en: impl Into<String>) -> Entry {
    Entry { at, kind: kind.to_owned(), ja: ja.into(), en: en.into() }
}

/// Ends a case.
pub fn end(case: &mut Case, outcome: Outcome, at: DateTime) -> Entry {
    case.stage = Stage::Ended;
    case.outcome = Some(outcome);
    event(at, outcome.key(), outcome.ja(), outcome.en())
}

/// Holds a case for a person, who is told why. It says nothing more until released.
pub fn hold(case: &mut Case, at: DateTime, ja: String, en: String) -> Entry {
    case.outcome = Some(Outcome::Held);
    case.reasons.push((ja.clone(), en.clone()));
    event(at, "held", ja, en)
}

/// 設備情報照会の結果: the facility is known. An error that the rules found in it holds the case
/// before anything binding is said.
pub fn facility_known(case: &mut Case, answer: &FacilityAnswer, found: &[Finding], at: DateTime) -> Vec<Entry> {
    case.stage = Stage::Inquired;
    let mut events = vec![event(at, "facility-known", "設備情報を取得", "facility information received")];
    if answer.meter().is_some_and(|meter| meter.needs_work()) {
        events.push(event(at, "work-probable", "計器工事が必要な見込み", "meter work is probable"));
    }
    let error = found.iter().find(|finding| finding.is_error()).map(|finding| (finding.ja.clone(), finding.en.clone()));
    events.extend(withdraw_if_wished(case, at));
    if case.stage != Stage::Ended {
        if let Some((ja, en)) = error {
            events.push(hold(case, at, ja, en));
        } else if let Some(status) = answer.status.filter(|status| *status != ContractStatus::Supplied) {
            let ja = format!("契約状態が「{}」のため保留（スイッチングではなく再点の可能性）", status.ja());
            events.push(hold(case, at, ja, format!("held: the contract is {}, perhaps a reconnection", status.en())));
        }
    }
    events
}

/// 受付結果: an application was accepted or rejected.
pub fn received(case: &mut Case, receipt: &Receipt, at: DateTime) -> Vec<Entry> {
    let accepted = receipt.acceptance == Acceptance::Accepted;
    let mut events = Vec::new();
    // A notice was faster than this receipt.
    if case.stage == Stage::Ended {
        return events;
    }
    match (case.stage, accepted) {
        (Stage::Requesting, true) => {
            case.cancellation_number = receipt.cancellation.as_ref().map(|number| number.as_str().to_owned());
            case.stage = Stage::Judging;
            events.push(event(at, "cancellation-accepted", "廃止取次を受付", "cancellation agency accepted"));
        }
        (Stage::Starting, true) => {
            case.application_number = receipt.number.as_ref().map(|number| number.as_str().to_owned());
            case.stage = Stage::Waiting;
            events.push(event(at, "start-accepted", "スイッチング開始を受付", "switch start accepted"));
        }
        (Stage::Withdrawing, true) => events.push(end(case, Outcome::CancelledInSystem, at)),
        (Stage::Withdrawing, false) => events.push(end(case, Outcome::CancelledByOperator, at)),
        (_, false) => {
            case.reasons.extend(receipt.errors.iter().map(input_error));
            events.push(end(case, Outcome::Rejected, at));
        }
        (_, true) => {}
    }
    events.extend(withdraw_if_wished(case, at));
    events
}

/// 申込状態: what the counterparty says of one application of the case, by notice or when asked.
pub fn told(case: &mut Case, entry: &ApplicationEntry, at: DateTime) -> Vec<Entry> {
    let Open::Known(state) = &entry.state else {
        let Open::Unknown(text) = &entry.state else { return Vec::new() };
        if case.outcome.is_some() {
            return Vec::new();
        }
        let ja = format!("相手方の状態「{text}」は未知のため保留");
        return vec![hold(case, at, ja, format!("held: the counterparty's state `{text}` is not known"))];
    };
    if case.stage == Stage::Ended || case.outcome == Some(Outcome::Held) {
        return Vec::new();
    }
    match entry.kind.known() {
        Some(ApplicationKind::CancellationAgency) => judged(case, *state, entry, at),
        Some(ApplicationKind::SwitchStart) => moved(case, *state, entry, at),
        _ => Vec::new(),
    }
}

fn judged(case: &mut Case, state: ApplicationState, entry: &ApplicationEntry, at: DateTime) -> Vec<Entry> {
    if !matches!(case.stage, Stage::Judging | Stage::Requesting) {
        return Vec::new();
    }
    if let Some(number) = &entry.cancellation {
        case.cancellation_number = Some(number.as_str().to_owned());
    }
    match state {
        ApplicationState::Judging if case.stage == Stage::Requesting => {
            case.stage = Stage::Judging;
            let mut events = vec![event(
                at,
                "cancellation-found",
                "廃止取次の受付を一覧で確認",
                "cancellation agency found in the list",
            )];
            events.extend(withdraw_if_wished(case, at));
            events
        }
        ApplicationState::JudgedOk => {
            case.stage = Stage::Agreed;
            let mut events = vec![event(at, "judged-ok", "現小売が廃止取次をOKと判断", "the current retailer agreed")];
            events.extend(withdraw_if_wished(case, at));
            events
        }
        ApplicationState::JudgedNg => {
            case.reasons.extend(entry.reasons.iter().map(ng_reason));
            vec![end(case, Outcome::Ng, at)]
        }
        ApplicationState::Expired => vec![end(case, Outcome::Expired, at)],
        ApplicationState::Rejected => {
            case.reasons.extend(entry.errors.iter().map(input_error));
            vec![end(case, Outcome::Rejected, at)]
        }
        ApplicationState::Withdrawn => vec![end(case, Outcome::CancelledInSystem, at)],
        _ => Vec::new(),
    }
}

/// How far a switch start has come, so that a late notice never moves a case back.
const fn rank(stage: Stage) -> u8 {
    match stage {
        Stage::Starting => 1,
        Stage::Waiting | Stage::ToWithdraw | Stage::Withdrawing => 2,
        Stage::Matched => 3,
        Stage::Effective => 4,
        _ => 0,
    }
}

fn moved(case: &mut Case, state: ApplicationState, entry: &ApplicationEntry, at: DateTime) -> Vec<Entry> {
    let before = rank(case.stage);
    if before == 0 {
        return Vec::new();
    }
    if let Some(number) = &entry.number {
        case.application_number = Some(number.as_str().to_owned());
    }
    match state {
        ApplicationState::Accepted | ApplicationState::WaitingPair if before == 1 => {
            case.stage = Stage::Waiting;
            let mut events =
                vec![event(at, "start-found", "スイッチング開始の受付を一覧で確認", "switch start found in the list")];
            events.extend(withdraw_if_wished(case, at));
            events
        }
        ApplicationState::Matched if before < 3 => {
            case.switch_on = entry.switch_on.or(case.switch_on);
            let wished = case.withdrawal.is_some();
            case.stage = Stage::Matched;
            let mut events =
                vec![event(at, "matched", "マッチング成立（以後は変更不可）", "matched: no change from here on")];
            if wished {
                events.push(end(case, Outcome::CancelledByOperator, at));
            }
            events
        }
        ApplicationState::MeterWork => vec![event(at, "meter-work", "計器工事中", "meter work under way")],
        ApplicationState::Effective if before < 4 => {
            case.switch_on = entry.switch_on.or(case.switch_on);
            case.stage = Stage::Effective;
            vec![event(at, "effective", "切替（この日から課金開始）", "switched: billing starts on this day")]
        }
        ApplicationState::Completed => {
            case.switch_on = entry.switch_on.or(case.switch_on);
            case.work_outstanding = entry.work_outstanding;
            let outcome = if entry.work_outstanding { Outcome::CompletedWorkOutstanding } else { Outcome::Completed };
            vec![end(case, outcome, at)]
        }
        ApplicationState::Unmatched => vec![end(case, Outcome::Unmatched, at)],
        ApplicationState::Rejected => {
            case.reasons.extend(entry.errors.iter().map(input_error));
            vec![end(case, Outcome::Rejected, at)]
        }
        ApplicationState::Withdrawn => vec![end(case, Outcome::CancelledInSystem, at)],
        _ => Vec::new(),
    }
}

/// 取消の希望: the customer cancels. What can still be done depends on how far the case has come.
pub fn cancel(case: &mut Case, reason: WithdrawalReason, at: DateTime) -> Vec<Entry> {
    let wish = event(
        at,
        "cancel-wished",
        format!("取消の申出（{}）", reason.ja()),
        format!("cancellation wished: {}", reason.en()),
    );
    let completed = matches!(case.outcome, Some(Outcome::Completed | Outcome::CompletedWorkOutstanding));
    if case.stage == Stage::Ended && !completed || case.withdrawal.is_some() {
        return Vec::new();
    }
    case.withdrawal = Some(reason);
    if completed || case.stage == Stage::Effective {
        return vec![wish, end(case, Outcome::CancelledAfterSwitch, at)];
    }
    // What the case was held for is decided by that.
    case.outcome = None;
    let mut events = vec![wish];
    events.extend(withdraw_if_wished(case, at));
    events
}

/// Acts on a wish to cancel as soon as no message of the case is under way.
pub(super) fn withdraw_if_wished(case: &mut Case, at: DateTime) -> Option<Entry> {
    case.withdrawal?;
    match case.stage {
        Stage::Prepared | Stage::New | Stage::Inquired => Some(end(case, Outcome::CancelledInSystem, at)),
        Stage::Judging | Stage::Agreed | Stage::Waiting => {
            case.stage = Stage::ToWithdraw;
            None
        }
        Stage::Matched => Some(end(case, Outcome::CancelledByOperator, at)),
        _ => None,
    }
}

fn ng_reason(reason: &NgReason) -> (String, String) {
    let remark = reason.remark.as_ref().map_or(String::new(), |remark| format!("（{}）", remark.as_str()));
    match &reason.code {
        Open::Known(code) => (format!("{}{remark}", code.ja()), code.en().to_owned()),
        Open::Unknown(text) => (format!("{text}{remark}"), format!("reason `{text}`")),
    }
}

fn input_error(error: &InputError) -> (String, String) {
    let text = error.text.as_ref().map_or(String::new(), |text| format!("（{}）", text.as_str()));
    let code = error.code.as_str();
    (format!("{code}{text}"), format!("error {code}"))
}

/// 次にすること: what a person has to do about a case; nothing where nobody has to.
#[must_use]
pub fn what_next(case: &Case) -> Option<(String, String)> {
    let (ja, en) = match case.outcome {
        Some(Outcome::Ng) => (
            "お客さまに現小売事業者での登録内容（契約番号・名義・住所）を確認してもらい、訂正して再申込",
            "ask the customer to check number, name and address with the current retailer, correct and apply again",
        ),
        Some(Outcome::Expired) => (
            "現小売事業者に状況を確認し、希望日を改めて再申込",
            "ask the current retailer and apply again with a new date",
        ),
        Some(Outcome::Unmatched) => (
            "現小売事業者にスイッチング廃止の申込を依頼し、希望日を改めて再申込",
            "ask the current retailer to file the switch stop, and apply again with a new date",
        ),
        Some(Outcome::Rejected) => ("却下理由の項目を訂正して再申込", "correct what was rejected and apply again"),
        Some(Outcome::CancelledByOperator) => (
            "一般送配電事業者へ電話で取消を連絡（マッチング後はシステムから取消できません）",
            "call the transmission operator: after matching the system takes no cancellation",
        ),
        Some(Outcome::CancelledAfterSwitch) => (
            "廃止を申込み、次に供給する小売事業者が再点を申込（切替後の取消）",
            "file a termination; the next retailer files a reconnection",
        ),
        Some(Outcome::Held) => ("保留理由を確認し、続行か取消かを判断", "read why the case is held and decide"),
        Some(Outcome::NotSent) => ("指摘を訂正して再申込", "correct the findings and apply again"),
        Some(Outcome::Refused) => (
            "共同利用の範囲外です。指摘の「変更案」に従って見直し",
            "outside the shared-use notice: follow the change that the finding names",
        ),
        Some(Outcome::CompletedWorkOutstanding) => (
            "計器取替の完了を待つ（課金は切替日から）",
            "wait for the meter exchange; billing runs from the switch date",
        ),
        None | Some(Outcome::Pending) if case.stage == Stage::Prepared => {
            ("二人目の担当者が occto switch approve で承認", "a second person releases it with occto switch approve")
        }
        None | Some(Outcome::Pending) => ("occto switch poll で続きを取得", "go on with occto switch poll"),
        Some(Outcome::Completed | Outcome::CancelledInSystem) => return None,
    };
    Some((ja.to_owned(), en.to_owned()))
}
