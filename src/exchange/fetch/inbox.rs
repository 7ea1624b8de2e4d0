//! 受信フォルダ: where files land — under a temporary name until they are whole, then under their own.

use super::fault::Fault;
use crate::items::{Area, Code as _};
use crate::store::{hex, private_folder, private_options};
use crate::wire::archive::{Archive, ArchiveError, ArchiveLimits};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What a file that is not yet whole is called; no file of an operator can have such a name.
const PART: &str = ".part";

/// The inbox of one operator: `inbox/area=NN/` under the data folder.
#[derive(Debug)]
pub(super) struct Inbox {
    folder: PathBuf,
    /// Where what was replaced under its name goes.
    replaced: PathBuf,
}

impl Inbox {
    /// Makes the folder, and sweeps away what a run that was stopped had left half written.
    pub(super) fn open(data: &Path, area: Area) -> io::Result<Inbox> {
        let of = |name: &str| data.join(name).join(format!("area={}", area.key()));
        let inbox = Inbox { folder: of("inbox"), replaced: of("replaced") };
        private_folder(&inbox.folder)?;
        for entry in fs::read_dir(&inbox.folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(PART)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(inbox)
    }

    /// A file that lies there under its name, if it is of that size.
    pub(super) fn existing(&self, name: &str, size: u64) -> Option<PathBuf> {
        let path = self.folder.join(name);
        fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() == size).then_some(path)
    }

    /// Begins a file.
    pub(super) fn begin(&self, name: &str) -> io::Result<Part> {
        let path = self.folder.join(format!(".{name}{PART}"));
        let file = private_options().write(true).create(true).truncate(true).open(&path)?;
        Ok(Part { file, path, hash: Sha256::new(), size: 0 })
    }

    /// Takes away what there is of a file that is given up.
    pub(super) fn discard(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.folder.join(format!(".{name}{PART}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives a whole file its name, durably. What lay there under it is put away; true where something did.
    pub(super) fn settle(&self, part: Whole, name: &str) -> io::Result<bool> {
        let path = self.folder.join(name);
        let replaces = path.exists();
        if replaces {
            private_folder(&self.replaced)?;
            let (digest, _) = digest(&path)?;
            let short = digest.get(..8).unwrap_or_default();
            fs::rename(&path, self.replaced.join(format!("{name}.{short}")))?;
        }
        fs::rename(&part.path, &path)?;
        // The name has to outlast a power cut before the store says that the file is there.
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(replaces)
    }
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Part {
    file: File,
    path: PathBuf,
    hash: Sha256,
    size: u64,
}

/// A file that came whole and was checked, still under its temporary name.
#[derive(Debug)]
pub(super) struct Whole {
    path: PathBuf,
    pub(super) size: u64,
    pub(super) digest: String,
    /// What is wrong with it that another download would not mend.
    pub(super) odd: Option<ArchiveError>,
}

impl Part {
    /// Writes what came.
    pub(super) fn write(&mut self, octets: &[u8]) -> Result<(), Fault> {
        self.file.write_all(octets).map_err(Fault::Disk)?;
        self.hash.update(octets);
        self.size += octets.len() as u64;
        Ok(())
    }

    /// Looks at size and check sum; the file is on the disk then.
    pub(super) fn finish(self, listed: Option<u64>, limits: &ArchiveLimits) -> Result<Whole, Fault> {
        if let Some(listed) = listed.filter(|listed| *listed != self.size) {
            return Err(Fault::Size { listed, got: self.size });
        }
        self.file.sync_all().map_err(Fault::Disk)?;
        drop(self.file);
        let odd = match check(&self.path, limits) {
            Ok(()) => None,
            Err(error) if error.calls_for_another_try() => return Err(Fault::Archive(error)),
            Err(error) => Some(error),
        };
        Ok(Whole { path: self.path, size: self.size, digest: hex(&self.hash.finalize()), odd })
    }
}

/// Reads a zip to its end, which compares its check sum.
fn check(path: &Path, limits: &ArchiveLimits) -> Result<(), ArchiveError> {
    let unread = |error: io::Error| {
        ArchiveError::of(&error)
            .unwrap_or(ArchiveError { kind: crate::wire::archive::ArchiveErrorKind::Io(error.kind()) })
    };
    let file = File::open(path).map_err(unread)?;
    let mut archive = Archive::open(BufReader::with_capacity(1 << 16, file), limits, None)?;
    let mut entry = archive.entry()?;
    let mut block = vec![0; 1 << 16];
    while entry.read(&mut block).map_err(unread)? > 0 {}
    Ok(())
}

/// SHA-256 and size of a file that lies there whole; nothing where its check sum is wrong.
pub(super) fn sound(path: &Path, limits: &ArchiveLimits) -> Option<(String, u64)> {
    match check(path, limits) {
        Err(error) if error.calls_for_another_try() => None,
        _ => digest(path).ok(),
    }
}

fn digest(path: &Path) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let size = io::copy(&mut File::open(path)?, &mut hash)?;
    Ok((hex(&hash.finalize()), size))
}
