//! 項目の値の誤り as findings.

use super::{Finding, codes};
use crate::items::{Date, ItemError, ItemErrorKind};
use crate::messages::Field;
use jiff::ToSpan as _;

/// The finding of a text that is not a value of its item.
#[must_use]
pub fn item_finding(error: &ItemError, field: &Field) -> Finding {
    // The label of the field says more than that of the type: several fields can have one type.
    let named = ItemError { what: field.ja, what_en: field.en, kind: error.kind.clone() };
    let rule = match named.kind {
        ItemErrorKind::Empty => &codes::EMPTY_CELL,
        ItemErrorKind::Length { expected, got } if is_lost_zero(expected, got) => &codes::LOST_ZERO,
        ItemErrorKind::Length { .. } | ItemErrorKind::LengthBetween { .. } => &codes::WRONG_LENGTH,
        ItemErrorKind::TooLong { .. } => &codes::TOO_LONG,
        ItemErrorKind::Character { found: '\0', .. } => &codes::NUL_BYTE,
        ItemErrorKind::Character { .. } => &codes::WRONG_CHARACTER,
        ItemErrorKind::SpreadsheetNumber => &codes::SPREADSHEET_NUMBER,
        ItemErrorKind::UnknownArea { .. } => &codes::UNKNOWN_AREA,
        ItemErrorKind::Undivided { .. } => &codes::UNDIVIDED_TELEPHONE,
        ItemErrorKind::NoSuchDate => &codes::NO_SUCH_DATE,
        ItemErrorKind::OutOfRange { .. } => &codes::OUT_OF_RANGE,
        ItemErrorKind::Unknown { .. } => &codes::UNKNOWN_VALUE,
        ItemErrorKind::Decimals { .. } => &codes::TOO_MANY_DECIMALS,
        ItemErrorKind::Form { .. } => &codes::WRONG_FORM,
    };
    rule.finding(named.ja(), named.en()).on(field)
}

/// A spreadsheet drops a leading zero: a supply point id of 21, a business code of 4, a postal code of 6 digits.
const fn is_lost_zero(expected: usize, got: usize) -> bool {
    matches!((expected, got), (22, 21) | (5, 4) | (7, 6))
}

/// The finding of a text that is not a telephone number; one that lost its leading zero in a spreadsheet is recognised.
#[must_use]
pub fn telephone_finding(text: &str, error: &ItemError, field: &Field) -> Finding {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    let zero = text.trim_start_matches(['(', '（', ' ']).starts_with(['0', '０']);
    let plain = text.chars().all(|c| c.is_numeric() || matches!(c, '-' | '－' | ' ' | '(' | ')' | '（' | '）'));
    if plain && !zero && matches!(digits, 9 | 10) {
        let ja = format!("{}の先頭の0が失われているようです", field.ja);
        return codes::LOST_ZERO.finding(ja, format!("{} seems to have lost its leading zero", field.en)).on(field);
    }
    item_finding(error, field)
}

/// The date that a serial number of a spreadsheet stands for, from 2000 to 2064: `45987` is 2025-11-26.
#[must_use]
pub fn serial_date(text: &str) -> Option<Date> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let days: i32 = (days.len() == 5 && digits(days) && digits(fraction)).then(|| days.parse().ok()).flatten()?;
    if !(36_526..=60_000).contains(&days) {
        return None;
    }
    // Day 1 is 1900-01-01 and the spreadsheet believes in 1900-02-29: from then on, day 0 is 1899-12-30.
    jiff::civil::date(1899, 12, 30).checked_add(days.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn serial_numbers_of_spreadsheets_are_recognised() {
        assert_eq!(serial_date("45987"), Some(date(2025, 11, 26)));
        assert_eq!(serial_date("36526"), Some(date(2000, 1, 1)));
        assert_eq!(serial_date("45987.5"), Some(date(2025, 11, 26)));
        for other in ["20251126", "2025-11-26", "1234", "99999", "4598a", ""] {
            assert_eq!(serial_date(other), None, "{other}");
        }
    }
}
