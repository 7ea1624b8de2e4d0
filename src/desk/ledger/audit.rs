//! 台帳の検証・署名・証明: over the lines of a data folder, or of an exported file.

use crate::items::DateTime;
use crate::store::proof::{
    Checkpoint, CheckpointError, Frontier, GrowthProof, LineProof, SignedCheckpoint, Tree, Verdict, Verifier,
    VerifierKey, VerifyFault, each_exported, hash_of,
};
use crate::store::{LedgerLine, SecretKey, Store, StoreError, keep_checkpoint, kept_checkpoints, kept_verifier_key};
use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// 台帳を扱えない理由: why a ledger could not be verified, signed or proven.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The ledger is not what was written or signed.
    #[error("{0}")]
    Fault(#[from] VerifyFault),
    /// A checkpoint is not accepted.
    #[error("{}: {error}", .path.display())]
    Checkpoint {
        /// Its file.
        path: PathBuf,
        /// Why.
        error: CheckpointError,
    },
    /// The key is not the one of the earlier checkpoints.
    #[error(
        "この鍵は、これまでのチェックポイントの鍵（{0}）ではありません。鍵を替えるときは --new-key を付けてください / this key is not the one of the earlier checkpoints (`{0}`): to change it, say --new-key"
    )]
    OtherKey(String),
    /// The name of the ledger does not fit.
    #[error("{0}")]
    Name(CheckpointError),
    /// The line does not exist, or no checkpoint is over it.
    #[error(
        "{0}行目を含むチェックポイントがありません。occto ledger checkpoint で作成してください / no checkpoint is over line {0}: make one with `occto ledger checkpoint`"
    )]
    NotCovered(u64),
    /// The checkpoints are not in the order in which a ledger grows.
    #[error(
        "古いチェックポイント（{0}行）が新しいもの（{1}行）より長くなっています / the older checkpoint ({0} lines) is longer than the newer one ({1} lines)"
    )]
    Order(u64, u64),
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The file cannot be read.
    #[error("「{0}」を読めません（{1}） / cannot read `{0}`")]
    File(PathBuf, &'static str),
}

/// A checkpoint with the file it stands in.
pub type Kept = (PathBuf, SignedCheckpoint);

/// 署名の指定: with which key, under which name and when a checkpoint is signed.
#[derive(Debug)]
pub struct Signing<'a> {
    /// The secret key.
    pub key: &'a SecretKey,
    /// The name of the ledger.
    pub origin: &'a str,
    /// JST.
    pub now: DateTime,
    /// Whether it may be another key than that of the earlier checkpoints.
    pub new_key: bool,
}

/// The checkpoints whose signature is that of the key; without a key as they are.
pub fn trusted(checkpoints: &[Kept], key: Option<&VerifierKey>) -> Result<Vec<Checkpoint>, AuditError> {
    let verified = |(path, signed): &Kept| match key {
        None => Ok(signed.checkpoint().clone()),
        Some(key) => signed.verify(key).cloned().map_err(|error| AuditError::Checkpoint { path: path.clone(), error }),
    };
    checkpoints.iter().map(verified).collect()
}

/// Visits every line of a data folder's ledger, until a visit fails.
pub fn each_line<E: From<StoreError>>(
    store: &mut Store,
    mut visit: impl FnMut(&LedgerLine) -> Result<(), E>,
) -> Result<u64, E> {
    let mut fault = None;
    let expected = store.read(|tx| {
        tx.each_ledger_line(|line| {
            if fault.is_none() {
                fault = visit(&line).err();
            }
            Ok(())
        })?;
        tx.ledger_lines()
    })?;
    fault.map_or(Ok(expected), Err)
}

/// Verifies the ledger of a data folder.
pub fn verify_store(store: &mut Store, mut verifier: Verifier) -> Result<Verdict, AuditError> {
    let expected = each_line::<AuditError>(store, |line| Ok(verifier.line(line.seq, &line.entry, &line.digest)?))?;
    Ok(verifier.finish(Some(expected))?)
}

/// Verifies an exported ledger.
pub fn verify_file(path: &Path, mut verifier: Verifier) -> Result<Verdict, AuditError> {
    let unusable = |error: std::io::Error| AuditError::File(path.into(), crate::store::cause_ja(error.kind()));
    let file = std::fs::File::open(path).map_err(unusable)?;
    let mut fault = None;
    each_exported(BufReader::with_capacity(1 << 16, file), |parts| {
        let taken = match parts {
            Some((seq, entry, digest)) => verifier.line(seq, entry, digest),
            None => Err(verifier.unreadable()),
        };
        fault = taken.err();
        fault.is_none()
    })
    .map_err(unusable)?;
    match fault {
        Some(fault) => Err(fault.into()),
        None => Ok(verifier.finish(None)?),
    }
}

/// Verifies the ledger of a data folder against the earlier checkpoints, and signs a new one.
pub fn sign(store: &mut Store, signing: &Signing<'_>) -> Result<(PathBuf, SignedCheckpoint, VerifierKey), AuditError> {
    let data = store.dir().to_path_buf();
    let key = VerifierKey::of(signing.origin, signing.key).map_err(AuditError::Name)?;
    let earlier = kept(&data)?;
    if let Some(known) = kept_verifier_key(&data)?.filter(|known| *known != key && !signing.new_key) {
        return Err(AuditError::OtherKey(known.to_string()));
    }
    let verdict = verify_store(store, Verifier::new(trusted(&earlier, None)?).with_head())?;
    let head = verdict.head.unwrap_or_else(|| Frontier::default().head());
    let same = |(_, signed): &&Kept| signed.checkpoint().head == head && signed.verify(&key).is_ok();
    if let Some((path, signed)) = earlier.iter().find(same) {
        return Ok((path.clone(), signed.clone(), key));
    }
    let checkpoint = Checkpoint { origin: signing.origin.to_owned(), head, at: signing.now, last: verdict.last };
    let signed = checkpoint.sign(signing.key).map_err(AuditError::Name)?;
    Ok((keep_checkpoint(&data, &signed, &key)?, signed, key))
}

/// The checkpoints of a data folder, the oldest first.
pub fn kept(data: &Path) -> Result<Vec<Kept>, AuditError> {
    kept_checkpoints(data)?
        .into_iter()
        .map(|(path, read)| match read {
            Ok(signed) => Ok((path, signed)),
            Err(error) => Err(AuditError::Checkpoint { path, error }),
        })
        .collect()
}

/// The entry of a line, and the digest before it.
type Found = BTreeMap<u64, (String, String)>;

/// The tree over the first lines, as many as a checkpoint is over, after holding them against the checkpoint; and the
/// lines that are wanted.
fn tree_under(store: &mut Store, signed: &SignedCheckpoint, wanted: &[u64]) -> Result<(Tree, Found), AuditError> {
    let size = signed.checkpoint().head.size;
    let mut verifier = Verifier::new(vec![signed.checkpoint().clone()]);
    let (mut tree, mut found, mut before) = (Tree::default(), Found::new(), String::new());
    each_line::<AuditError>(store, |line| {
        verifier.line(line.seq, &line.entry, &line.digest)?;
        if line.seq > size {
            return Ok(());
        }
        if let Some(digest) = hash_of(&line.digest) {
            tree.push(digest);
        }
        if wanted.contains(&line.seq) {
            found.insert(line.seq, (line.entry.clone(), before.clone()));
        }
        before.clone_from(&line.digest);
        Ok(())
    })?;
    verifier.finish(None)?;
    Ok((tree, found))
}

/// 包含証明: proves that lines stand under a checkpoint, in their order.
pub fn draw_lines(store: &mut Store, signed: &SignedCheckpoint, wanted: &[u64]) -> Result<Vec<LineProof>, AuditError> {
    let (tree, mut found) = tree_under(store, signed, wanted)?;
    let mut draw = |seq: &u64| {
        let (entry, before) = found.remove(seq).ok_or(AuditError::NotCovered(*seq))?;
        LineProof::draw(&tree, signed, *seq, entry, before).ok_or(AuditError::NotCovered(*seq))
    };
    wanted.iter().map(&mut draw).collect()
}

/// 整合証明: proves that one checkpoint grew out of another.
pub fn draw_growth(
    store: &mut Store,
    older: &SignedCheckpoint,
    newer: &SignedCheckpoint,
) -> Result<GrowthProof, AuditError> {
    let (from, to) = (older.checkpoint().head.size, newer.checkpoint().head.size);
    if from > to {
        return Err(AuditError::Order(from, to));
    }
    let (tree, _) = tree_under(store, newer, &[])?;
    GrowthProof::draw(&tree, older, newer).ok_or(AuditError::Order(from, to))
}
