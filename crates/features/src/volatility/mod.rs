//! Ranges, dispersion and volatility estimators. Volatilities are per year unless said otherwise:
//! the per-row value times the square root of the rows per year (252 for daily bars).

pub(crate) mod bands;
pub(crate) mod estimators;
mod garch;
mod true_range;
pub(crate) mod variation;
mod yang_zhang;
mod z_score;

pub(crate) use garch::Garch;
pub use true_range::{Atr, TrueRange};
pub use z_score::{StandardDeviation, ZScore};

pub(crate) use true_range::true_range;
