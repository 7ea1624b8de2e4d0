//! 現小売の電文: what we tell about an incoming cancellation, through the outbox — once, whoever says it and however often.

use super::asking::PATIENCE;
use super::office::{DeskError, Office, Reply};
use super::pen::Written;
use crate::exchange::Transport;
use crate::items::{Code as _, Date, DateTime, Family};
use crate::messages::switching::{
    ApplicationState, CancellationInquiry, CancellationList, Judgement, NgReasonCode, SwitchStop, SwitchingMessage,
};
use crate::messages::{Message, Open};
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
    /// Of a judgement: who judged.
    pub(super) by: Option<&'t str>,
    /// Until when it is waited for: past that, that it is not waited for says nothing.
    pub(super) until: Option<Date>,
    /// A person says again what was refused.
    pub(super) anew: bool,
}

/// What a message that was kept before comes to.
enum Kept {
    /// It goes out again, with the bytes of the first time. `open`: they may have been there, or may still be on their way.
    Again {
        row: Outgoing,
        open: bool,
    },
    /// It certainly never was there, and something else is to be told now.
    Otherwise(Outgoing),
    Told(Told<()>),
}

/// Whether the counterparty has what a message said.
enum There {
    Yes,
    /// It came, and was refused.
    Refused,
    No,
}

/// A message that is open once more, because the list could not be had after it was refused.
pub(super) const REFUSED: &str = "refused; perhaps another copy was accepted";

impl<T: Transport> Office<'_, T> {
    /// Tells something about an incoming cancellation agency. What may have arrived is not told otherwise.
    pub(super) async fn tell<M: Message + Clone + Into<SwitchingMessage>>(
        &mut self,
        message: M,
        about: Telling<'_>,
        now: DateTime,
    ) -> Result<Told<()>, DeskError> {
        let (number, wished) = (about.number, message.clone().into());
        let letter = if about.by.is_some() { 'J' } else { 'T' };
        let (reference, before) = self.store.read(|tx| last_of(tx, letter, number, about.anew))?;
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
        let (sent, open) = match before {
            None => (self.first(&written, number, now).await?, false),
            Some(kept) => match self.told_before(&kept.reference, about, &wished, now).await? {
                Kept::Told(told) => return Ok(told),
                Kept::Again { row, open } => (self.again(row, None, number).await?, open),
                Kept::Otherwise(row) => (self.again(row, Some(&written), number).await?, false),
            },
        };
        match sent {
            Some(row) => self.carry_one(row, open, about, &wished, now).await,
            None => Ok(Told::NotYet),
        }
    }

    /// Says a message that is marked as sent, and keeps what came of it. `open`: an earlier copy may have been there.
    async fn carry_one(
        &mut self,
        row: Outgoing,
        open: bool,
        about: Telling<'_>,
        wished: &SwitchingMessage,
        now: DateTime,
    ) -> Result<Told<()>, DeskError> {
        let request = self.pen().request(&row).ok_or(StoreError::Damaged("message"))?;
        let reply = self.carry(vec![((), request, row.reference.clone())]).await.pop();
        self.tell_lines()?;
        let ((), reply) = reply.ok_or(StoreError::Damaged("reply"))?;
        let (state, detail) = match reply {
            // Another copy may have been accepted: of a switch stop the list says so, of a judgement nothing does that was
            // said once.
            reply if reply.is_refusal() => match open || row.message == SwitchStop::SPEC.key {
                true => match self.is_told(&row, about, 1, now).await? {
                    Some(There::Yes) => (OutboxState::Accepted, Some("listed".to_owned())),
                    Some(There::Refused | There::No) => (OutboxState::Rejected, None),
                    None => (OutboxState::Unknown, Some(REFUSED.to_owned())),
                },
                false => (OutboxState::Rejected, None),
            },
            Reply::Answer(answer) if matches!(*answer, SwitchingMessage::Receipt(_)) => (OutboxState::Accepted, None),
            Reply::Answer(_) | Reply::Listed(_) => (OutboxState::Unknown, None),
            Reply::NotSent(trouble) if open => (OutboxState::Unknown, Some(trouble.detail)),
            Reply::NotSent(trouble) => (OutboxState::Queued, Some(trouble.detail)),
            Reply::Unknown(detail) => (OutboxState::Unknown, Some(detail)),
        };
        let said = self.means.binding.decode(&row.body).map_err(|_| StoreError::Damaged("outbox"))?.message;
        self.settle_told(&row, state, detail.as_deref(), (&said, wished), about, now)
    }

    /// Keeps what is known of a message now; once it is accepted, what it said is concluded in the same commit.
    fn settle_told(
        &mut self,
        row: &Outgoing,
        state: OutboxState,
        detail: Option<&str>,
        (said, wished): (&SwitchingMessage, &SwitchingMessage),
        about: Telling<'_>,
        now: DateTime,
    ) -> Result<Told<()>, DeskError> {
        let wait = if state == OutboxState::Unknown { self.settle } else { Duration::ZERO };
        self.store.commit(|tx| {
            if state == OutboxState::Accepted {
                conclude(tx, said, about.number, about.by.filter(|_| said == wished))?;
            }
            tx.settle(row.id, state, now, detail, wait)
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
        reference: &str,
        about: Telling<'_>,
        wished: &SwitchingMessage,
        now: DateTime,
    ) -> Result<Kept, DeskError> {
        // As it is once it is in hand; what another process has in hand is its own.
        let (kept, taken) = self.store.commit(|tx| {
            let id = tx.outgoing_of(reference)?.ok_or(StoreError::Damaged("outbox"))?.id;
            let taken = tx.take_open(id)?;
            Ok((tx.outgoing_of(reference)?.ok_or(StoreError::Damaged("outbox"))?, taken))
        })?;
        if !taken {
            let accepted = kept.state == OutboxState::Accepted;
            return Ok(Kept::Told(if accepted { Told::Accepted(()) } else { Told::NotYet }));
        }
        let said = self.means.binding.decode(&kept.body).map_err(|_| StoreError::Damaged("outbox"))?.message;
        if kept.state != OutboxState::Unknown {
            return Ok(if said == *wished { Kept::Again { row: kept, open: false } } else { Kept::Otherwise(kept) });
        }
        let wait = self.store.read(|tx| tx.until_due(kept.id))?.min(self.settle);
        tokio::time::sleep(wait).await;
        let refused = kept.detail.as_deref() == Some(REFUSED);
        let state = match self.is_told(&kept, about, 0, now).await? {
            None => {
                self.store.commit(|tx| tx.let_go(kept.id, OutboxState::Unknown))?;
                return Ok(Kept::Told(Told::NotYet));
            }
            Some(There::Yes) => OutboxState::Accepted,
            Some(There::Refused) => OutboxState::Rejected,
            Some(There::No) if refused => OutboxState::Rejected,
            Some(There::No) => return Ok(Kept::Again { row: kept, open: true }),
        };
        self.settle_told(&kept, state, Some("listed"), (&said, wished), about, now).map(Kept::Told)
    }

    /// Whether the counterparty has what a message said; nothing where it could not be asked.
    async fn is_told(
        &mut self,
        row: &Outgoing,
        about: Telling<'_>,
        answered: u32,
        now: DateTime,
    ) -> Result<Option<There>, DeskError> {
        if row.message == SwitchStop::SPEC.key {
            let found = self.listed_in_turn(row, answered, now).await?;
            return Ok(found.map(|found| match found {
                None => There::No,
                Some(entry) if entry.state == Open::Known(ApplicationState::Rejected) => There::Refused,
                Some(_) => There::Yes,
            }));
        }
        let Some(list) = self.cancellations(row.family, answered, now).await? else { return Ok(None) };
        Ok(match list.entries.iter().any(|entry| entry.number.as_str() == about.number) {
            true => Some(There::No),
            // Nobody waits any more for what is late: that it was told, only a person finds out.
            false => about.until.is_none_or(|until| until >= now.date()).then_some(There::Yes),
        })
    }

    /// The cancellation agencies that wait for our judgement; nothing where the list could not be had.
    pub(super) async fn cancellations(
        &mut self,
        family: Family,
        answered: u32,
        now: DateTime,
    ) -> Result<Option<CancellationList>, DeskError> {
        if !self.may_ask(answered).await? {
            return Ok(None);
        }
        let reply = self.ask(CancellationInquiry { from: None, to: None }, family, now).await?;
        self.asked()?;
        let Reply::Answer(answer) = reply else { return Ok(None) };
        Ok(match *answer {
            SwitchingMessage::CancellationList(list) => Some(list),
            _ => None,
        })
    }

    /// Keeps a new message as sent, once its line takes it; not where another process was faster.
    async fn first(&mut self, written: &Written, number: &str, now: DateTime) -> Result<Option<Outgoing>, DeskError> {
        let mut row = self.pen().outgoing(written, None, OutboxState::Sent, now);
        row.number = Some(number.to_owned());
        let kept = self.once_let(row.recipient, |tx| {
            // Another process that is about to tell it waits here.
            tx.incoming_to_change(number)?;
            if tx.outgoing_of(&row.reference)?.is_some() {
                return Ok(None);
            }
            let id = tx.add_outgoing(&row)?;
            disclose(tx, written, number)?;
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
        number: &str,
    ) -> Result<Option<Outgoing>, DeskError> {
        let marked = self.once_let(row.recipient, |tx| {
            if let Some(written) = anew {
                tx.rewrite(row.id, number, &written.body, &written.digest)?;
            }
            let marked = tx.mark_sent(row.id)?;
            if let Some(written) = anew.filter(|_| marked) {
                disclose(tx, written, number)?;
            }
            Ok(marked)
        });
        let marked = marked.await?;
        if marked.is_none() {
            let before = if row.state == OutboxState::Leased { OutboxState::Queued } else { row.state };
            self.store.commit(|tx| tx.let_go(row.id, before))?;
        }
        if let Some(written) = anew {
            (row.body, row.digest) = (written.body.clone(), written.digest.clone());
        }
        row.attempts += 1;
        Ok(marked.filter(|marked| *marked).map(|_| row))
    }

    /// What was refused of what is still to be told: its references.
    pub fn refused(&mut self) -> Result<Vec<String>, DeskError> {
        let open = [IncomingState::Received, IncomingState::Doubt, IncomingState::Ok];
        let refused = self.store.read(|tx| {
            let mut refused = Vec::new();
            for state in open {
                let letter = if state == IncomingState::Ok { 'T' } else { 'J' };
                for incoming in tx.incoming_in(state)? {
                    let (reference, row) = last_of(tx, letter, incoming.entry.number.as_str(), false)?;
                    refused.extend(row.filter(|row| row.state == OutboxState::Rejected).map(|_| reference));
                }
            }
            Ok(refused)
        });
        Ok(refused?)
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

/// What was told about an incoming cancellation agency is accepted: a judgement, and who judged, or a switch stop. What was
/// judged before stays.
pub(super) fn conclude(tx: &Tx<'_>, said: &SwitchingMessage, number: &str, by: Option<&str>) -> Result<(), StoreError> {
    let Some(mut incoming) = tx.incoming_to_change(number)? else { return Ok(()) };
    let undecided = matches!(incoming.state, IncomingState::Received | IncomingState::Doubt);
    match said {
        SwitchingMessage::SwitchStop(_) if incoming.state == IncomingState::Ok => {
            incoming.state = IncomingState::Stopped;
        }
        SwitchingMessage::CancellationJudgement(told) if undecided => {
            incoming.state = if told.judgement == Judgement::Ok { IncomingState::Ok } else { IncomingState::Ng };
            incoming.judged_by = by.map(str::to_owned);
            incoming.reasons = told.reasons.iter().map(|reason| key_of(&reason.code)).collect();
        }
        _ => return Ok(()),
    }
    tx.save_incoming(&incoming)
}

fn key_of(code: &Open<NgReasonCode>) -> String {
    match code {
        Open::Known(code) => code.key().to_owned(),
        Open::Unknown(text) => text.to_string(),
    }
}

/// The reference under which something is told now, and what was told under it before: what was refused has its own for
/// good, and is said again only anew.
fn last_of(tx: &Tx<'_>, letter: char, number: &str, anew: bool) -> Result<(String, Option<Outgoing>), StoreError> {
    let base = format!("{letter}-{number}");
    let (mut reference, mut nth, mut last) = (base.clone(), 1, None);
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

/// The ledger's line about a message.
fn disclose(tx: &Tx<'_>, written: &Written, number: &str) -> Result<(), StoreError> {
    let Some(line) = written.ledger.as_deref() else { return Ok(()) };
    tx.trace(tx.dossier_of_incoming(number)?, tx.add_ledger([line])?)
}
