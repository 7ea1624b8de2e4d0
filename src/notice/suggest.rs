//! The smallest change: what the sender can do so that the message passes, checked by deciding again.

use super::decision::{Grants, Reasons};
use super::published::Notice;
use super::question::EvidenceSet;
use super::{Change, Clause, EvidenceKind, Party, Purpose, Question, Role};
use crate::items::Code;

impl Change {
    /// The question with this change made to it, apart from evidence and items.
    pub(super) fn applied<'a>(self, question: &Question<'a>) -> Question<'a> {
        let mut changed = *question;
        match self {
            Change::SenderOperator(area) => changed.sender = Party::operator(area),
            Change::RecipientOperator(area) => changed.recipient = Party::operator(area),
            Change::SenderPartner(name) => changed.sender = Party::partner(name),
            Change::RecipientPartner(name) => changed.recipient = Party::partner(name),
            Change::OtherPurpose(purpose) => changed.purpose = purpose,
            Change::AddEvidence(_)
            | Change::DivideByArea
            | Change::DivideByRetailer
            | Change::RegisterRetailer
            | Change::LeaveOut => {}
        }
        changed
    }
}

impl Notice {
    /// Finds the one change after which the fewest items have to be left out; of equals, the first candidate.
    /// A change may not cost an item that is granted already.
    pub(super) fn suggest(
        &self,
        reasons: &mut Reasons,
        grants: &Grants,
        question: &Question<'_>,
        evidence: EvidenceSet,
    ) {
        let refused = grants.refused();
        let missing = reasons.clauses_of(refused).find_map(Clause::missing_evidence);
        for change in self.candidates(question, evidence, missing) {
            let evidence = match change {
                Change::AddEvidence(kind) => evidence.with(kind),
                _ => evidence,
            };
            let again = self.weigh(&change.applied(question), evidence);
            let passes = again.all().intersection(refused);
            if grants.all().is_subset(again.all()) && passes.len() > reasons.changed.len() {
                reasons.change = change;
                reasons.changed = passes;
            }
            if reasons.changed == refused {
                return;
            }
        }
    }

    /// Candidates in the order of preference: the operator of the area, the partner's name, evidence (what the clause
    /// misses first), another purpose.
    fn candidates(
        &self,
        question: &Question<'_>,
        evidence: EvidenceSet,
        missing: Option<EvidenceKind>,
    ) -> impl Iterator<Item = Change> {
        let (from, to, purpose) = (question.sender, question.recipient, question.purpose);
        let operator = move |party: Party, change: fn(_) -> Change| {
            question.area.filter(|area| party.role == Role::Operator && party.area() != Some(*area)).map(change)
        };
        let partner = move |party: Party| party.role == Role::Partner && !self.lists(party);
        let sender_names = self.partners().filter(move |_| partner(from)).map(Change::SenderPartner);
        let recipient_names = self.partners().filter(move |_| partner(to)).map(Change::RecipientPartner);
        let kinds = [EvidenceKind::Contract, EvidenceKind::Consent, EvidenceKind::Order, EvidenceKind::VerifiedRequest];
        let kinds = missing.into_iter().chain(kinds).filter(move |kind| !evidence.has(*kind));
        operator(to, Change::RecipientOperator)
            .into_iter()
            .chain(operator(from, Change::SenderOperator))
            .chain(recipient_names)
            .chain(sender_names)
            .chain(kinds.map(Change::AddEvidence))
            .chain(Purpose::ALL.iter().filter(move |other| **other != purpose).copied().map(Change::OtherPurpose))
    }
}
