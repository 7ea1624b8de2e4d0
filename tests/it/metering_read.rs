//! Reading meter data: every message, every leniency, every bad input, by every way of reading.

#[path = "../../benches/metering/generate.rs"]
mod generate;

use generate::{Spec, document};
use occto::items::{Code, Energy, SupplyPointId};
use occto::messages::metering::{FixedUsage, HalfHourly, MeteringHeader, MeteringKind, MeteringShape, Rows};
use occto::rules::Finding;
use occto::wire::cii::{CiiError, ReadSettings, Sink, Tally, read, read_from, read_plainly};

/// Keeps everything as rows, whatever the batches were.
#[derive(Default, PartialEq)]
struct Kept {
    header: Option<MeteringHeader>,
    rows: Vec<(SupplyPointId, u8, i64, u8, String, String, String)>,
    bills: Vec<String>,
    half_hours: Vec<(String, u8, Option<Energy>, Option<Energy>)>,
    findings: Vec<Finding>,
}

impl Kept {
    fn half_hourly(&mut self, rows: &HalfHourly) {
        for row in 0..rows.len() {
            self.rows.push((
                rows.points[row],
                rows.slots[row].number(),
                rows.energies[row].ten_thousandths(),
                rows.availability[row].digit(),
                rows.control_numbers.get(row).unwrap().to_owned(),
                rows.customer_ids.get(row).unwrap().to_owned(),
                rows.customer_names.get(row).unwrap().to_owned(),
            ));
        }
    }
    fn fixed(&mut self, rows: &FixedUsage) {
        let bills = &rows.bills;
        for bill in 0..bills.points.len() {
            self.bills.push(format!(
                "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
                bills.points[bill].as_str(),
                bills.customer_ids.get(bill),
                bills.customer_names.get(bill),
                bills.places.get(bill),
                bills.voltages.get(bill),
                bills.allocations[bill],
                bills.availability[bill],
                bills.whole[bill],
                bills.own[bill],
                bills.power_factors[bill],
                bills.peaks[bill],
                bills.next_readings[bill],
                rows.slots_of(bill).len(),
            ));
        }
        let slots = &rows.slots;
        for row in 0..slots.slots.len() {
            self.half_hours.push((
                slots.dates[row].to_string(),
                slots.slots[row].number(),
                slots.whole[row],
                slots.own[row],
            ));
        }
    }
}

impl Sink for Kept {
    fn header(&mut self, header: &MeteringHeader) {
        assert!(self.header.replace(header.clone()).is_none());
    }
    fn rows(&mut self, rows: Rows<'_>) {
        assert!(self.header.is_some());
        match rows {
            Rows::HalfHourly(rows) => self.half_hourly(rows),
            Rows::Fixed(rows) => self.fixed(rows),
        }
    }
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Gives a few octets at a time, as many as the numbers say.
struct Pieces<'a>(&'a [u8], Vec<usize>);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1.rotate_left(1);
        let len = self.1[0].clamp(1, buffer.len()).min(self.0.len());
        buffer[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

fn outcome(result: Result<Tally, CiiError>) -> Result<Tally, &'static str> {
    result.map_err(|error| error.code())
}

/// Reads in every way and holds them equal.
fn all_ways(octets: &[u8], settings: &ReadSettings) -> (Result<Tally, &'static str>, Kept) {
    let (mut kept, mut plain, mut pieces) = (Kept::default(), Kept::default(), Kept::default());
    let got = outcome(read(octets, settings, &mut kept));
    assert_eq!(got, outcome(read_plainly(octets, settings, &mut plain)));
    assert_same(&kept, &plain);
    let source = Pieces(octets, vec![1, 7, 4096, 3, 50, 200]);
    assert_eq!(got, outcome(read_from(source, settings, &mut pieces)));
    assert_same(&kept, &pieces);
    if let Ok(tally) = got {
        let rows = kept.rows.len() + kept.half_hours.len();
        assert_eq!((tally.read, tally.octets), (rows as u64, octets.len() as u64));
        assert_eq!(tally.bills_read, kept.bills.len() as u64);
    }
    (got, kept)
}

fn assert_same(one: &Kept, other: &Kept) {
    assert_eq!(one.findings, other.findings);
    assert_eq!(one.header, other.header);
    assert_eq!(one.bills, other.bills);
    assert!(one == other);
}

fn both(octets: &[u8]) -> (Tally, Kept) {
    let (tally, kept) = all_ways(octets, &ReadSettings::default());
    (tally.unwrap(), kept)
}

#[test]
fn every_message_is_read_in_every_dress() {
    for kind in MeteringKind::ALL {
        let plain = Spec { span: 3, controls: 2, ..Spec::new(*kind, 5) };
        let (_, expected) = both(&document(&plain));
        for spec in [
            plain.clone(),
            Spec { pretty: true, ..plain.clone() },
            Spec { prefix: "cii:", ..plain.clone() },
            Spec { prefix: "n:", pretty: true, ..plain.clone() },
        ] {
            let (tally, kept) = both(&document(&spec));
            assert_eq!(tally.read as usize, spec.rows());
            assert_eq!((tally.rejected, tally.unknown, tally.findings, kept.findings.len()), (0, 0, 0, 0));
            assert_same(&expected, &kept);
            let header = kept.header.unwrap();
            assert_eq!((header.kind, header.sender.to_string().as_str()), (*kind, "10033"));
            assert_eq!(header.slot.is_some(), kind.shape() == MeteringShape::Slot);
            assert_eq!(header.date.is_none(), kind.shape() == MeteringShape::Month);
        }
    }
}
