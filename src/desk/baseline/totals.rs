//! 合計の提供: notes that carry the total of a month, and reports of one resource to systems of OpenADR. Neither names a point;
//! what goes to a retailer is made of its own customers alone.

use super::release::Named;
use super::share::{Days, Released, Sharing, own_form};
use crate::items::{Baseline, Energy, HalfHours, SupplyPointId, YearMonth};
use crate::messages::negawatt::{NegawattItem, SettlementType, TotalByType};
use crate::messages::planning::BaselineReport;
use crate::rules::codes;
use crate::wire::openadr::write_baseline_report;
use std::collections::BTreeSet;

/// What a report of OpenADR calls several points together.
const AGGREGATED: &str = "AGGREGATED_REPORT";

impl Sharing<'_> {
    /// A note of the whole reduction of a month that is over. One whose total would leave something out is not made.
    pub(super) fn note<M: NegawattItem>(
        &self,
        (kind, incomplete): (SettlementType, usize),
        days: Days,
        make: impl FnOnce(YearMonth, Vec<TotalByType>) -> M,
        released: &mut Released,
    ) {
        let months: BTreeSet<YearMonth> = days.keys().filter_map(|(_, event, _)| YearMonth::of(event.date)).collect();
        let (Some(month), true) = (months.first().copied(), months.len() <= 1) else {
            if months.len() > 1 {
                let names = months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let ja = format!("発動日が複数の月にあります（{names}）");
                released
                    .findings
                    .push(codes::NOTE_INCOMPLETE.finding(ja, format!("the events are of several months ({names})")));
            }
            return;
        };
        if incomplete > 0 {
            let ja = format!("需要抑制量を算定できないコマのある供給地点が{incomplete}地点あります");
            let en = format!("the reduction of {incomplete} points is not known in every slot");
            released.findings.push(codes::NOTE_INCOMPLETE.finding(ja, en));
            return;
        }
        if YearMonth::of(self.now.date()).is_none_or(|now| now <= month) {
            let ja = format!("対象年月{month}はまだ終わっていません");
            released.findings.push(codes::NOTE_INCOMPLETE.finding(ja, format!("the month {month} is not over")));
            return;
        }
        let rows = || days.values().flat_map(|day| &day.suppressions);
        let energies = rows().flat_map(|row| row.slots.iter().map(|slot| slot.energy.ten_thousandths()));
        let Some(total) = energies.into_iter().try_fold(0i64, i64::checked_add) else { return };
        let points = rows().map(|row| row.point).collect::<BTreeSet<_>>().len();
        let totals = vec![TotalByType { kind, suppressed: Energy::from_ten_thousandths(total) }];
        let about = month.to_string();
        self.release((1, 'N', M::SPEC.into()), make(month, totals), (&about, points), own_form, released);
    }

    /// A report for every day and event: of one point under the name agreed for it, or of all as their sum.
    pub(super) fn reports(
        &self,
        [event, client]: [&str; 2],
        resource: Option<&str>,
        days: Days,
        released: &mut Released,
    ) {
        for (number, ((date, ..), day)) in (1..).zip(days) {
            let members: Vec<SupplyPointId> = day.baselines.iter().map(|row| row.point).collect();
            let mut sum = HalfHours::MISSING;
            for slot in day.baselines.iter().flat_map(|row| &row.slots) {
                let held = sum.get(slot.slot).map_or(0, Energy::ten_thousandths);
                let Some(more) = held.checked_add(slot.energy.ten_thousandths()) else { return };
                sum.set(slot.slot, Some(Energy::from_ten_thousandths(more)));
            }
            let whole = |row: &crate::messages::negawatt::BaselinePoint| {
                row.slots.len() == sum.iter().filter(|(_, energy)| energy.is_some()).count()
            };
            let lacking = day.baselines.iter().filter(|row| !whole(row)).count();
            if lacking > 0 {
                let ja = format!("{date}のベースラインを算定できないコマのある供給地点が{lacking}地点あります");
                let en = format!("{lacking} points have no baseline in some slot of {date}");
                released.findings.push(codes::NOTE_INCOMPLETE.finding(ja, en));
                continue;
            }
            let points = members.len();
            let report = BaselineReport {
                event: event.to_owned(),
                client: client.to_owned(),
                resource: resource.unwrap_or(AGGREGATED).to_owned(),
                date,
                baseline: Baseline(sum),
                members,
            };
            let named =
                Named {
                    key: "baseline-report", ja: "ベースライン報告（OpenADR）", en: "baseline report (OpenADR)"
                };
            let form = |_: &_, cleared: &_| {
                let written = write_baseline_report(cleared);
                written
                    .map(|json| (json + "\n").into_bytes())
                    .map_err(|finding| (finding.ja.clone(), finding.en.clone()))
            };
            self.release((number, 'R', named), report, (&date.to_string(), points), form, released);
        }
    }
}
