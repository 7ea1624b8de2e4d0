//! Field values: how an item of a message is given to an encoder and read back.

use super::{Emit, Kind};
use crate::items::{
    Address, AmountNumber, ApplicationNumber, Building, BusinessCode, CancellationNumber, Code, CurrentLimit,
    CustomerKana, CustomerName, Date, DateTime, Energy, ItemError, ItemErrorKind, LeadInPole, MeterNumber, PostalCode,
    PowerFactor, Reference, Remark, RetailContractNumber, ServiceMenu, Slot, SupplyMethod, SupplyPointId, Telephone,
    UsagePassword, YearMonth,
};
use std::fmt;

/// 項目値: a value that can stand in a field.
pub trait FieldValue: Sized {
    /// What it looks like.
    const KIND: Kind;
    /// Gives the value to an encoder.
    fn emit(&self, out: &mut dyn Emit);
    /// Reads the canonical text of a [`super::Tree`].
    fn read(text: &str) -> Result<Self, ItemError>;
}

macro_rules! text_values {
    ($($name:ident = $kind:expr;)*) => {$(
        impl FieldValue for $name {
            const KIND: Kind = $kind;
            fn emit(&self, out: &mut dyn Emit) { out.text(self.as_str()); }
            fn read(text: &str) -> Result<Self, ItemError> { $name::parse(text) }
        }
    )*};
}

text_values! {
    SupplyPointId = Kind::Digits { len: 22 };
    CustomerName = Kind::Text { max: CustomerName::MAX_BYTES };
    CustomerKana = Kind::Text { max: CustomerKana::MAX_BYTES };
    Address = Kind::Text { max: Address::MAX_BYTES };
    Building = Kind::Text { max: Building::MAX_BYTES };
    RetailContractNumber = Kind::Text { max: RetailContractNumber::MAX_BYTES };
    LeadInPole = Kind::Text { max: LeadInPole::MAX_BYTES };
    MeterNumber = Kind::Text { max: MeterNumber::MAX_BYTES };
    UsagePassword = Kind::Text { max: UsagePassword::MAX_BYTES };
    Reference = Kind::Text { max: Reference::MAX_BYTES };
    ApplicationNumber = Kind::Text { max: ApplicationNumber::MAX_BYTES };
    CancellationNumber = Kind::Text { max: CancellationNumber::MAX_BYTES };
    PostalCode = Kind::Text { max: PostalCode::MAX_BYTES };
    Remark = Kind::Text { max: Remark::MAX_BYTES };
    Telephone = Kind::Text { max: 15 };
    ServiceMenu = Kind::Text { max: 80 };
    SupplyMethod = Kind::Text { max: 80 };
}

macro_rules! number_values {
    ($($name:ident, $decimals:literal, $write:expr;)*) => {$(
        impl FieldValue for $name {
            const KIND: Kind = Kind::Decimal { decimals: $decimals };
            fn emit(&self, out: &mut dyn Emit) {
                let write: fn(&$name, &mut dyn Emit) = $write;
                write(self, out);
            }
            fn read(text: &str) -> Result<Self, ItemError> { $name::parse(text) }
        }
    )*};
}

number_values! {
    AmountNumber, 3, |value, out| out.number(format_args!("{value}"));
    PowerFactor, 0, |value, out| out.number(format_args!("{}", value.percent()));
    CurrentLimit, 0, |value, out| out.number(format_args!("{}", value.ampere()));
    Energy, 4, |value, out| out.number(format_args!("{value}"));
}

impl FieldValue for BusinessCode {
    const KIND: Kind = Kind::Digits { len: 5 };
    fn emit(&self, out: &mut dyn Emit) {
        out.number(format_args!("{self}"));
    }
    fn read(text: &str) -> Result<BusinessCode, ItemError> {
        BusinessCode::parse(text)
    }
}

impl FieldValue for Slot {
    const KIND: Kind = Kind::Decimal { decimals: 0 };
    fn emit(&self, out: &mut dyn Emit) {
        out.number(format_args!("{:02}", self.number()));
    }
    fn read(text: &str) -> Result<Slot, ItemError> {
        text.parse().ok().and_then(Slot::new).ok_or(ItemError {
            what: "コマ",
            what_en: "slot",
            kind: ItemErrorKind::OutOfRange { min: "1", max: "48" },
        })
    }
}

impl FieldValue for u32 {
    const KIND: Kind = Kind::Decimal { decimals: 0 };
    fn emit(&self, out: &mut dyn Emit) {
        out.number(format_args!("{self}"));
    }
    fn read(text: &str) -> Result<u32, ItemError> {
        text.parse().map_err(|_| form("番号", "number", "1"))
    }
}

fn form(what: &'static str, what_en: &'static str, example: &'static str) -> ItemError {
    ItemError { what, what_en, kind: ItemErrorKind::Form { example } }
}

impl FieldValue for Date {
    const KIND: Kind = Kind::Date;
    fn emit(&self, out: &mut dyn Emit) {
        out.date(*self);
    }
    fn read(text: &str) -> Result<Date, ItemError> {
        text.parse().map_err(|_| form("年月日", "date", "2026-11-22"))
    }
}

impl FieldValue for DateTime {
    const KIND: Kind = Kind::DateTime;
    fn emit(&self, out: &mut dyn Emit) {
        out.date_time(*self);
    }
    fn read(text: &str) -> Result<DateTime, ItemError> {
        text.parse().map_err(|_| form("日時", "date and time", "2026-11-22T13:05:00"))
    }
}

impl FieldValue for YearMonth {
    const KIND: Kind = Kind::Month;
    fn emit(&self, out: &mut dyn Emit) {
        out.month(*self);
    }
    fn read(text: &str) -> Result<YearMonth, ItemError> {
        YearMonth::parse(text)
    }
}

impl FieldValue for bool {
    const KIND: Kind = Kind::Flag;
    fn emit(&self, out: &mut dyn Emit) {
        out.flag(*self);
    }
    fn read(text: &str) -> Result<bool, ItemError> {
        match text {
            "1" => Ok(true),
            "0" => Ok(false),
            _ => Err(form("可否", "flag", "1")),
        }
    }
}

impl<C: Code> FieldValue for C {
    const KIND: Kind = Kind::Code { table: C::TABLE, keys: keys::<C>, open: false };
    fn emit(&self, out: &mut dyn Emit) {
        out.code(C::TABLE, self.key());
    }
    fn read(text: &str) -> Result<C, ItemError> {
        C::from_key(text).ok_or(ItemError {
            what: C::TABLE,
            what_en: C::TABLE,
            kind: ItemErrorKind::Unknown { known: "接続定義の値 / values of the binding" },
        })
    }
}

fn keys<C: Code>() -> Vec<&'static str> {
    C::ALL.iter().map(|value| value.key()).collect()
}

/// 開いたコード値: a value of a set that the counterparty may extend. An unknown value is kept, never guessed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open<C> {
    /// A known value.
    Known(C),
    /// What stood on the wire.
    Unknown(Box<str>),
}

impl<C: Code> Open<C> {
    /// The value, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<C> {
        match self {
            Open::Known(value) => Some(*value),
            Open::Unknown(_) => None,
        }
    }
}

impl<C: Code> FieldValue for Open<C> {
    const KIND: Kind = Kind::Code { table: C::TABLE, keys: keys::<C>, open: true };
    fn emit(&self, out: &mut dyn Emit) {
        match self {
            Open::Known(value) => out.code(C::TABLE, value.key()),
            Open::Unknown(text) => out.text(text),
        }
    }
    fn read(text: &str) -> Result<Open<C>, ItemError> {
        Ok(match (C::from_key(text), text.strip_prefix('?')) {
            (Some(value), _) => Open::Known(value),
            (None, raw) => Open::Unknown(raw.unwrap_or(text).into()),
        })
    }
}

/// 添付データ: octets of a document, at most [`Bytes::MAX`].
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// The most octets of one document: our limit, the counterparty's is not public.
    pub const MAX: usize = 5 * 1024 * 1024;

    /// Keeps the octets, if they are not too many.
    pub fn new(octets: Vec<u8>) -> Result<Bytes, ItemError> {
        let fail = |kind| ItemError { what: "添付データ", what_en: "attached document", kind };
        match octets.len() {
            0 => Err(fail(ItemErrorKind::Empty)),
            got if got > Self::MAX => Err(fail(ItemErrorKind::TooLong { max: Self::MAX, got })),
            _ => Ok(Bytes(octets)),
        }
    }
    /// The octets.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl FieldValue for Bytes {
    const KIND: Kind = Kind::Bytes { max: Bytes::MAX };
    fn emit(&self, out: &mut dyn Emit) {
        out.bytes(&self.0);
    }
    fn read(text: &str) -> Result<Bytes, ItemError> {
        use base64::Engine as _;
        let octets = base64::engine::general_purpose::STANDARD.decode(text);
        Bytes::new(octets.map_err(|_| form("添付データ", "attached document", "base64"))?)
    }
}
