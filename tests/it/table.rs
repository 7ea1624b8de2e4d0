//! A retailer at the sandbox's table, and a small world to sit in.

use jiff::ToSpan as _;
use occto::items::{BusinessCode, Date, DateTime, Family, Reference, SupplyPointId};
use occto::messages::switching::*;
use occto::messages::{Header, Open};
use occto::notice::Party;
use occto::sandbox::{Answer, Reply, Sandbox, World};

pub const POINT: &str = "0300000000000000000001";
pub const WORK: &str = "0300000000000000000002";
pub const HIGH: &str = "0310000000000000000003";

/// A retailer at the table: it counts its own references.
pub struct Desk {
    pub code: BusinessCode,
    pub sent: u32,
    pub family: Family,
    pub after: u32,
}

impl Desk {
    pub fn new(code: &str) -> Desk {
        Desk { code: BusinessCode::parse(code).unwrap(), sent: 0, family: Family::Low, after: 0 }
    }
    pub fn header(&mut self, recipient: Party, now: DateTime) -> Header {
        self.sent += 1;
        Header {
            family: self.family,
            sender: Party::retailer(self.code),
            recipient,
            reference: Reference::parse(&format!("{}-{}", self.code, self.sent)).unwrap(),
            created: now,
        }
    }
    pub fn say(&mut self, sandbox: &mut Sandbox, message: impl Into<SwitchingMessage>) -> Reply {
        self.say_to(sandbox, Party::OCCTO, message)
    }
    pub fn say_to(&mut self, sandbox: &mut Sandbox, to: Party, message: impl Into<SwitchingMessage>) -> Reply {
        let header = self.header(to, sandbox.now());
        sandbox.handle(&header, message.into())
    }
    pub fn notices(&mut self, sandbox: &mut Sandbox) -> Vec<NoticeEntry> {
        let inquiry = NoticeInquiry { after: self.after, limit: None };
        let SwitchingMessage::NoticeList(list) = answer(self.say(sandbox, inquiry)).message else { panic!("no list") };
        self.after = list.entries.last().map_or(self.after, |entry| entry.sequence);
        list.entries
    }
    /// The states told of since the last time, as `kind state`.
    pub fn news(&mut self, sandbox: &mut Sandbox) -> Vec<String> {
        let tell = |entry: NoticeEntry| {
            let application = &entry.applications[0];
            let state = match &application.state {
                Open::Known(state) => occto::items::Code::key(*state).to_owned(),
                Open::Unknown(text) => format!("?{text}"),
            };
            format!("{} {state}", occto::items::Code::key(application.kind.known().unwrap()))
        };
        self.notices(sandbox).into_iter().map(tell).collect()
    }
}

pub fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Answer(answer) => *answer,
        Reply::Struck(fault) => panic!("struck by {fault:?}"),
    }
}

pub fn receipt(reply: Reply) -> Receipt {
    match answer(reply).message {
        SwitchingMessage::Receipt(receipt) => receipt,
        other => panic!("{} instead of a receipt", other.spec().key),
    }
}

pub fn refusal(reply: Reply) -> String {
    let receipt = receipt(reply);
    assert_eq!(receipt.acceptance, Acceptance::Rejected);
    receipt.errors[0].code.as_str().to_owned()
}

pub fn world(faults: &str) -> World {
    world_of("", faults)
}

/// Three points in Tokyo, on Wednesday 1 April 2026; faults strike the first.
pub fn world_of(top: &str, faults: &str) -> World {
    let point = |id: &str, rest: &str| {
        format!(
            "[[point]]\nid = \"{id}\"\nname = \"試験　太郎\"\nkana = \"シケン　タロウ\"\naddress = \"東京都架空区一丁目1-1\"\n\
             building = \"見本荘101\"\ncontract-number = \"A-100\"\nretailer = \"40203\"\n{rest}\n"
        )
    };
    let low =
        "decision-method = \"ampere-breaker\"\namount = \"40\"\nunit = \"A\"\nmenu = \"電灯標準接続送電サービス\"\n";
    let high = "family = \"high\"\ndecision-method = \"actual-demand\"\namount = \"120\"\nunit = \"kW\"\n\
                menu = \"高圧標準接続送電サービス\"\n";
    let text = format!(
        "date = \"2026-04-01\"\nretailer = \"40113\"\n{top}\n[[retailers]]\ncode = \"40203\"\nname = \"相手電力\"\n{}{}{}",
        point(POINT, &format!("{low}faults = [{faults}]")),
        point(WORK, &format!("{low}automatic-reading = false")),
        point(HIGH, high),
    );
    World::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

pub fn point(id: &str) -> SupplyPointId {
    SupplyPointId::parse(id).unwrap()
}

pub fn cancellation(sandbox: &Sandbox, id: &str, on: Date) -> CancellationRequest {
    let held = sandbox.world().points.iter().find(|held| held.id == point(id)).unwrap();
    CancellationRequest {
        point: held.id,
        contract_number: held.contract_number.clone(),
        name: held.name.clone(),
        kana: held.kana.clone(),
        address: held.address.clone(),
        building: held.building.clone(),
        requested_on: on,
    }
}

pub fn start(sandbox: &Sandbox, id: &str, on: Date) -> SwitchStart {
    let held = sandbox.world().points.iter().find(|held| held.id == point(id)).unwrap();
    SwitchStart {
        point: held.id,
        name: held.name.clone(),
        kana: held.kana.clone(),
        postal_code: None,
        address: held.address.clone(),
        building: held.building.clone(),
        telephone: None,
        contract_number: None,
        switch_on: on,
        decision_method: held.decision_method,
        amount: held.amount,
        amount_unit: held.unit,
        service_menu: Some(held.menu.clone()),
        over_one_year: true,
        cancellation: None,
    }
}

pub fn current(code: &str) -> Party {
    Party::retailer(BusinessCode::parse(code).unwrap())
}

/// Cancellation agency, OK on the next day, switch start.
pub fn under_way(sandbox: &mut Sandbox, desk: &mut Desk, id: &str, on: Date) -> (Receipt, Receipt) {
    let request = cancellation(sandbox, id, on);
    let agency = receipt(desk.say_to(sandbox, current("40203"), request));
    sandbox.advance_to(sandbox.today().saturating_add(1.day()));
    let mut start = start(sandbox, id, on);
    start.cancellation.clone_from(&agency.cancellation);
    let start = receipt(desk.say(sandbox, start));
    (agency, start)
}

pub fn to_the_end(sandbox: &mut Sandbox) {
    while let Some(date) = sandbox.next_event_date() {
        sandbox.advance_to(date);
    }
}
