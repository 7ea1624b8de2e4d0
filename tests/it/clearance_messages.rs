//! Every switching message, with all the items it can carry, may go on its own way under every Japanese notice, and on no
//! other.

use occto::items::{Area, BusinessCode, Item, ItemSet};
use occto::messages::switching::SwitchingMessage;
use occto::messages::{Field, Kind};
use occto::notice::{Evidence, EvidenceKind, Notice, Party, Purpose, Question};

const JAPANESE: [&str; 4] = ["common-core", "terras", "liaison-energy", "clean-venture-21"];

pub fn items_of(fields: &[Field]) -> ItemSet {
    fields.iter().fold(ItemSet::EMPTY, |items, field| {
        let items = field.item.map_or(items, |item| items.with(item));
        match field.kind {
            Kind::Group(inner) => items.union(items_of(inner)),
            _ => items,
        }
    })
}

fn retailer(code: &str) -> Party {
    Party::retailer(BusinessCode::parse(code).unwrap())
}

/// The two ends of a message's way: the operator of the area, or for a cancellation agency the other retailer.
fn ends(key: &str, purpose: Purpose) -> (Party, Party) {
    let other = if purpose == Purpose::CancellationAgency { retailer("50223") } else { Party::operator(Area::Tokyo) };
    let is_answer = SwitchingMessage::SPECS.iter().any(|spec| spec.answer == Some(key));
    if is_answer { (other, retailer("40113")) } else { (retailer("40113"), other) }
}

#[test]
fn every_switching_message_may_go_on_its_way_with_all_its_items() {
    let consent = [Evidence { kind: EvidenceKind::Consent, reference: "C-1" }];
    for spec in SwitchingMessage::SPECS {
        let items = items_of(spec.fields);
        let (from, to) = ends(spec.key, spec.purpose);
        for (notice, (from, to)) in JAPANESE.iter().flat_map(|key| {
            [(from, to), (from, Party::OCCTO), (Party::OCCTO, to)].map(|way| (Notice::embedded(key).unwrap(), way))
        }) {
            let mut question = Question::new(from, to, spec.purpose, items);
            question.area = Some(Area::Tokyo);
            // Consumption is no shared-use item: it goes only with the customer's consent.
            if items.contains(Item::Consumption) {
                assert!(!notice.decide(&question).is_granted(), "{}", spec.key);
                question.evidence = &consent;
            }
            let decision = notice.decide(&question);
            assert!(decision.is_granted(), "{} {from} → {to}: {}", spec.key, decision.reasons_en());
        }
    }
}

#[test]
fn no_switching_message_may_go_to_another_operator_or_a_third_party() {
    for spec in SwitchingMessage::SPECS.iter().filter(|spec| spec.purpose != Purpose::CancellationAgency) {
        for to in [Party::operator(Area::Chubu), Party::parse("third-party").unwrap()] {
            let mut question = Question::new(retailer("40113"), to, spec.purpose, items_of(spec.fields));
            question.area = Some(Area::Tokyo);
            let decision = Notice::embedded("common-core").unwrap().decide(&question);
            assert!(!decision.is_granted(), "{} to {to}", spec.key);
        }
    }
}
