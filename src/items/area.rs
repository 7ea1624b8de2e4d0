//! 供給区域 and the business codes that end in it.

use super::{ItemError, ItemErrorKind};
use std::fmt;

crate::code_set! {
    /// 供給区域: one of the ten supply areas.
    ///
    /// Source: facts/switching.md §3 (D).
    pub enum Area = "area" {
        Hokkaido = "01", "北海道", "Hokkaido";
        Tohoku = "02", "東北", "Tohoku";
        Tokyo = "03", "東京", "Tokyo";
        Chubu = "04", "中部", "Chubu";
        Hokuriku = "05", "北陸", "Hokuriku";
        Kansai = "06", "関西", "Kansai";
        Chugoku = "07", "中国", "Chugoku";
        Shikoku = "08", "四国", "Shikoku";
        Kyushu = "09", "九州", "Kyushu";
        Okinawa = "10", "沖縄", "Okinawa";
    }
}

impl Area {
    /// The area number 1..=10.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The area of a number 1..=10.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Area> {
        use super::Code;
        Area::ALL.iter().copied().find(|area| area.number() == number)
    }

    /// The digit that ends a business code of this area (0 for Okinawa).
    #[must_use]
    pub const fn digit(self) -> u8 {
        self.number() % 10
    }

    /// 一般送配電事業者: the transmission operator of the area.
    #[must_use]
    pub const fn operator(self) -> &'static str {
        match self {
            Area::Hokkaido => "北海道電力ネットワーク",
            Area::Tohoku => "東北電力ネットワーク",
            Area::Tokyo => "東京電力パワーグリッド",
            Area::Chubu => "中部電力パワーグリッド",
            Area::Hokuriku => "北陸電力送配電",
            Area::Kansai => "関西電力送配電",
            Area::Chugoku => "中国電力ネットワーク",
            Area::Shikoku => "四国電力送配電",
            Area::Kyushu => "九州電力送配電",
            Area::Okinawa => "沖縄電力",
        }
    }
}

/// 事業者コード: five digits, the last one the area digit.
///
/// Source: facts/wire.md §0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessCode(u32);

impl BusinessCode {
    /// Reads five digits.
    pub fn parse(text: &str) -> Result<BusinessCode, ItemError> {
        let fail = |kind| ItemError { what: "事業者コード", what_en: "business code", kind };
        let mut value = 0;
        let mut count = 0;
        for (index, found) in text.chars().enumerate() {
            let digit =
                found.to_digit(10).ok_or_else(|| fail(ItemErrorKind::Character { position: index + 1, found }))?;
            count += 1;
            if count <= 5 {
                value = value * 10 + digit;
            }
        }
        match count {
            0 => Err(fail(ItemErrorKind::Empty)),
            5 => Ok(BusinessCode(value)),
            got => Err(fail(ItemErrorKind::Length { expected: 5, got })),
        }
    }

    /// The area that the last digit names.
    #[must_use]
    pub fn area(self) -> Area {
        let digit = (self.0 % 10) as u8;
        Area::from_number(if digit == 0 { 10 } else { digit }).unwrap_or(Area::Okinawa)
    }
}

impl fmt::Display for BusinessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

impl fmt::Debug for BusinessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
