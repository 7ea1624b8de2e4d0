//! Who answers for an item: 管理責任者 (rule 4).

use super::decide::operator_area;
use super::decision::MANAGERS;
use super::published::{ManagerRule, Notice};
use super::{Party, Purpose, Role, SupplyKind};
use crate::items::{Area, Item, ItemSet};

/// Which rule names the manager of which item, and what the rules look at. The party itself is named when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Managers {
    by_rule: [ItemSet; MANAGERS],
    pub(super) sender: Party,
    pub(super) recipient: Party,
    pub(super) purpose: Purpose,
    area: Option<Area>,
}

impl Notice {
    /// Rule 4: who answers for which of the items.
    #[inline]
    pub(super) fn managers_of(
        &self,
        (sender, recipient): (Party, Party),
        purpose: Purpose,
        items: ItemSet,
        area: Option<Area>,
        supply: SupplyKind,
    ) -> Managers {
        let [in_ordinary, in_special] = &self.managed;
        let sets = if supply == SupplyKind::Ordinary { in_ordinary } else { in_special };
        Managers { by_rule: sets.map(|set| set.intersection(items)), sender, recipient, purpose, area }
    }
}

impl Managers {
    /// The manager of an item that was asked for.
    pub(super) fn of(&self, item: Item) -> Option<Party> {
        let mut rules = ManagerRule::ALL.iter().zip(&self.by_rule);
        rules.find(|(_, items)| items.contains(item)).map(|(rule, _)| self.resolve(*rule))
    }

    fn resolve(&self, rule: ManagerRule) -> Party {
        match rule {
            ManagerRule::ContractRetailer => self.contract_retailer(),
            ManagerRule::AreaOperator => self.point_area().map_or(Party::of(Role::Operator), Party::operator),
            ManagerRule::SuppressionContractor => self.only(Role::SuppressionContractor),
            ManagerRule::Company => self.only(Role::Retailer),
            ManagerRule::Sender => self.sender,
        }
    }

    /// The retailer that has the retail supply contract. In a cancellation agency that is the current retailer: the one
    /// that a retailer asks. When only one retailer is a party of it, it may be the new one: the code does not follow.
    fn contract_retailer(&self) -> Party {
        let (from, to) = (self.sender, self.recipient);
        if self.purpose == Purpose::CancellationAgency && from != to {
            let both = from.role == Role::Retailer && to.role == Role::Retailer;
            return if both { to } else { Party::of(Role::Retailer) };
        }
        self.only(Role::Retailer)
    }

    /// The party of a role, with its code if exactly one party of the disclosure has the role.
    fn only(&self, role: Role) -> Party {
        let (from, to) = (self.sender, self.recipient);
        match (from.role == role, to.role == role) {
            (true, false) => from,
            (false, true) => to,
            (true, true) if from == to => from,
            _ => Party::of(role),
        }
    }

    /// The area of the point: as given, or that of the operator who takes part.
    fn point_area(&self) -> Option<Area> {
        self.area.or_else(|| operator_area(self.sender)).or_else(|| operator_area(self.recipient))
    }
}
