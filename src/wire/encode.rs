//! 書出し: cleared messages to octets. What was not cleared cannot be given to it.

use super::binding::plan::{FieldPlan, MessagePlan, RecordPlan};
use super::binding::{CREATED, FAMILY, HEADER, MESSAGE_CODE, RECIPIENT, REFERENCE, SENDER};
use super::error::{EncodeError, EncodeErrorKind as Kind};
use super::escape::{escaped, quoted};
use super::{Binding, Charset};
use crate::items::{Code, Date, DateTime, Family, YearMonth, cp932_len};
use crate::messages::{AnyMessage, Emit, Field, Fields, Header, Message, MessageSpec};
use crate::notice::{Cleared, Party, Route};
use std::fmt::{self, Write as _};

impl Binding {
    /// Appends a cleared message to `out`; on an error nothing is appended.
    ///
    /// The header must name the parties that the message was cleared for.
    pub fn encode<M: AnyMessage>(
        &self,
        header: &Header,
        cleared: &Cleared<M>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let start = out.len();
        let result = self.xml(header, cleared.message(), cleared.route(), out);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// Appends cleared messages in the CSV form, with a header row and CRLF; on an error nothing is appended.
    pub fn encode_csv<'a, M: Message + 'a>(
        &self,
        rows: impl IntoIterator<Item = (&'a Header, &'a Cleared<M>)>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let start = out.len();
        let result = self.csv(M::SPEC, rows, out);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    fn xml<M: AnyMessage>(
        &self,
        header: &Header,
        message: &M,
        route: Route,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let spec = message.definition();
        let none = || fail(None, Kind::NoForm { message: spec.key, family: header.family });
        let plan = self.message(spec).ok_or_else(none)?;
        let family = plan.family(header.family).ok_or_else(none)?;
        let around = HeaderRecord::new(self, header, &family.code, route)?;
        out.extend_from_slice(&family.start);
        let mut pen = Pen::new(self, self.charset, Style::Xml, out);
        pen.record(&self.header, &around);
        pen.out.extend_from_slice(&family.middle);
        pen.record(&plan.record, message.record());
        pen.out.extend_from_slice(&family.end);
        pen.error.map_or(Ok(()), Err)
    }

    fn csv<'a, M: Message + 'a>(
        &self,
        spec: &MessageSpec,
        rows: impl IntoIterator<Item = (&'a Header, &'a Cleared<M>)>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let none = || fail(None, Kind::NoCsvForm { message: M::SPEC.key });
        let plan = self.message(spec).filter(|plan| plan.csv).ok_or_else(none)?;
        let mut pen = Pen::new(self, self.csv_charset, Style::Csv, out);
        pen.columns(self, plan);
        for (index, (header, cleared)) in rows.into_iter().enumerate() {
            let here = |mut error: EncodeError| {
                error.row = Some(index + 1);
                error
            };
            let none = || here(fail(None, Kind::NoForm { message: M::SPEC.key, family: header.family }));
            let family = plan.family(header.family).ok_or_else(none)?;
            let around = HeaderRecord::new(self, header, &family.code, cleared.route()).map_err(here)?;
            pen.record(&self.header, &around);
            pen.out.push(b',');
            pen.record(&plan.record, cleared.message());
            pen.out.extend_from_slice(b"\r\n");
            if let Some(error) = pen.error {
                return Err(here(error));
            }
        }
        pen.error.map_or(Ok(()), Err)
    }
}

fn fail(field: Option<&'static Field>, kind: Kind) -> EncodeError {
    EncodeError { field, row: None, kind }
}

/// The header as a record of [`HEADER`].
struct HeaderRecord<'a> {
    header: &'a Header,
    code: &'a str,
    sender: Short,
    recipient: Short,
}

impl<'a> HeaderRecord<'a> {
    fn new(binding: &Binding, header: &'a Header, code: &'a str, route: Route) -> Result<Self, EncodeError> {
        if (header.sender, header.recipient) != (route.sender, route.recipient) {
            return Err(fail(None, Kind::Route));
        }
        let written = |party: Party, at: usize| {
            let mut text = Short::default();
            let done = binding.forms.parties.iter().any(|form| form.write(party, &mut text));
            if done { Ok(text) } else { Err(fail(HEADER.get(at), Kind::Party(party.role))) }
        };
        let (sender, recipient) = (written(header.sender, SENDER)?, written(header.recipient, RECIPIENT)?);
        Ok(HeaderRecord { header, code, sender, recipient })
    }
}

impl Fields for HeaderRecord<'_> {
    fn fields(&self) -> &'static [Field] {
        HEADER
    }
    fn emit(&self, index: usize, out: &mut dyn Emit) {
        match index {
            MESSAGE_CODE => out.text(self.code),
            FAMILY => out.code(Family::TABLE, self.header.family.key()),
            SENDER => out.text(self.sender.as_str()),
            RECIPIENT => out.text(self.recipient.as_str()),
            REFERENCE => out.text(self.header.reference.as_str()),
            CREATED => out.date_time(self.header.created),
            _ => {}
        }
    }
}

/// A short text on the stack.
struct Short {
    octets: [u8; 64],
    len: usize,
}

impl Default for Short {
    fn default() -> Short {
        Short { octets: [0; 64], len: 0 }
    }
}

impl Short {
    fn as_str(&self) -> &str {
        self.octets.get(..self.len).and_then(|octets| std::str::from_utf8(octets).ok()).unwrap_or_default()
    }
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.octets.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Xml,
    Csv,
}

/// Writes the values of one message in the order of the binding.
struct Pen<'b, 'o> {
    binding: &'b Binding,
    charset: Charset,
    style: Style,
    out: &'o mut Vec<u8>,
    field: Option<&'b FieldPlan>,
    written: bool,
    /// The first error; nothing is written after it.
    error: Option<EncodeError>,
}

impl<'b, 'o> Pen<'b, 'o> {
    fn new(binding: &'b Binding, charset: Charset, style: Style, out: &'o mut Vec<u8>) -> Pen<'b, 'o> {
        Pen { binding, charset, style, out, field: None, written: false, error: None }
    }

    fn record(&mut self, plan: &'b RecordPlan, record: &dyn Fields) {
        for (index, field) in plan.fields.iter().enumerate() {
            if self.style == Style::Csv && index > 0 {
                self.out.push(b',');
            }
            (self.field, self.written) = (Some(field), false);
            record.emit(field.index, self);
            if !self.written && field.required {
                self.fail(Kind::Missing);
            }
            if self.error.is_some() {
                return;
            }
        }
    }

    fn columns(&mut self, binding: &'b Binding, plan: &'b MessagePlan) {
        for (index, field) in binding.header.fields.iter().chain(&plan.record.fields).enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.field = Some(field);
            self.value(&field.column);
        }
        self.out.extend_from_slice(b"\r\n");
    }

    fn fail(&mut self, kind: Kind) {
        let field = self.field.map(|plan| plan.field);
        self.error.get_or_insert(fail(field, kind));
    }

    /// What `write` gives, between the tags of the field.
    #[inline]
    fn between(&mut self, write: impl FnOnce(&mut Self)) {
        let Some(field) = self.field else { return };
        if self.error.is_some() {
            return;
        }
        self.written = true;
        if self.style == Style::Csv {
            return write(self);
        }
        self.out.extend_from_slice(&field.open);
        write(self);
        self.out.extend_from_slice(&field.close);
    }

    fn value(&mut self, text: &str) {
        let result = match self.style {
            Style::Xml => escaped(self.charset, text, self.out),
            Style::Csv => quoted(self.charset, text, self.out),
        };
        if let Err(kind) = result {
            self.fail(kind);
        }
    }

    fn form(&mut self, form: &super::binding::form::Form, time: DateTime) {
        let charset = self.charset;
        let out = &mut *self.out;
        let mut lost = None;
        form.write(time, |c| {
            if c.is_ascii() {
                out.push(c as u8);
            } else if let Err(error) = charset.encode(c.encode_utf8(&mut [0; 4]), out) {
                lost = Some(error);
            }
        });
        if let Some(error) = lost {
            self.fail(Kind::Charset(error));
        }
    }
}

impl Emit for Pen<'_, '_> {
    fn text(&mut self, text: &str) {
        if let Some(max) = self.field.and_then(|field| field.max) {
            let got = if self.binding.charset == Charset::Cp932 { cp932_len(text) } else { text.len() };
            if got > max {
                return self.fail(Kind::TooLong { max, got });
            }
        }
        self.between(|pen| pen.value(text));
    }
    fn number(&mut self, number: fmt::Arguments<'_>) {
        self.between(|pen| {
            // Digits, signs and points need no escape in any style or charset.
            let mut text = Short::default();
            match text.write_fmt(number) {
                Ok(()) => pen.out.extend_from_slice(text.as_str().as_bytes()),
                Err(_) => pen.value(&number.to_string()),
            }
        });
    }
    fn date(&mut self, date: Date) {
        let binding = self.binding;
        self.between(|pen| pen.form(&binding.forms.date, date.into()));
    }
    fn date_time(&mut self, time: DateTime) {
        let binding = self.binding;
        self.between(|pen| pen.form(&binding.forms.date_time, time));
    }
    fn month(&mut self, month: YearMonth) {
        let binding = self.binding;
        match Date::new(month.year(), month.month(), 1) {
            Ok(first) => self.between(|pen| pen.form(&binding.forms.month, first.into())),
            Err(_) => self.fail(Kind::Code),
        }
    }
    fn flag(&mut self, flag: bool) {
        let [yes, no] = &self.binding.forms.flag;
        self.between(|pen| pen.value(if flag { yes } else { no }));
    }
    fn code(&mut self, table: &'static str, key: &'static str) {
        let codes = self.field.and_then(|field| field.codes.as_deref()).filter(|codes| codes.table == table);
        match codes.and_then(|codes| codes.written(key)) {
            Some(text) => self.between(|pen| pen.value(text)),
            None => self.fail(Kind::Code),
        }
    }
    fn bytes(&mut self, octets: &[u8]) {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::STANDARD;
        self.between(|pen| {
            let start = pen.out.len();
            pen.out.resize(start + octets.len().div_ceil(3) * 4, 0);
            let place = pen.out.get_mut(start..).unwrap_or_default();
            // The place is as long as base64 is: this cannot fail.
            let written = engine.encode_slice(octets, place).unwrap_or(0);
            pen.out.truncate(start + written);
        });
    }
    fn row(&mut self, record: &dyn Fields) {
        let Some(field) = self.field else { return };
        let Some(plan) = &field.group else { return };
        self.between(|pen| pen.record(plan, record));
        (self.field, self.written) = (Some(field), true);
    }
}
