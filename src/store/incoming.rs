//! 受信した廃止取次: what the current retailer has to judge. Its use ends with the judgement; it is never for sales.

use super::case::code;
use super::db::{Row, bind};
use super::{StoreError, Tx};
use crate::items::{Code, Date, Family};
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

const INCOMING: &str = "SELECT family, entry, state, judged_by, reasons, differences FROM incoming";

fn incoming(row: &Row<'_>) -> Result<Incoming, StoreError> {
    let damaged = || StoreError::Damaged("incoming");
    let entry: serde_json::Value = serde_json::from_str(row.get(1)?).map_err(|_| damaged())?;
    Ok(Incoming {
        entry: CancellationEntry::absorb(&json::from_json(CancellationEntry::FIELDS, &entry)).map_err(|_| damaged())?,
        family: code(row.get(0)?)?,
        state: code(row.get(2)?)?,
        judged_by: row.get(3)?,
        reasons: serde_json::from_str(row.get(4)?).map_err(|_| damaged())?,
        differences: serde_json::from_str(row.get(5)?).map_err(|_| damaged())?,
    })
}

impl Tx<'_> {
    /// Keeps an incoming cancellation agency; one that is already kept stays as it is.
    pub fn add_incoming(&self, incoming: &Incoming) -> Result<bool, StoreError> {
        let entry = &incoming.entry;
        let added = self.0.execute(
            "INSERT INTO incoming (number, point, family, new_retailer, entry, state, switch_on, received, \
             judge_by, reasons, differences) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '[]', '[]') \
             ON CONFLICT (number) DO NOTHING",
            bind![
                entry.number.as_str(),
                entry.point.as_str(),
                incoming.family.key(),
                entry.new_retailer.to_string(),
                json::to_json(entry).to_string(),
                incoming.state.key(),
                entry.requested_on.to_string(),
                entry.received_on.to_string(),
                entry.judge_by.map(|date| date.to_string()),
            ],
        )?;
        Ok(added == 1)
    }

    /// Keeps how an incoming cancellation agency was judged.
    pub fn save_incoming(&self, incoming: &Incoming) -> Result<(), StoreError> {
        let json = |value: serde_json::Result<String>| value.map_err(|_| StoreError::Damaged("incoming"));
        self.0.run(
            "UPDATE incoming SET state = ?2, judged_by = ?3, reasons = ?4, differences = ?5 WHERE number = ?1",
            bind![
                incoming.entry.number.as_str(),
                incoming.state.key(),
                incoming.judged_by.as_deref(),
                json(serde_json::to_string(&incoming.reasons))?,
                json(serde_json::to_string(&incoming.differences))?,
            ],
        )
    }

    /// The incoming cancellation agencies in a state.
    pub fn incoming_in(&self, state: IncomingState) -> Result<Vec<Incoming>, StoreError> {
        self.0.all(&format!("{INCOMING} WHERE state = ?1 ORDER BY number"), bind![state.key()], incoming)
    }

    /// The incoming cancellation agency of a number.
    pub fn incoming(&self, number: &str) -> Result<Option<Incoming>, StoreError> {
        self.0.first(&format!("{INCOMING} WHERE number = ?1"), bind![number], incoming)
    }

    /// Points with an incoming cancellation whose switch date has not passed: closed to sales (取戻し営業).
    pub fn points_closed_to_sales(&self, today: Date) -> Result<Vec<String>, StoreError> {
        let closed = "SELECT point FROM incoming WHERE switch_on >= ?1 ORDER BY point";
        self.0.all(closed, bind![today.to_string()], |row| row.get(0))
    }
}
