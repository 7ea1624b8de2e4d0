//! From the TOML form to a notice that decides; refuses what does not hold together.

use super::decision::{ITEMS, MANAGERS};
use super::file::{
    Key, ManagerFile, ManagerKey, NecessityFile, NoticeFile, ParticipantFile, PrintedFile, SwitchboardFile, union,
};
use super::published::{
    ManagerRule, Outsourcing, PURPOSES, Participant, Printed, PurposeSet, ROLES, Statement, Table, keep_key,
};
use super::usual::Usual;
use super::{EvidenceKind, KeepRule, Notice, NoticeError, NoticeErrorKind, NoticeKind, Purpose, Role};
use crate::items::{Code, Item, ItemSet};
use toml::Spanned;

type Fault = (usize, NoticeErrorKind);

/// Reads a notice; with `base`, on top of the one that ships under that key.
pub(super) fn compile(text: &str) -> Result<Notice, NoticeError> {
    let file: NoticeFile = toml::from_str(text).map_err(|error| {
        let byte = error.span().map_or(0, |span| span.start);
        NoticeError::at(text, byte, NoticeErrorKind::Form(error.message().to_owned()))
    })?;
    let mut draft = match &file.base {
        None => Draft::new(&file),
        Some(base) => {
            let kind = || NoticeErrorKind::Base(base.get_ref().clone());
            let fault = || NoticeError::at(text, base.span().start, kind());
            let source = Notice::embedded_source(base.get_ref()).ok_or_else(fault)?;
            let below: NoticeFile = toml::from_str(source).map_err(|_| fault())?;
            if below.base.is_some() {
                return Err(fault());
            }
            let mut draft = Draft::new(&below);
            draft.add(below).map_err(|_| fault())?;
            draft.rename(&file);
            draft
        }
    };
    let start = file.key.span().start;
    draft.add(file).and_then(|()| draft.finish(start)).map_err(|(byte, kind)| NoticeError::at(text, byte, kind))
}

/// A notice in the making.
struct Draft {
    notice: Notice,
    managed: [[Option<ManagerRule>; ITEMS]; 2],
    switchboard: Option<(SwitchboardFile, usize)>,
    outsourcing: Option<(Role, Vec<Purpose>)>,
    purpose_places: Vec<(Purpose, usize)>,
    item_places: Vec<(ItemSet, usize)>,
}

impl Draft {
    fn new(file: &NoticeFile) -> Draft {
        let notice = Notice {
            key: keep_key(file.key.get_ref()),
            title_ja: file.title_ja.clone(),
            title_en: file.title_en.clone(),
            kind: file.kind.map_or(NoticeKind::SharedUse, |kind| kind.0),
            document: file.document.clone(),
            company: Role::Retailer,
            participants: Vec::new(),
            unconditional: 0,
            purposes: Vec::new(),
            published: PurposeSet::default(),
            own_purposes: PurposeSet::default(),
            items: ItemSet::EMPTY,
            labels: [const { None }; ITEMS],
            managers: [[ManagerRule::Sender; ITEMS]; 2],
            managed: [[ItemSet::EMPTY; MANAGERS]; 2],
            table: Table::empty(),
            usual: Usual::none(),
            relay: Vec::new(),
            limits: [Item::ALL.iter().copied().collect(); PURPOSES],
            prohibited: PurposeSet::default(),
            prohibitions: Vec::new(),
            exceptions: Vec::new(),
            excepted: PurposeSet::default(),
            exception_orders: PurposeSet::default(),
            outsourcing: None,
            aggregate: None,
            retention_years: None,
            retention: None,
            keep: Vec::new(),
            minors: None,
            promises: Vec::new(),
            readings: Vec::new(),
        };
        Draft {
            notice,
            managed: [[None; ITEMS]; 2],
            switchboard: None,
            outsourcing: None,
            purpose_places: Vec::new(),
            item_places: Vec::new(),
        }
    }

    fn rename(&mut self, file: &NoticeFile) {
        self.notice.key = keep_key(file.key.get_ref());
        self.notice.title_ja.clone_from(&file.title_ja);
        self.notice.title_en.clone_from(&file.title_en);
        self.notice.document.clone_from(&file.document);
    }

    fn add(&mut self, file: NoticeFile) -> Result<(), Fault> {
        let in_file: Vec<(Role, _)> = Vec::new();
        file.participant.into_iter().try_fold(in_file, |seen, one| self.participant(one, seen))?;
        for one in file.purpose {
            let (place, printed) = (one.span().start, printed(&one.into_inner()));
            if self.notice.published.has(printed.purpose) {
                return Err((place, NoticeErrorKind::Twice(printed.purpose.key().to_owned())));
            }
            self.notice.published = self.notice.published.with(printed.purpose);
            self.purpose_places.push((printed.purpose, place));
            self.notice.purposes.push(printed);
        }
        for one in &file.items {
            let (place, items) = (one.span().start, union(&one.get_ref().keys));
            if let Some(item) = items.intersection(self.notice.items).iter().next() {
                return Err((place, NoticeErrorKind::Twice(item.key().to_owned())));
            }
            self.item_places.push((items, place));
            self.notice.items = self.notice.items.union(items);
        }
        file.manager.iter().try_for_each(|one| self.manager(one.get_ref(), one.span().start))?;
        for (key, label) in file.labels {
            let place = label.span().start;
            let item = Item::from_key(&key).filter(|item| self.notice.items.contains(*item));
            let slot = item.and_then(|item| self.notice.labels.get_mut(item as usize));
            match slot {
                Some(slot) => *slot = Some(label.into_inner().0.into_boxed_str()),
                None => return Err((place, NoticeErrorKind::Form(format!("the notice lists no item `{key}`")))),
            }
        }
        self.necessity(&file.necessity)?;
        if let Some(one) = file.switchboard {
            let place = one.span().start;
            self.switchboard = Some((one.into_inner(), place));
        }
        for one in &file.limit {
            self.limit(one)?;
        }
        for one in file.prohibition {
            let (place, printed) = (one.span().start, printed(&one.into_inner()));
            if self.notice.published.has(printed.purpose) {
                return Err((place, NoticeErrorKind::Prohibited(printed.purpose.key())));
            }
            self.notice.prohibited = self.notice.prohibited.with(printed.purpose);
            self.notice.prohibitions.push(printed);
        }
        for one in file.exception {
            self.exception(one)?;
        }
        if let Some(own) = file.own_use {
            self.notice.own_purposes = own.purposes.iter().map(|key| key.0).collect();
        }
        if let Some(one) = file.outsourcing {
            self.outsourcing = Some((one.role.0, keys(&one.purposes)));
        }
        if let Some(one) = file.aggregate {
            self.notice.aggregate = Some((one.purpose.0, union(&one.items)));
        }
        if let Some(one) = file.retention {
            self.notice.retention_years = one.years.map(std::num::NonZeroU16::get);
            self.notice.retention = Some(Statement { ja: one.ja, en: one.en });
        }
        KeepRule::take(file.keep, self.notice.items, &mut self.notice.keep)?;
        self.notice.minors = file.minors.map(|one| one.under.get()).or(self.notice.minors);
        let statement = |(ja, en)| Statement { ja, en };
        self.notice.promises.extend(file.promise.into_iter().map(|one| statement((one.ja, one.en))));
        let unverified = file.reading.into_iter().filter(|one| !one.verified);
        self.notice.readings.extend(unverified.map(|one| statement((one.ja, one.en))));
        Ok(())
    }

    /// A participant of the file takes the place of the same one in the base.
    fn participant(
        &mut self,
        one: Spanned<ParticipantFile>,
        mut seen: Vec<(Role, Option<super::PartyName>)>,
    ) -> Result<Vec<(Role, Option<super::PartyName>)>, Fault> {
        let (place, one) = (one.span().start, one.into_inner());
        let new = Participant {
            role: one.role.0,
            name: one.name.map(|name| name.0),
            needs: one.needs.map(|kind| kind.0),
            members: one.members,
            areas: keys(&one.areas),
            ja: one.ja,
            en: one.en,
        };
        let identity = (new.role, new.name);
        if seen.contains(&identity) {
            return Err((place, NoticeErrorKind::Twice(new.role.key().to_owned())));
        }
        seen.push(identity);
        match self.notice.participants.iter_mut().find(|old| (old.role, old.name) == identity) {
            Some(old) => *old = new,
            None => self.notice.participants.push(new),
        }
        Ok(seen)
    }

    fn manager(&mut self, one: &ManagerFile, place: usize) -> Result<(), Fault> {
        let rules = [one.is, one.island_or_last_resort.unwrap_or(one.is)];
        for item in union(&one.items).iter() {
            if !self.notice.items.contains(item) {
                return Err((place, NoticeErrorKind::NotListed(item.key())));
            }
            for (rules_of, rule) in self.managed.iter_mut().zip(rules) {
                match rules_of.get_mut(item as usize) {
                    Some(slot @ None) => *slot = Some(manager_rule(rule)),
                    _ => return Err((place, NoticeErrorKind::TwoManagers(item.key()))),
                }
            }
        }
        Ok(())
    }

    /// Rows of one file for the same cell add up; a row of the file takes the place of the base's.
    fn necessity(&mut self, rows: &[Spanned<NecessityFile>]) -> Result<(), Fault> {
        let mut table = Table::empty();
        let mut cells = Vec::new();
        for row in rows {
            let (place, row) = (row.span().start, row.get_ref());
            let (purpose, items) = (row.purpose.0, union(&row.items));
            if !self.notice.published.has(purpose) {
                return Err((place, NoticeErrorKind::Wider(purpose.key())));
            }
            if let Some(item) = items.difference(self.notice.items).iter().next() {
                return Err((place, NoticeErrorKind::Wider(item.key())));
            }
            for (from, to) in row.from.iter().flat_map(|from| row.to.iter().map(move |to| (from.0, to.0))) {
                let listed = |role| self.notice.participants.iter().any(|one| one.role == role);
                if let Some(role) = [from, to].into_iter().find(|role| !listed(*role)) {
                    return Err((place, NoticeErrorKind::Wider(role.key())));
                }
                table.add(from, to, purpose, items);
                cells.push((from, to, purpose));
                if row.both_ways {
                    table.add(to, from, purpose, items);
                    cells.push((to, from, purpose));
                }
            }
        }
        for (from, to, purpose) in cells {
            self.notice.table.set(from, to, purpose, table.get(from, to, purpose));
        }
        Ok(())
    }

    fn limit(&mut self, one: &Spanned<super::file::LimitFile>) -> Result<(), Fault> {
        let (place, one) = (one.span().start, one.get_ref());
        let (items, never, only) = (union(&one.items), union(&one.never), union(&one.only));
        let well_formed = match one.purpose {
            None => !one.only_for.is_empty() && !items.is_empty() && never.is_empty() && only.is_empty(),
            Some(_) => one.only_for.is_empty() && items.is_empty() && never.is_empty() != only.is_empty(),
        };
        if !well_formed {
            let form = "a limit has `items` and `only-for`, or `purpose` and one of `never`, `only`";
            return Err((place, NoticeErrorKind::Form(form.to_owned())));
        }
        let only_for = keys(&one.only_for);
        for (purpose, limit) in Purpose::ALL.iter().zip(self.notice.limits.iter_mut()) {
            let held = match one.purpose {
                None if only_for.contains(purpose) => ItemSet::EMPTY,
                None => items,
                Some(key) if key.0 == *purpose && only.is_empty() => never,
                Some(key) if key.0 == *purpose => limit.difference(only),
                Some(_) => ItemSet::EMPTY,
            };
            *limit = limit.difference(held);
        }
        Ok(())
    }

    fn exception(&mut self, one: Spanned<PrintedFile>) -> Result<(), Fault> {
        let (place, one) = (one.span().start, one.into_inner());
        let purpose = one.key.0;
        if !self.notice.published.has(purpose) {
            return Err((place, NoticeErrorKind::Wider(purpose.key())));
        }
        match one.needs.map(|kind| kind.0) {
            None => {}
            Some(EvidenceKind::Order) => self.notice.exception_orders = self.notice.exception_orders.with(purpose),
            Some(_) => {
                let form = "an exception can need an `order`, nothing else";
                return Err((place, NoticeErrorKind::Form(form.to_owned())));
            }
        }
        self.notice.excepted = self.notice.excepted.with(purpose);
        self.notice.exceptions.push(printed(&one));
        Ok(())
    }

    fn finish(mut self, start: usize) -> Result<Notice, Fault> {
        if self.notice.participants.is_empty() {
            return Err((start, NoticeErrorKind::Missing("participant")));
        }
        if self.notice.purposes.is_empty() {
            return Err((start, NoticeErrorKind::Missing("purpose")));
        }
        let plain = |one: &&Participant| one.name.is_none() && one.needs.is_none() && one.areas.is_empty();
        let plain = self.notice.participants.iter().filter(plain);
        self.notice.unconditional = plain.fold(0, |roles, one| roles | 1 << one.role as u16);
        self.finish_managers(start)?;
        self.finish_outsourcing();
        self.finish_switchboard()?;
        self.notice.usual = Usual::of(&self.notice);
        for (purpose, place) in &self.purpose_places {
            if !self.lets_something_go(*purpose) {
                return Err((*place, NoticeErrorKind::PurposeWithoutItems(purpose.key())));
            }
        }
        Ok(self.notice)
    }

    fn finish_managers(&mut self, start: usize) -> Result<(), Fault> {
        let rules = self.notice.managers.iter_mut().zip(self.notice.managed.iter_mut());
        for ((rules, sets), given) in rules.zip(&self.managed) {
            for ((item, rule), given) in Item::ALL.iter().zip(rules.iter_mut()).zip(given) {
                let listed = self.notice.items.contains(*item);
                if listed && given.is_none() {
                    let places = self.item_places.iter().find(|(items, _)| items.contains(*item));
                    let place = places.map_or(start, |(_, place)| *place);
                    return Err((place, NoticeErrorKind::NoManager(item.key())));
                }
                *rule = given.unwrap_or(ManagerRule::Sender);
                if let Some(set) = sets.get_mut(*rule as usize) {
                    *set = set.with(*item);
                }
            }
        }
        Ok(())
    }

    fn finish_outsourcing(&mut self) {
        let all = || self.notice.purposes.iter().map(|one| one.purpose).chain(self.notice.own_purposes.iter());
        self.notice.outsourcing = self.outsourcing.take().map(|(role, purposes)| Outsourcing {
            role,
            purposes: if purposes.is_empty() { all().collect() } else { purposes.into_iter().collect() },
        });
    }

    /// The switchboard receives from one end what the rows allow to the others, and relays to an end what they allow it.
    fn finish_switchboard(&mut self) -> Result<(), Fault> {
        let Some((switchboard, place)) = self.switchboard.take() else { return Ok(()) };
        let (hub, ends) = (switchboard.role.0, keys(&switchboard.between));
        let listed = |role| self.notice.participants.iter().any(|one| one.role == role);
        if let Some(role) = ends.iter().chain([&hub]).find(|role| !listed(**role)) {
            return Err((place, NoticeErrorKind::Wider(role.key())));
        }
        let also = switchboard.also.map(|also| (also.purpose.0, union(&also.items)));
        for purpose in self.notice.published.iter() {
            for end in &ends {
                let ends = ends.iter().copied();
                let sent = ends.clone().map(|other| self.notice.table.get(*end, other, purpose));
                let received = ends.map(|other| self.notice.table.get(other, *end, purpose));
                let sent = sent.fold(ItemSet::EMPTY, ItemSet::union);
                let received = received.fold(ItemSet::EMPTY, ItemSet::union);
                let extra = also.filter(|(of, _)| *of == purpose && !sent.is_empty()).map(|(_, items)| items);
                self.notice.table.add(*end, hub, purpose, sent.union(extra.unwrap_or_default()));
                self.notice.table.add(hub, *end, purpose, received);
            }
        }
        self.notice.relay = ends;
        Ok(())
    }

    fn lets_something_go(&self, purpose: Purpose) -> bool {
        let notice = &self.notice;
        let pairs = (0..ROLES * ROLES).filter_map(|pair| Role::ALL.get(pair / ROLES).zip(Role::ALL.get(pair % ROLES)));
        let mut rows = pairs.map(|(from, to)| notice.table.get(*from, *to, purpose));
        rows.any(|items| !items.is_empty())
            || notice.excepted.has(purpose)
            || notice.aggregate.is_some_and(|(of, items)| of == purpose && !items.is_empty())
            || (notice.kind == NoticeKind::Exceptions
                && notice.outsourcing.is_some_and(|one| one.purposes.has(purpose)))
    }
}

fn keys<T: Copy>(keys: &[Key<T>]) -> Vec<T> {
    keys.iter().map(|key| key.0).collect()
}

fn printed(one: &PrintedFile) -> Printed {
    Printed { mark: one.mark.clone(), purpose: one.key.0, ja: one.ja.clone(), en: one.en.clone() }
}

const fn manager_rule(key: ManagerKey) -> ManagerRule {
    match key {
        ManagerKey::ContractRetailer => ManagerRule::ContractRetailer,
        ManagerKey::AreaOperator => ManagerRule::AreaOperator,
        ManagerKey::SuppressionContractor => ManagerRule::SuppressionContractor,
        ManagerKey::Company => ManagerRule::Company,
    }
}
