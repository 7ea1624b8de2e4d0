//! 行: a row of the CSV, and what takes it.

use super::columns::READING_COLUMNS;
use crate::items::{Code as _, Date, Energy, ItemError, ItemErrorKind, Slot, SupplyPointId, parse_date};
use crate::messages::Field;
use crate::messages::metering::{Availability, ReadingStatus};
use crate::rules::{Finding, Rule, codes, item_finding, serial_date};

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
    /// 版, where the file says it.
    pub revision: Option<u16>,
}

/// What takes the rows of a CSV.
pub trait ReadingsSink {
    /// A row, in the order of the file.
    fn reading(&mut self, reading: Reading<'_>);
    /// What is wrong with a row; the row is not given.
    fn finding(&mut self, finding: Finding);
}

/// What is remembered from row to row: points and dates mostly repeat.
#[derive(Default)]
pub(super) struct Rows {
    point: Option<(String, SupplyPointId)>,
    date: Option<(String, Date)>,
}

impl Rows {
    /// Reads the cells of a row, in the order of [`READING_COLUMNS`]; what is wrong with them is told.
    pub(super) fn row(&mut self, line: u64, cells: [&str; 8], sink: &mut dyn ReadingsSink) {
        let [point, date, slot, control, energy, flag, status, revision] = &READING_COLUMNS;
        let [point_cell, date_cell, slot_cell, control_cell, energy_cell, flag_cell, status_cell, revision_cell] =
            cells;
        let mut findings = Vec::new();
        let point = remembered(&mut self.point, point_cell, SupplyPointId::parse)
            .map_err(|error| findings.push(item_finding(&error, point)));
        let date = remembered(&mut self.date, date_cell, parse_date)
            .map_err(|error| findings.push(date_finding(date_cell, &error, date)));
        let slot = slot_of(slot_cell).ok_or_else(|| {
            let ja = format!("コマ「{slot_cell}」は1〜48の範囲ではありません");
            findings.push(codes::SLOT_RANGE.finding(ja, format!("slot `{slot_cell}` is not within 1 to 48")).on(slot));
        });
        let got = control_cell.chars().count();
        if got > 16 {
            findings.push(item_finding(&wrong(ItemErrorKind::TooLong { max: 16, got }), control));
        }
        let value = match energy_cell {
            "" => Ok(None),
            text => Energy::parse(text).map(Some).map_err(|error| findings.push(item_finding(&error, energy))),
        };
        let given = match flag_cell {
            "" => Ok(None),
            text => {
                text.parse().ok().filter(|_| text.len() == 1).and_then(Availability::new).map(Some).ok_or_else(|| {
                    findings.push(item_finding(&wrong(ItemErrorKind::Unknown { known: "0〜9の1桁" }), flag));
                })
            }
        };
        let status = status_of(status_cell).map_err(|error| findings.push(item_finding(&error, status)));
        let revision = match revision_cell {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                findings.push(item_finding(&wrong(ItemErrorKind::OutOfRange { min: "0", max: "65535" }), revision));
            }),
        };
        if let (Ok(given), Ok(value)) = (given, value)
            && let Some((rule, ja, en)) = contradiction(given, value)
        {
            findings.push(rule.finding(ja, en).on(energy));
        }
        if let (true, Ok(point), Ok(date), Ok(slot), Ok(energy), Ok(given), Ok(status), Ok(revision)) =
            (findings.is_empty(), point, date, slot, value, given, status, revision)
        {
            let implied = if energy.is_some() { Availability::GIVEN } else { Availability::MISSING };
            let availability = given.unwrap_or(implied);
            let control_number = control_cell;
            sink.reading(Reading { line, point, date, slot, control_number, energy, availability, status, revision });
        }
        findings.into_iter().for_each(|finding| sink.finding(finding.at_line(line)));
    }
}

const fn wrong(kind: ItemErrorKind) -> ItemError {
    ItemError { what: "", what_en: "", kind }
}

fn slot_of(cell: &str) -> Option<Slot> {
    let is_number = cell.len() <= 2 && cell.bytes().all(|octet| octet.is_ascii_digit());
    cell.parse().ok().filter(|_| is_number).and_then(Slot::new)
}

/// 区分 by its name, or by the key of a message or of a baseline.
fn status_of(cell: &str) -> Result<Option<ReadingStatus>, ItemError> {
    let status = match cell {
        "" => return Ok(None),
        "confirmed" => Some(ReadingStatus::Daily),
        "final" => Some(ReadingStatus::Fixed),
        text => ReadingStatus::from_ja(text).or_else(|| ReadingStatus::from_key(text)),
    };
    status.map(Some).ok_or_else(|| wrong(ItemErrorKind::Unknown { known: "速報、確報、確定" }))
}

/// What 提供可否 and 電力量 say otherwise than each other.
const fn contradiction(
    given: Option<Availability>,
    energy: Option<Energy>,
) -> Option<(&'static Rule, &'static str, &'static str)> {
    let Some(given) = given else { return None };
    match (given.is_given(), energy.is_some()) {
        (false, true) => {
            let en = "there is an energy that the availability denies";
            Some((&codes::UNKNOWN_VALUE, "提供可否が0以外なのに電力量があります", en))
        }
        (true, false) => {
            let en = "there is no energy where one is said to be given";
            Some((&codes::EMPTY_CELL, "提供可否が0なのに電力量が空です", en))
        }
        _ => None,
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
