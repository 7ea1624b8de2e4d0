//! 書出し計画: a binding worked out for every message: what is written around each value, in order.

use super::form::{Form, PartyForm, Scope};
use crate::items::Family;
use crate::messages::{Field, MessageSpec};
use std::sync::Arc;

/// コード表: what each value of a closed set is written as.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::wire) struct CodeTable {
    pub(in crate::wire) table: &'static str,
    pub(in crate::wire) rows: Box<[(&'static str, Box<str>)]>,
}

impl CodeTable {
    pub(in crate::wire) fn written(&self, key: &str) -> Option<&str> {
        self.rows.iter().find(|(other, _)| *other == key).map(|(_, text)| &**text)
    }
    pub(in crate::wire) fn key(&self, text: &str) -> Option<&'static str> {
        self.rows.iter().find(|(_, other)| **other == *text).map(|(key, _)| *key)
    }
}

/// A field as the binding writes it.
#[derive(Debug)]
pub(in crate::wire) struct FieldPlan {
    /// Its place in the declaration.
    pub(in crate::wire) index: usize,
    pub(in crate::wire) field: &'static Field,
    /// The element.
    pub(in crate::wire) name: Box<str>,
    /// The column in a CSV form.
    pub(in crate::wire) column: Box<str>,
    /// The start tag with the line break before it.
    pub(in crate::wire) open: Box<[u8]>,
    pub(in crate::wire) close: Box<[u8]>,
    pub(in crate::wire) required: bool,
    /// The most octets, where the binding limits it more than the item does.
    pub(in crate::wire) max: Option<usize>,
    pub(in crate::wire) codes: Option<Arc<CodeTable>>,
    pub(in crate::wire) group: Option<RecordPlan>,
}

/// The fields of a record in the order they are written.
#[derive(Debug)]
pub(in crate::wire) struct RecordPlan {
    pub(in crate::wire) fields: Box<[FieldPlan]>,
}

impl RecordPlan {
    /// The field of an element, looked for from a place on: elements mostly come in order.
    pub(in crate::wire) fn find(&self, name: &str, from: usize) -> Option<usize> {
        let (before, after) = self.fields.split_at_checked(from)?;
        let here = |part: &[FieldPlan]| part.iter().position(|field| *field.name == *name);
        here(after).map(|at| from + at).or_else(|| here(before))
    }
    /// The field of a key.
    pub(in crate::wire) fn of(&self, key: &str) -> Option<&FieldPlan> {
        self.fields.iter().find(|plan| plan.field.key == key)
    }
}

/// A message of one family: its code, its root element and what is written around header and fields.
#[derive(Debug)]
pub(in crate::wire) struct FamilyPlan {
    pub(in crate::wire) family: Family,
    pub(in crate::wire) code: Box<str>,
    pub(in crate::wire) root: Box<str>,
    /// Up to the header fields.
    pub(in crate::wire) start: Box<[u8]>,
    /// From the header fields to those of the message.
    pub(in crate::wire) middle: Box<[u8]>,
    /// After the fields of the message.
    pub(in crate::wire) end: Box<[u8]>,
}

/// A message.
#[derive(Debug)]
pub(in crate::wire) struct MessagePlan {
    pub(in crate::wire) spec: &'static MessageSpec,
    pub(in crate::wire) families: Box<[FamilyPlan]>,
    pub(in crate::wire) record: RecordPlan,
    pub(in crate::wire) csv: bool,
}

impl MessagePlan {
    pub(in crate::wire) fn family(&self, family: Family) -> Option<&FamilyPlan> {
        self.families.iter().find(|plan| plan.family == family)
    }
}

/// 書式: everything about values that does not depend on the field.
#[derive(Debug)]
pub(in crate::wire) struct Forms {
    pub(in crate::wire) date: Form,
    pub(in crate::wire) date_time: Form,
    pub(in crate::wire) month: Form,
    /// What yes and no are written as.
    pub(in crate::wire) flag: [Box<str>; 2],
    pub(in crate::wire) parties: Box<[PartyForm]>,
}

impl Forms {
    pub(in crate::wire) const fn of(&self, scope: Scope) -> &Form {
        match scope {
            Scope::Date => &self.date,
            Scope::DateTime => &self.date_time,
            Scope::Month => &self.month,
        }
    }
}
