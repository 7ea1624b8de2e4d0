//! Readings as columns: rows of one area, day and status.

use crate::items::{Energy, Slot, SlotSet, SupplyPointId};
use crate::messages::metering::{Allocation, TextColumn};

/// 48コマの列: one column of energies per slot; a column shorter than the rows has no value in the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotColumns(Vec<Vec<i64>>);

impl Default for SlotColumns {
    fn default() -> SlotColumns {
        SlotColumns(vec![Vec::new(); 48])
    }
}

impl SlotColumns {
    /// The counts of a slot, by row. What stands where no value is given has no meaning.
    #[must_use]
    pub fn column(&self, slot: Slot) -> &[i64] {
        self.0.get(usize::from(slot.number()) - 1).map_or(&[], Vec::as_slice)
    }
    /// The count of a row.
    #[must_use]
    #[inline]
    pub fn get(&self, slot: Slot, row: usize) -> i64 {
        self.column(slot).get(row).copied().unwrap_or(0)
    }
    /// Sets the count of a row; rows before it that were not set become zero.
    #[inline]
    pub fn set(&mut self, slot: Slot, row: usize, count: i64) {
        let Some(column) = self.0.get_mut(usize::from(slot.number()) - 1) else { return };
        if let Some(place) = column.get_mut(row) {
            *place = count;
            return;
        }
        if column.capacity() == 0 {
            // A day has more than a few points: growing from nothing would take as long as filling.
            column.reserve(32.max(row + 1));
        }
        if column.len() < row {
            column.resize(row, 0);
        }
        column.push(count);
    }
    fn clear(&mut self) {
        self.0.iter_mut().for_each(Vec::clear);
    }
}

/// 30分値の列: readings of one area, day and status as columns of one length. Unit: 0.0001 kWh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayRows {
    /// 供給地点特定番号.
    pub points: Vec<SupplyPointId>,
    /// A control number of a row within its point (JP06121). Empty where absent.
    pub control_numbers: TextColumn,
    /// 仕訳コード; none in W4.
    pub allocations: Vec<Option<Allocation>>,
    /// What was taken off each slot as the base retailer's share (部分供給), if anything was.
    pub deducted: Vec<Option<Energy>>,
    /// The slots for which the file had a row.
    pub received: Vec<SlotSet>,
    /// Of those: the slots with a value.
    pub given: Vec<SlotSet>,
    /// The slots with a 全量 beside the own share.
    pub whole_given: Vec<SlotSet>,
    /// Of those: the slots whose 全量 is another than the own energy. Only these stand in `whole`.
    pub whole_apart: Vec<SlotSet>,
    /// One's own energy: 仕訳後 where there is one, else as delivered.
    pub own: SlotColumns,
    /// 全量: the energy before it was split between retailers, where it was given or where a share was taken off, and where
    /// it is not the same as the own energy.
    pub whole: SlotColumns,
}

impl DayRows {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }
    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
    /// About how much memory it takes. Unit: octets.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let counts: usize = self.own.0.iter().chain(&self.whole.0).map(Vec::len).sum();
        (64 * self.len() + 8 * counts) as u64
    }
    /// How much memory is kept for energies and points, whatever of it is filled. Unit: octets.
    #[must_use]
    pub fn room(&self) -> u64 {
        let counts: usize = self.own.0.iter().chain(&self.whole.0).map(Vec::capacity).sum();
        (64 * self.points.capacity() + 8 * counts) as u64
    }
    /// Makes room for so many rows more.
    pub fn reserve(&mut self, rows: usize) {
        self.points.reserve(rows);
        self.allocations.reserve(rows);
        self.deducted.reserve(rows);
        self.sets().into_iter().for_each(|sets| sets.reserve(rows));
    }
    /// Adds a row without any slot; false where the texts have no more room.
    pub fn push(&mut self, point: SupplyPointId, control: &str, allocation: Option<Allocation>) -> bool {
        if !self.control_numbers.push(control) {
            return false;
        }
        self.points.push(point);
        self.allocations.push(allocation);
        self.deducted.push(None);
        self.sets().into_iter().for_each(|sets| sets.push(SlotSet::EMPTY));
        true
    }
    const fn sets(&mut self) -> [&mut Vec<SlotSet>; 4] {
        [&mut self.received, &mut self.given, &mut self.whole_given, &mut self.whole_apart]
    }
    /// Sets a slot of a row: its own energy and the whole. No value is a slot that was received without one.
    #[inline]
    pub fn set(&mut self, row: usize, slot: Slot, own: Option<Energy>, whole: Option<Energy>) {
        fn mark(sets: &mut [SlotSet], row: usize, slot: Slot, there: bool) {
            if let Some(set) = sets.get_mut(row) {
                if there { set.insert(slot) } else { set.remove(slot) }
            }
        }
        mark(&mut self.received, row, slot, true);
        mark(&mut self.given, row, slot, own.is_some());
        mark(&mut self.whole_given, row, slot, whole.is_some());
        let apart = whole.filter(|whole| own != Some(*whole));
        mark(&mut self.whole_apart, row, slot, apart.is_some());
        if let Some(energy) = own {
            self.own.set(slot, row, energy.ten_thousandths());
        }
        if let Some(energy) = apart {
            self.whole.set(slot, row, energy.ten_thousandths());
        }
    }
    /// Sets slots of a row at once: slot, own energy and whole. What was received before stays as it is; `stands` is told
    /// of it, and whether both say the same.
    #[inline]
    pub fn fill(
        &mut self,
        row: usize,
        slots: impl Iterator<Item = (Slot, Option<Energy>, Option<Energy>)>,
        mut stands: impl FnMut(Slot, bool),
    ) {
        let of = |sets: &[SlotSet]| sets.get(row).copied().unwrap_or_default();
        let (mut received, mut given) = (of(&self.received), of(&self.given));
        let (mut whole_given, mut apart) = (of(&self.whole_given), of(&self.whole_apart));
        for (slot, own, whole) in slots {
            if received.contains(slot) {
                let before = given.contains(slot).then(|| Energy::from_ten_thousandths(self.own.get(slot, row)));
                stands(slot, before == own);
                continue;
            }
            received.insert(slot);
            if let Some(energy) = own {
                given.insert(slot);
                self.own.set(slot, row, energy.ten_thousandths());
            }
            if let Some(energy) = whole {
                whole_given.insert(slot);
                if own != whole {
                    apart.insert(slot);
                    self.whole.set(slot, row, energy.ten_thousandths());
                }
            }
        }
        for (sets, set) in self.sets().into_iter().zip([received, given, whole_given, apart]) {
            if let Some(place) = sets.get_mut(row) {
                *place = set;
            }
        }
    }
    /// Takes the base retailer's share off the rows of one point, slot by slot and never below zero; what a row does not
    /// hold is taken from the next.
    pub fn deduct(&mut self, rows: &[usize], share: Energy) {
        for row in rows {
            if let Some(deducted) = self.deducted.get_mut(*row) {
                *deducted = Some(share);
            }
        }
        for slot in Slot::all() {
            let mut left = share.ten_thousandths();
            for row in rows {
                if !self.given.get(*row).is_some_and(|given| given.contains(slot)) {
                    continue;
                }
                let delivered = self.own.get(slot, *row);
                let taken = left.min(delivered).max(0);
                left -= taken;
                self.set(
                    *row,
                    slot,
                    Some(Energy::from_ten_thousandths(delivered - taken)),
                    Some(Energy::from_ten_thousandths(delivered)),
                );
            }
        }
    }
    /// Whether a slot of a row was received.
    #[must_use]
    #[inline]
    pub fn has(&self, row: usize, slot: Slot) -> bool {
        self.received.get(row).is_some_and(|received| received.contains(slot))
    }
    /// The own energy of a slot, if there is one.
    #[must_use]
    pub fn own(&self, row: usize, slot: Slot) -> Option<Energy> {
        let given = self.given.get(row).is_some_and(|given| given.contains(slot));
        given.then(|| Energy::from_ten_thousandths(self.own.get(slot, row)))
    }
    /// The whole energy of a slot, if there is one.
    #[must_use]
    pub fn whole(&self, row: usize, slot: Slot) -> Option<Energy> {
        let given = self.whole_given.get(row).is_some_and(|given| given.contains(slot));
        given.then(|| Energy::from_ten_thousandths(self.whole_count(row, slot)))
    }
    /// The count of the whole of a row that has one.
    pub(super) fn whole_count(&self, row: usize, slot: Slot) -> i64 {
        let apart = self.whole_apart.get(row).is_some_and(|apart| apart.contains(slot));
        if apart { self.whole.get(slot, row) } else { self.own.get(slot, row) }
    }
    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        self.sets().into_iter().for_each(Vec::clear);
        let DayRows { points, control_numbers, allocations, deducted, own, whole, .. } = self;
        points.clear();
        control_numbers.clear();
        allocations.clear();
        deducted.clear();
        own.clear();
        whole.clear();
    }
    /// The rows in the order of their points, where they are not in it already.
    #[must_use]
    pub fn order(&self) -> Option<Vec<u32>> {
        if self.points.is_sorted() {
            return None;
        }
        let mut order: Vec<u32> = (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|row| self.points.get(*row as usize));
        Some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(last: u8) -> SupplyPointId {
        SupplyPointId::parse(&format!("030011100000000000{last:04}")).unwrap()
    }
    fn slot(number: u8) -> Slot {
        Slot::new(number).unwrap()
    }
    fn energy(count: i64) -> Option<Energy> {
        Some(Energy::from_ten_thousandths(count))
    }

    #[test]
    fn a_slot_without_a_value_is_received_and_not_given() {
        let mut rows = DayRows::default();
        assert!(rows.push(point(1), "", None));
        rows.set(0, slot(1), energy(0), None);
        rows.set(0, slot(2), None, None);
        assert_eq!((rows.own(0, slot(1)), rows.own(0, slot(2)), rows.own(0, slot(3))), (energy(0), None, None));
        assert_eq!((rows.has(0, slot(2)), rows.has(0, slot(3))), (true, false));
        rows.set(0, slot(1), None, None);
        assert_eq!((rows.own(0, slot(1)), rows.has(0, slot(1))), (None, true), "a value can be taken back");
    }

    #[test]
    fn a_share_is_taken_off_once_and_never_below_zero() {
        let mut rows = DayRows::default();
        for (control, counts) in [("A", [30_000, 100]), ("B", [30_000, 200])] {
            let row = rows.len();
            assert!(rows.push(point(1), control, None));
            for (number, count) in (1..).zip(counts) {
                rows.set(row, slot(number), energy(count), None);
            }
        }
        rows.set(1, slot(3), None, None);
        rows.deduct(&[0, 1], Energy::from_ten_thousandths(40_000));
        let own = |row, number| rows.own(row, slot(number));
        assert_eq!((own(0, 1), own(1, 1)), (energy(0), energy(20_000)), "6 kWh less 4 kWh");
        assert_eq!((own(0, 2), own(1, 2)), (energy(0), energy(0)));
        assert_eq!((own(1, 3), rows.whole(1, slot(3))), (None, None), "missing stays missing");
        assert_eq!((rows.whole(0, slot(1)), rows.whole(1, slot(2))), (energy(30_000), energy(200)));
        assert_eq!(rows.deducted, [energy(40_000), energy(40_000)]);
    }

    #[test]
    fn rows_are_put_in_order_only_where_they_are_not() {
        let mut rows = DayRows::default();
        for id in [2, 1, 3, 1] {
            assert!(rows.push(point(id), "", None));
        }
        assert_eq!(rows.order(), Some(vec![1, 3, 0, 2]));
        let mut sorted = DayRows::default();
        for id in [1, 1, 2] {
            assert!(sorted.push(point(id), "", None));
        }
        assert_eq!(sorted.order(), None);
    }
}
