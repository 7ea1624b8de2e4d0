//! A baseline as a person reads it on the terminal.

use crate::baseline::{Computed, Fate, Fraction};
use crate::desk::baseline::Line;
use crate::desk::view::Lang;
use crate::items::Date;
use std::fmt::Write;

/// One point: everything about it.
pub(super) fn show(computed: &Computed<'_>, lang: Lang) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = details(&mut text, computed, lang);
    text
}

/// One point in one line.
pub(super) fn show_line(line: &Line, lang: Lang) -> String {
    let label = lang.pick("需要制御量", "reduction");
    let (point, event, total) = (line.point.grouped(), line.event, number(line.total_reduction));
    let codes: String = line.codes.iter().map(|code| format!(" {code}")).collect();
    format!("{point} {event} {label} {total} kWh{codes}")
}

fn number(number: Option<Fraction>) -> String {
    // A person reads decimals; the exact fraction stands in the JSON.
    number.map_or("-".to_owned(), |exact| exact.rounded(6).unwrap_or(exact).to_string())
}

fn dates(dates: &[Date]) -> String {
    dates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn details(out: &mut String, computed: &Computed<'_>, lang: Lang) -> std::fmt::Result {
    let say = |ja, en| lang.pick(ja, en);
    let kind = computed.day_type.map_or("?", |kind| lang.name(kind));
    writeln!(out, "{} {}", say("供給地点", "point"), computed.point.grouped())?;
    writeln!(out, "{} {} ({kind})", say("発動", "event"), computed.event)?;
    writeln!(out, "{} {}", say("算定方法", "method"), lang.pick(&computed.method.ja, &computed.method.en))?;
    writeln!(out, "{} {}", say("採用日", "kept"), dates(&computed.kept()))?;
    for day in computed.candidates.iter().rev() {
        match &day.fate {
            Fate::Excluded(why) => {
                let why = if lang == Lang::Ja { why.ja() } else { why.en() };
                writeln!(out, "{} {} {why}", say("除外日", "left out"), day.date)?;
            }
            Fate::Dropped { tie } => {
                let why = if *tie {
                    say("同値のうち最も古い日", "the oldest of equal days")
                } else {
                    say("上位に入らない日", "not among the highest")
                };
                writeln!(out, "{} {} {why}", say("不採用日", "dropped"), day.date)?;
            }
            Fate::Kept | Fate::Added | Fate::NotNeeded => {}
        }
    }
    if computed.adjustment.is_some() {
        writeln!(out, "{} {}", say("当日調整", "adjustment"), number(computed.adjustment))?;
    }
    writeln!(
        out,
        "{}",
        say("コマ ベースライン kWh / 実績 kWh / 需要制御量 kWh", "slot baseline kWh / use kWh / reduction kWh")
    )?;
    let mut unadjusted = false;
    for slot in &computed.slots {
        let actual = slot.actual.map_or("-".to_owned(), |energy| energy.to_string());
        // Before the day's own readings are there, what the days give is told for what it is.
        let raw = slot.raw.filter(|_| slot.baseline.is_none());
        let mark = if raw.is_some() { "*" } else { "" };
        unadjusted |= raw.is_some();
        let (baseline, reduction) = (number(slot.baseline.or(raw)) + mark, number(slot.reduction));
        writeln!(out, "{:>4} {baseline:>16} {actual:>16} {reduction:>16}", slot.slot.number())?;
    }
    if unadjusted {
        writeln!(out, "{}", say("* 当日調整前の値", "* before the same-day adjustment"))?;
    }
    writeln!(out, "{} {} kWh", say("需要制御量の合計", "total reduction"), number(computed.total_reduction))?;
    for finding in &computed.findings {
        writeln!(out, "{finding}")?;
    }
    write!(out, "{} {}", say("要約値", "digest"), computed.digest)
}
