//! The sandbox: what it checks, the other applications, and two adapters that face each other.

use crate::table::*;
use jiff::civil::date;
use occto::items::{Date, Family, YearMonth};
use occto::messages::switching::*;
use occto::messages::{Bytes, Open};
use occto::notice::Party;
use occto::sandbox::Sandbox;

const SWITCH: Date = date(2026, 4, 20);

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
