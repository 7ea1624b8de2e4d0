//! 需要抑制計画 by the fields of its form: points, suppression groups and the contractor's total.
//!
//! The form was approved in 2016; under which elements of W6 its values stand was not seen. So this is what is worked with
//! and checked; the file of W6, as far as it is known, is [`super::SuppressionOutline`].
//!
//! Source: facts/baseline.md §2.3 (D).

use super::{PlanCode, PlanName, PlanSeries};
use crate::items::{BusinessCode, SupplyPointId};

/// 需要抑制計画: the reductions that a suppression contractor plans for a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuppressionPlan {
    /// 抑制BG別
    pub groups: Vec<SuppressionGroup>,
    /// 抑制計画値 抑制契約者合計
    pub total: Option<PlanSeries>,
}

/// 需要抑制BG: a suppression balancing group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressionGroup {
    /// 需要抑制BGコード
    pub code: PlanCode<5>,
    /// 需要抑制契約識別番号1
    pub contract: Option<PlanName>,
    /// 需要BGコード（取引先）
    pub demand_group: Option<PlanCode<5>>,
    /// 小売事業者コード
    pub retailer: Option<BusinessCode>,
    /// 優先順位: 1 and 99 were seen.
    pub priority: Option<u8>,
    /// ベースライン（抑制BG計）
    pub baseline: Option<PlanSeries>,
    /// 抑制計画値 抑制BG合計
    pub planned: Option<PlanSeries>,
    /// 供給地点別
    pub points: Vec<PointReduction>,
}

/// 供給地点別: the baseline and the planned reduction of a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointReduction {
    /// 供給地点特定番号
    pub point: SupplyPointId,
    /// 需要抑制契約識別番号2: tells the types of one point apart.
    pub contract: Option<PlanName>,
    /// プロラタ内優先順位
    pub priority: Option<u8>,
    /// ベースライン（地点毎）
    pub baseline: Option<PlanSeries>,
    /// 抑制計画値
    pub planned: Option<PlanSeries>,
}
