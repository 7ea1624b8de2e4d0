//! Held values: who is believed about what, and what happens when the manager changes.

use occto::items::{Area, Code as _, Date, DateTime, Item, SupplyPointId};
use occto::notice::held::{
    Against, Arrival, Authority, CORRECTION, Denial, Effect, HeldValue, Holdings, ManagerChange, ManagerHistory, Part,
    correction_request,
};
use occto::notice::{Basis, Due, Ending, LegalHold, Notice, Party, Purpose, Role, SupplyKind};

const POINT: &str = "0311111111111111111111";

fn core() -> &'static Notice {
    Notice::embedded("common-core").unwrap()
}

fn party(text: &str) -> Party {
    Party::parse(text).unwrap()
}

fn at(day: &str) -> DateTime {
    format!("{day}T09:00:00").parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn arrival(source: &str, day: &str, parts: &[(&str, Item, &str)]) -> Arrival {
    let parts = parts.iter().map(|(field, item, text)| Part {
        field: (*field).to_owned(),
        item: *item,
        text: (*text).to_owned(),
    });
    Arrival {
        source: party(source),
        message: "facility-answer".to_owned(),
        reference: "R-1".to_owned(),
        at: at(day),
        as_of: at(day),
        basis: Basis::SharedUse,
        purpose: Purpose::PointConfirmation,
        parts: parts.collect(),
    }
}

/// We are 40113; the customer is with 48000 in Tokyo's area until the first of May.
fn history() -> ManagerHistory {
    let mut history = ManagerHistory::default();
    let first = ManagerChange { retailer: Some(party("retailer:48000")), area: Some(Area::Tokyo), supply: None };
    history.add(Date::MIN, first);
    history
}

fn fold(history: ManagerHistory, arrivals: Vec<Arrival>) -> Holdings<'static> {
    Holdings::fold(party("retailer:40113"), core(), history, arrivals, day("2026-12-31"))
}

fn seen(held: &Holdings<'_>, item: Item) -> Vec<(String, Authority, Effect, bool)> {
    let of = held.values().filter(|value| value.item == item);
    of.map(|value| (value.text(), value.authority, value.effect, value.current)).collect()
}

#[test]
fn the_managers_value_replaces_the_copy_and_anybody_elses_stands_beside() {
    let amount = |source, day, text| arrival(source, day, &[("contract-amount", Item::ContractAmount, text)]);
    let held = fold(
        history(),
        vec![
            amount("customer", "2026-04-01", "40"),
            amount("operator:03", "2026-04-02", "30"),
            amount("operator:03", "2026-04-10", "50"),
            amount("retailer:48000", "2026-04-11", "30"),
        ],
    );
    assert_eq!(
        seen(&held, Item::ContractAmount),
        [
            ("40".to_owned(), Authority::Claim, Effect::Beside, true),
            ("30".to_owned(), Authority::Copy, Effect::First, false),
            ("50".to_owned(), Authority::Copy, Effect::Replaces, true),
            ("30".to_owned(), Authority::Claim, Effect::Differs, true),
        ]
    );
    assert_eq!(held.standing(Item::ContractAmount).map(HeldValue::text), Some("50".to_owned()));
    let found = held.discrepancies(day("2026-04-12"));
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|one| one.manager == Party::operator(Area::Tokyo) && !one.nearly));
    let letter = correction_request(
        core(),
        held.us(),
        &SupplyPointId::parse(POINT).unwrap(),
        &found[0],
        day("2026-04-12"),
        str::to_uppercase,
    );
    for part in ["東京電力パワーグリッド 御中", "託送契約高情報", "50（2026-04-10", "40（2026-04-01", "本人から"]
    {
        assert!(letter.contains(part), "{part}: {letter}");
    }
}

#[test]
fn an_older_value_of_the_manager_is_history_only_and_the_same_value_is_no_news() {
    let held = fold(
        history(),
        vec![
            arrival("operator:03", "2026-04-10", &[("power-factor", Item::PowerFactor, "100")]),
            Arrival {
                as_of: at("2026-04-01"),
                ..arrival("operator:03", "2026-04-11", &[("power-factor", Item::PowerFactor, "85")])
            },
            arrival("operator:03", "2026-04-12", &[("power-factor", Item::PowerFactor, "100")]),
        ],
    );
    let effects: Vec<_> = held.values().map(|value| (value.effect, value.current)).collect();
    assert_eq!(effects, [(Effect::First, false), (Effect::Late, false), (Effect::Same, true)]);
    assert!(held.discrepancies(day("2026-04-12")).is_empty());
}

#[test]
fn an_answer_that_calls_a_value_different_opens_a_discrepancy_until_the_value_changes() {
    let denial = |item, by: &str| Denial {
        item,
        by: party(by),
        reason: "契約名義不一致".to_owned(),
        reference: "260401-0001-1-1".to_owned(),
        at: at("2026-04-05"),
    };
    let name = |source, day, text| arrival(source, day, &[("name", Item::Name, text)]);
    let read = Denial::from_json(&denial(Item::Name, "retailer:48000").to_json());
    assert_eq!(read, Some(denial(Item::Name, "retailer:48000")));
    let open = |arrivals: Vec<Arrival>, item, by: &str| {
        fold(history(), arrivals).with_denials(vec![denial(item, by)]).discrepancies(day("2026-04-30"))
    };
    let said = name("customer", "2026-04-01", "新 太郎");
    let found = open(vec![said.clone()], Item::Name, "retailer:48000");
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one.manager, one.claim.text()), (party("retailer:48000"), "新 太郎".to_owned()));
    assert!(matches!(one.against, Against::Denial(_)));
    let letter = correction_request(
        core(),
        party("retailer:40113"),
        &SupplyPointId::parse(POINT).unwrap(),
        one,
        day("2026-04-30"),
        str::to_uppercase,
    );
    for part in ["御中", "契約名義不一致（2026-04-05、貴社", "260401-0001-1-1", "新 太郎（2026-04-01"]
    {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    // Said again it is still open; said otherwise, or once the manager named its value, the answer is settled.
    let again = vec![said.clone(), name("customer", "2026-04-10", "新 太郎")];
    assert_eq!(open(again, Item::Name, "retailer:48000").len(), 1);
    let otherwise = vec![said.clone(), name("customer", "2026-04-10", "新 花子")];
    assert!(open(otherwise, Item::Name, "retailer:48000").is_empty());
    let named = open(vec![said.clone(), name("retailer:48000", "2026-04-10", "旧 太郎")], Item::Name, "retailer:48000");
    assert!(matches!(&named[..], [one] if one.against.value().is_some()), "{named:?}");
    // Nothing was said of an item that is not held.
    assert!(open(vec![said.clone()], Item::Address, "retailer:48000").is_empty());
    // An item of the operator's that the retailer calls different: the operator is asked, and told who said so.
    let point = arrival("customer", "2026-04-01", &[("supply-point-id", Item::SupplyPointId, POINT)]);
    let found = open(vec![point], Item::SupplyPointId, "retailer:48000");
    assert!(matches!(&found[..], [one] if one.manager == Party::operator(Area::Tokyo)), "{found:?}");
    // What we manage from the switch on is ours to correct.
    let mut switched = history();
    let ours = ManagerChange { retailer: Some(party("retailer:40113")), ..ManagerChange::default() };
    switched.add(day("2026-04-20"), ours);
    let held = fold(switched, vec![said]).with_denials(vec![denial(Item::Name, "retailer:48000")]);
    assert!(held.discrepancies(day("2026-04-30")).is_empty());
}

#[test]
fn only_the_operator_of_the_points_own_area_is_its_manager() {
    let other = arrival("operator:06", "2026-04-02", &[("power-factor", Item::PowerFactor, "85")]);
    let held = fold(history(), vec![other]);
    assert_eq!(held.standing(Item::PowerFactor), None);
    assert_eq!(held.manager(Item::PowerFactor, day("2026-04-02")), Party::operator(Area::Tokyo));
}

#[test]
fn a_switch_moves_the_manager_of_the_basic_items_with_its_date_and_history_stays() {
    let mut history = history();
    history
        .add(day("2026-05-01"), ManagerChange { retailer: Some(party("retailer:40113")), ..ManagerChange::default() });
    let name = |source, day, text| arrival(source, day, &[("name", Item::Name, text)]);
    let arrivals = vec![name("retailer:48000", "2026-03-01", "旧 太郎"), name("customer", "2026-04-01", "新 太郎")];
    let before = Holdings::fold(party("retailer:40113"), core(), history.clone(), arrivals.clone(), day("2026-04-30"));
    assert_eq!(before.manager(Item::Name, day("2026-04-30")), party("retailer:48000"));
    assert_eq!(before.standing(Item::Name).map(HeldValue::text), Some("旧 太郎".to_owned()));
    assert_eq!(before.discrepancies(day("2026-04-30")).len(), 1);
    let after = fold(history.clone(), arrivals.clone());
    assert_eq!(after.manager(Item::Name, day("2026-05-01")), party("retailer:40113"));
    assert_eq!(
        seen(&after, Item::Name),
        [
            ("旧 太郎".to_owned(), Authority::Copy, Effect::First, false),
            ("新 太郎".to_owned(), Authority::Managed, Effect::Differs, true)
        ]
    );
    assert!(after.discrepancies(day("2026-05-01")).is_empty());
    // From then on the customer corrects it through us; what the former retailer says is a claim.
    let mut late = arrivals;
    late.extend([name("retailer:48000", "2026-05-10", "旧 太郎"), name("customer", "2026-06-01", "新 花子")]);
    let corrected = fold(history, late);
    assert_eq!(corrected.standing(Item::Name).map(HeldValue::text), Some("新 花子".to_owned()));
    assert_eq!(corrected.values().filter(|value| value.item == Item::Name).count(), 4);
}

#[test]
fn last_resort_supply_makes_the_operator_the_manager_of_the_basic_items() {
    let mut history = history();
    let last_resort = ManagerChange { supply: Some(SupplyKind::LastResort), ..ManagerChange::default() };
    history.add(day("2026-06-01"), last_resort);
    history.add(day("2026-07-01"), ManagerChange { area: Some(Area::Chubu), ..ManagerChange::default() });
    let held = fold(history, Vec::new());
    let name = |on: &str| held.manager(Item::Name, day(on));
    assert_eq!(
        (name("2026-05-31"), name("2026-06-01"), name("2026-07-01")),
        (party("retailer:48000"), Party::operator(Area::Tokyo), Party::operator(Area::Chubu))
    );
    assert_eq!(held.manager(Item::Baseline, day("2026-06-01")), Party::of(Role::SuppressionContractor));
}

#[test]
fn what_is_kept_reads_back() {
    let kept =
        arrival("operator:03", "2026-04-10", &[("name", Item::Name, "「引用」\n改行"), ("kana", Item::Name, "")]);
    assert_eq!(Arrival::from_json(&kept.to_json()), Some(kept));
    let change = ManagerChange { supply: Some(SupplyKind::IsolatedIsland), area: Some(Area::Okinawa), retailer: None };
    assert_eq!(ManagerChange::from_json(&change.to_json(day("2026-05-01"))), Some((day("2026-05-01"), change)));
}

/// The rule again, the plain way: for every order of arrivals the last value of the manager counts.
#[test]
fn whatever_the_order_the_newest_of_the_manager_counts() {
    let mut seed = 7_u32;
    let mut next = |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) % below
    };
    for _ in 0..500 {
        let count = next(6);
        let arrivals: Vec<Arrival> = (0..count)
            .map(|index| {
                let source = ["customer", "operator:03", "retailer:48000"][next(3) as usize];
                let as_of = at(&format!("2026-04-{:02}", 1 + next(20)));
                let came = at(&format!("2026-05-{:02}", 1 + index));
                let text = ["30", "40", "50"][next(3) as usize];
                Arrival {
                    as_of,
                    at: came,
                    ..arrival(source, "2026-04-01", &[("contract-amount", Item::ContractAmount, text)])
                }
            })
            .collect();
        let mut expected: Option<&Arrival> = None;
        for one in arrivals.iter().filter(|one| one.source.role == Role::Operator) {
            if expected.is_none_or(|known| one.as_of >= known.as_of) {
                expected = Some(one);
            }
        }
        let held = fold(history(), arrivals.clone());
        assert_eq!(
            held.standing(Item::ContractAmount).map(HeldValue::text),
            expected.map(|one| one.parts[0].text.clone())
        );
        assert_eq!(held.values().count(), arrivals.len());
        let claims = held.values().filter(|value| value.current && value.authority == Authority::Claim);
        let differing =
            claims.filter(|claim| expected.is_some_and(|known| known.parts[0].text != claim.text())).count();
        assert_eq!(held.discrepancies(day("2026-05-31")).len(), differing);
    }
}

#[test]
fn what_is_due_follows_the_notice_and_a_law_beats_it() {
    let due = |ending, ended: &str, today: &str, hold: Option<&LegalHold>| {
        core().due(Some((ending, day(ended))), hold, day(today))
    };
    assert_eq!(due(Ending::Refused, "2026-04-01", "2026-07-01", None), Due::Kept(day("2026-07-01")));
    assert_eq!(due(Ending::Refused, "2026-04-01", "2026-07-02", None), Due::Erase(day("2026-07-01")));
    assert_eq!(due(Ending::Withdrawn, "2026-04-01", "2026-04-02", None), Due::Erase(day("2026-04-01")));
    assert_eq!(due(Ending::Completed, "2026-04-01", "2031-04-02", None), Due::Erase(day("2031-04-01")));
    let law = LegalHold { law: "電気事業法".to_owned(), until: Some(day("2032-01-01")) };
    assert_eq!(
        due(Ending::Completed, "2026-04-01", "2031-04-02", Some(&law)),
        Due::Held(day("2031-04-01"), law.law.clone())
    );
    assert_eq!(due(Ending::Completed, "2026-04-01", "2032-01-02", Some(&law)), Due::Erase(day("2031-04-01")));
    assert_eq!(core().due(None, None, day("2026-04-01")), Due::Open);
    assert_eq!(Notice::embedded("mce").unwrap().minors_under(), Some(18));
    // What differs in a notice of its own takes the place of the core's rule; a rule twice is refused with its place.
    let own = "key = \"own\"\nbase = \"common-core\"\ntitle-ja = \"a\"\ntitle-en = \"a\"\n[[keep]]\nafter = \"refused\"\ndays = 10\nja = \"a\"\nen = \"a\"\n";
    let notice = Notice::parse(own).unwrap();
    assert_eq!(
        notice.due(Some((Ending::Refused, day("2026-04-01"))), None, day("2026-04-12")),
        Due::Erase(day("2026-04-11"))
    );
    let twice = format!("{own}[[keep]]\nafter = \"refused\"\nja = \"a\"\nen = \"a\"\n");
    let error = Notice::parse(&twice).err().unwrap().to_string();
    assert!(error.contains("refused") && error.contains("10"), "{error}");
    // How long readings are kept is nobody's but the user's: without a rule they stay.
    assert!(Ending::ALL.iter().all(|ending| core().keep_rule(*ending).is_some() == (*ending != Ending::Metered)));
}

#[test]
fn a_letter_to_a_manager_is_written_in_words_not_in_codes() {
    let decided = |source, day, method: &str, amount: &str, unit: &str| {
        let parts = [("contract-amount", Item::ContractAmount, amount), ("amount-unit", Item::ContractAmount, unit)];
        let method = [("decision-method", Item::DecisionMethod, method)];
        [arrival(source, day, &parts), arrival(source, day, &method)]
    };
    let mut arrivals = decided("operator:03", "2026-04-02", "main-switch", "10", "kVA").to_vec();
    arrivals.extend(decided("customer", "2026-04-03", "actual-demand", "6", "kVA"));
    let held = fold(history(), arrivals);
    let point = SupplyPointId::parse(POINT).unwrap();
    let letters: Vec<_> = held
        .discrepancies(day("2026-04-12"))
        .iter()
        .map(|one| correction_request(core(), held.us(), &point, one, day("2026-04-12"), str::to_uppercase))
        .collect();
    let all = letters.concat();
    for part in ["貴社からの値　　　10 kVA（", "相違する値　　　　6 kVA（", "主開閉器契約（", "実量契約（"]
    {
        assert!(all.contains(part), "{part}: {all}");
    }
    for code in ["main-switch", "actual-demand", " / "] {
        assert!(!all.contains(code), "{code}: {all}");
    }
}

#[test]
fn a_correction_that_shares_no_field_with_what_is_held_is_asked_for_all_the_same() {
    let meter = |source, message: &str, day, field: &str| Arrival {
        message: message.to_owned(),
        ..arrival(source, day, &[(field, Item::MeterInformation, "A1")])
    };
    let told = meter("operator:03", "facility-answer", "2026-04-02", "meter-number");
    let found = |arrivals: &[Arrival]| fold(history(), arrivals.to_vec()).discrepancies(day("2026-04-12"));
    let asked = meter("customer", CORRECTION, "2026-04-03", "meter-information");
    assert!(matches!(&found(&[told.clone(), asked.clone()])[..], [one] if one.against.value().is_some()));
    assert!(matches!(&found(&[asked])[..], [one] if one.against == Against::Unheard));
    // What an application says of it is no request.
    let said = meter("customer", "application", "2026-04-03", "meter-information");
    assert!(found(std::slice::from_ref(&said)).is_empty() && found(&[told, said]).is_empty());
}
