//! Cases while the line fails: each ends as it would have, nothing is said twice.

use crate::line::{Line, ended, ledger_is_right, no_personal_data, nothing_doubled, run, unknown};
use crate::postgres::{on_both, store};
use crate::practice::{Data, office_over, view};
use occto::desk::view::Outcome;
use occto::exchange::Delivery;
use occto::items::{Code as _, ContractStatus, Date, DateTime};
use occto::messages::switching::{ApplicationState, SwitchingMessage, WithdrawalReason};
use occto::messages::{Header, Open};
use occto::notice::{ClearanceDesk, Context, Notice, Party, Route};
use occto::sandbox::{Fault, FaultKind, RandomFault, SandboxTransport, Wish, World};
use occto::store::Store;
use occto::wire::Binding;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

on_both!(
    a_fault_on_any_message_changes_no_end,
    a_withdrawal_is_not_doubled_either,
    faults_at_random_change_no_end,
    inquiries_are_simply_repeated,
    an_answer_to_another_reference_is_not_taken,
    the_answer_to_another_question_is_not_taken,
    doubled_and_reordered_notices_change_nothing,
    a_list_that_never_ends_is_not_read_for_ever,
    a_state_that_nobody_knows_holds_the_case,
    a_person_lets_a_held_case_go_on,
    a_held_case_can_still_be_cancelled,
);

const LINE: [FaultKind; 4] = [FaultKind::LoseAnswer, FaultKind::NoAnswer, FaultKind::GarbledAnswer, FaultKind::Html];

fn world(points: usize) -> World {
    World::generate(points, 7, Date::constant(2026, 4, 1)).unwrap()
}

fn fault(kind: FaultKind, on: &str, times: u32) -> Fault {
    let on = Some(on.to_owned());
    Fault { kind, on, times: Some(times), reasons: Vec::new(), code: None, text: None, days: None }
}

async fn a_fault_on_any_message_changes_no_end() {
    let data = Data::published();
    for on in ["facility-inquiry", "cancellation-request", "switch-start"] {
        for kind in LINE {
            let dir = tempfile::tempdir().unwrap();
            let mut world = world(4);
            // Once, often, and more often than is tried in one go.
            for (point, times) in world.points.iter_mut().zip([1, 2, 3, 7]) {
                point.faults.push(fault(kind, on, times));
            }
            let line = Line::new(&world, 7);
            ended(&run(dir.path(), &line, &world, &data).await, Outcome::Completed);
            nothing_doubled(&line);
            ledger_is_right(&mut office_over(store(dir.path()), &line, &data, &world), &line, &world);
        }
    }
}

async fn a_withdrawal_is_not_doubled_either() {
    let data = Data::published();
    for kind in LINE {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(4);
        for (point, times) in world.points.iter_mut().zip([0, 1, 2, 5]) {
            point.faults.push(fault(kind, "withdrawal", times));
        }
        let wish = |nth: usize| Wish {
            date: Date::constant(2026, 4, 1),
            kind: WithdrawalReason::CoolingOff,
            receipt: Some(occto::items::Reference::parse(&format!("R{nth:06}")).unwrap()),
            point: None,
        };
        // While the current retailers judge: the first messages have gone out on the same day.
        world.wishes = (1..=4).map(|nth| Wish { date: Date::constant(2026, 4, 2), ..wish(nth) }).collect();
        let line = Line::new(&world, 7);
        let run = run(dir.path(), &line, &world, &data).await;
        for case in &run.cases {
            let kinds: Vec<_> = case.timeline.iter().map(|event| event.kind.as_str()).collect();
            let ways = [Outcome::CancelledInSystem, Outcome::CancelledByOperator];
            assert!(ways.contains(&case.outcome), "{} {kinds:?}", kind.key());
        }
        nothing_doubled(&line);
    }
}

async fn faults_at_random_change_no_end() {
    let data = Data::published();
    for seed in 1..=4 {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(60);
        world.random = LINE.map(|kind| RandomFault { kind, on: None, per_mille: 60 }).to_vec();
        let line = Line::new(&world, seed);
        let run = run(dir.path(), &line, &world, &data).await;
        ended(&run, Outcome::Completed);
        nothing_doubled(&line);
        let mut office = office_over(store(dir.path()), &line, &data, &world);
        ledger_is_right(&mut office, &line, &world);
        // What a log would show of the types that hold the data.
        let held = office.store.read(|tx| Ok((tx.case(1)?, tx.outgoing_of("none")?))).unwrap();
        no_personal_data(&format!("{:?} {held:?} {run:?}", office.store), &world);
        let asked = line.log.lock().unwrap();
        assert!(asked.iter().any(|one| one.message == "list-inquiry"), "no outcome was unknown: a tame test");
    }
}

async fn inquiries_are_simply_repeated() {
    let data = Data::published();
    for on in ["list-inquiry", "notice-inquiry"] {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(6);
        for point in &mut world.points {
            point.faults.push(fault(FaultKind::LoseAnswer, "cancellation-request", 1));
        }
        world.random = LINE.map(|kind| RandomFault { kind, on: Some(on.to_owned()), per_mille: 150 }).to_vec();
        let line = Line::new(&world, 3);
        ended(&run(dir.path(), &line, &world, &data).await, Outcome::Completed);
        nothing_doubled(&line);
    }
}

async fn the_answer_to_another_question_is_not_taken() {
    let data = Data::published();
    let dir = tempfile::tempdir().unwrap();
    let world = world(6);
    // Every application arrives and its first answer is lost; every other list is that of the question before.
    let (before, count, lost) = (Mutex::new(None), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let line = Line::twisted(&world, 7, |_, request, delivery| {
        if request.message == "list-inquiry" {
            let before = before.lock().unwrap().replace(delivery.clone());
            return before.filter(|_| count.fetch_add(1, Ordering::Relaxed) % 2 == 0).unwrap_or(delivery);
        }
        let mut lost = lost.lock().unwrap();
        if matches!(request.message, "cancellation-request" | "switch-start") && !lost.contains(&request.body) {
            lost.push(request.body.clone());
            return unknown();
        }
        delivery
    });
    ended(&run(dir.path(), &line, &world, &data).await, Outcome::Completed);
    nothing_doubled(&line);
    assert!(count.load(Ordering::Relaxed) > 6, "no list came late: a tame test");
}

async fn an_answer_to_another_reference_is_not_taken() {
    let data = Data::published();
    let dir = tempfile::tempdir().unwrap();
    let world = world(6);
    // The answer to the message before comes in place of that to every third one.
    let (before, count) = (Mutex::new(None), AtomicUsize::new(0));
    let line = Line::twisted(&world, 7, |_, request, delivery| {
        if !matches!(request.message, "cancellation-request" | "switch-start" | "facility-inquiry") {
            return delivery;
        }
        let before = before.lock().unwrap().replace(delivery.clone());
        let third = count.fetch_add(1, Ordering::Relaxed) % 3 == 2;
        before.filter(|_| third).unwrap_or(delivery)
    });
    let run = run(dir.path(), &line, &world, &data).await;
    ended(&run, Outcome::Completed);
    nothing_doubled(&line);
    let mut numbers: Vec<_> = run.cases.iter().map(|case| case.application_number.clone().unwrap()).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 6, "a number went to the wrong case");
}

/// Reads an answer of the sandbox, changes it and writes it again.
fn rewritten(delivery: &Delivery, change: impl FnOnce(&mut SwitchingMessage)) -> Delivery {
    let Delivery::Answered(bytes) = delivery else { return delivery.clone() };
    let mut answer = Binding::reference().decode(bytes).unwrap();
    change(&mut answer.message);
    let Header { sender, recipient, created, .. } = answer.header;
    let via = (sender != Party::OCCTO).then_some(Party::OCCTO);
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let context = Context::new(Route { sender, recipient, via }, created);
    let cleared = desk.clear(answer.message, &context).unwrap();
    let mut octets = Vec::new();
    Binding::reference().encode(&answer.header, &cleared, &mut octets).unwrap();
    Delivery::Answered(octets)
}

async fn doubled_and_reordered_notices_change_nothing() {
    let data = Data::published();
    let mut ends = Vec::new();
    for mixed in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(8);
        for point in &mut world.points {
            point.faults.push(fault(FaultKind::DuplicateNotice, "switch-start", 1));
        }
        let line = Line::twisted(&world, 7, |_, request, delivery| match request.message {
            "notice-inquiry" if mixed => rewritten(&delivery, |message| {
                let SwitchingMessage::NoticeList(list) = message else { unreachable!() };
                let twice = list.entries.clone();
                list.entries.extend(twice);
                list.entries.reverse();
            }),
            _ => delivery,
        });
        let run = run(dir.path(), &line, &world, &data).await;
        ended(&run, Outcome::Completed);
        nothing_doubled(&line);
        let told = |case: &occto::desk::view::CaseView| {
            case.timeline.iter().map(|event| (event.at, event.kind.clone())).collect::<Vec<_>>()
        };
        ends.push(run.cases.iter().map(told).collect::<Vec<_>>());
    }
    assert_eq!(ends[0], ends[1]);
}

async fn a_list_that_never_ends_is_not_read_for_ever() {
    let data = Data::published();
    let dir = tempfile::tempdir().unwrap();
    let world = world(2);
    let line = Line::twisted(&world, 7, |_, request, delivery| match request.message {
        "notice-inquiry" => rewritten(&delivery, |message| {
            let SwitchingMessage::NoticeList(list) = message else { unreachable!() };
            list.more = true;
        }),
        _ => delivery,
    });
    ended(&run(dir.path(), &line, &world, &data).await, Outcome::Completed);
}

async fn a_state_that_nobody_knows_holds_the_case() {
    let data = Data::published();
    let dir = tempfile::tempdir().unwrap();
    let mut world = world(3);
    let strange = Fault { code: Some("X7".to_owned()), ..fault(FaultKind::UnknownStatus, "switch-start", 1) };
    world.points[1].faults.push(strange);
    let line = Line::new(&world, 7);
    let run = run(dir.path(), &line, &world, &data).await;
    let outcomes: Vec<_> = run.cases.iter().map(|case| case.outcome).collect();
    assert_eq!(outcomes, [Outcome::Completed, Outcome::Held, Outcome::Completed]);
    assert!(run.cases[1].reasons[0].0.contains("X7"), "the person reads what came");
    nothing_doubled(&line);
    // A person lets it go on: the list says how it stands, and what is still not known holds it again.
    let mut office = office_over(store(dir.path()), &line, &data, &world);
    let now = line.sandbox.sandbox().now();
    office.release(&run.cases[1].receipt, "second person", now).await.unwrap();
    let view = view(&mut office, 1, now);
    assert_eq!(view.cases[1].outcome, Outcome::Held);
    assert_eq!(view.cases[1].reasons.len(), 1, "the reason stands once");
    assert!(view.cases[1].timeline.iter().any(|event| event.kind == "released"));
    nothing_doubled(&line);
}

async fn a_person_lets_a_held_case_go_on() {
    let data = Data::published();
    let dir = tempfile::tempdir().unwrap();
    let mut world = world(2);
    world.points[0].status = ContractStatus::Stopped;
    let line = Line::new(&world, 7);
    let run = run(dir.path(), &line, &world, &data).await;
    assert_eq!(run.cases[0].outcome, Outcome::Held, "before anything binding was said");
    let (receipt, now) = (&run.cases[0].receipt, line.sandbox.sandbox().now());
    // Whose use the customer has stopped is not let go, and the ledger says so.
    let suspend = |store: &mut Store, since: Option<DateTime>| {
        let done = store.commit(|tx| {
            let case = tx.cases_of_receipt(receipt)?[0];
            tx.set_suspended(tx.dossier_of_case(case)?, since)
        });
        done.unwrap();
    };
    let mut own = store(dir.path());
    suspend(&mut own, Some(now));
    let mut office = office_over(own, &line, &data, &world);
    assert!(office.release(receipt, "second person", now).await.is_err(), "suspended");
    drop(office);
    let mut own = store(dir.path());
    suspend(&mut own, None);
    let mut refused = Vec::new();
    let read = own.read(|tx| {
        tx.each_ledger_line(|line| {
            refused.extend(line.entry.contains("switch-release").then_some(line.entry));
            Ok(())
        })
    });
    read.unwrap();
    assert!(refused.len() == 1 && refused[0].contains(r#""clause":"suspended""#), "{refused:?}");
    let mut office = office_over(own, &line, &data, &world);
    assert!(office.release("R999999", "second person", now).await.is_err(), "no such case");
    office.release(receipt, "second person", now).await.unwrap();
    office.advance(now, &mut |_| {}).await.unwrap();
    let view = view(&mut office, 1, now);
    assert_ne!(view.cases[0].outcome, Outcome::Held);
    assert!(view.cases[0].cancellation_number.is_some() || view.cases[0].outcome == Outcome::Rejected, "it went on");
    assert!(office.release(receipt, "second person", now).await.is_err(), "it is held no more");
    nothing_doubled(&line);
}

async fn a_held_case_can_still_be_cancelled() {
    let data = Data::published();
    let dir = tempfile::tempdir().unwrap();
    let world = world(2);
    // The first case is held while it waits for its pair: the state of its switch start is not known.
    let line = Line::twisted(&world, 7, |_, request, delivery| match request.message {
        "list-inquiry" => rewritten(&delivery, |message| {
            let SwitchingMessage::ListAnswer(list) = message else { unreachable!() };
            for entry in &mut list.entries {
                if entry.state == Open::Known(ApplicationState::WaitingPair) {
                    entry.state = Open::Unknown("X8".into());
                }
            }
        }),
        "switch-start" if request.body.windows(3).any(|found| found == b"-2-") => unknown(),
        _ => delivery,
    });
    let file = crate::line::file_of(&world, dir.path());
    let now = line.sandbox.sandbox().now();
    let mut office = office_over(store(dir.path()), &line, &data, &world);
    crate::practice::take(&mut office, &file, &data, &world, now);
    office.advance(now, &mut |_| {}).await.unwrap();
    let now = move_on(&line.sandbox, Date::constant(2026, 4, 2));
    office.advance(now, &mut |_| {}).await.unwrap();
    let held = |office: &mut occto::desk::Office<'_, Line<'_>>| office.store.read(|tx| tx.case(1)).unwrap().unwrap();
    assert_eq!(held(&mut office).outcome, Some(occto::store::Outcome::Held));
    office.cancel("R000001", WithdrawalReason::Customer, now).unwrap();
    office.advance(now, &mut |_| {}).await.unwrap();
    assert_eq!(held(&mut office).outcome, Some(occto::store::Outcome::CancelledInSystem));
    nothing_doubled(&line);
}

fn move_on(sandbox: &SandboxTransport<'_>, date: Date) -> occto::items::DateTime {
    sandbox.sandbox().advance_to(date);
    sandbox.sandbox().now()
}
