//! 30分電力量 (W4): rows into columns.

use super::layout::Node;
use super::quick::QuickRow;
use super::record::{Fields, Out};
use super::seen::{Key, Seen, Verdict};
use super::settings::ReadSettings;
use super::sink::Sink;
use super::value::Wrong;
use crate::items::{Energy, Slot, SupplyPointId};
use crate::messages::metering::{Availability, HalfHourly, Rows};
use crate::rules::{Rule, codes};

const POINT: usize = 0;
const CUSTOMER_ID: usize = 1;
const CUSTOMER_NAME: usize = 2;
const CONTROL_NUMBER: usize = 3;
const FLAG: usize = 4;
const ENERGY: usize = 5;

/// Rows of W4 on their way to the sink.
pub(super) struct SlotRows {
    rows: HalfHourly,
    seen: Seen,
    batch: usize,
    /// The slot of the rows that come.
    pub(super) slot: Option<Slot>,
    /// Whether it was said that the search for duplicates ended.
    open: bool,
}

/// Why a row is not taken.
enum Refused {
    Value(&'static Rule, usize),
    Bad(super::record::BadValue),
    Row(&'static Rule),
}

impl SlotRows {
    pub(super) fn new(settings: &ReadSettings) -> SlotRows {
        SlotRows {
            rows: HalfHourly::default(),
            seen: Seen::new(settings.keys),
            batch: settings.batch.clamp(1, 1 << 20),
            slot: None,
            open: false,
        }
    }

    /// Takes a row, or says why not.
    #[inline]
    pub(super) fn take<S: Sink>(&mut self, node: &'static Node, fields: &Fields<'_>, out: &mut Out<'_, S>) {
        let number = out.tally.read + out.tally.rejected + 1;
        match self.row(node, fields, number, out) {
            Ok(given) => {
                out.tally.read += 1;
                out.tally.missing += u64::from(!given);
                if self.rows.len() >= self.batch {
                    self.flush(out);
                }
            }
            Err(refused) => {
                out.tally.rejected += 1;
                match refused {
                    Refused::Value(rule, child) => out.value(rule, node, fields, number, child),
                    Refused::Bad(bad) => out.bad(bad, node, fields, number),
                    Refused::Row(rule) => out.record(rule, node, fields, number),
                }
            }
        }
    }

    /// Takes a row that was read in one pass; not if there is anything to be said about it.
    #[inline(always)]
    pub(super) fn take_quick<S: Sink>(&mut self, row: &QuickRow<'_>, out: &mut Out<'_, S>) -> bool {
        let (Some(slot), Some(availability)) = (self.slot, Availability::new(row.flag)) else { return false };
        let Some(point) = SupplyPointId::from_digits(row.point) else { return false };
        let (control, control_len) = row.control_number;
        let is_given = availability.is_given();
        let (energy, compared) = if is_given { (row.energy, row.energy) } else { (0, not_given(availability)) };
        let key = Key::of_digits(row.point, control.get(..control_len).unwrap_or_default());
        if !self.seen.check_next(key, slot.number(), compared) {
            return false;
        }
        self.rows.points.push(point);
        self.rows.slots.push(slot);
        self.rows.energies.push(Energy::from_ten_thousandths(energy));
        self.rows.availability.push(availability);
        self.rows.control_numbers.push_start(control, control_len);
        self.rows.customer_ids.push_start(row.customer_id.0, row.customer_id.1);
        self.rows.customer_names.push_start(row.customer_name.0, row.customer_name.1);
        out.tally.read += 1;
        out.tally.missing += u64::from(!is_given);
        if self.rows.len() >= self.batch {
            self.flush(out);
        }
        true
    }

    #[inline]
    fn row<S: Sink>(
        &mut self,
        node: &'static Node,
        fields: &Fields<'_>,
        number: u64,
        out: &mut Out<'_, S>,
    ) -> Result<bool, Refused> {
        if let Some(bad) = fields.bad {
            return Err(Refused::Bad(bad));
        }
        let point = point(fields.get(POINT)).ok_or(Refused::Value(&codes::METER_POINT, POINT))?;
        let slot = self.slot.ok_or(Refused::Row(&codes::METER_SLOT))?;
        let customer_id = fields.text(CUSTOMER_ID).map_err(Refused::Bad)?;
        let customer_name = fields.text(CUSTOMER_NAME).map_err(Refused::Bad)?;
        let control_number = fields.text(CONTROL_NUMBER).map_err(Refused::Bad)?;
        let flag = flag(fields.get(FLAG));
        let availability = flag.unwrap_or(Availability::MISSING);
        let energy = if availability.is_given() { energy(fields, ENERGY)? } else { 0 };
        if flag.is_none() {
            out.value(&codes::METER_FLAG, node, fields, number, FLAG);
        }
        // A value that is not given is another one than any that is.
        let compared = if availability.is_given() { energy } else { not_given(availability) };
        match self.seen.check(Key::new(point, &control_number), slot.number(), compared) {
            Verdict::New => {}
            Verdict::Same => return Err(Refused::Row(&codes::METER_DUPLICATE)),
            Verdict::Different => return Err(Refused::Row(&codes::METER_CONFLICT)),
            Verdict::Open => {
                if !std::mem::replace(&mut self.open, true) {
                    out.record(&codes::METER_DUPLICATES_OPEN, node, fields, number);
                }
            }
        }
        self.rows.points.push(point);
        self.rows.slots.push(slot);
        self.rows.energies.push(Energy::from_ten_thousandths(energy));
        self.rows.availability.push(availability);
        self.rows.control_numbers.push_octets(&control_number);
        self.rows.customer_ids.push_octets(&customer_id);
        self.rows.customer_names.push_octets(&customer_name);
        Ok(availability.is_given())
    }

    /// Gives away the rows that were taken.
    pub(super) fn flush<S: Sink>(&mut self, out: &mut Out<'_, S>) {
        if !self.rows.is_empty() {
            out.sink.rows(Rows::HalfHourly(&self.rows));
            self.rows.clear();
        }
    }
}

/// What stands for the value of a row without one: no value is negative.
const fn not_given(availability: Availability) -> i64 {
    -1 - availability.digit() as i64
}

fn energy(fields: &Fields<'_>, child: usize) -> Result<i64, Refused> {
    fields.decimal(child).map_err(|wrong| Refused::Value(rule(wrong), child))
}

/// The rule of a number that is none.
pub(super) const fn rule(wrong: Wrong) -> &'static Rule {
    match wrong {
        Wrong::Empty => &codes::METER_NO_VALUE,
        Wrong::Negative => &codes::METER_NEGATIVE,
        Wrong::Decimals => &codes::METER_DECIMALS,
        Wrong::Form => &codes::METER_ENERGY,
    }
}

#[inline]
pub(super) fn point(octets: &[u8]) -> Option<SupplyPointId> {
    let digits: Result<&[u8; 22], _> = octets.try_into().or_else(|_| octets.trim_ascii().try_into());
    SupplyPointId::from_digits(digits.ok()?)
}

/// The flag, where it is one digit.
#[inline]
pub(super) fn flag(octets: &[u8]) -> Option<Availability> {
    match octets.trim_ascii() {
        [digit] => Availability::new(digit.wrapping_sub(b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::metering::MeteringKind;
    use crate::wire::cii::layout::{Part, layout};

    #[test]
    fn the_places_are_those_of_the_declaration() {
        for kind in [MeteringKind::HighSlot, MeteringKind::LowSlot, MeteringKind::HighDay, MeteringKind::LowDay] {
            let row = layout(kind).find(Part::Row).unwrap();
            for (place, part) in [
                (POINT, Part::Point),
                (CUSTOMER_ID, Part::CustomerId),
                (CUSTOMER_NAME, Part::CustomerName),
                (CONTROL_NUMBER, Part::ControlNumber),
                (FLAG, Part::Flag),
                (ENERGY, Part::Energy),
            ] {
                assert_eq!(row.children[place].part, part);
            }
        }
    }
}
