//! 項目ごとの消去: single values of a dossier go, and the rest stays.
//!
//! A value cannot be taken out of what copies and backups hold, and a dossier has one key. So what stays is sealed anew,
//! with a new key under a new number, and the former key is destroyed with everything that was sealed with it: the values
//! that go are unreadable wherever they lie. Two steps, each durable: what stays is readable at every moment, and what was
//! begun and not ended is ended the next time.

use super::case::body;
use super::db::bind;
use super::vault::{Dossier, Lookup};
use super::{Added, DossierState, StoreError, Tx};
use crate::items::DateTime;
use serde_json::Value;

/// 残すもの: what stays of a dossier.
#[derive(Debug, Default)]
pub struct Remains {
    /// What is in it from here on: nothing that goes is among it.
    pub records: Vec<(Added, Value)>,
    /// By what it is found no more.
    pub unfound: Vec<(Lookup, String)>,
    /// Whether the supply point itself goes.
    pub without_point: bool,
}

/// 鍵の破棄待ち: a former key that is still to be destroyed, and the line about it for the ledger.
#[derive(Debug)]
pub struct Superseded {
    /// The number of the former key.
    pub former: Dossier,
    /// Where what stayed lies.
    pub dossier: Dossier,
    /// What the ledger is told once the key is destroyed: without anything personal.
    pub line: String,
}

impl Tx<'_> {
    /// Seals what stays of a dossier with a new key, and notes that the former one is to be destroyed. The texts of the
    /// case's events, its findings and its row as it was received go, for they may quote anything.
    pub fn reseal(
        &self,
        state: &DossierState,
        remains: &Remains,
        line: &str,
        at: DateTime,
    ) -> Result<Dossier, StoreError> {
        let (old, new) = (state.dossier, self.2.new_dossier()?);
        self.0.run(
            "INSERT INTO dossiers (id, case_id, number, suspended, hold, hold_until, differs) \
             SELECT CAST(?2 AS BIGINT), case_id, number, suspended, hold, hold_until, differs FROM dossiers WHERE id = ?1",
            bind![old.0, new.0],
        )?;
        self.0.run(
            "UPDATE dossiers SET case_id = NULL, number = NULL, suspended = NULL, hold = NULL, hold_until = NULL, \
             differs = 0, erased = ?2 WHERE id = ?1",
            bind![old.0, at.to_string()],
        )?;
        for (lookup, text) in &remains.unfound {
            let unfound = "DELETE FROM lookups WHERE dossier = ?1 AND tag = ?2";
            self.0.run(unfound, bind![old.0, self.tag(*lookup, text)])?;
        }
        for table in ["lookups", "traces"] {
            self.0.run(&format!("UPDATE {table} SET dossier = ?2 WHERE dossier = ?1"), bind![old.0, new.0])?;
        }
        for table in ["consents", "requests"] {
            self.reseal_bodies(table, old, new)?;
        }
        if let Some(id) = state.case {
            self.reseal_case(id, new, remains.without_point)?;
        }
        if let Some(number) = &state.number {
            let empty: &[u8] = &[];
            self.0
                .run("UPDATE incoming SET dossier = ?2, sealed = ?3 WHERE number = ?1", bind![number, new.0, empty])?;
        }
        self.0.run("DELETE FROM arrivals WHERE dossier = ?1", bind![old.0])?;
        for (kind, record) in &remains.records {
            self.add_to_dossier(new, *kind, record)?;
        }
        let superseded = "INSERT INTO superseded (former, dossier, line) VALUES (?1, ?2, ?3)";
        self.0.run(superseded, bind![old.0, new.0, line])?;
        Ok(new)
    }

    fn reseal_bodies(&self, table: &'static str, old: Dossier, new: Dossier) -> Result<(), StoreError> {
        let bodies = format!("SELECT id, sealed FROM {table} WHERE dossier = ?1");
        let bodies: Vec<(i64, Vec<u8>)> = self.0.all(&bodies, bind![old.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (id, sealed) in bodies {
            let plain = self.2.unseal(old, table, &sealed)?;
            let sealed = plain.map(|plain| self.2.seal(new, table, &plain)).transpose()?.unwrap_or_default();
            self.0.run(
                &format!("UPDATE {table} SET dossier = ?2, sealed = ?3 WHERE id = ?1"),
                bind![id, new.0, &sealed],
            )?;
        }
        Ok(())
    }

    /// The numbers of a case stay; its reasons go, for they may quote anything.
    fn reseal_case(&self, id: i64, new: Dossier, without_point: bool) -> Result<(), StoreError> {
        let case = self.case(id)?.ok_or(StoreError::Damaged("case"))?;
        let point = if without_point { "" } else { &case.point };
        let (cancellation, number) = (case.cancellation_number.as_deref(), case.application_number.as_deref());
        let kept = self.2.seal(new, "cases", &body(&case.receipt, point, cancellation, number, &[])?)?;
        self.0.run("UPDATE cases SET dossier = ?2, sealed = ?3 WHERE id = ?1", bind![id, new.0, &kept])?;
        let empty: &[u8] = &[];
        let row = "UPDATE rows SET sealed = ?2, cells_sealed = ?2, findings_sealed = ?2 WHERE case_id = ?1";
        self.0.run(row, bind![id, empty])?;
        self.2.remember(id, new);
        Ok(())
    }

    /// Takes the texts out of the events of cases whose former keys are to be destroyed. Events are in no order that finds
    /// them by their case: this is done once for many.
    pub fn forget_event_texts(&self) -> Result<(), StoreError> {
        let empty: &[u8] = &[];
        self.0.run(
            "UPDATE events SET sealed = ?1 WHERE case_id IN (SELECT d.case_id FROM superseded s \
             JOIN dossiers d ON d.id = s.dossier WHERE d.case_id IS NOT NULL)",
            bind![empty],
        )
    }

    /// Whether a message of a dossier is not settled: it cannot be sealed anew meanwhile.
    pub fn has_open_message(&self, dossier: Dossier) -> Result<bool, StoreError> {
        let open = format!("SELECT 1 FROM outbox WHERE dossier = ?1 AND {} LIMIT 1", super::outbox::IS_OPEN);
        Ok(self.0.first(&open, bind![dossier.0], |row| row.get::<i64>(0))?.is_some())
    }

    /// The former keys that are still to be destroyed, in order.
    pub fn superseded(&self) -> Result<Vec<Superseded>, StoreError> {
        self.0.all("SELECT former, dossier, line FROM superseded ORDER BY former", &[], |row| {
            Ok(Superseded { former: Dossier(row.get(0)?), dossier: Dossier(row.get(1)?), line: row.get(2)? })
        })
    }

    /// Destroys a former key.
    pub fn destroy_superseded(&self, one: &Superseded) -> Result<(), StoreError> {
        self.2.destroy(one.former)?;
        self.0.run("DELETE FROM superseded WHERE former = ?1", bind![one.former.0])
    }

    /// Destroys the former keys of a dossier that is erased as a whole.
    pub(super) fn destroy_former(&self, dossier: Dossier) -> Result<(), StoreError> {
        let former = "SELECT former FROM superseded WHERE dossier = ?1";
        for number in self.0.all(former, bind![dossier.0], |row| row.get::<i64>(0))? {
            self.2.destroy(Dossier(number))?;
        }
        self.0.run("DELETE FROM superseded WHERE dossier = ?1", bind![dossier.0])
    }
}
