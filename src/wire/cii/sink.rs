//! What a reader of meter data gives away, and the account of what it read.

use crate::messages::metering::{MeteringHeader, Rows};
use crate::rules::Finding;

/// Takes what is read from a file of meter data, in the order of the file.
pub trait Sink {
    /// The head of the message; once, before any rows.
    fn header(&mut self, header: &MeteringHeader);
    /// A batch of rows; its memory is used again for the next.
    fn rows(&mut self, rows: Rows<'_>);
    /// A deviation, with its place. Never more than a name or a value the file itself holds; points are masked.
    fn finding(&mut self, finding: Finding);
}

/// 集計: the account of a file. `read + rejected` is every row that the file holds, as far as it could be read; where it
/// breaks off within a row, a finding says so and the row is not counted.
///
/// A row is a supply point in a slot (W4), or a half-hour of a bill (W5). The bills of W5 are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows given to the sink, those without a value among them.
    pub read: u64,
    /// Of the rows read: those whose value is not given.
    pub missing: u64,
    /// Rows not given to the sink, each with a finding.
    pub rejected: u64,
    /// 確定使用量: bills given to the sink, those not provided (提供可否 ≠ 0) among them.
    pub bills_read: u64,
    /// Of the bills read: those not provided; their half-hours, if there are any, count as missing.
    pub bills_missing: u64,
    /// Bills not given to the sink, each with a finding; their half-hours count as rejected.
    pub bills_rejected: u64,
    /// Elements that are not known; what stands in them is in no value.
    pub unknown: u64,
    /// Octets of XML, up to where reading ended.
    pub octets: u64,
    /// Findings of all kinds, those beyond the limit of their kind among them.
    pub findings: u64,
}

impl Tally {
    /// 明細: every row of the file, those read and those rejected.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.read + self.rejected
    }
}
