//! 取込: the operators' files into readings. One thread reads, another writes what the first one gathered, and a third
//! brings it to the disk; a file counts once all of it is on the disk and the catalogue names it.
//!
//! Memory: a daily or half-hourly file is gathered whole before it is written, about 450 octets for each of its points
//! (60 for a file of one slot); of a monthly file 2,048 rows of each day are held. What was gathered and is not yet
//! written may be 64 MiB, or one file; of the memory of what was written 16 MiB are kept and filled again.

use super::reading::{End, Reading};
use super::register::SupplyRegister;
use super::room::Room;
use super::spare::{SPARE, Spare};
use super::writing::{Ready, Writing};
use crate::items::DateTime;
use crate::rules::{Finding, codes};
use crate::store::readings::{MeterFile, ReadingsFile, Settler, root};
use crate::store::{Store, StoreError, Tx};
use crate::wire::archive::ArchiveLimits;
use crate::wire::cii::{ReadAhead, ReadSettings, Tally};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

/// So many pieces are gathered and wait to be written, and they may take so much memory. Unit: octets.
const WAITING: usize = 40;
const ROOM: u64 = 64 << 20;
/// So many files are written and wait for the disk, and they may hold so many files of readings open.
const SETTLING: usize = 8;
const HANDLES: u64 = 256;

crate::code_set! {
    /// 取込結果: what became of a file.
    pub enum Intake = "intake" {
        Taken = "taken", "取込", "taken";
        /// Taken before under another register of contracts, or its readings were lost.
        Again = "again", "再取込", "taken again";
        Already = "already", "取込済", "taken before";
        Failed = "failed", "取込不可", "not taken";
    }
}

/// 取込の設定: limits of what is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct IngestSettings {
    /// Limits of a zip.
    pub archive: ArchiveLimits,
    /// Limits of the XML.
    pub read: ReadSettings,
}

/// 取込の記録: what became of one file.
#[derive(Clone, Debug)]
pub struct FileTaken {
    /// The file as it was named.
    pub path: PathBuf,
    /// What became of it.
    pub outcome: Intake,
    /// What the catalogue says of it, where it was taken now.
    pub file: Option<MeterFile>,
    /// The account of the reader.
    pub tally: Tally,
    /// What is wrong, and what a person should know.
    pub findings: Vec<Finding>,
}

/// 進み具合: how far the work has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IngestProgress {
    /// Octets of the files read, of `all`.
    pub done: u64,
    /// Octets of all files.
    pub all: u64,
    /// Octets of XML read.
    pub xml: u64,
    /// Records read.
    pub records: u64,
}

/// The files below the named ones: those named, and in a folder every `.zip` and `.xml`, by name.
pub fn files_of(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() { walk(path, &mut files)? } else { files.push(path.clone()) }
    }
    Ok(files)
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let known =
            |extension: &std::ffi::OsStr| ["zip", "xml"].iter().any(|known| extension.eq_ignore_ascii_case(known));
        // A link to a folder may lead back.
        if entry.file_type()?.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(known) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// Takes files in, in their order; `report` is told of each one. What was taken stays taken where a later one fails.
///
/// # Errors
/// Where the store cannot be read or written; the next run goes on with the file that was not finished.
pub fn ingest(
    store: &mut Store,
    register: Option<&SupplyRegister>,
    files: &[PathBuf],
    settings: &IngestSettings,
    now: DateTime,
    progress: &(dyn Fn(IngestProgress) + Sync),
    mut report: impl FnMut(FileTaken),
) -> Result<(), StoreError> {
    store.sweep_readings()?;
    let folder = root(store.dir());
    let there = |paths: Vec<String>| paths.iter().all(|path| folder.join(path).is_file());
    let taken = store.read(|tx| tx.taken())?;
    let known =
        taken.into_iter().map(|(digest, (register, paths))| (digest, there(paths).then_some(register))).collect();
    let mut again = false;
    let mut report = |taken: FileTaken| {
        again |= taken.outcome == Intake::Again && taken.file.is_some();
        report(taken);
    };
    let spare = Spare::new(SPARE);
    std::thread::scope(|scope| {
        let spare = &spare;
        let (sender, gathered) = sync_channel(WAITING);
        let (to_settle, written) = sync_channel(SETTLING);
        let writing = Writing::new(store.dir().to_owned(), HANDLES, spare, to_settle);
        let room = Room::new(ROOM);
        scope.spawn(move || {
            Reading { register, settings, known, progress, room, spare, rows: 0, ahead: ReadAhead::default(), sender }
                .all(files)
        });
        scope.spawn(move || writing.all(gathered));
        let mut settler = Settler::new(store.dir());
        // While some are brought to the disk, others are written: those go together then.
        while let Ok(first) = written.recv() {
            let ready = std::iter::once(first).chain(written.try_iter().take(SETTLING));
            settle(store, &mut settler, ready, now, &mut report)?;
        }
        Ok::<_, StoreError>(())
    })?;
    if again {
        store.sweep_readings()?;
    }
    Ok(())
}

/// Brings what is written to the disk, takes it into the catalogue at once, and tells of it; then fails where something
/// could not be written.
fn settle(
    store: &mut Store,
    settler: &mut Settler,
    written: impl Iterator<Item = Result<Ready, StoreError>>,
    now: DateTime,
    report: &mut impl FnMut(FileTaken),
) -> Result<(), StoreError> {
    let (mut ends, mut sources, mut held, mut failed) = (Vec::new(), Vec::new(), Vec::new(), Ok(()));
    for one in written {
        match one {
            Ok(ready) => {
                ends.push(ready.end);
                sources.push(ready.readings);
                held.push(ready.held);
            }
            Err(error) => failed = Err(error),
        }
    }
    let readings = settler.settle(sources)?;
    drop(held);
    ends.iter_mut().filter_map(|end| end.taken.file.as_mut()).for_each(|file| file.taken = now);
    if ends.iter().any(|end| end.taken.file.is_some()) {
        let likes = store.commit(|tx| {
            ends.iter().zip(&readings).map(|(end, readings)| enter(tx, end, readings)).collect::<Result<Vec<_>, _>>()
        })?;
        for (end, like) in ends.iter_mut().zip(likes) {
            end.taken.findings.extend(like.map(|other| {
                let rule = &codes::METER_SAME_KEY;
                rule.finding(format!("{}（「{other}」）", rule.ja), format!("{} (`{other}`)", rule.en))
            }));
        }
    }
    for mut end in ends {
        let name = end.taken.path.display().to_string();
        end.taken.findings.iter_mut().for_each(|finding| finding.place.file = Some(name.clone()));
        report(end.taken);
    }
    failed
}

/// Takes a file into the catalogue; gives the name of another that stands for the same.
fn enter(tx: &Tx<'_>, end: &End, readings: &[ReadingsFile]) -> Result<Option<String>, StoreError> {
    let Some(file) = &end.taken.file else { return Ok(None) };
    let like = tx.meter_file_like(file)?;
    tx.put_meter_file(file, readings, &end.account.strangers)?;
    if file.quarantined > 0 {
        tx.add_ledger([quarantine_line(file, &end.parties, end.account.foreign).as_str()])?;
    }
    Ok(like)
}

/// 台帳の行: readings that are not ours were received, and not kept. No point and no value stands in it.
fn quarantine_line(file: &MeterFile, (sender, recipient): &(String, String), points: u64) -> String {
    serde_json::json!({
        "at": file.taken.to_string(), "verdict": "quarantined", "message": file.kind.code(), "reference": file.name,
        "sender": sender, "recipient": recipient, "items": ["supply-point-id", "meter-information"],
        "points": points, "rows": file.quarantined, "digest": file.digest,
    })
    .to_string()
}
