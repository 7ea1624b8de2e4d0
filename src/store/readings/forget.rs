//! 一地点の30分値: where the readings of one supply point lie, and their removal.
//!
//! Files of readings are not sealed, so that other programs open them: no key can be destroyed. The readings of one point
//! are removed by writing the files that hold them anew without it. What that costs follows the files of the point's area,
//! for where a point has readings is written nowhere but in them.

use super::catalogue::RankedFile;
use super::folder::{self, ReadingsFile, Source};
use super::read::{Wanted, each_group};
use super::{DayRows, ReadingsWriter, Settler};
use crate::items::{Date, SlotSet, SupplyPointId};
use crate::store::case::code;
use crate::store::db::bind;
use crate::store::{Store, StoreError, Tx, hex};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::io::ErrorKind;

/// 地点を含むファイル: a file of readings that holds some of a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointFile {
    /// The file, and what it came of.
    pub ranked: RankedFile,
    /// How many slots of the point were received in it.
    pub slots: u64,
}

/// 地点のない写し: files written anew without a point, on the disk and not yet in the catalogue.
#[derive(Debug, Default)]
pub struct WithoutPoint {
    /// Each file that held it, and what takes its place: nothing where it held nothing else.
    files: Vec<(String, Option<ReadingsFile>)>,
}

impl WithoutPoint {
    /// How many files held readings of the point.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file did.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl Store {
    /// Every file that holds readings of a point, by day; the one that decides comes last.
    pub fn readings_of_point(&mut self, point: SupplyPointId) -> Result<Vec<PointFile>, StoreError> {
        let mut files = self.read(|tx| tx.readings_between(Date::MIN, Date::MAX))?;
        files.retain(|ranked| ranked.file.area == point.area());
        let mut found = Vec::new();
        for ranked in files {
            let (mut rows, mut slots) = (0, 0);
            each_group(self.dir(), &ranked.file, Wanted { slots: SlotSet::EMPTY, whole: false }, |group| {
                for (other, received) in group.points.iter().zip(&group.received) {
                    if *other == point {
                        rows += 1;
                        slots += received.iter().count() as u64;
                    }
                }
                Ok(())
            })?;
            if rows > 0 {
                found.push(PointFile { ranked, slots });
            }
        }
        Ok(found)
    }

    /// Writes the files that hold readings of a point anew without it. They count once [`Tx::put_without`] named them;
    /// what is dropped before is swept away.
    pub fn readings_without(&mut self, point: SupplyPointId) -> Result<WithoutPoint, StoreError> {
        let mut without = WithoutPoint::default();
        for PointFile { ranked, .. } in self.readings_of_point(point)? {
            let new = self.rewritten(&ranked, |other| *other != point)?;
            without.files.push((ranked.file.path, new));
        }
        Ok(without)
    }

    /// Those of some files that hold readings of other points than these.
    pub fn readings_beside(
        &mut self,
        files: Vec<RankedFile>,
        points: &HashSet<SupplyPointId>,
    ) -> Result<Vec<RankedFile>, StoreError> {
        if points.is_empty() {
            return Ok(files);
        }
        let mut found = Vec::new();
        for ranked in files {
            let mut others = false;
            each_group(self.dir(), &ranked.file, Wanted { slots: SlotSet::EMPTY, whole: false }, |group| {
                others |= group.points.iter().any(|point| !points.contains(point));
                Ok(())
            })?;
            if others {
                found.push(ranked);
            }
        }
        Ok(found)
    }

    /// Writes files anew with the readings of these points alone; without any, nothing takes their place.
    pub fn readings_only(
        &mut self,
        files: &[RankedFile],
        points: &HashSet<SupplyPointId>,
    ) -> Result<WithoutPoint, StoreError> {
        let mut without = WithoutPoint::default();
        for ranked in files {
            let new = if points.is_empty() { None } else { self.rewritten(ranked, |point| points.contains(point))? };
            without.files.push((ranked.file.path.clone(), new));
        }
        Ok(without)
    }

    /// Writes a file anew with some of its points; nothing where it holds none of them.
    fn rewritten(
        &mut self,
        ranked: &RankedFile,
        stays: impl Fn(&SupplyPointId) -> bool,
    ) -> Result<Option<ReadingsFile>, StoreError> {
        let (old, file) = (ranked.file.path.as_str(), &ranked.file);
        let source = self.read(|tx| tx.source_of(old))?;
        let mut writer = ReadingsWriter::new(self.dir(), source);
        let mut kept = DayRows::default();
        each_group(self.dir(), file, Wanted::ALL, |group| {
            kept.clear();
            for (row, _) in group.points.iter().enumerate().filter(|(_, point)| stays(point)) {
                copy(group, row, &mut kept).ok_or(StoreError::Damaged("readings"))?;
            }
            writer.add(file.area, file.date, file.status, &kept)
        })?;
        let mut written = writer.close()?;
        // The old file stays until the catalogue names the new one: it needs another name.
        let stem = old.rsplit('/').next().and_then(|name| name.split('-').next()).unwrap_or_default();
        let mark = hex(&Sha256::digest(format!("{old}\n{}", ranked.file.digest)));
        let mark = mark.get(..8).unwrap_or_default();
        written.0.iter_mut().for_each(|one| one.name = format!("{stem}-{mark}.parquet"));
        let settled = Settler::new(self.dir()).settle(vec![written])?;
        Ok(settled.into_iter().flatten().next())
    }

    /// Removes the files whose place was taken. One that cannot be removed is swept away by the next intake.
    pub fn remove_replaced(&mut self, without: &WithoutPoint) -> Result<(), StoreError> {
        let root = folder::root(self.dir());
        for (old, _) in &without.files {
            match std::fs::remove_file(root.join(old)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(folder::named(&root, &error)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Copies a row as it is.
fn copy(from: &DayRows, row: usize, to: &mut DayRows) -> Option<()> {
    let place = to.len();
    if !to.push(*from.points.get(row)?, from.control_numbers.get(row)?, *from.allocations.get(row)?) {
        return None;
    }
    *to.deducted.get_mut(place)? = *from.deducted.get(row)?;
    for slot in from.received.get(row)?.iter() {
        to.set(place, slot, from.own(row, slot), from.whole(row, slot));
    }
    Some(())
}

impl Tx<'_> {
    /// What a file of readings came of.
    fn source_of(&self, path: &str) -> Result<Source, StoreError> {
        let source = "SELECT f.digest, f.register, f.kind, f.revision, f.part \
                      FROM readings_files r JOIN meter_files f ON f.id = r.file WHERE r.path = ?1";
        self.0.one(source, bind![path], |row| {
            Ok(Source {
                digest: row.get(0)?,
                register: row.get(1)?,
                kind: code(row.get(2)?)?,
                revision: row.get(3)?,
                part: row.get(4)?,
            })
        })
    }

    /// Names the files without a point in the catalogue, in the place of those that held it.
    pub fn put_without(&self, without: &WithoutPoint) -> Result<(), StoreError> {
        for (old, new) in &without.files {
            match new {
                None => self.0.run("DELETE FROM readings_files WHERE path = ?1", bind![old])?,
                Some(file) => self.0.run(
                    "UPDATE readings_files SET path = ?2, rows = ?3, octets = ?4, digest = ?5 WHERE path = ?1",
                    bind![old, &file.path, file.rows, file.octets, &file.digest],
                )?,
            }
        }
        Ok(())
    }
}
