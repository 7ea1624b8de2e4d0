//! `occto meter show`.

use super::{exit, ingest};
use crate::cli::Failure;
use crate::cli::out::say;
use crate::cli::shelf::existing;
use crate::cli::switch::who;
use crate::cli::way::japan_now;
use crate::desk::metering::{NotShown, PointDay, Standing, kept_register, show_point, svg};
use crate::desk::output::write_atomically;
use crate::desk::report::grouped;
use crate::desk::view::Lang;
use crate::items::{Code as _, Date, Energy, Slot, SlotSet, SupplyPointId};
use crate::notice::StewardClause;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// The widest bar. Unit: columns.
const BAR: i64 = 40;

/// The day of a point.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// 供給地点特定番号 / supply point id
    #[arg(long, value_name = "ID")]
    pub point: String,
    /// 日付（省略時は値のある最後の日） / day (default: the last one with readings)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<Date>,
    /// データフォルダ / data folder
    #[arg(long, value_name = "DIR", env = "OCCTO_DATA", default_value = "occto-data")]
    pub data: PathBuf,
    /// 受け取ったすべての版も表示 / show every revision that was received, too
    #[arg(long)]
    pub history: bool,
    /// 図をSVGファイルに保存 / write the plot as SVG
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// 担当者名 / who looks (default: the login name)
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the day; exit 1 where there are no readings.
pub fn show(args: &Show, lang: Lang) -> Result<ExitCode, Failure> {
    let point = SupplyPointId::parse(&args.point)
        .map_err(|error| Failure::usage(format!("--point: {} / {}", error.ja(), error.en())))?;
    let mut store = existing(&args.data)?;
    let register = kept_register(&mut store).map_err(|error| ingest::failure(error, None))?;
    let asked = (point, args.date);
    let day = match show_point(&mut store, register.as_ref(), asked, (&who(args.by.clone()), japan_now())) {
        Ok(day) => day,
        Err(NotShown::Store(error)) => return Err(error.into()),
        Err(NotShown::NotOurs(standing)) => {
            return Err(Failure::usage(match standing {
                Standing::OutsideContract => "この日は契約期間外のため表示できません。契約台帳の開始日・終了日を確認してください / the day lies outside the contract of the point: check the register".to_owned(),
                _ => "契約台帳にない供給地点のため表示できません。供給地点特定番号と契約台帳を確認してください / the point is not in the register of contracts: check both".to_owned(),
            }));
        }
        Err(NotShown::Suspended) => {
            let clause = StewardClause::Suspended;
            say!("{} [{}]", lang.pick(clause.ja(), clause.en()), clause.key());
            return Ok(exit(1));
        }
        Err(NotShown::Nothing) => {
            say!("{}", lang.pick("この地点の値はありません", "there are no readings of this point"));
            return Ok(exit(1));
        }
    };
    if let Some(path) = &args.svg {
        write_atomically(path, |file| file.write_all(svg(&day, lang).as_bytes()))?;
    }
    if args.json {
        say!("{}", day.to_json());
        return Ok(exit(0));
    }
    table(&day, lang);
    if args.history {
        history(&day, lang);
    }
    if let Some(path) = &args.svg {
        say!("{} {}", lang.pick("作成:", "written:"), path.display());
    }
    Ok(exit(0))
}

/// The 48 slots with a bar for each.
fn table(day: &PointDay, lang: Lang) {
    let numbers = |energy: Energy| energy.ten_thousandths();
    let most = Slot::all().filter_map(|slot| day.get(slot)).map(numbers).max().unwrap_or(0).max(1);
    say!("{} {}", grouped(day.point.as_str()), day.date);
    say!("{}", lang.pick("コマ 時刻                 kWh 区分", "slot time                 kWh status"));
    for slot in Slot::all() {
        let (number, (hour, minute)) = (slot.number(), slot.start());
        let (end_hour, end_minute) = if minute == 0 { (hour, 30) } else { (hour + 1, 0) };
        let (value, status, bar) = match (day.get(slot), day.slots.status(slot)) {
            (Some(energy), Some(status)) => {
                let width = (i128::from(numbers(energy).max(0)) * i128::from(BAR) / i128::from(most)) as usize;
                (fixed_decimals(energy), lang.name(status), "#".repeat(width))
            }
            _ => {
                let why = match day.slots.received().contains(slot) {
                    true => lang.pick("提供否", "not given"),
                    false => lang.pick("未着", "not received"),
                };
                ("-".to_owned(), lang.pick("欠測", "missing"), format!("({why})"))
            }
        };
        let mark = if day.slots.uneven.contains(slot) { " *" } else { "" };
        say!(
            "{number:>4} {hour:02}:{minute:02}-{end_hour:02}:{end_minute:02} {value:>14} {} {bar}{mark}",
            padded(status, 11)
        );
    }
    let given = day.slots.given();
    let sum = day.sum().map_or_else(|| "-".to_owned(), fixed_decimals);
    let missing = SlotSet::ALL.without(given).len();
    match lang {
        Lang::Ja => say!("合計 {sum} kWh（{}コマ、欠測{missing}コマ）", given.len()),
        Lang::En => say!("sum {sum} kWh ({} slots, {missing} missing)", given.len()),
    }
    if !day.slots.uneven.is_empty() {
        say!("* {}", lang.pick("一部の管理番号の行だけの合計です", "the sum of some of the control numbers only"));
    }
}

/// Every row as it was received.
fn history(day: &PointDay, lang: Lang) {
    say!("\n{}", lang.pick("受信の履歴（下ほど優先）", "what was received (the last decides)"));
    for row in &day.history {
        let given: Vec<_> = row.values.iter().filter_map(|(_, own, _)| *own).collect();
        let sum = given.iter().copied().try_fold(Energy::default(), Energy::checked_add);
        let sum = sum.map_or_else(|| "-".to_owned(), fixed_decimals);
        let (status, revision, part) = (lang.name(row.status), row.revision, row.part);
        let (slots, missing) = (row.received, row.values.len() - given.len());
        let mut text = match lang {
            Lang::Ja => {
                format!("{status} 更新{revision:02} 分割{part} コマ{slots} 計{sum}kWh 提供否{missing} {}", row.source)
            }
            Lang::En => format!(
                "{status} revision {revision:02} part {part} slots {slots} sum {sum} kWh, {missing} not given {}",
                row.source
            ),
        };
        if !row.control_number.is_empty() {
            text.push_str(&format!(" {}{}", lang.pick("管理番号", "control number "), row.control_number));
        }
        if let Some(allocation) = row.allocation {
            text.push_str(&format!(" {}", lang.name(allocation)));
        }
        if let Some(share) = row.deducted {
            text.push_str(&format!(" {}{share}kWh", lang.pick("控除", "less ")));
        }
        say!("{}", crate::cli::table::printable(&text));
    }
}

/// Four decimals always, so that the points stand below each other.
fn fixed_decimals(energy: Energy) -> String {
    let text = energy.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}.{decimals:0<4}")
}

/// A text filled up to a number of columns; a kanji takes two.
fn padded(text: &str, columns: usize) -> String {
    let width = unicode_width::UnicodeWidthStr::width(text);
    format!("{text}{}", " ".repeat(columns.saturating_sub(width)))
}
