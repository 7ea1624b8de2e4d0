//! 先読み: the source is read, and inflated if need be, in a thread of its own while the document is read.
//!
//! Pieces change hands and are read where they lie. What is left of one, the beginning of a row or of a tag, is put into
//! the room before the next.

use super::read::read_parts;
use super::settings::{CiiError, ReadSettings};
use super::sink::{Sink, Tally};
use super::window::Parts;
use std::io::{self, Read};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// How many octets change hands at once, and how many such pieces there are. Few large ones: what one thread wrote has left
/// its cache before it writes there again, and neither waits for the other's.
const PIECE: usize = 1024 * 1024;
const PIECES: usize = 3;
/// How many octets a source is asked for at once, and how many the first piece has.
const GULP: usize = 128 * 1024;
/// The room before a piece.
const ROOM: usize = 16 * 1024;

/// Reads a document from a source that is slow to read, like the entry of a zip, in two threads. What it gives is what
/// [`read_from`](super::read_from) gives; it holds no more than a few pieces of the document.
pub fn read_ahead<R: Read + Send, S: Sink>(
    source: R,
    settings: &ReadSettings,
    sink: &mut S,
) -> Result<Tally, CiiError> {
    read_ahead_checked(source, |_| Ok(()), settings, sink)
}

/// The same where the source leaves a check to the thread that reads the document: it is given the octets in their order,
/// and none at their end. Its error is one of the source.
pub fn read_ahead_checked<R: Read + Send, S: Sink>(
    source: R,
    check: impl FnMut(&[u8]) -> io::Result<()>,
    settings: &ReadSettings,
    sink: &mut S,
) -> Result<Tally, CiiError> {
    ReadAhead::default().read(source, check, settings, sink)
}

/// 先読み: the same for one document after the other, in the same memory.
#[derive(Debug, Default)]
pub struct ReadAhead {
    pieces: Vec<Vec<u8>>,
}

impl ReadAhead {
    /// Reads a document as [`read_ahead_checked`] does.
    pub fn read<R: Read + Send, S: Sink>(
        &mut self,
        source: R,
        check: impl FnMut(&[u8]) -> io::Result<()>,
        settings: &ReadSettings,
        sink: &mut S,
    ) -> Result<Tally, CiiError> {
        let (full_sender, full) = sync_channel(PIECES);
        let (empty, pieces) = channel();
        self.pieces.resize_with(PIECES, Vec::new);
        for piece in self.pieces.drain(..) {
            // The receiver is still here.
            let _ = empty.send(piece);
        }
        thread::scope(|scope| {
            let filled = scope.spawn(|| pump(source, pieces, full_sender));
            let read = read_parts(Ahead { piece: Vec::new(), start: 0, full, empty, check }, settings, sink);
            // What a long token made larger is let go.
            let (left, pieces) = filled.join().unwrap_or_else(|panic| resume_unwind(panic));
            let all = left.into_iter().chain(pieces.try_iter());
            self.pieces.extend(all.filter(|piece| piece.capacity() <= 2 * (ROOM + PIECE)).take(PIECES));
            read
        })
    }
}

/// Fills pieces until the source ends, fails, or nobody takes them; gives back the one that it still has, and where the
/// others come back.
fn pump(
    mut source: impl Read,
    empty: Receiver<Vec<u8>>,
    full: SyncSender<io::Result<Vec<u8>>>,
) -> (Option<Vec<u8>>, Receiver<Vec<u8>>) {
    let mut len = GULP;
    for mut piece in &empty {
        piece.resize(ROOM + len, 0);
        // A small document needs no large pieces, and the first one is soon there.
        len = (len * 2).min(PIECE);
        let mut end = ROOM;
        let last = loop {
            let to = (end + GULP).min(piece.len());
            let Some(free) = piece.get_mut(end..to).filter(|free| !free.is_empty()) else { break None };
            match source.read(free) {
                Ok(0) => break Some(Ok(())),
                Ok(more) => end += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(Err(error)),
            }
        };
        piece.truncate(end);
        // What came before an error is given first. A piece of nothing but room is the end.
        let (some, left) = if end > ROOM { (Some(piece), None) } else { (None, Some(piece)) };
        let gone = some.is_some_and(|piece| full.send(Ok(piece)).is_err());
        let is_last = last.is_some();
        let gone = gone || last.is_some_and(|last| full.send(last.map(|()| Vec::new())).is_err());
        if gone || is_last {
            return (left, empty);
        }
    }
    (None, empty)
}

/// The pieces as they come.
struct Ahead<C> {
    piece: Vec<u8>,
    start: usize,
    full: Receiver<io::Result<Vec<u8>>>,
    empty: Sender<Vec<u8>>,
    check: C,
}

impl<C> Drop for Ahead<C> {
    fn drop(&mut self) {
        // The next document may be read in it.
        let _ = self.empty.send(std::mem::take(&mut self.piece));
    }
}

impl<C: FnMut(&[u8]) -> io::Result<()>> Parts for Ahead<C> {
    fn more(&mut self) -> io::Result<usize> {
        let mut next = match self.full.recv() {
            Ok(next) => next?,
            // The other thread sends an end or an error before it goes, unless the source panicked.
            Err(_) => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        let octets = next.get(ROOM..).unwrap_or_default();
        let got = octets.len();
        (self.check)(octets)?;
        if got == 0 {
            return Ok(0);
        }
        let rest = self.piece.get(self.start..).unwrap_or_default();
        let start = ROOM.checked_sub(rest.len());
        if let Some((start, room)) = start.and_then(|start| Some((start, next.get_mut(start..ROOM)?))) {
            room.copy_from_slice(rest);
            self.start = start;
            std::mem::swap(&mut self.piece, &mut next);
        } else {
            // A token that is longer than the room grows behind itself.
            self.piece.drain(..self.start);
            self.start = 0;
            self.piece.extend_from_slice(next.get(ROOM..).unwrap_or_default());
        }
        // At the end nobody fills it any more.
        let _ = self.empty.send(next);
        Ok(got)
    }

    fn rest(&self) -> &[u8] {
        self.piece.get(self.start..).unwrap_or_default()
    }

    fn pass(&mut self, octets: usize) {
        self.start += octets;
    }
}
