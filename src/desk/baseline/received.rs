//! 受信: what others shared, in either form: the negawatt messages of our own form, and reports of OpenADR.

use crate::desk::view::Lang;
use crate::items::Energy;
use crate::messages::negawatt::NegawattMessage;
use crate::messages::planning::BaselineReport;
use crate::rules::{Finding, codes};
use crate::wire::negawatt::{self, IncomingNegawatt};
use crate::wire::openadr::read_baseline_report;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// 受信したもの: a message, or the baselines of a report.
#[derive(Clone, Debug)]
pub enum Received {
    /// A message of our own form.
    Message(Box<IncomingNegawatt>),
    /// The baselines of a report of OpenADR 3.1, by resource and day.
    Report(Vec<BaselineReport>),
}

/// Reads a file in whichever form it is.
pub fn receive(octets: &[u8]) -> Result<Received, Box<Finding>> {
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    let value: Value = serde_json::from_slice(octets).map_err(|error| {
        let finding = codes::SHARE_FORM.finding("JSONとして読めません", "this is not JSON");
        Box::new(finding.at_line(error.line() as u64))
    })?;
    if value.get("form").is_some() {
        let read = negawatt::read(octets).map_err(|error| {
            let text = error.to_string();
            let (ja, en) = text.split_once(" / ").unwrap_or((&text, &text));
            Box::new(codes::SHARE_FORM.finding(ja.to_owned(), en.to_owned()))
        })?;
        return Ok(Received::Message(Box::new(read)));
    }
    if value.get("objectType").is_some() {
        let text = std::str::from_utf8(octets).unwrap_or_default();
        return read_baseline_report(text).map(Received::Report);
    }
    Err(Box::new(codes::SHARE_FORM.plain()))
}

impl Received {
    /// `{"message","sender","recipient","reference","created","body"}`, or
    /// `{"report","event_id","client","baselines":[{"resource","date","slots":[{"slot","kwh"}]}]}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Received::Message(read) => json!({
                "message": read.message.spec().key, "sender": read.sender.to_string(),
                "recipient": read.recipient.to_string(), "reference": read.reference.as_str(),
                "created": read.created.to_string(), "body": read.message.to_json(),
            }),
            Received::Report(reports) => {
                let one = |report: &BaselineReport| {
                    let slots = slots(report).map(|(slot, kwh)| json!({"slot": slot, "kwh": kwh.to_string()}));
                    let slots: Vec<_> = slots.collect();
                    json!({"resource": report.resource, "date": report.date.to_string(), "slots": slots})
                };
                let first = reports.first();
                json!({
                    "report": "openadr-baseline", "event_id": first.map(|report| &report.event),
                    "client": first.map(|report| &report.client), "baselines": reports.iter().map(one).collect::<Vec<_>>(),
                })
            }
        }
    }

    /// What a person reads: who says it, and a line for every slot or total.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = match self {
            Received::Message(read) => message(&mut out, read, lang),
            Received::Report(reports) => reports.iter().try_for_each(|report| {
                let BaselineReport { event, client, resource, date, .. } = report;
                let name = lang.pick("OpenADRのベースライン報告", "OpenADR baseline report");
                writeln!(out, "{name} {event} {client} {resource} {date}")?;
                slots(report).try_for_each(|(slot, kwh)| writeln!(out, "{slot:>4} {kwh:>16} kWh"))
            }),
        };
        out.truncate(out.trim_end().len());
        out
    }
}

fn slots(report: &BaselineReport) -> impl Iterator<Item = (u8, Energy)> + '_ {
    report.baseline.0.iter().filter_map(|(slot, energy)| Some((slot.number(), energy?)))
}

fn message(out: &mut String, read: &IncomingNegawatt, lang: Lang) -> std::fmt::Result {
    let spec = read.message.spec();
    let (name, about) = (lang.pick(spec.ja, spec.en), &read.message);
    writeln!(out, "{name} {} → {} {} {}", read.sender, read.recipient, read.reference.as_str(), read.created)?;
    macro_rules! rows {
        ($message:expr) => {{
            for row in &$message.points {
                writeln!(out, "{} {}", row.point.grouped(), $message.date)?;
                row.slots
                    .iter()
                    .try_for_each(|one| writeln!(out, "{:>4} {:>16} kWh", one.slot.number(), one.energy))?;
            }
            for row in &$message.groups {
                writeln!(out, "BG {} {}", row.group.as_str(), $message.date)?;
                row.slots
                    .iter()
                    .try_for_each(|one| writeln!(out, "{:>4} {:>16} kWh", one.slot.number(), one.energy))?;
            }
        }};
    }
    macro_rules! totals {
        ($message:expr) => {
            for total in &$message.totals {
                let kind = lang.name(total.kind);
                writeln!(out, "{} {kind} {} kWh", $message.month, total.suppressed)?;
            }
        };
    }
    match about {
        NegawattMessage::BaselineNotice(message) => rows!(message),
        NegawattMessage::SuppressionNotice(message) => rows!(message),
        NegawattMessage::ProcurementNotice(message) => rows!(message),
        NegawattMessage::GenerationNotice(message) => rows!(message),
        NegawattMessage::ThirdPartyNote(message) => totals!(message),
        NegawattMessage::CompensationNote(message) => totals!(message),
    }
    Ok(())
}
