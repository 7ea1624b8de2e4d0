//! The 48 half-hours of a day with their availability, and the four negawatt items over them.

use super::{Energy, Slot};
use std::fmt;

/// 30分値: the energies of the 48 slots of one day. Unit: 0.0001 kWh. A missing slot is not zero.
#[derive(Clone, PartialEq, Eq)]
pub struct HalfHours([Option<Energy>; 48]);

/// Why 48 half-hours have no sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSum {
    /// 欠測: the first slot without a value.
    Gap(Slot),
    /// The sum is beyond what [`Energy`] holds.
    TooGreat,
}

impl HalfHours {
    /// A day of which nothing is known.
    pub const MISSING: HalfHours = HalfHours([None; 48]);

    /// The half-hours of slots 1 to 48.
    #[must_use]
    pub const fn new(values: [Option<Energy>; 48]) -> HalfHours {
        HalfHours(values)
    }

    /// The energy of a slot, if there is one.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<Energy> {
        self.0.get(usize::from(slot.number()) - 1).copied().flatten()
    }

    /// Sets the energy of a slot, or makes it a gap.
    pub fn set(&mut self, slot: Slot, energy: Option<Energy>) {
        if let Some(place) = self.0.get_mut(usize::from(slot.number()) - 1) {
            *place = energy;
        }
    }

    /// Slots 1 to 48 with their values.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, Option<Energy>)> + '_ {
        Slot::all().zip(self.0.iter().copied())
    }

    /// 欠測コマ: the slots without a value.
    pub fn gaps(&self) -> impl Iterator<Item = Slot> + '_ {
        self.iter().filter(|(_, energy)| energy.is_none()).map(|(slot, _)| slot)
    }

    /// Whether every slot has a value.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.iter().all(Option::is_some)
    }

    /// The sum over the day; a gap has none.
    pub fn sum(&self) -> Result<Energy, NoSum> {
        self.iter().try_fold(Energy::default(), |sum, (slot, energy)| {
            sum.checked_add(energy.ok_or(NoSum::Gap(slot))?).ok_or(NoSum::TooGreat)
        })
    }
}

impl fmt::Debug for HalfHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HalfHours({} of 48)", self.0.iter().flatten().count())
    }
}

impl fmt::Display for NoSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoSum::Gap(slot) => write!(f, "slot {} has no value", slot.number()),
            NoSum::TooGreat => f.write_str("the sum is too great"),
        }
    }
}

impl std::error::Error for NoSum {}

macro_rules! negawatt {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Source: facts/notices.md, items ③.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub HalfHours);
    )*};
}

negawatt! {
    /// 発電販売量: generation sales volume of a day. Unit: 0.0001 kWh per slot.
    GenerationSales;
    /// 需要調達量: demand procurement volume of a day. Unit: 0.0001 kWh per slot.
    DemandProcurement;
    /// 需要抑制量: demand suppression volume of a day. Unit: 0.0001 kWh per slot.
    DemandSuppression;
    /// ベースライン: the baseline of a day. Unit: 0.0001 kWh per slot.
    Baseline;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_has_no_sum_and_zero_has() {
        let mut day = HalfHours::new([Some(Energy::default()); 48]);
        assert_eq!(day.sum(), Ok(Energy::default()));
        let noon = Slot::new(25).unwrap();
        day.set(noon, Some(Energy::parse("1.5").unwrap()));
        assert_eq!(day.sum().unwrap().to_string(), "1.5");
        day.set(noon, None);
        assert_eq!(day.sum(), Err(NoSum::Gap(noon)));
        assert!(!day.is_complete());
        assert_eq!(day.gaps().collect::<Vec<_>>(), [noon]);
        assert_eq!(format!("{day:?}"), "HalfHours(47 of 48)");
    }

    #[test]
    fn a_sum_never_wraps() {
        let day = HalfHours::new([Some(Energy::from_ten_thousandths(i64::MAX)); 48]);
        assert_eq!(day.sum(), Err(NoSum::TooGreat));
    }

    #[test]
    fn every_slot_is_reached() {
        let mut day = HalfHours::MISSING;
        assert_eq!(day.gaps().count(), 48);
        for slot in Slot::all() {
            day.set(slot, Some(Energy::from_ten_thousandths(i64::from(slot.number()))));
        }
        assert!(day.is_complete());
        assert!(
            day.iter().all(|(slot, e)| e == day.get(slot) && e.unwrap().ten_thousandths() == i64::from(slot.number()))
        );
        assert_eq!(Slot::all().next_back().map(Slot::number), Some(48));
    }
}
