//! Why a text is not a value of an item.

use std::fmt;

/// 項目の値として読めない理由: why a text is not a value of an item.
///
/// Its text names positions, lengths and single characters, never the whole value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemError {
    /// The Japanese label of what was read, for example 供給地点特定番号.
    pub what: &'static str,
    /// The English label.
    pub what_en: &'static str,
    /// What is wrong.
    pub kind: ItemErrorKind,
}

/// The kind of wrongness.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemErrorKind {
    /// Nothing was given.
    Empty,
    /// Another number of characters than required; digits where the item is numeric.
    Length {
        /// How many are required.
        expected: usize,
        /// How many were given.
        got: usize,
    },
    /// More than the item may hold.
    TooLong {
        /// The most it may hold, in the unit of the item.
        max: usize,
        /// How much was given.
        got: usize,
    },
    /// Fewer or more digits than the item can have.
    LengthBetween {
        /// The least number of digits.
        min: usize,
        /// The greatest number of digits.
        max: usize,
        /// How many were given.
        got: usize,
    },
    /// A character that cannot stand there.
    Character {
        /// Counted in characters from 1, in the text as given.
        position: usize,
        /// The character.
        found: char,
    },
    /// A spreadsheet turned the digits into a number such as `3.00112E+20`; the digits are lost.
    SpreadsheetNumber,
    /// The first two digits are not a supply area 01–10.
    UnknownArea {
        /// The number they are.
        got: u8,
    },
    /// Digits without separators, where the parts cannot be told apart.
    Undivided {
        /// An example of the right form.
        example: &'static str,
    },
    /// A day that the calendar does not have.
    NoSuchDate,
    /// Outside the permitted range.
    OutOfRange {
        /// The least value, as a person writes it.
        min: &'static str,
        /// The greatest value, as a person writes it.
        max: &'static str,
    },
    /// Not one of the known values.
    Unknown {
        /// The values that are known, as a person writes them.
        known: &'static str,
    },
    /// More decimals than the item holds.
    Decimals {
        /// How many it holds.
        max: usize,
    },
    /// Not written as the item is written.
    Form {
        /// An example of the right form.
        example: &'static str,
    },
}

impl ItemError {
    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        let what = self.what;
        match &self.kind {
            ItemErrorKind::Empty => format!("{what}が空です"),
            ItemErrorKind::Length { expected: 22, got: 20 } => {
                format!("{what}は22桁です（20桁しかありません。末尾2桁の欠落がよくある原因です）")
            }
            ItemErrorKind::Length { expected: 22, got: 21 } => {
                format!("{what}は22桁です（21桁しかありません。先頭の0が落ちていないか確認してください）")
            }
            ItemErrorKind::Length { expected, got } => format!("{what}は{expected}桁です（{got}桁あります）"),
            ItemErrorKind::LengthBetween { min, max, got } => {
                format!("{what}は{min}桁から{max}桁です（{got}桁あります）")
            }
            ItemErrorKind::TooLong { max, got } => format!("{what}は{max}以内です（{got}あります）"),
            ItemErrorKind::Character { position, found } => {
                let hint = match looks_like(*found) {
                    Some(digit) => format!("。数字の{digit}ではありませんか"),
                    None => String::new(),
                };
                // A control character would break the line it is shown in.
                let shown = if found.is_control() { '\u{FFFD}' } else { *found };
                format!("{what}の{position}文字目「{shown}」(U+{:04X})は使えません{hint}", *found as u32)
            }
            ItemErrorKind::SpreadsheetNumber => {
                format!(
                    "{what}が表計算ソフトの数値形式になり、桁が失われています。元の番号を文字列として入力し直してください"
                )
            }
            ItemErrorKind::UnknownArea { got } => {
                format!("{what}の1〜2文字目「{got:02}」は供給区域（01〜10）ではありません")
            }
            ItemErrorKind::Undivided { example } => {
                format!("{what}に区切りがなく、どこで分かれるか決められません（例: {example}）")
            }
            ItemErrorKind::NoSuchDate => format!("{what}が暦にない日です"),
            ItemErrorKind::OutOfRange { min, max } => format!("{what}は{min}から{max}までです"),
            ItemErrorKind::Unknown { known } => format!("{what}の値が不明です（使える値: {known}）"),
            ItemErrorKind::Decimals { max } => format!("{what}の小数は{max}桁までです"),
            ItemErrorKind::Form { example } => format!("{what}の形式が違います（例: {example}）"),
        }
    }

    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let what = self.what_en;
        match &self.kind {
            ItemErrorKind::Empty => format!("{what} is empty"),
            ItemErrorKind::Length { expected: 22, got: 20 } => {
                format!("{what} has 22 digits, got 20: the last two are commonly cut off")
            }
            ItemErrorKind::Length { expected: 22, got: 21 } => {
                format!("{what} has 22 digits, got 21: a leading zero may be lost")
            }
            ItemErrorKind::Length { expected, got } => format!("{what} has {expected} digits, got {got}"),
            ItemErrorKind::LengthBetween { min, max, got } => format!("{what} has {min} to {max} digits, got {got}"),
            ItemErrorKind::TooLong { max, got } => format!("{what} holds at most {max}, got {got}"),
            ItemErrorKind::Character { position, found } => {
                let hint = match looks_like(*found) {
                    Some(digit) => format!(": the digit {digit} is probably meant"),
                    None => String::new(),
                };
                let shown = if found.is_control() { '\u{FFFD}' } else { *found };
                format!("`{shown}` (U+{:04X}) cannot stand at character {position} of {what}{hint}", *found as u32)
            }
            ItemErrorKind::SpreadsheetNumber => {
                format!("a spreadsheet turned {what} into a number and lost digits: enter the original as text")
            }
            ItemErrorKind::UnknownArea { got } => {
                format!("characters 1 and 2 of {what} are `{got:02}`, expected a supply area 01 to 10")
            }
            ItemErrorKind::Undivided { example } => {
                format!("{what} has no separators and its parts cannot be told apart, write it like {example}")
            }
            ItemErrorKind::NoSuchDate => format!("{what} is a day that the calendar does not have"),
            ItemErrorKind::OutOfRange { min, max } => format!("{what} lies between {min} and {max}"),
            ItemErrorKind::Unknown { known } => format!("{what} has an unknown value, expected one of {known}"),
            ItemErrorKind::Decimals { max } => format!("{what} has at most {max} decimals"),
            ItemErrorKind::Form { example } => format!("{what} is written like {example}"),
        }
    }
}

/// The digit that a letter or sign is often typed or scanned for.
const fn looks_like(c: char) -> Option<u8> {
    match c {
        'O' | 'o' | 'Ｏ' | 'ｏ' | '〇' | '○' | '◯' => Some(0),
        'l' | 'I' | 'i' | '|' | 'ｌ' | 'Ｉ' | 'ｉ' | '｜' => Some(1),
        _ => None,
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for ItemError {}
