//! What stands between tags or commas: text in the target charset, with the signs of the form escaped, in one pass.

use super::error::EncodeErrorKind as Kind;
use super::{Charset, Unmappable};

const PLAIN: u8 = 0;
const ESCAPE: u8 = 1;
const CONTROL: u8 = 2;
/// First octet of U+FFFE and U+FFFF, and of many characters that are none.
const LAST: u8 = 3;

const fn class(octet: u8) -> u8 {
    match octet {
        b'&' | b'<' | b'>' | b'\r' => ESCAPE,
        b'\t' | b'\n' => PLAIN,
        0..=0x1F => CONTROL,
        0xEF => LAST,
        _ => PLAIN,
    }
}

static CLASSES: [u8; 256] = {
    let mut classes = [PLAIN; 256];
    let mut octet = 0;
    while octet < 256 {
        #[allow(clippy::indexing_slicing, reason = "the index runs over the length of the array")]
        {
            classes[octet] = class(octet as u8);
        }
        octet += 1;
    }
    classes
};

/// The text of an element.
pub(super) fn escaped(charset: Charset, text: &str, out: &mut Vec<u8>) -> Result<(), Kind> {
    let octets = text.as_bytes();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = octets.get(at..).and_then(|rest| {
        rest.iter().position(|octet| CLASSES.get(usize::from(*octet)).is_some_and(|class| *class != PLAIN))
    }) {
        at += found;
        let part = match octets.get(at) {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'\r') => "&#13;",
            Some(0xEF) if !is_noncharacter(octets, at) => {
                at += 3;
                continue;
            }
            _ => {
                let (before, after) = text.split_at(at);
                let character = after.chars().next().unwrap_or_default();
                return Err(Kind::NotXml { character, position: before.chars().count() + 1 });
            }
        };
        encode_part(charset, text, from, at, out)?;
        out.extend_from_slice(part.as_bytes());
        at += 1;
        from = at;
    }
    encode_part(charset, text, from, text.len(), out)
}

/// Whether U+FFFE or U+FFFF stands here.
fn is_noncharacter(octets: &[u8], at: usize) -> bool {
    matches!(octets.get(at..at + 3), Some([0xEF, 0xBF, 0xBE | 0xBF]))
}

fn encode_part(charset: Charset, text: &str, from: usize, to: usize, out: &mut Vec<u8>) -> Result<(), Kind> {
    let part = text.get(from..to).unwrap_or_default();
    charset.encode(part, out).map_err(|error| {
        let before = text.get(..from).map_or(0, |before| before.chars().count());
        Kind::Charset(Unmappable { position: error.position + before, byte: error.byte + from, ..error })
    })
}

/// A cell, in quotes where it needs them.
pub(super) fn quoted(charset: Charset, text: &str, out: &mut Vec<u8>) -> Result<(), Kind> {
    if !text.contains([',', '"', '\r', '\n']) {
        return charset.encode(text, out).map_err(Kind::Charset);
    }
    out.push(b'"');
    let mut from = 0;
    for (at, _) in text.match_indices('"') {
        encode_part(charset, text, from, at + 1, out)?;
        from = at;
    }
    encode_part(charset, text, from, text.len(), out)?;
    out.push(b'"');
    Ok(())
}
