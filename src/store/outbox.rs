//! 送信箱: every message that goes out, written before it goes.

use super::case::{code, moment};
use super::db::{Row, bind};
use super::vault::Dossier;
use super::worker::millis;
use super::{StoreError, Tx};
use crate::items::{Code, DateTime, Family};
use crate::notice::Party;
use std::fmt;
use std::time::Duration;

crate::code_set! {
    /// 送信状態: what is known of a message.
    pub enum OutboxState = "outbox-state" {
        Queued = "queued", "送信待ち", "to be sent; certainly not delivered yet";
        Leased = "leased", "送信準備中", "in the hand of a worker; certainly not sent yet";
        Sent = "sent", "送信済（応答待ち）", "sent, no answer yet";
        Accepted = "accepted", "受付", "accepted";
        Rejected = "rejected", "拒否", "rejected";
        Unknown = "unknown", "送達不明", "sent without a readable answer: to be asked for";
        Stopped = "stopped", "送信中止", "not sent: the customer wished it, or the use is suspended";
    }
}

/// 送信電文: one message of the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// The case it belongs to.
    pub case: Option<i64>,
    /// The incoming cancellation it belongs to.
    pub number: Option<String>,
    /// Key of the message.
    pub message: String,
    /// Who says it.
    pub sender: Party,
    /// To whom.
    pub recipient: Party,
    /// 供給種別.
    pub family: Family,
    /// Our reference.
    pub reference: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// SHA-256 of the bytes, hexadecimal.
    pub digest: String,
    /// What is known of it.
    pub state: OutboxState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was written.
    pub created: DateTime,
    /// Not to be tried again before this moment of the store's clock, in milliseconds.
    pub due: i64,
    /// A short technical text about what came of it last, without personal data.
    pub detail: Option<String>,
}

/// Without the bytes: they hold personal data.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({}, {}, {:?})", self.message, self.reference, self.state)
    }
}

/// What is not settled, as the partial indexes have it.
pub(super) const IS_OPEN: &str = "(state = 'queued' OR state = 'leased' OR state = 'sent' OR state = 'unknown')";

pub(super) const OUTGOING: &str = "SELECT id, case_id, number, message, sender, recipient, family, reference, body, digest, \
    state, attempts, created, due, detail, dossier FROM outbox";

fn outgoing(row: &Row<'_>) -> Result<Outgoing, StoreError> {
    let party = |index: usize| Party::parse(row.get(index)?).map_err(|_| StoreError::Damaged("party"));
    Ok(Outgoing {
        id: row.get(0)?,
        case: row.get(1)?,
        number: row.get(2)?,
        message: row.get(3)?,
        sender: party(4)?,
        recipient: party(5)?,
        family: code(row.get(6)?)?,
        reference: row.get(7)?,
        body: row.get(8)?,
        digest: row.get(9)?,
        state: code(row.get(10)?)?,
        attempts: row.get(11)?,
        created: moment(row.get(12)?)?,
        due: row.get(13)?,
        detail: row.get(14)?,
    })
}

impl Tx<'_> {
    pub(super) fn outgoing(&self, row: &Row<'_>) -> Result<Outgoing, StoreError> {
        let mut message = outgoing(row)?;
        if let Some(dossier) = row.get::<Option<i64>>(15)? {
            message.body = self.2.unseal(Dossier(dossier), "outbox", &message.body)?.unwrap_or_default();
        }
        Ok(message)
    }

    /// Keeps a message and gives its number.
    pub fn add_outgoing(&self, message: &Outgoing) -> Result<i64, StoreError> {
        let dossier = match (message.case, &message.number) {
            (Some(case), _) => self.dossier_of_case(case)?,
            (None, Some(number)) => self.dossier_of_incoming(number)?,
            (None, None) => self.new_dossier(None, None)?,
        };
        self.0.insert(
            "INSERT INTO outbox (case_id, number, message, sender, recipient, family, reference, body, digest, \
             state, attempts, created, dossier, worker) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            bind![
                message.case,
                message.number.as_deref(),
                &message.message,
                message.sender.to_string(),
                message.recipient.to_string(),
                message.family.key(),
                &message.reference,
                &self.2.seal(dossier, "outbox", &message.body)?,
                &message.digest,
                message.state.key(),
                message.attempts,
                message.created.to_string(),
                dossier.0,
                // What is queued is in nobody's hand.
                self.3.filter(|_| message.state != OutboxState::Queued),
            ],
        )
    }

    /// Keeps what is known of a message now, and how long it waits before it is tried again, if it has to be. The bytes
    /// of a settled message are dropped: its digest stays. Those of a refused one of the current retailer stay: a person may
    /// find out that another copy of it was accepted.
    pub fn settle(
        &self,
        id: i64,
        state: OutboxState,
        at: DateTime,
        detail: Option<&str>,
        wait: Duration,
    ) -> Result<(), StoreError> {
        let at = at.to_string();
        if matches!(state, OutboxState::Accepted | OutboxState::Rejected) {
            return self.0.run(
                "UPDATE outbox SET state = ?2, settled = ?3, detail = ?4, worker = NULL, \
                 body = CASE WHEN case_id IS NULL AND ?6 = 1 THEN body ELSE ?5 END \
                 WHERE id = ?1",
                bind![id, state.key(), at, detail, &[] as &[u8], i64::from(state == OutboxState::Rejected)],
            );
        }
        let due = if wait.is_zero() { "0 * CAST(?5 AS BIGINT)".to_owned() } else { format!("{} + ?5", self.0.clock()) };
        let later = format!(
            "UPDATE outbox SET state = ?2, settled = ?3, detail = ?4, worker = NULL, due = {due} WHERE id = ?1"
        );
        self.0.run(&later, bind![id, state.key(), at, detail, millis(wait)])?;
        if state != OutboxState::Queued {
            return Ok(());
        }
        // What was on its way when the use was suspended does not go out again.
        self.0.run(
            "UPDATE outbox SET state = 'stopped', body = ?2 WHERE id = ?1 \
             AND dossier IN (SELECT id FROM dossiers WHERE suspended IS NOT NULL)",
            bind![id, &[] as &[u8]],
        )
    }

    /// Stops the messages of a dossier that certainly were not delivered: they will not be sent. Says how many.
    pub fn stop_outgoing(&self, dossier: Dossier, at: DateTime) -> Result<u64, StoreError> {
        let stop = format!(
            "UPDATE outbox SET state = 'stopped', settled = ?2, body = ?3, worker = NULL \
             WHERE dossier = ?1 AND state IN ('queued', 'leased') AND {IS_OPEN}"
        );
        self.0.execute(&stop, bind![dossier.0, at.to_string(), &[] as &[u8]])
    }

    /// The messages of a dossier that certainly were not delivered: number, key and recipient.
    pub fn undelivered(&self, dossier: Dossier) -> Result<Vec<(i64, String, Party)>, StoreError> {
        let waiting = "SELECT id, message, recipient FROM outbox WHERE dossier = ?1 AND state IN ('queued', 'leased') \
                       ORDER BY id";
        self.0.all(waiting, bind![dossier.0], |row| {
            let recipient = Party::parse(row.get(2)?).map_err(|_| StoreError::Damaged("party"))?;
            Ok((row.get(0)?, row.get(1)?, recipient))
        })
    }

    /// Whether the message of a reference certainly never went out: it waits, or was stopped.
    pub fn never_went(&self, reference: &str) -> Result<bool, StoreError> {
        let unsent = "SELECT 1 FROM outbox WHERE reference = ?1 AND state IN ('queued', 'leased', 'stopped')";
        Ok(self.0.first(unsent, bind![reference], |row| row.get::<i64>(0))?.is_some())
    }

    /// Stops one of them: it will not be sent. Says whether it still could be.
    pub fn stop_one(&self, id: i64, at: DateTime) -> Result<bool, StoreError> {
        let stop = "UPDATE outbox SET state = 'stopped', settled = ?2, body = ?3, worker = NULL \
                    WHERE id = ?1 AND state IN ('queued', 'leased')";
        Ok(self.0.execute(stop, bind![id, at.to_string(), &[] as &[u8]])? == 1)
    }

    /// Marks a message as sent once more: whoever sends it is this process. False where it was stopped meanwhile: it may
    /// not be sent.
    pub fn mark_sent(&self, id: i64) -> Result<bool, StoreError> {
        let sent = "UPDATE outbox SET state = 'sent', attempts = attempts + 1, worker = ?2 \
                    WHERE id = ?1 AND state <> 'stopped'";
        Ok(self.0.execute(sent, bind![id, self.3])? == 1)
    }

    /// Puts a message back that was about to go out, because its counterparty is closed for so long: it was not sent.
    pub fn wait_for_line(&self, id: i64, wait: Duration) -> Result<(), StoreError> {
        let clock = self.0.clock();
        let back = format!(
            "UPDATE outbox SET attempts = attempts - CASE WHEN state = 'sent' THEN 1 ELSE 0 END, state = 'queued', \
             worker = NULL, due = {clock} + ?2 WHERE id = ?1 AND state <> 'stopped'"
        );
        self.0.run(&back, bind![id, millis(wait)])
    }

    /// Lets go of a message that was only taken, in the state in which it was found; what was stopped meanwhile stays so.
    pub fn let_go(&self, id: i64, state: OutboxState) -> Result<(), StoreError> {
        let back = "UPDATE outbox SET state = ?2, worker = NULL WHERE id = ?1 AND state IN ('leased', 'unknown')";
        self.0.run(back, bind![id, state.key()])
    }

    /// Lets go of a message that was asked about without an answer.
    pub fn ask_later(&self, id: i64, wait: Duration) -> Result<(), StoreError> {
        let later = format!("UPDATE outbox SET worker = NULL, due = {} + ?2 WHERE id = ?1", self.0.clock());
        self.0.run(&later, bind![id, millis(wait)])
    }

    /// Takes a message in hand that waits or whose outcome is unknown, or holds it to the end of the transaction where this
    /// process is no worker; false where another process has it, or it is settled.
    pub fn take_open(&self, id: i64) -> Result<bool, StoreError> {
        let free = "UPDATE outbox SET worker = ?2, state = CASE WHEN state = 'queued' THEN 'leased' ELSE state END \
                    WHERE id = ?1 AND state IN ('queued', 'unknown') AND worker IS NULL";
        Ok(self.0.execute(free, bind![id, self.3])? == 1)
    }

    /// How long a message still waits before it is tried again.
    pub fn until_due(&self, id: i64) -> Result<Duration, StoreError> {
        let left = format!("SELECT due - {} FROM outbox WHERE id = ?1", self.0.clock());
        let left = self.0.first(&left, bind![id], |row| row.get::<i64>(0))?.unwrap_or(0);
        Ok(Duration::from_millis(left.max(0).cast_unsigned()))
    }

    /// Writes a message anew, about an incoming cancellation, that certainly was not delivered.
    pub fn rewrite(&self, id: i64, number: &str, body: &[u8], digest: &str) -> Result<(), StoreError> {
        let sealed = self.2.seal(self.dossier_of_incoming(number)?, "outbox", body)?;
        self.0.run(
            "UPDATE outbox SET body = ?2, digest = ?3 WHERE id = ?1 AND state = 'leased'",
            bind![id, &sealed, digest],
        )
    }

    /// At most `limit` messages in a state, with a number above `after`, in order.
    pub fn outgoing_in(&self, state: OutboxState, after: i64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        // The state is spelt out so that the partial index serves the query.
        let state = state.key();
        let page = format!("{OUTGOING} WHERE state = '{state}' AND {IS_OPEN} AND id > ?1 ORDER BY id LIMIT ?2");
        self.0.all(&page, bind![after, limit], |row| self.outgoing(row))
    }

    /// The message with one of our references.
    pub fn outgoing_of(&self, reference: &str) -> Result<Option<Outgoing>, StoreError> {
        self.0.first(&format!("{OUTGOING} WHERE reference = ?1"), bind![reference], |row| self.outgoing(row))
    }

    /// The case that one of our references belongs to.
    pub fn case_of_reference(&self, reference: &str) -> Result<Option<i64>, StoreError> {
        let case = "SELECT case_id FROM outbox WHERE reference = ?1";
        Ok(self.0.first(case, bind![reference], |row| row.get(0))?.flatten())
    }

    /// How many messages went out.
    pub fn messages_sent(&self) -> Result<u64, StoreError> {
        self.0.one("SELECT CAST(coalesce(sum(attempts), 0) AS BIGINT) FROM outbox", &[], |row| row.get(0))
    }
}
