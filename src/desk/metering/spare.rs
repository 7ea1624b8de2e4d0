//! 使い回し: the memory of rows that were written is filled again by those that come after.

use crate::store::readings::DayRows;
use std::sync::{Mutex, PoisonError};

/// So much memory of what was written is kept for what comes. Unit: octets.
pub(super) const SPARE: u64 = 16 << 20;

/// Rows that hold nothing, and the memory of those that were written. Unit: octets.
pub(super) struct Spare {
    limit: u64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    rows: Vec<DayRows>,
    octets: u64,
}

impl Spare {
    /// Keeps up to so much memory.
    pub(super) fn new(limit: u64) -> Spare {
        Spare { limit, kept: Mutex::default() }
    }

    /// Rows to be filled: those that were given back last, or new ones.
    pub(super) fn take(&self) -> DayRows {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = kept.rows.pop().unwrap_or_default();
        kept.octets -= rows.room();
        rows
    }

    /// Gives rows back that nobody reads any more.
    pub(super) fn give(&self, mut rows: DayRows) {
        rows.clear();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let octets = kept.octets.saturating_add(rows.room());
        if octets <= self.limit {
            kept.octets = octets;
            kept.rows.push(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::{Energy, Slot, SupplyPointId};

    fn rows(count: usize) -> DayRows {
        let mut rows = DayRows::default();
        for row in 0..count {
            let point = SupplyPointId::parse(&format!("03001110000000000{row:05}")).unwrap();
            assert!(rows.push(point, "", None));
            rows.set(row, Slot::new(1).unwrap(), Some(Energy::from_ten_thousandths(7)), None);
        }
        rows
    }

    #[test]
    fn memory_is_given_back_empty_and_no_more_of_it_is_kept_than_there_is_room_for() {
        let small = rows(10);
        let spare = Spare::new(small.room());
        spare.give(rows(1000));
        assert_eq!(spare.take().room(), 0, "too large to be kept");
        let room = small.room();
        spare.give(small);
        spare.give(rows(10));
        let again = spare.take();
        assert_eq!((again.room(), again), (room, DayRows::default()));
        assert_eq!(spare.take().room(), 0, "the second had no room");
        spare.give(rows(10));
        assert_eq!(spare.take().room(), room, "what was taken makes room");
    }
}
