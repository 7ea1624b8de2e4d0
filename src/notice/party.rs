//! Who takes part and for what: roles, parties, purposes.

use crate::items::{Area, BusinessCode, Code};
use std::fmt;

crate::code_set! {
    /// 役割: the role of a party in a disclosure.
    ///
    /// Source: facts/notices.md, "Keys".
    pub enum Role = "role" {
        Retailer = "retailer", "小売電気事業者", "electricity retailer";
        Operator = "operator", "一般送配電事業者", "transmission operator";
        Occto = "occto", "電力広域的運営推進機関", "OCCTO";
        SuppressionContractor = "suppression-contractor", "需要抑制契約者", "suppression contractor";
        Broker = "broker", "媒介業者", "broker";
        Partner = "partner", "通知に名前のある共同利用者", "named partner";
        Consignee = "consignee", "委託先", "consignee";
        Contractor = "contractor", "請負業者", "contractor";
        Authority = "authority", "官公署", "authority";
        Customer = "customer", "本人", "customer";
        ThirdParty = "third-party", "第三者", "third party";
    }
}

crate::code_set! {
    /// 利用目的: what a disclosure is for.
    ///
    /// Source: facts/notices.md, "Purposes" and "Keys".
    pub enum Purpose = "purpose" {
        ConsignmentContract = "consignment-contract", "託送供給契約等の締結・変更・解約", "conclude, change or terminate a consignment contract";
        CancellationAgency = "cancellation-agency", "小売供給等契約の廃止取次", "agency for terminating the retail contract";
        PointConfirmation = "point-confirmation", "供給(受電)地点に関する情報の確認", "confirm information on the supply point";
        GridOperation = "grid-operation", "検針・設備の保守点検・災害時調査等", "meter reading, maintenance and other grid operation";
        NegawattTrading = "negawatt-trading", "ネガワット取引", "negawatt trading";
        LegalOrder = "legal-order", "法令・命令への対応", "comply with law, regulation or court order";
        ProvideService = "provide-service", "サービスの提供", "provide service";
        CollectBills = "collect-bills", "未払料金の回収", "collect unpaid bills";
        CreditReport = "credit-report", "信用情報の報告", "credit reports";
        ResolveDispute = "resolve-dispute", "紛争・照会の解決", "resolve disputes or inquiries";
        ProgrammeCommunication = "programme-communication", "需要応答・省エネ等の案内", "demand response, efficiency and conservation communications";
        ImminentDanger = "imminent-danger", "生命・財産への差し迫った危険", "imminent danger to life or property";
        Telemarketing = "telemarketing", "第三者による電話・電子メール・郵便の販売", "third-party telephone, e-mail or postal sales";
        AggregateRelease = "aggregate-release", "個人を特定できない集計値の公表", "release of aggregates";
        OwnUse = "own-use", "自社の利用目的", "own use";
        WinBackSales = "win-back-sales", "取戻し営業", "win-back sales";
        Advertising = "advertising", "属性に応じた広告", "advertising";
    }
}

impl Purpose {
    /// 取戻し営業・第三者の販売: what nobody may do with a customer's data, whatever a notice, a contract or a consent says.
    #[must_use]
    pub const fn is_never(self) -> bool {
        matches!(self, Purpose::WinBackSales | Purpose::Telemarketing)
    }
}

/// A short name a notice gives a participant, for example `loop`: lower-case ASCII, at most 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyName([u8; 16]);

impl PartyName {
    /// Reads a name of 1 to 16 lower-case ASCII letters, digits and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<PartyName> {
        let fits = (1..=16).contains(&text.len());
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits || !plain {
            return None;
        }
        let mut name = [0; 16];
        name.iter_mut().zip(text.bytes()).for_each(|(slot, byte)| *slot = byte);
        Some(PartyName(name))
    }
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default().trim_end_matches('\0')
    }
}

impl fmt::Debug for PartyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What tells parties of one role apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartyCode {
    /// A business code, `retailer:40113`.
    Business(BusinessCode),
    /// A supply area, `operator:03`.
    Area(Area),
    /// A name in the notice, `partner:loop`.
    Name(PartyName),
}

/// 当事者: a role and, where it is known, which one. Written `retailer:40113`, `operator:03`, `partner:loop`, `occto`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party {
    /// The role.
    pub role: Role,
    /// Which party of the role.
    pub code: Option<PartyCode>,
}

impl Party {
    /// OCCTO.
    pub const OCCTO: Party = Party { role: Role::Occto, code: None };

    /// A party of which only the role is known.
    #[must_use]
    pub const fn of(role: Role) -> Party {
        Party { role, code: None }
    }
    /// A retailer.
    #[must_use]
    pub const fn retailer(code: BusinessCode) -> Party {
        Party { role: Role::Retailer, code: Some(PartyCode::Business(code)) }
    }
    /// The operator of an area.
    #[must_use]
    pub const fn operator(area: Area) -> Party {
        Party { role: Role::Operator, code: Some(PartyCode::Area(area)) }
    }
    /// A partner named in a notice.
    #[must_use]
    pub const fn partner(name: PartyName) -> Party {
        Party { role: Role::Partner, code: Some(PartyCode::Name(name)) }
    }
    /// The name, if the code is one.
    #[must_use]
    pub const fn name(self) -> Option<PartyName> {
        match self.code {
            Some(PartyCode::Name(name)) => Some(name),
            _ => None,
        }
    }
    /// 当事者の表示: the role in Japanese, with the operator's name or the code where known.
    #[must_use]
    pub fn ja(self) -> String {
        match self.code {
            None => self.role.ja().to_owned(),
            Some(PartyCode::Area(area)) => area.operator().to_owned(),
            Some(PartyCode::Business(code)) => format!("{} {code}", self.role.ja()),
            Some(PartyCode::Name(name)) => format!("{} {}", self.role.ja(), name.as_str()),
        }
    }
    /// The area, if the code names one.
    #[must_use]
    pub const fn area(self) -> Option<Area> {
        match self.code {
            Some(PartyCode::Area(area)) => Some(area),
            _ => None,
        }
    }
    /// The business code, if there is one.
    #[must_use]
    pub const fn business_code(self) -> Option<BusinessCode> {
        match self.code {
            Some(PartyCode::Business(code)) => Some(code),
            _ => None,
        }
    }

    /// Reads `role` or `role:code`.
    pub fn parse(text: &str) -> Result<Party, PartyError> {
        let (role, code) = text.split_once(':').map_or((text, None), |(role, code)| (role, Some(code)));
        let role = Role::from_key(role).ok_or(PartyError::Role)?;
        let code = match (role, code) {
            (_, None) => None,
            (Role::Operator, Some(code)) => Some(PartyCode::Area(Area::from_key(code).ok_or(PartyError::Area)?)),
            (Role::Retailer | Role::SuppressionContractor, Some(code)) => {
                Some(PartyCode::Business(BusinessCode::parse(code).map_err(|_| PartyError::Business)?))
            }
            (_, Some(code)) => Some(PartyCode::Name(PartyName::parse(code).ok_or(PartyError::Name)?)),
        };
        Ok(Party { role, code })
    }
}

/// Why a text is not a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartyError {
    /// The role is not one of the keys.
    #[error(
        "役割が不明です（例: retailer:40113, operator:03, occto） / unknown role, expected for example `retailer:40113`"
    )]
    Role,
    /// An operator's code is an area 01–10.
    #[error("一般送配電事業者の番号は供給区域01〜10です / an operator's code is an area, 01 to 10")]
    Area,
    /// A retailer's code has five digits.
    #[error("事業者コードは数字5桁です / a business code has five digits")]
    Business,
    /// A name is lower-case ASCII, at most 16 characters.
    #[error("名前は英小文字・数字・ハイフンの16文字までです / a name has at most 16 lower-case ASCII characters")]
    Name,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.role.key())?;
        match &self.code {
            None => Ok(()),
            Some(PartyCode::Business(code)) => write!(f, ":{code}"),
            Some(PartyCode::Area(area)) => write!(f, ":{}", area.key()),
            Some(PartyCode::Name(name)) => write!(f, ":{}", name.as_str()),
        }
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
