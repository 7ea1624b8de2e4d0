//! 計画の設定: `schemas/planning.toml`.

use crate::items::{Area, BusinessCode, Code as _};
use crate::messages::planning::{PlanCode, PlanKind, PlanName};
use crate::rules::SettingsError;
use jiff::civil::Time;
use serde::Deserialize;

/// 計画の設定: what plans need that no code should fix.
#[derive(Clone, Debug)]
pub struct PlanSettings {
    /// BPID 機関コード
    pub agency: PlanCode<4>,
    /// BPID 版
    pub version: PlanCode<2>,
    /// The receiver of a plan: OCCTO.
    pub receiver: BusinessCode,
    /// 情報区分
    pub messages: Vec<PlanMessage>,
    /// 提出先事業者コード
    pub operators: Vec<PlanOperator>,
    /// 提出期限
    pub deadline: PlanDeadline,
}

/// 情報区分: a message code and the kind of plan it names.
#[derive(Clone, Debug)]
pub struct PlanMessage {
    /// 情報区分コード
    pub code: PlanCode<4>,
    /// The kind.
    pub kind: PlanKind,
    /// 情報区分名称
    pub name: PlanName,
    /// Whether a source shows it.
    pub verified: bool,
}

/// 提出先事業者: an operator's code.
#[derive(Clone, Copy, Debug)]
pub struct PlanOperator {
    /// 供給区域
    pub area: Area,
    /// 事業者コード
    pub code: BusinessCode,
    /// Whether a source shows it.
    pub verified: bool,
}

/// 提出期限: when plans are taken.
#[derive(Clone, Copy, Debug)]
pub struct PlanDeadline {
    /// 翌日計画: before this time of the day before.
    pub day_ahead: Time,
    /// 当日計画: from this time of the day before.
    pub same_day_from: Time,
    /// 当日計画: until so many minutes before the start of a slot.
    pub gate_minutes: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    envelope: Envelope,
    message: Vec<Message>,
    operator: Vec<Operator>,
    deadline: Deadline,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    agency: toml::Spanned<String>,
    version: toml::Spanned<String>,
    receiver: toml::Spanned<String>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    code: toml::Spanned<String>,
    kind: toml::Spanned<String>,
    name: toml::Spanned<String>,
    #[serde(rename = "source")]
    _source: String,
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    area: toml::Spanned<String>,
    code: toml::Spanned<String>,
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Deadline {
    day_ahead: toml::Spanned<String>,
    same_day_from: toml::Spanned<String>,
    gate_minutes: u16,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

impl PlanSettings {
    /// The settings that ship.
    pub fn published() -> Result<PlanSettings, SettingsError> {
        PlanSettings::read(include_str!("../../../schemas/planning.toml"))
    }

    /// Settings in the same form.
    pub fn read(text: &str) -> Result<PlanSettings, SettingsError> {
        const FILE: &str = "planning.toml";
        let file: File = toml::from_str(text).map_err(|error| SettingsError::toml(FILE, text, &error))?;
        let wrong = |at: std::ops::Range<usize>, en: String| {
            let line = text.get(..at.start).map(|before| before.matches('\n').count() + 1);
            SettingsError { file: FILE, line, en }
        };
        let time = |value: &toml::Spanned<String>| {
            let read = value.get_ref().parse::<Time>();
            read.map_err(|_| wrong(value.span(), "a time of the day is written like `12:00`".to_owned()))
        };
        let item = |value: &toml::Spanned<String>, error: crate::items::ItemError| wrong(value.span(), error.en());
        let Envelope { agency, version, receiver, .. } = &file.envelope;
        let messages = file.message.iter().map(|message| {
            let kind = PlanKind::from_key(message.kind.get_ref());
            Ok(PlanMessage {
                code: PlanCode::parse(message.code.get_ref()).map_err(|error| item(&message.code, error))?,
                kind: kind.ok_or_else(|| wrong(message.kind.span(), "not a kind of plan".to_owned()))?,
                name: PlanName::parse(message.name.get_ref()).map_err(|error| item(&message.name, error))?,
                verified: message.verified,
            })
        });
        let operators = file.operator.iter().map(|operator| {
            let area = Area::from_key(operator.area.get_ref());
            Ok(PlanOperator {
                area: area.ok_or_else(|| wrong(operator.area.span(), "an area is 01 to 10".to_owned()))?,
                code: BusinessCode::parse(operator.code.get_ref()).map_err(|error| item(&operator.code, error))?,
                verified: operator.verified,
            })
        });
        Ok(PlanSettings {
            agency: PlanCode::parse(agency.get_ref()).map_err(|error| item(agency, error))?,
            version: PlanCode::parse(version.get_ref()).map_err(|error| item(version, error))?,
            receiver: BusinessCode::parse(receiver.get_ref()).map_err(|error| item(receiver, error))?,
            messages: messages.collect::<Result<_, SettingsError>>()?,
            operators: operators.collect::<Result<_, SettingsError>>()?,
            deadline: PlanDeadline {
                day_ahead: time(&file.deadline.day_ahead)?,
                same_day_from: time(&file.deadline.same_day_from)?,
                gate_minutes: file.deadline.gate_minutes,
            },
        })
    }

    /// The message of a code.
    #[must_use]
    pub fn message(&self, code: &str) -> Option<&PlanMessage> {
        self.messages.iter().find(|message| message.code.as_str() == code)
    }
    /// The first message of a kind.
    #[must_use]
    pub fn message_of(&self, kind: PlanKind) -> Option<&PlanMessage> {
        self.messages.iter().find(|message| message.kind == kind)
    }
    /// The operator of a code.
    #[must_use]
    pub fn operator(&self, code: BusinessCode) -> Option<&PlanOperator> {
        self.operators.iter().find(|operator| operator.code == code)
    }
    /// The operator of an area.
    #[must_use]
    pub fn operator_of(&self, area: Area) -> Option<&PlanOperator> {
        self.operators.iter().find(|operator| operator.area == area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_settings_are_read() {
        let settings = PlanSettings::published().unwrap();
        assert_eq!(settings.message("0250").unwrap().kind, PlanKind::DemandProcurement);
        assert_eq!(settings.operator_of(Area::Kansai).unwrap().code.to_string(), "10066");
        assert!(settings.operators.iter().all(|operator| operator.code.area() == operator.area));
        assert_eq!(settings.operators.len(), Area::ALL.len());
        assert_eq!(settings.deadline.gate_minutes, 60);
    }

    #[test]
    fn a_mistake_names_its_line() {
        let text = include_str!("../../../schemas/planning.toml").replace("\"0152\"", "\"01520\"");
        let error = PlanSettings::read(&text).unwrap_err();
        assert!(error.line.is_some() && error.en.contains('4'), "{error}");
        assert!(PlanSettings::read("").is_err());
    }
}
