//! コードと日付: whether a plan names who, for whom and for when without contradiction.

use super::PlanSettings;
use crate::items::{BusinessCode, Code as _, Date};
use crate::messages::planning::{Plan, PlanBody, Tag};
use crate::rules::{Finding, Rule, Severity, codes};

/// Holds the codes and dates of a plan against each other and against the tables.
pub(super) fn check(plan: &Plan, settings: &PlanSettings, out: &mut Vec<Finding>) {
    let (envelope, head) = (&plan.envelope, &plan.head);
    let mut say = |rule: &'static Rule, tag: Tag, ja: String, en: String| {
        let mut finding = rule.finding(ja, en);
        finding.place.path = Some("/JPTRM".to_owned());
        finding.place.column = Some(tag.ja().into());
        out.push(finding);
    };
    if let Some(code) = head.message_code
        && code != envelope.message_code
    {
        let wanted = envelope.message_code;
        let (ja, en) = (
            format!("情報区分コード「{code}」が封筒の「{wanted}」と違います"),
            format!("the message code is `{code}`, that of the envelope `{wanted}`"),
        );
        say(&codes::PLAN_ENVELOPE, Tag::MessageCode, ja, en);
    }
    if let Some(sender) = head.sender
        && sender != envelope.sender
    {
        let wanted = envelope.sender;
        let (ja, en) = (
            format!("送信者コード「{sender}」が封筒の「{wanted}」と違います"),
            format!("the sender is `{sender}`, that of the envelope `{wanted}`"),
        );
        say(&codes::PLAN_ENVELOPE, Tag::Sender, ja, en);
    }
    if envelope.receiver != settings.receiver {
        let (got, wanted) = (envelope.receiver, settings.receiver);
        let (ja, en) = (
            format!("受信者「{got}」は広域機関（{wanted}）ではありません"),
            format!("the receiver `{got}` is not OCCTO ({wanted})"),
        );
        say(&codes::PLAN_CODE, Tag::Sender, ja, en);
    }
    if envelope.agency != settings.agency {
        let (got, wanted) = (envelope.agency, settings.agency);
        let (ja, en) =
            (format!("BPID「{got}」は「{wanted}」ではありません"), format!("the BPID is `{got}`, expected `{wanted}`"));
        say(&codes::PLAN_ENVELOPE, Tag::MessageCode, ja, en);
    }
    if let Some(operator) = head.operator {
        match settings.operator(operator) {
            None => {
                let known: Vec<_> = settings.operators.iter().map(|one| one.code.to_string()).collect();
                let known = known.join(", ");
                let (ja, en) = (
                    format!(
                        "提出先事業者コード「{operator}」は一般送配電事業者のコードではありません（既知: {known}）"
                    ),
                    format!("`{operator}` is not an operator's code, expected one of {known}"),
                );
                say(&codes::PLAN_CODE, Tag::Operator, ja, en);
            }
            Some(known) => {
                if let Some(sender) = head.sender.filter(|sender| sender.area() != known.area) {
                    let (ja, en) = areas(sender, known.area.ja(), known.area.en());
                    say(&codes::PLAN_AREA, Tag::Sender, format!("送信者{ja}"), format!("sender {en}"));
                }
                if let PlanBody::DemandProcurement(body) = &plan.body {
                    let foreign = |code: &BusinessCode| code.area() != known.area;
                    let codes_of = body.members.iter().filter_map(|member| member.code);
                    if let Some(member) = codes_of.into_iter().find(foreign) {
                        let (ja, en) = areas(member, known.area.ja(), known.area.en());
                        say(&codes::PLAN_AREA, Tag::Member, format!("契約者{ja}"), format!("member {en}"));
                    }
                }
            }
        }
    }
    if let Some(target) = head.target {
        let made = envelope.created.date();
        if target < made {
            let (ja, en) = (
                format!("計画対象年月日 {target} が作成日 {made} より前です"),
                format!("the plan is for {target}, before it was made on {made}"),
            );
            say(&codes::PLAN_DATE, Tag::TargetDate, ja, en);
        }
    }
    let unverified = unverified(plan, settings);
    if !unverified.is_empty() {
        let ja: Vec<_> = unverified.iter().map(|pair| pair.0).collect();
        let en: Vec<_> = unverified.iter().map(|pair| pair.1).collect();
        let mut finding = codes::PLAN_UNVERIFIED.finding(ja.join("。"), en.join("; "));
        if unverified.iter().all(|pair| pair.2) {
            finding.severity = Severity::Notice;
        }
        out.push(finding);
    }
}

fn areas(code: BusinessCode, ja: &str, en: &str) -> (String, String) {
    let own = code.area();
    (
        format!("「{code}」の区域（{}）が提出先の区域（{ja}）と違います", own.ja()),
        format!("`{code}` is of {}, the operator of {en}", own.en()),
    )
}

/// What of a plan no source confirms: Japanese, English, and whether it is only a value of a table.
fn unverified(plan: &Plan, settings: &PlanSettings) -> Vec<(&'static str, &'static str, bool)> {
    let mut found = Vec::new();
    let message = settings.message(plan.envelope.message_code.as_str());
    if !plan.kind().shape().verified || message.is_none_or(|message| !message.verified) {
        found.push((
            "この計画の構造の一部は公表されていません",
            "part of the structure of this plan is not public",
            false,
        ));
    }
    if plan.head.operator.and_then(|code| settings.operator(code)).is_some_and(|operator| !operator.verified) {
        found.push(("提出先事業者コードは推定です", "the operator's code is inferred", true));
    }
    if plan.envelope.version != settings.version {
        found.push(("BPID版が設定と違います", "the BPID version is not that of the settings", true));
    }
    found
}

/// What the name of a plan file says of the plan in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanFileClaim {
    /// 情報区分コード, as a number.
    pub message: u16,
    /// 計画対象年月日
    pub date: Date,
    /// 送信者コード
    pub sender: BusinessCode,
    /// The area digit at its end.
    pub area_digit: u8,
}

/// Holds a plan against the name of its file.
pub fn check_plan_name(plan: &Plan, claim: &PlanFileClaim, out: &mut Vec<Finding>) {
    let mut wrong = Vec::new();
    if plan.envelope.message_code.as_str().parse() != Ok(claim.message) {
        wrong.push(("情報区分コード", "message code"));
    }
    if plan.head.target.is_some_and(|target| target != claim.date) {
        wrong.push(("計画対象年月日", "date"));
    }
    if claim.sender != plan.envelope.sender {
        wrong.push(("送信者コード", "sender"));
    }
    if plan.envelope.sender.area().digit() != claim.area_digit {
        wrong.push(("区域", "area"));
    }
    if !wrong.is_empty() {
        let ja: Vec<_> = wrong.iter().map(|pair| pair.0).collect();
        let en: Vec<_> = wrong.iter().map(|pair| pair.1).collect();
        out.push(codes::PLAN_FILE_NAME.finding(
            format!("ファイル名と内容で{}が違います", ja.join("・")),
            format!("file name and content differ in {}", en.join(", ")),
        ));
    }
}
