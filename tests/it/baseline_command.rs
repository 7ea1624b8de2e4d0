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
fn called_and_unanswered_days_and_days_left_out_on_request_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let readings = file(dir.path());
    let one = |more: &[&str]| {
        let more = [&["--point", POINT, "--slots", "34-38", "--json"], more].concat();
        let said = occto(&compute(&readings, &more));
        let printed: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"));
        printed["baselines"][0].clone()
    };
    let reasons = |one: &Value| {
        let excluded = one["excluded"].as_array().unwrap().iter();
        excluded
            .map(|day| (day["date"].as_str().unwrap().to_owned(), day["reason"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let unanswered = one(&["--unanswered", "2026-08-14"]);
    assert_eq!(reasons(&unanswered), [("2026-08-14".to_owned(), "dr-day-unanswered".to_owned())]);
    let kept = one(&["--unanswered", "2026-08-14", "--option", "U7=keep"]);
    assert_eq!((reasons(&kept).len(), &kept["kept"]), (0, &one(&[])["kept"]));
    let requested = one(&["--exclude", "2026-08-17=指令メール 8/17, 契約第3条", "--exclude", "2026-08-13=契約"]);
    assert_eq!(
        reasons(&requested),
        [("2026-08-13".to_owned(), "requested".to_owned()), ("2026-08-17".to_owned(), "requested".to_owned())]
    );
    assert!(requested["excluded"][1]["ja"].as_str().unwrap().contains("指令メール 8/17, 契約第3条"));
    assert_ne!(requested["digest"], one(&["--exclude", "2026-08-17=契約", "--exclude", "2026-08-13=契約"])["digest"]);
    let refuse = |exclude: &str, part: &str| {
        refused(&occto(&compute(&readings, &["--point", POINT, "--slots", "1", "--exclude", exclude])), &[part]);
    };
    refuse("2026-08-17", "証拠");
    refuse("2026-08-17= ", "証拠");
    refuse("8/17=契約", "--exclude");
}

#[test]
fn a_submitted_forecast_is_the_baseline() {
    let dir = tempfile::tempdir().unwrap();
    let readings = file(dir.path());
    let forecast = dir.path().join("forecast.csv");
    let rows: String = (34..=38).map(|slot| format!("{POINT},2026-08-19,{slot},{slot}.5\n")).collect();
    let write =
        |rows: &str| std::fs::write(&forecast, format!("供給地点特定番号,年月日,コマ,電力量kWh\n{rows}")).unwrap();
    write(&rows);
    let path = forecast.to_str().unwrap();
    let said = |point: &str, more: &[&str]| {
        let more = [&["--point", point, "--slots", "34-38", "--method", "forecast"], more].concat();
        occto(&compute(&readings, &more))
    };
    let printed: Value = serde_json::from_str(&said(POINT, &["--forecast", path, "--json"]).out).unwrap();
    let slots = printed["baselines"][0]["slots"].as_array().unwrap();
    assert_eq!((&slots[0]["baseline_kwh"], &slots[4]["baseline_kwh"]), (&json!("34.5"), &json!("38.5")));
    assert_eq!(slots[0]["actual_kwh"], format!("{}.{:03}", g(DAY, 33) / 1000, g(DAY, 33) % 1000));
    let without = said(POINT, &[]);
    assert!(
        without.code == Some(1) && without.out.contains("OC1119") && without.out.contains("--forecast"),
        "{without:?}"
    );
    write(&rows.replace(&format!("{POINT},2026-08-19,36,36.5\n"), ""));
    assert!(said(POINT, &["--forecast", path]).out.contains("OC1119"), "a slot is missing");
    write(&rows.replace(",36.5", ",x"));
    let wrong = said("all", &["--forecast", path]);
    assert!(wrong.code == Some(1) && wrong.out.contains("forecast.csv") && wrong.out.contains("OC1119"), "{wrong:?}");
}

#[test]
fn an_event_to_come_shows_what_is_known_before_its_adjustment() {
    let dir = tempfile::tempdir().unwrap();
    let readings = file(dir.path());
    let args =
        ["baseline", "compute", "--readings", &readings, "--event", "2026-08-20", "--slots", "34", "--point", POINT];
    let said = occto(&[&args[..], &["--today", "2026-08-19"]].concat());
    assert!(said.code == Some(0) && said.out.contains("OC1107") && said.out.contains("* 当日調整前の値"), "{said:?}");
}

#[test]
fn several_events_are_computed_together() {
    let dir = tempfile::tempdir().unwrap();
    let readings = file(dir.path());
    let said = |event: &str, slots: &str| {
        occto(&[
            "baseline",
            "compute",
            "--readings",
            &readings,
            "--event",
            event,
            "--slots",
            slots,
            "--point",
            POINT,
            "--json",
            "--today",
            "2026-08-20",
        ])
    };
    let baselines = |event: &str, slots: &str| {
        let said = said(event, slots);
        let printed: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"));
        printed["baselines"].as_array().unwrap().clone()
    };
    let two = baselines("2026-08-19", "20-23,34-38");
    assert_eq!((two.len(), &two[1]["event_slots"]), (2, &json!("34-38")));
    assert!(two.iter().all(|one| one["findings"].to_string().contains("OC1110")), "two events on one day");
    // An earlier event is a day of demand response to the later one.
    let days = baselines("2026-08-18,2026-08-19", "34-38");
    assert_eq!((days.len(), &days[1]["excluded"][0]["reason"]), (2, &json!("dr-day")));
    assert_eq!(baselines("2026-08-19,2026-08-18", "20,34-38").len(), 2);
    refused(&said("2026-08-18,2026-08-19", "1,2,3"), &["--slots"]);
    refused(&said("2026-08-19", "34-38,38-40"), &["2026-08-19 34-38", "38-40"]);
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
