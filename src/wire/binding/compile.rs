//! From TOML to plans: names, order, limits and codes of every message, checked once.

use super::error::BindingErrorKind as Kind;
use super::form::{element_name, is_name};
use super::plan::{CodeTable, FamilyPlan, FieldPlan, MessagePlan, RecordPlan};
use super::read::Result;
use super::toml::{At, Section};
use super::{Envelope, HEADER, HeaderPlace};
use crate::items::{Code, Family};
use crate::messages::switching::SwitchingMessage;
use crate::messages::{self, Field, MessageSpec, Occurs};
use crate::wire::Charset;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) struct Compiler<'t> {
    pub(super) charset: Charset,
    pub(super) envelope: Envelope,
    pub(super) header: HeaderPlace,
    /// Names and limits for a key in every message.
    pub(super) fields: Option<Section<'t>>,
    pub(super) codes: HashMap<&'static str, Arc<CodeTable>>,
    pub(super) code_section: Section<'t>,
}

pub(super) struct Around<'a> {
    pub(super) label: &'a str,
    pub(super) namespace: &'a str,
    pub(super) header: &'a str,
    /// The columns of the header fields in a CSV form.
    pub(super) columns: Vec<&'a str>,
}

/// Every field of these and of their groups, the groups' own before theirs.
fn each_field(fields: &'static [Field], visit: &mut impl FnMut(&'static Field)) {
    for field in fields {
        visit(field);
        if let messages::Kind::Group(inner) = field.kind {
            each_field(inner, visit);
        }
    }
}

fn has_key(fields: &'static [Field], key: &str) -> bool {
    let mut found = false;
    each_field(fields, &mut |field| found |= field.key == key);
    found
}

impl<'t> Compiler<'t> {
    /// Refuses keys of fields, code tables and codes that no message has.
    pub(super) fn check_keys(&self) -> Result<()> {
        if let Some(fields) = &self.fields {
            let known = |key| SwitchingMessage::SPECS.iter().any(|spec| has_key(spec.fields, key));
            if let Some((key, at)) = fields.keys().find(|(key, _)| !known(key)) {
                return Err(fields.error(at, key, Kind::Unknown));
            }
        }
        let mut tables = vec![Family::TABLE];
        for spec in SwitchingMessage::SPECS {
            each_field(spec.fields, &mut |field| {
                if let messages::Kind::Code { table, .. } = field.kind {
                    tables.push(table);
                }
            });
        }
        self.code_section.only(&tables)
    }

    fn codes(&mut self, table: &'static str, keys: &[&'static str]) -> Result<Arc<CodeTable>> {
        if let Some(known) = self.codes.get(table) {
            return Ok(Arc::clone(known));
        }
        let section = self.code_section.section(table)?.ok_or_else(|| self.code_section.missing(table))?;
        section.only(keys)?;
        let mut rows: Vec<(&'static str, Box<str>)> = Vec::new();
        for key in keys {
            let written = section.text(key)?.ok_or_else(|| section.missing(key))?;
            if written.value.is_empty() || written.value.trim() != written.value || written.value.starts_with('?') {
                return Err(section.error(written.at, key, Kind::Expected("コード値 / a code")));
            }
            if let Some((other, _)) = rows.iter().find(|(_, text)| **text == *written.value) {
                return Err(section.error(written.at, key, Kind::Duplicate((*other).to_owned())));
            }
            rows.push((key, written.value.into()));
        }
        let codes = Arc::new(CodeTable { table, rows: rows.into() });
        self.codes.insert(table, Arc::clone(&codes));
        Ok(codes)
    }

    pub(super) fn header(&mut self, section: Section<'t>) -> Result<(Box<str>, RecordPlan)> {
        section.only(&["name", "order", "fields"])?;
        let name = match section.text("name")? {
            Some(found) => self.element(&section, "name", found)?,
            None => "Header".into(),
        };
        let own = section.section("fields")?;
        let depth = match (self.envelope, self.header) {
            (Envelope::Plain, _) => 2,
            (_, HeaderPlace::Soap) => 3,
            (_, HeaderPlace::Message) => 4,
        };
        let order = section.texts("order")?;
        // The keys of the header are its own: `[fields]` does not reach them.
        let shared = self.fields.take();
        let plan = self.record(HEADER, order, depth, own.as_ref(), &section);
        self.fields = shared;
        Ok((name, plan?))
    }

    fn element(&self, section: &Section<'_>, key: &str, found: At<&str>) -> Result<Box<str>> {
        let wrong = || section.error(found.at, key, Kind::Expected("XML要素名 / the name of an element"));
        let fits = is_name(found.value) && self.charset.first_unmappable(found.value).is_none();
        if fits { Ok(found.value.into()) } else { Err(wrong()) }
    }

    fn record(
        &mut self,
        fields: &'static [Field],
        order: Option<Vec<At<&'t str>>>,
        depth: usize,
        own: Option<&Section<'t>>,
        place: &Section<'t>,
    ) -> Result<RecordPlan> {
        let mut indices: Vec<usize> = Vec::new();
        match order {
            None => indices.extend(0..fields.len()),
            Some(order) => {
                for At { value, at } in order {
                    let unknown = || place.error(at, &format!("order.{value}"), Kind::Unknown);
                    let index = fields.iter().position(|field| field.key == value).ok_or_else(unknown)?;
                    if indices.contains(&index) {
                        return Err(place.error(at, "order", Kind::Duplicate(value.to_owned())));
                    }
                    indices.push(index);
                }
                let left = fields.iter().enumerate().find(|(index, _)| !indices.contains(index));
                if let Some((_, field)) = left {
                    return Err(place.error(place.at(), "order", Kind::Incomplete(field.key)));
                }
            }
        }
        let mut plans: Vec<FieldPlan> = Vec::new();
        for index in indices {
            let Some(field) = fields.get(index) else { continue };
            let (plan, at) = self.field(index, field, depth, own, place)?;
            let clash = plans.iter().find(|other| other.name == plan.name || other.column == plan.column);
            if let Some(other) = clash {
                let key = format!("fields.{}", field.key);
                return Err(place.error(at, &key, Kind::Duplicate(other.field.key.to_owned())));
            }
            plans.push(plan);
        }
        Ok(RecordPlan { fields: plans.into() })
    }

    /// A field, by its own message's word, then by what is said for all messages, then by rule.
    fn field(
        &mut self,
        index: usize,
        field: &'static Field,
        depth: usize,
        own: Option<&Section<'t>>,
        place: &Section<'t>,
    ) -> Result<(FieldPlan, usize)> {
        let mut name: Box<str> = element_name(field.key).into();
        let mut column: Box<str> = field.ja.into();
        let (mut required, mut max, mut order) = (field.occurs == Occurs::Once, None, None);
        let mut at = place.at();
        let shared = self.fields.clone();
        for rules in [shared.as_ref(), own].into_iter().flatten() {
            let rule = match rules.section_or_text(field.key)? {
                None => continue,
                Some(Err(text)) => {
                    name = self.element(rules, field.key, text)?;
                    at = text.at;
                    continue;
                }
                Some(Ok(rule)) => rule,
            };
            rule.only(&["name", "column", "required", "max", "order"])?;
            at = rule.at();
            if let Some(found) = rule.text("name")? {
                name = self.element(&rule, "name", found)?;
            }
            if let Some(found) = rule.text("column")? {
                column = found.value.into();
            }
            if let Some(found) = rule.flag("required")? {
                if !found.value && field.occurs == Occurs::Once {
                    return Err(rule.error(found.at, "required", Kind::AlwaysRequired));
                }
                required = found.value;
            }
            max = rule.number("max")?.map(|found| found.value).or(max);
            order = rule.texts("order")?.or(order);
        }
        let codes = match field.kind {
            messages::Kind::Code { table, keys, .. } => Some(self.codes(table, &keys())?),
            _ => None,
        };
        let group = match field.kind {
            messages::Kind::Group(inner) => Some(self.record(inner, order, depth + 1, own, place)?),
            _ if order.is_some() => return Err(place.error(at, &format!("fields.{}.order", field.key), Kind::Unknown)),
            _ => None,
        };
        let pad = "  ".repeat(depth);
        let close = if group.is_some() { format!("\n{pad}</{name}>") } else { format!("</{name}>") };
        let (open, close) = (self.octets(&format!("\n{pad}<{name}>")), self.octets(&close));
        Ok((FieldPlan { index, field, name, column, open, close, required, max, codes, group }, at))
    }

    pub(super) fn messages(&mut self, section: &Section<'t>, around: &Around<'_>) -> Result<Vec<MessagePlan>> {
        let keys: Vec<&str> = SwitchingMessage::SPECS.iter().map(|spec| spec.key).collect();
        section.only(&keys)?;
        let mut plans: Vec<MessagePlan> = Vec::new();
        for spec in SwitchingMessage::SPECS {
            let Some(own) = section.section(spec.key)? else { continue };
            let plan = self.message(spec, &own, around)?;
            for (family, other) in plans.iter().flat_map(|other| other.families.iter().map(move |f| (f, other))) {
                if plan.families.iter().any(|new| new.code == family.code) {
                    return Err(own.error(own.at(), "code", Kind::Duplicate(format!("{}.code", other.spec.key))));
                }
                if plan.families.iter().any(|new| new.root == family.root) {
                    return Err(own.error(own.at(), "element", Kind::Duplicate(format!("{}.element", other.spec.key))));
                }
            }
            plans.push(plan);
        }
        Ok(plans)
    }

    fn message(&mut self, spec: &'static MessageSpec, own: &Section<'t>, around: &Around<'_>) -> Result<MessagePlan> {
        own.only(&["code", "element", "order", "fields", "csv"])?;
        let fields = own.section("fields")?;
        if let Some((section, (key, at))) = fields
            .as_ref()
            .and_then(|section| Some((section, section.keys().find(|(key, _)| !has_key(spec.fields, key))?)))
        {
            return Err(section.error(at, key, Kind::Unknown));
        }
        let depth = if self.envelope == Envelope::Plain { 1 } else { 3 };
        let record = self.record(spec.fields, own.texts("order")?, depth, fields.as_ref(), own)?;
        if let Some(clash) = record.fields.iter().find(|field| *field.name == *around.header) {
            return Err(own.error(own.at(), clash.field.key, Kind::Duplicate("header.name".to_owned())));
        }
        let csv = own.flag("csv")?.is_some_and(|csv| csv.value);
        if csv && record.fields.iter().any(|field| field.group.is_some()) {
            return Err(own.error(own.at(), "csv", Kind::NoCsvForm));
        }
        if let Some(clash) = record.fields.iter().find(|field| csv && around.columns.contains(&&*field.column)) {
            let key = format!("fields.{}.column", clash.field.key);
            return Err(own.error(own.at(), &key, Kind::Duplicate("header.fields".to_owned())));
        }
        let codes = own.section("code")?.ok_or_else(|| own.missing("code"))?;
        let keys: Vec<&str> = spec.families.iter().map(|family| family.key()).collect();
        codes.only(&keys)?;
        let mut families: Vec<FamilyPlan> = Vec::new();
        for family in spec.families {
            let code = codes.text(family.key())?.ok_or_else(|| codes.missing(family.key()))?;
            if code.value.is_empty() || code.value.contains(['<', '&', '>', '"', ' ']) || !code.value.is_ascii() {
                return Err(codes.error(code.at, family.key(), Kind::Expected("ASCII")));
            }
            if let Some(other) = families.iter().find(|other| *other.code == *code.value) {
                return Err(codes.error(code.at, family.key(), Kind::Duplicate(other.family.key().to_owned())));
            }
            let root = self.root(spec, own, *family)?;
            families.push(self.family(*family, code.value.into(), root, around));
        }
        Ok(MessagePlan { spec, families: families.into(), record, csv })
    }

    fn root(&self, spec: &MessageSpec, own: &Section<'t>, family: Family) -> Result<Box<str>> {
        match own.section_or_text("element")? {
            None => Ok(element_name(spec.key).into()),
            Some(Err(text)) => self.element(own, "element", text),
            Some(Ok(names)) => {
                names.only(&["low", "high", "fit"])?;
                let name = names.text(family.key())?.ok_or_else(|| names.missing(family.key()))?;
                self.element(&names, family.key(), name)
            }
        }
    }

    /// Everything that stands around the header fields and the fields of the message.
    fn family(&self, family: Family, code: Box<str>, root: Box<str>, around: &Around<'_>) -> FamilyPlan {
        let Around { label, namespace, header, .. } = around;
        let declaration = format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n");
        let (start, middle, end) = match (self.envelope.namespace(), self.header) {
            (None, _) => (
                format!("{declaration}<{root} xmlns=\"{namespace}\">\n  <{header}>"),
                format!("\n  </{header}>"),
                format!("\n</{root}>\n"),
            ),
            (Some(soap), HeaderPlace::Message) => (
                format!(
                    "{declaration}<soap:Envelope xmlns:soap=\"{soap}\">\n  <soap:Body>\n    \
                     <{root} xmlns=\"{namespace}\">\n      <{header}>"
                ),
                format!("\n      </{header}>"),
                format!("\n    </{root}>\n  </soap:Body>\n</soap:Envelope>\n"),
            ),
            (Some(soap), HeaderPlace::Soap) => (
                format!(
                    "{declaration}<soap:Envelope xmlns:soap=\"{soap}\">\n  <soap:Header>\n    \
                     <{header} xmlns=\"{namespace}\">"
                ),
                format!("\n    </{header}>\n  </soap:Header>\n  <soap:Body>\n    <{root} xmlns=\"{namespace}\">"),
                format!("\n    </{root}>\n  </soap:Body>\n</soap:Envelope>\n"),
            ),
        };
        FamilyPlan {
            family,
            code,
            root,
            start: self.octets(&start),
            middle: self.octets(&middle),
            end: self.octets(&end),
        }
    }

    /// Names were checked against the charset where they were read.
    fn octets(&self, text: &str) -> Box<[u8]> {
        let mut out = Vec::with_capacity(text.len());
        match self.charset.encode(text, &mut out) {
            Ok(()) => out.into(),
            Err(_) => text.as_bytes().into(),
        }
    }
}
