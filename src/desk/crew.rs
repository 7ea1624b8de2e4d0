//! 作業班: what makes an office one of many workers — when it has to stop, until when it may act, how much it may send.

use super::office::Office;
use crate::exchange::Took;
use crate::notice::Party;
use crate::store::{Allowance, Lease};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Messages a worker takes at a time: what it has taken and not sent goes back when it stops.
pub const BATCH: usize = 32;

/// 停止の指示: asked for once; what is under way then has a set time to end.
#[derive(Clone, Debug)]
pub struct Stop {
    told: watch::Sender<Option<Instant>>,
    grace: Duration,
}

impl Stop {
    /// Not asked for yet; `grace` is how long what is under way may still take.
    #[must_use]
    pub fn new(grace: Duration) -> Stop {
        Stop { told: watch::Sender::new(None), grace }
    }

    /// Asks everybody to stop. Asked again, it is only the first time that counts.
    pub fn ask(&self) {
        let until = Instant::now() + self.grace;
        self.told.send_if_modified(|told| told.is_none() && told.replace(until).is_none());
    }

    /// Whether it was asked for.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.told.borrow().is_some()
    }

    /// Ends when it is asked for.
    pub async fn asked(&self) {
        self.until().await;
    }

    /// Ends when the time of what is under way is over.
    pub async fn expired(&self) {
        let until = self.until().await;
        tokio::time::sleep_until(until).await;
    }

    async fn until(&self) -> Instant {
        let mut told = self.told.subscribe();
        match told.wait_for(Option::is_some).await.ok().and_then(|told| *told) {
            Some(until) => until,
            None => std::future::pending().await,
        }
    }
}

/// 見張り: what is told of the work while it is done: never a value, only keys, counts and times.
pub trait Watcher: Send + Sync {
    /// A message had its turn, and this is what came of it after so long.
    fn exchanged(&self, recipient: Party, message: &'static str, outcome: &'static str, took: Took);
    /// A message was refused its clearance.
    fn refused(&self, message: &'static str);
}

/// 作業班.
pub struct Crew {
    /// When it has to stop.
    pub stop: Stop,
    /// Until when it may act.
    pub lease: Lease,
    /// The lines, and what each takes from all workers together; what has no line of its own goes over OCCTO's.
    pub lines: Vec<(Party, Allowance)>,
    /// Who is told.
    pub watcher: Arc<dyn Watcher>,
    /// Notices are asked for at most so often, all workers together.
    pub poll: Duration,
    /// The first delay before a message is tried again; it doubles.
    pub retry: Duration,
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew").field("stop", &self.stop).field("lease", &self.lease).finish_non_exhaustive()
    }
}

impl<T> Office<'_, T> {
    /// Makes the office one of many workers; its store is enlisted already.
    pub fn join(&mut self, crew: Crew) {
        self.crew = Some(crew);
    }

    /// Whether it was asked to stop, or may not act any more.
    pub(super) fn is_stopping(&self) -> bool {
        self.crew.as_ref().is_some_and(|crew| crew.stop.is_asked() || !crew.lease.holds(Duration::ZERO))
    }
}

impl Crew {
    /// The line to a counterparty, and what it takes.
    pub(super) fn line(&self, recipient: Party) -> (Party, Allowance) {
        let of = |party: Party| self.lines.iter().find(|(known, _)| *known == party).copied();
        of(recipient).or_else(|| of(Party::OCCTO)).unwrap_or((recipient, Allowance::default()))
    }

    /// How long a message waits that was tried so often: twice as long each time, and not all at once.
    pub(super) fn delay(&self, id: i64, attempts: u32) -> Duration {
        let whole =
            self.retry.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(crate::store::LONGEST_DELAY / 2);
        // Different messages come back at different times; a message's own place needs no other chance.
        let part = (id.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u32;
        whole / 2 + whole / 512 * part
    }
}
