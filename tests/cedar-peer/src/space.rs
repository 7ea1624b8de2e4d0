//! The whole space: every notice × sender × recipient × purpose × item × area of the point × kind of supply × set of
//! evidence; and for each pair of roles, purpose and single evidence what retention and the purpose of receipt add.
//!
//! Every question of it is put to the crate. Cedar is asked once for those that its policies cannot tell apart, and they
//! can tell apart only what they name: items by the groups they are in, purposes by the policies that name them, roles
//! that are named for that end, and of the rest of a question what some policy reads. Nothing is left out of the space.

use crate::asked::Cedar;
use occto::items::{Area, BusinessCode, Code as _, Date, Item, ItemSet};
use occto::notice::{Basis, Evidence, EvidenceKind, Notice, Party, PartyName, Purpose, Question, Role, SupplyKind};
use std::collections::HashMap;
use std::fmt;
use std::ops::Add;

/// How many decisions were compared, of how many questions, and how often Cedar was asked.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    questions: u64,
    decisions: u64,
    asked: u64,
    granted: u64,
}

impl Add for Counts {
    type Output = Counts;
    fn add(self, other: Counts) -> Counts {
        Counts {
            questions: self.questions + other.questions,
            decisions: self.decisions + other.decisions,
            asked: self.asked + other.asked,
            granted: self.granted + other.granted,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { questions, decisions, asked, granted } = self;
        write!(
            f,
            "{decisions} decisions of {questions} questions compared ({granted} granted), Cedar asked {asked} times"
        )
    }
}

/// What tells a party apart for the policies: its role where it is named for that end, and its attributes.
type Seen = (Option<Role>, bool, Option<Area>, Option<PartyName>);
type Key = (Seen, Seen, bool, u64, Option<Area>, u8, Option<(Option<Date>, Option<Date>, bool)>, Option<Purpose>);

/// Asks Cedar, once for what it cannot tell apart.
struct Asker {
    cedar: Cedar,
    /// One item of each class, and all items of it.
    classes: Vec<(Item, ItemSet)>,
    purposes: HashMap<Purpose, u64>,
    from_named: Vec<Role>,
    to_named: Vec<Role>,
    reads_days: bool,
    reads_source: bool,
    known: HashMap<Key, Vec<Option<Basis>>>,
    asked: u64,
}

impl Asker {
    fn new(notice: &Notice, parties: &[Party]) -> Asker {
        let cedar = Cedar::new(notice, parties);
        assert!(!cedar.text.contains(" Item::") && !cedar.text.contains("Party::"), "no item, no party is named alone");
        let mut by_groups: Vec<(&[String], Item, ItemSet)> = Vec::new();
        for (item, groups) in &cedar.groups {
            match by_groups.iter_mut().find(|(known, ..)| known == groups) {
                Some((.., items)) => *items = items.with(*item),
                None => by_groups.push((groups, *item, ItemSet::of(&[*item]))),
            }
        }
        let classes = by_groups.into_iter().map(|(_, item, items)| (item, items)).collect();
        // Purposes that stand on the same lines stand in the same lists: one written alone has a line of its own.
        let mut signatures: Vec<Vec<usize>> = Vec::new();
        let mut purposes = HashMap::new();
        for purpose in Purpose::ALL {
            let name = format!("Action::\"{}\"", purpose.key());
            let lines = cedar.text.lines().enumerate().filter(|(_, line)| line.contains(&name));
            let signature: Vec<_> = lines.map(|(number, _)| number).collect();
            let place = signatures.iter().position(|known| *known == signature).unwrap_or_else(|| {
                signatures.push(signature);
                signatures.len() - 1
            });
            purposes.insert(*purpose, place as u64);
        }
        let named = |end: &str| {
            let named = |role: &&Role| cedar.text.contains(&format!("{end} in Role::\"{}\"", role.key()));
            Role::ALL.iter().filter(named).copied().collect::<Vec<_>>()
        };
        let (from_named, to_named) = (named("principal"), named("context.recipient"));
        let reads = |field: &str| cedar.text.contains(&format!("context.{field}"));
        let (reads_days, reads_source) = (reads("today") || reads("asOf"), reads("source"));
        Asker {
            classes,
            purposes,
            from_named,
            to_named,
            reads_days,
            reads_source,
            known: HashMap::new(),
            asked: 0,
            cedar,
        }
    }

    fn key(&self, question: &Question<'_>, evidence: u8) -> Key {
        let seen = |party: Party, named: &[Role]| {
            let role = Some(party.role).filter(|role| named.contains(role));
            (role, party.code.is_some(), party.area(), party.name())
        };
        let Question { sender, recipient, area, as_of, today, legal_hold, source, .. } = *question;
        (
            seen(sender, &self.from_named),
            seen(recipient, &self.to_named),
            sender == recipient,
            self.purposes[&question.purpose],
            area,
            evidence,
            self.reads_days.then_some((as_of, today, legal_hold.is_some_and(|law| !law.trim().is_empty()))),
            source.filter(|_| self.reads_source),
        )
    }

    /// The basis of each class of items.
    fn bases(&mut self, question: &Question<'_>, evidence: u8) -> &[Option<Basis>] {
        let key = self.key(question, evidence);
        self.known.entry(key).or_insert_with(|| {
            let context = self.cedar.context(question);
            self.asked += self.classes.len() as u64;
            let decide =
                |(item, _): &(Item, ItemSet)| self.cedar.decide(&self.cedar.request(question, *item, context.clone()));
            self.classes.iter().map(decide).collect()
        })
    }
}

struct Comparison<'n> {
    notice: &'n Notice,
    asker: Asker,
    counts: Counts,
}

impl Comparison<'_> {
    /// Puts a question about all items to both, under every kind of supply. What is granted is decided again alone, for
    /// its bases: a refusal would be explained at length.
    fn put(&mut self, question: &Question<'_>, evidence: u8) {
        let Comparison { notice, asker, counts } = self;
        let everything: ItemSet = Item::ALL.iter().copied().collect();
        let expected = asker.bases(question, evidence).to_vec();
        let mut by_basis = [ItemSet::EMPTY; Basis::ALL.len()];
        for ((_, items), basis) in asker.classes.iter().zip(expected) {
            if let Some(basis) = basis {
                by_basis[basis as usize] = by_basis[basis as usize].union(*items);
            }
        }
        let allowed = by_basis.iter().copied().fold(ItemSet::EMPTY, ItemSet::union);
        for supply in SupplyKind::ALL {
            let question = Question { supply: *supply, items: everything, ..*question };
            let granted = notice.grants(&question);
            assert_eq!(granted, allowed, "{}: ours, Cedar's in {question:?}", notice.key());
            if !granted.is_empty() {
                let decision = notice.decide(&Question { items: granted, ..question });
                let ours: Vec<_> = Basis::ALL.iter().map(|basis| decision.granted_on(*basis)).collect();
                assert_eq!(ours, by_basis, "{}: bases of ours, Cedar's in {question:?}", notice.key());
            }
            counts.questions += 1;
            counts.decisions += everything.len() as u64;
            counts.granted += granted.len() as u64;
        }
    }
}

/// Every role alone, and where a code tells parties apart, such: two of each kind of business, operators of the point's
/// area, of another and of one that a notice leaves out, partners that are named and that are not.
fn parties() -> Vec<Party> {
    let name = |text| Party::partner(PartyName::parse(text).expect("a name"));
    let code = |role, text| Party {
        code: Party::retailer(BusinessCode::parse(text).expect("a code")).code,
        ..Party::of(role)
    };
    let mut all: Vec<_> = Role::ALL.iter().map(|role| Party::of(*role)).collect();
    all.extend([Area::Tokyo, Area::Chubu, Area::Okinawa].map(Party::operator));
    all.extend(["loop", "other"].map(name));
    for role in [Role::Retailer, Role::SuppressionContractor] {
        all.extend(["40113", "50223"].map(|text| code(role, text)));
    }
    all
}

fn records(kinds: u8) -> Vec<Evidence<'static>> {
    let has = |kind: &&EvidenceKind| kinds & (1 << **kind as u8) != 0;
    EvidenceKind::ALL.iter().filter(has).map(|kind| Evidence { kind: *kind, reference: "R-1" }).collect()
}

/// Compares the whole space of one notice.
pub fn compare(key: &'static str) -> Counts {
    let notice = Notice::embedded(key).expect("a notice that ships");
    let parties = parties();
    let asker = Asker::new(notice, &parties);
    let mut comparison = Comparison { notice, asker, counts: Counts::default() };
    for (from, to) in parties.iter().flat_map(|from| parties.iter().map(move |to| (*from, *to))) {
        for (purpose, area) in
            Purpose::ALL.iter().flat_map(|p| [None, Some(Area::Tokyo), Some(Area::Okinawa)].map(|a| (*p, a)))
        {
            for kinds in 0..16 {
                let evidence = records(kinds);
                let question =
                    Question { area, evidence: &evidence, ..Question::new(from, to, purpose, ItemSet::EMPTY) };
                comparison.put(&question, kinds);
            }
        }
    }
    let day = |text: &str| Some(text.parse::<Date>().expect("a day"));
    // A limit of five years: within it, its last day, the day after, and the same around a leap day.
    let held = [
        (None, day("2026-04-01"), None),
        (day("2021-04-01"), None, None),
        (day("2021-04-01"), day("2026-03-31"), None),
        (day("2021-04-01"), day("2026-04-01"), None),
        (day("2021-04-01"), day("2026-04-02"), None),
        (day("2021-04-01"), day("2026-04-02"), Some("電気事業法")),
        (day("2021-04-01"), day("2026-04-02"), Some(" ")),
        (day("2020-02-29"), day("2025-02-28"), None),
        (day("2020-02-29"), day("2025-03-01"), None),
        (day("2026-04-01"), day("2021-04-01"), None),
    ];
    let sources = [None, Some(Purpose::PointConfirmation), Some(Purpose::ProvideService), Some(Purpose::OwnUse)];
    for (from, to) in parties.iter().flat_map(|from| parties.iter().map(move |to| (*from, *to))) {
        for (purpose, kinds) in Purpose::ALL.iter().flat_map(|purpose| [0, 1, 2, 4, 8].map(|kinds| (*purpose, kinds))) {
            let evidence = records(kinds);
            let plain = Question { evidence: &evidence, ..Question::new(from, to, purpose, ItemSet::EMPTY) };
            for (as_of, today, legal_hold) in held {
                comparison.put(&Question { as_of, today, legal_hold, ..plain }, kinds);
            }
            for source in sources {
                comparison.put(&Question { source, ..plain }, kinds);
            }
        }
    }
    Counts { asked: comparison.asker.asked, ..comparison.counts }
}
