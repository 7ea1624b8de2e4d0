//! 待機: waits in this thread for what another one drives, inside a runtime or outside.

use std::pin::pin;
use std::sync::Arc;
use std::sync::LazyLock;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio::runtime::{Builder, Runtime};

/// The runtime that drives every connection of this process, in a thread of its own; nothing where none can be had.
static DRIVER: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread().worker_threads(1).thread_name("occto-postgres").enable_all().build().ok()
});

/// The runtime that drives the connections.
pub fn driver() -> Option<&'static Runtime> {
    DRIVER.as_ref()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future whose progress is made elsewhere.
pub fn wait<F: Future>(future: F) -> F::Output {
    // The budget of a task that this thread may be in the middle of is not this future's.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
