//! Reading TOML with the place of every key, so that a mistake in a binding is named with line and column.

use super::error::{BindingError, BindingErrorKind};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A table of a binding and the way to it.
#[derive(Clone)]
pub(super) struct Section<'t> {
    text: &'t str,
    path: String,
    at: usize,
    table: &'t DeTable<'t>,
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

pub(super) type Found<T> = Result<Option<At<T>>, BindingError>;

fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The TOML of a text, or why it is none.
pub(super) fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, BindingError> {
    DeTable::parse(text).map_err(|error| {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        let kind = BindingErrorKind::Syntax(error.message().to_owned());
        BindingError { line, column, key: String::new(), kind }
    })
}

impl<'t> Section<'t> {
    pub(super) fn root(text: &'t str, table: &'t Spanned<DeTable<'t>>) -> Section<'t> {
        Section { text, path: String::new(), at: 0, table: table.get_ref() }
    }

    /// An error at a place; the key is one of this table.
    pub(super) fn error(&self, at: usize, key: &str, kind: BindingErrorKind) -> BindingError {
        let (line, column) = place(self.text, at);
        let key = if self.path.is_empty() || key.is_empty() {
            format!("{}{key}", self.path)
        } else {
            format!("{}.{key}", self.path)
        };
        BindingError { line, column, key, kind }
    }
    /// An error about the table itself.
    pub(super) fn missing(&self, key: &str) -> BindingError {
        self.error(self.at, key, BindingErrorKind::Missing)
    }
    /// Where the table stands.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The keys of the table and where they stand.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'t str, usize)> + use<'t> {
        let table: &'t DeTable<'t> = self.table;
        table.iter().map(|(key, _): (&'t Spanned<DeString<'t>>, _)| (&**key.get_ref(), key.span().start))
    }
    /// Refuses keys that are not among these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), BindingError> {
        match self.keys().find(|(key, _)| !known.contains(key)) {
            Some((key, at)) => Err(self.error(at, key, BindingErrorKind::Unknown)),
            None => Ok(()),
        }
    }

    fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.iter().find(|(name, _)| *name.get_ref() == key).map(|(_, value)| value)
    }
    fn typed<T>(&self, key: &str, what: &'static str, read: impl FnOnce(&'t DeValue<'t>) -> Option<T>) -> Found<T> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let at = value.span().start;
        let expected = || self.error(at, key, BindingErrorKind::Expected(what));
        read(value.get_ref()).map(|value| Some(At { value, at })).ok_or_else(expected)
    }
    pub(super) fn text(&self, key: &str) -> Found<&'t str> {
        self.typed(key, "文字列 / a text", DeValue::as_str)
    }
    pub(super) fn flag(&self, key: &str) -> Found<bool> {
        self.typed(key, "true / false", DeValue::as_bool)
    }
    pub(super) fn number(&self, key: &str) -> Found<usize> {
        self.typed(key, "1以上の整数 / a whole number from 1", |value| {
            let number = value.as_integer()?;
            usize::from_str_radix(number.as_str(), number.radix()).ok().filter(|number| *number > 0)
        })
    }
    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<At<&'t str>>>, BindingError> {
        let read = |value: &'t DeValue<'t>| {
            let texts = value.as_array()?.iter();
            texts.map(|text| Some(At { value: text.get_ref().as_str()?, at: text.span().start })).collect()
        };
        Ok(self.typed(key, "文字列の配列 / an array of texts", read)?.map(|found| found.value))
    }
    pub(super) fn section(&self, key: &str) -> Result<Option<Section<'t>>, BindingError> {
        let path = self.error(self.at, key, BindingErrorKind::Missing).key;
        let found = self.typed(key, "表 / a table", DeValue::as_table)?;
        let at = self.keys().find(|(name, _)| *name == key).map_or(self.at, |(_, at)| at);
        Ok(found.map(|found| Section { text: self.text, path, at, table: found.value }))
    }
    /// A table, or a text that stands for a table with one key.
    pub(super) fn section_or_text(&self, key: &str) -> Result<Option<Result<Section<'t>, At<&'t str>>>, BindingError> {
        match self.value(key).map(Spanned::get_ref) {
            Some(DeValue::String(_)) => Ok(self.text(key)?.map(Err)),
            _ => Ok(self.section(key)?.map(Ok)),
        }
    }
}
