//! The tables and how one form becomes the next.

use super::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Each entry takes the store one form further; entries are never changed, only added.
const MIGRATIONS: &[&str] = &[
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
    "
CREATE TABLE downloads (
    area TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL, taken TEXT NOT NULL,
    PRIMARY KEY (area, name, size)
) WITHOUT ROWID;
",
    "
DROP INDEX cases_active;
",
];

/// Brings the store to the newest form.
pub(super) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the migrations up to one make of an empty store.
    fn in_form(form: usize) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        MIGRATIONS.iter().take(form).for_each(|step| db.execute_batch(step).unwrap());
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
            let kept: i64 = db.query_row("SELECT coalesce(sum(value), 0) FROM numbers", [], |row| row.get(0)).unwrap();
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
}
