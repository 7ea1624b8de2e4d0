//! 閉局: messages to a counterparty with a line of its own wait while that line is closed; they are not tried.

use super::office::{DeskError, Office};
use super::round::Round;
use super::sending::Parcel;
use crate::exchange::Transport;
use crate::items::DateTime;
use crate::notice::Party;
use crate::store::{LONGEST_DELAY, OutboxState};
use std::time::Duration;

impl<T: Transport> Office<'_, T> {
    /// How long a counterparty with a line of its own is closed; what goes over OCCTO's line waits for that as a whole.
    fn closed_for(&self, recipient: Party, now: DateTime) -> Option<Duration> {
        let waiting = self.means.transport.waiting(recipient)?;
        if self.means.transport.waiting(Party::OCCTO).is_some() {
            return None;
        }
        let wait = Duration::try_from(waiting.until.duration_since(now)).unwrap_or_default();
        Some(wait.clamp(Duration::from_secs(1), LONGEST_DELAY / 2))
    }

    /// Puts the messages to closed counterparties back, and gives those that can go out.
    pub(super) fn set_aside(
        &mut self,
        parcels: Vec<Parcel>,
        now: DateTime,
        round: &mut Round,
    ) -> Result<Vec<Parcel>, DeskError> {
        let (mut open, mut closed) = (Vec::with_capacity(parcels.len()), Vec::new());
        for parcel in parcels {
            match self.closed_for(parcel.row.recipient, now) {
                None => open.push(parcel),
                Some(wait) => closed.push((parcel.row.id, wait)),
            }
        }
        if !closed.is_empty() {
            self.store.commit(|tx| closed.iter().try_for_each(|(id, wait)| tx.wait_for_line(*id, *wait)))?;
            closed.iter().for_each(|(id, _)| round.leave(OutboxState::Queued, *id));
        }
        Ok(open)
    }
}
