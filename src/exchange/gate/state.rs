//! 送信可否の判断: pure — what is known of a line, what its policy says, and the moment. No clock, no lock, no socket.

use super::hours::{Hours, after};
use crate::items::{Code, DateTime};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use std::time::Duration;

/// The longest hold that a counterparty can ask for.
const LONGEST_CLOSED: Duration = Duration::from_secs(24 * 3600);
/// How long a counterparty that is closed and does not say until when is left alone.
const CLOSED: Duration = Duration::from_secs(300);

/// 送信の方針: how one counterparty is spoken to. None of it is published: it is configuration.
#[derive(Clone, Debug)]
pub struct Policy {
    /// When it is open.
    pub hours: Hours,
    /// The time from one request to the next on the average; zero where there is no limit.
    pub interval: Duration,
    /// So many requests may go at once after a pause.
    pub burst: u32,
    /// So many requests may be under way at a time.
    pub concurrent: u32,
    /// How long it is left alone after a failure.
    pub backoff: Growing,
    /// After so many failures in a row nothing is sent but one request now and then, to see.
    ///
    /// Requests that were under way together and fail are one failure. Breakers of lines with thousands of calls a second
    /// count every call, over a window or as a share of all; here a handful are under way, and one cause takes them all.
    pub trip_after: u32,
    /// How long nothing is sent then.
    pub trip: Growing,
}

/// A time that doubles with every failure, with some chance in it so that not all come again at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growing {
    /// The first.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Growing {
    /// The `n`-th time, from 0: between so long and twice as long, and never longer than the longest.
    #[must_use]
    pub fn nth(&self, n: u32, chance: u64) -> Duration {
        let doubling = ExponentialBuilder::new()
            .with_min_delay(self.first.min(self.longest / 2))
            .with_max_delay(self.longest / 2)
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(chance);
        doubling.build().nth(n.min(64) as usize).unwrap_or(self.longest)
    }
}

crate::code_set! {
    /// 待機の理由: why nothing is sent at a moment.
    pub enum Why = "wait" {
        Hours = "hours", "受付時間外", "outside its hours";
        Closed = "closed", "相手方が受付を停止", "it says that it is closed";
        Backoff = "backoff", "失敗後の待機", "waiting after a failure";
        Tripped = "tripped", "失敗が続いたため停止", "stopped after failures in a row";
        Rate = "rate", "送信間隔の調整", "keeping its rate";
        Busy = "busy", "送信中の上限", "as many under way as may be";
    }
}

impl Why {
    /// Whether the counterparty is closed, rather than left alone by us.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Why::Hours | Why::Closed)
    }
}

/// 待機: the gate is shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// When it may be asked again.
    pub until: DateTime,
    /// Why it is shut.
    pub why: Why,
}

/// What became of a request, for the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer, whatever it says.
    Answered,
    /// The line failed: the key of its trouble.
    Failed(&'static str),
    /// The counterparty is closed, for so long if it says.
    Closed(Option<Duration>),
}

/// 回線の状態: what is known of the line to one counterparty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// When the next request would be due at an even pace.
    pub due: Option<DateTime>,
    /// How many requests are under way here.
    pub under_way: u32,
    /// Failures in a row; those of requests that were under way together are one.
    pub failures: u32,
    /// When the last failure was counted, or the counterparty said that it is closed.
    pub counted: Option<DateTime>,
    /// Until when nothing is sent, and why.
    pub held: Option<Waiting>,
    /// Whether the counterparty itself named the end of the hold.
    pub announced: bool,
    /// When the last answer came.
    pub answered: Option<DateTime>,
    /// When the last trouble was, and the key of its kind.
    pub trouble: Option<(DateTime, String)>,
}

impl Policy {
    /// Whether a request may go at a moment.
    pub fn decide(&self, state: &State, now: DateTime) -> Result<(), Waiting> {
        let wait = |until: DateTime, why: Why| Err(Waiting { until, why });
        if !self.hours.is_open(now) {
            let opens = self.hours.next_open(now).unwrap_or_else(|| after(now, Duration::MAX));
            return wait(opens, Why::Hours);
        }
        // A hold that lies further ahead than any can be is of a clock that was set back since: it is void.
        let longest = LONGEST_CLOSED.max(self.trip.longest).max(self.backoff.longest);
        if let Some(held) = state.held.filter(|held| held.until > now && held.until <= after(now, longest)) {
            return Err(held);
        }
        // After a failure one request goes, to see: the others follow once it is answered.
        let at_once = if state.failures > 0 { 1 } else { self.concurrent.max(1) };
        if state.under_way >= at_once {
            return wait(now, Why::Busy);
        }
        let slack = self.interval.saturating_mul(self.burst.max(1) - 1);
        if let Some(due) = state.due.filter(|due| *due <= after(now, slack.saturating_add(self.interval))) {
            let from = due.checked_sub(slack).unwrap_or(due);
            if from > now {
                return wait(from, Why::Rate);
            }
        }
        Ok(())
    }

    /// What is known once a request goes.
    pub fn begin(&self, state: &mut State, now: DateTime) {
        state.under_way += 1;
        let slack = self.interval.saturating_mul(self.burst.max(1));
        let due = state.due.filter(|due| *due > now && *due <= after(now, slack)).unwrap_or(now);
        state.due = (!self.interval.is_zero()).then(|| after(due, self.interval));
    }

    /// What is known once a request that began then has ended. `chance` is any number.
    ///
    /// What began before the last trouble was counted, and fails, had the same trouble: it is one step of the back-off, not
    /// one more, and of two holds the later one counts.
    pub fn end(&self, state: &mut State, outcome: Outcome, began: DateTime, now: DateTime, chance: u64) {
        state.under_way = state.under_way.saturating_sub(1);
        let same = state.counted.is_some_and(|counted| began < counted && counted <= now);
        let (until, why, announced) = match outcome {
            Outcome::Answered => {
                state.failures = 0;
                state.answered = Some(now);
                if !(same && state.announced) {
                    (state.held, state.announced) = (None, false);
                }
                return;
            }
            Outcome::Failed(kind) => {
                state.trouble = Some((now, kind.to_owned()));
                if !same || state.failures == 0 {
                    state.failures = state.failures.saturating_add(1);
                    state.counted = Some(now);
                }
                let tripped = state.failures >= self.trip_after;
                let (wait, why) = if tripped {
                    (self.trip.nth(state.failures - self.trip_after, chance), Why::Tripped)
                } else {
                    (self.backoff.nth(state.failures - 1, chance), Why::Backoff)
                };
                (after(now, wait), why, false)
            }
            Outcome::Closed(wait) => {
                state.trouble = Some((now, Why::Closed.key().to_owned()));
                state.counted = Some(now);
                (after(now, wait.unwrap_or(CLOSED).min(LONGEST_CLOSED)), Why::Closed, wait.is_some())
            }
        };
        if !state.held.is_some_and(|held| same && held.until > until) {
            (state.held, state.announced) = (Some(Waiting { until, why }), announced);
        }
    }
}

impl State {
    /// What a new run begins with: what it was, but that nothing is under way, and that somebody has come to see — only the
    /// end that the counterparty itself has named is waited for.
    #[must_use]
    pub fn anew(mut self) -> State {
        self.under_way = 0;
        if !self.announced {
            self.held = None;
        }
        self
    }

    /// `{"due","failures","counted","held","announced","answered","trouble"}`; a hold is `{"until","why"}`, a trouble `{"at","kind"}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let text = |moment: &Option<DateTime>| moment.map(|moment| moment.to_string());
        serde_json::json!({
            "due": text(&self.due),
            "failures": self.failures,
            "counted": text(&self.counted),
            "held": self.held.map(|held| serde_json::json!({"until": held.until.to_string(), "why": held.why.key()})),
            "announced": self.announced,
            "answered": text(&self.answered),
            "trouble": self.trouble.as_ref().map(|(at, kind)| serde_json::json!({"at": at.to_string(), "kind": kind})),
        })
    }

    /// Reads what was written; nothing where it is something else.
    #[must_use]
    pub fn from_json(value: &serde_json::Value) -> Option<State> {
        let moment = |value: &serde_json::Value| value.as_str().and_then(|text| text.parse::<DateTime>().ok());
        let held = value.get("held").and_then(|held| {
            Some(Waiting { until: moment(held.get("until")?)?, why: Why::from_key(held.get("why")?.as_str()?)? })
        });
        let trouble = value
            .get("trouble")
            .and_then(|trouble| Some((moment(trouble.get("at")?)?, trouble.get("kind")?.as_str()?.to_owned())));
        Some(State {
            due: value.get("due").and_then(moment),
            under_way: 0,
            failures: u32::try_from(value.get("failures")?.as_u64()?).ok()?,
            counted: value.get("counted").and_then(moment),
            held,
            announced: value.get("announced")?.as_bool()?,
            answered: value.get("answered").and_then(moment),
            trouble,
        })
    }
}
