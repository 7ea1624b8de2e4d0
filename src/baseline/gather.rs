//! 計量値の収集: readings in any order, and of several 管理番号, put into columns.

use super::event::day_number;
use super::readings::{DISPUTED, GREATEST, MISSING, Mark, Readings};
use crate::items::{Date, Energy, Slot, SupplyPointId};
use std::cmp::Ordering;
use std::collections::HashMap;

/// A row says that there is no reading.
const NOT_GIVEN: i64 = i64::MIN + 2;

/// 追加の結果: what became of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is the first of its half-hour.
    New,
    /// The same stands there already.
    Same,
    /// It is newer and took the place of another.
    Newer,
    /// A newer one stands there.
    Older,
    /// Another value of the same version stands there: the half-hour has no reading now.
    Conflict,
    /// It is beyond what is taken.
    TooGreat,
}

/// 管理番号ごとの計量値: what a row says of one 管理番号 of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// 管理番号; empty where a file has none.
    pub control_number: &'a str,
    /// The reading; nothing where it is not given.
    pub energy: Option<Energy>,
}

/// 計量値の収集: takes readings in any order and puts them into columns.
#[derive(Debug, Default)]
pub struct ReadingsBuilder {
    /// The first 管理番号 of every point, the second of those that have two, and so on.
    layers: Vec<Layer>,
}

#[derive(Debug, Default)]
struct Layer {
    points: HashMap<SupplyPointId, usize>,
    building: Vec<Building>,
    last: (usize, usize),
}

#[derive(Debug)]
struct Building {
    point: SupplyPointId,
    control_number: Box<str>,
    days: Vec<Day>,
}

#[derive(Debug)]
struct Day {
    number: i64,
    values: [i64; 48],
    marks: [Mark; 48],
}

impl ReadingsBuilder {
    /// No readings.
    #[must_use]
    pub fn new() -> ReadingsBuilder {
        ReadingsBuilder::default()
    }

    /// Takes one reading. A newer version (確定 after 確報 after 速報, then the higher revision) takes the place of an older
    /// one, in whichever order they come.
    pub fn add(&mut self, point: SupplyPointId, date: Date, slot: Slot, energy: Energy, mark: Mark) -> Added {
        self.add_part(point, date, slot, Part { control_number: "", energy: Some(energy) }, mark)
    }

    /// The same for one 管理番号 of a point. In the end those of a point are summed, each in its newest version; a
    /// half-hour of which one is said not to be given has no reading.
    pub fn add_part(&mut self, point: SupplyPointId, date: Date, slot: Slot, part: Part<'_>, mark: Mark) -> Added {
        let value = part.energy.map_or(NOT_GIVEN, Energy::ten_thousandths);
        if part.energy.is_some() && !(-GREATEST..=GREATEST).contains(&value) {
            return Added::TooGreat;
        }
        let number = day_number(date);
        let mut place = 0;
        let day = loop {
            if place == self.layers.len() {
                self.layers.push(Layer::default());
            }
            // A point has few of them.
            match self.layers.get_mut(place).map(|layer| layer.building(point, part.control_number)) {
                Some(Some(building)) => break self.layers.get_mut(place).and_then(|layer| layer.day(building, number)),
                Some(None) => place += 1,
                None => break None,
            }
        };
        day.map_or(Added::TooGreat, |day| day.put(slot, value, mark))
    }

    /// The readings in columns. The version of a day is the least final one among its slots.
    #[must_use]
    pub fn finish(self) -> Readings {
        let mut layers = self.layers.into_iter();
        let mut whole = layers.next().unwrap_or_default();
        for building in layers.flat_map(|layer| layer.building) {
            whole.sum(building);
        }
        whole.building.sort_unstable_by_key(|building| building.point);
        let mut readings = Readings::default();
        for Building { point, days, .. } in whole.building {
            for day in days {
                let held =
                    day.values.iter().zip(day.marks).filter(|(value, _)| !matches!(**value, MISSING | NOT_GIVEN));
                let mark = held.map(|(_, mark)| mark).min().unwrap_or(Mark::FINAL);
                let values = day.values.map(|value| if value == NOT_GIVEN { MISSING } else { value });
                readings.push_values(point, day.number, values, mark);
            }
        }
        readings
    }
}

impl Layer {
    /// The place of a point with a 管理番号; nothing where it has another one here.
    fn building(&mut self, point: SupplyPointId, control_number: &str) -> Option<usize> {
        // Rows of one point mostly follow each other.
        let place = match self.building.get(self.last.0) {
            Some(last) if last.point == point => self.last.0,
            _ => *self.points.entry(point).or_insert(self.building.len()),
        };
        if place == self.building.len() {
            self.building.push(Building { point, control_number: control_number.into(), days: Vec::new() });
        }
        self.building.get(place).filter(|building| *building.control_number == *control_number).map(|_| place)
    }

    fn day(&mut self, place: usize, number: i64) -> Option<&mut Day> {
        let days = &mut self.building.get_mut(place)?.days;
        let is_last = self.last.0 == place && days.get(self.last.1).is_some_and(|day| day.number == number);
        let at = if is_last { self.last.1 } else { day_at(days, number) };
        self.last = (place, at);
        days.get_mut(at)
    }

    /// Adds the readings of another 管理番号.
    fn sum(&mut self, other: Building) {
        let Some(building) = self.points.get(&other.point).and_then(|place| self.building.get_mut(*place)) else {
            return;
        };
        for day in other.days {
            let at = day_at(&mut building.days, day.number);
            if let Some(whole) = building.days.get_mut(at) {
                whole.sum(&day);
            }
        }
    }
}

fn day_at(days: &mut Vec<Day>, number: i64) -> usize {
    days.binary_search_by_key(&number, |day| day.number).unwrap_or_else(|at| {
        days.insert(at, Day { number, values: [MISSING; 48], marks: [Mark::FINAL; 48] });
        at
    })
}

impl Day {
    fn put(&mut self, slot: Slot, value: i64, mark: Mark) -> Added {
        let slot = usize::from(slot.number()) - 1;
        let (Some(held), Some(version)) = (self.values.get_mut(slot), self.marks.get_mut(slot)) else {
            return Added::TooGreat;
        };
        match (*held, value, mark.cmp(version)) {
            (MISSING | NOT_GIVEN, ..) => {
                (*held, *version) = (value, mark);
                Added::New
            }
            (_, NOT_GIVEN, _) => Added::Same,
            (_, _, Ordering::Less) => Added::Older,
            (_, _, Ordering::Greater) => {
                (*held, *version) = (value, mark);
                Added::Newer
            }
            (same, _, _) if same == value => Added::Same,
            _ => {
                *held = DISPUTED;
                Added::Conflict
            }
        }
    }

    fn sum(&mut self, other: &Day) {
        let mine = self.values.iter_mut().zip(&mut self.marks);
        for ((value, mark), (more, version)) in mine.zip(other.values.iter().zip(&other.marks)) {
            if *more == MISSING {
                continue;
            }
            (*value, *mark) = match (*value, *more) {
                (MISSING, more) => (more, *version),
                (DISPUTED, _) | (_, DISPUTED) => (DISPUTED, *mark),
                (NOT_GIVEN, _) | (_, NOT_GIVEN) => (NOT_GIVEN, *mark),
                // Both are far from the ends. A sum beyond what is taken is no reading.
                (one, other) => {
                    let sum = Some(one + other).filter(|sum| (-GREATEST..=GREATEST).contains(sum));
                    (sum.unwrap_or(NOT_GIVEN), (*mark).min(*version))
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Status;
    use jiff::civil::date;

    fn point(last: u8) -> SupplyPointId {
        SupplyPointId::parse(&format!("03000000000000000000{last:02}")).unwrap()
    }

    fn kwh(text: &str) -> Energy {
        Energy::parse(text).unwrap()
    }

    #[test]
    fn any_order_gives_the_same_columns() {
        let (one, two) = (date(2026, 8, 18), date(2026, 8, 19));
        let mark = |status, revision| Mark { status, revision };
        let slot = |number| Slot::new(number).unwrap();
        let rows = [
            (point(2), two, slot(48), "1.5", Mark::FINAL),
            (point(1), one, slot(1), "2", Mark::FINAL),
            (point(2), one, slot(1), "3", mark(Status::Preliminary, 9)),
            (point(2), one, slot(1), "4", mark(Status::Confirmed, 0)),
            (point(2), one, slot(2), "5", mark(Status::Preliminary, 0)),
        ];
        for turn in 0..rows.len() {
            let mut builder = ReadingsBuilder::new();
            for at in 0..rows.len() {
                let (point, date, slot, value, mark) = rows[(at + turn) % rows.len()];
                builder.add(point, date, slot, kwh(value), mark);
            }
            let readings = builder.finish();
            assert_eq!(readings.points().collect::<Vec<_>>(), [point(1), point(2)]);
            let view = readings.point(point(2)).unwrap();
            assert_eq!(view.get(one, slot(1)), Some(kwh("4")));
            assert_eq!((view.get(one, slot(3)), view.get(two, slot(48))), (None, Some(kwh("1.5"))));
            assert_eq!(view.mark(one), Some(mark(Status::Preliminary, 0)));
            assert_eq!(view.mark(date(2026, 8, 20)), None);
            let columns = readings.columns(two, 2);
            assert_eq!((columns.len(), columns[95], columns[94]), (2 * 96, 15_000, i64::MIN));
        }
    }

    #[test]
    fn a_reading_is_never_replaced_silently() {
        let (day, slot) = (date(2028, 2, 29), Slot::new(7).unwrap());
        let mut builder = ReadingsBuilder::new();
        let mut add =
            |value: &str, status, revision| builder.add(point(1), day, slot, kwh(value), Mark { status, revision });
        assert_eq!(add("1", Status::Confirmed, 1), Added::New);
        assert_eq!(add("1", Status::Confirmed, 1), Added::Same);
        assert_eq!(add("2", Status::Preliminary, 7), Added::Older);
        assert_eq!(add("3", Status::Confirmed, 1), Added::Conflict);
        assert_eq!(add("1", Status::Confirmed, 1), Added::Conflict);
        assert_eq!(add("4", Status::Confirmed, 2), Added::Newer);
        assert_eq!(add("110000000", Status::Final, 0), Added::TooGreat);
        assert_eq!(builder.finish().point(point(1)).unwrap().get(day, slot), Some(kwh("4")));
    }

    #[test]
    fn control_numbers_are_summed_and_one_that_is_not_given_leaves_no_sum() {
        let (one, two) = (date(2026, 8, 18), date(2026, 8, 19));
        let slot = |number| Slot::new(number).unwrap();
        let rows = [
            (one, 1, "1", Some("1.5")),
            (one, 1, "2", Some("2.25")),
            (one, 2, "2", Some("4")),
            (one, 3, "1", Some("1")),
            (one, 3, "2", None),
            (one, 4, "1", None),
            (one, 4, "2", Some("1")),
            (one, 5, "2", None),
            (one, 5, "2", Some("7")),
            (two, 1, "2", Some("3")),
            (two, 2, "1", Some("1")),
            (two, 2, "3", Some("1")),
            (two, 2, "3", Some("2")),
            (two, 3, "3", Some("0.0001")),
        ];
        for turn in 0..rows.len() {
            let mut builder = ReadingsBuilder::new();
            for at in 0..rows.len() {
                let (date, number, control_number, energy) = rows[(at + turn) % rows.len()];
                let part = Part { control_number, energy: energy.map(kwh) };
                builder.add_part(point(1), date, slot(number), part, Mark::FINAL);
            }
            let readings = builder.finish();
            let view = readings.point(point(1)).unwrap();
            let got = |date| [1, 2, 3, 4, 5].map(|number| view.get(date, slot(number)));
            assert_eq!(got(one), [Some(kwh("3.75")), Some(kwh("4")), None, None, Some(kwh("7"))]);
            assert_eq!(got(two), [Some(kwh("3")), None, Some(kwh("0.0001")), None, None]);
            assert_eq!((readings.points().len(), view.days().len()), (1, 2));
        }
    }
}
