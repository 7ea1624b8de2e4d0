//! 計量ファイルの作成: one file, from the readings of its points, cleared and written like everything that is sent.

use super::{Held, MeterFiles, back};
use crate::items::{Area, BusinessCode, Date, Energy, Family, Slot, SupplyPointId, YearMonth};
use crate::messages::metering::{
    Allocation, Availability, FixedUsage, HalfHourly, MeteringFile, MeteringHeader, MeteringKind, MeteringPurpose,
    MeteringRows, MeteringShape,
};
use crate::notice::{ClearanceDesk, Context, Notice, Party, Route};
use crate::wire::{archive, cii};
use jiff::ToSpan as _;
use std::io::Cursor;

/// What a file that was replaced under its name says more at each value, which makes it longer. Unit: 0.0001 kWh.
const MORE: i64 = 100_0000;

impl MeterFiles {
    /// The zip of a file; the same file has the same octets. Nothing where the notice does not let it go.
    pub(super) fn make(&self, area: Area, held: Held) -> Option<Vec<u8>> {
        let retailer = self.code_in(area)?;
        let name = held.name;
        let rows = match name.kind().shape() {
            MeteringShape::Month => MeteringRows::Fixed(self.bills(area, held)?),
            MeteringShape::Slot | MeteringShape::Day => MeteringRows::HalfHourly(self.half_hours(area, held)),
        };
        let header = header(name.kind(), name.date(), name.slot(), operator(area)?, retailer)?;
        let created = header.created?;
        let file = MeteringFile::new(header, rows, MeteringPurpose::GridOperation).ok()?;
        let route = Route { sender: Party::operator(area), recipient: Party::retailer(retailer), via: None };
        let desk = ClearanceDesk::new(Notice::embedded("common-core")?);
        let cleared = desk.clear(file, &Context::new(route, created)).ok()?;
        let mut xml = Vec::new();
        cii::write(&cleared, &mut xml).ok()?;
        Some(archive::write(Cursor::new(Vec::new()), &name.xml(), &xml).ok()?.into_inner())
    }

    /// Our code in an area: the own four digits, and the digit of the area.
    fn code_in(&self, area: Area) -> Option<BusinessCode> {
        let own: String = self.retailer.to_string().chars().take(4).collect();
        BusinessCode::parse(&format!("{own}{}", area.digit())).ok()
    }

    fn energy(&self, point: SupplyPointId, date: Date, slot: Slot, held: Held) -> Energy {
        let revision = u64::from(held.name.revision().number());
        let more = if held.replaced { MORE } else { 0 };
        Energy::from_ten_thousandths(self.reading(point, date, slot, revision) + more)
    }

    fn half_hours(&self, area: Area, held: Held) -> HalfHourly {
        let (points, date) = (self.points_of(area, &held.name), held.name.date());
        let slots: Vec<Slot> = held.name.slot().map_or_else(|| Slot::all().collect(), |slot| vec![slot]);
        let mut rows = HalfHourly::default();
        for slot in slots {
            for point in &points {
                rows.points.push(*point);
                rows.slots.push(slot);
                rows.energies.push(self.energy(*point, date, slot, held));
                rows.availability.push(Availability::GIVEN);
                rows.control_numbers.push("1");
                rows.customer_ids.push("");
                rows.customer_names.push("");
            }
        }
        rows
    }

    /// The bills of a meter period: from the meter reading day of the month before to the day before this one.
    fn bills(&self, area: Area, held: Held) -> Option<FixedUsage> {
        let end = held.name.date();
        let start = end.checked_sub(1.month()).ok()?;
        let mut usage = FixedUsage::default();
        for point in self.points_of(area, &held.name) {
            let mut sum = Energy::default();
            for date in start.series(1.day()).take_while(|date| *date < end) {
                for slot in Slot::all() {
                    let energy = self.energy(point, date, slot, held);
                    sum = sum.checked_add(energy)?;
                    usage.slots.dates.push(date);
                    usage.slots.slots.push(slot);
                    usage.slots.whole.push(Some(energy));
                    usage.slots.own.push(Some(energy));
                }
            }
            let bills = &mut usage.bills;
            for texts in [&mut bills.customer_ids, &mut bills.customer_names, &mut bills.places, &mut bills.voltages] {
                texts.push("");
            }
            bills.points.push(point);
            bills.allocations.push(Some(Allocation::Whole));
            bills.availability.push(Availability::GIVEN);
            bills.whole.push(Some(sum));
            bills.own.push(Some(sum));
            bills.power_factors.push(None);
            bills.peaks.push((held.name.kind().family() == Family::High).then_some(100_0000));
            bills.next_readings.push(end.checked_add(1.month()).ok());
            bills.ends.push(u32::try_from(usage.slots.slots.len()).ok()?);
        }
        Some(usage)
    }
}

/// The code of an operator of the sandbox, which stands for nobody: real ones are not all known.
fn operator(area: Area) -> Option<BusinessCode> {
    BusinessCode::parse(&format!("1990{}", area.digit())).ok()
}

/// The head of a file that was made at three in the morning after its date.
fn header(
    kind: MeteringKind,
    date: Date,
    slot: Option<Slot>,
    sender: BusinessCode,
    recipient: BusinessCode,
) -> Option<MeteringHeader> {
    let monthly = kind.shape() == MeteringShape::Month;
    Some(MeteringHeader {
        kind,
        mode: "0".to_owned(),
        agency: "OCTO".to_owned(),
        version: "3A".to_owned(),
        created: Some(back(date, -1).at(3, 0, 0, 0)),
        sender,
        sender_name: None,
        recipient,
        recipient_name: None,
        update_code: None,
        update_number: None,
        date: (!monthly).then_some(date),
        slot,
        month: if monthly { Some(YearMonth::new(date.year(), date.month())?) } else { None },
    })
}
