//! 伝送: one request, one delivery.

use super::gate::Waiting;
use super::trouble::Trouble;
use crate::items::Family;
use crate::notice::Party;
use crate::store::LineState;
use std::fmt;
use std::future::Future;
use std::time::{Duration, Instant};

/// 送信: the bytes of one message and where they go.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The business that says it.
    pub sender: Party,
    /// The business it is said to; the counterparty's configuration says through which host.
    pub recipient: Party,
    /// The key of the message.
    pub message: &'static str,
    /// 供給種別.
    pub family: Family,
    /// `Content-Type` of the bytes.
    pub content_type: String,
    /// `SOAPAction` with its quotes, where the envelope has one.
    pub action: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} -> {}, {}, {} bytes)", self.sender, self.recipient, self.message, self.body.len())
    }
}

/// 送達: what became of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// An answer came; whether it can be read is the decoder's business.
    Answered(Vec<u8>),
    /// Certainly not delivered: it may be sent again.
    NotSent(Trouble),
    /// Perhaps delivered: it is never sent again before the counterparty was asked.
    Unknown(Trouble),
}

/// Without the bytes: they hold personal data.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Delivery::Answered(octets) => write!(f, "Answered({} bytes)", octets.len()),
            Delivery::NotSent(trouble) => write!(f, "NotSent({trouble:?})"),
            Delivery::Unknown(trouble) => write!(f, "Unknown({trouble:?})"),
        }
    }
}

/// 所要: what an exchange took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Took {
    /// The wait for our own turn: the rate and the places of the line.
    pub waited: Duration,
    /// From then to the end of the answer, or of the wait for it; nothing where nothing went out.
    pub answered: Option<Duration>,
}

/// 伝送路: something that carries requests.
pub trait Transport: Sync {
    /// Carries one request.
    fn exchange(&self, request: Request) -> impl Future<Output = Delivery> + Send;

    /// Carries one request, and says how long that took.
    fn timed(&self, request: Request) -> impl Future<Output = (Delivery, Took)> + Send {
        async move {
            let begun = Instant::now();
            let delivery = self.exchange(request).await;
            (delivery, Took { waited: Duration::ZERO, answered: Some(begun.elapsed()) })
        }
    }

    /// Why nothing can be sent to a counterparty for a while, by its opening hours or after failures: then messages to it
    /// wait, and need not be tried. Short waits, for the rate or for one in flight, happen within an exchange.
    fn waiting(&self, _recipient: Party) -> Option<Waiting> {
        None
    }

    /// The lines of which something is to be told to those who share them.
    fn news(&self) -> Vec<Party> {
        Vec::new()
    }

    /// What is told of a line, joined with what the others told of it before.
    fn tell(&self, _line: Party, _known: &LineState) -> Option<LineState> {
        None
    }

    /// Hears what the others told of a line.
    fn hear(&self, _line: Party, _known: &LineState) {}
}
