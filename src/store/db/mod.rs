//! データベース: one way to say a statement to SQLite or to PostgreSQL.
//!
//! A statement is one text valid in both, its parameters `?1`, `?2` …; whole numbers, texts and octets are the only
//! types. What one of them does in another way is asked for by name ([`Db::is_shared`]), never guessed from an error.

mod postgres;
mod tls;
mod value;
mod wait;

pub use postgres::Postgres;
pub use tls::{has_password, may_be_in_clear};
pub(super) use value::bind;
pub use value::{Row, Value};

use super::StoreError;
use rusqlite::Connection;

/// データベース: the store's connection.
#[derive(Debug)]
pub enum Db {
    /// A file that this process holds alone.
    Sqlite(Connection),
    /// A server that any number of processes share.
    Postgres(Box<Postgres>),
}

impl Db {
    /// Whether other processes may be at work in it at the same time.
    pub const fn is_shared(&self) -> bool {
        matches!(self, Db::Postgres(_))
    }

    /// Now by the clock of the database, in milliseconds, as a part of a statement: machines that share a store need not
    /// agree on the time.
    pub const fn clock(&self) -> &'static str {
        match self {
            Db::Sqlite(_) => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
            Db::Postgres(_) => Postgres::CLOCK,
        }
    }

    /// Does something of which nothing needs to be known but that it worked. In a transaction the server may be asked
    /// later: what failed is told by the next statement whose answer is awaited, at the latest by the commit.
    pub fn run(&self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(_) => self.execute(sql, values).map(drop),
            Db::Postgres(server) => server.run(sql, values),
        }
    }

    /// Does something and says how many rows it touched.
    pub fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        match self {
            Db::Sqlite(db) => Ok(db.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))? as u64),
            Db::Postgres(server) => server.execute(sql, values),
        }
    }

    /// Inserts one row and gives the number in its column `id`.
    pub fn insert(&self, sql: &str, values: &[Value<'_>]) -> Result<i64, StoreError> {
        match self {
            Db::Sqlite(db) => {
                db.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?;
                Ok(db.last_insert_rowid())
            }
            Db::Postgres(server) => {
                let rows = server.query(&format!("{sql} RETURNING id"), values)?;
                rows.first().map_or(Err(StoreError::Damaged("id")), |row| Row::Postgres(row).get(0))
            }
        }
    }

    /// Visits the rows of an answer in order. The visitor says no statement of its own.
    pub fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(db) => {
                let mut query = db.prepare_cached(sql)?;
                let mut rows = query.query(rusqlite::params_from_iter(values))?;
                while let Some(row) = rows.next()? {
                    visit(&Row::Sqlite(row))?;
                }
                Ok(())
            }
            Db::Postgres(server) => server.query(sql, values)?.iter().try_for_each(|row| visit(&Row::Postgres(row))),
        }
    }

    /// Every row of an answer, read.
    pub fn all<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.each(sql, values, |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The first row of an answer, read; nothing where there is none.
    pub fn first<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self {
            Db::Sqlite(db) => {
                let mut query = db.prepare_cached(sql)?;
                let mut rows = query.query(rusqlite::params_from_iter(values))?;
                rows.next()?.map(|row| read(&Row::Sqlite(row))).transpose()
            }
            Db::Postgres(server) => server.query(sql, values)?.first().map(|row| read(&Row::Postgres(row))).transpose(),
        }
    }

    /// The one row that an answer always has, read.
    pub fn one<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.first(sql, values, read)?.ok_or(StoreError::Damaged("row"))
    }

    /// Begins a transaction that may write.
    pub fn begin(&self) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(_) => self.run("BEGIN IMMEDIATE", &[]),
            Db::Postgres(server) => server.begin("BEGIN"),
        }
    }

    /// Begins a look at one moment; SQLite needs none, as nobody else writes.
    pub fn begin_reading(&self) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(server) => server.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        }
    }

    /// Makes durable what was done since the beginning.
    pub fn commit(&self) -> Result<(), StoreError> {
        match self {
            Db::Sqlite(_) => self.run("COMMIT", &[]),
            Db::Postgres(server) => server.commit(),
        }
    }

    /// Whether a transaction is open.
    pub fn is_open(&self) -> bool {
        match self {
            Db::Sqlite(db) => !db.is_autocommit(),
            Db::Postgres(server) => server.is_open(),
        }
    }

    /// Takes back what was done since the beginning. What cannot be taken back now is taken back by the database.
    pub fn roll_back(&self) {
        match self {
            Db::Sqlite(_) => drop(self.run("ROLLBACK", &[])),
            Db::Postgres(server) => server.roll_back(),
        }
    }
}
