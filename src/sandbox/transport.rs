//! 模擬伝送路: octets in, octets out, without a socket. The sandbox's answers are cleared like everything else.

use super::engine::{Answer, Permission, Reply, Sandbox};
use super::objection::Objection;
use super::plans::PlanCounter;
use super::world::FaultKind;
use crate::exchange::{Delivery, Request, Transport, Trouble, TroubleKind};
use crate::items::Code;
use crate::messages::Header;
use crate::messages::switching::{Receipt, SwitchingMessage};
use crate::notice::{
    ClearanceDesk, Consent, Context, Disclosure, InquiryReason, Notice, Party, Refusal, Role, Route, SupplyKind,
};
use crate::wire::Binding;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// 模擬伝送路: the counterparties in this process.
#[derive(Clone)]
pub struct SandboxTransport<'a> {
    sandbox: Arc<Mutex<Sandbox>>,
    binding: &'a Binding,
    desk: ClearanceDesk<'a>,
    plans: Option<Arc<PlanCounter>>,
}

/// What goes back over the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Response {
    /// An answer, or what stands in its place.
    Octets(Vec<u8>),
    /// The request could not be read: nothing was done.
    Unreadable,
    /// The line breaks without an answer.
    Cut,
}

const HTML: &str =
    "<!DOCTYPE html><html lang=\"ja\"><title>メンテナンス中</title><p>ただいまメンテナンス中です。</p></html>";
const GARBLED: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Receipt><Header><Mess\xff\xfe";

impl fmt::Debug for SandboxTransport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SandboxTransport({}, {})", self.binding.name(), self.desk.notice().key())
    }
}

impl<'a> SandboxTransport<'a> {
    /// A line to a sandbox that speaks by a binding and clears its answers under a notice.
    #[must_use]
    pub fn new(sandbox: Sandbox, binding: &'a Binding, notice: &'a Notice) -> SandboxTransport<'a> {
        SandboxTransport {
            sandbox: Arc::new(Mutex::new(sandbox)),
            binding,
            desk: ClearanceDesk::new(notice),
            plans: None,
        }
    }

    /// The line with a counter for plans beside it.
    #[must_use]
    pub fn with_plans(mut self, plans: Arc<PlanCounter>) -> SandboxTransport<'a> {
        self.plans = Some(plans);
        self
    }

    /// The counter for plans, if there is one.
    pub(super) fn plans(&self) -> Option<&PlanCounter> {
        self.plans.as_deref()
    }

    /// The sandbox itself: its clock, its wishes, its counts. No exchange is possible while this is held.
    pub fn sandbox(&self) -> MutexGuard<'_, Sandbox> {
        self.sandbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The content type of the answers.
    pub(super) fn content_type(&self) -> String {
        self.binding.content_type()
    }

    /// Reads, answers, clears and writes.
    pub(super) fn respond(&self, octets: &[u8]) -> Response {
        let Ok(incoming) = self.binding.decode(octets) else { return Response::Unreadable };
        let (header, request) = (incoming.header, incoming.message);
        let (reply, supply) = {
            let mut sandbox = self.sandbox();
            let point = request.point().and_then(|id| sandbox.point(id).map(|point| point.supply));
            (sandbox.handle(&header, request), point.unwrap_or(SupplyKind::Ordinary))
        };
        match reply {
            Reply::Struck(FaultKind::Html) => Response::Octets(HTML.as_bytes().to_vec()),
            Reply::Struck(FaultKind::GarbledAnswer) => Response::Octets(GARBLED.to_vec()),
            Reply::Struck(_) => Response::Cut,
            Reply::Answer(answer) => {
                let Answer { header, message, permission } = *answer;
                self.write(&header, message, permission.as_ref(), supply).map_or(Response::Cut, Response::Octets)
            }
        }
    }

    /// Clears and writes an answer; one that the notice does not let go becomes a receipt that says so.
    fn write(
        &self,
        header: &Header,
        message: SwitchingMessage,
        permission: Option<&Permission>,
        supply: SupplyKind,
    ) -> Option<Vec<u8>> {
        let consent = permission.map(|permission| Consent {
            point: permission.point,
            given: permission.given,
            valid_until: permission.valid_until,
            reason: InquiryReason::Switch,
            method: permission.method.key(),
            reference: permission.reference.as_str(),
        });
        let cleared = self.desk.clear(message, &context(header, consent.as_ref(), supply));
        let refused = |_: Box<Refusal<SwitchingMessage>>| {
            let header = Header { sender: Party::OCCTO, ..header.clone() };
            let receipt = SwitchingMessage::from(Receipt::from(Objection::NotCleared));
            let cleared = self.desk.clear(receipt, &context(&header, None, supply)).ok()?;
            Some((header, cleared))
        };
        let (header, cleared) = match cleared {
            Ok(cleared) => (header.clone(), cleared),
            Err(refusal) => refused(refusal)?,
        };
        let mut octets = Vec::with_capacity(1024);
        self.binding.encode(&header, &cleared, &mut octets).ok()?;
        Some(octets)
    }
}

/// What an operator says goes through OCCTO.
fn context<'c>(header: &Header, consent: Option<&'c Consent<'c>>, supply: SupplyKind) -> Context<'c> {
    let via = (header.sender.role == Role::Operator).then_some(Party::OCCTO);
    let route = Route { sender: header.sender, recipient: header.recipient, via };
    Context { supply, consent, ..Context::new(route, header.created) }
}

impl Transport for SandboxTransport<'_> {
    async fn exchange(&self, request: Request) -> Delivery {
        match self.respond(&request.body) {
            Response::Octets(octets) => Delivery::Answered(octets),
            Response::Unreadable => {
                Delivery::NotSent(Trouble { kind: TroubleKind::Http, detail: "HTTP 400".to_owned() })
            }
            Response::Cut => {
                Delivery::Unknown(Trouble { kind: TroubleKind::Timeout, detail: "after the request".to_owned() })
            }
        }
    }
}
