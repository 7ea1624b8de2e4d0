//! ベースラインの算定と共有: readings from files, the points of a portfolio one chunk after another, on every processor;
//! what may go to a retailer, an operator or OCCTO.

mod compare;
mod contracts;
pub mod page;
pub mod plot;
mod portfolio;
mod received;
mod release;
mod share;
mod stored;
mod totals;

pub use compare::{Comparison, comparable, compare};
pub use contracts::read_contracts;
pub use portfolio::{Job, Line, each_line};
pub use received::{Received, receive};
pub use share::{Released, Share, ShareAs, SharedFile, Sharing};
pub use stored::{days_needed, each_stored, each_stored_line, is_stored};

use crate::baseline::{Case, Computed, Method, Readings, ReadingsBuilder};
use crate::items::SupplyPointId;
use crate::rules::{Finding, codes};
use crate::wire::{ReadingsRead, read_readings};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Points that are computed before the first of them is handed out: the memory of traces stays small.
const CHUNK: usize = 2048;

/// 計量値の読込: what reading the files came to.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The readings of every file.
    pub readings: Readings,
    /// What is wrong, with file and line.
    pub findings: Vec<Finding>,
    /// How many further findings were not kept.
    pub omitted: u64,
}

/// Reads one file, or every `.csv` file of a folder in the order of their names.
pub fn load(path: &Path) -> Loaded {
    let mut builder = ReadingsBuilder::new();
    let mut loaded = Loaded::default();
    match files(path) {
        Ok(files) => {
            for file in &files {
                let read = File::open(file).map(|input| read_readings(input, &mut builder));
                loaded.take(file, read);
            }
            if files.is_empty() {
                loaded.findings.push(codes::FILE_EMPTY.plain().in_file(&path.display().to_string()));
            }
        }
        Err(error) => loaded.take(path, Err(error)),
    }
    loaded.readings = builder.finish();
    loaded
}

impl Loaded {
    fn take(&mut self, file: &Path, read: io::Result<ReadingsRead>) {
        let name = file.display().to_string();
        match read {
            Ok(read) => {
                self.omitted += read.omitted;
                self.findings.extend(read.findings.into_iter().map(|finding| finding.in_file(&name)));
            }
            Err(error) => {
                let ja = format!("ファイルを読み込めません: {error}");
                let finding = codes::UNREADABLE_FILE.finding(ja, format!("cannot read the file: {error}"));
                self.findings.push(finding.in_file(&name));
            }
        }
    }
}

fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Computes the baselines of points with their traces and hands them out in the order of the points. A point without
/// readings has a finding instead.
pub fn compute_points<E>(
    readings: &Readings,
    points: &[SupplyPointId],
    job: &Job<'_>,
    mut each: impl FnMut(Result<Computed<'_>, Finding>) -> Result<(), E>,
) -> Result<(), E> {
    let one = |point: &SupplyPointId| match readings.point(*point) {
        Some(view) => job.compute(view).into_iter().map(Ok).collect(),
        None => vec![Err(no_readings(*point))],
    };
    in_parallel(points, one, &mut each)
}

/// Compares methods on points for the first event of a job, whose own method does not matter, and hands the comparisons out in
/// the order of the points; each method is tried on `most` past days.
pub fn compare_points<E>(
    readings: &Readings,
    points: &[SupplyPointId],
    (methods, most): (&[&Method], usize),
    job: &Job<'_>,
    mut each: impl FnMut(Result<Comparison<'_>, Finding>) -> Result<(), E>,
) -> Result<(), E> {
    let one = |point: &SupplyPointId| {
        let Some((view, event)) = readings.point(*point).zip(job.events.first()) else {
            return vec![Err(no_readings(*point))];
        };
        let forecasts = job.forecasts_of(*point);
        let case = Case { forecasts: &forecasts, ..*job.case };
        let compared = compare(view, event, methods, most, job.options, &case);
        vec![compared.map_err(|error| codes::NO_DAY_TYPE.finding(error.ja(), error.to_string()))]
    };
    in_parallel(points, one, &mut each)
}

/// Works on every processor, one chunk of points after the other, and hands out in the order of the points.
fn in_parallel<T: Send, E>(
    points: &[SupplyPointId],
    one: impl Fn(&SupplyPointId) -> Vec<T> + Sync,
    each: &mut impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let one = &one;
    for chunk in points.chunks(CHUNK) {
        let part = chunk.len().div_ceil(threads).max(1);
        let done = std::thread::scope(|scope| {
            let parts =
                chunk.chunks(part).map(|part| scope.spawn(move || part.iter().flat_map(one).collect::<Vec<_>>()));
            let parts: Vec<_> = parts.collect();
            // What went wrong there goes wrong here: no point is lost silently.
            let done = parts.into_iter().map(|part| part.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
            done.collect::<Vec<_>>()
        });
        done.into_iter().flatten().try_for_each(&mut *each)?;
    }
    Ok(())
}

fn no_readings(point: SupplyPointId) -> Finding {
    let ja = format!("供給地点特定番号 {} の計量値がありません", point.grouped());
    codes::NO_READINGS.finding(ja, format!("there are no readings of point {}", point.grouped()))
}
