//! PKCS#12 (.p12, .pfx) of any age, in DER or BER: certificates and keys, once the check sum has said that the password is
//! right and nothing was changed.
//!
//! Source: RFC 7292 (PKCS#12) §4 and §5; RFC 5652 (CMS) §8.

use super::Contents;
use super::ber::{Values, der};
use super::pbe::{Password, Use};
use super::problem::Problem;
use crate::exchange::ConfigError;
use hmac::{Mac as _, SimpleHmac};
use md5::Md5;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::digest::core_api::BlockSizeUser;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// So many rounds take long, and so many files that took them are remembered.
const LONG: u64 = 100_000;
const KEPT: usize = 8;
const DATA: &str = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";
const KEY_BAG: &str = "1.2.840.113549.1.12.10.1.1";
const SHROUDED_KEY_BAG: &str = "1.2.840.113549.1.12.10.1.2";
const CERTIFICATE_BAG: &str = "1.2.840.113549.1.12.10.1.3";
const X509: &str = "1.2.840.113549.1.9.22.1";

/// Whether octets may be PKCS#12, a sequence: everything else is not worth a password.
pub(super) fn may_be(octets: &[u8]) -> bool {
    octets.first() == Some(&0x30)
}

/// The certificates and keys of a file.
pub(super) fn contents(
    file: &Path,
    octets: &[u8],
    password: impl FnOnce() -> Result<Option<SecretString>, ConfigError>,
) -> Result<Contents, ConfigError> {
    let secret = password()?;
    let text = secret.as_ref().map_or("", |secret| secret.expose_secret());
    read_once(octets, text).map_err(|problem| problem.of(file, secret.is_some()))
}

/// A file that took long to open is opened once in a run: all lines may show it, and NSS wants 600 000 rounds of a digest
/// for each of its keys.
fn read_once(octets: &[u8], password: &str) -> Result<Contents, Problem> {
    static OPENED: Mutex<Vec<([u8; 32], Contents)>> = Mutex::new(Vec::new());
    let length = (octets.len() as u64).to_be_bytes();
    let digest: [u8; 32] =
        Sha256::new().chain_update(length).chain_update(octets).chain_update(password).finalize().into();
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, contents)) = opened.iter().find(|(known, _)| *known == digest) {
        return Ok(contents.again());
    }
    let mut password = Password::of(password);
    let contents = read(octets, &mut password)?;
    if password.spent() < LONG {
        return Ok(contents);
    }
    if opened.len() == KEPT {
        opened.remove(0);
    }
    opened.push((digest, contents.again()));
    Ok(contents)
}

fn read(octets: &[u8], password: &mut Password<'_>) -> Result<Contents, Problem> {
    let whole = der(octets)?;
    let mut pfx = Values::of(&whole).sequence()?;
    if pfx.number()? != 3 {
        return Err(Problem::Form);
    }
    let mut content = pfx.sequence()?;
    let kind = content.name()?;
    if kind != DATA {
        return Err(Problem::Scheme(kind));
    }
    let safes = content.explicit()?.octets()?;
    let sealed = !pfx.is_empty();
    if sealed {
        verify(pfx.sequence()?, safes, password)?;
    }
    let mut contents = Contents { certificates: Vec::new(), keys: Vec::new() };
    // Only a check sum tells a wrong password from something that is broken behind a right one.
    let of_secret = |problem| if problem == Problem::Form && !sealed { Problem::Password } else { problem };
    let safes = der(safes)?;
    let mut safes = Values::of(&safes).sequence()?;
    while !safes.is_empty() {
        let mut safe = safes.sequence()?;
        match safe.name()?.as_str() {
            DATA => bags(&der(safe.explicit()?.octets()?)?, password, &mut contents, of_secret)?,
            ENCRYPTED_DATA => {
                let opened = opened(safe.explicit()?.sequence()?, password)?;
                let opened = der(&opened).map_err(of_secret)?;
                bags(&opened, password, &mut contents, of_secret)?;
            }
            other => return Err(Problem::Scheme(other.to_owned())),
        }
    }
    Ok(contents)
}

/// Compares the check sum of the content.
fn verify(mut mac: Values<'_>, content: &[u8], password: &mut Password<'_>) -> Result<(), Problem> {
    let mut info = mac.sequence()?;
    let (kind, sum) = (info.sequence()?.name()?, info.octets()?);
    let salt = mac.octets()?;
    let rounds = if mac.is_empty() { 1 } else { mac.number()? };
    let check = match kind.as_str() {
        "1.2.840.113549.2.5" => matches::<Md5>,
        "1.3.14.3.2.26" => matches::<Sha1>,
        "2.16.840.1.101.3.4.2.4" => matches::<Sha224>,
        "2.16.840.1.101.3.4.2.1" => matches::<Sha256>,
        "2.16.840.1.101.3.4.2.2" => matches::<Sha384>,
        "2.16.840.1.101.3.4.2.3" => matches::<Sha512>,
        _ => return Err(Problem::Scheme(kind)),
    };
    check(password, salt, rounds, content, sum)
}

fn matches<D: Digest + BlockSizeUser>(
    password: &mut Password<'_>,
    salt: &[u8],
    rounds: u32,
    content: &[u8],
    sum: &[u8],
) -> Result<(), Problem> {
    let key = password.key::<D>(Use::Mac, salt, rounds, <D as Digest>::output_size())?;
    let mac = SimpleHmac::<D>::new_from_slice(&key).map_err(|_| Problem::Form)?;
    mac.chain_update(content).verify_slice(sum).map_err(|_| Problem::Password)
}

/// What an `EncryptedData` holds.
fn opened(mut encrypted: Values<'_>, password: &mut Password<'_>) -> Result<Zeroizing<Vec<u8>>, Problem> {
    encrypted.number()?;
    let mut content = encrypted.sequence()?;
    content.name()?;
    let algorithm = content.sequence()?;
    let (in_parts, octets) = content.tagged()?;
    if !in_parts {
        return password.open(algorithm, octets);
    }
    let (mut parts, mut data) = (Values::of(octets), Vec::with_capacity(octets.len()));
    while !parts.is_empty() {
        data.extend_from_slice(parts.octets()?);
    }
    password.open(algorithm, &data)
}

/// Adds what lies in the bags: other things than certificates and keys are left there.
fn bags(
    octets: &[u8],
    password: &mut Password<'_>,
    contents: &mut Contents,
    of_secret: impl Fn(Problem) -> Problem + Copy,
) -> Result<(), Problem> {
    let mut bags = Values::of(octets).sequence()?;
    while !bags.is_empty() {
        let mut bag = bags.sequence()?;
        let (kind, mut value) = (bag.name()?, bag.explicit()?);
        match kind.as_str() {
            KEY_BAG => contents.keys.push(key(value.rest())),
            SHROUDED_KEY_BAG => {
                let mut shrouded = value.sequence()?;
                let opened = password.open(shrouded.sequence()?, shrouded.octets()?)?;
                contents.keys.push(key(&der(&opened).map_err(of_secret)?));
            }
            CERTIFICATE_BAG => {
                let mut certificate = value.sequence()?;
                let kind = certificate.name()?;
                if kind != X509 {
                    return Err(Problem::Scheme(kind));
                }
                let octets = certificate.explicit()?.octets()?;
                contents.certificates.push(CertificateDer::from(octets.to_vec()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn key(octets: &[u8]) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(octets.to_vec()))
}
