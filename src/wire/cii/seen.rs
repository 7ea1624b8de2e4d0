//! 重複: which rows were there before.
//!
//! Rows come in an order: by point, or slot after slot with the same points. While they do, a row costs one comparison;
//! out of order it costs a look into a table. What is kept is bounded: beyond the bound, rows in ascending order are
//! still told apart by comparing, and for others the search says that it cannot tell.

use crate::items::{SupplyPointId, nibbles};

/// A row within its slot: the point exactly, and its control number (exactly up to four octets, else its hash).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    #[inline]
    pub(super) fn new(point: SupplyPointId, control: &[u8]) -> Key {
        Key(point.nibbles() << 40 | u128::from(tail(control)))
    }
    /// The same of the digits of a point.
    #[inline]
    pub(super) fn of_digits(point: &[u8; 22], control: &[u8]) -> Key {
        Key(nibbles(point) << 40 | u128::from(tail(control)))
    }
    fn hash(self) -> u64 {
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        let mixed = u128::from(high ^ 0x9E37_79B9_7F4A_7C15) * u128::from(low ^ 0xD1B5_4A32_D192_ED03);
        (mixed >> 64) as u64 ^ mixed as u64
    }
}

/// 40 bits of a control number; short ones keep their order.
#[inline]
fn tail(control: &[u8]) -> u64 {
    match *control {
        [] => 0,
        [a] => u64::from(u32::from_be_bytes([a, 0, 0, 0])),
        [a, b] => u64::from(u32::from_be_bytes([a, b, 0, 0])),
        [a, b, c] => u64::from(u32::from_be_bytes([a, b, c, 0])),
        [a, b, c, d] => u64::from(u32::from_be_bytes([a, b, c, d])),
        _ => {
            // FNV-1a, 64 bit.
            let hash = control.iter().fold(0xCBF2_9CE4_8422_2325u64, |hash, octet| {
                (hash ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01B3)
            });
            1 << 39 | (hash >> 32 ^ hash) & ((1 << 39) - 1)
        }
    }
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

/// A row as it is known.
struct Row {
    key: Key,
    /// In which slots it was seen (bits 0 to 55), and in which one last (above).
    marks: u64,
    /// Its value in the slot it was seen in last.
    value: i64,
}

impl Row {
    /// Marks the row as seen in a slot.
    #[inline]
    const fn mark(&mut self, slot: u8, value: i64) {
        self.marks = self.marks & SLOTS | 1 << slot | (slot as u64) << 56;
        self.value = value;
    }
}

/// The rows so far.
pub(super) struct Seen {
    most: usize,
    rows: Vec<Row>,
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
        Seen { most, rows: Vec::new(), next: 0, slot: 0, sorted: true, table: Vec::new(), last: Vec::new() }
    }

    /// Takes a row of a slot 0..=55 with its value.
    #[inline]
    pub(super) fn check(&mut self, key: Key, slot: u8, value: i64) -> Verdict {
        if slot != self.slot {
            (self.slot, self.next) = (slot, 0);
        }
        let place = match self.rows.get(self.next) {
            Some(expected) if expected.key == key => self.next,
            None if self.is_in_order(key) => {
                self.add(key, slot, value);
                return Verdict::New;
            }
            _ => match self.find(key) {
                Some(place) => place,
                None if self.rows.len() < self.most => {
                    self.enter_new(key, slot, value);
                    return Verdict::New;
                }
                None => return self.beyond(key, slot),
            },
        };
        self.next = place + 1;
        let Some(row) = self.rows.get_mut(place) else { return Verdict::New };
        if row.marks & 1 << slot == 0 {
            row.mark(slot, value);
            return Verdict::New;
        }
        if row.marks >> 56 == u64::from(slot) && row.value == value { Verdict::Same } else { Verdict::Different }
    }

    /// Whether a row comes behind all that are kept, and is to be kept.
    #[inline]
    fn is_in_order(&self, key: Key) -> bool {
        self.sorted && self.rows.len() < self.most && self.rows.last().is_none_or(|last| last.key < key)
    }

    #[inline]
    fn add(&mut self, key: Key, slot: u8, value: i64) {
        let mut row = Row { key, marks: 0, value };
        row.mark(slot, value);
        self.rows.push(row);
        self.next = self.rows.len();
    }

    /// Takes a row that is new by its order; others are left alone.
    #[inline(always)]
    pub(super) fn check_next(&mut self, key: Key, slot: u8, value: i64) -> bool {
        if slot != self.slot {
            (self.slot, self.next) = (slot, 0);
        }
        if let Some(row) = self.rows.get_mut(self.next) {
            if row.key != key || row.marks & 1 << slot != 0 {
                return false;
            }
            row.mark(slot, value);
            self.next += 1;
            return true;
        }
        let is_new = self.next == self.rows.len() && self.is_in_order(key);
        if is_new {
            self.add(key, slot, value);
        }
        is_new
    }

    /// The place of a key that is not where it was expected.
    #[cold]
    fn find(&self, key: Key) -> Option<usize> {
        if !self.sorted {
            return self.look_up(key);
        }
        // A row or two that this slot does not have.
        let ahead = self.rows.get(self.next..).unwrap_or_default().iter().take(4).position(|row| row.key == key);
        ahead.map(|ahead| self.next + ahead).or_else(|| self.rows.binary_search_by_key(&key, |row| row.key).ok())
    }

    /// Keeps a row that comes out of order, or behind all others in a later slot.
    #[cold]
    fn enter_new(&mut self, key: Key, slot: u8, value: i64) {
        if self.sorted && self.rows.last().is_some_and(|last| key < last.key) {
            self.sorted = false;
            self.rebuild();
        }
        self.add(key, slot, value);
        if !self.sorted {
            if self.rows.len() * 2 > self.table.len() {
                self.rebuild();
            } else {
                self.enter(self.rows.len() - 1, key);
            }
        }
    }

    /// A row that is not kept: told apart only while its slot goes on in ascending order.
    fn beyond(&mut self, key: Key, slot: u8) -> Verdict {
        if !self.sorted {
            return Verdict::Open;
        }
        let greatest = self.rows.last().map_or(Key(0), |row| row.key);
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
                    if self.rows.get(place as usize).is_some_and(|row| row.key == key) {
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
        let size = (self.rows.len() * 4).next_power_of_two().max(64);
        self.table.clear();
        self.table.resize(size, FREE);
        for place in 0..self.rows.len() {
            if let Some(key) = self.rows.get(place).map(|row| row.key) {
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
        let keys = ["", "0", "001", "002", "1", "1234", "A", "12345678", "123456789"].map(|control| key(7, control));
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
