//! 項目ごとの消去: the values of single items go when their own period is over; the rest of the dossier stays.

use super::act::line;
use super::folder::Folder;
use crate::items::{Date, DateTime, Item, ItemSet};
use crate::notice::{KeepRule, Notice, Party};
use crate::store::{Added, Lookup, Remains, Store, StoreError, Tx};
use serde_json::{Value, json};

/// 消去の印: an item whose values were erased before the rest, and by which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The item.
    pub item: Item,
    /// When it was erased.
    pub erased: Date,
    /// The last day on which it was kept.
    pub last_day: Date,
    /// The rule, in Japanese.
    pub ja: String,
    /// The rule, in English.
    pub en: String,
}

impl Tombstone {
    /// The form it is kept and told in.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "item": self.item.key(), "erased": self.erased.to_string(), "last-day": self.last_day.to_string(),
            "ja": self.ja, "en": self.en,
        })
    }

    /// Reads that form.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Tombstone> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        Some(Tombstone {
            item: Item::from_key(text("item")?)?,
            erased: text("erased")?.parse().ok()?,
            last_day: text("last-day")?.parse().ok()?,
            ja: text("ja")?.to_owned(),
            en: text("en")?.to_owned(),
        })
    }
}

/// 項目の期限切れ: items of one dossier that one rule lets go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepItems {
    /// The rule.
    pub rule: KeepRule,
    /// Of its items those of which something is held.
    pub items: ItemSet,
    /// The last day on which they were kept.
    pub last_day: Date,
}

impl KeepItems {
    /// What is due as JSON: no personal data is in it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let items: Vec<_> = self.items.iter().map(Item::key).collect();
        json!({"items": items, "last-day": self.last_day.to_string(), "ja": self.rule.ja, "en": self.rule.en})
    }
}

/// The items of which something is held in a dossier.
pub(super) fn held_items(folder: &Folder) -> ItemSet {
    folder.arrived().iter().flat_map(|arrival| arrival.parts.iter().map(|part| part.item)).collect()
}

/// By what a value of an item lets a dossier be found.
pub(super) const fn lookup(item: Item) -> Option<Lookup> {
    match item {
        Item::SupplyPointId => Some(Lookup::Point),
        Item::RetailContractNumber | Item::AccountNumber => Some(Lookup::Contract),
        Item::Telephone => Some(Lookup::Telephone),
        _ => None,
    }
}

/// What stays of a dossier without some items.
fn remains(folder: &Folder, us: Party, due: &[KeepItems], today: Date) -> Remains {
    let gone = due.iter().fold(ItemSet::EMPTY, |all, one| all.union(one.items));
    let arrived = folder.arrived();
    let first = arrived.iter().map(|one| one.at.min(one.as_of).date()).min().unwrap_or(today);
    let mut remains = Remains { without_point: gone.contains(Item::SupplyPointId), ..Remains::default() };
    if let Some(mut change) = folder.initial() {
        change.retailer = change.retailer.or(folder.incoming.is_some().then_some(us));
        remains.records.push((Added::Manager, change.to_json(first)));
    }
    remains.records.extend(folder.changes.iter().map(|(from, change)| (Added::Manager, change.to_json(*from))));
    for mut arrival in arrived {
        let (stays, goes): (Vec<_>, Vec<_>) = arrival.parts.into_iter().partition(|part| !gone.contains(part.item));
        remains.unfound.extend(goes.into_iter().filter_map(|part| Some((lookup(part.item)?, part.text))));
        arrival.parts = stays;
        if !arrival.parts.is_empty() {
            remains.records.push((Added::Arrival, arrival.to_json()));
        }
    }
    let closed = folder.closed.map(|on| (Added::Closed, json!({"on": on.to_string()})));
    remains.records.extend(closed);
    let denials = folder.denials.iter().filter(|denial| !gone.contains(denial.item));
    remains.records.extend(denials.map(|denial| (Added::Denial, denial.to_json())));
    let stones = due.iter().flat_map(|one| one.items.iter().map(move |item| (one, item)));
    let stones = stones.map(|(one, item)| Tombstone {
        item,
        erased: today,
        last_day: one.last_day,
        ja: one.rule.ja.clone(),
        en: one.rule.en.clone(),
    });
    let stones = folder.erased.iter().cloned().chain(stones);
    remains.records.extend(stones.map(|stone| (Added::Erased, stone.to_json())));
    remains
}

/// Seals what stays of a dossier anew; the former key is destroyed by [`finish`].
pub(super) fn begin(
    tx: &Tx<'_>,
    folder: &Folder,
    (us, notice): (Party, &Notice),
    due: &[KeepItems],
    (by, now): (&str, DateTime),
) -> Result<(), StoreError> {
    let items: Vec<_> = due.iter().flat_map(|one| one.items.iter()).map(Item::key).collect();
    let rules: Vec<_> = due.iter().map(KeepItems::to_json).collect();
    let more = json!({
        "rules": rules, "notice": notice.key(), "dossiers": [folder.state.dossier.0], "items": items,
    });
    let line = line(now, "done", "retention-items-erase", us, by, &more);
    tx.reseal(&folder.state, &remains(folder, us, due, now.date()), &line, now).map(drop)
}

/// Destroys the keys of what went, and tells the ledger: each key before the line about it. What an earlier run began and
/// could not end is ended as well; says how many keys were destroyed.
pub(super) fn finish(store: &mut Store) -> Result<usize, StoreError> {
    store.commit(|tx| {
        let superseded = tx.superseded()?;
        for one in &superseded {
            tx.destroy_superseded(one)?;
            let place = tx.add_ledger([one.line.as_str()])?;
            tx.trace(one.dossier, place)?;
        }
        Ok(superseded.len())
    })
}
