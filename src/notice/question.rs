//! What is asked of a notice: who gives what to whom, for what, with which evidence.

use super::{Party, Purpose};
use crate::items::{Area, Code, Date, ItemSet};
use std::fmt;

crate::code_set! {
    /// 供給の種類: what decides who manages the basic information of a customer.
    ///
    /// Source: facts/notices.md, "Items".
    pub enum SupplyKind = "supply-kind" {
        Ordinary = "ordinary", "通常の供給", "ordinary supply";
        IsolatedIsland = "island", "離島供給", "isolated-island supply";
        LastResort = "last-resort", "最終保障供給", "last-resort supply";
    }
}

crate::code_set! {
    /// 根拠資料の種類: what a disclosure outside shared use rests on.
    ///
    /// Source: facts/notices.md, "Keys".
    pub enum EvidenceKind = "evidence" {
        Consent = "consent", "本人の同意", "the customer's consent";
        Order = "order", "法令に基づく命令", "an order under law";
        Contract = "contract", "委託・媒介等の契約", "an outsourcing, broker or contractor agreement";
        VerifiedRequest = "verified-request", "本人確認済みの請求", "the customer's verified request";
    }
}

impl EvidenceKind {
    /// Whether it is given by one customer, for that customer.
    const fn is_personal(self) -> bool {
        matches!(self, EvidenceKind::Consent | EvidenceKind::VerifiedRequest)
    }
}

/// 根拠資料: a record that an exception rests on. Written `consent:REF`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// What kind of record it is.
    pub kind: EvidenceKind,
    /// Where the record is kept: our own reference, never personal data.
    pub reference: &'a str,
}

impl<'a> Evidence<'a> {
    /// Reads `KIND:REF`; both parts are required.
    pub fn parse(text: &'a str) -> Result<Evidence<'a>, EvidenceError> {
        let (kind, reference) = text.split_once(':').ok_or(EvidenceError::Reference)?;
        let kind = EvidenceKind::from_key(kind).ok_or(EvidenceError::Kind)?;
        if reference.trim().is_empty() {
            return Err(EvidenceError::Reference);
        }
        Ok(Evidence { kind, reference })
    }
}

impl fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:…", self.kind.key())
    }
}

/// Why a text is not evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The kind is not one of the keys.
    #[error(
        "根拠資料の種類は consent, order, contract, verified-request のいずれかです / \
         evidence is one of `consent`, `order`, `contract`, `verified-request`"
    )]
    Kind,
    /// There is no reference to a record.
    #[error("根拠資料は「種類:参照番号」で指定してください（例: consent:C-001） / evidence is written `KIND:REF`")]
    Reference,
}

/// 問い: one disclosure put to a notice (facts/notices.md, rule 1).
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// 提供する者
    pub sender: Party,
    /// 提供を受ける者
    pub recipient: Party,
    /// 利用目的
    pub purpose: Purpose,
    /// 情報項目
    pub items: ItemSet,
    /// 供給区域 of the point, where it is known.
    pub area: Option<Area>,
    /// 供給の種類 at the point.
    pub supply: SupplyKind,
    /// 根拠資料
    pub evidence: &'a [Evidence<'a>],
    /// The day the information is of; retention counts from here.
    pub as_of: Option<Date>,
    /// The day of the disclosure.
    pub today: Option<Date>,
    /// The law that a legal hold names, if there is one.
    pub legal_hold: Option<&'a str>,
    /// The purpose under which the information was received from another party, if it was.
    pub source: Option<Purpose>,
}

impl Question<'_> {
    /// A question about an ordinary point of unknown area, without evidence.
    #[must_use]
    pub const fn new(sender: Party, recipient: Party, purpose: Purpose, items: ItemSet) -> Self {
        Question {
            sender,
            recipient,
            purpose,
            items,
            area: None,
            supply: SupplyKind::Ordinary,
            evidence: &[],
            as_of: None,
            today: None,
            legal_hold: None,
            source: None,
        }
    }
}

/// Which kinds of evidence there are, in one byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct EvidenceSet(u8);

impl EvidenceSet {
    /// What the records show for so many points. What a customer gives counts for that customer's point only: it is
    /// evidence for many points where there are as many different records.
    pub(super) fn of(evidence: &[Evidence<'_>], points: usize) -> EvidenceSet {
        // A record that cannot be found again is no evidence.
        let records = || evidence.iter().filter(|one| !one.reference.trim().is_empty());
        let enough = |kind: EvidenceKind| {
            if points <= 1 || !kind.is_personal() {
                return true;
            }
            let of_kind = records().filter(|one| one.kind == kind).map(|one| one.reference.trim());
            of_kind.collect::<std::collections::BTreeSet<_>>().len() >= points
        };
        records().filter(|one| enough(one.kind)).fold(EvidenceSet(0), |set, one| set.with(one.kind))
    }
    pub(super) const fn with(self, kind: EvidenceKind) -> EvidenceSet {
        EvidenceSet(self.0 | 1 << kind as u8)
    }
    pub(super) const fn has(self, kind: EvidenceKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }
}
