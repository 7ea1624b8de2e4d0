//! Opening a zip: everything that can be known before its entry is read.

use super::error::{ArchiveErrorKind as Kind, of_zip};
use super::{ArchiveError, ArchiveLimits, CheckSum, Entry};
use std::io::{Read, Seek, SeekFrom};
use zip::{CompressionMethod, ZipArchive, ZipReadOptions};

/// The octets of the end of the central directory, without the comment behind it.
const END: usize = 22;
/// The longest comment.
const COMMENT: usize = u16::MAX as usize;

/// zip: an archive whose entry may be read.
pub struct Archive<R> {
    zip: ZipArchive<R>,
    limits: ArchiveLimits,
    name: String,
    size: u64,
    compressed: u64,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens a zip and checks everything that its directory says. `listed` is its size in the operator's list.
    pub fn open(mut source: R, limits: &ArchiveLimits, listed: Option<u64>) -> Result<Archive<R>, ArchiveError> {
        let got = source.seek(SeekFrom::End(0)).map_err(|error| Kind::Io(error.kind()))?;
        if let Some(listed) = listed.filter(|listed| *listed != got) {
            return Err(Kind::ListedSize { listed, got }.into());
        }
        if got > limits.archive {
            return Err(Kind::TooLarge { max: limits.archive, got }.into());
        }
        let entries = entries_of(&mut source, got)?;
        if entries > limits.entries {
            return Err(Kind::Entries { got: entries }.into());
        }
        let zip = ZipArchive::new(source).map_err(|error| of_zip(&error))?;
        // Entries of one name are one to the library.
        if zip.has_duplicate_names() || zip.len() as u64 > limits.entries {
            return Err(Kind::Entries { got: (zip.len() as u64).max(2) }.into());
        }
        if zip.is_empty() {
            return Err(Kind::Empty.into());
        }
        let entry = zip.by_index_data(0).map_err(|error| of_zip(&error))?;
        let raw = entry.name_raw();
        let name = String::from_utf8_lossy(raw).into_owned();
        if !is_safe(raw) || entry.is_symlink() {
            return Err(Kind::Path.into());
        }
        if entry.is_dir() {
            return Err(Kind::Empty.into());
        }
        if entry.encrypted() {
            return Err(Kind::Encrypted.into());
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(Kind::Unsupported.into());
        }
        let (size, compressed) = (entry.size(), entry.compressed_size());
        let archive = Archive { limits: *limits, name, size, compressed, zip };
        if compressed > got {
            return Err(Kind::Damaged.into());
        }
        limits.allow(size, compressed)?;
        if !limits.nested && is_named_zip(&archive.name) {
            return Err(Kind::Nested.into());
        }
        Ok(archive)
    }

    /// The entry, as a stream. What is wrong with it comes as an [`std::io::Error`] around an [`ArchiveError`].
    pub fn entry(&mut self) -> Result<Entry<'_, R>, ArchiveError> {
        let (limits, size, compressed) = (self.limits, self.size, self.compressed);
        let file = self.zip.by_index(0).map_err(|error| of_zip(&error))?;
        Entry::begin(file, limits, size, compressed)
    }

    /// The entry as a stream that does not compute its check sum, and the check sum apart: another thread may compute it.
    pub fn entry_and_sum(&mut self) -> Result<(Entry<'_, R>, CheckSum), ArchiveError> {
        let (limits, size, compressed) = (self.limits, self.size, self.compressed);
        let options = ZipReadOptions::new().ignore_crc32(true);
        let file = self.zip.by_index_with_options(0, options).map_err(|error| of_zip(&error))?;
        let sum = CheckSum::new(file.crc32());
        Ok((Entry::begin(file, limits, size, compressed)?, sum))
    }

    /// The name of the entry, without the folders before it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
    /// The octets that the entry has by the directory.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
    /// The octets that the entry has in the zip.
    #[must_use]
    pub const fn compressed_size(&self) -> u64 {
        self.compressed
    }
    /// What the zip was read from.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.zip.into_inner()
    }
}

impl<R> std::fmt::Debug for Archive<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Archive({} of {} octets)", self.compressed, self.size)
    }
}

impl ArchiveLimits {
    /// Whether that much may come out of that much.
    pub(super) fn allow(&self, size: u64, compressed: u64) -> Result<(), ArchiveError> {
        if size > self.entry {
            return Err(Kind::EntryTooLarge { max: self.entry }.into());
        }
        if size > ArchiveLimits::SMALL && size / compressed.max(1) > self.ratio {
            return Err(Kind::Ratio { max: self.ratio }.into());
        }
        Ok(())
    }
}

/// A name that stays where it is unpacked: no root, no drive, no step upwards. Nothing is unpacked here, but a file with
/// such a name is none of an operator's.
fn is_safe(name: &[u8]) -> bool {
    let odd = |byte: &u8| byte.is_ascii_control() || matches!(byte, b'\\' | b':');
    let steps = || name.split(|byte| *byte == b'/');
    !name.is_empty() && !name.starts_with(b"/") && !name.iter().any(odd) && steps().all(|step| step != b"..")
}

fn is_named_zip(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("zip"))
}

/// How many entries the end of the directory announces: known before a directory of millions of them is read.
fn entries_of<R: Read + Seek>(source: &mut R, length: u64) -> Result<u64, ArchiveError> {
    let failed = |error: std::io::Error| ArchiveError::from(Kind::Io(error.kind()));
    let mut start = Vec::with_capacity(4);
    source.seek(SeekFrom::Start(0)).map_err(failed)?;
    source.by_ref().take(4).read_to_end(&mut start).map_err(failed)?;
    if start != b"PK\x03\x04" && start != b"PK\x05\x06" {
        return Err(Kind::NotZip.into());
    }
    let from = length.saturating_sub((END + COMMENT + ZIP64_LOCATOR) as u64);
    let mut tail = Vec::new();
    source.seek(SeekFrom::Start(from)).map_err(failed)?;
    source.read_to_end(&mut tail).map_err(failed)?;
    let end = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06").find(|at| {
        let comment = number::<2>(&tail, at + 20);
        comment.is_some_and(|comment| at + END + usize::try_from(comment).unwrap_or(COMMENT) <= tail.len())
    });
    let end = end.ok_or(Kind::Truncated)?;
    let entries = number::<2>(&tail, end + 10).ok_or(Kind::Truncated)?;
    let Some(locator) = end.checked_sub(ZIP64_LOCATOR).filter(|at| tail.get(*at..at + 4) == Some(b"PK\x06\x07")) else {
        return Ok(entries);
    };
    let at = number::<8>(&tail, locator + 8).filter(|at| *at < length).ok_or(Kind::Damaged)?;
    let mut record = Vec::with_capacity(ZIP64_END);
    source.seek(SeekFrom::Start(at)).map_err(failed)?;
    source.by_ref().take(ZIP64_END as u64).read_to_end(&mut record).map_err(failed)?;
    if !record.starts_with(b"PK\x06\x06") {
        return Err(Kind::Damaged.into());
    }
    number::<8>(&record, 32).ok_or_else(|| Kind::Truncated.into())
}

/// The octets of the pointer to the end of a zip64 directory, and of that end.
const ZIP64_LOCATOR: usize = 20;
const ZIP64_END: usize = 56;

/// A little-endian number of so many octets.
fn number<const OCTETS: usize>(octets: &[u8], at: usize) -> Option<u64> {
    let octets: &[u8; OCTETS] = octets.get(at..at.checked_add(OCTETS)?)?.try_into().ok()?;
    Some(octets.iter().rev().fold(0, |sum, octet| sum << 8 | u64::from(*octet)))
}
