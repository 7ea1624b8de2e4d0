//! 相違: what customers say otherwise than the managers, with the requests drafted to them; and the proof of erasures.

use super::act::{Refused, line, note};
use super::folder::{Customer, Key, find, open};
use super::look::Viewer;
use super::report::named;
use crate::items::{Code as _, Date, DateTime, Item, ItemSet};
use crate::messages::Open;
use crate::messages::switching::{ApplicationEntry, NgReasonCode};
use crate::notice::held::{About, Denial, Discrepancy, correction_request};
use crate::notice::{Look, Notice, NoticeKind, Party, Purpose, Question, Role, StewardClause};
use crate::store::{Added, Case, Dossier, Store, StoreError, Tx};
use serde_json::{Value, json};

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
    let all = gathered(store, us, notice, today)?;
    Ok(all.into_iter().flat_map(|(_, found)| found).collect())
}

/// 相違の閲覧: the same as a role sees it for a purpose, with a line in the ledger for each customer. A request quotes the
/// item and the point, or the contract number: who may not see both does not see it. How many were left out is said.
pub fn look_at_discrepancies(
    store: &mut Store,
    us: Party,
    notice: &Notice,
    viewer: &Viewer<'_>,
) -> Result<(Vec<Differing>, usize), Refused> {
    let role = viewer.roles.role(viewer.role).and_then(|role| role.holds(viewer.purpose).map(|_| role));
    let key = viewer.roles.role(viewer.role).ok().map(|role| role.key.as_str());
    let told = |verdict: &str, items: ItemSet, withheld: &[(Item, StewardClause)], clause: Option<StewardClause>| {
        let items: Vec<_> = items.iter().map(|item| item.key()).collect();
        let withheld: Vec<_> =
            withheld.iter().map(|(item, clause)| json!({"item": item.key(), "clause": clause.key()})).collect();
        let more = json!({
            "recipient": us.to_string(), "role": key, "purpose": viewer.purpose.key(), "items": items,
            "withheld": withheld, "clause": clause.map(StewardClause::key),
        });
        line(viewer.now, verdict, "held-discrepancies", us, viewer.by, &more)
    };
    let role = match role {
        Ok(role) => role,
        Err(clause) => {
            let line = told("refused", ItemSet::EMPTY, &[], Some(clause));
            store.commit(|tx| tx.add_ledger([line.as_str()]))?;
            return Err(clause.into());
        }
    };
    let today = viewer.now.date();
    let (mut seen, mut left_out, mut lines) = (Vec::new(), 0, Vec::new());
    for (customer, found) in gathered(store, us, notice, today)? {
        if found.is_empty() {
            continue;
        }
        // What is suspended is seen only to answer the customer or a court.
        let answering = matches!(viewer.purpose, Purpose::ResolveDispute | Purpose::LegalOrder);
        if customer.suspended().is_some() && !answering {
            left_out += found.len();
            lines.push((customer, told("refused", ItemSet::EMPTY, &[], Some(StewardClause::Suspended))));
            continue;
        }
        let leaving = customer.is_leaving(today);
        let (mut items, mut withheld) = (ItemSet::EMPTY, Vec::new());
        for one in found {
            let claim = &one.found.claim;
            let look = |item| Look { purpose: viewer.purpose, item, received_for: claim.purpose, leaving };
            // The request quotes the number by which the manager finds the customer.
            let quoted = match customer.about() {
                About::Point(_) => Some(Item::SupplyPointId),
                About::Contract(_) if notice.kind() == NoticeKind::Exceptions => Some(Item::AccountNumber),
                About::Contract(_) => Some(Item::RetailContractNumber),
                About::Unnumbered => None,
            };
            let told: ItemSet = [claim.item].into_iter().chain(quoted).collect();
            let may = told.iter().try_for_each(|item| role.may_see(&look(item)));
            match may {
                Ok(()) => {
                    items = items.union(told);
                    seen.push(one);
                }
                Err(clause) => withheld.push((claim.item, clause)),
            }
        }
        left_out += withheld.len();
        let verdict = if items.is_empty() { "refused" } else { "shown" };
        lines.push((customer, told(verdict, items, &withheld, None)));
    }
    store.commit(|tx| lines.iter().try_for_each(|(customer, line)| note(tx, line, customer)))?;
    Ok((seen, left_out))
}

/// The customers of whom something differs or differed, each with what does.
fn gathered(
    store: &mut Store,
    us: Party,
    notice: &Notice,
    today: Date,
) -> Result<Vec<(Customer, Vec<Differing>)>, StoreError> {
    let mut all = Vec::new();
    let (mut settled, mut seen) = (Vec::new(), std::collections::HashSet::new());
    store.read(|tx| {
        for state in tx.differing()? {
            let dossier = state.dossier;
            let mut customer = Customer::all(vec![open(tx, state)?]);
            let point = customer.about();
            // With what the same person said in other applications for the point: it may have settled the matter.
            if let (Some(name), About::Point(point)) = (customer.name(), &point)
                && let Ok(whole) = Customer::named(find(tx, &Key::Point(*point))?.0, 0, name)
            {
                customer = whole;
            }
            if customer.folders.iter().any(|folder| seen.contains(&folder.state.dossier)) {
                continue;
            }
            seen.extend(customer.folders.iter().map(|folder| folder.state.dossier));
            let found = customer.holdings(us, notice, today).discrepancies(today);
            if found.is_empty() {
                settled.extend(customer.folders.iter().map(|folder| folder.state.dossier));
            }
            let differing = |found: Discrepancy| {
                let draft = correction_request(notice, us, &point, &found, today, named);
                let sendable = may_go(notice, us, &found, point.area());
                Differing { dossier, found, draft, sendable }
            };
            let found = found.into_iter().map(differing).collect();
            all.push((customer, found));
        }
        Ok(())
    })?;
    if !settled.is_empty() {
        store.commit(|tx| settled.iter().try_for_each(|dossier| tx.set_differs(*dossier, false)))?;
    }
    Ok(all)
}

/// 不一致の回答: keeps which items an answer called different. Their manager is to be asked.
///
/// Only the reasons that name an item open a discrepancy; an unknown reason says nothing of an item.
pub(in crate::desk) fn denied(
    tx: &Tx<'_>,
    case: &Case,
    entry: &ApplicationEntry,
    at: DateTime,
) -> Result<(), StoreError> {
    let retailer = match case.application() {
        Some(row) => Some(row.current_retailer),
        None => tx.application(case.id)?.map(|row| row.current_retailer),
    };
    let Some(by) = retailer.map(Party::retailer) else { return Ok(()) };
    let dossier = tx.dossier_of_case(case.id)?;
    for reason in &entry.reasons {
        let Open::Known(code) = &reason.code else { continue };
        let item = match code {
            NgReasonCode::PointMismatch => Item::SupplyPointId,
            NgReasonCode::ContractNumberMismatch => Item::RetailContractNumber,
            NgReasonCode::NameMismatch => Item::Name,
            NgReasonCode::AddressMismatch => Item::Address,
            NgReasonCode::NoContract
            | NgReasonCode::DateImpossible
            | NgReasonCode::AlreadyPending
            | NgReasonCode::Other => continue,
        };
        let (reason, reference) = (code.ja().to_owned(), entry.reference.as_str().to_owned());
        let denial = Denial { item, by, reason, reference, at };
        tx.add_to_dossier(dossier, Added::Denial, &denial.to_json())?;
        tx.set_differs(dossier, true)?;
    }
    Ok(())
}

/// A request quotes the point and both values: it is a disclosure like any other, and the notice decides it.
fn may_go(notice: &Notice, us: Party, found: &Discrepancy, area: Option<crate::items::Area>) -> Result<(), String> {
    let purpose = match found.manager.role {
        Role::Retailer => Purpose::CancellationAgency,
        _ => Purpose::ConsignmentContract,
    };
    let items: ItemSet = [found.claim.item, Item::SupplyPointId].into_iter().collect();
    let mut question = Question::new(us, found.manager, purpose, items);
    question.area = area;
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
