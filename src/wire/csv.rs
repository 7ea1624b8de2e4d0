//! 一括申込: reading the CSV forms. A row that cannot be read does not stop the others.

use super::binding::HEADER;
use super::binding::plan::{FieldPlan, MessagePlan};
use super::canonical::canonical;
use super::charset::CharsetError;
use super::finish::read_header;
use super::lines::Lines;
use super::problem::{DecodeError, Problem, ProblemKind as Kind};
use super::{Binding, Charset, Incoming, Limits};
use crate::messages::switching::SwitchingMessage;
use crate::messages::{FieldErrorKind, Message, Node, Tree};
use crate::rules::Place;
use std::borrow::Cow;

/// 一括申込の1行: a row of a CSV form.
#[derive(Debug)]
pub struct CsvRow {
    /// Its line, from 1; the header row is line 1.
    pub line: u64,
    /// The message, or what is wrong with the row.
    pub message: Result<Incoming, DecodeError>,
}

/// A column of the file: a field of the header or of the message.
#[derive(Clone, Copy)]
enum Column<'b> {
    Header(&'b FieldPlan),
    Message(&'b FieldPlan),
    Unknown,
}

impl Binding {
    /// Reads messages in their CSV form: columns in any order, in the charset of the binding or UTF-8 with a byte order
    /// mark.
    pub fn decode_csv<M: Message>(&self, octets: &[u8]) -> Result<Vec<CsvRow>, DecodeError> {
        let limits = Limits::default();
        if octets.len() > limits.octets {
            return Err(DecodeError::TooLarge { max: limits.octets, got: octets.len() });
        }
        let plan = self.message(M::SPEC).filter(|plan| plan.csv);
        let Some(plan) = plan else { return Err(problem(Kind::NoCsvForm, 1, None)) };
        let text = self.csv_text(octets)?;
        if text.trim().is_empty() {
            return Err(DecodeError::Empty);
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut lines = Lines::new(text.as_bytes());
        let mut columns = Vec::new();
        let mut rows = Vec::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(rows),
                Err(error) => {
                    let line = lines.of(error.position());
                    return Err(problem(Kind::Syntax, line, None));
                }
            }
            let line = lines.of(record.position());
            if columns.is_empty() {
                columns = self.columns(plan, &record)?;
                continue;
            }
            if rows.len() == limits.rows {
                return Err(problem(Kind::TooManyRows { max: limits.rows }, line, None));
            }
            let message = if record.len() == columns.len() {
                self.row(plan, &columns, &record, line)
            } else {
                Err(problem(Kind::Shape, line, None))
            };
            rows.push(CsvRow { line, message });
        }
    }

    fn csv_text<'a>(&self, octets: &'a [u8]) -> Result<Cow<'a, str>, DecodeError> {
        if octets.starts_with(&[0xFF, 0xFE]) || octets.starts_with(&[0xFE, 0xFF]) {
            return Err(DecodeError::Charset(CharsetError::Utf16));
        }
        let (charset, body, mark) = match octets.strip_prefix(b"\xEF\xBB\xBF") {
            Some(body) => (Charset::Utf8, body, 3),
            None => (self.csv_charset, octets, 0),
        };
        charset.decode(body).map_err(|error| {
            DecodeError::Charset(match error {
                CharsetError::Invalid { charset, byte } => CharsetError::Invalid { charset, byte: byte + mark },
                other => other,
            })
        })
    }

    fn columns<'b>(&'b self, plan: &'b MessagePlan, names: &csv::StringRecord) -> Result<Vec<Column<'b>>, DecodeError> {
        let mut columns: Vec<Column<'b>> = Vec::with_capacity(names.len());
        let mut problems = Vec::new();
        for name in names {
            let find = |fields: &'b [FieldPlan]| fields.iter().find(|field| *field.column == *name);
            let column = match (find(&self.header.fields), find(&plan.record.fields)) {
                (Some(field), _) => Column::Header(field),
                (None, Some(field)) => Column::Message(field),
                (None, None) => Column::Unknown,
            };
            if let Some(field) = column.field()
                && columns.iter().any(|other| other.is(column))
            {
                problems.push(at(Kind::Duplicate, 1, Some(field)));
            }
            columns.push(column);
        }
        let wanted =
            self.header.fields.iter().map(Column::Header).chain(plan.record.fields.iter().map(Column::Message));
        for column in wanted.filter(|column| column.field().is_some_and(|field| field.required)) {
            if !columns.iter().any(|other| other.is(column)) {
                problems.push(at(Kind::NoColumn, 1, column.field()));
            }
        }
        if problems.is_empty() { Ok(columns) } else { Err(DecodeError::Invalid(problems)) }
    }

    fn row(
        &self,
        plan: &MessagePlan,
        columns: &[Column<'_>],
        record: &csv::StringRecord,
        line: u64,
    ) -> Result<Incoming, DecodeError> {
        let mut trees = [Tree::new(HEADER.len()), Tree::new(plan.spec.fields.len())];
        let mut problems = Vec::new();
        let mut unknown = 0;
        for (column, cell) in columns.iter().zip(record) {
            let (tree, field) = match (column, &mut trees) {
                (Column::Header(field), [header, _]) => (header, field),
                (Column::Message(field), [_, message]) => (message, field),
                (Column::Unknown, _) => {
                    unknown += usize::from(!cell.is_empty());
                    continue;
                }
            };
            match canonical(self, field, Cow::Borrowed(cell)) {
                Ok(Some(text)) => {
                    if let Some(node) = tree.node_mut(field.index) {
                        *node = Node::Text(text);
                    }
                }
                Ok(None) => {}
                Err(kind) => problems.push(at(kind, line, Some(field))),
            }
        }
        let [header, message] = &trees;
        let column_of = |index: usize| self.header.fields.iter().find(|field| field.index == index);
        let header = read_header(self, header, plan, &|kind, index| at(kind, line, column_of(index)));
        let message = SwitchingMessage::absorb(plan.spec, message);
        let reported =
            |problems: &[Problem], key| problems.iter().any(|p| p.field.is_some_and(|field| field.key == key));
        let (header, message) = match (header, message) {
            (Ok(header), Ok(message)) if problems.is_empty() => (header, message),
            (header, message) => {
                let mut new = header.err().unwrap_or_default();
                for error in message.err().unwrap_or_default() {
                    let field = plan.record.of(error.field.key);
                    if error.kind != FieldErrorKind::Missing || !reported(&problems, error.field.key) {
                        new.push(at(error.kind.into(), line, field));
                    }
                }
                problems.extend(new);
                return Err(DecodeError::Invalid(problems));
            }
        };
        Ok(Incoming { header, message, unknown, findings: Vec::new() })
    }
}

impl<'b> Column<'b> {
    const fn field(self) -> Option<&'b FieldPlan> {
        match self {
            Column::Header(field) | Column::Message(field) => Some(field),
            Column::Unknown => None,
        }
    }
    fn is(self, other: Column<'_>) -> bool {
        match (self, other) {
            (Column::Header(one), Column::Header(two)) | (Column::Message(one), Column::Message(two)) => {
                one.index == two.index
            }
            _ => false,
        }
    }
}

fn at(kind: Kind, line: u64, field: Option<&FieldPlan>) -> Problem {
    let column = field.map(|field| field.column.to_string().into());
    let place = Place { line: Some(line), column, ..Place::default() };
    Problem { kind, field: field.map(|field| field.field), place }
}

fn problem(kind: Kind, line: u64, field: Option<&FieldPlan>) -> DecodeError {
    DecodeError::Invalid(vec![at(kind, line, field)])
}
