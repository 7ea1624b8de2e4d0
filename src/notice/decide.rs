//! How a notice decides: the ten rules, in the order in which one beats the other.
//!
//! 1. A prohibited purpose is refused, whatever else holds (rules 6 and 9).
//! 2. Past the retention limit everything is refused, unless a legal hold names the law (rule 10).
//! 3. The customer's own verified request, then an authority's order: any item, listed or not.
//! 4. Limits on items and purposes (rule 8) and the operator's area (rule 3): they hold against every basis that follows.
//! 5. Every other basis in the order of [`Basis`]; an item takes the first that grants it.
//!
//! Only items that the notice lists go on a basis that the notice gives; others go by consent, or by 3.

use super::decision::{Grants, Reasons};
use super::published::{Notice, NoticeKind};
use super::question::EvidenceSet;
use super::{Basis, Clause, Decision, EvidenceKind, Party, PartyCode, Purpose, Question, Role};
use crate::items::{Area, Item, ItemSet};

impl Notice {
    /// Decides a disclosure item by item. Nothing is allocated where all of it is granted.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.decide_with(question, EvidenceSet::of(question.evidence, 1))
    }

    /// 提供できる項目: the items of a question that may go, without basis, manager or reasons. Nothing is allocated.
    #[must_use]
    pub fn grants(&self, question: &Question<'_>) -> ItemSet {
        self.weigh(question, EvidenceSet::of(question.evidence, 1)).all()
    }

    pub(super) fn decide_with(&self, question: &Question<'_>, evidence: EvidenceSet) -> Decision {
        let grants = self.weigh(question, evidence);
        let barred = if question.items.is_empty() { self.bar(question, evidence) } else { None };
        let granted = grants.refused().is_empty() && barred.is_none();
        let reasons = (!granted).then(|| {
            let mut reasons = Reasons::new(barred);
            self.state_clauses(&mut reasons, &grants, question, evidence);
            self.suggest(&mut reasons, &grants, question, evidence);
            Box::new(reasons)
        });
        let Question { sender, recipient, purpose, items, area, supply, .. } = *question;
        Decision::new(grants, self.managers_of((sender, recipient), purpose, items, area, supply), reasons)
    }

    /// What is granted on which basis: all that clearing needs when everything is.
    pub(super) fn weigh(&self, question: &Question<'_>, evidence: EvidenceSet) -> Grants {
        let mut grants = Grants::none(question.items);
        if self.prohibited.has(question.purpose) || self.retention_is_past(question) {
            return grants;
        }
        let to = question.recipient.role;
        if to == Role::Customer && evidence.has(EvidenceKind::VerifiedRequest) {
            grants.grant(Basis::CustomerSelf, question.items);
        } else if to == Role::Authority && question.purpose == Purpose::LegalOrder && evidence.has(EvidenceKind::Order)
        {
            grants.grant(Basis::Statutory, question.items);
        } else if in_area(question) {
            self.grant_by_notice(&mut grants, question, evidence);
        }
        grants
    }

    fn state_clauses(&self, reasons: &mut Reasons, grants: &Grants, question: &Question<'_>, evidence: EvidenceSet) {
        for item in grants.refused().iter() {
            let clause = self.refusing_clause(question, evidence, item);
            if let Some(slot) = reasons.clauses.get_mut(item as usize) {
                *slot = clause;
            }
        }
    }

    /// A message without any item still needs parties and a purpose between which some item could go.
    fn bar(&self, question: &Question<'_>, evidence: EvidenceSet) -> Option<Clause> {
        let anything = self.weigh(&Question { items: Item::ALL.iter().copied().collect(), ..*question }, evidence);
        let first = self.items.iter().next().filter(|_| anything.all().is_empty());
        first.map(|item| self.refusing_clause(question, evidence, item))
    }

    fn grant_by_notice(&self, grants: &mut Grants, question: &Question<'_>, evidence: EvidenceSet) {
        let free = question.items.intersection(self.permitted(question.purpose));
        if self.participation(question, question.sender, evidence).is_ok() {
            self.grant_to_participant(grants, question, evidence, free);
        }
        if evidence.has(EvidenceKind::Consent) {
            grants.grant(Basis::Consent, free);
        }
    }

    /// The bases that the notice itself gives; each of them needs a participant as the sender.
    fn grant_to_participant(&self, grants: &mut Grants, question: &Question<'_>, evidence: EvidenceSet, free: ItemSet) {
        let (from, to, purpose) = (question.sender, question.recipient, question.purpose);
        let listed = free.intersection(self.items);
        if let Some((_, items)) = self.aggregate.filter(|(of, _)| *of == purpose) {
            grants.grant(Basis::Aggregate, free.intersection(items));
        }
        if self.is_own_use(question) {
            grants.grant(Basis::OwnUse, listed);
        }
        let row = self.table.get(from.role, to.role, purpose);
        if !row.is_empty() && self.participation(question, to, evidence).is_ok() {
            grants.grant(Basis::SharedUse, listed.intersection(row));
        }
        if grants.refused().is_empty() {
            return;
        }
        if self.exception_clause(question, evidence).is_ok() {
            grants.grant(Basis::ListedException, listed);
        }
        let outsourced = self.outsourcing.is_some_and(|one| one.role == to.role && one.purposes.has(purpose));
        if outsourced && evidence.has(EvidenceKind::Contract) && !self.extends_shared_use(question) {
            grants.grant(Basis::Consignment, listed);
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
        if self.unconditional & (1 << party.role as u16) != 0 {
            return Ok(());
        }
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

    pub(super) fn permitted(&self, purpose: Purpose) -> ItemSet {
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
}

/// Rule 3: an operator sends and receives only for its own area. One without a code is taken for that of the point.
fn in_area(question: &Question<'_>) -> bool {
    let outside = |party: Party| operator_area(party).zip(question.area).is_some_and(|(own, point)| own != point);
    !outside(question.sender) && !outside(question.recipient)
}

pub(super) fn operator_area(party: Party) -> Option<Area> {
    match (party.role, party.code) {
        (Role::Operator, Some(PartyCode::Area(area))) => Some(area),
        _ => None,
    }
}
