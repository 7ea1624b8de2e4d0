//! What a statistician with everything that was ever released can work out: every sum of customers that follows from it,
//! found by elimination over fractions, passes the rule.

use occto::items::{Area, Code as _, YearMonth};
use occto::notice::Clause;
use occto::notice::aggregate::{
    Aggregate, AggregateRequest, Cell, Customer, CustomerClass, Dimension, EarlierCell, Overlapping, Owners, Rules,
    release,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Each supply point is a customer.
static EACH: Owners = Owners::each_point();

type Pair = (u64, YearMonth);

fn month(number: u8) -> YearMonth {
    YearMonth::parse(&format!("2026-{number:02}")).unwrap()
}

/// Rows of whole numbers, each with a leading place of its own.
#[derive(Clone, Default)]
struct Known(Vec<(usize, Vec<i128>)>);

impl Known {
    fn reduced(&self, mut row: Vec<i128>) -> Vec<i128> {
        for (leading, other) in &self.0 {
            let (own, theirs) = (row[*leading], other[*leading]);
            if own != 0 {
                row.iter_mut().zip(other).for_each(|(one, two)| *one = *one * theirs - *two * own);
                let common = row.iter().fold(0, |common, one| gcd(common, one.abs()));
                row.iter_mut().for_each(|one| *one /= common.max(1));
            }
        }
        row
    }

    fn tell(&mut self, row: Vec<i128>) {
        let row = self.reduced(row);
        if let Some(leading) = row.iter().position(|one| *one != 0) {
            self.0.push((leading, row));
        }
    }

    fn knows(&self, row: Vec<i128>) -> bool {
        self.reduced(row).iter().all(|one| *one == 0)
    }
}

fn gcd(one: i128, two: i128) -> i128 {
    if two == 0 { one } else { gcd(two, one % two) }
}

/// What was published so far: which customers with which month are in each sum.
#[derive(Default)]
struct World {
    earlier: Vec<EarlierCell>,
    uses: BTreeMap<Pair, i64>,
}

fn pairs(cell: &EarlierCell) -> BTreeSet<Pair> {
    cell.members.iter().flat_map(|(month, ids)| ids.iter().map(|id| (*id, *month))).collect()
}

impl World {
    fn release(
        &mut self,
        by: &[Dimension],
        rules: &Rules,
        months: &[YearMonth],
        customers: &[Customer],
    ) -> Result<Aggregate, Overlapping> {
        let request = AggregateRequest { by, rules, months, customers, owners: &EACH, earlier: &self.earlier };
        let released = release(&request)?;
        for one in customers {
            for (month, value) in &one.months {
                self.uses.entry((one.id, *month)).or_insert(*value);
            }
        }
        let name = format!("R-{}", self.earlier.len());
        let cell = |cell: &Cell| EarlierCell {
            release: name.clone(),
            name: cell.key.ja(),
            total: cell.total,
            members: released.members(cell),
        };
        self.earlier.extend(released.published.iter().map(cell));
        Ok(released)
    }

    /// Every sum of customers that follows from all that was published, of at most so many groups: those who are always
    /// published together are a group, for nothing tells them apart.
    fn sums(&self) -> Vec<BTreeSet<Pair>> {
        let mut of: BTreeMap<Pair, Vec<usize>> = BTreeMap::new();
        for (number, cell) in self.earlier.iter().enumerate() {
            pairs(cell).into_iter().for_each(|pair| of.entry(pair).or_default().push(number));
        }
        let mut groups: BTreeMap<Vec<usize>, BTreeSet<Pair>> = BTreeMap::new();
        of.into_iter().for_each(|(pair, cells)| groups.entry(cells).or_default().extend([pair]));
        let (signs, groups): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
        let mut known = Known::default();
        for number in 0..self.earlier.len() {
            known.tell(signs.iter().map(|sign| i128::from(sign.contains(&number))).collect());
        }
        // Too many to try each: those of three groups at the most.
        let tried = 0..1_u32 << groups.len().min(24);
        let few = groups.len() > 11;
        let tried = tried.filter(|bits| !few || bits.count_ones() <= 3);
        let sum = |bits: u32| (0..groups.len()).map(move |place| i128::from(bits >> place & 1));
        let found = tried.filter(|bits| *bits > 0 && known.knows(sum(*bits).collect()));
        let all = found.map(|bits| {
            let taken = groups.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
            taken.flat_map(|(_, group)| group.iter().copied()).collect()
        });
        all.collect()
    }

    /// The sums that follow, and are of fewer customers or of a larger share than a rule allows.
    fn revealed(&self, least: usize, percent: i128) -> Vec<BTreeSet<Pair>> {
        let fails = |sum: &BTreeSet<Pair>| {
            let mut of: BTreeMap<u64, i128> = BTreeMap::new();
            sum.iter().for_each(|pair| *of.entry(pair.0).or_default() += i128::from(self.uses[pair]));
            let (total, largest) = (of.values().sum::<i128>(), of.values().max().copied().unwrap_or_default());
            of.len() < least || largest * 100 > total * percent
        };
        self.sums().into_iter().filter(fails).collect()
    }
}

fn customer(id: u64, area: usize, class: usize, months: &[(u8, i64)]) -> Customer {
    Customer {
        id,
        area: Area::ALL[area],
        class: Some(CustomerClass::ALL[class]),
        months: months.iter().map(|(number, value)| (month(*number), *value)).collect(),
    }
}

fn rules(text: &str) -> Rules {
    Rules::new(text.parse().unwrap())
}

fn tables() -> impl Strategy<Value = Vec<(usize, usize, i64, i64)>> {
    let value = prop_oneof![4 => 50_i64..150, 1 => 400_i64..900];
    prop::collection::vec((0_usize..3, 0_usize..3, value.clone(), value), 6..40)
}

const WAYS: [&[Dimension]; 7] = [
    &[Dimension::Area],
    &[Dimension::Class],
    &[Dimension::Month],
    &[Dimension::Area, Dimension::Class],
    &[Dimension::Area, Dimension::Month],
    &[Dimension::Class, Dimension::Month],
    &[Dimension::Area, Dimension::Class, Dimension::Month],
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sum_that_fails_the_rule_follows_from_a_table(
        table in tables(), way in 0_usize..7, least in 2_usize..6, percent in prop_oneof![Just(100_i128), Just(60), Just(40)],
    ) {
        let all: Vec<_> = table.iter().zip(0..).map(|((area, class, april, may), id)| customer(id, *area, *class, &[(4, *april), (5, *may)])).collect();
        let mut world = World::default();
        world.release(WAYS[way], &rules(&format!("{least}/{percent}")), &[month(4), month(5)], &all).unwrap();
        let revealed = world.revealed(least, percent);
        prop_assert!(revealed.is_empty(), "{revealed:?} of {:?}", world.earlier);
    }

    #[test]
    fn none_follows_from_one_release_after_another_either(
        table in tables(),
        steps in prop::collection::vec((0_usize..7, 0_usize..3, prop::collection::vec(0_usize..40, 0..3)), 2..5),
        percent in prop_oneof![Just(100_i128), Just(60)],
    ) {
        let all: Vec<_> = table.iter().zip(0..).map(|((area, class, april, may), id)| customer(id, *area, *class, &[(4, *april), (5, *may)])).collect();
        let mut world = World::default();
        for (way, months, gone) in steps {
            let months = &[vec![month(4)], vec![month(5)], vec![month(4), month(5)]][months];
            // Some are in one release and not in the other.
            let here: Vec<_> = all.iter().filter(|one| !gone.contains(&usize::try_from(one.id).unwrap())).cloned().collect();
            let _refused = world.release(WAYS[way], &rules(&format!("4/{percent}")), months, &here);
            let revealed = world.revealed(4, percent);
            prop_assert!(revealed.is_empty(), "{revealed:?} of {:?}", world.earlier);
        }
    }
}

fn of_two_months(ids: std::ops::Range<u64>) -> Vec<Customer> {
    ids.map(|id| customer(id, 0, 0, &[(4, 100), (5, 120)])).collect()
}

#[test]
fn whoever_is_missing_in_one_month_of_a_span_is_not_what_the_months_lack() {
    let (all, rules) = (of_two_months(0..21), rules("5"));
    let mut world = World::default();
    world.release(&[Dimension::Area], &rules, &[month(4), month(5)], &all).unwrap();
    world.release(&[Dimension::Area], &rules, &[month(4)], &all[1..]).unwrap();
    let last = world.release(&[Dimension::Area], &rules, &[month(5)], &all).unwrap();
    assert!(last.published.is_empty() && world.revealed(5, 100).is_empty(), "{last:?}");
    assert!(last.withheld.iter().any(|one| one.clause == Clause::AggregateDifference), "{last:?}");
}

#[test]
fn a_revised_reading_does_not_show_in_a_total_over_two_earlier_tables() {
    let mut all: Vec<_> = (0..40).map(|id| customer(id, 0, usize::from(id >= 20), &[(4, 100)])).collect();
    let (rules, span) = (rules("5"), [month(4)]);
    let mut world = World::default();
    for part in [&all[..20], &all[20..]] {
        world.release(&[Dimension::Class], &rules, &span, part).unwrap();
    }
    let same = World { earlier: world.earlier.clone(), uses: BTreeMap::new() }.release(
        &[Dimension::Area],
        &rules,
        &span,
        &all,
    );
    assert_eq!(same.unwrap().withheld, []);
    all[7].months[0].1 = 163;
    let total = world.release(&[Dimension::Area], &rules, &span, &all).unwrap();
    let withheld: BTreeSet<_> = total.withheld.iter().map(|one| one.clause).map(|clause| clause.to_string()).collect();
    assert!(total.published.is_empty() && withheld.contains("aggregate-difference"), "{total:?}");
}

#[test]
fn of_those_who_left_the_share_counts_and_the_class_and_nobody_guesses() {
    // Twenty leave, one of them larger than all others together.
    let large = |id: u64| customer(id, 0, 0, &[(4, if id == 0 { 9000 } else { 100 })]);
    let all: Vec<_> = (0..400).map(large).collect();
    let span = [month(4)];
    let mut world = World::default();
    world.release(&[Dimension::Area], &rules("15/30"), &span, &all).unwrap();
    let gone = world.release(&[Dimension::Area], &rules("15/30"), &span, &all[20..]).unwrap();
    assert!(gone.published.is_empty(), "{gone:?}");
    // Twenty are enough, where the rule asks for no share and has none for a class.
    let mut counted = World { earlier: world.earlier.clone(), uses: BTreeMap::new() };
    assert_eq!(counted.release(&[Dimension::Area], &rules("15"), &span, &all[20..]).unwrap().withheld, []);
    let of_class = rules("15").with(CustomerClass::ALL[0], "100".parse().unwrap());
    let gone = world.release(&[Dimension::Area], &of_class, &span, &all[20..]).unwrap();
    assert!(gone.published.is_empty(), "{gone:?}");
}

#[test]
fn the_rest_of_a_longer_span_is_known_from_its_readings() {
    let all = of_two_months(0..40);
    let (rules, mut world) = (rules("15/15"), World::default());
    world.release(&[Dimension::Area], &rules, &[month(4), month(5)], &all).unwrap();
    assert_eq!(world.release(&[Dimension::Area], &rules, &[month(4)], &all).unwrap().withheld, []);
    // Without the readings of the other month nobody can say what its shares are.
    let mut blind = World { earlier: world.earlier[..2].to_vec(), uses: BTreeMap::new() };
    let april: Vec<_> = all.iter().map(|one| Customer { months: one.months[..1].to_vec(), ..one.clone() }).collect();
    assert!(blind.release(&[Dimension::Area], &rules, &[month(4)], &april).unwrap().published.is_empty());
}
