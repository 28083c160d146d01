//! Limits of the pre-trade gate; each key is the field of the same name in the gate's limits.
//!
//! A limit may be tightened while trading and never widened: that needs a restart, and with it the
//! approvals that a restart needs.

use trader_domain::money::{Money, Quantity, Rate};

use crate::key::section;
use crate::value::{Span, Ticker, choices};

choices! {
    /// What an account may do with options, as brokers number the levels.
    pub enum OptionLevel {
        /// No options.
        None = "none",
        /// Covered calls and cash-secured puts.
        Covered = "covered",
        /// Also long calls and puts, paid in full.
        Long = "long",
        /// Also spreads whose loss is limited.
        Spreads = "spreads",
    }
}

choices! {
    /// What happens to an order that is too large.
    pub enum Oversize {
        /// It is refused.
        Refuse = "refuse",
        /// It is shrunk to the largest safe quantity.
        Shrink = "shrink",
    }
}

section! {
    /// Limits on single orders, positions and the portfolio.
    pub struct RiskSettings in "risk." {
        /// How far a limit price may be on the aggressive side of the reference price.
        collar: Rate = "0.05", unit "share of reference price", range "(0, 1]", lower;
        /// How far a limit or trigger price may be on the passive side (a decimal slip is farther).
        passive_collar: Rate = "0.50", unit "share of reference price", range "(0, 10]", lower;
        /// By how much a market order may trade worse than the reference; its reservation includes it.
        market_reserve: Rate = "0.05", unit "share of reference price", range "(0, 1]", restart;
        /// Oldest snapshot against which an order may be judged.
        snapshot_age: Span = "1s", unit "", range "[1ms, 366d]", lower;
        /// Oldest price that may be a reference.
        reference_age: Span = "1s", unit "", range "[1ms, 366d]", lower;
        /// Largest quantity of one order.
        order_quantity: Quantity = "10000", unit "shares, contracts or coins", range "(0, 1000000000]", lower;
        /// Largest worst-case value of one order.
        order_notional: Money = "250000", unit "USD", range "(0, 1000000000000]", lower;
        /// Largest worst-case value of all working orders together.
        basket_notional: Money = "1000000", unit "USD", range "(0, 1000000000000]", lower;
        /// Largest part of the average daily volume that one order may be; `none` only where instruments have no
        /// such statistic.
        adv_share: Option<Rate> = "0.10", unit "share of average daily volume", range "(0, 1]", lower;
        /// Part of the equity that stays free of reservations.
        buying_power_buffer: Rate = "0.05", unit "share of equity", range "[0, 1)", raise;
        /// Largest weight of one position.
        position_weight: Rate = "0.10", unit "share of equity", range "(0, 10]", lower;
        /// Largest part of the equity tied up: positions paid in full count whole, margined ones with their initial
        /// margin.
        utilisation: Rate = "0.95", unit "share of equity", range "(0, 10]", lower;
        /// Most positions at a time.
        positions: u32 = "20", unit "positions", range "[1, 1000000]", lower;
        /// Largest sum of long and short positions.
        gross_leverage: Rate = "2", unit "x equity", range "(0, 10]", lower;
        /// Largest difference of long and short positions, either way.
        net_leverage: Rate = "1", unit "x equity", range "(0, 10]", lower;
        /// Largest gross weight of one sector.
        sector_weight: Rate = "0.30", unit "share of equity", range "(0, 10]", lower;
        /// Largest gross weight of one industry.
        industry_weight: Rate = "0.25", unit "share of equity", range "(0, 10]", lower;
        /// Most days to leave a position at `participation` of the daily volume; `none` as with `adv_share`.
        liquidity_days: Option<Rate> = "5", unit "trading days", range "(0, 1000]", lower;
        /// Part of the daily volume assumed when leaving a position.
        participation: Rate = "0.10", unit "share of average daily volume", range "(0, 1]", lower;
        /// What the account may do with options.
        option_level: OptionLevel = "none", unit "", range "", restart;
        /// Loss since the start of the day at which nothing opens any more.
        daily_loss: Rate = "0.03", unit "share of equity at the open", range "(0, 1]", lower;
        /// Fall from the highest equity at which nothing opens any more.
        drawdown: Rate = "0.15", unit "share of highest equity", range "(0, 1]", lower;
        /// Losing trades in a row after which nothing opens any more.
        loss_streak: u32 = "10", unit "trades", range "[1, 1000000]", lower;
        /// Part of a limit from which a pass becomes a warning.
        warn_share: Rate = "0.80", unit "share of the limit", range "(0, 1]", lower;
        /// What happens to an order that is too large.
        oversize: Oversize = "refuse", unit "", range "", restart;
        /// Instruments in which no order is allowed.
        restricted: Vec<Ticker> = "", unit "", range "", restart;
        /// Instruments that are hard to borrow and may not be sold short without a locate.
        hard_to_borrow: Vec<Ticker> = "", unit "", range "", restart;
    }
}

section! {
    /// Limits on the flow of orders: what stops a strategy that runs away.
    pub struct OrderFlowSettings in "order_flow." {
        /// Time within which the same order counts as sent twice; 0 is the same instant.
        duplicate_window: Span = "1s", unit "", range "[0s, 366d]", raise;
        /// Most orders, changes and cancels within `message_window`.
        message_count: u32 = "50", unit "messages", range "[1, 1000000]", lower;
        /// Window of `message_count`.
        message_window: Span = "1s", unit "", range "[1ms, 366d]", raise;
        /// Most orders of one instrument and side that traded or may trade within `loop_window`.
        loop_count: u32 = "30", unit "orders", range "[1, 1000000]", lower;
        /// Window of `loop_count`.
        loop_window: Span = "1min", unit "", range "[1ms, 366d]", raise;
        /// Most working orders in one instrument.
        open_orders: u32 = "10", unit "orders", range "[1, 1000000]", lower;
        /// Most cancels per execution in a day, above `free_cancels`.
        cancels_per_fill: u32 = "20", unit "cancels", range "[1, 1000000]", lower;
        /// Cancels of a day before the ratio counts.
        free_cancels: u32 = "100", unit "cancels", range "[0, 1000000]", lower;
    }
}
