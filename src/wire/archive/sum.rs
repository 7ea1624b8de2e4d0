//! The check sum of an entry, computed apart from reading it.

use super::ArchiveError;
use super::error::ArchiveErrorKind as Kind;
use std::io;

/// 検査値: the check sum of an entry, from its octets in their order.
#[derive(Clone, Debug)]
pub struct CheckSum {
    expected: u32,
    so_far: crc32fast::Hasher,
}

impl CheckSum {
    pub(super) fn new(expected: u32) -> CheckSum {
        CheckSum { expected, so_far: crc32fast::Hasher::new() }
    }

    /// Takes the next octets; none are the end of the entry, where the sum has to be that of the zip. The error is an
    /// [`io::Error`] around an [`ArchiveError`], as those of an [`super::Entry`].
    pub fn take(&mut self, octets: &[u8]) -> io::Result<()> {
        self.so_far.update(octets);
        if octets.is_empty() && self.so_far.clone().finalize() != self.expected {
            return Err(ArchiveError::from(Kind::Damaged).into());
        }
        Ok(())
    }
}
