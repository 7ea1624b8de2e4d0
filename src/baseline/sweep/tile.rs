//! Tiles of points: the hot loop. Every pass goes along the columns of a tile, the same for all of its points and without
//! a branch that depends on a value. A point of which a reading is refused or too great, or a day is low, goes the
//! general way afterwards.

use super::point::LowTest;
use super::{Cell, Columns, Sweep, Swept};
use crate::baseline::LowUseMean;
use std::ops::Range;

/// Points of a tile: its sums stay in the nearest cache.
const TILE: usize = 256;
/// The most days that are selected here.
const DAYS: usize = 10;

type Lanes<T> = [T; TILE];

/// What is known of the points of a tile.
struct Tile<T> {
    /// The sum over the event of each selected day.
    events: [Lanes<T>; DAYS],
    /// The sum over the window of each selected day.
    windows: [Lanes<T>; DAYS],
    /// The bits of every reading.
    bits: Lanes<T>,
    /// The sum of all selected days.
    sum: Lanes<T>,
    /// The least of them.
    least: Lanes<T>,
    /// Its place in the order of the days.
    goes: Lanes<T>,
    /// What is added to every slot: the level of the day itself less that of the kept days.
    difference: Lanes<T>,
}

impl<T: Cell> Tile<T> {
    const ZERO: fn() -> Lanes<T> = || [T::default(); TILE];
}

/// Adds columns from a half-hour on; `false` where they are not there.
#[inline(always)]
fn add<T: Cell>(
    columns: &Columns<'_, T>,
    from: usize,
    len: usize,
    start: usize,
    sum: &mut Lanes<T>,
    bits: &mut Lanes<T>,
) -> bool {
    *sum = [T::default(); TILE];
    for half_hour in from..from.saturating_add(len) {
        let Some(cells) = lanes(columns, half_hour, start) else { return false };
        for ((sum, bits), cell) in sum.iter_mut().zip(bits.iter_mut()).zip(cells) {
            *sum = sum.plus(*cell);
            *bits = bits.or(*cell);
        }
    }
    true
}

fn lanes<'a, T: Cell>(columns: &Columns<'a, T>, half_hour: usize, start: usize) -> Option<&'a Lanes<T>> {
    columns.at(half_hour)?.get(start..)?.first_chunk()
}

impl Sweep {
    /// Computes whole tiles; gives how many points that were.
    pub(super) fn tiles<T: Cell>(&self, columns: &Columns<'_, T>, range: &Range<usize>, out: &mut Swept) -> usize {
        let Some(bound) = self.bound::<T>() else { return 0 };
        let mut tile = Tile {
            events: [Tile::<T>::ZERO(); DAYS],
            windows: [Tile::<T>::ZERO(); DAYS],
            bits: Tile::<T>::ZERO(),
            sum: Tile::<T>::ZERO(),
            least: Tile::<T>::ZERO(),
            goes: Tile::<T>::ZERO(),
            difference: Tile::<T>::ZERO(),
        };
        let mut at = 0;
        while at + TILE <= range.len() && self.tile(columns, range.start + at, at, bound, &mut tile, out) {
            at += TILE;
        }
        at
    }

    /// The greatest reading with which no sum is beyond the type; nothing where the event is not for tiles: more than one
    /// day is dropped, or the mean is not that of the selected days.
    fn bound<T: Cell>(&self) -> Option<i64> {
        let simple = self.order.len() >= self.days
            && self.days <= DAYS
            && self.days <= self.keep + 1
            && !self.signed()
            && (self.window.1 == 0 || self.own.is_some())
            && (self.low_use.is_none() || self.options.low_use_mean != LowUseMean::Pool);
        let most = (self.days * self.len).max(2 * self.window.1 * self.keep).max(self.keep);
        let bound = T::MAX / i64::try_from(most).ok()?;
        simple.then_some(bound.min(crate::baseline::readings::GREATEST))
    }

    fn tile<T: Cell>(
        &self,
        columns: &Columns<'_, T>,
        start: usize,
        at: usize,
        bound: i64,
        tile: &mut Tile<T>,
        out: &mut Swept,
    ) -> bool {
        let days = self.order.get(..self.days).unwrap_or_default();
        tile.bits = Tile::<T>::ZERO();
        for ((_, place), (event, window)) in days.iter().zip(tile.events.iter_mut().zip(&mut tile.windows)) {
            if !add(columns, *place, self.len, start, event, &mut tile.bits)
                || !add(columns, self.window_of(*place), self.window.1, start, window, &mut tile.bits)
            {
                return false;
            }
        }
        self.choose(tile);
        let adjusted = self.window.1 > 0;
        let own = self.own.map(|own| self.window_of(own)).filter(|_| adjusted);
        tile.difference = Tile::<T>::ZERO();
        if let Some(own) = own {
            if !add(columns, own, self.window.1, start, &mut tile.difference, &mut tile.bits) {
                return false;
            }
            let keep = small::<T>(self.keep);
            for difference in &mut tile.difference {
                *difference = difference.times(keep);
            }
            for (order, window) in (0u8..).zip(tile.windows.iter().take(days.len())) {
                let order = T::of(order);
                for ((difference, window), goes) in tile.difference.iter_mut().zip(window).zip(&tile.goes) {
                    *difference = difference.minus(window.only_if(*goes != order));
                }
            }
        }
        self.sums(columns, start, at, tile, out) && self.results(columns, start, at, bound, tile, out)
    }

    /// Finds the day that goes: the least, of equal ones the oldest, which is the last.
    #[inline(always)]
    fn choose<T: Cell>(&self, tile: &mut Tile<T>) {
        let none_goes = self.days == self.keep;
        let mut days = (0u8..).zip(tile.events.iter().take(self.days));
        if let Some((_, first)) = days.next() {
            (tile.sum, tile.least, tile.goes) = (*first, *first, Tile::<T>::ZERO());
        }
        for (order, event) in days {
            let order = T::of(order);
            let lanes = tile.sum.iter_mut().zip(&mut tile.least).zip(&mut tile.goes).zip(event);
            for (((sum, least), goes), event) in lanes {
                *sum = sum.plus(*event);
                *goes = if *event <= *least { order } else { *goes };
                *least = (*least).min(*event);
            }
        }
        if none_goes {
            tile.goes = [T::of(u8::MAX >> 1); TILE];
        }
    }

    /// Writes the sums of every slot.
    #[inline(always)]
    fn sums<T: Cell>(
        &self,
        columns: &Columns<'_, T>,
        start: usize,
        at: usize,
        tile: &Tile<T>,
        out: &mut Swept,
    ) -> bool {
        let factor = small::<T>(self.window.1.max(1));
        let least = if self.floored() { T::default() } else { T::MISSING };
        let count = out.points.len();
        for slot in 0..self.len {
            let mut sum = Tile::<T>::ZERO();
            for (order, (_, place)) in (0u8..).zip(self.order.iter().take(self.days)) {
                let order = T::of(order);
                let Some(cells) = lanes(columns, place + slot, start) else { return false };
                for ((sum, cell), goes) in sum.iter_mut().zip(cells).zip(&tile.goes) {
                    *sum = sum.plus(cell.only_if(*goes != order));
                }
            }
            let free = out.sums.get_mut(slot * count + at..).and_then(|free| free.first_chunk_mut::<TILE>());
            let Some(free) = free else { return false };
            for ((free, sum), difference) in free.iter_mut().zip(&sum).zip(&tile.difference) {
                *free = sum.times(factor).plus(*difference).max(least).into();
            }
        }
        true
    }

    /// Writes the days of every point; some go the general way.
    fn results<T: Cell>(
        &self,
        columns: &Columns<'_, T>,
        start: usize,
        at: usize,
        bound: i64,
        tile: &Tile<T>,
        out: &mut Swept,
    ) -> bool {
        let mut dropped = [0u64; 128];
        let mut selected = 0u64;
        for ((bit, _), mask) in self.order.iter().take(self.days).zip(&mut dropped) {
            *mask = 1 << bit;
            selected |= *mask;
        }
        let denominator = (self.window.1.max(1) * self.keep) as i64;
        let lanes = tile.bits.iter().zip(&tile.sum).zip(&tile.least).zip(&tile.goes).enumerate();
        for (place, (((bits, sum), least), goes)) in lanes {
            let (bits, goes): (i64, i64) = ((*bits).into(), (*goes).into());
            // A reading below zero or above the bound sets a bit beyond it. No day is low where the least is not.
            let general = !(0..=bound).contains(&bits)
                || self.low_use.is_some_and(|share| {
                    LowTest::new(share, (*sum).into(), self.days, self.options.low_use_self).is_low((*least).into())
                });
            if general {
                self.point(*columns, start + place, at + place, out);
            } else if let Some(result) = out.points.get_mut(at + place) {
                result.dropped = usize::try_from(goes).ok().and_then(|goes| dropped.get(goes)).copied().unwrap_or(0);
                result.kept = selected & !result.dropped;
                result.denominator = denominator;
            }
        }
        true
    }
}

fn small<T: Cell>(number: usize) -> T {
    T::of(u8::try_from(number).unwrap_or(u8::MAX))
}
