//! One fully filled, synthetic sample of every switching message, and what is needed to clear and write it.

use jiff::civil::{date, datetime};
use occto::items::*;
use occto::messages::switching::*;
use occto::messages::{Bytes, Header, Open};
use occto::notice::{ClearanceDesk, Cleared, Consent, Context, Disclosure, InquiryReason, Notice, Party, Route};

/// A low-voltage point of the Tokyo area that nobody has.
pub const POINT: &str = "0300110000000000000001";

pub fn point() -> SupplyPointId {
    SupplyPointId::parse(POINT).unwrap()
}
pub fn new_retailer() -> Party {
    Party::retailer(BusinessCode::parse("40113").unwrap())
}
pub fn current_retailer() -> Party {
    Party::retailer(BusinessCode::parse("40223").unwrap())
}
pub fn operator() -> Party {
    Party::operator(Area::Tokyo)
}
pub fn now() -> DateTime {
    datetime(2026, 11, 2, 9, 30, 0, 0)
}

fn name() -> CustomerName {
    CustomerName::parse("髙橋　花子").unwrap()
}
fn kana() -> Option<CustomerKana> {
    Some(CustomerKana::parse("タカハシ　ハナコ").unwrap())
}
fn address() -> Address {
    Address::parse("東京都千代田区見本町１－２－３").unwrap()
}
fn building() -> Option<Building> {
    Some(Building::parse("見本＆サンプル <北棟> ①").unwrap())
}
fn telephone() -> Option<Telephone> {
    Some(Telephone::parse("03-0000-0001").unwrap())
}
fn postal_code() -> Option<PostalCode> {
    Some(PostalCode::parse("100-0000").unwrap())
}
fn contract_number() -> RetailContractNumber {
    RetailContractNumber::parse("0012-3456-\"7\", A&B").unwrap()
}
fn remark(text: &str) -> Remark {
    Remark::parse(text).unwrap()
}
fn application_number() -> ApplicationNumber {
    ApplicationNumber::parse("A000000001").unwrap()
}
fn cancellation_number() -> CancellationNumber {
    CancellationNumber::parse("K000000001").unwrap()
}
pub fn reference() -> Reference {
    Reference::parse("REF-0001").unwrap()
}
fn amount() -> Option<AmountNumber> {
    Some(AmountNumber::parse("5.25").unwrap())
}
fn menu() -> Option<ServiceMenu> {
    Some(ServiceMenu::parse("電灯標準接続送電サービス").unwrap())
}
fn password() -> UsagePassword {
    UsagePassword::parse("Sample-Pass-1").unwrap()
}
fn reasons() -> Vec<NgReason> {
    vec![
        NgReason { code: Open::Known(NgReasonCode::NameMismatch), remark: Some(remark("名義が一致しません")) },
        NgReason { code: Open::Unknown("77".into()), remark: None },
    ]
}
fn errors() -> Vec<InputError> {
    vec![InputError {
        code: remark("E001"), field: Some(remark("契約容量")), text: Some(remark("単位 & 数値 <確認>"))
    }]
}
fn entry() -> ApplicationEntry {
    ApplicationEntry {
        kind: Open::Known(ApplicationKind::SwitchStart),
        number: Some(application_number()),
        cancellation: Some(cancellation_number()),
        reference: reference(),
        point: point(),
        state: Open::Known(ApplicationState::WaitingPair),
        submitted_on: date(2026, 11, 2),
        switch_on: Some(date(2026, 11, 20)),
        work_outstanding: true,
        reasons: reasons(),
        errors: errors(),
    }
}
fn second_entry() -> ApplicationEntry {
    ApplicationEntry {
        kind: Open::Unknown("88".into()),
        number: None,
        cancellation: None,
        state: Open::Unknown("予備".into()),
        switch_on: None,
        work_outstanding: false,
        reasons: Vec::new(),
        errors: Vec::new(),
        ..entry()
    }
}

/// The sample of a switch start, with every field.
pub fn switch_start() -> SwitchStart {
    SwitchStart {
        point: point(),
        name: name(),
        kana: kana(),
        postal_code: postal_code(),
        address: address(),
        building: building(),
        telephone: telephone(),
        contract_number: Some(contract_number()),
        switch_on: date(2026, 11, 20),
        decision_method: DecisionMethod::AmpereBreaker,
        amount: amount(),
        amount_unit: Some(AmountUnit::Ampere),
        service_menu: menu(),
        over_one_year: true,
        cancellation: Some(cancellation_number()),
    }
}

/// The sample of a cancellation agency request, with every field.
pub fn cancellation_request() -> CancellationRequest {
    CancellationRequest {
        point: point(),
        contract_number: contract_number(),
        name: name(),
        kana: kana(),
        address: address(),
        building: building(),
        requested_on: date(2026, 11, 20),
    }
}

fn facility_answer() -> FacilityAnswer {
    FacilityAnswer {
        point: point(),
        area: Some(Area::Tokyo),
        isolated_island: Some(false),
        amount: amount(),
        amount_unit: Some(AmountUnit::KiloVoltAmpere),
        current_limit: Some(CurrentLimit::parse("40").unwrap()),
        service_menu: menu(),
        power_factor: Some(PowerFactor::parse("90").unwrap()),
        supply_method: Some(SupplyMethod::parse("交流単相3線式100V及び200V").unwrap()),
        decision_method: Some(DecisionMethod::MainSwitch),
        meter_number: Some(MeterNumber::parse("M-0001").unwrap()),
        half_hourly: Some(true),
        automatic_reading: Some(false),
        lead_in_pole: Some(LeadInPole::parse("見本支線12右3").unwrap()),
        interconnection: Some(false),
        changed_on: Some(date(2024, 4, 1)),
        next_reading: Some(date(2026, 11, 20)),
        status: Some(ContractStatus::Supplied),
        decommissioning: Some(DecommissioningMethod::RemoteShutOff),
    }
}

fn password_application() -> UsagePasswordApplication {
    UsagePasswordApplication {
        point: point(),
        name: name(),
        kana: kana(),
        postal_code: postal_code(),
        address: address(),
        building: building(),
        validity: PasswordValidity::Week,
        consented_at: datetime(2026, 11, 1, 10, 0, 5, 0),
        consent_method: ConsentMethod::Electronic,
        documents: vec![IdentityDocument {
            kind: DocumentType::DriversLicence,
            media: MediaType::Pdf,
            content: Bytes::new(b"%PDF-1.7 sample\n\x00\xFF".to_vec()).unwrap(),
        }],
    }
}

fn usage_answer() -> UsageAnswer {
    UsageAnswer {
        point: point(),
        holder_since: Some(date(2026, 1, 15)),
        monthly: vec![
            MonthlyUsage { month: YearMonth::new(2026, 9).unwrap(), energy: Energy::parse("312.5").unwrap() },
            MonthlyUsage { month: YearMonth::new(2026, 10).unwrap(), energy: Energy::parse("0").unwrap() },
        ],
        half_hourly: vec![HalfHourUsage {
            date: date(2026, 10, 31),
            slot: Slot::new(7).unwrap(),
            energy: Energy::parse("0.1234").unwrap(),
        }],
    }
}

fn cancellation_entry() -> CancellationEntry {
    CancellationEntry {
        number: cancellation_number(),
        new_retailer: BusinessCode::parse("40113").unwrap(),
        point: point(),
        contract_number: contract_number(),
        name: name(),
        kana: kana(),
        address: address(),
        building: building(),
        requested_on: date(2026, 11, 20),
        received_on: date(2026, 11, 2),
        judge_by: Some(date(2026, 11, 9)),
    }
}

fn reconnection() -> Reconnection {
    Reconnection {
        point: point(),
        name: name(),
        kana: kana(),
        postal_code: postal_code(),
        address: address(),
        building: building(),
        telephone: telephone(),
        start_on: date(2026, 11, 5),
        decision_method: DecisionMethod::ActualDemand,
        amount: amount(),
        amount_unit: Some(AmountUnit::KiloVoltAmpere),
        service_menu: menu(),
    }
}

fn customer_change() -> CustomerChange {
    CustomerChange {
        point: point(),
        holder_changes: false,
        name: Some(name()),
        kana: kana(),
        postal_code: postal_code(),
        address: Some(address()),
        building: building(),
        telephone: telephone(),
        contract_number: Some(contract_number()),
        change_on: date(2026, 11, 5),
    }
}

fn correction() -> Correction {
    Correction {
        number: application_number(),
        point: point(),
        requested_on: Some(date(2026, 11, 24)),
        name: Some(name()),
        kana: kana(),
        address: Some(address()),
        building: building(),
        telephone: telephone(),
    }
}

fn notice_list() -> NoticeList {
    let notice =
        |sequence, kind, applications, password| NoticeEntry { sequence, kind, told_at: now(), applications, password };
    NoticeList {
        entries: vec![
            notice(41, Open::Known(NoticeKind::StateChanged), vec![entry(), second_entry()], None),
            notice(42, Open::Known(NoticeKind::PasswordIssued), Vec::new(), Some(password())),
        ],
        more: true,
    }
}

/// Every message, in the order of [`SwitchingMessage::SPECS`].
pub fn all() -> Vec<SwitchingMessage> {
    let (number, cancellation) = (Some(application_number()), Some(cancellation_number()));
    let (from, to) = (Some(date(2026, 10, 1)), Some(date(2026, 10, 31)));
    vec![
        FacilityInquiry { point: point() }.into(),
        facility_answer().into(),
        password_application().into(),
        UsagePasswordAnswer {
            point: point(),
            number: number.clone(),
            password: Some(password()),
            valid_until: Some(date(2026, 11, 9)),
            errors: errors(),
        }
        .into(),
        UsageInquiry {
            point: point(),
            password: password(),
            from: YearMonth::new(2025, 11).unwrap(),
            to: YearMonth::new(2026, 10).unwrap(),
            resolution: Resolution::Both,
        }
        .into(),
        usage_answer().into(),
        cancellation_request().into(),
        CancellationResultInquiry { number: cancellation.clone(), reference: Some(reference()) }.into(),
        CancellationResult {
            number: cancellation_number(),
            point: point(),
            state: Open::Known(ApplicationState::JudgedNg),
            reasons: reasons(),
        }
        .into(),
        CancellationInquiry { from, to }.into(),
        CancellationList { entries: vec![cancellation_entry(), cancellation_entry()] }.into(),
        CancellationJudgement {
            number: cancellation_number(),
            point: point(),
            judgement: Judgement::Ng,
            reasons: reasons(),
        }
        .into(),
        switch_start().into(),
        SwitchStop { point: point(), switch_on: date(2026, 11, 20), cancellation: cancellation.clone() }.into(),
        reconnection().into(),
        Termination {
            point: point(),
            name: Some(name()),
            telephone: telephone(),
            end_on: date(2026, 11, 30),
            removal: true,
            decommissioning: Some(DecommissioningMethod::BreakerOff),
        }
        .into(),
        AmpereChange { point: point(), limit: CurrentLimit::parse("30").unwrap(), change_on: date(2026, 11, 9) }.into(),
        customer_change().into(),
        correction().into(),
        Withdrawal {
            number: number.clone(),
            cancellation: cancellation.clone(),
            point: point(),
            reason: WithdrawalReason::CoolingOff,
        }
        .into(),
        Receipt { acceptance: Acceptance::Rejected, number: number.clone(), cancellation, errors: errors() }.into(),
        StatusInquiry { number, reference: Some(reference()) }.into(),
        StatusAnswer { entries: vec![entry()] }.into(),
        ListInquiry { reference: Some(reference()), point: Some(point()), from, to }.into(),
        ListAnswer { entries: vec![entry(), second_entry()] }.into(),
        NoticeInquiry { after: 40, limit: Some(100) }.into(),
        notice_list().into(),
    ]
}

/// From whom to whom a message goes.
pub fn route(message: &SwitchingMessage) -> Route {
    let answers = |key: &str| SwitchingMessage::SPECS.iter().any(|spec| spec.answer == Some(key));
    let key = message.spec().key;
    let (sender, recipient) = match key {
        "cancellation-result" | "cancellation-list" | "cancellation-judgement" => (current_retailer(), new_retailer()),
        _ if key.starts_with("cancellation-") => (new_retailer(), current_retailer()),
        _ if answers(key) => (operator(), new_retailer()),
        _ => (new_retailer(), operator()),
    };
    Route::through_occto(sender, recipient)
}

/// The header of a message.
pub fn header(family: Family, route: Route) -> Header {
    Header { family, sender: route.sender, recipient: route.recipient, reference: reference(), created: now() }
}

/// A message cleared under the common core, with the customer's consent where it needs one.
pub fn clear<M: Disclosure>(message: M, route: Route) -> Cleared<M> {
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let consent = Consent {
        point: point(),
        given: datetime(2026, 11, 1, 10, 0, 0, 0),
        valid_until: date(2026, 12, 1),
        reason: InquiryReason::Switch,
        method: "electronic",
        reference: "C-1",
    };
    let context = Context { consent: Some(&consent), ..Context::new(route, now()) };
    desk.clear(message, &context).unwrap_or_else(|refusal| panic!("{refusal}"))
}
