//! 取消 and 訂正: what can still be done to an application, by its stage.

use super::case::{Event, Id, id_of};
use super::days::plus;
use super::engine::{Sandbox, refuse};
use super::objection::Objection;
use crate::items::{ApplicationNumber, BusinessCode};
use crate::messages::switching::{
    Acceptance, ApplicationKind, ApplicationState, Correction, Receipt, SwitchingMessage, Withdrawal,
};

impl Sandbox {
    /// In the system until matching; it takes everything of the same switch with it.
    ///
    /// Source: facts/switching.md §0.3, §2.11 (D).
    pub(super) fn withdraw(&mut self, sender: BusinessCode, asked: &Withdrawal) -> Receipt {
        let number = asked.number.as_ref().and_then(|number| id_of(number.as_str()));
        let agency = asked.cancellation.as_ref().and_then(|number| id_of(number.as_str()));
        let own = |id: &Id| self.held.get(*id).is_some_and(|held| held.sender == sender && held.point == asked.point);
        let Some(id) = number.or(agency).filter(own) else { return refuse(Objection::UnknownNumber, None) };
        let group = self.same_switch(id);
        if let Some(objection) = self.stage(&group) {
            return refuse(objection, None);
        }
        self.withdraw_all(&group);
        Receipt {
            acceptance: Acceptance::Accepted,
            number: asked.number.clone(),
            cancellation: asked.cancellation.clone(),
            errors: Vec::new(),
        }
    }

    /// 送配電への直接連絡: the retailer rings the operator between matching and the switch. False where it is too early or late.
    ///
    /// Source: facts/switching.md §0.3 (D).
    pub fn cancel_by_telephone(&mut self, number: &ApplicationNumber) -> bool {
        let Some(id) = id_of(number.as_str()).filter(|id| *id < self.held.len()) else { return false };
        let group = self.same_switch(id);
        let matched = self.stage(&group) == Some(Objection::Matched);
        if matched {
            self.withdraw_all(&group);
        }
        matched
    }

    fn withdraw_all(&mut self, group: &[Id]) {
        for id in group {
            if self.held.get(*id).is_some_and(super::case::Held::before_effect) {
                self.change(*id, ApplicationState::Withdrawn);
            }
        }
    }

    /// The application, its cancellation agency, and what follows from that agency or is matched with it.
    fn same_switch(&self, id: Id) -> Vec<Id> {
        let Some(held) = self.held.get(id) else { return Vec::new() };
        let agency = match held.kind {
            ApplicationKind::CancellationAgency => Some(id),
            _ => held.cancellation,
        };
        let mut group: Vec<Id> = [Some(id), held.partner, agency].into_iter().flatten().collect();
        if agency.is_some() {
            let at_point = self.by_point.get(&held.point).into_iter().flatten().copied();
            group.extend(at_point.filter(|id| self.held.get(*id).is_some_and(|other| other.cancellation == agency)));
        }
        group.sort_unstable();
        group.dedup();
        group
    }

    /// Why a switch can no longer be changed in the system.
    fn stage(&self, group: &[Id]) -> Option<Objection> {
        use ApplicationState::{Completed, Effective, Matched, MeterWork};
        let any = |states: &[ApplicationState]| {
            group.iter().filter_map(|id| self.held.get(*id)).any(|held| states.contains(&held.state))
        };
        let open = group.iter().filter_map(|id| self.held.get(*id)).any(super::case::Held::before_matching);
        if any(&[Effective, Completed]) {
            Some(Objection::Switched)
        } else if any(&[Matched, MeterWork]) {
            Some(Objection::Matched)
        } else if open {
            None
        } else {
            Some(Objection::Ended)
        }
    }

    /// Only what is given changes, and only until matching.
    pub(super) fn correct(&mut self, sender: BusinessCode, asked: &Correction) -> Receipt {
        let own = |id: &Id| self.held.get(*id).is_some_and(|held| held.sender == sender && held.point == asked.point);
        let Some(id) = id_of(asked.number.as_str()).filter(own) else { return refuse(Objection::UnknownNumber, None) };
        if let Some(objection) = self.stage(&[id]) {
            return refuse(objection, None);
        }
        if let (Some(date), Some(point)) = (asked.requested_on, self.point(asked.point))
            && let Err((objection, detail)) = self.early_enough(point, date)
        {
            return refuse(objection, detail);
        }
        let Some(held) = self.held.get_mut(id) else { return refuse(Objection::UnknownNumber, None) };
        held.effective_on = asked.requested_on.or(held.effective_on);
        if let SwitchingMessage::SwitchStart(start) = &mut held.message {
            start.switch_on = asked.requested_on.unwrap_or(start.switch_on);
            if let Some(name) = &asked.name {
                start.name = name.clone();
            }
            if let Some(address) = &asked.address {
                start.address = address.clone();
            }
            start.kana = asked.kana.clone().or_else(|| start.kana.take());
            start.building = asked.building.clone().or_else(|| start.building.take());
            start.telephone = asked.telephone.clone().or_else(|| start.telephone.take());
        }
        let (kind, point) = (held.kind, held.point);
        if let Some(date) = asked.requested_on {
            match kind {
                ApplicationKind::SwitchStart | ApplicationKind::SwitchStop => {
                    self.plan(plus(self.cut_off(point, date), 1).max(self.today()), Event::CutOff(id));
                    self.pair(id);
                }
                ApplicationKind::CancellationAgency | ApplicationKind::UsagePassword => {}
                _ => self.plan(date.max(self.today()), Event::Effective(id)),
            }
        }
        Receipt {
            acceptance: Acceptance::Accepted,
            number: Some(asked.number.clone()),
            cancellation: None,
            errors: Vec::new(),
        }
    }
}
