//! 値と行: what goes into a statement and what comes out of it, alike for both databases.

use super::super::StoreError;
use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use std::borrow::Cow;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

/// 値: one parameter of a statement. Whole numbers, texts and octets are all that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number; truth is 0 or 1.
    Int(i64),
    /// A text.
    Text(Cow<'a, str>),
    /// Octets.
    Blob(Cow<'a, [u8]>),
}

impl Value<'_> {
    /// The value without what it borrows.
    pub fn owned(&self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Int(number) => Value::Int(*number),
            Value::Text(text) => Value::Text(Cow::Owned(text.clone().into_owned())),
            Value::Blob(octets) => Value::Blob(Cow::Owned(octets.clone().into_owned())),
        }
    }
}

macro_rules! whole_numbers {
    ($($type:ty),*) => {$(
        impl From<$type> for Value<'_> {
            fn from(number: $type) -> Self {
                // Sizes and counts: none comes near the end of the range.
                Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
        impl Column<'_> for $type {
            fn of(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Int(number) => Self::try_from(number).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
whole_numbers!(i64, u64, usize, u32, u16, u8);

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Int(i64::from(truth))
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(octets: &'a [u8]) -> Self {
        Value::Blob(Cow::Borrowed(octets))
    }
}
impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(octets: &'a Vec<u8>) -> Self {
        Value::Blob(Cow::Borrowed(octets))
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// The parameters of a statement, in the order of their numbers.
macro_rules! bind {
    ($($value:expr),* $(,)?) => { &[$($crate::store::db::Value::from($value)),*] };
}
pub(in crate::store) use bind;

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(octets) => ValueRef::Blob(octets),
        }))
    }
}

type Failed = Box<dyn Error + Sync + Send>;

impl ToSql for Value<'_> {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) if *to == Type::INT8 => number.to_sql(to, out),
            Value::Int(number) if *to == Type::INT4 => i32::try_from(*number)?.to_sql(to, out),
            Value::Text(text) if text.contains('\0') => Err("a text with a NUL character".into()),
            Value::Text(text) if <&str as ToSql>::accepts(to) => text.as_ref().to_sql(to, out),
            Value::Blob(octets) if *to == Type::BYTEA => octets.as_ref().to_sql(to, out),
            _ => Err("a value of another type than the column".into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// 欄: one value of a row, borrowed from it.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'r> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'r str),
    /// Octets.
    Blob(&'r [u8]),
}

impl<'r> FromSql<'r> for Cell<'r> {
    fn from_sql(kind: &Type, raw: &'r [u8]) -> Result<Self, Failed> {
        Ok(match *kind {
            Type::INT8 => Cell::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Cell::Int(i32::from_sql(kind, raw)?.into()),
            Type::BOOL => Cell::Int(bool::from_sql(kind, raw)?.into()),
            Type::BYTEA => Cell::Blob(raw),
            _ => Cell::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failed> {
        Ok(Cell::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::BOOL | Type::BYTEA) || <&str as FromSql<'_>>::accepts(kind)
    }
}

/// 行: one row of an answer.
#[derive(Debug)]
pub enum Row<'r> {
    /// Of SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    /// The value of a column, counted from 0.
    pub fn get<T: Column<'r>>(&self, index: usize) -> Result<T, StoreError> {
        let cell = match self {
            Row::Sqlite(row) => match row.get_ref(index)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Int(number),
                ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).map_err(|_| StoreError::Damaged("text"))?),
                ValueRef::Blob(octets) => Cell::Blob(octets),
                ValueRef::Real(_) => return Err(StoreError::Damaged("number")),
            },
            Row::Postgres(row) => row.try_get(index)?,
        };
        T::of(cell).ok_or(StoreError::Damaged("column"))
    }
}

/// What a column can be read as.
pub trait Column<'r>: Sized {
    /// The value, if the cell holds one of the type.
    fn of(cell: Cell<'r>) -> Option<Self>;
}

impl Column<'_> for bool {
    fn of(cell: Cell<'_>) -> Option<bool> {
        match cell {
            Cell::Int(number) => Some(number != 0),
            _ => None,
        }
    }
}
impl<'r> Column<'r> for &'r str {
    fn of(cell: Cell<'r>) -> Option<&'r str> {
        match cell {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }
}
impl Column<'_> for String {
    fn of(cell: Cell<'_>) -> Option<String> {
        <&str>::of(cell).map(str::to_owned)
    }
}
impl<'r> Column<'r> for &'r [u8] {
    fn of(cell: Cell<'r>) -> Option<&'r [u8]> {
        match cell {
            Cell::Blob(octets) => Some(octets),
            _ => None,
        }
    }
}
impl Column<'_> for Vec<u8> {
    fn of(cell: Cell<'_>) -> Option<Vec<u8>> {
        match cell {
            Cell::Blob(octets) => Some(octets.to_vec()),
            _ => None,
        }
    }
}
impl<'r, T: Column<'r>> Column<'r> for Option<T> {
    fn of(cell: Cell<'r>) -> Option<Option<T>> {
        match cell {
            Cell::Null => Some(None),
            cell => T::of(cell).map(Some),
        }
    }
}
