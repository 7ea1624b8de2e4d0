//! 明細の値: the values of a row as they were written, and where findings about them go.

use super::layout::{Node, Part};
use super::report::{Report, Spot};
use super::scan;
use super::sink::{Sink, Tally};
use super::value::{self, Wrong};
use crate::rules::{Rule, codes};
use std::borrow::Cow;

/// The most values of a record.
pub(super) const MOST: usize = 16;

/// A value within the octets of its record.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Span {
    pub(super) const ABSENT: Span = Span { start: u32::MAX, len: 0 };
}

/// Why a value is not taken, whatever it means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    Entity,
    Charset,
    Character,
    TooLong,
    Twice,
}

impl Bad {
    pub(super) const fn rule(self) -> &'static Rule {
        match self {
            Bad::Entity => &codes::METER_ENTITY,
            Bad::Charset => &codes::METER_CHARSET,
            Bad::Character => &codes::METER_CHARACTER,
            Bad::TooLong => &codes::METER_TEXT_LENGTH,
            Bad::Twice => &codes::METER_ITEM_TWICE,
        }
    }
}

/// A bad value, its element within the record and its octet.
#[derive(Clone, Copy)]
pub(super) struct BadValue {
    pub(super) bad: Bad,
    pub(super) child: usize,
    pub(super) at: u64,
}

/// The values of one record, by the place of their elements in its declaration.
pub(super) struct Fields<'a> {
    pub(super) octets: &'a [u8],
    pub(super) spans: &'a [Span; MOST],
    /// Where the record begins in the document.
    pub(super) at: u64,
    /// Where each value begins in the document; without them, the octets are those of the document.
    pub(super) places: Option<&'a [u64; MOST]>,
    pub(super) bad: Option<BadValue>,
    /// The values that are known to be ASCII without control characters, a bit each.
    pub(super) plain: u32,
}

impl<'a> Fields<'a> {
    /// What was written; nothing where the element is absent.
    #[inline]
    pub(super) fn get(&self, child: usize) -> &'a [u8] {
        let Some(Span { start, len }) = self.spans.get(child).copied() else { return &[] };
        let start = start as usize;
        self.octets.get(start..start + len as usize).unwrap_or_default()
    }
    /// Where it begins; for an absent one, where the record begins.
    pub(super) fn place(&self, child: usize) -> u64 {
        match (self.spans.get(child), self.places) {
            (Some(span), _) if span.start == u32::MAX => self.at,
            (Some(_), Some(places)) => places.get(child).copied().unwrap_or(self.at),
            (Some(span), None) => self.at + u64::from(span.start),
            (None, _) => self.at,
        }
    }
    /// A text as it was written, its line ends as XML has them: UTF-8.
    #[inline]
    pub(super) fn text(&self, child: usize) -> Result<Cow<'a, [u8]>, BadValue> {
        let octets = self.get(child);
        if self.plain & 1 << child != 0 || scan::is_usual_text(octets) {
            return Ok(Cow::Borrowed(octets));
        }
        match std::str::from_utf8(octets) {
            Ok(text) => self.unusual(child, text),
            Err(error) => {
                let at = self.place(child) + error.valid_up_to() as u64;
                Err(BadValue { bad: Bad::Charset, child, at })
            }
        }
    }
    /// A decimal number as a count of 0.0001; blanks around it do not matter.
    #[inline]
    pub(super) fn decimal(&self, child: usize) -> Result<i64, Wrong> {
        if let Some(Span { start, len }) = self.spans.get(child).copied()
            && let Some(rest) = self.octets.get(start as usize..)
            && let Some(count) = scan::short_decimal(rest, len as usize)
        {
            return Ok(count);
        }
        value::decimal(self.get(child).trim_ascii())
    }
    #[cold]
    fn unusual(&self, child: usize, text: &'a str) -> Result<Cow<'a, [u8]>, BadValue> {
        let illegal = text.bytes().position(|octet| octet < b' ' && !matches!(octet, b'\t' | b'\n' | b'\r'));
        if let Some(position) = illegal {
            let at = self.place(child) + position as u64;
            return Err(BadValue { bad: Bad::Character, child, at });
        }
        if text.contains('\r') {
            return Ok(text.replace("\r\n", "\n").replace('\r', "\n").into_bytes().into());
        }
        Ok(text.as_bytes().into())
    }
}

/// The record that is being read, where it is not read in one go.
pub(super) struct Record {
    pub(super) at: u64,
    octets: Vec<u8>,
    spans: [Span; MOST],
    places: [u64; MOST],
    bad: Option<BadValue>,
}

impl Record {
    pub(super) const fn new() -> Record {
        Record { at: 0, octets: Vec::new(), spans: [Span::ABSENT; MOST], places: [0; MOST], bad: None }
    }
    pub(super) fn begin(&mut self, at: u64) {
        self.at = at;
        self.octets.clear();
        self.spans = [Span::ABSENT; MOST];
        self.bad = None;
    }
    /// Takes a value; of the same element twice, the row is not to be taken.
    pub(super) fn put(&mut self, child: usize, octets: &[u8], at: u64, bad: Option<Bad>) {
        let start = u32::try_from(self.octets.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        let (Some(span), Some(place)) = (self.spans.get_mut(child), self.places.get_mut(child)) else { return };
        if let Some(bad) = bad.or((span.start != u32::MAX).then_some(Bad::Twice)) {
            if self.bad.is_none() {
                self.bad = Some(BadValue { bad, child, at });
            }
            return;
        }
        (*span, *place) = (Span { start, len }, at);
        self.octets.extend_from_slice(octets);
    }
    pub(super) const fn fields(&self) -> Fields<'_> {
        Fields {
            octets: self.octets.as_slice(),
            spans: &self.spans,
            at: self.at,
            places: Some(&self.places),
            bad: self.bad,
            plain: 0,
        }
    }
}

/// Where everything goes that is read.
pub(super) struct Out<'s, S> {
    pub(super) sink: &'s mut S,
    pub(super) report: Report,
    pub(super) tally: Tally,
}

impl<S: Sink> Out<'_, S> {
    /// A finding about a value of a record.
    #[cold]
    pub(super) fn value(&mut self, rule: &'static Rule, node: &Node, fields: &Fields<'_>, row: u64, child: usize) {
        let part = node.children.get(child).map(|child| child.part);
        let value = match part {
            Some(Part::Point | Part::CustomerId | Part::CustomerName | Part::SupplyPlace | Part::ControlNumber)
            | None => &[][..],
            Some(_) => fields.get(child),
        };
        let point = if part == Some(Part::Point) { fields.get(child) } else { point_of(node, fields) };
        self.report.tell(self.sink, rule, Spot { at: fields.place(child), row: Some(row), part, point, value });
    }
    /// A finding about a value that cannot be read, whatever it means.
    #[cold]
    pub(super) fn bad(&mut self, bad: BadValue, node: &Node, fields: &Fields<'_>, row: u64) {
        let part = node.children.get(bad.child).map(|child| child.part);
        let spot = Spot { at: bad.at, row: Some(row), part, point: point_of(node, fields), value: &[] };
        self.report.tell(self.sink, bad.bad.rule(), spot);
    }
    /// A finding about a record as a whole.
    #[cold]
    pub(super) fn record(&mut self, rule: &'static Rule, node: &Node, fields: &Fields<'_>, row: u64) {
        let spot = Spot { at: fields.at, row: Some(row), part: None, point: point_of(node, fields), value: &[] };
        self.report.tell(self.sink, rule, spot);
    }
}

/// The supply point of a record as it was written.
fn point_of<'a>(node: &Node, fields: &Fields<'a>) -> &'a [u8] {
    let child = node.children.iter().position(|child| child.part == Part::Point);
    child.map_or(&[][..], |child| fields.get(child)).trim_ascii()
}
