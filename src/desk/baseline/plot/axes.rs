//! 座標軸: half-hours to the right, kWh upwards, in whole numbers.

use super::scene::{Anchor, Ink, Scene, Stroke, Tenth, Words};
use crate::items::Energy;

/// Counts of 0.0001 kWh on an upright axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upright {
    low: i64,
    high: i64,
    step: i64,
    top: Tenth,
    floor: Tenth,
}

impl Upright {
    /// An axis that holds every value, from zero or below to a whole step above the greatest.
    pub(super) fn over(values: impl Iterator<Item = i64>, top: Tenth, floor: Tenth) -> Upright {
        let (low, high) = values.fold((0, 1), |(low, high), value| (low.min(value), high.max(value)));
        let step = step(high.saturating_sub(low));
        let low = low.div_euclid(step) * step;
        Upright { low, high: (high.div_euclid(step) + 1) * step, step, top, floor }
    }

    /// Where a value lies.
    pub(super) fn y(&self, value: i64) -> Tenth {
        let span = i128::from(self.high) - i128::from(self.low);
        let above = i128::from(value.clamp(self.low, self.high)) - i128::from(self.low);
        let height = i128::from(self.floor - self.top);
        self.floor - Tenth::try_from(above * height / span.max(1)).unwrap_or(0)
    }

    /// The lines and numbers of the axis.
    pub(super) fn draw(&self, scene: &mut Scene, left: Tenth, right: Tenth, unit: Words) {
        let mut value = self.low;
        while value <= self.high {
            let y = self.y(value);
            let ink = if value == 0 { Ink::Soft } else { Ink::Grid };
            scene.line(vec![(left, y), (right, y)], Stroke::solid(ink, 10));
            let number = Energy::from_ten_thousandths(value).to_string();
            scene.text((left - 80, y + 40), Anchor::End, Ink::Soft, Words::same(number));
            value += self.step;
        }
        scene.text((left - 80, self.top - 120), Anchor::End, Ink::Soft, unit);
    }
}

/// 1, 2 or 5 times a power of ten: at most some six of them in a span.
fn step(span: i64) -> i64 {
    let mut step = 1i64;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut unit = 1i64;
    while span / step > 6 {
        match factors.next() {
            Some(10) => {
                unit = unit.saturating_mul(10);
                step = unit;
            }
            Some(factor) => step = unit.saturating_mul(factor),
            None => break,
        }
    }
    step
}

/// Half-hours, counted from 00:00 of a day, to the right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Along {
    pub(super) first: i64,
    pub(super) end: i64,
    pub(super) left: Tenth,
    pub(super) right: Tenth,
}

impl Along {
    /// Where a half-hour begins.
    pub(super) fn x(&self, half_hour: i64) -> Tenth {
        let span = (self.end - self.first).max(1);
        let at = (half_hour.clamp(self.first, self.end) - self.first) * i64::from(self.right - self.left) / span;
        self.left + Tenth::try_from(at).unwrap_or(0)
    }

    /// The times below the axis.
    pub(super) fn draw(&self, scene: &mut Scene, floor: Tenth) {
        for half_hour in (self.first..=self.end).filter(|half_hour| half_hour.rem_euclid(6) == 0) {
            let x = self.x(half_hour);
            scene.line(vec![(x, floor), (x, floor + 50)], Stroke::solid(Ink::Soft, 10));
            let hour = half_hour.rem_euclid(48) / 2;
            let hour = if half_hour == self.end && hour == 0 { 24 } else { hour };
            scene.text((x, floor + 190), Anchor::Middle, Ink::Soft, Words::same(format!("{hour:02}:00")));
        }
    }

    /// The steps of a series, one run of values after the other: where a value is missing, the line ends.
    pub(super) fn steps(
        &self,
        upright: &Upright,
        values: impl Iterator<Item = (i64, Option<i64>)>,
    ) -> Vec<Vec<(Tenth, Tenth)>> {
        let (mut runs, mut run): (Vec<Vec<_>>, Vec<_>) = (Vec::new(), Vec::new());
        let mut next = None;
        for (half_hour, value) in values {
            if (value.is_none() || next.is_some_and(|next| next != half_hour)) && !run.is_empty() {
                runs.push(std::mem::take(&mut run));
            }
            if let Some(value) = value {
                let y = upright.y(value);
                run.push((self.x(half_hour), y));
                run.push((self.x(half_hour + 1), y));
            }
            next = Some(half_hour + 1);
        }
        if !run.is_empty() {
            runs.push(run);
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_numbers_and_holds_everything() {
        assert_eq!([0, 6, 7, 14, 60, 70, 28_700].map(step), [1, 1, 2, 5, 10, 20, 5_000]);
        let axis = Upright::over([12_345, -200, 30_000].into_iter(), 600, 3_400);
        assert_eq!((axis.low, axis.high, axis.y(axis.high), axis.y(axis.low)), (-5_000, 35_000, 600, 3_400));
        assert!(axis.y(-200) > axis.y(0) && axis.y(12_345) < axis.y(0));
        let extreme = Upright::over([i64::MAX / 4, i64::MIN / 4].into_iter(), 0, 1_000);
        assert!((0..=1_000).contains(&extreme.y(0)));
    }

    #[test]
    fn a_line_ends_where_a_value_is_missing() {
        let along = Along { first: 0, end: 48, left: 0, right: 480 };
        let axis = Upright::over([10].into_iter(), 0, 100);
        let runs = along.steps(&axis, [(0, Some(1)), (1, Some(2)), (2, None), (3, Some(1)), (9, Some(1))].into_iter());
        assert_eq!(runs.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2, 2]);
    }
}
