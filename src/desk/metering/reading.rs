//! The thread that reads: it opens files, digests them and gathers their rows, while the other one writes.

use super::gather::{Account, Chunk, Gather};
use super::ingest::{FileTaken, IngestProgress, IngestSettings, Intake};
use super::register::SupplyRegister;
use crate::items::{Date, DateTime};
use crate::messages::metering::{MeteringHeader, MeteringShape, Rows};
use crate::rules::{Finding, codes};
use crate::store::hex;
use crate::store::readings::MeterFile;
use crate::wire::archive::{Archive, ArchiveError};
use crate::wire::cii::{CiiError, Sink, Tally, read_from};
use crate::wire::filename::{FileNameError, MeteringFileName};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

/// What the reading thread says.
pub(super) enum Message {
    Chunk(Box<Chunk>),
    End(Box<End>),
}

/// A file has been read, or could not be.
pub(super) struct End {
    pub taken: FileTaken,
    pub account: Account,
    /// Sender and recipient, as the ledger names them.
    pub parties: (String, String),
}

/// The thread that reads.
pub(super) struct Reading<'a> {
    pub register: Option<&'a SupplyRegister>,
    pub settings: &'a IngestSettings,
    /// What was taken, by its digest: under which register, where its readings are still there.
    pub known: HashMap<String, Option<String>>,
    pub progress: &'a (dyn Fn(IngestProgress) + Sync),
    pub sender: SyncSender<Message>,
}

/// The other thread is gone: it says why.
struct Gone;

impl Reading<'_> {
    /// Reads files one after the other.
    pub(super) fn all(mut self, files: &[PathBuf]) {
        let size = |path: &PathBuf| path.metadata().map_or(0, |about| about.len());
        let mut now = IngestProgress { all: files.iter().map(size).sum(), ..IngestProgress::default() };
        for path in files {
            let before = now;
            let Ok(end) = self.one(path, &mut now) else { return };
            now.done = before.done + size(path);
            (self.progress)(now);
            if self.sender.send(Message::End(Box::new(end))).is_err() {
                return;
            }
        }
    }

    fn one(&mut self, path: &Path, now: &mut IngestProgress) -> Result<End, Gone> {
        let mut end = End {
            taken: FileTaken {
                path: path.to_owned(),
                outcome: Intake::Failed,
                file: None,
                tally: Tally::default(),
                findings: Vec::new(),
            },
            account: Account::default(),
            parties: Default::default(),
        };
        match self.open(path, &mut end, now) {
            Ok(()) => Ok(end),
            Err(Stop::Gone) => Err(Gone),
            Err(Stop::Unusable(finding)) => {
                end.taken.outcome = Intake::Failed;
                end.taken.file = None;
                end.taken.findings.push(*finding);
                Ok(end)
            }
        }
    }

    fn open(&mut self, path: &Path, end: &mut End, now: &mut IngestProgress) -> Result<(), Stop> {
        let mut file = open(path)?;
        let (digest, octets) = digest_of(&mut file)?;
        let register = self.register.map_or("", SupplyRegister::digest);
        end.taken.outcome = match self.known.get(&digest) {
            Some(Some(before)) if before == register => {
                end.taken.outcome = Intake::Already;
                return Ok(());
            }
            Some(_) => Intake::Again,
            None => Intake::Taken,
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let parsed = MeteringFileName::parse(&name);
        let mut about = About { digest, octets, name, parsed };
        let begins = starts_with_zip(&mut file)?;
        if begins || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
            let mut archive = Archive::open(file, &self.settings.archive, None).map_err(|e| unusable(e.finding()))?;
            if about.parsed.is_err() {
                // A zip that was renamed still holds the name of its XML.
                if let Ok(inner) = MeteringFileName::parse(archive.name()) {
                    about.parsed = Ok(inner);
                }
            }
            let size = archive.size();
            let entry = archive.entry().map_err(|error| unusable(error.finding()))?;
            self.read(entry, size, &about, end, now)?;
        } else {
            self.read(file, octets, &about, end, now)?;
        }
        self.known.insert(about.digest, Some(register.to_owned()));
        Ok(())
    }

    fn read(
        &self,
        source: impl Read,
        size: u64,
        about: &About,
        end: &mut End,
        now: &mut IngestProgress,
    ) -> Result<(), Stop> {
        let mut gone = false;
        let emit = |chunk| gone |= self.sender.send(Message::Chunk(Box::new(chunk))).is_err();
        let gather = Gather::new(self.register, about.parsed.as_ref().ok().copied(), &about.digest, emit);
        let count = Cell::new(now.xml);
        let file = Share { before: *now, octets: about.octets, xml: size.max(1) };
        let mut watched = Watched { gather, now, file, octets: &count, progress: self.progress };
        let read = read_from(Counted { source, octets: &count }, &self.settings.read, &mut watched);
        let mut gather = watched.gather;
        let account = gather.finish();
        let (header, mut findings) = (gather.header.take(), std::mem::take(&mut gather.findings));
        drop(gather);
        now.xml = count.get();
        if gone {
            return Err(Stop::Gone);
        }
        end.taken.findings.append(&mut findings);
        if let Err(error) = &about.parsed {
            end.taken.findings.push(unnamed(error));
        }
        let tally = read.map_err(|error| unusable(why(&error)))?;
        end.taken.tally = tally;
        let header = header.ok_or_else(|| unusable(codes::METER_NO_HEAD.plain()))?;
        let file = about.file(&header, &account, &tally, self.register)?;
        end.taken.file = Some(file);
        end.account = account;
        end.parties =
            (format!("operator:{:02}", header.sender.area().number()), format!("retailer:{}", header.recipient));
        Ok(())
    }
}

/// Why a file is not taken.
enum Stop {
    Gone,
    Unusable(Box<Finding>),
}

fn unusable(finding: Finding) -> Stop {
    Stop::Unusable(Box::new(finding))
}

/// What is known of a file before it is read.
struct About {
    digest: String,
    octets: u64,
    name: String,
    parsed: Result<MeteringFileName, FileNameError>,
}

impl About {
    fn file(
        &self,
        header: &MeteringHeader,
        account: &Account,
        tally: &Tally,
        register: Option<&SupplyRegister>,
    ) -> Result<MeterFile, Stop> {
        let name = self.parsed.as_ref().ok().filter(|name| name.kind().shape() == header.kind.shape());
        let date: Option<Date> = match header.kind.shape() {
            MeteringShape::Month => name
                .map(MeteringFileName::date)
                .or_else(|| header.month.and_then(|month| Date::new(month.year(), month.month(), 1).ok())),
            MeteringShape::Slot | MeteringShape::Day => header.date,
        };
        let date = date.filter(|_| !account.undated).ok_or_else(|| unusable(codes::METER_NO_DAY.plain()))?;
        Ok(MeterFile {
            digest: self.digest.clone(),
            name: self.name.clone(),
            octets: self.octets,
            kind: header.kind,
            area: header.sender.area(),
            date,
            slot: header.slot.or(name.and_then(MeteringFileName::slot)),
            revision: self.parsed.as_ref().map_or(0, |name| name.revision().number().into()),
            part: self.parsed.as_ref().map_or(0, |name| name.part().number()),
            created: header.created,
            taken: DateTime::default(),
            register: register.map_or_else(String::new, |register| register.digest().to_owned()),
            rows: tally.read,
            missing: tally.missing,
            rejected: tally.rejected,
            quarantined: account.quarantined,
            points: account.points,
            whole: account.whole,
        })
    }
}

/// Counts what is read.
struct Counted<'a, R> {
    source: R,
    octets: &'a Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.octets.set(self.octets.get() + read as u64);
        Ok(read)
    }
}

/// What a file has to the whole: where the work stood before it, its octets, and those of the XML in it.
struct Share {
    before: IngestProgress,
    octets: u64,
    xml: u64,
}

/// Tells how far the reading has come.
struct Watched<'a, S> {
    gather: S,
    now: &'a mut IngestProgress,
    file: Share,
    octets: &'a Cell<u64>,
    progress: &'a (dyn Fn(IngestProgress) + Sync),
}

impl<S: Sink> Sink for Watched<'_, S> {
    fn header(&mut self, header: &MeteringHeader) {
        self.gather.header(header);
    }
    fn rows(&mut self, rows: Rows<'_>) {
        self.gather.rows(rows);
        self.now.records += match rows {
            Rows::HalfHourly(rows) => rows.len() as u64,
            Rows::Fixed(usage) => usage.slots.slots.len() as u64,
        };
        self.now.xml = self.octets.get();
        let Share { before, octets, xml } = &self.file;
        let read = u128::from((self.now.xml - before.xml).min(*xml));
        self.now.done = before.done + u64::try_from(u128::from(*octets) * read / u128::from(*xml)).unwrap_or(*octets);
        (self.progress)(*self.now);
    }
    fn finding(&mut self, finding: Finding) {
        self.gather.finding(finding);
    }
}

fn open(path: &Path) -> Result<File, Stop> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    // A folder opens, and a pipe would never end.
    match file.metadata() {
        Ok(about) if about.is_file() => Ok(file),
        Ok(_) => Err(unreadable(&io::ErrorKind::IsADirectory.into())),
        Err(error) => Err(unreadable(&error)),
    }
}

fn digest_of(file: &mut File) -> Result<(String, u64), Stop> {
    let mut digest = Sha256::new();
    let octets = io::copy(file, &mut digest).map_err(|error| unreadable(&error))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(&error))?;
    Ok((hex(&digest.finalize()), octets))
}

fn starts_with_zip(file: &mut File) -> Result<bool, Stop> {
    let mut start = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut start).map_err(|error| unreadable(&error))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(&error))?;
    Ok(start.starts_with(b"PK"))
}

fn unreadable(error: &io::Error) -> Stop {
    let (rule, why) = (&codes::METER_SOURCE, error.kind());
    unusable(rule.finding(format!("{}（{why}）", rule.ja), format!("{}: {why}", rule.en)))
}

/// Why nothing was taken: what is wrong with the zip, where it is the zip.
fn why(error: &CiiError) -> Finding {
    match error {
        CiiError::Source(cause) => match ArchiveError::of(cause) {
            Some(error) => error.finding(),
            None => error.finding(),
        },
        _ => error.finding(),
    }
}

/// A name that does not say which revision and part it is.
fn unnamed(error: &FileNameError) -> Finding {
    let finding = error.finding();
    let (ja, en) = (&finding.ja, &finding.en);
    let (ja, en) =
        (format!("{ja}。更新番号00・分割番号0として取り込みました"), format!("{en}; taken as revision 00, part 0"));
    Finding { ja, en, ..finding }
}
