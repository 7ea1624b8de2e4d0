//! 同意: taken down with its evidence, and withdrawn as easily: what has not been sent is stopped, what has been is said.

use super::act::{Refused, line, note};
use super::folder::{Customer, Folder, Key, find};
use super::report::{Disclosed, disclosed_of};
use crate::desk::flow;
use crate::desk::release::unsaid;
use crate::items::{Code as _, Date, DateTime};
use crate::messages::Message as _;
use crate::messages::switching::{ConsentMethod, SwitchingMessage, Withdrawal, WithdrawalReason};
use crate::notice::{Notice, NoticeKind, Party, Purpose, StewardClause};
use crate::store::{ConsentRecord, Store, StoreError, Tx};
use serde_json::json;

/// 同意の内容: a consent as it is taken down.
#[derive(Clone, Debug)]
pub struct Given<'a> {
    /// By what the customer is looked for.
    pub key: &'a Key,
    /// Whose consent it is.
    pub name: &'a str,
    /// For what.
    pub purpose: Purpose,
    /// To whom it lets something go, where it names somebody.
    pub recipient: Option<Party>,
    /// How it was given.
    pub form: ConsentMethod,
    /// When it was given, JST.
    pub given: DateTime,
    /// The last day on which it is valid.
    pub until: Option<Date>,
    /// SHA-256 of the evidence, hexadecimal.
    pub evidence: Option<String>,
    /// Whether the customer is under the age that the notice names.
    pub minor: bool,
    /// Who of the family consented.
    pub guardian: Option<&'a str>,
    /// Who takes it down.
    pub by: &'a str,
    /// The moment, JST.
    pub now: DateTime,
}

impl Given<'_> {
    fn check(&self, notice: &Notice) -> Result<(), StewardClause> {
        // A prohibition beats every grant: there is nothing to consent to.
        if self.purpose.is_never() || notice.prohibits(self.purpose) {
            return Err(StewardClause::Prohibited);
        }
        if self.given > self.now {
            return Err(StewardClause::ConsentFuture);
        }
        if self.until.is_some_and(|until| until < self.now.date()) {
            return Err(StewardClause::ConsentExpired);
        }
        if self.evidence.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(StewardClause::EvidenceMissing);
        }
        // A notice of exceptions promises written consent; electronic counts as written.
        if notice.kind() == NoticeKind::Exceptions && self.form == ConsentMethod::Oral {
            return Err(StewardClause::ConsentForm);
        }
        let guarded = self.guardian.is_some_and(|guardian| !guardian.trim().is_empty());
        if self.minor && notice.minors_under().is_some() && !guarded {
            return Err(StewardClause::GuardianMissing);
        }
        Ok(())
    }
}

/// Takes down a consent, or says which clause stands against it; both leave a line in the ledger.
pub fn give_consent(store: &mut Store, us: Party, notice: &Notice, given: &Given<'_>) -> Result<i64, Refused> {
    let (folders, erased) = store.read(|tx| find(tx, given.key))?;
    let about = Customer::all(folders.clone());
    let checked = given.check(notice).and_then(|()| Customer::named(folders, erased, given.name));
    let more = |clause: Option<StewardClause>| json!({"purpose": given.purpose.key(), "clause": clause.map(StewardClause::key), "items": []});
    let customer = match checked {
        Ok(customer) => customer,
        Err(clause) => {
            let line = line(given.now, "refused", "consent-add", us, given.by, &more(Some(clause)));
            store.commit(|tx| note(tx, &line, &about))?;
            return Err(clause.into());
        }
    };
    let dossier = customer.folders.last().map(|folder| folder.state.dossier).ok_or(StewardClause::NotHeld)?;
    let consent = ConsentRecord {
        id: 0,
        dossier,
        purpose: given.purpose,
        recipient: given.recipient.map(|party| party.to_string()),
        form: given.form,
        given: given.given,
        until: given.until,
        evidence: given.evidence.clone().unwrap_or_default(),
        guardian: given.guardian.map(str::to_owned),
        withdrawn: None,
        by: given.by.to_owned(),
    };
    let line = line(given.now, "done", "consent-add", us, given.by, &more(None));
    Ok(store.commit(|tx| {
        note(tx, &line, &customer)?;
        tx.add_consent(&consent)
    })?)
}

/// 撤回の結果: what a withdrawal stopped, and what had gone already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Cases that were cancelled, or are on their way to be.
    pub cases: usize,
    /// Messages that were waiting and will not be sent.
    pub messages: u64,
    /// What had been sent before.
    pub sent: Vec<Disclosed>,
}

/// Withdraws a consent: only its number is needed. What has not been sent is stopped; what has been is said.
pub fn withdraw_consent(store: &mut Store, us: Party, id: i64, by: &str, now: DateTime) -> Result<Stopped, Refused> {
    let found = store.read(|tx| tx.consent(id))?;
    let clause = match &found {
        None => Some(StewardClause::ConsentUnknown),
        Some(consent) if consent.withdrawn.is_some() => Some(StewardClause::ConsentWithdrawn),
        Some(_) => None,
    };
    let (Some(consent), None) = (found, clause) else {
        let clause = clause.unwrap_or(StewardClause::ConsentUnknown);
        let line = line(now, "refused", "consent-withdraw", us, by, &json!({"clause": clause.key(), "items": []}));
        store.commit(|tx| tx.add_ledger([line.as_str()]))?;
        return Err(clause.into());
    };
    let stopped = store.commit(|tx| {
        tx.withdraw_consent(id, now)?;
        let mut stopped = Stopped::default();
        let Some(state) = tx.dossier(consent.dossier)?.filter(|state| state.erased.is_none()) else { return Ok(stopped) };
        let customer = Customer::all(vec![super::folder::open(tx, state)?]);
        for folder in &customer.folders {
            stop(tx, folder, &consent, now, &mut stopped)?;
        }
        let more = json!({"purpose": consent.purpose.key(), "cases": stopped.cases, "messages": stopped.messages, "items": []});
        note(tx, &line(now, "done", "consent-withdraw", us, by, &more), &customer)?;
        Ok(stopped)
    })?;
    Ok(stopped)
}

/// 切替の同意: one consent to the switch carries everything that is said for it.
const fn is_of_switch(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::ConsignmentContract | Purpose::CancellationAgency)
}

/// Whether a message that waits rested on a consent: its purpose is that of the consent, and it goes to whom the consent
/// names. What tells a counterparty that the customer withdraws goes out: it is the withdrawal.
fn rested(consent: &ConsentRecord, message: &str, recipient: Party) -> bool {
    if message == Withdrawal::SPEC.key {
        return false;
    }
    // A message that this version does not know is not sent by it, either.
    let Some(purpose) = SwitchingMessage::spec_of(message).map(|spec| spec.purpose) else { return true };
    let of_switch = is_of_switch(purpose) || purpose == Purpose::PointConfirmation;
    let covered = purpose == consent.purpose || is_of_switch(consent.purpose) && of_switch;
    covered && consent.recipient.as_ref().is_none_or(|named| *named == recipient.to_string())
}

fn stop(
    tx: &Tx<'_>,
    folder: &Folder,
    consent: &ConsentRecord,
    now: DateTime,
    stopped: &mut Stopped,
) -> Result<(), StoreError> {
    for (line, entry) in tx.traces_of(folder.state.dossier)? {
        // Neither a look inside the company nor what still waits went to anybody.
        let went = |one: &Disclosed| !one.refused && !one.looked && !one.unsent && one.recipient != "customer";
        stopped.sent.extend(disclosed_of(tx, line, &entry)?.filter(went));
    }
    for (id, message, recipient) in tx.undelivered(folder.state.dossier)? {
        if rested(consent, &message, recipient) {
            stopped.messages += u64::from(tx.stop_one(id, now)?);
        }
    }
    let switching = is_of_switch(consent.purpose);
    if let Some(case) = folder.case.as_ref().filter(|_| switching && folder.is_open()) {
        let mut case = case.clone();
        if !tx.has_open_message(folder.state.dossier)? {
            case.stage = unsaid(case.stage);
        }
        let events = flow::cancel(&mut case, WithdrawalReason::Customer, now);
        stopped.cases += usize::from(!events.is_empty());
        events.iter().try_for_each(|event| tx.add_event(case.id, event))?;
        tx.save_case(&case)?;
    }
    Ok(())
}
