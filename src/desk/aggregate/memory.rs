//! 公表済みの集計値の記録: what was released, so that the next release can be held against it.
//!
//! It lies in `releases/` of the data folder, readable by its owner alone: one file for each release, with what was
//! published and who is in it — customers as keyed digests, never by their number, and never with their own use.

use crate::items::{SupplyPointId, YearMonth};
use crate::notice::aggregate::{Aggregate, EarlierCell};
use crate::store::{SecretKey, StoreError, cause_ja, private_folder};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// 公表の記録: the releases of a data folder.
#[derive(Debug)]
pub struct Memory {
    folder: PathBuf,
    salt: SecretKey,
    releases: Vec<Remembered>,
}

/// 一回の公表: what is remembered of a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remembered {
    /// Its name: `A-0001`.
    pub release: String,
    /// When, JST.
    pub at: String,
    cells: Vec<KeptCell>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptCell {
    name: String,
    total: String,
    members: Vec<(String, Vec<u64>)>,
}

impl Memory {
    /// Opens the memory of a data folder.
    pub fn open(data: &Path) -> Result<Memory, StoreError> {
        let folder = data.join("releases");
        private_folder(&folder).map_err(|error| unusable(&folder, &error))?;
        let salt = salt(&folder.join("salt.key"))?;
        let entries = std::fs::read_dir(&folder).map_err(|error| unusable(&folder, &error))?;
        let mut releases = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unusable(&folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read(&path).map_err(|error| unusable(&path, &error))?;
                let kept: Remembered = serde_json::from_slice(&text).map_err(|_| StoreError::Damaged("releases"))?;
                releases.push(kept);
            }
        }
        releases.sort_by(|one: &Remembered, two| one.release.cmp(&two.release));
        Ok(Memory { folder, salt, releases })
    }

    /// The name of the next release.
    #[must_use]
    pub fn next(&self) -> String {
        let numbers = self.releases.iter().filter_map(|one| one.release.strip_prefix("A-")?.parse::<u32>().ok());
        format!("A-{:04}", numbers.max().unwrap_or(0) + 1)
    }

    /// The number a customer is known by here.
    #[must_use]
    pub fn opaque(&self, point: SupplyPointId) -> u64 {
        let digest = Sha256::new().chain_update(self.salt.octets()).chain_update(point.as_str()).finalize();
        digest.iter().take(8).fold(0, |number, octet| number << 8 | u64::from(*octet))
    }

    /// Every cell that was released before.
    pub fn earlier(&self) -> Result<Vec<EarlierCell>, StoreError> {
        let damaged = || StoreError::Damaged("releases");
        let cells = self.releases.iter().flat_map(|one| one.cells.iter().map(move |cell| (one, cell)));
        let read = |(one, cell): (&Remembered, &KeptCell)| {
            let members = cell
                .members
                .iter()
                .map(|(month, ids)| YearMonth::parse(month).map(|month| (month, ids.clone())).map_err(|_| damaged()));
            Ok(EarlierCell {
                release: one.release.clone(),
                name: cell.name.clone(),
                total: cell.total.parse().map_err(|_| damaged())?,
                members: members.collect::<Result<_, StoreError>>()?,
            })
        };
        cells.map(read).collect()
    }

    /// Remembers a release: before it is handed out.
    pub fn keep(&mut self, release: &str, at: String, released: &Aggregate) -> Result<(), StoreError> {
        let cells = released.published.iter().map(|cell| KeptCell {
            name: cell.key.ja(),
            total: cell.total.to_string(),
            members: released.members(cell).into_iter().map(|(month, ids)| (month.to_string(), ids)).collect(),
        });
        let kept = Remembered { release: release.to_owned(), at, cells: cells.collect() };
        let path = self.folder.join(format!("{release}.json"));
        let failed = |error: std::io::Error| unusable(&path, &error);
        let text = serde_json::to_vec(&kept).map_err(|_| StoreError::Damaged("releases"))?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist_noclobber(&path).map_err(|error| failed(error.error))?;
        self.releases.push(kept);
        Ok(())
    }
}

/// What customers' digests are keyed with: made once.
fn salt(path: &Path) -> Result<SecretKey, StoreError> {
    let failed = |_| StoreError::Damaged("releases/salt.key");
    if !path.exists() {
        SecretKey::random().and_then(|key| key.write_new(path)).map_err(failed)?;
    }
    crate::store::KeySource::File(path.into()).read().map_err(failed)
}

fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full(path.into()),
        kind => StoreError::Folder(path.into(), cause_ja(kind).to_owned()),
    }
}
