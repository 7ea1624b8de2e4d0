//! What is kept: cases, outbox, ledger, incoming cancellations, files taken — SQLite (WAL) under the data folder — and
//! readings as Parquet beside it.
//!
//! One process at a time holds the store. Values are not encrypted here: keep the folder where only the switching
//! team can read it.

mod batch;
mod case;
mod cause;
mod downloads;
mod incoming;
mod key_source;
mod ledger;
mod outbox;
mod queue;
pub mod readings;
mod schema;

pub use batch::{Batch, BatchState};
pub use case::{Case, CaseRow, Entry, Outcome, Stage};
pub use cause::cause_ja;
pub use downloads::{Download, Origin};
pub use incoming::{Incoming, IncomingState};
pub use key_source::{KEY_OCTETS, KeyError, KeySource, SecretKey};
pub(crate) use ledger::hex;
pub use ledger::{LedgerCheck, LedgerFault, LedgerLine};
pub use outbox::{OutboxState, Outgoing};
pub use queue::ACTIVE;

use queue::Queue;
use rusqlite::{Connection, ErrorCode};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// 保存の失敗: why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the store.
    #[error(
        "データフォルダ「{0}」は別の occto が使用中です。終了を待ってから実行してください / another occto is using the data folder `{0}`: wait until it has ended"
    )]
    Busy(PathBuf),
    /// The folder cannot be made or opened.
    #[error(
        "データフォルダ「{0}」を開けません（{1}）。書き込めるフォルダを --data で指定してください / cannot open the data folder `{0}`: name a writable one with --data"
    )]
    Folder(PathBuf, String),
    /// The disk is full.
    #[error(
        "データフォルダ「{0}」のディスクに空きがありません。空きを作って再実行すると続きから再開します / the disk of `{0}` is full: make room and run again, the work goes on where it stopped"
    )]
    Full(PathBuf),
    /// The disk could not be read or written.
    #[error(
        "データフォルダ「{0}」を読み書きできません。ディスクの空きと状態を確認して再実行すると続きから再開します / the data folder `{0}` cannot be read or written: check the disk and run again, the work goes on where it stopped"
    )]
    Disk(PathBuf),
    /// Written by a newer version.
    #[error(
        "データフォルダは新しい版の occto で作成されています（形式{found}、対応は{known}まで） / the data folder was written by a newer occto (form {found}, known up to {known})"
    )]
    Newer {
        /// The form of the folder.
        found: i64,
        /// The newest form this version knows.
        known: i64,
    },
    /// What is stored cannot be read.
    #[error("保存データが壊れています（{0}） / stored data is damaged ({0})")]
    Damaged(&'static str),
    /// A file of readings cannot be used.
    #[error(
        "30分値のファイル「readings/{path}」は{ja}。このファイルを削除し、元のファイルをもう一度 meter ingest で取り込んでください / the file of readings `readings/{path}` cannot be used ({en}): delete it and ingest its source again"
    )]
    Readings {
        /// Where it lies, below the folder of readings.
        path: String,
        /// What is wrong with it, in Japanese.
        ja: &'static str,
        /// What is wrong with it, in English.
        en: String,
    },
    /// Another failure of the database.
    #[error("データベースの処理に失敗しました / the database failed: {0}")]
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Database(error)
    }
}

/// 保存庫: the store of one business under one data folder.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    dir: PathBuf,
    commits: u64,
    queue: RefCell<Queue>,
}

/// 取引: what is done together or not at all.
#[derive(Debug)]
pub struct Tx<'a>(&'a Connection, &'a RefCell<Queue>);

/// A transaction that was begun: rolled back unless it was committed.
struct Open<'a>(&'a Store);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.0.db.is_autocommit() {
            // What cannot be rolled back now is rolled back when the store is opened again.
            let _ = self.0.say("ROLLBACK");
            self.0.queue.borrow_mut().forget();
        }
    }
}

impl Store {
    /// Opens the store under a folder, making and migrating it as needed.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        let unusable = |error: std::io::Error| StoreError::Folder(dir.into(), cause_ja(error.kind()).to_owned());
        private_folder(dir).map_err(unusable)?;
        private_file(&dir.join("occto.sqlite")).map_err(unusable)?;
        let mut store = Store {
            db: Connection::open(dir.join("occto.sqlite")).map_err(|e| name(e, dir))?,
            dir: dir.into(),
            commits: 0,
            queue: RefCell::default(),
        };
        store.prepare().map_err(|error| named(error, dir))?;
        Ok(store)
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        // Whoever holds the store holds it to the end of the work: waiting is of no use.
        self.db.busy_timeout(std::time::Duration::ZERO)?;
        self.db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        self.db.pragma_update(None, "journal_mode", "WAL")?;
        self.db.pragma_update(None, "synchronous", "FULL")?;
        self.db.pragma_update(None, "foreign_keys", "ON")?;
        // 16 MiB of pages (a larger cache is searched longer at every commit), and a log of 64 MiB before it is copied
        // back: measured on runs of 10,000 cases.
        self.db.pragma_update(None, "cache_size", -16_384)?;
        self.db.pragma_update(None, "wal_autocheckpoint", 16_384)?;
        self.db.set_prepared_statement_cache_capacity(64);
        schema::migrate(&mut self.db)
    }

    /// The folder of the store.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Does something as one durable commit, or not at all.
    pub fn commit<R>(&mut self, act: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let result = self.whole(act).map_err(|error| named(error, &self.dir))?;
        self.commits += 1;
        Ok(result)
    }

    fn whole<R>(&mut self, act: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        self.say("BEGIN IMMEDIATE")?;
        let open = Open(self);
        let result = act(&Tx(&open.0.db, &open.0.queue))?;
        open.0.say("COMMIT")?;
        Ok(result)
    }

    fn say(&self, statement: &str) -> Result<(), StoreError> {
        self.db.prepare_cached(statement)?.execute([])?;
        Ok(())
    }

    /// How many durable commits this process has done.
    #[must_use]
    pub const fn commits(&self) -> u64 {
        self.commits
    }

    /// Reads something. Nobody else writes: one process holds the store.
    pub fn read<R>(&mut self, act: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        act(&Tx(&self.db, &self.queue)).map_err(|error| named(error, &self.dir))
    }
}

/// Makes a folder that only its owner can enter; one that is there already stays as it is.
pub(crate) fn private_folder(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

/// Makes a file that only its owner can read, if it is not there; the database and its log take its rights.
fn private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn named(error: StoreError, dir: &Path) -> StoreError {
    match error {
        StoreError::Database(error) => name(error, dir),
        other => other,
    }
}

/// Names the cause of a database error as far as a person can do something about it.
fn name(error: rusqlite::Error, dir: &Path) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(dir.into()),
        Some(ErrorCode::DiskFull) => StoreError::Full(dir.into()),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreError::Folder(dir.into(), "読み書きできません".to_owned())
        }
        Some(ErrorCode::SystemIoFailure) => StoreError::Disk(dir.into()),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Damaged("occto.sqlite"),
        _ => StoreError::Database(error),
    }
}

impl Tx<'_> {
    /// A number kept under a name; 0 where there is none.
    pub fn number(&self, key: &str) -> Result<i64, StoreError> {
        use rusqlite::OptionalExtension as _;
        let mut query = self.0.prepare_cached("SELECT value FROM numbers WHERE key = ?1")?;
        Ok(query.query_row([key], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// Keeps a number under a name.
    pub fn set_number(&self, key: &str, value: i64) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "INSERT INTO numbers (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            )?
            .execute((key, value))?;
        Ok(())
    }
}
