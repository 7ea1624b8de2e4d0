//! The ten rules by which a notice decides, one by one, and the order in which one beats the other.

use occto::items::{Area, Date, Item, ItemSet};
use occto::notice::{
    Ask, Basis, Change, Clause, Decision, Evidence, EvidenceKind, Notice, Outcome, Party, Purpose, Question, Role,
};

const POINT_IN_TOKYO: &str = "0300111122223333444455";

fn notice(key: &str) -> &'static Notice {
    Notice::embedded(key).unwrap()
}

/// `from to purpose items [evidence…]`, at a point in Tokyo.
fn ask(key: &str, question: &str) -> Decision {
    let words: Vec<_> = question.split(' ').collect();
    let [from, to, purpose, items, evidence @ ..] = words.as_slice() else { panic!("{question}") };
    let ask = Ask { from, to, purpose, items, point: Some(POINT_IN_TOKYO), supply: None, evidence };
    notice(key).explain(&ask).unwrap()
}

fn granted(key: &str, question: &str) -> (Basis, String) {
    let decision = ask(key, question);
    match decision.iter().next() {
        Some((_, Outcome::Granted { basis, manager })) => (basis, manager.to_string()),
        _ => panic!("{question}: {}", decision.to_text_en()),
    }
}

fn refused(key: &str, question: &str) -> (String, Change) {
    let decision = ask(key, question);
    let first = decision.iter().find_map(|(_, outcome)| match outcome {
        Outcome::Refused { clause, change } => Some((clause.to_string(), change)),
        Outcome::Granted { .. } => None,
    });
    first.unwrap_or_else(|| panic!("{question}: {}", decision.to_text_en()))
}

fn clause(key: &str, question: &str) -> String {
    refused(key, question).0
}

#[test]
fn rule_1_a_disclosure_names_its_evidence() {
    assert_eq!(clause("terras", "retailer broker consignment-contract name"), "contract-missing");
    let shown = granted("terras", "retailer broker consignment-contract name contract:B-7");
    assert_eq!(shown.0, Basis::SharedUse);
    let missing = refused("terras", "retailer broker consignment-contract name").1;
    assert_eq!(missing, Change::AddEvidence(EvidenceKind::Contract));
}

#[test]
fn rule_2_shared_use_needs_roles_purpose_item_and_necessity() {
    let core = "common-core";
    assert_eq!(granted(core, "retailer:40113 operator:03 consignment-contract telephone").0, Basis::SharedUse);
    assert_eq!(clause(core, "retailer broker consignment-contract name contract:1"), "participant");
    assert_eq!(clause(core, "retailer operator:03 collect-bills name"), "purpose");
    assert_eq!(clause(core, "retailer operator:03 point-confirmation telephone"), "necessity");
    assert_eq!(clause(core, "retailer operator:03 point-confirmation consumption"), "item");
    assert_eq!(clause(core, "retailer third-party point-confirmation name"), "consent-missing");
    assert_eq!(clause(core, "operator:03 operator:03 win-back-sales name"), "prohibition:win-back-sales");
}

#[test]
fn rule_2_a_named_partner_must_be_named() {
    let partner = refused("liaison-energy", "retailer partner cancellation-agency name");
    assert_eq!((partner.0.as_str(), partner.1.value().as_deref()), ("partner-name", Some("partner:loop")));
    assert_eq!(clause("liaison-energy", "retailer partner:other cancellation-agency name"), "participant");
    assert_eq!(granted("liaison-energy", "retailer partner:loop cancellation-agency telephone").0, Basis::SharedUse);
    // It receives from the retailer; it never sends, and OCCTO does not relay to it.
    assert_eq!(clause("liaison-energy", "partner:loop retailer cancellation-agency name"), "necessity");
    assert_eq!(clause("liaison-energy", "occto partner:loop cancellation-agency name"), "necessity");
}

#[test]
fn rule_2_an_operator_that_the_notice_does_not_name_is_no_participant() {
    let okinawa = |key| {
        let ask = Ask {
            from: "retailer:40113",
            to: "operator",
            purpose: "consignment-contract",
            items: "name",
            point: Some("1000111122223333444455"),
            supply: None,
            evidence: &[],
        };
        notice(key).explain(&ask).unwrap().is_granted()
    };
    assert!(okinawa("common-core") && !okinawa("terras"));
}

#[test]
fn rule_1_evidence_names_its_record() {
    let blank = [Evidence { kind: EvidenceKind::Consent, reference: " " }];
    let (from, to) = (Party::of(Role::Retailer), Party::of(Role::ThirdParty));
    let question = Question::new(from, to, Purpose::OwnUse, ItemSet::of(&[Item::Name]));
    assert!(!notice("common-core").decide(&Question { evidence: &blank, ..question }).is_granted());
}

#[test]
fn rule_2_occto_receives_and_relays_what_goes_between_the_ends() {
    let core = "common-core";
    assert_eq!(granted(core, "retailer:40113 occto cancellation-agency retail-contract-number").0, Basis::SharedUse);
    assert_eq!(granted(core, "occto retailer:50223 cancellation-agency retail-contract-number").0, Basis::SharedUse);
    assert_eq!(clause(core, "retailer occto cancellation-agency telephone"), "necessity");
    assert_eq!(granted(core, "retailer occto negawatt-trading demand-procurement").0, Basis::SharedUse);
    assert_eq!(clause(core, "occto occto consignment-contract name"), "necessity");
}

#[test]
fn rule_3_an_operator_serves_its_own_area() {
    let (clause, change) = refused("common-core", "retailer:40113 operator:04 consignment-contract name");
    assert_eq!((clause.as_str(), change), ("rule-3-area", Change::RecipientOperator(Area::Tokyo)));
    let (clause, change) = refused("common-core", "operator:04 retailer point-confirmation contract-amount consent:1");
    assert_eq!((clause.as_str(), change), ("rule-3-area", Change::SenderOperator(Area::Tokyo)));
    assert_eq!(granted("common-core", "retailer operator consignment-contract name").0, Basis::SharedUse);
    // The customer and an authority may be answered by anyone who holds the item.
    let own = granted("common-core", "operator:04 customer own-use name verified-request:7").0;
    assert_eq!(own, Basis::CustomerSelf);
}

#[test]
fn rule_4_each_item_has_its_manager() {
    let core = "common-core";
    let manager = |question: &str| granted(core, question).1;
    assert_eq!(manager("retailer:40113 operator consignment-contract name"), "retailer:40113");
    assert_eq!(manager("retailer:40113 operator consignment-contract contract-amount"), "operator:03");
    assert_eq!(manager("retailer:40113 retailer:50223 cancellation-agency name"), "retailer:50223");
    assert_eq!(manager("retailer:40113 occto cancellation-agency name"), "retailer");
    assert_eq!(manager("suppression-contractor:60333 occto negawatt-trading baseline"), "suppression-contractor:60333");
    assert_eq!(granted("mce", "retailer customer own-use email verified-request:1").1, "retailer");
    for supply in ["island", "last-resort"] {
        let ask = Ask {
            from: "retailer:40113",
            to: "operator:03",
            purpose: "consignment-contract",
            items: "name",
            point: Some(POINT_IN_TOKYO),
            supply: Some(supply),
            evidence: &[],
        };
        assert_eq!(notice(core).explain(&ask).unwrap().manager(Item::Name), Some(Party::operator(Area::Tokyo)));
    }
}

#[test]
fn rule_5_other_bases_are_named_as_such() {
    let cv = "clean-venture-21";
    assert_eq!(granted(cv, "retailer:40113 retailer:40113 own-use name").0, Basis::OwnUse);
    assert_eq!(granted(cv, "retailer:40113 retailer:40113 advertising name").0, Basis::OwnUse);
    assert_eq!(clause("common-core", "retailer:40113 retailer:40113 advertising name"), "outside-purpose");
    assert_eq!(clause(cv, "retailer:40113 retailer:50223 advertising name"), "outside-purpose");
    assert_eq!(granted(cv, "retailer consignee grid-operation name contract:1").0, Basis::Consignment);
    assert_eq!(granted(cv, "retailer consignee advertising name contract:1").0, Basis::Consignment);
    assert_eq!(clause("terras", "retailer consignee advertising name contract:1"), "purpose");
    assert_eq!(clause(cv, "retailer consignee grid-operation name"), "contract-missing");
    assert_eq!(granted(cv, "retailer third-party own-use consumption consent:1").0, Basis::Consent);
    assert_eq!(granted(cv, "retailer authority legal-order consumption order:1").0, Basis::Statutory);
    assert_eq!(refused(cv, "retailer authority legal-order name").1, Change::AddEvidence(EvidenceKind::Order));
    let customer = refused(cv, "retailer customer own-use name").1;
    assert_eq!(customer, Change::AddEvidence(EvidenceKind::VerifiedRequest));
}

#[test]
fn rule_5_own_purposes_never_extend_the_shared_use() {
    let retailer = Party::parse("retailer:40113").unwrap();
    let mut question = Question::new(retailer, retailer, Purpose::Advertising, ItemSet::of(&[Item::Name]));
    assert!(notice("clean-venture-21").decide(&question).is_granted());
    question.source = Some(Purpose::CancellationAgency);
    assert!(!notice("clean-venture-21").decide(&question).is_granted());
}

#[test]
fn rule_5_two_parties_of_a_role_without_codes_are_not_one() {
    assert_eq!(granted("common-core", "retailer retailer cancellation-agency name").0, Basis::SharedUse);
    assert_eq!(clause("common-core", "retailer retailer cancellation-agency telephone"), "necessity");
    assert_eq!(granted("common-core", "retailer:40113 retailer:40113 cancellation-agency telephone").0, Basis::OwnUse);
}

#[test]
fn rule_5_californian_notices_list_exceptions() {
    let (cpa, mce) = ("clean-power-alliance", "mce");
    assert_eq!(granted(cpa, "retailer third-party collect-bills account-number").0, Basis::ListedException);
    assert_eq!(clause(cpa, "retailer third-party legal-order name"), "order-missing");
    assert_eq!(granted(cpa, "retailer third-party legal-order name order:1").0, Basis::ListedException);
    assert_eq!(clause(mce, "retailer third-party collect-bills account-number"), "consent-missing");
    assert_eq!(granted(mce, "retailer contractor collect-bills account-number contract:1").0, Basis::Consignment);
    assert_eq!(clause(cpa, "retailer contractor collect-bills name"), "contract-missing");
    assert_eq!(clause(cpa, "retailer contractor credit-report name contract:1"), "purpose");
    assert_eq!(clause(cpa, "operator third-party collect-bills name"), "participant");
    for key in [cpa, mce] {
        assert_eq!(granted(key, "retailer third-party aggregate-release consumption").0, Basis::Aggregate);
        assert_eq!(clause(key, "retailer third-party aggregate-release name consent:1"), "rule-8-limit");
    }
}

#[test]
fn rule_6_a_prohibition_beats_every_grant() {
    for key in ["clean-power-alliance", "mce"] {
        let question = "retailer third-party telemarketing name consent:1 order:1 contract:1";
        assert_eq!(clause(key, question), "prohibition:telemarketing");
        assert_eq!(clause(key, "retailer customer telemarketing name verified-request:1"), "prohibition:telemarketing");
    }
    assert_eq!(clause("mce", "retailer third-party advertising name consent:1"), "prohibition:advertising");
    assert_eq!(granted("clean-power-alliance", "retailer third-party advertising name consent:1").0, Basis::Consent);
}

#[test]
fn rule_7_one_refused_item_refuses_the_message() {
    let decision = ask("common-core", "retailer operator:03 point-confirmation name,telephone,lead-in-pole");
    assert!(!decision.is_granted());
    assert_eq!(decision.refused(), ItemSet::of(&[Item::Telephone, Item::LeadInPole]));
    assert_eq!(decision.granted(), ItemSet::of(&[Item::Name]));
    assert_eq!(decision.iter().count(), 3);
}

#[test]
fn rule_7_a_change_that_frees_only_some_items_leaves_the_rest_out() {
    let decision = ask("common-core", "retailer suppression-contractor negawatt-trading telephone,email,baseline");
    let outcome = |item| decision.outcome(item).unwrap();
    let (limit, item) = (Clause::ItemLimit, Clause::Item);
    assert_eq!(outcome(Item::Telephone), Outcome::Refused { clause: limit, change: Change::LeaveOut });
    let consent = Change::AddEvidence(EvidenceKind::Consent);
    assert_eq!(outcome(Item::Email), Outcome::Refused { clause: item, change: consent });
    assert!(matches!(outcome(Item::Baseline), Outcome::Granted { .. }));
}

#[test]
fn rule_7_a_change_never_costs_an_item_that_is_granted() {
    // Another purpose would let the telephone number go, and lose the baseline.
    let decision = ask("common-core", "retailer consignee negawatt-trading telephone,baseline contract:1");
    let telephone = Outcome::Refused { clause: Clause::ItemLimit, change: Change::LeaveOut };
    assert_eq!(decision.outcome(Item::Telephone), Some(telephone));
    assert_eq!(decision.granted(), ItemSet::of(&[Item::Baseline]));
}

#[test]
fn rule_8_negawatt_items_go_only_for_negawatt_trading() {
    let core = "common-core";
    assert_eq!(granted(core, "suppression-contractor operator:03 negawatt-trading baseline").0, Basis::SharedUse);
    for evidence in ["", " consent:1", " contract:1"] {
        let question = format!("suppression-contractor operator:03 grid-operation baseline{evidence}");
        let (clause, change) = refused(core, &question);
        assert_eq!((clause.as_str(), change), ("rule-8-limit", Change::OtherPurpose(Purpose::NegawattTrading)));
        let question = format!("suppression-contractor retailer negawatt-trading telephone{evidence}");
        assert_eq!(refused(core, &question).0, "rule-8-limit");
    }
}

#[test]
fn rule_9_nothing_goes_to_win_back_sales() {
    for key in ["common-core", "terras", "liaison-energy", "clean-venture-21"] {
        for question in [
            "retailer:40113 retailer:40113 win-back-sales name",
            "retailer consignee win-back-sales name contract:1",
            "retailer third-party win-back-sales name consent:1",
        ] {
            assert_eq!(clause(key, question), "prohibition:win-back-sales");
        }
    }
}

#[test]
fn rule_10_nothing_goes_past_the_retention_limit_unless_a_law_holds_it() {
    let date = |text: &str| text.parse::<Date>().unwrap();
    let to = Party::of(Role::ThirdParty);
    let mut question =
        Question::new(Party::of(Role::Retailer), to, Purpose::CollectBills, ItemSet::of(&[Item::Consumption]));
    question.as_of = Some(date("2021-02-01"));
    question.today = Some(date("2026-02-01"));
    let cpa = notice("clean-power-alliance");
    assert!(cpa.decide(&question).is_granted(), "the last day counts");
    question.today = Some(date("2026-02-02"));
    let clause = cpa.decide(&question).outcome(Item::Consumption);
    assert!(matches!(clause, Some(Outcome::Refused { clause: Clause::Retention, change: Change::LeaveOut })));
    question.evidence = &[Evidence { kind: EvidenceKind::VerifiedRequest, reference: "V-1" }];
    assert!(!cpa.decide(&Question { recipient: Party::of(Role::Customer), ..question }).is_granted());
    assert!(!cpa.decide(&Question { legal_hold: Some(" "), ..question }).is_granted(), "a hold names its law");
    assert!(cpa.decide(&Question { legal_hold: Some("Pub. Util. Code"), ..question }).is_granted());
    // No number is published in Japan.
    assert_eq!(notice("common-core").retention_years(), None);
}

#[test]
fn a_message_without_items_still_needs_parties_and_a_purpose() {
    let decide = |to, purpose| {
        let question = Question::new(Party::of(Role::Retailer), Party::of(to), purpose, ItemSet::EMPTY);
        notice("common-core").decide(&question)
    };
    assert!(decide(Role::Occto, Purpose::ConsignmentContract).is_granted());
    let refused = decide(Role::ThirdParty, Purpose::ConsignmentContract);
    assert!(!refused.is_granted() && refused.reasons_en().contains("consent"));
    assert!(!decide(Role::Retailer, Purpose::WinBackSales).is_granted());
}
