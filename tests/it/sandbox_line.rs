//! The sandbox over its lines: octets in this process, and HTTP.

use crate::table::{Desk, POINT, cancellation, current, start, world};
use jiff::civil::date;
use occto::exchange::{Delivery, ExchangeConfig, HttpTransport, Request, Transport, TroubleKind};
use occto::items::{Area, Date, Family, Reference, SupplyPointId, YearMonth};
use occto::messages::switching::*;
use occto::messages::{Bytes, Header};
use occto::notice::{ClearanceDesk, Consent, Context, InquiryReason, Notice, Party, Role, Route};
use occto::sandbox::{MeterFiles, Sandbox, SandboxTransport, Server, World};
use occto::wire::Binding;
use std::future::Future;

const SWITCH: Date = date(2026, 4, 20);

fn transport(notice: &str, faults: &str) -> SandboxTransport<'static> {
    SandboxTransport::new(Sandbox::new(world(faults), 1), Binding::reference(), Notice::embedded(notice).unwrap())
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Holds the sandbox no longer than one look.
fn with<T>(line: &SandboxTransport<'_>, look: impl FnOnce(&mut Sandbox) -> T) -> T {
    look(&mut line.sandbox())
}

/// A message as an adapter writes it.
fn request(header: &Header, message: impl Into<SwitchingMessage>) -> Request {
    let message = message.into();
    let notice = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let via = (header.recipient.role != Role::Occto).then_some(Party::OCCTO);
    let consent = Consent {
        point: SupplyPointId::parse(POINT).unwrap(),
        given: date(2026, 3, 30).at(10, 0, 0, 0),
        valid_until: date(2026, 12, 31),
        reason: InquiryReason::Switch,
        method: "written",
        reference: "C-1",
    };
    let route = Route { sender: header.sender, recipient: header.recipient, via };
    let context = Context { consent: Some(&consent), ..Context::new(route, header.created) };
    let (key, binding) = (message.spec().key, Binding::reference());
    let cleared = notice.clear(message, &context).unwrap_or_else(|refusal| panic!("{key}: {refusal}"));
    let mut body = Vec::new();
    binding.encode(header, &cleared, &mut body).unwrap_or_else(|error| panic!("{key}: {error}"));
    let (sender, recipient, family) = (header.sender, header.recipient, header.family);
    Request { sender, recipient, message: key, family, content_type: binding.content_type(), action: None, body }
}

fn say(line: &impl Transport, header: &Header, message: impl Into<SwitchingMessage>) -> SwitchingMessage {
    let request = request(header, message);
    let key = request.message;
    match wait(line.exchange(request)) {
        Delivery::Answered(octets) => {
            let incoming = Binding::reference().decode(&octets).unwrap_or_else(|error| panic!("{key}: {error:?}"));
            assert_eq!(incoming.header.reference, header.reference, "{key}");
            assert_eq!(incoming.header.recipient, header.sender, "{key}");
            incoming.message
        }
        other => panic!("{key}: {other:?}"),
    }
}

const OPERATOR: Party = Party::operator(Area::Tokyo);

/// Every request that is not an application, and the key of what answers it.
fn inquiries() -> Vec<(Party, SwitchingMessage, &'static str)> {
    let point = SupplyPointId::parse(POINT).unwrap();
    let reference = || Some(Reference::parse("40113-1").unwrap());
    vec![
        (OPERATOR, FacilityInquiry { point }.into(), "facility-answer"),
        (
            Party::OCCTO,
            CancellationResultInquiry { number: None, reference: reference() }.into(),
            "cancellation-result",
        ),
        (Party::OCCTO, CancellationInquiry { from: None, to: None }.into(), "cancellation-list"),
        (Party::OCCTO, StatusInquiry { number: None, reference: reference() }.into(), "status-answer"),
        (Party::OCCTO, ListInquiry { reference: None, point: Some(point), from: None, to: None }.into(), "list-answer"),
        (Party::OCCTO, NoticeInquiry { after: 0, limit: None }.into(), "notice-list"),
    ]
}

#[test]
fn every_answer_is_cleared_under_every_japanese_notice() {
    for notice in ["common-core", "terras", "liaison-energy", "clean-venture-21"] {
        let line = transport(notice, "");
        let mut desk = Desk::new("40113");
        let now = with(&line, |sandbox| sandbox.now());
        let agency = with(&line, |sandbox| cancellation(sandbox, POINT, SWITCH));
        let said = say(&line, &desk.header(current("40203"), now), agency);
        assert_eq!(said.spec().key, "receipt");
        with(&line, |sandbox| sandbox.advance_to(date(2026, 4, 2)));
        let said = say(&line, &desk.header(OPERATOR, now), with(&line, |sandbox| start(sandbox, POINT, SWITCH)));
        assert_eq!(said.spec().key, "receipt");
        for (to, message, wanted) in inquiries() {
            let said = say(&line, &desk.header(to, now), message);
            assert_eq!(said.spec().key, wanted, "under {notice}");
        }
    }
}

#[test]
fn usage_is_answered_on_the_consent_that_came_with_the_password() {
    let line = transport("common-core", "");
    let mut desk = Desk::new("40113");
    let held = with(&line, |sandbox| sandbox.world().points[0].clone());
    let now = with(&line, |sandbox| sandbox.now());
    let apply = UsagePasswordApplication {
        point: held.id,
        name: held.name,
        kana: None,
        postal_code: None,
        address: held.address,
        building: None,
        validity: PasswordValidity::Month,
        consented_at: date(2026, 3, 30).at(10, 0, 0, 0),
        consent_method: ConsentMethod::Written,
        documents: vec![IdentityDocument {
            kind: DocumentType::DriversLicence,
            media: MediaType::Png,
            content: Bytes::new(vec![1, 2, 3]).unwrap(),
        }],
    };
    assert_eq!(say(&line, &desk.header(OPERATOR, now), apply).spec().key, "usage-password-answer");
    with(&line, |sandbox| sandbox.advance_to(date(2026, 4, 2)));
    let inquiry = NoticeInquiry { after: 0, limit: None };
    let SwitchingMessage::NoticeList(list) = say(&line, &desk.header(Party::OCCTO, now), inquiry) else { panic!() };
    let inquiry = UsageInquiry {
        point: held.id,
        password: list.entries[0].password.clone().unwrap(),
        from: YearMonth::parse("2026-01").unwrap(),
        to: YearMonth::parse("2026-03").unwrap(),
        resolution: Resolution::Monthly,
    };
    let now = with(&line, |sandbox| sandbox.now());
    let SwitchingMessage::UsageAnswer(usage) = say(&line, &desk.header(OPERATOR, now), inquiry) else { panic!() };
    assert_eq!(usage.monthly.len(), 3);
}

#[test]
fn an_answer_outside_the_notice_does_not_go() {
    let line = transport("mce", "");
    let mut desk = Desk::new("40113");
    let header = desk.header(OPERATOR, with(&line, |sandbox| sandbox.now()));
    let facility = FacilityInquiry { point: SupplyPointId::parse(POINT).unwrap() };
    let delivery = wait(line.exchange(request(&header, facility)));
    assert!(matches!(delivery, Delivery::Unknown(_)), "the Californian notice lets nothing go between these parties");
}

#[test]
fn faults_strike_the_line() {
    let strike = |kind: &str| {
        let fault = format!("{{ kind = \"{kind}\", on = \"facility-inquiry\" }}");
        let line = transport("common-core", &fault);
        let header = Desk::new("40113").header(OPERATOR, with(&line, |sandbox| sandbox.now()));
        let facility = FacilityInquiry { point: SupplyPointId::parse(POINT).unwrap() };
        wait(line.exchange(request(&header, facility)))
    };
    for kind in ["html", "garbled-answer"] {
        let Delivery::Answered(octets) = strike(kind) else { panic!("{kind}") };
        assert!(Binding::reference().decode(&octets).is_err(), "{kind}");
    }
    for kind in ["lose-answer", "no-answer"] {
        let Delivery::Unknown(trouble) = strike(kind) else { panic!("{kind}") };
        assert_eq!(trouble.kind, TroubleKind::Timeout);
    }
    let line = transport("common-core", "");
    let header = Desk::new("40113").header(OPERATOR, with(&line, |sandbox| sandbox.now()));
    let facility = FacilityInquiry { point: SupplyPointId::parse(POINT).unwrap() };
    let mut broken = request(&header, facility);
    broken.body.truncate(20);
    assert!(matches!(wait(line.exchange(broken)), Delivery::NotSent(_)), "nothing was done");
    assert_eq!(with(&line, |sandbox| sandbox.requests()), 0);
}

#[test]
fn the_server_answers_loses_answers_and_stops() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fault = "{ kind = \"lose-answer\", on = \"cancellation-request\" }";
    let inside = transport("common-core", fault);
    let server = runtime.block_on(Server::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/api", server.address().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let files = std::sync::Arc::new(MeterFiles::new(inside.sandbox().world(), 1));
    let running = runtime.spawn(server.run(inside.clone(), files, async {
        let _ = stopped.await;
    }));
    let config = format!("retailer = \"40113\"\n[counterparty.occto]\nurl = \"{url}\"\ntimeout = 5\n");
    let line = HttpTransport::new(&ExchangeConfig::parse(&config, std::path::Path::new("")).unwrap()).unwrap();
    let exchange = |request: Request| runtime.block_on(line.exchange(request));

    let mut desk = Desk::new("40113");
    let now = with(&inside, |sandbox| sandbox.now());
    let agency = with(&inside, |sandbox| cancellation(sandbox, POINT, SWITCH));
    let header = desk.header(current("40203"), now);
    let Delivery::Unknown(trouble) = exchange(request(&header, agency)) else { panic!("the answer is lost") };
    assert_eq!(trouble.kind, TroubleKind::Broken, "the connection breaks without an answer");

    let list = ListInquiry { reference: Some(header.reference), point: None, from: None, to: None };
    let header = desk.header(Party::OCCTO, now);
    let Delivery::Answered(octets) = exchange(request(&header, list)) else { panic!("no answer") };
    let SwitchingMessage::ListAnswer(list) = Binding::reference().decode(&octets).unwrap().message else { panic!() };
    assert_eq!(list.entries.len(), 1, "it was done all the same");

    let mut broken = request(&header, FacilityInquiry { point: SupplyPointId::parse(POINT).unwrap() });
    broken.body.clear();
    assert!(matches!(exchange(broken), Delivery::NotSent(_)), "an unreadable message is refused");

    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = url.trim_end_matches("/api").to_owned();
    let text = |response: reqwest::Response| runtime.block_on(response.text()).unwrap();
    let clock = text(runtime.block_on(client.get(format!("{base}/clock")).send()).unwrap());
    assert_eq!(clock, "{\"duplicates\":0,\"next\":\"2026-04-02\",\"now\":\"2026-04-01T09:00:00\",\"requests\":2}\n");
    let step = runtime.block_on(client.post(format!("{base}/clock/advance?days=2")).send()).unwrap();
    assert!(text(step).contains("\"now\":\"2026-04-03T09:00:00\""));
    assert_eq!(with(&inside, |sandbox| sandbox.today()), date(2026, 4, 3));
    for wrong in ["", "?days=0", "?days=-1", "?days=99999", "?weeks=1"] {
        let step = runtime.block_on(client.post(format!("{base}/clock/advance{wrong}")).send()).unwrap();
        assert_eq!(step.status(), 400, "{wrong}");
    }
    drop(client);
    drop(line);
    stop.send(()).unwrap();
    runtime.block_on(running).unwrap().unwrap();
}

#[test]
fn many_cases_at_once_are_each_answered_and_switched() {
    let world = World::generate(200, 1, date(2026, 4, 1)).unwrap();
    let mut desk = Desk::new("40113");
    let (mut requests, mut late) = (Vec::new(), Vec::new());
    let line = SandboxTransport::new(
        Sandbox::new(world.clone(), 1),
        Binding::reference(),
        Notice::embedded("common-core").unwrap(),
    );
    let sandbox = Sandbox::new(world.clone(), 1);
    for application in world.applications() {
        let (id, now) = (application.point, sandbox.now());
        let operator = Party::operator(id.area());
        desk.family = Family::Low;
        requests.push(request(&desk.header(operator, now), FacilityInquiry { point: id }));
        let agency = cancellation_at(&sandbox, &application);
        let header = desk.header(Party::retailer(application.current_retailer), now);
        let inquiry = StatusInquiry { number: None, reference: Some(header.reference.clone()) };
        requests.push(request(&header, agency));
        late.push(request(&desk.header(operator, now), start_at(&sandbox, &application)));
        late.push(request(&desk.header(Party::OCCTO, now), inquiry));
    }
    let send = |requests: Vec<Request>| {
        for request in requests {
            assert!(matches!(wait_nothing(line.exchange(request)), Delivery::Answered(_)));
        }
    };
    send(requests);
    with(&line, |sandbox| sandbox.advance_to(date(2026, 4, 2)));
    send(late);
    with(&line, |sandbox| {
        while let Some(date) = sandbox.next_event_date() {
            sandbox.advance_to(date);
        }
        assert_eq!(sandbox.duplicates(), 0);
        assert!(sandbox.world().points.iter().all(|point| point.retailer == desk.code));
    });
}

fn wait_nothing<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the line in this process never waits"),
    }
}

fn cancellation_at(sandbox: &Sandbox, application: &Application) -> CancellationRequest {
    let held = &sandbox.world().points[index(application)];
    CancellationRequest {
        point: held.id,
        contract_number: held.contract_number.clone(),
        name: held.name.clone(),
        kana: held.kana.clone(),
        address: held.address.clone(),
        building: held.building.clone(),
        requested_on: application.switch_on,
    }
}

fn start_at(sandbox: &Sandbox, application: &Application) -> SwitchStart {
    let held = &sandbox.world().points[index(application)];
    SwitchStart {
        point: held.id,
        name: held.name.clone(),
        kana: None,
        postal_code: None,
        address: held.address.clone(),
        building: None,
        telephone: None,
        contract_number: None,
        switch_on: application.switch_on,
        decision_method: held.decision_method,
        amount: held.amount,
        amount_unit: held.unit,
        service_menu: Some(held.menu.clone()),
        over_one_year: true,
        cancellation: None,
    }
}

fn index(application: &Application) -> usize {
    application.receipt.as_str()[1..].parse::<usize>().unwrap() - 1
}
