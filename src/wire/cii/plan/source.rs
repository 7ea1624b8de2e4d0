//! The elements of a plan file, one after the other, with their place; and the account of what is not in the standard form.

use crate::rules::{Finding, Place, Rule, codes};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::BufRead as _;

/// What comes next.
pub(super) enum Next<'a> {
    /// A start tag; where it starts, and whether it is closed at once.
    Open { name: Name<'a>, tag: BytesStart<'a>, at: usize, empty: bool },
    /// The end of the element around.
    Close,
    /// Text that is not blank.
    Text(Cow<'a, str>),
    /// The end of the document.
    End,
}

/// The name of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    /// `JPnnnnn`
    Item(u16),
    /// `JPMnnnnn`
    Group(u16),
    /// `JPMRnnnnn`
    Row(u16),
    /// Any other.
    Other(&'a str),
}

impl<'a> Name<'a> {
    pub(super) fn of(local: &'a str) -> Name<'a> {
        let number = |digits: &str| {
            let digits: &[u8; 5] =
                digits.as_bytes().try_into().ok().filter(|d: &&[u8; 5]| d.iter().all(u8::is_ascii_digit))?;
            let value = digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
            // Numbers above 65535 belong to no plan.
            u16::try_from(value).ok()
        };
        let strip = |prefix| local.strip_prefix(prefix).and_then(number);
        None.or_else(|| strip("JPMR").map(Name::Row))
            .or_else(|| strip("JPM").map(Name::Group))
            .or_else(|| strip("JP").map(Name::Item))
            .unwrap_or(Name::Other(local))
    }
}

/// The most findings of a file that are told one by one.
const MAX_FINDINGS: usize = 1_000;

/// A document on its way.
pub(super) struct Source<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// The way to the open element: groups and their repetitions.
    pub(super) path: Vec<(u16, usize)>,
    findings: Vec<Finding>,
    untold: usize,
    forms: BTreeSet<(&'static str, &'static str)>,
}

/// Why reading ends: what is told instead of a plan.
pub(super) type Stop = Box<Finding>;

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Source<'a> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        Source { text, reader, path: Vec::new(), findings: Vec::new(), untold: 0, forms: BTreeSet::new() }
    }

    /// Where the next token starts.
    pub(super) fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len())
    }

    /// A part of the document as it was written.
    pub(super) fn written(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The octets that come next.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.reader.get_ref()
    }

    /// Goes on behind octets that were read without the XML reader: whole elements.
    pub(super) fn skip_over(&mut self, octets: usize) {
        self.reader.stream().consume(octets);
    }

    pub(super) fn next(&mut self) -> Result<Next<'a>, Stop> {
        loop {
            let at = self.at();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(_) => {
                    let at = usize::try_from(self.reader.error_position()).unwrap_or(at);
                    return Err(self.broken(at));
                }
            };
            match event {
                Event::Start(tag) => return Ok(self.open(tag, at, false)),
                Event::Empty(tag) => return Ok(self.open(tag, at, true)),
                Event::End(_) => return Ok(Next::Close),
                Event::Text(text) => {
                    let text = text.into_inner();
                    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
                        self.blank(at, &text);
                        continue;
                    }
                    return Ok(Next::Text(text));
                }
                Event::CData(data) => {
                    self.form("CDATAがあります", "there is a CDATA section");
                    return Ok(Next::Text(data.into_inner()));
                }
                Event::GeneralRef(reference) => {
                    let character = match &*reference {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "apos" => Some('\''),
                        "quot" => Some('"'),
                        _ => reference.resolve_char_ref().ok().flatten(),
                    };
                    if !matches!(character, Some('&' | '<' | '>')) || reference.starts_with('#') {
                        self.form("文字参照があります", "there is a character reference");
                    }
                    let character = character.ok_or_else(|| self.broken(at))?;
                    return Ok(Next::Text(Cow::Owned(character.to_string())));
                }
                Event::Decl(_) => {
                    if !self.text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n") {
                        let ja = "XML宣言とその改行（CRLF）が標準の書き方ではありません";
                        self.form(ja, "the XML declaration and the CRLF behind it are written otherwise");
                    }
                }
                Event::Comment(_) | Event::PI(_) => {
                    self.form("コメントまたは処理命令があります", "there is a comment or an instruction");
                }
                // An entity could be declared there.
                Event::DocType(_) => {
                    let mut stop = self.stop(&codes::PLAN_BROKEN, "DTDは読みません", "a DTD is not read");
                    stop.place.byte = Some(at as u64 + 1);
                    return Err(stop);
                }
                Event::Eof => return Ok(Next::End),
            }
        }
    }

    fn open(&mut self, tag: BytesStart<'a>, at: usize, empty: bool) -> Next<'a> {
        let length = tag.name().as_ref().len();
        let name = self.written(at + 1, at + 1 + length);
        let local = match name.rsplit_once(':') {
            Some((_, local)) => {
                self.form("要素名に接頭辞があります", "element names have a prefix");
                local
            }
            None => name,
        };
        Next::Open { name: Name::of(local), tag, at, empty }
    }

    /// Blanks between elements: the standard form has them behind the declaration only.
    fn blank(&mut self, at: usize, text: &str) {
        let behind_declaration = at > 0 && self.written(at - 2, at) == "?>" && text == "\r\n";
        let at_end = at + text.len() == self.text.len() && text == "\r\n";
        if !behind_declaration && !at_end {
            self.form("要素の間に空白または改行があります", "there are blanks between elements");
        }
    }

    /// Passes over the element that was opened last; gives where it ends.
    pub(super) fn skip(&mut self, empty: bool) -> Result<usize, Stop> {
        let mut depth = usize::from(!empty);
        while depth > 0 {
            match self.next()? {
                Next::Open { empty, .. } => depth += usize::from(!empty),
                Next::Close => depth -= 1,
                Next::Text(_) => {}
                Next::End => return Err(self.broken(self.text.len())),
            }
        }
        Ok(self.at())
    }

    /// The text of the element that was opened last.
    pub(super) fn leaf(&mut self, empty: bool) -> Result<Cow<'a, str>, Stop> {
        let mut text = Cow::Borrowed("");
        if empty {
            return Ok(text);
        }
        loop {
            match self.next()? {
                Next::Close => return Ok(text),
                Next::Text(part) if text.is_empty() => text = part,
                Next::Text(part) => text.to_mut().push_str(&part),
                Next::Open { at, empty, .. } => {
                    self.structure(at, "値の中に要素があります", "there is an element within a value");
                    self.skip(empty)?;
                }
                Next::End => return Err(self.broken(self.text.len())),
            }
        }
    }

    /// The way to the open element: `/JPTRM/JPM00022[3]/JPM00023`.
    pub(super) fn place(&self) -> String {
        self.path.iter().fold("/JPTRM".to_owned(), |path, (group, row)| match row {
            0 => format!("{path}/JPM{group:05}"),
            row => format!("{path}/JPM{group:05}[{row}]"),
        })
    }

    /// A finding at the open element.
    pub(super) fn finding(&mut self, finding: Finding) {
        if self.findings.len() >= MAX_FINDINGS {
            self.untold += 1;
            return;
        }
        let place = Place { path: Some(self.place()), ..finding.place };
        self.findings.push(Finding { place, ..finding });
    }

    /// Something stands where it cannot.
    pub(super) fn structure(&mut self, at: usize, ja: &str, en: &str) {
        let mut finding = codes::PLAN_STRUCTURE.finding(ja, en);
        finding.place.byte = Some(at as u64 + 1);
        self.finding(finding);
    }

    /// A deviation from the standard form that loses nothing; told once.
    pub(super) fn form(&mut self, ja: &'static str, en: &'static str) {
        self.forms.insert((ja, en));
    }

    pub(super) fn stop(&self, rule: &Rule, ja: impl Into<String>, en: impl Into<String>) -> Stop {
        Box::new(rule.finding(ja, en))
    }

    /// The document is not XML from a place on.
    pub(super) fn broken(&self, at: usize) -> Stop {
        let line = self.text.get(..at).map_or(0, |before| before.matches('\n').count()) as u64 + 1;
        let mut stop = if at >= self.text.len() {
            self.stop(&codes::PLAN_BROKEN, "XMLが途中で終わっています", "the XML breaks off")
        } else {
            self.stop(&codes::PLAN_BROKEN, "XMLとして正しくありません", "it is not well-formed XML")
        };
        (stop.place.byte, stop.place.line) = (Some(at as u64 + 1), Some(line));
        if !self.path.is_empty() {
            stop.place.path = Some(self.place());
        }
        stop
    }

    /// What was found, in the order of the file; deviations of form last, as one.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        if self.untold > 0 {
            let (n, most) = (self.untold, MAX_FINDINGS);
            self.findings.push(codes::PLAN_VALUE.finding(
                format!("指摘が{most}件を超えたため、残り{n}件は表示していません"),
                format!("{n} more findings beyond {most} are not shown"),
            ));
        }
        if !self.forms.is_empty() {
            let join = |of: fn(&(&'static str, &'static str)) -> &'static str, with: &str| {
                self.forms.iter().map(of).collect::<Vec<_>>().join(with)
            };
            self.findings.push(codes::PLAN_FORM.finding(join(|form| form.0, "。"), join(|form| form.1, "; ")));
        }
        self.findings
    }
}
