//! From Parquet on disk: how much of the time goes into computing.

use jiff::ToSpan;
use occto::baseline::{Case, DayTypes, Event, Methods, Options};
use occto::calendar::Calendar;
use occto::desk::baseline::{Job, compute_points, days_needed, each_stored, each_stored_line};
use occto::items::{Area, Code as _, Energy, Slot, SupplyPointId};
use occto::messages::metering::MeteringKind;
use occto::store::readings::{DayRows, MeterFile, ReadingQuery, ReadingsWriter, Source};
use occto::store::{Store, StoreError};
use std::path::Path;
use std::time::Instant;

const POINTS: u64 = 20_000;
const DAYS: i64 = 31;
const ROUNDS: usize = 11;
const WANTED: f64 = 10.0;

/// Prints the figures: what computing adds to reading, as a line for every point and with every trace, in one run.
pub fn from_disk() {
    let dir = tempfile::tempdir().unwrap();
    let events = [Event::parse(super::EVENT, "35-38").unwrap()];
    fill(dir.path());
    let (calendar, methods) = (Calendar::published().unwrap(), Methods::published().unwrap());
    let case = Case::new(DayTypes { calendar: &calendar, extra: &[] });
    let (method, options) = (methods.get("high-4-of-5").unwrap(), Options::default());
    let days = days_needed(&events, &[method], &options, 0);
    let job = Job { events: &events, method, options: &options, case: &case, forecasts: None, days };
    let reading = || {
        let query = ReadingQuery { from: days.0, to: days.1, points: None };
        let mut held = Vec::new();
        let days = Store::open(dir.path()).unwrap().current_readings(&query).unwrap().only(job.slots());
        let done: Result<(), StoreError> = days.each_in_parallel(|day| {
            held.push(day);
            Ok(())
        });
        done.unwrap();
        held.first().map_or(0, |day| day.len() as u64)
    };
    let lines = || {
        let mut computed = 0;
        let done: Result<(), StoreError> = each_stored_line(dir.path(), &job, |line| {
            computed += u64::from(line.total_reduction.is_some());
            Ok(())
        });
        done.unwrap();
        computed
    };
    let traces = || {
        let mut computed = 0;
        let done: Result<(), StoreError> = each_stored(dir.path(), None, days, job.slots(), |readings| {
            let points: Vec<_> = readings.points().collect();
            compute_points(readings, &points, &job, |one| {
                computed += u64::from(one.unwrap().is_computed());
                Ok(())
            })
        });
        done.unwrap();
        computed
    };
    let ways: [&dyn Fn() -> u64; 3] = [&reading, &lines, &traces];
    // One after the other in every round: what disturbs the machine disturbs all.
    let mut rounds = [[0.0; ROUNDS]; 3];
    for round in 0..ROUNDS {
        for (way, rounds) in ways.iter().zip(&mut rounds) {
            let begin = Instant::now();
            assert_eq!(way(), POINTS);
            rounds[round] = begin.elapsed().as_secs_f64();
        }
    }
    let [reading, lines, traces] = rounds.each_mut().map(|rounds| super::median(rounds));
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = |whole: f64| (1.0 - reading / whole).max(0.0) * 100.0;
    println!(
        "| share of the time spent computing, {POINTS} points × {DAYS} days from Parquet, a line for every point | {:.1} % ({reading:.2} s to read, {lines:.2} s in all, {threads} processors) | < {WANTED} % | {} |",
        share(lines),
        if share(lines) < WANTED { "yes" } else { "NO" }
    );
    println!(
        "| the same with the whole trace and digest of every point | {:.1} % ({traces:.2} s in all) | – | – |",
        share(traces)
    );
}

fn fill(data: &Path) {
    let mut store = Store::open(data).unwrap();
    let kind = MeteringKind::LowDay;
    for back in (0..DAYS).rev() {
        let date = super::EVENT - back.days();
        let mut rows = DayRows::default();
        for number in 0..POINTS {
            let point = SupplyPointId::parse(&format!("030011{number:016}")).unwrap();
            let row = rows.len();
            rows.push(point, "", None);
            for slot in Slot::all() {
                let wave = (number * 31 + back.unsigned_abs() * 17 + u64::from(slot.number()) * 7) % 1_999;
                let energy = Energy::from_ten_thousandths(2_000 + i64::try_from(wave).unwrap());
                rows.set(row, slot, Some(energy), None);
            }
        }
        let digest = format!("{back:02}").repeat(32);
        let source = Source { digest: digest.clone(), register: String::new(), kind, revision: 0, part: 0 };
        let mut writer = ReadingsWriter::new(data, source);
        writer.add(Area::Tokyo, date, kind.status(), &rows).unwrap();
        let files = writer.finish().unwrap();
        let file = MeterFile {
            name: format!("{}.zip", kind.key()),
            digest,
            octets: 1,
            kind,
            area: Area::Tokyo,
            date,
            slot: None,
            revision: 0,
            part: 0,
            created: None,
            taken: date.at(3, 0, 0, 0),
            register: String::new(),
            rows: POINTS * 48,
            missing: 0,
            rejected: 0,
            quarantined: 0,
            points: POINTS,
            whole: true,
        };
        store.commit(|tx| tx.put_meter_file(&file, &files, &[])).unwrap();
    }
}
