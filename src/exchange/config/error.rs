//! 接続設定の誤り.

use crate::rules::{Finding, Rule, codes};
use std::fmt;

/// 接続設定の誤り: what is wrong with a configuration or a file it names, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Line from 1, where it is known.
    pub line: Option<u64>,
    /// Column from 1, where it is known.
    pub column: Option<u64>,
    /// The rule, with its code and the way out.
    pub rule: &'static Rule,
    /// What is wrong, in Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
}

impl ConfigError {
    pub(in super::super) fn new(ja: impl Into<String>, en: impl Into<String>) -> ConfigError {
        ConfigError::coded(&codes::CONFIG_VALUE, ja, en)
    }

    pub(crate) fn coded(rule: &'static Rule, ja: impl Into<String>, en: impl Into<String>) -> ConfigError {
        ConfigError { line: None, column: None, rule, ja: ja.into(), en: en.into() }
    }

    /// The error as a finding about a file.
    #[must_use]
    pub fn finding(&self, file: &str) -> Finding {
        let mut finding = self.rule.finding(self.ja.clone(), self.en.clone()).in_file(file);
        finding.place.line = self.line;
        finding
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, way_ja, way_en) = (self.rule.code, self.rule.way_out_ja, self.rule.way_out_en);
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(
                f,
                "接続設定の{line}行目{column}桁目: {code} {}。{way_ja} / exchange configuration, line {line}, column {column}: {}; {way_en}",
                self.ja, self.en
            ),
            _ => write!(f, "接続設定: {code} {}。{way_ja} / exchange configuration: {}; {way_en}", self.ja, self.en),
        }
    }
}

impl std::error::Error for ConfigError {}
