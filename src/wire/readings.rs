//! 計量値のCSV: half-hourly readings as people keep them: 供給地点特定番号, 年月日, コマ, 電力量kWh; and, where a file has them,
//! 区分 (速報・確報・確定) and 版. CP932 or UTF-8, any order of columns and rows, read block by block.
//!
//! An empty 電力量 is a gap, never zero. Nothing is corrected: a cell is either a value or a finding that says where and
//! why not.

use super::intake::Decode;
use crate::baseline::{Added, Mark, ReadingsBuilder, Status};
use crate::items::{
    Code, Date, Energy, FoldingStep, FoldingSteps, Item, ItemError, ItemErrorKind, Slot, SupplyPointId, folded,
    parse_date,
};
use crate::messages::{Field, Kind, Occurs};
use crate::rules::{Finding, codes, item_finding, serial_date};
use std::io::Read;

/// The most findings that are kept of one file.
const MOST_FINDINGS: usize = 1000;

const fn field(key: &'static str, ja: &'static str, en: &'static str, kind: Kind, occurs: Occurs) -> Field {
    Field { key, ja, en, item: None, kind, occurs }
}

/// The columns: 供給地点特定番号, 年月日, コマ, 電力量kWh, 区分, 版.
pub static READING_COLUMNS: [Field; 6] = [
    Field {
        key: "point",
        ja: "供給地点特定番号",
        en: "supply point id",
        item: Some(Item::SupplyPointId),
        kind: Kind::Digits { len: 22 },
        occurs: Occurs::Once,
    },
    field("date", "年月日", "date", Kind::Date, Occurs::Once),
    field("slot", "コマ", "slot", Kind::Decimal { decimals: 0 }, Occurs::Once),
    field("energy", "電力量kWh", "energy in kWh", Kind::Decimal { decimals: 4 }, Occurs::Once),
    field("status", "区分", "status", Kind::Text { max: 4 }, Occurs::Optional),
    field("revision", "版", "revision", Kind::Decimal { decimals: 0 }, Occurs::Optional),
];

/// 読込結果: what reading one file of readings came to.
#[derive(Debug, Default)]
pub struct ReadingsRead {
    /// The rows of readings, those with findings among them.
    pub rows: u64,
    /// What is wrong, in the order of the file; a thousand at most.
    pub findings: Vec<Finding>,
    /// How many further findings were not kept.
    pub omitted: u64,
}

impl ReadingsRead {
    fn push(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.omitted += 1;
        }
    }
}

/// Reads the readings of one file into a builder. What is wrong with a row does not stop the others.
pub fn read_readings(input: impl Read, builder: &mut ReadingsBuilder) -> ReadingsRead {
    let mut read = ReadingsRead::default();
    let decode = match Decode::new(input) {
        Ok(decode) => decode,
        Err(findings) => {
            read.findings = findings;
            return read;
        }
    };
    let octets = Utf8 { decode, text: String::new(), given: 0 };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(octets);
    let mut record = csv::StringRecord::new();
    let mut rows = Rows::default();
    let mut header = None;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let finding = codes::UNREADABLE_FILE
                    .finding(format!("ファイルを読み込めません: {error}"), format!("cannot read the file: {error}"));
                read.push(finding);
                break;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        let Some(columns) = &header else {
            match columns(&record) {
                Ok(columns) => header = Some(columns),
                Err(findings) => {
                    read.findings = findings;
                    return read;
                }
            }
            continue;
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        read.rows += 1;
        rows.row(columns, &record, line, builder, &mut read);
    }
    if let Some(byte) = reader.get_ref().decode.malformed.front() {
        let charset = reader.get_ref().decode.charset();
        let ja = format!("{}バイト目が{charset}の文字として読めません", byte + 1);
        read.push(codes::BAD_BYTES.finding(ja, format!("byte {} is not a character of {charset}", byte + 1)));
    }
    if read.rows == 0 && read.findings.is_empty() {
        read.push(codes::NO_ROWS.plain());
    }
    if rows.newer + rows.older > 0 {
        let count = rows.newer + rows.older;
        let ja = format!("同じコマの異なる版が{count}件ありました。最も新しい版を使います");
        read.push(
            codes::READING_REVISED.finding(ja, format!("{count} readings have another version: the newest is used")),
        );
    }
    read
}

/// Where the columns stand.
struct Columns([Option<usize>; 6]);

fn columns(header: &csv::StringRecord) -> Result<Columns, Vec<Finding>> {
    let plain =
        |name: &str| folded(name.trim(), FoldingSteps::NONE.with(FoldingStep::Width).with(FoldingStep::Whitespace));
    let names: Vec<String> = header.iter().map(plain).collect();
    let mut places = [None; 6];
    let mut findings = Vec::new();
    for (field, place) in READING_COLUMNS.iter().zip(&mut places) {
        let mut found = names.iter().enumerate().filter(|(_, name)| **name == field.ja).map(|(index, _)| index);
        *place = found.next();
        if found.next().is_some() {
            let ja = format!("「{}」列が2つあります", field.ja);
            let finding = codes::DUPLICATE_COLUMN.finding(ja, format!("column `{}` stands twice", field.ja));
            findings.push(finding.on(field).at_line(1));
        }
        if place.is_none() && field.occurs == Occurs::Once {
            let ja = format!("必須の列「{}」がありません", field.ja);
            let finding = codes::MISSING_COLUMN.finding(ja, format!("required column `{}` is missing", field.ja));
            findings.push(finding.on(field).at_line(1));
        }
    }
    if places.iter().all(Option::is_none) {
        let ja = "1行目に計量値の列名が1つもありません。見出し行がないようです";
        return Err(vec![codes::NO_HEADER.finding(ja, "the first row names no column of readings").at_line(1)]);
    }
    if findings.is_empty() { Ok(Columns(places)) } else { Err(findings) }
}

/// What is remembered from row to row: points and dates mostly repeat.
#[derive(Default)]
struct Rows {
    point: Option<(String, SupplyPointId)>,
    date: Option<(String, Date)>,
    newer: u64,
    older: u64,
}

impl Rows {
    fn row(
        &mut self,
        Columns(places): &Columns,
        record: &csv::StringRecord,
        line: u64,
        builder: &mut ReadingsBuilder,
        read: &mut ReadingsRead,
    ) {
        let [point, date, slot, energy, status, revision] = &READING_COLUMNS;
        let mut findings = Vec::new();
        let cells = places.map(|place| place.and_then(|place| record.get(place)).unwrap_or_default().trim());
        let [point_cell, date_cell, slot_cell, energy_cell, status_cell, revision_cell] = cells;
        let point = remembered(&mut self.point, point_cell, SupplyPointId::parse)
            .map_err(|error| findings.push(item_finding(&error, point)));
        let date = remembered(&mut self.date, date_cell, parse_date)
            .map_err(|error| findings.push(date_finding(date_cell, &error, date)));
        let slot = slot_cell.parse::<u8>().ok().and_then(Slot::new).ok_or_else(|| {
            let ja = format!("コマ「{slot_cell}」は1〜48の範囲ではありません");
            let finding = codes::SLOT_RANGE.finding(ja, format!("slot `{slot_cell}` is not within 1 to 48"));
            findings.push(finding.on(slot));
        });
        let energy = match energy_cell {
            "" => Ok(None),
            text => Energy::parse(text).map(Some).map_err(|error| findings.push(item_finding(&error, energy))),
        };
        let mark = mark(status_cell, revision_cell).map_err(|(error, second)| {
            findings.push(item_finding(&error, if second { revision } else { status }));
        });
        if let (Ok(point), Ok(date), Ok(slot), Ok(Some(energy)), Ok(mark)) = (point, date, slot, energy, mark) {
            let added = builder.add(point, date, slot, energy, mark);
            self.newer += u64::from(added == Added::Newer);
            self.older += u64::from(added == Added::Older);
            findings.extend(said(added, date, slot));
        }
        findings.into_iter().for_each(|finding| read.push(finding.at_line(line)));
    }
}

fn remembered<T: Copy>(
    last: &mut Option<(String, T)>,
    cell: &str,
    parse: impl Fn(&str) -> Result<T, ItemError>,
) -> Result<T, ItemError> {
    if let Some((text, value)) = last
        && text == cell
    {
        return Ok(*value);
    }
    let value = parse(cell)?;
    *last = Some((cell.to_owned(), value));
    Ok(value)
}

fn date_finding(cell: &str, error: &ItemError, field: &Field) -> Finding {
    match serial_date(cell) {
        Some(date) => {
            let ja = format!("年月日「{cell}」は表計算ソフトの通し番号です（{date}のことと思われます）");
            let en = format!("date `{cell}` is a serial number of a spreadsheet, probably {date}");
            codes::SERIAL_DATE.finding(ja, en).on(field)
        }
        None => item_finding(error, field),
    }
}

/// The version of a reading; with `true` it is the revision that cannot be read.
fn mark(status: &str, revision: &str) -> Result<Mark, (ItemError, bool)> {
    let fail = |kind| ItemError { what: "区分", what_en: "status", kind };
    let status = match status {
        "" => Status::Final,
        text => Status::from_ja(text)
            .or_else(|| Status::from_key(text))
            .ok_or_else(|| (fail(ItemErrorKind::Unknown { known: "速報、確報、確定" }), false))?,
    };
    let revision = match revision {
        "" => 0,
        text => text.parse().map_err(|_| (fail(ItemErrorKind::OutOfRange { min: "0", max: "65535" }), true))?,
    };
    Ok(Mark { status, revision })
}

fn said(added: Added, date: Date, slot: Slot) -> Option<Finding> {
    let [_, _, slot_field, energy, ..] = &READING_COLUMNS;
    let slot = slot.number();
    match added {
        Added::New | Added::Same | Added::Newer | Added::Older => None,
        Added::Conflict => {
            let ja = format!("{date} コマ{slot}の計量値が前の行と異なります");
            let en = format!("the reading of {date} slot {slot} differs from an earlier row");
            Some(codes::READING_CONFLICT.finding(ja, en).on(slot_field))
        }
        Added::TooGreat => {
            let ja = format!("{date} コマ{slot}の計量値が大きすぎます");
            let en = format!("the reading of {date} slot {slot} is too great");
            Some(codes::READING_TOO_GREAT.finding(ja, en).on(energy))
        }
    }
}

/// The text of a file as octets of UTF-8, for the CSV reader.
struct Utf8<R> {
    decode: Decode<R>,
    text: String,
    given: usize,
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.text.len() {
            self.text.clear();
            self.given = 0;
            if !self.decode.more(&mut self.text) {
                return self.decode.failed.take().map_or(Ok(0), Err);
            }
        }
        let rest = self.text.as_bytes().get(self.given..).unwrap_or_default();
        let count = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const POINT: &str = "0300111234567890123456";

    fn read(text: &[u8]) -> (crate::baseline::Readings, ReadingsRead) {
        let mut builder = ReadingsBuilder::new();
        let read = read_readings(text, &mut builder);
        (builder.finish(), read)
    }

    fn codes_of(text: &str) -> Vec<(&'static str, Option<u64>)> {
        read(text.as_bytes()).1.findings.iter().map(|finding| (finding.code, finding.place.line)).collect()
    }

    fn rows(rows: &str) -> String {
        format!("供給地点特定番号,年月日,コマ,電力量kWh\n{rows}")
    }

    #[test]
    fn readings_are_read_in_either_charset_and_any_order() {
        let text = format!(
            "電力量kWh,コマ,年月日,供給地点特定番号,備考\r\n1.25,48,2026-08-19,{POINT},x\r\n,1,2026-08-19,{POINT},\r\n"
        );
        let cp932 = encoding_rs::SHIFT_JIS.encode(&text).0.into_owned();
        let mut with_mark = b"\xEF\xBB\xBF".to_vec();
        with_mark.extend_from_slice(text.as_bytes());
        for octets in [text.clone().into_bytes(), cp932, with_mark] {
            let (readings, read) = read(&octets);
            assert!(read.findings.is_empty(), "{:?}", read.findings);
            let view = readings.point(SupplyPointId::parse(POINT).unwrap()).unwrap();
            let day = date(2026, 8, 19);
            assert_eq!(view.get(day, Slot::new(48).unwrap()), Some(Energy::parse("1.25").unwrap()));
            assert_eq!((view.get(day, Slot::new(1).unwrap()), read.rows), (None, 2));
        }
    }

    #[test]
    fn a_wrong_cell_is_named_with_its_line() {
        for (row, code) in [
            (format!("{POINT},2026-08-19,0,1"), "OC1105"),
            (format!("{POINT},2026-08-19,49,1"), "OC1105"),
            (format!("{POINT},2026-02-30,1,1"), "OC0207"),
            (format!("{POINT},46253,1,1"), "OC0214"),
            (format!("{POINT},2026-08-19,1,1.23456"), "OC0210"),
            (format!("{POINT},2026-08-19,1,110000000"), "OC1116"),
            ("3.00112E+20,2026-08-19,1,1".to_owned(), "OC0204"),
        ] {
            assert_eq!(codes_of(&rows(&format!("{row}\n"))), [(code, Some(2))], "{row}");
        }
        assert_eq!(codes_of("供給地点特定番号,年月日,コマ\n"), [("OC0104", Some(1))]);
        assert_eq!(codes_of("a,b\n"), [("OC0103", Some(1))]);
        assert_eq!(codes_of(&rows("")), [("OC0113", None)]);
        assert_eq!(codes_of(""), [("OC0101", None)]);
    }

    #[test]
    fn duplicates_are_one_and_contradictions_none() {
        let same = rows(&format!("{POINT},2026-08-19,1,1.5\n{POINT},2026-08-19,1,1.50\n"));
        assert_eq!(codes_of(&same), []);
        let other = rows(&format!("{POINT},2026-08-19,1,1.5\n{POINT},2026-08-19,1,1.6\n"));
        assert_eq!(codes_of(&other), [("OC1102", Some(3))]);
        let newer = format!(
            "供給地点特定番号,年月日,コマ,電力量kWh,区分,版\n{POINT},2026-08-19,1,2,確定,1\n{POINT},2026-08-19,1,1,速報,0\n"
        );
        assert_eq!(codes_of(&newer), [("OC1120", None)]);
        let (readings, _) = read(newer.as_bytes());
        let view = readings.iter().next().unwrap();
        assert_eq!(view.get(date(2026, 8, 19), Slot::new(1).unwrap()), Some(Energy::parse("2").unwrap()));
    }

    #[test]
    fn a_file_of_errors_does_not_fill_the_memory() {
        let read = read(rows(&"x,x,x,x\n".repeat(500)).as_bytes()).1;
        assert_eq!((read.rows, read.findings.len(), read.omitted), (500, 1000, 1000));
    }
}
