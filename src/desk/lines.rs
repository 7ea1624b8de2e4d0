//! 回線の共有: workers that share a store share what they know of the lines, so that a line that stops for one stops for
//! all, and anybody can see why.

use super::office::{DeskError, Office};
use crate::exchange::Transport;
use crate::notice::Party;

impl<T: Transport> Office<'_, T> {
    /// Tells those who share the lines what became known of them here: before what was sent is settled, so that nobody
    /// takes its place meanwhile.
    pub(super) fn tell_lines(&mut self) -> Result<(), DeskError> {
        if !self.store.is_shared() {
            return Ok(());
        }
        let transport = self.means.transport;
        for line in transport.news() {
            self.store.commit(|tx| {
                let known = tx.line_to_change(line)?;
                transport.tell(line, &known).map_or(Ok(()), |state| tx.set_line(line, &state))
            })?;
        }
        Ok(())
    }

    /// Whether those who share the lines found that the one to a counterparty is to be left alone for a while.
    pub(super) fn is_left_alone(&mut self, recipient: Party) -> Result<bool, DeskError> {
        self.hear_lines()?;
        Ok(self.means.transport.waiting(recipient).is_some())
    }

    /// Hears what those who share the lines know of them.
    pub fn hear_lines(&mut self) -> Result<(), DeskError> {
        if self.store.is_shared() {
            for (line, state) in self.store.read_one(|tx| tx.lines())? {
                self.means.transport.hear(line, &state);
            }
        }
        Ok(())
    }
}
