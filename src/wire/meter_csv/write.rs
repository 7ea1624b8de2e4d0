//! Writing the CSV of readings, from batches of meter data.

use super::columns::written;
use crate::items::{Code as _, Date, Energy, Slot, SupplyPointId};
use crate::messages::metering::{Availability, FixedUsage, HalfHourly, MeteringHeader, ReadingStatus, Rows, given};
use crate::wire::escape::quoted;
use crate::wire::{Charset, EncodeErrorKind};
use std::io::Write as _;

/// CSVの書出し: rows of meter data as lines of the CSV, with CRLF.
#[derive(Clone, Debug)]
pub struct CsvWriter {
    charset: Charset,
    /// What stands before and behind the rows of a file: its date, and its status in the charset.
    date: Option<Date>,
    status: Vec<u8>,
}

impl CsvWriter {
    /// A writer in a charset, for the rows of one message.
    #[must_use]
    pub fn new(charset: Charset, header: &MeteringHeader) -> CsvWriter {
        CsvWriter::of(charset, header.date, header.kind.status())
    }

    /// A writer for rows of one date, or of dates of their own, and of one status.
    #[must_use]
    pub fn of(charset: Charset, date: Option<Date>, status: ReadingStatus) -> CsvWriter {
        let mut text = Vec::new();
        // The names of the three are in either charset.
        let _in_charset = charset.encode(status.ja(), &mut text);
        CsvWriter { charset, date, status: text }
    }

    /// The header row, with a byte order mark in UTF-8: spreadsheets ask for it.
    #[must_use]
    pub fn header(charset: Charset) -> Vec<u8> {
        let mut out = Vec::new();
        if charset == Charset::Utf8 {
            out.extend_from_slice(b"\xEF\xBB\xBF");
        }
        let names: Vec<&str> = written().map(|field| field.ja).collect();
        let _in_charset = charset.encode(&names.join(","), &mut out);
        out.extend_from_slice(b"\r\n");
        out
    }

    /// Adds a batch of rows. A 管理番号 that the charset cannot hold stops it.
    ///
    /// Of a W5 the half-hours of each bill are written, with one's own share (仕訳後) where there is one.
    pub fn rows(&self, rows: Rows<'_>, out: &mut Vec<u8>) -> Result<(), EncodeErrorKind> {
        match rows {
            Rows::HalfHourly(rows) => self.half_hourly(rows, out),
            Rows::Fixed(usage) => self.fixed(usage, out),
        }
    }

    fn half_hourly(&self, rows: &HalfHourly, out: &mut Vec<u8>) -> Result<(), EncodeErrorKind> {
        let values = rows.points.iter().zip(&rows.slots).zip(rows.energies.iter().zip(&rows.availability));
        for (((point, slot), (energy, flag)), control) in values.zip(rows.control_numbers.iter()) {
            self.line(*point, self.date, *slot, control, (given(*energy, *flag), *flag), out)?;
        }
        Ok(())
    }

    fn fixed(&self, usage: &FixedUsage, out: &mut Vec<u8>) -> Result<(), EncodeErrorKind> {
        let slots = &usage.slots;
        for (bill, (point, flag)) in usage.bills.points.iter().zip(&usage.bills.availability).enumerate() {
            for row in usage.slots_of(bill) {
                let (Some(date), Some(slot)) = (slots.dates.get(row), slots.slots.get(row)) else { continue };
                let of = |column: &[Option<Energy>]| column.get(row).copied().flatten();
                let energy = of(&slots.own).or_else(|| of(&slots.whole)).filter(|_| flag.is_given());
                let flag = match energy {
                    Some(_) => Availability::GIVEN,
                    None if flag.is_given() => Availability::MISSING,
                    None => *flag,
                };
                self.line(*point, Some(*date), *slot, "", (energy, flag), out)?;
            }
        }
        Ok(())
    }

    fn line(
        &self,
        point: SupplyPointId,
        date: Option<Date>,
        slot: Slot,
        control: &str,
        (energy, flag): (Option<Energy>, Availability),
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeErrorKind> {
        out.extend_from_slice(point.digits());
        out.push(b',');
        if let Some(date) = date {
            let _infallible = write!(out, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
        }
        let _infallible = write!(out, ",{},", slot.number());
        quoted(self.charset, control, out)?;
        out.push(b',');
        if let Some(energy) = energy {
            let _infallible = write!(out, "{energy}");
        }
        let _infallible = write!(out, ",{},", flag.digit());
        out.extend_from_slice(&self.status);
        out.extend_from_slice(b"\r\n");
        Ok(())
    }
}
