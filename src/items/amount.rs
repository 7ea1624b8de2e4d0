//! 託送契約高情報: the contract amount, its unit, and what its deciding method allows.

use super::digits::{decimal, write_decimal};
use super::{Code, ContractForm, DecisionMethod, Family, ItemError, ItemErrorKind};
use std::fmt;

crate::code_set! {
    /// 契約容量単位: the unit of a contract amount.
    pub enum AmountUnit = "amount-unit" {
        Ampere = "A", "A", "ampere";
        KiloVoltAmpere = "kVA", "kVA", "kilovolt-ampere";
        KiloWatt = "kW", "kW", "kilowatt";
    }
}

/// 契約容量の数値: the number of a contract amount without its unit. Unit: by [`AmountUnit`], three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AmountNumber(u32);

impl AmountNumber {
    /// Reads at most six whole digits and three decimals, half or full width; more decimals are refused, never rounded.
    pub fn parse(text: &str) -> Result<AmountNumber, ItemError> {
        let fail = |kind| ItemError { what: "契約容量", what_en: "contract amount", kind };
        let milli = decimal(text, 6, 3, "40").map_err(fail)?;
        u32::try_from(milli).map(AmountNumber).map_err(|_| fail(ItemErrorKind::Form { example: "40" }))
    }
    /// The number of a count of thousandths; `None` above 999,999.999.
    #[must_use]
    pub const fn from_milli(milli: u32) -> Option<AmountNumber> {
        if milli < 1_000_000_000 { Some(AmountNumber(milli)) } else { None }
    }
    /// The count of thousandths.
    #[must_use]
    pub const fn milli(self) -> u32 {
        self.0
    }
    /// Writes the number without needless decimals.
    pub fn write(self, out: &mut impl fmt::Write) -> fmt::Result {
        write_decimal(out, u64::from(self.0), 3)
    }
}

impl fmt::Display for AmountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

/// 託送契約高情報: the contract amount. Unit: by [`AmountUnit`], three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractAmount {
    number: AmountNumber,
    unit: AmountUnit,
}

impl ContractAmount {
    /// A number of a unit.
    #[must_use]
    pub const fn new(number: AmountNumber, unit: AmountUnit) -> ContractAmount {
        ContractAmount { number, unit }
    }
    /// Reads a decimal number of the given unit.
    pub fn parse(number: &str, unit: AmountUnit) -> Result<ContractAmount, ItemError> {
        Ok(ContractAmount { number: AmountNumber::parse(number)?, unit })
    }
    /// The amount in thousandths of the unit.
    #[must_use]
    pub const fn milli(self) -> u32 {
        self.number.0
    }
    /// The unit.
    #[must_use]
    pub const fn unit(self) -> AmountUnit {
        self.unit
    }
    /// The number without the unit.
    #[must_use]
    pub const fn amount_number(self) -> AmountNumber {
        self.number
    }
    /// The number without the unit, without needless decimals.
    #[must_use]
    pub fn number(self) -> String {
        self.number.to_string()
    }

    /// What is wrong with the amount for a deciding method: its unit first, then its range.
    ///
    /// `form` is the form of the contract if it is known ([`super::ServiceMenu::form`]).
    /// Source: facts/switching.md §3, 託送契約高情報 (D; the unit per method partly inferred) and §1.3 scope (D).
    pub fn check(
        self,
        method: DecisionMethod,
        form: Option<ContractForm>,
        family: Family,
    ) -> Result<(), AmountProblem> {
        let allowed = method.amount_units(form, family);
        if allowed.is_empty() {
            return Err(AmountProblem::MethodNotUsed);
        }
        if !allowed.contains(&self.unit) {
            return Err(AmountProblem::Unit { allowed });
        }
        if self.number.0 == 0 {
            return Err(AmountProblem::Zero);
        }
        match (self.unit, family) {
            (AmountUnit::Ampere, _) if self.number.0 > 60_000 => Err(AmountProblem::TooGreat { limit: "60 A以下" }),
            (AmountUnit::KiloVoltAmpere, _) if self.number.0 >= 50_000 => {
                Err(AmountProblem::TooGreat { limit: "50 kVA未満" })
            }
            (AmountUnit::KiloWatt, Family::Low | Family::Fit) if self.number.0 >= 50_000 => {
                Err(AmountProblem::TooGreat { limit: "50 kW未満" })
            }
            (AmountUnit::KiloWatt, Family::High) if self.number.0 >= 500_000 => {
                Err(AmountProblem::TooGreat { limit: "500 kW未満" })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for ContractAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.unit.ja())
    }
}

/// 契約容量の問題: why an amount does not go with its deciding method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountProblem {
    /// The method does not occur with this form of contract or voltage.
    MethodNotUsed,
    /// Another unit than the method has.
    Unit {
        /// The units the method has.
        allowed: &'static [AmountUnit],
    },
    /// An amount of zero.
    Zero,
    /// Above the greatest amount of the family.
    TooGreat {
        /// The limit, as a person writes it: `60 A以下` (at most), `50 kVA未満` (under).
        limit: &'static str,
    },
}

impl AmountProblem {
    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(self) -> String {
        match self {
            AmountProblem::MethodNotUsed => "この契約決定方法は、この供給種別・契約種別では使われません".to_owned(),
            AmountProblem::Unit { allowed } => {
                format!("契約容量の単位がこの契約決定方法と合いません（使える単位: {}）", units(allowed, "、"))
            }
            AmountProblem::Zero => "契約容量が0です".to_owned(),
            AmountProblem::TooGreat { limit } => format!("契約容量は{limit}です"),
        }
    }

    /// What is wrong, in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            AmountProblem::MethodNotUsed => "the deciding method does not occur with this voltage and form".to_owned(),
            AmountProblem::Unit { allowed } => {
                format!("the unit does not go with the deciding method, expected {}", units(allowed, " or "))
            }
            AmountProblem::Zero => "the contract amount is zero".to_owned(),
            AmountProblem::TooGreat { limit } => {
                let (value, how) = match limit.strip_suffix("以下") {
                    Some(value) => (value, "at most"),
                    None => (limit.strip_suffix("未満").unwrap_or(limit), "under"),
                };
                format!("the contract amount is {how} {value}")
            }
        }
    }
}

fn units(units: &[AmountUnit], between: &str) -> String {
    units.iter().map(|unit| unit.ja()).collect::<Vec<_>>().join(between)
}

impl DecisionMethod {
    /// The units an amount decided by this method may have; empty where the method does not occur.
    ///
    /// A for an ampere breaker, kVA for lighting, kW for power and high voltage. Where the form is not known or the
    /// sources name no unit, every unit that could be right is allowed.
    /// Source: facts/switching.md §3, 託送契約高情報 (D, unit per method partly inferred).
    #[must_use]
    pub const fn amount_units(self, form: Option<ContractForm>, family: Family) -> &'static [AmountUnit] {
        use AmountUnit::{Ampere, KiloVoltAmpere, KiloWatt};
        match (self, family, form) {
            (DecisionMethod::OutsideSystem, _, _) => AmountUnit::ALL,
            (DecisionMethod::AmpereBreaker, Family::High, _)
            | (DecisionMethod::AmpereBreaker, _, Some(ContractForm::Power)) => &[],
            (DecisionMethod::AmpereBreaker, _, _) => &[Ampere],
            (_, Family::High, _) | (_, _, Some(ContractForm::Power)) => &[KiloWatt],
            (_, _, Some(ContractForm::Fixed)) => AmountUnit::ALL,
            (DecisionMethod::ActualDemand | DecisionMethod::MainSwitch, Family::Low, Some(ContractForm::Lighting)) => {
                &[KiloVoltAmpere]
            }
            _ => &[KiloVoltAmpere, KiloWatt],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        amount: &str,
        unit: AmountUnit,
        method: DecisionMethod,
        form: Option<ContractForm>,
        family: Family,
    ) -> Result<(), AmountProblem> {
        ContractAmount::parse(amount, unit).unwrap().check(method, form, family)
    }

    #[test]
    fn numbers_are_exact() {
        assert_eq!(AmountNumber::parse("５．２５").unwrap().to_string(), "5.25");
        assert_eq!(AmountNumber::parse("040").unwrap().milli(), 40_000);
        assert_eq!(AmountNumber::parse("1.2345").unwrap_err().kind, ItemErrorKind::Decimals { max: 3 });
        assert_eq!(AmountNumber::parse("").unwrap_err().kind, ItemErrorKind::Empty);
        for text in ["-1", "40A", "1234567", "4.", " 40"] {
            assert_eq!(AmountNumber::parse(text).unwrap_err().kind, ItemErrorKind::Form { example: "40" }, "{text}");
        }
        let amount = ContractAmount::new(AmountNumber::from_milli(6_500).unwrap(), AmountUnit::KiloVoltAmpere);
        assert_eq!((amount.to_string(), amount.number(), amount.milli()), ("6.5 kVA".into(), "6.5".into(), 6_500));
        assert_eq!(AmountNumber::from_milli(1_000_000_000), None);
    }

    #[test]
    fn an_ampere_breaker_counts_in_ampere_up_to_sixty() {
        use AmountUnit::{Ampere, KiloVoltAmpere};
        let method = DecisionMethod::AmpereBreaker;
        let lighting = Some(ContractForm::Lighting);
        assert_eq!(check("60", Ampere, method, lighting, Family::Low), Ok(()));
        let over = check("60.001", Ampere, method, None, Family::Low).unwrap_err();
        assert_eq!(over, AmountProblem::TooGreat { limit: "60 A以下" });
        assert_eq!(over.en(), "the contract amount is at most 60 A");
        assert_eq!(
            check("6", KiloVoltAmpere, method, lighting, Family::Low),
            Err(AmountProblem::Unit { allowed: &[Ampere] })
        );
        let power = Some(ContractForm::Power);
        assert_eq!(check("30", Ampere, method, power, Family::Low), Err(AmountProblem::MethodNotUsed));
        assert_eq!(check("30", Ampere, method, None, Family::High), Err(AmountProblem::MethodNotUsed));
    }

    #[test]
    fn lighting_counts_in_kva_under_fifty() {
        use AmountUnit::{Ampere, KiloVoltAmpere, KiloWatt};
        let lighting = Some(ContractForm::Lighting);
        for method in [DecisionMethod::MainSwitch, DecisionMethod::ActualDemand] {
            assert_eq!(check("49.999", KiloVoltAmpere, method, lighting, Family::Low), Ok(()));
            let over = check("50", KiloVoltAmpere, method, lighting, Family::Low).unwrap_err();
            assert_eq!(over.en(), "the contract amount is under 50 kVA");
            let unit = check("6", KiloWatt, method, lighting, Family::Low).unwrap_err();
            assert_eq!(unit, AmountProblem::Unit { allowed: &[KiloVoltAmpere] });
            assert!(unit.ja().contains("kVA"));
            assert_eq!(check("6", KiloWatt, method, None, Family::Low), Ok(()));
            assert!(check("6", Ampere, method, None, Family::Low).is_err());
        }
    }

    #[test]
    fn power_and_high_voltage_count_in_kw() {
        use AmountUnit::{KiloVoltAmpere, KiloWatt};
        let power = Some(ContractForm::Power);
        let method = DecisionMethod::ActualDemand;
        assert_eq!(check("49", KiloWatt, method, power, Family::Low), Ok(()));
        assert_eq!(
            check("50", KiloWatt, method, power, Family::Low),
            Err(AmountProblem::TooGreat { limit: "50 kW未満" })
        );
        assert_eq!(check("499", KiloWatt, DecisionMethod::Negotiated, None, Family::High), Ok(()));
        assert_eq!(
            check("500", KiloWatt, method, None, Family::High),
            Err(AmountProblem::TooGreat { limit: "500 kW未満" })
        );
        assert!(check("100", KiloVoltAmpere, method, None, Family::High).is_err());
        assert_eq!(check("0", KiloWatt, method, power, Family::Low), Err(AmountProblem::Zero));
    }
}
