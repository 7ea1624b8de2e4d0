//! Records and messages: the traits behind the declarations, and the macro that declares.

use super::{Field, FieldError, FieldErrorKind, FieldValue, Kind, Node, Occurs, Tree};
use crate::items::{Date, DateTime, Family, Item, ItemSet, Reference, YearMonth};
use crate::notice::{Disclosure, Party, Purpose};
use std::fmt;

/// What an encoder offers a record: one call per value, in the order the encoder asks.
pub trait Emit {
    /// A text as it is.
    fn text(&mut self, text: &str);
    /// A number in decimal digits.
    fn number(&mut self, number: fmt::Arguments<'_>);
    /// A date, in the form the binding asks for.
    fn date(&mut self, date: Date);
    /// A date and time, in the form the binding asks for.
    fn date_time(&mut self, time: DateTime);
    /// A month, in the form the binding asks for.
    fn month(&mut self, month: YearMonth);
    /// Yes or no, in the form the binding asks for.
    fn flag(&mut self, flag: bool);
    /// A value of a closed set, written as the binding says.
    fn code(&mut self, table: &'static str, key: &'static str);
    /// Octets.
    fn bytes(&mut self, octets: &[u8]);
    /// One repetition of a group.
    fn row(&mut self, record: &dyn Fields);
}

/// The fields of a record, by index: what an encoder needs to know of it.
pub trait Fields {
    /// The declarations.
    fn fields(&self) -> &'static [Field];
    /// Gives the value of a field to the encoder; nothing where it is absent.
    fn emit(&self, index: usize, out: &mut dyn Emit);
}

/// レコード: a group of declared fields.
pub trait Record: Fields + Sized {
    /// The declarations, in order.
    const FIELDS: &'static [Field];
    /// The items the record discloses: those of the fields that are present.
    fn items(&self) -> ItemSet;
    /// Reads the neutral form; every field that does not fit is named.
    fn absorb(tree: &Tree) -> Result<Self, Vec<FieldError>>;
}

/// The type of a field in a record: a value, an optional value, or a repeated group.
pub trait Member: Sized {
    /// What its value looks like.
    const KIND: Kind;
    /// How often it stands.
    const OCCURS: Occurs;
    /// The items it discloses, given the item of its declaration.
    fn items(&self, own: Option<Item>) -> ItemSet;
    /// Gives the value to an encoder; nothing where it is absent.
    fn emit(&self, out: &mut dyn Emit);
    /// Reads it from the neutral form.
    fn take(node: &Node, field: &'static Field, errors: &mut Vec<FieldError>) -> Option<Self>;
}

fn fail<T>(field: &'static Field, kind: FieldErrorKind, errors: &mut Vec<FieldError>) -> Option<T> {
    errors.push(FieldError { field, groups: Vec::new(), rows: Vec::new(), kind });
    None
}

impl<T: FieldValue> Member for T {
    const KIND: Kind = T::KIND;
    const OCCURS: Occurs = Occurs::Once;
    fn items(&self, own: Option<Item>) -> ItemSet {
        own.into_iter().collect()
    }
    fn emit(&self, out: &mut dyn Emit) {
        FieldValue::emit(self, out);
    }
    fn take(node: &Node, field: &'static Field, errors: &mut Vec<FieldError>) -> Option<T> {
        match node {
            Node::Text(text) => match T::read(text) {
                Ok(value) => Some(value),
                Err(error) => fail(field, FieldErrorKind::Value(error), errors),
            },
            Node::Absent => fail(field, FieldErrorKind::Missing, errors),
            Node::Rows(_) => fail(field, FieldErrorKind::Shape, errors),
        }
    }
}

impl<T: FieldValue> Member for Option<T> {
    const KIND: Kind = T::KIND;
    const OCCURS: Occurs = Occurs::Optional;
    fn items(&self, own: Option<Item>) -> ItemSet {
        if self.is_some() { own.into_iter().collect() } else { ItemSet::EMPTY }
    }
    fn emit(&self, out: &mut dyn Emit) {
        if let Some(value) = self {
            FieldValue::emit(value, out);
        }
    }
    fn take(node: &Node, field: &'static Field, errors: &mut Vec<FieldError>) -> Option<Option<T>> {
        match node {
            Node::Absent => Some(None),
            node => <T as Member>::take(node, field, errors).map(Some),
        }
    }
}

impl<R: Record> Member for Vec<R> {
    const KIND: Kind = Kind::Group(R::FIELDS);
    const OCCURS: Occurs = Occurs::Many;
    fn items(&self, _own: Option<Item>) -> ItemSet {
        self.iter().fold(ItemSet::EMPTY, |set, row| set.union(row.items()))
    }
    fn emit(&self, out: &mut dyn Emit) {
        for row in self {
            out.row(row);
        }
    }
    fn take(node: &Node, field: &'static Field, errors: &mut Vec<FieldError>) -> Option<Vec<R>> {
        let rows = match node {
            Node::Absent => return Some(Vec::new()),
            Node::Text(_) => return fail(field, FieldErrorKind::Shape, errors),
            Node::Rows(rows) => rows,
        };
        let mut read = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            match R::absorb(row) {
                Ok(row) => read.push(row),
                Err(inner) => errors.extend(inner.into_iter().map(|mut error| {
                    error.groups.insert(0, field.key);
                    error.rows.insert(0, index + 1);
                    error
                })),
            }
        }
        (read.len() == rows.len()).then_some(read)
    }
}

/// 電文定義: what is fixed about a message.
#[derive(Debug)]
pub struct MessageSpec {
    /// The stable key, as in bindings.
    pub key: &'static str,
    /// The Japanese name.
    pub ja: &'static str,
    /// The English name.
    pub en: &'static str,
    /// The purpose it is sent for.
    pub purpose: Purpose,
    /// The families it exists in.
    pub families: &'static [Family],
    /// The key of the message that answers it, if one does.
    pub answer: Option<&'static str>,
    /// Its fields.
    pub fields: &'static [Field],
}

/// 電文: a record that is sent.
pub trait Message: Record + Disclosure {
    /// What is fixed about it.
    const SPEC: &'static MessageSpec;
}

/// 任意の電文: any message, of its own type or as one of many: what a writer needs of it.
pub trait AnyMessage {
    /// What is fixed about it.
    fn definition(&self) -> &'static MessageSpec;
    /// Its fields.
    fn record(&self) -> &dyn Fields;
}

impl<M: Message> AnyMessage for M {
    fn definition(&self) -> &'static MessageSpec {
        M::SPEC
    }
    fn record(&self) -> &dyn Fields {
        self
    }
}

/// 電文ヘッダ: what stands around every message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// 供給種別: messages of different families are never confused.
    pub family: Family,
    /// The business that says it.
    pub sender: Party,
    /// The business it is said to.
    pub recipient: Party,
    /// 申込参照番号: the sender's own reference; an answer repeats that of what it answers.
    pub reference: Reference,
    /// 作成日時, JST.
    pub created: DateTime,
}

/// Declares a record: its fields with key, labels and item, once.
#[macro_export]
macro_rules! record {
    ($(#[$doc:meta])* $vis:vis struct $name:ident {
        $($(#[$fdoc:meta])* $field:ident: $ty:ty = $key:literal, $ja:literal, $en:literal $(, $item:ident)?;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name { $($(#[$fdoc])* #[doc = concat!($ja, ": ", $en)] pub $field: $ty,)* }

        impl $crate::messages::Fields for $name {
            fn fields(&self) -> &'static [$crate::messages::Field] {
                <$name as $crate::messages::Record>::FIELDS
            }
            #[allow(unused_assignments, reason = "the last increment of the unrolled index is not read")]
            fn emit(&self, index: usize, out: &mut dyn $crate::messages::Emit) {
                let mut at = 0;
                $(if index == at { return $crate::messages::Member::emit(&self.$field, out); } at += 1;)*
            }
        }

        impl $crate::messages::Record for $name {
            const FIELDS: &'static [$crate::messages::Field] = &[$($crate::messages::Field {
                key: $key,
                ja: $ja,
                en: $en,
                item: $crate::record!(@item $($item)?),
                kind: <$ty as $crate::messages::Member>::KIND,
                occurs: <$ty as $crate::messages::Member>::OCCURS,
            },)*];
            #[inline]
            fn items(&self) -> $crate::items::ItemSet {
                let mut items = $crate::items::ItemSet::EMPTY;
                $(items = items.union($crate::messages::Member::items(&self.$field, $crate::record!(@item $($item)?)));)*
                items
            }
            fn absorb(tree: &$crate::messages::Tree) -> Result<Self, Vec<$crate::messages::FieldError>> {
                let mut errors = Vec::new();
                let mut nodes = Self::FIELDS.iter().enumerate();
                $(let $field = nodes.next().and_then(|(index, field)| {
                    <$ty as $crate::messages::Member>::take(tree.node(index), field, &mut errors)
                });)*
                match ($($field,)*) {
                    ($(Some($field),)*) if errors.is_empty() => Ok($name { $($field),* }),
                    _ => Err(errors),
                }
            }
        }
    };
    (@item) => { None };
    (@item $item:ident) => { Some($crate::items::Item::$item) };
}

/// Declares a message: a record with its key, names, purpose, families and answer.
#[macro_export]
macro_rules! message {
    ($(#[$doc:meta])* $vis:vis struct $name:ident = $key:literal, $ja:literal, $en:literal,
        $purpose:ident, [$($family:ident),*], consent: $consent:ident, answer: $answer:expr, point: $point:expr
        $(, customers: $customers:ident)?; { $($fields:tt)* }) => {
        $crate::record! { #[doc = concat!($ja, ": ", $en, ".")] $(#[$doc])* $vis struct $name { $($fields)* } }

        impl $crate::messages::Message for $name {
            const SPEC: &'static $crate::messages::MessageSpec = &$crate::messages::MessageSpec {
                key: $key,
                ja: $ja,
                en: $en,
                purpose: $crate::notice::Purpose::$purpose,
                families: &[$($crate::items::Family::$family),*],
                answer: $answer,
                fields: <$name as $crate::messages::Record>::FIELDS,
            };
        }

        impl $crate::notice::Disclosure for $name {
            #[inline]
            fn purpose(&self) -> $crate::notice::Purpose { $crate::notice::Purpose::$purpose }
            #[inline]
            fn items(&self) -> $crate::items::ItemSet { $crate::messages::Record::items(self) }
            #[inline]
            fn point(&self) -> Option<$crate::items::SupplyPointId> {
                let point: fn(&Self) -> Option<$crate::items::SupplyPointId> = $point;
                point(self)
            }
            #[inline]
            fn consent_need(&self) -> $crate::notice::ConsentNeed { $crate::notice::ConsentNeed::$consent }
            $(fn customers(&self) -> $crate::notice::Customers { $crate::notice::Customers::$customers })?
        }
    };
}
