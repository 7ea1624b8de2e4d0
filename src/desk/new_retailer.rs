//! 新小売の窓口: drives cases — sends what they have to say, asks about what is unknown, polls for notices.

use super::flow::{self, Saying};
use super::office::{DeskError, Means, Office, Reply, WINDOW, Written};
use super::round::{Progress, Round};
use super::subject::{arrival_of, differs};
use crate::exchange::{Request, Transport};
use crate::items::{Code as _, DateTime};
use crate::messages::Message as _;
use crate::messages::switching::{
    Acceptance, ApplicationEntry, FacilityAnswer, FacilityInquiry, Receipt, SwitchingMessage, WithdrawalReason,
};
use crate::notice::Party;
use crate::rules::{RuleContext, check_facility};
use crate::store::{Added, Case, Entry, OutboxState, Outcome, Outgoing, Stage, StoreError, Tx};

/// A message of the outbox on its way, and its case where it is at hand.
struct Parcel {
    row: Outgoing,
    case: Option<Case>,
    request: Request,
}

impl<T: Transport> Office<'_, T> {
    /// Takes every case as far as it goes at this moment: until nothing is to be sent and no notice waits.
    pub async fn advance(&mut self, now: DateTime, tell: &mut dyn FnMut(Progress)) -> Result<Progress, DeskError> {
        let mut round = Round::new();
        self.recover(now)?;
        loop {
            // Everything goes through OCCTO: outside its hours, or after failures in a row, all of it waits.
            if self.means.transport.waiting(Party::OCCTO).is_some() {
                return Ok(round.progress);
            }
            let mut moved = self.ask_about_unknown(now, &mut round).await?;
            moved |= self.send_again(now, &mut round).await?;
            moved |= self.send_new(now, &mut round).await?;
            tell(round.progress);
            if !moved {
                let (told, ended) = self.poll_notices(now).await?;
                moved = told;
                round.progress.ended += ended;
            }
            if !moved {
                return Ok(round.progress);
            }
        }
    }

    /// What was under way when the process ended has an unknown outcome.
    fn recover(&mut self, now: DateTime) -> Result<(), DeskError> {
        self.store.commit(|tx| {
            loop {
                let left = tx.outgoing_in(OutboxState::Sent, 0, 1024)?;
                if left.is_empty() {
                    return Ok(());
                }
                for message in left {
                    if let Some(case) = message.case {
                        tx.add_event(case, &sent_event(&message, message.created))?;
                    }
                    tx.settle(message.id, unreadable(&message.message), now, Some("interrupted"))?;
                }
            }
        })?;
        Ok(())
    }

    async fn send_new(&mut self, now: DateTime, round: &mut Round) -> Result<bool, DeskError> {
        let mut at_hand = std::mem::take(&mut round.at_hand);
        let shared = self.store.is_shared();
        let pick = |tx: &Tx<'_>| {
            let kept = |id| match at_hand.remove(&id).filter(|_| !shared) {
                Some(case) => Ok(case),
                None => tx.case_to_say(id)?.ok_or(StoreError::Damaged("case")),
            };
            tx.active_cases(WINDOW)?.into_iter().map(kept).collect::<Result<Vec<Case>, StoreError>>()
        };
        let cases = if shared { self.store.commit(pick) } else { self.store.read(pick) }?;
        if cases.is_empty() {
            return Ok(false);
        }
        let mut ready = Vec::new();
        for mut case in cases {
            let Some(saying) = flow::next(&case) else {
                // The row cannot be said: only a damaged store gets here.
                return Err(StoreError::Damaged("case").into());
            };
            case.attempts += 1;
            let reference = format!("{}-{}{}", case.reference, saying.letter(), case.attempts);
            let stage = flow::under_way(&saying);
            match self.write_saying(&case, saying, reference, now) {
                Ok(Ok(written)) => {
                    case.stage = stage;
                    ready.push((case, written));
                }
                Ok(Err(refused)) => {
                    case.reasons.push((refused.ja, refused.en));
                    let event = flow::end(&mut case, Outcome::Refused, now);
                    self.store.commit(|tx| {
                        tx.trace(tx.dossier_of_case(case.id)?, tx.add_ledger([refused.ledger.as_str()])?)?;
                        tx.save_case(&case)?;
                        tx.add_event(case.id, &event)
                    })?;
                    round.progress.ended += 1;
                }
                Err(DeskError::Encode(text)) => {
                    let event = flow::hold(&mut case, now, format!("電文を作成できません: {text}"), text);
                    self.store.commit(|tx| {
                        tx.save_case(&case)?;
                        tx.add_event(case.id, &event)
                    })?;
                }
                Err(other) => return Err(other),
            }
        }
        let parcels = self.store_before_sending(ready, now)?;
        self.send(parcels, now, round).await?;
        Ok(true)
    }

    fn write_saying(
        &self,
        case: &Case,
        saying: Saying,
        reference: String,
        now: DateTime,
    ) -> Result<Result<Written, super::office::NotCleared>, DeskError> {
        let row = case.application().ok_or(StoreError::Damaged("application"))?;
        let operator = Party::operator(row.point.area());
        match saying {
            Saying::Inquire(message) => self.write(message, operator, row.family, reference, now),
            Saying::Request(message) => {
                self.write(message, Party::retailer(row.current_retailer), row.family, reference, now)
            }
            Saying::Start(message) => self.write(*message, operator, row.family, reference, now),
            Saying::Withdraw(message) => self.write(message, operator, row.family, reference, now),
        }
    }

    /// One commit for the whole window: stages, outbox and ledger say what is about to be done.
    fn store_before_sending(&mut self, ready: Vec<(Case, Written)>, now: DateTime) -> Result<Vec<Parcel>, DeskError> {
        let rows: Vec<_> = ready.iter().map(|(case, written)| self.outgoing(written, Some(case.id), now)).collect();
        let ids = self.store.commit(|tx| {
            let mut ids = Vec::with_capacity(rows.len());
            for ((case, _), row) in ready.iter().zip(&rows) {
                tx.save_case(case)?;
                ids.push(tx.add_outgoing(row)?);
            }
            let told: Vec<_> =
                ready.iter().filter_map(|(case, written)| Some((case.id, written.ledger.as_deref()?))).collect();
            let last = tx.add_ledger(told.iter().map(|(_, line)| *line))?;
            for (place, (case, _)) in (last.saturating_sub(told.len() as u64) + 1..).zip(&told) {
                tx.trace(tx.dossier_of_case(*case)?, place)?;
            }
            Ok(ids)
        })?;
        let parcels = ready.into_iter().zip(rows).zip(ids);
        let parcel = |(((case, written), row), id)| Parcel {
            row: Outgoing { id, ..row },
            case: Some(case),
            request: self.request(written),
        };
        Ok(parcels.map(parcel).collect())
    }

    async fn send_again(&mut self, now: DateTime, round: &mut Round) -> Result<bool, DeskError> {
        let queued = self.open_messages(OutboxState::Queued, round)?;
        if queued.is_empty() {
            return Ok(false);
        }
        round.at_hand.clear();
        self.store.commit(|tx| queued.iter().try_for_each(|message| tx.mark_sent(message.id)))?;
        let parcels = queued
            .into_iter()
            .filter_map(|message| {
                let spec = SwitchingMessage::spec_of(&message.message)?;
                let written = Written {
                    message: spec.key,
                    recipient: message.recipient,
                    family: message.family,
                    reference: message.reference.clone(),
                    body: message.body.clone(),
                    digest: message.digest.clone(),
                    ledger: None,
                };
                Some(Parcel { row: message, case: None, request: self.request(written) })
            })
            .collect();
        self.send(parcels, now, round).await?;
        Ok(true)
    }

    fn open_messages(&mut self, state: OutboxState, round: &mut Round) -> Result<Vec<Outgoing>, DeskError> {
        let mut after = 0;
        while round.may_have(state) {
            let page = self.store.read(|tx| tx.outgoing_in(state, after, WINDOW))?;
            let Some(last) = page.last() else {
                round.set(state, false);
                break;
            };
            after = last.id;
            let open: Vec<_> =
                page.into_iter().filter(|message| message.case.is_some() && round.may_try(message.id)).collect();
            if !open.is_empty() {
                return Ok(open);
            }
        }
        Ok(Vec::new())
    }

    async fn send(&mut self, parcels: Vec<Parcel>, now: DateTime, round: &mut Round) -> Result<(), DeskError> {
        let parcels = parcels
            .into_iter()
            .map(|Parcel { row, case, request }| {
                round.tried(row.id);
                let reference = row.reference.clone();
                ((row, case), request, reference)
            })
            .collect();
        let replies = self.carry(parcels).await;
        let Means { calendar, settings, .. } = self.means;
        let context = RuleContext { today: now.date(), calendar, settings };
        let settled = self.store.commit(|tx| {
            let mut settled = Vec::with_capacity(replies.len());
            for ((row, case), reply) in replies {
                let mut case = match (case, row.case) {
                    (Some(case), _) => case,
                    (None, Some(id)) => tx.case(id)?.ok_or(StoreError::Damaged("case"))?,
                    (None, None) => continue,
                };
                // Written with the answer, not before: the outbox itself says what was sent.
                tx.add_event(case.id, &sent_event(&row, now))?;
                let (state, events, detail) = settle(tx, &mut case, &row, &reply, &context, now)?;
                tx.settle(row.id, state, now, detail.as_deref())?;
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

    /// 送達不明の電文: asks for the list of applications by our own reference before anything is sent again.
    async fn ask_about_unknown(&mut self, now: DateTime, round: &mut Round) -> Result<bool, DeskError> {
        let unknown = self.open_messages(OutboxState::Unknown, round)?;
        for message in &unknown {
            round.tried(message.id);
            round.at_hand.clear();
            let Some(found) = self.listed(message, now).await? else { continue };
            round.set(OutboxState::Queued, true);
            self.store.commit(|tx| {
                let Some(mut case) = message.case.map(|id| tx.case(id)).transpose()?.flatten() else { return Ok(()) };
                match &found {
                    None => {
                        let ja = "相手方の一覧に申込がないことを確認（再送可）";
                        tx.add_event(case.id, &flow::event(now, "not-found", ja, "not in the counterparty's list"))?;
                        tx.settle(message.id, OutboxState::Queued, now, Some("not found"))
                    }
                    Some(entry) => {
                        let ja = "相手方の一覧に申込があることを確認（再送しない）";
                        tx.add_event(case.id, &flow::event(now, "found", ja, "found in the counterparty's list"))?;
                        for event in found_in_list(&mut case, entry, now) {
                            tx.add_event(case.id, &event)?;
                        }
                        tx.settle(message.id, OutboxState::Accepted, now, Some("found in the list"))?;
                        tx.save_case(&case)
                    }
                }
            })?;
        }
        Ok(!unknown.is_empty())
    }

    /// 取消: the customer of a receipt number cancels.
    pub fn cancel(&mut self, receipt: &str, reason: WithdrawalReason, now: DateTime) -> Result<Stage, DeskError> {
        let found = self.store.commit(|tx| {
            let Some(id) = tx.cases_of_receipt(receipt)?.pop() else { return Ok(None) };
            let mut case = tx.case(id)?.ok_or(StoreError::Damaged("case"))?;
            for event in flow::cancel(&mut case, reason, now) {
                tx.add_event(case.id, &event)?;
            }
            tx.save_case(&case)?;
            Ok(Some(case.stage))
        })?;
        found.ok_or_else(|| {
            let ja = "その受付番号の案件はありません。occto switch status で確認してください".to_owned();
            DeskError::Request(ja, "no case has that receipt number: see occto switch status".to_owned())
        })
    }
}

/// An inquiry may simply be sent again; an application must be asked for first.
fn unreadable(message: &str) -> OutboxState {
    if message == FacilityInquiry::SPEC.key { OutboxState::Queued } else { OutboxState::Unknown }
}

fn sent_event(row: &Outgoing, at: DateTime) -> Entry {
    let spec = SwitchingMessage::spec_of(&row.message);
    let (ja, en) = spec.map_or(("電文", "message"), |spec| (spec.ja, spec.en));
    let to = row.recipient.ja();
    flow::event(at, "sent", format!("{ja}を送信（{to}）"), format!("{en} sent to {}", row.recipient))
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
