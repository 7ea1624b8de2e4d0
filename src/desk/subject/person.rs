//! 本人の特定: which of the dossiers at a point or of a contract are one person's, by any name the person had there.

use super::folder::{Customer, Folder, Key, find};
use crate::items::{Comparison, DateTime, Item, compare};
use crate::notice::held::Arrival;
use crate::notice::{Role, StewardClause};
use crate::store::{Lookup, StoreError, Tx};
use std::collections::BTreeSet;

/// What the customer said, or our own register does: not what another business claims of a name.
fn is_own(arrival: &Arrival) -> bool {
    arrival.source.role == Role::Customer || arrival.message == "account"
}

impl Folder {
    /// The texts of the items that are picked, as they arrived beside the application.
    fn texts<'f>(
        &'f self,
        from: impl Fn(&Arrival) -> bool + 'f,
        pick: impl Fn(&crate::notice::held::Part) -> bool + 'f,
    ) -> impl Iterator<Item = &'f str> {
        let parts = self.arrivals.iter().filter(move |arrival| from(arrival)).flat_map(|arrival| &arrival.parts);
        parts.filter(move |part| pick(part)).map(|part| part.text.as_str())
    }

    /// 契約名義, present and former.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.name().into_iter().chain(self.texts(is_own, |part| part.field == "name"))
    }

    fn kana(&self) -> impl Iterator<Item = &str> {
        let applied = self.application().and_then(|row| row.kana.as_ref());
        let told = self.entry().and_then(|entry| entry.kana.as_ref());
        applied.into_iter().chain(told).map(|kana| kana.as_str())
    }

    fn is_of(&self, name: &str) -> bool {
        let told = self.texts(|_| true, |part| part.field == "name");
        self.names().chain(self.kana()).chain(told).any(|held| compare(name, held) != Comparison::Different)
    }

    /// Whether a name of this dossier is one of the other's, too. The kana do not count: two persons may share them.
    fn shares_a_name(&self, other: &Folder) -> bool {
        self.names().any(|name| other.names().any(|held| compare(name, held) != Comparison::Different))
    }

    /// 契約名義 as the customer or our own register said it last, and when.
    fn own_name(&self) -> Option<(DateTime, &str)> {
        let applied = self.application().zip(self.taken).map(|(row, taken)| (taken, row.name.as_str()));
        let said = self.arrivals.iter().filter(|arrival| is_own(arrival)).filter_map(|arrival| {
            let part = arrival.parts.iter().find(|part| part.field == "name")?;
            Some((arrival.at, part.text.as_str()))
        });
        applied.into_iter().chain(said).max_by_key(|(at, _)| *at)
    }
}

/// Those of the rest that belong to the same person as `own`, and those that do not.
fn join(mut own: Vec<Folder>, mut rest: Vec<Folder>) -> (Vec<Folder>, Vec<Folder>) {
    loop {
        let (more, left): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|folder| own.iter().any(|mine| mine.shares_a_name(folder)));
        rest = left;
        if more.is_empty() {
            own.sort_by_key(|folder| folder.state.dossier.0);
            return (own, rest);
        }
        own.extend(more);
    }
}

/// Every person whose dossiers these are.
pub(super) fn people(mut rest: Vec<Folder>) -> Vec<Customer> {
    let mut people = Vec::new();
    while !rest.is_empty() {
        let others = rest.split_off(1);
        let (folders, left) = join(rest, others);
        people.push(Customer { folders });
        rest = left;
    }
    people
}

impl Customer {
    /// 本人の綴り: those of the dossiers that are the named person's, by any name the person had. Another customer's are
    /// never among them.
    pub fn named(folders: Vec<Folder>, erased: usize, name: &str) -> Result<Customer, StewardClause> {
        if folders.is_empty() {
            return Err(if erased > 0 { StewardClause::AlreadyErased } else { StewardClause::NotHeld });
        }
        let nameless = folders.iter().all(|folder| folder.name().is_none());
        let (own, rest): (Vec<Folder>, Vec<Folder>) = folders.into_iter().partition(|folder| folder.is_of(name));
        match own.is_empty() {
            false => Ok(Customer { folders: join(own, rest).0 }),
            // Where the name itself was erased nobody can be told to be the customer.
            true if nameless => Err(StewardClause::AlreadyErased),
            true => Err(StewardClause::AnotherSubject),
        }
    }

    /// 契約名義 as the customer said it last, otherwise as it was held last.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let own = self.folders.iter().filter_map(Folder::own_name).max_by_key(|(at, _)| *at);
        own.map(|(_, name)| name).or_else(|| self.folders.iter().rev().find_map(Folder::name))
    }
}

/// The named person behind a key with all dossiers at the person's points, and everything found by the key.
pub(super) fn person(
    tx: &Tx<'_>,
    key: &Key,
    name: &str,
) -> Result<(Result<Customer, StewardClause>, Customer), StoreError> {
    let (folders, erased) = find(tx, key)?;
    let about = Customer::all(folders.clone());
    let mut named = Customer::named(folders, erased, name);
    if let Ok(customer) = &mut named
        && !matches!(key, Key::Point(_))
    {
        let points: BTreeSet<_> = customer.folders.iter().filter_map(Folder::point).collect();
        let mut there = Vec::new();
        for point in points {
            there.extend(find(tx, &Key::Point(point))?.0);
        }
        let known = |one: &Folder| customer.folders.iter().any(|folder| folder.state.dossier == one.state.dossier);
        there.retain(|one| !known(one));
        customer.folders = join(std::mem::take(&mut customer.folders), there).0;
    }
    if matches!(named, Err(StewardClause::AnotherSubject)) && erased > 0 {
        let mark = with_name(key.text(), name);
        if !tx.dossiers_of(Lookup::Erased, &mark)?.is_empty() {
            named = Err(StewardClause::AlreadyErased);
        }
    }
    Ok((named, about))
}

fn with_name(number: &str, name: &str) -> String {
    format!("{number}\u{1f}{name}")
}

/// What is remembered, by keyed hashes only, of a dossier that is erased: point and contract, and either with the names.
/// So a second request is answered with what became of the first, also where somebody else has the point by then.
pub(super) fn marks(folder: &Folder) -> BTreeSet<String> {
    let number = |item| matches!(item, Item::RetailContractNumber | Item::AccountNumber);
    let point = folder.point().map(|point| point.as_str().to_owned());
    let contracts = folder.contract_number().into_iter().chain(folder.texts(is_own, move |part| number(part.item)));
    let numbers: BTreeSet<String> = point.into_iter().chain(contracts.map(str::to_owned)).collect();
    let names: Vec<&str> = folder.names().chain(folder.kana()).collect();
    let named = numbers.iter().flat_map(|number| names.iter().map(move |name| with_name(number, name)));
    named.chain(numbers.iter().cloned()).collect()
}
