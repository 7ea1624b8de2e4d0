//! One person with several dossiers at a point, and several persons at one: what reaches whom.

use crate::steward::{House, core};
use occto::desk::subject::{
    Answered, Asked, Customer, Key, Refused, Viewer, Wish, discrepancies, find, letter, look, move_manager,
    plan_retention,
};
use occto::items::{CustomerName, Date, Item};
use occto::messages::switching::{Application, CancellationEntry};
use occto::messages::{Record as _, json};
use occto::notice::held::{Arrival, Authority, ManagerChange, Part};
use occto::notice::{Basis, Due, Party, Purpose, StaffRoles, StewardClause};
use occto::store::{Added, IdentityCheck, Incoming, IncomingState};

/// A house in which the last application is for the point of the first, under another name.
fn two_at_one_point(name: &'static str) -> House {
    House::run_with(4, true, |rows| {
        rows[3] = Application {
            receipt: rows[3].receipt.clone(),
            name: CustomerName::parse(name).unwrap(),
            kana: None,
            ..rows[0].clone()
        };
    })
}

fn clause(refused: Result<Answered, Refused>) -> StewardClause {
    match refused {
        Err(Refused::Clause(clause, _)) => clause,
        other => panic!("not refused by a clause: {other:?}"),
    }
}

fn held(house: &House, key: &Key) -> usize {
    house.store().read(|tx| find(tx, key)).unwrap().0.len()
}

#[test]
fn a_request_reaches_all_dossiers_of_a_person_whatever_name_they_bear() {
    let house = two_at_one_point("旧姓　花子");
    let (first, former) = (house.name(0).to_owned(), "旧姓　花子");
    assert_eq!(held(&house, &house.key(0)), 2);
    // The person of the second application is the one of the first: from now on both are one person's.
    let corrected = house.ask(0, former, &Wish::Correct(Item::Name, first.clone()));
    assert!(matches!(corrected, Ok(Answered::Corrected | Answered::Asked { .. })), "{corrected:?}");
    let renamed = house.ask(0, former, &Wish::Correct(Item::Name, "改姓　花子".to_owned()));
    assert!(matches!(renamed, Ok(Answered::Corrected | Answered::Asked { .. })), "{renamed:?}");
    for name in [former, first.as_str(), "改姓　花子"] {
        let Ok(Answered::Report(report)) = house.ask(0, name, &Wish::Report) else { panic!("no report") };
        assert_eq!(report.name, "改姓　花子");
        let names: Vec<_> = report.values.iter().filter(|one| one.item == Item::Name).map(|one| one.text()).collect();
        for part in [former, first.as_str(), "改姓　花子"] {
            assert!(names.iter().any(|held| held.contains(part)), "{names:?}");
        }
        assert_eq!(names.iter().filter(|held| *held == "改姓　花子").count(), 1, "{names:?}");
    }
    let erased = house.ask(0, "改姓　花子", &Wish::Erase);
    assert!(matches!(erased, Ok(Answered::Erased { dossiers: 2, .. })), "{erased:?}");
    assert_eq!(held(&house, &house.key(0)), 0);
    for name in [former, first.as_str(), "改姓　花子"] {
        assert_eq!(clause(house.ask(0, name, &Wish::Erase)), StewardClause::AlreadyErased);
    }
}

#[test]
fn a_request_by_contract_reaches_the_dossiers_of_the_point_too() {
    let house = House::run_with(4, true, |rows| {
        let contract_number = rows[3].contract_number.clone();
        rows[3] = Application { receipt: rows[3].receipt.clone(), contract_number, ..rows[0].clone() };
    });
    let key = Key::Contract(house.rows[3].contract_number.as_str().to_owned());
    assert_eq!((held(&house, &key), held(&house, &house.key(0))), (1, 2));
    let identity = Some((IdentityCheck::DrivingLicence, "K-1"));
    let asked = Asked { key: &key, name: house.name(0), identity, by: "窓口", now: house.now, days: 14 };
    let erased = occto::desk::subject::ask(&mut house.store(), house.us, core(), &asked, &Wish::Erase);
    assert!(matches!(erased, Ok(Answered::Erased { dossiers: 2, .. })), "{erased:?}");
    assert_eq!(held(&house, &house.key(0)), 0);
}

#[test]
fn a_former_tenant_is_told_already_erased_while_another_has_the_point() {
    let house = two_at_one_point("別人　次郎");
    let name = house.name(0).to_owned();
    let erased = house.ask(0, &name, &Wish::Erase);
    assert!(matches!(erased, Ok(Answered::Erased { dossiers: 1, .. })), "{erased:?}");
    assert_eq!(clause(house.ask(0, &name, &Wish::Erase)), StewardClause::AlreadyErased);
    assert_eq!(house.last_line()["clause"], "already-erased");
    assert_eq!(clause(house.ask(0, "第三　者子", &Wish::Erase)), StewardClause::AnotherSubject);
    assert!(matches!(house.ask(0, "別人　次郎", &Wish::Report), Ok(Answered::Report(_))));
}

#[test]
fn the_suspension_of_one_closes_nothing_of_the_other() {
    let house = two_at_one_point("別人　次郎");
    let roles = StaffRoles::published().unwrap();
    let names = || -> Result<Vec<String>, StewardClause> {
        let purpose = Purpose::ConsignmentContract;
        let viewer = Viewer { roles: &roles, role: "switching", purpose, by: "担当", now: house.now };
        match look(&mut house.store(), house.us, core(), &house.key(0), &viewer) {
            Ok(seen) => Ok(seen.values.iter().filter(|one| one.item == Item::Name).map(|one| one.text()).collect()),
            Err(Refused::Clause(clause, _)) => Err(clause),
            Err(other) => panic!("{other}"),
        }
    };
    let name = house.name(0).to_owned();
    assert!(names().unwrap().iter().any(|held| held.contains(&name)));
    assert!(matches!(house.ask(0, &name, &Wish::Suspend), Ok(Answered::Stopped { .. })));
    let seen = names().unwrap();
    assert!(seen.iter().any(|held| held == "別人　次郎"), "{seen:?}");
    assert!(!seen.iter().any(|held| held.contains(&name)), "{seen:?}");
    // Whose use is suspended reads of a refused look, not of the other's items.
    let Ok(Answered::Report(report)) = house.ask(0, &name, &Wish::Report) else { panic!("no report") };
    let looks = report.disclosed.iter().filter(|one| one.message == "held-show");
    let looks: Vec<_> = looks.map(|one| one.refused).collect();
    assert_eq!(looks, [false, true]);
    assert!(matches!(house.ask(0, "別人　次郎", &Wish::Suspend), Ok(Answered::Stopped { .. })));
    assert_eq!(names(), Err(StewardClause::Suspended));
}

fn incoming(house: &House, on: Date, state: IncomingState) -> Incoming {
    let row = &house.rows[0];
    let entry = serde_json::json!({
        "cancellation-number": "C0009999", "new-retailer": "48000", "supply-point-id": row.point.as_str(),
        "retail-contract-number": row.contract_number.as_str(), "name": row.name.as_str(),
        "address": row.address.as_str(), "requested-date": on.to_string(),
        "received-date": house.now.date().to_string(),
    });
    let entry = CancellationEntry::absorb(&json::from_json(CancellationEntry::FIELDS, &entry)).unwrap();
    let (reasons, differences) = (Vec::new(), Vec::new());
    Incoming { entry, family: row.family, state, judged_by: None, reasons, differences }
}

#[test]
fn an_erasure_waits_for_a_switch_away_from_us() {
    let mut house = House::run(2, true);
    let name = house.name(0).to_owned();
    let on = house.now.date().checked_add(jiff::Span::new().days(20)).unwrap();
    let mut leaving = incoming(&house, on, IncomingState::Ok);
    house.store().commit(|tx| tx.add_incoming(&leaving)).unwrap();
    for state in [IncomingState::Received, IncomingState::Doubt, IncomingState::Ok, IncomingState::Stopped] {
        leaving.state = state;
        house.store().commit(|tx| tx.save_incoming(&leaving)).unwrap();
        assert_eq!(clause(house.ask(0, &name, &Wish::Erase)), StewardClause::OpenSwitch, "{state:?}");
        assert_eq!(house.last_line()["clause"], "open-switch");
        // Nothing of it is due before the switch is over, either.
        let plan = plan_retention(&mut house.store(), core(), on).unwrap();
        let of = house.store().read(|tx| tx.dossier_of_incoming("C0009999")).unwrap();
        let entry = plan.dossiers.iter().find(|entry| entry.dossier == of).unwrap();
        assert!(matches!(entry.due, Due::Open | Due::Kept(_)) && entry.items.is_empty(), "{state:?}: {entry:?}");
    }
    house.now = on.tomorrow().unwrap().at(9, 0, 0, 0);
    let erased = house.ask(0, &name, &Wish::Erase);
    assert!(matches!(erased, Ok(Answered::Erased { dossiers: 2, .. })), "{erased:?}");
    // One that was refused is over at once.
    let house = House::run(2, true);
    let refused = incoming(&house, on, IncomingState::Ng);
    house.store().commit(|tx| tx.add_incoming(&refused)).unwrap();
    assert!(matches!(house.ask(0, house.name(0), &Wish::Erase), Ok(Answered::Erased { dossiers: 2, .. })));
}

#[test]
fn a_corrected_number_finds_the_customer() {
    let house = House::run(2, true);
    let name = house.name(0).to_owned();
    let former = Key::Telephone(house.rows[0].telephone.as_ref().unwrap().as_str().to_owned());
    assert_eq!(held(&house, &former), 1);
    for (item, text) in [(Item::Telephone, "03-9999-0000"), (Item::RetailContractNumber, "NEW-0001")] {
        assert!(house.ask(0, &name, &Wish::Correct(item, text.to_owned())).is_ok());
    }
    assert_eq!(held(&house, &Key::Telephone("0399990000".to_owned())), 1);
    assert_eq!(held(&house, &Key::Contract("NEW-0001".to_owned())), 1);
    assert_eq!(held(&house, &former), 1);
    assert!(matches!(house.ask(0, &name, &Wish::Erase), Ok(Answered::Erased { .. })));
    let (folders, erased) = house.store().read(|tx| find(tx, &Key::Contract("NEW-0001".to_owned()))).unwrap();
    assert_eq!((folders.len(), erased), (0, 1));
    assert_eq!(held(&house, &Key::Telephone("0399990000".to_owned())), 0);
}

#[test]
fn the_manager_is_asked_to_correct_what_it_never_told() {
    let house = House::run(2, false);
    let name = house.name(0).to_owned();
    let wish = Wish::Correct(Item::PowerFactor, "85".to_owned());
    let asked = house.ask(0, &name, &wish);
    let Ok(Answered::Asked { manager, draft: Some(draft) }) = asked else { panic!("{asked:?}") };
    assert_eq!(manager, Party::operator(house.rows[0].point.area()));
    for part in ["御中", "受領していません", "お申し出の値　　　85"] {
        assert!(draft.contains(part), "{part}: {draft}");
    }
    let found = discrepancies(&mut house.store(), house.us, core(), house.now.date()).unwrap();
    assert!(matches!(&found[..], [one] if one.draft == draft && one.sendable.is_ok()), "{found:?}");
    // Asked for once more it is drafted once more, and entered no second time.
    let again = house.ask(0, &name, &wish);
    assert!(matches!(&again, Ok(Answered::Asked { draft: Some(same), .. }) if *same == draft), "{again:?}");
    let Ok(Answered::Report(report)) = house.ask(0, &name, &Wish::Report) else { panic!("no report") };
    assert_eq!(report.values.iter().filter(|one| one.item == Item::PowerFactor).count(), 1);
    assert!(letter(&report).contains("受領していません"));
    assert!(report.to_json()["discrepancies"][0]["managed"].is_null());
    // The manager says the same: the matter is settled.
    let told = Arrival {
        source: manager,
        message: "facility-answer".to_owned(),
        reference: "R-1".to_owned(),
        at: house.now,
        as_of: house.now,
        basis: Basis::SharedUse,
        purpose: Purpose::PointConfirmation,
        parts: vec![Part { field: "power-factor".to_owned(), item: Item::PowerFactor, text: "85".to_owned() }],
    };
    let mut store = house.store();
    store.commit(|tx| tx.add_to_dossier(tx.dossier_of_case(1)?, Added::Arrival, &told.to_json())).unwrap();
    assert!(discrepancies(&mut store, house.us, core(), house.now.date()).unwrap().is_empty());
}

/// The first row whose basic items we manage after the run.
fn switched(house: &House) -> usize {
    let mut store = house.store();
    let today = house.now.date();
    let mut rows = 0..house.rows.len();
    let ours = |row: &usize| {
        let (folders, _) = store.read(|tx| find(tx, &house.key(*row))).unwrap();
        Customer::all(folders).holdings(house.us, core(), today).manager(Item::Name, today) == house.us
    };
    rows.find(ours).unwrap()
}

#[test]
fn a_correction_to_the_value_that_stands_enters_nothing() {
    let house = House::run(8, true);
    let row = switched(&house);
    let name = house.name(row).to_owned();
    let wish = Wish::Correct(Item::Telephone, "03-9999-0000".to_owned());
    assert!(matches!(house.ask(row, &name, &wish), Ok(Answered::Corrected)));
    assert!(matches!(house.ask(row, &name, &wish), Ok(Answered::Same)));
    assert_eq!(house.last_line()["same"], true);
    let Ok(Answered::Report(report)) = house.ask(row, &name, &Wish::Report) else { panic!("no report") };
    assert_eq!(report.values.iter().filter(|one| one.item == Item::Telephone).count(), 2);
    assert!(report.requests.iter().all(|request| request.answered.is_some()));
}

#[test]
fn after_the_manager_changed_our_value_is_neither_ours_nor_the_new_ones() {
    let house = House::run(8, true);
    let row = switched(&house);
    let name = house.name(row).to_owned();
    let to = Party::parse("retailer:49999").unwrap();
    let change = ManagerChange { retailer: Some(to), ..ManagerChange::default() };
    let (key, today) = (house.key(row), house.now.date());
    move_manager(&mut house.store(), house.us, &key, today, &change, "担当", house.now).unwrap();
    let Ok(Answered::Report(report)) = house.ask(row, &name, &Wish::Report) else { panic!("no report") };
    let current: Vec<_> = report.values.iter().filter(|one| one.item == Item::Telephone && one.current).collect();
    let [one] = &current[..] else { panic!("{current:?}") };
    assert_eq!((one.authority, one.manager), (Authority::Former, to));
    let values = report.to_json()["values"].as_array().cloned().unwrap();
    let json = values.iter().find(|one| one["item"] == "telephone" && one["current"] == true).unwrap();
    assert_eq!((&json["authority"], &json["manager"]), (&"former".into(), &"retailer:49999".into()));
    assert!(letter(&report).contains("管理責任者の変更前の値"));
    let asked = house.ask(row, &name, &Wish::Correct(Item::Telephone, "03-9999-0000".to_owned()));
    let Ok(Answered::Asked { manager, draft: Some(draft) }) = asked else { panic!("{asked:?}") };
    assert_eq!(manager, to);
    assert!(draft.contains("保有している値") && draft.contains("本人からの切替申込"), "{draft}");
    assert!(!draft.contains("貴社からの値"), "{draft}");
}
