//! 需要抑制計画 as a file of W6: what is known of it is read, everything else is kept octet by octet, and what is written says that
//! it is not verified.

use crate::command::{arg, occto, refused};
use crate::plan_samples::settings;
use occto::messages::planning::{PlanBody, PlanKind};
use occto::rules::plans::PlanSettings;
use occto::wire::cii::plan::{read_plan, write_plan};
use serde_json::Value;

/// As whoever holds OCCTO's standard enters the code; this one is made up.
fn with_code() -> String {
    let shipped = include_str!("../../schemas/planning.toml");
    let message = "\n[[message]]\ncode = \"0990\"\nkind = \"suppression\"\nname = \"（翌日）需要抑制計画\"\nsource = \"test\"\nverified = false\n";
    shipped.replacen("\n# 連系線利用計画", &format!("{message}\n# 連系線利用計画"), 1)
}

fn file() -> String {
    let golden = String::from_utf8(crate::plan_samples::golden("interconnector.xml")).unwrap();
    let (head, rest) = golden.split_once("<JPM00010>").unwrap();
    let (_, tail) = rest.split_once("</JPM00010>").unwrap();
    let group = "<JPM00011><JPMR00011><JP09001>8A001</JP09001><JP06400>0300111122223333444455</JP06400><JP09002>1500</JP09002>\
                 </JPMR00011></JPM00011>";
    format!("{head}{group}{tail}").replace("0999", "0990").replace("連系線利用計画", "需要抑制計画")
}

#[test]
fn what_is_not_known_is_kept_and_marked() {
    let settings = PlanSettings::read(&with_code()).unwrap();
    let text = file();
    let read = read_plan(text.as_bytes(), &settings).unwrap();
    assert_eq!(read.plan.kind(), PlanKind::Suppression);
    let PlanBody::Suppression(outline) = &read.plan.body else { panic!("a suppression plan") };
    assert_eq!(outline.points.len(), 1, "the point is known");
    assert!(read.plan.unknown_parts() >= 2, "{}", read.plan.unknown_parts());
    let mut out = Vec::new();
    let written = write_plan(&crate::plan_samples::cleared(read.plan), &mut out);
    assert!(!written.verified, "it is not verified");
    assert_eq!(String::from_utf8(out).unwrap(), text, "octet by octet");
}

#[test]
fn the_binary_says_what_it_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    let (plan, settings_file) = (dir.path().join("plan.xml"), dir.path().join("planning.toml"));
    std::fs::write(&plan, file()).unwrap();
    std::fs::write(&settings_file, with_code()).unwrap();
    // Without its code in the settings it is told by its supply points; one without any is a plan of no known kind.
    let other = file().replace("JP06400", "JP09003");
    let strange = dir.path().join("strange.xml");
    std::fs::write(&strange, other).unwrap();
    let unknown = occto(&["plan", "check", arg(&strange)]);
    assert!(
        unknown.code == Some(1) && unknown.out.contains("OC1204") && unknown.out.contains("--settings"),
        "{unknown:?}"
    );
    let known = occto(&["plan", "check", "--settings", arg(&settings_file), arg(&strange)]);
    assert!(known.code == Some(0) && !known.out.contains("OC1204"), "{known:?}");
    let said = occto(&["plan", "check", "--json", "--settings", arg(&settings_file), arg(&plan)]);
    let printed: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"));
    let file = &printed["files"][0];
    assert_eq!((&file["kind"], &file["verified"]), (&"suppression".into(), &false.into()));
    assert!(file["unknown_parts"].as_u64().unwrap() >= 2);
    let codes: Vec<_> =
        file["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"OC1206") && codes.contains(&"OC1221"), "{codes:?}");
    std::fs::write(&settings_file, "x").unwrap();
    refused(&occto(&["plan", "check", "--settings", arg(&settings_file), arg(&plan)]), &["planning.toml"]);
    assert!(settings().message("0990").is_none(), "no code is shipped that is not public");
}
