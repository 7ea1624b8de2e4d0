//! 照会: what has an unknown outcome is asked for by our own reference; it is never sent again blindly.

use super::flow;
use super::new_retailer::{sent_event, unreadable};
use super::office::{DeskError, Office, Reply};
use super::round::{Progress, Round};
use super::sending::{Parcel, delay};
use super::subject::denied;
use super::telling::REFUSED;
use crate::exchange::Transport;
use crate::items::DateTime;
use crate::messages::switching::{Acceptance, ApplicationEntry, ApplicationState, FacilityInquiry, Receipt};
use crate::messages::{Message as _, Open};
use crate::notice::Party;
use crate::store::{Allowance, Case, Entry, OutboxState, Outcome, Outgoing, StoreError, Tx};
use std::time::{Duration, Instant};

impl<T: Transport> Office<'_, T> {
    /// Takes over what was under way when a process ended: what was only taken goes back, what was sent has an unknown
    /// outcome. Where processes share the store, that of the workers whose lease is over.
    pub fn recover(&mut self, now: DateTime) -> Result<u64, DeskError> {
        self.take_over(now, false)
    }

    /// The same; where a person waits for it, what has an unknown outcome is asked for as soon as it may be.
    pub(super) fn take_over(&mut self, now: DateTime, hastens: bool) -> Result<u64, DeskError> {
        let shared = self.store.is_shared();
        if shared && self.store.worker().is_none() {
            return Err(StoreError::NotEnlisted.into());
        }
        let settle = self.settle;
        let taken = self.store.commit(|tx| {
            let mut taken = 0;
            for worker in tx.lost_workers()? {
                tx.put_back(worker)?;
                taken += until_none(|| tx.in_hand(worker, PAGE), |message| give_back(tx, message, settle, now))?;
                tx.remove_worker(worker)?;
            }
            if !shared {
                for state in [OutboxState::Sent, OutboxState::Leased] {
                    let left = || tx.outgoing_in(state, 0, PAGE);
                    taken += until_none(left, |message| give_back(tx, message, settle, now))?;
                }
            }
            tx.mend_times()?;
            if hastens {
                tx.hasten_unknown(settle)?;
            }
            if taken > 0 { tx.wake().map(|()| taken) } else { Ok(taken) }
        })?;
        Ok(taken)
    }

    /// 送達不明の電文: asks for the list of applications by our own reference before anything is sent again.
    pub(super) async fn ask_about_unknown(&mut self, now: DateTime, round: &mut Round) -> Result<bool, DeskError> {
        let unknown = self.open_messages(OutboxState::Unknown, round)?;
        for message in &unknown {
            if self.is_stopping() {
                self.left = true;
                break;
            }
            if !self.may_ask(0).await? {
                // Others have the line; what is in hand goes back meanwhile.
                self.left = true;
                break;
            }
            round.tried(OutboxState::Unknown, message.id);
            round.at_hand.clear();
            let crew = self.crew.as_ref();
            let again = delay(crew, message);
            let Some(found) = self.listed(message, now).await? else {
                if self.store.worker().is_some() {
                    // Nobody can say what became of it now: it is asked for later.
                    self.store.commit(|tx| {
                        tx.answered()?;
                        tx.ask_later(message.id, again)
                    })?;
                }
                continue;
            };
            round.set(OutboxState::Queued, true);
            self.store.commit(|tx| {
                tx.answered()?;
                let Some(mut case) = message.case.map(|id| tx.case_to_change(id)).transpose()?.flatten() else {
                    return Ok(());
                };
                match &found {
                    None if message.detail.as_deref() == Some(REFUSED) => {
                        let receipt = Receipt {
                            acceptance: Acceptance::Rejected,
                            number: None,
                            cancellation: None,
                            errors: Vec::new(),
                        };
                        let ja = "却下され、相手方の一覧にもないことを確認";
                        tx.add_event(case.id, &flow::event(now, "not-found", ja, "refused, and not in the list"))?;
                        let why = ("却下の理由は相手方に確認", "ask the counterparty why it was refused");
                        case.reasons.push((why.0.to_owned(), why.1.to_owned()));
                        for event in flow::received(&mut case, &receipt, now) {
                            tx.add_event(case.id, &event)?;
                        }
                        tx.settle(message.id, OutboxState::Rejected, now, Some("refused"), again)?;
                        tx.save_case(&case)
                    }
                    None => {
                        let ja = "相手方の一覧に申込がないことを確認（再送可）";
                        tx.add_event(case.id, &flow::event(now, "not-found", ja, "not in the counterparty's list"))?;
                        tx.settle(message.id, OutboxState::Queued, now, Some("not found"), again)
                    }
                    Some(entry) => {
                        let (state, events) = told_by_list(tx, &mut case, entry, now)?;
                        for event in events {
                            tx.add_event(case.id, &event)?;
                        }
                        tx.settle(message.id, state, now, Some("found in the list"), again)?;
                        tx.save_case(&case)
                    }
                }
            })?;
        }
        Ok(!unknown.is_empty())
    }

    /// Waits until the next message whose outcome is unknown may be asked for; false where this round asks for none.
    pub(super) async fn await_unknown(
        &mut self,
        round: &mut Round,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<bool, DeskError> {
        if self.settle.is_zero() {
            return Ok(false);
        }
        let settle = self.settle;
        let settling = self.store.read(|tx| tx.settling(settle, PAGE))?;
        let next = settling.into_iter().find(|(id, _)| round.may_try(OutboxState::Unknown, *id));
        let Some((_, wait)) = next else { return Ok(false) };
        tell(Progress { settling: Some(wait), ..round.progress });
        match &self.crew {
            None => tokio::time::sleep(wait).await,
            Some(crew) => tokio::select! { () = tokio::time::sleep(wait) => {}, () = crew.stop.asked() => {} },
        }
        round.set(OutboxState::Unknown, true);
        Ok(true)
    }

    /// 却下の確認: what is refused may be refused because another copy of it was accepted: one that came late, or that the net
    /// doubled. The list knows; where it cannot be had, the outcome is unknown.
    pub(super) async fn look_behind(
        &mut self,
        replies: &mut [(Parcel, Reply)],
        now: DateTime,
    ) -> Result<(), DeskError> {
        let answered = u32::try_from(replies.len()).unwrap_or(u32::MAX);
        for (parcel, reply) in replies {
            let row = &parcel.row;
            if row.message == FacilityInquiry::SPEC.key || !reply.is_refusal() {
                continue;
            }
            match self.listed_in_turn(row, answered, now).await? {
                // A state that is not known, or that it is refused, says no more than the receipt.
                Some(Some(entry)) if entry.state.known().is_some_and(|state| state != ApplicationState::Rejected) => {
                    *reply = Reply::Listed(Box::new(entry));
                }
                Some(_) => {}
                None => *reply = Reply::Unknown(REFUSED.to_owned()),
            }
        }
        Ok(())
    }
}

/// So long a question waits for its line.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

impl<T: Transport> Office<'_, T> {
    /// Waits until OCCTO's line takes one question more, all workers together; false where that takes too long, or where
    /// the office is to stop. `answered` messages that still count as sent have their answers already.
    pub(super) async fn may_ask(&mut self, answered: u32) -> Result<bool, DeskError> {
        let begun = Instant::now();
        while let Some(crew) = &self.crew {
            let (line, allowance) = crew.line(Party::OCCTO);
            let Some(wait) = self.store.commit(|tx| tx.admit_question(line, allowance, answered))? else { break };
            if wait > PATIENCE && self.is_left_alone(Party::OCCTO)? {
                return Ok(false);
            }
            if begun.elapsed() + wait > PATIENCE || self.is_stopping() {
                return Ok(false);
            }
            tokio::time::sleep(wait).await;
        }
        Ok(true)
    }

    /// What the list of applications says of a message, once the line takes the question; nothing where it could not be had.
    pub(super) async fn listed_in_turn(
        &mut self,
        message: &Outgoing,
        answered: u32,
        now: DateTime,
    ) -> Result<Option<Option<ApplicationEntry>>, DeskError> {
        if !self.may_ask(answered).await? {
            return Ok(None);
        }
        let found = self.listed(message, now).await?;
        self.asked()?;
        Ok(found)
    }

    /// A question outside a commit of its own is over.
    pub(super) fn asked(&mut self) -> Result<(), DeskError> {
        let limited = self.crew.as_ref().is_some_and(|crew| crew.line(Party::OCCTO).1 != Allowance::default());
        if limited { Ok(self.store.commit(|tx| tx.answered())?) } else { Ok(()) }
    }
}

/// Messages given back at a time.
const PAGE: usize = 1024;

/// Does something with every message of page after page, until there is none.
fn until_none(
    page: impl Fn() -> Result<Vec<Outgoing>, StoreError>,
    act: impl Fn(&Outgoing) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    let mut count = 0;
    loop {
        let left = page()?;
        if left.is_empty() {
            return Ok(count);
        }
        count += left.len() as u64;
        left.iter().try_for_each(&act)?;
    }
}

fn give_back(tx: &Tx<'_>, message: &Outgoing, settle: Duration, now: DateTime) -> Result<(), StoreError> {
    if message.state == OutboxState::Leased {
        return tx.let_go(message.id, OutboxState::Queued);
    }
    if let Some(case) = message.case {
        tx.add_event(case, &sent_event(message, message.created))?;
    }
    let state = unreadable(&message.message);
    let wait = if state == OutboxState::Unknown { settle } else { Duration::ZERO };
    tx.settle(message.id, state, now, Some("interrupted"), wait)
}

/// The list knows the application: as if its receipt had come, and a refusal by the current retailer too. What that makes of
/// the message and of its case.
pub(super) fn told_by_list(
    tx: &Tx<'_>,
    case: &mut Case,
    entry: &ApplicationEntry,
    now: DateTime,
) -> Result<(OutboxState, Vec<Entry>), StoreError> {
    if entry.state == Open::Known(ApplicationState::Rejected) {
        let ja = "相手方の一覧で却下されていることを確認";
        let mut events = vec![flow::event(now, "found", ja, "found in the counterparty's list, rejected")];
        events.extend(flow::told(case, entry, now));
        return Ok((OutboxState::Rejected, events));
    }
    let ja = "相手方の一覧に申込があることを確認（再送しない）";
    let mut events = vec![flow::event(now, "found", ja, "found in the counterparty's list")];
    events.extend(found_in_list(case, entry, now));
    if case.outcome == Some(Outcome::Ng) {
        denied(tx, case, entry, now)?;
    }
    Ok((OutboxState::Accepted, events))
}

/// The list knows the application: as if its receipt had come.
fn found_in_list(case: &mut Case, entry: &ApplicationEntry, now: DateTime) -> Vec<Entry> {
    let receipt = Receipt {
        acceptance: Acceptance::Accepted,
        number: entry.number.clone(),
        cancellation: entry.cancellation.clone(),
        errors: Vec::new(),
    };
    let mut events = flow::received(case, &receipt, now);
    events.extend(flow::told(case, entry, now));
    events
}
