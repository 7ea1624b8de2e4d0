//! ベースラインの報告: the baselines of one day, as they are given to another party.

use crate::items::{AreaSet, Baseline, Date, Item, ItemSet, SupplyPointId};
use crate::notice::{ConsentNeed, Customers, Disclosure, Purpose};
use std::collections::HashSet;

/// ベースラインの報告: baselines of one resource on one day, for a report of demand response.
///
/// It goes under purpose ⑤ as the item ベースライン: the resource is a name agreed with the recipient, never a supply point.
/// A retailer gets it where every point in it is its customer's, as with every other baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineReport {
    /// The event it answers, as the recipient named it.
    pub event: String,
    /// Who reports, as agreed with the recipient.
    pub client: String,
    /// What it is of, as agreed with the recipient; `AGGREGATED_REPORT` where it is of several.
    pub resource: String,
    /// The day, JST.
    pub date: Date,
    /// The baselines; a slot without one is not reported.
    pub baseline: Baseline,
    /// The supply points it is of. They are for clearance and are never written; a report that was read has none.
    pub members: Vec<SupplyPointId>,
}

impl Disclosure for BaselineReport {
    fn purpose(&self) -> Purpose {
        Purpose::NegawattTrading
    }
    fn items(&self) -> ItemSet {
        ItemSet::of(&[Item::Baseline])
    }
    fn point(&self) -> Option<SupplyPointId> {
        match self.members.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
    fn areas(&self) -> AreaSet {
        self.members.iter().map(SupplyPointId::area).collect()
    }
    fn points(&self) -> usize {
        self.members.iter().collect::<HashSet<_>>().len()
    }
    fn customers(&self) -> Customers {
        Customers::On(self.date)
    }
    fn each_point(&self, visit: &mut dyn FnMut(SupplyPointId)) {
        self.members.iter().copied().for_each(visit);
    }
    fn consent_need(&self) -> ConsentNeed {
        ConsentNeed::None
    }
}
