//! 契約台帳: which supply points are ours, on which days, and how much of a point another retailer supplies.

use crate::items::{Area, Date, Energy, SupplyPointId, parse_date};
use crate::rules::{Finding, Rule, codes};
use crate::store::hex;
use crate::wire::{Lines, charset};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

const POINT: &str = "供給地点特定番号";
const START: &str = "開始日";
const END: &str = "終了日";
const BASE: &str = "ベース電力kW";

/// So many wrong lines are listed; whoever has more has another file.
const LISTED: usize = 20;

/// 契約: one period in which a point is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupplyPeriod {
    /// 開始日: the first day of supply.
    pub start: Date,
    /// 終了日: the last day of supply; none while the contract runs.
    pub end: Option<Date>,
    /// The base retailer's share of a slot in a partial supply: half of the base power. Unit: 0.0001 kWh.
    pub base_share: Option<Energy>,
}

impl SupplyPeriod {
    /// Whether a day lies in it.
    #[must_use]
    pub fn covers(&self, date: Date) -> bool {
        self.start <= date && self.end.is_none_or(|end| date <= end)
    }
}

/// Whether a point is ours on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is, by this period.
    Ours(SupplyPeriod),
    /// It is on other days.
    OutsideContract,
    /// It is not known.
    Stranger,
}

/// 契約台帳: our contracts by supply point.
///
/// A CSV in CP932 or UTF-8 with a header row: 供給地点特定番号, 開始日, and where they are needed 終了日 (the last day of
/// supply; empty while the contract runs) and ベース電力kW (部分供給: what the base retailer supplies). A point may have
/// several lines whose periods do not overlap.
#[derive(Clone, Default)]
pub struct SupplyRegister {
    periods: HashMap<u128, (SupplyPointId, Vec<SupplyPeriod>)>,
    /// 電力量データ部分供給内包有無: the areas whose W4 values hold the base retailer's share.
    base_included: Vec<Area>,
    digest: String,
}

/// Only how many points there are: they are personal data.
impl std::fmt::Debug for SupplyRegister {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SupplyRegister({} points)", self.periods.len())
    }
}

impl SupplyRegister {
    /// Reads a register; `base_included` are the areas whose half-hourly values hold the base retailer's share.
    ///
    /// Source of the switch and of the half of the base power: facts/wire.md §6, 部分供給 (C).
    pub fn parse(octets: &[u8], base_included: &[Area]) -> Result<SupplyRegister, Vec<Finding>> {
        let wrong = |ja: String, en: String| vec![codes::METER_REGISTER.finding(ja, en)];
        let (_, text, _) = charset::read(octets).map_err(|error| wrong(error.ja(), error.en()))?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader
            .headers()
            .map_err(|_| wrong("見出し行を読めません".to_owned(), "the header row cannot be read".to_owned()))?
            .clone();
        let place = |name: &str| header.iter().position(|column| column == name);
        let missing: Vec<_> = [POINT, START].into_iter().filter(|name| place(name).is_none()).collect();
        if !missing.is_empty() {
            let names = missing.join("」「");
            return Err(wrong(format!("列「{names}」がありません"), format!("columns are missing: {names}")));
        }
        let mut sorted_areas = base_included.to_vec();
        sorted_areas.sort_unstable();
        sorted_areas.dedup();
        let mut register = SupplyRegister { base_included: sorted_areas, ..SupplyRegister::default() };
        let (mut findings, mut lines) = (Vec::new(), Lines::new(text.as_bytes()));
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    let line = lines.of(error.position());
                    findings
                        .push(codes::METER_REGISTER.finding("CSVとして読めません", "this is not CSV").at_line(line));
                    break;
                }
            }
            if record.iter().all(str::is_empty) {
                continue;
            }
            let line = lines.of(record.position());
            let cell = |name: &str| place(name).and_then(|index| record.get(index)).unwrap_or_default();
            if let Err(finding) = register.add([POINT, START, END, BASE].map(cell)) {
                findings.push((*finding).at_line(line));
                if findings.len() == LISTED {
                    break;
                }
            }
        }
        if findings.is_empty() && register.periods.is_empty() {
            // Against an empty register every point would be a stranger.
            findings = wrong("契約が1件もありません".to_owned(), "it has no contract".to_owned());
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let mut digest = Sha256::new();
        digest.update(octets);
        register.base_included.iter().for_each(|area| digest.update([area.number()]));
        register.digest = hex(&digest.finalize());
        Ok(register)
    }

    fn add(&mut self, [point, start, end, base]: [&str; 4]) -> Result<(), Box<Finding>> {
        let wrong = |rule: &Rule, column: &'static str, ja: String, en: String| {
            let mut finding = rule.finding(ja, en);
            finding.place.column = Some(column.into());
            Box::new(finding)
        };
        let item = |column: &'static str| {
            move |error: crate::items::ItemError| wrong(&codes::METER_REGISTER, column, error.ja(), error.en())
        };
        let point = SupplyPointId::parse(point).map_err(item(POINT))?;
        let start = parse_date(start).map_err(item(START))?;
        let end = if end.is_empty() { None } else { Some(parse_date(end).map_err(item(END))?) };
        if end.is_some_and(|end| end < start) {
            return Err(wrong(
                &codes::METER_REGISTER,
                END,
                "終了日が開始日より前です".to_owned(),
                "the end is before the start".to_owned(),
            ));
        }
        let base_share = if base.is_empty() {
            None
        } else {
            Some(half(base).map_err(|error| match error {
                Some(error) => item(BASE)(error),
                None => wrong(
                    &codes::METER_BASE_POWER,
                    BASE,
                    codes::METER_BASE_POWER.ja.to_owned(),
                    codes::METER_BASE_POWER.en.to_owned(),
                ),
            })?)
        };
        let period = SupplyPeriod { start, end, base_share };
        let periods = &mut self.periods.entry(point.packed()).or_insert_with(|| (point, Vec::with_capacity(1))).1;
        let until = |period: &SupplyPeriod| period.end.unwrap_or(Date::MAX);
        if periods.iter().any(|other| other.start <= until(&period) && period.start <= until(other)) {
            return Err(wrong(
                &codes::METER_REGISTER,
                START,
                "同じ供給地点の契約期間が重なっています".to_owned(),
                "contracts of one point overlap".to_owned(),
            ));
        }
        periods.push(period);
        periods.sort_by_key(|period| period.start);
        Ok(())
    }

    /// Whether a point is ours on a day.
    #[must_use]
    pub fn standing(&self, point: SupplyPointId, date: Date) -> Standing {
        match self.periods.get(&point.packed()) {
            None => Standing::Stranger,
            Some((_, periods)) => match periods.iter().find(|period| period.covers(date)) {
                Some(period) => Standing::Ours(*period),
                None => Standing::OutsideContract,
            },
        }
    }

    /// The base retailer's share of every slot of a day, where the half-hourly values of the area hold it.
    #[must_use]
    pub fn share_to_deduct(&self, point: SupplyPointId, date: Date) -> Option<Energy> {
        if !self.base_included.contains(&point.area()) {
            return None;
        }
        match self.standing(point, date) {
            Standing::Ours(period) => period.base_share,
            Standing::OutsideContract | Standing::Stranger => None,
        }
    }

    /// Whether the values of any point of an area have a share to be taken off.
    #[must_use]
    pub fn deducts_in(&self, area: Area) -> bool {
        self.base_included.contains(&area)
    }

    /// Every point with its periods, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (SupplyPointId, &[SupplyPeriod])> {
        self.periods.values().map(|(point, periods)| (*point, periods.as_slice()))
    }

    /// How many points there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.periods.len()
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.periods.is_empty()
    }
    /// What it says, as a digest: SHA-256 of the file and the switches, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Half of a power in kW for half an hour; nothing as the error where the half has more than four decimals.
fn half(power: &str) -> Result<Energy, Option<crate::items::ItemError>> {
    let count = Energy::parse(power).map_err(Some)?.ten_thousandths();
    if count % 2 == 0 && count >= 0 { Ok(Energy::from_ten_thousandths(count / 2)) } else { Err(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(rows: &str) -> Result<SupplyRegister, Vec<Finding>> {
        let text = format!("供給地点特定番号,開始日,終了日,ベース電力kW\r\n{rows}");
        SupplyRegister::parse(text.as_bytes(), &[Area::Kansai])
    }
    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }
    const ONE: &str = "0300111000000000000001";

    #[test]
    fn a_point_is_ours_from_its_start_to_its_end() {
        let register =
            parse(&format!("{ONE},2026/4/1,2026-04-30,\r\n03-0011-1000-0000-0000-0001,2026-06-01,,\r\n")).unwrap();
        let point = SupplyPointId::parse(ONE).unwrap();
        let ours = |text| matches!(register.standing(point, date(text)), Standing::Ours(_));
        let days = ["2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01", "2026-06-01", "2036-01-01"];
        assert_eq!(days.map(ours), [false, true, true, false, true, true]);
        assert_eq!(register.standing(point, date("2026-05-01")), Standing::OutsideContract);
        let other = SupplyPointId::parse("0300111000000000000002").unwrap();
        assert_eq!(register.standing(other, date("2026-04-01")), Standing::Stranger);
        assert_eq!((register.len(), format!("{register:?}").as_str()), (1, "SupplyRegister(1 points)"));
    }

    #[test]
    fn a_share_is_half_the_base_power_where_the_area_includes_it() {
        let register = parse(&format!("0600111000000000000001,2026-04-01,,10.5\r\n{ONE},2026-04-01,,3\r\n")).unwrap();
        let share = |text| register.share_to_deduct(SupplyPointId::parse(text).unwrap(), date("2026-04-01"));
        assert_eq!(share("0600111000000000000001"), Some(Energy::parse("5.25").unwrap()));
        assert_eq!(share(ONE), None, "Tokyo does not include it");
        assert_eq!((register.deducts_in(Area::Kansai), register.deducts_in(Area::Tokyo)), (true, false));
    }

    #[test]
    fn every_wrong_line_is_named() {
        let found = |rows: &str| {
            let findings = parse(rows).unwrap_err();
            findings
                .iter()
                .map(|f| (f.code, f.place.line, f.place.column.clone().unwrap_or_default().into_owned()))
                .collect::<Vec<_>>()
        };
        let at = |code, line, column: &str| (code, Some(line), column.to_owned());
        let rows = format!(
            "123,2026-04-01,,\n{ONE},2026-13-01,,\n{ONE},2026-04-02,2026-04-01,\n{ONE},2026-04-01,,0.0001\n{ONE},2026-04-01,,x\n"
        );
        assert_eq!(
            found(&rows),
            [
                at("OC1060", 2, POINT),
                at("OC1060", 3, START),
                at("OC1060", 4, END),
                at("OC1061", 5, BASE),
                at("OC1060", 6, BASE)
            ]
        );
        assert_eq!(found(&format!("{ONE},2026-04-01,,\n{ONE},2026-05-01,,\n")), [at("OC1060", 3, START)]);
        assert_eq!(found(""), [("OC1060", None, String::new())]);
        assert!(SupplyRegister::parse("供給地点特定番号\n".as_bytes(), &[]).unwrap_err()[0].ja.contains("開始日"));
    }

    #[test]
    fn the_digest_tells_registers_apart() {
        let one = parse(&format!("{ONE},2026-04-01,,\n")).unwrap();
        let other = parse(&format!("{ONE},2026-04-02,,\n")).unwrap();
        let text = format!("供給地点特定番号,開始日,終了日,ベース電力kW\r\n{ONE},2026-04-01,,\n");
        let elsewhere = SupplyRegister::parse(text.as_bytes(), &[]).unwrap();
        assert!(one.digest() != other.digest() && one.digest() != elsewhere.digest());
        let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&text);
        assert_eq!(SupplyRegister::parse(&cp932, &[]).unwrap().len(), 1);
    }
}
