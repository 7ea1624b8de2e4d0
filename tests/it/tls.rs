//! Bad certificates, bad servers and bad answers, each against a real server of TLS on this machine: what is named, whether
//! it certainly did not arrive, and that a way out is told in Japanese first.

use crate::http::{request, request_of, secret_file, serve};
use crate::pki::{ALWAYS, Ca, Pair, answer, p12, tls_server};
use flate2::Compression;
use flate2::write::GzEncoder;
use occto::exchange::{Delivery, ExchangeConfig, HttpTransport, Transport, Trouble, TroubleKind};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// A folder with an authority that is trusted, a client's certificate of it, and the configuration of a server.
struct Ground {
    folder: tempfile::TempDir,
    ca: Ca,
    client: Pair,
}

impl Ground {
    fn new() -> Ground {
        let (folder, ca) = (tempfile::tempdir().unwrap(), Ca::new("test authority"));
        let client = ca.issue(&[], ALWAYS);
        std::fs::write(folder.path().join("ca.pem"), &ca.pem).unwrap();
        let ground = Ground { folder, ca, client };
        ground.write("client.pem", &ground.client.pem);
        ground.write("client.key", &ground.client.key_pem);
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        secret_file(&self.path(name), text.as_bytes());
    }

    fn server(&self) -> Pair {
        self.ca.issue(&["127.0.0.1"], ALWAYS)
    }

    fn transport(&self, url: &str, more: &str) -> Result<HttpTransport, occto::exchange::ConfigError> {
        let text = format!(
            "retailer = \"40113\"\n[counterparty.occto]\nurl = \"{url}\"\nroot-certificate = \"ca.pem\"\nonly-root-certificate = true\nmax-answer = 20000\n{more}"
        );
        let config = ExchangeConfig::parse(&text, self.folder.path()).unwrap_or_else(|error| panic!("{error}"));
        HttpTransport::new(&config)
    }

    /// What came of one request.
    fn ask(&self, url: &str, more: &str) -> Delivery {
        let transport = self.transport(url, more).unwrap_or_else(|error| panic!("{error}"));
        on_a_runtime(transport.exchange(request()))
    }

    /// What a server of TLS says in these octets comes to.
    fn says(&self, octets: Vec<u8>) -> Delivery {
        self.ask(&tls_server(&self.server(), None, octets), "timeout = 5\n")
    }

    /// The code that loading a client's certificate ends with.
    fn refused(&self, more: &str) -> (&'static str, String) {
        let error = self.transport("https://127.0.0.1:1/", more).unwrap_err();
        (error.rule.code, error.to_string())
    }
}

fn on_a_runtime<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Certainly not sent, with its way out.
#[track_caller]
fn not_sent(delivery: Delivery, kind: TroubleKind, code: &str) -> Trouble {
    let Delivery::NotSent(trouble) = delivery else { panic!("{delivery:?}") };
    told(trouble, kind, code)
}

/// Perhaps arrived, with its way out.
#[track_caller]
fn unknown(delivery: Delivery, kind: TroubleKind, code: &str) -> Trouble {
    let Delivery::Unknown(trouble) = delivery else { panic!("{delivery:?}") };
    told(trouble, kind, code)
}

#[track_caller]
fn told(trouble: Trouble, kind: TroubleKind, code: &str) -> Trouble {
    let finding = trouble.finding();
    assert_eq!((trouble.kind, finding.code), (kind, code), "{trouble:?}");
    assert!(!finding.way_out_ja.is_ascii() && finding.way_out_en.is_ascii(), "{finding}");
    trouble
}

#[test]
fn pkcs12_of_every_age_is_shown() {
    let ground = Ground::new();
    let url = tls_server(&ground.server(), Some(&ground.ca), answer("200 OK", "", b"<A/>"));
    let forms: [(&str, &[&str]); 4] = [
        ("new.p12", &["-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256"]),
        ("old.p12", &["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"]),
        ("triple.pfx", &["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]),
        ("plain.p12", &["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"]),
    ];
    ground.write("pass", "geheim パス\r\nsecond line\n");
    for (name, options) in forms {
        if !p12(ground.folder.path(), name, &ground.client, "geheim パス", options) {
            println!("skipped: no openssl that writes {name}");
            continue;
        }
        let more = format!("client-certificate = \"{name}\"\nclient-password-file = \"pass\"\n");
        assert_eq!(ground.ask(&url, &more), Delivery::Answered(b"<A/>".to_vec()), "{name}");
    }
}

#[test]
fn the_old_pkcs12_of_the_golden_file_is_read() {
    // Made once by openssl with PBE-SHA1-3DES for the key, PBE-SHA1-RC2-40 for the certificate and a MAC of SHA-1.
    let ground = Ground::new();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/cert/old.p12");
    secret_file(&ground.path("old.p12"), &std::fs::read(golden).unwrap());
    ground.write("pass", "golden\n");
    let more = "client-certificate = \"old.p12\"\nclient-password-file = \"pass\"\n";
    assert!(ground.transport("https://127.0.0.1:1/", more).is_ok());
    ground.write("pass", "silver\n");
    assert_eq!(ground.refused(more).0, "OC1352");
}

#[test]
fn a_wrong_password_of_a_p12_is_named_and_not_shown() {
    let ground = Ground::new();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/cert/old.p12");
    secret_file(&ground.path("c.p12"), &std::fs::read(golden).unwrap());
    ground.write("pass", "canary-7f3a\n");
    let (code, text) = ground.refused("client-certificate = \"c.p12\"\nclient-password-file = \"pass\"\n");
    assert_eq!(code, "OC1352");
    assert!(text.starts_with("接続設定") && text.contains("c.p12") && !text.contains("canary"), "{text}");
    assert_eq!(ground.refused("client-certificate = \"c.p12\"\n").0, "OC1352", "no password at all");
    let missing = ground.refused("client-certificate = \"c.p12\"\nclient-password-env = \"OCCTO_TEST_NOT_SET\"\n");
    assert_eq!(missing.0, "OC1371");
    ground.write("empty", "\n");
    assert_eq!(ground.refused("client-certificate = \"c.p12\"\nclient-password-file = \"empty\"\n").0, "OC1371");
    // A debug text of the whole configuration holds none either.
    let text = "retailer = \"40113\"\n[counterparty.occto]\nurl = \"https://x.example\"\nclient-certificate = \"c.p12\"\nclient-password = \"canary-9b\"\n";
    let config = ExchangeConfig::parse(text, Path::new("")).unwrap();
    assert!(!format!("{config:?}").contains("canary"));
}

#[test]
fn a_certificate_without_its_key_is_named() {
    let ground = Ground::new();
    assert_eq!(ground.refused("client-certificate = \"client.pem\"\n").0, "OC1353", "PEM");
    let other = ground.ca.issue(&[], ALWAYS);
    ground.write("other.key", &other.key_pem);
    assert_eq!(ground.refused("client-certificate = \"client.pem\"\nclient-key = \"other.key\"\n").0, "OC1355");
    assert_eq!(ground.refused("client-certificate = \"client.key\"\nclient-key = \"client.key\"\n").0, "OC1351");
    assert_eq!(ground.refused("client-certificate = \"client.pem\"\nclient-key = \"client.pem\"\n").0, "OC1353");
    ground.write("noise.p12", "\u{30}\u{3}noise that is no sequence");
    assert_eq!(ground.refused("client-certificate = \"noise.p12\"\n").0, "OC1351");
    assert_eq!(ground.refused("client-certificate = \"none.p12\"\n").0, "OC1350");
    if p12(ground.folder.path(), "bare.p12", &ground.client, "x", &["-nokeys"]) {
        assert_eq!(
            ground.refused("client-certificate = \"bare.p12\"\nclient-password = \"x\"\n").0,
            "OC1353",
            "PKCS#12"
        );
    }
}

#[test]
fn a_truncated_or_mutated_p12_is_an_error_and_nothing_worse() {
    let ground = Ground::new();
    let golden = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/cert/old.p12")).unwrap();
    let more = "client-certificate = \"c.p12\"\nclient-password = \"golden\"\n";
    for cut in (0..golden.len()).step_by(97) {
        secret_file(&ground.path("c.p12"), &golden[..cut]);
        let code = ground.refused(more).0;
        assert!(["OC1351", "OC1352", "OC1353", "OC1354", "OC1356"].contains(&code), "{cut}: {code}");
    }
    for at in (0..golden.len()).step_by(61) {
        let mut octets = golden.clone();
        octets[at] ^= 0x55;
        secret_file(&ground.path("c.p12"), &octets);
        let _ = ground.transport("https://127.0.0.1:1/", more);
    }
}

#[cfg(unix)]
#[test]
fn a_key_or_password_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let ground = Ground::new();
    let more = "client-certificate = \"client.pem\"\nclient-key = \"client.key\"\n";
    assert!(ground.transport("https://127.0.0.1:1/", more).is_ok());
    for mode in [0o604, 0o644, 0o602, 0o777] {
        std::fs::set_permissions(ground.path("client.key"), PermissionsExt::from_mode(mode)).unwrap();
        let (code, text) = ground.refused(more);
        assert_eq!(code, "OC1370", "{mode:o}");
        assert!(text.contains("chmod 600") && text.contains("client.key"), "{text}");
    }
    let golden = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/cert/old.p12")).unwrap();
    secret_file(&ground.path("c.p12"), &golden);
    ground.write("pass", "golden\n");
    std::fs::set_permissions(ground.path("pass"), PermissionsExt::from_mode(0o644)).unwrap();
    let more = "client-certificate = \"c.p12\"\nclient-password-file = \"pass\"\n";
    assert_eq!(ground.refused(more).0, "OC1370", "the file of the password");
    std::fs::set_permissions(ground.path("pass"), PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::set_permissions(ground.path("c.p12"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(ground.refused(more).0, "OC1370", "the .p12");
}

#[test]
fn our_certificate_that_is_not_valid_is_not_shown() {
    let ground = Ground::new();
    let (tell, told) = mpsc::channel();
    let url = serve(move |_| tell.send(()).unwrap()).replace("http:", "https:");
    for (years, kind, code) in
        [((2001, 2002), TroubleKind::ClientExpired, "OC1357"), ((2090, 2091), TroubleKind::ClientNotYet, "OC1358")]
    {
        let pair = ground.ca.issue(&[], years);
        ground.write("bad.pem", &format!("{}{}", pair.pem, pair.key_pem));
        not_sent(ground.ask(&url, "client-certificate = \"bad.pem\"\n"), kind, code);
    }
    assert!(told.try_recv().is_err(), "nobody was asked");
}

#[test]
fn their_certificate_that_is_bad_is_named() {
    let ground = Ground::new();
    let good = answer("200 OK", "", b"<A/>");
    let serving = |pair: &Pair| tls_server(pair, None, good.clone());
    assert_eq!(ground.ask(&serving(&ground.server()), ""), Delivery::Answered(b"<A/>".to_vec()));
    let expired = ground.ca.issue(&["127.0.0.1"], (2001, 2002));
    not_sent(ground.ask(&serving(&expired), ""), TroubleKind::ServerExpired, "OC1312");
    let early = ground.ca.issue(&["127.0.0.1"], (2090, 2091));
    not_sent(ground.ask(&serving(&early), ""), TroubleKind::ServerNotYet, "OC1313");
    let other_host = ground.ca.issue(&["download.example.jp"], ALWAYS);
    not_sent(ground.ask(&serving(&other_host), ""), TroubleKind::ServerName, "OC1314");
    let stranger = Ca::new("another authority").issue(&["127.0.0.1"], ALWAYS);
    not_sent(ground.ask(&serving(&stranger), ""), TroubleKind::UnknownCa, "OC1315");
}

#[test]
fn a_refusal_of_our_certificate_is_certain() {
    let ground = Ground::new();
    let url = tls_server(&ground.server(), Some(&Ca::new("their own authority")), answer("200 OK", "", b"<A/>"));
    let with = "client-certificate = \"client.pem\"\nclient-key = \"client.key\"\n";
    not_sent(ground.ask(&url, with), TroubleKind::ClientRefused, "OC1317");
}

#[test]
fn a_peer_of_tls_1_0_is_named_with_a_way_out() {
    let ground = Ground::new();
    // A ServerHello of TLS 1.0, and the alert that others send in its place.
    let mut hello = vec![2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let mut record = vec![0x16, 3, 1, 0, hello.len() as u8];
    record.extend(hello);
    for octets in [record, vec![0x15, 3, 1, 0, 2, 2, 70]] {
        let url = serve(move |mut stream| {
            let mut block = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut block);
            let _ = stream.write_all(&octets);
            thread::sleep(Duration::from_millis(100));
        });
        let trouble = not_sent(ground.ask(&url.replace("http:", "https:"), ""), TroubleKind::OldTls, "OC1311");
        let finding = trouble.finding();
        assert!(finding.ja.contains("TLS 1.2") && finding.way_out_ja.contains("相手方に"), "{finding}");
    }
    let hangs_up = serve(|mut stream| {
        let mut block = [0; 4096];
        let _ = std::io::Read::read(&mut stream, &mut block);
    });
    let trouble = not_sent(ground.ask(&hangs_up.replace("http:", "https:"), ""), TroubleKind::Tls, "OC1310");
    assert!(trouble.finding().way_out_ja.contains("TLS 1.2"), "{trouble:?}");
}

#[test]
fn openssl_that_speaks_tls_1_0_alone_is_named() {
    let ground = Ground::new();
    let server = ground.server();
    ground.write("server.pem", &format!("{}{}", server.pem, server.key_pem));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new("openssl")
        .args(["s_server", "-tls1", "-cipher", "ALL:@SECLEVEL=0", "-quiet", "-accept", &port.to_string(), "-cert"])
        .arg(ground.path("server.pem"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: no openssl");
        return;
    };
    let begun = Instant::now();
    let mut listening = false;
    while !listening && begun.elapsed() < Duration::from_secs(10) && child.try_wait().unwrap().is_none() {
        listening = std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        thread::sleep(Duration::from_millis(50));
    }
    let delivery = listening.then(|| ground.ask(&format!("https://127.0.0.1:{port}/"), ""));
    let _ = child.kill();
    let _ = child.wait();
    match delivery {
        Some(delivery) => drop(not_sent(delivery, TroubleKind::OldTls, "OC1311")),
        None => println!("skipped: this openssl speaks no TLS 1.0"),
    }
}

#[test]
fn a_redirect_to_another_host_is_refused_and_no_credential_follows() {
    let ground = Ground::new();
    let (tell, told) = mpsc::channel();
    let elsewhere = serve(move |mut stream| {
        let _ = tell.send(request_of(&mut stream));
    });
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let head = format!("Location: {}\r\n", elsewhere.replace("127.0.0.1", "localhost"));
        let trouble = unknown(ground.says(answer(status, &head, b"")), TroubleKind::Redirect, "OC1331");
        assert!(trouble.detail.contains("another host, localhost") && !trouble.detail.contains("/api"), "{trouble:?}");
    }
    assert!(told.try_recv().is_err(), "nobody followed");
}

#[test]
fn an_answer_larger_than_the_limit_is_cut_off() {
    let ground = Ground::new();
    unknown(ground.says(answer("200 OK", "", &[b'x'; 20_001])), TroubleKind::TooLarge, "OC1336");
    assert!(matches!(
        ground.says(answer("200 OK", "Content-Type: text/xml\r\n", &[b'<'; 20_000])),
        Delivery::Answered(_)
    ));
}

#[test]
fn a_gzip_is_inflated_and_a_bomb_is_cut_off() {
    let ground = Ground::new();
    let deflated = |octets: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    };
    let head = "Content-Encoding: gzip\r\nContent-Type: text/xml\r\n";
    assert_eq!(ground.says(answer("200 OK", head, &deflated(b"<A/>"))), Delivery::Answered(b"<A/>".to_vec()));
    let bomb = deflated(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let begun = Instant::now();
    unknown(ground.says(answer("200 OK", head, &bomb[..])), TroubleKind::TooLarge, "OC1336");
    assert!(begun.elapsed() < Duration::from_secs(5));
    unknown(ground.says(answer("200 OK", head, &deflated(b"<A>a</A>")[..12])), TroubleKind::Broken, "OC1304");
    unknown(ground.says(answer("200 OK", head, b"<A/>")), TroubleKind::Broken, "OC1304");
}

#[test]
fn another_content_type_is_no_answer() {
    let ground = Ground::new();
    let says = |head: &str, body: &[u8]| ground.says(answer("200 OK", head, body));
    unknown(says("Content-Type: application/pdf\r\n", b"%PDF-1.7"), TroubleKind::ContentType, "OC1334");
    unknown(says("Content-Type: application/json\r\n", b"{}"), TroubleKind::ContentType, "OC1334");
    assert_eq!(says("Content-Type: application/octet-stream\r\n", b"<A/>"), Delivery::Answered(b"<A/>".to_vec()));
}

#[test]
fn another_charset_than_claimed_is_named() {
    let ground = Ground::new();
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode("<A>東京電力</A>");
    let says = |head: &str, body: &[u8]| ground.says(answer("200 OK", head, body));
    unknown(says("Content-Type: text/xml; charset=UTF-8\r\n", &cp932), TroubleKind::Charset, "OC1335");
    unknown(says("Content-Type: text/xml; charset=x-none\r\n", b"<A/>"), TroubleKind::Charset, "OC1335");
    let Delivery::Answered(read) = says("Content-Type: text/xml; charset=Shift_JIS\r\n", &cp932) else {
        panic!("unread")
    };
    assert_eq!(occto::wire::charset::read(&read).unwrap().1, "<A>東京電力</A>");
}

#[test]
fn a_page_of_maintenance_with_200_is_closed_and_no_data() {
    let ground = Ground::new();
    let page = "<!DOCTYPE html>\r\n<html><body>メンテナンス中</body></html>".as_bytes();
    for head in ["Content-Type: text/html; charset=UTF-8\r\n", "Content-Type: text/xml\r\n", ""] {
        unknown(ground.says(answer("200 OK", head, page)), TroubleKind::Closed, "OC1332");
    }
}

#[test]
fn a_fault_of_the_envelope_is_neither_http_nor_business() {
    let ground = Ground::new();
    let fault = |code: &str| {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultcode>{code}</faultcode><faultstring>サトウ</faultstring></s:Fault></s:Body></s:Envelope>"
        )
    };
    let head = "Content-Type: text/xml; charset=utf-8\r\n";
    for status in ["200 OK", "500 Oops"] {
        let trouble =
            unknown(ground.says(answer(status, head, fault("s:Server").as_bytes())), TroubleKind::Fault, "OC1337");
        assert!(trouble.detail.ends_with("SOAP Fault s:Server"), "{trouble:?}");
        assert_eq!(trouble.kind.layer(), occto::exchange::Layer::Envelope);
    }
    not_sent(ground.says(answer("400 Bad", head, fault("s:Client").as_bytes())), TroubleKind::Fault, "OC1337");
    unknown(ground.says(answer("500 Oops", "", b"oops")), TroubleKind::Http, "OC1330");
}

#[test]
fn each_stage_has_its_time() {
    let ground = Ground::new();
    let held = Arc::new(Mutex::new(Vec::new()));
    let keep = held.clone();
    let silent = serve(move |stream| keep.lock().unwrap().push(stream));
    let times = "connect-timeout = 20\ntls-timeout = 1\nfirst-byte-timeout = 1\ntimeout = 20\n";
    let begun = Instant::now();
    let trouble = not_sent(ground.ask(&silent.replace("http:", "https:"), times), TroubleKind::Tls, "OC1310");
    assert!(trouble.detail.contains("timeout"), "{trouble:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "the handshake has its own time");
    let begun = Instant::now();
    unknown(ground.ask(&silent, times), TroubleKind::Timeout, "OC1303");
    assert!(begun.elapsed() < Duration::from_secs(5), "the first octet has its own time");
    let slow = serve(|mut stream| {
        request_of(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    let begun = Instant::now();
    // An octet now and then does not keep us for ever.
    unknown(ground.ask(&slow, "connect-timeout = 1\ntls-timeout = 1\ntimeout = 1\n"), TroubleKind::Timeout, "OC1303");
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_proxy_and_a_source_address_are_used() {
    let ground = Ground::new();
    let (tell, told) = mpsc::channel();
    let proxy = serve(move |mut stream| {
        let from = stream.peer_addr().unwrap().ip().to_string();
        let _ = tell.send((from, request_of(&mut stream)));
        let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    });
    ground.write("pass", "proxy secret\n");
    let more = format!(
        "proxy = \"{}\"\nproxy-user = \"us\"\nproxy-password-file = \"pass\"\nsource-address = \"127.0.0.9\"\n",
        proxy.trim_end_matches("/api")
    );
    let delivery = ground.ask("https://switching.example.jp/api", &more);
    not_sent(delivery, TroubleKind::Proxy, "OC1302");
    let (from, head) = told.recv().unwrap();
    assert!(head.starts_with("CONNECT switching.example.jp:443 "), "{head}");
    assert!(
        head.to_lowercase().contains("proxy-authorization: basic dxm6chjveHkgc2vjcmv0".to_lowercase().as_str()),
        "{head}"
    );
    assert_eq!(from, "127.0.0.9");
    // One of the addresses for documents, which no machine has.
    let delivery = ground.ask("https://127.0.0.1:9/", "source-address = \"192.0.2.77\"\n");
    let trouble = not_sent(delivery, TroubleKind::Connection, "OC1300");
    assert!(trouble.detail.contains("source-address"), "{trouble:?}");
}

#[test]
fn documents_go_beside_a_message_where_the_counterparty_wants_them_so() {
    use occto::wire::multipart::unpack;
    let ground = Ground::new();
    for kind in ["mtom", "swa"] {
        let (tell, told) = mpsc::channel();
        let url = serve(move |mut stream| {
            let _ = tell.send(request_of(&mut stream));
            let body = b"--b\r\nContent-Type: text/xml\r\n\r\n<A><x:Include href=\"cid:p\"/></A>\r\n--b\r\nContent-ID: <p>\r\n\r\nxyz\r\n--b--";
            let _ = stream.write_all(&answer("200 OK", "Content-Type: multipart/related; boundary=b\r\n", body));
        });
        let delivery = ground.ask(&url, &format!("attachments = \"{kind}\"\n"));
        assert_eq!(delivery, Delivery::Answered(b"<A>eHl6</A>".to_vec()), "{kind}");
        let asked = told.recv().unwrap();
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        let content_type = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap();
        assert_eq!(unpack(content_type, body.as_bytes()).unwrap().1, b"<Message/>", "{kind}");
    }
    let half = b"--b\r\nContent-Type: text/xml\r\n\r\n<A/>\r\n";
    let delivery = ground.says(answer("200 OK", "Content-Type: multipart/related; boundary=b\r\n", half));
    unknown(delivery, TroubleKind::Parts, "OC1338");
}
