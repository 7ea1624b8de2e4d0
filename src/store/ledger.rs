//! 台帳: one line per disclosure and per refusal, chained by digests. It holds no personal data.

use super::db::bind;
use super::proof::hash_of;
use super::{StoreError, Tx};
use crate::items::DateTime;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// 台帳の行: one line as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// Its place, from 1.
    pub seq: u64,
    /// What it says: JSON without the chain.
    pub entry: String,
    /// SHA-256 over the digest before it and the entry, hexadecimal.
    pub digest: String,
}

/// 台帳の異常: the first line at which a ledger is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// A line is missing or out of order.
    #[error(
        "台帳の{0}行目がありません（削除・挿入・並べ替えの疑い） / line {0} of the ledger is missing: removed, inserted or reordered"
    )]
    Missing(u64),
    /// A line was changed.
    #[error("台帳の{0}行目が書き換えられています / line {0} of the ledger was changed")]
    Changed(u64),
    /// Lines at the end are missing.
    #[error(
        "台帳の末尾が失われています（{0}行のはずが{1}行） / the end of the ledger is missing: {0} lines expected, {1} found"
    )]
    Truncated(u64, u64),
}

/// The digest of a line, given that of the line before it (empty for the first).
fn chain(before: &str, entry: &str) -> String {
    hex(&digest_of(before, entry))
}

/// The same in octets.
#[inline]
pub(super) fn digest_of(before: &str, entry: &str) -> [u8; 32] {
    Sha256::new().chain_update(before).chain_update("\n").chain_update(entry).finalize().into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' - 10 + value });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn time_of(entry: &Value) -> Option<DateTime> {
    entry.get("at")?.as_str()?.parse().ok()
}

/// A line with the time at which it is written, and the day as of which was decided where that is another; nothing where
/// it bears that time already.
fn timed(entry: &str, at: DateTime) -> Option<String> {
    let mut line: Value = serde_json::from_str(entry).ok()?;
    let made = time_of(&line)?;
    if made == at {
        return None;
    }
    let fields = line.as_object_mut()?;
    fields.insert("at".to_owned(), at.to_string().into());
    if made.date() != at.date() {
        fields.insert("as-of".to_owned(), made.date().to_string().into());
    }
    Some(line.to_string())
}

/// 台帳の検証: takes the lines one by one and says the first bad one.
#[derive(Debug, Default)]
pub struct LedgerCheck {
    before: String,
    count: u64,
}

impl LedgerCheck {
    /// Takes the next line.
    pub fn line(&mut self, line: LedgerLine) -> Result<(), LedgerFault> {
        self.take(line.seq, &line.entry, &line.digest).map(drop)
    }

    /// Takes the next line by its parts, and gives its digest in octets.
    pub fn take(&mut self, seq: u64, entry: &str, digest: &str) -> Result<[u8; 32], LedgerFault> {
        let place = self.count + 1;
        if seq != place {
            return Err(LedgerFault::Missing(place));
        }
        let found = digest_of(&self.before, entry);
        if hash_of(digest) != Some(found) {
            return Err(LedgerFault::Changed(place));
        }
        self.count = place;
        self.before.clear();
        self.before.push_str(digest);
        Ok(found)
    }

    /// How many lines were found whole.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.count
    }

    /// Ends the check, given how many lines were written.
    pub fn finish(self, expected: u64) -> Result<u64, LedgerFault> {
        if self.count == expected { Ok(expected) } else { Err(LedgerFault::Truncated(expected, self.count)) }
    }
}

impl Tx<'_> {
    /// Adds lines, in order. Where several processes write, each waits here for the one before it until its commit:
    /// this is the last thing to be done in one. Gives the place of the last line; 0 where there was nothing to add.
    pub fn add_ledger<'e>(&self, entries: impl IntoIterator<Item = &'e str>) -> Result<u64, StoreError> {
        let entries: Vec<&str> = entries.into_iter().collect();
        if entries.is_empty() {
            return Ok(0);
        }
        let last = "INSERT INTO numbers (key, value) VALUES ('ledger', ?1) \
                    ON CONFLICT (key) DO UPDATE SET value = numbers.value + ?1 RETURNING value";
        let last: u64 = self.0.one(last, bind![entries.len()], |row| row.get(0))?;
        let mut seq = last.saturating_sub(entries.len() as u64);
        let digest = "SELECT digest FROM ledger WHERE seq = ?1";
        let mut before = match seq {
            0 => String::new(),
            _ => self.0.one(digest, bind![seq], |row| row.get(0))?,
        };
        for entry in entries {
            let timed = self.4.and_then(|at| timed(entry, at));
            let entry = timed.as_deref().unwrap_or(entry);
            seq += 1;
            before = chain(&before, entry);
            self.0.run("INSERT INTO ledger (seq, entry, digest) VALUES (?1, ?2, ?3)", bind![seq, entry, &before])?;
        }
        Ok(last)
    }

    /// When the last line was written, by its own time; nothing where there is none.
    pub fn last_ledger_time(&self) -> Result<Option<DateTime>, StoreError> {
        let last = "SELECT entry FROM ledger ORDER BY seq DESC LIMIT 1";
        let entry = self.0.first(last, bind![], |row| row.get::<String>(0))?;
        Ok(entry.and_then(|entry| time_of(&serde_json::from_str(&entry).ok()?)))
    }

    /// How many lines were written.
    pub fn ledger_lines(&self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.number("ledger")?).unwrap_or(0))
    }

    /// Visits every line in order.
    pub fn each_ledger_line(
        &self,
        mut visit: impl FnMut(LedgerLine) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // Page by page: a ledger is never cut, and need not fit into the memory.
        let page = "SELECT seq, entry, digest FROM ledger WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let mut after = i64::MIN;
        loop {
            let before = after;
            self.0.each(page, bind![after], |row| {
                let line = LedgerLine { seq: row.get(0)?, entry: row.get(1)?, digest: row.get(2)? };
                after = row.get(0)?;
                visit(line)
            })?;
            if after == before {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(lines: Vec<LedgerLine>, expected: u64) -> Result<u64, LedgerFault> {
        let mut check = LedgerCheck::default();
        lines.into_iter().try_for_each(|line| check.line(line))?;
        check.finish(expected)
    }

    fn ledger(entries: &[&str]) -> Vec<LedgerLine> {
        let mut before = String::new();
        let mut lines = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            before = chain(&before, entry);
            lines.push(LedgerLine { seq: index as u64 + 1, entry: (*entry).to_owned(), digest: before.clone() });
        }
        lines
    }

    #[test]
    fn a_line_bears_when_it_was_written_beside_the_day_as_of_which_was_decided() {
        let at: DateTime = "2026-11-28T10:15:00".parse().unwrap();
        let line = r#"{"at":"2026-06-01T09:00:00","verdict":"done"}"#;
        let told: Value = serde_json::from_str(&timed(line, at).unwrap()).unwrap();
        assert_eq!((&told["at"], &told["as-of"]), (&at.to_string().into(), &"2026-06-01".into()));
        assert_eq!(timed(r#"{"at":"2026-11-28T10:15:00"}"#, at), None);
        let same: Value = serde_json::from_str(&timed(r#"{"at":"2026-11-28T09:00:00"}"#, at).unwrap()).unwrap();
        assert_eq!((&same["at"], same.get("as-of")), (&at.to_string().into(), None));
    }

    #[test]
    fn an_untouched_ledger_verifies() {
        assert_eq!(verify(ledger(&["a", "b", "c"]), 3), Ok(3));
        assert_eq!(verify(Vec::new(), 0), Ok(0));
    }

    #[test]
    fn every_tampering_is_found_at_its_line() {
        let mut changed = ledger(&["a", "b", "c"]);
        changed[1].entry = "x".to_owned();
        assert_eq!(verify(changed, 3), Err(LedgerFault::Changed(2)));
        let mut removed = ledger(&["a", "b", "c"]);
        removed.remove(1);
        assert_eq!(verify(removed, 3), Err(LedgerFault::Missing(2)));
        let mut swapped = ledger(&["a", "b", "c"]);
        swapped.swap(0, 1);
        assert_eq!(verify(swapped, 3), Err(LedgerFault::Missing(1)));
        let mut cut = ledger(&["a", "b", "c"]);
        cut.pop();
        assert_eq!(verify(cut, 3), Err(LedgerFault::Truncated(3, 2)));
    }
}
