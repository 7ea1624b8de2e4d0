//! 30分電力量・確定使用量の電文: the operators' meter data as columns, half-hourly (W4) and fixed monthly (W5).
//!
//! A file holds hundreds of thousands of rows of one shape: rows are kept as columns, one vector per field, and every
//! column of a batch has the same length.
//!
//! Source: facts/wire.md §1.1–1.3, §2.0–2.3.

mod file;
mod fixed;
mod half_hourly;
mod header;
mod kind;
mod text_column;

pub use file::{MeteringFile, MeteringFileError, MeteringPurpose, MeteringRows};
pub use fixed::{Bills, FixedSlots, FixedUsage};
pub use half_hourly::HalfHourly;
pub use header::MeteringHeader;
pub use kind::{Allocation, MeteringKind, MeteringShape, ReadingStatus};
pub use text_column::TextColumn;

use crate::items::Energy;

/// 提供可否: whether a value is given; anything but `0` says that it is missing. Missing is not zero.
///
/// Source: facts/wire.md §1.2 JP06122 (C), §1.3 JP06405 (C, D). The other values are not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Availability(u8);

impl Availability {
    /// 可: the value is given.
    pub const GIVEN: Availability = Availability(0);
    /// 否: the value is not given.
    pub const MISSING: Availability = Availability(1);

    /// The flag of a digit 0..=9.
    #[must_use]
    pub const fn new(digit: u8) -> Option<Availability> {
        if digit <= 9 { Some(Availability(digit)) } else { None }
    }
    /// The digit as it was written.
    #[must_use]
    pub const fn digit(self) -> u8 {
        self.0
    }
    /// Whether there is a value.
    #[must_use]
    pub const fn is_given(self) -> bool {
        self.0 == 0
    }
}

/// A batch of rows of either shape.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// 30分電力量 (W4).
    HalfHourly(&'a HalfHourly),
    /// 確定使用量 (W5).
    Fixed(&'a FixedUsage),
}

/// An energy with its availability: nothing where it is missing.
#[must_use]
pub fn given(energy: Energy, availability: Availability) -> Option<Energy> {
    availability.is_given().then_some(energy)
}
