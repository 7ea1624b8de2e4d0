//! ファイルの読取り: a whole document, or one that comes piece by piece.

use super::machine::{Halt, Machine};
use super::record::Fields;
use super::settings::{CiiError, ReadSettings};
use super::shapes::Shapes;
use super::sink::{Sink, Tally};
use super::token::{Cut, cut};
use super::window::{Parts, Window};
use crate::rules::codes;
use std::io::Read;

pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";
/// How many octets of a source are looked at before it is decided what it is.
const START: usize = 4096;

/// Reads a document that is in memory.
pub fn read<S: Sink>(octets: &[u8], settings: &ReadSettings, sink: &mut S) -> Result<Tally, CiiError> {
    let mut reader = Reading::new(settings, sink);
    let outcome = reader.begin(octets).and_then(|start| reader.advance(octets.get(start..).unwrap_or_default(), true));
    reader.finish(outcome.err(), octets.len() as u64)
}

/// Reads a document from a source, holding only a part of it.
pub fn read_from<R: Read, S: Sink>(source: R, settings: &ReadSettings, sink: &mut S) -> Result<Tally, CiiError> {
    read_parts(Window::new(source), settings, sink)
}

/// Reads a document part by part.
pub(super) fn read_parts<S: Sink>(
    mut parts: impl Parts,
    settings: &ReadSettings,
    sink: &mut S,
) -> Result<Tally, CiiError> {
    let mut reader = Reading::new(settings, sink);
    let (mut total, mut begun) = (0, false);
    let outcome = loop {
        let (got, failure) = match parts.more() {
            Ok(got) => (got, None),
            Err(error) => (0, Some(error)),
        };
        total += got as u64;
        let is_last = got == 0;
        if !begun && !is_last && parts.rest().len() < START {
            continue;
        }
        if !begun {
            begun = true;
            match reader.begin(parts.rest()) {
                Ok(start) => parts.pass(start),
                Err(halt) => break Some(halt),
            }
        }
        // What came before a failure is read as far as it goes.
        match reader.advance(parts.rest(), is_last && failure.is_none()) {
            Ok(used) => parts.pass(used),
            Err(halt) => break Some(halt),
        }
        if is_last {
            break failure.map(|error| Halt::Error(CiiError::Source(error)));
        }
    };
    reader.finish(outcome, total)
}

/// A document that is being read.
struct Reading<'s, S> {
    machine: Machine<'s, S>,
    shapes: Shapes,
    /// The most octets of a token, and of a value.
    token: usize,
    value: usize,
    /// Where the rest begins in the document.
    at: u64,
}

impl<'s, S: Sink> Reading<'s, S> {
    fn new(settings: &ReadSettings, sink: &'s mut S) -> Reading<'s, S> {
        let machine = Machine::new(settings, sink);
        let value = settings.value.min(settings.token);
        Reading { machine, shapes: Shapes::new(), token: settings.token, value, at: 0 }
    }

    /// Looks at the beginning; gives where the document starts.
    fn begin(&mut self, octets: &[u8]) -> Result<usize, Halt> {
        let start = start_of(octets)?;
        self.at = start as u64;
        Ok(start)
    }

    /// Reads as many whole tokens as there are; all of it where nothing comes behind.
    fn advance(&mut self, octets: &[u8], is_last: bool) -> Result<usize, Halt> {
        let (mut rest, base) = (octets, self.at);
        loop {
            if self.machine.is_behind_row() {
                self.shapes.learn(&self.machine.trace, octets, base, self.at, self.machine.context());
                let (names, ends) = self.machine.context();
                self.shapes.arrive(names, ends);
                let used = self.rows(rest)?;
                rest = rest.get(used..).unwrap_or_default();
                self.machine.begin_trace(self.at);
            }
            match cut(rest) {
                Cut::Token(token, len) => {
                    if len > self.token {
                        return Err(self.machine.stop(&codes::METER_LIMIT, self.at));
                    }
                    self.machine.token(token, self.at, self.at + len as u64)?;
                    self.at += len as u64;
                    rest = rest.get(len..).unwrap_or_default();
                }
                Cut::More if rest.len() > self.token => {
                    return Err(self.machine.stop(&codes::METER_LIMIT, self.at));
                }
                // In pieces, the limit would be met before the end of it.
                Cut::Bad(len) if len > self.token => {
                    return Err(self.machine.stop(&codes::METER_LIMIT, self.at));
                }
                Cut::More if is_last => return self.tail(rest).map(|()| octets.len()),
                Cut::Bad(_) => return Err(self.machine.stop(&codes::METER_SYNTAX, self.at)),
                Cut::More | Cut::End => return Ok(octets.len() - rest.len()),
            }
        }
    }

    /// Reads rows as long as they have a shape that is known; gives how many octets that are.
    fn rows(&mut self, octets: &[u8]) -> Result<usize, Halt> {
        let mut rest = octets;
        loop {
            // No value that is read in one pass has more octets than that.
            if self.value >= 80
                && let Some(shape) = self.shapes.likely()
            {
                let before = rest.len();
                rest = self.machine.take_quick(shape, rest);
                self.at += (before - rest.len()) as u64;
            }
            let Some((shape, len)) = self.shapes.expect(rest, self.value) else { break };
            match shape.row() {
                Some((node, row_at)) => {
                    let octets = rest.get(row_at..).unwrap_or_default();
                    let at = self.at + row_at as u64;
                    self.machine.take(
                        node,
                        &Fields { octets, spans: &shape.spans, at, places: None, bad: None, plain: shape.plain },
                    );
                }
                None => self.machine.play(shape, rest, self.at)?,
            }
            self.at += len as u64;
            rest = rest.get(len..).unwrap_or_default();
        }
        Ok(octets.len() - rest.len())
    }

    /// What stands at the end and is no whole token.
    fn tail(&mut self, rest: &[u8]) -> Result<(), Halt> {
        tail(&mut self.machine, rest, self.at)
    }

    fn finish(self, halt: Option<Halt>, octets: u64) -> Result<Tally, CiiError> {
        self.machine.finish(halt, octets)
    }
}

/// Where the document starts behind its byte order marks; an error where it is nothing that can be read.
pub(super) fn start_of(octets: &[u8]) -> Result<usize, Halt> {
    let utf16 = [&[0xFF, 0xFE][..], &[0xFE, 0xFF], &[b'<', 0], &[0, b'<']];
    if utf16.iter().any(|start| octets.starts_with(start)) {
        return Err(Halt::Error(CiiError::NotXml { html: false }));
    }
    let mut start = 0;
    while octets.get(start..).is_some_and(|rest| rest.starts_with(MARK)) {
        start += MARK.len();
    }
    Ok(start)
}

/// Blanks at the end are nothing; text there is no token yet; anything else is a document that breaks off.
pub(super) fn tail<S: Sink>(machine: &mut Machine<'_, S>, rest: &[u8], at: u64) -> Result<(), Halt> {
    if rest.starts_with(b"<") || rest.starts_with(b"&") || machine.is_open() {
        return Err(machine.stop(&codes::METER_TRUNCATED, at));
    }
    machine.token(super::token::Token::Text(rest), at, at + rest.len() as u64)
}
