//! 電文の読取り: what the tokens of a document mean. One machine for every way of cutting a document into tokens.

use super::fixed::BillRows;
use super::half_hourly::SlotRows;
use super::head::Head;
use super::layout::{HEAD, Node, Part, layout};
use super::record::{Bad, Out, Record};
use super::report::{Rare, Report, Spot};
use super::settings::{CiiError, ReadSettings};
use super::sink::{Sink, Tally};
use super::token::{Token, declared, is_blank, resolve};
use super::trace::Trace;
use crate::messages::metering::{MeteringKind, MeteringShape};
use crate::rules::{Rule, codes};
use memchr::memrchr;

/// Why reading ends before the end.
pub(super) enum Halt {
    /// Nothing could be read.
    Error(CiiError),
    /// What was read counts; a finding says why it ends.
    Stop,
}

/// Reads a message from its tokens.
pub(super) struct Machine<'s, S> {
    pub(super) out: Out<'s, S>,
    settings: ReadSettings,
    /// The names of the open elements, as they stand in their tags.
    pub(super) names: Vec<u8>,
    pub(super) ends: Vec<usize>,
    /// The open elements as far as they are known: what is open beyond them is not.
    pub(super) nodes: Vec<Open>,
    pub(super) head: Head,
    /// Known once the first group of the body begins.
    pub(super) kind: Option<MeteringKind>,
    pub(super) bodies: u32,
    pub(super) is_closed: bool,
    /// Where the reading ended before the end.
    stopped: Option<u64>,
    /// What was read since the last row.
    pub(super) trace: Trace,
    /// Whether a row was just read.
    pub(super) is_behind_row: bool,
    pub(super) text: Text,
    /// A bill or a slot of a day; its row or half-hour.
    pub(super) outer: Record,
    pub(super) inner: Record,
    pub(super) slots: SlotRows,
    pub(super) bills: BillRows,
}

/// An open element.
pub(super) struct Open {
    pub(super) node: &'static Node,
    /// Which element of its parent it is.
    child: usize,
    /// Which of its elements comes next in the declaration.
    next: usize,
}

/// The value that is being read.
#[derive(Default)]
pub(super) struct Text {
    pub(super) octets: Vec<u8>,
    pub(super) at: u64,
    pub(super) bad: Option<Bad>,
    /// Whether its tag closes what it opens.
    pub(super) is_empty: bool,
}

impl<'s, S: Sink> Machine<'s, S> {
    pub(super) fn new(settings: &ReadSettings, sink: &'s mut S) -> Machine<'s, S> {
        Machine {
            out: Out { sink, report: Report::new(settings.findings), tally: Tally::default() },
            settings: *settings,
            names: Vec::with_capacity(256),
            ends: Vec::with_capacity(16),
            nodes: Vec::with_capacity(16),
            head: Head::default(),
            kind: None,
            bodies: 0,
            is_closed: false,
            stopped: None,
            trace: Trace::default(),
            is_behind_row: false,
            text: Text::default(),
            outer: Record::new(),
            inner: Record::new(),
            slots: SlotRows::new(settings),
            bills: BillRows::new(settings),
        }
    }

    /// Takes a token that stands from one octet of the document to another.
    pub(super) fn token(&mut self, token: Token<'_>, at: u64, behind: u64) -> Result<(), Halt> {
        match token {
            Token::Start { name, attributes, empty } => {
                self.start(name, attributes, at, behind)?;
                if empty {
                    self.text.is_empty = true;
                    return self.end(name, at);
                }
                Ok(())
            }
            Token::End { name } => self.end(name, at),
            Token::Text(text) => {
                let bad = text.starts_with(b"&").then_some(Bad::Entity);
                self.characters(text, bad, at)
            }
            Token::CData(text) => {
                self.trace.spoil();
                self.out.report.rare(Rare::Section, at);
                self.characters(text, None, at)
            }
            Token::Reference(name) => {
                self.trace.spoil();
                self.reference(name, at)
            }
            Token::Declaration(text) => {
                self.trace.spoil();
                self.declaration(text, at);
                Ok(())
            }
            Token::Doctype(text) => {
                self.trace.spoil();
                let is_html = text.get(9..).unwrap_or_default().trim_ascii_start();
                if is_html.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"html")) {
                    return Err(Halt::Error(CiiError::NotXml { html: true }));
                }
                self.tell(&codes::METER_DTD, at);
                Ok(())
            }
            Token::Other => {
                self.trace.spoil();
                self.out.report.rare(Rare::Comment, at);
                Ok(())
            }
        }
    }

    pub(super) fn tell(&mut self, rule: &'static Rule, at: u64) {
        self.trace.spoil();
        self.out.report.tell(self.out.sink, rule, Spot { at, ..Spot::default() });
    }

    /// Ends the reading with a finding.
    pub(super) fn stop(&mut self, rule: &'static Rule, at: u64) -> Halt {
        self.tell(rule, at);
        self.stopped = Some(at);
        Halt::Stop
    }

    /// Whether an element is open.
    pub(super) fn is_open(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Whether the innermost open element is known.
    pub(super) fn is_known(&self) -> bool {
        self.nodes.len() == self.ends.len()
    }

    fn start(&mut self, name: &[u8], attributes: &[u8], at: u64, behind: u64) -> Result<(), Halt> {
        if self.ends.len() >= self.settings.depth {
            return Err(self.stop(&codes::METER_LIMIT, at));
        }
        let is_known = self.is_known();
        self.names.extend_from_slice(name);
        self.ends.push(self.names.len());
        let local = memrchr(b':', name).and_then(|colon| name.get(colon + 1..)).unwrap_or(name);
        let Some(open) = self.nodes.last_mut() else {
            if self.ends.len() > 1 {
                return Ok(());
            }
            if self.is_closed {
                return Err(self.stop(&codes::METER_SYNTAX, at));
            }
            let root = layout(MeteringKind::LowSlot);
            if local != root.tag.as_bytes() {
                let html = local.eq_ignore_ascii_case(b"html");
                return Err(Halt::Error(if html { CiiError::NotXml { html } } else { CiiError::NotMessage }));
            }
            self.head.root(attributes);
            self.nodes.push(Open { node: root, child: 0, next: 0 });
            return Ok(());
        };
        if !is_known {
            return Ok(());
        }
        match child(open, local) {
            Some(child) => {
                let node = open.node.children.get(child);
                open.next = child + 1;
                node.map_or(Ok(()), |node| self.open(node, child, at, behind))
            }
            None if open.node.part == Part::Body => self.in_body(local, at, behind),
            None => {
                self.trace.spoil();
                self.out.report.unknown(local, at);
                Ok(())
            }
        }
    }

    /// An element of the body that is not in the tree by which the body was entered: an item of the head of another
    /// message.
    fn in_body(&mut self, local: &[u8], at: u64, behind: u64) -> Result<(), Halt> {
        self.trace.spoil();
        match HEAD.iter().find(|node| node.tag.as_bytes() == local) {
            Some(node) => self.open(node, usize::MAX, at, behind),
            None => {
                self.out.report.unknown(local, at);
                Ok(())
            }
        }
    }

    /// A known element begins.
    fn open(&mut self, node: &'static Node, child: usize, at: u64, behind: u64) -> Result<(), Halt> {
        let mut node = node;
        match node.part {
            Part::Body => {
                self.bodies += 1;
                if self.bodies > 1 {
                    self.tell(&codes::METER_TWO_BODIES, at);
                }
            }
            Part::List if self.kind.is_none() => {
                let kind = self.begin_rows()?;
                // From here on the tree is that of the message.
                let Some(body) = layout(kind).find(Part::Body) else { return Ok(()) };
                if let Some(open) = self.nodes.last_mut() {
                    open.node = body;
                }
                match body.child(node.tag) {
                    Some(list) => node = list,
                    None => return Ok(()),
                }
            }
            _ if node.is_value() => {
                self.text.octets.clear();
                (self.text.at, self.text.bad, self.text.is_empty) = (behind, None, false);
            }
            part => self.begin(part, at),
        }
        if !node.is_value() {
            self.trace.open(node, at);
        }
        self.nodes.push(Open { node, child, next: 0 });
        Ok(())
    }

    /// The head is complete: rows come, or the body ends.
    pub(super) fn begin_rows(&mut self) -> Result<MeteringKind, Halt> {
        let kind = self.head.kind().map_err(Halt::Error)?;
        let header = self.head.header(kind, &mut self.out).map_err(Halt::Error)?;
        self.kind = Some(kind);
        if kind.shape() == MeteringShape::Slot {
            self.slots.slot = header.slot;
        }
        self.out.sink.header(&header);
        Ok(kind)
    }

    fn end(&mut self, name: &[u8], at: u64) -> Result<(), Halt> {
        let is_known = self.is_known();
        let end = self.ends.pop();
        let start = self.ends.last().copied().unwrap_or_default();
        if end.is_none() || self.names.get(start..) != Some(name) {
            return Err(self.stop(&codes::METER_SYNTAX, at));
        }
        self.names.truncate(start);
        if !is_known {
            return Ok(());
        }
        let Some(Open { node, child, .. }) = self.nodes.pop() else { return Ok(()) };
        if node.is_value() {
            self.value(node, child);
            return Ok(());
        }
        self.trace.close(node);
        self.is_behind_row = matches!(node.part, Part::Row | Part::HalfHour);
        self.close(node)
    }

    fn characters(&mut self, text: &[u8], bad: Option<Bad>, at: u64) -> Result<(), Halt> {
        let in_value = self.is_known() && self.nodes.last().is_some_and(|open| open.node.is_value());
        if in_value {
            self.append(text, bad);
        } else if !text.iter().copied().all(is_blank) {
            if self.ends.is_empty() && !self.is_closed {
                return Err(Halt::Error(CiiError::NotXml { html: false }));
            }
            if self.ends.is_empty() {
                return Err(self.stop(&codes::METER_SYNTAX, at));
            }
            // What stands in an unknown element is reported with it.
            if self.is_known() {
                self.tell(&codes::METER_STRAY_TEXT, at);
            }
        }
        Ok(())
    }

    fn append(&mut self, text: &[u8], bad: Option<Bad>) {
        let Text { octets, bad: known, .. } = &mut self.text;
        if octets.len() + text.len() > self.settings.value {
            *known = known.or(Some(Bad::TooLong));
            return;
        }
        *known = known.or(bad);
        octets.extend_from_slice(text);
    }

    fn reference(&mut self, name: &[u8], at: u64) -> Result<(), Halt> {
        match resolve(name) {
            Some(character) => self.characters(character.encode_utf8(&mut [0; 4]).as_bytes(), None, at),
            None => self.characters(b"?", Some(Bad::Entity), at),
        }
    }

    fn declaration(&mut self, text: &[u8], at: u64) {
        if let Some(label) = declared(text).filter(|label| !label.eq_ignore_ascii_case(b"UTF-8")) {
            let spot = Spot { at, value: label, ..Spot::default() };
            self.out.report.tell(self.out.sink, &codes::METER_DECLARED, spot);
        }
    }

    /// The document ends here, as it should or not.
    pub(super) fn finish(mut self, halt: Option<Halt>, octets: u64) -> Result<Tally, CiiError> {
        let halt = match halt {
            None if octets == 0 || self.ends.is_empty() && !self.is_closed => Some(Halt::Error(CiiError::Empty)),
            None if !self.ends.is_empty() => Some(self.stop(&codes::METER_TRUNCATED, octets)),
            halt => halt,
        };
        let bill = self.nodes.iter().find(|open| open.node.part == Part::Bill).map(|open| open.node);
        if let Some(node) = bill.filter(|_| self.bodies <= 1) {
            self.bills.abandon(node, &self.outer, &mut self.out);
        }
        self.slots.flush(&mut self.out);
        self.bills.flush(&mut self.out);
        self.out.report.close(self.out.sink);
        if let Some(Halt::Error(error)) = halt {
            return Err(error);
        }
        if self.kind.is_none() {
            return Err(CiiError::NoHead);
        }
        let Out { report, tally, .. } = self.out;
        let octets = self.stopped.unwrap_or(octets);
        Ok(Tally { unknown: report.unknown_count, octets, findings: report.findings, ..tally })
    }
}

/// The element of a tag, by its place in the declaration; the one that comes next is looked at first.
fn child(open: &Open, local: &[u8]) -> Option<usize> {
    let children = open.node.children;
    let is = |child: &Node| child.tag.as_bytes() == local;
    match children.get(open.next) {
        Some(next) if is(next) => Some(open.next),
        _ => children.iter().position(is),
    }
}
