//! 計量ファイルの提供: the download systems of the ten operators, with invented meter data and faults on demand.
//!
//! The files of a day follow from the world, the seed and the day alone; what was revised meanwhile is the only state.

mod answer;
mod fault;
mod make;

pub(super) use answer::{Asked, MeterAnswer};
pub use fault::{FileFault, FileFaultKind, FileFaultOn};

use super::engine::mix;
use super::world::World;
use crate::items::{Area, BusinessCode, Code as _, Date, Family, Slot, SupplyPointId};
use crate::messages::metering::{MeteringKind, MeteringShape};
use crate::wire::filename::{MeteringFileName, Part, Revision};
use fault::Armed;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// 計量ファイルの提供: what the ten operators hold ready, and how they answer.
#[derive(Debug)]
pub struct MeterFiles {
    seed: u64,
    retailer: BusinessCode,
    /// Low and high voltage, by area.
    points: BTreeMap<Area, [Vec<SupplyPointId>; 2]>,
    state: Mutex<State>,
    /// What was made already.
    made: Mutex<Made>,
}

type Made = BTreeMap<(Area, Held), Arc<[u8]>>;

/// What changes while files are fetched.
#[derive(Debug, Default)]
struct State {
    faults: Vec<Armed>,
    requests: u64,
    /// Operators that have revised their first file, and those that have replaced it under its name.
    revised: BTreeSet<Area>,
    replaced: BTreeSet<Area>,
    /// The session of an operator that wants one, and whether its menu was opened.
    session: Option<(u64, bool)>,
    /// Names that were asked for.
    asked: Vec<String>,
}

/// A file that is held ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Held {
    name: MeteringFileName,
    /// Whether it was replaced under its name.
    replaced: bool,
}

impl MeterFiles {
    /// The files of a world, and the faults that it names.
    #[must_use]
    pub fn new(world: &World, seed: u64) -> MeterFiles {
        let mut points: BTreeMap<Area, [Vec<SupplyPointId>; 2]> = BTreeMap::new();
        for point in &world.points {
            let [low, high] = points.entry(point.id.area()).or_default();
            if point.family == Family::High { high.push(point.id) } else { low.push(point.id) }
        }
        for area in Area::ALL {
            let [low, high] = points.entry(*area).or_default();
            for (voltage, ids) in [(0, low), (1, high)] {
                // An operator without customers would have no file to give.
                while ids.len() < 2 {
                    let id = format!("{}{voltage}{:018}9", area.key(), ids.len());
                    match SupplyPointId::parse(&id) {
                        Ok(id) => ids.push(id),
                        Err(_) => break,
                    }
                }
            }
        }
        let files =
            MeterFiles { seed, retailer: world.retailer, points, state: Mutex::default(), made: Mutex::default() };
        for fault in &world.file_faults {
            files.arm(fault.clone());
        }
        files
    }

    /// Lets something go wrong from now on.
    pub fn arm(&self, fault: FileFault) {
        let mut state = self.state();
        let salt = state.faults.len() as u64;
        state.faults.push(Armed::new(fault, salt));
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
    /// How many requests came.
    pub fn requests(&self) -> u64 {
        self.state().requests
    }
    /// The names that were asked for, in their order.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// The names that an operator lists on a day.
    pub fn names(&self, area: Area, today: Date) -> Vec<String> {
        self.held(area, today).iter().map(|held| held.name.zip()).collect()
    }
    /// The octets of a file as they are right.
    pub fn octets(&self, area: Area, today: Date, name: &str) -> Option<Vec<u8>> {
        let held = self.held(area, today).into_iter().find(|held| held.name.zip() == name)?;
        Some(self.zip(area, held).to_vec())
    }

    /// 契約台帳 of the points whose data it is, as a CSV: all of them ours since long ago.
    #[must_use]
    pub fn contracts(&self) -> String {
        let ids = self.points.values().flatten().flatten();
        ids.fold("供給地点特定番号,開始日\r\n".to_owned(), |text, id| text + id.as_str() + ",2020-04-01\r\n")
    }

    /// The sections of an exchange configuration that lead to a server of these files.
    #[must_use]
    pub fn config(&self, address: &str) -> String {
        let host = address.trim_end_matches('/');
        let mut text = format!(
            "retailer = \"{}\"\n[download.all]\nhost = \"{host}\"\nrequests-per-minute = 60000\nretry-delay = 0\n",
            self.retailer
        );
        for area in Area::ALL {
            let key = area.key();
            text.push_str(&format!("[download.\"{key}\"]\n"));
            text.push_str(&match area {
                Area::Shikoku => format!(
                    "prefix = \"/operator/{key}/PPS/30min\"\n\
                     session = [{{ get = \"/operator/{key}/\" }}, {{ post = \"/operator/{key}/PPS/Menu1.action\" }}]\n"
                ),
                _ => format!("prefix = \"/operator/{key}/{{code}}\"\n"),
            });
        }
        text
    }

    /// The zip of a file, made once.
    fn zip(&self, area: Area, held: Held) -> Arc<[u8]> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry((area, held)).or_insert_with(|| self.make(area, held).unwrap_or_default().into()).clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an operator holds ready: two days of daily files, the low voltage ones in two parts, the first slot of
    /// today, and the bills of the points whose meter was read the day before yesterday.
    fn held(&self, area: Area, today: Date) -> Vec<Held> {
        let (yesterday, before) = (back(today, 1), back(today, 2));
        let of = |kind: MeteringKind, date, part, revision| {
            let slot = (kind.shape() == MeteringShape::Slot).then(|| Slot::new(1)).flatten();
            let (part, revision) = (Part::new(part)?, Revision::new(revision)?);
            let name = MeteringFileName::new(kind, date, slot, revision, part)?;
            Some(Held { name, replaced: false })
        };
        let (revised, replaced) = {
            let state = self.state();
            (state.revised.contains(&area), state.replaced.contains(&area))
        };
        let mut files: Vec<Held> = [
            of(MeteringKind::LowDay, yesterday, 0, u8::from(revised)),
            of(MeteringKind::LowDay, yesterday, 1, 0),
            of(MeteringKind::HighDay, yesterday, 0, 0),
            of(MeteringKind::LowDay, before, 0, 0),
            of(MeteringKind::LowDay, before, 1, 0),
            of(MeteringKind::HighDay, before, 0, 0),
            of(MeteringKind::LowSlot, today, 0, 0),
            of(MeteringKind::HighSlot, today, 0, 0),
            of(MeteringKind::LowMonth, before, 0, 0),
            of(MeteringKind::HighMonth, before, 0, 0),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let Some(first) = files.first_mut() {
            first.replaced = replaced;
        }
        files
    }

    /// The points of a file: daily ones of low voltage come in two parts, every other point in each; one point of each
    /// voltage had its meter reading day.
    fn points_of(&self, area: Area, name: &MeteringFileName) -> Vec<SupplyPointId> {
        let Some([low, high]) = self.points.get(&area) else { return Vec::new() };
        match (name.kind().family(), name.kind().shape()) {
            (Family::High, MeteringShape::Month) => high.iter().take(1).copied().collect(),
            (_, MeteringShape::Month) => low.iter().take(1).copied().collect(),
            (Family::High, _) => high.clone(),
            (_, MeteringShape::Day) => {
                let part = name.part().number() as usize;
                low.iter().skip(part).step_by(2).copied().collect()
            }
            _ => low.clone(),
        }
    }

    /// What a meter measured. Unit: 0.0001 kWh. A later revision says otherwise.
    fn reading(&self, point: SupplyPointId, date: Date, slot: Slot, revision: u64) -> i64 {
        let packed = point.packed();
        let who = mix((packed >> 64) as u64 ^ self.seed, packed as u64);
        let when = (i64::from(date.year()) * 512 + i64::from(date.month()) * 32 + i64::from(date.day())) as u64;
        (mix(who ^ revision, when * 64 + u64::from(slot.number())) % 20_000) as i64
    }
}

fn back(date: Date, days: i32) -> Date {
    date.saturating_sub(jiff::ToSpan::days(days))
}
