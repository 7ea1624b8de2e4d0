//! Single items that are kept shorter than the rest: what a plan says of them, and that a run erases just these values,
//! wherever they lie.

use crate::command::{EXAMPLE, arg, occto};
use crate::rights::{readings, take};
use crate::steward::{House, core};
use occto::desk::subject::{
    Answered, Customer, Wish, erasures, find, letter, place_hold, plan_retention, run_retention,
};
use occto::items::{DateTime, Item, SupplyPointId};
use occto::messages::metering::MeteringKind;
use occto::notice::{LegalHold, Notice};
use occto::store::{Added, Remains, Store};

fn periods(after: &str, items: &str, period: &str) -> String {
    let items = if items.is_empty() { String::new() } else { format!("items = {items}\n") };
    format!("[[keep]]\nafter = \"{after}\"\n{items}{period}\nja = \"当社の定め\"\nen = \"our rule\"\n")
}

/// The core with the telephone number and the contract number kept for a month after every end.
fn shorter() -> Notice {
    let of = |after| periods(after, "[\"telephone\", \"retail-contract-number\"]", "months = 1");
    core().with_periods(&(of("completed") + &of("refused"))).unwrap()
}

fn later(house: &House, days: i64) -> DateTime {
    house.now.checked_add(jiff::Span::new().days(days)).unwrap()
}

fn run(house: &House, notice: &Notice, now: DateTime) -> usize {
    let mut store = house.store();
    let plan = plan_retention(&mut store, notice, now.date()).unwrap();
    run_retention(&mut store, house.us, notice, "保存担当", now, Some(&plan.number())).unwrap().to_thin().count()
}

/// Every octet of a data folder's database and its log.
fn octets(house: &House) -> Vec<u8> {
    let files = std::fs::read_dir(house.data()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn values_past_their_own_period_go_and_the_rest_of_the_customer_stays() {
    let house = House::run_with(6, true, |_| {});
    let notice = shorter();
    let now = later(&house, 45);
    let mut store = house.store();
    let before = plan_retention(&mut store, &notice, house.now.date()).unwrap();
    assert_eq!(before.to_thin().count(), 0);
    let plan = plan_retention(&mut store, &notice, now.date()).unwrap();
    let thin: Vec<_> = plan.to_thin().map(|entry| entry.dossier).collect();
    assert!(thin.len() > 1 && plan.to_erase().count() == 0, "{thin:?}");
    let items: Vec<Item> =
        plan.to_thin().flat_map(|entry| entry.items.iter().flat_map(|one| one.items.iter())).collect();
    assert!(items.contains(&Item::Telephone) && items.contains(&Item::RetailContractNumber));
    // By looking nothing was erased, and another number erases nothing.
    assert!(run_retention(&mut store, house.us, &notice, "保存担当", now, Some("0")).is_err());
    assert_eq!(plan_retention(&mut store, &notice, now.date()).unwrap(), plan);
    let row = (0..6).find(|row| {
        let folders = store.read(|tx| find(tx, &house.key(*row))).unwrap().0;
        folders.iter().any(|folder| thin.contains(&folder.state.dossier))
    });
    let row = row.unwrap();
    let key = occto::desk::subject::Key::Contract(house.rows[row].contract_number.as_str().to_owned());
    assert_eq!(store.read(|tx| find(tx, &key)).unwrap().0.len(), 1);
    let held = |store: &mut Store| -> Vec<String> {
        let customer = Customer::all(store.read(|tx| find(tx, &house.key(row))).unwrap().0);
        let held = customer.holdings(house.us, &notice, now.date());
        held.values().map(|one| format!("{} {} {} {}", one.item.key(), one.text(), one.manager, one.current)).collect()
    };
    let all = held(&mut store);
    let backup = store.read(|tx| find(tx, &house.key(row))).unwrap().0.remove(0).state.dossier;
    drop(store);

    assert_eq!(run(&house, &notice, now), thin.len());
    let mut store = house.store();
    let gone = ["telephone ", "retail-contract-number "];
    let expected: Vec<_> = all.iter().filter(|one| !gone.iter().any(|gone| one.starts_with(gone))).cloned().collect();
    assert!(expected.len() < all.len());
    assert_eq!(held(&mut store), expected, "what stays is what it was");
    // The key that everything was sealed with is gone, and the ledger proves it.
    assert!(!store.read(|tx| tx.has_key(backup)).unwrap());
    assert_eq!(store.read(erasures).unwrap(), (thin.len() as u64, Vec::new()));
    assert!(store.read(|tx| find(tx, &key)).unwrap().0.is_empty(), "it is found by its contract number no more");
    let events = store
        .read(|tx| {
            let mut events = 0;
            tx.each_event(1, |_, event| {
                events += usize::from(!event.kind.is_empty());
                Ok(())
            })?;
            Ok(events)
        })
        .unwrap();
    assert!(events > 6);
    store.read(|tx| tx.each_case(1, |_| Ok(()))).unwrap();
    assert_eq!(plan_retention(&mut store, &notice, now.date()).unwrap().to_thin().count(), 0);
    drop(store);
    let line = house.last_line();
    assert_eq!((&line["message"], &line["verdict"]), (&"retention-items-erase".into(), &"done".into()));
    assert!(line["items"].as_array().unwrap().contains(&"telephone".into()), "{line}");

    // The customer is told, and the rights stand.
    let name = house.name(row).to_owned();
    let Ok(Answered::Report(report)) = house.ask(row, &name, &Wish::Report) else { panic!("no report") };
    assert_eq!(report.consents.len(), 1);
    assert!(report.disclosed.iter().any(|one| one.message == "cancellation-request"));
    let told = report.to_json();
    assert_eq!(told["erased"][0]["ja"], "当社の定め");
    assert!(letter(&report).contains("に消去しました（当社の定め"));
    let telephone = house.rows[row].telephone.as_ref().map(|number| number.as_str().to_owned());
    assert!(telephone.is_none_or(|number| !told.to_string().contains(&number)));
    let corrected = house.ask(row, &name, &Wish::Correct(Item::Address, "見本市見本町1-1".to_owned()));
    assert!(corrected.is_ok(), "{corrected:?}");
    assert!(matches!(house.ask(row, &name, &Wish::Erase), Ok(Answered::Erased { dossiers: 1, .. })));
    assert_eq!(house.store().read(erasures).unwrap(), (thin.len() as u64 + 1, Vec::new()));
    let written = octets(&house);
    assert!(!written.windows(name.len()).any(|part| part == name.as_bytes()));
}

#[test]
fn a_law_keeps_single_items_and_a_customer_without_a_name_is_nobody() {
    let house = House::run_with(3, true, |_| {});
    let of = |after| periods(after, "[\"name\"]", "");
    let notice = core().with_periods(&(of("completed") + &of("refused"))).unwrap();
    let now = later(&house, 45);
    let law = LegalHold { law: "電気事業法施行規則".to_owned(), until: None };
    place_hold(&mut house.store(), house.us, &house.key(0), Some(&law), "法務", house.now).unwrap();
    run(&house, &notice, now);
    let mut store = house.store();
    let name = |store: &mut Store, row| {
        let folders = store.read(|tx| find(tx, &house.key(row))).unwrap().0;
        folders.first().and_then(|folder| folder.name().map(str::to_owned))
    };
    assert_eq!(name(&mut store, 0).as_deref(), Some(house.name(0)));
    assert_eq!(name(&mut store, 1), None);
    drop(store);
    let refused = house.ask(1, house.name(1), &Wish::Report).unwrap_err().to_string();
    assert!(refused.contains("[already-erased]"), "{refused}");
}

#[test]
fn a_run_that_was_killed_between_sealing_and_destroying_is_ended_by_the_next() {
    let house = House::run_with(2, true, |_| {});
    let mut store = house.store();
    let state = store.read(|tx| find(tx, &house.key(0))).unwrap().0.remove(0).state;
    let former = state.dossier;
    let remains = Remains {
        records: vec![(
            Added::Manager,
            serde_json::json!({"from": "2026-04-01", "retailer": null, "area": "03", "supply": null}),
        )],
        ..Remains::default()
    };
    let line = r#"{"verdict":"done","message":"retention-items-erase","dossiers":[1],"items":[]}"#;
    store.commit(|tx| tx.reseal(&state, &remains, line, house.now)).unwrap();
    drop(store);
    let mut store = house.store();
    assert!(store.read(|tx| tx.has_key(former)).unwrap());
    let plan = plan_retention(&mut store, core(), house.now.date()).unwrap();
    assert_eq!((plan.unfinished, plan.is_empty()), (1, false));
    assert!(run_retention(&mut store, house.us, core(), "保存担当", house.now, None).is_err());
    assert!(!store.read(|tx| tx.has_key(former)).unwrap());
    assert_eq!(plan_retention(&mut store, core(), house.now.date()).unwrap().unfinished, 0);
}

#[test]
fn readings_go_by_their_day_and_stay_where_a_law_keeps_the_point() {
    let house = House::run_with(3, true, |_| {});
    let held = house.rows[0].point;
    let other = SupplyPointId::parse(&format!("{}0011100000{:010}", &held.as_str()[..2], 7)).unwrap();
    let mut store = house.store();
    take(&mut store, MeteringKind::LowDay, "2026-04-20", &[held, other], "a");
    take(&mut store, MeteringKind::LowDay, "2026-06-20", &[held, other], "b");
    take(&mut store, MeteringKind::LowDay, "2026-04-21", &[other], "c");
    let law = LegalHold { law: "電気事業法施行規則".to_owned(), until: None };
    place_hold(&mut store, house.us, &house.key(0), Some(&law), "法務", house.now).unwrap();
    // Nothing names readings: they stay.
    let at = |text: &str| text.parse::<DateTime>().unwrap();
    assert!(plan_retention(&mut store, core(), at("2030-01-01T09:00").date()).unwrap().readings.is_none());
    let notice = core().with_periods(&periods("metered", "", "months = 2")).unwrap();
    assert!(plan_retention(&mut store, &notice, at("2026-06-20T09:00").date()).unwrap().readings.is_none());
    let now = at("2026-06-22T09:00");
    let plan = plan_retention(&mut store, &notice, now.date()).unwrap();
    let due = plan.readings.as_ref().unwrap();
    assert_eq!((due.files.len(), due.held.len()), (2, 1));
    run_retention(&mut store, house.us, &notice, "保存担当", now, Some(&plan.number())).unwrap();
    let days = |store: &mut Store, point| -> Vec<String> {
        readings(store, point).iter().map(|one| one[..10].to_owned()).collect()
    };
    assert_eq!(days(&mut store, held), ["2026-04-20", "2026-06-20"]);
    assert_eq!(days(&mut store, other), ["2026-06-20"]);
    assert!(plan_retention(&mut store, &notice, now.date()).unwrap().readings.is_none());
    drop(store);
    let line = house.last_line();
    assert_eq!((&line["message"], &line["files"]), (&"retention-readings-erase".into(), &2.into()));
}

#[test]
fn the_binary_lists_single_items_and_erases_just_these() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let ran = occto(&["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&data), "--out", arg(&out)]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let call = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--data", arg(&data)]);
        occto(&all)
    };
    let settings = data.join("retention.toml");
    std::fs::write(&settings, periods("completed", "[\"telephone\"]", "years = 6")).unwrap();
    let longer = call(&["retention", "plan"]);
    assert!(
        longer.code == Some(2) && longer.err.contains("retention.toml") && longer.err.contains("1行1列"),
        "{longer:?}"
    );
    std::fs::write(&settings, periods("completed", "[\"telephone\"]", "months = 6")).unwrap();
    let today = ["--today", "2027-06-01"];
    let plan = call(&[&["retention", "plan", "--json"], &today[..]].concat());
    let json: serde_json::Value = serde_json::from_str(&plan.out).unwrap();
    let number = json["plan"].as_str().unwrap();
    let due =
        json["dossiers"].as_array().unwrap().iter().filter(|one| one["items"][0]["items"][0] == "telephone").count();
    assert!(due > 0, "{json}");
    let shown = call(&[&["retention", "plan"], &today[..]].concat());
    assert!(
        shown.code == Some(1) && shown.out.contains(&format!("電話番号（当社の定め） お客さま{due}件 期限")),
        "{shown:?}"
    );
    let ran = call(&[&["retention", "run", "--plan", number], &today[..]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let point = json["dossiers"].as_array().unwrap().iter().find(|one| one["due"] == "kept");
    assert!(point.is_some());
    let held = ["held", "show", "--as", "switching", "--purpose", "consignment-contract", "--point"];
    let points = String::from_utf8_lossy(&std::fs::read(EXAMPLE).unwrap()).into_owned();
    let points: Vec<_> = points
        .split([',', '\r', '\n'])
        .filter(|cell| cell.len() == 22 && cell.bytes().all(|octet| octet.is_ascii_digit()))
        .collect();
    let seen: Vec<_> = points.iter().map(|point| call(&[&held[..], &[*point], &today[..]].concat())).collect();
    assert!(
        seen.iter().any(|seen| seen.out.contains("電話番号: 消去済み 2027-06-01（")
            || seen.out.contains("電話番号: 消去済み 2027-06-01 (当社の定め)")),
        "{seen:?}"
    );
    assert_eq!(call(&["key", "check"]).code, Some(0));
    assert_eq!(call(&["ledger", "verify"]).code, Some(0));
    let again = call(&[&["retention", "plan", "--json"], &today[..]].concat());
    let again: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert!(again["dossiers"].as_array().unwrap().iter().all(|one| one["items"] == serde_json::json!([])), "{again}");
}
