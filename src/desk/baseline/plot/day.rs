//! 発動日の図: load, candidate days, baseline, adjustment window, event and reduction in one picture.

use super::axes::{Along, Upright};
use super::scene::{Anchor, Ink, Sample, Scene, Stroke, Tenth, Words};
use crate::baseline::{Candidate, Computed, Direction, Fate, Fraction, PointReadings, SlotFigures};
use crate::items::{Date, Slot};
use jiff::ToSpan as _;

const WIDTH: Tenth = 9_600;
const HEIGHT: Tenth = 4_780;
const LEFT: Tenth = 760;
const RIGHT: Tenth = WIDTH - 200;
const TOP: Tenth = 840;
const FLOOR: Tenth = 3_900;

const LOAD: Stroke = Stroke::solid(Ink::Load, 22);
const BASELINE: Stroke = Stroke::solid(Ink::Baseline, 32);
const RAW: Stroke = Stroke::dashed(Ink::Raw, 14, 60, 40);
const KEPT: Stroke = Stroke::solid(Ink::Kept, 10);
const DROPPED: Stroke = Stroke::dashed(Ink::Dropped, 10, 50, 40);
const EXCLUDED: Stroke = Stroke::dashed(Ink::Excluded, 10, 15, 35);

/// Draws a computation. Of the point only the last four digits stand in it.
#[must_use]
pub fn day_plot(computed: &Computed<'_>, readings: &PointReadings<'_>) -> Scene {
    let day = computed.event.date;
    let own = format!("{day} {}", computed.point.masked());
    let method = computed.method;
    let title = Words::new(format!("{}　{own}", method.ja), format!("{}  {}", method.en, own.replace('…', "*")));
    let mut scene = Scene::new(WIDTH, HEIGHT, title);
    let spot = |date: Date, slot: Slot| half_hour(day, date, slot);
    let event: Vec<(i64, &SlotFigures)> =
        computed.slots.iter().map(|slot| (spot(slot.date, slot.slot), slot)).collect();
    let window: Vec<i64> = computed.window.iter().map(|slot| spot(slot.date, slot.slot)).collect();
    let marked = || event.iter().map(|(at, _)| *at).chain(window.iter().copied());
    let first = marked().min().unwrap_or(0).min(0);
    let along = Along { first, end: (marked().max().unwrap_or(0) + 1).max(48), left: LEFT, right: RIGHT };
    let days: Vec<(&Candidate, Stroke)> =
        computed.candidates.iter().filter_map(|day| Some((day, stroke(day)?))).collect();
    let series = |date: Date| (along.first..along.end).map(move |at| (at, at_half_hour(readings, date, at)));
    let values = days.iter().flat_map(|(day, _)| series(day.date)).chain(series(day)).filter_map(|(_, value)| value);
    let baselines = event.iter().filter_map(|(_, slot)| count(slot.baseline));
    let upright = Upright::over(values.chain(baselines).collect::<Vec<_>>().into_iter(), TOP, FLOOR);

    band(&mut scene, &along, &window, Ink::Window, ("基準時間帯", "adjustment window"));
    let slots: Vec<i64> = event.iter().map(|(at, _)| *at).collect();
    band(&mut scene, &along, &slots, Ink::Event, ("発動", "event"));
    upright.draw(&mut scene, LEFT, RIGHT, Words::same("kWh"));
    along.draw(&mut scene, FLOOR);
    reductions(&mut scene, computed, &event, &along, &upright);
    // The days that count most lie on top.
    for (candidate, stroke) in days.iter().rev() {
        let words = Words::new(format!("{} {}", candidate.date, fate_ja(candidate)), candidate.date.to_string());
        for run in along.steps(&upright, series(candidate.date)) {
            scene.titled(run, *stroke, words.clone());
        }
    }
    gaps(&mut scene, series(day), &along);
    let raw = computed.window.iter().map(|slot| (spot(slot.date, slot.slot), count(slot.raw)));
    let raw = raw.chain(event.iter().map(|(at, slot)| (*at, count(slot.raw))));
    for run in along.steps(&upright, raw) {
        scene.titled(run, RAW, Words::new("採用日の平均", "mean of the kept days"));
    }
    for run in along.steps(&upright, series(day)) {
        scene.titled(run, LOAD, Words::new(format!("{day} の使用量"), format!("use on {day}")));
    }
    for run in along.steps(&upright, event.iter().map(|(at, slot)| (*at, count(slot.baseline)))) {
        scene.titled(run, BASELINE, Words::new("ベースライン", "baseline"));
    }
    said(&mut scene, computed);
    scene.legend(
        FLOOR + 520,
        &[
            (Sample::Stroke(LOAD), Words::new("発動日の使用量", "use on the day")),
            (Sample::Stroke(BASELINE), Words::new("ベースライン", "baseline")),
            (Sample::Stroke(RAW), Words::new("採用日の平均（調整前）", "mean before adjustment")),
            (Sample::Band(Ink::Reduction), Words::new("需要制御量", "delivered")),
            (Sample::Stroke(KEPT), Words::new("採用した候補日", "kept day")),
            (Sample::Stroke(DROPPED), Words::new("不採用の候補日", "dropped day")),
            (Sample::Stroke(EXCLUDED), Words::new("除外した日", "excluded day")),
            (Sample::Band(Ink::Excess), Words::new("逆方向の差", "opposite difference")),
        ],
    );
    scene
}

/// Half-hours from 00:00 of the day of the event.
fn half_hour(day: Date, date: Date, slot: Slot) -> i64 {
    (date.duration_since(day).as_hours()) * 2 + i64::from(slot.number()) - 1
}

/// The reading of a half-hour counted from 00:00 of a date.
fn at_half_hour(readings: &PointReadings<'_>, date: Date, at: i64) -> Option<i64> {
    let date = date.checked_add(at.div_euclid(48).days()).ok()?;
    let slot = Slot::new(u8::try_from(at.rem_euclid(48) + 1).ok()?)?;
    readings.get(date, slot).map(crate::items::Energy::ten_thousandths)
}

/// To the nearest 0.0001 kWh: finer than a pixel.
fn count(exact: Option<Fraction>) -> Option<i64> {
    let parts = exact?.checked_mul(Fraction::whole(10_000))?.rounded(0)?;
    i64::try_from(parts.numerator()).ok()
}

fn stroke(day: &Candidate) -> Option<Stroke> {
    match day.fate {
        Fate::Kept | Fate::Added => Some(KEPT),
        Fate::Dropped { .. } => Some(DROPPED),
        Fate::Excluded(_) if day.mark.is_some() => Some(EXCLUDED),
        Fate::Excluded(_) | Fate::NotNeeded => None,
    }
}

fn fate_ja(day: &Candidate) -> String {
    match &day.fate {
        Fate::Kept => "採用".to_owned(),
        Fate::Added => "追加（過去のDR実施日）".to_owned(),
        Fate::Dropped { .. } => "不採用".to_owned(),
        Fate::Excluded(why) => format!("除外: {}", why.ja()),
        Fate::NotNeeded => String::new(),
    }
}

/// A band over every run of half-hours, with its name above the first.
fn band(scene: &mut Scene, along: &Along, half_hours: &[i64], ink: Ink, (ja, en): (&str, &str)) {
    let mut named = false;
    for run in half_hours.chunk_by(|one, two| one + 1 == *two) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let (left, right) = (along.x(*first), along.x(last + 1));
        scene.rect((left, TOP), (right - left, FLOOR - TOP), ink);
        if !named {
            scene.text(((left + right) / 2, TOP - 60), Anchor::Middle, Ink::Text, Words::new(ja, en));
            named = true;
        }
    }
}

/// What was delivered, slot by slot, between use and baseline.
fn reductions(
    scene: &mut Scene,
    computed: &Computed<'_>,
    event: &[(i64, &SlotFigures)],
    along: &Along,
    upright: &Upright,
) {
    for (at, slot) in event {
        let (Some(baseline), Some(actual)) = (count(slot.baseline), slot.actual) else { continue };
        let (high, low) = (upright.y(baseline), upright.y(actual.ten_thousandths()));
        let below = low > high;
        let wished = below == (computed.method.direction == Direction::Down);
        let (left, right) = (along.x(*at), along.x(at + 1));
        let ink = if wished { Ink::Reduction } else { Ink::Excess };
        scene.rect((left, high.min(low)), (right - left, (high - low).abs()), ink);
    }
}

/// Half-hours of the day without a reading.
fn gaps(scene: &mut Scene, series: impl Iterator<Item = (i64, Option<i64>)>, along: &Along) {
    let missing: Vec<i64> = series.filter(|(_, value)| value.is_none()).map(|(at, _)| at).collect();
    for run in missing.chunk_by(|one, two| one + 1 == *two) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let (left, right) = (along.x(*first), along.x(last + 1));
        scene.rect((left, FLOOR - 90), (right - left, 90), Ink::Gap);
        if right - left > 500 {
            let words = Words::new("計量値なし", "no readings");
            scene.text(((left + right) / 2, FLOOR - 130), Anchor::Middle, Ink::Soft, words);
        }
    }
}

/// The figures in one line below the title.
fn said(scene: &mut Scene, computed: &Computed<'_>) {
    let short =
        |exact: Option<Fraction>| exact.map_or("-".to_owned(), |exact| exact.rounded(4).unwrap_or(exact).to_string());
    let (total, adjustment) = (short(computed.total_reduction), short(computed.adjustment));
    let event = computed.event;
    let slots = format!("{}-{}", event.first.number(), event.last.number());
    let mut words = Words::new(
        format!("コマ {slots}　需要制御量の合計 {total} kWh"),
        format!("slots {slots}, delivered {total} kWh"),
    );
    if computed.adjustment.is_some() {
        words.ja.push_str(&format!("　当日調整 {adjustment}"));
        words.en.push_str(&format!(", adjustment {adjustment}"));
    }
    scene.text((160, 500), Anchor::Start, Ink::Soft, words);
}
