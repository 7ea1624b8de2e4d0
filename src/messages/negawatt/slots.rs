//! ベースライン・需要抑制量・需要調達量・発電販売量: what is told of points and balancing groups for one day.
//!
//! Only the slots that a message is about stand in it. A gap is absent; it is never zero.

use super::{ComputationDigest, MethodKey, NegawattItem, RoundingRule, repeats};
use crate::items::{AreaSet, Date, Energy, Slot, SupplyPointId};
use crate::messages::planning::PlanCode;
use crate::messages::{Message, MessageSpec, Record};
use crate::notice::{ConsentNeed, Customers, Disclosure, Purpose};
use std::collections::HashSet;

macro_rules! item {
    ($message:ident = $key:literal, $ja:literal, $en:literal, $item:ident, $label:literal, $label_en:literal;
     $point:ident { $($point_fields:tt)* } $group:ident $slot:ident { $($fields:tt)* }) => {
        crate::record! {
            #[doc = concat!($label, ": the energy of one slot. A slot without a value is absent, never zero.")]
            pub struct $slot {
                slot: Slot = "slot", "コマ", "slot";
                energy: Energy = "kwh", $label, $label_en, $item;
            }
        }

        crate::record! {
            #[doc = concat!($label, ": the slots of one supply point.")]
            pub struct $point {
                point: SupplyPointId = "supply-point-id", "供給地点特定番号", "supply point id", SupplyPointId;
                $($point_fields)*
                slots: Vec<$slot> = "slots", "コマ別", "by slot";
            }
        }

        crate::record! {
            #[doc = concat!($label, ": the slots of one balancing group, as a sum over its members.")]
            pub struct $group {
                group: PlanCode<5> = "balancing-group", "BGコード", "balancing group";
                slots: Vec<$slot> = "slots", "コマ別", "by slot";
            }
        }

        crate::record! {
            #[doc = concat!($ja, ": ", $en, ", of one day.")]
            pub struct $message {
                date: Date = "date", "年月日", "date";
                $($fields)*
                points: Vec<$point> = "points", "供給地点別", "by supply point";
                groups: Vec<$group> = "groups", "BG別", "by balancing group";
            }
        }

        impl NegawattItem for $message {
            fn has_repeats(&self) -> bool {
                repeats(self.points.iter().map(|row| row.point))
                    || repeats(self.groups.iter().map(|row| row.group))
                    || self.points.iter().any(|row| repeats(row.slots.iter().map(|slot| slot.slot)))
                    || self.groups.iter().any(|row| repeats(row.slots.iter().map(|slot| slot.slot)))
            }
        }

        impl Message for $message {
            const SPEC: &'static MessageSpec = &MessageSpec {
                key: $key,
                ja: $ja,
                en: $en,
                purpose: Purpose::NegawattTrading,
                families: &[],
                answer: None,
                fields: <$message as Record>::FIELDS,
            };
        }

        impl Disclosure for $message {
            fn purpose(&self) -> Purpose {
                Purpose::NegawattTrading
            }
            fn items(&self) -> crate::items::ItemSet {
                Record::items(self)
            }
            fn point(&self) -> Option<SupplyPointId> {
                match self.points.as_slice() {
                    [one] => Some(one.point),
                    _ => None,
                }
            }
            fn areas(&self) -> AreaSet {
                self.points.iter().map(|row| row.point.area()).collect()
            }
            fn points(&self) -> usize {
                self.points.iter().map(|row| row.point).collect::<HashSet<_>>().len()
            }
            fn consent_need(&self) -> ConsentNeed {
                ConsentNeed::None
            }
            fn customers(&self) -> Customers {
                // The sum of a group names nobody.
                if self.points.is_empty() { Customers::Totals } else { Customers::On(self.date) }
            }
            fn each_point(&self, visit: &mut dyn FnMut(SupplyPointId)) {
                self.points.iter().for_each(|row| visit(row.point));
            }
        }
    };
}

item! {
    BaselineNotice = "baseline-notice", "ベースライン通知", "baseline notice", Baseline, "ベースライン", "baseline in kWh";
    BaselinePoint {
        digest: Option<ComputationDigest> = "digest", "算定の要約値", "digest of the computation";
    }
    BaselineGroup BaselineSlot {
        method: MethodKey = "method", "算定方法", "method";
        rounding: RoundingRule = "rounding", "端数処理", "rounding";
    }
}

item! {
    SuppressionNotice = "suppression-notice", "需要抑制量通知", "demand suppression notice", DemandSuppression, "需要抑制量", "demand suppression in kWh";
    SuppressionPoint {
        digest: Option<ComputationDigest> = "digest", "算定の要約値", "digest of the computation";
    }
    SuppressionGroup SuppressionSlot {
        method: MethodKey = "method", "算定方法", "method";
        rounding: RoundingRule = "rounding", "端数処理", "rounding";
    }
}

item! {
    ProcurementNotice = "demand-procurement-notice", "需要調達量通知", "demand procurement notice", DemandProcurement, "需要調達量", "demand procurement in kWh";
    ProcurementPoint {} ProcurementGroup ProcurementSlot {}
}

item! {
    GenerationNotice = "generation-sales-notice", "発電販売量通知", "generation sales notice", GenerationSales, "発電販売量", "generation sales in kWh";
    GenerationPoint {} GenerationGroup GenerationSlot {}
}
