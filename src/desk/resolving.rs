//! 送達不明の決裁: a person decides what became of a message whose counterparty cannot be asked.

use super::flow;
use super::office::DeskError;
use super::telling::conclude;
use crate::items::{ApplicationNumber, CancellationNumber, Code as _, DateTime};
use crate::messages::Message as _;
use crate::messages::switching::{Acceptance, CancellationRequest, FacilityInquiry, Receipt, SwitchStart};
use crate::store::{Case, Entry, OutboxState, Outgoing, Store, StoreError};
use crate::wire::Binding;
use std::time::Duration;

crate::code_set! {
    /// 決裁: what a person found out, by telephone for example.
    pub enum Resolution = "resolution" {
        Accepted = "accepted", "受付済み", "it arrived and was accepted";
        Rejected = "rejected", "却下", "it arrived and was rejected";
        NotReceived = "not-received", "未着（再送可）", "it did not arrive: it may be sent again";
    }
}

/// 決裁の内容: who decided what about which message.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// Our reference.
    pub reference: &'a str,
    /// What became of it.
    pub resolution: Resolution,
    /// The number that the counterparty gave it, if it did.
    pub number: Option<&'a str>,
    /// Who says so.
    pub by: &'a str,
}

fn request(ja: &str, en: &str) -> DeskError {
    DeskError::Request(ja.to_owned(), en.to_owned())
}

/// Keeps what a person decided about a message whose outcome is unknown, and lets its case go on.
pub fn resolve(store: &mut Store, binding: &Binding, decided: Decided<'_>, now: DateTime) -> Result<(), DeskError> {
    let Decided { reference, resolution, by, .. } = decided;
    let decidable = |message: &Outgoing| match message.state {
        OutboxState::Unknown => true,
        // It is turned away again and again: nobody has it, and a person may say that it is over.
        OutboxState::Queued => message.attempts > 0 && resolution != Resolution::NotReceived,
        // What the current retailer told and was refused: another copy may have been accepted, and no list says so.
        OutboxState::Rejected => message.case.is_none() && resolution == Resolution::Accepted,
        _ => false,
    };
    let receipt = receipt(store, decided)?;
    let by = format!("{}（{by}）", resolution.ja());
    let done = store.commit(|tx| {
        let Some(message) = tx.outgoing_of(reference)?.filter(decidable) else {
            return Ok(false);
        };
        if message.state != OutboxState::Rejected && !tx.take_open(message.id)? {
            return Ok(false);
        }
        let (state, ja) = match resolution {
            Resolution::NotReceived => (OutboxState::Queued, "送達不明の電文を未着と決裁（再送可）"),
            Resolution::Accepted => (OutboxState::Accepted, "電文を受付済みと決裁"),
            Resolution::Rejected => (OutboxState::Rejected, "電文を却下と決裁"),
        };
        if let Some(mut case) = message.case.map(|id| tx.case_to_change(id)).transpose()?.flatten() {
            tx.add_event(case.id, &flow::event(now, "resolved", format!("{ja}（{by}）"), resolution.en()))?;
            for event in told(&mut case, receipt.as_ref(), &by, now) {
                tx.add_event(case.id, &event)?;
            }
            tx.save_case(&case)?;
        }
        if let (OutboxState::Accepted, Some(number)) = (state, &message.number) {
            let said = binding.decode(&message.body).map_err(|_| StoreError::Damaged("outbox"))?.message;
            conclude(tx, &said, number, Some(decided.by))?;
        }
        tx.settle(message.id, state, now, Some("resolved by a person"), Duration::ZERO)?;
        tx.wake()?;
        Ok(true)
    })?;
    match done {
        true => Ok(()),
        false => Err(request(
            "その参照番号で決裁できる電文（送達不明、または送信を拒否され続けているもの）はありません（照会中・送信中の場合は少し待って再実行してください）。occto outbox list で確認してください",
            "no message of that reference can be decided about: none whose outcome is unknown or which is turned away, or it is being asked for or sent just now: see occto outbox list",
        )),
    }
}

fn told(case: &mut Case, receipt: Option<&Receipt>, by: &str, now: DateTime) -> Vec<Entry> {
    let Some(receipt) = receipt else { return Vec::new() };
    if receipt.acceptance == Acceptance::Rejected {
        case.reasons.push((by.to_owned(), "rejected, as a person found out".to_owned()));
    }
    flow::received(case, receipt, now)
}

/// The receipt that never came, as the person knows it; nothing where the message did not arrive.
fn receipt(store: &mut Store, decided: Decided<'_>) -> Result<Option<Receipt>, DeskError> {
    let acceptance = match decided.resolution {
        Resolution::NotReceived => return Ok(None),
        Resolution::Accepted => Acceptance::Accepted,
        Resolution::Rejected => Acceptance::Rejected,
    };
    let message = store.read(|tx| Ok::<_, StoreError>(tx.outgoing_of(decided.reference)?.map(|row| row.message)))?;
    let mut receipt = Receipt { acceptance, number: None, cancellation: None, errors: Vec::new() };
    let unreadable = || request("--number の番号を読めません", "the number cannot be read");
    if message.as_deref() == Some(FacilityInquiry::SPEC.key) && acceptance == Acceptance::Accepted {
        let ja = "照会の電文は受付済みとして決裁できません（回答が必要です）。相手方が答えない場合は rejected で終了できます";
        return Err(request(ja, "an inquiry needs its answer: where it is not answered, decide `rejected`"));
    }
    match (message.as_deref(), decided.number) {
        (Some(key), Some(number)) if key == CancellationRequest::SPEC.key => {
            receipt.cancellation = Some(CancellationNumber::parse(number).map_err(|_| unreadable())?);
        }
        (Some(key), Some(number)) if key == SwitchStart::SPEC.key => {
            receipt.number = Some(ApplicationNumber::parse(number).map_err(|_| unreadable())?);
        }
        _ => {}
    }
    Ok(Some(receipt))
}
