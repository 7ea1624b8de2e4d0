//! 最新の30分値: of everything that was received for a day, what counts.
//!
//! Rows are kept by point, control number and 仕訳コード. Within a status a row of a later revision replaces that of an
//! earlier one slot by slot, also where it says that there is no value. Rows of one point that are apart by their control
//! numbers are summed. Of the sums the latest status with a value counts, slot by slot: 確定, else 確報, else 速報; every
//! slot says which it was, and a day says the least revision of what is least final in it.

use super::catalogue::RankedFile;
use super::folder::ReadingsFile;
use super::read::Wanted;
use super::{DayRows, DayTable, SlotColumns, read};
use crate::items::{Area, Code as _, Date, Energy, HalfHours, Slot, SlotSet, SupplyPointId};
use crate::messages::metering::{Allocation, ReadingStatus};
use crate::store::{Store, StoreError};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc;

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
    /// 更新番号: the least revision among the values of the least final status.
    pub revision: u32,
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
    /// The least final status among the values, and the least revision of those that come from it; nothing where no slot
    /// has a value.
    #[must_use]
    pub fn least(&self) -> Option<(ReadingStatus, u32)> {
        let held = self.counts.iter().zip(ReadingStatus::ALL).find(|(slots, _)| !slots.is_empty());
        held.map(|(_, status)| (*status, self.revision))
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
    slots: SlotSet,
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
            slots: SlotSet::ALL,
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
            read::each_group(&files.data, &ranked.file, Wanted::ALL, |rows| {
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
        let files = self.next_day()?;
        Some(self.day(&files))
    }
}

/// The rows of one status, and which of their slots come from which revision.
#[derive(Default)]
struct Status {
    table: DayTable,
    /// A revision, and the slots that it gives, by row. Files come by their revision.
    layers: Vec<(u32, Vec<SlotSet>)>,
}

impl CurrentReadings {
    /// The same with the energies of some slots alone: the others are not read, and their energies have no meaning. What is
    /// received and what counts is told of every slot.
    #[must_use]
    pub fn only(mut self, slots: SlotSet) -> CurrentReadings {
        self.slots = slots;
        self
    }

    /// The days in their order, read on every processor. So many days are in memory as there are processors, beside those
    /// that `visit` keeps.
    pub fn each_in_parallel<E: From<StoreError>>(
        mut self,
        mut visit: impl FnMut(CurrentDay) -> Result<(), E>,
    ) -> Result<(), E> {
        let days: Vec<Vec<RankedFile>> = std::iter::from_fn(|| self.next_day()).collect();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(days.len());
        let (this, days) = (&self, &days);
        std::thread::scope(|scope| {
            let mut lines = Vec::with_capacity(threads);
            for line in 0..threads {
                // One day waits while the next is read.
                let (give, take) = mpsc::sync_channel(1);
                lines.push(take);
                scope.spawn(move || {
                    for files in days.iter().skip(line).step_by(threads) {
                        if give.send(this.day(files)).is_err() {
                            return;
                        }
                    }
                });
            }
            for line in lines.iter().cycle().take(days.len()) {
                visit(line.recv().map_err(|_| StoreError::Damaged("readings"))??)?;
            }
            Ok(())
        })
    }

    /// The files of the next area and day.
    fn next_day(&mut self) -> Option<Vec<RankedFile>> {
        let first = self.files.next()?;
        let (area, date) = (first.file.area, first.file.date);
        let mut files = vec![first];
        while let Some(next) = self.files.next_if(|next| next.file.area == area && next.file.date == date) {
            files.push(next);
        }
        Some(files)
    }
    fn day(&self, files: &[RankedFile]) -> Result<CurrentDay, StoreError> {
        let mut statuses = [Status::default(), Status::default(), Status::default()];
        let wanted = Wanted { slots: self.slots, whole: false };
        for ranked in files {
            let Some(status) = statuses.get_mut(ranked.file.status as usize) else { continue };
            if status.layers.last().is_none_or(|(revision, _)| *revision != ranked.revision) {
                status.layers.push((ranked.revision, Vec::new()));
            }
            read::each_group(&self.data, &ranked.file, wanted, |rows| {
                self.replace(status, rows).ok_or(StoreError::Damaged("readings"))
            })?;
        }
        let Some(RankedFile { file: ReadingsFile { area, date, .. }, .. }) = files.first() else {
            return Err(StoreError::Damaged("readings"));
        };
        let mut points: Vec<SupplyPointId> = Vec::new();
        for status in statuses.iter().filter(|status| !status.table.rows().is_empty()) {
            points.extend(status.table.points());
        }
        // Points of one file mostly stand in order, and there is mostly one file.
        if !points.is_sorted_by(|one, two| one < two) {
            points.sort_unstable();
            points.dedup();
        }
        let mut slots = Vec::with_capacity(points.len());
        let mut energies = SlotColumns::default();
        for (row, point) in points.iter().enumerate() {
            slots.push(choose(&statuses, *point, row, self.slots, &mut energies));
        }
        Ok(CurrentDay { area: *area, date: *date, points, slots, energies })
    }

    /// Puts rows in the place of those of the same key, slot by slot.
    fn replace(&self, status: &mut Status, rows: &DayRows) -> Option<()> {
        let Status { table, layers } = status;
        let (layer, earlier) = layers.split_last_mut()?;
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
            for slot in given.intersection(self.slots).iter() {
                kept.own.set(slot, place, rows.own.get(slot, row));
            }
            for (_, slots) in &mut *earlier {
                if let Some(slots) = slots.get_mut(place) {
                    *slots = slots.without(received);
                }
            }
            if layer.1.len() <= place {
                layer.1.resize(place + 1, SlotSet::EMPTY);
            }
            let slots = layer.1.get_mut(place)?;
            *slots = slots.without(received).union(given);
        }
        Some(())
    }
}

/// What counts of one point; its energies of the slots that are `read` go into a row.
fn choose(
    statuses: &[Status; 3],
    point: SupplyPointId,
    row: usize,
    read: SlotSet,
    energies: &mut SlotColumns,
) -> CurrentSlots {
    let mut slots = CurrentSlots::default();
    let each = statuses.iter().zip(slots.received.iter_mut()).zip(slots.counts.iter_mut());
    let mut left = SlotSet::ALL;
    // The latest status first: what it gives, no earlier one decides.
    for ((status, received), counts) in each.rev() {
        let own = own_rows(&status.table, point);
        let rows = status.table.rows();
        let (mut any, mut all, mut missing) = (SlotSet::EMPTY, SlotSet::ALL, SlotSet::EMPTY);
        for row in &own {
            let (had, gave) = (of(&rows.received, *row), of(&rows.given, *row));
            any = any.union(had);
            all = all.intersection(had);
            missing = missing.union(had.without(gave));
        }
        *received = any;
        let there = any.without(missing).intersection(left);
        *counts = there;
        for slot in there.intersection(read).iter() {
            let given = own.iter().filter(|row| of(&rows.given, **row).contains(slot));
            let sum = given.map(|row| rows.own.get(slot, *row)).try_fold(0i64, i64::checked_add);
            match sum {
                Some(sum) => energies.set(slot, row, sum),
                None => counts.remove(slot),
            }
        }
        slots.uneven = slots.uneven.union(counts.without(all));
        if !counts.is_empty() {
            let gives = |slots: &Vec<SlotSet>| own.iter().any(|row| !of(slots, *row).intersection(*counts).is_empty());
            let least = status.layers.iter().filter(|(_, slots)| gives(slots)).map(|(revision, _)| *revision).min();
            slots.revision = least.unwrap_or(0);
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
