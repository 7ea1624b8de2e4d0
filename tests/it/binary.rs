//! The binary from end to end: what it prints, what it leaves, what it ends with.

use crate::command::{EXAMPLE, Served, arg, command, occto, refused, said};
use crate::line::no_personal_data;
use crate::practice::csv_of;
use occto::sandbox::World;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The cells of a CP932 file, row by row.
fn cells(path: &Path) -> Vec<Vec<String>> {
    let bytes = fs::read(path).unwrap();
    let (text, _, lost) = encoding_rs::SHIFT_JIS.decode(&bytes);
    assert!(!lost && text.matches('\n').count() == text.matches("\r\n").count());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_example_ends_with_files_a_table_and_exit_1() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let run = |more: &[&str]| {
        let args = ["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&data), "--out", arg(&out)];
        said(command(&args).args(more))
    };
    let first = run(&["--json", "--xlsx"]);
    assert_eq!(first.code, Some(1));
    let answer = json(&first.out);
    let cases = answer["cases"].as_array().unwrap();
    let (input, results) = (cells(Path::new(EXAMPLE)), cells(&out.join("results.csv")));
    assert_eq!((cases.len() + 1, input.len()), (results.len(), results.len()));
    let outcome = results[0].iter().position(|name| name == "結果").unwrap();
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for ((case, row), before) in cases.iter().zip(&results[1..]).zip(&input[1..]) {
        assert_eq!(&row[..before.len()], before, "the same rows in the same order");
        assert_eq!(case["receipt"].as_str().unwrap(), row[0]);
        let key = case["outcome"].as_str().unwrap();
        let said = occto::items::Code::ja(<occto::desk::view::Outcome as occto::items::Code>::from_key(key).unwrap());
        assert_eq!(said, row[outcome], "{}", row[0]);
        *counted.entry(key).or_default() += 1;
    }
    for (key, count) in &counted {
        assert_eq!(answer["counts"]["outcomes"][key].as_u64(), Some(*count), "{key}");
    }
    assert_eq!(answer["counts"]["total"].as_u64(), Some(cases.len() as u64));
    assert!(counted.len() >= 11, "the example reaches every outcome: {counted:?}");
    assert!(fs::read(out.join("results.xlsx")).unwrap().starts_with(b"PK"));
    assert!(fs::read_to_string(out.join("report.html")).unwrap().contains("<html lang=\"ja\""));
    let ledger = fs::read_to_string(out.join("ledger.jsonl")).unwrap();
    let world = World::parse(&fs::read_to_string("examples/world.toml").unwrap()).unwrap();
    no_personal_data(&(ledger.clone() + &first.err), &world);
    let before = fs::read(out.join("results.csv")).unwrap();

    // The same again: the same end, in English.
    let again = run(&["--lang", "en"]);
    assert_eq!(again.code, Some(1));
    assert!(again.out.contains("outcome") && !again.out.contains("合計"), "{}", again.out);
    assert!(fs::read(out.join("results.csv")).unwrap() == before);
    assert!(fs::read_to_string(out.join("ledger.jsonl")).unwrap() == ledger);

    // A workbook with the same rows comes to the same end.
    let book = dir.path().join("book.xlsx");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in input.iter().enumerate() {
        for (column, cell) in line.iter().enumerate() {
            sheet.write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), cell).unwrap();
        }
    }
    workbook.save(&book).unwrap();
    let other = dir.path().join("other");
    let args = ["switch", "run", arg(&book), "--sandbox", "--data", arg(&other), "--out", arg(&other), "--json"];
    assert_eq!(json(&occto(&args).out)["counts"], answer["counts"]);
}

#[test]
fn all_is_well_with_exit_0() {
    let dir = tempfile::tempdir().unwrap();
    let example = fs::read(EXAMPLE).unwrap();
    let two: Vec<u8> = example.split_inclusive(|byte| *byte == b'\n').take(3).flatten().copied().collect();
    let file = dir.path().join("two.csv");
    fs::write(&file, two).unwrap();
    let args = ["switch", "run", arg(&file), "--sandbox", "--data", arg(dir.path()), "--out", arg(dir.path())];
    let done = occto(&args);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(occto(&["check", arg(&file), "--today", "2026-04-01"]).code, Some(0));
    let found = occto(&["check", EXAMPLE, arg(&file), "--today", "2026-04-01", "--json"]);
    assert_eq!(found.code, Some(1));
    let files = json(&found.out);
    assert_eq!(files["files"].as_array().unwrap().len(), 2);
    assert!(files["files"][0]["findings"][0]["code"].as_str().unwrap().starts_with("OC"));
    assert_eq!(occto(&["check", "no-such-file.csv"]).code, Some(1));
    assert_eq!(occto(&["switch", "run"]).code, Some(2));
    refused(&occto(&["switch", "run", EXAMPLE, "--data", arg(&dir.path().join("x"))]), &["--config", "--sandbox"]);
}

#[test]
fn a_notice_without_shared_use_switches_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for notice in ["mce", "clean-power-alliance"] {
        let args = ["switch", "run", EXAMPLE, "--sandbox", "--notice", notice, "--data", arg(&data)];
        refused(&occto(&args), &[notice, "共同利用", "common-core"]);
        assert!(!data.exists(), "nothing is kept");
    }
}

#[test]
fn a_decision_is_explained() {
    let ask = |to: &str, items: &str| {
        let args = ["explain", "--notice", "common-core", "--from", "retailer:40113", "--to", to];
        said(command(&args).args(["--purpose", "consignment-contract", "--items", items, "--json"]))
    };
    let granted = ask("operator:03", "name,address");
    let answer = json(&granted.out);
    assert_eq!((granted.code, answer["verdict"].as_str()), (Some(0), Some("granted")), "{granted:?}");
    for item in answer["items"].as_array().unwrap() {
        assert!(item["granted"].as_bool().unwrap() && item["item"].is_string() && item["basis"].is_string(), "{item}");
    }
    let telling = said(
        command(&["explain", "--notice", "common-core", "--from", "operator:03", "--to", "retailer:40113", "--json"])
            .args(["--purpose", "win-back-sales", "--items", "name"]),
    );
    let answer = json(&telling.out);
    assert_eq!(answer["verdict"], "refused", "{telling:?}");
    assert!(answer["items"][0]["clause"].is_string() && answer["items"][0]["granted"] == false, "{answer}");
    refused(&ask("operator:03", "no-such-item"), &["no-such-item"]);
    refused(&ask("nobody", "name"), &["--to"]);
    let list = occto(&["notice", "list"]);
    assert!(list.code == Some(0) && list.out.lines().count() >= 5);
    assert_eq!(occto(&["notice", "show", "common-core"]).code, Some(0));
    refused(&occto(&["notice", "show", "no-such-notice"]), &["no-such-notice"]);
}

#[test]
fn a_ledger_that_was_tampered_with_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let verify = || occto(&["ledger", "verify", "--data", arg(&data)]);
    refused(&verify(), &[arg(&data)]);
    occto(&["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&data), "--out", arg(dir.path())]);
    assert_eq!(verify().code, Some(0));
    let shown = occto(&["ledger", "show", "--data", arg(&data), "--json"]);
    assert!(shown.out.lines().all(|line| json(line)["seq"].is_u64()));
    assert!(shown.out == fs::read_to_string(dir.path().join("ledger.jsonl")).unwrap());
    let tamper = |sql: &str| rusqlite::Connection::open(data.join("occto.sqlite")).unwrap().execute(sql, []).unwrap();
    tamper("DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)");
    assert!(verify().code == Some(1) && verify().out.contains("末尾"));
    tamper("UPDATE ledger SET entry = replace(entry, 'granted', 'refused') WHERE seq = 17");
    let found = verify();
    assert!(found.code == Some(1) && found.out.contains("17行目"), "{found:?}");
    tamper("DELETE FROM ledger WHERE seq = 5");
    assert!(verify().out.contains("5行目"));
}

#[test]
fn four_eyes_release_a_batch() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::start(&[]);
    let config = served.config(dir.path(), "40113");
    let data = dir.path().join("data");
    let switch = |step: &str, more: &[&str]| {
        said(command(&["switch", step, "--data", arg(&data), "--config", arg(&config)]).args(more))
    };
    let day = ["--today", "2026-04-01"];
    let prepared = switch("submit", &[EXAMPLE, "--approve", "--by", "甲", day[0], day[1]]);
    assert!(prepared.code == Some(0) && prepared.out.contains("承認待ち"), "{prepared:?}");
    switch("poll", &day);
    assert_eq!(served.clock()["requests"], 1, "a batch that waits sends nothing but the question for notices");
    refused(&switch("approve", &["--by", "甲", "--yes"]), &["甲", "承認できません"]);
    assert_eq!(switch("approve", &["--by", "乙"]).code, Some(1), "nobody said yes");
    let released = switch("approve", &["--by", "乙", "--yes"]);
    assert!(released.code == Some(0) && released.out.contains("東京電力パワーグリッド"), "{released:?}");
    refused(&switch("approve", &["--by", "乙", "--yes"]), &["承認待ち"]);
    // A page of maintenance in place of an answer closes the line: what is left waits for the next poll, which goes on.
    switch("poll", &day);
    assert!(served.clock()["requests"].as_u64().unwrap() > 30);
    switch("poll", &day);
    assert!(served.clock()["requests"].as_u64().unwrap() > 50);

    // At once, while the current retailer judges, after matching, after the switch.
    let cancel = |receipt: &str, day: &str| switch("cancel", &[receipt, "--today", day]).out;
    assert!(cancel("R-001", "2026-04-01").contains("取消（マッチング前）"));
    served.days(1);
    switch("poll", &["--today", "2026-04-02"]);
    assert!(cancel("R-002", "2026-04-02").contains("取消（マッチング前）"));
    served.days(5);
    switch("poll", &["--today", "2026-04-07"]);
    assert!(cancel("R-003", "2026-04-07").contains("取消（送配電へ直接連絡）"));
    served.days(40);
    switch("poll", &["--today", "2026-05-17", "--out", arg(dir.path())]);
    assert!(cancel("R-004", "2026-05-17").contains("切替後の取消"));
    refused(&switch("cancel", &["none"]), &["受付番号"]);
    assert_eq!(served.clock()["duplicates"], 0);
    let status = said(&mut command(&["switch", "status", "--data", arg(&data), "--json"]));
    assert_eq!(json(&status.out)["batches"][0]["state"], "released");
    assert_eq!(occto(&["ledger", "verify", "--data", arg(&data)]).code, Some(0));

    // Nobody answers: the person is told, and the next poll goes on.
    drop(served);
    let silent = switch("poll", &["--today", "2026-05-18"]);
    assert!(silent.code == Some(1) && silent.err.contains("接続できません"), "{silent:?}");
}

#[test]
fn two_retailers_face_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = String::from(
        "date = \"2026-04-01\"\nretailer = \"40113\"\n[[retailers]]\ncode = \"40203\"\nname = \"相手\"\nbehaviour = \"external\"\n",
    );
    let mut customers = String::from("供給地点特定番号,契約番号,契約名義,住所,建物名\n");
    // As it is; equal but for a width; another number.
    for (nth, (number, name)) in [("A1", "試験　太郎"), ("A2", "試験 太郎"), ("B3", "試験　太郎")].iter().enumerate()
    {
        let id = format!("03001100000000000000{nth:02}");
        let number_applied = format!("A{}", nth + 1);
        text.push_str(&format!(
            "[[point]]\nid = \"{id}\"\nname = \"試験　太郎\"\naddress = \"東京都架空区見本町1-2\"\n\
             contract-number = \"{number_applied}\"\nretailer = \"40203\"\ndecision-method = \"actual-demand\"\n\
             amount = \"6\"\nunit = \"kva\"\nmenu = \"電灯標準接続送電サービス\"\n"
        ));
        customers.push_str(&format!("{id},{number},{name},東京都架空区見本町1-2,\n"));
    }
    let world = World::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let put = |name: &str, bytes: &[u8]| {
        fs::write(dir.path().join(name), bytes).unwrap();
        dir.path().join(name)
    };
    let (world_file, register) = (put("world.toml", text.as_bytes()), put("customers.csv", customers.as_bytes()));
    let file = put("applications.csv", &csv_of(world.applications()));
    let served = Served::start(&["--world", arg(&world_file)]);
    let (ours, theirs) = (served.config(dir.path(), "40113"), served.config(dir.path(), "40203"));
    let (new, current) = (dir.path().join("new"), dir.path().join("current"));
    let apply = |step: &[&str]| {
        let today = served.clock()["now"].as_str().unwrap()[..10].to_owned();
        said(command(&["switch"]).args(step).args(["--data", arg(&new), "--config", arg(&ours), "--today", &today]))
    };
    let judge = |more: &[&str]| {
        let today = served.clock()["now"].as_str().unwrap()[..10].to_owned();
        let args = ["switch", "judge", "--data", arg(&current), "--config", arg(&theirs), "--today", &today];
        said(command(&args).args(more))
    };
    apply(&["submit", arg(&file)]);
    let round = ["--customers", arg(&register), "--json"];
    let judged = judge(&round);
    assert_eq!(
        json(&judged.out),
        json(r#"{"received":3,"ok":1,"ng":1,"doubts":1,"stopped":1,"refused":0}"#),
        "{judged:?}"
    );
    assert_eq!(judged.code, Some(1), "a doubt needs a person");
    let doubt = judge(&["--customers", arg(&register)]);
    let number = doubt.out.lines().find_map(|line| line.strip_prefix("要判断 ")).expect("names the doubt").to_owned();
    assert!(doubt.out.contains("契約名義"), "{doubt:?}");
    refused(&judge(&["--number", "H999", "--verdict", "ok"]), &["判断待ち"]);
    assert_eq!(judge(&["--number", &number, "--verdict", "ok", "--by", "丙"]).code, Some(0));
    refused(&judge(&["--number", &number, "--verdict", "ok", "--by", "丙"]), &["判断待ち"]);
    apply(&["poll"]);
    served.days(45);
    let end = json(&apply(&["poll", "--json"]).out);
    let outcomes: Vec<_> = end["cases"].as_array().unwrap().iter().map(|case| case["outcome"].as_str()).collect();
    assert_eq!(outcomes, [Some("completed"), Some("completed"), Some("ng")]);
    assert_eq!(judge(&round).code, Some(0));
    assert_eq!(served.clock()["duplicates"], 0);
    for data in [new, current] {
        assert_eq!(occto(&["ledger", "verify", "--data", arg(&data)]).code, Some(0));
    }
}
