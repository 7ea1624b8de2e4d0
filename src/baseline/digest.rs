//! 算定の要約値: SHA-256 over everything a baseline depends on, written down in one fixed form. The form never changes
//! under its version: the same inputs and options give the same digest years later.

use super::event::day_number;
use super::method::{Kind, Span, Spans};
use super::readings::Reading;
use super::{Case, Computed, Exclusion, Fate, PointReadings};
use crate::items::{Code, Date};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The version of the form.
const VERSION: &str = "occto-baseline 1";

/// What a computation read beside its readings.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// The half-hours it read on every day, as offsets from the first slot of the event.
    pub(super) offsets: Vec<i64>,
    /// 基準値計画, in 0.0001 kWh.
    pub(super) forecast: Vec<i128>,
}

struct Lines(Sha256, String);

impl Lines {
    fn line(&mut self, key: &str, value: impl std::fmt::Display) {
        self.1.clear();
        // Writing to a String does not fail.
        let _ = writeln!(self.1, "{key} {value}");
        self.0.update(self.1.as_bytes());
    }
}

/// The digest of a computation, in hexadecimal.
pub(super) fn of(out: &Computed<'_>, readings: &PointReadings<'_>, inputs: &Inputs, case: &Case<'_>) -> String {
    let mut lines = Lines(Sha256::new(), String::new());
    lines.line("form", VERSION);
    lines.line("point", out.point.as_str());
    lines.line("event", out.event);
    lines.line("day", out.day_type.map_or("unknown", Code::key));
    method(&mut lines, out);
    for (name, value, ..) in out.options.each() {
        lines.line(name, value);
    }
    for day in &out.candidates {
        lines.line("candidate", day.date);
        match &day.fate {
            Fate::Excluded(Exclusion::DrDay { answered }) => lines.line("dr-day", answered),
            Fate::Added => lines.line("dr-day", "added"),
            _ => {}
        }
        if let Some(requested) = case.requested.iter().find(|requested| requested.date == day.date) {
            // The length keeps the line apart from those after it, whatever the text holds.
            lines.line("requested", requested.evidence.len());
            lines.line("evidence", &requested.evidence);
        }
        values(&mut lines, out, readings, inputs, day.date);
    }
    lines.line("own", out.event.date);
    values(&mut lines, out, readings, inputs, out.event.date);
    for value in &inputs.forecast {
        lines.line("forecast", value);
    }
    let mut text = String::with_capacity(64);
    for octet in lines.0.finalize() {
        let _ = write!(text, "{octet:02x}");
    }
    text
}

fn method(lines: &mut Lines, out: &Computed<'_>) {
    let method = out.method;
    lines.line("method", &method.key);
    lines.line("direction", method.direction.key());
    lines.line("measured", method.measured.key());
    let mut span = |name: &str, span: Span| lines.line(name, format_args!("{} {}", span.slots, span.skip));
    let mut spans = |spans: Spans| {
        span("before", spans.before);
        if let Some(after) = spans.after {
            span("after", after);
        }
    };
    match method.kind {
        Kind::HighOf(rule) => {
            if let Some(window) = rule.window {
                spans(window);
            }
            lines.line("high-of weekday", format_args!("{} {}", rule.weekday.keep, rule.weekday.days));
            lines.line("high-of holiday", format_args!("{} {}", rule.holiday.keep, rule.holiday.days));
            lines.line("lookback", rule.lookback);
            if let Some(share) = rule.low_use {
                lines.line("low-use", format_args!("{}/{}", share.num, share.den));
            }
            lines.line("adjustment", rule.adjustment.key());
        }
        Kind::Nearest(rule) => {
            lines.line("nearest", format_args!("{} {} {}", rule.days, rule.lookback, rule.margin));
        }
        Kind::Around(around) => spans(around),
        Kind::Submitted => lines.line("submitted", ""),
    }
}

/// The version of the readings of a day, and those that the computation reads.
fn values(lines: &mut Lines, out: &Computed<'_>, readings: &PointReadings<'_>, inputs: &Inputs, date: Date) {
    if let Some(mark) = readings.mark(date) {
        lines.line("mark", format_args!("{} {}", mark.status.key(), mark.revision));
    }
    let start = day_number(date) * 48 + out.event.start();
    for offset in &inputs.offsets {
        match readings.at(start + offset) {
            Reading::Value(value) => lines.line("value", value),
            Reading::Missing => lines.line("value", "missing"),
            Reading::Disputed => lines.line("value", "disputed"),
        }
    }
}
