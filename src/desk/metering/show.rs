//! 地点の一日: the 48 slots of one point, with what they come from.

use super::register::{Standing, SupplyRegister};
use crate::items::{Code as _, Date, DateTime, Energy, Slot, SlotSet, SupplyPointId};
use crate::messages::metering::{Allocation, ReadingStatus};
use crate::notice::{Clause, StewardClause};
use crate::store::readings::{CurrentSlots, ReadingQuery, SlotColumns};
use crate::store::{Lookup, Store, StoreError};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};

/// 地点の一日: the readings that count of a point and day, and every row that was received for it.
#[derive(Clone, PartialEq, Eq)]
pub struct PointDay {
    /// 供給地点特定番号.
    pub point: SupplyPointId,
    /// The day.
    pub date: Date,
    /// What was received and what counts.
    pub slots: CurrentSlots,
    energies: SlotColumns,
    /// Every row received, the one that decides last.
    pub history: Vec<HistoryRow>,
}

/// 履歴: one row as it was received.
#[derive(Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The name of the file.
    pub source: String,
    /// 速報・確報・確定.
    pub status: ReadingStatus,
    /// 更新番号.
    pub revision: u32,
    /// 分割番号.
    pub part: u32,
    /// JP06121; empty where absent.
    pub control_number: String,
    /// 仕訳コード.
    pub allocation: Option<Allocation>,
    /// The slots of the row.
    pub received: SlotSet,
    /// What it gives: slot and own energy, and 全量 where it is known beside.
    pub values: Vec<(Slot, Option<Energy>, Option<Energy>)>,
    /// What was taken off each slot as the base retailer's share.
    pub deducted: Option<Energy>,
}

/// The point is personal data: its last four digits only.
impl std::fmt::Debug for PointDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PointDay({:?}, {})", self.point, self.date)
    }
}

impl std::fmt::Debug for HistoryRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HistoryRow({:?}, {}, {})", self.status, self.revision, self.part)
    }
}

impl PointDay {
    /// The energy of a slot, if there is one.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<Energy> {
        let given = self.slots.given().contains(slot);
        given.then(|| Energy::from_ten_thousandths(self.energies.get(slot, 0)))
    }
    /// The sum of the slots with a value; nothing where none has one, or where it is beyond what [`Energy`] holds.
    #[must_use]
    pub fn sum(&self) -> Option<Energy> {
        let mut given = Slot::all().filter_map(|slot| self.get(slot));
        let first = given.next()?;
        given.try_fold(first, Energy::checked_add)
    }
    /// The day as JSON: `{"point","date","slots":[{"slot","kwh","status"}],"kwh","missing","uneven","history":[{"file",
    /// "status","revision","part","control_number","allocation","deducted","slots":[{"slot","kwh","whole"}]}]}`; energies
    /// are decimal texts, missing ones `null`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |energy: Option<Energy>| energy.map(|energy| energy.to_string());
        let numbers = |slots: SlotSet| slots.iter().map(Slot::number).collect::<Vec<_>>();
        let slot = |slot: Slot| json!({"slot": slot.number(), "kwh": text(self.get(slot)), "status": self.slots.status(slot).map(|s| s.key())});
        let row = |row: &HistoryRow| {
            let value = |(slot, own, whole): &(Slot, Option<Energy>, Option<Energy>)| json!({"slot": slot.number(), "kwh": text(*own), "whole": text(*whole)});
            json!({
                "file": row.source, "status": row.status.key(), "revision": row.revision, "part": row.part,
                "control_number": row.control_number, "allocation": row.allocation.map(|code| code.key()),
                "deducted": text(row.deducted), "slots": row.values.iter().map(value).collect::<Vec<_>>(),
            })
        };
        json!({
            "point": self.point.as_str(), "date": self.date.to_string(),
            "slots": Slot::all().map(slot).collect::<Vec<_>>(), "kwh": text(self.sum()),
            "missing": numbers(SlotSet::ALL.without(self.slots.given())), "uneven": numbers(self.slots.uneven),
            "history": self.history.iter().map(row).collect::<Vec<_>>(),
        })
    }
}

/// Why nothing is shown.
#[derive(Debug)]
pub enum NotShown {
    /// By the register of contracts the point is not ours, or not on that day.
    NotOurs(Standing),
    /// Their use is suspended at the customer's request.
    Suspended,
    /// There are no readings of the point, or none on that day.
    Nothing,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for NotShown {
    fn from(error: StoreError) -> NotShown {
        NotShown::Store(error)
    }
}

/// The readings of a point on a day, or on the last day with any; who looked is written into the ledger.
pub fn show_point(
    store: &mut Store,
    register: Option<&SupplyRegister>,
    (point, date): (SupplyPointId, Option<Date>),
    (who, now): (&str, DateTime),
) -> Result<PointDay, NotShown> {
    let refused = |clause: &str| {
        json!({
            "at": now.to_string(), "verdict": "refused", "message": "meter-show", "reference": point.masked(),
            "sender": "retailer", "recipient": "retailer", "by": who, "purpose": "own-use", "clause": clause, "items": [],
        })
    };
    let refuse = |store: &mut Store, standing: Standing| -> NotShown {
        let clause = match standing {
            Standing::OutsideContract => Clause::OutsidePurpose,
            _ => Clause::RetailerUnknown,
        };
        let line = refused(&clause.to_string());
        match note(store, point, &line) {
            Ok(()) => NotShown::NotOurs(standing),
            Err(error) => NotShown::Store(error),
        }
    };
    // As everything that is held of the customer: only to answer the customer or a court.
    if store.read(|tx| tx.is_suspended(point.as_str()))? {
        note(store, point, &refused(StewardClause::Suspended.key()))?;
        return Err(NotShown::Suspended);
    }
    let ours = |date: Date| register.map_or(Ok(()), |register| ours(register, point, date));
    if let Some(date) = date
        && let Err(standing) = ours(date)
    {
        return Err(refuse(store, standing));
    }
    let days = match date {
        Some(date) => vec![date],
        None => days_of(store, point)?,
    };
    for date in days {
        if ours(date).is_err() {
            continue;
        }
        if let Some(day) = day_of(store, point, date)? {
            let line = json!({
                "at": now.to_string(), "verdict": "shown", "message": "meter-show", "reference": point.masked(),
                "sender": "retailer", "recipient": "retailer", "by": who, "purpose": "own-use",
                "items": ["supply-point-id", "meter-information"], "date": date.to_string(),
            });
            note(store, point, &line)?;
            return Ok(day);
        }
    }
    match register.map(|register| register.standing(point, now.date())) {
        Some(standing @ Standing::Stranger) => Err(refuse(store, standing)),
        _ => Err(NotShown::Nothing),
    }
}

/// Writes a line about a point: whoever asks for what is held of it finds it.
fn note(store: &mut Store, point: SupplyPointId, line: &Value) -> Result<(), StoreError> {
    store.commit(|tx| {
        let place = tx.add_ledger([line.to_string().as_str()])?;
        let held = tx.dossiers_of(Lookup::Point, point.as_str())?;
        held.iter().filter(|one| one.erased.is_none()).try_for_each(|one| tx.trace(one.dossier, place))
    })
}

fn ours(register: &SupplyRegister, point: SupplyPointId, date: Date) -> Result<(), Standing> {
    match register.standing(point, date) {
        Standing::Ours(_) => Ok(()),
        standing => Err(standing),
    }
}

/// The days with readings of the point's area, the last one first.
fn days_of(store: &mut Store, point: SupplyPointId) -> Result<Vec<Date>, StoreError> {
    let files = store.read(|tx| tx.readings_between(Date::MIN, Date::MAX))?;
    let of_area = files.iter().filter(|ranked| ranked.file.area == point.area());
    let days: BTreeSet<Date> = of_area.map(|ranked| ranked.file.date).collect();
    Ok(days.into_iter().rev().collect())
}

fn day_of(store: &mut Store, point: SupplyPointId, date: Date) -> Result<Option<PointDay>, StoreError> {
    let query = ReadingQuery { from: date, to: date, points: Some(HashSet::from([point])) };
    let Some(current) = store.current_readings(&query)?.next().transpose()? else { return Ok(None) };
    let Some(slots) = current.slots.first().copied() else { return Ok(None) };
    let mut history = Vec::new();
    store.each_reading(&query, |ranked, rows, row| {
        let received = rows.received.get(row).copied().unwrap_or_default();
        history.push(HistoryRow {
            source: ranked.source.clone(),
            status: ranked.file.status,
            revision: ranked.revision,
            part: ranked.part,
            control_number: rows.control_numbers.get(row).unwrap_or_default().to_owned(),
            allocation: rows.allocations.get(row).copied().flatten(),
            received,
            values: received.iter().map(|slot| (slot, rows.own(row, slot), rows.whole(row, slot))).collect(),
            deducted: rows.deducted.get(row).copied().flatten(),
        });
    })?;
    Ok(Some(PointDay { point, date, slots, energies: current.energies, history }))
}
