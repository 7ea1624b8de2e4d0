//! Switching messages to octets and back, in the reference binding and in one that shares nothing with it.

use crate::samples;
use occto::items::{Code, Family};
use occto::messages::switching::{CancellationRequest, SwitchStart, SwitchingMessage};
use occto::messages::{Header, Message};
use occto::notice::{Cleared, Party, Role, Route};
use occto::wire::{Binding, DecodeError, EncodeErrorKind, Envelope, ProblemKind};
use std::sync::LazyLock;

static SECOND: LazyLock<Binding> =
    LazyLock::new(|| Binding::parse(include_str!("second-binding.toml")).unwrap_or_else(|error| panic!("{error}")));

pub fn bindings() -> [&'static Binding; 2] {
    [Binding::reference(), &SECOND]
}

/// The reference binding in another envelope.
pub fn enveloped(envelope: &str) -> Binding {
    let plain = "envelope = \"plain\"";
    Binding::parse(&Binding::REFERENCE.replacen(plain, &format!("envelope = \"{envelope}\""), 1)).unwrap()
}

pub fn written(binding: &Binding, message: &SwitchingMessage, family: Family) -> Vec<u8> {
    let route = samples::route(message);
    let cleared = samples::clear(message.clone(), route);
    let mut out = Vec::new();
    binding.encode(&samples::header(family, route), &cleared, &mut out).unwrap();
    out
}

fn problem(result: Result<occto::wire::Incoming, DecodeError>) -> ProblemKind {
    match result {
        Err(DecodeError::Invalid(problems)) => problems.into_iter().next().unwrap().kind,
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn there_is_a_sample_of_every_message() {
    let keys: Vec<&str> = samples::all().iter().map(|message| message.spec().key).collect();
    let specs: Vec<&str> = SwitchingMessage::SPECS.iter().map(|spec| spec.key).collect();
    assert_eq!(keys, specs);
}

#[test]
fn every_message_of_every_family_is_read_as_it_was_written() {
    for binding in bindings() {
        for message in samples::all() {
            for family in message.spec().families {
                let octets = written(binding, &message, *family);
                let read = binding
                    .decode(&octets)
                    .unwrap_or_else(|error| panic!("{} {}: {error}", binding.name(), message.spec().key));
                assert!(read.message == message, "{} {}", binding.name(), message.spec().key);
                assert_eq!(read.header, samples::header(*family, samples::route(&message)));
                assert_eq!(read.unknown, 0);
            }
        }
    }
}

#[test]
fn the_second_binding_shares_no_name_with_the_reference() {
    let message = SwitchingMessage::from(samples::switch_start());
    let octets = written(&SECOND, &message, Family::Low);
    let (text, _, bad) = encoding_rs::SHIFT_JIS.decode(&octets);
    assert!(!bad);
    for name in ["SwitchStart", "<Header", "SupplyPointId", "SwitchDate", "2026-11-20", "R40113", "L050"] {
        assert!(!text.contains(name), "{name}");
    }
    for part in ["encoding=\"Shift_JIS\"", "<低圧開始 ", "2026年11月20日", "小売-40113-者", "<名義>髙橋　花子</名義>"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(SECOND.content_type(), "application/soap+xml; charset=Shift_JIS");
    for message in samples::all() {
        let octets = written(Binding::reference(), &message, message.spec().families[0]);
        assert_eq!(problem(SECOND.decode(&octets)), ProblemKind::Root);
    }
}

#[test]
fn every_envelope_is_understood_whatever_the_binding_writes() {
    let message = SwitchingMessage::from(samples::switch_start());
    for envelope in ["soap11", "soap12"] {
        let soap = enveloped(envelope);
        let octets = written(&soap, &message, Family::Low);
        assert!(Binding::reference().decode(&octets).unwrap().message == message, "{envelope}");
        let plain = written(Binding::reference(), &message, Family::Low);
        assert!(soap.decode(&plain).unwrap().message == message, "{envelope}");
    }
    let soap11 = enveloped("soap11");
    assert_eq!(soap11.envelope(), Envelope::Soap11);
    assert_eq!(soap11.content_type(), "text/xml; charset=UTF-8");
    let action = soap11.action(SwitchStart::SPEC, Family::Fit).unwrap();
    assert!(action.starts_with('"') && action.ends_with("#F050\""), "{action}");
    assert_eq!(Binding::reference().action(SwitchStart::SPEC, Family::Low), None);
}

#[test]
fn a_message_goes_only_to_whom_it_was_cleared_for() {
    let message = SwitchingMessage::from(samples::switch_start());
    let route = samples::route(&message);
    let cleared = samples::clear(samples::switch_start(), route);
    let right = samples::header(Family::Low, route);
    let mut out = b"before".to_vec();
    let other = Route { recipient: Party::operator(occto::items::Area::Kansai), ..route };
    for header in [samples::header(Family::Low, other), Header { sender: samples::current_retailer(), ..right.clone() }]
    {
        let error = Binding::reference().encode(&header, &cleared, &mut out).unwrap_err();
        assert_eq!((error.kind, error.code()), (EncodeErrorKind::Route, "OC0342"));
    }
    assert_eq!(out, b"before");
    Binding::reference().encode(&right, &cleared, &mut out).unwrap();
    assert!(out.starts_with(b"before<?xml"));
}

#[test]
fn what_the_binding_cannot_write_is_named_without_the_value() {
    let error = |binding: &Binding, message: SwitchStart, family| {
        let route = samples::route(&message.clone().into());
        let mut out = Vec::new();
        let cleared = samples::clear(message, route);
        let error = binding.encode(&samples::header(family, route), &cleared, &mut out).unwrap_err();
        assert!(out.is_empty());
        assert!(!error.to_string().contains("花子"), "{error}");
        error
    };
    let mut long = samples::switch_start();
    long.name = occto::items::CustomerName::parse(&format!("花子{}", "あ".repeat(29))).unwrap();
    let found = error(&SECOND, long, Family::Low);
    assert_eq!((found.kind, found.code()), (EncodeErrorKind::TooLong { max: 60, got: 62 }, "OC0340"));
    assert_eq!(found.finding().item, Some(occto::items::Item::Name));

    let missing = SwitchStart { telephone: None, ..samples::switch_start() };
    let found = error(&SECOND, missing, Family::High);
    assert_eq!((found.kind, found.field.unwrap().key), (EncodeErrorKind::Missing, "telephone"));

    let mut absent = samples::switch_start();
    absent.name = occto::items::CustomerName::parse("花子 & 𠮷").unwrap();
    let found = error(&SECOND, absent, Family::Low);
    assert!(found.to_string().contains("6文字目「𠮷」(U+20BB7)"), "{found}");

    let mut noncharacter = samples::switch_start();
    noncharacter.name = occto::items::CustomerName::parse("花子Ａ\u{FFFE}").unwrap();
    let found = error(Binding::reference(), noncharacter, Family::Low);
    assert_eq!(found.kind, EncodeErrorKind::NotXml { character: '\u{FFFE}', position: 4 });

    let ampere = samples::all().into_iter().find(|message| message.spec().key == "ampere-change").unwrap();
    let route = samples::route(&ampere);
    let cleared = samples::clear(ampere, route);
    let found =
        Binding::reference().encode(&samples::header(Family::High, route), &cleared, &mut Vec::new()).unwrap_err();
    assert_eq!(found.kind, EncodeErrorKind::NoForm { message: "ampere-change", family: Family::High });

    let broker = Route { recipient: Party::of(Role::Operator), ..route };
    let cleared = samples::clear(samples::switch_start(), broker);
    let found =
        Binding::reference().encode(&samples::header(Family::Low, broker), &cleared, &mut Vec::new()).unwrap_err();
    assert_eq!(found.kind, EncodeErrorKind::Party(Role::Operator));
}

pub fn bulk<M: Message + Clone>(message: &M, families: &[Family]) -> Vec<(Header, Cleared<M>)>
where
    SwitchingMessage: From<M>,
{
    let route = samples::route(&message.clone().into());
    families.iter().map(|family| (samples::header(*family, route), samples::clear(message.clone(), route))).collect()
}

#[test]
fn bulk_forms_are_read_as_they_were_written() {
    fn check<M: Message + Clone + PartialEq>(binding: &Binding, message: M)
    where
        SwitchingMessage: From<M>,
    {
        let rows = bulk(&message, Family::ALL);
        let mut out = Vec::new();
        binding.encode_csv(rows.iter().map(|(header, cleared)| (header, cleared)), &mut out).unwrap();
        assert_eq!(out.windows(2).filter(|pair| pair == b"\r\n").count(), 4);
        assert_eq!(out.iter().filter(|octet| **octet == b'\n').count(), 4);
        let read = binding.decode_csv::<M>(&out).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4]);
        for (row, (header, _)) in read.into_iter().zip(&rows) {
            let row = row.message.unwrap_or_else(|error| panic!("{error}"));
            assert!(row.message == SwitchingMessage::from(message.clone()) && row.header == *header);
        }
    }
    for binding in bindings() {
        check(binding, samples::switch_start());
        check(binding, samples::cancellation_request());
    }
}

#[test]
fn a_bulk_form_keeps_leading_zeros_and_quotes_only_where_needed() {
    let rows = bulk(&samples::switch_start(), &[Family::Low]);
    let mut out = Vec::new();
    Binding::reference().encode_csv(rows.iter().map(|(header, cleared)| (header, cleared)), &mut out).unwrap();
    let (text, _, bad) = encoding_rs::SHIFT_JIS.decode(&out);
    assert!(!bad);
    let row = text.lines().nth(1).unwrap();
    assert!(row.contains(",0300110000000000000001,髙橋　花子,"), "{row}");
    assert!(row.contains(",\"0012-3456-\"\"7\"\", A&B\","), "{row}");
    assert_eq!(row.matches('"').count(), 6);
}

#[test]
fn a_row_that_cannot_be_read_does_not_stop_the_others() {
    let binding = Binding::reference();
    let rows = bulk(&samples::cancellation_request(), &[Family::Low, Family::High, Family::Fit]);
    let mut out = Vec::new();
    binding.encode_csv(rows.iter().map(|(header, cleared)| (header, cleared)), &mut out).unwrap();
    let (text, ..) = encoding_rs::SHIFT_JIS.decode(&out);
    let lines: Vec<&str> = text.lines().collect();
    // The code of a high-voltage message on a row that says low voltage; an id that Excel destroyed; a cut row.
    let confused = lines[1].replacen("L040", "H040", 1);
    let destroyed = lines[2].replacen(samples::POINT, "3.00112E+20", 1);
    let cut = lines[3].rsplit_once(',').unwrap().0;
    let file = [lines[0], &confused, &destroyed, cut, lines[1], ""].join("\r\n");
    let read = binding.decode_csv::<CancellationRequest>(&encoding_rs::SHIFT_JIS.encode(&file).0).unwrap();
    let codes: Vec<Option<&str>> = read.iter().map(|row| row.message.as_ref().err().map(DecodeError::code)).collect();
    assert_eq!(codes, [Some("OC0323"), Some("OC0328"), Some("OC0325"), None]);
    let finding = read[1].message.as_ref().unwrap_err().findings().remove(0);
    assert_eq!((finding.place.line, finding.place.column.as_deref()), (Some(3), Some("供給地点特定番号")));
    assert!(finding.ja.contains("表計算"), "{finding}");

    let error = |text: &[u8]| binding.decode_csv::<CancellationRequest>(text).map(|_| ()).unwrap_err();
    assert_eq!(error(b"a,b\r\n").code(), "OC0350");
    assert_eq!(error(b"").code(), "OC0310");
    assert_eq!(error(b"\xFF\xFEa\0").code(), "OC0302");
    assert_eq!(error(b"\x82\xA0,\xFF\r\n").code(), "OC0301");
    let none = binding.decode_csv::<occto::messages::switching::Receipt>(b"a\r\n").map(|_| ()).unwrap_err();
    assert_eq!(none.code(), "OC0341");
}
