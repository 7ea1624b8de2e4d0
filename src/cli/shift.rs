//! 当番: a process that sends from a store that others share is one of its workers, for as long as it sends.

use super::switch::who;
use crate::desk::{Crew, DeskError, Metrics, Office, Progress, Stop};
use crate::exchange::Transport;
use crate::items::DateTime;
use crate::notice::Party;
use crate::store::{Allowance, Heart, Lease, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// 当番: a process that sends from a store is one of its workers.
pub struct Shift {
    heart: Heart,
    /// The worker it is.
    pub worker: i64,
}

impl Shift {
    /// Enlists the store of an office and makes the office a worker.
    pub fn begin<T>(office: &mut Office<'_, T>, crew: Pattern<'_>) -> Result<Shift, StoreError> {
        let worker = office.store.enlist(crew.name, crew.lease)?;
        let heart = Heart::start(&office.store, crew.lease)?;
        office.join(Crew {
            stop: crew.stop.clone(),
            lease: heart.lease(),
            // A process that holds its store alone keeps to the limits in its lines.
            lines: if office.store.is_shared() { crew.lines.to_vec() } else { Vec::new() },
            watcher: Arc::clone(crew.metrics) as _,
            poll: crew.poll,
            settle: crew.settle,
            retry: crew.retry,
        });
        Ok(Shift { heart, worker })
    }

    /// Until when it may act.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.heart.lease()
    }

    /// Gives back what is in hand and lays down the work.
    pub fn end<T>(self, office: &mut Office<'_, T>) -> Result<(), StoreError> {
        drop(self.heart);
        office.store.retire()
    }
}

/// How a worker works.
#[derive(Clone, Copy)]
pub struct Pattern<'a> {
    /// Its name.
    pub name: &'a str,
    /// Silent for longer, it loses its work.
    pub lease: Duration,
    /// Notices are asked for so often.
    pub poll: Duration,
    /// What has an unknown outcome is not asked for sooner.
    pub settle: Duration,
    /// The first delay before a message is tried again.
    pub retry: Duration,
    /// The lines, and what each takes from all workers together.
    pub lines: &'a [(Party, Allowance)],
    /// When it has to stop.
    pub stop: &'a Stop,
    /// Where it tells of its work.
    pub metrics: &'a Arc<Metrics>,
}

/// Takes every case as far as it goes now, as a worker among others where the store is shared.
pub async fn once<T: Transport>(
    office: &mut Office<'_, T>,
    lines: &[(Party, Allowance)],
    now: DateTime,
    tell: &mut dyn FnMut(Progress),
) -> Result<(), DeskError> {
    if !office.store.is_shared() {
        return office.advance(now, tell).await.map(drop);
    }
    let (stop, metrics) = (Stop::new(Duration::ZERO), Arc::new(Metrics::default()));
    let name = name(None);
    let seconds = Duration::from_secs;
    let pattern = Pattern {
        name: &name,
        lease: seconds(30),
        poll: seconds(0),
        settle: seconds(0),
        retry: seconds(2),
        lines,
        stop: &stop,
        metrics: &metrics,
    };
    let shift = Shift::begin(office, pattern)?;
    let done = office.advance(now, tell).await;
    shift.end(office)?;
    done.map(drop)
}

/// The name of this worker: one that was given, or the machine's; and its process.
pub fn name(named: Option<&str>) -> String {
    let host = || std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok();
    named.map(str::to_owned).or_else(host).unwrap_or_else(|| who(None)) + &format!("/{}", std::process::id())
}
