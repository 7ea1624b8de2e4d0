//! What is left as files and on the terminal: CSV, workbook, JSON, table.

use crate::sample_run::{COLUMNS, sample_run};
use calamine::{Data, Reader, Xlsx};
use occto::cli::table::table;
use occto::desk::json::write_json;
use occto::desk::results::{ADDED, results_csv, results_xlsx};
use occto::desk::view::{Lang, Outcome};
use occto::items::Code;
use std::io::Cursor;
use unicode_width::UnicodeWidthStr;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/desk/results.csv");

/// Rewrite with `OCCTO_BLESS=1 cargo test results_csv_is_as_agreed`.
#[test]
fn results_csv_is_as_agreed() {
    let (bytes, findings) = results_csv(&sample_run(46)).unwrap();
    assert!(findings.is_empty());
    if std::env::var_os("OCCTO_BLESS").is_some() {
        std::fs::create_dir_all(std::path::Path::new(GOLDEN).parent().unwrap()).unwrap();
        std::fs::write(GOLDEN, &bytes).unwrap();
    }
    assert!(std::fs::read(GOLDEN).unwrap() == bytes, "results.csv differs from tests/golden/desk/results.csv");
}

#[test]
fn results_csv_is_cp932_with_crlf_and_keeps_the_input_first() {
    let run = sample_run(46);
    let (bytes, _) = results_csv(&run).unwrap();
    let (text, broken) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes);
    assert!(!broken);
    assert_eq!(text.matches('\n').count(), 47);
    assert_eq!(text.matches("\r\n").count(), 47);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header[..18], COLUMNS);
    assert_eq!(header[18..], ADDED);
    for (row, case) in reader.records().zip(&run.cases) {
        let row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        assert_eq!(row[..18], case.cells);
        assert_eq!(row[19], case.outcome.key());
    }
}

#[test]
fn a_character_outside_cp932_turns_the_whole_file_to_utf8_and_says_so() {
    let mut run = sample_run(5);
    run.cases[3].cells[4] = "𠮷野家".to_owned();
    let (bytes, findings) = results_csv(&run).unwrap();
    assert_eq!(bytes[..3], *b"\xEF\xBB\xBF");
    assert!(std::str::from_utf8(&bytes).unwrap().contains("𠮷野家"));
    let [finding] = &findings[..] else { panic!("one finding") };
    assert_eq!(finding.code, "OC0901");
    assert_eq!((finding.place.line, finding.place.column.as_deref()), (Some(5), Some("契約名義")));
    assert!(finding.ja.contains("𠮷") && finding.ja.contains("U+20BB7"), "{}", finding.ja);
}

#[test]
fn input_cells_are_never_changed_and_foreign_text_never_runs() {
    let mut run = sample_run(2);
    run.cases[0].cells[0] = "=1+1".to_owned();
    run.cases[0].application_number = Some("=cmd".to_owned());
    run.cases[1].cells.push("余分な列".to_owned());
    run.columns[2] = "結果".to_owned();
    let (bytes, _) = results_csv(&run).unwrap();
    let (text, _) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!((&header[2], &header[18], &header[19]), ("結果", "", "結果（2）"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(&rows[0][0], "=1+1");
    assert_eq!(&rows[0][24], "'=cmd");
    assert_eq!((&rows[0][18], &rows[1][18]), ("", "余分な列"));
}

#[test]
fn the_workbook_keeps_ids_as_text() {
    let run = sample_run(46);
    let bytes = results_xlsx(&run).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("処理結果").unwrap();
    assert_eq!(sheet.get_size(), (47, 27));
    for (row, case) in run.cases.iter().enumerate() {
        for (column, cell) in case.cells.iter().enumerate() {
            assert_eq!(sheet.get((row + 1, column)), Some(&Data::String(cell.clone())));
        }
    }
    assert!(matches!(sheet.get((1, 21)), Some(Data::DateTime(_))));
}

#[test]
fn json_has_the_documented_shape() {
    let run = sample_run(46);
    let mut bytes = Vec::new();
    write_json(&run, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    for personal in ["タカハシ", "見本町", "0000-1234"] {
        assert!(!text.contains(personal));
    }
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        keys(&json),
        "cases counts file findings format from ledger_lines messages notice retailer sandbox_seed to"
    );
    assert_eq!(
        keys(&json["cases"][1]),
        "application_number as_wished billing_from cancellation_number current_retailer earliest family findings line \
         need next outcome point reasons receipt requested_on timeline"
    );
    assert_eq!(
        keys(&json["cases"][1]["findings"][0]),
        "byte code column en file item ja line path severity way_out_en way_out_ja"
    );
    assert_eq!(json["counts"]["total"], 46);
    let outcomes = json["counts"]["outcomes"].as_object().unwrap();
    assert_eq!(outcomes.len(), Outcome::ALL.len());
    assert_eq!(outcomes.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), 46);
    assert_eq!(json["cases"][0]["billing_from"], "2026-06-14");
    assert_eq!(json["cases"][0]["timeline"][0]["at"], "2026-05-31T09:05:00");
}

#[test]
fn wide_glyphs_align_on_the_terminal() {
    for (lang, width) in [(Lang::Ja, None), (Lang::En, None), (Lang::Ja, Some(80)), (Lang::Ja, Some(160))] {
        let text = table(&sample_run(400), lang, width);
        let lines: Vec<&str> = text.lines().collect();
        let drawn = |line: &&str| line.starts_with(['+', '|']);
        for block in lines.chunk_by(|a, b| drawn(a) == drawn(b)).filter(|block| drawn(&block[0])) {
            let first = block[0].width();
            assert!(block.iter().all(|line| line.width() == first), "{text}");
            assert!(first <= usize::from(width.unwrap_or(100)), "{text}");
        }
        let more = lang.pick("ほか", " more");
        assert!(text.contains(more), "{text}");
    }
}

#[test]
fn a_file_cannot_steer_the_terminal() {
    let mut run = sample_run(2);
    run.cases[1].receipt = "\u{1b}[31mA\u{7}".to_owned();
    assert!(!table(&run, Lang::Ja, None).contains(['\u{1b}', '\u{7}']));
}
