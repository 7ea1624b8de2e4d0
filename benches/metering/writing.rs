//! Writing W4 into memory, against the writer of `quick-xml` producing the same octets.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/metering_naive.rs"]
mod naive;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/metering_samples.rs"]
mod samples;

use occto::messages::metering::{MeteringFile, MeteringKind, MeteringPurpose, MeteringRows};
use occto::wire::cii;
use std::hint::black_box;
use std::time::{Duration, Instant};

const RECORDS: u64 = 300_000;
const ROUNDS: usize = 7;

/// A line of the table: figure, measured, wanted, met.
pub type Line = (String, String, &'static str, bool);

/// Measures both messages of low voltage; one line each.
pub fn figures() -> Vec<Line> {
    [(MeteringKind::LowSlot, RECORDS), (MeteringKind::LowDay, RECORDS / 48)]
        .into_iter()
        .map(|(kind, points)| {
            let rows = MeteringRows::HalfHourly(samples::half_hourly(kind, points, 7));
            let records = rows.points().len();
            let header = samples::header(kind);
            let file = MeteringFile::new(header.clone(), rows.clone(), MeteringPurpose::GridOperation).unwrap();
            let cleared = samples::cleared(file);
            let mut out = Vec::new();
            cii::write(&cleared, &mut out).unwrap();
            assert!(out == naive::write(&header, &rows), "both write the same octets");
            let mut other = naive::write(&header, &rows);
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                ours.push(time(|| {
                    out.clear();
                    cii::write(black_box(&cleared), &mut out).unwrap();
                    black_box(&out);
                }));
                theirs.push(time(|| {
                    other = naive::write_into(std::mem::take(&mut other), black_box(&header), black_box(&rows));
                    black_box(&other);
                }));
            }
            let (ours, theirs) = (median(ours), median(theirs));
            let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
            let speed = |time: Duration| out.len() as f64 / time.as_secs_f64() / 1e6;
            (
                format!("W4 {} of {records} records: writing it ÷ the writer of `quick-xml`, same octets", kind.code()),
                format!("{ratio:.1} × ({:.0} MB/s against {:.0})", speed(ours), speed(theirs)),
                "≥ 3 ×",
                ratio >= 3.0,
            )
        })
        .collect()
}

fn time(act: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    act();
    begin.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
