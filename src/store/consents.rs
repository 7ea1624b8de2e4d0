//! 同意: what a customer agreed to, how, when and until when, and that it was withdrawn. Nothing of it is overwritten.

use super::case::{day, moment};
use super::db::{Row, bind};
use super::vault::Dossier;
use super::{StoreError, Tx};
use crate::items::{Code as _, Date, DateTime};
use crate::messages::switching::ConsentMethod;
use crate::notice::Purpose;
use serde_json::{Value, json};
use std::fmt;

/// 同意の記録: one consent of a customer.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsentRecord {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Whose it is.
    pub dossier: Dossier,
    /// What it was given for.
    pub purpose: Purpose,
    /// To whom it lets something go, where it names somebody: `ROLE[:CODE]`.
    pub recipient: Option<String>,
    /// How it was given.
    pub form: ConsentMethod,
    /// When it was given, JST.
    pub given: DateTime,
    /// The last day on which it is valid.
    pub until: Option<Date>,
    /// SHA-256 of the evidence, hexadecimal.
    pub evidence: String,
    /// Who of the family consented for a minor.
    pub guardian: Option<String>,
    /// When it was withdrawn, JST.
    pub withdrawn: Option<DateTime>,
    /// Who took it down.
    pub by: String,
}

/// What and when only: guardian and evidence are the customer's.
impl fmt::Debug for ConsentRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConsentRecord({}, {:?}, {}, {:?})", self.id, self.purpose, self.given, self.withdrawn)
    }
}

impl ConsentRecord {
    /// Whether it is good at a moment.
    #[must_use]
    pub fn is_good(&self, now: DateTime) -> bool {
        self.withdrawn.is_none() && self.given <= now && self.until.is_none_or(|until| now.date() <= until)
    }

    /// The record as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "consent": self.id, "purpose": self.purpose.key(), "recipient": self.recipient, "method": self.form.key(),
            "given": self.given.to_string(), "until": self.until.map(|date| date.to_string()),
            "evidence": self.evidence, "guardian": self.guardian,
            "withdrawn": self.withdrawn.map(|at| at.to_string()), "by": self.by,
        })
    }
}

const CONSENT: &str = "SELECT id, dossier, purpose, form, given, until, withdrawn, by_whom, sealed FROM consents";

impl Tx<'_> {
    /// Keeps a consent and gives its number.
    pub fn add_consent(&self, consent: &ConsentRecord) -> Result<i64, StoreError> {
        let body = json!([consent.recipient, consent.evidence, consent.guardian]).to_string();
        let sealed = self.2.seal(consent.dossier, "consents", body.as_bytes())?;
        self.0.insert(
            "INSERT INTO consents (dossier, purpose, form, given, until, by_whom, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            bind![
                consent.dossier.0,
                consent.purpose.key(),
                consent.form.key(),
                consent.given.to_string(),
                consent.until.map(|date| date.to_string()),
                &consent.by,
                &sealed,
            ],
        )
    }

    /// Notes that a consent was withdrawn.
    pub fn withdraw_consent(&self, id: i64, at: DateTime) -> Result<(), StoreError> {
        self.0.run("UPDATE consents SET withdrawn = ?2 WHERE id = ?1", bind![id, at.to_string()])
    }

    /// The consent of a number.
    pub fn consent(&self, id: i64) -> Result<Option<ConsentRecord>, StoreError> {
        let found = self.0.first(&format!("{CONSENT} WHERE id = ?1"), bind![id], sealed)?;
        found.map(|row| self.consent_opened(row)).transpose()
    }

    /// The consents of a dossier, oldest first.
    pub fn consents_of(&self, dossier: Dossier) -> Result<Vec<ConsentRecord>, StoreError> {
        let rows = self.0.all(&format!("{CONSENT} WHERE dossier = ?1 ORDER BY id"), bind![dossier.0], sealed)?;
        rows.into_iter().map(|row| self.consent_opened(row)).collect()
    }

    fn consent_opened(&self, (mut consent, body): (ConsentRecord, Vec<u8>)) -> Result<ConsentRecord, StoreError> {
        if let Some(plain) = self.2.unseal(consent.dossier, "consents", &body)? {
            let read = serde_json::from_slice::<(Option<String>, String, Option<String>)>(&plain);
            (consent.recipient, consent.evidence, consent.guardian) =
                read.map_err(|_| StoreError::Damaged("consents"))?;
        }
        Ok(consent)
    }
}

fn sealed(row: &Row<'_>) -> Result<(ConsentRecord, Vec<u8>), StoreError> {
    let damaged = || StoreError::Damaged("consents");
    let consent = ConsentRecord {
        id: row.get(0)?,
        dossier: Dossier(row.get(1)?),
        purpose: Purpose::from_key(row.get(2)?).ok_or_else(damaged)?,
        recipient: None,
        form: ConsentMethod::from_key(row.get(3)?).ok_or_else(damaged)?,
        given: moment(row.get(4)?)?,
        until: day(row.get(5)?)?,
        evidence: String::new(),
        guardian: None,
        withdrawn: row.get::<Option<&str>>(6)?.map(moment).transpose()?,
        by: row.get(7)?,
    };
    Ok((consent, row.get(8)?))
}
