//! `occto baseline plot` and `compare`, the trace as a page, and readings from a data folder.

use crate::baseline::g;
use crate::command::{Said, occto, refused};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use occto::items::{Code as _, Energy, Slot, SupplyPointId};
use occto::messages::metering::MeteringKind;
use occto::store::Store;
use occto::store::readings::{DayRows, MeterFile, ReadingsWriter, Source};
use serde_json::Value;
use std::path::Path;

const DAY: Date = date(2026, 8, 19);
const POINTS: [&str; 2] = ["0300111234567890123456", "0600111234567890123456"];

fn days(back: i64) -> impl DoubleEndedIterator<Item = Date> + Clone {
    (0..=back).rev().map(|back| DAY - back.days())
}

fn readings(dir: &Path) -> String {
    let mut text = "供給地点特定番号,年月日,コマ,電力量kWh\n".to_owned();
    for point in POINTS {
        for day in days(90) {
            for slot in 0..48 {
                let wh = g(day, slot);
                text.push_str(&format!("{point},{day},{},{}.{:03}\n", slot + 1, wh / 1000, wh % 1000));
            }
        }
    }
    let path = dir.join("readings.csv");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn call(command: &str, readings: &str, point: &str, more: &[&str]) -> Said {
    let common = ["baseline", command, "--readings", readings, "--event", "2026-08-19", "--slots", "34-38"];
    occto(&[&common[..], &["--today", "2026-08-20", "--point", point], more].concat())
}

/// Keeps a day of a point as if a file of the operator had brought it.
fn keep(store: &mut Store, point: SupplyPointId, day: Date) {
    let (kind, area) = (MeteringKind::LowDay, point.area());
    let digest = format!("{:0>64}", format!("{}{}", area.key(), day.strftime("%Y%m%d")));
    let digest: String = digest.chars().rev().collect();
    let mut rows = DayRows::default();
    assert!(rows.push(point, "", None));
    for slot in Slot::all() {
        let wh = g(day, i64::from(slot.number()) - 1);
        rows.set(0, slot, Some(Energy::from_ten_thousandths(wh * 10)), None);
    }
    let source = Source { digest: digest.clone(), register: String::new(), kind, revision: 0, part: 0 };
    let mut writer = ReadingsWriter::new(store.dir(), source);
    writer.add(area, day, kind.status(), &rows).unwrap();
    let files = writer.finish().unwrap();
    let file = MeterFile {
        name: format!("{digest}.zip"),
        digest,
        octets: 1,
        kind,
        area,
        date: day,
        slot: None,
        revision: 0,
        part: 0,
        created: None,
        taken: day.at(3, 0, 0, 0),
        register: String::new(),
        rows: 48,
        missing: 0,
        rejected: 0,
        quarantined: 0,
        points: 1,
        whole: true,
    };
    store.commit(|tx| tx.put_meter_file(&file, &files, &[])).unwrap();
}

/// The tags of a page close in the order they opened.
fn well_formed(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with('!') {
            continue;
        }
        let (tag, after) = rest.split_at(rest.find('>').expect("a tag ends"));
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{open:?}");
        } else if !tag.ends_with('/') {
            let name = tag.split_ascii_whitespace().next().unwrap();
            if name != "meta" {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_picture_is_written_in_each_form() {
    let dir = tempfile::tempdir().unwrap();
    let readings = readings(dir.path());
    let written = |name: &str, more: &[&str]| {
        let path = dir.path().join(name);
        let out = ["--out", path.to_str().unwrap()];
        let said = call("plot", &readings, POINTS[0], &[&out[..], more].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        std::fs::read(&path).unwrap()
    };
    let svg = String::from_utf8(written("a.svg", &[])).unwrap();
    well_formed(&svg);
    for part in
        ["ベースライン", "基準時間帯", "発動", "採用した候補日", "需要制御量", "prefers-color-scheme:dark", "…3456"]
    {
        assert!(svg.contains(part), "{part}");
    }
    assert!(!svg.contains(POINTS[0]), "of the point only its end stands in a picture");
    assert!(!svg.contains("http://") || svg.matches("http").count() == 1, "nothing but the name of the format");
    // Five slots with a baseline, in one line of ten corners.
    let baseline = svg.split("p-base\"").nth(1).unwrap();
    let path = baseline.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(path.matches(['M', 'L']).count(), 10, "{path}");
    let html = String::from_utf8(written("a.html", &[])).unwrap();
    well_formed(&html);
    assert!(html.contains("<svg") && html.contains("Content-Security-Policy") && !html.contains("<script"));
    let png = written("a.PNG", &[]);
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 10_000);
    let english = String::from_utf8(written("b.svg", &["--lang", "en"])).unwrap();
    assert!(english.contains("adjustment window") && !english.contains("基準"));
    refused(&call("plot", &readings, POINTS[0], &["--out", "x.pdf"]), &[".svg"]);
    refused(&call("plot", &readings, "all", &["--out", "x.svg"]), &["--point"]);
}

#[test]
fn the_trace_is_a_page_that_can_be_followed() {
    let dir = tempfile::tempdir().unwrap();
    let readings = readings(dir.path());
    let path = dir.path().join("trace.html");
    let more = ["--trace", path.to_str().unwrap(), "--dr-days", "2026-08-14", "--option", "U4=none", "--json"];
    let said = call("compute", &readings, "all", &more);
    assert_eq!(said.code, Some(0), "{said:?}");
    let page = std::fs::read_to_string(&path).unwrap();
    well_formed(&page);
    let printed: Value = serde_json::from_str(&said.out).unwrap();
    for one in printed["baselines"].as_array().unwrap() {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        assert!(page.contains(&text("digest")), "the digest");
        assert!(page.contains(&SupplyPointId::parse(&text("point")).unwrap().grouped().to_string()));
        for slot in one["slots"].as_array().unwrap() {
            assert!(page.contains(slot["baseline_kwh"].as_str().unwrap()), "{slot}");
        }
        for day in one["kept"].as_array().unwrap() {
            assert!(page.contains(&day.as_str().unwrap().replace('-', "/")), "{day}");
        }
    }
    let said = [
        "過去のDR実施日",
        "平均の大きい日に入らない",
        "当日調整 = 差の合計 ÷ 6コマ",
        "既定と異なる",
        "floor=none",
        "低使用日の総平均の取り方（U1）",
        "同じ計量値と条件で",
        "これより過去の",
        "発動開始の5時間前から2時間前まで",
    ];
    for part in said {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script") && page.matches("http").count() == page.matches("http-equiv").count() + 2);
}

#[test]
fn a_tie_and_a_low_day_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let event = date(2026, 6, 17);
    let mut text = "供給地点特定番号,年月日,コマ,電力量kWh\n".to_owned();
    for (back, level) in [(0, 500), (1, 1000), (2, 600), (5, 100), (6, 900), (7, 600), (8, 800), (9, 700)] {
        for slot in 1..=48 {
            let kwh = if slot <= 34 { 500 } else { level };
            text.push_str(&format!("{},{},{slot},{kwh}\n", POINTS[0], event - back.days()));
        }
    }
    let (csv, page) = (dir.path().join("r.csv"), dir.path().join("p.html"));
    std::fs::write(&csv, text).unwrap();
    let files = ["--readings", csv.to_str().unwrap(), "--trace", page.to_str().unwrap()];
    let rest = ["--point", POINTS[0], "--event", "2026-06-17", "--slots", "35-38", "--today", "2026-06-18"];
    occto(&[&["baseline", "compute"], &files[..], &rest].concat());
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(page.contains("低使用日（総平均 640 kWh"), "1000, 600, 100, 900 and 600");
    assert!(page.contains("平均が等しい日（2026-06-15）より古い"), "{page}");
}

#[test]
fn methods_stand_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let readings = readings(dir.path());
    let plot = dir.path().join("c.svg");
    let said = call("compare", &readings, POINTS[0], &["--days", "5", "--out", plot.to_str().unwrap()]);
    assert!(
        said.code == Some(0) && said.out.contains("high-4-of-5-unadjusted") && said.out.contains("RRMSE"),
        "{said:?}"
    );
    let svg = std::fs::read_to_string(&plot).unwrap();
    well_formed(&svg);
    assert!(svg.contains("算定方法の比較") && svg.contains("◎"));
    let said = call("compare", &readings, "all", &["--days", "5", "--json", "--methods", "high-4-of-5,10-of-10"]);
    let printed: Value = serde_json::from_str(&said.out).unwrap();
    let compared = printed["comparisons"].as_array().unwrap();
    assert_eq!(compared.len(), 2);
    assert_eq!(compared[0]["methods"][0]["slots"][0]["baseline_kwh"], "2.100125");
    assert_eq!((compared[0]["tried"].as_array().unwrap().len(), &compared[0]["methods"][1]["days"]), (5, &5.into()));
    let least = compared[0]["methods"].as_array().unwrap().iter().map(|one| one["rrmse"].as_str().unwrap()).min();
    let best = compared[0]["best"].as_str().unwrap();
    let of_best = compared[0]["methods"].as_array().unwrap().iter().find(|one| one["method"] == best).unwrap();
    assert_eq!(of_best["rrmse"].as_str(), least);
    refused(&call("compare", &readings, POINTS[0], &["--methods", "high-5"]), &["high-5"]);
}

#[test]
fn a_data_folder_gives_the_same_as_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let readings = readings(dir.path());
    let data = dir.path().join("data");
    let mut store = Store::open(&data).unwrap();
    for day in days(40) {
        POINTS.iter().for_each(|point| keep(&mut store, SupplyPointId::parse(point).unwrap(), day));
    }
    drop(store);
    let baselines = |readings: &str, point: &str, more: &[&str]| {
        let said = call("compute", readings, point, &[&["--json"], more].concat());
        let printed: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"));
        let slots = |one: &Value| (one["point"].clone(), one["kept"].clone(), one["slots"].clone());
        printed["baselines"].as_array().unwrap().iter().map(slots).collect::<Vec<_>>()
    };
    let data = data.to_str().unwrap();
    for more in [&[][..], &["--method", "same-type-day"], &["--dr-days", "2026-08-14"]] {
        assert_eq!(baselines(data, "all", more), baselines(&readings, "all", more), "{more:?}");
    }
    assert_eq!(baselines(data, POINTS[1], &[]), baselines(&readings, POINTS[1], &[]));
    let said = call("compute", data, POINTS[0], &[]);
    assert!(said.out.contains("OC1121"), "daily values are not final: {said:?}");
    let none = call("compute", data, "0300111234567890129999", &[]);
    assert!(none.code == Some(1) && none.out.contains("OC1117"), "{none:?}");
    let plot = dir.path().join("d.svg");
    assert_eq!(call("plot", data, POINTS[0], &["--out", plot.to_str().unwrap()]).code, Some(0));
    let compared = call("compare", data, POINTS[0], &["--days", "3"]);
    assert_eq!(compared.code, Some(0), "{compared:?}");
}
