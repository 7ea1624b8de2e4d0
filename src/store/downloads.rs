//! 取得済みファイル: what was taken from the operators' download systems, so that it is taken once.

use super::db::bind;
use super::{StoreError, Tx};
use crate::items::{Area, Code as _, DateTime};

/// 取得済みファイル: a file that lies complete in the inbox, or did. Its name holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The operator's area.
    pub area: Area,
    /// The name in the operator's listing.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub digest: String,
    /// When it was taken.
    pub taken: DateTime,
}

/// 出所: where the files of a data folder come from. What was made up never lies beside what is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The operators.
    Operators = 1,
    /// The sandbox.
    Sandbox = 2,
}

/// The number that says where files come from.
const ORIGIN: &str = "files-from";

impl Tx<'_> {
    /// Says where the files come from, once and for all; false where they come from elsewhere.
    pub fn claim_files(&self, origin: Origin) -> Result<bool, StoreError> {
        match self.number(ORIGIN)? {
            0 => self.set_number(ORIGIN, origin as i64).map(|()| true),
            known => Ok(known == origin as i64),
        }
    }

    /// Whether there is meter data that does not come from the sandbox.
    pub fn has_real_files(&self) -> Result<bool, StoreError> {
        let origin = self.number(ORIGIN)?;
        let ingested = self.0.first("SELECT 1 FROM meter_files LIMIT 1", &[], |_| Ok(()))?.is_some();
        Ok(origin == Origin::Operators as i64 || (ingested && origin != Origin::Sandbox as i64))
    }

    /// Whether a file of this name and size was taken; without a size, whether one of this name was.
    pub fn has_download(&self, area: Area, name: &str, size: Option<u64>) -> Result<bool, StoreError> {
        let known = "SELECT 1 FROM downloads WHERE area = ?1 AND name = ?2 AND size = coalesce(?3, size) LIMIT 1";
        Ok(self.0.first(known, bind![area.key(), name, size], |_| Ok(()))?.is_some())
    }

    /// Remembers a file; one that is known already stays as it is.
    pub fn add_download(&self, download: &Download) -> Result<(), StoreError> {
        let Download { area, name, size, digest, taken } = download;
        self.0.run(
            "INSERT INTO downloads (area, name, size, digest, taken) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            bind![area.key(), name, *size, digest, taken.to_string()],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_file_is_known_by_area_name_and_size() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        let taken = "2026-04-01T03:00:00".parse().unwrap();
        let file = Download { area: Area::Tokyo, name: "W4.zip".to_owned(), size: 5, digest: "00".to_owned(), taken };
        for _ in 0..2 {
            store.commit(|tx| tx.add_download(&file)).unwrap();
        }
        let mut has = |area, name, size| store.read(|tx| tx.has_download(area, name, size)).unwrap();
        assert!(has(Area::Tokyo, "W4.zip", Some(5)) && has(Area::Tokyo, "W4.zip", None));
        assert!(!has(Area::Tokyo, "W4.zip", Some(6)) && !has(Area::Kansai, "W4.zip", Some(5)));
        assert!(!has(Area::Tokyo, "W5.zip", None));
    }

    #[test]
    fn files_come_from_one_place() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        let mut claim = |origin| store.commit(|tx| Ok((tx.claim_files(origin)?, tx.has_real_files()?))).unwrap();
        assert_eq!(claim(Origin::Sandbox), (true, false));
        assert_eq!(claim(Origin::Operators), (false, false));
        assert_eq!(claim(Origin::Sandbox), (true, false));
    }
}
