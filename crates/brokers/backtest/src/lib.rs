//! The simulated exchange behind the broker door, driven by history.
//!
//! [`BacktestVenue`] implements [`trader_broker::Venue`] on a [`trader_matching::Exchange`] and adds
//! nothing to it: it opens approvals and passes calls through, so that whatever is true of the
//! exchange is true of the venue. Used by the backtest driver; it does no I/O.

mod venue;

pub use trader_matching::{
    AuctionCutoffs, ConfigError, CustomFees, Delays, DisplayedSize, DividendOrders, ExchangeConfig,
    ExchangeFees, FeeModel, FillRule, Latency, LimitFill, PathModel, QueueModel, RegulatoryFees,
    SessionSchedule, SessionTimes, Slippage, SplitOrders,
};
pub use venue::BacktestVenue;
