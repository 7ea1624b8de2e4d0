//! W6のファイル名: the names of plans.

use super::{Cursor, FileNameError, FileNameErrorKind as Kind};
use crate::items::{BusinessCode, Date};
use std::fmt;

/// W6のファイル名: `W6_0250_20160401_00_40116_6`.
///
/// Source: facts/wire.md §2.9 (S, C).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanFileName {
    /// 情報区分コード: four digits, as a number.
    pub message: u16,
    /// The day planned for.
    pub date: Date,
    /// NN: two digits whose meaning is not known; 00 in every name seen.
    pub unknown: u8,
    /// 事業者コード of the sender.
    pub sender: BusinessCode,
    /// The area digit.
    pub area_digit: u8,
}

impl PlanFileName {
    /// Reads a name with or without `.xml` or `.zip`, without the folders before it.
    pub fn parse(name: &str) -> Result<PlanFileName, FileNameError> {
        let mut rest = Cursor { name, at: 0 };
        let prefix = rest.take(2).filter(|sub| sub.eq_ignore_ascii_case("W6"));
        prefix.ok_or(FileNameError { position: 1, kind: Kind::Prefix })?;
        rest.mark('_')?;
        let message = rest.number(4)?.try_into().unwrap_or(0);
        rest.mark('_')?;
        let date = rest.date()?;
        rest.mark('_')?;
        let unknown = rest.number(2)?.try_into().unwrap_or(0);
        rest.mark('_')?;
        let at = rest.at;
        let sender = BusinessCode::parse(rest.digits(5)?).map_err(|_| FileNameError::at(at, Kind::TooShort))?;
        rest.mark('_')?;
        let area_digit = rest.number(1)?.try_into().unwrap_or(0);
        rest.end(&["xml", "zip"])?;
        Ok(PlanFileName { message, date, unknown, sender, area_digit })
    }
}

/// Without an extension.
impl fmt::Display for PlanFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, date, unknown, sender, area_digit } = self;
        let (year, month, day) = (date.year(), date.month(), date.day());
        write!(f, "W6_{message:04}_{year:04}{month:02}{day:02}_{unknown:02}_{sender}_{area_digit}")
    }
}

impl fmt::Debug for PlanFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
