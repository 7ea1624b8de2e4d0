//! 保存期限: what is past its last day by the notice, and its erasure. A plan first; nothing is erased by looking.

use super::act::{Refused, erase, line};
use super::folder::{Customer, Folder, open};
use crate::items::{Code as _, Date, DateTime};
use crate::notice::{Due, Ending, Notice, Party, StewardClause};
use crate::store::{Dossier, IncomingState, Outcome, Stage, Store, StoreError, Tx, hex};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// So many dossiers are opened at once.
const PAGE: usize = 256;

/// 保存の予定: one dossier and what is due for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepEntry {
    /// The dossier.
    pub dossier: Dossier,
    /// What ended, and when.
    pub ended: Option<(Ending, Date)>,
    /// What is due.
    pub due: Due,
}

impl KeepEntry {
    /// The entry as JSON: no personal data is in it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (state, last, law) = match &self.due {
            Due::Open => ("open", None, None),
            Due::Kept(last) => ("kept", Some(*last), None),
            Due::Erase(last) => ("erase", Some(*last), None),
            Due::Held(last, law) => ("held", Some(*last), Some(law.as_str())),
            Due::NoRule => ("no-rule", None, None),
        };
        json!({
            "dossier": self.dossier.0, "ending": self.ended.map(|(ending, _)| ending.key()),
            "ended": self.ended.map(|(_, on)| on.to_string()), "due": state,
            "last-day": last.map(|date| date.to_string()), "law": law,
        })
    }
}

/// 保存の計画: every dossier of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepPlan(pub Vec<KeepEntry>);

impl KeepPlan {
    /// What is to be erased.
    pub fn to_erase(&self) -> impl Iterator<Item = &KeepEntry> {
        self.0.iter().filter(|entry| matches!(entry.due, Due::Erase(_)))
    }

    /// 照合番号: tells this plan from every other that would erase something else. It is the same on another day as long
    /// as the same is due.
    #[must_use]
    pub fn number(&self) -> String {
        let mut digest = Sha256::new();
        for entry in self.to_erase() {
            digest.update(entry.to_json().to_string());
            digest.update(b"\n");
        }
        hex(&digest.finalize()).chars().take(16).collect()
    }
}

/// What is due on a day. Reads the store, and changes nothing.
pub fn plan(store: &mut Store, notice: &Notice, today: Date) -> Result<KeepPlan, StoreError> {
    store.read(|tx| {
        let ended = tx.last_events()?;
        let mut plan = KeepPlan::default();
        let mut after = Dossier(i64::MIN);
        loop {
            let page = tx.dossiers_after(after, PAGE)?;
            let Some(last) = page.last() else { return Ok(plan) };
            after = last.dossier;
            for state in page {
                let hold = state.hold.clone();
                let dossier = state.dossier;
                let folder = open(tx, state)?;
                let ended = ending(&folder, &ended, today);
                plan.0.push(KeepEntry { dossier, ended, due: notice.due(ended, hold.as_ref(), today) });
            }
        }
    })
}

/// What ended a dossier, and when: nothing while it goes on.
fn ending(folder: &Folder, last_events: &HashMap<i64, Date>, today: Date) -> Option<(Ending, Date)> {
    if let Some(case) = &folder.case {
        if case.stage != Stage::Ended {
            return None;
        }
        let on = last_events.get(&case.id).copied()?;
        let ending = match case.outcome? {
            Outcome::Completed | Outcome::CompletedWorkOutstanding | Outcome::CancelledAfterSwitch => Ending::Completed,
            Outcome::CancelledInSystem | Outcome::CancelledByOperator => Ending::Withdrawn,
            Outcome::Held | Outcome::Pending => return None,
            _ => Ending::Refused,
        };
        return Some((ending, on));
    }
    let incoming = folder.incoming.as_ref()?;
    let on = incoming.entry.requested_on;
    let settled = matches!(incoming.state, IncomingState::Ng | IncomingState::Stopped) || on < today;
    settled.then_some((Ending::Judged, on))
}

/// 消去の実行: erases what a plan showed, each dossier with a line in the ledger. Without the number of the plan, or where
/// something else is due by now, nothing is erased.
pub fn run(
    store: &mut Store,
    us: Party,
    notice: &Notice,
    by: &str,
    now: DateTime,
    shown: Option<&str>,
) -> Result<KeepPlan, Refused> {
    let plan = plan(store, notice, now.date())?;
    let refused = match shown.map(str::trim) {
        None | Some("") => Some(StewardClause::PlanMissing),
        Some(shown) if shown != plan.number() => Some(StewardClause::PlanDiffers),
        Some(_) => None,
    };
    if let Some(clause) = refused {
        let more = json!({"clause": clause.key(), "notice": notice.key(), "items": []});
        let line = line(now, "refused", "retention-erase", us, by, &more);
        store.commit(|tx| tx.add_ledger([line.as_str()]))?;
        return Err(clause.into());
    }
    for entry in plan.to_erase() {
        let Some((ending, _)) = entry.ended else { continue };
        store.commit(|tx: &Tx<'_>| {
            let Some(state) = tx.dossier(entry.dossier)?.filter(|state| state.erased.is_none()) else { return Ok(()) };
            let customer = Customer::all(vec![open(tx, state)?]);
            let more = |dossiers: &[i64]| json!({"rule": ending.key(), "notice": notice.key(), "dossiers": dossiers, "items": []});
            erase(tx, &customer, now, |dossiers| line(now, "done", "retention-erase", us, by, &more(dossiers)))
        })?;
    }
    Ok(plan)
}
