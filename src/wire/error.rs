//! Why a message is not written.

use super::Unmappable;
use crate::items::Family;
use crate::messages::Field;
use crate::notice::Role;
use crate::rules::{Finding, Place, Rule, codes};
use std::fmt;

/// 書出しの誤り: why a message cannot be written. Nothing of it was written; its texts hold no value of the message.
#[derive(Clone, Copy, Debug)]
pub struct EncodeError {
    /// The field, where one is at fault.
    pub field: Option<&'static Field>,
    /// The row of a bulk form, from 1.
    pub row: Option<usize>,
    /// What is wrong.
    pub kind: EncodeErrorKind,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeErrorKind {
    /// The binding has no form for this message, or not for this family.
    NoForm {
        /// The key of the message.
        message: &'static str,
        /// The family.
        family: Family,
    },
    /// The binding has no CSV form for this message.
    NoCsvForm {
        /// The key of the message.
        message: &'static str,
    },
    /// Header and clearance name different parties: what was cleared for one is not written to another.
    Route,
    /// The binding does not say how a party of this role is written, or the party is not named.
    Party(Role),
    /// A field that the binding requires is absent.
    Missing,
    /// More octets than the binding allows.
    TooLong {
        /// The most octets.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// A character that the charset cannot hold.
    Charset(Unmappable),
    /// A character that XML cannot hold.
    NotXml {
        /// The character.
        character: char,
        /// Its position, counted in characters from 1.
        position: usize,
    },
    /// A value of a set that the binding does not know.
    Code,
}

impl EncodeError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.rule().code
    }

    const fn rule(&self) -> &'static Rule {
        match self.kind {
            EncodeErrorKind::Charset(_) => &codes::WIRE_UNMAPPABLE,
            EncodeErrorKind::NotXml { .. } => &codes::WIRE_CHARACTER,
            EncodeErrorKind::Code => &codes::WIRE_CODE,
            EncodeErrorKind::Missing => &codes::WIRE_MISSING,
            EncodeErrorKind::TooLong { .. } => &codes::WIRE_TOO_LONG,
            EncodeErrorKind::NoForm { .. } | EncodeErrorKind::NoCsvForm { .. } => &codes::WIRE_NO_FORM,
            EncodeErrorKind::Route => &codes::WIRE_ROUTE,
            EncodeErrorKind::Party(_) => &codes::WIRE_NO_PARTY_FORM,
        }
    }

    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        use crate::items::Code as _;
        let field = self.field.map_or_else(String::new, |field| format!("「{}」", field.ja));
        match self.kind {
            EncodeErrorKind::NoForm { message, family } => {
                format!("接続定義に{}の電文 `{message}` がありません", family.ja())
            }
            EncodeErrorKind::NoCsvForm { message } => format!("接続定義に電文 `{message}` のCSV形式がありません"),
            EncodeErrorKind::Route => "ヘッダの送信者・受信者が審査済みの経路と一致しません".to_owned(),
            EncodeErrorKind::Party(role) => {
                format!("接続定義では{}（{}）を表せません", self.field.map_or("当事者", |field| field.ja), role.ja())
            }
            EncodeErrorKind::Missing => format!("必須項目{field}がありません"),
            EncodeErrorKind::TooLong { max, got } => format!("{field}は{max}バイト以内です（{got}バイトあります）"),
            EncodeErrorKind::Charset(error) => format!("{field}の{}", error.ja()),
            EncodeErrorKind::NotXml { character, position } => {
                format!("{field}の{position}文字目の制御文字 (U+{:04X}) はXMLで表せません", character as u32)
            }
            EncodeErrorKind::Code => format!("{field}の値が接続定義のコード表にありません"),
        }
    }

    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        use crate::items::Code as _;
        let field = self.field.map_or("message", |field| field.en);
        match self.kind {
            EncodeErrorKind::NoForm { message, family } => {
                format!("the binding has no message `{message}` for {}", family.en())
            }
            EncodeErrorKind::NoCsvForm { message } => format!("the binding has no CSV form of message `{message}`"),
            EncodeErrorKind::Route => "the parties of the header are not those of the clearance".to_owned(),
            EncodeErrorKind::Party(role) => format!("the binding cannot write the {field} ({})", role.en()),
            EncodeErrorKind::Missing => format!("required field `{field}` is absent"),
            EncodeErrorKind::TooLong { max, got } => format!("`{field}` holds at most {max} bytes, got {got}"),
            EncodeErrorKind::Charset(error) => format!("`{field}`: {}", error.en()),
            EncodeErrorKind::NotXml { character, position } => {
                format!("`{field}`: the control character U+{:04X} at {position} cannot stand in XML", character as u32)
            }
            EncodeErrorKind::Code => format!("the value of `{field}` is not in the code table of the binding"),
        }
    }

    /// The error as a finding about the message.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let line = self.row.map(|row| row as u64 + 1);
        let place = Place { line, column: self.field.map(|field| field.ja.into()), ..Place::default() };
        Finding { place, item: self.field.and_then(|field| field.item), ..self.rule().finding(self.ja(), self.en()) }
    }
}

impl PartialEq for EncodeError {
    fn eq(&self, other: &EncodeError) -> bool {
        self.kind == other.kind
            && self.row == other.row
            && self.field.map(|field| field.key) == other.field.map(|field| field.key)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} / {}", self.code(), self.ja(), self.en())
    }
}

impl std::error::Error for EncodeError {}
