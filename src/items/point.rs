//! 供給地点特定番号.

use super::digits::{digit, half_width, is_blank, is_hyphen};
use super::{Area, ItemError, ItemErrorKind};
use std::fmt;

crate::code_set! {
    /// 供給種別: the family of a supply point; messages of different families are never confused.
    pub enum Family = "family" {
        Low = "low", "低圧", "low voltage";
        High = "high", "高圧", "high voltage under 500 kW";
        Fit = "fit", "低圧FIT", "low-voltage FIT";
    }
}

/// 電圧区分: what the third digit of a supply point id is said to mean.
///
/// Source: facts/switching.md §3, low trust: a rule, never a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoltageDigit {
    /// 0: 低圧
    Low,
    /// 1: 高圧・特別高圧
    High,
    /// Another digit.
    Unknown(u8),
}

/// 供給地点特定番号: 22 digits, issued by the operator per contract. There is no check digit.
///
/// Source: facts/switching.md §3 (D).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SupplyPointId([u8; 22]);

impl SupplyPointId {
    /// Reads 22 digits, half or full width, with the separators people paste (hyphens, dashes, long-vowel marks, blanks).
    ///
    /// The first two digits must be a supply area 01–10. An id that a spreadsheet turned into a number
    /// (`3.00112E+20`, or 21 digits that end in zeros) is told apart from a mistyped one.
    pub fn parse(text: &str) -> Result<SupplyPointId, ItemError> {
        let fail = |kind| ItemError { what: "供給地点特定番号", what_en: "supply point id", kind };
        let digits = match <[u8; 22]>::try_from(text.as_bytes()) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_digit) => bytes,
            _ => read(text).map_err(fail)?,
        };
        let [tens, ones, ..] = digits;
        match (tens - b'0') * 10 + (ones - b'0') {
            1..=10 => Ok(SupplyPointId(digits)),
            got => Err(fail(ItemErrorKind::UnknownArea { got })),
        }
    }

    /// The id of 22 half-width digits; nothing where another octet stands among them, or the first two are no area.
    #[must_use]
    #[inline]
    pub fn from_digits(digits: &[u8; 22]) -> Option<SupplyPointId> {
        const fn wrong(word: u64) -> u64 {
            word ^ 0x3030_3030_3030_3030 | word.wrapping_add(0x0606_0606_0606_0606) ^ 0x3030_3030_3030_3030
        }
        let [first, second, last] = words(digits);
        let wrong = wrong(first) | wrong(second) | wrong(last);
        let [tens, ones, ..] = *digits;
        let area = tens.wrapping_sub(b'0').wrapping_mul(10).wrapping_add(ones.wrapping_sub(b'0'));
        (wrong & 0xF0F0_F0F0_F0F0_F0F0 == 0 && matches!(area, 1..=10)).then_some(SupplyPointId(*digits))
    }

    /// The 22 digits without separators.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The 22 digits as octets of ASCII.
    #[must_use]
    pub const fn digits(&self) -> &[u8; 22] {
        &self.0
    }

    /// The 22 digits as people read them: 2-4-4-4-4-4.
    #[must_use]
    pub fn grouped(&self) -> impl fmt::Display {
        Grouped(*self)
    }

    /// The id as a number; equal and ordered as the ids are. For sets of many ids.
    #[must_use]
    pub fn packed(&self) -> u128 {
        let (high, low) = self.0.split_at(11);
        let number = |part: &[u8]| part.iter().fold(0u64, |sum, byte| sum * 10 + u64::from(byte - b'0'));
        u128::from(number(high)) * 100_000_000_000 + u128::from(number(low))
    }

    /// The digits in four bits each, 88 bits in all; equal and ordered as the ids are, and quicker than
    /// [`SupplyPointId::packed`].
    #[must_use]
    #[inline]
    pub fn nibbles(&self) -> u128 {
        nibbles(&self.0)
    }

    /// The supply area, from the first two digits.
    #[must_use]
    #[inline]
    pub fn area(&self) -> Area {
        let [tens, ones, ..] = self.0;
        // `parse` lets no other number through: nothing wraps, and nothing here can panic.
        let number = (tens & 0x0f).wrapping_mul(10).wrapping_add(ones & 0x0f);
        Area::from_number(number).unwrap_or(Area::Okinawa)
    }

    /// What the third digit says of the voltage.
    #[must_use]
    pub const fn voltage(&self) -> VoltageDigit {
        let [_, _, third, ..] = self.0;
        match third {
            b'0' => VoltageDigit::Low,
            b'1' => VoltageDigit::High,
            other => VoltageDigit::Unknown(other - b'0'),
        }
    }

    /// The id as far as it may stand in a log: the last four digits.
    #[must_use]
    pub fn masked(&self) -> String {
        let tail: String = self.as_str().chars().skip(18).collect();
        format!("…{tail}")
    }
}

/// The last four bits of 22 octets, the first one's highest.
#[inline]
pub(crate) fn nibbles(digits: &[u8; 22]) -> u128 {
    const fn pack(word: u64) -> u64 {
        let pairs = word & 0x0F0F_0F0F_0F0F_0F0F;
        let octets = (pairs | pairs >> 4) & 0x00FF_00FF_00FF_00FF;
        let halves = (octets | octets >> 8) & 0x0000_FFFF_0000_FFFF;
        (halves | halves >> 16) & 0xFFFF_FFFF
    }
    let [first, second, last] = words(digits);
    let (first, second, last) = (pack(first), pack(second), pack(last));
    // The last word begins with two digits of the one before.
    u128::from(first << 32 | second) << 24 | u128::from(last & 0xFF_FFFF)
}

/// Digits 1–8, 9–16 and 15–22, the first of each highest.
#[inline]
fn words(digits: &[u8; 22]) -> [u64; 3] {
    let word = |octets: Option<&[u8; 8]>| octets.map_or(0, |octets| u64::from_be_bytes(*octets));
    let (_, behind) = digits.split_at(8);
    [word(digits.first_chunk()), word(behind.first_chunk()), word(digits.last_chunk())]
}

impl fmt::Debug for SupplyPointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

struct Grouped(SupplyPointId);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (area, rest) = self.0.0.split_at(2);
        f.write_str(std::str::from_utf8(area).unwrap_or_default())?;
        rest.chunks(4).try_for_each(|four| write!(f, "-{}", std::str::from_utf8(four).unwrap_or_default()))
    }
}

fn read(text: &str) -> Result<[u8; 22], ItemErrorKind> {
    let mut digits = [0u8; 22];
    let mut got = 0;
    for (index, found) in text.chars().enumerate() {
        if is_hyphen(found) || is_blank(found) {
            continue;
        }
        let Some(digit) = digit(found) else {
            let other = ItemErrorKind::Character { position: index + 1, found };
            return Err(if is_spreadsheet_number(text) { ItemErrorKind::SpreadsheetNumber } else { other });
        };
        if let Some(place) = digits.get_mut(got) {
            *place = b'0' + digit;
        }
        got += 1;
    }
    match got {
        22 => Ok(digits),
        0 => Err(ItemErrorKind::Empty),
        // A spreadsheet keeps 15 digits and drops the leading zero of the areas 01–09: 21 digits, six zeros at the end.
        21 if digits.get(15..21) == Some(b"000000") && digits.first() != Some(&b'0') => {
            Err(ItemErrorKind::SpreadsheetNumber)
        }
        got => Err(ItemErrorKind::Length { expected: 22, got }),
    }
}

/// Whether the text is a number in scientific notation, half or full width: `3.00112E+20`.
fn is_spreadsheet_number(text: &str) -> bool {
    let text: String = text.chars().map(half_width).collect();
    let Some((number, exponent)) = text.trim().split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(decimals) && digits(exponent) && exponent.len() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "0300111234567890123456";

    fn kind(text: &str) -> ItemErrorKind {
        SupplyPointId::parse(text).unwrap_err().kind
    }

    #[test]
    fn digits_alone_are_an_id() {
        assert_eq!(
            SupplyPointId::from_digits(PLAIN.as_bytes().first_chunk().unwrap()),
            SupplyPointId::parse(PLAIN).ok()
        );
        for text in [b"0000111234567890123456", b"1100111234567890123456", b"03001112345678901234-6"] {
            assert_eq!(SupplyPointId::from_digits(text), None);
        }
        for place in 0..22 {
            for octet in (0..=0xFF).filter(|octet: &u8| !octet.is_ascii_digit()) {
                let mut digits = *PLAIN.as_bytes().first_chunk().unwrap();
                digits[place] = octet;
                assert_eq!(SupplyPointId::from_digits(&digits), None, "{octet} at {place}");
            }
        }
        let (one, other) =
            (SupplyPointId::parse(PLAIN).unwrap(), SupplyPointId::parse("0910000000000000000007").unwrap());
        assert_eq!((one.nibbles(), other.nibbles()), (0x0300111234567890123456, 0x0910000000000000000007));
    }

    #[test]
    fn what_people_paste_is_read() {
        let id = SupplyPointId::parse(PLAIN).unwrap();
        for text in [
            "03-0011-1234-5678-9012-3456",
            "０３－００１１－１２３４－５６７８－９０１２－３４５６",
            "03‐0011‐1234‐5678‐9012‐3456",
            "03ー0011ー1234ー5678ー9012ー3456",
            "03 0011 1234\t5678\u{3000}9012\u{A0}3456 ",
            "03\u{2212}0011\u{2013}1234\u{2014}5678\u{2015}9012\u{2011}3456",
        ] {
            assert_eq!(SupplyPointId::parse(text), Ok(id), "{text}");
        }
        assert_eq!(id.as_str(), PLAIN);
        assert_eq!(id.grouped().to_string(), "03-0011-1234-5678-9012-3456");
        assert_eq!(id.packed(), 300_111_234_567_890_123_456);
        assert_eq!((id.area(), id.voltage()), (Area::Tokyo, VoltageDigit::Low));
        assert_eq!(format!("{id:?}"), "…3456");
    }

    #[test]
    fn the_third_digit_is_read_but_never_refused() {
        assert_eq!(SupplyPointId::parse("0310111234567890123456").unwrap().voltage(), VoltageDigit::High);
        assert_eq!(SupplyPointId::parse("0370111234567890123456").unwrap().voltage(), VoltageDigit::Unknown(7));
    }

    #[test]
    fn the_area_is_one_of_ten() {
        assert_eq!(SupplyPointId::parse("1000111234567890123456").unwrap().area(), Area::Okinawa);
        for (text, got) in
            [("0000111234567890123456", 0), ("1100111234567890123456", 11), ("99-0011-1234-5678-9012-3456", 99)]
        {
            assert_eq!(kind(text), ItemErrorKind::UnknownArea { got });
        }
        let error = SupplyPointId::parse("1100111234567890123456").unwrap_err();
        assert!(error.ja().contains("1〜2文字目「11」"), "{}", error.ja());
    }

    #[test]
    fn the_wrong_character_and_its_position_are_named() {
        assert_eq!(kind("03-0O11-1234-5678-9012-3456"), ItemErrorKind::Character { position: 5, found: 'O' });
        let error = SupplyPointId::parse("O300111234567890123456").unwrap_err();
        assert!(error.ja().contains("1文字目「O」") && error.ja().contains("数字の0"), "{}", error.ja());
        let error = SupplyPointId::parse("030011l234567890123456").unwrap_err();
        assert!(error.en().contains("character 7") && error.en().contains("digit 1"), "{}", error.en());
        assert_eq!(kind("0300111234567890123456\u{0}"), ItemErrorKind::Character { position: 23, found: '\u{0}' });
    }

    #[test]
    fn lengths_are_counted_in_digits() {
        assert_eq!(kind(""), ItemErrorKind::Empty);
        assert_eq!(kind(" - "), ItemErrorKind::Empty);
        for (text, got) in [(&PLAIN[..20], 20), (&PLAIN[..21], 21), ("03001112345678901234567", 23)] {
            assert_eq!(kind(text), ItemErrorKind::Length { expected: 22, got });
        }
        assert!(SupplyPointId::parse(&PLAIN[..20]).unwrap_err().ja().contains("末尾2桁"));
    }

    #[test]
    fn a_spreadsheet_number_is_told_apart() {
        for text in
            ["3.00112E+20", "3.00112e20", "３．００１１２Ｅ＋２０", " 3E+20 ", "3,00112E+20", "300111234567890000000"]
        {
            assert_eq!(kind(text), ItemErrorKind::SpreadsheetNumber, "{text}");
        }
        assert_eq!(kind("3.00112F+20"), ItemErrorKind::Character { position: 2, found: '.' });
        assert_eq!(kind("E20"), ItemErrorKind::Character { position: 1, found: 'E' });
    }
}
