//! 接続定義: how the switching messages are written, as data.
//!
//! OCCTO's interface documents are not public. A binding says what they say — element and column names, order, required
//! fields, lengths, code values, envelope, charset — so that a retailer who holds them writes a binding, not code.

mod compile;
mod error;
pub(super) mod form;
pub(super) mod plan;
mod read;
mod toml;

pub use error::{BindingError, BindingErrorKind};

use super::Charset;
use crate::items::{Code, Family};
use crate::messages::{Field, Kind, MessageSpec, Occurs};
use plan::{Forms, MessagePlan, RecordPlan};
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// 接続定義: a binding, read and worked out.
pub struct Binding {
    pub(super) name: String,
    pub(super) label: Box<str>,
    pub(super) charset: Charset,
    pub(super) namespace: Box<str>,
    pub(super) envelope: Envelope,
    pub(super) header_place: HeaderPlace,
    action: Option<String>,
    pub(super) csv_charset: Charset,
    pub(super) forms: Forms,
    pub(super) header_name: Box<str>,
    pub(super) header: RecordPlan,
    pub(super) messages: Vec<MessagePlan>,
    by_code: HashMap<Box<str>, (usize, Family)>,
    by_spec: HashMap<&'static str, usize>,
}

/// 封筒: what stands around a message on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Nothing.
    Plain,
    /// SOAP 1.1.
    Soap11,
    /// SOAP 1.2.
    Soap12,
}

impl Envelope {
    const NAMES: [(&'static str, Envelope); 3] =
        [("plain", Envelope::Plain), ("soap11", Envelope::Soap11), ("soap12", Envelope::Soap12)];

    /// The namespace of the envelope.
    #[must_use]
    pub const fn namespace(self) -> Option<&'static str> {
        match self {
            Envelope::Plain => None,
            Envelope::Soap11 => Some("http://schemas.xmlsoap.org/soap/envelope/"),
            Envelope::Soap12 => Some("http://www.w3.org/2003/05/soap-envelope"),
        }
    }
}

/// Where the message header stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderPlace {
    /// First in the message.
    Message,
    /// In the header of the SOAP envelope.
    Soap,
}

impl HeaderPlace {
    const NAMES: [(&'static str, HeaderPlace); 2] = [("message", HeaderPlace::Message), ("soap", HeaderPlace::Soap)];
}

pub(super) const MESSAGE_CODE: usize = 0;
pub(super) const FAMILY: usize = 1;
pub(super) const SENDER: usize = 2;
pub(super) const RECIPIENT: usize = 3;
pub(super) const REFERENCE: usize = 4;
pub(super) const CREATED: usize = 5;

const fn header_field(key: &'static str, ja: &'static str, en: &'static str, kind: Kind) -> Field {
    Field { key, ja, en, item: None, kind, occurs: Occurs::Once }
}

fn family_keys() -> Vec<&'static str> {
    Family::ALL.iter().map(|family| family.key()).collect()
}

/// The fields of [`crate::messages::Header`], and the code that says which message of which family it is.
pub(super) static HEADER: &[Field] = &[
    header_field("message-code", "電文コード", "message code", Kind::Text { max: 32 }),
    header_field(
        "family",
        "供給種別",
        "family of supply",
        Kind::Code { table: Family::TABLE, keys: family_keys, open: false },
    ),
    header_field("sender", "送信者", "sender", Kind::Text { max: 32 }),
    header_field("recipient", "受信者", "recipient", Kind::Text { max: 32 }),
    header_field("reference", "申込参照番号", "own reference", Kind::Text { max: 32 }),
    header_field("created", "作成日時", "time of creation", Kind::DateTime),
];

static REFERENCE_BINDING: LazyLock<Binding> = LazyLock::new(|| {
    #[allow(clippy::panic, reason = "the file is part of the program; a test reads it")]
    match Binding::parse(Binding::REFERENCE) {
        Ok(binding) => binding,
        Err(error) => panic!("schemas/bindings/reference.toml: {error}"),
    }
});

impl Binding {
    /// The text of the reference binding, `schemas/bindings/reference.toml`.
    pub const REFERENCE: &'static str = include_str!("../../../schemas/bindings/reference.toml");

    /// Reads a binding. A mistake is named with line, column and key.
    pub fn parse(text: &str) -> Result<Binding, BindingError> {
        read::read(text)
    }
    /// The binding that ships. Its names and codes are ours.
    #[must_use]
    pub fn reference() -> &'static Binding {
        &REFERENCE_BINDING
    }

    /// The name it gives itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The charset of its XML.
    #[must_use]
    pub const fn charset(&self) -> Charset {
        self.charset
    }
    /// The charset of its CSV.
    #[must_use]
    pub const fn csv_charset(&self) -> Charset {
        self.csv_charset
    }
    /// What it writes around a message.
    #[must_use]
    pub const fn envelope(&self) -> Envelope {
        self.envelope
    }
    /// `Content-Type` of its XML.
    #[must_use]
    pub fn content_type(&self) -> String {
        let media = match self.envelope {
            Envelope::Plain => "application/xml",
            Envelope::Soap11 => "text/xml",
            Envelope::Soap12 => "application/soap+xml",
        };
        format!("{media}; charset={}", self.label)
    }
    /// `SOAPAction` of a message, with its quotes; only SOAP 1.1 has one.
    #[must_use]
    pub fn action(&self, spec: &MessageSpec, family: Family) -> Option<String> {
        if self.envelope != Envelope::Soap11 {
            return None;
        }
        let code = &self.message(spec)?.family(family)?.code;
        Some(format!("\"{}\"", self.action.as_deref().unwrap_or_default().replace("{code}", code)))
    }
    /// Whether it has a written form for a message of a family.
    #[must_use]
    pub fn writes(&self, spec: &MessageSpec, family: Family) -> bool {
        self.message(spec).is_some_and(|plan| plan.family(family).is_some())
    }
    /// Whether it has a CSV form for a message.
    #[must_use]
    pub fn writes_csv(&self, spec: &MessageSpec) -> bool {
        self.message(spec).is_some_and(|plan| plan.csv)
    }

    pub(super) fn message(&self, spec: &MessageSpec) -> Option<&MessagePlan> {
        self.by_spec.get(spec.key).and_then(|at| self.messages.get(*at))
    }
    pub(super) fn of_root(&self, name: &str) -> Option<&MessagePlan> {
        self.messages.iter().find(|plan| plan.families.iter().any(|family| *family.root == *name))
    }
    pub(super) fn of_code(&self, code: &str) -> Option<(&MessagePlan, Family)> {
        let (at, family) = self.by_code.get(code)?;
        Some((self.messages.get(*at)?, *family))
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binding({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::switching::SwitchingMessage;

    #[test]
    fn the_reference_binding_writes_every_message_of_every_family() {
        let binding = Binding::parse(Binding::REFERENCE).unwrap_or_else(|error| panic!("{error}"));
        for spec in SwitchingMessage::SPECS {
            for family in spec.families {
                assert!(binding.writes(spec, *family), "{} {}", spec.key, family.key());
            }
        }
    }
}
