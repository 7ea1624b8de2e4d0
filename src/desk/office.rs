//! 事業所: one business at its counter — its store, its way to the counterparties, its clearance desk.

use super::crew::Crew;
use super::pen::Pen;
use crate::calendar::Calendar;
use crate::exchange::{Delivery, Request, Took, Transport, Trouble, TroubleKind};
use crate::items::{BusinessCode, DateTime, Family, Reference};
use crate::messages::switching::{
    Acceptance, ApplicationEntry, ApplicationState, ListInquiry, Receipt, SwitchingMessage, Withdrawal,
};
use crate::messages::{Message, Open};
use crate::notice::{ClearanceDesk, Notice, Party};
use crate::rules::Settings;
use crate::store::{OutboxState, Outgoing, Store, StoreError};
use crate::wire::Binding;
use futures_util::StreamExt as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

/// At most so many messages are under way at once, and so many outcomes can be unknown after a power cut: each of them
/// is asked for by itself before anything is sent again. No limit of the counterparties is public. A larger window
/// shares a commit among more messages, so a bench that counts commits says less about it.
pub const WINDOW: usize = 4;

/// 業務の失敗: why a step could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A message could not be written; the text names field and reason, no value.
    #[error("電文を作成できません: {0} / cannot write the message: {0}")]
    Encode(String),
    /// A request of the user cannot be done as asked.
    #[error("{0} / {1}")]
    Request(String, String),
}

/// 事業所の備え: what a business needs at its counter besides its store.
#[derive(Debug)]
pub struct Means<'a, T> {
    /// The way to the counterparties.
    pub transport: &'a T,
    /// How messages are written.
    pub binding: &'a Binding,
    /// What everything is cleared against.
    pub notice: &'a Notice,
    /// Business days and processing periods.
    pub calendar: &'a Calendar,
    /// Numbers no source gives.
    pub settings: &'a Settings,
    /// 事業者コード: who we are.
    pub code: BusinessCode,
}

/// 事業所: one business at its counter.
#[derive(Debug)]
pub struct Office<'a, T> {
    /// What is kept.
    pub store: Store,
    pub(super) means: Means<'a, T>,
    pub(super) clearance: ClearanceDesk<'a>,
    pub(super) us: Party,
    /// The notices could not be had when they were last asked for.
    pub(super) unheard: bool,
    /// What has an unknown outcome is not asked for sooner: it may still be on its way, and arrive after it was not found.
    pub settle: Duration,
    /// What makes it one of many workers.
    pub(super) crew: Option<Crew>,
    /// Something was left in hand when the office had to pause.
    pub(super) left: bool,
    /// Why an answer could not be read, the first time: without a value of it.
    unread: OnceLock<String>,
    /// What tells the questions of this office from those of others, and how many there were.
    voice: u32,
    asked: AtomicU32,
}

/// What became of a message that was sent.
#[derive(Debug)]
pub(super) enum Reply {
    /// The expected answer to this very message.
    Answer(Box<SwitchingMessage>),
    /// Certainly not delivered.
    NotSent(Trouble),
    /// Perhaps delivered: no readable answer to this message.
    Unknown(String),
    /// Refused as what was accepted before: as the list of applications has it.
    Listed(Box<ApplicationEntry>),
}

impl Reply {
    /// Whether it is a receipt that refuses the message.
    pub(super) fn is_refusal(&self) -> bool {
        let Reply::Answer(answer) = self else { return false };
        matches!(answer.as_ref(), SwitchingMessage::Receipt(receipt) if receipt.acceptance == Acceptance::Rejected)
    }

    /// What is told of it.
    const fn key(&self) -> &'static str {
        match self {
            Reply::Answer(_) | Reply::Listed(_) => "answered",
            Reply::NotSent(_) => "not-sent",
            Reply::Unknown(_) => "unknown",
        }
    }
}

impl<'a, T: Transport> Office<'a, T> {
    /// Opens the counter of a business.
    #[must_use]
    pub fn new(store: Store, means: Means<'a, T>) -> Office<'a, T> {
        let (clearance, us) = (ClearanceDesk::new(means.notice), Party::retailer(means.code));
        Office {
            store,
            means,
            clearance,
            us,
            unheard: false,
            settle: Duration::ZERO,
            crew: None,
            left: false,
            unread: OnceLock::new(),
            voice: voice(),
            asked: AtomicU32::new(0),
        }
    }

    /// What writing takes.
    pub(super) fn pen(&self) -> Pen<'_> {
        Pen { binding: self.means.binding, clearance: &self.clearance, us: self.us }
    }

    /// Sends messages side by side and reads what comes back, in the order given.
    pub(super) async fn carry<K>(&self, parcels: Vec<(K, Request, String)>) -> Vec<(K, Reply)> {
        let sent = parcels.into_iter().map(|(key, request, reference)| async move {
            let (recipient, message) = (request.recipient, request.message);
            let spec = SwitchingMessage::spec_of(message);
            let span = match self.crew {
                Some(_) => tracing::info_span!("exchange", counterparty = %recipient, kind = message, outcome = Empty),
                None => Span::none(),
            };
            let (delivery, took) = self.exchange(request).instrument(span.clone()).await;
            let reply = self.read(delivery, spec.and_then(|spec| spec.answer), &reference);
            if let Some(crew) = &self.crew {
                span.record("outcome", reply.key());
                crew.watcher.exchanged(recipient, message, reply.key(), took);
            }
            (key, reply)
        });
        futures_util::stream::iter(sent).buffered(WINDOW).collect().await
    }

    /// One exchange. A worker sends nothing once its lease is over, and does not wait beyond the time it has to stop.
    async fn exchange(&self, request: Request) -> (Delivery, Took) {
        let Some(crew) = &self.crew else { return self.means.transport.timed(request).await };
        let detail = |kind, detail: &str| Trouble { kind, detail: detail.to_owned() };
        let over = || detail(TroubleKind::Connection, "the lease of this worker is over");
        if !crew.lease.holds(Duration::ZERO) {
            return (Delivery::NotSent(over()), Took::default());
        }
        let stopped = || detail(TroubleKind::Timeout, "stopped while waiting for the answer");
        tokio::select! {
            biased;
            carried = self.means.transport.timed(request) => carried,
            () = crew.stop.expired() => (Delivery::Unknown(stopped()), Took::default()),
            // It may still wait for its turn: nothing goes out after this, and others ask for it.
            () = crew.lease.over() => (Delivery::Unknown(over()), Took::default()),
        }
    }

    /// Sends one inquiry that discloses nothing and is not kept.
    pub(super) async fn ask<M: Message>(
        &mut self,
        message: M,
        family: Family,
        now: DateTime,
    ) -> Result<Reply, DeskError> {
        // No two questions share a reference: an answer to another one, however late, is never taken for this one's.
        let nth = self.asked.fetch_add(1, Ordering::Relaxed);
        let reference = format!("{}-Q{:x}-{nth:x}", now.strftime("%y%m%d%H%M%S"), self.voice);
        match self.pen().write(message, Party::OCCTO, family, reference.clone(), now)? {
            Err(refused) => Err(DeskError::Request(refused.ja, refused.en)),
            Ok(written) => {
                let row = self.pen().outgoing(&written, None, OutboxState::Sent, now);
                let request = self.pen().request(&row).ok_or(StoreError::Damaged("message"))?;
                let replies = self.carry(vec![((), request, reference)]).await;
                self.tell_lines()?;
                Ok(replies.into_iter().next().map_or(Reply::Unknown(String::new()), |((), reply)| reply))
            }
        }
    }

    /// Asks the list of applications what became of a message: nothing where the list could not be had, and in it
    /// nothing where the counterparty does not have the application.
    ///
    /// A withdrawal has no entry of its own: it is found in that of the application it withdrew.
    pub(super) async fn listed(
        &mut self,
        message: &Outgoing,
        now: DateTime,
    ) -> Result<Option<Option<ApplicationEntry>>, DeskError> {
        let damaged = |_| StoreError::Damaged("reference");
        let withdrawn = match message.message == Withdrawal::SPEC.key {
            true => Some(self.means.binding.decode(&message.body).map_err(|_| StoreError::Damaged("outbox"))?.message),
            false => None,
        };
        let inquiry = match &withdrawn {
            Some(SwitchingMessage::Withdrawal(withdrawal)) => {
                ListInquiry { reference: None, point: Some(withdrawal.point), from: None, to: None }
            }
            _ => {
                let reference = Reference::parse(&message.reference).map_err(damaged)?;
                ListInquiry { reference: Some(reference), point: None, from: None, to: None }
            }
        };
        let Reply::Answer(answer) = self.ask(inquiry, message.family, now).await? else { return Ok(None) };
        let SwitchingMessage::ListAnswer(list) = *answer else { return Ok(None) };
        let found = list.entries.into_iter().find(|entry| match &withdrawn {
            Some(SwitchingMessage::Withdrawal(withdrawal)) => {
                entry.state == Open::Known(ApplicationState::Withdrawn)
                    && (withdrawal.number.is_some() && entry.number == withdrawal.number
                        || withdrawal.cancellation.is_some() && entry.cancellation == withdrawal.cancellation)
            }
            _ => entry.reference.as_str() == message.reference,
        });
        Ok(Some(found))
    }

    fn read(&self, delivery: Delivery, expected: Option<&'static str>, reference: &str) -> Reply {
        let bytes = match delivery {
            Delivery::Answered(bytes) => bytes,
            Delivery::NotSent(trouble) => return Reply::NotSent(trouble),
            Delivery::Unknown(trouble) => return Reply::Unknown(trouble.detail),
        };
        let unread = match self.means.binding.decode(&bytes) {
            Err(error) => error.to_string(),
            Ok(incoming) if incoming.header.reference.as_str() != reference => {
                "別の申込参照番号への応答 / an answer to another reference".to_owned()
            }
            Ok(incoming) if ![expected, Some(Receipt::SPEC.key)].contains(&Some(incoming.message.spec().key)) => {
                "想定外の電文 / another message than expected".to_owned()
            }
            Ok(incoming) => return Reply::Answer(Box::new(incoming.message)),
        };
        if self.crew.is_some() {
            tracing::warn!(why = unread, "an answer cannot be read");
        }
        self.unread.get_or_init(|| unread.clone());
        Reply::Unknown(unread)
    }

    /// Why an answer could not be read, the first time; nothing where all could.
    #[must_use]
    pub fn unread(&self) -> Option<&str> {
        self.unread.get().map(String::as_str)
    }
}

/// A number that another office, or this one at another time, hardly has.
fn voice() -> u32 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    elapsed.subsec_nanos() ^ (elapsed.as_secs() as u32).rotate_left(11) ^ std::process::id().rotate_left(20)
}
