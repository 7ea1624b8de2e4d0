//! ベースラインの報告: the baselines of one day, as they are given to another party.

use crate::items::{Baseline, Date, Item, ItemSet, SupplyPointId};
use crate::notice::{ConsentNeed, Disclosure, Purpose};

/// ベースラインの報告: baselines of one resource on one day, for a report of demand response.
///
/// It goes under purpose ⑤ as the item ベースライン: the resource is a name agreed with the recipient, never a supply point.
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
}

impl Disclosure for BaselineReport {
    fn purpose(&self) -> Purpose {
        Purpose::NegawattTrading
    }
    fn items(&self) -> ItemSet {
        ItemSet::of(&[Item::Baseline])
    }
    fn point(&self) -> Option<SupplyPointId> {
        None
    }
    fn consent_need(&self) -> ConsentNeed {
        ConsentNeed::None
    }
}
