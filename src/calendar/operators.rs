//! 一般送配電事業者ごとの休業日, from the data file.

use super::{CalendarDataError, Closed};
use crate::items::{Area, Code, Date};
use serde::Deserialize;

const FILE: &str = "operators.toml";

/// The days on which operators are closed beside weekends and holidays.
#[derive(Clone, Debug)]
pub(super) struct Operators(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    areas: Vec<Area>,
    name: String,
    from: (i8, i8),
    to: (i8, i8),
    business: bool,
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    closed: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    areas: Vec<String>,
    name: String,
    from: String,
    to: String,
    business: bool,
    #[serde(rename = "source")]
    _source: String,
    verified: bool,
}

impl Operators {
    pub(super) fn read(text: &str) -> Result<Operators, CalendarDataError> {
        let file: File = toml::from_str(text).map_err(|error| CalendarDataError::toml(FILE, text, &error))?;
        let mut entries = file.closed.into_iter().map(Row::entry).collect::<Result<Vec<_>, _>>()?;
        entries.retain(|entry| entry.business);
        Ok(Operators(entries))
    }

    /// Why an operator is closed on a date that is neither a weekend nor a national holiday.
    pub(super) fn closed(&self, area: Area, date: Date) -> Option<Closed<'_>> {
        let day = (date.month(), date.day());
        let within = |entry: &Entry| match entry.from <= entry.to {
            true => entry.from <= day && day <= entry.to,
            false => entry.from <= day || day <= entry.to,
        };
        let entry = self.0.iter().find(|entry| entry.areas.contains(&area) && within(entry))?;
        Some(Closed::Operator { name: &entry.name, verified: entry.verified })
    }
}

impl Row {
    fn entry(self) -> Result<Entry, CalendarDataError> {
        let (from, to) = (month_day(&self.from)?, month_day(&self.to)?);
        let areas = areas(FILE, &self.areas)?;
        Ok(Entry { areas, name: self.name, from, to, business: self.business, verified: self.verified })
    }
}

/// Reads area numbers `01`–`10`.
pub(super) fn areas(file: &'static str, keys: &[String]) -> Result<Vec<Area>, CalendarDataError> {
    let unknown = |key: &String| {
        let ja = format!("供給区域「{key}」は01〜10ではありません");
        CalendarDataError::new(file, None, ja, format!("`{key}` is not an area 01 to 10"))
    };
    keys.iter().map(|key| Area::from_key(key).ok_or_else(|| unknown(key))).collect()
}

/// Reads `12-29`.
fn month_day(text: &str) -> Result<(i8, i8), CalendarDataError> {
    // A leap year, so that 02-29 can be named.
    let date = format!("2024-{text}").parse::<Date>().map_err(|_| {
        let ja = format!("「{text}」は 12-29 のような月日ではありません");
        CalendarDataError::new(FILE, None, ja, format!("`{text}` is not a month and day like 12-29"))
    })?;
    Ok((date.month(), date.day()))
}
