//! 30分電力量 (W4) as columns.

use super::{Availability, TextColumn};
use crate::items::{Energy, Slot, SupplyPointId};

/// 30分電力量: rows of W4 as columns of one length. A row is one supply point, 管理番号 and slot of the header's date.
///
/// Source: facts/wire.md §1.2, §2.1, §2.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HalfHourly {
    /// 供給地点特定番号 (JP06400).
    pub points: Vec<SupplyPointId>,
    /// 時刻コード (JP06219).
    pub slots: Vec<Slot>,
    /// 30分電力量 (JP06123 or JP06125). Unit: 0.0001 kWh; zero, and without meaning, where it is not given.
    pub energies: Vec<Energy>,
    /// 提供可否 (JP06122).
    pub availability: Vec<Availability>,
    /// A control number of a row within its point (JP06121); its Japanese name is not known. Empty where absent.
    pub control_numbers: TextColumn,
    /// 需要家識別番号 (JP06119). Empty where absent.
    pub customer_ids: TextColumn,
    /// 需要家名称 (JP06120). Empty where absent.
    pub customer_names: TextColumn,
}

impl HalfHourly {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }
    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        self.points.clear();
        self.slots.clear();
        self.energies.clear();
        self.availability.clear();
        self.control_numbers.clear();
        self.customer_ids.clear();
        self.customer_names.clear();
    }
}
