//! The sandbox: every end of a switch, and what faults make of it.

use crate::table::*;
use jiff::civil::date;
use occto::items::{Date, Family};
use occto::messages::Open;
use occto::messages::switching::*;
use occto::sandbox::{Reply, Sandbox};

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
