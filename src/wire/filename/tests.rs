use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn kind(name: &str) -> (usize, Kind) {
    let error = FileName::parse(name).unwrap_err();
    assert!(!error.ja().is_empty() && !error.en().is_empty() && error.finding().code == "OC1040");
    (error.position, error.kind)
}

#[test]
fn names_of_the_facts_are_read_and_made() {
    for (name, message, day, slot, revision, part) in [
        ("W401102016040113300102", MeteringKind::HighSlot, date(2016, 4, 1), Some(28), 1, 2),
        ("W41110201604010000000012", MeteringKind::LowSlot, date(2016, 4, 1), Some(1), 0, 12),
        ("W411102016040123309900", MeteringKind::LowSlot, date(2016, 4, 1), None, 0, 0),
        ("W401202026112100000000", MeteringKind::HighDay, date(2026, 11, 21), None, 0, 0),
        ("W41120202611210000030007", MeteringKind::LowDay, date(2026, 11, 21), None, 3, 7),
        ("W51210202611160000001", MeteringKind::HighMonth, date(2026, 11, 16), None, 0, 1),
        ("W51220202611160212345", MeteringKind::LowMonth, date(2026, 11, 16), None, 2, 12345),
    ] {
        if name == "W411102016040123309900" {
            // Low voltage has four digits for the part.
            assert_eq!(kind(name), (23, Kind::TooShort));
            continue;
        }
        let slot = slot.map(|slot| Slot::new(slot).unwrap());
        for written in [name.to_owned(), format!("{name}.zip"), format!("{name}.XML"), name.to_lowercase()] {
            let read = MeteringFileName::parse(&written).unwrap();
            assert_eq!((read.kind(), read.date(), read.slot()), (message, day, slot), "{written}");
            assert_eq!((read.revision().number(), read.part().number()), (revision, part), "{written}");
            assert_eq!((read.to_string().as_str(), read.zip()), (name, format!("{name}.zip")));
        }
    }
    let plan = PlanFileName::parse("W6_0250_20160401_00_40116_6.xml").unwrap();
    assert_eq!((plan.message, plan.unknown, plan.area_digit, plan.sender.to_string().as_str()), (250, 0, 6, "40116"));
    assert_eq!(plan.to_string(), "W6_0250_20160401_00_40116_6");
    assert_eq!(PlanFileName::parse("W6_0250_20160401_07_40116_6").unwrap().unknown, 7);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let code = |code: &str| code.to_owned();
    for (name, position, wrong) in [
        ("", 1, Kind::Prefix),
        ("report.zip", 1, Kind::Prefix),
        ("電力量.zip", 1, Kind::Prefix),
        ("W4", 3, Kind::TooShort),
        ("W4.zip", 3, Kind::TooShort),
        ("W41320202611160000001.zip", 3, Kind::OtherMessage { code: code("1320") }),
        ("W49999202611210000000000.zip", 3, Kind::UnknownMessage { code: code("9999") }),
        ("W51120202611210000000000.zip", 3, Kind::UnknownMessage { code: code("1120") }),
        ("W41120202602300000000000.zip", 7, Kind::NoSuchDate),
        ("W4112020261121000000000.zip", 24, Kind::TooShort),
        ("W4112020261121000000000a.zip", 24, Kind::Character { found: 'a' }),
        ("W4112020261121０000000000.zip", 15, Kind::Character { found: '０' }),
        ("W41120202611210000000000.csv", 26, Kind::Extension),
        ("W41120202611210000000000 (1).zip", 25, Kind::TooLong),
        ("W41120202611210030000000.zip", 15, Kind::TimeOfDay),
        ("W41110202611210015000000.zip", 15, Kind::NoSlotTime),
        ("W41110202611212400000000.zip", 15, Kind::NoSlotTime),
        ("W6-0250", 3, Kind::Character { found: '-' }),
        ("W6_0152.xml", 8, Kind::TooShort),
        ("W6_0250_20160401_00_4011_6.xml", 25, Kind::Character { found: '_' }),
    ] {
        assert_eq!(kind(name), (position, wrong), "{name}");
    }
}

#[test]
fn a_name_is_made_only_where_it_can_be_read() {
    let day = date(2026, 11, 21);
    let slot = Slot::new(48);
    let new = |kind, slot, part| MeteringFileName::new(kind, day, slot, Revision::FIRST, Part::new(part).unwrap());
    assert_eq!(new(MeteringKind::LowSlot, slot, 0).unwrap().zip(), "W41110202611212330000000.zip");
    assert_eq!(new(MeteringKind::LowSlot, None, 0), None);
    assert_eq!(new(MeteringKind::LowDay, slot, 0), None);
    assert_eq!(new(MeteringKind::HighDay, None, 100), None);
    assert_eq!(new(MeteringKind::HighMonth, None, 99_999).unwrap().xml(), "W51210202611210099999.xml");
    assert_eq!((Part::new(100_000), Revision::new(100)), (None, None));
    assert_eq!(Revision::FIRST.next(), Revision::new(1));
    assert_eq!(Revision::new(99).unwrap().next(), None);
}

#[test]
fn names_sort_in_the_order_in_which_they_are_taken() {
    let mut names: Vec<_> = ["0100000", "0000001", "0000000", "0100001"]
        .iter()
        .map(|end| MeteringFileName::parse(&format!("W5122020261116{end}")).unwrap())
        .collect();
    names.sort();
    let order: Vec<_> = names.iter().map(|name| (name.revision().number(), name.part().number())).collect();
    assert_eq!(order, [(0, 0), (0, 1), (1, 0), (1, 1)]);
    assert!(names.iter().all(|name| name.same_data(&names[0])));
}

#[test]
fn every_slot_has_its_start() {
    for slot in Slot::all() {
        let name =
            MeteringFileName::new(MeteringKind::HighSlot, date(2026, 1, 1), Some(slot), Revision::FIRST, Part::FIRST);
        assert_eq!(MeteringFileName::parse(&name.unwrap().zip()).unwrap().slot(), Some(slot));
    }
    assert_eq!(Slot::new(1).unwrap().start(), (0, 0));
    assert_eq!(Slot::new(48).unwrap().start(), (23, 30));
    assert_eq!([Slot::starting(0, 15), Slot::starting(24, 0), Slot::starting(23, 60)], [None; 3]);
}

proptest! {
    #[test]
    fn what_is_made_is_read_again(
        kind in prop::sample::select(MeteringKind::ALL),
        day in 0..40_000i32,
        number in 1..=48u8,
        revision in 0..=99u8,
        part in 0..=99u32,
    ) {
        let date = date(1990, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let slot = (kind.shape() == MeteringShape::Slot).then(|| Slot::new(number).unwrap());
        let name = MeteringFileName::new(kind, date, slot, Revision::new(revision).unwrap(), Part::new(part).unwrap());
        let name = name.unwrap();
        prop_assert_eq!(MeteringFileName::parse(&name.zip()), Ok(name));
    }

    #[test]
    fn no_text_makes_it_panic(name in "(W[456]_?)?[0-9_.zipxml０é]{0,40}") {
        let _ = FileName::parse(&name);
    }
}
