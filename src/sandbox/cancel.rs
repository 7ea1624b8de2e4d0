//! 廃止取次の判断: by the retailers that the sandbox plays, and by those that speak for themselves.

use super::case::{Event, Id, cancellation_number, id_of};
use super::days::plus;
use super::engine::{Sandbox, refuse};
use super::objection::Objection;
use super::world::{FaultKind, Point};
use crate::items::{BusinessCode, ContractStatus};
use crate::messages::switching::{
    Acceptance, ApplicationKind, ApplicationState, CancellationEntry, CancellationInquiry, CancellationJudgement,
    CancellationList, CancellationRequest, CancellationResult, CancellationResultInquiry, Judgement, NgReason,
    NgReasonCode, Receipt, SwitchingMessage,
};
use crate::messages::{Header, Open};

fn because(code: NgReasonCode) -> NgReason {
    NgReason { code: Open::Known(code), remark: None }
}

impl Sandbox {
    /// The judgement of a retailer that the sandbox plays: strict equality, nothing else.
    ///
    /// Source: facts/switching.md §0, §2.4 (D).
    pub(super) fn judge(&mut self, id: Id) {
        let Some(held) = self.held.get(id).filter(|held| held.state == ApplicationState::Judging) else { return };
        let (SwitchingMessage::CancellationRequest(request), Some(addressee)) = (&held.message, held.addressee) else {
            return;
        };
        let point = self.point(held.point);
        let forced = point.and_then(|point| point.fault(FaultKind::Ng));
        let reasons: Vec<NgReason> = match (forced, point) {
            (Some(fault), _) if fault.reasons.is_empty() => vec![because(NgReasonCode::Other)],
            (Some(fault), _) => fault.reasons.iter().copied().map(because).collect(),
            (None, Some(point)) => self.compare(point, addressee, held.sender, request),
            (None, None) => vec![because(NgReasonCode::NoContract)],
        };
        let area = held.point.area();
        let files = point.is_none_or(|point| point.fault(FaultKind::NoStop).is_none());
        self.decide(id, reasons);
        let ok = self.held.get(id).is_some_and(|held| held.state == ApplicationState::JudgedOk);
        if ok && files {
            let days = self.played(addressee).map_or(1, |retailer| retailer.stops_after);
            self.plan(self.days.business_day(area, plus(self.today(), days)), Event::FileStop(id));
        }
    }

    fn decide(&mut self, id: Id, reasons: Vec<NgReason>) {
        let ok = reasons.is_empty();
        if let Some(held) = self.held.get_mut(id) {
            held.reasons = reasons;
        }
        self.change(id, if ok { ApplicationState::JudgedOk } else { ApplicationState::JudgedNg });
    }

    fn compare(
        &self,
        point: &Point,
        addressee: BusinessCode,
        sender: BusinessCode,
        request: &CancellationRequest,
    ) -> Vec<NgReason> {
        if point.retailer != addressee || point.status != ContractStatus::Supplied {
            return vec![because(NgReasonCode::NoContract)];
        }
        let checks = [
            (request.contract_number != point.contract_number, NgReasonCode::ContractNumberMismatch),
            (request.name != point.name, NgReasonCode::NameMismatch),
            (request.address != point.address || request.building != point.building, NgReasonCode::AddressMismatch),
            (request.requested_on < self.earliest(point), NgReasonCode::DateImpossible),
            (
                self.nobody_else(point.id, sender, ApplicationKind::CancellationAgency).is_err(),
                NgReasonCode::AlreadyPending,
            ),
        ];
        checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, code)| because(code)).collect()
    }

    /// The cancellation agencies that wait for the judgement of a retailer.
    pub(super) fn cancellations(
        &self,
        header: &Header,
        retailer: BusinessCode,
        inquiry: &CancellationInquiry,
    ) -> SwitchingMessage {
        let waiting = self.held.iter().enumerate().filter(|(_, held)| {
            held.kind == ApplicationKind::CancellationAgency
                && held.state == ApplicationState::Judging
                && held.addressee == Some(retailer)
                && held.family == header.family
                && inquiry.from.is_none_or(|from| from <= held.submitted_on)
                && inquiry.to.is_none_or(|to| held.submitted_on <= to)
        });
        let entries = waiting.filter_map(|(id, held)| {
            let SwitchingMessage::CancellationRequest(request) = &held.message else { return None };
            Some(CancellationEntry {
                number: cancellation_number(id)?,
                new_retailer: held.sender,
                point: held.point,
                contract_number: request.contract_number.clone(),
                name: request.name.clone(),
                kana: request.kana.clone(),
                address: request.address.clone(),
                building: request.building.clone(),
                requested_on: request.requested_on,
                received_on: held.submitted_on,
                judge_by: Some(plus(held.submitted_on, self.world.expires_after)),
            })
        });
        CancellationList { entries: entries.collect() }.into()
    }

    /// The judgement of a retailer that speaks for itself.
    pub(super) fn judged(&mut self, retailer: BusinessCode, judgement: &CancellationJudgement) -> Receipt {
        let id = id_of(judgement.number.as_str());
        let held = id.and_then(|id| Some((id, self.held.get(id)?)));
        let Some((id, state)) = held
            .filter(|(_, held)| held.addressee == Some(retailer) && held.point == judgement.point)
            .map(|(id, held)| (id, held.state))
        else {
            return refuse(Objection::UnknownNumber, None);
        };
        if state != ApplicationState::Judging {
            self.duplicates += u64::from(matches!(state, ApplicationState::JudgedOk | ApplicationState::JudgedNg));
            return refuse(Objection::Ended, None);
        }
        let reasons = match (judgement.judgement, judgement.reasons.is_empty()) {
            (Judgement::Ok, _) => Vec::new(),
            (Judgement::Ng, true) => vec![because(NgReasonCode::Other)],
            (Judgement::Ng, false) => judgement.reasons.clone(),
        };
        self.decide(id, reasons);
        Receipt {
            acceptance: Acceptance::Accepted,
            number: None,
            cancellation: Some(judgement.number.clone()),
            errors: Vec::new(),
        }
    }

    /// The state of a cancellation agency, for the retailer that asked for it.
    pub(super) fn cancellation_result(
        &self,
        sender: BusinessCode,
        inquiry: &CancellationResultInquiry,
    ) -> SwitchingMessage {
        let by_number = inquiry.number.as_ref().and_then(|number| id_of(number.as_str()));
        let by_reference = inquiry.reference.as_ref().and_then(|reference| {
            let ids = self.by_reference.get(&(sender, reference.clone()))?;
            let agency =
                |id: &&Id| self.held.get(**id).is_some_and(|held| held.kind == ApplicationKind::CancellationAgency);
            ids.iter().rev().find(agency).copied()
        });
        let found = by_number.or(by_reference).and_then(|id| Some((cancellation_number(id)?, self.held.get(id)?)));
        let own = found.filter(|(_, held)| held.sender == sender && held.kind == ApplicationKind::CancellationAgency);
        match own {
            Some((number, held)) => CancellationResult {
                number,
                point: held.point,
                state: Open::Known(held.state),
                reasons: held.reasons.clone(),
            }
            .into(),
            None => refuse(Objection::UnknownNumber, None).into(),
        }
    }
}
