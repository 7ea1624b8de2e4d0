//! Digits and separators as people type and paste them, half or full width.

use super::ItemErrorKind;

/// The value of a half- or full-width decimal digit.
pub(super) const fn digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        '０'..='９' => Some((c as u32 - '０' as u32) as u8),
        _ => None,
    }
}

/// The half-width ASCII twin of a full-width character; another character stays.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Hyphens, dashes and minus signs that people mean as a hyphen: `-` `‐` `–` `—` `―` `−` `－` `ー` `ｰ`.
pub(super) const fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' | '\u{30FC}' | '\u{FF70}')
}

/// Blanks inside a line, half or full width.
pub(super) const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{A0}' | '\u{3000}')
}

/// Reads a whole number of at most `max_digits` half- or full-width digits.
pub(super) fn whole(text: &str, max_digits: usize, example: &'static str) -> Result<u32, ItemErrorKind> {
    let mut value = 0u32;
    let mut count = 0;
    for (index, found) in text.chars().enumerate() {
        let digit = digit(found).ok_or(ItemErrorKind::Character { position: index + 1, found })?;
        count += 1;
        if count > max_digits {
            return Err(ItemErrorKind::Form { example });
        }
        value = value.saturating_mul(10).saturating_add(u32::from(digit));
    }
    if count == 0 { Err(ItemErrorKind::Empty) } else { Ok(value) }
}

/// Reads a decimal number as a count of its last decimal: `whole` digits at most before the point, `decimals` after it.
pub(super) fn decimal(text: &str, whole: u32, decimals: u32, example: &'static str) -> Result<i64, ItemErrorKind> {
    if text.is_empty() {
        return Err(ItemErrorKind::Empty);
    }
    let form = ItemErrorKind::Form { example };
    let (mut value, mut before, mut after) = (0i64, 0u32, None);
    for c in text.chars() {
        match (digit(c), &mut after) {
            (Some(d), None) => {
                before += 1;
                value = value.saturating_mul(10).saturating_add(i64::from(d));
            }
            (Some(d), Some(count)) => {
                *count += 1;
                if *count > decimals {
                    continue;
                }
                value = value.saturating_mul(10).saturating_add(i64::from(d));
            }
            (None, None) if matches!(c, '.' | '．') => after = Some(0),
            _ => return Err(form),
        }
    }
    if before == 0 || before > whole || after == Some(0) {
        return Err(form);
    }
    let after = after.unwrap_or(0);
    if after > decimals {
        return Err(ItemErrorKind::Decimals { max: decimals as usize });
    }
    Ok(value * 10i64.pow(decimals - after))
}

/// Writes a count of the last decimal as a decimal number, without needless decimals.
pub(super) fn write_decimal(f: &mut impl std::fmt::Write, count: u64, decimals: usize) -> std::fmt::Result {
    let scale = 10u64.pow(decimals as u32);
    let (whole, mut rest, mut width) = (count / scale, count % scale, decimals);
    if rest == 0 {
        return write!(f, "{whole}");
    }
    while rest % 10 == 0 {
        rest /= 10;
        width -= 1;
    }
    write!(f, "{whole}.{rest:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_strict() {
        assert_eq!(decimal("12.3456", 12, 4, "1"), Ok(123_456));
        assert_eq!(decimal("１２．３", 12, 4, "1"), Ok(123_000));
        assert_eq!(decimal("0", 12, 4, "1"), Ok(0));
        assert_eq!(decimal("1.23450", 12, 4, "1"), Err(ItemErrorKind::Decimals { max: 4 }));
        for wrong in ["1.", ".5", "1.2.3", "1,000", " 1", "+1", "1e3", "1234567890123"] {
            assert_eq!(decimal(wrong, 12, 4, "1"), Err(ItemErrorKind::Form { example: "1" }), "{wrong}");
        }
        assert_eq!(decimal("", 12, 4, "1"), Err(ItemErrorKind::Empty));
    }

    #[test]
    fn decimals_are_written_without_needless_zeros() {
        let text = |count, decimals| {
            let mut out = String::new();
            write_decimal(&mut out, count, decimals).map(|()| out)
        };
        assert_eq!(text(123_000, 4).as_deref(), Ok("12.3"));
        assert_eq!(text(40_000, 3).as_deref(), Ok("40"));
        assert_eq!(text(5, 4).as_deref(), Ok("0.0005"));
        assert_eq!(text(100_050, 4).as_deref(), Ok("10.005"));
    }
}
