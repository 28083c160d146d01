//! The simulated exchange: matching, fills, slippage, latency, fees.
//!
//! [`Exchange`] takes orders and market events and answers with `BrokerReport`s. It is pure: no
//! clock, no I/O, no randomness but seeded generators from its configuration, so the same calls
//! give the same reports. It knows nothing of the broker door; `trader-brokers-backtest` puts it
//! behind one.
//!
//! What it guarantees:
//! - An order acts only on events that begin at or after its arrival. A bar that began before never
//!   fills it; the one exception is exits of an entry that filled within the bar
//!   ([`Exchange::settle`]), and they act on what is left of it.
//! - Nothing trades at a price that the market did not show: within a bar's low and high, at the
//!   open when the market gaps, inside LULD bands, never while halted.
//! - An order never trades more than its quantity, and a group of OCO orders never more than one of
//!   them.
//! - A bar that spans both legs of a bracket fills the stop, always.
//! - The finest data there is decides: a bar that sums up prints, quotes or shorter bars that were
//!   matched already fills nothing again.
//!
//! | event | who takes | who waits |
//! |---|---|---|
//! | bar | market orders at the open, stops at their trigger or a gapped open | limits within the bar's range |
//! | quote | takers at the other side, as much as it shows | limits when the other side comes to them |
//! | book change | takers level by level | as with quotes, with a place in the queue |
//! | print | takers where nothing is displayed | limits by price, queue and share of the print |
//!
//! ```
//! use trader_domain::{Instrument, Instruments, Symbol};
//! use trader_matching::{Exchange, ExchangeConfig, FeeModel, FillRule, PathModel};
//!
//! let mut instruments = Instruments::new();
//! instruments.add(Instrument::equity(Symbol::new("SPY")?))?;
//! let config = ExchangeConfig {
//!     fill_rule: FillRule::IntrabarPath(PathModel::NearestFirst),
//!     fees: FeeModel::Alpaca,
//!     ..ExchangeConfig::default()
//! };
//! let exchange = Exchange::new(&instruments, config)?;
//! assert_eq!(exchange.working_orders(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bar_event;
mod bar_matching;
mod config;
mod corporate_actions;
mod depth;
mod displayed_matching;
mod entry;
mod exchange;
mod execution;
mod fees;
mod generator;
mod id_ring;
mod inbox;
mod latency;
mod market;
mod multi_leg;
mod outbox;
mod queue;
mod reach;
mod session;
mod slippage;
mod trade_matching;
mod working_order;

pub use config::{
    AuctionCutoffs, ConfigError, DisplayedSize, DividendOrders, ExchangeConfig, FillRule,
    LimitFill, PathModel, SplitOrders,
};
pub use entry::accepts;
pub use exchange::Exchange;
pub use fees::{CustomFees, ExchangeFees, FeeModel, RegulatoryFees};
pub use latency::{Delays, Latency};
pub use queue::QueueModel;
pub use session::{SessionSchedule, SessionTimes};
pub use slippage::Slippage;
