//! Covariance shrunk towards a multiple of the identity (Ledoit and Wolf 2004, "A well-conditioned
//! estimator for large-dimensional covariance matrices").
//!
//! The sample covariance of many symbols over few rows is noise in its small eigenvalues, and
//! allocation inverts exactly those. The shrunk one is positive definite and better conditioned.

use crate::error::FeatureError;

use super::matrix::{Divisor, covariance_matrix, symmetric};

/// What [`ledoit_wolf`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunk {
    /// The covariance matrix; population moments (divisor n).
    pub covariance: Vec<Vec<f64>>,
    /// Weight of the target, 0..1.
    pub shrinkage: f64,
}

/// The shrunk covariance of the series, which hold the same rows: `(1 - s) S + s mean(diag S) I`, with
/// the weight s that minimises the expected squared distance from the true covariance. Conventions of
/// scikit-learn: centred series, divisor n.
///
/// # Errors
/// As [`covariance_matrix`].
pub fn ledoit_wolf(series: &[&[f64]]) -> Result<Shrunk, FeatureError> {
    let sample = covariance_matrix(series, Divisor::Population)?;
    let size = sample.len() as f64;
    let rows = series.first().map_or(0, |first| first.len()) as f64;
    let target = (0..sample.len()).map(|i| sample[i][i]).sum::<f64>() / size;
    // Relative to the target, so that squares of squares neither vanish nor overflow.
    let relative = |x: f64| if target > 0.0 { x / target } else { 0.0 };
    let squares: f64 = sample.iter().flatten().map(|x| relative(*x).powi(2)).sum();
    // Sum over rows of the fourth power of the row's length.
    let means: Vec<f64> = series
        .iter()
        .map(|s| s.iter().sum::<f64>() / rows)
        .collect();
    let fourth: f64 = (0..series.first().map_or(0, |first| first.len()))
        .map(|row| {
            let squared = series
                .iter()
                .zip(&means)
                .map(|(s, mean)| (s[row] - mean).powi(2));
            relative(squared.sum::<f64>()).powi(2)
        })
        .sum();
    let noise = (fourth / rows - squares) / (size * rows);
    let distance = (squares - size) / size;
    let shrinkage = if noise > 0.0 && distance > 0.0 {
        (noise / distance).min(1.0)
    } else {
        0.0
    };
    let covariance = symmetric(sample.len(), |i, j| {
        let own = if i == j { shrinkage * target } else { 0.0 };
        (1.0 - shrinkage) * sample[i][j] + own
    });
    Ok(Shrunk {
        covariance,
        shrinkage,
    })
}
