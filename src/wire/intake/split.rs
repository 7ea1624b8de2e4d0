//! Rows and cells of CSV text: commas, quotes doubled inside quotes, CR, LF or CRLF.

use memchr::{memchr, memchr_iter, memchr2};

/// Where a row ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// A row without quotes: its cells lie in the text itself.
    Plain {
        /// Where its text ends.
        end: usize,
        /// Where the next row begins.
        next: usize,
    },
    /// A row with quotes: its cells were copied.
    Quoted {
        /// Where the next row begins.
        next: usize,
        /// How many line ends stand inside its quotes.
        inner: u64,
    },
    /// The text ends before the row does.
    More {
        /// Whether it ends inside quotes.
        quoted: bool,
    },
}

/// Finds the first row of a text. With `last` the text is the end of the file. The cells of a quoted row are put into
/// `copy` and `spans`; those of a plain one are for [`plain_cells`].
pub(super) fn scan(text: &str, last: bool, copy: &mut String, spans: &mut Vec<(usize, usize)>) -> Scan {
    let bytes = text.as_bytes();
    let end = memchr2(b'\n', b'\r', bytes);
    let line = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes);
    if memchr(b'"', line).is_some() {
        return quoted(text, last, copy, spans);
    }
    match end.map(|end| (end, line_end(bytes, end, last))) {
        Some((end, Some(next))) => Scan::Plain { end, next },
        None if last => Scan::Plain { end: bytes.len(), next: bytes.len() },
        _ => Scan::More { quoted: false },
    }
}

/// Where the next row begins; nothing where it depends on text that is not there yet (a CR at the end).
fn line_end(bytes: &[u8], at: usize, last: bool) -> Option<usize> {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => Some(at + 2),
        (Some(b'\r'), None) if !last => None,
        _ => Some(at + 1),
    }
}

/// The cells of a plain row.
pub(super) fn plain_cells(row: &str, spans: &mut Vec<(usize, usize)>) {
    spans.clear();
    let mut from = 0;
    for comma in memchr_iter(b',', row.as_bytes()) {
        spans.push((from, comma));
        from = comma + 1;
    }
    spans.push((from, row.len()));
}

fn quoted(text: &str, last: bool, copy: &mut String, spans: &mut Vec<(usize, usize)>) -> Scan {
    copy.clear();
    spans.clear();
    let bytes = text.as_bytes();
    let (mut at, mut inner) = (0, 0);
    loop {
        let start = copy.len();
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let rest = text.get(at..).unwrap_or_default();
                let Some(quote) = memchr(b'"', rest.as_bytes()) else { return Scan::More { quoted: true } };
                let inside = rest.get(..quote).unwrap_or_default();
                inner += line_ends(inside);
                copy.push_str(inside);
                at += quote + 1;
                match bytes.get(at) {
                    Some(b'"') => {
                        copy.push('"');
                        at += 1;
                    }
                    // Whether the quote closes is not known before the next character.
                    None if !last => return Scan::More { quoted: true },
                    _ => break,
                }
            }
        }
        // An unquoted cell, or what stands behind a closing quote.
        let rest = text.get(at..).unwrap_or_default();
        let stop = rest.bytes().position(|byte| matches!(byte, b',' | b'\n' | b'\r'));
        copy.push_str(rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default());
        spans.push((start, copy.len()));
        let Some(stop) = stop else {
            return if last { Scan::Quoted { next: bytes.len(), inner } } else { Scan::More { quoted: false } };
        };
        at += stop;
        if bytes.get(at) == Some(&b',') {
            at += 1;
            continue;
        }
        return match line_end(bytes, at, last) {
            Some(next) => Scan::Quoted { next, inner },
            None => Scan::More { quoted: false },
        };
    }
}

/// Line ends inside quotes; a CRLF is one.
fn line_ends(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let lone = |at: usize| bytes.get(at + 1) != Some(&b'\n');
    let count = memchr_iter(b'\n', bytes).count() + memchr_iter(b'\r', bytes).filter(|at| lone(*at)).count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let (mut rest, mut copy, mut spans, mut rows) = (text, String::new(), Vec::new(), Vec::new());
        while !rest.is_empty() {
            let next = match scan(rest, true, &mut copy, &mut spans) {
                Scan::Plain { end, next } => {
                    plain_cells(&rest[..end], &mut spans);
                    if end > 0 {
                        rows.push(spans.iter().map(|(a, b)| rest[*a..*b].to_owned()).collect());
                    }
                    next
                }
                Scan::Quoted { next, .. } => {
                    rows.push(spans.iter().map(|(a, b)| copy[*a..*b].to_owned()).collect());
                    next
                }
                Scan::More { quoted } => {
                    assert!(quoted, "only an open quote has no end");
                    break;
                }
            };
            rest = &rest[next..];
        }
        rows
    }

    fn by_library(text: &str) -> Vec<Vec<String>> {
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn line_ends_and_quotes_are_read() {
        assert_eq!(rows("a,b\r\nc,\"d,\"\"e\"\"\r\nf\"\rg"), [vec!["a", "b"], vec!["c", "d,\"e\"\r\nf"], vec!["g"]]);
        assert_eq!(rows("a,,\n\n\"\",b\n"), [vec!["a", "", ""], vec!["", "b"]]);
    }

    #[test]
    fn a_line_end_that_may_go_on_waits_for_more() {
        let (copy, spans) = (&mut String::new(), &mut Vec::new());
        assert_eq!(scan("a,b\r", false, copy, spans), Scan::More { quoted: false });
        assert_eq!(scan("a,\"b\"", false, copy, spans), Scan::More { quoted: true });
        assert_eq!(scan("a,\"b\nc\"\r\n", false, copy, spans), Scan::Quoted { next: 9, inner: 1 });
        assert_eq!(scan("a,b", false, copy, spans), Scan::More { quoted: false });
    }

    proptest! {
        /// The library is the oracle wherever every quote is closed.
        #[test]
        fn rows_are_those_of_the_csv_library(text in "([a,\r\n]|\"[a,\r\n]{0,3}(\"\")?\"){0,20}") {
            prop_assume!(!text.contains("a\""));
            prop_assume!(rows(&text).iter().flatten().count() > 0);
            let closed = text.matches('"').count() % 2 == 0;
            if closed {
                prop_assert_eq!(rows(&text), by_library(&text));
            }
        }
    }
}
