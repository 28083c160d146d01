//! Least squares on a few regressors: for the tests of this family, and as a result of its own with
//! inference, also under autocorrelated errors (Newey and West).

use super::distributions::student_two_sided;
use super::error::{StatisticsError, check_series, check_setting};

const METHOD: &str = "regression";

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
    /// Inverse of the regressors' matrix of products.
    pub inverse: Vec<Vec<f64>>,
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
    let products = |row: &Vec<f64>| inverse.iter().map(|other| dot(row, other)).collect();
    let inverse = inverse.iter().map(products).collect();
    Some(Fit {
        coefficients,
        errors,
        residuals,
        squares,
        inverse,
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

/// Whether a constant is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intercept {
    /// As the first coefficient.
    Fitted,
    /// The fit passes through the origin.
    None,
}

/// A linear regression with its inference.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// The constant first when fitted, then one per regressor.
    pub coefficients: Vec<f64>,
    /// Standard errors under independent errors of equal variance, n - k degrees of freedom.
    pub errors: Vec<f64>,
    /// Coefficients over their standard errors.
    pub t_values: Vec<f64>,
    /// Two-sided, Student's t with n - k degrees of freedom.
    pub p_values: Vec<f64>,
    /// Of each row.
    pub residuals: Vec<f64>,
    /// Explained share of the variation, around the mean when a constant is fitted.
    pub r_squared: f64,
    /// The same per degree of freedom.
    pub adjusted_r_squared: f64,
    /// Durbin and Watson's statistic: 2 without, 0 with complete first-order autocorrelation.
    pub durbin_watson: f64,
    /// Under normal errors.
    pub log_likelihood: f64,
    design: Vec<Vec<f64>>,
    inverse: Vec<Vec<f64>>,
}

impl Regression {
    /// Ordinary least squares of `y` on `regressors`.
    ///
    /// # Errors
    /// [`StatisticsError::TooFew`] without a degree of freedom, [`StatisticsError::Missing`],
    /// [`StatisticsError::LengthMismatch`], [`StatisticsError::Constant`] (series 0 is `y`),
    /// [`StatisticsError::Collinear`].
    pub fn fit(
        y: &[f64],
        regressors: &[&[f64]],
        intercept: Intercept,
    ) -> Result<Self, StatisticsError> {
        let count = regressors.len() + usize::from(intercept == Intercept::Fitted);
        let all: Vec<&[f64]> = std::iter::once(y)
            .chain(regressors.iter().copied())
            .collect();
        check_series(METHOD, &all, count.max(1) + 1)?;
        let rows = y.len() as f64;
        let (centre, mut design) = match intercept {
            Intercept::Fitted => (y.iter().sum::<f64>() / rows, vec![vec![1.0; y.len()]]),
            Intercept::None => (0.0, Vec::new()),
        };
        design.extend(regressors.iter().map(|column| column.to_vec()));
        let total: f64 = y.iter().map(|y| (y - centre) * (y - centre)).sum();
        if total <= rows * (4.0 * f64::EPSILON * centre).powi(2) {
            return Err(StatisticsError::Constant {
                method: METHOD,
                series: 0,
            });
        }
        let fit = least_squares(&design, y).ok_or(StatisticsError::Collinear { method: METHOD })?;
        let degrees = rows - count as f64;
        let t_values: Vec<f64> = fit
            .coefficients
            .iter()
            .zip(&fit.errors)
            .map(|(coefficient, error)| coefficient / error)
            .collect();
        let r_squared = 1.0 - fit.squares / total;
        let spread = rows - f64::from(u8::from(intercept == Intercept::Fitted));
        let changes = fit.residuals.windows(2).map(|p| (p[1] - p[0]).powi(2));
        Ok(Self {
            p_values: t_values
                .iter()
                .map(|t| student_two_sided(*t, degrees))
                .collect(),
            t_values,
            r_squared,
            adjusted_r_squared: 1.0 - (1.0 - r_squared) * spread / degrees,
            durbin_watson: changes.sum::<f64>() / fit.squares,
            log_likelihood: log_likelihood(fit.squares, rows),
            coefficients: fit.coefficients,
            errors: fit.errors,
            residuals: fit.residuals,
            inverse: fit.inverse,
            design,
        })
    }

    /// Standard errors that allow for unequal variances and for autocorrelation up to `lags` rows
    /// (Newey and West 1987: Bartlett weights 1 - l/(lags+1), no small-sample correction).
    ///
    /// # Errors
    /// [`StatisticsError::InvalidSetting`] when `lags` is not below the number of rows.
    pub fn newey_west_errors(&self, lags: usize) -> Result<Vec<f64>, StatisticsError> {
        let rows = self.residuals.len();
        let range = (0.0, rows as f64 - 1.0);
        check_setting(
            METHOD,
            "lags",
            lags as f64,
            range,
            "must be fewer than the rows",
        )?;
        // Scores of each row: regressors times residual.
        let scores: Vec<Vec<f64>> = self
            .design
            .iter()
            .map(|x| x.iter().zip(&self.residuals).map(|(x, u)| x * u).collect())
            .collect();
        let weight = |lag: usize| 1.0 - lag as f64 / (lags as f64 + 1.0);
        let long_run = |a: &[f64], b: &[f64]| {
            let together = |lag: usize| {
                let later = a.iter().skip(lag).zip(b).map(|(a, b)| a * b).sum::<f64>();
                let earlier = b.iter().skip(lag).zip(a).map(|(b, a)| a * b).sum::<f64>();
                weight(lag) * (later + earlier)
            };
            let now: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            now + (1..=lags).map(together).sum::<f64>()
        };
        let size = scores.len();
        let mut middle = vec![vec![0.0; size]; size];
        for i in 0..size {
            for j in 0..=i {
                let value = long_run(&scores[i], &scores[j]);
                middle[i][j] = value;
                middle[j][i] = value;
            }
        }
        let variance = |row: &Vec<f64>| {
            let pairs = row.iter().zip(&middle);
            pairs
                .map(|(a, inner)| a * inner.iter().zip(row).map(|(m, b)| m * b).sum::<f64>())
                .sum::<f64>()
        };
        Ok(self
            .inverse
            .iter()
            .map(|row| variance(row).sqrt())
            .collect())
    }
}

/// Log likelihood of a regression under normal errors, from its squared residuals.
pub(crate) fn log_likelihood(squares: f64, rows: f64) -> f64 {
    -0.5 * rows * ((2.0 * std::f64::consts::PI * squares / rows).ln() + 1.0)
}
