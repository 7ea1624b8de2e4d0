//! The figures of meter data: `cargo bench --bench metering`. Every figure is a ratio of two things measured in this one
//! run over the same octets: the best of many rounds, taken in turn, for other work on the machine only ever adds.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unsafe_code,
    reason = "a bench fails by panicking; counting allocations takes an allocator"
)]

#[path = "metering/generate.rs"]
mod generate;
#[cfg(feature = "app")]
#[path = "metering/ingest.rs"]
mod ingest;
#[path = "metering/peer.rs"]
mod peer;
#[path = "metering/reading.rs"]
mod reading;
#[path = "metering/writing.rs"]
mod writing;

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

struct Counting;
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let part = std::env::var("OCCTO_BENCH_PART").unwrap_or_default();
    let file = PathBuf::from(std::env::var("OCCTO_BENCH_FILE").unwrap_or_default());
    if !part.is_empty() {
        reading::part(&part, &file);
        return;
    }
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    reading::figures();
    #[cfg(feature = "app")]
    if is_wanted("ingest") {
        for (figure, measured, wanted, met) in ingest::figures() {
            row(&figure, &measured, wanted, met);
        }
    }
    if is_wanted("writing") {
        for (figure, measured, wanted, met) in writing::figures() {
            row(&figure, &measured, wanted, met);
        }
    }
}

/// Whether a figure is asked for: by a word of its name, or all of them.
fn is_wanted(name: &str) -> bool {
    std::env::var("OCCTO_BENCH_ONLY").map_or(true, |only| name.contains(&only))
}

fn row(figure: &str, measured: &str, wanted: &str, met: bool) {
    println!("| {figure} | {measured} | {wanted} | {} |", if met { "yes" } else { "NO" });
}

/// What is no requirement, and says how things stand.
fn note(figure: &str, measured: &str) {
    println!("| {figure} | {measured} | – | – |");
}

fn time(act: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    act();
    begin.elapsed()
}

#[cfg(feature = "app")]
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The best times of two things done in turn.
fn in_turn(rounds: usize, mut one: impl FnMut(), mut other: impl FnMut()) -> (Duration, Duration) {
    (0..rounds)
        .fold((Duration::MAX, Duration::MAX), |best, _| (best.0.min(time(&mut one)), best.1.min(time(&mut other))))
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn allocations() -> u64 {
    ALLOCATIONS.load(Ordering::Relaxed)
}

/// Runs one part in a process of its own and gives what it prints.
fn child(part: &str, file: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .env("OCCTO_BENCH_PART", part)
        .env("OCCTO_BENCH_FILE", file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// In MB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("VmHWM: 0");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}
