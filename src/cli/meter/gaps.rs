//! `occto meter gaps`.

use super::{exit, ingest};
use crate::cli::out::say;
use crate::cli::shelf::existing;
use crate::cli::table::{Column, plain};
use crate::cli::way::japan_now;
use crate::cli::{Failure, Materials, progress};
use crate::desk::metering::{Gap, GapKind, GapReport, GapSettings, find_gaps, kept_register};
use crate::desk::report::grouped;
use crate::desk::view::Lang;
use crate::items::{Code as _, Date, SlotSet};
use crate::messages::metering::ReadingStatus;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// So many gaps of a kind are listed; all of them are in the JSON.
const LISTED: usize = 20;

/// What is missing.
#[derive(Args, Clone, Debug)]
pub struct Gaps {
    /// データフォルダ / data folder
    #[arg(long, value_name = "DIR", env = "OCCTO_DATA", default_value = "occto-data")]
    pub data: PathBuf,
    /// 最初の日（省略時は取り込んだ最初の日） / first day (default: the first one taken in)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<Date>,
    /// 最後の日（省略時は取り込んだ最後の日。今日以降は判定しない） / last day (default: the last one taken in)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<Date>,
    /// 今日の日付 / today, JST
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
    /// 結果をJSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints what is missing; exit 1 where something is.
pub fn gaps(args: &Gaps, lang: Lang) -> Result<ExitCode, Failure> {
    let mut store = existing(&args.data)?;
    let register = kept_register(&mut store).map_err(|error| ingest::failure(error, None))?;
    let materials = Materials::published()?;
    let today = args.today.unwrap_or_else(|| japan_now().date());
    let context = materials.context(today.at(9, 0, 0, 0));
    let settings =
        GapSettings { from: args.from, to: args.to, today, register: register.as_ref(), calendar: context.calendar };
    let report = find_gaps(&mut store, &settings)?;
    if args.json {
        say!("{}", report.to_json());
    } else {
        print(&report, lang);
    }
    Ok(exit(u8::from(report.needs_a_person())))
}

fn print(report: &GapReport, lang: Lang) {
    let Some((from, to)) = report.period else {
        report.findings.iter().for_each(|finding| say!("{finding}"));
        say!("{}", lang.pick("判定する日がありません", "there is no day to judge"));
        return;
    };
    let width = progress::terminal_width();
    let columns = [
        Column::unbroken(lang.pick("日付", "date")),
        Column::unbroken(lang.pick("区域", "area")),
        Column::number(lang.pick("地点", "points")),
        Column::number(lang.pick("完全", "complete")),
        Column::number(lang.pick("一部", "partial")),
        Column::number(lang.pick("なし", "none")),
        Column::number(lang.pick("欠測コマ", "slots")),
        Column::number(lang.name(ReadingStatus::Fixed)),
        Column::number(lang.name(ReadingStatus::Daily)),
        Column::number(lang.name(ReadingStatus::Preliminary)),
        Column::number(lang.pick("件数", "files")),
    ];
    let rows = report.days.iter().map(|day| {
        let [preliminary, daily, fixed] = day.by_status;
        let counts = [
            day.expected,
            day.complete,
            day.partial,
            day.missing,
            day.missing_slots,
            fixed,
            daily,
            preliminary,
            day.files,
        ];
        let head = [day.date.to_string(), lang.name(day.area).to_owned()];
        head.into_iter().chain(counts.map(|count| count.to_string())).collect()
    });
    say!("{}", plain(&columns, rows, width).trim_end());
    for kind in GapKind::ALL {
        list(report, *kind, width, lang);
    }
    report.findings.iter().for_each(|finding| say!("{finding}"));
    let errors = report.gaps.iter().filter(|gap| gap.severity() == crate::rules::Severity::Error).count();
    match lang {
        Lang::Ja => say!("{from}〜{to}: 要対応{errors}件 ほか{}件", report.gaps.len() - errors),
        Lang::En => say!("{from} to {to}: {errors} for a person, {} others", report.gaps.len() - errors),
    }
}

fn list(report: &GapReport, kind: GapKind, width: Option<u16>, lang: Lang) {
    let all = report.count(kind);
    if all == 0 {
        return;
    }
    let rule = kind.rule();
    say!("\n{} {} ({all})", rule.code, lang.pick(rule.ja, rule.en));
    let columns = [
        Column::unbroken(lang.pick("日付", "date")),
        Column::unbroken(lang.pick("区域", "area")),
        Column::unbroken(lang.pick("内容", "what")),
        Column::text(lang.pick("コマ", "slots")),
        Column::text(lang.pick("ファイル", "file")),
    ];
    let gaps = report.gaps.iter().filter(|gap| gap.kind == kind).take(LISTED);
    say!("{}", plain(&columns, gaps.map(|gap| row(gap, lang)), width).trim_end());
    if all > LISTED {
        say!(
            "{}",
            lang.pick("ほか{n}件（--json ですべて表示）", "{n} more (all with --json)")
                .replace("{n}", &(all - LISTED).to_string())
        );
    }
    say!("→ {}", lang.pick(rule.way_out_ja, rule.way_out_en));
}

fn row(gap: &Gap, lang: Lang) -> Vec<String> {
    let dates = if gap.date == gap.to { gap.date.to_string() } else { format!("{}〜{}", gap.date, gap.to) };
    let mut what: Vec<String> = Vec::new();
    what.extend(gap.point.as_ref().map(|point| grouped(point.as_str())));
    what.extend(gap.tail.clone());
    what.extend(gap.message.map(|message| lang.name(message).to_owned()));
    if gap.kind == GapKind::Part {
        what.extend(gap.part.map(|part| format!("{}{part}", lang.pick("分割", "part "))));
    }
    what.extend(
        gap.revision.filter(|revision| *revision > 0).map(|r| format!("{}{r:02}", lang.pick("更新", "revision "))),
    );
    let slots = if gap.slots == SlotSet::ALL { lang.pick("全", "all").to_owned() } else { gap.slots.to_string() };
    let without = gap.without_value.len();
    let slots = if without == 0 {
        slots
    } else {
        format!("{slots} {}", lang.pick("（提供否{n}）", "({n} not given)").replace("{n}", &without.to_string()))
    };
    vec![dates, lang.name(gap.area).to_owned(), what.join(" "), slots, gap.file.clone().unwrap_or_default()]
}
