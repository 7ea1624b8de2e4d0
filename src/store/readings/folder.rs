//! Where readings lie: `readings/area=03/date=2026-04-01/status=daily/….parquet` under the data folder.
//!
//! Names hold digests, areas, dates and statuses; never a supply point.

use crate::items::{Area, Code as _, Date};
use crate::messages::metering::{MeteringKind, ReadingStatus};
use crate::store::{StoreError, cause_ja};
use parquet::errors::ParquetError;
use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const ROOT: &str = "readings";
const TEMPORARY: &str = ".occto-";

/// 取込元: the file of the operator that readings come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// SHA-256 of the file as it was taken, hexadecimal.
    pub digest: String,
    /// What decided which of its rows are stored, and how: SHA-256, hexadecimal. Empty where nothing did.
    pub register: String,
    /// 情報区分.
    pub kind: MeteringKind,
    /// 更新番号.
    pub revision: u32,
    /// 分割番号.
    pub part: u32,
}

impl Source {
    /// The name of every file of readings that comes from it: the same file gives the same name.
    #[must_use]
    pub(super) fn file_name(&self) -> String {
        let digest = self.digest.get(..16).unwrap_or(&self.digest);
        let register = self.register.get(..8).unwrap_or("00000000");
        format!("{digest}-{register}.parquet")
    }
}

/// 30分値のファイル: one Parquet file, as the catalogue knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingsFile {
    /// Where it lies, below the folder of readings, with `/` between the names.
    pub path: String,
    /// 供給区域 of its points.
    pub area: Area,
    /// The day of its readings.
    pub date: Date,
    /// 速報・確報・確定.
    pub status: ReadingStatus,
    /// How many rows it holds.
    pub rows: u64,
    /// Its size.
    pub octets: u64,
    /// Its SHA-256, hexadecimal.
    pub digest: String,
}

/// The folder of readings under a data folder.
#[must_use]
pub fn root(data: &Path) -> PathBuf {
    data.join(ROOT)
}

/// The folder of an area, day and status.
pub(super) fn place(root: &Path, area: Area, date: Date, status: ReadingStatus) -> PathBuf {
    root.join(format!("area={}", area.key())).join(format!("date={date}")).join(format!("status={}", status.key()))
}

/// The same as the catalogue keeps it.
pub(super) fn relative(area: Area, date: Date, status: ReadingStatus, name: &str) -> String {
    format!("area={}/date={date}/status={}/{name}", area.key(), status.key())
}

/// A file that has no name yet; only its owner can read it. Other readers pass over names that begin with a dot.
pub(super) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY).suffix(".tmp").tempfile_in(folder)
}

/// Brings new names in a folder to the disk; only Unix can open a folder to say so.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Removes what a stopped run left: temporary files, and files of ours that the catalogue does not name. Files that
/// somebody else put there stay.
pub(super) fn sweep(data: &Path, known: &HashSet<String>) -> io::Result<u64> {
    let root = root(data);
    let mut swept = 0;
    let mut folders = vec![(root.clone(), String::new())];
    while let Some((folder, under)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let path = if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") };
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), path));
            } else if is_temporary(name) || (is_ours(name) && !known.contains(&path)) {
                fs::remove_file(entry.path())?;
                swept += 1;
            }
        }
    }
    Ok(swept)
}

fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY) && name.ends_with(".tmp")
}

/// Whether a file has a name as [`Source::file_name`] gives them.
fn is_ours(name: &str) -> bool {
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = name.strip_suffix(".parquet").and_then(|stem| stem.split_once('-'));
    parts.is_some_and(|(digest, register)| hex(digest, 16) && hex(register, 8))
}

/// What a failure of the disk is called.
pub(super) fn named(root: &Path, error: &io::Error) -> StoreError {
    let data = root.parent().unwrap_or(root).to_owned();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => StoreError::Full(data),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory => {
            StoreError::Folder(data, cause_ja(error.kind()).to_owned())
        }
        _ => StoreError::Disk(data),
    }
}

/// What a failure of writing Parquet is called.
pub(super) fn failed(root: &Path, error: ParquetError) -> StoreError {
    if let ParquetError::External(cause) = &error
        && let Some(error) = cause.downcast_ref::<io::Error>()
    {
        return named(root, error);
    }
    StoreError::Readings { path: ROOT.to_owned(), ja: "書き込めません", en: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_named_is_swept() {
        let data = tempfile::tempdir().unwrap();
        let folder = place(&root(data.path()), Area::Tokyo, "2026-04-01".parse().unwrap(), ReadingStatus::Daily);
        fs::create_dir_all(&folder).unwrap();
        let source = |digest: &str| Source {
            digest: digest.repeat(64),
            register: String::new(),
            kind: MeteringKind::LowDay,
            revision: 0,
            part: 0,
        };
        let (kept, orphan) = (source("a").file_name(), source("b").file_name());
        for name in [kept.as_str(), &orphan, ".occto-x1.tmp", "mine.parquet", "note.txt"] {
            fs::write(folder.join(name), "x").unwrap();
        }
        let known = HashSet::from([relative(Area::Tokyo, "2026-04-01".parse().unwrap(), ReadingStatus::Daily, &kept)]);
        assert_eq!(sweep(data.path(), &known).unwrap(), 2);
        assert!(!folder.join(&orphan).exists() && !folder.join(".occto-x1.tmp").exists());
        for name in [kept.as_str(), "mine.parquet", "note.txt"] {
            assert!(folder.join(name).exists(), "{name}");
        }
        assert_eq!(sweep(&data.path().join("none"), &known).unwrap(), 0);
    }
}
