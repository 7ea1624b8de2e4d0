//! The clearance desk: what it lets through, through whom, and with whose consent.

use occto::items::{DateTime, Item, ItemSet, SupplyPointId};
use occto::notice::{
    Basis, Clause, ClearanceDesk, Consent, ConsentNeed, Context, Disclosure, Evidence, EvidenceKind, InquiryReason,
    Notice, Outcome, Party, PartyName, Purpose, Role, Route,
};

#[derive(Debug)]
struct Message {
    purpose: Purpose,
    items: ItemSet,
    need: ConsentNeed,
}

impl Disclosure for Message {
    fn purpose(&self) -> Purpose {
        self.purpose
    }
    fn items(&self) -> ItemSet {
        self.items
    }
    fn point(&self) -> Option<SupplyPointId> {
        Some(point("0300111122223333444455"))
    }
    fn consent_need(&self) -> ConsentNeed {
        self.need
    }
}

fn point(id: &str) -> SupplyPointId {
    SupplyPointId::parse(id).unwrap()
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn switch_start(items: &[Item]) -> Message {
    Message { purpose: Purpose::ConsignmentContract, items: ItemSet::of(items), need: ConsentNeed::None }
}

fn usage() -> Message {
    let items = ItemSet::of(&[Item::SupplyPointId, Item::Consumption]);
    Message { purpose: Purpose::PointConfirmation, items, need: ConsentNeed::ForSwitch }
}

fn retailer() -> Party {
    Party::parse("retailer:40113").unwrap()
}

fn desk() -> ClearanceDesk<'static> {
    ClearanceDesk::new(Notice::embedded("common-core").unwrap())
}

fn through_occto() -> Context<'static> {
    let route = Route::through_occto(retailer(), Party::parse("operator:03").unwrap());
    Context::new(route, at("2026-04-01T09:00"))
}

fn consent() -> Consent<'static> {
    Consent {
        point: point("0300111122223333444455"),
        given: at("2026-03-30T10:00"),
        valid_until: at("2026-04-05T00:00").date(),
        reason: InquiryReason::Switch,
        method: "電子",
        reference: "C-1",
    }
}

fn clause_of(context: &Context<'_>) -> Clause {
    let refusal = desk().clear(usage(), context).unwrap_err();
    match refusal.decision().outcome(Item::Consumption) {
        Some(Outcome::Refused { clause, .. }) => clause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_switch_start_is_cleared_with_its_decision() {
    let cleared = desk().clear(switch_start(&[Item::Name, Item::ContractAmount]), &through_occto()).unwrap();
    assert_eq!(cleared.items(), ItemSet::of(&[Item::Name, Item::ContractAmount]));
    assert_eq!(cleared.decision().granted_on(Basis::SharedUse), cleared.items());
    assert_eq!(cleared.decision().manager(Item::Name), Some(retailer()));
    assert_eq!(cleared.notice(), "common-core");
    assert_eq!(cleared.purpose(), Purpose::ConsignmentContract);
    assert_eq!(cleared.at(), at("2026-04-01T09:00"));
    assert_eq!(cleared.into_message().items.len(), 2);
}

#[test]
fn a_refusal_gives_the_message_back_and_names_item_clause_and_change() {
    let context =
        Context::new(Route::through_occto(retailer(), Party::parse("operator:04").unwrap()), at("2026-04-01T09:00"));
    let refusal = desk().clear(switch_start(&[Item::Name]), &context).unwrap_err();
    let text = refusal.to_string();
    assert!(text.starts_with("提供できません（氏名: "), "{text}");
    assert!(text.contains("東京電力パワーグリッド") && text.contains("operator of area 03"), "{text}");
    assert_eq!(refusal.into_message().items, ItemSet::of(&[Item::Name]));
}

#[test]
fn the_switchboard_is_decided_too() {
    let liaison = ClearanceDesk::new(Notice::embedded("liaison-energy").unwrap());
    let loop_inc = Party::partner(PartyName::parse("loop").unwrap());
    let mut context = Context::new(Route::through_occto(retailer(), loop_inc), at("2026-04-01T09:00"));
    let refusal = liaison.clear(switch_start(&[Item::Telephone]), &context).unwrap_err();
    assert_eq!(refusal.decision().refused(), ItemSet::of(&[Item::Telephone]));
    context.route.via = None;
    assert!(liaison.clear(switch_start(&[Item::Telephone]), &context).is_ok());
    context.route = Route { via: Some(Party::of(Role::ThirdParty)), ..through_occto().route };
    assert!(desk().clear(switch_start(&[Item::Telephone]), &context).is_err());
}

#[test]
fn a_usage_inquiry_goes_with_consent_for_that_point_in_its_validity_and_for_a_switch() {
    let consent = consent();
    let mut context = Context { consent: Some(&consent), ..through_occto() };
    let cleared = desk().clear(usage(), &context).unwrap();
    assert_eq!(cleared.decision().granted_on(Basis::Consent), ItemSet::of(&[Item::Consumption]));
    assert_eq!(cleared.decision().granted_on(Basis::SharedUse), ItemSet::of(&[Item::SupplyPointId]));
    context.now = at("2026-04-05T23:59");
    assert!(desk().clear(usage(), &context).is_ok(), "the last valid day counts");
}

#[test]
fn a_usage_inquiry_is_refused_without_that_consent() {
    assert_eq!(clause_of(&through_occto()), Clause::ConsentMissing);
    let evidence = [Evidence { kind: EvidenceKind::Consent, reference: "C-1" }];
    assert_eq!(clause_of(&Context { evidence: &evidence, ..through_occto() }), Clause::ConsentMissing);
    let refused = |consent: Consent<'_>, now: &str| {
        clause_of(&Context { consent: Some(&consent), now: at(now), ..through_occto() })
    };
    let now = "2026-04-01T09:00";
    let other = Consent { point: point("0300111122223333444456"), ..consent() };
    assert_eq!(refused(other, now), Clause::ConsentOtherPoint);
    assert_eq!(refused(consent(), "2026-04-06T00:00"), Clause::ConsentExpired);
    assert_eq!(refused(consent(), "2026-03-30T09:59"), Clause::ConsentMissing);
    let curious = Consent { reason: InquiryReason::OwnInitiative, ..consent() };
    assert_eq!(refused(curious, now), Clause::OutsidePurpose);
    assert!(desk().clear(usage(), &through_occto()).unwrap_err().to_string().contains("本人の同意"));
}

#[test]
fn consent_does_not_open_another_area() {
    let consent = consent();
    let route = Route::through_occto(retailer(), Party::parse("operator:04").unwrap());
    let context = Context { consent: Some(&consent), route, ..through_occto() };
    assert_eq!(clause_of(&context), Clause::Area);
}

#[test]
fn debug_shows_parties_and_purpose_and_nothing_of_the_message() {
    let cleared = desk().clear(switch_start(&[Item::Name]), &through_occto()).unwrap();
    assert_eq!(format!("{cleared:?}"), "Cleared(retailer:40113 → operator:03, consignment-contract)");
}
