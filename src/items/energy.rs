//! Energy and half-hour slots, and the four negawatt items over them.

use super::ItemError;
use super::digits::{decimal, write_decimal};
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
    /// Reads kWh with at most twelve whole digits and four decimals; more decimals are refused, never rounded.
    pub fn parse(text: &str) -> Result<Energy, ItemError> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        // A lone sign is not an empty value.
        let rest = if negative && rest.is_empty() { text } else { rest };
        decimal(rest, 12, 4, "12.3456")
            .map(|count| Energy(if negative { -count } else { count }))
            .map_err(|kind| ItemError { what: "電力量", what_en: "energy", kind })
    }
    /// The sum, unless it is beyond what the type holds.
    #[must_use]
    pub const fn checked_add(self, other: Energy) -> Option<Energy> {
        match self.0.checked_add(other.0) {
            Some(count) => Some(Energy(count)),
            None => None,
        }
    }
}

impl fmt::Display for Energy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write_decimal(f, self.0.unsigned_abs(), 4)
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
    /// The slot that starts at an hour 0..=23 and minute 0 or 30.
    #[must_use]
    pub const fn starting(hour: u8, minute: u8) -> Option<Slot> {
        match (hour, minute) {
            (0..=23, 0) => Some(Slot(hour * 2 + 1)),
            (0..=23, 30) => Some(Slot(hour * 2 + 2)),
            _ => None,
        }
    }
    /// Hour and minute of its start.
    #[must_use]
    pub const fn start(self) -> (u8, u8) {
        ((self.0 - 1) / 2, (self.0 - 1) % 2 * 30)
    }
    /// Every slot of a day in order.
    pub fn all() -> impl DoubleEndedIterator<Item = Slot> + ExactSizeIterator {
        const { [1u8; 48] }.into_iter().enumerate().map(|(index, one)| Slot(one + index as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::ItemErrorKind;

    #[test]
    fn energy_is_exact() {
        for (text, count, shown) in [
            ("12.3456", 123_456, "12.3456"),
            ("0", 0, "0"),
            ("-0.5", -5_000, "-0.5"),
            ("007.10", 71_000, "7.1"),
            ("999999999999.9999", 9_999_999_999_999_999, "999999999999.9999"),
        ] {
            let energy = Energy::parse(text).unwrap();
            assert_eq!((energy.ten_thousandths(), energy.to_string().as_str()), (count, shown), "{text}");
        }
        assert_eq!(Energy::from_ten_thousandths(i64::MIN).to_string(), "-922337203685477.5808");
        assert_eq!(format!("{:?}", Energy::parse("1.5").unwrap()), "1.5 kWh");
    }

    #[test]
    fn energy_is_never_rounded() {
        assert_eq!(Energy::parse("1.23456").unwrap_err().kind, ItemErrorKind::Decimals { max: 4 });
        for text in ["", "-", "--1", "1,5", "1e3", "1.", ".5", "+1", "1 ", "1000000000000"] {
            assert!(Energy::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn slots_are_one_to_forty_eight() {
        assert_eq!((Slot::new(0), Slot::new(49)), (None, None));
        assert_eq!(Slot::all().map(Slot::number).collect::<Vec<_>>(), (1..=48).collect::<Vec<u8>>());
    }
}
