//! Meter data files for tests and figures: synthetic, seeded, of all six kinds.

use occto::items::{BusinessCode, Code, Date, DateTime, Energy, Slot, SupplyPointId, YearMonth};
use occto::messages::metering::{
    Allocation, Availability, FixedUsage, HalfHourly, MeteringFile, MeteringHeader, MeteringKind, MeteringPurpose,
    MeteringRows, MeteringShape,
};
use occto::notice::{ClearanceDesk, Cleared, Context, Notice, Party, Route};
use std::fmt::Write as _;

/// A small generator of numbers: the same seed gives the same numbers.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

pub fn code(text: &str) -> BusinessCode {
    BusinessCode::parse(text).unwrap()
}

pub fn now() -> DateTime {
    "2026-11-22T03:15:00".parse().unwrap()
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Point number `index` of an area.
pub fn point(area: u8, index: u64) -> SupplyPointId {
    SupplyPointId::parse(&format!("{area:02}0011{index:016}")).unwrap()
}

/// The head of a file from the operator of Tokyo to retailer 40113.
pub fn header(kind: MeteringKind) -> MeteringHeader {
    let shape = kind.shape();
    MeteringHeader {
        kind,
        mode: "0".to_owned(),
        agency: "OCTO".to_owned(),
        version: "3A".to_owned(),
        created: Some(now()),
        sender: code("10033"),
        sender_name: Some("試験送配電".to_owned()),
        recipient: code("40113"),
        recipient_name: Some("試験小売".to_owned()),
        update_code: Some("0".to_owned()),
        update_number: Some("00".to_owned()),
        date: (shape != MeteringShape::Month).then(|| date("2026-11-21")),
        slot: (shape == MeteringShape::Slot).then(|| Slot::new(28).unwrap()),
        month: (shape == MeteringShape::Month).then(|| YearMonth::new(2026, 11).unwrap()),
    }
}

/// Rows of W4: `points` of them in each slot.
pub fn half_hourly(kind: MeteringKind, points: u64, seed: u64) -> HalfHourly {
    let mut numbers = Numbers(seed);
    let mut rows = HalfHourly::default();
    let mut text = String::new();
    for slot in Slot::all().filter(|slot| header(kind).slot.is_none_or(|own| own == *slot)) {
        for index in 0..points {
            rows.points.push(point(3, index));
            rows.slots.push(slot);
            let given = numbers.below(200) != 0;
            let energy = if given { numbers.below(3) * 10_000 + numbers.below(100) * 100 } else { 0 };
            rows.energies.push(Energy::from_ten_thousandths(energy.cast_signed()));
            rows.availability.push(if given { Availability::GIVEN } else { Availability::MISSING });
            text.clear();
            write!(text, "K{index:09}").unwrap();
            assert!(rows.customer_ids.push(&text));
            assert!(rows.customer_names.push(""));
            assert!(rows.control_numbers.push("01"));
        }
    }
    rows
}

/// Bills of W5 with `days` days each.
pub fn fixed(bills: u64, days: i64, seed: u64) -> FixedUsage {
    let mut numbers = Numbers(seed);
    let mut usage = FixedUsage::default();
    for index in 0..bills {
        let given = index % 7 != 3;
        let part = index % 5 == 4;
        let energy =
            |on: bool, ten_thousandths: u64| on.then(|| Energy::from_ten_thousandths(ten_thousandths.cast_signed()));
        let list = &mut usage.bills;
        list.points.push(point(3, index));
        list.customer_ids.push("");
        list.customer_names.push(if index == 0 { "試験 太郎 & <花子>" } else { "" });
        list.places.push(if index < 2 { "東京都千代田区試験町1-2-3" } else { "" });
        list.voltages.push("低圧");
        list.allocations.push(Some(if part { Allocation::Part } else { Allocation::Whole }));
        list.availability.push(if given { Availability::GIVEN } else { Availability::MISSING });
        list.whole.push(energy(given, 2_500_000 + index));
        list.own.push(energy(given && part, 1_250_000));
        list.power_factors.push(given.then_some(1_000_000));
        list.peaks.push((index % 2 == 0 && given).then_some(55_000));
        list.next_readings.push(given.then(|| date("2026-12-16")));
        if given {
            for day in 0..days {
                let date = date("2026-10-16").checked_add(jiff::Span::new().days(day)).unwrap();
                for slot in Slot::all() {
                    usage.slots.dates.push(date);
                    usage.slots.slots.push(slot);
                    usage.slots.whole.push(energy(true, numbers.below(20_000)));
                    usage.slots.own.push(energy(part, numbers.below(10_000)));
                }
            }
        }
        usage.bills.ends.push(u32::try_from(usage.slots.dates.len()).unwrap());
    }
    usage
}

/// Head and rows of a kind, small enough to read.
pub fn rows(kind: MeteringKind) -> MeteringRows {
    match kind.shape() {
        MeteringShape::Month => MeteringRows::Fixed(fixed(6, 2, 5)),
        _ => {
            let mut rows = half_hourly(kind, 5, 4);
            // What is rare: a point with two rows, a name, signs of XML, no control number, a great and a small value.
            (rows.availability[1], rows.energies[1]) = (Availability::new(2).unwrap(), Energy::default());
            rows.energies[0] = Energy::from_ten_thousandths(9_999_999_999_999_999);
            rows.energies[2] = Energy::from_ten_thousandths(1);
            rows.points[3] = rows.points[2];
            rows.customer_names = (0..rows.len()).fold(Default::default(), |mut column, row| {
                column.push(if row == 3 { "試験 次郎 & <Co.>" } else { "" });
                column
            });
            rows.control_numbers = (0..rows.len()).fold(Default::default(), |mut column, row| {
                column.push(["01", "01", "01", "02", ""][row % 5]);
                column
            });
            MeteringRows::HalfHourly(rows)
        }
    }
}

pub fn file(kind: MeteringKind) -> MeteringFile {
    MeteringFile::new(header(kind), rows(kind), MeteringPurpose::GridOperation).unwrap()
}

/// Cleared as from the operator of Tokyo to retailer 40113.
pub fn cleared(file: MeteringFile) -> Cleared<MeteringFile> {
    let route = Route {
        sender: Party::operator(occto::items::Area::Tokyo),
        recipient: Party::retailer(code("40113")),
        via: None,
    };
    let desk = ClearanceDesk::new(Notice::embedded("common-core").unwrap());
    desk.clear(file, &Context::new(route, now())).unwrap()
}

pub fn kinds() -> impl Iterator<Item = MeteringKind> {
    MeteringKind::ALL.iter().copied()
}
