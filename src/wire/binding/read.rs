//! From TOML to a binding: everything that is said once for all messages.

use super::compile::{Around, Compiler};
use super::error::{BindingError, BindingErrorKind as Kind};
use super::form::{Form, PartyForm, Scope};
use super::plan::{Forms, MessagePlan};
use super::toml::{At, Section};
use super::{Binding, Envelope, HeaderPlace};
use crate::items::{Code, Family};
use crate::notice::Role;
use crate::wire::Charset;
use std::collections::HashMap;

pub(super) type Result<T> = std::result::Result<T, BindingError>;

pub(super) fn read(text: &str) -> Result<Binding> {
    let document = super::toml::parse(text)?;
    let root = Section::root(text, &document);
    root.only(&["binding", "forms", "parties", "header", "csv", "fields", "codes", "messages"])?;
    let required = |key| root.section(key)?.ok_or_else(|| root.missing(key));

    let own = required("binding")?;
    own.only(&["name", "charset", "namespace", "envelope", "header", "action"])?;
    let text_of = |key| own.text(key)?.ok_or_else(|| own.missing(key));
    let name = text_of("name")?.value.to_owned();
    let label = text_of("charset")?;
    let charset = charset(&own, label)?;
    let namespace = text_of("namespace")?;
    if namespace.value.is_empty() || namespace.value.contains(['"', '<', '&', ' ']) || !namespace.value.is_ascii() {
        return Err(own.error(namespace.at, "namespace", Kind::Expected("URI")));
    }
    let envelope = choice(&own, "envelope", &Envelope::NAMES)?.unwrap_or(Envelope::Plain);
    let header_place = choice(&own, "header", &HeaderPlace::NAMES)?.unwrap_or(HeaderPlace::Message);
    if envelope == Envelope::Plain && header_place == HeaderPlace::Soap {
        let at = own.text("header")?.map_or(0, |found| found.at);
        return Err(own.error(at, "header", Kind::Expected("message")));
    }
    let action = own.text("action")?.map(|action| action.value.to_owned());

    let csv = root.section("csv")?;
    let csv_charset = match &csv {
        Some(csv) => {
            csv.only(&["charset"])?;
            csv.text("charset")?.map(|label| self::charset(csv, label)).transpose()?
        }
        None => None,
    };

    let code_section = required("codes")?;
    let fields = root.section("fields")?;
    let mut compiler =
        Compiler { charset, envelope, header: header_place, fields, codes: HashMap::new(), code_section };
    compiler.check_keys()?;
    let (header_name, header) = compiler.header(required("header")?)?;
    let columns = header.fields.iter().map(|field| &*field.column).collect();
    let around = Around { label: label.value, namespace: namespace.value, header: &header_name, columns };
    let messages = compiler.messages(&required("messages")?, &around)?;
    Ok(Binding {
        name,
        label: label.value.into(),
        charset,
        namespace: namespace.value.into(),
        envelope,
        header_place,
        action,
        csv_charset: csv_charset.unwrap_or(Charset::Cp932),
        forms: forms(&required("forms")?, &required("parties")?)?,
        header_name,
        header,
        by_code: by_code(&messages),
        by_spec: messages.iter().enumerate().map(|(at, plan)| (plan.spec.key, at)).collect(),
        messages,
    })
}

fn charset(section: &Section<'_>, label: At<&str>) -> Result<Charset> {
    let wrong = || section.error(label.at, "charset", Kind::Expected("UTF-8, Windows-31J, Shift_JIS"));
    Charset::from_label(label.value).ok_or_else(wrong)
}

fn choice<T: Copy>(section: &Section<'_>, key: &'static str, names: &'static [(&'static str, T)]) -> Result<Option<T>> {
    let Some(found) = section.text(key)? else { return Ok(None) };
    match names.iter().find(|(name, _)| *name == found.value) {
        Some((_, value)) => Ok(Some(*value)),
        None if key == "envelope" => Err(section.error(found.at, key, Kind::Expected("plain, soap11, soap12"))),
        None => Err(section.error(found.at, key, Kind::Expected("message, soap"))),
    }
}

fn forms(section: &Section<'_>, parties: &Section<'_>) -> Result<Forms> {
    section.only(&["date", "date-time", "month", "flag"])?;
    let form = |key, scope: Scope| {
        let Some(found) = section.text(key)? else { return Err(section.missing(key)) };
        let wrong = || section.error(found.at, key, Kind::Expected(scope.example()));
        Form::parse(found.value, scope).ok_or_else(wrong)
    };
    let flag = section.section("flag")?.ok_or_else(|| section.missing("flag"))?;
    flag.only(&["yes", "no"])?;
    let word = |key| flag.text(key)?.filter(|word| !word.value.is_empty()).ok_or_else(|| flag.missing(key));
    let (yes, no) = (word("yes")?, word("no")?);
    if yes.value == no.value {
        return Err(flag.error(no.at, "no", Kind::Duplicate("yes".to_owned())));
    }
    let mut read: Vec<PartyForm> = Vec::new();
    for (key, at) in parties.keys() {
        let role = Role::from_key(key).ok_or_else(|| parties.error(at, key, Kind::Unknown))?;
        let Some(text) = parties.text(key)? else { continue };
        let form = PartyForm::parse(role, text.value);
        if let Some(other) = read.iter().find(|other| other.before == form.before && other.after == form.after) {
            return Err(parties.error(text.at, key, Kind::Duplicate(other.role.key().to_owned())));
        }
        read.push(form);
    }
    Ok(Forms {
        date: form("date", Scope::Date)?,
        date_time: form("date-time", Scope::DateTime)?,
        month: form("month", Scope::Month)?,
        flag: [yes.value.into(), no.value.into()],
        parties: read.into(),
    })
}

fn by_code(messages: &[MessagePlan]) -> HashMap<Box<str>, (usize, Family)> {
    let all = messages.iter().enumerate();
    all.flat_map(|(at, plan)| plan.families.iter().map(move |f| (f.code.clone(), (at, f.family)))).collect()
}
