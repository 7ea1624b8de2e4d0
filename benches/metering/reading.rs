//! Reading: how fast, how much memory, and what odd files cost.

use crate::generate::{Spec, document};
use crate::{allocations, child, in_turn, is_wanted, note, peak_memory, peer, ratio, row};
use occto::items::Code as _;
use occto::messages::metering::{MeteringHeader, MeteringKind, Rows};
use occto::rules::Finding;
use occto::wire::archive::{Archive, ArchiveLimits};
use occto::wire::cii::{ReadSettings, Sink, Tally, read, read_ahead_checked, read_from, read_plainly};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::hint::black_box;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const ROWS: usize = 300_000;
const SHAPES: [(&str, MeteringKind); 3] =
    [("1110", MeteringKind::LowSlot), ("1120", MeteringKind::LowDay), ("1220", MeteringKind::LowMonth)];

/// Of how many points a message has 300,000 rows.
fn points(kind: MeteringKind) -> usize {
    match kind {
        MeteringKind::LowSlot => ROWS,
        MeteringKind::LowDay => ROWS / 48,
        _ => ROWS / 48 / 30 + 1,
    }
}

/// Takes everything and keeps nothing.
#[derive(Default)]
struct Nothing {
    rows: u64,
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
    for (code, kind) in SHAPES {
        if is_wanted(code) {
            speed(code, kind, true);
            if kind != MeteringKind::LowMonth {
                speed(code, kind, false);
            }
        }
    }
    if is_wanted("allocations") {
        no_allocations();
    }
    if is_wanted("odd") {
        odd();
    }
    if is_wanted("zip") {
        zipped();
    }
    if is_wanted("memory") {
        memory();
    }
}

fn speed(code: &str, kind: MeteringKind, names: bool) {
    let least = if kind == MeteringKind::LowMonth { 8.0 } else { 12.0 };
    let spec = Spec { names, ..Spec::new(kind, points(kind)) };
    let octets = document(&spec);
    // Both rounds take about as long: else other work on the machine would hit one more often than the other.
    const TIMES: u32 = 12;
    let (theirs, mine) = in_turn(
        20,
        || {
            black_box(bare(&octets));
        },
        || {
            for _ in 0..TIMES {
                let tally = ours(&octets);
                assert_eq!((tally.read as usize, tally.rejected, tally.findings), (spec.rows(), 0, 0));
            }
        },
    );
    let mine = mine / TIMES;
    let factor = ratio(theirs, mine);
    let speed = octets.len() as f64 / mine.as_secs_f64() / 1e9;
    let each = mine.as_nanos() as f64 / spec.rows() as f64;
    row(
        &format!(
            "the bare event loop of quick-xml ÷ reading {code}, {} rows{}, {} MB",
            spec.rows(),
            if names { "" } else { " without names" },
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

/// A file ten times as long takes no more allocations than its key table needs to grow.
fn no_allocations() {
    let count = |points| {
        let octets = document(&Spec::new(MeteringKind::LowDay, points));
        let before = allocations();
        ours(&octets);
        allocations() - before
    };
    let (few, many) = (count(ROWS / 480), count(ROWS / 48));
    let more = many - few;
    row("allocations of 300,000 rows beyond those of 30,000", &more.to_string(), "< 32", more < 32);
}

/// Files that are not of one shape, against a plain reader of the same values.
fn odd() {
    let spec = Spec::new(MeteringKind::LowSlot, ROWS / 10);
    let plain = String::from_utf8(document(&spec)).unwrap();
    let rows = |change: &dyn Fn(usize, &str) -> String| {
        let mut number = 0;
        plain.split_inclusive("</JPMR00010>").fold(String::with_capacity(plain.len() * 2), |mut out, part| {
            number += 1;
            out.push_str(&change(number, part));
            out
        })
    };
    let files: Vec<(&str, String)> = vec![
        ("one shape", plain.clone()),
        (
            "every second row without a name",
            rows(&|number, row| match number % 2 {
                0 => row.replace("<JP06120>", "<!--").replace("</JP06120>", "-->"),
                _ => row.to_owned(),
            }),
        ),
        (
            "a comment before every row",
            rows(&|number, row| row.replace("<JPMR00010>", &format!("<!-- {number} --><JPMR00010>"))),
        ),
        (
            "another attribute in every row",
            rows(&|number, row| row.replace("<JPMR00010>", &format!("<JPMR00010 SEQ=\"{number}\">"))),
        ),
        ("a reference in every name", plain.replace("</JP06120>", "&amp;</JP06120>")),
        (
            "a section in every value",
            plain.replace("<JP06125>", "<JP06125><![CDATA[").replace("</JP06125>", "]]></JP06125>"),
        ),
        (
            "another indentation in every row",
            rows(&|number, row| row.replace("><JP06", &format!(">{}<JP06", " ".repeat(number % 97)))),
        ),
        (
            "an unknown element in every row",
            rows(&|number, row| row.replace("<JP06122>", &format!("<X>{number}</X><JP06122>"))),
        ),
        ("every energy wrong", plain.replace("</JP06125>", "x</JP06125>")),
        ("points in no order", String::from_utf8(document(&Spec { shuffled: true, ..spec.clone() })).unwrap()),
        (
            "every row twice",
            rows(&|_, row| match row.find("<JPMR00010>") {
                Some(at) => format!("{row}{}", &row[at..]),
                None => row.to_owned(),
            }),
        ),
    ];
    for (what, file) in files {
        let octets = file.as_bytes();
        let (theirs, mine) = in_turn(
            9,
            || {
                black_box(peer::read(octets, |rows| {
                    black_box(rows);
                }));
            },
            || {
                black_box(ours(octets));
            },
        );
        let factor = ratio(theirs, mine);
        row(
            &format!("a plain quick-xml reader of the same values ÷ reading, odd file: {what}"),
            &format!("{factor:.1} × ({} ms, {} ms)", theirs.as_millis(), mine.as_millis()),
            "≥ 0.7 ×",
            factor >= 0.7,
        );
    }
    let octets = plain.as_bytes();
    let (theirs, mine) = in_turn(
        9,
        || {
            black_box(peer::read(octets, |rows| {
                black_box(rows);
            }));
        },
        || {
            black_box(read_plainly(octets, &ReadSettings::default(), &mut Nothing::default()).unwrap());
        },
    );
    let factor = ratio(theirs, mine);
    row("the same ÷ the reader that the other is held against", &format!("{factor:.1} ×"), "≥ 0.5 ×", factor >= 0.5);
}

fn zip_of(octets: &[u8]) -> Vec<u8> {
    occto::wire::archive::write(Cursor::new(Vec::new()), "W41120.xml", octets).unwrap().into_inner()
}

/// Inflates an entry and throws it away.
fn inflate(zip: &[u8], buffer: &mut [u8]) -> u64 {
    let mut archive = Archive::open(Cursor::new(zip), &ArchiveLimits::default(), None).unwrap();
    let mut entry = archive.entry().unwrap();
    let mut total = 0;
    loop {
        match entry.read(buffer).unwrap() {
            0 => return total,
            got => total += black_box(got) as u64,
        }
    }
}

fn from_zip(source: impl Read + std::io::Seek + Send) -> Tally {
    let mut archive = Archive::open(source, &ArchiveLimits::default(), None).unwrap();
    let (entry, mut sum) = archive.entry_and_sum().unwrap();
    read_ahead_checked(entry, |octets| sum.take(octets), &ReadSettings::default(), &mut Nothing::default()).unwrap()
}

fn zipped() {
    for (code, kind) in SHAPES {
        zipped_of(code, kind);
    }
    let zip = zip_of(&document(&Spec::new(MeteringKind::LowDay, points(MeteringKind::LowDay))));
    let mut buffer = vec![0; 128 * 1024];
    let (alone, mine) = in_turn(
        10,
        || {
            inflate(&zip, &mut buffer);
        },
        || {
            let mut archive = Archive::open(Cursor::new(&zip), &ArchiveLimits::default(), None).unwrap();
            let entry = archive.entry().unwrap();
            black_box(read_from(entry, &ReadSettings::default(), &mut Nothing::default()).unwrap());
        },
    );
    note(
        "the same for 1120 in one thread",
        &format!("{:.2} × ({} ms, {} ms)", ratio(alone, mine), alone.as_millis(), mine.as_millis()),
    );
    inflaters(&zip);
}

/// Reading a message from a zip against inflating it with the same inflater and throwing it away.
fn zipped_of(code: &str, kind: MeteringKind) {
    let spec = Spec::new(kind, points(kind));
    let octets = document(&spec);
    let zip = zip_of(&octets);
    let mut buffer = vec![0; 128 * 1024];
    let (alone, mine) = in_turn(
        40,
        || assert_eq!(inflate(&zip, &mut buffer), octets.len() as u64),
        || assert_eq!(from_zip(Cursor::new(&zip)).read as usize, spec.rows()),
    );
    let factor = ratio(alone, mine);
    row(
        &format!(
            "inflating a zip of {code} alone ÷ reading it from the zip, two threads, {} MB of {} MB",
            octets.len() / 1_000_000,
            zip.len() / 1_000_000
        ),
        &format!("{factor:.2} × ({}, {}{})", ms(alone), ms(mine), by_processor_time(&zip, &mut buffer)),
        "≥ 0.9 ×",
        factor >= 0.9,
    );
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// The time that this thread had a processor, in nanoseconds.
fn processor_time() -> u64 {
    // The kernel brings its account up to date when a thread gives way.
    std::thread::yield_now();
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    account.split_whitespace().next().and_then(|time| time.parse().ok()).unwrap_or(0)
}

/// Says at its end how long its thread had a processor.
struct Timed<'a, R>(R, &'a AtomicU64);

impl<R: Read> Read for Timed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R> Drop for Timed<'_, R> {
    fn drop(&mut self) {
        self.1.store(processor_time(), Ordering::Relaxed);
    }
}

/// What it would be with a processor for each thread, where the slower one decides: so other work on the machine matters
/// less. For information.
fn by_processor_time(zip: &[u8], buffer: &mut [u8]) -> String {
    let (mut alone, mut slower) = (u64::MAX, u64::MAX);
    for _ in 0..40 {
        let before = processor_time();
        inflate(zip, buffer);
        alone = alone.min(processor_time() - before);
        let other = AtomicU64::new(0);
        let mut archive = Archive::open(Cursor::new(zip), &ArchiveLimits::default(), None).unwrap();
        let (entry, mut sum) = archive.entry_and_sum().unwrap();
        let source = Timed(entry, &other);
        let before = processor_time();
        let settings = ReadSettings::default();
        read_ahead_checked(source, |octets| sum.take(octets), &settings, &mut Nothing::default()).unwrap();
        slower = slower.min((processor_time() - before).max(other.load(Ordering::Relaxed)));
    }
    if alone == 0 {
        return String::new();
    }
    format!("; by processor time of the slower thread {:.2} ×", alone as f64 / slower as f64)
}

/// The inflater of the archive against others; the fastest one that gives a stream is the one to use.
fn inflaters(zip: &[u8]) {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let (start, size, len) = {
        let entry = archive.by_index_raw(0).unwrap();
        (entry.data_start().unwrap() as usize, entry.compressed_size() as usize, entry.size() as usize)
    };
    let raw = &zip[start..start + size];
    let mut whole = vec![0; len];
    let mut buffer = vec![0; 128 * 1024];
    let (stream, miniz) = in_turn(
        10,
        || assert_eq!(inflate(zip, &mut buffer), len as u64),
        || {
            assert_eq!(
                miniz_oxide::inflate::decompress_slice_iter_to_slice(&mut whole, [raw].into_iter(), false, true),
                Ok(len)
            )
        },
    );
    let factor = ratio(miniz, stream);
    row(
        "inflating 1120 with miniz_oxide ÷ with zlib-rs, piece by piece and with the check sum",
        &format!("{factor:.2} × ({}, {})", ms(miniz), ms(stream)),
        "≥ 0.8 ×",
        factor >= 0.8,
    );
    // It gives no stream: the XML would have to be held as a whole, and nothing could be read meanwhile.
    let (whole, mine) = in_turn(
        10,
        || assert_eq!(libdeflater::Decompressor::new().deflate_decompress(raw, &mut whole), Ok(len)),
        || {
            from_zip(Cursor::new(zip));
        },
    );
    note(
        &format!(
            "inflating 1120 with libdeflate, {} MB at once and without a check sum ÷ reading it from the zip",
            len / 1_000_000
        ),
        &format!("{:.2} × ({}, {})", ratio(whole, mine), ms(whole), ms(mine)),
    );
}

/// 2 GB of XML in a zip, made slot by slot.
fn large_zip(path: &Path) -> u64 {
    let points = 2_000_000_000 / 48 / 198;
    let small = String::from_utf8(document(&Spec { span: 1, ..Spec::new(MeteringKind::LowDay, points) })).unwrap();
    let begin = small.find("<JPMR00010>").unwrap();
    let end = small.rfind("</JPM00010>").unwrap();
    let group = &small[begin..end];
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    zip.start_file("W41120.xml", options).unwrap();
    zip.write_all(&small.as_bytes()[..begin]).unwrap();
    for slot in 1..=48 {
        let (before, after) = group.split_once("<JP06219>01").unwrap();
        write!(zip, "{before}<JP06219>{slot:02}").unwrap();
        zip.write_all(after.as_bytes()).unwrap();
    }
    zip.write_all(&small.as_bytes()[end..]).unwrap();
    zip.finish().unwrap();
    points as u64 * 48
}

fn memory() {
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let path = dir.path().join("large.zip");
    let rows = large_zip(&path);
    let said = child("memory", path.to_str().unwrap());
    let (peak, read) = said.split_once(' ').unwrap();
    assert_eq!(read.parse::<u64>().unwrap(), rows);
    let peak: u64 = peak.parse().unwrap();
    row("peak memory of reading 2 GB of XML in a zip", &format!("{peak} MB, {rows} rows"), "< 64 MB", peak < 64);
}

/// A part that runs in a process of its own.
pub fn part(part: &str, file: &Path) {
    if part == "memory" {
        let tally = from_zip(std::fs::File::open(file).unwrap());
        assert_eq!(tally.rejected, 0);
        println!("{} {}", peak_memory(), tally.read);
        return;
    }
    // For a profiler: one thing, again and again.
    let kind = MeteringKind::ALL.iter().copied().find(|kind| part.ends_with(kind.code())).unwrap();
    let octets = document(&Spec::new(kind, points(kind)));
    let zip = zip_of(&octets);
    let mut buffer = vec![0; 128 * 1024];
    for _ in 0..40 {
        black_box(match part.split_once(':').map(|(what, _)| what) {
            Some("bare") => bare(&octets),
            Some("inflate") => inflate(&zip, &mut buffer),
            Some("zip") => from_zip(Cursor::new(&zip)).read,
            _ => ours(&octets).read,
        });
    }
}
