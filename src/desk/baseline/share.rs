//! ベースラインの共有: the baselines of a portfolio as messages to one party, each cleared as a whole.
//!
//! What is none of the recipient's is left out before a message is made, and the clearance desk refuses it once more: it
//! decides by the same register whose customer a point is.

use crate::baseline::{Computed, Direction, Event, Fraction, SlotFigures};
use crate::items::{Date, DateTime, Energy, Reference, SupplyPointId};
use crate::messages::Message as _;
use crate::messages::negawatt::{
    BaselineNotice, BaselinePoint, BaselineSlot, CompensationNote, ComputationDigest, MethodKey, NegawattItem,
    RoundingRule, SettlementType, SuppressionNotice, SuppressionPoint, SuppressionSlot, ThirdPartyNote,
};
use crate::notice::{Cleared, Notice, Party, PartyCode, RetailerRegister, Role};
use crate::rules::{Finding, Rule, codes};
use crate::store::{Store, StoreError};
use crate::wire::negawatt;
use std::collections::BTreeMap;

/// Unit: 0.0001 kWh in one kWh.
const PARTS: i64 = 10_000;

/// 共有の条件: from whom to whom, by which notice and register, and when.
#[derive(Clone, Copy, Debug)]
pub struct Sharing<'a> {
    /// What everything is cleared against.
    pub notice: &'a Notice,
    /// Whose customers the points are; without it no retailer gets a point.
    pub retailers: Option<&'a RetailerRegister>,
    /// 提供する者: the suppression contractor.
    pub sender: Party,
    /// 提供を受ける者
    pub recipient: Party,
    /// The moment of the disclosure, JST.
    pub now: DateTime,
}

/// 提供の形: what is made of the baselines.
#[derive(Clone, Debug, Default)]
pub enum ShareAs {
    /// ベースライン and 需要抑制量 of every point.
    #[default]
    Points,
    /// 第三者仲介精算通知: the total of a month.
    ThirdPartyNote(SettlementType),
    /// ネガワット調整金通知: the total of a month.
    CompensationNote(SettlementType),
    /// OpenADR 3.1: the baselines of one resource, of several points as their sum.
    OpenAdr {
        /// The event, as the recipient named it.
        event: String,
        /// Who reports, as agreed with the recipient.
        client: String,
        /// What the point is called, as agreed with the recipient; nothing for the sum of several.
        resource: Option<String>,
    },
}

/// 共有する内容: baselines on their way into messages.
#[derive(Debug)]
pub struct Share<'a> {
    sharing: Sharing<'a>,
    form: ShareAs,
    /// Whether one point was asked for by name: then it is an error that it may not go.
    named: bool,
    days: BTreeMap<(Date, Event, String), Day>,
    left_out: BTreeMap<&'static str, (&'static Rule, usize)>,
    /// Points of the recipient's whose reduction is not known in every slot.
    incomplete: usize,
    rounded: bool,
}

#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) baselines: Vec<BaselinePoint>,
    pub(super) suppressions: Vec<SuppressionPoint>,
}

/// 提供するファイル: one cleared message in its written form.
#[derive(Debug)]
pub struct SharedFile {
    /// Its name: message, day, recipient and reference; no personal data.
    pub name: String,
    /// What it holds.
    pub octets: Vec<u8>,
    /// How many points it is made of.
    pub points: usize,
    pub(super) ledger: String,
}

/// 共有の結果: what may leave, and what is to be said.
#[derive(Debug, Default)]
pub struct Released {
    /// Every message that was cleared.
    pub files: Vec<SharedFile>,
    /// What is to be said.
    pub findings: Vec<Finding>,
    pub(super) refused: Vec<String>,
}

impl Released {
    /// Writes a line of the ledger for every message that was cleared or refused. Only then may a file leave.
    pub fn record(&self, store: &mut Store) -> Result<(), StoreError> {
        let lines = self.files.iter().map(|file| file.ledger.as_str()).chain(self.refused.iter().map(String::as_str));
        let lines: Vec<_> = lines.collect();
        if lines.is_empty() { Ok(()) } else { store.commit(|tx| tx.add_ledger(lines)).map(drop) }
    }
}

impl<'a> Share<'a> {
    /// Nothing yet. `named` says that one point was asked for by name.
    #[must_use]
    pub fn new(sharing: Sharing<'a>, form: ShareAs, named: bool) -> Share<'a> {
        let (days, left_out) = (BTreeMap::new(), BTreeMap::new());
        Share { sharing, form, named, days, left_out, incomplete: 0, rounded: false }
    }

    /// Takes a baseline, if it is the recipient's to have.
    pub fn add(&mut self, computed: &Computed<'_>) {
        let (mut any, mut whole, mut denied) = (false, true, None);
        for figures in &computed.slots {
            // By day: a customer may change its retailer at midnight.
            if let Err(rule) = self.standing(computed.point, figures.date) {
                denied = Some(rule);
                continue;
            }
            let Some((baseline, exact)) = figures.baseline.and_then(rounded) else {
                whole = false;
                continue;
            };
            any = true;
            self.rounded |= !exact;
            whole &= self.take(computed, figures, baseline);
        }
        if let Some(rule) = denied.or((!any).then_some(&codes::SHARE_NO_BASELINE)) {
            self.leave_out(rule);
        }
        self.incomplete += usize::from(!whole);
    }

    fn leave_out(&mut self, rule: &'static Rule) {
        self.left_out.entry(rule.code).or_insert((rule, 0)).1 += 1;
    }

    /// Whether a point may go to the recipient, as far as that is asked before clearance.
    fn standing(&self, point: SupplyPointId, on: Date) -> Result<(), &'static Rule> {
        let to = self.sharing.recipient;
        match (to.role, to.code) {
            (Role::Retailer, Some(PartyCode::Business(code))) => {
                match self.sharing.retailers.and_then(|register| register.retailer_of(point, on)) {
                    Some(retailer) if retailer == code => Ok(()),
                    Some(_) => Err(&codes::SHARE_OTHERS),
                    None => Err(&codes::SHARE_UNKNOWN),
                }
            }
            (Role::Operator, Some(PartyCode::Area(area))) if area != point.area() => Err(&codes::SHARE_OTHER_AREA),
            _ => Ok(()),
        }
    }

    /// Takes the figures of a slot; whether its reduction is known, too.
    fn take(&mut self, computed: &Computed<'_>, figures: &SlotFigures, baseline: i64) -> bool {
        let digest = ComputationDigest::parse(&computed.digest).ok();
        let (point, slot) = (computed.point, figures.slot);
        let day = self.days.entry((figures.date, computed.event, computed.method.key.clone())).or_default();
        if day.baselines.last().is_none_or(|row| row.point != point) {
            day.baselines.push(BaselinePoint { point, digest, slots: Vec::new() });
        }
        let energy = Energy::from_ten_thousandths;
        if let Some(row) = day.baselines.last_mut() {
            row.slots.push(BaselineSlot { slot, energy: energy(baseline) });
        }
        // From the rounded baseline: what is shared adds up.
        let suppression = figures.actual.and_then(|actual| {
            let actual = actual.ten_thousandths();
            match computed.method.direction {
                Direction::Down => baseline.checked_sub(actual),
                Direction::Up | Direction::Output => actual.checked_sub(baseline),
            }
        });
        let Some(suppression) = suppression else { return false };
        if day.suppressions.last().is_none_or(|row| row.point != point) {
            day.suppressions.push(SuppressionPoint { point, digest, slots: Vec::new() });
        }
        if let Some(row) = day.suppressions.last_mut() {
            row.slots.push(SuppressionSlot { slot, energy: energy(suppression) });
        }
        true
    }

    /// Makes the messages, has each cleared, and writes those that are.
    #[must_use]
    pub fn release(self) -> Released {
        let mut released = Released::default();
        let (sharing, named) = (self.sharing, self.named);
        match &self.form {
            ShareAs::Points => sharing.points(self.days, &mut released),
            ShareAs::ThirdPartyNote(kind) => {
                let make = |month, totals| ThirdPartyNote { month, totals };
                sharing.note((*kind, self.incomplete), self.days, make, &mut released);
            }
            ShareAs::CompensationNote(kind) => {
                let make = |month, totals| CompensationNote { month, totals };
                sharing.note((*kind, self.incomplete), self.days, make, &mut released);
            }
            ShareAs::OpenAdr { event, client, resource } => {
                sharing.reports([event, client], resource.as_deref(), self.days, &mut released);
            }
        }
        let mut findings = Vec::new();
        let elsewhere = [codes::SHARE_OTHERS.code, codes::SHARE_OTHER_AREA.code];
        let (mut others, mut errors) = (0, 0);
        for (rule, count) in self.left_out.into_values() {
            if elsewhere.contains(&rule.code) && !named {
                others += count;
                continue;
            }
            errors += 1;
            let (ja, en) = (rule.ja, rule.en);
            findings.push(rule.finding(format!("{ja}（{count}地点）"), format!("{en} ({count} points)")));
        }
        if others > 0 {
            let ja = format!("提供先に関係のない供給地点{others}件を除きました");
            findings.push(codes::SHARE_LEFT_OUT.finding(ja, format!("{others} points of others were left out")));
        }
        if self.rounded {
            findings.push(codes::SHARE_ROUNDED.plain());
        }
        let nothing = released.files.is_empty() && released.refused.is_empty();
        if nothing && (errors == 0 || !named) {
            findings.push(codes::SHARE_NOTHING.plain());
        }
        released.findings.append(&mut findings);
        released
    }
}

impl Sharing<'_> {
    fn points(&self, days: Days, released: &mut Released) {
        for (number, ((date, _, method), day)) in (1..).zip(days) {
            let Ok(method) = MethodKey::parse(&method) else { continue };
            let Day { baselines, suppressions } = day;
            let (rounding, about) = (RoundingRule::HalfAway, date.to_string());
            let (points, more) = (baselines.len(), suppressions.len());
            let notice =
                BaselineNotice { date, method: method.clone(), rounding, points: baselines, groups: Vec::new() };
            let kind = (number, 'B', BaselineNotice::SPEC.into());
            self.release(kind, notice, (&about, points), own_form, released);
            if more > 0 {
                let notice = SuppressionNotice { date, method, rounding, points: suppressions, groups: Vec::new() };
                let kind = (number, 'S', SuppressionNotice::SPEC.into());
                self.release(kind, notice, (&about, more), own_form, released);
            }
        }
    }
}

/// What was gathered, by day, event and method.
pub(super) type Days = BTreeMap<(Date, Event, String), Day>;

/// The form of our own.
pub(super) fn own_form<M: NegawattItem>(
    reference: &Reference,
    cleared: &Cleared<M>,
) -> Result<Vec<u8>, (String, String)> {
    let mut octets = Vec::new();
    let written = negawatt::write(reference, cleared, &mut octets);
    written.map(|()| octets).map_err(|error| (error.to_string(), error.to_string()))
}

/// To the nearest 0.0001 kWh, a half away from zero; and whether that changed nothing.
fn rounded(exact: Fraction) -> Option<(i64, bool)> {
    let parts = exact.checked_mul(Fraction::whole(PARTS))?;
    let count = i64::try_from(parts.rounded(0)?.numerator()).ok()?;
    Some((count, parts.denominator() == 1))
}
