//! 供給を始める電文の規則: switch start, reconnection, and the cancellation agency before them.

use super::dates::{RECONNECTION_DAYS, check_not_past, check_switch_date, earliest};
use super::supply::{Terms, check_terms, check_voltage};
use super::texts::{Texts, check_texts};
use super::{Finding, RuleContext, codes};
use crate::calendar::Work;
use crate::items::Family;
use crate::messages::switching::{CancellationRequest, Reconnection, SwitchStart};
use crate::messages::{Field, Record};
use jiff::ToSpan as _;

pub(super) fn field(fields: &'static [Field], key: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.key == key)
}

/// スイッチング開始
pub fn check_switch_start(message: &SwitchStart, family: Family, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let fields = SwitchStart::FIELDS;
    check_voltage(&message.point, family, fields, out);
    let terms = Terms {
        family,
        method: message.decision_method,
        amount: message.amount,
        unit: message.amount_unit,
        menu: message.service_menu.as_ref(),
    };
    check_terms(terms, fields, out);
    if let Some(field) = field(fields, "switch-date") {
        let counted = earliest(context, message.point.area(), family, Work::None);
        check_switch_date(message.switch_on, &counted, context, field, out);
    }
    let texts = Texts {
        name: Some(&message.name),
        kana: message.kana.as_ref(),
        address: Some(&message.address),
        building: message.building.as_ref(),
    };
    check_texts(texts, fields, out);
}

/// 再点: may begin up to 31 days before the application; what is older is agreed with the operator.
pub fn check_reconnection(message: &Reconnection, family: Family, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let fields = Reconnection::FIELDS;
    check_voltage(&message.point, family, fields, out);
    let terms = Terms {
        family,
        method: message.decision_method,
        amount: message.amount,
        unit: message.amount_unit,
        menu: message.service_menu.as_ref(),
    };
    check_terms(terms, fields, out);
    let (start, today) = (message.start_on, context.today);
    let oldest = today.saturating_sub(RECONNECTION_DAYS.days());
    if start < oldest {
        let finding = codes::RECONNECTION_TOO_OLD.finding(
            format!("使用開始日（{start}）が申込日（{today}）の{RECONNECTION_DAYS}日前（{oldest}）より前です"),
            format!("the start {start} is more than {RECONNECTION_DAYS} days before today: {oldest} is the oldest"),
        );
        out.push(finding.on_key(fields, "start-date"));
    }
    let texts = Texts {
        name: Some(&message.name),
        kana: message.kana.as_ref(),
        address: Some(&message.address),
        building: message.building.as_ref(),
    };
    check_texts(texts, fields, out);
}

/// 廃止取次: what the current retailer will compare literally.
pub fn check_cancellation_request(
    message: &CancellationRequest,
    family: Family,
    context: &RuleContext<'_>,
    out: &mut Vec<Finding>,
) {
    let fields = CancellationRequest::FIELDS;
    check_voltage(&message.point, family, fields, out);
    if let Some(field) = field(fields, "requested-date") {
        check_not_past(message.requested_on, context.today, field, out);
    }
    let texts = Texts {
        name: Some(&message.name),
        kana: message.kana.as_ref(),
        address: Some(&message.address),
        building: message.building.as_ref(),
    };
    check_texts(texts, fields, out);
}
