//! What comes late, and what comes after it: a message that is still on its way is neither doubled nor taken for refused.

use crate::command::{Served, arg, command, said};
use crate::http::{request_of, serve};
use crate::limits::{answer_to, points};
use crate::line::{Line, file_of, to_the_end, unknown};
use crate::postgres::{address_of, on_both, store};
use crate::practice::{Data, csv_of, office_over, take, view};
use occto::desk::view::Outcome;
use occto::desk::{Decided, Means, Office, Resolution, Told, resolve};
use occto::exchange::{Delivery, Request, Transport, Trouble, TroubleKind};
use occto::items::{BusinessCode, CancellationNumber, Date, DateTime, Reference};
use occto::messages::switching::{Judgement, NgReasonCode, WithdrawalReason};
use occto::notice::Notice;
use occto::sandbox::{Fault, FaultKind, Wish, World};
use occto::store::{IncomingState, OutboxState, Stage, Store};
use occto::wire::Binding;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

on_both!(
    what_is_on_its_way_is_not_sent_again,
    a_copy_that_was_faster_is_no_refusal,
    a_copy_that_the_net_made_is_no_refusal,
    a_judgement_that_never_came_may_be_another,
    a_judgement_that_may_have_come_is_what_counts,
    what_was_open_once_stays_open,
    what_a_person_found_accepted_is_concluded_as_it_was_told,
    what_is_refused_is_said_again_only_by_a_person,
    a_refusal_that_the_list_tells_is_one,
    what_another_counter_has_in_hand_is_its_own,
    a_person_ends_what_is_turned_away,
);

/// When the first copy of an application arrives whose sender hears nothing of it.
#[derive(Clone, Copy)]
enum Arrives {
    After(Duration),
    BeforeTheNext,
    Never,
    /// Never, and the second copy is turned away.
    ThenTurnedAway,
    /// At once, and then once more: the answer is that to the second copy.
    Twice,
}

const LATE: [&str; 4] = ["cancellation-request", "switch-start", "withdrawal", "cancellation-judgement"];

struct Late<'a> {
    line: Line<'a>,
    arrives: Arrives,
    seen: Mutex<Vec<Vec<u8>>>,
    under_way: Mutex<Vec<(Option<Instant>, Request)>>,
}

impl Late<'_> {
    fn new(world: &World, arrives: Arrives) -> Late<'static> {
        Late { line: Line::new(world, 7), arrives, seen: Mutex::default(), under_way: Mutex::default() }
    }
}

impl Transport for Late<'_> {
    async fn exchange(&self, request: Request) -> Delivery {
        let due = |at: &Option<Instant>, late: &Request| match at {
            Some(at) => *at <= Instant::now(),
            None => late.body == request.body,
        };
        let arrived: Vec<_> = self.under_way.lock().unwrap().extract_if(.., |(at, late)| due(at, late)).collect();
        for (_, late) in arrived {
            self.line.exchange(late).await;
        }
        let before = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request.body.clone());
            seen.iter().filter(|body| **body == request.body).count() - 1
        };
        if matches!(self.arrives, Arrives::ThenTurnedAway) && LATE.contains(&request.message) && before == 1 {
            return turned_away();
        }
        if before > 0 || !LATE.contains(&request.message) {
            return self.line.exchange(request).await;
        }
        match self.arrives {
            Arrives::After(time) => self.under_way.lock().unwrap().push((Some(Instant::now() + time), request)),
            Arrives::BeforeTheNext => self.under_way.lock().unwrap().push((None, request)),
            Arrives::Never | Arrives::ThenTurnedAway => {}
            Arrives::Twice => {
                self.line.exchange(request.clone()).await;
                return self.line.exchange(request).await;
            }
        }
        unknown()
    }
}

fn turned_away() -> Delivery {
    Delivery::NotSent(Trouble { kind: TroubleKind::Connection, detail: "turned away".to_owned() })
}

fn world(points: usize) -> World {
    World::generate(points, 7, Date::constant(2026, 4, 1)).unwrap()
}

/// Every application to its end over a line on which first copies come late; the outcomes, and the copies too many.
async fn run(arrives: Arrives, settle: Duration, world: &World) -> (Vec<Outcome>, u64) {
    let (dir, data) = (tempfile::tempdir().unwrap(), Data::published());
    let late = Late::new(world, arrives);
    let file = file_of(world, dir.path());
    let mut office = office_over(store(dir.path()), &late, &data, world);
    office.settle = settle;
    let batch = take(&mut office, &file, &data, world, late.line.sandbox.sandbox().now());
    to_the_end(&mut office, &late.line).await;
    let left = std::mem::take(&mut *late.under_way.lock().unwrap());
    for (_, request) in left {
        late.line.exchange(request).await;
    }
    let now = late.line.sandbox.sandbox().now();
    let outcomes = view(&mut office, batch, now).cases.iter().map(|case| case.outcome).collect();
    let doubled = late.line.sandbox.sandbox().duplicates();
    (outcomes, doubled)
}

async fn what_is_on_its_way_is_not_sent_again() {
    let late = Arrives::After(Duration::from_millis(150));
    let (outcomes, doubled) = run(late, Duration::from_millis(450), &world(4)).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Completed), "{outcomes:?}");
    assert_eq!(doubled, 0);
    // Asked for at once, each of them would have been sent again.
    let (outcomes, doubled) = run(late, Duration::ZERO, &world(4)).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Completed), "{outcomes:?}");
    assert!(doubled > 0, "a line on which nothing is late");
}

async fn a_copy_that_was_faster_is_no_refusal() {
    let mut world = world(4);
    world.wishes = vec![Wish {
        date: Date::constant(2026, 4, 2),
        kind: WithdrawalReason::CoolingOff,
        receipt: Some(Reference::parse("R000002").unwrap()),
        point: None,
    }];
    let (outcomes, doubled) = run(Arrives::BeforeTheNext, Duration::ZERO, &world).await;
    assert!(doubled > 0, "nothing was refused: a tame test");
    let wanted = [Outcome::Completed, Outcome::CancelledInSystem, Outcome::Completed, Outcome::Completed];
    assert_eq!(outcomes, wanted);
}

async fn a_copy_that_the_net_made_is_no_refusal() {
    let (outcomes, doubled) = run(Arrives::Twice, Duration::ZERO, &world(4)).await;
    assert!(doubled > 0 && outcomes.iter().all(|outcome| *outcome == Outcome::Completed), "{outcomes:?}");
}

fn reject(on: &str) -> Fault {
    let on = Some(on.to_owned());
    Fault { kind: FaultKind::Reject, on, times: None, reasons: Vec::new(), code: None, text: None, days: None }
}

async fn a_refusal_that_the_list_tells_is_one() {
    let (dir, data, mut world) = (tempfile::tempdir().unwrap(), Data::published(), world(1));
    world.points[0].faults.push(reject("cancellation-request"));
    let late = Late::new(&world, Arrives::After(Duration::ZERO));
    let file = file_of(&world, dir.path());
    let mut office = office_over(store(dir.path()), &late, &data, &world);
    let now = late.line.sandbox.sandbox().now();
    let batch = take(&mut office, &file, &data, &world, now);
    to_the_end(&mut office, &late.line).await;
    let case = view(&mut office, batch, now).cases.remove(0);
    let kinds: Vec<_> = case.timeline.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(case.outcome, Outcome::Rejected);
    assert!(kinds.contains(&"found") && !kinds.contains(&"cancellation-accepted"), "{kinds:?}");
    let reference = late
        .line
        .log
        .lock()
        .unwrap()
        .iter()
        .find(|one| one.message == "cancellation-request")
        .unwrap()
        .reference
        .clone();
    let row = office.store.read(|tx| tx.outgoing_of(&reference)).unwrap().unwrap();
    assert_eq!(row.state, OutboxState::Rejected);
}

/// A world of one customer, whose retailer is another office.
fn two_retailers() -> World {
    let text = "date = \"2026-04-01\"\nretailer = \"40113\"\n\
         [[retailers]]\ncode = \"40203\"\nname = \"相手\"\nbehaviour = \"external\"\n\
         [[point]]\nid = \"0300110000000000000001\"\nname = \"試験　太郎\"\naddress = \"東京都架空区見本町1-2\"\n\
         contract-number = \"A1\"\nretailer = \"40203\"\ndecision-method = \"actual-demand\"\n\
         amount = \"6\"\nunit = \"kva\"\nmenu = \"電灯標準接続送電サービス\"\n";
    World::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Lets the new retailer apply, and does something at the counter of the current one.
async fn at_the_counter(
    world: &World,
    arrives: Arrives,
    act: impl AsyncFn(&mut Office<'_, Late<'_>>, &Late<'_>, &Path),
) {
    let (new, current, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Data::published());
    let late = Late::new(world, arrives);
    let file = file_of(world, new.path());
    let mut applying = office_over(store(new.path()), &late.line, &data, world);
    let now = late.line.sandbox.sandbox().now();
    take(&mut applying, &file, &data, world, now);
    applying.advance(now, &mut |_| {}).await.unwrap();
    let means = Means {
        transport: &late,
        binding: Binding::reference(),
        notice: Notice::embedded("common-core").unwrap(),
        calendar: &data.calendar,
        settings: &data.settings,
        code: BusinessCode::parse("40203").unwrap(),
    };
    let mut office = Office::new(store(current.path()), means);
    // Nothing is registered of the customer: a person judges.
    office.serve(&Default::default(), now).await.unwrap();
    act(&mut office, &late, current.path()).await;
}

/// The number of what waits, once a person has said that what the machine judged did not arrive.
fn not_received(office: &mut Office<'_, Late<'_>>, now: DateTime) -> CancellationNumber {
    let number = waiting(office);
    let reference = format!("J-{}", number.as_str());
    let decided = Decided { reference: &reference, resolution: Resolution::NotReceived, number: None, by: "丙" };
    resolve(&mut office.store, Binding::reference(), decided, now).unwrap();
    number
}

fn waiting(office: &mut Office<'_, Late<'_>>) -> CancellationNumber {
    office.store.read(|tx| tx.incoming_in(IncomingState::Received)).unwrap()[0].entry.number.clone()
}

async fn a_judgement_that_never_came_may_be_another() {
    at_the_counter(&two_retailers(), Arrives::Never, async |office, late, _| {
        let now = late.line.sandbox.sandbox().now();
        let number = not_received(office, now);
        // The other bytes are on their way for the first time, and lost; then they arrive.
        for wanted in [Told::NotYet, Told::Accepted(Judgement::Ok)] {
            assert_eq!(office.decide(number.as_str(), &[], "丙", now).await.unwrap(), wanted);
        }
        let kept = office.store.read(|tx| tx.incoming(number.as_str())).unwrap().unwrap();
        assert_eq!((kept.state, kept.judged_by.as_deref()), (IncomingState::Stopped, Some("丙")));
        assert_eq!(late.line.sandbox.sandbox().duplicates(), 0);
    })
    .await;
}

async fn a_judgement_that_may_have_come_is_what_counts() {
    for arrives in [Arrives::After(Duration::ZERO), Arrives::Never] {
        at_the_counter(&two_retailers(), arrives, async |office, late, _| {
            let now = late.line.sandbox.sandbox().now();
            let number = waiting(office);
            let told = office.decide(number.as_str(), &[], "丙", now).await.unwrap();
            assert_eq!(told, Told::Accepted(Judgement::Ng), "the judgement that was told before");
            let kept = office.store.read(|tx| tx.incoming(number.as_str())).unwrap().unwrap();
            assert_eq!((kept.state, kept.judged_by), (IncomingState::Ng, None));
            assert_eq!(kept.reasons, [occto::items::Code::key(NgReasonCode::NoContract)]);
            assert_eq!(late.line.sandbox.sandbox().duplicates(), 0);
        })
        .await;
    }
}

async fn what_was_open_once_stays_open() {
    at_the_counter(&two_retailers(), Arrives::ThenTurnedAway, async |office, _, _| {
        let now = "2026-04-01T10:00:00".parse().unwrap();
        let number = waiting(office);
        assert_eq!(office.decide(number.as_str(), &[], "丙", now).await.unwrap(), Told::NotYet);
        let reference = format!("J-{}", number.as_str());
        let row = office.store.read(|tx| tx.outgoing_of(&reference)).unwrap().unwrap();
        assert_eq!(row.state, OutboxState::Unknown, "the first copy may still come");
        let told = office.decide(number.as_str(), &[], "丙", now).await.unwrap();
        assert_eq!(told, Told::Accepted(Judgement::Ng), "the same octets as at first");
    })
    .await;
}

async fn what_a_person_found_accepted_is_concluded_as_it_was_told() {
    at_the_counter(&two_retailers(), Arrives::Never, async |office, late, _| {
        let now = late.line.sandbox.sandbox().now();
        let number = waiting(office);
        let reference = format!("J-{}", number.as_str());
        let decided = Decided { reference: &reference, resolution: Resolution::Accepted, number: None, by: "丙" };
        // Workers leave it alone: it is not theirs.
        let (open, untold) = office.store.read(|tx| Ok((tx.open_of_cases()?, tx.has_untold()?))).unwrap();
        assert!(open.is_empty() && untold);
        resolve(&mut office.store, Binding::reference(), decided, now).unwrap();
        let kept = office.store.read(|tx| tx.incoming(number.as_str())).unwrap().unwrap();
        assert_eq!(kept.state, IncomingState::Ng);
        let late = office.decide(number.as_str(), &[], "丙", now).await.unwrap_err().to_string();
        assert!(late.contains("判断待ち"), "{late}");
    })
    .await;
}

async fn what_is_refused_is_said_again_only_by_a_person() {
    let mut world = two_retailers();
    world.points[0].faults.push(reject("switch-stop"));
    at_the_counter(&world, Arrives::Never, async |office, late, _| {
        let now = late.line.sandbox.sandbox().now();
        let number = not_received(office, now);
        for wanted in [Told::NotYet, Told::Accepted(Judgement::Ok)] {
            assert_eq!(office.decide(number.as_str(), &[], "丙", now).await.unwrap(), wanted);
        }
        for _ in 0..2 {
            assert_eq!(office.serve(&Default::default(), now).await.unwrap().refused, 1);
        }
        office.decide(number.as_str(), &[], "丙", now).await.unwrap();
        let log = late.line.log.lock().unwrap();
        let said: Vec<_> = log.iter().filter(|one| one.message == "switch-stop").collect();
        assert!(said.iter().all(|one| !one.body.is_empty()));
        let references: Vec<_> = said.iter().map(|one| one.reference.as_str()).collect();
        assert_eq!(references, [format!("T-{}", number.as_str()), format!("T-{}-2", number.as_str())]);
    })
    .await;
}

async fn what_another_counter_has_in_hand_is_its_own() {
    at_the_counter(&two_retailers(), Arrives::Never, async |office, late, dir| {
        if !office.store.is_shared() {
            return;
        }
        let now = late.line.sandbox.sandbox().now();
        let number = not_received(office, now);
        let reference = format!("J-{}", number.as_str());
        let mut other = Store::connect(&address_of(dir), &dir.join("data")).unwrap();
        let worker = other.enlist("another", Duration::from_secs(600)).unwrap();
        let row = other.read(|tx| tx.outgoing_of(&reference)).unwrap().unwrap();
        assert_eq!(row.state, OutboxState::Queued);
        assert!(other.commit(|tx| tx.take_open(row.id)).unwrap());
        let said = late.seen.lock().unwrap().len();
        assert_eq!(office.decide(number.as_str(), &[], "丙", now).await.unwrap(), Told::NotYet);
        assert_eq!(late.seen.lock().unwrap().len(), said, "nothing was said meanwhile");
        // That machine is gone: what it had taken and not sent goes back, and is said by whoever is there.
        other.give_up(worker).unwrap();
        for wanted in [Told::NotYet, Told::Accepted(Judgement::Ok)] {
            assert_eq!(office.decide(number.as_str(), &[], "丙", now).await.unwrap(), wanted);
        }
        assert_eq!(late.line.sandbox.sandbox().duplicates(), 0);
    })
    .await;
}

async fn a_person_ends_what_is_turned_away() {
    let (dir, data, world) = (tempfile::tempdir().unwrap(), Data::published(), world(1));
    let line = Line::twisted(&world, 7, |_, request, delivery| match request.message {
        "facility-inquiry" => turned_away(),
        _ => delivery,
    });
    let file = file_of(&world, dir.path());
    let now = line.sandbox.sandbox().now();
    let mut office = office_over(store(dir.path()), &line, &data, &world);
    take(&mut office, &file, &data, &world, now);
    office.advance(now, &mut |_| {}).await.unwrap();
    if let Some(worker) = office.store.worker() {
        office.store.commit(|tx| tx.put_back(worker)).unwrap();
    }
    let row = office.store.read(|tx| tx.outgoing_in(OutboxState::Queued, 0, 9)).unwrap().remove(0);
    assert!(row.attempts > 1);
    let decided = |resolution| Decided { reference: row.reference.as_str(), resolution, number: None, by: "担当" };
    for (resolution, why) in [(Resolution::Accepted, "回答が必要"), (Resolution::NotReceived, "決裁できる電文")]
    {
        let refused =
            resolve(&mut office.store, Binding::reference(), decided(resolution), now).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    resolve(&mut office.store, Binding::reference(), decided(Resolution::Rejected), now).unwrap();
    let case = office.store.read(|tx| tx.case(row.case.unwrap())).unwrap().unwrap();
    assert_eq!(case.stage, Stage::Ended);
    assert!(!office.store.read(|tx| tx.has_outgoing(OutboxState::Queued)).unwrap());
}

#[test]
fn one_failure_ends_no_run() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::parse(&points()).unwrap();
    let (world_file, file) = (dir.path().join("world.toml"), dir.path().join("applications.csv"));
    std::fs::write(&world_file, points()).unwrap();
    std::fs::write(&file, csv_of(world.applications())).unwrap();
    let sandbox = Served::start(&["--world", arg(&world_file)]);
    let to = sandbox.address.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let count = AtomicUsize::new(0);
    let url = serve(move |mut stream| {
        let request = request_of(&mut stream);
        // The second connection breaks off.
        if !request.is_empty() && count.fetch_add(1, Ordering::SeqCst) != 1 {
            stream.write_all(&answer_to(&to, &request)).unwrap();
        }
    });
    let config = dir.path().join("config.toml");
    let text = format!("retailer = \"{}\"\n[counterparty.occto]\nurl = \"{url}\"\nconcurrent = 1\n", world.retailer);
    std::fs::write(&config, text).unwrap();
    let mut run = command(&["switch", "submit", arg(&file), "--config", arg(&config), "--settle", "0", "--json"]);
    run.args(["--data", arg(&dir.path().join("data")), "--today", "2026-04-01"]);
    let run = said(&mut run);
    let said: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let cases = said["cases"].as_array().unwrap();
    let applied = |case: &&serde_json::Value| {
        case["timeline"].as_array().unwrap().iter().any(|event| event["kind"] == "cancellation-accepted")
    };
    assert_eq!((cases.len(), cases.iter().filter(applied).count()), (90, 90), "{}", run.err);
}
