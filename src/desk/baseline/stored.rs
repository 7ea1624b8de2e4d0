//! 保存した30分値からの算定: the readings that count, as the data folder keeps them, one area after the other.
//!
//! Days are read on every processor, and of a day only the slots that are computed with: some 40 MB for 100,000 points, a day
//! and ten slots. The days of one area are in memory at a time; what is computed is handed out chunk by chunk.

use super::portfolio::{Job, Line, each_of};
use crate::baseline::{Event, Kind, Lookback, Mark, Method, Options, Readings, Status};
use crate::items::{Date, Energy, SlotSet, SupplyPointId};
use crate::messages::metering::ReadingStatus;
use crate::store::readings::{CurrentDay, CurrentSlots, ReadingQuery};
use crate::store::{Store, StoreError};
use jiff::ToSpan as _;
use std::collections::HashSet;
use std::path::Path;

/// Points that are handed out together.
const CHUNK: usize = 8_192;
/// Holidays are two days of seven, weekdays less than five: so many calendar days hold one of the rarer kind.
const SPREAD: i64 = 4;

/// Whether a folder is a data folder.
#[must_use]
pub fn is_stored(path: &Path) -> bool {
    path.join("occto.sqlite").is_file()
}

/// The first and the last day that methods may look at for events; `tried` days before them are tried, too.
#[must_use]
pub fn days_needed(events: &[Event], methods: &[&Method], options: &Options, tried: u16) -> (Date, Date) {
    let back = |method: &&Method| match method.kind {
        Kind::HighOf(rule) => i64::from(rule.lookback),
        Kind::Nearest(rule) => i64::from(rule.lookback),
        Kind::Around(_) | Kind::Submitted => 0,
    };
    let mut back = methods.iter().map(back).max().unwrap_or(0);
    if tried > 0 {
        back += i64::from(tried) * 2 + 30;
    }
    if options.lookback == Lookback::DaysOfType {
        back *= SPREAD;
    }
    // A window may begin on the day before.
    let dates = || events.iter().map(|event| event.date);
    let (first, last) = (dates().min().unwrap_or(Date::MIN), dates().max().unwrap_or(Date::MIN));
    (first.checked_sub((back + 1).days()).unwrap_or(Date::MIN), last.tomorrow().unwrap_or(last))
}

/// 一つの供給区域: its days in their order, and every point in any of them.
pub(super) struct Area {
    pub(super) points: Vec<SupplyPointId>,
    days: Vec<CurrentDay>,
}

impl Area {
    fn of(days: Vec<CurrentDay>) -> Area {
        let mut points: Vec<SupplyPointId> = Vec::new();
        for day in &days {
            // The points are mostly the same every day.
            if day.points != points {
                points.extend(&day.points);
                points.sort_unstable();
                points.dedup();
            }
        }
        Area { points, days }
    }
    /// The readings of a day.
    pub(super) fn day(&self, date: Date) -> Option<&CurrentDay> {
        let place = self.days.binary_search_by_key(&date, |day| day.date).ok()?;
        self.days.get(place)
    }
    /// The readings of some points, which stand in order.
    pub(super) fn readings(&self, points: &[SupplyPointId], slots: SlotSet) -> Readings {
        // Where each day has got to: points stand in order in every one of them.
        let start = |day: &CurrentDay| points.first().map_or(0, |first| day.points.partition_point(|one| one < first));
        let mut places: Vec<usize> = self.days.iter().map(start).collect();
        let mut readings = Readings::default();
        for point in points {
            for (day, place) in self.days.iter().zip(&mut places) {
                if day.points.get(*place) == Some(point) {
                    if let Some(mark) = day.slots.get(*place).and_then(mark) {
                        readings.push_day(*point, day.date, values(day, *place, slots), mark);
                    }
                    *place += 1;
                }
            }
        }
        readings
    }
}

/// Visits the readings of a data folder, chunk by chunk, in the order of the points within each area. Only the slots that
/// are asked for have values; how final a day is counts all of them.
pub fn each_stored<E: From<StoreError>>(
    data: &Path,
    wanted: Option<SupplyPointId>,
    days: (Date, Date),
    slots: SlotSet,
    mut visit: impl FnMut(&Readings) -> Result<(), E>,
) -> Result<(), E> {
    each_area(data, wanted, days, slots, |area| {
        area.points.chunks(CHUNK).try_for_each(|chunk| visit(&area.readings(chunk, slots)))
    })
}

/// A line for every point of a data folder, in the order of the points within each area.
pub fn each_stored_line<E: From<StoreError>>(
    data: &Path,
    job: &Job<'_>,
    mut each: impl FnMut(Line) -> Result<(), E>,
) -> Result<(), E> {
    each_area(data, None, job.days, job.slots(), |area| each_of(&area, job, &mut each))
}

fn each_area<E: From<StoreError>>(
    data: &Path,
    wanted: Option<SupplyPointId>,
    (from, to): (Date, Date),
    slots: SlotSet,
    mut visit: impl FnMut(Area) -> Result<(), E>,
) -> Result<(), E> {
    let query = ReadingQuery { from, to, points: wanted.map(|point| HashSet::from([point])) };
    // The store is free again before anything is computed.
    let days = Store::open(data)?.current_readings(&query)?.only(slots);
    let mut area: Vec<CurrentDay> = Vec::new();
    days.each_in_parallel(|day| {
        if area.last().is_some_and(|last| last.area != day.area) {
            visit(Area::of(std::mem::take(&mut area)))?;
        }
        area.push(day);
        Ok::<(), E>(())
    })?;
    visit(Area::of(area))
}

fn values(day: &CurrentDay, row: usize, slots: SlotSet) -> [Option<Energy>; 48] {
    let mut values = [None; 48];
    let given = day.slots.get(row).map(CurrentSlots::given).unwrap_or_default();
    for slot in given.intersection(slots).iter() {
        if let Some(value) = values.get_mut(usize::from(slot.number()) - 1) {
            *value = Some(Energy::from_ten_thousandths(day.energies.get(slot, row)));
        }
    }
    values
}

/// The least final status among the slots with a value, and the least revision of those.
fn mark(slots: &CurrentSlots) -> Option<Mark> {
    let (status, revision) = slots.least()?;
    let status = match status {
        ReadingStatus::Preliminary => Status::Preliminary,
        ReadingStatus::Daily => Status::Confirmed,
        ReadingStatus::Fixed => Status::Final,
    };
    Some(Mark { status, revision: u16::try_from(revision).unwrap_or(u16::MAX) })
}
