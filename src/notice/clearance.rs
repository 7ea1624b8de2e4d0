//! Clearance: the only way from a message to something the wire accepts.

use super::decision::Grants;
use super::question::EvidenceSet;
use super::retailers::own_customers;
use super::{
    Basis, Change, Clause, Decision, Evidence, EvidenceKind, Notice, Party, Purpose, Question, RetailerRegister,
    SupplyKind,
};
use crate::items::{AreaSet, Code, Date, DateTime, ItemSet, SupplyPointId};
use std::fmt;

/// 提供: what a message must say of itself to be cleared.
pub trait Disclosure {
    /// 利用目的
    fn purpose(&self) -> Purpose;
    /// 情報項目 that the message carries.
    fn items(&self) -> ItemSet;
    /// The supply point it concerns, if it concerns one; nothing where it concerns several.
    fn point(&self) -> Option<SupplyPointId>;
    /// 供給区域 of every point it concerns: each of them must pass.
    #[inline]
    fn areas(&self) -> AreaSet {
        AreaSet::of(self.point().map(|point| point.area()))
    }
    /// How many different points it concerns. Evidence that one customer gives counts for one of them.
    fn points(&self) -> usize {
        usize::from(self.point().is_some())
    }
    /// Whether it needs the customer's consent on top of the notice.
    fn consent_need(&self) -> ConsentNeed;
    /// 需要家の範囲: whose customers its values are of. What carries items ③ and does not say it goes to no retailer.
    #[inline]
    fn customers(&self) -> Customers {
        Customers::Unsaid
    }
    /// Visits every point it concerns.
    #[inline]
    fn each_point(&self, visit: &mut dyn FnMut(SupplyPointId)) {
        if let Some(point) = self.point() {
            visit(point);
        }
    }
}

/// 需要家の範囲: whose customers the values of a message are of. A retailer gets the items of ③ (ネガワット取引に関する情報)
/// of its own customers, or totals that name no point, and nothing else: the desk holds every message to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Customers {
    /// It does not say: with an item of ③ in it, it goes to no retailer.
    Unsaid,
    /// Those of the points that [`Disclosure::each_point`] visits, as the register has them on a day. It visits every point,
    /// and at least one; a retailer at either end must be that of each.
    On(Date),
    /// Totals: it concerns no point.
    Totals,
}

/// 同意の要否: whether a message needs the customer's consent whatever the notice grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentNeed {
    /// No.
    None,
    /// 使用量照会: yes, for that very point, within its validity, for a switch.
    ///
    /// Source: facts/switching.md §2.3 (D).
    ForSwitch,
}

/// 照会の理由: why usage is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InquiryReason {
    /// A proposal or quotation before a switch.
    Switch,
    /// The retailer's own initiative: outside the purpose (目的外).
    OwnInitiative,
}

/// 本人の同意: the customer's consent for one supply point.
#[derive(Clone, Copy)]
pub struct Consent<'a> {
    /// The point it was given for.
    pub point: SupplyPointId,
    /// When it was given.
    pub given: DateTime,
    /// The last day on which it is valid.
    pub valid_until: Date,
    /// What it was given for.
    pub reason: InquiryReason,
    /// 同意方法: how it was given.
    pub method: &'a str,
    /// Our own reference of the record.
    pub reference: &'a str,
}

/// 経路: from whom to whom, and through whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// 提供する者
    pub sender: Party,
    /// 提供を受ける者
    pub recipient: Party,
    /// The switchboard in between; both of its legs are decided for the same items.
    pub via: Option<Party>,
}

impl Route {
    /// A way through OCCTO.
    #[must_use]
    pub const fn through_occto(sender: Party, recipient: Party) -> Route {
        Route { sender, recipient, via: Some(Party::OCCTO) }
    }
}

/// 提供の状況: everything clearance needs that the message does not say.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// 経路
    pub route: Route,
    /// 供給の種類: of every point the message concerns. It names who manages the basic items; a message about points of
    /// several kinds is divided.
    pub supply: SupplyKind,
    /// 根拠資料
    pub evidence: &'a [Evidence<'a>],
    /// 本人の同意 for the point, if there is one.
    pub consent: Option<&'a Consent<'a>>,
    /// 小売電気事業者の台帳: whose customers the points are. Without it no retailer gets an item of ③ of any point.
    pub retailers: Option<&'a RetailerRegister>,
    /// The moment of the disclosure, JST.
    pub now: DateTime,
    /// The day the information is of.
    pub as_of: Option<Date>,
    /// The law that a legal hold names.
    pub legal_hold: Option<&'a str>,
    /// The purpose under which the information was received.
    pub source: Option<Purpose>,
}

impl Context<'_> {
    /// An ordinary disclosure on a route at a moment, without evidence or consent.
    #[must_use]
    pub const fn new(route: Route, now: DateTime) -> Self {
        Context {
            route,
            supply: SupplyKind::Ordinary,
            evidence: &[],
            consent: None,
            retailers: None,
            now,
            as_of: None,
            legal_hold: None,
            source: None,
        }
    }
}

/// 審査窓口: clears messages under one notice.
#[derive(Clone, Copy, Debug)]
pub struct ClearanceDesk<'n> {
    notice: &'n Notice,
}

impl<'n> ClearanceDesk<'n> {
    /// The desk of a notice.
    #[must_use]
    pub const fn new(notice: &'n Notice) -> ClearanceDesk<'n> {
        ClearanceDesk { notice }
    }
    /// The notice it decides by.
    #[must_use]
    pub const fn notice(&self) -> &'n Notice {
        self.notice
    }

    /// Clears a message, or gives it back with the reason. A granted message costs no allocation.
    #[inline]
    pub fn clear<M: Disclosure>(&self, message: M, context: &Context<'_>) -> Result<Cleared<M>, Box<Refusal<M>>> {
        let decision = self.decide(&message, context);
        let Context { route, now, .. } = *context;
        if decision.is_granted() {
            Ok(Cleared::grant(message, route.via, decision, now, self.notice.key))
        } else {
            Err(refusal(message, route, decision))
        }
    }

    /// What clearing would decide: every leg of the route, and the consent where the message needs one.
    #[inline]
    pub fn decide<M: Disclosure>(&self, message: &M, context: &Context<'_>) -> Decision {
        let (purpose, items) = (message.purpose(), message.items());
        let areas = message.areas();
        let route = &context.route;
        let aged = context.as_of.is_some();
        if let Err((clause, change)) = own_customers(message, context) {
            // What the notice refuses even then is the graver reason.
            let decision = self.decide_in_full(message, context);
            return if decision.is_granted() { decision.refuse_all(clause, change) } else { decision };
        }
        if message.consent_need() == ConsentNeed::None && self.notice.is_usual(route, purpose, items, areas, aged) {
            let ends = (route.sender, route.recipient);
            return Decision::new(
                Grants::whole(Basis::SharedUse, items),
                self.notice.managers_of(ends, purpose, items, areas.single(), context.supply),
                None,
            );
        }
        self.decide_in_full(message, context)
    }

    /// The decision that clearance rests on: that of the two ends, or of the leg that is refused.
    #[cold]
    fn decide_in_full<M: Disclosure>(&self, message: &M, context: &Context<'_>) -> Decision {
        let Route { sender, recipient, via } = context.route;
        let mut question = Question::new(sender, recipient, message.purpose(), message.items());
        let areas = message.areas();
        question.area = areas.single();
        question.supply = context.supply;
        question.evidence = context.evidence;
        question.as_of = context.as_of;
        question.today = Some(context.now.date());
        question.legal_hold = context.legal_hold;
        question.source = context.source;

        let mut evidence = EvidenceSet::of(context.evidence, message.points());
        let gate = consent_gate(message, context);
        if message.consent_need() == ConsentNeed::ForSwitch {
            // Decided as if there were consent: what is refused even then is the graver reason. The gate follows.
            evidence = evidence.with(EvidenceKind::Consent);
        }
        let decision = self.notice.decide_everywhere(&question, areas, evidence);
        if let (Err(clause), true) = (gate, decision.is_granted()) {
            let change = match clause {
                Clause::OutsidePurpose => Change::LeaveOut,
                _ => Change::AddEvidence(EvidenceKind::Consent),
            };
            return decision.refuse_all(clause, change);
        }
        let legs = via.map(|hub| [(sender, hub), (hub, recipient)]).into_iter().flatten();
        for (sender, recipient) in legs.filter(|_| decision.is_granted()) {
            let leg = Question { sender, recipient, ..question };
            let passes = !areas.is_several() && self.notice.weigh(&leg, evidence).refused().is_empty();
            if question.items.is_empty() || !passes {
                let leg = self.notice.decide_everywhere(&leg, areas, evidence);
                if !leg.is_granted() {
                    return leg;
                }
            }
        }
        decision
    }
}

#[cold]
fn refusal<M>(message: M, route: Route, decision: Decision) -> Box<Refusal<M>> {
    Box::new(Refusal { message, route, decision })
}

/// A usage inquiry goes only with the customer's consent for that very point, within its validity and for a switch.
fn consent_gate<M: Disclosure>(message: &M, context: &Context<'_>) -> Result<(), Clause> {
    if message.consent_need() == ConsentNeed::None {
        return Ok(());
    }
    let consent = context.consent.ok_or(Clause::ConsentMissing)?;
    if consent.reason == InquiryReason::OwnInitiative {
        return Err(Clause::OutsidePurpose);
    }
    if message.point() != Some(consent.point) {
        return Err(Clause::ConsentOtherPoint);
    }
    if consent.given > context.now {
        return Err(Clause::ConsentMissing);
    }
    if context.now.date() > consent.valid_until {
        return Err(Clause::ConsentExpired);
    }
    Ok(())
}

/// 審査済み: a message that may leave, with the decision that lets it. The encoders for the wire accept nothing else.
///
/// Only [`ClearanceDesk::clear`] makes one: it cannot be built, copied or read back from anywhere.
// In this order the message is moved once on clearing; in the compiler's own order it takes two moves.
#[repr(C)]
pub struct Cleared<M> {
    message: M,
    notice: &'static str,
    decision: Decision,
    at: DateTime,
    via: Option<Party>,
}

impl<M> Cleared<M> {
    #[inline]
    const fn grant(
        message: M,
        via: Option<Party>,
        decision: Decision,
        at: DateTime,
        notice: &'static str,
    ) -> Cleared<M> {
        Cleared { message, via, decision, at, notice }
    }

    /// The message.
    #[must_use]
    pub const fn message(&self) -> &M {
        &self.message
    }
    /// 経路
    #[must_use]
    pub const fn route(&self) -> Route {
        let (sender, recipient) = self.decision.ends();
        Route { sender, recipient, via: self.via }
    }
    /// 利用目的
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.decision.purpose()
    }
    /// The decision, item by item.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }
    /// 情報項目 that were cleared.
    #[must_use]
    pub const fn items(&self) -> ItemSet {
        self.decision.asked()
    }
    /// When it was cleared, JST.
    #[must_use]
    pub const fn at(&self) -> DateTime {
        self.at
    }
    /// The key of the notice it was cleared under.
    #[must_use]
    pub const fn notice(&self) -> &'static str {
        self.notice
    }
    /// The message alone, which is no longer cleared.
    #[must_use]
    pub fn into_message(self) -> M {
        self.message
    }
}

impl<M> fmt::Debug for Cleared<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sender, recipient) = self.decision.ends();
        write!(f, "Cleared({sender:?} → {recipient:?}, {})", self.purpose().key())
    }
}

/// 拒否: a message that may not leave, and why.
pub struct Refusal<M> {
    message: M,
    route: Route,
    decision: Decision,
}

impl<M> Refusal<M> {
    /// The message.
    #[must_use]
    pub const fn message(&self) -> &M {
        &self.message
    }
    /// The message, to be changed.
    #[must_use]
    pub fn into_message(self) -> M {
        self.message
    }
    /// 経路
    #[must_use]
    pub const fn route(&self) -> Route {
        self.route
    }
    /// The decision, item by item.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }
}

impl<M> fmt::Display for Refusal<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ja, en) = (self.decision.reasons_ja(), self.decision.reasons_en());
        write!(f, "提供できません（{ja}） / disclosure refused ({en})")
    }
}

impl<M> fmt::Debug for Refusal<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({:?} → {:?})", self.route.sender, self.route.recipient)
    }
}

impl<M> std::error::Error for Refusal<M> {}
