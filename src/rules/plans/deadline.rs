//! 提出期限: when a plan for a day is taken, and when next.

use super::{PlanDeadline, PlanSettings};
use crate::items::{Date, DateTime, Slot};
use crate::messages::planning::Plan;
use crate::rules::{Finding, codes};
use jiff::ToSpan as _;

/// 提出の可否: what happens to a plan for a day that is submitted at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanWindow {
    /// Taken as 翌日計画 before this moment.
    DayAhead {
        /// The deadline, itself too late.
        until: DateTime,
    },
    /// Nothing is taken until this moment; then as 当日計画.
    Closed {
        /// The next permitted submission.
        next: DateTime,
    },
    /// Taken as 当日計画 for this slot and those behind it.
    SameDay {
        /// The first slot whose gate is open.
        first: Slot,
        /// When the gate of that slot closes.
        until: DateTime,
    },
    /// The gate of the last slot is closed.
    Over {
        /// Since when.
        since: DateTime,
    },
}

impl PlanDeadline {
    /// When the gate of a slot closes.
    #[must_use]
    pub fn gate(&self, target: Date, slot: Slot) -> DateTime {
        let minutes = i64::from(slot.number() - 1) * 30 - i64::from(self.gate_minutes);
        target.at(0, 0, 0, 0).checked_add(minutes.minutes()).unwrap_or(DateTime::MIN)
    }

    /// What happens to a plan for a day at a moment, JST. A deadline itself is too late.
    #[must_use]
    pub fn window(&self, target: Date, now: DateTime) -> PlanWindow {
        let eve = target.yesterday().unwrap_or(target);
        let until = eve.to_datetime(self.day_ahead);
        let next = eve.to_datetime(self.same_day_from);
        if now < until {
            return PlanWindow::DayAhead { until };
        }
        if now < next {
            return PlanWindow::Closed { next };
        }
        let open = Slot::all().map(|slot| (slot, self.gate(target, slot))).find(|(_, gate)| now < *gate);
        match open {
            Some((first, until)) => PlanWindow::SameDay { first, until },
            None => PlanWindow::Over { since: Slot::all().map(|slot| self.gate(target, slot)).max().unwrap_or(next) },
        }
    }
}

/// Says whether a plan is taken at a moment, and when next.
pub fn check_deadline(
    plan: &Plan,
    settings: &PlanSettings,
    now: DateTime,
    out: &mut Vec<Finding>,
) -> Option<PlanWindow> {
    let target = plan.head.target?;
    let window = settings.deadline.window(target, now);
    let finding = match window {
        PlanWindow::DayAhead { .. } => return Some(window),
        PlanWindow::Closed { next } => {
            let (ja, en) = (shown(next), next.strftime("%Y-%m-%d %H:%M"));
            codes::PLAN_CLOSED
                .finding(
                    format!(
                        "翌日計画の期限（前日{}）を過ぎ、当日計画の受付前です",
                        settings.deadline.day_ahead.strftime("%H:%M")
                    ),
                    "the deadline of day-ahead plans is past and same-day plans are not taken yet",
                )
                .way_out(
                    format!("次に提出できるのは{ja}です（当日計画）"),
                    format!("the next submission is possible at {en}, as a same-day plan"),
                )
        }
        PlanWindow::SameDay { first, until } => {
            let n = first.number();
            let closed = match n {
                1 => (String::new(), String::new()),
                n => (
                    format!("コマ01〜{:02}はゲートクローズ済みで変更できません。", n - 1),
                    format!("slots 01 to {:02} are closed; ", n - 1),
                ),
            };
            codes::PLAN_SAME_DAY.finding(
                format!("{}コマ{n:02}は{}まで受け付けます", closed.0, shown(until)),
                format!("{}slot {n:02} is open until {}", closed.1, until.strftime("%Y-%m-%d %H:%M")),
            )
        }
        PlanWindow::Over { since } => codes::PLAN_OVER.finding(
            format!("{target} の最後のコマの受付は{}に終わりました", shown(since)),
            format!("the last slot of {target} closed at {}", since.strftime("%Y-%m-%d %H:%M")),
        ),
    };
    out.push(finding);
    Some(window)
}

/// `4月1日17:00`
fn shown(at: DateTime) -> String {
    format!("{}月{}日{}", at.month(), at.day(), at.strftime("%H:%M"))
}
