//! `occto cert show`, `occto config check` and `occto status` as a person uses them.

use crate::command::{command, said};
use crate::http::secret_file;
use crate::pki::Ca;
use serde_json::Value;
use std::path::Path;

/// A call in a folder: its exit code and what it prints.
fn occto(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let said = said(command(arguments).current_dir(folder));
    (said.code.unwrap(), said.out, said.err)
}

fn json(arguments: &[&str], folder: &Path, code: i32) -> Value {
    let (status, out, err) = occto(arguments, folder);
    assert_eq!(status, code, "{out}{err}");
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"))
}

fn codes(value: &Value) -> Vec<String> {
    let findings = value["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// A folder with a certificate that ends at the end of 2026 and a configuration that shows it.
fn ground(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pair = Ca::new("test authority").issue(&[], (2000, 2027));
    secret_file(&folder.path().join("client.pem"), format!("{}{}", pair.pem, pair.key_pem).as_bytes());
    let text = format!(
        "retailer = \"40113\"\n[all]\nclient-certificate = \"client.pem\"\n[counterparty.occto]\nurl = \"https://x.example/api\"\n[download.\"03\"]\nhost = \"https://y.example\"\n{more}"
    );
    secret_file(&folder.path().join("exchange.toml"), text.as_bytes());
    folder
}

#[test]
fn the_end_of_a_certificate_is_shown_and_warned_about() {
    let folder = ground("");
    let show = |today: &str, code| {
        let arguments = ["cert", "show", "--config", "exchange.toml", "--json", "--today", today];
        json(&arguments, folder.path(), code)["certificates"][0].clone()
    };
    for (today, code, finding) in [
        ("2026-06-01", 0, None),
        ("2026-11-15", 0, Some("OC1359")),
        ("2026-12-15", 1, Some("OC1360")),
        ("2026-12-30", 1, Some("OC1361")),
        ("2027-02-01", 1, Some("OC1357")),
        ("1999-02-01", 1, Some("OC1358")),
    ] {
        let shown = show(today, code);
        assert_eq!(codes(&shown).first().map(String::as_str), finding, "{today}");
        assert_eq!(shown["lines"], serde_json::json!(["occto", "download:03"]));
    }
    let (code, out, _) = occto(&["cert", "show", "client.pem", "--today", "2026-12-20"], folder.path());
    assert_eq!(code, 1);
    for part in
        ["retailer 40113", "test authority", "残り12日", "クライアント認証", "秘密鍵", "OC1360", "更新した証明書"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("PRIVATE"), "{out}");
}

#[test]
fn a_file_that_cannot_be_shown_says_why() {
    let folder = ground("");
    std::fs::write(folder.path().join("noise"), b"noise").unwrap();
    let (code, out, _) = occto(&["cert", "show", "noise", "none.p12"], folder.path());
    assert_eq!(code, 1);
    assert!(out.contains("OC1351") && out.contains("OC1350"), "{out}");
    let ca = Ca::new("a root");
    std::fs::write(folder.path().join("ca.pem"), &ca.pem).unwrap();
    let (code, out, _) = occto(&["cert", "show", "ca.pem", "--today", "2026-04-01"], folder.path());
    assert!(code == 0 && out.contains("a root") && out.contains("認証局"), "{out}");
    let (code, _, err) = occto(&["cert", "show"], folder.path());
    assert!(code == 2 && err.contains("--config"), "{err}");
    // A password is never an argument.
    let (code, _, err) = occto(&["cert", "show", "client.pem", "--password", "x"], folder.path());
    assert!(code == 2 && err.contains("--password"), "{err}");
}

#[test]
fn every_key_that_is_not_known_is_named() {
    let folder = ground(
        "requests-per-minuet = 3\n[counterparty.\"operator:03\"]\nurl = \"https://z.example/\"\ntimout = 5\ncolour = 1\n[pan]\nx = 1\n",
    );
    let found = json(&["config", "check", "exchange.toml", "--json"], folder.path(), 1);
    assert_eq!(codes(&found), ["OC1380"; 4]);
    let text = found.to_string();
    for part in ["requests-per-minuet", "requests-per-minute", "timout", "timeout", "colour", "pan", "plan"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(found["findings"][0]["line"], 8);
    // And no command works with such a file.
    let (code, _, err) = occto(&["switch", "poll", "--config", "exchange.toml"], folder.path());
    assert!(code == 2 && err.contains("requests-per-minuet"), "{err}");
}

#[test]
fn a_good_configuration_is_told_line_by_line() {
    let folder = ground("hours = [\"毎日 00:00-24:00\"]\n");
    let (code, out, err) = occto(&["config", "check", "--config", "exchange.toml"], folder.path());
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("occto: https://x.example") && out.contains("download:03") && out.contains("受付時間内"),
        "{out}"
    );
}

#[cfg(unix)]
#[test]
fn a_secret_in_a_configuration_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = ground("client-password = \"canary-51\"\nclient-certificate = \"client.pem\"\n");
    let file = folder.path().join("exchange.toml");
    json(&["config", "check", "exchange.toml", "--json"], folder.path(), 0);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let found = json(&["config", "check", "exchange.toml", "--json"], folder.path(), 1);
    assert_eq!(codes(&found)[0], "OC1370");
    let (code, out, err) = occto(&["switch", "poll", "--config", "exchange.toml"], folder.path());
    assert!(code == 2 && err.contains("OC1370") && err.contains("chmod 600"), "{err}");
    assert!(![found.to_string(), out, err].iter().any(|text| text.contains("canary")));
    // One that was written without quotes is a mistake, and is not quoted.
    for line in ["client-password = 4711815", "proxy-password = 47118.15", "client-password-prompt = \"canary-52\""] {
        let folder = ground(&format!("[download.\"06\"]\nhost = \"https://d.example\"\n{line}\n"));
        for arguments in [&["config", "check", "exchange.toml", "--json"][..], &["status", "--config", "exchange.toml"]]
        {
            let (code, out, err) = occto(arguments, folder.path());
            let printed = out + &err;
            assert!(code != 0 && printed.contains("OC1381"), "{line}: {printed}");
            assert!(!printed.contains("4711") && !printed.contains("canary"), "{line}: {printed}");
        }
    }
    // So is the password of a session, by the name of its field; what comes from the environment is none.
    for (form, code) in [("user=U1&passwd=canary-51", 1), ("menu=1&code={code}", 0), ("user=U1&pass=${PATH}", 0)] {
        let folder = ground(&format!(
            "[download.\"06\"]\nhost = \"https://d.example\"\nsession = [{{ post = \"/login\", form = \"{form}\" }}]\n"
        ));
        let file = folder.path().join("exchange.toml");
        let read = occto::exchange::ExchangeConfig::load(&file).unwrap();
        assert!(!format!("{read:?}").contains("canary") && !format!("{read:?}").contains("menu=1"), "{form}");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        let found = json(&["config", "check", "exchange.toml", "--json"], folder.path(), code);
        assert_eq!(codes(&found).iter().any(|found| found == "OC1370"), code == 1, "{form}: {found}");
        assert!(!found.to_string().contains("canary"));
    }
    // Without a secret in it anybody may read it; the key beside it nobody.
    let folder = ground("");
    std::fs::set_permissions(folder.path().join("exchange.toml"), PermissionsExt::from_mode(0o644)).unwrap();
    json(&["config", "check", "exchange.toml", "--json"], folder.path(), 0);
    std::fs::set_permissions(folder.path().join("client.pem"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(codes(&json(&["config", "check", "exchange.toml", "--json"], folder.path(), 1)), ["OC1370"]);
}

#[test]
fn every_value_of_the_wrong_kind_is_named() {
    let folder = ground(
        "[counterparty.\"operator:03\"]\nurl = 3\ntimeout = \"long\"\nmax-answer = true\nburst = \"two\"\nhours = [\"毎日 00:00-24:00\"]\n",
    );
    let found = json(&["config", "check", "exchange.toml", "--json"], folder.path(), 1);
    let lines: Vec<u64> =
        found["findings"].as_array().unwrap().iter().map(|finding| finding["line"].as_u64().unwrap()).collect();
    assert_eq!((codes(&found), lines), (vec!["OC1381".to_owned(); 4], vec![9, 10, 11, 12]), "{found}");
}

#[test]
fn a_configuration_without_a_counterparty_is_warned_about() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("exchange.toml"), "retailer = \"40113\"\n").unwrap();
    let found = json(&["config", "check", "exchange.toml", "--json"], folder.path(), 0);
    assert_eq!(codes(&found), ["OC1385"]);
    assert_eq!(found["findings"][0]["severity"], "warning");
}

#[test]
fn a_password_is_no_argument_and_may_be_in_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |address: &str| {
        for arguments in [vec!["--store", address], vec![&*format!("--store={address}")]] {
            let (code, out, err) = occto(&[&["outbox", "list"], &arguments[..]].concat(), folder.path());
            assert!(code == 2 && err.contains("PGPASSWORD") && err.contains("OCCTO_STORE"), "{out}{err}");
            assert!(!err.contains("canary"), "{err}");
        }
    };
    refused("postgres://occto:canary@127.0.0.1:1/none");
    refused("postgres://occto@127.0.0.1:1/none?password=canary");
    refused("host=127.0.0.1 user=occto password=canary");
    refused("postgres://occto:canary@127.0.0.1:notaport/none");
    // Elsewhere it is tried: there is nobody.
    let mut call = command(&["outbox", "list"]);
    call.current_dir(folder.path()).env("OCCTO_STORE", "postgres://occto:canary@127.0.0.1:1/none");
    let said = said(&mut call);
    assert!(said.code == Some(2) && said.err.contains("接続できません") && !said.err.contains("canary"), "{said:?}");
}

#[test]
fn the_files_that_are_named_are_looked_at() {
    let folder = ground(
        "[counterparty.\"operator:03\"]\nurl = \"https://z.example/\"\nbinding = \"none.toml\"\nroot-certificate = \"no-root.pem\"\n[plan]\nurl = \"https://p.example/api/\"\nuserid = \"U\"\npassword-file = \"no-password\"\n",
    );
    let found = json(&["config", "check", "exchange.toml", "--json"], folder.path(), 1);
    let text = found.to_string();
    for part in ["none.toml", "no-root.pem", "no-password", "OC1384"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_state_of_every_line_is_shown() {
    let folder = ground("hours = [\"月-金 08:00-20:00\"]\n");
    let gates = folder.path().join("data/gates");
    std::fs::create_dir_all(&gates).unwrap();
    let held = r#"{"due":null,"failures":6,"held":{"until":"2026-04-03T12:10:00","why":"tripped"},"announced":false,"answered":"2026-04-03T11:00:00","trouble":{"at":"2026-04-03T12:00:00","kind":"old-tls"}}"#;
    std::fs::write(gates.join("occto.json"), held).unwrap();
    let arguments = ["status", "--config", "exchange.toml", "--data", "data", "--now", "2026-04-03 12:05"];
    let (code, out, err) = occto(&arguments, folder.path());
    assert_eq!(code, 1, "{err}");
    for part in ["occto", "download:03", "失敗が続いたため停止", "12:10:00", "6/5", "残り272日", "08:00-20:00", "TLS"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    let shown = json(&[&arguments[..], &["--json"]].concat(), folder.path(), 1);
    assert_eq!(shown["lines"][0]["waiting"]["why"], "tripped");
    assert_eq!(shown["lines"][1]["waiting"], Value::Null);
    // A certificate that cannot be read is a reason to look.
    std::fs::write(folder.path().join("client.pem"), b"gone").unwrap();
    let (code, out, _) = occto(&arguments, folder.path());
    assert!(code == 1 && out.contains("OC1351"), "{out}");
    let folder = ground("hours = [\"月-金 08:00-20:00\"]\n");
    let night = ["status", "--config", "exchange.toml", "--data", "data", "--now", "2026-04-03 22:00", "--json"];
    let shown = json(&night, folder.path(), 0);
    assert_eq!(shown["lines"][1]["waiting"]["why"], "hours");
    assert_eq!(shown["lines"][1]["waiting"]["until"], "2026-04-06T08:00:00");
}
