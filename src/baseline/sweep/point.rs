//! One point of a sweep, whatever its readings are. Sums are far within `i64`: a reading is below 2⁴⁰ and no sum has more than
//! 64 × 48 of them.

use super::{Cell, Columns, Sweep, Swept, SweptPoint};
use crate::baseline::readings::GREATEST;
use crate::baseline::{LowUseMean, LowUseSelf, Share, TooFew};

/// The most days that are selected.
const MOST: usize = 30;

/// A selected day.
#[derive(Clone, Copy, Default)]
struct Pick {
    bit: u8,
    /// Where its event begins in the column.
    place: usize,
    /// The sum over the event.
    event: i64,
    /// The sum over the window.
    window: i64,
}

/// The selected days, without a heap.
struct Picks {
    days: [Pick; MOST],
    count: usize,
}

impl Picks {
    fn push(&mut self, pick: Pick) {
        if let Some(free) = self.days.get_mut(self.count) {
            *free = pick;
            self.count += 1;
        }
    }
    fn as_slice(&self) -> &[Pick] {
        self.days.get(..self.count).unwrap_or_default()
    }
    /// Keeps the days that `keep` says, in order.
    fn retain(&mut self, mut keep: impl FnMut(&Pick) -> bool) {
        let mut left = 0;
        for at in 0..self.count {
            let Some(pick) = self.days.get(at).copied() else { break };
            if keep(&pick)
                && let Some(free) = self.days.get_mut(left)
            {
                *free = pick;
                left += 1;
            }
        }
        self.count = left;
    }
    /// The greatest first; of equal days the more recent.
    fn sort(&mut self) {
        if let Some(days) = self.days.get_mut(..self.count) {
            days.sort_unstable_by(|one, two| two.event.cmp(&one.event).then(one.bit.cmp(&two.bit)));
        }
    }
}

/// The readings of one point.
struct Column<'a, T> {
    columns: Columns<'a, T>,
    point: usize,
    signed: bool,
}

impl<T: Cell> Column<'_, T> {
    /// The reading of a half-hour; nothing where it is missing or refused.
    fn at(&self, half_hour: usize) -> Option<i64> {
        let cell = self.columns.at(half_hour)?.get(self.point).filter(|cell| **cell != T::MISSING)?;
        let value: i64 = (*cell).into();
        let least = if self.signed { -GREATEST } else { 0 };
        (least..=GREATEST).contains(&value).then_some(value)
    }

    fn sum(&self, from: usize, len: usize) -> Option<i64> {
        (from..from.checked_add(len)?).try_fold(0i64, |sum, half_hour| Some(sum.wrapping_add(self.at(half_hour)?)))
    }
}

impl Sweep {
    /// What a point used in the event.
    pub(super) fn called_sum<T: Cell>(&self, columns: Columns<'_, T>, point: usize) -> Option<i64> {
        let column = Column { columns, point, signed: self.signed() };
        self.called.and_then(|called| column.sum(called, self.len))
    }

    fn pick<T: Cell>(&self, column: &Column<'_, T>, bit: u8, place: usize) -> Option<Pick> {
        let event = column.sum(place, self.len)?;
        let window = column.sum(self.window_of(place), self.window.1)?;
        Some(Pick { bit, place, event, window })
    }

    /// Where the window of an event lies that begins at a place.
    pub(super) fn window_of(&self, place: usize) -> usize {
        if self.window.1 == 0 { 0 } else { place.wrapping_add_signed(self.window.0 as isize) }
    }

    /// One point of the columns, the `at`-th of the results.
    pub(super) fn point<T: Cell>(&self, columns: Columns<'_, T>, point: usize, at: usize, out: &mut Swept) {
        let column = Column { columns, point, signed: self.signed() };
        let mut picks = Picks { days: [Pick::default(); MOST], count: 0 };
        let mut result = SweptPoint::default();
        let mut rest = self.order.iter();
        let refill = |picks: &mut Picks, rest: &mut std::slice::Iter<'_, (u8, usize)>, unreadable: &mut u64| {
            while picks.count < self.days {
                let Some((bit, place)) = rest.next() else { break };
                match self.pick(&column, *bit, *place) {
                    Some(pick) => picks.push(pick),
                    None => *unreadable |= 1 << bit,
                }
            }
        };
        if let (Some(share), LowUseMean::Pool) = (self.low_use, self.options.low_use_mean) {
            self.pooled(&column, share, &mut picks, &mut result);
        } else {
            refill(&mut picks, &mut rest, &mut result.unreadable);
            if let Some(share) = self.low_use {
                while self.sift(share, &mut picks, &mut result) {
                    refill(&mut picks, &mut rest, &mut result.unreadable);
                    if self.options.low_use_mean == LowUseMean::Once {
                        break;
                    }
                }
            }
        }
        self.keep(&column, &mut picks, &mut result);
        if picks.count == self.keep {
            self.write(&column, &picks, &mut result, at, out);
        }
        if let Some(free) = out.points.get_mut(at) {
            *free = result;
        }
    }

    /// Leaves out the days below the share of the mean of the selected ones; whether there were any.
    fn sift(&self, share: Share, picks: &mut Picks, result: &mut SweptPoint) -> bool {
        let sum: i64 = picks.as_slice().iter().map(|pick| pick.event).fold(0, i64::wrapping_add);
        let test = LowTest::new(share, sum, picks.count, self.options.low_use_self);
        if !picks.as_slice().iter().any(|pick| test.is_low(pick.event)) {
            return false;
        }
        picks.retain(|pick| {
            let low = test.is_low(pick.event);
            result.low_use |= u64::from(low) << pick.bit;
            !low
        });
        true
    }

    /// Selects against the mean of every usable day of the period.
    fn pooled<T: Cell>(&self, column: &Column<'_, T>, share: Share, picks: &mut Picks, result: &mut SweptPoint) {
        let (mut sum, mut count) = (0i64, 0);
        for (bit, place) in &self.order {
            match self.pick(column, *bit, *place) {
                Some(pick) => (sum, count) = (sum.wrapping_add(pick.event), count + 1),
                None => result.unreadable |= 1 << bit,
            }
        }
        let test = LowTest::new(share, sum, count, self.options.low_use_self);
        for (bit, place) in &self.order {
            let Some(pick) = self.pick(column, *bit, *place) else { continue };
            if test.is_low(pick.event) {
                result.low_use |= 1 << bit;
            } else if picks.count < self.days {
                picks.push(pick);
            }
        }
    }

    /// Keeps the greatest days; too few are filled up with past days of demand response.
    fn keep<T: Cell>(&self, column: &Column<'_, T>, picks: &mut Picks, result: &mut SweptPoint) {
        if picks.count > self.keep {
            picks.sort();
            let dropped = picks.as_slice().get(self.keep..).unwrap_or_default();
            result.dropped = dropped.iter().fold(0, |mask, pick| mask | 1 << pick.bit);
            picks.count = self.keep;
        } else if picks.count < self.keep && self.options.too_few == TooFew::DrDays {
            self.add_dr_days(column, picks, result);
        }
        result.kept = picks.as_slice().iter().fold(0, |mask, pick| mask | 1 << pick.bit);
    }

    fn add_dr_days<T: Cell>(&self, column: &Column<'_, T>, picks: &mut Picks, result: &mut SweptPoint) {
        // The greatest that is left, again and again: there are few.
        let found = picks.count;
        while picks.count < self.keep {
            let mut greatest: Option<Pick> = None;
            for (bit, place) in &self.dr_days {
                if result.added & (1 << bit) == 0
                    && let Some(pick) = self.pick(column, *bit, *place)
                    && greatest.is_none_or(|greatest| pick.event > greatest.event)
                {
                    greatest = Some(pick);
                }
            }
            let Some(pick) = greatest else {
                (picks.count, result.added) = (found, 0);
                return;
            };
            result.added |= 1 << pick.bit;
            picks.push(pick);
        }
    }

    /// Averages the kept days, moves them by the day itself and writes the sums.
    fn write<T: Cell>(
        &self,
        column: &Column<'_, T>,
        picks: &Picks,
        result: &mut SweptPoint,
        at: usize,
        out: &mut Swept,
    ) {
        let kept = self.keep as i64;
        let (mut factor, mut difference) = (1, 0);
        if self.window.1 > 0 {
            let own = self.own.and_then(|own| column.sum(self.window_of(own), self.window.1));
            let Some(own) = own else { return };
            factor = self.window.1 as i64;
            let past: i64 = picks.as_slice().iter().map(|pick| pick.window).fold(0, i64::wrapping_add);
            difference = own.wrapping_mul(kept).wrapping_sub(past);
        }
        result.denominator = factor.wrapping_mul(kept);
        let count = out.points.len();
        for slot in 0..self.len {
            let cells = picks.as_slice().iter().filter_map(|pick| column.at(pick.place + slot));
            let sum = cells.fold(0, i64::wrapping_add).wrapping_mul(factor).wrapping_add(difference);
            if let Some(free) = out.sums.get_mut(slot * count + at) {
                *free = if self.floored() { sum.max(0) } else { sum };
            }
        }
    }
}

/// 低使用日の判定 against one mean: strictly below the share of it.
pub(super) struct LowTest {
    share: Share,
    sum: i64,
    count: i64,
    without_self: bool,
}

impl LowTest {
    #[inline]
    pub(super) fn new(share: Share, sum: i64, count: usize, own: LowUseSelf) -> LowTest {
        LowTest { share, sum, count: count as i64, without_self: own == LowUseSelf::Excluded }
    }

    #[inline]
    pub(super) fn is_low(&self, own: i64) -> bool {
        let (sum, count) =
            if self.without_self { (self.sum.wrapping_sub(own), self.count - 1) } else { (self.sum, self.count) };
        let (one, two) = (self.share.den.wrapping_mul(count).wrapping_mul(own), self.share.num.wrapping_mul(sum));
        count > 0 && one < two
    }
}
