//! 顧客台帳: customers that no switch brought in — those of a notice of exceptions, by their account numbers.
//!
//! What a file says of an account is held like everything else: sealed with a key of its own, found by account number and
//! telephone, with its history. A file taken again changes what differs and nothing else.

use super::act::line;
use super::folder::{Customer, Folder, Key, find};
use crate::items::{Code as _, Date, DateTime, Item, ItemSet};
use crate::notice::held::{Arrival, ManagerChange, Part};
use crate::notice::{Basis, Notice, Party, Purpose, StewardClause};
use crate::store::{Added, Lookup, Store, StoreError, Tx};
use crate::wire::charset;
use serde_json::json;
use std::collections::HashSet;

/// The column of the day on which an account was closed.
pub const CLOSED: &str = "closed-on";

/// 顧客台帳の一行: one account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Line in the file.
    line: u64,
    /// 契約番号
    number: String,
    /// Its items.
    parts: Vec<Part>,
    /// When it was closed.
    closed: Option<Date>,
}

/// Without a value: they are personal data.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({} items, {:?})", self.parts.len(), self.closed)
    }
}

/// 顧客台帳の誤り: why a file cannot be taken; nothing of it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}行目: {ja} / line {line}: {en}")]
pub struct AccountsError {
    /// Line in the file.
    pub line: u64,
    /// What is wrong.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

/// 取込の結果: how many accounts were new, changed and as they were, and which were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountsTaken {
    /// Not held before.
    pub new: u64,
    /// Held with other values.
    pub changed: u64,
    /// Held as the file says.
    pub same: u64,
    /// Lines of accounts that were erased before, and are not taken in again.
    pub erased: Vec<u64>,
}

/// Reads a CSV whose columns are items of the notice by their keys, `account-number` and `name` among them, and `closed-on`.
pub fn read_accounts(octets: &[u8], notice: &Notice) -> Result<Vec<Account>, AccountsError> {
    let wrong = |line: u64, ja: String, en: String| AccountsError { line, ja, en };
    let (_, text, _) = charset::read(octets).map_err(|error| wrong(1, error.ja(), error.en()))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let unreadable = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        wrong(line, "CSVとして読めません".to_owned(), "this is not CSV".to_owned())
    };
    let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let mut columns = Vec::new();
    for name in &header {
        let item = Item::from_key(name).filter(|item| notice.items().contains(*item));
        if item.is_none() && name != CLOSED || columns.contains(&item) {
            let known: Vec<_> = notice.items().iter().map(Item::key).chain([CLOSED]).collect();
            let known = known.join(", ");
            let ja = format!("列「{name}」は使えません（{known} を一度ずつ）");
            return Err(wrong(1, ja, format!("the column `{name}` is not one of {known}, or stands twice")));
        }
        columns.push(item);
    }
    let needed = [Item::AccountNumber, Item::Name];
    if let Some(key) = needed.into_iter().find(|item| !columns.contains(&Some(*item))).map(Item::key) {
        return Err(wrong(1, format!("列「{key}」がありません"), format!("the column `{key}` is missing")));
    }
    let (mut accounts, mut seen) = (Vec::new(), HashSet::new());
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let at = record.position().map_or(0, csv::Position::line);
        let mut account = Account { line: at, number: String::new(), parts: Vec::new(), closed: None };
        for (column, cell) in columns.iter().zip(&record).filter(|(_, cell)| !cell.is_empty()) {
            match column {
                None => {
                    let form = |_| wrong(at, format!("{CLOSED} は YYYY-MM-DD です"), format!("{CLOSED} is YYYY-MM-DD"));
                    account.closed = Some(cell.parse().map_err(form)?);
                }
                Some(item) => {
                    if *item == Item::AccountNumber {
                        cell.clone_into(&mut account.number);
                    }
                    account.parts.push(Part { field: item.key().to_owned(), item: *item, text: cell.to_owned() });
                }
            }
        }
        let named = account.parts.iter().any(|part| part.item == Item::Name);
        if account.number.is_empty() || !named {
            let (ja, en) = ("account-number と name は必須です", "account-number and name are needed");
            return Err(wrong(at, ja.to_owned(), en.to_owned()));
        }
        if !seen.insert(account.number.clone()) {
            let (ja, en) = ("同じ account-number が二度あります", "the same account-number stands twice");
            return Err(wrong(at, ja.to_owned(), en.to_owned()));
        }
        accounts.push(account);
    }
    Ok(accounts)
}

/// Takes accounts in, or what differs of them, as one step with one line in the ledger. An account that was erased is refused
/// with its clause, unless `again` names it: then the customer is a new one.
pub fn take_accounts(
    store: &mut Store,
    (us, notice): (Party, &Notice),
    accounts: &[Account],
    again: &[String],
    by: &str,
    now: DateTime,
) -> Result<AccountsTaken, StoreError> {
    let items: ItemSet = accounts.iter().flat_map(|account| account.parts.iter().map(|part| part.item)).collect();
    let items: Vec<_> = items.iter().map(Item::key).collect();
    store.commit(|tx| {
        tx.set_held_under(notice.key())?;
        let mut taken = AccountsTaken::default();
        let mut traced = Vec::new();
        for account in accounts {
            let (folders, erased) = find(tx, &Key::Contract(account.number.clone()))?;
            let folder = folders.into_iter().next_back();
            let new = folder.is_none();
            if new && erased > 0 && !again.contains(&account.number) {
                taken.erased.push(account.line);
                continue;
            }
            match take(tx, (us, notice), account, folder, now)? {
                None => taken.same += 1,
                Some(dossier) => {
                    *(if new { &mut taken.new } else { &mut taken.changed }) += 1;
                    traced.push(dossier);
                }
            }
        }
        if !taken.erased.is_empty() {
            let clause = StewardClause::AlreadyErased.key();
            let more = json!({"notice": notice.key(), "clause": clause, "rows": taken.erased.len(), "items": []});
            tx.add_ledger([line(now, "refused", "held-take", us, by, &more).as_str()])?;
        }
        let more = json!({
            "recipient": us.to_string(), "purpose": Purpose::ProvideService.key(), "notice": notice.key(), "items": items,
            "new": taken.new, "changed": taken.changed, "same": taken.same,
        });
        let place = tx.add_ledger([line(now, "done", "held-take", us, by, &more).as_str()])?;
        traced.into_iter().try_for_each(|dossier| tx.trace(dossier, place))?;
        Ok(taken)
    })
}

/// Takes one account in; nothing where it is held as it is.
fn take(
    tx: &Tx<'_>,
    (us, notice): (Party, &Notice),
    account: &Account,
    folder: Option<Folder>,
    now: DateTime,
) -> Result<Option<crate::store::Dossier>, StoreError> {
    let (dossier, parts, closed) = match folder {
        None => {
            let dossier = tx.new_customer()?;
            let change = ManagerChange { retailer: Some(us), ..ManagerChange::default() };
            tx.add_to_dossier(dossier, Added::Manager, &change.to_json(now.date()))?;
            (dossier, account.parts.clone(), None)
        }
        Some(folder) => {
            let (dossier, closed) = (folder.state.dossier, folder.closed);
            let customer = Customer::all(vec![folder]);
            let held = customer.holdings(us, notice, now.date());
            let same = |part: &Part| held.standing(part.item).is_some_and(|value| value.parts.contains(part));
            (dossier, account.parts.iter().filter(|part| !same(part)).cloned().collect(), closed)
        }
    };
    if parts.is_empty() && closed == account.closed {
        return Ok(None);
    }
    for part in &parts {
        match part.item {
            Item::AccountNumber => tx.find_by(dossier, Lookup::Contract, &part.text)?,
            Item::Telephone => tx.find_by(dossier, Lookup::Telephone, &part.text)?,
            _ => {}
        }
    }
    if !parts.is_empty() {
        let arrival = Arrival {
            source: us,
            message: "account".to_owned(),
            reference: String::new(),
            at: now,
            as_of: now,
            basis: Basis::OwnUse,
            purpose: Purpose::ProvideService,
            parts,
        };
        tx.add_to_dossier(dossier, Added::Arrival, &arrival.to_json())?;
    }
    if closed != account.closed {
        tx.add_to_dossier(dossier, Added::Closed, &json!({"on": account.closed.map(|on| on.to_string())}))?;
    }
    Ok(Some(dossier))
}
