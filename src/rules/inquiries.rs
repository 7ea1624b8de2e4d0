//! 照会と判断の規則: usage inquiry and password, judgement, status and list inquiries.

use super::supply::check_voltage;
use super::texts::{Texts, check_texts};
use super::{Finding, RuleContext, codes};
use crate::items::{Code as _, Date, Family, YearMonth};
use crate::messages::switching::{
    CancellationInquiry, CancellationJudgement, CancellationResultInquiry, Judgement, ListInquiry, MediaType,
    StatusInquiry, UsageInquiry, UsagePasswordApplication,
};
use crate::messages::{Field, Record};

/// The most months a usage inquiry covers, both ends counted. Source: facts/switching.md §2.3 (D).
const USAGE_MONTHS: i32 = 13;

/// 使用量照会: at most thirteen months, in order, not in the future.
pub fn check_usage_inquiry(message: &UsageInquiry, family: Family, context: &RuleContext<'_>, out: &mut Vec<Finding>) {
    let fields = UsageInquiry::FIELDS;
    check_voltage(&message.point, family, fields, out);
    let (from, to) = (message.from, message.to);
    let months = from.months_until(to) + 1;
    if months < 1 {
        let ja = format!("開始年月（{from}）が終了年月（{to}）より後です");
        let en = format!("the period begins in {from}, after its end in {to}");
        out.push(codes::PERIOD_REVERSED.finding(ja, en).on_key(fields, "from-month"));
    } else if months > USAGE_MONTHS {
        let ja = format!("使用量照会は{USAGE_MONTHS}か月までです（{from}〜{to}は{months}か月）");
        let en = format!("a usage inquiry covers at most {USAGE_MONTHS} months, {from} to {to} are {months}");
        out.push(codes::USAGE_TOO_LONG.finding(ja, en).on_key(fields, "from-month"));
    }
    if YearMonth::of(context.today).is_some_and(|now| to > now) {
        let ja = format!("終了年月（{to}）が今月より後です");
        out.push(codes::USAGE_IN_FUTURE.finding(ja, format!("{to} is in the future")).on_key(fields, "to-month"));
    }
}

/// 使用量照会パスワード発行申込: identity documents are there and are what they say; the consent is not in the future.
pub fn check_usage_password(
    message: &UsagePasswordApplication,
    family: Family,
    context: &RuleContext<'_>,
    out: &mut Vec<Finding>,
) {
    let fields = UsagePasswordApplication::FIELDS;
    check_voltage(&message.point, family, fields, out);
    if message.documents.is_empty() {
        out.push(codes::NO_DOCUMENTS.plain().on_key(fields, "documents"));
    }
    for (index, document) in message.documents.iter().enumerate() {
        if !has_form(document.content.as_slice(), document.media) {
            let (number, media) = (index + 1, document.media.ja());
            let finding = codes::DOCUMENT_FORMAT.finding(
                format!("{number}番目の添付データは{media}ではありません"),
                format!("document {number} is not {media}"),
            );
            out.push(finding.on_key(fields, "documents"));
        }
    }
    if message.consented_at.date() > context.today {
        out.push(codes::FUTURE_CONSENT.plain().on_key(fields, "consented-at"));
    }
    let texts = Texts {
        name: Some(&message.name),
        kana: message.kana.as_ref(),
        address: Some(&message.address),
        building: message.building.as_ref(),
    };
    check_texts(texts, fields, out);
}

/// Whether the octets begin as the form does.
fn has_form(octets: &[u8], media: MediaType) -> bool {
    match media {
        MediaType::Pdf => octets.starts_with(b"%PDF-"),
        MediaType::Jpeg => octets.starts_with(&[0xFF, 0xD8, 0xFF]),
        MediaType::Png => octets.starts_with(b"\x89PNG\r\n\x1a\n"),
    }
}

/// 廃止取次判断: an NG has reasons, an OK has none.
pub fn check_judgement(message: &CancellationJudgement, family: Family, out: &mut Vec<Finding>) {
    let fields = CancellationJudgement::FIELDS;
    check_voltage(&message.point, family, fields, out);
    match (message.judgement, message.reasons.is_empty()) {
        (Judgement::Ng, true) => out.push(codes::NG_WITHOUT_REASON.plain().on_key(fields, "reasons")),
        (Judgement::Ok, false) => out.push(codes::OK_WITH_REASON.plain().on_key(fields, "reasons")),
        _ => {}
    }
}

/// 申込状態照会: by exactly one of number and reference.
pub(super) fn check_status_inquiry(message: &StatusInquiry, out: &mut Vec<Finding>) {
    if message.number.is_some() == message.reference.is_some() {
        out.push(codes::ONE_NUMBER.plain().on_key(StatusInquiry::FIELDS, "application-number"));
    }
}

/// 廃止取次結果照会: by exactly one of number and reference.
pub(super) fn check_result_inquiry(message: &CancellationResultInquiry, out: &mut Vec<Finding>) {
    if message.number.is_some() == message.reference.is_some() {
        out.push(codes::ONE_NUMBER.plain().on_key(CancellationResultInquiry::FIELDS, "cancellation-number"));
    }
}

/// 申込内容一覧照会: by at least one criterion.
pub(super) fn check_list_inquiry(message: &ListInquiry, out: &mut Vec<Finding>) {
    let dates = message.from.is_some() || message.to.is_some();
    if message.reference.is_none() && message.point.is_none() && !dates {
        out.push(codes::NO_CRITERION.plain());
    }
    check_period(message.from, message.to, ListInquiry::FIELDS, out);
}

/// 廃止取次照会
pub(super) fn check_cancellation_inquiry(message: &CancellationInquiry, out: &mut Vec<Finding>) {
    check_period(message.from, message.to, CancellationInquiry::FIELDS, out);
}

fn check_period(from: Option<Date>, to: Option<Date>, fields: &[Field], out: &mut Vec<Finding>) {
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        let ja = format!("開始日（{from}）が終了日（{to}）より後です");
        let finding = codes::PERIOD_REVERSED.finding(ja, format!("the period begins on {from}, after its end on {to}"));
        out.push(finding.on_key(fields, "from-date"));
    }
}
