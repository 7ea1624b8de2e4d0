//! 設定の節: a section of the configuration is read twice — as what every line has in common, and as what is its own — and
//! every key that neither knows is named.

use super::super::access::Common;
use super::ConfigError;
use super::text::Text;
use crate::rules::codes;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Visitor};
use std::fmt::Display;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A section with what is wrong in it.
pub(super) struct Sections<'a> {
    pub(super) text: &'a Text,
    pub(super) errors: Vec<ConfigError>,
}

impl Sections<'_> {
    /// Reads a section; nothing where something of it cannot be read.
    pub(super) fn read<T: DeserializeOwned>(&mut self, value: &Spanned<DeValue<'_>>) -> Option<(T, Common)> {
        let known: Vec<&str> = fields::<T>().iter().chain(fields::<Common>()).copied().collect();
        self.unknown(value.get_ref().as_table(), &known);
        // Both, so that what is wrong in either is named.
        let (own, common) = (self.one(value), self.one(value));
        Some((own?, common?))
    }

    /// Reads what is common to every section alone.
    pub(super) fn common(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Common> {
        self.unknown(value.get_ref().as_table(), fields::<Common>());
        self.one(value)
    }

    fn one<T: DeserializeOwned>(&mut self, value: &Spanned<DeValue<'_>>) -> Option<T> {
        let mut rest = value.clone();
        let mut wrong = false;
        loop {
            let error = match T::deserialize(ValueDeserializer::from(rest.clone())) {
                Ok(read) => return (!wrong).then_some(read),
                Err(error) => error,
            };
            // Without the value that is wrong the others are looked at as well; that it is missing then is no mistake.
            let is_value = taken_out(&mut rest, &error);
            if is_value || !wrong {
                let error = self.text.unreadable(&error, value.span().start);
                if !self.errors.contains(&error) {
                    self.errors.push(error);
                }
            }
            if !is_value {
                return None;
            }
            wrong = true;
        }
    }

    /// Names every key of a table that is not known.
    pub(super) fn unknown(&mut self, table: Option<&DeTable<'_>>, known: &[&str]) {
        for key in table.into_iter().flatten().map(|(key, _)| key) {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let near = known.iter().copied().filter(|other| near(name, other)).min_by_key(|other| steps(name, other));
            let (ja, en) = match near {
                Some(near) => (
                    format!("知らない項目「{name}」（「{near}」ではありませんか）"),
                    format!("unknown key `{name}`, did you mean `{near}`?"),
                ),
                None => (format!("知らない項目「{name}」"), format!("unknown key `{name}`")),
            };
            self.errors.push(self.text.at(key.span().start, &codes::CONFIG_KEY, ja, en));
        }
    }
}

/// Takes the value that an error is about out of its table; false where it is about none of them.
fn taken_out(value: &mut Spanned<DeValue<'_>>, error: &toml::de::Error) -> bool {
    let (Some(at), DeValue::Table(table)) = (error.span(), value.get_mut()) else { return false };
    let wrong = table.iter().find(|(_, value)| value.span().contains(&at.start)).map(|(key, _)| key.clone());
    wrong.is_some_and(|key| table.remove(&key).is_some())
}

fn near(one: &str, two: &str) -> bool {
    steps(one, two) <= 1 + one.len() / 5
}

/// The letters to be changed, taken out or put in, to make one word of the other.
fn steps(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut before = index;
        let mut last = index + 1;
        for (place, other) in row.iter_mut().skip(1).zip(&two) {
            let cost = (before + usize::from(letter != *other)).min(last + 1).min(*place + 1);
            before = *place;
            last = cost;
            *place = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The keys that a structure reads, from its own declaration.
fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut found: &'static [&'static str] = &[];
    // It gives its fields away, then it is told that there is nothing.
    let _ = T::deserialize(Probe(&mut found));
    found
}

struct Probe<'a>(&'a mut &'static [&'static str]);

fn nothing<T>() -> Result<T, serde::de::value::Error> {
    Err(serde::de::Error::custom(""))
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        nothing()
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        nothing()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// What an error of the reader says, without the quotation of the text that follows it, and without a value of the wrong
/// kind: it may be a password that was written without quotes.
pub(super) fn said(error: &impl Display) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    match line.rsplit_once(", expected ") {
        Some((what, expected)) if what.starts_with("invalid ") => {
            let kind = what.split(['`', '"']).next().unwrap_or_default().trim_end();
            format!("{kind}, expected {expected}")
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_wrong_kind_is_not_quoted() {
        for (error, expected) in [
            ("invalid type: integer `4711`, expected a string", "invalid type: integer, expected a string"),
            ("invalid type: string \"a, expected b\", expected a boolean", "invalid type: string, expected a boolean"),
            ("invalid basic string, expected `\"`", "invalid basic string, expected `\"`"),
            ("unknown field `gett`, expected `get`", "unknown field `gett`, expected `get`"),
            ("missing field `url`", "missing field `url`"),
        ] {
            assert_eq!(said(&error), expected);
        }
    }

    #[test]
    fn a_word_is_near_another_by_few_letters() {
        assert_eq!((steps("timeout", "timeout"), steps("timout", "timeout"), steps("", "abc")), (0, 1, 3));
        assert!(near("conect-timeout", "connect-timeout") && !near("colour", "closed"));
        assert!(fields::<Common>().contains(&"client-certificate"));
    }
}
