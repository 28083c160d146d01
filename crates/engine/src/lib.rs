//! The deterministic core, its order manager, portfolio, journal and drivers.
//!
//! ```text
//! events in  -> [ Core: strategies -> gate -> orders -> portfolio ] -> effects out
//! ```
//!
//! - [`Core`] is the state machine; nothing in it does I/O or reads a clock.
//! - [`Strategy`] is what users write; the same code runs everywhere.
//! - [`driver`] has what feeds the core: history ([`driver::backtest`]) or a recorded journal
//!   ([`driver::replay`]).
//! - [`journal`] keeps the events durable, in order, and finds damage.
//! - [`Portfolio`] is the account's ledger.

pub mod core;
pub mod driver;
pub mod fingerprint;
pub mod journal;
pub mod orders;
pub mod portfolio;
pub mod strategy;

pub use crate::core::{
    Alert, CashReason, CashRecord, Command, Core, CoreConfig, CoreError, DecisionRecord, Effects,
    FillRecord, SessionCalendar,
};
pub use orders::OrderStatusChange;
pub use portfolio::{AccountConfig, ClosedTrade, Financing, Portfolio, Totals};
pub use strategy::{Context, DataKinds, DataNeeds, FillNotice, RestoreError, Strategy};
