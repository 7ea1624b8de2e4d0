//! 計算できるか: whether a quantity is a sum or a difference, with any factors, of what is published.
//!
//! Quantities are vectors over pieces that no published cell divides; what can be computed is their span. The elimination
//! counts modulo the prime 2⁶¹ − 1: whatever is in the span over the rationals is in it here, for the determinants of
//! tables of ones and zeros are far smaller than the prime.

use std::collections::BTreeMap;

const PRIME: u64 = (1 << 61) - 1;

type Sparse = BTreeMap<usize, u64>;

/// 公表値の張る空間: what can be computed from published rows.
#[derive(Debug, Default)]
pub(super) struct Span {
    /// By leading piece: the reduced row, and of which published rows it is made.
    pivots: BTreeMap<usize, (Sparse, Sparse)>,
    rows: usize,
}

impl Span {
    /// Adds a published row: the pieces it is the sum of. Rows are numbered from 0 in the order in which they come.
    pub(super) fn publish(&mut self, pieces: impl IntoIterator<Item = usize>) {
        let row: Sparse = pieces.into_iter().map(|piece| (piece, 1)).collect();
        let number = self.rows;
        self.rows += 1;
        let (rest, mut made) = self.reduce(row);
        if let Some((leading, factor)) = rest.first_key_value() {
            // rest = row − Σ made: so made of the row itself and the others taken off.
            made.values_mut().for_each(|value| *value = negative(*value));
            made.insert(number, 1);
            let (leading, inverse) = (*leading, inverse(*factor));
            let scaled = |sparse: Sparse| sparse.into_iter().map(|(key, value)| (key, times(value, inverse))).collect();
            self.pivots.insert(leading, (scaled(rest), scaled(made)));
        }
    }

    /// The published rows from which the sum of pieces can be computed; nothing where it cannot.
    pub(super) fn rows_for(&self, pieces: impl IntoIterator<Item = usize>) -> Option<Vec<usize>> {
        let (rest, made) = self.reduce(pieces.into_iter().map(|piece| (piece, 1)).collect());
        rest.is_empty().then(|| made.into_keys().collect())
    }

    /// Takes published rows off until nothing more can be: what is left, and what was taken.
    fn reduce(&self, mut row: Sparse) -> (Sparse, Sparse) {
        let (mut made, mut from) = (Sparse::new(), 0);
        while let Some((leading, factor)) = row.range(from..).next().map(|(key, value)| (*key, *value)) {
            from = leading + 1;
            if let Some((pivot, of)) = self.pivots.get(&leading) {
                take_off(&mut row, pivot, factor);
                take_off(&mut made, of, negative(factor));
            }
        }
        (row, made)
    }
}

/// `row − factor × other`
fn take_off(row: &mut Sparse, other: &Sparse, factor: u64) {
    for (key, value) in other {
        let slot = row.entry(*key).or_default();
        *slot = plus(*slot, negative(times(*value, factor)));
        if *slot == 0 {
            row.remove(key);
        }
    }
}

const fn plus(one: u64, two: u64) -> u64 {
    (one + two) % PRIME
}

const fn negative(value: u64) -> u64 {
    (PRIME - value) % PRIME
}

fn times(one: u64, two: u64) -> u64 {
    let product = u128::from(one) * u128::from(two) % u128::from(PRIME);
    u64::try_from(product).unwrap_or_default()
}

/// By Fermat: the power of the prime less two.
fn inverse(value: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, value, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_computed_from_the_total_and_the_other_parts() {
        let mut span = Span::default();
        [vec![0, 1, 2], vec![1], vec![2], vec![3, 4]].into_iter().for_each(|row| span.publish(row));
        assert_eq!(span.rows_for([0]), Some(vec![0, 1, 2]));
        assert_eq!(span.rows_for([0, 1]), Some(vec![0, 2]));
        assert_eq!((span.rows_for([3]), span.rows_for([3, 4])), (None, Some(vec![3])));
        assert_eq!(span.rows_for([5]), None);
        assert_eq!(span.rows_for([]), Some(vec![]));
    }

    #[test]
    fn factors_other_than_one_are_found() {
        // (a+b) + (b+c) + (c+a) = 2 (a+b+c)
        let mut span = Span::default();
        [vec![0, 1], vec![1, 2], vec![0, 2]].into_iter().for_each(|row| span.publish(row));
        for piece in 0..3 {
            assert_eq!(span.rows_for([piece]), Some(vec![0, 1, 2]));
        }
    }
}
