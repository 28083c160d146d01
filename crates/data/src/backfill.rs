//! Running a backfill: plan, read in parallel, write in order, record what is done.
//!
//! Two things make a run that was killed and repeated end in the same bytes as an undisturbed one: units are written in
//! the order of the plan whatever order they are read in, and nothing that is written depends on when it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use serde::Serialize;
use trader_storage::store::{Committed, MarketStore, Provenance, SeriesKey, StoredAdjustment};
use trader_storage::{BarColumns, DataError, FaultPolicy, Fingerprint, GapPolicy, ReadOptions};

use crate::error::{BackfillError, with_causes};
use crate::journal::{Journal, short_digest, shortened};
pub use crate::journal::{RunHeader, RunStatus, UnitRecord, runs};
use crate::quarantine::Quarantine;
use crate::source::{HistoricalSource, HistoryRequest, WorkUnit};
use crate::worker::{Found, Queue, Work};

/// Bars held before they are written; what a unit has more is written in several steps.
const MOST_PENDING: usize = 1_000_000;

/// Partitions held before they are written.
const MOST_PIECES: usize = 512;

/// How a backfill is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whose data it is.
    pub vendor: String,
    /// How the prices of files are adjusted that do not say so themselves.
    pub adjustment: Option<StoredAdjustment>,
    /// Threads that read.
    pub workers: usize,
    /// How files are read. Faulty rows are always set aside, gaps are told by the calendar afterwards.
    pub options: ReadOptions,
    /// Whether units that are recorded as done are done again.
    pub again: Again,
}

/// What to do about units that are recorded as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Leave them unless their source has changed.
    WhenChanged,
    /// Do them: what they wrote may have been lost.
    Always,
}

/// What happens, for progress displays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The plan is made.
    Planned {
        /// Units of work.
        units: usize,
        /// Bytes of all their files.
        bytes: u64,
    },
    /// A unit is finished, whether with work, without, or with a failure.
    Unit {
        /// Its name.
        name: String,
        /// Bytes of its files.
        bytes: u64,
        /// Bars of it that are stored.
        rows: u64,
    },
}

/// Who is told of progress, and asked whether to go on.
pub trait Observer: Sync {
    /// Something happened.
    fn progress(&self, progress: Progress);

    /// Whether to stop as soon as possible.
    fn is_interrupted(&self) -> bool;
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The run: 16 digits, the same for the same work.
    pub run: String,
    /// Whose data.
    pub vendor: String,
    /// Where it came from.
    pub source: String,
    /// Units of work.
    pub units: u64,
    /// Units whose source had not changed since they were done.
    pub unchanged: u64,
    /// Units that could not be used, or not to their end, with the reason.
    pub failures: BTreeMap<String, String>,
    /// Good bars, over all units.
    pub rows: u64,
    /// Units by the vendor that delivered them, where several could.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub served: BTreeMap<String, u64>,
    /// Bars stored now at times where there was none.
    pub added: u64,
    /// Bars stored now that replaced others that said something else.
    pub replaced: u64,
    /// Files written.
    pub files: u64,
    /// Rejected rows by reason, over all units.
    pub rejects: BTreeMap<String, u64>,
    /// Where the rejected rows are, if there are any.
    pub quarantine: Option<String>,
    /// Series that were written or found unchanged.
    #[serde(skip)]
    pub series: BTreeSet<SeriesKey>,
}

/// Runs a backfill.
///
/// # Errors
/// [`BackfillError`]; what was stored before stays, and the same call goes on from there. Sources that are unusable in
/// part are no error: see [`Summary::failures`].
pub fn run(
    source: &dyn HistoricalSource,
    store: &MarketStore,
    request: &HistoryRequest,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<Summary, BackfillError> {
    let units = source.plan(request).map_err(BackfillError::Source)?;
    let name = source.capabilities().name;
    if units.is_empty() {
        return Err(BackfillError::NothingToDo {
            source_name: name,
            wanted: request.describe(),
        });
    }
    let header = header(&units, request, settings);
    // Two processes doing the same work would write the same record.
    let _lock = store
        .files()
        .lock(&format!("run-{}.lock", header.run))
        .map_err(BackfillError::Store)?;
    for files in source.references(request).map_err(BackfillError::Source)? {
        store
            .put_reference(&settings.vendor, &files)
            .map_err(BackfillError::Store)?;
    }
    let journal = Journal::open(store, header)?;
    observer.progress(Progress::Planned {
        units: units.len(),
        bytes: units.iter().map(|unit| unit.bytes).sum(),
    });
    let known = known(&units, &journal, settings.again);
    let options = ReadOptions {
        faults: FaultPolicy::SetAside,
        gaps: GapPolicy::Ignore,
        timeframe: request.timeframe.or(settings.options.timeframe),
        ..settings.options.clone()
    };
    let stop = AtomicBool::new(false);
    let work = Work {
        source,
        request,
        options: &options,
        adjustment: settings.adjustment,
        units: &units,
        known: &known,
        stop: &stop,
    };
    let mut writer = Writer {
        store,
        settings,
        units: &units,
        journal,
        observer,
        totals: Committed::default(),
        unchanged: 0,
        series: BTreeSet::new(),
    };
    let outcome = std::thread::scope(|scope| {
        let (queue, started) = Queue::new();
        let (queue, work) = (std::sync::Arc::new(queue), &work);
        for _ in 0..settings.workers.clamp(1, 64).min(units.len()) {
            let queue = std::sync::Arc::clone(&queue);
            scope.spawn(move || work.run(&queue));
        }
        drop(queue);
        // `started` goes when this is done, and with it every channel: workers that wait to send are freed.
        let outcome = started
            .iter()
            .try_for_each(|(number, findings)| writer.unit(number, &findings));
        stop.store(true, Ordering::Relaxed);
        outcome
    });
    outcome?;
    Ok(writer.summary(name))
}

/// Digests of what units read before, where they need not be done again.
fn known(units: &[WorkUnit], journal: &Journal<'_>, again: Again) -> Vec<Option<String>> {
    let digest = |unit: &WorkUnit| match again {
        Again::Always => None,
        Again::WhenChanged => journal
            .done(&unit.name)
            .filter(|done| done.failure.is_none())
            .map(|done| done.source.clone()),
    };
    units.iter().map(digest).collect()
}

/// What a run is: the same work has the same name.
fn header(units: &[WorkUnit], request: &HistoryRequest, settings: &Settings) -> RunHeader {
    let mut text = format!(
        "{}\n{}\n{}\n",
        settings.vendor,
        settings
            .adjustment
            .map_or("as read", StoredAdjustment::name),
        request.describe()
    );
    for unit in units {
        text.push_str(&unit.name);
        text.push('\n');
    }
    RunHeader {
        run: short_digest(&text),
        vendor: settings.vendor.clone(),
        request: request.describe(),
        units: units.len() as u64,
    }
}

/// Writes what the workers find, unit by unit in the order of the plan.
struct Writer<'a> {
    store: &'a MarketStore,
    settings: &'a Settings,
    units: &'a [WorkUnit],
    journal: Journal<'a>,
    observer: &'a dyn Observer,
    totals: Committed,
    unchanged: u64,
    series: BTreeSet<SeriesKey>,
}

/// Bars of a unit that are not written yet.
#[derive(Default)]
struct Pending {
    pieces: BTreeMap<SeriesKey, Vec<BarColumns>>,
    rows: usize,
    count: usize,
}

impl Writer<'_> {
    fn unit(&mut self, number: usize, findings: &Receiver<Found>) -> Result<(), BackfillError> {
        let Some(unit) = self.units.get(number) else {
            return Ok(());
        };
        let run = self.journal.header.run.clone();
        let store = self.store;
        let mut quarantine = Quarantine::new(store, &run, number);
        let mut pending = Pending::default();
        let mut source = Fingerprint::of_bytes(&[]);
        let mut vendor = None;
        let mut rows_so_far = 0;
        let (rows, failure) = loop {
            if self.observer.is_interrupted() {
                return Err(BackfillError::Interrupted);
            }
            match findings.recv() {
                Ok(Found::Unchanged) => {
                    self.unchanged += 1;
                    let rows = self.journal.done(&unit.name).map_or(0, |done| done.rows);
                    self.tell(unit, rows);
                    return Ok(());
                }
                Ok(Found::Source(digest)) => source = digest,
                Ok(Found::Vendor(name)) => vendor = Some(name),
                Ok(Found::Rejects(rejects)) => quarantine.add(&rejects)?,
                Ok(Found::Bars(form, piece)) => {
                    let key = SeriesKey::new(
                        vendor.as_deref().unwrap_or(&self.settings.vendor),
                        form.basis,
                        form.timeframe,
                        form.adjustment,
                        piece.symbol,
                    )
                    .map_err(BackfillError::Store)?;
                    rows_so_far += piece.columns.len() as u64;
                    pending.rows += piece.columns.len();
                    pending.count += 1;
                    pending.pieces.entry(key).or_default().push(piece.columns);
                    if (pending.rows >= MOST_PENDING || pending.count >= MOST_PIECES)
                        && let Err(error) = self.write(&mut pending, &run, source)
                    {
                        return self.refused(unit, source, error, quarantine);
                    }
                }
                Ok(Found::End(rows)) => break (rows, None),
                Ok(Found::Failed(error)) => {
                    quarantine.add_source(&unit.name, &error)?;
                    break (rows_so_far, Some(with_causes(&error)));
                }
                // The worker was told to stop.
                Err(_gone) => return Err(BackfillError::Interrupted),
            }
        };
        if let Err(error) = self.write(&mut pending, &run, source) {
            return self.refused(unit, source, error, quarantine);
        }
        let record = UnitRecord {
            unit: unit.name.clone(),
            source: shortened(source),
            rows,
            rejects: quarantine.finish()?,
            failure,
            vendor,
        };
        self.journal.add(record)?;
        self.tell(unit, rows);
        Ok(())
    }

    /// A unit that does not fit what is stored is the unit's failure; a store that cannot be written is the run's.
    fn refused(
        &mut self,
        unit: &WorkUnit,
        source: Fingerprint,
        error: BackfillError,
        mut quarantine: Quarantine<'_>,
    ) -> Result<(), BackfillError> {
        let BackfillError::Store(error @ (DataError::Unsupported { .. } | DataError::Table { .. })) =
            error
        else {
            return Err(error);
        };
        quarantine.add_source(&unit.name, &error)?;
        let record = UnitRecord {
            unit: unit.name.clone(),
            source: shortened(source),
            rows: 0,
            rejects: quarantine.finish()?,
            failure: Some(with_causes(&error)),
            vendor: None,
        };
        self.journal.add(record)?;
        self.tell(unit, 0);
        Ok(())
    }

    fn write(
        &mut self,
        pending: &mut Pending,
        run: &str,
        source: Fingerprint,
    ) -> Result<(), BackfillError> {
        let provenance = Provenance {
            run: run.to_owned(),
            source,
        };
        for (key, pieces) in std::mem::take(pending).pieces {
            let done = self
                .store
                .commit(&key, &pieces, &provenance)
                .map_err(BackfillError::Store)?;
            self.totals = self.totals.plus(done);
            self.series.insert(key);
        }
        Ok(())
    }

    fn tell(&self, unit: &WorkUnit, rows: u64) {
        self.observer.progress(Progress::Unit {
            name: unit.name.clone(),
            bytes: unit.bytes,
            rows,
        });
    }

    fn summary(self, source: String) -> Summary {
        let header = self.journal.header.clone();
        let (mut rejects, mut failures, mut rows) = (BTreeMap::new(), BTreeMap::new(), 0_u64);
        let mut served = BTreeMap::new();
        for (name, record) in self.journal.into_records() {
            if let Some(vendor) = record.vendor {
                let count: &mut u64 = served.entry(vendor).or_default();
                *count = count.saturating_add(1);
            }
            rows = rows.saturating_add(record.rows);
            for (reason, count) in record.rejects {
                *rejects.entry(reason).or_default() += count;
            }
            if let Some(failure) = record.failure {
                failures.insert(name, failure);
            }
        }
        let quarantine = (!rejects.is_empty()).then(|| {
            self.store
                .files()
                .shown(&format!("_quarantine/{}", header.run))
        });
        Summary {
            run: header.run,
            vendor: header.vendor,
            source,
            units: header.units,
            unchanged: self.unchanged,
            failures,
            rows,
            served,
            added: self.totals.added,
            replaced: self.totals.replaced,
            files: self.totals.files,
            rejects,
            quarantine,
            series: self.series,
        }
    }
}
