//! What rules count with: the day, the calendar and the settings.

use super::Patterns;
use crate::calendar::Calendar;
use crate::items::Date;
use serde::Deserialize;
use std::fmt;

/// 規則の前提: the day and the data a rule counts with. Rules never read the clock.
#[derive(Clone, Copy, Debug)]
pub struct RuleContext<'a> {
    /// 今日, JST.
    pub today: Date,
    /// Business days and processing periods.
    pub calendar: &'a Calendar,
    /// Numbers no source gives.
    pub settings: &'a Settings,
}

/// 規則の設定: numbers no public source gives, and the patterns of contract numbers.
#[derive(Clone, Debug)]
pub struct Settings {
    consent_days: u16,
    answer_days: u16,
    patterns: Patterns,
}

/// 設定の誤り: why settings cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The file, by its name under `schemas/`.
    pub file: &'static str,
    /// The line, counted from 1, if one can be named.
    pub line: Option<usize>,
    /// What is wrong, in English.
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consent: Consent,
    requests: Requests,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requests {
    answer_days: u16,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    validity_days: u16,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

impl Settings {
    /// The settings that ship: `schemas/rules.toml` and `schemas/retailer-patterns.toml`.
    pub fn published() -> Result<Settings, SettingsError> {
        Settings::read(include_str!("../../schemas/rules.toml"), include_str!("../../schemas/retailer-patterns.toml"))
    }

    /// Settings in the same two forms.
    pub fn read(rules: &str, patterns: &str) -> Result<Settings, SettingsError> {
        let file: File = toml::from_str(rules).map_err(|error| SettingsError::toml("rules.toml", rules, &error))?;
        Ok(Settings {
            consent_days: file.consent.validity_days,
            answer_days: file.requests.answer_days,
            patterns: Patterns::read(patterns)?,
        })
    }

    /// How many days a consent is good for; our setting, not a published period.
    #[must_use]
    pub const fn consent_days(&self) -> u16 {
        self.consent_days
    }
    /// Within how many days a customer's request is answered; our setting, not a published period.
    #[must_use]
    pub const fn answer_days(&self) -> u16 {
        self.answer_days
    }
    /// What contract numbers look like, per retailer.
    #[must_use]
    pub const fn patterns(&self) -> &Patterns {
        &self.patterns
    }
}

impl SettingsError {
    pub(super) fn toml(file: &'static str, text: &str, error: &toml::de::Error) -> SettingsError {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.lines().count().max(1));
        SettingsError { file, line, en: error.message().to_owned() }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        write!(f, "{}{line}: 設定を読み込めません / {}", self.file, self.en)
    }
}

impl std::error::Error for SettingsError {}
