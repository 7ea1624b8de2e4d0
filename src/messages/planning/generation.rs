//! 発電販売計画 (W6 0150) and 連系線利用計画, as far as they are known.

use super::PlanCode;
use super::Trade;
use super::node::plan_node;

plan_node! {
    /// 発電販売計画: the generation and sales plan of generation balancing groups and their plants.
    ///
    /// Source: facts/wire.md §2.5 (C, leaf names only). Groups 10 and 11 were not seen: they are kept as read.
    pub struct GenerationSalesPlan {
        leaves {}
        series {
            /// 発電計画総計
            generation = Generation;
        }
        one {
            /// 販売計画
            sales: Trade = Sales;
            /// 調達計画
            procurement: Trade = Procurement;
        }
        many {
            /// 発電BG別
            groups: GeneratorGroup = GeneratorGroups;
        }
    }
}

plan_node! {
    /// 発電BG別: the plan of one generation balancing group.
    pub struct GeneratorGroup {
        leaves {
            /// 発電BGコード
            code: PlanCode<5> = GeneratorGroup;
        }
        series {
            /// 発電計画発電BG計
            generation = GroupGeneration;
        }
        one {}
        many {
            /// 系統コード別
            plants: Plant = Plants;
        }
    }
}

plan_node! {
    /// 系統コード別: the plan of one plant.
    pub struct Plant {
        leaves {
            /// 系統コード
            code: PlanCode<5> = Plant;
        }
        series {
            /// 発電計画
            generation = PlantGeneration;
        }
        one {}
        many {}
    }
}

plan_node! {
    /// 連系線利用計画: the planned use of interconnectors, by application.
    ///
    /// Source: facts/wire.md §2.6 (C). Its message code, unit and groups 11 and 12 were not seen.
    pub struct InterconnectorPlan {
        leaves {}
        series {}
        one {}
        many {
            /// 申込番号別
            applications: InterconnectorUse = Applications;
        }
    }
}

plan_node! {
    /// 申込番号別: the planned use under one application.
    pub struct InterconnectorUse {
        leaves {
            /// 連系線利用申込番号
            application: PlanCode<13> = Application;
        }
        series {
            /// 連系線利用計画
            planned = Interconnector;
        }
        one {}
        many {}
    }
}
