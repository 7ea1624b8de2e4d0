//! The HTTPS transport against servers of this machine that behave badly.

use occto::exchange::{Delivery, ExchangeConfig, HttpTransport, Request, Transport, TroubleKind};
use occto::items::{BusinessCode, Family};
use occto::notice::Party;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, LazyLock, mpsc};
use std::thread;
use std::time::Duration;

/// A server that takes one connection after the other, and where it listens.
pub fn serve(mut answer: impl FnMut(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            answer(stream);
        }
    });
    format!("http://{address}/api")
}

/// Ends a session as a server should.
pub fn hang_up(tls: &mut rustls::StreamOwned<rustls::ServerConnection, TcpStream>) {
    tls.conn.send_close_notify();
    let _ = tls.flush();
    // What the client still sends is read, lest a reset destroys the alert on its way.
    let _ = tls.sock.set_read_timeout(Some(Duration::from_millis(200)));
    let mut rest = [0; 1024];
    while tls.sock.read(&mut rest).is_ok_and(|count| count > 0) {}
}

/// Reads a request to the end of its body.
pub fn request_of(stream: &mut impl Read) -> String {
    let (mut text, mut block) = (Vec::new(), [0; 4096]);
    loop {
        let so_far = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length = head.to_lowercase().split_once("content-length: ").map(|(_, rest)| rest.to_owned());
            let length: usize = length.and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return so_far;
            }
        }
        match stream.read(&mut block) {
            Ok(0) | Err(_) => return so_far,
            Ok(count) => text.extend_from_slice(&block[..count]),
        }
    }
}

/// A server that reads the request and says these octets.
pub fn says(answer: &'static str) -> String {
    serve(move |mut stream| {
        request_of(&mut stream);
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.shutdown(Shutdown::Write);
    })
}

/// Writes a file that its owner alone can read.
pub fn secret_file(path: &Path, content: &[u8]) {
    std::fs::write(path, content).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// The certificates of the tests, the keys as private as keys are: a checkout cannot keep that.
pub fn tls_folder() -> &'static Path {
    static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls")).unwrap() {
            let entry = entry.unwrap();
            secret_file(&folder.path().join(entry.file_name()), &std::fs::read(entry.path()).unwrap());
        }
        folder
    });
    FOLDER.path()
}

fn config(url: &str, more: &str) -> ExchangeConfig {
    let text = format!("retailer = \"40113\"\n[counterparty.occto]\nurl = \"{url}\"\n{more}");
    ExchangeConfig::parse(&text, tls_folder()).unwrap_or_else(|error| panic!("{error}"))
}

pub fn request() -> Request {
    Request {
        sender: Party::retailer(BusinessCode::parse("40113").unwrap()),
        recipient: Party::OCCTO,
        message: "switch-start",
        family: Family::Low,
        content_type: "text/xml; charset=UTF-8".to_owned(),
        action: Some("\"urn:switch-start\"".to_owned()),
        body: b"<Message/>".to_vec(),
    }
}

fn exchange_by(config: &ExchangeConfig) -> Delivery {
    let transport = HttpTransport::new(config).unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(transport.exchange(request()))
}

fn exchange(url: &str) -> Delivery {
    exchange_by(&config(url, "connect-timeout = 1\ntimeout = 1\nmax-answer = 100\n"))
}

/// `not-sent connection`, `unknown timeout` or the answer.
fn outcome(delivery: Delivery) -> String {
    use occto::items::Code;
    match delivery {
        Delivery::Answered(body) => String::from_utf8(body).unwrap(),
        Delivery::NotSent(trouble) => format!("not-sent {}", trouble.kind.key()),
        Delivery::Unknown(trouble) => format!("unknown {}", trouble.kind.key()),
    }
}

#[test]
fn a_message_is_posted_and_answered() {
    let (tell, told) = mpsc::channel();
    let url = serve(move |mut stream| {
        let _ = tell.send(request_of(&mut stream));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<A/>");
    });
    assert_eq!(exchange(&url), Delivery::Answered(b"<A/>".to_vec()));
    let request = told.recv().unwrap();
    let head = request.to_lowercase();
    assert!(request.starts_with("POST /api HTTP/1.1\r\n") && request.ends_with("\r\n\r\n<Message/>"), "{request}");
    assert!(head.contains("content-type: text/xml; charset=utf-8\r\n"), "{request}");
    assert!(head.contains("soapaction: \"urn:switch-start\"\r\n"), "{request}");
}

#[test]
fn only_what_certainly_did_not_arrive_is_not_sent() {
    let cases = [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "not-sent http"),
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "not-sent http"),
        ("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "not-sent http"),
        ("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", "unknown http"),
        ("HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n", "unknown http"),
        ("HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n", "unknown http"),
        ("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "unknown http"),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "unknown http"),
        ("HTTP/1.1 503 Closed\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n", "unknown closed"),
        ("HTTP/1.1 503 Closed\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "unknown closed"),
        ("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", "unknown redirect"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "unknown too-large"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n<half", "unknown broken"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<half\r\n", "unknown broken"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "unknown closed"),
        ("", "unknown broken"),
        ("SMTP ready\r\n", "unknown broken"),
    ];
    for (answer, wanted) in cases {
        assert_eq!(outcome(exchange(&says(answer))), wanted, "{answer:?}");
    }
}

#[test]
fn an_unending_answer_is_cut_off() {
    let url = serve(|mut stream| {
        request_of(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream.write_all(b"10\r\n0123456789abcdef\r\n").is_ok() {}
    });
    assert_eq!(outcome(exchange(&url)), "unknown too-large");
}

#[test]
fn a_redirect_is_not_followed() {
    let (tell, told) = mpsc::channel();
    let url = serve(move |mut stream| {
        let _ = tell.send(request_of(&mut stream));
        let _ =
            stream.write_all(b"HTTP/1.1 307 Go\r\nLocation: /other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    assert_eq!(outcome(exchange(&url)), "unknown redirect");
    assert!(told.recv().is_ok());
    assert!(told.try_recv().is_err(), "one request alone");
}

#[test]
fn no_connection_is_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(outcome(exchange(&format!("http://{free}/"))), "not-sent connection", "refused");
    let plain = says("no TLS here\r\n").replace("http:", "https:");
    assert_eq!(outcome(exchange(&plain)), "not-sent tls", "handshake");
    let elsewhere = HttpTransport::new(&ExchangeConfig::parse("retailer = \"40113\"", Path::new("")).unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let delivery = runtime.block_on(elsewhere.exchange(request()));
    assert_eq!(outcome(delivery), "not-sent configuration");
}

#[test]
fn silence_is_unknown() {
    let held = Arc::new(std::sync::Mutex::new(Vec::new()));
    let url = serve(move |mut stream| {
        request_of(&mut stream);
        held.lock().unwrap().push(stream);
    });
    assert_eq!(outcome(exchange(&url)), "unknown timeout", "no answer");
    let url = serve(|mut stream| {
        request_of(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n<half");
        thread::sleep(Duration::from_secs(3));
    });
    assert_eq!(outcome(exchange(&url)), "unknown timeout", "half an answer");
}

/// A server that asks for a client certificate of the test authority, and answers what ends like this.
pub fn serve_tls(ends: &'static str, answer: &'static str) -> String {
    let file = |name: &str| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/").to_owned() + name;
    let certificate = |name: &str| CertificateDer::from_pem_file(file(name)).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate("ca.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![certificate("server.pem")], PrivateKeyDer::from_pem_file(file("server.key")).unwrap())
        .unwrap();
    let server = Arc::new(server);
    let url = serve(move |stream| {
        let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(server.clone()).unwrap(), stream);
        let request = request_of(&mut tls);
        if request.ends_with(ends) {
            let length = answer.len();
            let _ = write!(tls, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}");
        }
        hang_up(&mut tls);
    });
    url.replace("http:", "https:")
}

#[test]
fn a_client_certificate_is_shown_and_its_refusal_is_certain() {
    let url = serve_tls("<Message/>", "<A/>");
    let known = "timeout = 5\nroot-certificate = \"ca.pem\"\n";
    let with = format!("{known}client-certificate = \"client.pem\"\nclient-key = \"client.key\"\n");
    assert_eq!(outcome(exchange_by(&config(&url, &with))), "<A/>");
    assert_eq!(outcome(exchange_by(&config(&url, known))), "not-sent client-refused", "no client certificate");
    assert_eq!(outcome(exchange_by(&config(&url, "timeout = 5"))), "not-sent unknown-ca", "an unknown server");
}

#[test]
fn a_certificate_that_is_none_is_named() {
    let more = "client-certificate = \"README.md\"\nclient-key = \"client.key\"\n";
    let error = HttpTransport::new(&config("https://127.0.0.1/", more)).unwrap_err();
    assert!(error.to_string().contains("README.md"), "{error}");
    let error = HttpTransport::new(&config("https://127.0.0.1/", "root-certificate = \"none.pem\"")).unwrap_err();
    assert!(error.to_string().contains("none.pem"), "{error}");
}

#[test]
fn trouble_tells_no_address() {
    let url = says("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    let Delivery::Unknown(trouble) = exchange(&url) else { panic!("answered") };
    assert_eq!((trouble.kind, trouble.detail.as_str()), (TroubleKind::Http, "HTTP 500"));
}
