//! 平文からの移行: seals what a store of an earlier version keeps in the clear, once.

use super::case::from_texts;
use super::db::bind;
use super::vault::Lookup;
use super::{StoreError, Tx};
use crate::messages::switching::Application;
use crate::messages::{Record as _, json};

/// So many rows are taken at once.
const PAGE: u32 = 512;

type PlainCase = (i64, String, String, Option<String>, Option<String>, String, Option<String>, String, String);

impl Tx<'_> {
    /// Seals every case and every incoming cancellation agency that is in the clear; says how many there were.
    pub(super) fn seal_all(&self) -> Result<u64, StoreError> {
        let any =
            "SELECT 1 FROM cases WHERE dossier IS NULL UNION ALL SELECT 1 FROM incoming WHERE dossier IS NULL LIMIT 1";
        if self.0.first(any, &[], |row| row.get::<i64>(0))?.is_none() {
            return Ok(0);
        }
        // Only for the time of this: nothing else looks for them by their case.
        self.0.run("CREATE INDEX sealing_events ON events (case_id)", &[])?;
        self.0.run("CREATE INDEX sealing_outbox ON outbox (case_id)", &[])?;
        self.0.run("CREATE INDEX sealing_numbers ON outbox (number)", &[])?;
        let mut sealed = 0;
        loop {
            let page = "SELECT c.id, c.receipt, c.point, c.cancellation_number, c.application_number, c.reasons, \
                        r.application, r.cells, r.findings FROM cases c JOIN rows r ON r.case_id = c.id \
                        WHERE c.dossier IS NULL ORDER BY c.id LIMIT ?1";
            let cases: Vec<PlainCase> = self.0.all(page, bind![PAGE], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                    row.get(6)?,
                    row.get(7)?,
                    row.get(8)?,
                ))
            })?;
            if cases.is_empty() {
                break;
            }
            sealed += cases.len() as u64;
            cases.into_iter().try_for_each(|case| self.seal_plain_case(case))?;
        }
        loop {
            let page = "SELECT number, point, entry, reasons, differences FROM incoming WHERE dossier IS NULL \
                        ORDER BY number LIMIT ?1";
            let all: Vec<[String; 5]> = self
                .0
                .all(page, bind![PAGE], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]))?;
            if all.is_empty() {
                break;
            }
            sealed += all.len() as u64;
            for [number, point, entry, reasons, differences] in all {
                let dossier = self.new_dossier(None, Some(&number))?;
                self.look_up_by(dossier, Lookup::Point, &point)?;
                let contract = from_texts::<serde_json::Value>(&entry, "incoming")?;
                if let Some(contract) = contract.get("retail-contract-number").and_then(serde_json::Value::as_str) {
                    self.look_up_by(dossier, Lookup::Contract, contract)?;
                }
                let body = super::incoming::body(&entry, &reasons, &differences)?;
                let body = self.2.seal(dossier, "incoming", &body)?;
                self.0.run(
                    "UPDATE incoming SET dossier = ?2, sealed = ?3, point = '', entry = '', reasons = '', differences = '' \
                     WHERE number = ?1",
                    bind![&number, dossier.0, &body],
                )?;
                self.seal_bodies("number", bind![&number], dossier)?;
            }
        }
        for index in ["sealing_events", "sealing_outbox", "sealing_numbers"] {
            self.0.run(&format!("DROP INDEX {index}"), &[])?;
        }
        Ok(sealed)
    }

    fn seal_plain_case(&self, case: PlainCase) -> Result<(), StoreError> {
        let (id, receipt, point, cancellation, number, reasons, application, cells, findings) = case;
        let dossier = self.new_dossier(Some(id), None)?;
        let reasons: Vec<(String, String)> = from_texts(&reasons, "reasons")?;
        let body = super::case::body(&receipt, &point, cancellation.as_deref(), number.as_deref(), &reasons)?;
        let body = self.2.seal(dossier, "cases", &body)?;
        self.0.run(
            "UPDATE cases SET dossier = ?2, sealed = ?3, receipt = ?4, point = '', cancellation_number = NULL, \
             application_number = NULL, reasons = '' WHERE id = ?1",
            bind![id, dossier.0, &body, self.tag(Lookup::Receipt, &receipt)],
        )?;
        let read = application.as_deref().map(|text| {
            let value = from_texts::<serde_json::Value>(text, "application")?;
            Application::absorb(&json::from_json(Application::FIELDS, &value))
                .map_err(|_| StoreError::Damaged("application"))
        });
        self.find_case_by(dossier, &receipt, read.transpose()?.as_ref())?;
        self.put_row(id, dossier, application.as_deref(), &cells, &findings)?;
        let events: Vec<(i64, String, String)> =
            self.0.all("SELECT id, ja, en FROM events WHERE case_id = ?1 AND sealed IS NULL", bind![id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        for (event, ja, en) in events {
            let texts = self.2.seal(dossier, "events", super::events::two(&ja, &en).as_bytes())?;
            self.0.run("UPDATE events SET sealed = ?2, ja = '', en = '' WHERE id = ?1", bind![event, &texts])?;
        }
        self.seal_bodies("case_id", bind![id], dossier)
    }

    fn seal_bodies(
        &self,
        by: &str,
        value: &[super::db::Value<'_>],
        dossier: super::vault::Dossier,
    ) -> Result<(), StoreError> {
        let bodies: Vec<(i64, Vec<u8>)> =
            self.0.all(&format!("SELECT id, body FROM outbox WHERE {by} = ?1"), value, |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        for (id, body) in bodies {
            let body = if body.is_empty() { body } else { self.2.seal(dossier, "outbox", &body)? };
            self.0.run("UPDATE outbox SET body = ?2, dossier = ?3 WHERE id = ?1", bind![id, &body, dossier.0])?;
        }
        Ok(())
    }
}
