//! Bars from prints: of a length of time, a number of prints, a volume, an amount of money.
//!
//! Which prints set which price is a matter of sale conditions ([`SaleRules`]). Exact: no floats. A print is never split, so a volume bar may
//! hold more than its volume.

use chrono::Timelike as _;
use thiserror::Error;
use trader_domain::calendar::EasternTime;
use trader_domain::{
    Money, MoneyError, NANOS_PER_SECOND, Price, Quantity, Rounding, Timestamp, TradeConditions,
    Volume,
};

use super::event::Print;

/// Which prints set open, high, low, close and volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaleRules {
    /// The CTA and UTP plans' rules for consolidated processing. Outside regular trading, extended-hours prints count.
    Consolidated,
    /// The rules of the minute files of LEAN data folders: in regular trading, prints of intermarket sweeps and at
    /// average prices count for volume only; outside it everything sets prices. Found by comparing the files with the
    /// ticks they were made of.
    Lean,
}

/// When a bar ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarRule {
    /// At the next multiple of this many seconds since the epoch.
    Time {
        /// Length, above zero.
        seconds: u32,
    },
    /// After this many prints that count for volume.
    Ticks(u32),
    /// Once this volume is reached.
    Volume(Volume),
    /// Once price times size adds up to this amount.
    Dollars(Money),
}

/// A print, as far as bars are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When it traded.
    pub time: Timestamp,
    /// Price.
    pub price: Price,
    /// Shares.
    pub size: Quantity,
    /// Sale conditions.
    pub conditions: TradeConditions,
}

impl Tick {
    /// A print of a stream.
    pub const fn of(time: Timestamp, print: &Print) -> Self {
        Self {
            time,
            price: print.price,
            size: print.size,
            conditions: print.conditions,
        }
    }
}

/// A finished bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltBar {
    /// Start of the interval, or the time of the first print.
    pub start: Timestamp,
    /// End of the interval, or the time of the last print.
    pub end: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Shares.
    pub volume: Volume,
    /// Volume-weighted average price of all that counts for volume, rounded half to even.
    pub vwap: Option<Price>,
    /// Prints that count for volume.
    pub trades: u32,
}

/// Why a print cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AggregationError {
    /// A bar of no length.
    #[error("a bar must have a length: the rule says zero or less")]
    EmptyRule,
    /// Sums do not fit.
    #[error("the bar's sums do not fit")]
    Money(#[from] MoneyError),
}

/// What became of a print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TickEnd {
    /// It is in the bar that is being built.
    Counted,
    /// Its sale conditions keep it out of prices and volume.
    CountsForNothing,
    /// Its bar is finished already.
    Late,
}

/// Prints that did not get into a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Prints whose bar was finished.
    pub late: u64,
    /// Prints that count for nothing.
    pub uncounted: u64,
    /// Intervals with volume and without a print that sets all prices: no bar.
    pub unpriced: u64,
}

/// Builds the bars of one symbol.
#[derive(Clone, Debug)]
pub struct BarBuilder {
    rule: BarRule,
    sales: SaleRules,
    open: Option<OpenBar>,
    /// End of the last finished time bar.
    behind: Timestamp,
    left_out: LeftOut,
}

#[derive(Clone, Copy, Debug)]
struct OpenBar {
    start: Timestamp,
    end: Timestamp,
    first: Option<Price>,
    extremes: Option<(Price, Price)>,
    last: Option<Price>,
    size: Quantity,
    money: Money,
    trades: u32,
}

impl BarBuilder {
    /// No print yet.
    ///
    /// # Errors
    /// [`AggregationError::EmptyRule`].
    pub fn new(rule: BarRule, sales: SaleRules) -> Result<Self, AggregationError> {
        let has_length = match rule {
            BarRule::Time { seconds } => seconds > 0,
            BarRule::Ticks(count) => count > 0,
            BarRule::Volume(volume) => volume.is_positive(),
            BarRule::Dollars(amount) => amount.is_positive(),
        };
        if !has_length {
            return Err(AggregationError::EmptyRule);
        }
        Ok(Self {
            rule,
            sales,
            open: None,
            behind: Timestamp::MIN,
            left_out: LeftOut::default(),
        })
    }

    /// Adds a print; bars that end by it are added to `out`.
    ///
    /// # Errors
    /// [`AggregationError::Money`]; the print is then in no bar.
    pub fn push(
        &mut self,
        tick: &Tick,
        out: &mut Vec<BuiltBar>,
    ) -> Result<TickEnd, AggregationError> {
        if let BarRule::Time { seconds } = self.rule {
            if tick.time < self.behind {
                self.left_out.late += 1;
                return Ok(TickEnd::Late);
            }
            let length = i64::from(seconds) * NANOS_PER_SECOND;
            let start = tick.time.nanos().div_euclid(length).saturating_mul(length);
            let (start, end) = (
                Timestamp::from_nanos(start),
                Timestamp::from_nanos(start.saturating_add(length)),
            );
            match self.open {
                Some(open) if tick.time < open.start => {
                    self.left_out.late += 1;
                    return Ok(TickEnd::Late);
                }
                Some(open) if start > open.start => self.close(out)?,
                _ => {}
            }
            self.add(tick, start, end)
        } else {
            let end = self.add(tick, tick.time, tick.time)?;
            if self.is_full() {
                self.close(out)?;
            }
            Ok(end)
        }
    }

    /// Finishes a time bar whose interval is over, also when no print follows.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn advance(
        &mut self,
        now: Timestamp,
        out: &mut Vec<BuiltBar>,
    ) -> Result<(), AggregationError> {
        let is_time = matches!(self.rule, BarRule::Time { .. });
        if is_time && self.open.is_some_and(|open| open.end <= now) {
            self.close(out)?;
        }
        Ok(())
    }

    /// What was left out so far.
    pub const fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Finishes the bar that is being built.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn close(&mut self, out: &mut Vec<BuiltBar>) -> Result<(), AggregationError> {
        let Some(bar) = self.open.take() else {
            return Ok(());
        };
        if matches!(self.rule, BarRule::Time { .. }) {
            self.behind = bar.end;
        }
        let (Some(open), Some((high, low)), Some(close)) = (bar.first, bar.extremes, bar.last)
        else {
            self.left_out.unpriced += 1;
            return Ok(());
        };
        let vwap = if bar.size.is_positive() {
            Some(bar.money.per_unit(bar.size, Rounding::HalfEven)?)
        } else {
            None
        };
        out.push(BuiltBar {
            start: bar.start,
            end: bar.end,
            open,
            // A print may set the last price and not the extremes.
            high: high.max(open).max(close),
            low: low.min(open).min(close),
            close,
            volume: Volume::from_quantity(bar.size),
            vwap,
            trades: bar.trades,
        });
        Ok(())
    }

    fn add(
        &mut self,
        tick: &Tick,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<TickEnd, AggregationError> {
        let effect = self.sales.effect(tick);
        if effect == Effect::NOTHING {
            self.left_out.uncounted += 1;
            return Ok(TickEnd::CountsForNothing);
        }
        let mut bar = self.open.unwrap_or(OpenBar {
            start,
            end,
            first: None,
            extremes: None,
            last: None,
            size: Quantity::ZERO,
            money: Money::ZERO,
            trades: 0,
        });
        bar.end = bar.end.max(end);
        if effect.volume {
            bar.size = bar.size.checked_add(tick.size)?;
            bar.money = bar.money.checked_add(tick.price.notional(tick.size))?;
            bar.trades = bar.trades.saturating_add(1);
        }
        if effect.high_low {
            bar.extremes = Some(
                bar.extremes
                    .map_or((tick.price, tick.price), |(high, low)| {
                        (high.max(tick.price), low.min(tick.price))
                    }),
            );
        }
        if effect.last {
            bar.first.get_or_insert(tick.price);
            bar.last = Some(tick.price);
        }
        self.open = Some(bar);
        Ok(TickEnd::Counted)
    }

    fn is_full(&self) -> bool {
        let Some(bar) = self.open else { return false };
        match self.rule {
            BarRule::Time { .. } => false,
            BarRule::Ticks(count) => bar.trades >= count,
            BarRule::Volume(volume) => Volume::from_quantity(bar.size) >= volume,
            BarRule::Dollars(amount) => bar.money >= amount,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Effect {
    last: bool,
    high_low: bool,
    volume: bool,
}

impl Effect {
    const NOTHING: Self = Self {
        last: false,
        high_low: false,
        volume: false,
    };
}

impl SaleRules {
    fn effect(self, tick: &Tick) -> Effect {
        let conditions = tick.conditions;
        let is_regular = is_regular_session(tick.time);
        match self {
            Self::Consolidated => {
                let judged = if is_regular {
                    conditions
                } else {
                    TradeConditions(conditions.0 & !TradeConditions::EXTENDED_HOURS.0)
                };
                Effect {
                    last: judged.updates_last(),
                    high_low: judged.updates_high_low(),
                    volume: judged.updates_volume(),
                }
            }
            Self::Lean => {
                if conditions.contains(TradeConditions::SUSPICIOUS)
                    || conditions.contains(TradeConditions::CANCELED)
                {
                    return Effect::NOTHING;
                }
                let quiet = conditions.contains(TradeConditions::INTERMARKET_SWEEP)
                    || conditions.contains(TradeConditions::AVERAGE_PRICE);
                let sets = !(is_regular && quiet);
                Effect {
                    last: sets,
                    high_low: sets,
                    volume: true,
                }
            }
        }
    }
}

/// 9:30 to 16:00 in New York.
fn is_regular_session(time: Timestamp) -> bool {
    EasternTime::at(time)
        .is_ok_and(|eastern| (34_200..57_600).contains(&eastern.time.num_seconds_from_midnight()))
}
