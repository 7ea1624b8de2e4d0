//! Meter data written with the writer of `quick-xml`, element by element: what the real writer is compared with, and
//! measured against. It takes the tags from the facts and not from the code.

use occto::items::Code as _;
use occto::messages::metering::{FixedUsage, HalfHourly, MeteringHeader, MeteringKind, MeteringRows, MeteringShape};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::fmt::Write as _;

struct Naive {
    writer: Writer<Vec<u8>>,
    text: String,
}

impl Naive {
    fn start(&mut self, tag: &str) {
        self.writer.write_event(Event::Start(BytesStart::new(tag))).unwrap();
    }
    fn end(&mut self, tag: &str) {
        self.writer.write_event(Event::End(BytesEnd::new(tag))).unwrap();
    }
    fn leaf(&mut self, tag: &str, value: &str) {
        self.start(tag);
        self.writer.write_event(Event::Text(BytesText::from_escaped(value_escaped(value)))).unwrap();
        self.end(tag);
    }
    fn optional(&mut self, tag: &str, value: &str) {
        if !value.is_empty() {
            self.leaf(tag, value);
        }
    }
    fn shown(&mut self, tag: &str, value: std::fmt::Arguments<'_>) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        text.write_fmt(value).unwrap();
        self.leaf(tag, &text);
        self.text = text;
    }
}

/// `quick-xml` escapes quotes too; in a text that is not needed.
fn value_escaped(value: &str) -> std::borrow::Cow<'_, str> {
    quick_xml::escape::partial_escape(value)
}

/// The same octets as the real writer gives.
pub fn write(header: &MeteringHeader, rows: &MeteringRows) -> Vec<u8> {
    write_into(Vec::new(), header, rows)
}

/// The same into memory that is there.
pub fn write_into(mut out: Vec<u8>, header: &MeteringHeader, rows: &MeteringRows) -> Vec<u8> {
    out.clear();
    let mut naive = Naive { writer: Writer::new(out), text: String::new() };
    naive.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None))).unwrap();
    naive.writer.get_mut().extend_from_slice(b"\r\n");
    let (code, sub) = (header.kind.code(), if header.kind.code().starts_with("12") { "W5" } else { "W4" });
    let mut root = BytesStart::new("SBD-MSG");
    for (name, value) in [
        ("BPID", &*header.agency),
        ("BPIDSUB", sub),
        ("BPIDVER", &*header.version),
        ("MSGID", code),
        ("MAPVER", "1.1-1A"),
    ] {
        root.push_attribute((name, value));
    }
    naive.writer.write_event(Event::Start(root)).unwrap();
    for tag in ["JPMGRP", "JPTRM"] {
        let mut start = BytesStart::new(tag);
        start.push_attribute(("SEQ", "1"));
        naive.writer.write_event(Event::Start(start)).unwrap();
        if tag == "JPMGRP" {
            envelope(&mut naive, header, sub);
        }
    }
    body(&mut naive, header, rows);
    for tag in ["JPTRM", "JPMGRP", "SBD-MSG"] {
        naive.end(tag);
    }
    naive.writer.into_inner()
}

fn envelope(naive: &mut Naive, header: &MeteringHeader, sub: &str) {
    naive.start("JPMGH");
    naive.leaf("JPC03", &header.mode);
    naive.shown("JPC06", format_args!("{}0000000", header.sender));
    naive.shown("JPC09", format_args!("{}0000000", header.recipient));
    naive.leaf("JPC10", &header.agency);
    naive.leaf("JPC11", sub);
    naive.leaf("JPC12", &header.version);
    naive.leaf("JPC14", header.kind.code());
    naive.shown("JPC19", format_args!("{}", header.created.unwrap().strftime("%y%m%d%H%M%S")));
    naive.leaf("JPC21", "1.1-1A");
    naive.end("JPMGH");
}

fn body(naive: &mut Naive, header: &MeteringHeader, rows: &MeteringRows) {
    naive.leaf("JP00002", header.kind.code());
    naive.shown("JP06110", format_args!("{}", header.sender));
    naive.optional("JP06111", header.sender_name.as_deref().unwrap_or_default());
    naive.shown("JP06112", format_args!("{}", header.recipient));
    naive.optional("JP06113", header.recipient_name.as_deref().unwrap_or_default());
    naive.optional("JP06114", header.update_code.as_deref().unwrap_or_default());
    naive.optional("JP06115", header.update_number.as_deref().unwrap_or_default());
    if let Some(date) = header.date {
        naive.shown("JP06116", format_args!("{}", date.strftime("%Y%m%d")));
    }
    if let Some(slot) = header.slot {
        naive.shown("JP06219", format_args!("{:02}", slot.number()));
    }
    if let Some(month) = header.month {
        naive.shown("JP06401", format_args!("{:04}{:02}", month.year(), month.month()));
    }
    if rows.points().is_empty() {
        return;
    }
    naive.start("JPM00010");
    match rows {
        MeteringRows::HalfHourly(rows) => half_hourly(naive, header.kind, rows),
        MeteringRows::Fixed(usage) => fixed(naive, usage),
    }
    naive.end("JPM00010");
}

fn half_hourly(naive: &mut Naive, kind: MeteringKind, rows: &HalfHourly) {
    let daily = kind.shape() == MeteringShape::Day;
    let (list, element) = if daily { ("JPM00011", "JPMR00011") } else { ("JPM00010", "JPMR00010") };
    let tag = if kind.code().starts_with('0') { "JP06123" } else { "JP06125" };
    for row in 0..rows.len() {
        let begins = row == 0 || rows.slots[row - 1] != rows.slots[row];
        if daily && begins {
            naive.start("JPMR00010");
            naive.shown("JP06219", format_args!("{:02}", rows.slots[row].number()));
            naive.start(list);
        }
        naive.start(element);
        naive.leaf("JP06400", rows.points[row].as_str());
        naive.optional("JP06119", rows.customer_ids.get(row).unwrap());
        naive.optional("JP06120", rows.customer_names.get(row).unwrap());
        naive.optional("JP06121", rows.control_numbers.get(row).unwrap());
        naive.shown("JP06122", format_args!("{}", rows.availability[row].digit()));
        if rows.availability[row].is_given() {
            naive.shown(tag, format_args!("{}", rows.energies[row]));
        }
        naive.end(element);
        if daily && rows.slots.get(row + 1) != Some(&rows.slots[row]) {
            naive.end(list);
            naive.end("JPMR00010");
        }
    }
}

fn fixed(naive: &mut Naive, usage: &FixedUsage) {
    let bills = &usage.bills;
    for bill in 0..bills.points.len() {
        naive.start("JPMR00010");
        naive.leaf("JP06400", bills.points[bill].as_str());
        naive.optional("JP06119", bills.customer_ids.get(bill).unwrap());
        naive.optional("JP06120", bills.customer_names.get(bill).unwrap());
        naive.optional("JP06402", bills.places.get(bill).unwrap());
        naive.optional("JP06403", bills.voltages.get(bill).unwrap());
        if let Some(allocation) = bills.allocations[bill] {
            naive.leaf("JP06404", allocation.key());
        }
        naive.shown("JP06405", format_args!("{}", bills.availability[bill].digit()));
        for (tag, energy) in [("JP06426", bills.whole[bill]), ("JP06427", bills.own[bill])] {
            if let Some(energy) = energy {
                naive.shown(tag, format_args!("{energy}"));
            }
        }
        for (tag, number) in [("JP06406", bills.power_factors[bill]), ("JP06445", bills.peaks[bill])] {
            if let Some(number) = number {
                naive.shown(tag, format_args!("{}", occto::items::Energy::from_ten_thousandths(number)));
            }
        }
        if let Some(date) = bills.next_readings[bill] {
            naive.shown("JP06446", format_args!("{}", date.strftime("%Y%m%d")));
        }
        let range = usage.slots_of(bill);
        if !range.is_empty() {
            naive.start("JPM00013");
        }
        for row in range.clone() {
            let slots = &usage.slots;
            if row == range.start || slots.dates[row - 1] != slots.dates[row] {
                naive.start("JPMR00013");
                naive.shown("JP06423", format_args!("{}", slots.dates[row].strftime("%Y%m%d")));
                naive.start("JPM00014");
            }
            naive.start("JPMR00014");
            naive.shown("JP06219", format_args!("{:02}", slots.slots[row].number()));
            for (tag, energy) in [("JP06424", slots.whole[row]), ("JP06425", slots.own[row])] {
                if let Some(energy) = energy {
                    naive.shown(tag, format_args!("{energy}"));
                }
            }
            naive.end("JPMR00014");
            if row + 1 == range.end || slots.dates[row + 1] != slots.dates[row] {
                naive.end("JPM00014");
                naive.end("JPMR00013");
            }
        }
        if !range.is_empty() {
            naive.end("JPM00013");
        }
        naive.end("JPMR00010");
    }
}
