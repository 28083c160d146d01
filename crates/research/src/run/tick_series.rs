//! Days of ticks of one instrument: prints and quotes for the exchange, bars made of the prints for
//! strategies.

use trader_domain::{Bar, InstrumentId, MarketEvent, Timestamp, VendorId};
use trader_engine::driver::backtest::MarketFeed as _;
use trader_storage::lean::{QuoteTickColumns, TradeTickColumns};

use super::{BarRule, FeedError, HistoryFeed, Source};

/// One instrument's days of ticks.
#[derive(Debug, Clone)]
pub struct TickSeries {
    /// Prints, a day each, ascending.
    pub trades: Vec<TradeTickColumns>,
    /// Quotes, a day each, ascending.
    pub quotes: Vec<QuoteTickColumns>,
    /// How bars are made of the prints.
    pub bars: BarRule,
}

impl TickSeries {
    /// No ticks yet.
    pub const fn new(bars: BarRule) -> Self {
        Self {
            trades: Vec::new(),
            quotes: Vec::new(),
            bars,
        }
    }

    /// Adds the ticks and the bars made of them to a feed.
    pub fn feed<'a>(&'a self, id: InstrumentId, feed: &mut HistoryFeed<'a>) {
        for day in &self.quotes {
            feed.add(id, VendorId::INTERNAL, Source::Quotes(day));
        }
        for day in &self.trades {
            feed.add(id, VendorId::INTERNAL, Source::Trades(day));
        }
        self.feed_bars(id, feed);
    }

    /// Adds only the bars made of the prints.
    fn feed_bars<'a>(&'a self, id: InstrumentId, feed: &mut HistoryFeed<'a>) {
        for day in &self.trades {
            feed.add(id, VendorId::INTERNAL, Source::TradeBars(day, self.bars));
        }
    }

    /// The bars made of the prints.
    ///
    /// # Errors
    /// [`FeedError`], where ticks make no valid bar.
    pub fn bars(&self) -> Result<Vec<Bar>, FeedError> {
        let mut feed = HistoryFeed::new(Timestamp::MIN, Timestamp::MAX);
        self.feed_bars(InstrumentId(0), &mut feed);
        let mut bars = Vec::new();
        while let Some(event) = feed.next_event()? {
            if let MarketEvent::Bar(bar) = event {
                bars.push(bar);
            }
        }
        Ok(bars)
    }

    /// When the intervals end that hold prints, ascending.
    pub fn bar_ends(&self) -> Vec<Timestamp> {
        let length = self.bars.length();
        let times = self.trades.iter().flat_map(|day| &day.time);
        let mut ends: Vec<Timestamp> = times
            .map(|time| time.saturating_add(length - time.nanos().rem_euclid(length)))
            .collect();
        ends.dedup();
        ends
    }
}
