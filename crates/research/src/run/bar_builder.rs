//! Bars from prints, so that strategies that want bars run on tick data.
//!
//! Which print sets which price follows the consolidated tape's rules for sale conditions
//! ([`TradeConditions`]): open and close come from prints that update the last sale, high and low from those
//! that update high and low, volume from those that count for it. What the vendor suspects counts for nothing.
//! An interval without a print that updates the last sale has no bar: it had no price.
//!
//! Intervals begin at whole multiples of their length since midnight UTC, 1970; a print at the end of an
//! interval belongs to the next one. A bar is known when its interval is over, not before.

use trader_domain::{
    Bar, InstrumentId, NANOS_PER_SECOND, Price, Timeframe, Timestamp, Trade, TradeConditions,
    VendorId, Volume,
};

/// Which prints set prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PricedHours {
    /// Those of regular hours, as on the consolidated tape.
    #[default]
    Regular,
    /// Those marked as extended hours too, as vendors do for bars before 09:30 and after 16:00.
    Extended,
}

/// What the bars are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarRule {
    /// Length in seconds.
    pub seconds: std::num::NonZeroU32,
    /// Which prints set prices.
    pub hours: PricedHours,
}

impl BarRule {
    /// Length of a bar in nanoseconds.
    pub(super) const fn length(&self) -> i64 {
        self.seconds.get() as i64 * NANOS_PER_SECOND
    }
}

/// A bar in the making.
#[derive(Debug, Clone, Copy)]
struct Unfinished {
    start: Timestamp,
    /// Open and close, once a print has set them.
    last: Option<(Price, Price)>,
    /// High and low, once a print has set them.
    range: Option<(Price, Price)>,
    volume: Volume,
    prints: u32,
}

/// Puts prints of one instrument together.
#[derive(Debug, Clone)]
pub struct BarBuilder {
    instrument: InstrumentId,
    vendor: VendorId,
    rule: BarRule,
    current: Option<Unfinished>,
}

impl BarBuilder {
    /// A builder that has seen nothing.
    pub const fn new(instrument: InstrumentId, vendor: VendorId, rule: BarRule) -> Self {
        Self {
            instrument,
            vendor,
            rule,
            current: None,
        }
    }

    /// The interval that holds an instant.
    fn start_of(&self, time: Timestamp) -> Timestamp {
        let length = self.rule.length();
        time.saturating_add(-time.nanos().rem_euclid(length))
    }

    /// Takes the next print; gives the bar of the interval before, if that is over and had a price.
    ///
    /// Prints come in order of time.
    #[inline]
    pub fn add(&mut self, trade: &Trade) -> Option<Bar> {
        let mut finished = None;
        let over = self
            .current
            .is_none_or(|bar| trade.time.nanos_since(bar.start) >= self.rule.length());
        if over {
            finished = self.finish();
            self.current = Some(Unfinished {
                start: self.start_of(trade.time),
                last: None,
                range: None,
                volume: Volume::ZERO,
                prints: 0,
            });
        }
        if let Some(bar) = &mut self.current {
            bar.add(trade, self.rule.hours);
        }
        finished
    }

    /// Ends the interval in the making; `None` when there is none or it has no price.
    pub fn finish(&mut self) -> Option<Bar> {
        let bar = self.current.take()?;
        let (open, close) = bar.last?;
        let (high, low) = bar.range?;
        let end = bar.start.saturating_add(self.rule.length());
        Some(Bar {
            instrument: self.instrument,
            vendor: self.vendor,
            timeframe: Timeframe::Seconds(self.rule.seconds.get()),
            start: bar.start,
            time: end,
            received: end,
            open,
            high,
            low,
            close,
            volume: bar.volume,
            vwap: None,
            trade_count: Some(bar.prints),
        })
    }
}

impl Unfinished {
    #[inline]
    fn add(&mut self, trade: &Trade, hours: PricedHours) {
        if trade.conditions.contains(TradeConditions::SUSPICIOUS) {
            return;
        }
        let pricing = match hours {
            PricedHours::Regular => trade.conditions,
            PricedHours::Extended => {
                TradeConditions(trade.conditions.0 & !TradeConditions::EXTENDED_HOURS.0)
            }
        };
        let price = trade.price;
        if pricing.updates_high_low() {
            let (high, low) = self.range.unwrap_or((price, price));
            self.range = Some((high.max(price), low.min(price)));
        }
        if pricing.updates_last() {
            let (open, _) = self.last.unwrap_or((price, price));
            self.last = Some((open, price));
        }
        if trade.conditions.updates_volume() {
            // A sum out of range (billions of shares in one interval) stays at the largest volume.
            let size = Volume::from_quantity(trade.size);
            self.volume = self.volume.checked_add(size).unwrap_or(Volume::MAX);
            self.prints = self.prints.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use trader_domain::Quantity;

    use super::*;

    fn trade(second: i64, cents: i32, size: i32, conditions: TradeConditions) -> Trade {
        let time = Timestamp::from_nanos(second * NANOS_PER_SECOND);
        Trade {
            instrument: InstrumentId(3),
            vendor: VendorId::INTERNAL,
            time,
            received: time,
            price: Price::whole(cents),
            size: Quantity::whole(size),
            conditions,
        }
    }

    fn builder(hours: PricedHours) -> BarBuilder {
        let seconds = std::num::NonZeroU32::new(60).unwrap();
        BarBuilder::new(
            InstrumentId(3),
            VendorId::INTERNAL,
            BarRule { seconds, hours },
        )
    }

    #[test]
    fn each_print_sets_what_its_conditions_allow() {
        let mut bars = builder(PricedHours::Regular);
        let regular = TradeConditions::REGULAR;
        let prints = [
            trade(60, 50, 1, TradeConditions::ODD_LOT),
            trade(61, 10, 100, regular),
            trade(70, 14, 100, TradeConditions::OUT_OF_SEQUENCE),
            trade(80, 90, 100, TradeConditions::EXTENDED_HOURS),
            trade(90, 99, 100, TradeConditions::SUSPICIOUS),
            trade(95, 98, 100, TradeConditions::OFFICIAL),
            trade(119, 11, 100, regular),
        ];
        for print in &prints {
            assert_eq!(bars.add(print), None);
        }
        // At 120 s the next minute begins.
        let bar = bars.add(&trade(120, 12, 100, regular)).unwrap();
        assert!(bar.validate().is_ok());
        assert_eq!((bar.open, bar.close), (Price::whole(10), Price::whole(11)));
        assert_eq!((bar.high, bar.low), (Price::whole(14), Price::whole(10)));
        assert_eq!(bar.volume, Volume::whole(401));
        assert_eq!(bar.trade_count, Some(5));
        assert_eq!(bar.start, Timestamp::from_nanos(60 * NANOS_PER_SECOND));
        assert_eq!(bar.received, Timestamp::from_nanos(120 * NANOS_PER_SECOND));
        assert_eq!(bars.finish().unwrap().close, Price::whole(12));
        assert_eq!(bars.finish(), None);
    }

    #[test]
    fn an_interval_without_a_price_has_no_bar() {
        let mut bars = builder(PricedHours::Regular);
        assert_eq!(bars.add(&trade(0, 10, 5, TradeConditions::ODD_LOT)), None);
        assert_eq!(bars.add(&trade(300, 10, 5, TradeConditions::REGULAR)), None);
        assert!(bars.finish().is_some());

        let late = trade(0, 10, 5, TradeConditions::EXTENDED_HOURS);
        let mut regular = builder(PricedHours::Regular);
        regular.add(&late);
        assert_eq!(regular.finish(), None);
        let mut extended = builder(PricedHours::Extended);
        extended.add(&late);
        assert_eq!(extended.finish().unwrap().close, Price::whole(10));
    }
}
