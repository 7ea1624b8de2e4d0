//! 郵便番号・電話番号: kept as digits, whatever separators they were given with.

use super::digits::{digit, half_width, is_blank, is_hyphen};
use super::{ItemError, ItemErrorKind};
use std::fmt;

/// 郵便番号: seven digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostalCode([u8; 7]);

impl PostalCode {
    /// The most the item holds, in bytes of CP932, with its hyphen.
    pub const MAX_BYTES: usize = 8;

    /// Reads `1234567` or `123-4567`, half or full width.
    pub fn parse(text: &str) -> Result<PostalCode, ItemError> {
        let fail = |kind| ItemError { what: "郵便番号", what_en: "postal code", kind };
        let mut digits = [0; 7];
        let mut got = 0;
        for (index, found) in text.chars().enumerate() {
            match digit(found) {
                Some(digit) => {
                    if let Some(place) = digits.get_mut(got) {
                        *place = b'0' + digit;
                    }
                    got += 1;
                }
                None if got == 3 && is_hyphen(found) => {}
                None => return Err(fail(ItemErrorKind::Character { position: index + 1, found })),
            }
        }
        match got {
            7 => Ok(PostalCode(digits)),
            0 => Err(fail(ItemErrorKind::Empty)),
            got => Err(fail(ItemErrorKind::Length { expected: 7, got })),
        }
    }
    /// The seven digits without a hyphen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
    /// The code as people write it: `123-4567`.
    #[must_use]
    pub fn hyphenated(&self) -> String {
        let (area, rest) = self.as_str().split_at(3);
        format!("{area}-{rest}")
    }
}

impl fmt::Debug for PostalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostalCode(…)")
    }
}

/// 電話番号: three parts of digits, ten or eleven digits together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Telephone(Box<str>);

impl Telephone {
    /// Reads three parts: `03-1234-5678`, `03(1234)5678`, `(03)1234-5678`, `03 1234 5678`, half or full width.
    ///
    /// Digits without separators are refused: area codes differ in length, so where the parts end cannot be decided.
    pub fn parse(text: &str) -> Result<Telephone, ItemError> {
        let fail = |kind| ItemError { what: "電話番号", what_en: "telephone number", kind };
        const EXAMPLE: &str = "03-1234-5678";
        let mut plain = String::with_capacity(13);
        let (mut digits, mut pending) = (0, false);
        for (index, found) in text.chars().enumerate() {
            match digit(found) {
                Some(digit) => {
                    if pending && digits > 0 {
                        plain.push('-');
                    }
                    pending = false;
                    digits += 1;
                    plain.push(char::from(b'0' + digit));
                }
                None if is_hyphen(found) || is_blank(found) || matches!(half_width(found), '(' | ')') => pending = true,
                None => return Err(fail(ItemErrorKind::Character { position: index + 1, found })),
            }
        }
        match (digits, plain.split('-').count()) {
            (0, _) => Err(fail(ItemErrorKind::Empty)),
            (10 | 11, 1) => Err(fail(ItemErrorKind::Undivided { example: EXAMPLE })),
            (10 | 11, 3) if plain.starts_with('0') => Ok(Telephone(plain.into())),
            (10 | 11, _) => Err(fail(ItemErrorKind::Form { example: EXAMPLE })),
            (got, _) => Err(fail(ItemErrorKind::LengthBetween { min: 10, max: 11, got })),
        }
    }
    /// The number with hyphens between the parts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The three parts.
    #[must_use]
    pub fn parts(&self) -> [&str; 3] {
        let mut parts = self.0.splitn(3, '-');
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    }
}

impl fmt::Debug for Telephone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telephone(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postal_codes_with_and_without_hyphen() {
        for text in ["1234567", "123-4567", "１２３－４５６７", "123ー4567", "123‐4567"] {
            let code = PostalCode::parse(text).unwrap();
            assert_eq!((code.as_str(), code.hyphenated().as_str()), ("1234567", "123-4567"), "{text}");
        }
        let kind = |text| PostalCode::parse(text).unwrap_err().kind;
        assert_eq!(kind("12-34567"), ItemErrorKind::Character { position: 3, found: '-' });
        assert_eq!(kind("〒1234567"), ItemErrorKind::Character { position: 1, found: '〒' });
        assert_eq!(kind("123456"), ItemErrorKind::Length { expected: 7, got: 6 });
        assert_eq!(kind(""), ItemErrorKind::Empty);
        assert_eq!(format!("{:?}", PostalCode::parse("1234567").unwrap()), "PostalCode(…)");
    }

    #[test]
    fn telephone_numbers_have_three_parts() {
        for text in [
            "03-1234-5678",
            "03(1234)5678",
            "(03)1234-5678",
            "０３－１２３４－５６７８",
            "０３（１２３４）５６７８",
            "03 1234 5678",
            "03ー1234ー5678",
            "03 - 1234 - 5678",
        ] {
            let number = Telephone::parse(text).unwrap();
            assert_eq!((number.as_str(), number.parts()), ("03-1234-5678", ["03", "1234", "5678"]), "{text}");
        }
        assert_eq!(Telephone::parse("090-1234-5678").unwrap().parts(), ["090", "1234", "5678"]);
        assert_eq!(Telephone::parse("0120-123-456").unwrap().parts(), ["0120", "123", "456"]);
    }

    #[test]
    fn a_telephone_number_that_cannot_be_divided_is_refused() {
        let kind = |text| Telephone::parse(text).unwrap_err().kind;
        let example = "03-1234-5678";
        assert_eq!(kind("0312345678"), ItemErrorKind::Undivided { example });
        assert_eq!(kind("03-12345678"), ItemErrorKind::Form { example });
        assert_eq!(kind("03-12-34-5678"), ItemErrorKind::Form { example });
        assert_eq!(kind("13-1234-5678"), ItemErrorKind::Form { example });
        assert_eq!(kind("3-1234-5678"), ItemErrorKind::LengthBetween { min: 10, max: 11, got: 9 });
        assert_eq!(kind("+81-3-1234-5678"), ItemErrorKind::Character { position: 1, found: '+' });
        assert_eq!((kind(""), kind("--")), (ItemErrorKind::Empty, ItemErrorKind::Empty));
        assert!(Telephone::parse("0312345678").unwrap_err().ja().contains("区切り"));
    }
}
