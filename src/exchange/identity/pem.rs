//! PEM: certificates and keys as text, the key perhaps encrypted.

use super::wrong;
use crate::exchange::ConfigError;
use crate::rules::codes;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;

const BEGIN: &[u8] = b"-----BEGIN ";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Whether octets are PEM: text may stand before it.
pub(super) fn is_pem(octets: &[u8]) -> bool {
    octets.windows(BEGIN.len()).any(|window| window == BEGIN)
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

/// The certificates of a file, in their order. None is as good as an error.
pub(in super::super) fn certificates(file: &Path, octets: &[u8]) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let none = || wrong(&codes::CERT_FORM, file, "PEM形式の証明書がありません", "no certificate in PEM");
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(octets).collect();
    let all = all.map_err(|_| none())?;
    if all.is_empty() { Err(none()) } else { Ok(all) }
}

/// The keys of a file.
pub(super) fn keys(
    file: &Path,
    octets: &[u8],
    password: impl FnOnce() -> Result<Option<SecretString>, ConfigError>,
) -> Result<Vec<PrivateKeyDer<'static>>, ConfigError> {
    let text = Zeroizing::new(String::from_utf8_lossy(octets).into_owned());
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        let (ja, en) = (
            "秘密鍵が古い形式で暗号化されています（openssl pkcs8 -topk8 で書き出し直してください）",
            "the key is encrypted in an old form: export it again with `openssl pkcs8 -topk8`",
        );
        return Err(wrong(&codes::CERT_SCHEME, file, ja, en));
    }
    if let Some(encrypted) = block(&text, ENCRYPTED) {
        let broken = || wrong(&codes::CERT_FORM, file, "秘密鍵を読めません", "the private key cannot be read");
        let (_, der) = pkcs8::SecretDocument::from_pem(encrypted).map_err(|_| broken())?;
        let info = EncryptedPrivateKeyInfoRef::try_from(der.as_bytes()).map_err(|_| broken())?;
        let secret = password()?.ok_or_else(|| {
            wrong(&codes::CERT_PASSWORD, file, "秘密鍵のパスワードが必要です", "the private key needs a password")
        })?;
        let key = info.decrypt(secret.expose_secret()).map_err(|_| {
            wrong(&codes::CERT_PASSWORD, file, "秘密鍵のパスワードが違います", "wrong password of the private key")
        })?;
        return Ok(vec![PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()))]);
    }
    let keys: Result<Vec<_>, _> = PrivateKeyDer::pem_slice_iter(octets).collect();
    keys.map_err(|_| wrong(&codes::CERT_FORM, file, "秘密鍵を読めません", "the private key cannot be read"))
}

/// A block of PEM with its lines of beginning and end.
fn block<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let from = text.find(&begin)?;
    let to = text.get(from..)?.find(&end)? + from + end.len();
    text.get(from..to)
}
