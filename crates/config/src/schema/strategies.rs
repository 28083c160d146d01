//! Defaults of the built-in strategies.

use trader_domain::money::{Quantity, Rate};

use crate::key::section;

section! {
    /// Buys once and holds.
    pub struct BuyAndHoldSettings in "strategies.buy_and_hold." {
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, 1000000000]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Long while the fast simple average of closes is above the slow one.
    pub struct SmaCrossoverSettings in "strategies.sma_crossover." {
        /// Length of the fast average.
        fast: u32 = "10", unit "bars", range "[1, 10000]", restart;
        /// Length of the slow average.
        slow: u32 = "30", unit "bars", range "[2, 10000]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, 1000000000]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Long while the fast exponential average of closes is above the slow one.
    pub struct EmaCrossoverSettings in "strategies.ema_crossover." {
        /// Length of the fast average.
        fast: u32 = "12", unit "bars", range "[1, 10000]", restart;
        /// Length of the slow average.
        slow: u32 = "26", unit "bars", range "[2, 10000]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, 1000000000]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Buys far below the mean and sells at it.
    pub struct MeanReversionSettings in "strategies.mean_reversion." {
        /// Bars of mean and standard deviation.
        lookback: u32 = "20", unit "bars", range "[2, 10000]", restart;
        /// Distance below the mean at which it buys.
        entry: Rate = "2", unit "standard deviations", range "(0, 20]", restart;
        /// Distance below the mean at which it sells.
        exit: Rate = "0.5", unit "standard deviations", range "[0, 20)", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, 1000000000]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Buys dips within an up-trend by a two-bar relative strength index.
    pub struct Rsi2Settings in "strategies.rsi2." {
        /// Length of the index.
        period: u32 = "2", unit "bars", range "[2, 1000]", restart;
        /// Index below which it buys.
        oversold: Rate = "10", unit "index points", range "(0, 100)", restart;
        /// Index above which it sells.
        overbought: Rate = "70", unit "index points", range "(0, 100)", restart;
        /// Length of the average that closes must be above.
        trend: u32 = "200", unit "bars", range "[2, 10000]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, 1000000000]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Buys above the highest high of the past (Donchian) and sells below the lowest low.
    pub struct BreakoutSettings in "strategies.breakout." {
        /// Bars of the highest high.
        entry_lookback: u32 = "20", unit "bars", range "[1, 10000]", restart;
        /// Bars of the lowest low.
        exit_lookback: u32 = "10", unit "bars", range "[1, 10000]", restart;
        /// Shares in each position; when not set, `weight` decides.
        quantity: Option<Quantity> = unset, unit "shares", range "(0, 1000000000]", restart;
        /// Part of the equity invested when all instruments are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Holds the instruments with the best past, changed monthly.
    pub struct MomentumSettings in "strategies.momentum." {
        /// Length of the past.
        lookback: u32 = "252", unit "bars", range "[2, 10000]", restart;
        /// Latest bars that are left out.
        skip: u32 = "21", unit "bars", range "[0, 1000]", restart;
        /// Instruments held.
        holdings: u32 = "10", unit "instruments", range "[1, 10000]", restart;
        /// Part of the equity invested when all holdings are held.
        weight: Rate = "0.9", unit "share of equity", range "[0.0001, 2]", restart;
    }
}

section! {
    /// Trades the distance of two instruments that move together.
    pub struct PairsSettings in "strategies.pairs." {
        /// Bars over which the relation is estimated.
        lookback: u32 = "60", unit "bars", range "[10, 10000]", restart;
        /// Distance at which it enters.
        entry: Rate = "2", unit "standard deviations", range "(0, 20]", restart;
        /// Distance at which it exits.
        exit: Rate = "0.5", unit "standard deviations", range "[0, 20)", restart;
        /// Distance at which it gives up.
        stop: Rate = "4", unit "standard deviations", range "(0, 50]", restart;
        /// Value of each leg.
        leg_weight: Rate = "0.05", unit "share of equity", range "(0, 1]", restart;
    }
}
