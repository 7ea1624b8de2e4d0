//! `occto meter ingest`, `gaps` and `show`, as a person calls them.

use crate::command::{arg, command, occto, refused, said};
use crate::meter_place::{Made, day, point};
use crate::readings::paths;
use occto::items::Slot;
use occto::messages::metering::MeteringKind;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn call(&self, args: &[&str]) -> Command {
        let data = self.path("data");
        let mut all = vec!["meter"];
        all.extend(args);
        all.extend(["--data", arg(&data)]);
        command(&all)
    }
    fn json(&self, args: &[&str]) -> (Option<i32>, Value) {
        let found = said(self.call(args).arg("--json"));
        (found.code, serde_json::from_str(&found.out).unwrap_or_else(|_| panic!("{found:?}")))
    }
    fn register(&self, rows: &[(u32, &str)]) -> PathBuf {
        let mut text = "供給地点特定番号,開始日\r\n".to_owned();
        rows.iter().for_each(|(number, start)| text.push_str(&format!("{},{start}\r\n", point(*number).as_str())));
        let path = self.path("contracts.csv");
        fs::write(&path, encoding_rs::SHIFT_JIS.encode(&text).0).unwrap();
        path
    }
}

fn a_day(desk: &Desk) -> PathBuf {
    let mut made = Made::new(MeteringKind::LowDay);
    for slot in Slot::all() {
        made = made.row(point(1), "", slot, Some(&format!("{}.5", slot.number())));
        made = made.row(point(2), "", slot, (slot.number() != 30).then_some("0.1234"));
        made = made.row(point(9), "", slot, Some("1"));
    }
    made.put(&desk.path("files"));
    desk.path("files")
}

#[test]
fn a_day_from_the_files_to_the_plot() {
    let desk = Desk::new();
    let (files, contracts) = (a_day(&desk), desk.register(&[(1, "2026-01-01"), (2, "2026-01-01"), (3, "2026-01-01")]));
    let found = said(&mut desk.call(&["ingest", arg(&files), "--contracts", arg(&contracts)]));
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.out.contains("OC1063") && found.out.contains("取込 1") && !found.out.contains("000009"), "{found:?}");
    assert!(found.out.contains("読取144行（うち値なし1行・対象外48行）"), "{found:?}");
    // The register is kept: nobody has to name it again.
    let (code, again) = desk.json(&["ingest", arg(&files)]);
    assert_eq!((code, &again["summary"]["outcomes"]["already"]), (Some(0), &Value::from(1)));
    let found = said(desk.call(&["gaps", "--today", "2026-04-02"]).args(["--lang", "en"]));
    assert_eq!(found.code, Some(1));
    for part in ["OC1072", "OC1073", "OC1063", "2026-04-01", "03-0011-1000-0000-0000-0003", "Tokyo"] {
        assert!(found.out.contains(part), "no {part} in {}", found.out);
    }
    let (code, gaps) = desk.json(&["gaps", "--from", "2026-04-01", "--to", "2026-04-01"]);
    assert_eq!((code, &gaps["counts"]["slots"], &gaps["counts"]["point"]), (Some(1), &1.into(), &1.into()));
    assert_eq!(gaps["days"][0]["missing_slots"], 49);
    let svg = desk.path("day.svg");
    let show = ["show", "--point", "03-0011-1000-0000-0000-0002", "--svg", arg(&svg), "--history"];
    let found = said(&mut desk.call(&show));
    assert_eq!(found.code, Some(0), "{found:?}");
    let lines: Vec<_> = found.out.lines().collect();
    assert!(lines[2].starts_with("   1 00:00-00:30         0.1234 確報"), "{}", lines[2]);
    assert!(
        lines[31].starts_with("  30 14:30-15:00              - 欠測") && lines[31].contains("提供否"),
        "{}",
        lines[31]
    );
    assert!(lines[49].starts_with("  48 23:30-24:00"), "{}", lines[49]);
    assert!(lines[50].contains("合計 5.7998 kWh（47コマ、欠測1コマ）"), "{}", lines[50]);
    assert!(found.out.contains("W41120202604010000000000.zip"), "{}", found.out);
    let picture = fs::read_to_string(svg).unwrap();
    assert_eq!((picture.matches("kWh 確報</title>").count(), picture.matches("url(#gap)").count()), (47, 2));
    assert!(!picture.contains(point(2).as_str()));
    let (code, shown) = desk.json(&["show", "--point", point(1).as_str(), "--date", "2026-04-01"]);
    assert_eq!((code, &shown["slots"][47]["kwh"], &shown["kwh"]), (Some(0), &"48.5".into(), &"1200".into()));
    let ledger = occto(&["ledger", "show", "--json", "--data", arg(&desk.path("data"))]);
    let verdicts: Vec<_> = ledger
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["entry"]["verdict"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(verdicts, ["quarantined", "shown", "shown"]);
    assert_eq!(occto(&["ledger", "verify", "--data", arg(&desk.path("data"))]).code, Some(0));
    assert!(!ledger.out.contains(point(1).as_str()) && !ledger.out.contains(point(9).as_str()));
}

#[test]
fn what_is_not_ours_is_not_shown() {
    let desk = Desk::new();
    let (files, contracts) = (a_day(&desk), desk.register(&[(1, "2026-01-01"), (2, "2026-05-01")]));
    said(&mut desk.call(&["ingest", arg(&files), "--contracts", arg(&contracts)]));
    refused(&said(&mut desk.call(&["show", "--point", point(9).as_str()])), &["契約台帳にない"]);
    let second = point(2);
    let early = ["show", "--point", second.as_str(), "--date", "2026-04-01"];
    refused(&said(&mut desk.call(&early)), &["契約期間外"]);
    assert_eq!(said(&mut desk.call(&["show", "--point", point(2).as_str()])).code, Some(1));
    let stats = occto(&["ledger", "stats", "--json", "--data", arg(&desk.path("data"))]).out;
    let stats: Value = serde_json::from_str(&stats).unwrap();
    assert_eq!(stats["refusals"]["clause"], serde_json::json!({"outside-purpose": 1, "retailer-unknown": 1}));
    let ledger = occto(&["ledger", "show", "--json", "--data", arg(&desk.path("data"))]).out;
    assert!(!ledger.contains(point(9).as_str()) && !ledger.contains(second.as_str()));
}

#[test]
fn bad_arguments_are_named_and_change_nothing() {
    let desk = Desk::new();
    let files = a_day(&desk);
    refused(&said(&mut desk.call(&["ingest", arg(&desk.path("none.zip"))])), &["none.zip"]);
    refused(&said(&mut desk.call(&["ingest"])), &["inbox"]);
    let bad = desk.path("bad.csv");
    fs::write(&bad, "供給地点特定番号,開始日\n123,2026-04-01\n").unwrap();
    refused(&said(&mut desk.call(&["ingest", arg(&files), "--contracts", arg(&bad)])), &["OC1060", "bad.csv", "2行目"]);
    assert!(!desk.path("data").join("contracts.csv").exists() && paths(&desk.path("data/readings")).is_empty());
    refused(&said(&mut desk.call(&["ingest", arg(&files), "--contracts", arg(&desk.path("no.csv"))])), &["no.csv"]);
    refused(&said(&mut desk.call(&["ingest", arg(&files), "--base-included", "3"])), &["--base-included"]);
    let elsewhere = Desk::new();
    refused(&said(&mut elsewhere.call(&["gaps"])), &["--data"]);
    refused(&said(&mut desk.call(&["show", "--point", "123"])), &["--point"]);
    let broken = desk.path("files").join("W41120202604020000000000.zip");
    fs::write(&broken, b"PK\x03\x04").unwrap();
    let found = said(&mut desk.call(&["ingest", arg(&files)]));
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(
        found.out.contains("取込不可 1") && found.out.contains("取込 1") && found.out.contains("OC1062"),
        "{found:?}"
    );
}

#[test]
fn a_damaged_file_of_readings_is_named_and_comes_back_from_its_source() {
    let desk = Desk::new();
    let files = a_day(&desk);
    assert_eq!(said(&mut desk.call(&["ingest", arg(&files)])).code, Some(0));
    let file = paths(&desk.path("data/readings")).into_iter().find(|path| path.is_file()).unwrap();
    let mut octets = fs::read(&file).unwrap();
    let middle = octets.len() / 2;
    octets[middle] ^= 1;
    fs::write(&file, octets).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    refused(
        &said(&mut desk.call(&["show", "--point", point(1).as_str()])),
        &[name, "書き換わっています", "meter ingest"],
    );
    refused(&said(&mut desk.call(&["gaps"])), &[name]);
    fs::remove_file(&file).unwrap();
    let (code, again) = desk.json(&["ingest", arg(&files)]);
    assert_eq!((code, &again["summary"]["outcomes"]["again"]), (Some(0), &1.into()));
    assert_eq!(said(&mut desk.call(&["show", "--point", point(1).as_str()])).code, Some(0));
}

/// Many files of one slot.
fn many(dir: &Path, points: u32) {
    let points: Vec<_> = (0..points).map(point).collect();
    for number in 1..=24 {
        Made::new(MeteringKind::LowSlot).at(number).full(&points, "0.5").put(dir);
    }
}

#[test]
fn an_intake_that_is_killed_goes_on_where_it_stopped() {
    let desk = Desk::new();
    let files = desk.path("files");
    many(&files, 400);
    let mut stopped = 0;
    // So early that even a fast machine is stopped often, and ever later so that a slow one gets on.
    for round in 0..40u64 {
        let mut child =
            desk.call(&["ingest", arg(&files), "--json"]).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(10 + round * 4));
        stopped += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(stopped > 3, "it was stopped at work: {stopped}");
    let (code, _) = desk.json(&["ingest", arg(&files)]);
    assert_eq!(code, Some(0));
    let left: Vec<_> = paths(&desk.path("data/readings")).into_iter().filter(|path| path.is_file()).collect();
    assert_eq!(left.len(), 24, "one file of readings for each, and nothing temporary: {left:?}");
    let (code, shown) = desk.json(&["show", "--point", point(7).as_str()]);
    assert_eq!((code, &shown["kwh"], shown["missing"].as_array().unwrap().len()), (Some(0), &"12".into(), 24));
    assert_eq!(shown["history"].as_array().unwrap().len(), 24);
}

#[test]
fn a_disk_that_fills_up_is_named_and_the_intake_goes_on_afterwards() {
    let desk = Desk::new();
    let files = desk.path("files");
    many(&files, 2000);
    for kib in [8, 100, 300] {
        // No file may grow over so much; a write beyond fails as on a full disk.
        let call = desk.call(&["ingest", arg(&files)]);
        let words: Vec<_> = std::iter::once(call.get_program())
            .chain(call.get_args())
            .map(|word| format!("'{}'", word.to_str().unwrap()))
            .collect();
        let line = format!("trap '' XFSZ; ulimit -f {kib}; exec {}", words.join(" "));
        let found = said(Command::new("bash").args(["-c", &line]));
        if found.code != Some(0) {
            refused(&found, &["空き", "再実行"]);
        }
        assert!(paths(&desk.path("data")).iter().all(|path| !path.to_str().unwrap().contains(".occto-")));
    }
    let (code, taken) = desk.json(&["ingest", arg(&files)]);
    assert_eq!((code, &taken["summary"]["outcomes"]["failed"]), (Some(0), &0.into()));
    let (_, shown) = desk.json(&["show", "--point", point(1999).as_str()]);
    assert_eq!(shown["kwh"], "12");
}

#[test]
fn a_small_disk_is_named() {
    let desk = Desk::new();
    let (files, full) = (a_day(&desk), desk.path("full"));
    fs::create_dir(&full).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "none", arg(&full)]).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        eprintln!("skipped: a small disk cannot be mounted here");
        return;
    }
    let found = said(&mut command(&["meter", "ingest", arg(&files), "--data", arg(&full)]));
    let status = Command::new("umount").arg(&full).status().unwrap();
    refused(&found, &["空き", "再実行", arg(&full)]);
    assert!(status.success());
}

#[test]
fn a_revision_that_comes_first_still_decides() {
    let desk = Desk::new();
    let files = desk.path("files");
    Made::new(MeteringKind::LowDay).revision(1, 0).full(&[point(1)], "2").put(&files);
    said(&mut desk.call(&["ingest", arg(&files)]));
    Made::new(MeteringKind::LowDay).full(&[point(1)], "1").put(&files);
    said(&mut desk.call(&["ingest", arg(&files)]));
    let (_, shown) = desk.json(&["show", "--point", point(1).as_str(), "--date", &day().to_string()]);
    assert_eq!((&shown["slots"][0]["kwh"], shown["slots"].as_array().unwrap().len()), (&"2".into(), 48));
    let history: Vec<_> = shown["history"].as_array().unwrap().iter().map(|row| row["revision"].clone()).collect();
    assert_eq!(history, [0, 1]);
}
