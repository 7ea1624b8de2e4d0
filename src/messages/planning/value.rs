//! 項目の値: codes and texts of plans, read from and written to their element.

use crate::items::{BusinessCode, Date, ItemError, ItemErrorKind, SupplyPointId, parse_date};
use std::borrow::Cow;
use std::fmt;

/// A value that stands in an element of a plan.
pub trait PlanValue: Sized {
    /// Reads the text of the element.
    fn read(text: &str) -> Result<Self, ItemError>;
    /// The text of the element.
    fn text(&self) -> Cow<'_, str>;
}

/// Half-width letters and digits, exactly `N`: 計画提出者コード, 取引先コード, 系統コード (5), 申込番号 (13).
///
/// Source: facts/wire.md §4.4 (C, schema limit).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanCode<const N: usize>([u8; N]);

impl<const N: usize> PlanCode<N> {
    /// Reads exactly `N` half-width capital letters and digits.
    pub fn parse(text: &str) -> Result<PlanCode<N>, ItemError> {
        let fail = |kind| ItemError { what: "コード", what_en: "code", kind };
        let foreign = |c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit();
        if let Some((index, found)) = text.chars().enumerate().find(|(_, c)| foreign(*c)) {
            return Err(fail(ItemErrorKind::Character { position: index + 1, found }));
        }
        match text.len() {
            0 => Err(fail(ItemErrorKind::Empty)),
            got => {
                let octets = text.as_bytes().try_into();
                octets.map(PlanCode).map_err(|_| fail(ItemErrorKind::Length { expected: N, got }))
            }
        }
    }
    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for PlanCode<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for PlanCode<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// 名称: the name of a business or balancing group, at most 50 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanName(Box<str>);

impl PlanName {
    /// The most characters, `X(50)`. Whether it counts characters or octets is not published: characters, here.
    pub const MAX: usize = 50;

    /// Keeps the text exactly as given; refuses an empty, over-long or control-character text.
    pub fn parse(text: &str) -> Result<PlanName, ItemError> {
        let fail = |kind| ItemError { what: "名称", what_en: "name", kind };
        let mut got = 0;
        for found in text.chars() {
            got += 1;
            if found.is_control() || matches!(found, '\u{FFFE}' | '\u{FFFF}') {
                return Err(fail(ItemErrorKind::Character { position: got, found }));
            }
        }
        match got {
            0 => Err(fail(ItemErrorKind::Empty)),
            got if got > PlanName::MAX => Err(fail(ItemErrorKind::TooLong { max: PlanName::MAX, got })),
            _ => Ok(PlanName(text.into())),
        }
    }
    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PlanName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlanName(…{})", self.0.chars().count())
    }
}

/// One digit whose meaning is not published; kept as it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanDigit(u8);

impl PlanDigit {
    /// A digit 0..=9.
    #[must_use]
    pub const fn new(digit: u8) -> Option<PlanDigit> {
        if digit <= 9 { Some(PlanDigit(digit)) } else { None }
    }
    /// The digit.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl PlanValue for PlanDigit {
    fn read(text: &str) -> Result<PlanDigit, ItemError> {
        let digit = text.parse().ok().filter(|_| text.len() == 1).and_then(PlanDigit::new);
        let kind = ItemErrorKind::OutOfRange { min: "0", max: "9" };
        digit.ok_or(ItemError { what: "区分", what_en: "flag", kind })
    }
    fn text(&self) -> Cow<'_, str> {
        const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        Cow::Borrowed(DIGITS.get(usize::from(self.0)).copied().unwrap_or_default())
    }
}

impl<const N: usize> PlanValue for PlanCode<N> {
    fn read(text: &str) -> Result<PlanCode<N>, ItemError> {
        PlanCode::parse(text)
    }
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl PlanValue for PlanName {
    fn read(text: &str) -> Result<PlanName, ItemError> {
        PlanName::parse(text)
    }
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl PlanValue for BusinessCode {
    fn read(text: &str) -> Result<BusinessCode, ItemError> {
        half_width(text, "事業者コード", "business code")?;
        BusinessCode::parse(text)
    }
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
}

impl PlanValue for SupplyPointId {
    fn read(text: &str) -> Result<SupplyPointId, ItemError> {
        half_width(text, "供給地点特定番号", "supply point id")?;
        SupplyPointId::parse(text)
    }
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

/// `YYYYMMDD`.
impl PlanValue for Date {
    fn read(text: &str) -> Result<Date, ItemError> {
        half_width(text, "計画対象年月日", "date of the plan")?;
        parse_date(text)
            .map_err(|error| ItemError { what: "計画対象年月日", what_en: "date of the plan", ..error })
    }
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{:04}{:02}{:02}", self.year(), self.month(), self.day()))
    }
}

/// In a file for a machine only half-width digits stand.
fn half_width(text: &str, what: &'static str, what_en: &'static str) -> Result<(), ItemError> {
    let foreign = text.chars().enumerate().find(|(_, c)| !c.is_ascii_digit());
    foreign.map_or(Ok(()), |(index, found)| {
        Err(ItemError { what, what_en, kind: ItemErrorKind::Character { position: index + 1, found } })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_length_and_no_other_sign() {
        assert_eq!(PlanCode::<5>::parse("JSPT3").unwrap().as_str(), "JSPT3");
        let kind = |text| PlanCode::<5>::parse(text).unwrap_err().kind;
        assert_eq!(kind("JSPT"), ItemErrorKind::Length { expected: 5, got: 4 });
        assert_eq!(kind("jSPT3"), ItemErrorKind::Character { position: 1, found: 'j' });
        assert_eq!(kind("JSPT３"), ItemErrorKind::Character { position: 5, found: '３' });
        assert_eq!(kind(""), ItemErrorKind::Empty);
    }

    #[test]
    fn what_is_read_is_written_alike() {
        fn same<V: PlanValue>(text: &str) {
            assert_eq!(V::read(text).unwrap().text(), text);
        }
        same::<Date>("20260401");
        same::<BusinessCode>("40916");
        same::<PlanCode<13>>("0699999999999");
        same::<PlanName>("（翌日）需要調達計画 & <試>");
        same::<PlanDigit>("7");
        same::<SupplyPointId>("0600111122223333444455");
        assert!(Date::read("2026-04-01").is_err() && BusinessCode::read("４０９１６").is_err());
        assert!(PlanDigit::read("10").is_err() && PlanDigit::read("+1").is_err());
        assert!(PlanName::read(&"あ".repeat(51)).is_err() && PlanName::read("a\u{1}").is_err());
    }
}
