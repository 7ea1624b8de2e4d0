//! One's own notice, from a file: what it says decides, and whoever goes on with the data works under it.

use crate::command::{EXAMPLE, arg, occto, refused};
use std::fs;

/// The file of a company whose notice names fewer operators than the common core.
fn ours(key: &str) -> String {
    fs::read_to_string("schemas/notices/terras.toml").unwrap().replace("key = \"terras\"", &format!("key = \"{key}\""))
}

#[test]
fn a_file_decides_and_the_data_folder_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ours.toml");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    fs::write(&file, ours("our-company")).unwrap();
    let run = ["switch", "run", EXAMPLE, "--sandbox", "--notice", arg(&file), "--data", arg(&data), "--out", arg(&out)];
    assert_eq!(occto(&run).code, Some(1));
    let results = fs::read(out.join("results.csv")).unwrap();
    assert!(results.windows(7).any(|octets| octets == b"refused"), "the operator that it leaves out was told");
    assert!(fs::read_to_string(out.join("report.html")).unwrap().contains("株式会社テラス"));
    let ledger = fs::read_to_string(out.join("ledger.jsonl")).unwrap();
    assert_eq!(ledger.matches("notice-taken").count(), 1);
    assert!(ledger.matches("\"notice\":\"our-company\"").count() > 20, "decisions name another notice");
    // Without the file the folder works on under the same text.
    fs::remove_file(&file).unwrap();
    let plan = occto(&["retention", "plan", "--data", arg(&data), "--today", "2026-06-01"]);
    assert!(plan.code != Some(2) && plan.out.contains("60 kept"), "{plan:?}");
    let other = occto(&["retention", "plan", "--notice", "terras", "--data", arg(&data), "--today", "2026-06-01"]);
    refused(&other, &["our-company"]);
}

#[test]
fn every_command_takes_a_file_and_none_takes_the_name_of_a_notice_that_ships() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ours.toml");
    let ask = |file: &str| {
        let question = ["--from", "retailer:40113", "--to", "operator:10", "--purpose", "point-confirmation"];
        occto(&[&["explain", "--notice", file, "--items", "supply-point-id"][..], &question].concat())
    };
    fs::write(&file, ours("our-company")).unwrap();
    assert_ne!(ask(arg(&file)).out, ask("common-core").out);
    assert_eq!(ask(arg(&file)).out, ask("terras").out);
    fs::write(&file, ours("common-core")).unwrap();
    refused(&ask(arg(&file)), &["common-core", "別の key"]);
    fs::write(&file, ours("our-company").replace("title-ja", "titel-ja")).unwrap();
    refused(&ask(arg(&file)), &["行", "列"]);
    refused(&ask(arg(&dir.path().join("none.toml"))), &["通知「", "またはファイル"]);
}
