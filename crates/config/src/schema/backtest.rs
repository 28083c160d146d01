//! The simulated past, and what trading costs in it.

use chrono::NaiveDate;
use trader_domain::money::{Money, Rate};

use crate::key::section;
use crate::value::{FilePath, Span, choices};

choices! {
    /// At which price a market order decided at the close of a bar fills.
    pub enum FillRule {
        /// The open of the next bar.
        NextOpen = "next-open",
        /// The close of the bar that was decided on: for studies, since nobody can trade there.
        ThisClose = "this-close",
        /// Along a path through the next bar's open, high, low and close.
        IntrabarPath = "intrabar-path",
    }
}

choices! {
    /// In which order a bar visits its extremes under the fill rule `intrabar-path`.
    pub enum BarPath {
        /// Open, high, low, close.
        HighFirst = "high-first",
        /// Open, low, high, close.
        LowFirst = "low-first",
        /// The extreme nearer to the open first.
        NearestFirst = "nearest-first",
        /// Each order meets the order that is worst for it.
        WorstCase = "worst-case",
    }
}

choices! {
    /// When the simulated market is open.
    pub enum MarketHours {
        /// Whenever the data has a bar.
        Data = "data",
        /// In regular hours by the calendar; extended hours only for orders that ask for them.
        Calendar = "calendar",
    }
}

choices! {
    /// When a resting limit order fills.
    pub enum LimitFill {
        /// When the market trades at its price.
        Touch = "touch",
        /// When the market trades beyond its price.
        Through = "through",
    }
}

choices! {
    /// Which limits the gate holds a study against.
    pub enum BacktestLimits {
        /// Wide ones: everything in one instrument is allowed.
        Research = "research",
        /// Those of `risk` and `order_flow`, as in live trading.
        Configured = "configured",
    }
}

choices! {
    /// Whose commissions and fees are charged.
    pub enum Commission {
        /// None.
        None = "none",
        /// Alpaca: no commission, regulatory fees.
        Alpaca = "alpaca",
        /// Interactive Brokers, fixed.
        IbFixed = "ib-fixed",
        /// Interactive Brokers, tiered.
        IbTiered = "ib-tiered",
    }
}

choices! {
    /// How much worse than the reference price a marketable order fills.
    pub enum Slippage {
        /// Not at all.
        None = "none",
        /// By `slippage_fixed`.
        Fixed = "fixed",
        /// By `slippage_bps`.
        Bps = "bps",
        /// By `slippage_spread_share` of the quoted spread.
        SpreadShare = "spread-share",
        /// By `slippage_impact` times the square root of the part of the bar's volume.
        VolumeImpact = "volume-impact",
    }
}

section! {
    /// The simulated past.
    pub struct BacktestSettings in "backtest." {
        /// Cash at the start.
        cash: Money = "100000", unit "USD", range "(0, 1000000000000]", restart;
        /// First day; unset: the first of the data.
        from: Option<NaiveDate> = unset, unit "", range "[1970-01-01, 2200-01-01]", restart;
        /// Last day; unset: the last of the data.
        to: Option<NaiveDate> = unset, unit "", range "[1970-01-01, 2200-01-01]", restart;
        /// At which price a market order decided at the close of a bar fills.
        fill_rule: FillRule = "next-open", unit "", range "", restart;
        /// In which order a bar visits its extremes under the fill rule `intrabar-path`.
        bar_path: BarPath = "worst-case", unit "", range "", restart;
        /// When the simulated market is open.
        hours: MarketHours = "data", unit "", range "", restart;
        /// When a resting limit order fills.
        limit_fill: LimitFill = "touch", unit "", range "", restart;
        /// Largest part of a bar's volume that our orders may fill; `none` fills any size at once.
        participation: Option<Rate> = "0.10", unit "share of volume", range "(0, 1]", restart;
        /// Which limits the gate holds a study against.
        limits: BacktestLimits = "research", unit "", range "", restart;
        /// Time from decision to arrival at the exchange.
        latency: Span = "0s", unit "", range "[0s, 1h]", restart;
        /// Return of cash in ratios such as Sharpe's.
        risk_free_rate: Rate = "0", unit "per year", range "[0, 1]", restart;
        /// Folder in which each run makes its own.
        output: FilePath = "runs", unit "", range "", restart;
    }
}

section! {
    /// What trading costs in a simulation.
    pub struct CostSettings in "costs." {
        /// Whose commissions and fees are charged.
        commission: Commission = "alpaca", unit "", range "", restart;
        /// How much worse than the reference price a marketable order fills.
        slippage: Slippage = "bps", unit "", range "", restart;
        /// Amount of slippage `fixed`.
        slippage_fixed: Money = "0.01", unit "USD per share", range "[0, 1000]", restart;
        /// Amount of slippage `bps`.
        slippage_bps: Rate = "1", unit "hundredths of a percent of price", range "[0, 1000]", restart;
        /// Amount of slippage `spread-share`.
        slippage_spread_share: Rate = "0.5", unit "share of the quoted spread", range "[0, 10]", restart;
        /// Amount of slippage `volume-impact`.
        slippage_impact: Rate = "0.1", unit "share of price at full volume", range "[0, 10]", restart;
        /// Cost of borrowing shares that are easy to borrow.
        borrow_fee: Rate = "0.003", unit "per year", range "[0, 10]", restart;
        /// Interest on a debit balance.
        margin_interest: Rate = "0.065", unit "per year", range "[0, 1]", restart;
    }
}
