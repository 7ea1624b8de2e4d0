//! Negawatt items as messages: what they carry, who may have them, and how they are written.

use occto::items::{BusinessCode, DateTime, Energy, Group, Item, ItemSet, Reference, Slot, SupplyPointId, YearMonth};
use occto::messages::json::to_json;
use occto::messages::negawatt::{
    BaselineGroup, BaselineNotice, BaselinePoint, BaselineSlot, CompensationNote, ComputationDigest, GenerationNotice,
    GenerationPoint, GenerationSlot, MethodKey, NegawattMessage, ProcurementGroup, ProcurementNotice, ProcurementSlot,
    RoundingRule, SettlementType, SuppressionNotice, SuppressionPoint, SuppressionSlot, ThirdPartyNote, TotalByType,
};
use occto::messages::{Field, Kind, Message, planning::PlanCode};
use occto::notice::{
    Change, Clause, ClearanceDesk, Cleared, ConsentNeed, Context, Customers, Disclosure, Evidence, EvidenceKind,
    Notice, Outcome, Party, Purpose, RetailerRegister, Route,
};
use occto::wire::negawatt::{self, NegawattFormError};
use proptest::prelude::*;

fn point(area: u8, number: u32) -> SupplyPointId {
    SupplyPointId::parse(&format!("{area:02}0011{number:016}")).unwrap()
}
fn party(text: &str) -> Party {
    Party::parse(text).unwrap()
}
fn code(text: &str) -> BusinessCode {
    BusinessCode::parse(text).unwrap()
}
fn now() -> DateTime {
    "2026-08-20T09:00:00".parse().unwrap()
}
fn slot(number: u8, kwh: &str) -> BaselineSlot {
    BaselineSlot { slot: Slot::new(number).unwrap(), energy: Energy::parse(kwh).unwrap() }
}

fn baseline(points: &[SupplyPointId]) -> BaselineNotice {
    let row = |point: &SupplyPointId| BaselinePoint {
        point: *point,
        digest: Some(ComputationDigest::parse(&"0f".repeat(32)).unwrap()),
        slots: vec![slot(34, "2.1001"), slot(36, "0")],
    };
    BaselineNotice {
        date: "2026-08-19".parse().unwrap(),
        method: MethodKey::parse("high-4-of-5").unwrap(),
        rounding: RoundingRule::HalfAway,
        points: points.iter().map(row).collect(),
        groups: Vec::new(),
    }
}

fn group(mut notice: BaselineNotice) -> BaselineNotice {
    notice.groups = vec![BaselineGroup { group: PlanCode::parse("8A001").unwrap(), slots: vec![slot(34, "9000")] }];
    notice
}

fn register(rows: &[(SupplyPointId, &str)]) -> RetailerRegister {
    let mut register = RetailerRegister::new();
    rows.iter().for_each(|(point, retailer)| register.add(*point, code(retailer), None, None).unwrap());
    register
}

fn clear<M: Disclosure>(
    message: M,
    from: &str,
    to: &str,
    retailers: Option<&RetailerRegister>,
) -> Result<Cleared<M>, (Clause, Change)> {
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let route = Route { sender: party(from), recipient: party(to), via: None };
    desk.clear(message, &Context { retailers, ..Context::new(route, now()) }).map_err(|refusal| {
        let refused = refusal.decision().iter().find_map(|(_, outcome)| match outcome {
            Outcome::Refused { clause, change } => Some((clause, change)),
            Outcome::Granted { .. } => None,
        });
        refused.unwrap()
    })
}

const US: &str = "suppression-contractor:80013";

#[test]
fn a_retailer_gets_its_own_customers_and_no_others() {
    let (own, other, unknown) = (point(3, 1), point(3, 2), point(3, 3));
    let register = register(&[(own, "40113"), (other, "40123")]);
    let to = |points: &[SupplyPointId], to: &str| clear(baseline(points), US, to, Some(&register)).map(|_| ());
    let others = Err((Clause::OtherRetailersCustomer, Change::DivideByRetailer));
    let nobodys = Err((Clause::RetailerUnknown, Change::RegisterRetailer));
    assert_eq!(to(&[own], "retailer:40113"), Ok(()));
    assert_eq!(to(&[own, other], "retailer:40113"), others);
    assert_eq!(to(&[unknown, other, unknown], "retailer:40113"), others, "the graver reason is named");
    assert_eq!(to(&[own, unknown], "retailer:40113"), nobodys);
    assert_eq!(to(&[own], "retailer"), nobodys, "a retailer without a code is nobody's");
    assert_eq!(clear(baseline(&[own]), US, "retailer:40113", None).map(|_| ()), nobodys);
    // The other way round: what a retailer tells of its customers is told of its own.
    let says = |points: &[SupplyPointId]| clear(baseline(points), "retailer:40113", US, Some(&register)).map(|_| ());
    assert_eq!((says(&[own]), says(&[other])), (Ok(()), others));
    // Whom the rule is not about.
    for to in ["operator:03", "occto"] {
        assert!(clear(baseline(&[own, other, unknown]), US, to, None).is_ok(), "{to}");
    }
    assert!(clear(group(baseline(&[])), US, "retailer:40113", None).is_ok(), "a sum of a group names nobody");
}

/// A message of somebody else's, which says of itself what it likes.
#[derive(Clone)]
struct Foreign {
    items: ItemSet,
    points: Vec<SupplyPointId>,
    shown: usize,
    customers: Customers,
}

impl Disclosure for Foreign {
    fn purpose(&self) -> Purpose {
        Purpose::NegawattTrading
    }
    fn items(&self) -> ItemSet {
        self.items
    }
    fn point(&self) -> Option<SupplyPointId> {
        self.points.first().copied()
    }
    fn points(&self) -> usize {
        self.points.len()
    }
    fn consent_need(&self) -> ConsentNeed {
        ConsentNeed::None
    }
    fn customers(&self) -> Customers {
        self.customers
    }
    fn each_point(&self, visit: &mut dyn FnMut(SupplyPointId)) {
        self.points.iter().take(self.shown).copied().for_each(visit);
    }
}

#[test]
fn whatever_a_message_says_of_itself_a_retailer_gets_its_own_customers_alone() {
    let (own, other) = (point(3, 1), point(3, 2));
    let register = register(&[(own, "40113"), (other, "40123")]);
    let on = Customers::On("2026-08-19".parse().unwrap());
    for item in ItemSet::group(Group::Negawatt).iter() {
        let goes = |points: &[SupplyPointId], shown, customers, to: &str| {
            let message = Foreign { items: ItemSet::of(&[item]), points: points.to_vec(), shown, customers };
            clear(message, US, to, Some(&register)).map(|_| ())
        };
        let unknown = Err((Clause::RetailerUnknown, Change::RegisterRetailer));
        let to = "retailer:40113";
        assert_eq!(goes(&[own], 1, on, to), Ok(()), "{item:?}");
        assert_eq!(goes(&[], 0, Customers::Totals, to), Ok(()));
        for (points, shown, customers) in [
            (&[own][..], 1, Customers::Unsaid),
            (&[], 0, Customers::Unsaid),
            (&[own], 1, Customers::Totals),
            (&[other], 0, Customers::Totals),
            (&[], 0, on),
            (&[own], 0, on),
            (&[own, other], 1, on),
        ] {
            assert_eq!(goes(points, shown, customers, to), unknown, "{item:?} {customers:?} {shown}");
        }
        let others = Err((Clause::OtherRetailersCustomer, Change::DivideByRetailer));
        assert_eq!(goes(&[own, other], 2, on, to), others);
        // An operator is not bound to customers.
        assert_eq!(goes(&[other], 0, Customers::Unsaid, "operator:03"), Ok(()));
    }
    let named = Foreign {
        items: ItemSet::of(&[Item::Baseline, Item::SupplyPointId]),
        points: Vec::new(),
        shown: 0,
        customers: Customers::Totals,
    };
    assert!(clear(named, US, "retailer:40113", Some(&register)).is_err(), "a total names no point");
}

#[test]
fn a_retailer_in_between_is_a_retailer() {
    let (own, other) = (point(3, 1), point(3, 2));
    let register = register(&[(own, "40113"), (other, "40123")]);
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let through = |points: &[SupplyPointId]| {
        let route = Route { sender: party(US), recipient: party("operator:03"), via: Some(party("retailer:40113")) };
        // By the notice alone no retailer passes it on to an operator.
        let evidence = [Evidence { kind: EvidenceKind::Consent, reference: "R-1" }];
        let context = Context { retailers: Some(&register), evidence: &evidence, ..Context::new(route, now()) };
        desk.clear(baseline(points), &context).is_ok()
    };
    assert_eq!((through(&[own]), through(&[other])), (true, false));
}

#[test]
fn the_retailer_of_the_day_counts() {
    let own = point(3, 1);
    let mut register = RetailerRegister::new();
    register.add(own, code("40113"), None, Some("2026-08-19".parse().unwrap())).unwrap();
    register.add(own, code("40123"), Some("2026-08-20".parse().unwrap()), None).unwrap();
    // It is cleared on the 20th, and is of the 19th.
    assert!(clear(baseline(&[own]), US, "retailer:40113", Some(&register)).is_ok());
    let refused = clear(baseline(&[own]), US, "retailer:40123", Some(&register)).map(|_| ());
    assert_eq!(refused, Err((Clause::OtherRetailersCustomer, Change::DivideByRetailer)));
}

#[test]
fn consent_or_a_contract_opens_no_other_retailers_customers() {
    let other = point(3, 2);
    let register = register(&[(other, "40123")]);
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let route = Route { sender: party(US), recipient: party("retailer:40113"), via: None };
    for kind in [EvidenceKind::Consent, EvidenceKind::Contract, EvidenceKind::Order] {
        let evidence = [Evidence { kind, reference: "R-1" }];
        let context = Context { retailers: Some(&register), evidence: &evidence, ..Context::new(route, now()) };
        assert!(desk.clear(baseline(&[other]), &context).is_err(), "{kind:?}");
    }
}

#[test]
fn a_refusal_says_clause_and_way_out() {
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let route = Route { sender: party(US), recipient: party("retailer:40113"), via: None };
    let refusal = desk.clear(baseline(&[point(3, 1)]), &Context::new(route, now())).unwrap_err();
    let said = refusal.to_string();
    for part in ["小売電気事業者", "契約一覧", "retailer in the list of contracts"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("0300110"), "no point stands in a refusal");
    assert_eq!(refusal.decision().to_json()["items"][0]["clause"], "retailer-unknown");
}

#[test]
fn the_notice_and_the_area_come_first() {
    let (tokyo, kansai) = (point(3, 1), point(6, 1));
    let register = register(&[(tokyo, "40113"), (kansai, "40113")]);
    let area = |to| clear(baseline(&[tokyo, kansai]), US, to, Some(&register)).map(|_| ()).unwrap_err().0;
    assert_eq!([area("operator:03"), area("operator")], [Clause::Area; 2]);
    assert!(clear(baseline(&[tokyo, kansai]), US, "retailer:40113", Some(&register)).is_ok());
    let broker = clear(baseline(&[tokyo]), US, "broker", Some(&register)).map(|_| ()).unwrap_err().0;
    assert!(broker != Clause::RetailerUnknown, "{broker:?}");
    // No retailer has it of another retailer.
    assert!(clear(baseline(&[tokyo]), "retailer:40123", "retailer:40113", Some(&register)).is_err());
}

#[test]
fn the_suppression_contractor_manages_what_is_shared() {
    let own = point(3, 1);
    let register = register(&[(own, "40113")]);
    let cleared = clear(baseline(&[own]), US, "retailer:40113", Some(&register)).unwrap();
    assert_eq!(cleared.items(), ItemSet::of(&[Item::SupplyPointId, Item::Baseline]));
    assert_eq!(cleared.decision().manager(Item::Baseline), Some(party(US)));
    assert_eq!(cleared.decision().manager(Item::SupplyPointId), Some(party("operator:03")));
}

/// Every message of the room, written and read back.
fn samples() -> Vec<(NegawattMessage, Vec<u8>)> {
    let (one, two) = (point(3, 1), point(3, 2));
    let register = register(&[(one, "40113"), (two, "40113")]);
    let date = "2026-08-19".parse().unwrap();
    let kwh = |text| Energy::parse(text).unwrap();
    let at = |number| Slot::new(number).unwrap();
    let reference = Reference::parse("N-1").unwrap();
    let total = |kind| TotalByType { kind, suppressed: kwh("1234.5") };
    let totals = vec![total(SettlementType::OwnCustomers), total(SettlementType::OtherCustomers)];
    let month = YearMonth::parse("2026-08").unwrap();
    let suppression = SuppressionNotice {
        date,
        method: MethodKey::parse("high-4-of-5").unwrap(),
        rounding: RoundingRule::HalfAway,
        points: vec![SuppressionPoint {
            point: two,
            digest: None,
            slots: vec![SuppressionSlot { slot: at(34), energy: kwh("-0.5") }],
        }],
        groups: Vec::new(),
    };
    let groups = vec![ProcurementGroup {
        group: PlanCode::parse("00012").unwrap(),
        slots: Slot::all().map(|slot| ProcurementSlot { slot, energy: kwh("12") }).collect(),
    }];
    let procurement = ProcurementNotice { date, points: Vec::new(), groups };
    let slots = vec![GenerationSlot { slot: at(48), energy: kwh("3") }];
    let generation = GenerationNotice { date, points: vec![GenerationPoint { point: one, slots }], groups: Vec::new() };
    let mut samples = Vec::new();
    macro_rules! written {
        ($($message:expr),*) => {$({
            let message = $message;
            let cleared = clear(message.clone(), US, "retailer:40113", Some(&register)).unwrap();
            let mut out = Vec::new();
            negawatt::write(&reference, &cleared, &mut out).unwrap();
            samples.push((message.into(), out));
        })*};
    }
    written!(
        group(baseline(&[one, two])),
        suppression,
        procurement,
        generation,
        ThirdPartyNote { month, totals: totals.clone() },
        CompensationNote { month, totals }
    );
    samples
}

#[test]
fn what_is_written_is_read_back() {
    let samples = samples();
    assert_eq!(samples.len(), NegawattMessage::SPECS.len());
    for (message, octets) in samples {
        let read = negawatt::read(&octets).unwrap();
        assert_eq!(read.message, message);
        assert_eq!((read.sender, read.recipient), (party(US), party("retailer:40113")));
        assert_eq!((read.reference.as_str(), read.created), ("N-1", now()));
        let value: serde_json::Value = serde_json::from_slice(&octets).unwrap();
        assert_eq!((&value["verified"], &value["purpose"]), (&false.into(), &"negawatt-trading".into()));
        let body = match &message {
            NegawattMessage::BaselineNotice(message) => to_json(message),
            NegawattMessage::ThirdPartyNote(message) => to_json(message),
            _ => continue,
        };
        assert_eq!(value["body"], body, "written as a stream and as a tree alike");
    }
}

#[test]
fn the_form_is_as_documented() {
    let (_, octets) = samples().remove(0);
    let text = String::from_utf8(octets).unwrap();
    let head = r#"{"form":"occto-negawatt 1","verified":false,"message":"baseline-notice","purpose":"negawatt-trading","notice":"common-core","sender":"suppression-contractor:80013","recipient":"retailer:40113","via":null,"reference":"N-1","created":"2026-08-20T09:00:00","managers":{"baseline":"suppression-contractor:80013","supply-point-id":"operator:03"},"body":{"date":"2026-08-19","method":"high-4-of-5","rounding":"half-away-from-zero","points":[{"supply-point-id":"0300110000000000000001","digest":""#;
    assert!(text.starts_with(head), "{text}");
    assert!(
        text.contains(r#""slots":[{"slot":"34","kwh":"2.1001"},{"slot":"36","kwh":"0"}]}"#),
        "slot 35 is a gap: {text}"
    );
    assert!(
        text.ends_with(
            r#""groups":[{"balancing-group":"8A001","slots":[{"slot":"34","kwh":"9000"}]}]}}"#.to_owned().as_str()
        ) || text.ends_with("}}\n")
    );
}

#[test]
fn a_form_that_is_not_ours_says_what_is_wrong() {
    let (_, octets) = samples().remove(0);
    let text = String::from_utf8(octets).unwrap();
    let wrong = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        negawatt::read(text.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    assert!(matches!(negawatt::read(b"{"), Err(NegawattFormError::NotJson(1, _))));
    assert!(matches!(wrong("occto-negawatt 1", "occto-negawatt 2"), NegawattFormError::Form));
    assert!(matches!(wrong("\"baseline-notice\"", "\"switch-start\""), NegawattFormError::Message));
    assert!(matches!(wrong("retailer:40113", "retailer:4011"), NegawattFormError::Head("recipient")));
    assert!(matches!(wrong("\"body\":{", "\"rest\":{"), NegawattFormError::Head("body")));
    assert!(matches!(wrong("\"slot\":\"36\"", "\"slot\":\"34\""), NegawattFormError::Repeated));
    let NegawattFormError::Fields(errors) = wrong("\"slot\":\"36\"", "\"slot\":\"49\"") else { panic!("fields") };
    assert_eq!((errors[0].field.key, &errors[0].rows[..]), ("slot", &[1, 2][..]));
    assert!(wrong("\"kwh\":\"0\"", "\"kwh\":\"0.00001\"").to_string().contains("ベースライン"));
    // What no field has is not taken in.
    let more = text.replacen("\"date\"", "\"telephone\":\"0312345678\",\"date\"", 1);
    assert_eq!(negawatt::read(more.as_bytes()).unwrap(), negawatt::read(text.as_bytes()).unwrap());
}

#[test]
fn what_stands_twice_is_not_written() {
    let own = point(3, 1);
    let register = register(&[(own, "40113")]);
    let cleared = clear(baseline(&[own, own]), US, "retailer:40113", Some(&register)).unwrap();
    let mut out = Vec::new();
    let written = negawatt::write(&Reference::parse("N-1").unwrap(), &cleared, &mut out);
    assert!(matches!(written, Err(NegawattFormError::Repeated)) && out.is_empty());
}

fn each_field(fields: &'static [Field], visit: &mut dyn FnMut(&'static Field)) {
    for field in fields {
        visit(field);
        if let Kind::Group(inner) = field.kind {
            each_field(inner, visit);
        }
    }
}

#[test]
fn no_field_holds_a_telephone_number_and_notes_hold_totals_only() {
    let allowed =
        [Item::SupplyPointId, Item::Baseline, Item::DemandSuppression, Item::DemandProcurement, Item::GenerationSales];
    for spec in NegawattMessage::SPECS {
        each_field(spec.fields, &mut |field| {
            assert!(field.item.is_none_or(|item| allowed.contains(&item)), "{} {}", spec.key, field.key);
            assert!(!field.key.contains("tel"), "{} {}", spec.key, field.key);
        });
    }
    for spec in [ThirdPartyNote::SPEC, CompensationNote::SPEC] {
        let mut keys = Vec::new();
        each_field(spec.fields, &mut |field| keys.push(field.key));
        assert_eq!(keys, ["month", "totals", "type", "suppressed-kwh"], "{}", spec.key);
    }
}

proptest! {
    /// Whatever the portfolio, the register and the recipient: what is cleared for a retailer is its own customers'.
    #[test]
    fn nothing_of_anothers_customers_is_ever_cleared(
        supplied in proptest::collection::vec(0usize..4, 1..12),
        asked in proptest::collection::vec(0u32..12, 0..8),
        to in 0usize..3,
    ) {
        let codes = ["40113", "40123", "40133"];
        let points: Vec<_> = (0..12).map(|number| point(3, number)).collect();
        // 3 is a point that nobody is known to supply.
        let known = points.iter().zip(&supplied).filter(|(_, by)| **by < 3).map(|(point, by)| (*point, codes[*by]));
        let register = register(&known.collect::<Vec<_>>());
        let asked: Vec<_> = asked.iter().map(|number| points[*number as usize]).collect();
        let cleared = clear(group(baseline(&asked)), US, &format!("retailer:{}", codes[to]), Some(&register));
        let on = "2026-08-19".parse().unwrap();
        let own = |point: &SupplyPointId| register.retailer_of(*point, on) == Some(code(codes[to]));
        match cleared {
            Ok(cleared) => prop_assert!(cleared.message().points.iter().all(|row| own(&row.point))),
            Err(_) => prop_assert!(!asked.iter().all(own), "its own customers may go"),
        }
    }
}
