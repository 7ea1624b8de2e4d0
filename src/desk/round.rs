//! 一巡: what one round of driving the cases remembers.

use crate::store::{ACTIVE, Case, OutboxState};
use std::collections::HashMap;
use std::time::Duration;

/// A message is sent so often in one go, and asked for so often; then the case waits for the next poll. Counted apart: a
/// question about what an earlier process sent takes nothing from what this one may send.
const TRIES: u32 = 3;

/// 進み具合: told while cases move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages sent so far.
    pub sent: u64,
    /// Cases that have ended so far.
    pub ended: u64,
    /// Nothing else is left: so long it waits until a message whose outcome is unknown may be asked for.
    pub settling: Option<Duration>,
}

impl Progress {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Progress) -> Progress {
        Progress { sent: self.sent + other.sent, ended: self.ended + other.ended, settling: other.settling }
    }
}

/// What one call of [`Office::advance`](super::Office::advance) remembers.
pub(super) struct Round {
    tries: HashMap<(OutboxState, i64), u32>,
    pub(super) progress: Progress,
    /// There may be messages in these states. Only this round puts them there: the store is asked once.
    waiting: [(OutboxState, bool); 2],
    /// Cases as they were just stored, whose next message comes at once.
    pub(super) at_hand: HashMap<i64, Case>,
}

impl Round {
    pub(super) fn new() -> Round {
        let waiting = [(OutboxState::Queued, true), (OutboxState::Unknown, true)];
        Round { tries: HashMap::new(), progress: Progress::default(), waiting, at_hand: HashMap::new() }
    }

    pub(super) fn may_try(&self, state: OutboxState, id: i64) -> bool {
        self.tries.get(&(state, id)).copied().unwrap_or(0) < TRIES
    }

    /// A message in a state was dealt with once more.
    pub(super) fn tried(&mut self, state: OutboxState, id: i64) {
        *self.tries.entry((state, id)).or_default() += 1;
        self.progress.sent += 1;
    }

    /// A message is left alone for the rest of the round.
    pub(super) fn leave(&mut self, state: OutboxState, id: i64) {
        self.tries.insert((state, id), TRIES);
    }

    pub(super) fn may_have(&self, state: OutboxState) -> bool {
        self.waiting.contains(&(state, true))
    }

    /// Whether there may be messages in a state from here on.
    pub(super) fn set(&mut self, state: OutboxState, may_have: bool) {
        self.waiting.iter_mut().filter(|(known, _)| *known == state).for_each(|(_, may)| *may = may_have);
    }

    /// Keeps a case at hand if it goes on at once.
    pub(super) fn keep(&mut self, case: Case) {
        if case.row.is_some() && case.outcome.is_none() && ACTIVE.contains(&case.stage) {
            self.at_hand.insert(case.id, case);
        }
    }
}
