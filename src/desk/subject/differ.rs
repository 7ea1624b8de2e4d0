//! 相違: what customers say otherwise than the managers, with the requests drafted to them; and the proof of erasures.

use super::folder::{Customer, open};
use crate::items::{Date, Item, ItemSet};
use crate::notice::held::{Discrepancy, correction_request};
use crate::notice::{Notice, Party, Purpose, Question, Role};
use crate::store::{Dossier, Store, StoreError, Tx};
use serde_json::Value;

/// 相違と訂正依頼: one claim that differs, with the request drafted to the manager.
#[derive(Clone, Debug)]
pub struct Differing {
    /// The dossier it stands in.
    pub dossier: Dossier,
    /// What differs.
    pub found: Discrepancy,
    /// The request, for a person to send.
    pub draft: String,
    /// Whether the notice lets the request go to the manager, or why not.
    pub sendable: Result<(), String>,
}

/// Every claim that differs from what the manager of its item says. Dossiers in which nothing differs any more are
/// noted as such.
pub fn discrepancies(store: &mut Store, us: Party, notice: &Notice, today: Date) -> Result<Vec<Differing>, StoreError> {
    let mut all = Vec::new();
    let mut settled = Vec::new();
    store.read(|tx| {
        for state in tx.differing()? {
            let dossier = state.dossier;
            let customer = Customer::all(vec![open(tx, state)?]);
            let Some(point) = customer.point() else { continue };
            let found = customer.holdings(us, notice, today).discrepancies(today);
            if found.is_empty() {
                settled.push(dossier);
            }
            for found in found {
                let draft = correction_request(notice, us, &point, &found, today);
                let sendable = may_go(notice, us, &found, point.area());
                all.push(Differing { dossier, found, draft, sendable });
            }
        }
        Ok(())
    })?;
    if !settled.is_empty() {
        store.commit(|tx| settled.iter().try_for_each(|dossier| tx.set_differs(*dossier, false)))?;
    }
    Ok(all)
}

/// A request quotes the point and both values: it is a disclosure like any other, and the notice decides it.
fn may_go(notice: &Notice, us: Party, found: &Discrepancy, area: crate::items::Area) -> Result<(), String> {
    let purpose = match found.manager.role {
        Role::Retailer => Purpose::CancellationAgency,
        _ => Purpose::ConsignmentContract,
    };
    let items: ItemSet = [found.claim.item, Item::SupplyPointId].into_iter().collect();
    let mut question = Question::new(us, found.manager, purpose, items);
    question.area = Some(area);
    let decision = notice.decide(&question);
    if decision.is_granted() { Ok(()) } else { Err(decision.reasons_ja()) }
}

/// 消去の証明: how many keys the ledger says were destroyed, and those of them that are still there.
pub fn erasures(tx: &Tx<'_>) -> Result<(u64, Vec<i64>), StoreError> {
    let mut erased = Vec::new();
    tx.each_ledger_line(|line| {
        if !line.entry.contains("-erase\"") {
            return Ok(());
        }
        let entry: Value = serde_json::from_str(&line.entry).unwrap_or_default();
        let done = entry.get("verdict").and_then(Value::as_str) == Some("done");
        let dossiers = entry.get("dossiers").and_then(Value::as_array).filter(|_| done);
        erased.extend(dossiers.into_iter().flatten().filter_map(Value::as_i64));
        Ok(())
    })?;
    let mut left = Vec::new();
    for number in &erased {
        if tx.has_key(Dossier(*number))? {
            left.push(*number);
        }
    }
    Ok((erased.len() as u64, left))
}
