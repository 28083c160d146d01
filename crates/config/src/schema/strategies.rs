//! Parameters of the built-in strategies: a section for each, named like the strategy with `_` for
//! `-`, and a key for each of its parameters, with the same default and range.
//!
//! Programs read a section as a whole, through [`Config::render`](super::Config::render), and hand it
//! to the strategy of its name; flags of a run win over it.

use trader_domain::money::{Quantity, Rate};

use crate::key::section;

section! {
    /// Buys every instrument at the start and keeps it.
    pub struct BuyAndHoldSettings in "strategies.buy_and_hold." {
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, )", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Long while the fast simple average of closes is above the slow one.
    pub struct SmaCrossoverSettings in "strategies.sma_crossover." {
        /// Bars in the fast average.
        fast: u32 = "10", unit "bars", range "[1, 100000]", restart;
        /// Bars in the slow average; more than in the fast one.
        slow: u32 = "30", unit "bars", range "[1, 100000]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, )", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Long while the fast exponential average of closes is above the slow one.
    pub struct EmaCrossoverSettings in "strategies.ema_crossover." {
        /// Bars in the fast average.
        fast: u32 = "10", unit "bars", range "[1, 100000]", restart;
        /// Bars in the slow average; more than in the fast one.
        slow: u32 = "30", unit "bars", range "[1, 100000]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, )", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Buys far below the rolling mean and sells near it.
    pub struct ZscoreReversionSettings in "strategies.zscore_reversion." {
        /// Bars in the rolling mean and deviation.
        lookback: u32 = "20", unit "bars", range "[2, 10000]", restart;
        /// Distance below the mean at which it buys.
        entry: Rate = "2", unit "standard deviations", range "[0.01, 10]", restart;
        /// Distance below the mean at which it sells; below zero, it is above the mean.
        exit: Rate = "0.5", unit "standard deviations", range "[-5, 10]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, )", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Buys short-term weakness in a long-term up-trend (Connors' RSI-2).
    pub struct Rsi2ReversionSettings in "strategies.rsi2_reversion." {
        /// Bars in the relative strength index.
        length: u32 = "2", unit "bars", range "[2, 100]", restart;
        /// Bars in the average that the close must be above to buy.
        trend: u32 = "200", unit "bars", range "[2, 10000]", restart;
        /// Index below which it buys.
        oversold: Rate = "10", unit "index points", range "[0, 100]", restart;
        /// Index above which it sells.
        overbought: Rate = "70", unit "index points", range "[0, 100]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, )", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Buys new highs and sells new lows (Turtle rule).
    pub struct DonchianBreakoutSettings in "strategies.donchian_breakout." {
        /// Bars whose high must be exceeded to buy.
        entry: u32 = "55", unit "bars", range "[1, 10000]", restart;
        /// Bars whose low must be undercut to sell.
        exit: u32 = "20", unit "bars", range "[1, 10000]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, )", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Each month, holds the past year's winners of the universe.
    pub struct MomentumSettings in "strategies.momentum." {
        /// Bars over which the past return is measured.
        lookback: u32 = "252", unit "bars", range "[2, 10000]", restart;
        /// Most recent bars left out of the past return.
        skip: u32 = "21", unit "bars", range "[0, 1000]", restart;
        /// How many winners are held, in equal weights.
        holdings: u32 = "5", unit "instruments", range "[1, 10000]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Trades the spread of related instruments back to its mean.
    pub struct PairsSettings in "strategies.pairs." {
        /// Bars in the regression and the deviation.
        lookback: u32 = "60", unit "bars", range "[10, 10000]", restart;
        /// Distance of the spread at which it opens.
        entry: Rate = "2", unit "standard deviations", range "[0.01, 10]", restart;
        /// Distance of the spread at which it closes.
        exit: Rate = "0.5", unit "standard deviations", range "[0, 10]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}
