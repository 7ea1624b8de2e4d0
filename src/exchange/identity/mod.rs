//! クライアント証明書: who we are on the line — a certificate with its chain and its key, from PKCS#12 or PEM.

mod ber;
mod facts;
mod pbe;
mod pem;
mod pkcs12;
mod problem;

pub use facts::{CertificateFacts, Term};
pub(super) use pem::certificates;

use super::ConfigError;
use super::secret::{PasswordPlace, read_private, read_public};
use crate::items::DateTime;
use crate::rules::{Finding, Rule, codes};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use secrecy::SecretString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// クライアント証明書の場所.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityPlace {
    /// The certificate, perhaps with its chain and its key: PKCS#12 or PEM, told apart by the content.
    pub certificate: PathBuf,
    /// The key in PEM, where it is a file of its own.
    pub key: Option<PathBuf>,
    /// What they are encrypted with.
    pub password: Option<PasswordPlace>,
}

/// クライアント証明書: ready to be shown.
pub struct Identity {
    /// What the certificate says of itself.
    pub facts: CertificateFacts,
    /// What those say that come with it, up to its authority.
    pub chain: Vec<CertificateFacts>,
    pub(super) key: Arc<CertifiedKey>,
}

/// Without the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({}, until {})", self.facts.fingerprint, self.facts.not_after)
    }
}

/// The certificates and keys of a file, not sorted yet.
struct Contents {
    certificates: Vec<CertificateDer<'static>>,
    keys: Vec<PrivateKeyDer<'static>>,
}

impl IdentityPlace {
    /// Reads certificate and key. What goes wrong names the file, never what is in it.
    pub fn load(&self) -> Result<Identity, ConfigError> {
        let mut contents = self.contents()?;
        if let Some(key) = &self.key {
            contents.keys = pem::keys(key, &read_private(key)?, || self.password(key))?;
        }
        contents.identity(&self.certificate, self.key.as_deref(), &super::tls::provider())
    }

    /// What the certificates of the file say of themselves, whether or not a key is there: the file is only looked at.
    pub fn look(&self) -> Result<Vec<CertificateFacts>, ConfigError> {
        let contents = self.contents()?;
        Ok(contents.certificates.iter().filter_map(CertificateFacts::read).collect())
    }

    fn contents(&self) -> Result<Contents, ConfigError> {
        let file = &self.certificate;
        let octets = read_public(file)?;
        if !pem::is_pem(&octets) {
            if let Some(lone) = pem::der_certificate(&octets) {
                return Ok(Contents { certificates: vec![lone], keys: Vec::new() });
            }
            if !pkcs12::may_be(&octets) {
                let (ja, en) = ("PKCS#12でもPEMでもありません", "neither PKCS#12 nor PEM");
                return Err(wrong(&codes::CERT_FORM, file, ja, en));
            }
            return pkcs12::contents(file, &read_private(file)?, || self.password(file));
        }
        let certificates = pem::certificates(file, &octets)?;
        if self.key.is_some() || !pem::has_key(&octets) {
            return Ok(Contents { certificates, keys: Vec::new() });
        }
        Ok(Contents { certificates, keys: pem::keys(file, &read_private(file)?, || self.password(file))? })
    }

    /// The password of a file; nothing where none was named.
    fn password(&self, file: &Path) -> Result<Option<SecretString>, ConfigError> {
        self.password.as_ref().map(|place| place.read(&file.display().to_string())).transpose()
    }
}

impl Contents {
    /// The same once more.
    fn again(&self) -> Contents {
        let keys = self.keys.iter().map(PrivateKeyDer::clone_key).collect();
        Contents { certificates: self.certificates.clone(), keys }
    }

    /// The certificate that the key is for, and its chain.
    fn identity(
        self,
        file: &Path,
        key_file: Option<&Path>,
        provider: &CryptoProvider,
    ) -> Result<Identity, ConfigError> {
        let key_file = key_file.unwrap_or(file);
        if self.keys.is_empty() {
            return Err(wrong(&codes::CERT_NO_KEY, key_file, "秘密鍵がありません", "no private key"));
        }
        if self.certificates.is_empty() {
            return Err(wrong(&codes::CERT_NO_CERTIFICATE, file, "証明書がありません", "no certificate"));
        }
        let mut understood = false;
        for key in &self.keys {
            let Ok(signing) = provider.key_provider.load_private_key(key.clone_key()) else { continue };
            understood = true;
            for leaf in &self.certificates {
                let chain = chain(leaf, &self.certificates);
                let certified = CertifiedKey::new(chain, signing.clone());
                if certified.keys_match().is_ok() {
                    return read(certified, file);
                }
            }
        }
        if understood {
            let (ja, en) = ("証明書と秘密鍵が対応していません", "the private key is that of another certificate");
            return Err(wrong(&codes::CERT_MISMATCH, file, ja, en));
        }
        let (ja, en) =
            ("秘密鍵の種類または長さに対応していません", "the kind or length of the private key is not supported");
        Err(wrong(&codes::CERT_SCHEME, key_file, ja, en))
    }
}

fn read(certified: CertifiedKey, file: &Path) -> Result<Identity, ConfigError> {
    let mut facts = certified.cert.iter().map(CertificateFacts::read);
    let unreadable =
        || wrong(&codes::CERT_FORM, file, "証明書の内容を読めません", "the certificate cannot be understood");
    let own = facts.next().flatten().ok_or_else(unreadable)?;
    let chain = facts.flatten().collect();
    Ok(Identity { facts: own, chain, key: Arc::new(certified) })
}

/// The certificate and those that issued it, one after the other, as far as they are there. A root need not be shown.
fn chain(leaf: &CertificateDer<'static>, all: &[CertificateDer<'static>]) -> Vec<CertificateDer<'static>> {
    let mut chain = vec![leaf.clone()];
    let mut last = CertificateFacts::read(leaf);
    while let Some(this) = last.take().filter(|this| this.issuer != this.subject) {
        let issuer = all.iter().find(|other| {
            !chain.contains(other) && CertificateFacts::read(other).is_some_and(|facts| facts.subject == this.issuer)
        });
        if let Some(issuer) = issuer {
            last = CertificateFacts::read(issuer);
            chain.push(issuer.clone());
        }
    }
    chain
}

impl Identity {
    /// What a person is told of the time of the certificate and of those that come with it.
    #[must_use]
    pub fn warnings(&self, now: DateTime) -> Vec<Finding> {
        // A root is trusted by itself or not at all: that it comes along counts for nothing.
        let issuers = self.chain.iter().filter(|facts| facts.issuer != facts.subject);
        self.facts.warning(now).into_iter().chain(issuers.filter_map(|facts| facts.warning_of_issuer(now))).collect()
    }
}

/// What is wrong with a file.
fn wrong(rule: &'static Rule, file: &Path, ja: &str, en: &str) -> ConfigError {
    let file = file.display();
    ConfigError::coded(rule, format!("{file}: {ja}"), format!("{file}: {en}"))
}
