//! `cargo run --manifest-path tests/openadr-peer/Cargo.toml -- tests/golden/openadr`: reads `baseline.json`, which the
//! crate writes, with openleadr-wire, and prints it as openleadr-wire writes it; `peer.json` holds that, and the tests of
//! the crate read it.

use openleadr_wire::report::{ReportRequest, ReportType};
use openleadr_wire::values_map::Value;

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let text = std::fs::read_to_string(format!("{folder}/baseline.json")).expect("baseline.json");
    let report: ReportRequest = serde_json::from_str(&text).expect("openleadr-wire reads what the crate writes");
    let descriptors = report.payload_descriptors.as_deref().expect("descriptors");
    assert!(descriptors.iter().all(|descriptor| descriptor.payload_type == ReportType::Baseline));
    let values: Vec<_> = report.resources[0].intervals.iter().map(|interval| interval.payloads[0].values[0].clone()).collect();
    assert_eq!(values[..2], [Value::Integer(0), Value::Number(2100.125)]);
    let written = serde_json::to_string(&report).expect("JSON");
    let peer = format!("{folder}/peer.json");
    if std::env::args().nth(2).as_deref() == Some("--write") {
        std::fs::write(&peer, format!("{written}\n")).expect("peer.json");
    }
    assert_eq!(std::fs::read_to_string(&peer).expect("peer.json").trim_end(), written);
    println!("{} intervals read and written by openleadr-wire", values.len());
}
