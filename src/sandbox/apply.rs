//! 申込の受付: what is checked before an application is accepted, and how it is held.

use super::case::{Event, Held, Id, application_number, cancellation_number, id_of};
use super::days::plus;
use super::engine::{Sandbox, refuse};
use super::objection::Objection;
use super::world::{FaultKind, Point};
use crate::items::{
    BusinessCode, CancellationNumber, ContractStatus, Date, DecisionMethod, Family, ServiceMenu, SupplyPointId,
};
use crate::messages::Header;
use crate::messages::switching::{
    Acceptance, ApplicationKind, ApplicationState, InputError, NoticeKind, Receipt, SwitchingMessage,
    UsagePasswordAnswer, UsagePasswordApplication,
};

type Refused = (Objection, Option<String>);

fn no<T>(objection: Objection) -> Result<T, Refused> {
    Err((objection, None))
}

/// What every application has: its kind, its point and the day it is for.
fn asked(message: &SwitchingMessage) -> Option<(ApplicationKind, SupplyPointId, Option<Date>)> {
    use ApplicationKind as Kind;
    Some(match message {
        SwitchingMessage::UsagePasswordApplication(m) => (Kind::UsagePassword, m.point, None),
        SwitchingMessage::CancellationRequest(m) => (Kind::CancellationAgency, m.point, Some(m.requested_on)),
        SwitchingMessage::SwitchStart(m) => (Kind::SwitchStart, m.point, Some(m.switch_on)),
        SwitchingMessage::SwitchStop(m) => (Kind::SwitchStop, m.point, Some(m.switch_on)),
        SwitchingMessage::Reconnection(m) => (Kind::Reconnection, m.point, Some(m.start_on)),
        SwitchingMessage::Termination(m) => (Kind::Termination, m.point, Some(m.end_on)),
        SwitchingMessage::AmpereChange(m) => (Kind::AmpereChange, m.point, Some(m.change_on)),
        SwitchingMessage::CustomerChange(m) => (Kind::CustomerChange, m.point, Some(m.change_on)),
        _ => return None,
    })
}

impl Sandbox {
    /// Takes an application, or says why not.
    pub(super) fn apply(
        &mut self,
        header: &Header,
        sender: BusinessCode,
        message: SwitchingMessage,
    ) -> SwitchingMessage {
        let Some((kind, point, date)) = asked(&message) else { return Receipt::from(Objection::NotARequest).into() };
        if self.is_duplicate(header, sender, kind, point) {
            self.duplicates += 1;
            return answer_to(&message, refuse(Objection::AlreadyPending, None));
        }
        let refused = self.check(header, sender, kind, &message).err();
        let errors = match refused {
            Some((Objection::Line, _)) => self.line_errors(point),
            Some((objection, detail)) => refuse(objection, detail).errors,
            None => Vec::new(),
        };
        let state = match kind {
            _ if !errors.is_empty() => ApplicationState::Rejected,
            ApplicationKind::CancellationAgency => ApplicationState::Judging,
            ApplicationKind::SwitchStart | ApplicationKind::SwitchStop => ApplicationState::WaitingPair,
            _ => ApplicationState::Accepted,
        };
        let strange = match (kind, self.point(point).and_then(|point| point.fault(FaultKind::UnknownStatus))) {
            (ApplicationKind::SwitchStart, Some(fault)) => Some(fault.code.as_deref().unwrap_or("Z9").into()),
            _ => None,
        };
        let id = self.hold(Held {
            kind,
            sender,
            addressee: header.recipient.business_code().filter(|_| kind == ApplicationKind::CancellationAgency),
            reference: header.reference.clone(),
            family: header.family,
            point,
            state,
            submitted_on: self.today(),
            effective_on: date,
            cancellation: cancellation_of(&message).and_then(|number| id_of(number.as_str())),
            partner: None,
            reasons: Vec::new(),
            errors: errors.clone(),
            work_outstanding: false,
            settled: false,
            strange,
            message,
        });
        if errors.is_empty() {
            self.accepted(id);
        }
        let agency = kind == ApplicationKind::CancellationAgency;
        let receipt = Receipt {
            acceptance: if errors.is_empty() { Acceptance::Accepted } else { Acceptance::Rejected },
            number: (errors.is_empty() && !agency).then(|| application_number(id)).flatten(),
            cancellation: (errors.is_empty() && agency).then(|| cancellation_number(id)).flatten(),
            errors,
        };
        match self.held.get(id) {
            Some(held) => answer_to(&held.message, receipt),
            None => receipt.into(),
        }
    }

    pub(super) fn hold(&mut self, held: Held) -> Id {
        let id = self.held.len();
        self.by_reference.entry((held.sender, held.reference.clone())).or_default().push(id);
        self.by_point.entry(held.point).or_default().push(id);
        self.held.push(held);
        id
    }

    fn is_duplicate(&self, header: &Header, sender: BusinessCode, kind: ApplicationKind, point: SupplyPointId) -> bool {
        let same_reference = self.by_reference.get(&(sender, header.reference.clone()));
        let at_point = self.by_point.get(&point);
        let alike = |id: &Id| self.held.get(*id).is_some_and(|held| held.kind == kind);
        let open = |id: &Id| self.held.get(*id).is_some_and(|held| held.sender == sender && held.is_open());
        same_reference.is_some_and(|ids| ids.iter().any(alike))
            || at_point.is_some_and(|ids| ids.iter().any(|id| alike(id) && open(id)))
    }

    fn line_errors(&self, point: SupplyPointId) -> Vec<InputError> {
        let fault = self.point(point).and_then(|point| point.fault(FaultKind::Reject));
        let mut receipt = refuse(Objection::Line, None);
        if let (Some(error), Some(fault)) = (receipt.errors.first_mut(), fault) {
            let remark = |text: &Option<String>| text.as_ref().and_then(|text| crate::items::Remark::parse(text).ok());
            error.code = remark(&fault.code).unwrap_or_else(|| error.code.clone());
            error.text = remark(&fault.text).or_else(|| error.text.take());
        }
        receipt.errors
    }

    fn check(
        &self,
        header: &Header,
        sender: BusinessCode,
        kind: ApplicationKind,
        message: &SwitchingMessage,
    ) -> Result<(), Refused> {
        if !message.spec().families.contains(&header.family) {
            return no(Objection::WrongFamily);
        }
        let (id, today) = match asked(message) {
            Some((_, id, _)) => (id, self.today()),
            None => return no(Objection::NotARequest),
        };
        // A cancellation agency goes to the current retailer whatever the operator knows of the point.
        let Some(point) = self.found(id) else {
            return if kind == ApplicationKind::CancellationAgency { Ok(()) } else { no(Objection::NotFound) };
        };
        if point.family != header.family {
            return no(Objection::WrongFamily);
        }
        if header.recipient.area().is_some_and(|area| area != id.area()) {
            return no(Objection::WrongArea);
        }
        if let Some(fault) = point.fault(FaultKind::Reject)
            && fault.on.as_deref().unwrap_or("switch-start") == message.spec().key
        {
            return no(Objection::Line);
        }
        let supplied = point.status == ContractStatus::Supplied;
        let own = supplied && point.retailer == sender;
        match message {
            SwitchingMessage::UsagePasswordApplication(m) => password(point, m),
            SwitchingMessage::CancellationRequest(m) if m.requested_on <= today => no(Objection::DatePast),
            SwitchingMessage::CancellationRequest(_) | SwitchingMessage::SwitchStart(_) if own => {
                no(Objection::AlreadySupplied)
            }
            SwitchingMessage::CancellationRequest(_) => Ok(()),
            SwitchingMessage::SwitchStart(m) => {
                self.agreed(m.cancellation.as_ref(), id, |held| held.sender == sender)?;
                self.nobody_else(id, sender, ApplicationKind::SwitchStart)?;
                decision_method(point, m.decision_method, m.service_menu.as_ref())?;
                self.early_enough(point, m.switch_on)
            }
            SwitchingMessage::SwitchStop(_) if !own => no(Objection::NotYourPoint),
            SwitchingMessage::SwitchStop(m) => {
                self.agreed(m.cancellation.as_ref(), id, |held| held.addressee == Some(sender))?;
                if m.switch_on <= today { no(Objection::DatePast) } else { Ok(()) }
            }
            SwitchingMessage::Reconnection(m) => {
                if supplied {
                    return no(if own { Objection::AlreadySupplied } else { Objection::OtherPending });
                }
                // Source: facts/switching.md §2.7 (D): at most 31 days back.
                if plus(m.start_on, 31) < today {
                    return no(Objection::Retroactive);
                }
                decision_method(point, m.decision_method, m.service_menu.as_ref())
            }
            _ if !own => no(Objection::NotYourPoint),
            // Source: facts/switching.md §2.8 (D): never retroactive, on the same day only at low voltage.
            SwitchingMessage::Termination(m) if m.end_on == today && point.family == Family::High => {
                no(Objection::DateTooEarly)
            }
            SwitchingMessage::Termination(m) if m.end_on < today => no(Objection::DatePast),
            SwitchingMessage::AmpereChange(m) if m.change_on < today => no(Objection::DatePast),
            SwitchingMessage::AmpereChange(_) if point.decision_method != DecisionMethod::AmpereBreaker => {
                no(Objection::DecisionMethod)
            }
            _ => Ok(()),
        }
    }

    /// A cancellation number must be that of an agency for the point that was judged OK.
    fn agreed(
        &self,
        number: Option<&CancellationNumber>,
        point: SupplyPointId,
        fits: impl Fn(&Held) -> bool,
    ) -> Result<(), Refused> {
        let Some(number) = number else { return Ok(()) };
        let held = id_of(number.as_str()).and_then(|id| self.held.get(id));
        let agency = held.filter(|held| held.kind == ApplicationKind::CancellationAgency && held.point == point);
        match agency {
            Some(held) if fits(held) && held.state == ApplicationState::JudgedOk => Ok(()),
            _ => no(Objection::Cancellation),
        }
    }

    pub(super) fn nobody_else(
        &self,
        point: SupplyPointId,
        sender: BusinessCode,
        kind: ApplicationKind,
    ) -> Result<(), Refused> {
        let ids = self.by_point.get(&point).into_iter().flatten();
        let mut others = ids.filter_map(|id| self.held.get(*id));
        match others.any(|held| held.kind == kind && held.sender != sender && held.before_effect()) {
            true => no(Objection::OtherPending),
            false => Ok(()),
        }
    }

    pub(super) fn early_enough(&self, point: &Point, switch_on: Date) -> Result<(), Refused> {
        let earliest = self.earliest(point);
        if switch_on < earliest {
            return Err((Objection::DateTooEarly, Some(format!("切替希望日 (最短 {earliest})"))));
        }
        Ok(())
    }

    pub(super) fn earliest(&self, point: &Point) -> Date {
        self.days.earliest(self.operator(point.id.area()), point.family, point.needs_work(), self.today())
    }

    pub(super) fn cut_off(&self, point: SupplyPointId, switch_on: Date) -> Date {
        self.days.cut_off(self.operator(point.area()), self.point(point), switch_on)
    }

    /// Plans what follows from an application that was accepted.
    fn accepted(&mut self, id: Id) {
        let Some(held) = self.held.get(id) else { return };
        let (today, kind, point, date) =
            (self.today(), held.kind, held.point, held.effective_on.unwrap_or(self.today()));
        match kind {
            ApplicationKind::CancellationAgency => self.send_to_judge(id),
            ApplicationKind::UsagePassword => {
                self.plan(self.days.next_business_day(point.area(), today), Event::Issue(id));
            }
            ApplicationKind::SwitchStart | ApplicationKind::SwitchStop => {
                self.plan(plus(self.cut_off(point, date), 1).max(today), Event::CutOff(id));
                self.pair(id);
            }
            _ => self.plan(date.max(today), Event::Effective(id)),
        }
    }

    fn send_to_judge(&mut self, id: Id) {
        let Some(held) = self.held.get(id) else { return };
        let (point, addressee, today) = (held.point, held.addressee, self.today());
        let silent = self.point(point).is_some_and(|point| point.fault(FaultKind::Silent).is_some());
        self.plan(plus(today, self.world.expires_after), Event::Expire(id));
        let Some(addressee) = addressee else { return };
        match self.played(addressee).map(|retailer| (retailer.behaviour, retailer.judges_after)) {
            Some((super::world::Behaviour::Judges, days)) if !silent => {
                self.plan(self.days.business_day(point.area(), plus(today, days)), Event::Judge(id));
            }
            Some(_) => {}
            None => self.tell(addressee, NoticeKind::CancellationReceived, id),
        }
    }
}

fn cancellation_of(message: &SwitchingMessage) -> Option<&CancellationNumber> {
    match message {
        SwitchingMessage::SwitchStart(start) => start.cancellation.as_ref(),
        SwitchingMessage::SwitchStop(stop) => stop.cancellation.as_ref(),
        _ => None,
    }
}

/// Source: facts/switching.md §2.3 (D): with identity documents; that name and address must agree is the sandbox's rule.
fn password(point: &Point, asked: &UsagePasswordApplication) -> Result<(), Refused> {
    if asked.documents.is_empty() {
        return no(Objection::Documents);
    }
    if asked.name != point.name || asked.address != point.address {
        return no(Objection::Customer);
    }
    Ok(())
}

/// Source: facts/switching.md §3.1.
fn decision_method(point: &Point, chosen: DecisionMethod, menu: Option<&ServiceMenu>) -> Result<(), Refused> {
    let form = menu.unwrap_or(&point.menu).form();
    let permitted = form.and_then(|form| point.decision_method.permitted_next(form));
    match permitted {
        Some(permitted) if !permitted.contains(&chosen) => no(Objection::DecisionMethod),
        _ => Ok(()),
    }
}

/// The answer to an application: a receipt, or the password's own form of it.
fn answer_to(message: &SwitchingMessage, receipt: Receipt) -> SwitchingMessage {
    match message {
        SwitchingMessage::UsagePasswordApplication(asked) => UsagePasswordAnswer {
            point: asked.point,
            number: receipt.number,
            password: None,
            valid_until: None,
            errors: receipt.errors,
        }
        .into(),
        _ => receipt.into(),
    }
}
