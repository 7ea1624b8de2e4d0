//! 共通部の読取り: the items of envelope and body, what they say together, and where they disagree.

use super::layout::Part;
use super::record::{Bad, Out};
use super::report::{Spot, quoted};
use super::settings::CiiError;
use super::sink::Sink;
use super::value;
use crate::items::{BusinessCode, Code, Date};
use crate::messages::metering::{MeteringHeader, MeteringKind, MeteringShape};
use crate::rules::codes;
use quick_xml::events::BytesStart;

/// The items at the head of a message.
#[derive(Default)]
pub(super) struct Head {
    items: Vec<Item>,
    attributes: Vec<(String, String)>,
}

struct Item {
    part: Part,
    text: String,
    at: u64,
}

/// The attributes of the root, and the item that says the same.
const ATTRIBUTES: [(&str, Part); 5] = [
    ("BPID", Part::Agency),
    ("BPIDSUB", Part::SubCode),
    ("BPIDVER", Part::Version),
    ("MSGID", Part::EnvelopeKind),
    ("MAPVER", Part::Mapping),
];

impl Head {
    /// Takes the attributes of the root; one that cannot be read says nothing.
    pub(super) fn root(&mut self, attributes: &[u8]) {
        let text = String::from_utf8_lossy(attributes);
        let start = BytesStart::from_content(text.as_ref(), 0);
        for attribute in start.attributes().flatten() {
            let name = attribute.key.local_name().into_inner();
            if ATTRIBUTES.iter().any(|(known, _)| *known == name) {
                self.attributes.push((name.to_owned(), attribute.value.trim().to_owned()));
            }
        }
    }

    /// Takes an item.
    pub(super) fn put<S: Sink>(&mut self, part: Part, octets: &[u8], at: u64, bad: Option<Bad>, out: &mut Out<'_, S>) {
        let spot = Spot { at, part: Some(part), ..Spot::default() };
        let text = match (bad, std::str::from_utf8(octets)) {
            (Some(bad), _) => return out.report.tell(out.sink, bad.rule(), spot),
            (None, Err(error)) => {
                let at = at + error.valid_up_to() as u64;
                return out.report.tell(out.sink, &codes::METER_CHARSET, Spot { at, ..spot });
            }
            (None, Ok(text)) => text.trim(),
        };
        if text.chars().any(|c| c.is_control()) {
            return out.report.tell(out.sink, &codes::METER_CHARACTER, spot);
        }
        if text.is_empty() {
            return;
        }
        if self.item(part).is_some() {
            return out.report.tell(out.sink, &codes::METER_HEAD_TWICE, Spot { value: text.as_bytes(), ..spot });
        }
        self.items.push(Item { part, text: text.to_owned(), at });
    }

    fn item(&self, part: Part) -> Option<&Item> {
        self.items.iter().find(|item| item.part == part)
    }
    fn text(&self, part: Part) -> Option<&str> {
        self.item(part).map(|item| item.text.as_str())
    }
    fn owned(&self, part: Part) -> Option<String> {
        self.text(part).map(str::to_owned)
    }
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// 情報区分: by the body, else by the envelope, else by the root.
    pub(super) fn kind(&self) -> Result<MeteringKind, CiiError> {
        let code = self.text(Part::Kind).or(self.text(Part::EnvelopeKind)).or(self.attribute("MSGID"));
        let code = code.ok_or(CiiError::NoHead)?;
        MeteringKind::from_key(code).ok_or_else(|| CiiError::Kind { code: quoted(code.as_bytes()) })
    }

    /// The head of the message; what disagrees in it is told.
    pub(super) fn header<S: Sink>(&self, kind: MeteringKind, out: &mut Out<'_, S>) -> Result<MeteringHeader, CiiError> {
        let sender = self.party(Part::Sender, Part::EnvelopeSender)?;
        let recipient = self.party(Part::Recipient, Part::EnvelopeRecipient)?;
        self.agree(kind, sender, recipient, out);
        let created = self.read(Part::Created, value::created, out);
        let (date, slot, month) = match kind.shape() {
            MeteringShape::Slot => (self.date(out), self.read(Part::Slot, value::slot, out), None),
            MeteringShape::Day => (self.date(out), None, None),
            MeteringShape::Month => (None, None, self.read(Part::Month, value::month, out)),
        };
        self.misplaced(kind, out);
        Ok(MeteringHeader {
            kind,
            mode: self.owned(Part::Mode).unwrap_or_default(),
            agency: self.owned(Part::Agency).or(self.attribute("BPID").map(str::to_owned)).unwrap_or_default(),
            version: self.owned(Part::Version).or(self.attribute("BPIDVER").map(str::to_owned)).unwrap_or_default(),
            created,
            sender,
            sender_name: self.owned(Part::SenderName),
            recipient,
            recipient_name: self.owned(Part::RecipientName),
            update_code: self.owned(Part::UpdateCode),
            update_number: self.owned(Part::UpdateNumber),
            date,
            slot,
            month,
        })
    }

    fn date<S: Sink>(&self, out: &mut Out<'_, S>) -> Option<Date> {
        self.read(Part::Date, value::date, out)
    }

    /// An item that the message needs, or that is read where it is there.
    fn read<S: Sink, T>(&self, part: Part, read: fn(&[u8]) -> Option<T>, out: &mut Out<'_, S>) -> Option<T> {
        let Some(item) = self.item(part) else {
            if part != Part::Created {
                let spot = Spot { part: Some(part), ..Spot::default() };
                out.report.explain(out.sink, &codes::METER_HEAD_ITEM, spot, ("ありません", "it is absent"));
            }
            return None;
        };
        let value = read(item.text.as_bytes());
        if value.is_none() {
            let spot = Spot { at: item.at, part: Some(part), value: item.text.as_bytes(), ..Spot::default() };
            let rule = if part == Part::Created { &codes::METER_ENVELOPE } else { &codes::METER_HEAD_ITEM };
            out.report.tell(out.sink, rule, spot);
        }
        value
    }

    /// A party by its code in the body, else by the first five digits of its code in the envelope.
    fn party(&self, body: Part, envelope: Part) -> Result<BusinessCode, CiiError> {
        let code = |text: &str| text.is_ascii().then(|| BusinessCode::parse(text).ok()).flatten();
        let of_body = self.text(body).and_then(code);
        of_body.or_else(|| self.text(envelope)?.get(..5).and_then(code)).ok_or(CiiError::Party)
    }

    /// What stands in more than one place is the same in all of them.
    fn agree<S: Sink>(&self, kind: MeteringKind, sender: BusinessCode, recipient: BusinessCode, out: &mut Out<'_, S>) {
        let (sender, recipient) = (sender.to_string(), recipient.to_string());
        let expected = [
            (Part::EnvelopeKind, Some(kind.code())),
            (Part::SubCode, Some(kind.sub_code())),
            (Part::EnvelopeSender, Some(&*sender)),
            (Part::EnvelopeRecipient, Some(&*recipient)),
            (Part::Sender, Some(&*sender)),
            (Part::Recipient, Some(&*recipient)),
        ];
        for (part, expected) in expected {
            let (Some(item), Some(expected)) = (self.item(part), expected) else { continue };
            let is_code = matches!(part, Part::EnvelopeSender | Part::EnvelopeRecipient);
            if item.text != expected && !(is_code && item.text.get(..5) == Some(expected)) {
                self.disagree(part, item.at, expected, &item.text, out);
            }
        }
        for (name, part) in ATTRIBUTES {
            let expected = match part {
                Part::EnvelopeKind => Some(kind.code()),
                Part::SubCode => Some(kind.sub_code()),
                part => self.text(part),
            };
            if let (Some(expected), Some(got)) = (expected, self.attribute(name))
                && expected != got
            {
                self.disagree(part, 0, expected, got, out);
            }
        }
    }

    fn disagree<S: Sink>(&self, part: Part, at: u64, expected: &str, got: &str, out: &mut Out<'_, S>) {
        let spot = Spot { at, part: Some(part), ..Spot::default() };
        let (expected, got) = (quoted(expected.as_bytes()), quoted(got.as_bytes()));
        let (ja, en) = (format!("「{got}」、ほかでは「{expected}」"), format!("`{got}`, elsewhere `{expected}`"));
        out.report.explain(out.sink, &codes::METER_ENVELOPE, spot, (&ja, &en));
    }

    /// An item that other messages have at their head is not known in this one.
    fn misplaced<S: Sink>(&self, kind: MeteringKind, out: &mut Out<'_, S>) {
        let Some(body) = super::layout::layout(kind).find(Part::Body) else { return };
        for (tag, item) in super::layout::HEAD.iter().filter_map(|node| Some((node.tag, self.item(node.part)?))) {
            if body.child(tag).is_none() {
                out.report.unknown(tag.as_bytes(), item.at);
            }
        }
    }
}
