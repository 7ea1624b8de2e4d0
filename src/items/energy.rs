//! Energy and half-hour slots, and the four negawatt items over them.

use super::{ItemError, ItemErrorKind};
use std::fmt;

/// 電力量. Unit: 0.0001 kWh.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Energy(i64);

impl Energy {
    /// A count of 0.0001 kWh.
    #[must_use]
    pub const fn from_ten_thousandths(count: i64) -> Energy {
        Energy(count)
    }
    /// The count of 0.0001 kWh.
    #[must_use]
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }
    /// Reads kWh with at most four decimals.
    pub fn parse(text: &str) -> Result<Energy, ItemError> {
        let fail = |kind| ItemError { what: "電力量", what_en: "energy", kind };
        let form = || fail(ItemErrorKind::Form { example: "12.3456" });
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, decimals) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(decimals) || rest.ends_with('.') {
            return Err(form());
        }
        if decimals.len() > 4 {
            return Err(fail(ItemErrorKind::Decimals { max: 4 }));
        }
        let count: i64 = format!("{whole}{decimals:0<4}").parse().map_err(|_| form())?;
        Ok(Energy(if negative { -count } else { count }))
    }
}

impl fmt::Display for Energy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let count = self.0.unsigned_abs();
        let text = format!("{sign}{}.{:04}", count / 10_000, count % 10_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Debug for Energy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} kWh")
    }
}

/// コマ: a half-hour of a day, 1..=48; slot 1 is 00:00–00:30.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Slot(u8);

impl Slot {
    /// The slot of a number 1..=48.
    #[must_use]
    pub const fn new(number: u8) -> Option<Slot> {
        if number >= 1 && number <= 48 { Some(Slot(number)) } else { None }
    }
    /// The number 1..=48.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}
