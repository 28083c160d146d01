//! One source of history as a sequence of events: where its next event stands and what it is.

use trader_domain::{
    Bar, Event, InstrumentId, MarketCalendar, MarketEvent, Price, Quantity, Quote, SequencedEvent,
    Timeframe, Timestamp, Trade, VendorId, Volume,
};
use trader_storage::lean::{QuoteTickColumns, TradeTickColumns};
use trader_storage::{BarBatch, BarColumns, BarSeries, BarStream, interval};

use super::bar_builder::{BarBuilder, BarRule};
use super::feed::FeedError;
use super::merge::OVER;

/// Where a part of one instrument's history comes from.
pub enum Source<'a> {
    /// A series in memory.
    Memory(&'a BarSeries),
    /// A file read in batches; memory does not grow with its length. It must hold one symbol only.
    Stream(Box<dyn BarStream + 'a>),
    /// Prints.
    Trades(&'a TradeTickColumns),
    /// One-sided quotes. Each updates its side of the standing quote, which begins empty; ticks that the vendor
    /// suspects are left out.
    Quotes(&'a QuoteTickColumns),
    /// Bars made of prints, for strategies that want bars; each is delivered when its interval is over. Beside
    /// [`Source::Trades`] of the same prints they fill nothing: the exchange has met the prints already.
    TradeBars(&'a TradeTickColumns, BarRule),
}

/// The order of events of one instant: bars end there, quotes and prints begin the next interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Bar,
    Quote,
    Trade,
}

/// A source being read.
pub(super) struct Lane<'a> {
    pub(super) instrument: InstrumentId,
    vendor: VendorId,
    row: usize,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Memory(InMemory<'a>),
    Stream(Box<Streamed<'a>>),
    Trades(&'a TradeTickColumns),
    Quotes(&'a QuoteTickColumns, Standing),
    TradeBars(&'a TradeTickColumns, BarBuilder, Option<Bar>),
}

/// A series in memory.
struct InMemory<'a> {
    columns: BarSlices<'a>,
    timeframe: Timeframe,
    /// Start and end of the bar at the present row.
    bounds: (Timestamp, Timestamp),
    file: &'a str,
}

/// Columns as slices, close together: a merge of hundreds of series touches few cache lines for each bar.
#[derive(Clone, Copy, Default)]
struct BarSlices<'a> {
    start: &'a [Timestamp],
    open: &'a [Price],
    high: &'a [Price],
    low: &'a [Price],
    close: &'a [Price],
    volume: Option<&'a [Volume]>,
    vwap: Option<&'a [Option<Price>]>,
    trades: Option<&'a [Option<u32>]>,
}

impl<'a> BarSlices<'a> {
    #[inline]
    fn of(columns: &'a BarColumns) -> Self {
        Self {
            start: &columns.start,
            open: &columns.open,
            high: &columns.high,
            low: &columns.low,
            close: &columns.close,
            volume: columns.volume.as_deref(),
            vwap: columns.vwap.as_deref(),
            trades: columns.trades.as_deref(),
        }
    }
}

impl<'a> BarSlices<'a> {
    /// At most `count` rows from `row` on, of all columns as many: none where one of them ends before.
    #[inline(always)]
    fn rows(&self, row: usize, count: usize) -> Self {
        let count = count.min(self.start.len().saturating_sub(row));
        let end = row + count;
        let cut = || -> Option<Self> {
            Some(Self {
                start: self.start.get(row..end)?,
                open: self.open.get(row..end)?,
                high: self.high.get(row..end)?,
                low: self.low.get(row..end)?,
                close: self.close.get(row..end)?,
                volume: match self.volume {
                    Some(column) => Some(column.get(row..end)?),
                    None => None,
                },
                vwap: match self.vwap {
                    Some(column) => Some(column.get(row..end)?),
                    None => None,
                },
                trades: match self.trades {
                    Some(column) => Some(column.get(row..end)?),
                    None => None,
                },
            })
        };
        cut().unwrap_or_default()
    }
}

/// A stream and its batch.
struct Streamed<'a> {
    stream: Box<dyn BarStream + 'a>,
    batch: BarBatch,
    timeframe: Option<Timeframe>,
    bounds: (Timestamp, Timestamp),
}

/// The last known sides of a quote.
#[derive(Debug, Clone, Copy)]
struct Standing {
    bid: (Price, Quantity),
    ask: (Price, Quantity),
}

/// Begin and end of session bars, remembered for the date that was asked last: sources of one feed stand at
/// the same date most of the time.
#[derive(Debug)]
pub(super) struct SessionBounds {
    calendar: MarketCalendar,
    label: Timestamp,
    bounds: (Timestamp, Timestamp),
}

impl SessionBounds {
    pub(super) fn new() -> Self {
        Self {
            calendar: MarketCalendar::us_equities(),
            label: OVER,
            bounds: (OVER, OVER),
        }
    }

    /// Start and end of the bar with this label; `None` before New York's time is known.
    #[inline]
    fn of(&mut self, label: Timestamp, timeframe: Timeframe) -> Option<(Timestamp, Timestamp)> {
        match timeframe {
            Timeframe::Seconds(_) => Some((label, label.saturating_add(timeframe.nanos()))),
            Timeframe::Session => {
                if label != self.label {
                    self.bounds = self.session(label)?;
                    self.label = label;
                }
                Some(self.bounds)
            }
        }
    }

    #[cold]
    fn session(&self, label: Timestamp) -> Option<(Timestamp, Timestamp)> {
        match self.calendar.day(label.utc_date()) {
            Ok(Some(day)) => Some((day.open, day.close)),
            _ => interval(label, Timeframe::Session).ok(),
        }
    }
}

impl<'a> Lane<'a> {
    pub(super) fn new(instrument: InstrumentId, vendor: VendorId, source: Source<'a>) -> Self {
        let kind = match source {
            Source::Memory(series) => Kind::Memory(InMemory {
                columns: BarSlices::of(&series.columns),
                timeframe: series.timeframe,
                bounds: (OVER, OVER),
                file: &series.file,
            }),
            Source::Stream(stream) => Kind::Stream(Box::new(Streamed {
                stream,
                batch: BarBatch::default(),
                timeframe: None,
                bounds: (OVER, OVER),
            })),
            Source::Trades(ticks) => Kind::Trades(ticks),
            Source::Quotes(ticks) => Kind::Quotes(
                ticks,
                Standing {
                    bid: (Price::ZERO, Quantity::ZERO),
                    ask: (Price::ZERO, Quantity::ZERO),
                },
            ),
            Source::TradeBars(ticks, rule) => {
                Kind::TradeBars(ticks, BarBuilder::new(instrument, vendor, rule), None)
            }
        };
        Self {
            instrument,
            vendor,
            row: 0,
            kind,
        }
    }

    pub(super) const fn rank(&self) -> Rank {
        match self.kind {
            Kind::Memory(_) | Kind::Stream(_) | Kind::TradeBars(..) => Rank::Bar,
            Kind::Quotes(..) => Rank::Quote,
            Kind::Trades(_) => Rank::Trade,
        }
    }

    /// When the event at the present row is received; [`OVER`] at the end. To be called once for each row,
    /// before [`Self::take`].
    #[inline]
    pub(super) fn head(&mut self, sessions: &mut SessionBounds) -> Result<Timestamp, FeedError> {
        match &mut self.kind {
            Kind::Memory(series) => series.head(self.row, sessions),
            _ => self.head_elsewhere(sessions),
        }
    }

    fn head_elsewhere(&mut self, sessions: &mut SessionBounds) -> Result<Timestamp, FeedError> {
        let row = self.row;
        match &mut self.kind {
            Kind::Memory(series) => series.head(row, sessions),
            Kind::Stream(streamed) => streamed.head(&mut self.row, sessions),
            Kind::Trades(ticks) => Ok(ticks.time.get(row).copied().unwrap_or(OVER)),
            Kind::Quotes(ticks, _) => {
                let trusted = ticks.suspicious.iter().skip(row).position(|doubt| !doubt);
                self.row += trusted.unwrap_or(ticks.suspicious.len());
                Ok(ticks.time.get(self.row).copied().unwrap_or(OVER))
            }
            Kind::TradeBars(ticks, builder, next) => {
                *next = None;
                while next.is_none() {
                    let Some(trade) = print(ticks, self.row, self.instrument, self.vendor) else {
                        *next = builder.finish();
                        break;
                    };
                    self.row += 1;
                    *next = builder.add(&trade);
                }
                Ok(next.as_ref().map_or(OVER, |bar| bar.received))
            }
        }
    }

    /// Puts the event at the present row in the place of `event` and moves to the next one; `false`
    /// at the end.
    #[inline(always)]
    pub(super) fn put(&mut self, event: &mut Event) -> bool {
        if let (Kind::Memory(series), Event::Market(MarketEvent::Bar(place))) =
            (&self.kind, &mut *event)
        {
            // Field by field into the bar that is there: nothing is moved.
            let of = (self.instrument, self.vendor, series.timeframe);
            let Some(bar) = bar(&series.columns, self.row, series.bounds, of) else {
                return false;
            };
            *place = bar;
            self.row += 1;
            return true;
        }
        match self.take() {
            Some(taken) => {
                *event = Event::Market(taken);
                true
            }
            None => false,
        }
    }

    /// Puts the event at the present row into the first place, and those that follow it and are
    /// received before `until` into the next ones; gives how many there was place for.
    #[inline]
    pub(super) fn put_until(
        &mut self,
        until: Timestamp,
        sessions: &mut SessionBounds,
        places: &mut [SequencedEvent],
    ) -> usize {
        let Some((first, more)) = places.split_first_mut() else {
            return 0;
        };
        if !self.put(&mut first.event) {
            return 0;
        }
        let Kind::Memory(series) = &self.kind else {
            return 1;
        };
        let rows = series.columns.rows(self.row, more.len());
        let (instrument, vendor, timeframe) = (self.instrument, self.vendor, series.timeframe);
        let put = if let (Timeframe::Seconds(_), Some(volume), None, None) =
            (timeframe, rows.volume, rows.vwap, rows.trades)
        {
            // What most series are: every step of this loop is paid a million times.
            let length = timeframe.nanos();
            put_rows(more, until, |row| {
                let start = *rows.start.get(row)?;
                let time = start.saturating_add(length);
                Some(Bar {
                    instrument,
                    vendor,
                    timeframe,
                    start,
                    time,
                    received: time,
                    open: *rows.open.get(row)?,
                    high: *rows.high.get(row)?,
                    low: *rows.low.get(row)?,
                    close: *rows.close.get(row)?,
                    volume: *volume.get(row)?,
                    vwap: None,
                    trade_count: None,
                })
            })
        } else {
            put_rows(more, until, |row| {
                let bounds = sessions.of(*rows.start.get(row)?, timeframe)?;
                bar(&rows, row, bounds, (instrument, vendor, timeframe))
            })
        };
        self.row += put;
        put + 1
    }

    /// The event at the present row; moves to the next one. `None` at the end.
    pub(super) fn take(&mut self) -> Option<MarketEvent> {
        let row = self.row;
        self.row += 1;
        match &mut self.kind {
            Kind::Memory(series) => {
                let of = (self.instrument, self.vendor, series.timeframe);
                bar(&series.columns, row, series.bounds, of).map(MarketEvent::Bar)
            }
            Kind::Stream(streamed) => {
                let of = (self.instrument, self.vendor, streamed.timeframe?);
                let columns = BarSlices::of(&streamed.batch.columns);
                bar(&columns, row, streamed.bounds, of).map(MarketEvent::Bar)
            }
            Kind::Trades(ticks) => {
                print(ticks, row, self.instrument, self.vendor).map(MarketEvent::Trade)
            }
            Kind::Quotes(ticks, standing) => {
                let time = standing.update(ticks, row)?;
                Some(MarketEvent::Quote(Quote {
                    instrument: self.instrument,
                    vendor: self.vendor,
                    time,
                    received: time,
                    bid: standing.bid.0,
                    bid_size: standing.bid.1,
                    ask: standing.ask.0,
                    ask_size: standing.ask.1,
                }))
            }
            Kind::TradeBars(_, _, next) => {
                // The builder has moved on already.
                self.row = row;
                next.take().map(MarketEvent::Bar)
            }
        }
    }
}

impl InMemory<'_> {
    #[inline]
    fn head(&mut self, row: usize, sessions: &mut SessionBounds) -> Result<Timestamp, FeedError> {
        let Some(&label) = self.columns.start.get(row) else {
            return Ok(OVER);
        };
        match sessions.of(label, self.timeframe) {
            Some(bounds) => {
                self.bounds = bounds;
                Ok(bounds.1)
            }
            None => Err(time_unknown(self.file, row)),
        }
    }
}

impl Streamed<'_> {
    fn head(
        &mut self,
        row: &mut usize,
        sessions: &mut SessionBounds,
    ) -> Result<Timestamp, FeedError> {
        while *row >= self.batch.columns.len() {
            *row = 0;
            if !self.stream.next_batch(&mut self.batch)? {
                self.batch = BarBatch::default();
                return Ok(OVER);
            }
            self.admit_batch()?;
        }
        let (Some(&label), Some(timeframe)) = (self.batch.columns.start.get(*row), self.timeframe)
        else {
            return Ok(OVER);
        };
        self.bounds = sessions
            .of(label, timeframe)
            .ok_or_else(|| time_unknown(&self.stream.info().file, *row))?;
        Ok(self.bounds.1)
    }

    fn admit_batch(&mut self) -> Result<(), FeedError> {
        let info = self.stream.info();
        let file = || info.file.clone();
        if let [first, other, ..] = self.batch.symbols.as_slice() {
            return Err(FeedError::SeveralSymbols {
                file: file(),
                first: *first,
                other: *other,
            });
        }
        let timeframe = info
            .timeframe
            .ok_or_else(|| FeedError::NoTimeframe { file: file() })?;
        if self.timeframe.is_some_and(|known| known != timeframe) {
            return Err(FeedError::NoTimeframe { file: file() });
        }
        self.timeframe = Some(timeframe);
        Ok(())
    }
}

impl Standing {
    /// Takes a tick up; gives its time.
    #[inline]
    fn update(&mut self, ticks: &QuoteTickColumns, row: usize) -> Option<Timestamp> {
        let bid = (*ticks.bid.get(row)?, *ticks.bid_size.get(row)?);
        let ask = (*ticks.ask.get(row)?, *ticks.ask_size.get(row)?);
        if bid.0.is_positive() {
            self.bid = bid;
        }
        if ask.0.is_positive() {
            self.ask = ask;
        }
        ticks.time.get(row).copied()
    }
}

#[cold]
fn time_unknown(file: &str, row: usize) -> FeedError {
    FeedError::TimeUnknown {
        file: file.to_owned(),
        row: row + 1,
    }
}

#[inline]
fn print(
    ticks: &TradeTickColumns,
    row: usize,
    instrument: InstrumentId,
    vendor: VendorId,
) -> Option<Trade> {
    let time = *ticks.time.get(row)?;
    Some(Trade {
        instrument,
        vendor,
        time,
        received: time,
        price: *ticks.price.get(row)?,
        size: *ticks.size.get(row)?,
        conditions: *ticks.conditions.get(row)?,
    })
}

/// Puts the bars of rows into places, from the first on, as long as they are received before `until`;
/// gives how many.
#[inline(always)]
fn put_rows(
    places: &mut [SequencedEvent],
    until: Timestamp,
    mut bar: impl FnMut(usize) -> Option<Bar>,
) -> usize {
    let mut put = 0;
    for (row, place) in places.iter_mut().enumerate() {
        let Some(bar) = bar(row).filter(|bar| bar.received < until) else {
            break;
        };
        match &mut place.event {
            Event::Market(MarketEvent::Bar(place)) => *place = bar,
            other => *other = Event::Market(MarketEvent::Bar(bar)),
        }
        put += 1;
    }
    put
}

/// A bar. All columns are read before anything is put together, so that it is written once, to where the
/// caller wants it.
#[inline]
fn bar(
    columns: &BarSlices<'_>,
    row: usize,
    (start, time): (Timestamp, Timestamp),
    (instrument, vendor, timeframe): (InstrumentId, VendorId, Timeframe),
) -> Option<Bar> {
    let open = *columns.open.get(row)?;
    let high = *columns.high.get(row)?;
    let low = *columns.low.get(row)?;
    let close = *columns.close.get(row)?;
    let volume = match columns.volume {
        Some(volume) => *volume.get(row)?,
        None => Volume::ZERO,
    };
    let vwap = match columns.vwap {
        Some(vwap) => *vwap.get(row)?,
        None => None,
    };
    let trade_count = match columns.trades {
        Some(trades) => *trades.get(row)?,
        None => None,
    };
    Some(Bar {
        instrument,
        vendor,
        timeframe,
        start,
        time,
        received: time,
        open,
        high,
        low,
        close,
        volume,
        vwap,
        trade_count,
    })
}
