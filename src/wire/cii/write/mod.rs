//! Writing: a cleared message of meter data as octets.
//!
//! Declaration, CRLF, then the document on one line, without a namespace, in UTF-8: the form of the one real file seen
//! (facts/wire.md §0, S; W6, taken over for W4 and W5). Absent values have no element. A value that is not given has its
//! flag and no energy.

mod bills;
mod error;
mod rows;
mod skeleton;

pub use error::{WriteError, WriteErrorKind};

use super::layout::{Form, Node, Part, layout};
use crate::items::{BusinessCode, Date, Slot};
use crate::messages::metering::{MeteringFile, MeteringHeader, Rows};
use crate::notice::{Cleared, Party, Role};
use crate::wire::Charset;
use crate::wire::escape::escaped;
use error::WriteErrorKind as Kind;

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n";
/// 5-digit codes are filled up to twelve digits in the envelope.
const FILL: &[u8] = b"0000000";
/// The version of the mapping rules (facts/wire.md §0, S).
pub(super) const MAPPING: &str = "1.1-1A";

/// Writes a cleared message. Where it cannot be written, nothing is.
pub fn write(cleared: &Cleared<MeteringFile>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let header = cleared.message().header();
    let route = cleared.route();
    if !is_of(header.sender, route.sender) || !is_of(header.recipient, route.recipient) {
        return Err(Kind::Route.into());
    }
    let from = out.len();
    let created = header.created.unwrap_or_else(|| cleared.at());
    let head = Head { header, created };
    let result = document(&head, cleared.message().rows().as_rows(), out);
    if result.is_err() {
        out.truncate(from);
    }
    result
}

/// Whether a code may be that of a party. An operator is known by its area, the last digit of its codes; only Kansai's code
/// was seen (facts/wire.md §4.3). A party without a code has none in the route, and is not written.
fn is_of(code: BusinessCode, party: Party) -> bool {
    match (party.role, party.area()) {
        (Role::Operator, Some(area)) => code.area() == area,
        (Role::Occto, None) => BusinessCode::parse(OCCTO).is_ok_and(|own| own == code),
        _ => party.business_code() == Some(code),
    }
}

/// 70013 (facts/wire.md §4.3, S).
const OCCTO: &str = "70013";

/// What stands once in a message.
struct Head<'a> {
    header: &'a MeteringHeader,
    created: crate::items::DateTime,
}

fn document(head: &Head<'_>, rows: Rows<'_>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let kind = head.header.kind;
    let message = layout(kind);
    out.extend_from_slice(DECLARATION);
    head.attributes(message.tag, out)?;
    for group in message.children {
        out.extend_from_slice(format!("<{} SEQ=\"1\">", group.tag).as_bytes());
        for part in group.children {
            if part.part == Part::Body {
                out.extend_from_slice(format!("<{} SEQ=\"1\">", part.tag).as_bytes());
                part.children.iter().filter(|child| child.is_value()).try_for_each(|item| head.item(item, out))?;
                part.children.iter().filter(|child| !child.is_value()).try_for_each(|list| match rows {
                    Rows::HalfHourly(rows) => rows::write(kind, list, rows, out),
                    Rows::Fixed(usage) => bills::write(list, usage, out),
                })?;
            } else {
                open(part.tag, out);
                part.children.iter().try_for_each(|item| head.item(item, out))?;
            }
            close(part.tag, out);
        }
        close(group.tag, out);
    }
    close(message.tag, out);
    Ok(())
}

impl Head<'_> {
    fn attributes(&self, tag: &str, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let MeteringHeader { kind, agency, version, .. } = self.header;
        for (text, part) in [(agency, Part::Agency), (version, Part::Version)] {
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(WriteError { row: None, part: Some(part), kind: Kind::Form });
            }
        }
        let (sub, code) = (kind.sub_code(), kind.code());
        let text = format!(
            "<{tag} BPID=\"{agency}\" BPIDSUB=\"{sub}\" BPIDVER=\"{version}\" MSGID=\"{code}\" MAPVER=\"{MAPPING}\">"
        );
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// An item of the envelope or of the head of the body; nothing where it is absent.
    fn item(&self, node: &Node, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let header = self.header;
        let text = |text: &str, out: &mut Vec<u8>| element(node, text, None, out);
        let optional = |value: &Option<String>, out: &mut Vec<u8>| {
            let value = value.as_deref().filter(|value| !value.is_empty());
            value.map_or(Ok(()), |value| text(value, out))
        };
        match node.part {
            Part::Mode if header.mode.is_empty() => {
                Err(WriteError { row: None, part: Some(node.part), kind: Kind::NoValue })
            }
            Part::Mode => text(&header.mode, out),
            Part::Agency => text(&header.agency, out),
            Part::SubCode => text(header.kind.sub_code(), out),
            Part::Version => text(&header.version, out),
            Part::EnvelopeKind | Part::Kind => text(header.kind.code(), out),
            Part::Mapping => text(MAPPING, out),
            Part::EnvelopeSender | Part::EnvelopeRecipient => {
                let code = if node.part == Part::EnvelopeSender { header.sender } else { header.recipient };
                open(node.tag, out);
                out.extend_from_slice(code.to_string().as_bytes());
                out.extend_from_slice(FILL);
                close(node.tag, out);
                Ok(())
            }
            Part::Created => text(&self.created.strftime("%y%m%d%H%M%S").to_string(), out),
            Part::Sender => text(&header.sender.to_string(), out),
            Part::SenderName => optional(&header.sender_name, out),
            Part::Recipient => text(&header.recipient.to_string(), out),
            Part::RecipientName => optional(&header.recipient_name, out),
            Part::UpdateCode => optional(&header.update_code, out),
            Part::UpdateNumber => optional(&header.update_number, out),
            Part::Date => header.date.map_or(Ok(()), |date| value(node.tag, out, |out| put_date(date, out))),
            Part::Slot => header.slot.map_or(Ok(()), |slot| value(node.tag, out, |out| put_slot(slot, out))),
            Part::Month => {
                header.month.map_or(Ok(()), |month| text(&format!("{:04}{:02}", month.year(), month.month()), out))
            }
            _ => Ok(()),
        }
    }
}

fn open(tag: &str, out: &mut Vec<u8>) {
    out.push(b'<');
    out.extend_from_slice(tag.as_bytes());
    out.push(b'>');
}

fn close(tag: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"</");
    out.extend_from_slice(tag.as_bytes());
    out.push(b'>');
}

fn value(tag: &str, out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) -> Result<(), WriteError> {
    open(tag, out);
    put(out);
    close(tag, out);
    Ok(())
}

/// An element with a text.
fn element(node: &Node, text: &str, row: Option<usize>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    open(node.tag, out);
    put_text(node.part, text, row, out)?;
    close(node.tag, out);
    Ok(())
}

/// A text as long as its element allows, with the signs of XML escaped.
fn put_text(part: Part, text: &str, row: Option<usize>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let fail = |kind| WriteError { row, part: Some(part), kind };
    if let Form::Text { max } = part.form()
        && text.len() > max
    {
        let got = text.chars().count();
        if got > max {
            return Err(fail(Kind::TooLong { max, got }));
        }
    }
    let plain = |octet: u8| !(octet < 0x20 || octet == 0xEF || matches!(octet, b'&' | b'<' | b'>'));
    // All of them are looked at, so that many can be at a time.
    if text.bytes().fold(true, |all, octet| all & plain(octet)) {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    escaped(Charset::Utf8, text, out).map_err(|kind| match kind {
        crate::wire::EncodeErrorKind::NotXml { character, position } => fail(Kind::NotXml { character, position }),
        _ => fail(Kind::Form),
    })
}

fn put_slot(slot: Slot, out: &mut Vec<u8>) {
    let number = slot.number();
    out.extend_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
}

fn put_date(date: Date, out: &mut Vec<u8>) {
    let (year, month, day) = (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs());
    let digit = |number: u16| b'0' + (number % 10) as u8;
    let [month, day] = [u16::from(month), u16::from(day)];
    out.extend_from_slice(&[
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        digit(month / 10),
        digit(month),
        digit(day / 10),
        digit(day),
    ]);
}

/// A count of 0.0001 as a decimal number without needless decimals; false, and nothing written, where it is negative.
fn put_decimal(count: i64, out: &mut Vec<u8>) -> bool {
    let Ok(count) = u64::try_from(count) else { return false };
    // The longest: fifteen digits, the point, four digits.
    let mut digits = [0u8; 24];
    let mut at = digits.len();
    let mut put = |octet: u8| {
        at -= 1;
        if let Some(place) = digits.get_mut(at) {
            *place = octet;
        }
    };
    let (mut whole, mut rest) = (count / 10_000, count % 10_000);
    let mut decimals = 4;
    while decimals > 0 && rest % 10 == 0 {
        rest /= 10;
        decimals -= 1;
    }
    if decimals > 0 {
        for _ in 0..decimals {
            put(b'0' + (rest % 10) as u8);
            rest /= 10;
        }
        put(b'.');
    }
    loop {
        put(b'0' + (whole % 10) as u8);
        whole /= 10;
        if whole == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
    true
}

/// The element of a meaning below another.
fn below(node: &'static Node, part: Part) -> Result<&'static Node, WriteError> {
    node.find(part).ok_or(WriteError { row: None, part: Some(part), kind: Kind::Form })
}
