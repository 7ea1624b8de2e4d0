//! 台帳の証明: what lets somebody outside see that the ledger is whole and only ever grew — pure functions over lines.
//!
//! - **Chain.** The digest of a line is SHA-256 over the digest before it and the octets of the entry as they are kept
//!   ([`LedgerCheck`](super::LedgerCheck)).
//! - **Tree.** The digests of the lines are the leaves of a Merkle tree of the shape of RFC 6962: [`Frontier`], [`Tree`].
//! - **Checkpoint.** Size and root of the tree, signed with Ed25519: [`Checkpoint`]. Its text has the shape of the
//!   transparency-log checkpoints that other programs read and verify: a signed note.
//! - **Proofs.** That one line is under a checkpoint without the others, and that one checkpoint grew out of another:
//!   [`Proof`].

mod checkpoint;
mod exported;
mod proofs;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint, VerifierKey};
pub use exported::{each_exported, exported};
pub use proofs::{GrowthProof, LineProof, Proof, ProofError};
pub use tree::{Frontier, Hash, Tree, TreeHead};
pub use verify::{Verdict, Verifier, VerifyFault};

/// Reads 64 hexadecimal digits.
#[must_use]
pub fn hash_of(text: &str) -> Option<Hash> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut hash = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (octet, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *octet = digit(*high)? << 4 | digit(*low)?;
    }
    Some(hash)
}
