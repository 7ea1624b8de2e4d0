//! A row group: some rows of a day, column by column in the order of their points.

use super::DayRows;
use super::folder::Source;
use super::uniform::{Alike, Encoded, Same, Uniform};
use crate::items::{Code as _, Slot, SlotSet};
use crate::messages::metering::Allocation;
use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::ColumnDescPtr;
use std::io::Write;

/// Some of the rows, in the order in which they are written.
pub(super) struct Window<'a> {
    pub rows: &'a DayRows,
    pub order: Option<&'a [u32]>,
    pub from: usize,
    pub to: usize,
}

impl Window<'_> {
    const fn len(&self) -> usize {
        self.to - self.from
    }
    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let place = |at: usize| self.order.and_then(|order| order.get(at)).map_or(at, |row| *row as usize);
        (self.from..self.to).map(place)
    }
    /// The rows of the window as they lie in a column; where they are put in order, all rows.
    fn range<'v, T>(&self, column: &'v [T]) -> &'v [T] {
        match self.order {
            None => column.get(self.from..self.to).unwrap_or_default(),
            Some(_) => column,
        }
    }
    /// What a column holds in every row, if it holds the same in all.
    fn same<T: Copy + PartialEq>(&self, column: &[T]) -> Option<T> {
        let rows = self.range(column);
        let first = *rows.first()?;
        rows.iter().all(|value| *value == first).then_some(first)
    }
    fn reach(&self, sets: &[SlotSet]) -> Reach {
        let sets = self.range(sets).iter();
        sets.fold(Reach { any: SlotSet::EMPTY, all: SlotSet::ALL }, |reach, set| Reach {
            any: reach.any.union(*set),
            all: reach.all.intersection(*set),
        })
    }
}

/// The slots with a value in some row, and in all rows.
#[derive(Clone, Copy)]
struct Reach {
    any: SlotSet,
    all: SlotSet,
}

/// The counts of a slot.
#[derive(Clone, Copy)]
enum Counts<'a> {
    /// One's own, as they lie by row.
    Own(&'a [i64]),
    Whole,
}

impl Counts<'_> {
    fn get(self, rows: &DayRows, slot: Slot, row: usize) -> i64 {
        match self {
            Counts::Own(column) => column.get(row).copied().unwrap_or(0),
            Counts::Whole => rows.whole_count(row, slot),
        }
    }
}

/// Memory and columns that are used again.
#[derive(Default)]
pub(super) struct Encoder {
    uniform: Uniform,
    values: Vec<i64>,
    levels: Vec<i16>,
    /// A level for every row, all of them given.
    given: Vec<i16>,
    texts: Vec<ByteArray>,
}

impl Encoder {
    /// Writes every column of a window.
    pub(super) fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        columns: &[ColumnDescPtr],
        window: &Window<'_>,
        source: &Source,
    ) -> Result<(), ParquetError> {
        let rows = window.rows;
        let mut to = Columns { group, columns: columns.iter(), place: 0, rows: window.len(), encoder: self };
        to.texts(window, 22 * window.len(), |row, text| {
            text.extend_from_slice(rows.points.get(row).map_or(&[], |point| point.digits()));
        })?;

        let control = |row: usize| rows.control_numbers.octets(row).unwrap_or_default();
        let first = window.iter().next().map(control).unwrap_or_default();
        if window.iter().all(|row| control(row) == first) {
            to.same(Same::Text(first.into()))?;
        } else {
            to.texts(window, 0, |row, text| text.extend_from_slice(control(row)))?;
        }

        let number = |code: Allocation| code.key().parse().ok();
        match window.same(&rows.allocations) {
            Some(None) => to.same(Same::NoSmall)?,
            _ => to.optional::<Int32Type>(window.iter().map(|row| (*rows.allocations.get(row)?).and_then(number)))?,
        }
        to.same(Same::Small(source.revision.cast_signed()))?;
        to.same(Same::Small(source.part.cast_signed()))?;
        to.same(Same::Text(source.digest.as_bytes().into()))?;
        for sets in [&rows.received, &rows.given] {
            let bits = |set: SlotSet| set.bits().cast_signed();
            match window.same(sets) {
                Some(set) => to.same(Same::Number(bits(set)))?,
                None => {
                    let sets = window.iter().map(|row| bits(sets.get(row).copied().unwrap_or_default()));
                    to.column::<Int64Type>(&sets.collect::<Vec<_>>(), None)?;
                }
            }
        }
        match window.same(&rows.deducted) {
            Some(None) => to.same(Same::NoNumber)?,
            _ => to.optional::<Int64Type>(
                window.iter().map(|row| (*rows.deducted.get(row)?).map(|share| share.ten_thousandths())),
            )?,
        }
        to.energies(window)
    }
}

/// The columns of a row group that are still to be written.
struct Columns<'a, 'g, W: Write> {
    group: &'a mut SerializedRowGroupWriter<'g, W>,
    columns: std::slice::Iter<'a, ColumnDescPtr>,
    place: usize,
    rows: usize,
    encoder: &'a mut Encoder,
}

impl<'a, W: Write + Send> Columns<'a, '_, W> {
    /// Writes one's own energies, and the whole. Where nothing was split both are the same: what is encoded of one is laid
    /// there for the other, too.
    fn energies(&mut self, window: &Window<'_>) -> Result<(), ParquetError> {
        let DayRows { own, given, whole_given, whole_apart, .. } = window.rows;
        let is_same = window.range(given) == window.range(whole_given);
        let (reach, whole_reach) = (window.reach(given), window.reach(whole_given));
        let apart = window.reach(whole_apart).any;
        let mut twins = Vec::with_capacity(48);
        for slot in Slot::all() {
            let keep = is_same && reach.any.contains(slot) && !apart.contains(slot);
            twins.push(self.slot(window, slot, (Counts::Own(own.column(slot)), given), reach, keep)?);
        }
        for (slot, twin) in Slot::all().zip(twins) {
            match twin {
                Some(twin) => {
                    let column = self.next()?;
                    twin.append(self.group, column)?;
                }
                None => {
                    self.slot(window, slot, (Counts::Whole, whole_given), whole_reach, false)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the energies of a slot; gives them away as they were encoded where they are to be kept.
    fn slot(
        &mut self,
        window: &Window<'_>,
        slot: Slot,
        (counts, given): (Counts<'_>, &[SlotSet]),
        reach: Reach,
        keep: bool,
    ) -> Result<Option<Encoded>, ParquetError> {
        if !reach.any.contains(slot) {
            self.alike(Alike::Energies, Same::NoNumber)?;
            return Ok(None);
        }
        let mut room = std::mem::take(&mut self.encoder.values);
        let mut levels = std::mem::take(&mut self.encoder.levels);
        let mut every = std::mem::take(&mut self.encoder.given);
        let (values, levels_of) = if reach.all.contains(slot) {
            every.resize(self.rows.max(every.len()), 1);
            let lying = match counts {
                Counts::Own(column) if window.order.is_none() => column.get(window.from..window.to),
                _ => None,
            };
            if lying.is_none() {
                room.clear();
                room.extend(window.iter().map(|row| counts.get(window.rows, slot, row)));
            }
            (lying.unwrap_or(&room), every.get(..self.rows))
        } else {
            room.clear();
            levels.clear();
            for row in window.iter() {
                let there = given.get(row).is_some_and(|given| given.contains(slot));
                levels.push(i16::from(there));
                if there {
                    room.push(counts.get(window.rows, slot, row));
                }
            }
            (room.as_slice(), Some(levels.as_slice()))
        };
        let wrote = if keep {
            self.kept::<Int64Type>(values, levels_of).map(Some)
        } else {
            self.column::<Int64Type>(values, levels_of).map(|()| None)
        };
        (self.encoder.values, self.encoder.levels, self.encoder.given) = (room, levels, every);
        wrote
    }

    /// Writes texts; all of them lie in one piece of memory.
    fn texts(
        &mut self,
        window: &Window<'_>,
        octets: usize,
        write: impl Fn(usize, &mut Vec<u8>),
    ) -> Result<(), ParquetError> {
        let mut text = Vec::with_capacity(octets);
        let ends = window.iter().map(|row| {
            write(row, &mut text);
            text.len()
        });
        let ends: Vec<usize> = ends.collect();
        let text = Bytes::from(text);
        let mut texts = std::mem::take(&mut self.encoder.texts);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        texts.clear();
        texts.extend(starts.zip(&ends).map(|(start, end)| ByteArray::from(text.slice(start..*end))));
        let wrote = self.column::<ByteArrayType>(&texts, None);
        texts.clear();
        self.encoder.texts = texts;
        wrote
    }

    fn optional<T: DataType>(&mut self, values: impl Iterator<Item = Option<T::T>>) -> Result<(), ParquetError> {
        let (levels, values): (Vec<i16>, Vec<_>) = values.map(|value| (i16::from(value.is_some()), value)).unzip();
        self.column::<T>(&values.into_iter().flatten().collect::<Vec<_>>(), Some(&levels))
    }

    fn same(&mut self, same: Same) -> Result<(), ParquetError> {
        self.alike(Alike::Place(self.place), same)
    }

    fn alike(&mut self, alike: Alike, same: Same) -> Result<(), ParquetError> {
        let column = self.next()?;
        self.encoder.uniform.write(self.group, column, alike, same, self.rows)
    }

    fn column<T: DataType>(&mut self, values: &[T::T], levels: Option<&[i16]>) -> Result<(), ParquetError> {
        self.next()?;
        let mut column = self.group.next_column()?.ok_or_else(too_many)?;
        column.typed::<T>().write_batch(values, levels, None)?;
        column.close()
    }

    fn kept<T: DataType>(&mut self, values: &[T::T], levels: Option<&[i16]>) -> Result<Encoded, ParquetError> {
        let column = self.next()?;
        let encoded = Encoded::new::<T>(column, &self.encoder.uniform.properties, values, levels)?;
        encoded.append(self.group, column)?;
        Ok(encoded)
    }

    fn next(&mut self) -> Result<&'a ColumnDescPtr, ParquetError> {
        self.place += 1;
        self.columns.next().ok_or_else(too_many)
    }
}

fn too_many() -> ParquetError {
    ParquetError::General("a column too many".to_owned())
}
