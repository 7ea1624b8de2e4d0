//! `cargo run --release --manifest-path tests/cedar-peer/Cargo.toml`: puts the whole space of disclosures to the notices
//! of the crate and to `cedar-policy`, by the policies that the crate writes, and finds no difference; then times both on
//! the same questions in this one process.
//!
//! Cedar is asked once for all questions that its policies cannot tell apart: see `space`.

mod asked;
mod space;
mod timed;

use occto::notice::Notice;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut counts = space::Counts::default();
        while let Some(key) = Notice::KEYS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = space::compare(key);
            println!("{key:<22} {found}");
            counts = counts + found;
        }
        counts
    };
    let counts = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let own = work();
        own + other.join().expect("no difference")
    });
    println!("{:<22} {counts}; no difference", "all notices");
    timed::figures();
}
