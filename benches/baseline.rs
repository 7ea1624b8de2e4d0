//! The figures of the baseline: `cargo bench --bench baseline --no-default-features`. Every figure is a ratio of two
//! things measured in this one run; medians of several rounds.
//!
//! `cargo bench --bench baseline -- disk` measures reading from Parquet: how much of the time goes into computing.
//!
//! The peer is a numpy script over five fixed days, without refill, holidays, exclusions or trace. It runs where Python
//! with numpy is there (`OCCTO_BENCH_PYTHON` names another Python); elsewhere the run says so.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench fails by panicking"
)]

#[cfg(feature = "app")]
#[path = "baseline/disk.rs"]
mod disk;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::baseline::{Case, Cell, DayTypes, DrDay, Event, Methods, Options, Sweep, Swept};
use occto::calendar::Calendar;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

const POINTS: usize = 100_000;
const DAYS: usize = 31;
const ROUNDS: usize = 9;
const WANTED: f64 = 8.0;
const EVENT: Date = date(2026, 9, 24);

fn main() {
    #[cfg(feature = "app")]
    if std::env::args().any(|arg| arg == "disk") {
        return disk::from_disk();
    }
    let peer = numpy();
    let columns = columns();
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    let (clean, _) = swept(&columns, &[]);
    let dr_days = [EVENT - 7.days(), EVENT - 8.days()].map(|date| DrDay { date, answered: true });
    let (full, computed) = swept(&columns, &dr_days);
    assert!(computed > POINTS * 9 / 10, "nearly every point has a baseline");
    for (name, ours) in [("no day of demand response", clean), ("two days of demand response", full)] {
        let figure = format!("High 4 of 5 of {POINTS} points × {DAYS} days × 48 slots, {name} ÷ numpy over five days");
        let Some([points, slots]) = peer else {
            println!("| {figure} | {:.2} million points/s; no numpy here | ≥ {WANTED} × | ? |", ours / 1e6);
            continue;
        };
        let (ratio, other) = (ours / points, ours / slots);
        println!(
            "| {figure} | {ratio:.1} × ({:.2} and {:.2} million points/s, one thread; {other:.1} × where numpy has columns, too) | ≥ {WANTED} × | {} |",
            ours / 1e6,
            points / 1e6,
            if ratio >= WANTED { "yes" } else { "NO" }
        );
    }
}

/// Points with a shape of their own: some gaps, some low days, some ties.
fn columns() -> Vec<i32> {
    let mut state = 1u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut values = Vec::with_capacity(POINTS * DAYS * 48);
    for _ in 0..DAYS {
        let kinds: Vec<u64> = (0..POINTS).map(|_| random() % 200).collect();
        for slot in 0..48 {
            values.extend(kinds.iter().map(|kind| {
                let value = 2_000 + slot * 50 + i32::try_from(random() % 2_000).unwrap();
                match kind {
                    0 => value / 20,
                    1 if slot == 35 => i32::MISSING,
                    2..6 => 3_000,
                    _ => value,
                }
            }));
        }
    }
    values
}

/// Points per second over every column, one thread; and how many points have a baseline.
fn swept(columns: &[i32], dr_days: &[DrDay]) -> (f64, usize) {
    let calendar = Calendar::published().unwrap();
    let methods = Methods::published().unwrap();
    let case = Case { dr_days, ..Case::new(DayTypes { calendar: &calendar, extra: &[] }) };
    let event = Event::parse(EVENT, "35-38").unwrap();
    let first = EVENT - 30.days();
    let method = methods.get("high-4-of-5").unwrap();
    let mut out = Swept::new();
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            let sweeps = Sweep::plan(&[event], first, DAYS, method, &Options::default(), &case).unwrap();
            // Some points at a time: their results stay in the cache until they are used.
            let mut kept = 0u64;
            for start in (0..POINTS).step_by(2048) {
                sweeps[0].run(black_box(columns), POINTS, start..start + 2048, &mut out);
                kept ^= out.points().iter().map(|point| point.kept).fold(0, std::ops::BitXor::bitxor);
            }
            black_box(kept);
            POINTS as f64 / begin.elapsed().as_secs_f64()
        })
        .collect();
    let sweeps = Sweep::plan(&[event], first, DAYS, method, &Options::default(), &case).unwrap();
    sweeps[0].run(columns, POINTS, 0..POINTS, &mut out);
    let computed = out.points().iter().filter(|point| point.denominator > 0).count();
    (median(&mut rounds), computed)
}

/// Points per second of the numpy script in its two layouts, before our columns take memory.
fn numpy() -> Option<[f64; 2]> {
    let python = std::env::var("OCCTO_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/baseline.py");
    let output = Command::new(python)
        .args([script, &POINTS.to_string(), &ROUNDS.to_string()])
        // One thread, as ours.
        .envs(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"].map(|name| (name, "1")))
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let of = |name: &str| {
        let rounds = text.lines().filter_map(|line| line.strip_prefix(name));
        median(&mut rounds.map(|rate| rate.trim().parse().unwrap()).collect::<Vec<f64>>())
    };
    Some([of("points"), of("columns")])
}

fn median(rounds: &mut [f64]) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}
