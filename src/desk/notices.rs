//! 通知の受取り: what the counterparties tell on their own, each notice once.

use super::flow;
use super::office::{DeskError, Office, Reply};
use super::subject::denied;
use crate::exchange::Transport;
use crate::items::{DateTime, Family};
use crate::messages::switching::{ApplicationEntry, NoticeInquiry, NoticeKind, SwitchingMessage};
use crate::store::{OutboxState, Outcome, Stage, StoreError, Tx};

/// Notices asked for at once.
const PAGE: u32 = 200;
/// An inquiry is tried so often in one go.
const TRIES: u32 = 3;

impl<T: Transport> Office<'_, T> {
    /// 通知: takes in what the counterparties tell, page by page, each notice once. One sequence serves all families.
    pub(super) async fn poll_notices(&mut self, now: DateTime) -> Result<(bool, u64), DeskError> {
        let (mut moved, mut ended, mut tries) = (false, 0, 0);
        loop {
            let after = self.store.read(|tx| tx.number("notices"))?;
            let after = u32::try_from(after).map_err(|_| StoreError::Damaged("sequence"))?;
            let inquiry = NoticeInquiry { after, limit: Some(PAGE) };
            if !self.may_ask(0).await? {
                self.unheard = true;
                return Ok((moved, ended));
            }
            let reply = self.ask(inquiry, Family::Low, now).await?;
            self.asked()?;
            let list = match reply {
                Reply::Answer(answer) => match *answer {
                    SwitchingMessage::NoticeList(list) => Some(list),
                    _ => None,
                },
                _ => None,
            };
            self.unheard = list.is_none();
            let Some(mut list) = list else {
                // An inquiry may simply be repeated.
                tries += 1;
                if tries < TRIES {
                    continue;
                }
                return Ok((moved, ended));
            };
            // In the order they were told, whatever the order they came in: the last number read is kept.
            list.entries.sort_by_key(|notice| notice.sequence);
            ended += self.store.commit(|tx| {
                let mut ended = 0;
                // Another worker may have been told the same in the meantime.
                let mut last = u32::try_from(tx.number_to_change("notices")?).unwrap_or(after);
                tx.lock_cases_of(
                    list.entries.iter().flat_map(|notice| &notice.applications).map(|entry| entry.reference.as_str()),
                )?;
                for notice in &list.entries {
                    if notice.sequence <= last {
                        continue;
                    }
                    last = notice.sequence;
                    if notice.kind.known() == Some(NoticeKind::StateChanged) {
                        for entry in &notice.applications {
                            ended += u64::from(tell_case(tx, entry, notice.told_at)?);
                        }
                    }
                }
                tx.set_number("notices", i64::from(last))?;
                tx.wake()?;
                Ok(ended)
            })?;
            let new = list.entries.iter().any(|notice| notice.sequence > after);
            moved |= new;
            if !list.more || !new {
                return Ok((moved, ended));
            }
        }
    }

    /// Whether something could not be said or heard: a message waits or its outcome is unknown, or no notices came.
    pub fn unsettled(&mut self) -> Result<bool, DeskError> {
        let waiting = self
            .store
            .read(|tx| Ok(tx.has_outgoing(OutboxState::Queued)? || tx.has_outgoing(OutboxState::Unknown)?))?;
        Ok(waiting || self.unheard)
    }
}

/// Gives a notice to the case it is about; says whether that ended the case.
pub(super) fn tell_case(tx: &Tx<'_>, entry: &ApplicationEntry, told_at: DateTime) -> Result<bool, StoreError> {
    let Some(id) = tx.case_of_reference(entry.reference.as_str())? else { return Ok(false) };
    let mut case = tx.case_to_change(id)?.ok_or(StoreError::Damaged("case"))?;
    let open = case.stage != Stage::Ended;
    let events = flow::told(&mut case, entry, told_at);
    if events.is_empty() {
        return Ok(false);
    }
    if case.outcome == Some(Outcome::Ng) {
        denied(tx, &case, entry, told_at)?;
    }
    for event in &events {
        tx.add_event(case.id, event)?;
    }
    tx.save_case(&case)?;
    Ok(open && case.stage == Stage::Ended)
}
