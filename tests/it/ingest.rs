//! Taking files in: once, whole, in any order, and only what is ours.

use crate::meter_place::{Made, Place, codes, date, day, kwh, point, register, slot};
use crate::readings::paths;
use occto::desk::metering::{IngestSettings, Intake, SupplyRegister, ingest};
use occto::items::{Area, Slot};
use occto::messages::metering::{Allocation, MeteringKind, ReadingStatus};
use occto::store::StoreError;
use occto::store::readings::{ReadingQuery, root};
use std::fs;

fn daily() -> Made {
    Made::new(MeteringKind::LowDay)
}

#[test]
fn a_daily_file_becomes_readings_once() {
    let mut place = Place::new();
    let points = [point(1), point(2), point(3)];
    let made = daily().full(&points[..2], "0.5").row(point(3), "", slot(48), None);
    let taken = place.took(&made);
    assert_eq!((taken.outcome, codes(&taken)), (Intake::Taken, vec![]));
    let file = taken.file.unwrap();
    assert_eq!((file.rows, file.missing, file.points, file.quarantined, file.whole), (97, 1, 3, 0, true));
    assert_eq!((file.name.as_str(), file.date, file.area), ("W41120202604010000000000.zip", day(), Area::Tokyo));
    let days = place.days();
    assert_eq!((days.len(), days[0].points.as_slice()), (1, points.as_slice()));
    assert_eq!(days[0].half_hours(0).sum().unwrap(), kwh("24").unwrap());
    assert_eq!(days[0].slots[2].given().len(), 0);
    let before = paths(&root(&place.data()));
    assert_eq!(place.outcomes(), [Intake::Already], "the same file again is nothing");
    // Also under another name, also as the XML alone is another file with the same readings.
    made.put_as(&place.inbox(), "W41120202604010000000001.zip");
    assert_eq!(place.outcomes(), [Intake::Already, Intake::Already]);
    assert_eq!(paths(&root(&place.data())), before);
    assert_eq!(place.days(), days);
}

#[test]
fn files_of_one_slot_fill_a_day() {
    let mut place = Place::new();
    for number in [3, 1, 2] {
        place.put(&Made::new(MeteringKind::LowSlot).at(number).full(&[point(1), point(2)], &number.to_string()));
    }
    assert_eq!(place.outcomes(), [Intake::Taken; 3]);
    let day = place.days().remove(0);
    assert_eq!([1, 2, 3, 4].map(|number| day.get(1, slot(number))), [kwh("1"), kwh("2"), kwh("3"), None]);
    assert_eq!(day.slots[0].status(slot(1)), Some(ReadingStatus::Preliminary));
}

#[test]
fn revisions_decide_in_whatever_order_they_come() {
    let first = daily().full(&[point(1), point(2)], "1");
    let second = daily().revision(1, 0).full(&[point(2)], "2");
    let third = daily().revision(2, 1).full(&[point(2)], "3");
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut place = Place::new();
        for index in order {
            assert_eq!(place.took([&first, &second, &third][index]).outcome, Intake::Taken);
        }
        let day = place.days().remove(0);
        assert_eq!((day.get(0, slot(9)), day.get(1, slot(9))), (kwh("1"), kwh("3")), "{order:?}");
        let mut history = Vec::new();
        let query = ReadingQuery { from: day.date, to: day.date, points: Some([point(2)].into()) };
        place
            .store
            .each_reading(&query, |file, rows, row| history.push((file.revision, rows.own(row, slot(9)))))
            .unwrap();
        assert_eq!(history, [(0, kwh("1")), (1, kwh("2")), (2, kwh("3"))]);
    }
}

#[test]
fn of_two_files_with_one_key_the_one_made_later_counts_and_a_person_is_told() {
    let one = daily().full(&[point(1)], "1").created("2026-04-02T03:00:00");
    let two = daily().full(&[point(1)], "2").created("2026-04-02T04:00:00");
    for (first, second) in [(&one, &two), (&two, &one)] {
        let mut place = Place::new();
        let path = first.put_as(&place.inbox().join("a"), &first.name().zip());
        let other = second.put_as(&place.inbox().join("b"), &second.name().zip());
        let taken = place.take(&[path, other]);
        assert_eq!(codes(&taken[0]), Vec::<&str>::new());
        assert_eq!(codes(&taken[1]), ["OC1065"]);
        assert_eq!(place.days()[0].get(0, slot(1)), kwh("2"));
    }
}

#[test]
fn fixed_usage_is_ones_own_share() {
    let days = [date("2026-03-20"), date("2026-03-21")];
    let both = (Some("5"), Some("2"));
    let made = Made::new(MeteringKind::LowMonth)
        .bill(point(1), Some(Allocation::Whole), &days, (Some("5"), None))
        .bill(point(2), Some(Allocation::Part), &days, both)
        .bill(point(3), Some(Allocation::Part), &days, (Some("5"), None))
        .bill(point(4), Some(Allocation::Whole), &days, (Some("9"), None))
        .bill(point(4), Some(Allocation::Part), &days, both)
        .bill(point(5), Some(Allocation::Whole), &[], (None, None));
    let mut place = Place::new();
    let taken = place.took(&made);
    assert_eq!((taken.outcome, codes(&taken)), (Intake::Taken, vec!["OC1069"]));
    assert_eq!(taken.file.unwrap().points, 5);
    let read = place.days();
    assert_eq!(read.iter().map(|day| day.date).collect::<Vec<_>>(), days);
    for day in &read {
        let own: Vec<_> = (0..4).map(|row| day.get(row, slot(48))).collect();
        assert_eq!(own, [kwh("5"), kwh("2"), None, kwh("2")], "the whole of a part is not ours");
        assert_eq!(day.slots[0].status(slot(48)), Some(ReadingStatus::Fixed));
    }
}

#[test]
fn many_days_of_many_points_are_given_away_in_pieces() {
    let days: Vec<_> = (1..=3).map(|number| date(&format!("2026-03-0{number}"))).collect();
    let mut made = Made::new(MeteringKind::LowMonth);
    for number in 0..2100 {
        made = made.bill(point(number), Some(Allocation::Whole), &days[..1 + number as usize % 3], (Some("1"), None));
    }
    let mut place = Place::new();
    assert_eq!(place.took(&made).outcome, Intake::Taken);
    let counts: Vec<_> = place.days().iter().map(|day| day.len()).collect();
    assert_eq!(counts, [2100, 1400, 700]);
}

#[test]
fn what_is_not_ours_is_reported_and_not_stored() {
    let mut place = Place::new();
    place.register = Some(register(&[(point(1), "2026-04-01", ""), (point(2), "2026-01-01", "2026-03-31")]));
    let made = daily().full(&[point(1), point(2), point(3)], "1");
    let taken = place.took(&made);
    assert_eq!((taken.outcome, codes(&taken)), (Intake::Taken, vec!["OC1063", "OC1064"]));
    assert!(taken.findings.iter().all(|finding| !finding.to_string().contains(point(3).as_str())));
    let file = taken.file.unwrap();
    assert_eq!((file.points, file.quarantined, file.rows), (1, 96, 144), "rows add up");
    assert_eq!(place.days()[0].points, [point(1)]);
    let strangers = place.store.read(|tx| tx.strangers(day(), day())).unwrap();
    let told: Vec<_> =
        strangers.iter().map(|(_, _, one)| (one.tail.as_str(), one.outside_contract, one.rows)).collect();
    assert_eq!(told, [("…0002", true, 48), ("…0003", false, 48)]);
    let mut ledger = Vec::new();
    let visit = |line: occto::store::LedgerLine| {
        ledger.push(line.entry);
        Ok(())
    };
    place.store.read(|tx| tx.each_ledger_line(visit)).unwrap();
    assert_eq!(ledger.len(), 1);
    assert!(ledger[0].contains("quarantined") && ledger[0].contains("operator:03"), "{ledger:?}");
    assert!(!ledger[0].contains("0003\"") && !ledger[0].contains(point(3).as_str()), "{ledger:?}");
    // Nothing of them lies anywhere on the disk.
    for path in paths(&place.data()).iter().filter(|path| path.is_file()) {
        let octets = fs::read(path).unwrap();
        let holds = |text: &str| octets.windows(22).any(|window| window == text.as_bytes());
        assert!(!holds(point(3).as_str()) && !holds(point(2).as_str()), "{}", path.display());
    }
}

#[test]
fn under_another_register_a_file_is_taken_again() {
    let mut place = Place::new();
    let path = place.put(&daily().full(&[point(1), point(2)], "1"));
    place.register = Some(register(&[(point(1), "2026-04-01", "")]));
    assert_eq!(place.take(std::slice::from_ref(&path))[0].outcome, Intake::Taken);
    assert_eq!(place.outcomes(), [Intake::Already]);
    place.register = Some(register(&[(point(2), "2026-04-01", "")]));
    assert_eq!(place.outcomes(), [Intake::Again]);
    assert_eq!(place.days()[0].points, [point(2)], "what is ours no more is gone");
    let files = paths(&root(&place.data())).into_iter().filter(|path| path.is_file()).count();
    assert_eq!(files, 1, "the readings of before were swept");
    assert_eq!(place.outcomes(), [Intake::Already]);
    // Readings that were lost come back from the same file.
    let lost = paths(&root(&place.data())).into_iter().find(|path| path.is_file()).unwrap();
    fs::remove_file(lost).unwrap();
    assert_eq!(place.outcomes(), [Intake::Again]);
    assert_eq!(place.days()[0].get(0, slot(1)), kwh("1"));
}

#[test]
fn the_base_retailers_share_is_taken_off_where_the_area_includes_it() {
    let text = format!(
        "供給地点特定番号,開始日,終了日,ベース電力kW\r\n{},2026-04-01,,3\r\n{},2026-04-01,,\r\n",
        point(1).as_str(),
        point(2).as_str()
    );
    let made = daily()
        .row(point(1), "A", slot(1), Some("1.2"))
        .row(point(1), "B", slot(1), Some("1"))
        .row(point(2), "", slot(1), Some("4"))
        .row(point(1), "A", slot(2), Some("0.4"))
        .row(point(1), "B", slot(2), Some("0.5"));
    let own = |areas: &[Area]| {
        let mut place = Place::new();
        place.register = Some(SupplyRegister::parse(text.as_bytes(), areas).unwrap());
        assert_eq!(place.took(&made).outcome, Intake::Taken);
        let day = place.days().remove(0);
        [day.get(0, slot(1)), day.get(0, slot(2)), day.get(1, slot(1))]
    };
    assert_eq!(own(&[Area::Tokyo]), [kwh("0.7"), kwh("0"), kwh("4")], "2.2 less 1.5, and never below zero");
    assert_eq!(own(&[Area::Kansai]), [kwh("2.2"), kwh("0.9"), kwh("4")]);
}

#[test]
fn a_name_that_says_nothing_and_one_that_says_something_else() {
    let mut place = Place::new();
    let made = daily().full(&[point(1)], "1");
    let renamed = made.put_as(&place.inbox(), "download (3).zip");
    let taken = place.take(&[renamed]).remove(0);
    assert_eq!(codes(&taken), Vec::<&str>::new(), "the XML in it has its name");
    let plain = place.inbox().join("data.xml");
    fs::write(&plain, made.xml()).unwrap();
    let taken = place.take(&[plain]).remove(0);
    assert_eq!(codes(&taken), ["OC1040", "OC1065"]);
    let other = made.clone().on(date("2026-04-02"));
    let path = made.put_as(&place.inbox(), &other.name().zip());
    let mut place = Place::new();
    let taken = place.take(&[path]).remove(0);
    assert_eq!((taken.outcome, codes(&taken)), (Intake::Taken, vec!["OC1041"]));
    assert_eq!(place.days()[0].date, day(), "what the message says is taken");
}

#[test]
fn nothing_of_a_damaged_zip_is_taken_and_of_a_cut_xml_what_is_there() {
    let mut place = Place::new();
    let made = daily().full(&[point(1), point(2)], "1.2345");
    let sound = made.zip();
    fs::create_dir_all(place.inbox()).unwrap();
    let path = place.inbox().join(made.name().zip());
    let mut flipped = sound.clone();
    let middle = sound.len() / 2;
    flipped[middle] ^= 0x55;
    for (octets, prefix) in
        [(&sound[..sound.len() / 2], "OC104"), (&flipped, "OC10"), (&b"PK\x03\x04"[..], "OC104"), (b"", "OC1")]
    {
        fs::write(&path, octets).unwrap();
        let taken = place.take(std::slice::from_ref(&path)).remove(0);
        assert_eq!(taken.outcome, Intake::Failed, "{taken:?}");
        assert!(taken.findings.iter().any(|f| f.is_error() && f.code.starts_with(prefix)), "{taken:?}");
        assert!(place.days().is_empty() && taken.file.is_none());
    }
    fs::write(&path, &sound).unwrap();
    assert_eq!(place.take(&[path]).remove(0).outcome, Intake::Taken, "a sound one is taken afterwards");
    let mut place = Place::new();
    fs::create_dir_all(place.inbox()).unwrap();
    let xml = made.xml();
    let path = place.inbox().join(made.name().xml());
    fs::write(&path, &xml[..xml.len() / 2]).unwrap();
    let taken = place.take(std::slice::from_ref(&path)).remove(0);
    assert_eq!((taken.outcome, taken.file.as_ref().unwrap().whole), (Intake::Taken, false));
    assert!(codes(&taken).contains(&"OC1007"), "{taken:?}");
    let given = place.days()[0].slots[0].given().len();
    assert!((20..28).contains(&given), "{given}");
    // The whole file, fetched again, completes it without a word of two files with one key.
    fs::write(&path, &xml).unwrap();
    assert_eq!(codes(&place.take(&[path]).remove(0)), Vec::<&str>::new());
    assert!(place.days()[0].half_hours(0).is_complete());
}

#[test]
fn what_cannot_be_opened_is_named_and_the_others_are_taken() {
    let mut place = Place::new();
    let good = place.put(&daily().full(&[point(1)], "1"));
    let html = place.inbox().join("login.xml");
    fs::write(&html, "<!DOCTYPE html><html><body>login</body></html>").unwrap();
    let gone = place.inbox().join("gone.zip");
    let inbox = place.inbox();
    let taken = place.take(&[gone, html, good]);
    let outcomes: Vec<_> = taken.iter().map(|file| file.outcome).collect();
    assert_eq!(outcomes, [Intake::Failed, Intake::Failed, Intake::Taken]);
    assert!(taken[0].findings[0].to_string().contains("gone.zip"), "{taken:?}");
    assert_eq!(codes(&taken[0]), ["OC1006"]);
    assert_eq!(place.take(&[inbox]).len(), 2, "a folder gives its zip and xml files");
}

#[test]
fn all_slots_are_there_whatever_their_order_in_a_file() {
    let mut place = Place::new();
    let mut made = daily();
    for slot in Slot::all() {
        let points: Vec<u32> = if slot.number() % 2 == 0 { vec![3, 1, 2] } else { vec![1, 2, 3] };
        for number in points {
            made = made.row(point(number), "", slot, Some(&format!("{number}.{:02}", slot.number())));
        }
    }
    place.took(&made);
    let day = place.days().remove(0);
    for (row, number) in (1..=3).enumerate() {
        for slot in Slot::all() {
            assert_eq!(day.get(row, slot), kwh(&format!("{number}.{:02}", slot.number())));
        }
    }
}

#[test]
fn what_was_told_is_kept_where_a_later_file_cannot_be_written() {
    let mut place = Place::new();
    let paths: Vec<_> = (0..12).map(|part| place.put(&daily().revision(0, part).full(&[point(part)], "1"))).collect();
    let other = place.put(&daily().on(date("2026-04-02")).full(&[point(1)], "1"));
    // Where the folder of that day should be lies a file.
    let blocked = root(&place.data()).join("area=03").join("date=2026-04-02");
    fs::create_dir_all(blocked.parent().unwrap()).unwrap();
    fs::write(&blocked, "x").unwrap();
    let mut files = paths.clone();
    files.insert(10, other);
    let now = "2026-04-03T03:00:00".parse().unwrap();
    let mut told = Vec::new();
    let settings = IngestSettings::default();
    let failed = ingest(&mut place.store, None, &files, &settings, now, &|_| (), |file| told.push(file));
    assert!(matches!(failed, Err(StoreError::Folder(..) | StoreError::Disk(_))), "{failed:?}");
    assert!(told.len() <= 10 && told.iter().all(|file| file.outcome == Intake::Taken), "{told:?}");
    let kept = place.store.read(|tx| tx.meter_files(day(), day())).unwrap();
    assert_eq!(kept.len(), told.len(), "what was told is kept, and nothing else");
    fs::remove_file(&blocked).unwrap();
    let again: Vec<_> = place.take(&files).into_iter().map(|file| file.outcome).collect();
    let done = told.len();
    assert!(again[..done].iter().all(|outcome| *outcome == Intake::Already), "{again:?}");
    assert!(again[done..].iter().all(|outcome| *outcome == Intake::Taken), "{again:?}");
    assert_eq!(place.days().iter().map(|day| day.len()).collect::<Vec<_>>(), [12, 1]);
}
