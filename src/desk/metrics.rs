//! 計測値: what a worker tells of its work, as Prometheus reads it. Keys, counts and times: never a value of a message.

use super::crew::Watcher;
use crate::items::{Code as _, DateTime};
use crate::notice::Party;
use crate::store::{OutboxDepth, Outcome, Stage};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Upper ends of the classes of latencies. Unit: seconds.
const CLASSES: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

#[derive(Debug, Default)]
struct Latency {
    classes: [u64; CLASSES.len()],
    count: u64,
    seconds: f64,
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
    refusals: BTreeMap<&'static str, u64>,
    certificates: Vec<(String, i64)>,
    commits: u64,
    takeovers: u64,
    /// Why it cannot work now.
    obstacle: Option<String>,
    ticked: Option<Instant>,
}

/// 計測盤: written by the worker, read by whoever asks.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Board>);

impl Watcher for Metrics {
    fn exchanged(&self, recipient: Party, message: &'static str, outcome: &'static str, took: Duration) {
        let party = recipient.to_string();
        tracing::info!(counterparty = %party, message, outcome, milliseconds = took.as_millis() as u64, "exchange");
        let mut board = self.board();
        *board.exchanges.entry((party.clone(), message, outcome)).or_default() += 1;
        let latency = board.latencies.entry(party).or_default();
        let seconds = took.as_secs_f64();
        for (class, end) in latency.classes.iter_mut().zip(CLASSES) {
            *class += u64::from(seconds <= end);
        }
        latency.count += 1;
        latency.seconds += seconds;
    }

    fn refused(&self, message: &'static str) {
        tracing::warn!(message, "clearance refused");
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

    /// Whether it can work now.
    pub fn is_ready(&self) -> Result<(), String> {
        self.board().obstacle.clone().map_or(Ok(()), Err)
    }

    /// How long ago the worker last said that it is alive; nothing before it began.
    #[must_use]
    pub fn silence(&self) -> Option<Duration> {
        self.board().ticked.map(|ticked| ticked.elapsed())
    }

    /// Everything, as Prometheus reads it. `now` is the moment to which ages are counted, JST.
    #[must_use]
    pub fn text(&self, now: DateTime) -> String {
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
            vec![(String::new(), f64::from(u8::from(board.obstacle.is_none())))],
        );
        let _infallible = writeln!(
            out,
            "# HELP occto_exchange_seconds Time from sending to the answer.\n# TYPE occto_exchange_seconds histogram"
        );
        for (party, latency) in &board.latencies {
            for (class, end) in latency.classes.iter().zip(CLASSES) {
                let _infallible =
                    writeln!(out, "occto_exchange_seconds_bucket{{counterparty=\"{party}\",le=\"{end}\"}} {class}");
            }
            let (count, seconds) = (latency.count, latency.seconds);
            let _infallible = writeln!(
                out,
                "occto_exchange_seconds_bucket{{counterparty=\"{party}\",le=\"+Inf\"}} {count}\n\
                 occto_exchange_seconds_sum{{counterparty=\"{party}\"}} {seconds}\n\
                 occto_exchange_seconds_count{{counterparty=\"{party}\"}} {count}"
            );
        }
        out
    }
}
