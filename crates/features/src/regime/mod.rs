//! What kind of market it is, each with a confidence between 0 and 1.
//!
//! - [`hysteresis`]: bands that a measure enters at one level and leaves at another; what all threshold
//!   regimes are made of.
//! - `thresholds`: trend or range, calm or turbulent, risk on or off.
//! - [`hidden_markov`]: a Gaussian hidden Markov model, fitted to training data, filtered online;
//!   `hidden` makes calculators of it.
//!
//! Nothing here looks ahead: thresholds compare with the past, and a model's probabilities are
//! filtered (of the state now, given the rows until now), never smoothed.

pub(crate) mod hidden;
pub mod hidden_markov;
pub mod hysteresis;
pub(crate) mod thresholds;
