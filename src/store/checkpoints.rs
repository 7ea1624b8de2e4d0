//! チェックポイントの保存: the signed checkpoints of a data folder, one file each, and the key they are signed with.
//!
//! They lie in `checkpoints/` so that the next one can be held against them. Whoever can write the data folder can remove
//! them, too: what binds is the copy that somebody else keeps.

use super::cause::unusable;
use super::proof::{CheckpointError, SignedCheckpoint, VerifierKey};
use super::{StoreError, private_folder};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const FOLDER: &str = "checkpoints";
const KEY: &str = "verifier-key.txt";

/// The folder of the checkpoints of a data folder.
#[must_use]
pub fn checkpoints_folder(data: &Path) -> PathBuf {
    data.join(FOLDER)
}

/// A checkpoint as far as its file could be read as one.
pub type ReadCheckpoint = Result<SignedCheckpoint, CheckpointError>;

/// Reads a file with a checkpoint.
pub fn read_checkpoint(path: &Path) -> Result<ReadCheckpoint, StoreError> {
    let octets = std::fs::read(path).map_err(|error| unusable(path, &error))?;
    Ok(std::str::from_utf8(&octets).map_err(|_| CheckpointError::Form(1)).and_then(str::parse))
}

/// The checkpoints of a data folder, the oldest first, with their files.
pub fn kept_checkpoints(data: &Path) -> Result<Vec<(PathBuf, ReadCheckpoint)>, StoreError> {
    let folder = checkpoints_folder(data);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| unusable(&folder, &error))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unusable(&folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "checkpoint") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(|path| read_checkpoint(&path).map(|read| (path, read))).collect()
}

/// The key that the checkpoints of a data folder are signed with, where there is one.
pub fn kept_verifier_key(data: &Path) -> Result<Option<VerifierKey>, StoreError> {
    let path = checkpoints_folder(data).join(KEY);
    match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(&path, &error)),
        Ok(text) => text.parse().map(Some).map_err(|_| StoreError::Damaged("checkpoints/verifier-key.txt")),
    }
}

/// Keeps a checkpoint, and the key it is signed with; gives its file.
pub fn keep_checkpoint(data: &Path, signed: &SignedCheckpoint, key: &VerifierKey) -> Result<PathBuf, StoreError> {
    let folder = checkpoints_folder(data);
    private_folder(&folder).map_err(|error| unusable(&folder, &error))?;
    let at = signed.checkpoint().at.strftime("%Y%m%d%H%M%S");
    let path = folder.join(format!("{:012}-{at}.checkpoint", signed.checkpoint().head.size));
    write(&folder, &path, &signed.to_string())?;
    write(&folder, &folder.join(KEY), &format!("{key}\n"))?;
    Ok(path)
}

/// A file is there whole or not at all.
fn write(folder: &Path, path: &Path, text: &str) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| unusable(path, &error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
