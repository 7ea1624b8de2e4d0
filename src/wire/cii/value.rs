//! 値: what stands in an element, read exactly.

use crate::items::{Date, Slot, YearMonth};

/// Why a number is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Nothing stands there.
    Empty,
    /// It is negative.
    Negative,
    /// It has more than four decimals.
    Decimals,
    /// It is no decimal number, or has more than twelve whole digits.
    Form,
}

/// A decimal number as a count of 0.0001: at most twelve whole digits and four decimals.
#[inline]
pub(super) fn decimal(octets: &[u8]) -> Result<i64, Wrong> {
    let (mut value, mut whole) = (0i64, 0usize);
    let mut rest = octets.iter();
    for octet in rest.by_ref() {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            if *octet == b'.' {
                break;
            }
            return Err(wrong(octets));
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        whole += 1;
    }
    let decimals = rest.as_slice();
    if whole == 0 || whole > 12 || decimals.len() > 4 || decimals.is_empty() && whole != octets.len() {
        return Err(wrong(octets));
    }
    let mut scale = 10_000;
    for octet in decimals {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            return Err(wrong(octets));
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        scale /= 10;
    }
    Ok(value.wrapping_mul(scale))
}

/// Names what is wrong with a number that was refused.
#[cold]
fn wrong(octets: &[u8]) -> Wrong {
    let is_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let (negative, number) = octets.strip_prefix(b"-").map_or((false, octets), |number| (true, number));
    let point = number.iter().position(|octet| *octet == b'.');
    let (whole, decimals) = match point {
        Some(point) => (number.get(..point).unwrap_or_default(), number.get(point + 1..)),
        None => (number, None),
    };
    let well_formed = is_digits(whole) && decimals.is_none_or(is_digits) && whole.len() <= 12;
    match () {
        () if octets.is_empty() => Wrong::Empty,
        () if !well_formed => Wrong::Form,
        () if negative => Wrong::Negative,
        () => Wrong::Decimals,
    }
}

/// A whole number of exactly so many digits.
fn digits(octets: &[u8]) -> Option<u16> {
    if octets.is_empty() || octets.len() > 4 {
        return None;
    }
    octets.iter().try_fold(0u16, |sum, octet| {
        let digit = octet.wrapping_sub(b'0');
        (digit <= 9).then(|| sum * 10 + u16::from(digit))
    })
}

fn small(octets: &[u8]) -> Option<i8> {
    i8::try_from(digits(octets)?).ok()
}

/// A slot: `01` to `48`, or `1` to `9`.
pub(super) fn slot(octets: &[u8]) -> Option<Slot> {
    if octets.len() > 2 {
        return None;
    }
    Slot::new(u8::try_from(digits(octets)?).ok()?)
}

/// `YYYYMMDD`.
pub(super) fn date(octets: &[u8]) -> Option<Date> {
    let (year, rest) = octets.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    if day.len() != 2 {
        return None;
    }
    Date::new(i16::try_from(digits(year)?).ok()?, small(month)?, small(day)?).ok()
}

/// `YYYYMM`.
pub(super) fn month(octets: &[u8]) -> Option<YearMonth> {
    let (year, month) = octets.split_at_checked(4)?;
    if month.len() != 2 {
        return None;
    }
    YearMonth::new(i16::try_from(digits(year)?).ok()?, small(month)?)
}

/// `YYMMDDhhmmss`, JST, of this century.
pub(super) fn created(octets: &[u8]) -> Option<crate::items::DateTime> {
    let part = |at: usize| small(octets.get(at..at + 2)?);
    if octets.len() != 12 {
        return None;
    }
    let date = Date::new(2000 + i16::from(part(0)?), part(2)?, part(4)?).ok()?;
    let time = jiff::civil::Time::new(part(6)?, part(8)?, part(10)?, 0).ok()?;
    Some(date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Energy;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_exact_and_what_is_wrong_is_named() {
        for (text, value) in [
            ("0", Ok(0)),
            ("12.3456", Ok(123_456)),
            ("007.1", Ok(71_000)),
            ("999999999999.9999", Ok(9_999_999_999_999_999)),
            ("", Err(Wrong::Empty)),
            ("-1.5", Err(Wrong::Negative)),
            ("1.23456", Err(Wrong::Decimals)),
            ("1.00000", Err(Wrong::Decimals)),
            ("1e3", Err(Wrong::Form)),
            ("1.", Err(Wrong::Form)),
            (".5", Err(Wrong::Form)),
            ("-", Err(Wrong::Form)),
            ("+1", Err(Wrong::Form)),
            ("1.2.3", Err(Wrong::Form)),
            ("1,000", Err(Wrong::Form)),
            ("1000000000000", Err(Wrong::Form)),
            ("１", Err(Wrong::Form)),
        ] {
            assert_eq!(decimal(text.as_bytes()), value, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_that_of_the_item(text in "-?[0-9]{0,14}(\\.[0-9]{0,6})?") {
            let item = Energy::parse(&text).ok().filter(|_| !text.starts_with('-'));
            prop_assert_eq!(decimal(text.as_bytes()).ok(), item.map(Energy::ten_thousandths));
        }
    }

    #[test]
    fn slots_dates_and_months() {
        let number = |text: &str| slot(text.as_bytes()).map(Slot::number);
        assert_eq!(["01", "1", "48"].map(number), [Some(1), Some(1), Some(48)]);
        assert_eq!(["0", "00", "49", "001", "", "x", "-1"].map(number), [None; 7]);
        assert_eq!(date(b"20260228").map(|date| date.to_string()).as_deref(), Some("2026-02-28"));
        assert_eq!([&b"20260229"[..], b"2026022", b"202602280", b"2026-2-8", b""].map(date), [None; 5]);
        assert_eq!(month(b"202604"), YearMonth::new(2026, 4));
        assert_eq!([&b"202613"[..], b"20264", b"2026040"].map(month), [None; 3]);
        assert_eq!(created(b"260401093015").map(|time| time.to_string()).as_deref(), Some("2026-04-01T09:30:15"));
        assert_eq!((created(b"260401243015"), created(b"2604010930")), (None, None));
    }
}
