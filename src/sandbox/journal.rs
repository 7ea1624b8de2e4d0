//! 模擬環境の日誌: what came and which days passed, so that a practice run that was killed goes on where it stopped.
//!
//! The sandbox is deterministic: the same world, seed and sequence give the same state.

use super::engine::Sandbox;
use super::transport::SandboxTransport;
use super::world::Wish;
use crate::exchange::{Delivery, Request, Transport};
use crate::items::{Date, DateTime};
use crate::store::private_options;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

const MESSAGE: u8 = b'M';
const DAY: u8 = b'D';

/// 日誌付きの模擬伝送路: writes down what it is given before the sandbox sees it.
#[derive(Debug)]
pub struct Journal<'a> {
    transport: SandboxTransport<'a>,
    file: Mutex<File>,
}

impl<'a> Journal<'a> {
    /// Begins a journal, replacing one that is there. `about` names world and seed: only the same may go on with it.
    pub fn begin(path: &Path, about: &str, transport: SandboxTransport<'a>) -> io::Result<Journal<'a>> {
        let mut file = private_options().write(true).create(true).truncate(true).open(path)?;
        record(&mut file, b'A', about.as_bytes())?;
        Ok(Journal { transport, file: Mutex::new(file) })
    }

    /// Goes on with a journal: the sandbox lives through all of it again. Nothing where it is about something else.
    pub fn resume(path: &Path, about: &str, transport: SandboxTransport<'a>) -> io::Result<Option<Journal<'a>>> {
        let mut octets = Vec::new();
        File::open(path)?.read_to_end(&mut octets)?;
        let mut rest = octets.as_slice();
        if take(&mut rest) != Some((b'A', about.as_bytes())) {
            return Ok(None);
        }
        let mut read = octets.len() - rest.len();
        while let Some((kind, octets_of_record)) = take(&mut rest) {
            match kind {
                MESSAGE => {
                    transport.respond(octets_of_record);
                }
                DAY => {
                    let text = std::str::from_utf8(octets_of_record).unwrap_or_default();
                    let mut sandbox = transport.sandbox();
                    // The wishes of the days before were given; those of the last day are given once more.
                    let today = sandbox.today();
                    sandbox.due_wishes(today);
                    if let Ok(date) = text.parse() {
                        sandbox.advance_to(date);
                    }
                }
                _ => return Ok(None),
            }
            read = octets.len() - rest.len();
        }
        // A record that the kill cut off never reached the sandbox.
        let file = OpenOptions::new().append(true).open(path)?;
        file.set_len(read as u64)?;
        Ok(Some(Journal { transport, file: Mutex::new(file) }))
    }

    /// The moment of the virtual clock.
    #[must_use]
    pub fn now(&self) -> DateTime {
        self.transport.sandbox().now()
    }
    /// The customers' wishes that are due.
    #[must_use]
    pub fn due_wishes(&self) -> Vec<Wish> {
        let mut sandbox = self.transport.sandbox();
        let today = sandbox.today();
        sandbox.due_wishes(today)
    }
    /// The next day on which something happens.
    #[must_use]
    pub fn next_event_date(&self) -> Option<Date> {
        self.transport.sandbox().next_event_date()
    }
    /// Lets days pass.
    pub fn advance_to(&self, date: Date) -> io::Result<()> {
        self.write(DAY, date.to_string().as_bytes())?;
        self.transport.sandbox().advance_to(date);
        Ok(())
    }
    /// Looks at the sandbox.
    pub fn look<R>(&self, look: impl FnOnce(&Sandbox) -> R) -> R {
        look(&self.transport.sandbox())
    }

    /// Writes a record whole or not at all: what follows on half a record could not be read.
    fn write(&self, kind: u8, octets: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let before = file.metadata()?.len();
        record(&mut file, kind, octets).or_else(|error| {
            file.set_len(before)?;
            file.seek(SeekFrom::End(0))?;
            Err(error)
        })
    }
}

fn record(file: &mut File, kind: u8, octets: &[u8]) -> io::Result<()> {
    let length = u32::try_from(octets.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut written = Vec::with_capacity(octets.len() + 5);
    written.push(kind);
    written.extend_from_slice(&length.to_le_bytes());
    written.extend_from_slice(octets);
    file.write_all(&written)
}

fn take<'o>(rest: &mut &'o [u8]) -> Option<(u8, &'o [u8])> {
    let (head, body) = rest.split_first_chunk::<5>()?;
    let [kind, length @ ..] = *head;
    let (octets, after) = body.split_at_checked(u32::from_le_bytes(length) as usize)?;
    *rest = after;
    Some((kind, octets))
}

impl Transport for Journal<'_> {
    async fn exchange(&self, request: Request) -> Delivery {
        if self.write(MESSAGE, &request.body).is_err() {
            use crate::exchange::{Trouble, TroubleKind};
            let detail = "the sandbox's journal cannot be written".to_owned();
            return Delivery::NotSent(Trouble { kind: TroubleKind::Connection, detail });
        }
        self.transport.exchange(request).await
    }
}
