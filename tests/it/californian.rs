//! Customers of the two Californian notices by the binary: consent, its withdrawal, the rights and the retention.

use crate::command::{EXAMPLE, Said, arg, occto, refused};
use occto::desk::subject::discrepancies;
use occto::items::Item;
use occto::notice::{Notice, Party, Role};
use occto::store::Store;
use serde_json::Value;
use std::path::{Path, PathBuf};

const HEAD: &str = "account-number,name,address,billing-address,telephone,email,consumption,closed-on\n";
const ROWS: &str = "A-1001,José Example,12 Sample St,PO Box 1,(415) 555-0100,jose@example.test,412 kWh,\n\
                    A-1002,Ann Sample,14 Sample St,,(415) 555-0101,ann@example.test,,2020-03-31\n";

/// A data folder of one notice with two customers.
struct Office {
    dir: tempfile::TempDir,
    notice: &'static str,
}

impl Office {
    fn open(notice: &'static str) -> Office {
        let office = Office { dir: tempfile::tempdir().unwrap(), notice };
        let taken = office.take(&format!("{HEAD}{ROWS}"));
        assert!(taken.code == Some(0) && taken.out.contains("新規2件"), "{taken:?}");
        office
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn call(&self, args: &[&str]) -> Said {
        self.call_on("2026-06-01", args)
    }

    fn call_on(&self, day: &str, args: &[&str]) -> Said {
        let data = self.data();
        occto(&[args, &["--data", arg(&data), "--today", day, "--by", "clerk"]].concat())
    }

    fn take(&self, csv: &str) -> Said {
        let file = self.dir.path().join("accounts.csv");
        std::fs::write(&file, csv).unwrap();
        self.call(&["held", "take", arg(&file), "--notice", self.notice])
    }

    fn evidence(&self) -> PathBuf {
        let file = self.dir.path().join("consent.pdf");
        std::fs::write(&file, "signed").unwrap();
        file
    }

    fn consent(&self, more: &[&str]) -> Said {
        let given = ["consent", "add", "--contract", "A-1001", "--name", "José Example", "--given", "2026-05-30T10:00"];
        self.call(&[&given[..], more].concat())
    }

    /// The last line of the ledger.
    fn last(&self) -> Value {
        let data = self.data();
        let shown = occto(&["ledger", "show", "--json", "--data", arg(&data)]);
        let last = shown.out.trim().lines().last().unwrap().to_owned();
        let line: Value = serde_json::from_str(&last).unwrap();
        line.get("entry").cloned().unwrap_or(line)
    }

    /// A call that a clause refused, in what it printed and in the ledger.
    fn is_refused(&self, said: &Said, clause: &str) {
        assert_eq!(said.code, Some(1), "{clause}: {said:?}");
        assert!(said.out.contains(&format!("[{clause}]")), "{clause}: {said:?}");
        let line = self.last();
        assert_eq!((&line["verdict"], &line["clause"]), (&"refused".into(), &clause.into()), "{line}");
    }
}

fn octets(dir: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn a_consent_under_either_notice_is_written_and_never_for_sales() {
    for notice in ["mce", "clean-power-alliance"] {
        let office = Office::open(notice);
        let evidence = office.evidence();
        let shown = ["--evidence", arg(&evidence)];
        let for_programme = ["--purpose", "programme-communication"];
        let by = |method| ["--method", method];
        let add = |parts: &[&[&str]]| office.consent(&parts.concat());
        office.is_refused(&add(&[&for_programme, &by("oral"), &shown]), "consent-form");
        office.is_refused(&add(&[&for_programme, &by("written")]), "evidence-missing");
        office.is_refused(&add(&[&["--purpose", "telemarketing"], &by("written"), &shown]), "prohibition");
        let minor = add(&[&for_programme, &by("electronic"), &shown, &["--minor"]]);
        if notice == "mce" {
            office.is_refused(&minor, "guardian-missing");
        } else {
            assert_eq!(minor.code, Some(0), "{minor:?}");
        }
        let guarded = add(&[&for_programme, &by("electronic"), &shown, &["--minor", "--guardian", "Eve Example"]]);
        assert_eq!(guarded.code, Some(0), "{guarded:?}");
        let other = ["consent", "add", "--contract", "A-1001", "--name", "Ann Sample", "--given", "2026-05-30T10:00"];
        let other = office.call(&[&other[..], &for_programme, &by("written"), &shown].concat());
        office.is_refused(&other, "another-subject");
        let future =
            ["consent", "add", "--contract", "A-1001", "--name", "José Example", "--given", "2026-06-02T10:00"];
        let future = office.call(&[&future[..], &for_programme, &by("written"), &shown].concat());
        office.is_refused(&future, "consent-future");
        let consents = office.call(&["consent", "show", "--contract", "A-1001", "--json"]);
        let consents: Value = serde_json::from_str(&consents.out).unwrap();
        let consents = consents.as_array().unwrap();
        let last = consents.last().unwrap();
        assert_eq!((&last["guardian"], &last["purpose"]), (&"Eve Example".into(), &"programme-communication".into()));
        let number = last["consent"].to_string();
        assert_eq!(office.call(&["consent", "withdraw", "--consent", &number]).code, Some(0));
        office.is_refused(&office.call(&["consent", "withdraw", "--consent", &number]), "consent-withdrawn");
    }
}

#[test]
fn the_customer_of_either_notice_sees_corrects_and_erases() {
    for notice in ["mce", "clean-power-alliance"] {
        let office = Office::open(notice);
        let mine = ["--contract", "A-1001", "--name", "José Example", "--identity", "customer-account:K-1"];
        let report = || -> Value {
            let said = office.call(&[&["subject", "report", "--json"], &mine[..]].concat());
            assert_eq!(said.code, Some(0), "{said:?}");
            serde_json::from_str(&said.out).unwrap()
        };
        let first = report();
        let value = |report: &Value, item: &str| -> Vec<String> {
            let values = report["values"].as_array().unwrap().iter();
            let of = values.filter(|one| one["item"] == item && one["current"] == true);
            of.map(|one| one["value"][item].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(value(&first, "email"), ["jose@example.test"]);
        assert_eq!(value(&first, "consumption"), ["412 kWh"]);
        assert_eq!((&first["notice"], &first["by"]), (&notice.into(), &"retailer".into()));
        assert_eq!(first["managed-elsewhere"], serde_json::json!([]));
        assert!(!first.to_string().contains("Ann Sample"));
        let correct = ["subject", "correct", "--item", "email", "--value", "new@example.test"];
        assert_eq!(office.call(&[&correct[..], &mine].concat()).code, Some(0));
        assert_eq!(value(&report(), "email"), ["new@example.test"]);
        // The file again changes what differs, and nothing else.
        let again = office.take(&format!("{HEAD}{ROWS}").replace("jose@", "new@").replace("12 Sample", "99 Sample"));
        assert!(again.code == Some(0) && again.out.contains("新規0件、変更1件、同じ1件"), "{again:?}");
        assert_eq!(value(&report(), "address"), ["99 Sample St"]);
        let seen = office.call(&[
            "held",
            "show",
            "--contract",
            "A-1001",
            "--as",
            "customer-service",
            "--purpose",
            "provide-service",
        ]);
        assert!(seen.code == Some(0) && seen.out.contains("new@example.test"), "{seen:?}");
        let sales =
            office.call(&["held", "show", "--contract", "A-1001", "--as", "sales", "--purpose", "provide-service"]);
        office.is_refused(&sales, "role-purpose");
        let letters = office.dir.path().join("letters");
        let letter = office.call(&[&["subject", "report", "--out", arg(&letters)], &mine[..]].concat());
        assert_eq!(letter.code, Some(0), "{letter:?}");
        assert!(std::fs::read_to_string(letters.join("report.html")).unwrap().contains("José Example 様"));
        let written = octets(&office.data());
        for text in ["José", "A-1001", "Sample St", "example.test"] {
            assert!(!written.windows(text.len()).any(|part| part == text.as_bytes()), "{text} in the clear");
        }
        let page = std::fs::read_to_string(letters.join("report.html")).unwrap();
        assert!(page.contains("30分ごとの計量値は保有していません") && !page.contains("別のお客さま"));
        let phone = ["subject", "correct", "--item", "telephone", "--value", "(415) 555-0199"];
        assert_eq!(office.call(&[&phone[..], &mine].concat()).code, Some(0));
        let by_phone = ["--phone", "(415) 555-0199", "--name", "José Example", "--identity", "customer-account:K-2"];
        assert_eq!(office.call(&[&["subject", "report", "--json"], &by_phone[..]].concat()).code, Some(0));
        let same = office.call(&[&phone[..], &mine].concat());
        assert!(same.code == Some(0) && same.out.contains("同じです"), "{same:?}");
        let erase = office.call(&[&["subject", "erase"], &mine[..]].concat());
        assert!(erase.code == Some(0) && !erase.out.contains("30分値"), "{erase:?}");
        office.is_refused(&office.call(&[&["subject", "erase"], &mine[..]].concat()), "already-erased");
    }
}

#[test]
fn an_erased_customer_is_taken_in_again_only_as_a_new_one() {
    let office = Office::open("mce");
    let mine = ["--contract", "A-1001", "--name", "José Example", "--identity", "customer-account:K-1"];
    assert_eq!(office.call(&[&["subject", "erase"], &mine[..]].concat()).code, Some(0));
    let again = office.take(&format!("{HEAD}{ROWS}"));
    assert_eq!(again.code, Some(1), "{again:?}");
    for part in ["新規0件、変更0件、同じ1件", "2行目", "[already-erased]", "--again"] {
        assert!(again.out.contains(part), "{part}: {again:?}");
    }
    let data = office.data();
    let lines = occto(&["ledger", "show", "--json", "--data", arg(&data)]).out;
    assert!(lines.lines().any(|line| line.contains("held-take") && line.contains("already-erased")), "{lines}");
    office.is_refused(&office.call(&[&["subject", "erase"], &mine[..]].concat()), "already-erased");
    let file = office.dir.path().join("accounts.csv");
    let new = office.call(&["held", "take", arg(&file), "--again", "A-1001"]);
    assert!(new.code == Some(0) && new.out.contains("新規1件、変更0件、同じ1件"), "{new:?}");
    assert_eq!(office.call(&[&["subject", "report", "--json"], &mine[..]].concat()).code, Some(0));
}

#[test]
fn a_manager_of_a_customer_without_a_point_is_asked_by_the_contract() {
    let office = Office::open("mce");
    let moved = ["held", "move", "--contract", "A-1001", "--to", "retailer:49999", "--from", "2026-06-02"];
    assert_eq!(office.call(&moved).code, Some(0));
    let mine = ["--contract", "A-1001", "--name", "José Example", "--identity", "customer-account:K-1"];
    let asked = office.call_on(
        "2026-06-02",
        &[&["subject", "correct", "--item", "email", "--value", "b@example.test"], &mine[..]].concat(),
    );
    assert_eq!(asked.code, Some(0), "{asked:?}");
    for part in [
        "契約番号　　　　　A-1001",
        "保有している値　　jose@example.test（2026-06-01、当社からの",
        "b@example.test（2026-06-02",
    ] {
        assert!(asked.out.contains(part), "{part}: {asked:?}");
    }
    let (us, today) = (Party::of(Role::Retailer), "2026-06-02".parse().unwrap());
    let mut store = Store::open(&office.data()).unwrap();
    let found = discrepancies(&mut store, us, Notice::embedded("mce").unwrap(), today).unwrap();
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one.found.claim.item, one.found.manager), (Item::Email, Party::parse("retailer:49999").unwrap()));
    assert!(asked.out.contains(&one.draft), "{}", one.draft);
}

#[test]
fn an_account_is_kept_five_years_after_it_was_closed() {
    for notice in ["mce", "clean-power-alliance"] {
        let office = Office::open(notice);
        let plan = office.call(&["retention", "plan", "--json"]);
        let plan: Value = serde_json::from_str(&plan.out).unwrap();
        let due: Vec<_> = plan["dossiers"].as_array().unwrap().iter().filter(|one| one["due"] == "erase").collect();
        assert_eq!(due.len(), 1, "{plan}");
        assert_eq!((&due[0]["ended"], &due[0]["last-day"]), (&"2020-03-31".into(), &"2025-03-31".into()));
        let run = office.call(&["retention", "run", "--plan", plan["plan"].as_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let gone = ["subject", "report", "--contract", "A-1002", "--name", "Ann Sample", "--identity", "call-back:1"];
        office.is_refused(&office.call(&gone), "already-erased");
    }
}

#[test]
fn a_data_folder_works_under_one_notice_and_a_file_of_another_form_is_refused() {
    let office = Office::open("mce");
    refused(&office.call(&["consent", "show", "--contract", "A-1001", "--notice", "terras"]), &["mce", "--data"]);
    let data = office.data();
    let switch = occto(&[
        "switch",
        "run",
        EXAMPLE,
        "--sandbox",
        "--data",
        arg(&data),
        "--out",
        arg(&office.dir.path().join("o")),
    ]);
    refused(&switch, &["実運用", "--data"]);
    let submit = occto(&["switch", "submit", EXAMPLE, "--sandbox", "--data", arg(&data)]);
    assert_eq!(submit.code, Some(2), "{submit:?}");
    assert_eq!(office.call(&["held", "take", arg(&office.dir.path().join("accounts.csv"))]).code, Some(0));
    for (csv, parts) in [
        (format!("{HEAD}{ROWS}A-1001,Twice,,,,,,\n"), vec!["4行目", "account-number"]),
        (format!("{HEAD},Nobody,,,,,,\n"), vec!["2行目"]),
        (format!("{HEAD}A-3,Ann,,,,,,soon\n"), vec!["2行目", "closed-on"]),
        ("account-number,shoe-size\nA-1,9\n".to_owned(), vec!["1行目", "shoe-size"]),
        ("account-number,email\nA-1,9\n".to_owned(), vec!["1行目", "name"]),
    ] {
        refused(&office.take(&csv), &parts);
    }
    // A Japanese data folder takes no accounts.
    let file = office.dir.path().join("accounts.csv");
    std::fs::write(&file, format!("{HEAD}{ROWS}")).unwrap();
    let other = office.dir.path().join("other");
    let taken =
        occto(&["held", "take", arg(&file), "--notice", "terras", "--retailer", "40113", "--data", arg(&other)]);
    refused(&taken, &["--notice clean-power-alliance"]);
}
