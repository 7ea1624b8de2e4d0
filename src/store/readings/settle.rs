//! Files of readings brought to the disk, several at once: waiting for the disk is most of the work of a monthly file,
//! which leaves one file for each of its days.

use super::folder::{self, ReadingsFile};
use crate::items::{Area, Date};
use crate::messages::metering::ReadingStatus;
use crate::store::{StoreError, hex, private_folder};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// So much of a file is held before it lies anywhere.
const HELD: usize = 128 * 1024;
/// So many files are brought to the disk at once: the disk is waited for, not the processor.
const AT_ONCE: usize = 16;

/// A file that is being written, under no name or a temporary one; it is gone when it is dropped.
pub(super) struct Unnamed {
    folder: PathBuf,
    held: Vec<u8>,
    file: Option<NamedTempFile>,
    digest: Sha256,
    octets: u64,
}

impl Unnamed {
    pub(super) fn new(folder: PathBuf) -> Unnamed {
        Unnamed { folder, held: Vec::new(), file: None, digest: Sha256::new(), octets: 0 }
    }

    /// Whether it has a file of its own already.
    pub(super) const fn is_open(&self) -> bool {
        self.file.is_some()
    }

    fn put_down(&mut self) -> io::Result<&mut NamedTempFile> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                private_folder(&self.folder)?;
                folder::temporary(&self.folder)?
            }
        };
        let file = self.file.insert(file);
        file.write_all(&self.held)?;
        self.digest.update(&self.held);
        self.octets += self.held.len() as u64;
        self.held.clear();
        Ok(file)
    }
}

impl Write for Unnamed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(octets);
        if self.held.len() >= HELD {
            self.put_down()?;
        }
        Ok(octets.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// 書き終えた30分値: the files of one source, written to their ends but not yet on the disk. What is dropped leaves nothing.
#[derive(Default)]
pub struct WrittenReadings(pub(super) Vec<Written>);

/// One file of them.
pub(super) struct Written {
    pub file: Unnamed,
    pub area: Area,
    pub date: Date,
    pub status: ReadingStatus,
    pub name: String,
    pub rows: u64,
}

impl WrittenReadings {
    /// How many files of the operating system it holds open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.iter().filter(|written| written.file.is_open()).count()
    }
}

impl std::fmt::Debug for WrittenReadings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WrittenReadings({} files)", self.0.len())
    }
}

/// Brings what is written to the disk and gives it its name.
#[derive(Debug)]
pub struct Settler {
    root: PathBuf,
    /// The folders whose names are known to be on the disk.
    known: HashSet<PathBuf>,
}

impl Settler {
    /// For the readings under a data folder.
    #[must_use]
    pub fn new(data: &Path) -> Settler {
        Settler { root: folder::root(data), known: HashSet::new() }
    }

    /// Brings the files of several sources, and the folders that they lie in, to the disk; gives the files of each
    /// source. What is written counts once the catalogue names it.
    pub fn settle(&mut self, sources: Vec<WrittenReadings>) -> Result<Vec<Vec<ReadingsFile>>, StoreError> {
        let counts: Vec<usize> = sources.iter().map(|source| source.0.len()).collect();
        let files: Vec<Written> = sources.into_iter().flat_map(|source| source.0).collect();
        let leaves: BTreeSet<PathBuf> = files.iter().map(|written| written.file.folder.clone()).collect();
        let named = |error: io::Error| folder::named(&self.root, &error);
        let mut settled = at_once(files, settled).map_err(named)?.into_iter();
        let files = counts.into_iter().map(|count| settled.by_ref().take(count).collect()).collect();
        // A folder that was made is on the disk once the one above it says so, up to the data folder.
        let data = self.root.parent().unwrap_or(&self.root);
        let mut folders = leaves.clone();
        let mut made = Vec::new();
        for folder in leaves.iter().flat_map(|leaf| leaf.ancestors().take_while(|folder| *folder != data)) {
            if !self.known.contains(folder) {
                made.push(folder.to_path_buf());
                folders.extend(folder.parent().map(Path::to_path_buf));
            }
        }
        at_once(folders.into_iter().collect(), |folder| folder::sync(&folder)).map_err(named)?;
        self.known.extend(made);
        Ok(files)
    }
}

fn settled(mut written: Written) -> io::Result<ReadingsFile> {
    written.file.put_down()?.as_file().sync_all()?;
    let Written { file: Unnamed { folder, file, digest, octets, .. }, area, date, status, name, rows } = written;
    let file = file.ok_or(io::ErrorKind::NotFound)?;
    file.persist(folder.join(&name)).map_err(|error| error.error)?;
    let path = folder::relative(area, date, status, &name);
    Ok(ReadingsFile { path, area, date, status, rows, octets, digest: hex(&digest.finalize()) })
}

/// Does something with each of many, several at a time, and gives what comes of it in their order.
fn at_once<T: Send, R: Send>(many: Vec<T>, act: impl Fn(T) -> io::Result<R> + Sync) -> io::Result<Vec<R>> {
    let share = many.len().div_ceil(AT_ONCE);
    if many.len() <= 1 {
        return many.into_iter().map(act).collect();
    }
    let mut many = many.into_iter();
    std::thread::scope(|scope| {
        let mut workers = Vec::with_capacity(AT_ONCE);
        loop {
            let part: Vec<T> = many.by_ref().take(share).collect();
            if part.is_empty() {
                break;
            }
            let act = &act;
            workers.push(scope.spawn(move || part.into_iter().map(act).collect::<io::Result<Vec<R>>>()));
        }
        let mut all = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(part) => all.extend(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })
}
