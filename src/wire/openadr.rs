//! OpenADR 3.1: reports of payload type `BASELINE` at intervals of 30 minutes, in kWh.
//!
//! A report is JSON, whose numbers most programs hold as binary floats. A quantity crosses that boundary only if it comes
//! back as the same decimal; one that does not is refused, never rounded.
//!
//! The types are our own: `openleadr-wire` 0.2 brings a whole database driver along, which excludes the SQLite that this
//! crate has. `tests/openadr-peer` reads what is written here with it, and the other way round.
//!
//! Source: facts/baseline.md §2.6 (D).

use crate::baseline::Computed;
use crate::items::{Baseline, Date, DateTime, Energy, HalfHours, Slot, SupplyPointId};
use crate::messages::planning::BaselineReport;
use crate::notice::Cleared;
use crate::rules::{Finding, codes};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use std::collections::BTreeMap;

const BASELINE: &str = "BASELINE";
const HALF_HOUR: u64 = 1800;
/// A decimal of so many digits comes back from a binary float as it was.
const DIGITS: usize = 15;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    object_type: String,
    #[serde(rename = "eventID")]
    event_id: String,
    client_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    payload_descriptors: Vec<Descriptor>,
    resources: Vec<Resource>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    payload_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    units: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval_period: Option<Period>,
    intervals: Vec<Interval>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Period {
    start: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interval {
    id: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval_period: Option<Period>,
    payloads: Vec<Payload>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    values: Vec<serde_json::Value>,
}

fn wrong(ja: impl Into<String>, en: impl Into<String>) -> Box<Finding> {
    Box::new(codes::BASELINE_REPORT.finding(ja, en))
}

/// Writes a cleared report: one interval for every slot that has a baseline.
pub fn write_baseline_report(report: &Cleared<BaselineReport>) -> Result<String, Box<Finding>> {
    let report = report.message();
    for (name, text) in [("eventID", &report.event), ("clientName", &report.client), ("resourceName", &report.resource)]
    {
        agreed(name, text)?;
    }
    let mut intervals = Vec::new();
    for (slot, energy) in report.baseline.0.iter() {
        let Some(energy) = energy else { continue };
        let minutes = i64::from(slot.number() - 1) * 30;
        let start = report.date.at(0, 0, 0, 0).checked_add((minutes - 9 * 60).minutes()).unwrap_or(DateTime::MIN);
        let number = number(energy).ok_or_else(|| {
            let n = slot.number();
            wrong(
                format!("コマ{n:02}のベースライン{energy}は浮動小数点数で正確に表せません"),
                format!("the baseline {energy} of slot {n:02} does not survive as a binary float"),
            )
        })?;
        intervals.push(Interval {
            id: i32::try_from(intervals.len()).unwrap_or(i32::MAX),
            interval_period: Some(Period {
                start: start.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                duration: Some("PT30M".to_owned()),
            }),
            payloads: vec![Payload { kind: BASELINE.to_owned(), values: vec![serde_json::Value::Number(number)] }],
        });
    }
    let written = Report {
        object_type: "REPORT".to_owned(),
        event_id: report.event.clone(),
        client_name: report.client.clone(),
        payload_descriptors: vec![Descriptor { payload_type: BASELINE.to_owned(), units: Some("KWH".to_owned()) }],
        resources: vec![Resource { resource_name: report.resource.clone(), interval_period: None, intervals }],
    };
    serde_json::to_string(&written).map_err(|error| wrong("JSONにできません", error.to_string()))
}

/// A name that was agreed with the recipient: 1 to 128 characters, and no supply point.
fn agreed(name: &str, text: &str) -> Result<(), Box<Finding>> {
    if !(1..=128).contains(&text.chars().count()) {
        let ja = format!("{name}は1〜128文字で指定してください");
        return Err(wrong(ja, format!("the {name} has 1 to 128 characters")));
    }
    if SupplyPointId::parse(text).is_ok() {
        let ja = format!("{name}に供給地点特定番号は使えません。相手方と合意した名前を指定してください");
        return Err(wrong(ja, format!("the {name} is a supply point id: give a name agreed with the recipient")));
    }
    Ok(())
}

/// Reads the baselines of a report, one for every resource and day.
pub fn read_baseline_report(json: &str) -> Result<Vec<BaselineReport>, Box<Finding>> {
    let report: Report = serde_json::from_str(json).map_err(|error| {
        // The text of the error names what is missing, and may quote a value.
        let mut finding = wrong("OpenADR 3.1の報告として読めません", "it cannot be read as a report of OpenADR 3.1");
        finding.place.line = Some(error.line() as u64);
        finding
    })?;
    if report.object_type != "REPORT" {
        return Err(wrong("objectTypeがREPORTではありません", "the objectType is not REPORT"));
    }
    let units = report.payload_descriptors.iter().find(|one| one.payload_type == BASELINE);
    if let Some(unit) = units.and_then(|one| one.units.as_deref()).filter(|unit| *unit != "KWH") {
        return Err(wrong(format!("単位{unit}は読めません（KWHだけです）"), format!("unit `{unit}`, expected `KWH`")));
    }
    let mut reports = Vec::new();
    for resource in &report.resources {
        let mut days: BTreeMap<Date, HalfHours> = BTreeMap::new();
        for (index, interval) in resource.intervals.iter().enumerate() {
            let Some(payload) = interval.payloads.iter().find(|payload| payload.kind == BASELINE) else { continue };
            let (date, slot) = place(resource, interval, index)?;
            let [value] = payload.values.as_slice() else {
                return Err(wrong("1つの時間帯に値が1つではありません", "an interval has not exactly one value"));
            };
            let energy = value.as_number().and_then(energy).ok_or_else(|| {
                let n = slot.number();
                wrong(
                    format!("{date} コマ{n:02}の値は小数4桁までのkWhではありません"),
                    format!("the value of {date}, slot {n:02} is not kWh of at most four decimals"),
                )
            })?;
            let day = days.entry(date).or_insert(HalfHours::MISSING);
            if day.get(slot).is_some() {
                let n = slot.number();
                let (ja, en) = (format!("{date} コマ{n:02}が2回あります"), format!("{date}, slot {n:02} stands twice"));
                return Err(wrong(ja, en));
            }
            day.set(slot, Some(energy));
        }
        reports.extend(days.into_iter().map(|(date, day)| BaselineReport {
            event: report.event_id.clone(),
            client: report.client_name.clone(),
            resource: resource.resource_name.clone(),
            date,
            baseline: Baseline(day),
            members: Vec::new(),
        }));
    }
    Ok(reports)
}

/// The baselines of a computation by day: exact, or refused.
pub fn baselines_of(computed: &Computed<'_>) -> Result<Vec<(Date, Baseline)>, Box<Finding>> {
    let mut days: BTreeMap<Date, HalfHours> = BTreeMap::new();
    for figures in &computed.slots {
        let Some(baseline) = figures.baseline else { continue };
        let text = baseline.to_string();
        let energy = Energy::parse(&text).map_err(|_| {
            let (date, n) = (figures.date, figures.slot.number());
            wrong(
                format!("{date} コマ{n:02}のベースライン{text}は小数4桁で表せません。丸めの規則を決めてから報告してください"),
                format!("the baseline {text} of {date}, slot {n:02} has no end within four decimals: decide on a rounding rule first"),
            )
        })?;
        days.entry(figures.date).or_insert(HalfHours::MISSING).set(figures.slot, Some(energy));
    }
    Ok(days.into_iter().map(|(date, day)| (date, Baseline(day))).collect())
}

/// The day and slot of an interval; without a period of its own it follows those before it.
fn place(resource: &Resource, interval: &Interval, index: usize) -> Result<(Date, Slot), Box<Finding>> {
    let own = interval.interval_period.as_ref();
    let period = own.or(resource.interval_period.as_ref());
    let period = period.ok_or_else(|| wrong("時間帯の開始がありません", "an interval has no start"))?;
    let duration = period.duration.as_ref().or(resource.interval_period.as_ref().and_then(|one| one.duration.as_ref()));
    if duration.and_then(|text| seconds(text)) != Some(HALF_HOUR) {
        return Err(wrong("時間帯が30分ではありません", "an interval is not of 30 minutes"));
    }
    let late = if own.is_some() { 0 } else { i64::try_from(index).unwrap_or(i64::MAX).saturating_mul(30) };
    let start: Option<Timestamp> = period.start.parse().ok();
    let start = start.and_then(|start| start.checked_add(late.minutes()).ok());
    let start = start.ok_or_else(|| wrong("開始日時が正しくありません", "a start is no date and time"))?;
    let start = start.to_zoned(TimeZone::fixed(offset(9))).datetime();
    let slot = u8::try_from(start.hour()).ok().map(|hour| hour * 2 + u8::from(start.minute() == 30) + 1);
    let aligned = matches!(start.minute(), 0 | 30) && start.second() == 0 && start.subsec_nanosecond() == 0;
    let slot = slot.and_then(Slot::new).filter(|_| aligned);
    let slot = slot
        .ok_or_else(|| wrong("時間帯の開始が毎時0分・30分ではありません", "an interval starts within a half-hour"))?;
    Ok((start.date(), slot))
}

/// The seconds of an ISO 8601 duration without years and months.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix('P')?;
    let (mut total, mut number, mut in_time) = (0u64, None, false);
    while let Some(sign) = rest.chars().next() {
        rest = rest.get(sign.len_utf8()..)?;
        match sign {
            '0'..='9' => {
                let digit = u64::from(sign.to_digit(10)?);
                number = Some(number.unwrap_or(0u64).checked_mul(10)?.checked_add(digit)?);
            }
            'T' if number.is_none() && !in_time => in_time = true,
            _ => {
                let unit = match (sign, in_time) {
                    ('D', false) => 86_400,
                    ('H', true) => 3_600,
                    ('M', true) => 60,
                    ('S', true) => 1,
                    ('Y' | 'M', false) if number == Some(0) => 0,
                    _ => return None,
                };
                total = total.checked_add(number.take()?.checked_mul(unit)?)?;
            }
        }
    }
    number.is_none().then_some(total)
}

/// The number of an energy, if it comes back as the same decimal.
fn number(energy: Energy) -> Option<Number> {
    let text = energy.to_string();
    let number = match text.parse::<i64>() {
        Ok(whole) => Number::from(whole),
        Err(_) => Number::from_f64(text.parse().ok()?)?,
    };
    (self::energy(&number) == Some(energy)).then_some(number)
}

/// The energy of a number of at most four decimals and so many digits that nothing was lost before it got here.
fn energy(number: &Number) -> Option<Energy> {
    let text = number.to_string();
    let text = text.strip_suffix(".0").unwrap_or(&text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    Energy::parse(text).ok().filter(|_| digits <= DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_any_form() {
        for text in ["PT30M", "PT1800S", "P0Y0M0DT0H30M0S", "P0DT30M"] {
            assert_eq!(seconds(text), Some(1800), "{text}");
        }
        for text in ["P30M", "PT30", "30M", "", "P", "PT-30M", "P1Y", "PT99999999999999999999M"] {
            assert_ne!(seconds(text), Some(1800), "{text}");
        }
    }

    #[test]
    fn a_quantity_survives_or_is_refused() {
        for text in ["0", "12", "12.5", "0.0001", "2100.125", "12345678901.2345", "-0.5"] {
            let wanted = Energy::parse(text).unwrap();
            assert_eq!(energy(&number(wanted).unwrap()), Some(wanted), "{text}");
        }
        assert_eq!(number(Energy::from_ten_thousandths(9_007_199_254_740_993)), None);
        let read = |text: &str| energy(&serde_json::from_str(text).unwrap());
        assert_eq!((read("0.30000000000000004"), read("12345678901234.5678"), read("1e300")), (None, None, None));
        assert_eq!(read("12.0"), Energy::parse("12").ok());
    }
}
