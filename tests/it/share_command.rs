//! `occto baseline share` as a person calls it: to each its own, and a line in the ledger.

use crate::baseline::g;
use crate::command::{Said, occto, refused};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::messages::negawatt::{BaselineNotice, NegawattMessage};
use occto::wire::negawatt;
use std::path::Path;

const DAY: Date = date(2026, 8, 19);
const TOKYO: [&str; 3] = ["0300111234567890123456", "0300111234567890123457", "0300111234567890123458"];
const KANSAI: &str = "0600111234567890123456";

/// Two of one retailer, one of another, one that nobody is known to supply.
const CONTRACTS: &str = "供給地点特定番号,小売電気事業者コード,開始日,終了日\r\n\
    0300111234567890123456,40113,,\r\n0300111234567890123457,40123,,\r\n0600111234567890123456,40113,2026-08-19,\r\n";

fn files(dir: &Path) -> [String; 2] {
    let mut text = "供給地点特定番号,年月日,コマ,電力量kWh\r\n".to_owned();
    for point in TOKYO.into_iter().chain([KANSAI]) {
        for day in (0..=30).map(|back| DAY - back.days()) {
            for slot in 0..48 {
                let wh = g(day, slot);
                text.push_str(&format!("{point},{day},{},{}.{:03}\r\n", slot + 1, wh / 1000, wh % 1000));
            }
        }
    }
    let write = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    [write("readings.csv", &text), write("contracts.csv", CONTRACTS)]
}

fn share(dir: &Path, files: &[String; 2], point: &str, to: &str) -> Said {
    let (data, out) = (dir.join("data"), dir.join("out"));
    let common = ["baseline", "share", "--readings", &files[0], "--event", "2026-08-19", "--slots", "34-38"];
    let more = ["--today", "2026-08-20", "--from", "suppression-contractor:80013", "--contracts", &files[1]];
    let places = ["--data", data.to_str().unwrap(), "--out", out.to_str().unwrap(), "--point", point, "--to", to];
    occto(&[&common[..], &more, &places].concat())
}

fn shared(dir: &Path, to: &str) -> Vec<NegawattMessage> {
    let mut names: Vec<_> = std::fs::read_dir(dir.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains(to))
        .collect();
    names.sort();
    names.iter().map(|path| negawatt::read(&std::fs::read(path).unwrap()).unwrap().message).collect()
}

fn ledger(dir: &Path) -> Vec<serde_json::Value> {
    let data = dir.join("data");
    assert_eq!(occto(&["ledger", "verify", "--data", data.to_str().unwrap()]).code, Some(0));
    let said = occto(&["ledger", "show", "--json", "--data", data.to_str().unwrap()]);
    said.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["entry"].clone()).collect()
}

#[test]
fn each_gets_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    // A point that nobody is known to supply is an error; what may go went.
    let said = share(dir.path(), &files, "all", "retailer:40113");
    assert!(said.code == Some(1) && said.out.contains("OC1151") && said.out.contains("OC1152"), "{said:?}");
    let messages = shared(dir.path(), "retailer-40113");
    let [NegawattMessage::BaselineNotice(baseline), NegawattMessage::SuppressionNotice(suppression)] = &messages[..]
    else {
        panic!("two messages: {messages:?}")
    };
    let points: Vec<_> = baseline.points.iter().map(|row| row.point.as_str().to_owned()).collect();
    assert_eq!(points, [TOKYO[0], KANSAI]);
    let slots: Vec<_> =
        baseline.points[0].slots.iter().map(|slot| (slot.slot.number(), slot.energy.to_string())).collect();
    // 2.100125 and so on, to the nearest 0.0001 kWh.
    let expected = [(34, "2.1001"), (35, "2.2739"), (36, "2.4476"), (37, "1.9914"), (38, "2.1651")];
    assert_eq!(slots, expected.map(|(slot, kwh)| (slot, kwh.to_owned())));
    for (baseline, suppressed) in baseline.points[0].slots.iter().zip(&suppression.points[0].slots) {
        let used = g(DAY, i64::from(baseline.slot.number()) - 1) * 10;
        let left = baseline.energy.ten_thousandths() - suppressed.energy.ten_thousandths();
        assert_eq!(left, used, "baseline less suppression is use");
    }
    assert!(said.out.contains("OC1154"), "rounded: {said:?}");
    let lines = ledger(dir.path());
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["verdict"], &lines[0]["message"]), (&"granted".into(), &"baseline-notice".into()));
    assert_eq!((&lines[0]["recipient"], &lines[0]["purpose"]), (&"retailer:40113".into(), &"negawatt-trading".into()));
    let all = lines.iter().map(ToString::to_string).collect::<String>();
    assert!(!all.contains("0300111234567890"), "no point in the ledger");
}

#[test]
fn a_point_asked_for_by_name_goes_to_its_own_retailer_only() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let said = |point: &str, to: &str| share(dir.path(), &files, point, to);
    let others = said(TOKYO[1], "retailer:40113");
    assert!(others.code == Some(1) && others.out.contains("OC1150"), "{others:?}");
    let unknown = said(TOKYO[2], "retailer:40113");
    assert!(unknown.code == Some(1) && unknown.out.contains("OC1151") && unknown.out.contains("--contracts"));
    assert!(!dir.path().join("out").exists(), "nothing was written");
    assert_eq!(said(TOKYO[1], "retailer:40123").code, Some(0));
    assert_eq!(shared(dir.path(), "retailer-40123").len(), 2);
}

#[test]
fn an_operator_gets_its_area_and_occto_everything() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let count = |to: &str| {
        let said = share(dir.path(), &files, "all", to);
        assert_eq!(said.code, Some(0), "{said:?}");
        match &shared(dir.path(), &to.replace(':', "-"))[0] {
            NegawattMessage::BaselineNotice(notice) => notice.points.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((count("operator:03"), count("operator:06"), count("occto")), (3, 1, 4));
    let elsewhere = share(dir.path(), &files, KANSAI, "operator:03");
    assert!(elsewhere.code == Some(1) && elsewhere.out.contains("OC1158"), "{elsewhere:?}");
}

#[test]
fn what_the_notice_refuses_is_refused_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let said = share(dir.path(), &files, "all", "broker");
    assert!(said.code == Some(1) && said.out.contains("OC1153"), "{said:?}");
    assert!(!dir.path().join("out").exists());
    let lines = ledger(dir.path());
    assert!(lines.len() == 2 && lines.iter().all(|line| line["verdict"] == "refused"), "{lines:?}");
    refused(&share(dir.path(), &files, "all", "retailer:4011"), &["--to"]);
    let nowhere = [files[0].clone(), "/nowhere.csv".to_owned()];
    refused(&share(dir.path(), &nowhere, "all", "retailer:40113"), &["/nowhere.csv"]);
}

#[test]
fn an_event_across_midnight_is_told_by_day_to_the_retailer_of_each() {
    let dir = tempfile::tempdir().unwrap();
    let [readings, contracts] = files(dir.path());
    // The customer changes its retailer at midnight.
    let moved = format!(
        "供給地点特定番号,小売電気事業者コード,開始日,終了日\n{0},40113,,2026-08-18\n{0},40123,2026-08-19,\n",
        TOKYO[0]
    );
    std::fs::write(&contracts, moved).unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let slots_of = |to: &str| {
        let common = ["baseline", "share", "--readings", &readings, "--event", "2026-08-18", "--slots", "47-2"];
        let more = ["--today", "2026-08-20", "--from", "suppression-contractor:80013", "--contracts", &contracts];
        let places = ["--data", data.to_str().unwrap(), "--out", out.to_str().unwrap(), "--point", "all", "--to", to];
        occto(&[&common[..], &more, &places].concat());
        let baselines = shared(dir.path(), &to.replace(':', "-")).into_iter().filter_map(|message| match message {
            NegawattMessage::BaselineNotice(notice) => Some(notice),
            _ => None,
        });
        let slots = |notice: &BaselineNotice| notice.points[0].slots.iter().map(|slot| slot.slot.number()).collect();
        baselines.map(|notice| (notice.date.to_string(), slots(&notice))).collect::<Vec<(String, Vec<u8>)>>()
    };
    assert_eq!(slots_of("retailer:40113"), [("2026-08-18".to_owned(), vec![47, 48])]);
    assert_eq!(slots_of("retailer:40123"), [("2026-08-19".to_owned(), vec![1, 2])]);
}
