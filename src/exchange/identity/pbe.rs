//! パスワードによる暗号化: opens what was encrypted with a password — PBES2, the older PBES1, the forms of PKCS#12 itself, and
//! the form that OpenSSL used in PEM before all of them. Old ones are read, none is ever written.
//!
//! Source: RFC 8018 (PKCS#5) §5.1, §6, appendix A; RFC 7292 (PKCS#12) appendices B and C; `EVP_BytesToKey` of OpenSSL.

use super::ber::Values;
use super::problem::Problem;
use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _, block_padding::Pkcs7};
use des::{Des, TdesEde2, TdesEde3};
use md5::Md5;
use pkcs5::der::Decode as _;
use pkcs5::pbes2::{Kdf, Parameters};
use rc2::Rc2;
use rc4::{Rc4, StreamCipher as _};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::digest::core_api::BlockSizeUser;
use zeroize::Zeroizing;

/// So many rounds of a digest may all keys of one file take together: NSS asks for 600 000 each.
const ROUNDS: u64 = 10_000_000;
/// So much memory may a key take (scrypt): OpenSSL asks for 16 MiB.
const MEMORY: u64 = 128 << 20;

/// パスワード: and how much may still be computed with it.
pub(super) struct Password<'a> {
    text: &'a str,
    /// As PKCS#12 wants it: UTF-16, its end marked.
    wide: Zeroizing<Vec<u8>>,
    rounds: u64,
}

/// What a key of PKCS#12 is for.
#[derive(Clone, Copy)]
pub(super) enum Use {
    Cipher = 1,
    Start = 2,
    Mac = 3,
}

enum Derivation {
    Pkcs12,
    Md5,
    Sha1,
}

#[derive(Clone, Copy)]
enum Cipher {
    Rc2,
    Rc4,
    Des,
    Aes,
}

impl<'a> Password<'a> {
    pub(super) fn of(text: &'a str) -> Password<'a> {
        let wide = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Password { text, wide: Zeroizing::new(wide), rounds: ROUNDS }
    }

    /// Takes so many rounds from what is left.
    pub(super) fn spend(&mut self, rounds: u64) -> Result<(), Problem> {
        self.rounds = self.rounds.checked_sub(rounds).ok_or(Problem::Costly)?;
        Ok(())
    }

    /// How many rounds were taken.
    pub(super) const fn spent(&self) -> u64 {
        ROUNDS - self.rounds
    }

    /// Opens what was encrypted as an `AlgorithmIdentifier` says, of which the content is given.
    pub(super) fn open(&mut self, mut algorithm: Values<'_>, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let name = algorithm.name()?;
        let (derivation, cipher, length) = match name.as_str() {
            "1.2.840.113549.1.5.13" => return self.pbes2(algorithm.rest(), data),
            "1.2.840.113549.1.12.1.1" => (Derivation::Pkcs12, Cipher::Rc4, 16),
            "1.2.840.113549.1.12.1.2" => (Derivation::Pkcs12, Cipher::Rc4, 5),
            "1.2.840.113549.1.12.1.3" => (Derivation::Pkcs12, Cipher::Des, 24),
            "1.2.840.113549.1.12.1.4" => (Derivation::Pkcs12, Cipher::Des, 16),
            "1.2.840.113549.1.12.1.5" => (Derivation::Pkcs12, Cipher::Rc2, 16),
            "1.2.840.113549.1.12.1.6" => (Derivation::Pkcs12, Cipher::Rc2, 5),
            "1.2.840.113549.1.5.3" => (Derivation::Md5, Cipher::Des, 8),
            "1.2.840.113549.1.5.6" => (Derivation::Md5, Cipher::Rc2, 8),
            "1.2.840.113549.1.5.10" => (Derivation::Sha1, Cipher::Des, 8),
            "1.2.840.113549.1.5.11" => (Derivation::Sha1, Cipher::Rc2, 8),
            _ => return Err(Problem::Scheme(name)),
        };
        let mut parameters = algorithm.sequence()?;
        let (salt, rounds) = (parameters.octets()?, parameters.number()?);
        let (key, start) = match derivation {
            Derivation::Pkcs12 => {
                (self.key::<Sha1>(Use::Cipher, salt, rounds, length)?, self.key::<Sha1>(Use::Start, salt, rounds, 8)?)
            }
            Derivation::Md5 => self.pbkdf1::<Md5>(salt, rounds)?,
            Derivation::Sha1 => self.pbkdf1::<Sha1>(salt, rounds)?,
        };
        decipher(cipher, &key, &start, data)
    }

    fn pbes2(&mut self, parameters: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let unread = |_| Problem::Scheme("PBES2".to_owned());
        let parameters = Parameters::from_der(parameters).map_err(unread)?;
        match &parameters.kdf {
            Kdf::Pbkdf2(kdf) => self.spend(kdf.iteration_count.into())?,
            Kdf::Scrypt(kdf) => {
                if !kdf.cost_parameter.is_power_of_two() {
                    return Err(Problem::Form);
                }
                let blocks = kdf.cost_parameter.saturating_mul(kdf.block_size.into());
                if blocks.saturating_mul(128) > MEMORY {
                    return Err(Problem::Costly);
                }
                self.spend(blocks.saturating_mul(kdf.parallelization.into()))?;
            }
            _ => return Err(Problem::Scheme("PBES2".to_owned())),
        }
        parameters.decrypt(self.text, data).map(Zeroizing::new).map_err(|error| match error {
            pkcs5::Error::UnsupportedAlgorithm { oid } => Problem::Scheme(oid.to_string()),
            pkcs5::Error::DecryptFailed => Problem::Password,
            _ => Problem::Form,
        })
    }

    /// PBKDF1 (RFC 8018 §5.1), as PBES1 uses it: the key and the start, eight octets each.
    fn pbkdf1<D: Digest>(&mut self, salt: &[u8], rounds: u32) -> Result<(Secret, Secret), Problem> {
        self.spend(rounds.into())?;
        let mut key = Zeroizing::new(D::new().chain_update(self.text).chain_update(salt).finalize().to_vec());
        for _ in 1..rounds {
            *key = D::digest(&*key).to_vec();
        }
        let part = |from: usize| key.get(from..from + 8).map(|part| Zeroizing::new(part.to_vec())).ok_or(Problem::Form);
        Ok((part(0)?, part(8)?))
    }

    /// A key of PKCS#12 (RFC 7292 appendix B.2).
    pub(super) fn key<D: Digest + BlockSizeUser>(
        &mut self,
        purpose: Use,
        salt: &[u8],
        rounds: u32,
        length: usize,
    ) -> Result<Secret, Problem> {
        let block = D::block_size();
        let fill = |text: &[u8]| -> Vec<u8> {
            text.iter().copied().cycle().take(text.len().div_ceil(block) * block).collect()
        };
        let diversifier = vec![purpose as u8; block];
        let mut input = Zeroizing::new([fill(salt), fill(&self.wide)].concat());
        let mut key = Zeroizing::new(Vec::with_capacity(length + <D as Digest>::output_size()));
        loop {
            self.spend(rounds.into())?;
            let mut part = D::new().chain_update(&diversifier).chain_update(&*input).finalize();
            for _ in 1..rounds {
                part = D::digest(&part);
            }
            key.extend_from_slice(&part);
            if key.len() >= length {
                key.truncate(length);
                return Ok(key);
            }
            // Every block of the input plus the part, written over and over, plus one.
            for chunk in input.chunks_mut(block) {
                let addend: Vec<u8> = part.iter().copied().cycle().take(block).collect();
                let mut carry = 1_u16;
                for (octet, more) in chunk.iter_mut().zip(addend).rev() {
                    let sum = u16::from(*octet) + u16::from(more) + carry;
                    [_, *octet] = sum.to_be_bytes();
                    carry = sum >> 8;
                }
            }
        }
    }

    /// Opens a key in PEM whose head says `DEK-Info: NAME,START`.
    pub(super) fn dek(&mut self, info: &str, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let (name, start) = info.split_once(',').ok_or(Problem::Form)?;
        let (cipher, length) = match name.trim() {
            "DES-CBC" => (Cipher::Des, 8),
            "DES-EDE-CBC" => (Cipher::Des, 16),
            "DES-EDE3-CBC" => (Cipher::Des, 24),
            "AES-128-CBC" => (Cipher::Aes, 16),
            "AES-192-CBC" => (Cipher::Aes, 24),
            "AES-256-CBC" => (Cipher::Aes, 32),
            "RC2-CBC" => (Cipher::Rc2, 16),
            other => {
                let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
                return Err(Problem::Scheme(other.chars().filter(plain).take(32).collect()));
            }
        };
        let start = hexadecimal(start.trim()).ok_or(Problem::Form)?;
        let salt = start.get(..8).ok_or(Problem::Form)?;
        let mut key: Secret = Zeroizing::new(Vec::new());
        let mut last = Zeroizing::new(Vec::new());
        while key.len() < length {
            *last = Md5::new().chain_update(&*last).chain_update(self.text).chain_update(salt).finalize().to_vec();
            key.extend_from_slice(&last);
        }
        key.truncate(length);
        decipher(cipher, &key, &start, data)
    }
}

type Secret = Zeroizing<Vec<u8>>;

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let pair = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits?.chunks(2).map(pair).collect()
}

fn decipher(cipher: Cipher, key: &[u8], start: &[u8], data: &[u8]) -> Result<Secret, Problem> {
    match (cipher, key.len()) {
        (Cipher::Rc4, _) => {
            let mut cipher = Rc4::new_from_slice(key).map_err(|_| Problem::Form)?;
            let mut open = Zeroizing::new(data.to_vec());
            cipher.try_apply_keystream(&mut open).map_err(|_| Problem::Form)?;
            Ok(open)
        }
        (Cipher::Rc2, _) => chained::<Rc2>(key, start, data),
        (Cipher::Des, 8) => chained::<Des>(key, start, data),
        (Cipher::Des, 16) => chained::<TdesEde2>(key, start, data),
        (Cipher::Des, _) => chained::<TdesEde3>(key, start, data),
        (Cipher::Aes, 16) => chained::<Aes128>(key, start, data),
        (Cipher::Aes, 24) => chained::<Aes192>(key, start, data),
        (Cipher::Aes, _) => chained::<Aes256>(key, start, data),
    }
}

/// What was enciphered block after block (CBC), filled up as PKCS#7 says. What is filled up otherwise has another key.
fn chained<C: BlockCipherDecrypt + KeyInit>(key: &[u8], start: &[u8], data: &[u8]) -> Result<Secret, Problem> {
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, start).map_err(|_| Problem::Form)?;
    cipher.decrypt_padded_vec::<Pkcs7>(data).map(Zeroizing::new).map_err(|_| Problem::Password)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::hex;
    use std::time::{Duration, Instant};

    /// An `AlgorithmIdentifier` of PBES2 with scrypt.
    fn scrypt(cost: &[u8], block: u8, lanes: u8) -> Vec<u8> {
        let of = |tag: u8, parts: &[&[u8]]| {
            let content = parts.concat();
            [&[tag, u8::try_from(content.len()).unwrap()][..], &content].concat()
        };
        let name = |octets: &[u8]| of(6, &[octets]);
        let kdf = of(0x30, &[&of(4, &[b"saltsalt"]), &of(2, &[cost]), &of(2, &[&[block]]), &of(2, &[&[lanes]])]);
        let kdf = of(0x30, &[&name(&[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11]), &kdf]);
        let cipher = of(0x30, &[&name(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42]), &of(4, &[&[0; 16]])]);
        let pbes2 = name(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13]);
        [pbes2, of(0x30, &[&kdf, &cipher])].concat()
    }

    #[test]
    fn a_key_that_would_take_too_much_is_refused_at_once() {
        let begun = Instant::now();
        let open = |algorithm: &[u8]| Password::of("x").open(Values::of(algorithm), &[0; 16]).map(|_| ());
        assert_eq!(open(&scrypt(&[4], 8, 1)), Err(Problem::Password), "this one is computed");
        assert_eq!(open(&scrypt(&[0x40, 0, 0, 0], 8, 1)), Err(Problem::Costly));
        assert_eq!(open(&scrypt(&[0x02, 0, 0], 8, 100)), Err(Problem::Costly));
        for cost in [&[0][..], &[3], &[0x7f, 0xff, 0xff, 0xff]] {
            assert!(open(&scrypt(cost, 8, 1)).is_err(), "{cost:x?}");
        }
        let mut password = Password::of("x");
        let rounds = 4_000_000_000;
        assert_eq!(password.key::<Sha1>(Use::Mac, b"salt", rounds, 20).map(|_| ()), Err(Problem::Costly));
        assert_eq!(password.pbkdf1::<Md5>(b"salt", rounds).map(|_| ()), Err(Problem::Costly));
        assert!(password.spend(ROUNDS).is_ok() && password.spend(1) == Err(Problem::Costly), "all keys together");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn keys_are_those_of_the_books() {
        // PBKDF1 is by its text: the digest of password and salt, digested again.
        let once = Md5::new().chain_update("password").chain_update(b"salt").finalize();
        let (key, start) = Password::of("password").pbkdf1::<Md5>(b"salt", 2).unwrap();
        assert_eq!([key.as_slice(), start.as_slice()].concat(), Md5::digest(once).to_vec());
        // PKCS#12, with the password `smeg` as the authors of OpenSSL publish it.
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        let key = Password::of("smeg").key::<Sha1>(Use::Cipher, &salt, 1, 24).unwrap();
        assert_eq!(hex(&key), "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3");
        let start = Password::of("smeg").key::<Sha1>(Use::Start, &salt, 1, 8).unwrap();
        assert_eq!(hex(&start), "79993dfe048d3b76");
    }
}
