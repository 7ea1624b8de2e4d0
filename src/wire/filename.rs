//! ファイル名: the names of the operators' files (W4, W5) and of plans (W6).
//!
//! ```text
//! W4 MSGID YYYYMMDD hhmm RR SS.zip      特高・高圧    hhmm: the start of the slot, 0000 in the daily messages
//! W4 MSGID YYYYMMDD hhmm RR SSSS.zip    低圧          RR: 更新番号, SS: 分割番号
//! W5 MSGID YYYYMMDD RR SSSSS.zip                      YYYYMMDD: 検針日
//! W6_MSGID_YYYYMMDD_NN_CCCCC_A.xml                    NN: not known; CCCCC: sender; A: its area digit
//! ```
//!
//! Source: facts/wire.md §2.9 (W4, W5: C; W6: S, C).

mod error;
mod head;
mod plan;

pub use error::{FileNameError, FileNameErrorKind};
pub use plan::PlanFileName;

use crate::items::{Code, Date, Slot};
use crate::messages::metering::{MeteringKind, MeteringShape};
use error::FileNameErrorKind as Kind;
use std::fmt;

/// 更新番号: which revision of the same data a file is; 00 is the first. A later one replaces row by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u8);

/// 分割番号: which part of a revision a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part(u32);

/// W4・W5のファイル名: which data a file of an operator holds, and its place in their order.
///
/// Names of the same data are ordered as they have to be taken: by revision, then by part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeteringFileName {
    kind: MeteringKind,
    date: Date,
    slot: Option<Slot>,
    revision: Revision,
    part: Part,
}

/// The name of any file: meter data or a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileName {
    /// W4 or W5.
    Metering(MeteringFileName),
    /// W6.
    Plan(PlanFileName),
}

impl FileName {
    /// Reads a file name, without the folders before it.
    pub fn parse(name: &str) -> Result<FileName, FileNameError> {
        if name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("W6")) {
            PlanFileName::parse(name).map(FileName::Plan)
        } else {
            MeteringFileName::parse(name).map(FileName::Metering)
        }
    }
}

impl Revision {
    /// The first.
    pub const FIRST: Revision = Revision(0);
    /// The revision of a number 0..=99.
    #[must_use]
    pub const fn new(number: u8) -> Option<Revision> {
        if number <= 99 { Some(Revision(number)) } else { None }
    }
    /// The number 0..=99.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
    /// The one after it, unless it is the last that a name can hold.
    #[must_use]
    pub const fn next(self) -> Option<Revision> {
        Revision::new(self.0 + 1)
    }
}

impl Part {
    /// The first.
    pub const FIRST: Part = Part(0);
    /// The part of a number 0..=99999; a name may hold less.
    #[must_use]
    pub const fn new(number: u32) -> Option<Part> {
        if number <= 99_999 { Some(Part(number)) } else { None }
    }
    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl MeteringFileName {
    /// The name of the data of a day, of a slot of a day, or of a meter reading day. Nothing where the slot does not go
    /// with the kind, or where the name has no room for the part.
    #[must_use]
    pub fn new(
        kind: MeteringKind,
        date: Date,
        slot: Option<Slot>,
        revision: Revision,
        part: Part,
    ) -> Option<MeteringFileName> {
        let room = part.0 < 10u32.pow(u32::try_from(part_digits(kind)).unwrap_or(0));
        let fits = slot.is_some() == (kind.shape() == MeteringShape::Slot) && room && date.year() >= 0;
        fits.then_some(MeteringFileName { kind, date, slot, revision, part })
    }

    /// Reads a name with or without `.zip` or `.xml`, without the folders before it.
    pub fn parse(name: &str) -> Result<MeteringFileName, FileNameError> {
        let mut rest = Cursor { name, at: 0 };
        let sub = rest.take(2).filter(|sub| ["W4", "W5"].iter().any(|known| known.eq_ignore_ascii_case(sub)));
        let sub = sub.ok_or(FileNameError { position: 1, kind: Kind::Prefix })?;
        let at = rest.at;
        let code = rest.digits(4)?;
        let kind = MeteringKind::from_key(code).filter(|kind| kind.sub_code().eq_ignore_ascii_case(sub));
        let kind = kind.ok_or_else(|| FileNameError::at(at, Kind::message(code)))?;
        let date = rest.date()?;
        let slot = match kind.shape() {
            MeteringShape::Month => None,
            shape => {
                let at = rest.at;
                let time = rest.digits(4)?;
                match (shape, slot_starting(time)) {
                    (MeteringShape::Slot, Some(slot)) => Some(slot),
                    (MeteringShape::Day, _) if time == "0000" => None,
                    (MeteringShape::Day, _) => return Err(FileNameError::at(at, Kind::TimeOfDay)),
                    _ => return Err(FileNameError::at(at, Kind::NoSlotTime)),
                }
            }
        };
        let revision = Revision(rest.number(2)?.try_into().unwrap_or(0));
        let part = Part(rest.number(part_digits(kind))?);
        rest.end(&["zip", "xml"])?;
        Ok(MeteringFileName { kind, date, slot, revision, part })
    }

    /// 情報区分
    #[must_use]
    pub const fn kind(&self) -> MeteringKind {
        self.kind
    }
    /// W4: 取得開始年月日, the day of the data. W5: 検針日.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }
    /// The slot of a message of one slot.
    #[must_use]
    pub const fn slot(&self) -> Option<Slot> {
        self.slot
    }
    /// 更新番号
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }
    /// 分割番号
    #[must_use]
    pub const fn part(&self) -> Part {
        self.part
    }
    /// Whether both hold the same data, whatever their revision and part.
    #[must_use]
    pub fn same_data(&self, other: &MeteringFileName) -> bool {
        (self.kind, self.date, self.slot) == (other.kind, other.date, other.slot)
    }
    /// The name in the operator's list.
    #[must_use]
    pub fn zip(&self) -> String {
        format!("{self}.zip")
    }
    /// The name of the XML in the zip.
    #[must_use]
    pub fn xml(&self) -> String {
        format!("{self}.xml")
    }
}

/// Without an extension: `W4112020261121` + `0000` + `00` + `0000`.
impl fmt::Display for MeteringFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, date, slot, revision, part } = self;
        let (year, month, day) = (date.year(), date.month(), date.day());
        write!(f, "{}{}{year:04}{month:02}{day:02}", kind.sub_code(), kind.code())?;
        if kind.shape() != MeteringShape::Month {
            let (hour, minute) = slot.map_or((0, 0), Slot::start);
            write!(f, "{hour:02}{minute:02}")?;
        }
        write!(f, "{:02}{:0width$}", revision.0, part.0, width = part_digits(*kind))
    }
}

impl fmt::Debug for MeteringFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for MeteringFileName {
    type Err = FileNameError;
    fn from_str(name: &str) -> Result<MeteringFileName, FileNameError> {
        MeteringFileName::parse(name)
    }
}

/// How many digits the part has in a name.
const fn part_digits(kind: MeteringKind) -> usize {
    match kind {
        MeteringKind::HighSlot | MeteringKind::HighDay => 2,
        MeteringKind::LowSlot | MeteringKind::LowDay => 4,
        MeteringKind::HighMonth | MeteringKind::LowMonth => 5,
    }
}

/// The slot that starts at `hhmm`.
fn slot_starting(time: &str) -> Option<Slot> {
    let (hour, minute) = time.split_at_checked(2)?;
    Slot::starting(hour.parse().ok()?, minute.parse().ok()?)
}

/// What is still to be read of a name.
struct Cursor<'a> {
    name: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.name.get(self.at..).unwrap_or_default()
    }
    fn fail(&self, kind: Kind) -> FileNameError {
        FileNameError::at(self.at, kind)
    }
    fn take(&mut self, count: usize) -> Option<&'a str> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }
    fn digits(&mut self, count: usize) -> Result<&'a str, FileNameError> {
        let found = self.rest().bytes().take(count).take_while(u8::is_ascii_digit).count();
        if found < count {
            let wrong = self.rest().chars().nth(found).filter(|found| *found != '.');
            let kind = wrong.map_or(Kind::TooShort, |found| Kind::Character { found });
            return Err(FileNameError::at(self.at + found, kind));
        }
        Ok(self.take(count).unwrap_or_default())
    }
    fn number(&mut self, count: usize) -> Result<u32, FileNameError> {
        // Digits only, and few: nothing can go wrong.
        self.digits(count).map(|digits| digits.parse().unwrap_or(0))
    }
    fn date(&mut self) -> Result<Date, FileNameError> {
        let at = self.at;
        let digits = self.digits(8)?;
        crate::items::parse_date(digits).map_err(|_| FileNameError::at(at, Kind::NoSuchDate))
    }
    fn mark(&mut self, mark: char) -> Result<(), FileNameError> {
        match self.rest().chars().next() {
            Some(found) if found == mark => self.at += 1,
            None | Some('.') => return Err(self.fail(Kind::TooShort)),
            Some(found) => return Err(self.fail(Kind::Character { found })),
        }
        Ok(())
    }
    /// The end of the name, or one of the extensions and the end.
    fn end(&self, extensions: &[&str]) -> Result<(), FileNameError> {
        match self.rest().split_at_checked(1) {
            None if self.rest().is_empty() => Ok(()),
            Some((".", extension)) if extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)) => Ok(()),
            Some((".", _)) => Err(FileNameError::at(self.at + 1, Kind::Extension)),
            _ => Err(self.fail(Kind::TooLong)),
        }
    }
}

#[cfg(test)]
mod tests;
