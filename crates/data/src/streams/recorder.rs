//! Writes a stream into the store: the vendor's minute bars, and minute bars built from its prints.
//!
//! Bars are collected in windows and committed in batches, so a commit serves many bars. Bars of prints are kept under
//! a vendor's name of their own (`alpaca-prints`) and only when every print of their minute could be seen: minutes in
//! which the recording began, ended, or lost its connection are counted and not stored.

use std::collections::{BTreeMap, BTreeSet};

use trader_domain::{NANOS_PER_SECOND, Symbol, Timeframe, Timestamp};
use trader_storage::store::{Committed, MarketStore, Provenance, SeriesKey, StoredAdjustment};
use trader_storage::{BarColumns, DataError, Fingerprint, OptionalColumns, PriceBasis};

use super::bar_builder::{AggregationError, BarBuilder, BarRule, BuiltBar, SaleRules, Tick};
use super::event::{BarUpdate, Body, Channel, StreamEvent};
use super::window::Window;

/// How long prints of a finished minute are waited for.
const LATENESS_NANOS: i64 = 5 * NANOS_PER_SECOND;

/// Why recording ended.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store cannot be written.
    #[error("the store cannot be written")]
    Store(#[from] DataError),
    /// Bars cannot be built from prints.
    #[error("bars of {symbol} cannot be built from prints")]
    Aggregation {
        /// Whose.
        symbol: Symbol,
        /// Why.
        #[source]
        source: AggregationError,
    },
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Events by channel.
    pub events: BTreeMap<&'static str, u64>,
    /// What the commits changed.
    pub committed: Committed,
    /// Minutes of prints that were not seen whole.
    pub partial_minutes: u64,
    /// Prints that came after their minute was finished.
    pub late_prints: u64,
    /// Prints that were corrected or taken back later: bars of prints hold them as they were first.
    pub revised_prints: u64,
    /// Series written.
    pub series: BTreeSet<SeriesKey>,
}

/// A recording.
pub struct Recorder {
    store: MarketStore,
    run: String,
    window: Window<(SeriesKey, BuiltBar)>,
    builders: BTreeMap<(&'static str, Symbol), BarBuilder>,
    /// When each symbol's prints began to come.
    began: Timestamp,
    /// Times without all prints.
    blind: Vec<(Timestamp, Option<Timestamp>)>,
    recorded: Recorded,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// A recording that begins now. Bars are committed when `batch` have come, or after `longest_nanos`.
    pub fn new(store: MarketStore, now: Timestamp, batch: usize, longest_nanos: i64) -> Self {
        let digest = Fingerprint::of_bytes(format!("stream {now}").as_bytes());
        Self {
            store,
            run: digest.to_string().chars().take(16).collect(),
            window: Window::new(batch, longest_nanos),
            builders: BTreeMap::new(),
            began: now,
            blind: Vec::new(),
            recorded: Recorded::default(),
        }
    }

    /// What was recorded so far.
    pub const fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// The ingest run's name in the store.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The stream delivers all topics only from now on.
    pub fn begin(&mut self, now: Timestamp) {
        self.began = now;
    }

    /// From then on prints may be missing.
    pub fn blind(&mut self, from: Timestamp) {
        if self.blind.last().is_none_or(|(_, until)| until.is_some()) {
            self.blind.push((from, None));
        }
    }

    /// From now on nothing is missing any more.
    pub fn sighted(&mut self, now: Timestamp) {
        if let Some((_, until @ None)) = self.blind.last_mut() {
            *until = Some(now);
        }
    }

    /// Takes an event.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn record(&mut self, event: &StreamEvent, now: Timestamp) -> Result<(), RecordError> {
        let count = self.recorded.events.entry(event.channel().name());
        *count.or_default() += 1;
        match event.body {
            Body::Bar(bar) if matches!(bar.channel, Channel::Bars | Channel::UpdatedBars) => {
                let key = key(event.vendor, event.symbol)?;
                self.keep(key, of_update(&bar, event.time), now)
            }
            Body::Trade(print) => {
                let tick = Tick::of(event.time, &print);
                let mut built = Vec::new();
                self.builder(event.vendor, event.symbol)?
                    .push(&tick, &mut built)
                    .map_err(|source| aggregation(event.symbol, source))?;
                self.keep_built(event.vendor, event.symbol, built, now)
            }
            Body::Correction { .. } | Body::Cancel { .. } => {
                self.recorded.revised_prints += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Finishes minutes that are over, and commits what has waited long enough.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn advance(&mut self, now: Timestamp) -> Result<(), RecordError> {
        let over = now.saturating_add(-LATENESS_NANOS);
        let mut finished = Vec::new();
        for ((vendor, symbol), builder) in &mut self.builders {
            let mut built = Vec::new();
            builder
                .advance(over, &mut built)
                .map_err(|source| aggregation(*symbol, source))?;
            if !built.is_empty() {
                finished.push((*vendor, *symbol, built));
            }
        }
        for (vendor, symbol, built) in finished {
            self.keep_built(vendor, symbol, built, now)?;
        }
        match self.window.due(now) {
            Some(bars) => self.commit(bars),
            None => Ok(()),
        }
    }

    /// Commits everything; minutes that are not over are left out.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn finish(mut self, now: Timestamp) -> Result<Recorded, RecordError> {
        self.advance(now)?;
        let bars = self.window.take();
        self.commit(bars)?;
        for builder in self.builders.values() {
            self.recorded.late_prints += builder.left_out().late;
        }
        Ok(self.recorded)
    }

    fn builder(
        &mut self,
        vendor: &'static str,
        symbol: Symbol,
    ) -> Result<&mut BarBuilder, RecordError> {
        use std::collections::btree_map::Entry;
        match self.builders.entry((vendor, symbol)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => {
                let rule = BarRule::Time { seconds: 60 };
                let builder = BarBuilder::new(rule, SaleRules::Consolidated)
                    .map_err(|source| aggregation(symbol, source))?;
                Ok(new.insert(builder))
            }
        }
    }

    fn keep_built(
        &mut self,
        vendor: &'static str,
        symbol: Symbol,
        built: Vec<BuiltBar>,
        now: Timestamp,
    ) -> Result<(), RecordError> {
        for bar in built {
            let is_blind = |(from, until): &(Timestamp, Option<Timestamp>)| {
                *from < bar.end && until.is_none_or(|until| until > bar.start)
            };
            if bar.start < self.began || self.blind.iter().any(is_blind) {
                self.recorded.partial_minutes += 1;
                continue;
            }
            self.keep(key(&format!("{vendor}-prints"), symbol)?, bar, now)?;
        }
        Ok(())
    }

    fn keep(&mut self, key: SeriesKey, bar: BuiltBar, now: Timestamp) -> Result<(), RecordError> {
        match self.window.push((key, bar), now) {
            Some(bars) => self.commit(bars),
            None => Ok(()),
        }
    }

    fn commit(&mut self, bars: Vec<(SeriesKey, BuiltBar)>) -> Result<(), RecordError> {
        let mut series: BTreeMap<SeriesKey, BTreeMap<Timestamp, BuiltBar>> = BTreeMap::new();
        for (key, bar) in bars {
            // The later of two bars of the same minute is the corrected one.
            series.entry(key).or_default().insert(bar.start, bar);
        }
        for (key, bars) in series {
            let columns = columns(bars.values());
            let provenance = Provenance {
                run: self.run.clone(),
                source: Fingerprint::of_bytes(format!("{} stream", key.vendor()).as_bytes()),
            };
            let done = self.store.commit(&key, &[columns], &provenance)?;
            self.recorded.committed = self.recorded.committed.plus(done);
            self.recorded.series.insert(key);
        }
        Ok(())
    }
}

fn aggregation(symbol: Symbol, source: AggregationError) -> RecordError {
    RecordError::Aggregation { symbol, source }
}

fn key(vendor: &str, symbol: Symbol) -> Result<SeriesKey, DataError> {
    SeriesKey::new(
        vendor,
        PriceBasis::Ohlc,
        Timeframe::MINUTE,
        StoredAdjustment::Raw,
        symbol,
    )
}

const fn of_update(bar: &BarUpdate, end: Timestamp) -> BuiltBar {
    BuiltBar {
        start: bar.start,
        end,
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        volume: bar.volume,
        vwap: bar.vwap,
        trades: match bar.trades {
            Some(count) => count,
            None => 0,
        },
    }
}

fn columns<'a>(bars: impl Iterator<Item = &'a BuiltBar>) -> BarColumns {
    let optional = OptionalColumns {
        volume: true,
        vwap: true,
        trades: true,
        adjusted_close: false,
    };
    let mut columns = BarColumns::with_optional(optional);
    for bar in bars {
        columns.start.push(bar.start);
        columns.open.push(bar.open);
        columns.high.push(bar.high);
        columns.low.push(bar.low);
        columns.close.push(bar.close);
        columns
            .volume
            .iter_mut()
            .for_each(|list| list.push(bar.volume));
        columns.vwap.iter_mut().for_each(|list| list.push(bar.vwap));
        // A vendor that does not say how many trades there were.
        let trades = Some(bar.trades).filter(|count| *count > 0);
        columns.trades.iter_mut().for_each(|list| list.push(trades));
    }
    columns
}
