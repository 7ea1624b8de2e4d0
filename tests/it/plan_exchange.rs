//! Plans over the line: the client against the sandbox behind a socket, and against what is no such system.

use crate::http::secret_file;
use crate::plan_samples::{at, cleared, plan_of, settings, written};
use occto::desk::plans::file_name;
use occto::exchange::ExchangeConfig;
use occto::exchange::plans::{PlanAccess, PlanAnswer, PlanLine, fit_plans};
use occto::messages::planning::{Plan, PlanBody};
use occto::sandbox::{PlanCounter, Server};
use occto::wire::cii::plan::write_plan;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const PASSWORD: &str = "se&cret+1 ";

fn access(folder: &Path, address: &str) -> PlanAccess {
    secret_file(&folder.join("password"), format!("{PASSWORD}\n").as_bytes());
    let text = format!(
        "retailer = \"49996\"\n[plan]\nurl = \"http://{address}/service/RP12/OCCTO/api\"\nuserid = \"U0001\"\npassword-file = \"password\"\ntimeout = 20\n"
    );
    ExchangeConfig::parse(&text, folder).unwrap().plans.unwrap()
}

/// Runs against a counter whose clock stands still.
fn with_counter(now: &str, act: impl AsyncFnOnce(&PlanLine<'_>, &PlanCounter)) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let access = access(folder.path(), &server.address().unwrap().to_string());
        let counter = Arc::new(PlanCounter::new(settings()));
        let serving = tokio::spawn(server.run_plans(Arc::clone(&counter), at(now), std::future::pending()));
        act(&PlanLine::new(&access).unwrap(), &counter).await;
        serving.abort();
    });
}

fn off_by_one() -> Plan {
    let mut plan = plan_of(2, 2);
    let PlanBody::DemandProcurement(body) = &mut plan.body else { panic!("another kind") };
    let mut kwh = *body.demand.as_ref().unwrap().kwh();
    kwh[0] += 1;
    body.demand = Some(occto::messages::planning::PlanSeries::of_kwh(kwh));
    plan
}

#[test]
fn a_sound_plan_is_taken_and_can_be_fetched() {
    with_counter("2026-04-01T11:59:59", async |line, counter| {
        let (name, octets) = (file_name(&plan_of(2, 2)), written(plan_of(2, 2)));
        assert_eq!(line.submit("0250", &name, &octets).await, PlanAnswer::Done(None));
        assert_eq!(counter.taken(), 1);
        let PlanAnswer::Done(Some((_, list))) = line.list("0250", "20260401").await else { panic!("no list") };
        let plans = fit_plans(&list).unwrap();
        assert_eq!((plans.len(), plans[0].status.as_str(), plans[0].updated.len()), (1, "3", 17));
        let fetched = line.file("0250", &plans[0].id).await;
        assert_eq!(fetched, PlanAnswer::Done(Some((name, octets))));
        let PlanAnswer::Done(Some((_, list))) = line.list("0250", "20260402").await else { panic!("no list") };
        assert_eq!(fit_plans(&list).unwrap(), []);
        assert!(matches!(line.file("0250", "no such").await, PlanAnswer::Refused { .. }));
    });
}

#[test]
fn a_plan_that_does_not_add_up_is_refused_with_a_report() {
    with_counter("2026-04-01T11:00:00", async |line, counter| {
        let plan = off_by_one();
        let answer = line.submit("0250", &file_name(&plan), &written(plan)).await;
        let PlanAnswer::Refused { code, report: Some((_, report)) } = answer else { panic!("{answer:?}") };
        let report = String::from_utf8(report).unwrap();
        assert_eq!((code.as_str(), counter.taken()), ("E301", 0));
        assert!(report.contains("VERIFIED=\"false\"") && report.contains("OC1217"), "{report}");
        for (message, octets) in [("0150", written(plan_of(1, 1))), ("0250", b"<x/>".to_vec())] {
            assert!(matches!(line.submit(message, "W6.xml", &octets).await, PlanAnswer::Refused { .. }));
        }
        assert_eq!(counter.taken(), 0);
    });
}

#[test]
fn nothing_is_taken_between_noon_and_five() {
    for (now, code) in [("2026-04-01T12:00:00", "E401"), ("2026-04-01T17:00:00", ""), ("2026-04-02T22:30:00", "E401")] {
        with_counter(now, async |line, _| {
            let answer = line.submit("0250", "plan.xml", &written(plan_of(1, 1))).await;
            match answer {
                PlanAnswer::Refused { code: got, .. } => assert_eq!(got, code, "{now}"),
                other => assert!(code.is_empty() && other == PlanAnswer::Done(None), "{now}: {other:?}"),
            }
        });
    }
}

#[test]
fn what_is_no_such_system_is_never_taken_for_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let access = access(folder.path(), &address);
        let line = PlanLine::new(&access).unwrap();
        let answers = [
            ("HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>", "unknown"),
            ("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 503 Later\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 503 Later\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>", "unknown"),
            ("HTTP/1.1 503 Later\r\nresultcode: E401\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "refused"),
            ("HTTP/1.1 500 Oops\r\nresultcode: 0000\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 408 Late\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 409 Twice\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 429 Slowly\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 400 Bad\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "not sent"),
            ("HTTP/1.1 403 No\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>", "not sent"),
            ("HTTP/1.1 404 Where\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "not sent"),
            ("HTTP/1.1 404 Where\r\nresultcode: 0000\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "unknown"),
            ("HTTP/1.1 200 OK\r\nresultcode: 0000\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>", "unreadable"),
            ("HTTP/1.1 200 OK\r\nresultcode: 9999\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>", "refused"),
            ("", "unknown"),
        ];
        let asked = tokio::spawn(async move {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let mut asked = Vec::new();
            for (answer, _) in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut octets = vec![0; 65536];
                let mut got = 0;
                while !String::from_utf8_lossy(&octets[..got]).contains("fitid=") {
                    got += stream.read(&mut octets[got..]).await.unwrap();
                }
                asked.push(String::from_utf8_lossy(&octets[..got]).into_owned());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            asked
        });
        for (answer, expected) in answers {
            // A page, a failure and a time to come again shut the gate of a line: each is asked over a new one.
            let line = PlanLine::new(&access).unwrap();
            let said = match line.file("0152", "F1").await {
                PlanAnswer::Done(_) => "done",
                PlanAnswer::Refused { .. } => "refused",
                PlanAnswer::NotSent(_) => "not sent",
                PlanAnswer::Unknown(_) => "unknown",
                PlanAnswer::Unreadable(_) => "unreadable",
            };
            assert_eq!(said, expected, "{answer:?}");
        }
        let asked = asked.await.unwrap();
        assert!(asked[0].starts_with("POST /service/RP12/OCCTO/api/fileDownload/getW6BP0152File HTTP/1.1\r\n"));
        assert!(asked[0].ends_with("userid=U0001&password=se%26cret%2B1+&fitid=F1"), "{}", asked[0]);
        // Nobody listens any more.
        assert!(matches!(line.file("0152", "F1").await, PlanAnswer::NotSent(_)));
        assert!(!format!("{line:?} {access:?}").contains("se&cret"));
    });
}

#[test]
fn a_password_has_its_place_outside_the_configuration() {
    let parse = |lines: &str| {
        let text = format!("retailer = \"49996\"\n[plan]\nurl = \"https://x.example/api/\"\nuserid = \"U\"\n{lines}");
        ExchangeConfig::parse(&text, Path::new("")).map(|config| config.plans.unwrap())
    };
    assert!(parse("").unwrap_err().en.contains("password-file"));
    assert!(parse("password = \"x\"\npassword-env = \"B\"").is_err());
    assert!(parse("password-file = \"a\"\npassword-env = \"B\"").is_err());
    let access = parse("password-env = \"OCCTO_TEST_NOT_SET\"\n[plan.upload]\noperation = \"x\"").unwrap();
    assert!(!access.upload.verified && access.upload.verb == "fileUpload" && access.file.verified);
    assert!(PlanLine::new(&access).unwrap_err().en.contains("OCCTO_TEST_NOT_SET"));
}

/// Runs the binary in a folder; gives its exit code and what it printed.
fn occto(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_occto")).current_dir(folder).args(arguments).output().unwrap();
    (run.status.code().unwrap(), String::from_utf8_lossy(&run.stdout).into_owned())
}

#[test]
fn a_plan_goes_from_csv_to_the_counter() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let csv = format!("{}/examples/plan.csv", env!("CARGO_MANIFEST_DIR"));
    let build = [
        "plan",
        "build",
        &csv,
        "--date",
        "2026-04-02",
        "--sender",
        "49996",
        "--bg",
        "LA106",
        "--now",
        "2026-04-01 09:00",
    ];
    assert_eq!(occto(folder, &build).0, 0);
    let name = "W6_0250_20260402_00_49996_6.xml";
    let (code, printed) = occto(folder, &["plan", "check", name, "--now", "2026-04-01 12:30", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &said["files"][0]["findings"][0]["code"]), (1, &"OC1223".into()));
    assert_eq!(said["files"][0]["submission"]["next"], "2026-04-01T17:00:00");
    let (code, printed) = occto(folder, &["check", name, "--json"]);
    let said: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &said["files"][0]["kind"]), (0, &"plan".into()));
    let submit = ["plan", "submit", name, "--sandbox", "--now", "2026-04-01 11:00", "--json"];
    let (code, printed) = occto(folder, &submit);
    let said: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &said["state"]), (0, &"taken".into()));
    let (code, _) = occto(folder, &["plan", "submit", name, "--sandbox", "--now", "2026-04-03 11:00"]);
    assert_eq!(code, 1);
    assert_eq!(occto(folder, &["ledger", "verify"]).0, 0);
    let (code, printed) = occto(folder, &["ledger", "show", "--json"]);
    assert!(code == 0 && printed.lines().count() == 2 && printed.contains("demand-procurement"), "{printed}");
    // 氏名 may not be in it, but an operator may not send it either.
    let (code, _) =
        occto(folder, &["plan", "submit", name, "--sandbox", "--now", "2026-04-01 11:00", "--from", "broker"]);
    assert_eq!(code, 2);
    let last = || {
        let printed = occto(folder, &["ledger", "show", "--json"]).1;
        serde_json::from_str::<serde_json::Value>(printed.lines().last().unwrap()).unwrap()["entry"].clone()
    };
    let line = last();
    assert_eq!((line["verdict"].as_str(), line["reference"].as_str()), (Some("refused"), Some(name)));
    assert_eq!(occto(folder, &[&build[..], &["--from", "broker"]].concat()).0, 2);
    assert_ne!(last(), line, "each refusal is a line");
    let stats: serde_json::Value = serde_json::from_str(&occto(folder, &["ledger", "stats", "--json"]).1).unwrap();
    assert_eq!(stats["refusals"]["clause"], serde_json::json!({"participant": 2}));
}

#[test]
fn a_plan_of_unknown_outcome_is_not_sent_again_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = file_name(&plan_of(1, 1));
    std::fs::write(folder.join(&name), written(plan_of(1, 1))).unwrap();
    secret_file(&folder.join("password"), b"x\n");
    // Takes the request and says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        use std::io::Read as _;
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
        }
    });
    let text = format!(
        "retailer = \"49996\"\n[plan]\nurl = \"http://{address}/api/\"\nuserid = \"U\"\npassword-file = \"password\"\n"
    );
    std::fs::write(folder.join("occto.toml"), text).unwrap();
    let submit = |more: &[&str]| {
        let mut arguments =
            vec!["plan", "submit", &name, "--config", "occto.toml", "--now", "2026-04-01 11:00", "--yes"];
        arguments.extend(more);
        occto(folder, &arguments)
    };
    let (code, printed) = submit(&[]);
    assert!(code == 1 && printed.contains("OC1252"), "{printed}");
    assert_eq!(submit(&[]).0, 2);
    let (code, printed) = submit(&["--asked"]);
    assert!(code == 1 && printed.contains("OC1252"), "{printed}");
    server.join().unwrap();
    // Nobody listens any more: certainly not sent, and so no longer unknown.
    let (code, printed) = submit(&["--asked"]);
    assert!(code == 1 && printed.contains("OC1251"), "{printed}");
    assert_eq!(submit(&[]).0, 1);
}

#[test]
fn a_plan_that_met_a_closed_door_may_have_arrived_and_is_not_sent_again_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = file_name(&plan_of(1, 1));
    std::fs::write(folder.join(&name), written(plan_of(1, 1))).unwrap();
    secret_file(&folder.join("password"), b"x\n");
    let (tell, asked) = std::sync::mpsc::channel();
    let answers = ["503 Later\r\nretry-after: 1", "404 Where"];
    let mut answers = answers.into_iter().cycle();
    let url = crate::http::serve(move |mut stream| {
        use std::io::Write as _;
        crate::http::request_of(&mut stream);
        tell.send(()).unwrap();
        let head = answers.next().unwrap();
        let _ = write!(stream, "HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
    let text =
        format!("retailer = \"49996\"\n[plan]\nurl = \"{url}/\"\nuserid = \"U\"\npassword-file = \"password\"\n");
    std::fs::write(folder.join("occto.toml"), text).unwrap();
    let submit = |now: &str, more: &[&str]| {
        let mut arguments = vec!["plan", "submit", &name, "--config", "occto.toml", "--now", now, "--yes"];
        arguments.extend(more);
        occto(folder, &arguments)
    };
    let (code, printed) = submit("2026-04-01 11:00", &[]);
    assert!(code == 1 && printed.contains("OC1252") && printed.contains("HTTP 503"), "{printed}");
    assert_eq!(asked.try_iter().count(), 1);
    assert_eq!(submit("2026-04-01 11:10", &[]).0, 2);
    assert_eq!(asked.try_iter().count(), 0, "not sent again");
    // Turned away it certainly was not taken, and may be submitted again.
    let (code, printed) = submit("2026-04-01 11:20", &["--asked"]);
    assert!(code == 1 && printed.contains("OC1251") && printed.contains("HTTP 404"), "{printed}");
    assert_eq!(submit("2026-04-01 11:30", &[]).0, 1);
    assert_eq!(asked.try_iter().count(), 2);
}

#[test]
fn a_cleared_plan_says_so() {
    assert!(write_plan(&cleared(plan_of(1, 1)), &mut Vec::new()).verified);
}
