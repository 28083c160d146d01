//! Value at risk and expected shortfall from fitted tails.
//!
//! A normal distribution understates the losses that matter, and the empirical one knows none beyond
//! the worst so far. Here the tail is fitted: Student's t to all returns ([`StudentT`]), or a
//! generalised Pareto distribution to the losses beyond a threshold ([`PeaksOverThreshold`]).
//!
//! Everything here is per period and a **loss: positive when it hurts**, as limits are written.
//! Statistics of finished runs, with returns' signs, are in the research crate.

mod pareto;
mod student_t;

pub use pareto::{ParetoTail, PeaksOverThreshold};
pub use student_t::StudentT;

use thiserror::Error;

/// Why a tail could not be fitted or read.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum TailError {
    /// Too few observations for the fit.
    #[error("a tail needs {needed} observations, has {found}")]
    TooFew {
        /// Least number.
        needed: usize,
        /// As given.
        found: usize,
    },
    /// An observation is not a finite number (for excesses: not a positive one).
    #[error("observation {index} is {value}, which cannot be fitted")]
    Observation {
        /// Its position.
        index: usize,
        /// As given.
        value: f64,
    },
    /// All observations are equal.
    #[error("the observations do not vary")]
    Constant,
    /// The probability of the tail is outside its range.
    #[error("a tail of probability {tail} was asked for; allowed is above 0 and below {limit}")]
    Probability {
        /// As given.
        tail: f64,
        /// Upper end of the range: 0.5, or the share of the observations beyond the threshold.
        limit: f64,
    },
    /// The tail is so heavy that its mean does not exist.
    #[error("the fitted tail is too heavy to have a mean: there is no expected shortfall")]
    NoMean,
}

/// Checks that all observations are finite, there are enough, and they vary.
fn check(observations: &[f64], needed: usize) -> Result<(), TailError> {
    let found = observations.len();
    if let Some((index, value)) = observations
        .iter()
        .enumerate()
        .find(|(_, x)| !x.is_finite())
    {
        return Err(TailError::Observation {
            index,
            value: *value,
        });
    }
    if found < needed {
        return Err(TailError::TooFew { needed, found });
    }
    let first = observations.first().copied().unwrap_or(0.0);
    if observations
        .iter()
        .all(|x| (x - first).abs() <= 1e-12 * first.abs())
    {
        return Err(TailError::Constant);
    }
    Ok(())
}

/// The place of the largest value of a function between two ends: a grid, then golden sections around
/// its best point. Values that are not numbers are passed over.
fn maximise((low, high): (f64, f64), points: u32, of: impl Fn(f64) -> f64) -> f64 {
    let step = (high - low) / f64::from(points);
    let mut best = (low, f64::NEG_INFINITY);
    for point in 0..=points {
        let x = low + step * f64::from(point);
        let value = of(x);
        if value > best.1 {
            best = (x, value);
        }
    }
    let (mut low, mut high) = ((best.0 - step).max(low), (best.0 + step).min(high));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let mut inner = [high - golden * (high - low), low + golden * (high - low)];
    let mut values = inner.map(&of);
    for _ in 0..80 {
        if values[0] >= values[1] {
            high = inner[1];
            inner = [high - golden * (high - low), inner[0]];
            values = [of(inner[0]), values[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + golden * (high - low)];
            values = [values[1], of(inner[1])];
        }
    }
    let middle = 0.5 * (low + high);
    if of(middle) >= best.1 { middle } else { best.0 }
}
