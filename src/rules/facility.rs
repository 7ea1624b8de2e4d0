//! 設備情報照会結果 against the application: what only the operator's answer can tell.

use super::dates::{earliest, too_early, uncounted};
use super::supply::check_transition;
use super::{Finding, RuleContext, codes};
use crate::calendar::Work;
use crate::items::{Code, ServiceMenu};
use crate::messages::Record;
use crate::messages::switching::{Application, FacilityAnswer};

/// Holds an application against the operator's answer: transition of the decision method, probable meter work and what
/// it does to the earliest date, power factor, area.
pub fn check_facility(
    application: &Application,
    answer: &FacilityAnswer,
    context: &RuleContext<'_>,
    out: &mut Vec<Finding>,
) {
    check_answer(answer, out);
    let fields = Application::FIELDS;
    let menu = answer.service_menu.as_ref().or(application.service_menu.as_ref());
    if let (Some(present), Some(form)) = (answer.decision_method, menu.and_then(ServiceMenu::form)) {
        let area = application.point.area();
        check_transition(area, form, present, application.decision_method, fields, out);
    }
    if answer.meter().is_some_and(|meter| meter.needs_work()) {
        check_meter_work(application, context, out);
    }
}

/// What an answer alone can tell.
pub(super) fn check_answer(answer: &FacilityAnswer, out: &mut Vec<Finding>) {
    let fields = FacilityAnswer::FIELDS;
    if let Some(area) = answer.area
        && area != answer.point.area()
    {
        let ja = format!("設備情報の供給区域は{}ですが、供給地点は{}です", area.ja(), answer.point.area().ja());
        let en = format!("the answer names {}, but the point lies in {}", area.en(), answer.point.area().en());
        out.push(codes::ANSWER_AREA.finding(ja, en).on_key(fields, "supply-area"));
    }
    if let Some(factor) = answer.power_factor
        && !factor.is_usual()
    {
        let percent = factor.percent();
        let finding = codes::POWER_FACTOR.finding(
            format!("力率が{percent}%です（通常は85〜100%、範囲は公表資料で未確認）"),
            format!("the power factor is {percent} %, usually 85 to 100 (unverified range)"),
        );
        out.push(finding.on_key(fields, "power-factor"));
    }
}

/// 30分値収集可 alone does not rule meter work out. Source: facts/switching.md §2.2 (D).
fn check_meter_work(application: &Application, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let Some(field) = Application::FIELDS.iter().find(|field| field.key == "switch-date") else { return };
    let area = application.point.area();
    match earliest(context, area, application.family, Work::Meter) {
        Ok(counted) => {
            let date = counted.date;
            let doubt = if counted.verified { ("", "") } else { ("（未確認の値）", " (unverified)") };
            let finding = codes::METER_WORK.finding(
                format!("計器の工事が必要になる見込みです。最早日は{date}です{}: {}", doubt.0, counted.counted.ja()),
                format!("meter work is probable, the earliest date is {date}{}: {}", doubt.1, counted.counted.en()),
            );
            out.push(finding.on(field));
            let wanted = application.switch_on;
            if wanted < date && wanted >= context.today {
                out.push(too_early(wanted, &counted, field));
            }
        }
        Err(error) => out.push(uncounted(&error).on(field)),
    }
}
