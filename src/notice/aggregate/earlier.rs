//! 公表済みの集計値: what was released before and cannot be taken back.

use crate::items::YearMonth;

/// 公表済みのセル: a cell that was released before, with who is in it. Customers are opaque numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierCell {
    /// The release.
    pub release: String,
    /// What the cell was called.
    pub name: String,
    /// What was published. Unit: 0.0001 kWh.
    pub total: i128,
    /// The customers of each month.
    pub members: Vec<(YearMonth, Vec<u64>)>,
}
