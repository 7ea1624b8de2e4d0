//! 需要抑制計画の規則: no point reduces more than its baseline, and everything adds up.

use super::sums::{Sum, difference};
use crate::items::Slot;
use crate::messages::planning::{PlanSeries, SuppressionGroup, SuppressionPlan};
use crate::rules::{Finding, Rule, codes};
use std::collections::HashMap;

/// Checks a 需要抑制計画. Points are named by their place in the group, never by their number.
///
/// Source: facts/baseline.md §2.3 (D): the sums; that a priority lies within 1 and 99 follows from the two seen (I).
pub fn check_suppression(plan: &SuppressionPlan, out: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for group in &plan.groups {
        check_group(group, out);
        for point in &group.points {
            let first = *seen.entry((point.point, point.contract.clone())).or_insert(group.code);
            if first != group.code {
                let (this, ja) = (group.code, "同じ供給地点が抑制BG");
                out.push(at(
                    &codes::SUPPRESSION_POINT_TWICE,
                    format!("{ja} {first} と {this} の両方にあります"),
                    format!("a point stands in suppression groups {first} and {this}"),
                    this.as_str(),
                ));
            }
        }
    }
    let Some(total) = &plan.total else { return };
    let sum = Sum::of(plan.groups.iter().map(|group| group.planned.as_ref()));
    off(&codes::SUPPRESSION_TOTAL_SUM, "", total, &sum, out);
}

fn check_group(group: &SuppressionGroup, out: &mut Vec<Finding>) {
    let code = group.code.as_str();
    let mut priority = |value: Option<u8>, ja: &str, en: &str| {
        if let Some(value) = value.filter(|value| !(1..=99).contains(value)) {
            let (ja, en) =
                (format!("{ja}「{value}」は1から99ではありません"), format!("{en} {value} is not within 1 to 99"));
            out.push(at(&codes::SUPPRESSION_PRIORITY, ja, en, code));
        }
    };
    priority(group.priority, "優先順位", "the priority");
    for point in &group.points {
        priority(point.priority, "プロラタ内優先順位", "the priority within the group");
    }
    for (index, point) in group.points.iter().enumerate() {
        let (Some(planned), Some(baseline)) = (&point.planned, &point.baseline) else {
            let (ja, en) = (
                format!("{}番目の地点にベースラインまたは抑制計画値がありません", index + 1),
                format!("point {} has no baseline or no plan", index + 1),
            );
            out.push(at(&codes::PLAN_MISSING, ja, en, code));
            continue;
        };
        let above = Slot::all().find_map(|slot| {
            let (planned, baseline) = (planned.get(slot)?, baseline.get(slot)?);
            (planned > baseline).then_some((slot.number(), planned, baseline))
        });
        if let Some((slot, planned, baseline)) = above {
            let n = index + 1;
            out.push(at(
                &codes::SUPPRESSION_ABOVE_BASELINE,
                format!("{n}番目の地点のコマ{slot:02}: 抑制計画値{planned}がベースライン{baseline}を超えています"),
                format!("point {n}, slot {slot:02}: {planned} is planned above the baseline of {baseline}"),
                code,
            ));
        }
    }
    if let Some(baseline) = &group.baseline
        && group.points.iter().all(|point| point.baseline.is_some())
    {
        let sum = Sum::of(group.points.iter().map(|point| point.baseline.as_ref()));
        off(&codes::SUPPRESSION_BASELINE_SUM, code, baseline, &sum, out);
    }
    if let Some(planned) = &group.planned
        && group.points.iter().all(|point| point.planned.is_some())
    {
        let sum = Sum::of(group.points.iter().map(|point| point.planned.as_ref()));
        off(&codes::SUPPRESSION_GROUP_SUM, code, planned, &sum, out);
    }
}

fn off(rule: &'static Rule, group: &str, total: &PlanSeries, sum: &Sum, out: &mut Vec<Finding>) {
    let total = Sum::NOTHING.add(Some(total));
    if let Some(found) = difference(&total, sum) {
        let (slot, left, right) = (found.first, found.left, found.right);
        let ja = format!("コマ{slot:02}: 合計{left}に対して内訳の和{right}");
        out.push(at(rule, ja, format!("slot {slot:02}: the total is {left}, its parts sum up to {right}"), group));
    }
}

fn at(rule: &'static Rule, ja: String, en: String, group: &str) -> Finding {
    let mut finding = rule.finding(ja, en);
    finding.place.column = (!group.is_empty()).then(|| format!("抑制BG {group}").into());
    finding
}
