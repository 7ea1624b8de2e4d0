//! Baselines as reports of OpenADR 3.1.

use occto::items::{Baseline, BusinessCode, Energy, HalfHours, Slot, SupplyPointId};
use occto::messages::planning::BaselineReport;
use occto::notice::{ClearanceDesk, Cleared, Context, Notice, Party, RetailerRegister, Role, Route};
use occto::wire::openadr::{read_baseline_report, write_baseline_report};

fn report(values: &[(u8, &str)]) -> BaselineReport {
    let mut day = HalfHours::MISSING;
    for (slot, energy) in values {
        day.set(Slot::new(*slot).unwrap(), Some(Energy::parse(energy).unwrap()));
    }
    BaselineReport {
        event: "event-1".to_owned(),
        client: "aggregator-1".to_owned(),
        resource: "portfolio-1".to_owned(),
        date: "2026-08-19".parse().unwrap(),
        baseline: Baseline(day),
        members: Vec::new(),
    }
}

fn cleared(report: BaselineReport) -> Cleared<BaselineReport> {
    let sender = Party::parse("suppression-contractor:80006").unwrap();
    let route = Route { sender, recipient: Party::of(Role::Operator), via: None };
    let now = "2026-08-19T10:00:00".parse().unwrap();
    ClearanceDesk::new(Notice::embedded("common-core").unwrap()).clear(report, &Context::new(route, now)).unwrap()
}

#[test]
fn a_report_comes_back_as_it_was() {
    // V1 of the facts.
    let values = [(1, "0"), (34, "2100.125"), (35, "2273.875"), (36, "2447.625"), (48, "1991.375")];
    let written = write_baseline_report(&cleared(report(&values))).unwrap();
    let path = format!("{}/tests/golden/openadr/baseline.json", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(std::fs::read_to_string(path).unwrap().trim_end(), written);
    assert!(written.contains(r#""start":"2026-08-18T15:00:00Z","duration":"PT30M""#), "{written}");
    assert_eq!(read_baseline_report(&written).unwrap(), [report(&values)]);
}

/// `peer.json` is the same report as openleadr-wire 0.2.8 writes it: `tests/openadr-peer` makes it.
#[test]
fn what_openleadr_writes_is_read() {
    let path = format!("{}/tests/golden/openadr/peer.json", env!("CARGO_MANIFEST_DIR"));
    let values = [(1, "0"), (34, "2100.125"), (35, "2273.875"), (36, "2447.625"), (48, "1991.375")];
    assert_eq!(read_baseline_report(&std::fs::read_to_string(path).unwrap()).unwrap(), [report(&values)]);
}

#[test]
fn a_report_of_another_system_is_read() {
    let text = |start: &str, duration: &str, value: &str| {
        format!(
            r#"{{"objectType":"REPORT","eventID":"event-1","clientName":"aggregator-1","reportName":null,"resources":[{{"resourceName":"portfolio-1","intervalPeriod":{{"start":"{start}","duration":"{duration}"}},"intervals":[{{"id":7,"payloads":[{{"type":"USAGE","values":[1]}},{{"type":"BASELINE","values":[{value}]}}]}},{{"id":9,"payloads":[{{"type":"BASELINE","values":[3]}}]}}]}}]}}"#
        )
    };
    let sound = read_baseline_report(&text("2026-08-19T16:30:00+09:00", "P0Y0M0DT0H30M0S", "2100.125")).unwrap();
    assert_eq!(sound, [report(&[(34, "2100.125"), (35, "3")])]);
    let over_midnight = read_baseline_report(&text("2026-08-19T14:30:00Z", "PT30M", "1")).unwrap();
    assert_eq!(over_midnight.len(), 2);
    for (start, duration, value) in [
        ("2026-08-19T16:30:00+09:00", "PT15M", "1"),
        ("2026-08-19T16:31:00+09:00", "PT30M", "1"),
        ("now", "PT30M", "1"),
        ("2026-08-19T16:30:00+09:00", "PT30M", "1.00001"),
        ("2026-08-19T16:30:00+09:00", "PT30M", "0.30000000000000004"),
        ("2026-08-19T16:30:00+09:00", "PT30M", "\"1\""),
        ("2026-08-19T16:30:00+09:00", "PT30M", "1,2"),
    ] {
        let found = read_baseline_report(&text(start, duration, value)).unwrap_err();
        assert_eq!(found.code, "OC1260", "{start} {duration} {value}");
    }
    for text in ["", "{}", "[]", r#"{"objectType":"EVENT","eventID":"e","clientName":"c","resources":[]}"#] {
        assert_eq!(read_baseline_report(text).unwrap_err().code, "OC1260");
    }
}

#[test]
fn a_retailer_may_have_it_of_its_own_customers_and_a_broker_may_not() {
    let sender = Party::parse("suppression-contractor:80006").unwrap();
    let now = "2026-08-19T10:00:00".parse().unwrap();
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    let points = [1, 2].map(|number| SupplyPointId::parse(&format!("030011{number:016}")).unwrap());
    let mut register = RetailerRegister::new();
    for (point, code) in points.iter().zip(["40113", "40123"]) {
        register.add(*point, BusinessCode::parse(code).unwrap(), None, None).unwrap();
    }
    let to = |members: &[SupplyPointId], recipient: &str| {
        let route = Route { sender, recipient: Party::parse(recipient).unwrap(), via: None };
        let report = BaselineReport { members: members.to_vec(), ..report(&[]) };
        desk.clear(report, &Context { retailers: Some(&register), ..Context::new(route, now) }).is_ok()
    };
    assert!(to(&points[..1], "retailer:40113"));
    assert!(!to(&points, "retailer:40113") && !to(&[], "retailer:40113") && !to(&points[..1], "retailer"));
    assert_eq!(["operator:03", "occto", "broker"].map(|recipient| to(&points, recipient)), [true, true, false]);
    assert!(!to(&points, "operator:06"), "it is of points in another area");
}
