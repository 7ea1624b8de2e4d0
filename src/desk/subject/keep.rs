//! 保存期限: what is past its last day by the notice, and its erasure. A plan first; nothing is erased by looking.

use super::act::{Refused, erase, line};
use super::folder::{Customer, Folder, open};
use super::single::{KeepItems, begin, finish, held_items};
use crate::items::{Code as _, Date, DateTime, SupplyPointId};
use crate::notice::{Due, Ending, Notice, Party, StewardClause};
use crate::store::readings::RankedFile;
use crate::store::{Dossier, IncomingState, Outcome, Stage, Store, StoreError, Tx, hex};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// So many dossiers are opened at once.
const PAGE: usize = 256;
/// So many dossiers are sealed anew in one durable step.
const STEP: usize = 64;

/// 保存の予定: one dossier and what is due for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepEntry {
    /// The dossier.
    pub dossier: Dossier,
    /// What ended, and when.
    pub ended: Option<(Ending, Date)>,
    /// What is due.
    pub due: Due,
    /// Single items whose own period is over, where the rest is kept.
    pub items: Vec<KeepItems>,
    /// The same for every dossier of one customer: only for counting them.
    customer: u64,
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
            "items": self.items.iter().map(KeepItems::to_json).collect::<Vec<_>>(),
        })
    }

    const fn is_erased(&self) -> bool {
        matches!(self.due, Due::Erase(_))
    }
}

/// 30分値の期限切れ: files of readings whose day is past the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepReadings {
    /// The files.
    pub files: Vec<RankedFile>,
    /// Points that a law requires to be kept: their readings stay.
    pub held: HashSet<SupplyPointId>,
    /// The rule, in Japanese.
    pub ja: String,
    /// The rule, in English.
    pub en: String,
}

impl KeepReadings {
    /// The first and the last day of the readings.
    #[must_use]
    pub fn days(&self) -> Option<(Date, Date)> {
        let days: BTreeSet<Date> = self.files.iter().map(|one| one.file.date).collect();
        days.first().copied().zip(days.last().copied())
    }

    /// What is due as JSON: the points that stay are counted, not named.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let days = self.days();
        json!({
            "files": self.files.len(), "rows": self.files.iter().map(|one| one.file.rows).sum::<u64>(),
            "from": days.map(|(from, _)| from.to_string()), "to": days.map(|(_, to)| to.to_string()),
            "held-points": self.held.len(), "ja": self.ja, "en": self.en,
        })
    }
}

/// 項目のみの期限切れの一行: the items of one rule, of how many customers, and the first and the last of their last days.
#[derive(Clone, Copy, Debug)]
pub struct KeepRow<'a> {
    /// The rule and the items.
    pub due: &'a KeepItems,
    /// How many customers.
    pub customers: usize,
    /// The first of the last days.
    pub first: Date,
    /// The last of them.
    pub last: Date,
}

/// 保存の計画: every dossier of the store, and the readings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepPlan {
    /// The dossiers.
    pub dossiers: Vec<KeepEntry>,
    /// Readings whose period is over; nothing where none are, or no period names them.
    pub readings: Option<KeepReadings>,
    /// So many keys an earlier run could not destroy any more: any run destroys them first.
    pub unfinished: usize,
}

impl KeepPlan {
    /// What is to be erased as a whole.
    pub fn to_erase(&self) -> impl Iterator<Item = &KeepEntry> {
        self.dossiers.iter().filter(|entry| entry.is_erased())
    }

    /// Dossiers of which single items are to be erased.
    pub fn to_thin(&self) -> impl Iterator<Item = &KeepEntry> {
        self.dossiers.iter().filter(|entry| !entry.items.is_empty())
    }

    /// 項目のみの期限切れ: the single items that are due, those of one rule together.
    #[must_use]
    pub fn by_rule(&self) -> Vec<KeepRow<'_>> {
        let mut rows: Vec<(KeepRow<'_>, HashSet<u64>)> = Vec::new();
        for (entry, one) in self.to_thin().flat_map(|entry| entry.items.iter().map(move |one| (entry, one))) {
            let same = |(row, _): &&mut (KeepRow<'_>, _)| row.due.rule == one.rule && row.due.items == one.items;
            match rows.iter_mut().find(same) {
                None => {
                    let row = KeepRow { due: one, customers: 1, first: one.last_day, last: one.last_day };
                    rows.push((row, HashSet::from([entry.customer])));
                }
                Some((row, customers)) => {
                    customers.insert(entry.customer);
                    row.customers = customers.len();
                    (row.first, row.last) = (row.first.min(one.last_day), row.last.max(one.last_day));
                }
            }
        }
        rows.into_iter().map(|(row, _)| row).collect()
    }

    /// Whether nothing is to be erased.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to_erase().chain(self.to_thin()).next().is_none() && self.readings.is_none() && self.unfinished == 0
    }

    /// 照合番号: tells this plan from every other that would erase something else. It is the same on another day as long
    /// as the same is due.
    #[must_use]
    pub fn number(&self) -> String {
        let mut digest = Sha256::new();
        let mut add = |value: Value| {
            digest.update(value.to_string());
            digest.update(b"\n");
        };
        self.to_erase().chain(self.to_thin()).for_each(|entry| add(entry.to_json()));
        if let Some(readings) = &self.readings {
            add(readings.to_json());
            readings.files.iter().for_each(|one| add(one.file.digest.as_str().into()));
        }
        hex(&digest.finalize()).chars().take(16).collect()
    }
}

/// What is due on a day. Reads the store, and changes nothing.
pub fn plan(store: &mut Store, notice: &Notice, today: Date) -> Result<KeepPlan, StoreError> {
    let (mut plan, held) = store.read(|tx| {
        let ended = tx.last_events()?;
        let mut plan = KeepPlan { unfinished: tx.superseded()?.len(), ..KeepPlan::default() };
        let (mut after, mut held) = (Dossier(i64::MIN), HashSet::new());
        loop {
            let page = tx.dossiers_after(after, PAGE)?;
            let Some(last) = page.last() else { return Ok((plan, held)) };
            after = last.dossier;
            for state in page {
                let folder = open(tx, state)?;
                if folder.state.hold.as_ref().is_some_and(|hold| hold.holds(today)) {
                    held.extend(folder.point());
                }
                plan.dossiers.push(entry(tx, notice, &folder, ending(&folder, &ended, today), today)?);
            }
        }
    })?;
    plan.readings = readings(store, notice, held, today)?;
    Ok(plan)
}

fn entry(
    tx: &Tx<'_>,
    notice: &Notice,
    folder: &Folder,
    ended: Option<(Ending, Date)>,
    today: Date,
) -> Result<KeepEntry, StoreError> {
    let (dossier, hold) = (folder.state.dossier, folder.state.hold.as_ref());
    let due = notice.due(ended, hold, today);
    let mut entry = KeepEntry { dossier, ended, due, items: Vec::new(), customer: customer(folder) };
    if entry.is_erased() {
        return Ok(entry);
    }
    let mut left = None;
    for (rule, last_day) in notice.due_items(ended, hold, today) {
        let items = rule.items.intersection(*left.get_or_insert_with(|| held_items(folder)));
        if !items.is_empty() {
            entry.items.push(KeepItems { rule: rule.clone(), items, last_day });
        }
    }
    // A message whose outcome is open is still needed as it is.
    if !entry.items.is_empty() && tx.has_open_message(dossier)? {
        entry.items.clear();
    }
    Ok(entry)
}

/// Who the customer of a dossier is, as a number: by point and name, or by the dossier where neither is held.
fn customer(folder: &Folder) -> u64 {
    let mut hasher = DefaultHasher::new();
    match (folder.point(), folder.name()) {
        (None, None) => folder.state.dossier.hash(&mut hasher),
        (point, name) => (point.map(|point| point.as_str().to_owned()), name).hash(&mut hasher),
    }
    hasher.finish()
}

/// The readings whose day is past their period.
fn readings(
    store: &mut Store,
    notice: &Notice,
    held: HashSet<SupplyPointId>,
    today: Date,
) -> Result<Option<KeepReadings>, StoreError> {
    let Some(rule) = notice.keep_rule(Ending::Metered) else { return Ok(None) };
    let mut files = store.read(|tx| tx.readings_between(Date::MIN, today))?;
    files.retain(|one| rule.last_day(one.file.date).is_some_and(|last| last < today));
    let files = store.readings_beside(files, &held)?;
    let (ja, en) = (rule.ja.clone(), rule.en.clone());
    Ok(Some(KeepReadings { files, held, ja, en }).filter(|one| !one.files.is_empty()))
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
    if let Some(on) = folder.closed {
        return (on < today).then_some((Ending::Completed, on));
    }
    let (state, _, on) = folder.course?;
    let settled = matches!(state, IncomingState::Ng | IncomingState::Stopped) || on < today;
    settled.then_some((Ending::Judged, on))
}

/// 消去の実行: erases what a plan showed, each with a line in the ledger. Without the number of the plan, or where
/// something else is due by now, nothing is erased.
pub fn run(
    store: &mut Store,
    us: Party,
    notice: &Notice,
    by: &str,
    now: DateTime,
    shown: Option<&str>,
) -> Result<KeepPlan, Refused> {
    finish(store)?;
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
    let thin: Vec<_> = plan.to_thin().collect();
    for step in thin.chunks(STEP) {
        store.commit(|tx: &Tx<'_>| {
            for entry in step {
                let held = |one: &crate::store::DossierState| {
                    one.erased.is_some() || one.hold.as_ref().is_some_and(|hold| hold.holds(now.date()))
                };
                let Some(state) = tx.dossier(entry.dossier)?.filter(|state| !held(state)) else { continue };
                begin(tx, &open(tx, state)?, (us, notice), &entry.items, (by, now))?;
            }
            tx.forget_event_texts()
        })?;
        finish(store)?;
    }
    if let Some(due) = &plan.readings {
        let without = store.readings_only(&due.files, &due.held)?;
        let mut more = due.to_json();
        if let Some(more) = more.as_object_mut() {
            more.insert("notice".to_owned(), notice.key().into());
            more.insert("items".to_owned(), json!([]));
        }
        let line = line(now, "done", "retention-readings-erase", us, by, &more);
        store.commit(|tx| {
            tx.put_without(&without)?;
            tx.add_ledger([line.as_str()])
        })?;
        store.remove_replaced(&without)?;
    }
    Ok(plan)
}
