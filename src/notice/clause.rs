//! Why an item may not go, and what would let it go.

use super::{EvidenceKind, Party, PartyName, Purpose};
use crate::items::{Area, Code};
use std::fmt;

/// 拒否の条項: the clause that refuses an item. `Display` writes its stable key, for example `rule-3-area`.
///
/// Source: facts/notices.md, rules 1–10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Clause {
    /// The notice prohibits the purpose (rules 6 and 9).
    Prohibition(Purpose),
    /// The retention limit is past (rule 10).
    Retention,
    /// A limit on the item or the purpose (rule 8).
    ItemLimit,
    /// The point lies outside the operator's area (rule 3).
    Area,
    /// A party is not a participant of the notice (rule 2).
    Participant,
    /// The partner that the notice names is not named (rule 2).
    PartnerName,
    /// The notice does not list the purpose for these parties (rule 2).
    Purpose,
    /// The notice does not list the item (rule 2).
    Item,
    /// The necessity table does not allow the item (rule 2, footnote ※1).
    Necessity,
    /// No contract was shown (rule 5).
    ContractMissing,
    /// No order was shown (rule 5).
    OrderMissing,
    /// No verified request of the customer was shown (rule 5).
    VerifiedRequestMissing,
    /// No consent was shown (rule 5).
    ConsentMissing,
    /// The consent is no longer valid.
    ConsentExpired,
    /// The consent is for another point.
    ConsentOtherPoint,
    /// 目的外: outside the purpose.
    OutsidePurpose,
    /// A point is the customer of another retailer.
    OtherRetailersCustomer,
    /// It is not known whose customer a point is, or which retailer the party is.
    RetailerUnknown,
    /// An aggregate of too few customers.
    AggregateTooFew,
    /// One customer has too large a share of an aggregate.
    AggregateDominated,
    /// A withheld part could be computed from an aggregate and others.
    AggregateDerivable,
    /// An aggregate and one released before differ by too few customers.
    AggregateDifference,
    /// An aggregate overlaps with one released before, and too few customers are in one of them alone.
    AggregateOverlap,
    /// What was released before is not known any more, so that nothing can be held against it.
    AggregateRecordLost,
}

impl Clause {
    /// The reason in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Clause::Prohibition(Purpose::Telemarketing) => {
                "第三者の電話・電子メール・郵便による販売のための提供は禁止されています"
            }
            Clause::Prohibition(Purpose::WinBackSales) => "取戻し営業のための利用は禁止されています",
            Clause::Prohibition(Purpose::Advertising) => "第三者の商業上の利益のための提供は禁止されています",
            Clause::Prohibition(_) => "この目的は通知で禁止されています",
            Clause::Retention => "保存期間を過ぎた情報は提供できません",
            Clause::ItemLimit => "この目的では、この項目を提供できません",
            Clause::Area => "供給地点が一般送配電事業者の供給区域の外にあります",
            Clause::Participant => "当事者が通知の共同利用者の範囲に含まれていません",
            Clause::PartnerName => "通知に名前のある共同利用者を特定してください",
            Clause::Purpose => "この目的は、この当事者の間の利用目的として通知に記載されていません",
            Clause::Item => "この項目は通知の情報項目に含まれていません",
            Clause::Necessity => "この目的でこの相手に必要な項目ではありません（※1）",
            Clause::ContractMissing => "委託・媒介等の契約が示されていません",
            Clause::OrderMissing => "法令に基づく命令が示されていません",
            Clause::VerifiedRequestMissing => "本人確認済みの請求が示されていません",
            Clause::ConsentMissing => "本人の同意が必要です",
            Clause::ConsentExpired => "本人の同意の有効期限が切れています",
            Clause::ConsentOtherPoint => "本人の同意は別の供給地点に対するものです",
            Clause::OutsidePurpose => "目的外の利用です",
            Clause::OtherRetailersCustomer => "ほかの小売電気事業者の需要家の供給地点が含まれています",
            Clause::RetailerUnknown => "どの小売電気事業者の需要家か確認できない供給地点が含まれています",
            Clause::AggregateTooFew => "集計値の需要家の数が規則の最少件数に足りません",
            Clause::AggregateDominated => "集計値に占める一需要家の割合が規則の最大割合を超えています",
            Clause::AggregateDerivable => "公表すると、公表しない集計値をほかの値から計算できます",
            Clause::AggregateDifference => "公表済みの集計値との差から、少数の需要家の値を計算できます",
            Clause::AggregateOverlap => {
                "公表済みの集計値と重なり、一方だけに含まれる需要家が規則の最少件数に足りません"
            }
            Clause::AggregateRecordLost => {
                "公表済みの集計値の記録が失われたか書き換えられているため、差から分かる値を確かめられません"
            }
        }
    }

    /// The reason in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Clause::Prohibition(Purpose::Telemarketing) => {
                "disclosure for third-party telephone, e-mail or postal sales is prohibited"
            }
            Clause::Prohibition(Purpose::WinBackSales) => "use for win-back sales is prohibited",
            Clause::Prohibition(Purpose::Advertising) => {
                "provision for third parties' commercial benefit is prohibited"
            }
            Clause::Prohibition(_) => "the notice prohibits this purpose",
            Clause::Retention => "the retention limit is past",
            Clause::ItemLimit => "the item may not go for this purpose",
            Clause::Area => "the point lies outside the operator's supply area",
            Clause::Participant => "a party is not a participant of the notice",
            Clause::PartnerName => "the partner that the notice names must be named",
            Clause::Purpose => "the notice does not list this purpose between these parties",
            Clause::Item => "the notice does not list the item",
            Clause::Necessity => "the item is not needed for this purpose by this recipient",
            Clause::ContractMissing => "no outsourcing, broker or contractor agreement was shown",
            Clause::OrderMissing => "no order under law was shown",
            Clause::VerifiedRequestMissing => "no verified request of the customer was shown",
            Clause::ConsentMissing => "the customer's consent is needed",
            Clause::ConsentExpired => "the customer's consent is no longer valid",
            Clause::ConsentOtherPoint => "the customer's consent is for another supply point",
            Clause::OutsidePurpose => "the use is outside the purpose",
            Clause::OtherRetailersCustomer => "a point is the customer of another retailer",
            Clause::RetailerUnknown => "it is not known whose customer a point is",
            Clause::AggregateTooFew => "the aggregate has fewer customers than the rule asks for",
            Clause::AggregateDominated => "one customer has a larger share of the aggregate than the rule allows",
            Clause::AggregateDerivable => "with it, an aggregate that is withheld could be computed from the others",
            Clause::AggregateDifference => {
                "its difference from an aggregate released before is that of too few customers"
            }
            Clause::AggregateOverlap => {
                "it overlaps with an aggregate released before, and too few customers are in one of them alone"
            }
            Clause::AggregateRecordLost => {
                "the record of an aggregate released before is lost or changed, so nothing can be held against it"
            }
        }
    }
}

impl Clause {
    /// The evidence whose absence the clause states.
    pub(super) const fn missing_evidence(self) -> Option<EvidenceKind> {
        match self {
            Clause::ContractMissing => Some(EvidenceKind::Contract),
            Clause::OrderMissing => Some(EvidenceKind::Order),
            Clause::VerifiedRequestMissing => Some(EvidenceKind::VerifiedRequest),
            Clause::ConsentMissing => Some(EvidenceKind::Consent),
            _ => None,
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Clause::Prohibition(purpose) => return write!(f, "prohibition:{}", purpose.key()),
            Clause::Retention => "rule-10-retention",
            Clause::ItemLimit => "rule-8-limit",
            Clause::Area => "rule-3-area",
            Clause::Participant => "participant",
            Clause::PartnerName => "partner-name",
            Clause::Purpose => "purpose",
            Clause::Item => "item",
            Clause::Necessity => "necessity",
            Clause::ContractMissing => "contract-missing",
            Clause::OrderMissing => "order-missing",
            Clause::VerifiedRequestMissing => "verified-request-missing",
            Clause::ConsentMissing => "consent-missing",
            Clause::ConsentExpired => "consent-expired",
            Clause::ConsentOtherPoint => "consent-other-point",
            Clause::OutsidePurpose => "outside-purpose",
            Clause::OtherRetailersCustomer => "other-retailers-customer",
            Clause::RetailerUnknown => "retailer-unknown",
            Clause::AggregateTooFew => "aggregate-too-few",
            Clause::AggregateDominated => "aggregate-dominated",
            Clause::AggregateDerivable => "aggregate-derivable",
            Clause::AggregateDifference => "aggregate-difference",
            Clause::AggregateOverlap => "aggregate-overlap",
            Clause::AggregateRecordLost => "aggregate-record-lost",
        })
    }
}

/// 最小の変更: the smallest change with which a refused item would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Send it from the operator of the point's area.
    SenderOperator(Area),
    /// Send it to the operator of the point's area.
    RecipientOperator(Area),
    /// Name the sending partner.
    SenderPartner(PartyName),
    /// Name the receiving partner.
    RecipientPartner(PartyName),
    /// Show a record of this kind.
    AddEvidence(EvidenceKind),
    /// Another purpose, if that is what the information is really for.
    OtherPurpose(Purpose),
    /// Divide the message by supply area: each part goes, or is refused, by itself.
    DivideByArea,
    /// Divide the message by retailer: each gets its own customers' points.
    DivideByRetailer,
    /// Enter the point with its retailer in the register of contracts.
    RegisterRetailer,
    /// Leave the item out.
    LeaveOut,
}

impl Change {
    /// The stable key of the kind of change.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Change::SenderOperator(_) | Change::SenderPartner(_) => "sender",
            Change::RecipientOperator(_) | Change::RecipientPartner(_) => "recipient",
            Change::AddEvidence(_) => "add-evidence",
            Change::OtherPurpose(_) => "purpose",
            Change::DivideByArea => "divide-by-area",
            Change::DivideByRetailer => "divide-by-retailer",
            Change::RegisterRetailer => "register-retailer",
            Change::LeaveOut => "leave-out",
        }
    }

    /// What stands in place of what was asked: a party, a kind of evidence or a purpose, by its key.
    #[must_use]
    pub fn value(self) -> Option<String> {
        match self {
            Change::SenderOperator(area) | Change::RecipientOperator(area) => Some(Party::operator(area).to_string()),
            Change::SenderPartner(name) | Change::RecipientPartner(name) => Some(Party::partner(name).to_string()),
            Change::AddEvidence(kind) => Some(kind.key().to_owned()),
            Change::OtherPurpose(purpose) => Some(purpose.key().to_owned()),
            Change::DivideByArea | Change::DivideByRetailer | Change::RegisterRetailer | Change::LeaveOut => None,
        }
    }

    /// What to do, in Japanese.
    #[must_use]
    pub fn ja(self) -> String {
        match self {
            Change::SenderOperator(area) => format!("提供元を供給区域の{}にしてください", area.operator()),
            Change::RecipientOperator(area) => format!("提供先を供給区域の{}にしてください", area.operator()),
            Change::SenderPartner(name) => format!("提供元を {} と指定してください", Party::partner(name)),
            Change::RecipientPartner(name) => format!("提供先を {} と指定してください", Party::partner(name)),
            Change::AddEvidence(kind) => format!("{}を得て、その記録を示してください", kind.ja()),
            Change::OtherPurpose(purpose) => {
                format!("実際の利用目的が「{}」である場合に限り、その目的で提供できます", purpose.ja())
            }
            Change::DivideByArea => "供給区域ごとに分けてください".to_owned(),
            Change::DivideByRetailer => {
                "小売電気事業者ごとに分け、それぞれの需要家の供給地点だけを提供してください".to_owned()
            }
            Change::RegisterRetailer => {
                "契約一覧に供給地点と小売電気事業者コードを登録し、提供先を事業者コードで指定してください".to_owned()
            }
            Change::LeaveOut => "この項目を除いてください".to_owned(),
        }
    }

    /// What to do, in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Change::SenderOperator(area) => format!("send it from the operator of area {}", area.key()),
            Change::RecipientOperator(area) => format!("send it to the operator of area {}", area.key()),
            Change::SenderPartner(name) => format!("name the sender `{}`", Party::partner(name)),
            Change::RecipientPartner(name) => format!("name the recipient `{}`", Party::partner(name)),
            Change::AddEvidence(kind) => format!("obtain and show {}", kind.en()),
            Change::OtherPurpose(purpose) => {
                format!("it may go for the purpose `{}`, only if that is what it is really for", purpose.key())
            }
            Change::DivideByArea => "divide it by supply area".to_owned(),
            Change::DivideByRetailer => "divide it by retailer: to each its own customers' points".to_owned(),
            Change::RegisterRetailer => {
                "enter the point with its retailer in the list of contracts, and name the retailer by its code"
                    .to_owned()
            }
            Change::LeaveOut => "leave the item out".to_owned(),
        }
    }

    pub(super) fn to_json(self) -> serde_json::Value {
        serde_json::json!({ "kind": self.key(), "value": self.value(), "ja": self.ja(), "en": self.en() })
    }
}
