//! How a symbol moves with its benchmark: correlation by moments, by ranks and by distance, beta in
//! all, rising and falling markets.
//!
//! Inputs are the symbol's and the benchmark's column; what is correlated are simple one-row
//! returns, except where the name says levels.

pub(crate) mod rolling_pairs;
