//! The neutral form of a record: what every written form is read into before it becomes a message.

use super::Field;
use crate::items::ItemError;
use std::fmt;

/// 中立形式: the values of a record, one node a field, in the order of the declaration.
///
/// Texts are canonical: dates `2026-11-22`, times `2026-11-22T13:05:00`, months `2026-11`, flags `1`/`0`, codes by key
/// (a code the binding does not know as `?` and what stood there), octets in base64.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// One field of a [`Tree`].
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Node {
    /// Nothing stood there.
    #[default]
    Absent,
    /// A value.
    Text(String),
    /// The repetitions of a group.
    Rows(Vec<Tree>),
}

impl Tree {
    /// A record of so many fields, all absent.
    #[must_use]
    pub fn new(fields: usize) -> Tree {
        Tree { nodes: vec![Node::Absent; fields] }
    }
    /// The node of a field; absent where there is none.
    #[must_use]
    pub fn node(&self, index: usize) -> &Node {
        self.nodes.get(index).unwrap_or(&Node::Absent)
    }
    /// The node of a field, to be filled; nothing where the record has no such field.
    pub fn node_mut(&mut self, index: usize) -> Option<&mut Node> {
        self.nodes.get_mut(index)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree(…{})", self.nodes.len())
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Absent => f.write_str("Absent"),
            Node::Text(_) => f.write_str("Text(…)"),
            Node::Rows(rows) => write!(f, "Rows({})", rows.len()),
        }
    }
}

/// A field that does not fit its declaration.
#[derive(Clone, Debug)]
pub struct FieldError {
    /// The declaration.
    pub field: &'static Field,
    /// The keys of the groups it stands in, outermost first.
    pub groups: Vec<&'static str>,
    /// Which repetition of each group, counted from 1.
    pub rows: Vec<usize>,
    /// What is wrong.
    pub kind: FieldErrorKind,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldErrorKind {
    /// A required field is absent.
    Missing,
    /// The value is not one of the item.
    Value(ItemError),
    /// A value where a group is expected, or the reverse.
    Shape,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Field { ja, en, .. } = self.field;
        match &self.kind {
            FieldErrorKind::Missing => write!(f, "必須項目「{ja}」がありません / required field `{en}` is absent"),
            FieldErrorKind::Value(error) => write!(f, "「{ja}」: {} / `{en}`: {}", error.ja(), error.en()),
            FieldErrorKind::Shape => write!(f, "「{ja}」の構造が違います / `{en}` has another structure"),
        }
    }
}

impl std::error::Error for FieldError {}
