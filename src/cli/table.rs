//! Tables on the terminal: how many cases of a run ended how and which need a person, and what was fetched.
//!
//! Lines are drawn in ASCII: box-drawing characters are one or two columns wide depending on the terminal, and a Japanese
//! console draws them two wide.

use super::line::LineView;
use crate::desk::metering::{FileRead, kilowatt_hours};
use crate::desk::report::grouped;
use crate::desk::view::{CaseView, Lang, Need, RunView};
use crate::exchange::fetch::OperatorReport;
use crate::items::Code as _;
use crate::items::DateTime;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// So many cases are listed; the rest are in the report.
const LISTED: usize = 20;
/// The width where the terminal does not tell its own.
const WIDTH: u16 = 100;
/// A grouped supply point id with the blanks around it.
const POINT: u16 = 29;

/// The tables of a run, `width` columns wide at most.
#[must_use]
pub fn table(run: &RunView, lang: Lang, width: Option<u16>) -> String {
    let width = width.unwrap_or(WIDTH).max(40);
    let mut text = counts(run, lang, width);
    let mut open = run.cases.iter().filter(|case| case.outcome.need() == Need::Person);
    let listed: Vec<&CaseView> = open.by_ref().take(LISTED).collect();
    if listed.is_empty() {
        return text;
    }
    text.push('\n');
    text.push_str(lang.pick("対応が必要な案件\n", "Cases that need a person\n"));
    text.push_str(&people(&listed, lang, width));
    let rest = open.count();
    if rest > 0 {
        text.push_str(&lang.pick("ほか{n}件\n", "{n} more\n").replace("{n}", &rest.to_string()));
    }
    text
}

/// The table of lines to counterparties: whether they are open, their failures, when they answered, their certificates.
#[must_use]
pub fn counterparties(views: &[LineView], now: DateTime, lang: Lang, width: Option<u16>) -> String {
    let mut table = empty(width.unwrap_or(WIDTH + 40).max(40));
    table.set_header([
        lang.pick("相手方", "line"),
        lang.pick("状態", "state"),
        lang.pick("本日の受付", "open today"),
        lang.pick("連続失敗", "failures"),
        lang.pick("最終応答", "last answer"),
        lang.pick("送信間隔", "interval"),
        lang.pick("送信中", "under way"),
        lang.pick("証明書", "certificate"),
    ]);
    for view in views {
        let policy = &view.policy;
        let state = match view.waiting {
            None => lang.pick("送信できます", "open").to_owned(),
            Some(waiting) => {
                let until = waiting.until.strftime("%Y-%m-%d %H:%M:%S");
                format!("{}{}{until}", lang.name(waiting.why), lang.pick("、再開 ", ", until "))
            }
        };
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let hours = if policy.hours.is_always() {
            lang.pick("指定なし", "always").to_owned()
        } else {
            let hours: Vec<String> = policy
                .hours
                .of_day(now.date())
                .iter()
                .map(|(from, to)| format!("{}-{}", clock(*from), clock(*to)))
                .collect();
            if hours.is_empty() { lang.pick("なし", "none").to_owned() } else { hours.join(" ") }
        };
        let answered =
            view.state.answered.map_or_else(|| "-".to_owned(), |at| at.strftime("%m-%d %H:%M:%S").to_string());
        let interval =
            if policy.interval.is_zero() { "-".to_owned() } else { format!("{:.1}s", policy.interval.as_secs_f64()) };
        let under_way = view.under_way.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let days = view.days_left.map_or_else(
            || "-".to_owned(),
            |days| lang.pick("残り{n}日", "{n} days").replace("{n}", &days.to_string()),
        );
        table.add_row([
            view.name.clone(),
            state,
            hours,
            format!("{}/{}", view.state.failures, policy.trip_after),
            answered,
            interval,
            format!("{under_way}/{}", policy.concurrent),
            days,
        ]);
    }
    lines(&table)
}

/// The table of files of meter data: what each holds, and how many rows were read and rejected (together all of them), how
/// many of those read have no value, and how many elements are not known.
#[must_use]
pub fn meter_files(reads: &[FileRead], lang: Lang, width: Option<u16>) -> String {
    let mut table = empty(width.unwrap_or(WIDTH + 40).max(40));
    table.set_header([
        lang.pick("ファイル", "file"),
        lang.pick("種類", "kind"),
        lang.pick("年月日", "date"),
        lang.pick("更新", "rev."),
        lang.pick("地点", "points"),
        lang.pick("明細", "rows"),
        lang.pick("読取", "read"),
        lang.pick("うち欠測", "missing"),
        lang.pick("不採用", "rejected"),
        lang.pick("不明要素", "unknown"),
        lang.pick("合計kWh", "sum kWh"),
    ]);
    for read in reads {
        let file = read.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let head = read.header.as_ref();
        let kind = head.map_or_else(|| "?".to_owned(), |head| format!("{} {}", head.kind.code(), lang.name(head.kind)));
        let date = head.and_then(|head| {
            let slot = head.slot.map_or_else(String::new, |slot| format!(" #{}", slot.number()));
            head.date.map(|date| format!("{date}{slot}")).or_else(|| head.month.map(|month| month.to_string()))
        });
        let revision = read.name.map_or_else(|| "?".to_owned(), |name| format!("{:02}", name.revision().number()));
        let cut = if read.complete { "" } else { lang.pick("（途中まで）", " (in part)") };
        table.add_row([
            format!("{}{cut}", printable(&file)),
            kind,
            date.unwrap_or_else(|| "?".to_owned()),
            revision,
            read.points.to_string(),
            read.tally.rows().to_string(),
            read.tally.read.to_string(),
            read.tally.missing.to_string(),
            read.tally.rejected.to_string(),
            read.tally.unknown.to_string(),
            kilowatt_hours(read.sum),
        ]);
    }
    for column in 4..11 {
        align_right(&mut table, column);
    }
    lines(&table)
}

fn counts(run: &RunView, lang: Lang, width: u16) -> String {
    let mut table = empty(width);
    table.set_header([lang.pick("対応", "need"), lang.pick("結果", "outcome"), lang.pick("件数", "cases")]);
    let counts = run.counts();
    for need in [Need::Person, Need::Waiting, Need::Nothing] {
        let mut name = lang.name(need);
        for (outcome, count) in counts.iter().filter(|(outcome, _)| outcome.need() == need) {
            table.add_row([name, lang.name(*outcome), &count.to_string()]);
            name = "";
        }
    }
    table.add_row([lang.pick("合計", "total"), "", &run.cases.len().to_string()]);
    align_right(&mut table, 2);
    lines(&table)
}

/// The table of what was fetched, operator by operator.
#[must_use]
pub fn fetched(reports: &[OperatorReport], lang: Lang, width: Option<u16>) -> String {
    let mut table = empty(width.unwrap_or(WIDTH).max(40));
    table.set_header([
        lang.pick("区域", "area"),
        lang.pick("一覧", "listed"),
        lang.pick("取得済", "had"),
        lang.pick("取得", "fetched"),
        lang.pick("取下げ", "withdrawn"),
        lang.pick("失敗", "failed"),
        lang.pick("再試行", "retried"),
        "kB",
    ]);
    let numbers = |report: &OperatorReport| {
        let OperatorReport { listed, had, fetched, withdrawn, failed, retried, octets, .. } = report;
        [*listed, *had, *fetched, *withdrawn, *failed, *retried, octets.div_ceil(1000)]
    };
    let mut total = [0; 7];
    for report in reports {
        let row = numbers(report);
        for (sum, number) in total.iter_mut().zip(row) {
            *sum += number;
        }
        let name = format!("{} {}", report.area.key(), lang.name(report.area));
        table.add_row(std::iter::once(name).chain(row.map(|number| number.to_string())));
    }
    let name = lang.pick("合計", "total").to_owned();
    table.add_row(std::iter::once(name).chain(total.map(|number| number.to_string())));
    for column in 1..8 {
        align_right(&mut table, column);
    }
    lines(&table)
}

fn people(cases: &[&CaseView], lang: Lang, width: u16) -> String {
    let mut table = empty(width);
    table.set_header([
        lang.pick("行", "line"),
        lang.pick("受付番号", "receipt"),
        lang.pick("供給地点特定番号", "supply point id"),
        lang.pick("結果", "outcome"),
        lang.pick("次にすること", "what to do next"),
    ]);
    for case in cases {
        table.add_row([
            case.line.to_string(),
            printable(&case.receipt),
            printable(&grouped(&case.point)),
            lang.name(case.outcome).to_owned(),
            printable(case.next_step(lang).unwrap_or_default()),
        ]);
    }
    align_right(&mut table, 0);
    // An id broken over two lines cannot be read out or copied.
    if let Some(points) = table.column_mut(2).filter(|_| width >= 80) {
        points.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(POINT)));
    }
    lines(&table)
}

/// A column of a plain table.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    name: &'a str,
    number: bool,
    unbroken: bool,
}

impl<'a> Column<'a> {
    /// A column of texts.
    #[must_use]
    pub const fn text(name: &'a str) -> Column<'a> {
        Column { name, number: false, unbroken: false }
    }
    /// A column of texts that cannot be read over two lines: dates, ids.
    #[must_use]
    pub const fn unbroken(name: &'a str) -> Column<'a> {
        Column { name, number: false, unbroken: true }
    }
    /// A column of numbers.
    #[must_use]
    pub const fn number(name: &'a str) -> Column<'a> {
        Column { name, number: true, unbroken: true }
    }
}

/// A table of rows, `width` columns wide at most.
#[must_use]
pub fn plain(columns: &[Column<'_>], rows: impl Iterator<Item = Vec<String>>, width: Option<u16>) -> String {
    let mut table = empty(width.unwrap_or(WIDTH).max(40));
    table.set_header(columns.iter().map(|column| column.name));
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    for (index, column) in columns.iter().enumerate() {
        if column.number {
            align_right(&mut table, index);
        }
        if let Some(place) = table.column_mut(index).filter(|_| column.unbroken) {
            place.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    lines(&table)
}

pub(super) fn empty(width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width);
    table
}

fn align_right(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn lines(table: &Table) -> String {
    table.lines().map(|line| line + "\n").collect()
}

/// Text from a file without what would move the cursor or change colours.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|found| if found.is_control() { '?' } else { found }).collect()
}
