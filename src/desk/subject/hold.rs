//! 法令による保存と回答済みの記録: what a person notes about what is held, each with a line in the ledger.

use super::act::{Refused, line, note};
use super::folder::{Customer, Key, find};
use crate::items::{Code as _, DateTime};
use crate::notice::{LegalHold, Party, StewardClause};
use crate::store::{Store, StoreError};
use serde_json::json;

/// 回答済み: notes that a request that waited was answered.
pub fn answer(store: &mut Store, us: Party, request: i64, by: &str, now: DateTime) -> Result<bool, StoreError> {
    let clause = StewardClause::RequestUnknown.key();
    store.commit(|tx| {
        let waited = tx.answer_request(request, now)?;
        let line = match waited {
            true => line(now, "done", "subject-answered", us, by, &json!({"request": request, "items": []})),
            false => line(now, "refused", "subject-answered", us, by, &json!({"clause": clause, "items": []})),
        };
        tx.add_ledger([line.as_str()])?;
        Ok(waited)
    })
}

/// 法令による保存: names the law that requires that what is held is kept, or ends that; says for how many dossiers.
pub fn place_hold(
    store: &mut Store,
    us: Party,
    key: &Key,
    hold: Option<&LegalHold>,
    by: &str,
    now: DateTime,
) -> Result<usize, Refused> {
    let (folders, erased) = store.read(|tx| find(tx, key))?;
    let customer = Customer::all(folders);
    let act = if hold.is_some() { "legal-hold" } else { "legal-hold-ended" };
    let held = || customer.folders.iter().any(|folder| folder.state.hold.is_some());
    let until = hold.and_then(|hold| hold.until);
    let clause = match hold {
        _ if customer.folders.is_empty() && erased > 0 => Some(StewardClause::AlreadyErased),
        _ if customer.folders.is_empty() => Some(StewardClause::NotHeld),
        Some(_) if until.is_some_and(|until| until < now.date()) => Some(StewardClause::HoldEnded),
        None if !held() => Some(StewardClause::HoldMissing),
        _ => None,
    };
    if let Some(clause) = clause {
        let line = line(now, "refused", act, us, by, &json!({"clause": clause.key(), "items": []}));
        store.commit(|tx| note(tx, &line, &customer))?;
        return Err(clause.into());
    }
    let until = until.map(|until| until.to_string());
    let line = line(now, "done", act, us, by, &json!({"law": hold.map(|hold| &hold.law), "until": until, "items": []}));
    store.commit(|tx| {
        customer.folders.iter().try_for_each(|folder| tx.set_hold(folder.state.dossier, hold))?;
        note(tx, &line, &customer)
    })?;
    Ok(customer.folders.len())
}
