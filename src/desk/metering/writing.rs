//! The thread that writes: it turns what was gathered into Parquet, while one reads and another waits for the disk.

use super::reading::{End, Message};
use super::room::{Held, Room};
use super::spare::Spare;
use crate::store::StoreError;
use crate::store::readings::{ReadingsWriter, WrittenReadings};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

/// A file of the operator whose readings are written and still to be settled.
pub(super) struct Ready {
    pub end: End,
    pub readings: WrittenReadings,
    /// The files that it holds open.
    pub held: Held,
}

/// The thread that writes.
pub(super) struct Writing<'a> {
    data: PathBuf,
    writer: Option<ReadingsWriter>,
    /// Whether something was written of the file that is being read.
    begun: bool,
    handles: Arc<Room>,
    /// Where the memory of what was written goes.
    spare: &'a Spare,
    sender: SyncSender<Result<Ready, StoreError>>,
}

impl<'a> Writing<'a> {
    /// Files that are open and wait for the disk have room up to `handles`.
    pub(super) fn new(
        data: PathBuf,
        handles: u64,
        spare: &'a Spare,
        sender: SyncSender<Result<Ready, StoreError>>,
    ) -> Writing<'a> {
        Writing { data, writer: None, begun: false, handles: Room::new(handles), spare, sender }
    }

    /// Writes what comes, until nobody takes it any more or it cannot be written.
    pub(super) fn all(mut self, gathered: Receiver<Message>) {
        for message in gathered {
            let Some(ready) = self.one(message).transpose() else { continue };
            let failed = ready.is_err();
            if self.sender.send(ready).is_err() || failed {
                return;
            }
        }
    }

    fn one(&mut self, message: Message) -> Result<Option<Ready>, StoreError> {
        match message {
            Message::Chunk(chunk, _held) => {
                let writer = match &mut self.writer {
                    Some(writer) => writer,
                    None => self.writer.insert(ReadingsWriter::new(&self.data, chunk.source.clone())),
                };
                if !std::mem::replace(&mut self.begun, true) {
                    writer.begin(chunk.source.clone());
                }
                writer.add(chunk.area, chunk.date, chunk.status, &chunk.rows)?;
                self.spare.give(chunk.rows);
                Ok(None)
            }
            Message::End(end) => {
                let begun = std::mem::take(&mut self.begun);
                let readings = match self.writer.as_mut().filter(|_| begun) {
                    Some(writer) if end.taken.file.is_some() => writer.close()?,
                    // Of a file that could not be read to its end by its zip nothing is kept.
                    Some(writer) => {
                        writer.leave();
                        WrittenReadings::default()
                    }
                    None => WrittenReadings::default(),
                };
                let held = self.handles.take(readings.open() as u64);
                Ok(Some(Ready { end: *end, readings, held }))
            }
        }
    }
}
