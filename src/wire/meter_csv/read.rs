//! 読込: a CSV of readings row by row, block by block.

use super::columns::Columns;
use super::row::{ReadingsSink, Rows};
use crate::rules::{Finding, codes};
use crate::wire::intake::Decode;
use crate::wire::lines::PassingLines;
use std::io::Read;

/// Reads a CSV; gives how many rows it has, those with findings among them. What is wrong with a row does not stop the
/// others; an error says why nothing can be read.
pub fn read(input: impl Read, sink: &mut dyn ReadingsSink) -> Result<u64, Vec<Finding>> {
    let octets =
        Utf8 { decode: Decode::new(input)?, text: String::new(), given: 0, bad: None, lines: PassingLines::default() };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(octets);
    let mut record = csv::StringRecord::new();
    let mut rows = Rows::default();
    let (mut columns, mut count) = (None, 0);
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let finding = codes::UNREADABLE_FILE
                    .finding(format!("ファイルを読み込めません: {error}"), format!("cannot read the file: {error}"));
                sink.finding(finding);
                break;
            }
        }
        let Some(columns) = &columns else {
            // A header that cannot be read may be in another charset.
            columns = match Columns::read(&record) {
                Ok(columns) => Some(columns),
                Err(findings) => return Err(reader.get_ref().undecodable().map_or(findings, |finding| vec![finding])),
            };
            continue;
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        count += 1;
        let line = record.position().map_or(0, |position| reader.get_mut().lines.at(position.byte()));
        let cells = columns.cells(&record);
        if record.len() != columns.width {
            sink.finding(codes::RAGGED_ROW.plain().at_line(line));
        } else if cells.iter().any(|cell| cell.contains(char::REPLACEMENT_CHARACTER)) {
            sink.finding(codes::BAD_BYTES.plain().at_line(line));
        } else {
            rows.row(line, cells, sink);
        }
    }
    if let Some(finding) = reader.get_ref().undecodable() {
        sink.finding(finding);
    }
    if columns.is_none() { Err(vec![codes::NO_HEADER.plain()]) } else { Ok(count) }
}

/// The text of a file as octets of UTF-8, for the CSV reader.
struct Utf8<R> {
    decode: Decode<R>,
    text: String,
    given: usize,
    /// The first octet that is no character.
    bad: Option<u64>,
    lines: PassingLines,
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.text.len() {
            self.text.clear();
            self.given = 0;
            let more = self.decode.more(&mut self.text);
            self.bad = self.bad.or(self.decode.malformed.front().copied());
            self.decode.malformed.clear();
            self.lines.pass(self.text.as_bytes());
            if !more {
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

impl<R: Read> Utf8<R> {
    /// The first octet that is no character of the charset.
    fn undecodable(&self) -> Option<Finding> {
        let byte = self.bad? + 1;
        let charset = self.decode.charset();
        let ja = format!("{byte}バイト目が{charset}の文字として読めません");
        let mut finding = codes::BAD_BYTES.finding(ja, format!("byte {byte} is not a character of {charset}"));
        finding.place.byte = Some(byte);
        Some(finding)
    }
}
