//! `occto baseline compute` as a person calls it.

use crate::baseline::g;
use crate::command::{occto, refused};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use std::path::Path;

const POINT: &str = "0300111234567890123456";
const DAY: Date = date(2026, 8, 19);

fn csv(days: impl Iterator<Item = Date>) -> String {
    let mut text = "供給地点特定番号,年月日,コマ,電力量kWh\r\n".to_owned();
    for day in days {
        for slot in 0..48 {
            let wh = g(day, slot);
            text.push_str(&format!("{POINT},{day},{},{}.{:03}\r\n", slot + 1, wh / 1000, wh % 1000));
        }
    }
    text
}

fn file(dir: &Path) -> String {
    let path = dir.join("readings.csv");
    let text = csv((0..=30).rev().map(|back| DAY - back.days()));
    // As Excel in Japan writes it.
    std::fs::write(&path, encoding_rs::SHIFT_JIS.encode(&text).0).unwrap();
    path.to_str().unwrap().to_owned()
}

fn compute<'a>(readings: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["baseline", "compute", "--readings", readings, "--event", "2026-08-19"];
    args.extend(["--today", "2026-08-20"]);
    args.extend(more);
    args
}

#[test]
fn a_baseline_is_computed_from_a_plain_file() {
    let dir = tempfile::tempdir().unwrap();
    let readings = file(dir.path());
    let trace = dir.path().join("trace.json");
    let more = ["--point", POINT, "--slots", "34-38", "--json", "--trace", trace.to_str().unwrap()];
    let said = occto(&compute(&readings, &more));
    assert_eq!(said.code, Some(0), "{said:?}");
    let printed: Value = serde_json::from_str(&said.out).unwrap();
    let one = &printed["baselines"][0];
    assert_eq!(one["point"], POINT);
    assert_eq!(one["kept"], json!(["2026-08-12", "2026-08-13", "2026-08-14", "2026-08-17"]));
    assert_eq!((&one["adjustment"], &one["method"]), (&json!("-0.044875"), &json!("high-4-of-5")));
    let slots: Vec<_> =
        one["slots"].as_array().unwrap().iter().map(|slot| slot["baseline_kwh"].as_str().unwrap()).collect();
    assert_eq!(slots, ["2.100125", "2.273875", "2.447625", "1.991375", "2.165125"]);
    assert_eq!((&one["findings"], &printed["findings"]), (&json!([]), &json!([])));
    let written: Value = serde_json::from_slice(&std::fs::read(&trace).unwrap()).unwrap();
    assert_eq!(written["baselines"][0], *one);
    // Readings of a folder, in two files: the same.
    let folder = dir.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.csv"), csv((0..10).map(|back| DAY - back.days()))).unwrap();
    std::fs::write(folder.join("b.CSV"), csv((8..31).map(|back| DAY - back.days()))).unwrap();
    let said = occto(&compute(folder.to_str().unwrap(), &["--point", "all", "--slots", "34-38", "--json"]));
    let printed: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(printed["baselines"][0], *one);
    let said = occto(&compute(&readings, &["--point", POINT, "--slots", "34-38"]));
    assert!(said.out.contains("採用日 2026-08-12 2026-08-13 2026-08-14 2026-08-17"), "{}", said.out);
    assert!(said.out.contains("2.100125"), "{}", said.out);
}

#[test]
fn days_and_options_change_the_choice() {
    let dir = tempfile::tempdir().unwrap();
    let readings = file(dir.path());
    let holidays = dir.path().join("holidays.csv");
    std::fs::write(&holidays, "date,name\n2026-08-17,\n").unwrap();
    let kept = |more: &[&str]| {
        let more = [&["--point", POINT, "--slots", "34-38", "--json"], more].concat();
        let printed: Value = serde_json::from_str(&occto(&compute(&readings, &more)).out).unwrap();
        printed["baselines"][0].clone()
    };
    let called = kept(&["--dr-days", "2026-08-14,2026-08-17"]);
    assert_eq!(called["excluded"][0]["reason"], "dr-day");
    assert!(!called["kept"].as_array().unwrap().contains(&json!("2026-08-14")));
    let extra = kept(&["--holidays", holidays.to_str().unwrap()]);
    assert!(!extra["kept"].as_array().unwrap().contains(&json!("2026-08-17")));
    let option = kept(&["--option", "U4=none", "--option", "low-use-mean=pool", "--method", "5-of-10"]);
    assert_eq!((&option["options"]["floor"], &option["method"]), (&json!("none"), &json!("5-of-10")));
}

#[test]
fn what_cannot_be_done_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let readings = file(dir.path());
    for slots in ["0-3", "40-49"] {
        refused(&occto(&compute(&readings, &["--point", POINT, "--slots", slots])), &["OC1105", "47-2"]);
    }
    let base = ["--point", POINT, "--slots", "34-38"];
    let with = |more: &[&'static str]| occto(&compute(&readings, &[&base[..], more].concat()));
    refused(&with(&["--method", "high-5"]), &["high-5", "high-4-of-5-unadjusted"]);
    refused(&with(&["--option", "U9=1"]), &["OC1115", "U9"]);
    refused(&with(&["--holidays", "/nowhere.csv"]), &["/nowhere.csv"]);
    refused(&occto(&compute(&readings, &["--point", "123", "--slots", "1"])), &["22桁"]);
    let other = occto(&compute(&readings, &["--point", "0300111234567890123457", "--slots", "1"]));
    assert!(other.code == Some(1) && other.out.contains("OC1117"), "{other:?}");
    let none = occto(&compute("/nowhere", &["--point", "all", "--slots", "1", "--json"]));
    let printed: Value = serde_json::from_str(&none.out).unwrap();
    assert_eq!(
        (none.code, &printed["baselines"], &printed["findings"][0]["code"]),
        (Some(1), &json!([]), &json!("OC0112"))
    );
}
