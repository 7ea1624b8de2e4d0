//! お客さまの綴り: the dossiers of one customer, opened, and what is held in them.

use super::single::Tombstone;
use crate::items::{BusinessCode, Date, DateTime, Item, SupplyPointId};
use crate::messages::switching::{Application, CancellationEntry};
use crate::messages::{FieldValue as _, Record, json};
use crate::notice::held::{
    About, Arrival, CORRECTION, Denial, Holdings, ManagerChange, ManagerHistory, Part, difference,
};
use crate::notice::{Basis, Notice, Party, Purpose, Role, SupplyKind};
use crate::store::{Added, Case, DossierState, Incoming, IncomingState, Lookup, Outcome, Stage, StoreError, Tx};

/// 検索の鍵: by what a customer is looked for.
#[derive(Clone, PartialEq, Eq)]
pub enum Key {
    /// 供給地点特定番号
    Point(SupplyPointId),
    /// 契約番号
    Contract(String),
    /// 電話番号
    Telephone(String),
    /// 受付番号 of a row that could not be read.
    Receipt(String),
}

/// The kind only.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.parts().0)
    }
}

impl Key {
    /// The text that is looked for.
    pub(super) fn text(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (Lookup, &str) {
        match self {
            Key::Point(point) => (Lookup::Point, point.as_str()),
            Key::Contract(number) => (Lookup::Contract, number),
            Key::Telephone(number) => (Lookup::Telephone, number),
            Key::Receipt(number) => (Lookup::Receipt, number),
        }
    }
}

/// 綴り: one dossier, opened.
#[derive(Clone, Debug)]
pub struct Folder {
    /// What is known of it without opening it.
    pub state: DossierState,
    /// The case it belongs to.
    pub case: Option<Case>,
    /// When the case was taken in, JST.
    pub taken: Option<DateTime>,
    /// The incoming cancellation agency it belongs to.
    pub incoming: Option<Incoming>,
    /// What was added to it.
    pub(super) arrivals: Vec<Arrival>,
    pub(super) denials: Vec<Denial>,
    pub(super) changes: Vec<(Date, ManagerChange)>,
    /// How far the incoming cancellation agency has come, for which new retailer, from when.
    pub(super) course: Option<(IncomingState, BusinessCode, Date)>,
    /// Items whose values were erased before the rest.
    pub erased: Vec<Tombstone>,
    /// When the account was closed, of a customer without a case.
    pub closed: Option<Date>,
}

/// お客さま: the dossiers of one person at one point.
#[derive(Clone, Debug, Default)]
pub struct Customer {
    /// Oldest first.
    pub folders: Vec<Folder>,
}

/// The fields of a record that are items, as they are held.
fn parts<R: Record>(record: &R) -> Vec<Part> {
    let value = json::to_json(record);
    let part = |field: &crate::messages::Field| {
        let text = value.get(field.key)?.as_str()?.to_owned();
        Some(Part { field: field.key.to_owned(), item: field.item?, text })
    };
    R::FIELDS.iter().filter_map(part).collect()
}

/// 電文の到着: what a message of another business brought.
#[must_use]
pub fn arrival_of<R: Record>(
    record: &R,
    message: &str,
    source: Party,
    purpose: Purpose,
    reference: &str,
    at: DateTime,
) -> Arrival {
    Arrival {
        source,
        message: message.to_owned(),
        reference: reference.to_owned(),
        at,
        as_of: at,
        basis: Basis::SharedUse,
        purpose,
        parts: parts(record),
    }
}

/// 相違の有無: whether what arrived differs from what the customer said.
#[must_use]
pub fn differs(application: &Application, told: &Arrival) -> bool {
    let said = parts(application);
    told.items().any(|item| {
        let said: Vec<_> = said.iter().filter(|part| part.item == item).cloned().collect();
        !difference(&said, &told.parts_of(item)).is_equal()
    })
}

fn application_arrival(application: &Application, taken: DateTime) -> Arrival {
    Arrival {
        as_of: application.consented_at.unwrap_or(taken),
        basis: Basis::OwnUse,
        ..arrival_of(
            application,
            "application",
            Party::of(Role::Customer),
            Purpose::ConsignmentContract,
            application.receipt.as_str(),
            taken,
        )
    }
}

/// Finds the dossiers behind a key and opens them. Those that were erased are left out; how many is said.
pub fn find(tx: &Tx<'_>, key: &Key) -> Result<(Vec<Folder>, usize), StoreError> {
    let (lookup, text) = key.parts();
    let mut folders = Vec::new();
    let mut erased = tx.dossiers_of(Lookup::Erased, text)?.len();
    for state in tx.dossiers_of(lookup, text)? {
        if state.erased.is_some() || !tx.has_key(state.dossier)? {
            erased += 1;
            continue;
        }
        folders.push(open(tx, state)?);
    }
    Ok((folders, erased))
}

/// Opens one dossier.
pub(super) fn open(tx: &Tx<'_>, state: DossierState) -> Result<Folder, StoreError> {
    let case = state.case.map(|id| tx.case_to_say(id)).transpose()?.flatten();
    let incoming = state.number.as_deref().map(|number| tx.incoming(number)).transpose()?.flatten();
    let taken = case.as_ref().map(|case| tx.batch_prepared(case.batch)).transpose()?.flatten();
    let arrivals = tx.added_to_dossier(state.dossier, Added::Arrival)?;
    let arrivals = arrivals.iter().map(|value| Arrival::from_json(value).ok_or(StoreError::Damaged("arrivals")));
    let denials = tx.added_to_dossier(state.dossier, Added::Denial)?;
    let denials = denials.iter().map(|value| Denial::from_json(value).ok_or(StoreError::Damaged("denials")));
    let changes = tx.added_to_dossier(state.dossier, Added::Manager)?;
    let changes = changes.iter().map(|value| ManagerChange::from_json(value).ok_or(StoreError::Damaged("managers")));
    let erased = tx.added_to_dossier(state.dossier, Added::Erased)?;
    let erased = erased.iter().map(|value| Tombstone::from_json(value).ok_or(StoreError::Damaged("tombstones")));
    let course = match (&incoming, state.number.as_deref()) {
        (Some(Incoming { state, entry, .. }), _) => Some((*state, entry.new_retailer, entry.requested_on)),
        (None, Some(number)) => tx.incoming_course(number)?,
        (None, None) => None,
    };
    let closed = tx.added_to_dossier(state.dossier, Added::Closed)?.pop();
    let closed = closed.and_then(|value| value.get("on")?.as_str()?.parse().ok());
    Ok(Folder {
        closed,
        erased: erased.collect::<Result<_, _>>()?,
        course,
        arrivals: arrivals.collect::<Result<_, _>>()?,
        denials: denials.collect::<Result<_, _>>()?,
        changes: changes.collect::<Result<_, _>>()?,
        state,
        case,
        taken,
        incoming,
    })
}

impl Folder {
    /// The application, where there is one that could be read.
    #[must_use]
    pub fn application(&self) -> Option<&Application> {
        self.case.as_ref()?.application()
    }

    pub(super) fn entry(&self) -> Option<&CancellationEntry> {
        self.incoming.as_ref().map(|incoming| &incoming.entry)
    }

    /// The supply point.
    #[must_use]
    pub fn point(&self) -> Option<SupplyPointId> {
        let kept = || SupplyPointId::parse(self.first("supply-point-id")?).ok();
        self.application().map(|row| row.point).or_else(|| self.entry().map(|entry| entry.point)).or_else(kept)
    }

    /// 契約名義 as it is held.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let applied = self.application().map(|row| row.name.as_str());
        applied.or_else(|| self.entry().map(|entry| entry.name.as_str())).or_else(|| self.first("name"))
    }

    /// 契約番号 as it is held.
    pub(super) fn contract_number(&self) -> Option<&str> {
        let applied = self.application().map(|row| row.contract_number.as_str());
        let told = || self.entry().map(|entry| entry.contract_number.as_str());
        let kept = || self.first("retail-contract-number").or_else(|| self.first("account-number"));
        applied.or_else(told).or_else(kept)
    }

    /// A field as it first arrived.
    fn first(&self, field: &str) -> Option<&str> {
        let mut parts = self.arrivals.iter().flat_map(|arrival| &arrival.parts);
        parts.find(|part| part.field == field).map(|part| part.text.as_str())
    }

    /// Whether a switch of ours is under way in it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.case.as_ref().is_some_and(|case| case.stage != Stage::Ended)
    }

    /// 手続中: whether a switch to us is under way, or one away from us that was not refused and is not over on a day.
    #[must_use]
    pub fn is_under_way(&self, today: Date) -> bool {
        self.is_open() || self.is_leaving(today)
    }

    /// 切替前の廃止取次: whether the customer is leaving, and the switch is not over on a day.
    #[must_use]
    pub fn is_leaving(&self, today: Date) -> bool {
        self.course.is_some_and(|(state, _, on)| state != IncomingState::Ng && on >= today)
    }

    pub(super) fn initial(&self) -> Option<ManagerChange> {
        if let Some(row) = self.application() {
            let retailer = Some(Party::retailer(row.current_retailer));
            return Some(ManagerChange { retailer, area: Some(row.point.area()), supply: None });
        }
        let entry = self.entry()?;
        Some(ManagerChange { retailer: None, area: Some(entry.point.area()), supply: None })
    }

    /// From which day on the switch of this dossier makes another retailer the manager of the basic items.
    fn switched(&self, us: Party) -> Option<(Date, ManagerChange)> {
        let change = |retailer| ManagerChange { retailer: Some(retailer), ..ManagerChange::default() };
        if let Some(case) = &self.case {
            let done = matches!(
                case.outcome,
                Some(Outcome::Completed | Outcome::CompletedWorkOutstanding | Outcome::CancelledAfterSwitch)
            );
            return case.switch_on.filter(|_| done || case.stage == Stage::Effective).map(|on| (on, change(us)));
        }
        let (_, new_retailer, on) = self.course.filter(|(state, ..)| *state == IncomingState::Stopped)?;
        Some((on, change(Party::retailer(new_retailer))))
    }

    /// What arrived in this dossier, from wherever it is kept.
    pub(super) fn arrived(&self) -> Vec<Arrival> {
        let mut all = Vec::with_capacity(self.arrivals.len() + 1);
        if let (Some(row), Some(taken)) = (self.application(), self.taken) {
            all.push(application_arrival(row, taken));
        }
        if let Some(entry) = self.entry() {
            let at = entry.received_on.at(0, 0, 0, 0);
            let source = Party::retailer(entry.new_retailer);
            all.push(arrival_of(
                entry,
                "cancellation-list",
                source,
                Purpose::CancellationAgency,
                entry.number.as_str(),
                at,
            ));
        }
        all.extend(self.arrivals.iter().cloned());
        all
    }
}

impl Customer {
    /// Everything of a point, whoever it is of: for work inside the company.
    #[must_use]
    pub const fn all(folders: Vec<Folder>) -> Customer {
        Customer { folders }
    }

    /// The supply point.
    #[must_use]
    pub fn point(&self) -> Option<SupplyPointId> {
        self.folders.iter().find_map(Folder::point)
    }

    /// By what a manager finds the customer.
    #[must_use]
    pub fn about(&self) -> About {
        let number = || self.folders.iter().rev().find_map(Folder::contract_number);
        let point = self.point().map(About::Point);
        point.or_else(|| number().map(|number| About::Contract(number.to_owned()))).unwrap_or(About::Unnumbered)
    }

    /// What is held of the customer on a day.
    #[must_use]
    pub fn holdings<'n>(&self, us: Party, notice: &'n Notice, today: Date) -> Holdings<'n> {
        let mut history = ManagerHistory::default();
        let mut arrivals = Vec::new();
        for (index, folder) in self.folders.iter().enumerate() {
            let arrived = folder.arrived();
            let first = arrived.iter().map(|arrival| arrival.at.date()).min();
            if let Some(change) = folder.initial() {
                let ours = folder.incoming.is_some().then_some(us);
                let change = ManagerChange { retailer: change.retailer.or(ours), ..change };
                history.add(if index == 0 { Date::MIN } else { first.unwrap_or(Date::MIN) }, change);
            }
            let island = |part: &Part| part.item == Item::IsolatedIslandTerms && bool::read(&part.text) == Ok(true);
            if let Some(told) = arrived.iter().find(|arrival| arrival.parts.iter().any(island)) {
                let island = ManagerChange { supply: Some(SupplyKind::IsolatedIsland), ..ManagerChange::default() };
                history.add(told.as_of.date(), island);
            }
            for (from, change) in folder.switched(us).into_iter().chain(folder.changes.iter().copied()) {
                history.add(from, change);
            }
            for arrival in arrived {
                // A correction stands in every dossier of the person.
                if arrival.message != CORRECTION || !arrivals.contains(&arrival) {
                    arrivals.push(arrival);
                }
            }
        }
        let denials = self.folders.iter().flat_map(|folder| folder.denials.iter().cloned()).collect();
        Holdings::fold(us, notice, history, arrivals, today).with_denials(denials)
    }

    /// Whether a switch away from us is not over on a day.
    #[must_use]
    pub fn is_leaving(&self, today: Date) -> bool {
        self.folders.iter().any(|folder| folder.is_leaving(today))
    }

    /// Since when the use is suspended.
    #[must_use]
    pub fn suspended(&self) -> Option<DateTime> {
        self.folders.iter().filter_map(|folder| folder.state.suspended).min()
    }
}
