//! 計測値: what a worker tells of its work, as Prometheus reads it. Keys, counts and times: never a value of a message.

use super::crew::Watcher;
use crate::exchange::Took;
use crate::exchange::gate::Condition;
use crate::items::{Code as _, DateTime};
use crate::notice::Party;
use crate::store::{Lease, OutboxDepth, Outcome, Stage};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Upper ends of the classes of latencies. Unit: seconds.
const CLASSES: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

#[derive(Debug, Default)]
struct Latency {
    classes: [u64; CLASSES.len()],
    count: u64,
    seconds: f64,
}

impl Latency {
    fn add(&mut self, time: Duration) {
        let seconds = time.as_secs_f64();
        for (class, end) in self.classes.iter_mut().zip(CLASSES) {
            *class += u64::from(seconds <= end);
        }
        self.count += 1;
        self.seconds += seconds;
    }
}

/// Who says how the lines stand, whenever somebody asks.
#[derive(Clone, Default)]
struct Lines(Option<Arc<Ask>>);

type Ask = dyn Fn() -> Vec<(Party, Condition)> + Send + Sync;

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({})", self.0.is_some())
    }
}

/// 様子: how the store stood when it was last looked at.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// What waits in the outbox.
    pub outbox: Vec<OutboxDepth>,
    /// How many cases stand at each stage, with each outcome.
    pub cases: Vec<(Stage, Option<Outcome>, u64)>,
    /// The moment, JST.
    pub at: Option<DateTime>,
}

#[derive(Debug, Default)]
struct Board {
    standing: Standing,
    exchanges: BTreeMap<(String, &'static str, &'static str), u64>,
    latencies: BTreeMap<String, Latency>,
    waits: BTreeMap<String, Latency>,
    lines: Lines,
    refusals: BTreeMap<&'static str, u64>,
    certificates: Vec<(String, i64)>,
    commits: u64,
    takeovers: u64,
    /// Why it cannot work now.
    obstacle: Option<String>,
    /// It may act no longer than this.
    lease: Option<Lease>,
    ticked: Option<Instant>,
}

/// 計測盤: written by the worker, read by whoever asks.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Board>);

impl Watcher for Metrics {
    fn exchanged(&self, recipient: Party, message: &'static str, outcome: &'static str, took: Took) {
        let party = recipient.to_string();
        let (waited, answered) = (took.waited.as_millis() as u64, took.answered.map(|time| time.as_millis() as u64));
        // Not `message`: that is the key of the text of the line.
        tracing::info!(counterparty = %party, kind = message, outcome, milliseconds = answered, waited, "exchange");
        let mut board = self.board();
        *board.exchanges.entry((party.clone(), message, outcome)).or_default() += 1;
        board.waits.entry(party.clone()).or_default().add(took.waited);
        if let Some(answered) = took.answered {
            board.latencies.entry(party).or_default().add(answered);
        }
    }

    fn refused(&self, message: &'static str) {
        tracing::warn!(kind = message, "clearance refused");
        *self.board().refusals.entry(message).or_default() += 1;
    }
}

impl Metrics {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The worker is alive.
    pub fn tick(&self, commits: u64) {
        let mut board = self.board();
        board.ticked = Some(Instant::now());
        board.commits = commits;
    }

    /// How the store stands.
    pub fn stand(&self, standing: Standing) {
        self.board().standing = standing;
    }

    /// Messages were taken over from a worker that was lost.
    pub fn took_over(&self, messages: u64) {
        self.board().takeovers += messages;
    }

    /// Days left of the certificates, by counterparty.
    pub fn certificates(&self, days: Vec<(String, i64)>) {
        self.board().certificates = days;
    }

    /// Whether it can work now, and if not, why: a text without a value.
    pub fn ready(&self, ready: Result<(), String>) {
        self.board().obstacle = ready.err();
    }

    /// Until when the worker may act: beyond that, its database has not been heard for too long.
    pub fn hold(&self, lease: Lease) {
        self.board().lease = Some(lease);
    }

    /// Who says how the lines stand.
    pub fn ask_lines(&self, lines: impl Fn() -> Vec<(Party, Condition)> + Send + Sync + 'static) {
        self.board().lines = Lines(Some(Arc::new(lines)));
    }

    /// Whether it can work now: it is at work, and its database is there. A line that is closed or left alone is no
    /// obstacle: messages wait for it.
    pub fn is_ready(&self) -> Result<(), String> {
        self.board().obstacle()
    }

    /// How long ago the worker last said that it is alive; nothing before it began.
    #[must_use]
    pub fn silence(&self) -> Option<Duration> {
        self.board().ticked.map(|ticked| ticked.elapsed())
    }

    /// Everything, as Prometheus reads it. `now` is the moment to which ages are counted, JST.
    #[must_use]
    pub fn text(&self, now: DateTime) -> String {
        let lines = self.board().lines.clone().0.map(|lines| lines()).unwrap_or_default();
        let board = self.board();
        let mut out = String::with_capacity(4096);
        let mut family = |name: &str, kind: &str, help: &str, lines: Vec<(String, f64)>| {
            let _infallible = writeln!(out, "# HELP occto_{name} {help}\n# TYPE occto_{name} {kind}");
            for (labels, value) in lines {
                let _infallible = writeln!(out, "occto_{name}{labels} {value}");
            }
        };
        let of =
            |depth: &OutboxDepth| format!("{{state=\"{}\",counterparty=\"{}\"}}", depth.state.key(), depth.recipient);
        let age = |depth: &OutboxDepth| {
            let age = now.duration_since(depth.oldest);
            age.as_secs().max(0) as f64
        };
        let depths = &board.standing.outbox;
        family("outbox_messages", "gauge", "Messages that wait, by state and counterparty.", {
            depths.iter().map(|depth| (of(depth), depth.count as f64)).collect()
        });
        family("outbox_oldest_seconds", "gauge", "Age of the oldest message that waits.", {
            depths.iter().map(|depth| (of(depth), age(depth))).collect()
        });
        family("cases", "gauge", "Cases by stage and outcome.", {
            let line = |(stage, outcome, count): &(Stage, Option<Outcome>, u64)| {
                let outcome = outcome.map_or("pending", |outcome| outcome.key());
                (format!("{{stage=\"{}\",outcome=\"{outcome}\"}}", stage.key()), *count as f64)
            };
            board.standing.cases.iter().map(line).collect()
        });
        family("exchanges_total", "counter", "Messages that went out, by what came of it.", {
            let line = |((party, message, outcome), count): (&(String, &str, &str), &u64)| {
                let labels = format!("{{counterparty=\"{party}\",message=\"{message}\",outcome=\"{outcome}\"}}");
                (labels, *count as f64)
            };
            board.exchanges.iter().map(line).collect()
        });
        family("clearance_refusals_total", "counter", "Messages that were not cleared.", {
            board.refusals.iter().map(|(key, count)| (format!("{{message=\"{key}\"}}"), *count as f64)).collect()
        });
        family("certificate_days_left", "gauge", "Days until a client certificate expires.", {
            board
                .certificates
                .iter()
                .map(|(party, days)| (format!("{{counterparty=\"{party}\"}}"), *days as f64))
                .collect()
        });
        family("line_state", "gauge", "How the line to a counterparty stands: 1 at its state, 0 at the others.", {
            let states = |(party, condition): &(Party, Condition)| {
                let (party, condition) = (party.to_string(), *condition);
                Condition::ALL.iter().map(move |state| {
                    let labels = format!("{{counterparty=\"{party}\",state=\"{}\"}}", state.key());
                    (labels, f64::from(u8::from(*state == condition)))
                })
            };
            lines.iter().flat_map(states).collect()
        });
        family("takeovers_total", "counter", "Messages taken over from lost workers.", {
            vec![(String::new(), board.takeovers as f64)]
        });
        family(
            "commits_total",
            "counter",
            "Durable commits of this process.",
            vec![(String::new(), board.commits as f64)],
        );
        family(
            "ready",
            "gauge",
            "Whether this worker can work now.",
            vec![(String::new(), f64::from(u8::from(board.obstacle().is_ok())))],
        );
        histogram(
            &mut out,
            "exchange_seconds",
            "Time from sending to the answer, without our own wait.",
            &board.latencies,
        );
        histogram(
            &mut out,
            "wait_seconds",
            "Time that a message in hand waited for its turn on the line.",
            &board.waits,
        );
        out
    }
}

impl Board {
    fn obstacle(&self) -> Result<(), String> {
        match (&self.obstacle, &self.lease) {
            (Some(why), _) => Err(why.clone()),
            (None, Some(lease)) if !lease.holds(Duration::ZERO) => {
                Err("共有データベースに届かず、持ち時間が切れました / the database was not heard: the lease is over"
                    .to_owned())
            }
            (None, _) => Ok(()),
        }
    }
}

fn histogram(out: &mut String, name: &str, help: &str, latencies: &BTreeMap<String, Latency>) {
    let _infallible = writeln!(out, "# HELP occto_{name} {help}\n# TYPE occto_{name} histogram");
    for (party, latency) in latencies {
        for (class, end) in latency.classes.iter().zip(CLASSES) {
            let _infallible = writeln!(out, "occto_{name}_bucket{{counterparty=\"{party}\",le=\"{end}\"}} {class}");
        }
        let (count, seconds) = (latency.count, latency.seconds);
        let _infallible = writeln!(
            out,
            "occto_{name}_bucket{{counterparty=\"{party}\",le=\"+Inf\"}} {count}\n\
             occto_{name}_sum{{counterparty=\"{party}\"}} {seconds}\n\
             occto_{name}_count{{counterparty=\"{party}\"}} {count}"
        );
    }
}
