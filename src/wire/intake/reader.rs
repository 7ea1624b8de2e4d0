//! The reader: from octets to rows, one at a time.

use super::decode::{Decode, unreadable};
use super::split::{Scan, plain_cells, scan};
use super::{Cells, Columns};
use crate::messages::switching::Application;
use crate::rules::{Finding, codes};
use std::io::Read;

/// The longest row. Unit: octets of its text.
const MAX_ROW: usize = 1 << 20;

/// 申込ファイルの読込: applications of a CSV file, row by row.
///
/// Holds one block and one row of the file, never more.
pub struct Reader<R> {
    decode: Decode<R>,
    columns: Columns,
    text: String,
    /// Where in `text` the next row begins.
    start: usize,
    ended: bool,
    line: u64,
    copy: String,
    spans: Vec<(usize, usize)>,
}

/// 行: one row of the file.
#[derive(Debug)]
pub struct Row<'a> {
    /// The line it begins in, counted from 1; the header is line 1.
    pub line: u64,
    /// Its cells as they were read, for the result file.
    pub cells: Cells<'a>,
    /// The application, or everything that is wrong with the row.
    pub application: Result<Application, Vec<Finding>>,
}

/// Where the cells of a row are.
enum Found {
    /// In the text, from `start` to `end`.
    Plain { start: usize, end: usize },
    /// In the copy.
    Quoted,
    /// Nowhere: the row cannot be read.
    Bad(Box<Finding>),
}

impl<R: Read> Reader<R> {
    /// Finds the charset and reads the header row.
    pub fn new(input: R) -> Result<Reader<R>, Vec<Finding>> {
        let decode = Decode::new(input)?;
        let mut reader = Reader {
            decode,
            columns: Columns::default(),
            text: String::new(),
            start: 0,
            ended: false,
            line: 1,
            copy: String::new(),
            spans: Vec::new(),
        };
        let columns = match reader.advance() {
            None => return Err(vec![reader.end_of_file()]),
            Some((_, Found::Bad(finding))) => return Err(vec![*finding]),
            Some((line, found)) => {
                let malformed = reader.take_malformed(line, &found);
                if !malformed.is_empty() {
                    return Err(malformed);
                }
                Columns::read(reader.cells(&found))?
            }
        };
        reader.columns = columns;
        Ok(reader)
    }

    /// The columns of the file.
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The charset by its name: `UTF-8` or `CP932`.
    pub fn charset(&self) -> &'static str {
        self.decode.charset()
    }

    /// The next row; nothing at the end of the file. Rows without any text are passed over.
    pub fn next_row(&mut self) -> Option<Row<'_>> {
        let (line, found) = loop {
            let Some((line, found)) = self.advance() else {
                let error = self.decode.failed.take()?;
                let finding = unreadable(&error).at_line(self.line);
                let cells = Cells { text: "", spans: &[] };
                return Some(Row { line: self.line, cells, application: Err(vec![finding]) });
            };
            if matches!(found, Found::Bad(_)) || self.cells(&found).iter().any(|cell| !cell.is_empty()) {
                break (line, found);
            }
        };
        let malformed = self.take_malformed(line, &found);
        if let Found::Bad(finding) = found {
            let cells = Cells { text: "", spans: &[] };
            return Some(Row { line, cells, application: Err(vec![*finding]) });
        }
        let cells = self.cells(&found);
        let application = self.columns.application(line, cells);
        let application = if malformed.is_empty() { application } else { Err(malformed) };
        Some(Row { line, cells, application })
    }

    fn cells(&self, found: &Found) -> Cells<'_> {
        let text = match found {
            Found::Plain { start, end } => self.text.get(*start..*end).unwrap_or_default(),
            Found::Quoted => &self.copy,
            Found::Bad(_) => "",
        };
        Cells { text, spans: &self.spans }
    }

    /// Finds the next row and its line.
    fn advance(&mut self) -> Option<(u64, Found)> {
        loop {
            let rest = self.text.get(self.start..).unwrap_or_default();
            if rest.is_empty() && self.ended {
                return None;
            }
            let line = self.line;
            match scan(rest, self.ended, &mut self.copy, &mut self.spans) {
                Scan::Plain { end, next } if next > 0 => {
                    plain_cells(rest.get(..end).unwrap_or_default(), &mut self.spans);
                    let found = Found::Plain { start: self.start, end: self.start + end };
                    self.start += next;
                    self.line += 1;
                    if end > MAX_ROW {
                        return Some((line, Found::Bad(too_long(line))));
                    }
                    return Some((line, found));
                }
                Scan::Quoted { next, inner } => {
                    self.start += next;
                    self.line += inner + 1;
                    if next > MAX_ROW {
                        return Some((line, Found::Bad(too_long(line))));
                    }
                    return Some((line, Found::Quoted));
                }
                Scan::More { quoted } if self.ended || rest.len() > MAX_ROW => {
                    // What stands behind an open quote is read again as rows of its own.
                    self.skip_line();
                    let finding = if quoted { open_quote(line) } else { too_long(line) };
                    return Some((line, Found::Bad(finding)));
                }
                Scan::Plain { .. } | Scan::More { .. } => self.fill(),
            }
        }
    }

    fn fill(&mut self) {
        self.text.drain(..self.start);
        self.start = 0;
        if !self.decode.more(&mut self.text) {
            self.ended = true;
        }
    }

    /// Passes over the rest of a line that is too long, without holding it.
    fn skip_line(&mut self) {
        loop {
            let rest = self.text.get(self.start..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', rest.as_bytes()) {
                self.start += end + 1;
                self.line += 1;
                return;
            }
            self.start = self.text.len();
            if self.ended {
                return;
            }
            self.fill();
        }
    }

    /// The findings for octets of this row that were no character.
    fn take_malformed(&mut self, line: u64, found: &Found) -> Vec<Finding> {
        if self.decode.malformed.is_empty() {
            return Vec::new();
        }
        let charset = self.charset();
        let cells = self.cells(found);
        let mut columns = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            let name = self.columns.names().get(index).cloned();
            columns.extend(cell.matches('\u{FFFD}').map(|_| name.clone()));
        }
        let count = columns.len().min(self.decode.malformed.len());
        let bytes: Vec<u64> = self.decode.malformed.drain(..count).collect();
        let findings = columns.into_iter().zip(bytes).map(|(column, byte)| {
            let ja = format!("{}バイト目が{charset}の文字として読めません", byte + 1);
            let finding = codes::BAD_BYTES.finding(ja, format!("byte {} is not a character of {charset}", byte + 1));
            let mut finding = finding.at_line(line);
            finding.place.byte = Some(byte + 1);
            finding.place.column = column.map(Into::into);
            finding
        });
        findings.collect()
    }

    fn end_of_file(&mut self) -> Finding {
        match self.decode.failed.take() {
            Some(error) => unreadable(&error),
            None => codes::FILE_EMPTY.plain(),
        }
    }
}

#[cold]
fn too_long(line: u64) -> Box<Finding> {
    let ja = format!("{line}行目が1 MBを超えています");
    Box::new(codes::ROW_TOO_LONG.finding(ja, format!("line {line} is longer than 1 MB")).at_line(line))
}

#[cold]
fn open_quote(line: u64) -> Box<Finding> {
    let ja = format!("{line}行目から始まる行の引用符（\"）が閉じられていません");
    let en = format!("a quote in the row that begins in line {line} is not closed");
    Box::new(codes::OPEN_QUOTE.finding(ja, en).at_line(line))
}
