//! `occto notice`: diff, lint, render, cedar.

use crate::command::{arg, occto, refused};
use std::fs;

#[test]
fn a_file_that_does_not_hold_together_is_refused_with_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let core = fs::read_to_string("schemas/notices/common-core.toml").unwrap();
    let path = dir.path().join("ours.toml");
    for (old, new, says) in [
        ("title-ja", "titel-ja", "通知にない項目 `titel-ja`"),
        (
            "[[manager]] # ③",
            "[[manager]]\nitems = [\"name\"]\nis = \"area-operator\"\n\n[[manager]] # ③",
            "管理責任者が二つ",
        ),
        (
            "[[items]] # ①",
            "[[purpose]]\nkey = \"provide-service\"\nja = \"a\"\nen = \"b\"\n\n[[items]] # ①",
            "情報項目が一つもありません",
        ),
        ("to = [\"operator\"]", "to = [\"broker\"]", "公表範囲を超えています"),
    ] {
        assert!(core.contains(old), "{old}");
        let text = core.replacen(old, new, 1);
        fs::write(&path, &text).unwrap();
        let linted = occto(&["notice", "lint", arg(&path), "--json"]);
        let found: serde_json::Value = serde_json::from_str(linted.out.lines().next().unwrap()).unwrap();
        let (line, column) = (found["line"].as_u64().unwrap(), found["column"].as_u64().unwrap());
        let shown = found.to_string();
        assert!(linted.code == Some(1) && line > 5 && column >= 1, "{linted:?}");
        let checked = occto(&["check", arg(&path)]);
        assert!(checked.code == Some(1) && checked.out.contains(&format!("{line}行")), "{checked:?}");
        assert!(shown.contains(says) || checked.out.contains(says), "{shown} {checked:?}");
        refused(&occto(&["notice", "show", arg(&path)]), &[&format!("{line}行{column}列")]);
    }
}

#[test]
fn what_has_no_effect_is_found_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ours.toml");
    let text = r#"key = "ours"
base = "common-core"
title-ja = "当社"
title-en = "ours"
# a "broker" and "negawatt-trading"
[[participant]]
role = "broker"
ja = "媒介業者"
en = "brokers"

[[necessity]]
purpose = "negawatt-trading"
from = ["suppression-contractor"]
to = ["retailer"]
items = ["name", "telephone"]
"#;
    fs::write(&path, text).unwrap();
    let linted = occto(&["notice", "lint", arg(&path)]);
    assert_eq!(linted.code, Some(1), "{linted:?}");
    assert!(
        linted.out.contains(":7:8: 共同利用する者「媒介業者」") && linted.out.contains("[unreached-participant]"),
        "{linted:?}"
    );
    assert!(linted.out.contains(":12:11: 必要性の表は") && linted.out.contains("[limited-row]"), "{linted:?}");
    let shipped = occto(&["notice", "lint", "common-core", "terras", "mce"]);
    assert!(shipped.code == Some(0) && shipped.out.contains("指摘はありません"), "{shipped:?}");
}

#[test]
fn a_notice_is_compared_rendered_and_told_to_cedar() {
    let dir = tempfile::tempdir().unwrap();
    let same = occto(&["notice", "diff", "terras", "terras"]);
    assert_eq!((same.code, same.out.as_str()), (Some(0), ""));
    let differ = occto(&["notice", "diff", "common-core", "liaison-energy"]);
    assert!(differ.code == Some(1) && differ.out.contains("+ 共同利用する者: 株式会社Loop"), "{differ:?}");
    refused(&occto(&["notice", "diff", "common-core", "nothing"]), &["nothing"]);

    let (page, text) = (dir.path().join("notice.html"), dir.path().join("notice.txt"));
    for out in [&page, &text] {
        assert_eq!(occto(&["notice", "render", "clean-venture-21", "--out", arg(out)]).code, Some(0));
    }
    let (page, text) = (fs::read_to_string(&page).unwrap(), fs::read_to_string(&text).unwrap());
    for part in [
        "共同利用の目的（利用目的）",
        "共同利用する者の範囲",
        "共同利用する情報項目",
        "共同利用の管理責任者",
        "※1",
        "系統連系設備有無",
    ] {
        assert!(page.contains(part) && text.contains(part), "{part}");
    }
    assert!(page.starts_with("<!doctype html>") && !page.contains("http"));
    // Markup in a notice is text in its page.
    let odd = dir.path().join("odd.toml");
    let own = "key = \"odd\"\nbase = \"common-core\"\ntitle-ja = \"<script>&\"\ntitle-en = \"odd\"\n";
    fs::write(&odd, own).unwrap();
    let out = dir.path().join("odd.html");
    assert_eq!(occto(&["notice", "render", arg(&odd), "--out", arg(&out)]).code, Some(0));
    let page = fs::read_to_string(&out).unwrap();
    assert!(page.contains("&lt;script&gt;&amp;") && !page.contains("<script>"));

    let cedar = dir.path().join("cedar");
    assert_eq!(occto(&["notice", "cedar", "mce", "--out", arg(&cedar)]).code, Some(0));
    let printed = occto(&["notice", "cedar", "mce"]).out;
    assert_eq!(fs::read_to_string(cedar.join("mce.cedar")).unwrap(), printed);
    assert!(printed.contains("@basis(\"aggregate\")"));
    let entities = fs::read_to_string(cedar.join("mce.entities.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&entities).unwrap().as_array().unwrap().len() > 50);
    assert!(fs::read_to_string(cedar.join("mce.cedarschema")).unwrap().contains("entity Party"));
}
