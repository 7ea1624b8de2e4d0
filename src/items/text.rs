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

fn check(text: &str, max: usize) -> Result<(), ItemErrorKind> {
    if text.is_empty() {
        return Err(ItemErrorKind::Empty);
    }
    let got: usize = text.chars().map(|c| if c.is_ascii() || ('｡'..='ﾟ').contains(&c) { 1 } else { 2 }).sum();
    if got > max {
        return Err(ItemErrorKind::TooLong { max, got });
    }
    match text.chars().enumerate().find(|(_, c)| c.is_control()) {
        Some((index, found)) => Err(ItemErrorKind::Character { position: index + 1, found }),
        None => Ok(()),
    }
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
    /// 郵便番号: seven digits.
    PostalCode, "郵便番号", "postal code", 8;
    /// 備考: free text between the parties' staff; never needed by a rule.
    Remark, "備考", "remark", 200;
}

/// 電話番号: three parts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Telephone(Box<str>);

impl Telephone {
    /// Reads three parts of digits separated by hyphens.
    pub fn parse(text: &str) -> Result<Telephone, ItemError> {
        let fail = |kind| ItemError { what: "電話番号", what_en: "telephone number", kind };
        if text.is_empty() {
            return Err(fail(ItemErrorKind::Empty));
        }
        if text.split('-').count() != 3 {
            return Err(fail(ItemErrorKind::Form { example: "00-0000-0000" }));
        }
        Ok(Telephone(text.into()))
    }
    /// The number with hyphens between the parts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Telephone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telephone(…)")
    }
}
