//! The whole space of disclosures, decided by the notices and by a naive oracle.

pub mod oracle;

use occto::items::{Area, BusinessCode, Code, Item, ItemSet};
use occto::notice::{
    Change, Decision, Evidence, EvidenceKind, Notice, Outcome, Party, PartyCode, PartyName, Purpose, Question, Role,
    SupplyKind,
};
use oracle::{Case, all};
use std::sync::atomic::{AtomicUsize, Ordering};

const HERE: Area = Area::Tokyo;
const ELSEWHERE: Area = Area::Chubu;

fn everything() -> ItemSet {
    Item::ALL.iter().copied().collect()
}

/// Decides a case for a set of items, with the single piece of evidence that the case has.
fn decide(case: &Case, items: ItemSet) -> Decision {
    let notice = Notice::embedded(case.notice).unwrap();
    let evidence: Vec<_> = case.evidence.iter().map(|kind| Evidence { kind: *kind, reference: "R-1" }).collect();
    notice.decide(&question(case, items, &evidence))
}

fn question<'a>(case: &Case, items: ItemSet, evidence: &'a [Evidence<'a>]) -> Question<'a> {
    let Case { from, to, purpose, supply, area, .. } = *case;
    Question { area, supply, evidence, ..Question::new(from, to, purpose, items) }
}

fn compare(case: &Case, items: ItemSet) -> usize {
    let decision = decide(case, items);
    for item in items.iter() {
        let got = match decision.outcome(item) {
            Some(Outcome::Granted { basis, manager }) => Some((basis.key(), manager)),
            _ => None,
        };
        assert_eq!(got, oracle::answer(case, item), "{item:?} in {case:?}");
    }
    items.len()
}

/// Runs a check over all notices on two threads; returns how many cases it compared.
pub fn over_notices(check: impl Fn(&'static str) -> usize + Sync) -> usize {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut compared = 0;
        while let Some(notice) = Notice::KEYS.get(next.fetch_add(1, Ordering::Relaxed)) {
            compared += check(notice);
        }
        compared
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        work() + other.join().unwrap()
    })
}

fn evidences() -> impl Iterator<Item = Option<EvidenceKind>> + Clone {
    [None].into_iter().chain(all::<EvidenceKind>().map(Some))
}

/// A party of a role; an operator is that of the given area, a partner the one that is named somewhere.
fn party(role: Role, area: Area) -> Party {
    match role {
        Role::Operator => Party::operator(area),
        Role::Partner => Party::partner(PartyName::parse("loop").unwrap()),
        role => Party::of(role),
    }
}

#[test]
fn every_disclosure_is_decided_as_the_oracle_decides_it() {
    let compared = over_notices(|notice| {
        let mut compared = 0;
        for (from, to) in all::<Role>().flat_map(|from| all::<Role>().map(move |to| (from, to))) {
            for (purpose, operator) in all::<Purpose>().flat_map(|purpose| [(purpose, HERE), (purpose, ELSEWHERE)]) {
                for (supply, evidence) in all::<SupplyKind>().flat_map(|kind| evidences().map(move |e| (kind, e))) {
                    let (from, to) = (party(from, operator), party(to, operator));
                    let case = Case { notice, from, to, purpose, supply, area: Some(HERE), evidence };
                    compared += compare(&case, everything());
                }
            }
        }
        compared
    });
    assert_eq!(compared, 6 * 11 * 11 * 17 * 28 * 3 * 2 * 5);
    println!("{compared} cases compared: notice × role × role × purpose × item × supply × area × evidence");
}

#[test]
fn an_item_is_decided_alone_as_among_others() {
    let compared = over_notices(|notice| {
        let mut compared = 0;
        for (from, to) in all::<Role>().flat_map(|from| all::<Role>().map(move |to| (from, to))) {
            for purpose in all::<Purpose>() {
                // Item, supply, area and evidence go round so that every value meets every pair of roles.
                for turn in (0..28).step_by(4).map(|turn| turn + (from as usize + to as usize + purpose as usize) % 4) {
                    let item = Item::ALL[turn];
                    let operator = if turn % 4 == 0 { ELSEWHERE } else { HERE };
                    let supply = SupplyKind::ALL[turn % 3];
                    let evidence = evidences().nth(turn % 5).unwrap();
                    let (from, to) = (party(from, operator), party(to, operator));
                    let case = Case { notice, from, to, purpose, supply, area: Some(HERE), evidence };
                    compared += compare(&case, ItemSet::of(&[item]));
                }
            }
        }
        compared
    });
    println!("{compared} cases compared one item at a time");
}

#[test]
fn who_exactly_a_party_is_counts_as_the_oracle_says() {
    let code = |text| Some(PartyCode::Business(BusinessCode::parse(text).unwrap()));
    let name = |text| Party::partner(PartyName::parse(text).unwrap());
    let business = [Role::Retailer, Role::SuppressionContractor]
        .into_iter()
        .flat_map(|role| [None, code("40113"), code("50223")].map(|code| Party { role, code }));
    let operators = [Party::of(Role::Operator), Party::operator(HERE), Party::operator(ELSEWHERE)];
    let others = [Party::of(Role::Partner), name("loop"), name("other"), Party::of(Role::Broker), Party::OCCTO];
    let parties: Vec<_> = business.chain(operators).chain(others).collect();
    let compared = over_notices(|notice| {
        let mut compared = 0;
        for (from, to) in parties.iter().flat_map(|from| parties.iter().map(move |to| (*from, *to))) {
            let areas = [None, Some(HERE), Some(Area::Okinawa)];
            for (purpose, area) in all::<Purpose>().flat_map(|purpose| areas.map(|area| (purpose, area))) {
                for evidence in [None, Some(EvidenceKind::Contract)] {
                    let supply = if evidence.is_none() { SupplyKind::Ordinary } else { SupplyKind::LastResort };
                    let case = Case { notice, from, to, purpose, supply, area, evidence };
                    compared += compare(&case, everything());
                }
            }
        }
        compared
    });
    println!("{compared} cases compared with identities");
}

/// Makes the changes of a decision; returns the decision on what is left, or nothing when nothing is.
fn apply(case: &Case, items: ItemSet, decision: &Decision) -> Option<Decision> {
    let mut changed = *case;
    let mut left = items;
    let mut kinds: Vec<_> = case.evidence.into_iter().collect();
    for (item, outcome) in decision.iter() {
        let Outcome::Refused { change, .. } = outcome else { continue };
        match change {
            Change::SenderOperator(area) => changed.from = Party::operator(area),
            Change::RecipientOperator(area) => changed.to = Party::operator(area),
            Change::SenderPartner(name) => changed.from = Party::partner(name),
            Change::RecipientPartner(name) => changed.to = Party::partner(name),
            Change::AddEvidence(kind) => kinds.push(kind),
            Change::OtherPurpose(purpose) => changed.purpose = purpose,
            Change::LeaveOut => left = left.without(item),
            Change::DivideByArea => panic!("a message about one area is not divided"),
            Change::DivideByRetailer | Change::RegisterRetailer => panic!("no notice asks whose customer a point is"),
        }
    }
    let evidence: Vec<_> = kinds.into_iter().map(|kind| Evidence { kind, reference: "R-1" }).collect();
    let notice = Notice::embedded(case.notice).unwrap();
    (!left.is_empty()).then(|| notice.decide(&question(&changed, left, &evidence)))
}

#[test]
fn every_suggested_change_passes() {
    let sets = [
        ItemSet::of(&[Item::Name]),
        ItemSet::of(&[Item::Name, Item::Telephone, Item::SupplyPointId]),
        ItemSet::of(&[Item::SupplyPointId, Item::Baseline]),
        ItemSet::of(&[Item::Telephone, Item::Consumption]),
        everything(),
    ];
    let applied = over_notices(|notice| {
        let mut applied = 0;
        for (from, to) in all::<Role>().flat_map(|from| all::<Role>().map(move |to| (from, to))) {
            for (purpose, operator) in all::<Purpose>().flat_map(|purpose| [(purpose, HERE), (purpose, ELSEWHERE)]) {
                for (items, evidence) in [(0, None), (1, None), (2, None), (3, None), (4, Some(EvidenceKind::Contract))]
                {
                    let items = sets[items];
                    let from = if from == Role::Partner { Party::of(from) } else { party(from, operator) };
                    let to = if to == Role::Partner { Party::of(to) } else { party(to, operator) };
                    let supply = SupplyKind::Ordinary;
                    let case = Case { notice, from, to, purpose, supply, area: Some(HERE), evidence };
                    let decision = decide(&case, items);
                    if !decision.is_granted() {
                        let after = apply(&case, items, &decision);
                        assert!(after.is_none_or(|after| after.is_granted()), "{items:?} in {case:?}: {decision:?}");
                        applied += 1;
                    }
                }
            }
        }
        applied
    });
    assert!(applied > 50_000);
    println!("{applied} refusals passed after the suggested change");
}
