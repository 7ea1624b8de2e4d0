//! 保存した30分値からの算定: the readings that count, as the data folder keeps them, one area after the other.
//!
//! The days of one area are in memory at a time (some 1.2 GB for 100,000 points and 31 days); what is computed is handed
//! out chunk by chunk. The store does not tell the revision a value comes from: it is 0 in the trace.

use crate::baseline::{Event, Kind, Lookback, Mark, Method, Options, Readings, Status};
use crate::items::{Code as _, Date, Energy, Slot, SupplyPointId};
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

/// The first and the last day that methods may look at for an event; `tried` days before it are tried, too.
#[must_use]
pub fn days_needed(event: &Event, methods: &[&Method], options: &Options, tried: u16) -> (Date, Date) {
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
    let first = event.date.checked_sub((back + 1).days()).unwrap_or(Date::MIN);
    (first, event.date.tomorrow().unwrap_or(event.date))
}

/// Visits the readings of a data folder, chunk by chunk, in the order of the points within each area.
pub fn each_stored<E: From<StoreError>>(
    data: &Path,
    wanted: Option<SupplyPointId>,
    (from, to): (Date, Date),
    mut visit: impl FnMut(&Readings) -> Result<(), E>,
) -> Result<(), E> {
    let query = ReadingQuery { from, to, points: wanted.map(|point| HashSet::from([point])) };
    // The store is free again before anything is computed.
    let days = Store::open(data)?.current_readings(&query)?;
    let mut area: Vec<CurrentDay> = Vec::new();
    for day in days {
        let day = day?;
        if area.last().is_some_and(|last| last.area != day.area) {
            hand_out(&area, &mut visit)?;
            area.clear();
        }
        area.push(day);
    }
    hand_out(&area, &mut visit)
}

/// Turns the days of an area into the days of its points.
fn hand_out<E>(area: &[CurrentDay], visit: &mut impl FnMut(&Readings) -> Result<(), E>) -> Result<(), E> {
    let mut points: Vec<SupplyPointId> = area.iter().flat_map(|day| day.points.iter().copied()).collect();
    points.sort_unstable();
    points.dedup();
    // Where each day has got to: points stand in order in every one of them.
    let mut places = vec![0usize; area.len()];
    for chunk in points.chunks(CHUNK) {
        let mut readings = Readings::default();
        for point in chunk {
            for (day, place) in area.iter().zip(&mut places) {
                if day.points.get(*place) == Some(point) {
                    if let Some(mark) = day.slots.get(*place).and_then(mark) {
                        readings.push_day(*point, day.date, values(day, *place), mark);
                    }
                    *place += 1;
                }
            }
        }
        visit(&readings)?;
    }
    Ok(())
}

fn values(day: &CurrentDay, row: usize) -> [Option<Energy>; 48] {
    let mut values = [None; 48];
    let given = day.slots.get(row).map(CurrentSlots::given).unwrap_or_default();
    for (slot, value) in Slot::all().zip(&mut values) {
        if given.contains(slot) {
            *value = Some(Energy::from_ten_thousandths(day.energies.get(slot, row)));
        }
    }
    values
}

/// The least final status among the slots with a value.
fn mark(slots: &CurrentSlots) -> Option<Mark> {
    let held = |status: &&ReadingStatus| !slots.counts_as(**status).is_empty();
    let status = match ReadingStatus::ALL.iter().find(held)? {
        ReadingStatus::Preliminary => Status::Preliminary,
        ReadingStatus::Daily => Status::Confirmed,
        ReadingStatus::Fixed => Status::Final,
    };
    Some(Mark { status, revision: 0 })
}
