//! 候補日: which past days are looked at, and what their readings are. The plain way, one day after another.

use super::event::{day_number, days_before};
use super::readings::Reading;
use super::trace::{Candidate, Exclusion, Fate};
use super::{Case, DrDay, Event, Export, Fraction, Lookback, Options, PointReadings, Unanswered};
use crate::calendar::CalendarError;
use crate::items::{Date, Slot};

/// How far back is searched for days of a kind, where days of the kind are counted.
const FURTHEST: i64 = 800;

/// A candidate day with what is computed from it.
pub(super) struct Day {
    pub(super) date: Date,
    /// The sum over the slots of the event, or why the day cannot be used. Unit: 0.0001 kWh.
    pub(super) sum: Result<i128, Exclusion>,
    /// Why it is left out whatever its readings are.
    pub(super) barred: Option<Exclusion>,
}

/// Half-hours of one event as offsets from its first slot.
pub(super) struct Spots<'a> {
    readings: PointReadings<'a>,
    export: Export,
    start: i64,
    pub(super) len: usize,
}

impl<'a> Spots<'a> {
    pub(super) fn new(readings: PointReadings<'a>, event: &Event, options: &Options) -> Spots<'a> {
        Spots { readings, export: options.export, start: event.start(), len: event.len() }
    }

    /// The reading at an offset from the event's first slot, on another day as if the event began there.
    pub(super) fn at(&self, date: Date, offset: i64) -> Result<i128, Exclusion> {
        let half_hour = day_number(date) * 48 + self.start + offset;
        let reading = self.readings.at(half_hour);
        match (reading, self.export) {
            (Reading::Value(value), _) if value >= 0 => return Ok(value.into()),
            (Reading::Value(value), Export::Signed) => return Ok(value.into()),
            _ => {}
        }
        let (date, slot) = self.spot(date, offset).ok_or(Exclusion::NoReadings)?;
        Err(match reading {
            Reading::Value(_) => Exclusion::Negative(date, slot),
            Reading::Disputed => Exclusion::Disputed(date, slot),
            Reading::Missing if self.readings.mark(date).is_none() => Exclusion::NoReadings,
            Reading::Missing => Exclusion::Gap(date, slot),
        })
    }

    /// The day and slot of an offset.
    pub(super) fn spot(&self, date: Date, offset: i64) -> Option<(Date, Slot)> {
        let at = self.start + offset;
        let slot = Slot::new(u8::try_from(at.rem_euclid(48) + 1).ok()?)?;
        Some((days_before(date, -at.div_euclid(48))?, slot))
    }

    /// The sum over offsets.
    pub(super) fn sum(&self, date: Date, offsets: impl Iterator<Item = i64>) -> Result<i128, Exclusion> {
        offsets.map(|offset| self.at(date, offset)).sum()
    }

    /// The offsets of the event itself.
    pub(super) fn event(&self) -> std::ops::Range<i64> {
        0..i64::try_from(self.len).unwrap_or(0)
    }
}

/// Every day of the kind of the event's day within the period, most recent first.
pub(super) fn days_of_kind(
    event: &Event,
    lookback: u16,
    options: &Options,
    case: &Case<'_>,
) -> Result<Vec<Date>, CalendarError> {
    let kind = case.days.of(event.date)?;
    let lookback = i64::from(lookback);
    let mut days = Vec::new();
    let furthest = match options.lookback {
        Lookback::CalendarDays => lookback,
        Lookback::DaysOfType => FURTHEST,
    };
    for back in 1..=furthest {
        let Some(date) = days_before(event.date, back) else { break };
        if case.days.of(date)? == kind {
            days.push(date);
        }
        if options.lookback == Lookback::DaysOfType && i64::try_from(days.len()).is_ok_and(|count| count >= lookback) {
            break;
        }
    }
    Ok(days)
}

/// Why a day is left out whatever its readings are.
pub(super) fn barred(date: Date, dr_days: &[DrDay], options: &Options, case: &Case<'_>) -> Option<Exclusion> {
    if let Some(day) = case.requested.iter().find(|day| day.date == date) {
        return Some(Exclusion::Requested { evidence: day.evidence.clone() });
    }
    let dr = dr_days.iter().find(|day| day.date == date);
    let dr = dr.filter(|day| day.answered || options.unanswered == Unanswered::Exclude);
    dr.map(|day| Exclusion::DrDay { answered: day.answered })
}

/// The candidate days as the trace shows them, before anything is chosen.
pub(super) fn candidates(
    days: &[Day],
    readings: &PointReadings<'_>,
    spots: &Spots<'_>,
    window: &[i64],
) -> Vec<Candidate> {
    let len = i128::try_from(spots.len).unwrap_or(1);
    let reading = |date: Date, offset: i64| {
        let (date, slot) = spots.spot(date, offset)?;
        readings.get(date, slot)
    };
    let candidate = |day: &Day| Candidate {
        date: day.date,
        mean: day.sum.as_ref().ok().and_then(|sum| Fraction::kwh(*sum, len)),
        distance: None,
        event: spots.event().map(|offset| reading(day.date, offset)).collect(),
        window: window.iter().map(|offset| reading(day.date, *offset)).collect(),
        fate: match (&day.barred, &day.sum) {
            (Some(why), _) | (None, Err(why)) => Fate::Excluded(why.clone()),
            (None, Ok(_)) => Fate::NotNeeded,
        },
        mark: readings.mark(day.date),
    };
    days.iter().map(candidate).collect()
}
