//! 照合用の読取り: the events of `quick-xml` and nothing else. What the other reader gives must be the same.

use super::machine::{Halt, Machine};
use super::read::{MARK, start_of, tail};
use super::settings::{CiiError, ReadSettings};
use super::sink::{Sink, Tally};
use super::token::{Cut, Token, cut, is_unfinished, is_whole, rare_of, tag_of};
use crate::rules::codes;
use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::Event;

/// Reads a document that is in memory, event by event. It gives what [`read`](super::read()) gives, and takes longer.
pub fn read_plainly<S: Sink>(octets: &[u8], settings: &ReadSettings, sink: &mut S) -> Result<Tally, CiiError> {
    let mut machine = Machine::new(settings, sink);
    let outcome = start_of(octets).and_then(|start| events(octets, start, settings.token, &mut machine));
    machine.finish(outcome.err(), octets.len() as u64)
}

fn reader_at(octets: &[u8], at: usize) -> Reader<&[u8]> {
    let mut reader = Reader::from_reader(octets.get(at..).unwrap_or_default());
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

fn events<S: Sink>(octets: &[u8], start: usize, limit: usize, machine: &mut Machine<'_, S>) -> Result<(), Halt> {
    let mut reader = reader_at(octets, start);
    let mut at = start;
    loop {
        let event = reader.read_event();
        let behind = octets.len() - reader.get_ref().len();
        let rest = octets.get(at..).unwrap_or_default();
        let raw = octets.get(at..behind).unwrap_or_default();
        let place = at as u64;
        let unfinished = match &event {
            Ok(Event::Text(_)) | Err(Error::Encoding(_)) => !is_whole(raw, rest.len()),
            Err(error) => is_unfinished(error, raw.len(), rest.len()),
            Ok(_) => false,
        };
        if raw.len() > limit || unfinished && rest.len() > limit {
            return Err(machine.stop(&codes::METER_LIMIT, place));
        }
        if unfinished {
            return tail(machine, rest, place);
        }
        let token = match &event {
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::Start(start)) => tag(start, false),
            Ok(Event::Empty(start)) => tag(start, true),
            Ok(Event::End(end)) => Token::End { name: end.name().into_inner().as_bytes() },
            Ok(Event::Text(text)) => Token::Text(text.as_bytes()),
            Ok(Event::CData(text)) => Token::CData(text.as_bytes()),
            Ok(Event::GeneralRef(name)) => Token::Reference(name.as_bytes()),
            Ok(Event::Decl(_)) => Token::Declaration(raw),
            Ok(Event::DocType(_)) => Token::Doctype(raw),
            Ok(Event::Comment(_) | Event::PI(_)) => Token::Other,
            // The library passes over octets that are not UTF-8 and says so; what they mean is for the machine to say.
            Err(Error::Encoding(_)) => of_octets(raw),
            Err(_) => return Err(machine.stop(&codes::METER_SYNTAX, place)),
        };
        machine.token(token, place, behind as u64)?;
        at = behind;
        if event.is_err() {
            // A reader that starts anew would take a mark for the beginning of a document.
            while let Some(rest) = octets.get(at..).filter(|rest| rest.starts_with(MARK)) {
                let (place, cut) = (at as u64, cut(rest));
                let len = if let Cut::Token(_, len) = cut { len } else { rest.len() };
                if len > limit {
                    return Err(machine.stop(&codes::METER_LIMIT, place));
                }
                let Cut::Token(token, _) = cut else { return tail(machine, rest, place) };
                machine.token(token, place, place + len as u64)?;
                at += len;
            }
            reader = reader_at(octets, at);
        }
    }
}

fn tag<'a>(start: &'a quick_xml::events::BytesStart<'_>, empty: bool) -> Token<'a> {
    Token::Start { name: start.name().into_inner().as_bytes(), attributes: start.attributes_raw().as_bytes(), empty }
}

/// The token of a piece that is not UTF-8.
fn of_octets(raw: &[u8]) -> Token<'_> {
    match raw {
        [b'<', b'!' | b'?', ..] => rare_of(raw),
        [b'<', ..] => tag_of(raw),
        [b'&', name @ .., b';'] => Token::Reference(name),
        _ => Token::Text(raw),
    }
}
