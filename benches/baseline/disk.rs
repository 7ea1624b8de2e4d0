//! From Parquet on disk: how much of the time goes into computing.

use jiff::ToSpan;
use occto::baseline::{Case, Computed, DayTypes, Event, Methods, Options, Readings};
use occto::calendar::Calendar;
use occto::desk::baseline::{compute_points, days_needed, each_stored};
use occto::items::{Area, Code as _, Energy, Slot, SupplyPointId};
use occto::messages::metering::MeteringKind;
use occto::rules::Finding;
use occto::store::readings::{DayRows, MeterFile, ReadingsWriter, Source};
use occto::store::{Store, StoreError};
use std::path::Path;
use std::time::Instant;

const POINTS: u64 = 20_000;
const DAYS: i64 = 31;
const ROUNDS: usize = 3;
const WANTED: f64 = 10.0;

/// Prints the figure: reading alone, and reading with every baseline and its whole trace, in one run.
pub fn from_disk() {
    let dir = tempfile::tempdir().unwrap();
    let event = Event::parse(super::EVENT, "35-38").unwrap();
    fill(dir.path());
    let (calendar, methods) = (Calendar::published().unwrap(), Methods::published().unwrap());
    let case = Case::new(DayTypes { calendar: &calendar, extra: &[] });
    let (method, options) = (methods.get("high-4-of-5").unwrap(), Options::default());
    let days = days_needed(&event, &[method], &options, 0);
    let run = |computing: bool| {
        let mut rounds: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let (begin, mut computed) = (Instant::now(), 0u64);
                each_stored::<StoreError>(dir.path(), None, days, |readings: &Readings| {
                    let points: Vec<_> = readings.points().collect();
                    if !computing {
                        computed += points.len() as u64;
                        return Ok(());
                    }
                    compute_points(
                        readings,
                        &points,
                        &[event],
                        method,
                        &options,
                        &case,
                        |one: Result<Computed<'_>, Finding>| {
                            computed += u64::from(one.unwrap().is_computed());
                            Ok(())
                        },
                    )
                })
                .unwrap();
                assert_eq!(computed, POINTS);
                begin.elapsed().as_secs_f64()
            })
            .collect();
        super::median(&mut rounds)
    };
    let (reading, whole) = (run(false), run(true));
    println!("| figure | measured | wanted | met |");
    println!("|---|---|---|---|");
    let share = (1.0 - reading / whole).max(0.0) * 100.0;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "| share of the time spent computing, {POINTS} points × {DAYS} days from Parquet, with every trace | {share:.1} % ({reading:.2} s to read, {whole:.2} s in all, {threads} processors) | < {WANTED} % | {} |",
        if share < WANTED { "yes" } else { "NO" }
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
