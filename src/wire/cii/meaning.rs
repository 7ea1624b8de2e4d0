//! 値の行き先: what begins, what ends and what is written in a message, and what becomes of it.

use super::layout::{Node, Part};
use super::machine::{Halt, Machine, Text};
use super::quick::Order;
use super::record::{Bad, Fields};
use super::report::Spot;
use super::shape::{Played, Shape};
use super::sink::Sink;
use super::stencil::Lengths;
use super::trace::Hole;
use super::value;
use crate::rules::codes;

impl<S: Sink> Machine<'_, S> {
    /// A record begins.
    pub(super) fn begin(&mut self, part: Part, at: u64) {
        match part {
            Part::SlotGroup => {
                self.outer.begin(at);
                self.slots.slot = None;
            }
            Part::Bill => {
                self.outer.begin(at);
                self.bills.begin();
            }
            Part::Day => self.bills.begin_day(),
            Part::Row | Part::HalfHour => self.inner.begin(at),
            _ => {}
        }
    }

    /// A known element with elements ends.
    pub(super) fn close(&mut self, node: &'static Node) -> Result<(), Halt> {
        match node.part {
            Part::Row if self.bodies <= 1 => self.slots.take(node, &self.inner.fields(), &mut self.out),
            Part::HalfHour if self.bodies <= 1 => {
                self.bills.take(node, &self.inner.fields(), &self.outer, &mut self.out);
            }
            Part::Row | Part::HalfHour => self.out.tally.rejected += 1,
            Part::Bill if self.bodies <= 1 => self.bills.end(node, &self.outer, &mut self.out),
            Part::Bill => self.out.tally.bills_rejected += 1,
            Part::Body if self.kind.is_none() => {
                self.begin_rows()?;
            }
            Part::Message => self.is_closed = true,
            _ => {}
        }
        Ok(())
    }

    /// A value ends.
    pub(super) fn value(&mut self, node: &'static Node, child: usize) {
        let Some(parent) = self.nodes.last().map(|open| open.node.part) else { return };
        let Text { at, bad, is_empty, .. } = self.text;
        let octets = std::mem::take(&mut self.text.octets);
        let hole = Hole { node, parent, child, is_empty };
        if bad.is_none() {
            self.trace.value(hole, at, octets.len());
        } else {
            self.trace.spoil();
        }
        self.put(hole, &octets, at, bad);
        self.text.octets = octets;
    }

    /// Puts a value where it belongs.
    pub(super) fn put(&mut self, hole: Hole, octets: &[u8], at: u64, bad: Option<Bad>) {
        let Hole { node, parent, child, .. } = hole;
        match parent {
            Part::Row | Part::HalfHour => self.inner.put(child, octets, at, bad),
            Part::Bill => self.outer.put(child, octets, at, bad),
            Part::SlotGroup => {
                self.slots.slot = value::slot(octets.trim_ascii()).filter(|_| bad.is_none());
                if self.slots.slot.is_none() {
                    let spot = Spot { at, part: Some(node.part), value: octets, ..Spot::default() };
                    let rule = bad.map_or(&codes::METER_SLOT, Bad::rule);
                    self.out.report.tell(self.out.sink, rule, spot);
                }
            }
            Part::Day => {
                let point = self.outer.fields().get(0).trim_ascii();
                let spot = Spot { at, part: Some(node.part), point, ..Spot::default() };
                match bad {
                    Some(bad) => self.out.report.tell(self.out.sink, bad.rule(), spot),
                    None => self.bills.date(octets, spot, &mut self.out),
                }
            }
            Part::Envelope | Part::Body if self.bodies <= 1 && self.kind.is_none() => {
                self.head.put(node.part, octets, at, bad, &mut self.out);
            }
            // What a second body says at its head, and what stands behind the rows.
            _ => {
                let spot = Spot { at, part: Some(node.part), value: octets, ..Spot::default() };
                self.out.report.tell(self.out.sink, &codes::METER_HEAD_TWICE, spot);
            }
        }
    }

    /// Whether a row was just read, and rows like it may follow: asked once.
    pub(super) fn is_behind_row(&mut self) -> bool {
        std::mem::take(&mut self.is_behind_row) && self.bodies <= 1 && self.is_known()
    }
    /// The open elements: their names as they stand in the tags, and where each ends.
    pub(super) fn context(&self) -> (&[u8], &[usize]) {
        (&self.names, &self.ends)
    }
    /// From here on it is noted what is read.
    pub(super) fn begin_trace(&mut self, at: u64) {
        self.trace.begin(at, (&self.names, &self.ends));
    }
    /// Takes a row that was not read tag by tag.
    #[inline]
    pub(super) fn take(&mut self, node: &'static Node, fields: &Fields<'_>) {
        if node.part == Part::Row {
            self.slots.take(node, fields, &mut self.out);
        } else {
            self.bills.take(node, fields, &self.outer, &mut self.out);
        }
    }
    /// Takes rows of a shape in one pass each, as long as there is nothing to be said about them; gives what is left.
    pub(super) fn take_quick<'a>(&mut self, shape: &mut Shape, octets: &'a [u8]) -> &'a [u8] {
        match shape.order {
            Order::Row => self.quick_rows(shape, octets, true),
            Order::RowWithoutName => self.quick_rows(shape, octets, false),
            Order::HalfHour => {
                let mut rest = octets;
                while let Some((half_hour, behind)) = shape.quick_half_hour(rest)
                    && self.bills.take_quick(&half_hour, &mut self.out)
                {
                    rest = behind;
                }
                rest
            }
            Order::Other => octets,
        }
    }
    #[inline(always)]
    fn quick_rows<'a>(&mut self, shape: &mut Shape, octets: &'a [u8], named: bool) -> &'a [u8] {
        let mut rest = octets;
        loop {
            while let Some((row, behind)) = shape.stencilled(rest, named)
                && self.slots.take_quick(&row, &mut self.out)
            {
                rest = behind;
            }
            let Some((row, behind)) = shape.quick_row(rest, named) else { return rest };
            if !self.slots.take_quick(&row, &mut self.out) {
                return rest;
            }
            rest = behind;
            let lengths = Lengths { customer_id: row.customer_id.1, control_number: row.control_number.1 };
            shape.missed(lengths, named);
        }
    }
    /// Does what a record of a shape does that begins at an octet of the document.
    pub(super) fn play(&mut self, shape: &Shape, octets: &[u8], from: u64) -> Result<(), Halt> {
        for played in shape.play() {
            match played {
                Played::Open { node, at } => self.begin(node.part, from + at as u64),
                Played::Value { hole: Some(hole), start, len } => {
                    let value = octets.get(start..start + len).unwrap_or_default();
                    self.put(hole, value, from + start as u64, None);
                }
                Played::Value { hole: None, .. } => {}
                Played::Close { node } => self.close(node)?,
            }
        }
        Ok(())
    }
}
