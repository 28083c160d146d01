//! Appends events and makes them durable in groups: one barrier for many events.

use std::io;

use thiserror::Error;
use trader_domain::SequencedEvent;

use super::record::{RecordError, encode, header};
use super::store::JournalStore;

/// Why an event is not durable.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The event cannot be a record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The store failed; what is durable is known only after recovery, so the writer is closed.
    #[error("the journal could not be written: no order may leave until it is recovered")]
    Store(#[from] io::Error),
    /// An earlier failure closed the writer.
    #[error("the journal is closed after an earlier failure: recover it before going on")]
    Closed,
}

/// Where a driver records events before it lets the core process them.
pub trait EventSink {
    /// Whether events are recorded at all; where not, the driver saves itself the fingerprint.
    fn records(&self) -> bool {
        true
    }

    /// Takes an event into the current group.
    ///
    /// # Errors
    /// [`WriteError`]; the event must not be processed then.
    fn append(&mut self, event: &SequencedEvent, effects_before: u128) -> Result<(), WriteError>;

    /// Makes the group durable; nothing that came of its events may leave before.
    ///
    /// # Errors
    /// [`WriteError`]; nothing more may leave then.
    fn commit(&mut self) -> Result<(), WriteError>;
}

/// Nothing is recorded.
impl EventSink for () {
    #[inline]
    fn records(&self) -> bool {
        false
    }

    fn append(&mut self, _event: &SequencedEvent, _before: u128) -> Result<(), WriteError> {
        Ok(())
    }

    #[inline]
    fn commit(&mut self) -> Result<(), WriteError> {
        Ok(())
    }
}

impl<S: JournalStore> EventSink for JournalWriter<S> {
    fn append(&mut self, event: &SequencedEvent, effects_before: u128) -> Result<(), WriteError> {
        Self::append(self, event, effects_before)
    }

    fn commit(&mut self) -> Result<(), WriteError> {
        Self::commit(self).map(|_events| ())
    }
}

/// A journal where one was asked for.
impl<J: EventSink> EventSink for Option<J> {
    fn records(&self) -> bool {
        self.as_ref().is_some_and(EventSink::records)
    }

    fn append(&mut self, event: &SequencedEvent, effects_before: u128) -> Result<(), WriteError> {
        self.as_mut()
            .map_or(Ok(()), |journal| journal.append(event, effects_before))
    }

    fn commit(&mut self) -> Result<(), WriteError> {
        self.as_mut().map_or(Ok(()), EventSink::commit)
    }
}

impl<J: EventSink + ?Sized> EventSink for &mut J {
    fn records(&self) -> bool {
        (**self).records()
    }

    fn append(&mut self, event: &SequencedEvent, effects_before: u128) -> Result<(), WriteError> {
        (**self).append(event, effects_before)
    }

    fn commit(&mut self) -> Result<(), WriteError> {
        (**self).commit()
    }
}

/// Buffers records and commits them together.
///
/// The driver's rule: append the event, process it, and release its effects only after
/// [`JournalWriter::commit`] has returned. Many events may share one commit.
#[derive(Debug)]
pub struct JournalWriter<S> {
    store: S,
    buffer: Vec<u8>,
    pending: u64,
    closed: bool,
}

impl<S: JournalStore> JournalWriter<S> {
    /// Starts a journal on an empty store.
    ///
    /// # Errors
    /// [`WriteError::Store`].
    pub fn create(mut store: S, run: u64) -> Result<Self, WriteError> {
        store.append(&header(run))?;
        store.sync()?;
        Ok(Self::append_to(store))
    }

    /// Goes on with a store that recovery has read and cleaned.
    pub const fn append_to(store: S) -> Self {
        Self {
            store,
            buffer: Vec::new(),
            pending: 0,
            closed: false,
        }
    }

    /// Takes an event into the current group.
    ///
    /// # Errors
    /// [`WriteError::Record`] (the event is not taken), [`WriteError::Closed`].
    pub fn append(
        &mut self,
        event: &SequencedEvent,
        effects_before: u128,
    ) -> Result<(), WriteError> {
        if self.closed {
            return Err(WriteError::Closed);
        }
        encode(event, effects_before, &mut self.buffer)?;
        self.pending += 1;
        Ok(())
    }

    /// Makes all events appended so far durable; gives their number.
    ///
    /// # Errors
    /// [`WriteError::Store`]; the writer is closed then, because after a failed barrier nobody
    /// knows what reached the disk.
    pub fn commit(&mut self) -> Result<u64, WriteError> {
        if self.closed {
            return Err(WriteError::Closed);
        }
        if self.pending == 0 {
            return Ok(0);
        }
        let written = self
            .store
            .append(&self.buffer)
            .and_then(|()| self.store.sync());
        if let Err(error) = written {
            self.closed = true;
            return Err(WriteError::Store(error));
        }
        self.buffer.clear();
        Ok(std::mem::take(&mut self.pending))
    }

    /// Events appended and not yet durable.
    pub const fn pending(&self) -> u64 {
        self.pending
    }

    /// The store, with whatever was committed.
    pub fn into_store(self) -> S {
        self.store
    }
}
