//! The baseline against a second, independent implementation in Python, and what must hold whatever the readings are.

use crate::baseline::{CALENDAR, g, method, one, point, readings};
use crate::baseline_sweep::Random;
use crate::holiday_rules::holidays;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::baseline::*;
use occto::items::{Energy, Slot};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/second_baseline.py");
const CASES: u64 = 400;

type Days = BTreeMap<Date, [Option<i64>; 48]>;

struct Sample {
    event: Event,
    days: Days,
    dr_days: Vec<DrDay>,
    options: Options,
    method: &'static str,
}

/// Gaps, ties, zero days, low days and days of demand response, around holidays, New Year and a leap day.
fn sample(random: &mut Random) -> Sample {
    let mut pick = |count: usize| usize::try_from(random.below(count as u64)).unwrap();
    let starts = [date(2026, 6, 17), date(2026, 9, 19), date(2027, 1, 1), date(2028, 2, 29), date(2026, 5, 1)];
    let day = starts[pick(5)] + i64::try_from(pick(12)).unwrap().days();
    let slots = ["35-38", "1-2", "20", "47-2", "5-9", "48"][pick(6)];
    let mut days = Days::new();
    let levels = [0, 10, 30, 40, 40, 50, 50, 51];
    let dense = pick(4) > 0;
    for back in -1..90 {
        if !dense && pick(3) == 0 {
            continue;
        }
        let (level, odd) = (levels[pick(8)], pick(25));
        let slots = std::array::from_fn(|slot| match odd {
            0 => (pick(6) > 0).then_some(level),
            1 => Some(0),
            2 => Some(-1),
            3 => Some(i64::try_from(pick(100)).unwrap()),
            _ => Some(level + i64::try_from(slot % 5).unwrap()),
        });
        days.insert(day - i64::from(back).days(), slots);
    }
    let often = pick(3);
    let called = (1..60).filter(|_| match often {
        0 => false,
        1 => pick(8) == 0,
        _ => pick(8) > 0,
    });
    let called = called.map(|back: i64| day - back.days());
    let called: Vec<Date> = called.collect();
    let dr_days = called.into_iter().map(|date| DrDay { date, answered: pick(3) > 0 }).collect();
    let mut options = Options::default();
    for (name, values) in [
        ("U1", &["repeat", "once", "pool"][..]),
        ("U2", &["included", "included", "excluded"]),
        ("U3", &["calendar-days", "calendar-days", "days-of-type"]),
        ("U4", &["per-slot", "per-slot", "none"]),
        ("U7", &["exclude", "keep"]),
        ("too-few", &["dr-days", "dr-days", "stop"]),
    ] {
        options.set(name, values[pick(values.len())]).unwrap();
    }
    let method = ["high-4-of-5", "high-4-of-5", "high-4-of-5-unadjusted"][pick(3)];
    Sample { event: Event::parse(day, slots).unwrap(), days, dr_days, options, method }
}

fn build(days: &Days) -> Readings {
    let mut builder = ReadingsBuilder::new();
    for (date, slots) in days {
        for (slot, value) in Slot::all().zip(slots) {
            if let Some(value) = value {
                builder.add(point(), *date, slot, Energy::from_ten_thousandths(*value), Mark::FINAL);
            }
        }
    }
    builder.finish()
}

fn case(dr_days: &[DrDay]) -> Case<'_> {
    Case { dr_days, ..Case::new(DayTypes { calendar: &CALENDAR, extra: &[] }) }
}

fn asked(sample: &Sample) -> Value {
    let options: BTreeMap<&str, &str> = sample.options.each().map(|(name, value, ..)| (name, value)).collect();
    let free: Vec<String> =
        (2025..=2028).flat_map(|year| holidays(year).into_keys()).map(|day| day.to_string()).collect();
    let days: BTreeMap<String, Vec<Option<i64>>> =
        sample.days.iter().map(|(date, slots)| (date.to_string(), slots.to_vec())).collect();
    // The days of the event itself are days of demand response.
    let called = sample.event.slots().map(|(date, _)| (date.to_string(), true));
    let called = called.chain(sample.dr_days.iter().map(|day| (day.date.to_string(), day.answered)));
    json!({
        "date": sample.event.date.to_string(),
        "first": sample.event.first.number(),
        "last": sample.event.last.number(),
        "adjusted": sample.method == "high-4-of-5",
        "options": options,
        "holidays": free,
        "dr_days": called.collect::<Vec<_>>(),
        "readings": days,
    })
}

#[test]
fn a_second_implementation_agrees() {
    let child = Command::new("python3").arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        assert!(std::env::var_os("CI").is_none(), "in CI there must be a python3");
        println!("not run: there is no python3");
        return;
    };
    let mut random = Random(11);
    let samples: Vec<Sample> = (0..CASES).map(|_| sample(&mut random)).collect();
    let mut input = child.stdin.take().unwrap();
    let text: String = samples.iter().map(|sample| format!("{}\n", asked(sample))).collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), samples.len());
    let (mut computed_ones, mut low_ones, mut added_ones) = (0, 0, 0);
    for (number, (sample, answer)) in samples.iter().zip(answers.lines()).enumerate() {
        let name = format!("case {number}: {} {} {:?}", sample.event, sample.method, sample.options);
        let answer: Value = serde_json::from_str(answer).unwrap();
        let computed = one(&build(&sample.days), sample.event, sample.method, sample.options, &case(&sample.dr_days));
        let baseline: Option<Vec<Fraction>> = computed.slots.iter().map(|slot| slot.baseline).collect();
        let theirs = answer["baseline"].as_array();
        let theirs = theirs.map(|all| all.iter().map(|one| Fraction::parse(one.as_str().unwrap()).unwrap()).collect());
        assert_eq!(baseline, theirs, "{name}");
        if baseline.is_none() {
            continue;
        }
        let dates = |dates: Vec<Date>| json!(dates.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(dates(computed.kept()), answer["kept"], "{name}");
        let low = |day: &&Candidate| matches!(day.fate, Fate::Excluded(Exclusion::LowUse { .. }));
        let low: Vec<Date> = computed.candidates.iter().rev().filter(low).map(|day| day.date).collect();
        computed_ones += 1;
        low_ones += usize::from(!low.is_empty());
        added_ones += usize::from(computed.candidates.iter().any(|day| day.fate == Fate::Added));
        assert_eq!(dates(low), answer["low"], "{name}");
    }
    assert!(computed_ones > 150 && low_ones > 20 && added_ones > 10, "{computed_ones} {low_ones} {added_ones}");
}

const DAY: Date = date(2026, 8, 19);

fn usual(change: impl Fn(Date, i64, i64) -> i64) -> Computed<'static> {
    let readings = readings(DAY - 50.days(), DAY, |day, slot| Some(change(day, slot, g(day, slot))));
    one(&readings, Event::parse(DAY, "34-38").unwrap(), "high-4-of-5", Options::default(), &case(&[]))
}

#[test]
fn what_is_older_than_the_period_changes_nothing() {
    let plain = usual(|_, _, value| value);
    let other = usual(|day, slot, value| if day < DAY - 30.days() { 9999 - slot } else { value });
    assert_eq!((&plain.slots, &plain.candidates, &plain.digest), (&other.slots, &other.candidates, &other.digest));
    let within = usual(|day, _, value| if day == DAY - 29.days() { value + 1 } else { value });
    assert_ne!(plain.digest, within.digest);
}

#[test]
fn a_constant_shifts_the_baseline_until_the_floor() {
    let plain = usual(|_, _, value| value);
    for shift in [1, 250, -300] {
        let shifted = usual(|_, _, value| value + shift);
        for (one, two) in plain.slots.iter().zip(&shifted.slots) {
            let by = two.baseline.unwrap().checked_sub(one.baseline.unwrap());
            assert_eq!(by, Fraction::new(shift.into(), 1000));
            assert_eq!(one.reduction, two.reduction);
        }
    }
    let window = |slot: i64| (23..29).contains(&slot);
    let floored = usual(|day, slot, value| if day == DAY && window(slot) { 0 } else { value });
    assert!(floored.slots.iter().any(|slot| slot.floored && slot.baseline == Some(Fraction::ZERO)));
}

#[test]
fn a_factor_scales_the_baseline() {
    let plain = usual(|_, _, value| value);
    let tripled = usual(|_, _, value| value * 3);
    for (one, three) in plain.slots.iter().zip(&tripled.slots) {
        assert_eq!(one.baseline.unwrap().checked_mul(Fraction::whole(3)), three.baseline);
    }
    assert_eq!(plain.kept(), tripled.kept());
}

#[test]
fn the_digest_is_the_same_years_later() {
    let plain = usual(|_, _, value| value);
    // Written down once: it must never change under the same form.
    assert_eq!(plain.digest, "dbc4c0b59ccce38494a41802b44e5513f28a1db4a6c15fd66d6c6a3e21882aee");
    let json = to_json(&[plain]);
    let first = &json["baselines"][0];
    assert_eq!(first["event"], "2026-08-19");
    assert_eq!(first["kept"], json!(["2026-08-12", "2026-08-13", "2026-08-14", "2026-08-17"]));
    assert_eq!(first["adjustment"], "-0.044875");
    assert_eq!(first["slots"][0]["slot"], 34);
    assert_eq!(first["slots"][0]["baseline_kwh"], "2.100125");
    assert_eq!(first["dropped"][0], json!({"date": "2026-08-18", "reason": "not-among-highest", "tie": false}));
    // What the baseline came about from stands in the trace: the mean of the kept days can be taken from it.
    let days = first["candidates"].as_array().unwrap();
    let kept = days.iter().filter(|day| day["fate"] == "kept");
    let values = kept.map(|day| Fraction::parse(day["event_kwh"][0].as_str().unwrap()).unwrap());
    let sum = values.reduce(|sum, next| sum.checked_add(next).unwrap()).unwrap();
    let raw = sum.checked_div(Fraction::whole(4)).unwrap();
    assert_eq!(first["slots"][0]["raw_kwh"], raw.to_string());
    assert_eq!(days[0]["window_kwh"].as_array().unwrap().len(), 6);
    let readings = readings(DAY - 50.days(), DAY, |day, slot| Some(g(day, slot)));
    let event = Event::parse(DAY, "34-38").unwrap();
    let mut options = Options::default();
    options.set("U1", "once").unwrap();
    let other = one(&readings, event, "high-4-of-5", options, &case(&[]));
    assert_ne!(Some(other.digest.as_str()), first["digest"].as_str());
}

#[test]
fn a_suitability_report_names_the_best_method() {
    let readings = readings(DAY - 90.days(), DAY, |day, slot| Some(g(day, slot)));
    let view = readings.point(point()).unwrap();
    let event = Event::parse(DAY, "34-38").unwrap();
    let methods = ["high-4-of-5", "high-4-of-5-unadjusted", "same-type-day"].map(method);
    let report = suitability(view, &event, &methods, 10, &Options::default(), &case(&[])).unwrap();
    assert_eq!((report.days.len(), report.days[0]), (10, DAY - 1.day()));
    let least = report.methods.iter().map(|missed| missed.rrmse.unwrap()).min();
    assert_eq!(report.methods[report.best.unwrap()].rrmse, least);
    for missed in &report.methods {
        assert_eq!((missed.days, missed.errors.len()), (10, 10));
        // By hand, with floating point.
        let errors: Vec<f64> = missed.errors.iter().flat_map(|(_, errors)| errors).map(float).collect();
        let used: f64 = report.days.iter().flat_map(|day| (33..38).map(|slot| g(*day, slot) as f64 / 1000.0)).sum();
        let root = (errors.iter().map(|error| error * error).sum::<f64>() * 50.0).sqrt() / used;
        assert!((float(&missed.rrmse.unwrap()) - root).abs() < 2e-6, "{}", missed.method.key);
        assert!((float(&missed.bias.unwrap()) - errors.iter().sum::<f64>() / used).abs() < 1e-9);
    }
}

fn float(fraction: &Fraction) -> f64 {
    fraction.numerator() as f64 / fraction.denominator() as f64
}
