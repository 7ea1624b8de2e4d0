//! 計量ファイル: a message of meter data as a whole, as it is sent or passed on.
//!
//! # Which items it carries
//!
//! The notices list 24 items and no reading among them. What a meter shows is taken for 計器情報 (meter information), the
//! item that the notices give between the parties of ④ (検針) and ⑤; nobody confirmed that reading, and a compliance officer
//! who reads it otherwise takes `meter-information` out of the row of the necessity table. What cannot be told is counted
//! for the item that goes to fewer parties:
//!
//! | In the file | Item |
//! |---|---|
//! | 供給地点特定番号 | 供給(受電)地点特定番号 |
//! | 30分電力量, 使用量, 提供可否, 管理番号, 仕訳コード | 計器情報 |
//! | 需要家名称 | 氏名 |
//! | 需要家識別番号 (whose number it is is not known) | 小売供給等契約の契約番号 |
//! | 供給場所 | 住所 |
//! | 電圧区分名 | 供給方式 |
//! | 力率 | 力率 |
//! | 最大需要電力 (it decides the contract of an 実量契約) | 託送契約高情報, 計器情報 |
//! | 次回定例検針予定日, and the days of a W5, which run from meter reading to meter reading | 検針日 |

use super::{FixedUsage, HalfHourly, MeteringHeader, MeteringShape, Rows, TextColumn};
use crate::items::{AreaSet, Item, ItemSet, SupplyPointId};
use crate::notice::{ConsentNeed, Disclosure, Purpose};
use std::collections::HashSet;
use std::fmt;

/// 提供の目的: what meter data is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeteringPurpose {
    /// ④ 検針・設備の保守点検・災害時調査等
    GridOperation,
    /// ⑤ ネガワット取引
    NegawattTrading,
}

/// The rows of a message of either shape.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one of them for a file of many rows")]
pub enum MeteringRows {
    /// 30分電力量 (W4).
    HalfHourly(HalfHourly),
    /// 確定使用量 (W5).
    Fixed(FixedUsage),
}

/// 計量ファイル: head and rows of a message that is to be sent, for one purpose. What it is cleared for cannot change any
/// more once it is one.
#[derive(Clone, PartialEq, Eq)]
pub struct MeteringFile {
    header: MeteringHeader,
    rows: MeteringRows,
    purpose: MeteringPurpose,
    items: ItemSet,
    areas: AreaSet,
}

/// Why a head and rows are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeteringFileError {
    /// The rows are not of the shape of the message.
    #[error("明細の種類が情報区分と一致しません / the rows are not those of this kind of message")]
    Shape,
    /// A date, slot or month is missing in the head, or is not that of the message.
    #[error(
        "共通部の年月日・コマ・対象年月が情報区分と一致しません / date, slot or month of the head do not go with the kind"
    )]
    Head,
    /// The columns have different lengths.
    #[error("列の長さが揃っていません / the columns have different lengths")]
    Columns,
    /// The slots do not stand in their order, or are not those of the head. The row is counted from 0.
    #[error(
        "{0}行目のコマが順になっていないか、共通部と違います / the slot of row {0} is out of order, or not that of the head"
    )]
    Slot(usize),
}

impl MeteringFile {
    /// A message of a head and its rows. The rows of a day stand in the order of their slots, those of a month bill by
    /// bill, day by day, slot by slot.
    pub fn new(
        header: MeteringHeader,
        rows: MeteringRows,
        purpose: MeteringPurpose,
    ) -> Result<MeteringFile, MeteringFileError> {
        let shape = header.kind.shape();
        let head = match shape {
            MeteringShape::Slot => header.date.is_some() && header.slot.is_some(),
            MeteringShape::Day => header.date.is_some() && header.slot.is_none(),
            MeteringShape::Month => header.month.is_some() && header.slot.is_none(),
        };
        if !head {
            return Err(MeteringFileError::Head);
        }
        match (&rows, shape) {
            (MeteringRows::HalfHourly(rows), MeteringShape::Slot | MeteringShape::Day) => {
                check_half_hourly(&header, rows)?
            }
            (MeteringRows::Fixed(usage), MeteringShape::Month) => check_fixed(usage)?,
            _ => return Err(MeteringFileError::Shape),
        }
        let (items, areas) = (rows.items(), rows.points().iter().map(SupplyPointId::area).collect());
        Ok(MeteringFile { header, rows, purpose, items, areas })
    }

    /// 共通部
    #[must_use]
    pub const fn header(&self) -> &MeteringHeader {
        &self.header
    }
    /// 明細
    #[must_use]
    pub const fn rows(&self) -> &MeteringRows {
        &self.rows
    }
    /// Head and rows, to be used again.
    #[must_use]
    pub fn into_parts(self) -> (MeteringHeader, MeteringRows) {
        (self.header, self.rows)
    }
}

impl MeteringRows {
    /// The rows, borrowed.
    #[must_use]
    pub const fn as_rows(&self) -> Rows<'_> {
        match self {
            MeteringRows::HalfHourly(rows) => Rows::HalfHourly(rows),
            MeteringRows::Fixed(usage) => Rows::Fixed(usage),
        }
    }
    /// The points of the rows or bills; a point may stand many times.
    #[must_use]
    pub fn points(&self) -> &[SupplyPointId] {
        match self {
            MeteringRows::HalfHourly(rows) => &rows.points,
            MeteringRows::Fixed(usage) => &usage.bills.points,
        }
    }

    fn items(&self) -> ItemSet {
        let has_text = |column: &TextColumn| column.iter().any(|text| !text.is_empty());
        let mut items = ItemSet::EMPTY;
        if self.points().is_empty() {
            return items;
        }
        let mut carry = |carries: bool, of: &[Item]| {
            if carries {
                items = items.union(ItemSet::of(of));
            }
        };
        carry(true, &[Item::SupplyPointId, Item::MeterInformation]);
        match self {
            MeteringRows::HalfHourly(rows) => {
                carry(has_text(&rows.customer_names), &[Item::Name]);
                carry(has_text(&rows.customer_ids), &[Item::RetailContractNumber]);
            }
            MeteringRows::Fixed(FixedUsage { bills, .. }) => {
                carry(true, &[Item::MeterReadingDate]);
                carry(has_text(&bills.customer_names), &[Item::Name]);
                carry(has_text(&bills.customer_ids), &[Item::RetailContractNumber]);
                carry(has_text(&bills.places), &[Item::Address]);
                carry(has_text(&bills.voltages), &[Item::SupplyMethod]);
                carry(bills.power_factors.iter().any(Option::is_some), &[Item::PowerFactor]);
                carry(bills.peaks.iter().any(Option::is_some), &[Item::ContractAmount]);
            }
        }
        items
    }
}

fn check_half_hourly(header: &MeteringHeader, rows: &HalfHourly) -> Result<(), MeteringFileError> {
    let HalfHourly { points, slots, energies, availability, control_numbers, customer_ids, customer_names } = rows;
    let texts = [control_numbers.len(), customer_ids.len(), customer_names.len()];
    let lengths = [slots.len(), energies.len(), availability.len()];
    if lengths.iter().chain(&texts).any(|length| *length != points.len()) {
        return Err(MeteringFileError::Columns);
    }
    let wrong = match header.slot {
        Some(slot) => slots.iter().position(|one| *one != slot),
        None => slots.iter().zip(slots.iter().skip(1)).position(|(one, next)| next < one).map(|row| row + 1),
    };
    wrong.map_or(Ok(()), |row| Err(MeteringFileError::Slot(row)))
}

fn check_fixed(usage: &FixedUsage) -> Result<(), MeteringFileError> {
    let (bills, slots) = (&usage.bills, &usage.slots);
    let count = bills.points.len();
    let texts = [&bills.customer_ids, &bills.customer_names, &bills.places, &bills.voltages];
    let lengths = [
        bills.allocations.len(),
        bills.availability.len(),
        bills.whole.len(),
        bills.own.len(),
        bills.power_factors.len(),
        bills.peaks.len(),
        bills.next_readings.len(),
        bills.ends.len(),
    ];
    let rows = slots.dates.len();
    let ends = || bills.ends.iter().map(|end| *end as usize);
    let ordered = ends().zip(ends().skip(1)).all(|(one, next)| one <= next) && ends().next_back().unwrap_or(0) == rows;
    let even = [slots.slots.len(), slots.whole.len(), slots.own.len()].iter().all(|length| *length == rows);
    if texts.iter().any(|text| text.len() != count)
        || lengths.iter().any(|length| *length != count)
        || !ordered
        || !even
    {
        return Err(MeteringFileError::Columns);
    }
    for bill in 0..count {
        let range = usage.slots_of(bill);
        let keys = || {
            let dates = slots.dates.get(range.clone()).unwrap_or_default();
            dates.iter().zip(slots.slots.get(range.clone()).unwrap_or_default())
        };
        if let Some(row) = keys().zip(keys().skip(1)).position(|(one, next)| next <= one) {
            return Err(MeteringFileError::Slot(range.start + row + 1));
        }
    }
    Ok(())
}

impl Disclosure for MeteringFile {
    fn purpose(&self) -> Purpose {
        match self.purpose {
            MeteringPurpose::GridOperation => Purpose::GridOperation,
            MeteringPurpose::NegawattTrading => Purpose::NegawattTrading,
        }
    }
    fn items(&self) -> ItemSet {
        self.items
    }
    fn point(&self) -> Option<SupplyPointId> {
        let (first, rest) = self.rows.points().split_first()?;
        rest.iter().all(|point| point == first).then_some(*first)
    }
    fn areas(&self) -> AreaSet {
        self.areas
    }
    fn points(&self) -> usize {
        self.rows.points().iter().map(SupplyPointId::packed).collect::<HashSet<_>>().len()
    }
    fn consent_need(&self) -> ConsentNeed {
        ConsentNeed::None
    }
}

/// The rows are not shown: there are many, and they are about people.
impl fmt::Debug for MeteringFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MeteringFile({}, {} points or rows)", self.header.kind.code(), self.rows.points().len())
    }
}
