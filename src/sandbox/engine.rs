//! The state machine: one message in, one reply out, and days that pass.

use super::case::{Event, Held, Id, Told};
use super::days::Days;
use super::objection::{Objection, rejected};
use super::world::{Behaviour, FaultKind, Operator, Point, Retailer, Wish, World};
use crate::items::{Area, BusinessCode, Date, DateTime, Reference, SupplyPointId, UsagePassword};
use crate::messages::Header;
use crate::messages::switching::{ConsentMethod, NoticeKind, Receipt, SwitchingMessage};
use crate::notice::{Disclosure, Party, Role};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// 模擬環境: OCCTO's switching support system, the operators and the other retailers, with a clock of their own.
pub struct Sandbox {
    pub(super) world: World,
    pub(super) seed: u64,
    pub(super) days: Days,
    pub(super) now: DateTime,
    pub(super) points: HashMap<SupplyPointId, usize>,
    pub(super) held: Vec<Held>,
    pub(super) by_reference: HashMap<(BusinessCode, Reference), Vec<Id>>,
    pub(super) by_point: HashMap<SupplyPointId, Vec<Id>>,
    pub(super) queue: BTreeMap<Date, Vec<Event>>,
    pub(super) told: HashMap<BusinessCode, Vec<Told>>,
    pub(super) passwords: Vec<Password>,
    pub(super) duplicates: u64,
    retailers: HashMap<BusinessCode, usize>,
    requests: u64,
    struck: HashMap<(usize, usize), u32>,
    attempts: HashMap<Reference, u64>,
    wished: usize,
}

pub(super) struct Password {
    pub point: SupplyPointId,
    pub text: UsagePassword,
    pub until: Date,
    pub application: Id,
    pub permission: Permission,
}

/// 同意の記録: the consent that an answer to a usage inquiry rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The point it was given for.
    pub point: SupplyPointId,
    /// When it was given.
    pub given: DateTime,
    /// The last day on which it is valid.
    pub valid_until: Date,
    /// How it was given.
    pub method: ConsentMethod,
    /// The own reference of the password application that brought it.
    pub reference: Reference,
}

/// 応答: what the counterparties say.
#[derive(Debug)]
pub struct Answer {
    /// What stands around it.
    pub header: Header,
    /// The message.
    pub message: SwitchingMessage,
    /// For usage: the consent it rests on.
    pub permission: Option<Permission>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Reply {
    /// An answer goes back.
    Answer(Box<Answer>),
    /// The line failed. Unless it was [`FaultKind::NoAnswer`], the request was handled all the same.
    Struck(FaultKind),
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({}, {} points, {} applications)", self.now, self.world.points.len(), self.held.len())
    }
}

impl Sandbox {
    /// The counterparties of a world, at nine in the morning of its date.
    #[must_use]
    pub fn new(mut world: World, seed: u64) -> Sandbox {
        world.wishes.sort_by_key(|wish| wish.date);
        Sandbox {
            now: world.date.at(9, 0, 0, 0),
            points: world.points.iter().enumerate().map(|(index, point)| (point.id, index)).collect(),
            retailers: world.retailers.iter().enumerate().map(|(index, one)| (one.code, index)).collect(),
            held: Vec::with_capacity(world.points.len() * 3),
            by_reference: HashMap::with_capacity(world.points.len() * 3),
            by_point: HashMap::with_capacity(world.points.len()),
            queue: BTreeMap::new(),
            told: HashMap::new(),
            passwords: Vec::new(),
            duplicates: 0,
            requests: 0,
            struck: HashMap::new(),
            attempts: HashMap::new(),
            wished: 0,
            seed,
            days: Days::published(),
            world,
        }
    }

    /// The moment of the virtual clock.
    #[must_use]
    pub const fn now(&self) -> DateTime {
        self.now
    }
    /// The date of the virtual clock.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.date()
    }
    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
    /// The world as it stands now: points that have switched have their new retailer.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }
    /// How often an application came that was held already: the same own reference, or the same kind, point and sender
    /// while one was open. The interface has no idempotency key: a careful adapter leaves this at zero.
    #[must_use]
    pub const fn duplicates(&self) -> u64 {
        self.duplicates
    }
    /// How many messages came.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// The next day on which something happens: an event of the counterparties or a customer's wish.
    #[must_use]
    pub fn next_event_date(&self) -> Option<Date> {
        let wish = self.world.wishes.get(self.wished).map(|wish| wish.date);
        let event = self.queue.keys().next().copied();
        wish.into_iter().chain(event).min().map(|date| date.max(self.today()))
    }

    /// The customers' wishes up to a day, each given once.
    pub fn due_wishes(&mut self, today: Date) -> Vec<Wish> {
        let due: Vec<Wish> =
            self.world.wishes.iter().skip(self.wished).take_while(|wish| wish.date <= today).cloned().collect();
        self.wished += due.len();
        due
    }

    /// Lets days pass, and what is due in them happen. The clock never goes back.
    pub fn advance_to(&mut self, date: Date) {
        self.run_until(date);
        if date > self.today() {
            self.now = date.at(9, 0, 0, 0);
        }
    }

    /// Answers one message, or shows how the line failed.
    pub fn handle(&mut self, header: &Header, message: SwitchingMessage) -> Reply {
        self.requests += 1;
        let fault = self.strike(header, &message);
        if fault == Some(FaultKind::NoAnswer) {
            return Reply::Struck(FaultKind::NoAnswer);
        }
        let (message, permission) = self.answer(header, message);
        self.run_until(self.today());
        if let Some(fault) = fault {
            return Reply::Struck(fault);
        }
        let header = Header {
            family: header.family,
            sender: speaker(&message),
            recipient: header.sender,
            reference: header.reference.clone(),
            created: self.now,
        };
        Reply::Answer(Box::new(Answer { header, message, permission }))
    }

    fn answer(&mut self, header: &Header, message: SwitchingMessage) -> (SwitchingMessage, Option<Permission>) {
        let sender = match (header.sender.role, header.sender.business_code()) {
            (Role::Retailer, Some(sender)) => sender,
            _ => return (Receipt::from(Objection::UnknownSender).into(), None),
        };
        let plain = match message {
            SwitchingMessage::FacilityInquiry(inquiry) => self.facility(header, &inquiry),
            SwitchingMessage::UsageInquiry(inquiry) => return self.usage(header, &inquiry),
            SwitchingMessage::CancellationResultInquiry(inquiry) => self.cancellation_result(sender, &inquiry),
            SwitchingMessage::CancellationInquiry(inquiry) => self.cancellations(header, sender, &inquiry),
            SwitchingMessage::CancellationJudgement(judgement) => self.judged(sender, &judgement).into(),
            SwitchingMessage::StatusInquiry(inquiry) => self.status(sender, &inquiry),
            SwitchingMessage::ListInquiry(inquiry) => self.list(sender, &inquiry),
            SwitchingMessage::NoticeInquiry(inquiry) => self.notices(sender, &inquiry),
            SwitchingMessage::Correction(correction) => self.correct(sender, &correction).into(),
            SwitchingMessage::Withdrawal(withdrawal) => self.withdraw(sender, &withdrawal).into(),
            application => self.apply(header, sender, application),
        };
        (plain, None)
    }

    /// Which fault of the line strikes this message.
    fn strike(&mut self, header: &Header, message: &SwitchingMessage) -> Option<FaultKind> {
        let key = message.spec().key;
        // By reference and attempt, not by arrival: concurrent senders meet the same faults in every run.
        let attempt = match self.world.random.is_empty() {
            true => 0,
            false => {
                let attempts = self.attempts.entry(header.reference.clone()).or_default();
                *attempts += 1;
                header.reference.as_str().bytes().fold(*attempts, |sum, byte| mix(sum, u64::from(byte)))
            }
        };
        for fault in &self.world.random {
            let salt = attempt.wrapping_mul(32).wrapping_add(fault.kind as u64);
            let hit = fault.on.as_ref().is_none_or(|on| on == key);
            if hit && mix(self.seed, salt) % 1000 < u64::from(fault.per_mille) {
                return Some(fault.kind);
            }
        }
        let index = *self.points.get(&point_of(message)?)?;
        let faults = &self.world.points.get(index)?.faults;
        for (nth, fault) in faults.iter().enumerate() {
            let on = fault.on.as_deref().unwrap_or("switch-start");
            if fault.kind.is_of_the_line() && on == key {
                let times = self.struck.entry((index, nth)).or_default();
                if *times < fault.times.unwrap_or(1) {
                    *times += 1;
                    return Some(fault.kind);
                }
            }
        }
        None
    }

    pub(super) fn point(&self, id: SupplyPointId) -> Option<&Point> {
        self.points.get(&id).and_then(|index| self.world.points.get(*index))
    }
    pub(super) fn point_mut(&mut self, id: SupplyPointId) -> Option<&mut Point> {
        self.points.get(&id).and_then(|index| self.world.points.get_mut(*index))
    }
    /// The point, unless it is one that is never found.
    pub(super) fn found(&self, id: SupplyPointId) -> Option<&Point> {
        self.point(id).filter(|point| point.fault(FaultKind::NotFound).is_none())
    }
    /// A retailer that the sandbox plays itself.
    pub(super) fn played(&self, code: BusinessCode) -> Option<&Retailer> {
        let retailer = self.retailers.get(&code).and_then(|index| self.world.retailers.get(*index))?;
        (retailer.behaviour != Behaviour::External && code != self.world.retailer).then_some(retailer)
    }
    pub(super) fn operator(&self, area: Area) -> Operator {
        let own = self.world.operators.iter().find(|operator| operator.area == area);
        own.copied().unwrap_or(Operator::usual(area))
    }
    pub(super) fn plan(&mut self, date: Date, event: Event) {
        self.queue.entry(date).or_default().push(event);
    }

    /// Tells a retailer of an application, unless the sandbox plays it.
    pub(super) fn tell(&mut self, recipient: BusinessCode, kind: NoticeKind, id: Id) {
        if self.played(recipient).is_some() {
            return;
        }
        let Some(held) = self.held.get(id) else { return };
        let twice = self.point(held.point).is_some_and(|point| point.fault(FaultKind::DuplicateNotice).is_some());
        let (at, state) = (self.now, held.state);
        let told = self.told.entry(recipient).or_default();
        for _ in 0..=usize::from(twice) {
            told.push(Told { kind, at, application: id, state });
        }
    }
}

/// The point a message is about, as far as it says so.
fn point_of(message: &SwitchingMessage) -> Option<SupplyPointId> {
    macro_rules! points {
        ($($name:ident),*) => { match message { $(SwitchingMessage::$name(message) => message.point(),)* _ => None } };
    }
    points!(
        FacilityInquiry,
        UsagePasswordApplication,
        UsageInquiry,
        CancellationRequest,
        CancellationJudgement,
        SwitchStart,
        SwitchStop,
        Reconnection,
        Termination,
        AmpereChange,
        CustomerChange,
        Correction,
        Withdrawal,
        ListInquiry
    )
}

/// Who says an answer: what is known of a point comes from its operator, everything else from OCCTO.
fn speaker(answer: &SwitchingMessage) -> Party {
    let point = match answer {
        SwitchingMessage::FacilityAnswer(answer) => answer.point,
        SwitchingMessage::UsageAnswer(answer) => answer.point,
        SwitchingMessage::UsagePasswordAnswer(answer) => answer.point,
        _ => return Party::OCCTO,
    };
    Party::operator(point.area())
}

/// A number that looks random and is always the same (SplitMix64).
pub(super) const fn mix(seed: u64, salt: u64) -> u64 {
    let mut z = seed.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

pub(super) fn refuse(objection: Objection, detail: Option<String>) -> Receipt {
    let mut receipt = rejected(objection.error().into_iter().collect());
    if let (Some(error), Some(detail)) = (receipt.errors.first_mut(), detail) {
        error.field = crate::items::Remark::parse(&detail).ok();
    }
    receipt
}
