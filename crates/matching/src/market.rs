//! [`Market`]: what the exchange keeps of one instrument. For an instrument without working orders
//! an event only overwrites a few fields here.

use trader_domain::{Bar, Instrument, LuldBands, Price, Quantity, TickRule, Timestamp, Volume};

use crate::id_ring::NONE;

/// The last bar, as far as matching needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastBar {
    pub(crate) start: Timestamp,
    pub(crate) received: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) high: Price,
    pub(crate) low: Price,
    /// Zero before the first bar.
    pub(crate) close: Price,
    pub(crate) open: Price,
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

    /// What is kept of a bar.
    #[inline]
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

/// One instrument's market.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    /// First and last order in order of arrival.
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) multiplier: u32,
    pub(crate) tradable: bool,
    pub(crate) halted: bool,
    pub(crate) delisted: bool,
    pub(crate) short_restricted: bool,
    pub(crate) bar: LastBar,
    pub(crate) bands: Option<LuldBands>,
    pub(crate) lot: Quantity,
    pub(crate) tick: TickRule,
}

impl Market {
    /// A market that has not traded.
    pub(crate) fn new(instrument: &Instrument) -> Self {
        Self {
            head: NONE,
            tail: NONE,
            multiplier: instrument.multiplier,
            tradable: instrument.tradable,
            halted: false,
            delisted: false,
            short_restricted: false,
            bar: LastBar::NONE,
            bands: None,
            lot: instrument.lot,
            tick: instrument.tick,
        }
    }

    /// Whether a trade at `price` is within the LULD bands.
    pub(crate) fn within_bands(&self, price: Price) -> bool {
        self.bands
            .is_none_or(|bands| bands.lower <= price && price <= bands.upper)
    }
}
