//! 取込台帳: the catalogue of the files taken, and which files of readings came of them.
//!
//! A file of readings counts once the catalogue names it; what lies in the folder without being named is left over from a
//! run that was stopped, and is swept away.

use super::folder::{self, ReadingsFile};
use crate::items::{Area, Code, Date, DateTime, Slot};
use crate::messages::metering::MeteringKind;
use crate::store::case::code;
use crate::store::db::{Row, Value, bind};
use crate::store::{Store, StoreError, Tx};
use std::collections::{HashMap, HashSet};

/// 取込ファイル: a file of the operator as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterFile {
    /// SHA-256 of the file as it was taken, hexadecimal.
    pub digest: String,
    /// Its name, without the folder.
    pub name: String,
    /// Its size as it was taken. Unit: octets.
    pub octets: u64,
    /// 情報区分.
    pub kind: MeteringKind,
    /// 供給区域 of the sender.
    pub area: Area,
    /// 取得対象年月日 in W4; the day of the file name, or the first day of the month, in W5.
    pub date: Date,
    /// 時刻コード of a file of one slot.
    pub slot: Option<Slot>,
    /// 更新番号.
    pub revision: u32,
    /// 分割番号.
    pub part: u32,
    /// 作成日時 as the file says, JST.
    pub created: Option<DateTime>,
    /// When it was taken, JST.
    pub taken: DateTime,
    /// What decided which of its rows are stored, and how: SHA-256, hexadecimal. Empty where nothing did.
    pub register: String,
    /// Rows read, those without a value among them.
    pub rows: u64,
    /// Of those: rows without a value.
    pub missing: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// Rows of points that are not ours: reported, not stored.
    pub quarantined: u64,
    /// Points with readings.
    pub points: u64,
    /// Whether it could be read to its end.
    pub whole: bool,
}

/// 対象外の地点: a supply point in a file that is not ours, as far as it may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The last four digits.
    pub tail: String,
    /// Whether the register knows it, and the day lies outside its contract.
    pub outside_contract: bool,
    /// The day of the readings.
    pub date: Date,
    /// How many rows there were.
    pub rows: u64,
}

/// A file of readings with what decides between it and another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedFile {
    /// The file.
    pub file: ReadingsFile,
    /// 更新番号 of its source.
    pub revision: u32,
    /// 分割番号 of its source.
    pub part: u32,
    /// The name of its source.
    pub source: String,
}

const FILE: &str = "digest, name, octets, kind, area, date, slot, revision, part, created, taken, register, rows, missing, \
                    rejected, quarantined, points, whole";

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged("meter_files"))
}

fn meter_file(row: &Row<'_>) -> Result<MeterFile, StoreError> {
    let slot: Option<u8> = row.get(6)?;
    let created: Option<&str> = row.get(9)?;
    Ok(MeterFile {
        digest: row.get(0)?,
        name: row.get(1)?,
        octets: row.get(2)?,
        kind: code(row.get(3)?)?,
        area: code(row.get(4)?)?,
        date: parsed(row.get(5)?)?,
        slot: slot.and_then(Slot::new),
        revision: row.get(7)?,
        part: row.get(8)?,
        created: created.map(parsed).transpose()?,
        taken: parsed(row.get(10)?)?,
        register: row.get(11)?,
        rows: row.get(12)?,
        missing: row.get(13)?,
        rejected: row.get(14)?,
        quarantined: row.get(15)?,
        points: row.get(16)?,
        whole: row.get(17)?,
    })
}

impl Tx<'_> {
    /// The file of a digest, if it was taken.
    pub fn meter_file(&self, digest: &str) -> Result<Option<MeterFile>, StoreError> {
        self.0.first(&format!("SELECT {FILE} FROM meter_files WHERE digest = ?1"), bind![digest], meter_file)
    }

    /// Every file whose own date lies in a period, by area, kind, date, slot, part and rank.
    pub fn meter_files(&self, from: Date, to: Date) -> Result<Vec<MeterFile>, StoreError> {
        let files = format!(
            "SELECT {FILE} FROM meter_files WHERE date BETWEEN ?1 AND ?2 \
             ORDER BY area, kind, date, slot NULLS FIRST, part, revision, created NULLS FIRST, id"
        );
        self.0.all(&files, bind![from.to_string(), to.to_string()], meter_file)
    }

    /// Every file taken, by its digest: what decided how its rows are stored, and where its readings lie.
    pub fn taken(&self) -> Result<HashMap<String, (String, Vec<String>)>, StoreError> {
        let files =
            "SELECT f.digest, f.register, r.path FROM meter_files f LEFT JOIN readings_files r ON r.file = f.id";
        let mut taken = HashMap::new();
        self.0.each(files, &[], |row| {
            let entry: &mut (String, Vec<String>) = taken.entry(row.get(0)?).or_default();
            entry.0 = row.get(1)?;
            entry.1.extend(row.get::<Option<String>>(2)?);
            Ok(())
        })?;
        Ok(taken)
    }

    /// Another file that stands for the same: same kind, area, date, slot, revision and part, with other
    /// contents. One that could be read in part only is none.
    pub fn meter_file_like(&self, file: &MeterFile) -> Result<Option<String>, StoreError> {
        let like = "SELECT name FROM meter_files WHERE kind = ?1 AND area = ?2 AND date = ?3 \
                    AND slot IS NOT DISTINCT FROM ?4 AND revision = ?5 AND part = ?6 AND digest <> ?7 AND whole = 1 \
                    ORDER BY id LIMIT 1";
        let key = bind![
            file.kind.key(),
            file.area.key(),
            file.date.to_string(),
            file.slot.map(Slot::number),
            file.revision,
            file.part,
            &file.digest,
        ];
        self.0.first(like, key, |row| row.get(0))
    }

    /// The first and the last day of which there are readings or half-hourly files; nothing where there are none.
    pub fn meter_days(&self) -> Result<Option<(Date, Date)>, StoreError> {
        let ends: (Option<String>, Option<String>) = self.0.one(
            "SELECT min(date), max(date) FROM (SELECT date FROM readings_files UNION ALL \
             SELECT date FROM meter_files WHERE kind NOT IN ('1210', '1220')) AS days",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        match ends {
            (Some(from), Some(to)) => Ok(Some((parsed(&from)?, parsed(&to)?))),
            _ => Ok(None),
        }
    }

    /// Takes a file into the catalogue with its files of readings; what it had before is replaced.
    pub fn put_meter_file(
        &self,
        file: &MeterFile,
        readings: &[ReadingsFile],
        strangers: &[Stranger],
    ) -> Result<(), StoreError> {
        self.0.run("DELETE FROM meter_files WHERE digest = ?1", bind![&file.digest])?;
        let statement = format!(
            "INSERT INTO meter_files ({FILE}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
        );
        let values = bind![
            &file.digest,
            &file.name,
            file.octets,
            file.kind.key(),
            file.area.key(),
            file.date.to_string(),
            file.slot.map(Slot::number),
            file.revision,
            file.part,
            file.created.map(|at| at.to_string()),
            file.taken.to_string(),
            &file.register,
            file.rows,
            file.missing,
            file.rejected,
            file.quarantined,
            file.points,
            file.whole,
        ];
        let id = self.0.insert(&statement, values)?;
        for one in readings {
            let (area, date, status) = (one.area.key(), one.date.to_string(), one.status.key());
            self.0.run(
                "INSERT INTO readings_files (path, file, area, date, status, rows, octets, digest) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                bind![&one.path, id, area, date, status, one.rows, one.octets, &one.digest],
            )?;
        }
        for one in strangers {
            self.0.run(
                "INSERT INTO meter_strangers (file, tail, outside_contract, date, rows) VALUES (?1, ?2, ?3, ?4, ?5)",
                bind![id, &one.tail, one.outside_contract, one.date.to_string(), one.rows],
            )?;
        }
        Ok(())
    }

    /// The files of readings of a source.
    pub fn readings_of(&self, digest: &str) -> Result<Vec<ReadingsFile>, StoreError> {
        let ranked = self.ranked("f.digest = ?1", bind![digest])?;
        Ok(ranked.into_iter().map(|ranked| ranked.file).collect())
    }

    /// The files of readings of a period, by area and day; within a day the one that decides comes last.
    pub fn readings_between(&self, from: Date, to: Date) -> Result<Vec<RankedFile>, StoreError> {
        self.ranked("r.date BETWEEN ?1 AND ?2", bind![from.to_string(), to.to_string()])
    }

    fn ranked(&self, filter: &str, bound: &[Value<'_>]) -> Result<Vec<RankedFile>, StoreError> {
        let files = format!(
            "SELECT r.path, r.area, r.date, r.status, r.rows, r.octets, r.digest, f.revision, f.part, f.name \
             FROM readings_files r JOIN meter_files f ON f.id = r.file WHERE {filter} \
             ORDER BY r.area, r.date, \
             CASE r.status WHEN 'preliminary' THEN 0 WHEN 'daily' THEN 1 ELSE 2 END, \
             f.revision, f.part, f.created NULLS FIRST, f.taken, f.digest"
        );
        self.0.all(&files, bound, |row| {
            Ok(RankedFile {
                file: ReadingsFile {
                    path: row.get(0)?,
                    area: code(row.get(1)?)?,
                    date: parsed(row.get(2)?)?,
                    status: code(row.get(3)?)?,
                    rows: row.get(4)?,
                    octets: row.get(5)?,
                    digest: row.get(6)?,
                },
                revision: row.get(7)?,
                part: row.get(8)?,
                source: row.get(9)?,
            })
        })
    }

    /// The points of a period that are not ours, with the name of their file.
    pub fn strangers(&self, from: Date, to: Date) -> Result<Vec<(String, Area, Stranger)>, StoreError> {
        let strangers = "SELECT f.name, f.area, s.tail, s.outside_contract, s.date, s.rows \
                         FROM meter_strangers s JOIN meter_files f ON f.id = s.file \
                         WHERE s.date BETWEEN ?1 AND ?2 ORDER BY s.date, f.area, f.name, s.tail";
        self.0.all(strangers, bind![from.to_string(), to.to_string()], |row| {
            let date = parsed(row.get(4)?)?;
            let stranger = Stranger { tail: row.get(2)?, outside_contract: row.get(3)?, date, rows: row.get(5)? };
            Ok((row.get(0)?, code(row.get(1)?)?, stranger))
        })
    }

    fn readings_paths(&self) -> Result<HashSet<String>, StoreError> {
        let mut paths = HashSet::new();
        self.0.each("SELECT path FROM readings_files", &[], |row| {
            paths.insert(row.get(0)?);
            Ok(())
        })?;
        Ok(paths)
    }
}

impl Store {
    /// Removes what a stopped run left among the readings; says how many files.
    pub fn sweep_readings(&mut self) -> Result<u64, StoreError> {
        let known = self.read(|tx| tx.readings_paths())?;
        folder::sweep(&self.dir, &known).map_err(|error| folder::named(&folder::root(&self.dir), &error))
    }
}
