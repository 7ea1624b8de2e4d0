//! 計算できる和: sums of pieces, none of which can be computed alone, that can be computed together.
//!
//! A sum that fails the rule holds a smaller one of this kind that fails it, too: what can be computed alone can be taken
//! off it. The pieces fall apart into groups that no published sum connects, and in each the sums are searched.

use super::span::{Span, minus, times};
use std::collections::{BTreeMap, BTreeSet};

/// After so many steps the search of a group is given up.
const STEPS: u32 = 1 << 11;

type Sparse = BTreeMap<usize, u64>;
/// Rows, each with its leading piece.
type Rows = Vec<(usize, Sparse)>;

/// 調べた結果: what must not be computable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Union {
    /// Pieces whose sum can be computed, and fails.
    Failing(Vec<usize>),
    /// Pieces of which there are too many sums to look at each.
    TooMany(BTreeSet<usize>),
}

/// The sums of pieces that fail: of each group the first that is found, as far as it is asked for. `fails` judges a sum; `settled` says that no sum
/// with these pieces in it can fail.
pub(super) fn failing_unions<'r>(
    rows: impl Iterator<Item = &'r BTreeSet<usize>>,
    span: &Span,
    fails: impl Fn(&[usize]) -> bool,
    settled: impl Fn(&[usize]) -> bool,
) -> impl Iterator<Item = Union> {
    let mut alone: BTreeMap<usize, bool> = BTreeMap::new();
    let mut basis = Rows::new();
    for row in rows {
        let mut hidden = |piece: &usize| !*alone.entry(*piece).or_insert_with(|| span.rows_for([*piece]).is_some());
        let row: Sparse = row.iter().copied().filter(|piece| hidden(piece)).map(|piece| (piece, 1)).collect();
        join(&mut basis, row);
    }
    groups(basis).into_iter().filter_map(move |group| {
        let mut search = Search { last: last_rows(&group), rows: &group, steps: 0, fails: &fails, settled: &settled };
        match search.from(0, &Sparse::new(), &mut Vec::new()) {
            Some(union) => Some(Union::Failing(union)),
            None if search.steps >= STEPS => {
                Some(Union::TooMany(group.iter().flat_map(|(_, row)| row.keys().copied()).collect()))
            }
            None => None,
        }
    })
}

/// Adds a row to a basis in which each row alone has its leading piece.
fn join(basis: &mut Rows, mut row: Sparse) {
    for (leading, other) in basis.iter() {
        if let Some(factor) = row.get(leading).copied() {
            minus(&mut row, other, factor);
        }
    }
    let Some((leading, factor)) = row.first_key_value().map(|(leading, factor)| (*leading, *factor)) else { return };
    let inverse = super::span::inverse(factor);
    row.values_mut().for_each(|value| *value = times(*value, inverse));
    for (_, other) in basis.iter_mut() {
        if let Some(factor) = other.get(&leading).copied() {
            minus(other, &row, factor);
        }
    }
    basis.push((leading, row));
}

/// The rows that have pieces in common, directly or over others.
fn groups(basis: Rows) -> Vec<Rows> {
    let mut groups: Vec<(BTreeSet<usize>, Rows)> = Vec::new();
    for (leading, row) in basis {
        let mut pieces: BTreeSet<usize> = row.keys().copied().collect();
        let mut rows = vec![(leading, row)];
        let (joined, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(of, _)| !of.is_disjoint(&pieces));
        for (of, more) in joined {
            pieces.extend(of);
            rows.extend(more);
        }
        groups = apart;
        groups.push((pieces, rows));
    }
    groups.into_iter().map(|(_, rows)| rows).collect()
}

/// For each piece the last row it is in.
fn last_rows(group: &[(usize, Sparse)]) -> BTreeMap<usize, usize> {
    let places = group.iter().enumerate().flat_map(|(place, (_, row))| row.keys().map(move |piece| (*piece, place)));
    places.collect()
}

struct Search<'a, F, S> {
    rows: &'a [(usize, Sparse)],
    last: BTreeMap<usize, usize>,
    steps: u32,
    fails: &'a F,
    settled: &'a S,
}

impl<F: Fn(&[usize]) -> bool, S: Fn(&[usize]) -> bool> Search<'_, F, S> {
    /// Each row is taken or not: as its leading piece is in no other row, it is in the sum or not. A piece that no later
    /// row holds must then be in the sum once or not at all.
    fn from(&mut self, place: usize, sum: &Sparse, taken: &mut Vec<usize>) -> Option<Vec<usize>> {
        self.steps += 1;
        if self.steps >= STEPS {
            return None;
        }
        let Some((leading, row)) = self.rows.get(place) else {
            let union: Vec<usize> = sum.keys().copied().collect();
            return (!union.is_empty() && (self.fails)(&union)).then_some(union);
        };
        let ended = |sum: &Sparse, piece: &usize| {
            self.last.get(piece) != Some(&place) || sum.get(piece).is_none_or(|n| *n == 1)
        };
        let mut with = sum.clone();
        minus(&mut with, row, super::span::NEGATIVE_ONE);
        let (take, leave) = (row.keys().all(|piece| ended(&with, piece)), row.keys().all(|piece| ended(sum, piece)));
        if take {
            taken.push(*leading);
            let found = if (self.settled)(taken) { None } else { self.from(place + 1, &with, taken) };
            taken.pop();
            if found.is_some() {
                return found;
            }
        }
        if leave { self.from(place + 1, sum, taken) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unions(rows: &[&[usize]], small: usize) -> Vec<Union> {
        let rows: Vec<BTreeSet<usize>> = rows.iter().map(|row| row.iter().copied().collect()).collect();
        let mut span = Span::default();
        rows.iter().for_each(|row| drop(span.publish(row.iter().copied(), 0)));
        failing_unions(rows.iter(), &span, |union| union.len() <= small, |taken| taken.len() > small).collect()
    }

    #[test]
    fn a_sum_of_two_is_what_a_total_holds_beside_others() {
        // 0+1+2+3, and 2 and 3 alone.
        assert_eq!(unions(&[&[0, 1, 2, 3], &[2], &[3]], 2), [Union::Failing(vec![0, 1])]);
        assert_eq!(unions(&[&[0, 1, 2, 3], &[2], &[3]], 1), []);
        // Over two totals: (0+1+4) − (4+5) + (5+2) − nothing: 0+1+2.
        assert_eq!(unions(&[&[0, 1, 4], &[4, 5], &[5, 2]], 1), []);
        assert!(unions(&[&[0, 1, 4], &[4, 5], &[5, 2, 3]], 4).iter().any(|one| matches!(one, Union::Failing(_))));
    }

    #[test]
    fn a_search_that_would_not_end_says_so() {
        // Pairs that a chain connects: every sum of some of them is one.
        let rows: Vec<Vec<usize>> = (0..40).map(|n| vec![0, 2 * n + 1, 2 * n + 2]).collect();
        let rows: Vec<&[usize]> = rows.iter().map(Vec::as_slice).collect();
        let found = unions(&rows, 0);
        assert!(matches!(found.as_slice(), [Union::TooMany(_)] | []), "{found:?}");
    }
}
