//! 共有データベースへの経路: what an address says of TLS, and whom a session trusts.
//!
//! The modes are those of `libpq`. Without one, a server on this machine (a socket, a loopback address) is spoken to in the
//! clear, and every other by TLS with its certificate and name verified: what goes in the clear over a network is asked for
//! by name.

use super::super::StoreError;
use crate::store::cause_ja;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Where the mode and the roots are said, if not in the address: as for other programs of PostgreSQL.
const MODE_VARIABLE: &str = "PGSSLMODE";
const ROOT_VARIABLE: &str = "PGSSLROOTCERT";
/// As the roots, those of the system.
const SYSTEM: &str = "system";

/// 経路: how a session comes about.
pub(super) struct Route {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

/// 暗号化: what is asked of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    fn of(text: &str) -> Option<Mode> {
        Some(match text {
            "disable" => Mode::Disable,
            "prefer" => Mode::Prefer,
            "require" => Mode::Require,
            "verify-ca" => Mode::VerifyCa,
            "verify-full" => Mode::VerifyFull,
            _ => return None,
        })
    }
}

/// What an address says.
struct Said {
    /// The address without what only we read.
    rest: String,
    mode: Option<String>,
    root: Option<String>,
}

/// Takes what an address says of TLS out of it: the client knows fewer modes, and no roots.
fn said(address: &str) -> Said {
    let (mut mode, mut root) = (None, None);
    let mut is_other = |part: &&str| {
        match part.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decoded(value)),
            Some(("sslrootcert", value)) => root = Some(decoded(value)),
            _ => return true,
        }
        false
    };
    let rest = match address.split_once("://") {
        None => address.split(' ').filter(&mut is_other).collect::<Vec<_>>().join(" "),
        Some(_) => {
            let (place, query) = address.split_once('?').unwrap_or((address, ""));
            let query: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).filter(&mut is_other).collect();
            if query.is_empty() { place.to_owned() } else { format!("{place}?{}", query.join("&")) }
        }
    };
    let variable = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
    Said { rest, mode: mode.or_else(|| variable(MODE_VARIABLE)), root: root.or_else(|| variable(ROOT_VARIABLE)) }
}

/// A value without `%2F` and the like, and without quotes around it.
fn decoded(text: &str) -> String {
    let text = text.trim_matches('\'');
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(octet) => {
                octets.push(octet);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                octets.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// Whether every host is this machine.
fn is_local(config: &Config) -> bool {
    let local = |host: &Host| match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    };
    config.get_hosts().iter().all(local)
        && (!config.get_hosts().is_empty() || config.get_hostaddrs().iter().all(IpAddr::is_loopback))
}

/// Whether every host is a socket: TLS is not spoken there.
fn is_socket(config: &Config) -> bool {
    let socket = |host: &Host| !matches!(host, Host::Tcp(_));
    !config.get_hosts().is_empty() && config.get_hosts().iter().all(socket)
}

fn mode(said: &Said, config: &Config) -> Result<Mode, StoreError> {
    let asked = match said.mode.as_deref() {
        None if is_local(config) => Mode::Disable,
        None => Mode::VerifyFull,
        Some(text) => Mode::of(text).ok_or_else(|| {
            let shown = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(16).collect();
            StoreError::TlsMode(shown)
        })?,
    };
    Ok(match asked {
        _ if is_socket(config) => Mode::Disable,
        // Whoever names roots wants them used.
        Mode::Require if said.root.is_some() => Mode::VerifyCa,
        asked => asked,
    })
}

/// Whether an address leads over a network and does not ask for TLS in any case: then it may go in the clear.
pub fn may_be_in_clear(address: &str) -> bool {
    let said = said(address);
    said.rest.parse::<Config>().is_ok_and(|config| {
        !is_local(&config) && mode(&said, &config).is_ok_and(|mode| matches!(mode, Mode::Disable | Mode::Prefer))
    })
}

/// Whether a password stands in an address; one that cannot be read is judged by its look.
pub fn has_password(address: &str) -> bool {
    let login = || address.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    let looks_so = || address.contains("password=") || login().is_some_and(|(login, _)| login.contains(':'));
    said(address).rest.parse::<Config>().map_or_else(|_| looks_so(), |config| config.get_password().is_some())
}

/// Reads an address.
pub(super) fn route(address: &str) -> Result<Route, StoreError> {
    let said = said(address);
    let mut config: Config = said.rest.parse().map_err(|_| StoreError::Address)?;
    let mode = mode(&said, &config)?;
    config.ssl_mode(match mode {
        Mode::Disable => SslMode::Disable,
        Mode::Prefer => SslMode::Prefer,
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
    });
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(mode, said.root.as_deref(), &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| StoreError::Tls(OTHER.0, OTHER.1))?;
    let tls = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(Route { config, tls: MakeRustlsConnect::new(tls) })
}

fn verifier(
    mode: Mode,
    root: Option<&str>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, StoreError> {
    let checked: Arc<dyn ServerCertVerifier> = match root.filter(|root| *root != SYSTEM) {
        _ if matches!(mode, Mode::Disable | Mode::Prefer | Mode::Require) => {
            return Ok(Arc::new(Lenient { provider: Arc::clone(provider), checked: None }));
        }
        Some(path) => {
            let roots = Arc::new(roots(Path::new(path))?);
            let built = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build();
            built.map_err(|_| StoreError::TlsRoots(path.into(), NO_CERTIFICATE.to_owned()))?
        }
        None => Arc::new(
            rustls_platform_verifier::Verifier::new(Arc::clone(provider))
                .map_err(|_| StoreError::TlsRoots(PathBuf::from(SYSTEM), NO_CERTIFICATE.to_owned()))?,
        ),
    };
    match mode {
        Mode::VerifyCa => Ok(Arc::new(Lenient { provider: Arc::clone(provider), checked: Some(checked) })),
        _ => Ok(checked),
    }
}

const NO_CERTIFICATE: &str = "証明書がありません";

fn roots(path: &Path) -> Result<RootCertStore, StoreError> {
    let unusable = |why: &str| StoreError::TlsRoots(path.into(), why.to_owned());
    let text = std::fs::read(path).map_err(|error| unusable(cause_ja(error.kind())))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let added = certificate.ok().and_then(|certificate| roots.add(certificate).ok());
        added.ok_or_else(|| unusable("証明書として読めません"))?;
    }
    if roots.is_empty() { Err(unusable(NO_CERTIFICATE)) } else { Ok(roots) }
}

/// 緩い検証: takes any name, and any certificate where nobody says whom to trust. Signatures are verified all the same.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    checked: Option<Arc<dyn ServerCertVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(checked) = &self.checked else { return Ok(ServerCertVerified::assertion()) };
        match checked.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            // The name is looked at last.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

type Words = (&'static str, &'static str);
const OTHER: Words = ("TLSの接続を確立できません", "no TLS session");

/// What a failure to connect says of TLS; nothing where it is about something else.
pub(super) fn refusal(error: &tokio_postgres::Error) -> Option<StoreError> {
    if !error.to_string().contains("TLS") {
        return None;
    }
    let cause = error.source()?;
    if cause.to_string().contains("does not support TLS") {
        return Some(StoreError::NoTls);
    }
    let mut this: &(dyn Error + 'static) = cause;
    let tls = loop {
        if let Some(found) = this.downcast_ref::<rustls::Error>() {
            break found;
        }
        // Without a word of TLS the connection was lost on the way.
        this = this.downcast_ref::<io::Error>()?.get_ref()?;
    };
    use rustls::Error as Tls;
    let (ja, en) = match tls {
        Tls::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                ("サーバの証明書の有効期限が切れています", "its certificate has expired")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                ("サーバの証明書の有効期間が始まっていません", "its certificate is not valid yet")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                ("サーバの証明書は別のホスト名のものです", "its certificate is for another host name")
            }
            CertificateError::UnknownIssuer => (
                "サーバの証明書の発行者を信頼できません。発行者の証明書を sslrootcert で指定してください",
                "its certificate is of an unknown issuer: name the issuer's in sslrootcert",
            ),
            _ => ("サーバの証明書を検証できません", "its certificate cannot be verified"),
        },
        Tls::PeerIncompatible(_) | Tls::AlertReceived(rustls::AlertDescription::ProtocolVersion) => {
            ("サーバがTLS 1.2と1.3に対応していません", "it speaks neither TLS 1.2 nor 1.3")
        }
        _ => OTHER,
    };
    Some(StoreError::Tls(ja, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(address: &str) -> Option<Mode> {
        let said = said(address);
        let config: Config = said.rest.parse().ok()?;
        mode(&said, &config).ok()
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear_unasked() {
        for local in ["%2Frun%2Fpg", "localhost", "127.0.0.1", "127.9.9.9:5433", "[::1]"] {
            assert_eq!(mode_of(&format!("postgres://u@{local}/d")), Some(Mode::Disable), "{local}");
        }
        for far in ["db", "192.0.2.1", "[2001:db8::1]:5432", "localhost.example.jp", "localhost,db"] {
            let address = format!("postgres://u@{far}/d");
            assert_eq!(mode_of(&address), Some(Mode::VerifyFull), "{far}");
            assert!(!may_be_in_clear(&address));
            assert!(may_be_in_clear(&(address.clone() + "?sslmode=disable")));
            assert!(may_be_in_clear(&(address.clone() + "?sslmode=prefer")));
            assert!(!may_be_in_clear(&(address + "?sslmode=require")));
        }
        assert_eq!(mode_of("host=/run/pg sslmode=verify-full"), Some(Mode::Disable), "a socket");
    }

    #[test]
    fn what_only_we_read_is_taken_out_of_an_address() {
        let of = |address: &str| {
            let said = said(address);
            (said.rest, said.mode.unwrap_or_default(), said.root.unwrap_or_default())
        };
        let wanted = |rest: &str, mode: &str, root: &str| (rest.to_owned(), mode.to_owned(), root.to_owned());
        assert_eq!(
            of("postgres://u@db/d?sslmode=verify-ca&connect_timeout=3&sslrootcert=%2Fetc%2Fdb%20ca.pem"),
            wanted("postgres://u@db/d?connect_timeout=3", "verify-ca", "/etc/db ca.pem")
        );
        assert_eq!(
            of("host=db sslrootcert='/etc/ca.pem' user=u sslmode=require"),
            wanted("host=db user=u", "require", "/etc/ca.pem")
        );
        assert_eq!(mode_of("postgres://u@db/d?sslmode=require&sslrootcert=%2Fca.pem"), Some(Mode::VerifyCa));
        assert_eq!(mode_of("postgres://u@db/d?sslmode=require"), Some(Mode::Require));
        assert_eq!(mode_of("postgres://u@db/d?sslmode=allow"), None);
        assert_eq!(decoded("a%2"), "a%2");
    }
}
