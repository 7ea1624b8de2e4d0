//! Batches: the rows of one file.

use super::case::{code, findings_from, findings_text, from_texts, moment, texts};
use super::db::bind;
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
        self.0.insert(
            "INSERT INTO batches (file, digest, columns, notice, retailer, state, findings, prepared_at, \
             prepared_by, seed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            bind![
                &batch.file,
                &batch.digest,
                texts(&batch.columns)?,
                &batch.notice,
                &batch.retailer,
                batch.state.key(),
                findings_text(&batch.findings),
                batch.prepared_at.to_string(),
                &batch.prepared_by,
                batch.seed.map(u64::cast_signed),
            ],
        )
    }

    /// Every batch, oldest first.
    pub fn batches(&self) -> Result<Vec<Batch>, StoreError> {
        let batches = "SELECT id, file, digest, columns, notice, retailer, state, findings, prepared_at, prepared_by, \
                       approved_at, approved_by, seed FROM batches ORDER BY id";
        self.0.all(batches, &[], |row| {
            let approved_at: Option<&str> = row.get(10)?;
            let approved_by: Option<String> = row.get(11)?;
            let seed: Option<i64> = row.get(12)?;
            Ok(Batch {
                id: row.get(0)?,
                file: row.get(1)?,
                digest: row.get(2)?,
                columns: from_texts(row.get(3)?, "columns")?,
                notice: row.get(4)?,
                retailer: row.get(5)?,
                state: code(row.get(6)?)?,
                findings: findings_from(row.get(7)?)?,
                prepared_at: moment(row.get(8)?)?,
                prepared_by: row.get(9)?,
                approved: match (approved_by, approved_at) {
                    (Some(by), Some(at)) => Some((by, moment(at)?)),
                    _ => None,
                },
                seed: seed.map(i64::cast_unsigned),
            })
        })
    }

    /// Releases a prepared batch: its cases may be sent.
    pub fn release_batch(&self, id: i64, by: &str, at: DateTime) -> Result<(), StoreError> {
        self.0.run(
            "UPDATE batches SET state = ?2, approved_by = ?3, approved_at = ?4 WHERE id = ?1",
            bind![id, BatchState::Released.key(), by, at.to_string()],
        )?;
        self.0.run(
            "UPDATE cases SET stage = ?2 WHERE batch = ?1 AND stage = ?3",
            bind![id, Stage::New.key(), Stage::Prepared.key()],
        )?;
        self.1.borrow_mut().forget();
        self.wake()
    }

    /// When a batch was prepared.
    pub fn batch_prepared(&self, id: i64) -> Result<Option<DateTime>, StoreError> {
        self.0.first("SELECT prepared_at FROM batches WHERE id = ?1", bind![id], |row| moment(row.get(0)?))
    }

    /// How many rows a batch has.
    pub fn rows_of(&self, batch: i64) -> Result<u64, StoreError> {
        self.0.one("SELECT count(*) FROM cases WHERE batch = ?1", bind![batch], |row| row.get(0))
    }
}
