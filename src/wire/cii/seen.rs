//! 重複: which rows were there before.
//!
//! Rows come in an order: by point, or slot after slot with the same points. While they do, a row costs one comparison;
//! out of order it costs a look into a table. What is kept is bounded: beyond the bound, rows in ascending order are
//! still told apart by comparing, and for others the search says that it cannot tell.

use crate::items::SupplyPointId;

/// A row within its slot: the point exactly, and its control number (exactly up to seven octets, else its hash).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    pub(super) fn new(point: SupplyPointId, control: &[u8]) -> Key {
        Key(point.packed() << 57 | u128::from(tail(control)))
    }
    fn hash(self) -> u64 {
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        let mixed = u128::from(high ^ 0x9E37_79B9_7F4A_7C15) * u128::from(low ^ 0xD1B5_4A32_D192_ED03);
        (mixed >> 64) as u64 ^ mixed as u64
    }
}

/// 57 bits of a control number; short ones keep their order.
fn tail(control: &[u8]) -> u64 {
    if control.len() <= 7 {
        let shifted = control.iter().fold(0u64, |sum, octet| sum << 8 | u64::from(*octet));
        // The empty one and the one of a zero octet are told apart by nothing: XML has no zero octet.
        return shifted << (8 * (7 - control.len()));
    }
    // FNV-1a, 64 bit.
    let hash = control
        .iter()
        .fold(0xCBF2_9CE4_8422_2325u64, |hash, octet| (hash ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01B3));
    1 << 56 | (hash >> 8 ^ hash) & ((1 << 56) - 1)
}

/// What is known of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    New,
    /// It was there, with the same value.
    Same,
    /// It was there, with another value, or with one that is no longer known.
    Different,
    /// Too many rows in no order: it cannot be told.
    Open,
}

const SLOTS: u64 = (1 << 56) - 1;

/// The rows so far.
pub(super) struct Seen {
    most: usize,
    keys: Vec<Key>,
    /// In which slots a key was seen (bits 0 to 55), and in which one last (above).
    marks: Vec<u64>,
    /// The value of each key in the slot it was seen in last.
    values: Vec<i64>,
    /// Where the next row is expected.
    next: usize,
    slot: u8,
    sorted: bool,
    /// Places by hash, once rows came out of order; a power of two, at most half full.
    table: Vec<u32>,
    /// The greatest key of each slot, once no more are kept.
    last: Vec<Key>,
}

const FREE: u32 = u32::MAX;

impl Seen {
    pub(super) const fn new(most: usize) -> Seen {
        Seen {
            most,
            keys: Vec::new(),
            marks: Vec::new(),
            values: Vec::new(),
            next: 0,
            slot: 0,
            sorted: true,
            table: Vec::new(),
            last: Vec::new(),
        }
    }

    /// Takes a row of a slot 0..=55 with its value.
    #[inline]
    pub(super) fn check(&mut self, key: Key, slot: u8, value: i64) -> Verdict {
        if slot != self.slot {
            (self.slot, self.next) = (slot, 0);
        }
        let place = match self.keys.get(self.next) {
            Some(expected) if *expected == key => self.next,
            None if self.keys.len() < self.most && self.sorted && self.keys.last().is_none_or(|last| *last < key) => {
                self.keys.push(key);
                self.marks.push(1 << slot | u64::from(slot) << 56);
                self.values.push(value);
                self.next += 1;
                return Verdict::New;
            }
            _ => match self.find(key, slot) {
                Ok(place) => place,
                Err(verdict) => return verdict,
            },
        };
        self.next = place + 1;
        let (Some(mark), Some(known)) = (self.marks.get_mut(place), self.values.get_mut(place)) else {
            return Verdict::New;
        };
        if *mark & 1 << slot == 0 {
            *mark = *mark & SLOTS | 1 << slot | u64::from(slot) << 56;
            *known = value;
            return Verdict::New;
        }
        if *mark >> 56 == u64::from(slot) && *known == value { Verdict::Same } else { Verdict::Different }
    }

    /// The place of a key that is not where it was expected; a new one is added.
    #[cold]
    fn find(&mut self, key: Key, slot: u8) -> Result<usize, Verdict> {
        if self.sorted {
            // A row or two that this slot does not have.
            let ahead = self.keys.get(self.next..).unwrap_or_default().iter().take(4).position(|other| *other == key);
            if let Some(ahead) = ahead {
                return Ok(self.next + ahead);
            }
            if let Ok(place) = self.keys.binary_search(&key) {
                return Ok(place);
            }
        } else if let Some(place) = self.look_up(key) {
            return Ok(place);
        }
        if self.keys.len() >= self.most {
            return Err(self.beyond(key, slot));
        }
        if self.sorted && self.keys.last().is_some_and(|last| key < *last) {
            self.sorted = false;
            self.rebuild();
        }
        self.keys.push(key);
        self.marks.push(0);
        self.values.push(0);
        let place = self.keys.len() - 1;
        if !self.sorted {
            if self.keys.len() * 2 > self.table.len() {
                self.rebuild();
            } else {
                self.enter(place, key);
            }
        }
        Ok(place)
    }

    /// A row that is not kept: told apart only while its slot goes on in ascending order.
    fn beyond(&mut self, key: Key, slot: u8) -> Verdict {
        if !self.sorted {
            return Verdict::Open;
        }
        let greatest = self.keys.last().copied().unwrap_or(Key(0));
        if self.last.is_empty() {
            self.last.resize(56, greatest);
        }
        match self.last.get_mut(usize::from(slot)) {
            Some(last) if *last < key => {
                *last = key;
                Verdict::New
            }
            _ => Verdict::Open,
        }
    }

    fn look_up(&self, key: Key) -> Option<usize> {
        let mask = self.table.len().checked_sub(1)?;
        let mut at = key.hash() as usize & mask;
        loop {
            match self.table.get(at) {
                Some(&place) if place != FREE => {
                    if self.keys.get(place as usize) == Some(&key) {
                        return Some(place as usize);
                    }
                }
                _ => return None,
            }
            at = (at + 1) & mask;
        }
    }

    fn enter(&mut self, place: usize, key: Key) {
        let Some(mask) = self.table.len().checked_sub(1) else { return };
        let mut at = key.hash() as usize & mask;
        while self.table.get(at).is_some_and(|place| *place != FREE) {
            at = (at + 1) & mask;
        }
        if let Some(free) = self.table.get_mut(at) {
            *free = u32::try_from(place).unwrap_or(FREE);
        }
    }

    fn rebuild(&mut self) {
        let size = (self.keys.len() * 4).next_power_of_two().max(64);
        self.table.clear();
        self.table.resize(size, FREE);
        for place in 0..self.keys.len() {
            if let Some(key) = self.keys.get(place).copied() {
                self.enter(place, key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn key(number: u64, control: &str) -> Key {
        Key::new(SupplyPointId::parse(&format!("03{number:020}")).unwrap(), control.as_bytes())
    }

    #[test]
    fn control_numbers_keep_their_order_and_differ() {
        let keys = ["", "0", "001", "002", "1", "1234567", "A", "12345678", "123456789"].map(|control| key(7, control));
        assert!(keys[..7].is_sorted());
        assert!(keys.iter().enumerate().all(|(at, one)| !keys[..at].contains(one)));
        assert!(key(7, "zzzzzzzzz") < key(8, ""));
    }

    proptest! {
        #[test]
        fn the_verdict_is_that_of_a_map(
            rows in prop::collection::vec((0u64..20, 0u8..4, 0i64..3), 0..200), sort in any::<bool>()
        ) {
            let mut rows = rows;
            if sort {
                rows.sort_by_key(|(point, slot, _)| (*slot, *point));
            }
            let (mut seen, mut map) = (Seen::new(100), HashMap::new());
            for (point, slot, value) in rows {
                let verdict = seen.check(key(point, ""), slot, value);
                match map.get(&(point, slot)) {
                    None => {
                        prop_assert_eq!(verdict, Verdict::New);
                        map.insert((point, slot), value);
                    }
                    // A value of a slot that was left is no longer known.
                    Some(known) if *known == value => prop_assert_ne!(verdict, Verdict::New),
                    Some(_) => prop_assert_eq!(verdict, Verdict::Different),
                }
            }
        }

        #[test]
        fn beyond_the_bound_nothing_is_called_a_duplicate_that_is_none(
            points in prop::collection::vec(0u64..1000, 0..60), sort in any::<bool>()
        ) {
            let mut points = points;
            if sort {
                points.sort_unstable();
            }
            let mut seen = Seen::new(10);
            let mut all = Vec::new();
            for point in points {
                let verdict = seen.check(key(point, ""), 1, 5);
                match verdict {
                    Verdict::New => prop_assert!(!all.contains(&point)),
                    Verdict::Same | Verdict::Different => prop_assert!(all.contains(&point)),
                    Verdict::Open => {}
                }
                all.push(point);
            }
        }
    }
}
