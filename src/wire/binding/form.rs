//! 書式: how dates, flags, parties and names are written.

use crate::items::{Date, DateTime, YearMonth};
use crate::notice::{Party, Role};
use std::fmt;

/// 日付書式: `YYYY`, `MM`, `DD`, `hh`, `mm`, `ss` and the signs between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::wire) struct Form {
    parts: Box<[Part]>,
    /// Whether what stands in it is canonical.
    is_iso: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Sign(char),
}

/// What a form must tell: the parts that a date, a moment or a month has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wire) enum Scope {
    Date,
    DateTime,
    Month,
}

impl Scope {
    const fn parts(self) -> &'static [Part] {
        use Part::{Day, Hour, Minute, Month, Second, Year};
        match self {
            Scope::Date => &[Year, Month, Day],
            Scope::DateTime => &[Year, Month, Day, Hour, Minute, Second],
            Scope::Month => &[Year, Month],
        }
    }
    pub(in crate::wire) const fn example(self) -> &'static str {
        match self {
            Scope::Date => "YYYY-MM-DD",
            Scope::DateTime => "YYYY-MM-DDThh:mm:ss",
            Scope::Month => "YYYY-MM",
        }
    }
}

impl Form {
    /// Reads a form that has every part of its scope exactly once and no other.
    pub(super) fn parse(text: &str, scope: Scope) -> Option<Form> {
        const WORDS: [(&str, Part); 6] = [
            ("YYYY", Part::Year),
            ("MM", Part::Month),
            ("DD", Part::Day),
            ("hh", Part::Hour),
            ("mm", Part::Minute),
            ("ss", Part::Second),
        ];
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(sign) = rest.chars().next() {
            if let Some((word, part)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
                parts.push(*part);
                rest = rest.get(word.len()..).unwrap_or_default();
            } else {
                if !"-/:. T年月日時分秒".contains(sign) {
                    return None;
                }
                parts.push(Part::Sign(sign));
                rest = rest.get(sign.len_utf8()..).unwrap_or_default();
            }
        }
        let told = |part: &Part| parts.iter().filter(|other| *other == part).count();
        let values = parts.iter().filter(|part| !matches!(part, Part::Sign(_))).count();
        let complete = values == scope.parts().len() && scope.parts().iter().all(|part| told(part) == 1);
        complete.then(|| Form { parts: parts.into(), is_iso: text == scope.example() })
    }

    /// Whether XML Schema has a type for this form.
    pub(in crate::wire) const fn is_iso(&self) -> bool {
        self.is_iso
    }

    /// The form as a regular expression of XML Schema.
    pub(in crate::wire) fn pattern(&self) -> String {
        self.parts.iter().fold(String::new(), |mut pattern, part| {
            match part {
                Part::Year => pattern.push_str("[0-9]{4}"),
                Part::Sign('.') => pattern.push_str("\\."),
                Part::Sign('-') => pattern.push_str("\\-"),
                Part::Sign(sign) => pattern.push(*sign),
                _ => pattern.push_str("[0-9]{2}"),
            }
            pattern
        })
    }

    /// Writes the parts; every character is given to `put`.
    pub(in crate::wire) fn write(&self, time: DateTime, mut put: impl FnMut(char)) {
        let digit = |value: i16| char::from(b'0' + (value.rem_euclid(10)) as u8);
        for part in &self.parts {
            let two = match part {
                Part::Year => {
                    let year = time.year();
                    put(digit(year / 1000));
                    put(digit(year / 100));
                    year % 100
                }
                Part::Month => time.month().into(),
                Part::Day => time.day().into(),
                Part::Hour => time.hour().into(),
                Part::Minute => time.minute().into(),
                Part::Second => time.second().into(),
                Part::Sign(sign) => {
                    put(*sign);
                    continue;
                }
            };
            put(digit(two / 10));
            put(digit(two));
        }
    }

    /// Reads exactly this form into the parts year, month, day, hour, minute, second.
    fn read(&self, text: &str) -> Option<[i16; 6]> {
        let mut found = [1, 1, 1, 0, 0, 0];
        let mut rest = text;
        for part in &self.parts {
            let (place, width) = match part {
                Part::Year => (0, 4),
                Part::Month => (1, 2),
                Part::Day => (2, 2),
                Part::Hour => (3, 2),
                Part::Minute => (4, 2),
                Part::Second => (5, 2),
                Part::Sign(sign) => {
                    rest = rest.strip_prefix(*sign)?;
                    continue;
                }
            };
            let digits = rest.get(..width).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            *found.get_mut(place)? = digits.parse().ok()?;
            rest = rest.get(width..)?;
        }
        rest.is_empty().then_some(found)
    }

    /// The canonical text of what stands in this form; `None` where it does not.
    pub(in crate::wire) fn canonical(&self, text: &str, scope: Scope) -> Option<String> {
        let [year, month, day, hour, minute, second] = self.read(text)?;
        let small = |value| i8::try_from(value).ok();
        let (month, day) = (small(month)?, small(day)?);
        let canonical = |value: &dyn fmt::Display| if self.is_iso { text.to_owned() } else { value.to_string() };
        match scope {
            Scope::Date => Date::new(year, month, day).ok().map(|date| canonical(&date)),
            Scope::DateTime => DateTime::new(year, month, day, small(hour)?, small(minute)?, small(second)?, 0)
                .ok()
                .map(|time| canonical(&time)),
            Scope::Month => YearMonth::new(year, month).map(|month| canonical(&month)),
        }
    }
}

/// 当事者の書式: how the parties of a role are written: a text with `{}` for the code, or a text alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::wire) struct PartyForm {
    pub(super) role: Role,
    pub(super) before: Box<str>,
    pub(super) after: Option<Box<str>>,
}

impl PartyForm {
    pub(super) fn parse(role: Role, text: &str) -> PartyForm {
        match text.split_once("{}") {
            Some((before, after)) => PartyForm { role, before: before.into(), after: Some(after.into()) },
            None => PartyForm { role, before: text.into(), after: None },
        }
    }

    /// Writes the party, if it is of this role and its code is known where one is written.
    pub(in crate::wire) fn write(&self, party: Party, out: &mut impl fmt::Write) -> bool {
        if party.role != self.role || party.code.is_some() != self.after.is_some() {
            return false;
        }
        let mut written = out.write_str(&self.before);
        if let (Some(code), Some(after)) = (party.code, &self.after) {
            use crate::items::Code as _;
            use crate::notice::PartyCode;
            written = written.and(match code {
                PartyCode::Business(code) => write!(out, "{code}"),
                PartyCode::Area(area) => out.write_str(area.key()),
                PartyCode::Name(name) => out.write_str(name.as_str()),
            });
            written = written.and(out.write_str(after));
        }
        written.is_ok()
    }

    /// Reads a party written in this form.
    pub(in crate::wire) fn read(&self, text: &str) -> Option<Party> {
        use crate::items::Code as _;
        match &self.after {
            None => (*self.before == *text).then(|| Party::of(self.role)),
            Some(after) => {
                let code = text.strip_prefix(&*self.before)?.strip_suffix(&**after)?;
                Party::parse(&format!("{}:{code}", self.role.key())).ok()
            }
        }
    }
}

/// 命名規則: how the name of an element follows from a key: `supply-point-id` → `SupplyPointId`.
pub(super) fn element_name(key: &str) -> String {
    key.split('-').fold(String::with_capacity(key.len()), |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// Whether a text can be the name of an XML element without a prefix.
pub(super) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::{Area, BusinessCode};
    use jiff::civil::datetime;

    fn written(form: &str, scope: Scope) -> String {
        let mut text = String::new();
        Form::parse(form, scope).unwrap().write(datetime(2026, 1, 2, 3, 4, 5, 0), |c| text.push(c));
        text
    }

    #[test]
    fn forms_are_written_and_read() {
        for (form, scope, text, canonical) in [
            ("YYYY-MM-DD", Scope::Date, "2026-01-02", "2026-01-02"),
            ("YYYYMMDD", Scope::Date, "20260102", "2026-01-02"),
            ("YYYY年MM月DD日", Scope::Date, "2026年01月02日", "2026-01-02"),
            ("DD.MM.YYYY", Scope::Date, "02.01.2026", "2026-01-02"),
            ("YYYYMMDDhhmmss", Scope::DateTime, "20260102030405", "2026-01-02T03:04:05"),
            ("YYYY/MM", Scope::Month, "2026/01", "2026-01"),
        ] {
            assert_eq!(written(form, scope), text);
            assert_eq!(Form::parse(form, scope).unwrap().canonical(text, scope).as_deref(), Some(canonical));
        }
        let date = Form::parse("YYYYMMDD", Scope::Date).unwrap();
        for wrong in ["2026010", "202601021", "20261301", "20260229", "2026-01-02", "", "２０２６０１０２"] {
            assert_eq!(date.canonical(wrong, Scope::Date), None, "{wrong}");
        }
        assert!(Form::parse("YYYY-MM-DD", Scope::Date).unwrap().is_iso() && !date.is_iso());
        assert_eq!(date.pattern(), "[0-9]{4}[0-9]{2}[0-9]{2}");
    }

    #[test]
    fn a_form_tells_every_part_once() {
        for (form, scope) in [
            ("YYYY-MM", Scope::Date),
            ("YYYY-MM-DD", Scope::Month),
            ("YYYY-MM-MM-DD", Scope::Date),
            ("YY-MM-DD", Scope::Date),
            ("YYYY-MM-DD<", Scope::Date),
            ("", Scope::Month),
        ] {
            assert_eq!(Form::parse(form, scope), None, "{form}");
        }
    }

    #[test]
    fn parties_are_written_and_read() {
        let retailer = PartyForm::parse(Role::Retailer, "R{}");
        let occto = PartyForm::parse(Role::Occto, "OCCTO");
        let us = Party::retailer(BusinessCode::parse("40113").unwrap());
        let mut text = String::new();
        assert!(retailer.write(us, &mut text) && text == "R40113");
        assert!(!retailer.write(Party::operator(Area::Tokyo), &mut text));
        assert!(!retailer.write(Party::of(Role::Retailer), &mut text));
        assert_eq!(retailer.read("R40113"), Some(us));
        assert_eq!((retailer.read("R4011"), retailer.read("40113")), (None, None));
        assert_eq!(occto.read("OCCTO"), Some(Party::OCCTO));
    }

    #[test]
    fn names_follow_from_keys() {
        assert_eq!(element_name("supply-point-id"), "SupplyPointId");
        assert!(is_name("SupplyPointId") && is_name("供給地点") && is_name("_a-1"));
        assert!(!is_name("1a") && !is_name("a b") && !is_name("") && !is_name("a:b") && !is_name("a<"));
    }
}
