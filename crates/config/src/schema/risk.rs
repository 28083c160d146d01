//! Limits of the pre-trade gate.
//!
//! A limit may be tightened while trading and never widened: that needs a restart, and with it the
//! approvals that a restart needs.

use trader_domain::money::{Money, Quantity, Rate};

use crate::key::section;
use crate::value::{Span, Ticker, choices};

choices! {
    /// What happens to an order that would trade with one of our own.
    pub enum SelfTradePrevention {
        /// The new order is refused.
        CancelNewest = "cancel-newest",
        /// The resting order is cancelled.
        CancelOldest = "cancel-oldest",
        /// Both.
        CancelBoth = "cancel-both",
    }
}

section! {
    /// Limits on single orders, positions and the portfolio, as shares of equity unless said otherwise.
    pub struct RiskSettings in "risk." {
        /// Age at which a price or a portfolio snapshot is too old to decide by.
        stale_after: Span = "1s", unit "", range "[1ms, 1h]", lower;
        /// Largest distance of a limit price from the reference price (NBBO middle, else last).
        max_price_deviation: Rate = "0.05", unit "share of reference price", range "(0, 1]", lower;
        /// Largest quantity of one order.
        max_order_quantity: Quantity = "100000", unit "shares, contracts or coins", range "(0, 1000000000]", lower;
        /// Largest value of one order.
        max_order_notional: Money = "1000000", unit "USD", range "(0, 1000000000000]", lower;
        /// Largest part of the average daily volume that one order may be.
        max_volume_share: Rate = "0.10", unit "share of average daily volume", range "(0, 1]", lower;
        /// Buying power left untouched.
        buying_power_buffer: Rate = "0.05", unit "share of buying power", range "[0, 1)", raise;
        /// Largest position (the predecessor used 0.15).
        max_position_weight: Rate = "0.10", unit "share of equity", range "(0, 1]", lower;
        /// Largest sum of long positions.
        max_utilisation: Rate = "0.95", unit "share of equity", range "(0, 4]", lower;
        /// Most positions at a time.
        max_positions: u32 = "20", unit "positions", range "[1, 100000]", lower;
        /// Largest sum of long and short positions.
        max_gross_leverage: Rate = "2", unit "x equity", range "(0, 10]", lower;
        /// Largest difference of long and short positions, either way.
        max_net_leverage: Rate = "1", unit "x equity", range "(0, 10]", lower;
        /// Largest sum of positions in one sector.
        max_sector_weight: Rate = "0.30", unit "share of equity", range "(0, 4]", lower;
        /// Largest sum of positions in one industry.
        max_industry_weight: Rate = "0.25", unit "share of equity", range "(0, 4]", lower;
        /// Largest correlation of a new position with any holding.
        max_correlation: Rate = "0.80", unit "correlation coefficient", range "(0, 1]", lower;
        /// Longest time to sell a position within the volume limit.
        max_exit_days: Rate = "5", unit "trading days", range "(0, 250]", lower;
        /// Largest volatility of the portfolio after the trade.
        max_portfolio_volatility: Rate = "0.25", unit "per year", range "(0, 5]", lower;
        /// Loss of the day at which a warning is given.
        daily_loss_warning: Rate = "0.02", unit "share of equity at the open", range "(0, 1]", lower;
        /// Loss of the day at which only reducing orders pass.
        max_daily_loss: Rate = "0.03", unit "share of equity at the open", range "(0, 1]", lower;
        /// Fall from the highest equity at which a warning is given.
        drawdown_warning: Rate = "0.10", unit "share of highest equity", range "(0, 1]", lower;
        /// Fall from the highest equity at which only reducing orders pass.
        max_drawdown: Rate = "0.20", unit "share of highest equity", range "(0, 1]", lower;
        /// Losing trades in a row at which only reducing orders pass.
        max_consecutive_losses: u32 = "10", unit "trades", range "[1, 1000]", lower;
        /// Confidence of value at risk and expected shortfall.
        var_confidence: Rate = "0.99", unit "probability", range "[0.90, 1)", raise;
        /// Largest one-day value at risk after the trade.
        max_value_at_risk: Rate = "0.03", unit "share of equity", range "(0, 1]", lower;
        /// Largest one-day expected shortfall after the trade.
        max_expected_shortfall: Rate = "0.05", unit "share of equity", range "(0, 1]", lower;
        /// Largest loss in any stress scenario after the trade.
        max_stress_loss: Rate = "0.30", unit "share of equity", range "(0, 1]", lower;
        /// Whether a short sale needs a locate (Reg SHO 203(b)(1)).
        require_locate: bool = "true", unit "", range "", restart;
        /// Whether options may be sold without cover.
        allow_naked_options: bool = "false", unit "", range "", restart;
        /// Whether an order that is too large is shrunk to the largest safe quantity instead of refused.
        auto_resize: bool = "false", unit "", range "", restart;
        /// Instruments in which no order is allowed.
        restricted: Vec<Ticker> = "", unit "", range "", restart;
        /// Instruments that may not be sold short.
        hard_to_borrow: Vec<Ticker> = "", unit "", range "", restart;
    }
}

section! {
    /// Limits on the flow of orders: what stops a strategy that runs away.
    pub struct OrderFlowSettings in "order_flow." {
        /// Time within which the same order (side, instrument, quantity, price) counts as sent twice.
        duplicate_window: Span = "1s", unit "", range "[0s, 1h]", raise;
        /// Most orders, changes and cancels in any one second.
        max_messages_per_second: u32 = "50", unit "messages", range "[1, 100000]", lower;
        /// Most orders, changes and cancels in any one minute (Alpaca takes 200).
        max_messages_per_minute: u32 = "200", unit "messages", range "[1, 1000000]", lower;
        /// Largest part of orders that may be cancelled unfilled.
        max_cancel_ratio: Rate = "0.95", unit "share of orders of the day", range "(0, 1]", lower;
        /// Orders of the day before the cancel ratio counts.
        cancel_ratio_after: u32 = "100", unit "orders", range "[1, 1000000]", lower;
        /// Most open orders in one instrument.
        max_open_orders_per_symbol: u32 = "10", unit "orders", range "[1, 10000]", lower;
        /// Most open orders in all.
        max_open_orders: u32 = "200", unit "orders", range "[1, 100000]", lower;
        /// Executions of one strategy in one instrument and direction within the window at which it is stopped.
        max_repeated_executions: u32 = "20", unit "executions", range "[1, 100000]", lower;
        /// Window of the repeated-execution limit.
        repeated_execution_window: Span = "10s", unit "", range "[100ms, 1d]", raise;
        /// What happens to an order that would trade with one of our own.
        self_trade_prevention: SelfTradePrevention = "cancel-newest", unit "", range "", restart;
    }
}
