//! Which cells are published: the rule, what can be computed, and what was released before.

use super::pieces::Pieces;
use super::span::Span;
use super::table::Table;
use super::union::{Union, failing_unions};
use super::{Cell, CellKey, Customer, Dimension, EarlierCell, Owners, Rules};
use crate::items::YearMonth;
use crate::notice::Clause;
use std::collections::{BTreeMap, BTreeSet};

/// 集計の依頼: the table that is to be released.
#[derive(Clone, Copy, Debug)]
pub struct AggregateRequest<'a> {
    /// By what it is divided.
    pub by: &'a [Dimension],
    /// What a cell needs.
    pub rules: &'a Rules,
    /// The months it is about.
    pub months: &'a [YearMonth],
    /// Everybody's use.
    pub customers: &'a [Customer],
    /// Whose the supply points are.
    pub owners: &'a Owners,
    /// Everything that was released before.
    pub earlier: &'a [EarlierCell],
}

/// 公表しないセル: a cell that is withheld, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Where it stands.
    pub key: CellKey,
    /// Why.
    pub clause: Clause,
    /// The earlier release it would be compared with, where that is why.
    pub release: Option<String>,
}

/// 集計の結果: what may be published and what is withheld.
#[derive(Debug)]
pub struct Aggregate {
    table: Table,
    /// What may be published: inner cells, then margins.
    pub published: Vec<Cell>,
    /// What is withheld.
    pub withheld: Vec<Withheld>,
}

impl Aggregate {
    /// The customers of a published cell, by month: what has to be remembered of it.
    #[must_use]
    pub fn members(&self, cell: &Cell) -> Vec<(YearMonth, Vec<u64>)> {
        let mut months: BTreeMap<YearMonth, Vec<u64>> = BTreeMap::new();
        for (id, month, _) in cell.atoms.iter().filter_map(|atom| self.table.atoms.get(*atom)).flatten() {
            months.entry(*month).or_default().push(*id);
        }
        months.into_iter().collect()
    }

    /// By what the table is divided.
    #[must_use]
    pub fn by(&self) -> &[Dimension] {
        &self.table.by
    }
}

/// 重なり: a cell that overlaps with one released before, neither of them holding the other, so that their difference is
/// one of too few customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlapping {
    /// The cell.
    pub key: CellKey,
    /// The earlier release.
    pub release: String,
    /// The cell of it.
    pub cell: String,
}

/// 集計値の判断: decides what of a table may be published.
pub fn release(request: &AggregateRequest<'_>) -> Result<Aggregate, Overlapping> {
    let table = Table::of(request.customers, request.owners, request.by, request.months);
    let pieces = Pieces::of(&table, request.customers, request.earlier);
    let mut weighing = Weighing { request, why: vec![None; table.cells.len()], table, pieces };
    weighing.hold_against_rule();
    weighing.hold_against_earlier()?;
    while weighing.withhold_one_more() {}
    Ok(weighing.end())
}

/// A published row — a cell, or an earlier one — and its pieces.
type Row<'a> = (Result<usize, usize>, &'a BTreeSet<usize>);
/// Why a cell is withheld, and because of which earlier release.
type Why = Option<(Clause, Option<String>)>;

struct Weighing<'a> {
    request: &'a AggregateRequest<'a>,
    table: Table,
    pieces: Pieces,
    why: Vec<Why>,
}

impl Weighing<'_> {
    fn is_published(&self, cell: usize) -> bool {
        self.why.get(cell).is_some_and(Option::is_none)
    }

    fn withhold(&mut self, cell: usize, clause: Clause, release: Option<String>) {
        if let Some(slot @ None) = self.why.get_mut(cell) {
            *slot = Some((clause, release));
        }
    }

    fn hold_against_rule(&mut self) {
        let verdicts: Vec<_> = self.table.cells.iter().map(|cell| self.verdict(cell)).collect();
        for (cell, verdict) in verdicts.into_iter().enumerate() {
            if let Err(clause) = verdict {
                self.withhold(cell, clause, None);
            }
        }
    }

    fn verdict(&self, cell: &Cell) -> Result<(), Clause> {
        let rule = self.request.rules.of(self.table.classes_of(&cell.atoms));
        rule.holds(cell.customers, cell.total, cell.largest)
    }

    fn pass(&self, pieces: &[usize]) -> bool {
        self.pieces.pass(&self.table, self.request.rules, pieces)
    }

    /// Holds every cell against every one that was released before and has a customer of the same month in common.
    fn hold_against_earlier(&mut self) -> Result<(), Overlapping> {
        for number in 0..self.table.cells.len() {
            for (earlier, theirs) in self.request.earlier.iter().zip(&self.pieces.of_earlier) {
                let Some((cell, own)) = self.table.cells.get(number).zip(self.pieces.of_cell.get(number)) else {
                    continue;
                };
                if !self.is_published(number) || own.is_disjoint(theirs) {
                    continue;
                }
                let (added, gone): (Vec<_>, Vec<_>) =
                    (own.difference(theirs).copied().collect(), theirs.difference(own).copied().collect());
                let fine = |side: &[usize]| side.is_empty() || self.pass(side);
                let same_and_revised = added.is_empty() && gone.is_empty() && cell.total != earlier.total;
                if fine(&added) && fine(&gone) && !same_and_revised {
                    continue;
                }
                if !added.is_empty() && !gone.is_empty() {
                    let (release, name) = (earlier.release.clone(), earlier.name.clone());
                    return Err(Overlapping { key: cell.key, release, cell: name });
                }
                if let Some(slot) = self.why.get_mut(number) {
                    *slot = Some((Clause::AggregateDifference, Some(earlier.release.clone())));
                }
            }
        }
        Ok(())
    }

    /// Withholds one more cell where something can be worked out that must not be; whether one had to be.
    fn withhold_one_more(&mut self) -> bool {
        let found = self.left_over().or_else(|| self.computable());
        if let Some((cell, clause, release)) = found {
            self.withhold(cell, clause, release);
            return true;
        }
        false
    }

    /// What is left of a published total without its published parts, where that fails the rule.
    fn left_over(&self) -> Option<(usize, Clause, Option<String>)> {
        for (number, total) in self.table.cells.iter().enumerate().filter(|(number, _)| self.is_published(*number)) {
            for dimension in &self.table.by {
                let parts = self.table.cells.iter().enumerate();
                let parts: Vec<_> = parts
                    .filter(|(part, cell)| *part != number && cell.key.over(*dimension) == total.key)
                    .map(|(part, _)| part)
                    .collect();
                let (shown, hidden): (Vec<usize>, Vec<usize>) =
                    parts.iter().partition(|part| self.is_published(**part));
                if hidden.is_empty() {
                    continue;
                }
                let of = |part: &usize| self.pieces.of_cell.get(*part);
                let rest: BTreeSet<usize> = hidden.iter().filter_map(of).flatten().copied().collect();
                let rest: Vec<usize> = rest.into_iter().collect();
                if !self.pass(&rest) {
                    let least = self.least(shown.into_iter()).unwrap_or(number);
                    return Some((least, Clause::AggregateDerivable, None));
                }
            }
        }
        None
    }

    /// What can be computed from everything that is published, and must not be: a cell to withhold instead.
    fn computable(&self) -> Option<(usize, Clause, Option<String>)> {
        let mut span = Span::default();
        let mut rows = Vec::new();
        // First what is out already: what follows from that alone is no reason to withhold anything.
        let before = self.pieces.of_earlier.iter().zip(self.request.earlier).enumerate();
        for (number, (own, cell)) in before {
            drop(span.publish(own.iter().copied(), cell.total));
            rows.push((Err(number), own));
        }
        let cells = || self.pieces.of_cell.iter().zip(&self.table.cells).enumerate();
        for (number, (own, cell)) in cells().filter(|(number, _)| self.is_published(*number)) {
            rows.push((Ok(number), own));
            if let Some(revised) = span.publish(own.iter().copied(), cell.total) {
                let found = self.instead(&rows, &revised);
                if found.is_some() {
                    return found;
                }
            }
        }
        let hidden = cells().filter(|(number, _)| !self.is_published(*number));
        let hidden = hidden.map(|(_, (own, _))| own.iter().copied().collect::<Vec<_>>());
        let small = (0..self.pieces.all.len()).map(|piece| vec![piece]).filter(|piece| !self.pass(piece));
        let mut known = hidden.chain(small).filter_map(|target| span.rows_for(target));
        if let Some(found) = known.find_map(|from| self.instead(&rows, &from)) {
            return Some(found);
        }
        let anew = |from: Vec<usize>| from.iter().any(|row| rows.get(*row).is_some_and(|(row, _)| row.is_ok()));
        let fails = |union: &[usize]| !self.pass(union) && span.rows_for(union.iter().copied()).is_some_and(anew);
        let settled = |taken: &[usize]| self.pieces.pass_with_any(self.request.rules, taken);
        let mut unions = failing_unions(rows.iter().map(|(_, own)| *own), &span, fails, settled);
        unions.find_map(|union| match union {
            Union::Failing(union) => self.instead(&rows, &span.rows_for(union)?),
            Union::TooMany(group) => {
                let of_group: Vec<_> = (0..rows.len())
                    .filter(|row| rows.get(*row).is_some_and(|(_, own)| !own.is_disjoint(&group)))
                    .collect();
                self.instead(&rows, &of_group)
            }
        })
    }

    /// The cell that is withheld so that something no longer follows from published rows. What was there before all this
    /// cannot be taken back.
    fn instead(&self, rows: &[Row<'_>], from: &[usize]) -> Option<(usize, Clause, Option<String>)> {
        let from: Vec<_> = from.iter().filter_map(|row| rows.get(*row)).map(|(row, _)| *row).collect();
        let earlier = from.iter().find_map(|row| row.err().and_then(|number| self.request.earlier.get(number)));
        let release = earlier.map(|cell| cell.release.clone());
        let clause = if release.is_some() { Clause::AggregateDifference } else { Clause::AggregateDerivable };
        self.least(from.iter().filter_map(|row| row.ok())).map(|cell| (cell, clause, release))
    }

    /// The cell that is missed least: of the fewest customers, an inner one before a margin.
    fn least(&self, cells: impl Iterator<Item = usize>) -> Option<usize> {
        let weight =
            |number: usize| self.table.cells.get(number).map(|cell| (cell.customers, cell.atoms.len(), cell.key));
        cells.filter_map(|number| weight(number).map(|weight| (weight, number))).min().map(|(_, number)| number)
    }

    fn end(self) -> Aggregate {
        let (mut published, mut withheld) = (Vec::new(), Vec::new());
        for (cell, why) in self.table.cells.iter().zip(self.why) {
            match why {
                None => published.push(cell.clone()),
                Some((clause, release)) => withheld.push(Withheld { key: cell.key, clause, release }),
            }
        }
        Aggregate { table: self.table, published, withheld }
    }
}
