//! Octets to text, block by block: which charset a file has, and the octets that are no character.

use crate::rules::{Finding, codes};
use encoding_rs::{Decoder, DecoderResult, SHIFT_JIS, UTF_8};
use std::collections::VecDeque;
use std::io::Read;

const BLOCK: usize = 64 * 1024;

/// Reads a file as text. An octet that is no character becomes U+FFFD and its position is remembered.
pub(in crate::wire) struct Decode<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Octets read before the block that is being decoded.
    before: u64,
    ended: bool,
    /// Positions of octets that are no character, in order.
    pub(in crate::wire) malformed: VecDeque<u64>,
    /// Why reading stopped before the end.
    pub(in crate::wire) failed: Option<std::io::Error>,
}

impl<R: Read> Decode<R> {
    /// Reads the first block and finds the charset: a byte order mark, else strict UTF-8, else CP932.
    pub(in crate::wire) fn new(mut input: R) -> Result<Decode<R>, Vec<Finding>> {
        let mut raw = Vec::with_capacity(BLOCK);
        let ended = fill(&mut input, &mut raw).map_err(|error| vec![unreadable(&error)])?;
        if raw.is_empty() {
            return Err(vec![codes::FILE_EMPTY.plain()]);
        }
        let sample = raw.get(..raw.len().min(4096)).unwrap_or(&raw);
        let zeros = memchr::memchr_iter(0, sample).count();
        if raw.starts_with(&[0xFF, 0xFE]) || raw.starts_with(&[0xFE, 0xFF]) || zeros * 8 > sample.len() {
            let mark = raw.starts_with(&[0xFF, 0xFE]) || raw.starts_with(&[0xFE, 0xFF]);
            // In UTF-16 the zeros of ASCII stand on one side only; a damaged file has them on both.
            let even = sample.iter().step_by(2).filter(|byte| **byte == 0).count();
            let one_sided = even * 16 <= zeros || (zeros - even) * 16 <= zeros;
            let rule = if mark || one_sided { &codes::UTF16 } else { &codes::NUL_BYTE };
            return Err(vec![rule.plain()]);
        }
        let mark = raw.starts_with(b"\xEF\xBB\xBF");
        let utf8 = match std::str::from_utf8(&raw) {
            Ok(_) => true,
            // A character may be cut by the end of the block.
            Err(error) => error.error_len().is_none() && !ended,
        };
        let encoding = if mark || utf8 { UTF_8 } else { SHIFT_JIS };
        let before = if mark { 3 } else { 0 };
        raw.drain(..before);
        let decoder = encoding.new_decoder_without_bom_handling();
        let before = before as u64;
        Ok(Decode { input, decoder, raw, before, ended, malformed: VecDeque::new(), failed: None })
    }

    /// The charset by its name: `UTF-8` or `CP932`.
    pub(in crate::wire) fn charset(&self) -> &'static str {
        if self.decoder.encoding() == UTF_8 { "UTF-8" } else { "CP932" }
    }

    /// Appends the text of the next block; `false` at the end of the file.
    pub(in crate::wire) fn more(&mut self, text: &mut String) -> bool {
        if self.raw.is_empty() {
            if self.ended {
                return false;
            }
            match fill(&mut self.input, &mut self.raw) {
                Ok(ended) => self.ended = ended,
                Err(error) => {
                    self.failed = Some(error);
                    self.ended = true;
                }
            }
        }
        let mut rest = self.raw.as_slice();
        text.reserve(self.decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len() * 3));
        loop {
            let (result, read) = self.decoder.decode_to_string_without_replacement(rest, text, self.ended);
            self.before += read as u64;
            rest = rest.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => text.reserve(rest.len() * 3 + 16),
                DecoderResult::Malformed(bad, behind) => {
                    self.malformed.push_back(self.before.saturating_sub(u64::from(bad + behind)));
                    text.push('\u{FFFD}');
                }
            }
        }
        self.raw.clear();
        true
    }
}

/// Fills a block; `true` at the end of the input.
fn fill(input: &mut impl Read, raw: &mut Vec<u8>) -> std::io::Result<bool> {
    raw.clear();
    let got = input.by_ref().take(BLOCK as u64).read_to_end(raw)?;
    Ok(got < BLOCK)
}

pub(super) fn unreadable(error: &std::io::Error) -> Finding {
    codes::UNREADABLE_FILE
        .finding(format!("ファイルを読み込めません: {error}"), format!("cannot read the file: {error}"))
}
