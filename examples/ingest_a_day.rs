//! Takes a day of an operator's files in and lists what is missing. Everything in it is made up.
//!
//! `cargo run --example ingest_a_day`

use occto::calendar::Calendar;
use occto::desk::metering::{GapKind, GapSettings, IngestSettings, SupplyRegister, files_of, find_gaps, ingest};
use occto::items::{Area, BusinessCode, Code, Date, Energy, Slot, SupplyPointId};
use occto::messages::metering::{
    Availability, HalfHourly, MeteringFile, MeteringHeader, MeteringKind, MeteringPurpose, MeteringRows,
};
use occto::notice::{ClearanceDesk, Context, Notice, Party, Route};
use occto::store::Store;
use occto::store::readings::ReadingQuery;
use occto::wire::filename::{MeteringFileName, Part, Revision};
use occto::wire::{archive, cii};
use std::error::Error;
use std::path::Path;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let (inbox, data) = (place.path().join("inbox"), place.path().join("data"));
    std::fs::create_dir(&inbox)?;
    let day: Date = "2026-04-01".parse()?;
    let [one, two, three, foreign] = [1, 2, 3, 9].map(point);
    let (one, two, three, foreign) = (one?, two?, three?, foreign?);

    // What the operator sends: the half-hours of the morning as they come, and all of the day on the next one.
    for slot in Slot::all().take(12) {
        let rows = [one, two, three].map(|point| (point, slot, Some("0.3")));
        send(&inbox, MeteringKind::LowSlot, day, Some(slot), &rows)?;
    }
    let mut rows = Vec::new();
    for slot in Slot::all() {
        rows.push((one, slot, Some("0.25")));
        // The operator could not read two slots of the second point, and forgot the third.
        rows.push((two, slot, if [20, 21].contains(&slot.number()) { None } else { Some("1.5") }));
        rows.push((foreign, slot, Some("9.9")));
    }
    send(&inbox, MeteringKind::LowDay, day, None, &rows)?;

    // What is ours, and since when.
    let contracts = [one, two, three].map(|point| format!("{},2026-01-15,", point.as_str())).join("\n");
    let register = SupplyRegister::parse(format!("供給地点特定番号,開始日,終了日\n{contracts}\n").as_bytes(), &[])
        .map_err(|findings| format!("{findings:?}"))?;

    let mut store = Store::open(&data)?;
    let now = "2026-04-02T04:00:00".parse()?;
    let (files, settings) = (files_of(&[inbox])?, IngestSettings::default());
    ingest(&mut store, Some(&register), &files, &settings, now, &|_| (), |file| {
        for finding in &file.findings {
            println!("{} {}", finding.code, finding.en);
        }
    })?;

    let calendar = Calendar::published()?;
    let settings =
        GapSettings { from: None, to: None, today: now.date(), register: Some(&register), calendar: &calendar };
    let report = find_gaps(&mut store, &settings)?;
    for day in &report.days {
        let (complete, expected, missing) = (day.complete, day.expected, day.missing_slots);
        println!("{} {}: {complete} of {expected} points complete, {missing} slots missing", day.date, day.area.en());
    }
    assert!(report.needs_a_person() && report.count(GapKind::NotInDaily) == 1);
    for gap in &report.gaps {
        let point = gap.point.map(|point| point.masked()).or_else(|| gap.tail.clone()).unwrap_or_default();
        println!("{} {} {point} {}", gap.kind.rule().code, gap.kind.en(), gap.slots);
    }

    let query = ReadingQuery { from: day, to: day, points: None };
    for readings in store.current_readings(&query)? {
        let readings = readings?;
        for (row, point) in readings.points.iter().enumerate() {
            let given = readings.slots.get(row).map_or(0, |slots| slots.given().len());
            println!("{}: {given} slots", point.masked());
        }
    }
    Ok(())
}

fn point(number: u32) -> Result<SupplyPointId, occto::items::ItemError> {
    SupplyPointId::parse(&format!("030011100000{number:010}"))
}

/// Makes a file as the operator of Tokyo would. It is cleared first: nothing is written that may not go.
fn send(
    dir: &Path,
    kind: MeteringKind,
    date: Date,
    slot: Option<Slot>,
    rows: &[(SupplyPointId, Slot, Option<&str>)],
) -> Result<(), Box<dyn Error>> {
    let us = BusinessCode::parse("40113")?;
    let created = "2026-04-02T03:00:00".parse()?;
    let header = MeteringHeader {
        kind,
        mode: "0".to_owned(),
        agency: "OCTO".to_owned(),
        version: "3A".to_owned(),
        created: Some(created),
        sender: BusinessCode::parse("10033")?,
        sender_name: None,
        recipient: us,
        recipient_name: None,
        update_code: None,
        update_number: None,
        date: Some(date),
        slot,
        month: None,
    };
    let mut columns = HalfHourly::default();
    for (point, slot, energy) in rows {
        columns.points.push(*point);
        columns.slots.push(*slot);
        columns.energies.push(energy.map(Energy::parse).transpose()?.unwrap_or_default());
        columns.availability.push(if energy.is_some() { Availability::GIVEN } else { Availability::MISSING });
        for texts in [&mut columns.control_numbers, &mut columns.customer_ids, &mut columns.customer_names] {
            texts.push("");
        }
    }
    let file = MeteringFile::new(header, MeteringRows::HalfHourly(columns), MeteringPurpose::GridOperation)?;
    let notice = Notice::embedded("common-core").ok_or("no such notice")?;
    let route = Route { sender: Party::operator(Area::Tokyo), recipient: Party::retailer(us), via: None };
    let cleared = ClearanceDesk::new(notice).clear(file, &Context::new(route, created))?;
    let mut octets = Vec::new();
    cii::write(&cleared, &mut octets)?;
    let name = MeteringFileName::new(kind, date, slot, Revision::FIRST, Part::FIRST).ok_or("no such name")?;
    archive::write(std::fs::File::create(dir.join(name.zip()))?, &name.xml(), &octets)?;
    Ok(())
}
