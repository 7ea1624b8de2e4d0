//! 計画の書込み: a cleared plan in the standard form.

use super::envelope::{ATTRIBUTES, ITEMS, MAPPING, SUB, ZEROS};
use crate::items::Slot;
use crate::messages::planning::{AnyNode, Content, Plan, PlanEnvelope, PlanSeries, PlanValue as _, Tag};
use crate::notice::Cleared;
use std::io::Write as _;

/// 書き込んだ計画: what is to be known of a plan that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanWritten {
    /// Whether everything in it stands as the facts know it. A plan with unknown elements, or of a tree that is only
    /// partly known, is not verified: it is to be checked against OCCTO's standard before it is submitted.
    pub verified: bool,
    /// How many octets.
    pub octets: usize,
}

/// Writes a plan: declaration, CRLF, and the document on one line. A slot without a value is left out.
pub fn write_plan(plan: &Cleared<Plan>, out: &mut Vec<u8>) -> PlanWritten {
    let plan = plan.message();
    let start = out.len();
    let mut writer = Writer { out };
    writer.text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<SBD-MSG");
    for (name, item) in ATTRIBUTES {
        writer.text(&format!(" {name}=\"{}\"", item_of(&plan.envelope, item)));
    }
    writer.text("><JPMGRP SEQ=\"1\"><JPMGH>");
    for item in ITEMS {
        writer.text(&format!("<{item}>{}</{item}>", item_of(&plan.envelope, item)));
    }
    writer.text("</JPMGH><JPTRM SEQ=\"1\">");
    let shape = plan.kind().shape();
    writer.contents(&plan.head, 0, shape.head);
    writer.contents(plan.body.node(), 0, shape.body);
    writer.text("</JPTRM></JPMGRP></SBD-MSG>");
    if plan.envelope.final_newline {
        writer.text("\r\n");
    }
    PlanWritten { verified: plan.is_verified(), octets: out.len() - start }
}

fn item_of(envelope: &PlanEnvelope, item: &str) -> String {
    match item {
        "JPC03" => envelope.mode.text().into_owned(),
        "JPC06" => format!("{}{ZEROS}", envelope.sender),
        "JPC09" => format!("{}{ZEROS}", envelope.receiver),
        "JPC10" => envelope.agency.to_string(),
        "JPC11" => SUB.to_owned(),
        "JPC12" => envelope.version.to_string(),
        "JPC14" => envelope.message_code.to_string(),
        "JPC19" => {
            let at = envelope.created;
            let (year, month, day) = (at.year().rem_euclid(100), at.month(), at.day());
            format!("{year:02}{month:02}{day:02}{:02}{:02}{:02}", at.hour(), at.minute(), at.second())
        }
        _ => MAPPING.to_owned(),
    }
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn tag(&mut self, kind: &str, group: u16) {
        // Writing to a vector does not fail.
        let _ = write!(self.out, "<{kind}{group:05}>");
    }

    fn element(&mut self, tag: Tag, text: &str) {
        let name = tag.element();
        self.text("<");
        self.text(name);
        self.text(">");
        for part in text.split_inclusive(['&', '<', '>']) {
            let (plain, sign) = match part.char_indices().next_back() {
                Some((at, sign @ ('&' | '<' | '>'))) => (part.get(..at).unwrap_or_default(), Some(sign)),
                _ => (part, None),
            };
            self.text(plain);
            self.text(match sign {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some(_) => "&gt;",
                None => "",
            });
        }
        self.text("</");
        self.text(name);
        self.text(">");
    }

    fn contents(&mut self, node: &AnyNode, group: u16, content: &[Content]) {
        for (index, one) in content.iter().enumerate() {
            self.unknown(node, group, 0, index);
            match one {
                Content::Leaf { tag, .. } => {
                    if let Some(text) = node.leaf(*tag) {
                        self.element(*tag, &text);
                    }
                }
                Content::Slots { number, tags } => self.slots(node, *number, tags),
                Content::Group(inner) => {
                    let start = self.out.len();
                    self.tag("JPM", inner.number);
                    let mut any = false;
                    match inner.part {
                        None => {
                            self.tag("JPMR", inner.number);
                            let before = self.out.len();
                            self.contents(node, inner.number, inner.content);
                            any = self.out.len() > before;
                            self.tag("/JPMR", inner.number);
                        }
                        Some(part) => {
                            for child in (0..).map_while(|index| node.part(part, index)) {
                                any = true;
                                self.tag("JPMR", inner.number);
                                self.contents(child, inner.number, inner.content);
                                self.tag("/JPMR", inner.number);
                            }
                        }
                    }
                    self.tag("/JPM", inner.number);
                    // A group without anything in it is absent.
                    if !any {
                        self.out.truncate(start);
                    }
                }
            }
        }
        self.unknown(node, group, 0, content.len());
    }

    fn slots(&mut self, node: &AnyNode, number: u16, tags: &[Tag]) {
        let mut series = [None; 2];
        series.iter_mut().zip(tags).for_each(|(place, tag)| *place = node.series(*tag));
        if series.iter().flatten().all(|series| series.is_empty()) {
            return;
        }
        self.tag("JPM", number);
        for slot in Slot::all() {
            let value = |series: &PlanSeries| series.get(slot);
            if series.iter().flatten().all(|series| value(series).is_none()) {
                continue;
            }
            let row = slot.number();
            self.tag("JPMR", number);
            self.unknown(node, number, row, 0);
            let _ = write!(self.out, "<{0}>{row:02}</{0}>", Tag::Slot.element());
            for (index, (series, tag)) in series.iter().zip(tags).enumerate() {
                self.unknown(node, number, row, index + 1);
                if let Some(value) = series.and_then(value) {
                    let _ = write!(self.out, "<{0}>{value}</{0}>", tag.element());
                }
            }
            self.unknown(node, number, row, tags.len() + 1);
            self.tag("/JPMR", number);
        }
        self.tag("/JPM", number);
    }

    /// What was not known, where it stood.
    fn unknown(&mut self, node: &AnyNode, group: u16, row: u8, before: usize) {
        for part in node.unknown() {
            if part.group == group && part.row == row && usize::from(part.before) == before {
                self.text(&part.xml);
            }
        }
    }
}
