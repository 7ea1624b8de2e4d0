//! 応答の判定: pure — what an HTTP answer is before anybody reads the message in it. A page for people is no data, a fault is
//! no message, octets of another charset are not read as if they were of this.

use super::trouble::{Trouble, TroubleKind};
use crate::wire::charset::{self, Charset};
use crate::wire::listing::is_html;
use crate::wire::multipart::{self, parameter};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::borrow::Cow;

/// The most letters of a fault's code that are told.
const CODE: usize = 40;

/// The message in an answer with status 200, ready to be decoded; or what the answer is instead.
pub(super) fn message(content_type: Option<&str>, octets: Vec<u8>) -> Result<Vec<u8>, Trouble> {
    let named = content_type.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    if is_html(&octets) || named && !looks_like_xml(&octets) {
        return Err(Trouble::new(TroubleKind::Closed, "an HTML page in place of data"));
    }
    let octets =
        match content_type.filter(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/related")) {
            None => plain(content_type, octets)?,
            Some(kind) => {
                let parts = multipart::unpack(kind, &octets);
                let (root_type, root) = parts.map_err(|error| Trouble::new(TroubleKind::Parts, error.texts().1))?;
                plain(root_type.as_deref(), root)?
            }
        };
    if let Some(code) = fault(&octets) {
        return Err(Trouble::new(TroubleKind::Fault, code));
    }
    Ok(octets)
}

fn looks_like_xml(octets: &[u8]) -> bool {
    octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets).trim_ascii_start().first() == Some(&b'<')
}

/// The document in octets of a content type, in a charset that can be told from the document itself.
fn plain(content_type: Option<&str>, octets: Vec<u8>) -> Result<Vec<u8>, Trouble> {
    let Some(content_type) = content_type else { return Ok(octets) };
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let xml = kind.ends_with("/xml") || kind.ends_with("+xml");
    // Lenient: what looks like a document is one, whatever it is called. Anything else under another name is not ours.
    if !(xml
        || looks_like_xml(&octets)
        || matches!(kind.as_str(), "text/plain" | "text/csv" | "application/octet-stream" | ""))
    {
        return Err(Trouble::new(TroubleKind::ContentType, word(&kind)));
    }
    match parameter(content_type, "charset") {
        None => Ok(octets),
        Some(label) => transcoded(&label, octets),
    }
}

/// The charset of the header goes before that of the document (RFC 7303): where both are silent or agree nothing is done.
fn transcoded(label: &str, octets: Vec<u8>) -> Result<Vec<u8>, Trouble> {
    let wrong = |why: &str| Trouble::new(TroubleKind::Charset, format!("charset {}: {why}", word(label)));
    let Some(named) = Charset::from_label(label) else {
        return Err(wrong("not known"));
    };
    let declared = charset::read(&octets).map(|(charset, _, _)| charset);
    match (declared, named.decode(&octets)) {
        (Ok(declared), Ok(_)) if declared == named => Ok(octets),
        // The document says what it is in, and is.
        (Ok(_), _) if is_declared(&octets) => Ok(octets),
        (_, Ok(Cow::Borrowed(_))) => Ok(octets),
        (_, Ok(Cow::Owned(text))) if !is_declared(&octets) => Ok(text.into_bytes()),
        _ => Err(wrong("the octets are not in it")),
    }
}

/// Whether a document says what charset it is in.
fn is_declared(octets: &[u8]) -> bool {
    let head = octets.get(..octets.len().min(256)).unwrap_or_default();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let end = memchr::memmem::find(head, b"?>").unwrap_or(0);
    head.starts_with(b"<?xml") && memchr::memmem::find(head.get(..end).unwrap_or_default(), b"encoding").is_some()
}

/// The code of a SOAP fault, 1.1 or 1.2; nothing where there is none. Its other texts may quote what was sent.
pub(super) fn fault(octets: &[u8]) -> Option<String> {
    memchr::memmem::find(octets, b"Fault")?;
    let text = charset::read(octets).map_or_else(|_| String::from_utf8_lossy(octets), |(_, text, _)| text);
    let mut reader = Reader::from_str(&text);
    let mut path: Vec<String> = Vec::new();
    let mut code = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                path.push(tag.local_name().as_ref().to_owned());
                let place: Vec<&str> = path.iter().map(String::as_str).collect();
                if place.starts_with(&["Envelope", "Body"]) && place.get(2).is_some_and(|name| *name != "Fault") {
                    return None;
                }
                if place == ["Envelope", "Body", "Fault"] {
                    code = Some(String::new());
                }
            }
            Ok(Event::End(_)) => {
                path.pop();
            }
            Ok(Event::Text(said)) => {
                let place: Vec<&str> = path.iter().map(String::as_str).collect();
                let holds = matches!(
                    place.as_slice(),
                    ["Envelope", "Body", "Fault", "faultcode"] | ["Envelope", "Body", "Fault", "Code", "Value"]
                );
                if let Some(code) = code.as_mut().filter(|_| holds) {
                    code.push_str(said.trim());
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        if path.len() > 64 {
            break;
        }
    }
    code.map(|code| if code.is_empty() { "SOAP Fault".to_owned() } else { format!("SOAP Fault {}", word(&code)) })
}

/// A word of the other side that may be told: short, and of plain letters.
fn word(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '-' | '.' | ':' | '_');
    text.chars().filter(plain).take(CODE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(content_type: &str, octets: &[u8]) -> Option<TroubleKind> {
        message(Some(content_type), octets.to_vec()).err().map(|trouble| trouble.kind)
    }

    #[test]
    fn a_page_is_closed_and_a_fault_is_a_fault() {
        assert_eq!(kind("text/html", b"<!DOCTYPE html><title>x</title>"), Some(TroubleKind::Closed));
        assert_eq!(kind("text/xml", b"<html></html>"), Some(TroubleKind::Closed));
        let page =
            b"<?xml version='1.0' encoding='Shift_JIS'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'>\n<html/>";
        assert_eq!(kind("application/xhtml+xml", page), Some(TroubleKind::Closed));
        assert_eq!(kind("text/xml", b"<head><title>x</title></head>"), Some(TroubleKind::Closed));
        assert_eq!(kind("text/html; charset=Shift_JIS", b"\x83\x81\x83\x93"), Some(TroubleKind::Closed), "text alone");
        assert_eq!(kind("text/html", b"<A/>"), None, "a document under another name");
        let fault = b"<s:Envelope xmlns:s='u'><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring></s:Fault></s:Body></s:Envelope>";
        assert_eq!(
            message(Some("text/xml"), fault.to_vec()).unwrap_err(),
            Trouble::new(TroubleKind::Fault, "SOAP Fault s:Server")
        );
        let newer = b"<e:Envelope xmlns:e='u'><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code></e:Fault></e:Body></e:Envelope>";
        assert_eq!(super::fault(newer).as_deref(), Some("SOAP Fault e:Sender"));
        assert_eq!(super::fault(b"<Envelope><Body><A><Fault/></A></Body></Envelope>"), None);
        assert_eq!(super::fault(b"<A>Fault</A>"), None);
    }

    #[test]
    fn another_content_type_is_named_unless_it_is_a_document() {
        assert_eq!(kind("application/pdf", b"%PDF"), Some(TroubleKind::ContentType));
        assert_eq!(kind("image/png", b"\x89PNG"), Some(TroubleKind::ContentType));
        for lenient in ["text/xml", "application/soap+xml; charset=utf-8", "text/plain", "application/octet-stream"] {
            assert_eq!(kind(lenient, b"<A/>"), None, "{lenient}");
        }
        assert_eq!(kind("image/png", b" <A/>"), None);
    }

    #[test]
    fn the_charset_of_the_header_counts_where_the_document_is_silent() {
        let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode("<A>東京</A>");
        let read = message(Some("text/xml; charset=Shift_JIS"), cp932.to_vec()).unwrap();
        assert_eq!(charset::read(&read).unwrap().1, "<A>東京</A>");
        assert_eq!(kind("text/xml; charset=utf-8", &cp932), Some(TroubleKind::Charset));
        assert_eq!(kind("text/xml; charset=klingon", b"<A/>"), Some(TroubleKind::Charset));
        let declared = "<?xml version='1.0' encoding='UTF-8'?><A>東京</A>".as_bytes();
        assert_eq!(message(Some("text/xml; charset=\"Shift_JIS\""), declared.to_vec()).unwrap(), declared);
        assert_eq!(kind("text/xml; charset=utf-8", declared), None);
    }
}
