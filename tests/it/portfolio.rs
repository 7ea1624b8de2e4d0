//! The lines of a portfolio against the plain computation: the same, whatever the readings are and wherever they lie.

use crate::baseline::{CALENDAR, method};
use crate::baseline_sweep::Random;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::baseline::*;
use occto::desk::baseline::{Job, Line, compute_points, days_needed, each_line, each_stored, each_stored_line};
use occto::items::{Area, Code as _, Energy, Slot, SlotSet, SupplyPointId};
use occto::messages::metering::MeteringKind;
use occto::store::readings::{DayRows, MeterFile, ReadingsWriter, Source};
use occto::store::{Store, StoreError};
use std::collections::BTreeSet;
use std::convert::Infallible;

const DAY: Date = date(2026, 9, 24);
const POINTS: u32 = 300;
/// More than a thread computes at a time.
const MANY: u32 = 2_200;

fn point(number: u32) -> SupplyPointId {
    let area = if (POINTS - 30..POINTS).contains(&number) { 6 } else { 3 };
    SupplyPointId::parse(&format!("{area:02}0011{number:016}")).unwrap()
}

/// A day of a point: mostly regular; sometimes with a gap, low, below zero, equal to others, or not there at all.
fn values(random: &mut Random) -> Option<[Option<i64>; 48]> {
    let odd = random.below(400);
    let level = 4_000 + i64::try_from(random.below(6)).unwrap() * 500;
    let mut values = [None; 48];
    for (value, slot) in values.iter_mut().zip(0..) {
        *value = match odd {
            0 if random.below(6) == 0 => None,
            1 => Some(-5),
            2 => Some(3),
            _ => Some(level + slot * 7),
        };
    }
    (odd != 3).then_some(values)
}

fn plain(readings: &Readings, job: &Job<'_>) -> (Vec<Line>, Vec<String>) {
    let points: Vec<_> = readings.points().collect();
    let (mut lines, mut digests) = (Vec::new(), Vec::new());
    let done: Result<(), Infallible> = compute_points(readings, &points, job, |computed| {
        let computed = computed.unwrap();
        lines.push(Line::of(&computed));
        digests.push(computed.digest);
        Ok(())
    });
    done.unwrap();
    (lines, digests)
}

/// Every kind of event; what is known of days beside them; and what is computed.
fn each_job(mut visit: impl FnMut(&Job<'_>)) {
    let dr_days = [2, 6, 13].map(|back| DrDay { date: DAY - back.days(), answered: back != 6 });
    let requested = [Requested { date: DAY - 9.days(), evidence: "mail".to_owned() }];
    let calendar = DayTypes { calendar: &CALENDAR, extra: &[] };
    let usual = Case { dr_days: &dr_days, requested: &requested, ..Case::new(calendar) };
    let early = Case { today: Some(DAY - 1.day()), ..usual };
    let event = |back: i64, slots: &str| Event::parse(DAY - back.days(), slots).unwrap();
    let option = |text: &str| {
        let mut options = Options::default();
        if let Some((name, value)) = text.split_once('=') {
            options.set(name, value).unwrap();
        }
        options
    };
    for (events, key, options, case) in [
        (vec![event(0, "35-38")], "high-4-of-5", "", &usual),
        (vec![event(0, "35-38")], "high-4-of-5", "", &early),
        (vec![event(0, "20-23"), event(0, "35-38")], "high-4-of-5", "U5=first-window", &usual),
        (vec![event(4, "36"), event(0, "36")], "upward-high-4-of-5", "U4=none", &usual),
        (vec![event(1, "47-2")], "high-4-of-5", "U6=two", &usual),
        (vec![event(1, "47-2")], "high-4-of-5-unadjusted", "", &usual),
        (vec![event(0, "35-38")], "5-of-10", "U8=signed", &usual),
        (vec![event(0, "35-38")], "10-of-10-scaled", "", &usual),
        (vec![event(0, "35-38")], "before-after-metering", "", &usual),
        (vec![event(0, "35-38")], "same-type-day", "", &usual),
    ] {
        let (method, options) = (method(key), option(options));
        let days = days_needed(&events, &[method], &options, 0);
        visit(&Job { events: &events, method, options: &options, case, forecasts: None, days });
    }
}

fn in_memory(points: u32) -> Readings {
    let mut random = Random(11);
    let mut builder = ReadingsBuilder::new();
    for number in 0..points {
        for back in 0..34 {
            let Some(values) = values(&mut random) else { continue };
            let status = if random.below(50) == 0 { Status::Confirmed } else { Status::Final };
            for (slot, value) in Slot::all().zip(values) {
                let Some(value) = value else { continue };
                let mark = Mark { status, revision: 0 };
                builder.add(point(number), DAY - back.days(), slot, Energy::from_ten_thousandths(value), mark);
            }
        }
    }
    builder.finish()
}

#[test]
fn readings_in_memory_give_the_lines_of_the_plain_way() {
    let mut codes = BTreeSet::new();
    let (few, many) = (in_memory(POINTS), in_memory(MANY));
    let mut jobs = 0;
    each_job(|job| {
        for readings in [&few, &many].into_iter().take(if jobs == 0 { 2 } else { 1 }) {
            let mut lines = Vec::new();
            let done: Result<(), Infallible> = each_line(readings, job, |line| {
                codes.extend(line.codes.iter().copied());
                lines.push(line);
                Ok(())
            });
            done.unwrap();
            assert_eq!(lines, plain(readings, job).0, "{} {:?}", job.method.key, job.events);
            assert_eq!(lines.len(), readings.points().len() * lines.len().div_ceil(readings.points().len()));
        }
        jobs += 1;
    });
    for code in ["OC1103", "OC1104", "OC1107", "OC1110", "OC1111", "OC1121"] {
        assert!(codes.contains(code), "{code} in {codes:?}");
    }
}

/// Keeps rows as one file of the operator.
fn keep(store: &mut Store, (kind, revision): (MeteringKind, u32), (area, date): (Area, Date), rows: &DayRows) {
    let digest = format!("{:0>64}", format!("{}{revision}{}{}", kind.key(), area.key(), date.strftime("%Y%m%d")));
    let digest: String = digest.chars().rev().collect();
    let source = Source { digest: digest.clone(), register: String::new(), kind, revision, part: 0 };
    let mut writer = ReadingsWriter::new(store.dir(), source);
    writer.add(area, date, kind.status(), rows).unwrap();
    let files = writer.finish().unwrap();
    let file = MeterFile {
        name: format!("{}.zip", kind.key()),
        digest,
        octets: 1,
        kind,
        area,
        date,
        slot: None,
        revision,
        part: 0,
        created: None,
        taken: date.at(3, 0, 0, 0),
        register: String::new(),
        rows: 1,
        missing: 0,
        rejected: 0,
        quarantined: 0,
        points: 1,
        whole: true,
    };
    store.commit(|tx| tx.put_meter_file(&file, &files, &[])).unwrap();
}

/// Two areas, 34 days: a fixed value, or a daily one of a revision, or both in parts of a day.
fn fill(store: &mut Store) {
    let mut random = Random(17);
    for back in 0..34 {
        let date = DAY - back.days();
        for (area, numbers) in [(Area::Tokyo, 0..POINTS - 30), (Area::Kansai, POINTS - 30..POINTS)] {
            let mut fixed = DayRows::default();
            let mut daily = [DayRows::default(), DayRows::default()];
            for number in numbers {
                let Some(values) = values(&mut random) else { continue };
                let open = random.below(50);
                let put = |rows: &mut DayRows, slots: std::ops::Range<usize>, more: i64| {
                    let row = rows.len();
                    assert!(rows.push(point(number), "", None));
                    for (at, slot) in Slot::all().enumerate().filter(|(at, _)| slots.contains(at)) {
                        let value = values[at].map(|value| Energy::from_ten_thousandths(value + more));
                        rows.set(row, slot, value, None);
                    }
                };
                if open > 2 {
                    put(&mut fixed, 0..48, 0);
                }
                if open < 5 {
                    put(&mut daily[0], 0..48, 1);
                }
                // A correction of half a day.
                if open < 2 {
                    put(&mut daily[1], if open == 0 { 24..48 } else { 0..48 }, 2);
                }
            }
            let daily = daily.iter().zip(0..).map(|(rows, revision)| (MeteringKind::LowDay, revision, rows));
            for (kind, revision, rows) in daily.chain([(MeteringKind::LowMonth, 0, &fixed)]) {
                if !rows.is_empty() {
                    keep(store, (kind, revision), (area, date), rows);
                }
            }
        }
    }
}

#[test]
fn stored_readings_give_the_lines_of_the_plain_way() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path()).unwrap();
    fill(&mut store);
    drop(store);
    let mut told = 0;
    each_job(|job| {
        let mut lines = Vec::new();
        let done: Result<(), StoreError> = each_stored_line(dir.path(), job, |line| {
            lines.push(line);
            Ok(())
        });
        done.unwrap();
        let of = |slots: SlotSet| {
            let (mut lines, mut digests) = (Vec::new(), Vec::new());
            let done: Result<(), StoreError> = each_stored(dir.path(), None, job.days, slots, |readings| {
                let (more, others) = plain(readings, job);
                lines.extend(more);
                digests.extend(others);
                Ok(())
            });
            done.unwrap();
            (lines, digests)
        };
        let (all, some) = (of(SlotSet::ALL), of(job.slots()));
        assert_eq!(all, some, "the slots that are read are enough: {} {:?}", job.method.key, job.events);
        assert_eq!(lines, all.0, "{} {:?}", job.method.key, job.events);
        assert_eq!(lines.len(), lines.iter().map(|line| (line.point, line.event)).collect::<BTreeSet<_>>().len());
        told += lines.iter().filter(|line| line.codes.contains(&"OC1121")).count();
    });
    assert!(told > 100, "{told}");
    // The version of a day is that of the least final value, and of those of the least revision.
    let mut marks = BTreeSet::new();
    let days = (DAY - 33.days(), DAY);
    let done: Result<(), StoreError> = each_stored(dir.path(), None, days, SlotSet::ALL, |readings| {
        marks.extend(readings.iter().flat_map(|view| {
            let dates = view.days().iter().map(|day| date(1970, 1, 1) + day.days());
            dates.map(|date| view.mark(date).unwrap()).collect::<Vec<_>>()
        }));
        Ok(())
    });
    done.unwrap();
    let mark = |status, revision| Mark { status, revision };
    let expected = [mark(Status::Confirmed, 0), mark(Status::Confirmed, 1), mark(Status::Final, 0)];
    assert_eq!(marks.into_iter().collect::<Vec<_>>(), expected);
}
