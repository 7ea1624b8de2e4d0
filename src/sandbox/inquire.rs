//! 照会: facility, usage, state, list and notices.

use super::case::{Held, Id, cancellation_number, id_of};
use super::engine::{Permission, Sandbox, mix, refuse};
use super::objection::Objection;
use super::usage;
use crate::items::{AmountUnit, Code, ContractForm, Date, Family};
use crate::items::{
    BusinessCode, CurrentLimit, DecommissioningMethod, LeadInPole, MeterNumber, PowerFactor, Reference, SupplyMethod,
    SupplyPointId, YearMonth,
};
use crate::messages::switching::{
    ApplicationEntry, FacilityAnswer, FacilityInquiry, ListAnswer, ListInquiry, NoticeEntry, NoticeInquiry, NoticeKind,
    NoticeList, StatusAnswer, StatusInquiry, SwitchingMessage, UsageInquiry,
};
use crate::messages::{Header, Open};
use crate::notice::SupplyKind;

/// The most notices in one answer.
const MOST_NOTICES: usize = 500;

impl Sandbox {
    /// All sixteen items of a supply point.
    pub(super) fn facility(&self, header: &Header, inquiry: &FacilityInquiry) -> SwitchingMessage {
        let id = inquiry.point;
        let Some(point) = self.found(id) else { return refuse(Objection::NotFound, None).into() };
        if point.family != header.family {
            return refuse(Objection::WrongFamily, None).into();
        }
        if header.recipient.area().is_some_and(|area| area != id.area()) {
            return refuse(Objection::WrongArea, None).into();
        }
        let salt = mix(self.seed, salt(id));
        let method = match (point.family, point.menu.form()) {
            (Family::High, _) => "交流3相3線式6kV",
            (_, Some(ContractForm::Power)) => "交流3相3線式200V",
            _ => "交流単相3線式100V及び200V",
        };
        let ampere =
            point.amount.filter(|_| point.unit == Some(AmountUnit::Ampere)).map(|amount| amount.milli() / 1000);
        FacilityAnswer {
            point: id,
            area: Some(id.area()),
            isolated_island: Some(point.supply == SupplyKind::IsolatedIsland),
            amount: point.amount,
            amount_unit: point.unit,
            current_limit: CurrentLimit::parse(&ampere.unwrap_or(60).to_string()).ok(),
            service_menu: Some(point.menu.clone()),
            power_factor: PowerFactor::parse(if salt.is_multiple_of(4) { "85" } else { "100" }).ok(),
            supply_method: SupplyMethod::parse(method).ok(),
            decision_method: Some(point.decision_method),
            meter_number: MeterNumber::parse(&format!("{}-{:08}", id.area().key(), salt % 100_000_000)).ok(),
            half_hourly: Some(point.half_hourly),
            automatic_reading: Some(point.automatic_reading),
            lead_in_pole: LeadInPole::parse(&format!("{:04}-{:03}", salt % 9973, salt % 997)).ok(),
            interconnection: Some(point.family == Family::Fit),
            changed_on: Some(point.holder_since.unwrap_or(jiff::civil::date(2019, 4, 1))),
            next_reading: Some(point.next_reading.unwrap_or_else(|| self.reading_after(salt))),
            status: Some(point.status),
            decommissioning: Some(DecommissioningMethod::None),
        }
        .into()
    }

    /// A meter reading day in the month ahead.
    fn reading_after(&self, salt: u64) -> Date {
        super::days::plus(self.today(), 1 + (salt % 28) as u16)
    }

    /// Usage, by password: at most the past thirteen months, and nothing before the last change of holder.
    ///
    /// Source: facts/switching.md §2.3 (D).
    pub(super) fn usage(&self, header: &Header, inquiry: &UsageInquiry) -> (SwitchingMessage, Option<Permission>) {
        let refused = |objection| (refuse(objection, None).into(), None);
        let Some(point) = self.found(inquiry.point) else { return refused(Objection::NotFound) };
        if point.family != header.family {
            return refused(Objection::WrongFamily);
        }
        let today = self.today();
        // Inside its validity a password may be shown to other retailers as well (facts/switching.md §2.3, D).
        let password = self.passwords.iter().find(|password| {
            password.point == inquiry.point && password.text == inquiry.password && today <= password.until
        });
        let Some(password) = password else { return refused(Objection::Password) };
        let now = YearMonth::of(today).unwrap_or(inquiry.to);
        let months = inquiry.from.months_until(inquiry.to) + 1;
        if !(1..=13).contains(&months) || inquiry.to > now || inquiry.from.months_until(now) > 13 {
            return refused(Objection::Period);
        }
        let seed = mix(self.seed, salt(inquiry.point));
        let answer = usage::answer(point, seed, inquiry, today);
        (answer.into(), Some(password.permission.clone()))
    }

    fn entry(&self, id: Id) -> Option<ApplicationEntry> {
        self.held.get(id).map(|held| held.entry(id, held.state))
    }

    fn own_by_reference(&self, sender: BusinessCode, reference: &Reference) -> Vec<Id> {
        self.by_reference.get(&(sender, reference.clone())).cloned().unwrap_or_default()
    }

    /// The state of one application of the sender.
    pub(super) fn status(&self, sender: BusinessCode, inquiry: &StatusInquiry) -> SwitchingMessage {
        let own = |id: &Id| self.held.get(*id).is_some_and(|held| held.sender == sender);
        let ids: Vec<Id> = match (&inquiry.number, &inquiry.reference) {
            (Some(number), _) => id_of(number.as_str()).filter(own).into_iter().collect(),
            (None, Some(reference)) => self.own_by_reference(sender, reference),
            (None, None) => Vec::new(),
        };
        StatusAnswer { entries: ids.into_iter().filter_map(|id| self.entry(id)).collect() }.into()
    }

    /// The sender's applications: by own reference, point and period. None is an answer too.
    pub(super) fn list(&self, sender: BusinessCode, inquiry: &ListInquiry) -> SwitchingMessage {
        let fits = |held: &Held| {
            held.sender == sender
                && inquiry.point.is_none_or(|point| point == held.point)
                && inquiry.from.is_none_or(|from| from <= held.submitted_on)
                && inquiry.to.is_none_or(|to| held.submitted_on <= to)
        };
        let ids: Vec<Id> = match (&inquiry.reference, inquiry.point) {
            (Some(reference), _) => self.own_by_reference(sender, reference),
            (None, Some(point)) => self.by_point.get(&point).cloned().unwrap_or_default(),
            (None, None) => (0..self.held.len()).collect(),
        };
        let entries = ids.into_iter().filter(|id| self.held.get(*id).is_some_and(fits));
        ListAnswer { entries: entries.filter_map(|id| self.entry(id)).collect() }.into()
    }

    /// The notices after a number, in sequence; asking twice gives the same answer.
    pub(super) fn notices(&self, sender: BusinessCode, inquiry: &NoticeInquiry) -> SwitchingMessage {
        let told = self.told.get(&sender).map(Vec::as_slice).unwrap_or_default();
        let after = inquiry.after as usize;
        let limit = inquiry.limit.map_or(MOST_NOTICES, |limit| limit as usize).clamp(1, MOST_NOTICES);
        let entries = told.iter().enumerate().skip(after).take(limit).filter_map(|(index, told)| {
            let held = self.held.get(told.application)?;
            let mut application = held.entry(told.application, told.state);
            if told.kind == NoticeKind::CancellationReceived {
                // The other retailer's own reference is none of the current retailer's business.
                let number = cancellation_number(told.application)?;
                application.reference = Reference::parse(number.as_str()).ok()?;
            }
            let issued = |id: Id| self.passwords.iter().find(|password| password.application == id);
            Some(NoticeEntry {
                sequence: u32::try_from(index + 1).ok()?,
                kind: Open::Known(told.kind),
                told_at: told.at,
                applications: vec![application],
                password: match told.kind {
                    NoticeKind::PasswordIssued => issued(told.application).map(|password| password.text.clone()),
                    _ => None,
                },
            })
        });
        let entries: Vec<NoticeEntry> = entries.collect();
        NoticeList { more: told.len() > after.saturating_add(limit), entries }.into()
    }
}

/// A number that stands for a point.
fn salt(id: SupplyPointId) -> u64 {
    let packed = id.packed();
    (packed as u64) ^ ((packed >> 64) as u64)
}
