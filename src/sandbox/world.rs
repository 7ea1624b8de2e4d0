//! 世界ファイル: the supply points, retailers and events of a sandbox, as a TOML file or made by number.

use super::meter::FileFault;
use super::read::{code, codes, item, optional_code, optional_item};
use crate::items::{
    Address, AmountNumber, AmountUnit, Building, BusinessCode, CustomerKana, CustomerName, Date, DecisionMethod,
    Family, PostalCode, Reference, RetailContractNumber, ServiceMenu, SupplyPointId, Telephone,
};
use crate::items::{Area, ContractStatus};
use crate::messages::switching::{NgReasonCode, WithdrawalReason};
use crate::notice::SupplyKind;
use serde::Deserialize;

/// 世界: everything the counterparties of a sandbox know at its start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct World {
    /// The date on which the virtual clock starts.
    #[serde(deserialize_with = "item")]
    pub date: Date,
    /// Our own business code.
    #[serde(deserialize_with = "item")]
    pub retailer: BusinessCode,
    /// Days without a judgement after which a cancellation agency expires.
    #[serde(default = "default_expiry")]
    pub expires_after: u16,
    /// The other retailers.
    #[serde(default, rename = "retailers")]
    pub retailers: Vec<Retailer>,
    /// Operators that differ from the default.
    #[serde(default, rename = "operator")]
    pub operators: Vec<Operator>,
    /// The supply points.
    #[serde(default, rename = "point")]
    pub points: Vec<Point>,
    /// What customers will wish for.
    #[serde(default, rename = "wish")]
    pub wishes: Vec<Wish>,
    /// Faults that strike at random, by the seed.
    #[serde(default, rename = "random")]
    pub random: Vec<RandomFault>,
    /// What goes wrong when meter data is fetched.
    #[serde(default, rename = "file-fault")]
    pub file_faults: Vec<FileFault>,
}

const fn default_expiry() -> u16 {
    10
}

/// 他の小売電気事業者: how it behaves towards cancellation agencies.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Retailer {
    /// Its business code.
    #[serde(deserialize_with = "item")]
    pub code: BusinessCode,
    /// Its name.
    pub name: String,
    /// How it behaves.
    #[serde(default)]
    pub behaviour: Behaviour,
    /// Calendar days from a cancellation agency to its judgement; a closed day moves to the next business day.
    #[serde(default = "one")]
    pub judges_after: u16,
    /// Calendar days from an OK to its switch stop; a closed day moves to the next business day.
    #[serde(default = "one")]
    pub stops_after: u16,
}

const fn one() -> u16 {
    1
}

/// 振る舞い of a retailer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behaviour {
    /// Judges by strict equality and files the switch stop.
    #[default]
    Judges,
    /// Never answers.
    Silent,
    /// Somebody else speaks for it, through messages.
    External,
}

/// 標準処理期間: business days, then calendar days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Period {
    /// 営業日
    pub business: u16,
    /// 暦日, counted after the business days.
    #[serde(default)]
    pub calendar: u16,
}

/// 一般送配電事業者: how the operator of an area works, as far as it differs from the published periods.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Operator {
    /// Its area.
    #[serde(deserialize_with = "code")]
    pub area: Area,
    /// Low voltage without meter work.
    #[serde(default)]
    pub low: Option<Period>,
    /// Low voltage with meter work.
    #[serde(default)]
    pub low_work: Option<Period>,
    /// High voltage without meter work.
    #[serde(default)]
    pub high: Option<Period>,
    /// High voltage with meter work.
    #[serde(default)]
    pub high_work: Option<Period>,
    /// Calendar days from the switch to 処理完了, then to a business day; without it, a number that differs by area.
    #[serde(default)]
    pub completes_after: Option<u16>,
}

impl Operator {
    /// The operator of an area as it is unless the world says otherwise.
    #[must_use]
    pub const fn usual(area: Area) -> Operator {
        Operator { area, low: None, low_work: None, high: None, high_work: None, completes_after: None }
    }

    /// 標準処理期間 of a family, with or without meter work, where it is not the published one.
    #[must_use]
    pub const fn period(&self, family: Family, work: bool) -> Option<Period> {
        match (family, work) {
            (Family::Low | Family::Fit, false) => self.low,
            (Family::Low | Family::Fit, true) => self.low_work,
            (Family::High, false) => self.high,
            (Family::High, true) => self.high_work,
        }
    }
}

/// 供給地点: one supply point, its contract and what goes wrong with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Point {
    /// 供給地点特定番号
    #[serde(deserialize_with = "item")]
    pub id: SupplyPointId,
    /// 契約名義 as the current retailer holds it.
    #[serde(deserialize_with = "item")]
    pub name: CustomerName,
    /// 契約名義カナ
    #[serde(default, deserialize_with = "optional_item")]
    pub kana: Option<CustomerKana>,
    /// 郵便番号
    #[serde(default, deserialize_with = "optional_item")]
    pub postal_code: Option<PostalCode>,
    /// 住所 as the current retailer holds it.
    #[serde(deserialize_with = "item")]
    pub address: Address,
    /// 建物名
    #[serde(default, deserialize_with = "optional_item")]
    pub building: Option<Building>,
    /// 電話番号
    #[serde(default, deserialize_with = "optional_item")]
    pub telephone: Option<Telephone>,
    /// 契約番号 at the current retailer.
    #[serde(deserialize_with = "item")]
    pub contract_number: RetailContractNumber,
    /// 現小売事業者
    #[serde(deserialize_with = "item")]
    pub retailer: BusinessCode,
    /// 供給種別
    #[serde(default = "low_voltage", deserialize_with = "code")]
    pub family: Family,
    /// 契約決定方法
    #[serde(deserialize_with = "code")]
    pub decision_method: DecisionMethod,
    /// 契約容量
    #[serde(default, deserialize_with = "optional_item")]
    pub amount: Option<AmountNumber>,
    /// 契約容量単位
    #[serde(default, deserialize_with = "optional_code")]
    pub unit: Option<AmountUnit>,
    /// 接続送電サービスメニュー
    #[serde(deserialize_with = "item")]
    pub menu: ServiceMenu,
    /// 30分値収集可否
    #[serde(default = "yes")]
    pub half_hourly: bool,
    /// 自動検針可否
    #[serde(default = "yes")]
    pub automatic_reading: bool,
    /// 次回検針日
    #[serde(default, deserialize_with = "optional_item")]
    pub next_reading: Option<Date>,
    /// 契約状態
    #[serde(default = "supplied", deserialize_with = "code")]
    pub status: ContractStatus,
    /// 供給の種類
    #[serde(default = "ordinary", deserialize_with = "code")]
    pub supply: SupplyKind,
    /// 名義変更日
    #[serde(default, deserialize_with = "optional_item")]
    pub holder_since: Option<Date>,
    /// What goes wrong here.
    #[serde(default)]
    pub faults: Vec<Fault>,
}

const fn low_voltage() -> Family {
    Family::Low
}
const fn yes() -> bool {
    true
}
const fn supplied() -> ContractStatus {
    ContractStatus::Supplied
}
const fn ordinary() -> SupplyKind {
    SupplyKind::Ordinary
}

impl Point {
    /// Whether a switch needs meter work: both flags are needed to rule it out.
    ///
    /// Source: facts/switching.md §2.2 (D).
    #[must_use]
    pub const fn needs_work(&self) -> bool {
        !(self.half_hourly && self.automatic_reading)
    }
    /// The first fault of a kind.
    #[must_use]
    pub fn fault(&self, kind: FaultKind) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.kind == kind)
    }
}

/// 障害・例外: something that goes wrong at a point.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fault {
    /// What goes wrong.
    #[serde(deserialize_with = "code")]
    pub kind: FaultKind,
    /// For a fault of the line and `reject`: the key of the message it strikes; `switch-start` if absent.
    #[serde(default)]
    pub on: Option<String>,
    /// For a fault of the line: how often it strikes, once if absent.
    #[serde(default)]
    pub times: Option<u32>,
    /// For `ng`: the reasons.
    #[serde(default, deserialize_with = "codes")]
    pub reasons: Vec<NgReasonCode>,
    /// For `reject`: the error code; for `unknown-status`: what stands on the wire.
    #[serde(default)]
    pub code: Option<String>,
    /// For `reject`: the text of the error.
    #[serde(default)]
    pub text: Option<String>,
    /// For `late-completion`: so many days later.
    #[serde(default)]
    pub days: Option<u16>,
}

crate::code_set! {
    /// 障害の種類.
    pub enum FaultKind = "fault" {
        LoseAnswer = "lose-answer", "処理後に応答が届かない", "done, but the answer is lost";
        NoAnswer = "no-answer", "要求が届かない", "the request is lost";
        GarbledAnswer = "garbled-answer", "応答が壊れる", "the answer is garbled";
        Html = "html", "応答がHTML画面になる", "the answer is an HTML page";
        Ng = "ng", "廃止取次がNGになる", "the cancellation agency is judged NG";
        Silent = "silent", "判断されない", "nobody judges";
        NoStop = "no-stop", "スイッチング廃止が申し込まれない", "the switch stop is never filed";
        Reject = "reject", "入力エラーで却下される", "rejected by the input check";
        MeterExchange = "meter-exchange", "計器取替が残る", "completed with the meter exchange outstanding";
        LateCompletion = "late-completion", "処理完了が遅れる", "completed late";
        UnknownStatus = "unknown-status", "未知の状態が返る", "a state that nobody knows";
        DuplicateNotice = "duplicate-notice", "通知が重複する", "notices come twice";
        NotFound = "not-found", "地点が見つからない", "the point is not found";
    }
}

impl FaultKind {
    /// Whether the line fails, not the counterparty.
    #[must_use]
    pub const fn is_of_the_line(self) -> bool {
        matches!(self, FaultKind::LoseAnswer | FaultKind::NoAnswer | FaultKind::GarbledAnswer | FaultKind::Html)
    }
}

/// 確率的な障害: a fault of the line that strikes any message at random.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RandomFault {
    /// What goes wrong: a fault of the line.
    #[serde(deserialize_with = "code")]
    pub kind: FaultKind,
    /// The key of the message it strikes; any if absent.
    #[serde(default)]
    pub on: Option<String>,
    /// How often, in a thousand messages.
    pub per_mille: u16,
}

/// 需要者の申出: a customer changes their mind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wish {
    /// When.
    #[serde(deserialize_with = "item")]
    pub date: Date,
    /// Why.
    #[serde(deserialize_with = "code")]
    pub kind: WithdrawalReason,
    /// 受付番号 of the application, if it is named by that.
    #[serde(default, deserialize_with = "optional_item")]
    pub receipt: Option<Reference>,
    /// The point, if it is named by that.
    #[serde(default, deserialize_with = "optional_item")]
    pub point: Option<SupplyPointId>,
}
