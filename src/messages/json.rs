//! JSON of a record: an object by field keys, canonical texts, groups as arrays of objects. Read into a [`Tree`].

use super::{Emit, Field, Fields, Kind, Node, Tree};
use crate::items::{Date, DateTime, YearMonth};
use base64::Engine as _;
use serde_json::{Map, Value};
use std::fmt;

/// The record as a JSON object; absent fields are left out.
#[must_use]
pub fn to_json(record: &dyn Fields) -> Value {
    let mut object = Map::new();
    for (index, field) in record.fields().iter().enumerate() {
        let mut out = Collect { values: Vec::new() };
        record.emit(index, &mut out);
        let value = match field.kind {
            Kind::Group(_) if out.values.is_empty() => None,
            Kind::Group(_) => Some(Value::Array(out.values)),
            _ => out.values.pop(),
        };
        if let Some(value) = value {
            object.insert(field.key.to_owned(), value);
        }
    }
    Value::Object(object)
}

/// Writes the record as a JSON object in the order of its declaration, without building it first.
pub fn write(record: &dyn Fields, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut first = true;
    for (index, field) in record.fields().iter().enumerate() {
        let group = matches!(field.kind, Kind::Group(_));
        let mut pen = Pen { out, key: field.key, group, first, values: 0 };
        record.emit(index, &mut pen);
        let values = pen.values;
        first &= values == 0;
        if group && values > 0 {
            out.push(b']');
        }
    }
    out.push(b'}');
}

/// The neutral form of a JSON object; keys that no field has are ignored.
#[must_use]
pub fn from_json(fields: &'static [Field], value: &Value) -> Tree {
    let mut tree = Tree::new(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let node = match (value.get(field.key), field.kind) {
            (Some(Value::String(text)), _) => Node::Text(text.clone()),
            (Some(Value::Array(rows)), Kind::Group(inner)) => {
                Node::Rows(rows.iter().map(|row| from_json(inner, row)).collect())
            }
            _ => Node::Absent,
        };
        if let Some(slot) = tree.node_mut(index) {
            *slot = node;
        }
    }
    tree
}

struct Collect {
    values: Vec<Value>,
}

impl Collect {
    fn push(&mut self, text: String) {
        self.values.push(Value::String(text));
    }
}

impl Emit for Collect {
    fn text(&mut self, text: &str) {
        self.push(text.to_owned());
    }
    fn number(&mut self, number: fmt::Arguments<'_>) {
        self.push(number.to_string());
    }
    fn date(&mut self, date: Date) {
        self.push(date.to_string());
    }
    fn date_time(&mut self, time: DateTime) {
        self.push(time.to_string());
    }
    fn month(&mut self, month: YearMonth) {
        self.push(month.to_string());
    }
    fn flag(&mut self, flag: bool) {
        self.push(if flag { "1" } else { "0" }.to_owned());
    }
    fn code(&mut self, _table: &'static str, key: &'static str) {
        self.push(key.to_owned());
    }
    fn bytes(&mut self, octets: &[u8]) {
        self.push(base64::engine::general_purpose::STANDARD.encode(octets));
    }
    fn row(&mut self, record: &dyn Fields) {
        self.values.push(to_json(record));
    }
}

/// Writes the values of one field; its key comes with the first of them.
struct Pen<'a> {
    out: &'a mut Vec<u8>,
    key: &'static str,
    group: bool,
    first: bool,
    values: usize,
}

impl Pen<'_> {
    fn begin(&mut self) {
        if self.values > 0 || !self.first {
            self.out.push(b',');
        }
        if self.values == 0 {
            string(self.out, self.key);
            self.out.extend_from_slice(if self.group { b":[" } else { b":" });
        }
        self.values += 1;
    }
    fn put(&mut self, text: &str) {
        self.begin();
        string(self.out, text);
    }
    /// A value whose text needs no escaping.
    fn plain(&mut self, value: fmt::Arguments<'_>) {
        use std::io::Write as _;
        self.begin();
        // Writing to a Vec does not fail.
        let _ = write!(self.out, "\"{value}\"");
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Writing to a Vec does not fail.
    let _ = serde_json::to_writer(out, text);
}

impl Emit for Pen<'_> {
    fn text(&mut self, text: &str) {
        self.put(text);
    }
    fn number(&mut self, number: fmt::Arguments<'_>) {
        self.plain(number);
    }
    fn date(&mut self, date: Date) {
        self.plain(format_args!("{date}"));
    }
    fn date_time(&mut self, time: DateTime) {
        self.plain(format_args!("{time}"));
    }
    fn month(&mut self, month: YearMonth) {
        self.plain(format_args!("{month}"));
    }
    fn flag(&mut self, flag: bool) {
        self.put(if flag { "1" } else { "0" });
    }
    fn code(&mut self, _table: &'static str, key: &'static str) {
        self.put(key);
    }
    fn bytes(&mut self, octets: &[u8]) {
        self.put(&base64::engine::general_purpose::STANDARD.encode(octets));
    }
    fn row(&mut self, record: &dyn Fields) {
        self.begin();
        write(record, self.out);
    }
}
