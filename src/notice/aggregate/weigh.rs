//! Which cells are published: the rule, what can be computed, and what was released before.

use super::span::Span;
use super::table::{Table, figures};
use super::{Cell, CellKey, Customer, Dimension, EarlierCell, Rules};
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
    let table = Table::of(request.customers, request.by, request.months);
    let pieces = Pieces::of(&table, request.earlier);
    let mut weighing = Weighing { request, why: vec![None; table.cells.len()], table, pieces };
    weighing.hold_against_rule();
    weighing.hold_against_earlier()?;
    while weighing.withhold_one_more() {}
    Ok(weighing.end())
}

/// What no cell divides, of this release or an earlier one: customers with a month.
struct Piece {
    atom: Option<usize>,
    members: Vec<Member>,
}

/// A customer with the use, where it is known: of what only an earlier release holds it is not.
type Member = (u64, Option<i64>);
/// The inner cell that a piece is in, and the earlier cells.
type Place = (Option<usize>, Vec<usize>);

struct Pieces {
    all: Vec<Piece>,
    /// The pieces of each cell.
    of_cell: Vec<BTreeSet<usize>>,
    /// The pieces of each earlier cell.
    of_earlier: Vec<BTreeSet<usize>>,
}

impl Pieces {
    fn of(table: &Table, earlier: &[EarlierCell]) -> Pieces {
        let mut held: BTreeMap<(YearMonth, u64), Vec<usize>> = BTreeMap::new();
        for (number, cell) in earlier.iter().enumerate() {
            for (month, ids) in &cell.members {
                for id in ids {
                    held.entry((*month, *id)).or_default().push(number);
                }
            }
        }
        let mut found: BTreeMap<Place, Vec<Member>> = BTreeMap::new();
        for (atom, members) in table.atoms.iter().enumerate() {
            for (id, month, value) in members {
                let before = held.remove(&(*month, *id)).unwrap_or_default();
                found.entry((Some(atom), before)).or_default().push((*id, Some(*value)));
            }
        }
        for ((_, id), before) in held {
            found.entry((None, before)).or_default().push((id, None));
        }
        let mut pieces = Pieces {
            all: Vec::new(),
            of_cell: vec![BTreeSet::new(); table.cells.len()],
            of_earlier: vec![BTreeSet::new(); earlier.len()],
        };
        for (place, ((atom, before), members)) in found.into_iter().enumerate() {
            let holds = |cell: &Cell| atom.is_some_and(|atom| cell.atoms.contains(&atom));
            for (cell, own) in table.cells.iter().zip(&mut pieces.of_cell) {
                if holds(cell) {
                    own.insert(place);
                }
            }
            for number in before {
                if let Some(own) = pieces.of_earlier.get_mut(number) {
                    own.insert(place);
                }
            }
            pieces.all.push(Piece { atom, members });
        }
        pieces
    }
}

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

    /// Whether pieces together pass the rule as a cell would. Of customers whose use is not known only the number counts.
    fn pass<'p>(&self, pieces: impl IntoIterator<Item = &'p usize>) -> bool {
        let pieces: Vec<&Piece> = pieces.into_iter().filter_map(|piece| self.pieces.all.get(*piece)).collect();
        let atoms: Vec<usize> = pieces.iter().filter_map(|piece| piece.atom).collect();
        let rule = self.request.rules.of(self.table.classes_of(&atoms));
        let members = || pieces.iter().flat_map(|piece| &piece.members);
        if members().any(|(_, value)| value.is_none()) {
            return rule.enough(members().map(|(id, _)| id).collect::<BTreeSet<_>>().len() as u64);
        }
        let (customers, total, largest) =
            figures(members().map(|(id, value)| (*id, i128::from(value.unwrap_or_default()))));
        rule.holds(customers, total, largest).is_ok()
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
                    (own.difference(theirs).collect(), theirs.difference(own).collect());
                let fine = |side: &[&usize]| side.is_empty() || self.pass(side.iter().copied());
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
        for (number, own) in self.pieces.of_earlier.iter().enumerate() {
            span.publish(own.iter().copied());
            rows.push(Err(number));
        }
        for (number, own) in self.pieces.of_cell.iter().enumerate().filter(|(number, _)| self.is_published(*number)) {
            span.publish(own.iter().copied());
            rows.push(Ok(number));
        }
        let hidden = self.pieces.of_cell.iter().enumerate().filter(|(number, _)| !self.is_published(*number));
        let hidden = hidden.map(|(_, own)| own.iter().copied().collect::<Vec<_>>());
        let small = (0..self.pieces.all.len()).filter(|piece| {
            self.pieces.all.get(*piece).is_some_and(|piece| piece.atom.is_some()) && !self.pass([piece])
        });
        for target in hidden.chain(small.map(|piece| vec![piece])) {
            let Some(from) = span.rows_for(target) else { continue };
            let from: Vec<_> = from.iter().filter_map(|row| rows.get(*row)).collect();
            let earlier = from.iter().find_map(|row| row.err().and_then(|number| self.request.earlier.get(number)));
            let release = earlier.map(|cell| cell.release.clone());
            let clause = if release.is_some() { Clause::AggregateDifference } else { Clause::AggregateDerivable };
            // What was there before all this cannot be taken back.
            if let Some(cell) = self.least(from.iter().filter_map(|row| row.ok())) {
                return Some((cell, clause, release));
            }
        }
        None
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
