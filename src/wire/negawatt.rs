//! ネガワット電文の書式: a neutral JSON of our own, one document a message.
//!
//! **No written form of these messages is published.** This one is ours, unverified by any counterparty, and says so in
//! itself (`"verified": false`); both ends must agree on it. It is UTF-8:
//!
//! ```json
//! {"form":"occto-negawatt 1","verified":false,"message":"baseline-notice","purpose":"negawatt-trading",
//!  "notice":"common-core","sender":"suppression-contractor:80013","recipient":"retailer:40113","via":null,
//!  "reference":"N-1","created":"2026-08-20T09:00:00",
//!  "managers":{"supply-point-id":"operator:03","baseline":"suppression-contractor:80013"},
//!  "body":{"date":"2026-08-19","method":"high-4-of-5","rounding":"half-away-from-zero",
//!   "points":[{"supply-point-id":"…","digest":"…","slots":[{"slot":"34","kwh":"2.1001"}]}]}}
//! ```
//!
//! The body is the neutral form of [`crate::messages::json`]: texts by the keys of the fields, groups as arrays; what is
//! absent is left out. Energies are decimal texts in kWh with at most four decimals; a slot without a value is absent.
//!
//! Without clearance there is no written form; this does not compile:
//!
//! ```compile_fail,E0308
//! use occto::{items::Reference, messages::negawatt::BaselineNotice, wire::negawatt};
//!
//! fn leak(reference: &Reference, notice: &BaselineNotice, out: &mut Vec<u8>) {
//!     let _ = negawatt::write(reference, notice, out);
//! }
//! ```

use crate::items::{Code as _, DateTime, Reference};
use crate::messages::negawatt::{NegawattItem, NegawattMessage};
use crate::messages::{FieldError, json};
use crate::notice::{Cleared, Party};
use serde_json::{Map, Value, json};
use std::fmt;

/// The name of the form, with its version.
pub const FORM: &str = "occto-negawatt 1";

/// 受信したネガワット電文: a message with who says it to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingNegawatt {
    /// 提供する者
    pub sender: Party,
    /// 提供を受ける者
    pub recipient: Party,
    /// The sender's own reference.
    pub reference: Reference,
    /// When it was cleared, JST.
    pub created: DateTime,
    /// What is said.
    pub message: NegawattMessage,
}

/// Why a message cannot be written or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum NegawattFormError {
    /// The octets are no JSON: line and column.
    NotJson(usize, usize),
    /// Another form, or another version of it.
    Form,
    /// No message of this room.
    Message,
    /// A value of the head is missing or wrong, by its key.
    Head(&'static str),
    /// Fields of the body that do not fit.
    Fields(Vec<FieldError>),
    /// A point, a group, a slot or a type stands twice.
    Repeated,
}

impl fmt::Display for NegawattFormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NegawattFormError::NotJson(line, column) => write!(
                f,
                "JSONとして読めません（{line}行目{column}文字目） / this is not JSON (line {line}, column {column})"
            ),
            NegawattFormError::Form => {
                write!(f, "書式が「{FORM}」ではありません / the form is not `{FORM}`")
            }
            NegawattFormError::Message => {
                f.write_str("ネガワットの電文ではありません / this is no message of negawatt trading")
            }
            NegawattFormError::Head(key) => {
                write!(f, "「{key}」がないか、値が正しくありません / `{key}` is missing or wrong")
            }
            NegawattFormError::Fields(errors) => {
                for (index, error) in errors.iter().enumerate() {
                    let between = if index == 0 { "" } else { "; " };
                    write!(f, "{between}{error}")?;
                }
                Ok(())
            }
            NegawattFormError::Repeated => f.write_str(
                "同じ供給地点・BG・コマ・類型が2回以上あります / a point, balancing group, slot or type stands twice",
            ),
        }
    }
}

impl std::error::Error for NegawattFormError {}

/// Writes a cleared message, and ends it with a line break. What is not cleared is not written: there is no other way in.
pub fn write<M: NegawattItem>(
    reference: &Reference,
    cleared: &Cleared<M>,
    out: &mut Vec<u8>,
) -> Result<(), NegawattFormError> {
    let message = cleared.message();
    if message.has_repeats() {
        return Err(NegawattFormError::Repeated);
    }
    let route = cleared.route();
    let manager =
        |item| Some((crate::items::Item::key(item).to_owned(), cleared.decision().manager(item)?.to_string().into()));
    let managers: Map<String, Value> = cleared.items().iter().filter_map(manager).collect();
    let head = [
        ("form", json!(FORM)),
        ("verified", json!(false)),
        ("message", json!(M::SPEC.key)),
        ("purpose", json!(cleared.purpose().key())),
        ("notice", json!(cleared.notice())),
        ("sender", json!(route.sender.to_string())),
        ("recipient", json!(route.recipient.to_string())),
        ("via", json!(route.via.map(|via| via.to_string()))),
        ("reference", json!(reference.as_str())),
        ("created", json!(cleared.at().to_string())),
        ("managers", Value::Object(managers)),
    ];
    out.push(b'{');
    for (key, value) in head {
        out.extend_from_slice(format!("\"{key}\":{value},").as_bytes());
    }
    out.extend_from_slice(b"\"body\":");
    json::write(message, out);
    out.extend_from_slice(b"}\n");
    Ok(())
}

/// Reads a message. Keys that no field has are ignored, whatever they hold.
pub fn read(octets: &[u8]) -> Result<IncomingNegawatt, NegawattFormError> {
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    let value: Value =
        serde_json::from_slice(octets).map_err(|error| NegawattFormError::NotJson(error.line(), error.column()))?;
    let text = |key: &'static str| value.get(key).and_then(Value::as_str).ok_or(NegawattFormError::Head(key));
    if text("form").ok() != Some(FORM) {
        return Err(NegawattFormError::Form);
    }
    let spec = NegawattMessage::spec_of(text("message")?).ok_or(NegawattFormError::Message)?;
    let party = |key: &'static str| Party::parse(text(key)?).map_err(|_| NegawattFormError::Head(key));
    let (sender, recipient) = (party("sender")?, party("recipient")?);
    let reference = Reference::parse(text("reference")?).map_err(|_| NegawattFormError::Head("reference"))?;
    let created = text("created")?.parse().map_err(|_| NegawattFormError::Head("created"))?;
    let body = value.get("body").filter(|body| body.is_object()).ok_or(NegawattFormError::Head("body"))?;
    let message =
        NegawattMessage::absorb(spec, &json::from_json(spec.fields, body)).map_err(NegawattFormError::Fields)?;
    let message = message.ok_or(NegawattFormError::Message)?;
    if message.has_repeats() {
        return Err(NegawattFormError::Repeated);
    }
    Ok(IncomingNegawatt { sender, recipient, reference, created, message })
}
