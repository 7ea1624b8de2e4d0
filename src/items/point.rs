//! 供給地点特定番号.

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
    /// Reads 22 digits, half or full width, with the separators people paste.
    pub fn parse(text: &str) -> Result<SupplyPointId, ItemError> {
        let fail = |kind| ItemError { what: "供給地点特定番号", what_en: "supply point id", kind };
        let mut digits = [0u8; 22];
        let mut got = 0;
        for (index, found) in text.chars().enumerate() {
            let digit = match found {
                '0'..='9' => found as u8,
                '０'..='９' => (found as u32 - '０' as u32) as u8 + b'0',
                '-' | '－' | '‐' | 'ー' | ' ' | '　' => continue,
                _ => return Err(fail(ItemErrorKind::Character { position: index + 1, found })),
            };
            if let Some(slot) = digits.get_mut(got) {
                *slot = digit;
            }
            got += 1;
        }
        match got {
            22 => Ok(SupplyPointId(digits)),
            0 => Err(fail(ItemErrorKind::Empty)),
            got => Err(fail(ItemErrorKind::Length { expected: 22, got })),
        }
    }

    /// The 22 digits without separators.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The supply area, from the first two digits.
    #[must_use]
    pub fn area(&self) -> Area {
        let [tens, ones, ..] = self.0;
        Area::from_number((tens - b'0') * 10 + (ones - b'0')).unwrap_or(Area::Okinawa)
    }

    /// What the third digit says of the voltage.
    #[must_use]
    pub fn voltage(&self) -> VoltageDigit {
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

impl fmt::Debug for SupplyPointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}
