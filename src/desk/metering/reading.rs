//! The thread that reads: it opens files, digests them and gathers their rows, while the other one writes.

use super::gather::{Account, Chunk, Gather};
use super::ingest::{FileTaken, IngestProgress, IngestSettings, Intake};
use super::register::SupplyRegister;
use super::room::{Held, Room};
use super::source::Counted;
use super::spare::Spare;
use crate::items::{Date, DateTime};
use crate::messages::metering::{MeteringHeader, MeteringShape, Rows};
use crate::rules::{Finding, codes};
use crate::store::hex;
use crate::store::readings::MeterFile;
use crate::wire::archive::{Archive, ArchiveError, CheckSum};
use crate::wire::cii::{CiiError, ReadAhead, Sink, Tally, read_from};
use crate::wire::filename::{FileNameError, MeteringFileName};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

/// From so many octets of XML on a zip is inflated in a thread of its own.
const AHEAD: u64 = 1 << 20;

/// For so many rows room is made beforehand.
const ROWS: usize = 1 << 20;
/// So many files are opened and digested ahead.
const OPEN: usize = 2;

/// What the reading thread says.
pub(super) enum Message {
    /// Rows, and the room that they take.
    Chunk(Box<Chunk>, Held),
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
    /// How much may be gathered and not yet written. Unit: octets.
    pub room: Arc<Room>,
    /// The memory of rows that were written.
    pub spare: &'a Spare,
    /// So many rows had the last file: the next is expected to have as many.
    pub rows: usize,
    pub ahead: ReadAhead,
    pub sender: SyncSender<Message>,
}

/// The other thread is gone: it says why.
struct Gone;

impl Reading<'_> {
    /// Reads files one after the other; the next ones are opened and digested meanwhile.
    pub(super) fn all(mut self, files: &[PathBuf]) {
        let size = |path: &PathBuf| path.metadata().map_or(0, |about| about.len());
        let mut now = IngestProgress { all: files.iter().map(size).sum(), ..IngestProgress::default() };
        std::thread::scope(|scope| {
            let (sender, opened) = sync_channel(OPEN);
            scope.spawn(move || files.iter().all(|path| sender.send(Opened::open(path)).is_ok()));
            for (path, opened) in files.iter().zip(opened) {
                let before = now;
                let Ok(end) = self.one(path, opened, &mut now) else { return };
                now.done = before.done + size(path);
                (self.progress)(now);
                if self.sender.send(Message::End(Box::new(end))).is_err() {
                    return;
                }
            }
        });
    }

    fn one(
        &mut self,
        path: &Path,
        opened: Result<Opened, Box<Finding>>,
        now: &mut IngestProgress,
    ) -> Result<End, Gone> {
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
        match opened.map_err(Stop::Unusable).and_then(|opened| self.open(path, opened, &mut end, now)) {
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

    fn open(
        &mut self,
        path: &Path,
        Opened { file, digest, octets, zipped }: Opened,
        end: &mut End,
        now: &mut IngestProgress,
    ) -> Result<(), Stop> {
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
        if zipped || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
            let mut archive = Archive::open(file, &self.settings.archive, None).map_err(|e| unusable(e.finding()))?;
            if about.parsed.is_err() {
                // A zip that was renamed still holds the name of its XML.
                if let Ok(inner) = MeteringFileName::parse(archive.name()) {
                    about.parsed = Ok(inner);
                }
            }
            let size = archive.size();
            if size >= AHEAD {
                let (entry, sum) = archive.entry_and_sum().map_err(|error| unusable(error.finding()))?;
                self.read(entry, size, Some(sum), &about, end, now)?;
            } else {
                let entry = archive.entry().map_err(|error| unusable(error.finding()))?;
                self.read(entry, size, None, &about, end, now)?;
            }
        } else {
            self.read(file, octets, None, &about, end, now)?;
        }
        self.known.insert(about.digest, Some(register.to_owned()));
        Ok(())
    }

    fn read(
        &mut self,
        source: impl Read + Send,
        size: u64,
        apart: Option<CheckSum>,
        about: &About,
        end: &mut End,
        now: &mut IngestProgress,
    ) -> Result<(), Stop> {
        let mut gone = false;
        let emit = |chunk: Chunk| {
            let held = self.room.take(chunk.rows.memory());
            gone |= self.sender.send(Message::Chunk(Box::new(chunk), held)).is_err();
        };
        let mut gather =
            Gather::new(self.register, about.parsed.as_ref().ok().copied(), &about.digest, self.spare, emit);
        gather.rows = self.rows;
        let count = AtomicU64::new(now.xml);
        let file = Share { before: *now, octets: about.octets, xml: size.max(1) };
        let mut watched = Watched { gather, now, file, octets: &count, progress: self.progress };
        let source = Counted { source, octets: &count };
        let read = match apart {
            Some(mut sum) => self.ahead.read(source, |octets| sum.take(octets), &self.settings.read, &mut watched),
            None => read_from(source, &self.settings.read, &mut watched),
        };
        let mut gather = watched.gather;
        let account = gather.finish();
        let rows = gather.rows.min(ROWS);
        let (header, mut findings) = (gather.header.take(), std::mem::take(&mut gather.findings));
        drop(gather);
        self.rows = rows;
        now.xml = count.into_inner();
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
    octets: &'a AtomicU64,
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
        self.now.xml = self.octets.load(Ordering::Relaxed);
        let Share { before, octets, xml } = &self.file;
        let read = u128::from((self.now.xml - before.xml).min(*xml));
        self.now.done = before.done + u64::try_from(u128::from(*octets) * read / u128::from(*xml)).unwrap_or(*octets);
        (self.progress)(*self.now);
    }
    fn finding(&mut self, finding: Finding) {
        self.gather.finding(finding);
    }
}

/// A file that is opened, with what is known of it without reading it.
struct Opened {
    file: File,
    digest: String,
    octets: u64,
    /// Whether it begins as a zip.
    zipped: bool,
}

impl Opened {
    fn open(path: &Path) -> Result<Opened, Box<Finding>> {
        let opened = || {
            let mut file = File::open(path)?;
            // A folder opens, and a pipe would never end.
            if !file.metadata()?.is_file() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let (mut digest, mut octets, mut zipped) = (Sha256::new(), 0, false);
            let mut piece = vec![0; 128 * 1024];
            loop {
                let read = match file.read(&mut piece) {
                    Ok(0) => break,
                    Ok(read) => piece.get(..read).unwrap_or_default(),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                };
                zipped |= octets == 0 && read.starts_with(b"PK");
                octets += read.len() as u64;
                digest.update(read);
            }
            file.seek(SeekFrom::Start(0))?;
            Ok(Opened { file, digest: hex(&digest.finalize()), octets, zipped })
        };
        opened().map_err(|error| Box::new(unreadable(&error)))
    }
}

fn unreadable(error: &io::Error) -> Finding {
    let (rule, why) = (&codes::METER_SOURCE, error.kind());
    rule.finding(format!("{}（{why}）", rule.ja), format!("{}: {why}", rule.en))
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
