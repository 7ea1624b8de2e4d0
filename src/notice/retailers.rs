//! 小売電気事業者の台帳: whose customer a supply point is on a day. A retailer gets no more than its own customers' points.

use super::clearance::Disclosure;
use super::{Change, Clause, Context, Party, PartyCode, Role};
use crate::items::{BusinessCode, Date, SupplyPointId};
use std::collections::HashMap;
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

/// Every point of a message that is bound to customers must be one of each retailer at its ends.
#[inline]
pub(super) fn own_customers<M: Disclosure>(message: &M, context: &Context<'_>) -> Result<(), (Clause, Change)> {
    match message.customers_on() {
        None => Ok(()),
        Some(on) => whose(message, context, on),
    }
}

fn whose<M: Disclosure>(message: &M, context: &Context<'_>, on: Date) -> Result<(), (Clause, Change)> {
    let ends = [context.route.sender, context.route.recipient];
    for end in ends.iter().filter(|end| end.role == Role::Retailer) {
        let mut found = Ok(());
        message.each_point(&mut |point| {
            // The graver reason: the point is certainly another's.
            match standing(end, context.retailers, point, on) {
                Err(Clause::OtherRetailersCustomer) => {
                    found = Err((Clause::OtherRetailersCustomer, Change::DivideByRetailer));
                }
                Err(clause) if found.is_ok() => found = Err((clause, Change::RegisterRetailer)),
                _ => {}
            }
        });
        found?;
    }
    Ok(())
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
