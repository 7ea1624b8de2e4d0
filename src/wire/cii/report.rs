//! 指摘の報告: findings with their place, so many of a code and no more.

use super::layout::Part;
use super::sink::Sink;
use crate::rules::{Finding, Place, Rule, codes};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Where something is wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spot<'a> {
    /// Octet of the document.
    pub(super) at: u64,
    /// The row, or the bill, from 1.
    pub(super) row: Option<u64>,
    /// What was read.
    pub(super) part: Option<Part>,
    /// The supply point as it was written.
    pub(super) point: &'a [u8],
    /// What was written, where it is no personal data.
    pub(super) value: &'a [u8],
}

/// What a message can have and usually has not.
#[derive(Clone, Copy)]
pub(super) enum Rare {
    /// A comment or a processing instruction.
    Comment,
    Section,
}

/// The findings so far.
pub(super) struct Report {
    /// The most findings of a code.
    most: usize,
    counts: Vec<(&'static Rule, u64)>,
    unknown: Vec<Unknown>,
    /// How many comments and sections there are, and where the first is.
    rare: [(u64, u64); 2],
    pub(super) findings: u64,
    pub(super) unknown_count: u64,
}

/// An element that is not known.
struct Unknown {
    name: Vec<u8>,
    at: u64,
    count: u64,
}

impl Report {
    pub(super) const fn new(most: usize) -> Report {
        Report { most, counts: Vec::new(), unknown: Vec::new(), rare: [(0, 0); 2], findings: 0, unknown_count: 0 }
    }

    /// Counts a finding; whether it is to be listed.
    fn count(&mut self, rule: &'static Rule) -> bool {
        self.findings += 1;
        let count = match self.counts.iter_mut().find(|(other, _)| other.code == rule.code) {
            Some((_, count)) => count,
            None => {
                self.counts.push((rule, 0));
                match self.counts.last_mut() {
                    Some((_, count)) => count,
                    None => return true,
                }
            }
        };
        *count += 1;
        *count <= self.most as u64
    }

    #[cold]
    pub(super) fn tell<S: Sink>(&mut self, sink: &mut S, rule: &'static Rule, spot: Spot<'_>) {
        if self.count(rule) {
            sink.finding(finding(rule, spot, None));
        }
    }

    /// The same, with a Japanese and an English explanation.
    #[cold]
    pub(super) fn explain<S: Sink>(&mut self, sink: &mut S, rule: &'static Rule, spot: Spot<'_>, why: (&str, &str)) {
        if self.count(rule) {
            sink.finding(finding(rule, spot, Some(why)));
        }
    }

    /// An element that is not known. How many different ones are told apart is bounded.
    #[cold]
    pub(super) fn unknown(&mut self, name: &[u8], at: u64) {
        self.unknown_count += 1;
        let name = name.get(..name.len().min(64)).unwrap_or_default();
        if let Some(known) = self.unknown.iter_mut().find(|unknown| unknown.name == name) {
            known.count += 1;
            return;
        }
        if self.unknown.len() < self.most {
            self.unknown.push(Unknown { name: name.to_vec(), at, count: 1 });
        }
    }

    /// A comment, an instruction or a section.
    #[cold]
    pub(super) const fn rare(&mut self, what: Rare, at: u64) {
        let [comments, sections] = &mut self.rare;
        let (count, first) = match what {
            Rare::Comment => comments,
            Rare::Section => sections,
        };
        if *count == 0 {
            *first = at;
        }
        *count += 1;
    }

    /// What is said at the end: the unknown elements, and of what there was more than was listed.
    pub(super) fn close<S: Sink>(&mut self, sink: &mut S) {
        let unknown = std::mem::take(&mut self.unknown);
        let mut named = 0;
        for Unknown { name, at, count } in &unknown {
            named += count;
            let (ja, en) = (format!("{count}件。場所は最初の1件"), format!("{count} of them, the place is the first"));
            self.explain(sink, &codes::METER_UNKNOWN, Spot { at: *at, value: name, ..Spot::default() }, (&ja, &en));
        }
        if let Some(others) = self.unknown_count.checked_sub(named).filter(|others| *others > 0) {
            let (ja, en) = (format!("ほかの名前の要素が{others}件"), format!("{others} elements of other names"));
            self.explain(sink, &codes::METER_UNKNOWN, Spot::default(), (&ja, &en));
        }
        let names = [("コメント・処理命令", "comments or instructions"), ("CDATA", "CDATA sections")];
        for ((count, at), (ja, en)) in std::mem::take(&mut self.rare).into_iter().zip(names) {
            if count > 0 {
                let (ja, en) =
                    (format!("{ja}{count}件。場所は最初の1件"), format!("{count} {en}, the place is the first"));
                self.explain(sink, &codes::METER_RARE, Spot { at, ..Spot::default() }, (&ja, &en));
            }
        }
        for (rule, count) in std::mem::take(&mut self.counts) {
            let Some(more) = count.checked_sub(self.most as u64).filter(|more| *more > 0) else { continue };
            self.findings += 1;
            let more = codes::METER_MORE.finding(
                format!("{}: {}（{}）ほか{more}件", codes::METER_MORE.ja, rule.code, rule.ja),
                format!("{}: {more} more of {} ({})", codes::METER_MORE.en, rule.code, rule.en),
            );
            sink.finding(more);
        }
    }
}

fn finding(rule: &'static Rule, spot: Spot<'_>, why: Option<(&str, &str)>) -> Finding {
    let (mut ja, mut en) = (rule.ja.to_owned(), rule.en.to_owned());
    let point = (!spot.point.is_empty()).then(|| masked(spot.point));
    let value = (!spot.value.is_empty()).then(|| quoted(spot.value));
    // Writing to a String does not fail.
    if let Some((why_ja, why_en)) = why {
        let _ = write!(ja, "（{why_ja}）");
        let _ = write!(en, ": {why_en}");
    }
    match (&value, &point) {
        (Some(value), Some(point)) => {
            let _ = write!(ja, "（「{value}」、供給地点特定番号 {point}）");
            let _ = write!(en, " (`{value}`, supply point {point})");
        }
        (Some(value), None) => {
            let _ = write!(ja, "（「{value}」）");
            let _ = write!(en, " (`{value}`)");
        }
        (None, Some(point)) => {
            let _ = write!(ja, "（供給地点特定番号 {point}）");
            let _ = write!(en, " (supply point {point})");
        }
        (None, None) => {}
    }
    let place = Place {
        line: spot.row,
        byte: Some(spot.at),
        column: spot.part.map(|part| Cow::Borrowed(part.ja())),
        ..Place::default()
    };
    Finding { place, ..rule.finding(ja, en) }
}

/// The last four characters of a supply point, whatever was written.
fn masked(point: &[u8]) -> String {
    let text = String::from_utf8_lossy(point);
    let tail: Vec<char> = text.chars().rev().take(4).collect();
    format!("…{}", tail.into_iter().rev().filter(|c| !c.is_control()).collect::<String>())
}

/// What was written, as far as it fits into a line.
pub(super) fn quoted(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let mut out: String = text.chars().take(24).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if text.chars().nth(24).is_some() {
        out.push('…');
    }
    out
}
