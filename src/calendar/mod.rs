//! 営業日カレンダー: business days per operator, national holidays, `n 営業日 + m 暦日` arithmetic, lead times from data.
//!
//! Nothing here reads the clock. Dates the data does not cover are an error, never a guess.

mod business;
mod error;
mod holidays;
mod lead;
mod operators;

pub use business::{Closed, Counted, OperatorCalendar};
pub use error::{CalendarDataError, CalendarError};
pub use lead::{Earliest, Period, Work};

use crate::items::{Area, Date};
use holidays::Holidays;
use lead::LeadTimes;
use operators::Operators;

/// 営業日カレンダー: national holidays, the operators' closed days and the standard processing periods.
#[derive(Clone, Debug)]
pub struct Calendar {
    holidays: Holidays,
    operators: Operators,
    lead_times: LeadTimes,
}

impl Calendar {
    /// The calendar of the data that ships: `schemas/holidays.csv`, `schemas/operators.toml`, `schemas/lead-times.toml`.
    pub fn published() -> Result<Calendar, CalendarDataError> {
        Calendar::read(
            include_str!("../../schemas/holidays.csv"),
            include_str!("../../schemas/operators.toml"),
            include_str!("../../schemas/lead-times.toml"),
        )
    }

    /// A calendar of other data in the same three forms.
    pub fn read(holidays: &str, operators: &str, lead_times: &str) -> Result<Calendar, CalendarDataError> {
        Ok(Calendar {
            holidays: Holidays::read(holidays)?,
            operators: Operators::read(operators)?,
            lead_times: LeadTimes::read(lead_times)?,
        })
    }

    /// 国民の祝日: the name of a national holiday, 振替休日 and 国民の休日 among them.
    pub fn holiday(&self, date: Date) -> Result<Option<&str>, CalendarError> {
        self.holidays.name(date)
    }

    /// The first and last date the calendar knows.
    #[must_use]
    pub fn span(&self) -> (Date, Date) {
        self.holidays.span()
    }

    /// The calendar of one operator.
    #[must_use]
    pub const fn for_operator(&self, area: Area) -> OperatorCalendar<'_> {
        OperatorCalendar::new(self, area)
    }
}
