//! Reading: how fast, how much memory, and what odd files cost.

use crate::generate::{Spec, document};
use crate::{in_turn, is_wanted, ratio, row};
use occto::items::Code as _;
use occto::messages::metering::{MeteringHeader, MeteringKind, Rows};
use occto::rules::Finding;
use occto::wire::cii::{ReadSettings, Sink, Tally, read};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::hint::black_box;
use std::path::Path;

const ROWS: usize = 300_000;

/// Takes everything and keeps nothing.
#[derive(Default)]
pub struct Nothing {
    rows: u64,
    findings: u64,
}

impl Sink for Nothing {
    fn header(&mut self, header: &MeteringHeader) {
        black_box(header);
    }
    fn rows(&mut self, rows: Rows<'_>) {
        self.rows += match black_box(rows) {
            Rows::HalfHourly(rows) => rows.len() as u64,
            Rows::Fixed(rows) => rows.slots.slots.len() as u64,
        };
    }
    fn finding(&mut self, finding: Finding) {
        black_box(finding);
        self.findings += 1;
    }
}

/// The events of `quick-xml` and nothing else.
fn bare(octets: &[u8]) -> u64 {
    let mut reader = Reader::from_reader(octets);
    let mut events = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return events,
            event => {
                black_box(event);
                events += 1;
            }
        }
    }
}

fn ours(octets: &[u8]) -> Tally {
    let mut sink = Nothing::default();
    let tally = read(octets, &ReadSettings::default(), &mut sink).unwrap();
    assert_eq!(tally.read, sink.rows);
    tally
}

pub fn figures() {
    for (code, kind) in
        [("1110", MeteringKind::LowSlot), ("1120", MeteringKind::LowDay), ("1220", MeteringKind::LowMonth)]
    {
        if is_wanted(code) {
            speed(code, kind);
        }
    }
}

fn speed(code: &str, kind: MeteringKind) {
    let (points, least) = match kind {
        MeteringKind::LowSlot => (ROWS, 12.0),
        MeteringKind::LowDay => (ROWS / 48, 12.0),
        _ => (ROWS / 48 / 30 + 1, 8.0),
    };
    let spec = Spec::new(kind, points);
    let octets = document(&spec);
    let (theirs, mine) = in_turn(
        9,
        || {
            black_box(bare(&octets));
        },
        || {
            let tally = ours(&octets);
            assert_eq!((tally.read as usize, tally.rejected, tally.findings), (spec.rows(), 0, 0));
        },
    );
    let factor = ratio(theirs, mine);
    let speed = octets.len() as f64 / mine.as_secs_f64() / 1e9;
    let each = mine.as_nanos() as f64 / spec.rows() as f64;
    row(
        &format!(
            "the bare event loop of quick-xml ÷ reading {code}, {} rows, {} MB",
            spec.rows(),
            octets.len() / 1_000_000
        ),
        &format!(
            "{factor:.1} × ({} ms, {} ms: {speed:.2} GB/s, {each:.0} ns a row)",
            theirs.as_millis(),
            mine.as_millis()
        ),
        &format!("≥ {least} ×"),
        factor >= least,
    );
}

pub fn part(part: &str, _file: &Path) {
    let kind = MeteringKind::ALL.iter().copied().find(|kind| part.ends_with(kind.code())).unwrap();
    let octets = document(&Spec::new(kind, if kind.code() == "1220" { 208 } else { ROWS / 48 }));
    let begin = std::time::Instant::now();
    for _ in 0..40 {
        black_box(if part.starts_with("bare") { bare(&octets) } else { ours(&octets).read });
    }
    println!("{:?} {} MB", begin.elapsed() / 40, octets.len() / 1000000);
}
