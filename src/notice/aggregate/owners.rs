//! 需要家の対応: whose supply points are, so that a customer with several of them counts once.

use std::collections::BTreeMap;

/// 需要家の対応: the customer of each supply point, both as opaque numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners(BTreeMap<u64, u64>);

impl Owners {
    /// Nothing is known: each supply point counts as a customer of its own.
    #[must_use]
    pub const fn each_point() -> Owners {
        Owners(BTreeMap::new())
    }

    /// The customers of supply points.
    #[must_use]
    pub const fn of_points(owners: BTreeMap<u64, u64>) -> Owners {
        Owners(owners)
    }

    /// The customer of a supply point. Where customers are told, all points of whom nothing is told count as one: fewer
    /// customers and a larger share than there may be, never the other way round.
    #[must_use]
    pub(super) fn of(&self, point: u64) -> u64 {
        match self.0.get(&point) {
            Some(owner) => *owner,
            None if self.0.is_empty() => point,
            None => u64::MAX,
        }
    }
}
