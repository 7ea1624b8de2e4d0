//! 社内での閲覧: what is held, seen by a role for a purpose; every look leaves a line in the ledger.

use super::act::{Refused, line, note};
use super::folder::{Customer, Key, find};
use super::person::people;
use super::single::Tombstone;
use crate::items::{Code as _, Date, DateTime, ItemSet};
use crate::notice::held::{HeldValue, ManagerChange};
use crate::notice::{Look, Notice, Party, Purpose, StaffRoles, StewardClause};
use crate::store::{Added, Store, StoreError};
use serde_json::json;

/// 閲覧者: who looks, as what and for what.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// The roles of the company.
    pub roles: &'a StaffRoles,
    /// The key of the role.
    pub role: &'a str,
    /// For what.
    pub purpose: Purpose,
    /// Whose name stands in the ledger.
    pub by: &'a str,
    /// The moment, JST.
    pub now: DateTime,
}

/// 閲覧の結果: the values the role may see, those that are not current among them.
#[derive(Debug)]
pub struct Seen {
    /// The values.
    pub values: Vec<HeldValue>,
    /// 管理責任者 now, of each of them.
    pub managers: Vec<Party>,
    /// Items that the role sees and whose values were erased before the rest.
    pub erased: Vec<Tombstone>,
}

/// Looks at what is held. A role without the purpose is refused; of the rest it sees what it may.
///
/// What a cancellation agency told is left out for sales without a word: that it is there would itself say that the
/// customer is about to leave. The ledger says that it was left out.
pub fn look(store: &mut Store, us: Party, notice: &Notice, key: &Key, viewer: &Viewer<'_>) -> Result<Seen, Refused> {
    let (folders, erased) = store.read(|tx| find(tx, key))?;
    // What is suspended is seen only to answer the customer or a court. Who else has the point is not touched by it.
    let answers = matches!(viewer.purpose, Purpose::ResolveDispute | Purpose::LegalOrder);
    let (closed, open): (Vec<_>, Vec<_>) =
        people(folders).into_iter().partition(|person| !answers && person.suspended().is_some());
    let of = |people: Vec<Customer>| Customer::all(people.into_iter().flat_map(|person| person.folders).collect());
    let (closed, mut customer) = (of(closed), of(open));
    customer.folders.sort_by_key(|folder| folder.state.dossier.0);
    let seen = see(us, notice, &customer, (erased, &closed), viewer);
    // What is no role may be anything, a customer's name among it: it does not reach the ledger.
    let role = viewer.roles.role(viewer.role).ok().map(|role| role.key.as_str());
    let more = |items: ItemSet, withheld: &[(String, StewardClause)], clause: Option<StewardClause>| {
        let items: Vec<_> = items.iter().map(|item| item.key()).collect();
        let withheld: Vec<_> =
            withheld.iter().map(|(item, clause)| json!({"item": item, "clause": clause.key()})).collect();
        json!({
            "recipient": us.to_string(), "role": role, "purpose": viewer.purpose.key(), "items": items,
            "withheld": withheld, "clause": clause.map(|clause| clause.key()),
        })
    };
    let withheld_line = |clause| more(ItemSet::EMPTY, &[], Some(clause));
    let (verdict, more) = match &seen {
        Ok((seen, withheld)) => {
            let items: ItemSet = seen.values.iter().map(|value| value.item).collect();
            (if items.is_empty() { "refused" } else { "shown" }, more(items, withheld, None))
        }
        Err(clause) => ("refused", more(ItemSet::EMPTY, &[], Some(*clause))),
    };
    let told = line(viewer.now, verdict, "held-show", us, viewer.by, &more);
    store.commit(|tx| {
        if seen.is_err() {
            // One refusal about everybody at the point.
            let all = closed.folders.iter().chain(&customer.folders).cloned().collect();
            return note(tx, &told, &Customer::all(all));
        }
        if !closed.folders.is_empty() {
            let why = withheld_line(StewardClause::Suspended);
            note(tx, &line(viewer.now, "refused", "held-show", us, viewer.by, &why), &closed)?;
        }
        note(tx, &told, &customer)
    })?;
    Ok(seen?.0)
}

type WithWithheld = (Seen, Vec<(String, StewardClause)>);

fn see(
    us: Party,
    notice: &Notice,
    customer: &Customer,
    (erased, closed): (usize, &Customer),
    viewer: &Viewer<'_>,
) -> Result<WithWithheld, StewardClause> {
    let role = viewer.roles.role(viewer.role)?;
    role.holds(viewer.purpose)?;
    if customer.folders.is_empty() {
        return Err(match (closed.folders.is_empty(), erased) {
            (false, _) => StewardClause::Suspended,
            (true, 0) => StewardClause::NotHeld,
            (true, _) => StewardClause::AlreadyErased,
        });
    }
    let today = viewer.now.date();
    let leaving = customer.is_leaving(today);
    let held = customer.holdings(us, notice, today);
    let mut seen = Seen { values: Vec::new(), managers: Vec::new(), erased: Vec::new() };
    let mut withheld = Vec::new();
    for value in held.values() {
        let look = Look { purpose: viewer.purpose, item: value.item, received_for: value.purpose, leaving };
        match role.may_see(&look) {
            Ok(()) => {
                seen.managers.push(held.manager(value.item, today));
                seen.values.push(value.clone());
            }
            Err(clause) => withheld.push((value.item.key().to_owned(), clause)),
        }
    }
    withheld.dedup();
    let stones = customer.folders.iter().flat_map(|folder| folder.erased.iter());
    let sees = |item| Look { purpose: viewer.purpose, item, received_for: Purpose::OwnUse, leaving: false };
    seen.erased.extend(stones.filter(|stone| role.may_see(&sees(stone.item)).is_ok()).cloned());
    Ok((seen, withheld))
}

/// 管理責任者の変更: another retailer, another operator or another kind of supply from a day on, as a person learnt it.
pub fn move_manager(
    store: &mut Store,
    us: Party,
    key: &Key,
    from: Date,
    change: &ManagerChange,
    by: &str,
    now: DateTime,
) -> Result<(), Refused> {
    let (folders, erased) = store.read(|tx| find(tx, key))?;
    let customer = Customer::all(folders);
    let missing = if erased > 0 { StewardClause::AlreadyErased } else { StewardClause::NotHeld };
    let verdict = if customer.folders.is_empty() { "refused" } else { "done" };
    let mut more = json!({"from": from.to_string(), "items": []});
    if customer.folders.is_empty()
        && let Some(more) = more.as_object_mut()
    {
        more.insert("clause".to_owned(), missing.key().into());
    }
    let line = line(now, verdict, "manager-change", us, by, &more);
    store.commit(|tx| {
        if let Some(last) = customer.folders.last() {
            tx.add_to_dossier(last.state.dossier, Added::Manager, &change.to_json(from))?;
        }
        note(tx, &line, &customer)
    })?;
    if customer.folders.is_empty() { Err(missing.into()) } else { Ok::<(), StoreError>(()).map_err(Refused::from) }
}
