//! The customer's data from the file to its erasure: sealed on the disk, shown by purpose, reported, corrected, suspended,
//! kept and erased; every refusal with its clause and a line in the ledger.

use crate::command::{EXAMPLE, arg, occto};
use crate::practice::{Data, csv_of, office_over, take};
use occto::desk::subject::{
    Answered, Asked, Customer, Given, Key, Refused, Viewer, Wish, arrival_of, ask, discrepancies, erasures, find,
    give_consent, letter, look, place_hold, plain_text, plan_retention, run_retention, withdraw_consent,
};
use occto::items::{Code as _, DateTime, Item};
use occto::messages::switching::{Application, CancellationEntry, ConsentMethod, FacilityAnswer};
use occto::messages::{Record as _, json};
use occto::notice::{LegalHold, Notice, Party, Purpose, StaffRoles, StewardClause};
use occto::sandbox::{Sandbox, SandboxTransport, World};
use occto::store::{
    Added, IdentityCheck, Incoming, IncomingState, KeyPlan, KeySource, SecretKey, Store, StoreError, keys_folder,
};
use occto::wire::Binding;
use std::path::{Path, PathBuf};

const IDENTITY: Option<(IdentityCheck, &str)> = Some((IdentityCheck::DrivingLicence, "K-1"));

/// A data folder after a run, and the applications that were run.
pub struct House {
    dir: tempfile::TempDir,
    pub rows: Vec<Application>,
    pub us: Party,
    pub now: DateTime,
}

pub fn core() -> &'static Notice {
    Notice::embedded("common-core").unwrap()
}

impl House {
    /// Takes applications in, and to their end if `to_the_end`.
    pub fn run(points: usize, to_the_end: bool) -> House {
        House::run_with(points, to_the_end, |_| {})
    }

    /// The same after something was changed in the rows.
    pub fn run_with(points: usize, to_the_end: bool, change: impl FnOnce(&mut Vec<Application>)) -> House {
        let dir = tempfile::tempdir().unwrap();
        let world = World::generate(points, 3, "2026-04-01".parse().unwrap()).unwrap();
        let file = dir.path().join("applications.csv");
        let mut rows: Vec<_> = world.applications().collect();
        change(&mut rows);
        std::fs::write(&file, csv_of(rows.iter().cloned())).unwrap();
        let transport = SandboxTransport::new(Sandbox::new(world.clone(), 3), Binding::reference(), core());
        let data = Data::published();
        let store = Store::open(&dir.path().join("data")).unwrap();
        let mut office = office_over(store, &transport, &data, &world);
        take(&mut office, &file, &data, &world, transport.sandbox().now());
        std::fs::remove_file(&file).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        loop {
            if !to_the_end {
                break;
            }
            let now = transport.sandbox().now();
            runtime.block_on(office.advance(now, &mut |_| {})).unwrap();
            let next = transport.sandbox().next_event_date();
            match next {
                Some(date) if date > now.date() => transport.sandbox().advance_to(date),
                _ => break,
            }
        }
        let now = transport.sandbox().now();
        House { dir, rows, us: Party::retailer(world.retailer), now }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn store(&self) -> Store {
        Store::open(&self.data()).unwrap()
    }

    pub fn key(&self, row: usize) -> Key {
        Key::Point(self.rows[row].point)
    }

    pub fn ask(&self, row: usize, name: &str, wish: &Wish) -> Result<Answered, Refused> {
        self.ask_as(row, name, IDENTITY, wish)
    }

    fn ask_as(
        &self,
        row: usize,
        name: &str,
        identity: Option<(IdentityCheck, &str)>,
        wish: &Wish,
    ) -> Result<Answered, Refused> {
        let key = self.key(row);
        let asked = Asked { key: &key, name, identity, by: "窓口", now: self.now, days: 14 };
        ask(&mut self.store(), self.us, core(), &asked, wish)
    }

    pub fn name(&self, row: usize) -> &str {
        self.rows[row].name.as_str()
    }

    /// The last line of the ledger.
    pub fn last_line(&self) -> serde_json::Value {
        let mut last = String::new();
        let read = self.store().read(|tx| {
            tx.each_ledger_line(|line| {
                last = line.entry;
                Ok(())
            })
        });
        read.unwrap();
        serde_json::from_str(&last).unwrap()
    }
}

fn clause(refused: Result<Answered, Refused>) -> StewardClause {
    match refused {
        Err(Refused::Clause(clause, _)) => clause,
        other => panic!("not refused by a clause: {other:?}"),
    }
}

/// Every octet below a folder.
fn octets(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(octets(&path)) } else { all.extend(std::fs::read(path).unwrap()) }
    }
    all
}

fn holds(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|part| part == text.as_bytes())
}

/// What must stand nowhere in the clear.
fn personal(row: &Application) -> Vec<String> {
    let telephone = row.telephone.as_ref().map(|number| number.as_str().to_owned());
    let known = [row.point.as_str(), row.name.as_str(), row.address.as_str(), row.contract_number.as_str()];
    known.into_iter().map(str::to_owned).chain(telephone).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn nothing_personal_stands_in_the_clear_and_everything_reads_back() {
    let house = House::run(12, true);
    let written = octets(&house.data());
    let keys = octets(&keys_folder(&house.data()));
    for text in house.rows.iter().flat_map(personal) {
        assert!(!holds(&written, &text) && !holds(&keys, &text), "in the clear");
    }
    let mut store = house.store();
    for row in &house.rows {
        let (folders, erased) = store.read(|tx| find(tx, &Key::Point(row.point))).unwrap();
        assert_eq!((folders.len(), erased), (1, 0));
        assert_eq!(folders[0].application(), Some(row));
        let contract = Key::Contract(row.contract_number.as_str().to_owned());
        assert_eq!(store.read(|tx| find(tx, &contract)).unwrap().0.len(), 1);
    }
}

#[cfg(unix)]
#[test]
fn the_key_lies_beside_the_data_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let store = Store::open(&data).unwrap();
    let key = store.key_made().unwrap().to_owned();
    assert_eq!(key, dir.path().join("data.keys").join("master.key"));
    drop(store);
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(key.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert!(Store::open(&data).unwrap().key_made().is_none());
    // Others than the owner can read it: it is not used.
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let told = Store::open(&data).unwrap_err().to_string();
    assert!(told.contains("chmod 600"), "{told}");
}

#[test]
fn a_wrong_a_missing_and_a_foreign_key_say_so() {
    let house = House::run(2, false);
    let keys = keys_folder(&house.data());
    let plan = |key: &Path| KeyPlan { current: Some(KeySource::File(key.into())), former: None };
    let other = house.dir.path().join("other.key");
    SecretKey::random().unwrap().write_new(&other).unwrap();
    let wrong = Store::open_with(&house.data(), &plan(&other)).unwrap_err();
    assert!(matches!(wrong, StoreError::WrongKey { .. }), "{wrong}");
    assert!(wrong.to_string().contains("OCCTO_KEY"));
    assert!(Store::open_with(&house.data(), &plan(&keys.join("master.key"))).is_ok());
    let away = house.dir.path().join("away");
    std::fs::rename(&keys, &away).unwrap();
    let missing = Store::open(&house.data()).unwrap_err();
    assert!(matches!(missing, StoreError::NoKeys(..)), "{missing}");
    let stranger = House::run(1, false);
    copy(&keys_folder(&stranger.data()), &keys);
    let foreign = Store::open(&house.data()).unwrap_err();
    assert!(matches!(foreign, StoreError::OtherKeys(..)), "{foreign}");
    std::fs::remove_dir_all(&keys).unwrap();
    std::fs::rename(&away, &keys).unwrap();
    assert_eq!(house.store().read(|tx| find(tx, &house.key(0))).unwrap().0.len(), 1);
}

#[test]
fn the_master_key_is_changed_while_everything_can_be_read() {
    let house = House::run(3, false);
    let file = keys_folder(&house.data()).join("master.key");
    let before = std::fs::read_to_string(&file).unwrap();
    let mut store = house.store();
    let first = store.key_status().unwrap();
    assert_eq!(first.wrapped, [(first.current.clone(), 3)]);
    assert_eq!(store.rotate_keys().unwrap(), 3);
    let second = store.key_status().unwrap();
    assert_ne!(first.current, second.current);
    assert_eq!(second.wrapped, [(second.current.clone(), 3)]);
    assert_eq!(store.read(|tx| find(tx, &house.key(0))).unwrap().0.len(), 1);
    drop(store);
    assert_ne!(std::fs::read_to_string(&file).unwrap(), before);
    assert_eq!(house.store().read(|tx| find(tx, &house.key(2))).unwrap().0[0].application(), Some(&house.rows[2]));
    // Stopped in the middle: it goes on with the key that was made, and everything can be read before it does.
    SecretKey::random().unwrap().write_new(&file.with_file_name("master-next.key")).unwrap();
    let mut store = house.store();
    let halfway = store.key_status().unwrap();
    assert_eq!(halfway.wrapped, [(second.current, 3)]);
    assert_eq!(store.read(|tx| find(tx, &house.key(0))).unwrap().0.len(), 1);
    assert_eq!(store.rotate_keys().unwrap(), 3);
    drop(store);
    assert!(!file.with_file_name("master-next.key").exists());
    assert_eq!(house.store().key_status().unwrap().wrapped, [(halfway.current, 3)]);
    // From a file to a key of one's own: the former one is named until everything is wrapped anew.
    let own = house.dir.path().join("own.key");
    SecretKey::random().unwrap().write_new(&own).unwrap();
    let current = Some(KeySource::File(own));
    let both = KeyPlan { current: current.clone(), former: Some(KeySource::File(file)) };
    let mut store = Store::open_with(&house.data(), &both).unwrap();
    assert_eq!(store.read(|tx| find(tx, &house.key(1))).unwrap().0.len(), 1);
    assert_eq!(store.rotate_keys().unwrap(), 3);
    drop(store);
    let mut store = Store::open_with(&house.data(), &KeyPlan { current, former: None }).unwrap();
    assert_eq!(store.read(|tx| find(tx, &house.key(1))).unwrap().0[0].application(), Some(&house.rows[1]));
}

#[test]
fn a_folder_of_an_earlier_version_is_sealed_when_it_is_opened() {
    let house = House::run(4, true);
    let row = &house.rows[1];
    let (receipt, point) = (row.receipt.as_str(), row.point.as_str());
    let application = occto::messages::json::to_json(row).to_string();
    {
        // As the earlier version left it.
        let db = rusqlite::Connection::open(house.data().join("occto.sqlite")).unwrap();
        db.execute("DELETE FROM numbers WHERE key IN ('vault', 'clearing')", []).unwrap();
        for table in ["dossiers", "lookups", "arrivals", "traces", "consents"] {
            db.execute(&format!("DELETE FROM {table}"), []).unwrap();
        }
        db.execute("UPDATE cases SET dossier = NULL, sealed = NULL, reasons = '[[\"理由\",\"why\"]]'", []).unwrap();
        db.execute(
            "UPDATE rows SET sealed = NULL, cells_sealed = NULL, findings_sealed = NULL, cells = '[]', findings = '[]'",
            [],
        )
        .unwrap();
        db.execute("UPDATE events SET sealed = NULL, ja = '出来事', en = 'event'", []).unwrap();
        db.execute("UPDATE outbox SET dossier = NULL, body = x'3C613E'", []).unwrap();
        db.execute("UPDATE cases SET receipt = ?1, point = ?2 WHERE id = 2", [receipt, point]).unwrap();
        db.execute("UPDATE rows SET application = ?1 WHERE case_id = 2", [&application]).unwrap();
    }
    std::fs::remove_dir_all(keys_folder(&house.data())).unwrap();
    assert!(holds(&octets(&house.data()), point));
    let mut store = house.store();
    let (case, events) = store
        .read(|tx| {
            let mut events = Vec::new();
            tx.each_event(1, |case, event| {
                events.push((case, event.ja));
                Ok(())
            })?;
            Ok((tx.case(2)?.unwrap(), events))
        })
        .unwrap();
    assert_eq!((case.receipt.as_str(), case.point.as_str()), (receipt, point));
    assert_eq!(case.reasons, [("理由".to_owned(), "why".to_owned())]);
    assert!(events.iter().all(|(_, ja)| ja == "出来事") && events.iter().any(|(case, _)| *case == 2));
    assert_eq!(store.read(|tx| tx.cases_of_receipt(receipt)).unwrap(), [2]);
    let (folders, _) = store.read(|tx| find(tx, &house.key(1))).unwrap();
    assert_eq!(folders[0].application(), Some(row));
    drop(store);
    let written = octets(&house.data());
    for text in personal(row).iter().map(String::as_str).chain(["出来事", "理由"]) {
        assert!(!holds(&written, text), "in the clear after it was sealed");
    }
}

#[test]
fn a_report_tells_the_customer_everything_and_nobody_else() {
    let house = House::run(6, true);
    let Ok(Answered::Report(report)) = house.ask(0, house.name(0), &Wish::Report) else { panic!("no report") };
    assert_eq!(report.name, house.name(0));
    let of = |item: Item| report.values.iter().filter(move |value| value.item == item);
    assert!(of(Item::Name).any(|value| value.text().contains(house.name(0)) && value.source.to_string() == "customer"));
    assert!(of(Item::ContractAmount).any(|value| value.source.to_string().starts_with("operator:")));
    let recipients: Vec<_> = report.disclosed.iter().map(|one| one.recipient.as_str()).collect();
    assert!(recipients.iter().any(|one| one.starts_with("operator:")));
    assert!(recipients.iter().any(|one| one.starts_with("retailer:")));
    assert!(report.disclosed.iter().all(|one| !one.items.is_empty()));
    assert!(report.elsewhere.iter().any(|one| one.manager.to_string().starts_with("operator:")));
    assert_eq!(report.consents.len(), 1);
    assert_eq!(report.requests.len(), 1);
    let page = letter(&report);
    for other in &house.rows[1..] {
        assert!(!page.contains(other.point.as_str()) && !page.contains(other.address.as_str()));
        assert!(!report.to_json().to_string().contains(other.point.as_str()));
    }
    for part in
        ["保有個人データの開示について", house.name(0), "管理責任者", "提供・閲覧の記録", "保存期間", "共同利用"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(house.last_line()["message"], "subject-report");
    // The ledger says what happened, not of whom.
    let mut store = house.store();
    let mut ledger = String::new();
    store
        .read(|tx| {
            tx.each_ledger_line(|line| {
                ledger.push_str(&line.entry);
                Ok(())
            })
        })
        .unwrap();
    for text in house.rows.iter().flat_map(personal) {
        assert!(!ledger.contains(&text), "personal data in the ledger");
    }
}

#[test]
fn a_correct_request_for_another_customers_point_is_refused() {
    let house = House::run(3, true);
    let own = house.name(0).to_owned();
    let other = house.rows.iter().position(|row| row.name.as_str() != own).unwrap();
    for wish in [Wish::Report, Wish::Suspend, Wish::Erase, Wish::Correct(Item::Telephone, "0312345678".to_owned())] {
        assert_eq!(clause(house.ask(other, &own, &wish)), StewardClause::AnotherSubject);
        let line = house.last_line();
        assert_eq!((&line["verdict"], &line["clause"]), (&"refused".into(), &"another-subject".into()));
    }
    assert_eq!(clause(house.ask_as(0, &own, None, &Wish::Report)), StewardClause::IdentityMissing);
    let nothing = Some((IdentityCheck::Passport, " "));
    assert_eq!(clause(house.ask_as(0, &own, nothing, &Wish::Report)), StewardClause::IdentityMissing);
    let stranger = Asked {
        key: &Key::Contract("no-such-number".to_owned()),
        name: &own,
        identity: IDENTITY,
        by: "窓口",
        now: house.now,
        days: 14,
    };
    let refused = ask(&mut house.store(), house.us, core(), &stranger, &Wish::Report);
    assert_eq!(clause(refused), StewardClause::NotHeld);
    // Whose point it is sees that somebody was refused.
    let name = house.name(other).to_owned();
    let Ok(Answered::Report(report)) = house.ask(other, &name, &Wish::Report) else { panic!("no report") };
    assert_eq!(report.disclosed.iter().filter(|one| one.refused && one.message.starts_with("subject-")).count(), 4);
}

#[test]
fn an_erasure_waits_for_an_open_switch_and_for_a_law_and_is_done_once() {
    let house = House::run(3, false);
    let name = house.name(0).to_owned();
    assert_eq!(clause(house.ask(0, &name, &Wish::Erase)), StewardClause::OpenSwitch);
    assert_eq!(house.last_line()["clause"], "open-switch");

    let house = House::run(3, true);
    let name = house.name(0).to_owned();
    let law = LegalHold { law: "電気事業法施行規則".to_owned(), until: None };
    place_hold(&mut house.store(), house.us, &house.key(0), Some(&law), "法務", house.now).unwrap();
    match house.ask(0, &name, &Wish::Erase) {
        Err(Refused::Clause(StewardClause::LegalHold, Some(named))) => assert_eq!(named, law.law),
        other => panic!("{other:?}"),
    }
    assert_eq!(house.last_line()["clause"], "legal-hold");
    place_hold(&mut house.store(), house.us, &house.key(0), None, "法務", house.now).unwrap();

    let backup = house.dir.path().join("backup");
    copy(&house.data(), &backup);
    assert!(matches!(house.ask(0, &name, &Wish::Erase), Ok(Answered::Erased { dossiers: 1, .. })));
    let line = house.last_line();
    assert_eq!((&line["message"], &line["verdict"]), (&"subject-erase".into(), &"done".into()));
    assert_eq!(clause(house.ask(0, &name, &Wish::Erase)), StewardClause::AlreadyErased);
    assert_eq!(house.last_line()["clause"], "already-erased");
    assert_eq!(clause(house.ask(0, &name, &Wish::Report)), StewardClause::AlreadyErased);
    assert_eq!(house.store().read(erasures).unwrap(), (1, Vec::new()));

    // The backup comes back with everything but what was erased.
    std::fs::remove_dir_all(house.data()).unwrap();
    copy(&backup, &house.data());
    let mut store = house.store();
    assert_eq!(store.read(|tx| find(tx, &house.key(0))).unwrap().0.len(), 0);
    let case = store.read(|tx| tx.case(1)).unwrap().unwrap();
    assert_eq!((case.point.as_str(), case.receipt.as_str(), case.reasons.len()), ("", "", 0));
    assert_eq!(store.read(|tx| tx.application(1)).unwrap(), None);
    assert_eq!(store.read(|tx| find(tx, &house.key(1))).unwrap().0[0].application(), Some(&house.rows[1]));
}

#[test]
fn what_the_operator_says_of_island_terms_makes_it_the_manager_of_the_basic_items() {
    let house = House::run(1, false);
    let mut store = house.store();
    let point = house.rows[0].point;
    let operator = Party::operator(point.area());
    let answer = serde_json::json!({
        "supply-point-id": point.as_str(), "isolated-island-terms": "1", "grid-interconnection": "0",
        "half-hourly-collectable": "1", "decision-method": "ampere-breaker",
    });
    let answer = FacilityAnswer::absorb(&json::from_json(FacilityAnswer::FIELDS, &answer)).unwrap();
    let told = arrival_of(&answer, "facility-answer", operator, Purpose::PointConfirmation, "R-1", house.now);
    store.commit(|tx| tx.add_to_dossier(tx.dossier_of_case(1)?, Added::Arrival, &told.to_json())).unwrap();
    let (folders, _) = store.read(|tx| find(tx, &house.key(0))).unwrap();
    let held = Customer::all(folders).holdings(house.us, core(), house.now.date());
    assert_eq!(held.manager(Item::Name, house.now.date()), operator);
    let text = |item| plain_text(held.standing(item).unwrap());
    assert_eq!(text(Item::IsolatedIslandTerms), "あり（可）");
    assert_eq!(text(Item::GridInterconnection), "なし（不可）");
    assert_eq!(text(Item::MeterInformation), "あり（可）");
}

#[test]
fn only_the_manager_corrects() {
    let house = House::run(8, true);
    let mut store = house.store();
    let switched = (0..8).find(|row| {
        let (folders, _) = store.read(|tx| find(tx, &house.key(*row))).unwrap();
        let customer = Customer::all(folders);
        customer.holdings(house.us, core(), house.now.date()).manager(Item::Name, house.now.date()) == house.us
    });
    drop(store);
    let row = switched.unwrap();
    let name = house.name(row).to_owned();
    let corrected = house.ask(row, &name, &Wish::Correct(Item::Telephone, "03-9999-0000".to_owned()));
    assert!(matches!(corrected, Ok(Answered::Corrected)), "{corrected:?}");
    let asked = house.ask(row, &name, &Wish::Correct(Item::ContractAmount, "999".to_owned()));
    let Ok(Answered::Asked { manager, draft: Some(draft) }) = asked else { panic!("{asked:?}") };
    assert!(manager.to_string().starts_with("operator:"));
    assert!(draft.contains("999") && draft.contains("御中"));
    let Ok(Answered::Report(report)) = house.ask(row, &name, &Wish::Report) else { panic!("no report") };
    let telephone: Vec<_> = report.values.iter().filter(|value| value.item == Item::Telephone).collect();
    assert_eq!(telephone.len(), 2);
    assert!(telephone.iter().any(|value| value.current && value.text() == "03-9999-0000"));
    assert!(telephone.iter().any(|value| !value.current));
    assert!(!report.discrepancies.is_empty());
    assert_eq!(report.requests.iter().filter(|request| request.answered.is_none()).count(), 1);
    let found = discrepancies(&mut house.store(), house.us, core(), house.now.date()).unwrap();
    assert!(found.iter().any(|one| one.draft == draft && one.sendable.is_ok()));
}

#[test]
fn a_suspension_holds_what_is_open_and_what_comes() {
    let house = House::run(3, false);
    let name = house.name(0).to_owned();
    let Ok(Answered::Stopped { cases: 1, .. }) = house.ask(0, &name, &Wish::Suspend) else { panic!("not stopped") };
    let mut store = house.store();
    assert!(store.read(|tx| tx.is_suspended(house.rows[0].point.as_str())).unwrap());
    assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), [2, 3]);
    let roles = StaffRoles::published().unwrap();
    let viewer = |role, purpose| Viewer { roles: &roles, role, purpose, by: "担当", now: house.now };
    let seen = look(&mut store, house.us, core(), &house.key(0), &viewer("switching", Purpose::ConsignmentContract));
    assert!(matches!(seen, Err(Refused::Clause(StewardClause::Suspended, None))));
    let officer = viewer("privacy-officer", Purpose::ResolveDispute);
    assert!(!look(&mut store, house.us, core(), &house.key(0), &officer).unwrap().values.is_empty());
    drop(store);
    assert!(matches!(house.ask(0, &name, &Wish::Resume), Ok(Answered::Stopped { .. })));
    assert!(!house.store().read(|tx| tx.is_suspended(house.rows[0].point.as_str())).unwrap());
}

#[test]
fn a_look_needs_a_role_with_the_purpose_and_leaves_a_line() {
    let house = House::run(2, true);
    let roles = StaffRoles::published().unwrap();
    let mut store = house.store();
    let mut see = |role, purpose| {
        let viewer = Viewer { roles: &roles, role, purpose, by: "担当", now: house.now };
        look(&mut store, house.us, core(), &house.key(0), &viewer)
    };
    let items = |seen: Result<occto::desk::subject::Seen, Refused>| -> Vec<Item> {
        seen.unwrap().values.iter().map(|value| value.item).collect()
    };
    let switching = items(see("switching", Purpose::ConsignmentContract));
    assert!(switching.contains(&Item::Name) && switching.contains(&Item::ContractAmount));
    let metering = items(see("metering", Purpose::GridOperation));
    assert!(!metering.contains(&Item::Name) && metering.contains(&Item::MeterInformation));
    for (role, purpose, why) in [
        ("metering", Purpose::NegawattTrading, StewardClause::RolePurpose),
        ("sales", Purpose::ConsignmentContract, StewardClause::RolePurpose),
        ("sales", Purpose::WinBackSales, StewardClause::Prohibited),
        ("nobody", Purpose::OwnUse, StewardClause::RoleUnknown),
    ] {
        match see(role, purpose) {
            Err(Refused::Clause(clause, None)) => assert_eq!(clause, why),
            other => panic!("{role}: {other:?}"),
        }
    }
    drop(store);
    let line = house.last_line();
    assert_eq!((&line["verdict"], &line["clause"]), (&"refused".into(), &"role-unknown".into()));
}

#[test]
fn what_a_cancellation_agency_told_is_closed_to_sales_until_the_switch_is_over() {
    let house = House::run(2, true);
    let row = &house.rows[0];
    let leaves = house.now.date().checked_add(jiff::Span::new().days(20)).unwrap();
    let entry = serde_json::json!({
        "cancellation-number": "C0009999", "new-retailer": "48000", "supply-point-id": row.point.as_str(),
        "retail-contract-number": row.contract_number.as_str(), "name": row.name.as_str(),
        "address": "見本県新住所町1-1", "requested-date": leaves.to_string(), "received-date": house.now.date().to_string(),
    });
    let entry = CancellationEntry::absorb(&json::from_json(CancellationEntry::FIELDS, &entry)).unwrap();
    let incoming = Incoming {
        entry,
        family: row.family,
        state: IncomingState::Stopped,
        judged_by: None,
        reasons: Vec::new(),
        differences: Vec::new(),
    };
    let mut store = house.store();
    assert!(store.commit(|tx| tx.add_incoming(&incoming)).unwrap());
    assert!(!store.commit(|tx| tx.add_incoming(&incoming)).unwrap());
    assert_eq!(store.read(|tx| tx.points_closed_to_sales(leaves)).unwrap(), [row.point.as_str()]);
    let roles = StaffRoles::published().unwrap();
    let key = house.key(0);
    let mut addresses = |role, purpose, now| -> Vec<String> {
        let viewer = Viewer { roles: &roles, role, purpose, by: "担当", now };
        let seen = look(&mut store, house.us, core(), &key, &viewer).unwrap().values;
        seen.iter().filter(|value| value.item == Item::Address).map(|value| value.text()).collect()
    };
    let new = "見本県新住所町1-1";
    let before = addresses("sales", Purpose::OwnUse, house.now);
    assert!(!before.is_empty() && !before.iter().any(|text| text == new));
    assert!(addresses("switching", Purpose::CancellationAgency, house.now).iter().any(|text| text == new));
    let over = leaves.tomorrow().unwrap().at(9, 0, 0, 0);
    assert!(addresses("sales", Purpose::OwnUse, over).iter().any(|text| text == new));
    // The new retailer manages the basic items from that day on.
    let (folders, _) = store.read(|tx| find(tx, &key)).unwrap();
    let held = Customer::all(folders).holdings(house.us, core(), over.date());
    assert_eq!(held.manager(Item::Name, over.date()).to_string(), "retailer:48000");
    drop(store);
    let written = octets(&house.data());
    assert!(!holds(&written, new) && !holds(&written, row.point.as_str()), "in the clear");
}

#[test]
fn the_binary_answers_a_customer() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let run = occto(&["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&data), "--out", arg(&out)]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("master.key") && run.err.contains("back it up"), "{run:?}");
    let call = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--data", arg(&data)]);
        occto(&all)
    };
    let point = ["--point", "03-0376-1730-4300-0014-8072"];
    let mine = [&point[..], &["--name", "佐藤　太郎", "--identity", "driving-licence:K-1", "--by", "窓口"]].concat();
    let letters = dir.path().join("letters");
    let report = call(&[&["subject", "report", "--out", arg(&letters)], &mine[..]].concat());
    assert_eq!(report.code, Some(0), "{report:?}");
    let page = std::fs::read_to_string(letters.join("report.html")).unwrap();
    assert!(page.contains("佐藤　太郎 様") && page.contains("03-0376-1730-4300-0014-8072"));
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(letters.join("report.json")).unwrap()).unwrap();
    assert!(json["values"].as_array().unwrap().len() > 15);
    let other = [&["subject", "erase"], &point[..], &["--name", "鈴木　花子", "--identity", "passport:K-2"]].concat();
    let refused = call(&other);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.out.contains("[another-subject]"), "{refused:?}");
    let seen = call(&[&["held", "show", "--as", "metering", "--purpose", "grid-operation"], &point[..]].concat());
    assert!(seen.code == Some(0) && seen.out.contains("計器情報") && !seen.out.contains("佐藤"), "{seen:?}");
    let sales = call(&[&["held", "show", "--as", "sales", "--purpose", "win-back-sales"], &point[..]].concat());
    assert!(sales.code == Some(1) && sales.out.contains("[prohibition]"), "{sales:?}");
    let consents = call(&[&["consent", "show"], &point[..]].concat());
    assert!(consents.out.contains("託送供給契約等の締結・変更・解約"), "{consents:?}");
    assert_eq!(call(&["key", "rotate"]).code, Some(0));
    assert_eq!(call(&["key", "status"]).code, Some(0));
    assert_eq!(call(&["retention", "plan", "--today", "2026-06-01"]).code, Some(1));
    let erased = call(&[&["subject", "erase"], &mine[..]].concat());
    assert_eq!(erased.code, Some(0), "{erased:?}");
    // The journal of the sandbox is no part of the store: what it holds stays, and that is said.
    assert!(data.join("sandbox.journal").is_file() && erased.out.contains("sandbox.journal"), "{erased:?}");
    let again = call(&[&["subject", "erase"], &mine[..]].concat());
    assert!(again.code == Some(1) && again.out.contains("[already-erased]"), "{again:?}");
    assert_eq!(call(&["key", "check"]).code, Some(0));
    let unseen = call(&["retention", "run", "--today", "2036-06-01"]);
    assert!(unseen.code == Some(1) && unseen.out.contains("[plan-missing]"), "{unseen:?}");
    let plan = call(&["retention", "plan", "--json", "--today", "2036-06-01"]);
    let plan: serde_json::Value = serde_json::from_str(&plan.out).unwrap();
    let number = plan["plan"].as_str().unwrap();
    // What is due on another day is not what was looked at.
    let other = call(&["retention", "run", "--plan", number, "--today", "2026-12-01"]);
    assert!(other.code == Some(1) && other.out.contains("[plan-differs]"), "{other:?}");
    let retention = call(&["retention", "run", "--plan", number, "--today", "2036-06-02"]);
    assert_eq!(retention.code, Some(0), "{retention:?}");
    let ledger = call(&["ledger", "show", "--json"]);
    assert!(ledger.out.contains("plan-missing") && ledger.out.contains("plan-differs"), "{ledger:?}");
    assert_eq!(call(&["ledger", "verify"]).code, Some(0));
    let add = ["consignee", "add", "--party", "broker:smile", "--contract", "B-1", "--until", "2027-03-31"];
    let add = call(&[&add[..], &["--purposes", "consignment-contract"]].concat());
    assert_eq!(add.code, Some(0), "{add:?}");
    assert!(
        call(&["consignee", "list"]).out.contains("broker") || call(&["consignee", "list"]).out.contains("媒介業者")
    );
}

#[test]
fn a_consent_is_taken_down_with_its_evidence_and_withdrawn_with_its_number() {
    let house = House::run(3, false);
    let mut store = house.store();
    let key = house.key(0);
    let name = house.name(0).to_owned();
    let good = Given {
        key: &key,
        name: &name,
        purpose: Purpose::NegawattTrading,
        recipient: None,
        form: ConsentMethod::Electronic,
        given: house.now,
        until: None,
        evidence: Some("00".to_owned()),
        minor: false,
        guardian: None,
        by: "窓口",
        now: house.now,
    };
    let tomorrow = house.now.date().tomorrow().unwrap().at(9, 0, 0, 0);
    let yesterday = house.now.date().yesterday().ok();
    let mce = Notice::embedded("mce").unwrap();
    for (notice, given, why) in [
        (core(), Given { given: tomorrow, ..good.clone() }, StewardClause::ConsentFuture),
        (core(), Given { until: yesterday, ..good.clone() }, StewardClause::ConsentExpired),
        (core(), Given { evidence: None, ..good.clone() }, StewardClause::EvidenceMissing),
        (core(), Given { purpose: Purpose::Telemarketing, ..good.clone() }, StewardClause::Prohibited),
        (core(), Given { name: "別人 花子", ..good.clone() }, StewardClause::AnotherSubject),
        (mce, Given { minor: true, ..good.clone() }, StewardClause::GuardianMissing),
        (mce, Given { form: ConsentMethod::Oral, ..good.clone() }, StewardClause::ConsentForm),
    ] {
        match give_consent(&mut store, house.us, notice, &given) {
            Err(Refused::Clause(clause, None)) => assert_eq!(clause, why),
            other => panic!("{why:?}: {other:?}"),
        }
        let lines = store.read(|tx| tx.ledger_lines()).unwrap();
        let mut last = String::new();
        store
            .read(|tx| {
                tx.each_ledger_line(|line| {
                    last = line.entry;
                    Ok(())
                })
            })
            .unwrap();
        assert!(last.contains(why.key()), "{lines}: {last}");
    }
    let minor = Given { minor: true, guardian: Some("親 一郎"), ..good.clone() };
    give_consent(&mut store, house.us, mce, &minor).unwrap();
    let number = give_consent(&mut store, house.us, core(), &good).unwrap();
    withdraw_consent(&mut store, house.us, number, "窓口", house.now).unwrap();
    for (number, why) in [(number, StewardClause::ConsentWithdrawn), (999, StewardClause::ConsentUnknown)] {
        match withdraw_consent(&mut store, house.us, number, "窓口", house.now) {
            Err(Refused::Clause(clause, None)) => assert_eq!(clause, why),
            other => panic!("{other:?}"),
        }
    }
    // Withdrawing the consent of the application cancels the case before anything is sent.
    let applied = store.read(|tx| tx.consents_of(tx.dossier_of_case(2)?)).unwrap();
    assert_eq!((applied.len(), applied[0].purpose), (1, Purpose::ConsignmentContract));
    let stopped = withdraw_consent(&mut store, house.us, applied[0].id, "窓口", house.now).unwrap();
    assert_eq!((stopped.cases, stopped.sent.len()), (1, 0));
    assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), [1, 3]);
}

#[test]
fn a_withdrawal_says_what_had_been_sent() {
    let house = House::run(2, true);
    let mut store = house.store();
    let applied = store.read(|tx| tx.consents_of(tx.dossier_of_case(1)?)).unwrap();
    let stopped = withdraw_consent(&mut store, house.us, applied[0].id, "窓口", house.now).unwrap();
    assert_eq!(stopped.cases, 0);
    assert!(stopped.sent.iter().any(|one| one.recipient.starts_with("retailer:")));
}

#[test]
fn what_is_past_its_last_day_is_erased_and_a_plan_erases_nothing() {
    let house = House::run(10, true);
    let mut store = house.store();
    let lines = store.read(|tx| tx.ledger_lines()).unwrap();
    let today = house.now.date();
    let plan = plan_retention(&mut store, core(), today).unwrap();
    assert_eq!(plan.dossiers.len(), 10);
    assert_eq!(store.read(|tx| tx.ledger_lines()).unwrap(), lines);
    let later = today.checked_add(jiff::Span::new().months(4)).unwrap();
    let due = plan_retention(&mut store, core(), later).unwrap();
    let count = due.to_erase().count();
    let refused =
        due.dossiers.iter().filter(|entry| entry.ended.is_some_and(|(ending, _)| ending.key() == "refused")).count();
    let withdrawn =
        due.dossiers.iter().filter(|entry| entry.ended.is_some_and(|(ending, _)| ending.key() == "withdrawn")).count();
    assert_eq!(count, refused + withdrawn);
    let lines = lines + 1;
    let at = later.at(9, 0, 0, 0);
    let unseen = run_retention(&mut store, house.us, core(), "窓口", at, None).unwrap_err();
    assert!(matches!(unseen, Refused::Clause(StewardClause::PlanMissing, None)), "{unseen}");
    run_retention(&mut store, house.us, core(), "窓口", at, Some(&due.number())).unwrap();
    let decades = today.checked_add(jiff::Span::new().years(6)).unwrap();
    let number = plan_retention(&mut store, core(), decades).unwrap().number();
    run_retention(&mut store, house.us, core(), "窓口", decades.at(9, 0, 0, 0), Some(&number)).unwrap();
    assert_eq!(plan_retention(&mut store, core(), decades).unwrap().dossiers.len(), 0);
    assert_eq!(store.read(erasures).unwrap(), (10, Vec::new()));
    assert_eq!(store.read(|tx| tx.ledger_lines()).unwrap(), lines + 10);
    drop(store);
    // What is left of a case: how it went, not of whom.
    let mut store = house.store();
    let case = store.read(|tx| tx.case(1)).unwrap().unwrap();
    assert!(case.point.is_empty() && case.outcome.is_some());
}
