//! A published notice, compiled for deciding.

use super::decision::{ITEMS, MANAGERS};
use super::usual::Usual;
use super::{Ending, EvidenceKind, KeepRule, NoticeError, Party, PartyName, Purpose, Role, SupplyKind};
use crate::items::{Area, Code, Item, ItemSet};
use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

crate::code_set! {
    /// 通知の型: by which construction a notice lets information go.
    pub enum NoticeKind = "notice-kind" {
        SharedUse = "shared-use", "共同利用", "shared use";
        Exceptions = "exceptions", "例外の列挙", "list of exceptions";
    }
}

pub(super) const ROLES: usize = Role::ALL.len();
pub(super) const PURPOSES: usize = Purpose::ALL.len();

/// 利用目的の集合
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PurposeSet(u32);

impl PurposeSet {
    pub(super) const fn has(self, purpose: Purpose) -> bool {
        self.0 & (1 << purpose as u32) != 0
    }
    pub(super) const fn with(self, purpose: Purpose) -> PurposeSet {
        PurposeSet(self.0 | 1 << purpose as u32)
    }
    pub(super) fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.iter().copied().filter(move |purpose| self.has(*purpose))
    }
}

impl FromIterator<Purpose> for PurposeSet {
    fn from_iter<I: IntoIterator<Item = Purpose>>(purposes: I) -> PurposeSet {
        purposes.into_iter().fold(PurposeSet::default(), PurposeSet::with)
    }
}

/// Items per sender role × recipient role × purpose.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Table(Box<[ItemSet]>);

impl Table {
    pub(super) fn empty() -> Table {
        Table(vec![ItemSet::EMPTY; ROLES * ROLES * PURPOSES].into_boxed_slice())
    }
    const fn place(from: Role, to: Role, purpose: Purpose) -> usize {
        (from as usize * ROLES + to as usize) * PURPOSES + purpose as usize
    }
    #[inline]
    pub(super) fn get(&self, from: Role, to: Role, purpose: Purpose) -> ItemSet {
        self.0.get(Table::place(from, to, purpose)).copied().unwrap_or_default()
    }
    pub(super) fn set(&mut self, from: Role, to: Role, purpose: Purpose, items: ItemSet) {
        if let Some(slot) = self.0.get_mut(Table::place(from, to, purpose)) {
            *slot = items;
        }
    }
    pub(super) fn add(&mut self, from: Role, to: Role, purpose: Purpose, items: ItemSet) {
        self.set(from, to, purpose, self.get(from, to, purpose).union(items));
    }
}

/// What makes a party of a role a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Participant {
    pub role: Role,
    pub name: Option<PartyName>,
    pub needs: Option<EvidenceKind>,
    pub members: Vec<String>,
    /// The areas whose operators the notice names; all where none is listed.
    pub areas: Vec<Area>,
    pub ja: String,
    pub en: String,
}

/// A purpose, exception or prohibition as the notice prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub mark: String,
    pub purpose: Purpose,
    pub ja: String,
    pub en: String,
}

/// Who manages an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ManagerRule {
    /// The retailer that has the retail supply contract.
    ContractRetailer = 0,
    /// The operator whose supply area the point is in.
    AreaOperator = 1,
    /// The suppression contractor.
    SuppressionContractor = 2,
    /// The company whose notice it is.
    Company = 3,
    /// No rule in the notice: whoever holds the item and sends it.
    Sender = 4,
}

impl ManagerRule {
    pub(super) const ALL: [ManagerRule; MANAGERS] = [
        ManagerRule::ContractRetailer,
        ManagerRule::AreaOperator,
        ManagerRule::SuppressionContractor,
        ManagerRule::Company,
        ManagerRule::Sender,
    ];
}

/// Outsourcing: who acts for the company, for what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Outsourcing {
    pub role: Role,
    pub purposes: PurposeSet,
}

/// Two texts of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub ja: String,
    pub en: String,
}

/// 公表された通知: a published privacy notice, compiled from its TOML file so that deciding is a matter of bit sets.
///
/// Source: facts/notices.md; the files are `schemas/notices/*.toml`.
#[derive(Clone)]
pub struct Notice {
    pub(super) key: &'static str,
    pub(super) title_ja: String,
    pub(super) title_en: String,
    pub(super) kind: NoticeKind,
    pub(super) document: Option<String>,
    pub(super) company: Role,
    pub(super) participants: Vec<Participant>,
    /// Roles whose every party is a participant without further ado, as bits.
    pub(super) unconditional: u16,
    pub(super) purposes: Vec<Printed>,
    pub(super) published: PurposeSet,
    pub(super) own_purposes: PurposeSet,
    pub(super) items: ItemSet,
    pub(super) labels: [Option<Box<str>>; ITEMS],
    /// Ordinary supply, then island and last-resort supply.
    pub(super) managers: [[ManagerRule; ITEMS]; 2],
    /// The same as sets of items per rule.
    pub(super) managed: [[ItemSet; MANAGERS]; 2],
    /// The necessity table, with the switchboard's relaying worked in.
    pub(super) table: Table,
    pub(super) usual: Usual,
    pub(super) relay: Vec<Role>,
    /// What may go for a purpose at all (rule 8).
    pub(super) limits: [ItemSet; PURPOSES],
    pub(super) prohibited: PurposeSet,
    pub(super) prohibitions: Vec<Printed>,
    pub(super) exceptions: Vec<Printed>,
    pub(super) excepted: PurposeSet,
    pub(super) exception_orders: PurposeSet,
    pub(super) outsourcing: Option<Outsourcing>,
    pub(super) aggregate: Option<(Purpose, ItemSet)>,
    pub(super) retention_years: Option<u16>,
    pub(super) retention: Option<Statement>,
    pub(super) keep: Vec<KeepRule>,
    pub(super) minors: Option<u8>,
    pub(super) promises: Vec<Statement>,
    pub(super) readings: Vec<Statement>,
}

impl Notice {
    /// The keys of the notices that ship.
    pub const KEYS: &[&str] =
        &["common-core", "terras", "liaison-energy", "clean-venture-21", "clean-power-alliance", "mce"];

    /// Reads a notice from TOML and checks that it holds together.
    pub fn parse(toml: &str) -> Result<Notice, NoticeError> {
        super::compile::compile(toml)
    }

    /// A notice that ships, read once.
    #[must_use]
    pub fn embedded(key: &str) -> Option<&'static Notice> {
        static READ: [OnceLock<Option<Notice>>; 6] = [const { OnceLock::new() }; 6];
        let slot = READ.get(Notice::KEYS.iter().position(|known| *known == key)?)?;
        slot.get_or_init(|| Notice::parse(Notice::embedded_source(key)?).ok()).as_ref()
    }

    /// The TOML file of a notice that ships.
    #[must_use]
    pub fn embedded_source(key: &str) -> Option<&'static str> {
        Some(match key {
            "common-core" => include_str!("../../schemas/notices/common-core.toml"),
            "terras" => include_str!("../../schemas/notices/terras.toml"),
            "liaison-energy" => include_str!("../../schemas/notices/liaison-energy.toml"),
            "clean-venture-21" => include_str!("../../schemas/notices/clean-venture-21.toml"),
            "clean-power-alliance" => include_str!("../../schemas/notices/clean-power-alliance.toml"),
            "mce" => include_str!("../../schemas/notices/mce.toml"),
            _ => return None,
        })
    }

    /// The stable key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }
    /// 通知の名称
    #[must_use]
    pub fn title_ja(&self) -> &str {
        &self.title_ja
    }
    /// The title in English.
    #[must_use]
    pub fn title_en(&self) -> &str {
        &self.title_en
    }
    /// By which construction the notice lets information go.
    #[must_use]
    pub const fn kind(&self) -> NoticeKind {
        self.kind
    }
    /// The number of the source document, where there is one.
    #[must_use]
    pub fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }
    /// 情報項目 that the notice lists.
    #[must_use]
    pub const fn items(&self) -> ItemSet {
        self.items
    }
    /// 利用目的 that the notice publishes, in its order.
    pub fn purposes(&self) -> impl Iterator<Item = Purpose> + '_ {
        self.purposes.iter().map(|printed| printed.purpose)
    }
    /// 禁止: whether the notice prohibits a purpose, whatever else holds.
    #[must_use]
    pub const fn prohibits(&self, purpose: Purpose) -> bool {
        self.prohibited.has(purpose)
    }
    /// The label of an item as this notice prints it.
    #[must_use]
    pub fn label(&self, item: Item) -> &str {
        self.labels.get(item as usize).and_then(Option::as_deref).unwrap_or(item.ja())
    }
    /// 保存期間 in years, where the notice or its configuration names a number.
    #[must_use]
    pub const fn retention_years(&self) -> Option<u16> {
        self.retention_years
    }
    /// 保存期間 after an end, where the notice or its configuration names one.
    #[must_use]
    pub fn keep_rule(&self, after: Ending) -> Option<&KeepRule> {
        self.keep.iter().find(|rule| rule.after == after && rule.items.is_empty())
    }
    /// 保存期間: every rule of keeping.
    pub fn keep_rules(&self) -> impl Iterator<Item = &KeepRule> {
        self.keep.iter()
    }
    /// 未成年者: the age under which a customer's consent needs that of a parent or guardian, where the notice says so.
    #[must_use]
    pub const fn minors_under(&self) -> Option<u8> {
        self.minors
    }
    /// Which rule names the manager of an item.
    pub(super) fn manager_rule(&self, item: Item, supply: SupplyKind) -> ManagerRule {
        let [ordinary, special] = &self.managers;
        let rules = if supply == SupplyKind::Ordinary { ordinary } else { special };
        rules.get(item as usize).copied().unwrap_or(ManagerRule::Sender)
    }
    /// Whether the party is one that the notice names or whose role it lists.
    #[must_use]
    pub fn lists(&self, party: Party) -> bool {
        self.participants.iter().any(|one| one.role == party.role && (one.name.is_none() || one.name == party.name()))
    }

    pub(super) fn partners(&self) -> impl Iterator<Item = PartyName> + '_ {
        self.participants.iter().filter_map(|one| one.name)
    }
}

/// The key of a notice, kept for good: every cleared message names it, and none should pay for that. Each key once.
pub(super) fn keep_key(key: &str) -> &'static str {
    static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(key) {
        return known;
    }
    let key: &'static str = Box::leak(key.into());
    kept.insert(key);
    key
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notice({})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_notice_holds_together() {
        for key in Notice::KEYS {
            let read = Notice::parse(Notice::embedded_source(key).unwrap());
            assert_eq!(read.map_err(|error| error.to_string()).unwrap().key(), *key);
            assert_eq!(Notice::embedded(key).unwrap().key(), *key);
        }
        assert!(Notice::embedded("none").is_none());
    }

    #[test]
    fn a_notice_keeps_what_its_base_lists_and_prints_its_own_labels() {
        let terras = Notice::embedded("terras").unwrap();
        assert_eq!(terras.items(), ItemSet::SHARED_USE);
        assert_eq!(terras.label(Item::DemandSuppression), "需要抑制利用");
        assert_eq!(Notice::embedded("common-core").unwrap().label(Item::DemandSuppression), "需要抑制量");
        let operators = terras.participants.iter().find(|one| one.role == Role::Operator).unwrap();
        assert_eq!(operators.members.len(), 9);
        assert_eq!(terras.document(), Some("003"));
    }
}
