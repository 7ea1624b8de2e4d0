//! 回線の共有: what one process learns of a line is told to those who share it, and what they learn is heard here — through
//! the store they share, so that a line that stops for one stops for all.

use super::hours::after;
use super::state::{Outcome, Policy, State, Waiting, Why};
use super::{Gate, entropy};
use crate::items::DateTime;
use crate::store::LineState;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// That a line answers is told no more often than this.
const ANSWERS: Duration = Duration::from_secs(30);

crate::code_set! {
    /// 回線の様子: whether anything is sent on a line.
    pub enum Condition = "line-state" {
        Open = "open", "送信できます", "open";
        Closed = "closed", "受付時間外または受付停止", "closed";
        Held = "held", "失敗後の待機", "held after a failure";
        Tripped = "tripped", "失敗が続いたため停止", "stopped after failures in a row";
    }
}

/// What is to be told, and what was heard.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// The change of the others that is known here.
    change: i64,
    /// Something is to be told.
    fresh: bool,
    /// Failures since the last was told, or since an answer.
    failures: u32,
    /// An answer that was not told yet, and when it came.
    answered: Option<DateTime>,
    told: Option<Instant>,
}

impl Gate {
    /// How the line stands. Until an answer comes, a line that was stopped stays so, whatever goes out to see.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let (why, failures) = (self.waiting(Duration::ZERO).map(|waiting| waiting.why), self.state().failures);
        match why {
            Some(why) if why.is_closed() => Condition::Closed,
            _ if failures >= self.policy.trip_after => Condition::Tripped,
            Some(_) => Condition::Held,
            None => Condition::Open,
        }
    }

    /// Whether there is something to tell those who share the line.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.to_tell().fresh
    }

    /// What is told of the line, joined with what the others told before. From here on it counts as told.
    #[must_use]
    pub fn tell(&self, known: &LineState) -> LineState {
        let (mut state, mut shared, now) = (self.locked(), self.to_tell(), self.clock.now());
        if known.change != shared.change
            && let Some(others) = State::told(known, now)
        {
            join(&self.policy, &mut state, &shared, &others, now);
        }
        let change = known.change + 1;
        *shared = Shared { change, told: Some(Instant::now()), ..Shared::default() };
        LineState {
            held: state
                .held
                .filter(is_for_all)
                .and_then(|held| Duration::try_from(held.until.duration_since(now)).ok()),
            alone: state.failures >= self.policy.trip_after,
            change,
            text: state.to_json().to_string(),
        }
    }

    /// Hears what the others told of the line. What is not told yet here is joined with it when it is.
    pub fn hear(&self, known: &LineState) {
        let (mut state, mut shared, now) = (self.locked(), self.to_tell(), self.clock.now());
        if shared.fresh || known.change == shared.change {
            return;
        }
        let Some(others) = State::told(known, now) else { return };
        shared.change = known.change;
        state.failures = others.failures;
        if others.held.is_none_or(|held| is_for_all(&held)) {
            (state.held, state.announced) = (others.held, others.announced);
        }
        remember(&mut state, &others);
    }

    /// Takes down what became of a request, to be told. `changed`: the line stands otherwise than before; `more`: by so
    /// many failures.
    pub(super) fn note(&self, outcome: Outcome, changed: bool, more: u32, now: DateTime) {
        let mut shared = self.to_tell();
        match outcome {
            Outcome::Answered => {
                (shared.failures, shared.answered) = (0, Some(now));
                shared.fresh |= changed || shared.told.is_none_or(|told| told.elapsed() >= ANSWERS);
            }
            Outcome::Failed(_) => {
                shared.failures += more;
                shared.fresh = true;
            }
            Outcome::Closed(_) => shared.fresh = true,
        }
    }

    fn to_tell(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Joins what is known here with what others told since: failures here come on top of theirs, and an answer here ends what
/// failed before it.
fn join(policy: &Policy, state: &mut State, shared: &Shared, others: &State, now: DateTime) {
    let failed_since = |at: DateTime| others.trouble.as_ref().is_some_and(|(failed, _)| *failed > at);
    if shared.answered.is_none_or(failed_since) {
        state.failures = others.failures.saturating_add(shared.failures);
        let held = others.held.filter(is_for_all);
        if held.map(|held| held.until) > state.held.map(|held| held.until) {
            (state.held, state.announced) = (held, others.announced);
        }
        let backoff = state.held.is_some_and(|held| held.why == Why::Backoff);
        if backoff && shared.failures > 0 && state.failures >= policy.trip_after {
            let wait = policy.trip.nth(state.failures - policy.trip_after, entropy());
            state.held = Some(Waiting { until: after(now, wait), why: Why::Tripped });
        }
    }
    remember(state, others);
}

/// Whether a hold binds all who share the line. After a single failure only who saw it waits.
fn is_for_all(held: &Waiting) -> bool {
    held.why != Why::Backoff
}

/// The later of both: the last answer, and the last trouble; what began before that, and fails, had the same trouble.
fn remember(state: &mut State, others: &State) {
    state.answered = state.answered.max(others.answered);
    state.counted = state.counted.max(others.counted);
    if others.trouble.as_ref().map(|(at, _)| *at) > state.trouble.as_ref().map(|(at, _)| *at) {
        state.trouble.clone_from(&others.trouble);
    }
}

impl State {
    /// What was told of a line, as it stands at a moment; nothing where nothing was, or nothing that can be read.
    #[must_use]
    pub fn told(known: &LineState, now: DateTime) -> Option<State> {
        let mut state = State::from_json(&serde_json::from_str(&known.text).ok()?)?;
        // Whoever told it waits alone after a single failure: by its own clock.
        let alone = state.held.filter(|held| !is_for_all(held));
        let why = state.held.map_or(Why::Tripped, |held| held.why);
        state.held = known.held.map(|wait| Waiting { until: after(now, wait), why }).or(alone);
        Some(state)
    }
}
