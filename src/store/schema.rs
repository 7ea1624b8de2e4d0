//! The tables and how one form becomes the next.

use super::StoreError;
use super::db::{Postgres, Row, Value, bind};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

/// One step: what both databases are told, then what only SQLite is.
struct Step {
    both: &'static str,
    sqlite: &'static str,
}

const fn both(both: &'static str) -> Step {
    Step { both, sqlite: "" }
}

/// Each entry takes the store one form further; entries are never changed, only added. They are written as SQLite takes
/// them: [`in_postgres`] says the same to PostgreSQL.
const MIGRATIONS: &[Step] = &[
    both(
        "
CREATE TABLE numbers (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL, digest TEXT NOT NULL, columns TEXT NOT NULL, notice TEXT NOT NULL, retailer TEXT NOT NULL,
    state TEXT NOT NULL, findings TEXT NOT NULL, prepared_at TEXT NOT NULL, prepared_by TEXT NOT NULL,
    approved_at TEXT, approved_by TEXT, seed INTEGER
);
CREATE TABLE cases (
    id INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
    receipt TEXT NOT NULL, reference TEXT NOT NULL UNIQUE, point TEXT NOT NULL,
    stage TEXT NOT NULL, outcome TEXT, switch_on TEXT, earliest TEXT,
    cancellation_number TEXT, application_number TEXT, work_outstanding INTEGER NOT NULL DEFAULT 0,
    withdrawal TEXT, attempts INTEGER NOT NULL DEFAULT 0, reasons TEXT NOT NULL
);
CREATE TABLE rows (case_id INTEGER PRIMARY KEY REFERENCES cases (id), application TEXT, cells TEXT NOT NULL,
    findings TEXT NOT NULL);
CREATE INDEX cases_active ON cases (stage, id)
    WHERE outcome IS NULL AND stage IN ('to-withdraw', 'agreed', 'inquired', 'new');
CREATE INDEX cases_batch ON cases (batch, line);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL REFERENCES cases (id),
    at TEXT NOT NULL, kind TEXT NOT NULL, ja TEXT NOT NULL, en TEXT NOT NULL
);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, case_id INTEGER, number TEXT,
    message TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL, family TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE, body BLOB NOT NULL, digest TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, created TEXT NOT NULL, settled TEXT, detail TEXT
);
CREATE INDEX outbox_open ON outbox (state, id) WHERE state IN ('queued', 'sent', 'unknown');
CREATE TABLE incoming (
    number TEXT PRIMARY KEY, point TEXT NOT NULL, family TEXT NOT NULL, new_retailer TEXT NOT NULL,
    entry TEXT NOT NULL, state TEXT NOT NULL, switch_on TEXT NOT NULL, received TEXT NOT NULL, judge_by TEXT,
    judged_by TEXT, reasons TEXT NOT NULL, differences TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX incoming_state ON incoming (state);
CREATE TABLE ledger (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, digest TEXT NOT NULL);
",
    ),
    both(
        "
CREATE TABLE meter_files (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE, name TEXT NOT NULL, octets INTEGER NOT NULL,
    kind TEXT NOT NULL, area TEXT NOT NULL, date TEXT NOT NULL, slot INTEGER,
    revision INTEGER NOT NULL, part INTEGER NOT NULL, created TEXT, taken TEXT NOT NULL, register TEXT NOT NULL,
    rows INTEGER NOT NULL, missing INTEGER NOT NULL, rejected INTEGER NOT NULL, quarantined INTEGER NOT NULL,
    points INTEGER NOT NULL, whole INTEGER NOT NULL
);
CREATE INDEX meter_files_date ON meter_files (date, kind, area);
CREATE TABLE readings_files (
    path TEXT PRIMARY KEY, file INTEGER NOT NULL REFERENCES meter_files (id) ON DELETE CASCADE,
    area TEXT NOT NULL, date TEXT NOT NULL, status TEXT NOT NULL,
    rows INTEGER NOT NULL, octets INTEGER NOT NULL, digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX readings_files_date ON readings_files (date, area);
CREATE INDEX readings_files_file ON readings_files (file);
CREATE TABLE meter_strangers (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES meter_files (id) ON DELETE CASCADE,
    tail TEXT NOT NULL, outside_contract INTEGER NOT NULL, date TEXT NOT NULL, rows INTEGER NOT NULL
);
CREATE INDEX meter_strangers_file ON meter_strangers (file);
CREATE INDEX meter_strangers_date ON meter_strangers (date);
",
    ),
    both(
        "
CREATE TABLE downloads (
    area TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL, taken TEXT NOT NULL,
    PRIMARY KEY (area, name, size)
) WITHOUT ROWID;
",
    ),
    // Where one process holds the store it knows which cases are active; where many do, the index says so.
    Step { both: "", sqlite: "DROP INDEX cases_active;" },
    both(
        "
CREATE TABLE workers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, until INTEGER NOT NULL);
CREATE TABLE gates (party TEXT PRIMARY KEY, next INTEGER NOT NULL);
ALTER TABLE outbox ADD COLUMN worker INTEGER;
ALTER TABLE outbox ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_open;
CREATE INDEX outbox_due ON outbox (state, due, id) WHERE state IN ('queued', 'leased', 'sent', 'unknown');
",
    ),
    // What is personal is sealed from here on; what stood in the clear is sealed when the store is opened.
    both(
        "
CREATE TABLE dossiers (
    id INTEGER PRIMARY KEY, case_id INTEGER, number TEXT,
    suspended TEXT, hold TEXT, hold_until TEXT, erased TEXT, differs INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX dossiers_differ ON dossiers (id) WHERE differs = 1;
CREATE TABLE lookups (tag TEXT NOT NULL, dossier INTEGER NOT NULL, PRIMARY KEY (tag, dossier)) WITHOUT ROWID;
CREATE INDEX lookups_dossier ON lookups (dossier);
CREATE TABLE arrivals (
    dossier INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (dossier, seq)
) WITHOUT ROWID;
CREATE TABLE traces (dossier INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (dossier, seq)) WITHOUT ROWID;
CREATE TABLE consents (
    id INTEGER PRIMARY KEY, dossier INTEGER NOT NULL, purpose TEXT NOT NULL, form TEXT NOT NULL, given TEXT NOT NULL,
    until TEXT, withdrawn TEXT, by_whom TEXT NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX consents_dossier ON consents (dossier);
CREATE TABLE requests (
    id INTEGER PRIMARY KEY, dossier INTEGER NOT NULL, kind TEXT NOT NULL, identity TEXT NOT NULL, received TEXT NOT NULL,
    due TEXT NOT NULL, answered TEXT, by_whom TEXT NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX requests_dossier ON requests (dossier);
CREATE INDEX requests_open ON requests (due, id) WHERE answered IS NULL;
CREATE TABLE consignees (
    id INTEGER PRIMARY KEY, party TEXT NOT NULL, contract TEXT NOT NULL, purposes TEXT NOT NULL, until TEXT NOT NULL,
    registered TEXT NOT NULL, by_whom TEXT NOT NULL
);
ALTER TABLE cases ADD COLUMN dossier INTEGER;
ALTER TABLE cases ADD COLUMN sealed BLOB;
ALTER TABLE rows ADD COLUMN sealed BLOB;
ALTER TABLE rows ADD COLUMN cells_sealed BLOB;
ALTER TABLE rows ADD COLUMN findings_sealed BLOB;
ALTER TABLE events ADD COLUMN sealed BLOB;
ALTER TABLE outbox ADD COLUMN dossier INTEGER;
ALTER TABLE incoming ADD COLUMN dossier INTEGER;
ALTER TABLE incoming ADD COLUMN sealed BLOB;
",
    ),
    // Keys that are to be destroyed once what stays is sealed with others.
    both(
        "
CREATE TABLE superseded (former INTEGER NOT NULL PRIMARY KEY, dossier INTEGER NOT NULL, line TEXT NOT NULL);
CREATE INDEX superseded_dossier ON superseded (dossier);
",
    ),
    // SQLite asks of every change of a message whether it is one of these: with IN it makes a table for that, twice.
    both(
        "
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (state, due, id)
    WHERE state = 'queued' OR state = 'leased' OR state = 'sent' OR state = 'unknown';
",
    ),
    // A question is no message of the outbox; whoever asks one says so here.
    both("ALTER TABLE workers ADD COLUMN asking TEXT;"),
    both("\nCREATE TABLE own_notices (key TEXT PRIMARY KEY, text TEXT NOT NULL);\n"),
    // What those who share a line know of it; programs of earlier forms keep to its limits alone.
    both(
        "
ALTER TABLE gates ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gates ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gates ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gates ADD COLUMN state TEXT;
",
    ),
];

/// The oldest form whose programs can go on with a store in the newest one: while machines are brought to a new version
/// one by one, the old ones work beside the new ones. A step that takes something away from them raises it.
const OLDEST: i64 = 6;
/// Under these names the store keeps its form and the above.
const FORM: &str = "form";
const OLDEST_KEY: &str = "oldest-form";
/// Whoever changes the form of a shared store holds this lock of the server.
const LOCK: &str = "SELECT 1 FROM pg_advisory_xact_lock(5783914006)";

/// A step as PostgreSQL takes it: wide numbers, texts compared octet by octet as SQLite does.
fn in_postgres(step: &str) -> String {
    step.replace("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
        .replace("INTEGER", "BIGINT")
        .replace("BLOB", "BYTEA")
        .replace("TEXT", "TEXT COLLATE \"C\"")
        .replace(" WITHOUT ROWID", "")
}

/// Whether a store of a later form can be gone on with.
fn later(found: i64, oldest: Option<i64>) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    if oldest.is_some_and(|oldest| oldest <= known) { Ok(()) } else { Err(StoreError::Newer { found, known }) }
}

/// Brings the store to the newest form.
pub(super) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        let kept = tx.query_row("SELECT value FROM numbers WHERE key = ?1", [OLDEST_KEY], |row| row.get(0));
        return later(found, kept.optional()?);
    }
    if found == known {
        return Ok(());
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step.both)?;
        tx.execute_batch(step.sqlite)?;
    }
    tx.execute("INSERT OR REPLACE INTO numbers (key, value) VALUES (?1, ?2)", (OLDEST_KEY, OLDEST))?;
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

/// Brings a shared store to the newest form. Any number may try at once: one does it, the others wait and find it done.
pub(super) fn migrate_shared(server: &Postgres) -> Result<(), StoreError> {
    server.begin("BEGIN")?;
    let done = steps_shared(server).and_then(|()| server.commit());
    if done.is_err() {
        server.roll_back();
    }
    done
}

fn steps_shared(server: &Postgres) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    let number = |sql: &str, values: &[Value<'_>]| -> Result<Option<i64>, StoreError> {
        server.query(sql, values)?.first().map(|row| Row::Postgres(row).get(0)).transpose()
    };
    server.query(LOCK, &[])?;
    let kept = |key: &str| number("SELECT value FROM numbers WHERE key = ?1", bind![key]);
    let empty = number("SELECT 1 FROM pg_class WHERE oid = to_regclass('numbers')", &[])?.is_none();
    let found = if empty { 0 } else { kept(FORM)?.unwrap_or(0) };
    if found > known {
        return later(found, kept(OLDEST_KEY)?);
    }
    if found == known {
        return Ok(());
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        server.batch(&in_postgres(step.both))?;
    }
    for (key, value) in [(FORM, known), (OLDEST_KEY, OLDEST)] {
        server.execute(
            "INSERT INTO numbers (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            bind![key, value],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the migrations up to one make of an empty store.
    fn in_form(form: usize) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        for step in MIGRATIONS.iter().take(form) {
            db.execute_batch(step.both).unwrap();
            db.execute_batch(step.sqlite).unwrap();
        }
        db.pragma_update(None, "user_version", form as i64).unwrap();
        db
    }

    fn tables(db: &Connection) -> Vec<String> {
        let mut query = db.prepare("SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_store_of_every_form_becomes_one_of_the_newest_and_keeps_its_rows() {
        let newest = tables(&in_form(MIGRATIONS.len()));
        for form in 0..=MIGRATIONS.len() {
            let mut db = in_form(form);
            if form > 0 {
                db.execute_batch("INSERT INTO numbers VALUES ('notices', 7)").unwrap();
            }
            migrate(&mut db).unwrap();
            assert_eq!(tables(&db), newest, "form {form}");
            let kept = "SELECT coalesce(sum(value), 0) FROM numbers WHERE key = 'notices'";
            let kept: i64 = db.query_row(kept, [], |row| row.get(0)).unwrap();
            assert_eq!(kept, if form > 0 { 7 } else { 0 }, "form {form}");
            migrate(&mut db).unwrap();
        }
    }

    #[test]
    fn a_store_of_a_later_form_is_left_alone() {
        let mut db = in_form(MIGRATIONS.len());
        db.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut db), Err(StoreError::Newer { found: 99, .. })));
    }

    #[test]
    fn a_store_of_a_later_form_that_says_so_is_gone_on_with() {
        let mut db = in_form(MIGRATIONS.len());
        db.pragma_update(None, "user_version", 99).unwrap();
        let says = |db: &Connection, oldest: usize| {
            db.execute("INSERT OR REPLACE INTO numbers VALUES ('oldest-form', ?1)", [oldest as i64]).unwrap();
        };
        says(&db, MIGRATIONS.len());
        migrate(&mut db).unwrap();
        says(&db, MIGRATIONS.len() + 1);
        assert!(migrate(&mut db).is_err());
        assert!(OLDEST <= MIGRATIONS.len() as i64);
    }
}
