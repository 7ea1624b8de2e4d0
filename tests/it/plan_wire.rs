//! Plans on the wire: read and written octet by octet, by two readers that agree, along one schema.

use crate::plan_samples::{cleared, golden, plan_of, settings, written};
use occto::items::{Code as _, Item, ItemSet};
use occto::messages::planning::{PlanBody, PlanKind};
use occto::notice::{Disclosure as _, Purpose};
use occto::wire::cii::plan::{looks_like_plan, plan_schema, read_plan, read_plan_plainly, write_plan};
use proptest::prelude::*;
use std::path::PathBuf;

const GOLDEN: [&str; 5] = ["0250.xml", "0250.sales.xml", "0150.xml", "unknown.0150.xml", "interconnector.xml"];

#[test]
fn a_plan_is_written_as_it_was_read() {
    for name in GOLDEN {
        let octets = golden(name);
        assert!(looks_like_plan(&octets), "{name}");
        let read = read_plan(&octets, &settings()).unwrap();
        assert_eq!(read, read_plan_plainly(&octets, &settings()).unwrap(), "{name}");
        let codes: Vec<_> = read.findings.iter().map(|finding| finding.code).collect();
        let expected: &[&str] = if name.starts_with("unknown") { &["OC1206"] } else { &[] };
        assert_eq!(codes, expected, "{name}: {:#?}", read.findings);
        assert!(written(read.plan) == octets, "{name}");
    }
}

#[test]
fn only_a_plan_that_is_known_whole_is_verified() {
    for (name, verified) in GOLDEN.into_iter().zip([true, true, false, false, false]) {
        let read = read_plan(&golden(name), &settings()).unwrap();
        assert_eq!(write_plan(&cleared(read.plan), &mut Vec::new()).verified, verified, "{name}");
    }
    let text = String::from_utf8(golden("0250.xml")).unwrap();
    let text = text.replacen("<JPM00022>", "<JPM00099><JPMR00099>?</JPMR00099></JPM00099><JPM00022>", 1);
    let read = read_plan(text.as_bytes(), &settings()).unwrap();
    assert_eq!(read.plan.unknown_parts(), 1);
    assert!(!write_plan(&cleared(read.plan.clone()), &mut Vec::new()).verified);
    assert!(written(read.plan) == text.as_bytes());
}

#[test]
fn unknown_elements_stay_where_they_stood() {
    let text = String::from_utf8(golden("0250.sales.xml")).unwrap();
    for (before, unknown) in [
        ("<JP06111>", "<JP09999>1</JP09999>"),
        ("<JPM00010>", "<JPM00005><JPMR00005>a&amp;b</JPMR00005></JPM00005>"),
        ("<JPM00017>", "<JP06998 a=\"1\"/>"),
        ("</JPMR00033>", "<X><Y/></X>"),
        ("<JP06376>", "<JP06997>0</JP06997>"),
        ("</JPMR00024>", "<JP06997>0</JP06997>"),
        ("</JPTRM>", "<JPM00035></JPM00035>"),
    ] {
        let changed = text.replacen(before, &format!("{unknown}{before}"), 1);
        let read = read_plan(changed.as_bytes(), &settings()).unwrap();
        assert_eq!(read, read_plan_plainly(changed.as_bytes(), &settings()).unwrap(), "{before}");
        let codes: Vec<_> = read.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((codes.as_slice(), read.plan.unknown_parts()), (&["OC1206"][..], 1), "{before}");
        assert!(written(read.plan) == changed.as_bytes(), "{before}");
    }
}

#[test]
fn values_arrive_where_they_belong() {
    let read = read_plan(&golden("0250.sales.xml"), &settings()).unwrap();
    let PlanBody::DemandProcurement(plan) = &read.plan.body else { panic!("another kind") };
    assert_eq!(plan.members.len(), 3);
    assert_eq!(plan.members[1].name.as_ref().unwrap().as_str(), "見本エナジー & 共同");
    let procurement = plan.procurement.as_ref().unwrap();
    let codes: Vec<_> = procurement.counterparties.iter().map(|one| one.code.unwrap().to_string()).collect();
    assert_eq!(codes, ["JSPT3", "G1236"]);
    let sales = plan.sales.as_ref().unwrap().sales.as_ref().unwrap();
    assert_eq!(&sales.kwh()[..3], &[5, 6, 7]);
    assert_eq!(read.plan.head.target.unwrap().to_string(), "2026-04-02");
    assert_eq!(read.plan.envelope.created.to_string(), "2026-04-01T09:30:15");
    assert_eq!(
        (read.plan.purpose(), read.plan.items()),
        (Purpose::NegawattTrading, ItemSet::of(&[Item::DemandProcurement]))
    );
}

#[test]
fn another_form_is_read_and_told() {
    let text = String::from_utf8(golden("0250.xml")).unwrap();
    let plain = read_plan(text.as_bytes(), &settings()).unwrap();
    let prefixed = text.replace("</", "</x:").replace("<J", "<x:J").replace("<SBD-MSG", "<x:SBD-MSG xmlns:x=\"urn:x\"");
    let changed = [
        text.replace("><JPM", ">\n  <JPM"),
        text.replace("<JP06219>0", "<JP06219>"),
        text.replace("\r\n", "\n"),
        text.replace("<JP06371>0</JP06371>", "<JP06371>00</JP06371>"),
        format!("\u{FEFF}{text}"),
        text.replacen("<JPMGRP", "<!-- x --><JPMGRP", 1),
        prefixed,
    ];
    for (index, text) in changed.into_iter().enumerate() {
        let read = read_plan(text.as_bytes(), &settings()).unwrap_or_else(|finding| panic!("{index} {finding}"));
        assert_eq!(read.plan, plain.plan, "{index}");
        let codes: Vec<_> = read.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["OC1208"], "{index}");
    }
    let ended = text.clone() + "\r\n";
    assert!(written(read_plan(ended.as_bytes(), &settings()).unwrap().plan) == ended.as_bytes());
    let empty = text.replace("<JP06359>関西電力送配電</JP06359>", "<JP06359/>");
    let read = read_plan(empty.as_bytes(), &settings()).unwrap();
    assert_eq!((read.plan.head.operator_name, read.findings[0].code), (None, "OC1208"));
}

#[test]
fn the_schema_on_disk_is_that_of_the_code() {
    for kind in PlanKind::ALL {
        let path = PathBuf::from(format!("{}/schemas/cii/{}.xsd", env!("CARGO_MANIFEST_DIR"), kind.key()));
        let schema = plan_schema(*kind);
        if std::env::var_os("OCCTO_WRITE_SCHEMAS").is_some() {
            std::fs::write(&path, &schema).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == schema,
            "{}: OCCTO_WRITE_SCHEMAS=1 writes it",
            path.display()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever is done to a file, both readers say the same of it.
    #[test]
    fn both_readers_agree_on_changed_files(at in 0.0..1.0f64, length in 0usize..40, with in "[0-9<>/JPMR &;x\\-]{0,12}", which in 0usize..3) {
        let mut octets = golden(GOLDEN[which]);
        let at = ((octets.len() as f64) * at) as usize;
        let end = (at + length).min(octets.len());
        octets.splice(at..end, with.bytes());
        prop_assert!(read_plan(&octets, &settings()) == read_plan_plainly(&octets, &settings()));
    }

    /// What is written is read again, whatever the values.
    #[test]
    fn a_plan_of_any_values_comes_back(members in 0usize..4, counterparties in 0usize..4, kwh in any::<u32>(), slot in 0usize..48) {
        let mut plan = plan_of(members, counterparties);
        if let PlanBody::DemandProcurement(body) = &mut plan.body {
            let mut values = *body.demand.as_ref().unwrap().kwh();
            values[slot] = kwh;
            body.demand = Some(occto::messages::planning::PlanSeries::of_kwh(values));
        }
        let octets = written(plan.clone());
        let read = read_plan(&octets, &settings()).unwrap();
        prop_assert_eq!(&read, &read_plan_plainly(&octets, &settings()).unwrap());
        prop_assert!(read.findings.is_empty());
        prop_assert!(written(read.plan) == octets);
    }
}
