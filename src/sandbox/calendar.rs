//! 標準処理期間 as the sandbox counts it: business days first, then calendar days.

use super::world::Period;
use crate::items::Date;
use jiff::civil::Weekday;

fn is_business_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

pub(super) fn plus(date: Date, days: u16) -> Date {
    date.saturating_add(jiff::Span::new().days(i32::from(days)))
}

pub(super) fn next_business_day(date: Date) -> Date {
    let mut day = plus(date, 1);
    while !is_business_day(day) && day < Date::MAX {
        day = plus(day, 1);
    }
    day
}

/// The first day that lies a whole period after a day; the day itself counts as 0.
pub(super) fn after(day: Date, period: Period) -> Date {
    let business = (0..period.business).fold(day, |day, _| next_business_day(day));
    plus(business, period.calendar)
}

/// The last day on which a pair may be matched for a switch: the cut-off of the sandbox.
///
/// The real cut-off is not public; that it is the switch date minus the period is inferred (facts/switching.md §2.5).
pub(super) fn cut_off(switch: Date, period: Period) -> Date {
    let mut day = switch;
    while after(day, period) > switch && day > Date::MIN {
        day = day.saturating_sub(jiff::Span::new().days(1));
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn business_days_come_before_calendar_days() {
        let period = Period { business: 1, calendar: 2 };
        assert_eq!(after(date(2026, 4, 3), period), date(2026, 4, 8), "Friday, then Monday, then two days");
        assert_eq!(cut_off(date(2026, 4, 8), period), date(2026, 4, 5), "a Sunday serves as well as the Friday");
        assert_eq!(cut_off(date(2026, 4, 7), period), date(2026, 4, 2));
    }
}
