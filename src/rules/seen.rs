//! What a run has seen: keys of rows and where they stood first, for duplicates.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// The first line of each key.
#[derive(Debug)]
pub(super) struct Seen<K>(HashMap<K, u64, BuildHasherDefault<Fold>>);

impl<K: Eq + Hash> Seen<K> {
    pub(super) fn new() -> Seen<K> {
        Seen(HashMap::default())
    }

    /// The line a key stood in before; else this line is remembered.
    pub(super) fn before(&mut self, key: K, line: u64) -> Option<u64> {
        match self.0.entry(key) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(place) => {
                place.insert(line);
                None
            }
        }
    }
}

/// Mixes eight octets by one multiplication. The keys are those of the user's own file: there is nobody to defend against,
/// and the default hasher costs a tenth of a whole row.
#[derive(Debug, Default)]
pub(super) struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, octets: &[u8]) {
        for chunk in octets.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, octet: u8) {
        self.write_u64(u64::from(octet));
    }
    fn write_u64(&mut self, word: u64) {
        const ODD: u128 = 0x9E37_79B9_7F4A_7C15;
        let product = u128::from(self.0 ^ word).wrapping_add(1).wrapping_mul(ODD);
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }
    fn finish(&self) -> u64 {
        // The table takes its bits from both ends of the word.
        self.0 ^ self.0.rotate_left(29)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    #[test]
    fn numbers_in_sequence_are_spread() {
        let build = BuildHasherDefault::<Fold>::default();
        let hashes: Vec<u64> = (0..10_000u128).map(|n| build.hash_one(300_111_122_222_330_000_000 + n)).collect();
        assert_eq!(hashes.iter().collect::<HashSet<_>>().len(), hashes.len());
        let low = hashes.iter().map(|hash| hash & 0x3FFF).collect::<HashSet<_>>().len();
        let high = hashes.iter().map(|hash| hash >> 50).collect::<HashSet<_>>().len();
        assert!(low > 6_500 && high > 6_500, "{low} {high}");
    }

    #[test]
    fn the_first_line_is_remembered() {
        let mut seen = Seen::new();
        assert_eq!(seen.before("a", 2), None);
        assert_eq!(seen.before("b", 3), None);
        assert_eq!(seen.before("a", 4), Some(2));
        assert_eq!(seen.before("a", 5), Some(2));
    }
}
