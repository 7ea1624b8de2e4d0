//! 現小売の電文: what we tell about an incoming cancellation, through the outbox — once, whoever says it and however often.

use super::asking::PATIENCE;
use super::office::{DeskError, Office, Reply};
use super::pen::Written;
use crate::exchange::Transport;
use crate::items::{DateTime, Family};
use crate::messages::Message;
use crate::messages::switching::{CancellationInquiry, SwitchStop, SwitchingMessage};
use crate::notice::Party;
use crate::store::{IncomingState, OutboxState, Outgoing, StoreError, Tx};
use std::time::{Duration, Instant};

/// 伝達の結果: what came of telling something to a counterparty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<T> {
    /// This is accepted: what was told before, where that was something else.
    Accepted(T),
    /// It is refused: said again, it is another message.
    Refused,
    /// Not said yet, or not known yet: to be told again later.
    NotYet,
}

/// 伝達: about which incoming cancellation agency something is told, to whom and by whom.
#[derive(Clone, Copy)]
pub(super) struct Telling<'t> {
    pub(super) number: &'t str,
    pub(super) family: Family,
    pub(super) to: Party,
    /// Of a judgement: who judged, and the reasons against it.
    pub(super) judged: Option<(&'t str, &'t [String])>,
    /// A person says again what was refused.
    pub(super) anew: bool,
}

/// What a message that was kept before comes to.
enum Kept {
    /// It is not there: it goes out again, with the bytes of the first time.
    Again(Outgoing),
    /// It certainly never was there, and something else is to be told now.
    Otherwise(Outgoing),
    Told(Told<()>),
}

impl<T: Transport> Office<'_, T> {
    /// Tells something about an incoming cancellation agency. What may have arrived is not told otherwise.
    pub(super) async fn tell<M: Message + Clone + Into<SwitchingMessage>>(
        &mut self,
        message: M,
        about: Telling<'_>,
        now: DateTime,
    ) -> Result<Told<()>, DeskError> {
        let (number, wished) = (about.number, message.clone().into());
        let letter = if about.judged.is_some() { 'J' } else { 'T' };
        let (reference, before) = self.store.read(|tx| last_of(tx, &format!("{letter}-{number}"), about.anew))?;
        if before.as_ref().is_some_and(|row| row.state == OutboxState::Rejected) {
            return Ok(Told::Refused);
        }
        let written = match self.pen().write(message, about.to, about.family, reference, now)? {
            Ok(written) => written,
            Err(refused) => {
                let line = refused.ledger.as_str();
                self.store.commit(|tx| tx.trace(tx.dossier_of_incoming(number)?, tx.add_ledger([line])?))?;
                return Err(DeskError::Request(refused.ja, refused.en));
            }
        };
        let sent = match before {
            None => self.first(&written, about, now).await?,
            Some(kept) => match self.told_before(kept, number, &wished, now).await? {
                Kept::Told(told) => return Ok(told),
                Kept::Again(row) => self.again(row, None, about).await?,
                Kept::Otherwise(row) => self.again(row, Some(&written), about).await?,
            },
        };
        match sent {
            Some(row) => self.carry_one(row, number, now).await,
            None => Ok(Told::NotYet),
        }
    }

    /// Says a message that is marked as sent, and keeps what came of it.
    async fn carry_one(&mut self, row: Outgoing, number: &str, now: DateTime) -> Result<Told<()>, DeskError> {
        let request = self.pen().request(&row).ok_or(StoreError::Damaged("message"))?;
        let reply = self.carry(vec![((), request, row.reference.clone())]).await.pop();
        self.tell_lines()?;
        let ((), reply) = reply.ok_or(StoreError::Damaged("reply"))?;
        let (state, detail) = match reply {
            reply if reply.is_refusal() => match row.attempts {
                // An earlier copy may have been accepted.
                2.. => match self.is_told(&row, number, 1, now).await? {
                    Some(true) => (OutboxState::Accepted, Some("listed".to_owned())),
                    Some(false) => (OutboxState::Rejected, None),
                    None => (OutboxState::Unknown, None),
                },
                _ => (OutboxState::Rejected, None),
            },
            Reply::Answer(answer) if matches!(*answer, SwitchingMessage::Receipt(_)) => (OutboxState::Accepted, None),
            Reply::Answer(_) | Reply::Listed(_) => (OutboxState::Unknown, None),
            Reply::NotSent(trouble) => (OutboxState::Queued, Some(trouble.detail)),
            Reply::Unknown(detail) => (OutboxState::Unknown, Some(detail)),
        };
        let wait = if state == OutboxState::Unknown { self.settle } else { Duration::ZERO };
        self.store.commit(|tx| {
            if state == OutboxState::Accepted {
                conclude(tx, &row.message, number)?;
            }
            tx.settle(row.id, state, now, detail.as_deref(), wait)
        })?;
        Ok(match state {
            OutboxState::Accepted => Told::Accepted(()),
            OutboxState::Rejected => Told::Refused,
            _ => Told::NotYet,
        })
    }

    /// Looks after a message that was kept before: takes it in hand, and asks for it where its outcome is unknown.
    async fn told_before(
        &mut self,
        kept: Outgoing,
        number: &str,
        wished: &SwitchingMessage,
        now: DateTime,
    ) -> Result<Kept, DeskError> {
        if kept.state == OutboxState::Accepted {
            self.store.commit(|tx| conclude(tx, &kept.message, number))?;
            return Ok(Kept::Told(Told::Accepted(())));
        }
        // What another process has in hand is its own.
        if !self.store.commit(|tx| tx.take_open(kept.id))? {
            return Ok(Kept::Told(Told::NotYet));
        }
        if kept.state != OutboxState::Unknown {
            let said = self.means.binding.decode(&kept.body).map_err(|_| StoreError::Damaged("outbox"))?.message;
            return Ok(if said == *wished { Kept::Again(kept) } else { Kept::Otherwise(kept) });
        }
        let wait = self.store.read(|tx| tx.until_due(kept.id))?.min(self.settle);
        tokio::time::sleep(wait).await;
        Ok(match self.is_told(&kept, number, 0, now).await? {
            None => {
                self.store.commit(|tx| tx.let_go(kept.id, OutboxState::Unknown))?;
                Kept::Told(Told::NotYet)
            }
            Some(true) => {
                self.store.commit(|tx| {
                    conclude(tx, &kept.message, number)?;
                    tx.settle(kept.id, OutboxState::Accepted, now, Some("listed"), Duration::ZERO)
                })?;
                Kept::Told(Told::Accepted(()))
            }
            Some(false) => Kept::Again(kept),
        })
    }

    /// Whether the counterparty has what a message said; nothing where it could not be asked.
    async fn is_told(
        &mut self,
        row: &Outgoing,
        number: &str,
        answered: u32,
        now: DateTime,
    ) -> Result<Option<bool>, DeskError> {
        if !self.may_ask(answered).await? {
            return Ok(None);
        }
        let told = match row.message == SwitchStop::SPEC.key {
            true => self.listed(row, now).await?.map(|found| found.is_some()),
            false => self.still_waits(number, row.family, now).await?.map(|waits| !waits),
        };
        self.asked()?;
        Ok(told)
    }

    /// Whether a cancellation agency still waits for our judgement; nothing where the list could not be had.
    async fn still_waits(&mut self, number: &str, family: Family, now: DateTime) -> Result<Option<bool>, DeskError> {
        let reply = self.ask(CancellationInquiry { from: None, to: None }, family, now).await?;
        let Reply::Answer(answer) = reply else { return Ok(None) };
        let SwitchingMessage::CancellationList(list) = *answer else { return Ok(None) };
        Ok(Some(list.entries.iter().any(|entry| entry.number.as_str() == number)))
    }

    /// Keeps a new message as sent, once its line takes it; not where another process was faster.
    async fn first(
        &mut self,
        written: &Written,
        about: Telling<'_>,
        now: DateTime,
    ) -> Result<Option<Outgoing>, DeskError> {
        let mut row = self.pen().outgoing(written, None, OutboxState::Sent, now);
        row.number = Some(about.number.to_owned());
        let kept = self.once_let(row.recipient, |tx| {
            note(tx, about)?;
            if tx.outgoing_of(&row.reference)?.is_some() {
                return Ok(None);
            }
            let id = tx.add_outgoing(&row)?;
            disclose(tx, written, about.number)?;
            Ok(Some(id))
        });
        let Some(id) = kept.await?.flatten() else { return Ok(None) };
        row.id = id;
        Ok(Some(row))
    }

    /// Marks a message in hand as sent once more, once its line takes it, written anew where something else is to be told;
    /// not where the customer's wish has stopped it.
    async fn again(
        &mut self,
        mut row: Outgoing,
        anew: Option<&Written>,
        about: Telling<'_>,
    ) -> Result<Option<Outgoing>, DeskError> {
        let marked = self.once_let(row.recipient, |tx| {
            if let Some(written) = anew {
                note(tx, about)?;
                tx.rewrite(row.id, about.number, &written.body, &written.digest)?;
            }
            let marked = tx.mark_sent(row.id)?;
            if let Some(written) = anew.filter(|_| marked) {
                disclose(tx, written, about.number)?;
            }
            Ok(marked)
        });
        let marked = marked.await?;
        if marked.is_none() {
            self.store.commit(|tx| tx.let_go(row.id, row.state))?;
        }
        if let Some(written) = anew {
            (row.body, row.digest) = (written.body.clone(), written.digest.clone());
        }
        row.attempts += 1;
        Ok(marked.filter(|marked| *marked).map(|_| row))
    }

    /// Does something in the commit in which a line takes one message more, all workers together; nothing where that takes
    /// too long.
    async fn once_let<R>(
        &mut self,
        recipient: Party,
        act: impl Fn(&Tx<'_>) -> Result<R, StoreError>,
    ) -> Result<Option<R>, DeskError> {
        let begun = Instant::now();
        let line = self.crew.as_ref().map(|crew| crew.line(recipient));
        loop {
            let done = self.store.commit(|tx| {
                let wait = line.map(|(line, allowance)| tx.admit(line, allowance, 1)).transpose()?.flatten();
                Ok(match wait {
                    Some(wait) => Err(wait),
                    None => Ok(act(tx)?),
                })
            })?;
            match done {
                Ok(done) => return Ok(Some(done)),
                Err(wait) if begun.elapsed() + wait > PATIENCE || self.is_stopping() => return Ok(None),
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }
}

/// The ledger's line about a message.
fn disclose(tx: &Tx<'_>, written: &Written, number: &str) -> Result<(), StoreError> {
    let Some(line) = written.ledger.as_deref() else { return Ok(()) };
    tx.trace(tx.dossier_of_incoming(number)?, tx.add_ledger([line])?)
}

/// Keeps who judges what, in the commit in which it goes out: whoever hears that it was accepted concludes by that. What is
/// judged already stays. Another process that is about to tell it waits here.
fn note(tx: &Tx<'_>, about: Telling<'_>) -> Result<(), StoreError> {
    let incoming = tx.incoming_to_change(about.number)?;
    let (Some(mut incoming), Some((by, reasons))) = (incoming, about.judged) else { return Ok(()) };
    if matches!(incoming.state, IncomingState::Received | IncomingState::Doubt) {
        incoming.judged_by = Some(by.to_owned());
        incoming.reasons = reasons.to_vec();
        tx.save_incoming(&incoming)?;
    }
    Ok(())
}

/// What was told about an incoming cancellation agency is accepted: a judgement as it was noted when it went out, or a
/// switch stop.
pub(super) fn conclude(tx: &Tx<'_>, message: &str, number: &str) -> Result<(), StoreError> {
    let Some(mut incoming) = tx.incoming_to_change(number)? else { return Ok(()) };
    let undecided = matches!(incoming.state, IncomingState::Received | IncomingState::Doubt);
    incoming.state = match message == SwitchStop::SPEC.key {
        true if incoming.state == IncomingState::Ok => IncomingState::Stopped,
        false if undecided && incoming.judged_by.is_some() => match incoming.reasons.is_empty() {
            true => IncomingState::Ok,
            false => IncomingState::Ng,
        },
        _ => return Ok(()),
    };
    tx.save_incoming(&incoming)
}

/// The reference under which something is told now, and what was told under it before: what was refused has its own for
/// good, and is said again only anew.
fn last_of(tx: &Tx<'_>, base: &str, anew: bool) -> Result<(String, Option<Outgoing>), StoreError> {
    let (mut reference, mut nth, mut last) = (base.to_owned(), 1, None);
    loop {
        match tx.outgoing_of(&reference)? {
            Some(row) if row.state == OutboxState::Rejected => last = Some((reference, Some(row))),
            None if !anew && last.is_some() => return Ok(last.unwrap_or_default()),
            other => return Ok((reference, other)),
        }
        nth += 1;
        reference = format!("{base}-{nth}");
    }
}
