//! 自社の通知ファイル: the text of a notice that does not ship, as the data folder works under it.

use super::db::bind;
use super::{StoreError, Tx};

impl Tx<'_> {
    /// Keeps the text of a notice under its key; false where it was kept already.
    pub fn keep_notice(&self, key: &str, text: &str) -> Result<bool, StoreError> {
        if self.kept_notice(key)?.is_some_and(|kept| kept == text) {
            return Ok(false);
        }
        let keep = "INSERT INTO own_notices (key, text) VALUES (?1, ?2) \
                    ON CONFLICT (key) DO UPDATE SET text = excluded.text";
        self.0.run(keep, bind![key, text])?;
        Ok(true)
    }

    /// The text that was kept under a key.
    pub fn kept_notice(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.0.first("SELECT text FROM own_notices WHERE key = ?1", bind![key], |row| row.get(0))
    }
}

#[cfg(test)]
mod tests {
    use crate::store::Store;

    #[test]
    fn the_newest_text_counts() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        let mut keep = |text: &str| store.commit(|tx| tx.keep_notice("ours", text)).unwrap();
        assert_eq!([keep("one"), keep("one"), keep("two")], [true, false, true]);
        assert_eq!(store.read(|tx| tx.kept_notice("ours")).unwrap().as_deref(), Some("two"));
        assert_eq!(store.read(|tx| tx.kept_notice("other")).unwrap(), None);
    }
}
