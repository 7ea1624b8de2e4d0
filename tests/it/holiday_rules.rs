//! 国民の祝日に関する法律 as a rule: the check of `schemas/holidays.csv`, never its source at run time.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use std::collections::BTreeMap;

/// The national holidays of a year 2015–2035 by rule, 振替休日 and 国民の休日 among them.
pub fn holidays(year: i16) -> BTreeMap<Date, &'static str> {
    let mut days = BTreeMap::new();
    let monday = |month: i8, nth: i8| date(year, month, 1).nth_weekday_of_month(nth, Weekday::Monday).unwrap();
    let mut add = |date: Date, name| assert!(days.insert(date, name).is_none(), "{date} twice");

    add(date(year, 1, 1), "元日");
    add(monday(1, 2), "成人の日");
    add(date(year, 2, 11), "建国記念の日");
    match year {
        // The reign changed on 2019-05-01: neither birthday fell into that year.
        ..=2018 => add(date(year, 12, 23), "天皇誕生日"),
        2019 => {
            add(date(2019, 5, 1), "即位の日");
            add(date(2019, 10, 22), "即位礼正殿の儀");
        }
        2020.. => add(date(year, 2, 23), "天皇誕生日"),
    }
    add(date(year, 3, equinox(year, 20.8431)), "春分の日");
    add(date(year, 4, 29), "昭和の日");
    add(date(year, 5, 3), "憲法記念日");
    add(date(year, 5, 4), "みどりの日");
    add(date(year, 5, 5), "こどもの日");
    // Moved for the Olympic Games.
    let (marine, mountain, sports) = match year {
        2020 => (date(2020, 7, 23), Some(date(2020, 8, 10)), date(2020, 7, 24)),
        2021 => (date(2021, 7, 22), Some(date(2021, 8, 8)), date(2021, 7, 23)),
        _ => (monday(7, 3), (year >= 2016).then(|| date(year, 8, 11)), monday(10, 2)),
    };
    add(marine, "海の日");
    if let Some(mountain) = mountain {
        add(mountain, "山の日");
    }
    add(monday(9, 3), "敬老の日");
    add(date(year, 9, equinox(year, 23.2488)), "秋分の日");
    add(sports, if year < 2020 { "体育の日" } else { "スポーツの日" });
    add(date(year, 11, 3), "文化の日");
    add(date(year, 11, 23), "勤労感謝の日");

    let named = days.clone();
    for sunday in named.keys().filter(|day| day.weekday() == Weekday::Sunday) {
        let free = sunday.series(1.day()).find(|day| !named.contains_key(day)).unwrap();
        days.insert(free, "振替休日");
    }
    for first in named.keys() {
        let (between, last) = (*first + 1.day(), *first + 2.days());
        if named.contains_key(&last) && !days.contains_key(&between) && between.weekday() != Weekday::Sunday {
            days.insert(between, "国民の休日");
        }
    }
    days
}

/// The day of an equinox, 1980–2099: the usual approximation.
fn equinox(year: i16, base: f64) -> i8 {
    let since = f64::from(year - 1980);
    (base + 0.242_194 * since - (since / 4.0).floor()).floor() as i8
}
