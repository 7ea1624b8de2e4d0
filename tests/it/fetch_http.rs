//! Fetching from download systems that behave as no sandbox does: what every answer is taken for.

use crate::http::{request_of, says, serve, serve_tls, tls_folder};
use occto::exchange::ExchangeConfig;
use occto::exchange::fetch::{OperatorReport, fetch};
use occto::exchange::gate::{State, Why, kept_of};
use occto::items::Area;
use occto::store::Store;
use std::io::Write as _;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

fn config(url: &str, more: &str) -> Result<ExchangeConfig, String> {
    let host = url.trim_end_matches("/api");
    let text = format!("retailer = \"40113\"\n[download.\"06\"]\nhost = \"{host}\"\n{more}");
    ExchangeConfig::parse(&text, tls_folder()).map_err(|error| error.to_string())
}

fn fetched(url: &str, more: &str) -> OperatorReport {
    fetched_and_kept(url, more).0
}

/// What came of it, and what is kept of the line.
fn fetched_and_kept(url: &str, more: &str) -> (OperatorReport, State) {
    let usual = "retry-delay = 0\nattempts = 2\ntimeout = 1\nrequests-per-minute = 60000\n";
    let config = config(url, &format!("{usual}{more}")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("data")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let now = "2026-04-01T09:00:00".parse().unwrap();
    let reports = runtime.block_on(fetch(&config.sources, &mut store, now, &|_, _| {}));
    let report = reports.unwrap_or_else(|error| panic!("{error}")).remove(0);
    (report, kept_of(&dir.path().join("data"), "download:06").unwrap_or_default())
}

fn code(report: &OperatorReport) -> &'static str {
    report.findings.first().map_or("", |finding| finding.code)
}

#[test]
fn an_answer_in_place_of_a_listing_is_named() {
    let cases = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n<comment></comment>", ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "OC1081"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", "OC1083"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "OC1083"),
        ("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", "OC1082"),
        ("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "OC1082"),
        ("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "OC1082"),
        ("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "OC1082"),
        ("HTTP/1.1 418 Tea\r\nContent-Length: 0\r\n\r\n", "OC1086"),
        ("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "OC1080"),
        ("HTTP/1.1 503 Closed\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n", "OC1081"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "OC1089"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n<comment>", "OC1080"),
        ("SMTP ready\r\n", "OC1080"),
        ("", "OC1080"),
    ];
    for (answer, wanted) in cases {
        // Or the next request may meet a connection that is being closed.
        let closing = answer.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let report = fetched(&says(Box::leak(closing.into_boxed_str())), "");
        assert_eq!(code(&report), wanted, "{answer:?}: {report:?}");
        assert_eq!(report.is_complete(), wanted.is_empty());
    }
    let endless = serve(|mut stream| {
        request_of(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream.write_all(b"10\r\n0123456789abcdef\r\n").is_ok() {}
    });
    assert_eq!(code(&fetched(&endless, "max-listing = 5000\n")), "OC1089");
    let held = Arc::new(Mutex::new(Vec::new()));
    let silent = serve(move |mut stream| {
        request_of(&mut stream);
        held.lock().unwrap().push(stream);
    });
    let begun = Instant::now();
    let report = fetched(&silent, "");
    assert_eq!((code(&report), report.retried), ("OC1080", 1));
    assert!(begun.elapsed() < Duration::from_secs(10));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(code(&fetched(&format!("http://{free}/api"), "")), "OC1080", "nobody listens");
}

#[test]
fn what_comes_in_place_of_data_is_seen_in_the_state_of_the_line() {
    let page = says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\n<html>");
    let (report, state) = fetched_and_kept(&page, "");
    assert_eq!((code(&report), state.held.map(|held| held.why)), ("OC1081", Some(Why::Closed)));
    // Where there are sessions it may be the entrance: one is opened anew, and nothing is shut.
    let (report, state) = fetched_and_kept(&page, "session = [{ get = \"/\" }]\n");
    assert_eq!((code(&report), report.retried, state.held), ("OC1081", 1, None));
    let broken = says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 50\r\n\r\n<comment>");
    let (_, state) = fetched_and_kept(&broken, "");
    assert_eq!((state.failures, state.trouble.unwrap().1.as_str()), (2, "broken"));
    let (_, state) = fetched_and_kept(&says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK"), "");
    assert_eq!((state.failures, state.held), (0, None), "it answers");
}

#[test]
fn a_page_in_place_of_a_file_is_none_however_it_comes() {
    let listing = "<comment>rfilename1:\"W41120202604010000000000.zip\",rfilesize1:\"900\"</comment>";
    for pieces in [&["\r\n", "<ht", "ml><body>", "closed"][..], &["<", "!DOCTYPE html>"], &["<html>"]] {
        let url = serve(move |mut stream| {
            let asked = request_of(&mut stream);
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
            if asked.contains("FileList") {
                let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{listing}", listing.len());
                return;
            }
            let _ = write!(stream, "{head}Transfer-Encoding: chunked\r\n\r\n");
            for piece in pieces {
                let _ = write!(stream, "{:x}\r\n{piece}\r\n", piece.len()).and_then(|()| stream.flush());
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = stream.write_all(b"0\r\n\r\n");
        });
        let (report, state) = fetched_and_kept(&url, "");
        assert_eq!((report.listed, code(&report), report.retried), (1, "OC1081", 0), "{report:?}");
        assert_eq!(state.held.map(|held| held.why), Some(Why::Closed));
    }
}

#[test]
fn a_redirect_is_said_with_its_host_alone_and_nothing_follows_it() {
    let (tell, told) = mpsc::channel();
    let elsewhere = serve(move |mut stream| {
        let _ = tell.send(request_of(&mut stream));
    });
    let elsewhere = elsewhere.replace("127.0.0.1", "localhost").replace("/api", "");
    let other = elsewhere.trim_start_matches("http://").to_owned();
    let cases = [
        (format!("{elsewhere}/login?user=yamada"), format!("another host, {other}")),
        (format!("http://yamada:secret@{other}/x"), format!("another host, {other}")),
        ("/login?user=yamada".to_owned(), "the same host".to_owned()),
        ("mailto:yamada@x.example".to_owned(), "nowhere".to_owned()),
    ];
    for (location, said) in cases {
        let answer =
            format!("HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let report = fetched(&says(Box::leak(answer.into_boxed_str())), "");
        let finding = report.findings.first().unwrap();
        assert_eq!(finding.code, "OC1082", "{location}");
        for text in [&finding.ja, &finding.en] {
            assert!(text.contains(&format!("HTTP 302 to {said}")), "{text}");
            assert!(!text.contains("yamada") && !text.contains("login") && !text.contains("secret"), "{text}");
        }
        assert!(finding.ja.contains("転送を指示") && finding.ja.contains("認証情報を別の場所に渡さない"), "{finding}");
        assert!(finding.way_out_ja.contains("host"), "{finding}");
    }
    assert!(told.try_recv().is_err(), "nobody followed");
}

#[test]
fn an_octet_now_and_then_does_not_keep_us_for_ever() {
    let url = serve(|mut stream| {
        request_of(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let begun = Instant::now();
    assert_eq!(code(&fetched(&url, "longest = 1\n")), "OC1080");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn what_is_asked_is_what_the_configuration_says() {
    let (tell, told) = mpsc::channel();
    let url = serve(move |mut stream| {
        let _ = tell.send(request_of(&mut stream));
        let _ = stream.write_all(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: S=1\r\nContent-Length: 19\r\nConnection: close\r\n\r\n<comment></comment>",
        );
    });
    let more = "prefix = \"/a/{code}\"\nlisting = \"List\"\nfile = \"Get?file={file}\"\n\
                session = [{ get = \"/top\" }, { post = \"/menu\", form = \"code={code}&n=1\" }]\n";
    assert!(fetched(&url, more).is_complete());
    let lines: Vec<String> = told.try_iter().collect();
    assert!(lines[0].starts_with("GET /top HTTP/1.1\r\n") && !lines[0].to_lowercase().contains("cookie:"), "{lines:?}");
    assert!(lines[1].starts_with("POST /menu HTTP/1.1\r\n") && lines[1].ends_with("code=40116&n=1"), "{lines:?}");
    assert!(lines[1].to_lowercase().contains("cookie: s=1\r\n"), "{lines:?}");
    // Our four digits with the digit of the area.
    assert!(lines[2].starts_with("GET /a/40116/List HTTP/1.1\r\n"), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn requests_keep_their_distance() {
    let (tell, told) = mpsc::channel();
    let url = serve(move |mut stream| {
        request_of(&mut stream);
        let _ = tell.send(Instant::now());
        let _ = stream.write_all(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    let config = config(&url, "requests-per-minute = 240\nretry-delay = 0\nattempts = 3\n").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("data")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let now = "2026-04-01T09:00:00".parse().unwrap();
    runtime.block_on(fetch(&config.sources, &mut store, now, &|_, _| {})).unwrap();
    let moments: Vec<Instant> = told.try_iter().collect();
    assert_eq!(moments.len(), 3);
    assert!(moments[2] - moments[0] >= Duration::from_millis(450), "a quarter of a second each");
}

#[test]
fn a_client_certificate_is_shown() {
    let url = serve_tls("\r\n\r\n", "<comment></comment>");
    let known = "root-certificate = \"ca.pem\"\n";
    let with = format!("{known}client-certificate = \"client.pem\"\nclient-key = \"client.key\"\n");
    let report = fetched(&url, &with);
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(code(&fetched(&url, known)), "OC1082", "no client certificate");
    assert_eq!(code(&fetched(&url, "")), "OC1080", "an unknown server");
}

#[test]
fn a_mistake_in_the_configuration_is_named_by_its_place() {
    let cases = [
        ("prefix = \"x\"\n", "/"),
        ("file = \"FileReceiver\"\n", "{file}"),
        ("requests-per-minute = 0\n", "1"),
        ("session = [{ form = \"x\" }]\n", "get"),
        ("session = [{ get = \"/a\", post = \"/b\" }]\n", "get"),
        ("code = \"4011\"\n", "事業者コード"),
        ("client-key = \"k\"\n", "client-certificate"),
        ("colour = 1\n", "colour"),
        ("listing = \"a b\"\n", "URL"),
        ("[download.\"11\"]\nhost = \"https://x.example\"\n", "\"01\""),
        ("[download.\"03\"]\n", "host"),
        ("[download.\"03\"]\nhost = \"http://x.example\"\n", "https://"),
        ("[download.\"03\"]\nhost = \"https://x.example/path\"\n", "prefix"),
    ];
    for (more, part) in cases {
        let error = config("https://x.example", more).unwrap_err();
        assert!(error.contains(part) && error.contains("行目"), "{more}: {error}");
    }
    let config = config("https://x.example", "code = \"61296\"\nprefix = \"/{code}\"\n").unwrap();
    assert_eq!((config.sources[0].area, config.sources[0].listing.path()), (Area::Kansai, "/61296/FileListReceiver"));
}
