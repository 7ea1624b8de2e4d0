//! 欠測の判定: expected against received.
//!
//! Expected are, by area and day: a daily file for each voltage under contract, the files of every kind that the area sends
//! at all in the period, all parts up to the greatest that came, and 48 slots of every point under contract. Days that are
//! not over are not judged. When a file is due is not published: a half-hourly or daily file made later than the day
//! after is late, a monthly one later than four business days after 検針日 (facts/wire.md §3.1: C, D).

use super::gaps::{Gap, GapDay, GapKind, GapReport};
use super::register::{SupplyPeriod, SupplyRegister};
use crate::calendar::Calendar;
use crate::items::{Area, Date, Family, SlotSet, SupplyPointId, VoltageDigit};
use crate::messages::metering::{MeteringKind, MeteringShape, ReadingStatus};
use crate::rules::codes;
use crate::store::readings::{CurrentDay, MeterFile, ReadingQuery};
use crate::store::{Store, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many business days after 検針日 a monthly file is due. Source: facts/wire.md §3.1 (D).
const FIXED_DUE: u16 = 4;

/// What gaps are judged by.
#[derive(Clone, Copy, Debug)]
pub struct GapSettings<'a> {
    /// The first day; that of the first readings where none is named.
    pub from: Option<Date>,
    /// The last day; that of the last readings where none is named.
    pub to: Option<Date>,
    /// Today: it and what comes after is not judged.
    pub today: Date,
    /// Our contracts.
    pub register: Option<&'a SupplyRegister>,
    /// Business days.
    pub calendar: &'a Calendar,
}

/// Judges a period.
pub fn find_gaps(store: &mut Store, settings: &GapSettings<'_>) -> Result<GapReport, StoreError> {
    let mut report = GapReport { register: settings.register.is_some(), ..GapReport::default() };
    if settings.register.is_none() {
        report.findings.push(codes::METER_NO_REGISTER.plain());
    }
    let known = store.read(|tx| tx.meter_days())?;
    let yesterday = settings.today.yesterday().unwrap_or(settings.today);
    let from = settings.from.or(known.map(|(from, _)| from));
    let to = settings.to.or(known.map(|(_, to)| to)).map(|to| to.min(yesterday));
    let (Some(from), Some(to)) = (from, to) else { return Ok(report) };
    if from > to {
        return Ok(report);
    }
    report.period = Some((from, to));
    let files = store.read(|tx| tx.meter_files(from, to))?;
    let mut judge = Judge { settings, from, to, contracts: contracts(settings.register), files: &files, report };
    judge.files();
    judge.points(store)?;
    for (name, area, stranger) in store.read(|tx| tx.strangers(from, to))? {
        let kind = if stranger.outside_contract { GapKind::OutsideContract } else { GapKind::Stranger };
        let mut gap = Gap::new(kind, area, stranger.date);
        (gap.tail, gap.file, gap.rows) = (Some(stranger.tail), Some(name), stranger.rows);
        judge.report.gaps.push(gap);
    }
    let other = |register: &SupplyRegister| files.iter().filter(|file| file.register != register.digest()).count();
    let outdated = settings.register.map_or(0, other);
    if outdated > 0 {
        let rule = &codes::GAP_OTHER_REGISTER;
        let finding = rule.finding(format!("{}（{outdated}件）", rule.ja), format!("{} ({outdated})", rule.en));
        judge.report.findings.push(finding);
    }
    Ok(judge.report)
}

type Contracts<'a> = BTreeMap<Area, Vec<(SupplyPointId, &'a [SupplyPeriod])>>;

/// The points under contract by area, in their order.
fn contracts(register: Option<&SupplyRegister>) -> Contracts<'_> {
    let mut contracts = Contracts::new();
    for (point, periods) in register.into_iter().flat_map(SupplyRegister::iter) {
        contracts.entry(point.area()).or_default().push((point, periods));
    }
    contracts.values_mut().for_each(|points| points.sort_unstable_by_key(|(point, _)| *point));
    contracts
}

struct Judge<'a> {
    settings: &'a GapSettings<'a>,
    from: Date,
    to: Date,
    contracts: Contracts<'a>,
    files: &'a [MeterFile],
    report: GapReport,
}

/// The files of one message: same area, kind and day.
type OfDay<'a> = BTreeMap<(Area, MeteringKind, Date), Vec<&'a MeterFile>>;

impl Judge<'_> {
    fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let to = self.to;
        std::iter::successors(Some(self.from), |date| date.tomorrow().ok()).take_while(move |date| *date <= to)
    }

    /// What is missing, late or revised among the files.
    fn files(&mut self) {
        let mut of_day = OfDay::new();
        let mut sent: BTreeMap<Area, BTreeSet<MeteringKind>> = BTreeMap::new();
        for file in self.files {
            of_day.entry((file.area, file.kind, file.date)).or_default().push(file);
            if file.kind.shape() != MeteringShape::Month {
                sent.entry(file.area).or_default().insert(file.kind);
            }
        }
        let areas: BTreeSet<Area> = sent.keys().chain(self.contracts.keys()).copied().collect();
        for area in areas {
            for date in self.days() {
                let under_contract = self.families(area, date);
                let mut expected = sent.get(&area).cloned().unwrap_or_default();
                if let Some(families) = &under_contract {
                    expected.retain(|kind| families.contains(&kind.family()));
                    expected.extend(families.iter().map(|family| match family {
                        Family::High => MeteringKind::HighDay,
                        Family::Low | Family::Fit => MeteringKind::LowDay,
                    }));
                }
                for kind in expected {
                    let came = of_day.get(&(area, kind, date)).map_or(&[][..], Vec::as_slice);
                    self.missing_file(area, kind, date, came);
                }
            }
        }
        for ((area, kind, date), files) in &of_day {
            self.of_one_day(*area, *kind, *date, files);
        }
    }

    /// The voltages under contract in an area on a day; nothing where there is no register.
    fn families(&self, area: Area, date: Date) -> Option<BTreeSet<Family>> {
        self.settings.register?;
        let points = self.contracts.get(&area).map_or(&[][..], Vec::as_slice);
        let active = points.iter().filter(|(_, periods)| periods.iter().any(|period| period.covers(date)));
        Some(active.filter_map(|(point, _)| family(point)).collect())
    }

    fn missing_file(&mut self, area: Area, kind: MeteringKind, date: Date, came: &[&MeterFile]) {
        let mut gap = Gap::new(GapKind::File, area, date);
        gap.message = Some(kind);
        if kind.shape() == MeteringShape::Slot {
            let mut slots = SlotSet::ALL;
            came.iter().filter_map(|file| file.slot).for_each(|slot| slots.remove(slot));
            if !slots.is_empty() {
                gap.slots = slots;
                self.report.gaps.push(gap);
            }
        } else if came.is_empty() {
            self.report.gaps.push(gap);
        }
    }

    fn of_one_day(&mut self, area: Area, kind: MeteringKind, date: Date, files: &[&MeterFile]) {
        let mut parts: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
        let mut latest: BTreeMap<_, &MeterFile> = BTreeMap::new();
        let mut whole = BTreeSet::new();
        for file in files {
            parts.entry(file.slot).or_default().insert(file.part);
            // Files come in the order of their revisions.
            latest.insert((file.slot, file.part), file);
            if file.whole {
                whole.insert((file.slot, file.part, file.revision));
            }
        }
        let slots = |slot: Option<crate::items::Slot>| slot.map_or(SlotSet::EMPTY, SlotSet::of);
        for (slot, parts) in parts {
            let last = parts.last().copied().unwrap_or(0);
            let first = u32::from(!parts.contains(&0));
            for part in (first..last).filter(|part| !parts.contains(part)) {
                let mut gap = Gap::new(GapKind::Part, area, date);
                (gap.message, gap.slots, gap.part) = (Some(kind), slots(slot), Some(part));
                self.report.gaps.push(gap);
            }
        }
        for file in files {
            let named = |kind: GapKind| {
                let mut gap = Gap::new(kind, area, date);
                (gap.message, gap.slots, gap.part) = (Some(file.kind), slots(file.slot), Some(file.part));
                (gap.revision, gap.file, gap.rows) = (Some(file.revision), Some(file.name.clone()), file.rows);
                gap
            };
            if !file.whole && !whole.contains(&(file.slot, file.part, file.revision)) {
                self.report.gaps.push(named(GapKind::Broken));
            }
            if file.revision == 0 && self.is_late(file) {
                self.report.gaps.push(named(GapKind::Late));
            }
            let is_latest = latest.get(&(file.slot, file.part)).is_some_and(|last| last.digest == file.digest);
            if file.revision > 0 && is_latest {
                self.report.gaps.push(named(GapKind::Revised));
            }
        }
    }

    fn is_late(&self, file: &MeterFile) -> bool {
        let due = match file.kind.shape() {
            MeteringShape::Month => {
                self.settings.calendar.for_operator(file.area).add_business_days(file.date, FIXED_DUE).ok()
            }
            MeteringShape::Slot | MeteringShape::Day => file.date.tomorrow().ok(),
        };
        due.zip(file.created).is_some_and(|(due, created)| created.date() > due)
    }

    /// What is missing of the points.
    fn points(&mut self, store: &mut Store) -> Result<(), StoreError> {
        let query = ReadingQuery { from: self.from, to: self.to, points: None };
        let mut files: HashMap<(Area, Date), u64> = HashMap::new();
        let mut daily: BTreeSet<(Area, Date, Family)> = BTreeSet::new();
        for file in self.files {
            *files.entry((file.area, file.date)).or_default() += 1;
            if file.kind.shape() == MeteringShape::Day {
                daily.insert((file.area, file.date, file.kind.family()));
            }
        }
        let mut days: BTreeMap<(Area, Date), GapDay> = BTreeMap::new();
        let mut runs = HashMap::new();
        for day in store.current_readings(&query)? {
            let day = day?;
            let counted = self.day(&day, &daily, &mut runs);
            days.insert((day.area, day.date), counted);
        }
        let no_file: BTreeSet<_> =
            self.report.gaps.iter().filter(|gap| gap.kind == GapKind::File).map(|gap| (gap.area, gap.date)).collect();
        // Days of which nothing came: where a file is missing, the points are counted only.
        let areas: BTreeSet<Area> = self.contracts.keys().copied().chain(files.keys().map(|(area, _)| *area)).collect();
        let all: Vec<_> = areas.into_iter().flat_map(|area| self.days().map(move |date| (area, date))).collect();
        for (area, date) in all {
            let came = files.get(&(area, date)).copied().unwrap_or(0);
            if let Some(day) = days.get_mut(&(area, date)) {
                day.files = came;
                continue;
            }
            let points: Vec<_> = self.expected(area, date).collect();
            let expected = points.len() as u64;
            let missing_slots = expected * 48;
            let day = GapDay { missing: expected, missing_slots, expected, files: came, ..empty(area, date) };
            days.insert((area, date), day);
            if came > 0 || !no_file.contains(&(area, date)) {
                points.into_iter().for_each(|point| self.missing_point(area, date, point, &mut runs));
            }
        }
        let judged = self.settings.register.is_some();
        self.report.days = days.into_values().filter(|day| day.expected > 0 || (!judged && day.files > 0)).collect();
        Ok(())
    }

    /// The points under contract in an area on a day.
    fn expected(&self, area: Area, date: Date) -> impl Iterator<Item = SupplyPointId> + '_ {
        let points = self.contracts.get(&area).map_or(&[][..], Vec::as_slice);
        let active =
            move |(_, periods): &&(SupplyPointId, &[SupplyPeriod])| periods.iter().any(|period| period.covers(date));
        points.iter().filter(active).map(|(point, _)| *point)
    }

    fn day(
        &mut self,
        day: &CurrentDay,
        daily: &BTreeSet<(Area, Date, Family)>,
        runs: &mut HashMap<SupplyPointId, usize>,
    ) -> GapDay {
        let expected: Vec<_> = match self.settings.register {
            Some(_) => self.expected(day.area, day.date).collect(),
            None => day.points.clone(),
        };
        let mut counted = GapDay { expected: expected.len() as u64, ..empty(day.area, day.date) };
        let mut rows = day.points.iter().zip(&day.slots).peekable();
        for point in expected {
            while rows.next_if(|(other, _)| **other < point).is_some() {}
            let Some((_, slots)) = rows.next_if(|(other, _)| **other == point) else {
                counted.missing += 1;
                counted.missing_slots += 48;
                self.missing_point(day.area, day.date, point, runs);
                continue;
            };
            let missing = SlotSet::ALL.without(slots.given());
            for (count, slots) in counted.by_status.iter_mut().zip(slots.counts) {
                *count += u64::from(slots.len());
            }
            counted.missing_slots += u64::from(missing.len());
            let of_point = |kind: GapKind, slots: SlotSet| {
                let mut gap = Gap::new(kind, day.area, day.date);
                (gap.point, gap.slots) = (Some(point), slots);
                gap
            };
            if missing.is_empty() {
                counted.complete += 1;
            } else {
                counted.partial += 1;
                let mut gap = of_point(GapKind::Slots, missing);
                gap.without_value = missing.intersection(slots.received());
                self.report.gaps.push(gap);
            }
            let preliminary = slots.received_as(ReadingStatus::Preliminary);
            let later = slots.received_as(ReadingStatus::Daily).union(slots.received_as(ReadingStatus::Fixed));
            let came = |family: Option<Family>| match family {
                Some(family) => daily.contains(&(day.area, day.date, family)),
                None => [Family::Low, Family::High].iter().any(|f| daily.contains(&(day.area, day.date, *f))),
            };
            if !preliminary.is_empty() && later.is_empty() && came(family(&point)) {
                self.report.gaps.push(of_point(GapKind::NotInDaily, preliminary));
            }
            if !slots.uneven.is_empty() {
                self.report.gaps.push(of_point(GapKind::Uneven, slots.uneven));
            }
        }
        counted
    }

    /// A point without any reading; days that follow each other are one gap.
    fn missing_point(
        &mut self,
        area: Area,
        date: Date,
        point: SupplyPointId,
        runs: &mut HashMap<SupplyPointId, usize>,
    ) {
        let before = runs.get(&point).and_then(|index| self.report.gaps.get_mut(*index));
        if let Some(gap) = before.filter(|gap| gap.to.tomorrow().ok() == Some(date)) {
            gap.to = date;
            return;
        }
        let mut gap = Gap::new(GapKind::Point, area, date);
        (gap.point, gap.slots) = (Some(point), SlotSet::ALL);
        runs.insert(point, self.report.gaps.len());
        self.report.gaps.push(gap);
    }
}

const fn empty(area: Area, date: Date) -> GapDay {
    GapDay {
        area,
        date,
        expected: 0,
        complete: 0,
        partial: 0,
        missing: 0,
        missing_slots: 0,
        by_status: [0; 3],
        files: 0,
    }
}

/// The voltage that a point's third digit tells; nothing where it tells none.
fn family(point: &SupplyPointId) -> Option<Family> {
    match point.voltage() {
        VoltageDigit::Low => Some(Family::Low),
        VoltageDigit::High => Some(Family::High),
        VoltageDigit::Unknown(_) => None,
    }
}
