//! Rows of a day that are found again while they are gathered.

use super::DayRows;
use crate::items::SupplyPointId;
use crate::messages::metering::Allocation;
use std::collections::HashMap;

/// Rows that are found again by their key: point, control number and 仕訳コード.
///
/// Operators list points in their order: as long as they come so, nothing beside the rows is kept.
#[derive(Clone, Debug, Default)]
pub struct DayTable {
    rows: DayRows,
    /// Where the rows of a point are, once points came out of their order.
    index: Option<Index>,
    /// The row after the one that was asked for last: files repeat the points of a slot in the next, in order.
    guess: usize,
}

#[derive(Clone, Debug, Default)]
struct Index {
    /// The first row of a point.
    first: HashMap<u128, u32>,
    /// The next row of the same point; its own number where there is none.
    next: Vec<u32>,
}

impl Index {
    fn of(points: &[SupplyPointId]) -> Option<Index> {
        let mut index = Index::default();
        let mut last = HashMap::new();
        for (row, point) in points.iter().enumerate() {
            let number = u32::try_from(row).ok()?;
            index.add(number, point.packed(), last.insert(point.packed(), number));
        }
        Some(index)
    }
    /// Adds a row, given the last row of the same point.
    fn add(&mut self, number: u32, point: u128, last: Option<u32>) {
        self.next.push(number);
        match last.and_then(|last| self.next.get_mut(last as usize)) {
            Some(next) => *next = number,
            None => {
                self.first.insert(point, number);
            }
        }
    }
}

/// The rows of one point.
struct RowsOf<'a> {
    at: Option<usize>,
    /// How the rows of a point follow each other; without it they lie together, up to an end.
    next: Result<&'a [u32], usize>,
}

impl Iterator for RowsOf<'_> {
    type Item = usize;
    fn next(&mut self) -> Option<usize> {
        let row = self.at?;
        self.at = match self.next {
            Ok(next) => next.get(row).map(|next| *next as usize).filter(|next| *next != row),
            Err(end) => Some(row + 1).filter(|next| *next < end),
        };
        Some(row)
    }
}

impl DayTable {
    /// A table in the memory of rows; what they held is gone.
    #[must_use]
    pub fn within(mut rows: DayRows) -> DayTable {
        rows.clear();
        DayTable { rows, ..DayTable::default() }
    }
    /// The rows.
    #[must_use]
    pub const fn rows(&self) -> &DayRows {
        &self.rows
    }
    /// The rows, to be changed; their keys stay as they are.
    pub const fn rows_mut(&mut self) -> &mut DayRows {
        &mut self.rows
    }
    /// The rows alone.
    #[must_use]
    pub fn into_rows(self) -> DayRows {
        self.rows
    }
    /// The row of a key, if there is one.
    #[inline]
    pub fn find(&mut self, point: SupplyPointId, control: &str, allocation: Option<Allocation>) -> Option<usize> {
        let row = if self.is(self.guess, point, control, allocation) {
            self.guess
        } else {
            self.rows_of(point).find(|row| self.is(*row, point, control, allocation))?
        };
        self.guess = row + 1;
        Some(row)
    }
    /// The row of a key; a new one where there is none. Nothing where no more rows can be held.
    #[inline]
    pub fn row(&mut self, point: SupplyPointId, control: &str, allocation: Option<Allocation>) -> Option<usize> {
        self.find(point, control, allocation).or_else(|| self.add(point, control, allocation))
    }
    /// The rows of a point.
    pub fn rows_of(&self, point: SupplyPointId) -> impl Iterator<Item = usize> + '_ {
        let points = self.rows.points.as_slice();
        match &self.index {
            Some(index) => RowsOf {
                at: index.first.get(&point.packed()).map(|row| *row as usize),
                next: Ok(index.next.as_slice()),
            },
            None if points.last().is_none_or(|last| *last < point) => RowsOf { at: None, next: Err(0) },
            None => {
                let start = points.partition_point(|other| *other < point);
                let same = points.get(start..).unwrap_or_default().iter().take_while(|other| **other == point);
                let end = start + same.count();
                RowsOf { at: Some(start).filter(|start| *start < end), next: Err(end) }
            }
        }
    }
    /// Every point once, in the order of their first rows.
    pub fn points(&self) -> impl Iterator<Item = SupplyPointId> + '_ {
        let points = &self.rows.points;
        let is_first = move |row: usize, point: &SupplyPointId| match &self.index {
            Some(index) => index.first.get(&point.packed()).is_some_and(|first| *first as usize == row),
            None => row == 0 || points.get(row - 1) != Some(point),
        };
        points.iter().enumerate().filter(move |(row, point)| is_first(*row, point)).map(|(_, point)| *point)
    }
    /// How many points there are.
    #[must_use]
    pub fn point_count(&self) -> usize {
        self.points().count()
    }

    #[inline]
    fn is(&self, row: usize, point: SupplyPointId, control: &str, allocation: Option<Allocation>) -> bool {
        self.rows.points.get(row) == Some(&point)
            && self.rows.control_numbers.get(row) == Some(control)
            && self.rows.allocations.get(row) == Some(&allocation)
    }

    fn add(&mut self, point: SupplyPointId, control: &str, allocation: Option<Allocation>) -> Option<usize> {
        let row = self.rows.len();
        let number = u32::try_from(row).ok()?;
        if self.index.is_none() && self.rows.points.last().is_some_and(|last| *last > point) {
            self.index = Some(Index::of(&self.rows.points)?);
        }
        let last = match &self.index {
            Some(_) => self.rows_of(point).last().and_then(|last| u32::try_from(last).ok()),
            None => None,
        };
        if !self.rows.push(point, control, allocation) {
            return None;
        }
        if let Some(index) = &mut self.index {
            index.add(number, point.packed(), last);
        }
        self.guess = row + 1;
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(last: u8) -> SupplyPointId {
        SupplyPointId::parse(&format!("030011100000000000{last:04}")).unwrap()
    }

    #[test]
    fn a_row_is_found_again_by_its_whole_key() {
        let mut table = DayTable::default();
        let keys = [(1, ""), (2, "A"), (2, "B"), (3, "")];
        let rows: Vec<_> = keys.iter().map(|(id, control)| table.row(point(*id), control, None).unwrap()).collect();
        assert_eq!(rows, [0, 1, 2, 3]);
        for _ in 0..2 {
            for ((id, control), row) in keys.iter().zip(&rows) {
                assert_eq!(table.row(point(*id), control, None), Some(*row));
            }
        }
        for ((id, control), row) in keys.iter().zip(&rows).rev() {
            assert_eq!(table.row(point(*id), control, None), Some(*row), "in any order");
        }
        assert_eq!(table.row(point(2), "A", Some(Allocation::Part)), Some(4));
        assert_eq!(table.rows_of(point(2)).collect::<Vec<_>>(), [1, 2, 4]);
        assert_eq!(table.points().collect::<Vec<_>>(), [point(1), point(2), point(3)]);
        assert_eq!((table.point_count(), table.rows_of(point(9)).count()), (3, 0));
    }

    #[test]
    fn points_in_their_order_and_in_none_are_found_alike() {
        let orders: [&[u8]; 4] = [&[1, 2, 2, 5, 9], &[9, 5, 2, 2, 1], &[2, 5, 9, 2, 1], &[5, 9, 1, 2, 2]];
        for order in orders {
            let mut table = DayTable::default();
            let mut rows = Vec::new();
            for (at, id) in order.iter().enumerate() {
                let control = if order[..at].contains(id) { "B" } else { "A" };
                rows.push((*id, control, table.row(point(*id), control, None).unwrap()));
            }
            assert_eq!(rows.iter().map(|(_, _, row)| *row).collect::<Vec<_>>(), [0, 1, 2, 3, 4], "{order:?}");
            for _ in 0..2 {
                for (id, control, row) in rows.iter().rev() {
                    assert_eq!(table.find(point(*id), control, None), Some(*row), "{order:?}");
                }
            }
            for id in [0, 3, 6, 10] {
                assert_eq!((table.find(point(id), "A", None), table.rows_of(point(id)).count()), (None, 0));
            }
            assert_eq!((table.rows_of(point(2)).count(), table.point_count()), (2, 4), "{order:?}");
        }
    }
}
