//! Batches: the rows of one file.

use super::case::{code, findings_from, findings_text, from_texts, moment, texts};
use super::{Stage, StoreError, Tx};
use crate::items::{Code as _, DateTime};
use crate::rules::Finding;

crate::code_set! {
    /// 一括の状態: whether a batch may be sent.
    pub enum BatchState = "batch-state" {
        Prepared = "prepared", "承認待ち", "waits for a second person";
        Released = "released", "送信可", "released";
    }
}

/// 一括: the rows of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Name of the file, without its folder.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// The header row.
    pub columns: Vec<String>,
    /// Key of the notice everything is cleared against.
    pub notice: String,
    /// Our business code.
    pub retailer: String,
    /// Whether it may be sent.
    pub state: BatchState,
    /// Findings about the file as a whole.
    pub findings: Vec<Finding>,
    /// When it was prepared.
    pub prepared_at: DateTime,
    /// Who prepared it.
    pub prepared_by: String,
    /// Who released it, when.
    pub approved: Option<(String, DateTime)>,
    /// The sandbox's seed, where it runs in one.
    pub seed: Option<u64>,
}

impl Tx<'_> {
    /// Keeps a new batch and gives its number.
    pub fn add_batch(&self, batch: &Batch) -> Result<i64, StoreError> {
        self.0
            .prepare_cached(
                "INSERT INTO batches (file, digest, columns, notice, retailer, state, findings, prepared_at, \
                 prepared_by, seed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(rusqlite::params![
                batch.file,
                batch.digest,
                texts(&batch.columns)?,
                batch.notice,
                batch.retailer,
                batch.state.key(),
                findings_text(&batch.findings),
                batch.prepared_at.to_string(),
                batch.prepared_by,
                batch.seed.map(u64::cast_signed),
            ])?;
        Ok(self.0.last_insert_rowid())
    }

    /// Every batch, oldest first.
    pub fn batches(&self) -> Result<Vec<Batch>, StoreError> {
        let mut query = self.0.prepare_cached(
            "SELECT id, file, digest, columns, notice, retailer, state, findings, prepared_at, prepared_by, \
             approved_at, approved_by, seed FROM batches ORDER BY id",
        )?;
        let mut rows = query.query([])?;
        let mut batches = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |index: usize| -> Result<String, StoreError> { Ok(row.get(index)?) };
            let approved_at: Option<String> = row.get(10)?;
            let approved_by: Option<String> = row.get(11)?;
            let seed: Option<i64> = row.get(12)?;
            batches.push(Batch {
                id: row.get(0)?,
                file: text(1)?,
                digest: text(2)?,
                columns: from_texts(&text(3)?, "columns")?,
                notice: text(4)?,
                retailer: text(5)?,
                state: code(&text(6)?)?,
                findings: findings_from(&text(7)?)?,
                prepared_at: moment(&text(8)?)?,
                prepared_by: text(9)?,
                approved: match (approved_by, approved_at) {
                    (Some(by), Some(at)) => Some((by, moment(&at)?)),
                    _ => None,
                },
                seed: seed.map(i64::cast_unsigned),
            });
        }
        Ok(batches)
    }

    /// Releases a prepared batch: its cases may be sent.
    pub fn release_batch(&self, id: i64, by: &str, at: DateTime) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE batches SET state = ?2, approved_by = ?3, approved_at = ?4 WHERE id = ?1",
            (id, BatchState::Released.key(), by, at.to_string()),
        )?;
        self.0.execute(
            "UPDATE cases SET stage = ?2 WHERE batch = ?1 AND stage = ?3",
            (id, Stage::New.key(), Stage::Prepared.key()),
        )?;
        self.1.borrow_mut().forget();
        Ok(())
    }

    /// How many rows a batch has.
    pub fn rows_of(&self, batch: i64) -> Result<u64, StoreError> {
        let mut query = self.0.prepare_cached("SELECT count(*) FROM cases WHERE batch = ?1")?;
        Ok(query.query_row([batch], |row| row.get(0))?)
    }
}
