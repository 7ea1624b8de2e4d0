//! Pieces of a page: escaping, dates, ids.

use crate::desk::view::Lang;
use crate::items::{Date, SupplyPointId};
use jiff::civil::Weekday;
use std::fmt::{self, Write as _};

/// Writes to a `String`, which cannot fail.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($out, $($arg)*);
    }};
}
pub(in crate::desk) use put;

/// Text in a page: nothing in it is markup, and nothing in it turns the direction of what follows.
pub(in crate::desk) struct Esc<'a>(pub(in crate::desk) &'a str);

impl fmt::Display for Esc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(special) {
            let (before, from) = rest.split_at(at);
            f.write_str(before)?;
            let mut chars = from.chars();
            match chars.next() {
                Some('&') => f.write_str("&amp;")?,
                Some('<') => f.write_str("&lt;")?,
                Some('>') => f.write_str("&gt;")?,
                Some('"') => f.write_str("&quot;")?,
                Some('\'') => f.write_str("&#39;")?,
                _ => f.write_char('\u{FFFD}')?,
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}

fn special(found: char) -> bool {
    matches!(found, '&' | '<' | '>' | '"' | '\'' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || (found.is_control() && !matches!(found, '\n' | '\t'))
}

/// A supply point id as people read it, 2-4-4-4-4-4; any other text as it is.
#[must_use]
pub fn grouped(point: &str) -> String {
    match SupplyPointId::parse(point) {
        Ok(id) => id.grouped().to_string(),
        Err(_) => point.to_owned(),
    }
}

/// `10,000`.
pub(super) fn count(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (above, rest) => format!("{},{rest:03}", count(above)),
    }
}

/// `2026/06/14(日)`.
pub(in crate::desk) fn full(date: Date, lang: Lang) -> String {
    format!("{:04}/{}", date.year(), short(date, lang))
}

/// `06/14(日)`.
pub(super) fn short(date: Date, lang: Lang) -> String {
    let (ja, en) = match date.weekday() {
        Weekday::Monday => ("月", "Mon"),
        Weekday::Tuesday => ("火", "Tue"),
        Weekday::Wednesday => ("水", "Wed"),
        Weekday::Thursday => ("木", "Thu"),
        Weekday::Friday => ("金", "Fri"),
        Weekday::Saturday => ("土", "Sat"),
        Weekday::Sunday => ("日", "Sun"),
    };
    format!("{:02}/{:02}({})", date.month(), date.day(), lang.pick(ja, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            Esc("<a href='x'>\"&\0\u{202E}山").to_string(),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{FFFD}\u{FFFD}山"
        );
    }

    #[test]
    fn ids_are_grouped_and_other_text_left() {
        assert_eq!(grouped("0300111122223333444455"), "03-0011-1122-2233-3344-4455");
        assert_eq!(grouped("3.00112E+20"), "3.00112E+20");
    }

    #[test]
    fn counts_are_read_in_thousands() {
        assert_eq!([0, 999, 1_000, 1_002_003].map(count), ["0", "999", "1,000", "1,002,003"]);
    }

    #[test]
    fn dates_name_the_day_of_the_week() {
        let date = Date::constant(2026, 6, 14);
        assert_eq!((full(date, Lang::Ja), short(date, Lang::En)), ("2026/06/14(日)".into(), "06/14(Sun)".into()));
    }
}
