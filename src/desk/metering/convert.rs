//! 計量ファイルの読取り: files of meter data turned into CSV, JSON, Parquet or a summary, several at a time.
//!
//! Workers read files and give away pieces of output; the pieces are put out in the order of the files, and a worker that
//! is ahead waits. No file is held as a whole.
//!
//! # JSON
//!
//! ```text
//! {"files":[{"file":"W4….zip","kind":"1120","status":"daily","date":"2026-11-21","month":null,"sender":"10033",
//!   "recipient":"40113","rows":[{"point":"03…","date":"2026-11-21","slot":1,"control":"01","kwh":"1.25",
//!   "availability":0}],"tally":{"read":48,"missing":0,"rejected":0,"unknown":0,"octets":9000},"points":1,
//!   "revision":0,"part":0,"kwh":"60","complete":true,"findings":[…]}]}
//! ```
//!
//! `kwh` is a text, so that no reader rounds it, and `null` where the value is not given. A file of which nothing could be
//! read has neither `kind` nor rows, and its findings say why.

use super::gather::{Chunk, Gather};
use super::parquet::{Parquet, digest_of};
use super::pieces::{Form, Pieces};
use super::source::{Meterage, about_name, read_file};
use super::spare::{SPARE, Spare};
use crate::messages::metering::MeteringHeader;
use crate::rules::{Finding, codes};
use crate::wire::cii::Tally;
use crate::wire::filename::MeteringFileName;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// So many pieces of output wait for their turn.
const WAITING: usize = 4;

/// 読取結果: what a file was found to hold.
#[derive(Clone, Debug)]
pub struct FileRead {
    /// The file as it was named.
    pub path: PathBuf,
    /// Its file name, where it is one of the standard.
    pub name: Option<MeteringFileName>,
    /// 共通部; nothing where it could not be read.
    pub header: Option<MeteringHeader>,
    /// The account of its rows.
    pub tally: Tally,
    /// How many different points it has.
    pub points: u64,
    /// The sum of what is given. Unit: 0.0001 kWh.
    pub sum: i128,
    /// Whether it was read to its end.
    pub complete: bool,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl FileRead {
    /// Whether anything found is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

/// Reads files and puts out what they hold, in their order. Where `put` fails, the rest is left.
pub fn read_files(
    paths: &[PathBuf],
    form: &Form,
    meterage: &Meterage,
    put: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Vec<FileRead>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    let (senders, receivers): (Vec<_>, Vec<_>) = paths
        .iter()
        .map(|_| sync_channel(WAITING))
        .map(|(sender, receiver)| (Mutex::new(Some(sender)), receiver))
        .unzip();
    let next = AtomicUsize::new(0);
    put(&form.begin())?;
    let reads = std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(path), Some(sender)) = (paths.get(index), senders.get(index)) else { return };
                    let sender = sender.lock().ok().and_then(|mut sender| sender.take());
                    if let Some(sender) = sender {
                        one(path, index, form, meterage, &sender);
                    }
                }
            });
        }
        // Files are begun in their order, so that the one waited for is always being read.
        let drained = receivers.into_iter().map(|receiver| drain(receiver, put));
        drained.collect::<io::Result<Vec<_>>>()
    })?;
    put(form.end())?;
    Ok(reads.into_iter().flatten().collect())
}

/// What a worker gives away.
enum Piece {
    Output(Vec<u8>),
    End(Box<FileRead>),
}

fn drain(pieces: Receiver<Piece>, put: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<Option<FileRead>> {
    for piece in pieces {
        match piece {
            Piece::Output(octets) => put(&octets)?,
            Piece::End(read) => return Ok(Some(*read)),
        }
    }
    Ok(None)
}

/// Reads a file. Where nobody takes its output any more, the rest goes nowhere.
fn one(path: &Path, index: usize, form: &Form, meterage: &Meterage, sender: &SyncSender<Piece>) {
    let shown = path.display().to_string();
    let emit = |octets| drop(sender.send(Piece::Output(octets)));
    let parquet = match form {
        Form::Parquet(folder) => Some(Parquet::new(folder)),
        _ => None,
    };
    // A file that cannot be read for its digest cannot be read at all: that is said below.
    let digest = parquet.as_ref().and_then(|_| digest_of(path).ok()).unwrap_or_default();
    let spare = Spare::new(SPARE);
    let store = |chunk: Chunk| {
        parquet.iter().for_each(|parquet| parquet.take(&chunk));
        spare.give(chunk.rows);
    };
    let name = path.file_name().and_then(|name| MeteringFileName::parse(&name.to_string_lossy()).ok());
    let gather = parquet.as_ref().map(|_| Gather::new(None, name, &digest, &spare, &store as &dyn Fn(Chunk)));
    let mut pieces = Pieces::new(form, path, index, meterage, &emit, gather);
    let (named, read) = read_file(path, meterage, &mut pieces);
    let done = pieces.finish();
    let mut findings = done.findings;
    let mut stopped = done.finding;
    let failed = read.is_err();
    let tally = match read {
        Ok(tally) => tally,
        Err(finding) => {
            findings.push(*finding);
            done.tally
        }
    };
    match parquet {
        // Of a zip that breaks off nothing is kept: it is to be fetched again.
        Some(parquet) if !failed => stopped = stopped.or(parquet.finish()),
        Some(_) => {}
        None => findings.extend(about_name(&named, done.header.as_ref())),
    }
    let ends = [&codes::METER_TRUNCATED, &codes::METER_SYNTAX, &codes::METER_LIMIT, &codes::METER_NO_HEAD];
    let cut = findings.iter().any(|finding| ends.iter().any(|rule| rule.code == finding.code));
    let complete = !failed && !cut && stopped.is_none();
    findings.extend(stopped);
    findings.iter_mut().for_each(|finding| finding.place.file = Some(shown.clone()));
    let read = FileRead {
        path: path.to_owned(),
        name: named.ok(),
        header: done.header,
        tally,
        points: done.points,
        sum: done.sum,
        complete,
        findings,
    };
    form.tail(&read, &emit);
    let _nobody_left = sender.send(Piece::End(Box::new(read)));
}
