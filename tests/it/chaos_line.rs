//! A line that fails in every way a line can, by a seed: behind a socket, in front of the sandbox.

use occto::exchange::{Delivery, Request, Transport as _};
use occto::items::Family;
use occto::messages::Message as _;
use occto::messages::switching::{Acceptance, CancellationRequest, SwitchStart, SwitchingMessage};
use occto::notice::{Notice, Party};
use occto::sandbox::{Sandbox, SandboxTransport, World};
use occto::wire::Binding;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A chance that the same seed gives again.
#[derive(Clone, Copy)]
pub struct Chance(u64);

impl Chance {
    /// The chance of one place in a run.
    pub fn of(seed: u64, place: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ place.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }
    /// A number below another.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// What goes wrong with one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The line breaks before the counterparty has the message.
    ResetBefore,
    /// The counterparty has done what it was asked for; its answer is lost.
    DroppedAnswer,
    /// The same, by a reset.
    ResetAfter,
    /// Half of the answer comes.
    HalfAnswer,
    /// HTTP 503 with `Retry-After`: nothing was done.
    Closed,
    /// HTTP 500: nothing was done, which nobody can know.
    ServerError,
    /// HTTP 502 although it was done.
    BadGateway,
    /// Words for people, with 200. (A page of HTML closes the line for minutes: other tests see to that.)
    Page,
    /// The answer comes octet by octet.
    SlowLoris,
    /// The answer to the message before.
    OtherAnswer,
    /// The answer comes twice.
    TwiceAnswered,
    /// The answer overtakes none and is overtaken by others.
    Reordered,
    /// A worker is killed while its message is on the way.
    KillBefore,
    /// A worker is killed after its message has arrived.
    KillAfter,
    /// The database starts anew, or the disk is full, or a worker is asked to stop.
    Environment,
}

const FAULTS: [Fault; 15] = [
    Fault::ResetBefore,
    Fault::DroppedAnswer,
    Fault::ResetAfter,
    Fault::HalfAnswer,
    Fault::Closed,
    Fault::ServerError,
    Fault::BadGateway,
    Fault::Page,
    Fault::SlowLoris,
    Fault::OtherAnswer,
    Fault::TwiceAnswered,
    Fault::Reordered,
    Fault::KillBefore,
    Fault::KillAfter,
    Fault::Environment,
];

/// What the counterparties saw of one reference.
#[derive(Default)]
pub struct Seen {
    /// SHA-256 of the octets, hexadecimal; every time the same, or it is counted in `changed`.
    pub digest: String,
    pub message: &'static str,
    pub times: u32,
    pub accepted: u32,
}

/// What went over the line.
#[derive(Default)]
pub struct Log {
    pub seen: HashMap<String, Seen>,
    pub faults: BTreeMap<String, u64>,
    pub requests: u64,
    /// The same reference came with other octets.
    pub changed: u64,
    last: Vec<u8>,
}

pub struct ChaosLine {
    pub sandbox: SandboxTransport<'static>,
    pub log: Mutex<Log>,
    seed: u64,
    per_mille: u64,
    /// Kills a worker, or troubles what it stands on.
    strike: Box<dyn Fn(Fault, Chance) -> Option<&'static str> + Send + Sync>,
}

impl fmt::Debug for ChaosLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChaosLine")
    }
}

impl ChaosLine {
    pub fn new(
        world: &World,
        seed: u64,
        per_mille: u64,
        strike: impl Fn(Fault, Chance) -> Option<&'static str> + Send + Sync + 'static,
    ) -> ChaosLine {
        let notice = Notice::embedded("common-core").unwrap();
        let sandbox = SandboxTransport::new(Sandbox::new(world.clone(), seed), Binding::reference(), notice);
        ChaosLine { sandbox, log: Mutex::default(), seed, per_mille, strike: Box::new(strike) }
    }

    /// Serves in a thread of its own; gives the address.
    pub fn serve(self: &Arc<ChaosLine>) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let line = Arc::clone(self);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let line = Arc::clone(&line);
                    tokio::spawn(async move { line.connection(stream).await });
                }
            });
        });
        address
    }

    /// One request of a connection, then it is closed.
    async fn connection(&self, mut stream: TcpStream) -> Option<()> {
        let body = request(&mut stream).await?;
        let (number, mut chance) = {
            let mut log = self.log.lock().unwrap();
            log.requests += 1;
            (log.requests, Chance::of(self.seed, log.requests))
        };
        let fault = (chance.below(1000) < self.per_mille).then(|| FAULTS[chance.below(15) as usize]);
        if let Some(fault) = fault {
            let what = match fault {
                Fault::KillBefore | Fault::KillAfter | Fault::Environment => None,
                other => Some(format!("{other:?}")),
            };
            self.count(what);
        }
        let struck =
            |fault| self.count((self.strike)(fault, Chance::of(self.seed, number ^ 0x5EED)).map(str::to_owned));
        match fault {
            Some(Fault::ResetBefore) => return reset(stream),
            Some(Fault::KillBefore) => {
                struck(Fault::KillBefore);
                return None;
            }
            Some(Fault::Closed) => return say(stream, "503 Service Unavailable\r\nRetry-After: 0", b"closed").await,
            Some(Fault::ServerError) => return say(stream, "500 Internal Server Error", b"500").await,
            Some(Fault::Page) => return say(stream, "200 OK", "ただいま処理できません".as_bytes()).await,
            _ => {}
        }
        let answer = self.arrive(&body).await;
        let before = std::mem::replace(&mut self.log.lock().unwrap().last, answer.clone());
        match fault {
            Some(Fault::DroppedAnswer) => None,
            Some(Fault::ResetAfter) => reset(stream),
            Some(Fault::HalfAnswer) => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
                stream.write_all(head.as_bytes()).await.ok()?;
                stream.write_all(&answer[..answer.len() / 2]).await.ok()
            }
            Some(Fault::BadGateway) => say(stream, "502 Bad Gateway", b"502").await,
            Some(Fault::SlowLoris) => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
                stream.write_all(head.as_bytes()).await.ok()?;
                for octet in answer {
                    stream.write_all(&[octet]).await.ok()?;
                    tokio::time::sleep(Duration::from_millis(40)).await;
                }
                Some(())
            }
            Some(Fault::OtherAnswer) => say(stream, "200 OK", &before).await,
            Some(Fault::TwiceAnswered) => {
                let once = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len()).into_bytes();
                let twice = [once.as_slice(), &answer, &once, &answer].concat();
                stream.write_all(&twice).await.ok()
            }
            Some(Fault::Reordered) => {
                tokio::time::sleep(Duration::from_millis(20 + chance.below(200))).await;
                say(stream, "200 OK", &answer).await
            }
            Some(Fault::KillAfter) => {
                struck(Fault::KillAfter);
                None
            }
            Some(Fault::Environment) => {
                struck(Fault::Environment);
                say(stream, "200 OK", &answer).await
            }
            _ => say(stream, "200 OK", &answer).await,
        }
    }

    fn count(&self, what: Option<String>) {
        if let Some(what) = what {
            *self.log.lock().unwrap().faults.entry(what).or_default() += 1;
        }
    }

    /// The message reaches the counterparties; what they answer.
    async fn arrive(&self, body: &[u8]) -> Vec<u8> {
        let read = Binding::reference().decode(body).expect("what is sent can be read");
        let request = Request {
            sender: read.header.sender,
            recipient: Party::OCCTO,
            message: read.message.spec().key,
            family: Family::Low,
            content_type: String::new(),
            action: None,
            body: body.to_vec(),
        };
        let message = request.message;
        let Delivery::Answered(answer) = self.sandbox.exchange(request).await else {
            panic!("the sandbox did not answer");
        };
        if !message.ends_with("-inquiry") || message == "facility-inquiry" {
            let accepted = Binding::reference().decode(&answer).is_ok_and(|answer| match answer.message {
                SwitchingMessage::Receipt(receipt) => receipt.acceptance == Acceptance::Accepted,
                _ => false,
            });
            let digest = Sha256::digest(body).iter().map(|octet| format!("{octet:02x}")).collect::<String>();
            let mut log = self.log.lock().unwrap();
            let seen = log.seen.entry(read.header.reference.as_str().to_owned()).or_default();
            let changed = seen.times > 0 && seen.digest != digest;
            seen.digest = digest;
            seen.message = message;
            seen.times += 1;
            seen.accepted += u32::from(accepted);
            log.changed += u64::from(changed);
        }
        answer
    }

    /// How many applications of a kind were accepted, and how often one was accepted twice.
    pub fn accepted(&self) -> (usize, usize, usize) {
        let log = self.log.lock().unwrap();
        let of = |key: &str| log.seen.values().filter(|seen| seen.message == key && seen.accepted > 0).count();
        let twice = log.seen.values().filter(|seen| seen.message != "facility-inquiry" && seen.accepted > 1).count();
        (of(CancellationRequest::SPEC.key), of(SwitchStart::SPEC.key), twice)
    }
}

async fn request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut block = [0; 4096];
    loop {
        let read = stream.read(&mut block).await.ok().filter(|read| *read > 0)?;
        octets.extend_from_slice(&block[..read]);
        let Some(head) = octets.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&octets[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let body = head + 4;
        if octets.len() >= body + length.unwrap_or(0) {
            return Some(octets.split_off(body));
        }
    }
}

async fn say(mut stream: TcpStream, status: &str, body: &[u8]) -> Option<()> {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body).await.ok()
}

/// Ends a connection as a crash of the network would.
fn reset(stream: TcpStream) -> Option<()> {
    let _ = stream.set_zero_linger();
    None
}
