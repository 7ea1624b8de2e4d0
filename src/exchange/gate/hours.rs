//! 受付時間: when a counterparty is open. No hours are published: without a word in the configuration it is always open.

use crate::calendar::Calendar;
use crate::items::{Date, DateTime};
use jiff::ToSpan as _;
use jiff::civil::Weekday;
use std::sync::Arc;

/// How far ahead the next opening is looked for, in days.
const AHEAD: usize = 400;
const DAY: u16 = 24 * 60;

/// 受付時間: the hours of the week, and the days without any.
///
/// ```toml
/// hours = ["月-金 07:00-24:00", "土 09:00-17:00"]       # or mon-fri, sat, daily; none: always open
/// closed = ["祝日", "12-29..01-03", "2026-08-13"]        # or holidays; a day of every year, or of one
/// ```
///
/// A time after midnight belongs to the civil day it lies in: a closed day has no hours at all.
#[derive(Clone, Debug, Default)]
pub struct Hours {
    /// By day, Monday first: minutes from midnight, from and to.
    week: Option<[Vec<(u16, u16)>; 7]>,
    closed: Vec<Closed>,
    holidays: Option<Arc<Calendar>>,
}

/// Days without hours, the last of them too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closed {
    /// Of one year.
    Dates(Date, Date),
    /// Of every year: month and day.
    Yearly((i8, i8), (i8, i8)),
}

/// What is wrong with a text about hours: in Japanese and in English.
pub(in super::super) type Wrong = (String, String);

impl Hours {
    /// Reads the hours and the closed days of a configuration.
    pub(in super::super) fn parse(hours: &[String], closed: &[String]) -> Result<Hours, Wrong> {
        let mut read = Hours::default();
        for text in hours {
            read.hours(text).ok_or_else(|| wrong(text, "月-金 08:00-20:00", "mon-fri 08:00-20:00"))?;
        }
        for text in closed {
            if matches!(text.trim(), "祝日" | "holidays") {
                let calendar = Calendar::published()
                    .map_err(|error| ("内蔵の祝日を読めません".to_owned(), format!("embedded holidays: {error}")))?;
                read.holidays = Some(Arc::new(calendar));
            } else {
                let days = closed_days(text.trim());
                read.closed.push(days.ok_or_else(|| wrong(text, "祝日、12-29..01-03、2026-08-13", "holidays"))?);
            }
        }
        Ok(read)
    }

    fn hours(&mut self, text: &str) -> Option<()> {
        let (days, times) = text.trim().split_once(char::is_whitespace)?;
        let (from, to) = times.trim().split_once('-')?;
        let (from, to) = (minutes(from.trim())?, minutes(to.trim())?);
        let days = days_of(days)?;
        let week = self.week.get_or_insert_with(Default::default);
        for day in days {
            if from < to {
                week.get_mut(day)?.push((from, to));
            } else if from > to {
                // Over midnight.
                week.get_mut(day)?.push((from, DAY));
                week.get_mut((day + 1) % 7)?.push((0, to));
            } else {
                return None;
            }
        }
        Some(())
    }

    /// Whether it is always open.
    #[must_use]
    pub const fn is_always(&self) -> bool {
        self.week.is_none() && self.closed.is_empty() && self.holidays.is_none()
    }

    /// Whether it is open at a moment.
    #[must_use]
    pub fn is_open(&self, now: DateTime) -> bool {
        let minute = minute_of(now);
        self.of_day(now.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// When it opens next, from a moment on; nothing where it does not within 400 days.
    #[must_use]
    pub fn next_open(&self, now: DateTime) -> Option<DateTime> {
        if self.is_open(now) {
            return Some(now);
        }
        let (mut date, mut after) = (now.date(), minute_of(now));
        for _ in 0..AHEAD {
            let next = self.of_day(date).into_iter().map(|(from, _)| from).filter(|from| *from >= after).min();
            if let Some(from) = next {
                return Some(date.at((from / 60) as i8, (from % 60) as i8, 0, 0));
            }
            (date, after) = (date.tomorrow().ok()?, 0);
        }
        None
    }

    /// The hours of a day: minutes from midnight, from and to.
    #[must_use]
    pub fn of_day(&self, date: Date) -> Vec<(u16, u16)> {
        if self.is_closed(date) {
            return Vec::new();
        }
        match &self.week {
            None => vec![(0, DAY)],
            Some(week) => week.get(index(date.weekday())).cloned().unwrap_or_default(),
        }
    }

    fn is_closed(&self, date: Date) -> bool {
        let month_day = (date.month(), date.day());
        let named = self.closed.iter().any(|closed| match closed {
            Closed::Dates(from, to) => (*from..=*to).contains(&date),
            Closed::Yearly(from, to) if from <= to => (*from..=*to).contains(&month_day),
            Closed::Yearly(from, to) => month_day >= *from || month_day <= *to,
        });
        // A year the calendar does not know is not guessed: the counterparty itself will say that it is closed.
        named || self.holidays.as_ref().is_some_and(|days| days.holiday(date).is_ok_and(|name| name.is_some()))
    }
}

fn wrong(text: &str, ja: &str, en: &str) -> Wrong {
    (format!("「{text}」を読めません（例: {ja}）"), format!("cannot read `{text}`, expected for example `{en}`"))
}

fn minute_of(now: DateTime) -> u16 {
    now.hour() as u16 * 60 + now.minute() as u16
}

fn index(day: Weekday) -> usize {
    day.to_monday_zero_offset() as usize
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && minutes <= DAY).then_some(minutes)
}

/// The days of a week that a text such as `月-金` or `sat,sun` names.
fn days_of(text: &str) -> Option<Vec<usize>> {
    if matches!(text, "毎日" | "daily") {
        return Some((0..7).collect());
    }
    let day = |name: &str| {
        let ja = ["月", "火", "水", "木", "金", "土", "日"];
        let en = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        ja.iter()
            .position(|known| *known == name)
            .or_else(|| en.iter().position(|known| name.eq_ignore_ascii_case(known)))
    };
    let mut days = Vec::new();
    for part in text.split([',', '・', '、']) {
        match part.split_once(['-', '〜', '～']) {
            None => days.push(day(part)?),
            Some((from, to)) => {
                let (from, to) = (day(from)?, day(to)?);
                let count = (to + 7 - from) % 7 + 1;
                days.extend((0..count).map(|step| (from + step) % 7));
            }
        }
    }
    Some(days)
}

fn closed_days(text: &str) -> Option<Closed> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    if let (Ok(from), Ok(to)) = (from.parse::<Date>(), to.parse::<Date>()) {
        return (from <= to).then_some(Closed::Dates(from, to));
    }
    Some(Closed::Yearly(month_day(from)?, month_day(to)?))
}

fn month_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    // A leap year has all of them.
    let date = Date::new(2028, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some((date.month(), date.day()))
}

/// A moment after another; the other where the calendar ends.
pub(super) fn after(now: DateTime, wait: std::time::Duration) -> DateTime {
    let milliseconds = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    now.checked_add(milliseconds.min(400 * 86_400_000).milliseconds()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(week: &[&str], closed: &[&str]) -> Hours {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Hours::parse(&owned(week), &owned(closed)).unwrap()
    }

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn without_a_word_it_is_always_open() {
        let always = Hours::default();
        assert!(always.is_always() && always.is_open(at("2026-01-01T00:00:00")));
        assert_eq!(always.next_open(at("2026-01-01T03:04:05")), Some(at("2026-01-01T03:04:05")));
    }

    #[test]
    fn it_opens_at_its_hours_and_not_on_its_closed_days() {
        let hours = hours(&["月-金 08:00-20:00", "sat 09:00-12:00"], &["祝日", "12-29..01-03", "2026-05-07"]);
        // 2026-04-03 is a Friday.
        assert!(hours.is_open(at("2026-04-03T08:00:00")) && hours.is_open(at("2026-04-03T19:59:59")));
        assert!(!hours.is_open(at("2026-04-03T20:00:00")) && !hours.is_open(at("2026-04-03T07:59:59")));
        assert_eq!(hours.next_open(at("2026-04-03T20:00:00")), Some(at("2026-04-04T09:00:00")));
        assert_eq!(hours.next_open(at("2026-04-04T12:00:00")), Some(at("2026-04-06T08:00:00")));
        // Sunday, three national holidays in a row, a day of its own.
        assert_eq!(hours.next_open(at("2026-05-02T13:00:00")), Some(at("2026-05-08T08:00:00")));
        assert_eq!(hours.next_open(at("2026-12-28T21:00:00")), Some(at("2027-01-04T08:00:00")));
    }

    #[test]
    fn hours_over_midnight_are_those_of_two_days() {
        let hours = hours(&["日 22:00-02:00"], &[]);
        assert!(hours.is_open(at("2026-04-05T23:00:00")) && hours.is_open(at("2026-04-06T01:59:00")));
        assert!(!hours.is_open(at("2026-04-06T02:00:00")) && !hours.is_open(at("2026-04-05T01:00:00")));
    }

    #[test]
    fn what_never_opens_has_no_next_opening() {
        assert_eq!(hours(&["毎日 00:00-24:00"], &["01-01..12-31"]).next_open(at("2026-04-03T20:00:00")), None);
    }

    #[test]
    fn what_cannot_be_read_is_quoted() {
        for text in ["月-金", "x 08:00-20:00", "月 8-20", "月 08:00-25:00", "月 08:00-08:00", "月 08:60-09:00"] {
            let error = Hours::parse(&[text.to_owned()], &[]).unwrap_err();
            assert!(error.0.contains(text) && error.1.contains("mon-fri"), "{error:?}");
        }
        for text in ["holiday", "02-30", "2026-02-30", "2026-02-03..2026-02-01", ""] {
            assert!(Hours::parse(&[], &[text.to_owned()]).is_err(), "{text}");
        }
    }
}
