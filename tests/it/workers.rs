//! Many workers on one store: nobody does what another has in hand, nobody finishes late.

use crate::line::{Line, ended, file_of, ledger_is_right, nothing_doubled};
use crate::postgres::{Server, a_message, address_of, anywhere, on_both, server, store, with_a_case};
use crate::practice::{Data, office_over, take, view};
use occto::desk::view::{CaseView, Outcome, RunView};
use occto::exchange::gate::Why;
use occto::exchange::{Delivery, Request, Transport, Waiting};
use occto::items::{Date, DateTime};
use occto::notice::Party;
use occto::sandbox::World;
use occto::store::{Allowance, Heart, OutboxState, Outgoing, Store, StoreError};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

on_both!(what_is_for_a_closed_counterparty_waits);

const LEASE: Duration = Duration::from_millis(300);

fn message(nth: u32) -> Outgoing {
    a_message(format!("R{nth}"), vec![1, 2, 3])
}

fn moment() -> DateTime {
    "2026-04-01T09:00:00".parse().unwrap()
}

/// A shared store with so many messages queued; nothing where there is no server.
fn queued(dir: &Path, messages: u32) -> Option<String> {
    server()?;
    let address = address_of(dir);
    let mut store = Store::connect(&address, &anywhere()).unwrap();
    with_a_case(&mut store);
    store.commit(|tx| (0..messages).try_for_each(|nth| tx.add_outgoing(&message(nth)).map(drop))).unwrap();
    Some(address)
}

fn worker(address: &str, name: &str, lease: Duration) -> Store {
    let mut store = Store::connect(address, &anywhere()).unwrap();
    store.enlist(name, lease).unwrap();
    store
}

const START: (i64, i64) = (i64::MIN, 0);

#[test]
fn what_one_has_in_hand_no_other_takes() {
    let dir = tempfile::tempdir().unwrap();
    let Some(address) = queued(dir.path(), 200) else { return };
    let taken = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for nth in 0..6 {
            let (address, taken) = (&address, &taken);
            scope.spawn(move || {
                let mut store = worker(address, &nth.to_string(), Duration::from_secs(60));
                loop {
                    let mine = store.commit(|tx| tx.claim(OutboxState::Queued, START, 7)).unwrap();
                    if mine.is_empty() {
                        return;
                    }
                    assert!(mine.iter().all(|one| one.state == OutboxState::Leased));
                    taken.lock().unwrap().extend(mine.into_iter().map(|one| one.id));
                }
            });
        }
    });
    let mut taken = taken.into_inner().unwrap();
    taken.sort_unstable();
    assert_eq!(taken.len(), 200);
    taken.dedup();
    assert_eq!(taken.len(), 200, "a message was in two hands");
}

#[test]
fn who_lost_the_lease_cannot_finish() {
    let dir = tempfile::tempdir().unwrap();
    let Some(address) = queued(dir.path(), 2) else { return };
    let mut slow = worker(&address, "slow", LEASE);
    let mine = slow.commit(|tx| tx.claim(OutboxState::Queued, START, 9)).unwrap();
    slow.commit(|tx| tx.mark_sent(mine[0].id)).unwrap();
    let mut other = worker(&address, "other", Duration::from_secs(60));
    assert!(other.commit(|tx| tx.lost_workers()).unwrap().is_empty());
    std::thread::sleep(LEASE + Duration::from_millis(50));
    // Late, but nobody has taken anything away yet: it counts.
    slow.commit(|tx| tx.set_number("late", 1)).unwrap();
    let lost = other.commit(|tx| {
        let lost = tx.lost_workers()?;
        for worker in &lost {
            tx.put_back(*worker)?;
            for message in tx.in_hand(*worker, 9)? {
                assert_eq!(message.state, OutboxState::Sent, "what was only taken went back");
                tx.settle(message.id, OutboxState::Unknown, moment(), None, Duration::ZERO)?;
            }
            tx.remove_worker(*worker)?;
        }
        Ok(lost)
    });
    assert_eq!(lost.unwrap(), [slow.worker().unwrap()]);
    let late = slow.commit(|tx| tx.settle(mine[0].id, OutboxState::Accepted, moment(), None, Duration::ZERO));
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    let states = other.read(|tx| {
        let of = |state| Ok::<_, StoreError>(tx.outgoing_in(state, 0, 9)?.len());
        Ok((of(OutboxState::Queued)?, of(OutboxState::Unknown)?, of(OutboxState::Leased)?, of(OutboxState::Sent)?))
    });
    assert_eq!(states.unwrap(), (1, 1, 0, 0));
}

#[test]
fn what_is_stopped_in_somebodys_hand_does_not_go_out() {
    let dir = tempfile::tempdir().unwrap();
    let Some(address) = queued(dir.path(), 3) else { return };
    let mut first = worker(&address, "first", Duration::from_secs(60));
    let mine = first.commit(|tx| tx.claim(OutboxState::Queued, START, 2)).unwrap();
    assert!(first.commit(|tx| tx.mark_sent(mine[0].id)).unwrap());
    let mut other = worker(&address, "other", Duration::from_secs(60));
    let stopped = other.commit(|tx| {
        let dossier = tx.dossier_of_case(1)?;
        tx.set_suspended(dossier, Some(moment()))?;
        tx.stop_outgoing(dossier, moment())
    });
    assert_eq!(stopped.unwrap(), 2, "the one in hand and the one that waits");
    assert!(!first.commit(|tx| tx.mark_sent(mine[1].id)).unwrap(), "it would have gone out");
    // What was on its way, and did not arrive, does not go out a second time.
    first.commit(|tx| tx.settle(mine[0].id, OutboxState::Queued, moment(), None, Duration::ZERO)).unwrap();
    let states = other.read(|tx| {
        let of = |nth: u32| Ok::<_, StoreError>(tx.outgoing_of(&format!("R{nth}"))?.map(|one| one.state));
        Ok([of(0)?, of(1)?, of(2)?])
    });
    assert_eq!(states.unwrap(), [Some(OutboxState::Stopped); 3]);
}

/// A line of which one counterparty's own part is closed for a while.
struct Closed<'l, 'w>(&'l Line<'w>, Party, AtomicBool);

impl Transport for Closed<'_, '_> {
    async fn exchange(&self, request: Request) -> Delivery {
        let shut = request.recipient == self.1 && self.2.load(Ordering::SeqCst);
        assert!(!shut, "a closed counterparty was tried");
        self.0.exchange(request).await
    }

    fn waiting(&self, recipient: Party) -> Option<Waiting> {
        let shut = recipient == self.1 && self.2.load(Ordering::SeqCst);
        shut.then(|| Waiting { until: moment(), why: Why::Hours })
    }
}

async fn what_is_for_a_closed_counterparty_waits() {
    let data = Data::published();
    let world = World::generate(12, 7, Date::constant(2026, 4, 1)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let line = Line::new(&world, 7);
    let operator = Party::operator(world.points[0].id.area());
    let closed = Closed(&line, operator, AtomicBool::new(true));
    let file = file_of(&world, dir.path());
    let now = line.sandbox.sandbox().now();
    let mut office = office_over(store(dir.path()), &closed, &data, &world);
    let batch = take(&mut office, &file, &data, &world, now);
    office.advance(now, &mut |_| {}).await.unwrap();
    let waiting = office.store.read(|tx| tx.outgoing_in(OutboxState::Queued, 0, 99)).unwrap();
    assert!(!waiting.is_empty() && waiting.len() < 12, "{waiting:?}");
    assert!(waiting.iter().all(|one| one.recipient == operator && one.attempts == 0), "{waiting:?}");
    let said = |run: &RunView| {
        let told = |case: &CaseView| case.timeline.iter().filter(|event| event.kind == "sent").count();
        run.cases.iter().filter(|case| told(case) == 0).count()
    };
    assert_eq!(said(&view(&mut office, batch, now)), waiting.len(), "what waits was not sent");
    closed.2.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    office.advance(now, &mut |_| {}).await.unwrap();
    assert!(office.store.read(|tx| tx.outgoing_in(OutboxState::Queued, 0, 99)).unwrap().is_empty());
    assert_eq!(said(&view(&mut office, batch, now)), 0);
    nothing_doubled(&line);
}

#[test]
fn a_heart_keeps_the_lease_and_says_when_it_is_over() {
    let Some(mut own) = Server::start() else { return };
    let address = own.database("hearts");
    let mut store = worker(&address, "beating", LEASE);
    let heart = Heart::start(&store, LEASE).unwrap();
    let lease = heart.lease();
    let mut other = worker(&address, "other", Duration::from_secs(60));
    std::thread::sleep(LEASE * 3);
    assert!(lease.holds(Duration::ZERO) && other.commit(|tx| tx.lost_workers()).unwrap().is_empty());
    // The server goes and comes back: the heart finds it again.
    own.restart();
    std::thread::sleep(LEASE * 2);
    assert!(lease.holds(Duration::ZERO), "the heart did not find the server again");
    // Somebody takes the work away: the worker knows before it sends.
    let gone = store.worker().unwrap();
    let _ = other.commit(|tx| tx.remove_worker(gone));
    other.commit(|tx| tx.remove_worker(gone)).unwrap();
    std::thread::sleep(LEASE * 2);
    assert!(!lease.holds(Duration::ZERO));
    let fenced = (0..3)
        .find_map(|_| store.commit(|tx| tx.set_number("late", 1)).err().filter(|e| matches!(e, StoreError::Fenced)));
    assert!(fenced.is_some());
}

#[test]
fn limits_hold_across_workers() {
    let dir = tempfile::tempdir().unwrap();
    let Some(address) = queued(dir.path(), 30) else { return };
    let party = message(0).recipient;
    let mut stores: Vec<Store> =
        (0..3).map(|nth| worker(&address, &nth.to_string(), Duration::from_secs(60))).collect();
    let at_once = Allowance { at_once: Some(4), per_minute: None };
    let mut under_way = 0;
    for turn in 0..9 {
        under_way += stores[turn % 3]
            .commit(|tx| {
                let mut sent = 0;
                for message in tx.claim(OutboxState::Queued, START, 3)? {
                    if tx.admit(party, at_once, 1)?.is_none() {
                        tx.mark_sent(message.id)?;
                        sent += 1;
                    } else {
                        tx.let_go(message.id, OutboxState::Queued)?;
                    }
                }
                Ok(sent)
            })
            .unwrap();
    }
    assert_eq!(under_way, 4);
    // 600 in a minute, of which those of one second may come at once.
    let rate = Allowance { at_once: None, per_minute: Some(600) };
    let begun = std::time::Instant::now();
    let mut admitted = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        for store in &mut stores {
            admitted += u32::from(store.commit(|tx| tx.admit(party, rate, 1)).unwrap().is_none());
        }
    }
    assert!((25..=34).contains(&admitted), "{admitted} in two seconds");
}

/// A line that needs its time.
struct Slow<'l, 'w>(&'l Line<'w>);

impl Transport for Slow<'_, '_> {
    async fn exchange(&self, request: Request) -> Delivery {
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.0.exchange(request).await
    }
}

#[test]
fn many_workers_come_to_the_end_of_one() {
    if server().is_none() {
        return;
    }
    let data = Data::published();
    let world = World::generate(40, 7, Date::constant(2026, 4, 1)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let address = address_of(dir.path());
    let line = Line::new(&world, 7);
    let file = file_of(&world, dir.path());
    let slow = Slow(&line);
    let mut first = office_over(worker(&address, "first", Duration::from_secs(60)), &slow, &data, &world);
    let batch = take(&mut first, &file, &data, &world, line.sandbox.sandbox().now());
    loop {
        let now = line.sandbox.sandbox().now();
        let shares: Vec<u64> = std::thread::scope(|scope| {
            let work = |nth: usize| {
                let (address, slow, data, world) = (&address, &slow, &data, &world);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    let store = worker(address, &nth.to_string(), Duration::from_secs(60));
                    let mut office = office_over(store, slow, data, world);
                    let done = runtime.block_on(office.advance(now, &mut |_| {})).unwrap();
                    office.store.retire().unwrap();
                    done.sent
                })
            };
            (0..4).map(work).collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect()
        });
        if now.date() == world.date {
            assert!(shares.iter().filter(|sent| **sent > 0).count() > 1, "one worker did it all: {shares:?}");
        }
        let next = line.sandbox.sandbox().next_event_date().filter(|date| *date > now.date());
        match next {
            Some(date) => line.sandbox.sandbox().advance_to(date),
            None => break,
        }
    }
    let now = line.sandbox.sandbox().now();
    ended(&view(&mut first, batch, now), Outcome::Completed);
    nothing_doubled(&line);
    let mut store = office_over(worker(&address, "looker", Duration::from_secs(60)), &line, &data, &world);
    ledger_is_right(&mut store, &line, &world);
}
