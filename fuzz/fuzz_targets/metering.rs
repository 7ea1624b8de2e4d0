//! `cargo +nightly fuzz run metering`: every way of reading meter data gives the same rows, findings and account.
#![no_main]

use libfuzzer_sys::fuzz_target;
use occto::messages::metering::{MeteringHeader, Rows};
use occto::rules::Finding;
use occto::wire::cii::{ReadSettings, Sink, read, read_from, read_plainly};

/// Everything as text, without the borders of batches.
#[derive(Default, PartialEq, Debug)]
struct Kept {
    header: String,
    rows: Vec<String>,
    findings: Vec<Finding>,
}

impl Sink for Kept {
    fn header(&mut self, header: &MeteringHeader) {
        self.header = format!("{header:?}");
    }
    fn rows(&mut self, rows: Rows<'_>) {
        match rows {
            Rows::HalfHourly(rows) => self.rows.extend((0..rows.len()).map(|row| {
                format!(
                    "{} {} {} {} {:?} {:?} {:?}",
                    rows.points[row].as_str(),
                    rows.slots[row].number(),
                    rows.energies[row],
                    rows.availability[row].digit(),
                    rows.control_numbers.get(row),
                    rows.customer_ids.get(row),
                    rows.customer_names.get(row)
                )
            })),
            Rows::Fixed(rows) => {
                for bill in 0..rows.bills.points.len() {
                    self.rows.push(format!("{} {:?}", rows.bills.points[bill].as_str(), rows.bills.whole[bill]));
                    self.rows.extend(rows.slots_of(bill).map(|row| {
                        let slots = &rows.slots;
                        format!("{} {:?} {:?} {:?}", slots.dates[row], slots.slots[row], slots.whole[row], slots.own[row])
                    }));
                }
            }
        }
    }
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

fuzz_target!(|octets: &[u8]| {
    let settings = ReadSettings::default();
    let (mut one, mut plain, mut streamed) = (Kept::default(), Kept::default(), Kept::default());
    let got = read(octets, &settings, &mut one).map_err(|error| error.code());
    assert_eq!(got, read_plainly(octets, &settings, &mut plain).map_err(|error| error.code()));
    assert_eq!(one, plain);
    assert_eq!(got, read_from(Sevens(octets), &settings, &mut streamed).map_err(|error| error.code()));
    assert_eq!(one, streamed);
});

/// Gives seven octets at a time.
struct Sevens<'a>(&'a [u8]);

impl std::io::Read for Sevens<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.0.len().min(buffer.len()).min(7);
        let (now, later) = self.0.split_at(len);
        buffer[..len].copy_from_slice(now);
        self.0 = later;
        Ok(len)
    }
}
