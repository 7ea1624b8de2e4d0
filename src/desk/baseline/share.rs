//! ベースラインの共有: the baselines of a portfolio as messages to one party, each cleared as a whole.
//!
//! What is none of the recipient's is left out before a message is made, and the clearance desk refuses it once more: it
//! decides by the same register whose customer a point is.

use crate::baseline::{Computed, Direction, Fraction, SlotFigures};
use crate::desk::office::disclosure;
use crate::items::{Code as _, Date, DateTime, Energy, Reference, SupplyPointId};
use crate::messages::negawatt::{
    BaselineNotice, BaselinePoint, BaselineSlot, ComputationDigest, MethodKey, NegawattItem, RoundingRule,
    SuppressionNotice, SuppressionPoint, SuppressionSlot,
};
use crate::notice::{ClearanceDesk, Context, Notice, Party, PartyCode, RetailerRegister, Role, Route};
use crate::rules::{Finding, Rule, codes};
use crate::store::{Store, StoreError, hex};
use crate::wire::negawatt;
use sha2::{Digest as _, Sha256};
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

/// 共有する内容: baselines on their way into messages.
#[derive(Debug)]
pub struct Share<'a> {
    sharing: Sharing<'a>,
    /// Whether one point was asked for by name: then it is an error that it may not go.
    named: bool,
    days: BTreeMap<(Date, String), Day>,
    left_out: BTreeMap<&'static str, (&'static Rule, usize)>,
    rounded: bool,
}

#[derive(Debug, Default)]
struct Day {
    baselines: Vec<BaselinePoint>,
    suppressions: Vec<SuppressionPoint>,
}

/// 提供するファイル: one cleared message in its written form.
#[derive(Debug)]
pub struct SharedFile {
    /// Its name: message, day, recipient and reference; no personal data.
    pub name: String,
    /// What it holds.
    pub octets: Vec<u8>,
    /// How many points.
    pub points: usize,
    ledger: String,
}

/// 共有の結果: what may leave, and what is to be said.
#[derive(Debug, Default)]
pub struct Released {
    /// Every message that was cleared.
    pub files: Vec<SharedFile>,
    /// What is to be said.
    pub findings: Vec<Finding>,
    refused: Vec<String>,
}

impl Released {
    /// Writes a line of the ledger for every message that was cleared or refused. Only then may a file leave.
    pub fn record(&self, store: &mut Store) -> Result<(), StoreError> {
        let lines = self.files.iter().map(|file| file.ledger.as_str()).chain(self.refused.iter().map(String::as_str));
        let lines: Vec<_> = lines.collect();
        if lines.is_empty() { Ok(()) } else { store.commit(|tx| tx.add_ledger(lines)) }
    }
}

impl<'a> Share<'a> {
    /// Nothing yet. `named` says that one point was asked for by name.
    #[must_use]
    pub fn new(sharing: Sharing<'a>, named: bool) -> Share<'a> {
        Share { sharing, named, days: BTreeMap::new(), left_out: BTreeMap::new(), rounded: false }
    }

    /// Takes a baseline, if it is the recipient's to have.
    pub fn add(&mut self, computed: &Computed<'_>) {
        let (mut any, mut denied) = (false, None);
        for figures in &computed.slots {
            let Some((baseline, exact)) = figures.baseline.and_then(rounded) else { continue };
            any = true;
            // By day: a customer may change its retailer at midnight.
            match self.standing(computed.point, figures.date) {
                Err(rule) => denied = Some(rule),
                Ok(()) => {
                    self.rounded |= !exact;
                    self.take(computed, figures, baseline);
                }
            }
        }
        if let Some(rule) = denied.or((!any).then_some(&codes::SHARE_NO_BASELINE)) {
            self.leave_out(rule);
        }
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

    fn take(&mut self, computed: &Computed<'_>, figures: &SlotFigures, baseline: i64) {
        let digest = ComputationDigest::parse(&computed.digest).ok();
        let (point, slot) = (computed.point, figures.slot);
        let day = self.days.entry((figures.date, computed.method.key.clone())).or_default();
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
        if let Some(suppression) = suppression {
            if day.suppressions.last().is_none_or(|row| row.point != point) {
                day.suppressions.push(SuppressionPoint { point, digest, slots: Vec::new() });
            }
            if let Some(row) = day.suppressions.last_mut() {
                row.slots.push(SuppressionSlot { slot, energy: energy(suppression) });
            }
        }
    }

    /// Makes the messages, has each cleared, and writes those that are.
    #[must_use]
    pub fn release(self) -> Released {
        let mut released = Released::default();
        let (sharing, named) = (self.sharing, self.named);
        for (number, ((date, method), day)) in (1..).zip(self.days) {
            let Ok(method) = MethodKey::parse(&method) else { continue };
            let Day { baselines, suppressions } = day;
            let rounding = RoundingRule::HalfAway;
            let (points, more) = (baselines.len(), suppressions.len());
            let notice =
                BaselineNotice { date, method: method.clone(), rounding, points: baselines, groups: Vec::new() };
            sharing.release((number, 'B'), notice, (date, points), &mut released);
            if more > 0 {
                let notice = SuppressionNotice { date, method, rounding, points: suppressions, groups: Vec::new() };
                sharing.release((number, 'S'), notice, (date, more), &mut released);
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
    fn release<M: NegawattItem>(
        &self,
        (number, kind): (usize, char),
        message: M,
        (date, points): (Date, usize),
        released: &mut Released,
    ) {
        let Sharing { notice, retailers, sender, recipient, now } = *self;
        let reference = format!("{}-{kind}{number}", now.strftime("%Y%m%d%H%M%S"));
        let context = Context { retailers, ..Context::new(Route { sender, recipient, via: None }, now) };
        let refused = |ja: String, en: String| codes::SHARE_REFUSED.finding(ja, en);
        let cleared = match ClearanceDesk::new(notice).clear(message, &context) {
            Ok(cleared) => cleared,
            Err(refusal) => {
                let decision = refusal.decision();
                released.findings.push(refused(
                    format!("{}を提供できません（{}）", M::SPEC.ja, decision.reasons_ja()),
                    format!("the {} is refused ({})", M::SPEC.en, decision.reasons_en()),
                ));
                let line = serde_json::json!({
                    "at": now.to_string(), "verdict": "refused", "message": M::SPEC.key, "reference": reference,
                    "sender": sender.to_string(), "recipient": recipient.to_string(),
                    "purpose": M::SPEC.purpose.key(), "notice": notice.key(),
                    "items": decision.to_json().get("items"),
                });
                released.refused.push(line.to_string());
                return;
            }
        };
        let Ok(own) = Reference::parse(&reference) else { return };
        let mut octets = Vec::new();
        if let Err(error) = negawatt::write(&own, &cleared, &mut octets) {
            released.findings.push(refused(error.to_string(), error.to_string()));
            return;
        }
        let ledger = disclosure(&cleared, &reference, &hex(&Sha256::digest(&octets)));
        let to = recipient.to_string().replace(':', "-");
        let name = format!("{}_{date}_{to}_{reference}.json", M::SPEC.key);
        released.files.push(SharedFile { name, octets, points, ledger });
    }
}

/// To the nearest 0.0001 kWh, a half away from zero; and whether that changed nothing.
fn rounded(exact: Fraction) -> Option<(i64, bool)> {
    let parts = exact.checked_mul(Fraction::whole(PARTS))?;
    let count = i64::try_from(parts.rounded(0)?.numerator()).ok()?;
    Some((count, parts.denominator() == 1))
}
