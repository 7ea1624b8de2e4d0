//! 電文の作成: what a business says, cleared and written; nothing is sent here.

use super::flow::Saying;
use super::office::DeskError;
use crate::exchange::Request;
use crate::items::{Code as _, DateTime, Family, Reference};
use crate::messages::switching::SwitchingMessage;
use crate::messages::{Header, Message};
use crate::notice::{self, ClearanceDesk, Cleared, Context, Decision, Notice, Party, Purpose, Route};
use crate::store::{Case, OutboxState, Outgoing, StoreError, hex};
use crate::wire::Binding;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

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

/// What writing takes: the binding, the clearance desk, and who we are.
#[derive(Clone, Copy)]
pub(super) struct Pen<'p> {
    pub(super) binding: &'p Binding,
    pub(super) clearance: &'p ClearanceDesk<'p>,
    pub(super) us: Party,
}

impl Pen<'_> {
    /// Clears and writes a message. Nothing is sent yet.
    pub(super) fn write<M: Message>(
        self,
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
        self.binding.encode(&header, &cleared, &mut body).map_err(|error| DeskError::Encode(error.to_string()))?;
        let digest = hex(&Sha256::digest(&body));
        let ledger = (!cleared.items().is_empty()).then(|| disclosure(&cleared, M::SPEC.key, &reference, &digest));
        Ok(Ok(Written { message: M::SPEC.key, recipient, family, reference, body, digest, ledger }))
    }

    /// What a case says, to whom it says it.
    pub(super) fn write_saying(
        self,
        case: &Case,
        saying: Saying,
        reference: String,
        now: DateTime,
    ) -> Result<Result<Written, NotCleared>, DeskError> {
        let row = case.application().ok_or(StoreError::Damaged("application"))?;
        let operator = Party::operator(row.point.area());
        match saying {
            Saying::Inquire(message) => self.write(message, operator, row.family, reference, now),
            Saying::Request(message) => {
                self.write(message, Party::retailer(row.current_retailer), row.family, reference, now)
            }
            Saying::Start(message) => self.write(*message, operator, row.family, reference, now),
            Saying::Withdraw(message) => self.write(message, operator, row.family, reference, now),
        }
    }

    /// A written message as the outbox keeps it.
    pub(super) fn outgoing(self, written: &Written, case: Option<i64>, state: OutboxState, now: DateTime) -> Outgoing {
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
            state,
            attempts: u32::from(state == OutboxState::Sent),
            created: now,
            due: 0,
            detail: None,
        }
    }

    /// A message of the outbox as it goes out; nothing where this version does not know it.
    pub(super) fn request(self, message: &Outgoing) -> Option<Request> {
        let spec = SwitchingMessage::spec_of(&message.message)?;
        Some(Request {
            sender: self.us,
            recipient: message.recipient,
            message: spec.key,
            family: message.family,
            content_type: self.binding.content_type(),
            action: self.binding.action(spec, message.family),
            body: message.body.clone(),
        })
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
