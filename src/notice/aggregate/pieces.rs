//! 断片: what no cell divides, of this release or an earlier one.

use super::table::{Table, figures};
use super::{Cell, CustomerClass, EarlierCell, Rules};
use crate::items::YearMonth;
use std::collections::{BTreeMap, BTreeSet};

/// Customers with a month who stand in the same cells.
#[derive(Debug)]
pub(super) struct Piece {
    /// The inner cell they are in; nothing where only earlier releases hold them.
    atom: Option<usize>,
    members: Vec<Member>,
}

/// A customer of a month, with what is known of the use and the class: of whoever has left neither is.
#[derive(Clone, Copy, Debug)]
struct Member {
    owner: u64,
    value: Option<i64>,
    class: Option<Option<CustomerClass>>,
}

/// The inner cell that a piece is in, and the earlier cells.
type Place = (Option<usize>, Vec<usize>);

/// 断片の全体: the pieces, and which of them are in which cell.
#[derive(Debug)]
pub(super) struct Pieces {
    pub all: Vec<Piece>,
    /// The pieces of each cell.
    pub of_cell: Vec<BTreeSet<usize>>,
    /// The pieces of each earlier cell.
    pub of_earlier: Vec<BTreeSet<usize>>,
    /// More than any customer uses; nothing where somebody's use is not known, or is negative.
    largest: Option<i128>,
}

impl Pieces {
    pub(super) fn of(table: &Table, customers: &[super::Customer], earlier: &[EarlierCell]) -> Pieces {
        let mut held: BTreeMap<(YearMonth, u64), Vec<usize>> = BTreeMap::new();
        for (number, cell) in earlier.iter().enumerate() {
            for (month, ids) in &cell.members {
                for id in ids {
                    held.entry((*month, *id)).or_default().push(number);
                }
            }
        }
        let mut found: BTreeMap<Place, Vec<Member>> = BTreeMap::new();
        let known: BTreeMap<u64, &super::Customer> = customers.iter().map(|one| (one.id, one)).collect();
        for (atom, members) in table.atoms.iter().enumerate() {
            for (id, month, value) in members {
                let before = held.remove(&(*month, *id)).unwrap_or_default();
                let class = known.get(id).map(|one| one.class);
                found.entry((Some(atom), before)).or_default().push(Member {
                    owner: table.owners.of(*id),
                    value: Some(*value),
                    class,
                });
            }
        }
        for ((month, id), before) in held {
            let one = known.get(&id);
            let value = one.and_then(|one| one.months.iter().find(|(of, _)| *of == month)).map(|(_, value)| *value);
            let owner = table.owners.of(id);
            found.entry((None, before)).or_default().push(Member { owner, value, class: one.map(|one| one.class) });
        }
        let mut pieces = Pieces {
            all: Vec::new(),
            of_cell: vec![BTreeSet::new(); table.cells.len()],
            of_earlier: vec![BTreeSet::new(); earlier.len()],
            largest: None,
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
        let members = || pieces.all.iter().flat_map(|piece| &piece.members);
        let plain = members().all(|one| one.value.is_some_and(|value| value >= 0));
        pieces.largest = plain.then(|| figures_of(members()).2);
        pieces
    }

    fn members<'p>(&'p self, pieces: &'p [usize]) -> impl Iterator<Item = &'p Member> {
        pieces.iter().filter_map(|piece| self.all.get(*piece)).flat_map(|piece| &piece.members)
    }

    /// Whether pieces together pass the rule as a cell would. Where somebody's use is not known nobody can say that no
    /// share is too large, and where somebody's class is not known the strictest rule holds.
    pub(super) fn pass(&self, table: &Table, rules: &Rules, pieces: &[usize]) -> bool {
        let atoms: Vec<usize> = pieces.iter().filter_map(|piece| self.all.get(*piece)?.atom).collect();
        let outside = pieces.iter().filter_map(|piece| self.all.get(*piece)).filter(|piece| piece.atom.is_none());
        let outside: Vec<_> = outside.flat_map(|piece| &piece.members).map(|one| one.class).collect();
        let rule = match outside.contains(&None) {
            true => rules.strictest(),
            false => rules.of(table.classes_of(&atoms).chain(outside.into_iter().flatten())),
        };
        let (customers, total, largest) = figures_of(self.members(pieces));
        match self.members(pieces).any(|one| one.value.is_none()) {
            true => rule.holds_whatever_the_shares(customers),
            false => rule.holds(customers, total, largest).is_ok(),
        }
    }

    /// Whether pieces pass with whatever others are added to them.
    pub(super) fn pass_with_any(&self, rules: &Rules, pieces: &[usize]) -> bool {
        let rule = rules.strictest();
        let (customers, total, _) = figures_of(self.members(pieces));
        match self.largest {
            Some(largest) => rule.holds(customers, total, largest).is_ok(),
            None => rule.holds_whatever_the_shares(customers),
        }
    }
}

/// Customers, total and largest; a use that is not known counts as none.
fn figures_of<'m>(members: impl Iterator<Item = &'m Member>) -> (u64, i128, i128) {
    figures(members.map(|one| (one.owner, i128::from(one.value.unwrap_or_default()))))
}
