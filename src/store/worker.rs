//! 作業者: who has which message in hand, for how long, and that nobody finishes late.
//!
//! A worker is a row; its number is its fence. Every commit of a worker first holds that row, so that whoever takes its
//! work away (which deletes the row) waits for the commit or makes it fail: what was taken away cannot be finished late.
//! One row for everything in hand means one heartbeat, however much that is. Time is the database's own.

use super::case::CASE;
use super::db::bind;
use super::lines;
use super::outbox::{IS_OPEN, OUTGOING};
use super::queue::HAS_TO_SAY;
use super::{Case, OutboxState, Outgoing, Store, StoreError, Tx};
use crate::items::{Code as _, DateTime};
use crate::notice::Party;
use std::time::Duration;

/// No message waits longer than this before it is tried again, whatever a clock that jumped says.
pub const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// Whoever has to wait for a line is told to look again after so many milliseconds at most.
const LONGEST_WAIT: u64 = 60_000;

/// 枠: what one counterparty takes from all workers together; nothing where there is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Messages in a minute.
    pub per_minute: Option<u32>,
    /// Messages under way at a time.
    pub at_once: Option<u32>,
}

/// 送信箱の様子: how many messages wait in a state, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxDepth {
    /// The state.
    pub state: OutboxState,
    /// To whom.
    pub recipient: Party,
    /// How many.
    pub count: u64,
    /// When the oldest was written, JST.
    pub oldest: DateTime,
}

pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl Store {
    /// Takes up work under a name, for as long as [`Heart`](super::Heart) beats within the lease. A store that one
    /// process holds alone needs no heartbeat.
    pub fn enlist(&mut self, name: &str, lease: Duration) -> Result<i64, StoreError> {
        self.worker = None;
        let clock = self.db.clock();
        let worker = self.commit(|tx| {
            let row = format!("INSERT INTO workers (name, until) VALUES (?1, {clock} + ?2)");
            tx.0.insert(&row, bind![name, millis(lease)])
        })?;
        self.worker = Some(worker);
        Ok(worker)
    }

    /// The worker that this process is.
    #[must_use]
    pub const fn worker(&self) -> Option<i64> {
        self.worker
    }

    /// Lays down the work: what is in hand was given back before.
    pub fn retire(&mut self) -> Result<(), StoreError> {
        let Some(worker) = self.worker else { return Ok(()) };
        self.commit(|tx| {
            tx.put_back(worker)?;
            tx.remove_worker(worker)
        })?;
        self.worker = None;
        Ok(())
    }

    /// Says of a worker that it is lost, without waiting for its lease: only who was it may know.
    pub fn give_up(&mut self, worker: i64) -> Result<(), StoreError> {
        self.worker = None;
        self.commit(|tx| tx.0.run("UPDATE workers SET until = 0 WHERE id = ?1", bind![worker]))
    }
}

impl Tx<'_> {
    /// Holds the own row to the end of the transaction, or learns that it is gone.
    pub(super) fn stand(&self) -> Result<(), StoreError> {
        let Some(worker) = self.3.filter(|_| self.0.is_shared()) else { return Ok(()) };
        let row = "SELECT 1 FROM workers WHERE id = ?1 FOR KEY SHARE";
        self.0.first(row, bind![worker], |_| Ok(()))?.ok_or(StoreError::Fenced)
    }

    /// The workers whose lease is over; they are this transaction's until it ends. In a store that one process holds
    /// alone, all but itself.
    pub fn lost_workers(&self) -> Result<Vec<i64>, StoreError> {
        let lost = match self.0.is_shared() {
            true => format!(
                "SELECT id FROM workers WHERE until < {} AND id <> ?1 ORDER BY id FOR UPDATE SKIP LOCKED",
                self.0.clock()
            ),
            false => "SELECT id FROM workers WHERE id <> ?1 ORDER BY id".to_owned(),
        };
        self.0.all(&lost, bind![self.3.unwrap_or(0)], |row| row.get(0))
    }

    /// At most `limit` messages that a worker has in hand.
    pub fn in_hand(&self, worker: i64, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        let rows = format!(
            "{OUTGOING} WHERE state IN ('leased', 'sent', 'unknown') AND {IS_OPEN} AND worker = ?1 ORDER BY id LIMIT ?2"
        );
        self.0.all(&rows, bind![worker, limit], |row| self.outgoing(row))
    }

    /// Forgets a worker that has nothing in hand.
    pub fn remove_worker(&self, worker: i64) -> Result<(), StoreError> {
        self.0.run("DELETE FROM workers WHERE id = ?1", bind![worker])
    }

    /// Gives back what a worker had taken and not sent, and what it only asked about.
    pub fn put_back(&self, worker: i64) -> Result<(), StoreError> {
        let back = format!(
            "UPDATE outbox SET state = CASE WHEN state = 'leased' THEN 'queued' ELSE state END, worker = NULL \
             WHERE state IN ('leased', 'unknown') AND {IS_OPEN} AND worker = ?1"
        );
        self.0.run(&back, bind![worker])
    }

    /// At most `limit` messages of cases in a state whose time has come and that nobody has in hand, behind a place in
    /// the order; they are this worker's from here on. Without a worker (a process that holds the store alone) they are
    /// only read, and no queued one is too early.
    pub fn claim(&self, state: OutboxState, after: (i64, i64), limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        let timed = self.3.is_some() || state == OutboxState::Unknown;
        let due = if timed { format!("due <= {} AND", self.0.clock()) } else { String::new() };
        let lock = if self.0.is_shared() { " FOR NO KEY UPDATE SKIP LOCKED" } else { "" };
        // The state is spelt out so that the partial index serves the query.
        let state = state.key();
        let page = format!(
            "{OUTGOING} WHERE state = '{state}' AND {IS_OPEN} AND {due} \
             worker IS NULL AND case_id IS NOT NULL AND (due, id) > (?1, ?2) ORDER BY due, id LIMIT ?3{lock}"
        );
        let mut claimed = self.0.all(&page, bind![after.0, after.1, limit], |row| self.outgoing(row))?;
        if let Some(worker) = self.3 {
            for message in &mut claimed {
                if message.state == OutboxState::Queued {
                    message.state = OutboxState::Leased;
                }
                self.0.run(
                    "UPDATE outbox SET state = ?2, worker = ?3 WHERE id = ?1",
                    bind![message.id, message.state.key(), worker],
                )?;
            }
        }
        Ok(claimed)
    }

    /// Brings near what a clock that jumped put far away.
    pub fn mend_times(&self) -> Result<(), StoreError> {
        let clock = self.0.clock();
        let far = format!(
            "UPDATE outbox SET due = 0 WHERE state IN ('queued', 'unknown') AND {IS_OPEN} AND due > {clock} + ?1"
        );
        self.0.run(&far, bind![millis(LONGEST_DELAY)])
    }

    /// Brings near the messages of unknown outcome that wait for longer than `most`, after questions without an answer.
    pub fn hasten_unknown(&self, most: Duration) -> Result<(), StoreError> {
        let clock = self.0.clock();
        let near = format!(
            "UPDATE outbox SET due = {clock} + ?1 WHERE state = 'unknown' AND {IS_OPEN} AND worker IS NULL \
             AND due > {clock} + ?1"
        );
        self.0.run(&near, bind![millis(most)])
    }

    /// The messages of cases whose outcome is unknown and may be asked for within `most`: number and how long until then,
    /// the next first.
    pub fn settling(&self, most: Duration, limit: usize) -> Result<Vec<(i64, Duration)>, StoreError> {
        let clock = self.0.clock();
        let next = format!(
            "SELECT id, due - {clock} FROM outbox WHERE state = 'unknown' AND {IS_OPEN} AND worker IS NULL \
             AND case_id IS NOT NULL AND due <= {clock} + ?1 ORDER BY due, id LIMIT ?2"
        );
        self.0.all(&next, bind![millis(most), limit], |row| {
            Ok((row.get(0)?, Duration::from_millis(row.get::<i64>(1)?.max(1).cast_unsigned())))
        })
    }

    /// Whether it is this process's turn to do something that one process does for all, at most once in a while.
    pub fn take_turn(&self, what: &str, every: Duration) -> Result<bool, StoreError> {
        let clock = self.0.clock();
        self.0.run("INSERT INTO numbers (key, value) VALUES (?1, 0) ON CONFLICT (key) DO NOTHING", bind![what])?;
        let turn = format!(
            "UPDATE numbers SET value = {clock} + ?2 WHERE key = ?1 AND (value <= {clock} OR value > {clock} + ?2)"
        );
        Ok(self.0.execute(&turn, bind![what, millis(every)])? == 1)
    }

    /// How long until a counterparty may be sent `messages` more, all workers together; nothing means at once, and that
    /// they are counted. The answer binds the other workers as soon as this transaction has ended.
    pub fn admit(&self, party: Party, allowance: Allowance, messages: u32) -> Result<Option<Duration>, StoreError> {
        self.admit_beside(party, allowance, messages, 0)
    }

    fn admit_beside(
        &self,
        party: Party,
        allowance: Allowance,
        messages: u32,
        answered: u32,
    ) -> Result<Option<Duration>, StoreError> {
        if allowance == Allowance::default() {
            return Ok(None);
        }
        let (is_occto, party) = (party == Party::OCCTO, party.to_string());
        // Whoever asks about this counterparty waits here for whoever is asking.
        let row = format!(
            "INSERT INTO gates (party, next) VALUES (?1, 0) ON CONFLICT (party) DO UPDATE SET next = gates.next \
             RETURNING held - {}, alone",
            self.0.clock()
        );
        let (held, alone) = self.0.one(&row, bind![&party], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
        if let Some(held) = lines::held(held) {
            return Ok(Some(held.min(Duration::from_millis(LONGEST_WAIT))));
        }
        // After failures in a row one request goes, whoever sends it, to see.
        let most = if alone != 0 { Some(1) } else { allowance.at_once };
        if let Some(most) = most {
            // Over OCCTO's line go messages to everybody.
            let (own, asking) = if is_occto { ("", "IS NOT NULL") } else { (" AND recipient = ?1", "= ?1") };
            let under_way = format!(
                "SELECT (SELECT count(*) FROM outbox WHERE state = 'sent' AND {IS_OPEN}{own}) \
                 + (SELECT count(*) FROM workers WHERE asking {asking})"
            );
            let values = bind![&party];
            let values = values.get(..usize::from(!is_occto)).unwrap_or_default();
            let under_way: u64 = self.0.one(&under_way, values, |row| row.get(0))?;
            if under_way + u64::from(messages) > u64::from(most) + u64::from(answered) {
                return Ok(Some(Duration::from_millis(20)));
            }
        }
        let Some(per_minute) = allowance.per_minute else { return Ok(None) };
        let each = 60_000 / i64::from(per_minute.max(1));
        let clock = self.0.clock();
        // The messages of one second may come at once.
        let early = format!("SELECT next - {clock} - 1000 FROM gates WHERE party = ?1");
        let early: i64 = self.0.one(&early, bind![&party], |row| row.get(0))?;
        if early > 0 {
            return Ok(Some(Duration::from_millis(early.cast_unsigned().min(LONGEST_WAIT))));
        }
        let next = format!(
            "UPDATE gates SET next = CASE WHEN next > {clock} THEN next ELSE {clock} END + ?2 WHERE party = ?1"
        );
        self.0.run(&next, bind![&party, each.saturating_mul(i64::from(messages))])?;
        Ok(None)
    }

    /// The same for a question of this worker, which no message of the outbox is: it counts until [`Tx::answered`], or as
    /// long as the worker is one. `answered` messages that still count as sent have their answers already.
    pub fn admit_question(
        &self,
        party: Party,
        allowance: Allowance,
        answered: u32,
    ) -> Result<Option<Duration>, StoreError> {
        let wait = self.admit_beside(party, allowance, 1, answered)?;
        if wait.is_none() && allowance != Allowance::default() {
            let asking = "UPDATE workers SET asking = ?2 WHERE id = ?1";
            self.0.run(asking, bind![self.3, party.to_string()])?;
        }
        Ok(wait)
    }

    /// The question of this worker is over.
    pub fn answered(&self) -> Result<(), StoreError> {
        let Some(worker) = self.3.filter(|_| self.0.is_shared()) else { return Ok(()) };
        self.0.run("UPDATE workers SET asking = NULL WHERE id = ?1 AND asking IS NOT NULL", bind![worker])
    }

    /// The case of a number, without its row, which nobody else changes before this transaction has ended.
    pub fn case_to_change(&self, id: i64) -> Result<Option<Case>, StoreError> {
        let lock = if self.0.is_shared() { " FOR NO KEY UPDATE" } else { "" };
        self.0.first(&format!("{CASE} FROM cases WHERE id = ?1{lock}"), bind![id], |row| self.opened(row))
    }

    /// Holds the cases that some of our references belong to, in one order, where others may change them too.
    pub fn lock_cases_of<'r>(&self, references: impl Iterator<Item = &'r str>) -> Result<(), StoreError> {
        if !self.0.is_shared() {
            return Ok(());
        }
        let ids = references.map(|reference| self.case_of_reference(reference)).collect::<Result<Vec<_>, _>>()?;
        let mut ids: Vec<i64> = ids.into_iter().flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().try_for_each(|id| self.case_to_change(id).map(drop))
    }

    /// Tells every worker that there is something to do, once this transaction has ended.
    pub fn wake(&self) -> Result<(), StoreError> {
        if self.0.is_shared() { self.0.run("NOTIFY occto_work", &[]) } else { Ok(()) }
    }

    /// Whether there is anything for a worker to do: one question for all of it.
    pub fn has_work(&self) -> Result<bool, StoreError> {
        let clock = self.0.clock();
        let any = format!(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox WHERE state = 'queued' AND due <= {clock} AND worker IS NULL \
             AND case_id IS NOT NULL) \
             OR EXISTS (SELECT 1 FROM outbox WHERE state = 'unknown' AND due <= {clock} AND worker IS NULL \
             AND case_id IS NOT NULL) \
             OR EXISTS (SELECT 1 FROM cases WHERE {HAS_TO_SAY}) \
             OR EXISTS (SELECT 1 FROM workers WHERE until < {clock}) \
             OR NOT EXISTS (SELECT 1 FROM numbers WHERE key = 'turn-notices' AND value > {clock})"
        );
        Ok(self.0.first(&any, &[], |_| Ok(()))?.is_some())
    }

    /// Whether any message is in a state.
    pub fn has_outgoing(&self, state: OutboxState) -> Result<bool, StoreError> {
        let any = format!("SELECT 1 FROM outbox WHERE state = '{}' AND {IS_OPEN} LIMIT 1", state.key());
        Ok(self.0.first(&any, &[], |_| Ok(()))?.is_some())
    }

    /// What is open of messages of cases, which workers carry: states and recipients.
    pub fn open_of_cases(&self) -> Result<Vec<(OutboxState, Party)>, StoreError> {
        let open = format!(
            "SELECT DISTINCT state, recipient FROM outbox WHERE {IS_OPEN} AND case_id IS NOT NULL ORDER BY 1, 2"
        );
        self.0.all(&open, &[], |row| {
            let party = Party::parse(row.get(1)?).map_err(|_| StoreError::Damaged("party"))?;
            Ok((super::case::code(row.get(0)?)?, party))
        })
    }

    /// Whether something about an incoming cancellation agency may be on its way, or its outcome is unknown.
    pub fn has_untold(&self) -> Result<bool, StoreError> {
        let untold = format!(
            "SELECT 1 FROM outbox WHERE (state = 'unknown' OR state = 'sent') AND {IS_OPEN} AND number IS NOT NULL LIMIT 1"
        );
        Ok(self.0.first(&untold, &[], |_| Ok(()))?.is_some())
    }

    /// The highest number of a case or a message: there are no more of either.
    pub fn highest_number(&self) -> Result<u64, StoreError> {
        let of = |table: &str| {
            let highest = format!("SELECT coalesce(max(id), 0) FROM {table}");
            self.0.one(&highest, &[], |row| row.get::<u64>(0))
        };
        Ok(of("cases")?.max(of("outbox")?))
    }

    /// What waits in the outbox, by state and recipient.
    pub fn outbox_depths(&self) -> Result<Vec<OutboxDepth>, StoreError> {
        let depths = format!(
            "SELECT state, recipient, count(*), min(created) FROM outbox WHERE {IS_OPEN} \
             GROUP BY state, recipient ORDER BY 1, 2"
        );
        self.0.all(&depths, &[], |row| {
            Ok(OutboxDepth {
                state: super::case::code(row.get(0)?)?,
                recipient: Party::parse(row.get(1)?).map_err(|_| StoreError::Damaged("party"))?,
                count: row.get(2)?,
                oldest: super::case::moment(row.get(3)?)?,
            })
        })
    }
}
