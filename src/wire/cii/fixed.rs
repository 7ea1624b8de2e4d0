//! 確定使用量 (W5): bills and their half-hours into columns.

use super::half_hourly::{flag, point, rule};
use super::layout::Node;
use super::quick::QuickHalfHour;
use super::record::{BadValue, Fields, Out, Record};
use super::report::Spot;
use super::seen::{Key, Seen, Verdict};
use super::settings::ReadSettings;
use super::sink::Sink;
use super::value::{self, Wrong};
use crate::items::{Date, Energy, Slot};
use crate::messages::metering::{Allocation, Availability, Bills, FixedUsage, Rows};
use crate::rules::{Rule, codes};
use std::borrow::Cow;

const POINT: usize = 0;
const CUSTOMER_ID: usize = 1;
const CUSTOMER_NAME: usize = 2;
const PLACE: usize = 3;
const VOLTAGE: usize = 4;
const ALLOCATION: usize = 5;
const FLAG: usize = 6;
const MONTH_WHOLE: usize = 7;
const MONTH_OWN: usize = 8;
const POWER_FACTOR: usize = 9;
const PEAK: usize = 10;
const NEXT_READING: usize = 11;

const SLOT: usize = 0;
const WHOLE: usize = 1;
const OWN: usize = 2;

/// Rows of W5 on their way to the sink.
pub(super) struct BillRows {
    rows: FixedUsage,
    seen: Seen,
    batch: usize,
    most_days: usize,
    open: bool,
    /// Where the half-hours of the bill begin.
    start: usize,
    /// The days of the bill, each with its slots that were seen.
    days: Vec<(Date, u64)>,
    /// The day of the half-hours that come.
    day: Option<usize>,
    /// Half-hours of the bill that were read without a value.
    missing: u64,
    /// The half-hours of the bill mixed into one number.
    mixed: u64,
}

enum Refused {
    Value(&'static Rule, usize),
    Bad(BadValue),
    Row(&'static Rule),
}

/// The columns of a bill but its texts and its end.
struct Bill {
    allocation: Option<Allocation>,
    availability: Availability,
}

impl BillRows {
    pub(super) fn new(settings: &ReadSettings) -> BillRows {
        BillRows {
            rows: FixedUsage::default(),
            seen: Seen::new(settings.keys),
            batch: settings.batch.clamp(1, 1 << 20),
            most_days: settings.days,
            open: false,
            start: 0,
            days: Vec::new(),
            day: None,
            missing: 0,
            mixed: 0,
        }
    }

    /// A bill begins.
    pub(super) fn begin(&mut self) {
        self.start = self.rows.slots.slots.len();
        self.days.clear();
        self.day = None;
        (self.missing, self.mixed) = (0, 0);
    }

    /// A day begins; its date comes next.
    pub(super) const fn begin_day(&mut self) {
        self.day = None;
    }

    /// The date of the day.
    pub(super) fn date<S: Sink>(&mut self, octets: &[u8], spot: Spot<'_>, out: &mut Out<'_, S>) {
        let Some(date) = value::date(octets.trim_ascii()) else {
            return out.report.tell(out.sink, &codes::METER_DATE, Spot { value: octets, ..spot });
        };
        self.day = match self.days.last() {
            Some((last, _)) if *last >= date => self.days.iter().position(|(day, _)| *day == date),
            _ => None,
        };
        if self.day.is_none() {
            if self.days.len() >= self.most_days {
                return out.report.tell(out.sink, &codes::METER_DAYS, Spot { value: octets, ..spot });
            }
            self.days.push((date, 0));
            self.day = Some(self.days.len() - 1);
            self.mixed = self.mixed.rotate_left(7) ^ (date.day_of_year().cast_unsigned() as u64);
        }
    }

    /// Takes a half-hour, or says why not.
    #[inline]
    pub(super) fn take<S: Sink>(
        &mut self,
        node: &'static Node,
        fields: &Fields<'_>,
        bill: &Record,
        out: &mut Out<'_, S>,
    ) {
        match self.half_hour(fields) {
            Ok(given) => {
                out.tally.read += 1;
                self.missing += u64::from(!given);
            }
            Err(refused) => {
                out.tally.rejected += 1;
                self.refuse(refused, node, fields, bill, out);
            }
        }
    }

    #[cold]
    fn refuse<S: Sink>(
        &mut self,
        refused: Refused,
        node: &'static Node,
        fields: &Fields<'_>,
        bill: &Record,
        out: &mut Out<'_, S>,
    ) {
        let number = out.tally.read + out.tally.rejected;
        let (rule, at, child) = match refused {
            Refused::Value(rule, child) => (rule, fields.place(child), Some(child)),
            Refused::Bad(BadValue { bad, child, at }) => (bad.rule(), at, Some(child)),
            Refused::Row(rule) => (rule, fields.at, None),
        };
        let part = child.and_then(|child| node.children.get(child)).map(|child| child.part);
        let value = child.map_or(&[][..], |child| fields.get(child));
        let spot = Spot { at, row: Some(number), part, point: bill.fields().get(POINT).trim_ascii(), value };
        out.report.tell(out.sink, rule, spot);
    }

    #[inline]
    fn half_hour(&mut self, fields: &Fields<'_>) -> Result<bool, Refused> {
        if let Some(bad) = fields.bad {
            return Err(Refused::Bad(bad));
        }
        let number = value::slot(fields.get(SLOT).trim_ascii()).ok_or(Refused::Value(&codes::METER_SLOT, SLOT))?;
        let whole = energy(fields, WHOLE)?;
        let own = energy(fields, OWN)?;
        let (date, seen) = self.day.and_then(|day| self.days.get_mut(day)).ok_or(Refused::Row(&codes::METER_DATE))?;
        if *seen & 1 << number.number() != 0 {
            let (date, slots) = (*date, &self.rows.slots);
            let first = (self.start..slots.slots.len())
                .find(|row| slots.dates.get(*row) == Some(&date) && slots.slots.get(*row) == Some(&number));
            let same =
                first.is_some_and(|row| slots.whole.get(row) == Some(&whole) && slots.own.get(row) == Some(&own));
            return Err(Refused::Row(if same { &codes::METER_DUPLICATE } else { &codes::METER_CONFLICT }));
        }
        *seen |= 1 << number.number();
        let date = *date;
        self.push(date, number, whole, own);
        Ok(whole.is_some() || own.is_some())
    }

    #[inline]
    fn push(&mut self, date: Date, number: Slot, whole: Option<Energy>, own: Option<Energy>) {
        let slots = &mut self.rows.slots;
        slots.dates.push(date);
        slots.slots.push(number);
        slots.whole.push(whole);
        slots.own.push(own);
        let bits = |energy: Option<Energy>| energy.map_or(u64::MAX, |energy| energy.ten_thousandths().cast_unsigned());
        self.mixed = (self.mixed.rotate_left(5) ^ bits(whole)).wrapping_add(bits(own).rotate_left(32));
    }

    /// Takes a half-hour that was read in one pass; not if there is anything to be said about it.
    #[inline]
    pub(super) fn take_quick<S: Sink>(&mut self, row: &QuickHalfHour, out: &mut Out<'_, S>) -> bool {
        let day = self.day.and_then(|day| self.days.get_mut(day));
        let (number, Some((date, seen))) = (row.slot, day) else { return false };
        if *seen & 1 << number.number() != 0 {
            return false;
        }
        *seen |= 1 << number.number();
        let date = *date;
        let [whole, own] = [row.whole, row.own].map(|count| Some(Energy::from_ten_thousandths(count)));
        self.push(date, number, whole, own);
        out.tally.read += 1;
        true
    }

    /// The bill ends: it is taken with its half-hours, or none of it is.
    pub(super) fn end<S: Sink>(&mut self, node: &'static Node, record: &Record, out: &mut Out<'_, S>) {
        let fields = record.fields();
        let number = out.tally.bills_read + out.tally.bills_rejected + 1;
        let taken = (self.rows.slots.slots.len() - self.start) as u64;
        match self.bill(node, &fields, number, out) {
            Ok(bill) => {
                out.tally.bills_read += 1;
                self.rows.bills.allocations.push(bill.allocation);
                self.rows.bills.availability.push(bill.availability);
                let end = u32::try_from(self.rows.slots.slots.len()).unwrap_or(u32::MAX);
                self.rows.bills.ends.push(end);
                if bill.availability.is_given() {
                    out.tally.missing += self.missing;
                } else {
                    out.tally.bills_missing += 1;
                    out.tally.missing += taken;
                }
            }
            Err(refused) => {
                out.tally.bills_rejected += 1;
                out.tally.read -= taken;
                out.tally.rejected += taken;
                self.cut(self.start);
                match refused {
                    Refused::Value(rule, child) => out.value(rule, node, &fields, number, child),
                    Refused::Bad(bad) => out.bad(bad, node, &fields, number),
                    Refused::Row(rule) => out.record(rule, node, &fields, number),
                }
            }
        }
        if self.rows.slots.slots.len() >= self.batch || self.rows.bills.points.len() >= self.batch {
            self.flush(out);
        }
        self.begin();
    }

    /// The file breaks off within a bill: what was read of it is given away, if that is a day or more.
    pub(super) fn abandon<S: Sink>(&mut self, node: &'static Node, record: &Record, out: &mut Out<'_, S>) {
        if !self.days.is_empty() {
            self.end(node, record, out);
        }
    }

    fn cut(&mut self, rows: usize) {
        let slots = &mut self.rows.slots;
        slots.dates.truncate(rows);
        slots.slots.truncate(rows);
        slots.whole.truncate(rows);
        slots.own.truncate(rows);
    }

    /// Reads a bill and pushes all of it that comes before its allocation.
    fn bill<S: Sink>(
        &mut self,
        node: &'static Node,
        fields: &Fields<'_>,
        number: u64,
        out: &mut Out<'_, S>,
    ) -> Result<Bill, Refused> {
        if let Some(bad) = fields.bad {
            return Err(Refused::Bad(bad));
        }
        let id = point(fields.get(POINT)).ok_or(Refused::Value(&codes::METER_POINT, POINT))?;
        let text = |child| fields.text(child).map_err(Refused::Bad);
        let texts: [Cow<'_, [u8]>; 4] = [text(CUSTOMER_ID)?, text(CUSTOMER_NAME)?, text(PLACE)?, text(VOLTAGE)?];
        let allocation = match fields.get(ALLOCATION).trim_ascii() {
            b"" => None,
            b"1" => Some(Allocation::Whole),
            b"2" => Some(Allocation::Part),
            _ => return Err(Refused::Value(&codes::METER_ALLOCATION, ALLOCATION)),
        };
        let flag = flag(fields.get(FLAG));
        if flag.is_none() {
            out.value(&codes::METER_FLAG, node, fields, number, FLAG);
        }
        let mut number_of = |child| match fields.get(child).trim_ascii() {
            b"" => None,
            octets => {
                value::decimal(octets).map_err(|_| out.value(&codes::METER_BILL_ITEM, node, fields, number, child)).ok()
            }
        };
        let numbers = [MONTH_WHOLE, MONTH_OWN, POWER_FACTOR, PEAK].map(&mut number_of);
        let [whole, own, power_factor, peak] = numbers;
        let next = match fields.get(NEXT_READING).trim_ascii() {
            b"" => None,
            octets => {
                let date = value::date(octets);
                if date.is_none() {
                    out.value(&codes::METER_BILL_ITEM, node, fields, number, NEXT_READING);
                }
                date
            }
        };
        let mixed = numbers
            .iter()
            .fold(self.mixed, |mixed, number| mixed.rotate_left(9) ^ number.map_or(u64::MAX, i64::cast_unsigned));
        let kind = match allocation {
            None => 0,
            Some(Allocation::Whole) => 1,
            Some(Allocation::Part) => 2,
        };
        match self.seen.check(Key::new(id, b""), kind, mixed.cast_signed()) {
            Verdict::New => {}
            Verdict::Same => return Err(Refused::Row(&codes::METER_DUPLICATE)),
            Verdict::Different => return Err(Refused::Row(&codes::METER_CONFLICT)),
            Verdict::Open => {
                if !std::mem::replace(&mut self.open, true) {
                    out.record(&codes::METER_DUPLICATES_OPEN, node, fields, number);
                }
            }
        }
        let Bills { points, customer_ids, customer_names, places, voltages, .. } = &mut self.rows.bills;
        points.push(id);
        let columns = [customer_ids, customer_names, places, voltages];
        columns.into_iter().zip(&texts).for_each(|(column, text)| {
            column.push_octets(text);
        });
        let energy = |number: Option<i64>| number.map(Energy::from_ten_thousandths);
        self.rows.bills.whole.push(energy(whole));
        self.rows.bills.own.push(energy(own));
        self.rows.bills.power_factors.push(power_factor);
        self.rows.bills.peaks.push(peak);
        self.rows.bills.next_readings.push(next);
        Ok(Bill { allocation, availability: flag.unwrap_or(Availability::MISSING) })
    }

    /// Gives away the bills that were taken.
    pub(super) fn flush<S: Sink>(&mut self, out: &mut Out<'_, S>) {
        if !self.rows.bills.points.is_empty() {
            out.sink.rows(Rows::Fixed(&self.rows));
        }
        self.rows.clear();
        self.start = 0;
    }
}

/// An energy that may be absent.
#[inline]
fn energy(fields: &Fields<'_>, child: usize) -> Result<Option<Energy>, Refused> {
    match fields.decimal(child) {
        Ok(count) => Ok(Some(Energy::from_ten_thousandths(count))),
        Err(Wrong::Empty) => Ok(None),
        Err(wrong) => Err(Refused::Value(rule(wrong), child)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::metering::MeteringKind;
    use crate::wire::cii::layout::{Part, layout};

    #[test]
    fn the_places_are_those_of_the_declaration() {
        let bill = layout(MeteringKind::LowMonth).find(Part::Bill).unwrap();
        for (place, part) in [
            (POINT, Part::Point),
            (CUSTOMER_ID, Part::CustomerId),
            (CUSTOMER_NAME, Part::CustomerName),
            (PLACE, Part::SupplyPlace),
            (VOLTAGE, Part::Voltage),
            (ALLOCATION, Part::Allocation),
            (FLAG, Part::Flag),
            (MONTH_WHOLE, Part::MonthWhole),
            (MONTH_OWN, Part::MonthOwn),
            (POWER_FACTOR, Part::PowerFactor),
            (PEAK, Part::Peak),
            (NEXT_READING, Part::NextReading),
        ] {
            assert_eq!(bill.children[place].part, part);
        }
        let half_hour = layout(MeteringKind::LowMonth).find(Part::HalfHour).unwrap();
        for (place, part) in [(SLOT, Part::Slot), (WHOLE, Part::Whole), (OWN, Part::Own)] {
            assert_eq!(half_hour.children[place].part, part);
        }
    }
}
