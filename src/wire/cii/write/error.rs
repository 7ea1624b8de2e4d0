//! Why a message of meter data is not written.

use super::super::layout::Part;
use crate::rules::{Finding, Place, Rule, codes};
use std::fmt;

/// 書出しの誤り: why a message of meter data cannot be written. Nothing of it was; its texts hold no value of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteError {
    /// The row or bill, counted from 0.
    pub row: Option<usize>,
    /// The element at fault.
    pub part: Option<Part>,
    /// What is wrong.
    pub kind: WriteErrorKind,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteErrorKind {
    /// Head and clearance name different parties: what was cleared for one is not written to another.
    Route,
    /// A quantity is negative.
    Negative,
    /// A value is given by its flag and is not there.
    NoValue,
    /// More characters than the element holds.
    TooLong {
        /// The most characters.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// A character that XML cannot hold.
    NotXml {
        /// The character.
        character: char,
        /// Its position, counted in characters from 1.
        position: usize,
    },
    /// A value that does not fit its element.
    Form,
}

impl WriteError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.rule().code
    }

    const fn rule(&self) -> &'static Rule {
        match self.kind {
            WriteErrorKind::Route => &codes::METER_ROUTE,
            _ => &codes::METER_UNWRITABLE,
        }
    }

    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        let part = self.part.map_or_else(String::new, |part| format!("「{}」", part.ja()));
        let row = self.row.map_or_else(String::new, |row| format!("（明細{}件目）", row + 1));
        match self.kind {
            WriteErrorKind::Route => "共通部の送信者・受信者が審査済みの経路と一致しません".to_owned(),
            WriteErrorKind::Negative => format!("{part}が負の値です{row}"),
            WriteErrorKind::NoValue => format!("{part}の値がありません{row}"),
            WriteErrorKind::TooLong { max, got } => format!("{part}は{max}文字までです（{got}文字あります）{row}"),
            WriteErrorKind::NotXml { character, position } => {
                format!("{part}の{position}文字目の制御文字 (U+{:04X}) はXMLで表せません{row}", character as u32)
            }
            WriteErrorKind::Form => format!("{part}の形が要素に合いません{row}"),
        }
    }

    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let part = self.part.map_or("message", Part::en);
        let row = self.row.map_or_else(String::new, |row| format!(" in row {}", row + 1));
        match self.kind {
            WriteErrorKind::Route => "the parties of the head are not those of the clearance".to_owned(),
            WriteErrorKind::Negative => format!("the {part}{row} is negative"),
            WriteErrorKind::NoValue => format!("the {part}{row} is said to be given and is not"),
            WriteErrorKind::TooLong { max, got } => {
                format!("the {part}{row} holds at most {max} characters, got {got}")
            }
            WriteErrorKind::NotXml { character, position } => format!(
                "the control character U+{:04X} at {position} of the {part}{row} cannot stand in XML",
                character as u32
            ),
            WriteErrorKind::Form => format!("the {part}{row} does not fit its element"),
        }
    }

    /// The error as a finding about the message.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let place = Place { column: self.part.map(|part| part.ja().into()), ..Place::default() };
        Finding { place, ..self.rule().finding(self.ja(), self.en()) }
    }
}

impl From<WriteErrorKind> for WriteError {
    fn from(kind: WriteErrorKind) -> WriteError {
        WriteError { row: None, part: None, kind }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} / {}", self.code(), self.ja(), self.en())
    }
}

impl std::error::Error for WriteError {}
