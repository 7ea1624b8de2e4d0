//! Every way of reading meter data, held equal: the fuzz target uses this file too.

use occto::items::{Energy, SupplyPointId};
use occto::messages::metering::{FixedUsage, HalfHourly, MeteringHeader, Rows};
use occto::rules::Finding;
use occto::wire::cii::{CiiError, ReadSettings, Sink, Tally, read, read_ahead, read_from, read_plainly};

/// Keeps everything as rows, whatever the batches were.
#[derive(Default, PartialEq)]
pub(crate) struct Kept {
    pub(crate) header: Option<MeteringHeader>,
    pub(crate) rows: Vec<(SupplyPointId, u8, i64, u8, String, String, String)>,
    pub(crate) bills: Vec<String>,
    pub(crate) half_hours: Vec<(String, u8, Option<Energy>, Option<Energy>)>,
    pub(crate) findings: Vec<Finding>,
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
#[derive(Clone)]
pub(crate) struct Pieces<'a>(pub(crate) &'a [u8], pub(crate) Vec<usize>);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1.rotate_left(1);
        let len = self.1[0].clamp(1, buffer.len()).min(self.0.len());
        buffer[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

pub(crate) fn outcome(result: Result<Tally, CiiError>) -> Result<Tally, &'static str> {
    result.map_err(|error| error.code())
}

/// Same rows, same findings with the same places, same account: in memory, event by event, in pieces of so many octets,
/// all at once, and where it is asked for in two threads.
pub(crate) fn read_by_every_way(
    octets: &[u8],
    settings: &ReadSettings,
    pieces: &[usize],
    ahead: bool,
) -> (Result<Tally, &'static str>, Kept) {
    let mut one = Kept::default();
    let got = outcome(read(octets, settings, &mut one));
    let source = Pieces(octets, pieces.to_vec());
    let mut others = [Kept::default(), Kept::default(), Kept::default()];
    let [plain, streamed, whole] = &mut others;
    assert_eq!(got, outcome(read_plainly(octets, settings, plain)));
    assert_eq!(got, outcome(read_from(source.clone(), settings, streamed)));
    assert_eq!(got, outcome(read_from(octets, settings, whole)));
    others.iter().for_each(|other| assert_same(&one, other));
    if ahead {
        let mut kept = Kept::default();
        assert_eq!(got, outcome(read_ahead(source, settings, &mut kept)));
        assert_same(&one, &kept);
    }
    add_up(&got, &one, octets);
    (got, one)
}

/// Nothing is lost: what was given away is what was counted, and what ends early says so.
fn add_up(got: &Result<Tally, &'static str>, kept: &Kept, octets: &[u8]) {
    let Ok(tally) = got else { return };
    assert_eq!(tally.read, (kept.rows.len() + kept.half_hours.len()) as u64);
    assert_eq!(tally.bills_read, kept.bills.len() as u64);
    assert!(tally.missing <= tally.read && tally.bills_missing <= tally.bills_read);
    let ends_early = kept.findings.iter().any(|finding| ["OC1007", "OC1008", "OC1009"].contains(&finding.code));
    assert!(tally.octets == octets.len() as u64 || ends_early);
    assert!(tally.rejected + tally.bills_rejected + tally.unknown == 0 || !kept.findings.is_empty());
}

/// Reads any octets by every way: with usual settings and with narrow ones; and behind blanks, for the first octets of a
/// source are looked at together.
pub(crate) fn read_without_harm(octets: &[u8], pieces: &[usize], ahead: bool) {
    let narrow =
        ReadSettings { value: 70, token: 300, depth: 12, days: 1, keys: 3, batch: 1, ..ReadSettings::default() };
    for settings in [ReadSettings::default(), narrow] {
        let _ = read_by_every_way(octets, &settings, pieces, ahead);
    }
    let settings = ReadSettings { batch: 3, ..ReadSettings::default() };
    let _ = read_by_every_way(&[&[b' '; 4100], octets].concat(), &settings, pieces, ahead);
}

pub(crate) fn assert_same(one: &Kept, other: &Kept) {
    assert_eq!(one.findings, other.findings);
    assert_eq!(one.header, other.header);
    assert_eq!(one.bills, other.bills);
    assert!(one == other);
}
