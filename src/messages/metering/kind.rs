//! 情報区分: the six meter data messages.

use crate::items::{Code, Family};

crate::code_set! {
    /// 情報区分: the messages of meter data by their code (JP00002).
    ///
    /// Source: facts/wire.md §2.0 (C).
    pub enum MeteringKind = "metering-kind" {
        HighSlot = "0110", "特高・高圧30分電力量", "half-hourly energy, high voltage";
        LowSlot = "1110", "低圧30分電力量", "half-hourly energy, low voltage";
        HighDay = "0120", "特高・高圧日毎30分電力量", "daily half-hourly energy, high voltage";
        LowDay = "1120", "低圧日毎30分電力量", "daily half-hourly energy, low voltage";
        HighMonth = "1210", "特高・高圧月間確定使用量", "fixed monthly usage, high voltage";
        LowMonth = "1220", "低圧月間確定使用量", "fixed monthly usage, low voltage";
    }
}

crate::code_set! {
    /// 速報・確報・確定: how final a reading is; a later status never loses to an earlier one.
    ///
    /// Source: facts/wire.md §6, status ladder (C).
    pub enum ReadingStatus = "reading-status" {
        /// W4, one slot of the current day.
        Preliminary = "preliminary", "速報", "preliminary";
        /// W4, the 48 slots of a past day.
        Daily = "daily", "確報", "daily";
        /// W5.
        Fixed = "fixed", "確定", "fixed";
    }
}

crate::code_set! {
    /// 仕訳コード (JP06404): whether a retailer supplies all of a point or a part of it (部分供給).
    ///
    /// Source: facts/wire.md §1.3 (C, schema comment).
    pub enum Allocation = "allocation" {
        Whole = "1", "全量", "whole";
        Part = "2", "部分", "part";
    }
}

/// What the rows of a message look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeteringShape {
    /// One slot of a day; the slot stands in the header.
    Slot,
    /// The 48 slots of a day, slot by slot.
    Day,
    /// The days of a meter period, point by point.
    Month,
}

impl MeteringKind {
    /// BPID 副機関コード: `W4` or `W5`.
    #[must_use]
    pub const fn sub_code(self) -> &'static str {
        match self.shape() {
            MeteringShape::Slot | MeteringShape::Day => "W4",
            MeteringShape::Month => "W5",
        }
    }
    /// What its rows look like.
    #[must_use]
    pub const fn shape(self) -> MeteringShape {
        match self {
            MeteringKind::HighSlot | MeteringKind::LowSlot => MeteringShape::Slot,
            MeteringKind::HighDay | MeteringKind::LowDay => MeteringShape::Day,
            MeteringKind::HighMonth | MeteringKind::LowMonth => MeteringShape::Month,
        }
    }
    /// Low or high voltage.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            MeteringKind::HighSlot | MeteringKind::HighDay | MeteringKind::HighMonth => Family::High,
            MeteringKind::LowSlot | MeteringKind::LowDay | MeteringKind::LowMonth => Family::Low,
        }
    }
    /// How final its readings are.
    #[must_use]
    pub const fn status(self) -> ReadingStatus {
        match self.shape() {
            MeteringShape::Slot => ReadingStatus::Preliminary,
            MeteringShape::Day => ReadingStatus::Daily,
            MeteringShape::Month => ReadingStatus::Fixed,
        }
    }
    /// 情報区分コード: four digits.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.key()
    }
}
