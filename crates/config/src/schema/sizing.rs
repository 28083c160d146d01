//! How large positions become.

use trader_domain::money::Rate;

use crate::key::section;
use crate::value::choices;

choices! {
    /// How the size of a position is found.
    pub enum SizingMethod {
        /// The quantity that the strategy asks for.
        Strategy = "strategy",
        /// A share of equity.
        Percent = "percent",
        /// A share of equity at risk between entry and stop.
        FixedRisk = "fixed-risk",
        /// A share of equity that gives the target volatility.
        VolatilityTarget = "volatility-target",
        /// A fraction of the Kelly bet.
        Kelly = "kelly",
    }
}

section! {
    /// How large positions become. The gate's limits hold on top.
    pub struct SizingSettings in "sizing." {
        /// How the size of a position is found.
        method: SizingMethod = "strategy", unit "", range "", restart;
        /// Position of method `percent`.
        percent: Rate = "0.05", unit "share of equity", range "(0, 1]", reload;
        /// Loss at the stop of method `fixed-risk`.
        risk_per_trade: Rate = "0.02", unit "share of equity", range "(0, 0.25]", lower;
        /// Volatility of method `volatility-target`.
        target_volatility: Rate = "0.15", unit "per year", range "(0, 2]", reload;
        /// Part of the full Kelly bet of method `kelly`.
        kelly_fraction: Rate = "0.25", unit "share of the Kelly bet", range "(0, 1]", lower;
        /// Largest order that any method proposes.
        max_order_weight: Rate = "0.15", unit "share of equity", range "(0, 1]", lower;
        /// Largest position that any method proposes.
        max_position_weight: Rate = "0.25", unit "share of equity", range "(0, 1]", lower;
    }
}
