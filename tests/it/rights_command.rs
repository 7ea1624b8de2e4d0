//! The customer's data by the binary: meter data on a consent, looks at differences, contracts, holds, and the clock.

use crate::command::{EXAMPLE, Said, arg, ledger_lines, occto, refused};
use serde_json::Value;
use std::path::{Path, PathBuf};

const POINT: &str = "0303761730430000148072";
const NAME: &str = "佐藤　太郎";

/// A data folder that the sandbox filled.
struct Practice {
    dir: tempfile::TempDir,
}

impl Practice {
    fn run() -> Practice {
        let practice = Practice { dir: tempfile::tempdir().unwrap() };
        let (data, out) = (practice.data(), practice.path("out"));
        let ran = occto(&["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&data), "--out", arg(&out)]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        practice
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn call(&self, args: &[&str]) -> Said {
        let data = self.data();
        occto(&[args, &["--data", arg(&data)]].concat())
    }

    fn lines(&self) -> Vec<Value> {
        ledger_lines(&self.data())
    }

    /// A call that a clause refused, in what it printed and as the last line of the ledger.
    fn refused_by(&self, said: &Said, clause: &str) {
        assert_eq!(said.code, Some(1), "{clause}: {said:?}");
        assert!(said.out.contains(&format!("[{clause}]")), "{clause}: {said:?}");
        let line = self.lines().pop().unwrap();
        assert_eq!((&line["verdict"], &line["clause"]), (&"refused".into(), &clause.into()), "{line}");
    }

    /// The number under which a consent was taken down.
    fn consent(&self, more: &[&str]) -> String {
        let evidence = self.file("consent.pdf", "signed");
        let add = ["consent", "add", "--point", POINT, "--name", NAME, "--method", "written"];
        let said = self.call(&[&add[..], &["--evidence", arg(&evidence)], more].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out.trim().rsplit(' ').next().unwrap().to_owned()
    }
}

#[test]
fn readings_leave_on_a_consent_only_if_the_register_holds_it_for_that_very_disclosure() {
    let practice = Practice::run();
    let csv = |rows: &str| {
        practice
            .file("readings.csv", &format!("供給地点特定番号,年月日,コマ,管理番号,電力量kWh,提供可否,区分\r\n{rows}"))
    };
    let row = format!("{POINT},2026-11-21,1,01,1.25,0,確報\r\n");
    let readings = csv(&row);
    let out = practice.path("files");
    let write = |evidence: &str| {
        let args = ["meter", "write", "--from", arg(&readings), "--message", "1120", "--out", arg(&out)];
        let parties = ["--sender", "retailer:40113", "--recipient", "retailer:40123", "--evidence", evidence];
        practice.call(&[&args[..], &parties].concat())
    };
    let with = |number: &str| write(&format!("consent:{number}"));
    practice.refused_by(&with("C-1"), "consent-unknown");
    practice.refused_by(&with("99999"), "consent-unknown");
    let given = ["--given", "2026-10-30T10:00"];
    let for_grid = ["--purpose", "grid-operation"];
    let other = practice.consent(&[&given[..], &["--purpose", "negawatt-trading"]].concat());
    practice.refused_by(&with(&other), "consent-purpose");
    let named = practice.consent(&[&given[..], &for_grid, &["--recipient", "retailer:40999"]].concat());
    practice.refused_by(&with(&named), "consent-recipient");
    let old = ["--given", "2026-05-01T10:00", "--until", "2026-05-31", "--today", "2026-05-10"];
    let old = practice.consent(&[&old[..], &for_grid].concat());
    practice.refused_by(&with(&old), "consent-expired");
    assert!(!out.exists());

    let good = practice.consent(&[&given[..], &for_grid, &["--recipient", "retailer:40123"]].concat());
    // A second point, whose customer did not consent.
    csv(&format!("{row}0309498882969000269081,2026-11-21,1,01,1.25,0,確報\r\n"));
    practice.refused_by(&with(&good), "consent-subject");
    csv(&row);
    let sent = with(&good);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let line = practice.lines().pop().unwrap();
    assert_eq!((&line["verdict"], line["consents"].to_string()), (&"granted".into(), format!("[{good}]")), "{line}");

    assert_eq!(practice.call(&["consent", "withdraw", "--consent", &good]).code, Some(0));
    practice.refused_by(&with(&good), "consent-withdrawn");
    let mine = ["--point", POINT, "--name", NAME, "--identity", "call-back:K-1"];
    assert_eq!(practice.call(&[&["subject", "suspend"], &mine[..]].concat()).code, Some(0));
    // Not to the operator, either, to whom it would go without a consent.
    let args = ["meter", "write", "--from", arg(&readings), "--message", "1120", "--out", arg(&out)];
    let operator = ["--sender", "retailer:40113", "--recipient", "operator:03", "--operator-code", "10033"];
    practice.refused_by(&practice.call(&[&args[..], &operator].concat()), "suspended");
    // The customer finds it.
    let report = practice.call(&[&["subject", "report", "--json"], &mine[..]].concat());
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let told = report["disclosures"].as_array().unwrap().iter();
    assert!(told.filter(|one| one["message"] == "meter-write" && one["refused"] == true).count() >= 2, "{report}");
}

#[test]
fn a_later_day_ends_nothing_early_and_the_ledger_bears_the_real_time() {
    // Not a folder of the sandbox.
    let dir = tempfile::tempdir().unwrap();
    let (data, accounts) = (dir.path().join("data"), dir.path().join("accounts.csv"));
    std::fs::write(&accounts, "account-number,name\nA-1,Ann Example\n").unwrap();
    let take = ["held", "take", arg(&accounts), "--notice", "mce"];
    let call = |args: &[&str]| occto(&[args, &["--data", arg(&data)]].concat());
    assert_eq!(call(&[&take[..], &["--today", "2026-06-01"]].concat()).code, Some(0));
    for later in [
        &["retention", "plan"][..],
        &["subject", "erase", "--contract", "A-1", "--name", "Ann Example", "--identity", "call-back:1"],
        &["held", "show", "--contract", "A-1", "--as", "sales", "--purpose", "own-use"],
    ] {
        refused(&call(&[later, &["--today", "2999-01-01"]].concat()), &["--today", "模擬環境"]);
    }
    let line = ledger_lines(&data).pop().unwrap();
    assert_eq!((&line["message"], &line["as-of"]), (&"held-take".into(), &"2026-06-01".into()), "{line}");
    assert!(line["at"].as_str().unwrap() > "2026-06-02", "{line}");

    // The clock of the sandbox goes where it is set, and never back in the ledger.
    let practice = Practice::run();
    let release = ["retention", "release", "--point", POINT];
    practice.refused_by(&practice.call(&[&release[..], &["--today", "2099-01-01"]].concat()), "no-hold");
    practice.refused_by(&practice.call(&[&release[..], &["--today", "2026-12-01"]].concat()), "no-hold");
    let ats: Vec<_> = practice.lines().iter().map(|line| line["at"].as_str().unwrap().to_owned()).collect();
    assert!(ats.windows(2).all(|two| two[0] <= two[1]), "{ats:?}");
    assert_eq!(practice.lines().pop().unwrap()["as-of"], "2026-12-01");
}

#[test]
fn differences_are_seen_by_role_and_purpose_with_a_line_for_each_customer() {
    let practice = Practice::run();
    let day = ["--today", "2026-12-01"];
    let call = |args: &[&str]| practice.call(&[args, &day[..]].concat());
    let look =
        |role: &str, purpose: &str| call(&["held", "discrepancies", "--as", role, "--purpose", purpose, "--json"]);
    let before = practice.lines().len();
    practice.refused_by(&look("metering", "negawatt-trading"), "role-purpose");
    // What is no role may be a name: it does not reach the ledger.
    practice.refused_by(&look("山田花子", "own-use"), "role-unknown");
    practice.refused_by(
        &call(&["held", "show", "--as", "山田花子", "--purpose", "own-use", "--point", POINT]),
        "role-unknown",
    );
    assert!(!practice.lines().iter().any(|line| line.to_string().contains("山田花子")));
    assert_eq!(practice.lines().len(), before + 3);

    let seen = look("privacy-officer", "resolve-dispute");
    let seen: Value = serde_json::from_str(&seen.out).unwrap();
    let seen = seen.as_array().unwrap();
    assert!(!seen.is_empty());
    let all = practice.lines();
    let shown: Vec<_> = all[before + 3..].iter().collect();
    let dossiers: std::collections::BTreeSet<_> = seen.iter().map(|one| one["dossier"].as_i64().unwrap()).collect();
    assert_eq!(shown.len(), dossiers.len());
    assert!(
        shown.iter().all(|line| line["message"] == "held-discrepancies" && line["verdict"] == "shown"),
        "{shown:?}"
    );
    // A role that sees neither name nor address of them sees none of those requests.
    let meter = look("metering", "point-confirmation");
    let meter: Value = serde_json::from_str(&meter.out).unwrap();
    let hidden = ["name", "address", "retail-contract-number"];
    assert!(meter.as_array().unwrap().iter().all(|one| !hidden.contains(&one["item"].as_str().unwrap())), "{meter}");
}

#[test]
fn contracts_and_holds_are_not_made_longer_or_later_than_they_are() {
    let practice = Practice::run();
    let day = ["--today", "2026-12-01"];
    let call = |args: &[&str]| practice.call(&[args, &day[..]].concat());
    let add = |purposes: &str, until: &str| {
        let add = ["consignee", "add", "--party", "broker:smile", "--contract", "B-1"];
        call(&[&add[..], &["--purposes", purposes, "--until", until]].concat())
    };
    practice.refused_by(&add("consignment-contract,telemarketing", "2027-03-31"), "prohibition");
    practice.refused_by(&add("win-back-sales", "2027-03-31"), "prohibition");
    practice.refused_by(&add("consignment-contract", "2026-11-30"), "contract-ended");
    assert_eq!(add("consignment-contract", "2027-03-31").code, Some(0));
    let end = |entry: &str, on: &str| call(&["consignee", "end", "--entry", entry, "--on", on]);
    practice.refused_by(&end("99", "2026-12-31"), "contract-unknown");
    practice.refused_by(&end("1", "2028-03-31"), "contract-longer");
    assert_eq!(end("1", "2026-11-30").code, Some(0));
    practice.refused_by(&end("1", "2026-12-31"), "contract-longer");

    let hold = |more: &[&str]| call(&[&["retention", "hold", "--point", POINT], more].concat());
    let law = ["--law", "電気事業法施行規則"];
    practice.refused_by(&hold(&[&law[..], &["--until", "2026-11-30"]].concat()), "hold-ended");
    refused(&hold(&["--law", "電話 03-1234-5678"]), &["--law", "9桁"]);
    assert_eq!(hold(&[&law[..], &["--until", "2027-11-30"]].concat()).code, Some(0));
    assert_eq!(practice.lines().pop().unwrap()["until"], "2027-11-30");
    let release = || call(&["retention", "release", "--point", POINT]);
    assert_eq!(release().code, Some(0));
    practice.refused_by(&release(), "no-hold");
    practice.refused_by(&call(&["subject", "answered", "--request", "999"]), "request-unknown");

    let consent = ["consent", "add", "--point", POINT, "--name", NAME, "--method", "written", "--given"];
    let (full, empty) = (practice.file("full.pdf", "signed"), practice.file("empty.pdf", ""));
    let consent = |purpose: &str, file: &Path| {
        call(&[&consent[..], &["2026-11-30T10:00", "--purpose", purpose, "--evidence", arg(file)]].concat())
    };
    practice.refused_by(&consent("own-use", &empty), "evidence-missing");
    practice.refused_by(&consent("telemarketing", &full), "prohibition");
    let erase = ["subject", "erase", "--point", POINT, "--name", NAME, "--identity", "call-back:K-1"];
    assert_eq!(call(&erase).code, Some(0));
    practice.refused_by(&hold(&law), "already-erased");

    // Read by a person: names and clauses, not keys.
    let shown = practice.call(&["ledger", "show"]).out;
    let last = shown.lines().last().unwrap();
    for part in ["拒否", "法令による保存", "[already-erased]既に消去されています", "担当: "] {
        assert!(last.contains(part), "{part}: {last}");
    }
    assert!(!shown.contains("consignment-contract") && shown.contains("託送供給契約"), "{last}");
}
