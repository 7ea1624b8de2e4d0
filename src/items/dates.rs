//! 日付・日時・年月 as people and spreadsheets write them. JST, civil dates.

use super::digits::{digit, half_width};
use super::{Date, DateTime, ItemError, ItemErrorKind};
use std::fmt;

const DATE: &str = "2026-11-22";
const DATE_TIME: &str = "2026-11-22 13:05";

/// 日付: reads `2026-11-22`, `2026/11/22`, `2026/1/2`, `20261122` or `2026年11月22日`, half or full width.
///
/// With hyphens month and day have two digits; elsewhere one digit is enough.
pub fn parse_date(text: &str) -> Result<Date, ItemError> {
    let fail = |kind| ItemError { what: "日付", what_en: "date", kind };
    if text.is_empty() {
        return Err(fail(ItemErrorKind::Empty));
    }
    let mut rest = Cursor(text);
    match rest.date() {
        Ok(date) if rest.0.is_empty() => Ok(date),
        Ok(_) => Err(fail(ItemErrorKind::Form { example: DATE })),
        Err(kind) => Err(fail(kind)),
    }
}

/// 日時: reads a date, blanks or `T`, and `13:05`, `13:05:00`, `9:05` or `13時05分`.
///
/// The hour is 0–23: `24:00` is an end of a period, never a moment.
pub fn parse_date_time(text: &str) -> Result<DateTime, ItemError> {
    let fail = |kind| ItemError { what: "日時", what_en: "date and time", kind };
    let form = || fail(ItemErrorKind::Form { example: DATE_TIME });
    if text.is_empty() {
        return Err(fail(ItemErrorKind::Empty));
    }
    let mut rest = Cursor(text);
    let date = match rest.date() {
        Err(ItemErrorKind::Form { .. }) => return Err(form()),
        other => other.map_err(fail)?,
    };
    let mut apart = rest.take('T');
    while rest.take(' ') {
        apart = true;
    }
    let (hour, _) = rest.number(2).filter(|_| apart).ok_or_else(form)?;
    let kanji = rest.take('時');
    if !kanji && !rest.take(':') {
        return Err(form());
    }
    let (minute, _) = rest.number(2).filter(|(_, count)| kanji || *count == 2).ok_or_else(form)?;
    let seconds = if kanji { rest.take('分') && !rest.0.is_empty() } else { rest.take(':') };
    let second = if seconds { rest.number(2).ok_or_else(form)?.0 } else { 0 };
    if kanji && seconds && !rest.take('秒') || !rest.0.is_empty() {
        return Err(form());
    }
    let small = |value: u16| i8::try_from(value).unwrap_or(i8::MAX);
    let time = jiff::civil::Time::new(small(hour), small(minute), small(second), 0)
        .map_err(|_| fail(ItemErrorKind::OutOfRange { min: "00:00:00", max: "23:59:59" }))?;
    Ok(date.to_datetime(time))
}

/// 年月: a month of a year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    year: i16,
    month: i8,
}

impl YearMonth {
    /// The month, 1..=12, of a year 1..=9999.
    #[must_use]
    pub const fn new(year: i16, month: i8) -> Option<YearMonth> {
        if year >= 1 && year <= 9999 && month >= 1 && month <= 12 { Some(YearMonth { year, month }) } else { None }
    }

    /// Reads `2026-11` or `202611`, half or full width.
    pub fn parse(text: &str) -> Result<YearMonth, ItemError> {
        let fail = |kind| ItemError { what: "年月", what_en: "year and month", kind };
        let form = || fail(ItemErrorKind::Form { example: "2026-11" });
        if text.is_empty() {
            return Err(fail(ItemErrorKind::Empty));
        }
        let mut rest = Cursor(text);
        let (year, years) = rest.number(4).ok_or_else(form)?;
        rest.take('-');
        let (month, months) = rest.number(2).ok_or_else(form)?;
        if years != 4 || months != 2 || !rest.0.is_empty() {
            return Err(form());
        }
        YearMonth::new(year.cast_signed(), i8::try_from(month).unwrap_or(0))
            .ok_or_else(|| fail(ItemErrorKind::OutOfRange { min: "0001-01", max: "9999-12" }))
    }

    /// The month a date is in.
    #[must_use]
    pub fn of(date: Date) -> Option<YearMonth> {
        YearMonth::new(date.year(), date.month())
    }
    /// The year.
    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }
    /// The month, 1..=12.
    #[must_use]
    pub const fn month(self) -> i8 {
        self.month
    }
    /// Months from this one to another; negative when the other is earlier.
    #[must_use]
    pub const fn months_until(self, other: YearMonth) -> i32 {
        (other.year as i32 - self.year as i32) * 12 + (other.month as i32 - self.month as i32)
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is still to be read; full-width characters read as their half-width twins.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn take(&mut self, wanted: char) -> bool {
        let mut chars = self.0.chars();
        let found = chars.next().is_some_and(|c| half_width(c) == wanted);
        if found {
            self.0 = chars.as_str();
        }
        found
    }

    /// At most `max` digits: their value and how many they are.
    fn number(&mut self, max: usize) -> Option<(u16, usize)> {
        let mut chars = self.0.chars();
        let (mut value, mut count) = (0u16, 0);
        while count < max
            && let Some(digit) = chars.next().and_then(digit)
        {
            value = value * 10 + u16::from(digit);
            count += 1;
            self.0 = chars.as_str();
        }
        (count > 0).then_some((value, count))
    }

    fn date(&mut self) -> Result<Date, ItemErrorKind> {
        let form = || ItemErrorKind::Form { example: DATE };
        let (year, years) = self.number(4).ok_or_else(form)?;
        let hyphen = self.take('-');
        let slash = !hyphen && self.take('/');
        let kanji = !hyphen && !slash && self.take('年');
        let (month, months) = self.number(2).ok_or_else(form)?;
        if hyphen && !self.take('-') || slash && !self.take('/') || kanji && !self.take('月') {
            return Err(form());
        }
        let (day, days) = self.number(2).ok_or_else(form)?;
        if kanji && !self.take('日') {
            return Err(form());
        }
        if years != 4 || !slash && !kanji && (months, days) != (2, 2) {
            return Err(form());
        }
        let small = |value: u16| i8::try_from(value).unwrap_or(0);
        Date::new(year.cast_signed(), small(month), small(day)).map_err(|_| ItemErrorKind::NoSuchDate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    #[test]
    fn dates_as_people_write_them() {
        for text in [
            "2026-11-02",
            "2026/11/02",
            "2026/11/2",
            "20261102",
            "2026年11月2日",
            "２０２６／１１／０２",
            "２０２６年１１月０２日",
            "２０２６－１１－０２",
        ] {
            assert_eq!(parse_date(text), Ok(date(2026, 11, 2)), "{text}");
        }
    }

    #[test]
    fn another_form_is_refused() {
        for text in [
            "26/11/02",
            "2026-11-2",
            "2026/11-02",
            "2026112",
            "202611022",
            "2026/11/02 ",
            "令和8年11月2日",
            "2026年11月2",
            "a",
        ] {
            assert_eq!(parse_date(text).unwrap_err().kind, ItemErrorKind::Form { example: DATE }, "{text}");
        }
        assert_eq!(parse_date("").unwrap_err().kind, ItemErrorKind::Empty);
        for text in ["2026-02-29", "2026/13/1", "2026/0/1", "20260431"] {
            assert_eq!(parse_date(text).unwrap_err().kind, ItemErrorKind::NoSuchDate, "{text}");
        }
    }

    #[test]
    fn moments_as_people_write_them() {
        for text in [
            "2026/11/22 13:05",
            "2026-11-22T13:05:00",
            "2026/11/22  13:05:00",
            "2026年11月22日　13時5分",
            "２０２６／１１／２２　１３：０５",
            "20261122 13:05",
        ] {
            assert_eq!(parse_date_time(text), Ok(datetime(2026, 11, 22, 13, 5, 0, 0)), "{text}");
        }
        assert_eq!(parse_date_time("2026/11/22 9:05:07"), Ok(datetime(2026, 11, 22, 9, 5, 7, 0)));
    }

    #[test]
    fn a_moment_needs_a_time_of_the_day() {
        let hours = ItemErrorKind::OutOfRange { min: "00:00:00", max: "23:59:59" };
        assert_eq!(parse_date_time("2026/11/22 24:00").unwrap_err().kind, hours);
        assert_eq!(parse_date_time("2026/11/22 23:60").unwrap_err().kind, hours);
        for text in ["2026/11/22", "2026/11/2213:05", "2026/11/22 13:5", "2026/11/22 1305", "2026/11/22 13:05Z"] {
            assert_eq!(parse_date_time(text).unwrap_err().kind, ItemErrorKind::Form { example: DATE_TIME }, "{text}");
        }
        assert_eq!(parse_date_time("2026-02-30 10:00").unwrap_err().kind, ItemErrorKind::NoSuchDate);
    }

    #[test]
    fn months_are_ordered_and_counted() {
        let november = YearMonth::parse("2026-11").unwrap();
        assert_eq!(YearMonth::parse("２０２６１１"), Ok(november));
        assert_eq!(november.to_string(), "2026-11");
        let next = YearMonth::parse("202702").unwrap();
        assert!(november < next);
        assert_eq!((november.months_until(next), next.months_until(november)), (3, -3));
        assert_eq!(YearMonth::of(date(2026, 11, 30)), Some(november));
        for text in ["2026-13", "2026-00", "2026-1", "202", "2026/11", "2026-111", "0000-01"] {
            assert!(YearMonth::parse(text).is_err(), "{text}");
        }
    }
}
