//! For the one who holds OCCTO's interface documents: write a binding, not code.
//!
//! `cargo run --no-default-features --example write_a_binding`
//!
//! The names and codes of the reference binding are ours, and so are those below. A real binding begins as a copy of
//! `schemas/bindings/reference.toml`; its first lines explain every key. Check it with `occto check our-binding.toml`,
//! and name it in the configuration: `binding = "our-binding.toml"`.

use occto::items::{Area, BusinessCode, DateTime, Family, Reference, SupplyPointId};
use occto::messages::{Header, switching::FacilityInquiry};
use occto::notice::{ClearanceDesk, Context, Notice, Party, Route};
use occto::wire::{Binding, Envelope};
use std::error::Error;

/// What is changed, line by line: charset, envelope, dates, parties, names and codes.
const CHANGES: [(&str, &str); 9] = [
    ("name = \"reference\"", "name = \"ours\""),
    ("charset = \"UTF-8\"", "charset = \"Windows-31J\""),
    ("namespace = \"urn:occto-adapter:switching:reference:1\"", "namespace = \"urn:example:switching\""),
    ("envelope = \"plain\"", "envelope = \"soap11\""),
    ("date-time = \"YYYY-MM-DDThh:mm:ss\"", "date-time = \"YYYYMMDDhhmmss\""),
    ("retailer = \"R{}\"", "retailer = \"小売{}\""),
    ("name = \"Header\"", "name = \"共通部\""),
    ("entries = \"Entry\"", "entries = \"明細\"\nsupply-point-id = \"供給地点特定番号\""),
    ("code = { low = \"L010\"", "element = \"設備情報照会\"\ncode = { low = \"A01\""),
];

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let mut text = Binding::REFERENCE.to_owned();
    for (ours, yours) in CHANGES {
        text = text.replacen(ours, yours, 1);
    }
    let binding = Binding::parse(&text)?;
    assert_eq!((binding.name(), binding.envelope()), ("ours", Envelope::Soap11));

    // A mistake is refused with its line, column and key: nothing is guessed.
    if let Err(mistake) = Binding::parse(&text.replacen("\nentries =", "\nentriez =", 1)) {
        println!("{mistake}\n");
    }

    // The same message in both written forms. Only a cleared one can be written.
    let us = Party::retailer(BusinessCode::parse("40113")?);
    let operator = Party::operator(Area::Tokyo);
    let now: DateTime = "2026-04-01T09:00:00".parse()?;
    let desk = ClearanceDesk::new(Notice::embedded("common-core").ok_or("no such notice")?);
    let inquiry = FacilityInquiry { point: SupplyPointId::parse("0300110000000000000001")? };
    let cleared = desk.clear(inquiry.clone(), &Context::new(Route::through_occto(us, operator), now))?;
    let reference = Reference::parse("EXAMPLE-0001")?;
    let header = Header { family: Family::Low, sender: us, recipient: operator, reference, created: now };

    for binding in [Binding::reference(), &binding] {
        let mut octets = Vec::new();
        binding.encode(&header, &cleared, &mut octets)?;
        println!("{} — {}", binding.name(), binding.content_type());
        println!("{}\n", occto::wire::charset::read(&octets)?.1);

        // Reading gives back what was said, whatever it looked like on the way.
        let back = binding.decode(&octets)?;
        assert_eq!(back.header, header);
        assert_eq!(back.message, inquiry.clone().into());
    }
    Ok(())
}
