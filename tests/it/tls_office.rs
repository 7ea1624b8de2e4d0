//! A business over a real server of TLS that says the wrong thing: an answer to another reference, an answer twice, a page of
//! maintenance. Every case ends as it should have, and nothing is said twice.

use crate::http::secret_file;
use crate::line::file_of;
use crate::pki::{ALWAYS, Ca, answer, tls_answering};
use crate::practice::{Data, office, take, view};
use occto::desk::view::Outcome;
use occto::exchange::{Delivery, ExchangeConfig, HttpTransport, Request, Transport as _};
use occto::items::Date;
use occto::notice::Notice;
use occto::sandbox::{Sandbox, SandboxTransport, World};
use occto::wire::Binding;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What is done to an answer before it goes out: its number from 0, the one before, itself.
type Twist = fn(usize, Option<Vec<u8>>, Vec<u8>) -> Vec<u8>;

/// The sandbox behind TLS, how often each reference was heard, and how its answers go out.
fn serve(
    world: &World,
    folder: &std::path::Path,
    twist: Twist,
) -> (SandboxTransport<'static>, String, Arc<Mutex<HashMap<String, u32>>>) {
    let notice = Notice::embedded("common-core").unwrap();
    let sandbox = SandboxTransport::new(Sandbox::new(world.clone(), 7), Binding::reference(), notice);
    let (ca, heard) = (Ca::new("test authority"), Arc::new(Mutex::new(HashMap::new())));
    secret_file(&folder.join("ca.pem"), ca.pem.as_bytes());
    let client = ca.issue(&[], ALWAYS);
    secret_file(&folder.join("client.pem"), format!("{}{}", client.pem, client.key_pem).as_bytes());
    let (behind, counted, mut before, mut count) = (sandbox.clone(), heard.clone(), None, 0);
    let url = tls_answering(&ca.issue(&["127.0.0.1"], ALWAYS), Some(&ca), move |request| {
        let body = request.split_once("\r\n\r\n").unwrap().1.as_bytes().to_vec();
        let read = Binding::reference().decode(&body).unwrap();
        *counted.lock().unwrap().entry(read.header.reference.as_str().to_owned()).or_insert(0) += 1;
        let message = read.message.spec().key;
        let request = Request {
            sender: read.header.sender,
            recipient: read.header.recipient,
            message,
            family: read.header.family,
            content_type: Binding::reference().content_type(),
            action: None,
            body,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let Delivery::Answered(octets) = runtime.block_on(behind.exchange(request)) else { panic!("no answer") };
        let head = format!("Content-Type: {}\r\n", Binding::reference().content_type());
        let said = answer("200 OK", &head, &octets);
        if !matches!(message, "cancellation-request" | "switch-start" | "facility-inquiry") {
            return said;
        }
        let twisted = twist(count, before.replace(said.clone()), said);
        count += 1;
        twisted
    });
    (sandbox, url, heard)
}

/// Takes every case to its end, run after run: a gate that shut itself is looked at again by the next run.
fn all_end_as_wished(twist: Twist) -> HashMap<String, u32> {
    let (data, folder) = (Data::published(), tempfile::tempdir().unwrap());
    let world = World::generate(5, 7, Date::constant(2026, 4, 1)).unwrap();
    let (sandbox, url, heard) = serve(&world, folder.path(), twist);
    let text = format!(
        "retailer = \"{}\"\n[counterparty.occto]\nurl = \"{url}\"\nroot-certificate = \"ca.pem\"\nonly-root-certificate = true\nclient-certificate = \"client.pem\"\nretry-delay = 0\n",
        world.retailer
    );
    let config = ExchangeConfig::parse(&text, folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let file = file_of(&world, folder.path());
    let mut batch = None;
    for _ in 0..60 {
        let transport = HttpTransport::new(&config).unwrap_or_else(|error| panic!("{error}"));
        let mut office = office(&folder.path().join("data"), &transport, &data, &world);
        let now = sandbox.sandbox().now();
        let batch = *batch.get_or_insert_with(|| take(&mut office, &file, &data, &world, now));
        runtime.block_on(office.advance(now, &mut |_| {})).unwrap();
        let run = view(&mut office, batch, now);
        if run.cases.iter().all(|case| case.outcome == Outcome::Completed) {
            assert_eq!(sandbox.sandbox().duplicates(), 0);
            let mut numbers: Vec<_> = run.cases.iter().map(|case| case.application_number.clone().unwrap()).collect();
            numbers.sort();
            numbers.dedup();
            assert_eq!(numbers.len(), 5, "a number went to the wrong case");
            return std::mem::take(&mut heard.lock().unwrap());
        }
        let tomorrow = now.date().tomorrow().unwrap();
        sandbox.sandbox().advance_to(tomorrow);
    }
    panic!("some case did not end");
}

#[test]
fn an_answer_to_another_reference_is_not_taken_for_ours() {
    // The answer to the message before comes in place of every third.
    all_end_as_wished(|count, before, said| before.filter(|_| count % 3 == 2).unwrap_or(said));
}

#[test]
fn an_answer_that_comes_twice_is_taken_once() {
    // On a connection that is kept: the second copy is not the answer to the next request.
    let heard = all_end_as_wished(|_, _, said| {
        let text = String::from_utf8(said).unwrap().replace("Connection: close\r\n", "");
        (text.clone() + &text).into_bytes()
    });
    let again: Vec<_> = heard.iter().filter(|(reference, count)| !reference.contains("-Q") && **count > 1).collect();
    assert!(again.is_empty(), "an answer was doubled, not its message: {again:?}");
}

#[test]
fn a_page_of_maintenance_in_between_changes_no_end() {
    all_end_as_wished(|count, _, said| {
        let page = "<!DOCTYPE html><html><body>メンテナンス中</body></html>".as_bytes();
        if count % 4 == 1 { answer("200 OK", "Content-Type: text/html\r\n", page) } else { said }
    });
}
