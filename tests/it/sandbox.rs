//! The sandbox: every end of a switch, faults, and two adapters that face each other.

use jiff::ToSpan as _;
use jiff::civil::date;
use occto::items::{BusinessCode, Date, DateTime, Family, Reference, SupplyPointId, YearMonth};
use occto::messages::switching::*;
use occto::messages::{Bytes, Header, Open};
use occto::notice::Party;
use occto::sandbox::{Answer, FaultKind, Reply, Sandbox, World};

pub const POINT: &str = "0300000000000000000001";
const WORK: &str = "0300000000000000000002";
const HIGH: &str = "0310000000000000000003";

/// A retailer at the table: it counts its own references.
pub struct Desk {
    pub code: BusinessCode,
    pub sent: u32,
    pub family: Family,
    pub after: u32,
}

impl Desk {
    pub fn new(code: &str) -> Desk {
        Desk { code: BusinessCode::parse(code).unwrap(), sent: 0, family: Family::Low, after: 0 }
    }
    pub fn header(&mut self, recipient: Party, now: DateTime) -> Header {
        self.sent += 1;
        Header {
            family: self.family,
            sender: Party::retailer(self.code),
            recipient,
            reference: Reference::parse(&format!("{}-{}", self.code, self.sent)).unwrap(),
            created: now,
        }
    }
    pub fn say(&mut self, sandbox: &mut Sandbox, message: impl Into<SwitchingMessage>) -> Reply {
        self.say_to(sandbox, Party::OCCTO, message)
    }
    pub fn say_to(&mut self, sandbox: &mut Sandbox, to: Party, message: impl Into<SwitchingMessage>) -> Reply {
        let header = self.header(to, sandbox.now());
        sandbox.handle(&header, message.into())
    }
    pub fn notices(&mut self, sandbox: &mut Sandbox) -> Vec<NoticeEntry> {
        let inquiry = NoticeInquiry { after: self.after, limit: None };
        let SwitchingMessage::NoticeList(list) = answer(self.say(sandbox, inquiry)).message else { panic!("no list") };
        self.after = list.entries.last().map_or(self.after, |entry| entry.sequence);
        list.entries
    }
    /// The states told of since the last time, as `kind state`.
    pub fn news(&mut self, sandbox: &mut Sandbox) -> Vec<String> {
        let tell = |entry: NoticeEntry| {
            let application = &entry.applications[0];
            let state = match &application.state {
                Open::Known(state) => occto::items::Code::key(*state).to_owned(),
                Open::Unknown(text) => format!("?{text}"),
            };
            format!("{} {state}", occto::items::Code::key(application.kind.known().unwrap()))
        };
        self.notices(sandbox).into_iter().map(tell).collect()
    }
}

pub fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Answer(answer) => *answer,
        Reply::Struck(fault) => panic!("struck by {fault:?}"),
    }
}

pub fn receipt(reply: Reply) -> Receipt {
    match answer(reply).message {
        SwitchingMessage::Receipt(receipt) => receipt,
        other => panic!("{} instead of a receipt", other.spec().key),
    }
}

fn refusal(reply: Reply) -> String {
    let receipt = receipt(reply);
    assert_eq!(receipt.acceptance, Acceptance::Rejected);
    receipt.errors[0].code.as_str().to_owned()
}

pub fn world(faults: &str) -> World {
    world_of("", faults)
}

/// Three points in Tokyo, on Wednesday 1 April 2026; faults strike the first.
pub fn world_of(top: &str, faults: &str) -> World {
    let point = |id: &str, rest: &str| {
        format!(
            "[[point]]\nid = \"{id}\"\nname = \"試験　太郎\"\nkana = \"シケン　タロウ\"\naddress = \"東京都架空区一丁目1-1\"\n\
             building = \"見本荘101\"\ncontract-number = \"A-100\"\nretailer = \"40203\"\n{rest}\n"
        )
    };
    let low =
        "decision-method = \"ampere-breaker\"\namount = \"40\"\nunit = \"A\"\nmenu = \"電灯標準接続送電サービス\"\n";
    let high = "family = \"high\"\ndecision-method = \"actual-demand\"\namount = \"120\"\nunit = \"kW\"\n\
                menu = \"高圧標準接続送電サービス\"\n";
    let text = format!(
        "date = \"2026-04-01\"\nretailer = \"40113\"\n{top}\n[[retailers]]\ncode = \"40203\"\nname = \"相手電力\"\n{}{}{}",
        point(POINT, &format!("{low}faults = [{faults}]")),
        point(WORK, &format!("{low}automatic-reading = false")),
        point(HIGH, high),
    );
    World::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

pub fn point(id: &str) -> SupplyPointId {
    SupplyPointId::parse(id).unwrap()
}

pub fn cancellation(sandbox: &Sandbox, id: &str, on: Date) -> CancellationRequest {
    let held = sandbox.world().points.iter().find(|held| held.id == point(id)).unwrap();
    CancellationRequest {
        point: held.id,
        contract_number: held.contract_number.clone(),
        name: held.name.clone(),
        kana: held.kana.clone(),
        address: held.address.clone(),
        building: held.building.clone(),
        requested_on: on,
    }
}

pub fn start(sandbox: &Sandbox, id: &str, on: Date) -> SwitchStart {
    let held = sandbox.world().points.iter().find(|held| held.id == point(id)).unwrap();
    SwitchStart {
        point: held.id,
        name: held.name.clone(),
        kana: held.kana.clone(),
        postal_code: None,
        address: held.address.clone(),
        building: held.building.clone(),
        telephone: None,
        contract_number: None,
        switch_on: on,
        decision_method: held.decision_method,
        amount: held.amount,
        amount_unit: held.unit,
        service_menu: Some(held.menu.clone()),
        over_one_year: true,
        cancellation: None,
    }
}

pub fn current(code: &str) -> Party {
    Party::retailer(BusinessCode::parse(code).unwrap())
}

/// Cancellation agency, OK on the next day, switch start.
fn under_way(sandbox: &mut Sandbox, desk: &mut Desk, id: &str, on: Date) -> (Receipt, Receipt) {
    let request = cancellation(sandbox, id, on);
    let agency = receipt(desk.say_to(sandbox, current("40203"), request));
    sandbox.advance_to(sandbox.today().saturating_add(1.day()));
    let mut start = start(sandbox, id, on);
    start.cancellation.clone_from(&agency.cancellation);
    let start = receipt(desk.say(sandbox, start));
    (agency, start)
}

fn to_the_end(sandbox: &mut Sandbox) {
    while let Some(date) = sandbox.next_event_date() {
        sandbox.advance_to(date);
    }
}

const SWITCH: Date = date(2026, 4, 20);

#[test]
fn a_switch_goes_its_way() {
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let inquiry = FacilityInquiry { point: point(POINT) };
    let SwitchingMessage::FacilityAnswer(facility) = answer(desk.say(&mut sandbox, inquiry)).message else { panic!() };
    assert!(!facility.meter().unwrap().needs_work());
    assert_eq!(occto::notice::Disclosure::items(&facility).len(), 16, "all sixteen items");

    let (agency, start) = under_way(&mut sandbox, &mut desk, POINT, SWITCH);
    assert!(agency.cancellation.is_some() && agency.number.is_none() && start.number.is_some());
    assert_eq!(desk.news(&mut sandbox), ["cancellation-agency judged-ok"]);
    sandbox.advance_to(date(2026, 4, 3));
    assert_eq!(desk.news(&mut sandbox), ["switch-start matched"], "the stop came the day after the OK");
    sandbox.advance_to(date(2026, 4, 19));
    assert_eq!(desk.news(&mut sandbox), [""; 0]);
    sandbox.advance_to(SWITCH);
    assert_eq!(desk.news(&mut sandbox), ["switch-start effective"]);
    assert_eq!(sandbox.world().points[0].retailer, desk.code);
    to_the_end(&mut sandbox);
    assert_eq!(desk.news(&mut sandbox), ["switch-start completed"]);
    assert!(sandbox.today() > SWITCH, "completion comes later");
    assert_eq!(sandbox.duplicates(), 0);
}

#[test]
fn meter_work_stands_between_matching_and_switch() {
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    under_way(&mut sandbox, &mut desk, WORK, SWITCH);
    to_the_end(&mut sandbox);
    let told = ["judged-ok", "matched", "meter-work", "effective", "completed"];
    let news = desk.news(&mut sandbox);
    assert_eq!(news.iter().map(|line| line.split_once(' ').unwrap().1).collect::<Vec<_>>(), told);
}

#[test]
fn judged_by_strict_equality() {
    type Change = fn(&mut CancellationRequest);
    let cases: [(&str, Change, &[NgReasonCode]); 5] = [
        ("as it is", |_| {}, &[]),
        (
            "another width of the blank",
            |request| request.name = occto::items::CustomerName::parse("試験 太郎").unwrap(),
            &[NgReasonCode::NameMismatch],
        ),
        ("no building", |request| request.building = None, &[NgReasonCode::AddressMismatch]),
        (
            "number and name",
            |request| {
                request.contract_number = occto::items::RetailContractNumber::parse("A100").unwrap();
                request.name = occto::items::CustomerName::parse("シケン　タロウ").unwrap();
            },
            &[NgReasonCode::ContractNumberMismatch, NgReasonCode::NameMismatch],
        ),
        ("too early", |request| request.requested_on = date(2026, 4, 3), &[NgReasonCode::DateImpossible]),
    ];
    for (name, change, wanted) in cases {
        let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
        let mut request = cancellation(&sandbox, POINT, SWITCH);
        change(&mut request);
        let number = receipt(desk.say_to(&mut sandbox, current("40203"), request)).cancellation;
        sandbox.advance_to(date(2026, 4, 2));
        let inquiry = CancellationResultInquiry { number, reference: None };
        let SwitchingMessage::CancellationResult(result) = answer(desk.say(&mut sandbox, inquiry)).message else {
            panic!("{name}")
        };
        let got: Vec<NgReasonCode> = result.reasons.iter().filter_map(|reason| reason.code.known()).collect();
        assert_eq!(got, wanted, "{name}");
        let state = if wanted.is_empty() { ApplicationState::JudgedOk } else { ApplicationState::JudgedNg };
        assert_eq!(result.state, Open::Known(state), "{name}");
    }
}

#[test]
fn a_retailer_without_the_contract_says_so() {
    let (mut sandbox, mut desk) = (Sandbox::new(world("{ kind = \"not-found\" }"), 1), Desk::new("40113"));
    let request = cancellation(&sandbox, HIGH, SWITCH);
    desk.family = Family::High;
    desk.say_to(&mut sandbox, current("49993"), request);
    desk.family = Family::Low;
    let inquiry = FacilityInquiry { point: point(POINT) };
    assert_eq!(refusal(desk.say(&mut sandbox, inquiry)), "not-found");
    to_the_end(&mut sandbox);
    assert_eq!(desk.news(&mut sandbox), ["cancellation-agency expired"], "nobody is there to judge");
}

#[test]
fn faults_lead_to_their_ends() {
    let cases = [
        ("{ kind = \"ng\", reasons = [\"name-mismatch\"] }", "cancellation-agency judged-ng"),
        ("{ kind = \"silent\" }", "cancellation-agency expired"),
        ("{ kind = \"no-stop\" }", "switch-start unmatched"),
        ("{ kind = \"unknown-status\", code = \"X7\" }", "switch-start ?X7"),
        ("{ kind = \"late-completion\", days = 60 }", "switch-start completed"),
        ("{ kind = \"meter-exchange\" }", "switch-start completed"),
    ];
    for (fault, end) in cases {
        let (mut sandbox, mut desk) = (Sandbox::new(world(fault), 1), Desk::new("40113"));
        let request = cancellation(&sandbox, POINT, SWITCH);
        let agency = receipt(desk.say_to(&mut sandbox, current("40203"), request));
        sandbox.advance_to(date(2026, 4, 2));
        if !end.starts_with("cancellation") {
            let mut start = start(&sandbox, POINT, SWITCH);
            start.cancellation = agency.cancellation;
            desk.say(&mut sandbox, start);
        }
        to_the_end(&mut sandbox);
        let notices = desk.notices(&mut sandbox);
        desk.after = 0;
        assert_eq!(desk.news(&mut sandbox).last().unwrap(), end, "{fault}");
        let outstanding = notices.last().unwrap().applications[0].work_outstanding;
        assert_eq!(outstanding, fault.contains("meter-exchange"), "{fault}");
        assert_eq!(sandbox.today() > date(2026, 6, 1), fault.contains("late"), "{fault}");
    }
}

#[test]
fn an_unmatched_switch_is_rejected_after_its_cut_off() {
    let period = "[[operator]]\narea = \"03\"\nlow = { business = 1, calendar = 2 }";
    let mut sandbox = Sandbox::new(world_of(period, "{ kind = \"no-stop\" }"), 1);
    let mut desk = Desk::new("40113");
    under_way(&mut sandbox, &mut desk, POINT, SWITCH);
    desk.news(&mut sandbox);
    // From Thursday the 16th one business day and two days end on Sunday the 19th, from Friday on Wednesday the 22nd.
    sandbox.advance_to(date(2026, 4, 16));
    assert_eq!(desk.news(&mut sandbox), [""; 0]);
    sandbox.advance_to(date(2026, 4, 17));
    assert_eq!(desk.news(&mut sandbox), ["switch-start unmatched"]);
}

#[test]
fn the_same_reference_never_makes_a_second_application() {
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let request = cancellation(&sandbox, POINT, SWITCH);
    let header = desk.header(current("40203"), sandbox.now());
    assert_eq!(receipt(sandbox.handle(&header, request.clone().into())).acceptance, Acceptance::Accepted);
    assert_eq!(refusal(sandbox.handle(&header, request.clone().into())), "already-pending");
    assert_eq!(sandbox.duplicates(), 1);
    assert_eq!(refusal(desk.say_to(&mut sandbox, current("40203"), request)), "already-pending", "another reference");
    assert_eq!(sandbox.duplicates(), 2);
    let inquiry = ListInquiry { reference: None, point: Some(point(POINT)), from: None, to: None };
    let SwitchingMessage::ListAnswer(list) = answer(desk.say(&mut sandbox, inquiry)).message else { panic!() };
    assert_eq!(list.entries.len(), 1);
}

#[test]
fn a_lost_answer_is_found_in_the_list_and_a_lost_request_is_not() {
    for (kind, held) in [("lose-answer", 1), ("no-answer", 0), ("html", 1), ("garbled-answer", 1)] {
        let fault = format!("{{ kind = \"{kind}\", on = \"cancellation-request\" }}");
        let (mut sandbox, mut desk) = (Sandbox::new(world(&fault), 1), Desk::new("40113"));
        let request = cancellation(&sandbox, POINT, SWITCH);
        let header = desk.header(current("40203"), sandbox.now());
        let Reply::Struck(struck) = sandbox.handle(&header, request.into()) else { panic!("not struck") };
        assert_eq!(occto::items::Code::key(struck), kind);
        let by_reference = ListInquiry { reference: Some(header.reference), point: None, from: None, to: None };
        let SwitchingMessage::ListAnswer(list) = answer(desk.say(&mut sandbox, by_reference)).message else { panic!() };
        assert_eq!(list.entries.len(), held, "{kind}");
    }
}

#[test]
fn a_withdrawal_goes_by_its_stage() {
    let withdraw = |receipt: &Receipt| Withdrawal {
        number: receipt.number.clone(),
        cancellation: receipt.cancellation.clone(),
        point: point(POINT),
        reason: WithdrawalReason::CoolingOff,
    };
    // While the current retailer judges.
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let request = cancellation(&sandbox, POINT, SWITCH);
    let agency = receipt(desk.say_to(&mut sandbox, current("40203"), request));
    assert_eq!(receipt(desk.say(&mut sandbox, withdraw(&agency))).acceptance, Acceptance::Accepted);
    assert_eq!(refusal(desk.say(&mut sandbox, withdraw(&agency))), "ended");
    // Before matching: the agency goes with it, and nothing is matched later.
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let (_, start) = under_way(&mut sandbox, &mut desk, POINT, SWITCH);
    assert_eq!(receipt(desk.say(&mut sandbox, withdraw(&start))).acceptance, Acceptance::Accepted);
    to_the_end(&mut sandbox);
    let news = desk.news(&mut sandbox);
    assert_eq!(news, ["cancellation-agency judged-ok", "cancellation-agency withdrawn", "switch-start withdrawn"]);
    assert_ne!(sandbox.world().points[0].retailer, desk.code);
    // After matching only by telephone, and not after the switch.
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let (_, start) = under_way(&mut sandbox, &mut desk, POINT, SWITCH);
    assert!(!sandbox.cancel_by_telephone(start.number.as_ref().unwrap()), "not matched yet");
    sandbox.advance_to(date(2026, 4, 3));
    let refused = receipt(desk.say(&mut sandbox, withdraw(&start)));
    assert_eq!(refused.errors[0].code.as_str(), "matched");
    assert!(refused.errors[0].text.as_ref().unwrap().as_str().contains("直接"), "says whom to call");
    assert!(sandbox.cancel_by_telephone(start.number.as_ref().unwrap()));
    to_the_end(&mut sandbox);
    assert_eq!(desk.news(&mut sandbox).last().unwrap(), "switch-start withdrawn");
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let (_, start) = under_way(&mut sandbox, &mut desk, POINT, SWITCH);
    sandbox.advance_to(SWITCH);
    assert_eq!(refusal(desk.say(&mut sandbox, withdraw(&start))), "switched");
    assert!(!sandbox.cancel_by_telephone(start.number.as_ref().unwrap()));
}

#[test]
fn a_switch_start_is_checked() {
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let good = start(&sandbox, POINT, SWITCH);
    let mut early = good.clone();
    early.switch_on = date(2026, 4, 2);
    assert_eq!(refusal(desk.say(&mut sandbox, early)), "date-too-early");
    let mut method = good.clone();
    method.decision_method = occto::items::DecisionMethod::MainSwitch;
    assert_eq!(refusal(desk.say(&mut sandbox, method)), "decision-method");
    let mut agency = good.clone();
    agency.cancellation = Some(occto::items::CancellationNumber::parse("H000000001").unwrap());
    assert_eq!(refusal(desk.say(&mut sandbox, agency)), "cancellation");
    let mut unknown = good.clone();
    unknown.point = point("0300000000000000000009");
    assert_eq!(refusal(desk.say(&mut sandbox, unknown)), "not-found");
    let elsewhere = Party::operator(occto::items::Area::Kansai);
    assert_eq!(refusal(desk.say_to(&mut sandbox, elsewhere, good.clone())), "wrong-area");
    desk.family = Family::High;
    assert_eq!(refusal(desk.say(&mut sandbox, good.clone())), "wrong-family");
    desk.family = Family::Low;
    assert_eq!(receipt(desk.say(&mut sandbox, good)).acceptance, Acceptance::Accepted);
    assert_eq!(sandbox.duplicates(), 0, "a rejected application is none");
    let (mut sandbox, mut desk) =
        (Sandbox::new(world("{ kind = \"reject\", code = \"E77\", text = \"異動並び\" }"), 1), Desk::new("40113"));
    let start = start(&sandbox, POINT, SWITCH);
    let refused = receipt(desk.say(&mut sandbox, start));
    assert_eq!(refused.errors[0].code.as_str(), "E77");
    assert_eq!(refused.errors[0].text.as_ref().unwrap().as_str(), "異動並び");
}

#[test]
fn two_adapters_face_each_other() {
    let external = world_of("[[retailers]]\ncode = \"40303\"\nname = \"別電力\"\nbehaviour = \"external\"", "");
    let mut sandbox = Sandbox::new(external, 1);
    let (mut new, mut old) = (Desk::new("40113"), Desk::new("40303"));
    // The other adapter first wins the customer, then loses them.
    let (_, won) = under_way(&mut sandbox, &mut old, POINT, SWITCH);
    assert_eq!(won.acceptance, Acceptance::Accepted);
    sandbox.advance_to(SWITCH);
    old.news(&mut sandbox);
    let later = date(2026, 5, 25);
    let request = cancellation(&sandbox, POINT, later);
    receipt(new.say_to(&mut sandbox, current("40303"), request));

    assert_eq!(old.notices(&mut sandbox)[0].kind, Open::Known(NoticeKind::CancellationReceived));
    let inquiry = CancellationInquiry { from: None, to: None };
    let SwitchingMessage::CancellationList(list) = answer(old.say(&mut sandbox, inquiry.clone())).message else {
        panic!()
    };
    let entry = &list.entries[0];
    assert_eq!((entry.new_retailer, entry.requested_on), (new.code, later));
    let judgement = CancellationJudgement {
        number: entry.number.clone(),
        point: entry.point,
        judgement: Judgement::Ok,
        reasons: Vec::new(),
    };
    assert_eq!(refusal(new.say(&mut sandbox, judgement.clone())), "unknown-number", "only the addressee judges");
    assert_eq!(receipt(old.say(&mut sandbox, judgement)).acceptance, Acceptance::Accepted);
    let stop = SwitchStop { point: entry.point, switch_on: later, cancellation: Some(entry.number.clone()) };
    assert_eq!(receipt(old.say(&mut sandbox, stop)).acceptance, Acceptance::Accepted);
    assert_eq!(new.news(&mut sandbox), ["cancellation-agency judged-ok"]);
    let mut start = start(&sandbox, POINT, later);
    start.cancellation = Some(entry.number.clone());
    assert_eq!(receipt(new.say(&mut sandbox, start)).acceptance, Acceptance::Accepted);
    to_the_end(&mut sandbox);
    assert_eq!(new.news(&mut sandbox), ["switch-start matched", "switch-start effective", "switch-start completed"]);
    let told = old.news(&mut sandbox);
    assert!(told.contains(&"switch-stop matched".to_owned()) && told.contains(&"switch-stop effective".to_owned()));
    assert_eq!(sandbox.world().points[0].retailer, new.code);
    let SwitchingMessage::CancellationList(list) = answer(old.say(&mut sandbox, inquiry)).message else { panic!() };
    assert!(list.entries.is_empty());
    assert_eq!(sandbox.duplicates(), 0);
}

#[test]
fn usage_comes_by_password_and_is_cut_at_the_change_of_holder() {
    let (mut sandbox, mut desk) = (Sandbox::new(world(""), 1), Desk::new("40113"));
    let held = sandbox.world().points[0].clone();
    let apply = UsagePasswordApplication {
        point: held.id,
        name: held.name,
        kana: None,
        postal_code: None,
        address: held.address,
        building: None,
        validity: PasswordValidity::Week,
        consented_at: date(2026, 3, 30).at(10, 0, 0, 0),
        consent_method: ConsentMethod::Written,
        documents: vec![IdentityDocument {
            kind: DocumentType::DriversLicence,
            media: MediaType::Png,
            content: Bytes::new(vec![1, 2, 3]).unwrap(),
        }],
    };
    let SwitchingMessage::UsagePasswordAnswer(said) = answer(desk.say(&mut sandbox, apply)).message else { panic!() };
    assert!(said.password.is_none() && said.number.is_some(), "the password follows by notice");
    assert!(desk.notices(&mut sandbox).is_empty());
    sandbox.advance_to(date(2026, 4, 2));
    let notices = desk.notices(&mut sandbox);
    assert_eq!(notices[0].kind, Open::Known(NoticeKind::PasswordIssued));
    let month = |text: &str| YearMonth::parse(text).unwrap();
    let inquiry = UsageInquiry {
        point: held.id,
        password: notices[0].password.clone().unwrap(),
        from: month("2025-03"),
        to: month("2026-03"),
        resolution: Resolution::Both,
    };
    let said = answer(desk.say(&mut sandbox, inquiry.clone()));
    assert_eq!(said.permission.as_ref().unwrap().given, date(2026, 3, 30).at(10, 0, 0, 0));
    let SwitchingMessage::UsageAnswer(usage) = said.message else { panic!() };
    assert_eq!((usage.monthly.len(), usage.half_hourly.len()), (13, 396 * 48));
    let sum: i64 = usage.half_hourly.iter().map(|half| half.energy.ten_thousandths()).sum();
    assert_eq!(sum, usage.monthly.iter().map(|month| month.energy.ten_thousandths()).sum::<i64>());
    let wrong = UsageInquiry { password: occto::items::UsagePassword::parse("guess").unwrap(), ..inquiry.clone() };
    assert_eq!(refusal(desk.say(&mut sandbox, wrong)), "password");
    let long = UsageInquiry { from: month("2025-02"), ..inquiry.clone() };
    assert_eq!(refusal(desk.say(&mut sandbox, long)), "period");
    sandbox.advance_to(date(2026, 4, 10));
    assert_eq!(refusal(desk.say(&mut sandbox, inquiry)), "password", "seven days after the issue");
}

#[test]
fn other_applications_follow_their_rules() {
    let (mut sandbox, mut other) = (Sandbox::new(world(""), 1), Desk::new("40203"));
    let today = sandbox.today();
    let limit = occto::items::CurrentLimit::parse("30").unwrap();
    let ampere = AmpereChange { point: point(POINT), limit, change_on: date(2026, 4, 3) };
    assert_eq!(receipt(other.say(&mut sandbox, ampere.clone())).acceptance, Acceptance::Accepted);
    let mut desk = Desk::new("40113");
    assert_eq!(refusal(desk.say(&mut sandbox, ampere)), "not-your-point");
    sandbox.advance_to(date(2026, 4, 3));
    assert_eq!(sandbox.world().points[0].amount.unwrap().milli(), 30_000);
    let end = |end_on| Termination {
        point: point(POINT),
        name: None,
        telephone: None,
        end_on,
        removal: false,
        decommissioning: None,
    };
    assert_eq!(refusal(other.say(&mut sandbox, end(today))), "date-past");
    let same_day = end(sandbox.today());
    assert_eq!(receipt(other.say(&mut sandbox, same_day)).acceptance, Acceptance::Accepted);
    let held = start(&sandbox, POINT, SWITCH);
    let again = |start_on| Reconnection {
        point: held.point,
        name: held.name.clone(),
        kana: None,
        postal_code: None,
        address: held.address.clone(),
        building: None,
        telephone: None,
        start_on,
        decision_method: held.decision_method,
        amount: held.amount,
        amount_unit: held.amount_unit,
        service_menu: held.service_menu.clone(),
    };
    assert_eq!(refusal(desk.say(&mut sandbox, again(date(2026, 3, 2)))), "retroactive", "32 days back");
    assert_eq!(receipt(desk.say(&mut sandbox, again(date(2026, 3, 3)))).acceptance, Acceptance::Accepted);
    assert_eq!(sandbox.world().points[0].retailer, desk.code);
}

#[test]
fn a_correction_moves_the_switch_until_matching() {
    let (mut sandbox, mut desk) = (Sandbox::new(world("{ kind = \"duplicate-notice\" }"), 1), Desk::new("40113"));
    let (_, start) = under_way(&mut sandbox, &mut desk, POINT, date(2026, 4, 21));
    let mut correction = Correction {
        number: start.number.unwrap(),
        point: point(POINT),
        requested_on: Some(SWITCH),
        name: None,
        kana: None,
        address: None,
        building: None,
        telephone: None,
    };
    assert_eq!(receipt(desk.say(&mut sandbox, correction.clone())).acceptance, Acceptance::Accepted);
    sandbox.advance_to(date(2026, 4, 3));
    assert_eq!(desk.news(&mut sandbox), ["cancellation-agency judged-ok"; 2], "no pair: the stop is for the 21st");
    correction.requested_on = Some(date(2026, 4, 21));
    assert_eq!(receipt(desk.say(&mut sandbox, correction.clone())).acceptance, Acceptance::Accepted);
    assert_eq!(desk.news(&mut sandbox), ["switch-start matched"; 2]);
    assert_eq!(refusal(desk.say(&mut sandbox, correction)), "matched");
}

#[test]
fn wishes_come_once_and_the_clock_knows_of_them() {
    let mut world = world("");
    let text = "date = \"2026-04-01\"\nretailer = \"40113\"\n[[wish]]\ndate = \"2026-04-09\"\nkind = \"cooling-off\"\nreceipt = \"R1\"";
    world.wishes = World::parse(text).unwrap().wishes;
    let mut sandbox = Sandbox::new(world, 1);
    assert_eq!(sandbox.next_event_date(), Some(date(2026, 4, 9)));
    assert!(sandbox.due_wishes(date(2026, 4, 8)).is_empty());
    sandbox.advance_to(date(2026, 4, 9));
    assert_eq!(sandbox.due_wishes(sandbox.today())[0].kind, WithdrawalReason::CoolingOff);
    assert!(sandbox.due_wishes(sandbox.today()).is_empty());
    assert_eq!(sandbox.next_event_date(), None);
}

#[test]
fn random_faults_are_the_same_for_the_same_seed() {
    let strikes = |seed| {
        let random = "[[random]]\nkind = \"lose-answer\"\nper-mille = 300";
        let (mut sandbox, mut desk) = (Sandbox::new(world_of(random, ""), seed), Desk::new("40113"));
        let inquiry = || FacilityInquiry { point: point(WORK) };
        let struck: Vec<bool> = (0..200)
            .map(|_| matches!(desk.say(&mut sandbox, inquiry()), Reply::Struck(FaultKind::LoseAnswer)))
            .collect();
        struck
    };
    let count = strikes(7).iter().filter(|struck| **struck).count();
    assert!((30..90).contains(&count), "{count} of 200 at 30 %");
    assert_eq!(strikes(7), strikes(7));
    assert_ne!(strikes(7), strikes(8));
}

#[test]
fn a_broken_world_file_is_named_by_line_and_column() {
    let cases = [
        ("date = \"2026-04-01\"\nretailer = \"40113\"\ncolour = 1", (3, 1), "unknown field `colour`"),
        ("date = \"2026-04-01\"\nretailer = \"4011\"", (2, 12), "5"),
        ("date = 2026\nretailer = ", (2, 12), ""),
        (
            "date = \"2026-04-01\"\nretailer = \"40113\"\n[[wish]]\ndate = \"2026-04-01\"\nkind = \"whim\"",
            (5, 8),
            "cooling-off",
        ),
        (
            "date = \"2026-04-01\"\nretailer = \"40113\"\n[[random]]\nkind = \"silent\"\nper-mille = 1",
            (4, 9),
            "lose-answer",
        ),
    ];
    for (text, place, part) in cases {
        let error = World::parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (Some(place.0), Some(place.1)), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_complaint_about_a_world_file_quotes_no_customer() {
    let text = "date = \"2026-04-01\"\nretailer = \"40113\"\n[[point]]\nid = \"03x\"\nname = \"秘密　太郎\"\n";
    let said = World::parse(text).unwrap_err();
    assert!(!format!("{said} {said:?}").contains("秘密"));
    let text = format!("{text}secret = \"秘密　花子\" oops\n");
    let said = World::parse(&text).unwrap_err();
    assert!(!format!("{said} {said:?}").contains("秘密"));
}

#[test]
fn a_generated_world_switches_to_the_last_point() {
    let world = World::generate(50, 3, date(2026, 4, 1)).unwrap();
    let applications: Vec<Application> = world.applications().collect();
    assert_eq!(applications.len(), 50);
    let (mut sandbox, mut desk) = (Sandbox::new(world, 3), Desk::new("40113"));
    for application in &applications {
        let id = application.point;
        let request = cancellation(&sandbox, id.as_str(), application.switch_on);
        receipt(desk.say_to(&mut sandbox, Party::retailer(application.current_retailer), request));
    }
    sandbox.advance_to(date(2026, 4, 2));
    for application in &applications {
        let start = start(&sandbox, application.point.as_str(), application.switch_on);
        assert_eq!(receipt(desk.say(&mut sandbox, start)).acceptance, Acceptance::Accepted);
    }
    to_the_end(&mut sandbox);
    assert!(sandbox.world().points.iter().all(|point| point.retailer == desk.code));
    let news = desk.news(&mut sandbox);
    assert_eq!(news.iter().filter(|line| *line == "switch-start completed").count(), 50);
}
