//! Disclosures about many points, decided by the desk and by the naive oracle point by point.

use crate::clearance_space::oracle::{Case, all, answer};
use crate::clearance_space::over_notices;
use occto::items::{Area, AreaSet, Code as _, Item, ItemSet, SupplyPointId};
use occto::notice::{
    Basis, ClearanceDesk, ConsentNeed, Context, Disclosure, Evidence, EvidenceKind, Notice, Outcome, Party, PartyName,
    Purpose, Role, Route, SupplyKind,
};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Many {
    purpose: Purpose,
    items: ItemSet,
    points: Vec<SupplyPointId>,
    need: ConsentNeed,
}

impl Disclosure for Many {
    fn purpose(&self) -> Purpose {
        self.purpose
    }
    fn items(&self) -> ItemSet {
        self.items
    }
    fn point(&self) -> Option<SupplyPointId> {
        match self.points.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
    fn areas(&self) -> AreaSet {
        self.points.iter().map(SupplyPointId::area).collect()
    }
    fn points(&self) -> usize {
        self.points.len()
    }
    fn consent_need(&self) -> ConsentNeed {
        self.need
    }
}

fn point(area: Area, index: usize) -> SupplyPointId {
    SupplyPointId::parse(&format!("{}0011{index:016}", area.key())).unwrap()
}

fn points(areas: &[Area]) -> Vec<SupplyPointId> {
    areas.iter().enumerate().map(|(index, area)| point(*area, index)).collect()
}

/// The bases on which an item goes for every single point, and nothing where one point is refused: the oracle, asked for
/// each point by itself. What one customer gave counts for one point; an operator without a code is that of one area.
fn naive(case: &Case, points: &[SupplyPointId], records: usize, item: Item) -> Option<Vec<&'static str>> {
    let mut bases = Vec::new();
    for point in points {
        let mut of_point = *case;
        of_point.area = Some(point.area());
        let personal = matches!(case.evidence, Some(EvidenceKind::Consent | EvidenceKind::VerifiedRequest));
        if personal && records < points.len() {
            of_point.evidence = None;
        }
        bases.push(answer(&of_point, item)?.0);
    }
    for party in [case.from, case.to] {
        if party.role == Role::Operator && party.code.is_none() {
            for point in points {
                if point.area() != points[0].area() && !matches!(bases[0], "customer-self" | "statutory") {
                    return None;
                }
            }
        }
    }
    Some(bases)
}

fn parties() -> Vec<Party> {
    let named = [
        Party::operator(Area::Tokyo),
        Party::operator(Area::Okinawa),
        Party::partner(PartyName::parse("loop").unwrap()),
        Party::parse("retailer:40113").unwrap(),
    ];
    all::<Role>().map(Party::of).chain(named).collect()
}

#[test]
fn a_message_about_many_points_goes_only_where_every_point_goes() {
    let ways: [&[Area]; 8] = [
        &[],
        &[Area::Tokyo],
        &[Area::Tokyo, Area::Tokyo],
        &[Area::Tokyo, Area::Chubu],
        &[Area::Chubu, Area::Tokyo],
        &[Area::Tokyo, Area::Okinawa],
        &[Area::Okinawa, Area::Okinawa],
        &[Area::Chubu, Area::Tokyo, Area::Okinawa, Area::Tokyo],
    ];
    let evidences = || [None].into_iter().chain(all::<EvidenceKind>().map(Some));
    let references = ["R-0", "R-1", "R-2", "R-3"];
    let granted = AtomicUsize::new(0);
    let compared = over_notices(|key| {
        let mut compared = 0;
        let desk = ClearanceDesk::new(Notice::embedded(key).unwrap());
        for (turn, (from, to)) in
            parties().into_iter().flat_map(|from| parties().into_iter().map(move |to| (from, to))).enumerate()
        {
            for purpose in all::<Purpose>() {
                for (kind, areas) in evidences().flat_map(|kind| ways.map(|areas| (kind, areas))) {
                    // One record, or one for each point.
                    let records = if (turn + compared) % 2 == 0 { 1 } else { areas.len().max(1) };
                    let evidence: Vec<_> = kind
                        .into_iter()
                        .flat_map(|kind| {
                            references.iter().take(records).map(move |reference| Evidence { kind, reference })
                        })
                        .collect();
                    let supply = SupplyKind::ALL[(turn + compared) % 3];
                    let mut context = Context::new(
                        Route { sender: from, recipient: to, via: None },
                        "2026-11-22T09:00".parse().unwrap(),
                    );
                    (context.evidence, context.supply) = (&evidence, supply);
                    let items = [Item::SupplyPointId, Item::MeterInformation, Item::Name, Item::Consumption];
                    let items = ItemSet::of(&items[..=compared % 4]);
                    let message = Many { purpose, items, points: points(areas), need: ConsentNeed::None };
                    let case = Case { notice: key, from, to, purpose, supply, area: None, evidence: kind };
                    let whole = items.iter().all(|item| match areas {
                        [] => answer(&case, item).is_some(),
                        _ => naive(&case, &message.points, records, item).is_some(),
                    });
                    let cleared = desk.clear(message, &context);
                    assert_eq!(cleared.is_ok(), whole, "{case:?} {areas:?} {records} {items:?}");
                    compared += 1;
                    let Ok(cleared) = cleared else { continue };
                    let decision = cleared.decision();
                    granted.fetch_add(1, Ordering::Relaxed);
                    for item in items.iter().filter(|_| !areas.is_empty()) {
                        let bases = naive(&case, &points(areas), records, item).unwrap();
                        let last = Basis::ALL.iter().rfind(|basis| bases.contains(&basis.key())).unwrap();
                        let Some(Outcome::Granted { basis, .. }) = decision.outcome(item) else { panic!("{case:?}") };
                        assert_eq!(basis, *last, "{item:?} in {case:?} {areas:?}");
                    }
                }
            }
        }
        compared
    });
    assert_eq!(compared, 6 * 15 * 15 * 17 * 5 * 8);
    let granted = granted.into_inner();
    assert!(granted > 50_000, "{granted}");
    println!("{compared} messages about many points compared, {granted} granted");
}

#[test]
fn what_is_suggested_is_good_for_every_area() {
    let now = "2026-11-22T09:00".parse().unwrap();
    let items = ItemSet::of(&[Item::SupplyPointId, Item::MeterInformation]);
    let areas = [Area::Tokyo, Area::Chubu, Area::Okinawa];
    let mut passed = 0;
    for key in Notice::KEYS {
        let desk = ClearanceDesk::new(Notice::embedded(key).unwrap());
        for (from, to) in parties().into_iter().flat_map(|from| parties().into_iter().map(move |to| (from, to))) {
            for purpose in all::<Purpose>() {
                let many =
                    |areas: &[Area], purpose| Many { purpose, items, points: points(areas), need: ConsentNeed::None };
                let mut context = Context::new(Route { sender: from, recipient: to, via: None }, now);
                let decision = desk.decide(&many(&areas, purpose), &context);
                let Some(Outcome::Refused { change, .. }) = decision.outcome(Item::SupplyPointId) else { continue };
                use occto::notice::Change;
                let mut asked = purpose;
                let records: Vec<Evidence<'_>>;
                match change {
                    Change::LeaveOut => continue,
                    Change::DivideByArea => {
                        // Each part goes, or is refused with a change of its own.
                        let parts = areas.map(|area| desk.decide(&many(&[area], purpose), &context).is_granted());
                        let outside = areas.map(|area| {
                            [from, to].iter().any(|party| party.role == Role::Operator && party.area() != Some(area))
                        });
                        assert!(parts.contains(&true) || outside.contains(&true), "{key} {from} {to} {purpose:?}");
                        continue;
                    }
                    Change::AddEvidence(kind) => {
                        records = ["R-1", "R-2", "R-3"].map(|reference| Evidence { kind, reference }).to_vec();
                        context.evidence = &records;
                    }
                    Change::OtherPurpose(other) => asked = other,
                    Change::SenderPartner(name) => context.route.sender = Party::partner(name),
                    Change::RecipientPartner(name) => context.route.recipient = Party::partner(name),
                    Change::DivideByRetailer | Change::RegisterRetailer => {
                        panic!("nothing here is bound to its customers: {key} {from} {to} {purpose:?}")
                    }
                    Change::SenderOperator(_) | Change::RecipientOperator(_) => {
                        panic!("no operator is that of three areas: {key} {from} {to} {purpose:?}")
                    }
                }
                let after = desk.decide(&many(&areas, asked), &context);
                assert!(after.granted().contains(Item::SupplyPointId), "{key} {from} {to} {purpose:?}: {change:?}");
                passed += 1;
            }
        }
    }
    assert!(passed > 5_000, "{passed}");
}

#[test]
fn a_consent_for_one_point_opens_no_other() {
    let now = "2026-11-22T09:00".parse().unwrap();
    let to = Party::of(Role::ThirdParty);
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let message = |count: usize, need| Many {
        purpose: Purpose::GridOperation,
        items: ItemSet::of(&[Item::MeterInformation]),
        points: points(&vec![Area::Tokyo; count]),
        need,
    };
    let mut context =
        Context::new(Route { sender: Party::parse("retailer:40113").unwrap(), recipient: to, via: None }, now);
    let record = |reference| Evidence { kind: EvidenceKind::Consent, reference };
    let (one, twice, two) = ([record("C-1")], [record("C-1"), record(" C-1")], [record("C-1"), record("C-2")]);
    for (evidence, points, goes) in
        [(&one[..], 1, true), (&one[..], 2, false), (&twice[..], 2, false), (&two[..], 2, true), (&two[..], 3, false)]
    {
        context.evidence = evidence;
        assert_eq!(desk.decide(&message(points, ConsentNeed::None), &context).is_granted(), goes, "{points}");
    }
    // A usage inquiry is about one point.
    let consent = occto::notice::Consent {
        point: point(Area::Tokyo, 0),
        given: now,
        valid_until: now.date(),
        reason: occto::notice::InquiryReason::Switch,
        method: "電磁的方法",
        reference: "C-1",
    };
    (context.evidence, context.consent) = (&two, Some(&consent));
    assert!(desk.decide(&message(1, ConsentNeed::ForSwitch), &context).is_granted());
    assert!(!desk.decide(&message(2, ConsentNeed::ForSwitch), &context).is_granted());
}
