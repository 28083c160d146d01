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
