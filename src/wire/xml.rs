//! XMLの読取り: a document as a stream of elements and texts, with its limits. No DTD, no entities but the five of XML.

use super::Envelope;
use super::charset::{self, CharsetError};
use super::problem::{DecodeError, Problem, ProblemKind as Kind};
use crate::rules::Place;
use quick_xml::NsReader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write as _;

/// 上限: how much of a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most octets of a document.
    pub octets: usize,
    /// The deepest nesting of elements.
    pub depth: usize,
    /// The most repetitions of groups in a message, or rows of a CSV.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { octets: 64 * 1024 * 1024, depth: 64, rows: 200_000 }
    }
}

/// What comes next.
pub(super) enum Token<'a> {
    Open(Element<'a>),
    Close,
    Text(Cow<'a, str>),
    End,
}

/// A start tag.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    pub(super) space: Space,
}

/// The namespace of an element, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Soap(Envelope),
    /// That of the binding.
    Own,
    Other,
}

/// The text of a document and its way back to octets.
pub(super) struct Document<'a> {
    pub(super) text: Cow<'a, str>,
    label: String,
    mark: usize,
    /// A place of the text and of the octets that was worked out last.
    known: Cell<(usize, usize)>,
}

impl<'a> Document<'a> {
    /// Reads the octets by byte order mark or declaration; UTF-8 where neither says anything.
    pub(super) fn read(octets: &'a [u8], limits: &Limits) -> Result<Document<'a>, DecodeError> {
        if octets.len() > limits.octets {
            return Err(DecodeError::TooLarge { max: limits.octets, got: octets.len() });
        }
        let utf16 = [&[0xFF, 0xFE][..], &[0xFE, 0xFF], &[b'<', 0], &[0, b'<']];
        if utf16.iter().any(|start| octets.starts_with(start)) {
            return Err(DecodeError::Charset(CharsetError::Utf16));
        }
        let body = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        let mark = octets.len() - body.len();
        let start = body.trim_ascii_start();
        if start.is_empty() {
            return Err(DecodeError::Empty);
        }
        let begins = |word: &[u8]| start.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        if begins(b"<!doctype html") || begins(b"<html") {
            return Err(DecodeError::NotXml { html: true });
        }
        if !start.starts_with(b"<") {
            return Err(DecodeError::NotXml { html: false });
        }
        let label = if mark > 0 { "UTF-8".to_owned() } else { declared(body).unwrap_or_else(|| "UTF-8".to_owned()) };
        let text = charset::decode_named(&label, body).map_err(|error| match error {
            CharsetError::Invalid { charset, byte } => CharsetError::Invalid { charset, byte: byte + mark },
            other => other,
        });
        Ok(Document { text: text.map_err(DecodeError::Charset)?, label, mark, known: Cell::new((0, mark)) })
    }

    /// Where a place of the text stands in the octets, from 0.
    pub(super) fn octet(&self, at: usize) -> u64 {
        let (mut from, mut octets) = self.known.get();
        if at < from {
            (from, octets) = (0, self.mark);
        }
        octets += charset::octets_of(&self.label, self.text.get(from..at).unwrap_or_default());
        self.known.set((at.max(from), octets));
        octets as u64
    }

    /// The first character that XML does not allow.
    pub(super) fn first_illegal(&self) -> Option<(usize, char)> {
        let illegal = |octet: &u8| (*octet < b' ') & (*octet != b'\t') & (*octet != b'\n') & (*octet != b'\r');
        // Counting a block has no branch to take for every octet.
        let block =
            self.text.as_bytes().chunks(4096).position(|block| block.iter().filter(|o| illegal(o)).count() > 0)?;
        let rest = self.text.as_bytes().get(block * 4096..)?;
        let at = block * 4096 + rest.iter().position(illegal)?;
        Some((at, self.text.get(at..)?.chars().next()?))
    }
}

/// The charset of the XML declaration, if there is one.
fn declared(octets: &[u8]) -> Option<String> {
    let head = octets.get(..octets.len().min(400))?;
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(declaration.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest.get(1..)?.split_once(quote).map(|(label, _)| label.to_owned())
}

/// Reads a document element by element.
pub(super) struct Source<'a> {
    text: &'a str,
    reader: NsReader<&'a [u8]>,
    namespace: &'a str,
    max_depth: usize,
    /// The open elements: name, and which repetition it is.
    open: Vec<(&'a str, Option<usize>)>,
    /// Where the last token starts.
    at: usize,
    /// Whether a prefix must be declared; not so where reading starts in the middle.
    strict: bool,
    html: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str, namespace: &'a str, limits: &Limits) -> Source<'a> {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Source { text, reader, namespace, max_depth: limits.depth, open: Vec::new(), at: 0, strict: true, html: false }
    }

    /// Where the last token starts in the text.
    pub(super) const fn at(&self) -> usize {
        self.at
    }
    /// Whether a DTD says that the document is a page for a browser.
    pub(super) const fn is_html(&self) -> bool {
        self.html
    }
    /// The repetition of the element that was opened last.
    pub(super) fn number(&mut self, repetition: usize) {
        if let Some((_, number)) = self.open.last_mut() {
            *number = Some(repetition);
        }
    }
    /// The way to the open element: `/StatusAnswer/Entry[2]`.
    pub(super) fn path(&self) -> String {
        self.open.iter().fold(String::new(), |mut path, (name, number)| {
            path.push('/');
            path.push_str(name);
            if let Some(number) = number {
                // Writing to a String does not fail.
                let _ = write!(path, "[{number}]");
            }
            path
        })
    }
    /// A problem at the last token; its place in octets is worked out by the decoder.
    pub(super) fn problem(&self, kind: Kind) -> Box<Problem> {
        let place = Place { path: Some(self.path()), byte: Some(self.at as u64), ..Place::default() };
        Box::new(Problem { kind, field: None, place })
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, Box<Problem>> {
        loop {
            self.at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
            let (resolved, event) = match self.reader.read_resolved_event() {
                Ok(read) => read,
                Err(error) => return Err(self.broken(&error)),
            };
            let space = match resolved {
                ResolveResult::Bound(Namespace(uri)) if uri == self.namespace => Some(Space::Own),
                ResolveResult::Bound(Namespace(uri)) => Some(match () {
                    () if Envelope::Soap11.namespace() == Some(uri) => Space::Soap(Envelope::Soap11),
                    () if Envelope::Soap12.namespace() == Some(uri) => Space::Soap(Envelope::Soap12),
                    () => Space::Other,
                }),
                ResolveResult::Unbound => Some(Space::Other),
                ResolveResult::Unknown(_) => (!self.strict).then_some(Space::Other),
            };
            match event {
                Event::Start(start) => {
                    let length = start.name().0.len();
                    let name = self.text.get(self.at + 1..self.at + 1 + length).unwrap_or_default();
                    let name = name.rsplit_once(':').map_or(name, |(_, local)| local);
                    self.open.push((name, None));
                    if self.open.len() > self.max_depth {
                        return Err(self.problem(Kind::TooDeep { max: self.max_depth }));
                    }
                    let space = space.ok_or_else(|| self.problem(Kind::Syntax))?;
                    return Ok(Token::Open(Element { name, space }));
                }
                Event::End(_) => {
                    self.open.pop();
                    return Ok(Token::Close);
                }
                Event::Text(text) => {
                    let content = text.into_inner();
                    let plain = !content.contains('\r');
                    return Ok(Token::Text(if plain {
                        content
                    } else {
                        content.replace("\r\n", "\n").replace('\r', "\n").into()
                    }));
                }
                Event::CData(data) => return Ok(Token::Text(data.into_inner())),
                Event::GeneralRef(reference) => {
                    let character = match &*reference {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "apos" => Some('\''),
                        "quot" => Some('"'),
                        _ => reference.resolve_char_ref().ok().flatten(),
                    };
                    let Some(character) = character else { return Err(self.problem(Kind::Entity)) };
                    if matches!(character, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
                    {
                        return Err(self.problem(Kind::Character(character)));
                    }
                    return Ok(Token::Text(character.to_string().into()));
                }
                Event::DocType(kind) => {
                    let name = kind.split_ascii_whitespace().next();
                    self.html = name.is_some_and(|name| name.eq_ignore_ascii_case("html"));
                    return Err(self.problem(Kind::Dtd));
                }
                Event::Eof if self.open.is_empty() => return Ok(Token::End),
                Event::Eof => return Err(self.problem(Kind::Truncated)),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Empty(_) => {}
            }
        }
    }

    fn broken(&mut self, error: &Error) -> Box<Problem> {
        self.at = usize::try_from(self.reader.error_position()).unwrap_or(self.at);
        match error {
            // The reader says so only at the end of the document.
            Error::Syntax(_) | Error::IllFormed(IllFormedError::UnclosedReference) => self.problem(Kind::Truncated),
            _ => self.problem(Kind::Syntax),
        }
    }

    /// Passes over the rest of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), Box<Problem>> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// Where a child of the element at a place stands; the element itself where it has no such child.
    pub(super) fn place_of(&self, element: usize, child: &str) -> usize {
        let limits = Limits { depth: self.max_depth, ..Limits::default() };
        let mut source = Source::new(self.text.get(element..).unwrap_or_default(), self.namespace, &limits);
        source.strict = false;
        let mut depth = 0;
        loop {
            match source.next() {
                Ok(Token::Open(found)) if depth == 1 && found.name == child => return element + source.at(),
                Ok(Token::Open(_)) => depth += 1,
                Ok(Token::Close) if depth > 1 => depth -= 1,
                Ok(Token::Text(_)) => {}
                _ => return element,
            }
        }
    }
}
