//! 合計と収支: what adds up in a plan.

use super::complete::Path;
use crate::messages::planning::{
    Counterparty, DemandProcurementPlan, GenerationSalesPlan, Member, PlanSeries, Tag, Trade,
};
use crate::rules::{Finding, Rule, codes};
use std::collections::HashMap;
use std::hash::Hash;

/// Kilowatt-hours of the 48 slots, and which of them are known.
#[derive(Clone)]
pub(super) struct Sum {
    kwh: [u64; 48],
    known: u64,
}

impl Sum {
    pub(super) const NOTHING: Sum = Sum { kwh: [0; 48], known: u64::MAX };

    pub(super) fn add(mut self, series: Option<&PlanSeries>) -> Sum {
        if let Some(series) = series {
            self.kwh.iter_mut().zip(series.kwh()).for_each(|(sum, kwh)| *sum += u64::from(*kwh));
            self.known &= series.present();
        }
        self
    }
    pub(super) fn of<'a>(parts: impl Iterator<Item = Option<&'a PlanSeries>>) -> Sum {
        parts.fold(Sum::NOTHING, Sum::add)
    }
}

/// Where two sums differ, of the slots both know.
pub(super) struct Difference {
    slots: usize,
    pub(super) first: usize,
    pub(super) left: u64,
    pub(super) right: u64,
}

pub(super) fn difference(left: &Sum, right: &Sum) -> Option<Difference> {
    let known = left.known & right.known;
    let mut found: Option<Difference> = None;
    // Nearly always equal as a whole.
    if left.kwh == right.kwh {
        return None;
    }
    for (index, (left, right)) in left.kwh.iter().zip(right.kwh).enumerate() {
        if *left != right && known >> index & 1 == 1 {
            match &mut found {
                Some(found) => found.slots += 1,
                None => found = Some(Difference { slots: 1, first: index + 1, left: *left, right }),
            }
        }
    }
    found
}

/// Compares a total with the sum of its parts.
fn compare(rule: &'static Rule, path: &Path, tag: Tag, total: &Sum, parts: (&Sum, &str, &str), out: &mut Vec<Finding>) {
    let (sum, ja, en) = parts;
    let Some(Difference { slots, first, left, right }) = difference(total, sum) else { return };
    let (more_ja, more_en) = match slots {
        1 => (String::new(), String::new()),
        n => (format!("ほか{}コマ", n - 1), format!(" and {} more", n - 1)),
    };
    let off = i128::from(left) - i128::from(right);
    let mut finding = rule.finding(
        format!("{}のコマ{first:02}{more_ja}: 合計{left}に対して{ja}の和{right}（差{off:+}）", tag.ja()),
        format!("{}, slot {first:02}{more_en}: the total is {left}, {en} sum up to {right} ({off:+})", tag.en()),
    );
    finding.place.path = Some(path.place());
    finding.place.column = Some(tag.ja().into());
    finding.item = tag.item();
    out.push(finding);
}

/// 需要調達計画
pub(super) fn demand_procurement(plan: &DemandProcurementPlan, out: &mut Vec<Finding>) {
    let top = |group| Path::of(&[(group, 0)]);
    if let Some(trade) = &plan.procurement {
        counterparties(trade, Tag::Procurement, &top(14), out);
    }
    if let Some(trade) = &plan.sales {
        counterparties(trade, Tag::Sales, &top(18), out);
    }
    let (demand, procured, sold) = sides(plan.demand.as_ref(), plan.procurement.as_ref(), plan.sales.as_ref());
    balance(&Path::default(), &demand, &procured, &sold, out);

    let members = |of: fn(&Member) -> Option<&PlanSeries>| Sum::of(plan.members.iter().map(of));
    let (ja, en) = ("契約者別", "the members");
    if plan.demand.is_some() {
        let sum = members(|member| member.demand.as_ref());
        compare(&codes::PLAN_SUM_MEMBERS, &top(10), Tag::Demand, &demand, (&sum, ja, en), out);
    }
    if plan.supply.is_some() {
        let (total, sum) = (Sum::NOTHING.add(plan.supply.as_ref()), members(|member| member.supply.as_ref()));
        compare(&codes::PLAN_UNVERIFIED_SUM, &top(12), Tag::Supply, &total, (&sum, ja, en), out);
    }
    if plan.procurement.is_some() {
        let sum = members(|member| member.procurement.as_ref()?.procurement.as_ref());
        compare(&codes::PLAN_SUM_MEMBERS, &top(14), Tag::Procurement, &procured, (&sum, ja, en), out);
    }
    let sum = members(|member| member.sales.as_ref()?.sales.as_ref());
    compare(&codes::PLAN_SUM_MEMBERS, &top(18), Tag::Sales, &sold, (&sum, ja, en), out);

    for (index, member) in plan.members.iter().enumerate() {
        let place = |group| Path::of(&[(22, index + 1), (group, 0)]);
        if let Some(trade) = &member.procurement {
            counterparties(trade, Tag::Procurement, &place(27), out);
        }
        if let Some(trade) = &member.sales {
            counterparties(trade, Tag::Sales, &place(31), out);
        }
        let (demand, procured, sold) =
            sides(member.demand.as_ref(), member.procurement.as_ref(), member.sales.as_ref());
        balance(&Path::of(&[(22, index + 1)]), &demand, &procured, &sold, out);
    }
    twice(plan.members.iter().map(|member| member.code), 22, &Path::default(), out);
}

fn sides(demand: Option<&PlanSeries>, bought: Option<&Trade>, sold: Option<&Trade>) -> (Sum, Sum, Sum) {
    let bought = bought.and_then(|trade| trade.procurement.as_ref());
    let sold = sold.and_then(|trade| trade.sales.as_ref());
    (Sum::NOTHING.add(demand), Sum::NOTHING.add(bought), Sum::NOTHING.add(sold))
}

/// 需要計画＋販売計画＝調達計画: OCCTO takes a plan that does not balance, so this warns.
///
/// Source: facts/wire.md §1.4, §3.2 (D).
fn balance(path: &Path, demand: &Sum, procured: &Sum, sold: &Sum, out: &mut Vec<Finding>) {
    let mut uses = demand.clone();
    uses.kwh.iter_mut().zip(sold.kwh).for_each(|(sum, kwh)| *sum += kwh);
    uses.known &= sold.known;
    unbalanced(path, ("需要計画＋販売計画", "demand + sales", &uses), ("調達計画", "procurement", procured), out);
}

type Side<'a> = (&'a str, &'a str, &'a Sum);

fn unbalanced(path: &Path, left: Side<'_>, right: Side<'_>, out: &mut Vec<Finding>) {
    let ((left_ja, left_en, left), (right_ja, right_en, right)) = (left, right);
    let Some(Difference { slots, first, left, right }) = difference(left, right) else { return };
    let mut finding = codes::PLAN_BALANCE.finding(
        format!("{left_ja}と{right_ja}が{slots}コマで一致しません（コマ{first:02}: {left}と{right}）"),
        format!("{left_en} and {right_en} differ in {slots} slots (slot {first:02}: {left} and {right})"),
    );
    finding.place.path = Some(path.place());
    out.push(finding);
}

/// 合計 = Σ取引先別
fn counterparties(trade: &Trade, tag: Tag, path: &Path, out: &mut Vec<Finding>) {
    let sales = tag == Tag::Sales;
    let of = |one: &'_ Counterparty| if sales { one.sales.is_some() } else { one.procurement.is_some() };
    let total = if sales { trade.sales.as_ref() } else { trade.procurement.as_ref() };
    if total.is_some() && trade.counterparties.iter().all(of) {
        let total = Sum::NOTHING.add(total);
        let parts = trade.counterparties.iter();
        let sum = Sum::of(parts.map(|one| if sales { one.sales.as_ref() } else { one.procurement.as_ref() }));
        let named = (&sum, "取引先別", "the counterparties");
        compare(&codes::PLAN_SUM_COUNTERPARTIES, path, tag, &total, named, out);
    }
    let keys = trade.counterparties.iter().map(|one| one.code.map(|code| (code, one.application)));
    let group = path.last() + 2;
    twice(keys, group, path, out);
}

/// A code that stands in two repetitions of a group.
fn twice<K: Eq + Hash>(keys: impl Iterator<Item = Option<K>>, group: u16, path: &Path, out: &mut Vec<Finding>) {
    let mut seen: HashMap<K, usize> = HashMap::new();
    for (index, key) in keys.enumerate() {
        let Some(key) = key else { continue };
        let first = *seen.entry(key).or_insert(index);
        if first != index {
            let (first, this) = (first + 1, index + 1);
            let mut finding = codes::PLAN_DUPLICATE.finding(
                format!("{this}番目の明細のコードは{first}番目と同じです"),
                format!("repetition {this} has the code of repetition {first}"),
            );
            finding.place.path = Some(format!("{}/JPM{group:05}[{this}]", path.place()));
            out.push(finding);
        }
    }
}

/// 発電販売計画: 総計 = Σ発電BG = Σ系統コード, 発電計画＋調達計画＝販売計画.
pub(super) fn generation_sales(plan: &GenerationSalesPlan, out: &mut Vec<Finding>) {
    let total = Sum::NOTHING.add(plan.generation.as_ref());
    if plan.generation.is_some() {
        let sum = Sum::of(plan.groups.iter().map(|group| group.generation.as_ref()));
        let named = (&sum, "発電BG別", "the balancing groups");
        compare(&codes::PLAN_SUM_PARTS, &Path::of(&[(12, 0)]), Tag::Generation, &total, named, out);
    }
    for (index, group) in plan.groups.iter().enumerate() {
        let path = Path::of(&[(14, index + 1)]);
        if group.generation.is_some() {
            let whole = Sum::NOTHING.add(group.generation.as_ref());
            let sum = Sum::of(group.plants.iter().map(|plant| plant.generation.as_ref()));
            let named = (&sum, "系統コード別", "the plants");
            compare(&codes::PLAN_SUM_PARTS, &path, Tag::GroupGeneration, &whole, named, out);
        }
        twice(group.plants.iter().map(|plant| plant.code), 16, &path, out);
    }
    twice(plan.groups.iter().map(|group| group.code), 14, &Path::default(), out);
    if let Some(trade) = &plan.sales {
        counterparties(trade, Tag::Sales, &Path::of(&[(18, 0)]), out);
    }
    if let Some(trade) = &plan.procurement {
        counterparties(trade, Tag::Procurement, &Path::of(&[(22, 0)]), out);
    }
    let (mut sources, bought, sold) = sides(plan.generation.as_ref(), plan.procurement.as_ref(), plan.sales.as_ref());
    sources.kwh.iter_mut().zip(bought.kwh).for_each(|(sum, kwh)| *sum += kwh);
    sources.known &= bought.known;
    let sources = ("発電計画＋調達計画", "generation + procurement", &sources);
    unbalanced(&Path::default(), sources, ("販売計画", "sales", &sold), out);
}
