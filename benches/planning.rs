//! The figure of plans: `cargo bench --no-default-features --bench planning`. A W6 0250 of 200 members with 20
//! counterparties each, parsed and validated, against the bare event loop of quick-xml on the same octets. Medians of
//! rounds taken in turn.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench fails by panicking"
)]

#[path = "../tests/it/plan_samples.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod plan_samples;

use occto::rules::plans::check_plan;
use occto::wire::cii::plan::{read_plan, read_plan_plainly};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 15;

fn time(act: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    act();
    begin.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn events(octets: &str) -> u64 {
    let mut reader = Reader::from_str(octets);
    let mut count = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return count,
            event => {
                black_box(&event);
                count += 1;
            }
        }
    }
}

fn main() {
    let octets = plan_samples::written(plan_samples::plan_of(200, 20));
    let text = std::str::from_utf8(&octets).unwrap();
    let settings = plan_samples::settings();
    let whole = |fast: bool| {
        let read = if fast { read_plan(&octets, &settings) } else { read_plan_plainly(&octets, &settings) };
        let mut read = read.unwrap();
        check_plan(&read.plan, &settings, &mut read.findings);
        assert!(read.findings.is_empty(), "{:?}", read.findings);
        black_box(read.plan);
    };
    let (mut bare, mut fast, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(time(|| _ = black_box(events(text))));
        fast.push(time(|| whole(true)));
        plain.push(time(|| whole(false)));
    }
    let (bare, fast, plain) = (median(bare), median(fast), median(plain));
    let size = octets.len() as f64 / 1e6;
    println!("W6 0250, 200 members x 20 counterparties: {size:.1} MB, {} events", events(text));
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    let ratio = bare / fast;
    let met = if ratio >= 3.0 { "yes" } else { "NO" };
    println!(
        "| parsed and validated against quick-xml's bare event loop | {ratio:.1} x ({:.0} ms against {:.0} ms) | 3 x | {met} |",
        fast * 1e3,
        bare * 1e3
    );
    println!("| without prediction | {:.2} x ({:.0} ms) | | |", bare / plain, plain * 1e3);
}
