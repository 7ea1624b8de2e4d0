//! ベースライン用の読込: the rows of a CSV as the readings that baselines are computed from.

use super::columns::READING_COLUMNS;
use super::read::read;
use super::row::{Reading, ReadingsSink};
use crate::baseline::{Added, Mark, Part, ReadingsBuilder, Status};
use crate::items::{Date, Slot};
use crate::messages::metering::ReadingStatus;
use crate::rules::{Finding, codes};
use std::io::Read;

/// The most findings that are kept of one file.
const MOST_FINDINGS: usize = 1000;

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

/// Reads the readings of one file into a builder. What is wrong with a row does not stop the others. Rows of one point
/// with different 管理番号 are summed; where 区分 is absent, they are taken for 確定.
pub fn read_readings(input: impl Read, builder: &mut ReadingsBuilder) -> ReadingsRead {
    let mut taking = Taking { builder, read: ReadingsRead::default(), revised: 0 };
    match read(input, &mut taking) {
        Ok(rows) => taking.read.rows = rows,
        Err(findings) => {
            taking.read.findings = findings;
            return taking.read;
        }
    }
    if taking.read.rows == 0 && taking.read.findings.is_empty() {
        taking.finding(codes::NO_ROWS.plain());
    }
    if taking.revised > 0 {
        let count = taking.revised;
        let ja = format!("同じコマの異なる版が{count}件ありました。最も新しい版を使います");
        let en = format!("{count} readings have another version: the newest is used");
        taking.finding(codes::READING_REVISED.finding(ja, en));
    }
    taking.read
}

struct Taking<'b> {
    builder: &'b mut ReadingsBuilder,
    read: ReadingsRead,
    revised: u64,
}

impl ReadingsSink for Taking<'_> {
    fn reading(&mut self, one: Reading<'_>) {
        let status = match one.status {
            Some(ReadingStatus::Preliminary) => Status::Preliminary,
            Some(ReadingStatus::Daily) => Status::Confirmed,
            Some(ReadingStatus::Fixed) | None => Status::Final,
        };
        let mark = Mark { status, revision: one.revision.unwrap_or_default() };
        let part = Part { control_number: one.control_number, energy: one.energy };
        let added = self.builder.add_part(one.point, one.date, one.slot, part, mark);
        self.revised += u64::from(matches!(added, Added::Newer | Added::Older));
        if let Some(finding) = said(added, one.date, one.slot) {
            self.finding(finding.at_line(one.line));
        }
    }

    fn finding(&mut self, finding: Finding) {
        if self.read.findings.len() < MOST_FINDINGS {
            self.read.findings.push(finding);
        } else {
            self.read.omitted += 1;
        }
    }
}

fn said(added: Added, date: Date, slot: Slot) -> Option<Finding> {
    let [_, _, slot_field, _, energy, ..] = &READING_COLUMNS;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::{Energy, SupplyPointId};
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
            let windows = rows(&format!("\n{POINT},2026-08-19,1,1\n{row}\n")).replace('\n', "\r\n");
            assert_eq!(codes_of(&windows), [(code, Some(4))], "{row}");
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
    fn what_is_written_of_meter_data_is_read_with_its_control_numbers_summed() {
        let text = format!(
            "供給地点特定番号,年月日,コマ,管理番号,電力量kWh,提供可否,区分\n{POINT},2026-08-19,1,001,1.5,0,確報\n\
             {POINT},2026-08-19,1,002,2,0,確報\n{POINT},2026-08-19,2,001,1,0,確報\n{POINT},2026-08-19,2,002,,1,確報\n"
        );
        assert_eq!(codes_of(&text), []);
        let (readings, _) = read(text.as_bytes());
        let view = readings.iter().next().unwrap();
        let got = [1, 2].map(|slot| view.get(date(2026, 8, 19), Slot::new(slot).unwrap()));
        assert_eq!(got, [Some(Energy::parse("3.5").unwrap()), None]);
        assert_eq!(view.mark(date(2026, 8, 19)).map(|mark| mark.status), Some(Status::Confirmed));
    }

    #[test]
    fn a_file_of_errors_does_not_fill_the_memory() {
        let read = read(rows(&"x,x,x,x\n".repeat(500)).as_bytes()).1;
        assert_eq!((read.rows, read.findings.len(), read.omitted), (500, 1000, 1000));
    }
}
