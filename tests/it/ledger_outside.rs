//! A ledger in the hands of somebody who has nothing of ours: the octets are as the README says, and a program of a few
//! lines (`examples/verify_ledger.py`) finds what the binary finds.

use crate::command::{Said, arg, occto};
use crate::ledger_command::prepared;
use std::fs;
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/verify_ledger.py");

/// The Python that has what the script needs; nothing, said plainly, where there is none. In CI there must be one.
fn python() -> Option<String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import cryptography"]).output();
    if there.is_ok_and(|there| there.status.success()) {
        return Some(python);
    }
    assert!(std::env::var_os("CI").is_none(), "CI needs python3 with cryptography");
    eprintln!("the script is not run: python3 has no cryptography (pip install cryptography)");
    None
}

/// What the script says: whether all holds, and its words.
fn script(python: Option<&str>, args: &[&str]) -> Option<(bool, String)> {
    let ran = Command::new(python?).arg(SCRIPT).args(args).env("PYTHONIOENCODING", "utf-8").output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    Some((ran.status.success(), said))
}

/// The lines with numbers of their own from 1 on.
fn renumbered(lines: &[String]) -> Vec<String> {
    let entry = |line: &String| line.split_once(r#","entry":"#).unwrap().1.to_owned();
    lines.iter().zip(1..).map(|(line, seq)| format!(r#"{{"seq":{seq},"entry":{}"#, entry(line))).collect()
}

#[test]
fn whoever_has_the_documented_octets_finds_every_tampering() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (data, key, verifier, _) = prepared(dir.path());
    let run = |args: &[&str]| -> Said {
        let said = occto(&[&["ledger"], args, &["--data", &data]].concat());
        assert_eq!(said.code, Some(0), "{args:?}: {said:?}");
        said
    };
    let [first, second, regulator, growth] = ["first", "second", "regulator", "growth"].map(at);
    run(&["checkpoint", "--key", &key, "--out", arg(&first)]);
    run(&["export", "--for", "regulator", "--out", arg(&regulator)]);
    run(&["checkpoint", "--key", &key, "--out", arg(&second)]);
    run(&["export", "--for", "regulator", "--out", arg(&regulator)]);
    run(&["prove", "--from", arg(&first), "--out", arg(&growth)]);
    let text = fs::read_to_string(regulator.join("ledger.jsonl")).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let count = lines.len();
    let python = python();

    let mut whole = vec![verifier.clone(), "--ledger".into(), arg(&regulator.join("ledger.jsonl")).into()];
    for checkpoint in [&first, &second] {
        whole.extend(["--checkpoint".into(), arg(checkpoint).into()]);
    }
    for number in [1, 2, 7, count / 2, count - 2, count - 1] {
        let proof = at(&format!("proof-{number}"));
        run(&["prove", "--line", &number.to_string(), "--out", arg(&proof)]);
        whole.extend(["--proof".into(), arg(&proof).into()]);
    }
    whole.extend(["--proof".into(), arg(&growth).into()]);
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    if let Some((holds, said)) = script(python.as_deref(), &whole) {
        assert!(holds && said.lines().count() == 10 && said.contains("the ledger only grew"), "{said}");
    }

    let both = |name: &str, lines: &[String], end: &str, place: &str| {
        let file = at("tampered.jsonl");
        fs::write(&file, lines.join("\n") + end).unwrap();
        let args = ["--checkpoint", arg(&first), "--checkpoint", arg(&second)];
        let ours = [&["ledger", "verify", "--file", arg(&file), "--public-key", &verifier], &args[..]].concat();
        let ours = occto(&ours);
        assert!(ours.code == Some(1) && ours.out.contains(place), "{name}: {ours:?}");
        if let Some((holds, said)) =
            script(python.as_deref(), &[&[verifier.as_str(), "--ledger", arg(&file)], &args[..]].concat())
        {
            assert!(!holds && said.contains("AssertionError"), "{name}: {said}");
        }
    };
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut changed = lines.clone();
        change(&mut changed);
        changed
    };
    let changed = with(&|lines| lines[41] = lines[41].replacen("granted", "refused", 1));
    both("changed", &changed, "\n", "42行目");
    let removed = with(&|lines| drop(lines.remove(41)));
    both("removed", &removed, "\n", "42行目");
    both("removed and numbered anew", &renumbered(&removed), "\n", "42行目");
    let inserted = with(&|lines| lines.insert(41, lines[10].clone()));
    both("inserted", &inserted, "\n", "42行目");
    both("inserted and numbered anew", &renumbered(&inserted), "\n", "42行目");
    let swapped = with(&|lines| lines.swap(41, 42));
    both("reordered", &swapped, "\n", "42行目");
    both("reordered and numbered anew", &renumbered(&swapped), "\n", "42行目");
    let cut = with(&|lines| lines[count - 1].truncate(100));
    both("truncated in a line", &cut, "", &format!("{count}行目"));
    both("rolled back", &lines[..count - 2], "\n", &format!("{}行目以降", count - 1));
}

/// The README tells the octets; so does what a regulator gets.
#[test]
fn a_regulator_gets_the_octets_told() {
    let dir = tempfile::tempdir().unwrap();
    let (data, _, _, _) = prepared(dir.path());
    let out = dir.path().join("regulator");
    assert_eq!(occto(&["ledger", "export", "--for", "regulator", "--out", arg(&out), "--data", &data]).code, Some(0));
    let told = fs::read_to_string(out.join("README.txt")).unwrap();
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for part in ["SHA-256", "RFC 6962", "Ed25519", "0x0A", "0x00", "0x01"] {
        assert!(told.contains(part) && readme.contains(part), "{part}");
    }
}
