//! 託送供給契約の情報: amount, deciding method, supply method, service menu, power factor, limit, status.

use super::{Code, ItemError, ItemErrorKind};
use std::fmt;

crate::code_set! {
    /// 契約容量単位: the unit of a contract amount.
    pub enum AmountUnit = "amount-unit" {
        Ampere = "A", "A", "ampere";
        KiloVoltAmpere = "kVA", "kVA", "kilovolt-ampere";
        KiloWatt = "kW", "kW", "kilowatt";
    }
}

crate::code_set! {
    /// 託送契約決定方法: how the consignment contract amount is decided.
    ///
    /// Source: facts/switching.md §3, §3.1 (D).
    pub enum DecisionMethod = "decision-method" {
        ActualDemand = "actual-demand", "実量契約", "actual demand";
        AmpereBreaker = "ampere-breaker", "アンペアブレーカー契約", "ampere breaker";
        MainSwitch = "main-switch", "主開閉器契約", "main switch";
        ConnectedLoad = "connected-load", "負荷設備契約", "connected load";
        Negotiated = "negotiated", "協議契約", "negotiated";
        OutsideSystem = "outside-system", "システム管理対象外", "outside the system";
    }
}

crate::code_set! {
    /// 契約状態: the state of the consignment contract. The values are inferred (facts/switching.md §3).
    pub enum ContractStatus = "contract-status" {
        Supplied = "supplied", "供給中", "supplied";
        Stopped = "stopped", "停止中", "stopped";
        NotContracted = "not-contracted", "未契約", "not contracted";
    }
}

crate::code_set! {
    /// 廃止措置方法: what is done on site at termination. The values are general knowledge (facts/switching.md §3).
    pub enum DecommissioningMethod = "decommissioning-method" {
        RemoteShutOff = "remote-shut-off", "遠隔遮断", "remote shut-off";
        BreakerOff = "breaker-off", "ブレーカー開放", "breaker off";
        MeterRemoval = "meter-removal", "計器撤去", "meter removal";
        LeadInRemoval = "lead-in-removal", "引込線撤去", "lead-in removal";
        None = "none", "措置なし", "none";
    }
}

/// 託送契約高情報: the contract amount. Unit: by [`AmountUnit`], three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractAmount {
    milli: u32,
    unit: AmountUnit,
}

impl ContractAmount {
    /// Reads a decimal number of the given unit.
    pub fn parse(number: &str, unit: AmountUnit) -> Result<ContractAmount, ItemError> {
        let fail = |kind| ItemError { what: "契約容量", what_en: "contract amount", kind };
        if number.is_empty() {
            return Err(fail(ItemErrorKind::Empty));
        }
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        if decimals.len() > 3 {
            return Err(fail(ItemErrorKind::Decimals { max: 3 }));
        }
        let form = || fail(ItemErrorKind::Form { example: "40" });
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 6 || !digits(whole) || !digits(decimals) {
            return Err(form());
        }
        let milli: u32 = format!("{whole}{decimals:0<3}").parse().map_err(|_| form())?;
        Ok(ContractAmount { milli, unit })
    }
    /// The amount in thousandths of the unit.
    #[must_use]
    pub const fn milli(self) -> u32 {
        self.milli
    }
    /// The unit.
    #[must_use]
    pub const fn unit(self) -> AmountUnit {
        self.unit
    }
    /// The number without the unit, without needless decimals.
    #[must_use]
    pub fn number(self) -> String {
        let (whole, rest) = (self.milli / 1000, self.milli % 1000);
        if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}").trim_end_matches('0').to_owned() }
    }
}

impl fmt::Display for ContractAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.unit.ja())
    }
}

/// 力率. Unit: percent, 0–100; outside 85–100 is a warning of the rules, not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PowerFactor(pub(super) u8);

impl PowerFactor {
    /// Reads whole percent.
    pub fn parse(text: &str) -> Result<PowerFactor, ItemError> {
        let fail = |kind| ItemError { what: "力率", what_en: "power factor", kind };
        let value: u8 = text.parse().map_err(|_| fail(ItemErrorKind::Form { example: "85" }))?;
        if value > 100 {
            return Err(fail(ItemErrorKind::OutOfRange { min: "0", max: "100" }));
        }
        Ok(PowerFactor(value))
    }
    /// The percentage.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// 電流上限値. Unit: ampere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CurrentLimit(pub(super) u16);

impl CurrentLimit {
    /// Reads whole ampere.
    pub fn parse(text: &str) -> Result<CurrentLimit, ItemError> {
        let fail = |kind| ItemError { what: "電流上限値", what_en: "current limit", kind };
        text.parse().map(CurrentLimit).map_err(|_| fail(ItemErrorKind::Form { example: "40" }))
    }
    /// The limit in ampere.
    #[must_use]
    pub const fn ampere(self) -> u16 {
        self.0
    }
}

macro_rules! open_set {
    ($($(#[$doc:meta])* $name:ident, $ja:literal, $en:literal, [$($known:literal),*];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(std::borrow::Cow<'static, str>);

        impl $name {
            /// The names known from published sources.
            pub const KNOWN: &'static [&'static str] = &[$($known),*];

            /// Reads a known name, or keeps another text as it is.
            pub fn parse(text: &str) -> Result<Self, ItemError> {
                if text.is_empty() {
                    return Err(ItemError { what: $ja, what_en: $en, kind: ItemErrorKind::Empty });
                }
                Ok(match Self::KNOWN.iter().find(|known| **known == text) {
                    Some(known) => Self((*known).into()),
                    None => Self(text.to_owned().into()),
                })
            }
            /// Whether the text is one of the known names.
            #[must_use]
            pub fn is_known(&self) -> bool { matches!(self.0, std::borrow::Cow::Borrowed(_)) }
            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
    )*};
}

open_set! {
    /// 接続送電サービスメニュー: an open set; known names plus other text.
    ///
    /// Source: facts/switching.md §3 (three names D, the set K).
    ServiceMenu, "接続送電サービスメニュー", "connection transmission service menu",
        ["電灯標準接続送電サービス", "電灯時間帯別接続送電サービス", "電灯従量接続送電サービス",
         "動力標準接続送電サービス", "動力時間帯別接続送電サービス", "動力従量接続送電サービス",
         "高圧標準接続送電サービス", "高圧時間帯別接続送電サービス", "高圧従量接続送電サービス",
         "特別高圧標準接続送電サービス", "特別高圧時間帯別接続送電サービス", "特別高圧従量接続送電サービス",
         "電灯定額接続送電サービス", "電灯臨時定額接続送電サービス", "動力臨時接続送電サービス",
         "予備送電サービスA", "予備送電サービスB"];
    /// 供給方式: an open set.
    ///
    /// Source: facts/switching.md §3 (D, 6 kV K).
    SupplyMethod, "供給方式", "supply method",
        ["交流単相2線式100V", "交流単相2線式200V", "交流単相3線式100V及び200V", "交流3相3線式200V", "交流3相3線式6kV"];
}
