//! Writing meter data: what is written, what is not, and for whom.

use crate::metering_naive as naive;
use crate::metering_samples::{cleared, code, file, header, kinds, now, point, rows};
use occto::items::{Area, Code as _, Energy, Item, ItemSet, Slot};
use occto::messages::metering::{
    MeteringFile, MeteringFileError, MeteringKind, MeteringPurpose, MeteringRows, MeteringShape, TextColumn,
};
use occto::notice::{Clause, ClearanceDesk, Cleared, Context, Disclosure as _, Notice, Outcome, Party, Route};
use occto::wire::cii::layout::Part;
use occto::wire::cii::{WriteErrorKind, write};

fn written(cleared: &Cleared<MeteringFile>) -> Vec<u8> {
    let mut out = Vec::new();
    write(cleared, &mut out).unwrap();
    out
}

fn desk() -> ClearanceDesk<'static> {
    ClearanceDesk::new(Notice::embedded("common-core").unwrap())
}

#[test]
fn all_six_are_written_as_a_plain_writer_writes_them() {
    for kind in kinds() {
        let expected = naive::write(&header(kind), &rows(kind));
        let octets = written(&cleared(file(kind)));
        assert!(octets == expected, "{}", kind.code());
        assert!(octets.starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<SBD-MSG BPID=\"OCTO\" "));
        assert_eq!(octets.iter().filter(|octet| **octet == b'\n').count(), 1);
    }
}

#[test]
fn a_message_without_rows_has_no_list() {
    for kind in kinds() {
        let empty = match kind.shape() {
            MeteringShape::Month => MeteringRows::Fixed(Default::default()),
            _ => MeteringRows::HalfHourly(Default::default()),
        };
        let expected = naive::write(&header(kind), &empty);
        let file = MeteringFile::new(header(kind), empty, MeteringPurpose::GridOperation).unwrap();
        assert!(file.items().is_empty() && file.areas().is_empty() && file.points() == 0);
        assert_eq!(written(&cleared(file)), expected);
    }
}

#[test]
fn the_time_of_clearance_stands_in_for_a_time_of_creation() {
    let mut head = header(MeteringKind::LowDay);
    head.created = None;
    let file = MeteringFile::new(head, rows(MeteringKind::LowDay), MeteringPurpose::GridOperation).unwrap();
    let octets = String::from_utf8(written(&cleared(file))).unwrap();
    assert!(octets.contains("<JPC19>261122031500</JPC19>"));
}

/// The kind of error, and that nothing is left in the output.
fn fails(head: occto::messages::metering::MeteringHeader, rows: MeteringRows) -> (Option<Part>, WriteErrorKind) {
    let file = MeteringFile::new(head, rows, MeteringPurpose::GridOperation).unwrap();
    let mut out = b"before".to_vec();
    let error = write(&cleared(file), &mut out).unwrap_err();
    assert_eq!(out, b"before");
    assert!(error.code().starts_with("OC105") && error.finding().code == error.code() && !error.ja().is_empty());
    (error.part, error.kind)
}

#[test]
fn what_cannot_be_written_is_named_and_nothing_is_written() {
    let kind = MeteringKind::LowSlot;
    let with = |change: fn(&mut occto::messages::metering::HalfHourly)| {
        let MeteringRows::HalfHourly(mut rows) = rows(kind) else { panic!("W4") };
        change(&mut rows);
        fails(header(kind), MeteringRows::HalfHourly(rows))
    };
    fn column(rows: usize, text: &str) -> TextColumn {
        (0..rows).fold(TextColumn::new(), |mut column, _| {
            column.push(text);
            column
        })
    }
    assert_eq!(
        with(|rows| rows.energies[4] = Energy::from_ten_thousandths(-1)),
        (Some(Part::Energy), WriteErrorKind::Negative)
    );
    assert_eq!(
        with(|rows| rows.control_numbers = column(rows.len(), "12345678901234567")),
        (Some(Part::ControlNumber), WriteErrorKind::TooLong { max: 16, got: 17 })
    );
    assert_eq!(
        with(|rows| rows.customer_names = column(rows.len(), "試験\u{1}")),
        (Some(Part::CustomerName), WriteErrorKind::NotXml { character: '\u{1}', position: 3 })
    );
    let mut head = header(kind);
    head.agency = "O\"".to_owned();
    assert_eq!(fails(head, rows(kind)), (Some(Part::Agency), WriteErrorKind::Form));
    let mut head = header(kind);
    head.mode.clear();
    assert_eq!(fails(head, rows(kind)), (Some(Part::Mode), WriteErrorKind::NoValue));
    let mut head = header(kind);
    head.mode = "00".to_owned();
    assert_eq!(fails(head, rows(kind)), (Some(Part::Mode), WriteErrorKind::TooLong { max: 1, got: 2 }));
}

#[test]
fn what_was_cleared_for_one_is_not_written_to_another() {
    for (sender, recipient) in [("10033", "40123"), ("10044", "40113"), ("40113", "10033")] {
        let mut head = header(MeteringKind::LowDay);
        (head.sender, head.recipient) = (code(sender), code(recipient));
        assert_eq!(fails(head, rows(MeteringKind::LowDay)), (None, WriteErrorKind::Route), "{sender} {recipient}");
    }
    // A recipient without a code is nobody in particular.
    let route =
        Route { sender: Party::operator(Area::Tokyo), recipient: Party::of(occto::notice::Role::Retailer), via: None };
    let cleared = desk().clear(file(MeteringKind::LowDay), &Context::new(route, now())).unwrap();
    assert_eq!(write(&cleared, &mut Vec::new()).unwrap_err().kind, WriteErrorKind::Route);
}

#[test]
fn head_and_rows_have_to_go_together() {
    let new = |head, rows| MeteringFile::new(head, rows, MeteringPurpose::GridOperation).unwrap_err();
    let day = MeteringKind::LowDay;
    let half_hourly = |kind| match rows(kind) {
        MeteringRows::HalfHourly(rows) => rows,
        MeteringRows::Fixed(_) => panic!("W4"),
    };
    assert_eq!(new(header(MeteringKind::LowMonth), rows(day)), MeteringFileError::Shape);
    let mut head = header(day);
    head.date = None;
    assert_eq!(new(head, rows(day)), MeteringFileError::Head);
    let mut head = header(day);
    head.slot = Slot::new(1);
    assert_eq!(new(head, rows(day)), MeteringFileError::Head);
    let mut uneven = half_hourly(day);
    uneven.energies.pop();
    assert_eq!(new(header(day), MeteringRows::HalfHourly(uneven)), MeteringFileError::Columns);
    let mut astray = half_hourly(day);
    astray.slots[7] = Slot::new(1).unwrap();
    assert_eq!(new(header(day), MeteringRows::HalfHourly(astray)), MeteringFileError::Slot(7));
    let mut astray = half_hourly(MeteringKind::HighSlot);
    astray.slots[2] = Slot::new(29).unwrap();
    let head = header(MeteringKind::HighSlot);
    assert_eq!(new(head, MeteringRows::HalfHourly(astray)), MeteringFileError::Slot(2));
    let MeteringRows::Fixed(mut usage) = rows(MeteringKind::LowMonth) else { panic!("W5") };
    usage.slots.slots[5] = Slot::new(5).unwrap();
    assert_eq!(new(header(MeteringKind::LowMonth), MeteringRows::Fixed(usage.clone())), MeteringFileError::Slot(5));
    usage.slots.slots[5] = Slot::new(6).unwrap();
    usage.bills.ends[0] += 1;
    usage.bills.ends.pop();
    assert_eq!(new(header(MeteringKind::LowMonth), MeteringRows::Fixed(usage)), MeteringFileError::Columns);
}

#[test]
fn a_file_carries_the_items_that_stand_in_it() {
    let w4 = [Item::SupplyPointId, Item::MeterInformation];
    let mut plain = match rows(MeteringKind::LowDay) {
        MeteringRows::HalfHourly(rows) => rows,
        MeteringRows::Fixed(_) => panic!("W4"),
    };
    let items = |rows| {
        let rows = MeteringRows::HalfHourly(rows);
        MeteringFile::new(header(MeteringKind::LowDay), rows, MeteringPurpose::GridOperation).unwrap().items()
    };
    let all = ItemSet::of(&w4).with(Item::Name).with(Item::RetailContractNumber);
    assert_eq!(items(plain.clone()), all);
    let empty = (0..plain.len()).fold(TextColumn::new(), |mut column, _| {
        column.push("");
        column
    });
    plain.customer_names = empty.clone();
    assert_eq!(items(plain.clone()), all.without(Item::Name));
    plain.customer_ids = empty;
    assert_eq!(items(plain), ItemSet::of(&w4));
    assert_eq!(
        file(MeteringKind::HighMonth).items(),
        ItemSet::of(&[
            Item::SupplyPointId,
            Item::MeterInformation,
            Item::MeterReadingDate,
            Item::Name,
            Item::Address,
            Item::SupplyMethod,
            Item::PowerFactor,
            Item::ContractAmount,
        ])
    );
}

/// A W4 file without texts, of points in the given areas.
fn onward(areas: &[u8], purpose: MeteringPurpose) -> MeteringFile {
    let MeteringRows::HalfHourly(mut rows) = rows(MeteringKind::LowSlot) else { panic!("W4") };
    let empty = (0..rows.len()).fold(TextColumn::new(), |mut column, _| {
        column.push("");
        column
    });
    (rows.customer_ids, rows.customer_names) = (empty.clone(), empty);
    for (row, place) in rows.points.iter_mut().enumerate() {
        *place = point(areas[row % areas.len()], row as u64);
    }
    MeteringFile::new(header(MeteringKind::LowSlot), MeteringRows::HalfHourly(rows), purpose).unwrap()
}

#[test]
fn where_a_balancing_group_leader_may_pass_meter_data_on() {
    let us = Party::retailer(code("40113"));
    let decide = |to: &str, areas: &[u8], purpose| {
        let route = Route { sender: us, recipient: Party::parse(to).unwrap(), via: None };
        let decision = desk().decide(&onward(areas, purpose), &Context::new(route, now()));
        match decision.outcome(Item::SupplyPointId) {
            Some(Outcome::Refused { clause, change }) => Err((clause, change.key())),
            _ => {
                assert!(decision.is_granted());
                Ok(())
            }
        }
    };
    let (grid, negawatt) = (MeteringPurpose::GridOperation, MeteringPurpose::NegawattTrading);
    // ④ to the operator of the area, ⑤ to an aggregator; each way for its own purpose only.
    assert_eq!(decide("operator:03", &[3], grid), Ok(()));
    assert_eq!(decide("suppression-contractor:60013", &[3, 4, 10], negawatt), Ok(()));
    assert_eq!(decide("operator:03", &[3], negawatt), Err((Clause::Necessity, "add-evidence")));
    // Another retailer of the group is in neither row of the table: it fetches from the operator itself, or the customer
    // agrees.
    assert_eq!(decide("retailer:40123", &[3], grid), Err((Clause::Necessity, "add-evidence")));
    assert_eq!(decide("retailer:40123", &[3], negawatt), Err((Clause::Necessity, "add-evidence")));
    assert_eq!(decide("suppression-contractor:60013", &[3], grid), Err((Clause::Necessity, "add-evidence")));
    // Every area counts, wherever it stands in the file.
    for areas in [[3, 4], [4, 3]] {
        assert_eq!(decide("operator:03", &areas, grid), Err((Clause::Area, "divide-by-area")));
        assert_eq!(decide("operator", &areas, grid), Err((Clause::Area, "divide-by-area")));
    }
    assert_eq!(decide("operator", &[4], grid), Ok(()));
}

#[test]
fn the_customers_name_and_number_stay_behind_in_negawatt_trading() {
    let rows = rows(MeteringKind::LowDay);
    let file = MeteringFile::new(header(MeteringKind::LowDay), rows, MeteringPurpose::NegawattTrading).unwrap();
    let route = Route {
        sender: Party::retailer(code("40113")),
        recipient: Party::parse("suppression-contractor:60013").unwrap(),
        via: None,
    };
    let refusal = desk().clear(file, &Context::new(route, now())).unwrap_err();
    assert_eq!(refusal.decision().refused(), ItemSet::of(&[Item::RetailContractNumber]));
}

#[test]
fn what_a_person_may_see_of_a_file_shows_nobody() {
    let shown = format!("{:?} {:?}", file(MeteringKind::LowMonth), cleared(file(MeteringKind::LowDay)));
    assert!(!shown.contains("試験 太郎") && !shown.contains("0300110000"), "{shown}");
    for kind in kinds() {
        assert_eq!(MeteringKind::from_key(kind.code()), Some(kind));
    }
}
