//! クライアント証明書: one way to make a client that shows its certificate, for everything that is asked over HTTPS.
//!
//! TLS 1.2 and 1.3 are spoken. Older versions, which some operators' systems may still ask for (facts/wire.md §3.1), are
//! not: a connection with them fails.

use super::config::{ConfigError, is_local};
use reqwest::{Client, ClientBuilder, Url};
use rustls::AlertDescription as Alert;
use std::error::Error;
use std::io;
use std::path::Path;

/// A client for one address, with a certificate and its key in PEM, and a root to trust besides the usual ones.
///
/// It follows no redirect and repeats nothing: what is done again is decided where it is known what for.
pub(super) fn client(
    url: &Url,
    identity: Option<(&Path, &Path)>,
    root: Option<&Path>,
) -> Result<ClientBuilder, ConfigError> {
    // An error says that somebody else has chosen a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("occto/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never());
    if is_local(url) {
        builder = builder.no_proxy();
    }
    if let Some((certificate, key)) = identity {
        let mut pem = read(certificate)?;
        pem.push(b'\n');
        pem.extend(read(key)?);
        let identity = reqwest::Identity::from_pem(&pem).map_err(|_| {
            let (certificate, key) = (certificate.display(), key.display());
            ConfigError::new(
                format!("クライアント証明書を読めません: {certificate}, {key}（PEM形式にしてください）"),
                format!("no client certificate and key in PEM: {certificate}, {key}"),
            )
        })?;
        builder = builder.identity(identity);
    }
    if let Some(root) = root {
        let certificates = reqwest::Certificate::from_pem_bundle(&read(root)?).ok().filter(|all| !all.is_empty());
        let certificates = certificates.ok_or_else(|| {
            let root = root.display();
            ConfigError::new(
                format!("ルート証明書を読めません: {root}（PEM形式にしてください）"),
                format!("no root certificate in PEM: {root}"),
            )
        })?;
        builder = builder.tls_certs_merge(certificates);
    }
    Ok(builder)
}

/// The client that was described.
pub(super) fn built(builder: ClientBuilder) -> Result<Client, ConfigError> {
    builder.build().map_err(|error| {
        let why = innermost(&error);
        ConfigError::new(format!("接続の準備ができません（{why}）"), format!("cannot prepare the connection: {why}"))
    })
}

fn read(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| {
        let (name, why) = (path.display(), error.kind());
        ConfigError::new(
            format!("{name} を読めません（{}）", crate::store::cause_ja(why)),
            format!("cannot read {name}: {why}"),
        )
    })
}

fn innermost(error: &dyn Error) -> String {
    let mut inner = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}

/// In TLS 1.3 a server refuses a client certificate only after the client took the handshake for finished: the
/// alert comes in place of an answer, and nothing of the request was read.
pub(super) fn refused_certificate(error: &reqwest::Error) -> Option<Alert> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(this) = cause {
        // An `io::Error` names the cause of what it holds as its source, not what it holds.
        let held = this.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let held = held.and_then(|held| held.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::AlertReceived(alert)) = held.or_else(|| this.downcast_ref::<rustls::Error>()) {
            let refusal = matches!(
                alert,
                Alert::BadCertificate
                    | Alert::UnsupportedCertificate
                    | Alert::CertificateRevoked
                    | Alert::CertificateExpired
                    | Alert::CertificateUnknown
                    | Alert::CertificateRequired
                    | Alert::UnknownCA
                    | Alert::HandshakeFailure
            );
            return refusal.then_some(*alert);
        }
        cause = this.source();
    }
    None
}
