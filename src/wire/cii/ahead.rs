//! 先読み: the source is read, and inflated if need be, in a thread of its own while the document is read.

use super::read::read_from;
use super::settings::{CiiError, ReadSettings};
use super::sink::{Sink, Tally};
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// How many octets are exchanged at once, and how many such pieces there are.
const PIECE: usize = 256 * 1024;
const PIECES: usize = 6;

/// Reads a document from a source that is slow to read, like the entry of a zip, in two threads. What it gives is what
/// [`read_from`] gives; it holds no more than a few pieces of the document.
pub fn read_ahead<R: Read + Send, S: Sink>(
    source: R,
    settings: &ReadSettings,
    sink: &mut S,
) -> Result<Tally, CiiError> {
    let (full_sender, full) = sync_channel(PIECES);
    let (empty, empty_receiver) = channel();
    for _ in 0..PIECES {
        // The receiver is still here.
        let _ = empty.send(Vec::new());
    }
    thread::scope(|scope| {
        scope.spawn(move || pump(source, &empty_receiver, &full_sender));
        read_from(Ahead { piece: Vec::new(), given: 0, full, empty }, settings, sink)
    })
}

/// Fills pieces until the source ends, fails, or nobody takes them.
fn pump(mut source: impl Read, empty: &Receiver<Vec<u8>>, full: &SyncSender<io::Result<Vec<u8>>>) {
    for mut piece in empty {
        piece.resize(PIECE, 0);
        let mut got = 0;
        let end = loop {
            match source.read(piece.get_mut(got..).unwrap_or_default()) {
                Ok(0) => break (got < PIECE).then_some(Ok(())),
                Ok(more) => got += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(Err(error)),
            }
        };
        piece.truncate(got);
        // What came before an error is given first. An empty piece is the end.
        let is_last = end.is_some();
        let gone = got > 0 && full.send(Ok(piece)).is_err();
        let gone = gone || end.is_some_and(|end| full.send(end.map(|()| Vec::new())).is_err());
        if gone || is_last {
            return;
        }
    }
}

/// The pieces as a source.
struct Ahead {
    piece: Vec<u8>,
    given: usize,
    full: Receiver<io::Result<Vec<u8>>>,
    empty: Sender<Vec<u8>>,
}

impl Read for Ahead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() {
            let empty = std::mem::take(&mut self.piece);
            // At the end nobody fills it any more.
            let _ = self.empty.send(empty);
            self.given = 0;
            self.piece = match self.full.recv() {
                Ok(piece) => piece?,
                // The other thread sends an end or an error before it goes, unless the source panicked.
                Err(_) => return Err(io::ErrorKind::BrokenPipe.into()),
            };
        }
        let len = self.piece.get(self.given..).unwrap_or_default().read(out)?;
        self.given += len;
        Ok(len)
    }
}
