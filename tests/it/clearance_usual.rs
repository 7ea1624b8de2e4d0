//! What the desk clears without deciding in full, it decides as the notice does leg by leg.

use crate::clearance_messages::items_of;
use jiff::civil::date;
use occto::items::{Area, BusinessCode, Code, DateTime, Group, Item, ItemSet, SupplyPointId};
use occto::messages::switching::SwitchingMessage;
use occto::notice::{
    Basis, ClearanceDesk, ConsentNeed, Context, Decision, Disclosure, Evidence, EvidenceKind, Notice, Party, PartyName,
    Purpose, Question, Role, Route, SupplyKind,
};
use std::collections::HashSet;

#[derive(Clone, Copy)]
struct Message {
    purpose: Purpose,
    items: ItemSet,
    point: Option<SupplyPointId>,
}

impl Disclosure for Message {
    fn purpose(&self) -> Purpose {
        self.purpose
    }
    fn items(&self) -> ItemSet {
        self.items
    }
    fn point(&self) -> Option<SupplyPointId> {
        self.point
    }
    fn consent_need(&self) -> ConsentNeed {
        ConsentNeed::None
    }
}

fn now() -> DateTime {
    date(2026, 11, 2).at(9, 30, 0, 0)
}

/// A point of the Tokyo area that nobody has.
fn tokyo() -> Option<SupplyPointId> {
    Some(SupplyPointId::parse("0300110000000000000001").unwrap())
}

/// The decision of the two ends, or of the first leg that the notice refuses, each put to the notice by itself.
fn in_full(notice: &Notice, message: &Message, context: &Context<'_>) -> Decision {
    let Route { sender, recipient, via } = context.route;
    let decide = |sender, recipient| {
        let Context { supply, evidence, as_of, legal_hold, source, .. } = *context;
        let (area, today) = (message.point.map(|point| point.area()), Some(context.now.date()));
        let asked = Question::new(sender, recipient, message.purpose, message.items);
        notice.decide(&Question { area, supply, evidence, as_of, today, legal_hold, source, ..asked })
    };
    let ends = decide(sender, recipient);
    let legs = via.into_iter().flat_map(|hub| [decide(sender, hub), decide(hub, recipient)]);
    let refused = legs.filter(|_| ends.is_granted()).find(|leg| !leg.is_granted());
    refused.unwrap_or(ends)
}

/// Compares the desk with the notice; returns whether the message was cleared wholly by shared use.
fn compare(notice: &'static Notice, message: Message, context: &Context<'_>) -> bool {
    let expected = in_full(notice, &message, context);
    let decision = match ClearanceDesk::new(notice).clear(message, context) {
        Ok(cleared) => cleared.decision().clone(),
        Err(refusal) => refusal.decision().clone(),
    };
    let got_by = [context.route.via, Some(context.route.recipient)];
    if got_by.into_iter().flatten().any(|party| party.role == Role::Retailer)
        && !message.items.intersection(ItemSet::group(Group::Negawatt)).is_empty()
        && expected.is_granted()
    {
        // A message that does not say whose customers it is of brings no retailer an item of ③.
        assert!(!decision.is_granted(), "{notice:?}, {:?}", context.route);
        return false;
    }
    assert_eq!(
        decision,
        expected,
        "{notice:?}, {:?}, {}, {:?}, at {:?}, as of {:?}",
        context.route,
        message.purpose.key(),
        message.items,
        message.point,
        context.as_of
    );
    decision.is_granted() && !message.items.is_empty() && decision.granted_on(Basis::SharedUse) == message.items
}

fn notices() -> impl Iterator<Item = &'static Notice> {
    Notice::KEYS.iter().filter_map(|key| Notice::embedded(key))
}

fn everything() -> ItemSet {
    Item::ALL.iter().copied().collect()
}

fn retailer(code: &str) -> Party {
    Party::retailer(BusinessCode::parse(code).unwrap())
}

fn parties() -> Vec<Party> {
    let operators = [Party::of(Role::Operator), Party::operator(Area::Tokyo), Party::operator(Area::Okinawa)];
    let named = [Party::partner(PartyName::parse("loop").unwrap()), retailer("40113"), retailer("50223")];
    Role::ALL.iter().copied().map(Party::of).chain(operators).chain(named).collect()
}

#[test]
fn every_pair_of_parties_is_cleared_as_it_is_decided() {
    let evidence = EvidenceKind::ALL.iter().map(|kind| [Evidence { kind: *kind, reference: "R-1" }]);
    let evidence: Vec<_> = evidence.collect();
    let (mut compared, mut shared) = (0, 0);
    for notice in notices() {
        for (sender, recipient) in
            parties().into_iter().flat_map(|from| parties().into_iter().map(move |to| (from, to)))
        {
            for (turn, purpose) in Purpose::ALL.iter().copied().enumerate() {
                // Hub, point, supply, evidence and retention go round, so that each meets every role and purpose.
                let turn = turn + compared / Purpose::ALL.len() / 3;
                let via =
                    [Some(Party::OCCTO), None, Some(Party::of(Role::ThirdParty)), Some(Party::operator(Area::Tokyo))];
                let mut context = Context::new(Route { sender, recipient, via: via[turn % 4] }, now());
                context.supply = SupplyKind::ALL[turn % 3];
                context.evidence = evidence.get(turn % 7).map_or(&[], |one| one.as_slice());
                context.as_of = [None, None, Some(date(2010, 4, 1)), Some(date(2026, 4, 1))][turn / 4 % 4];
                let point = if turn % 5 == 0 { None } else { tokyo() };
                let one = ItemSet::of(&[Item::ALL[turn / 3 % Item::ALL.len()]]);
                let asked = SwitchingMessage::SPECS[turn % SwitchingMessage::SPECS.len()];
                for items in [items_of(asked.fields), one, everything()] {
                    shared += usize::from(compare(notice, Message { purpose, items, point }, &context));
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 6 * 17 * 17 * 17 * 3);
    assert!(shared > 300, "{shared}");
    println!("{compared} messages cleared as decided, {shared} of them by shared use");
}

/// Every set of items that is part of a given one.
fn selections(of: ItemSet) -> impl Iterator<Item = ItemSet> {
    let items: Vec<Item> = of.iter().collect();
    (0..1_u32 << items.len()).map(move |bits| {
        let chosen = items.iter().enumerate().filter(|(index, _)| bits & 1 << index != 0);
        chosen.map(|(_, item)| *item).collect()
    })
}

#[test]
fn every_selection_of_a_messages_items_is_cleared_as_it_is_decided() {
    let (here, there, point) = (retailer("40113"), Party::operator(Area::Tokyo), tokyo());
    let ways =
        [(here, there), (there, here), (here, retailer("50223")), (here, here), (here, Party::operator(Area::Chubu))];
    let (mut compared, mut shared) = (0, 0);
    let mut seen = HashSet::new();
    for spec in SwitchingMessage::SPECS {
        let (purpose, all) = (spec.purpose, items_of(spec.fields));
        for items in selections(all).filter(|items| seen.insert((purpose, *items))) {
            // The largest message has 65,536 selections: they go round the notices and ways, the others go all.
            let turn = compared;
            for (index, notice) in notices().enumerate().filter(|(index, _)| all.len() <= 8 || turn % 6 == *index) {
                for (sender, recipient) in
                    ways.iter().cycle().skip(turn / 6 + index).take(if all.len() <= 8 { 5 } else { 1 })
                {
                    let context = Context::new(Route::through_occto(*sender, *recipient), now());
                    shared += usize::from(compare(notice, Message { purpose, items, point }, &context));
                    compared += 1;
                }
            }
        }
    }
    assert!(shared > 10_000, "{shared}");
    println!("{compared} selections cleared as decided, {shared} of them by shared use");
}
