//! 窓: the part of a document that is held while it is read.

use std::io::{self, Read};

/// How many octets of a source are held at once, unless a token is longer.
const WINDOW: usize = 512 * 1024;

/// A document that comes part by part.
pub(super) trait Parts {
    /// Gets more octets behind those that are left, and says how many; nothing comes any more where it gives zero.
    fn more(&mut self) -> io::Result<usize>;
    /// The octets that are left.
    fn rest(&self) -> &[u8];
    /// Passes over octets.
    fn pass(&mut self, octets: usize);
}

/// A source that is read when more is asked for.
pub(super) struct Window<R> {
    source: R,
    octets: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R> Window<R> {
    pub(super) const fn new(source: R) -> Window<R> {
        Window { source, octets: Vec::new(), start: 0, end: 0 }
    }
}

impl<R: Read> Parts for Window<R> {
    fn more(&mut self) -> io::Result<usize> {
        self.octets.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.end * 2 > self.octets.len() || self.octets.is_empty() {
            self.octets.resize((self.octets.len() * 2).max(WINDOW), 0);
        }
        loop {
            match self.source.read(self.octets.get_mut(self.end..).unwrap_or_default()) {
                Ok(got) => {
                    self.end += got;
                    return Ok(got);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.octets.get(self.start..self.end).unwrap_or_default()
    }

    fn pass(&mut self, octets: usize) {
        self.start += octets;
    }
}
