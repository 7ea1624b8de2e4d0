//! A file of meter data, as XML or in a zip, opened to be read as a stream.

use crate::messages::metering::MeteringHeader;
use crate::rules::{Finding, codes};
use crate::wire::archive::{Archive, ArchiveError, ArchiveLimits};
use crate::wire::cii::{CiiError, ReadSettings, Sink, Tally, read_ahead_checked, read_from};
use crate::wire::filename::{FileNameError, MeteringFileName};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// 進み具合: how much was read so far; it may be looked at from another thread.
#[derive(Debug, Default)]
pub struct Meterage {
    /// Octets of the files as they lie there.
    pub octets: AtomicU64,
    /// Octets of XML.
    pub xml: AtomicU64,
    /// Rows.
    pub records: AtomicU64,
}

/// The name of a file: its own, or where it was renamed that of the XML in it.
pub(super) type Named = Result<MeteringFileName, FileNameError>;

/// Reads a file into a sink. An error says why nothing could be read, or why not to the end.
pub(super) fn read_file(
    path: &Path,
    meterage: &Meterage,
    sink: &mut impl Sink,
) -> (Named, Result<Tally, Box<Finding>>) {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut named = MeteringFileName::parse(&name);
    let read = open(path, meterage).and_then(|(mut file, zipped)| {
        let settings = ReadSettings::default();
        if !zipped {
            let source = Counted { source: file, octets: &meterage.xml };
            return read_from(source, &settings, sink).map_err(|error| Box::new(why(&error)));
        }
        file.seek(SeekFrom::Start(0)).map_err(|error| Box::new(unreadable(&error)))?;
        let failed = |error: ArchiveError| Box::new(error.finding());
        let mut archive = Archive::open(file, &ArchiveLimits::default(), None).map_err(failed)?;
        if let (Err(_), Ok(inner)) = (&named, MeteringFileName::parse(archive.name())) {
            named = Ok(inner);
        }
        let (entry, mut sum) = archive.entry_and_sum().map_err(failed)?;
        let source = Counted { source: entry, octets: &meterage.xml };
        read_ahead_checked(source, |octets| sum.take(octets), &settings, sink).map_err(|error| Box::new(why(&error)))
    });
    (named, read)
}

/// What the name says otherwise than the head, or why it cannot be read.
pub(super) fn about_name(named: &Named, header: Option<&MeteringHeader>) -> Vec<Finding> {
    match (named, header) {
        (Ok(name), Some(header)) => name.disagreements(header),
        (Ok(_), None) => Vec::new(),
        (Err(error), _) => vec![error.finding()],
    }
}

/// Whether the octets that a file begins with are those of a zip.
#[must_use]
pub fn begins_as_zip(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

fn open<'m>(path: &Path, meterage: &'m Meterage) -> Result<(Counted<'m, File>, bool), Box<Finding>> {
    let failed = |error: io::Error| Box::new(unreadable(&error));
    let mut file = File::open(path).map_err(failed)?;
    // A folder opens, and a pipe would never end.
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    let mut start = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut start).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let zipped = begins_as_zip(&start) || path.extension().is_some_and(|found| found.eq_ignore_ascii_case("zip"));
    Ok((Counted { source: file, octets: &meterage.octets }, zipped))
}

fn unreadable(error: &io::Error) -> Finding {
    let (rule, why) = (&codes::METER_SOURCE, error.kind());
    rule.finding(format!("{}（{why}）", rule.ja), format!("{}: {why}", rule.en))
}

/// Why nothing was read: what is wrong with the zip, where it is the zip.
fn why(error: &CiiError) -> Finding {
    match error {
        CiiError::Source(cause) => ArchiveError::of(cause).map_or_else(|| error.finding(), |error| error.finding()),
        _ => error.finding(),
    }
}

/// Counts what is read.
pub(super) struct Counted<'m, R> {
    pub source: R,
    pub octets: &'m AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.octets.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}
