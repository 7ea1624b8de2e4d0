//! 計画値: whole kWh in the 48 slots of a day.

use crate::items::{Energy, ItemError, ItemErrorKind, Slot};
use std::fmt;

/// 計画値. Unit: kWh in 30 minutes, whole, at the sending end (送電端).
///
/// Source: facts/wire.md §6 (S). A retailer's half hour fits by far: all of Japan uses about 80,000,000 kWh in one.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanEnergy(u32);

impl PlanEnergy {
    /// So many kWh.
    #[must_use]
    pub const fn from_kwh(kwh: u32) -> PlanEnergy {
        PlanEnergy(kwh)
    }
    /// How many kWh.
    #[must_use]
    pub const fn kwh(self) -> u32 {
        self.0
    }

    /// Reads a whole number of kWh in half-width digits; a sign or a decimal is refused, never rounded.
    pub fn parse(text: &str) -> Result<PlanEnergy, ItemError> {
        let fail = |kind| ItemError { what: "計画値", what_en: "plan value", kind };
        if text.is_empty() {
            return Err(fail(ItemErrorKind::Empty));
        }
        if text.bytes().all(|octet| octet.is_ascii_digit()) {
            let range = ItemErrorKind::OutOfRange { min: "0", max: "4294967295" };
            return text.parse().map(PlanEnergy).map_err(|_| fail(range));
        }
        if text.starts_with('-') {
            return Err(fail(ItemErrorKind::OutOfRange { min: "0", max: "4294967295" }));
        }
        Err(fail(match text.split_once('.') {
            Some((whole, part)) if [whole, part].iter().all(|t| t.bytes().all(|octet| octet.is_ascii_digit())) => {
                ItemErrorKind::Decimals { max: 0 }
            }
            _ => ItemErrorKind::Form { example: "1234" },
        }))
    }

    /// The plan value of an energy that is whole kWh and not negative; nothing for another.
    #[must_use]
    pub fn of(energy: Energy) -> Option<PlanEnergy> {
        let count = energy.ten_thousandths();
        (count % 10_000 == 0).then(|| u32::try_from(count / 10_000).ok().map(PlanEnergy))?
    }
    /// The energy.
    #[must_use]
    pub const fn energy(self) -> Energy {
        Energy::from_ten_thousandths(self.0 as i64 * 10_000)
    }
}

impl fmt::Display for PlanEnergy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PlanEnergy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kWh", self.0)
    }
}

/// 48コマの計画値: the plan values of a day. A slot without a value is missing, not zero.
#[derive(Clone, PartialEq, Eq)]
pub struct PlanSeries {
    kwh: [u32; 48],
    /// Bit n−1: slot n has a value.
    present: u64,
}

/// Every slot has a value.
const COMPLETE: u64 = (1 << 48) - 1;

impl PlanSeries {
    /// A day of which nothing is planned.
    pub const MISSING: PlanSeries = PlanSeries { kwh: [0; 48], present: 0 };

    /// A complete day, in kWh.
    #[must_use]
    pub const fn of_kwh(kwh: [u32; 48]) -> PlanSeries {
        PlanSeries { kwh, present: COMPLETE }
    }
    /// The value of a slot, if there is one.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<PlanEnergy> {
        let index = usize::from(slot.number()) - 1;
        let kwh = *self.kwh.get(index)?;
        (self.present >> index & 1 == 1).then_some(PlanEnergy(kwh))
    }
    /// Sets the value of a slot; true if it had none.
    pub fn set(&mut self, slot: Slot, value: PlanEnergy) -> bool {
        let index = usize::from(slot.number()) - 1;
        if let Some(place) = self.kwh.get_mut(index) {
            *place = value.0;
        }
        let new = self.present >> index & 1 == 0;
        self.present |= 1 << index;
        new
    }
    /// Whether every slot has a value.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.present == COMPLETE
    }
    /// Whether no slot has a value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.present == 0
    }
    /// The slots without a value.
    pub fn gaps(&self) -> impl Iterator<Item = Slot> + '_ {
        Slot::all().filter(|slot| self.get(*slot).is_none())
    }
    /// Which slots have a value: bit n−1 is slot n.
    #[must_use]
    pub const fn present(&self) -> u64 {
        self.present
    }
    /// The kWh of slots 1 to 48, zero where there is no value.
    #[must_use]
    pub const fn kwh(&self) -> &[u32; 48] {
        &self.kwh
    }
    /// The sum over the day. Unit: kWh.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.kwh.iter().map(|kwh| u64::from(*kwh)).sum()
    }
}

impl fmt::Debug for PlanSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlanSeries({} of 48, {} kWh)", self.present.count_ones(), self.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_value_is_a_whole_number() {
        assert_eq!(PlanEnergy::parse("0123").unwrap().kwh(), 123);
        let kind = |text| PlanEnergy::parse(text).unwrap_err().kind;
        assert_eq!(kind("12.5"), ItemErrorKind::Decimals { max: 0 });
        assert_eq!(kind(""), ItemErrorKind::Empty);
        for text in ["-1", "4294967296", "99999999999999999999"] {
            assert!(matches!(kind(text), ItemErrorKind::OutOfRange { .. }), "{text}");
        }
        for text in ["1,000", "１", "+1", " 1", "1e3", "a"] {
            assert!(matches!(kind(text), ItemErrorKind::Form { .. }), "{text}");
        }
    }

    #[test]
    fn an_energy_becomes_a_plan_value_only_where_it_is_whole() {
        let of = |text| PlanEnergy::of(Energy::parse(text).unwrap()).map(PlanEnergy::kwh);
        assert_eq!((of("12"), of("12.0001"), of("-1"), of("4294967296")), (Some(12), None, None, None));
        assert_eq!(PlanEnergy::from_kwh(12).energy().to_string(), "12");
    }

    #[test]
    fn a_missing_slot_is_not_zero() {
        let mut day = PlanSeries::of_kwh([1; 48]);
        assert!(day.is_complete() && day.total() == 48);
        day = PlanSeries::MISSING;
        assert_eq!((day.gaps().count(), day.is_empty()), (48, true));
        for slot in Slot::all() {
            assert!(day.set(slot, PlanEnergy(0)));
        }
        assert!(day.is_complete() && !day.set(Slot::new(48).unwrap(), PlanEnergy(7)));
        assert_eq!((day.get(Slot::new(48).unwrap()), day.total()), (Some(PlanEnergy(7)), 7));
    }
}
