//! 計画: a plan with its envelope and head; what it discloses, and for what.

use super::node::plan_node;
use super::{
    AnyNode, DemandProcurementPlan, GenerationSalesPlan, InterconnectorPlan, PlanCode, PlanDigit, PlanName, UnknownPart,
};
use crate::items::{BusinessCode, Date, DateTime, Item, ItemSet, SupplyPointId};
use crate::notice::{ConsentNeed, Disclosure, Purpose};

crate::code_set! {
    /// 計画の種類.
    ///
    /// Source: facts/wire.md §2.4–2.7.
    pub enum PlanKind = "plan-kind" {
        DemandProcurement = "demand-procurement", "需要調達計画", "demand and procurement plan";
        GenerationSales = "generation-sales", "発電販売計画", "generation and sales plan";
        Interconnector = "interconnector", "連系線利用計画", "interconnector plan";
        Suppression = "suppression", "需要抑制計画", "demand suppression plan";
    }
}

/// 封筒: the nine items of the message group header (JPMGH), which the attributes of `SBD-MSG` repeat.
///
/// Source: facts/wire.md §0 (S).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEnvelope {
    /// 運用モード (JPC03); its values are not known, `0` was seen.
    pub mode: PlanDigit,
    /// The sender's business code (JPC06, before seven zeros).
    pub sender: BusinessCode,
    /// The receiver's business code (JPC09, before seven zeros); OCCTO is 70013.
    pub receiver: BusinessCode,
    /// BPID 機関コード (JPC10), `OCTO`.
    pub agency: PlanCode<4>,
    /// BPID 版 (JPC12): `3A` in 2016; the standard has since reached 3C.
    pub version: PlanCode<2>,
    /// 情報区分コード (JPC14).
    pub message_code: PlanCode<4>,
    /// 作成日時 (JPC19), JST, to the second.
    pub created: DateTime,
    /// Whether the file ends with a line break.
    pub final_newline: bool,
}

plan_node! {
    /// 共通部: the head of a plan.
    ///
    /// Source: facts/wire.md §1.1, §2.4 (S).
    pub struct PlanHead {
        leaves {
            /// 情報区分コード
            message_code: PlanCode<4> = MessageCode;
            /// 情報区分名称
            message_name: PlanName = MessageName;
            /// 送信者コード
            sender: BusinessCode = Sender;
            /// 送信者名称
            sender_name: PlanName = SenderName;
            /// 提出先事業者コード: the transmission operator OCCTO forwards it to.
            operator: BusinessCode = Operator;
            /// 提出先事業者名称
            operator_name: PlanName = OperatorName;
            /// 計画提出者コード: the balancing group.
            submitter: PlanCode<5> = Submitter;
            /// 計画提出者名称
            submitter_name: PlanName = SubmitterName;
            /// 計画対象年月日
            target: Date = TargetDate;
        }
        series {}
        one {}
        many {}
    }
}

plan_node! {
    /// 需要抑制計画, as far as its written form is known: the head and a group over supply points.
    ///
    /// Source: facts/wire.md §2.7 (D). Everything else of it is kept as read.
    pub struct SuppressionOutline {
        leaves {}
        series {}
        one {}
        many {
            /// 供給地点別
            points: SuppressionPoint = Points;
        }
    }
}

plan_node! {
    /// 供給地点別: one row of a [`SuppressionOutline`].
    pub struct SuppressionPoint {
        leaves {
            /// 供給地点特定番号, optional by agreement.
            point: SupplyPointId = Point;
        }
        series {}
        one {}
        many {}
    }
}

/// 計画の本体.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanBody {
    /// 需要調達計画
    DemandProcurement(Box<DemandProcurementPlan>),
    /// 発電販売計画
    GenerationSales(Box<GenerationSalesPlan>),
    /// 連系線利用計画
    Interconnector(InterconnectorPlan),
    /// 需要抑制計画
    Suppression(SuppressionOutline),
}

/// 計画: a message of W6 to OCCTO.
///
/// # Purpose
///
/// A plan goes under purpose ⑤ ネガワット取引: the published notices know its volumes only as the items of group ③
/// (発電販売量, 需要調達量, 需要抑制量, ベースライン), group ③ goes for purpose ⑤ alone (facts/notices.md, rule 8), and OCCTO as
/// the switchboard receives "the plan items of ③" under it. The recipient is OCCTO itself: it forwards the plan to the
/// operator that the head names by its own duty, and the necessity table has no row from a retailer to an operator for ⑤.
/// A plan names no customer; one with supply points (需要抑制計画) discloses them as items of group ② too. That the volumes
/// of an interconnector are 発電販売量 is our reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// 封筒
    pub envelope: PlanEnvelope,
    /// 共通部
    pub head: PlanHead,
    /// 本体
    pub body: PlanBody,
}

impl PlanBody {
    /// An empty body of a kind.
    #[must_use]
    pub fn empty(kind: PlanKind) -> PlanBody {
        match kind {
            PlanKind::DemandProcurement => PlanBody::DemandProcurement(Box::default()),
            PlanKind::GenerationSales => PlanBody::GenerationSales(Box::default()),
            PlanKind::Interconnector => PlanBody::Interconnector(InterconnectorPlan::default()),
            PlanKind::Suppression => PlanBody::Suppression(SuppressionOutline::default()),
        }
    }
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> PlanKind {
        match self {
            PlanBody::DemandProcurement(_) => PlanKind::DemandProcurement,
            PlanBody::GenerationSales(_) => PlanKind::GenerationSales,
            PlanBody::Interconnector(_) => PlanKind::Interconnector,
            PlanBody::Suppression(_) => PlanKind::Suppression,
        }
    }
    /// The body as its elements see it.
    #[must_use]
    pub fn node(&self) -> &AnyNode {
        match self {
            PlanBody::DemandProcurement(plan) => &**plan,
            PlanBody::GenerationSales(plan) => &**plan,
            PlanBody::Interconnector(plan) => plan,
            PlanBody::Suppression(plan) => plan,
        }
    }
    /// The body, to be filled.
    pub fn node_mut(&mut self) -> &mut AnyNode {
        match self {
            PlanBody::DemandProcurement(plan) => &mut **plan,
            PlanBody::GenerationSales(plan) => &mut **plan,
            PlanBody::Interconnector(plan) => plan,
            PlanBody::Suppression(plan) => plan,
        }
    }
}

impl Plan {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> PlanKind {
        self.body.kind()
    }

    /// 未知の要素: how many elements are kept that the facts do not know.
    #[must_use]
    pub fn unknown_parts(&self) -> usize {
        self.head.unknown.len() + unknown_in(self.body.node(), self.kind().shape().body)
    }

    /// Whether everything in it stands as the facts know it: the whole tree is known, and no element is unknown.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.kind().shape().verified && self.unknown_parts() == 0
    }
}

fn unknown_in(node: &AnyNode, content: &[super::Content]) -> usize {
    let here = node.unknown().len();
    here + parts_of(content)
        .into_iter()
        .map(|group| {
            let repetitions = (0..).map_while(|index| group.part.and_then(|part| node.part(part, index)));
            repetitions.map(|child| unknown_in(child, group.content)).sum::<usize>()
        })
        .sum::<usize>()
}

/// The groups of a content that are parts of their own, those in wrappers too.
fn parts_of(content: &[super::Content]) -> Vec<&super::Group> {
    let mut found = Vec::new();
    for one in content {
        match one {
            super::Content::Group(group) if group.part.is_some() => found.push(group),
            super::Content::Group(group) => found.extend(parts_of(group.content)),
            _ => {}
        }
    }
    found
}

impl Disclosure for Plan {
    fn purpose(&self) -> Purpose {
        Purpose::NegawattTrading
    }
    fn items(&self) -> ItemSet {
        match &self.body {
            PlanBody::DemandProcurement(_) => ItemSet::of(&[Item::DemandProcurement]),
            PlanBody::GenerationSales(_) | PlanBody::Interconnector(_) => ItemSet::of(&[Item::GenerationSales]),
            // What its unknown elements hold is that of the form: baselines and reductions.
            PlanBody::Suppression(plan) => {
                let items = ItemSet::of(&[Item::DemandSuppression, Item::Baseline]);
                let points = plan.points.iter().any(|row| row.point.is_some());
                if points { items.with(Item::SupplyPointId) } else { items }
            }
        }
    }
    fn point(&self) -> Option<SupplyPointId> {
        match &self.body {
            PlanBody::Suppression(plan) => plan.points.iter().find_map(|row| row.point),
            _ => None,
        }
    }
    fn consent_need(&self) -> ConsentNeed {
        ConsentNeed::None
    }
}

impl UnknownPart {
    /// The name of the element.
    #[must_use]
    pub fn name(&self) -> &str {
        let start = self.xml.strip_prefix('<').unwrap_or(&self.xml);
        start.split(['>', '/', ' ', '\t', '\r', '\n']).next().unwrap_or_default()
    }
}
