//! History as one stream of events in the order of receipt, from series in memory or from files
//! read batch by batch.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use thiserror::Error;
use trader_domain::{
    Bar, CorporateAction, InstrumentId, MarketEvent, Timeframe, Timestamp, VendorId, Volume,
};
use trader_engine::driver::backtest::MarketFeed;
use trader_storage::{BarBatch, BarColumns, BarSeries, BarStream, DataError, interval};

/// Why history cannot be read on.
#[derive(Debug, Error)]
pub enum FeedError {
    /// The source failed or is faulty.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A session bar before the zone rules begin.
    #[error("{file}: bar {row} is dated before 1946, where New York time is not known")]
    TimeUnknown {
        /// The source.
        file: String,
        /// Row, from 1.
        row: usize,
    },
    /// A stream changed its time frame or has none.
    #[error("{file}: the length of the bars is not known; name it with --timeframe")]
    NoTimeframe {
        /// The source.
        file: String,
    },
}

/// Where one instrument's bars come from.
pub enum Source<'a> {
    /// A series in memory.
    Memory(&'a BarSeries),
    /// A file read in batches; memory does not grow with its length. It holds one symbol.
    Stream(Box<dyn BarStream + 'a>),
}

struct Cursor<'a> {
    instrument: InstrumentId,
    vendor: VendorId,
    source: Source<'a>,
    batch: BarBatch,
    row: usize,
    timeframe: Option<Timeframe>,
}

/// Merges sources and corporate actions by time of receipt; ties go to corporate actions, then to
/// the instrument with the lower index.
pub struct HistoryFeed<'a> {
    cursors: Vec<Cursor<'a>>,
    /// Next bar of each cursor, earliest first.
    heads: BinaryHeap<Reverse<Head>>,
    actions: Vec<CorporateAction>,
    next_action: usize,
    primed: bool,
    from: Timestamp,
    to: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    bar: Bar,
    cursor: usize,
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.bar.received, self.cursor).cmp(&(other.bar.received, other.cursor))
    }
}

impl<'a> HistoryFeed<'a> {
    /// All bars received from `from` (inclusive) to `to` (exclusive).
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            cursors: Vec::new(),
            heads: BinaryHeap::new(),
            actions: Vec::new(),
            next_action: 0,
            primed: false,
            from,
            to,
        }
    }

    /// Adds an instrument's bars.
    pub fn add(&mut self, instrument: InstrumentId, vendor: VendorId, source: Source<'a>) {
        let timeframe = match &source {
            Source::Memory(series) => Some(series.timeframe),
            Source::Stream(_) => None,
        };
        self.cursors.push(Cursor {
            instrument,
            vendor,
            source,
            batch: BarBatch::default(),
            row: 0,
            timeframe,
        });
    }

    /// Adds corporate actions; they take effect before any bar received at the same instant.
    pub fn add_actions(&mut self, actions: impl IntoIterator<Item = CorporateAction>) {
        self.actions.extend(actions);
        self.actions
            .sort_by_key(|action| (action.effective, action.instrument));
    }

    fn prime(&mut self) -> Result<(), FeedError> {
        self.primed = true;
        for index in 0..self.cursors.len() {
            self.advance(index)?;
        }
        Ok(())
    }

    /// Puts the next bar of a cursor on the heap.
    fn advance(&mut self, index: usize) -> Result<(), FeedError> {
        let (from, to) = (self.from, self.to);
        let Some(cursor) = self.cursors.get_mut(index) else {
            return Ok(());
        };
        if let Some(bar) = cursor.next_within(from, to)? {
            self.heads.push(Reverse(Head { bar, cursor: index }));
        }
        Ok(())
    }

    fn due_action(&mut self, before: Option<Timestamp>) -> Option<CorporateAction> {
        let action = *self.actions.get(self.next_action)?;
        // After the last bar nothing trades any more: what happens then is not of this run.
        if action.effective > before? {
            return None;
        }
        self.next_action += 1;
        Some(action)
    }
}

impl MarketFeed for HistoryFeed<'_> {
    type Error = FeedError;

    #[inline]
    fn next_event(&mut self) -> Result<Option<MarketEvent>, FeedError> {
        if !self.primed {
            self.prime()?;
        }
        let next_bar = self.heads.peek().map(|Reverse(head)| head.bar.received);
        if self.next_action < self.actions.len()
            && let Some(action) = self.due_action(next_bar)
        {
            return Ok(Some(MarketEvent::CorporateAction(action)));
        }
        let Some(mut top) = self.heads.peek_mut() else {
            return Ok(None);
        };
        let Reverse(Head { bar, cursor }) = top.clone();
        // Replace the head in place: one sift instead of a pop and a push.
        let (from, to) = (self.from, self.to);
        let refill = match self.cursors.get_mut(cursor) {
            Some(source) => source.next_within(from, to)?,
            None => None,
        };
        match refill {
            Some(next) => *top = Reverse(Head { bar: next, cursor }),
            None => {
                std::collections::binary_heap::PeekMut::pop(top);
            }
        }
        Ok(Some(MarketEvent::Bar(bar)))
    }
}

impl Cursor<'_> {
    #[inline]
    fn next_within(&mut self, from: Timestamp, to: Timestamp) -> Result<Option<Bar>, FeedError> {
        loop {
            let Some(bar) = self.next_bar()? else {
                return Ok(None);
            };
            if bar.received >= to {
                return Ok(None);
            }
            if bar.received >= from {
                return Ok(Some(bar));
            }
        }
    }

    #[inline]
    fn next_bar(&mut self) -> Result<Option<Bar>, FeedError> {
        let (columns, file): (&BarColumns, &str) = match &mut self.source {
            Source::Memory(series) => (&series.columns, &series.file),
            Source::Stream(stream) => {
                if self.row >= self.batch.columns.len() {
                    self.row = 0;
                    if !stream.next_batch(&mut self.batch)? {
                        return Ok(None);
                    }
                    self.timeframe = stream.info().timeframe;
                }
                (&self.batch.columns, "stream")
            }
        };
        let row = self.row;
        let Some(&label) = columns.start.get(row) else {
            return Ok(None);
        };
        let timeframe = self.timeframe.ok_or_else(|| FeedError::NoTimeframe {
            file: file.to_owned(),
        })?;
        let (start, time) =
            interval(label, timeframe).map_err(|_before_rules| FeedError::TimeUnknown {
                file: file.to_owned(),
                row: row + 1,
            })?;
        self.row += 1;
        let (Some(&open), Some(&high), Some(&low), Some(&close)) = (
            columns.open.get(row),
            columns.high.get(row),
            columns.low.get(row),
            columns.close.get(row),
        ) else {
            return Ok(None);
        };
        let volume = columns
            .volume
            .as_ref()
            .and_then(|volume| volume.get(row).copied());
        Ok(Some(Bar {
            instrument: self.instrument,
            vendor: self.vendor,
            timeframe,
            start,
            time,
            received: time,
            open,
            high,
            low,
            close,
            volume: volume.unwrap_or(Volume::ZERO),
            vwap: columns
                .vwap
                .as_ref()
                .and_then(|vwap| vwap.get(row).copied().flatten()),
            trade_count: columns
                .trades
                .as_ref()
                .and_then(|trades| trades.get(row).copied().flatten()),
        }))
    }
}
