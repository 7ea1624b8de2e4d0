//! 経過の帯: the days of a case on one axis shared by all cases, drawn with shapes that need no colour.

use super::html::{put, short};
use crate::desk::view::{CaseView, Lang, Need, RunView};
use crate::items::Date;
use jiff::ToSpan;

/// What is outside these days is drawn at the end of the axis: one odd date must not flatten all other cases.
const LONGEST: i64 = 400;
/// Billing may start so many days after the last event of the run and still be on the axis.
const AHEAD: i64 = 62;
/// At most so many dates stand on the axis.
const TICKS: i64 = 7;

/// The days from the first to the last event of a run.
pub(super) struct Axis {
    first: Date,
    days: i64,
}

impl Axis {
    pub(super) fn of(run: &RunView) -> Axis {
        let dates = || run.cases.iter().flat_map(dates);
        let first = dates().min().unwrap_or(run.from.date());
        let last = run.cases.iter().flat_map(|case| &case.timeline).map(|event| event.at.date()).max().unwrap_or(first);
        let last = dates().filter(|date| days(last, *date) <= AHEAD).max().unwrap_or(last);
        Axis { first, days: days(first, last).clamp(1, LONGEST) }
    }

    /// Where a day stands, in percent of the axis.
    fn at(&self, date: Date) -> f64 {
        // Only a place on a page: nothing is counted with it.
        (days(self.first, date).clamp(0, self.days) as f64) * 100.0 / (self.days as f64)
    }

    fn step(&self) -> i64 {
        [1, 2, 7, 14, 28, 56].into_iter().find(|step| self.days / step < TICKS).unwrap_or(112)
    }

    /// The dates along the axis.
    pub(super) fn ticks(&self, out: &mut String) {
        out.push_str("<span class=\"ticks\" aria-hidden=\"true\">");
        let step = self.step();
        let mut day = 0;
        while day <= self.days {
            let date = self.first.saturating_add(day.days());
            put!(out, "<i style=\"left:{:.1}%\">{}/{}</i>", self.at(date), date.month(), date.day());
            day += step;
        }
        out.push_str("</span>");
    }

    /// The band of a case and the same in words.
    pub(super) fn band(&self, out: &mut String, case: &CaseView, lang: Lang) {
        let (Some(first), Some(last)) = (dates(case).min(), dates(case).max()) else {
            out.push_str("<span class=\"band\"></span>");
            return;
        };
        let (left, right) = (self.at(first), self.at(last));
        put!(out, "<span class=\"band\"><span class=\"track\" aria-hidden=\"true\" style=\"--step:");
        put!(out, "{:.3}%\">", self.step() as f64 * 100.0 / self.days as f64);
        put!(out, "<i class=\"l\" style=\"left:{left:.1}%;width:{:.1}%\"></i>", right - left);
        let mut seen = None;
        for event in &case.timeline {
            let date = event.at.date();
            if seen != Some(date) && date != last && Some(date) != case.billing_from {
                put!(
                    out,
                    "<i class=\"{}\" style=\"left:{:.1}%\"></i>",
                    if date == first { "s" } else { "e" },
                    self.at(date)
                );
            }
            seen = Some(date);
        }
        if let Some(date) = case.billing_from {
            put!(out, "<i class=\"b\" style=\"left:{:.1}%\"></i>", self.at(date));
        }
        if case.billing_from != Some(last) {
            put!(out, "<i class=\"{}\" style=\"left:{right:.1}%\"></i>", end(case.outcome.need()));
        }
        out.push_str("</span><small>");
        put!(out, "{}", short(first, lang));
        if first != last {
            put!(out, " → {}", short(last, lang));
        }
        out.push_str("</small></span>");
    }
}

/// What the shapes mean.
pub(super) fn legend(out: &mut String, lang: Lang) {
    out.push_str("<p class=\"legend\">");
    for (shape, ja, en) in [
        ("s", "開始", "start"),
        ("e", "経過", "event"),
        ("b", "切替・課金開始", "switch, billing starts"),
        (end(Need::Nothing), "終了", "end"),
        (end(Need::Person), "要対応で停止", "stopped, needs a person"),
        (end(Need::Waiting), "手続中", "in progress"),
    ] {
        put!(out, "<span><span class=\"track\"><i class=\"{shape}\"></i></span>{}</span>", lang.pick(ja, en));
    }
    out.push_str("</p>");
}

const fn end(need: Need) -> &'static str {
    match need {
        Need::Nothing => "f",
        Need::Person => "x",
        Need::Waiting => "w",
    }
}

fn dates(case: &CaseView) -> impl Iterator<Item = Date> {
    case.timeline.iter().map(|event| event.at.date()).chain(case.billing_from)
}

/// Days from one date to another.
pub(super) fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}
