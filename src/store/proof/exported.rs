//! 台帳の書き出し: one line as a file holds it, and back — the entry octet by octet, for it is what the digest is over.

use super::super::LedgerLine;
use std::io::{self, BufRead};

/// One line as it is exported: `{"seq":N,"entry":{…},"digest":"…"}`.
#[must_use]
pub fn exported(line: &LedgerLine) -> String {
    format!(r#"{{"seq":{},"entry":{},"digest":"{}"}}"#, line.seq, line.entry, line.digest)
}

/// Number, entry and digest of an exported line. It is written by [`exported`] alone, so it is read by its form.
fn parts(line: &str) -> Option<(u64, &str, &str)> {
    let (seq, rest) = line.strip_prefix(r#"{"seq":"#)?.split_once(r#","entry":"#)?;
    let rest = rest.strip_suffix("\"}")?;
    let (entry, digest) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
    Some((seq.parse().ok()?, entry.strip_suffix(r#","digest":""#)?, digest))
}

/// Visits every line of an exported ledger; one that cannot be read as such is nothing. Ends where `visit` says so.
pub fn each_exported(
    mut file: impl BufRead,
    mut visit: impl FnMut(Option<(u64, &str, &str)>) -> bool,
) -> io::Result<()> {
    let mut line = Vec::with_capacity(2048);
    while file.read_until(b'\n', &mut line)? > 0 {
        let text = std::str::from_utf8(&line).ok().map(|text| text.trim_end_matches(['\n', '\r']));
        if !visit(text.and_then(parts)) {
            break;
        }
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_octet_by_octet() {
        let digest = "a".repeat(64);
        for entry in [r#"{"at":"…","items":[{"a":1}]}"#, "{}", r#"{"digest":"x"}"#, "", r#"{ "blank" : 1 }"#] {
            let line = LedgerLine { seq: 7, entry: entry.into(), digest: digest.clone() };
            let text = exported(&line);
            assert_eq!(parts(&text), Some((7, entry, digest.as_str())));
            for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                assert_eq!(parts(&text[..cut]), None, "{cut}");
            }
        }
        assert_eq!(parts(""), None);
        assert_eq!(parts(r#"{"seq":x,"entry":{},"digest":""}"#), None);
    }
}
