//! Messages of several parts: what is packed comes back octet by octet, what others write is read, what is broken is named.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use occto::wire::multipart::{Attachments, PartsError, pack, unpack};
use proptest::prelude::*;

const SOAP: &str = "text/xml; charset=UTF-8";

fn message(documents: &[&[u8]]) -> Vec<u8> {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><e:Envelope xmlns:e=\"u\"><e:Body><名 a=\"1\">東京</名>".to_owned();
    for document in documents {
        text += &format!("<Document type=\"x\">{}</Document>", STANDARD.encode(document));
    }
    (text + "<Last/></e:Body></e:Envelope>").into_bytes()
}

#[test]
fn documents_travel_beside_the_message_and_come_back_into_it() {
    let (large, small) = (vec![0xa5; 5000], [1; 30]);
    let message = message(&[&large, &small, &large]);
    assert_eq!(pack(Attachments::Inline, SOAP, None, &message), None);
    for kind in [Attachments::Mtom, Attachments::Swa] {
        let (content_type, body) = pack(kind, SOAP, None, &message).unwrap();
        assert!(body.len() < message.len() - 2000, "octets go as they are");
        let (root_type, read) = unpack(&content_type, &body).unwrap();
        assert_eq!(read, message, "{kind:?}");
        match kind {
            Attachments::Mtom => {
                assert!(
                    content_type.contains("type=\"application/xop+xml\"")
                        && content_type.contains("start-info=\"text/xml\"")
                );
                assert_eq!(root_type.as_deref(), Some("application/xop+xml; charset=UTF-8; type=\"text/xml\""));
            }
            _ => assert_eq!(root_type.as_deref(), Some(SOAP)),
        }
    }
}

#[test]
fn what_others_write_is_read() {
    let soap_1_2 = "multipart/related; boundary=MIME_boundary; type=\"application/xop+xml\"; start=\"<mymessage.xml@example.org>\"; startinfo=\"application/soap+xml\"";
    let body = "preamble\r\n--MIME_boundary\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: BASE64\r\nContent-ID: <http://example.org/me.png>\r\n\r\nAQID\r\nBA==\r\n--MIME_boundary\r\nContent-Type: application/xop+xml;\r\n charset=UTF-8\r\nContent-ID: <mymessage.xml@example.org>\r\n\r\n<A><m:photo xmlns:m='u'><xop:Include xmlns:xop='http://www.w3.org/2004/08/xop/include' href='cid:http://example.org/me.png'></xop:Include></m:photo></A>\r\n--MIME_boundary--\r\nepilogue";
    let (kind, read) = unpack(soap_1_2, body.as_bytes()).unwrap();
    assert_eq!(read, b"<A><m:photo xmlns:m='u'>AQIDBA==</m:photo></A>");
    assert_eq!(kind.as_deref(), Some("application/xop+xml; charset=UTF-8"));
    // Lines that end with LF alone, no start, a reference by an attribute with an escape, a part nobody speaks of.
    let body = "--b\nContent-Type: text/xml\n\n<A><D x=\"1\" href=\"cid:a%40b\" y=\"2\"/>cid:none</A>\n--b\nContent-ID: <a@b>\n\nxyz\n--b\nContent-ID: <other>\n\n?\n--b--";
    let (_, read) = unpack("multipart/related; boundary=b", body.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(read).unwrap(), "<A><D x=\"1\" y=\"2\">eHl6</D>cid:none</A>");
}

#[test]
fn what_is_broken_is_named() {
    let of = |content_type: &str, body: &str| unpack(content_type, body.as_bytes()).unwrap_err();
    let head = "multipart/related; boundary=b";
    assert_eq!(of("multipart/related", "--b--"), PartsError::NoBoundary);
    assert_eq!(of(head, "--b\r\n\r\n<A/>\r\n"), PartsError::BrokenOff, "no last boundary");
    assert_eq!(of(head, ""), PartsError::BrokenOff);
    assert_eq!(of(head, "--b--"), PartsError::NoRoot);
    assert_eq!(of("multipart/related; boundary=b; start=\"<x>\"", "--b\r\n\r\n<A/>\r\n--b--"), PartsError::NoRoot);
    assert_eq!(
        of(head, "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<A/>\r\n--b--"),
        PartsError::Encoding
    );
    let include = "<A><x:Include href=\"cid:p\"/></A>";
    assert_eq!(of(head, &format!("--b\r\n\r\n{include}\r\n--b--")), PartsError::Reference, "no such part");
    let twice = format!("--b\r\n\r\n{include}{include}\r\n--b\r\nContent-ID: <p>\r\n\r\nxx\r\n--b--");
    assert_eq!(of(head, &twice), PartsError::Reference, "one part twice would let a message grow");
    let many = "--b\r\nX: y\r\n\r\n\r\n".repeat(300) + "--b--";
    assert_eq!(of(head, &many), PartsError::TooMany);
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..400), text in "[<>a-z:/=\"' \r\n-]{0,200}") {
        let _ = unpack("multipart/related; boundary=b", &body);
        let whole = format!("--b\r\nContent-ID: <r>\r\n\r\n{text} href=\"cid:p\"/>\r\n--b\r\nContent-ID: <p>\r\n\r\nxx\r\n--b--");
        let _ = unpack("multipart/related; boundary=b; start=r", whole.as_bytes());
    }

    #[test]
    fn whatever_is_packed_comes_back(documents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 0..4), swa: bool) {
        let documents: Vec<&[u8]> = documents.iter().map(Vec::as_slice).collect();
        let message = message(&documents);
        let kind = if swa { Attachments::Swa } else { Attachments::Mtom };
        let (content_type, body) = pack(kind, SOAP, Some("\"urn:x\""), &message).unwrap();
        prop_assert_eq!(unpack(&content_type, &body).unwrap().1, message);
    }

    #[test]
    fn a_message_that_was_cut_is_never_taken_for_whole(cut in 0usize..4000) {
        let message = message(&[&[7; 2500]]);
        let (content_type, body) = pack(Attachments::Mtom, SOAP, None, &message).unwrap();
        let end = body.len() - 4;
        prop_assert!(unpack(&content_type, &body[..cut.min(end)]).is_err());
    }
}
