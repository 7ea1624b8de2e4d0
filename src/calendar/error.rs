//! Why a date cannot be counted, and why calendar data cannot be read.

use super::Work;
use crate::items::{Area, Code, Date, Family};
use std::fmt;

/// 日数計算の失敗: why a count has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarError {
    /// The holidays of the date are not known.
    OutsideSpan {
        /// The date.
        date: Date,
        /// The first date that is known.
        first: Date,
        /// The last date that is known.
        last: Date,
    },
    /// No standard processing period is known.
    NoPeriod {
        /// 供給区域
        area: Area,
        /// 供給種別
        family: Family,
        /// The work.
        work: Work,
    },
}

impl CalendarError {
    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        match self {
            CalendarError::OutsideSpan { date, first, last } => {
                format!("{date}は営業日を数えられる期間（{first}〜{last}）の外です")
            }
            CalendarError::NoPeriod { area, family, work } => {
                let (area, family, work) = (area.ja(), family.ja(), work.ja());
                format!("{area}エリアの{family}・{work}の標準処理期間は公表資料で確認できていません")
            }
        }
    }
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalendarError::OutsideSpan { date, first, last } => {
                write!(f, "business days around {date} cannot be counted, holidays are known from {first} to {last}")
            }
            CalendarError::NoPeriod { area, family, work } => {
                let (area, family, work) = (area.en(), family.en(), work.en());
                write!(f, "no standard processing period is known for {area}, {family}, {work}")
            }
        }
    }
}

impl std::error::Error for CalendarError {}

/// 暦データの誤り: why calendar data cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarDataError {
    /// The file, by its name under `schemas/`.
    pub file: &'static str,
    /// The line, counted from 1, if one can be named.
    pub line: Option<usize>,
    /// What is wrong, in Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
}

impl CalendarDataError {
    pub(super) fn new(file: &'static str, line: Option<usize>, ja: impl Into<String>, en: impl Into<String>) -> Self {
        CalendarDataError { file, line, ja: ja.into(), en: en.into() }
    }

    pub(super) fn toml(file: &'static str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.lines().count().max(1));
        CalendarDataError::new(file, line, "TOMLとして読めません", error.message())
    }
}

impl fmt::Display for CalendarDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        write!(f, "{}{line}: {} / {}", self.file, self.ja, self.en)
    }
}

impl std::error::Error for CalendarDataError {}
