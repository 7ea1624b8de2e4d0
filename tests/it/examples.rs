//! The example world and the example applications: a plain retailer takes every row to its end.

use crate::table::{Desk, answer};
use encoding_rs::SHIFT_JIS;
use occto::calendar::Calendar;
use occto::desk::flow;
use occto::desk::view::Outcome;
use occto::items::ContractStatus;
use occto::messages::Open;
use occto::messages::switching::*;
use occto::notice::Party;
use occto::rules::{Preflight, RuleContext, Settings, check_facility};
use occto::sandbox::{Reply, Sandbox, World};
use occto::wire::intake::Reader;
use std::collections::{BTreeMap, HashSet};

const WORLD: &str = include_str!("../../examples/world.toml");
const FILE: &[u8] = include_bytes!("../../examples/applications.csv");

/// One row on its way.
struct Case {
    receipt: String,
    row: Option<Application>,
    agency: Option<occto::items::CancellationNumber>,
    number: Option<occto::items::ApplicationNumber>,
    state: Option<ApplicationState>,
    outcome: Option<Outcome>,
}

/// Says an application until it is answered; an answer that is lost is looked for in the list first.
fn apply(desk: &mut Desk, sandbox: &mut Sandbox, to: Party, message: &SwitchingMessage) -> Receipt {
    loop {
        let header = desk.header(to, sandbox.now());
        if let Reply::Answer(said) = sandbox.handle(&header, message.clone()) {
            let SwitchingMessage::Receipt(receipt) = said.message else { panic!("no receipt") };
            return receipt;
        }
        let inquiry = ListInquiry { reference: Some(header.reference), point: None, from: None, to: None };
        let SwitchingMessage::ListAnswer(list) = answer(desk.say(sandbox, inquiry)).message else { panic!("no list") };
        if let Some(entry) = list.entries.first() {
            let (number, cancellation) = (entry.number.clone(), entry.cancellation.clone());
            return Receipt { acceptance: Acceptance::Accepted, number, cancellation, errors: Vec::new() };
        }
    }
}

/// Facility inquiry and cancellation agency.
fn begin(case: &mut Case, desk: &mut Desk, sandbox: &mut Sandbox, context: &RuleContext<'_>) {
    let Some(row) = &case.row else { return };
    desk.family = row.family;
    let operator = Party::operator(row.point.area());
    let facility = loop {
        if let Reply::Answer(said) = desk.say_to(sandbox, operator, FacilityInquiry { point: row.point }) {
            break said.message;
        }
    };
    let SwitchingMessage::FacilityAnswer(facility) = facility else {
        case.outcome = Some(Outcome::Rejected);
        return;
    };
    let mut findings = Vec::new();
    check_facility(row, &facility, context, &mut findings);
    if findings.iter().any(occto::rules::Finding::is_error) || facility.status != Some(ContractStatus::Supplied) {
        case.outcome = Some(Outcome::Held);
        return;
    }
    let receipt = apply(desk, sandbox, Party::retailer(row.current_retailer), &flow::request(row).into());
    case.agency = receipt.cancellation;
    case.state = Some(ApplicationState::Judging);
}

fn told(case: &mut Case, entry: &ApplicationEntry, desk: &mut Desk, sandbox: &mut Sandbox) {
    let Open::Known(state) = entry.state else {
        case.outcome = case.outcome.or(Some(Outcome::Held));
        return;
    };
    case.state = Some(state);
    let outcome = match state {
        ApplicationState::JudgedOk => {
            let row = case.row.as_ref().unwrap();
            desk.family = row.family;
            let start = flow::start(case.agency.as_ref().map(|number| number.as_str()), row).into();
            let receipt = apply(desk, sandbox, Party::operator(row.point.area()), &start);
            case.number = receipt.number;
            (receipt.acceptance == Acceptance::Rejected).then_some(Outcome::Rejected)
        }
        ApplicationState::JudgedNg => Some(Outcome::Ng),
        ApplicationState::Expired => Some(Outcome::Expired),
        ApplicationState::Unmatched => Some(Outcome::Unmatched),
        ApplicationState::Completed if entry.work_outstanding => Some(Outcome::CompletedWorkOutstanding),
        ApplicationState::Completed => Some(Outcome::Completed),
        _ => None,
    };
    case.outcome = case.outcome.or(outcome);
}

fn cancel(case: &mut Case, desk: &mut Desk, sandbox: &mut Sandbox, reason: WithdrawalReason) {
    let row = case.row.as_ref().unwrap();
    desk.family = row.family;
    let (number, cancellation) = (case.number.clone(), case.agency.clone());
    let withdrawal = Withdrawal { number, cancellation, point: row.point, reason };
    let SwitchingMessage::Receipt(receipt) = answer(desk.say(sandbox, withdrawal)).message else {
        panic!("no receipt")
    };
    case.outcome = Some(match receipt.errors.first().map(|error| error.code.as_str()) {
        None => Outcome::CancelledInSystem,
        Some("matched") => Outcome::CancelledByOperator,
        Some("switched") => Outcome::CancelledAfterSwitch,
        Some(other) => panic!("{other}"),
    });
}

fn run() -> (Vec<Case>, Sandbox, HashSet<&'static str>) {
    let world = World::parse(WORLD).unwrap_or_else(|error| panic!("{error}"));
    let mut sandbox = Sandbox::new(world, 1);
    let (calendar, settings) = (Calendar::published().unwrap(), Settings::published().unwrap());
    let context = RuleContext { today: sandbox.today(), calendar: &calendar, settings: &settings };
    let mut preflight = Preflight::new(context, HashSet::new());
    let mut desk = Desk::new("40113");
    let mut reader = Reader::new(FILE).unwrap_or_else(|_| panic!("unreadable file"));
    let (mut cases, mut codes) = (Vec::new(), HashSet::new());
    while let Some(row) = reader.next_row() {
        let receipt = row.cells.get(0).unwrap().to_owned();
        let mut findings = Vec::new();
        let application = row.application.map_err(|found| findings.extend(found)).ok();
        if let Some(application) = &application {
            preflight.check(row.line, application, &mut findings);
        }
        codes.extend(findings.iter().map(|finding| finding.code));
        let refused = findings.iter().any(occto::rules::Finding::is_error);
        cases.push(Case {
            receipt,
            row: application.filter(|_| !refused),
            agency: None,
            number: None,
            state: None,
            outcome: refused.then_some(Outcome::NotSent),
        });
    }
    for case in &mut cases {
        begin(case, &mut desk, &mut sandbox, &context);
    }
    loop {
        let today = sandbox.today();
        for wish in sandbox.due_wishes(today) {
            let named = wish.receipt.as_ref().map(|receipt| receipt.as_str().to_owned());
            let case = cases.iter_mut().find(|case| Some(&case.receipt) == named.as_ref()).expect("a wish for a row");
            cancel(case, &mut desk, &mut sandbox, wish.kind);
        }
        for notice in desk.notices(&mut sandbox) {
            for entry in &notice.applications {
                let at_point = |case: &&mut Case| case.row.as_ref().is_some_and(|row| row.point == entry.point);
                let case = cases.iter_mut().find(at_point).expect("a notice about a row");
                // A notice that comes twice tells nothing new.
                if entry.state.known() != case.state || entry.state.known().is_none() {
                    told(case, entry, &mut desk, &mut sandbox);
                }
            }
        }
        match sandbox.next_event_date() {
            Some(date) if date > today => sandbox.advance_to(date),
            _ => return (cases, sandbox, codes),
        }
    }
}

#[test]
fn the_example_reaches_every_end() {
    let (cases, sandbox, codes) = run();
    let mut counts = BTreeMap::new();
    for case in &cases {
        let outcome = case.outcome.unwrap_or_else(|| panic!("{} has no end", case.receipt));
        counts.entry(outcome).or_insert_with(Vec::new).push(case.receipt.as_str());
    }
    let wanted = [
        (Outcome::Completed, 32),
        (Outcome::CompletedWorkOutstanding, 2),
        (Outcome::Ng, 9),
        (Outcome::Expired, 2),
        (Outcome::Unmatched, 1),
        (Outcome::Rejected, 2),
        (Outcome::CancelledInSystem, 2),
        (Outcome::CancelledByOperator, 1),
        (Outcome::CancelledAfterSwitch, 1),
        (Outcome::Held, 3),
        (Outcome::NotSent, 11),
    ];
    let got: Vec<_> = counts.iter().map(|(outcome, receipts)| (*outcome, receipts.len())).collect();
    assert_eq!(got, wanted, "{counts:#?}");
    assert_eq!(sandbox.duplicates(), 0);
    for code in ["OC0508", "OC0506", "OC0510", "OC0204", "OC0421", "OC0601", "OC0602", "OC0411", "OC0420", "OC0406"] {
        assert!(codes.contains(code), "no row shows {code}: {codes:?}");
    }
}

#[test]
fn every_known_reason_of_an_ng_that_equality_can_find_is_shown() {
    let (cases, mut sandbox, _) = run();
    let mut desk = Desk::new("40113");
    desk.sent = 10_000;
    let mut shown = HashSet::new();
    for case in cases.iter().filter(|case| case.outcome == Some(Outcome::Ng)) {
        let inquiry = CancellationResultInquiry { number: case.agency.clone(), reference: None };
        let said = answer(desk.say(&mut sandbox, inquiry)).message;
        let SwitchingMessage::CancellationResult(result) = said else { panic!("no result") };
        shown.extend(result.reasons.iter().filter_map(|reason| reason.code.known()));
    }
    use NgReasonCode::{AddressMismatch, ContractNumberMismatch, DateImpossible, NameMismatch, NoContract, Other};
    let wanted = [AddressMismatch, ContractNumberMismatch, DateImpossible, NameMismatch, NoContract, Other];
    assert_eq!(shown, HashSet::from(wanted));
}

#[test]
fn the_file_opens_in_excel() {
    assert!(FILE.ends_with(b"\r\n") && FILE.iter().filter(|byte| **byte == b'\n').count() >= 41, "CRLF, 40 rows");
    let (text, _, broken) = SHIFT_JIS.decode(FILE);
    assert!(!broken && text.starts_with("受付番号,供給地点特定番号,"), "CP932");
}
