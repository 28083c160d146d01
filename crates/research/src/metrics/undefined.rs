//! Why a statistic has no value. Every function of [`metrics`](super) returns [`Metric`]; callers
//! show the reason instead of a zero that would be read as a measurement.

use serde::{Serialize, Serializer};

use super::lanes::all_finite;

/// A statistic, or the reason why it does not exist.
pub type Metric = Result<f64, Undefined>;

/// The reason why a statistic is not defined for the data at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undefined {
    /// The series is shorter than the estimator needs.
    #[error("needs {needed} observations, has {got}")]
    TooFew {
        /// Least number of observations.
        needed: usize,
        /// Number of observations given.
        got: usize,
    },
    /// All observations are equal (to rounding), so a ratio to their spread does not exist.
    #[error("no variation in the observations")]
    ZeroVariance,
    /// No losing period or trade to compare gains with.
    #[error("no losses")]
    NoLosses,
    /// No winning period or trade.
    #[error("no gains")]
    NoGains,
    /// Equity never fell below a previous peak.
    #[error("no drawdown")]
    NoDrawdown,
    /// An observation is NaN or infinite.
    #[error("observation {index} is not a finite number")]
    NonFinite {
        /// Position of the first offending observation.
        index: usize,
    },
    /// Equity reached zero or less, after which growth rates do not exist.
    #[error("equity is zero or negative at observation {index}")]
    Ruined {
        /// Position of the first non-positive equity.
        index: usize,
    },
    /// Two series that must pair up have different lengths.
    #[error("series of {left} and {right} observations do not pair up")]
    LengthMismatch {
        /// Length of the first series.
        left: usize,
        /// Length of the second series.
        right: usize,
    },
    /// A parameter lies outside the domain of the formula.
    #[error("{name} is outside its range")]
    OutOfRange {
        /// Which parameter.
        name: &'static str,
    },
    /// The input was not recorded for this run (no benchmark, no volumes, no excursions).
    #[error("{what} not available")]
    NotAvailable {
        /// What is missing.
        what: &'static str,
    },
    /// The result does not fit a finite number.
    #[error("result is not a finite number")]
    Overflow,
}

impl Serialize for Undefined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Passes on a finite result; anything else is [`Undefined::Overflow`].
pub(super) fn finite(value: f64) -> Metric {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Undefined::Overflow)
    }
}

/// Checks that a series has at least `needed` observations, all of them finite.
pub(super) fn observed(series: &[f64], needed: usize) -> Result<(), Undefined> {
    if !all_finite(series) {
        let index = series.iter().position(|x| !x.is_finite()).unwrap_or(0);
        return Err(Undefined::NonFinite { index });
    }
    if series.len() < needed {
        return Err(Undefined::TooFew {
            needed,
            got: series.len(),
        });
    }
    Ok(())
}

/// Checks that two series pair up, are long enough and finite.
pub(super) fn observed_pair(left: &[f64], right: &[f64], needed: usize) -> Result<(), Undefined> {
    if left.len() != right.len() {
        return Err(Undefined::LengthMismatch {
            left: left.len(),
            right: right.len(),
        });
    }
    observed(left, needed)?;
    observed(right, needed)
}
