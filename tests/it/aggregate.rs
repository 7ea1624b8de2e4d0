//! What of a table is released, held against a naive search: whoever has all that was published and can still change the
//! use of customers without changing any of it, does not know what changed.

use occto::items::{Area, Code as _, YearMonth};
use occto::notice::Clause;
use occto::notice::aggregate::{
    Aggregate, AggregateRequest, Cell, CellKey, Customer, CustomerClass, Dimension, EarlierCell, Owners, Rules, release,
};
use std::collections::{BTreeMap, BTreeSet};

/// Each supply point is a customer.
static EACH: Owners = Owners::each_point();

const MONTHS: [&str; 3] = ["2026-04", "2026-05", "2026-06"];

fn month(index: usize) -> YearMonth {
    YearMonth::parse(MONTHS[index]).unwrap()
}

fn rules(text: &str) -> Rules {
    Rules::new(text.parse().unwrap())
}

/// A small generator: the same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn customers(dice: &mut Dice, count: u64, areas: u64, classes: u64, months: usize) -> Vec<Customer> {
    let one = |id| Customer {
        id,
        area: Area::ALL[dice.roll(areas) as usize],
        class: Some(CustomerClass::ALL[dice.roll(classes) as usize]),
        months: (0..months).map(|index| (month(index), 100 + dice.roll(300) as i64)).collect(),
    };
    (0..count).map(one).collect()
}

fn matches(key: &CellKey, customer: &Customer, month: YearMonth) -> bool {
    key.area.is_none_or(|area| area == customer.area)
        && key.class.is_none_or(|class| Some(class) == customer.class)
        && key.month.is_none_or(|of| of == month)
}

/// What a published cell says, written out anew: the customers with a month that are in it.
fn members(key: &CellKey, customers: &[Customer]) -> Vec<(u64, YearMonth)> {
    let all = customers.iter().flat_map(|one| one.months.iter().map(move |(month, _)| (one, *month)));
    all.filter(|(one, month)| matches(key, one, *month)).map(|(one, month)| (one.id, month)).collect()
}

/// Who stands in which published sums, one bit each.
struct Shown {
    sums: usize,
    of: BTreeMap<(u64, YearMonth), u64>,
}

impl Shown {
    fn of(published: &[Vec<(u64, YearMonth)>]) -> Shown {
        assert!(published.len() <= 64);
        let mut of = BTreeMap::new();
        for (number, sum) in published.iter().enumerate() {
            sum.iter().for_each(|pair| *of.entry(*pair).or_default() |= 1 << number);
        }
        Shown { sums: published.len(), of }
    }

    /// Whether somebody who knows the sums knows the sum over `target`: searched by changes of −1, 0, 1. Unknowns that
    /// stand in the same sums are one.
    fn is_known(&self, target: &[(u64, YearMonth)]) -> bool {
        if target.iter().any(|pair| !self.of.contains_key(pair)) {
            return false;
        }
        let target: BTreeSet<_> = target.iter().collect();
        let signatures: BTreeSet<(u64, bool)> =
            self.of.iter().map(|(pair, sums)| (*sums, target.contains(pair))).collect();
        let signatures: Vec<Vec<bool>> = signatures
            .into_iter()
            .map(|(sums, in_target)| (0..self.sums).map(|sum| sums >> sum & 1 == 1).chain([in_target]).collect())
            .collect();
        // How many unknowns from each place on stand in each sum: where more is missing, nothing can follow.
        let count = |from: usize, sum: usize| signatures[from..].iter().filter(|in_| in_[sum]).count() as i64;
        let left: Vec<Vec<i64>> =
            (0..=signatures.len()).map(|from| (0..=self.sums).map(|sum| count(from, sum)).collect()).collect();
        !changes(&signatures, &left, 0, &mut vec![0; self.sums + 1])
    }
}

/// Whether the unknowns from a place on can be changed so that every published sum stays and the last one does not.
fn changes(signatures: &[Vec<bool>], left: &[Vec<i64>], place: usize, sums: &mut [i64]) -> bool {
    let (target, published) = sums.split_last().unwrap();
    if published.iter().zip(&left[place]).any(|(sum, left)| sum.abs() > *left) {
        return false;
    }
    let Some(in_) = signatures.get(place) else { return *target != 0 };
    for by in [1, -1, 0] {
        let shift = |sums: &mut [i64], by: i64| {
            sums.iter_mut().zip(in_).filter(|(_, in_)| **in_).for_each(|(sum, _)| *sum += by)
        };
        shift(sums, by);
        if changes(signatures, left, place + 1, sums) {
            return true;
        }
        shift(sums, -by);
    }
    false
}

fn ask<'a>(
    by: &'a [Dimension],
    rules: &'a Rules,
    months: &'a [YearMonth],
    customers: &'a [Customer],
    earlier: &'a [EarlierCell],
) -> AggregateRequest<'a> {
    AggregateRequest { by, rules, months, customers, owners: &EACH, earlier }
}

fn remembered(name: &str, released: &Aggregate) -> Vec<EarlierCell> {
    let cell = |cell: &Cell| EarlierCell {
        release: name.into(),
        name: cell.key.ja(),
        total: cell.total,
        members: released.members(cell),
    };
    released.published.iter().map(cell).collect()
}

#[test]
fn no_withheld_cell_of_a_table_can_be_computed() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut withheld, mut published, mut complementary) = (0, 0, 0);
    use Dimension::{Area as A, Class as C, Month as M};
    for round in 0..400 {
        let (by, areas, classes, months): (&[Dimension], _, _, _) = match round % 4 {
            0 => (&[A], 5, 1, 1),
            1 => (&[A, C], 3, 3, 1),
            2 => (&[C, M], 1, 3, 3),
            _ => (&[A, C, M], 2, 2, 2),
        };
        let count = 6 + dice.roll(24);
        let all = customers(&mut dice, count, areas, classes, months);
        let span: Vec<_> = (0..months).map(month).collect();
        let rules = rules(["3/60", "4/50", "5/100", "2/70"][dice.roll(4) as usize]);
        let released = release(&ask(by, &rules, &span, &all, &[])).unwrap();
        let shown = Shown::of(&released.published.iter().map(|cell| members(&cell.key, &all)).collect::<Vec<_>>());
        for cell in &released.published {
            let sum: i128 = all
                .iter()
                .flat_map(|one| one.months.iter().map(move |(month, value)| (one, month, value)))
                .filter(|(one, month, _)| matches(&cell.key, one, **month))
                .map(|(_, _, value)| i128::from(*value))
                .sum();
            assert_eq!(cell.total, sum);
        }
        for one in &released.withheld {
            assert!(!shown.is_known(&members(&one.key, &all)), "round {round}: {one:?} of {released:?}");
            complementary += usize::from(one.clause == Clause::AggregateDerivable);
        }
        // Nobody's own use either, nor anybody's of a month.
        for one in all.iter().take(8) {
            let own: Vec<_> = one.months.iter().map(|(month, _)| (one.id, *month)).collect();
            assert!(!shown.is_known(&own[..1]) && !shown.is_known(&own), "round {round}");
        }
        withheld += released.withheld.len();
        published += released.published.len();
    }
    assert!(withheld > 500 && published > 500 && complementary > 100, "{withheld} {published} {complementary}");
}

#[test]
fn nothing_can_be_computed_from_two_releases_either() {
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let (mut refused, mut differing, mut shown_twice) = (0, 0, 0);
    let span = [month(0)];
    for round in 0..400 {
        let count = 10 + dice.roll(10);
        let before = customers(&mut dice, count, 2, 2, 1);
        // Some come, some go, and the table is divided otherwise.
        let mut after: Vec<_> = before.iter().filter(|_| dice.roll(16) > 0).cloned().collect();
        let more = dice.roll(3);
        after.extend(customers(&mut dice, more, 2, 2, 1).into_iter().map(|one| Customer { id: one.id + 1000, ..one }));
        let rules = rules("3/70");
        let divided = |dice: &mut Dice| -> &[Dimension] {
            [&[Dimension::Area][..], &[Dimension::Class], &[Dimension::Area, Dimension::Class]][dice.roll(3) as usize]
        };
        let first = release(&ask(divided(&mut dice), &rules, &span, &before, &[])).unwrap();
        let earlier = remembered("R-1", &first);
        let second = match release(&ask(divided(&mut dice), &rules, &span, &after, &earlier)) {
            Ok(second) => second,
            Err(overlapping) => {
                assert_eq!(overlapping.release, "R-1");
                refused += 1;
                continue;
            }
        };
        let mut shown: Vec<_> = first.published.iter().map(|cell| members(&cell.key, &before)).collect();
        let shown_first = Shown::of(&shown);
        shown.extend(second.published.iter().map(|cell| members(&cell.key, &after)));
        let shown = Shown::of(&shown);
        for id in before.iter().chain(&after).map(|one| one.id) {
            assert!(!shown.is_known(&[(id, month(0))]), "round {round}: customer {id}");
        }
        for one in &second.withheld {
            let target = members(&one.key, &after);
            assert!(shown_first.is_known(&target) || !shown.is_known(&target), "round {round}: {one:?}");
            differing += usize::from(one.clause == Clause::AggregateDifference);
        }
        shown_twice += usize::from(!second.published.is_empty() && !first.published.is_empty());
    }
    assert!(refused > 20 && differing > 20 && shown_twice > 20, "{refused} {differing} {shown_twice}");
}

#[test]
fn one_small_cell_takes_a_second_one_with_it_and_what_both_hold_is_enough() {
    let of = |area: usize, count: u64| (0..count).map(move |n| (area, n));
    let all: Vec<_> = of(0, 3)
        .chain(of(1, 16))
        .chain(of(2, 40))
        .chain(of(3, 60))
        .map(|(area, n)| Customer {
            id: area as u64 * 1000 + n,
            area: Area::ALL[area],
            class: None,
            months: vec![(month(0), 100)],
        })
        .collect();
    let released = release(&ask(&[Dimension::Area], &rules("15/15"), &[month(0)], &all, &[])).unwrap();
    let withheld: Vec<_> = released.withheld.iter().map(|one| (one.key.area, one.clause)).collect();
    assert_eq!(
        withheld,
        [(Some(Area::ALL[0]), Clause::AggregateTooFew), (Some(Area::ALL[1]), Clause::AggregateDerivable)]
    );
    let totals: Vec<_> = released.published.iter().map(|cell| (cell.key.ja(), cell.customers, cell.total)).collect();
    let ja = |area: usize| Area::ALL[area].ja().to_owned();
    assert_eq!(totals, [(ja(2), 40, 4000), (ja(3), 60, 6000), ("合計".into(), 119, 11_900)]);
}

#[test]
fn a_revised_total_and_one_customer_more_are_not_published_and_a_new_month_is() {
    let all: Vec<_> = (0..40)
        .map(|id| Customer {
            id,
            area: Area::ALL[(id % 2) as usize],
            class: None,
            months: vec![(month(0), 100), (month(1), 120)],
        })
        .collect();
    let (by, rules) = ([Dimension::Area], rules("15/15"));
    let first = release(&ask(&by, &rules, &[month(0)], &all, &[])).unwrap();
    assert_eq!((first.published.len(), first.withheld.len()), (3, 0));
    let earlier = remembered("R-1", &first);
    let again = |all: &[Customer], months: &[YearMonth]| {
        let next = release(&ask(&by, &rules, months, all, &earlier)).unwrap();
        (next.published.len(), next.withheld.iter().map(|one| one.clause).collect::<Vec<_>>())
    };
    assert_eq!(again(&all, &[month(0)]), (3, vec![]), "the same again is nothing new");
    assert_eq!(again(&all, &[month(1)]), (3, vec![]));
    // With the month that was released before, the rest is that of forty customers in another month.
    assert_eq!(again(&all, &[month(0), month(1)]), (3, vec![]));
    let mut revised = all.clone();
    revised[0].months[0].1 = 90;
    assert_eq!(again(&revised, &[month(0)]), (1, vec![Clause::AggregateDifference; 2]));
    let mut more = all.clone();
    more.push(Customer { id: 99, ..all[0].clone() });
    assert_eq!(again(&more, &[month(0)]), (1, vec![Clause::AggregateDifference; 2]));
    let mut exchanged = more.clone();
    exchanged.remove(0);
    let overlapping = release(&ask(&by, &rules, &[month(0)], &exchanged, &earlier)).unwrap_err();
    assert_eq!((overlapping.release.as_str(), overlapping.key.area), ("R-1", Some(Area::ALL[0])));
}

#[test]
fn a_customer_with_several_supply_points_counts_once_and_with_all_of_them() {
    let points = |count: u64, value: i64| -> Vec<Customer> {
        let of = |id| Customer { id, area: Area::ALL[0], class: None, months: vec![(month(0), value)] };
        (0..count).map(of).collect()
    };
    let (rule, span) = (rules("15/15"), [month(0)]);
    let by = &[Dimension::Area][..];
    let released = |all: &[Customer], owners: &Owners| {
        release(&AggregateRequest { owners, ..ask(by, &rule, &span, all, &[]) }).unwrap()
    };
    let of = |pairs: &[(u64, u64)], count: u64| {
        let own = |id| pairs.iter().find(|(point, _)| *point == id).map_or(1000 + id, |(_, owner)| *owner);
        Owners::of_points((0..count).map(|id| (id, own(id))).collect())
    };
    // Fifteen points of fourteen customers are too few; of sixteen points of fifteen customers one may not have too much.
    assert_eq!(released(&points(15, 100), &EACH).published.len(), 2);
    let too_few = released(&points(15, 100), &of(&[(0, 7), (1, 7)], 15));
    assert_eq!((too_few.published.len(), too_few.withheld[0].clause), (0, Clause::AggregateTooFew));
    let enough = released(&points(16, 100), &of(&[(0, 7), (1, 7)], 16));
    assert!(enough.published.iter().all(|cell| cell.customers == 15), "{:?}", enough.published);
    let large = released(&points(20, 100), &of(&[(0, 7), (1, 7), (2, 7), (3, 7)], 20));
    assert_eq!(large.withheld[0].clause, Clause::AggregateDominated);
    assert_eq!(released(&points(20, 100), &EACH).published.len(), 2);
    // Points of whom nothing is told count as one customer, where customers are told at all.
    let told = Owners::of_points((0..15).map(|id| (id, 1000 + id)).collect());
    assert_eq!(released(&points(17, 100), &told).published[0].customers, 16);
}

/// Whatever is published passes the rule by customers counted one by one, and so does what is left of every total.
#[test]
fn whatever_is_published_passes_by_customers_counted_naively() {
    let mut dice = Dice(11);
    let span = [month(0), month(1)];
    let (mut shown, mut fewer) = (0, 0);
    for round in 0..300 {
        let count = 8 + dice.roll(12);
        let all = customers(&mut dice, count, 3, 1, 2);
        let owner: BTreeMap<u64, u64> = all.iter().map(|one| (one.id, 5000 + dice.roll(count))).collect();
        let owners = Owners::of_points(owner.clone());
        let by = [Dimension::Area, Dimension::Month];
        let rule = rules("3/70");
        let released = release(&AggregateRequest { owners: &owners, ..ask(&by, &rule, &span, &all, &[]) }).unwrap();
        let passes = |members: &BTreeSet<(u64, YearMonth)>| {
            let mut uses: BTreeMap<u64, i64> = BTreeMap::new();
            for one in &all {
                for (month, value) in one.months.iter().filter(|(month, _)| members.contains(&(one.id, *month))) {
                    assert!(span.contains(month));
                    *uses.entry(owner[&one.id]).or_default() += value;
                }
            }
            let (total, largest) = (uses.values().sum::<i64>(), uses.values().copied().max().unwrap_or(0));
            uses.len() >= 3 && total > 0 && largest * 100 <= total * 70
        };
        let of = |cell: &Cell| -> BTreeSet<(u64, YearMonth)> {
            let months = released.members(cell).into_iter();
            months.flat_map(|(month, ids)| ids.into_iter().map(move |id| (id, month))).collect()
        };
        for cell in &released.published {
            let own = of(cell);
            assert!(passes(&own), "round {round}: {:?}", cell.key);
            for other in &released.published {
                let part = of(other);
                if part.len() < own.len() && part.is_subset(&own) {
                    let rest: BTreeSet<_> = own.difference(&part).copied().collect();
                    assert!(passes(&rest), "round {round}: {:?} without {:?}", cell.key, other.key);
                }
            }
            shown += 1;
            let points: BTreeSet<u64> = own.iter().map(|(id, _)| *id).collect();
            fewer += usize::from(cell.customers < points.len() as u64);
        }
    }
    assert!(shown > 300 && fewer > 100, "{shown} {fewer}");
}
