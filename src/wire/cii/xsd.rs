//! XML Schema 1.0 of what is written, from the declared trees.

use super::layout::{Form, Node, Part, Times, layout};
use crate::items::Code as _;
use crate::messages::metering::MeteringKind;
use std::fmt::Write as _;

/// スキーマ: the schema of a message as it is written. What is read may deviate: a reader takes more than this.
#[must_use]
pub fn schema(kind: MeteringKind) -> String {
    let mut schema = Schema { kind, used: Vec::new(), text: String::new() };
    schema.element(layout(kind), 1);
    let (code, sub) = (kind.code(), kind.sub_code());
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!-- {sub} {code} {}。要素の宣言から生成。公表されていない部分は推定です。 -->\n\
         <!-- {sub} {code} {}. Generated from the declaration of the elements. -->\n\
         <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"unqualified\">\n",
        kind.ja(),
        kind.en()
    );
    text.push_str(&schema.text);
    schema.used.sort_by_key(|(name, _)| name.clone());
    for (name, body) in &schema.used {
        let _ = write!(text, "  <xs:simpleType name=\"{name}\">\n{body}  </xs:simpleType>\n");
    }
    text.push_str("</xs:schema>\n");
    text
}

struct Schema {
    kind: MeteringKind,
    /// The simple types that are used, each once.
    used: Vec<(String, String)>,
    text: String,
}

impl Schema {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(self.text, "{:1$}{text}", "", depth * 2);
    }

    fn element(&mut self, node: &Node, depth: usize) {
        let occurs = match (node.times, node.part) {
            // A global element says nothing of how often it stands.
            _ if depth == 1 => "",
            (Times::Once, _) => "",
            (Times::Optional, _) => " minOccurs=\"0\"",
            (Times::Many, Part::SlotGroup | Part::HalfHour) => " maxOccurs=\"48\"",
            (Times::Many, _) => " maxOccurs=\"unbounded\"",
        };
        let (tag, part) = (node.tag, node.part);
        let title = format!(
            "<xs:annotation><xs:documentation>{} / {}</xs:documentation></xs:annotation>",
            part.ja(),
            part.en()
        );
        if node.is_value() {
            let form = self.simple_type(part);
            self.line(depth, &format!("<xs:element name=\"{tag}\" type=\"{form}\"{occurs}>"));
            self.line(depth + 1, &title);
        } else {
            self.line(depth, &format!("<xs:element name=\"{tag}\"{occurs}>"));
            self.line(depth + 1, &title);
            self.line(depth + 1, "<xs:complexType>");
            self.line(depth + 2, "<xs:sequence>");
            node.children.iter().for_each(|child| self.element(child, depth + 3));
            self.line(depth + 2, "</xs:sequence>");
            self.attributes(part, depth + 2);
            self.line(depth + 1, "</xs:complexType>");
        }
        self.line(depth, "</xs:element>");
    }

    fn attributes(&mut self, part: Part, depth: usize) {
        match part {
            Part::Message => {
                let (sub, code) = (self.kind.sub_code(), self.kind.code());
                for (name, part) in [("BPID", Part::Agency), ("BPIDVER", Part::Version)] {
                    let form = self.simple_type(part);
                    self.line(depth, &format!("<xs:attribute name=\"{name}\" type=\"{form}\" use=\"required\"/>"));
                }
                for (name, fixed) in [("BPIDSUB", sub), ("MSGID", code), ("MAPVER", super::write::MAPPING)] {
                    let text = format!(
                        "<xs:attribute name=\"{name}\" type=\"xs:string\" use=\"required\" fixed=\"{fixed}\"/>"
                    );
                    self.line(depth, &text);
                }
            }
            Part::MessageGroup | Part::Body => {
                self.line(depth, "<xs:attribute name=\"SEQ\" type=\"xs:string\" use=\"required\" fixed=\"1\"/>");
            }
            _ => {}
        }
    }

    /// The name of the type of a value; it is defined once.
    fn simple_type(&mut self, part: Part) -> String {
        let digits = |count: usize| format!("[0-9]{{{count}}}");
        let (name, base, facets) = match (part, part.form()) {
            (Part::EnvelopeKind | Part::Kind, _) => {
                ("Kind".to_owned(), "string", vec![("enumeration", self.kind.code().to_owned())])
            }
            (Part::SubCode, _) => {
                ("SubCode".to_owned(), "string", vec![("enumeration", self.kind.sub_code().to_owned())])
            }
            (Part::EnvelopeSender | Part::EnvelopeRecipient, _) => {
                ("EnvelopeParty".to_owned(), "string", vec![("pattern", "[0-9]{5}0000000".to_owned())])
            }
            (Part::Point, _) => ("Point".to_owned(), "string", vec![("pattern", "(0[1-9]|10)[0-9]{20}".to_owned())]),
            (Part::Allocation, _) => ("Allocation".to_owned(), "string", vec![("pattern", "[12]".to_owned())]),
            (_, Form::Text { max }) => {
                (format!("Text{max}"), "string", vec![("minLength", "1".to_owned()), ("maxLength", max.to_string())])
            }
            (_, Form::Digits { count }) => (format!("Digits{count}"), "string", vec![("pattern", digits(count))]),
            (_, Form::Date) => ("Date".to_owned(), "string", vec![("pattern", digits(8))]),
            (_, Form::Month) => ("Month".to_owned(), "string", vec![("pattern", digits(6))]),
            (_, Form::Created) => ("Created".to_owned(), "string", vec![("pattern", digits(12))]),
            (_, Form::Slot) => ("Slot".to_owned(), "string", vec![("pattern", "0[1-9]|[1-3][0-9]|4[0-8]".to_owned())]),
            // A group has a structure of its own and no value.
            (_, Form::Energy | Form::Decimal | Form::Group) => (
                "Decimal".to_owned(),
                "decimal",
                vec![
                    ("minInclusive", "0".to_owned()),
                    ("totalDigits", "16".to_owned()),
                    ("fractionDigits", "4".to_owned()),
                    ("pattern", "[0-9]+(\\.[0-9]{1,4})?".to_owned()),
                ],
            ),
        };
        let facets: String =
            facets.iter().map(|(facet, value)| format!("      <xs:{facet} value=\"{value}\"/>\n")).collect();
        let body = format!("    <xs:restriction base=\"xs:{base}\">\n{facets}    </xs:restriction>\n");
        if !self.used.iter().any(|(known, _)| *known == name) {
            self.used.push((name.clone(), body));
        }
        name
    }
}
