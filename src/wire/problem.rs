//! Why a message is not read.

use super::charset::CharsetError;
use crate::items::{Family, ItemError};
use crate::messages::{Field, FieldErrorKind};
use crate::rules::{Finding, Place, Rule, codes};
use std::fmt;

/// 読取りの誤り: why octets are not a message. Its texts hold no value of the message.
#[derive(Clone, PartialEq)]
pub enum DecodeError {
    /// Nothing, or only blanks.
    Empty,
    /// Something else than XML: a page for a browser, or another format.
    NotXml {
        /// Whether it is an HTML page.
        html: bool,
    },
    /// Not text of the declared charset.
    Charset(CharsetError),
    /// More octets than are read.
    TooLarge {
        /// The most octets.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// SOAP Fault: the counterparty could not process the message.
    Fault {
        /// The code of the fault.
        code: String,
        /// The counterparty's text; it may quote what was sent.
        text: String,
    },
    /// A document that is not a message of the binding: at least one problem.
    Invalid(Vec<Problem>),
}

/// 問題: one thing that is wrong with a document, and where.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The field, where one is at fault.
    pub field: Option<&'static Field>,
    /// XML path and byte, or line and column of a CSV.
    pub place: Place,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Not well-formed XML, or not CSV.
    Syntax,
    /// The document ends too early.
    Truncated,
    /// A document type definition.
    Dtd,
    /// An entity that XML does not have by itself.
    Entity,
    /// A character that XML does not allow.
    Character(char),
    /// Elements nested too deeply.
    TooDeep {
        /// The deepest nesting.
        max: usize,
    },
    /// Too many repetitions or rows.
    TooManyRows {
        /// The most.
        max: usize,
    },
    /// The root element is none of the binding's, or in another namespace.
    Root,
    /// An envelope without a message, or with more than one.
    Envelope,
    /// The header is absent.
    NoHeader,
    /// The message code is not one of the binding's.
    MessageCode,
    /// The message code is that of another message than the root element.
    OtherMessage,
    /// The message code is that of one family, header or root element say another.
    Family {
        /// The family of the message code.
        code: Family,
    },
    /// An element that stands once stands twice.
    Duplicate,
    /// A text where elements are expected, or the reverse.
    Shape,
    /// A code that the binding does not have. At most four characters of it are told.
    UnknownCode(String),
    /// A date, time, month or flag in another form than the binding's.
    Form,
    /// A party in another form than the binding's.
    Party,
    /// A required field is absent.
    Missing,
    /// A value that is not one of the item.
    Value(ItemError),
    /// A CSV without a column of this field.
    NoColumn,
    /// The binding has no CSV form of the message.
    NoCsvForm,
}

impl From<FieldErrorKind> for ProblemKind {
    fn from(kind: FieldErrorKind) -> ProblemKind {
        match kind {
            FieldErrorKind::Missing => ProblemKind::Missing,
            FieldErrorKind::Shape => ProblemKind::Shape,
            FieldErrorKind::Value(error) => ProblemKind::Value(error),
        }
    }
}

impl ProblemKind {
    fn rule(&self) -> &'static Rule {
        match self {
            ProblemKind::Character(_) => &codes::WIRE_CHARACTER,
            ProblemKind::Syntax => &codes::WIRE_SYNTAX,
            ProblemKind::Truncated => &codes::WIRE_TRUNCATED,
            ProblemKind::Dtd => &codes::WIRE_DTD,
            ProblemKind::Entity => &codes::WIRE_ENTITY,
            ProblemKind::TooDeep { .. } => &codes::WIRE_TOO_DEEP,
            ProblemKind::TooManyRows { .. } => &codes::WIRE_TOO_MANY_ROWS,
            ProblemKind::Root | ProblemKind::Envelope => &codes::WIRE_ROOT,
            ProblemKind::NoHeader => &codes::WIRE_NO_HEADER,
            ProblemKind::MessageCode | ProblemKind::OtherMessage => &codes::WIRE_MESSAGE_CODE,
            ProblemKind::Family { .. } => &codes::WIRE_FAMILY,
            ProblemKind::Duplicate => &codes::WIRE_DUPLICATE,
            ProblemKind::Shape => &codes::WIRE_SHAPE,
            ProblemKind::UnknownCode(_) => &codes::WIRE_CODE,
            ProblemKind::Missing => &codes::WIRE_MISSING,
            ProblemKind::Value(_) | ProblemKind::Form => &codes::WIRE_VALUE,
            ProblemKind::Party => &codes::WIRE_PARTY,
            ProblemKind::NoCsvForm => &codes::WIRE_NO_FORM,
            ProblemKind::NoColumn => &codes::WIRE_NO_COLUMN,
        }
    }

    fn texts(&self, field: Option<&Field>) -> (String, String) {
        use crate::items::Code as _;
        let (ja, en) = field.map_or(("要素", "element"), |field| (field.ja, field.en));
        let fixed = |ja: &str, en: &str| (ja.to_owned(), en.to_owned());
        match self {
            ProblemKind::Syntax => fixed("文書の構文が正しくありません", "the document is not well-formed"),
            ProblemKind::Truncated => fixed("文書が途中で終わっています", "the document ends too early"),
            ProblemKind::Dtd => fixed("DTDは受け付けません", "a DTD is not accepted"),
            ProblemKind::Entity => fixed("実体参照は受け付けません", "an entity reference is not accepted"),
            ProblemKind::Character(c) => (
                format!("XMLで使えない文字 (U+{:04X}) があります", *c as u32),
                format!("U+{:04X} cannot stand in XML", *c as u32),
            ),
            ProblemKind::TooDeep { max } => {
                (format!("要素の入れ子が{max}段を超えています"), format!("elements are nested deeper than {max}"))
            }
            ProblemKind::TooManyRows { max } => {
                (format!("明細が{max}件を超えています"), format!("there are more than {max} rows"))
            }
            ProblemKind::Root => fixed(
                "接続定義にない電文です（ルート要素または名前空間が違います）",
                "the root element or its namespace is not one of the binding",
            ),
            ProblemKind::Envelope => {
                fixed("SOAP本文の電文は1件でなければなりません", "a SOAP body holds exactly one message")
            }
            ProblemKind::NoHeader => fixed("電文ヘッダがありません", "the message header is absent"),
            ProblemKind::MessageCode => {
                fixed("電文コードが接続定義にありません", "the message code is not one of the binding")
            }
            ProblemKind::OtherMessage => fixed(
                "電文コードがルート要素の電文と一致しません",
                "the message code is that of another message than the root element",
            ),
            ProblemKind::Family { code } => (
                format!("電文コードは{}のものですが、電文の供給種別と一致しません", code.ja()),
                format!("the message code is one of {}, which the message is not", code.en()),
            ),
            ProblemKind::Duplicate => (format!("「{ja}」が2回以上あります"), format!("`{en}` stands more than once")),
            ProblemKind::Shape => (format!("「{ja}」の構造が違います"), format!("`{en}` has another structure")),
            ProblemKind::UnknownCode(found) => (
                format!("「{ja}」のコード値{}は接続定義にありません", quote(found, "「", "」")),
                format!("a code of `{en}` is not in the binding{}", quote(found, ": `", "`")),
            ),
            ProblemKind::Form => {
                (format!("「{ja}」の書式が接続定義と違います"), format!("`{en}` is not in the form of the binding"))
            }
            ProblemKind::Party => {
                (format!("「{ja}」を当事者として読めません"), format!("`{en}` is not a party of the binding"))
            }
            ProblemKind::Missing => {
                (format!("必須項目「{ja}」がありません"), format!("required field `{en}` is absent"))
            }
            ProblemKind::Value(error) => (format!("「{ja}」: {}", error.ja()), format!("`{en}`: {}", error.en())),
            ProblemKind::NoColumn => (format!("「{ja}」の列がありません"), format!("there is no column of `{en}`")),
            ProblemKind::NoCsvForm => {
                fixed("接続定義にこの電文のCSV形式がありません", "the binding has no CSV form of this message")
            }
        }
    }
}

fn quote(found: &str, before: &str, after: &str) -> String {
    if found.is_empty() { String::new() } else { format!("{before}{found}{after}") }
}

impl Problem {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.rule().code
    }

    /// The problem as a finding about the document.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let (ja, en) = self.kind.texts(self.field);
        let mut place = self.place.clone();
        // Bytes are counted from 1 for people.
        place.byte = place.byte.map(|byte| byte + 1);
        Finding { place, item: self.field.and_then(|field| field.item), ..self.kind.rule().finding(ja, en) }
    }
}

impl PartialEq for Problem {
    fn eq(&self, other: &Problem) -> bool {
        let key = |problem: &Problem| problem.field.map(|field| field.key);
        self.kind == other.kind && self.place == other.place && key(self) == key(other)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.finding(), f)
    }
}

impl DecodeError {
    /// The stable code; that of the first problem.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.rule().code
    }

    fn rule(&self) -> &'static Rule {
        match self {
            DecodeError::Charset(CharsetError::Utf16) => &codes::WIRE_UTF16,
            DecodeError::Charset(_) => &codes::WIRE_CHARSET,
            DecodeError::Empty | DecodeError::NotXml { .. } => &codes::WIRE_NOT_XML,
            DecodeError::TooLarge { .. } => &codes::WIRE_TOO_LARGE,
            DecodeError::Fault { .. } => &codes::WIRE_FAULT,
            DecodeError::Invalid(problems) => {
                problems.first().map_or(&codes::WIRE_SYNTAX, |problem| problem.kind.rule())
            }
        }
    }

    /// The findings; a fault's holds the counterparty's text.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let (ja, en) = self.texts();
        match self {
            DecodeError::Invalid(problems) => problems.iter().map(Problem::finding).collect(),
            DecodeError::Fault { text, .. } if !text.is_empty() => {
                vec![self.rule().finding(format!("{ja}: {text}"), format!("{en}: {text}"))]
            }
            DecodeError::Charset(CharsetError::Invalid { byte, .. }) => {
                let place = Place { byte: Some(*byte as u64 + 1), ..Place::default() };
                vec![Finding { place, ..self.rule().finding(ja, en) }]
            }
            _ => vec![self.rule().finding(ja, en)],
        }
    }

    fn texts(&self) -> (String, String) {
        let fixed = |ja: &str, en: &str| (ja.to_owned(), en.to_owned());
        match self {
            DecodeError::Empty => fixed("内容が空です", "there is nothing in it"),
            DecodeError::NotXml { html: true } => {
                fixed("XMLではなくHTMLページです", "it is an HTML page, expected XML")
            }
            DecodeError::NotXml { html: false } => fixed("XMLではありません", "it is not XML"),
            DecodeError::Charset(error) => (error.ja(), error.en()),
            DecodeError::TooLarge { max, got } => (
                format!("大きすぎます（上限{max}バイト、{got}バイトあります）"),
                format!("it is too large: at most {max} bytes, got {got}"),
            ),
            DecodeError::Fault { code, .. } => (
                format!("相手方がSOAP Fault `{code}` を返しました"),
                format!("the counterparty answered with SOAP fault `{code}`"),
            ),
            DecodeError::Invalid(problems) => problems.first().map_or_else(
                || fixed("文書を読めません", "the document cannot be read"),
                |problem| problem.kind.texts(problem.field),
            ),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Invalid(problems) => problems.iter().enumerate().try_for_each(|(index, problem)| {
                if index > 0 {
                    f.write_str("\n")?;
                }
                fmt::Display::fmt(problem, f)
            }),
            other => {
                let (ja, en) = other.texts();
                write!(f, "{} {ja} / {en}", other.code())
            }
        }
    }
}

impl std::error::Error for DecodeError {}
