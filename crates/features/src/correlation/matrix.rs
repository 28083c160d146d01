//! Covariance and correlation matrices of several series, and their principal components.
//!
//! A matrix is a vector of rows, symmetric to the last bit.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::calculator::is_observed;
use crate::error::FeatureError;

/// What the sum of products is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divisor {
    /// n - 1: the unbiased estimate.
    Sample,
    /// n: the moment of these rows.
    Population,
}

/// The covariance matrix of the series, which hold the same rows.
///
/// # Errors
/// [`FeatureError::LengthMismatch`] for series of different lengths, [`FeatureError::InvalidParameter`]
/// for no series, fewer than two rows, or a value that is missing.
pub fn covariance_matrix(
    series: &[&[f64]],
    divisor: Divisor,
) -> Result<Vec<Vec<f64>>, FeatureError> {
    let centred = centred(series)?;
    let rows = centred.first().map_or(0, Vec::len) as f64;
    let by = match divisor {
        Divisor::Sample => rows - 1.0,
        Divisor::Population => rows,
    };
    Ok(symmetric(centred.len(), |i, j| {
        dot(&centred[i], &centred[j]) / by
    }))
}

/// The correlation matrix (Pearson) of the series, which hold the same rows. A constant series makes
/// it undefined.
///
/// # Errors
/// As [`covariance_matrix`]; also [`FeatureError::InvalidParameter`] for a constant series.
pub fn correlation_matrix(series: &[&[f64]]) -> Result<Vec<Vec<f64>>, FeatureError> {
    let mut centred = centred(series)?;
    for (centred, series) in centred.iter_mut().zip(series) {
        let size = dot(centred, centred).sqrt();
        let largest = series.iter().fold(0.0_f64, |a, x| a.max(x.abs()));
        let rounding = 4.0 * f64::EPSILON * largest * (series.len() as f64).sqrt();
        if size <= rounding {
            return Err(refused("must vary: one of them is constant"));
        }
        centred.iter_mut().for_each(|x| *x /= size);
    }
    Ok(symmetric(centred.len(), |i, j| {
        if i == j {
            1.0
        } else {
            dot(&centred[i], &centred[j]).clamp(-1.0, 1.0)
        }
    }))
}

/// Eigenvalues and eigenvectors of a covariance or correlation matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalComponents {
    /// Variance of each component, largest first; not below zero.
    pub variances: Vec<f64>,
    /// Unit vectors, one per component, with one entry per series. The sign is such that the entries
    /// sum to something positive.
    pub vectors: Vec<Vec<f64>>,
}

impl PrincipalComponents {
    /// Decomposes a symmetric positive semi-definite matrix.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a matrix that is not square, not symmetric, or holds a
    /// missing value.
    pub fn of(matrix: &[Vec<f64>]) -> Result<Self, FeatureError> {
        let size = matrix.len();
        if matrix.iter().any(|row| row.len() != size) {
            return Err(refused("must make a square matrix"));
        }
        let entries = || matrix.iter().flatten();
        let largest = entries().fold(0.0_f64, |a, x| a.max(x.abs()));
        let fits = |i: usize, j: usize| (matrix[i][j] - matrix[j][i]).abs() <= 1e-9 * largest;
        if !entries().all(|x| is_observed(*x)) || !(0..size).all(|i| (0..i).all(|j| fits(i, j))) {
            return Err(refused(
                "must make a symmetric matrix without missing values",
            ));
        }
        // Scaled to one, so that neither tiny nor huge entries trouble the iteration.
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let scaled = DMatrix::from_fn(size, size, |i, j| matrix[i][j] / scale);
        let eigen = SymmetricEigen::try_new(scaled, f64::EPSILON, 1000 * (size + 1))
            .ok_or_else(|| refused("make a matrix whose decomposition does not converge"))?;
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let vector = |k: &usize| {
            let column = eigen.eigenvectors.column(*k);
            let sign = if column.sum() < 0.0 { -1.0 } else { 1.0 };
            column.iter().map(|x| sign * x).collect()
        };
        Ok(Self {
            variances: order
                .iter()
                .map(|k| scale * eigen.eigenvalues[*k].max(0.0))
                .collect(),
            vectors: order.iter().map(vector).collect(),
        })
    }

    /// Share of the total variance that each component explains.
    pub fn shares(&self) -> Vec<f64> {
        let total: f64 = self.variances.iter().sum();
        self.variances.iter().map(|v| v / total).collect()
    }
}

/// The series less their means, all observed and of one length.
fn centred(series: &[&[f64]]) -> Result<Vec<Vec<f64>>, FeatureError> {
    let rows = series.first().map_or(0, |first| first.len());
    if let Some((index, odd)) = series.iter().enumerate().find(|(_, s)| s.len() != rows) {
        return Err(FeatureError::LengthMismatch {
            column: format!("series {index}"),
            found: odd.len(),
            expected: rows,
        });
    }
    if rows < 2 {
        return Err(refused("must have at least two rows"));
    }
    if !series.iter().all(|s| s.iter().all(|x| is_observed(*x))) {
        return Err(refused("must have no missing value"));
    }
    let centre = |series: &&[f64]| {
        let mean = series.iter().sum::<f64>() / rows as f64;
        series.iter().map(|x| x - mean).collect()
    };
    Ok(series.iter().map(centre).collect())
}

pub(super) fn refused(reason: &str) -> FeatureError {
    FeatureError::InvalidParameter {
        feature: "covariance".to_owned(),
        parameter: "series".to_owned(),
        reason: reason.to_owned(),
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A matrix whose upper half mirrors the lower one.
pub(super) fn symmetric(size: usize, of: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    let lower: Vec<Vec<f64>> = (0..size)
        .map(|i| (0..=i).map(|j| of(i, j)).collect())
        .collect();
    let entry = |i: usize, j: usize| lower[i.max(j)][i.min(j)];
    (0..size)
        .map(|i| (0..size).map(|j| entry(i, j)).collect())
        .collect()
}
