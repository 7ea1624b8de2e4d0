//! 速い読取り: rows of a known shape whose values are as values mostly are, read in one pass. Anything else is left to
//! the readers that say what is wrong.

use super::layout::Part;
use super::scan;
use super::shape::Shape;
use super::stencil::{Lengths, Stencil};
use super::trace::Hole;
use super::value::slot;
use crate::items::Slot;

/// Which values a row has, in which order: those that are read in one pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Point, customer id, customer name, control number, availability, energy.
    Row,
    /// The same without the name.
    RowWithoutName,
    /// Slot and both energies.
    HalfHour,
    /// Others.
    Other,
}

impl Order {
    pub(super) fn of(holes: &[Hole]) -> Order {
        use Part::{ControlNumber, CustomerId, CustomerName, Energy, Flag, Own, Point, Slot, Whole};
        let is = |parts: &[Part]| {
            holes.len() == parts.len()
                && holes.iter().zip(parts).all(|(hole, part)| hole.node.part == *part && !hole.is_empty)
        };
        match () {
            () if is(&[Point, CustomerId, CustomerName, ControlNumber, Flag, Energy]) => Order::Row,
            () if is(&[Point, CustomerId, ControlNumber, Flag, Energy]) => Order::RowWithoutName,
            () if is(&[Slot, Whole, Own]) => Order::HalfHour,
            () => Order::Other,
        }
    }
}

/// A text and what stands behind it: the octets from its beginning, and its length.
pub(super) type Text<'a> = (&'a [u8], usize);

/// The values of a row of W4.
pub(super) struct QuickRow<'a> {
    pub(super) point: &'a [u8; 22],
    pub(super) customer_id: Text<'a>,
    pub(super) customer_name: Text<'a>,
    pub(super) control_number: Text<'a>,
    pub(super) flag: u8,
    pub(super) energy: i64,
}

/// The values of a half-hour of W5.
pub(super) struct QuickHalfHour {
    pub(super) slot: Slot,
    pub(super) whole: i64,
    pub(super) own: i64,
}

#[inline(always)]
fn text<'a>(rest: &mut &'a [u8]) -> Option<Text<'a>> {
    let octets = *rest;
    let len = scan::usual_text(octets)?;
    *rest = octets.get(len..)?;
    Some((octets, len))
}

#[inline(always)]
fn number(rest: &mut &[u8]) -> Option<i64> {
    let (count, len) = scan::number(rest)?;
    *rest = rest.get(len..)?;
    Some(count)
}

/// After how many rows of other lengths a stencil is made anew.
const MISSES: u32 = 16;

impl Shape {
    /// The same as [`Shape::quick_row`], where the values have the lengths that are expected.
    #[inline(always)]
    pub(super) fn stencilled<'a>(&self, octets: &'a [u8], named: bool) -> Option<(QuickRow<'a>, &'a [u8])> {
        let stencil = self.stencil.as_ref()?;
        let (point, id, mut rest) = stencil.front(octets)?;
        let mut customer_name: Text<'_> = (&[], 0);
        if named {
            let name = rest;
            let len = scan::usual_characters(name, 0)?;
            rest = name.get(len..)?;
            customer_name = (name, len);
        }
        let (control, flag, mut rest) = stencil.middle(rest)?;
        let energy = number(&mut rest)?;
        self.literals.get(if named { 5 } else { 4 })?.pass(&mut rest)?;
        let row = QuickRow {
            point,
            customer_id: (id, stencil.lengths.customer_id),
            customer_name,
            control_number: (control, stencil.lengths.control_number),
            flag: flag.wrapping_sub(b'0'),
            energy,
        };
        Some((row, rest))
    }

    /// A row did not fit the stencil: after some, there is a new one.
    #[cold]
    pub(super) fn missed(&mut self, lengths: Lengths, named: bool) {
        if self.misses.is_multiple_of(MISSES) {
            self.stencil = Stencil::of(&self.lead, &self.literals, named, lengths);
        }
        self.misses = self.misses.wrapping_add(1);
    }

    /// The values of a row of W4 that the octets begin with, and what stands behind it.
    #[inline(always)]
    pub(super) fn quick_row<'a>(&self, octets: &'a [u8], named: bool) -> Option<(QuickRow<'a>, &'a [u8])> {
        let mut literals = self.literals.iter();
        let mut rest = octets;
        self.lead.pass(&mut rest)?;
        let (point, behind) = rest.split_first_chunk::<22>()?;
        rest = behind;
        literals.next()?.pass(&mut rest)?;
        let customer_id = text(&mut rest)?;
        literals.next()?.pass(&mut rest)?;
        let mut customer_name: Text<'_> = (&[], 0);
        if named {
            customer_name = text(&mut rest)?;
            literals.next()?.pass(&mut rest)?;
        }
        let control_number = text(&mut rest)?;
        literals.next()?.pass(&mut rest)?;
        let (flag, behind) = rest.split_first()?;
        rest = behind;
        literals.next()?.pass(&mut rest)?;
        let energy = number(&mut rest)?;
        literals.next()?.pass(&mut rest)?;
        let flag = flag.wrapping_sub(b'0');
        Some((QuickRow { point, customer_id, customer_name, control_number, flag, energy }, rest))
    }

    /// The values of a half-hour of W5 that the octets begin with, and what stands behind it.
    #[inline(always)]
    pub(super) fn quick_half_hour<'a>(&self, octets: &'a [u8]) -> Option<(QuickHalfHour, &'a [u8])> {
        let mut literals = self.literals.iter();
        let mut rest = octets;
        self.lead.pass(&mut rest)?;
        let (digits, behind) = rest.split_first_chunk::<2>()?;
        let slot = slot(digits)?;
        rest = behind;
        literals.next()?.pass(&mut rest)?;
        let whole = number(&mut rest)?;
        literals.next()?.pass(&mut rest)?;
        let own = number(&mut rest)?;
        literals.next()?.pass(&mut rest)?;
        Some((QuickHalfHour { slot, whole, own }, rest))
    }
}
