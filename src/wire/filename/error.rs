//! Why a text is not a file name of the standard.

use crate::rules::{Finding, codes};
use std::fmt;

/// ファイル名の誤り: what is wrong with a file name, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNameError {
    /// Where, counted in characters from 1.
    pub position: usize,
    /// What is wrong.
    pub kind: FileNameErrorKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileNameErrorKind {
    /// It does not begin with `W4`, `W5` or `W6`.
    Prefix,
    /// The message code is one that this crate does not read: 計器交換 (13xx), 14xx.
    OtherMessage {
        /// The code.
        code: String,
    },
    /// The message code is not known, or does not go with W4 or W5.
    UnknownMessage {
        /// The code.
        code: String,
    },
    /// A day that the calendar does not have.
    NoSuchDate,
    /// The time is not the start of a slot.
    NoSlotTime,
    /// A daily message has a time other than 0000.
    TimeOfDay,
    /// A character that cannot stand there.
    Character {
        /// The character.
        found: char,
    },
    /// The name ends too early.
    TooShort,
    /// Something stands behind the end of the name.
    TooLong,
    /// The extension is neither zip nor xml.
    Extension,
}

impl FileNameErrorKind {
    /// What a message code is that is not one of the six.
    pub(super) fn message(code: &str) -> FileNameErrorKind {
        let code = code.to_owned();
        // facts/wire.md §2.0 (C).
        match code.as_str() {
            "1310" | "1320" | "1410" | "1420" => FileNameErrorKind::OtherMessage { code },
            _ => FileNameErrorKind::UnknownMessage { code },
        }
    }
}

impl FileNameError {
    /// At an offset in octets; everything before it is ASCII.
    pub(super) const fn at(offset: usize, kind: FileNameErrorKind) -> FileNameError {
        FileNameError { position: offset + 1, kind }
    }

    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        let what = match &self.kind {
            FileNameErrorKind::Prefix => "W4・W5・W6で始まっていません".to_owned(),
            FileNameErrorKind::OtherMessage { code } => format!("情報区分コード{code}には対応していません"),
            FileNameErrorKind::UnknownMessage { code } => format!("情報区分コード{code}が不明です"),
            FileNameErrorKind::NoSuchDate => "暦にない日です".to_owned(),
            FileNameErrorKind::NoSlotTime => "時刻がコマの開始（毎時00分・30分）ではありません".to_owned(),
            FileNameErrorKind::TimeOfDay => "日毎のファイルの時刻は0000です".to_owned(),
            FileNameErrorKind::Character { found } => {
                format!("「{}」(U+{:04X})は使えません", shown(*found), *found as u32)
            }
            FileNameErrorKind::TooShort => "ファイル名が短すぎます".to_owned(),
            FileNameErrorKind::TooLong => "ファイル名が長すぎます".to_owned(),
            FileNameErrorKind::Extension => "拡張子が .zip でも .xml でもありません".to_owned(),
        };
        format!("ファイル名の{}文字目: {what}", self.position)
    }

    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let what = match &self.kind {
            FileNameErrorKind::Prefix => "it does not begin with W4, W5 or W6".to_owned(),
            FileNameErrorKind::OtherMessage { code } => format!("messages of code `{code}` are not read"),
            FileNameErrorKind::UnknownMessage { code } => format!("the message code `{code}` is not known"),
            FileNameErrorKind::NoSuchDate => "the calendar does not have this day".to_owned(),
            FileNameErrorKind::NoSlotTime => "no slot starts at this time".to_owned(),
            FileNameErrorKind::TimeOfDay => "the time of a daily file is 0000".to_owned(),
            FileNameErrorKind::Character { found } => {
                format!("`{}` (U+{:04X}) cannot stand there", shown(*found), *found as u32)
            }
            FileNameErrorKind::TooShort => "the name ends too early".to_owned(),
            FileNameErrorKind::TooLong => "the name is too long".to_owned(),
            FileNameErrorKind::Extension => "the extension is neither zip nor xml".to_owned(),
        };
        format!("character {} of the file name: {what}", self.position)
    }

    /// The error as a finding about the file.
    #[must_use]
    pub fn finding(&self) -> Finding {
        codes::FILE_NAME.finding(self.ja(), self.en())
    }
}

/// A control character would break the line it is shown in.
fn shown(found: char) -> char {
    if found.is_control() { '\u{FFFD}' } else { found }
}

impl fmt::Display for FileNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.ja(), self.en())
    }
}

impl std::error::Error for FileNameError {}
