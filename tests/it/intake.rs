//! Reading application files: what a back office really exports, and what it should not.

use occto::items::{AmountUnit, Code, DecisionMethod, Family};
use occto::messages::Record;
use occto::messages::switching::{Application, ConsentMethod};
use occto::rules::Finding;
use occto::wire::intake::Reader;
use proptest::prelude::*;

pub const HEADER: &str = "受付番号,供給地点特定番号,現小売事業者コード,現契約番号,契約名義,契約名義カナ,郵便番号,住所,\
    建物名,電話番号,切替希望日,供給種別,契約決定方法,契約容量,契約容量単位,接続送電サービスメニュー,同意日時,同意方法";
pub const ROW: &str = "R-001,0300111122223333444455,40113,1234567890123,見本太郎,ミホンタロウ,100-0001,見本市東町1-2-3,\
    見本ビル101,03-1234-5678,2026-12-10,低圧,アンペアブレーカー契約,40,A,電灯標準接続送電サービス,2026-11-20 10:30,電磁的方法";

/// What became of a file: per row its line, and the application or the codes of the findings with their columns.
type Rows = Vec<(u64, Result<Application, Vec<(&'static str, String)>>)>;

fn places(findings: &[Finding]) -> Vec<(&'static str, String)> {
    findings.iter().map(|f| (f.code, f.place.column.as_deref().unwrap_or_default().to_owned())).collect()
}

fn read(octets: &[u8]) -> Result<Rows, Vec<(&'static str, String)>> {
    let mut reader = Reader::new(octets).map_err(|findings| places(&findings))?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row() {
        if let Err(findings) = &row.application {
            assert!(findings.iter().all(|finding| finding.place.line == Some(row.line)), "{findings:?}");
        }
        rows.push((row.line, row.application.map_err(|findings| places(&findings))));
    }
    Ok(rows)
}

fn cp932(text: &str) -> Vec<u8> {
    let (octets, _, lossy) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!lossy);
    octets.into_owned()
}

/// The row with another value in a column.
pub fn with(column: &str, value: &str) -> String {
    let at = HEADER.split(',').position(|name| name == column).unwrap();
    let mut cells: Vec<&str> = ROW.split(',').collect();
    cells[at] = value;
    cells.join(",")
}

fn one(row: &str) -> Result<Application, Vec<(&'static str, String)>> {
    let mut rows = read(format!("{HEADER}\r\n{row}\r\n").as_bytes()).unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0).1
}

fn codes_of(column: &str, value: &str) -> Vec<(&'static str, String)> {
    one(&with(column, value)).unwrap_err()
}

#[test]
fn a_row_is_read_whole() {
    let application = one(ROW).unwrap();
    assert_eq!(application.receipt.as_str(), "R-001");
    assert_eq!(application.point.as_str(), "0300111122223333444455");
    assert_eq!(application.name.as_str(), "見本太郎");
    assert_eq!(application.kana.unwrap().as_str(), "ミホンタロウ");
    assert_eq!(application.building.unwrap().as_str(), "見本ビル101");
    assert_eq!(application.switch_on, jiff::civil::date(2026, 12, 10));
    assert_eq!((application.family, application.decision_method), (Family::Low, DecisionMethod::AmpereBreaker));
    assert_eq!(application.amount.unwrap().milli(), 40_000);
    assert_eq!(application.amount_unit, Some(AmountUnit::Ampere));
    assert_eq!(application.consented_at.unwrap(), jiff::civil::datetime(2026, 11, 20, 10, 30, 0, 0));
    assert_eq!(application.consent_method, Some(ConsentMethod::Electronic));
}

#[test]
fn the_columns_are_those_of_the_declaration() {
    let labels: Vec<&str> = Application::FIELDS.iter().map(|field| field.ja).collect();
    assert_eq!(labels, HEADER.split(',').collect::<Vec<_>>());
}

#[test]
fn every_charset_and_line_end_gives_the_same_rows() {
    let text = format!("{HEADER}\r\n{ROW}\r\n\r\n,,,,,,,,,,,,,,,,,\r\n{ROW}\r\n");
    let wanted = read(text.as_bytes()).unwrap();
    assert_eq!(wanted.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 5]);
    assert!(wanted.iter().all(|(_, row)| row.is_ok()));
    assert_eq!(read(&cp932(&text)).unwrap(), wanted);
    assert_eq!(read(format!("\u{FEFF}{text}").as_bytes()).unwrap(), wanted);
    assert_eq!(read(text.replace("\r\n", "\n").as_bytes()).unwrap(), wanted);
    assert_eq!(read(text.replace("\r\n", "\r").as_bytes()).unwrap(), wanted);
    assert_eq!(Reader::new(&*cp932(&text)).unwrap().charset(), "CP932");
    assert_eq!(Reader::new(text.as_bytes()).unwrap().charset(), "UTF-8");
}

#[test]
fn columns_stand_in_any_order_and_others_are_kept() {
    let turn = |line: &str, more: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells.reverse();
        format!("{},{more}", cells.join(","))
    };
    let text = format!("{}\n{}\n", turn(HEADER, "担当者"), turn(ROW, "\"見本, 花子\""));
    let mut reader = Reader::new(text.as_bytes()).unwrap();
    assert_eq!(reader.columns().names().last().unwrap(), "担当者");
    let row = reader.next_row().unwrap();
    assert_eq!(row.cells.iter().last(), Some("見本, 花子"));
    assert_eq!(row.application.unwrap(), one(ROW).unwrap());
    let narrow = HEADER.replace("契約名義カナ", " 契約名義ｶﾅ ");
    assert!(Reader::new(format!("{narrow}\n{ROW}\n").as_bytes()).is_ok());
}

#[test]
fn long_files_are_read_across_blocks() {
    for rows in [200usize, 2_000] {
        let mut text = format!("{HEADER}\r\n");
        for number in 0..rows {
            let name = if number % 3 == 0 { "\"見本\r\n商店\"" } else { "見本太郎" };
            text.push_str(&with("契約名義", name).replace("R-001", &format!("R-{number}")));
            text.push_str("\r\n");
        }
        for octets in [text.clone().into_bytes(), cp932(&text)] {
            let found = read(&octets).unwrap();
            assert_eq!(found.len(), rows);
            let last = found.last().unwrap();
            // Each name with a line end takes two lines; the last row counts by where it begins.
            let inner = rows.div_ceil(3) - usize::from((rows - 1).is_multiple_of(3));
            assert_eq!(last.0, (rows + 1 + inner) as u64);
            let bad = found.iter().filter(|(_, row)| row.is_err()).count();
            assert_eq!(bad, rows.div_ceil(3), "a line end cannot stand in a name");
        }
    }
}

#[test]
fn unusable_files_are_named() {
    let code = |octets: &[u8]| read(octets).unwrap_err()[0].0;
    assert_eq!(code(b""), "OC0101");
    let utf16: Vec<u8> = format!("\u{FEFF}{HEADER}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(code(&utf16), "OC0102");
    assert_eq!(code(&"a,b,c\r\n1,2,3\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()), "OC0102");
    assert_eq!(code(ROW.as_bytes()), "OC0103");
    assert_eq!(code(b"\n\n"), "OC0103");
    assert_eq!(code(&[0; 4000]), "OC0107");
    let missing = HEADER.replace("住所,", "").replace("契約名義,", "");
    assert_eq!(
        read(missing.as_bytes()).unwrap_err(),
        [("OC0104", "契約名義".to_owned()), ("OC0104", "住所".to_owned())]
    );
    assert_eq!(read(format!("{HEADER},住所").as_bytes()).unwrap_err(), [("OC0105", "住所".to_owned())]);
    let optional = HEADER.replace(",同意方法", "");
    assert!(Reader::new(optional.as_bytes()).is_ok());
}

#[test]
fn octets_that_are_no_character_are_named_with_their_place() {
    let mut octets = cp932(&format!("{HEADER}\r\n{ROW}\r\n{ROW}\r\n"));
    let at = octets.len() - cp932(ROW).len() - 2 + cp932("R-001,0300111122223333444455,40113,1234567890123,").len();
    octets[at] = 0xFF;
    let mut reader = Reader::new(&*octets).unwrap();
    assert!(reader.next_row().unwrap().application.is_ok());
    let row = reader.next_row().unwrap();
    let findings = row.application.unwrap_err();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].code, findings[0].place.line), ("OC0106", Some(3)));
    assert_eq!(findings[0].place.byte, Some(at as u64 + 1));
    assert_eq!(findings[0].place.column.as_deref(), Some("契約名義"));
}

#[test]
fn a_row_that_is_too_long_or_open_does_not_stop_the_others() {
    let long = with("住所", &"あ".repeat(4_000_000));
    let rows = read(format!("{HEADER}\n{long}\n{ROW}\n").as_bytes()).unwrap();
    assert_eq!(rows[0], (2, Err(vec![("OC0108", String::new())])));
    assert_eq!(rows[1].0, 3);
    assert!(rows[1].1.is_ok());
    let open = with("契約名義", "\"見本太郎");
    let rows = read(format!("{HEADER}\n{open}\n{ROW}\n").as_bytes()).unwrap();
    assert_eq!(rows[0], (2, Err(vec![("OC0114", String::new())])));
    assert!(rows[1].1.is_ok());
}

#[test]
fn ragged_rows_are_named() {
    assert_eq!(one(&format!("{ROW},x")).unwrap_err(), [("OC0109", String::new())]);
    assert!(one(&format!("{ROW},,")).is_ok());
    assert_eq!(one(ROW.strip_suffix(",電磁的方法").unwrap()).unwrap_err(), [("OC0109", String::new())]);
}

#[test]
fn nul_octets_are_named() {
    assert_eq!(codes_of("契約名義", "見本\0太郎"), [("OC0107", "契約名義".to_owned())]);
    let rows = read(format!("{HEADER},担当者\n{ROW},a\0b\n").as_bytes()).unwrap();
    assert_eq!(rows[0].1, Err(vec![("OC0107", "担当者".to_owned())]));
}

/// One mutation, exactly one finding.
#[test]
fn every_wrong_cell_has_its_code() {
    let cases = [
        ("受付番号", "", "OC0201"),
        ("供給地点特定番号", "", "OC0201"),
        ("供給地点特定番号", "03001111222233334444", "OC0202"),
        ("供給地点特定番号", "300111122223333444455", "OC0213"),
        ("供給地点特定番号", "03O0111122223333444455", "OC0203"),
        ("供給地点特定番号", "3.00112E+20", "OC0204"),
        ("供給地点特定番号", "1100111122223333444455", "OC0205"),
        ("現小売事業者コード", "4011", "OC0213"),
        ("現小売事業者コード", "401133", "OC0202"),
        ("契約名義", "　", "OC0201"),
        ("契約名義", &"見".repeat(41), "OC0211"),
        ("郵便番号", "600001", "OC0213"),
        ("郵便番号", "10000", "OC0202"),
        ("電話番号", "0312345678", "OC0212"),
        ("電話番号", "3-1234-5678", "OC0213"),
        ("電話番号", "9012345678", "OC0213"),
        ("電話番号", "03-1234", "OC0202"),
        ("電話番号", "03-12#4-5678", "OC0203"),
        ("切替希望日", "46366", "OC0214"),
        ("切替希望日", "2026-02-30", "OC0207"),
        ("切替希望日", "来月", "OC0206"),
        ("同意日時", "45987.5", "OC0214"),
        ("同意日時", "2026-11-20 25:00", "OC0208"),
        ("供給種別", "特別高圧", "OC0209"),
        ("契約決定方法", "おまかせ", "OC0209"),
        ("契約容量", "40.1234", "OC0210"),
        ("契約容量", "四十", "OC0206"),
        ("契約容量単位", "W", "OC0209"),
        ("同意方法", "メール", "OC0209"),
    ];
    for (column, value, code) in cases {
        assert_eq!(codes_of(column, value), [(code, column.to_owned())], "{column} {value}");
    }
}

#[test]
fn every_finding_of_a_row_is_given() {
    let row = with("供給地点特定番号", "123").replace("40113", "x").replace("2026-12-10", "y");
    let codes: Vec<_> = one(&row).unwrap_err().into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["OC0202", "OC0203", "OC0206"]);
}

#[test]
fn the_usual_writings_are_values() {
    let cases = [
        ("供給地点特定番号", "03-0011-1122-2233-3344-4455"),
        ("供給地点特定番号", "０３００１１１１２２２２３３３３４４４４５５"),
        ("現小売事業者コード", "４０１１３"),
        ("切替希望日", "2026/12/10"),
        ("切替希望日", "20261210"),
        ("切替希望日", "2026年12月10日"),
        ("切替希望日", "2026/12/10 0:00:00"),
        ("契約決定方法", "SB契約"),
        ("契約容量", "４０"),
        ("契約容量", "40.0"),
        ("契約容量単位", "Ａ"),
        ("郵便番号", "1000001"),
        ("電話番号", "03(1234)5678"),
        ("同意日時", "2026/11/20 10:30:00"),
        ("供給種別", " 低圧 "),
    ];
    let wanted = one(ROW).unwrap();
    for (column, value) in cases {
        assert_eq!(one(&with(column, value)).unwrap(), wanted, "{column} {value}");
    }
    for (value, unit) in
        [("KVA", AmountUnit::KiloVoltAmpere), ("ｋＶＡ", AmountUnit::KiloVoltAmpere), ("kw", AmountUnit::KiloWatt)]
    {
        assert_eq!(one(&with("契約容量単位", value)).unwrap().amount_unit, Some(unit));
    }
    for value in ["低圧FIT", "FIT", "ＦＩＴ"] {
        assert_eq!(one(&with("供給種別", value)).unwrap().family, Family::Fit);
    }
    for method in DecisionMethod::ALL.iter().copied() {
        assert_eq!(one(&with("契約決定方法", method.ja())).unwrap().decision_method, method);
    }
}

#[test]
fn absent_is_absent_and_a_name_keeps_its_blanks() {
    let absent = ["契約名義カナ", "郵便番号", "建物名", "電話番号", "契約容量", "同意日時", "同意方法"];
    for column in absent {
        assert!(one(&with(column, "")).is_ok(), "{column}");
    }
    assert_eq!(one(&with("契約名義", " 見本　太郎 ")).unwrap().name.as_str(), " 見本　太郎 ");
}

proptest! {
    /// Arbitrary octets, plain and behind a header, never panic and always come to an end.
    #[test]
    fn any_octets_are_read_to_an_end(octets in proptest::collection::vec(any::<u8>(), 0..600), header in any::<u8>()) {
        let mut file = match header % 4 {
            0 => format!("{HEADER}\r\n").into_bytes(),
            1 => cp932(&format!("{HEADER}\r\n")),
            2 => b"\xEF\xBB\xBF".to_vec(),
            _ => Vec::new(),
        };
        file.extend(octets);
        let _ = read(&file);
    }

    /// A file cut anywhere is still read, and the rows before the cut are whole.
    #[test]
    fn a_cut_file_keeps_the_rows_before_the_cut(cut in 0usize..2_000) {
        let file = cp932(&format!("{HEADER}\r\n{ROW}\r\n{ROW}\r\n{ROW}\r\n"));
        let (header, row) = (cp932(HEADER).len() + 2, cp932(ROW).len() + 2);
        let cut = cut.min(file.len());
        if let Ok(rows) = read(&file[..cut]) {
            let whole = cut.saturating_sub(header) / row;
            prop_assert!(rows.iter().take(whole).all(|(_, row)| row.is_ok()));
            prop_assert!(rows.len() <= whole + 1);
        }
    }
}
