//! 営業日と標準処理期間 as the sandbox counts them: by the published data, unless the world says otherwise.

use super::world::{Operator, Point};
use crate::calendar::{Calendar, Period, Work};
use crate::items::{Area, Date, Family};
use jiff::ToSpan as _;
use jiff::civil::Weekday;

/// The calendar of the operators. Outside the years it knows, only weekends are closed.
pub(super) struct Days(Option<Calendar>);

pub(super) fn plus(date: Date, days: u16) -> Date {
    date.saturating_add(i32::from(days).days())
}

impl Days {
    pub fn published() -> Days {
        Days(Calendar::published().ok())
    }

    fn is_business_day(&self, area: Area, date: Date) -> bool {
        let known = self.0.as_ref().and_then(|calendar| calendar.for_operator(area).is_business_day(date).ok());
        known.unwrap_or(!matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday))
    }

    /// The day itself if it is a business day, else the next one.
    pub fn business_day(&self, area: Area, date: Date) -> Date {
        if self.is_business_day(area, date) { date } else { self.next_business_day(area, date) }
    }

    pub fn next_business_day(&self, area: Area, date: Date) -> Date {
        let mut day = plus(date, 1);
        while !self.is_business_day(area, day) && day < Date::MAX {
            day = plus(day, 1);
        }
        day
    }

    /// The first day that lies a whole standard processing period after a day of matching.
    pub fn earliest(&self, operator: Operator, family: Family, work: bool, from: Date) -> Date {
        let kind = if work { Work::Meter } else { Work::None };
        let published = || {
            let calendar = self.0.as_ref()?;
            Some(calendar.earliest_switch(operator.area, family, kind, from).ok()?.date)
        };
        let own = operator.period(family, work);
        let period = match (own, published()) {
            (Some(period), _) => Period { business_days: period.business, calendar_days: period.calendar },
            (None, Some(date)) => return date,
            // No published period: the shortest that is (facts/switching.md §2.6).
            (None, None) => Period { business_days: 1, calendar_days: 2 },
        };
        let last = (0..period.business_days).fold(from, |day, _| self.next_business_day(operator.area, day));
        plus(last, period.calendar_days)
    }

    /// The last day on which a pair may be matched for a switch: the cut-off of the sandbox.
    ///
    /// The real cut-off is not public; that it is the switch date minus the period is inferred (facts/switching.md §2.5).
    pub fn cut_off(&self, operator: Operator, point: Option<&Point>, switch: Date) -> Date {
        let (family, work) = point.map_or((Family::Low, false), |point| (point.family, point.needs_work()));
        let mut day = switch;
        while self.earliest(operator, family, work, day) > switch && day > Date::MIN {
            day = day.saturating_sub(1.days());
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn business_days_come_before_calendar_days() {
        let days = Days::published();
        let operator = Operator::usual(Area::Chugoku);
        assert_eq!(days.earliest(operator, Family::Low, false, date(2026, 4, 3)), date(2026, 4, 8), "Monday and two");
        assert_eq!(days.cut_off(operator, None, date(2026, 4, 8)), date(2026, 4, 5), "a Sunday serves as the Friday");
        assert_eq!(days.cut_off(operator, None, date(2026, 4, 7)), date(2026, 4, 2));
        assert_eq!(days.next_business_day(Area::Tokyo, date(2026, 4, 28)), date(2026, 4, 30), "昭和の日");
    }
}
