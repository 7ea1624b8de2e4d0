//! PKCS#12 (.p12, .pfx): the new encryption (PBES2) and the old one (PBE-SHA1-3DES, PBE-SHA1-RC2-40) that authorities
//! still hand out.

use super::{Contents, wrong};
use crate::exchange::ConfigError;
use crate::rules::{Rule, codes};
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;

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
    let archive = Pkcs12Archive::from_pkcs12(octets, text).map_err(|error| refused(file, &error, secret.is_some()))?;
    let keys = archive.keys.iter().map(|bag| PrivatePkcs8KeyDer::from(bag.key.as_der().to_vec()));
    let certificates = archive.certs.iter().map(|bag| CertificateDer::from(bag.cert.as_der().to_vec()));
    Ok(Contents { certificates: certificates.collect(), keys: keys.map(PrivateKeyDer::Pkcs8).collect() })
}

/// Its words are ours: those of the library could quote what is in the file.
fn refused(file: &Path, error: &Error, given: bool) -> ConfigError {
    let (rule, ja, en): (&'static Rule, _, _) = match error {
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) | Error::InvalidPrivateKey if given => {
            (&codes::CERT_PASSWORD, "パスワードが違います", "wrong password")
        }
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) | Error::InvalidPrivateKey => {
            (&codes::CERT_PASSWORD, "パスワードが必要です", "it needs a password")
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm | Error::InvalidParameters => {
            (&codes::CERT_SCHEME, "対応していない暗号方式です", "an encryption that is not supported")
        }
        Error::UnsupportedContentType | Error::UnsupportedCertificateType => {
            (&codes::CERT_SCHEME, "対応していない内容です", "contents that are not supported")
        }
        _ => (&codes::CERT_FORM, "PKCS#12として読めません", "it cannot be read as PKCS#12"),
    };
    wrong(rule, file, ja, en)
}
