//! 国民の祝日, from the data file.

use super::{CalendarDataError, CalendarError};
use crate::items::Date;

const FILE: &str = "holidays.csv";

/// The national holidays of whole years.
#[derive(Clone, Debug)]
pub(super) struct Holidays {
    /// Sorted by date, without repetition.
    days: Vec<(Date, Box<str>)>,
    first: Date,
    last: Date,
}

impl Holidays {
    /// Reads `date,name` lines under a header, in the order of the dates.
    pub(super) fn read(text: &str) -> Result<Holidays, CalendarDataError> {
        let fail = |index: usize, ja: &str, en: &str| CalendarDataError::new(FILE, Some(index + 1), ja, en);
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
        if lines.next().is_none_or(|(_, header)| header != "date,name") {
            return Err(fail(0, "1行目は date,name です", "the first line is `date,name`"));
        }
        let mut days: Vec<(Date, Box<str>)> = Vec::new();
        for (index, line) in lines {
            let (date, name) = line
                .split_once(',')
                .and_then(|(date, name)| Some((date.parse::<Date>().ok()?, name)))
                .filter(|(_, name)| !name.is_empty())
                .ok_or_else(|| {
                    fail(index, "2026-01-01,元日 の形で書いてください", "a line is written like `2026-01-01,元日`")
                })?;
            if days.last().is_some_and(|(before, _)| *before >= date) {
                return Err(fail(index, "日付の順に並べてください", "the dates are not in order"));
            }
            days.push((date, name.into()));
        }
        let years = days.first().zip(days.last()).and_then(|((first, _), (last, _))| {
            Some((Date::new(first.year(), 1, 1).ok()?, Date::new(last.year(), 12, 31).ok()?))
        });
        let (first, last) = years.ok_or_else(|| fail(0, "祝日が1日もありません", "there is no holiday"))?;
        Ok(Holidays { days, first, last })
    }

    pub(super) const fn span(&self) -> (Date, Date) {
        (self.first, self.last)
    }

    pub(super) fn name(&self, date: Date) -> Result<Option<&str>, CalendarError> {
        if date < self.first || date > self.last {
            return Err(CalendarError::OutsideSpan { date, first: self.first, last: self.last });
        }
        let found = self.days.binary_search_by_key(&date, |(day, _)| *day).ok();
        Ok(found.and_then(|index| self.days.get(index)).map(|(_, name)| &**name))
    }
}
