//! 事業所: one business at its counter — its store, its way to the counterparties, its clearance desk.

use crate::calendar::Calendar;
use crate::exchange::{Delivery, Request, Transport, Trouble};
use crate::items::{BusinessCode, Code as _, DateTime, Family, Reference};
use crate::messages::switching::{
    ApplicationEntry, ApplicationState, ListInquiry, Receipt, SwitchingMessage, Withdrawal,
};
use crate::messages::{Header, Message, Open};
use crate::notice::{self, ClearanceDesk, Cleared, Context, Decision, Notice, Party, Purpose, Route};
use crate::rules::Settings;
use crate::store::{OutboxState, Outgoing, Store, StoreError, hex};
use crate::wire::Binding;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

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
    /// How many questions were asked.
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
}

/// A cleared message in its written form, ready for the outbox.
pub(super) struct Written {
    pub(super) message: &'static str,
    pub(super) recipient: Party,
    pub(super) family: Family,
    pub(super) reference: String,
    pub(super) body: Vec<u8>,
    pub(super) digest: String,
    /// The ledger's line; nothing where the message discloses no item.
    pub(super) ledger: Option<String>,
}

/// A message that may not leave: the reasons, and the ledger's line about it.
pub(super) struct NotCleared {
    pub(super) ja: String,
    pub(super) en: String,
    pub(super) ledger: String,
}

impl<'a, T: Transport> Office<'a, T> {
    /// Opens the counter of a business.
    #[must_use]
    pub fn new(store: Store, means: Means<'a, T>) -> Office<'a, T> {
        let (clearance, us) = (ClearanceDesk::new(means.notice), Party::retailer(means.code));
        Office { store, means, clearance, us, unheard: false, asked: AtomicU32::new(0) }
    }

    /// Clears and writes a message. Nothing is sent yet.
    pub(super) fn write<M: Message>(
        &self,
        message: M,
        recipient: Party,
        family: Family,
        reference: String,
        now: DateTime,
    ) -> Result<Result<Written, NotCleared>, DeskError> {
        let route = match recipient {
            Party::OCCTO => Route { sender: self.us, recipient, via: None },
            _ => Route::through_occto(self.us, recipient),
        };
        let cleared = match self.clearance.clear(message, &Context::new(route, now)) {
            Ok(cleared) => cleared,
            Err(refusal) => {
                let decision = refusal.decision();
                let (named, to) = ((M::SPEC.key, reference.as_str()), (self.us, recipient));
                let ledger = refusal_line(now, named, to, M::SPEC.purpose, self.clearance.notice(), decision);
                return Ok(Err(NotCleared { ja: decision.reasons_ja(), en: decision.reasons_en(), ledger }));
            }
        };
        let own = Reference::parse(&reference).map_err(|error| DeskError::Encode(error.ja()))?;
        let header = Header { family, sender: self.us, recipient, reference: own, created: now };
        let mut body = Vec::with_capacity(2048);
        self.means
            .binding
            .encode(&header, &cleared, &mut body)
            .map_err(|error| DeskError::Encode(error.to_string()))?;
        let digest = hex(&Sha256::digest(&body));
        let ledger = (!cleared.items().is_empty()).then(|| disclosure(&cleared, M::SPEC.key, &reference, &digest));
        Ok(Ok(Written { message: M::SPEC.key, recipient, family, reference, body, digest, ledger }))
    }

    pub(super) fn outgoing(&self, written: &Written, case: Option<i64>, now: DateTime) -> Outgoing {
        Outgoing {
            id: 0,
            case,
            number: None,
            message: written.message.to_owned(),
            sender: self.us,
            recipient: written.recipient,
            family: written.family,
            reference: written.reference.clone(),
            body: written.body.clone(),
            digest: written.digest.clone(),
            state: OutboxState::Sent,
            attempts: 1,
            created: now,
        }
    }

    /// Sends messages side by side and reads what comes back, in the order given.
    pub(super) async fn carry<K>(&self, parcels: Vec<(K, Request, String)>) -> Vec<(K, Reply)> {
        let sent = parcels.into_iter().map(|(key, request, reference)| async move {
            let spec = SwitchingMessage::spec_of(request.message);
            let delivery = self.means.transport.exchange(request).await;
            (key, self.read(delivery, spec.and_then(|spec| spec.answer), &reference))
        });
        futures_util::stream::iter(sent).buffered(WINDOW).collect().await
    }

    /// Sends one inquiry that discloses nothing and is not kept.
    pub(super) async fn ask<M: Message>(&self, message: M, family: Family, now: DateTime) -> Result<Reply, DeskError> {
        // No two questions share a reference: an answer to another one, however late, is never taken for this one's.
        let nth = self.asked.fetch_add(1, Ordering::Relaxed);
        let reference = format!("{}-Q{nth}", now.strftime("%Y%m%d%H%M%S"));
        match self.write(message, Party::OCCTO, family, reference.clone(), now)? {
            Err(refused) => Err(DeskError::Request(refused.ja, refused.en)),
            Ok(written) => {
                let request = self.request(written);
                let replies = self.carry(vec![((), request, reference)]).await;
                Ok(replies.into_iter().next().map_or(Reply::Unknown(String::new()), |((), reply)| reply))
            }
        }
    }

    /// Asks the list of applications what became of a message: nothing where the list could not be had, and in it
    /// nothing where the counterparty does not have the application.
    ///
    /// A withdrawal has no entry of its own: it is found in that of the application it withdrew.
    pub(super) async fn listed(
        &self,
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

    pub(super) fn request(&self, written: Written) -> Request {
        Request {
            sender: self.us,
            recipient: written.recipient,
            message: written.message,
            family: written.family,
            content_type: self.means.binding.content_type(),
            action: SwitchingMessage::spec_of(written.message)
                .and_then(|spec| self.means.binding.action(spec, written.family)),
            body: written.body,
        }
    }

    fn read(&self, delivery: Delivery, expected: Option<&'static str>, reference: &str) -> Reply {
        let bytes = match delivery {
            Delivery::Answered(bytes) => bytes,
            Delivery::NotSent(trouble) => return Reply::NotSent(trouble),
            Delivery::Unknown(trouble) => return Reply::Unknown(trouble.detail),
        };
        match self.means.binding.decode(&bytes) {
            Err(error) => Reply::Unknown(error.to_string()),
            Ok(incoming) if incoming.header.reference.as_str() != reference => {
                Reply::Unknown("別の申込参照番号への応答 / an answer to another reference".to_owned())
            }
            Ok(incoming) if ![expected, Some(Receipt::SPEC.key)].contains(&Some(incoming.message.spec().key)) => {
                Reply::Unknown("想定外の電文 / another message than expected".to_owned())
            }
            Ok(incoming) => Reply::Answer(Box::new(incoming.message)),
        }
    }
}

fn key(code: impl crate::items::Code) -> &'static str {
    code.key()
}

/// The ledger's line about a message that was not cleared: which item by which clause, and no value.
pub(super) fn refusal_line(
    now: DateTime,
    (message, reference): (&str, &str),
    (sender, recipient): (Party, Party),
    purpose: Purpose,
    notice: &Notice,
    decision: &Decision,
) -> String {
    serde_json::json!({
        "at": now.to_string(), "verdict": "refused", "message": message, "reference": reference,
        "sender": sender.to_string(), "recipient": recipient.to_string(), "purpose": purpose.key(),
        "notice": notice.key(), "items": decision.to_json().get("items"),
    })
    .to_string()
}

/// The ledger's line about a disclosure: who, to whom, for what, which items on which basis — never a value.
pub(super) fn disclosure<M>(cleared: &Cleared<M>, message: &str, reference: &str, digest: &str) -> String {
    let (route, decision) = (cleared.route(), cleared.decision());
    let mut line = String::with_capacity(768);
    let via = route.via.map_or_else(String::new, |via| format!(r#","via":"{via}""#));
    let (purpose, notice) = (key(cleared.purpose()), cleared.notice());
    // Every part is a key, a code or a digest of our own: nothing in it needs escaping.
    let _infallible = write!(
        line,
        r#"{{"at":"{}","verdict":"granted","message":"{message}","reference":"{reference}","sender":"{}","recipient":"{}"{via},"purpose":"{purpose}","notice":"{notice}","items":["#,
        cleared.at(),
        route.sender,
        route.recipient,
    );
    for (index, item) in cleared.items().iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _infallible = match decision.outcome(item) {
            Some(notice::Outcome::Granted { basis, manager }) => {
                write!(line, r#"{comma}{{"item":"{}","basis":"{}","manager":"{manager}"}}"#, item.key(), key(basis))
            }
            _ => Ok(()),
        };
    }
    let _infallible = write!(line, r#"],"digest":"{digest}"}}"#);
    line
}
