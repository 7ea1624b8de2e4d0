//! 鍵の保管庫: the customers' keys, each wrapped with a master key, outside the data.
//!
//! They do not lie with the data so that no copy and no backup of it can bring back a key that was destroyed: for a data
//! folder in a file beside it, which is overwritten where a key is destroyed and keeps no log of what was in it; for a
//! shared database in a schema of their own, which its backups leave out.

use crate::store::StoreError;
use crate::store::db::{Db, Postgres, bind};
use rusqlite::Connection;
use std::path::Path;

/// The file of the cabinet, in the folder of keys.
pub(super) const CABINET: &str = "customers.sqlite";
/// So many numbers are had at once.
pub(super) const BLOCK: i64 = 256;

/// A wrapped key: the name of its master key, and what it is wrapped to.
pub(super) struct Wrapped {
    pub(super) master: String,
    pub(super) sealed: Vec<u8>,
}

/// What the cabinet says to its database.
struct Sql {
    number: &'static str,
    set_number: &'static str,
    block: &'static str,
    house: &'static str,
    /// The master key that new keys are wrapped with, held as it is until what is written is durable; nothing where
    /// nobody else could change it.
    in_use: Option<&'static str>,
    add_house: &'static str,
    set_house: &'static str,
    put: &'static str,
    get: &'static str,
    destroy: [&'static str; 2],
    counts: &'static str,
    not_under: &'static str,
}

macro_rules! statements {
    ($at:literal, $block:literal, $in_use:expr) => {
        Sql {
            number: concat!("SELECT value FROM ", $at, "facts WHERE name = ?1"),
            set_number: concat!(
                "INSERT INTO ",
                $at,
                "facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING"
            ),
            block: $block,
            in_use: $in_use,
            house: concat!("SELECT master, wrapped FROM ", $at, "house WHERE name = ?1"),
            add_house: concat!(
                "INSERT INTO ",
                $at,
                "house (name, master, wrapped) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING"
            ),
            set_house: concat!("UPDATE ", $at, "house SET master = ?2, wrapped = ?3 WHERE name = ?1"),
            put: concat!(
                "INSERT INTO ",
                $at,
                "keys (id, master, wrapped) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (id) DO UPDATE SET master = excluded.master, wrapped = excluded.wrapped"
            ),
            get: concat!("SELECT master, wrapped FROM ", $at, "keys WHERE id = ?1"),
            // Overwritten before it is removed: what is removed is found by nobody, wherever the page lies.
            destroy: [
                concat!("UPDATE ", $at, "keys SET wrapped = ?2 WHERE id = ?1"),
                concat!("DELETE FROM ", $at, "keys WHERE id = ?1"),
            ],
            counts: concat!("SELECT master, count(*) FROM ", $at, "keys GROUP BY master ORDER BY 1"),
            not_under: concat!(
                "SELECT id, master, wrapped FROM ",
                $at,
                "keys WHERE id > ?2 AND master <> ?1 ORDER BY id LIMIT ?3"
            ),
        }
    };
}

const IN_FILE: Sql = statements!(
    "",
    "INSERT INTO facts (name, value) VALUES ('next', 1) ON CONFLICT (name) DO UPDATE SET value = value + 256 RETURNING value",
    None
);
const SHARED: Sql = statements!(
    "occto_keys.",
    "SELECT nextval('occto_keys.numbers')",
    Some("SELECT master FROM occto_keys.house WHERE name = ?1 FOR SHARE")
);

const FILE_TABLES: &str = "
CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY, master TEXT NOT NULL, wrapped BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS house (name TEXT PRIMARY KEY, master TEXT NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
";
/// Said at once, and so one transaction: the lock is held until what was made can be seen.
const SHARED_TABLES: &str = "
SELECT pg_advisory_xact_lock(5783914007);
CREATE SCHEMA IF NOT EXISTS occto_keys;
CREATE SEQUENCE IF NOT EXISTS occto_keys.numbers INCREMENT BY 256;
CREATE TABLE IF NOT EXISTS occto_keys.keys (id BIGINT PRIMARY KEY, master TEXT NOT NULL, wrapped BYTEA NOT NULL);
CREATE TABLE IF NOT EXISTS occto_keys.house (name TEXT PRIMARY KEY, master TEXT NOT NULL, wrapped BYTEA NOT NULL);
CREATE TABLE IF NOT EXISTS occto_keys.facts (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
";

pub(super) struct Cabinet {
    db: Db,
    sql: &'static Sql,
}

impl Cabinet {
    /// The cabinet in a file.
    pub(super) fn in_file(path: &Path) -> Result<Cabinet, StoreError> {
        let unusable =
            |error: std::io::Error| StoreError::Folder(path.into(), crate::store::cause_ja(error.kind()).into());
        crate::store::private_file(path).map_err(unusable)?;
        let db = Connection::open(path)?;
        db.busy_timeout(std::time::Duration::ZERO)?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "journal_mode", "TRUNCATE")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "secure_delete", "ON")?;
        db.execute_batch(FILE_TABLES)?;
        Ok(Cabinet { db: Db::Sqlite(db), sql: &IN_FILE })
    }

    /// The cabinet of a shared database, in a session of its own: a key is durable before what is sealed with it.
    pub(super) fn shared(address: &str) -> Result<Cabinet, StoreError> {
        let server = Postgres::connect(address)?;
        server.batch(SHARED_TABLES)?;
        Ok(Cabinet { db: Db::Postgres(Box::new(server)), sql: &SHARED })
    }

    /// A number that tells this cabinet from every other.
    pub(super) fn mark(&self) -> Result<Option<i64>, StoreError> {
        self.db.first(self.sql.number, bind!["mark"], |row| row.get(0))
    }

    pub(super) fn set_mark(&self, mark: i64) -> Result<(), StoreError> {
        self.db.run(self.sql.set_number, bind!["mark", mark])
    }

    /// The first of [`BLOCK`] numbers that nobody else gets.
    pub(super) fn block(&self) -> Result<i64, StoreError> {
        self.db.one(self.sql.block, &[], |row| row.get(0))
    }

    pub(super) fn house(&self, name: &str) -> Result<Option<Wrapped>, StoreError> {
        self.db.first(self.sql.house, bind![name], |row| Ok(Wrapped { master: row.get(0)?, sealed: row.get(1)? }))
    }

    /// The name of the master key that a key of the house is wrapped with. Where others share the cabinet, it stays that
    /// until what is written from here on is durable.
    pub(super) fn master_in_use(&self, name: &str) -> Result<Option<String>, StoreError> {
        let Some(in_use) = self.sql.in_use else { return Ok(None) };
        self.begin()?;
        self.db.first(in_use, bind![name], |row| row.get(0))
    }

    /// Keeps a key of the house; one that is there already stays.
    pub(super) fn add_house(&self, name: &str, wrapped: &Wrapped) -> Result<(), StoreError> {
        self.db.run(self.sql.add_house, bind![name, &wrapped.master, &wrapped.sealed])
    }

    pub(super) fn set_house(&self, name: &str, wrapped: &Wrapped) -> Result<(), StoreError> {
        self.db.run(self.sql.set_house, bind![name, &wrapped.master, &wrapped.sealed])
    }

    pub(super) fn put(&self, id: i64, wrapped: &Wrapped) -> Result<(), StoreError> {
        self.begin()?;
        self.db.run(self.sql.put, bind![id, &wrapped.master, &wrapped.sealed])
    }

    /// The key of a number; nothing where it never was or was destroyed.
    pub(super) fn get(&self, id: i64) -> Result<Option<Wrapped>, StoreError> {
        self.db.first(self.sql.get, bind![id], |row| Ok(Wrapped { master: row.get(0)?, sealed: row.get(1)? }))
    }

    /// Destroys a key; says whether there was one.
    pub(super) fn destroy(&self, id: i64) -> Result<bool, StoreError> {
        self.begin()?;
        let [overwrite, remove] = self.sql.destroy;
        self.db.run(overwrite, bind![id, &[0_u8; 96] as &[u8]])?;
        Ok(self.db.execute(remove, bind![id])? == 1)
    }

    /// How many keys are wrapped with which master key.
    pub(super) fn counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.db.all(self.sql.counts, &[], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// At most `limit` keys with a number above `after` that are not wrapped with a master key.
    pub(super) fn not_under(&self, master: &str, after: i64, limit: u32) -> Result<Vec<(i64, Wrapped)>, StoreError> {
        self.db.all(self.sql.not_under, bind![master, after, limit], |row| {
            Ok((row.get(0)?, Wrapped { master: row.get(1)?, sealed: row.get(2)? }))
        })
    }

    fn begin(&self) -> Result<(), StoreError> {
        if self.db.is_open() { Ok(()) } else { self.db.begin() }
    }

    /// Makes durable what was written.
    pub(super) fn keep(&self) -> Result<(), StoreError> {
        if self.db.is_open() { self.db.commit() } else { Ok(()) }
    }

    /// Takes back what was written since it was last made durable.
    pub(super) fn take_back(&self) {
        if self.db.is_open() {
            self.db.roll_back();
        }
    }
}
