//! What is put out of a file while it is read: lines of CSV, rows of JSON, Parquet.

use super::convert::FileRead;
use super::gather::{Chunk, Gather};
use super::source::Meterage;
use crate::items::{Code as _, Energy};
use crate::messages::metering::{MeteringHeader, Rows, given};
use crate::rules::{Finding, codes};
use crate::wire::Charset;
use crate::wire::cii::{Sink, Tally};
use crate::wire::meter_csv::CsvWriter;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// 出力の形
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing but the summary.
    Summary,
    /// The CSV of readings.
    Csv(Charset),
    /// One JSON document.
    Json,
    /// Parquet under a folder, as the readings of a data folder are kept.
    Parquet(PathBuf),
}

impl Form {
    /// What stands before the first file.
    pub(super) fn begin(&self) -> Vec<u8> {
        match self {
            Form::Csv(charset) => CsvWriter::header(*charset),
            Form::Json => b"{\"files\":[".to_vec(),
            Form::Summary | Form::Parquet(_) => Vec::new(),
        }
    }
    /// What stands behind the last.
    pub(super) const fn end(&self) -> &'static [u8] {
        match self {
            Form::Json => b"\n]}\n",
            Form::Summary | Form::Csv(_) | Form::Parquet(_) => b"",
        }
    }
    /// What stands behind the rows of a file.
    pub(super) fn tail(&self, read: &FileRead, emit: &dyn Fn(Vec<u8>)) {
        if *self != Form::Json {
            return;
        }
        let Tally { read: rows, missing, rejected, unknown, octets, .. } = read.tally;
        let findings: Vec<_> = read.findings.iter().map(Finding::to_json).collect();
        let name = read.name;
        let tail = serde_json::json!({
            "tally": { "read": rows, "missing": missing, "rejected": rejected, "unknown": unknown, "octets": octets },
            "points": read.points,
            "revision": name.map(|name| name.revision().number()),
            "part": name.map(|name| name.part().number()),
            "kwh": kilowatt_hours(read.sum),
            "complete": read.complete,
            "findings": findings,
        });
        emit(format!("],{}", tail.to_string().trim_start_matches('{')).into_bytes());
    }
}

/// A sum of 0.0001 kWh as kWh.
#[must_use]
pub fn kilowatt_hours(sum: i128) -> String {
    let (sign, count) = (if sum < 0 { "-" } else { "" }, sum.unsigned_abs());
    let (whole, rest) = (count / 10_000, count % 10_000);
    let text = format!("{sign}{whole}.{rest:04}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Turns the rows of one file into pieces of output, and counts them.
pub(super) struct Pieces<'a> {
    form: &'a Form,
    path: &'a Path,
    index: usize,
    meterage: &'a Meterage,
    emit: &'a dyn Fn(Vec<u8>),
    csv: Option<CsvWriter>,
    gather: Option<Gather<'a, &'a dyn Fn(Chunk)>>,
    begun: bool,
    comma: bool,
    done: Done,
    points: HashSet<u128>,
}

/// What was gathered when a file has been read.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub header: Option<MeteringHeader>,
    pub findings: Vec<Finding>,
    /// Why the output stopped before the file did.
    pub finding: Option<Finding>,
    pub tally: Tally,
    pub points: u64,
    pub sum: i128,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(
        form: &'a Form,
        path: &'a Path,
        index: usize,
        meterage: &'a Meterage,
        emit: &'a dyn Fn(Vec<u8>),
        gather: Option<Gather<'a, &'a dyn Fn(Chunk)>>,
    ) -> Pieces<'a> {
        let (csv, done, points) = (None, Done::default(), HashSet::new());
        Pieces { form, path, index, meterage, emit, csv, gather, begun: false, comma: false, done, points }
    }

    pub(super) fn finish(mut self) -> Done {
        if *self.form == Form::Json && !self.begun {
            self.begin_json(None);
        }
        if let Some(mut gather) = self.gather.take() {
            let _account = gather.finish();
            self.done.findings.append(&mut gather.findings);
        }
        self.done.points = self.points.len() as u64;
        self.done
    }

    fn begin_json(&mut self, header: Option<&MeteringHeader>) {
        self.begun = true;
        let file = serde_json::Value::from(self.path.display().to_string());
        let mut text = format!("{}\n{{\"file\":{file}", if self.index == 0 { "" } else { "," });
        if let Some(head) = header {
            let date = head.date.map_or_else(|| "null".to_owned(), |date| format!("\"{date}\""));
            let month = head.month.map_or_else(|| "null".to_owned(), |month| format!("\"{month}\""));
            // Keys, codes and dates: nothing in them needs escaping.
            let _infallible = write!(
                text,
                ",\"kind\":\"{}\",\"status\":\"{}\",\"date\":{date},\"month\":{month},\"sender\":\"{}\",\"recipient\":\"{}\"",
                head.kind.code(),
                head.kind.status().key(),
                head.sender,
                head.recipient
            );
        }
        text.push_str(",\"rows\":[");
        (self.emit)(text.into_bytes());
    }

    fn json(&mut self, rows: Rows<'_>) {
        let date = self.done.header.as_ref().and_then(|header| header.date);
        let mut text = String::new();
        each(rows, &mut |point, own_date, slot, control, energy, flag| {
            let comma = if std::mem::replace(&mut self.comma, true) { ",\n" } else { "\n" };
            let control = serde_json::Value::from(control);
            let _infallible = write!(text, "{comma}{{\"point\":\"{point}\",\"date\":");
            let _infallible = match own_date.or(date) {
                Some(date) => write!(text, "\"{date}\""),
                None => write!(text, "null"),
            };
            let _infallible = write!(text, ",\"slot\":{slot},\"control\":{control},\"kwh\":");
            let _infallible = match energy {
                Some(energy) => write!(text, "\"{energy}\""),
                None => write!(text, "null"),
            };
            let _infallible = write!(text, ",\"availability\":{flag}}}");
        });
        (self.emit)(text.into_bytes());
    }
}

type Visit<'v> = &'v mut dyn FnMut(&str, Option<crate::items::Date>, u8, &str, Option<Energy>, u8);

/// Each row of a batch: point, date where it has its own, slot, 管理番号, energy, 提供可否.
fn each(rows: Rows<'_>, visit: Visit<'_>) {
    match rows {
        Rows::HalfHourly(rows) => {
            let values = rows.points.iter().zip(&rows.slots).zip(rows.energies.iter().zip(&rows.availability));
            for (((point, slot), (energy, flag)), control) in values.zip(rows.control_numbers.iter()) {
                visit(point.as_str(), None, slot.number(), control, given(*energy, *flag), flag.digit());
            }
        }
        Rows::Fixed(usage) => {
            let slots = &usage.slots;
            for (bill, (point, flag)) in usage.bills.points.iter().zip(&usage.bills.availability).enumerate() {
                for row in usage.slots_of(bill) {
                    let of = |column: &[Option<Energy>]| column.get(row).copied().flatten();
                    let energy = of(&slots.own).or_else(|| of(&slots.whole)).filter(|_| flag.is_given());
                    let number = slots.slots.get(row).map_or(0, |slot| slot.number());
                    let digit = if energy.is_some() { 0 } else { flag.digit().max(1) };
                    visit(point.as_str(), slots.dates.get(row).copied(), number, "", energy, digit);
                }
            }
        }
    }
}

impl Sink for Pieces<'_> {
    fn header(&mut self, header: &MeteringHeader) {
        match self.form {
            Form::Csv(charset) => self.csv = Some(CsvWriter::new(*charset, header)),
            Form::Json => self.begin_json(Some(header)),
            Form::Summary | Form::Parquet(_) => {}
        }
        if let Some(gather) = &mut self.gather {
            gather.header(header);
        }
        self.done.header = Some(header.clone());
    }

    fn rows(&mut self, rows: Rows<'_>) {
        let mut count = 0;
        each(rows, &mut |_, _, _, _, energy, _| {
            count += 1;
            self.done.tally.read += 1;
            self.done.tally.missing += u64::from(energy.is_none());
            self.done.sum += energy.map_or(0, |energy| i128::from(energy.ten_thousandths()));
        });
        let points = match rows {
            Rows::HalfHourly(rows) => &rows.points,
            Rows::Fixed(usage) => &usage.bills.points,
        };
        self.points.extend(points.iter().map(crate::items::SupplyPointId::packed));
        self.meterage.records.fetch_add(count, Ordering::Relaxed);
        if self.done.finding.is_some() {
            return;
        }
        if let Some(csv) = &self.csv {
            let mut out = Vec::with_capacity(usize::try_from(count).unwrap_or(0) * 64);
            if csv.rows(rows, &mut out).is_err() {
                self.done.finding = Some(codes::NOT_IN_CP932.plain());
                return;
            }
            (self.emit)(out);
        }
        if *self.form == Form::Json {
            self.json(rows);
        }
        if let Some(gather) = &mut self.gather {
            gather.rows(rows);
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.done.findings.push(finding);
    }
}
