//! The rows of W4: a supply point in a slot.

use super::error::WriteErrorKind as Kind;
use super::skeleton::Skeletons;
use super::{WriteError, below, close, open, put_decimal, put_slot, put_text};
use crate::messages::metering::{HalfHourly, MeteringKind, MeteringShape};
use crate::wire::cii::layout::{Node, Part};

/// Bits of the values of a row in [`VALUES`]; point and flag are always there.
const VALUES: [Part; 6] =
    [Part::Point, Part::CustomerId, Part::CustomerName, Part::ControlNumber, Part::Flag, Part::Energy];
const ALWAYS: usize = 0b01_0001;
const CUSTOMER_ID: usize = 1 << 1;
const CUSTOMER_NAME: usize = 1 << 2;
const CONTROL_NUMBER: usize = 1 << 3;
const ENERGY: usize = 1 << 5;

/// Writes the list of a message: rows, or slots with rows. Without rows there is no list.
pub(super) fn write(
    kind: MeteringKind,
    list: &'static Node,
    rows: &HalfHourly,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let row = below(list, Part::Row)?;
    let values = VALUES.iter().map(|part| below(row, *part)).collect::<Result<Vec<_>, _>>()?;
    // Tags and values of the longest usual row; what is more makes room for itself.
    out.reserve(rows.len() * 256);
    let writer = Writer { skeletons: Skeletons::of(row, &values), rows };
    open(list.tag, out);
    match kind.shape() {
        MeteringShape::Slot => writer.range(0..rows.len(), out)?,
        MeteringShape::Day | MeteringShape::Month => {
            let group = below(list, Part::SlotGroup)?;
            let number = below(group, Part::Slot)?;
            let inner = below(group, Part::List)?;
            let mut from = 0;
            for run in rows.slots.chunk_by(|one, next| one == next) {
                let to = from + run.len();
                open(group.tag, out);
                if let Some(slot) = run.first() {
                    open(number.tag, out);
                    put_slot(*slot, out);
                    close(number.tag, out);
                }
                open(inner.tag, out);
                writer.range(from..to, out)?;
                close(inner.tag, out);
                close(group.tag, out);
                from = to;
            }
        }
    }
    close(list.tag, out);
    Ok(())
}

struct Writer<'a> {
    skeletons: Skeletons,
    rows: &'a HalfHourly,
}

impl Writer<'_> {
    fn range(&self, range: std::ops::Range<usize>, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let HalfHourly { points, energies, availability, .. } = self.rows;
        let ids = self.rows.customer_ids.range(range.clone());
        let names = self.rows.customer_names.range(range.clone());
        let numbers = self.rows.control_numbers.range(range.clone());
        let points = points.get(range.clone()).unwrap_or_default();
        let energies = energies.get(range.clone()).unwrap_or_default();
        let availability = availability.get(range.clone()).unwrap_or_default();
        let values = points.iter().zip(energies).zip(availability).zip(ids).zip(names).zip(numbers);
        for (row, (((((point, energy), flag), id), name), number)) in range.zip(values) {
            let mut choice = ALWAYS;
            for (text, bit) in [(id, CUSTOMER_ID), (name, CUSTOMER_NAME), (number, CONTROL_NUMBER)] {
                choice |= if text.is_empty() { 0 } else { bit };
            }
            choice |= if flag.is_given() { ENERGY } else { 0 };
            let mut literals = self.skeletons.literals(choice).iter();
            let mut literal = |out: &mut Vec<u8>| {
                if let Some(literal) = literals.next() {
                    out.extend_from_slice(literal);
                }
            };
            literal(out);
            out.extend_from_slice(point.digits());
            for (text, part) in [(id, Part::CustomerId), (name, Part::CustomerName), (number, Part::ControlNumber)] {
                if !text.is_empty() {
                    literal(out);
                    put_text(part, text, Some(row), out)?;
                }
            }
            literal(out);
            out.push(b'0' + flag.digit());
            if flag.is_given() {
                literal(out);
                if !put_decimal(energy.ten_thousandths(), out) {
                    return Err(WriteError { row: Some(row), part: Some(Part::Energy), kind: Kind::Negative });
                }
            }
            literal(out);
        }
        Ok(())
    }
}
