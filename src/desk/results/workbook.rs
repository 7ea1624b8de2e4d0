//! The results as an Excel workbook.

use super::{ADDED, added, header, width};
use crate::desk::view::{Need, RunView};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

/// The font every Windows with Japanese Office has.
const FONT: &str = "游ゴシック";
/// Width of a column in characters: at least, at most.
const WIDTHS: (usize, usize) = (9, 48);
/// Rows looked at for the width of a column: the first ones tell enough.
const SAMPLE: usize = 200;

/// The bytes of `results.xlsx`: the same columns as the CSV. Every input cell is a text cell, so that no id or leading zero
/// is lost; the two dates we add are dates.
///
/// # Errors
/// When the rows do not fit in a worksheet: 1,048,576 rows, 16,384 columns, 32,767 characters a cell.
pub fn results_xlsx(run: &RunView) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let text = Format::new().set_font_name(FONT).set_font_size(10).set_align(FormatAlign::Top).set_num_format("@");
    let date = text.clone().set_num_format("yyyy/mm/dd").set_align(FormatAlign::Left);
    let wrapped = text.clone().set_text_wrap();
    let head = text.clone().set_bold().set_background_color(Color::RGB(0xE8_EDF2));
    let alert =
        text.clone().set_bold().set_font_color(Color::RGB(0x9C_2B14)).set_background_color(Color::RGB(0xFD_ECE6));

    let sheet = workbook.add_worksheet();
    sheet.set_name("処理結果")?;
    let width = width(run);
    for (column, name) in header(run, width).iter().enumerate() {
        sheet.write_string_with_format(0, index(column)?, name.as_ref(), &head)?;
    }
    for (row, case) in (1..).zip(&run.cases) {
        for (column, cell) in case.cells.iter().enumerate() {
            sheet.write_string_with_format(row, index(column)?, cell, &text)?;
        }
        for (offset, cell) in added(case).iter().enumerate() {
            let (column, name) = (index(width + offset)?, ADDED.get(offset).copied().unwrap_or_default());
            let day = match name {
                "最短切替日" => case.earliest,
                "課金開始日" => case.billing_from,
                _ => None,
            };
            let format = match name {
                "結果" if case.outcome.need() == Need::Person => &alert,
                "NG理由" | "指摘" | "次にすること" => &wrapped,
                _ => &text,
            };
            match day.map(excel_date).transpose()? {
                Some(day) => sheet.write_datetime_with_format(row, column, &day, &date)?,
                None => sheet.write_string_with_format(row, column, cell.as_ref(), format)?,
            };
        }
    }
    set_widths(sheet, run, width)?;
    sheet.set_freeze_panes(1, 0)?;
    let last = (u32::try_from(run.cases.len()).unwrap_or(u32::MAX), index(width + ADDED.len() - 1)?);
    sheet.autofilter(0, 0, last.0, last.1)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    workbook.save_to_buffer()
}

fn index(column: usize) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

fn excel_date(date: crate::items::Date) -> Result<ExcelDateTime, XlsxError> {
    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    ExcelDateTime::from_ymd(u16::try_from(date.year()).unwrap_or(0), part(date.month()), part(date.day()))
}

fn set_widths(sheet: &mut Worksheet, run: &RunView, width: usize) -> Result<(), XlsxError> {
    let shown = |text: &str| unicode_width::UnicodeWidthStr::width(text) + 2;
    for (column, name) in header(run, width).iter().enumerate() {
        let widest = match column.checked_sub(width).and_then(|added| ADDED.get(added)) {
            Some(&"指摘" | &"次にすること" | &"NG理由") => WIDTHS.1,
            Some(&"結果" | &"結果コード") => 28,
            Some(_) => 16,
            None => {
                let cells = run.cases.iter().take(SAMPLE).filter_map(|case| case.cells.get(column));
                cells.map(|cell| shown(cell)).max().unwrap_or(0)
            }
        };
        let widest = u32::try_from(widest.max(shown(name)).clamp(WIDTHS.0, WIDTHS.1)).unwrap_or(0);
        sheet.set_column_width(index(column)?, widest)?;
    }
    Ok(())
}
