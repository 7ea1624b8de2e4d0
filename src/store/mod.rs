//! What is kept: cases, outbox, ledger, incoming cancellations, files taken — SQLite (WAL) under the data folder, or
//! PostgreSQL where many machines share the work — and readings as Parquet in the folder.
//!
//! One process at a time holds a store in SQLite; any number share one in PostgreSQL. What is personal is sealed before it
//! reaches the disk ([`KeyPlan`]), each case under a key of its own that can be destroyed, and found by keyed hashes only.
//! Files as they were fetched, readings and the register of contracts are not: keep the folder to those who need it.

mod batch;
mod case;
mod cause;
mod checkpoints;
mod consents;
mod consignees;
mod db;
mod dossier;
mod downloads;
mod error;
mod events;
mod heart;
mod incoming;
mod key_source;
mod ledger;
mod lines;
mod outbox;
mod own_notices;
pub mod proof;
mod queue;
pub mod readings;
mod requests;
mod schema;
mod sealing;
mod single;
mod stage;
mod vault;
mod worker;

pub use batch::{Batch, BatchState};
pub use case::{Case, CaseRow};
pub use cause::cause_ja;
pub(crate) use cause::unusable;
pub use checkpoints::{
    ReadCheckpoint, checkpoints_folder, keep_checkpoint, kept_checkpoints, kept_verifier_key, read_checkpoint,
};
pub use consents::ConsentRecord;
pub use consignees::{Consignee, contract_for};
pub use db::{has_password, may_be_in_clear};
pub use dossier::{Added, DossierState};
pub use downloads::{Download, Origin};
pub use error::{DatabaseError, StoreError};
pub use events::Entry;
pub use heart::{Heart, Lease};
pub use incoming::{Incoming, IncomingState};
pub use key_source::{KEY_OCTETS, KeyError, KeySource, SecretKey};
pub(crate) use ledger::hex;
pub use ledger::{LedgerCheck, LedgerFault, LedgerLine};
pub use lines::LineState;
pub use outbox::{OutboxState, Outgoing};
pub use queue::ACTIVE;
pub use requests::{CustomerRequest, IdentityCheck, RequestKind};
pub use single::{Remains, Superseded};
pub use stage::{Outcome, Stage};
pub use vault::{Dossier, FORMER_KEY_VARIABLE, KEY_VARIABLE, KeyPlan, KeyStatus, Lookup, keys_folder, remove_keys};
pub use worker::{Allowance, LONGEST_DELAY, OutboxDepth};

use crate::items::DateTime;
use db::{Db, Postgres, bind};
use queue::Queue;
use rusqlite::Connection;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;
use vault::Vault;

/// Under this number the data remembers whose keys it is sealed with.
const MARK: &str = "vault";
/// Under this number it remembers that pages in the clear are still in the file.
const CLEARING: &str = "clearing";

/// 保存庫: the store of one business, under one data folder or in a database that machines share.
#[derive(Debug)]
pub struct Store {
    db: Db,
    dir: PathBuf,
    commits: u64,
    queue: RefCell<Queue>,
    vault: Vault,
    /// Whether the master key is the file beside the data folder.
    own_key: bool,
    /// The worker that this process is.
    worker: Option<i64>,
    /// Where the shared database is.
    address: Option<String>,
    /// The time that lines of the ledger bear, where it is not the one they were made with.
    ledger_time: Option<DateTime>,
}

/// 取引: what is done together or not at all.
#[derive(Debug)]
pub struct Tx<'a>(&'a Db, &'a RefCell<Queue>, &'a Vault, Option<i64>, Option<DateTime>);

/// A transaction that was begun: rolled back unless it was committed.
struct Open<'a>(&'a Store);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if self.0.db.is_open() {
            // What cannot be rolled back now is rolled back when the store is opened again.
            self.0.db.roll_back();
            self.0.vault.take_back();
            self.0.queue.borrow_mut().forget();
        }
    }
}

impl Store {
    /// Opens the store under a folder, making and migrating it as needed, with the key that the environment names or that
    /// lies beside the folder.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        Store::open_with(dir, &KeyPlan::from_environment()?)
    }

    /// Opens the store under a folder with the key of a plan.
    pub fn open_with(dir: &Path, plan: &KeyPlan) -> Result<Store, StoreError> {
        let db = Store::opened(dir)?;
        Store::over(db, dir, None, plan, |vault| vault)
    }

    /// Opens a store that encrypts nothing, to measure what encryption costs: only with the feature `measure`, which the
    /// binary is not built with.
    #[cfg(feature = "measure")]
    #[doc(hidden)]
    pub fn open_unencrypted(dir: &Path) -> Result<Store, StoreError> {
        let db = Store::opened(dir)?;
        let vault = |vault: Vault| vault.unencrypted();
        Store::over(db, dir, None, &KeyPlan::default(), vault)
    }

    fn opened(dir: &Path) -> Result<Db, StoreError> {
        let unusable = |error: std::io::Error| StoreError::Folder(dir.into(), cause_ja(error.kind()).to_owned());
        private_folder(dir).map_err(unusable)?;
        private_file(&dir.join("occto.sqlite")).map_err(unusable)?;
        let prepared = || {
            let mut db = Connection::open(dir.join("occto.sqlite"))?;
            prepare(&mut db)?;
            Ok::<_, StoreError>(db)
        };
        Ok(Db::Sqlite(prepared().map_err(|error| error.named(dir))?))
    }

    /// Opens the store in a database that machines share, by an address such as `postgres://user@host/database`, making
    /// and migrating it as needed; any number may do so at once. Readings and results still lie under the folder.
    pub fn connect(address: &str, dir: &Path) -> Result<Store, StoreError> {
        let server = Postgres::connect(address)?;
        schema::migrate_shared(&server)?;
        let plan = KeyPlan::from_environment()?;
        Store::over(Db::Postgres(Box::new(server)), dir, Some(address), &plan, |vault| vault)
    }

    fn over(
        db: Db,
        dir: &Path,
        shared: Option<&str>,
        plan: &KeyPlan,
        with: impl FnOnce(Vault) -> Vault,
    ) -> Result<Store, StoreError> {
        let known = db.first("SELECT value FROM numbers WHERE key = ?1", bind![MARK], |row| row.get::<i64>(0))?;
        let vault = Vault::open(dir, shared, plan, known.unwrap_or(0)).map_err(|error| error.named(dir))?;
        let vault = with(vault);
        let own_key = plan.current.is_none();
        let (worker, address) = (None, shared.map(str::to_owned));
        let (dir, queue) = (dir.into(), RefCell::default());
        let mut store = Store { db, dir, commits: 0, queue, vault, own_key, worker, address, ledger_time: None };
        if known.is_none() {
            store.commit(|tx| {
                // Where machines share the store, the others wait here until everything is sealed.
                tx.set_number(MARK, tx.2.mark())?;
                if tx.seal_all()? > 0 { tx.set_number(CLEARING, 1) } else { Ok(()) }
            })?;
            store.commits = 0;
        }
        store.clear_plain()?;
        Ok(store)
    }

    /// Writes the file anew without the pages in which something stood in the clear.
    fn clear_plain(&mut self) -> Result<(), StoreError> {
        if self.db.is_shared() || self.read(|tx| tx.number(CLEARING))? == 0 {
            return Ok(());
        }
        let Db::Sqlite(db) = &self.db else { return Ok(()) };
        let cleared = db.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
        cleared.map_err(|error| StoreError::from(error).named(&self.dir))?;
        self.commit(|tx| tx.set_number(CLEARING, 0))?;
        self.commits = 0;
        Ok(())
    }

    /// The key file that was made when the store was opened: its owner is told to keep it apart from the data.
    #[must_use]
    pub fn key_made(&self) -> Option<&Path> {
        self.vault.made()
    }

    /// 鍵の状況: which master key is in use, and how many customers' keys each wraps.
    pub fn key_status(&self) -> Result<KeyStatus, StoreError> {
        self.vault.status()
    }

    /// 親鍵の交換: wraps every customer's key with the key in use; where that is the file beside the data folder, with a new
    /// one that takes its place. Everything can be read throughout, and what was stopped goes on the next time.
    pub fn rotate_keys(&mut self) -> Result<u64, StoreError> {
        self.vault.rotate(self.own_key).map_err(|error| error.named(&self.dir))
    }

    /// 台帳の時刻: from here on the lines of the ledger bear this time, whatever day was decided as of; that day stands
    /// beside it.
    pub const fn set_ledger_time(&mut self, at: DateTime) {
        self.ledger_time = Some(at);
    }

    /// The folder of the store.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether other processes may be at work in the store at the same time.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.db.is_shared()
    }

    /// Told when another process says that there is something to do; nothing where none can.
    #[must_use]
    pub fn woken(&self) -> Option<Arc<Notify>> {
        match &self.db {
            Db::Sqlite(_) => None,
            Db::Postgres(server) => Some(server.woken()),
        }
    }

    /// Does something as one durable commit, or not at all.
    pub fn commit<R>(&mut self, act: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let result = self.whole(act).map_err(|error| error.named(&self.dir))?;
        self.commits += 1;
        Ok(result)
    }

    fn whole<R>(&mut self, act: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        self.db.begin()?;
        let open = Open(self);
        let tx = open.0.tx();
        tx.stand()?;
        let result = act(&tx)?;
        // A key is durable before what is sealed with it, and destroyed before anything says so.
        open.0.vault.keep()?;
        open.0.db.commit()?;
        Ok(result)
    }

    /// How many durable commits this process has done.
    #[must_use]
    pub const fn commits(&self) -> u64 {
        self.commits
    }

    /// Reads something by one statement: it needs no moment of its own.
    pub fn read_one<R>(&mut self, act: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        act(&self.tx()).map_err(|error| error.named(&self.dir))
    }

    fn tx(&self) -> Tx<'_> {
        Tx(&self.db, &self.queue, &self.vault, self.worker, self.ledger_time)
    }

    /// Reads something as it is at one moment.
    pub fn read<R>(&mut self, act: impl FnOnce(&Tx<'_>) -> Result<R, StoreError>) -> Result<R, StoreError> {
        if !self.db.is_shared() {
            // Nobody else writes: one process holds the store.
            return act(&self.tx()).map_err(|error| error.named(&self.dir));
        }
        self.db.begin_reading()?;
        let open = Open(self);
        let result = act(&open.0.tx())?;
        open.0.db.commit()?;
        Ok(result)
    }
}

fn prepare(db: &mut Connection) -> Result<(), StoreError> {
    // Whoever holds the store holds it to the end of the work: waiting is of no use.
    db.busy_timeout(std::time::Duration::ZERO)?;
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    // 16 MiB of pages (a larger cache is searched longer at every commit), and a log of 64 MiB before it is copied
    // back: measured on runs of 10,000 cases.
    db.pragma_update(None, "cache_size", -16_384)?;
    db.pragma_update(None, "wal_autocheckpoint", 16_384)?;
    db.set_prepared_statement_cache_capacity(64);
    schema::migrate(db)
}

/// Makes a folder that only its owner can enter; one that is there already stays as it is.
pub(crate) fn private_folder(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

/// How a file is made that only its owner can read.
pub(crate) fn private_options() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a file that only its owner can read, if it is not there; the database and its log take its rights.
fn private_file(path: &Path) -> std::io::Result<()> {
    private_options().append(true).create(true).open(path).map(drop)
}

impl Tx<'_> {
    /// A number kept under a name; 0 where there is none.
    pub fn number(&self, key: &str) -> Result<i64, StoreError> {
        let kept = self.0.first("SELECT value FROM numbers WHERE key = ?1", bind![key], |row| row.get(0))?;
        Ok(kept.unwrap_or(0))
    }

    /// A number kept under a name, which nobody else changes before this transaction has ended.
    pub fn number_to_change(&self, key: &str) -> Result<i64, StoreError> {
        if !self.0.is_shared() {
            return self.number(key);
        }
        self.0.one(
            "INSERT INTO numbers (key, value) VALUES (?1, 0) \
             ON CONFLICT (key) DO UPDATE SET value = numbers.value RETURNING value",
            bind![key],
            |row| row.get(0),
        )
    }

    /// Keeps a number under a name.
    pub fn set_number(&self, key: &str, value: i64) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO numbers (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            bind![key, value],
        )
    }
}
