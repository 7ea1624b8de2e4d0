//! Reading the entry of a zip as a stream.

use super::error::{ArchiveErrorKind as Kind, of_read};
use super::{ArchiveError, ArchiveLimits};
use std::io::{self, Read};
use zip::read::ZipFile;

/// 中身: the entry of a zip as a stream; nothing but a small buffer of it is held.
///
/// Every octet is counted against the limits and the directory; the check sum is compared at the end. The error is an
/// [`io::Error`] around an [`ArchiveError`]; [`ArchiveError::of`] takes it out.
pub struct Entry<'a, R: Read> {
    file: ZipFile<'a, R>,
    /// The first octets, read to see whether it is a zip, and how many of them are not yet given away.
    first: [u8; 4],
    waiting: (usize, usize),
    limits: ArchiveLimits,
    size: u64,
    compressed: u64,
    read: u64,
}

impl<'a, R: Read> Entry<'a, R> {
    pub(super) fn begin(
        mut file: ZipFile<'a, R>,
        limits: ArchiveLimits,
        size: u64,
        compressed: u64,
    ) -> Result<Entry<'a, R>, ArchiveError> {
        let (mut first, mut got) = ([0; 4], 0);
        while let Some(room) = first.get_mut(got..).filter(|room| !room.is_empty()) {
            match file.read(room) {
                Ok(0) => break,
                Ok(count) => got += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(of_read(&error)),
            }
        }
        if !limits.nested && got == 4 && (&first == b"PK\x03\x04" || &first == b"PK\x05\x06") {
            return Err(Kind::Nested.into());
        }
        Ok(Entry { file, first, waiting: (0, got), limits, size, compressed, read: got as u64 })
    }

    /// The octets that it has by the directory.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl<R: Read> Read for Entry<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (from, to) = self.waiting;
        if from < to {
            let mut first = self.first.get(from..to).unwrap_or_default();
            let count = first.read(out)?;
            self.waiting.0 += count;
            return Ok(count);
        }
        let count = match self.file.read(out) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(of_read(&error).into()),
        };
        self.read += count as u64;
        if count == 0 && !out.is_empty() && self.read != self.size {
            return Err(ArchiveError::from(Kind::Damaged).into());
        }
        self.limits.allow(self.read, self.compressed)?;
        Ok(count)
    }
}

impl<R: Read> std::fmt::Debug for Entry<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({} of {} octets read)", self.read, self.size)
    }
}
