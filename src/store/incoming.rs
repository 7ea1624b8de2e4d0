//! 受信した廃止取次: what the current retailer has to judge. Its use ends with the judgement; it is never for sales.

use super::case::code;
use super::db::{Row, bind};
use super::vault::{Dossier, Lookup};
use super::{StoreError, Tx};
use crate::items::{BusinessCode, Code, Date, Family};
use crate::messages::switching::CancellationEntry;
use crate::messages::{Record as _, json};
use std::fmt;

crate::code_set! {
    /// 判断の段階: how far an incoming cancellation agency has come.
    pub enum IncomingState = "incoming-state" {
        Received = "received", "受信", "received";
        Doubt = "doubt", "要判断", "a person has to judge";
        Ok = "ok", "OK", "agreed";
        Ng = "ng", "NG", "not agreed";
        Stopped = "stopped", "スイッチング廃止申込済", "switch stop filed";
    }
}

/// 受信した廃止取次.
#[derive(Clone)]
pub struct Incoming {
    /// What the new retailer said.
    pub entry: CancellationEntry,
    /// 供給種別.
    pub family: Family,
    /// How far it has come.
    pub state: IncomingState,
    /// Who judged: `strict-equality` or a person's name.
    pub judged_by: Option<String>,
    /// Keys of the NG reasons.
    pub reasons: Vec<String>,
    /// Near matches explained to a person: Japanese, English.
    pub differences: Vec<(String, String)>,
}

/// Where it stands only: the differences quote names and addresses.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Incoming({:?}, {:?}, {:?})", self.entry.number, self.state, self.reasons)
    }
}

const INCOMING: &str = "SELECT family, state, judged_by, dossier, sealed FROM incoming";

/// What is personal of an incoming cancellation agency, as it is sealed: three texts of JSON.
pub(super) fn body(entry: &str, reasons: &str, differences: &str) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(&(entry, reasons, differences)).map_err(|_| StoreError::Damaged("incoming"))
}

fn body_of(incoming: &Incoming) -> Result<Vec<u8>, StoreError> {
    let json = |value: serde_json::Result<String>| value.map_err(|_| StoreError::Damaged("incoming"));
    let reasons = json(serde_json::to_string(&incoming.reasons))?;
    let differences = json(serde_json::to_string(&incoming.differences))?;
    body(&json::to_json(&incoming.entry).to_string(), &reasons, &differences)
}

impl Tx<'_> {
    /// What was received; nothing where it was erased.
    fn received(&self, row: &Row<'_>) -> Result<Option<Incoming>, StoreError> {
        let damaged = |_| StoreError::Damaged("incoming");
        let Some(plain) = self.2.unseal(Dossier(row.get(3)?), "incoming", row.get(4)?)? else { return Ok(None) };
        let (entry, reasons, differences): (String, String, String) =
            serde_json::from_slice(&plain).map_err(damaged)?;
        let entry: serde_json::Value = serde_json::from_str(&entry).map_err(damaged)?;
        let entry = CancellationEntry::absorb(&json::from_json(CancellationEntry::FIELDS, &entry));
        Ok(Some(Incoming {
            entry: entry.map_err(|_| StoreError::Damaged("incoming"))?,
            family: code(row.get(0)?)?,
            state: code(row.get(1)?)?,
            judged_by: row.get(2)?,
            reasons: serde_json::from_str(&reasons).map_err(damaged)?,
            differences: serde_json::from_str(&differences).map_err(damaged)?,
        }))
    }

    /// Keeps an incoming cancellation agency, sealed with a key of its own; one that is already kept stays as it is.
    pub fn add_incoming(&self, incoming: &Incoming) -> Result<bool, StoreError> {
        let entry = &incoming.entry;
        let number = entry.number.as_str();
        let known = self.0.first("SELECT 1 FROM incoming WHERE number = ?1", bind![number], |row| row.get::<i64>(0))?;
        if known.is_some() {
            return Ok(false);
        }
        let dossier = self.2.new_dossier()?;
        let added = self.0.execute(
            "INSERT INTO incoming (number, point, family, new_retailer, entry, state, switch_on, received, \
             judge_by, reasons, differences, dossier, sealed) \
             VALUES (?1, '', ?2, ?3, '', ?4, ?5, ?6, ?7, '', '', ?8, ?9) ON CONFLICT (number) DO NOTHING",
            bind![
                number,
                incoming.family.key(),
                entry.new_retailer.to_string(),
                incoming.state.key(),
                entry.requested_on.to_string(),
                entry.received_on.to_string(),
                entry.judge_by.map(|date| date.to_string()),
                dossier.0,
                &self.2.seal(dossier, "incoming", &body_of(incoming)?)?,
            ],
        )?;
        if added == 1 {
            self.keep_dossier(dossier, None, Some(number))?;
            self.look_up_by(dossier, Lookup::Point, entry.point.as_str())?;
            self.look_up_by(dossier, Lookup::Contract, entry.contract_number.as_str())?;
        }
        Ok(added == 1)
    }

    /// The dossier of an incoming cancellation agency.
    pub fn dossier_of_incoming(&self, number: &str) -> Result<Dossier, StoreError> {
        let found = self.0.first("SELECT dossier FROM incoming WHERE number = ?1", bind![number], |row| row.get(0))?;
        found.map(Dossier).ok_or(StoreError::Damaged("dossier"))
    }

    /// Keeps how an incoming cancellation agency was judged.
    pub fn save_incoming(&self, incoming: &Incoming) -> Result<(), StoreError> {
        let number = incoming.entry.number.as_str();
        let dossier = self.dossier_of_incoming(number)?;
        self.0.run(
            "UPDATE incoming SET state = ?2, judged_by = ?3, sealed = ?4 WHERE number = ?1",
            bind![
                number,
                incoming.state.key(),
                incoming.judged_by.as_deref(),
                &self.2.seal(dossier, "incoming", &body_of(incoming)?)?,
            ],
        )
    }

    /// The incoming cancellation agencies in a state.
    pub fn incoming_in(&self, state: IncomingState) -> Result<Vec<Incoming>, StoreError> {
        let in_state = format!("{INCOMING} WHERE state = ?1 ORDER BY number");
        Ok(self.0.all(&in_state, bind![state.key()], |row| self.received(row))?.into_iter().flatten().collect())
    }

    /// The incoming cancellation agency of a number; nothing where there is none or it was erased.
    pub fn incoming(&self, number: &str) -> Result<Option<Incoming>, StoreError> {
        let found = self.0.first(&format!("{INCOMING} WHERE number = ?1"), bind![number], |row| self.received(row))?;
        Ok(found.flatten())
    }

    /// The same; nobody else changes it before this transaction has ended.
    pub fn incoming_to_change(&self, number: &str) -> Result<Option<Incoming>, StoreError> {
        let lock = if self.0.is_shared() { " FOR NO KEY UPDATE" } else { "" };
        let found = format!("{INCOMING} WHERE number = ?1{lock}");
        Ok(self.0.first(&found, bind![number], |row| self.received(row))?.flatten())
    }

    /// How far an incoming cancellation agency has come, for which new retailer and from when: known after its values were
    /// erased, too.
    pub fn incoming_course(&self, number: &str) -> Result<Option<(IncomingState, BusinessCode, Date)>, StoreError> {
        let course = "SELECT state, new_retailer, switch_on FROM incoming WHERE number = ?1";
        self.0.first(course, bind![number], |row| {
            let damaged = || StoreError::Damaged("incoming");
            let on = super::case::day(row.get(2)?)?.ok_or_else(damaged)?;
            Ok((code(row.get(0)?)?, BusinessCode::parse(row.get(1)?).map_err(|_| damaged())?, on))
        })
    }

    /// Points with an incoming cancellation whose switch date has not passed: closed to sales (取戻し営業).
    pub fn points_closed_to_sales(&self, today: Date) -> Result<Vec<String>, StoreError> {
        let closed = format!("{INCOMING} WHERE switch_on >= ?1");
        let all = self.0.all(&closed, bind![today.to_string()], |row| self.received(row))?;
        let mut points: Vec<_> = all.into_iter().flatten().map(|one| one.entry.point.as_str().to_owned()).collect();
        points.sort();
        Ok(points)
    }
}
