//! Rates of change and oscillators.

pub(crate) mod averages;
pub(crate) mod changes;
pub(crate) mod ranges;
mod rsi;
mod stochastic;

pub use changes::{Roc, SkippedReturn};
pub use rsi::{GainsAndLosses, Rsi};
