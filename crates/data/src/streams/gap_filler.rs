//! Fills what an outage of a stream left out, from history, or says why it cannot.

use std::sync::Arc;

use chrono::NaiveDate;
use trader_domain::calendar::EasternTime;
use trader_domain::{NANOS_PER_SECOND, Symbol, Timeframe, Timestamp};
use trader_storage::{BarBatch, DataError, FaultPolicy, ReadOptions};

use super::event::{BarUpdate, Body, Channel, Origin, StreamEvent};
use super::pool::Outage;
use crate::error::with_causes;
use crate::source::{DateRange, HistoricalSource, HistoryRequest, SymbolMeaning};

/// What became of an outage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Events of the time of the outage, in order.
    pub events: Vec<StreamEvent>,
    /// Channels that history does not have, and what failed; empty when the outage is filled.
    pub missing: Vec<String>,
}

/// Asks history for what a stream missed. Asked on a thread that may block.
pub trait GapFiller: Send + Sync {
    /// The events that topics had in the time of an outage.
    fn fill(&self, outage: &Outage, received: Timestamp) -> Filled;
}

/// Minute bars out of a [`HistoricalSource`]; other channels are reported as missing.
pub struct BarGapFiller {
    source: Arc<dyn HistoricalSource>,
    vendor: &'static str,
}

impl BarGapFiller {
    /// Bars of `source`, which must deliver minute bars of the stream's vendor.
    pub fn new(source: Arc<dyn HistoricalSource>, vendor: &'static str) -> Self {
        Self { source, vendor }
    }

    /// The bars, and how many rows of history could not be used.
    fn bars(
        &self,
        symbol: Symbol,
        outage: &Outage,
        received: Timestamp,
    ) -> Result<(Vec<StreamEvent>, usize), DataError> {
        let (from, to) = (date(outage.from), date(outage.until));
        let request = HistoryRequest {
            symbols: vec![symbol],
            meaning: SymbolMeaning::Names,
            dates: DateRange { from, to },
            timeframe: Some(Timeframe::MINUTE),
            only: None,
            today: to.unwrap_or_default(),
        };
        let mut options = ReadOptions::new(received);
        options.faults = FaultPolicy::SetAside;
        let (mut events, mut rejected) = (Vec::new(), 0);
        for unit in self.source.plan(&request)? {
            let mut stream = self.source.open(&unit, &options)?.stream;
            let mut batch = BarBatch::default();
            while stream.next_batch(&mut batch)? {
                events.extend(events_of(&batch, self.vendor, symbol, outage, received));
            }
            rejected += stream.take_rejects().len();
        }
        Ok((events, rejected))
    }
}

impl GapFiller for BarGapFiller {
    fn fill(&self, outage: &Outage, received: Timestamp) -> Filled {
        let mut filled = Filled {
            events: Vec::new(),
            missing: Vec::new(),
        };
        for topic in &outage.topics {
            if topic.channel != Channel::Bars {
                filled
                    .missing
                    .push(format!("{topic}: not in the history that is asked"));
                continue;
            }
            match self.bars(topic.symbol, outage, received) {
                Ok((events, rejected)) => {
                    filled.events.extend(events);
                    if rejected > 0 {
                        let text = format!("{topic}: {rejected} faulty rows of history");
                        filled.missing.push(text);
                    }
                }
                Err(error) => filled
                    .missing
                    .push(format!("{topic}: {}", with_causes(&error))),
            }
        }
        filled.events.sort_by_key(|event| event.time);
        filled
    }
}

/// The bars that ended within the outage.
fn events_of(
    batch: &BarBatch,
    vendor: &'static str,
    symbol: Symbol,
    outage: &Outage,
    received: Timestamp,
) -> Vec<StreamEvent> {
    let columns = &batch.columns;
    let mut events = Vec::new();
    for (at, start) in columns.start.iter().enumerate() {
        let end = start.saturating_add(60 * NANOS_PER_SECOND);
        if end <= outage.from || end > outage.until {
            continue;
        }
        let (Some(open), Some(high), Some(low), Some(close)) = (
            columns.open.get(at),
            columns.high.get(at),
            columns.low.get(at),
            columns.close.get(at),
        ) else {
            continue;
        };
        let volume = columns.volume.as_ref().and_then(|column| column.get(at));
        let vwap = columns.vwap.as_ref().and_then(|column| column.get(at));
        let trades = columns.trades.as_ref().and_then(|column| column.get(at));
        events.push(StreamEvent {
            vendor,
            symbol,
            time: end,
            received,
            origin: Origin::History,
            sequence: None,
            body: Body::Bar(BarUpdate {
                channel: Channel::Bars,
                start: *start,
                open: *open,
                high: *high,
                low: *low,
                close: *close,
                volume: volume.copied().unwrap_or_default(),
                vwap: vwap.copied().flatten(),
                trades: trades.copied().flatten(),
            }),
        });
    }
    events
}

fn date(time: Timestamp) -> Option<NaiveDate> {
    EasternTime::at(time).ok().map(|eastern| eastern.date)
}
