//! 需要調達計画 from its CSV: members and counterparties as they stand there, totals made of them.

use super::{Row, rows};
use crate::items::{BusinessCode, Slot};
use crate::messages::planning::{
    Counterparty, DemandProcurementPlan, Member, PlanCode, PlanDigit, PlanEnergy, PlanName, PlanSeries, Trade,
};
use crate::rules::{Finding, codes};

const COLUMNS: [&str; 6] = ["区分", "契約者コード", "契約者名称", "取引先コード", "取引先名称", "申込番号"];

/// Reads a 需要調達計画 and makes its totals. JP06371, JP06372 and JP06374 are `0` as in the sample; JP06389 is 調達−販売, the
/// candidate of the facts (in the sample, which has no sales, that is the demand).
pub fn demand_procurement(octets: &[u8]) -> Result<(DemandProcurementPlan, Vec<Finding>), Vec<Finding>> {
    let (rows, mut findings) = rows(octets, &COLUMNS)?;
    let mut plan = DemandProcurementPlan::default();
    for row in &rows {
        take(&mut plan, row, &mut findings);
    }
    for member in &mut plan.members {
        for trade in [&mut member.procurement, &mut member.sales].into_iter().flatten() {
            total(trade, &mut findings);
        }
        member.supply = supply(member.procurement.as_ref(), member.sales.as_ref(), &mut findings);
    }
    plan.demand = sum(plan.members.iter().filter_map(|member| member.demand.as_ref()), &mut findings);
    plan.procurement = whole(plan.members.iter().filter_map(|member| member.procurement.as_ref()), &mut findings);
    plan.sales = whole(plan.members.iter().filter_map(|member| member.sales.as_ref()), &mut findings);
    plan.supply = supply(plan.procurement.as_ref(), plan.sales.as_ref(), &mut findings);
    for member in &mut plan.members {
        // The application number stands in the group's own rows only.
        let trades = [&mut member.procurement, &mut member.sales].into_iter().flatten();
        trades.flat_map(|trade| &mut trade.counterparties).for_each(|one| one.application = None);
    }
    Ok((plan, findings))
}

fn take(plan: &mut DemandProcurementPlan, row: &Row, findings: &mut Vec<Finding>) {
    let before = findings.len();
    let code: Option<BusinessCode> = row.value(1, "契約者コード", findings);
    let name: Option<PlanName> = row.value(2, "契約者名称", findings);
    let Some(code) = code else {
        if findings.len() == before {
            findings.push(wrong(row, "契約者コードがありません", "there is no member code", "契約者コード"));
        }
        return;
    };
    let index = plan.members.iter().position(|member| member.code == Some(code)).unwrap_or_else(|| {
        plan.members.push(Member { code: Some(code), name: name.clone(), ..Member::default() });
        plan.members.len() - 1
    });
    let Some(member) = plan.members.get_mut(index) else { return };
    if !row.series.is_complete() && findings.iter().all(|finding| finding.place.line != Some(row.line)) {
        let gaps: Vec<String> = row.series.gaps().map(|slot| format!("{:02}", slot.number())).collect();
        let list = gaps.join(",");
        let (ja, en) = (format!("計画値のないコマがあります: {list}"), format!("slots without a value: {list}"));
        findings.push(codes::PLAN_SLOTS.finding(ja, en).at_line(row.line));
    }
    match row.cell(0) {
        "需要" if member.demand.is_none() => member.demand = Some(row.series.clone()),
        "需要" => {
            let ja = "同じ契約者の需要の行が2つあります";
            findings.push(wrong(row, ja, "the demand of a member stands twice", "区分"));
        }
        kind @ ("調達" | "販売") => {
            let is_sale = kind == "販売";
            let Some(one) = counterparty(row, is_sale, findings) else { return };
            let trade = if is_sale { &mut member.sales } else { &mut member.procurement };
            let trade = trade.get_or_insert_default();
            if trade.counterparties.iter().any(|other| other.code == one.code) {
                let ja = "同じ契約者・取引先の行が2つあります";
                findings.push(wrong(row, ja, "a counterparty of a member stands twice", "取引先コード"));
                return;
            }
            trade.counterparties.push(one);
        }
        other => {
            let (ja, en) = (format!("区分「{other}」は不明です"), format!("the kind `{other}` is not known"));
            let mut finding = codes::PLAN_CSV_ROW.finding(ja, en).at_line(row.line);
            finding.place.column = Some("区分".into());
            findings.push(finding);
        }
    }
}

fn wrong(row: &Row, ja: &str, en: &str, column: &'static str) -> Finding {
    let rule = if column == "契約者コード" { &codes::PLAN_MISSING } else { &codes::PLAN_DUPLICATE };
    let mut finding = rule.finding(ja, en).at_line(row.line);
    finding.place.column = Some(column.into());
    finding
}

fn counterparty(row: &Row, is_sale: bool, findings: &mut Vec<Finding>) -> Option<Counterparty> {
    let before = findings.len();
    let code: Option<PlanCode<5>> = row.value(3, "取引先コード", findings);
    if code.is_none() && findings.len() == before {
        let mut finding = codes::PLAN_MISSING.finding("取引先コードがありません", "there is no counterparty code");
        finding.place.column = Some("取引先コード".into());
        findings.push(finding.at_line(row.line));
    }
    let zeros = PlanSeries::of_kwh([0; 48]);
    let digit = PlanDigit::new(0);
    Some(Counterparty {
        code: Some(code?),
        name: row.value(4, "取引先名称", findings),
        application: row.value(5, "申込番号", findings),
        cost_flag: digit,
        area_flag: digit,
        procurement: (!is_sale).then(|| row.series.clone()),
        companion: (!is_sale).then_some(zeros),
        sales: is_sale.then(|| row.series.clone()),
        unknown: Vec::new(),
    })
}

/// The sum of complete series; a slot that is beyond a plan value is told.
fn sum<'a>(parts: impl Iterator<Item = &'a PlanSeries>, findings: &mut Vec<Finding>) -> Option<PlanSeries> {
    let mut total: Option<([u64; 48], u64)> = None;
    for part in parts {
        let (kwh, present) = total.get_or_insert(([0; 48], u64::MAX));
        kwh.iter_mut().zip(part.kwh()).for_each(|(sum, kwh)| *sum += u64::from(*kwh));
        *present &= part.present();
    }
    let (kwh, present) = total?;
    let mut series = PlanSeries::MISSING;
    for ((slot, kwh), index) in Slot::all().zip(kwh).zip(0u32..) {
        if present >> index & 1 == 0 {
            continue;
        }
        match u32::try_from(kwh) {
            Ok(kwh) => _ = series.set(slot, PlanEnergy::from_kwh(kwh)),
            Err(_) => {
                let n = slot.number();
                let (ja, en) = (
                    format!("コマ{n:02}の合計{kwh}が大きすぎます"),
                    format!("the total {kwh} of slot {n:02} is too great"),
                );
                findings.push(codes::PLAN_VALUE.finding(ja, en));
            }
        }
    }
    Some(series)
}

fn total(trade: &mut Trade, findings: &mut Vec<Finding>) {
    let parts = &trade.counterparties;
    trade.procurement = sum(parts.iter().filter_map(|one| one.procurement.as_ref()), findings);
    trade.companion = trade.procurement.as_ref().map(|_| PlanSeries::of_kwh([0; 48]));
    trade.sales = sum(parts.iter().filter_map(|one| one.sales.as_ref()), findings);
}

/// The group's own rows: what its members buy from or sell to each counterparty under each application.
fn whole<'a>(trades: impl Iterator<Item = &'a Trade>, findings: &mut Vec<Finding>) -> Option<Trade> {
    let mut whole: Option<Trade> = None;
    for one in trades.flat_map(|trade| &trade.counterparties) {
        let trade = whole.get_or_insert_default();
        let same = |other: &&mut Counterparty| other.code == one.code && other.application == one.application;
        match trade.counterparties.iter_mut().find(same) {
            Some(other) => {
                let add = |mine: &Option<PlanSeries>, more: &Option<PlanSeries>, findings: &mut Vec<Finding>| {
                    sum([mine.as_ref(), more.as_ref()].into_iter().flatten(), findings)
                };
                other.procurement = add(&other.procurement, &one.procurement, findings);
                other.sales = add(&other.sales, &one.sales, findings);
            }
            None => trade.counterparties.push(one.clone()),
        }
    }
    let mut whole = whole?;
    total(&mut whole, findings);
    Some(whole)
}

fn supply(bought: Option<&Trade>, sold: Option<&Trade>, findings: &mut Vec<Finding>) -> Option<PlanSeries> {
    let bought = bought?.procurement.as_ref()?;
    let Some(sold) = sold.and_then(|trade| trade.sales.as_ref()) else { return Some(bought.clone()) };
    let mut series = PlanSeries::MISSING;
    for slot in Slot::all() {
        let (Some(bought), Some(sold)) = (bought.get(slot), sold.get(slot)) else { continue };
        match bought.kwh().checked_sub(sold.kwh()) {
            Some(kwh) => _ = series.set(slot, PlanEnergy::from_kwh(kwh)),
            None => {
                let n = slot.number();
                let (ja, en) = (
                    format!("コマ{n:02}の販売{sold}が調達{bought}を超えています"),
                    format!("slot {n:02}: {sold} is sold of {bought} that is bought"),
                );
                findings.push(codes::PLAN_VALUE.finding(ja, en));
            }
        }
    }
    Some(series)
}
