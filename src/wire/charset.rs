//! 文字コード: CP932 (Windows-31J) and UTF-8, strictly. Nothing is ever replaced: a character that cannot be written and
//! an octet that cannot be read are errors that say where.
//!
//! Seven characters have two code points that tables for Shift_JIS disagree about ([`TWINS`]). Both members are written
//! as the same CP932 octets; reading gives the Microsoft member. `¥` (U+00A5) and `‾` (U+203E) have no octets of their
//! own in CP932 — the WHATWG encoder would write a backslash and a tilde — and are refused.

pub use crate::rules::TWINS;
use encoding_rs::{Encoding, SHIFT_JIS};
use memchr::memchr2;
use std::borrow::Cow;
use std::fmt;

/// 文字コード: what octets mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, strict.
    Utf8,
    /// CP932 as Windows has it (Windows-31J).
    Cp932,
}

/// 書けない文字: a character that the charset cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmappable {
    /// The charset.
    pub charset: Charset,
    /// The character.
    pub character: char,
    /// Its position in the text, counted in characters from 1.
    pub position: usize,
    /// Its position in the text, counted in octets of UTF-8 from 0.
    pub byte: usize,
}

/// 読めないデータ: octets that are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharsetError {
    /// An octet that the charset does not have, counted from 0.
    Invalid {
        /// The charset it was read as.
        charset: &'static str,
        /// Where it stands.
        byte: usize,
    },
    /// UTF-16, which is not accepted.
    Utf16,
    /// A charset that is not known.
    Unknown,
}

impl Charset {
    /// The name as in an XML declaration.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Cp932 => "Windows-31J",
        }
    }

    /// The charset of a name: `UTF-8`; `Windows-31J`, `CP932`, `MS932` or `Shift_JIS`.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Charset> {
        let is = |name: &str| label.eq_ignore_ascii_case(name);
        if is("UTF-8") || is("UTF8") {
            Some(Charset::Utf8)
        } else if ["Windows-31J", "CP932", "MS932", "Shift_JIS"].into_iter().any(is) {
            Some(Charset::Cp932)
        } else {
            None
        }
    }

    /// Appends the text to the octets; on an error nothing is appended.
    pub fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), Unmappable> {
        match self {
            Charset::Cp932 if !text.is_ascii() => encode_cp932(text, out),
            _ => {
                out.extend_from_slice(text.as_bytes());
                Ok(())
            }
        }
    }

    /// The first character that the charset cannot hold.
    #[must_use]
    pub fn first_unmappable(self, text: &str) -> Option<Unmappable> {
        if self == Charset::Utf8 || text.is_ascii() {
            return None;
        }
        let mut scratch = Vec::with_capacity(text.len());
        encode_cp932(text, &mut scratch).err()
    }

    /// Reads octets without a byte order mark.
    pub fn decode(self, octets: &[u8]) -> Result<Cow<'_, str>, CharsetError> {
        match self {
            Charset::Utf8 => match std::str::from_utf8(octets) {
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(error) => Err(CharsetError::Invalid { charset: "UTF-8", byte: error.valid_up_to() }),
            },
            Charset::Cp932 => decode_with(SHIFT_JIS, octets),
        }
    }
}

/// Reads octets in any charset by its name, as an XML declaration gives it.
pub(super) fn decode_named<'a>(label: &str, octets: &'a [u8]) -> Result<Cow<'a, str>, CharsetError> {
    match Charset::from_label(label) {
        Some(charset) => charset.decode(octets),
        None => {
            let encoding = Encoding::for_label_no_replacement(label.as_bytes()).ok_or(CharsetError::Unknown)?;
            if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
                return Err(CharsetError::Utf16);
            }
            // A charset with shift states hides one text in another.
            if encoding == encoding_rs::ISO_2022_JP {
                Err(CharsetError::Unknown)
            } else {
                decode_with(encoding, octets)
            }
        }
    }
}

/// Reads octets of an unknown charset: a byte order mark decides, then strict UTF-8, then CP932.
///
/// Gives the charset, the text and the length of the byte order mark.
pub fn read(octets: &[u8]) -> Result<(Charset, Cow<'_, str>, usize), CharsetError> {
    if octets.starts_with(&[0xFF, 0xFE]) || octets.starts_with(&[0xFE, 0xFF]) {
        return Err(CharsetError::Utf16);
    }
    if let Some(rest) = octets.strip_prefix(b"\xEF\xBB\xBF") {
        return match Charset::Utf8.decode(rest) {
            Ok(text) => Ok((Charset::Utf8, text, 3)),
            Err(CharsetError::Invalid { charset, byte }) => Err(CharsetError::Invalid { charset, byte: byte + 3 }),
            Err(other) => Err(other),
        };
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        return Ok((Charset::Utf8, Cow::Borrowed(text), 0));
    }
    Charset::Cp932.decode(octets).map(|text| (Charset::Cp932, text, 0))
}

fn decode_with<'a>(encoding: &'static Encoding, octets: &'a [u8]) -> Result<Cow<'a, str>, CharsetError> {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(octets) {
        return Ok(text);
    }
    // Only a failure is read a second time, to find where it is.
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(octets.len()).unwrap_or(octets.len()));
    let (result, read) = decoder.decode_to_string_without_replacement(octets, &mut text, true);
    let byte = match result {
        // What was read ends with the sequence that is not one, and perhaps octets behind it.
        encoding_rs::DecoderResult::Malformed(bad, behind) => read.saturating_sub(usize::from(bad + behind)),
        _ => read,
    };
    let charset = if encoding == SHIFT_JIS { "CP932" } else { encoding.name() };
    Err(CharsetError::Invalid { charset, byte })
}

fn encode_cp932(text: &str, out: &mut Vec<u8>) -> Result<(), Unmappable> {
    let start = out.len();
    let fail = |out: &mut Vec<u8>, byte: usize, character| {
        out.truncate(start);
        let position = text.get(..byte).map_or(0, |before| before.chars().count()) + 1;
        Err(Unmappable { charset: Charset::Cp932, character, position, byte })
    };
    let limit = first_lookalike(text);
    let mut rest = text.get(..limit).unwrap_or(text);
    let mut encoder = SHIFT_JIS.new_encoder();
    loop {
        // Not `encode_from_utf8_to_vec`: it writes zeros over all that the vector has to spare.
        let room = encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(rest.len() * 2);
        let from = out.len();
        out.resize(from + room, 0);
        let place = out.get_mut(from..).unwrap_or_default();
        let (result, read, written) = encoder.encode_from_utf8_without_replacement(rest, place, true);
        out.truncate(from + written);
        let (done, next) = rest.split_at(read);
        match result {
            encoding_rs::EncoderResult::InputEmpty => break,
            encoding_rs::EncoderResult::OutputFull => rest = next,
            encoding_rs::EncoderResult::Unmappable(found) => {
                let Some((_, _, octets)) = TWINS.iter().find(|(other, _, _)| *other == found) else {
                    let byte = limit - rest.len() + done.len() - found.len_utf8();
                    return fail(out, byte, found);
                };
                out.extend_from_slice(octets);
                rest = next;
            }
        }
    }
    match text.get(limit..).and_then(|rest| rest.chars().next()) {
        Some(found) => fail(out, limit, found),
        None => Ok(()),
    }
}

/// Where the first `¥` or `‾` stands: the encoder would write ASCII for them. The length of the text if there is none.
fn first_lookalike(text: &str) -> usize {
    let octets = text.as_bytes();
    let mut from = 0;
    while let Some(rest) = octets.get(from..)
        && let Some(at) = memchr2(0xC2, 0xE2, rest)
    {
        let here = rest.get(at..).unwrap_or_default();
        if here.starts_with("¥".as_bytes()) || here.starts_with("‾".as_bytes()) {
            return from + at;
        }
        from += at + 1;
    }
    octets.len()
}

/// How many octets of a charset a part of a text is.
pub(super) fn octets_of(label: &str, part: &str) -> usize {
    let encoding = Encoding::for_label_no_replacement(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    if encoding == encoding_rs::UTF_8 || part.is_ascii() { part.len() } else { encoding.encode(part).0.len() }
}

impl Unmappable {
    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        let Unmappable { character, position, charset, .. } = self;
        format!("{position}文字目「{character}」(U+{:04X})は{}で表せません", *character as u32, charset.label())
    }
    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let Unmappable { character, position, charset, .. } = self;
        let label = charset.label();
        format!("`{character}` (U+{:04X}) at character {position} does not exist in {label}", *character as u32)
    }
}

impl CharsetError {
    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        match self {
            CharsetError::Invalid { charset, byte } => {
                format!("{}バイト目が{charset}の文字として読めません", byte + 1)
            }
            CharsetError::Utf16 => "文字コードがUTF-16です（UTF-8またはCP932で保存してください）".to_owned(),
            CharsetError::Unknown => "宣言された文字コードが不明です".to_owned(),
        }
    }
    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            CharsetError::Invalid { charset, byte } => format!("byte {} is not a character of {charset}", byte + 1),
            CharsetError::Utf16 => "the charset is UTF-16, expected UTF-8 or CP932".to_owned(),
            CharsetError::Unknown => "the declared charset is not known".to_owned(),
        }
    }
}

impl fmt::Display for Unmappable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.ja(), self.en())
    }
}

impl std::error::Error for Unmappable {}

impl fmt::Display for CharsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.ja(), self.en())
    }
}

impl std::error::Error for CharsetError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn cp932(text: &str) -> Result<Vec<u8>, Unmappable> {
        let mut out = Vec::new();
        Charset::Cp932.encode(text, &mut out).map(|()| out)
    }

    #[test]
    fn both_twins_are_written_alike_and_read_as_microsoft_has_them() {
        for (other, microsoft, octets) in TWINS {
            assert_eq!(cp932(&other.to_string()).unwrap(), octets, "U+{:04X}", other as u32);
            assert_eq!(cp932(&microsoft.to_string()).unwrap(), octets, "U+{:04X}", microsoft as u32);
            assert_eq!(Charset::Cp932.decode(&octets).unwrap(), microsoft.to_string());
            let inside = format!("東京{other}1－2{other}");
            assert_eq!(
                Charset::Cp932.decode(&cp932(&inside).unwrap()).unwrap(),
                inside.replace(other, &microsoft.to_string())
            );
        }
    }

    #[test]
    fn platform_characters_survive() {
        for text in ["髙橋﨑①㈱Ⅳ纊", "ﾔﾏﾀﾞ ﾀﾛｳ", "abc~\\", "東京都千代田区１－２－３", ""]
        {
            assert_eq!(Charset::Cp932.decode(&cp932(text).unwrap()).unwrap(), text);
            assert_eq!(Charset::Cp932.first_unmappable(text), None);
        }
        assert_eq!(cp932("①").unwrap(), [0x87, 0x40]);
    }

    #[test]
    fn what_cannot_be_written_is_named_and_nothing_is_left() {
        for (text, character, position, byte) in [
            ("山田𠮷郎", '𠮷', 3, 6),
            ("¥100", '¥', 1, 0),
            ("a‾", '‾', 2, 1),
            ("〜𩸽¥", '𩸽', 2, 3),
            ("é", 'é', 1, 0),
            ("\u{E000}", '\u{E000}', 1, 0),
            ("…¥", '¥', 2, 3),
        ] {
            let mut out = b"before".to_vec();
            let error = Charset::Cp932.encode(text, &mut out).unwrap_err();
            assert_eq!((error.character, error.position, error.byte), (character, position, byte), "{text}");
            assert_eq!(out, b"before");
            assert_eq!(Charset::Cp932.first_unmappable(text), Some(error));
            assert_eq!(Charset::Utf8.first_unmappable(text), None);
        }
        let text = cp932("山田𠮷郎").unwrap_err().to_string();
        assert!(text.contains("3文字目「𠮷」(U+20BB7)") && text.contains("Windows-31J"), "{text}");
    }

    #[test]
    fn the_charset_is_recognised() {
        assert_eq!(read(b"abc").unwrap(), (Charset::Utf8, "abc".into(), 0));
        assert_eq!(read("\u{FEFF}山".as_bytes()).unwrap(), (Charset::Utf8, "山".into(), 3));
        assert_eq!(read(&cp932("山田").unwrap()).unwrap(), (Charset::Cp932, "山田".into(), 0));
        assert_eq!(read(b"\xFF\xFEa\0"), Err(CharsetError::Utf16));
        assert_eq!(read(b"\xFE\xFF\0a"), Err(CharsetError::Utf16));
        assert_eq!(read(b"\xEF\xBB\xBFa\x80"), Err(CharsetError::Invalid { charset: "UTF-8", byte: 4 }));
        assert_eq!(read(b"\x82\xA0\x82\xA2\xFF"), Err(CharsetError::Invalid { charset: "CP932", byte: 4 }));
        assert_eq!(read(b"\x82\xA0\x82"), Err(CharsetError::Invalid { charset: "CP932", byte: 2 }));
        assert_eq!(read(b"ab\x81\x20c"), Err(CharsetError::Invalid { charset: "CP932", byte: 2 }));
        assert_eq!(read(b""), Ok((Charset::Utf8, "".into(), 0)));
    }

    #[test]
    fn a_declared_charset_is_read_by_its_name() {
        assert_eq!(decode_named("shift_jis", &cp932("山").unwrap()).unwrap(), "山");
        assert_eq!(decode_named("EUC-JP", b"\xBB\xB3").unwrap(), "山");
        assert_eq!(decode_named("utf-16le", b"a\0"), Err(CharsetError::Utf16));
        assert_eq!(decode_named("klingon", b"a"), Err(CharsetError::Unknown));
        assert_eq!(decode_named("ISO-2022-JP", b"a"), Err(CharsetError::Unknown));
        assert_eq!((octets_of("shift_jis", "山田a"), octets_of("UTF-8", "山田a")), (5, 7));
    }

    #[test]
    fn every_double_octet_that_is_read_is_written_back_or_refused() {
        for lead in (0x81..=0x9F).chain(0xE0..=0xFC_u8) {
            for trail in (0x40..=0x7E).chain(0x80..=0xFC_u8) {
                let Ok(text) = Charset::Cp932.decode(&[lead, trail]).map(Cow::into_owned) else { continue };
                match cp932(&text) {
                    // Some characters have two places in CP932: another place, but the same character.
                    Ok(octets) => assert_eq!(Charset::Cp932.decode(&octets).unwrap(), text),
                    Err(error) => assert!(matches!(error.character, '\u{E000}'..='\u{E757}'), "{lead:X}{trail:X}"),
                }
            }
        }
    }
}
