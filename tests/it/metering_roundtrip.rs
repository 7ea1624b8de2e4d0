//! What is written is read as it was: all six messages, through the zip, and by both readers.

use crate::metering_samples::{Numbers, cleared, date, file, header, kinds, point};
use occto::items::{Code as _, Energy, Slot};
use occto::messages::metering::{
    Allocation, Availability, FixedUsage, HalfHourly, MeteringFile, MeteringHeader, MeteringKind, MeteringPurpose,
    MeteringRows, MeteringShape, Rows,
};
use occto::rules::Finding;
use occto::wire::archive::{self, Archive, ArchiveLimits};
use occto::wire::cii::{self, ReadSettings, Sink};
use proptest::prelude::*;
use std::io::Cursor;

/// Everything that a reader gives away.
#[derive(Default)]
struct Whole {
    header: Option<MeteringHeader>,
    half_hourly: HalfHourly,
    fixed: FixedUsage,
    findings: Vec<Finding>,
}

impl Sink for Whole {
    fn header(&mut self, header: &MeteringHeader) {
        self.header = Some(header.clone());
    }
    fn rows(&mut self, rows: Rows<'_>) {
        match rows {
            Rows::HalfHourly(batch) => {
                let whole = &mut self.half_hourly;
                whole.points.extend(&batch.points);
                whole.slots.extend(&batch.slots);
                whole.energies.extend(&batch.energies);
                whole.availability.extend(&batch.availability);
                batch.control_numbers.iter().for_each(|text| assert!(whole.control_numbers.push(text)));
                batch.customer_ids.iter().for_each(|text| assert!(whole.customer_ids.push(text)));
                batch.customer_names.iter().for_each(|text| assert!(whole.customer_names.push(text)));
            }
            Rows::Fixed(batch) => {
                let before = u32::try_from(self.fixed.slots.dates.len()).unwrap();
                let whole = &mut self.fixed;
                let (to, from) = (&mut whole.bills, &batch.bills);
                to.points.extend(&from.points);
                from.customer_ids.iter().for_each(|text| assert!(to.customer_ids.push(text)));
                from.customer_names.iter().for_each(|text| assert!(to.customer_names.push(text)));
                from.places.iter().for_each(|text| assert!(to.places.push(text)));
                from.voltages.iter().for_each(|text| assert!(to.voltages.push(text)));
                to.allocations.extend(&from.allocations);
                to.availability.extend(&from.availability);
                to.whole.extend(&from.whole);
                to.own.extend(&from.own);
                to.power_factors.extend(&from.power_factors);
                to.peaks.extend(&from.peaks);
                to.next_readings.extend(&from.next_readings);
                to.ends.extend(from.ends.iter().map(|end| end + before));
                whole.slots.dates.extend(&batch.slots.dates);
                whole.slots.slots.extend(&batch.slots.slots);
                whole.slots.whole.extend(&batch.slots.whole);
                whole.slots.own.extend(&batch.slots.own);
            }
        }
    }
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Writes, reads by both readers and through a zip, and compares.
fn round(file: MeteringFile) -> Result<(), TestCaseError> {
    let (expected_header, expected_rows) = file.clone().into_parts();
    let mut octets = Vec::new();
    cii::write(&cleared(file), &mut octets).unwrap();
    let zipped = archive::write(Cursor::new(Vec::new()), "a.xml", &octets).unwrap();
    let settings = ReadSettings { batch: 7, ..ReadSettings::default() };
    for way in 0..3 {
        let mut whole = Whole::default();
        let tally = match way {
            0 => cii::read(&octets, &settings, &mut whole).unwrap(),
            1 => cii::read_plainly(&octets, &settings, &mut whole).unwrap(),
            _ => {
                let mut archive = Archive::open(zipped.clone(), &ArchiveLimits::default(), None).unwrap();
                cii::read_from(archive.entry().unwrap(), &settings, &mut whole).unwrap()
            }
        };
        let said: Vec<_> = whole.findings.iter().map(ToString::to_string).collect();
        prop_assert!(said.is_empty(), "{said:?}");
        prop_assert_eq!(whole.header.as_ref(), Some(&expected_header));
        match &expected_rows {
            MeteringRows::HalfHourly(rows) => {
                prop_assert_eq!(&whole.half_hourly, rows);
                prop_assert_eq!(tally.read, rows.len() as u64);
            }
            MeteringRows::Fixed(usage) => prop_assert_eq!(&whole.fixed, usage),
        }
        prop_assert_eq!((tally.rejected, tally.unknown), (0, 0));
    }
    Ok(())
}

#[test]
fn the_samples_of_all_six_are_read_as_they_were() {
    for kind in kinds() {
        let (head, rows) = file(kind).into_parts();
        // A point twice under one control number is a finding, and the samples have none.
        round(MeteringFile::new(head, rows, MeteringPurpose::GridOperation).unwrap()).unwrap();
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[A-Za-z0-9]{1,8}", "[ァ-ヶ一-三&<>\"']{1,6}"]
}

fn energy() -> impl Strategy<Value = Energy> {
    prop_oneof![0..100_000i64, 0..=9_999_999_999_999_999i64].prop_map(Energy::from_ten_thousandths)
}

fn flag() -> impl Strategy<Value = Availability> {
    prop_oneof![4 => Just(Availability::GIVEN), 1 => (1..=9u8).prop_map(|digit| Availability::new(digit).unwrap())]
}

fn half_hourly(kind: MeteringKind) -> impl Strategy<Value = MeteringRows> {
    let row = (text(), text(), energy(), flag());
    prop::collection::vec((1..=48u8, row), 0..40).prop_map(move |mut drawn| {
        drawn.sort_by_key(|(slot, _)| *slot);
        let mut rows = HalfHourly::default();
        for (index, (slot, (id, name, energy, flag))) in drawn.into_iter().enumerate() {
            let own = header(kind).slot;
            rows.points.push(point(3, index as u64));
            rows.slots.push(own.unwrap_or_else(|| Slot::new(slot).unwrap()));
            rows.energies.push(if flag.is_given() { energy } else { Energy::default() });
            rows.availability.push(flag);
            rows.customer_ids.push(&id);
            rows.customer_names.push(&name);
            rows.control_numbers.push(if index % 3 == 0 { "" } else { "01" });
        }
        MeteringRows::HalfHourly(rows)
    })
}

fn fixed() -> impl Strategy<Value = MeteringRows> {
    let bill = (text(), prop::option::of(energy()), flag(), any::<bool>(), 0..3i64, any::<u64>());
    prop::collection::vec(bill, 0..8).prop_map(|drawn| {
        let mut usage = FixedUsage::default();
        for (index, (name, whole, flag, part, days, seed)) in drawn.into_iter().enumerate() {
            let mut numbers = Numbers(seed);
            let list = &mut usage.bills;
            list.points.push(point(3, index as u64));
            list.customer_ids.push("");
            list.customer_names.push(&name);
            list.places.push(&name);
            list.voltages.push("高圧");
            list.allocations.push(Some(if part { Allocation::Part } else { Allocation::Whole }));
            list.availability.push(flag);
            list.whole.push(whole);
            list.own.push(None);
            list.power_factors.push((seed % 3 == 0).then_some(995_000));
            list.peaks.push((seed % 2 == 0).then_some(123_456));
            list.next_readings.push((seed % 5 == 0).then(|| date("2026-12-16")));
            for day in 0..if flag.is_given() { days } else { 0 } {
                let date = date("2026-10-16").checked_add(jiff::Span::new().days(day)).unwrap();
                for slot in Slot::all() {
                    let energy = |count: u64| Some(Energy::from_ten_thousandths(count.cast_signed()));
                    usage.slots.dates.push(date);
                    usage.slots.slots.push(slot);
                    usage.slots.whole.push(energy(numbers.below(50_000)));
                    usage.slots.own.push(if part { energy(numbers.below(50_000)) } else { None });
                }
            }
            usage.bills.ends.push(u32::try_from(usage.slots.dates.len()).unwrap());
        }
        MeteringRows::Fixed(usage)
    })
}

fn any_file() -> impl Strategy<Value = MeteringFile> {
    prop::sample::select(MeteringKind::ALL).prop_flat_map(|kind| {
        let rows = match kind.shape() {
            MeteringShape::Month => fixed().boxed(),
            _ => half_hourly(kind).boxed(),
        };
        rows.prop_map(move |rows| MeteringFile::new(header(kind), rows, MeteringPurpose::GridOperation).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_as_it_was(file in any_file()) {
        round(file)?;
    }
}
