//! 需要抑制計画 from its CSV.

use super::{Row, rows};
use crate::messages::planning::{PlanCode, PlanSeries, PointReduction, SuppressionGroup, SuppressionPlan};
use crate::rules::{Finding, codes};

const COLUMNS: [&str; 9] = [
    "区分",
    "抑制BGコード",
    "契約識別番号1",
    "需要BGコード",
    "小売事業者コード",
    "優先順位",
    "供給地点特定番号",
    "契約識別番号2",
    "プロラタ内優先順位",
];

/// Reads a 需要抑制計画.
pub fn suppression(octets: &[u8]) -> Result<(SuppressionPlan, Vec<Finding>), Vec<Finding>> {
    let (rows, mut findings) = rows(octets, &COLUMNS)?;
    let mut plan = SuppressionPlan::default();
    for row in &rows {
        take(&mut plan, row, &mut findings);
    }
    Ok((plan, findings))
}

fn take(plan: &mut SuppressionPlan, row: &Row, findings: &mut Vec<Finding>) {
    let baseline = match row.cell(0) {
        "ベースライン" => true,
        "抑制計画" => false,
        other => {
            let (ja, en) = (format!("区分「{other}」は不明です"), format!("the kind `{other}` is not known"));
            let finding = codes::PLAN_CSV_ROW.finding(ja, en).at_line(row.line);
            findings.push(
                finding.way_out("区分は ベースライン・抑制計画 のいずれかです", "the kind is ベースライン or 抑制計画"),
            );
            return;
        }
    };
    let before = findings.len();
    let Some(code) = row.value::<PlanCode<5>>(1, "抑制BGコード", findings) else {
        if findings.len() == before && !baseline && row.cell(6).is_empty() {
            fill(&mut plan.total, row, findings);
        } else if findings.len() == before {
            let mut finding =
                codes::PLAN_MISSING.finding("抑制BGコードがありません", "there is no suppression group code");
            finding.place.column = Some("抑制BGコード".into());
            findings.push(finding.at_line(row.line));
        }
        return;
    };
    let index = plan.groups.iter().position(|group| group.code == code).unwrap_or_else(|| {
        plan.groups.push(SuppressionGroup {
            code,
            contract: row.value(2, "契約識別番号1", findings),
            demand_group: row.value(3, "需要BGコード", findings),
            retailer: row.value(4, "小売事業者コード", findings),
            priority: row.number(5, "優先順位", findings),
            baseline: None,
            planned: None,
            points: Vec::new(),
        });
        plan.groups.len() - 1
    });
    let Some(group) = plan.groups.get_mut(index) else { return };
    if row.cell(6).is_empty() {
        fill(if baseline { &mut group.baseline } else { &mut group.planned }, row, findings);
        return;
    }
    let Some(point) = row.value(6, "供給地点特定番号", findings) else { return };
    let contract = row.value(7, "契約識別番号2", findings);
    let index =
        group.points.iter().position(|known| known.point == point && known.contract == contract).unwrap_or_else(|| {
            let priority = row.number(8, "プロラタ内優先順位", findings);
            group.points.push(PointReduction { point, contract, priority, baseline: None, planned: None });
            group.points.len() - 1
        });
    let Some(known) = group.points.get_mut(index) else { return };
    fill(if baseline { &mut known.baseline } else { &mut known.planned }, row, findings);
}

/// Takes a series once, with all its slots.
fn fill(place: &mut Option<PlanSeries>, row: &Row, findings: &mut Vec<Finding>) {
    if place.is_some() {
        let (ja, en) = ("同じ行が2つあります", "a row stands twice");
        findings.push(codes::PLAN_DUPLICATE.finding(ja, en).at_line(row.line));
        return;
    }
    if !row.series.is_complete() && findings.iter().all(|finding| finding.place.line != Some(row.line)) {
        let gaps: Vec<String> = row.series.gaps().map(|slot| format!("{:02}", slot.number())).collect();
        let list = gaps.join(",");
        let (ja, en) = (format!("計画値のないコマがあります: {list}"), format!("slots without a value: {list}"));
        findings.push(codes::PLAN_SLOTS.finding(ja, en).at_line(row.line));
    }
    *place = Some(row.series.clone());
}
