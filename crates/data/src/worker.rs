//! Reading units of work in parallel: each worker takes the next unit of the plan and sends what it finds.
//!
//! Every unit has a channel of its own that holds a few messages, so memory stays flat however far the readers are
//! ahead of the writer, and the writer can take the units in the order of the plan.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use trader_storage::store::StoredAdjustment;
use trader_storage::{
    BarBatch, DataError, Fingerprint, PriceBasis, ReadOptions, Rejected, StreamInfo,
};

use crate::source::{HistoricalSource, HistoryRequest, Opened, WorkUnit};
use crate::splitter::{Piece, Splitter};

/// Messages of one unit that wait for the writer.
const WAITING: usize = 8;

/// What a worker says about its unit.
#[derive(Debug)]
pub(crate) enum Found {
    /// The source's content is what was read before: nothing to do.
    Unchanged,
    /// The digest of the source, first of all.
    Source(Fingerprint),
    /// Who delivers, where it is not the vendor of the run.
    Vendor(String),
    /// Bars.
    Bars(SeriesForm, Piece),
    /// Rows that failed validation.
    Rejects(Vec<Rejected>),
    /// The end: so many bars were wanted and good.
    End(u64),
    /// The rest of the unit cannot be used.
    Failed(DataError),
}

/// What all bars of a stream have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeriesForm {
    pub(crate) basis: PriceBasis,
    pub(crate) timeframe: trader_domain::Timeframe,
    pub(crate) adjustment: StoredAdjustment,
}

/// What the workers share.
pub(crate) struct Work<'a> {
    pub(crate) source: &'a dyn HistoricalSource,
    pub(crate) request: &'a HistoryRequest,
    pub(crate) options: &'a ReadOptions,
    pub(crate) adjustment: Option<StoredAdjustment>,
    pub(crate) units: &'a [WorkUnit],
    /// Digests of what was read before, by unit; `None` where the unit must be done.
    pub(crate) known: &'a [Option<String>],
    pub(crate) stop: &'a AtomicBool,
}

/// Hands out units in the order of the plan.
pub(crate) struct Queue {
    next: Mutex<usize>,
    started: Mutex<Sender<(usize, Receiver<Found>)>>,
}

/// What the writer reads from: the units in order, each with its findings.
pub(crate) type Started = Receiver<(usize, Receiver<Found>)>;

impl Queue {
    pub(crate) fn new() -> (Self, Started) {
        let (started, units) = std::sync::mpsc::channel();
        let queue = Self {
            next: Mutex::new(0),
            started: Mutex::new(started),
        };
        (queue, units)
    }

    /// The next unit and where to send its findings; `None` when there is none or nobody listens.
    fn claim(&self, count: usize) -> Option<(usize, SyncSender<Found>)> {
        // One lock for both: the writer must see units in the order in which they are claimed.
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let unit = *next;
        if unit >= count {
            return None;
        }
        *next += 1;
        let (sender, receiver) = sync_channel(WAITING);
        let started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.send((unit, receiver)).ok()?;
        Some((unit, sender))
    }
}

impl Work<'_> {
    /// Works until nothing is left.
    pub(crate) fn run(&self, queue: &Queue) {
        while !self.stop.load(Ordering::Relaxed) {
            let Some((number, findings)) = queue.claim(self.units.len()) else {
                return;
            };
            let (Some(unit), Some(known)) = (self.units.get(number), self.known.get(number)) else {
                return;
            };
            if let Err(error) = self.unit(unit, known.as_deref(), &findings) {
                // Nobody listens when the writer has stopped; then it knows why.
                drop(findings.send(Found::Failed(error)));
            }
        }
    }

    fn unit(
        &self,
        unit: &WorkUnit,
        known: Option<&str>,
        findings: &SyncSender<Found>,
    ) -> Result<(), DataError> {
        let digest = self.source.fingerprint(unit)?;
        if known.is_some_and(|known| crate::journal::shortened(digest) == known) {
            drop(findings.send(Found::Unchanged));
            return Ok(());
        }
        if findings.send(Found::Source(digest)).is_err() {
            return Ok(());
        }
        let Opened { mut stream, vendor } = self.source.open(unit, self.options)?;
        if let Some(vendor) = vendor
            && findings.send(Found::Vendor(vendor)).is_err()
        {
            return Ok(());
        }
        let mut batch = BarBatch::default();
        let mut splitter: Option<(SeriesForm, Splitter<'_>)> = None;
        let mut rows = 0;
        loop {
            let more = stream.next_batch(&mut batch);
            let rejects = stream.take_rejects();
            if !rejects.is_empty() && findings.send(Found::Rejects(rejects)).is_err() {
                return Ok(());
            }
            if !more? {
                break;
            }
            if self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            if batch.columns.is_empty() {
                continue;
            }
            let (form, splitter) = match &mut splitter {
                Some(ready) => ready,
                None => {
                    let form = self.form(&stream.info())?;
                    splitter.insert((form, Splitter::new(self.request, unit, form.timeframe)))
                }
            };
            let form = *form;
            let mut listening = true;
            rows += splitter.take(&batch, &mut |piece| {
                listening &= findings.send(Found::Bars(form, piece)).is_ok();
            });
            if !listening {
                return Ok(());
            }
        }
        if let Some((form, splitter)) = splitter {
            splitter.finish(&mut |piece| drop(findings.send(Found::Bars(form, piece))));
        }
        drop(findings.send(Found::End(rows)));
        Ok(())
    }

    fn form(&self, info: &StreamInfo) -> Result<SeriesForm, DataError> {
        let unsupported = |detail: &str| DataError::Unsupported {
            file: info.file.clone(),
            detail: detail.to_owned(),
        };
        let read = StoredAdjustment::of(info.adjustment);
        let adjustment = match (self.adjustment, read) {
            (Some(told), Some(StoredAdjustment::Unknown)) => told,
            (Some(told), Some(read)) if told != read => {
                return Err(unsupported(&format!(
                    "says that its prices are `{}`, not `{}`",
                    read.name(),
                    told.name()
                )));
            }
            (_, Some(read)) => read,
            (_, None) => {
                return Err(unsupported(
                    "holds prices that were adjusted here; store raw prices",
                ));
            }
        };
        Ok(SeriesForm {
            basis: info.basis,
            timeframe: info
                .timeframe
                .ok_or_else(|| unsupported("does not say how long its bars are"))?,
            adjustment,
        })
    }
}
