//! Every rule of a message, by its kind.

use super::begin::{check_cancellation_request, check_reconnection, check_switch_start};
use super::change::{
    check_ampere_change, check_correction, check_customer_change, check_switch_stop, check_termination,
    check_withdrawal,
};
use super::facility::check_answer;
use super::inquiries::{
    check_cancellation_inquiry, check_judgement, check_list_inquiry, check_result_inquiry, check_status_inquiry,
    check_usage_inquiry, check_usage_password,
};
use super::supply::{check_operator_area, check_voltage};
use super::{Finding, RuleContext, codes};
use crate::items::{Code, Family};
use crate::messages::switching::SwitchingMessage;
use crate::messages::{Header, MessageSpec};
use crate::notice::Role;

fn check_family(spec: &MessageSpec, family: Family, out: &mut Vec<Finding>) {
    if !spec.families.contains(&family) {
        let ja = format!("「{}」は{}の電文にはありません", spec.ja, family.ja());
        out.push(codes::WRONG_FAMILY.finding(ja, format!("there is no {} for {}", spec.en, family.en())));
    }
}

/// Holds a message against every rule of its kind: it exists in its family, it goes between the right parties, and the
/// rules of its own.
pub fn check_message(message: &SwitchingMessage, header: &Header, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let family = header.family;
    check_family(message.spec(), family, out);
    for party in [header.sender, header.recipient].iter().filter(|party| party.role == Role::Operator) {
        if let (Some(area), Some(point)) = (party.area(), message.disclosure().point()) {
            check_operator_area(&point, area, message.spec().fields, out);
        }
    }
    match message {
        SwitchingMessage::FacilityInquiry(m) => check_voltage(&m.point, family, message.spec().fields, out),
        SwitchingMessage::FacilityAnswer(m) => check_answer(m, out),
        SwitchingMessage::UsagePasswordApplication(m) => check_usage_password(m, family, context, out),
        SwitchingMessage::UsageInquiry(m) => check_usage_inquiry(m, family, context, out),
        SwitchingMessage::CancellationRequest(m) => check_cancellation_request(m, family, context, out),
        SwitchingMessage::CancellationResultInquiry(m) => check_result_inquiry(m, out),
        SwitchingMessage::CancellationInquiry(m) => check_cancellation_inquiry(m, out),
        SwitchingMessage::CancellationJudgement(m) => check_judgement(m, family, out),
        SwitchingMessage::SwitchStart(m) => check_switch_start(m, family, context, out),
        SwitchingMessage::SwitchStop(m) => check_switch_stop(m, family, context, out),
        SwitchingMessage::Reconnection(m) => check_reconnection(m, family, context, out),
        SwitchingMessage::Termination(m) => check_termination(m, family, context, out),
        SwitchingMessage::AmpereChange(m) => check_ampere_change(m, family, context, out),
        SwitchingMessage::CustomerChange(m) => check_customer_change(m, None, family, out),
        SwitchingMessage::Correction(m) => check_correction(m, family, context, out),
        SwitchingMessage::Withdrawal(m) => check_withdrawal(m, family, out),
        SwitchingMessage::StatusInquiry(m) => check_status_inquiry(m, out),
        SwitchingMessage::ListInquiry(m) => check_list_inquiry(m, out),
        // What a counterparty tells is taken as it is; its form was held against its declaration when it was read.
        SwitchingMessage::UsagePasswordAnswer(_)
        | SwitchingMessage::UsageAnswer(_)
        | SwitchingMessage::CancellationResult(_)
        | SwitchingMessage::CancellationList(_)
        | SwitchingMessage::Receipt(_)
        | SwitchingMessage::StatusAnswer(_)
        | SwitchingMessage::ListAnswer(_)
        | SwitchingMessage::NoticeInquiry(_)
        | SwitchingMessage::NoticeList(_) => {}
    }
}
