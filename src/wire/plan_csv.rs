//! 計画CSV: what people keep plans in before they are plans.
//!
//! 需要調達計画, one row for each member and kind, and for each counterparty where something is bought or sold:
//!
//! ```csv
//! 区分,契約者コード,契約者名称,取引先コード,取引先名称,申込番号,01,02,…,48
//! 需要,41236,試験電力,,,,100,100,…,100
//! 調達,41236,試験電力,JSPT3,スポット市場,W510099999999,60,60,…,60
//! 調達,41236,試験電力,G1236,試験発電BG,0699999999999,40,40,…,40
//! 販売,41236,試験電力,LA376,別BG,0699999999999,0,0,…,0
//! ```
//!
//! 需要抑制計画, one row for each point and series; without a point, the total of the group; without a group, of the contractor:
//!
//! ```csv
//! 区分,抑制BGコード,契約識別番号1,需要BGコード,小売事業者コード,優先順位,供給地点特定番号,契約識別番号2,プロラタ内優先順位,01,02,…,48
//! ```
//!
//! with 区分 ベースライン or 抑制計画. Values are whole kWh in 30 minutes. UTF-8 or CP932. Totals of a 需要調達計画 are made here,
//! those of a 需要抑制計画 stand in the file, because they are what is checked.

mod demand;
mod suppression;

pub use demand::demand_procurement;
pub use suppression::suppression;

use crate::items::{ItemError, Slot};
use crate::messages::planning::{PlanEnergy, PlanSeries, PlanValue};
use crate::rules::{Finding, codes};
use crate::wire::{Lines, charset};

/// What a row of a plan CSV says before its 48 values.
struct Row {
    line: u64,
    cells: Vec<String>,
    series: PlanSeries,
}

/// The rows of a CSV whose header begins with these columns and goes on with 01 to 48.
fn rows(octets: &[u8], columns: &[&str]) -> Result<(Vec<Row>, Vec<Finding>), Vec<Finding>> {
    if octets.is_empty() {
        return Err(vec![codes::FILE_EMPTY.plain()]);
    }
    let bad = |error: charset::CharsetError| vec![codes::BAD_BYTES.finding(error.ja(), error.en())];
    let (_, text, _) = charset::read(octets).map_err(bad)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    let mut lines = Lines::new(text.as_bytes());
    let broken = |error: &csv::Error, lines: &mut Lines<'_>| {
        let finding = codes::PLAN_CSV_ROW.finding("CSVとして読めません", "it cannot be read as CSV");
        match error.position() {
            Some(position) => finding.at_line(lines.at(position.byte())),
            None => finding,
        }
    };
    let header = match records.next() {
        Some(Ok(header)) => header,
        Some(Err(error)) => return Err(vec![broken(&error, &mut lines)]),
        None => return Err(vec![codes::NO_HEADER.plain()]),
    };
    let slots = Slot::all().map(|slot| format!("{:02}", slot.number()));
    let wanted: Vec<String> = columns.iter().map(|column| (*column).to_owned()).chain(slots).collect();
    let given = |index: usize| header.get(index).unwrap_or_default().trim();
    // A spreadsheet takes the zero from 01.
    let same = |(index, name): (usize, &String)| given(index) == name || format!("0{}", given(index)) == *name;
    if let Some((index, name)) = wanted.iter().enumerate().find(|pair| !same(*pair)) {
        let (n, found) = (index + 1, given(index));
        let list = columns.join(",");
        return Err(vec![
            codes::PLAN_CSV_COLUMN
                .finding(
                    format!("{n}列目の見出し「{found}」は「{name}」ではありません"),
                    format!("column {n} is headed `{found}`, expected `{name}`"),
                )
                .way_out(format!("見出しは {list},01〜48 です"), format!("the header is {list},01 … 48"))
                .at_line(1),
        ]);
    }
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                findings.push(broken(&error, &mut lines));
                continue;
            }
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = lines.of(record.position());
        if record.len() > wanted.len() {
            let (got, max) = (record.len(), wanted.len());
            let (ja, en) =
                (format!("{got}列あります（{max}列のはずです）"), format!("it has {got} columns, expected {max}"));
            findings.push(codes::PLAN_CSV_ROW.finding(ja, en).at_line(line));
        }
        let mut series = PlanSeries::MISSING;
        for (slot, cell) in Slot::all().zip(record.iter().skip(columns.len())) {
            let cell = cell.trim();
            if cell.is_empty() {
                continue;
            }
            match PlanEnergy::parse(cell) {
                Ok(value) => _ = series.set(slot, value),
                Err(error) => {
                    let n = slot.number();
                    let mut finding = value_finding(&error, cell).at_line(line);
                    finding.place.column = Some(format!("{n:02}").into());
                    findings.push(finding);
                }
            }
        }
        let cells = record.iter().take(columns.len()).map(|cell| cell.trim().to_owned()).collect();
        rows.push(Row { line, cells, series });
    }
    if rows.is_empty() && findings.is_empty() {
        findings.push(codes::NO_ROWS.plain());
    }
    Ok((rows, findings))
}

fn value_finding(error: &ItemError, cell: &str) -> Finding {
    // The number of a point is personal data: its error names the character, not the number.
    if error.what == "供給地点特定番号" {
        return codes::PLAN_VALUE.finding(error.ja(), error.en());
    }
    let shown: String = cell.chars().take(30).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    codes::PLAN_VALUE.finding(format!("「{shown}」: {}", error.ja()), format!("`{shown}`: {}", error.en()))
}

impl Row {
    fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map(String::as_str).unwrap_or_default()
    }

    /// The value of a cell; an empty one is none. A wrong one is told.
    fn value<V: PlanValue>(&self, index: usize, column: &'static str, out: &mut Vec<Finding>) -> Option<V> {
        let cell = self.cell(index);
        if cell.is_empty() {
            return None;
        }
        V::read(cell)
            .map_err(|error| {
                let mut finding = value_finding(&error, cell).at_line(self.line);
                finding.place.column = Some(column.into());
                out.push(finding);
            })
            .ok()
    }

    /// The whole number of a cell.
    fn number(&self, index: usize, column: &'static str, out: &mut Vec<Finding>) -> Option<u8> {
        let cell = self.cell(index);
        if cell.is_empty() {
            return None;
        }
        let number = cell.parse().ok();
        if number.is_none() {
            let mut finding = codes::SUPPRESSION_PRIORITY.plain().at_line(self.line);
            finding.place.column = Some(column.into());
            out.push(finding);
        }
        number
    }
}
