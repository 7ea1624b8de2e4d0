//! 字句: a document cut into tags, texts and what is rare. Any part of it can be cut by itself, from any token on.
//!
//! Tags and texts, which are nearly all of a document, are cut here with the parsers of `quick-xml`; what begins with
//! `<!` or `<?` is left to its reader.

use memchr::{memchr2, memchr3};
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::parser::{ElementParser, Parser};

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A start tag.
    Start {
        /// The name with its prefix.
        name: &'a [u8],
        /// What stands behind the name.
        attributes: &'a [u8],
        /// Whether the tag also closes what it opens.
        empty: bool,
    },
    /// An end tag.
    End {
        /// The name with its prefix.
        name: &'a [u8],
    },
    /// Text without references. One that begins with `&` is a reference that does not end.
    Text(&'a [u8]),
    /// What stands in a CDATA section.
    CData(&'a [u8]),
    /// A reference, without its `&` and `;`.
    Reference(&'a [u8]),
    /// The XML declaration.
    Declaration(&'a [u8]),
    /// A document type definition.
    Doctype(&'a [u8]),
    /// A comment or a processing instruction.
    Other,
}

/// What stands at the beginning of some octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut<'a> {
    /// A token and its length.
    Token(Token<'a>, usize),
    /// The beginning of a token.
    More,
    /// Nothing.
    End,
    /// Something that XML does not know, and how many octets show that.
    Bad(usize),
}

pub(super) const fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// The token that the octets begin with.
pub(super) fn cut(rest: &[u8]) -> Cut<'_> {
    match rest {
        [] => Cut::End,
        [b'<', b'!' | b'?', ..] => rare(rest),
        [b'<'] => Cut::More,
        [b'<', ..] => {
            let Some(end) = ElementParser::Outside.feed(rest) else { return Cut::More };
            let tag = rest.get(..=end).unwrap_or_default();
            Cut::Token(tag_of(tag), tag.len())
        }
        [b'&', after @ ..] => match memchr3(b';', b'&', b'<', after) {
            Some(end) if after.get(end) == Some(&b';') => {
                Cut::Token(Token::Reference(after.get(..end).unwrap_or_default()), end + 2)
            }
            Some(end) => Cut::Token(Token::Text(rest.get(..=end).unwrap_or_default()), end + 1),
            None => Cut::More,
        },
        _ => match memchr2(b'<', b'&', rest) {
            Some(end) => Cut::Token(Token::Text(rest.get(..end).unwrap_or_default()), end),
            None => Cut::More,
        },
    }
}

/// The token of a whole tag, from `<` to `>`.
pub(super) fn tag_of(tag: &[u8]) -> Token<'_> {
    let content = tag.get(1..tag.len().saturating_sub(1)).unwrap_or_default();
    if let Some(name) = content.strip_prefix(b"/") {
        let blanks = name.iter().rev().take_while(|octet| is_blank(**octet)).count();
        return Token::End { name: name.get(..name.len() - blanks).unwrap_or_default() };
    }
    let (content, empty) = content.strip_suffix(b"/").map_or((content, false), |content| (content, true));
    let end = content.iter().position(|octet| is_blank(*octet)).unwrap_or(content.len());
    let (name, attributes) = content.split_at(end);
    Token::Start { name, attributes, empty }
}

/// What begins with `<!` or `<?`.
fn rare(rest: &[u8]) -> Cut<'_> {
    let mut reader = Reader::from_reader(rest);
    let outcome = reader.read_event();
    let behind = reader.get_ref().len();
    let raw = rest.get(..rest.len() - behind).unwrap_or_default();
    match outcome {
        Ok(_) | Err(Error::Encoding(_)) => Cut::Token(rare_of(raw), raw.len()),
        Err(error) if is_unfinished(&error, raw.len(), rest.len()) => Cut::More,
        Err(_) => Cut::Bad(raw.len()),
    }
}

/// Whether a piece with so many octets from its beginning on is a whole token: a tag and a reference end by themselves,
/// whatever stands in them; a text ends where something else begins, and the last octets of a document may go on.
pub(super) fn is_whole(piece: &[u8], len: usize) -> bool {
    matches!(piece, [b'<', ..] | [b'&', .., b';']) || piece.len() < len
}

/// Whether the library says that something does not end: then it passed over nothing.
pub(super) fn is_unfinished(error: &Error, passed: usize, len: usize) -> bool {
    match error {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => len < 3,
        Error::Syntax(_) => passed == 0,
        _ => false,
    }
}

/// The token of a whole piece that begins with `<!` or `<?`.
pub(super) fn rare_of(raw: &[u8]) -> Token<'_> {
    if let Some(content) = raw.strip_prefix(b"<![CDATA[") {
        return Token::CData(content.strip_suffix(b"]]>").unwrap_or(content));
    }
    match raw {
        [b'<', b'?', b'x', b'm', b'l', next, ..] if is_blank(*next) => Token::Declaration(raw),
        [b'<', b'!', b'D' | b'd', ..] => Token::Doctype(raw),
        _ => Token::Other,
    }
}

/// The character of a reference: the five of XML, or a number.
pub(super) fn resolve(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"apos" => Some('\''),
        b"quot" => Some('"'),
        [b'#', number @ ..] => {
            let number = std::str::from_utf8(number).ok()?;
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
            // `from_str_radix` takes a sign.
            let is_plain = digits.bytes().all(|octet| octet.is_ascii_alphanumeric());
            u32::from_str_radix(digits, radix).ok().filter(|_| is_plain).and_then(char::from_u32)
        }
        _ => None,
    }
}

/// The charset that an XML declaration names.
pub(super) fn declared(declaration: &[u8]) -> Option<&[u8]> {
    let name = b"encoding";
    let at = declaration.windows(name.len()).position(|part| part == name)?;
    let rest = declaration.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    rest.get(..rest.iter().position(|octet| octet == quote)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(mut rest: &[u8]) -> Vec<Token<'_>> {
        let mut out = Vec::new();
        while let Cut::Token(token, len) = cut(rest) {
            out.push(token);
            rest = &rest[len..];
        }
        out
    }

    #[test]
    fn a_document_is_cut_into_its_pieces() {
        let text = b"<?xml version='1.0'?><a:b x='>'>t&amp;&x</a:b ><c/><!-- --><![CDATA[<]]><?p?><!DOCTYPE z>";
        assert_eq!(
            tokens(text),
            [
                Token::Declaration(b"<?xml version='1.0'?>"),
                Token::Start { name: b"a:b", attributes: b" x='>'", empty: false },
                Token::Text(b"t"),
                Token::Reference(b"amp"),
                Token::Text(b"&x"),
                Token::End { name: b"a:b" },
                Token::Start { name: b"c", attributes: b"", empty: true },
                Token::Other,
                Token::CData(b"<"),
                Token::Other,
                Token::Doctype(b"<!DOCTYPE z>"),
            ]
        );
    }

    #[test]
    fn references_and_declarations() {
        assert_eq!(
            [&b"amp"[..], b"#65", b"#x3042", b"quot"].map(resolve),
            [Some('&'), Some('A'), Some('あ'), Some('"')]
        );
        assert_eq!([&b"x"[..], b"#", b"#x", b"#+65", b"#xD800", b"#99999999999"].map(resolve), [None; 6]);
        assert_eq!(declared(b"<?xml version='1.0' encoding = 'Shift_JIS' ?>"), Some(&b"Shift_JIS"[..]));
        assert_eq!((declared(b"<?xml version='1.0'?>"), declared(b"<?xml encoding='x?>")), (None, None));
    }

    #[test]
    fn what_does_not_end_wants_more() {
        for text in
            ["<", "<a", "</a", "<!", "<!-", "<!--x--", "<![CDATA[x]]", "<?x", "<!DOCTYPE", "text", "&amp", "<a x='>"]
        {
            assert_eq!(cut(text.as_bytes()), Cut::More, "{text}");
        }
        assert_eq!((cut(b""), cut(b"<!x>"), cut(b"<!-x-->..")), (Cut::End, Cut::Bad(0), Cut::Bad(7)));
    }

    #[test]
    fn a_piece_is_whole_where_it_is_cut_off() {
        for text in [&b"<a>"[..], b"<\x80>", b"&amp;", b"&\x80;", b"&\x80", b"\x80;", b";", b"t", b"&;", b"&"] {
            let is_cut = matches!(cut(text), Cut::Token(_, len) if len == text.len());
            assert_eq!(is_whole(text, text.len()), is_cut, "{text:?}");
            let more = [text, b"<b>"].concat();
            let is_cut = matches!(cut(&more), Cut::Token(_, len) if len == text.len());
            assert!(is_whole(text, more.len()) && is_cut, "{text:?}");
        }
    }
}
