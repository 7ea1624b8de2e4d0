//! 送信: what the cases have to say is written, kept, taken in hand, sent and settled — each kept before it is done.

use super::asking::told_by_list;
use super::crew::{BATCH, Crew};
use super::flow::{self, Saying};
use super::new_retailer::{sent_event, unreadable};
use super::office::{DeskError, Means, Office, Reply, WINDOW};
use super::pen::Pen;
use super::release::leave_unsaid;
use super::round::Round;
use super::subject::{arrival_of, differs};
use crate::exchange::Transport;
use crate::items::{Code as _, DateTime};
use crate::messages::Message as _;
use crate::messages::switching::{
    Acceptance, CancellationRequest, FacilityAnswer, FacilityInquiry, SwitchStart, SwitchingMessage, Withdrawal,
};
use crate::notice::Party;
use crate::rules::{RuleContext, check_facility};
use crate::store::{Added, Allowance, Case, Entry, OutboxState, Outcome, Outgoing, Stage, StoreError, Tx};
use std::time::{Duration, Instant};

/// So long messages that were taken wait for their line, before they go back.
const PATIENCE: Duration = Duration::from_secs(1);

/// A message of the outbox on its way, and its case where it is at hand.
pub(super) struct Parcel {
    pub(super) row: Outgoing,
    case: Option<Case>,
}

/// Whether a message that is in hand goes out.
enum Leave {
    Now,
    /// Its counterparty takes no more for so long.
    Later(Duration),
    /// It was stopped meanwhile.
    Never,
}

/// What a commit of new messages came to.
#[derive(Default)]
struct Said {
    parcels: Vec<Parcel>,
    ended: u64,
    /// Keys of the messages that were not cleared.
    refused: Vec<&'static str>,
    /// Lines of the ledger, each with the case it is about.
    ledger: Vec<(i64, String)>,
}

impl<T: Transport> Office<'_, T> {
    /// Writes and sends what the most urgent cases have to say; false where it is known that none has anything to say.
    pub(super) async fn send_new(&mut self, now: DateTime, round: &mut Round) -> Result<bool, DeskError> {
        let (shared, worker) = (self.store.is_shared(), self.store.worker().is_some());
        if !shared && self.store.read(|tx| tx.active_cases(1))?.is_empty() {
            // Among those that were not looked at yet there may be one.
            return Ok(self.store.read(|tx| Ok(tx.reads_on()))?);
        }
        let at_hand = std::mem::take(&mut round.at_hand);
        let mut at_hand = if shared { Default::default() } else { at_hand };
        let pen = Pen { binding: self.means.binding, clearance: &self.clearance, us: self.us };
        let (state, most) = if worker { (OutboxState::Leased, BATCH) } else { (OutboxState::Sent, WINDOW) };
        let mut failed = None;
        let said = self.store.commit(|tx| {
            let mut said = Said::default();
            for id in tx.active_cases(most)? {
                let case = match at_hand.remove(&id) {
                    Some(case) => case,
                    None => tx.case_to_say(id)?.ok_or(StoreError::Damaged("case"))?,
                };
                match say(tx, pen, case, state, &mut said, now) {
                    Err(DeskError::Store(error)) => return Err(error),
                    Err(other) => {
                        failed = Some(other);
                        return Err(StoreError::Damaged("message"));
                    }
                    Ok(()) => {}
                }
            }
            // Last: where others write to the ledger too, they wait from here to the end of this commit.
            let last = tx.add_ledger(said.ledger.iter().map(|(_, line)| line.as_str()))?;
            for (place, (case, _)) in (last.saturating_sub(said.ledger.len() as u64) + 1..).zip(&said.ledger) {
                tx.trace(tx.dossier_of_case(*case)?, place)?;
            }
            Ok(said)
        });
        let said = match (said, failed) {
            (_, Some(failed)) => return Err(failed),
            (said, None) => said?,
        };
        if let Some(crew) = &self.crew {
            said.refused.iter().for_each(|message| crew.watcher.refused(message));
        }
        round.progress.ended += said.ended;
        let moved = !said.parcels.is_empty() || said.ended > 0 || !shared;
        self.send_all(said.parcels, now, round).await?;
        Ok(moved)
    }

    /// Sends again what certainly did not arrive; false where there is none.
    pub(super) async fn send_again(&mut self, now: DateTime, round: &mut Round) -> Result<bool, DeskError> {
        let queued = self.open_messages(OutboxState::Queued, round)?;
        if queued.is_empty() {
            return Ok(false);
        }
        round.at_hand.clear();
        let marks = self.store.worker().is_none();
        let (queued, ended) = self.store.commit(|tx| {
            let (queued, ended) = leave_unsaid(tx, queued, now)?;
            if marks {
                queued.iter().try_for_each(|message| tx.mark_sent(message.id).map(drop))?;
            }
            Ok((queued, ended))
        })?;
        round.progress.ended += ended;
        let parcel =
            |row: Outgoing| Parcel { row: Outgoing { attempts: row.attempts + u32::from(marks), ..row }, case: None };
        let parcels = queued.into_iter().map(parcel).collect();
        self.send_all(parcels, now, round).await?;
        Ok(true)
    }

    /// Messages in a state that may be tried now. Where the office is a worker they are in its hand from here on.
    pub(super) fn open_messages(&mut self, state: OutboxState, round: &mut Round) -> Result<Vec<Outgoing>, DeskError> {
        let worker = self.store.worker();
        let most = if worker.is_some() { BATCH } else { WINDOW };
        let mut after = (i64::MIN, 0);
        while round.may_have(state) {
            let look = |tx: &Tx<'_>| {
                let page = tx.claim(state, after, most)?;
                let last = page.last().map(|message| (message.due, message.id));
                let (open, tried): (Vec<_>, Vec<_>) =
                    page.into_iter().partition(|message| round.may_try(state, message.id));
                tried.iter().filter(|_| worker.is_some()).try_for_each(|message| tx.let_go(message.id, state))?;
                Ok((open, last))
            };
            let (open, last) = if worker.is_some() { self.store.commit(look) } else { self.store.read(look) }?;
            let Some(last) = last else {
                round.set(state, false);
                break;
            };
            after = last;
            if !open.is_empty() {
                return Ok(open);
            }
        }
        Ok(Vec::new())
    }

    /// Sends messages, so many at a time as may be under way. Asked to stop, it leaves the rest in hand.
    async fn send_all(&mut self, parcels: Vec<Parcel>, now: DateTime, round: &mut Round) -> Result<(), DeskError> {
        let mut rest = self.set_aside(parcels, now, round)?;
        let mut moved = Instant::now();
        // Where a line takes nothing more for long, its messages go back: those under way on it may be a lost worker's, and
        // whoever waits here takes nothing over.
        while !rest.is_empty() && !self.is_stopping() && moved.elapsed() < PATIENCE {
            let later = rest.split_off(rest.len().min(WINDOW));
            let window = std::mem::replace(&mut rest, later);
            let (ready, waiting) = self.take_leave(window)?;
            let first =
                waiting.first().filter(|_| ready.is_empty()).map(|(parcel, wait)| (parcel.row.recipient, *wait));
            rest.splice(..0, waiting.into_iter().map(|(parcel, _)| parcel));
            if let Some((recipient, wait)) = first {
                // Another worker may have found that the line is to be left alone: then nothing is tried on it.
                if wait > PATIENCE && self.is_left_alone(recipient)? {
                    break;
                }
                if let Some(crew) = &self.crew {
                    tokio::select! { () = tokio::time::sleep(wait) => {}, () = crew.stop.asked() => {} }
                }
            }
            if !ready.is_empty() {
                self.send(ready, now, round).await?;
                moved = Instant::now();
            }
        }
        self.left |= !rest.is_empty();
        Ok(())
    }

    /// Says of messages that are only in hand that they go out now, as far as their counterparties take more; those that
    /// have to wait, and how long.
    #[allow(clippy::type_complexity, reason = "two lists of the same things")]
    fn take_leave(&mut self, parcels: Vec<Parcel>) -> Result<(Vec<Parcel>, Vec<(Parcel, Duration)>), DeskError> {
        if parcels.iter().all(|parcel| parcel.row.state == OutboxState::Sent) || self.store.worker().is_none() {
            return Ok((parcels, Vec::new()));
        }
        let crew = self.crew.as_ref();
        let line = |parcel: &Parcel| {
            let recipient = parcel.row.recipient;
            crew.map_or((recipient, Allowance::default()), |crew| crew.line(recipient))
        };
        let mut parcels = parcels;
        if parcels.iter().any(|parcel| line(parcel).1 != Allowance::default()) {
            // Whoever asks about several counterparties asks in one order.
            parcels.sort_by_key(|parcel| (parcel.row.recipient.to_string(), parcel.row.id));
        }
        let leaves = self.store.commit(|tx| {
            let leave = |parcel: &Parcel| {
                let (line, allowance) = line(parcel);
                Ok(match tx.admit(line, allowance, 1)? {
                    Some(wait) => Leave::Later(wait),
                    None if tx.mark_sent(parcel.row.id)? => Leave::Now,
                    None => Leave::Never,
                })
            };
            parcels.iter().map(leave).collect::<Result<Vec<_>, StoreError>>()
        })?;
        let (mut ready, mut waiting) = (Vec::new(), Vec::new());
        for (mut parcel, leave) in parcels.into_iter().zip(leaves) {
            match leave {
                Leave::Later(wait) => waiting.push((parcel, wait)),
                Leave::Never => {}
                Leave::Now => {
                    parcel.row.state = OutboxState::Sent;
                    parcel.row.attempts += 1;
                    ready.push(parcel);
                }
            }
        }
        Ok((ready, waiting))
    }

    async fn send(&mut self, parcels: Vec<Parcel>, now: DateTime, round: &mut Round) -> Result<(), DeskError> {
        if parcels.is_empty() {
            return Ok(());
        }
        let pen = self.pen();
        let parcels = parcels.into_iter().filter_map(|parcel| {
            round.tried(OutboxState::Queued, parcel.row.id);
            let reference = parcel.row.reference.clone();
            Some((pen.request(&parcel.row)?, reference, parcel))
        });
        let parcels = parcels.map(|(request, reference, parcel)| (parcel, request, reference)).collect();
        let mut replies = self.carry(parcels).await;
        self.tell_lines()?;
        self.look_behind(&mut replies, now).await?;
        let shared = self.store.is_shared();
        if shared {
            // Whoever changes several cases takes them in one order.
            replies.sort_by_key(|(parcel, _)| parcel.row.case);
        }
        let (crew, settle_after) = (self.crew.as_ref(), self.settle);
        let Means { calendar, settings, .. } = self.means;
        let context = RuleContext { today: now.date(), calendar, settings };
        let settled = self.store.commit(|tx| {
            let mut settled = Vec::with_capacity(replies.len());
            for (Parcel { row, case }, reply) in replies {
                let mut case = match (case.filter(|_| !shared), row.case) {
                    (Some(case), _) => case,
                    (None, Some(id)) => tx.case_to_change(id)?.ok_or(StoreError::Damaged("case"))?,
                    (None, None) => continue,
                };
                // Written with the answer, not before: the outbox itself says what was sent.
                tx.add_event(case.id, &sent_event(&row, now))?;
                let (state, events, detail) = settle(tx, &mut case, &row, &reply, &context, now)?;
                tx.settle(row.id, state, now, detail.as_deref(), open_delay(crew, &row, state, settle_after))?;
                for event in &events {
                    tx.add_event(case.id, event)?;
                }
                tx.save_case(&case)?;
                settled.push((state, case));
            }
            Ok(settled)
        })?;
        for (state, case) in settled {
            round.progress.ended += u64::from(case.stage == Stage::Ended);
            round.set(state, true);
            round.keep(case);
        }
        Ok(())
    }
}

/// How long a message waits before it is tried again, if it has to be.
pub(super) fn delay(crew: Option<&Crew>, row: &Outgoing) -> Duration {
    crew.map_or(Duration::ZERO, |crew| crew.delay(row.id, row.attempts))
}

/// How long a message waits whose outcome became open just now: what is still on its way shall have arrived before the
/// counterparty is asked for it.
fn open_delay(crew: Option<&Crew>, row: &Outgoing, state: OutboxState, settle: Duration) -> Duration {
    delay(crew, row).max(if state == OutboxState::Unknown { settle } else { Duration::ZERO })
}

/// The key of the message.
const fn key(saying: &Saying) -> &'static str {
    match saying {
        Saying::Inquire(_) => FacilityInquiry::SPEC.key,
        Saying::Request(_) => CancellationRequest::SPEC.key,
        Saying::Start(_) => SwitchStart::SPEC.key,
        Saying::Withdraw(_) => Withdrawal::SPEC.key,
    }
}

/// Writes what a case has to say, and keeps it; or keeps that it may not be said.
fn say(
    tx: &Tx<'_>,
    pen: Pen<'_>,
    mut case: Case,
    state: OutboxState,
    said: &mut Said,
    now: DateTime,
) -> Result<(), DeskError> {
    // The row cannot be said: only a damaged store gets here.
    let saying: Saying = flow::next(&case).ok_or(StoreError::Damaged("case"))?;
    case.attempts += 1;
    let reference = format!("{}-{}{}", case.reference, saying.letter(), case.attempts);
    let stage = flow::under_way(&saying);
    let message = key(&saying);
    match pen.write_saying(&case, saying, reference, now) {
        Ok(Ok(written)) => {
            case.stage = stage;
            tx.save_case(&case)?;
            let mut row = pen.outgoing(&written, Some(case.id), state, now);
            row.id = tx.add_outgoing(&row)?;
            said.ledger.extend(written.ledger.map(|line| (case.id, line)));
            said.parcels.push(Parcel { row, case: Some(case) });
        }
        Ok(Err(refused)) => {
            case.reasons.push((refused.ja, refused.en));
            let event = flow::end(&mut case, Outcome::Refused, now);
            said.ledger.push((case.id, refused.ledger));
            tx.save_case(&case)?;
            tx.add_event(case.id, &event)?;
            said.refused.push(message);
            said.ended += 1;
        }
        Err(DeskError::Encode(text)) => {
            let event = flow::hold(&mut case, now, format!("電文を作成できません: {text}"), text);
            tx.save_case(&case)?;
            tx.add_event(case.id, &event)?;
        }
        Err(other) => return Err(other),
    }
    Ok(())
}

/// What the answer to a message makes of it and of its case.
fn settle(
    tx: &Tx<'_>,
    case: &mut Case,
    row: &Outgoing,
    reply: &Reply,
    context: &RuleContext<'_>,
    now: DateTime,
) -> Result<(OutboxState, Vec<Entry>, Option<String>), StoreError> {
    Ok(match reply {
        Reply::Answer(answer) => match answer.as_ref() {
            // An inquiry is never accepted like an application: such an answer says nothing.
            SwitchingMessage::Receipt(receipt)
                if row.message != FacilityInquiry::SPEC.key || receipt.acceptance == Acceptance::Rejected =>
            {
                let accepted = receipt.acceptance == Acceptance::Accepted;
                let state = if accepted { OutboxState::Accepted } else { OutboxState::Rejected };
                (state, flow::received(case, receipt, now), None)
            }
            SwitchingMessage::FacilityAnswer(answer) if answer.point.as_str() == case.point => {
                let mut found = Vec::new();
                let kept = if case.row.is_none() { tx.application(case.id)? } else { None };
                if let Some(application) = case.application().or(kept.as_ref()) {
                    check_facility(application, answer, context, &mut found);
                }
                let events = flow::facility_known(case, answer, &found, now);
                tx.add_findings(case.id, found)?;
                hold(tx, case, answer, row, now)?;
                (OutboxState::Accepted, events, None)
            }
            _ => (unreadable(&row.message), Vec::new(), None),
        },
        Reply::Listed(entry) => {
            let (state, events) = told_by_list(tx, case, entry, now)?;
            (state, events, Some("found in the list".to_owned()))
        }
        Reply::NotSent(trouble) => {
            let ja = format!("送信できず（{}）", trouble.kind.ja());
            let event = flow::event(now, "not-sent", ja, format!("not sent: {}", trouble.kind.en()));
            (OutboxState::Queued, vec![event], Some(trouble.detail.clone()))
        }
        Reply::Unknown(detail) => {
            let (ja, en) = ("読める応答がなく送達不明", "no readable answer: outcome unknown");
            (unreadable(&row.message), vec![flow::event(now, "unknown", ja, en)], Some(detail.clone()))
        }
    })
}

/// 保有: keeps what the operator said as its copy; where the customer said otherwise, the operator is to be asked.
fn hold(tx: &Tx<'_>, case: &Case, answer: &FacilityAnswer, row: &Outgoing, now: DateTime) -> Result<(), StoreError> {
    let dossier = tx.dossier_of_case(case.id)?;
    let operator = Party::operator(answer.point.area());
    let told =
        arrival_of(answer, FacilityAnswer::SPEC.key, operator, FacilityAnswer::SPEC.purpose, &row.reference, now);
    if case.application().is_some_and(|row| differs(row, &told)) {
        tx.set_differs(dossier, true)?;
    }
    tx.add_to_dossier(dossier, Added::Arrival, &told.to_json())
}
