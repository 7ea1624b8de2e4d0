//! 順番待ちの案件: which cases have something to say, held in memory for as long as the store is held.
//!
//! One process holds a store of its own, so what is held here cannot be overtaken; an index would be written twice a
//! message. A store that processes share is asked by an index, and locks what it gives.

use super::db::bind;
use super::{Case, Outcome, Stage, StoreError, Tx};
use crate::items::Code as _;
use std::collections::BTreeSet;

/// The stages at which a case has something to say, the most urgent first.
pub const ACTIVE: [Stage; 4] = [Stage::ToWithdraw, Stage::Agreed, Stage::Inquired, Stage::New];
/// The same of the table of cases, as its index has it.
pub(super) const HAS_TO_SAY: &str = "outcome IS NULL AND stage IN ('to-withdraw', 'agreed', 'inquired', 'new')";

/// The numbers of the active cases, stage by stage; nothing before they were asked for and after a commit that failed.
#[derive(Debug, Default)]
pub(super) struct Queue(Option<[BTreeSet<i64>; ACTIVE.len()]>);

impl Queue {
    /// Puts a case where it stands now.
    pub(super) fn place(&mut self, id: i64, case: &Case) {
        self.put(id, case.stage, case.outcome);
    }

    fn put(&mut self, id: i64, stage: Stage, outcome: Option<Outcome>) {
        let Some(stages) = &mut self.0 else { return };
        for (active, ids) in ACTIVE.iter().zip(stages) {
            if *active == stage && outcome.is_none() {
                ids.insert(id);
            } else {
                ids.remove(&id);
            }
        }
    }

    /// What is held may be wrong: it is read anew when it is asked for.
    pub(super) fn forget(&mut self) {
        self.0 = None;
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
        if queue.0.is_none() {
            queue.0 = Some(Default::default());
            for stage in ACTIVE {
                let cases = "SELECT id FROM cases WHERE outcome IS NULL AND stage = ?1";
                self.0.each(cases, bind![stage.key()], |row| {
                    queue.put(row.get(0)?, stage, None);
                    Ok(())
                })?;
            }
        }
        Ok(queue.0.iter().flatten().flatten().take(limit).copied().collect())
    }

    /// Whether any case has something to say, whoever has it in hand.
    pub fn has_active_cases(&self) -> Result<bool, StoreError> {
        if !self.0.is_shared() {
            return Ok(!self.active_cases(1)?.is_empty());
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
