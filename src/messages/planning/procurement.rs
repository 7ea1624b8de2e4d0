//! 需要調達計画 (W6 0250): what a retailer's balancing group needs, buys and sells in the 48 slots of a day.

use super::node::plan_node;
use super::{PlanCode, PlanDigit, PlanName};
use crate::items::BusinessCode;

plan_node! {
    /// 需要調達計画: the demand and procurement plan of a balancing group and its members.
    ///
    /// Source: facts/wire.md §2.4 (S; the sales from C).
    pub struct DemandProcurementPlan {
        leaves {}
        series {
            /// 需要計画 of the balancing group.
            demand = Demand;
            /// JP06389 of the balancing group; its meaning is not known, perhaps 供給力.
            supply = Supply;
        }
        one {
            /// 調達計画 of the balancing group.
            procurement: Trade = Procurement;
            /// 販売計画 of the balancing group; absent where nothing is sold.
            sales: Trade = Sales;
        }
        many {
            /// 契約者別
            members: Member = Members;
        }
    }
}

plan_node! {
    /// 調達計画・販売計画: a sum and what it is made of, by counterparty.
    pub struct Trade {
        leaves {}
        series {
            /// 調達計画, where it is a procurement.
            procurement = Procurement;
            /// JP06371 beside it; its meaning is not known.
            companion = ProcurementCompanion;
            /// 販売計画, where it is a sale.
            sales = Sales;
        }
        one {}
        many {
            /// 取引先別
            counterparties: Counterparty = Counterparties;
        }
    }
}

plan_node! {
    /// 取引先別: what is bought from or sold to one counterparty.
    pub struct Counterparty {
        leaves {
            /// 取引先コード: a balancing group, a 系統コード or the exchange (JEPX spot is `JSPT3`).
            code: PlanCode<5> = Counterparty;
            /// 取引先名称
            name: PlanName = CounterpartyName;
            /// 連系線利用申込番号, or its dummy; only in the balancing group's own rows.
            application: PlanCode<13> = Application;
            /// JP06372; its meaning is not known.
            cost_flag: PlanDigit = CostFlag;
            /// JP06374; its meaning is not known.
            area_flag: PlanDigit = AreaFlag;
        }
        series {
            /// 調達計画, where it is a procurement.
            procurement = Procurement;
            /// JP06371 beside it; its meaning is not known.
            companion = ProcurementCompanion;
            /// 販売計画, where it is a sale.
            sales = Sales;
        }
        one {}
        many {}
    }
}

plan_node! {
    /// 契約者別: the part of one member of the balancing group.
    pub struct Member {
        leaves {
            /// 契約者コード: its business code.
            code: BusinessCode = Member;
            /// 契約者名称
            name: PlanName = MemberName;
        }
        series {
            /// 需要計画
            demand = Demand;
            /// JP06389; its meaning is not known.
            supply = Supply;
        }
        one {
            /// 調達計画
            procurement: Trade = Procurement;
            /// 販売計画; absent where nothing is sold.
            sales: Trade = Sales;
        }
        many {}
    }
}
