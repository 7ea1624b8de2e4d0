//! 読取り: octets of a counterparty to a message, or to what is wrong with them and where.

use super::binding::HEADER;
use super::binding::plan::{FieldPlan, MessagePlan, RecordPlan};
use super::canonical::canonical;
use super::problem::{DecodeError, Problem, ProblemKind as Kind};
use super::xml::{Document, Element, Limits, Source, Space, Token};
use super::{Binding, Envelope};
use crate::items::Family;
use crate::messages::switching::SwitchingMessage;
use crate::messages::{Header, Node, Tree};
use crate::rules::{Finding, Place, Rule, codes};
use std::borrow::Cow;

/// 受信電文: a message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Who says it to whom.
    pub header: Header,
    /// What is said.
    pub message: SwitchingMessage,
    /// How many elements or columns the binding does not know; they were passed over.
    pub unknown: usize,
    /// What is worth knowing although the message could be read.
    pub findings: Vec<Finding>,
}

impl Binding {
    /// Reads a message in a plain, SOAP 1.1 or SOAP 1.2 envelope.
    pub fn decode(&self, octets: &[u8]) -> Result<Incoming, DecodeError> {
        self.decode_within(octets, &Limits::default())
    }

    /// Reads a message within limits.
    pub fn decode_within(&self, octets: &[u8], limits: &Limits) -> Result<Incoming, DecodeError> {
        let document = Document::read(octets, limits)?;
        let mut reading = Reading {
            binding: self,
            source: Source::new(&document.text, &self.namespace, limits),
            max_rows: limits.rows,
            rows: Vec::new(),
            header: None,
            problems: Vec::new(),
            unknown: 0,
            notes: Vec::new(),
        };
        let placed = |mut problem: Problem| {
            problem.place.byte = problem.place.byte.map(|at| document.octet(usize::try_from(at).unwrap_or(usize::MAX)));
            problem
        };
        let invalid = |problems: Vec<Problem>| DecodeError::Invalid(problems.into_iter().map(placed).collect());
        if let Some((at, character)) = document.first_illegal() {
            let place = Place { byte: Some(at as u64), ..Place::default() };
            return Err(invalid(vec![Problem { kind: Kind::Character(character), field: None, place }]));
        }
        match reading.document() {
            Ok(mut incoming) => {
                for finding in &mut incoming.findings {
                    let octet = |at| document.octet(usize::try_from(at).unwrap_or(usize::MAX)) + 1;
                    finding.place.byte = finding.place.byte.map(octet);
                }
                Ok(incoming)
            }
            Err(Stop::Problems(_)) if reading.source.is_html() => Err(DecodeError::NotXml { html: true }),
            Err(Stop::Problems(problems)) => Err(invalid(problems)),
            Err(Stop::Error(error)) => Err(error),
        }
    }
}

pub(super) enum Stop {
    Problems(Vec<Problem>),
    Error(DecodeError),
}

impl From<Box<Problem>> for Stop {
    fn from(problem: Box<Problem>) -> Stop {
        Stop::Problems(vec![*problem])
    }
}

/// Further problems of one document are not counted.
pub(super) const MOST_PROBLEMS: usize = 50;

pub(super) struct Reading<'b, 'a> {
    pub(super) binding: &'b Binding,
    pub(super) source: Source<'a>,
    pub(super) max_rows: usize,
    /// Every repetition of a group so far.
    pub(super) rows: Vec<Row>,
    pub(super) header: Option<Tree>,
    pub(super) problems: Vec<Problem>,
    pub(super) unknown: usize,
    pub(super) notes: Vec<Finding>,
}

/// One repetition of a group.
pub(super) struct Row {
    /// The row it stands in, as one more than its place in the list; 0 for the message.
    pub(super) parent: usize,
    /// The group, by its place in the declaration.
    pub(super) group: usize,
    /// Which repetition it is, from 1.
    pub(super) number: usize,
    pub(super) at: usize,
}

/// What the root element says.
pub(super) struct Root<'b> {
    pub(super) plan: &'b MessagePlan,
    /// The families whose root element it is.
    pub(super) families: Vec<Family>,
    pub(super) path: String,
    pub(super) at: usize,
    pub(super) tree: Tree,
}

impl<'b, 'a> Reading<'b, 'a> {
    fn document(&mut self) -> Result<Incoming, Stop> {
        let first = self.first()?;
        let name = first.name;
        let root = match first.space {
            Space::Soap(_) if name == "Envelope" => self.envelope()?,
            _ if name.eq_ignore_ascii_case("html") => return Err(Stop::Error(DecodeError::NotXml { html: true })),
            _ => self.message(first)?,
        };
        loop {
            match self.source.next()? {
                Token::End => break,
                Token::Text(text) if is_blank(&text) => {}
                _ => return Err(self.source.problem(Kind::Syntax).into()),
            }
        }
        self.finish(root)
    }

    /// The next start tag; blanks before it are passed over.
    fn first(&mut self) -> Result<Element<'a>, Stop> {
        loop {
            match self.source.next()? {
                Token::Open(element) => return Ok(element),
                Token::Text(text) if is_blank(&text) => {}
                Token::End => return Err(self.source.problem(Kind::Truncated).into()),
                _ => return Err(self.source.problem(Kind::Syntax).into()),
            }
        }
    }

    fn envelope(&mut self) -> Result<Root<'b>, Stop> {
        let mut root = None;
        loop {
            match self.source.next()? {
                Token::Close => return root.ok_or_else(|| self.source.problem(Kind::Envelope).into()),
                Token::Open(Element { name: "Header", space: Space::Soap(_) }) => self.soap_header()?,
                Token::Open(Element { name: "Body", space: Space::Soap(_) }) if root.is_none() => {
                    root = Some(self.body()?);
                }
                Token::Text(text) if is_blank(&text) => {}
                _ => return Err(self.source.problem(Kind::Envelope).into()),
            }
        }
    }

    fn soap_header(&mut self) -> Result<(), Stop> {
        loop {
            match self.source.next()? {
                Token::Close => return Ok(()),
                Token::Open(element) if element.space == Space::Own && *element.name == *self.binding.header_name => {
                    self.read_header()?;
                }
                // Other entries of a SOAP header are for others.
                Token::Open(_) => self.source.skip()?,
                _ => {}
            }
        }
    }

    fn read_header(&mut self) -> Result<(), Stop> {
        if self.header.is_some() {
            self.note_problem(Kind::Duplicate, None);
            return Ok(self.source.skip()?);
        }
        let tree = self.record(&self.binding.header, HEADER.len(), None)?;
        self.header = Some(tree);
        Ok(())
    }

    fn body(&mut self) -> Result<Root<'b>, Stop> {
        let first = loop {
            match self.source.next()? {
                Token::Open(element) => break element,
                Token::Text(text) if is_blank(&text) => {}
                _ => return Err(self.source.problem(Kind::Envelope).into()),
            }
        };
        if let Element { name: "Fault", space: Space::Soap(envelope) } = first {
            return Err(Stop::Error(self.fault(envelope)?));
        }
        let root = self.message(first)?;
        loop {
            match self.source.next()? {
                Token::Close => return Ok(root),
                Token::Text(text) if is_blank(&text) => {}
                _ => return Err(self.source.problem(Kind::Envelope).into()),
            }
        }
    }

    fn fault(&mut self, envelope: Envelope) -> Result<DecodeError, Box<Problem>> {
        let (code_name, text_name) =
            if envelope == Envelope::Soap11 { ("faultcode", "faultstring") } else { ("Value", "Text") };
        let (mut code, mut text) = (String::new(), String::new());
        let mut names = vec!["Fault"];
        while !names.is_empty() {
            match self.source.next()? {
                Token::Open(element) => names.push(element.name),
                Token::Close => {
                    names.pop();
                }
                Token::Text(part) => {
                    let (place, most) = match names.last() {
                        Some(name) if *name == code_name => (&mut code, 100),
                        Some(name) if *name == text_name => (&mut text, 1000),
                        _ => continue,
                    };
                    place.extend(part.chars().filter(|c| !c.is_control()).take(most));
                }
                Token::End => break,
            }
        }
        Ok(DecodeError::Fault { code: code.trim().to_owned(), text: text.trim().to_owned() })
    }

    fn message(&mut self, root: Element<'a>) -> Result<Root<'b>, Stop> {
        let plan = self.binding.of_root(root.name).filter(|_| root.space == Space::Own);
        let Some(plan) = plan else { return Err(self.source.problem(Kind::Root).into()) };
        let (path, at) = (self.source.path(), self.source.at());
        let families = plan.families.iter().filter(|family| *family.root == *root.name);
        let families = families.map(|family| family.family).collect();
        let tree = self.record(&plan.record, plan.spec.fields.len(), Some(0))?;
        Ok(Root { plan, families, path, at, tree })
    }

    fn note_problem(&mut self, kind: Kind, field: Option<&FieldPlan>) {
        if self.problems.len() < MOST_PROBLEMS {
            let problem = self.source.problem(kind);
            self.problems.push(Problem { field: field.map(|plan| plan.field), ..*problem });
        }
    }

    /// The children of the element that was opened last: a row, 0 for the message, none for the header.
    fn record(&mut self, plan: &'b RecordPlan, fields: usize, row: Option<usize>) -> Result<Tree, Stop> {
        let mut tree = Tree::new(fields);
        let (mut next, mut seen) = (0, 0u64);
        loop {
            let element = match self.source.next()? {
                Token::Open(element) => element,
                Token::Close | Token::End => return Ok(tree),
                Token::Text(text) => {
                    if !is_blank(&text) {
                        self.note_problem(Kind::Shape, None);
                    }
                    continue;
                }
            };
            if row == Some(0) && *element.name == *self.binding.header_name {
                self.read_header()?;
                continue;
            }
            let known = plan.find(element.name, next).and_then(|at| Some((at, plan.fields.get(at)?)));
            let Some((at, field)) = known else {
                self.pass_over()?;
                continue;
            };
            next = at;
            if let Some(group) = &field.group {
                self.row(group, field, &mut tree, row.unwrap_or(0))?;
                continue;
            }
            let bit = 1u64 << (at % 64);
            if seen & bit != 0 {
                self.note_problem(Kind::Duplicate, Some(field));
                self.source.skip()?;
                continue;
            }
            seen |= bit;
            if let Some(text) = self.value(field)?
                && let Some(node) = tree.node_mut(field.index)
            {
                *node = Node::Text(text);
            }
        }
    }

    fn row(&mut self, group: &'b RecordPlan, field: &FieldPlan, tree: &mut Tree, parent: usize) -> Result<(), Stop> {
        if self.rows.len() == self.max_rows {
            return Err(self.source.problem(Kind::TooManyRows { max: self.max_rows }).into());
        }
        let number = match tree.node(field.index) {
            Node::Rows(rows) => rows.len() + 1,
            _ => 1,
        };
        self.rows.push(Row { parent, group: field.index, number, at: self.source.at() });
        self.source.number(number);
        let row = self.record(group, group.fields.len(), Some(self.rows.len()))?;
        match tree.node_mut(field.index) {
            Some(Node::Rows(rows)) => rows.push(row),
            Some(node) => *node = Node::Rows(vec![row]),
            None => {}
        }
        Ok(())
    }

    fn pass_over(&mut self) -> Result<(), Box<Problem>> {
        self.unknown += 1;
        if self.unknown == 1 {
            self.notes.push(note(&self.source, &codes::WIRE_UNKNOWN_ELEMENT));
        }
        self.source.skip()
    }

    /// The canonical text of the element that was opened last; nothing where it is empty.
    fn value(&mut self, field: &'b FieldPlan) -> Result<Option<String>, Stop> {
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        let start = self.source.at();
        loop {
            match self.source.next()? {
                Token::Text(part) if text.is_empty() => text = part,
                Token::Text(part) => text.to_mut().push_str(&part),
                Token::Close | Token::End => break,
                Token::Open(_) => {
                    // The rest of this element, then the rest of the one around it.
                    self.source.skip()?;
                    self.source.skip()?;
                    self.push(self.at_value(Kind::Shape, field, start));
                    return Ok(None);
                }
            }
        }
        match canonical(self.binding, field, text) {
            Ok(Some(text)) => {
                if field.codes.is_some() && text.starts_with('?') && self.notes.len() < MOST_PROBLEMS {
                    let place = self.at_value(Kind::Shape, field, start).place;
                    self.notes.push(Finding { place, ..codes::WIRE_OPEN_CODE.plain() });
                }
                Ok(Some(text))
            }
            Ok(None) => Ok(None),
            Err(kind) => {
                self.push(self.at_value(kind, field, start));
                Ok(None)
            }
        }
    }

    /// A problem of a value whose end tag was read already.
    fn at_value(&self, kind: Kind, field: &FieldPlan, start: usize) -> Problem {
        let path = Some(format!("{}/{}", self.source.path(), field.name));
        let place = Place { path, byte: Some(start as u64), ..Place::default() };
        Problem { kind, field: Some(field.field), place }
    }

    fn push(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

fn note(source: &Source<'_>, rule: &Rule) -> Finding {
    Finding { place: source.problem(Kind::Shape).place, ..rule.plain() }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|octet| matches!(octet, b' ' | b'\t' | b'\n' | b'\r'))
}
