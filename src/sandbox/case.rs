//! 申込: an application as the counterparties hold it.

use crate::items::{
    ApplicationNumber, BusinessCode, CancellationNumber, Date, DateTime, Family, Reference, SupplyPointId,
};
use crate::messages::Open;
use crate::messages::switching::{
    ApplicationEntry, ApplicationKind, ApplicationState, InputError, NgReason, NoticeKind, SwitchingMessage,
};

/// Which application, in the order in which they came.
pub(super) type Id = usize;

pub(super) struct Held {
    pub kind: ApplicationKind,
    pub sender: BusinessCode,
    /// The retailer a cancellation agency was sent to.
    pub addressee: Option<BusinessCode>,
    pub reference: Reference,
    pub family: Family,
    pub point: SupplyPointId,
    pub state: ApplicationState,
    pub submitted_on: Date,
    pub effective_on: Option<Date>,
    /// The cancellation agency a switch start or stop follows from.
    pub cancellation: Option<Id>,
    /// The application it is matched with.
    pub partner: Option<Id>,
    pub reasons: Vec<NgReason>,
    pub errors: Vec<InputError>,
    pub work_outstanding: bool,
    /// A cancellation agency whose switch took effect or was not matched: it serves no other.
    pub settled: bool,
    /// What stands on the wire in place of the state, from matching on.
    pub strange: Option<Box<str>>,
    pub message: SwitchingMessage,
}

impl Held {
    pub fn is_open(&self) -> bool {
        use ApplicationState::{Accepted, Effective, JudgedOk, Judging, Matched, MeterWork, WaitingPair};
        let open = [Judging, JudgedOk, Accepted, WaitingPair, Matched, MeterWork, Effective];
        !self.settled && open.contains(&self.state)
    }

    /// Whether it can still be withdrawn or corrected in the system.
    pub fn before_matching(&self) -> bool {
        use ApplicationState::{Accepted, JudgedOk, Judging, WaitingPair};
        !self.settled && matches!(self.state, Judging | JudgedOk | Accepted | WaitingPair)
    }

    /// Whether it is on its way and has not taken effect.
    pub fn before_effect(&self) -> bool {
        self.is_open() && self.state != ApplicationState::Effective
    }

    pub fn entry(&self, id: Id, state: ApplicationState) -> ApplicationEntry {
        use ApplicationState::{Completed, Effective, JudgedNg, Matched, MeterWork, Rejected};
        let agency = self.kind == ApplicationKind::CancellationAgency;
        let strange = matches!(state, Matched | MeterWork | Effective | Completed);
        ApplicationEntry {
            kind: Open::Known(self.kind),
            number: (!agency && state != Rejected).then(|| application_number(id)).flatten(),
            cancellation: if agency { Some(id) } else { self.cancellation }.and_then(cancellation_number),
            reference: self.reference.clone(),
            point: self.point,
            state: match self.strange.as_ref().filter(|_| strange) {
                Some(text) => Open::Unknown(text.clone()),
                None => Open::Known(state),
            },
            submitted_on: self.submitted_on,
            switch_on: self.effective_on,
            work_outstanding: self.work_outstanding && state == Completed,
            reasons: if state == JudgedNg { self.reasons.clone() } else { Vec::new() },
            errors: self.errors.clone(),
        }
    }
}

/// A notice as it is kept: what it says of the application is written when it is asked for.
pub(super) struct Told {
    pub kind: NoticeKind,
    pub at: DateTime,
    pub application: Id,
    pub state: ApplicationState,
}

/// What will happen on a day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Judge(Id),
    Expire(Id),
    FileStop(Id),
    Issue(Id),
    CutOff(Id),
    MeterWork(Id),
    Effective(Id),
    Complete(Id),
}

pub(super) fn application_number(id: Id) -> Option<ApplicationNumber> {
    ApplicationNumber::parse(&format!("T{:09}", id + 1)).ok()
}

pub(super) fn cancellation_number(id: Id) -> Option<CancellationNumber> {
    CancellationNumber::parse(&format!("H{:09}", id + 1)).ok()
}

/// The application of a number as the functions above write it.
pub(super) fn id_of(number: &str) -> Option<Id> {
    number.get(1..)?.parse::<usize>().ok()?.checked_sub(1)
}
