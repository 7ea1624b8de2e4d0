//! PEM: certificates and keys as text, the key perhaps encrypted — as PKCS#8, or in the older form of OpenSSL (`DEK-Info`).

use super::ber::{Values, der};
use super::pbe::Password;
use super::problem::Problem;
use super::wrong;
use crate::exchange::ConfigError;
use crate::rules::codes;
use pem::Pem;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";

/// Whether octets are PEM: text may stand before it.
pub(super) fn is_pem(octets: &[u8]) -> bool {
    begun(octets) > 0
}

fn begun(octets: &[u8]) -> usize {
    memchr::memmem::find_iter(octets, BEGIN).count()
}

/// A certificate by itself, in DER (`.cer`, `.crt`).
pub(super) fn der_certificate(octets: &[u8]) -> Option<CertificateDer<'static>> {
    let der = CertificateDer::from(octets.to_vec());
    super::CertificateFacts::read(&der).map(|_| der)
}

/// Whether there is a key in it.
pub(super) fn has_key(octets: &[u8]) -> bool {
    String::from_utf8_lossy(octets).lines().any(|line| line.starts_with("-----BEGIN ") && line.contains("PRIVATE KEY"))
}

/// What stands between the lines of beginning and end; nothing where one of them is broken.
fn blocks(octets: &[u8]) -> Option<Vec<Pem>> {
    pem::parse_many(octets).ok().filter(|blocks| blocks.len() == begun(octets))
}

/// The certificates of a file, in their order, or the one in DER. None is as good as an error.
pub(in super::super) fn certificates(file: &Path, octets: &[u8]) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    if let Some(lone) = der_certificate(octets) {
        return Ok(vec![lone]);
    }
    let blocks = blocks(octets).unwrap_or_default().into_iter().filter(|block| block.tag() == "CERTIFICATE");
    let all: Vec<_> = blocks.map(|block| CertificateDer::from(block.into_contents())).collect();
    if all.is_empty() {
        return Err(wrong(&codes::CERT_FORM, file, "証明書（PEM、DER）がありません", "no certificate in PEM or DER"));
    }
    Ok(all)
}

/// The keys of a file.
pub(super) fn keys(
    file: &Path,
    octets: &[u8],
    password: impl FnOnce() -> Result<Option<SecretString>, ConfigError>,
) -> Result<Vec<PrivateKeyDer<'static>>, ConfigError> {
    let unreadable = || wrong(&codes::CERT_FORM, file, "秘密鍵を読めません", "the private key cannot be read");
    if !is_pem(octets) {
        return PrivateKeyDer::try_from(octets.to_vec()).map(|key| vec![key]).map_err(|_| unreadable());
    }
    let blocks = blocks(octets).ok_or_else(unreadable)?;
    let blocks: Vec<Pem> = blocks.into_iter().filter(|block| block.tag().ends_with("PRIVATE KEY")).collect();
    let secret = if blocks.iter().any(is_encrypted) { password()? } else { None };
    let text = secret.as_ref().map_or("", |secret| secret.expose_secret());
    let mut password = Password::of(text);
    let keys = blocks.into_iter().map(|block| key(block, &mut password));
    keys.collect::<Result<_, Problem>>().map_err(|problem| match problem {
        Problem::Form => unreadable(),
        Problem::Password if secret.is_some() => {
            wrong(&codes::CERT_PASSWORD, file, "秘密鍵のパスワードが違います", "wrong password of the private key")
        }
        Problem::Password => {
            wrong(&codes::CERT_PASSWORD, file, "秘密鍵のパスワードが必要です", "the private key needs a password")
        }
        other => other.of(file, secret.is_some()),
    })
}

/// What the head of a key in the older form says of its encryption.
fn old(block: &Pem) -> Option<&str> {
    block.headers().get("Proc-Type").filter(|kind| kind.contains("ENCRYPTED"))?;
    Some(block.headers().get("DEK-Info").unwrap_or_default())
}

fn is_encrypted(block: &Pem) -> bool {
    block.tag() == "ENCRYPTED PRIVATE KEY" || old(block).is_some()
}

fn key(block: Pem, password: &mut Password<'_>) -> Result<PrivateKeyDer<'static>, Problem> {
    let mut label = block.tag().to_owned();
    let octets = if label == "ENCRYPTED PRIVATE KEY" {
        "PRIVATE KEY".clone_into(&mut label);
        let whole = der(block.contents())?;
        let mut encrypted = Values::of(&whole).sequence()?;
        opened(password.open(encrypted.sequence()?, encrypted.octets()?)?)?
    } else if let Some(info) = old(&block) {
        opened(password.dek(info, block.contents())?)?
    } else {
        Zeroizing::new(block.into_contents())
    };
    Ok(match label.as_str() {
        "PRIVATE KEY" => PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(octets.to_vec())),
        "RSA PRIVATE KEY" => PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(octets.to_vec())),
        "EC PRIVATE KEY" => PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(octets.to_vec())),
        _ => return Err(Problem::Scheme(label)),
    })
}

/// What came out with a password: nothing but one value that is a sequence is a key.
fn opened(octets: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let whole = der(&octets).map_err(|_| Problem::Password)?;
    Values::of(&whole).sequence().map_err(|_| Problem::Password)?;
    Ok(whole)
}
