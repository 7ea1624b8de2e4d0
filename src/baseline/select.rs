//! High X of Y: which of the candidate days are kept. Source: facts/baseline.md §1.3 steps 2–5, §1.4.

use super::pool::Day;
use super::trace::{Candidate, Exclusion, Fate};
use super::{Fraction, LowUseMean, LowUseSelf, Of, Options, Share, TooFew};

/// Chooses the days and writes their fate; gives their places among the candidates, or how many could be used.
pub(super) fn choose(
    days: &[Day],
    candidates: &mut [Candidate],
    of: Of,
    low_use: Option<Share>,
    len: usize,
    options: &Options,
) -> Result<Vec<usize>, usize> {
    let usable: Vec<(usize, i128)> = days
        .iter()
        .enumerate()
        .filter(|(_, day)| day.barred.is_none())
        .filter_map(|(place, day)| Some((place, *day.sum.as_ref().ok()?)))
        .collect();
    let wanted = usize::from(of.days);
    let (selected, left_out) = match low_use {
        None => (usable.iter().copied().take(wanted).collect(), Vec::new()),
        Some(share) => test_low_use(&usable, wanted, share, options),
    };
    for low in left_out {
        if let (Some(candidate), Some(mean)) = (candidates.get_mut(low.place), low.mean(len)) {
            candidate.fate = Fate::Excluded(Exclusion::LowUse { mean });
        }
    }
    keep(selected, days, candidates, usize::from(of.keep), options)
}

/// A day that was left out for low use, and what it was tested against: a sum over so many days.
struct Low {
    place: usize,
    sum: i128,
    count: usize,
}

impl Low {
    fn mean(&self, len: usize) -> Option<Fraction> {
        Fraction::kwh(self.sum, i128::try_from(self.count * len).ok()?)
    }
}

fn test_low_use(
    usable: &[(usize, i128)],
    wanted: usize,
    share: Share,
    options: &Options,
) -> (Vec<(usize, i128)>, Vec<Low>) {
    let mut left_out = Vec::new();
    // Leaves out every low day of `tested` at once, against the mean over `over`.
    let mut sift = |tested: &mut Vec<(usize, i128)>, over: &[(usize, i128)]| {
        let (sum, count) = (over.iter().map(|(_, sum)| sum).sum::<i128>(), over.len());
        let before = tested.len();
        tested.retain(|(place, own)| {
            let (sum, count) = match options.low_use_self {
                LowUseSelf::Included => (sum, count),
                LowUseSelf::Excluded => (sum - own, count - 1),
            };
            // Strictly below the share of the mean: a day exactly on it stays.
            let days = i128::try_from(count).unwrap_or(0);
            let low = count > 0 && i128::from(share.den) * days * own < i128::from(share.num) * sum;
            if low {
                left_out.push(Low { place: *place, sum, count });
            }
            !low
        });
        tested.len() < before
    };
    let mut selected: Vec<_> = usable.iter().copied().take(wanted).collect();
    match options.low_use_mean {
        LowUseMean::Pool => {
            selected = usable.to_vec();
            sift(&mut selected, usable);
            selected.truncate(wanted);
        }
        LowUseMean::Once => {
            let over = selected.clone();
            sift(&mut selected, &over);
            let missing = wanted.min(usable.len()) - selected.len();
            selected.extend(usable.iter().skip(wanted).take(missing));
        }
        LowUseMean::Repeat => {
            let mut next = selected.len();
            loop {
                let over = selected.clone();
                if !sift(&mut selected, &over) {
                    break;
                }
                let refill = usable.iter().skip(next).take(wanted - selected.len());
                next += refill.len();
                selected.extend(refill);
            }
        }
    }
    (selected, left_out)
}

/// Keeps the greatest; of equal days the oldest goes. Too few days are filled up with past days of demand response.
fn keep(
    mut selected: Vec<(usize, i128)>,
    days: &[Day],
    candidates: &mut [Candidate],
    wanted: usize,
    options: &Options,
) -> Result<Vec<usize>, usize> {
    // Places count back from the event: the smaller is the more recent.
    selected.sort_by(|(place, sum), (other, others)| others.cmp(sum).then(place.cmp(other)));
    let least = wanted.checked_sub(1).and_then(|last| selected.get(last)).map(|(_, sum)| *sum);
    let mut kept = Vec::with_capacity(wanted);
    for (order, (place, sum)) in selected.iter().enumerate() {
        let fate = if order < wanted { Fate::Kept } else { Fate::Dropped { tie: Some(*sum) == least } };
        if let Some(candidate) = candidates.get_mut(*place) {
            candidate.fate = fate;
        }
        if order < wanted {
            kept.push(*place);
        }
    }
    let found = kept.len();
    if found < wanted && options.too_few == TooFew::DrDays {
        let dr = |day: &Day| matches!(day.barred, Some(Exclusion::DrDay { .. }));
        let dr_days = days.iter().enumerate().filter(|(_, day)| dr(day));
        let mut dr_days: Vec<_> = dr_days.filter_map(|(place, day)| Some((place, *day.sum.as_ref().ok()?))).collect();
        dr_days.sort_by(|(place, sum), (other, others)| others.cmp(sum).then(place.cmp(other)));
        if found + dr_days.len() >= wanted {
            for (place, _) in dr_days.into_iter().take(wanted - found) {
                kept.push(place);
                if let Some(candidate) = candidates.get_mut(place) {
                    candidate.fate = Fate::Added;
                }
            }
        }
    }
    if kept.len() == wanted { Ok(kept) } else { Err(found) }
}
