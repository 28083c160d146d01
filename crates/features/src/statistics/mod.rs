//! Statistics: of a rolling window as features, and of a whole sample as tests, estimates and fits.
//!
//! Features (registry): `moments` (shape, quantiles, Sharpe ratio, drawdown), `entropy`, `memory`
//! (Hurst, detrended fluctuations, fractional differences), [`unit_root`], [`stationarity`],
//! [`cointegration`], [`autocorrelation`], [`diagnostics`], [`multivariate`], [`kalman`],
//! [`fractal`] (dimensions, Lyapunov exponent), [`spectrum`] (Fourier, wavelets), [`jumps`], [`tails`].
//!
//! Whole samples, with results as structs and refusals as [`error::StatisticsError`]:
//! - roots: [`unit_root`] (Dickey-Fuller, Phillips-Perron, variance ratio), [`stationarity`] (KPSS),
//!   [`cointegration`] (Engle-Granger, half-life), [`johansen`].
//! - models: [`regression`] (least squares, Newey-West), [`garch`], [`markov_switching`], [`kalman`].
//! - dependence: [`autocorrelation`], [`association`], [`multivariate`].
//! - assumptions: [`diagnostics`] (Jarque-Bera, ARCH, Granger), [`two_samples`].
//! - [`distributions`]: tail probabilities.
//!
//! Realised jumps (bipower variation) are with the volatility family.

pub mod association;
pub mod autocorrelation;
pub mod cointegration;
pub mod diagnostics;
pub mod distributions;
pub(crate) mod entropy;
pub mod error;
pub mod fractal;
pub mod garch;
pub mod johansen;
mod johansen_tables;
pub mod jumps;
pub mod kalman;
mod mackinnon;
pub mod markov_switching;
pub mod memory;
pub(crate) mod moments;
pub mod multivariate;
mod optimise;
pub mod regression;
pub mod spectrum;
pub mod stationarity;
pub mod tails;
pub mod two_samples;
pub mod unit_root;
