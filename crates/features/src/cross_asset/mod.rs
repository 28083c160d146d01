//! A symbol against another series: index, sector, volatility index, interest rate, or any other
//! symbol (`rel_strength_60(close,close@XLK)`, see [`crate::alignment`]).
//!
//! - `relative`: ratios, spreads and relative strength.
//! - `residual`: what is left of a return after the benchmark's share of it.
//! - [`pair`]: the spread of a cointegrated pair, as pairs trading reads it.

pub mod pair;
pub(crate) mod relative;
pub(crate) mod residual;
