//! Files of the operators and a data folder, for tests of what is done with them.

use crate::metering_samples::{cleared, header};
use occto::desk::metering::{FileTaken, IngestSettings, Intake, SupplyRegister, files_of, ingest};
use occto::items::{Date, Energy, Slot, SupplyPointId, YearMonth};
use occto::messages::metering::{
    Allocation, Availability, FixedUsage, HalfHourly, MeteringFile, MeteringKind, MeteringPurpose, MeteringRows,
    MeteringShape,
};
use occto::store::Store;
use occto::store::readings::{CurrentDay, ReadingQuery};
use occto::wire::archive;
use occto::wire::cii::write;
use occto::wire::filename::{MeteringFileName, Part, Revision};
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// A point of Tokyo.
pub fn point(number: u32) -> SupplyPointId {
    SupplyPointId::parse(&format!("030011100000{number:010}")).unwrap()
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// The day that most tests are about.
pub fn day() -> Date {
    date("2026-04-01")
}

pub fn slot(number: u8) -> Slot {
    Slot::new(number).unwrap()
}

pub fn kwh(text: &str) -> Option<Energy> {
    Some(Energy::parse(text).unwrap())
}

/// One file of the operator of Tokyo.
#[derive(Clone)]
pub struct Made {
    pub kind: MeteringKind,
    pub date: Date,
    pub slot: Option<Slot>,
    pub revision: u8,
    pub part: u32,
    pub created: &'static str,
    rows: HalfHourly,
    usage: FixedUsage,
}

impl Made {
    pub fn new(kind: MeteringKind) -> Made {
        Made {
            kind,
            date: day(),
            slot: (kind.shape() == MeteringShape::Slot).then(|| slot(1)),
            revision: 0,
            part: 0,
            created: "2026-04-02T03:00:00",
            rows: HalfHourly::default(),
            usage: FixedUsage::default(),
        }
    }
    pub fn at(mut self, number: u8) -> Made {
        self.slot = Some(slot(number));
        self
    }
    pub fn on(mut self, date: Date) -> Made {
        self.date = date;
        self
    }
    pub fn revision(mut self, revision: u8, part: u32) -> Made {
        (self.revision, self.part) = (revision, part);
        self
    }
    pub fn created(mut self, created: &'static str) -> Made {
        self.created = created;
        self
    }
    /// A row of W4; slots have to come in their order.
    pub fn row(mut self, point: SupplyPointId, control: &str, slot: Slot, energy: Option<&str>) -> Made {
        let rows = &mut self.rows;
        rows.points.push(point);
        rows.slots.push(slot);
        rows.energies.push(energy.and_then(kwh).unwrap_or_default());
        rows.availability.push(if energy.is_some() { Availability::GIVEN } else { Availability::MISSING });
        assert!(rows.control_numbers.push(control) && rows.customer_ids.push("") && rows.customer_names.push(""));
        self
    }
    /// Some points with the same energy in every slot, or in the slot of the file.
    pub fn full(mut self, points: &[SupplyPointId], energy: &str) -> Made {
        let only = self.slot;
        for slot in Slot::all().filter(|slot| only.is_none_or(|own| own == *slot)) {
            for point in points {
                self = self.row(*point, "", slot, Some(energy));
            }
        }
        self
    }
    /// A bill of W5: the same whole and own energy in every slot of some days.
    pub fn bill(
        mut self,
        point: SupplyPointId,
        allocation: Option<Allocation>,
        days: &[Date],
        (whole, own): (Option<&str>, Option<&str>),
    ) -> Made {
        let bills = &mut self.usage.bills;
        bills.points.push(point);
        for column in [&mut bills.customer_ids, &mut bills.customer_names, &mut bills.places, &mut bills.voltages] {
            assert!(column.push(""));
        }
        bills.allocations.push(allocation);
        bills.availability.push(Availability::GIVEN);
        bills.whole.push(None);
        bills.own.push(None);
        bills.power_factors.push(None);
        bills.peaks.push(None);
        bills.next_readings.push(None);
        for (date, slot) in days.iter().flat_map(|day| Slot::all().map(move |slot| (*day, slot))) {
            self.usage.slots.dates.push(date);
            self.usage.slots.slots.push(slot);
            self.usage.slots.whole.push(whole.and_then(kwh));
            self.usage.slots.own.push(own.and_then(kwh));
        }
        self.usage.bills.ends.push(u32::try_from(self.usage.slots.dates.len()).unwrap());
        self
    }

    pub fn name(&self) -> MeteringFileName {
        let revision = Revision::new(self.revision).unwrap();
        MeteringFileName::new(self.kind, self.date, self.slot, revision, Part::new(self.part).unwrap()).unwrap()
    }
    pub fn xml(&self) -> Vec<u8> {
        let mut head = header(self.kind);
        head.created = Some(self.created.parse().unwrap());
        let month = self.kind.shape() == MeteringShape::Month;
        head.date = (!month).then_some(self.date);
        head.slot = self.slot;
        head.month = month.then(|| YearMonth::of(self.date).unwrap());
        let rows =
            if month { MeteringRows::Fixed(self.usage.clone()) } else { MeteringRows::HalfHourly(self.rows.clone()) };
        let mut octets = Vec::new();
        write(&cleared(MeteringFile::new(head, rows, MeteringPurpose::GridOperation).unwrap()), &mut octets).unwrap();
        octets
    }
    pub fn zip(&self) -> Vec<u8> {
        archive::write(Cursor::new(Vec::new()), &self.name().xml(), &self.xml()).unwrap().into_inner()
    }
    /// Puts it into a folder as the operator names it.
    pub fn put(&self, dir: &Path) -> PathBuf {
        self.put_as(dir, &self.name().zip())
    }
    pub fn put_as(&self, dir: &Path, name: &str) -> PathBuf {
        std::fs::create_dir_all(dir).unwrap();
        let path = dir.join(name);
        std::fs::write(&path, self.zip()).unwrap();
        path
    }
}

/// A folder with an inbox and a store.
pub struct Place {
    dir: tempfile::TempDir,
    pub store: Store,
    pub register: Option<SupplyRegister>,
}

impl Place {
    pub fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("data")).unwrap();
        Place { dir, store, register: None }
    }
    pub fn inbox(&self) -> PathBuf {
        self.dir.path().join("inbox")
    }
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }
    pub fn put(&self, made: &Made) -> PathBuf {
        made.put(&self.inbox())
    }
    /// Takes files or folders in.
    pub fn take(&mut self, paths: &[PathBuf]) -> Vec<FileTaken> {
        let mut taken = Vec::new();
        let (files, settings) = (files_of(paths).unwrap(), IngestSettings::default());
        let now = "2026-04-03T09:00:00".parse().unwrap();
        ingest(&mut self.store, self.register.as_ref(), &files, &settings, now, &|_| (), |file| taken.push(file))
            .unwrap();
        taken
    }
    /// Puts a file into the inbox and takes it in.
    pub fn took(&mut self, made: &Made) -> FileTaken {
        let path = self.put(made);
        self.take(&[path]).remove(0)
    }
    pub fn outcomes(&mut self) -> Vec<Intake> {
        let inbox = self.inbox();
        self.take(&[inbox]).into_iter().map(|file| file.outcome).collect()
    }
    pub fn days(&mut self) -> Vec<CurrentDay> {
        let query = ReadingQuery { from: date("2000-01-01"), to: date("2099-12-31"), points: None };
        self.store.current_readings(&query).unwrap().map(Result::unwrap).collect()
    }
}

/// A register of points of Tokyo from a day on, with their ends.
pub fn register(rows: &[(SupplyPointId, &str, &str)]) -> SupplyRegister {
    let mut text = "供給地点特定番号,開始日,終了日\r\n".to_owned();
    rows.iter().for_each(|(point, start, end)| text.push_str(&format!("{},{start},{end}\r\n", point.as_str())));
    SupplyRegister::parse(text.as_bytes(), &[]).unwrap()
}

/// The codes of findings.
pub fn codes(taken: &FileTaken) -> Vec<&'static str> {
    taken.findings.iter().map(|finding| finding.code).collect()
}
