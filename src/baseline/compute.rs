//! 算定: the plain computation with its whole trace, one point and one event at a time. It is the oracle of the fast one.

use super::method::Kind;
use super::pool::{self, Day, Spots};
use super::trace::{Fate, SlotFigures, WindowSlot};
use super::{
    AdjustmentRule, Computed, DayTypes, Direction, DrDay, Event, Floor, Fraction, HighOf, Method, Midnight, Nearest,
    Options, PointReadings, Requested, SecondEvent, Spans, digest, say, select,
};
use crate::items::{Date, Energy, HalfHours};
use std::collections::BTreeMap;

/// 算定の前提: what is known beside the readings.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Which days are of one kind.
    pub days: DayTypes<'a>,
    /// 過去のDR実施日
    pub dr_days: &'a [DrDay],
    /// 除外申請
    pub requested: &'a [Requested],
    /// 基準値計画: what was submitted for days, in kWh per slot.
    pub forecasts: &'a [(Date, HalfHours)],
    /// 今日, JST; nothing where it does not matter.
    pub today: Option<Date>,
}

impl<'a> Case<'a> {
    /// A case with nothing but the kinds of days.
    #[must_use]
    pub const fn new(days: DayTypes<'a>) -> Case<'a> {
        Case { days, dr_days: &[], requested: &[], forecasts: &[], today: None }
    }
}

/// Computes the baselines of a point for events, in the order of the events.
///
/// The days of the events count as days of demand response for later ones. Under [`Midnight::Two`] an event across
/// midnight becomes two.
#[must_use]
pub fn compute<'m>(
    readings: PointReadings<'_>,
    events: &[Event],
    method: &'m Method,
    options: &Options,
    case: &Case<'_>,
) -> Vec<Computed<'m>> {
    let events: Vec<Event> = match options.midnight {
        Midnight::One => events.to_vec(),
        Midnight::Two => events.iter().flat_map(Event::split).collect(),
    };
    let dr_days = all_dr_days(&events, case);
    let one = |event: &Event| {
        let mut run = Run::new(readings, *event, &events, &dr_days, method, options, case);
        run.compute();
        run.out.digest = digest::of(&run.out, &readings, &run.inputs, case);
        run.out
    };
    events.iter().map(one).collect()
}

/// The days of demand response that were given, and those of the events themselves, in order.
pub(super) fn all_dr_days(events: &[Event], case: &Case<'_>) -> Vec<DrDay> {
    let mut days: BTreeMap<Date, bool> = BTreeMap::new();
    let called = events.iter().flat_map(Event::slots).map(|(date, _)| (date, true));
    for (date, answered) in case.dr_days.iter().map(|day| (day.date, day.answered)).chain(called) {
        *days.entry(date).or_default() |= answered;
    }
    days.into_iter().map(|(date, answered)| DrDay { date, answered }).collect()
}

/// One computation on its way.
struct Run<'a, 'm> {
    readings: PointReadings<'a>,
    spots: Spots<'a>,
    events: &'a [Event],
    dr_days: &'a [DrDay],
    case: &'a Case<'a>,
    inputs: digest::Inputs,
    out: Computed<'m>,
}

impl<'a, 'm> Run<'a, 'm> {
    fn new(
        readings: PointReadings<'a>,
        event: Event,
        events: &'a [Event],
        dr_days: &'a [DrDay],
        method: &'m Method,
        options: &Options,
        case: &'a Case<'a>,
    ) -> Run<'a, 'm> {
        let spots = Spots::new(readings, &event, options);
        let actual = |(date, slot)| SlotFigures {
            date,
            slot,
            raw: None,
            baseline: None,
            floored: false,
            actual: readings.get(date, slot),
            reduction: None,
        };
        let out = Computed {
            point: readings.point,
            event,
            method,
            options: *options,
            day_type: case.days.of(event.date).ok(),
            candidates: Vec::new(),
            window: Vec::new(),
            adjustment: None,
            slots: event.slots().map(actual).collect(),
            total_reduction: None,
            mark: readings.mark(event.date),
            findings: Vec::new(),
            digest: String::new(),
        };
        Run { readings, spots, events, dr_days, case, inputs: digest::Inputs::default(), out }
    }

    fn compute(&mut self) {
        self.out.findings = say::circumstances(&self.out.event, self.events, &self.out.options, self.case);
        match self.out.method.kind {
            Kind::HighOf(rule) => self.high_of(&rule),
            Kind::Nearest(rule) => self.nearest(&rule),
            Kind::Around(spans) => self.around(spans),
            Kind::Submitted => self.submitted(),
        }
        self.reductions();
        say::readings(&mut self.out, &self.readings, self.case);
    }

    fn date(&self) -> Date {
        self.out.event.date
    }

    /// The offsets of the adjustment window; of a second event perhaps those of the first.
    fn window(&self, spans: Spans) -> Vec<i64> {
        let own = self.out.event;
        let first = self.events.iter().filter(|event| event.date == own.date).min_by_key(|event| event.first);
        let event = first.filter(|_| self.out.options.second_event == SecondEvent::FirstWindow).unwrap_or(&own);
        spans.offsets(event.len()).map(|offset| offset + event.start() - own.start()).collect()
    }

    /// The candidate days: the sum over the event of each, if every reading at `also` is there too.
    fn days(&mut self, lookback: u16, also: &[i64]) -> Option<Vec<Day>> {
        self.inputs.offsets = self.spots.event().chain(also.iter().copied()).collect();
        let dates = match pool::days_of_kind(&self.out.event, lookback, &self.out.options, self.case) {
            Ok(dates) => dates,
            Err(error) => {
                self.out.findings.push(say::no_day_type(&error));
                return None;
            }
        };
        let day = |date: &Date| Day {
            date: *date,
            sum: self
                .spots
                .sum(*date, self.spots.event())
                .and_then(|sum| self.spots.sum(*date, also.iter().copied()).map(|_| sum)),
            barred: pool::barred(*date, self.dr_days, &self.out.options, self.case),
        };
        let days: Vec<Day> = dates.iter().map(day).collect();
        self.out.candidates = pool::candidates(&days, &self.readings, &self.spots, also);
        Some(days)
    }

    fn high_of(&mut self, rule: &HighOf) {
        let window = rule.window.map(|spans| self.window(spans)).unwrap_or_default();
        let Some(days) = self.days(rule.lookback, &window) else { return };
        let Some(kind) = self.out.day_type else { return };
        let of = rule.of(kind);
        let options = self.out.options;
        let chosen = select::choose(&days, &mut self.out.candidates, of, rule.low_use, self.spots.len, &options);
        match chosen {
            Ok(kept) => {
                say::chosen(&mut self.out, of);
                let kept: Vec<Date> = kept.iter().filter_map(|place| days.get(*place)).map(|day| day.date).collect();
                self.adjusted(&kept, rule.adjustment, &window);
            }
            Err(found) => say::too_few(&mut self.out, found, of.keep),
        }
    }

    /// Averages the kept days and moves them by the day itself.
    fn adjusted(&mut self, kept: &[Date], rule: AdjustmentRule, window: &[i64]) {
        let Ok(count) = i128::try_from(kept.len()) else { return };
        let kept_sum = |offset: i64| kept.iter().map(|date| self.spots.at(*date, offset)).sum::<Result<i128, _>>();
        let sums: Vec<i128> = self.spots.event().filter_map(|offset| kept_sum(offset).ok()).collect();
        let windows: Vec<i128> = window.iter().filter_map(|offset| kept_sum(*offset).ok()).collect();
        for (figures, sum) in self.out.slots.iter_mut().zip(&sums) {
            figures.raw = Fraction::kwh(*sum, count);
        }
        for (offset, sum) in window.iter().zip(&windows) {
            let Some((date, slot)) = self.spots.spot(self.out.event.date, *offset) else { continue };
            let actual = self.spots.at(self.out.event.date, *offset).ok().and_then(|value| i64::try_from(value).ok());
            let actual = actual.map(Energy::from_ten_thousandths);
            self.out.window.push(WindowSlot { date, slot, actual, raw: Fraction::kwh(*sum, count) });
        }
        if rule == AdjustmentRule::None {
            self.write(&sums, count);
            return;
        }
        let past: i128 = windows.iter().sum();
        let own = match self.spots.sum(self.date(), window.iter().copied()) {
            Ok(own) => own,
            Err(why) => return say::no_window(&mut self.out, &why, self.case),
        };
        let Ok(length) = i128::try_from(window.len()) else { return };
        match rule {
            AdjustmentRule::Scaling if past <= 0 => say::no_scale(&mut self.out),
            // K cancels: sum/K × (own × K / past).
            AdjustmentRule::Scaling => {
                self.out.adjustment = Fraction::new(own * count, past);
                let scaled: Vec<i128> = sums.iter().map(|sum| sum * own).collect();
                self.write(&scaled, past);
            }
            _ => {
                let difference = own * count - past;
                self.out.adjustment = Fraction::kwh(difference, length * count);
                let moved: Vec<i128> = sums.iter().map(|sum| sum * length + difference).collect();
                self.write(&moved, length * count);
            }
        }
    }

    /// Writes the baseline of every slot: a sum over a common denominator.
    fn write(&mut self, sums: &[i128], den: i128) {
        let floor = self.out.options.floor == Floor::PerSlot;
        for (figures, sum) in self.out.slots.iter_mut().zip(sums) {
            figures.floored = floor && *sum < 0;
            figures.baseline = Fraction::kwh(if figures.floored { 0 } else { *sum }, den);
        }
    }

    fn nearest(&mut self, rule: &Nearest) {
        let start = self.out.event.start();
        let margin = i64::from(rule.margin);
        let around = self.spots.event().start - margin..self.spots.event().end + margin;
        let compared: Vec<i64> = (0..48).map(|slot| slot - start).filter(|offset| !around.contains(offset)).collect();
        let Some(days) = self.days(rule.lookback, &compared) else { return };
        let own: Result<Vec<i128>, _> = compared.iter().map(|offset| self.spots.at(self.date(), *offset)).collect();
        let own = match own {
            Ok(own) => own,
            Err(why) => return say::no_window(&mut self.out, &why, self.case),
        };
        let mut usable = Vec::new();
        for (place, day) in days.iter().enumerate() {
            let pairs = compared.iter().zip(&own);
            let distance = pairs.map(|(offset, own)| Ok((self.spots.at(day.date, *offset)? - own).abs()));
            let distance: Result<i128, super::Exclusion> = distance.sum();
            let (Ok(distance), Ok(_)) = (distance, &day.sum) else { continue };
            if let Some(candidate) = self.out.candidates.get_mut(place) {
                candidate.distance = Fraction::kwh(distance, 1);
            }
            if day.barred.is_none() {
                usable.push((distance, place));
            }
        }
        // Of equally near days the more recent.
        usable.sort_unstable();
        let wanted = usize::from(rule.days);
        let last = usable.get(wanted.saturating_sub(1)).map(|(distance, _)| *distance);
        for (order, (distance, place)) in usable.iter().enumerate() {
            let tie = Some(*distance) == last;
            let fate = if order < wanted { Fate::Kept } else { Fate::Dropped { tie } };
            if let Some(candidate) = self.out.candidates.get_mut(*place) {
                candidate.fate = fate;
            }
        }
        if usable.len() < wanted {
            return say::too_few(&mut self.out, usable.len(), rule.days);
        }
        let kept: Vec<Date> =
            usable.iter().take(wanted).filter_map(|(_, place)| days.get(*place)).map(|day| day.date).collect();
        self.adjusted(&kept, AdjustmentRule::None, &[]);
    }

    fn around(&mut self, spans: Spans) {
        let offsets: Vec<i64> = spans.offsets(self.spots.len).collect();
        self.inputs.offsets = self.spots.event().chain(offsets.iter().copied()).collect();
        for offset in &offsets {
            let Some((date, slot)) = self.spots.spot(self.date(), *offset) else { continue };
            self.out.window.push(WindowSlot { date, slot, actual: self.readings.get(date, slot), raw: None });
        }
        let Ok(count) = i128::try_from(offsets.len()) else { return };
        match self.spots.sum(self.date(), offsets.iter().copied()) {
            Ok(sum) => self.write(&vec![sum; self.spots.len], count),
            Err(why) => say::no_window(&mut self.out, &why, self.case),
        }
    }

    fn submitted(&mut self) {
        self.inputs.offsets = self.spots.event().collect();
        let forecast = |date: Date| self.case.forecasts.iter().find(|(day, _)| *day == date);
        let values: Option<Vec<i128>> = self
            .out
            .event
            .slots()
            .map(|(date, slot)| Some(i128::from(forecast(date)?.1.get(slot)?.ten_thousandths())))
            .collect();
        match values {
            Some(values) => {
                self.inputs.forecast.clone_from(&values);
                self.write(&values, 1);
            }
            None => say::no_forecast(&mut self.out),
        }
    }

    fn reductions(&mut self) {
        let direction = self.out.method.direction;
        for (offset, figures) in self.spots.event().zip(&mut self.out.slots) {
            let actual = self.spots.at(self.out.event.date, offset).ok();
            figures.actual = actual.and_then(|value| i64::try_from(value).ok()).map(Energy::from_ten_thousandths);
            let actual = actual.and_then(|value| Fraction::kwh(value, 1));
            figures.reduction = match (figures.baseline, actual) {
                (Some(baseline), Some(actual)) => match direction {
                    Direction::Down => baseline.checked_sub(actual),
                    Direction::Up | Direction::Output => actual.checked_sub(baseline),
                },
                _ => None,
            };
        }
        let mut reductions = self.out.slots.iter().map(|figures| figures.reduction);
        self.out.total_reduction = reductions.try_fold(Fraction::ZERO, |sum, next| sum.checked_add(next?));
    }
}
