//! 台帳の証明書: what is handed to somebody who has nothing of the ledger but the verifier key.

use super::super::hex;
use super::super::ledger::digest_of;
use super::{CheckpointError, Hash, SignedCheckpoint, Tree, VerifierKey, hash_of};
use serde::{Deserialize, Serialize};

/// 証明書: a line that is in the ledger, or a ledger that only grew. Written as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Proof {
    /// 包含証明
    Line(LineProof),
    /// 整合証明
    Growth(GrowthProof),
}

/// 包含証明: that a line stands in the ledger at its place, without the other lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineProof {
    /// Its place, from 1.
    pub seq: u64,
    /// What it says, as it is kept.
    pub entry: String,
    /// The digest of the line before it; empty for the first.
    pub before: String,
    /// The digests beside the way to the root, hexadecimal.
    pub path: Vec<String>,
    /// The signed checkpoint whose root it is.
    pub checkpoint: String,
}

/// 整合証明: that between two checkpoints lines were only added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrowthProof {
    /// The older signed checkpoint.
    pub older: String,
    /// The newer one.
    pub newer: String,
    /// The digests that lead from the one root to the other, hexadecimal.
    pub path: Vec<String>,
}

/// 証明書の異常: why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Not a proof.
    #[error("証明書として読めません / this is no proof")]
    Form,
    /// A checkpoint in it is not accepted.
    #[error("{0}")]
    Checkpoint(#[from] CheckpointError),
    /// The line is not under the root.
    #[error("この行は、署名された台帳にありません / this line is not in the ledger that was signed")]
    Line,
    /// The newer ledger is not the older one with lines added.
    #[error(
        "新しい台帳は、古い台帳に行を加えただけのものではありません / the newer ledger is not the older one with nothing but lines added"
    )]
    Growth,
}

impl Proof {
    /// Reads a proof from JSON.
    pub fn parse(text: &str) -> Result<Proof, ProofError> {
        serde_json::from_str(text.trim_start_matches('\u{FEFF}')).map_err(|_| ProofError::Form)
    }

    /// The proof as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Verifies it with nothing but the key.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), ProofError> {
        match self {
            Proof::Line(proof) => proof.verify(key),
            Proof::Growth(proof) => proof.verify(key),
        }
    }
}

impl LineProof {
    /// Draws the proof of a line from the tree under a checkpoint.
    #[must_use]
    pub fn draw(
        tree: &Tree,
        checkpoint: &SignedCheckpoint,
        seq: u64,
        entry: String,
        before: String,
    ) -> Option<LineProof> {
        let path = texts(&tree.path_of(seq)?);
        Some(LineProof { seq, entry, before, path, checkpoint: checkpoint.to_string() })
    }

    fn verify(&self, key: &VerifierKey) -> Result<(), ProofError> {
        let signed: SignedCheckpoint = self.checkpoint.parse()?;
        let head = signed.verify(key)?.head;
        let path = hashes(&self.path).ok_or(ProofError::Form)?;
        let first_has_none = self.before.is_empty() == (self.seq == 1);
        let digest = digest_of(&self.before, &self.entry);
        if first_has_none && head.includes(self.seq, &digest, &path) { Ok(()) } else { Err(ProofError::Line) }
    }
}

impl GrowthProof {
    /// Draws the proof that a tree under a checkpoint grew from an older one.
    #[must_use]
    pub fn draw(tree: &Tree, older: &SignedCheckpoint, newer: &SignedCheckpoint) -> Option<GrowthProof> {
        let path = texts(&tree.growth_from(older.checkpoint().head.size)?);
        Some(GrowthProof { older: older.to_string(), newer: newer.to_string(), path })
    }

    fn verify(&self, key: &VerifierKey) -> Result<(), ProofError> {
        let (older, newer): (SignedCheckpoint, SignedCheckpoint) = (self.older.parse()?, self.newer.parse()?);
        let (older, newer) = (older.verify(key)?.head, newer.verify(key)?.head);
        let path = hashes(&self.path).ok_or(ProofError::Form)?;
        if newer.grew_from(&older, &path) { Ok(()) } else { Err(ProofError::Growth) }
    }
}

fn texts(path: &[Hash]) -> Vec<String> {
    path.iter().map(|hash| hex(hash)).collect()
}

fn hashes(path: &[String]) -> Option<Vec<Hash>> {
    path.iter().map(|text| hash_of(text)).collect()
}
