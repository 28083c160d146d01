//! What quotes, trades and the order book say about liquidity and pressure.
//!
//! - [`Tape`] turns market events into rows: quotes, and trades with the quote that prevailed.
//! - [`BookShape`] is what the order book looks like at one moment.
//! - In the registry: spreads (quoted, effective, realised, Roll), imbalances, order-flow imbalance,
//!   trade signs, price impact (Kyle, Amihud), VPIN.
//!
//! A quote counts as a market when both prices are above zero and bid <= ask: locked quotes have a
//! spread of 0, one-sided, empty and crossed ones have none.

mod book_shape;
pub(crate) mod flow;
pub(crate) mod impact;
pub(crate) mod quotes;
pub(crate) mod spreads;
mod tape;
pub(crate) mod toxicity;
pub(crate) mod trade_sign;

pub use book_shape::{BookShape, Sweep};
pub use tape::{Tape, TapeColumns, TapeRow};

/// The middle of a market; `None` when it is one-sided, empty or crossed.
#[inline]
pub(crate) fn middle(bid: f64, ask: f64) -> Option<f64> {
    (bid > 0.0 && ask >= bid).then_some(0.5 * (bid + ask))
}
