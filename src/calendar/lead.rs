//! 標準処理期間: how long a switch takes after matching, from the data file.

use super::operators::areas;
use super::{Calendar, CalendarDataError, CalendarError, Counted};
use crate::items::{Area, Code, Date, Family};
use serde::Deserialize;
use std::collections::BTreeMap;

const FILE: &str = "lead-times.toml";

crate::code_set! {
    /// 工事: the work a switch needs.
    ///
    /// Source: facts/switching.md §2.6 (D).
    pub enum Work = "work" {
        None = "none", "計器工事なし", "no meter work";
        Meter = "meter", "計器工事あり", "meter work";
        Transformer = "transformer", "計器・変成器工事あり", "meter and transformer work";
        Communication = "communication", "通信端末工事あり", "communication terminal work";
    }
}

/// 期間: business days, then calendar days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// 営業日
    pub business_days: u16,
    /// 暦日, counted after the business days.
    pub calendar_days: u16,
}

/// 最早切替日: the earliest date a switch can happen on, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earliest<'a> {
    /// The date.
    pub date: Date,
    /// How it was counted.
    pub counted: Counted<'a>,
    /// Whether the period and every closed day come from a source; else the date is an assumption.
    pub verified: bool,
    /// Where the period comes from.
    pub source: &'a str,
}

impl Period {
    /// 日本語: `8営業日＋2暦日`.
    #[must_use]
    pub fn ja(self) -> String {
        match (self.business_days, self.calendar_days) {
            (0, calendar) => format!("{calendar}暦日"),
            (business, 0) => format!("{business}営業日"),
            (business, calendar) => format!("{business}営業日＋{calendar}暦日"),
        }
    }

    /// `8 business days and 2 calendar days`.
    #[must_use]
    pub fn en(self) -> String {
        let days = |count: u16, kind: &str| match count {
            1 => format!("1 {kind} day"),
            count => format!("{count} {kind} days"),
        };
        match (self.business_days, self.calendar_days) {
            (0, calendar) => days(calendar, "calendar"),
            (business, 0) => days(business, "business"),
            (business, calendar) => format!("{} and {}", days(business, "business"), days(calendar, "calendar")),
        }
    }
}

/// The standard processing periods.
#[derive(Clone, Debug)]
pub(super) struct LeadTimes {
    count_first_day: bool,
    periods: BTreeMap<(Area, Family, Work), Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    period: Period,
    source: String,
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    counting: Counting,
    period: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counting {
    count_first_day: bool,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    areas: Vec<String>,
    family: String,
    work: String,
    #[serde(default)]
    business_days: u16,
    #[serde(default)]
    calendar_days: u16,
    #[serde(default)]
    weeks: u16,
    source: String,
    verified: bool,
}

impl LeadTimes {
    pub(super) fn read(text: &str) -> Result<LeadTimes, CalendarDataError> {
        let file: File = toml::from_str(text).map_err(|error| CalendarDataError::toml(FILE, text, &error))?;
        let mut periods = BTreeMap::new();
        for row in file.period {
            let period = Period {
                business_days: row.business_days,
                calendar_days: row.weeks.saturating_mul(7).saturating_add(row.calendar_days),
            };
            let family = Family::from_key(&row.family).ok_or_else(|| unknown("family", &row.family))?;
            let work = Work::from_key(&row.work).ok_or_else(|| unknown("work", &row.work))?;
            if u32::from(period.business_days) + u32::from(period.calendar_days) > 366 {
                return Err(unknown("period over a year", &row.work));
            }
            for area in areas(FILE, &row.areas)? {
                let entry = Entry { period, source: row.source.clone(), verified: row.verified };
                if periods.insert((area, family, work), entry).is_some() {
                    let (area, family, work) = (area.key(), family.key(), work.key());
                    let en = format!("area {area}, {family}, {work} stands twice");
                    let ja = format!("供給区域{area}・{family}・{work}が2回あります");
                    return Err(CalendarDataError::new(FILE, None, ja, en));
                }
            }
        }
        Ok(LeadTimes { count_first_day: file.counting.count_first_day, periods })
    }
}

fn unknown(what: &str, found: &str) -> CalendarDataError {
    let ja = format!("{what}の値「{found}」は使えません");
    CalendarDataError::new(FILE, None, ja, format!("`{found}` is not a value of {what}"))
}

impl Calendar {
    /// 最早切替日: the earliest switch date if both applications match on `from`.
    pub fn earliest_switch(
        &self,
        area: Area,
        family: Family,
        work: Work,
        from: Date,
    ) -> Result<Earliest<'_>, CalendarError> {
        let entry = self.lead_times.periods.get(&(area, family, work));
        let entry = entry.ok_or(CalendarError::NoPeriod { area, family, work })?;
        let counted = self.for_operator(area).count(from, entry.period, self.lead_times.count_first_day)?;
        let verified = entry.verified && counted.days_verified();
        Ok(Earliest { date: counted.to, counted, verified, source: &entry.source })
    }
}
