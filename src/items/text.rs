//! 基本情報: names, addresses, telephone numbers and contract numbers, kept exactly as given.
//!
//! No type here has a `Display`, and `Debug` shows only a length: a value leaves by `as_str` and nowhere else.

use super::{ItemError, ItemErrorKind};
use std::fmt;

macro_rules! private_text {
    ($($(#[$doc:meta])* $name:ident, $ja:literal, $en:literal, $max:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The most the item holds, in bytes of CP932 (length is ours: the field lengths are not public).
            pub const MAX_BYTES: usize = $max;

            /// Keeps the text exactly as given; refuses an empty, over-long or control-character text.
            pub fn parse(text: &str) -> Result<Self, ItemError> {
                check(text, Self::MAX_BYTES).map_err(|kind| ItemError { what: $ja, what_en: $en, kind })?;
                Ok(Self(text.into()))
            }
            /// The text as given.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(…{})"), self.0.chars().count())
            }
        }
    )*};
}

/// The length of a text in CP932: one byte for ASCII and half-width kana, two for every other character.
#[must_use]
pub fn cp932_len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(cp932_width).sum() }
}

const fn cp932_width(c: char) -> usize {
    if c.is_ascii() || matches!(c, '｡'..='ﾟ') { 1 } else { 2 }
}

fn check(text: &str, max: usize) -> Result<(), ItemErrorKind> {
    if text.is_empty() {
        return Err(ItemErrorKind::Empty);
    }
    let mut got = 0;
    for (index, found) in text.chars().enumerate() {
        if found.is_control() {
            return Err(ItemErrorKind::Character { position: index + 1, found });
        }
        got += cp932_width(found);
    }
    if got > max { Err(ItemErrorKind::TooLong { max, got }) } else { Ok(()) }
}

private_text! {
    /// 契約名義: the name of the contract holder.
    CustomerName, "契約名義", "contract holder's name", 80;
    /// 契約名義カナ: the name in kana.
    CustomerKana, "契約名義カナ", "contract holder's name in kana", 80;
    /// 住所: the address of the place of demand, without the building.
    Address, "住所", "address", 140;
    /// 建物名: building and room.
    Building, "建物名", "building", 80;
    /// 小売供給等契約の契約番号: the contract number at the current retailer.
    RetailContractNumber, "契約番号", "retail contract number", 30;
    /// 引込柱番号: opaque text of the operator.
    LeadInPole, "引込柱番号", "lead-in pole number", 40;
    /// 計器番号: the number on the meter.
    MeterNumber, "計器番号", "meter number", 20;
    /// 使用量照会パスワード: the password for a usage inquiry.
    UsagePassword, "使用量照会パスワード", "usage inquiry password", 32;
    /// 申込参照番号: our own reference of a message; the key by which an application is asked for.
    Reference, "申込参照番号", "own reference", 32;
    /// 申込番号: the number the switching support system gives an application.
    ApplicationNumber, "申込番号", "application number", 32;
    /// 廃止取次番号: the number a cancellation agency is given.
    CancellationNumber, "廃止取次番号", "cancellation agency number", 32;
    /// 備考: free text between the parties' staff; never needed by a rule.
    Remark, "備考", "remark", 200;
}

impl CustomerKana {
    /// The first character that is not kana, a blank, `ー`, `・`, `.`, `-` or a bracket, counted from 1.
    ///
    /// What the counterparty accepts here is not public: a warning, never a rejection.
    #[must_use]
    pub fn first_not_kana(&self) -> Option<(usize, char)> {
        let kana =
            |c| matches!(c, 'ァ'..='ヾ' | '｡'..='ﾟ' | ' ' | '　' | '(' | ')' | '（' | '）' | '.' | '-' | '．' | '－');
        self.0.chars().enumerate().find(|(_, c)| !kana(*c)).map(|(index, c)| (index + 1, c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_exactly_as_given() {
        for text in ["髙橋　花子", " 山田 ", "ﾔﾏﾀﾞ", "①㈱"] {
            assert_eq!(CustomerName::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn length_is_counted_in_bytes_of_cp932() {
        assert_eq!((cp932_len("abc"), cp932_len("ｱﾞ"), cp932_len("山a"), cp932_len("")), (3, 2, 3, 0));
        assert!(MeterNumber::parse(&"9".repeat(20)).is_ok());
        assert_eq!(MeterNumber::parse(&"９".repeat(11)).unwrap_err().kind, ItemErrorKind::TooLong { max: 20, got: 22 });
        assert_eq!(MeterNumber::parse("").unwrap_err().kind, ItemErrorKind::Empty);
    }

    #[test]
    fn a_control_character_is_named_and_not_shown() {
        let error = Address::parse("東京\u{1b}都").unwrap_err();
        assert_eq!(error.kind, ItemErrorKind::Character { position: 3, found: '\u{1b}' });
        assert!(error.ja().contains("U+001B") && !error.ja().contains('\u{1b}'));
        assert!(!error.to_string().contains('\u{1b}'));
    }

    #[test]
    fn debug_shows_a_length_only() {
        assert_eq!(format!("{:?}", CustomerName::parse("山田花子").unwrap()), "CustomerName(…4)");
    }

    #[test]
    fn what_is_not_kana_is_found() {
        let first = |text| CustomerKana::parse(text).unwrap().first_not_kana();
        assert_eq!(first("ヤマダ　ハナコ"), None);
        assert_eq!(first("ｶ)ﾃｽﾄ･ｻｰﾋﾞｽ"), None);
        assert_eq!(first("ヤマだ"), Some((3, 'だ')));
        assert_eq!(first("山田"), Some((1, '山')));
    }
}
