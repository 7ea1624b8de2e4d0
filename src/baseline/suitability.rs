//! 適合性: how far each method would have missed on days without an event. Source: facts/baseline.md §1.7 (R).

use super::pool::{Spots, barred, days_of_kind};
use super::{Case, DrDay, Event, Fraction, Method, Options, PointReadings, compute, compute::all_dr_days};
use crate::calendar::CalendarError;
use crate::items::Date;

/// 適合性の報告: the methods on the last eligible days of one point.
#[derive(Clone, Debug)]
pub struct Suitability<'m> {
    /// The days that were tried, most recent first: days of the same kind without demand response, whose readings in the
    /// slots of the event are complete.
    pub days: Vec<Date>,
    /// Every method in the order it was given.
    pub methods: Vec<Missed<'m>>,
    /// The place of the method with the least RRMSE among those that could be computed on every day.
    pub best: Option<usize>,
}

/// 誤差: how far one method would have missed.
///
/// A baseline is rounded to 0.0001 kWh (a half away from zero) before its use is taken off; what follows is exact in
/// `bias`, and in `rrmse` up to its rounding.
#[derive(Clone, Debug)]
pub struct Missed<'m> {
    /// The method.
    pub method: &'m Method,
    /// The days it could be computed on.
    pub days: usize,
    /// √(mean of error²) ÷ mean use, cut after six decimals; nothing without a day or without use.
    pub rrmse: Option<Fraction>,
    /// Mean error ÷ mean use; above zero the baseline is too high.
    pub bias: Option<Fraction>,
    /// The error of every slot of every day, in the order of [`Suitability::days`] and the slots. Unit: kWh.
    pub errors: Vec<(Date, Vec<Fraction>)>,
}

/// Tries methods on the last `most` eligible days before an event.
pub fn suitability<'m>(
    readings: PointReadings<'_>,
    event: &Event,
    methods: &[&'m Method],
    most: usize,
    options: &Options,
    case: &Case<'_>,
) -> Result<Suitability<'m>, CalendarError> {
    let dr_days = all_dr_days(&[*event], case);
    let days = eligible(readings, event, most, &dr_days, options, case)?;
    // The day of the event itself is no day of demand response to the days before it.
    let methods: Vec<_> =
        methods.iter().map(|method| error_of(readings, event, method, &days, options, case)).collect();
    let complete = methods.iter().enumerate().filter(|(_, error)| error.days == days.len() && !days.is_empty());
    let best = complete.filter_map(|(place, error)| Some((error.rrmse?, place))).min().map(|(_, place)| place);
    Ok(Suitability { days, methods, best })
}

fn eligible(
    readings: PointReadings<'_>,
    event: &Event,
    most: usize,
    dr_days: &[DrDay],
    options: &Options,
    case: &Case<'_>,
) -> Result<Vec<Date>, CalendarError> {
    let spots = Spots::new(readings, event, options);
    let lookback = u16::try_from(most.saturating_mul(2).saturating_add(30)).unwrap_or(u16::MAX);
    let days = days_of_kind(event, lookback, options, case)?;
    let eligible =
        |date: &Date| barred(*date, dr_days, options, case).is_none() && spots.sum(*date, spots.event()).is_ok();
    Ok(days.into_iter().filter(eligible).take(most).collect())
}

fn error_of<'m>(
    readings: PointReadings<'_>,
    event: &Event,
    method: &'m Method,
    days: &[Date],
    options: &Options,
    case: &Case<'_>,
) -> Missed<'m> {
    let mut errors = Vec::new();
    // Of counts of 0.0001 kWh.
    let (mut squares, mut sum, mut used, mut slots) = (0i128, 0i128, 0i128, 0i128);
    for date in days {
        let as_if = Event { date: *date, ..*event };
        let Some(computed) = compute(readings, &[as_if], method, options, case).into_iter().next() else { continue };
        let slot = |slot: &super::SlotFigures| {
            let actual = i128::from(slot.actual?.ten_thousandths());
            let baseline = slot.baseline?.checked_mul(Fraction::whole(10_000))?.rounded(0)?.numerator();
            Some((baseline - actual, actual))
        };
        let Some(day) = computed.slots.iter().map(slot).collect::<Option<Vec<_>>>() else { continue };
        for (error, actual) in &day {
            squares = squares.saturating_add(error.saturating_mul(*error));
            sum += error;
            used += actual;
            slots += 1;
        }
        errors.push((*date, day.iter().filter_map(|(error, _)| Fraction::kwh(*error, 1)).collect()));
    }
    Missed {
        method,
        days: errors.len(),
        rrmse: relative_root(squares, slots, used),
        bias: Fraction::new(sum, used).filter(|_| used > 0),
        errors,
    }
}

/// √(squares ÷ slots) ÷ (used ÷ slots), cut after six decimals.
fn relative_root(squares: i128, slots: i128, used: i128) -> Option<Fraction> {
    // = √(squares × slots) ÷ used; the root is taken of whole numbers with as many further digits as there is room for.
    let product = squares.checked_mul(slots)?;
    let mut scale = 1i128;
    let mut scaled = product;
    while scale < 10i128.pow(9)
        && let Some(more) = scaled.checked_mul(100)
    {
        (scaled, scale) = (more, scale * 10);
    }
    let root = Fraction::new(i128::try_from(scaled.unsigned_abs().isqrt()).ok()?, scale)?;
    (used > 0).then(|| root.checked_div(Fraction::new(used, 1)?)?.truncated(6)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_cut_after_six_decimals() {
        // Errors 3 and 4 on uses of 10 and 10: √12.5 ÷ 10 = 0.353553…
        assert_eq!(relative_root(25, 2, 20).unwrap().to_string(), "0.353553");
        assert_eq!(relative_root(0, 4, 20), Some(Fraction::ZERO));
        assert_eq!((relative_root(25, 2, 0), relative_root(0, 0, 0)), (None, None));
        assert_eq!(relative_root(10i128.pow(34), 4, 10i128.pow(17)).unwrap().to_string(), "2");
    }
}
