//! XMLの読取り: a document as a stream of elements and texts, with its limits. No DTD, no entities but the five of XML.

use super::Envelope;
use super::charset::{self, CharsetError};
use super::problem::{DecodeError, Problem, ProblemKind as Kind};
use crate::rules::Place;
use memchr::{memchr2, memchr3};
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, Prefix, ResolveResult};
use quick_xml::parser::{ElementParser, Parser};
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
    label: &'a str,
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
        let label = if mark > 0 { "UTF-8" } else { declared(body).unwrap_or("UTF-8") };
        let text = charset::decode_named(label, body).map_err(|error| match error {
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
        octets += charset::octets_of(self.label, self.text.get(from..at).unwrap_or_default());
        self.known.set((at.max(from), octets));
        octets as u64
    }

    /// The first character that XML does not allow.
    pub(super) fn first_illegal(&self) -> Option<(usize, char)> {
        let illegal = |octet: &u8| (*octet < b' ') & (*octet != b'\t') & (*octet != b'\n') & (*octet != b'\r');
        // Looking at all of a block has no branch to take for every octet.
        let any = |block: &[u8]| block.iter().fold(false, |found, octet| found | illegal(octet));
        let block = self.text.as_bytes().chunks(4096).position(any)?;
        let rest = self.text.as_bytes().get(block * 4096..)?;
        let at = block * 4096 + rest.iter().position(illegal)?;
        Some((at, self.text.get(at..)?.chars().next()?))
    }
}

/// The charset of the XML declaration, if there is one.
fn declared(octets: &[u8]) -> Option<&str> {
    let head = octets.get(..octets.len().min(400))?;
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(declaration.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest.get(1..)?.split_once(quote).map(|(label, _)| label)
}

/// Reads a document element by element. Tags and texts, which are nearly all of it, are cut out of the text here; what
/// is rare is left to the XML library, one event at a time.
pub(super) struct Source<'a> {
    text: &'a str,
    /// Where the next token starts.
    next: usize,
    /// The namespaces of the open elements that declare any.
    spaces: NamespaceResolver,
    /// The namespace of a name without a prefix.
    default: Space,
    namespace: &'a str,
    max_depth: usize,
    open: Vec<Open<'a>>,
    /// Whether the last token was a tag that also closes what it opens.
    is_empty: bool,
    /// Where the last token starts.
    at: usize,
    /// Whether a prefix must be declared; not so where reading starts in the middle.
    strict: bool,
    html: bool,
}

/// An open element.
struct Open<'a> {
    /// The name as it stands in the tag.
    full: &'a str,
    /// The name without its prefix.
    name: &'a str,
    /// Which repetition it is.
    number: Option<usize>,
    /// Whether its tag is a name and nothing else.
    plain: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str, namespace: &'a str, limits: &Limits) -> Source<'a> {
        Source {
            text,
            next: 0,
            spaces: NamespaceResolver::default(),
            default: Space::Other,
            namespace,
            max_depth: limits.depth,
            open: Vec::with_capacity(8),
            is_empty: false,
            at: 0,
            strict: true,
            html: false,
        }
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
        if let Some(open) = self.open.last_mut() {
            open.number = Some(repetition);
        }
    }
    /// The way to the open element: `/StatusAnswer/Entry[2]`.
    pub(super) fn path(&self) -> String {
        self.open.iter().fold(String::new(), |mut path, Open { name, number, .. }| {
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
            self.at = self.next;
            if std::mem::take(&mut self.is_empty) {
                return Ok(self.close());
            }
            let rest = self.text.get(self.at..).unwrap_or_default();
            match rest.as_bytes() {
                [] if self.open.is_empty() => return Ok(Token::End),
                [] => return Err(self.problem(Kind::Truncated)),
                [b'<', b'/', ..] => return self.end_tag(rest),
                [b'<', b'!' | b'?', ..] | [b'&', ..] => {
                    if let Some(token) = self.rare(rest)? {
                        return Ok(token);
                    }
                }
                [b'<', ..] => return self.start_tag(rest),
                _ => return Ok(Token::Text(self.text(rest))),
            }
        }
    }

    fn start_tag(&mut self, rest: &'a str) -> Result<Token<'a>, Box<Problem>> {
        let tag = self.tag(rest)?;
        let content = tag.get(1..).unwrap_or_default();
        let (content, is_empty) = content.strip_suffix('/').map_or((content, false), |content| (content, true));
        let is_special = |octet| matches!(octet, b':' | b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'');
        let plain = !content.bytes().any(is_special);
        let (mut full, mut name, mut space) = (content, content, Some(self.default));
        if !plain {
            let blank = content.find([' ', '\t', '\r', '\n']);
            full = blank.and_then(|at| content.get(..at)).unwrap_or(content);
            name = full.rsplit_once(':').map_or(full, |(_, local)| local);
            let start = BytesStart::from_content(content, full.len());
            if self.spaces.push(&start).is_err() {
                // A declaration that XML forbids is told of the whole document.
                self.at = 0;
                return Err(self.problem(Kind::Syntax));
            }
            self.default = self.space(None).unwrap_or(Space::Other);
            space = self.space(start.name().prefix());
        }
        self.open.push(Open { full, name, number: None, plain });
        self.is_empty = is_empty;
        if self.open.len() > self.max_depth {
            return Err(self.problem(Kind::TooDeep { max: self.max_depth }));
        }
        let space = space.ok_or_else(|| self.problem(Kind::Syntax))?;
        Ok(Token::Open(Element { name, space }))
    }

    fn end_tag(&mut self, rest: &'a str) -> Result<Token<'a>, Box<Problem>> {
        let name = rest.get(2..).unwrap_or_default();
        if let Some(open) = self.open.last()
            && open.plain
            && name.strip_prefix(open.full).is_some_and(|behind| behind.starts_with('>'))
        {
            self.next += open.full.len() + 3;
            return Ok(self.close());
        }
        let tag = self.tag(rest)?;
        let name = tag.get(2..).unwrap_or_default().trim_end_matches([' ', '\t', '\r', '\n']);
        if self.open.last().is_none_or(|open| open.full != name) {
            return Err(self.problem(Kind::Syntax));
        }
        Ok(self.close())
    }

    /// The tag that comes next, without the sign that ends it.
    fn tag(&mut self, rest: &'a str) -> Result<&'a str, Box<Problem>> {
        let end = ElementParser::Outside.feed(rest.as_bytes()).ok_or_else(|| self.problem(Kind::Truncated))?;
        self.next += end + 1;
        Ok(rest.get(..end).unwrap_or_default())
    }

    fn close(&mut self) -> Token<'a> {
        if self.open.pop().is_some_and(|open| !open.plain) {
            self.spaces.pop();
            self.default = self.space(None).unwrap_or(Space::Other);
        }
        Token::Close
    }

    /// The namespace of a prefix; nothing where it must be declared and is not.
    fn space(&self, prefix: Option<Prefix<'_>>) -> Option<Space> {
        match self.spaces.resolve_prefix(prefix, true) {
            ResolveResult::Bound(Namespace(uri)) if uri == self.namespace => Some(Space::Own),
            ResolveResult::Bound(Namespace(uri)) => Some(match () {
                () if Envelope::Soap11.namespace() == Some(uri) => Space::Soap(Envelope::Soap11),
                () if Envelope::Soap12.namespace() == Some(uri) => Space::Soap(Envelope::Soap12),
                () => Space::Other,
            }),
            ResolveResult::Unbound => Some(Space::Other),
            ResolveResult::Unknown(_) => (!self.strict).then_some(Space::Other),
        }
    }

    /// The text up to the next tag or reference, its line ends as XML has them.
    fn text(&mut self, rest: &'a str) -> Cow<'a, str> {
        let octets = rest.as_bytes();
        let first = memchr3(b'<', b'&', b'\r', octets).unwrap_or(octets.len());
        if octets.get(first) != Some(&b'\r') {
            self.next += first;
            return rest.get(..first).unwrap_or_default().into();
        }
        let end = memchr2(b'<', b'&', octets).unwrap_or(octets.len());
        self.next += end;
        rest.get(..end).unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n").into()
    }

    /// A reference, a CDATA section, or something that is passed over or refused.
    fn rare(&mut self, rest: &'a str) -> Result<Option<Token<'a>>, Box<Problem>> {
        let mut reader = Reader::from_str(rest);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                self.at += usize::try_from(reader.error_position()).unwrap_or_default();
                return Err(match error {
                    // The reader says so only at the end of the document.
                    Error::Syntax(_) | Error::IllFormed(IllFormedError::UnclosedReference) => {
                        self.problem(Kind::Truncated)
                    }
                    _ => self.problem(Kind::Syntax),
                });
            }
        };
        self.next += usize::try_from(reader.buffer_position()).unwrap_or(rest.len());
        match event {
            Event::CData(data) => Ok(Some(Token::Text(data.into_inner()))),
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
                if matches!(character, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}') {
                    return Err(self.problem(Kind::Character(character)));
                }
                Ok(Some(Token::Text(character.to_string().into())))
            }
            Event::DocType(kind) => {
                let name = kind.split_ascii_whitespace().next();
                self.html = name.is_some_and(|name| name.eq_ignore_ascii_case("html"));
                Err(self.problem(Kind::Dtd))
            }
            _ => Ok(None),
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
