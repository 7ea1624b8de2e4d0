//! Every refusal by the binary: its clause in what is printed, and a line in the ledger.

use crate::command::{EXAMPLE, Said, Served, arg, command, ledger_lines, occto, said};
use serde_json::Value;
use std::path::Path;

/// A call that was refused: by its clause, in what it printed and as the last line of the ledger.
fn refused_by(data: &Path, said: &Said, clause: &str) {
    assert!(matches!(said.code, Some(1 | 2)), "{clause}: {said:?}");
    assert!(format!("{}{}", said.out, said.err).contains(&format!("[{clause}]")), "{clause}: {said:?}");
    let line = ledger_lines(data).pop().unwrap();
    assert_eq!((&line["verdict"], &line["clause"]), (&"refused".into(), &clause.into()), "{line}");
}

/// The example's first application alone, under another receipt number.
fn first_again(path: &Path) {
    let octets = std::fs::read(EXAMPLE).unwrap();
    let ends: Vec<_> = octets.iter().enumerate().filter(|(_, octet)| **octet == b'\n').map(|(at, _)| at + 1).collect();
    let row = String::from_utf8_lossy(&octets[ends[0]..ends[0] + 5]).into_owned();
    assert_eq!(row, "R-001");
    let mut own = octets[..ends[0]].to_vec();
    own.extend(b"R-901");
    own.extend(&octets[ends[0] + 5..ends[1]]);
    std::fs::write(path, own).unwrap();
}

#[test]
fn a_switch_under_way_is_not_erased_and_a_suspended_customer_not_applied_for() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::start(&[]);
    let config = served.config(dir.path(), "40113");
    let data = dir.path().join("data");
    let switch = |step: &str, more: &[&str]| {
        said(
            command(&["switch", step, "--data", arg(&data), "--config", arg(&config), "--today", "2026-04-01"])
                .args(more),
        )
    };
    let call = |args: &[&str]| occto(&[args, &["--data", arg(&data), "--today", "2026-04-01"]].concat());
    assert_eq!(switch("submit", &[EXAMPLE, "--approve", "--by", "甲"]).code, Some(0));
    let own = switch("approve", &["--by", "甲", "--yes"]);
    assert!(own.err.contains("承認できません"), "{own:?}");
    refused_by(&data, &own, "four-eyes");
    assert_eq!(ledger_lines(&data).last().unwrap()["message"], "switch-approve");
    assert_eq!(switch("approve", &["--by", "乙", "--yes"]).code, Some(0));
    switch("poll", &[]);

    let mine = ["--point", "03-0376-1730-4300-0014-8072", "--name", "佐藤　太郎", "--identity", "driving-licence:K-1"];
    refused_by(&data, &call(&[&["subject", "erase"], &mine[..]].concat()), "open-switch");
    let cancelled = switch("cancel", &["R-001"]);
    assert!(cancelled.out.contains("取消"), "{cancelled:?}");
    let suspended = call(&[&["subject", "suspend"], &mine[..]].concat());
    assert_eq!(suspended.code, Some(0), "{suspended:?}");
    let look = occto(&["meter", "show", "--point", mine[1], "--data", arg(&data), "--by", "丙"]);
    refused_by(&data, &look, "suspended");
    let again = dir.path().join("again.csv");
    first_again(&again);
    let before = ledger_lines(&data).len();
    let held = switch("submit", &[arg(&again)]);
    assert!(held.code == Some(1) && held.out.contains("要確認"), "{}{}", held.out, held.err);
    let after = ledger_lines(&data);
    let refusals: Vec<_> = after[before..].iter().filter(|line| line["verdict"] == "refused").collect();
    let [line] = &refusals[..] else { panic!("{after:?}") };
    assert_eq!((&line["message"], &line["clause"]), (&"application".into(), &"suspended".into()));
    let own = line["reference"].as_str().unwrap();
    let about = |line: &&Value| line["reference"].as_str().is_some_and(|reference| reference.starts_with(own));
    assert_eq!(after.iter().filter(about).count(), 1, "something of it went out");
    let release = switch("release", &["R-901"]);
    refused_by(&data, &release, "suspended");
    // The customer finds that it was refused.
    let report = call(&[&["subject", "report", "--json"], &mine[..]].concat());
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let told = |message: &str| {
        let all = report["disclosures"].as_array().unwrap();
        all.iter().filter(|one| one["message"] == message && one["refused"] == true).count()
    };
    assert!(!report.to_string().contains("乙") && !report["consents"].to_string().contains("甲"), "{report}");
    assert_eq!((told("application"), told("subject-erase"), told("meter-show")), (1, 1, 1), "{report}");
    assert!(!report.to_string().contains("丙"), "{report}");
}

#[test]
fn what_a_customer_a_role_or_a_law_does_not_allow_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let ran = occto(&["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&data), "--out", arg(&out)]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let call = |args: &[&str]| occto(&[args, &["--data", arg(&data), "--today", "2026-12-01"]].concat());
    let point = ["--point", "03-0376-1730-4300-0014-8072"];
    let named = |name: &'static str| [&point[..], &["--name", name, "--identity", "call-back:K-1"]].concat();
    let correct = ["subject", "correct", "--item", "telephone", "--value", "03-1234-5678"];
    refused_by(&data, &call(&[&correct[..], &named("鈴木　花子")].concat()), "another-subject");
    let look = ["held", "show", "--as", "metering", "--purpose", "negawatt-trading"];
    refused_by(&data, &call(&[&look[..], &point].concat()), "role-purpose");
    let evidence = dir.path().join("consent.pdf");
    std::fs::write(&evidence, "signed").unwrap();
    let consent =
        ["consent", "add", "--name", "佐藤　太郎", "--purpose", "consignment-contract", "--method", "written"];
    let future = ["--given", "2026-12-02T10:00", "--evidence", arg(&evidence)];
    refused_by(&data, &call(&[&consent[..], &future, &point].concat()), "consent-future");
    let sales = ["consent", "add", "--name", "佐藤　太郎", "--purpose", "win-back-sales", "--method", "written"];
    let given = ["--given", "2026-11-30T10:00", "--evidence", arg(&evidence)];
    refused_by(&data, &call(&[&sales[..], &given, &point].concat()), "prohibition");
    let hold = call(&[&["retention", "hold", "--law", "電気事業法施行規則"], &point[..]].concat());
    assert_eq!(hold.code, Some(0), "{hold:?}");
    let erase = [&["subject", "erase"], &named("佐藤　太郎")[..]].concat();
    let kept = call(&erase);
    assert!(kept.out.contains("電気事業法施行規則"), "{kept:?}");
    refused_by(&data, &kept, "legal-hold");
    assert_eq!(call(&[&["retention", "release"], &point[..]].concat()).code, Some(0));
    assert_eq!(call(&erase).code, Some(0));
    refused_by(&data, &call(&erase), "already-erased");
    assert_eq!(occto(&["ledger", "verify", "--data", arg(&data)]).code, Some(0));
}
