//! ネガワット電文の値: keys, digests and codes that stand in no other message.

use crate::items::{ItemError, ItemErrorKind};
use crate::messages::planning::PlanCode;
use crate::messages::{Emit, FieldValue, Kind};
use std::fmt;

crate::code_set! {
    /// 端数処理: how a baseline came to four decimals of kWh. No rule for shared values is published: ours, by name.
    pub enum RoundingRule = "rounding" {
        HalfAway = "half-away-from-zero", "四捨五入（0.0001kWh）", "to the nearest 0.0001 kWh, a half away from zero";
    }
}

crate::code_set! {
    /// ネガワットの類型.
    ///
    /// Source: facts/baseline.md §2.2 (類型1① and 類型1② D, 類型2 R).
    pub enum SettlementType = "settlement-type" {
        OwnCustomers = "1-1", "類型1①", "type 1①: a retailer asks its own customers";
        OtherCustomers = "1-2", "類型1②", "type 1②: a retailer buys from another retailer's customers";
        Operator = "2", "類型2", "type 2: sale to a transmission operator";
    }
}

fn error(what: &'static str, what_en: &'static str, kind: ItemErrorKind) -> ItemError {
    ItemError { what, what_en, kind }
}

/// 算定方法のキー: the key of a row of the table of methods, for example `high-4-of-5`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodKey(Box<str>);

impl MethodKey {
    /// The most characters.
    pub const MAX: usize = 60;

    /// Reads 1 to 60 lower-case ASCII letters, digits and hyphens.
    pub fn parse(text: &str) -> Result<MethodKey, ItemError> {
        let fail = |kind| error("算定方法", "method", kind);
        let foreign = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if let Some((index, found)) = text.chars().enumerate().find(|(_, c)| foreign(*c)) {
            return Err(fail(ItemErrorKind::Character { position: index + 1, found }));
        }
        match text.len() {
            0 => Err(fail(ItemErrorKind::Empty)),
            got if got > Self::MAX => Err(fail(ItemErrorKind::TooLong { max: Self::MAX, got })),
            _ => Ok(MethodKey(text.into())),
        }
    }
    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MethodKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FieldValue for MethodKey {
    const KIND: Kind = Kind::Text { max: MethodKey::MAX };
    fn emit(&self, out: &mut dyn Emit) {
        out.text(&self.0);
    }
    fn read(text: &str) -> Result<MethodKey, ItemError> {
        MethodKey::parse(text)
    }
}

/// 算定の要約値: the SHA-256 of a computation, 64 hexadecimal digits. It finds the computation again and tells no reading.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComputationDigest([u8; 64]);

impl ComputationDigest {
    /// Reads 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<ComputationDigest, ItemError> {
        let fail = |kind| error("要約値", "digest", kind);
        let foreign = |c: char| !matches!(c, '0'..='9' | 'a'..='f');
        if let Some((index, found)) = text.chars().enumerate().find(|(_, c)| foreign(*c)) {
            return Err(fail(ItemErrorKind::Character { position: index + 1, found }));
        }
        let octets = text.as_bytes().try_into();
        octets.map(ComputationDigest).map_err(|_| fail(ItemErrorKind::Length { expected: 64, got: text.len() }))
    }
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for ComputationDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FieldValue for ComputationDigest {
    const KIND: Kind = Kind::Text { max: 64 };
    fn emit(&self, out: &mut dyn Emit) {
        out.text(self.as_str());
    }
    fn read(text: &str) -> Result<ComputationDigest, ItemError> {
        ComputationDigest::parse(text)
    }
}

impl<const N: usize> FieldValue for PlanCode<N> {
    const KIND: Kind = Kind::Text { max: N };
    fn emit(&self, out: &mut dyn Emit) {
        out.text(self.as_str());
    }
    fn read(text: &str) -> Result<PlanCode<N>, ItemError> {
        PlanCode::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_digests_are_of_one_form() {
        assert_eq!(MethodKey::parse("high-4-of-5").unwrap().as_str(), "high-4-of-5");
        assert_eq!(MethodKey::parse("").unwrap_err().kind, ItemErrorKind::Empty);
        assert_eq!(MethodKey::parse("High").unwrap_err().kind, ItemErrorKind::Character { position: 1, found: 'H' });
        assert!(MethodKey::parse(&"a".repeat(61)).is_err());
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(ComputationDigest::parse(&digest).unwrap().as_str(), digest);
        for wrong in ["", "0123", &digest.to_uppercase(), &format!("{digest}0")] {
            assert!(ComputationDigest::parse(wrong).is_err(), "{wrong}");
        }
    }
}
