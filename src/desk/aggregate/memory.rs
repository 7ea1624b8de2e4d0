//! 公表済みの集計値の記録: what was released, so that the next release can be held against it.
//!
//! It lies in `releases/` of the data folder, readable by its owner alone: one file for each release, with what was
//! published and who is in it — customers as keyed digests, never by their number, and never with their own use. The
//! ledger says which files there must be, and what is in them: without one of them nothing is released.

use crate::items::{SupplyPointId, YearMonth};
use crate::notice::aggregate::{Aggregate, EarlierCell, Owners};
use crate::store::{SecretKey, StoreError, Tx, hex, private_folder, unusable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};
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
    /// Which key its customers are digested with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    cells: Vec<KeptCell>,
    /// SHA-256 of the file, hexadecimal.
    #[serde(skip)]
    digest: String,
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
        let entries = std::fs::read_dir(&folder).map_err(|error| unusable(&folder, &error))?;
        let mut releases = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unusable(&folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read(&path).map_err(|error| unusable(&path, &error))?;
                let kept: Remembered = serde_json::from_slice(&text).map_err(|_| StoreError::Damaged("releases"))?;
                releases.push(Remembered { digest: hex(&Sha256::digest(&text)), ..kept });
            }
        }
        releases.sort_by(|one: &Remembered, two| one.release.cmp(&two.release));
        // With another key nobody would be known again.
        let salt = salt(&folder.join("salt.key"), releases.is_empty())?;
        let own = named(&salt);
        if releases.iter().any(|one| one.key.as_ref().is_some_and(|key| *key != own)) {
            return Err(StoreError::Damaged("releases/salt.key"));
        }
        Ok(Memory { folder, salt, releases })
    }

    /// The first release that the ledger tells of and that is not remembered, or not as it was.
    pub fn lost(&self, tx: &Tx<'_>) -> Result<Option<String>, StoreError> {
        let mut lost = None;
        tx.each_ledger_line(|line| {
            if lost.is_some() || !line.entry.contains("\"aggregate-release\"") {
                return Ok(());
            }
            let entry: Value = serde_json::from_str(&line.entry).unwrap_or_default();
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            if (text("message"), text("verdict")) != (Some("aggregate-release"), Some("granted")) {
                return Ok(());
            }
            let name = text("reference").unwrap_or_default();
            let kept = self.releases.iter().find(|one| one.release == name);
            if kept.is_none_or(|kept| text("record").is_some_and(|digest| digest != kept.digest)) {
                lost = Some(name.to_owned());
            }
            Ok(())
        })?;
        Ok(lost)
    }

    /// The months that earlier releases put together with these.
    #[must_use]
    pub fn months_beside(earlier: &[EarlierCell], months: &[YearMonth]) -> Vec<YearMonth> {
        let of = |cell: &EarlierCell| cell.members.iter().map(|(month, _)| *month).collect::<BTreeSet<_>>();
        let with_ours = earlier.iter().map(of).filter(|of| months.iter().any(|month| of.contains(month)));
        let all: BTreeSet<YearMonth> = with_ours.flatten().collect();
        all.into_iter().filter(|month| !months.contains(month)).collect()
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

    /// The customers of points, by numbers of their own.
    #[must_use]
    pub fn owners(&self, owners: Option<&HashMap<SupplyPointId, String>>) -> Owners {
        let number = |customer: &str| {
            let digest = Sha256::new().chain_update(self.salt.octets()).chain_update("customer\n");
            let digest = digest.chain_update(customer).finalize();
            digest.iter().take(8).fold(0, |number, octet| number << 8 | u64::from(*octet))
        };
        owners.map_or_else(Owners::each_point, |owners| {
            Owners::of_points(owners.iter().map(|(point, owner)| (self.opaque(*point), number(owner))).collect())
        })
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

    /// Remembers a release, before it is handed out. Gives the digest of what is remembered.
    pub fn keep(&mut self, release: &str, at: String, released: &Aggregate) -> Result<String, StoreError> {
        let cells = released.published.iter().map(|cell| KeptCell {
            name: cell.key.ja(),
            total: cell.total.to_string(),
            members: released.members(cell).into_iter().map(|(month, ids)| (month.to_string(), ids)).collect(),
        });
        let key = Some(named(&self.salt));
        let kept = Remembered { release: release.to_owned(), at, key, cells: cells.collect(), digest: String::new() };
        let path = self.folder.join(format!("{release}.json"));
        let failed = |error: std::io::Error| unusable(&path, &error);
        let text = serde_json::to_vec(&kept).map_err(|_| StoreError::Damaged("releases"))?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist_noclobber(&path).map_err(|error| failed(error.error))?;
        let digest = hex(&Sha256::digest(&text));
        self.releases.push(Remembered { digest: digest.clone(), ..kept });
        Ok(digest)
    }
}

/// By what a key is known again.
fn named(salt: &SecretKey) -> String {
    let digest = Sha256::new().chain_update("releases").chain_update(salt.octets()).finalize();
    hex(digest.get(..8).unwrap_or_default())
}

/// What customers' digests are keyed with: made once, before the first release.
fn salt(path: &Path, first: bool) -> Result<SecretKey, StoreError> {
    let failed = |_| StoreError::Damaged("releases/salt.key");
    if first && !path.exists() {
        SecretKey::random().and_then(|key| key.write_new(path)).map_err(failed)?;
    }
    crate::store::KeySource::File(path.into()).read().map_err(failed)
}
