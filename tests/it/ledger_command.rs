//! `occto ledger`, as an auditor, a customer and a regulator meet it.

use crate::command::{EXAMPLE, arg, occto, refused};
use std::fs;
use std::path::Path;

/// A data folder with the ledger of the example, and a signing key; its verifier key, and the point of a case that is
/// done.
pub fn prepared(dir: &Path) -> (String, String, String, String) {
    let (data, out, key) = (dir.join("data"), dir.join("out"), dir.join("key"));
    let run = ["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&data), "--out", arg(&out), "--json"];
    let ran = occto(&run);
    assert_eq!(ran.code, Some(1));
    let ran: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let done = ran["cases"].as_array().unwrap().iter().find(|case| case["outcome"] == "completed").unwrap();
    let point = done["point"].as_str().unwrap().to_owned();
    let made = occto(&["ledger", "key", "--out", arg(&key)]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let verifier = made.out.lines().last().unwrap().to_owned();
    assert!(verifier.starts_with("occto-ledger+"), "{verifier}");
    (arg(&data).to_owned(), arg(&key).to_owned(), verifier, point)
}

fn change(data: &str, sql: &str) {
    let db = rusqlite::Connection::open(Path::new(data).join("occto.sqlite")).unwrap();
    db.execute_batch(sql).unwrap();
}

#[test]
fn a_ledger_is_signed_proven_handed_out_and_found_when_it_was_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (data, key, verifier, _) = prepared(dir.path());
    let (first, second) = (dir.path().join("first.checkpoint"), dir.path().join("second.checkpoint"));
    let sign = |out: &Path| occto(&["ledger", "checkpoint", "--data", &data, "--key", &key, "--out", arg(out)]);
    let signed = sign(&first);
    assert_eq!(signed.code, Some(0), "{signed:?}");
    assert!(signed.out.contains(&verifier) && !signed.out.contains(fs::read_to_string(&key).unwrap().trim()));

    // The same ledger is signed once; another key says that it is another.
    assert_eq!(sign(&second).code, Some(0));
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
    let other = dir.path().join("other");
    assert_eq!(occto(&["ledger", "key", "--out", arg(&other)]).code, Some(0));
    let wrong = occto(&["ledger", "checkpoint", "--data", &data, "--key", arg(&other)]);
    refused(&wrong, &["--new-key"]);
    let short = dir.path().join("short");
    fs::write(&short, "00ff").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        refused(&occto(&["ledger", "checkpoint", "--data", &data, "--key", arg(&short)]), &["chmod 600"]);
        fs::set_permissions(&short, fs::Permissions::from_mode(0o600)).unwrap();
    }
    refused(&occto(&["ledger", "checkpoint", "--data", &data, "--key", arg(&short)]), &["32オクテット"]);

    let verified = occto(&["ledger", "verify", "--data", &data, "--public-key", &verifier]);
    assert!(verified.code == Some(0) && verified.out.contains("署名を確認: 1件"), "{verified:?}");

    // To the regulator: the whole ledger, verified without the data folder. Handing it out is a line itself.
    let regulator = dir.path().join("regulator");
    let handed =
        occto(&["ledger", "export", "--data", &data, "--for", "regulator", "--order", "R-7", "--out", arg(&regulator)]);
    assert!(handed.code == Some(0) && handed.out.contains("後の1行は署名されていません"), "{handed:?}");
    let named = ["ledger", "export", "--data", &data, "--for", "regulator", "--order", "03-1234-5678", "--out"];
    refused(&occto(&[&named[..], &[arg(&regulator)]].concat()), &["--order"]);
    let file = regulator.join("ledger.jsonl");
    let offline = |more: &[&str]| {
        let args = ["ledger", "verify", "--file", arg(&file), "--public-key", &verifier, "--checkpoint", arg(&first)];
        occto(&[&args[..], more].concat())
    };
    assert_eq!(offline(&[]).code, Some(0), "{:?}", offline(&[]));
    let lines = fs::read_to_string(&file).unwrap();
    assert!(lines.lines().last().unwrap().contains("ledger-export"));
    let stats: serde_json::Value = serde_json::from_slice(&fs::read(regulator.join("stats.json")).unwrap()).unwrap();
    let demands = stats["legal-demands"].as_object().unwrap().values().next().unwrap();
    assert_eq!(demands["granted"], 1);

    // The ledger grew: a second checkpoint, and a proof that it only grew.
    assert_eq!(sign(&second).code, Some(0));
    let proof = dir.path().join("proof.json");
    let prove = |how: &[&str]| {
        let made = occto(&[&["ledger", "prove", "--data", &data, "--out", arg(&proof)], how].concat());
        assert_eq!(made.code, Some(0), "{made:?}");
        occto(&["ledger", "verify", "--proof", arg(&proof), "--public-key", &verifier])
    };
    let grew = prove(&["--from", arg(&first)]);
    assert!(grew.code == Some(0) && grew.out.contains("行を加えただけ"), "{grew:?}");
    let line = prove(&["--line", "17"]);
    let entry = lines.lines().nth(16).unwrap().split_once(r#""entry":"#).unwrap().1;
    assert!(line.code == Some(0) && entry.starts_with(line.out.lines().last().unwrap()), "{line:?}");
    fs::write(&proof, fs::read_to_string(&proof).unwrap().replace("granted", "refused")).unwrap();
    let changed = occto(&["ledger", "verify", "--proof", arg(&proof), "--public-key", &verifier]);
    assert!(changed.code == Some(1) && changed.out.contains("署名された台帳にありません"), "{changed:?}");
    refused(&occto(&["ledger", "prove", "--data", &data, "--line", "9999"]), &["9999行目"]);

    // Rolled back in a file, and in the data folder, number and all.
    let kept: String = lines.lines().take(40).map(|line| format!("{line}\n")).collect();
    fs::write(&file, &kept).unwrap();
    let cut = offline(&[]);
    assert!(cut.code == Some(1) && cut.out.contains("41行目以降が失われています"), "{cut:?}");
    let counted = lines.lines().count();
    change(
        &data,
        &format!(
            "DELETE FROM ledger WHERE seq > 40; UPDATE numbers SET value = 40 WHERE key = 'ledger' AND value >= {counted}"
        ),
    );
    let cut = occto(&["ledger", "verify", "--data", &data]);
    assert!(cut.code == Some(1) && cut.out.contains("41行目以降が失われています"), "{cut:?}");
    let unsigned = sign(&second);
    assert!(unsigned.code == Some(1) && unsigned.out.contains("署名しませんでした"), "{unsigned:?}");
}

#[test]
fn a_customer_gets_the_lines_about_the_own_point_with_proofs_and_only_on_a_verified_request() {
    let dir = tempfile::tempdir().unwrap();
    let (data, key, verifier, point) = prepared(dir.path());
    // A look inside the company is about the customer, too; who looked is nobody else's to know.
    let look = ["held", "show", "--as", "switching", "--purpose", "consignment-contract", "--by", "looker-7"];
    let looked = occto(&[&look[..], &["--point", &point, "--data", &data]].concat());
    assert_eq!(looked.code, Some(0), "{looked:?}");
    assert_eq!(occto(&["ledger", "checkpoint", "--data", &data, "--key", &key]).code, Some(0));
    let out = dir.path().join("customer");
    let ask = |more: &[&str]| {
        let args = ["ledger", "export", "--data", &data, "--for", "customer", "--point", &point, "--out", arg(&out)];
        occto(&[&args[..], more].concat())
    };
    let without = ask(&[]);
    assert!(without.code == Some(1) && without.out.contains("[verified-request-missing]"), "{without:?}");
    assert!(!out.exists());
    let octets = fs::read(EXAMPLE).unwrap();
    let (_, text, _) = occto::wire::charset::read(&octets).unwrap();
    let digits = point.replace('-', "");
    let row = text.lines().find(|line| line.contains(&digits)).unwrap();
    let name = row.split(',').nth(4).unwrap().to_owned();
    // A request of somebody else, and a number that is nobody's.
    for (name, request, clause) in
        [("別人　花子", "1", "another-subject"), (name.as_str(), "999", "verified-request-missing")]
    {
        let refused = ask(&["--name", name, "--request", request]);
        assert!(refused.code == Some(1) && refused.out.contains(&format!("[{clause}]")), "{refused:?}");
        assert!(!out.exists());
    }
    let mine = ["--point", &point, "--name", &name, "--identity", "passport:K-1", "--data", &data];
    let letters = dir.path().join("letters");
    let reported = occto(&[&["subject", "report", "--out", arg(&letters)], &mine[..]].concat());
    assert!(reported.out.contains("請求1番"), "{reported:?}");
    let given = ask(&["--name", &name, "--request", "1"]);
    assert_eq!(given.code, Some(0), "{given:?}");
    let told = fs::read_to_string(out.join("disclosures.txt")).unwrap();
    assert!(told.contains("社内で閲覧") && told.contains("2件は社内の担当者の名前を含む"), "{told}");
    assert!(!told.contains("looker-7") && !fs::read_to_string(out.join("proofs.json")).unwrap().contains("looker-7"));
    assert!(told.contains("利用目的: 供給(受電)地点に関する情報の確認") && told.contains("根拠: 共同利用"), "{told}");
    let proofs: serde_json::Value = serde_json::from_slice(&fs::read(out.join("proofs.json")).unwrap()).unwrap();
    let proofs = proofs["proofs"].as_array().unwrap();
    assert!(proofs.len() >= 3, "{proofs:?}");
    for proof in proofs {
        let path = dir.path().join("one.json");
        fs::write(&path, proof.to_string()).unwrap();
        let verified = occto(&["ledger", "verify", "--proof", arg(&path), "--public-key", &verifier]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
    }
    // The request and the export are lines, without the point.
    let shown = occto(&["ledger", "show", "--data", &data, "--json"]).out;
    let last: Vec<_> = shown.lines().rev().take(2).collect();
    assert!(last[1].contains("subject-report") && last[0].contains(r#""request":"1""#), "{last:?}");
    assert!(!shown.contains(&point));
    let stats = occto(&["ledger", "stats", "--data", &data]);
    assert!(stats.out.contains("verified-request-missing") && stats.out.contains("託送供給契約"), "{stats:?}");
    let none = occto(&["ledger", "stats", "--data", &data, "--year", "1999", "--json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&none.out).unwrap()["lines"], 0);
}
