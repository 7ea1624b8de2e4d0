//! The fast computation over columns against the plain one: the same days, the same baseline, whatever the readings are.

use crate::baseline::{CALENDAR, METHODS, method};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::baseline::*;
use occto::items::{Energy, Slot, SupplyPointId};

/// More than a tile, so that both ways of the sweep are taken.
const POINTS: usize = 300;
const DAYS: usize = 45;
const FIRST: Date = date(2026, 8, 10);

pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// Few levels, so that days tie; gaps, zero days, low days, negative and great readings among them.
fn readings(seed: u64) -> Readings {
    let mut random = Random(seed);
    let mut builder = ReadingsBuilder::new();
    for point in 0..POINTS {
        let id = SupplyPointId::parse(&format!("03{point:020}")).unwrap();
        let scale = if random.below(20) == 0 { 30_000_000 } else { 1_000 };
        for day in 0..DAYS {
            let date = FIRST + i64::try_from(day).unwrap().days();
            let level = [0, 1, 4, 4, 5, 5, 5, 6, 6, 20][usize::try_from(random.below(10)).unwrap()];
            let odd = random.below(40);
            for slot in Slot::all() {
                let value = match odd {
                    0 if random.below(8) == 0 => continue,
                    1 => -5,
                    2 => 0,
                    3 => i64::try_from(random.below(9)).unwrap(),
                    _ => level + i64::from(slot.number() % 3),
                };
                builder.add(id, date, slot, Energy::from_ten_thousandths(value * scale), Mark::FINAL);
            }
        }
    }
    builder.finish()
}

fn mask(computed: &Computed<'_>, fate: impl Fn(&Fate) -> bool) -> u64 {
    let days = computed.candidates.iter().enumerate().filter(|(_, day)| fate(&day.fate));
    days.fold(0, |mask, (place, _)| mask | 1 << place)
}

/// Compares the plain way with the fast one over columns of either width.
fn compare(readings: &Readings, events: &[Event], key: &str, options: &Options, case: &Case<'_>) {
    let slow: Vec<Vec<Computed<'_>>> =
        readings.iter().map(|view| compute(view, events, method(key), options, case)).collect();
    let wide = readings.columns(FIRST, DAYS);
    let narrow = |value: &i64| if *value == i64::MIN { i32::MISSING } else { i32::try_from(*value).unwrap() };
    let narrow: Vec<i32> = wide.iter().map(narrow).collect();
    compare_columns(&slow, &wide, events, key, options, case);
    compare_columns(&slow, &narrow, events, key, options, case);
}

fn compare_columns<T: Cell>(
    slow: &[Vec<Computed<'_>>],
    columns: &[T],
    events: &[Event],
    key: &str,
    options: &Options,
    case: &Case<'_>,
) {
    let sweeps = Sweep::plan(events, FIRST, DAYS, method(key), options, case).unwrap();
    let mut out = Swept::new();
    let mut baselines = 0;
    for (event, sweep) in sweeps.iter().enumerate() {
        sweep.run(columns, POINTS, 0..POINTS, &mut out);
        for (place, (fast, slow)) in out.points().iter().zip(slow).enumerate() {
            let slow = &slow[event];
            let name = format!("{key} {options:?} {} point {place}", sweep.event);
            assert_eq!(slow.event, sweep.event);
            assert!(slow.candidates.iter().map(|day| day.date).eq(sweep.candidates.iter().copied()), "{name}");
            assert_eq!(fast.kept, mask(slow, |fate| matches!(fate, Fate::Kept | Fate::Added)), "{name}");
            assert_eq!(fast.added, mask(slow, |fate| *fate == Fate::Added), "{name}");
            assert_eq!(fast.dropped, mask(slow, |fate| matches!(fate, Fate::Dropped { .. })), "{name}");
            assert_eq!(
                fast.low_use,
                mask(slow, |fate| matches!(fate, Fate::Excluded(Exclusion::LowUse { .. }))),
                "{name}"
            );
            let unreadable = mask(slow, |fate| {
                use Exclusion::{Disputed, Gap, Negative, NoReadings};
                matches!(fate, Fate::Excluded(Gap(..) | Disputed(..) | Negative(..) | NoReadings))
            });
            assert_eq!(fast.unreadable & !unreadable, 0, "{name}");
            for (slot, figures) in slow.slots.iter().enumerate() {
                assert_eq!(out.baseline(place, slot), figures.baseline, "{name} slot {slot}");
                baselines += usize::from(figures.baseline.is_some());
            }
            assert_eq!(out.baseline(place, slow.slots.len()), None);
        }
    }
    assert!(baselines > 0 || options.too_few == TooFew::Stop, "{key} {options:?} computes something");
}

#[test]
fn the_fast_way_gives_what_the_plain_way_gives() {
    let calendar = DayTypes { calendar: &CALENDAR, extra: &[] };
    let day = FIRST + 44.days();
    let dr_days: Vec<_> = [2, 6, 13].map(|back| DrDay { date: day - back.days(), answered: back != 6 }).to_vec();
    let many: Vec<_> =
        (2..30).filter(|back| back % 6 > 0).map(|back| DrDay { date: day - back.days(), answered: true }).collect();
    let requested = [Requested { date: day - 9.days(), evidence: "mail".to_owned() }];
    let events = [
        vec![Event::parse(day, "35-38").unwrap()],
        vec![Event::parse(day - 4.days(), "20").unwrap()],
        vec![Event::parse(day, "3-9").unwrap(), Event::parse(day, "30-37").unwrap()],
        vec![Event::parse(day - 2.days(), "47-2").unwrap()],
    ];
    let settings = [
        "",
        "U1=once",
        "U1=pool",
        "U2=excluded",
        "U3=days-of-type",
        "U4=none",
        "U5=first-window",
        "U6=two",
        "U7=keep",
        "U8=signed",
        "too-few=stop",
    ];
    let mut random = Random(7);
    for (turn, setting) in settings.iter().enumerate() {
        let readings = readings(1 + turn as u64);
        let mut options = Options::default();
        if let Some((name, value)) = setting.split_once('=') {
            options.set(name, value).unwrap();
        }
        // Half of the events with each setting, all of them with the usual ones.
        for events in events.iter().skip(turn % 2).step_by(if turn == 0 { 1 } else { 2 }) {
            let dr_days = [&[][..], &dr_days, &many][usize::try_from(random.below(3)).unwrap()];
            let case = Case { dr_days, requested: &requested, ..Case::new(calendar) };
            let keys = ["high-4-of-5", "high-4-of-5-unadjusted", "5-of-10", "10-of-10", "generator"];
            let key = keys[if random.below(2) == 0 { 0 } else { usize::try_from(random.below(5)).unwrap() }];
            compare(&readings, events, key, &options, &case);
        }
    }
}

#[test]
fn what_scales_or_is_no_choice_of_days_is_for_the_plain_way() {
    let case = Case::new(DayTypes { calendar: &CALENDAR, extra: &[] });
    let event = [Event::parse(FIRST + 44.days(), "35-38").unwrap()];
    for method in METHODS.iter() {
        let swept = Sweep::plan(&event, FIRST, DAYS, method, &Options::default(), &case).is_ok();
        let plain =
            ["10-of-10-scaled", "3-in-5", "same-type-day", "before-metering", "before-after-metering", "forecast"];
        assert_eq!(swept, !plain.contains(&method.key.as_str()), "{}", method.key);
    }
}

#[test]
fn columns_that_end_early_are_gaps() {
    let case = Case::new(DayTypes { calendar: &CALENDAR, extra: &[] });
    let event = [Event::parse(FIRST + 44.days(), "35-38").unwrap()];
    let sweep = Sweep::plan(&event, FIRST, DAYS, method("high-4-of-5"), &Options::default(), &case).unwrap();
    let mut out = Swept::new();
    for length in [0, 1, 48, 48 * 44 * 3] {
        sweep[0].run(&vec![5i32; length], 3, 0..9, &mut out);
        assert_eq!(out.points().len(), 3);
        assert!(out.points().iter().all(|point| point.denominator == 0), "{length}");
    }
}
