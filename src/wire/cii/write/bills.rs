//! The bills of W5: a supply point in a month, with the half-hours of its meter period.

use super::error::WriteErrorKind as Kind;
use super::skeleton::Skeletons;
use super::{WriteError, below, close, element, open, put_date, put_decimal, put_slot};
use crate::items::{Code, Energy};
use crate::messages::metering::{Bills, FixedUsage};
use crate::wire::cii::layout::{Node, Part};

/// Writes the list of bills. Without bills there is no list.
pub(super) fn write(list: &'static Node, usage: &FixedUsage, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let bills = usage.bills.points.len();
    if bills == 0 {
        return Ok(());
    }
    let bill = below(list, Part::Bill)?;
    let day = below(bill, Part::Day)?;
    let half_hour = below(day, Part::HalfHour)?;
    let values = [Part::Slot, Part::Whole, Part::Own]
        .map(|part| below(half_hour, part))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let writer = Writer { usage, half_hours: Skeletons::of(half_hour, &values) };
    out.reserve(usage.slots.slots.len() * 128 + bills * 512);
    open(list.tag, out);
    for row in 0..bills {
        open(bill.tag, out);
        for node in bill.children {
            if node.part == Part::List { writer.days(node, day, row, out)? } else { writer.value(node, row, out)? }
        }
        close(bill.tag, out);
    }
    close(list.tag, out);
    Ok(())
}

struct Writer<'a> {
    usage: &'a FixedUsage,
    half_hours: Skeletons,
}

impl Writer<'_> {
    fn value(&self, node: &'static Node, row: usize, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let Bills { points, customer_ids, customer_names, places, voltages, .. } = &self.usage.bills;
        let bills = &self.usage.bills;
        let text = |text: Option<&str>, out: &mut Vec<u8>| match text.filter(|text| !text.is_empty()) {
            Some(text) => element(node, text, Some(row), out),
            None => Ok(()),
        };
        let decimal = |count: Option<i64>, out: &mut Vec<u8>| match count {
            Some(count) => {
                open(node.tag, out);
                let written = put_decimal(count, out);
                close(node.tag, out);
                let negative = WriteError { row: Some(row), part: Some(node.part), kind: Kind::Negative };
                if written { Ok(()) } else { Err(negative) }
            }
            None => Ok(()),
        };
        let energy = |column: &[Option<Energy>]| column.get(row).copied().flatten().map(Energy::ten_thousandths);
        match node.part {
            Part::Point => text(points.get(row).map(|point| point.as_str()), out),
            Part::CustomerId => text(customer_ids.get(row), out),
            Part::CustomerName => text(customer_names.get(row), out),
            Part::SupplyPlace => text(places.get(row), out),
            Part::Voltage => text(voltages.get(row), out),
            Part::Allocation => text(bills.allocations.get(row).copied().flatten().map(Code::key), out),
            Part::Flag => {
                open(node.tag, out);
                out.push(b'0' + bills.availability.get(row).map_or(0, |flag| flag.digit()));
                close(node.tag, out);
                Ok(())
            }
            Part::MonthWhole => decimal(energy(&bills.whole), out),
            Part::MonthOwn => decimal(energy(&bills.own), out),
            Part::PowerFactor => decimal(bills.power_factors.get(row).copied().flatten(), out),
            Part::Peak => decimal(bills.peaks.get(row).copied().flatten(), out),
            Part::NextReading => match bills.next_readings.get(row).copied().flatten() {
                Some(date) => super::value(node.tag, out, |out| put_date(date, out)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The days of a bill; without half-hours there is no list.
    fn days(&self, list: &'static Node, day: &'static Node, row: usize, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let range = self.usage.slots_of(row);
        let slots = &self.usage.slots;
        let dates = slots.dates.get(range.clone()).unwrap_or_default();
        if dates.is_empty() {
            return Ok(());
        }
        let (date_tag, inner) = (below(day, Part::DayDate)?.tag, below(day, Part::List)?);
        open(list.tag, out);
        let mut from = range.start;
        for run in dates.chunk_by(|one, next| one == next) {
            open(day.tag, out);
            if let Some(date) = run.first() {
                super::value(date_tag, out, |out| put_date(*date, out))?;
            }
            open(inner.tag, out);
            let to = from + run.len();
            let columns = (slots.slots.get(from..to), slots.whole.get(from..to), slots.own.get(from..to));
            if let (Some(numbers), Some(whole), Some(own)) = columns {
                for (row, ((number, whole), own)) in (from..to).zip(numbers.iter().zip(whole).zip(own)) {
                    let choice = 1 | usize::from(whole.is_some()) << 1 | usize::from(own.is_some()) << 2;
                    let mut literals = self.half_hours.literals(choice).iter();
                    let mut literal = |out: &mut Vec<u8>| {
                        if let Some(literal) = literals.next() {
                            out.extend_from_slice(literal);
                        }
                    };
                    literal(out);
                    put_slot(*number, out);
                    for (energy, part) in [(whole, Part::Whole), (own, Part::Own)] {
                        let Some(energy) = energy else { continue };
                        literal(out);
                        if !put_decimal(energy.ten_thousandths(), out) {
                            return Err(WriteError { row: Some(row), part: Some(part), kind: Kind::Negative });
                        }
                    }
                    literal(out);
                }
            }
            close(inner.tag, out);
            close(day.tag, out);
            from = to;
        }
        close(list.tag, out);
        Ok(())
    }
}
