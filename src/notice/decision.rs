//! The answer: per item on which basis it may go and who manages it, or which clause refuses it.

use super::manager::Managers;
use super::{Change, Clause, Notice, Party, Purpose};
use crate::items::{Code, Item, ItemSet};
use std::fmt::Write as _;

crate::code_set! {
    /// 提供の根拠: the legal basis on which an item may go. Where several grant, the first of this order is named.
    ///
    /// Source: facts/notices.md, rule 5 and "Keys".
    pub enum Basis = "basis" {
        CustomerSelf = "customer-self", "本人への開示", "disclosure to the customer";
        Statutory = "statutory", "法令に基づく提供", "required by law";
        Aggregate = "aggregate", "個人を特定できない集計値", "aggregate";
        OwnUse = "own-use", "自社利用", "own use";
        SharedUse = "shared-use", "共同利用", "shared use";
        ListedException = "listed-exception", "通知に列挙された例外", "exception listed in the notice";
        Consignment = "consignment", "委託", "outsourcing";
        Consent = "consent", "本人の同意", "the customer's consent";
    }
}

/// 項目ごとの判断: what was decided for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 提供できる
    Granted {
        /// On which basis.
        basis: Basis,
        /// 管理責任者: who answers for the item; only this party may correct it.
        manager: Party,
    },
    /// 提供できない
    Refused {
        /// Which clause refuses it.
        clause: Clause,
        /// The smallest change that passes.
        change: Change,
    },
}

pub(super) const BASES: usize = Basis::ALL.len();
pub(super) const ITEMS: usize = Item::ALL.len();
pub(super) const MANAGERS: usize = 5;

/// What is granted on which basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grants {
    asked: ItemSet,
    refused: ItemSet,
    by_basis: [ItemSet; BASES],
}

impl Grants {
    pub(super) const fn none(asked: ItemSet) -> Grants {
        Grants { asked, refused: asked, by_basis: [ItemSet::EMPTY; BASES] }
    }
    /// All of what is asked, on one basis.
    #[inline]
    pub(super) fn whole(basis: Basis, asked: ItemSet) -> Grants {
        let mut grants = Grants::none(asked);
        grants.grant(basis, asked);
        grants
    }
    /// Grants those of the items that no earlier basis granted.
    #[inline]
    pub(super) fn grant(&mut self, basis: Basis, items: ItemSet) {
        let free = items.intersection(self.refused);
        self.refused = self.refused.difference(free);
        if let Some(set) = self.by_basis.get_mut(basis as usize) {
            *set = set.union(free);
        }
    }
    pub(super) const fn all(&self) -> ItemSet {
        self.asked.difference(self.refused)
    }
    pub(super) const fn refused(&self) -> ItemSet {
        self.refused
    }
}

/// Why a disclosure is refused, and what would let it go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reasons {
    /// Why a message without any item may not go either.
    barred: Option<Clause>,
    pub(super) clauses: [Clause; ITEMS],
    /// The one change for the items of `changed`; every other refused item is to be left out.
    pub(super) change: Change,
    pub(super) changed: ItemSet,
}

impl Reasons {
    pub(super) const fn new(barred: Option<Clause>) -> Reasons {
        Reasons { barred, clauses: [Clause::Necessity; ITEMS], change: Change::LeaveOut, changed: ItemSet::EMPTY }
    }

    pub(super) fn clauses_of(&self, items: ItemSet) -> impl Iterator<Item = Clause> + '_ {
        Item::ALL.iter().zip(self.clauses).filter(move |(item, _)| items.contains(**item)).map(|(_, clause)| clause)
    }
}

/// 判断: the decision on a whole disclosure. One refused item refuses the message (rule 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    grants: Grants,
    managers: Managers,
    /// Nothing where everything is granted, so that a grant allocates nothing.
    reasons: Option<Box<Reasons>>,
}

impl Decision {
    #[inline]
    pub(super) const fn new(grants: Grants, managers: Managers, reasons: Option<Box<Reasons>>) -> Decision {
        Decision { grants, managers, reasons }
    }

    /// Who gives to whom.
    #[inline]
    pub(super) const fn ends(&self) -> (Party, Party) {
        (self.managers.sender, self.managers.recipient)
    }
    /// For what.
    #[inline]
    pub(super) const fn purpose(&self) -> Purpose {
        self.managers.purpose
    }

    /// Refuses everything that was asked by one clause.
    pub(super) fn refuse_all(self, clause: Clause, change: Change) -> Decision {
        let asked = self.asked();
        let reasons = Reasons {
            barred: asked.is_empty().then_some(clause),
            clauses: [clause; ITEMS],
            change,
            changed: if change == Change::LeaveOut { ItemSet::EMPTY } else { asked },
        };
        Decision { grants: Grants::none(asked), managers: self.managers, reasons: Some(Box::new(reasons)) }
    }

    /// A refusal with its reasons changed.
    pub(super) fn with_change(mut self, change: impl FnOnce(&mut Reasons)) -> Decision {
        if let Some(reasons) = &mut self.reasons {
            change(reasons);
        }
        self
    }
    /// The basis on which an item goes.
    pub(super) fn basis(&self, item: Item) -> Option<Basis> {
        Basis::ALL.iter().copied().find(|basis| self.granted_on(*basis).contains(item))
    }

    /// Whether every item may go.
    #[must_use]
    pub const fn is_granted(&self) -> bool {
        self.refused().is_empty() && self.reasons.is_none()
    }
    /// The items that were asked for.
    #[must_use]
    pub const fn asked(&self) -> ItemSet {
        self.grants.asked
    }
    /// The items that may go.
    #[must_use]
    pub const fn granted(&self) -> ItemSet {
        self.grants.all()
    }
    /// The items that may not go.
    #[must_use]
    pub const fn refused(&self) -> ItemSet {
        self.grants.refused()
    }
    /// The items granted on a basis.
    #[must_use]
    pub fn granted_on(&self, basis: Basis) -> ItemSet {
        self.grants.by_basis.get(basis as usize).copied().unwrap_or_default()
    }
    /// 管理責任者 of an item that was asked for.
    #[must_use]
    pub fn manager(&self, item: Item) -> Option<Party> {
        self.managers.of(item)
    }
    /// What was decided for an item; `None` if it was not asked for.
    #[must_use]
    pub fn outcome(&self, item: Item) -> Option<Outcome> {
        if !self.asked().contains(item) {
            return None;
        }
        match self.basis(item) {
            Some(basis) => self.manager(item).map(|manager| Outcome::Granted { basis, manager }),
            None => {
                let reasons = self.reasons.as_deref()?;
                let change = if reasons.changed.contains(item) { reasons.change } else { Change::LeaveOut };
                let clause = reasons.clauses.get(item as usize).copied().unwrap_or(Clause::Necessity);
                Some(Outcome::Refused { clause, change })
            }
        }
    }
    /// Each item that was asked for, in published order, with what was decided.
    pub fn iter(&self) -> impl Iterator<Item = (Item, Outcome)> + '_ {
        self.asked().iter().filter_map(|item| self.outcome(item).map(|outcome| (item, outcome)))
    }

    fn barred(&self) -> Option<Clause> {
        self.reasons.as_ref().and_then(|reasons| reasons.barred)
    }

    /// The refused items with their clauses, on one line, in Japanese.
    #[must_use]
    pub fn reasons_ja(&self) -> String {
        let barred = |clause: Clause| clause.ja().to_owned();
        self.reasons(|item, clause, change| format!("{}: {}。{}", item.ja(), clause.ja(), change.ja()), barred)
    }
    /// The same in English.
    #[must_use]
    pub fn reasons_en(&self) -> String {
        let barred = |clause: Clause| clause.en().to_owned();
        self.reasons(|item, clause, change| format!("{}: {}: {}", item.en(), clause.en(), change.en()), barred)
    }
    fn reasons(&self, reason: impl Fn(Item, Clause, Change) -> String, barred: fn(Clause) -> String) -> String {
        let refused = self.iter().filter_map(|(item, outcome)| match outcome {
            Outcome::Refused { clause, change } => Some(reason(item, clause, change)),
            Outcome::Granted { .. } => None,
        });
        refused.chain(self.barred().map(barred)).collect::<Vec<_>>().join("; ")
    }

    /// The answer of `occto explain --json`:
    /// `{"verdict":…,"items":[{"item","granted","basis","manager","clause","change"}]}`.
    ///
    /// `change` is `{"kind","value","ja","en"}`; what does not apply is `null`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let items: Vec<_> = self.iter().map(|(item, outcome)| item_json(item, &outcome)).collect();
        serde_json::json!({ "verdict": if self.is_granted() { "granted" } else { "refused" }, "items": items })
    }

    /// 判断の説明: one line per item with its label in the notice, in Japanese.
    #[must_use]
    pub fn to_text_ja(&self, notice: &Notice) -> String {
        let mut text = String::from(if self.is_granted() { "提供できます\n" } else { "提供できません\n" });
        if let Some(clause) = self.barred() {
            let _ = writeln!(text, "  × {} [{clause}]", clause.ja());
        }
        for (item, outcome) in self.iter() {
            let label = notice.label(item);
            let _ = match outcome {
                Outcome::Granted { basis, manager } => {
                    writeln!(text, "  ○ {label}: {}（管理責任者: {}）", basis.ja(), manager.ja())
                }
                Outcome::Refused { clause, change } => {
                    writeln!(text, "  × {label}: {} [{clause}] → {}", clause.ja(), change.ja())
                }
            };
        }
        text
    }

    /// The same in English.
    #[must_use]
    pub fn to_text_en(&self) -> String {
        let mut text = String::from(if self.is_granted() { "granted\n" } else { "refused\n" });
        if let Some(clause) = self.barred() {
            let _ = writeln!(text, "  no {} [{clause}]", clause.en());
        }
        for (item, outcome) in self.iter() {
            let label = item.en();
            let _ = match outcome {
                Outcome::Granted { basis, manager } => {
                    writeln!(text, "  ok {label}: {} (manager: {manager})", basis.en())
                }
                Outcome::Refused { clause, change } => {
                    writeln!(text, "  no {label}: {} [{clause}]; {}", clause.en(), change.en())
                }
            };
        }
        text
    }
}

fn item_json(item: Item, outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Granted { basis, manager } => serde_json::json!({
            "item": item.key(), "granted": true, "basis": basis.key(), "manager": manager.to_string(),
            "clause": null, "change": null,
        }),
        Outcome::Refused { clause, change } => serde_json::json!({
            "item": item.key(), "granted": false, "basis": null, "manager": null,
            "clause": clause.to_string(), "change": change.to_json(),
        }),
    }
}
