//! `occto check`: any supported file, and what should never have been given.

use crate::intake::{HEADER, ROW, with};
use jiff::civil::date;
use occto::calendar::Calendar;
use occto::desk::check::{Checked, Checker, FileKind};
use occto::rules::{Finding, RuleContext, Settings, codes};
use occto::wire::Binding;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::path::Path;

fn check(path: &Path) -> Checked {
    let (calendar, settings) = (Calendar::published().unwrap(), Settings::published().unwrap());
    let context = RuleContext { today: date(2026, 11, 24), calendar: &calendar, settings: &settings };
    let world = |_: &str| vec![codes::BAD_SETTINGS.plain()];
    let checked = Checker { context, binding: Binding::reference(), world }.check(path);
    for finding in &checked.findings {
        assert_eq!(finding.place.file.as_deref(), Some(&*path.to_string_lossy()));
        assert!(Rules::known(finding), "{finding}");
    }
    checked
}

struct Rules;

impl Rules {
    /// A file or settings code is in the table; what the wire found has its own.
    fn known(finding: &Finding) -> bool {
        finding.code.starts_with("OC03") || occto::rules::Rule::of(finding.code).is_some()
    }
}

fn file(name: &str, octets: impl AsRef<[u8]>) -> Checked {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, octets).unwrap();
    check(&path)
}

fn codes_of(checked: &Checked) -> Vec<&'static str> {
    checked.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn application_files_are_held_against_the_rules() {
    let bad = with("供給地点特定番号", "3.00112E+20").replace("R-001", "R-002");
    let checked = file("a.csv", format!("{HEADER}\r\n{ROW}\r\n{bad}\r\n{ROW}\r\n"));
    assert_eq!((checked.kind, checked.rows, checked.sound), (FileKind::Applications, 3, 1));
    assert_eq!(codes_of(&checked), ["OC0204", codes::DUPLICATE_POINT.code, codes::DUPLICATE_RECEIPT.code]);
    assert!(checked.has_errors());
    assert_eq!(codes_of(&file("a.csv", HEADER)), [codes::NO_ROWS.code]);
    assert_eq!(codes_of(&file("empty.csv", "")), [codes::FILE_EMPTY.code]);
    let utf16: Vec<u8> = format!("\u{FEFF}{HEADER}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(codes_of(&file("a.csv", utf16)), [codes::UTF16.code]);
    assert_eq!(codes_of(&file("a.csv", "メモ\n")), [codes::NO_HEADER.code]);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let folder = check(dir.path());
    assert_eq!(codes_of(&folder), [codes::UNREADABLE_FILE.code]);
    assert!(folder.findings[0].ja.contains("フォルダー"), "{}", folder.findings[0]);
    let missing = check(&dir.path().join("none.csv"));
    assert!(missing.findings[0].ja.contains("ファイルがありません"));
    assert_eq!(missing.findings[0].to_string().matches("none.csv").count(), 1, "{}", missing.findings[0]);
}

#[test]
fn a_message_is_read_and_held_against_its_rules() {
    let broken = file("m.xml", "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>");
    assert_eq!(broken.kind, FileKind::Message);
    assert!(broken.has_errors());
    assert!(file("m.xml", "<a>".repeat(10_000)).has_errors());
}

#[test]
fn the_written_samples_are_read_back() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/switching");
    for (name, rows) in [("switch-start.csv", 3), ("cancellation-request.csv", 3)] {
        let checked = check(&golden.join(name));
        assert_eq!((checked.kind, checked.rows), (FileKind::Bulk, rows), "{name} {:?}", checked.findings);
        let late = checked.findings.iter().filter(|finding| finding.code == codes::IN_THE_PAST.code);
        assert_eq!(late.map(|finding| finding.place.line).collect::<Vec<_>>(), [Some(2), Some(3), Some(4)]);
    }
}

#[test]
fn a_large_message_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.xml");
    std::fs::write(&path, "<a>").unwrap();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(200 * 1024 * 1024).unwrap();
    assert_eq!(codes_of(&check(&path)), [codes::FILE_TOO_LARGE.code]);
}

#[test]
fn tables_are_told_apart_and_read() {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (name, kind) in [
        ("bindings/reference.toml", FileKind::Binding),
        ("notices/common-core.toml", FileKind::Notice),
        ("notices/terras.toml", FileKind::Notice),
        ("operators.toml", FileKind::Settings),
        ("lead-times.toml", FileKind::Settings),
        ("rules.toml", FileKind::Settings),
        ("retailer-patterns.toml", FileKind::Settings),
    ] {
        let checked = check(&schemas.join(name));
        assert_eq!((checked.kind, codes_of(&checked)), (kind, vec![]), "{name}");
    }
    let line = |name: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(schemas.join(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        let checked = file("t.toml", text.replacen(from, to, 1));
        assert_eq!(codes_of(&checked), [codes::BAD_SETTINGS.code], "{name}");
        checked.findings[0].place.line
    };
    assert!(line("bindings/reference.toml", "\n[forms]", "\n[form]").is_some());
    assert!(line("lead-times.toml", "business_days = 1", "business_days = \"x\"").is_some());
    line("retailer-patterns.toml", "\"40013\"", "\"4001\"");
    assert_eq!(file("t.toml", "a = \n").findings[0].place.line, Some(1));
    assert_eq!(codes_of(&file("t.toml", "a = 1\n")), [codes::UNKNOWN_KIND.code]);
    assert_eq!(file("w.toml", "date = \"2026-11-24\"\nretailer = \"40113\"\n").kind, FileKind::World);
    assert_eq!(codes_of(&file("t.toml", b"a = \"\xFF\"")), [codes::BAD_BYTES.code]);
}

/// The row as a workbook: every cell text, except those that `other` writes.
fn workbook(rows: &[&str], other: impl Fn(&mut rust_xlsxwriter::Worksheet, usize)) -> Checked {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in [HEADER].iter().chain(rows).enumerate() {
        for (column, cell) in row.split(',').enumerate().filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(line as u32, column as u16, cell).unwrap();
        }
    }
    other(sheet, rows.len());
    file("a.xlsx", book.save_to_buffer().unwrap())
}

fn column(name: &str) -> u16 {
    HEADER.split(',').position(|label| label == name).unwrap() as u16
}

#[test]
fn a_workbook_has_the_rows_of_a_csv() {
    let checked = workbook(&[ROW, &with("受付番号", "R-002")], |_, _| ());
    assert_eq!((checked.rows, checked.sound), (2, 1));
    assert_eq!(codes_of(&checked), [codes::DUPLICATE_POINT.code]);
    assert_eq!(checked.findings[0].place.line, Some(3));
    let short = ROW.replace(",電磁的方法", ",");
    assert_eq!(codes_of(&workbook(&[&short], |_, _| ())), [codes::NO_CONSENT_METHOD.code]);
    assert_eq!(codes_of(&workbook(&["", ""], |_, _| ())), [codes::NO_ROWS.code]);
}

#[test]
fn dates_and_numbers_of_a_workbook_are_what_a_person_sees() {
    let clean = workbook(&[ROW], |sheet, _| {
        let day = Format::new().set_num_format("yyyy/m/d");
        let moment = Format::new().set_num_format("yyyy/m/d h:mm");
        sheet.write_with_format(1, column("切替希望日"), ExcelDateTime::from_ymd(2026, 12, 10).unwrap(), &day).unwrap();
        let at = ExcelDateTime::from_ymd(2026, 11, 20).unwrap().and_hms(10, 30, 0).unwrap();
        sheet.write_with_format(1, column("同意日時"), &at, &moment).unwrap();
        sheet.write_number(1, column("契約容量"), 40).unwrap();
        sheet.write_number(1, column("現小売事業者コード"), 40_113).unwrap();
        sheet.write_number(1, column("現契約番号"), 1_234_567_890_123_f64).unwrap();
    });
    assert_eq!(codes_of(&clean), [""; 0]);
    let damaged = |name: &'static str, number: f64| {
        let checked = workbook(&[ROW], |sheet, _| {
            sheet.write_number(1, column(name), number).unwrap();
        });
        assert_eq!(checked.findings[0].place.column.as_deref(), Some(name));
        codes_of(&checked)
    };
    assert_eq!(damaged("供給地点特定番号", 300_111_122_223_333_444_455f64), [codes::SPREADSHEET_NUMBER.code]);
    assert_eq!(damaged("現契約番号", 1.234_567_890_123e20), [codes::SPREADSHEET_NUMBER.code]);
    assert_eq!(damaged("電話番号", 312_345_678f64), [codes::LOST_ZERO.code]);
    assert_eq!(damaged("郵便番号", 600_001f64), [codes::LOST_ZERO.code]);
    assert_eq!(damaged("切替希望日", 46_366f64), [codes::SERIAL_DATE.code]);
}

#[test]
fn broken_workbooks_are_named() {
    assert_eq!(codes_of(&file("a.xlsx", "")), [codes::BAD_SPREADSHEET.code]);
    assert_eq!(codes_of(&file("a.csv", b"PK\x03\x04nothing")), [codes::BAD_SPREADSHEET.code]);
    assert_eq!(codes_of(&file("a.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")), [codes::BAD_SPREADSHEET.code]);
    let mut book = Workbook::new();
    book.add_worksheet();
    assert_eq!(codes_of(&file("a.xlsx", book.save_to_buffer().unwrap())), [codes::FILE_EMPTY.code]);
    let mut book = Workbook::new();
    book.add_worksheet().write_string(2, 0, "メモ").unwrap();
    let memo = file("a.xlsx", book.save_to_buffer().unwrap());
    assert_eq!((codes_of(&memo), memo.findings[0].place.line), (vec![codes::NO_HEADER.code], Some(3)));
}
