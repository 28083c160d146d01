//! Least squares on a few regressors, for the tests of this family.

/// A fitted linear model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// One per regressor, in the order given.
    pub coefficients: Vec<f64>,
    /// Standard errors, from the residual variance with n - k degrees of freedom.
    pub errors: Vec<f64>,
    /// y less the fit.
    pub residuals: Vec<f64>,
    /// Sum of squared residuals.
    pub squares: f64,
}

/// Ordinary least squares of `y` on `columns` (include one of ones for a constant), by modified
/// Gram-Schmidt orthogonalisation. `None` with fewer than k + 1 rows, uneven columns, or columns
/// that depend on each other.
pub fn least_squares(columns: &[Vec<f64>], y: &[f64]) -> Option<Fit> {
    let (rows, count) = (y.len(), columns.len());
    if rows <= count || columns.iter().any(|column| column.len() != rows) {
        return None;
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    let mut upper = vec![vec![0.0; count]; count];
    for (j, column) in columns.iter().enumerate() {
        let size = dot(column, column).sqrt();
        let mut direction = column.clone();
        // Twice is enough to be orthogonal to rounding (Kahan and Parlett).
        for _ in 0..2 {
            for (i, unit) in basis.iter().enumerate() {
                let share = dot(unit, &direction);
                upper[i][j] += share;
                for (value, unit) in direction.iter_mut().zip(unit) {
                    *value -= share * unit;
                }
            }
        }
        let left = dot(&direction, &direction).sqrt();
        if left <= 1e-12 * size || !left.is_finite() || left == 0.0 {
            return None;
        }
        upper[j][j] = left;
        direction.iter_mut().for_each(|value| *value /= left);
        basis.push(direction);
    }
    let mut residuals = y.to_vec();
    let mut shares = vec![0.0; count];
    for (share, unit) in shares.iter_mut().zip(&basis) {
        *share = dot(unit, &residuals);
        for (value, unit) in residuals.iter_mut().zip(unit) {
            *value -= *share * unit;
        }
    }
    let squares = dot(&residuals, &residuals);
    let variance = squares / (rows - count) as f64;
    // The inverse of the triangle gives coefficients and their variances.
    let mut inverse = vec![vec![0.0; count]; count];
    for j in 0..count {
        inverse[j][j] = 1.0 / upper[j][j];
        for i in (0..j).rev() {
            let sum: f64 = (i + 1..=j).map(|k| upper[i][k] * inverse[k][j]).sum();
            inverse[i][j] = -sum / upper[i][i];
        }
    }
    let coefficients = inverse.iter().map(|row| dot(row, &shares)).collect();
    let errors = inverse
        .iter()
        .map(|row| (variance * dot(row, row)).sqrt())
        .collect();
    Some(Fit {
        coefficients,
        errors,
        residuals,
        squares,
    })
}

/// Slope of `y` on `x` with a constant; NaN without variation in `x`.
pub(crate) fn slope(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut xy) = (0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        xx += (x - mean_x) * (x - mean_x);
        xy += (x - mean_x) * (y - mean_y);
    }
    if xx > 0.0 { xy / xx } else { f64::NAN }
}
