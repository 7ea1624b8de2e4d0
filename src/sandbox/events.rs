//! 日々の処理: what happens on its day — expiry, matching, the switch, completion.

use super::case::{Event, Held, Id, cancellation_number};
use super::days::plus;
use super::engine::{Password, Permission, Sandbox, mix};
use super::world::FaultKind;
use crate::items::{AmountNumber, AmountUnit, BusinessCode, ContractStatus, Date, Family, Reference, UsagePassword};
use crate::messages::switching::{
    ApplicationKind, ApplicationState, NoticeKind, PasswordValidity, SwitchStop, SwitchingMessage,
};

impl Sandbox {
    pub(super) fn run_until(&mut self, date: Date) {
        while let Some(mut entry) = self.queue.first_entry().filter(|entry| *entry.key() <= date) {
            let day = *entry.key();
            let due = std::mem::take(entry.get_mut());
            entry.remove();
            if day > self.today() {
                self.now = day.at(9, 0, 0, 0);
            }
            for event in due {
                self.happen(event);
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Judge(id) => self.judge(id),
            Event::Expire(id) => self.expire(id),
            Event::FileStop(id) => self.file_stop(id),
            Event::Issue(id) => self.issue(id),
            Event::CutOff(id) => self.cut(id),
            Event::MeterWork(id) => self.move_pair(id, &[ApplicationState::Matched], ApplicationState::MeterWork),
            Event::Effective(id) => self.take_effect(id),
            Event::Complete(id) => self.complete(id),
        }
    }

    /// Changes the state of an application and tells its sender.
    pub(super) fn change(&mut self, id: Id, state: ApplicationState) {
        if let Some(held) = self.held.get_mut(id) {
            held.state = state;
            let sender = held.sender;
            self.tell(sender, NoticeKind::StateChanged, id);
        }
    }

    fn state(&self, id: Id) -> Option<ApplicationState> {
        self.held.get(id).map(|held| held.state)
    }

    fn move_pair(&mut self, id: Id, from: &[ApplicationState], to: ApplicationState) {
        let partner = self.held.get(id).and_then(|held| held.partner);
        for id in [Some(id), partner].into_iter().flatten() {
            if self.state(id).is_some_and(|state| from.contains(&state)) {
                self.change(id, to);
            }
        }
    }

    fn expire(&mut self, id: Id) {
        if self.state(id) == Some(ApplicationState::Judging) {
            self.change(id, ApplicationState::Expired);
        }
    }

    /// The switch stop of a retailer that the sandbox plays.
    fn file_stop(&mut self, agency: Id) {
        let Some(held) = self.held.get(agency).filter(|held| held.state == ApplicationState::JudgedOk) else { return };
        let (Some(sender), Some(switch_on), Some(number)) =
            (held.addressee, held.effective_on, cancellation_number(agency))
        else {
            return;
        };
        let (point, family) = (held.point, held.family);
        let Ok(reference) = Reference::parse(&format!("stop-{agency}")) else { return };
        let stop = SwitchStop { point, switch_on, cancellation: Some(number) };
        let id = self.hold(Held {
            kind: ApplicationKind::SwitchStop,
            sender,
            addressee: None,
            reference,
            family,
            point,
            state: ApplicationState::WaitingPair,
            submitted_on: self.today(),
            effective_on: Some(switch_on),
            cancellation: Some(agency),
            partner: None,
            reasons: Vec::new(),
            errors: Vec::new(),
            work_outstanding: false,
            settled: false,
            strange: None,
            message: SwitchingMessage::SwitchStop(stop),
        });
        self.plan(plus(self.cut_off(point, switch_on), 1).max(self.today()), Event::CutOff(id));
        self.pair(id);
    }

    /// マッチング: a switch start and a switch stop for the same point and day become unchangeable together.
    ///
    /// Source: facts/switching.md §0, §2.5 (D).
    pub(super) fn pair(&mut self, id: Id) {
        let Some(held) = self.held.get(id) else { return };
        let other = match held.kind {
            ApplicationKind::SwitchStart => ApplicationKind::SwitchStop,
            ApplicationKind::SwitchStop => ApplicationKind::SwitchStart,
            _ => return,
        };
        let (point, date, kind) = (held.point, held.effective_on, held.kind);
        let Some(date) = date.filter(|date| self.today() <= self.cut_off(point, *date)) else { return };
        let fits = |held: &Held| {
            held.kind == other && held.state == ApplicationState::WaitingPair && held.effective_on == Some(date)
        };
        let ids = self.by_point.get(&point).into_iter().flatten().copied();
        let Some(partner) = ids.into_iter().find(|id| self.held.get(*id).is_some_and(fits)) else { return };
        for (one, other) in [(id, partner), (partner, id)] {
            if let Some(held) = self.held.get_mut(one) {
                held.partner = Some(other);
            }
            self.change(one, ApplicationState::Matched);
        }
        let start = if kind == ApplicationKind::SwitchStart { id } else { partner };
        if self.point(point).is_some_and(super::world::Point::needs_work) {
            self.plan(plus(self.today(), 1), Event::MeterWork(start));
        }
        self.plan(date, Event::Effective(start));
    }

    /// The cancellation agency of a switch has served.
    fn settle(&mut self, id: Id) {
        let agency = self.held.get(id).and_then(|held| held.cancellation);
        if let Some(agency) = agency.and_then(|agency| self.held.get_mut(agency)) {
            agency.settled = true;
        }
    }

    fn cut(&mut self, id: Id) {
        let Some(held) = self.held.get(id) else { return };
        let last = held.effective_on.map(|date| self.cut_off(held.point, date));
        if held.state == ApplicationState::WaitingPair && last.is_some_and(|last| self.today() > last) {
            self.change(id, ApplicationState::Unmatched);
            self.settle(id);
        }
    }

    fn take_effect(&mut self, id: Id) {
        use ApplicationState::{Accepted, Effective, Matched, MeterWork};
        let Some(held) = self.held.get(id) else { return };
        let due = held.effective_on.is_none_or(|date| date <= self.today());
        if !due || !matches!(held.state, Accepted | Matched | MeterWork) {
            return;
        }
        let (area, family, point_id, sender) = (held.point.area(), held.family, held.point, held.sender);
        let (message, date) = (held.message.clone(), held.effective_on);
        self.change_point(point_id, sender, &message, date);
        self.move_pair(id, &[Accepted, Matched, MeterWork], Effective);
        self.settle(id);
        let late = self.point(point_id).and_then(|point| point.fault(FaultKind::LateCompletion));
        let late = late.map_or(0, |fault| fault.days.unwrap_or(30));
        // When 処理完了 is set differs per operator, high voltage notably later (facts/switching.md §2.5, D); the days are ours.
        let usual = 1 + u16::from(area.number() % 4) + if family == Family::High { 7 } else { 0 };
        let days = self.operator(area).completes_after.unwrap_or(usual).saturating_add(late);
        self.plan(self.days.business_day(area, plus(self.today(), days)), Event::Complete(id));
    }

    fn change_point(
        &mut self,
        id: crate::items::SupplyPointId,
        sender: BusinessCode,
        message: &SwitchingMessage,
        date: Option<Date>,
    ) {
        let Some(point) = self.point_mut(id) else { return };
        match message {
            SwitchingMessage::SwitchStart(m) => {
                point.retailer = sender;
                point.name = m.name.clone();
                point.address = m.address.clone();
                point.building.clone_from(&m.building);
                point.decision_method = m.decision_method;
                point.contract_number = m.contract_number.clone().unwrap_or_else(|| point.contract_number.clone());
                if m.amount.is_some() {
                    (point.amount, point.unit) = (m.amount, m.amount_unit);
                }
                if let Some(menu) = &m.service_menu {
                    point.menu = menu.clone();
                }
                // The work was done for this switch.
                (point.half_hourly, point.automatic_reading) = (true, true);
            }
            SwitchingMessage::Reconnection(m) => {
                (point.retailer, point.status) = (sender, ContractStatus::Supplied);
                point.name = m.name.clone();
                point.address = m.address.clone();
                point.building.clone_from(&m.building);
                point.decision_method = m.decision_method;
                point.holder_since = date;
            }
            SwitchingMessage::Termination(_) => point.status = ContractStatus::Stopped,
            SwitchingMessage::AmpereChange(m) => {
                point.amount = AmountNumber::from_milli(u32::from(m.limit.ampere()) * 1000);
                point.unit = Some(AmountUnit::Ampere);
            }
            SwitchingMessage::CustomerChange(m) => {
                if m.holder_changes {
                    point.holder_since = date;
                }
                if let Some(name) = &m.name {
                    point.name = name.clone();
                }
                if let Some(address) = &m.address {
                    point.address = address.clone();
                }
                if m.building.is_some() {
                    point.building.clone_from(&m.building);
                }
                if let Some(number) = &m.contract_number {
                    point.contract_number = number.clone();
                }
            }
            _ => {}
        }
    }

    fn complete(&mut self, id: Id) {
        let Some(held) = self.held.get(id) else { return };
        let start = held.kind == ApplicationKind::SwitchStart;
        let exchange = self.point(held.point).is_some_and(|point| point.fault(FaultKind::MeterExchange).is_some());
        if let Some(held) = self.held.get_mut(id) {
            held.work_outstanding = start && exchange;
        }
        self.move_pair(id, &[ApplicationState::Effective], ApplicationState::Completed);
    }

    /// The password comes by notice, in principle on the next business day (facts/switching.md §2.3, D).
    fn issue(&mut self, id: Id) {
        let Some(held) = self.held.get(id).filter(|held| held.state == ApplicationState::Accepted) else { return };
        let SwitchingMessage::UsagePasswordApplication(asked) = &held.message else { return };
        let days = match asked.validity {
            PasswordValidity::Day => 1,
            PasswordValidity::Week => 7,
            PasswordValidity::Month => 31,
        };
        let Ok(text) = UsagePassword::parse(&format!("{:012x}", mix(self.seed, id as u64) >> 16)) else { return };
        // The day of issue is not counted: whoever fetches the notice late still has the days that were chosen.
        let until = plus(self.today(), days);
        let (point, given, method) = (asked.point, asked.consented_at, asked.consent_method);
        let permission = Permission { point, given, valid_until: until, method, reference: held.reference.clone() };
        let sender = held.sender;
        self.passwords.push(Password { point, text, until, application: id, permission });
        if let Some(held) = self.held.get_mut(id) {
            held.state = ApplicationState::Completed;
        }
        self.tell(sender, NoticeKind::PasswordIssued, id);
    }
}
