//! Synthetic markets: the same bars, trades and quotes for the same seed, on every machine.
//!
//! Prices walk in whole millionths with integer arithmetic only and are shown in cents, so that no
//! rounding of a platform or compiler can change a test.

use trader_domain::time::NANOS_PER_SECOND;
use trader_domain::{
    Bar, InstrumentId, MarketCalendar, Price, Quantity, Quote, Timeframe, Timestamp, Trade,
    TradeConditions, TradingDay, VendorId, Volume,
};

use crate::Random;

/// Millionths of a currency unit in a cent.
const MILLIONTHS_PER_CENT: i64 = 10_000;
const MINUTE: i64 = 60 * NANOS_PER_SECOND;
/// 2000-01-03, a Monday: thirty years of minute bars stay in the past.
const FIRST_DAY: Timestamp = Timestamp::from_nanos(946_857_600 * NANOS_PER_SECOND);

/// A price that walks: normal steps of a constant share of itself, never below one unit.
#[derive(Clone, Debug)]
struct Walk {
    random: Random,
    millionths: i64,
}

impl Walk {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::from_seed(seed),
            millionths: 100_000_000,
        }
    }

    /// A normal deviate of `share_bp100` hundredths of a basis point of the price, in millionths.
    fn deviate(&mut self, share_bp100: i64) -> i64 {
        let wide = i128::from(self.millionths)
            * i128::from(self.random.normal_65536())
            * i128::from(share_bp100);
        i64::try_from(wide / (65_536 * 1_000_000)).unwrap_or(0)
    }

    fn step(&mut self, share_bp100: i64) {
        self.millionths = (self.millionths + self.deviate(share_bp100)).max(1_000_000);
    }

    fn cents(&self) -> i64 {
        (self.millionths + MILLIONTHS_PER_CENT / 2) / MILLIONTHS_PER_CENT
    }
}

/// A price of whole cents.
///
/// # Panics
/// Above 92 million units.
fn price(cents: i64) -> Price {
    Price::from_units(cents * 10_000_000).unwrap_or_else(|error| panic!("{cents} cents: {error}"))
}

fn shares(count: i64) -> Quantity {
    Quantity::from_whole(count).unwrap_or_else(|error| panic!("{count} shares: {error}"))
}

/// Minute bars of one stock, every minute of every regular session from 2000 on (half days and
/// holidays as they were), with a volatility of six basis points a minute.
#[derive(Clone, Debug)]
pub struct MinuteBars {
    walk: Walk,
    instrument: InstrumentId,
    calendar: MarketCalendar,
    session: TradingDay,
    start: Timestamp,
}

impl MinuteBars {
    /// The bars of this seed, for instrument 0.
    pub fn from_seed(seed: u64) -> Self {
        let calendar = MarketCalendar::us_equities();
        let session = session_after(&calendar, FIRST_DAY.saturating_add(-1));
        Self {
            walk: Walk::new(seed),
            instrument: InstrumentId(0),
            start: session.open,
            calendar,
            session,
        }
    }

    /// The same for another instrument id.
    #[must_use]
    pub fn of(self, instrument: InstrumentId) -> Self {
        Self { instrument, ..self }
    }

    /// The start of the next minute in session.
    fn next_start(&mut self) -> Timestamp {
        if self.start >= self.session.close {
            self.session = session_after(&self.calendar, self.session.close);
            self.start = self.session.open;
        }
        let start = self.start;
        self.start = start.saturating_add(MINUTE);
        start
    }
}

/// The first session of a day after this instant's day.
///
/// # Panics
/// After 2099, where the calendar ends.
fn session_after(calendar: &MarketCalendar, instant: Timestamp) -> TradingDay {
    let session = calendar
        .next_trading_day(instant.utc_date())
        .and_then(|date| calendar.day(date));
    session
        .ok()
        .flatten()
        .unwrap_or_else(|| panic!("no trading day after {instant}"))
}

impl Iterator for MinuteBars {
    type Item = Bar;

    fn next(&mut self) -> Option<Bar> {
        let start = self.next_start();
        let open = self.walk.cents();
        self.walk.step(600);
        let close = self.walk.cents();
        let above = self.walk.deviate(300).abs() / MILLIONTHS_PER_CENT;
        let below = self.walk.deviate(300).abs() / MILLIONTHS_PER_CENT;
        let end = start.saturating_add(MINUTE);
        Some(Bar {
            instrument: self.instrument,
            vendor: VendorId::INTERNAL,
            timeframe: Timeframe::MINUTE,
            start,
            time: end,
            received: end,
            open: price(open),
            high: price(open.max(close) + above),
            low: price((open.min(close) - below).max(1)),
            close: price(close),
            volume: Volume::from_quantity(shares(self.walk.random.between(1_000, 50_000))),
            vwap: None,
            trade_count: None,
        })
    }
}

/// Trades and quotes of one stock without end, a millisecond to a second apart.
#[derive(Clone, Debug)]
pub struct Ticks {
    walk: Walk,
    instrument: InstrumentId,
    time: Timestamp,
}

/// A trade or a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// A print.
    Trade(Trade),
    /// A change of the best bid or offer.
    Quote(Quote),
}

impl Ticks {
    /// The ticks of this seed, for instrument 0.
    pub fn from_seed(seed: u64) -> Self {
        Self {
            walk: Walk::new(seed),
            instrument: InstrumentId(0),
            time: MinuteBars::from_seed(0).start,
        }
    }
}

impl Iterator for Ticks {
    type Item = Tick;

    fn next(&mut self) -> Option<Tick> {
        self.time = self
            .time
            .saturating_add(self.walk.random.between(1, 1_000) * 1_000_000);
        self.walk.step(20);
        let time = self.time;
        let cents = self.walk.cents();
        let random = &mut self.walk.random;
        let size = shares(random.between(1, 20) * 100);
        Some(if random.one_in(4) {
            Tick::Trade(Trade {
                instrument: self.instrument,
                vendor: VendorId::INTERNAL,
                time,
                received: time,
                price: price(cents),
                size,
                conditions: TradeConditions::REGULAR,
            })
        } else {
            let spread = random.between(1, 3);
            Tick::Quote(Quote {
                instrument: self.instrument,
                vendor: VendorId::INTERNAL,
                time,
                received: time,
                bid: price(cents),
                bid_size: size,
                ask: price(cents + spread),
                ask_size: shares(random.between(1, 20) * 100),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_sound_in_order_and_repeatable() {
        let bars: Vec<Bar> = MinuteBars::from_seed(11).take(10_000).collect();
        assert!(bars.iter().all(|bar| bar.validate().is_ok()));
        assert!(bars.windows(2).all(|pair| pair[0].time <= pair[1].start));
        assert_eq!(
            bars,
            MinuteBars::from_seed(11).take(10_000).collect::<Vec<_>>()
        );
        assert_ne!(
            bars,
            MinuteBars::from_seed(12).take(10_000).collect::<Vec<_>>()
        );
    }

    #[test]
    fn every_bar_lies_in_a_regular_session_and_half_days_are_short() {
        let calendar = MarketCalendar::us_equities();
        let year: Vec<Bar> = MinuteBars::from_seed(1).take(252 * 390).collect();
        for bar in &year {
            assert_eq!(
                calendar.phase_at(bar.start).unwrap().phase,
                trader_domain::Phase::Regular,
                "{}",
                bar.start
            );
        }
        // 2000-11-24, the day after Thanksgiving: closed at 13:00 in New York.
        let on = |date: &str| {
            year.iter()
                .filter(|bar| bar.start.to_string().starts_with(date))
                .count()
        };
        assert_eq!(
            (on("2000-11-22"), on("2000-11-23"), on("2000-11-24")),
            (390, 0, 210)
        );
    }

    #[test]
    fn ticks_are_in_order_with_two_sided_uncrossed_quotes() {
        let mut last = Timestamp::MIN;
        for tick in Ticks::from_seed(2).take(10_000) {
            let time = match tick {
                Tick::Trade(trade) => trade.time,
                Tick::Quote(quote) => {
                    assert!(quote.is_two_sided() && !quote.is_crossed());
                    quote.time
                }
            };
            assert!(time > last);
            last = time;
        }
    }
}
