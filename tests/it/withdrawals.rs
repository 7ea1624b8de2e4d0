//! A consent that is withdrawn: what waits and rested on it is stopped, what did not goes on, and the withdrawal itself goes
//! out.

use crate::line::{Line, file_of};
use crate::practice::{Data, office_over, take};
use occto::desk::Office;
use occto::desk::subject::{Given, Key, Stopped, give_consent, withdraw_consent};
use occto::exchange::{Delivery, Trouble, TroubleKind};
use occto::items::{BusinessCode, DateTime};
use occto::messages::switching::{Application, ConsentMethod, WithdrawalReason};
use occto::notice::{Notice, Party, Purpose};
use occto::sandbox::World;
use occto::store::{OutboxState, Outcome, Stage, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An office whose line takes no message of some kinds while it is shut.
struct Setting {
    shut: Arc<AtomicBool>,
    us: BusinessCode,
}

fn waiting(office: &mut Office<'_, Line<'_>>) -> Vec<(i64, String)> {
    let rows = office.store.read(|tx| tx.outgoing_in(OutboxState::Queued, 0, 99)).unwrap();
    rows.into_iter().filter_map(|row| Some((row.case?, row.message))).collect()
}

impl Setting {
    fn consent(&self, store: &mut Store, row: &Application, purpose: Purpose, to: Option<Party>, now: DateTime) -> i64 {
        let key = Key::Point(row.point);
        let given = Given {
            key: &key,
            name: row.name.as_str(),
            purpose,
            recipient: to,
            form: ConsentMethod::Written,
            given: now,
            until: None,
            evidence: Some("00".to_owned()),
            minor: false,
            guardian: None,
            by: "窓口",
            now,
        };
        give_consent(store, Party::retailer(self.us), Notice::embedded("common-core").unwrap(), &given).unwrap()
    }

    fn withdraw(&self, store: &mut Store, number: i64, now: DateTime) -> Stopped {
        withdraw_consent(store, Party::retailer(self.us), number, "窓口", now).unwrap()
    }
}

#[tokio::test]
async fn only_what_rested_on_the_consent_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::generate(3, 3, "2026-04-01".parse().unwrap()).unwrap();
    let setting = Setting { shut: Arc::new(AtomicBool::new(true)), us: world.retailer };
    let shut = Arc::clone(&setting.shut);
    let line = Line::twisted(&world, 3, move |_, request, delivery| {
        let closed = shut.load(Ordering::Relaxed) && request.message != "notice-inquiry";
        let trouble = || Trouble { kind: TroubleKind::Connection, detail: "test".to_owned() };
        if closed { Delivery::NotSent(trouble()) } else { delivery }
    });
    let (data, file) = (Data::published(), file_of(&world, dir.path()));
    let now = line.sandbox.sandbox().now();
    let mut office = office_over(Store::open(&dir.path().join("data")).unwrap(), &line, &data, &world);
    take(&mut office, &file, &data, &world, now);
    office.advance(now, &mut |_| {}).await.unwrap();
    assert_eq!(waiting(&mut office).len(), 3);
    let rows: Vec<_> = world.applications().collect();

    // Another purpose, and another recipient: nothing of the switch rested on these.
    let other = setting.consent(&mut office.store, &rows[0], Purpose::NegawattTrading, None, now);
    assert_eq!(setting.withdraw(&mut office.store, other, now), Stopped::default());
    assert_eq!(waiting(&mut office).len(), 3);
    // That of the application carries the switch: its case ends, for nothing of it had arrived anywhere.
    let applied = office.store.read(|tx| tx.consents_of(tx.dossier_of_case(1)?)).unwrap().remove(0);
    let stopped = setting.withdraw(&mut office.store, applied.id, now);
    assert_eq!((stopped.cases, stopped.messages), (1, 1));
    assert!(waiting(&mut office).iter().all(|(case, _)| *case != 1));
    let case = office.store.read(|tx| tx.case(1)).unwrap().unwrap();
    assert_eq!((case.stage, case.outcome), (Stage::Ended, Some(Outcome::CancelledInSystem)));

    // A cancellation on its way is the customer's wish: it goes out.
    office.cancel(rows[2].receipt.as_str(), WithdrawalReason::Customer, now).unwrap();
    setting.shut.store(false, Ordering::Relaxed);
    office.advance(now, &mut |_| {}).await.unwrap();
    // What had certainly not arrived before the customer cancelled is not sent again.
    let case = office.store.read(|tx| tx.case(3)).unwrap().unwrap();
    assert_eq!((case.stage, case.outcome), (Stage::Ended, Some(Outcome::CancelledInSystem)));
    let arrived = |one: &crate::line::Exchange| matches!(one.delivery, Delivery::Answered(_));
    let of_case = |one: &crate::line::Exchange| one.reference.starts_with(&case.reference);
    assert!(!line.log.lock().unwrap().iter().any(|one| of_case(one) && arrived(one)));
    let case = office.store.read(|tx| tx.case(2)).unwrap().unwrap();
    assert_eq!(case.stage, Stage::Judging);
    setting.shut.store(true, Ordering::Relaxed);
    office.cancel(rows[1].receipt.as_str(), WithdrawalReason::Customer, now).unwrap();
    office.advance(now, &mut |_| {}).await.unwrap();
    assert_eq!(waiting(&mut office), [(2, "withdrawal".to_owned())]);
    let applied = office.store.read(|tx| tx.consents_of(tx.dossier_of_case(2)?)).unwrap().remove(0);
    let stopped = setting.withdraw(&mut office.store, applied.id, now);
    assert_eq!(stopped.messages, 0);
    assert!(stopped.sent.iter().any(|one| one.message == "cancellation-request"));
    assert_eq!(waiting(&mut office), [(2, "withdrawal".to_owned())]);
    setting.shut.store(false, Ordering::Relaxed);
    office.advance(now, &mut |_| {}).await.unwrap();
    let case = office.store.read(|tx| tx.case(2)).unwrap().unwrap();
    assert_eq!(case.stage, Stage::Ended);
    let log = line.log.lock().unwrap();
    assert!(
        matches!(log.iter().rfind(|one| one.message == "withdrawal"), Some(last) if matches!(last.delivery, Delivery::Answered(_)))
    );
}
