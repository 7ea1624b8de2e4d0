//! Taking files in, killed at any moment: what the catalogue names is there, whole and source by source, and the next run
//! makes up the rest.

use crate::command::{arg, command, said};
use crate::meter_place::{Made, date, point};
use crate::readings::paths;
use occto::items::{Date, Slot};
use occto::messages::metering::{Allocation, MeteringKind};
use occto::store::Store;
use occto::store::readings::{ReadingQuery, root};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FILES: u32 = 6;
const POINTS: u32 = 8;
const DAYS: usize = 12;

/// Monthly files: each leaves a file of readings for each of its days.
fn months(dir: &Path) {
    let days: Vec<Date> = (1..=DAYS).map(|number| date(&format!("2026-03-{number:02}"))).collect();
    for part in 0..FILES {
        let mut made = Made::new(MeteringKind::LowMonth).revision(0, part);
        for number in 0..POINTS {
            let energy = format!("{part}.{number}");
            made = made.bill(point(part * POINTS + number), Some(Allocation::Whole), &days, (Some(&energy), None));
        }
        made.put(dir);
    }
}

fn take(files: &Path, data: &Path) -> Command {
    command(&["meter", "ingest", arg(files), "--data", arg(data)])
}

/// Every row with its energies, and the files of readings that the catalogue names, below their folder.
type Kept = (Vec<(String, String, String)>, Vec<PathBuf>);

/// What the catalogue names: a file that is not there, or not as it was written, cannot be read.
fn kept(data: &Path) -> Kept {
    let mut store = Store::open(data).unwrap();
    let (from, to) = (date("2026-01-01"), date("2026-12-31"));
    let mut rows = Vec::new();
    store
        .each_reading(&ReadingQuery { from, to, points: None }, |file, day, row| {
            let energies: Vec<_> = Slot::all().map(|slot| day.own(row, slot)).collect();
            rows.push((file.file.path.clone(), day.points[row].as_str().to_owned(), format!("{energies:?}")));
        })
        .unwrap();
    rows.sort();
    let named = store.read(|tx| tx.readings_between(from, to)).unwrap();
    let mut of_source = BTreeMap::<String, usize>::new();
    named.iter().for_each(|file| *of_source.entry(file.source.clone()).or_default() += 1);
    assert!(of_source.values().all(|files| *files == DAYS), "a source is there as a whole: {of_source:?}");
    let mut files: Vec<_> = named.iter().map(|file| root(data).join(&file.file.path)).collect();
    files.sort();
    assert!(files.iter().all(|path| path.is_file()));
    let files = files.iter().map(|path| path.strip_prefix(root(data)).unwrap().to_owned()).collect();
    (rows, files)
}

#[test]
fn an_intake_of_months_that_is_killed_at_any_moment_leaves_what_the_catalogue_says() {
    let dir = tempfile::tempdir().unwrap();
    let (files, whole) = (dir.path().join("files"), dir.path().join("whole"));
    months(&files);
    let begin = Instant::now();
    assert_eq!(said(&mut take(&files, &whole)).code, Some(0));
    let long = begin.elapsed();
    let undisturbed = kept(&whole);
    assert_eq!((undisturbed.0.len(), undisturbed.1.len()), (FILES as usize * POINTS as usize * DAYS, 72));
    let (mut stopped, halfway, rounds) = (0, Cell::new(0), 10);
    // Every moment once, and again as long as none of them was one of half-done work.
    for round in (0..6 * rounds).take_while(|round| *round < rounds || halfway.get() == 0) {
        let data = dir.path().join(format!("data{round}"));
        let wait = long * (round % rounds + 1) / rounds;
        // Killed twice: what the first one left is in the way of the second.
        for wait in [wait, wait.max(Duration::from_millis(40)) / 2] {
            let mut child = take(&files, &data).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(wait);
            stopped += u32::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
            let (rows, files) = kept(&data);
            let there = paths(&root(&data)).iter().filter(|path| path.is_file()).count();
            let half = there != files.len() || (1..undisturbed.1.len()).contains(&files.len());
            halfway.set(halfway.get() + u32::from(half));
            assert!(rows.iter().all(|row| undisturbed.0.binary_search(row).is_ok()), "no other rows");
            assert!(files.iter().all(|file| undisturbed.1.binary_search(file).is_ok()), "no other files");
        }
        assert_eq!(said(&mut take(&files, &data)).code, Some(0));
        assert_eq!(kept(&data), undisturbed, "killed after {wait:?}");
        let there: Vec<_> = paths(&root(&data)).into_iter().filter(|path| path.is_file()).collect();
        let there: Vec<_> = there.iter().map(|path| path.strip_prefix(root(&data)).unwrap().to_owned()).collect();
        assert_eq!(there, undisturbed.1, "nothing else lies there");
    }
    let halfway = halfway.get();
    assert!(stopped > rounds / 4 && halfway > 0, "it was stopped at work: {stopped}, half done: {halfway}");
}
