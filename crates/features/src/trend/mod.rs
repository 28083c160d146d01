//! Moving averages, trend strength, channels and regressions.

mod sma;

pub use sma::Sma;

use crate::parameter::window;
use crate::registry::{Build, Built, Cost, Definition, Family};

/// The registry entries of this family.
pub const DEFINITIONS: &[Definition] = &[Definition {
    name: "sma",
    family: Family::Trend,
    outputs: &["sma"],
    parameters: &[window("length", 1, 20)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "Simple moving average.",
    convention: "Arithmetic mean of the last n rows (TA-Lib SMA).",
    build: Build::Series(|a| Ok(Built::over_sources(a, Sma::new(a.length("length")?)?))),
}];
