//! A line that remembers what went over it, and what must hold of any such memory.

use crate::postgres::store;
use crate::practice::{Data, csv_of, office_over, take, view};
use aho_corasick::AhoCorasick;
use occto::desk::Office;
use occto::desk::view::{Outcome, RunView};
use occto::exchange::{Delivery, Request, Transport, Trouble, TroubleKind};
use occto::messages::switching::SwitchingMessage;
use occto::notice::Notice;
use occto::sandbox::{Sandbox, SandboxTransport, World};
use occto::store::LedgerCheck;
use occto::wire::Binding;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use tokio::sync::Notify;

/// One exchange: what was sent and what came back.
pub struct Exchange {
    pub message: &'static str,
    pub reference: String,
    pub body: Vec<u8>,
    pub delivery: Delivery,
}

/// What happens to an exchange on its way: nothing, unless it is told otherwise.
type Twist<'a> = Box<dyn Fn(&SandboxTransport<'a>, &Request, Delivery) -> Delivery + Send + Sync + 'a>;

pub struct Line<'a> {
    pub sandbox: SandboxTransport<'a>,
    pub log: Mutex<Vec<Exchange>>,
    /// Exchanges left before the power is cut; in `cut` it is told when that has happened.
    pub left: Mutex<Option<usize>>,
    pub cut: Notify,
    twist: Twist<'a>,
}

impl<'a> Line<'a> {
    pub fn new(world: &World, seed: u64) -> Line<'a> {
        Line::twisted(world, seed, |_, _, delivery| delivery)
    }

    pub fn twisted(
        world: &World,
        seed: u64,
        twist: impl Fn(&SandboxTransport<'a>, &Request, Delivery) -> Delivery + Send + Sync + 'a,
    ) -> Line<'a> {
        let notice = Notice::embedded("common-core").unwrap();
        let sandbox = SandboxTransport::new(Sandbox::new(world.clone(), seed), Binding::reference(), notice);
        Line { sandbox, log: Mutex::default(), left: Mutex::default(), cut: Notify::new(), twist: Box::new(twist) }
    }
}

impl Transport for Line<'_> {
    async fn exchange(&self, request: Request) -> Delivery {
        let cut = self.left.lock().unwrap().as_mut().is_some_and(|left| {
            let out = *left == 0;
            *left = left.saturating_sub(1);
            out
        });
        if cut {
            self.cut.notify_one();
            return std::future::pending().await;
        }
        let read = Binding::reference().decode(&request.body).expect("what we send can be read");
        let delivery = self.sandbox.exchange(request.clone()).await;
        let delivery = (self.twist)(&self.sandbox, &request, delivery);
        self.log.lock().unwrap().push(Exchange {
            message: request.message,
            reference: read.header.reference.as_str().to_owned(),
            body: request.body,
            delivery: delivery.clone(),
        });
        delivery
    }
}

/// A case file of the world's applications beside the store.
pub fn file_of(world: &World, dir: &Path) -> std::path::PathBuf {
    let file = dir.join("applications.csv");
    std::fs::write(&file, csv_of(world.applications())).unwrap();
    file
}

/// Takes every application of the world to its end.
pub async fn run(dir: &Path, line: &Line<'_>, world: &World, data: &Data) -> RunView {
    let file = file_of(world, dir);
    let mut office = office_over(store(dir), line, data, world);
    let batch = take(&mut office, &file, data, world, line.sandbox.sandbox().now());
    to_the_end(&mut office, line).await;
    let now = line.sandbox.sandbox().now();
    view(&mut office, batch, now)
}

/// Lets the clock move until nothing happens any more and nothing is left to be sent.
pub async fn to_the_end<T: Transport>(office: &mut Office<'_, T>, line: &Line<'_>) {
    let mut idle = 0;
    while idle < 20 {
        let now = line.sandbox.sandbox().now();
        for wish in line.sandbox.sandbox().due_wishes(now.date()) {
            office.cancel(wish.receipt.unwrap().as_str(), wish.kind, now).unwrap();
        }
        office.advance(now, &mut |_| {}).await.unwrap();
        let next = line.sandbox.sandbox().next_event_date().filter(|date| *date > now.date());
        let tomorrow = now.date().tomorrow().unwrap();
        let date = match (office.unsettled().unwrap(), next) {
            (true, _) => tomorrow,
            (false, Some(date)) => date,
            (false, None) => return,
        };
        idle = if next.is_none() { idle + 1 } else { 0 };
        line.sandbox.sandbox().advance_to(date);
    }
    panic!("messages stay unsettled for ever");
}

/// Nothing was said twice, and nothing again before the list of applications had been asked for it.
pub fn nothing_doubled(line: &Line<'_>) {
    assert_eq!(line.sandbox.sandbox().duplicates(), 0);
    let log = line.log.lock().unwrap();
    let mut bodies: HashMap<&str, &[u8]> = HashMap::new();
    // Messages whose outcome is open: what they are about in the list, and whether the list says that they are absent.
    let mut open: HashMap<&str, bool> = HashMap::new();
    let mut settled: HashSet<&str> = HashSet::new();
    for exchange in log.iter().filter(|one| one.message != "notice-inquiry") {
        let key = exchange.reference.as_str();
        if exchange.message == "list-inquiry" {
            let Delivery::Answered(bytes) = &exchange.delivery else { continue };
            let Ok(answer) = Binding::reference().decode(bytes) else { continue };
            let SwitchingMessage::ListAnswer(list) = answer.message else { continue };
            let asked = Binding::reference().decode(&exchange.body).unwrap().message;
            let SwitchingMessage::ListInquiry(asked) = asked else { unreachable!() };
            match asked.reference {
                Some(reference) => {
                    let found = list.entries.iter().any(|entry| entry.reference == reference);
                    if let Some((key, absent)) = open.iter_mut().find(|(key, _)| **key == reference.as_str()) {
                        *absent = !found;
                        found.then(|| settled.insert(key));
                    }
                }
                // A withdrawal is looked for by its point.
                None => open.iter_mut().filter(|(key, _)| key.contains("-W")).for_each(|(_, absent)| *absent = true),
            }
            continue;
        }
        if let Some(before) = bodies.insert(key, &exchange.body) {
            assert_eq!(before, exchange.body, "{key} was sent again with other bytes");
            // Whatever became of an inquiry, it may simply be repeated.
            if exchange.message != "facility-inquiry" {
                assert!(!settled.contains(key), "{key} was sent again although it had arrived");
                assert_ne!(open.get(key), Some(&false), "{key} was sent again before the list was asked");
            }
        }
        match &exchange.delivery {
            Delivery::NotSent(_) => {
                open.insert(key, true);
            }
            Delivery::Answered(bytes) if answers(bytes, key) => {
                settled.insert(key);
            }
            _ => {
                open.insert(key, false);
            }
        }
    }
}

fn answers(bytes: &[u8], reference: &str) -> bool {
    Binding::reference().decode(bytes).is_ok_and(|answer| answer.header.reference.as_str() == reference)
}

/// The ledger verifies, has one line for each message that went out, and nobody's data.
pub fn ledger_is_right(office: &mut Office<'_, Line<'_>>, line: &Line<'_>, world: &World) {
    let mut check = LedgerCheck::default();
    let mut text = String::new();
    let mut lines: HashMap<String, String> = HashMap::new();
    let written = office
        .store
        .read(|tx| {
            tx.each_ledger_line(|line| {
                let entry: serde_json::Value = serde_json::from_str(&line.entry).unwrap();
                let reference = entry["reference"].as_str().unwrap().to_owned();
                assert_eq!(entry["verdict"], "granted");
                let twice = lines.insert(reference, entry["digest"].as_str().unwrap().to_owned());
                assert_eq!(twice, None, "two lines for one message");
                text.push_str(&line.entry);
                check.line(line).unwrap();
                Ok(())
            })?;
            tx.ledger_lines()
        })
        .unwrap();
    assert_eq!(check.finish(written), Ok(written));
    let log = line.log.lock().unwrap();
    let disclosed = log.iter().filter(|one| !matches!(one.message, "list-inquiry" | "notice-inquiry"));
    let sent: HashSet<&str> = disclosed.map(|one| one.reference.as_str()).collect();
    assert_eq!(lines.len(), sent.len());
    assert!(sent.iter().all(|reference| lines.contains_key(*reference)));
    no_personal_data(&text, world);
}

/// Not one datum of a customer of the world stands in a text.
pub fn no_personal_data(text: &str, world: &World) {
    let (personal, kinds) = personal_data(world);
    let found = personal.find(text).map(|found| kinds[found.pattern().as_usize()]);
    // Whoever reads the failure shall not read the datum either.
    assert_eq!(found, None, "personal data got out");
}

/// What finds the data of every point in one pass over a text, and what each pattern is.
pub fn personal_data(world: &World) -> (AhoCorasick, Vec<&'static str>) {
    let mut kinds = Vec::new();
    let mut data = Vec::new();
    for point in &world.points {
        let telephone = point.telephone.as_ref().map(|telephone| telephone.as_str().to_owned());
        for (what, datum) in [
            ("id", Some(point.id.as_str().to_owned())),
            ("name", Some(point.name.as_str().to_owned())),
            ("address", Some(point.address.as_str().to_owned())),
            ("kana", point.kana.as_ref().map(|kana| kana.as_str().to_owned())),
            ("telephone", telephone),
            ("contract number", Some(point.contract_number.as_str().to_owned())),
        ] {
            if let Some(datum) = datum {
                kinds.push(what);
                data.push(datum);
            }
        }
    }
    (AhoCorasick::new(data).unwrap(), kinds)
}

/// No case waits, and as many ended each way as said.
pub fn ended(run: &RunView, outcome: Outcome) {
    for case in &run.cases {
        let kinds: Vec<_> = case.timeline.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(case.outcome, outcome, "line {}: {kinds:?}", case.line);
    }
}

/// The line broke, perhaps after the message had arrived.
pub fn unknown() -> Delivery {
    Delivery::Unknown(Trouble { kind: TroubleKind::Timeout, detail: "test".to_owned() })
}
