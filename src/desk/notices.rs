//! 通知の受取り: what the counterparties tell on their own, each notice once.

use super::flow;
use super::office::{DeskError, Office, Reply};
use crate::exchange::Transport;
use crate::items::{DateTime, Family};
use crate::messages::switching::{ApplicationEntry, NoticeInquiry, NoticeKind, SwitchingMessage};
use crate::store::{Stage, StoreError, Tx};

/// Notices asked for at once.
const PAGE: u32 = 200;

impl<T: Transport> Office<'_, T> {
    /// 通知: takes in what the counterparties tell, page by page, each notice once. One sequence serves all families.
    pub(super) async fn poll_notices(&mut self, now: DateTime) -> Result<(bool, u64), DeskError> {
        let (mut moved, mut ended) = (false, 0);
        loop {
            let after = self.store.read(|tx| tx.number("notices"))?;
            let after = u32::try_from(after).map_err(|_| StoreError::Damaged("sequence"))?;
            let inquiry = NoticeInquiry { after, limit: Some(PAGE) };
            let Reply::Answer(answer) = self.ask(inquiry, Family::Low, now).await? else { return Ok((moved, ended)) };
            let SwitchingMessage::NoticeList(list) = *answer else { return Ok((moved, ended)) };
            ended += self.store.commit(|tx| {
                let mut ended = 0;
                let mut last = after;
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
                Ok(ended)
            })?;
            moved |= list.entries.iter().any(|notice| notice.sequence > after);
            if !list.more {
                return Ok((moved, ended));
            }
        }
    }
}

/// Gives a notice to the case it is about; says whether that ended the case.
fn tell_case(tx: &Tx<'_>, entry: &ApplicationEntry, told_at: DateTime) -> Result<bool, StoreError> {
    let Some(id) = tx.case_of_reference(entry.reference.as_str())? else { return Ok(false) };
    let mut case = tx.case(id)?.ok_or(StoreError::Damaged("case"))?;
    let open = case.stage != Stage::Ended;
    let events = flow::told(&mut case, entry, told_at);
    if events.is_empty() {
        return Ok(false);
    }
    for event in &events {
        tx.add_event(case.id, event)?;
    }
    tx.save_case(&case)?;
    Ok(open && case.stage == Stage::Ended)
}
