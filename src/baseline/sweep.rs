//! 多数地点の一括算定: High X of Y over dense columns of many points, with nothing allocated per point and only the slots
//! read that count. [`super::compute`] is its oracle: both give the same days and the same baseline.

use super::compute::all_dr_days;
use super::event::day_number;
use super::method::Kind;
use super::{
    AdjustmentRule, Case, Event, Exclusion, Export, Floor, Fraction, HighOf, Method, Midnight, Options, SecondEvent,
    Share, pool,
};
use crate::calendar::CalendarError;
use crate::items::Date;

mod point;
mod tile;

/// 計量値の欄: a reading in a column, in 0.0001 kWh; the least value of the type is no reading.
///
/// `i32` holds up to 214,748 kWh in a half-hour and takes half the memory of `i64`.
pub trait Cell: sealed::Lane {
    /// No reading.
    const MISSING: Self;
}

mod sealed {
    /// What the sums of a column take. Nothing here can overflow where it is used: a point with greater readings than
    /// the sums hold goes the general way.
    pub trait Lane: Copy + Ord + Default + Into<i64> {
        const MAX: i64;
        fn plus(self, other: Self) -> Self;
        fn minus(self, other: Self) -> Self;
        fn times(self, other: Self) -> Self;
        fn or(self, other: Self) -> Self;
        /// Itself, or zero.
        fn only_if(self, keep: bool) -> Self;
        /// A small number.
        fn of(number: u8) -> Self;
    }
}

macro_rules! cell {
    ($($type:ty),*) => {$(
        impl Cell for $type {
            const MISSING: $type = <$type>::MIN;
        }
        impl sealed::Lane for $type {
            const MAX: i64 = <$type>::MAX as i64;
            #[inline(always)]
            fn plus(self, other: $type) -> $type {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn minus(self, other: $type) -> $type {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn times(self, other: $type) -> $type {
                self.wrapping_mul(other)
            }
            #[inline(always)]
            fn or(self, other: $type) -> $type {
                self | other
            }
            #[inline(always)]
            fn only_if(self, keep: bool) -> $type {
                self & <$type>::from(keep).wrapping_neg()
            }
            #[inline(always)]
            fn of(number: u8) -> $type {
                number.into()
            }
        }
    )*};
}

cell!(i32, i64);

/// 一括算定の準備: everything about an event that is the same for every point.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// 発動
    pub event: Event,
    /// The candidate days, most recent first: bit 0 of the masks of [`Swept`] is the first of them.
    pub candidates: Vec<Date>,
    /// Half-hours of the columns.
    half_hours: usize,
    /// Slots of the event.
    len: usize,
    /// From the first slot of the event to that of the window; zero slots where there is no adjustment.
    window: (i64, usize),
    /// The candidates that may be chosen, most recent first: bit and place of the first slot of the event.
    order: Vec<(u8, usize)>,
    /// The past days of demand response.
    dr_days: Vec<(u8, usize)>,
    /// The window of the day of the event.
    own: Option<usize>,
    /// The event itself on its day.
    called: Option<usize>,
    days: usize,
    keep: usize,
    low_use: Option<Share>,
    options: Options,
}

/// 一括算定できない理由: why an event is for [`super::compute`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSwept {
    /// The method is none of High X of Y, scales, or has a window on both sides of the event.
    Method,
    /// More than 64 candidate days.
    TooManyDays,
    /// It is not known which days are of one kind.
    Calendar(CalendarError),
}

/// 一括算定の結果: one entry per point, reused from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Slots of the event.
    slots: usize,
    /// Every point.
    points: Vec<SweptPoint>,
    /// The baselines over the denominator of their point, slot after slot. Unit: 0.0001 kWh.
    sums: Vec<i64>,
}

/// 1地点の結果: which candidate days were taken, as bits of [`Sweep::candidates`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweptPoint {
    /// The days that are averaged; days of demand response that were added are among them.
    pub kept: u64,
    /// Selected, but not kept.
    pub dropped: u64,
    /// 低使用日
    pub low_use: u64,
    /// Looked at, but readings are missing or refused.
    pub unreadable: u64,
    /// Past days of demand response that were added.
    pub added: u64,
    /// What the sums are divided by; 0 where there is no baseline.
    pub denominator: i64,
}

impl Swept {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Swept {
        Swept::default()
    }
    /// Every point, in the order of the columns.
    #[must_use]
    pub fn points(&self) -> &[SweptPoint] {
        &self.points
    }
    /// The baselines of every slot together, over the denominator of the point. Unit: 0.0001 kWh. Nothing where there is none.
    #[must_use]
    pub fn total(&self, point: usize) -> Option<i128> {
        let count = self.points.len();
        self.points.get(point).filter(|point| point.denominator > 0)?;
        let sums = (0..self.slots).map(|slot| self.sums.get(slot * count + point).copied().map(i128::from));
        sums.sum()
    }
    /// The baseline of a slot of the event, counted from 0. Unit: kWh. Nothing where there is none.
    #[must_use]
    pub fn baseline(&self, point: usize, slot: usize) -> Option<Fraction> {
        let sum = (slot < self.slots && point < self.points.len()).then(|| slot * self.points.len() + point);
        let sum = self.sums.get(sum?)?;
        Fraction::kwh(i128::from(*sum), i128::from(self.points.get(point)?.denominator))
    }
}

impl Sweep {
    /// Prepares events over columns of `days` days from `first` on, in the order of the events as
    /// [`super::compute`] gives them.
    pub fn plan(
        events: &[Event],
        first: Date,
        days: usize,
        method: &Method,
        options: &Options,
        case: &Case<'_>,
    ) -> Result<Vec<Sweep>, NotSwept> {
        let Kind::HighOf(rule) = method.kind else { return Err(NotSwept::Method) };
        if rule.adjustment == AdjustmentRule::Scaling || rule.window.is_some_and(|spans| spans.after.is_some()) {
            return Err(NotSwept::Method);
        }
        let events: Vec<Event> = match options.midnight {
            Midnight::One => events.to_vec(),
            Midnight::Two => events.iter().flat_map(Event::split).collect(),
        };
        let dr_days = all_dr_days(&events, case);
        let one = |event: &Event| {
            let dates = pool::days_of_kind(event, rule.lookback, options, case).map_err(NotSwept::Calendar)?;
            let of = rule.of(case.days.of(event.date).map_err(NotSwept::Calendar)?);
            let mut sweep = Sweep {
                event: *event,
                candidates: dates,
                half_hours: days * 48,
                len: event.len(),
                window: window(event, &events, &rule, options),
                order: Vec::new(),
                dr_days: Vec::new(),
                own: None,
                called: None,
                days: of.days.into(),
                keep: of.keep.into(),
                low_use: rule.low_use,
                options: *options,
            };
            for (bit, date) in sweep.candidates.iter().enumerate() {
                let bit = u8::try_from(bit).ok().filter(|bit| *bit < 64).ok_or(NotSwept::TooManyDays)?;
                let barred = pool::barred(*date, &dr_days, options, case);
                let place = sweep.place(first, *date, true);
                match (barred, place) {
                    (None, place) => sweep.order.push((bit, place.unwrap_or(usize::MAX))),
                    (Some(Exclusion::DrDay { .. }), Some(place)) => sweep.dr_days.push((bit, place)),
                    _ => {}
                }
            }
            sweep.own = sweep.place(first, event.date, false);
            sweep.called = sweep.place(first, event.date, true);
            Ok(sweep)
        };
        events.iter().map(one).collect()
    }

    /// Where the first slot of the event lies on a day as if it began there; nothing where window or event are not in
    /// the columns.
    fn place(&self, first: Date, date: Date, with_event: bool) -> Option<usize> {
        let start = (day_number(date) - day_number(first)) * 48 + self.event.start();
        let half_hours = i64::try_from(self.half_hours).ok()?;
        let len = i64::try_from(self.len).ok()?;
        let window = start + self.window.0..start + self.window.0 + i64::try_from(self.window.1).ok()?;
        let inside = |from: i64, to: i64| from >= 0 && to <= half_hours;
        let readable = (window.is_empty() || inside(window.start, window.end))
            && (!with_event || inside(start, start + len))
            && start >= 0;
        readable.then(|| usize::try_from(start).ok()).flatten()
    }

    /// Computes the baselines of the points `range` of columns of `points` points: the reading of a point at a half-hour,
    /// counted from 00:00 of the first day, is `columns[half_hour * points + point]`. Half-hours that the columns end
    /// before are missing.
    ///
    /// For parallel use give each thread a range and an `out` of its own.
    pub fn run<T: Cell>(&self, columns: &[T], points: usize, range: std::ops::Range<usize>, out: &mut Swept) {
        let range = range.start.min(points)..range.end.min(points);
        out.slots = self.len;
        out.points.clear();
        out.points.resize(range.len(), SweptPoint::default());
        out.sums.clear();
        out.sums.resize(range.len() * self.len, 0);
        let columns = Columns { values: columns, points };
        let tiled = self.tiles(&columns, &range, out);
        for at in tiled..range.len() {
            self.point(columns, range.start + at, at, out);
        }
    }

    /// Whether a result came about as the rule has it: from as many days as it asks for, none of them a day of demand response
    /// or unreadable. [`super::compute`] has something to say of every other.
    #[must_use]
    pub const fn is_plain(&self, point: &SweptPoint) -> bool {
        let chosen = (point.kept | point.dropped).count_ones() as usize;
        point.denominator > 0 && point.unreadable == 0 && point.added == 0 && chosen == self.days
    }

    /// What a point used in the event, of the same columns as in [`Sweep::run`]. Unit: 0.0001 kWh. Nothing where a reading is
    /// missing or refused.
    #[must_use]
    pub fn actual<T: Cell>(&self, columns: &[T], points: usize, point: usize) -> Option<i64> {
        self.called_sum(Columns { values: columns, points }, point)
    }

    const fn signed(&self) -> bool {
        matches!(self.options.export, Export::Signed)
    }

    const fn floored(&self) -> bool {
        matches!(self.options.floor, Floor::PerSlot)
    }
}

/// The columns: one for each half-hour, of every point.
#[derive(Clone, Copy)]
struct Columns<'a, T> {
    values: &'a [T],
    points: usize,
}

impl<'a, T: Cell> Columns<'a, T> {
    /// The column of a half-hour.
    fn at(&self, half_hour: usize) -> Option<&'a [T]> {
        self.values.get(half_hour.checked_mul(self.points)?..)?.get(..self.points)
    }
}

/// The window of an event: its distance from the first slot and its length.
fn window(event: &Event, events: &[Event], rule: &HighOf, options: &Options) -> (i64, usize) {
    let Some(spans) = rule.window else { return (0, 0) };
    let first = events.iter().filter(|other| other.date == event.date).min_by_key(|other| other.first);
    let start = first.filter(|_| options.second_event == SecondEvent::FirstWindow).unwrap_or(event).start();
    let before = i64::from(spans.before.slots) + i64::from(spans.before.skip);
    (start - before - event.start(), usize::from(spans.before.slots))
}
