//! Golden files and schemas: what is on disk is what the program writes. `OCCTO_BLESS=1` writes them anew.

use crate::samples;
use crate::wire::{bindings, bulk, enveloped, written};
use occto::items::{Code, Family};
use occto::messages::switching::SwitchingMessage;
use occto::wire::{Binding, Envelope, xsd};
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares with the file, or writes it where that was asked for.
pub fn check(path: &str, octets: &[u8]) {
    let file = root(path);
    if std::env::var_os("OCCTO_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, octets).unwrap();
    }
    let found = std::fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(found == octets, "{path} is not what is written now; OCCTO_BLESS=1 cargo test writes it anew");
}

/// The goldens of the reference binding: name, schema, message, octets.
fn goldens() -> Vec<(String, &'static str, SwitchingMessage, Vec<u8>)> {
    let mut goldens = Vec::new();
    for message in samples::all() {
        let key = message.spec().key;
        let all = matches!(key, "switch-start" | "cancellation-request" | "receipt");
        for family in message.spec().families.iter().take(if all { 3 } else { 1 }) {
            let octets = written(Binding::reference(), &message, *family);
            goldens.push((format!("{key}.{}.xml", family.key()), "switching.xsd", message.clone(), octets));
        }
        if all {
            for (envelope, schema) in [("soap11", "soap11.xsd"), ("soap12", "soap12.xsd")] {
                let octets = written(&enveloped(envelope), &message, Family::Low);
                goldens.push((format!("{key}.low.{envelope}.xml"), schema, message.clone(), octets));
            }
        }
    }
    goldens
}

#[test]
fn every_message_is_written_as_its_golden_file() {
    for (name, _, message, octets) in goldens() {
        check(&format!("tests/golden/switching/{name}"), &octets);
        let golden = std::fs::read(root(&format!("tests/golden/switching/{name}"))).unwrap();
        assert!(Binding::reference().decode(&golden).unwrap().message == message, "{name}");
    }
    let message = SwitchingMessage::from(samples::switch_start());
    check("tests/golden/switching/second-binding.switch-start.xml", &written(bindings()[1], &message, Family::Low));
}

#[test]
fn bulk_forms_are_written_as_their_golden_files() {
    let mut out = Vec::new();
    let rows = bulk(&samples::switch_start(), Family::ALL);
    Binding::reference().encode_csv(rows.iter().map(|(header, cleared)| (header, cleared)), &mut out).unwrap();
    check("tests/golden/switching/switch-start.csv", &out);
    out.clear();
    let rows = bulk(&samples::cancellation_request(), Family::ALL);
    Binding::reference().encode_csv(rows.iter().map(|(header, cleared)| (header, cleared)), &mut out).unwrap();
    check("tests/golden/switching/cancellation-request.csv", &out);
}

#[test]
fn the_schemas_are_those_of_declaration_and_binding() {
    check("schemas/switching/switching.xsd", xsd::switching(Binding::reference()).as_bytes());
    for (name, envelope) in [("soap11", Envelope::Soap11), ("soap12", Envelope::Soap12)] {
        let schema = xsd::envelope(Binding::reference(), envelope).unwrap();
        check(&format!("schemas/switching/{name}.xsd"), schema.as_bytes());
    }
    assert_eq!(xsd::envelope(Binding::reference(), Envelope::Plain), None);
}

pub fn xmllint(schema: &Path, files: &[PathBuf]) -> Option<(bool, String)> {
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).arg(schema).args(files);
    let output = command.output().ok()?;
    Some((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn every_golden_file_is_valid_by_its_schema() {
    let mut by_schema: std::collections::BTreeMap<&str, Vec<PathBuf>> = std::collections::BTreeMap::new();
    for (name, schema, ..) in goldens() {
        by_schema.entry(schema).or_default().push(root(&format!("tests/golden/switching/{name}")));
    }
    for (schema, files) in by_schema {
        match xmllint(&root(&format!("schemas/switching/{schema}")), &files) {
            Some((valid, said)) => assert!(valid, "{said}"),
            None if std::env::var_os("CI").is_some() => panic!("xmllint is not installed"),
            None => return eprintln!("xmllint is not installed: the golden files were not validated"),
        }
    }
    // A schema that lets everything pass would prove nothing.
    let folder = tempfile::tempdir().unwrap();
    let golden = std::fs::read_to_string(root("tests/golden/switching/switch-start.low.xml")).unwrap();
    for (number, (from, to)) in
        [("0300110000000000000001", "03001100"), ("<SwitchDate>2026-11-20</SwitchDate>", ""), (">2<", ">7<")]
            .into_iter()
            .enumerate()
    {
        let file = folder.path().join(format!("{number}.xml"));
        assert!(golden.contains(from), "{from}");
        std::fs::write(&file, golden.replacen(from, to, 1)).unwrap();
        let (valid, _) = xmllint(&root("schemas/switching/switching.xsd"), &[file]).unwrap();
        assert!(!valid, "{from}");
    }
}

#[test]
fn the_second_binding_has_schemas_too() {
    let folder = tempfile::tempdir().unwrap();
    // libxml2 reads `Shift_JIS` without the characters of NEC and IBM.
    let text = include_str!("second-binding.toml").replacen("\"Shift_JIS\"", "\"Windows-31J\"", 1);
    let binding = &Binding::parse(&text).unwrap();
    std::fs::write(folder.path().join("switching.xsd"), xsd::switching(binding)).unwrap();
    let schema = folder.path().join("soap12.xsd");
    std::fs::write(&schema, xsd::envelope(binding, Envelope::Soap12).unwrap()).unwrap();
    let mut files = Vec::new();
    for message in samples::all() {
        let file = folder.path().join(format!("{}.xml", message.spec().key));
        std::fs::write(&file, written(binding, &message, message.spec().families[0])).unwrap();
        files.push(file);
    }
    match xmllint(&schema, &files) {
        Some((valid, said)) => assert!(valid, "{said}"),
        None => assert!(std::env::var_os("CI").is_none(), "xmllint is not installed"),
    }
}
