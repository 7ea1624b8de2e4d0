//! 小売電気事業者の台帳: whose customer a supply point is on a day. A retailer gets no more than its own customers' points.

use super::clearance::{Customers, Disclosure};
use super::{Change, Clause, Context, Party, PartyCode, Role, Route};
use crate::items::{BusinessCode, Date, Item, ItemSet, SupplyPointId};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// A period in which a retailer supplies a point; open where a day is not known.
#[derive(Clone, Copy)]
struct Supply {
    retailer: BusinessCode,
    from: Date,
    until: Date,
}

/// 小売電気事業者の台帳: which retailer supplies each point, by day.
///
/// Whoever is not in it is nobody's customer as far as is known: nothing about such a point goes to a retailer.
#[derive(Clone, Default)]
pub struct RetailerRegister {
    points: HashMap<SupplyPointId, Vec<Supply>>,
}

/// 期間の重なり: two retailers would supply one point on the same day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("同じ供給地点の契約期間が重なっています / supplies of one point overlap")]
pub struct Overlap;

/// Only how many points there are: they are personal data.
impl fmt::Debug for RetailerRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RetailerRegister({} points)", self.points.len())
    }
}

impl RetailerRegister {
    /// Nobody.
    #[must_use]
    pub fn new() -> RetailerRegister {
        RetailerRegister::default()
    }

    /// Enters a supply: from its first to its last day, both included; where one is not given, without end.
    pub fn add(
        &mut self,
        point: SupplyPointId,
        retailer: BusinessCode,
        from: Option<Date>,
        until: Option<Date>,
    ) -> Result<(), Overlap> {
        let supply = Supply { retailer, from: from.unwrap_or(Date::MIN), until: until.unwrap_or(Date::MAX) };
        let held = self.points.entry(point).or_default();
        if held.iter().any(|other| other.from <= supply.until && supply.from <= other.until) {
            return Err(Overlap);
        }
        held.push(supply);
        Ok(())
    }

    /// The retailer that supplies a point on a day; nothing where it is not known.
    #[must_use]
    pub fn retailer_of(&self, point: SupplyPointId, on: Date) -> Option<BusinessCode> {
        let held = self.points.get(&point)?;
        held.iter().find(|supply| (supply.from..=supply.until).contains(&on)).map(|supply| supply.retailer)
    }

    /// How many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
}

/// The items of ③ (ネガワット取引に関する情報).
const NEGAWATT: ItemSet =
    ItemSet::of(&[Item::GenerationSales, Item::DemandProcurement, Item::DemandSuppression, Item::Baseline]);

/// Whether a retailer on the way gets no more of ③ than what is of its own customers, whatever the message is.
#[inline]
pub(super) fn own_customers<M: Disclosure>(message: &M, context: &Context<'_>) -> Result<(), (Clause, Change)> {
    match message.customers() {
        Customers::Unsaid if message.items().intersection(NEGAWATT).is_empty() => Ok(()),
        said => whose(message, context, said),
    }
}

fn whose<M: Disclosure>(message: &M, context: &Context<'_>, said: Customers) -> Result<(), (Clause, Change)> {
    let Route { sender, recipient, via } = context.route;
    let retailer = |party: &Party| party.role == Role::Retailer;
    let unknown = Err((Clause::RetailerUnknown, Change::RegisterRetailer));
    match said {
        // What a retailer says of itself is its own to say; what it gets must be shown to be of its customers.
        Customers::Unsaid if via.iter().chain([&recipient]).any(retailer) => unknown,
        Customers::Totals if concerns_a_point(message) && via.iter().chain([&recipient]).any(retailer) => unknown,
        Customers::Unsaid | Customers::Totals => Ok(()),
        Customers::On(on) => {
            via.iter().chain([&sender, &recipient]).filter(|end| retailer(end)).try_for_each(|end| {
                let (mut found, mut seen) = (Ok(()), HashSet::new());
                message.each_point(&mut |point| {
                    seen.insert(point);
                    // The graver reason: the point is certainly another's.
                    match standing(end, context.retailers, point, on) {
                        Err(Clause::OtherRetailersCustomer) => {
                            found = Err((Clause::OtherRetailersCustomer, Change::DivideByRetailer));
                        }
                        Err(clause) if found.is_ok() => found = Err((clause, Change::RegisterRetailer)),
                        _ => {}
                    }
                });
                // Points that it does not show are nobody's.
                found.and(if seen.is_empty() || seen.len() < message.points() { unknown } else { Ok(()) })
            })
        }
    }
}

fn concerns_a_point<M: Disclosure>(message: &M) -> bool {
    let mut any = message.point().is_some() || message.points() > 0 || !message.areas().is_empty();
    message.each_point(&mut |_| any = true);
    any || message.items().contains(Item::SupplyPointId)
}

fn standing(end: &Party, register: Option<&RetailerRegister>, point: SupplyPointId, on: Date) -> Result<(), Clause> {
    let Some(PartyCode::Business(code)) = end.code else { return Err(Clause::RetailerUnknown) };
    match register.and_then(|register| register.retailer_of(point, on)) {
        None => Err(Clause::RetailerUnknown),
        Some(retailer) if retailer == code => Ok(()),
        Some(_) => Err(Clause::OtherRetailersCustomer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> BusinessCode {
        BusinessCode::parse(text).unwrap()
    }
    fn date(text: &str) -> Option<Date> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_point_is_one_retailers_at_a_time() {
        let point = SupplyPointId::parse("0300111122223333444455").unwrap();
        let mut register = RetailerRegister::new();
        register.add(point, code("40113"), None, date("2026-08-31")).unwrap();
        register.add(point, code("40123"), date("2026-09-01"), None).unwrap();
        assert_eq!(register.add(point, code("40133"), date("2026-08-31"), date("2026-08-31")), Err(Overlap));
        let of = |text: &str| register.retailer_of(point, text.parse().unwrap());
        assert_eq!([of("2020-01-01"), of("2026-08-31")], [Some(code("40113")); 2]);
        assert_eq!([of("2026-09-01"), of("2030-01-01")], [Some(code("40123")); 2]);
        let other = SupplyPointId::parse("0300111122223333444456").unwrap();
        assert_eq!(register.retailer_of(other, "2026-08-31".parse().unwrap()), None);
        assert_eq!((register.len(), register.is_empty()), (1, false));
        assert_eq!(format!("{register:?}"), "RetailerRegister(1 points)");
    }
}
