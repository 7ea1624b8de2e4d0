//! 現在の値: what is held of a customer, folded from everything that arrived.

use super::{Arrival, Authority, CORRECTION, Denial, Effect, ManagerHistory, Part, arrive, difference};
use crate::items::{Comparison, Date, DateTime, Item};
use crate::notice::{Basis, Notice, Party, Purpose, Role};

/// 保有する値: one item as it was received once.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldValue {
    /// 情報項目
    pub item: Item,
    /// Its fields.
    pub parts: Vec<Part>,
    /// From whom it came.
    pub source: Party,
    /// 管理責任者 at the moment it is of.
    pub manager: Party,
    /// The moment it is of, JST.
    pub as_of: DateTime,
    /// When it came, JST.
    pub at: DateTime,
    /// By which message.
    pub message: String,
    /// Under which reference.
    pub reference: String,
    /// On which basis it is held.
    pub basis: Basis,
    /// For which purpose it was received.
    pub purpose: Purpose,
    /// What it is worth.
    pub authority: Authority,
    /// What it did when it came.
    pub effect: Effect,
    /// Whether it is what counts now: the value of the manager, and claims that nothing newer of their source replaced.
    pub current: bool,
}

/// The item only: the values are personal data.
impl std::fmt::Debug for HeldValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeldValue({:?}, {:?}, {:?}, {})", self.item, self.authority, self.effect, self.current)
    }
}

impl HeldValue {
    /// Its fields as one line.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" / ")
    }
}

/// 相違の相手: against what a claim stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// What the manager says.
    Value(HeldValue),
    /// An answer that called it different without naming a value.
    Denial(Denial),
    /// Nothing that was received: the customer asks the manager to correct the item, whatever it holds.
    Unheard,
}

impl Against {
    /// The manager's value, where it is known.
    #[must_use]
    pub const fn value(&self) -> Option<&HeldValue> {
        match self {
            Against::Value(held) => Some(held),
            Against::Denial(_) | Against::Unheard => None,
        }
    }
}

/// 相違: a claim that differs from what the manager of the item says, or that an answer called different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discrepancy {
    /// Against what it stands.
    pub against: Against,
    /// What somebody else says.
    pub claim: HeldValue,
    /// 管理責任者 now: who is asked.
    pub manager: Party,
    /// Whether they are equal but for the way of writing.
    pub nearly: bool,
}

/// 保有情報: everything held of one customer at one point.
#[derive(Debug)]
pub struct Holdings<'n> {
    us: Party,
    notice: &'n Notice,
    history: ManagerHistory,
    values: Vec<HeldValue>,
    denials: Vec<Denial>,
}

impl<'n> Holdings<'n> {
    /// What is held after everything that arrived, in the order it came, with the managers of a history.
    #[must_use]
    pub fn fold(
        us: Party,
        notice: &'n Notice,
        history: ManagerHistory,
        mut arrivals: Vec<Arrival>,
        today: Date,
    ) -> Holdings<'n> {
        arrivals.sort_by_key(|arrival| arrival.at);
        let mut held = Holdings { us, notice, history, values: Vec::new(), denials: Vec::new() };
        let mut moves: Vec<Date> = held.history.changes().map(|(from, _)| from).filter(|from| *from <= today).collect();
        moves.reverse();
        for arrival in &arrivals {
            while moves.last().is_some_and(|from| *from <= arrival.at.date()) {
                let from = moves.pop();
                from.into_iter().for_each(|from| held.move_managers(from));
            }
            held.take(arrival);
        }
        while let Some(from) = moves.pop() {
            held.move_managers(from);
        }
        held.mark_former(today);
        held
    }

    /// What counts and was received while another party managed the item: the manager of the day never said it.
    fn mark_former(&mut self, today: Date) {
        let (history, notice) = (&self.history, self.notice);
        let counts = self.values.iter_mut().filter(|held| held.current && held.authority != Authority::Claim);
        for held in counts {
            if history.manager(notice, held.item, today.at(23, 59, 59, 0)) != held.manager {
                held.authority = Authority::Former;
            }
        }
    }

    /// With the answers that called an item different.
    #[must_use]
    pub fn with_denials(mut self, denials: Vec<Denial>) -> Holdings<'n> {
        self.denials = denials;
        self
    }

    /// Takes in what arrived, item by item.
    pub fn take(&mut self, arrival: &Arrival) {
        for item in arrival.items() {
            let parts = arrival.parts_of(item);
            let manager = self.history.manager(self.notice, item, arrival.as_of);
            let standing = self.standing(item);
            let (authority, effect) = arrive(self.us, manager, arrival.source, arrival.as_of, &parts, standing);
            let current = effect != Effect::Late;
            if current {
                let replaced = |held: &HeldValue| match authority {
                    Authority::Claim => held.authority == Authority::Claim && held.source == arrival.source,
                    _ => held.authority != Authority::Claim,
                };
                self.values
                    .iter_mut()
                    .filter(|held| held.item == item && replaced(held))
                    .for_each(|held| held.current = false);
            }
            self.values.push(HeldValue {
                item,
                parts,
                source: arrival.source,
                manager,
                as_of: arrival.as_of,
                at: arrival.at,
                message: arrival.message.clone(),
                reference: arrival.reference.clone(),
                basis: arrival.basis,
                purpose: arrival.purpose,
                authority,
                effect,
                current,
            });
        }
    }

    /// From this day on others may manage some items. What the customer told us of an item that we manage from then on is
    /// what counts; any other value stays a copy of the former manager's until the new one says something.
    fn move_managers(&mut self, from: Date) {
        for item in crate::items::Item::ALL {
            let now = from.at(0, 0, 0, 0);
            if self.history.manager(self.notice, *item, now) != self.us {
                continue;
            }
            let told = self.values.iter().rposition(|held| {
                held.item == *item
                    && held.authority == Authority::Claim
                    && held.current
                    && held.source.role == Role::Customer
            });
            let Some(told) = told else { continue };
            self.values
                .iter_mut()
                .filter(|held| held.item == *item && held.authority != Authority::Claim)
                .for_each(|held| held.current = false);
            if let Some(held) = self.values.get_mut(told) {
                (held.authority, held.manager) = (Authority::Managed, self.us);
            }
        }
    }

    /// What counts for an item: the newest of its manager's; nothing where only claims are held.
    #[must_use]
    pub fn standing(&self, item: Item) -> Option<&HeldValue> {
        self.values.iter().rev().find(|held| held.item == item && held.current && held.authority != Authority::Claim)
    }

    /// Every value that was ever received and is still held, by item and in the order they came.
    pub fn values(&self) -> impl Iterator<Item = &HeldValue> {
        Item::ALL.iter().flat_map(|item| self.values.iter().filter(move |held| held.item == *item))
    }

    /// 管理責任者 of an item on a day.
    #[must_use]
    pub fn manager(&self, item: Item, on: Date) -> Party {
        self.history.manager(self.notice, item, on.at(23, 59, 59, 0))
    }

    /// The changes of managers.
    #[must_use]
    pub const fn history(&self) -> &ManagerHistory {
        &self.history
    }

    /// Who we are.
    #[must_use]
    pub const fn us(&self) -> Party {
        self.us
    }

    /// The claims that differ from what the manager says, for the manager of a day.
    #[must_use]
    pub fn discrepancies(&self, today: Date) -> Vec<Discrepancy> {
        let claims = self.values().filter(|held| held.current && held.authority == Authority::Claim);
        let differing = claims.filter_map(|claim| {
            let manager = self.manager(claim.item, today);
            let asked = claim.message == CORRECTION && claim.source.role == Role::Customer;
            let Some(managed) = self.standing(claim.item) else {
                let against = Against::Unheard;
                return asked.then(|| Discrepancy { against, claim: claim.clone(), manager, nearly: false });
            };
            let has = |part: &Part| managed.parts.iter().any(|other| other.field == part.field);
            let nearly = match difference(&claim.parts, &managed.parts) {
                // Without a field that both have nothing was compared: the customer asks all the same.
                Comparison::Equal if asked && !claim.parts.iter().any(has) => false,
                Comparison::Equal => return None,
                Comparison::EqualAfter(_) => true,
                Comparison::Different => false,
            };
            Some(Discrepancy { against: Against::Value(managed.clone()), claim: claim.clone(), manager, nearly })
        });
        let mut all: Vec<_> = differing.collect();
        for denial in &self.denials {
            let manager = self.manager(denial.item, today);
            // What we manage ourselves is nobody else's to correct.
            let Some(claim) = denial.denied(&self.values).filter(|_| manager != self.us) else { continue };
            let known = |one: &Discrepancy| {
                one.claim.item == denial.item && one.claim.parts == claim.parts && one.manager == manager
            };
            if !all.iter().any(known) {
                let against = Against::Denial(denial.clone());
                all.push(Discrepancy { against, claim: claim.clone(), manager, nearly: false });
            }
        }
        all
    }
}
