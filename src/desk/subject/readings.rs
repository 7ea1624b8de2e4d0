//! 本人の30分値: what is held of a customer's readings, for the report and for the erasure.

use super::folder::Customer;
use crate::items::{Area, Code as _, Date, Item, SupplyPointId};
use crate::messages::metering::ReadingStatus;
use crate::notice::{Basis, Party, Purpose};
use crate::store::readings::{PointFile, WithoutPoint};
use crate::store::{DossierState, Lookup, Store, StoreError, Tx};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// 30分値の保有: the readings of one status that came from one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldReadings {
    /// 速報・確報・確定.
    pub status: ReadingStatus,
    /// The operator they came from, who manages them, too.
    pub source: Party,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// On how many days.
    pub days: u64,
    /// How many values of half-hours were received, each revision by itself.
    pub slots: u64,
    /// In how many files they lie.
    pub files: u64,
}

impl HeldReadings {
    /// For what the readings were received: as the operator delivers them under the consignment contract.
    pub const PURPOSE: Purpose = Purpose::GridOperation;
    /// On which basis they are held.
    pub const BASIS: Basis = Basis::SharedUse;

    /// The record as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "item": "meter-information", "status": self.status.key(), "source": self.source.to_string(),
            "manager": self.source.to_string(), "from": self.from.to_string(), "to": self.to.to_string(),
            "days": self.days, "values": self.slots, "files": self.files, "purpose": HeldReadings::PURPOSE.key(),
            "basis": HeldReadings::BASIS.key(), "sealed": false,
        })
    }
}

/// 30分値の有無: what is said of a customer's readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readings {
    /// These are held.
    Held(Vec<HeldReadings>),
    /// Others had the point, too: readings name no customer, and whose they are cannot be told.
    Shared,
    /// The number of the point was erased before the rest: which readings were the customer's cannot be told.
    PointErased,
}

/// The point whose readings are a customer's.
enum Own {
    Point(SupplyPointId),
    /// No point at all: no readings.
    None,
    Shared,
    Erased,
}

/// The point of a customer, where nobody else's dossier is of it.
fn own_point(tx: &Tx<'_>, customer: &Customer) -> Result<Own, StoreError> {
    let Some(point) = customer.point() else {
        let mut stones = customer.folders.iter().flat_map(|folder| &folder.erased);
        let erased = stones.any(|stone| stone.item == Item::SupplyPointId);
        return Ok(if erased { Own::Erased } else { Own::None });
    };
    let mine = |one: &DossierState| customer.folders.iter().any(|folder| folder.state.dossier == one.dossier);
    let of_point = tx.dossiers_of(Lookup::Point, point.as_str())?;
    let others = of_point.iter().any(|one| one.erased.is_none() && !mine(one));
    Ok(if others { Own::Shared } else { Own::Point(point) })
}

/// What is held of a customer's readings.
pub(super) fn readings_of(store: &mut Store, customer: &Customer) -> Result<Readings, StoreError> {
    match store.read(|tx| own_point(tx, customer))? {
        Own::Point(point) => held_readings(store, point).map(Readings::Held),
        Own::None => Ok(Readings::Held(Vec::new())),
        Own::Shared => Ok(Readings::Shared),
        Own::Erased => Ok(Readings::PointErased),
    }
}

/// Files of readings written anew without a customer's, and how many; no number where it cannot be told whose they are.
pub(super) fn without_readings(
    store: &mut Store,
    customer: &Customer,
) -> Result<(Option<WithoutPoint>, Option<usize>), StoreError> {
    Ok(match store.read(|tx| own_point(tx, customer))? {
        Own::Point(point) => {
            let without = store.readings_without(point)?;
            let count = without.len();
            (Some(without), Some(count))
        }
        Own::None => (None, Some(0)),
        Own::Shared | Own::Erased => (None, None),
    })
}

/// What is held of the readings of a point.
fn held_readings(store: &mut Store, point: SupplyPointId) -> Result<Vec<HeldReadings>, StoreError> {
    let files = store.readings_of_point(point)?;
    Ok(ReadingStatus::ALL.iter().filter_map(|status| of_status(&files, *status, point.area())).collect())
}

fn of_status(files: &[PointFile], status: ReadingStatus, area: Area) -> Option<HeldReadings> {
    let of = || files.iter().filter(|one| one.ranked.file.status == status);
    let days: BTreeSet<Date> = of().map(|one| one.ranked.file.date).collect();
    Some(HeldReadings {
        status,
        source: Party::operator(area),
        from: *days.first()?,
        to: *days.last()?,
        days: days.len() as u64,
        slots: of().map(|one| one.slots).sum(),
        files: of().count() as u64,
    })
}
