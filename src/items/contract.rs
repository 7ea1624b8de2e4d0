//! 託送供給契約の情報: deciding method, supply method, service menu, power factor, limit, status.

use super::digits::whole;
use super::{Area, ItemError, ItemErrorKind};

crate::code_set! {
    /// 契約種別: the form of a consignment contract, as far as the deciding method depends on it.
    ///
    /// Source: facts/switching.md §3.1 (D).
    pub enum ContractForm = "contract-form" {
        Fixed = "fixed", "定額", "fixed";
        Lighting = "lighting", "電灯", "lighting";
        Power = "power", "動力", "power";
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

impl DecisionMethod {
    /// The methods that may be chosen at a switch start or reconnection after this one, for a contract of a year or
    /// more; `None` where the source has no row.
    ///
    /// One-way rule: actual demand never goes back to another method (inferred).
    /// Source: facts/switching.md §3.1 (D for Kyushu, April 2020, under 50 kVA); national validity is inferred, see
    /// [`DecisionMethod::transitions_verified`].
    #[must_use]
    pub const fn permitted_next(self, form: ContractForm) -> Option<&'static [DecisionMethod]> {
        use DecisionMethod::{ActualDemand, AmpereBreaker, ConnectedLoad, MainSwitch, OutsideSystem};
        match (form, self) {
            (_, OutsideSystem) => Some(&[ActualDemand]),
            (ContractForm::Fixed, ConnectedLoad) => Some(&[ConnectedLoad]),
            (ContractForm::Lighting | ContractForm::Power, ConnectedLoad | ActualDemand) => Some(&[ActualDemand]),
            (ContractForm::Lighting | ContractForm::Power, MainSwitch) => Some(&[MainSwitch, ActualDemand]),
            (ContractForm::Lighting, AmpereBreaker) => Some(&[AmpereBreaker, ActualDemand]),
            _ => None,
        }
    }

    /// Whether the source of [`DecisionMethod::permitted_next`] speaks of this area.
    #[must_use]
    pub const fn transitions_verified(area: Area) -> bool {
        matches!(area, Area::Kyushu)
    }
}

/// 力率. Unit: percent, 0–100; outside 85–100 is a warning of the rules, not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PowerFactor(pub(super) u8);

impl PowerFactor {
    /// Reads whole percent, half or full width.
    pub fn parse(text: &str) -> Result<PowerFactor, ItemError> {
        let fail = |kind| ItemError { what: "力率", what_en: "power factor", kind };
        match u8::try_from(whole(text, 3, "85").map_err(fail)?) {
            Ok(value @ 0..=100) => Ok(PowerFactor(value)),
            _ => Err(fail(ItemErrorKind::OutOfRange { min: "0", max: "100" })),
        }
    }
    /// Whether the percentage is one of 85–100. Not confirmed as a limit (facts/switching.md §3, I/K): at most a warning.
    #[must_use]
    pub const fn is_usual(self) -> bool {
        self.0 >= 85
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
    /// Reads whole ampere, at most four digits, half or full width.
    pub fn parse(text: &str) -> Result<CurrentLimit, ItemError> {
        let fail = |kind| ItemError { what: "電流上限値", what_en: "current limit", kind };
        let ampere = whole(text, 4, "40").map_err(fail)?;
        u16::try_from(ampere).map(CurrentLimit).map_err(|_| fail(ItemErrorKind::Form { example: "40" }))
    }
    /// Whether limiters of this size are known: 5, 10, 15, 20, 30, 40, 50, 60 A.
    ///
    /// Source: facts/switching.md §2.9, §3 (D for Kyushu; not every area has every size).
    #[must_use]
    pub const fn is_known_size(self) -> bool {
        matches!(self.0, 5 | 10 | 15 | 20 | 30 | 40 | 50 | 60)
    }
    /// The limit in ampere.
    #[must_use]
    pub const fn ampere(self) -> u16 {
        self.0
    }
}

crate::code_set! {
    /// 系統連系設備有無: whether equipment connected to the grid is present.
    ///
    /// Source: facts/switching.md §3 (wording D from a high-voltage form, inferred for switching).
    pub enum GridInterconnection = "grid-interconnection" {
        Present = "present", "あり", "present";
        Absent = "absent", "なし", "absent";
    }
}

crate::code_set! {
    /// 離島供給約款対象: whether the isolated-island terms apply. The values are inferred (facts/switching.md §3).
    pub enum IsolatedIslandTerms = "isolated-island-terms" {
        Apply = "apply", "対象", "apply";
        DoNotApply = "do-not-apply", "対象外", "do not apply";
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

impl ServiceMenu {
    /// The form of contract that the name of the menu begins with; `None` for high voltage and other texts.
    #[must_use]
    pub fn form(&self) -> Option<ContractForm> {
        let name = self.as_str();
        let begins = |start: &str| name.starts_with(start);
        if begins("電灯定額") || begins("電灯臨時定額") {
            Some(ContractForm::Fixed)
        } else if begins("電灯") {
            Some(ContractForm::Lighting)
        } else if begins("動力") {
            Some(ContractForm::Power)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Code;

    #[test]
    fn the_table_of_permitted_transitions() {
        let rows = [
            ("定額", "負荷設備契約", "負荷設備契約"),
            ("電灯", "負荷設備契約", "実量契約"),
            ("電灯", "主開閉器契約", "主開閉器契約, 実量契約"),
            ("電灯", "アンペアブレーカー契約", "アンペアブレーカー契約, 実量契約"),
            ("電灯", "実量契約", "実量契約"),
            ("動力", "負荷設備契約", "実量契約"),
            ("動力", "主開閉器契約", "主開閉器契約, 実量契約"),
            ("動力", "実量契約", "実量契約"),
            ("定額", "システム管理対象外", "実量契約"),
            ("電灯", "システム管理対象外", "実量契約"),
            ("動力", "システム管理対象外", "実量契約"),
        ];
        for form in ContractForm::ALL {
            for previous in DecisionMethod::ALL {
                let row = rows.iter().find(|(f, p, _)| (*f, *p) == (form.ja(), previous.ja()));
                let found = previous.permitted_next(*form);
                let found = found.map(|methods| methods.iter().map(|m| m.ja()).collect::<Vec<_>>().join(", "));
                assert_eq!(found.as_deref(), row.map(|(_, _, next)| *next), "{form:?} {previous:?}");
            }
        }
        assert!(DecisionMethod::transitions_verified(Area::Kyushu));
        assert!(!DecisionMethod::transitions_verified(Area::Tokyo));
    }

    #[test]
    fn a_power_factor_is_a_percentage() {
        assert_eq!(PowerFactor::parse("９０").unwrap().percent(), 90);
        assert!(PowerFactor::parse("0").is_ok_and(|p| !p.is_usual()));
        assert!(PowerFactor::parse("84").is_ok_and(|p| !p.is_usual()));
        assert!(PowerFactor::parse("85").is_ok_and(PowerFactor::is_usual));
        for text in ["101", "256", "999"] {
            let range = ItemErrorKind::OutOfRange { min: "0", max: "100" };
            assert_eq!(PowerFactor::parse(text).unwrap_err().kind, range, "{text}");
        }
        for text in ["+85", "85%", "-1", "", "1000", "8 5"] {
            assert!(PowerFactor::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_current_limit_knows_the_usual_sizes() {
        let known: Vec<u16> = (0..=100)
            .filter_map(|a: u16| CurrentLimit::parse(&a.to_string()).ok())
            .filter(|limit| limit.is_known_size())
            .map(CurrentLimit::ampere)
            .collect();
        assert_eq!(known, [5, 10, 15, 20, 30, 40, 50, 60]);
        assert!(CurrentLimit::parse("40A").is_err());
    }

    #[test]
    fn a_menu_names_its_form_and_keeps_other_text() {
        let form = |text| ServiceMenu::parse(text).unwrap().form();
        assert_eq!(form("電灯標準接続送電サービス"), Some(ContractForm::Lighting));
        assert_eq!(form("電灯定額接続送電サービス"), Some(ContractForm::Fixed));
        assert_eq!(form("電灯臨時定額接続送電サービス"), Some(ContractForm::Fixed));
        assert_eq!(form("動力従量接続送電サービス"), Some(ContractForm::Power));
        assert_eq!(form("高圧標準接続送電サービス"), None);
        let other = ServiceMenu::parse("新しいサービス").unwrap();
        assert!(!other.is_known() && other.as_str() == "新しいサービス" && other.form().is_none());
        assert!(ServiceMenu::parse("").is_err());
    }
}
