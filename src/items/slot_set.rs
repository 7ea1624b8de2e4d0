//! A set of the 48 half-hours of a day.

use super::Slot;
use std::fmt;

/// コマの集合: a set of slots of one day; bit 0 is slot 1.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SlotSet(u64);

impl SlotSet {
    /// No slot.
    pub const EMPTY: SlotSet = SlotSet(0);
    /// All 48 slots.
    pub const ALL: SlotSet = SlotSet((1 << 48) - 1);

    /// The slots of the set bits; bits beyond slot 48 are dropped.
    #[must_use]
    pub const fn from_bits(bits: u64) -> SlotSet {
        SlotSet(bits & SlotSet::ALL.0)
    }
    /// The slots as bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
    /// One slot alone.
    #[must_use]
    pub const fn of(slot: Slot) -> SlotSet {
        SlotSet(1 << (slot.number() - 1))
    }
    /// Adds a slot.
    pub const fn insert(&mut self, slot: Slot) {
        self.0 |= SlotSet::of(slot).0;
    }
    /// Takes a slot away.
    pub const fn remove(&mut self, slot: Slot) {
        self.0 &= !SlotSet::of(slot).0;
    }
    /// Whether a slot is in it.
    #[must_use]
    pub const fn contains(self, slot: Slot) -> bool {
        self.0 & SlotSet::of(slot).0 != 0
    }
    /// The slots of either.
    #[must_use]
    pub const fn union(self, other: SlotSet) -> SlotSet {
        SlotSet(self.0 | other.0)
    }
    /// The slots of both.
    #[must_use]
    pub const fn intersection(self, other: SlotSet) -> SlotSet {
        SlotSet(self.0 & other.0)
    }
    /// The slots of this one that are not in the other.
    #[must_use]
    pub const fn without(self, other: SlotSet) -> SlotSet {
        SlotSet(self.0 & !other.0)
    }
    /// How many slots there are.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Every slot in it, in order.
    pub fn iter(self) -> impl Iterator<Item = Slot> {
        Slot::all().filter(move |slot| self.contains(*slot))
    }
}

/// `1-3,48`, as people name slots.
impl fmt::Display for SlotSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut slots = self.iter().map(Slot::number).peekable();
        let mut first = true;
        while let Some(from) = slots.next() {
            let mut to = from;
            while let Some(next) = slots.next_if_eq(&(to + 1)) {
                to = next;
            }
            let comma = if first { "" } else { "," };
            first = false;
            if from == to { write!(f, "{comma}{from}")? } else { write!(f, "{comma}{from}-{to}")? }
        }
        Ok(())
    }
}

impl fmt::Debug for SlotSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u8]) -> SlotSet {
        let mut set = SlotSet::EMPTY;
        numbers.iter().for_each(|number| set.insert(Slot::new(*number).unwrap()));
        set
    }

    #[test]
    fn slots_are_bits_in_order() {
        let some = set(&[1, 48, 7]);
        assert_eq!(some.iter().map(Slot::number).collect::<Vec<_>>(), [1, 7, 48]);
        assert_eq!((some.bits(), some.len()), (1 | 1 << 6 | 1 << 47, 3));
        assert_eq!(SlotSet::from_bits(u64::MAX), SlotSet::ALL);
        assert_eq!(SlotSet::ALL.len(), 48);
        assert_eq!(SlotSet::ALL.without(some).union(some), SlotSet::ALL);
        assert_eq!(some.intersection(set(&[7, 8])), set(&[7]));
        let mut less = some;
        less.remove(Slot::new(7).unwrap());
        assert_eq!(less, set(&[1, 48]));
    }

    #[test]
    fn slots_are_named_in_runs() {
        assert_eq!(set(&[1, 2, 3, 5, 47, 48]).to_string(), "1-3,5,47-48");
        assert_eq!((SlotSet::EMPTY.to_string(), SlotSet::ALL.to_string()), (String::new(), "1-48".to_owned()));
    }
}
