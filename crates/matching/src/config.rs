//! [`ExchangeConfig`]: which models the exchange simulates with. Every field changes what is
//! filled, when, or at what price; the defaults are the cautious choice with bars.

use thiserror::Error;
use trader_domain::Rate;

use crate::fees::FeeModel;
use crate::latency::Latency;
use crate::queue::QueueModel;
use crate::slippage::Slippage;

/// At which price of which bar a market order fills, and how stops and limits meet a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FillRule {
    /// At the open of the first bar that begins after the order arrived. Stops and limits work
    /// within bars as in [`PathModel::WorstCase`].
    #[default]
    NextOpen,
    /// At the close of the bar that ends at the instant of the order: for studies that decide and
    /// trade on the same close. Everything else as in [`FillRule::NextOpen`].
    ThisClose,
    /// As [`FillRule::NextOpen`], with stops, limits and trails walking a path through the bar.
    IntrabarPath(PathModel),
}

/// In which order a bar visits its extremes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathModel {
    /// Open, high, low, close.
    HighFirst,
    /// Open, low, high, close.
    LowFirst,
    /// The extreme nearer to the open first; at equal distance the one away from the close.
    NearestFirst,
    /// Not known: each order meets the order of extremes that is worst for it.
    WorstCase,
}

/// When a resting limit order fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LimitFill {
    /// When the market trades at its price.
    #[default]
    Touch,
    /// When the market trades beyond its price, so that the queue at the price is gone.
    Through,
}

/// How much of a displayed price level orders can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DisplayedSize {
    /// What is shown and was not taken by us already; a level shown without size offers nothing.
    #[default]
    Shown,
    /// Any quantity.
    Unlimited,
}

/// What a split does to resting orders. Mergers and reverse splits always cancel them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SplitOrders {
    /// Cancels them: prices and quantities of before mean nothing after.
    #[default]
    Cancel,
    /// Adjusts price and quantity by the ratio and reports it as a replacement: prices of buy
    /// limits and sell stops round down to the tick, others up; quantities round down to the lot.
    Adjust,
}

/// What the ex-date of a cash dividend does to resting orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DividendOrders {
    /// Lowers GTC and GTD buy limits and sell stops by the dividend, rounded down to the tick, and
    /// reports it as a replacement (FINRA Rule 5330; dividends below 0.01 change nothing).
    #[default]
    Reduce,
    /// Leaves them (orders marked "do not reduce").
    Keep,
}

/// How long before an auction its orders are taken, with a trading calendar; in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuctionCutoffs {
    /// Orders for the open: refused from this long before it until the close.
    pub open: i64,
    /// Orders for the close: refused from this long before it until the end of after-hours.
    pub close: i64,
}

impl Default for AuctionCutoffs {
    /// Two minutes before the open, ten before the close.
    fn default() -> Self {
        const MINUTE: i64 = 60 * trader_domain::NANOS_PER_SECOND;
        Self {
            open: 2 * MINUTE,
            close: 10 * MINUTE,
        }
    }
}

/// The models of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExchangeConfig {
    /// How bars fill orders.
    pub fill_rule: FillRule,
    /// When resting limit orders fill.
    pub limit_fill: LimitFill,
    /// Largest share of a bar's or print's volume that our orders may be together; `None` fills
    /// any size at once.
    pub participation: Option<Rate>,
    /// How much of what quotes and books show can be taken.
    pub displayed_size: DisplayedSize,
    /// Where resting limit orders stand in the queue at their price (quotes and books).
    pub queue: QueueModel,
    /// How much worse than shown takers trade.
    pub slippage: Slippage,
    /// How long messages take.
    pub latency: Latency,
    /// What trading costs.
    pub fees: FeeModel,
    /// What splits do to resting orders.
    pub split_orders: SplitOrders,
    /// What dividends do to resting orders.
    pub dividend_orders: DividendOrders,
    /// When auction orders come too late.
    pub auction_cutoffs: AuctionCutoffs,
}

/// A configuration that cannot be simulated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// A share outside 0 to 1.
    #[error("{field} is {found}, it must be above 0 and at most 1")]
    NotAShare {
        /// Which field.
        field: &'static str,
        /// Its value.
        found: Rate,
    },
    /// A slippage or fee rate below zero.
    #[error("{0} must not be negative")]
    Negative(
        /// Which field.
        &'static str,
    ),
    /// A latency table that is empty, unsorted or has negative delays, or bounds the wrong way round.
    #[error(
        "the latency model cannot be used: delays must not be negative, tables must not be empty \
         and be in ascending order of time, bounds must not be reversed"
    )]
    Latency,
    /// Trading on the bar decided on and latency exclude each other.
    #[error("the fill rule `ThisClose` cannot be combined with latency")]
    ThisCloseWithLatency,
}

impl ExchangeConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first [`ConfigError`] found.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if let Some(found) = self.participation
            && (!found.is_positive() || found > Rate::ONE)
        {
            return Err(ConfigError::NotAShare {
                field: "participation",
                found,
            });
        }
        if self.slippage.is_negative() {
            return Err(ConfigError::Negative("slippage"));
        }
        if self.auction_cutoffs.open < 0 || self.auction_cutoffs.close < 0 {
            return Err(ConfigError::Negative("auction_cutoffs"));
        }
        if !self.latency.is_usable() {
            return Err(ConfigError::Latency);
        }
        if self.fill_rule == FillRule::ThisClose && !self.latency.is_none() {
            return Err(ConfigError::ThisCloseWithLatency);
        }
        Ok(())
    }

    /// How bars are walked.
    pub(crate) const fn path_model(&self) -> PathModel {
        match self.fill_rule {
            FillRule::NextOpen | FillRule::ThisClose => PathModel::WorstCase,
            FillRule::IntrabarPath(model) => model,
        }
    }
}
