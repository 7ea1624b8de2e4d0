//! 営業日: which days count for an operator, and how a count went.

use super::{Calendar, CalendarError, Period};
use crate::items::{Area, Date};
use jiff::civil::Weekday;
use std::fmt;

/// 休業: why a day is no business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed<'a> {
    /// 土曜日・日曜日
    Weekend(Weekday),
    /// 国民の祝日
    Holiday(&'a str),
    /// A closed day of the operator.
    Operator {
        /// What the operator calls it.
        name: &'a str,
        /// Whether a source says so, or it is an assumption.
        verified: bool,
    },
}

/// 営業日カレンダー of one operator.
#[derive(Clone, Copy, Debug)]
pub struct OperatorCalendar<'a> {
    calendar: &'a Calendar,
    area: Area,
}

/// 数え方: how a date was counted, so that a person can follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted<'a> {
    /// The day the count began from.
    pub from: Date,
    /// The period that was counted.
    pub period: Period,
    /// The days that count as business days, in order.
    pub business: Vec<Date>,
    /// The days that were stepped over among them, and why.
    pub skipped: Vec<(Date, Closed<'a>)>,
    /// The day the count ended on.
    pub to: Date,
}

impl<'a> OperatorCalendar<'a> {
    pub(super) const fn new(calendar: &'a Calendar, area: Area) -> OperatorCalendar<'a> {
        OperatorCalendar { calendar, area }
    }

    /// Why the operator is closed on a date; `None` on a business day.
    pub fn closed(&self, date: Date) -> Result<Option<Closed<'a>>, CalendarError> {
        let holiday = self.calendar.holidays.name(date)?;
        Ok(match date.weekday() {
            day @ (Weekday::Saturday | Weekday::Sunday) => Some(Closed::Weekend(day)),
            _ => match holiday {
                Some(name) => Some(Closed::Holiday(name)),
                None => self.calendar.operators.closed(self.area, date),
            },
        })
    }

    /// Whether the operator works on a date.
    pub fn is_business_day(&self, date: Date) -> Result<bool, CalendarError> {
        Ok(self.closed(date)?.is_none())
    }

    /// The n-th business day after a date.
    pub fn add_business_days(&self, from: Date, days: u16) -> Result<Date, CalendarError> {
        let period = Period { business_days: days, calendar_days: 0 };
        self.count(from, period, false).map(|counted| counted.to)
    }

    /// Counts a period from a date: business days first, then calendar days (facts/switching.md §4, I).
    ///
    /// With `first_day` the date itself is the first business day if it is one.
    pub fn count(&self, from: Date, period: Period, first_day: bool) -> Result<Counted<'a>, CalendarError> {
        let mut counted = Counted { from, period, business: Vec::new(), skipped: Vec::new(), to: from };
        let mut day = from;
        let mut included = first_day;
        while counted.business.len() < usize::from(period.business_days) {
            if !included {
                day = self.next(day)?;
            }
            included = false;
            match self.closed(day)? {
                None => counted.business.push(day),
                Some(why) => counted.skipped.push((day, why)),
            }
            counted.to = day;
        }
        for _ in 0..period.calendar_days {
            counted.to = self.next(counted.to)?;
        }
        self.calendar.holidays.name(counted.to)?;
        Ok(counted)
    }

    fn next(&self, date: Date) -> Result<Date, CalendarError> {
        let (first, last) = self.calendar.span();
        date.tomorrow().map_err(|_| CalendarError::OutsideSpan { date, first, last })
    }
}

impl Counted<'_> {
    /// Whether every closed day that was stepped over is one a source names.
    #[must_use]
    pub fn days_verified(&self) -> bool {
        !self.skipped.iter().any(|(_, why)| matches!(why, Closed::Operator { verified: false, .. }))
    }

    /// 数え方の説明: `2026-11-20から1営業日（2026-11-24）＋2暦日。除いた日: 2026-11-21（土）…`
    #[must_use]
    pub fn ja(&self) -> String {
        let mut text = format!("{}から{}", self.from, self.period.ja());
        if let Some(last) = self.business.last().filter(|_| self.period.calendar_days > 0) {
            text = format!("{}から{}営業日（{last}）", self.from, self.period.business_days);
            text.push_str(&format!("＋{}暦日", self.period.calendar_days));
        }
        if !self.skipped.is_empty() {
            let days = self.skipped.iter().map(|(day, why)| format!("{day}（{why}）"));
            text.push_str(&format!("。除いた日: {}", days.collect::<Vec<_>>().join("、")));
        }
        text
    }

    /// How the date was counted, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let mut text = format!("{} from {}", self.period.en(), self.from);
        if !self.skipped.is_empty() {
            let days = self.skipped.iter().map(|(day, why)| format!("{day} ({})", why.en()));
            text.push_str(&format!(", not counting {}", days.collect::<Vec<_>>().join(", ")));
        }
        text
    }
}

impl Closed<'_> {
    /// Why the day does not count, in English; names of days stay Japanese.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Closed::Weekend(Weekday::Saturday) => "Saturday".to_owned(),
            Closed::Weekend(_) => "Sunday".to_owned(),
            Closed::Holiday(name) => format!("holiday {name}"),
            Closed::Operator { name, verified: true } => format!("closed: {name}"),
            Closed::Operator { name, verified: false } => format!("closed: {name}, unverified"),
        }
    }
}

/// 日本語: why the day does not count.
impl fmt::Display for Closed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Closed::Weekend(Weekday::Saturday) => f.write_str("土"),
            Closed::Weekend(_) => f.write_str("日"),
            Closed::Holiday(name) | Closed::Operator { name, verified: true } => f.write_str(name),
            Closed::Operator { name, verified: false } => write!(f, "{name}・未確認"),
        }
    }
}
