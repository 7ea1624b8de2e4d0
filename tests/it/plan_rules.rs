//! What must hold of a plan: one change, one finding.

use crate::plan_samples::{at, golden, plan_of, settings};
use occto::messages::planning::{Plan, PlanBody};
use occto::rules::Finding;
use occto::rules::plans::{PlanFileClaim, PlanWindow, check_deadline, check_plan, check_plan_name};
use occto::wire::cii::plan::read_plan;

/// The findings of a file: of reading it, and of the rules.
fn findings(octets: &[u8]) -> Vec<Finding> {
    match read_plan(octets, &settings()) {
        Ok(read) => {
            let mut found = read.findings;
            check_plan(&read.plan, &settings(), &mut found);
            found
        }
        Err(stop) => vec![*stop],
    }
}

fn codes(octets: &[u8]) -> Vec<&'static str> {
    findings(octets).iter().map(|finding| finding.code).collect()
}

#[test]
fn sound_plans_have_nothing_wrong() {
    for name in ["0250.xml", "0250.sales.xml"] {
        assert_eq!(findings(&golden(name)), [], "{name}");
    }
    for name in ["0150.xml", "interconnector.xml"] {
        assert_eq!(codes(&golden(name)), ["OC1221"], "{name}");
    }
    let mut found = Vec::new();
    check_plan(&plan_of(3, 2), &settings(), &mut found);
    assert_eq!(found, []);
}

/// One slot row, cut out of a file: from its start behind a mark to its end.
fn without_row(text: &str, group: &str, nth: usize) -> String {
    let start = text.match_indices(&format!("<JPMR{group}>")).nth(nth).unwrap().0;
    let end = text[start..].find(&format!("</JPMR{group}>")).unwrap() + start + 12;
    text[..start].to_owned() + &text[end..]
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "{from}");
    changed
}

#[test]
fn one_change_is_one_finding() {
    let text = String::from_utf8(golden("0250.xml")).unwrap();
    let cases: &[(String, &[&str])] = &[
        (without_row(&text, "00030", 5), &["OC1210"]),
        (without_row(&text, "00011", 47), &["OC1210"]),
        (replaced(&text, "<JP06376>", "<JP06376>0."), &["OC1205", "OC1210"]),
        (replaced(&text, "<JP06369>", "<JP06369>-"), &["OC1205", "OC1210"]),
        (replaced(&text, "<JP06219>07</JP06219>", "<JP06219>49</JP06219>"), &["OC1211", "OC1210"]),
        (replaced(&text, "<JP06219>07</JP06219>", "<JP06219>06</JP06219>"), &["OC1211", "OC1210"]),
        (replaced(&text, "<JP06358>10066", "<JP06358>99999"), &["OC1212"]),
        (replaced(&text, "<JP06358>10066", "<JP06358>1006X"), &["OC1205", "OC1209"]),
        (replaced(&text, "<JP06366>JSPT3", "<JP06366>JSPT"), &["OC1205", "OC1209"]),
        (text.replace("<JP06366>JSPT3", "<JP06366>G1236"), &["OC1215"; 3]),
        (text.replace("0250", "0999"), &["OC1204"]),
        (replaced(&text, "<JP00002>0250", "<JP00002>0150"), &["OC1203"]),
        (replaced(&text, "MSGID=\"0250\"", "MSGID=\"0150\""), &["OC1203"]),
        (replaced(&text, "<JPC09>70013", "<JPC09>70014"), &["OC1212"]),
        (replaced(&text, "<JPC19>260401093015", "<JPC19>261301093015"), &["OC1203"]),
        (replaced(&text, "<JP06110>49996", "<JP06110>49986"), &["OC1203"]),
        (replaced(&text, "<JP06171>20260402", "<JP06171>20260231"), &["OC1205", "OC1209"]),
        (replaced(&text, "<JP06171>20260402", "<JP06171>20260331"), &["OC1214"]),
        (replaced(&text, "<JP06316>41246", "<JP06316>41236"), &["OC1215"]),
        (replaced(&text, "<JP06316>41246", "<JP06316>41243"), &["OC1213"]),
        (replaced(&text, "<JP06171>20260402</JP06171>", ""), &["OC1209"]),
        (text[..text.len() / 2].to_owned(), &["OC1202"]),
        (replaced(&text, "</JPM00014>", "</JPM00015>"), &["OC1202"]),
        (replaced(&text, "<SBD-MSG", "<!DOCTYPE x [<!ENTITY a \"b\">]><SBD-MSG"), &["OC1202"]),
        ("<x/>".to_owned(), &["OC1201"]),
        (replaced(&text, "BPIDSUB=\"W6\"", "BPIDSUB=\"W4\"").replace("<JPC11>W6", "<JPC11>W4"), &["OC1203"]),
    ];
    for (index, (text, expected)) in cases.iter().enumerate() {
        let found = codes(text.as_bytes());
        assert_eq!(found, *expected, "case {index}: {:#?}", findings(text.as_bytes()));
    }
}

fn changed(mut plan: Plan, change: impl FnOnce(&mut occto::messages::planning::DemandProcurementPlan)) -> Vec<Finding> {
    let PlanBody::DemandProcurement(body) = &mut plan.body else { panic!("another kind") };
    change(body);
    let mut found = Vec::new();
    check_plan(&plan, &settings(), &mut found);
    found
}

#[test]
fn a_sum_off_by_one_is_found_where_it_is() {
    let more = |series: &mut Option<occto::messages::planning::PlanSeries>, slot: u8| {
        let (series, slot) = (series.as_mut().unwrap(), occto::items::Slot::new(slot).unwrap());
        let kwh = series.get(slot).unwrap().kwh() + 1;
        series.set(slot, occto::messages::planning::PlanEnergy::from_kwh(kwh));
    };
    let plan = || plan_of(4, 3);
    let of = |found: Vec<Finding>| -> Vec<(&str, String)> {
        found.into_iter().map(|finding| (finding.code, finding.place.path.unwrap_or_default())).collect()
    };
    let member = changed(plan(), |body| {
        more(&mut body.members[2].procurement.as_mut().unwrap().counterparties[1].procurement, 7)
    });
    assert_eq!(member.len(), 1);
    assert!(member[0].ja.contains("コマ07") && member[0].ja.contains("差-1"), "{}", member[0]);
    assert_eq!(of(member), [("OC1216", "/JPTRM/JPM00022[3]/JPM00027".to_owned())]);
    let whole = changed(plan(), |body| more(&mut body.procurement.as_mut().unwrap().counterparties[0].procurement, 48));
    assert_eq!(of(whole), [("OC1216", "/JPTRM/JPM00014".to_owned())]);
    let demand = changed(plan(), |body| more(&mut body.members[0].demand, 1));
    assert_eq!(of(demand), [("OC1217", "/JPTRM/JPM00010".to_owned()), ("OC1219", "/JPTRM/JPM00022[1]".to_owned())]);
    let supply = changed(plan(), |body| more(&mut body.supply, 1));
    assert_eq!(of(supply), [("OC1220", "/JPTRM/JPM00012".to_owned())]);
    let balance = changed(plan(), |body| {
        more(&mut body.demand, 3);
        more(&mut body.members[1].demand, 3);
    });
    assert!(balance.iter().all(|finding| finding.code == "OC1219" && !finding.is_error()), "{balance:#?}");
    let missing = changed(plan(), |body| body.members.clear());
    assert!(missing.iter().any(|finding| finding.code == "OC1209"));
}

#[test]
fn sums_of_a_generation_plan_are_checked() {
    let text = String::from_utf8(golden("0150.xml")).unwrap();
    for (from, expected) in [
        ("<JP06231>100<", &["OC1218", "OC1221"][..]),
        ("<JP06307>150<", &["OC1218", "OC1218", "OC1221"]),
        ("<JP06363>157<", &["OC1218", "OC1219", "OC1221"]),
        ("<JP06319>157<", &["OC1216", "OC1219", "OC1221"]),
    ] {
        let value: u32 = from.trim_end_matches('<').rsplit('>').next().unwrap().parse().unwrap();
        let to = from.replace(&value.to_string(), &(value + 1).to_string());
        let mut found = codes(replaced(&text, from, &to).as_bytes());
        found.sort_unstable();
        assert_eq!(found, expected, "{from}");
    }
}

#[test]
fn deadlines_name_the_next_submission() {
    let plan = plan_of(1, 1);
    let window = |now: &str| {
        let mut found = Vec::new();
        let window = check_deadline(&plan, &settings(), at(now), &mut found).unwrap();
        (window, found)
    };
    let (before, found) = window("2026-04-01T11:59:59");
    assert_eq!((before, found.len()), (PlanWindow::DayAhead { until: at("2026-04-01T12:00:00") }, 0));
    for now in ["2026-04-01T12:00:00", "2026-04-01T16:59:59"] {
        let (closed, found) = window(now);
        assert_eq!(closed, PlanWindow::Closed { next: at("2026-04-01T17:00:00") });
        assert_eq!(found[0].code, "OC1223");
        assert!(found[0].way_out_ja.contains("4月1日17:00"), "{}", found[0]);
    }
    for (now, first, until) in [
        ("2026-04-01T17:00:00", 1, "2026-04-01T23:00:00"),
        ("2026-04-01T22:59:59", 1, "2026-04-01T23:00:00"),
        ("2026-04-01T23:00:00", 2, "2026-04-01T23:30:00"),
        ("2026-04-02T09:10:00", 21, "2026-04-02T09:00:00"),
        ("2026-04-02T22:29:59", 48, "2026-04-02T22:30:00"),
    ] {
        let (open, found) = window(now);
        let PlanWindow::SameDay { first: slot, until: gate } = open else { panic!("{now}: {open:?}") };
        if now == "2026-04-02T09:10:00" {
            assert_eq!((slot.number(), gate), (22, at("2026-04-02T09:30:00")));
        } else {
            assert_eq!((slot.number(), gate), (first, at(until)), "{now}");
        }
        assert_eq!((found[0].code, found[0].is_error()), ("OC1224", false));
    }
    let (over, found) = window("2026-04-02T22:30:00");
    assert_eq!((over, found[0].code), (PlanWindow::Over { since: at("2026-04-02T22:30:00") }, "OC1225"));
}

#[test]
fn a_file_name_says_what_the_file_holds() {
    let plan = plan_of(1, 1);
    let name = PlanFileClaim {
        message: 250,
        date: "2026-04-02".parse().unwrap(),
        sender: plan.envelope.sender,
        area_digit: 6,
    };
    let said = |claim: PlanFileClaim| {
        let mut found = Vec::new();
        check_plan_name(&plan, &claim, &mut found);
        found
    };
    assert_eq!(said(name), []);
    for claim in [
        PlanFileClaim { message: 150, ..name },
        PlanFileClaim { date: "2026-04-03".parse().unwrap(), ..name },
        PlanFileClaim { area_digit: 3, ..name },
    ] {
        assert_eq!(said(claim)[0].code, "OC1222");
    }
}
