//! The usual disclosure: shared use between participants of whom nothing more is asked, worked out when the notice is
//! compiled. What is not among it is decided in full.

use super::published::{Notice, Table};
use super::{Party, Purpose, Role, Route};
use crate::items::{Area, AreaSet, Code, ItemSet};

/// What goes on no other basis than shared use, whatever evidence there is.
#[derive(Clone)]
pub(super) struct Usual {
    /// The necessity table without what the notice prohibits, withholds or does not list, between unconditional roles.
    rows: Table,
    /// The areas whose operators are participants.
    operator_areas: AreaSet,
}

impl Usual {
    pub(super) fn none() -> Usual {
        Usual { rows: Table::empty(), operator_areas: AreaSet::EMPTY }
    }

    /// The usual disclosures of a notice that is otherwise complete.
    pub(super) fn of(notice: &Notice) -> Usual {
        let operators = notice.participants.iter().filter(|one| one.role == Role::Operator);
        let operators = operators.filter(|one| one.name.is_none() && one.needs.is_none());
        let named = |area: &&Area| operators.clone().any(|one| one.areas.is_empty() || one.areas.contains(area));
        let operator_areas = Area::ALL.iter().filter(named).copied().collect();
        let mut usual = Usual { rows: Table::empty(), operator_areas };
        for purpose in Purpose::ALL.iter().copied().filter(|one| !notice.prohibited.has(*one)) {
            // An aggregate is named before shared use.
            if notice.aggregate.is_some_and(|(of, _)| of == purpose) {
                continue;
            }
            let permitted = notice.permitted(purpose).intersection(notice.items);
            for (from, to) in Role::ALL.iter().flat_map(|from| Role::ALL.iter().map(move |to| (*from, *to))) {
                if usual.takes_part(notice, from) && usual.takes_part(notice, to) && !rests_on_evidence(to, purpose) {
                    usual.rows.set(from, to, purpose, notice.table.get(from, to, purpose).intersection(permitted));
                }
            }
        }
        usual
    }

    fn takes_part(&self, notice: &Notice, role: Role) -> bool {
        notice.unconditional & (1 << role as u16) != 0 || role == Role::Operator && !self.operator_areas.is_empty()
    }

    /// Whether the party, if it is an operator, is a participant and that of every point (rules 2 and 3). One without a
    /// code is taken for that of the points, and no operator is that of two areas.
    #[inline]
    fn has_areas(&self, party: &Party, areas: AreaSet) -> bool {
        if party.role != Role::Operator {
            return true;
        }
        let own = AreaSet::of(party.area());
        let within = if own.is_empty() { !areas.is_several() } else { areas.is_subset(own) };
        within && own.is_subset(self.operator_areas) && areas.is_subset(self.operator_areas)
    }
}

impl Notice {
    /// Whether the disclosure is a usual one on each of its legs, so that every item goes by shared use. `aged` says that
    /// the day the information is of is known, so that retention may count.
    pub(super) fn is_usual(&self, route: &Route, purpose: Purpose, items: ItemSet, areas: AreaSet, aged: bool) -> bool {
        let Route { sender, recipient, via } = route;
        let row = |from: &Party, to: &Party| self.usual.rows.get(from.role, to.role, purpose);
        let mut rows = row(sender, recipient);
        let mut in_area = self.usual.has_areas(sender, areas) && self.usual.has_areas(recipient, areas);
        if let Some(hub) = via {
            rows = rows.intersection(row(sender, hub)).intersection(row(hub, recipient));
            in_area = in_area && self.usual.has_areas(hub, areas);
        }
        let own_use = sender.role == recipient.role && sender == recipient;
        let retention = aged && self.retention_years.is_some();
        !items.is_empty() && items.is_subset(rows) && in_area && !own_use && !retention
    }
}

/// Where a basis that rests on evidence is named before shared use.
fn rests_on_evidence(to: Role, purpose: Purpose) -> bool {
    to == Role::Customer || to == Role::Authority && purpose == Purpose::LegalOrder
}
