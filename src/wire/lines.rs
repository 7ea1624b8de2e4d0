//! 行番号: lines as an editor counts them. The csv crate takes the CR of a CRLF for the end of a record and leaves the LF to the
//! next, and passes over blank lines behind it: the line it names lies before the record.

use std::collections::VecDeque;

/// 行番号: of records of a text that is in memory. Records are asked for in their order.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    octets: &'a [u8],
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// The lines of a text.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Lines<'a> {
        Lines { octets, counted: 0, line: 1 }
    }
    /// The line of what stands at a byte or, where that is the end of a line, behind it.
    pub fn at(&mut self, byte: u64) -> u64 {
        let mut to = usize::try_from(byte).unwrap_or(usize::MAX);
        while matches!(self.octets.get(to), Some(b'\r' | b'\n')) {
            to += 1;
        }
        let between = self.octets.get(self.counted..to).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count() as u64;
        self.counted = to.max(self.counted);
        self.line
    }
    /// The line of a record as the csv crate places it; nothing where it has no place.
    pub fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        position.map_or(0, |position| self.at(position.byte()))
    }
}

/// 行番号: of records of a text that passes by, block after block.
#[derive(Clone, Debug, Default)]
pub(super) struct PassingLines {
    /// Where CR and LF stand that no record was asked for behind; and whether it is LF.
    ends: VecDeque<(u64, bool)>,
    passed: u64,
    feeds: u64,
}

impl PassingLines {
    /// A block that goes by.
    pub(super) fn pass(&mut self, block: &[u8]) {
        let ends = memchr::memchr2_iter(b'\r', b'\n', block);
        let passed = self.passed;
        self.ends.extend(ends.map(|at| (passed + at as u64, block.get(at) == Some(&b'\n'))));
        self.passed += block.len() as u64;
    }
    /// As [`Lines::at`].
    pub(super) fn at(&mut self, mut byte: u64) -> u64 {
        while let Some((place, feed)) = self.ends.front().copied().filter(|(place, _)| *place <= byte) {
            self.feeds += u64::from(feed);
            byte = byte.max(place + 1);
            self.ends.pop_front();
        }
        self.feeds + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_an_editor() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b", "1,2", "", "", "3,\"4", "x\"", "5,6", ""].join(end);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let (mut lines, mut passing, mut found) =
                (Lines::new(text.as_bytes()), PassingLines::default(), Vec::new());
            text.as_bytes().chunks(3).for_each(|block| passing.pass(block));
            let mut record = csv::StringRecord::new();
            while reader.read_record(&mut record).unwrap() {
                let line = lines.of(record.position());
                assert_eq!(passing.at(record.position().unwrap().byte()), line);
                found.push(line);
            }
            assert_eq!(found, [1, 2, 5, 7], "{end:?}");
        }
        assert_eq!((Lines::new(b"").at(9), Lines::new(b"a").of(None)), (1, 0));
    }
}
