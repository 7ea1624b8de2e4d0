//! ファイル一覧: what an operator's download system says is there to be taken (`FileListReceiver`).
//!
//! The answer is a text with a `<comment>…</comment>`; in it stand comma-separated tokens `rfilename1:"…"` and
//! `rfilesize1:"…"`, a pair for each file. Source: facts/wire.md §3.1 (C, a client that ran against real systems).
//! What stands around the comment, the charset, whether a quote can be escaped and what an empty list looks like were
//! not seen: everything but the pairs is read leniently, and what could not be read is named.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// 一覧: the files, each once, in the order of the listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files.
    pub files: Vec<ListedFile>,
    /// How many entries said again what another had said already.
    pub duplicates: u64,
    /// What could not be read as it should be.
    pub oddities: Vec<Oddity>,
}

/// 一覧のファイル: name and size as the other side wrote them. The name is hostile until it was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// The `n` of `rfilename{n}`.
    pub number: u64,
    /// The name.
    pub name: String,
    /// The size in bytes; nothing where the listing does not say a readable one.
    pub size: Option<u64>,
}

/// 一覧の不備: an entry that is not a pair of name and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The `n` of the entry; nothing where the token has no readable one.
    pub number: Option<u64>,
    /// What is wrong with it.
    pub kind: OddityKind,
}

crate::code_set! {
    /// 一覧の不備の種類.
    pub enum OddityKind = "listing-oddity" {
        NoName = "no-name", "ファイル名がありません", "it has no file name";
        NoSize = "no-size", "大きさがありません", "it has no size";
        BadSize = "bad-size", "大きさが数字ではありません", "its size is not a number";
        TwoSizes = "two-sizes", "同じ名前で大きさの違うものがあります", "the same name stands there with another size";
        Token = "token", "読めない項目があります", "a token cannot be read";
    }
}

/// 一覧の誤り: why an answer is no listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingError {
    /// A page for people: maintenance, closed, or a login.
    Html,
    /// No `<comment>`.
    NoComment,
    /// A `<comment>` without its end.
    BrokenOff,
}

impl ListingError {
    /// What is wrong, in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            ListingError::Html => "一覧の代わりにHTML画面が返りました",
            ListingError::NoComment => "応答に <comment> がありません",
            ListingError::BrokenOff => "<comment> が途中で切れています",
        }
    }
    /// What is wrong, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            ListingError::Html => "an HTML page came in place of a listing",
            ListingError::NoComment => "the answer has no <comment>",
            ListingError::BrokenOff => "the <comment> breaks off",
        }
    }
}

impl fmt::Display for ListingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.ja(), self.en())
    }
}

impl std::error::Error for ListingError {}

impl Listing {
    /// Reads the answer of a `FileListReceiver`.
    pub fn parse(octets: &[u8]) -> Result<Listing, ListingError> {
        // Names and sizes are ASCII: whatever charset the rest has, they survive.
        let text = String::from_utf8_lossy(octets);
        let (bodies, whole) = comments(&text);
        let mut reading = Reading::default();
        for body in &bodies {
            reading.body(&unescaped(body));
        }
        if reading.entries.is_empty() && is_html(octets) {
            return Err(ListingError::Html);
        }
        match (bodies.is_empty(), whole) {
            (_, false) => Err(ListingError::BrokenOff),
            (true, true) => Err(ListingError::NoComment),
            (false, true) => Ok(reading.finish()),
        }
    }
}

/// Whether octets are a page for people rather than data: they begin with a document type or an element of HTML.
#[must_use]
pub fn is_html(octets: &[u8]) -> bool {
    let head = octets.get(..octets.len().min(4096)).unwrap_or_default();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().to_ascii_lowercase();
    let has = |part: &[u8]| memchr::memmem::find(&head, part).is_some();
    head.starts_with(b"<!doctype html")
        || head.starts_with(b"<html")
        // A page that was written without one.
        || [&b"<head>"[..], b"<body>", b"<body ", b"<title>", b"<meta ", b"<center>"].iter().any(|tag| head.starts_with(tag))
        || ((head.starts_with(b"<?xml") || head.starts_with(b"<!--")) && has(b"<html"))
}

/// The insides of the `<comment>` elements, and whether the last one has its end.
fn comments(text: &str) -> (Vec<&str>, bool) {
    let mut bodies = Vec::new();
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    let at = |from: usize, part: &str| lower.get(from..).and_then(|rest| rest.find(part)).map(|found| from + found);
    while let Some(start) = at(from, "<comment") {
        let after = start + "<comment".len();
        // `<comments>` is another element.
        if !lower
            .get(after..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['>', '/', ' ', '\t', '\r', '\n']))
        {
            from = after;
            continue;
        }
        let Some(open) = at(after, ">") else { return (bodies, false) };
        if lower.get(..open).is_some_and(|head| head.ends_with('/')) {
            bodies.push("");
            from = open + 1;
            continue;
        }
        let Some(end) = at(open + 1, "</comment") else { return (bodies, false) };
        bodies.extend(text.get(open + 1..end));
        from = end + "</comment".len();
    }
    (bodies, true)
}

/// The text of an element without CDATA marks and with the quotes that XML may have escaped.
fn unescaped(body: &str) -> Cow<'_, str> {
    if !body.contains(['&', '<']) {
        return Cow::Borrowed(body);
    }
    let plain = body.replace("<![CDATA[", "").replace("]]>", "");
    let quoted = plain.replace("&quot;", "\"").replace("&#34;", "\"").replace("&apos;", "'");
    Cow::Owned(quoted.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// What was read of an entry so far.
#[derive(Default)]
struct Entry {
    number: u64,
    name: Option<String>,
    size: Option<Result<u64, ()>>,
}

#[derive(Default)]
struct Reading {
    entries: Vec<Entry>,
    /// The newest entry of a number.
    newest: HashMap<u64, usize>,
    oddities: Vec<Oddity>,
}

impl Reading {
    fn body(&mut self, body: &str) {
        let mut rest = body;
        loop {
            rest = rest.trim_start_matches(|c: char| c == ',' || c == ';' || c.is_whitespace());
            if rest.is_empty() {
                return;
            }
            let (token, after) = token(rest);
            rest = after;
            match token {
                Some((key, value)) => self.token(key, value),
                None => self.odd(None, OddityKind::Token),
            }
        }
    }

    fn token(&mut self, key: &str, value: &str) {
        let key = key.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace()).to_ascii_lowercase();
        let (of_name, number) = match (key.strip_prefix("rfilename"), key.strip_prefix("rfilesize")) {
            (Some(number), _) => (true, number),
            (_, Some(number)) => (false, number),
            // Another word of the comment: nothing is known of any, and none is needed.
            _ => return,
        };
        let Ok(number) = number.trim().parse() else { return self.odd(None, OddityKind::Token) };
        let value = value.trim();
        let entry = self.entry(number, of_name);
        if of_name {
            entry.name = Some(value.to_owned());
        } else {
            let digits: String = value.chars().filter(|c| *c != ',').collect();
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            entry.size = Some(if plain { digits.parse().map_err(drop) } else { Err(()) });
        }
    }

    /// The entry of a number that lacks a name or a size; a number may come again.
    fn entry(&mut self, number: u64, of_name: bool) -> &mut Entry {
        let open = self.newest.get(&number).copied().filter(|index| {
            let entry = self.entries.get(*index);
            entry.is_some_and(|entry| if of_name { entry.name.is_none() } else { entry.size.is_none() })
        });
        let index = open.unwrap_or(self.entries.len());
        if open.is_none() {
            self.entries.push(Entry { number, ..Entry::default() });
            self.newest.insert(number, index);
        }
        #[allow(clippy::indexing_slicing, reason = "the index is of an entry, pushed just now if it was not there")]
        &mut self.entries[index]
    }

    fn odd(&mut self, number: Option<u64>, kind: OddityKind) {
        self.oddities.push(Oddity { number, kind });
    }

    fn finish(mut self) -> Listing {
        let mut listing = Listing::default();
        let mut known: HashMap<String, usize> = HashMap::new();
        for Entry { number, name, size } in std::mem::take(&mut self.entries) {
            let name = name.filter(|name| !name.is_empty());
            let Some(name) = name else {
                // A pair that is empty altogether is a place that nothing stands in.
                if size.is_some_and(|size| size != Err(())) {
                    self.odd(Some(number), OddityKind::NoName);
                }
                continue;
            };
            match size {
                None => self.odd(Some(number), OddityKind::NoSize),
                Some(Err(())) => self.odd(Some(number), OddityKind::BadSize),
                Some(Ok(_)) => {}
            }
            let size = size.and_then(Result::ok);
            match known.get(&name).and_then(|index| listing.files.get_mut(*index)) {
                Some(first) if first.size == size || size.is_none() => listing.duplicates += 1,
                // It is being revised: what was written later is more likely to hold.
                Some(first) => {
                    if first.size.is_some() {
                        self.odd(Some(number), OddityKind::TwoSizes);
                    }
                    first.size = size;
                    listing.duplicates += 1;
                }
                None => {
                    known.insert(name.clone(), listing.files.len());
                    listing.files.push(ListedFile { number, name, size });
                }
            }
        }
        listing.oddities = self.oddities;
        listing
    }
}

/// `key:"value"`, and what comes after it; nothing where there is no key and value up to the next comma.
fn token(text: &str) -> (Option<(&str, &str)>, &str) {
    let end_of = |text: &str| text.find(',').unwrap_or(text.len());
    let Some(colon) = text.find([':', '=']).filter(|colon| *colon < end_of(text)) else {
        return (None, text.split_at(end_of(text)).1);
    };
    let (key, rest) = (text.get(..colon).unwrap_or_default(), text.get(colon + 1..).unwrap_or_default());
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| *c == '"' || *c == '\'');
    let Some(quote) = quote else {
        let (value, after) = rest.split_at(end_of(rest));
        return (Some((key, value)), after);
    };
    let inside = rest.get(1..).unwrap_or_default();
    match inside.find(quote) {
        Some(end) => (Some((key, inside.get(..end).unwrap_or_default())), inside.get(end + 1..).unwrap_or_default()),
        None => (None, inside.split_at(end_of(inside)).1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<(String, Option<u64>)> {
        let listing = Listing::parse(text.as_bytes()).unwrap();
        assert_eq!(listing.oddities, [], "{text}");
        listing.files.into_iter().map(|file| (file.name, file.size)).collect()
    }

    #[test]
    fn pairs_are_read_in_every_dress() {
        let two = [("a.zip".to_owned(), Some(12)), ("b.zip".to_owned(), Some(3456))];
        let cases = [
            r#"<comment>rfilename1:"a.zip",rfilesize1:"12",rfilename2:"b.zip",rfilesize2:"3456"</comment>"#,
            "x\r\n<COMMENT>\r\nrfilename1:\"a.zip\" , rfilesize1:\"12\",\r\nrfilesize2:\"3,456\",rfilename2:\"b.zip\",\r\n</COMMENT >y",
            "<r><comment lang='ja'>rfilename1=a.zip,rfilesize1=12,rfilename2='b.zip',rfilesize2='3456'</comment></r>",
            r#"<comment><![CDATA["rfilename1":"a.zip","rfilesize1":"12"]]></comment><comment>rfilename2:"b.zip",rfilesize2:"3456"</comment>"#,
            r#"<comment>count:"2",rfilename1:&quot;a.zip&quot;,rfilesize1:&quot;12&quot;,rfilename2:"b.zip",rfilesize2:"3456",note:"x"</comment>"#,
            r#"<html><body><comment>rfilename01:"a.zip",rfilesize01:"12",rfilename7:"b.zip",rfilesize7:" 3456 "</comment>"#,
        ];
        for text in cases {
            assert_eq!(files(text), two, "{text}");
        }
        let cp932 = b"<title>\x83t\x83@\x83C\x83\x8b</title><comment>rfilename1:\"a.zip\",rfilesize1:\"12\"</comment>";
        assert_eq!(Listing::parse(cp932).unwrap().files.len(), 1);
    }

    #[test]
    fn an_empty_list_is_a_list() {
        for text in [
            "<comment></comment>",
            "<comment/>",
            "<comment> \r\n</comment>",
            r#"<comment>rfilename1:"",rfilesize1:""</comment>"#,
        ] {
            assert_eq!(files(text), [], "{text}");
        }
    }

    #[test]
    fn what_is_no_list_is_told_apart() {
        let cases = [
            ("", ListingError::NoComment),
            ("OK", ListingError::NoComment),
            ("<comments>rfilename1:\"a\"</comments>", ListingError::NoComment),
            ("<comment>rfilename1:\"a.zip\",rfile", ListingError::BrokenOff),
            ("<comment", ListingError::BrokenOff),
            ("<comment></comment><comment>", ListingError::BrokenOff),
            ("\u{feff} <!DOCTYPE HTML><p>メンテナンス中", ListingError::Html),
            ("<HTML lang=ja></HTML>", ListingError::Html),
            ("<?xml version=\"1.0\"?>\n<!-- x --><html xmlns=\"x\"/>", ListingError::Html),
            ("<html><comment></comment></html>", ListingError::Html),
            ("<head><meta charset=\"Shift_JIS\"><title>メンテナンス中</title></head>", ListingError::Html),
        ];
        for (text, error) in cases {
            assert_eq!(Listing::parse(text.as_bytes()), Err(error), "{text}");
        }
        assert!(!is_html(b"PK\x03\x04<html") && !is_html(b"") && !is_html(b"<comment>"));
        assert!(!is_html(b"<headers/>") && !is_html(b"<BodyData/>") && is_html(b"<body bgcolor=white>"));
    }

    #[test]
    fn twice_is_once_and_the_later_size_holds() {
        let text = r#"<comment>rfilename1:"a.zip",rfilesize1:"1",rfilename2:"a.zip",rfilesize2:"1",rfilename1:"a.zip",rfilesize1:"2",rfilename3:"a.zip"</comment>"#;
        let listing = Listing::parse(text.as_bytes()).unwrap();
        assert_eq!((listing.files.len(), listing.files[0].size, listing.duplicates), (1, Some(2), 3));
        let odd = [(Some(1), OddityKind::TwoSizes), (Some(3), OddityKind::NoSize)];
        assert_eq!(listing.oddities, odd.map(|(number, kind)| Oddity { number, kind }));
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_is_read() {
        let text = r#"<comment>rfilename1:"a.zip",rfilesize1:"-1",rfilesize2:"5",rubbish,rfilenameX:"x",rfilename4:"open,rfilename5:"b.zip",rfilesize5:"99999999999999999999",rfilename6:"c.zip",rfilesize6:"6"</comment>"#;
        let listing = Listing::parse(text.as_bytes()).unwrap();
        let kinds: Vec<_> = listing.oddities.iter().map(|odd| (odd.number, odd.kind)).collect();
        assert!(kinds.contains(&(Some(1), OddityKind::BadSize)), "{kinds:?}");
        assert!(kinds.contains(&(Some(2), OddityKind::NoName)), "{kinds:?}");
        assert!(kinds.contains(&(None, OddityKind::Token)), "{kinds:?}");
        assert_eq!(listing.files.first().map(|file| file.size), Some(None));
        assert_eq!(listing.files.last().map(|file| (file.name.as_str(), file.size)), Some(("c.zip", Some(6))));
    }

    #[test]
    fn no_input_panics() {
        let whole = r#"x<comment a="b">rfilename1:"あ.zip",rfilesize1:"12",rfilename2:'b',rfilesize2=3</comment>"#;
        for end in 0..=whole.len() {
            let _ = Listing::parse(&whole.as_bytes()[..end]);
            let mut changed = whole.as_bytes().to_vec();
            for byte in [0, b'"', b',', b':', b'<', 0xff] {
                if let Some(place) = changed.get_mut(end) {
                    *place = byte;
                }
                let _ = Listing::parse(&changed);
            }
        }
    }
}
