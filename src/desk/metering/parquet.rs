//! Readings of one file as Parquet under a folder, without a catalogue.

use super::gather::Chunk;
use crate::rules::{Finding, codes};
use crate::store::readings::ReadingsWriter;
use crate::store::{StoreError, hex};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Writes what is gathered; nothing is seen of a file before it was read to its end.
pub(super) struct Parquet {
    folder: PathBuf,
    state: RefCell<(Option<ReadingsWriter>, Option<StoreError>)>,
}

impl Parquet {
    pub(super) fn new(folder: &Path) -> Parquet {
        Parquet { folder: folder.to_owned(), state: RefCell::default() }
    }

    /// Takes rows of an area, day and status.
    pub(super) fn take(&self, chunk: &Chunk) {
        let mut state = self.state.borrow_mut();
        let (writer, failed) = &mut *state;
        if failed.is_none() {
            let writer = writer.get_or_insert_with(|| ReadingsWriter::new(&self.folder, chunk.source.clone()));
            *failed = writer.add(chunk.area, chunk.date, chunk.status, &chunk.rows).err();
        }
    }

    /// Lets the file be seen, or says why it cannot be.
    pub(super) fn finish(self) -> Option<Finding> {
        let (writer, failed) = self.state.into_inner();
        let failed = match (writer, failed) {
            (Some(writer), None) => writer.finish().err(),
            (_, failed) => failed,
        };
        failed.map(|error| {
            let rule = &codes::NOT_WRITTEN;
            rule.finding(format!("{}（{error}）", rule.ja), format!("{}: {error}", rule.en))
        })
    }
}

/// The digest that names the files of readings of a file.
pub(super) fn digest_of(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(hex(&digest.finalize()))
}
