//! [`Market`]: what the exchange keeps of one instrument. For an instrument without working orders
//! an event only overwrites a few fields here.

use trader_domain::{
    AssetClass, Bar, BookSide, Instrument, LuldBands, Price, Quantity, Quote, TickRule, Timestamp,
    Volume,
};

use crate::depth::{Depth, Level};
use crate::fees::FeeModel;

use crate::id_ring::NONE;

/// The last bar, as far as matching needs it; in the order of [`Bar`], so that keeping one is a few
/// wide moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastBar {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) received: Timestamp,
    pub(crate) open: Price,
    pub(crate) high: Price,
    pub(crate) low: Price,
    /// Zero before the first bar.
    pub(crate) close: Price,
    pub(crate) volume: Volume,
    /// How much of its volume our executions used.
    pub(crate) used: Quantity,
}

impl LastBar {
    const NONE: Self = Self {
        start: Timestamp::MIN,
        received: Timestamp::MIN,
        end: Timestamp::MIN,
        high: Price::ZERO,
        low: Price::ZERO,
        close: Price::ZERO,
        open: Price::ZERO,
        volume: Volume::ZERO,
        used: Quantity::ZERO,
    };

    /// Whether there was a bar and its prices are positive and enclosed.
    pub(crate) fn is_consistent(&self) -> bool {
        self.low.is_positive()
            && self.low <= self.open.min(self.close)
            && self.high >= self.open.max(self.close)
    }

    /// What is kept of a bar.
    #[inline(always)]
    pub(crate) const fn of(bar: &Bar) -> Self {
        Self {
            start: bar.start,
            received: bar.received,
            end: bar.time,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            open: bar.open,
            volume: bar.volume,
            used: Quantity::ZERO,
        }
    }
}

/// The last quote, and what our orders took of it since its price or size changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Top {
    /// [`Timestamp::MIN`] before the first quote.
    pub(crate) time: Timestamp,
    bid: Level,
    ask: Level,
}

impl Top {
    const EMPTY: Level = Level {
        price: Price::ZERO,
        size: Quantity::ZERO,
        taken: Quantity::ZERO,
    };
    const NONE: Self = Self {
        time: Timestamp::MIN,
        bid: Self::EMPTY,
        ask: Self::EMPTY,
    };

    /// Shows a new quote.
    #[inline]
    pub(crate) fn show(&mut self, quote: &Quote) {
        self.time = quote.time;
        let shown = |level: &mut Level, price, size| {
            if level.price != price || level.size != size {
                *level = Level {
                    price,
                    size,
                    taken: Quantity::ZERO,
                };
            }
        };
        shown(&mut self.bid, quote.bid, quote.bid_size);
        shown(&mut self.ask, quote.ask, quote.ask_size);
    }

    /// One side, if it is there.
    pub(crate) fn level(&self, side: BookSide) -> Option<Level> {
        let level = match side {
            BookSide::Bid => self.bid,
            BookSide::Ask => self.ask,
        };
        level.price.is_positive().then_some(level)
    }

    /// Notes that our orders took `quantity` of one side.
    pub(crate) fn take(&mut self, side: BookSide, quantity: Quantity) {
        let level = match side {
            BookSide::Bid => &mut self.bid,
            BookSide::Ask => &mut self.ask,
        };
        level.taken = level.taken.checked_add(quantity).unwrap_or(level.size);
    }
}

/// Whether orders are taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They are.
    Tradable,
    /// An index, or marked as not tradable.
    NotTradable,
    /// The fee schedule does not say what trading it costs.
    WithoutFees,
    /// It was delisted or merged away.
    Delisted,
}

impl Standing {
    fn of(instrument: &Instrument, fees: &FeeModel) -> Self {
        if !instrument.tradable || instrument.class == AssetClass::Index {
            Self::NotTradable
        } else if fees.covers(&instrument.class) {
            Self::Tradable
        } else {
            Self::WithoutFees
        }
    }
}

/// One instrument's market.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    /// First and last order in order of arrival.
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) multiplier: u32,
    pub(crate) standing: Standing,
    pub(crate) halted: bool,
    pub(crate) short_restricted: bool,
    pub(crate) bar: LastBar,
    pub(crate) quote: Top,
    /// When it last printed.
    pub(crate) printed: Timestamp,
    /// The book, once a first level was shown.
    pub(crate) book: Option<Box<Depth>>,
    pub(crate) bands: Option<LuldBands>,
    pub(crate) lot: Quantity,
    pub(crate) tick: TickRule,
}

impl Market {
    /// A market that has not traded.
    pub(crate) fn new(instrument: &Instrument, fees: &FeeModel) -> Self {
        Self {
            head: NONE,
            tail: NONE,
            multiplier: instrument.multiplier,
            standing: Standing::of(instrument, fees),
            halted: false,
            short_restricted: false,
            bar: LastBar::NONE,
            quote: Top::NONE,
            printed: Timestamp::MIN,
            book: None,
            bands: None,
            lot: instrument.lot,
            tick: instrument.tick,
        }
    }

    /// Whether anything may trade now.
    pub(crate) fn is_open(&self) -> bool {
        !self.halted && self.standing == Standing::Tradable
    }

    /// Whether a trade at `price` is within the LULD bands.
    pub(crate) fn within_bands(&self, price: Price) -> bool {
        self.bands
            .is_none_or(|bands| bands.lower <= price && price <= bands.upper)
    }

    /// A slipped price that would pass a LULD band stops at it.
    pub(crate) fn held_within_bands(&self, price: Price) -> Price {
        self.bands
            .map_or(price, |bands| price.min(bands.upper).max(bands.lower))
    }

    /// The best bid shown.
    pub(crate) fn best_bid(&self) -> Option<Price> {
        let level = match &self.book {
            Some(depth) => depth.level(BookSide::Bid, 0),
            None => self.quote.level(BookSide::Bid),
        };
        level.map(|level| level.price)
    }

    /// Forgets prices that a corporate action made wrong.
    pub(crate) fn forget_prices(&mut self) {
        self.bar.received = Timestamp::MIN;
        self.bar.close = Price::ZERO;
        self.quote = Top::NONE;
        self.bands = None;
        if let Some(depth) = &mut self.book {
            depth.clear();
        }
    }
}
