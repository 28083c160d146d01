//! How symbols move together.
//!
//! - `rolling_pairs`: a symbol and its benchmark: correlation by moments, by ranks and by distance,
//!   beta in all, rising and falling markets.
//! - [`dynamic`]: dynamic conditional correlation, as a calculator and fitted.
//! - `lead_lag`: who moves first; `stability`: whether the correlation is what it was.
//! - [`matrix`]: covariance and correlation of many symbols, and their principal components;
//!   [`shrinkage`]: covariance that is fit to be inverted. `panels` follows both through time.
//!
//! Inputs of the registry's entries are the symbol's and the benchmark's column (or any two:
//! `corr_60(close,close@SPY)`), or one feature of all symbols. What is correlated are simple one-row
//! returns, except where the name says levels.

pub mod dynamic;
pub(crate) mod lead_lag;
pub mod matrix;
pub(crate) mod panels;
pub(crate) mod rolling_pairs;
pub mod shrinkage;
pub(crate) mod stability;
