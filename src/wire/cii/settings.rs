//! How a file is read, and why nothing of it could be read.

use crate::rules::{Finding, Rule, codes};
use std::fmt;
use std::io;

/// 読取りの設定: the limits of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSettings {
    /// How many rows are given to the sink at once, or half-hours; a bill is never divided.
    pub batch: usize,
    /// The deepest nesting of elements.
    pub depth: usize,
    /// The most octets of a tag, a text or a comment.
    pub token: usize,
    /// The most octets of a value.
    pub value: usize,
    /// The most days of a bill.
    pub days: usize,
    /// How many findings of one code are listed; the others are counted.
    pub findings: usize,
    /// Of how many different rows the search for duplicates keeps the key, where they come in no order. About 40 octets
    /// each.
    pub keys: usize,
}

impl Default for ReadSettings {
    fn default() -> ReadSettings {
        ReadSettings { batch: 4096, depth: 64, token: 1 << 20, value: 1024, days: 400, findings: 100, keys: 1 << 20 }
    }
}

/// 読取りの誤り: why nothing could be read of a file at all. Everything else is a finding.
#[derive(Debug)]
#[non_exhaustive]
pub enum CiiError {
    /// Nothing, or only blanks.
    Empty,
    /// Something else than XML in UTF-8.
    NotXml {
        /// Whether it is an HTML page.
        html: bool,
    },
    /// The root element is not `SBD-MSG`.
    NotMessage,
    /// The message kind is none of the six.
    Kind {
        /// What stands there, shortened.
        code: String,
    },
    /// The sender or the recipient is not five digits.
    Party,
    /// It breaks off or goes wrong before the first row; the finding that says so was given to the sink.
    NoHead,
    /// The source failed.
    Source(io::Error),
}

impl CiiError {
    const fn rule(&self) -> &'static Rule {
        match self {
            CiiError::Empty => &codes::METER_EMPTY,
            CiiError::NotXml { .. } => &codes::METER_NOT_XML,
            CiiError::NotMessage => &codes::METER_NOT_MESSAGE,
            CiiError::Kind { .. } => &codes::METER_KIND,
            CiiError::Party => &codes::METER_PARTY,
            CiiError::NoHead => &codes::METER_NO_HEAD,
            CiiError::Source(_) => &codes::METER_SOURCE,
        }
    }
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.rule().code
    }
    /// The error as a finding about the file.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let rule = self.rule();
        let with = |ja: String, en: String| rule.finding(ja, en);
        match self {
            CiiError::NotXml { html: true } => {
                with(format!("{}（HTMLのページです）", rule.ja), format!("{}: a page for a browser", rule.en))
            }
            CiiError::Kind { code } => with(format!("{}（「{code}」）", rule.ja), format!("{} (`{code}`)", rule.en)),
            CiiError::Source(error) => with(format!("{}（{error}）", rule.ja), format!("{}: {error}", rule.en)),
            _ => rule.plain(),
        }
    }
}

impl fmt::Display for CiiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.finding(), f)
    }
}

impl std::error::Error for CiiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CiiError::Source(error) => Some(error),
            _ => None,
        }
    }
}
