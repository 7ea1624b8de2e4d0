//! Who answers for an item: 管理責任者 (rule 4).

use super::decide::operator_area;
use super::decision::MANAGERS;
use super::published::{ManagerRule, Notice};
use super::{Party, Purpose, Question, Role, SupplyKind};
use crate::items::{Area, ItemSet};

impl Notice {
    /// Rule 4: who answers for which of the items.
    pub(super) fn managers_of(&self, question: &Question<'_>) -> [(ItemSet, Party); MANAGERS] {
        let ordinary = question.supply == SupplyKind::Ordinary;
        let [in_ordinary, in_special] = &self.managed;
        let sets = if ordinary { in_ordinary } else { in_special };
        let mut managed = [(ItemSet::EMPTY, Party::OCCTO); MANAGERS];
        for ((slot, set), rule) in managed.iter_mut().zip(sets).zip(ManagerRule::ALL) {
            let items = set.intersection(question.items);
            if !items.is_empty() {
                *slot = (items, resolve(rule, question));
            }
        }
        managed
    }
}

fn resolve(rule: ManagerRule, question: &Question<'_>) -> Party {
    match rule {
        ManagerRule::ContractRetailer => contract_retailer(question),
        ManagerRule::AreaOperator => point_area(question).map_or(Party::of(Role::Operator), Party::operator),
        ManagerRule::SuppressionContractor => only(question, Role::SuppressionContractor),
        ManagerRule::Company => only(question, Role::Retailer),
        ManagerRule::Sender => question.sender,
    }
}

/// The retailer that has the retail supply contract. In a cancellation agency that is the current retailer: the one
/// that a retailer asks. When only one retailer is a party of it, it may be the new one: the code does not follow.
fn contract_retailer(question: &Question<'_>) -> Party {
    let (from, to) = (question.sender, question.recipient);
    if question.purpose == Purpose::CancellationAgency && from != to {
        let both = from.role == Role::Retailer && to.role == Role::Retailer;
        return if both { to } else { Party::of(Role::Retailer) };
    }
    only(question, Role::Retailer)
}

/// The party of a role, with its code if exactly one party of the disclosure has the role.
fn only(question: &Question<'_>, role: Role) -> Party {
    let (from, to) = (question.sender, question.recipient);
    match (from.role == role, to.role == role) {
        (true, false) => from,
        (false, true) => to,
        (true, true) if from == to => from,
        _ => Party::of(role),
    }
}

/// The area of the point: as given, or that of the operator who takes part.
fn point_area(question: &Question<'_>) -> Option<Area> {
    question.area.or_else(|| operator_area(question.sender)).or_else(|| operator_area(question.recipient))
}
