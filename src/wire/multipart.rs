//! 添付: multipart/related — MTOM/XOP and SOAP with Attachments. A document of base64 within a message goes beside it as
//! octets, and comes back into it: what is decoded is the same message either way.
//!
//! Source: W3C MTOM and XOP (2005-01-25), SOAP Messages with Attachments (2000-12-11), RFC 2387, RFC 2392. Which of them a
//! counterparty wants is not published: it is configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The most parts of a message.
const PARTS: usize = 256;
/// Base64 of so many letters is worth a part of its own.
const WORTH: usize = 1024;
const XOP: &str = "http://www.w3.org/2004/08/xop/include";
const ROOT: &str = "root@occto";

crate::code_set! {
    /// 添付の方式: how documents within a message travel.
    pub enum Attachments = "attachments" {
        Inline = "inline", "本文中のbase64", "base64 within the message";
        Mtom = "mtom", "MTOM/XOP", "MTOM/XOP";
        Swa = "swa", "SOAP with Attachments", "SOAP with Attachments";
    }
}

/// 添付を含む電文の誤り: why a message of several parts cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartsError {
    /// No boundary between the parts is named.
    NoBoundary,
    /// The last boundary is missing: it broke off.
    BrokenOff,
    /// More parts than are read.
    TooMany,
    /// A part is written in a way that is not read.
    Encoding,
    /// There is no part with the message.
    NoRoot,
    /// The message refers to a part that is not there, or twice to one.
    Reference,
}

impl PartsError {
    /// What is wrong, in Japanese and in English.
    #[must_use]
    pub const fn texts(self) -> (&'static str, &'static str) {
        match self {
            PartsError::NoBoundary => ("区切りの指定がありません", "no boundary is named"),
            PartsError::BrokenOff => ("途中で切れています", "it broke off"),
            PartsError::TooMany => ("部分が多すぎます", "too many parts"),
            PartsError::Encoding => ("部分の符号化方式に対応していません", "a part is in an encoding that is not read"),
            PartsError::NoRoot => ("電文の本体がありません", "there is no part with the message"),
            PartsError::Reference => ("添付への参照が正しくありません", "a reference to a part is wrong"),
        }
    }
}

/// A part with what its head says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    id: String,
    content_type: Option<String>,
    octets: Vec<u8>,
}

/// A parameter of a content type, without its quotes.
#[must_use]
pub fn parameter(content_type: &str, name: &str) -> Option<String> {
    let mut rest = content_type.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next.split_once(';')?.1;
    }
}

/// Takes the documents out of a message and puts them beside it: the content type and the octets. A message without
/// documents of some size is packed as well, as the counterparty expects it to be.
///
/// `content_type` is that of the message by itself. What [`unpack`] makes of the result is the message, octet by octet.
#[must_use]
pub fn pack(kind: Attachments, content_type: &str, action: Option<&str>, message: &[u8]) -> Option<(String, Vec<u8>)> {
    if kind == Attachments::Inline {
        return None;
    }
    let (root, documents) = taken_out(kind, message);
    let digest: String = Sha256::digest(message).iter().take(16).fold(String::new(), |mut text, octet| {
        let _infallible = write!(text, "{octet:02x}");
        text
    });
    let boundary = format!("occto-{digest}");
    let plain = content_type.split(';').next().unwrap_or_default().trim();
    let root_type = match kind {
        Attachments::Mtom => {
            let charset = parameter(content_type, "charset").unwrap_or_else(|| "UTF-8".to_owned());
            let action = action.map_or_else(String::new, |action| format!("; action={}", quoted(action)));
            format!(
                "application/xop+xml; charset={charset}; type=\"{plain}\"{}",
                if plain.contains("soap") { action } else { String::new() }
            )
        }
        _ => content_type.to_owned(),
    };
    let mut out = Vec::with_capacity(message.len() + 1024);
    head(&mut out, &boundary, ROOT, &root_type);
    out.extend_from_slice(&root);
    for (id, octets) in &documents {
        out.extend_from_slice(b"\r\n");
        head(&mut out, &boundary, id, "application/octet-stream");
        out.extend_from_slice(octets);
    }
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let whole = match kind {
        Attachments::Mtom => {
            format!(
                "multipart/related; type=\"application/xop+xml\"; start=\"<{ROOT}>\"; start-info=\"{plain}\"; boundary=\"{boundary}\""
            )
        }
        _ => format!("multipart/related; type=\"{plain}\"; start=\"<{ROOT}>\"; boundary=\"{boundary}\""),
    };
    Some((whole, out))
}

fn quoted(text: &str) -> String {
    if text.starts_with('"') { text.to_owned() } else { format!("\"{text}\"") }
}

fn head(out: &mut Vec<u8>, boundary: &str, id: &str, content_type: &str) {
    let head = format!(
        "--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{id}>\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
}

/// The message without its documents, and those with their ids. In every charset a message is written in, `<` and `>` stand
/// for themselves alone.
fn taken_out(kind: Attachments, message: &[u8]) -> (Vec<u8>, Vec<(String, Vec<u8>)>) {
    let (mut out, mut documents) = (Vec::with_capacity(message.len()), Vec::new());
    let mut rest = message;
    while let Some(end) = memmem::find(rest, b"</") {
        let (before, after) = rest.split_at(end);
        let start = memchr::memrchr(b'>', before).map_or(0, |at| at + 1);
        let text = before.get(start..).unwrap_or_default();
        let document = (text.len() >= WORTH && start > 0).then(|| STANDARD.decode(text).ok()).flatten();
        let head = before.get(..start).unwrap_or_default();
        match document {
            // A tag that has ended in itself holds nothing.
            Some(octets) if !head.ends_with(b"/>") && documents.len() + 2 < PARTS => {
                let id = format!("document{}@occto", documents.len() + 1);
                if kind == Attachments::Mtom {
                    out.extend_from_slice(head);
                    out.extend_from_slice(format!("<xop:Include xmlns:xop=\"{XOP}\" href=\"cid:{id}\"/>").as_bytes());
                } else {
                    out.extend_from_slice(head.get(..head.len() - 1).unwrap_or_default());
                    out.extend_from_slice(format!(" href=\"cid:{id}\">").as_bytes());
                }
                documents.push((id, octets));
            }
            _ => out.extend_from_slice(before),
        }
        out.extend_from_slice(b"</");
        rest = after.get(2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    (out, documents)
}

/// The message of several parts as one, its documents in it as base64, and the content type of the message itself.
///
/// Parts that the message does not refer to are passed over. Each is referred to once at most, so that the message is never
/// much larger than what came.
pub fn unpack(content_type: &str, body: &[u8]) -> Result<(Option<String>, Vec<u8>), PartsError> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty());
    let mut parts = split(body, &boundary.ok_or(PartsError::NoBoundary)?)?;
    let start = parameter(content_type, "start").map(|start| bare(&start));
    let at = match &start {
        Some(start) => parts.iter().position(|part| part.id == *start),
        None => (!parts.is_empty()).then_some(0),
    };
    let root = parts.remove(at.ok_or(PartsError::NoRoot)?);
    Ok((root.content_type, put_back(&root.octets, parts)?))
}

fn bare(id: &str) -> String {
    id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// The parts between the boundaries. What stands before the first and after the last is for nobody.
fn split(body: &[u8], boundary: &str) -> Result<Vec<Part>, PartsError> {
    let delimiter = format!("--{boundary}").into_bytes();
    let mut parts = Vec::new();
    let mut begin: Option<usize> = None;
    for at in memmem::find_iter(body, &delimiter) {
        let after = body.get(at + delimiter.len()..).unwrap_or_default();
        let last = after.starts_with(b"--");
        let line = after.trim_ascii_start();
        let ends =
            last || after.starts_with(b"\r") || after.starts_with(b"\n") || after.starts_with(b" ") || line.is_empty();
        if !(ends && (at == 0 || body.get(at - 1) == Some(&b'\n'))) {
            continue;
        }
        if let Some(from) = begin {
            let part = body.get(from..at).unwrap_or_default();
            // The line end before a boundary belongs to it.
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            parts.push(read_part(part.strip_suffix(b"\r").unwrap_or(part))?);
        }
        if last {
            return Ok(parts);
        }
        if parts.len() >= PARTS {
            return Err(PartsError::TooMany);
        }
        let line_end = memchr::memchr(b'\n', after).ok_or(PartsError::BrokenOff)?;
        begin = Some(at + delimiter.len() + line_end + 1);
    }
    Err(PartsError::BrokenOff)
}

fn read_part(part: &[u8]) -> Result<Part, PartsError> {
    let end = |mark: &[u8]| memmem::find(part, mark).map(|at| (at, at + mark.len()));
    let bare_head = part.starts_with(b"\r\n").then_some((0, 2)).or_else(|| part.starts_with(b"\n").then_some((0, 1)));
    let (to, from) = bare_head.or_else(|| end(b"\r\n\r\n")).or_else(|| end(b"\n\n")).ok_or(PartsError::BrokenOff)?;
    // A line of the head that begins with a blank goes on with the one before.
    let head = String::from_utf8_lossy(part.get(..to).unwrap_or_default())
        .replace("\r\n", "\n")
        .replace("\n ", " ")
        .replace("\n\t", " ");
    let field = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let octets = part.get(from..).unwrap_or_default();
    let octets = match field("Content-Transfer-Encoding").unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "binary" | "8bit" | "7bit" => octets.to_vec(),
        "base64" => {
            let plain: Vec<u8> = octets.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
            STANDARD.decode(plain).map_err(|_| PartsError::Encoding)?
        }
        _ => return Err(PartsError::Encoding),
    };
    let id = field("Content-ID").map(|id| bare(&id)).unwrap_or_default();
    Ok(Part { id, content_type: field("Content-Type"), octets })
}

/// The documents in their places.
fn put_back(root: &[u8], parts: Vec<Part>) -> Result<Vec<u8>, PartsError> {
    let mut parts: Vec<Option<Part>> = parts.into_iter().map(Some).collect();
    let mut out = Vec::with_capacity(root.len());
    let mut rest = root;
    while let Some(at) = memmem::find(rest, b"cid:") {
        let (before, after) = rest.split_at(at);
        let tag = memchr::memrchr(b'<', before);
        let quote = before.last().copied().filter(|octet| matches!(octet, b'"' | b'\''));
        let end = memchr::memchr(b'>', after);
        let (Some(tag), Some(quote), Some(end)) = (tag, quote, end) else {
            out.extend_from_slice(rest.get(..at + 4).unwrap_or_default());
            rest = rest.get(at + 4..).unwrap_or_default();
            continue;
        };
        let open = before.get(tag..).unwrap_or_default();
        let name: Vec<u8> = open.iter().skip(1).copied().take_while(|octet| !octet.is_ascii_whitespace()).collect();
        let include = name.ends_with(b"Include");
        let reference =
            after.get(4..end).and_then(|text| text.split(|octet| *octet == quote).next()).unwrap_or_default();
        let id = unescaped(reference);
        let found =
            parts.iter_mut().find(|part| part.as_ref().is_some_and(|part| part.id == id)).and_then(Option::take);
        let attribute = memmem::rfind(open, b"href").map_or(open.len(), |at| at);
        match found {
            Some(part) => {
                out.extend_from_slice(before.get(..tag).unwrap_or_default());
                let empty = after.get(..end).is_some_and(|text| text.ends_with(b"/"));
                let mut next = after.get(end + 1..).unwrap_or_default();
                let closing = [b"</".as_slice(), &name, b">"].concat();
                if !include {
                    out.extend_from_slice(open.get(..attribute).unwrap_or_default().trim_ascii_end());
                    let more = after.get(4 + reference.len() + 1..end).unwrap_or_default();
                    out.extend_from_slice(more.strip_suffix(b"/").unwrap_or(more).trim_ascii_end());
                    out.push(b'>');
                }
                out.extend_from_slice(STANDARD.encode(part.octets).as_bytes());
                if include && !empty {
                    next = next.trim_ascii_start().strip_prefix(closing.as_slice()).ok_or(PartsError::Reference)?;
                } else if !include && empty {
                    out.extend_from_slice(&closing);
                }
                rest = next;
            }
            None if include => return Err(PartsError::Reference),
            // Something else that speaks of a part.
            None => {
                out.extend_from_slice(rest.get(..at + 4).unwrap_or_default());
                rest = rest.get(at + 4..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// A reference as an id: `%40` is `@`, `&amp;` is `&`.
fn unescaped(reference: &[u8]) -> String {
    let text = String::from_utf8_lossy(reference).replace("&amp;", "&");
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(octet) => {
                octets.push(octet);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}
