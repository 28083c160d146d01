//! Statistics of a window: shape, quantiles, memory, disorder, unit roots.
//!
//! - `moments`: skewness, kurtosis, quantiles, autocorrelation, Sharpe ratio, drawdown.
//! - [`memory`]: Hurst exponents, detrended fluctuations, fractional differences.
//! - `entropy`: Shannon, sample and permutation entropy, Hill's tail index.
//! - [`stationarity`]: Dickey-Fuller, KPSS, Engle-Granger, half-life.
//! - [`regression`]: least squares with standard errors.
//!
//! Realised jumps (bipower variation) are with the volatility family.

pub(crate) mod entropy;
pub mod memory;
pub(crate) mod moments;
pub mod regression;
pub mod stationarity;
