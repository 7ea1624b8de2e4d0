//! 本人の請求: disclosure, correction, suspension, erasure — only after the identity was checked, and every answer and every
//! refusal is a line of the ledger.

use super::correct::correct;
use super::folder::{Customer, Key};
use super::person::{marks, person};
use super::readings::{readings_of, without_readings};
use super::report::SubjectReport;
use crate::desk::flow;
use crate::items::{Code as _, DateTime, Item, ItemSet};
use crate::notice::{Decision, Evidence, EvidenceKind, Notice, Outcome, Party, Purpose, Question, Role, StewardClause};
use crate::store::{CustomerRequest, IdentityCheck, RequestKind, Store, StoreError, Tx};
use jiff::ToSpan as _;
use serde_json::{Value, json};

/// 請求: who asks about whom, and how that was made sure.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// By what the customer is looked for.
    pub key: &'a Key,
    /// The name of who asks, or for whom an agent asks.
    pub name: &'a str,
    /// How the identity was checked, and the company's record of it.
    pub identity: Option<(IdentityCheck, &'a str)>,
    /// Who takes the request.
    pub by: &'a str,
    /// The moment, JST.
    pub now: DateTime,
    /// Within how many days it is to be answered.
    pub days: u16,
}

/// 請求の内容: what is asked for.
#[derive(Clone, Debug)]
pub enum Wish {
    /// 開示
    Report,
    /// 訂正 of one item to a value.
    Correct(Item, String),
    /// 利用停止
    Suspend,
    /// 利用停止の解除
    Resume,
    /// 消去
    Erase,
}

impl Wish {
    const fn kind(&self) -> RequestKind {
        match self {
            Wish::Report => RequestKind::Report,
            Wish::Correct(..) => RequestKind::Correct,
            Wish::Suspend => RequestKind::Suspend,
            Wish::Resume => RequestKind::Resume,
            Wish::Erase => RequestKind::Erase,
        }
    }
}

/// 回答: what came of a request.
#[derive(Debug)]
pub enum Answered {
    /// The report.
    Report(Box<SubjectReport>),
    /// The item was corrected: we manage it.
    Corrected,
    /// The value is the one that stands: nothing was entered.
    Same,
    /// The item is managed elsewhere: the claim is held beside, and the request to the manager is drafted.
    Asked {
        /// 管理責任者
        manager: Party,
        /// The draft; nothing where the customer now says what the manager says.
        draft: Option<String>,
    },
    /// Suspended or resumed: so many cases held, so many messages stopped.
    Stopped {
        /// Cases that say nothing more until they are released.
        cases: usize,
        /// Messages that were waiting and will not be sent.
        messages: u64,
    },
    /// Erased.
    Erased {
        /// So many dossiers.
        dossiers: usize,
        /// So many files of readings were written anew without the point; nothing where it cannot be told whose they are.
        readings: Option<usize>,
    },
}

/// 拒否: why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A clause stands against it.
    #[error("{} / {} [{}]{}", .0.ja(), .0.en(), .0.key(), .1.as_ref().map(|law| format!(": {law}")).unwrap_or_default())]
    Clause(StewardClause, Option<String>),
    /// The notice stands against it.
    #[error("通知により応じられません（{}） / the notice refuses it: {}", .0.reasons_ja(), .0.reasons_en())]
    Notice(Box<Decision>),
    /// The value is not one of the item.
    #[error("{0} / {1}")]
    Value(String, String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StewardClause> for Refused {
    fn from(clause: StewardClause) -> Refused {
        Refused::Clause(clause, None)
    }
}

/// The line of the ledger about what was done or refused inside the company.
pub(in crate::desk) fn line(now: DateTime, verdict: &str, message: &str, us: Party, by: &str, more: &Value) -> String {
    let mut line = json!({
        "at": now.to_string(), "verdict": verdict, "message": message, "sender": us.to_string(), "by": by,
    });
    if let (Some(line), Some(more)) = (line.as_object_mut(), more.as_object()) {
        line.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    line.to_string()
}

/// Writes a line of the ledger about a customer: whoever asks for what is held of it finds it.
pub fn note(tx: &Tx<'_>, line: &str, customer: &Customer) -> Result<(), StoreError> {
    let place = tx.add_ledger([line])?;
    customer.folders.iter().try_for_each(|folder| tx.trace(folder.state.dossier, place))
}

/// 請求への対応: does what a customer asks, or says which clause stands against it; both leave a line in the ledger.
pub fn ask(
    store: &mut Store,
    us: Party,
    notice: &'static Notice,
    asked: &Asked<'_>,
    wish: &Wish,
) -> Result<Answered, Refused> {
    let message = format!("subject-{}", wish.kind().key());
    let (named, about) = store.read(|tx| person(tx, asked.key, asked.name))?;
    let done = checked(asked)
        .and_then(|identity| Ok((identity, named?)))
        .map_err(Refused::from)
        .and_then(|(identity, customer)| act(store, us, notice, asked, wish, identity, &customer));
    if let Err(refused) = &done {
        let (clause, items) = match refused {
            Refused::Clause(clause, _) => (Some(clause.key()), json!([])),
            // Each item says its clause.
            Refused::Notice(decision) => (None, decision.to_json().get("items").cloned().unwrap_or_default()),
            Refused::Value(..) => (Some("value"), json!([])),
            Refused::Store(_) => return done,
        };
        let more = json!({"recipient": "customer", "purpose": Purpose::OwnUse.key(), "clause": clause, "items": items});
        let line = line(asked.now, "refused", &message, us, asked.by, &more);
        store.commit(|tx| note(tx, &line, &about))?;
    }
    done
}

fn checked<'a>(asked: &Asked<'a>) -> Result<(IdentityCheck, &'a str), StewardClause> {
    let (check, reference) = asked.identity.ok_or(StewardClause::IdentityMissing)?;
    if reference.trim().is_empty() || asked.name.trim().is_empty() {
        return Err(StewardClause::IdentityMissing);
    }
    Ok((check, reference.trim()))
}

fn act(
    store: &mut Store,
    us: Party,
    notice: &'static Notice,
    asked: &Asked<'_>,
    wish: &Wish,
    (check, reference): (IdentityCheck, &str),
    customer: &Customer,
) -> Result<Answered, Refused> {
    let today = asked.now.date();
    let request = CustomerRequest {
        id: 0,
        dossier: customer.folders.last().map(|folder| folder.state.dossier).ok_or(StewardClause::NotHeld)?,
        kind: wish.kind(),
        check,
        check_reference: reference.to_owned(),
        received: asked.now,
        due: today.checked_add(i64::from(asked.days).days()).unwrap_or(today),
        answered: Some(asked.now),
        by: asked.by.to_owned(),
    };
    let plain = |more: Value| line(asked.now, "done", &format!("subject-{}", wish.kind().key()), us, asked.by, &more);
    match wish {
        Wish::Report => {
            let items = disclose(us, notice, customer, reference, asked)?;
            let more = json!({"recipient": "customer", "purpose": Purpose::OwnUse.key(), "notice": notice.key(), "items": items});
            let line = line(asked.now, "granted", "subject-report", us, asked.by, &more);
            let readings = readings_of(store, customer)?;
            let mut report = store.commit(|tx| {
                tx.add_request(&request)?;
                note(tx, &line, customer)?;
                SubjectReport::gather(tx, customer, us, notice, today)
            })?;
            report.readings = readings;
            Ok(Answered::Report(Box::new(report)))
        }
        Wish::Correct(item, value) => correct(store, (us, notice), asked, (*item, value), request, customer),
        Wish::Suspend | Wish::Resume => {
            let since = matches!(wish, Wish::Suspend).then_some(asked.now);
            let stopped = store.commit(|tx| {
                tx.add_request(&request)?;
                let stopped = suspend(tx, customer, since, asked.now)?;
                note(tx, &plain(json!({"cases": stopped.0, "messages": stopped.1})), customer)?;
                Ok(stopped)
            })?;
            Ok(Answered::Stopped { cases: stopped.0, messages: stopped.1 })
        }
        Wish::Erase => {
            if customer.folders.iter().any(|folder| folder.is_under_way(today)) {
                return Err(StewardClause::OpenSwitch.into());
            }
            if let Some(hold) =
                customer.folders.iter().filter_map(|folder| folder.state.hold.as_ref()).find(|hold| hold.holds(today))
            {
                return Err(Refused::Clause(StewardClause::LegalHold, Some(hold.law.clone())));
            }
            let (without, readings) = without_readings(store, customer)?;
            store.commit(|tx| {
                tx.add_request(&request)?;
                without.as_ref().map_or(Ok(()), |without| tx.put_without(without))?;
                let more = |dossiers: &[i64]| json!({"dossiers": dossiers, "readings-files": readings, "items": []});
                erase(tx, customer, asked.now, |dossiers| plain(more(dossiers)))
            })?;
            without.as_ref().map_or(Ok(()), |without| store.remove_replaced(without))?;
            Ok(Answered::Erased { dossiers: customer.folders.len(), readings })
        }
    }
}

/// Erases dossiers with a line in the ledger that names their keys by number.
pub(super) fn erase(
    tx: &Tx<'_>,
    customer: &Customer,
    at: DateTime,
    line: impl FnOnce(&[i64]) -> String,
) -> Result<(), StoreError> {
    for folder in &customer.folders {
        let marks = marks(folder);
        tx.erase(&folder.state, at)?;
        // Keyed hashes are all that remains: a second request is answered with what became of the first.
        marks.iter().try_for_each(|text| tx.remember_erased(folder.state.dossier, text))?;
    }
    let numbers: Vec<i64> = customer.folders.iter().map(|folder| folder.state.dossier.0).collect();
    note(tx, &line(&numbers), customer)
}

/// Stops the use of what is held of a customer, or lets it go on: open cases wait for a person in either case.
fn suspend(
    tx: &Tx<'_>,
    customer: &Customer,
    since: Option<DateTime>,
    now: DateTime,
) -> Result<(usize, u64), StoreError> {
    let (mut cases, mut messages) = (0, 0);
    for folder in &customer.folders {
        tx.set_suspended(folder.state.dossier, since)?;
        if since.is_none() {
            continue;
        }
        messages += tx.stop_outgoing(folder.state.dossier, now)?;
        if let Some(case) = folder.case.as_ref().filter(|case| case.outcome.is_none()) {
            let mut case = case.clone();
            let event = flow::hold(
                &mut case,
                now,
                StewardClause::Suspended.ja().to_owned(),
                StewardClause::Suspended.en().to_owned(),
            );
            tx.save_case(&case)?;
            tx.add_event(case.id, &event)?;
            cases += 1;
        }
    }
    Ok((cases, messages))
}

/// What the notice lets the customer see: everything, on a verified request.
fn disclose(
    us: Party,
    notice: &Notice,
    customer: &Customer,
    reference: &str,
    asked: &Asked<'_>,
) -> Result<Value, Refused> {
    let held = customer.holdings(us, notice, asked.now.date());
    let items: ItemSet = held.values().map(|value| value.item).collect();
    let evidence = [Evidence { kind: EvidenceKind::VerifiedRequest, reference }];
    let mut question = Question::new(us, Party::of(Role::Customer), Purpose::OwnUse, items);
    question.evidence = &evidence;
    question.today = Some(asked.now.date());
    let decision = notice.decide(&question);
    if !decision.is_granted() {
        return Err(Refused::Notice(Box::new(decision)));
    }
    let granted = items.iter().filter_map(|item| match decision.outcome(item) {
        Some(Outcome::Granted { basis, .. }) => Some(json!({"item": item.key(), "basis": basis.key()})),
        _ => None,
    });
    Ok(granted.collect())
}
