//! `occto meter fetch` as a person calls it: printed, refused, killed.

use crate::command::{EXAMPLE, Served, arg, command, occto, refused, said};
use occto::items::{Area, Code};
use occto::sandbox::{MeterFiles, World};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// No supply point id, nor anything else of a person; the name of a file is longer than an id.
fn no_personal_data(text: &str) {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let ids = words.filter(|word| word.len() == 22 && word.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(ids.count(), 0, "{text}");
    let world = World::parse(&fs::read_to_string("examples/world.toml").unwrap()).unwrap();
    crate::line::no_personal_data(text, &world);
}

#[test]
fn the_sandbox_is_fetched_with_all_its_faults() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let run = |more: &[&str]| said(command(&["meter", "fetch", "--sandbox", "--data", arg(&data)]).args(more));
    let first = run(&["--json"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    no_personal_data(&(first.out.clone() + &first.err));
    let answer = json(&first.out);
    let operators = answer["operators"].as_array().unwrap();
    assert_eq!((operators.len(), &answer["complete"]), (10, &serde_json::Value::Bool(true)));
    let sum = |key: &str| operators.iter().map(|operator| operator[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("listed"), sum("fetched") + sum("withdrawn"));
    assert!(sum("retried") > 3 && sum("withdrawn") > 0 && sum("ignored") > 0, "{first:?}");
    let again = run(&[]);
    assert_eq!(again.code, Some(0), "{again:?}");
    for part in ["区域", "取得済", "03 東京", "合計"] {
        assert!(again.out.contains(part), "{again:?}");
    }
    assert_eq!(run(&["--operator", "03", "--lang", "en"]).out.matches("Tokyo").count(), 1);
    // What was made up does not lie beside what is real.
    let config = dir.path().join("exchange.toml");
    fs::write(&config, "retailer = \"40113\"\n[download.\"03\"]\nhost = \"http://127.0.0.1:9\"\n").unwrap();
    refused(&occto(&["meter", "fetch", "--config", arg(&config), "--data", arg(&data)]), &["--data", "模擬環境"]);
    let other = dir.path().join("other");
    let real = said(&mut command(&["meter", "fetch", "--config", arg(&config), "--data", arg(&other)]));
    assert!(real.code == Some(1) && real.out.contains("OC1080"), "{real:?}");
    refused(&occto(&["meter", "fetch", "--sandbox", "--data", arg(&other)]), &["--data", "模擬環境"]);
    // A run of the sandbox begins with an empty store: not here.
    let out = dir.path().join("out");
    let switch = ["switch", "run", EXAMPLE, "--sandbox", "--data", arg(&other), "--out", arg(&out)];
    refused(&occto(&switch), &["--data", "実運用"]);
}

#[test]
fn what_cannot_be_done_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let fetch = |more: &[&str]| said(command(&["meter", "fetch", "--data", arg(&data)]).args(more));
    refused(&fetch(&[]), &["--config", "--sandbox"]);
    refused(&fetch(&["--sandbox", "--operator", "11"]), &["--operator", "11"]);
    let config = dir.path().join("exchange.toml");
    let with = |text: &str, more: &[&str]| {
        fs::write(&config, text).unwrap();
        let mut args = vec!["--config", arg(&config)];
        args.extend(more);
        fetch(&args)
    };
    refused(&with("retailer = \"40113\"\n", &[]), &["[download.\"03\"]"]);
    let one = "retailer = \"40113\"\n[download.\"03\"]\nhost = \"https://x.example\"\n";
    refused(&with(one, &["--operator", "06"]), &["[download.\"06\"]"]);
    refused(&with(&format!("{one}client-certificate = \"none.pem\"\nclient-key = \"none.key\"\n"), &[]), &["none.pem"]);
    fs::write(dir.path().join("file"), "").unwrap();
    refused(&occto(&["meter", "fetch", "--sandbox", "--data", arg(&dir.path().join("file"))]), &["--data"]);
}

#[test]
fn killed_in_the_middle_it_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (data, world_file) = (dir.path().join("data"), dir.path().join("world.toml"));
    // The third file is silent halfway for three seconds: long enough to be killed in it.
    let text = "date = \"2026-04-01\"\nretailer = \"40113\"\n\
        [[file-fault]]\nkind = \"slow\"\nper-mille = 400\n";
    fs::write(&world_file, text).unwrap();
    let world = World::parse(text).unwrap();
    let files = MeterFiles::new(&world, 1);
    let served = Served::start(&["--world", arg(&world_file), "--seed", "1"]);
    let config = dir.path().join("exchange.toml");
    fs::write(&config, files.config(&served.address)).unwrap();
    let fetch = || {
        let mut fetch = command(&["meter", "fetch", "--operator", "03", "--operator", "06", "--json"]);
        fetch.args(["--config", arg(&config), "--data", arg(&data)]);
        fetch
    };
    let inbox = |area: Area| data.join("inbox").join(format!("area={}", area.key()));
    let names = |folder: &Path, half: bool| -> Vec<String> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.') == half).collect()
    };
    let (tokyo, kansai) = (inbox(Area::Tokyo), inbox(Area::Kansai));
    let right = |whole: bool| {
        for (area, folder) in [(Area::Tokyo, &tokyo), (Area::Kansai, &kansai)] {
            let there = names(folder, false);
            assert!(!whole || there.len() == files.names(area, world.date).len(), "{there:?}");
            for name in there {
                assert!(
                    fs::read(folder.join(&name)).unwrap() == files.octets(area, world.date, &name).unwrap(),
                    "{name}"
                );
            }
        }
    };
    let mut kills = 0;
    for _ in 0..4 {
        let mut child = fetch().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(8) && child.try_wait().unwrap().is_none() {
            // Half a file lies there under its temporary name.
            let half = |folder: &Path| {
                let parts = names(folder, true);
                parts.iter().any(|name| fs::metadata(folder.join(name)).is_ok_and(|about| about.len() > 0))
            };
            if begun.elapsed() > Duration::from_millis(300) && (half(&tokyo) || half(&kansai)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        right(false);
    }
    assert!(kills > 0, "it was never in the middle of anything");
    let done = said(&mut fetch());
    assert_eq!(done.code, Some(0), "{done:?}");
    no_personal_data(&(done.out.clone() + &done.err));
    right(true);
    assert!(names(&tokyo, true).is_empty() && names(&kansai, true).is_empty(), "nothing half is left");
    let again = json(&said(&mut fetch()).out);
    assert_eq!((&again["operators"][0]["fetched"], &again["operators"][0]["failed"]), (&0.into(), &0.into()));
}
