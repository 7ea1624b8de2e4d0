//! TLS: what is offered to a server, and what its refusal means.
//!
//! TLS 1.2 and 1.3 are spoken. Older versions, which some operators' systems may still ask for (facts/wire.md §3.1), are
//! not: a connection with them fails, and says so.

use super::access::Access;
use super::config::ConfigError;
use super::identity::{Identity, certificates};
use super::secret::read_public;
use super::stages::{Stage, StageError, resumption};
use super::trouble::{Trouble, TroubleKind};
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription as Alert, CertificateError, ClientConfig, PeerIncompatible, RootCertStore, SignatureScheme,
};
use std::error::Error;
use std::io;
use std::sync::Arc;

/// The cryptography of every line.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// What is offered to a server: our certificate if there is one, and whom we trust.
pub(super) fn client_config(access: &Access, identity: Option<&Identity>) -> Result<ClientConfig, ConfigError> {
    let provider = provider();
    let failed = |error: rustls::Error| {
        ConfigError::new(format!("TLSの準備ができません（{error}）"), format!("TLS cannot be prepared: {error}"))
    };
    let mut roots = Vec::new();
    for path in &access.roots {
        roots.extend(certificates(path, &read_public(path)?)?);
    }
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(failed)?;
    let builder = if access.only_roots {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root).map_err(failed)?;
        }
        builder.with_root_certificates(store)
    } else {
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider).map_err(failed)?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    };
    let mut config = match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(Ours(identity.key.clone()))),
        None => builder.with_no_client_auth(),
    };
    config.resumption = resumption();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Our certificate is shown to whoever asks for one.
#[derive(Debug)]
struct Ours(Arc<CertifiedKey>);

impl ResolvesClientCert for Ours {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
    fn has_certs(&self) -> bool {
        true
    }
}

/// The error of the handshake within another.
pub(super) fn of_rustls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|mut this| {
        loop {
            if let Some(found) = this.downcast_ref::<rustls::Error>() {
                return Some(found);
            }
            // An `io::Error` names the cause of what it holds as its source, not what it holds.
            this = this.downcast_ref::<io::Error>().and_then(io::Error::get_ref)?;
        }
    })
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |this| <dyn Error>::source(*this))
}

/// Why there is no connection: its stage, and what the other side or the system says.
pub(super) fn unconnected(error: &(dyn Error + 'static), shown: bool) -> Trouble {
    let stage = causes(error).find_map(|this| this.downcast_ref::<StageError>());
    if let Some(late) = stage.filter(|stage| stage.is_timeout()) {
        return match late.stage {
            Stage::Connect => Trouble::new(TroubleKind::Connection, "timeout while connecting"),
            Stage::Tls => Trouble::new(TroubleKind::Tls, "timeout in the TLS handshake"),
        };
    }
    if let Some(tls) = of_rustls(error) {
        return handshake(tls, shown);
    }
    let system = causes(error).filter_map(|this| this.downcast_ref::<io::Error>()).last().map(io::Error::kind);
    if stage.is_some_and(|stage| stage.stage == Stage::Tls) {
        // Whoever speaks only older versions often just hangs up.
        let why = system.map_or_else(String::new, |kind| format!(": {kind}"));
        return Trouble::new(TroubleKind::Tls, format!("the peer hung up in the TLS handshake{why}"));
    }
    let said = |words: &str| causes(error).any(|this| this.to_string().contains(words));
    if said("dns error") {
        return Trouble::new(TroubleKind::Name, "DNS");
    }
    if said("tunnel") || said("proxy") {
        return Trouble::new(TroubleKind::Proxy, "proxy");
    }
    let why = match system {
        Some(io::ErrorKind::AddrNotAvailable) => "source-address is no address of this machine".to_owned(),
        Some(kind) => kind.to_string(),
        None => "no connection".to_owned(),
    };
    Trouble::new(TroubleKind::Connection, why)
}

/// What a handshake that failed says. `shown`: we have a certificate to show.
fn handshake(error: &rustls::Error, shown: bool) -> Trouble {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                Trouble::new(TroubleKind::ServerExpired, "expired")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Trouble::new(TroubleKind::ServerNotYet, "not valid yet")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Trouble::new(TroubleKind::ServerName, "another host name")
            }
            CertificateError::UnknownIssuer => Trouble::new(TroubleKind::UnknownCa, "unknown issuer"),
            CertificateError::Revoked => Trouble::new(TroubleKind::ServerCertificate, "revoked"),
            CertificateError::BadSignature => Trouble::new(TroubleKind::ServerCertificate, "bad signature"),
            _ => Trouble::new(TroubleKind::ServerCertificate, "not acceptable"),
        },
        Tls::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        )
        | Tls::AlertReceived(Alert::ProtocolVersion | Alert::InappropriateFallback) => {
            Trouble::new(TroubleKind::OldTls, "older than TLS 1.2")
        }
        Tls::AlertReceived(alert) if refusal(*alert) && (shown || *alert != Alert::HandshakeFailure) => {
            Trouble::new(TroubleKind::ClientRefused, format!("TLS alert {alert:?}"))
        }
        Tls::AlertReceived(alert) => Trouble::new(TroubleKind::Tls, format!("TLS alert {alert:?}")),
        Tls::InvalidMessage(_) => Trouble::new(TroubleKind::Tls, "the peer does not speak TLS"),
        Tls::PeerIncompatible(why) => Trouble::new(TroubleKind::Tls, format!("{why:?}")),
        _ => Trouble::new(TroubleKind::Tls, "handshake"),
    }
}

const fn refusal(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::HandshakeFailure
    )
}

/// In TLS 1.3 a server refuses a client certificate only after the client took the handshake for finished: the
/// alert comes in place of an answer, and nothing of the request was read.
pub(super) fn refused_certificate(error: &reqwest::Error) -> Option<Alert> {
    match of_rustls(error)? {
        rustls::Error::AlertReceived(alert) => refusal(*alert).then_some(*alert),
        _ => None,
    }
}
