//! 計画: what a person asks for with plans — build one, check one, make it ready to be submitted.

mod build;

pub use build::{PlanCover, build};

use super::pen::refusal_line;
use crate::items::{Code as _, DateTime};
use crate::messages::planning::{Plan, PlanKind};
use crate::notice::{ClearanceDesk, Cleared, Context, Disclosure as _, Notice, Party, Route};
use crate::rules::plans::{
    PlanFileClaim, PlanSettings, PlanWindow, check_deadline, check_plan, check_plan_name, check_suppression,
};
use crate::rules::{Finding, Severity};
use crate::store::hex;
use crate::wire::charset;
use crate::wire::cii::plan::{looks_like_plan, read_plan, write_plan};
use crate::wire::filename::PlanFileName;
use crate::wire::plan_csv;
use sha2::{Digest as _, Sha256};

/// 計画の検査結果.
#[derive(Clone, Debug)]
pub struct PlanChecked {
    /// What kind of plan it is, where that could be told.
    pub kind: Option<PlanKind>,
    /// The plan, where the file is one of W6.
    pub plan: Option<Plan>,
    /// What was found: of the file first, then of the rules.
    pub findings: Vec<Finding>,
    /// What would happen to it if it were submitted.
    pub window: Option<PlanWindow>,
}

/// 期限の扱い: whether a deadline that is past stops what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadlineAt {
    /// It does: the plan is to be submitted at this moment.
    Submitting(DateTime),
    /// It is told as a warning: the file is only looked at.
    Looking(DateTime),
    /// Nothing is said of it.
    Never,
}

/// Checks a plan file: W6, or the CSV of a plan. The name is that of the file, without folders.
#[must_use]
pub fn check_plan_file(name: &str, octets: &[u8], settings: &PlanSettings, deadline: DeadlineAt) -> PlanChecked {
    let mut checked = PlanChecked { kind: None, plan: None, findings: Vec::new(), window: None };
    if !looks_like_plan(octets) && !octets.trim_ascii_start().starts_with(b"<") {
        csv(octets, &mut checked);
        return checked;
    }
    let read = match read_plan(octets, settings) {
        Ok(read) => read,
        Err(stop) => {
            checked.findings.push(*stop);
            return checked;
        }
    };
    let (plan, mut findings) = (read.plan, read.findings);
    check_plan(&plan, settings, &mut findings);
    if let Ok(PlanFileName { message, date, sender, area_digit, .. }) = PlanFileName::parse(name) {
        check_plan_name(&plan, &PlanFileClaim { message, date, sender, area_digit }, &mut findings);
    }
    checked.window = tell_deadline(&plan, settings, deadline, &mut findings);
    (checked.kind, checked.findings, checked.plan) = (Some(plan.kind()), findings, Some(plan));
    checked
}

fn tell_deadline(
    plan: &Plan,
    settings: &PlanSettings,
    deadline: DeadlineAt,
    out: &mut Vec<Finding>,
) -> Option<PlanWindow> {
    let (now, looking) = match deadline {
        DeadlineAt::Submitting(now) => (now, false),
        DeadlineAt::Looking(now) => (now, true),
        DeadlineAt::Never => return None,
    };
    let before = out.len();
    let window = check_deadline(plan, settings, now, out);
    if looking {
        out.iter_mut().skip(before).for_each(|finding| finding.severity = Severity::Warning);
    }
    window
}

/// The CSV of either kind, told by its header.
fn csv(octets: &[u8], checked: &mut PlanChecked) {
    let text = charset::read(octets).map(|(_, text, _)| text).unwrap_or_default();
    let is_suppression = text.lines().next().is_some_and(|header| header.contains("抑制BGコード"));
    if is_suppression {
        checked.kind = Some(PlanKind::Suppression);
        checked.findings = match plan_csv::suppression(octets) {
            Ok((plan, mut findings)) => {
                check_suppression(&plan, &mut findings);
                findings
            }
            Err(findings) => findings,
        };
        return;
    }
    checked.findings = match plan_csv::demand_procurement(octets) {
        Ok((plan, mut findings)) => {
            checked.kind = Some(PlanKind::DemandProcurement);
            build::check_members(&plan, &mut findings);
            findings
        }
        Err(findings) => findings,
    };
}

/// 提出の準備: a plan that may leave, as it will be sent.
#[derive(Debug)]
pub struct PlanReady {
    /// The name of the file.
    pub name: String,
    /// The octets of the file.
    pub octets: Vec<u8>,
    /// Whether everything in it stands as the facts know it.
    pub verified: bool,
    /// 情報区分コード
    pub message: String,
    /// The ledger's line.
    pub ledger: String,
}

/// 提出できない計画: what the notice does not let go.
#[derive(Debug, thiserror::Error)]
#[error("{ja} / {en}")]
pub struct PlanRefused {
    /// Why, in Japanese.
    pub ja: String,
    /// Why, in English.
    pub en: String,
    /// The ledger's line.
    pub ledger: String,
}

/// Clears a plan on its way to OCCTO and writes it.
pub fn ready(plan: Plan, notice: &Notice, sender: Party, now: DateTime) -> Result<PlanReady, PlanRefused> {
    let route = Route { sender, recipient: Party::OCCTO, via: None };
    let cleared = ClearanceDesk::new(notice).clear(plan, &Context::new(route, now));
    let cleared = cleared.map_err(|refused| {
        let (plan, decision) = (refused.message(), refused.decision());
        let (name, to) = (file_name(plan), (sender, Party::OCCTO));
        let ledger = refusal_line(now, (plan.kind().key(), &name), to, plan.purpose(), notice, decision);
        PlanRefused {
            ja: format!("計画を提出できません（{}）", decision.reasons_ja()),
            en: format!("the plan is refused ({})", decision.reasons_en()),
            ledger,
        }
    })?;
    let mut octets = Vec::new();
    let verified = write_plan(&cleared, &mut octets).verified;
    let plan = cleared.message();
    let (name, message) = (file_name(plan), plan.envelope.message_code.to_string());
    let ledger = ledger(&cleared, &name, &hex(&Sha256::digest(&octets)));
    Ok(PlanReady { name, octets, verified, message, ledger })
}

/// `W6_0250_20260402_00_49996_6.xml`; NN is 00, as in every name seen.
#[must_use]
pub fn file_name(plan: &Plan) -> String {
    let sender = plan.envelope.sender;
    let message = plan.envelope.message_code.as_str().parse().unwrap_or(0);
    let date = plan.head.target.unwrap_or_else(|| plan.envelope.created.date());
    let name = PlanFileName { message, date, unknown: 0, sender, area_digit: sender.area().digit() };
    format!("{name}.xml")
}

/// Who, to whom, for what, which items on which basis: never a value.
fn ledger(cleared: &Cleared<Plan>, name: &str, digest: &str) -> String {
    let route = cleared.route();
    serde_json::json!({
        "at": cleared.at().to_string(), "verdict": "granted", "message": cleared.message().kind().key(),
        "reference": name, "sender": route.sender.to_string(), "recipient": route.recipient.to_string(),
        "purpose": cleared.purpose().key(), "notice": cleared.notice(), "items": cleared.decision().to_json().get("items"),
        "digest": digest,
    })
    .to_string()
}
