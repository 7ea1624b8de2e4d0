//! 計算できるか: whether a quantity is a sum or a difference, with any factors, of what is published.
//!
//! Quantities are vectors over pieces that no published cell divides; what can be computed is their span. The elimination
//! counts modulo the prime 2⁶¹ − 1: whatever is in the span over the rationals is in it here, for the determinants of
//! tables of ones and zeros are far smaller than the prime.

use std::collections::BTreeMap;

const PRIME: u64 = (1 << 61) - 1;

/// −1, as it is counted here.
pub(super) const NEGATIVE_ONE: u64 = PRIME - 1;

type Sparse = BTreeMap<usize, u64>;

/// 公表値の張る空間: what can be computed from published rows.
#[derive(Debug, Default)]
pub(super) struct Span {
    /// By leading piece: the reduced row, its value, and of which published rows it is made.
    pivots: BTreeMap<usize, (Sparse, u64, Sparse)>,
    rows: usize,
}

impl Span {
    /// Adds a published row: the pieces it is the sum of, and what was published. Rows are numbered from 0 in the order in
    /// which they come. Where the sum follows from other rows and what was published does not, the difference shows what
    /// was revised: the rows it shows in.
    pub(super) fn publish(&mut self, pieces: impl IntoIterator<Item = usize>, value: i128) -> Option<Vec<usize>> {
        let row: Sparse = pieces.into_iter().map(|piece| (piece, 1)).collect();
        let number = self.rows;
        self.rows += 1;
        let value = u64::try_from(value.rem_euclid(i128::from(PRIME))).unwrap_or_default();
        let (rest, value, mut made) = self.reduce(row, value);
        let Some((leading, factor)) = rest.first_key_value() else {
            made.insert(number, 1);
            return (value != 0).then(|| made.into_keys().collect());
        };
        // rest = row − Σ made: so made of the row itself and the others taken off.
        made.values_mut().for_each(|value| *value = negative(*value));
        made.insert(number, 1);
        let (leading, inverse) = (*leading, inverse(*factor));
        let scaled = |sparse: Sparse| sparse.into_iter().map(|(key, value)| (key, times(value, inverse))).collect();
        self.pivots.insert(leading, (scaled(rest), times(value, inverse), scaled(made)));
        None
    }

    /// The published rows from which the sum of pieces can be computed; nothing where it cannot.
    pub(super) fn rows_for(&self, pieces: impl IntoIterator<Item = usize>) -> Option<Vec<usize>> {
        let (rest, _, made) = self.reduce(pieces.into_iter().map(|piece| (piece, 1)).collect(), 0);
        rest.is_empty().then(|| made.into_keys().collect())
    }

    /// Takes published rows off until nothing more can be: what is left, of the value, too, and what was taken.
    fn reduce(&self, mut row: Sparse, mut value: u64) -> (Sparse, u64, Sparse) {
        let (mut made, mut from) = (Sparse::new(), 0);
        while let Some((leading, factor)) = row.range(from..).next().map(|(key, value)| (*key, *value)) {
            from = leading + 1;
            if let Some((pivot, worth, of)) = self.pivots.get(&leading) {
                minus(&mut row, pivot, factor);
                minus(&mut made, of, negative(factor));
                value = plus(value, negative(times(*worth, factor)));
            }
        }
        (row, value, made)
    }
}

/// `row − factor × other`
pub(super) fn minus(row: &mut Sparse, other: &Sparse, factor: u64) {
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

pub(super) fn times(one: u64, two: u64) -> u64 {
    let product = u128::from(one) * u128::from(two) % u128::from(PRIME);
    u64::try_from(product).unwrap_or_default()
}

/// By Fermat: the power of the prime less two.
pub(super) fn inverse(value: u64) -> u64 {
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
        [vec![0, 1, 2], vec![1], vec![2], vec![3, 4]].into_iter().for_each(|row| drop(span.publish(row, 0)));
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
        [vec![0, 1], vec![1, 2], vec![0, 2]].into_iter().for_each(|row| drop(span.publish(row, 0)));
        for piece in 0..3 {
            assert_eq!(span.rows_for([piece]), Some(vec![0, 1, 2]));
        }
    }

    #[test]
    fn a_total_that_is_not_the_sum_of_its_parts_shows_what_was_revised() {
        let mut span = Span::default();
        assert_eq!(span.publish([0, 1], 30), None);
        assert_eq!(span.publish([2], -5), None);
        assert_eq!(span.publish([0, 1, 2], 25), None);
        assert_eq!(span.publish([0, 1, 2], 24), Some(vec![0, 1, 3]));
    }
}
