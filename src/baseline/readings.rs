//! 計量値: half-hourly readings of many points in columns, as the computation takes them.

use super::event::day_number;
use crate::items::{Date, Energy, Slot, SupplyPointId};

crate::code_set! {
    /// 計量値の区分: how final a reading is.
    pub enum Status = "reading-status" {
        Preliminary = "preliminary", "速報", "preliminary";
        Confirmed = "confirmed", "確報", "confirmed";
        Final = "final", "確定", "final";
    }
}

/// 計量値の版: how final the readings of a day are, and their revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// 速報・確報・確定
    pub status: Status,
    /// The revision, counted from 0.
    pub revision: u16,
}

impl Mark {
    /// 確定, first revision: what a plain file of readings is taken for.
    pub const FINAL: Mark = Mark { status: Status::Final, revision: 0 };
}

/// The greatest reading that is taken, either side of zero: 2⁴⁰ − 1. Unit: 0.0001 kWh (some 110 GWh in a half-hour).
/// Within it no sum or product of the computation is beyond what its integers hold.
pub(super) const GREATEST: i64 = (1 << 40) - 1;

/// No reading.
pub(super) const MISSING: i64 = i64::MIN;
/// Readings that contradict each other.
pub(super) const DISPUTED: i64 = i64::MIN + 1;

/// 計量値の表: the readings of many points. Sorted by point, then by day.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    points: Vec<(SupplyPointId, std::ops::Range<usize>)>,
    /// Days since 1970-01-01.
    days: Vec<i64>,
    /// 48 for each day.
    values: Vec<i64>,
    marks: Vec<Mark>,
}

/// 1地点の計量値: a view of the readings of one point.
#[derive(Clone, Copy, Debug)]
pub struct PointReadings<'a> {
    /// 供給地点特定番号
    pub point: SupplyPointId,
    days: &'a [i64],
    values: &'a [i64],
    marks: &'a [Mark],
}

/// What stands at a half-hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Value(i64),
    Missing,
    Disputed,
}

impl Readings {
    /// The points, in order.
    pub fn points(&self) -> impl ExactSizeIterator<Item = SupplyPointId> + '_ {
        self.points.iter().map(|(point, _)| *point)
    }

    /// The readings of a point.
    #[must_use]
    pub fn point(&self, point: SupplyPointId) -> Option<PointReadings<'_>> {
        let place = self.points.binary_search_by_key(&point, |(point, _)| *point).ok()?;
        self.view(self.points.get(place)?)
    }

    /// The readings of every point, in order.
    pub fn iter(&self) -> impl Iterator<Item = PointReadings<'_>> {
        self.points.iter().filter_map(|entry| self.view(entry))
    }

    /// The readings of `days` days from the first on as the columns of [`super::Sweep::run`], point by point in order;
    /// what is missing is `i64::MIN`.
    #[must_use]
    pub fn columns(&self, first: Date, days: usize) -> Vec<i64> {
        let count = self.points.len();
        let mut columns = vec![MISSING; count * days * 48];
        let first = day_number(first);
        for (place, view) in self.iter().enumerate() {
            for (day, values) in view.days.iter().zip(view.values.chunks_exact(48)) {
                let Ok(day) = usize::try_from(day - first) else { continue };
                for (half_hour, value) in (day * 48..).zip(values).take_while(|(half_hour, _)| *half_hour < days * 48) {
                    if let Some(free) = columns.get_mut(half_hour * count + place) {
                        *free = if *value == DISPUTED { MISSING } else { *value };
                    }
                }
            }
        }
        columns
    }

    /// Adds a day behind those that are there: points in order, and the days of a point in order. Says whether it was.
    pub fn push_day(&mut self, point: SupplyPointId, date: Date, values: [Option<Energy>; 48], mark: Mark) -> bool {
        self.push_values(
            point,
            day_number(date),
            values.map(|value| value.map_or(MISSING, Energy::ten_thousandths)),
            mark,
        )
    }

    /// The same with the day by its number and the values as they are kept.
    pub(super) fn push_values(&mut self, point: SupplyPointId, number: i64, values: [i64; 48], mark: Mark) -> bool {
        let end = self.days.len();
        let follows = self.days.last().is_some_and(|last| *last < number);
        match self.points.last_mut() {
            Some((last, range)) if *last == point && follows => range.end = end + 1,
            Some((last, _)) if *last >= point => return false,
            _ => self.points.push((point, end..end + 1)),
        }
        self.days.push(number);
        self.values.extend_from_slice(&values);
        self.marks.push(mark);
        true
    }

    fn view(&self, (point, range): &(SupplyPointId, std::ops::Range<usize>)) -> Option<PointReadings<'_>> {
        Some(PointReadings {
            point: *point,
            days: self.days.get(range.clone())?,
            values: self.values.get(range.start * 48..range.end * 48)?,
            marks: self.marks.get(range.clone())?,
        })
    }
}

impl<'a> PointReadings<'a> {
    /// A view of readings that lie elsewhere: sorted days since 1970-01-01 and 48 counts of 0.0001 kWh for each, where
    /// `i64::MIN` is missing. Nothing where the lengths or the order are wrong.
    #[must_use]
    pub fn new(
        point: SupplyPointId,
        days: &'a [i64],
        values: &'a [i64],
        marks: &'a [Mark],
    ) -> Option<PointReadings<'a>> {
        let fits =
            values.len() == days.len() * 48 && marks.len() == days.len() && days.is_sorted_by(|one, two| one < two);
        fits.then_some(PointReadings { point, days, values, marks })
    }

    fn place(&self, day: i64) -> Option<usize> {
        // Days mostly follow each other.
        let guess = usize::try_from(day.checked_sub(*self.days.first()?)?).ok()?;
        if self.days.get(guess) == Some(&day) {
            return Some(guess);
        }
        self.days.binary_search(&day).ok()
    }

    /// The reading of a half-hour since 1970-01-01 00:00 (JST).
    pub(super) fn at(&self, half_hour: i64) -> Reading {
        let slot = usize::try_from(half_hour.rem_euclid(48)).unwrap_or(0);
        let place = self.place(half_hour.div_euclid(48));
        match place.and_then(|place| self.values.get(place * 48 + slot)) {
            None | Some(&MISSING) => Reading::Missing,
            Some(&DISPUTED) => Reading::Disputed,
            Some(value) if !(-GREATEST..=GREATEST).contains(value) => Reading::Missing,
            Some(value) => Reading::Value(*value),
        }
    }

    /// The reading of a slot, if there is one.
    #[must_use]
    pub fn get(&self, date: Date, slot: Slot) -> Option<Energy> {
        match self.at(day_number(date) * 48 + i64::from(slot.number()) - 1) {
            Reading::Value(value) => Some(Energy::from_ten_thousandths(value)),
            Reading::Missing | Reading::Disputed => None,
        }
    }

    /// How final the readings of a day are; nothing where there are none.
    #[must_use]
    pub fn mark(&self, date: Date) -> Option<Mark> {
        self.marks.get(self.place(day_number(date))?).copied()
    }

    /// The days with readings, counted from 1970-01-01, in order.
    #[must_use]
    pub const fn days(&self) -> &'a [i64] {
        self.days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn point(last: u8) -> SupplyPointId {
        SupplyPointId::parse(&format!("03000000000000000000{last:02}")).unwrap()
    }

    fn kwh(text: &str) -> Energy {
        Energy::parse(text).unwrap()
    }

    #[test]
    fn days_are_pushed_in_order_only() {
        let (one, two) = (date(2026, 8, 18), date(2026, 8, 19));
        let mut values = [None; 48];
        values[6] = Some(kwh("1.5"));
        let mut readings = Readings::default();
        let pushed: Vec<_> = [(1, one), (1, two), (1, two), (2, one), (1, two), (3, two)]
            .into_iter()
            .map(|(number, day)| readings.push_day(point(number), day, values, Mark::FINAL))
            .collect();
        assert_eq!(pushed, [true, true, false, true, false, true]);
        let view = readings.point(point(1)).unwrap();
        assert_eq!((view.days().len(), view.get(two, Slot::new(7).unwrap())), (2, Some(kwh("1.5"))));
        assert_eq!((view.get(two, Slot::new(8).unwrap()), readings.points().len()), (None, 3));
    }
}
