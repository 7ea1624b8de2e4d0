//! 30分値のCSV: readings as people keep them, one row per supply point, day, slot and 管理番号.
//!
//! `供給地点特定番号, 年月日, コマ, 管理番号, 電力量kWh, 提供可否, 区分`, in any order, in CP932 or UTF-8. 管理番号, 提供可否 and
//! 区分 may be missing. A value that is not given has an empty 電力量kWh and a 提供可否 other than 0; without that column, an
//! empty cell says so by itself. Missing is not zero.

mod write;

pub use write::CsvWriter;

use super::charset::{self, CharsetError};
use super::csv::Lines;
use crate::items::{
    Code as _, Date, Energy, FoldingStep, FoldingSteps, ItemError, Slot, SupplyPointId, folded, parse_date,
};
use crate::messages::metering::{Availability, ReadingStatus};
use crate::rules::{Finding, Rule, codes};
use std::borrow::Cow;

/// The columns in the order in which they are written.
pub const COLUMNS: [&str; 7] = ["供給地点特定番号", "年月日", "コマ", "管理番号", "電力量kWh", "提供可否", "区分"];

/// Where each of [`COLUMNS`] has to be.
const REQUIRED: [bool; 7] = [true, true, true, false, true, false, false];

/// 30分値の1行: a row of the CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The line it begins in, from 1; the header row is line 1.
    pub line: u64,
    /// 供給地点特定番号
    pub point: SupplyPointId,
    /// 年月日
    pub date: Date,
    /// コマ
    pub slot: Slot,
    /// 管理番号 (JP06121); empty where absent.
    pub control_number: &'a str,
    /// 電力量. Unit: 0.0001 kWh. Nothing where it is not given.
    pub energy: Option<Energy>,
    /// 提供可否
    pub availability: Availability,
    /// 区分, where the file says it.
    pub status: Option<ReadingStatus>,
}

/// What takes the rows of a CSV.
pub trait ReadingsSink {
    /// A row, in the order of the file.
    fn reading(&mut self, reading: Reading<'_>);
    /// What is wrong with a row; the row is not given.
    fn finding(&mut self, finding: Finding);
}

/// Reads a CSV. Rows that are wrong are findings, and the others are still read; an error says why nothing can be.
pub fn read(octets: &[u8], sink: &mut dyn ReadingsSink) -> Result<(), Vec<Finding>> {
    let (_, text, _) = charset::read(octets).map_err(|error| vec![undecodable(error)])?;
    if text.trim().is_empty() {
        return Err(vec![codes::FILE_EMPTY.plain()]);
    }
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = ::csv::StringRecord::new();
    let mut lines = Lines::new(text.as_bytes());
    let mut columns = None;
    loop {
        let mut line = |position: Option<&::csv::Position>| lines.at(position.map_or(0, ::csv::Position::byte));
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) if columns.is_none() => return Err(vec![codes::NO_HEADER.plain()]),
            Ok(false) => return Ok(()),
            Err(error) => {
                sink.finding(codes::RAGGED_ROW.plain().at_line(line(error.position())));
                continue;
            }
        }
        let line = line(record.position());
        let Some(columns) = &columns else {
            columns = Some(Columns::read(&record)?);
            continue;
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        columns.row(&record, line, sink);
    }
}

fn undecodable(error: CharsetError) -> Finding {
    match error {
        CharsetError::Utf16 => codes::UTF16.plain(),
        CharsetError::Invalid { byte, .. } => {
            let mut finding = codes::BAD_BYTES.finding(error.ja(), error.en());
            finding.place.byte = Some(byte as u64 + 1);
            finding
        }
        CharsetError::Unknown => codes::BAD_BYTES.plain(),
    }
}

/// Where the columns of [`COLUMNS`] stand in the file.
struct Columns {
    places: [Option<usize>; 7],
    width: usize,
}

impl Columns {
    fn read(header: &::csv::StringRecord) -> Result<Columns, Vec<Finding>> {
        let steps = FoldingSteps::NONE.with(FoldingStep::Width).with(FoldingStep::Whitespace);
        let plain = |text: &str| folded(text, steps);
        let names: Vec<String> = header.iter().map(plain).collect();
        let mut findings = Vec::new();
        let mut places = [None; 7];
        for ((place, column), required) in places.iter_mut().zip(COLUMNS).zip(REQUIRED) {
            let wanted = plain(column);
            let mut found = names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(index, _)| index);
            *place = found.next();
            let finding = match (*place, found.next()) {
                (None, _) if required => {
                    let ja = format!("必須の列「{column}」がありません");
                    Some(codes::MISSING_COLUMN.finding(ja, format!("required column `{column}` is missing")))
                }
                (Some(_), Some(again)) => {
                    let ja = format!("「{column}」列が2つあります（{}列目にも）", again + 1);
                    let en = format!("column `{column}` stands twice, again as column {}", again + 1);
                    Some(codes::DUPLICATE_COLUMN.finding(ja, en))
                }
                _ => None,
            };
            findings.extend(finding.map(|finding| on(finding.at_line(1), column)));
        }
        if places.iter().all(Option::is_none) {
            return Err(vec![codes::NO_HEADER.plain().at_line(1)]);
        }
        if findings.is_empty() { Ok(Columns { places, width: header.len() }) } else { Err(findings) }
    }

    fn row(&self, record: &::csv::StringRecord, line: u64, sink: &mut dyn ReadingsSink) {
        if record.len() != self.width {
            sink.finding(codes::RAGGED_ROW.plain().at_line(line));
            return;
        }
        let mut wrong = Vec::new();
        let cell = |column: usize| {
            let place = self.places.get(column).copied().flatten();
            place.and_then(|place| record.get(place)).map(str::trim)
        };
        let mut fail = |column: usize, rule: &Rule, ja: String, en: String| {
            let label = COLUMNS.get(column).copied().unwrap_or_default();
            wrong.push(on(rule.finding(ja, en).at_line(line), label));
        };
        let mut item = |column: usize, error: &ItemError| fail(column, rule_of(error), error.ja(), error.en());
        let point = SupplyPointId::parse(cell(0).unwrap_or_default()).map_err(|error| item(0, &error)).ok();
        let date = parse_date(cell(1).unwrap_or_default()).map_err(|error| item(1, &error)).ok();
        let energy = match cell(4).filter(|text| !text.is_empty()) {
            Some(text) => Energy::parse(text).map(Some).map_err(|error| item(4, &error)).ok(),
            None => Some(None),
        };
        let slot = cell(2).filter(|text| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()));
        let slot = slot.and_then(|text| text.parse().ok()).and_then(Slot::new);
        if slot.is_none() {
            fail(2, &codes::OUT_OF_RANGE, "コマは1から48までです".to_owned(), "a slot is 1 to 48".to_owned());
        }
        let control_number = cell(3).unwrap_or_default();
        if control_number.chars().count() > 16 {
            let en = "a control number has at most 16 characters".to_owned();
            fail(3, &codes::TOO_LONG, "管理番号は16文字までです".to_owned(), en);
        }
        let status = match cell(6).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => {
                let status = ReadingStatus::from_ja(text).or_else(|| ReadingStatus::from_key(text));
                if status.is_none() {
                    let en = "the status is 速報, 確報 or 確定".to_owned();
                    fail(6, &codes::UNKNOWN_VALUE, "区分は速報・確報・確定のどれかです".to_owned(), en);
                }
                status
            }
        };
        let flag = match cell(5) {
            None | Some("") => Some(None),
            Some(text) => {
                let digit = text.parse().ok().filter(|_| text.len() == 1).and_then(Availability::new);
                if digit.is_none() {
                    let en = "the availability is one digit".to_owned();
                    fail(5, &codes::UNKNOWN_VALUE, "提供可否は数字1桁です".to_owned(), en);
                }
                digit.map(Some)
            }
        };
        let availability = match (flag, energy) {
            (Some(Some(flag)), Some(Some(_))) if !flag.is_given() => {
                let ja = "提供可否が0以外なのに電力量があります".to_owned();
                fail(4, &codes::UNKNOWN_VALUE, ja, "there is an energy that the availability denies".to_owned());
                None
            }
            (Some(Some(flag)), Some(None)) if flag.is_given() => {
                let ja = "提供可否が0なのに電力量が空です".to_owned();
                fail(4, &codes::EMPTY_CELL, ja, "there is no energy where one is said to be given".to_owned());
                None
            }
            (Some(flag), Some(energy)) => {
                Some(flag.unwrap_or(if energy.is_some() { Availability::GIVEN } else { Availability::MISSING }))
            }
            _ => None,
        };
        if !wrong.is_empty() {
            wrong.into_iter().for_each(|finding| sink.finding(finding));
            return;
        }
        if let (Some(point), Some(date), Some(slot), Some(energy), Some(availability)) =
            (point, date, slot, energy, availability)
        {
            sink.reading(Reading { line, point, date, slot, control_number, energy, availability, status });
        }
    }
}

fn on(mut finding: Finding, column: &'static str) -> Finding {
    finding.place.column = Some(Cow::Borrowed(column));
    finding
}

/// The rule of what is wrong with a cell.
fn rule_of(error: &ItemError) -> &'static Rule {
    use crate::items::ItemErrorKind as Kind;
    match error.kind {
        Kind::Empty => &codes::EMPTY_CELL,
        Kind::Length { .. } | Kind::LengthBetween { .. } => &codes::WRONG_LENGTH,
        Kind::Character { .. } => &codes::WRONG_CHARACTER,
        Kind::SpreadsheetNumber => &codes::SPREADSHEET_NUMBER,
        Kind::UnknownArea { .. } => &codes::UNKNOWN_AREA,
        Kind::NoSuchDate => &codes::NO_SUCH_DATE,
        Kind::OutOfRange { .. } => &codes::OUT_OF_RANGE,
        Kind::Decimals { .. } => &codes::TOO_MANY_DECIMALS,
        Kind::TooLong { .. } => &codes::TOO_LONG,
        _ => &codes::WRONG_FORM,
    }
}

#[cfg(test)]
mod tests;
