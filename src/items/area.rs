//! 供給区域 and the business codes that end in it.

use super::digits::digit;
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
    #[inline]
    pub fn from_number(number: u8) -> Option<Area> {
        use super::Code;
        Area::ALL.get(usize::from(number).checked_sub(1)?).copied()
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

/// 供給区域の集合: supply areas in one machine word.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AreaSet(u16);

impl AreaSet {
    /// No area.
    pub const EMPTY: AreaSet = AreaSet(0);

    /// The set of one area, or none.
    #[must_use]
    #[inline]
    pub const fn of(area: Option<Area>) -> AreaSet {
        match area {
            Some(area) => AreaSet(1 << area as u16),
            None => AreaSet::EMPTY,
        }
    }
    /// This set with one more area.
    #[must_use]
    #[inline]
    pub const fn with(self, area: Area) -> AreaSet {
        AreaSet(self.0 | 1 << area as u16)
    }
    /// Whether the area is in the set.
    #[must_use]
    pub const fn contains(self, area: Area) -> bool {
        self.0 & 1 << area as u16 != 0
    }
    /// Whether every area of this set is in the other.
    #[must_use]
    #[inline]
    pub const fn is_subset(self, other: AreaSet) -> bool {
        self.0 & !other.0 == 0
    }
    /// How many areas there are.
    #[must_use]
    #[inline]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }
    /// Whether there is no area.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Whether there are two areas or more.
    #[must_use]
    #[inline]
    pub const fn is_several(self) -> bool {
        self.0 & self.0.wrapping_sub(1) != 0
    }
    /// The areas in order.
    pub fn iter(self) -> impl Iterator<Item = Area> {
        use super::Code;
        Area::ALL.iter().copied().filter(move |area| self.contains(*area))
    }
    /// The only area, if there is exactly one.
    #[must_use]
    #[inline]
    pub fn single(self) -> Option<Area> {
        if self.is_several() { None } else { Area::from_number(self.0.checked_ilog2()? as u8 + 1) }
    }
}

impl FromIterator<Area> for AreaSet {
    fn from_iter<I: IntoIterator<Item = Area>>(areas: I) -> AreaSet {
        areas.into_iter().fold(AreaSet::EMPTY, AreaSet::with)
    }
}

impl fmt::Debug for AreaSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// 事業者コード: five digits, the last one the area digit.
///
/// Source: facts/wire.md §0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessCode(u32);

impl BusinessCode {
    /// Reads five digits, half or full width.
    pub fn parse(text: &str) -> Result<BusinessCode, ItemError> {
        let fail = |kind| ItemError { what: "事業者コード", what_en: "business code", kind };
        let mut value = 0;
        let mut count = 0;
        for (index, found) in text.chars().enumerate() {
            let digit = digit(found).ok_or_else(|| fail(ItemErrorKind::Character { position: index + 1, found }))?;
            count += 1;
            if count <= 5 {
                value = value * 10 + u32::from(digit);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Code;

    #[test]
    fn a_business_code_names_its_area() {
        let code = BusinessCode::parse("40113").unwrap();
        assert_eq!((code.area(), code.to_string()), (Area::Tokyo, "40113".to_owned()));
        assert_eq!(BusinessCode::parse("４０１１３"), Ok(code));
        assert_eq!(BusinessCode::parse("00010").unwrap().area(), Area::Okinawa);
        assert_eq!(BusinessCode::parse("00010").unwrap().to_string(), "00010");
    }

    #[test]
    fn a_business_code_has_five_digits() {
        let kind = |text| BusinessCode::parse(text).unwrap_err().kind;
        assert_eq!(kind(""), ItemErrorKind::Empty);
        assert_eq!(kind("4011"), ItemErrorKind::Length { expected: 5, got: 4 });
        assert_eq!(kind("401134567890123"), ItemErrorKind::Length { expected: 5, got: 15 });
        assert_eq!(kind("4O113"), ItemErrorKind::Character { position: 2, found: 'O' });
    }

    #[test]
    fn every_area_has_its_number_and_operator() {
        for (index, area) in Area::ALL.iter().enumerate() {
            assert_eq!(usize::from(area.number()), index + 1);
            assert_eq!(area.key(), format!("{:02}", area.number()));
            assert_eq!(Area::from_number(area.number()), Some(*area));
            assert!(area.operator().starts_with(area.ja()), "{area:?}");
        }
        assert_eq!((Area::from_number(0), Area::from_number(11)), (None, None));
    }

    #[test]
    fn a_set_of_areas_is_what_was_put_in() {
        for one in Area::ALL {
            assert_eq!(AreaSet::of(Some(*one)).single(), Some(*one));
            for two in Area::ALL {
                let set = AreaSet::of(Some(*one)).with(*two);
                let both: AreaSet = [*two, *one].into_iter().collect();
                assert_eq!((set, set.len()), (both, if one == two { 1 } else { 2 }));
                assert_eq!((set.is_several(), set.single().is_none()), (one != two, one != two));
                assert!(set.contains(*one) && set.contains(*two) && AreaSet::EMPTY.is_subset(set));
                assert_eq!(set.is_subset(AreaSet::of(Some(*one))), one == two);
            }
        }
        assert_eq!((AreaSet::of(None), AreaSet::EMPTY.single()), (AreaSet::EMPTY, None));
        assert_eq!(Area::ALL.iter().copied().collect::<AreaSet>().iter().count(), 10);
    }
}
