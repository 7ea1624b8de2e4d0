//! What a counterparty must not be able to do: every broken document is an error with its place, never a panic.

use crate::samples;
use crate::wire::{bindings, enveloped, written};
use occto::items::Family;
use occto::messages::switching::SwitchingMessage;
use occto::wire::{Binding, DecodeError, Limits, Problem, ProblemKind};

fn golden() -> String {
    String::from_utf8(written(Binding::reference(), &samples::switch_start().into(), Family::Low)).unwrap()
}

fn list() -> String {
    let message = samples::all().into_iter().find(|message| message.spec().key == "list-answer").unwrap();
    String::from_utf8(written(Binding::reference(), &message, Family::Low)).unwrap()
}

fn error(text: impl AsRef<[u8]>) -> DecodeError {
    let error = Binding::reference().decode(text.as_ref()).map(|_| ()).unwrap_err();
    // Every error can be shown and is a finding with a code.
    assert!(!error.to_string().is_empty() && !error.findings().is_empty());
    assert!(error.findings().iter().all(|finding| finding.is_error() && finding.code.starts_with("OC03")));
    error
}

fn problems(text: impl AsRef<[u8]>) -> Vec<Problem> {
    match error(text) {
        DecodeError::Invalid(problems) => problems,
        other => panic!("{other}"),
    }
}

fn one(text: impl AsRef<[u8]>) -> Problem {
    let mut problems = problems(text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

/// One change of the golden, the problem it makes, and the text its byte offset points at.
fn mutated(from: &str, to: &str) -> (ProblemKind, Option<String>, String) {
    let golden = golden();
    assert!(golden.contains(from), "{from}");
    let text = golden.replacen(from, to, 1);
    let problem = one(&text);
    let at = usize::try_from(problem.place.byte.unwrap()).unwrap();
    (problem.kind, problem.place.path, text[at..].chars().take(12).collect())
}

#[test]
fn a_document_that_ends_anywhere_is_an_error() {
    let text = golden();
    let whole = text.trim_end().len();
    for end in 0..whole {
        match Binding::reference().decode(&text.as_bytes()[..end]) {
            Err(DecodeError::Empty) => assert_eq!(end, 0),
            Err(DecodeError::Charset(_)) => assert!(!text.is_char_boundary(end)),
            Err(DecodeError::Invalid(problems)) => assert_eq!(problems[0].kind, ProblemKind::Truncated, "{end}"),
            other => panic!("{end}: {other:?}"),
        }
    }
    assert!(Binding::reference().decode(&text.as_bytes()[..whole]).is_ok());
}

#[test]
fn no_change_of_an_octet_is_a_panic() {
    for binding in bindings() {
        let octets = written(binding, &samples::switch_start().into(), Family::Low);
        for at in 0..octets.len() {
            for value in [0, b'<', b'>', b'&', b'"', b'/', 0x80, 0xFF, octets[at] ^ 1, octets[at] ^ 0x20] {
                let mut changed = octets.clone();
                changed[at] = value;
                if let Err(error) = binding.decode(&changed) {
                    assert!(error.code().starts_with("OC03"));
                }
            }
        }
    }
}

#[test]
fn a_dtd_and_entities_are_refused() {
    let golden = golden();
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<SwitchStart";
    assert_eq!(one(golden.replacen("<SwitchStart", bomb, 1)).kind, ProblemKind::Dtd);
    let (kind, path, _) = mutated("髙橋　花子", "&b;");
    assert_eq!((kind, path.as_deref()), (ProblemKind::Entity, Some("/SwitchStart/Name")));
    assert_eq!(mutated("髙橋　花子", "&nbsp;").0, ProblemKind::Entity);
    assert_eq!(mutated("髙橋　花子", "&#xFFFFFFFF;").0, ProblemKind::Entity);
    assert_eq!(mutated("髙橋　花子", "&#1;").0, ProblemKind::Character('\u{1}'));
    // A reference that XML has by itself is a value.
    let text = golden.replacen("髙橋　花子", "&#x9AD9;<![CDATA[橋　]]>&#33457;子", 1);
    assert_eq!(Binding::reference().decode(text.as_bytes()).unwrap().message, samples::switch_start().into());
}

#[test]
fn deep_nesting_large_documents_and_many_rows_are_refused() {
    let golden = golden();
    let deep = golden.replacen("<Kana>", &format!("{}<Kana>", "<x>".repeat(10_000)), 1);
    assert_eq!(one(deep).kind, ProblemKind::TooDeep { max: 64 });
    let nested = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    assert_eq!(one(nested).kind, ProblemKind::Root);
    let binding = Binding::reference();
    let small = Limits { octets: 1000, ..Limits::default() };
    let large = binding.decode_within(&[b'<'; 1001], &small).map(|_| ()).unwrap_err();
    assert_eq!((large.code(), large), ("OC0316", DecodeError::TooLarge { max: 1000, got: 1001 }));
    let rows = Limits { rows: 3, ..Limits::default() };
    let many = binding.decode_within(list().as_bytes(), &rows).map(|_| ()).unwrap_err();
    assert_eq!(many.code(), "OC0317");
}

#[test]
fn what_is_not_xml_is_told_apart() {
    for page in [
        "<!DOCTYPE html><html><body>503</body></html>",
        "\n <!doctype HTML PUBLIC \"x\">",
        "<HTML><br>",
        "<?xml version=\"1.0\"?>\n<!-- x --><!DOCTYPE html PUBLIC \"a\" \"b\"><html/>",
        "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
    ] {
        assert_eq!(error(page), DecodeError::NotXml { html: true }, "{page}");
    }
    for other in ["{\"error\":1}", "Service unavailable", "\u{FEFF}x"] {
        assert_eq!(error(other), DecodeError::NotXml { html: false }, "{other}");
    }
    for empty in ["", " \r\n\t", "\u{FEFF}"] {
        assert_eq!(error(empty), DecodeError::Empty);
    }
}

#[test]
fn charsets_are_strict() {
    let utf16: Vec<u8> = golden().encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(error(&utf16).code(), "OC0302");
    assert_eq!(error([&[0xFF, 0xFE][..], &utf16].concat()).code(), "OC0302");
    // The declaration says UTF-8, the octets are CP932.
    let octets = encoding_rs::SHIFT_JIS.encode(&golden()).0.into_owned();
    let wrong = error(&octets);
    assert_eq!(wrong.code(), "OC0301");
    let at = wrong.findings()[0].place.byte.unwrap() as usize - 1;
    assert!(octets[..at].ends_with(b"<Name>"), "{at}");
    // The declaration says CP932 and it is.
    for label in ["Shift_JIS", "windows-31j", "EUC-JP"] {
        let text = golden().replacen("UTF-8", label, 1);
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let text = text.replace(['髙', '①'], "見");
        let read = Binding::reference().decode(&encoding.encode(&text).0).unwrap();
        assert_eq!(read.header.family, Family::Low, "{label}");
    }
    assert_eq!(error(golden().replacen("UTF-8", "klingon", 1)).code(), "OC0301");
    assert_eq!(mutated("髙橋　花子", "髙橋\0花子").0, ProblemKind::Character('\0'));
}

#[test]
fn every_wrong_field_is_named_with_path_and_byte() {
    let start = Some("/SwitchStart");
    let (kind, path, text) = mutated("  <SupplyPointId>0300110000000000000001</SupplyPointId>\n", "");
    assert_eq!((kind, path.as_deref()), (ProblemKind::Missing, Some("/SwitchStart/SupplyPointId")));
    assert!(text.starts_with("<SwitchStart"), "{text}");
    let (kind, path, text) = mutated("0300110000000000000001", "03001100");
    assert!(matches!(kind, ProblemKind::Value(_)));
    assert_eq!(path.as_deref(), Some("/SwitchStart/SupplyPointId"));
    assert!(text.starts_with("<SupplyPoint"), "{text}");
    let (kind, _, text) = mutated("<DecisionMethod>2<", "<DecisionMethod>77<");
    assert_eq!(kind, ProblemKind::UnknownCode("77".to_owned()));
    assert!(text.starts_with("<DecisionMet"), "{text}");
    assert_eq!(mutated(">2<", ">山田太郎様<").0, ProblemKind::UnknownCode(String::new()));
    assert_eq!(mutated("2026-11-20", "20261120").0, ProblemKind::Form);
    assert_eq!(mutated("2026-11-20", "2026-02-30").0, ProblemKind::Form);
    assert_eq!(mutated("<OverOneYear>1", "<OverOneYear>yes").0, ProblemKind::Form);
    assert_eq!(mutated("<Kana>", "<Name>x</Name><Kana>").0, ProblemKind::Duplicate);
    assert_eq!(mutated("<Kana>", "<Header/><Kana>").0, ProblemKind::Duplicate);
    let (kind, path, _) = mutated("<Kana>タカ", "stray<Kana>タカ");
    assert_eq!((kind, path.as_deref()), (ProblemKind::Shape, start));
    assert_eq!(mutated("<Kana>タカ", "<Kana><b>タ</b>カ").0, ProblemKind::Shape);
    assert_eq!(mutated("</Kana>", "</Kanb>").0, ProblemKind::Syntax);
    assert_eq!(mutated("<Kana>", "<p:Kana>").0, ProblemKind::Syntax);
    assert_eq!(mutated("T03", "T11").0, ProblemKind::Party);
    assert_eq!(mutated("<Sender>R40113</Sender>", "").0, ProblemKind::Missing);
    assert_eq!(mutated("reference:1", "reference:2").0, ProblemKind::Root);
    assert_eq!(mutated("L050", "L999").0, ProblemKind::MessageCode);
    assert_eq!(mutated("L050", "L051").0, ProblemKind::OtherMessage);
    let several = golden().replacen("2026-11-20", "x", 1).replacen("030011", "", 1).replacen("R40113", "R4", 1);
    assert_eq!(problems(several).len(), 3);
}

#[test]
fn families_are_never_confused() {
    assert_eq!(mutated("L050", "H050").0, ProblemKind::Family { code: Family::High });
    assert_eq!(mutated("<Family>L", "<Family>F").0, ProblemKind::Family { code: Family::Low });
    // The root element of one family, code and header of another.
    let second = bindings()[1];
    let octets = written(second, &samples::switch_start().into(), Family::Low);
    let text = encoding_rs::SHIFT_JIS.decode(&octets).0.replace("低圧開始", "高圧開始");
    let error = second.decode(&encoding_rs::SHIFT_JIS.encode(&text).0).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "OC0323");
}

#[test]
fn a_wrong_row_is_named_by_its_number() {
    let text = list();
    let second = text.rfind("<SupplyPointId>").unwrap();
    let broken = format!("{}{}", &text[..second], text[second..].replacen("0300110000000000000001", "12", 1));
    let problem = one(&broken);
    assert_eq!(problem.place.path.as_deref(), Some("/ListAnswer/Entry[2]/SupplyPointId"));
    assert_eq!(problem.place.byte, Some(second as u64));
    assert!(matches!(problem.kind, ProblemKind::Value(_)));
    let last = text.rfind("<Entry>").unwrap();
    let absent = format!("{}{}", &text[..last], text[last..].replacen("<OwnReference>REF-0001</OwnReference>", "", 1));
    let problem = one(&absent);
    assert_eq!(problem.place.path.as_deref(), Some("/ListAnswer/Entry[2]/OwnReference"));
    assert_eq!((problem.kind, problem.place.byte), (ProblemKind::Missing, Some(last as u64)));
    // The same in an envelope with a prefix, and in CP932: the byte is one of the octets that came.
    let message = samples::all().into_iter().find(|message| message.spec().key == "list-answer").unwrap();
    let octets = written(bindings()[1], &message, Family::Low);
    let text = encoding_rs::SHIFT_JIS.decode(&octets).0.into_owned();
    let at = text.rfind("<供給地点特定番号>").unwrap();
    let broken = format!("{}{}", &text[..at], text[at..].replacen("0300110000000000000001", "12", 1));
    let error = bindings()[1].decode(&encoding_rs::SHIFT_JIS.encode(&broken).0).map(|_| ()).unwrap_err();
    let finding = error.findings().remove(0);
    assert_eq!(finding.place.path.as_deref(), Some("/Envelope/Body/電文24/行[2]/供給地点特定番号"));
    assert_eq!(finding.place.byte, Some(encoding_rs::SHIFT_JIS.encode(&text[..at]).0.len() as u64 + 1));
}

#[test]
fn problems_without_end_are_not_collected() {
    let text = list();
    let (start, end) = (text.find("  <Entry>").unwrap(), text.find("</Entry>").unwrap() + "</Entry>".len());
    for (from, to) in [("<OwnReference>REF-0001</OwnReference>", ""), ("2026-11-02", "x")] {
        let rows = text[start..end].replacen(from, to, 1).repeat(2_000);
        assert_eq!(problems(format!("{}{rows}{}", &text[..start], &text[end..])).len(), 50);
    }
}

#[test]
fn formatting_prefixes_and_additions_do_no_harm() {
    let text = golden()
        .replace('<', "<s:")
        .replace("<s:/", "</s:")
        .replace("<s:?", "<?")
        .replace('\n', "\r\n\t")
        .replacen("<s:SwitchStart xmlns=", "<!-- a --><?pi b?>\n<s:SwitchStart xmlns:s=", 1)
        .replacen("</s:SwitchStart>", "</s:SwitchStart><!-- z -->\n<?end?>", 1)
        .replacen("<s:DecisionMethod>2<", "<s:DecisionMethod a=\"1\">\n 2 <!-- x --><", 1)
        .replacen("<s:Kana>", "<s:New><s:Deep><x/></s:Deep></s:New><other xmlns=\"urn:x\"/><s:Kana>", 1);
    let read = Binding::reference().decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(read.message == samples::switch_start().into());
    assert_eq!(read.unknown, 2);
    let finding = &read.findings[0];
    assert_eq!((finding.code, finding.place.path.as_deref()), ("OC0331", Some("/SwitchStart/New")));
    // An empty optional element is an absent one.
    let empty = golden().replacen("<Telephone>03-0000-0001</Telephone>", "<Telephone/>", 1);
    let SwitchingMessage::SwitchStart(read) = Binding::reference().decode(empty.as_bytes()).unwrap().message else {
        panic!("another message")
    };
    assert_eq!(read.telephone, None);
    let unknown = Binding::reference().decode(list().as_bytes()).unwrap().findings;
    assert!(
        unknown
            .iter()
            .any(|f| f.code == "OC0332" && f.place.path.as_deref() == Some("/ListAnswer/Entry[2]/ApplicationState"))
    );
}

#[test]
fn a_fault_is_told_apart_in_both_envelopes() {
    let soap11 = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault>\
                  <faultcode>e:Server</faultcode><faultstring>混雑 &amp; 停止</faultstring><detail><x/></detail>\
                  </e:Fault></e:Body></e:Envelope>";
    let fault = error(soap11);
    assert_eq!(fault, DecodeError::Fault { code: "e:Server".to_owned(), text: "混雑 & 停止".to_owned() });
    assert!(fault.to_string().contains("e:Server") && !fault.to_string().contains("混雑"));
    assert!(fault.findings()[0].ja.contains("混雑"));
    let soap12 = "<Envelope xmlns=\"http://www.w3.org/2003/05/soap-envelope\"><Header/><Body><Fault><Code>\
                  <Value>Sender</Value></Code><Reason><Text xml:lang=\"ja\">不正</Text></Reason></Fault></Body></Envelope>";
    assert_eq!(error(soap12), DecodeError::Fault { code: "Sender".to_owned(), text: "不正".to_owned() });
}

#[test]
fn an_envelope_holds_exactly_one_message() {
    let message = SwitchingMessage::from(samples::switch_start());
    let soap = String::from_utf8(written(&enveloped("soap11"), &message, Family::Low)).unwrap();
    let start = soap.find("    <SwitchStart").unwrap();
    let end = soap.find("  </soap:Body>").unwrap();
    let body = soap[start..end].to_owned();
    assert_eq!(one(soap.replacen(&body, "", 1)).kind, ProblemKind::Envelope);
    assert_eq!(one(soap.replacen(&body, &body.repeat(2), 1)).kind, ProblemKind::Envelope);
    assert_eq!(one(soap.replace("schemas.xmlsoap.org", "example.invalid")).kind, ProblemKind::Root);
    assert_eq!(one(format!("{}<a/>", golden())).kind, ProblemKind::Syntax);
    // The header of a plain message may stand in the SOAP header instead.
    let header_at = body.find("      <Header>").unwrap();
    let header_end = body.find("</Header>").unwrap() + "</Header>".len();
    let header = body[header_at..header_end].replacen(
        "<Header>",
        "<Header xmlns=\"urn:occto-adapter:switching:reference:1\">",
        1,
    );
    let moved = soap.replacen(&body[header_at..header_end], "", 1).replacen(
        "<soap:Body>",
        &format!("<soap:Header><x/>{header}</soap:Header><soap:Body>"),
        1,
    );
    assert!(Binding::reference().decode(moved.as_bytes()).unwrap().message == message);
}
