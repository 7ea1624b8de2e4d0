//! The gate of a counterparty: hours, rate, how many at a time, back-off and circuit breaker as one decision over a moment
//! that is an argument — and that messages wait where it is shut.

use crate::http::{request, request_of, serve};
use occto::exchange::gate::{Gate, Growing, Hours, Outcome, Policy, State, Why, kept_of};
use occto::exchange::{Clock, Delivery, ExchangeConfig, HttpTransport, Setting, Transport, TroubleKind};
use occto::items::DateTime;
use occto::notice::Party;
use proptest::prelude::*;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn policy() -> Policy {
    Policy {
        hours: Hours::default(),
        interval: Duration::ZERO,
        burst: 1,
        concurrent: 2,
        backoff: Growing { first: seconds(1), longest: seconds(60) },
        trip_after: 3,
        trip: Growing { first: seconds(60), longest: seconds(900) },
    }
}

const NOON: &str = "2026-04-03T12:00:00";

#[test]
fn failures_are_waited_after_and_then_the_line_is_left_alone_but_for_one_request() {
    let (policy, mut state, mut now) = (policy(), State::default(), at(NOON));
    let mut held = Vec::new();
    for _ in 0..5 {
        policy.decide(&state, now).unwrap();
        policy.begin(&mut state, now);
        policy.end(&mut state, Outcome::Failed("timeout"), now, now, 7);
        let waiting = policy.decide(&state, now).unwrap_err();
        held.push((waiting.why, waiting.until.duration_since(now).as_secs()));
        now = waiting.until;
    }
    let why: Vec<Why> = held.iter().map(|(why, _)| *why).collect();
    assert_eq!(why, [Why::Backoff, Why::Backoff, Why::Tripped, Why::Tripped, Why::Tripped]);
    for ((_, got), least) in held.iter().zip([1, 2, 60, 120, 240]) {
        assert!((least..=2 * least).contains(got), "{held:?}");
    }
    // Half open: one request to see, and no second beside it.
    policy.decide(&state, now).unwrap();
    policy.begin(&mut state, now);
    assert_eq!(policy.decide(&state, now).unwrap_err().why, Why::Busy);
    policy.end(&mut state, Outcome::Answered, now, now, 7);
    assert_eq!((state.failures, state.held), (0, None));
    policy.begin(&mut state, now);
    policy.decide(&state, now).unwrap();
}

#[test]
fn failures_of_requests_that_were_under_way_together_are_one_step() {
    let (policy, mut state, now) = (Policy { concurrent: 4, ..policy() }, State::default(), at(NOON));
    let later = |count: u64| now.checked_add(seconds(count)).unwrap();
    for _ in 0..4 {
        policy.decide(&state, now).unwrap();
        policy.begin(&mut state, now);
    }
    policy.end(&mut state, Outcome::Failed("broken"), now, later(1), 7);
    policy.end(&mut state, Outcome::Failed("broken"), now, later(1), 7);
    assert_eq!((state.failures, state.held.unwrap().why), (1, Why::Backoff));
    // One that hangs is waited for: then one goes to see, and no second beside it.
    policy.end(&mut state, Outcome::Failed("timeout"), now, later(2), 7);
    assert_eq!(policy.decide(&state, later(10)).unwrap_err().why, Why::Busy);
    policy.end(&mut state, Outcome::Failed("timeout"), now, later(30), 7);
    assert_eq!((state.failures, state.trouble.clone().unwrap().0), (1, later(30)));
    let held = policy.decide(&state, later(30)).unwrap_err();
    assert!(held.why == Why::Backoff && (later(31)..=later(32)).contains(&held.until), "{held:?}");
    policy.decide(&state, held.until).unwrap();
    policy.begin(&mut state, held.until);
    assert_eq!(policy.decide(&state, held.until).unwrap_err().why, Why::Busy);
    // That one is the second step.
    policy.end(&mut state, Outcome::Failed("timeout"), held.until, later(40), 7);
    assert_eq!(state.failures, 2);
    // Once one is answered, the others follow; what fails after that is a first failure again.
    policy.begin(&mut state, later(50));
    policy.end(&mut state, Outcome::Answered, later(50), later(51), 7);
    for _ in 0..4 {
        policy.decide(&state, later(52)).unwrap();
        policy.begin(&mut state, later(52));
    }
    policy.end(&mut state, Outcome::Failed("timeout"), later(52), later(53), 7);
    assert_eq!(state.failures, 1);
    // A clock that was set back since makes nothing of it the same trouble.
    state.under_way = 0;
    for _ in 0..2 {
        policy.end(&mut state, Outcome::Failed("timeout"), now, now, 7);
    }
    assert_eq!((state.failures, state.held.unwrap().why), (3, Why::Tripped));
}

#[test]
fn what_was_under_way_shortens_no_hold() {
    let (policy, mut state, now) = (policy(), State::default(), at(NOON));
    let later = |count: u64| now.checked_add(seconds(count)).unwrap();
    (0..4).for_each(|_| policy.begin(&mut state, now));
    policy.end(&mut state, Outcome::Closed(Some(seconds(3600))), now, later(1), 0);
    for outcome in [Outcome::Failed("broken"), Outcome::Closed(None), Outcome::Answered] {
        policy.end(&mut state, outcome, now, later(2), 0);
        let waiting = policy.decide(&state, later(3)).unwrap_err();
        assert_eq!((waiting.why, waiting.until), (Why::Closed, later(3601)), "{outcome:?}");
        assert!(policy.decide(&state.clone().anew(), later(3)).is_err(), "{outcome:?}: its end was announced");
    }
}

#[tokio::test]
async fn a_burst_of_failures_is_counted_once_by_the_gate() {
    let policy = Policy {
        concurrent: 4,
        trip_after: 2,
        backoff: Growing { first: seconds(0), longest: seconds(0) },
        ..policy()
    };
    let gate = Gate::open("x", policy, &Setting::default());
    let mut passes = Vec::new();
    for _ in 0..4 {
        passes.push(gate.pass(Duration::ZERO).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    passes.into_iter().for_each(|pass| pass.end(Outcome::Failed("broken")));
    assert_eq!(gate.state().failures, 1);
    let pass = gate.pass(Duration::from_secs(1)).await.unwrap();
    pass.end(Outcome::Failed("broken"));
    assert_eq!((gate.state().failures, gate.waiting(Duration::ZERO).unwrap().why), (2, Why::Tripped));
}

#[test]
fn a_counterparty_that_is_closed_is_left_alone_until_it_says() {
    let (policy, mut state, now) = (policy(), State::default(), at(NOON));
    policy.begin(&mut state, now);
    policy.end(&mut state, Outcome::Closed(Some(seconds(3600))), now, now, 0);
    let waiting = policy.decide(&state, now).unwrap_err();
    assert_eq!((waiting.why, waiting.until), (Why::Closed, at("2026-04-03T13:00:00")));
    // The next run waits for an end that was announced, and looks for itself where none was.
    assert!(policy.decide(&state.clone().anew(), now).is_err());
    policy.end(&mut state, Outcome::Closed(None), now, now, 0);
    assert!(policy.decide(&state, now).is_err() && policy.decide(&state.anew(), now).is_ok());
    // Nobody closes us for a year.
    let mut state = State::default();
    policy.end(&mut state, Outcome::Closed(Some(seconds(400 * 86_400))), now, now, 0);
    assert_eq!(policy.decide(&state, now).unwrap_err().until, at("2026-04-04T12:00:00"));
}

#[test]
fn a_clock_that_was_set_back_holds_nobody() {
    let policy = Policy { interval: seconds(10), ..policy() };
    let (mut state, now) = (State::default(), at(NOON));
    policy.begin(&mut state, now);
    policy.end(&mut state, Outcome::Closed(Some(seconds(60))), now, now, 0);
    for earlier in ["2026-04-01T12:00:00", "2020-01-01T00:00:00"] {
        assert_eq!(policy.decide(&state, at(earlier)), Ok(()), "{earlier}");
    }
}

#[test]
fn what_is_kept_is_read_and_what_is_noise_is_nothing() {
    let (policy, mut state, now) = (policy(), State::default(), at(NOON));
    policy.begin(&mut state, now);
    policy.end(&mut state, Outcome::Failed("broken"), now, now, 1);
    assert_eq!(State::from_json(&state.to_json()).unwrap(), state);
    assert_eq!(State::from_json(&serde_json::json!({"failures": "x"})), None);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("gates")).unwrap();
    std::fs::write(folder.path().join("gates/occto.json"), b"{\"failures\": 1").unwrap();
    assert_eq!(kept_of(folder.path(), "occto"), None);
}

proptest! {
    /// However requests come, in no span are more let through than the rate allows, and never more at a time.
    #[test]
    fn the_rate_is_kept(arrivals in prop::collection::vec(0u64..3000, 1..200), per_minute in 1u32..600, burst in 1u32..8) {
        let interval = Duration::from_secs(60) / per_minute;
        let policy = Policy { interval, burst, concurrent: 3, ..policy() };
        let (mut state, mut now) = (State::default(), at(NOON));
        let mut let_through: Vec<DateTime> = Vec::new();
        for gap in arrivals {
            now = now.checked_add(Duration::from_millis(gap)).unwrap();
            if state.under_way == 3 {
                policy.end(&mut state, Outcome::Answered, now, now, 0);
            }
            match policy.decide(&state, now) {
                Ok(()) => {
                    policy.begin(&mut state, now);
                    let_through.push(now);
                }
                Err(waiting) => prop_assert!(waiting.why == Why::Rate && waiting.until > now),
            }
            prop_assert!(state.under_way <= 3);
        }
        for (index, from) in let_through.iter().enumerate() {
            for (count, to) in let_through.iter().skip(index).enumerate() {
                let span = Duration::try_from(to.duration_since(*from)).unwrap();
                let allowed = f64::from(burst) + span.as_secs_f64() / interval.as_secs_f64() + 1.0;
                // A millisecond is the grain of the gate.
                prop_assert!(count as f64 <= allowed + 0.05 * (count as f64), "{count} in {span:?}, {allowed}");
            }
        }
    }

    #[test]
    fn a_growing_time_has_its_bounds(n in 0u32..100, chance: u64, first in 0u64..100, longest in 0u64..1000) {
        let growing = Growing { first: seconds(first), longest: seconds(longest) };
        prop_assert!(growing.nth(n, chance) <= seconds(longest));
        prop_assert!(growing.nth(n, chance) >= seconds(first.min(longest / 2)));
    }
}

#[tokio::test]
async fn so_many_are_under_way_and_the_others_wait_their_turn() {
    let gate = Arc::new(Gate::open("x", Policy { concurrent: 2, ..policy() }, &Setting::default()));
    let most = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let all = (0..10).map(|_| {
        let (gate, most) = (gate.clone(), most.clone());
        tokio::spawn(async move {
            let pass = gate.pass(Duration::from_secs(60)).await.unwrap();
            let now = most.0.fetch_add(1, Ordering::SeqCst) + 1;
            most.1.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            most.0.fetch_sub(1, Ordering::SeqCst);
            pass.end(Outcome::Answered);
        })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(most.1.load(Ordering::SeqCst), 2);
    // One that was given up on the way leaves its place.
    drop(gate.pass(Duration::ZERO).await.unwrap());
    assert_eq!(gate.state().under_way, 0);
}

fn transport(url: &str, more: &str, data: &Path, now: &str) -> HttpTransport {
    let text = format!("retailer = \"40113\"\n[counterparty.occto]\nurl = \"{url}\"\ntimeout = 5\n{more}");
    let config = ExchangeConfig::parse(&text, Path::new("")).unwrap_or_else(|error| panic!("{error}"));
    let setting = Setting { clock: Clock::starting(at(now)), data: Some(data.to_owned()) };
    HttpTransport::open(&config, &setting).unwrap()
}

fn ask(transport: &HttpTransport) -> Delivery {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(transport.exchange(request()))
}

fn counting(answer: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let url = serve(move |mut stream| {
        request_of(&mut stream);
        count.fetch_add(1, Ordering::SeqCst);
        let _ = stream.write_all(answer);
    });
    (url, asked)
}

#[test]
fn outside_its_hours_nothing_is_sent_and_the_reason_is_told() {
    let (url, asked) = counting(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<A/>");
    let dir = tempfile::tempdir().unwrap();
    let hours = "hours = [\"月-金 08:00-20:00\"]\nclosed = [\"祝日\"]\n";
    // A Friday evening, a national holiday, and an hour at which it is open.
    for (now, opens) in [("2026-04-03T20:00:00", "2026-04-06T08:00:00"), ("2026-04-29T12:00:00", "2026-04-30T08:00:00")]
    {
        let transport = transport(&url, hours, dir.path(), now);
        let waiting = transport.waiting(Party::OCCTO).unwrap();
        assert_eq!((waiting.why, waiting.until), (Why::Hours, at(opens)));
        let Delivery::NotSent(trouble) = ask(&transport) else { panic!("sent") };
        assert_eq!((trouble.kind, trouble.finding().code), (TroubleKind::Closed, "OC1332"));
        assert!(trouble.detail.contains(opens), "{trouble:?}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let open = transport(&url, hours, dir.path(), "2026-04-03T19:00:00");
    assert_eq!(open.waiting(Party::OCCTO), None);
    assert_eq!(ask(&open), Delivery::Answered(b"<A/>".to_vec()));
}

#[test]
fn after_failures_in_a_row_nothing_is_sent_and_it_is_kept_for_status() {
    let (url, asked) = counting(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&url, "retry-delay = 0\ntrip-after = 3\n", dir.path(), NOON);
    for _ in 0..3 {
        assert!(matches!(ask(&transport), Delivery::Unknown(_)));
    }
    let Delivery::NotSent(trouble) = ask(&transport) else { panic!("sent") };
    assert_eq!((trouble.kind, trouble.finding().code), (TroubleKind::Waiting, "OC1333"));
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    let kept = kept_of(dir.path(), "occto").unwrap();
    assert_eq!((kept.failures, kept.held.unwrap().why, kept.trouble.unwrap().1.as_str()), (3, Why::Tripped, "http"));
}

#[test]
fn retry_after_closes_the_gate_for_the_next_run_too() {
    let (url, asked) =
        counting(b"HTTP/1.1 503 Closed\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let dir = tempfile::tempdir().unwrap();
    // Whoever says so may have taken the message; the next is kept back.
    let Delivery::Unknown(trouble) = ask(&transport(&url, "", dir.path(), NOON)) else { panic!("certain") };
    assert_eq!(trouble.kind, TroubleKind::Closed);
    let next = ask(&transport(&url, "", dir.path(), "2026-04-03T12:30:00"));
    let Delivery::NotSent(trouble) = next else { panic!("sent") };
    assert_eq!(trouble.kind, TroubleKind::Closed);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let _ = ask(&transport(&url, "", dir.path(), "2026-04-03T13:00:05"));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn requests_keep_their_pace() {
    let (url, _) = counting(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<A/>");
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&url, "requests-per-minute = 300\nburst = 2\n", dir.path(), NOON);
    let begun = Instant::now();
    for _ in 0..4 {
        assert!(matches!(ask(&transport), Delivery::Answered(_)));
    }
    // Two at once, the others a fifth of a second apart.
    assert!(begun.elapsed() >= Duration::from_millis(390), "{:?}", begun.elapsed());
}
