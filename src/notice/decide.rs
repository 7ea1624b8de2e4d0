//! How a notice decides: the ten rules, in the order in which one beats the other.
//!
//! 1. A prohibited purpose is refused, whatever else holds (rules 6 and 9).
//! 2. Past the retention limit everything is refused, unless a legal hold names the law (rule 10).
//! 3. The customer's own verified request, then an authority's order: any item, listed or not.
//! 4. Limits on items and purposes (rule 8) and the operator's area (rule 3): they hold against every basis that follows.
//! 5. Every other basis in the order of [`Basis`]; an item takes the first that grants it.
//!
//! Only items that the notice lists go on a basis that the notice gives; others go by consent, or by 3.

use super::published::{ManagerRule, Notice, NoticeKind};
use super::question::EvidenceSet;
use super::{Basis, Clause, Decision, EvidenceKind, Party, PartyCode, Purpose, Question, Role, SupplyKind};
use crate::items::{Area, Item, ItemSet};

impl Notice {
    /// Decides a disclosure item by item. Nothing is allocated.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.decide_with(question, EvidenceSet::of(question.evidence))
    }

    pub(super) fn decide_with(&self, question: &Question<'_>, evidence: EvidenceSet) -> Decision {
        let mut decision = self.weigh(question, evidence);
        if question.items.is_empty() {
            decision.barred = self.bar(question, evidence);
        }
        if !decision.is_granted() {
            self.state_clauses(&mut decision, question, evidence);
            self.suggest(&mut decision, question, evidence);
        }
        decision
    }

    /// What is granted on which basis, without the reasons for what is not.
    pub(super) fn weigh(&self, question: &Question<'_>, evidence: EvidenceSet) -> Decision {
        let asked = question.items;
        let mut decision = Decision::undecided(asked, self.managers_of(question));
        if self.prohibited.has(question.purpose) || self.retention_is_past(question) {
            return decision;
        }
        let to = question.recipient.role;
        if to == Role::Customer && evidence.has(EvidenceKind::VerifiedRequest) {
            decision.grant(Basis::CustomerSelf, asked);
            return decision;
        }
        if to == Role::Authority && question.purpose == Purpose::LegalOrder && evidence.has(EvidenceKind::Order) {
            decision.grant(Basis::Statutory, asked);
            return decision;
        }
        if in_area(question) {
            self.grant_by_notice(&mut decision, question, evidence);
        }
        decision
    }

    fn state_clauses(&self, decision: &mut Decision, question: &Question<'_>, evidence: EvidenceSet) {
        for item in decision.refused().iter() {
            let clause = self.refusing_clause(question, evidence, item);
            if let Some(slot) = decision.clauses.get_mut(item as usize) {
                *slot = clause;
            }
        }
    }

    /// A message without any item still needs parties and a purpose between which some item could go.
    fn bar(&self, question: &Question<'_>, evidence: EvidenceSet) -> Option<Clause> {
        let anything = self.weigh(&Question { items: Item::ALL.iter().copied().collect(), ..*question }, evidence);
        let first = self.items.iter().next().filter(|_| anything.granted().is_empty());
        first.map(|item| self.refusing_clause(question, evidence, item))
    }

    fn grant_by_notice(&self, decision: &mut Decision, question: &Question<'_>, evidence: EvidenceSet) {
        let free = question.items.intersection(self.permitted(question.purpose));
        let listed = free.intersection(self.items);
        let sender = self.participation(question, question.sender, evidence).is_ok();
        if let Some((purpose, items)) = self.aggregate
            && sender
            && purpose == question.purpose
        {
            decision.grant(Basis::Aggregate, free.intersection(items));
        }
        if sender && self.is_own_use(question) {
            decision.grant(Basis::OwnUse, listed);
        }
        if sender && self.participation(question, question.recipient, evidence).is_ok() {
            let row = self.table.get(question.sender.role, question.recipient.role, question.purpose);
            decision.grant(Basis::SharedUse, listed.intersection(row));
        }
        if sender && self.exception_clause(question, evidence).is_ok() {
            decision.grant(Basis::ListedException, listed);
        }
        if let Some(outsourcing) = self.outsourcing
            && sender
            && question.recipient.role == outsourcing.role
            && evidence.has(EvidenceKind::Contract)
            && outsourcing.purposes.has(question.purpose)
            && !self.extends_shared_use(question)
        {
            decision.grant(Basis::Consignment, listed);
        }
        if evidence.has(EvidenceKind::Consent) {
            decision.grant(Basis::Consent, free);
        }
    }

    /// Why an item that was not granted is refused: the first reason in the order of the rules.
    fn refusing_clause(&self, question: &Question<'_>, evidence: EvidenceSet, item: Item) -> Clause {
        let (from, to, purpose) = (question.sender, question.recipient, question.purpose);
        if self.prohibited.has(purpose) {
            return Clause::Prohibition(purpose);
        }
        if self.retention_is_past(question) {
            return Clause::Retention;
        }
        if to.role == Role::Customer {
            return Clause::VerifiedRequestMissing;
        }
        if to.role == Role::Authority && purpose == Purpose::LegalOrder {
            return Clause::OrderMissing;
        }
        if !self.permitted(purpose).contains(item) {
            return Clause::ItemLimit;
        }
        if !in_area(question) {
            return Clause::Area;
        }
        if let Err(clause) = self.participation(question, from, evidence) {
            return clause;
        }
        if let Some(outsourcing) = self.outsourcing
            && to.role == outsourcing.role
        {
            return match evidence.has(EvidenceKind::Contract) {
                false => Clause::ContractMissing,
                true if self.extends_shared_use(question) => Clause::OutsidePurpose,
                true if !outsourcing.purposes.has(purpose) => Clause::Purpose,
                true => Clause::Item,
            };
        }
        if self.kind == NoticeKind::Exceptions {
            return self.exception_clause(question, evidence).err().unwrap_or(Clause::Item);
        }
        if to.role == Role::ThirdParty {
            return Clause::ConsentMissing;
        }
        if let Err(clause) = self.participation(question, to, evidence) {
            return clause;
        }
        if !self.published.has(purpose) {
            return if from.role == to.role { Clause::OutsidePurpose } else { Clause::Purpose };
        }
        if self.items.contains(item) { Clause::Necessity } else { Clause::Item }
    }

    /// Rule 2: whether the party is a participant, and what is missing if it is not.
    fn participation(&self, question: &Question<'_>, party: Party, evidence: EvidenceSet) -> Result<(), Clause> {
        let mut why = Clause::Participant;
        for participant in self.participants.iter().filter(|one| one.role == party.role) {
            if participant.name.is_some() && participant.name != party.name() {
                why = if party.code.is_none() { Clause::PartnerName } else { why };
                continue;
            }
            let area = operator_area(party).or(question.area);
            let named = |area| participant.areas.is_empty() || participant.areas.contains(&area);
            if party.role == Role::Operator && !area.is_none_or(named) {
                continue;
            }
            match participant.needs {
                Some(kind) if !evidence.has(kind) => why = Clause::ContractMissing,
                _ => return Ok(()),
            }
        }
        Err(why)
    }

    /// Own use: one party, for the company's purposes. Parties without a code are one only where the purpose itself
    /// says so: `retailer` to `retailer` may well be two companies.
    fn is_own_use(&self, question: &Question<'_>) -> bool {
        let (from, to, purpose) = (question.sender, question.recipient, question.purpose);
        if from != to {
            return false;
        }
        if self.own_purposes.has(purpose) {
            return (purpose == Purpose::OwnUse || from.role == self.company) && !self.extends_shared_use(question);
        }
        self.published.has(purpose) && from.code.is_some()
    }

    /// The company's additional purposes never extend the shared use: what was received under it is not available.
    fn extends_shared_use(&self, question: &Question<'_>) -> bool {
        question.purpose != Purpose::OwnUse
            && self.own_purposes.has(question.purpose)
            && question.source.is_some_and(|source| self.published.has(source))
    }

    /// Whether a listed exception covers the disclosure. Contractors are bound by their contract instead.
    fn exception_clause(&self, question: &Question<'_>, evidence: EvidenceSet) -> Result<(), Clause> {
        let bound = self.outsourcing.is_some_and(|outsourcing| outsourcing.role == question.recipient.role);
        if bound || !self.excepted.has(question.purpose) {
            return Err(Clause::ConsentMissing);
        }
        if self.exception_orders.has(question.purpose) && !evidence.has(EvidenceKind::Order) {
            return Err(Clause::OrderMissing);
        }
        Ok(())
    }

    fn permitted(&self, purpose: Purpose) -> ItemSet {
        self.limits.get(purpose as usize).copied().unwrap_or_default()
    }

    fn retention_is_past(&self, question: &Question<'_>) -> bool {
        let (Some(years), Some(as_of), Some(today)) = (self.retention_years, question.as_of, question.today) else {
            return false;
        };
        let held = question.legal_hold.is_some_and(|law| !law.trim().is_empty());
        let last = as_of.checked_add(jiff::Span::new().years(i64::from(years)));
        !held && last.is_ok_and(|last| today > last)
    }

    /// Rule 4: who answers for which of the items.
    fn managers_of(&self, question: &Question<'_>) -> [(ItemSet, Party); super::decision::MANAGERS] {
        let ordinary = question.supply == SupplyKind::Ordinary;
        let [in_ordinary, in_special] = &self.managed;
        let sets = if ordinary { in_ordinary } else { in_special };
        let mut managed = ManagerRule::ALL.map(|rule| (ItemSet::EMPTY, resolve(rule, question)));
        for (slot, set) in managed.iter_mut().zip(sets) {
            slot.0 = *set;
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

/// Rule 3: an operator sends and receives only for its own area. One without a code is taken for that of the point.
fn in_area(question: &Question<'_>) -> bool {
    let outside = |party: Party| operator_area(party).zip(question.area).is_some_and(|(own, point)| own != point);
    !outside(question.sender) && !outside(question.recipient)
}

fn operator_area(party: Party) -> Option<Area> {
    match (party.role, party.code) {
        (Role::Operator, Some(PartyCode::Area(area))) => Some(area),
        _ => None,
    }
}
