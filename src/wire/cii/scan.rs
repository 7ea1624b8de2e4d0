//! 走査: octets looked at eight at a time.

use memchr::memchr2;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The octets of a word, the first one lowest.
fn word(octets: &[u8]) -> Option<u64> {
    octets.first_chunk::<8>().map(|octets| u64::from_le_bytes(*octets))
}

/// Marks the octets of a word that are zero; above the first one it may mark others.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

/// Marks the octets of a word that are less than 0x20 or no ASCII; above the first one it may mark others.
const fn unusual(word: u64) -> u64 {
    (word.wrapping_sub(0x20 * ONES) & !word & HIGH) | (word & HIGH)
}

/// How long the text is up to the next `<` or `&`, and whether it is ASCII without control characters for certain.
/// Close to the end of the octets there is none.
#[inline]
pub(super) fn text(octets: &[u8]) -> Option<(usize, bool)> {
    let (mut at, mut odd) = (0, 0);
    while at < 64 {
        let word = word(octets.get(at..)?)?;
        let ends = zeros(word ^ (0x3C * ONES)) | zeros(word ^ (0x26 * ONES));
        if ends != 0 {
            // What stands before the first mark.
            let before = (ends & ends.wrapping_neg()) - 1;
            odd |= unusual(word) & (before >> 7);
            return Some((at + ends.trailing_zeros() as usize / 8, odd == 0));
        }
        odd |= unusual(word);
        at += 8;
    }
    Some((at + memchr2(b'<', b'&', octets.get(at..)?)?, false))
}

/// How long the text is up to the next `<`: UTF-8 without control characters, of the characters that Japanese text is
/// mostly made of. Nothing for a text that is not, or has more than about 64 octets.
#[inline(always)]
pub(super) fn usual_text(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < 64 {
        let word = word(octets.get(at..)?)?;
        // The first mark is one of an octet that the text ends at, or that is no plain ASCII.
        let stops = zeros(word ^ (0x3C * ONES)) | zeros(word ^ (0x26 * ONES)) | unusual(word);
        if stops == 0 {
            at = at.wrapping_add(8);
            continue;
        }
        let place = stops.trailing_zeros() & !7;
        let end = at.wrapping_add(place as usize / 8);
        return match (word >> place) as u8 {
            b'<' => Some(end),
            0x80.. => usual_characters(octets, end),
            _ => None,
        };
    }
    None
}

/// The same, character by character from some place on.
#[inline(always)]
pub(super) fn usual_characters(octets: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < 64 {
        let word = word(octets.get(at..)?)?;
        // Two characters of three octets each; E0 and ED have continuations of their own.
        let is_two = word & 0x0000_C0C0_F0C0_C0F0 == 0x0000_8080_E080_80E0;
        if is_two && !is_odd_lead(word as u8) && !is_odd_lead((word >> 24) as u8) {
            at = at.wrapping_add(6);
            continue;
        }
        at = at.wrapping_add(match word as u8 {
            b'<' => return Some(at),
            0xE1..=0xEC | 0xEE | 0xEF if word & 0x00C0_C000 == 0x0080_8000 => 3,
            b'&' => return None,
            0x20..=0x7F => 1,
            _ => return None,
        });
    }
    None
}

const fn is_odd_lead(octet: u8) -> bool {
    matches!(octet, 0xE0 | 0xED)
}

/// A decimal number up to the next `<`, as a count of 0.0001, and its length: where it has at most seven octets.
#[inline(always)]
pub(super) fn number(octets: &[u8]) -> Option<(i64, usize)> {
    let word = word(octets)?;
    let ends = zeros(word ^ (0x3C * ONES));
    let len = ends.trailing_zeros() as usize / 8;
    if ends == 0 || len == 0 {
        return None;
    }
    decimal_of(word, len).map(|count| (count, len))
}

/// Whether the octets are UTF-8 without control characters, of the characters that Japanese text is mostly made of. What
/// is not may be UTF-8 all the same.
#[inline]
pub(super) fn is_usual_text(octets: &[u8]) -> bool {
    let mut rest = octets;
    loop {
        rest = match rest {
            [] => return true,
            [0xE1..=0xEC | 0xEE | 0xEF, 0x80..=0xBF, 0x80..=0xBF, rest @ ..] | [0x20..=0x7F, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// A decimal number of so many octets at the beginning of more, as a count of 0.0001: where it has at most seven, and is
/// plain.
#[inline]
pub(super) fn short_decimal(octets: &[u8], len: usize) -> Option<i64> {
    let word = word(octets)?;
    if len == 0 || len > 7 {
        return None;
    }
    decimal_of(word, len)
}

/// The decimal number in the first 1 to 7 octets of a word.
#[inline(always)]
fn decimal_of(word: u64, len: usize) -> Option<i64> {
    // The decimal point, or where there is none the end.
    let end = 0x80 << (8 * (len & 7));
    let point = ((zeros(word ^ (0x2E * ONES)) | end).trailing_zeros() / 8) as usize;
    let behind = len.wrapping_sub(point);
    let decimals = behind.saturating_sub(1);
    if point == 0 || behind == 1 || decimals > 4 {
        return None;
    }
    // The digits move together, and to the end of the word; zeros stand before them.
    let before = (1u64 << (8 * (point & 7))).wrapping_sub(1);
    let digits = (word & before) | ((word >> 8) & !before);
    let bits = 8 * (point.wrapping_add(decimals) & 7);
    let digits = (digits << (64 - bits)) | (0x3030_3030_3030_3030 >> bits);
    let wrong = (digits ^ (0x30 * ONES)) | (digits.wrapping_add(0x06 * ONES) ^ (0x30 * ONES));
    if wrong & (0xF0 * ONES) != 0 {
        return None;
    }
    // Pairs, fours, eights.
    let pairs = (digits & (0x0F * ONES)).wrapping_mul(2561) >> 8;
    let fours = (pairs & 0x00FF_00FF_00FF_00FF).wrapping_mul(6_553_601) >> 16;
    let eights = (fours & 0x0000_FFFF_0000_FFFF).wrapping_mul(42_949_672_960_001) >> 32;
    const SCALE: [i64; 8] = [10_000, 1_000, 100, 10, 1, 0, 0, 0];
    SCALE.get(decimals & 7).map(|scale| eights.cast_signed().wrapping_mul(*scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::cii::value::decimal;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_ends_where_a_tag_or_reference_begins(
            text_of in "[ -~あ-ん\u{0}-\u{1F}\u{7F}-\u{FF}]{0,90}", behind in "[<&][ -~]{8,40}"
        ) {
            let octets = [text_of.as_bytes(), behind.as_bytes()].concat();
            let end = octets.iter().position(|octet| matches!(octet, b'<' | b'&')).unwrap();
            let (len, plain) = text(&octets).unwrap();
            prop_assert_eq!(len, end);
            let is_plain = octets[..end].iter().all(|octet| (0x20..0x80).contains(octet));
            prop_assert!(is_plain || !plain);
            prop_assert!(plain || !is_plain || end >= 56);
        }

        #[test]
        fn what_is_read_at_once_is_what_is_there(
            text_of in "[ -~あ-ん]{0,30}|[0-9]{0,22}|[^<]{0,20}", behind in "[<][ -~]{8,40}"
        ) {
            let octets = [text_of.as_bytes(), behind.as_bytes()].concat();
            let end = octets.iter().position(|octet| *octet == b'<').unwrap();
            if let Some(len) = usual_text(&octets) {
                prop_assert_eq!(len, end);
                prop_assert!(!octets[..end].contains(&b'&') && octets[..end].iter().all(|octet| *octet >= b' '));
            } else {
                let is_usual = octets[..end].iter().all(|octet| *octet != b'&') && is_usual_text(&octets[..end]);
                prop_assert!(!is_usual || end >= 56);
            }
            if let Some((count, len)) = number(&octets) {
                prop_assert_eq!(len, end);
                prop_assert_eq!(decimal(&octets[..end]), Ok(count));
            }
        }

        #[test]
        fn octets_that_are_no_text_are_not_read_at_once(text_of in prop::collection::vec(any::<u8>(), 0..20)) {
            let octets = [&text_of[..], b"</JP06400>...."].concat();
            if let Some(len) = usual_text(&octets) {
                prop_assert!(std::str::from_utf8(&octets[..len]).is_ok());
            }
        }

        #[test]
        fn usual_text_is_text(octets in prop::collection::vec(any::<u8>(), 0..9), text in "[ -~ぁ-鿿]{0,9}") {
            if is_usual_text(&octets) {
                prop_assert!(std::str::from_utf8(&octets).unwrap().bytes().all(|octet| octet >= b' '));
            }
            prop_assert!(is_usual_text(text.as_bytes()));
        }

        #[test]
        fn a_short_number_is_the_number(number in "[0-9.:/-]{0,10}", behind in "[<0-9.]{8}") {
            let octets = [number.as_bytes(), behind.as_bytes()].concat();
            let expected = decimal(number.as_bytes()).ok();
            prop_assert_eq!(short_decimal(&octets, number.len()), expected.filter(|_| number.len() <= 7));
        }

        #[test]
        fn a_well_formed_short_number_is_read(whole in "[0-9]{1,2}", decimals in "(\\.[0-9]{1,4})?") {
            let number = whole + &decimals;
            let octets = [number.as_bytes(), b"</JP06125>"].concat();
            prop_assert_eq!(short_decimal(&octets, number.len()), decimal(number.as_bytes()).ok());
        }
    }
}
