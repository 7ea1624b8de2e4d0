//! 鼓動: keeps the lease of a worker, in a thread and a session of its own.

use super::db::{Postgres, bind};
use super::worker::millis;
use super::{Store, StoreError};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// 貸出期限: until when a worker may act, by a clock that does not jump.
#[derive(Clone, Debug)]
pub struct Lease(Arc<Held>);

#[derive(Debug)]
struct Held {
    begun: Instant,
    /// Milliseconds after `begun`.
    until: AtomicU64,
}

impl Lease {
    fn of(time: Duration) -> Lease {
        let until = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Lease(Arc::new(Held { begun: Instant::now(), until: AtomicU64::new(until) }))
    }

    /// One that never ends: of a process that holds its store alone.
    #[must_use]
    pub fn endless() -> Lease {
        Lease::of(Duration::MAX)
    }

    /// Whether there is still so much time.
    #[must_use]
    pub fn holds(&self, time: Duration) -> bool {
        let until = Duration::from_millis(self.0.until.load(Ordering::Acquire));
        self.0.begun.elapsed().saturating_add(time) < until
    }

    /// Ends when it is over.
    pub async fn over(&self) {
        // It may be longer by then, or shorter all at once.
        const LOOK: Duration = Duration::from_secs(1);
        loop {
            let until = Duration::from_millis(self.0.until.load(Ordering::Acquire));
            match until.checked_sub(self.0.begun.elapsed()) {
                None | Some(Duration::ZERO) => return,
                Some(left) => tokio::time::sleep(left.min(LOOK)).await,
            }
        }
    }

    fn extend(&self, from: Instant, time: Duration) {
        let until = from.duration_since(self.0.begun).saturating_add(time);
        self.0.until.store(u64::try_from(until.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }
}

/// 鼓動: beats until it is dropped or its worker is gone.
#[derive(Debug)]
pub struct Heart {
    lease: Lease,
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

/// Whatever the lease, the database is not asked more often.
const FASTEST: Duration = Duration::from_millis(20);

impl Heart {
    /// Begins to beat for the worker that a store is, three times in a lease.
    pub fn start(store: &Store, lease: Duration) -> Result<Heart, StoreError> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let (Some(address), Some(worker)) = (&store.address, store.worker()) else {
            return Ok(Heart { lease: Lease::endless(), stop, thread: None });
        };
        let server = Postgres::connect(address)?;
        let held = Lease::of(Duration::ZERO);
        // The first beat is heard before anything is sent.
        beat(&server, worker, lease, &held);
        let beat = {
            let (held, stop) = (held.clone(), Arc::clone(&stop));
            move || {
                while beat(&server, worker, lease, &held) && !stopped(&stop, (lease / 3).max(FASTEST)) {}
            }
        };
        let thread = std::thread::Builder::new().name("occto-heart".to_owned()).spawn(beat);
        Ok(Heart { lease: held, stop, thread: Some(thread.map_err(|_| StoreError::Away)?) })
    }

    /// Until when the worker may act.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.lease.clone()
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        let (stop, told) = &*self.stop;
        *stop.lock().unwrap_or_else(PoisonError::into_inner) = true;
        told.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One beat; false where the worker is gone. A server that is away is asked again: the lease says how long that is of use.
fn beat(server: &Postgres, worker: i64, lease: Duration, held: &Lease) -> bool {
    let from = Instant::now();
    let more = format!("UPDATE workers SET until = {} + ?2 WHERE id = ?1", Postgres::CLOCK);
    match server.execute(&more, bind![worker, millis(lease)]) {
        Ok(1) => {
            held.extend(from, lease);
            true
        }
        Ok(_) => {
            held.extend(from, Duration::ZERO);
            false
        }
        Err(_) => true,
    }
}

/// Waits; true where it is to stop.
fn stopped(stop: &(Mutex<bool>, Condvar), time: Duration) -> bool {
    let held = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = stop.1.wait_timeout_while(held, time, |stop| !*stop);
    waited.map_or(true, |(stop, _)| *stop)
}
