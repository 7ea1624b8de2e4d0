//! 順番待ちの案件: which cases have something to say, held in memory for as long as the store is held.
//!
//! One process holds a store of its own, so what is held here cannot be overtaken; an index would be written twice a
//! message. It is read page by page while the process already works, so that beginning and taking cost the same however
//! many cases there are; until all are read, the most urgent is the most urgent of those that are, or that moved since. A
//! store that processes share is asked by an index, and locks what it gives.

use super::case::code;
use super::db::{Db, bind};
use super::{Case, Outcome, Stage, StoreError, Tx};
use crate::items::Code as _;
use std::collections::BTreeSet;

/// So many cases are read at a time where none of those that were read has anything to say, and where some have.
const PAGES: [usize; 2] = [512, 32];

/// The stages at which a case has something to say, the most urgent first.
pub const ACTIVE: [Stage; 4] = [Stage::ToWithdraw, Stage::Agreed, Stage::Inquired, Stage::New];
/// The same of the table of cases, as its index has it.
pub(super) const HAS_TO_SAY: &str = "outcome IS NULL AND stage IN ('to-withdraw', 'agreed', 'inquired', 'new')";

/// The numbers of the active cases, stage by stage, as far as they were read.
#[derive(Debug, Default)]
pub(super) struct Queue {
    stages: [BTreeSet<i64>; ACTIVE.len()],
    /// Cases up to this number were read.
    read: i64,
    /// All were.
    whole: bool,
}

impl Queue {
    /// Puts a case where it stands now, read or not: what is read later is the same.
    pub(super) fn place(&mut self, id: i64, case: &Case) {
        self.put(id, case.stage, case.outcome);
    }

    fn put(&mut self, id: i64, stage: Stage, outcome: Option<Outcome>) {
        for (active, ids) in ACTIVE.iter().zip(&mut self.stages) {
            if *active == stage && outcome.is_none() {
                ids.insert(id);
            } else {
                ids.remove(&id);
            }
        }
    }

    /// Reads the next cases, if not all were read.
    fn read_on(&mut self, db: &Db) -> Result<(), StoreError> {
        if self.whole {
            return Ok(());
        }
        let most = PAGES.get(usize::from(self.stages.iter().any(|ids| !ids.is_empty()))).copied().unwrap_or_default();
        let page = "SELECT id, stage, outcome FROM cases WHERE id > ?1 ORDER BY id LIMIT ?2";
        let rows = db.all(page, bind![self.read, most], |row| {
            let outcome: Option<&str> = row.get(2)?;
            Ok((row.get::<i64>(0)?, code(row.get(1)?)?, outcome.map(code).transpose()?))
        })?;
        self.whole = rows.len() < most;
        for (id, stage, outcome) in rows {
            self.put(id, stage, outcome);
            self.read = id;
        }
        Ok(())
    }

    fn first(&self, limit: usize) -> Vec<i64> {
        self.stages.iter().flatten().take(limit).copied().collect()
    }

    /// What is held may be wrong: it is read anew when it is asked for.
    pub(super) fn forget(&mut self) {
        *self = Queue::default();
    }
}

impl Tx<'_> {
    /// The numbers of at most `limit` cases that have something to say: the most urgent stage first, then in order; none
    /// that is held for a person. Where several processes share the store, none that another one has in hand: they are
    /// this transaction's until it ends.
    pub fn active_cases(&self, limit: usize) -> Result<Vec<i64>, StoreError> {
        if self.0.is_shared() {
            return self.shared_cases(limit);
        }
        let mut queue = self.1.borrow_mut();
        queue.read_on(self.0)?;
        Ok(queue.first(limit))
    }

    /// Whether [`Tx::active_cases`] may still give more when it is asked again, although no case has moved.
    #[must_use]
    pub fn reads_on(&self) -> bool {
        !self.0.is_shared() && !self.1.borrow().whole
    }

    /// Whether any case has something to say, whoever has it in hand.
    pub fn has_active_cases(&self) -> Result<bool, StoreError> {
        if !self.0.is_shared() {
            while self.active_cases(1)?.is_empty() && self.reads_on() {}
            return Ok(!self.1.borrow().first(1).is_empty());
        }
        Ok(self.0.first(&format!("SELECT 1 FROM cases WHERE {HAS_TO_SAY} LIMIT 1"), &[], |_| Ok(()))?.is_some())
    }

    fn shared_cases(&self, limit: usize) -> Result<Vec<i64>, StoreError> {
        let mut cases = Vec::new();
        for stage in ACTIVE {
            // The stage is spelt out so that the partial index serves the query.
            let of_stage = format!(
                "SELECT id FROM cases WHERE outcome IS NULL AND stage = '{}' ORDER BY id LIMIT ?1 \
                 FOR NO KEY UPDATE SKIP LOCKED",
                stage.key()
            );
            if cases.len() < limit {
                cases.extend(self.0.all(&of_stage, bind![limit - cases.len()], |row| row.get::<i64>(0))?);
            }
        }
        Ok(cases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{CaseRow, Store};

    fn case(line: u64, stage: Stage) -> Case {
        Case { receipt: line.to_string(), ..Case::new(1, line, line.to_string(), stage) }
    }

    #[test]
    fn a_long_queue_is_read_page_by_page() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        let many = PAGES[0] as u64 * 3 + 7;
        let last = many as i64;
        store.read(|tx| tx.0.run("PRAGMA foreign_keys = OFF", &[])).unwrap();
        let add = |tx: &Tx<'_>, line, stage| tx.add_case(&case(line, stage), &CaseRow::default()).map(drop);
        // Only the last has something to say, and the most urgent; before it one that is not read yet, and changes.
        let fill = |tx: &Tx<'_>| {
            (1..many).try_for_each(|line| add(tx, line, Stage::Waiting))?;
            add(tx, many, Stage::Agreed)
        };
        store.commit(fill).unwrap();
        drop(store);
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        store.read(|tx| tx.0.run("PRAGMA foreign_keys = OFF", &[])).unwrap();
        assert!(store.read(|tx| tx.active_cases(9)).unwrap().is_empty());
        let moved = |id| Case { id, stage: Stage::New, ..case(1, Stage::New) };
        store.commit(|tx| tx.save_case(&moved(5))).unwrap();
        store.commit(|tx| tx.save_case(&moved(last - 1))).unwrap();
        store.commit(|tx| add(tx, many + 1, Stage::ToWithdraw)).unwrap();
        assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), [last + 1, 5, last - 1]);
        assert!(store.read(|tx| Ok(tx.reads_on())).unwrap());
        while store.read(|tx| Ok(tx.reads_on())).unwrap() {
            store.read(|tx| tx.active_cases(1)).unwrap();
        }
        assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), [last + 1, last, 5, last - 1]);
        // Whether there is any at all is known only of all.
        store.commit(|tx| tx.save_case(&Case { stage: Stage::Ended, ..moved(5) })).unwrap();
        drop(store);
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        assert!(store.read(|tx| tx.has_active_cases()).unwrap());
    }

    #[test]
    fn the_queue_is_what_the_tables_say() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        store.read(|tx| tx.0.run("PRAGMA foreign_keys = OFF", &[])).unwrap();
        let stages = [Stage::New, Stage::Agreed, Stage::New, Stage::Prepared, Stage::Judging, Stage::Inquired];
        let add = |tx: &Tx<'_>, from: u64| {
            for (line, stage) in (from..).zip(stages) {
                tx.add_case(&case(line, stage), &CaseRow::default())?;
            }
            Ok(())
        };
        store.commit(|tx| add(tx, 1)).unwrap();
        assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), [2, 6, 1, 3]);
        assert_eq!(store.read(|tx| tx.active_cases(2)).unwrap(), [2, 6]);
        store
            .commit(|tx| {
                add(tx, 11)?;
                tx.save_case(&Case { id: 2, stage: Stage::ToWithdraw, ..case(2, Stage::New) })?;
                tx.save_case(&Case { id: 6, stage: Stage::Requesting, ..case(6, Stage::New) })?;
                tx.save_case(&Case { id: 1, outcome: Some(Outcome::Held), ..case(1, Stage::New) })
            })
            .unwrap();
        let now = [2, 8, 12, 3, 7, 9];
        assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), now);
        // What was taken back was never said.
        let undone = store.commit(|tx| {
            tx.save_case(&Case { id: 3, stage: Stage::Ended, ..case(3, Stage::New) })?;
            Err::<(), _>(StoreError::Damaged("test"))
        });
        assert!(undone.is_err());
        assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), now);
        store.commit(|tx| tx.release_batch(1, "tester", "2026-04-01T09:00:00".parse().unwrap())).unwrap();
        let released = [2, 8, 12, 3, 4, 7, 9, 10];
        assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), released);
        drop(store);
        let mut store = Store::open(&dir.path().join("data")).unwrap();
        assert_eq!(store.read(|tx| tx.active_cases(9)).unwrap(), released);
    }
}
