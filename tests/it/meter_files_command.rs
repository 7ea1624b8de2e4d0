//! `occto meter read` and `occto meter write`, and `occto check` of what they make.

use crate::command::{arg, occto, refused};
use std::path::Path;

const CSV: &str = "供給地点特定番号,年月日,コマ,管理番号,電力量kWh,提供可否,区分\r\n\
    0300110000000000000001,2026-11-21,2,01,1.25,0,確報\r\n\
    0300110000000000000001,2026-11-21,1,01,0.0001,0,確報\r\n\
    0300110000000000000002,2026-11-21,1,,,1,確報\r\n\
    0300110000000000000001,2026-11-22,48,01,3,0,確報\r\n";

/// The arguments of a file to the operator of Tokyo.
fn write<'a>(from: &'a str, message: &'a str, out: &'a str, data: &'a str) -> Vec<&'a str> {
    vec![
        "meter",
        "write",
        "--from",
        from,
        "--message",
        message,
        "--out",
        out,
        "--sender",
        "retailer:40113",
        "--recipient",
        "operator:03",
        "--operator-code",
        "10033",
        "--data",
        data,
    ]
}

fn file(dir: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn readings_become_files_and_files_become_readings_again() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, out, data) = (file(dir.path(), "readings.csv", CSV), dir.path().join("out"), dir.path().join("data"));
    let args = write(arg(&csv), "1120", arg(&out), arg(&data));
    let said = occto(&args);
    assert_eq!(said.code, Some(0), "{said:?}");
    let names: Vec<_> =
        ["W41120202611210000000000.zip", "W41120202611220000000000.zip"].map(|name| out.join(name)).into();
    assert!(names.iter().all(|name| name.is_file()), "{said:?}");
    let ledger = occto(&["ledger", "verify", "--data", arg(&data)]);
    assert!(ledger.code == Some(0) && ledger.out.contains("2行"), "{ledger:?}");
    let shown = occto(&["ledger", "show", "--json", "--data", arg(&data)]).out;
    assert!(shown.contains("grid-operation") && shown.contains("meter-information"));
    assert!(!shown.contains("0300110000000000000001"));

    let checked = occto(&["check", arg(&names[0]), arg(&names[1])]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.out.contains("計量ファイル 3行（うち読取3行）"), "{checked:?}");

    // In the order of the slots, and otherwise as they were.
    let back = dir.path().join("back.csv");
    for charset in ["cp932", "utf-8"] {
        let said = occto(&["meter", "read", arg(&out), "--to", "csv", "--charset", charset, "--out", arg(&back)]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let octets = std::fs::read(&back).unwrap();
        let (_, text, _) = occto::wire::charset::read(&octets).unwrap();
        let mut lines: Vec<_> = CSV.split_inclusive("\r\n").collect();
        lines.swap(1, 2);
        lines.swap(2, 3);
        assert_eq!(text, lines.concat());
        assert_eq!(octets.starts_with(b"\xEF\xBB\xBF"), charset == "utf-8");
    }
    // Written again from what was read, the files are the same but for the time of creation.
    let again = dir.path().join("again");
    assert_eq!(occto(&write(arg(&back), "1120", arg(&again), arg(&data))).code, Some(0));

    let json = occto(&["meter", "read", arg(&names[0]), "--to", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let one = &value["files"][0];
    assert_eq!(
        (one["kind"].as_str(), one["points"].as_u64(), one["kwh"].as_str()),
        (Some("1120"), Some(2), Some("1.2501"))
    );
    assert_eq!((one["rows"].as_array().map(Vec::len), &one["rows"][1]["kwh"]), (Some(3), &serde_json::Value::Null));
    assert_eq!((one["tally"]["read"].as_u64(), one["tally"]["missing"].as_u64()), (Some(3), Some(1)));

    let table = occto(&["meter", "read", arg(&out)]);
    assert!(
        table.code == Some(0) && table.out.contains("低圧日毎30分電力量") && table.out.contains("1.2501"),
        "{table:?}"
    );
    let english = occto(&["--lang", "en", "meter", "read", arg(&out)]);
    assert!(english.out.contains("sum kWh"), "{english:?}");

    let parquet = dir.path().join("parquet");
    let said = occto(&["meter", "read", arg(&out), "--to", "parquet", "--out", arg(&parquet)]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for day in ["2026-11-21", "2026-11-22"] {
        let folder = parquet.join(format!("readings/area=03/date={day}/status=daily"));
        let found = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(found, 1, "{}", folder.display());
    }
}

#[test]
fn slots_of_a_day_become_a_file_each() {
    let dir = tempfile::tempdir().unwrap();
    let csv = file(dir.path(), "readings.csv", &CSV.replace("確報", "速報"));
    let (out, data) = (dir.path().join("out"), dir.path().join("data"));
    assert_eq!(occto(&write(arg(&csv), "1110", arg(&out), arg(&data))).code, Some(0));
    let mut names: Vec<_> = std::fs::read_dir(&out).unwrap().map(|one| one.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["W41110202611210000000000.zip", "W41110202611210030000000.zip", "W41110202611222330000000.zip"]);
}

#[test]
fn what_may_not_leave_is_not_written_and_stands_in_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, out, data) = (file(dir.path(), "readings.csv", CSV), dir.path().join("out"), dir.path().join("data"));
    let mut args = write(arg(&csv), "1120", arg(&out), arg(&data));
    args[11] = "retailer:40123";
    let said = occto(&args);
    assert!(said.code == Some(1) && said.out.contains("※1") && said.out.contains("本人の同意"), "{said:?}");
    assert!(!out.exists());
    let shown = occto(&["ledger", "show", "--json", "--data", arg(&data)]).out;
    assert!(shown.contains("\"refused\"") || shown.contains("\\\"refused\\\""), "{shown}");
    // An aggregator may have them for negawatt trading.
    args[11] = "suppression-contractor:60013";
    assert_eq!(occto(&args).code, Some(1));
    args.extend(["--purpose", "negawatt-trading"]);
    assert_eq!(occto(&args).code, Some(0));
    // Points of another area among them: nothing goes to the operator.
    let mixed = file(dir.path(), "mixed.csv", &CSV.replace("0300110000000000000002", "0400110000000000000002"));
    let said = occto(&write(arg(&mixed), "1120", arg(&dir.path().join("mixed")), arg(&data)));
    assert!(said.code == Some(1) && said.out.contains("供給区域ごとに分けてください"), "{said:?}");
}

#[test]
fn nothing_goes_to_a_consignee_without_a_running_contract_for_the_purpose() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, out, data) = (file(dir.path(), "readings.csv", CSV), dir.path().join("out"), dir.path().join("data"));
    let mut args = write(arg(&csv), "1120", arg(&out), arg(&data));
    args[11] = "consignee:reader";
    // The register is the evidence, whatever is named.
    args.extend(["--evidence", "contract:MADE-UP"]);
    let refused_by = |clause: &str| {
        let said = occto(&args);
        assert!(said.code == Some(1) && said.out.contains(&format!("[{clause}]")), "{clause}: {said:?}");
        assert!(!out.exists(), "{clause}");
        let ledger = occto(&["ledger", "show", "--json", "--data", arg(&data)]).out;
        assert!(ledger.contains(clause) && ledger.contains("consignee:reader"), "{clause}: {ledger}");
    };
    let contract = |reference: &str, purpose: &str, until: &str| {
        let entry = ["consignee", "add", "--party", "consignee:reader", "--contract", reference, "--purposes", purpose];
        let said = occto(&[&entry[..], &["--until", until, "--retailer", "40113", "--data", arg(&data)]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
    };
    refused_by("contract-unknown");
    contract("C-1", "grid-operation", "2098-03-31");
    let end = |on: &str| {
        occto(&["consignee", "end", "--entry", "1", "--on", on, "--retailer", "40113", "--data", arg(&data)])
    };
    assert_eq!(end("2020-03-31").code, Some(0));
    refused_by("contract-ended");
    // It does not come back to life: that is a contract of its own.
    let longer = end("2099-03-31");
    assert!(longer.code == Some(1) && longer.out.contains("[contract-longer]"), "{longer:?}");
    refused_by("contract-ended");
    contract("C-2", "negawatt-trading", "2099-03-31");
    refused_by("contract-purpose");
    contract("C-3", "grid-operation", "2099-03-31");
    // The register lets it through. A message of W4 has codes for its parties, and a consignee has none.
    refused_by("no-business-code");
}

#[test]
fn wrong_rows_stop_everything_and_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (out, data) = (dir.path().join("out"), dir.path().join("data"));
    for (from, to, code) in [
        (",1.25,", ",1.25001,", "OC0210"),
        (",2,01,", ",1,01,", "OC1057"),
        ("確報", "速報", "OC1058"),
        (",48,", ",49,", "OC1105"),
    ] {
        let csv = file(dir.path(), "readings.csv", &CSV.replacen(from, to, 1));
        let said = occto(&write(arg(&csv), "1120", arg(&out), arg(&data)));
        assert!(said.code == Some(1) && said.out.contains(code), "{code} {said:?}");
        assert!(!out.exists());
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, out, data) = (file(dir.path(), "readings.csv", CSV), dir.path().join("out"), dir.path().join("data"));
    let good = || write(arg(&csv), "1120", arg(&out), arg(&data));
    let with = |at: usize, value: &'static str| {
        let mut args = good();
        args[at] = value;
        occto(&args)
    };
    refused(&with(5, "1220"), &["1220"]);
    refused(&with(5, "9999"), &["9999"]);
    refused(&with(3, "missing.csv"), &["missing.csv"]);
    refused(&with(9, "retailer"), &["--sender"]);
    refused(&with(9, "nobody"), &["--sender"]);
    refused(&with(13, "100"), &["--operator-code"]);
    refused(&occto(&[&good()[..12], &["--data", arg(&data)]].concat()), &["--operator-code"]);
    refused(&occto(&["meter", "read", arg(&csv), "--to", "parquet"]), &["--out"]);
    let missing = occto(&["meter", "read", arg(&dir.path().join("none.zip"))]);
    assert!(missing.code == Some(1) && missing.out.contains("OC1006"), "{missing:?}");
    assert_eq!(occto(&good()).code, Some(0));
    // Another content under the same name is a revision, never an overwriting.
    std::fs::write(&csv, CSV.replace("1.25", "1.5")).unwrap();
    refused(&occto(&good()), &["--revision"]);
    let mut args = good();
    args.extend(["--revision", "1"]);
    assert_eq!(occto(&args).code, Some(0));
    assert!(out.join("W41120202611210000010000.zip").is_file());
}

#[test]
fn damaged_files_are_findings_and_the_others_are_still_read() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, out, data) = (file(dir.path(), "readings.csv", CSV), dir.path().join("out"), dir.path().join("data"));
    assert_eq!(occto(&write(arg(&csv), "1120", arg(&out), arg(&data))).code, Some(0));
    let good = out.join("W41120202611210000000000.zip");
    let whole = std::fs::read(&good).unwrap();
    std::fs::write(out.join("W41120202611220000000000.zip"), &whole[..whole.len() / 2]).unwrap();
    // A file under the name of another day.
    std::fs::write(out.join("W41120202611230000000000.zip"), &whole).unwrap();
    file(&out, "W41120202611240000000000.xml", "<html>login</html>");
    let said = occto(&["meter", "read", arg(&out)]);
    assert_eq!(said.code, Some(1));
    for code in ["OC1043", "OC1041", "OC1002"] {
        assert!(said.out.contains(code), "{code}: {}", said.out);
    }
    assert_eq!(said.out.matches("1.2501").count(), 2, "{}", said.out);
    let checked = occto(&["check", arg(&out.join("W41120202611230000000000.zip"))]);
    assert!(checked.code == Some(1) && checked.out.contains("OC1041"), "{checked:?}");
    // Rows go to the standard output, findings do not.
    let said = occto(&["meter", "read", arg(&out), "--to", "csv", "--charset", "utf-8"]);
    assert!(said.code == Some(1) && !said.out.contains("OC10") && said.err.contains("OC1043"), "{said:?}");
    assert_eq!(said.out.lines().count(), 7);
}
