//! 計量ファイルの作成: one file, from the readings of its points.

use super::{Held, MeterFiles};
use crate::items::{Area, Slot};
use crate::messages::metering::{MeteringKind, MeteringShape};
use crate::wire::archive;
use std::fmt::Write as _;
use std::io::Cursor;

impl MeterFiles {
    /// The zip of a file; the same file has the same octets.
    pub(super) fn make(&self, area: Area, held: Held) -> Option<Vec<u8>> {
        let xml = self.xml(area, held);
        let zip = archive::write(Cursor::new(Vec::new()), &held.name.xml(), xml.as_bytes()).ok()?;
        Some(zip.into_inner())
    }

    fn xml(&self, area: Area, held: Held) -> String {
        let (kind, date) = (held.name.kind(), held.name.date());
        let (sender, receiver) = (format!("100{0}{0}", area.digit()), self.retailer);
        let (day, code, sub) = (date.strftime("%Y%m%d").to_string(), kind.code(), kind.sub_code());
        let head = format!(
            "<SBD-MSG BPID=\"OCTO\" BPIDSUB=\"{sub}\" BPIDVER=\"3A\" MSGID=\"{code}\" MAPVER=\"1.1-1A\"><JPMGRP SEQ=\"1\">\
             <JPMGH><JPC03>0</JPC03><JPC06>{sender}0000000</JPC06><JPC09>{receiver}0000000</JPC09><JPC10>OCTO</JPC10>\
             <JPC11>{sub}</JPC11><JPC12>3A</JPC12><JPC14>{code}</JPC14><JPC19>{}030000</JPC19><JPC21>1.1-1A</JPC21></JPMGH>\
             <JPTRM SEQ=\"1\"><JP00002>{code}</JP00002><JP06110>{sender}</JP06110><JP06112>{receiver}</JP06112>\
             <JP06116>{day}</JP06116>",
            day.get(2..).unwrap_or_default()
        );
        let mut xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n{head}");
        match (kind.shape(), held.name.slot()) {
            (MeteringShape::Slot, Some(slot)) => {
                let _ = write!(xml, "<JP06219>{:02}</JP06219><JPM00010>", slot.number());
                self.rows(area, held, slot, "JPMR00010", &mut xml);
            }
            _ => {
                xml.push_str("<JPM00010>");
                for slot in Slot::all() {
                    let _ = write!(xml, "<JPMR00010><JP06219>{:02}</JP06219><JPM00011>", slot.number());
                    self.rows(area, held, slot, "JPMR00011", &mut xml);
                    xml.push_str("</JPM00011></JPMR00010>");
                }
            }
        }
        xml.push_str("</JPM00010></JPTRM></JPMGRP></SBD-MSG>");
        xml
    }

    fn rows(&self, area: Area, held: Held, slot: Slot, group: &str, xml: &mut String) {
        let name = held.name;
        let tag = match name.kind() {
            MeteringKind::HighSlot | MeteringKind::HighDay => "JP06123",
            _ => "JP06125",
        };
        for (index, point) in self.points_of(area, &name).into_iter().enumerate() {
            let revision = u64::from(name.revision().number());
            // A file that was replaced under its name is longer by a digit at each value.
            let energy = self.reading(point, name.date(), slot, revision) + if held.replaced { 100_0000 } else { 0 };
            let _ = write!(
                xml,
                "<{group}><JP06400>{}</JP06400><JP06119>{:021}</JP06119><JP06121>1</JP06121><JP06122>0</JP06122><{tag}>{}.{:04}</{tag}></{group}>",
                point.as_str(),
                index,
                energy / 10_000,
                energy % 10_000,
            );
        }
    }
}
