//! Plans in CSV: as people keep them.

use crate::plan_samples::settings;
use occto::messages::planning::PlanSeries;
use occto::rules::plans::check_suppression;
use occto::rules::{Finding, plans::check_plan};
use occto::wire::plan_csv::{demand_procurement, suppression};

fn example(name: &str) -> String {
    let octets = std::fs::read(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    occto::wire::charset::read(&octets).unwrap().1.into_owned()
}

fn codes(findings: &[Finding]) -> Vec<(&'static str, u64)> {
    findings.iter().map(|finding| (finding.code, finding.place.line.unwrap_or(0))).collect()
}

#[test]
fn totals_are_made_of_the_rows() {
    let (plan, findings) = demand_procurement(example("plan.csv").as_bytes()).unwrap();
    assert_eq!(findings, []);
    assert_eq!((plan.members.len(), plan.procurement.as_ref().unwrap().counterparties.len()), (2, 2));
    let total = |series: &Option<PlanSeries>| series.as_ref().unwrap().total();
    let members: u64 = plan.members.iter().map(|member| total(&member.demand)).sum();
    assert_eq!(total(&plan.demand), members);
    let sales = plan.sales.as_ref().unwrap();
    assert_eq!(total(&sales.sales), 48 * 5);
    assert_eq!(total(&plan.supply), total(&plan.procurement.as_ref().unwrap().procurement) - 48 * 5);
    assert!(plan.members[0].procurement.as_ref().unwrap().counterparties[0].application.is_none());
    let mut whole = crate::plan_samples::plan_of(0, 0);
    whole.body = occto::messages::planning::PlanBody::DemandProcurement(Box::new(plan));
    let mut found = Vec::new();
    check_plan(&whole, &settings(), &mut found);
    assert_eq!(found, []);
}

#[test]
fn a_wrong_row_is_told_with_its_line() {
    let text = example("plan.csv");
    let lines: Vec<&str> = text.lines().collect();
    let with = |line: usize, change: &dyn Fn(&str) -> String| {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[line - 1] = change(&changed[line - 1]);
        changed.join("\r\n")
    };
    let cases: &[(String, &[(&str, u64)])] = &[
        (with(3, &|row| row.replacen(",60,", ",60.5,", 1)), &[("OC1205", 3)]),
        (with(3, &|row| row.replacen(",60,", ",-60,", 1)), &[("OC1205", 3)]),
        (with(3, &|row| row.rsplit_once(',').unwrap().0.to_owned()), &[("OC1210", 3)]),
        (with(3, &|row| row.to_owned() + ",7"), &[("OC1241", 3)]),
        (with(3, &|row| row.replace("調達", "購入")), &[("OC1241", 3)]),
        (with(3, &|row| row.replace("JSPT3", "JSPT")), &[("OC1205", 3)]),
        (with(3, &|row| row.replace("JSPT3", "")), &[("OC1209", 3)]),
        (with(3, &|row| row.replace("41236", "")), &[("OC1209", 3)]),
        (with(4, &|_| lines[2].to_owned()), &[("OC1215", 4)]),
        (with(6, &|_| lines[1].to_owned()), &[("OC1215", 6)]),
        (with(2, &|row| row.replace(",95,", ",4294967295,")), &[("OC1205", 0)]),
    ];
    for (index, (text, expected)) in cases.iter().enumerate() {
        let (_, found) = demand_procurement(text.as_bytes()).unwrap();
        let mut found = codes(&found);
        found.dedup();
        assert_eq!(found, *expected, "case {index}");
    }
    for (text, code) in [
        (with(1, &|row| row.replace("契約者名称", "名称")), "OC1240"),
        (lines[0].to_owned(), occto::rules::codes::NO_ROWS.code),
        (String::new(), "OC0101"),
    ] {
        let found = match demand_procurement(text.as_bytes()) {
            Ok((_, found)) | Err(found) => found,
        };
        assert_eq!(found[0].code, code);
    }
    // A spreadsheet takes the zero from 01.
    let header: Vec<_> = lines[0].split(',').map(|name| name.strip_prefix('0').unwrap_or(name)).collect();
    assert!(demand_procurement(with(1, &|_| header.join(",")).as_bytes()).unwrap().1.is_empty());
}

/// Source: facts/baseline.md §2.3, the published sample numbers.
#[test]
fn the_published_suppression_plan_adds_up() {
    let (plan, findings) = suppression(example("suppression-plan.csv").as_bytes()).unwrap();
    assert_eq!(findings, []);
    let first = |series: &Option<PlanSeries>| series.as_ref().unwrap().kwh()[0];
    let groups: Vec<_> =
        plan.groups.iter().map(|group| (first(&group.baseline), first(&group.planned), group.priority)).collect();
    assert_eq!(groups, [(9000, 1500, Some(99)), (3500, 400, Some(1)), (4000, 600, Some(1))]);
    assert_eq!(first(&plan.total), 2500);
    let mut found = Vec::new();
    check_suppression(&plan, &mut found);
    assert_eq!(found, []);
}

#[test]
fn a_suppression_plan_that_does_not_hold_is_told() {
    let (plan, _) = suppression(example("suppression-plan.csv").as_bytes()).unwrap();
    let said = |change: &dyn Fn(&mut occto::messages::planning::SuppressionPlan)| {
        let mut changed = plan.clone();
        change(&mut changed);
        let mut found = Vec::new();
        check_suppression(&changed, &mut found);
        found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    let flat = |kwh: u32| Some(PlanSeries::of_kwh([kwh; 48]));
    assert_eq!(said(&|plan| plan.groups[2].points[0].planned = flat(4001)), ["OC1230", "OC1232"]);
    assert_eq!(said(&|plan| plan.groups[0].baseline = flat(9001)), ["OC1231"]);
    assert_eq!(said(&|plan| plan.groups[0].planned = flat(1499)), ["OC1232", "OC1233"]);
    assert_eq!(said(&|plan| plan.total = flat(2501)), ["OC1233"]);
    assert_eq!(said(&|plan| plan.groups[0].priority = Some(0)), ["OC1234"]);
    assert_eq!(said(&|plan| plan.groups[0].points[1].priority = Some(100)), ["OC1234"]);
    assert_eq!(said(&|plan| plan.groups[0].points[1].baseline = None), ["OC1209"]);
    assert_eq!(
        said(&|plan| {
            let twice = plan.groups[0].points[0].clone();
            plan.groups[1].points[0] = twice;
        }),
        ["OC1232", "OC1235"]
    );
    // Equal is not above.
    assert_eq!(said(&|plan| plan.groups[2].points[0].baseline = flat(600)), ["OC1231"]);
}
