//! 変更・廃止・訂正・取消の規則: termination, switch stop, ampere and customer changes, corrections, withdrawals.

use super::begin::field;
use super::dates::check_not_past;
use super::supply::check_voltage;
use super::texts::{Texts, check_texts};
use super::{Finding, RuleContext, codes};
use crate::items::{Comparison, CustomerName, Family, compare};
use crate::messages::Record;
use crate::messages::switching::{AmpereChange, Correction, CustomerChange, SwitchStop, Termination, Withdrawal};

/// 廃止・撤去: never retroactive; on the same day at low voltage only. Source: facts/switching.md §2.8 (D).
pub fn check_termination(message: &Termination, family: Family, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let fields = Termination::FIELDS;
    check_voltage(&message.point, family, fields, out);
    let (end, today) = (message.end_on, context.today);
    if end < today {
        let ja = format!("廃止日（{end}）が今日（{today}）より前です");
        let finding = codes::RETROACTIVE_TERMINATION.finding(ja, format!("the end {end} is before today, {today}"));
        out.push(finding.on_key(fields, "end-date"));
    } else if end == today && family != Family::Low {
        out.push(codes::SAME_DAY_TERMINATION.plain().on_key(fields, "end-date"));
    }
}

/// スイッチング廃止
pub fn check_switch_stop(message: &SwitchStop, family: Family, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let fields = SwitchStop::FIELDS;
    check_voltage(&message.point, family, fields, out);
    if let Some(field) = field(fields, "switch-date") {
        check_not_past(message.switch_on, context.today, field, out);
    }
}

/// アンペア変更: known sizes only as a warning. Source: facts/switching.md §2.9 (D for Kyushu).
pub fn check_ampere_change(message: &AmpereChange, family: Family, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let fields = AmpereChange::FIELDS;
    check_voltage(&message.point, family, fields, out);
    if !message.limit.is_known_size() {
        let ampere = message.limit.ampere();
        let finding = codes::AMPERE_SIZE.finding(
            format!("{ampere} Aは知られている電流上限値（5・10・15・20・30・40・50・60 A）ではありません"),
            format!("{ampere} A is none of the known sizes 5, 10, 15, 20, 30, 40, 50, 60 A"),
        );
        out.push(finding.on_key(fields, "current-limit"));
    }
    if let Some(field) = field(fields, "change-date") {
        check_not_past(message.change_on, context.today, field, out);
    }
}

/// 需要者情報変更. `held` is the name the contract has now, where it is known.
pub fn check_customer_change(
    message: &CustomerChange,
    held: Option<&CustomerName>,
    family: Family,
    out: &mut Vec<Finding>,
) {
    let fields = CustomerChange::FIELDS;
    check_voltage(&message.point, family, fields, out);
    let texts = message.name.is_some() || message.kana.is_some() || message.address.is_some();
    let contact = message.postal_code.is_some() || message.building.is_some() || message.telephone.is_some();
    if !texts && !contact && message.contract_number.is_none() && !message.holder_changes {
        out.push(codes::NOTHING_TO_CHANGE.plain());
    }
    match (&message.name, message.holder_changes) {
        (None, true) => out.push(codes::HOLDER_WITHOUT_NAME.plain().on_key(fields, "name")),
        (Some(name), true) => {
            if let Some(held) = held
                && let Comparison::EqualAfter(_) | Comparison::Equal = compare(held.as_str(), name.as_str())
            {
                let (held, name) = (held.as_str(), name.as_str());
                let ja = format!("「{held}」から「{name}」への変更は表記の訂正のようです");
                let finding = codes::SPELLING_AS_HOLDER.finding(ja, format!("`{held}` to `{name}` is a spelling"));
                out.push(finding.on_key(fields, "holder-changes"));
            }
        }
        (_, false) => {}
    }
    let texts = Texts {
        name: message.name.as_ref(),
        kana: message.kana.as_ref(),
        address: message.address.as_ref(),
        building: message.building.as_ref(),
    };
    check_texts(texts, fields, out);
}

/// 申込訂正
pub fn check_correction(message: &Correction, family: Family, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let fields = Correction::FIELDS;
    check_voltage(&message.point, family, fields, out);
    let texts = message.name.is_some() || message.kana.is_some() || message.address.is_some();
    if !texts && message.requested_on.is_none() && message.building.is_none() && message.telephone.is_none() {
        out.push(codes::NOTHING_TO_CHANGE.plain());
    }
    if let (Some(date), Some(field)) = (message.requested_on, field(fields, "requested-date")) {
        check_not_past(date, context.today, field, out);
    }
    let texts = Texts {
        name: message.name.as_ref(),
        kana: message.kana.as_ref(),
        address: message.address.as_ref(),
        building: message.building.as_ref(),
    };
    check_texts(texts, fields, out);
}

/// 申込取消: names what it withdraws by exactly one number.
pub fn check_withdrawal(message: &Withdrawal, family: Family, out: &mut Vec<Finding>) {
    let fields = Withdrawal::FIELDS;
    check_voltage(&message.point, family, fields, out);
    if message.number.is_some() == message.cancellation.is_some() {
        out.push(codes::ONE_NUMBER.plain().on_key(fields, "application-number"));
    }
}
