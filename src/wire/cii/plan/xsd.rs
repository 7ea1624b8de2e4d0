//! 計画のスキーマ: XML Schema 1.0 of a plan, from the declaration that reader and writer follow.

use super::envelope::{ATTRIBUTES, ITEMS, MAPPING, SUB};
use crate::items::Code as _;
use crate::messages::planning::{Content, Group, PlanKind, Tag, TagKind};
use std::fmt::Write as _;

/// スキーマ: the schema of a kind of plan in the standard form. Elements that are not known are not in it.
#[must_use]
pub fn plan_schema(kind: PlanKind) -> String {
    let shape = kind.shape();
    let mut schema = Schema { text: String::new(), used: Vec::new() };
    let (ja, en) = (kind.ja(), kind.en());
    let note = if shape.verified { "" } else { " 公表資料にない部分を含みません（未検証）。" };
    schema.line(0, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    schema.line(0, &format!("<!-- {ja} / {en}. src/messages/planning の宣言から生成。{note} -->"));
    schema.line(0, "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"qualified\">");
    schema.line(1, "<xs:element name=\"SBD-MSG\">");
    schema.line(2, "<xs:complexType>");
    schema.line(3, "<xs:sequence>");
    schema.open(4, "JPMGRP", "");
    schema.open(7, "JPMGH", "");
    for item in ITEMS {
        schema.line(10, &format!("<xs:element name=\"{item}\" type=\"{item}\"/>"));
    }
    schema.close(7, &[]);
    schema.open(7, "JPTRM", "");
    schema.contents(10, shape.head);
    schema.contents(10, shape.body);
    schema.close(7, &["SEQ"]);
    schema.close(4, &["SEQ"]);
    schema.line(3, "</xs:sequence>");
    for (name, item) in ATTRIBUTES {
        schema.line(3, &format!("<xs:attribute name=\"{name}\" type=\"{item}\" use=\"required\"/>"));
    }
    schema.line(2, "</xs:complexType>");
    schema.line(1, "</xs:element>");
    schema.types();
    schema.line(0, "</xs:schema>");
    schema.text
}

/// The form of an item of the envelope.
fn pattern(item: &str) -> String {
    match item {
        "JPC03" => "[0-9]".to_owned(),
        "JPC06" | "JPC09" => "[0-9]{5}0000000".to_owned(),
        "JPC10" | "JPC14" => "[0-9A-Z]{4}".to_owned(),
        "JPC11" => SUB.to_owned(),
        "JPC12" => "[0-9A-Z]{2}".to_owned(),
        "JPC19" => "[0-9]{12}".to_owned(),
        _ => MAPPING.replace('.', "\\."),
    }
}

struct Schema {
    text: String,
    used: Vec<Tag>,
}

impl Schema {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(self.text, "{:1$}{text}", "", depth * 2);
    }

    fn open(&mut self, depth: usize, name: &str, occurs: &str) {
        self.line(depth, &format!("<xs:element name=\"{name}\"{occurs}>"));
        self.line(depth + 1, "<xs:complexType>");
        self.line(depth + 2, "<xs:sequence>");
    }

    fn close(&mut self, depth: usize, attributes: &[&str]) {
        self.line(depth + 2, "</xs:sequence>");
        for name in attributes {
            self.line(
                depth + 2,
                &format!("<xs:attribute name=\"{name}\" type=\"xs:positiveInteger\" use=\"required\"/>"),
            );
        }
        self.line(depth + 1, "</xs:complexType>");
        self.line(depth, "</xs:element>");
    }

    fn leaf(&mut self, depth: usize, tag: Tag, required: bool) {
        let occurs = if required { "" } else { " minOccurs=\"0\"" };
        let name = tag.element();
        self.line(depth, &format!("<xs:element name=\"{name}\" type=\"{name}\"{occurs}/>"));
        if !self.used.contains(&tag) {
            self.used.push(tag);
        }
    }

    fn contents(&mut self, depth: usize, content: &[Content]) {
        for one in content {
            match one {
                Content::Leaf { tag, required } => self.leaf(depth, *tag, *required),
                Content::Group(group) => self.group(depth, group),
                Content::Slots { number, tags } => {
                    self.open(depth, &format!("JPM{number:05}"), "");
                    self.open(depth + 3, &format!("JPMR{number:05}"), " minOccurs=\"48\" maxOccurs=\"48\"");
                    self.leaf(depth + 6, Tag::Slot, true);
                    for (index, tag) in tags.iter().enumerate() {
                        self.leaf(depth + 6, *tag, index == 0);
                    }
                    self.close(depth + 3, &[]);
                    self.close(depth, &[]);
                }
            }
        }
    }

    fn group(&mut self, depth: usize, group: &Group) {
        let occurs = if group.required { "" } else { " minOccurs=\"0\"" };
        self.open(depth, &format!("JPM{:05}", group.number), occurs);
        let occurs = if group.many { " maxOccurs=\"unbounded\"" } else { "" };
        self.open(depth + 3, &format!("JPMR{:05}", group.number), occurs);
        self.contents(depth + 6, group.content);
        self.close(depth + 3, &[]);
        self.close(depth, &[]);
    }

    fn types(&mut self) {
        for item in ITEMS {
            self.simple(item, "", "xs:string", &format!("<xs:pattern value=\"{}\"/>", pattern(item)));
        }
        let mut used = std::mem::take(&mut self.used);
        used.sort();
        for tag in used {
            let (base, facet) = match tag.kind() {
                TagKind::Text { max } => {
                    ("xs:string", format!("<xs:minLength value=\"1\"/><xs:maxLength value=\"{max}\"/>"))
                }
                TagKind::Code { len } => ("xs:string", format!("<xs:pattern value=\"[0-9A-Z]{{{len}}}\"/>")),
                TagKind::Digits { len } => ("xs:string", format!("<xs:pattern value=\"[0-9]{{{len}}}\"/>")),
                TagKind::Date => ("xs:string", "<xs:pattern value=\"[0-9]{8}\"/>".to_owned()),
                TagKind::Slot => ("xs:string", "<xs:pattern value=\"0[1-9]|[123][0-9]|4[0-8]\"/>".to_owned()),
                TagKind::Energy => ("xs:unsignedInt", "<xs:pattern value=\"0|[1-9][0-9]*\"/>".to_owned()),
            };
            let label = format!("{} / {}", tag.ja(), tag.en());
            self.simple(tag.element(), &label, base, &facet);
        }
    }

    fn simple(&mut self, name: &str, label: &str, base: &str, facet: &str) {
        self.line(1, &format!("<xs:simpleType name=\"{name}\">"));
        if !label.is_empty() {
            self.line(2, &format!("<xs:annotation><xs:documentation>{label}</xs:documentation></xs:annotation>"));
        }
        self.line(2, &format!("<xs:restriction base=\"{base}\">{facet}</xs:restriction>"));
        self.line(1, "</xs:simpleType>");
    }
}
