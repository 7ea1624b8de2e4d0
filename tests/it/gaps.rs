//! Gaps: every kind of them is found where it is, and a day without one has none.

use crate::meter_place::{Made, Place, date, day, point, register, slot};
use occto::calendar::Calendar;
use occto::desk::metering::{Gap, GapKind, GapReport, GapSettings, find_gaps};
use occto::items::{Date, Slot, SlotSet};
use occto::messages::metering::{Allocation, MeteringKind};

const KINDS: [MeteringKind; 2] = [MeteringKind::LowSlot, MeteringKind::LowDay];

fn daily() -> Made {
    Made::new(MeteringKind::LowDay)
}

fn judged(place: &mut Place, from: Option<Date>, to: Option<Date>) -> GapReport {
    let calendar = Calendar::published().unwrap();
    let register = place.register.take();
    let today = date("2026-05-01");
    let settings = GapSettings { from, to, today, register: register.as_ref(), calendar: &calendar };
    let report = find_gaps(&mut place.store, &settings).unwrap();
    place.register = register;
    report
}

fn all(place: &mut Place) -> GapReport {
    judged(place, None, None)
}

fn place(numbers: std::ops::RangeInclusive<u32>) -> Place {
    let mut place = Place::new();
    let rows: Vec<_> = numbers.map(|number| (point(number), "2026-01-01", "")).collect();
    place.register = Some(register(&rows));
    place
}

fn slots(numbers: impl IntoIterator<Item = u8>) -> SlotSet {
    numbers.into_iter().map(|number| SlotSet::of(slot(number))).fold(SlotSet::EMPTY, SlotSet::union)
}

fn only(report: &GapReport) -> &Gap {
    assert_eq!(report.gaps.len(), 1, "{:?}", report.gaps);
    &report.gaps[0]
}

fn counts(report: &GapReport) -> Vec<[u64; 5]> {
    report.days.iter().map(|day| [day.expected, day.complete, day.partial, day.missing, day.missing_slots]).collect()
}

#[test]
fn a_full_day_has_no_gap() {
    let mut place = place(1..=3);
    place.took(&daily().full(&[point(1), point(2), point(3)], "1"));
    let report = all(&mut place);
    assert_eq!((report.gaps.len(), report.findings.len(), report.needs_a_person()), (0, 0, false));
    assert_eq!((report.period, counts(&report)), (Some((day(), day())), vec![[3, 3, 0, 0, 0]]));
    assert_eq!((report.days[0].by_status, report.days[0].files), ([0, 144, 0], 1));
}

#[test]
fn points_and_slots_that_did_not_come_are_named() {
    let mut place = place(1..=3);
    let mut made = daily();
    for slot in Slot::all() {
        made = made.row(point(1), "", slot, Some("1"));
        if slot.number() != 7 {
            made = made.row(point(2), "", slot, (slot.number() != 9).then_some("0"));
        }
    }
    place.took(&made);
    let report = all(&mut place);
    assert_eq!(counts(&report), [[3, 1, 1, 1, 50]]);
    let [slots_gap, point_gap] = &report.gaps[..] else { panic!("{:?}", report.gaps) };
    assert_eq!((slots_gap.kind, slots_gap.point, slots_gap.slots), (GapKind::Slots, Some(point(2)), slots([7, 9])));
    assert_eq!(slots_gap.without_value, slots([9]), "zero is a value, not given is none");
    assert_eq!((point_gap.kind, point_gap.point, point_gap.slots), (GapKind::Point, Some(point(3)), SlotSet::ALL));
    assert!(report.needs_a_person());
}

#[test]
fn days_without_a_point_that_follow_each_other_are_one_gap() {
    let mut place = place(1..=2);
    for number in 1..=6 {
        let on = date(&format!("2026-04-0{number}"));
        let points = [point(1), point(2)];
        place.took(&daily().on(on).full(if [2, 3, 5].contains(&number) { &points[..1] } else { &points }, "1"));
    }
    let report = all(&mut place);
    let runs: Vec<_> = report.gaps.iter().map(|gap| (gap.date.day(), gap.to.day())).collect();
    assert_eq!(runs, [(2, 3), (5, 5)]);
}

#[test]
fn a_contract_is_expected_from_its_start_to_its_end() {
    let mut place = Place::new();
    let rows = [(point(1), "2026-01-01", ""), (point(2), "2026-04-02", "2026-04-03")];
    place.register = Some(register(&rows));
    for number in 1..=4 {
        place.took(&daily().on(date(&format!("2026-04-0{number}"))).full(&[point(1)], "1"));
    }
    let report = all(&mut place);
    let gap = only(&report);
    assert_eq!((gap.point, gap.date.day(), gap.to.day()), (Some(point(2)), 2, 3));
    let expected: Vec<_> = report.days.iter().map(|day| day.expected).collect();
    assert_eq!(expected, [1, 2, 2, 1]);
}

#[test]
fn missing_files_are_named_by_kind_day_and_slot() {
    let mut place = place(1..=1);
    place.took(&daily().full(&[point(1)], "1"));
    place.took(&daily().on(date("2026-04-03")).full(&[point(1)], "1"));
    for number in (1..=48).filter(|number| ![20, 21].contains(number)) {
        place.took(&Made::new(MeteringKind::LowSlot).at(number).full(&[point(1)], "1"));
    }
    let report = judged(&mut place, None, Some(date("2026-04-04")));
    let files: Vec<_> =
        report.gaps.iter().map(|gap| (gap.kind, gap.date.day(), gap.message.unwrap(), gap.slots)).collect();
    let [by_slot, by_day] = KINDS;
    let file = |day, kind, slots| (GapKind::File, day, kind, slots);
    assert_eq!(
        files,
        [
            file(1, by_slot, slots([20, 21])),
            file(2, by_slot, SlotSet::ALL),
            file(2, by_day, SlotSet::EMPTY),
            file(3, by_slot, SlotSet::ALL),
            file(4, by_slot, SlotSet::ALL),
            file(4, by_day, SlotSet::EMPTY),
        ],
        "the points of a day without a file are counted, not listed"
    );
    assert_eq!(report.days.iter().map(|day| day.missing_slots).collect::<Vec<_>>(), [0, 48, 0, 48]);
}

#[test]
fn a_day_of_contracts_without_any_file_is_a_missing_file() {
    let mut place = place(1..=2);
    let report = judged(&mut place, Some(day()), Some(day()));
    assert_eq!((only(&report).kind, only(&report).message), (GapKind::File, Some(MeteringKind::LowDay)));
    assert_eq!(counts(&report), [[2, 0, 0, 2, 96]]);
}

#[test]
fn missing_parts_late_and_revised_files_are_named() {
    let mut place = place(1..=1);
    place.took(&daily().revision(0, 1).full(&[point(1)], "1"));
    place.took(&daily().revision(0, 4).full(&[point(1)], "1").created("2026-04-02T23:59:59"));
    place.took(&daily().on(date("2026-04-02")).full(&[point(1)], "1").created("2026-04-04T00:00:00"));
    place.took(&daily().on(date("2026-04-02")).revision(1, 0).full(&[point(1)], "1").created("2026-04-09T00:00:00"));
    place.took(&daily().on(date("2026-04-02")).revision(2, 0).full(&[point(1)], "1").created("2026-04-09T00:00:00"));
    let report = all(&mut place);
    let found: Vec<_> = report.gaps.iter().map(|gap| (gap.kind, gap.date.day(), gap.part, gap.revision)).collect();
    assert_eq!(
        found,
        [
            (GapKind::Part, 1, Some(2), None),
            (GapKind::Part, 1, Some(3), None),
            (GapKind::Late, 2, Some(0), Some(0)),
            (GapKind::Revised, 2, Some(0), Some(2)),
        ]
    );
    assert_eq!(report.gaps[2].file.as_deref(), Some("W41120202604020000000000.zip"));
}

#[test]
fn a_monthly_file_is_late_after_four_business_days() {
    for (created, late) in [("2026-04-07T23:00:00", 0), ("2026-04-08T00:00:00", 1)] {
        let mut place = place(1..=1);
        let made = Made::new(MeteringKind::LowMonth).created(created);
        place.took(&made.bill(point(1), Some(Allocation::Whole), &[day()], (Some("1"), None)));
        // 2026-04-01 is a Wednesday: Thursday, Friday, Monday, Tuesday.
        assert_eq!(all(&mut place).count(GapKind::Late), late, "{created}");
    }
}

#[test]
fn a_point_in_the_half_hourly_file_and_not_in_the_daily_one_is_named() {
    let mut place = place(1..=3);
    place.took(&daily().full(&[point(1)], "1"));
    place.took(&Made::new(MeteringKind::LowSlot).at(5).full(&[point(1), point(2)], "1"));
    let report = all(&mut place);
    let named: Vec<_> = report.gaps.iter().filter(|gap| gap.kind == GapKind::NotInDaily).collect();
    assert_eq!(named.len(), 1);
    assert_eq!((named[0].point, named[0].slots), (Some(point(2)), slots([5])));
    assert_eq!(report.days[0].by_status, [1, 48, 0], "確報 counts where both came");
}

#[test]
fn fixed_usage_closes_the_gap_of_a_daily_file() {
    let mut place = place(1..=1);
    place.took(&daily().row(point(1), "", slot(1), Some("1")));
    assert_eq!(all(&mut place).count(GapKind::Slots), 1);
    let made = Made::new(MeteringKind::LowMonth).on(date("2026-04-02"));
    place.took(&made.bill(point(1), Some(Allocation::Whole), &[day()], (Some("1"), None)));
    let report = all(&mut place);
    assert_eq!((report.gaps.len(), report.days[0].by_status), (0, [0, 0, 48]), "{:?}", report.gaps);
}

#[test]
fn what_is_not_ours_is_named_by_its_last_digits() {
    let mut place = Place::new();
    place.register = Some(register(&[(point(1), "2026-01-01", ""), (point(2), "2026-05-01", "")]));
    place.took(&daily().full(&[point(1), point(2), point(3)], "1"));
    let report = all(&mut place);
    let found: Vec<_> = report.gaps.iter().map(|gap| (gap.kind, gap.tail.as_deref().unwrap(), gap.rows)).collect();
    assert_eq!(found, [(GapKind::OutsideContract, "…0002", 48), (GapKind::Stranger, "…0003", 48)]);
    let json = report.to_json().to_string();
    assert!(json.contains("…0003") && !json.contains(point(3).as_str()), "{json}");
}

#[test]
fn rows_of_some_control_numbers_only_are_named() {
    let mut place = place(1..=1);
    let mut made = daily();
    for slot in Slot::all() {
        made = made.row(point(1), "A", slot, Some("1"));
        if slot.number() <= 40 {
            made = made.row(point(1), "B", slot, Some("1"));
        }
    }
    place.took(&made);
    let report = all(&mut place);
    assert_eq!((only(&report).kind, only(&report).slots), (GapKind::Uneven, slots(41..=48)));
    assert!(!report.needs_a_person());
}

#[test]
fn without_a_register_it_says_so_and_judges_what_came() {
    let mut place = Place::new();
    place.took(&daily().full(&[point(1)], "1").row(point(2), "", slot(48), Some("1")));
    let report = all(&mut place);
    assert_eq!(report.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["OC1062"]);
    assert_eq!((only(&report).kind, only(&report).slots.len(), report.register), (GapKind::Slots, 47, false));
    let nothing = all(&mut Place::new());
    assert_eq!((nothing.period, nothing.days.len(), nothing.gaps.len()), (None, 0, 0));
}

#[test]
fn files_of_another_register_and_days_that_are_not_over_are_told() {
    let mut place = place(1..=1);
    place.took(&daily().full(&[point(1)], "1"));
    place.took(&daily().on(date("2026-05-01")).row(point(1), "", slot(1), Some("1")));
    place.register = Some(register(&[(point(1), "2026-01-02", "")]));
    let report = all(&mut place);
    assert_eq!(report.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["OC1079"]);
    assert_eq!((report.period, report.gaps.len()), (Some((day(), date("2026-04-30"))), 29), "{:?}", report.gaps);
    assert!(report.gaps.iter().all(|gap| gap.kind == GapKind::File));
}

#[test]
fn a_file_read_in_part_is_named_until_the_whole_one_came() {
    let mut place = place(1..=1);
    let made = daily().full(&[point(1)], "1");
    let xml = made.xml();
    let path = place.inbox().join(made.name().xml());
    std::fs::create_dir_all(place.inbox()).unwrap();
    std::fs::write(&path, &xml[..xml.len() / 2]).unwrap();
    place.take(std::slice::from_ref(&path));
    assert_eq!(all(&mut place).count(GapKind::Broken), 1);
    std::fs::write(&path, &xml).unwrap();
    place.take(&[path]);
    assert_eq!(all(&mut place).gaps.len(), 0);
}
