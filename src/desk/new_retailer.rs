//! 新小売の窓口: drives cases — sends what they have to say, asks about what is unknown, polls for notices.

use super::flow;
use super::office::{DeskError, Office};
use super::round::{Progress, Round};
use crate::exchange::Transport;
use crate::items::DateTime;
use crate::messages::Message as _;
use crate::messages::switching::{FacilityInquiry, SwitchingMessage, WithdrawalReason};
use crate::notice::Party;
use crate::store::{Entry, OutboxState, Outgoing, Stage, StoreError};

impl<T: Transport> Office<'_, T> {
    /// Takes every case as far as it goes at this moment: until nothing is to be sent and no notice waits.
    pub async fn advance(&mut self, now: DateTime, tell: &mut dyn FnMut(Progress)) -> Result<Progress, DeskError> {
        let mut round = Round::new();
        self.take_over(now, true)?;
        loop {
            // Everything goes through OCCTO: outside its hours, or after failures in a row, all of it waits.
            if self.is_stopping() || self.means.transport.waiting(Party::OCCTO).is_some() {
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
            if !moved && !self.await_unknown(&mut round, tell).await? {
                return Ok(round.progress);
            }
        }
    }

    /// One step of a worker: asks, sends what it can take, and polls when it is its turn; says whether anything moved.
    pub async fn step(&mut self, now: DateTime) -> Result<bool, DeskError> {
        if self.means.transport.waiting(Party::OCCTO).is_some() {
            return Ok(false);
        }
        let mut round = Round::new();
        if let Some(worker) = self.store.worker().filter(|_| std::mem::take(&mut self.left)) {
            self.store.commit(|tx| tx.put_back(worker))?;
        }
        let mut moved = self.ask_about_unknown(now, &mut round).await?;
        moved |= self.send_again(now, &mut round).await?;
        moved |= self.send_new(now, &mut round).await?;
        let poll = self.crew.as_ref().map(|crew| crew.poll).unwrap_or_default();
        if !moved && !self.is_stopping() && self.store.commit(|tx| tx.take_turn("turn-notices", poll))? {
            (moved, _) = self.poll_notices(now).await?;
        }
        Ok(moved)
    }

    /// 取消: the customer of a receipt number cancels.
    pub fn cancel(&mut self, receipt: &str, reason: WithdrawalReason, now: DateTime) -> Result<Stage, DeskError> {
        let found = self.store.commit(|tx| {
            let Some(id) = tx.cases_of_receipt(receipt)?.pop() else { return Ok(None) };
            let mut case = tx.case_to_change(id)?.ok_or(StoreError::Damaged("case"))?;
            for event in flow::cancel(&mut case, reason, now) {
                tx.add_event(case.id, &event)?;
            }
            tx.save_case(&case)?;
            tx.wake()?;
            Ok(Some(case.stage))
        })?;
        found.ok_or_else(|| {
            let ja = "その受付番号の案件はありません。occto switch status で確認してください".to_owned();
            DeskError::Request(ja, "no case has that receipt number: see occto switch status".to_owned())
        })
    }
}

/// An inquiry may simply be sent again; an application must be asked for first.
pub(super) fn unreadable(message: &str) -> OutboxState {
    if message == FacilityInquiry::SPEC.key { OutboxState::Queued } else { OutboxState::Unknown }
}

pub(super) fn sent_event(row: &Outgoing, at: DateTime) -> Entry {
    let spec = SwitchingMessage::spec_of(&row.message);
    let (ja, en) = spec.map_or(("電文", "message"), |spec| (spec.ja, spec.en));
    let to = row.recipient.ja();
    flow::event(at, "sent", format!("{ja}を送信（{to}）"), format!("{en} sent to {}", row.recipient))
}
