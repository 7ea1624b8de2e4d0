//! 結果ファイル: the rows of the input, in their order, with what became of each.
//!
//! Every input cell stands first and unchanged; the columns of [`ADDED`] follow. Nothing is put before or around an input
//! cell to please a spreadsheet: a cell that begins with `=` is what the user wrote, and a 22-digit id stays 22 digits. Excel
//! shows such an id as `3.00112E+20` when a CSV is opened by double click: import it as text, or ask for `.xlsx`, where ids
//! are text cells. In the added columns alone, a text of the counterparty that a spreadsheet would run as a formula gets a
//! leading apostrophe.
//!
//! The CSV is CP932 with CRLF. Where the input holds a character CP932 cannot write back as it was, the whole file is UTF-8
//! with a byte order mark instead, and a finding says so: nothing is substituted.

mod workbook;

pub use workbook::results_xlsx;

use super::view::{CaseView, RunView};
use crate::items::Code;
use crate::rules::{Finding, codes};
use encoding_rs::SHIFT_JIS;
use std::borrow::Cow;
use std::fmt::Write as _;

/// The columns added to those of the input.
pub const ADDED: [&str; 9] =
    ["結果", "結果コード", "最短切替日", "課金開始日", "廃止取次番号", "申込番号", "NG理由", "指摘", "次にすること"];

/// Between two findings or reasons in one cell.
const BETWEEN: &str = " ／ ";

/// The bytes of `results.csv`, and what had to be decided about them.
///
/// # Errors
/// Those of the CSV writer; writing to memory has none in practice.
pub fn results_csv(run: &RunView) -> Result<(Vec<u8>, Vec<Finding>), csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    let width = width(run);
    writer.write_record(header(run, width).iter().map(AsRef::as_ref))?;
    for case in &run.cases {
        let input = (0..width).map(|column| case.cells.get(column).map_or("", String::as_str));
        let added = added(case);
        writer.write_record(input.chain(added.iter().map(AsRef::as_ref)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    // What the writer was given was text, so this is a check of no cost that never replaces anything.
    let text = String::from_utf8_lossy(&bytes);
    Ok(match cp932(&text) {
        Ok(bytes) => (bytes, Vec::new()),
        Err(found) => {
            let mut bytes = Vec::with_capacity(text.len() + 3);
            bytes.extend_from_slice(b"\xEF\xBB\xBF");
            bytes.extend_from_slice(text.as_bytes());
            (bytes, vec![unencodable(run, found)])
        }
    })
}

/// The header row, as wide as the widest row of the input, with the added columns.
///
/// A result file is often corrected and run again: an added name the input already has gets a number, so that no two
/// columns have the same name.
fn header(run: &RunView, width: usize) -> Vec<Cow<'_, str>> {
    let mut header: Vec<Cow<'_, str>> =
        (0..width).map(|column| run.columns.get(column).map_or("", String::as_str).into()).collect();
    for name in ADDED {
        let name = std::iter::once(Cow::Borrowed(name))
            .chain((2..=header.len() + 2).map(|number| Cow::Owned(format!("{name}（{number}）"))))
            .find(|name| !header.contains(name))
            .unwrap_or(Cow::Borrowed(name));
        header.push(name);
    }
    header
}

/// How many columns the input has: a row may be longer than the header, and loses nothing.
fn width(run: &RunView) -> usize {
    run.cases.iter().map(|case| case.cells.len()).chain([run.columns.len()]).max().unwrap_or(0)
}

/// The cells of [`ADDED`].
fn added(case: &CaseView) -> [Cow<'_, str>; ADDED.len()] {
    let date = |date: Option<crate::items::Date>| date.map_or(Cow::Borrowed(""), |date| date.to_string().into());
    let reasons: Vec<&str> = case.reasons.iter().map(|(ja, _)| ja.as_str()).collect();
    let findings: Vec<String> = case.findings.iter().map(finding).collect();
    [
        case.outcome.ja().into(),
        case.outcome.key().into(),
        date(case.earliest),
        date(case.billing_from),
        harmless(case.cancellation_number.as_deref().unwrap_or_default().into()),
        harmless(case.application_number.as_deref().unwrap_or_default().into()),
        harmless(reasons.join(BETWEEN).into()),
        findings.join(BETWEEN).into(),
        harmless(case.next_step(super::view::Lang::Ja).unwrap_or_default().into()),
    ]
}

/// `エラー OC0123 「供給地点特定番号」供給地点特定番号は22桁です → 22桁で入力してください`
fn finding(finding: &Finding) -> String {
    let mut text = format!("{} {} ", finding.severity.ja(), finding.code);
    if let Some(column) = &finding.place.column {
        // Writing to a string cannot fail.
        let _ = write!(text, "「{column}」列: ");
    }
    text.push_str(&finding.ja);
    if !finding.way_out_ja.is_empty() {
        text.push_str(" → ");
        text.push_str(&finding.way_out_ja);
    }
    text
}

/// A text from outside as a spreadsheet shows it, not as a formula it runs.
fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}").into(),
        _ => text,
    }
}

/// The text in CP932, or the first character that would not come back as it went.
fn cp932(text: &str) -> Result<Vec<u8>, char> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut encoder = SHIFT_JIS.new_encoder();
    for line in text.split_inclusive('\n') {
        // Some characters are written as a look-alike (U+2212 as U+FF0D): only the way back shows it.
        let start = bytes.len();
        bytes.reserve(encoder.max_buffer_length_from_utf8_without_replacement(line.len()).unwrap_or(line.len() * 3));
        let (result, _) = encoder.encode_from_utf8_to_vec_without_replacement(line, &mut bytes, false);
        if let encoding_rs::EncoderResult::Unmappable(found) = result {
            return Err(found);
        }
        let (back, _) = SHIFT_JIS.decode_without_bom_handling(bytes.get(start..).unwrap_or_default());
        if back != line {
            return Err(back.chars().zip(line.chars()).find(|(a, b)| a != b).map_or('\u{FFFD}', |(_, found)| found));
        }
    }
    Ok(bytes)
}

fn unencodable(run: &RunView, found: char) -> Finding {
    let holds = |text: &str| text.contains(found);
    let case = run.cases.iter().find(|case| case.cells.iter().any(|cell| holds(cell)));
    let column = case.and_then(|case| run.columns.get(case.cells.iter().position(|cell| holds(cell))?));
    let code = u32::from(found);
    let mut finding = codes::RESULTS_IN_UTF8.finding(
        format!("CP932で書けない文字「{found}」(U+{code:04X})があるため、結果ファイルをUTF-8（BOM付き）で保存しました"),
        format!("the result file is UTF-8 with a byte order mark: CP932 cannot hold `{found}` (U+{code:04X})"),
    );
    finding.place.line = case.map(|case| case.line);
    finding.place.column = column.map(|column| column.clone().into());
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cp932_holds_is_written_as_it_was() {
        assert_eq!(cp932("髙﨑①㈱～ー").unwrap(), b"\xFB\xFC\xFA\xB1\x87\x40\x87\x8A\x81\x60\x81\x5B");
    }

    #[test]
    fn look_alikes_are_not_written() {
        for found in ['𠮷', '−', '〜', '¥', '‾', '😀'] {
            assert_eq!(cp932(&format!("山田{found}太郎")), Err(found), "U+{:04X}", u32::from(found));
        }
    }

    #[test]
    fn formulas_of_others_are_only_shown() {
        assert_eq!(harmless("=HYPERLINK(1)".into()), "'=HYPERLINK(1)");
        assert_eq!(harmless("契約名義不一致".into()), "契約名義不一致");
    }
}
