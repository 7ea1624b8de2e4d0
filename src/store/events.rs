//! 経過: what happened to the cases, and when.

use super::case::{moment, plain_text};
use super::db::bind;
use super::vault::Dossier;
use super::{StoreError, Tx};
use crate::items::{Date, DateTime};
use std::collections::HashMap;

/// 経過: one event of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, JST.
    pub at: DateTime,
    /// Stable key of what happened.
    pub kind: String,
    /// What happened, in Japanese.
    pub ja: String,
    /// What happened, in English.
    pub en: String,
}

/// Two texts as one: how long the first is, and both.
pub(super) fn two(ja: &str, en: &str) -> String {
    format!("{}:{ja}{en}", ja.len())
}

/// The two texts again; nothing where they were erased.
fn apart(texts: &str) -> Option<(&str, &str)> {
    let (length, texts) = texts.split_once(':')?;
    texts.split_at_checked(length.parse().ok()?)
}

impl Tx<'_> {
    /// Adds an event to a case.
    pub fn add_event(&self, case: i64, event: &Entry) -> Result<(), StoreError> {
        let dossier = self.dossier_of_case(case)?;
        let texts = self.2.seal(dossier, "events", two(&event.ja, &event.en).as_bytes())?;
        self.0.run(
            "INSERT INTO events (case_id, at, kind, ja, en, sealed) VALUES (?1, ?2, ?3, '', '', ?4)",
            bind![case, event.at.to_string(), &event.kind, &texts],
        )
    }

    /// Visits the events of a batch, case by case, each case's in order; of those that were erased only time and kind.
    pub fn each_event(
        &self,
        batch: i64,
        mut visit: impl FnMut(i64, Entry) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // Events are written far more often than read: they are sorted here instead of being held in order by an index.
        let events = "SELECT e.case_id, e.at, e.kind, e.sealed, c.dossier FROM events e JOIN cases c ON c.id = e.case_id \
                      WHERE c.batch = ?1 ORDER BY e.case_id, e.id";
        self.0.each(events, bind![batch], |row| {
            let texts = plain_text(self.2.unseal(Dossier(row.get(4)?), "events", row.get(3)?)?)?;
            let (ja, en) = apart(&texts).unwrap_or_default();
            let entry = Entry { at: moment(row.get(1)?)?, kind: row.get(2)?, ja: ja.to_owned(), en: en.to_owned() };
            visit(row.get(0)?, entry)
        })
    }

    /// The day of the last event of every case.
    pub fn last_events(&self) -> Result<HashMap<i64, Date>, StoreError> {
        let last = "SELECT case_id, max(at) FROM events GROUP BY case_id";
        Ok(self.0.all(last, &[], |row| Ok((row.get(0)?, moment(row.get(1)?)?.date())))?.into_iter().collect())
    }
}
