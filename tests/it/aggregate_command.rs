//! `occto release aggregate`, from readings to table, statement, memory and ledger.

use crate::command::{Said, arg, occto, refused};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Whole Aprils: `count` customers of an area, all slots of every day alike.
fn readings(path: &Path, areas: &[(&str, u64)], revised: Option<&str>) -> Vec<String> {
    let mut text = String::from("供給地点特定番号,年月日,コマ,電力量kWh\n");
    let mut points = Vec::new();
    for (area, count) in areas {
        for number in 0..*count {
            let point = format!("{area}0011112222333344{number:04}");
            for day in 1..=30 {
                for slot in 1..=48 {
                    let value = if revised == Some(&point) && day == 1 && slot == 1 { "0.9" } else { "0.5" };
                    let _ = writeln!(text, "{point},2026-04-{day:02},{slot},{value}");
                }
            }
            points.push(point);
        }
    }
    fs::write(path, text).unwrap();
    points
}

fn release(readings: &Path, dir: &Path, more: &[&str]) -> Said {
    let (data, out) = (dir.join("data"), dir.join("out"));
    let args = [
        "release",
        "aggregate",
        "--readings",
        arg(readings),
        "--by",
        "area",
        "--from",
        "2026-04",
        "--data",
        arg(&data),
        "--out",
        arg(&out),
    ];
    occto(&[&args[..], more].concat())
}

fn last_line(dir: &Path) -> serde_json::Value {
    let shown = occto(&["ledger", "show", "--data", arg(&dir.join("data")), "--json"]).out;
    serde_json::from_str::<serde_json::Value>(shown.lines().last().unwrap()).unwrap()["entry"].clone()
}

#[test]
fn a_table_is_released_with_its_statement_and_held_against_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("readings.csv");
    let points = readings(&file, &[("01", 2), ("02", 4), ("03", 6)], None);
    let rule = ["--rule", "custom:3/50"];
    let first = release(&file, dir.path(), &rule);
    assert_eq!(first.code, Some(0), "{first:?}");
    let table = fs::read_to_string(dir.path().join("out/A-0001.csv")).unwrap();
    // 30 days × 48 slots × 0.5 kWh are 720 kWh each. The first area is too small, the second would give it away.
    let rows: Vec<_> = table.trim_start_matches('\u{FEFF}').lines().collect();
    assert_eq!(
        rows,
        [
            "供給区域,需要家数,使用量kWh,状態",
            "北海道,,,非公表",
            "東北,,,非公表",
            "東京,6,4320,公表",
            "合計,12,8640,公表"
        ]
    );
    let statement = fs::read_to_string(dir.path().join("out/A-0001.statement.txt")).unwrap();
    assert!(
        statement.contains("[aggregate-too-few]\n") && statement.contains("[aggregate-derivable]\n"),
        "{statement}"
    );
    let line = last_line(dir.path());
    assert_eq!((line["verdict"].as_str(), line["cells"]["withheld"].as_u64()), (Some("granted"), Some(2)));
    let memory = fs::read_to_string(dir.path().join("data/releases/A-0001.json")).unwrap();
    let ledger = line.to_string();
    assert!(points.iter().all(|point| !memory.contains(point) && !ledger.contains(point)));

    // The same again; then one reading revised: nothing that shows by how much.
    assert_eq!(release(&file, dir.path(), &rule).code, Some(0));
    readings(&file, &[("01", 2), ("02", 4), ("03", 6)], Some(&points[11]));
    let revised = release(&file, dir.path(), &rule);
    assert!(revised.code == Some(1) && revised.out.contains("aggregate-difference"), "{revised:?}");
    let line = last_line(dir.path());
    assert_eq!((line["verdict"].as_str(), line["clause"].as_str()), (Some("refused"), Some("aggregate-too-few")));

    // One customer gone and another come: it overlaps with what was released.
    let mut text = fs::read_to_string(&file).unwrap();
    let other = points[11].replace("0005", "0099");
    assert_ne!(other, points[11]);
    text = text.replace(&points[11], &other);
    fs::write(&file, text).unwrap();
    let overlapping = release(&file, dir.path(), &rule);
    assert!(overlapping.code == Some(1) && overlapping.out.contains("[aggregate-overlap]"), "{overlapping:?}");
    let line = last_line(dir.path());
    assert_eq!((line["verdict"].as_str(), line["clause"].as_str()), (Some("refused"), Some("aggregate-overlap")));
    assert!(!dir.path().join("out/A-0003.csv").exists());
    let stats = occto(&["ledger", "stats", "--data", arg(&dir.path().join("data")), "--json"]);
    let stats: serde_json::Value = serde_json::from_str(&stats.out).unwrap();
    assert_eq!(stats["refusals"]["clause"]["aggregate-overlap"], 1);
}

#[test]
fn what_the_notice_or_the_arguments_do_not_allow_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("readings.csv");
    readings(&file, &[("03", 3)], None);
    let japanese = release(&file, dir.path(), &["--rule", "15/15", "--notice", "common-core"]);
    assert_eq!(japanese.code, Some(1), "{japanese:?}");
    assert_eq!(last_line(dir.path())["verdict"], "refused");
    refused(&release(&file, dir.path(), &["--rule", "1/15"]), &["2以上"]);
    refused(&release(&file, dir.path(), &["--rule", "15/15", "--rule", "residential=100"]), &["--classes"]);
    refused(&release(&file, dir.path(), &["--rule", "15/15", "--to", "2026-03"]), &["--to"]);
    refused(&release(&dir.path().join("none"), dir.path(), &["--rule", "15/15"]), &["none"]);
    let classes = dir.path().join("classes.csv");
    fs::write(&classes, "供給地点特定番号,区分\n0300111122223333440000,家庭用\n0300111122223333440001,宇宙用\n")
        .unwrap();
    refused(&release(&file, dir.path(), &["--rule", "15/15", "--classes", arg(&classes)]), &["3行目", "家庭用"]);
    let small = release(&file, dir.path(), &["--rule", "15/15"]);
    assert!(small.code == Some(1) && small.out.contains("aggregate-too-few"), "{small:?}");
}

#[test]
fn nothing_is_released_while_what_was_released_before_is_not_known() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("readings.csv");
    readings(&file, &[("03", 6)], None);
    let rule = ["--rule", "custom:3/50"];
    assert_eq!(release(&file, dir.path(), &rule).code, Some(0));
    let releases = dir.path().join("data/releases");
    let (record, key) = (releases.join("A-0001.json"), releases.join("salt.key"));
    let whole = fs::read(&record).unwrap();
    // A record that is not there, one with a customer less, and one of another folder.
    fs::remove_file(&record).unwrap();
    let lost = |said: &Said| {
        assert!(said.code == Some(1) && said.out.contains("[aggregate-record-lost]"), "{said:?}");
        assert_eq!(last_line(dir.path())["clause"], "aggregate-record-lost");
    };
    lost(&release(&file, dir.path(), &rule));
    let mut text: serde_json::Value = serde_json::from_slice(&whole).unwrap();
    text["cells"][0]["members"][0][1].as_array_mut().unwrap().pop();
    fs::write(&record, text.to_string()).unwrap();
    lost(&release(&file, dir.path(), &rule));
    fs::write(&record, &whole).unwrap();
    // Without its key nobody in it is known again, and with another one neither.
    let own = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    refused(&release(&file, dir.path(), &rule), &["salt.key"]);
    assert!(!key.exists());
    let other = tempfile::tempdir().unwrap();
    assert_eq!(release(&file, other.path(), &rule).code, Some(0));
    fs::copy(other.path().join("data/releases/salt.key"), &key).unwrap();
    refused(&release(&file, dir.path(), &rule), &["salt.key"]);
    fs::write(&key, own).unwrap();
    assert_eq!(release(&file, dir.path(), &rule).code, Some(0));
}

#[test]
fn a_month_of_a_longer_span_is_held_against_the_readings_of_all_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (april, file) = (dir.path().join("april.csv"), dir.path().join("readings.csv"));
    readings(&april, &[("03", 6)], None);
    let text = fs::read_to_string(&april).unwrap();
    let may = text.lines().skip(1).map(|line| line.replace("2026-04-", "2026-05-"));
    let may: Vec<_> = may.collect();
    let last = may.iter().filter(|line| line.contains("-05-30")).map(|line| line.replace("-05-30", "-05-31"));
    fs::write(&file, format!("{text}{}\n{}\n", may.join("\n"), last.collect::<Vec<_>>().join("\n"))).unwrap();
    let rule = ["--rule", "custom:3/50"];
    let both = release(&file, dir.path(), &[&rule[..], &["--to", "2026-05"]].concat());
    assert_eq!(both.code, Some(0), "{both:?}");
    // What is left of both months is May: its shares are known from the readings, and from April's alone they are not.
    let without = release(&april, dir.path(), &rule);
    assert!(without.code == Some(1) && without.out.contains("aggregate-difference"), "{without:?}");
    assert_eq!(release(&file, dir.path(), &rule).code, Some(0));
}

#[test]
fn with_a_list_of_customers_one_with_several_points_counts_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("readings.csv");
    let points = readings(&file, &[("01", 4), ("03", 6)], None);
    let list = dir.path().join("customers.csv");
    let mut text = String::from("供給地点特定番号,需要家番号\n");
    for (number, point) in points.iter().enumerate() {
        // The first two points are one customer's; the last one's customer is not told.
        let customer = if number == 1 { 0 } else { number };
        if number + 1 < points.len() {
            let _ = writeln!(text, "{point},C-{customer}");
        }
    }
    fs::write(&list, &text).unwrap();
    let rule = ["--rule", "custom:4/50", "--customers", arg(&list)];
    let released = release(&file, dir.path(), &rule);
    assert_eq!(released.code, Some(0), "{released:?}");
    let table = fs::read_to_string(dir.path().join("out/A-0001.csv")).unwrap();
    let rows: Vec<_> = table.trim_start_matches('\u{FEFF}').lines().skip(1).collect();
    // Four points of three customers are too few, and the other area would give them away.
    assert_eq!(rows, ["北海道,,,非公表", "東京,,,非公表", "合計,8,6480,公表"]);
    let statement = fs::read_to_string(dir.path().join("out/A-0001.statement.txt")).unwrap();
    assert!(statement.contains("需要家一覧の番号で数えています"), "{statement}");
    assert!(statement.contains("需要家番号の分からない供給地点は集計に含めていません（1件）"), "{statement}");
    // Without the list each point counts.
    let other = tempfile::tempdir().unwrap();
    let each = release(&file, other.path(), &rule[..2]);
    assert_eq!(each.code, Some(0), "{each:?}");
    let table = fs::read_to_string(other.path().join("out/A-0001.csv")).unwrap();
    assert!(table.contains("北海道,4,2880,公表"), "{table}");
    let statement = fs::read_to_string(other.path().join("out/A-0001.statement.txt")).unwrap();
    assert!(statement.contains("供給地点ごとに数えています"), "{statement}");
    for (wrong, parts) in [
        (text.replace("需要家番号", "番号"), ["1行目", "需要家番号"]),
        (format!("{text}{},C-9\n", points[0]), ["行目", "二つの需要家番号"]),
        (format!("{text}{},\n", points[9]), ["行目", "需要家番号がありません"]),
    ] {
        fs::write(&list, wrong).unwrap();
        refused(&release(&file, dir.path(), &rule), &parts);
    }
}
