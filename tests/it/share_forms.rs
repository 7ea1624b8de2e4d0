//! What baselines are shared as beside points: notes of a month's total, reports of OpenADR; and what others shared, read.

use crate::baseline::g;
use crate::command::{Said, occto, refused};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::items::Energy;
use occto::messages::negawatt::{NegawattMessage, SettlementType};
use occto::wire::negawatt;
use serde_json::Value;
use std::path::{Path, PathBuf};

const DAY: Date = date(2026, 8, 19);
const POINTS: [&str; 3] = ["0300111234567890123456", "0300111234567890123457", "0300111234567890123458"];

/// Two of one retailer, one of another.
fn files(dir: &Path) -> [String; 2] {
    let mut text = "供給地点特定番号,年月日,コマ,電力量kWh\r\n".to_owned();
    for (point, more) in POINTS.into_iter().zip(0..) {
        for day in (0..=50).map(|back| DAY + 8.days() - back.days()) {
            for slot in 0..48 {
                let wh = g(day, slot) + more * 100;
                text.push_str(&format!("{point},{day},{},{}.{:03}\r\n", slot + 1, wh / 1000, wh % 1000));
            }
        }
    }
    let contracts = format!(
        "供給地点特定番号,小売電気事業者コード\r\n{},40113\r\n{},40123\r\n{},40113\r\n",
        POINTS[0], POINTS[1], POINTS[2]
    );
    let write = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    [write("readings.csv", &text), write("contracts.csv", &contracts)]
}

fn share(dir: &Path, files: &[String; 2], more: &[&str]) -> Said {
    let (data, out) = (dir.join("data"), dir.join("out"));
    let mut args = vec!["baseline", "share", "--readings", &files[0], "--from", "suppression-contractor:80013"];
    args.extend(["--data", data.to_str().unwrap(), "--out", out.to_str().unwrap(), "--contracts", &files[1]]);
    for usual in
        [["--today", "2026-09-01"], ["--to", "retailer:40113"], ["--event", "2026-08-19"], ["--slots", "34-38"]]
    {
        if !more.contains(&usual[0]) {
            args.extend(usual);
        }
    }
    occto(&[&args[..], more].concat())
}

fn written(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir.join("out")).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn kwh(text: &str) -> i64 {
    Energy::parse(text).unwrap().ten_thousandths()
}

#[test]
fn a_note_is_the_total_of_a_month_over_ones_own_customers() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let month = ["--point", "all", "--event", "2026-08-19,2026-08-26", "--slots", "34-38,35-36"];
    let by_point = share(dir.path(), &files, &month);
    assert_eq!(by_point.code, Some(0), "{by_point:?}");
    let mut expected = 0;
    for path in written(dir.path()) {
        if let NegawattMessage::SuppressionNotice(notice) =
            negawatt::read(&std::fs::read(&path).unwrap()).unwrap().message
        {
            assert_eq!(notice.points.len(), 2);
            let slots = notice.points.iter().flat_map(|row| &row.slots);
            expected += slots.map(|slot| slot.energy.ten_thousandths()).sum::<i64>();
        }
        std::fs::remove_file(path).unwrap();
    }
    for (form, key) in [("third-party-note", "third-party-note"), ("compensation-note", "compensation-note")] {
        let said = share(dir.path(), &files, &[&month[..], &["--as", form, "--type", "1-2"]].concat());
        assert!(said.code == Some(0) && said.out.contains("OC1152"), "{said:?}");
        let paths = written(dir.path());
        let [path] = &paths[..] else { panic!("{paths:?}") };
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with(&format!("{key}_2026-08_retailer-40113_")), "{name}");
        let octets = std::fs::read(path).unwrap();
        assert!(POINTS.iter().all(|point| !String::from_utf8_lossy(&octets).contains(point)), "totals only");
        let (month, totals) = match negawatt::read(&octets).unwrap().message {
            NegawattMessage::ThirdPartyNote(note) => (note.month, note.totals),
            NegawattMessage::CompensationNote(note) => (note.month, note.totals),
            other => panic!("{other:?}"),
        };
        assert_eq!((month.to_string().as_str(), totals.len()), ("2026-08", 1));
        assert_eq!(
            (totals[0].kind, totals[0].suppressed.ten_thousandths()),
            (SettlementType::OtherCustomers, expected)
        );
        let read = occto(&["baseline", "read", path.to_str().unwrap()]);
        assert!(read.code == Some(0) && read.out.contains(&totals[0].suppressed.to_string()), "{read:?}");
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_note_that_would_leave_something_out_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let note = ["--point", "all", "--as", "third-party-note", "--type", "1-1"];
    let not_made = |more: &[&str], part: &str| {
        let said = share(dir.path(), &files, &[&note[..], more].concat());
        assert!(said.code == Some(1) && said.out.contains("OC1159") && said.out.contains(part), "{said:?}");
        assert_eq!(written(dir.path()).len(), 0);
    };
    not_made(&["--today", "2026-08-31"], "まだ終わっていません");
    not_made(&["--event", "2026-07-31,2026-08-19", "--today", "2026-10-01"], "複数の月");
    // Readings of one point of the recipient's are missing in one slot.
    let text = std::fs::read_to_string(&files[0]).unwrap();
    let row = text.lines().find(|row| row.starts_with(&format!("{},2026-08-19,36,", POINTS[2]))).unwrap();
    std::fs::write(&files[0], text.replace(&format!("{row}\r\n"), "")).unwrap();
    not_made(&[], "1地点");
    refused(&share(dir.path(), &files, &["--point", "all", "--as", "third-party-note"]), &["--type"]);
    refused(&share(dir.path(), &files, &[&note[..4], &["--type", "3"]].concat()), &["1-1"]);
}

#[test]
fn a_report_of_openadr_is_of_a_name_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let adr = ["--as", "openadr", "--event-id", "event-1", "--client", "aggregator-1"];
    let one = share(dir.path(), &files, &[&adr[..], &["--point", POINTS[0], "--resource", "site-1"]].concat());
    assert_eq!(one.code, Some(0), "{one:?}");
    let paths = written(dir.path());
    let [path] = &paths[..] else { panic!("{paths:?}") };
    let said = occto(&["baseline", "read", "--json", path.to_str().unwrap()]);
    let read: Value = serde_json::from_str(&said.out).unwrap();
    let baseline = &read["messages"][0]["baselines"][0];
    assert_eq!((&baseline["resource"], &baseline["date"]), (&"site-1".into(), &"2026-08-19".into()));
    // 2.100125 to the nearest 0.0001 kWh.
    assert_eq!(baseline["slots"][0], serde_json::json!({"slot": 34, "kwh": "2.1001"}));
    assert_eq!(
        (&read["messages"][0]["event_id"], &read["messages"][0]["client"]),
        (&"event-1".into(), &"aggregator-1".into())
    );
    let text = occto(&["baseline", "read", path.to_str().unwrap()]).out;
    assert!(text.contains("site-1 2026-08-19") && text.contains("2.1001"), "{text}");
    let octets = std::fs::read_to_string(path).unwrap();
    assert!(!octets.contains("03001112345678"), "no point stands in it");
    std::fs::remove_file(path).unwrap();
    // The sum of the recipient's own; of everybody's for the operator.
    let slot = |to: &str| {
        let said = share(dir.path(), &files, &[&adr[..], &["--point", "all", "--to", to]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        let path = written(dir.path()).remove(0);
        let said = occto(&["baseline", "read", "--json", path.to_str().unwrap()]);
        std::fs::remove_file(path).unwrap();
        let read: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(read["messages"][0]["baselines"][0]["resource"], "AGGREGATED_REPORT");
        kwh(read["messages"][0]["baselines"][0]["slots"][0]["kwh"].as_str().unwrap())
    };
    assert_eq!((slot("retailer:40113"), slot("operator:03")), (2 * 21_001 + 2_000, 3 * 21_001 + 3_000));
    let ledger = std::fs::read_dir(dir.path().join("data")).unwrap().count();
    assert!(ledger > 0);
}

#[test]
fn a_report_names_no_point_and_goes_to_no_other_retailer() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let adr = ["--as", "openadr", "--event-id", "event-1", "--client", "aggregator-1", "--point", POINTS[0]];
    refused(&share(dir.path(), &files, &adr), &["--resource"]);
    refused(&share(dir.path(), &files, &["--as", "openadr", "--point", "all"]), &["--event-id"]);
    let named = share(dir.path(), &files, &[&adr[..], &["--resource", POINTS[0]]].concat());
    assert!(named.code == Some(1) && named.out.contains("OC1153") && named.out.contains("合意した名前"), "{named:?}");
    let other = share(dir.path(), &files, &[&adr[..], &["--resource", "site-1", "--to", "retailer:40123"]].concat());
    assert!(other.code == Some(1) && other.out.contains("OC1150"), "{other:?}");
    assert_eq!(written(dir.path()).len(), 0);
}

#[test]
fn what_is_neither_says_so() {
    let dir = tempfile::tempdir().unwrap();
    for (text, code, part) in [
        ("{", "OC1160", "JSON"),
        ("{}", "OC1160", "ネガワット電文"),
        (r#"{"form":"occto-negawatt 9"}"#, "OC1160", "occto-negawatt 1"),
        (r#"{"objectType":"REPORT"}"#, "OC1260", "OpenADR"),
    ] {
        let path = dir.path().join("x.json");
        std::fs::write(&path, text).unwrap();
        let said = occto(&["baseline", "read", path.to_str().unwrap()]);
        assert!(said.code == Some(1) && said.out.contains(code) && said.out.contains(part), "{text}: {said:?}");
    }
    refused(&occto(&["baseline", "read", "/nowhere.json"]), &["/nowhere.json"]);
}
