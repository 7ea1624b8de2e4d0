//! 確定使用量 (W5) as columns.

use super::{Allocation, Availability, TextColumn};
use crate::items::{Date, Energy, Slot, SupplyPointId};

/// 確定使用量: rows of W5 as columns; one bill per supply point and 仕訳コード, with the half-hours of its meter period.
///
/// Source: facts/wire.md §1.3, §2.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedUsage {
    /// One row per supply point and 仕訳コード.
    pub bills: Bills,
    /// The half-hours of all bills, bill by bill.
    pub slots: FixedSlots,
}

/// The bills of a batch, as columns of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bills {
    /// 供給地点特定番号 (JP06400).
    pub points: Vec<SupplyPointId>,
    /// 需要家識別番号 (JP06119). Empty where absent.
    pub customer_ids: TextColumn,
    /// 需要家名称 (JP06120). Empty where absent.
    pub customer_names: TextColumn,
    /// 供給場所 (JP06402). Empty where absent.
    pub places: TextColumn,
    /// 電圧区分名 (JP06403). Empty where absent.
    pub voltages: TextColumn,
    /// 仕訳コード (JP06404).
    pub allocations: Vec<Option<Allocation>>,
    /// 提供可否コード (JP06405).
    pub availability: Vec<Availability>,
    /// 月間電力量 全量 (JP06426). Unit: 0.0001 kWh.
    pub whole: Vec<Option<Energy>>,
    /// 月間電力量 仕訳後 (JP06427). Unit: 0.0001 kWh.
    pub own: Vec<Option<Energy>>,
    /// 力率 (JP06406), a decimal number whose unit is not known. Unit: 0.0001 of what was written.
    pub power_factors: Vec<Option<i64>>,
    /// 最大需要電力 (JP06445). Unit: 0.0001 kW.
    pub peaks: Vec<Option<i64>>,
    /// 次回定例検針予定日 (JP06446).
    pub next_readings: Vec<Option<Date>>,
    /// Where the half-hours of each bill end in [`FixedUsage::slots`]; they begin where those of the bill before end.
    pub ends: Vec<u32>,
}

/// The half-hours of a batch of bills, as columns of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedSlots {
    /// 確定使用量対象年月日 (JP06423).
    pub dates: Vec<Date>,
    /// 時刻コード (JP06219).
    pub slots: Vec<Slot>,
    /// 30分使用量 全量 (JP06424). Unit: 0.0001 kWh.
    pub whole: Vec<Option<Energy>>,
    /// 30分使用量 仕訳後 (JP06425): one's own share in a partial supply. Unit: 0.0001 kWh.
    pub own: Vec<Option<Energy>>,
}

impl FixedUsage {
    /// The rows of [`FixedUsage::slots`] that belong to a bill.
    #[must_use]
    pub fn slots_of(&self, bill: usize) -> std::ops::Range<usize> {
        let end = |bill: usize| self.bills.ends.get(bill).map_or(0, |end| *end as usize);
        bill.checked_sub(1).map_or(0, end)..end(bill)
    }
    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        let Bills {
            points,
            customer_ids,
            customer_names,
            places,
            voltages,
            allocations,
            availability,
            whole,
            own,
            power_factors,
            peaks,
            next_readings,
            ends,
        } = &mut self.bills;
        points.clear();
        customer_ids.clear();
        customer_names.clear();
        places.clear();
        voltages.clear();
        allocations.clear();
        availability.clear();
        whole.clear();
        own.clear();
        power_factors.clear();
        peaks.clear();
        next_readings.clear();
        ends.clear();
        self.slots.dates.clear();
        self.slots.slots.clear();
        self.slots.whole.clear();
        self.slots.own.clear();
    }
}
