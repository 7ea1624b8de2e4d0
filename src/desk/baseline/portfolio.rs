//! 一括算定: one line for every point of a portfolio. The dense way does what is regular, and the plain way whatever has
//! something to be said of it: both give the same.

use super::stored::Area;
use crate::baseline::{
    Case, Computed, Direction, Event, Fraction, Method, Options, PointReadings, Readings, Status, Sweep, Swept,
    SweptPoint, circumstances, compute, slots_read,
};
use crate::items::{Date, Energy, HalfHours, Slot, SlotSet, SupplyPointId};
use crate::messages::metering::ReadingStatus;
use crate::rules::{Finding, codes};
use jiff::ToSpan as _;
use std::ops::Range;

/// Points that a thread computes at a time: their columns stay in its cache.
const CHUNK: usize = 2048;
/// Unit: 0.0001 kWh in one kWh.
const PARTS: i128 = 10_000;

/// 一括算定の1行: what a person reads of a point in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// 供給地点特定番号
    pub point: SupplyPointId,
    /// 発動
    pub event: Event,
    /// 需要制御量の合計. Unit: kWh. Nothing where there is none.
    pub total_reduction: Option<Fraction>,
    /// The codes of what is to be said of it.
    pub codes: Vec<&'static str>,
    /// Whether one of them is an error.
    pub failed: bool,
}

impl Line {
    /// The line of a computation.
    #[must_use]
    pub fn of(computed: &Computed<'_>) -> Line {
        Line {
            point: computed.point,
            event: computed.event,
            total_reduction: computed.total_reduction,
            codes: computed.findings.iter().map(|finding| finding.code).collect(),
            failed: computed.findings.iter().any(Finding::is_error),
        }
    }
}

/// 算定の指定: what is computed, the same for every point.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// 発動
    pub events: &'a [Event],
    /// 算定方法
    pub method: &'a Method,
    /// What the rule leaves open.
    pub options: &'a Options,
    /// What is known beside the readings.
    pub case: &'a Case<'a>,
    /// 基準値計画: what was submitted, by point. Nothing where nothing was.
    pub forecasts: Option<&'a Readings>,
    /// The first and the last day that are looked at.
    pub days: (Date, Date),
}

impl<'a> Job<'a> {
    /// The baselines of one point, with their traces.
    #[must_use]
    pub fn compute(&self, view: PointReadings<'_>) -> Vec<Computed<'a>> {
        let Job { events, method, options, case, .. } = *self;
        let forecasts = self.forecasts_of(view.point);
        compute(view, events, method, options, &Case { forecasts: &forecasts, ..*case })
    }
    /// 基準値計画 of one point, by day.
    pub(super) fn forecasts_of(&self, point: SupplyPointId) -> Vec<(Date, HalfHours)> {
        let Some(view) = self.forecasts.and_then(|forecasts| forecasts.point(point)) else { return Vec::new() };
        let day = |number: &i64| {
            let date = Date::constant(1970, 1, 1).checked_add(number.days()).ok()?;
            let mut day = HalfHours::MISSING;
            Slot::all().for_each(|slot| day.set(slot, view.get(date, slot)));
            Some((date, day))
        };
        view.days().iter().filter_map(day).collect()
    }
    /// The slots that it reads.
    #[must_use]
    pub fn slots(&self) -> SlotSet {
        slots_read(self.method, self.events)
    }
    fn length(&self) -> usize {
        let days = (self.days.1 - self.days.0).get_days();
        usize::try_from(days).map_or(0, |days| days + 1)
    }
}

/// The columns of some points, and which of their days are not final.
#[derive(Default)]
pub(super) struct Dense {
    /// The reading of a point at a half-hour: `cells[half_hour * points + point]`.
    pub(super) cells: Vec<i64>,
    /// `open[day * points + point]`
    pub(super) open: Vec<bool>,
}

impl Dense {
    /// The cells of a slot of a day.
    pub(super) fn column(&mut self, points: usize, day: usize, slot: Slot) -> &mut [i64] {
        let start = (day * 48 + usize::from(slot.number()) - 1) * points;
        self.cells.get_mut(start..start + points).unwrap_or_default()
    }
    /// Which points are not final on a day.
    pub(super) fn open(&mut self, points: usize, day: usize) -> &mut [bool] {
        self.open.get_mut(day * points..(day + 1) * points).unwrap_or_default()
    }
}

/// Readings of a portfolio, wherever they lie.
pub(super) trait Portfolio: Sync {
    /// Every point, in order.
    fn points(&self) -> &[SupplyPointId];
    /// Fills the slots that are read, of days from the first on, for some of the points.
    fn fill(&self, points: &Range<usize>, days: usize, job: &Job<'_>, out: &mut Dense);
    /// The readings of one point, in the slots that are read at least.
    fn with<R>(&self, point: SupplyPointId, slots: SlotSet, then: impl FnOnce(PointReadings<'_>) -> R) -> Option<R>;
}

/// The lines of readings that are in memory, in the order of the points.
pub fn each_line<E>(readings: &Readings, job: &Job<'_>, each: impl FnMut(Line) -> Result<(), E>) -> Result<(), E> {
    let points: Vec<_> = readings.points().collect();
    each_of(&Loaded { readings, points }, job, each)
}

/// The lines of the days of one area.
pub(super) fn each_of<E>(
    portfolio: &impl Portfolio,
    job: &Job<'_>,
    mut each: impl FnMut(Line) -> Result<(), E>,
) -> Result<(), E> {
    let sweeps =
        Sweep::plan(job.events, job.days.0, job.length(), job.method, job.options, job.case).unwrap_or_default();
    let said: Vec<Vec<&'static str>> = sweeps
        .iter()
        .map(|sweep| {
            let events: Vec<Event> = sweeps.iter().map(|sweep| sweep.event).collect();
            circumstances(&sweep.event, &events, job.options, job.case).iter().map(|finding| finding.code).collect()
        })
        .collect();
    let run = &Run { portfolio, job, sweeps: &sweeps, said: &said };
    let count = portfolio.points().len();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // Each thread uses its memory again.
    let mut dense: Vec<Dense> = (0..threads).map(|_| Dense::default()).collect();
    for start in (0..count).step_by(CHUNK * threads) {
        let done = std::thread::scope(|scope| {
            let starts = (start..count).step_by(CHUNK);
            let chunks: Vec<_> = starts
                .zip(&mut dense)
                .map(|(from, dense)| scope.spawn(move || run.chunk(from..count.min(from + CHUNK), dense)))
                .collect();
            // What went wrong there goes wrong here: no point is lost silently.
            let done =
                chunks.into_iter().map(|chunk| chunk.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
            done.collect::<Vec<_>>()
        });
        done.into_iter().flatten().try_for_each(&mut each)?;
    }
    Ok(())
}

struct Run<'a, P> {
    portfolio: &'a P,
    job: &'a Job<'a>,
    /// Nothing where the method or the options are none of the dense way.
    sweeps: &'a [Sweep],
    /// What is to be said of every point, by event.
    said: &'a [Vec<&'static str>],
}

impl<P: Portfolio> Run<'_, P> {
    fn chunk(&self, range: Range<usize>, dense: &mut Dense) -> Vec<Line> {
        let points = self.portfolio.points().get(range.clone()).unwrap_or_default();
        let events = self.sweeps.len();
        let mut swept: Vec<Option<Line>> = vec![None; points.len() * events];
        if events > 0 {
            self.swept(&range, points, dense, &mut swept);
        }
        let mut lines = Vec::with_capacity(swept.len());
        let mut swept = swept.into_iter();
        for point in points {
            let start = lines.len();
            lines.extend(swept.by_ref().take(events).flatten());
            if events == 0 || lines.len() < start + events {
                lines.truncate(start);
                let plain = self
                    .portfolio
                    .with(*point, self.job.slots(), |view| self.job.compute(view).iter().map(Line::of).collect());
                lines.extend::<Vec<Line>>(plain.unwrap_or_default());
            }
        }
        lines
    }

    /// The lines of what is regular, by point and event.
    fn swept(&self, range: &Range<usize>, points: &[SupplyPointId], dense: &mut Dense, lines: &mut [Option<Line>]) {
        let (days, count, events) = (self.job.length(), points.len(), self.sweeps.len());
        // Only the slots that are read are ever written: the rest of the memory is never touched.
        if dense.cells.len() < days * 48 * count {
            *dense = Dense { cells: vec![0; days * 48 * count], open: vec![false; days * count] };
        }
        self.portfolio.fill(range, days, self.job, dense);
        let mut out = Swept::new();
        for (number, (sweep, said)) in self.sweeps.iter().zip(self.said).enumerate() {
            sweep.run(&dense.cells, count, 0..count, &mut out);
            let days = OpenDays::of(sweep, self.job.days.0, &dense.open, count);
            for (place, (point, swept)) in points.iter().zip(out.points()).enumerate() {
                let Some(line) = lines.get_mut(place * events + number).filter(|_| sweep.is_plain(swept)) else {
                    continue;
                };
                let Some(actual) = sweep.actual(&dense.cells, count, place) else { continue };
                let total = out.total(place).and_then(|total| {
                    let actual = i128::from(actual) * i128::from(swept.denominator);
                    let reduction = match self.job.method.direction {
                        Direction::Down => total - actual,
                        Direction::Up | Direction::Output => actual - total,
                    };
                    Fraction::new(reduction, i128::from(swept.denominator) * PARTS)
                });
                let mut said = said.clone();
                if days.any(swept, place) {
                    said.push(codes::READING_NOT_FINAL.code);
                }
                let (point, event) = (*point, sweep.event);
                *line = Some(Line { point, event, total_reduction: total, codes: said, failed: false });
            }
        }
    }
}

/// Which days that were chosen have readings that are not final.
struct OpenDays<'a> {
    /// By bit of the candidates.
    candidates: Vec<&'a [bool]>,
    own: &'a [bool],
}

impl<'a> OpenDays<'a> {
    fn of(sweep: &Sweep, first: Date, open: &'a [bool], points: usize) -> OpenDays<'a> {
        let of = |date: &Date| {
            let day = usize::try_from((*date - first).get_days()).ok();
            day.and_then(|day| open.get(day * points..(day + 1) * points)).unwrap_or_default()
        };
        OpenDays { candidates: sweep.candidates.iter().map(of).collect(), own: of(&sweep.event.date) }
    }
    fn any(&self, swept: &SweptPoint, place: usize) -> bool {
        let open = |day: &[bool]| day.get(place).is_some_and(|open| *open);
        let mut chosen = swept.kept | swept.dropped;
        while chosen != 0 {
            if self.candidates.get(chosen.trailing_zeros() as usize).is_some_and(|day| open(day)) {
                return true;
            }
            chosen &= chosen - 1;
        }
        open(self.own)
    }
}

/// Readings in memory.
struct Loaded<'a> {
    readings: &'a Readings,
    points: Vec<SupplyPointId>,
}

impl Portfolio for Loaded<'_> {
    fn points(&self) -> &[SupplyPointId] {
        &self.points
    }
    fn fill(&self, range: &Range<usize>, days: usize, job: &Job<'_>, out: &mut Dense) {
        let (slots, count) = (job.slots(), range.len());
        for (place, view) in self.readings.iter().skip(range.start).take(count).enumerate() {
            for (day, date) in job.days.0.series(1.day()).take(days).enumerate() {
                for slot in slots.iter() {
                    if let Some(cell) = out.column(count, day, slot).get_mut(place) {
                        *cell = view.get(date, slot).map_or(i64::MIN, Energy::ten_thousandths);
                    }
                }
                if let Some(open) = out.open(count, day).get_mut(place) {
                    *open = view.mark(date).is_some_and(|mark| mark.status != Status::Final);
                }
            }
        }
    }
    fn with<R>(&self, point: SupplyPointId, _: SlotSet, then: impl FnOnce(PointReadings<'_>) -> R) -> Option<R> {
        self.readings.point(point).map(then)
    }
}

impl Portfolio for Area {
    fn points(&self) -> &[SupplyPointId] {
        &self.points
    }
    fn fill(&self, range: &Range<usize>, days: usize, job: &Job<'_>, out: &mut Dense) {
        let (slots, count) = (job.slots(), range.len());
        let points = self.points.get(range.clone()).unwrap_or_default();
        let mut rows = Vec::with_capacity(count);
        let each = job.days.0.series(1.day()).take(days).enumerate();
        for (day, date) in each {
            let Some(held) = self.day(date) else {
                slots.iter().for_each(|slot| out.column(count, day, slot).fill(i64::MIN));
                out.open(count, day).fill(false);
                continue;
            };
            rows.clear();
            // Points stand in order in every day: each is looked for behind the one before.
            let mut next = held.points.partition_point(|point| points.first().is_some_and(|first| point < first));
            rows.extend(points.iter().map(|point| {
                while held.points.get(next).is_some_and(|other| other < point) {
                    next += 1;
                }
                let found = held.points.get(next) == Some(point);
                let slots = held.slots.get(next).filter(|_| found).copied().unwrap_or_default();
                (next, slots.given(), slots.least().is_some_and(|(status, _)| status != ReadingStatus::Fixed))
            }));
            for ((.., not_final), open) in rows.iter().zip(out.open(count, day)) {
                *open = *not_final;
            }
            for slot in slots.iter() {
                let column = held.energies.column(slot);
                for ((row, given, _), cell) in rows.iter().zip(out.column(count, day, slot)) {
                    *cell = column.get(*row).copied().filter(|_| given.contains(slot)).unwrap_or(i64::MIN);
                }
            }
        }
    }
    fn with<R>(&self, point: SupplyPointId, slots: SlotSet, then: impl FnOnce(PointReadings<'_>) -> R) -> Option<R> {
        self.readings(std::slice::from_ref(&point), slots).point(point).map(then)
    }
}
