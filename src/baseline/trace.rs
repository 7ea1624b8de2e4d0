//! 算定過程: everything a baseline came about from, so that another can follow it and recompute it.

use super::{DayType, Event, Fraction, Mark, Method, Options};
use crate::items::{Date, Energy, Slot, SupplyPointId};
use crate::rules::Finding;

/// 算定結果: a baseline with all that it came about from.
#[derive(Clone, Debug)]
pub struct Computed<'a> {
    /// 供給地点特定番号
    pub point: SupplyPointId,
    /// 発動
    pub event: Event,
    /// 算定方法
    pub method: &'a Method,
    /// The options it was computed with.
    pub options: Options,
    /// The kind of the day; nothing where the holidays of the day are not known.
    pub day_type: Option<DayType>,
    /// 候補日: every day of the same kind in the period, most recent first.
    pub candidates: Vec<Candidate>,
    /// 当日調整の基準時間帯 (or the spans of metering before and after).
    pub window: Vec<WindowSlot>,
    /// 当日調整: kWh per slot, or the factor of a scaling adjustment; nothing where there is none.
    pub adjustment: Option<Fraction>,
    /// The slots of the event.
    pub slots: Vec<SlotFigures>,
    /// 需要制御量の合計. Unit: kWh. Nothing where a slot has none.
    pub total_reduction: Option<Fraction>,
    /// How final the readings of the day of the event are.
    pub mark: Option<Mark>,
    /// What is to be said about it.
    pub findings: Vec<Finding>,
    /// SHA-256 over inputs and options, in hexadecimal.
    pub digest: String,
}

impl Computed<'_> {
    /// Whether every slot of the event has a baseline.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        self.slots.iter().all(|slot| slot.baseline.is_some())
    }

    /// The days that are averaged, earliest first.
    #[must_use]
    pub fn kept(&self) -> Vec<Date> {
        let kept = self.candidates.iter().rev().filter(|day| matches!(day.fate, Fate::Kept | Fate::Added));
        kept.map(|day| day.date).collect()
    }
}

/// 候補日: a day of the same kind, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The day.
    pub date: Date,
    /// The mean over the slots of the event. Unit: kWh per slot. Nothing where a reading is missing.
    pub mean: Option<Fraction>,
    /// 同等日採用法: the sum of the differences from the day of the event outside the event. Unit: kWh.
    pub distance: Option<Fraction>,
    /// Its readings in the slots of the event, in order. Unit: 0.0001 kWh.
    pub event: Vec<Option<Energy>>,
    /// Its readings in the adjustment window, or where days are compared, in order.
    pub window: Vec<Option<Energy>>,
    /// What became of it.
    pub fate: Fate,
    /// How final its readings are; nothing where it has none.
    pub mark: Option<Mark>,
}

/// 候補日の扱い: what became of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// 採用
    Kept,
    /// A past day of demand response, added because too few days were left.
    Added,
    /// Selected, but not among the days that are kept.
    Dropped {
        /// Whether a day that is kept has the same mean: of equal days the oldest goes.
        tie: bool,
    },
    /// 除外
    Excluded(Exclusion),
    /// Older than the days that were needed.
    NotNeeded,
}

/// 除外理由: the rule that left a day out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// 過去のDR実施日
    DrDay {
        /// Whether the customer answered.
        answered: bool,
    },
    /// 除外申請
    Requested {
        /// What proves it.
        evidence: String,
    },
    /// 低使用日
    LowUse {
        /// The overall mean it was tested against. Unit: kWh per slot.
        mean: Fraction,
    },
    /// No reading of the day.
    NoReadings,
    /// 欠測
    Gap(Date, Slot),
    /// Readings that contradict each other.
    Disputed(Date, Slot),
    /// A reading below zero.
    Negative(Date, Slot),
}

impl Exclusion {
    /// The stable key of the rule.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Exclusion::DrDay { answered: true } => "dr-day",
            Exclusion::DrDay { answered: false } => "dr-day-unanswered",
            Exclusion::Requested { .. } => "requested",
            Exclusion::LowUse { .. } => "low-use",
            Exclusion::NoReadings => "no-readings",
            Exclusion::Gap(..) => "gap",
            Exclusion::Disputed(..) => "disputed",
            Exclusion::Negative(..) => "negative",
        }
    }

    /// 日本語の説明: why the day was left out.
    #[must_use]
    pub fn ja(&self) -> String {
        match self {
            Exclusion::DrDay { answered: true } => "過去のDR実施日".to_owned(),
            Exclusion::DrDay { answered: false } => "過去のDR実施日（応動なし）".to_owned(),
            Exclusion::Requested { evidence } => format!("除外申請（{evidence}）"),
            Exclusion::LowUse { mean } => format!("低使用日（総平均 {mean} kWh に対する割合が基準未満）"),
            Exclusion::NoReadings => "計量値なし".to_owned(),
            Exclusion::Gap(date, slot) => format!("欠測（{date} コマ{}）", slot.number()),
            Exclusion::Disputed(date, slot) => format!("計量値の矛盾（{date} コマ{}）", slot.number()),
            Exclusion::Negative(date, slot) => format!("負の計量値（{date} コマ{}）", slot.number()),
        }
    }

    /// Why the day was left out, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Exclusion::DrDay { answered: true } => "past day of demand response".to_owned(),
            Exclusion::DrDay { answered: false } => "past day of demand response, not answered".to_owned(),
            Exclusion::Requested { evidence } => format!("left out on request ({evidence})"),
            Exclusion::LowUse { mean } => format!("low use against the overall mean of {mean} kWh"),
            Exclusion::NoReadings => "no readings".to_owned(),
            Exclusion::Gap(date, slot) => format!("reading missing ({date} slot {})", slot.number()),
            Exclusion::Disputed(date, slot) => {
                format!("readings contradict each other ({date} slot {})", slot.number())
            }
            Exclusion::Negative(date, slot) => format!("reading below zero ({date} slot {})", slot.number()),
        }
    }
}

/// A slot of the adjustment window with both series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowSlot {
    /// Its day.
    pub date: Date,
    /// The slot.
    pub slot: Slot,
    /// What was used on the day. Unit: 0.0001 kWh.
    pub actual: Option<Energy>,
    /// The mean of the kept days. Unit: kWh. Nothing where the method has no days.
    pub raw: Option<Fraction>,
}

/// The figures of a slot of the event. Unit: kWh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotFigures {
    /// Its day.
    pub date: Date,
    /// The slot.
    pub slot: Slot,
    /// The mean of the kept days, before the adjustment.
    pub raw: Option<Fraction>,
    /// ベースライン
    pub baseline: Option<Fraction>,
    /// Whether the baseline was below zero and is now zero.
    pub floored: bool,
    /// What was used (or put out).
    pub actual: Option<Energy>,
    /// 需要制御量
    pub reduction: Option<Fraction>,
}
