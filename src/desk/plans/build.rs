//! 計画の作成: a 需要調達計画 from its CSV and what stands on its cover.

use crate::items::{BusinessCode, Date, DateTime};
use crate::messages::planning::{
    DemandProcurementPlan, Plan, PlanBody, PlanCode, PlanDigit, PlanEnvelope, PlanHead, PlanKind, PlanName,
};
use crate::rules::plans::{PlanSettings, check_plan};
use crate::rules::{Finding, codes};
use crate::wire::plan_csv;

/// 表紙: what a plan says of itself beside its values.
#[derive(Clone, Debug)]
pub struct PlanCover {
    /// 計画対象年月日
    pub target: Date,
    /// 送信者コード
    pub sender: BusinessCode,
    /// 送信者名称
    pub sender_name: Option<PlanName>,
    /// 計画提出者コード: the balancing group.
    pub submitter: PlanCode<5>,
    /// 計画提出者名称
    pub submitter_name: Option<PlanName>,
    /// 作成日時, JST.
    pub created: DateTime,
}

/// Builds a 需要調達計画 (0250) and checks it. The operator it is forwarded to is that of the sender's area.
pub fn build(octets: &[u8], cover: &PlanCover, settings: &PlanSettings) -> Result<(Plan, Vec<Finding>), Vec<Finding>> {
    let (body, mut findings) = plan_csv::demand_procurement(octets)?;
    let message = settings.message_of(PlanKind::DemandProcurement).ok_or_else(|| vec![codes::PLAN_KIND.plain()])?;
    let operator = settings.operator_of(cover.sender.area());
    let head = PlanHead {
        message_code: Some(message.code),
        message_name: Some(message.name.clone()),
        sender: Some(cover.sender),
        sender_name: cover.sender_name.clone(),
        operator: operator.map(|operator| operator.code),
        operator_name: operator.and_then(|operator| PlanName::parse(operator.area.operator()).ok()),
        submitter: Some(cover.submitter),
        submitter_name: cover.submitter_name.clone(),
        target: Some(cover.target),
        unknown: Vec::new(),
    };
    let envelope = PlanEnvelope {
        mode: PlanDigit::default(),
        sender: cover.sender,
        receiver: settings.receiver,
        agency: settings.agency,
        version: settings.version,
        message_code: message.code,
        created: cover.created,
        final_newline: false,
    };
    let plan = Plan { envelope, head, body: PlanBody::DemandProcurement(Box::new(body)) };
    // What the file itself lacks has been told with its line.
    if !findings.iter().any(Finding::is_error) {
        check_plan(&plan, settings, &mut findings);
    }
    Ok((plan, findings))
}

/// What every member of a CSV must have.
pub(super) fn check_members(plan: &DemandProcurementPlan, out: &mut Vec<Finding>) {
    for member in &plan.members {
        let Some(code) = member.code else { continue };
        for (there, ja, en) in
            [(member.demand.is_some(), "需要", "demand"), (member.procurement.is_some(), "調達", "procurement")]
        {
            if !there {
                out.push(codes::PLAN_MISSING.finding(
                    format!("契約者 {code} の{ja}の行がありません"),
                    format!("member {code} has no row of {en}"),
                ));
            }
        }
    }
}
