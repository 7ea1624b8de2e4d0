//! XML Schema 1.0 of what a binding writes, from the declarations of the messages and the binding.

use super::binding::HeaderPlace;
use super::binding::form::Scope;
use super::binding::plan::{FieldPlan, RecordPlan};
use super::{Binding, Envelope};
use crate::messages::{Kind, Occurs};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// スキーマ: the schema of every message of the binding, in its namespace.
#[must_use]
pub fn switching(binding: &Binding) -> String {
    let mut schema = Schema { binding, types: BTreeMap::new(), text: String::new() };
    let header = binding.header_place == HeaderPlace::Soap;
    schema.header(header);
    for plan in &binding.messages {
        let roots: BTreeSet<&str> = plan.families.iter().map(|family| &*family.root).collect();
        for root in roots {
            let spec = plan.spec;
            schema.line(1, &format!("<xs:element name=\"{root}\">"));
            schema.document(2, spec.ja, spec.en);
            schema.line(2, "<xs:complexType>");
            schema.line(3, "<xs:sequence>");
            if !header {
                schema.line(4, &format!("<xs:element name=\"{}\" type=\"Header\"/>", binding.header_name));
            }
            schema.fields(&plan.record, 4);
            schema.line(3, "</xs:sequence>");
            schema.line(2, "</xs:complexType>");
            schema.line(1, "</xs:element>");
        }
    }
    schema.codes();
    let namespace = &binding.namespace;
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!-- 接続定義 `{}` から生成。要素名・コード値は実際のシステムのものではありません。 -->\n\
         <!-- Generated from binding `{}`. -->\n\
         <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"{namespace}\"\n\
         \x20          targetNamespace=\"{namespace}\" elementFormDefault=\"qualified\">\n",
        comment(&binding.name),
        comment(&binding.name)
    );
    text.push_str(&schema.text);
    schema.types.values().for_each(|definition| text.push_str(definition));
    text.push_str("</xs:schema>\n");
    text
}

/// 封筒のスキーマ: the schema of a SOAP envelope around one message of the binding; it imports `switching.xsd`.
#[must_use]
pub fn envelope(binding: &Binding, envelope: Envelope) -> Option<String> {
    let soap = envelope.namespace()?;
    let own = &binding.namespace;
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"{soap}\" \
         elementFormDefault=\"qualified\">\n  \
         <xs:import namespace=\"{own}\" schemaLocation=\"switching.xsd\"/>\n  \
         <xs:element name=\"Envelope\">\n    <xs:complexType>\n      <xs:sequence>\n        \
         <xs:element name=\"Header\" minOccurs=\"0\">\n          <xs:complexType>\n            <xs:sequence>\n              \
         <xs:any namespace=\"##any\" processContents=\"lax\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\n            \
         </xs:sequence>\n          </xs:complexType>\n        </xs:element>\n        \
         <xs:element name=\"Body\">\n          <xs:complexType>\n            <xs:sequence>\n              \
         <xs:any namespace=\"{own}\" processContents=\"strict\"/>\n            \
         </xs:sequence>\n          </xs:complexType>\n        </xs:element>\n      \
         </xs:sequence>\n    </xs:complexType>\n  </xs:element>\n</xs:schema>\n"
    ))
}

fn comment(text: &str) -> String {
    text.replace("--", "- -")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

struct Schema<'b> {
    binding: &'b Binding,
    /// The simple types that are used, by name.
    types: BTreeMap<String, String>,
    text: String,
}

impl Schema<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(self.text, "{:1$}{text}", "", depth * 2);
    }

    fn document(&mut self, depth: usize, ja: &str, en: &str) {
        let (ja, en) = (escape(ja), escape(en));
        let text = format!("<xs:annotation><xs:documentation>{ja} / {en}</xs:documentation></xs:annotation>");
        self.line(depth, &text);
    }

    fn header(&mut self, global: bool) {
        if global {
            self.line(1, &format!("<xs:element name=\"{}\" type=\"Header\"/>", self.binding.header_name));
        }
        self.line(1, "<xs:complexType name=\"Header\">");
        self.document(2, "電文ヘッダ", "message header");
        self.line(2, "<xs:sequence>");
        self.fields(&self.binding.header, 3);
        self.line(2, "</xs:sequence>");
        self.line(1, "</xs:complexType>");
    }

    fn fields(&mut self, plan: &RecordPlan, depth: usize) {
        for field in &plan.fields {
            let name = &field.name;
            let occurs = match (field.field.occurs, field.required) {
                (Occurs::Many, true) => " maxOccurs=\"unbounded\"",
                (Occurs::Many, false) => " minOccurs=\"0\" maxOccurs=\"unbounded\"",
                (_, false) => " minOccurs=\"0\"",
                (_, true) => "",
            };
            if let Some(group) = &field.group {
                self.line(depth, &format!("<xs:element name=\"{name}\"{occurs}>"));
                self.document(depth + 1, field.field.ja, field.field.en);
                self.line(depth + 1, "<xs:complexType>");
                self.line(depth + 2, "<xs:sequence>");
                self.fields(group, depth + 3);
                self.line(depth + 2, "</xs:sequence>");
                self.line(depth + 1, "</xs:complexType>");
            } else {
                let kind = self.simple_type(field);
                self.line(depth, &format!("<xs:element name=\"{name}\" type=\"{kind}\"{occurs}>"));
                self.document(depth + 1, field.field.ja, field.field.en);
            }
            self.line(depth, "</xs:element>");
        }
    }

    /// The name of the type of a field; the type is defined once.
    fn simple_type(&mut self, field: &FieldPlan) -> String {
        let restrict = |base: &str, facets: &[(&str, String)]| {
            let facets: String =
                facets.iter().map(|(facet, value)| format!("      <xs:{facet} value=\"{value}\"/>\n")).collect();
            format!("    <xs:restriction base=\"{base}\">\n{facets}    </xs:restriction>\n")
        };
        let form = |scope: Scope, standard: &str| {
            let form = self.binding.forms.of(scope);
            if form.is_iso() && scope != Scope::Month {
                restrict(standard, &[])
            } else {
                restrict("xs:string", &[("pattern", form.pattern())])
            }
        };
        let (name, body) = match field.field.kind {
            Kind::Text { max } => {
                // The limit counts octets: no text within it has more characters.
                let max = field.max.unwrap_or(max);
                let facets = [("minLength", "1".to_owned()), ("maxLength", max.to_string())];
                (format!("Text{max}"), restrict("xs:string", &facets))
            }
            Kind::Digits { len } => {
                (format!("Digits{len}"), restrict("xs:string", &[("pattern", format!("[0-9]{{{len}}}"))]))
            }
            Kind::Decimal { decimals } => {
                (format!("Decimal{decimals}"), restrict("xs:decimal", &[("fractionDigits", decimals.to_string())]))
            }
            Kind::Date => ("Date".to_owned(), form(Scope::Date, "xs:date")),
            Kind::DateTime => ("DateTime".to_owned(), form(Scope::DateTime, "xs:dateTime")),
            Kind::Month => ("Month".to_owned(), form(Scope::Month, "xs:string")),
            Kind::Flag => {
                let words = self.binding.forms.flag.iter().map(|word| ("enumeration", escape(word)));
                ("Flag".to_owned(), restrict("xs:string", &words.collect::<Vec<_>>()))
            }
            Kind::Code { table, open, .. } => {
                let codes = field.codes.iter().flat_map(|codes| codes.rows.iter());
                let words: Vec<_> = codes.map(|(_, written)| ("enumeration", escape(written))).collect();
                let body = restrict("xs:string", &words);
                if open {
                    self.define(table, &body);
                    let member = format!("    <xs:union memberTypes=\"{table} xs:string\"/>\n");
                    (format!("{table}-open"), member)
                } else {
                    (table.to_owned(), body)
                }
            }
            Kind::Bytes { max } => {
                ("Binary".to_owned(), restrict("xs:base64Binary", &[("maxLength", max.to_string())]))
            }
            // A group has its own structure, not a simple type.
            Kind::Group(_) => ("Group".to_owned(), restrict("xs:string", &[])),
        };
        self.define(&name, &body);
        name
    }

    fn define(&mut self, name: &str, body: &str) {
        let definition = || format!("  <xs:simpleType name=\"{name}\">\n{body}  </xs:simpleType>\n");
        self.types.entry(name.to_owned()).or_insert_with(definition);
    }

    /// The message codes, as a list to read: the code of a message is one of its family.
    fn codes(&mut self) {
        for plan in &self.binding.messages {
            for family in &plan.families {
                use crate::items::Code as _;
                let text = format!("<!-- {} = {} {} -->", family.code, family.family.ja(), plan.spec.ja);
                self.line(1, &text);
            }
        }
    }
}
