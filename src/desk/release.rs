//! 保留の解除: a person who has read why a case is held lets it go on.

use super::flow;
use super::notices::tell_case;
use super::office::{DeskError, Office, Reply};
use super::subject::line;
use crate::exchange::Transport;
use crate::items::{Code as _, DateTime};
use crate::messages::Message as _;
use crate::messages::switching::{ListInquiry, SwitchingMessage, Withdrawal};
use crate::notice::StewardClause;
use crate::store::{Case, Outcome, Outgoing, Stage, StoreError, Tx};
use serde_json::json;

impl<T: Transport> Office<'_, T> {
    /// Lets the held case of a receipt number go on, in the name of a person.
    ///
    /// What was told while it was held was not taken in: the list of applications says how things stand now, and a
    /// state that is still not known holds the case again.
    pub async fn release(&mut self, receipt: &str, by: &str, now: DateTime) -> Result<(), DeskError> {
        let held = self.store.read(|tx| {
            let Some(id) = tx.cases_of_receipt(receipt)?.pop() else { return Ok(None) };
            let case = tx.case(id)?.filter(|case| case.outcome == Some(Outcome::Held));
            case.map(|case| tx.application(id).map(|row| (case, row))).transpose()
        })?;
        let Some((mut case, Some(row))) = held else {
            let ja = "その受付番号で保留中の案件はありません".to_owned();
            return Err(DeskError::Request(ja, "no held case has that receipt number".to_owned()));
        };
        // By whichever application: what comes after a suspension waits for its end, too.
        if self.store.read(|tx| tx.is_suspended(row.point.as_str()))? {
            let clause = StewardClause::Suspended;
            let more = json!({"reference": case.reference, "clause": clause.key(), "items": []});
            let line = line(now, "refused", "switch-release", self.us, by, &more);
            self.store.commit(|tx| tx.trace(tx.dossier_of_case(case.id)?, tx.add_ledger([line.as_str()])?))?;
            return Err(DeskError::Request(clause.ja().to_owned(), format!("{} [{}]", clause.en(), clause.key())));
        }
        if !self.store.read(|tx| tx.has_open_message(tx.dossier_of_case(case.id)?))? {
            case.stage = unsaid(case.stage);
        }
        let event = let_go(&mut case, by, now);
        self.store.commit(|tx| {
            tx.save_case(&case)?;
            tx.add_event(case.id, &event)?;
            tx.wake()
        })?;
        if !matches!(case.stage, Stage::Judging | Stage::Waiting | Stage::Matched | Stage::Effective) {
            return Ok(());
        }
        let inquiry = ListInquiry { reference: None, point: Some(row.point), from: None, to: None };
        if !self.may_ask(0).await? {
            return Ok(());
        }
        let reply = self.ask(inquiry, row.family, now).await?;
        self.asked()?;
        let Reply::Answer(answer) = reply else { return Ok(()) };
        let SwitchingMessage::ListAnswer(list) = *answer else { return Ok(()) };
        self.store.commit(|tx| {
            for entry in &list.entries {
                if tx.case_of_reference(entry.reference.as_str())? == Some(case.id) {
                    tell_case(tx, entry, now)?;
                }
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(())
    }
}

/// What a case was about to say was stopped before it was sent: it stands where it stood before.
pub(super) const fn unsaid(stage: Stage) -> Stage {
    match stage {
        Stage::Inquiring => Stage::New,
        Stage::Requesting => Stage::Inquired,
        Stage::Starting => Stage::Agreed,
        Stage::Withdrawing => Stage::ToWithdraw,
        other => other,
    }
}

/// Stops those of the messages that certainly did not arrive whose customer has cancelled since: they are not sent again,
/// but the cancellation itself is. Gives the others, and how many cases that ended.
pub(super) fn leave_unsaid(
    tx: &Tx<'_>,
    messages: Vec<Outgoing>,
    now: DateTime,
) -> Result<(Vec<Outgoing>, u64), StoreError> {
    let (mut others, mut ended) = (Vec::with_capacity(messages.len()), 0);
    for message in messages {
        let case = message.case.filter(|_| message.message != Withdrawal::SPEC.key);
        let case = case.map(|id| tx.case_to_change(id)).transpose()?.flatten();
        let Some(mut case) = case.filter(|case| case.withdrawal.is_some()) else {
            others.push(message);
            continue;
        };
        if !tx.stop_one(message.id, now)? {
            continue;
        }
        case.stage = unsaid(case.stage);
        let events = flow::withdraw_if_wished(&mut case, now);
        events.iter().try_for_each(|event| tx.add_event(case.id, event))?;
        ended += u64::from(case.stage == Stage::Ended);
        tx.save_case(&case)?;
    }
    Ok((others, ended))
}

fn let_go(case: &mut Case, by: &str, now: DateTime) -> crate::store::Entry {
    case.outcome = None;
    // The reason of the hold was the last to be added.
    case.reasons.pop();
    flow::event(now, "released", format!("保留を解除（{by}）"), format!("released by {by}"))
}
