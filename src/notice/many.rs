//! One message about many points: every area among them must pass, and nothing goes because the first one may.

use super::decision::{Grants, Reasons};
use super::question::EvidenceSet;
use super::{Basis, Change, Clause, Decision, Notice, Question, Role};
use crate::items::{Area, AreaSet, Item};

impl Notice {
    /// Decides a disclosure about points of the given areas: granted where it is granted for each of them.
    ///
    /// The basis of an item is the last one, in the order of [`Basis`], on which it goes anywhere. A refusal is that of the
    /// first area that is refused; what it suggests is good for all of them.
    pub(super) fn decide_everywhere(&self, question: &Question<'_>, areas: AreaSet, evidence: EvidenceSet) -> Decision {
        if !areas.is_several() {
            return self.decide_with(&Question { area: areas.single(), ..*question }, evidence);
        }
        let somewhere = |area: Area| Question { area: Some(area), ..*question };
        let mut grants = Grants::none(question.items);
        let mut weakest = [None; Item::ALL.len()];
        for area in areas.iter() {
            let decision = self.decide_with(&somewhere(area), evidence);
            if !decision.is_granted() {
                return self.refuse_everywhere(decision, question, areas, evidence);
            }
            for (item, place) in Item::ALL.iter().zip(&mut weakest) {
                *place = (*place).max(decision.basis(*item));
            }
        }
        // What is the customer's own, or an order's, is no operator's area.
        let anywhere = weakest.iter().flatten().all(|basis| matches!(basis, Basis::CustomerSelf | Basis::Statutory));
        let managers = self.managers_of(
            (question.sender, question.recipient),
            question.purpose,
            question.items,
            None,
            question.supply,
        );
        if is_nameless(question) && !(anywhere && weakest.iter().any(Option::is_some)) {
            // Each area was decided as if the operator without a code were its own; none is that of two.
            return Decision::new(grants, managers, None).refuse_all(Clause::Area, Change::DivideByArea);
        }
        for (item, basis) in Item::ALL.iter().zip(weakest) {
            if let Some(basis) = basis {
                grants.grant(basis, crate::items::ItemSet::of(&[*item]));
            }
        }
        Decision::new(grants, managers, None)
    }

    /// A refusal for one area, with a change that is good for all of them.
    fn refuse_everywhere(
        &self,
        decision: Decision,
        question: &Question<'_>,
        areas: AreaSet,
        evidence: EvidenceSet,
    ) -> Decision {
        let good = |reasons: &Reasons| {
            let evidence = match reasons.change {
                Change::LeaveOut => return true,
                Change::AddEvidence(kind) => evidence.with(kind),
                _ => evidence,
            };
            areas.iter().all(|area| {
                let question = reasons.change.applied(&Question { area: Some(area), ..*question });
                !is_nameless(&question) && reasons.changed.is_subset(self.weigh(&question, evidence).all())
            })
        };
        let refused = decision.refused();
        decision.with_change(|reasons| {
            if reasons.clauses_of(question.items).any(|clause| clause == Clause::Area) || !good(reasons) {
                (reasons.change, reasons.changed) = (Change::DivideByArea, refused);
            }
        })
    }
}

/// Whether an operator takes part of whom it is not said which one.
fn is_nameless(question: &Question<'_>) -> bool {
    let ends = [question.sender, question.recipient];
    ends.iter().any(|party| party.role == Role::Operator && party.area().is_none())
}
