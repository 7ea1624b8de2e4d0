//! 取込の集計: what a reader gives away, gathered into rows of a day. A daily file comes slot by slot: its rows are found
//! again by their key, and every slot is a column of its own, so that nothing has to be turned round at the end.

use super::register::{Standing, SupplyRegister};
use super::spare::Spare;
use crate::items::{Area, Code as _, Date, Slot, SupplyPointId};
use crate::messages::metering::{
    Allocation, FixedUsage, HalfHourly, MeteringHeader, MeteringShape, ReadingStatus, Rows, given,
};
use crate::rules::{Finding, codes};
use crate::store::readings::{DayRows, DayTable, Source, Stranger};
use crate::wire::cii::Sink;
use crate::wire::filename::MeteringFileName;
use std::collections::{BTreeMap, HashMap};

/// So many rows of a day are held of a file whose points come one after the other.
const HELD: usize = 2048;
/// So many findings of one kind are listed.
const LISTED: u64 = 20;
/// So many points that are not ours are kept of one file.
const STRANGERS: usize = 1000;

/// Rows of one area, day and status, ready to be stored.
#[derive(Debug)]
pub(super) struct Chunk {
    pub source: Source,
    pub area: Area,
    pub date: Date,
    pub status: ReadingStatus,
    pub rows: DayRows,
}

/// Gathers the rows of one file.
pub(super) struct Gather<'a, F> {
    register: Option<&'a SupplyRegister>,
    name: Option<MeteringFileName>,
    digest: &'a str,
    emit: F,
    /// 共通部, once it was read.
    pub header: Option<MeteringHeader>,
    /// What is wrong, and what a person should know.
    pub findings: Vec<Finding>,
    source: Option<Source>,
    days: BTreeMap<(Area, Date), DayTable>,
    strangers: HashMap<(u128, Date), Foreign>,
    /// The bills of a point, by 仕訳コード.
    bills: HashMap<u128, [bool; 2]>,
    /// Points of W4, counted as their tables are given away.
    points: u64,
    quarantined: u64,
    twice: u64,
    elsewhere: u64,
    undated: u64,
    broken: bool,
    /// Whether a day of a monthly file holds enough rows to be given away.
    full: bool,
    /// So many rows are expected of a day, and so many had the longest.
    pub rows: usize,
    spare: &'a Spare,
}

struct Foreign {
    point: SupplyPointId,
    outside_contract: bool,
    rows: u64,
}

/// What was gathered beside the rows.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub points: u64,
    pub quarantined: u64,
    pub strangers: Vec<Stranger>,
    /// How many points are not ours, those beyond what is kept among them.
    pub foreign: u64,
    /// Whether the file was read to its end.
    pub whole: bool,
    /// Whether there was no day to store it under.
    pub undated: bool,
}

impl<'a, F: FnMut(Chunk)> Gather<'a, F> {
    pub(super) fn new(
        register: Option<&'a SupplyRegister>,
        name: Option<MeteringFileName>,
        digest: &'a str,
        spare: &'a Spare,
        emit: F,
    ) -> Gather<'a, F> {
        Gather {
            register,
            name,
            digest,
            emit,
            header: None,
            findings: Vec::new(),
            source: None,
            days: BTreeMap::new(),
            strangers: HashMap::new(),
            bills: HashMap::new(),
            points: 0,
            quarantined: 0,
            twice: 0,
            elsewhere: 0,
            undated: 0,
            broken: false,
            full: false,
            rows: 0,
            spare,
        }
    }

    fn half_hourly(&mut self, rows: &HalfHourly) {
        let Some((date, sender)) = self.header.as_ref().and_then(|head| Some((head.date?, head.sender.area()))) else {
            self.undated += rows.len() as u64;
            return;
        };
        let columns = rows.points.iter().zip(&rows.slots).zip(rows.energies.iter().zip(&rows.availability));
        let mut columns = columns.zip(rows.control_numbers.iter()).peekable();
        while let Some(area) = columns.peek().map(|(((point, _), _), _)| point.area()) {
            let mut table = self.days.remove(&(area, date)).unwrap_or_else(|| {
                let mut table = DayTable::within(self.spare.take());
                table.rows_mut().reserve(self.rows);
                table
            });
            let of_area = |row: &(((&SupplyPointId, _), _), _)| row.0.0.0.area() == area;
            while let Some((((point, slot), (energy, availability)), control)) = columns.next_if(of_area) {
                let row = match table.find(*point, control, None) {
                    Some(row) => row,
                    None if !self.admits(*point, date) => continue,
                    None => {
                        self.elsewhere += u64::from(sender != area);
                        match table.row(*point, control, None) {
                            Some(row) => row,
                            None => {
                                self.broken = true;
                                continue;
                            }
                        }
                    }
                };
                let own = given(*energy, *availability);
                if table.rows().has(row, *slot) {
                    let same = table.rows().own(row, *slot) == own;
                    self.stands_twice(*point, date, *slot, same);
                } else {
                    table.rows_mut().set(row, *slot, own, None);
                }
            }
            self.days.insert((area, date), table);
        }
    }

    fn fixed(&mut self, usage: &FixedUsage) {
        let sender = self.header.as_ref().map(|header| header.sender.area());
        for (bill, point) in usage.bills.points.iter().enumerate() {
            let allocation = usage.bills.allocations.get(bill).copied().flatten();
            if let Some(allocation) = allocation {
                let kept = self.bills.entry(point.packed()).or_default();
                *kept = [kept[0] || allocation == Allocation::Whole, kept[1] || allocation == Allocation::Part];
            } else {
                self.bills.entry(point.packed()).or_default();
            }
            self.elsewhere += u64::from(sender != Some(point.area()));
            let provided = usage.bills.availability.get(bill).is_some_and(|flag| flag.is_given());
            self.bill(usage, bill, *point, allocation, provided);
            self.give_full();
        }
    }

    fn bill(
        &mut self,
        usage: &FixedUsage,
        bill: usize,
        point: SupplyPointId,
        allocation: Option<Allocation>,
        provided: bool,
    ) {
        let slots = &usage.slots;
        let mut range = usage.slots_of(bill);
        while let Some(date) = slots.dates.get(range.start).copied().filter(|_| !range.is_empty()) {
            let days = slots.dates.get(range.clone()).unwrap_or_default();
            let end = range.start + days.iter().take_while(|other| **other == date).count();
            let day = range.start..end;
            range.start = end;
            if !self.is_ours(point, date) {
                day.for_each(|_| self.quarantine(point, date));
                continue;
            }
            let spare = self.spare;
            let table = self.days.entry((point.area(), date)).or_insert_with(|| DayTable::within(spare.take()));
            let Some(row) = table.row(point, "", allocation) else {
                self.broken = true;
                continue;
            };
            let (Some(numbers), Some(whole), Some(split)) =
                (slots.slots.get(day.clone()), slots.whole.get(day.clone()), slots.own.get(day))
            else {
                self.broken = true;
                continue;
            };
            let values = numbers.iter().zip(whole.iter().zip(split)).map(|(slot, (whole, split))| {
                let (whole, split) = (whole.filter(|_| provided), split.filter(|_| provided));
                // One's own share of a partial supply is what the operator split off, never the whole.
                let own = if allocation == Some(Allocation::Part) { split } else { split.or(whole) };
                (*slot, own, whole)
            });
            let mut twice = Vec::new();
            table.rows_mut().fill(row, values, |slot, same| twice.push((slot, same)));
            self.full |= table.rows().len() >= HELD;
            twice.into_iter().for_each(|(slot, same)| self.stands_twice(point, date, slot, same));
        }
    }

    fn is_ours(&self, point: SupplyPointId, date: Date) -> bool {
        self.register.is_none_or(|register| matches!(register.standing(point, date), Standing::Ours(_)))
    }

    fn admits(&mut self, point: SupplyPointId, date: Date) -> bool {
        let ours = self.is_ours(point, date);
        if !ours {
            self.quarantine(point, date);
        }
        ours
    }

    fn quarantine(&mut self, point: SupplyPointId, date: Date) {
        self.quarantined += 1;
        let register = self.register;
        let foreign = self.strangers.entry((point.packed(), date)).or_insert_with(|| Foreign {
            point,
            outside_contract: register
                .is_some_and(|register| register.standing(point, date) == Standing::OutsideContract),
            rows: 0,
        });
        foreign.rows += 1;
    }

    fn stands_twice(&mut self, point: SupplyPointId, date: Date, slot: Slot, same: bool) {
        if same {
            return;
        }
        self.twice += 1;
        if self.twice <= LISTED {
            let (rule, point, slot) = (&codes::METER_ROW_TWICE, point.masked(), slot.number());
            self.findings.push(rule.finding(
                format!("{}（{point} {date} コマ{slot}）", rule.ja),
                format!("{} ({point}, {date}, slot {slot})", rule.en),
            ));
        }
    }

    /// Gives away the days that hold enough rows.
    fn give_full(&mut self) {
        if !std::mem::take(&mut self.full) {
            return;
        }
        let full = |table: &DayTable| table.rows().len() >= HELD;
        let keys: Vec<_> = self.days.iter().filter(|(_, table)| full(table)).map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(table) = self.days.remove(&key) {
                self.give(key, table);
            }
        }
    }

    fn give(&mut self, (area, date): (Area, Date), mut table: DayTable) {
        let Some(source) = &self.source else { return };
        if source.kind.shape() != MeteringShape::Month {
            self.points += table.point_count() as u64;
            if let Some(register) = self.register.filter(|register| register.deducts_in(area)) {
                deduct(register, date, &mut table);
            }
        }
        let rows = table.into_rows();
        self.rows = self.rows.max(rows.len());
        if !rows.is_empty() {
            (self.emit)(Chunk { source: source.clone(), area, date, status: source.kind.status(), rows });
        }
    }

    /// Gives the rest away and says what was found over the whole file.
    pub(super) fn finish(&mut self) -> Account {
        for (key, table) in std::mem::take(&mut self.days) {
            self.give(key, table);
        }
        let counted = |rule: &crate::rules::Rule, count: u64, unit: (&str, &str)| {
            let (ja, en) = unit;
            rule.finding(format!("{}（{count}{ja}）", rule.ja), format!("{} ({count} {en})", rule.en))
        };
        let (outside, unknown): (Vec<_>, Vec<_>) =
            self.strangers.values().partition(|foreign| foreign.outside_contract);
        for (rule, foreign) in [(&codes::METER_STRANGER, unknown), (&codes::METER_OUTSIDE_CONTRACT, outside)] {
            if !foreign.is_empty() {
                self.findings.push(counted(rule, foreign.len() as u64, ("地点", "points")));
            }
        }
        let both = self.bills.values().filter(|kept| kept.iter().all(|kept| *kept)).count() as u64;
        for (rule, count, unit) in [
            (&codes::METER_BOTH_BILLS, both, ("地点", "points")),
            (&codes::METER_OTHER_AREA, self.elsewhere, ("行", "rows")),
            (&codes::METER_ROW_TWICE, self.twice.saturating_sub(LISTED), ("件を省略", "more")),
        ] {
            if count > 0 {
                self.findings.push(counted(rule, count, unit));
            }
        }
        let mut strangers: Vec<_> = self
            .strangers
            .iter()
            .map(|((_, date), foreign)| Stranger {
                tail: foreign.point.masked(),
                outside_contract: foreign.outside_contract,
                date: *date,
                rows: foreign.rows,
            })
            .collect();
        strangers.sort_by(|one, other| (one.date, &one.tail, one.rows).cmp(&(other.date, &other.tail, other.rows)));
        let foreign = strangers.len() as u64;
        strangers.truncate(STRANGERS);
        let ends = [&codes::METER_TRUNCATED, &codes::METER_SYNTAX, &codes::METER_LIMIT, &codes::METER_NO_HEAD];
        let cut = self.findings.iter().any(|finding| ends.iter().any(|rule| rule.code == finding.code));
        Account {
            points: if self.bills.is_empty() { self.points } else { self.bills.len() as u64 },
            quarantined: self.quarantined,
            strangers,
            foreign,
            whole: !cut && !self.broken,
            undated: self.undated > 0,
        }
    }
}

impl<F: FnMut(Chunk)> Sink for Gather<'_, F> {
    fn header(&mut self, header: &MeteringHeader) {
        if let Some(name) = self.name {
            self.findings.extend(disagreement(&name, header));
        }
        self.source = Some(Source {
            digest: self.digest.to_owned(),
            register: self.register.map_or_else(String::new, |register| register.digest().to_owned()),
            kind: header.kind,
            revision: self.name.map_or(0, |name| name.revision().number().into()),
            part: self.name.map_or(0, |name| name.part().number()),
        });
        self.header = Some(header.clone());
    }

    fn rows(&mut self, rows: Rows<'_>) {
        match rows {
            Rows::HalfHourly(rows) => self.half_hourly(rows),
            Rows::Fixed(usage) => self.fixed(usage),
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Takes the base retailer's share off every point that has one.
fn deduct(register: &SupplyRegister, date: Date, table: &mut DayTable) {
    let shares: Vec<_> = table
        .points()
        .filter_map(|point| Some((table.rows_of(point).collect::<Vec<_>>(), register.share_to_deduct(point, date)?)))
        .collect();
    for (rows, share) in shares {
        table.rows_mut().deduct(&rows, share);
    }
}

/// Where the name of a file and its head do not say the same: what the head says is taken.
fn disagreement(name: &MeteringFileName, header: &MeteringHeader) -> Option<Finding> {
    let rule = &codes::FILE_NAME_HEADER;
    let kinds = (name.kind() != header.kind).then(|| (name.kind().ja().to_owned(), header.kind.ja().to_owned()));
    let dates = header
        .date
        .filter(|date| name.kind().shape() != MeteringShape::Month && *date != name.date())
        .map(|date| (name.date().to_string(), date.to_string()));
    let number = |slot: Slot| format!("コマ{}", slot.number());
    let slots = match (name.slot(), header.slot) {
        (Some(one), Some(other)) if one != other => Some((number(one), number(other))),
        _ => None,
    };
    let (named, held) = kinds.or(dates).or(slots)?;
    Some(rule.finding(
        format!("{}（ファイル名: {named}、電文: {held}）。電文の値で取り込みました", rule.ja),
        format!("{} (name: {named}, head: {held}); the head was taken", rule.en),
    ))
}
