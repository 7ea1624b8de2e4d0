//! 送信の関門: one for each counterparty — opening hours, rate, how many at a time, back-off and circuit breaker, made one
//! decision: go, or wait until then, for this reason.
//!
//! The decision itself is pure ([`Policy::decide`] over [`State`] and a moment), so that it can be held by several workers
//! as well as by one. What is known of a line lies in the data folder, for `occto status` and for the next run.

mod hours;
mod shared;
mod state;

pub use hours::Hours;
pub use shared::Condition;
pub use state::{Growing, Outcome, Policy, State, Waiting, Why};

use super::clock::Clock;
use crate::items::DateTime;
use hours::after;
use shared::Shared;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// The folder of the data folder where the states lie.
pub const FOLDER: &str = "gates";
/// What goes well is written no more often than this.
const QUIET: Duration = Duration::from_secs(1);
/// A wait on one under way is looked at again after so long, should nobody tell.
const LOOK: Duration = Duration::from_millis(200);

/// 回線の環境: what time it is, and where the states of the lines are kept.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// What time it is.
    pub clock: Clock,
    /// The data folder; nothing where nothing is kept.
    pub data: Option<PathBuf>,
}

/// 送信の関門: of one counterparty.
#[derive(Debug)]
pub struct Gate {
    policy: Policy,
    clock: Clock,
    state: Mutex<State>,
    shared: Mutex<Shared>,
    freed: Notify,
    file: Option<PathBuf>,
    written: Mutex<Option<Instant>>,
}

impl Gate {
    /// The gate of a name such as `operator:03`, with what is kept of it.
    #[must_use]
    pub fn open(name: &str, policy: Policy, setting: &Setting) -> Gate {
        let file = setting.data.as_deref().map(|data| file_of(data, name));
        let state = file.as_deref().and_then(kept).unwrap_or_default().anew();
        let (state, written) = (Mutex::new(state), Mutex::new(None));
        let (clock, shared, freed) = (setting.clock, Mutex::default(), Notify::new());
        Gate { policy, clock, state, shared, freed, file, written }
    }

    /// Why nothing can be sent for longer than so long; a wait for the rate, or for one under way, is none.
    #[must_use]
    pub fn waiting(&self, than: Duration) -> Option<Waiting> {
        let now = self.clock.now();
        let waiting = self.policy.decide(&self.state(), now).err()?;
        (!matches!(waiting.why, Why::Rate | Why::Busy) && waiting.until > after(now, than)).then_some(waiting)
    }

    /// What is known now.
    #[must_use]
    pub fn state(&self) -> State {
        self.locked().clone()
    }

    /// Lets one request through, after a wait that is no longer than `patience`; else says until when to wait.
    pub async fn pass(&self, patience: Duration) -> Result<Pass<'_>, Waiting> {
        loop {
            let waiting = {
                let (mut state, now) = (self.locked(), self.clock.now());
                match self.policy.decide(&state, now) {
                    Ok(()) => {
                        self.policy.begin(&mut state, now);
                        return Ok(Pass { gate: self, began: now, ended: false });
                    }
                    Err(waiting) => waiting,
                }
            };
            if waiting.why == Why::Busy {
                // Those under way end by themselves: each has a time.
                tokio::select! { () = self.freed.notified() => {}, () = sleep(LOOK) => {} }
                continue;
            }
            let wait = Duration::try_from(waiting.until.duration_since(self.clock.now())).unwrap_or_default();
            if wait > patience {
                return Err(waiting);
            }
            sleep(wait.max(Duration::from_millis(1))).await;
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, outcome: Outcome, began: DateTime) {
        let (chance, now) = (entropy(), self.clock.now());
        let (changed, more, state) = {
            let mut state = self.locked();
            let before = (state.failures, state.held);
            self.policy.end(&mut state, outcome, began, now, chance);
            let more = state.failures.saturating_sub(before.0);
            (before != (state.failures, state.held), more, state.clone())
        };
        self.note(outcome, changed, more, now);
        self.freed.notify_one();
        self.keep(&state, changed);
    }

    /// Writes the state. It is there to be looked at: that it cannot be written stops nothing.
    fn keep(&self, state: &State, at_once: bool) {
        let Some(file) = &self.file else { return };
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if at_once || written.is_none_or(|last| last.elapsed() >= QUIET) {
            *written = Some(Instant::now());
            let _ = write(file, state);
        }
    }
}

/// 通過: one request under way.
#[derive(Debug)]
#[must_use]
pub struct Pass<'a> {
    gate: &'a Gate,
    began: DateTime,
    ended: bool,
}

impl Pass<'_> {
    /// Says what became of it.
    pub fn end(mut self, outcome: Outcome) {
        self.ended = true;
        self.gate.ended(outcome, self.began);
    }
}

/// Given up on the way: nothing is known of the line.
impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let mut state = self.gate.locked();
            state.under_way = state.under_way.saturating_sub(1);
            drop(state);
            self.gate.freed.notify_one();
        }
    }
}

/// A number that is another one each time.
pub(super) fn entropy() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0_u8)
}

fn file_of(data: &Path, name: &str) -> PathBuf {
    data.join(FOLDER).join(format!("{}.json", name.replace(':', "-")))
}

/// What is kept of a gate in a data folder; nothing where nothing is, or nothing that can be read.
#[must_use]
pub fn kept_of(data: &Path, name: &str) -> Option<State> {
    kept(&file_of(data, name))
}

fn kept(file: &Path) -> Option<State> {
    State::from_json(&serde_json::from_slice(&std::fs::read(file).ok()?).ok()?)
}

fn write(file: &Path, state: &State) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(part, "{}", state.to_json())?;
    part.persist(file)?;
    Ok(())
}
