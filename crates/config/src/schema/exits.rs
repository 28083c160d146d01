//! How positions end.

use trader_domain::money::Rate;

use crate::key::section;
use crate::value::choices;

choices! {
    /// Kind of protective stop.
    pub enum StopKind {
        /// None but what the strategy does.
        None = "none",
        /// A share of the entry price away.
        Percent = "percent",
        /// A multiple of the average true range away.
        Atr = "atr",
        /// A share below the best price since entry.
        Trailing = "trailing",
        /// A multiple of the average true range below the best price since entry.
        Chandelier = "chandelier",
    }
}

section! {
    /// How positions end, besides what the strategy does.
    pub struct ExitSettings in "exits." {
        /// Kind of protective stop.
        stop: StopKind = "none", unit "", range "", restart;
        /// Distance of the stops `percent` and `trailing`.
        stop_distance: Rate = "0.02", unit "share of price", range "(0, 1)", reload;
        /// Bars of the average true range of the stops `atr` and `chandelier`.
        atr_period: u32 = "14", unit "bars", range "[1, 1000]", restart;
        /// Distance of the stops `atr` and `chandelier`.
        atr_multiple: Rate = "3", unit "x average true range", range "(0, 100]", reload;
        /// Profit at which a position is closed; unset: never.
        take_profit: Option<Rate> = unset, unit "share of entry price", range "(0, 100]", reload;
        /// Profit at which the stop moves to the entry price; unset: never.
        break_even_at: Option<Rate> = unset, unit "share of entry price", range "(0, 100]", reload;
        /// Bars after which a position is closed; unset: never.
        max_holding_bars: Option<u32> = unset, unit "bars", range "[1, 1000000]", reload;
    }
}
