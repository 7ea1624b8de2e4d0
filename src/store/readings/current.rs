//! 最新の30分値: of everything that was received for a day, what counts.
//!
//! Rows are kept by point, control number and 仕訳コード. Within a status a row of a later revision replaces that of an
//! earlier one slot by slot, also where it says that there is no value. Rows of one point that are apart by their control
//! numbers are summed. Of the sums the latest status with a value counts, slot by slot: 確定, else 確報, else 速報; every
//! slot says which it was.

use super::catalogue::RankedFile;
use super::{DayRows, DayTable, SlotColumns, read};
use crate::items::{Area, Code as _, Date, Energy, HalfHours, Slot, SlotSet, SupplyPointId};
use crate::messages::metering::{Allocation, ReadingStatus};
use crate::store::{Store, StoreError};
use std::collections::HashSet;
use std::path::PathBuf;

/// 照会: which readings are asked for.
#[derive(Clone, Debug)]
pub struct ReadingQuery {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The points; all where none are named.
    pub points: Option<HashSet<SupplyPointId>>,
}

/// 一日の最新値: the readings that count of one area and day, one row per point, as columns of one length.
/// Unit: 0.0001 kWh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentDay {
    /// 供給区域.
    pub area: Area,
    /// The day.
    pub date: Date,
    /// 供給地点特定番号.
    pub points: Vec<SupplyPointId>,
    /// What was received and what counts, by point.
    pub slots: Vec<CurrentSlots>,
    /// The energies; without meaning where a slot has no value.
    pub energies: SlotColumns,
}

/// コマの状態: the slots of one point and day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CurrentSlots {
    /// The slots received, by status: 速報, 確報, 確定.
    pub received: [SlotSet; 3],
    /// The slots whose value counts, by the status it comes from: no slot is in two of them.
    pub counts: [SlotSet; 3],
    /// The slots for which only some of the point's control numbers were received: their sum may be too small.
    pub uneven: SlotSet,
}

impl CurrentSlots {
    /// The slots with a value.
    #[must_use]
    pub fn given(&self) -> SlotSet {
        self.counts.iter().fold(SlotSet::EMPTY, |all, one| all.union(*one))
    }
    /// The slots received by any status.
    #[must_use]
    pub fn received(&self) -> SlotSet {
        self.received.iter().fold(SlotSet::EMPTY, |all, one| all.union(*one))
    }
    /// The status that a slot's value comes from.
    #[must_use]
    pub fn status(&self, slot: Slot) -> Option<ReadingStatus> {
        let found = self.counts.iter().zip(ReadingStatus::ALL).find(|(slots, _)| slots.contains(slot));
        found.map(|(_, status)| *status)
    }
    /// The slots received with a status.
    #[must_use]
    pub fn received_as(&self, status: ReadingStatus) -> SlotSet {
        self.received.get(status as usize).copied().unwrap_or_default()
    }
    /// The slots whose value comes from a status.
    #[must_use]
    pub fn counts_as(&self, status: ReadingStatus) -> SlotSet {
        self.counts.get(status as usize).copied().unwrap_or_default()
    }
}

impl CurrentDay {
    /// How many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }
    /// Whether there is no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
    /// The energy of a slot, if there is one.
    #[must_use]
    pub fn get(&self, row: usize, slot: Slot) -> Option<Energy> {
        let given = self.slots.get(row)?.given().contains(slot);
        given.then(|| Energy::from_ten_thousandths(self.energies.get(slot, row)))
    }
    /// The 48 slots of a row.
    #[must_use]
    pub fn half_hours(&self, row: usize) -> HalfHours {
        let mut day = HalfHours::MISSING;
        Slot::all().for_each(|slot| day.set(slot, self.get(row, slot)));
        day
    }
}

/// 最新値の列: the readings that count, one area and day after the other, by area and then by day.
///
/// It holds the rows of one area and day at a time, and nothing of the database.
#[derive(Debug)]
pub struct CurrentReadings {
    data: PathBuf,
    files: std::iter::Peekable<std::vec::IntoIter<RankedFile>>,
    points: Option<HashSet<SupplyPointId>>,
}

impl Store {
    /// The readings that count.
    pub fn current_readings(&mut self, query: &ReadingQuery) -> Result<CurrentReadings, StoreError> {
        let areas: Option<HashSet<Area>> =
            query.points.as_ref().map(|points| points.iter().map(SupplyPointId::area).collect());
        let mut files = self.read(|tx| tx.readings_between(query.from, query.to))?;
        files.retain(|ranked| areas.as_ref().is_none_or(|areas| areas.contains(&ranked.file.area)));
        Ok(CurrentReadings {
            data: self.dir.clone(),
            files: files.into_iter().peekable(),
            points: query.points.clone(),
        })
    }

    /// Every reading ever received of some points, as it is stored: file by file, the one that decides last.
    pub fn each_reading(
        &mut self,
        query: &ReadingQuery,
        mut visit: impl FnMut(&RankedFile, &DayRows, usize),
    ) -> Result<(), StoreError> {
        let files = self.current_readings(query)?;
        for ranked in files.files {
            read::each_group(&files.data, &ranked.file, |rows| {
                for (row, point) in rows.points.iter().enumerate() {
                    if files.points.as_ref().is_none_or(|points| points.contains(point)) {
                        visit(&ranked, rows, row);
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl Iterator for CurrentReadings {
    type Item = Result<CurrentDay, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.files.next()?;
        let (area, date) = (first.file.area, first.file.date);
        let mut files = vec![first];
        while let Some(next) = self.files.next_if(|next| next.file.area == area && next.file.date == date) {
            files.push(next);
        }
        Some(self.day(area, date, &files))
    }
}

impl CurrentReadings {
    fn day(&self, area: Area, date: Date, files: &[RankedFile]) -> Result<CurrentDay, StoreError> {
        let mut tables = [DayTable::default(), DayTable::default(), DayTable::default()];
        for ranked in files {
            let Some(table) = tables.get_mut(ranked.file.status as usize) else { continue };
            read::each_group(&self.data, &ranked.file, |rows| {
                self.replace(table, rows).ok_or(StoreError::Damaged("readings"))
            })?;
        }
        let mut day =
            CurrentDay { area, date, points: Vec::new(), slots: Vec::new(), energies: SlotColumns::default() };
        let mut seen = HashSet::new();
        for table in &tables {
            for point in table.points() {
                if seen.insert(point) {
                    day.points.push(point);
                }
            }
        }
        day.points.sort_unstable();
        day.slots.reserve(day.points.len());
        for (row, point) in day.points.iter().enumerate() {
            day.slots.push(choose(&tables, *point, row, &mut day.energies));
        }
        Ok(day)
    }

    /// Puts rows in the place of those of the same key, slot by slot.
    fn replace(&self, table: &mut DayTable, rows: &DayRows) -> Option<()> {
        for (row, point) in rows.points.iter().enumerate() {
            if self.points.as_ref().is_some_and(|points| !points.contains(point)) {
                continue;
            }
            let control = rows.control_numbers.get(row)?;
            let place = table.row(*point, control, *rows.allocations.get(row)?)?;
            let (received, given) = (*rows.received.get(row)?, *rows.given.get(row)?);
            let kept = table.rows_mut();
            let (had, gave) = (kept.received.get_mut(place)?, kept.given.get_mut(place)?);
            *had = had.union(received);
            *gave = gave.without(received).union(given);
            for slot in given.iter() {
                kept.own.set(slot, place, rows.own.get(slot, row));
            }
        }
        Some(())
    }
}

/// What counts of one point; its energies go into a row.
fn choose(tables: &[DayTable; 3], point: SupplyPointId, row: usize, energies: &mut SlotColumns) -> CurrentSlots {
    let mut slots = CurrentSlots::default();
    let statuses = tables.iter().zip(slots.received.iter_mut()).zip(slots.counts.iter_mut());
    let mut left = SlotSet::ALL;
    // The latest status first: what it gives, no earlier one decides.
    for ((table, received), counts) in statuses.rev() {
        let own = own_rows(table, point);
        let rows = table.rows();
        let (mut any, mut all, mut missing) = (SlotSet::EMPTY, SlotSet::ALL, SlotSet::EMPTY);
        for row in &own {
            let (had, gave) = (of(&rows.received, *row), of(&rows.given, *row));
            any = any.union(had);
            all = all.intersection(had);
            missing = missing.union(had.without(gave));
        }
        *received = any;
        for slot in any.without(missing).intersection(left).iter() {
            let given = own.iter().filter(|row| of(&rows.given, **row).contains(slot));
            let sum = given.map(|row| rows.own.get(slot, *row)).try_fold(0i64, i64::checked_add);
            if let Some(sum) = sum {
                energies.set(slot, row, sum);
                counts.insert(slot);
                if !all.contains(slot) {
                    slots.uneven.insert(slot);
                }
            }
        }
        left = left.without(*counts);
    }
    slots
}

/// The rows of a point that make up its own energy. Where a point has a bill of the whole and one of a part, the part is
/// one's own (Source: facts/wire.md §6, 部分供給).
fn own_rows(table: &DayTable, point: SupplyPointId) -> Vec<usize> {
    let mut own: Vec<usize> = table.rows_of(point).collect();
    let part = |row: &usize| table.rows().allocations.get(*row) == Some(&Some(Allocation::Part));
    if own.iter().any(part) {
        own.retain(part);
    }
    own
}

fn of(sets: &[SlotSet], row: usize) -> SlotSet {
    sets.get(row).copied().unwrap_or_default()
}
