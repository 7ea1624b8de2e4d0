//! 使用量の合成: half-hourly use that looks like a household's or a shop's; the months are the sums of their half-hours.

use super::engine::mix;
use super::world::Point;
use crate::items::{Date, Energy, Family, Slot, YearMonth};
use crate::messages::switching::{HalfHourUsage, MonthlyUsage, Resolution, UsageAnswer, UsageInquiry};
use jiff::ToSpan as _;

pub(super) fn answer(point: &Point, seed: u64, inquiry: &UsageInquiry, today: Date) -> UsageAnswer {
    let yesterday = today.saturating_sub(1.day());
    let first = point.holder_since.unwrap_or(Date::MIN);
    let (mut monthly, mut half_hourly) = (Vec::new(), Vec::new());
    let mut month = Some(inquiry.from);
    while let Some(this) = month.filter(|this| *this <= inquiry.to) {
        month = next(this);
        let Ok(start) = Date::new(this.year(), this.month(), 1) else { break };
        let end = start.last_of_month();
        let mut sum = 0;
        for date in start.series(1.day()).take_while(|date| *date <= end.min(yesterday)).filter(|date| *date >= first) {
            for slot in (1..=48).filter_map(Slot::new) {
                let energy = half_hour(point.family, seed, date, slot);
                sum += energy;
                if point.half_hourly && inquiry.resolution != Resolution::Monthly {
                    half_hourly.push(HalfHourUsage { date, slot, energy: Energy::from_ten_thousandths(energy) });
                }
            }
        }
        // A month that is not over, or in which the holder changed, has no monthly value of this holder.
        let whole = first <= start && end <= yesterday;
        if whole && inquiry.resolution != Resolution::HalfHourly {
            monthly.push(MonthlyUsage { month: this, energy: Energy::from_ten_thousandths(sum) });
        }
    }
    UsageAnswer { point: point.id, holder_since: point.holder_since, monthly, half_hourly }
}

fn next(month: YearMonth) -> Option<YearMonth> {
    match month.month() {
        12 => YearMonth::new(month.year() + 1, 1),
        other => YearMonth::new(month.year(), other + 1),
    }
}

/// Unit: 0.0001 kWh; more in the evening and in summer and winter, with a tenth of a kWh given out.
fn half_hour(family: Family, seed: u64, date: Date, slot: Slot) -> i64 {
    let base: i64 = match family {
        Family::Low => 1500,
        Family::High => 150_000,
        Family::Fit => 200,
    };
    let hour = i64::from(slot.number() - 1) / 2;
    let daily = [6, 5, 5, 5, 5, 6, 9, 12, 10, 8, 8, 9, 10, 9, 8, 8, 9, 12, 16, 18, 17, 14, 10, 8];
    let yearly = [14, 13, 11, 9, 8, 9, 12, 14, 11, 8, 9, 12];
    let at = |table: &[i64], index: i64| table.get(usize::try_from(index).unwrap_or(0)).copied().unwrap_or(10);
    let salt = i64::from(date.year()) * 400 + i64::from(date.day_of_year());
    let noise = (mix(seed, (salt * 48) as u64 + u64::from(slot.number())) % 40) as i64 + 80;
    base * at(&daily, hour) * at(&yearly, i64::from(date.month()) - 1) / 100 * noise / 1000 * 10
}
