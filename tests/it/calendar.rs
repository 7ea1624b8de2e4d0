//! Business days, holidays and lead times.

use crate::holiday_rules::holidays;
use jiff::civil::{Date, date};
use occto::calendar::{Calendar, CalendarError, Closed, Work};
use occto::items::{Area, Code, Family};
use std::fmt::Write as _;

fn calendar() -> Calendar {
    Calendar::published().unwrap()
}

fn by_rule() -> String {
    let mut text = "date,name\n".to_owned();
    for (day, name) in (2015..=2035).flat_map(holidays) {
        writeln!(text, "{day},{name}").unwrap();
    }
    text
}

/// `OCCTO_BLESS=1 cargo test` writes the file anew.
#[test]
fn the_holiday_file_is_what_the_rules_give() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/holidays.csv");
    if std::env::var_os("OCCTO_BLESS").is_some() {
        std::fs::write(path, by_rule()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), by_rule());
}

/// Needs `pip install jpholiday holidays`; in CI it must run.
#[test]
fn the_holiday_file_agrees_with_two_python_packages() {
    let script = "import jpholiday, holidays\n\
        a = {d for y in range(2015, 2036) for d, _ in jpholiday.year_holidays(y)}\n\
        b = set(holidays.Japan(years=range(2015, 2036)))\n\
        print(' '.join(map(str, sorted(a))))\nprint(' '.join(map(str, sorted(b))))";
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let ran = std::process::Command::new(python).args(["-c", script]).output();
    let output = match ran {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        _ if std::env::var_os("CI").is_some() => panic!("CI needs python3 with jpholiday and holidays"),
        _ => return eprintln!("skipped: python3 has no jpholiday and holidays (pip install jpholiday holidays)"),
    };
    let ours = (2015..=2035).flat_map(holidays).map(|(day, _)| day.to_string()).collect::<Vec<_>>().join(" ");
    for (line, package) in output.lines().zip(["jpholiday", "holidays"]) {
        assert_eq!(line, ours, "{package}");
    }
    assert_eq!(output.lines().count(), 2);
}

#[test]
fn special_holidays_are_known() {
    let calendar = calendar();
    let name = |day: Date| calendar.holiday(day).unwrap();
    assert_eq!(name(date(2015, 9, 22)), Some("国民の休日"));
    assert_eq!(name(date(2019, 4, 30)), Some("国民の休日"));
    assert_eq!(name(date(2019, 5, 1)), Some("即位の日"));
    assert_eq!(name(date(2019, 12, 23)), None);
    assert_eq!(name(date(2020, 10, 12)), None);
    assert_eq!(name(date(2021, 8, 9)), Some("振替休日"));
    assert_eq!(name(date(2026, 5, 6)), Some("振替休日"));
    assert_eq!(name(date(2015, 8, 11)), None);
}

#[test]
fn dates_outside_the_data_are_an_error_not_a_guess() {
    let calendar = calendar();
    let outside = |day| matches!(calendar.holiday(day), Err(CalendarError::OutsideSpan { .. }));
    assert!(outside(date(2014, 12, 31)) && outside(date(2036, 1, 1)));
    assert!(!outside(date(2015, 1, 1)) && !outside(date(2035, 12, 31)));
    let low = |from| calendar.earliest_switch(Area::Chugoku, Family::Low, Work::None, from);
    assert!(matches!(low(date(2035, 12, 28)), Err(CalendarError::OutsideSpan { .. })));
}

#[test]
fn business_days_come_first_then_calendar_days() {
    let calendar = calendar();
    // Friday before a long weekend: Saturday, Sunday and 勤労感謝の日 do not count.
    let earliest = calendar.earliest_switch(Area::Chugoku, Family::Low, Work::None, date(2026, 11, 20)).unwrap();
    assert_eq!(earliest.date, date(2026, 11, 26));
    assert!(earliest.verified);
    assert_eq!(earliest.counted.business, [date(2026, 11, 24)]);
    assert_eq!(earliest.counted.skipped.len(), 3);
    assert_eq!(earliest.counted.skipped[2], (date(2026, 11, 23), Closed::Holiday("勤労感謝の日")));
    assert_eq!(
        earliest.counted.ja(),
        "2026-11-20から1営業日（2026-11-24）＋2暦日。\
         除いた日: 2026-11-21（土）、2026-11-22（日）、2026-11-23（勤労感謝の日）"
    );
    assert_eq!(
        earliest.counted.en(),
        "1 business day and 2 calendar days from 2026-11-20, not counting 2026-11-21 (Saturday), \
         2026-11-22 (Sunday), 2026-11-23 (holiday 勤労感謝の日)"
    );
    let meter = calendar.earliest_switch(Area::Chugoku, Family::Low, Work::Meter, date(2026, 11, 20)).unwrap();
    assert_eq!(meter.date, date(2026, 12, 5));
}

#[test]
fn the_first_day_counts_only_if_the_data_says_so() {
    let lead = include_str!("../../schemas/lead-times.toml");
    let counting = lead.replace("count_first_day = false", "count_first_day = true");
    let (holidays, operators) =
        (include_str!("../../schemas/holidays.csv"), include_str!("../../schemas/operators.toml"));
    let calendar = Calendar::read(holidays, operators, &counting).unwrap();
    let earliest = calendar.earliest_switch(Area::Chugoku, Family::Low, Work::None, date(2026, 11, 18)).unwrap();
    assert_eq!(earliest.date, date(2026, 11, 20));
}

#[test]
fn an_assumed_closed_day_makes_the_date_unverified() {
    let calendar = calendar();
    let high = |from| calendar.earliest_switch(Area::Chugoku, Family::High, Work::None, from).unwrap();
    assert!(high(date(2026, 12, 10)).verified);
    let over_new_year = high(date(2026, 12, 25));
    assert!(!over_new_year.verified);
    assert_eq!(over_new_year.date, date(2027, 1, 13));
    let before = calendar.for_operator(Area::Chubu).add_business_days(date(2026, 8, 14), 1).unwrap();
    // 15 August is special at Chubu for meter reading only; here it falls on a Saturday, in 2025 on a Friday.
    assert_eq!(before, date(2026, 8, 17));
    assert!(calendar.for_operator(Area::Chubu).is_business_day(date(2025, 8, 15)).unwrap());
    assert!(!calendar.for_operator(Area::Tokyo).is_business_day(date(2026, 12, 30)).unwrap());
}

#[test]
fn published_periods_are_verified_and_the_others_say_so() {
    let calendar = calendar();
    let from = date(2026, 6, 1);
    for area in Area::ALL.iter().copied() {
        for (family, work) in [(Family::Low, Work::None), (Family::Low, Work::Meter), (Family::High, Work::None)] {
            let earliest = calendar.earliest_switch(area, family, work, from).unwrap();
            let published = area == Area::Chugoku || (area, family) == (Area::Shikoku, Family::High);
            assert_eq!(earliest.verified, published, "{area:?} {family:?} {work:?}");
        }
        assert!(!calendar.earliest_switch(area, Family::Fit, Work::None, from).unwrap().verified);
        let none = calendar.earliest_switch(area, Family::Low, Work::Transformer, from);
        assert_eq!(none, Err(CalendarError::NoPeriod { area, family: Family::Low, work: Work::Transformer }));
    }
    let weeks = calendar.earliest_switch(Area::Shikoku, Family::High, Work::Meter, from).unwrap();
    assert_eq!(weeks.date, date(2026, 6, 22));
}

#[test]
fn broken_data_is_refused_with_its_place() {
    let (holidays, operators, lead) = (
        include_str!("../../schemas/holidays.csv"),
        include_str!("../../schemas/operators.toml"),
        include_str!("../../schemas/lead-times.toml"),
    );
    let line = Calendar::read("date,name\n2026-01-01,元日\n2026-13-01,何\n", operators, lead).unwrap_err();
    assert_eq!((line.file, line.line), ("holidays.csv", Some(3)));
    let order = Calendar::read("date,name\n2026-01-02,元日\n2026-01-01,何\n", operators, lead).unwrap_err();
    assert_eq!(order.line, Some(3));
    assert!(Calendar::read("", operators, lead).is_err());
    let area = Calendar::read(holidays, &operators.replace("\"04\"", "\"14\""), lead).unwrap_err();
    assert!(area.to_string().contains("`14` is not an area"), "{area}");
    assert!(Calendar::read(holidays, &operators.replace("08-15", "08-32"), lead).is_err());
    let twice =
        format!("{lead}\n[[period]]\nareas=[\"07\"]\nfamily=\"low\"\nwork=\"none\"\nsource=\"\"\nverified=true\n");
    assert!(Calendar::read(holidays, operators, &twice).unwrap_err().en.contains("stands twice"));
    let toml = Calendar::read(holidays, operators, "[counting]\ncount_first_day = 1\n").unwrap_err();
    assert_eq!((toml.file, toml.line), ("lead-times.toml", Some(2)));
}
