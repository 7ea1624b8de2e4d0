//! 包み: base64 of a zip with one XML, and the fields of a form.

use crate::rules::{Finding, codes};
use crate::wire::archive::{self, Archive, ArchiveLimits};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{Cursor, Read as _};

/// The most octets of an XML that comes packed.
const MAX: u64 = 256 * 1024 * 1024;

/// base64 of a zip with one file.
pub fn pack(name: &str, octets: &[u8]) -> std::io::Result<String> {
    Ok(STANDARD.encode(archive::write(Cursor::new(Vec::new()), name, octets)?.into_inner()))
}

/// The file in base64 of a zip, with its name. Line breaks within the base64 are passed over.
pub fn unpack(body: &[u8]) -> Result<(String, Vec<u8>), Box<Finding>> {
    let plain: Vec<u8> = body.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    let zip = STANDARD
        .decode(plain)
        .map_err(|_| Box::new(codes::PLAN_ANSWER.finding("本文がbase64ではありません", "the body is not base64")))?;
    let limits = ArchiveLimits { archive: MAX, entry: MAX, ..ArchiveLimits::default() };
    let mut archive = Archive::open(Cursor::new(zip), &limits, None).map_err(|error| Box::new(error.finding()))?;
    let mut octets = Vec::new();
    let read = archive.entry().map_err(|error| Box::new(error.finding()))?.read_to_end(&mut octets);
    read.map_err(|error| {
        let finding = archive::ArchiveError::of(&error).map(|error| error.finding());
        Box::new(finding.unwrap_or_else(|| codes::PLAN_ANSWER.plain()))
    })?;
    Ok((archive.name().to_owned(), octets))
}

/// `application/x-www-form-urlencoded`
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        encode(name, &mut out);
        out.push('=');
        encode(value, &mut out);
    }
    out
}

fn encode(text: &str, out: &mut String) {
    for octet in text.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(char::from(octet)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{octet:02X}")),
        }
    }
}

/// The fields of a form; what is not one is left out.
#[must_use]
pub fn unform(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (decode(name), decode(value))).collect()
}

fn decode(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        let digit = |octet: Option<u8>| octet.and_then(|octet| char::from(octet).to_digit(16));
        octets.push(match octet {
            b'+' => b' ',
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => (high * 16 + low) as u8,
                _ => b'%',
            },
            other => other,
        });
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let (name, octets) = unpack(pack("W6_0250.xml", b"<a/>").unwrap().as_bytes()).unwrap();
        assert_eq!((name.as_str(), octets.as_slice()), ("W6_0250.xml", &b"<a/>"[..]));
        assert_eq!(unpack(b"<html>").unwrap_err().code, "OC1253");
        assert!(unpack(b"QUJD").is_err());
    }

    #[test]
    fn a_form_carries_any_text() {
        let fields = [("userid", "U 1&=+%"), ("file", "a+b/c=="), ("名", "値")];
        let read = unform(form(&fields).as_bytes());
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, fields);
        assert_eq!(unform(b"a=%zz&b"), [("a".to_owned(), "%".to_owned())]);
    }
}
