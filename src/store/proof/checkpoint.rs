//! 台帳のチェックポイント: size and root of the ledger at a moment, signed. Its text is a signed note:
//!
//! ```text
//! occto-ledger                    whose ledger
//! 268                             how many lines
//! 4bUz…                           the root, Base64
//! at 2026-04-01T09:00:00          when, JST
//! last 5f0c…                      the digest of the last line
//!
//! — occto-ledger Zm9v…            Base64 of 4 octets that name the key and 64 of the Ed25519 signature
//! ```
//!
//! What is signed is everything up to the empty line, with the line end before it.

use super::super::hex;
use super::super::key_source::SecretKey;
use super::{Hash, TreeHead, hash_of};
use crate::items::DateTime;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// チェックポイント: what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose ledger it is: also the name of the key.
    pub origin: String,
    /// Size and root.
    pub head: TreeHead,
    /// When it was made, JST.
    pub at: DateTime,
    /// The digest of the last line; nothing where there is none.
    pub last: Option<Hash>,
}

/// 署名付きチェックポイント: a checkpoint and its signature, not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    /// The octets that are signed, as they were written.
    note: String,
    key: [u8; 4],
    signature: [u8; 64],
}

/// 検証鍵: the public key of a ledger with its name. Written `name+12345678+Base64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// チェックポイントの異常: why a checkpoint or a key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not the text of a checkpoint.
    #[error("チェックポイントとして読めません（{0}行目） / this is no checkpoint (line {0})")]
    Form(usize),
    /// Not the text of a verifier key.
    #[error("検証鍵として読めません（名前+8桁+Base64） / this is no verifier key (`name+12345678+Base64`)")]
    Key,
    /// A name with blanks or a plus sign, or none.
    #[error("台帳の名前には空白と「+」を使えません / the name of a ledger has no blanks and no `+`")]
    Name,
    /// Signed with another key.
    #[error("チェックポイントは別の鍵で署名されています / the checkpoint is signed with another key")]
    OtherKey,
    /// The signature is not that of the key over the text.
    #[error("チェックポイントの署名が正しくありません / the signature of the checkpoint is wrong")]
    Signature,
}

impl Checkpoint {
    /// Signs it. The name of the ledger has no blanks and no `+`.
    pub fn sign(self, key: &SecretKey) -> Result<SignedCheckpoint, CheckpointError> {
        let signing = SigningKey::from_bytes(key.octets());
        let verifier = VerifierKey::new(&self.origin, signing.verifying_key())?;
        let note = self.note();
        let signature = signing.sign(note.as_bytes()).to_bytes();
        Ok(SignedCheckpoint { key: verifier.id(), checkpoint: self, note, signature })
    }

    fn note(&self) -> String {
        let TreeHead { size, root } = self.head;
        let last = self.last.map_or_else(String::new, |last| format!("last {}\n", hex(&last)));
        format!("{}\n{size}\n{}\nat {}\n{last}", self.origin, STANDARD.encode(root), self.at)
    }
}

impl SignedCheckpoint {
    /// What it says. Nothing of it is to be relied on before [`SignedCheckpoint::verify`].
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Whether it was signed with the key.
    pub fn verify(&self, key: &VerifierKey) -> Result<&Checkpoint, CheckpointError> {
        if self.key != key.id() || self.checkpoint.origin != key.name {
            return Err(CheckpointError::OtherKey);
        }
        let signature = Signature::from_bytes(&self.signature);
        key.key.verify_strict(self.note.as_bytes(), &signature).map_err(|_| CheckpointError::Signature)?;
        Ok(&self.checkpoint)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = STANDARD.encode([&self.key[..], &self.signature].concat());
        write!(f, "{}\n— {} {signed}\n", self.note, self.checkpoint.origin)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<SignedCheckpoint, CheckpointError> {
        let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
        let (note, signatures) = text.split_once("\n\n").ok_or(CheckpointError::Form(1))?;
        let note = format!("{note}\n");
        let mut lines = note.lines();
        let mut line = |number| lines.next().ok_or(CheckpointError::Form(number));
        let origin = line(1)?.to_owned();
        named(&origin)?;
        let size = line(2)?;
        let canonical = |size: &u64| *size < 1 << 48 && !(text_is_padded(line_of(&note, 1)));
        let size: u64 = size.parse().ok().filter(canonical).ok_or(CheckpointError::Form(2))?;
        let root = STANDARD.decode(line(3)?).ok().and_then(|root| root.try_into().ok());
        let root = root.ok_or(CheckpointError::Form(3))?;
        let at = line(4)?.strip_prefix("at ").and_then(|at| at.parse().ok()).ok_or(CheckpointError::Form(4))?;
        let last = match line(5) {
            Err(_) => None,
            Ok(last) => Some(last.strip_prefix("last ").and_then(hash_of).ok_or(CheckpointError::Form(5))?),
        };
        if line(6).is_ok() || last.is_some() != (size > 0) {
            return Err(CheckpointError::Form(6));
        }
        // Further signatures are those of witnesses; ours bears the name of the ledger.
        let after = note.lines().count() + 2;
        let ours =
            signatures.lines().find_map(|line| line.strip_prefix("— ")?.strip_prefix(&origin)?.strip_prefix(' '));
        let signed = ours.and_then(|ours| STANDARD.decode(ours).ok()).ok_or(CheckpointError::Form(after))?;
        let (key, signature) = signed.split_at_checked(4).ok_or(CheckpointError::Form(after))?;
        let form = |_| CheckpointError::Form(after);
        Ok(SignedCheckpoint {
            key: key.try_into().map_err(form)?,
            signature: signature.try_into().map_err(form)?,
            checkpoint: Checkpoint { origin, head: TreeHead { size, root }, at, last },
            note,
        })
    }
}

fn line_of(text: &str, index: usize) -> &str {
    text.lines().nth(index).unwrap_or_default()
}

/// A number is written without a sign or zeros before it.
fn text_is_padded(number: &str) -> bool {
    number.starts_with('+') || (number.len() > 1 && number.starts_with('0'))
}

fn named(name: &str) -> Result<(), CheckpointError> {
    let sound = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
    if sound { Ok(()) } else { Err(CheckpointError::Name) }
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Result<VerifierKey, CheckpointError> {
        named(name)?;
        Ok(VerifierKey { name: name.to_owned(), key })
    }

    /// The public key of a secret one, under the name of a ledger.
    pub fn of(name: &str, key: &SecretKey) -> Result<VerifierKey, CheckpointError> {
        VerifierKey::new(name, SigningKey::from_bytes(key.octets()).verifying_key())
    }

    /// Four octets that name the key.
    fn id(&self) -> [u8; 4] {
        let digest = Sha256::new().chain_update(&self.name).chain_update(b"\n\x01").chain_update(self.key).finalize();
        let [a, b, c, d, ..] = <[u8; 32]>::from(digest);
        [a, b, c, d]
    }

    /// The name of the ledger.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[1], &self.key.as_bytes()[..]].concat());
        write!(f, "{}+{}+{key}", self.name, hex(&self.id()))
    }
}

impl FromStr for VerifierKey {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<VerifierKey, CheckpointError> {
        let mut parts = text.trim().splitn(3, '+');
        let mut part = || parts.next().ok_or(CheckpointError::Key);
        let (name, id, key) = (part()?, part()?, part()?);
        let key = STANDARD.decode(key).map_err(|_| CheckpointError::Key)?;
        let Some((1, key)) = key.split_first().map(|(kind, key)| (*kind, key)) else {
            return Err(CheckpointError::Key);
        };
        let key: [u8; 32] = key.try_into().map_err(|_| CheckpointError::Key)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| CheckpointError::Key)?;
        let read = VerifierKey::new(name, key)?;
        if hex(&read.id()) == id { Ok(read) } else { Err(CheckpointError::Key) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(octet: u8) -> SecretKey {
        SecretKey::new([octet; 32])
    }

    fn signed() -> SignedCheckpoint {
        let head = TreeHead { size: 268, root: [7; 32] };
        let at = "2026-04-01T09:00:00".parse().unwrap();
        Checkpoint { origin: "occto-ledger".into(), head, at, last: Some([9; 32]) }.sign(&key(1)).unwrap()
    }

    #[test]
    fn a_checkpoint_comes_back_as_it_was_and_verifies() {
        let text = signed().to_string();
        let verifier = VerifierKey::of("occto-ledger", &key(1)).unwrap();
        for text in [text.clone(), text.replace('\n', "\r\n"), text.clone() + "— witness AAAA\n"] {
            let read: SignedCheckpoint = text.parse().unwrap();
            assert_eq!((&read, read.verify(&verifier).unwrap()), (&signed(), signed().checkpoint()));
        }
        assert_eq!(verifier.to_string().parse(), Ok(verifier));
    }

    #[test]
    fn a_wrong_key_and_every_changed_octet_is_found() {
        let verifier = VerifierKey::of("occto-ledger", &key(1)).unwrap();
        for other in [VerifierKey::of("occto-ledger", &key(2)), VerifierKey::of("other", &key(1))] {
            assert_eq!(signed().verify(&other.unwrap()), Err(CheckpointError::OtherKey));
        }
        let text = signed().to_string();
        for (place, found) in text.char_indices() {
            let with = if found == 'A' { 'B' } else { 'A' };
            let mut changed = text.clone();
            changed.replace_range(place..place + found.len_utf8(), &with.to_string());
            let accepted = changed.parse::<SignedCheckpoint>().and_then(|read| read.verify(&verifier).cloned());
            assert!(accepted.is_err(), "octet {place} of {text:?}");
            assert!(text[..place].parse::<SignedCheckpoint>().is_err() || place + 1 >= text.len());
        }
    }

    #[test]
    fn what_is_no_checkpoint_or_key_is_refused() {
        for text in ["", "\n\n", "a\n1\n", "a\n01\nAAAA\n\n— a AAAA", "a b\n1\n\n"] {
            assert!(text.parse::<SignedCheckpoint>().is_err(), "{text:?}");
        }
        for text in ["", "a+b", "a+00000000+AAAA", "occto-ledger"] {
            assert_eq!(text.parse::<VerifierKey>(), Err(CheckpointError::Key), "{text:?}");
        }
        assert_eq!(VerifierKey::of("a b", &key(1)), Err(CheckpointError::Name));
    }
}
