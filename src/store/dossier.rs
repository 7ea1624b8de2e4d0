//! 綴り: what is kept about one customer by one case or one incoming cancellation agency, found by keyed hashes.

use super::case::moment;
use super::db::{Row, bind};
use super::vault::{Dossier, Lookup};
use super::{StoreError, Tx};
use crate::items::{Date, DateTime};
use crate::notice::LegalHold;
use unicode_normalization::UnicodeNormalization as _;

/// 綴りの状態: what is known of a dossier without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierState {
    /// Its number.
    pub dossier: Dossier,
    /// The case it belongs to.
    pub case: Option<i64>,
    /// The incoming cancellation agency it belongs to.
    pub number: Option<String>,
    /// Since when its use is suspended.
    pub suspended: Option<DateTime>,
    /// The law that requires that it is kept.
    pub hold: Option<LegalHold>,
    /// When it was erased.
    pub erased: Option<DateTime>,
}

/// 追加の記録: what is added to a dossier beside its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// Values that arrived.
    Arrival,
    /// A change of the manager.
    Manager,
    /// An answer that called an item different.
    Denial,
    /// 消去の印: an item whose values were erased before the rest.
    Erased,
    /// 契約の終了: the day on which an account was closed, or that it was opened again.
    Closed,
}

impl Added {
    const fn key(self) -> &'static str {
        match self {
            Added::Arrival => "arrival",
            Added::Manager => "manager",
            Added::Denial => "denial",
            Added::Erased => "erased",
            Added::Closed => "closed",
        }
    }
}

const STATE: &str = "SELECT id, case_id, number, suspended, hold, hold_until, erased FROM dossiers";

fn state(row: &Row<'_>) -> Result<DossierState, StoreError> {
    let time = |index: usize| row.get::<Option<&str>>(index)?.map(moment).transpose();
    let until: Option<&str> = row.get(5)?;
    let until = until.map(|text| text.parse::<Date>().map_err(|_| StoreError::Damaged("date"))).transpose()?;
    Ok(DossierState {
        dossier: Dossier(row.get(0)?),
        case: row.get(1)?,
        number: row.get(2)?,
        suspended: time(3)?,
        hold: row.get::<Option<String>>(4)?.map(|law| LegalHold { law, until }),
        erased: time(6)?,
    })
}

/// A text as it is looked up: width, case, blanks and hyphens do not count.
fn plain(text: &str) -> String {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | 'ー');
    text.nfkc().filter(counts).flat_map(char::to_uppercase).collect()
}

impl Tx<'_> {
    /// Makes the dossier of a case or of an incoming cancellation agency, with a key of its own.
    pub(super) fn new_dossier(&self, case: Option<i64>, number: Option<&str>) -> Result<Dossier, StoreError> {
        let dossier = self.2.new_dossier()?;
        self.keep_dossier(dossier, case, number)?;
        Ok(dossier)
    }

    /// Makes the dossier of a customer whom no case and no cancellation agency brought in.
    pub fn new_customer(&self) -> Result<Dossier, StoreError> {
        self.new_dossier(None, None)
    }

    /// Lets the dossier of such a customer be found by a text.
    pub fn find_by(&self, dossier: Dossier, lookup: Lookup, text: &str) -> Result<(), StoreError> {
        self.look_up_by(dossier, lookup, text)
    }

    /// The notice that customers without a case are held under: only one in a store. Nothing where there are none.
    pub fn held_under(&self) -> Result<Option<String>, StoreError> {
        let under = "SELECT substr(key, 12) FROM numbers WHERE key LIKE 'held-under:%' AND value > 0";
        self.0.first(under, &[], |row| row.get(0))
    }

    /// Keeps the notice that customers without a case are held under.
    pub fn set_held_under(&self, notice: &str) -> Result<(), StoreError> {
        self.set_number(&format!("held-under:{notice}"), 1)
    }

    /// Keeps that there is a dossier, and what it belongs to.
    pub(super) fn keep_dossier(
        &self,
        dossier: Dossier,
        case: Option<i64>,
        number: Option<&str>,
    ) -> Result<(), StoreError> {
        self.0.run("INSERT INTO dossiers (id, case_id, number) VALUES (?1, ?2, ?3)", bind![dossier.0, case, number])
    }

    /// Lets a dossier be found by a text.
    pub(super) fn look_up_by(&self, dossier: Dossier, lookup: Lookup, text: &str) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO lookups (tag, dossier) VALUES (?1, ?2) ON CONFLICT (tag, dossier) DO NOTHING",
            bind![self.tag(lookup, text), dossier.0],
        )
    }

    /// The keyed hash of a text, as it stands in the tables.
    pub(super) fn tag(&self, lookup: Lookup, text: &str) -> String {
        match lookup {
            // Our own number: as it is written.
            Lookup::Receipt => self.2.tag(lookup, text),
            _ => self.2.tag(lookup, &plain(text)),
        }
    }

    /// The dossiers that are found by a text, oldest first.
    pub fn dossiers_of(&self, lookup: Lookup, text: &str) -> Result<Vec<DossierState>, StoreError> {
        let found = format!("{STATE} WHERE id IN (SELECT dossier FROM lookups WHERE tag = ?1) ORDER BY id");
        self.0.all(&found, bind![self.tag(lookup, text)], state)
    }

    /// The dossier of a number.
    pub fn dossier(&self, dossier: Dossier) -> Result<Option<DossierState>, StoreError> {
        self.0.first(&format!("{STATE} WHERE id = ?1"), bind![dossier.0], state)
    }

    /// At most `limit` dossiers above a number that were not erased, in order.
    pub fn dossiers_after(&self, after: Dossier, limit: usize) -> Result<Vec<DossierState>, StoreError> {
        let page = format!("{STATE} WHERE id > ?1 AND erased IS NULL ORDER BY id LIMIT ?2");
        self.0.all(&page, bind![after.0, limit], state)
    }

    /// The dossier of a case.
    pub fn dossier_of_case(&self, case: i64) -> Result<Dossier, StoreError> {
        if let Some(known) = self.2.of_case(case) {
            return Ok(known);
        }
        let found = self.0.first("SELECT dossier FROM cases WHERE id = ?1", bind![case], |row| row.get::<i64>(0))?;
        let dossier = Dossier(found.ok_or(StoreError::Damaged("dossier"))?);
        self.2.remember(case, dossier);
        Ok(dossier)
    }

    /// Adds a record to a dossier.
    pub fn add_to_dossier(&self, dossier: Dossier, kind: Added, body: &serde_json::Value) -> Result<(), StoreError> {
        let sealed = self.2.seal(dossier, "arrivals", body.to_string().as_bytes())?;
        let last = "SELECT coalesce(max(seq), 0) FROM arrivals WHERE dossier = ?1";
        let last: i64 = self.0.one(last, bind![dossier.0], |row| row.get(0))?;
        let add = "INSERT INTO arrivals (dossier, seq, kind, body) VALUES (?1, ?2, ?3, ?4)";
        self.0.run(add, bind![dossier.0, last + 1, kind.key(), &sealed])
    }

    /// The records of a kind in a dossier, in the order they were added; none where it was erased.
    pub fn added_to_dossier(&self, dossier: Dossier, kind: Added) -> Result<Vec<serde_json::Value>, StoreError> {
        let records = "SELECT body FROM arrivals WHERE dossier = ?1 AND kind = ?2 ORDER BY seq";
        let sealed: Vec<Vec<u8>> = self.0.all(records, bind![dossier.0, kind.key()], |row| row.get(0))?;
        let open = |sealed: Vec<u8>| match self.2.unseal(dossier, "arrivals", &sealed) {
            Ok(None) => None,
            Ok(Some(plain)) => Some(serde_json::from_slice(&plain).map_err(|_| StoreError::Damaged("arrivals"))),
            Err(error) => Some(Err(error)),
        };
        sealed.into_iter().filter_map(open).collect()
    }

    /// Remembers that a line of the ledger is about a dossier.
    pub fn trace(&self, dossier: Dossier, line: u64) -> Result<(), StoreError> {
        let trace = "INSERT INTO traces (dossier, seq) VALUES (?1, ?2) ON CONFLICT (dossier, seq) DO NOTHING";
        self.0.run(trace, bind![dossier.0, line])
    }

    /// What the ledger says about a dossier: the places and the entries.
    pub fn traces_of(&self, dossier: Dossier) -> Result<Vec<(u64, String)>, StoreError> {
        let lines =
            "SELECT l.seq, l.entry FROM traces t JOIN ledger l ON l.seq = t.seq WHERE t.dossier = ?1 ORDER BY l.seq";
        self.0.all(lines, bind![dossier.0], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Suspends the use of a dossier, or ends that.
    pub fn set_suspended(&self, dossier: Dossier, since: Option<DateTime>) -> Result<(), StoreError> {
        let since = since.map(|at| at.to_string());
        self.0.run("UPDATE dossiers SET suspended = ?2 WHERE id = ?1", bind![dossier.0, since])
    }

    /// Names the law that requires that a dossier is kept, or ends that.
    pub fn set_hold(&self, dossier: Dossier, hold: Option<&LegalHold>) -> Result<(), StoreError> {
        let law = hold.map(|hold| hold.law.as_str());
        let until = hold.and_then(|hold| hold.until).map(|date| date.to_string());
        self.0.run("UPDATE dossiers SET hold = ?2, hold_until = ?3 WHERE id = ?1", bind![dossier.0, law, until])
    }

    /// Notes whether something a customer said differs from what its manager says.
    pub fn set_differs(&self, dossier: Dossier, differs: bool) -> Result<(), StoreError> {
        self.0.run("UPDATE dossiers SET differs = ?2 WHERE id = ?1", bind![dossier.0, differs])
    }

    /// The dossiers in which something differs from what its manager says, oldest first.
    pub fn differing(&self) -> Result<Vec<DossierState>, StoreError> {
        self.0.all(&format!("{STATE} WHERE differs = 1 AND erased IS NULL ORDER BY id"), &[], state)
    }

    /// Whether the use of what is held of a point is suspended.
    pub fn is_suspended(&self, point: &str) -> Result<bool, StoreError> {
        Ok(self.dossiers_of(Lookup::Point, point)?.iter().any(|one| one.suspended.is_some()))
    }

    /// 消去: destroys the key of a dossier and removes what led to it. What was sealed with it is unreadable from here on,
    /// in this store and in every copy. Says whether the key was still there.
    pub fn erase(&self, state: &DossierState, at: DateTime) -> Result<bool, StoreError> {
        let dossier = state.dossier.0;
        let was = self.2.destroy(state.dossier)?;
        self.destroy_former(state.dossier)?;
        self.0.run("DELETE FROM lookups WHERE dossier = ?1", bind![dossier])?;
        self.0.run("DELETE FROM arrivals WHERE dossier = ?1", bind![dossier])?;
        let empty: &[u8] = &[];
        if let Some(case) = state.case {
            self.0.run("UPDATE cases SET sealed = ?2, receipt = '' WHERE id = ?1", bind![case, empty])?;
            let row = "UPDATE rows SET sealed = ?2, cells_sealed = ?2, findings_sealed = ?2 WHERE case_id = ?1";
            self.0.run(row, bind![case, empty])?;
        }
        if let Some(number) = &state.number {
            self.0.run("UPDATE incoming SET sealed = ?2 WHERE number = ?1", bind![number, empty])?;
        }
        for table in ["consents", "requests"] {
            self.0.run(&format!("UPDATE {table} SET sealed = ?2 WHERE dossier = ?1"), bind![dossier, empty])?;
        }
        self.0.run(
            "UPDATE dossiers SET erased = ?2, suspended = NULL, hold = NULL, hold_until = NULL WHERE id = ?1",
            bind![dossier, at.to_string()],
        )?;
        Ok(was)
    }

    /// Remembers, by a keyed hash only, that what was held of a point or a contract was erased.
    pub fn remember_erased(&self, dossier: Dossier, text: &str) -> Result<(), StoreError> {
        self.look_up_by(dossier, Lookup::Erased, text)
    }

    /// Whether the key of a dossier is still there.
    pub fn has_key(&self, dossier: Dossier) -> Result<bool, StoreError> {
        self.2.has(dossier)
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for text in ["AB-12 3４", "ａｂ１２３４", "ab1234", "AB‐12ー34"] {
            assert_eq!(plain(text), "AB1234", "{text}");
        }
    }
}
