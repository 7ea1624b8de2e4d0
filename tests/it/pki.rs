//! Authorities, certificates and servers that were made for a test: good ones and every kind of bad one.

use crate::http::{hang_up, request_of, secret_file, serve};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// From when to when, as years: a certificate is valid from the first of January.
pub type Years = (i32, i32);
/// Valid at any time that a test may run at.
pub const ALWAYS: Years = (2000, 2100);

/// An authority.
pub struct Ca {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
pub struct Pair {
    pub pem: String,
    pub key_pem: String,
    pub der: CertificateDer<'static>,
    key_der: Vec<u8>,
}

impl Ca {
    pub fn new(name: &str) -> Ca {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (date_time_ymd(1999, 1, 1), date_time_ymd(2101, 1, 1));
        let certificate = params.self_signed(&key).unwrap();
        Ca { pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    /// An authority below this one.
    pub fn under(&self, name: &str, years: Years) -> Ca {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Ca { pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    /// A certificate for a server of these names, or for a client where there are none.
    pub fn issue(&self, names: &[&str], years: Years) -> Pair {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let client = names.is_empty();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, if client { "retailer 40113" } else { "server" });
        params.extended_key_usages =
            vec![if client { ExtendedKeyUsagePurpose::ClientAuth } else { ExtendedKeyUsagePurpose::ServerAuth }];
        (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pair {
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            der: certificate.der().clone(),
            key_der: key.serialize_der(),
        }
    }
}

impl Pair {
    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key_der.clone()))
    }
}

/// Writes a .p12 by openssl with its options; false where there is no openssl that can.
pub fn p12(folder: &Path, name: &str, pair: &Pair, password: &str, options: &[&str]) -> bool {
    secret_file(&folder.join("p12.pem"), format!("{}{}", pair.pem, pair.key_pem).as_bytes());
    let out = folder.join(name);
    let done = Command::new("openssl")
        .args(["pkcs12", "-export", "-in"])
        .arg(folder.join("p12.pem"))
        .arg("-out")
        .arg(&out)
        .args(["-passout", &format!("pass:{password}")])
        .args(options)
        .stderr(Stdio::null())
        .status();
    if !done.is_ok_and(|status| status.success()) {
        return false;
    }
    let octets = std::fs::read(&out).unwrap();
    secret_file(&out, &octets);
    true
}

/// A server of TLS that says the same to everybody: what it shows, and whom it wants to see a certificate of.
pub fn tls_server(shown: &Pair, clients: Option<&Ca>, answer: Vec<u8>) -> String {
    tls_answering(shown, clients, move |_| answer.clone())
}

/// A server of TLS: what it shows, whom it wants to see a certificate of, and what it says to each request of a connection.
pub fn tls_answering(
    shown: &Pair,
    clients: Option<&Ca>,
    mut answer: impl FnMut(&str) -> Vec<u8> + Send + 'static,
) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider.clone());
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            use rustls::pki_types::pem::PemObject as _;
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(ca.pem.as_bytes()).unwrap()).unwrap();
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let config = Arc::new(builder.with_single_cert(vec![shown.der.clone()], shown.key()).unwrap());
    let url = serve(move |stream| {
        let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config.clone()).unwrap(), stream);
        loop {
            let request = request_of(&mut tls);
            if request.is_empty() {
                break;
            }
            let said = answer(&request);
            let last = said.windows(17).any(|window| window == b"Connection: close");
            if tls.write_all(&said).is_err() || tls.flush().is_err() || last {
                break;
            }
        }
        hang_up(&mut tls);
    });
    url.replace("http:", "https:")
}

/// An answer of HTTP with these further lines of its head.
pub fn answer(status: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut octets =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{head}\r\n").into_bytes();
    octets.extend_from_slice(body);
    octets
}
