//! 封緘: values as they lie on the disk — authenticated encryption, and the keyed hashes by which they are found.
//!
//! A sealed value is one octet for its form, a nonce and what XChaCha20-Poly1305 makes of the value. The name of its column
//! and the number of its key are authenticated with it: a value moved elsewhere cannot be opened.

use crate::store::key_source::{KEY_OCTETS, KeyError, SecretKey};
use chacha20poly1305::aead::{Aead as _, AeadInOut as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::cell::Cell;

const PLAIN: u8 = 0;
const SEALED: u8 = 1;
const NONCE: usize = 24;
const HEAD: usize = 1 + NONCE;
const MAC: usize = 16;
/// Octets of a keyed hash.
pub(super) const TAG: usize = 16;

/// A sealed value that cannot be opened: another key, or not what was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotOpened;

/// Nonces that never come twice: random octets of this process, then a count.
pub(super) struct Nonces {
    prefix: [u8; 16],
    count: Cell<u64>,
}

impl Nonces {
    pub(super) fn new() -> Result<Nonces, KeyError> {
        let mut prefix = [0; 16];
        getrandom::fill(&mut prefix).map_err(|_| KeyError::Random)?;
        Ok(Nonces { prefix, count: Cell::new(0) })
    }

    fn next(&self) -> [u8; NONCE] {
        let count = self.count.get();
        self.count.set(count + 1);
        let mut nonce = [0; NONCE];
        let (head, tail) = nonce.split_at_mut(self.prefix.len());
        head.copy_from_slice(&self.prefix);
        tail.copy_from_slice(&count.to_be_bytes());
        nonce
    }
}

/// データ鍵: what values are sealed with; nothing in a store that was opened without encryption.
pub(super) struct DataKey(Option<XChaCha20Poly1305>);

impl DataKey {
    pub(super) fn new(key: &SecretKey) -> DataKey {
        DataKey(Some(XChaCha20Poly1305::new(key.octets().into())))
    }

    pub(super) const fn none() -> DataKey {
        DataKey(None)
    }

    pub(super) fn seal(&self, nonces: &Nonces, about: &[u8], plain: &[u8]) -> Vec<u8> {
        let Some(cipher) = &self.0 else {
            let mut sealed = Vec::with_capacity(1 + plain.len());
            sealed.push(PLAIN);
            sealed.extend_from_slice(plain);
            return sealed;
        };
        let nonce = nonces.next();
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + MAC);
        sealed.push(SEALED);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let (_, body) = sealed.split_at_mut(HEAD);
        // It fails only for values of more than 256 GiB, which do not occur; then nothing of it is kept.
        match cipher.encrypt_inout_detached(&XNonce::from(nonce), about, body.into()) {
            Ok(mac) => sealed.extend_from_slice(&mac),
            Err(_) => sealed.clear(),
        }
        sealed
    }

    pub(super) fn open(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let (form, rest) = sealed.split_first().ok_or(NotOpened)?;
        match (*form, &self.0) {
            (PLAIN, None) => Ok(rest.to_vec()),
            (SEALED, Some(cipher)) => {
                let (nonce, body) = rest.split_at_checked(NONCE).ok_or(NotOpened)?;
                let nonce = XNonce::try_from(nonce).map_err(|_| NotOpened)?;
                cipher.decrypt(&nonce, Payload { msg: body, aad: about }).map_err(|_| NotOpened)
            }
            // A plain value where values are sealed was put there by somebody else.
            _ => Err(NotOpened),
        }
    }
}

/// 索引鍵: makes the keyed hash (blind index) by which a value is found without being readable.
pub(super) struct IndexKey(Hmac<Sha256>);

impl IndexKey {
    pub(super) fn new(key: &SecretKey) -> Option<IndexKey> {
        <Hmac<Sha256> as hmac::Mac>::new_from_slice(key.octets()).ok().map(IndexKey)
    }

    pub(super) fn tag(&self, kind: &str, text: &str) -> [u8; TAG] {
        let mac = self.0.clone().chain_update(kind).chain_update([0]).chain_update(text).finalize().into_bytes();
        let mut tag = [0; TAG];
        tag.iter_mut().zip(mac).for_each(|(slot, octet)| *slot = octet);
        tag
    }
}

/// The short name of a key, by which it is told from others; it says nothing of the key.
pub(super) fn key_id(key: &SecretKey) -> Option<String> {
    let tag = IndexKey::new(key)?.tag("key-id", "");
    Some(super::super::hex(tag.get(..8)?))
}

const _: () = assert!(KEY_OCTETS == 32);

#[cfg(test)]
mod tests {
    use super::*;

    fn key(octet: u8) -> DataKey {
        DataKey::new(&SecretKey::new([octet; KEY_OCTETS]))
    }

    #[test]
    fn a_value_comes_back_only_under_its_key_and_in_its_place() {
        let nonces = Nonces::new().unwrap();
        let sealed = key(1).seal(&nonces, b"cases 7", "東京 太郎".as_bytes());
        assert_eq!(key(1).open(b"cases 7", &sealed).unwrap(), "東京 太郎".as_bytes());
        assert_eq!(key(2).open(b"cases 7", &sealed), Err(NotOpened));
        assert_eq!(key(1).open(b"cases 8", &sealed), Err(NotOpened));
        assert!(!sealed.windows(3).any(|part| part == "太".as_bytes()));
        let again = key(1).seal(&nonces, b"cases 7", "東京 太郎".as_bytes());
        assert_ne!(sealed, again);
    }

    #[test]
    fn every_changed_or_missing_octet_is_noticed() {
        let sealed = key(1).seal(&Nonces::new().unwrap(), b"x", b"value");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(key(1).open(b"x", &changed), Err(NotOpened), "octet {index}");
            assert_eq!(key(1).open(b"x", &sealed[..index]), Err(NotOpened), "cut at {index}");
        }
        let mut plain = vec![PLAIN];
        plain.extend_from_slice(b"value");
        assert_eq!(key(1).open(b"x", &plain), Err(NotOpened));
    }

    /// The sealed form is what RFC 8439 and draft-irtf-cfrg-xchacha say: another implementation opens it.
    #[test]
    fn the_published_vector_of_xchacha20_poly1305_opens() {
        let octets: [u8; 32] = std::array::from_fn(|index| 0x80 + index as u8);
        let nonce: Vec<u8> = (0x40..0x58).collect();
        let about = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let cipher = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39\
                      ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
                      21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";
        let octet = |at: usize| u8::from_str_radix(&cipher[at..at + 2], 16).unwrap();
        let mut sealed = vec![SEALED];
        sealed.extend(nonce);
        sealed.extend((0..cipher.len()).step_by(2).map(octet));
        let plain = DataKey::new(&SecretKey::new(octets)).open(&about, &sealed).unwrap();
        assert!(plain.starts_with(b"Ladies and Gentlemen of the class of '99"));
    }

    #[test]
    fn hashes_depend_on_key_kind_and_text() {
        let index = |octet| IndexKey::new(&SecretKey::new([octet; 32])).unwrap();
        let tag = index(1).tag("point", "0300111122223333444455");
        assert_eq!(tag, index(1).tag("point", "0300111122223333444455"));
        assert_ne!(tag, index(2).tag("point", "0300111122223333444455"));
        assert_ne!(tag, index(1).tag("contract", "0300111122223333444455"));
        assert_ne!(key_id(&SecretKey::new([1; 32])), key_id(&SecretKey::new([2; 32])));
    }
}
