//! 発動: when demand response was called, which days are of one kind, and which days were called before.

use crate::calendar::{Calendar, CalendarError};
use crate::items::{Date, Slot};
use crate::rules::{Finding, codes};
use jiff::ToSpan;
use jiff::civil::Weekday;
use std::fmt;

/// DR実施時間帯: a called span of half-hours. Where `first` is after `last` it crosses midnight into the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// DR実施日: the day it begins on.
    pub date: Date,
    /// The first slot.
    pub first: Slot,
    /// The last slot, itself included.
    pub last: Slot,
}

impl Event {
    /// The slots `34-37`, or one slot `34`, of a day; `47-2` crosses midnight.
    pub fn parse(date: Date, slots: &str) -> Result<Event, Box<Finding>> {
        let (first, last) = slots.split_once('-').unwrap_or((slots, slots));
        let slot = |text: &str| {
            let number = text.trim().parse::<u8>().ok().and_then(Slot::new);
            number.ok_or_else(|| {
                let ja = format!("コマ「{slots}」は1〜48の範囲ではありません");
                Box::new(codes::SLOT_RANGE.finding(ja, format!("slots `{slots}` are not within 1 to 48")))
            })
        };
        Ok(Event { date, first: slot(first)?, last: slot(last)? })
    }

    /// Whether it goes on after midnight.
    #[must_use]
    pub fn crosses_midnight(&self) -> bool {
        self.first > self.last
    }

    /// How many slots it has.
    #[must_use]
    pub fn len(&self) -> usize {
        let (first, last) = (usize::from(self.first.number()), usize::from(self.last.number()));
        if self.crosses_midnight() { last + 49 - first } else { last + 1 - first }
    }

    /// Never: an event has at least one slot.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Its slots in order, each with its day.
    pub fn slots(&self) -> impl Iterator<Item = (Date, Slot)> + '_ {
        let next = self.date.tomorrow().unwrap_or(self.date);
        let first = u32::from(self.first.number()) - 1;
        (0..self.len()).filter_map(move |place| {
            let at = first + u32::try_from(place).ok()?;
            let date = if at < 48 { self.date } else { next };
            Some((date, Slot::new(u8::try_from(at % 48 + 1).ok()?)?))
        })
    }

    /// The same as two events, one of each day; one event where it does not cross midnight.
    pub(super) fn split(&self) -> Vec<Event> {
        match (self.crosses_midnight(), self.date.tomorrow(), Slot::new(1), Slot::new(48)) {
            (true, Ok(next), Some(one), Some(end)) => {
                vec![Event { last: end, ..*self }, Event { date: next, first: one, last: self.last }]
            }
            _ => vec![*self],
        }
    }

    /// Half-hours from the start of its day to its first slot.
    pub(super) fn start(&self) -> i64 {
        i64::from(self.first.number()) - 1
    }
}

/// `2026-08-19 34-38`
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}-{}", self.date, self.first.number(), self.last.number())
    }
}

crate::code_set! {
    /// 日の種類: days of one kind are compared with each other.
    pub enum DayType = "day-type" {
        Weekday = "weekday", "平日", "weekday";
        Holiday = "holiday", "土日祝", "weekend or holiday";
    }
}

/// 日の種類の判定: weekends, national holidays, and further days that a programme counts as holidays.
///
/// 12/29–1/3 and Obon are no national holidays; some programmes list such days (facts/baseline.md §1.4, R).
#[derive(Clone, Copy, Debug)]
pub struct DayTypes<'a> {
    /// National holidays.
    pub calendar: &'a Calendar,
    /// Further days that count as holidays.
    pub extra: &'a [Date],
}

impl DayTypes<'_> {
    /// The kind of a day.
    pub fn of(&self, date: Date) -> Result<DayType, CalendarError> {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let holiday = self.calendar.holiday(date)?.is_some() || weekend || self.extra.contains(&date);
        Ok(if holiday { DayType::Holiday } else { DayType::Weekday })
    }
}

/// 過去のDR実施日: a day on which demand response was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DrDay {
    /// The day.
    pub date: Date,
    /// Whether the customer answered the call.
    pub answered: bool,
}

/// 除外申請: a day that is left out on request, with its evidence (contract, dispatch mail).
///
/// Source: facts/baseline.md §1.4 (D, FY2022 treatment).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requested {
    /// The day.
    pub date: Date,
    /// What proves it.
    pub evidence: String,
}

/// Days since 1970-01-01.
pub(super) fn day_number(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// So many days before a date.
pub(super) fn days_before(date: Date, days: i64) -> Option<Date> {
    date.checked_sub(days.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn slots_are_one_to_forty_eight() {
        let day = date(2026, 8, 19);
        let event = Event::parse(day, "34-38").unwrap();
        assert_eq!((event.len(), event.start(), event.to_string().as_str()), (5, 33, "2026-08-19 34-38"));
        assert_eq!(Event::parse(day, "7").unwrap().len(), 1);
        for text in ["0-3", "3-49", "", "a", "3-", "300"] {
            assert_eq!(Event::parse(day, text).unwrap_err().code, "OC1105", "{text}");
        }
    }

    #[test]
    fn an_event_crosses_midnight() {
        let event = Event::parse(date(2026, 12, 31), "47-2").unwrap();
        let slots: Vec<_> = event.slots().map(|(date, slot)| (date.to_string(), slot.number())).collect();
        let expected = [("2026-12-31", 47), ("2026-12-31", 48), ("2027-01-01", 1), ("2027-01-01", 2)];
        assert_eq!(slots, expected.map(|(date, slot)| (date.to_owned(), slot)));
        let split: Vec<_> = event.split().iter().map(Event::to_string).collect();
        assert_eq!(split, ["2026-12-31 47-48", "2027-01-01 1-2"]);
    }

    #[test]
    fn a_holiday_is_no_weekday() {
        let calendar = Calendar::published().unwrap();
        let extra = [date(2026, 12, 30)];
        let days = DayTypes { calendar: &calendar, extra: &extra };
        for (day, kind) in [
            (date(2026, 9, 22), DayType::Holiday),
            (date(2026, 9, 24), DayType::Weekday),
            (date(2026, 9, 26), DayType::Holiday),
            (date(2026, 12, 29), DayType::Weekday),
            (date(2026, 12, 30), DayType::Holiday),
        ] {
            assert_eq!(days.of(day), Ok(kind), "{day}");
        }
        assert!(days.of(date(1999, 1, 1)).is_err());
        assert_eq!(day_number(date(2026, 9, 24)), 20_720);
    }
}
