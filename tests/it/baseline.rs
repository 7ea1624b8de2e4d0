//! The baseline: the vectors of the facts, and what goes wrong.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::baseline::*;
use occto::calendar::Calendar;
use occto::items::{Energy, HalfHours, Slot, SupplyPointId};
use std::sync::LazyLock;

pub static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::published().unwrap());
pub static METHODS: LazyLock<Methods> = LazyLock::new(|| Methods::published().unwrap());

pub fn point() -> SupplyPointId {
    SupplyPointId::parse("0300111234567890123456").unwrap()
}

pub fn method(key: &str) -> &'static Method {
    METHODS.get(key).unwrap()
}

pub fn case() -> Case<'static> {
    Case::new(DayTypes { calendar: &CALENDAR, extra: &[] })
}

/// Readings of one point: Wh of a day and a slot counted from 0; `None` is a gap.
pub fn readings(from: Date, to: Date, wh: impl Fn(Date, i64) -> Option<i64>) -> Readings {
    let mut builder = ReadingsBuilder::new();
    let mut day = from;
    while day <= to {
        for slot in Slot::all() {
            if let Some(wh) = wh(day, i64::from(slot.number()) - 1) {
                builder.add(point(), day, slot, Energy::from_ten_thousandths(wh * 10), Mark::FINAL);
            }
        }
        day = day.tomorrow().unwrap();
    }
    builder.finish()
}

/// The generator of the facts. Unit: Wh.
pub fn g(day: Date, s: i64) -> i64 {
    let o = i64::from((day - date(1970, 1, 1)).get_days());
    let hill = if s <= 24 { s } else { 48 - s };
    1000 + 37 * ((7 * o + 13 * s) % 29) + 11 * ((o * o + s) % 17) + 50 * hill
}

/// The level vectors of the facts: past weekdays with their level, most recent first; further ones have the last.
struct Levels {
    weekdays: Vec<Date>,
    levels: Vec<i64>,
    older: Option<i64>,
    own: i64,
    odd_morning: Option<(Date, i64)>,
}

const D: Date = date(2026, 6, 17);

impl Levels {
    fn new(levels: &[i64], older: Option<i64>) -> Levels {
        let back = (1..=30).map(|days| D - days.days());
        let weekdays = back.filter(|day| case().days.of(*day).unwrap() == DayType::Weekday).collect();
        Levels { weekdays, levels: levels.to_vec(), older, own: 500, odd_morning: None }
    }
    fn readings(&self) -> Readings {
        readings(D - 30.days(), D, |day, slot| {
            if day == D {
                return Some(self.own);
            }
            let place = self.weekdays.iter().position(|weekday| *weekday == day);
            let level = place.map_or(Some(500), |place| self.levels.get(place).copied().or(self.older))?;
            match self.odd_morning {
                _ if slot >= 34 => Some(level),
                Some((odd, morning)) if odd == day => Some(morning),
                _ => Some(500),
            }
        })
    }
    fn compute(&self, options: Options, case: &Case<'_>) -> Computed<'static> {
        one(&self.readings(), Event::parse(D, "35-38").unwrap(), "high-4-of-5", options, case)
    }
    fn baseline(&self, options: Options) -> String {
        flat(&self.compute(options, &case()))
    }
}

pub fn one(readings: &Readings, event: Event, key: &str, options: Options, case: &Case<'_>) -> Computed<'static> {
    compute(readings.point(point()).unwrap(), &[event], method(key), &options, case).remove(0)
}

/// The baseline of every slot, in Wh.
pub fn watt_hours(computed: &Computed<'_>) -> Vec<String> {
    let slots = computed.slots.iter().map(|slot| slot.baseline);
    slots.map(|b| b.map_or("none".to_owned(), |b| b.checked_mul(Fraction::whole(1000)).unwrap().to_string())).collect()
}

fn flat(computed: &Computed<'_>) -> String {
    let mut slots = watt_hours(computed);
    slots.dedup();
    assert_eq!(slots.len(), 1, "the same in every slot");
    slots.remove(0)
}

fn kept(computed: &Computed<'_>) -> Vec<String> {
    computed.kept().iter().map(|day| day.strftime("%m-%d").to_string()).collect()
}

pub fn codes(computed: &Computed<'_>) -> Vec<&'static str> {
    computed.findings.iter().map(|finding| finding.code).collect()
}

fn set(name: &str, value: &str) -> Options {
    let mut options = Options::default();
    options.set(name, value).unwrap();
    options
}

#[test]
fn the_generator_gives_its_check_values() {
    let day = date(2026, 9, 24);
    assert_eq!([0, 1, 2, 34].map(|slot| g(day, slot)), [1506, 2048, 1517, 2465]);
}

#[test]
fn v1_a_weekday_in_summer() {
    let day = date(2026, 8, 19);
    let readings = readings(day - 30.days(), day, |day, slot| Some(g(day, slot)));
    let event = Event::parse(day, "34-38").unwrap();
    let computed = one(&readings, event, "high-4-of-5", Options::default(), &case());
    assert_eq!(kept(&computed), ["08-12", "08-13", "08-14", "08-17"]);
    assert_eq!(computed.adjustment.unwrap().to_string(), "-0.044875");
    assert_eq!(watt_hours(&computed), ["2100.125", "2273.875", "2447.625", "1991.375", "2165.125"]);
    let dropped: Vec<_> = computed.candidates.iter().filter(|day| matches!(day.fate, Fate::Dropped { .. })).collect();
    assert_eq!((dropped.len(), dropped[0].date), (1, date(2026, 8, 18)));
    // 10228/5 Wh.
    assert_eq!(dropped[0].mean, Fraction::new(10_228, 5_000));
    assert!(computed.findings.is_empty(), "{:?}", computed.findings);
}

#[test]
fn v2_three_holidays_are_no_weekdays() {
    let day = date(2026, 9, 24);
    let readings = readings(day - 30.days(), day, |day, slot| Some(g(day, slot)));
    let event = Event::parse(day, "35-38").unwrap();
    let computed = one(&readings, event, "high-4-of-5", Options::default(), &case());
    assert_eq!(kept(&computed), ["09-14", "09-15", "09-17", "09-18"]);
    assert_eq!(computed.adjustment, Fraction::new(-1177, 8000));
    assert_eq!(watt_hours(&computed), ["2167.625", "2294.625", "1885.125", "2058.875"]);
    let dropped = computed.candidates.iter().find(|day| day.date == date(2026, 9, 16)).unwrap();
    assert_eq!((&dropped.fate, dropped.mean), (&Fate::Dropped { tie: false }, Fraction::parse("2.052")));
    assert!(computed.candidates.iter().all(|day| day.date != date(2026, 9, 22)));
}

#[test]
fn v5_the_level_of_the_day_moves_the_baseline() {
    let mut levels = Levels::new(&[1000, 900, 800, 700, 600], Some(600));
    levels.own = 550;
    let computed = levels.compute(Options::default(), &case());
    assert_eq!(kept(&computed), ["06-11", "06-12", "06-15", "06-16"]);
    assert_eq!(computed.slots[0].raw, Fraction::parse("0.85"));
    assert_eq!(computed.adjustment, Fraction::parse("0.05"));
    assert_eq!(flat(&computed), "900");
    assert_eq!(computed.total_reduction, Fraction::parse("1.4"));
}

#[test]
fn v6_of_equal_days_the_oldest_goes() {
    let mut levels = Levels::new(&[1000, 600, 900, 600, 800], Some(600));
    levels.odd_morning = Some((date(2026, 6, 11), 300));
    let computed = levels.compute(Options::default(), &case());
    assert_eq!(kept(&computed), ["06-10", "06-12", "06-15", "06-16"]);
    assert_eq!(computed.candidates[3].fate, Fate::Dropped { tie: true });
    assert_eq!((computed.adjustment, flat(&computed)), (Some(Fraction::ZERO), "825".to_owned()));
}

#[test]
fn v7_a_low_day_is_left_out() {
    let levels = Levels::new(&[1000, 1000, 1000, 1000, 200, 1200], Some(1200));
    let computed = levels.compute(Options::default(), &case());
    let mean = Fraction::parse("0.84").unwrap();
    assert_eq!(computed.candidates[4].fate, Fate::Excluded(Exclusion::LowUse { mean }));
    assert_eq!(computed.candidates[4].date, date(2026, 6, 10));
    assert_eq!(flat(&computed), "1050");
}

#[test]
fn v9_the_mean_of_the_low_use_test_is_an_option() {
    let levels = Levels::new(&[1000, 1000, 1000, 1000, 100, 150, 1200], Some(6000));
    assert_eq!(levels.baseline(Options::default()), "1050");
    assert_eq!(levels.baseline(set("U1", "repeat")), "1050");
    assert_eq!(levels.baseline(set("U1", "once")), "1000");
    assert_eq!(levels.baseline(set("U1", "pool")), "6000");
}

#[test]
fn v12_too_few_days_take_days_of_demand_response() {
    let levels = Levels::new(&[1000, 900, 650, 640, 800, 700, 500], Some(500));
    let dr_days: Vec<_> = levels
        .weekdays
        .iter()
        .enumerate()
        .filter(|(place, _)| ![0, 1, 4].contains(place))
        .map(|(_, date)| DrDay { date: *date, answered: true })
        .collect();
    let case = Case { dr_days: &dr_days, ..case() };
    let computed = levels.compute(Options::default(), &case);
    assert_eq!((flat(&computed), codes(&computed)), ("850".to_owned(), vec!["OC1112"]));
    assert_eq!((&computed.candidates[5].fate, computed.candidates[5].date), (&Fate::Added, date(2026, 6, 9)));
    let stopped = levels.compute(set("too-few", "stop"), &case);
    assert_eq!((stopped.is_computed(), codes(&stopped)), (false, vec!["OC1101"]));
}

#[test]
fn a_day_exactly_on_the_quarter_stays() {
    // Mean 800, a quarter of it 200.
    let levels = Levels::new(&[1000, 1000, 1000, 800, 200, 9000], Some(9000));
    assert_eq!(levels.baseline(Options::default()), "950");
    // Against the other four, 950, it is low; then 9000 is among them and 800 is low, too.
    assert_ne!(levels.baseline(set("U2", "excluded")), "950");
}

#[test]
fn thirty_days_are_calendar_days_or_days_of_the_kind() {
    let count = |options| Levels::new(&[], Some(1000)).compute(options, &case()).candidates.len();
    assert_eq!((count(Options::default()), count(set("U3", "days-of-type"))), (22, 30));
}

#[test]
fn a_baseline_below_zero_is_zero_slot_by_slot() {
    let mut levels = Levels::new(&[100], Some(100));
    levels.own = 0;
    let floored = levels.compute(Options::default(), &case());
    assert_eq!((flat(&floored), floored.slots[0].floored), ("0".to_owned(), true));
    assert_eq!(levels.baseline(set("U4", "none")), "-400");
}

#[test]
fn a_called_day_without_an_answer_is_an_option() {
    let levels = Levels::new(&[2000, 1000], Some(1000));
    let dr_days = [DrDay { date: levels.weekdays[0], answered: false }];
    let case = Case { dr_days: &dr_days, ..case() };
    let computed = levels.compute(Options::default(), &case);
    assert_eq!(computed.candidates[0].fate, Fate::Excluded(Exclusion::DrDay { answered: false }));
    assert_eq!(flat(&computed), "1000");
    assert_eq!(flat(&levels.compute(set("U7", "keep"), &case)), "1250");
}

#[test]
fn a_weekend_keeps_two_of_three() {
    let sunday = date(2026, 6, 21);
    let readings = readings(sunday - 30.days(), sunday, |day, slot| Some(g(day, slot)));
    let event = Event::parse(sunday, "35-38").unwrap();
    let computed = one(&readings, event, "high-4-of-5", Options::default(), &case());
    assert_eq!((computed.day_type, computed.kept().len()), (Some(DayType::Holiday), 2));
    let looked: Vec<_> = computed.candidates.iter().filter(|day| day.fate != Fate::NotNeeded).collect();
    assert_eq!((looked.len(), looked[2].date), (3, date(2026, 6, 13)));
}

#[test]
fn a_gap_leaves_a_day_out_and_is_never_zero() {
    let day = date(2026, 8, 19);
    let gap = |missing: Date, at: i64| {
        readings(day - 30.days(), day, move |day, slot| ((day, slot) != (missing, at)).then(|| g(day, slot)))
    };
    let event = Event::parse(day, "34-38").unwrap();
    let compute = |readings: &Readings| one(readings, event, "high-4-of-5", Options::default(), &case());
    // A slot of the adjustment window of a candidate.
    let computed = compute(&gap(date(2026, 8, 14), 24));
    let why = Exclusion::Gap(date(2026, 8, 14), Slot::new(25).unwrap());
    assert_eq!(computed.candidates[2].date, date(2026, 8, 14));
    assert_eq!((&computed.candidates[2].fate, codes(&computed)), (&Fate::Excluded(why), vec!["OC1103"]));
    // A slot that nothing reads.
    assert!(codes(&compute(&gap(date(2026, 8, 14), 5))).is_empty());
    // A candidate that is not needed.
    assert!(codes(&compute(&gap(date(2026, 7, 23), 24))).is_empty());
    // The window of the day itself.
    let computed = compute(&gap(day, 25));
    assert_eq!((computed.is_computed(), codes(&computed)), (false, vec!["OC1108"]));
    assert!(computed.slots[0].raw.is_some());
    // A slot of the event.
    let computed = compute(&gap(day, 34));
    assert_eq!((computed.is_computed(), codes(&computed)), (true, vec!["OC1109"]));
    assert_eq!((computed.slots[1].reduction, computed.total_reduction), (None, None));
}

#[test]
fn a_negative_reading_is_an_option() {
    let mut levels = Levels::new(&[-1000, 1000], Some(1000));
    levels.own = 500;
    let computed = levels.compute(Options::default(), &case());
    assert_eq!((flat(&computed), codes(&computed)), ("1000".to_owned(), vec!["OC1104"]));
    let options = set("U8", "signed");
    let computed = levels.compute(options, &case());
    assert!(matches!(computed.candidates[0].fate, Fate::Excluded(Exclusion::LowUse { .. })));
}

#[test]
fn no_days_no_baseline() {
    let only_the_day = readings(D, D, |_, _| Some(500));
    let event = Event::parse(D, "35-38").unwrap();
    let computed = one(&only_the_day, event, "high-4-of-5", Options::default(), &case());
    assert_eq!((computed.is_computed(), codes(&computed)), (false, vec!["OC1106"]));
    let three_days = readings(D - 3.days(), D, |_, _| Some(500));
    let computed = one(&three_days, event, "high-4-of-5", Options::default(), &case());
    assert_eq!((computed.is_computed(), codes(&computed).first()), (false, Some(&"OC1101")));
    let far = Event::parse(date(2099, 1, 5), "35-38").unwrap();
    assert!(codes(&one(&three_days, far, "high-4-of-5", Options::default(), &case())).contains(&"OC1114"));
}

#[test]
fn an_event_to_come_has_its_raw_mean_the_night_before() {
    let event = Event::parse(D, "35-38").unwrap();
    let readings = readings(D - 30.days(), D - 1.day(), |_, _| Some(500));
    let case = Case { today: Some(D - 1.day()), ..case() };
    let computed = one(&readings, event, "high-4-of-5", Options::default(), &case);
    assert_eq!(codes(&computed), ["OC1107"]);
    assert_eq!((computed.slots[0].raw, computed.slots[0].baseline), (Fraction::parse("0.5"), None));
}

#[test]
fn two_events_a_day_have_a_finding_and_a_set_of_days_each() {
    let day = date(2026, 8, 19);
    let readings = readings(day - 30.days(), day, |day, slot| Some(g(day, slot)));
    let events = [Event::parse(day, "27-30").unwrap(), Event::parse(day, "37-40").unwrap()];
    let view = readings.point(point()).unwrap();
    let own = compute(view, &events, method("high-4-of-5"), &Options::default(), &case());
    assert_eq!((codes(&own[0]), codes(&own[1])), (vec!["OC1110"], vec!["OC1110"]));
    // The window of the second, slots 27–32, holds the first.
    assert_eq!(own[1].window[0].slot, Slot::new(27).unwrap());
    let first = compute(view, &events, method("high-4-of-5"), &set("U5", "first-window"), &case());
    assert_eq!((first[1].window[0].slot, first[0].window[0].slot), (own[0].window[0].slot, own[0].window[0].slot));
}

#[test]
fn an_event_across_midnight_takes_every_day_the_same_way() {
    let day = date(2026, 12, 31);
    let readings = readings(day - 30.days(), day + 1.day(), |day, slot| Some(g(day, slot)));
    let event = Event::parse(day, "47-2").unwrap();
    let computed = one(&readings, event, "high-4-of-5", Options::default(), &case());
    assert_eq!((computed.is_computed(), codes(&computed)), (true, vec!["OC1111"]));
    let kept = computed.kept();
    let after_midnight: i64 = kept.iter().map(|day| g(day.tomorrow().unwrap(), 0)).sum();
    assert_eq!(computed.slots[2].raw, Fraction::new(after_midnight.into(), 4_000));
    let view = readings.point(point()).unwrap();
    let two = compute(view, &[event], method("high-4-of-5"), &set("U6", "two"), &case());
    assert_eq!(two.iter().map(|c| c.event.to_string()).collect::<Vec<_>>(), ["2026-12-31 47-48", "2027-01-01 1-2"]);
    // The window of slots 1–2 of New Year lies on the day before.
    assert_eq!((two[1].window[0].date, two[1].window[0].slot.number()), (day, 39));
    assert_eq!(two[1].day_type, Some(DayType::Holiday));
    assert!(two.iter().all(|computed| codes(computed).contains(&"OC1111")));
}

#[test]
fn a_leap_day_is_a_day() {
    let day = date(2028, 3, 1);
    let readings = readings(day - 30.days(), day, |day, slot| Some(g(day, slot)));
    let event = Event::parse(day, "35-38").unwrap();
    let computed = one(&readings, event, "high-4-of-5", Options::default(), &case());
    assert_eq!(computed.candidates[0].date, date(2028, 2, 29));
}

#[test]
fn the_other_methods() {
    let day = date(2026, 8, 19);
    let readings = readings(day - 60.days(), day, |day, slot| Some(g(day, slot)));
    let event = Event::parse(day, "34-38").unwrap();
    let of = |key: &str| one(&readings, event, key, Options::default(), &case());
    for method in METHODS.iter().filter(|method| method.key != "forecast") {
        let computed = of(&method.key);
        assert!(computed.is_computed(), "{}: {:?}", method.key, computed.findings);
        assert!(computed.total_reduction.is_some());
    }
    let unadjusted = of("high-4-of-5-unadjusted");
    assert_eq!(unadjusted.slots[0].baseline, of("high-4-of-5").slots[0].raw);
    let up = of("upward-high-4-of-5");
    assert_eq!(up.slots[0].reduction, Fraction::ZERO.checked_sub(of("high-4-of-5").slots[0].reduction.unwrap()));
    assert_eq!(of("before-metering").slots[4].baseline, Fraction::new(g(day, 32).into(), 1000));
    assert_eq!(of("10-of-10").kept().len(), 10);
    assert_eq!(of("5-of-10").kept().len(), 5);
    assert_eq!(of("same-type-day").kept().len(), 3);
    // Scaling: raw × own ÷ past over the window.
    let scaled = of("3-in-5");
    let (own, past) = scaled.window.iter().fold((Fraction::ZERO, Fraction::ZERO), |(own, past), slot| {
        let actual = Fraction::new(slot.actual.unwrap().ten_thousandths().into(), 10_000).unwrap();
        (own.checked_add(actual).unwrap(), past.checked_add(slot.raw.unwrap()).unwrap())
    });
    assert_eq!(scaled.adjustment, own.checked_div(past));
    assert_eq!(scaled.slots[0].baseline, scaled.slots[0].raw.unwrap().checked_mul(scaled.adjustment.unwrap()));
}

#[test]
fn a_forecast_is_taken_as_it_was_submitted() {
    let readings = readings(D, D, |_, _| Some(500));
    let event = Event::parse(D, "35-36").unwrap();
    assert_eq!(codes(&one(&readings, event, "forecast", Options::default(), &case())), ["OC1119"]);
    let forecasts = [(D, HalfHours::new([Some(Energy::parse("0.7").unwrap()); 48]))];
    let case = Case { forecasts: &forecasts, ..case() };
    let computed = one(&readings, event, "forecast", Options::default(), &case);
    assert_eq!((flat(&computed), computed.total_reduction), ("700".to_owned(), Fraction::parse("0.4")));
}

#[test]
fn a_scaling_adjustment_never_divides_by_zero() {
    let past = readings(D - 30.days(), D, |day, slot| Some(if slot >= 34 || day == D { 1000 } else { 0 }));
    let computed = one(&past, Event::parse(D, "35-38").unwrap(), "3-in-5", Options::default(), &case());
    assert_eq!((computed.is_computed(), codes(&computed)), (false, vec!["OC1118"]));
}
