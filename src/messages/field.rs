//! 項目定義: the declaration of one field of a message.

use crate::items::Item;

/// 項目定義: one field of a message, declared once; CSV headers, bindings, XSD and documentation derive from it.
#[derive(Debug)]
pub struct Field {
    /// The stable key, as in bindings.
    pub key: &'static str,
    /// The Japanese label.
    pub ja: &'static str,
    /// The English label.
    pub en: &'static str,
    /// The shared-use item the field discloses, if it discloses one.
    pub item: Option<Item>,
    /// What its value looks like.
    pub kind: Kind,
    /// How often it stands in a record.
    pub occurs: Occurs,
}

/// 型: what the value of a field looks like.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text of at most so many bytes in CP932 (two a full-width character).
    Text {
        /// The most bytes.
        max: usize,
    },
    /// Exactly so many digits.
    Digits {
        /// How many.
        len: usize,
    },
    /// A whole or decimal number.
    Decimal {
        /// The most decimals.
        decimals: usize,
    },
    /// A civil date.
    Date,
    /// A civil date and time, to the second, JST.
    DateTime,
    /// A month.
    Month,
    /// Yes or no.
    Flag,
    /// A value of a closed set; the binding says how each is written.
    Code {
        /// The name of the set.
        table: &'static str,
        /// The keys of its values.
        keys: fn() -> Vec<&'static str>,
        /// Whether values outside the set are kept on reading.
        open: bool,
    },
    /// Octets, base64 on the wire.
    Bytes {
        /// The most octets.
        max: usize,
    },
    /// A repeated group of fields.
    Group(&'static [Field]),
}

/// 出現: how often a field stands in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurs {
    /// 必須: exactly once.
    Once,
    /// 任意: at most once.
    Optional,
    /// 繰返し: any number of times.
    Many,
}
