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
        office.settle = crew.settle;
        office.join(Crew {
            stop: crew.stop.clone(),
            lease: heart.lease(),
            // A process that holds its store alone keeps to the limits in its lines.
            lines: if office.store.is_shared() { crew.lines.to_vec() } else { Vec::new() },
            watcher: Arc::clone(crew.metrics) as _,
            poll: crew.poll,
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

impl Shift {
    /// Ends a shift with what was done in it. What failed may have left messages on their way: whoever works takes them
    /// over at once.
    pub fn over<T, R>(
        shift: Option<Shift>,
        office: &mut Office<'_, T>,
        done: Result<R, DeskError>,
    ) -> Result<R, DeskError> {
        match (shift, &done) {
            (None, _) => {}
            (Some(shift), Ok(_)) => shift.end(office)?,
            (Some(Shift { heart, worker }), Err(_)) => {
                drop(heart);
                // The failure itself is what is told.
                let _ = office.store.give_up(worker);
            }
        }
        done
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
    how: Once<'_>,
    now: DateTime,
    tell: &mut dyn FnMut(Progress),
) -> Result<(), DeskError> {
    let mut told = false;
    let mut tell = |step: Progress| {
        if let Some(wait) = step.settling.filter(|_| !std::mem::replace(&mut told, true)) {
            let seconds = wait.as_secs_f64().ceil();
            eprintln!(
                "occto: 送達不明の電文を{seconds}秒後に相手方の一覧へ照会します（届く途中の電文を待つため。--settle で変更可） / a message has an unknown outcome: it is asked for in {seconds} s"
            );
        }
        tell(step);
    };
    let shift = how.begin(office)?;
    let done = office.advance(now, &mut tell).await;
    Shift::over(shift, office, done).map(drop)
}

/// 一度きり: how a command works that ends by itself.
#[derive(Clone, Copy)]
pub struct Once<'a> {
    /// What has an unknown outcome is not asked for sooner.
    pub settle: Duration,
    /// The lines, and what each takes from all workers together.
    pub lines: &'a [(Party, Allowance)],
}

impl Once<'_> {
    /// Makes the office a worker among others where the store is shared.
    pub fn begin<T>(self, office: &mut Office<'_, T>) -> Result<Option<Shift>, StoreError> {
        office.settle = self.settle;
        if !office.store.is_shared() {
            return Ok(None);
        }
        let (stop, metrics) = (Stop::new(Duration::ZERO), Arc::new(Metrics::default()));
        let name = name(None);
        let seconds = Duration::from_secs;
        let pattern = Pattern {
            name: &name,
            lease: seconds(30),
            poll: seconds(0),
            settle: self.settle,
            retry: seconds(2),
            lines: self.lines,
            stop: &stop,
            metrics: &metrics,
        };
        Shift::begin(office, pattern).map(Some)
    }
}

/// The name of this worker: one that was given, or the machine's; and its process.
pub fn name(named: Option<&str>) -> String {
    let host = || std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok();
    named.map(str::to_owned).or_else(host).unwrap_or_else(|| who(None)) + &format!("/{}", std::process::id())
}
