//! The figures of the switching job: `cargo bench --features measure --bench switching`. Every figure is a ratio of two things measured in
//! this one run; medians of several rounds, taken in turn.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unsafe_code,
    reason = "a bench fails by panicking; counting allocations takes an allocator"
)]

#[path = "../tests/it/practice.rs"]
mod practice;

use occto::desk::flow;
use occto::items::{Code as _, DateTime, Reference};
use occto::messages::Header;
use occto::messages::switching::{Application, SwitchStart};
use occto::notice::{ClearanceDesk, Context, Notice, Party, Route};
use occto::rules::{Preflight, RuleContext};
use occto::sandbox::{Sandbox, SandboxTransport, World};
use occto::store::Store;
use occto::wire::Binding;
use occto::wire::intake::Reader;
use practice::{Data, csv_of, office_over, take};
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashSet;
use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
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
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROWS: usize = 100_000;
const CASES: usize = 10_000;

fn main() {
    let part = std::env::var("OCCTO_BENCH_PART").unwrap_or_default();
    let file = PathBuf::from(std::env::var("OCCTO_BENCH_FILE").unwrap_or_default());
    match part.as_str() {
        "intake" => {
            black_box(whole(&file));
            println!("{}", peak_memory());
        }
        "file" => {
            applications_file(&file, CASES);
        }
        "cases" => {
            run_cases(&file);
            println!("{}", peak_memory());
        }
        _ => {
            println!("| figure | measured | wanted | met |");
            println!("|---|---|---|---|");
            // All of them, or the one that is named.
            let only = std::env::var("OCCTO_BENCH_ONLY").unwrap_or_default();
            let figures: [(&str, fn()); 3] = [("clearance", clearance), ("intake", intake), ("cases", cases)];
            for (name, figure) in figures {
                if only.is_empty() || only == name {
                    figure();
                }
            }
        }
    }
}

fn row(figure: &str, measured: &str, wanted: &str, met: bool) {
    println!("| {figure} | {measured} | {wanted} | {} |", if met { "yes" } else { "NO" });
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn time(act: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    act();
    begin.elapsed()
}

fn now() -> DateTime {
    "2026-04-01T09:00:00".parse().unwrap()
}

fn start(row: &Application) -> SwitchStart {
    flow::start(Some("C0000001"), row)
}

/// Deciding the clearance of a full switch start, against encoding it.
fn clearance() {
    let world = World::generate(1, 1, now().date()).unwrap();
    let application = world.applications().next().unwrap();
    let us = Party::retailer(world.retailer);
    let operator = Party::operator(application.point.area());
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let context = Context::new(Route::through_occto(us, operator), now());
    let header = Header {
        family: application.family,
        sender: us,
        recipient: operator,
        reference: Reference::parse("260401-0001-1-2-S1").unwrap(),
        created: now(),
    };
    let binding = Binding::reference();
    let mut message = start(&application);
    let mut out = Vec::with_capacity(8192);
    let rounds = 2_000;
    let (mut deciding, mut clearing, mut encoding) = (Vec::new(), Vec::new(), Vec::new());
    let mut allocations = 0;
    for _ in 0..101 {
        deciding.push(time(|| {
            for _ in 0..rounds {
                assert!(black_box(desk.decide(black_box(&message), black_box(&context))).is_granted());
            }
        }));
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let begin = Instant::now();
        for _ in 0..rounds {
            message = black_box(desk.clear(message, black_box(&context)).unwrap()).into_message();
        }
        clearing.push(begin.elapsed());
        allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        let cleared = desk.clear(message, &context).unwrap();
        encoding.push(time(|| {
            for _ in 0..rounds {
                out.clear();
                binding.encode(black_box(&header), black_box(&cleared), &mut out).unwrap();
                black_box(&out);
            }
        }));
        message = cleared.into_message();
    }
    let clearing = median(clearing);
    let (deciding, encoding) = (median(deciding), median(encoding));
    let share = deciding.as_secs_f64() / encoding.as_secs_f64();
    let each = |time: Duration| time.as_nanos() / rounds;
    row(
        "deciding the clearance of a full switch start (three legs) ÷ encoding it",
        &format!(
            "{:.1} % ({} ns, {} ns for {} bytes; with moving the message in and out {} ns)",
            share * 100.0,
            each(deciding),
            each(encoding),
            out.len(),
            each(clearing)
        ),
        "< 5 %",
        share < 0.05,
    );
    row("allocations of 2,000 granted clearances", &allocations.to_string(), "0", allocations == 0);
}

fn applications_file(dir: &Path, rows: usize) -> PathBuf {
    let path = dir.join(format!("applications-{rows}.csv"));
    let world = World::generate(rows, 1, now().date()).unwrap();
    std::fs::write(&path, csv_of(world.applications())).unwrap();
    path
}

/// Reads, preflights, clears and encodes every application: its cancellation agency and its switch start.
fn whole(path: &Path) -> (usize, usize) {
    let data = Data::published();
    let context = RuleContext { today: now().date(), calendar: &data.calendar, settings: &data.settings };
    let mut preflight = Preflight::new(context, HashSet::new());
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let binding = Binding::reference();
    let us = Party::parse("retailer:40113").unwrap();
    let mut reader = Reader::new(File::open(path).unwrap()).unwrap();
    let mut out = Vec::with_capacity(8192);
    let mut findings = Vec::new();
    let mut header = Header {
        family: occto::items::Family::Low,
        sender: us,
        recipient: us,
        reference: Reference::parse("260401-0001-1-2-C1").unwrap(),
        created: now(),
    };
    let (mut rows, mut octets) = (0, 0);
    while let Some(row) = reader.next_row() {
        let application = row.application.unwrap();
        findings.clear();
        preflight.check(row.line, &application, &mut findings);
        assert!(!findings.iter().any(occto::rules::Finding::is_error));
        header.family = application.family;
        out.clear();
        header.recipient = Party::retailer(application.current_retailer);
        let context = Context::new(Route::through_occto(us, header.recipient), now());
        let cleared = desk.clear(flow::request(&application), &context).unwrap();
        binding.encode(&header, &cleared, &mut out).unwrap();
        header.recipient = Party::operator(application.point.area());
        let context = Context::new(Route::through_occto(us, header.recipient), now());
        let cleared = desk.clear(start(&application), &context).unwrap();
        binding.encode(&header, &cleared, &mut out).unwrap();
        octets += out.len();
        rows += 1;
    }
    (rows, octets)
}

/// Only decodes and splits the same file.
fn bare(path: &Path) -> usize {
    let octets = std::fs::read(path).unwrap();
    let (text, _, _) = encoding_rs::SHIFT_JIS.decode(&octets);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).unwrap() {
        black_box(&record);
        rows += 1;
    }
    rows
}

fn intake() {
    let dir = tempfile::tempdir().unwrap();
    let path = applications_file(dir.path(), ROWS);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        theirs.push(time(|| assert_eq!(bare(&path), ROWS)));
        ours.push(time(|| assert_eq!(whole(&path).0, ROWS)));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    row(
        "decoding and splitting 100,000 applications ÷ reading, checking, clearing and encoding them (two messages each)",
        &format!("{ratio:.2} × ({} ms, {} ms)", theirs.as_millis(), ours.as_millis()),
        "≥ 0.25 ×",
        ratio >= 0.25,
    );
    let small = applications_file(dir.path(), ROWS / 10);
    let (few, many) = (child("intake", &small), child("intake", &path));
    row("peak memory of the same, 10,000 and 100,000 rows", &format!("{few} MB, {many} MB"), "< 100 MB", many < 100);
}

/// Runs one part in a process of its own and gives its peak memory in MB.
fn child(part: &str, path: &Path) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .env("OCCTO_BENCH_PART", part)
        .env("OCCTO_BENCH_FILE", path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("VmHWM: 0");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Takes every case to its end; gives the time and the number of durable commits.
fn run_cases(path: &Path) -> (Duration, u64) {
    run_cases_in(path, |data| Store::open(data).unwrap())
}

fn run_cases_in(path: &Path, open: impl Fn(&Path) -> Store) -> (Duration, u64) {
    let dir = tempfile::tempdir_in(path.parent().unwrap()).unwrap();
    let world = World::generate(CASES, 1, now().date()).unwrap();
    let sandbox = Sandbox::new(world.clone(), 1);
    let notice = Notice::embedded("common-core").unwrap();
    let transport = SandboxTransport::new(sandbox, Binding::reference(), notice);
    let data = Data::published();
    let mut office = office_over(open(&dir.path().join("data")), &transport, &data, &world);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let begin = Instant::now();
    take(&mut office, path, &data, &world, now());
    loop {
        let moment = transport.sandbox().now();
        runtime.block_on(office.advance(moment, &mut |_| {})).unwrap();
        let next = transport.sandbox().next_event_date();
        match next {
            Some(date) if date > moment.date() => transport.sandbox().advance_to(date),
            _ => break,
        }
    }
    let took = begin.elapsed();
    let counts = office.store.read(|tx| tx.stage_counts()).unwrap();
    let ended: u64 = counts.iter().filter(|(stage, ..)| stage.key() == "ended").map(|(.., count)| count).sum();
    assert_eq!(ended, CASES as u64, "every case ends");
    (took, office.store.commits())
}

/// A bare loop of as many durable commits, one row each, on a store of the same kind.
fn bare_commits(dir: &Path, commits: u64) -> Duration {
    let dir = tempfile::tempdir_in(dir).unwrap();
    let mut store = occto::store::Store::open(&dir.path().join("data")).unwrap();
    time(|| {
        for commit in 0..commits {
            store.commit(|tx| tx.set_number("bench", commit.cast_signed())).unwrap();
        }
    })
}

fn cases() {
    // Durable commits are measured where the build lives, not on a memory file system.
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let path = applications_file(dir.path(), CASES);
    let mut rounds = Vec::new();
    let mut plain = Vec::new();
    for _ in 0..3 {
        let (ours, commits) = run_cases(&path);
        let bare = bare_commits(dir.path(), commits);
        let unencrypted = run_cases_in(&path, |data| Store::open_unencrypted(data).unwrap()).0;
        rounds.push((bare.as_secs_f64() / ours.as_secs_f64(), bare, ours, commits));
        plain.push((unencrypted.as_secs_f64() / ours.as_secs_f64(), unencrypted, ours));
    }
    plain.sort_by(|one, other| one.0.total_cmp(&other.0));
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, bare, ours, commits) = rounds[1];
    row(
        "a bare loop of as many durable commits ÷ 10,000 cases to their end in the sandbox",
        &format!("{ratio:.2} × ({} ms, {} ms, {commits} commits)", bare.as_millis(), ours.as_millis()),
        "≥ 0.4 ×",
        ratio >= 0.4,
    );
    let (ratio, unencrypted, ours) = plain[1];
    row(
        "the same run on a store that encrypts nothing ÷ on the encrypted store",
        &format!("{ratio:.2} × ({} ms, {} ms)", unencrypted.as_millis(), ours.as_millis()),
        "≥ 0.6 ×",
        ratio >= 0.6,
    );
    let peak = child("cases", &path);
    row("peak memory of the same", &format!("{peak} MB"), "< 300 MB", peak < 300);
}
