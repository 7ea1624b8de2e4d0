//! 申込ファイル（.xlsx）: applications of a workbook's first sheet, in the same rows as those of a CSV.
//!
//! A cell that a spreadsheet keeps as a number or a date becomes the text a person would see; an id that lost its digits
//! that way stays recognisable as damaged.

use super::check::unreadable;
use crate::messages::switching::Application;
use crate::rules::{Finding, codes};
use crate::wire::intake::{Cells, Columns, RowBuffer};
use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The largest workbook that is opened. Unit: octets. Its strings are all held while it is read.
const MAX_OCTETS: u64 = 64 * 1024 * 1024;

/// ワークブック: the applications of an `.xlsx` file.
pub struct Workbook {
    xlsx: Xlsx<BufReader<File>>,
    sheet: String,
    columns: Columns,
    /// The row of the header, counted from 0.
    header: u32,
}

impl Workbook {
    /// Opens a file and reads the header: the first row of the first sheet with anything in it.
    pub fn open(path: &Path) -> Result<Workbook, Vec<Finding>> {
        let file = File::open(path).map_err(|error| vec![unreadable(path, &error)])?;
        let length = file.metadata().map_err(|error| vec![unreadable(path, &error)])?.len();
        if length > MAX_OCTETS {
            return Err(vec![too_large(length, MAX_OCTETS)]);
        }
        let mut xlsx = Xlsx::new(BufReader::new(file)).map_err(|error| vec![broken(&error)])?;
        let sheet = xlsx.sheet_names().first().cloned().ok_or_else(|| vec![codes::NO_HEADER.plain()])?;
        let mut first = None;
        let read = rows(&mut xlsx, &sheet, |row, cells| {
            first = Some((row, Columns::read(cells.cells())));
            Err(Stop)
        });
        match (first, read) {
            (Some((header, columns)), _) => {
                let line = u64::from(header) + 1;
                let columns =
                    columns.map_err(|found| found.into_iter().map(|f| f.at_line(line)).collect::<Vec<_>>())?;
                Ok(Workbook { xlsx, sheet, columns, header })
            }
            (None, Err(Broken::Sheet(error))) => Err(vec![broken(&error)]),
            (None, _) => Err(vec![codes::FILE_EMPTY.plain()]),
        }
    }

    /// The columns of the sheet.
    #[must_use]
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Gives every row below the header that is not empty: its line, its cells, and the application or what is wrong.
    ///
    /// A sheet that cannot be read to its end gives a last row that says so.
    pub fn each_row<E>(
        &mut self,
        mut each: impl FnMut(u64, Cells<'_>, Result<Application, Vec<Finding>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (columns, header, width) = (&self.columns, self.header, self.columns.names().len());
        let mut last = u64::from(header) + 1;
        let read = rows(&mut self.xlsx, &self.sheet, |row, cells| {
            if row <= header {
                return Ok(());
            }
            last = u64::from(row) + 1;
            while cells.cells().len() < width {
                cells.push("");
            }
            each(last, cells.cells(), columns.application(last, cells.cells()))
        });
        match read {
            Ok(()) => Ok(()),
            Err(Broken::Caller(error)) => Err(error),
            Err(Broken::Sheet(error)) => {
                let line = last + 1;
                each(line, RowBuffer::default().cells(), Err(vec![broken(&error).at_line(line)]))
            }
        }
    }
}

/// The reader of rows has what it wants.
struct Stop;

/// Why reading ended early.
enum Broken<E> {
    Caller(E),
    Sheet(XlsxError),
}

/// Gives every row with anything in it, as it comes; only one is held.
fn rows<E>(
    xlsx: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    mut each: impl FnMut(u32, &mut RowBuffer) -> Result<(), E>,
) -> Result<(), Broken<E>> {
    let mut reader = xlsx.worksheet_cells_reader(sheet).map_err(Broken::Sheet)?;
    let (mut buffer, mut row, mut filled) = (RowBuffer::default(), 0, false);
    while let Some(cell) = reader.next_cell().map_err(Broken::Sheet)? {
        let (at, column) = cell.get_position();
        if at != row {
            if filled {
                each(row, &mut buffer).map_err(Broken::Caller)?;
            }
            buffer.clear();
            (row, filled) = (at, false);
        }
        while buffer.cells().len() < column as usize {
            buffer.push("");
        }
        let text = text(cell.get_value());
        filled |= !text.is_empty();
        buffer.push(&text);
    }
    if filled {
        each(row, &mut buffer).map_err(Broken::Caller)?;
    }
    Ok(())
}

/// A cell as a person sees it.
fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Empty => String::new(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        DataRef::DateTime(at) => number_text(at.as_f64()),
        DataRef::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// A spreadsheet keeps 15 digits: what is longer is shown as it shows it, `3.00112222233334E+20`.
fn number_text(number: f64) -> String {
    if number.abs() < 1e15 { number.to_string() } else { format!("{number:.14E}").replace('E', "E+") }
}

fn broken(error: &XlsxError) -> Finding {
    codes::BAD_SPREADSHEET.finding(
        "スプレッドシートとして読み込めません（壊れているか、パスワードで保護されているか、.xlsx ではありません）",
        format!("not a readable spreadsheet: {error}"),
    )
}

/// The finding of a file that is larger than is read.
pub(super) fn too_large(got: u64, max: u64) -> Finding {
    let mega = |octets: u64| octets / (1024 * 1024);
    let (got, max) = (mega(got), mega(max));
    let ja = format!("ファイルが大きすぎます（{got} MB、読めるのは{max} MBまで）");
    codes::FILE_TOO_LARGE.finding(ja, format!("the file has {got} MB, at most {max} MB are read"))
}
